package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"
)

// Error is what failed calls return.
type Error struct {
	// Status is what programs branch on.
	Status Status
	// Message is one sentence for people or, of a refused configuration, one line per fault. It may
	// change between versions.
	Message string
	// Retriable says whether the same call may succeed later; of SourceFailed, what the source said.
	Retriable bool
	// Peers are the members that have not confirmed a write that is Partial: they may serve what
	// they have until its lease or ttl ends.
	Peers []string

	cause error
}

// Error is the status and the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Status.Error()
	}
	return e.Status.Error() + ": " + e.Message
}

// Unwrap is the error of the context that ended a write whose outcome is Unknown, else nil.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare statuses: with a [Status], with the values Err..., and with
// [context.DeadlineExceeded] and [context.Canceled] for TimedOut and Cancelled.
func (e *Error) Is(target error) bool {
	if status, ok := target.(Status); ok {
		return e.Status == status
	}
	return e.Status == TimedOut && target == context.DeadlineExceeded ||
		e.Status == Cancelled && target == context.Canceled
}

// What errors.Is is usually asked for. The first five have the names of the original library.
var (
	// ErrNotFound: the source says that the key does not exist. A source returns it (or an error
	// that wraps it) to say so.
	ErrNotFound error = NotFound
	// ErrKeySpaceNotFound: no keyspace of this name, or it was removed, or the engine not started.
	ErrKeySpaceNotFound error = NoKeySpace
	// ErrClusterQuorum: fewer than quorum.min members are alive.
	ErrClusterQuorum error = NoQuorum
	// ErrDataSourceRateLimited: the limiter of the source had no token.
	ErrDataSourceRateLimited error = RateLimited
	// ErrDataSourceCircuitOpen: the breaker of the source is open.
	ErrDataSourceCircuitOpen error = CircuitOpen

	// ErrNotCached: the key is not in this node's memory (a peek).
	ErrNotCached error = NotCached
	// ErrClosed: the engine is closed or closing.
	ErrClosed error = Closed
	// ErrTimedOut: the deadline passed; context.DeadlineExceeded says the same.
	ErrTimedOut error = TimedOut
	// ErrCancelled: the context was cancelled; context.Canceled says the same.
	ErrCancelled error = Cancelled
	// ErrSourceFailed: the source answered with an error, or panicked.
	ErrSourceFailed error = SourceFailed
	// ErrVersionMismatch: the entry has another version than PutIf was told.
	ErrVersionMismatch error = VersionMismatch
	// ErrPartial: a write is applied at the owner, but Error.Peers have not confirmed it.
	ErrPartial error = Partial
	// ErrUnknown: a write was sent, and no answer came: applied or not.
	ErrUnknown error = Unknown
	// ErrInvalidConfig: Error.Message names every fault, one a line.
	ErrInvalidConfig error = InvalidConfig
)

// StatusOf is the status of an error of this package, OK for nil, and Internal for any other.
func StatusOf(err error) Status {
	var detailed *Error
	var status Status
	switch {
	case err == nil:
		return OK
	case errors.As(err, &detailed):
		return detailed.Status
	case errors.As(err, &status):
		return status
	}
	return Internal
}

// IsRetriable says whether the same call may succeed later. False for nil and for errors that are
// not of this package.
func IsRetriable(err error) bool {
	var detailed *Error
	return errors.As(err, &detailed) && detailed.Retriable
}

// The expected answers of reads are made once.
var (
	errNotFound  = &Error{Status: NotFound, Message: "the source does not know the key"}
	errNotCached = &Error{Status: NotCached, Message: "the key is not in memory"}
)

// failure is an error for a status that needs no text of the library.
func failure(status Status, format string, args ...any) error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...), Retriable: status.Retriable()}
}

// failed is the error of a call that returned `status`, and ends the error object, if there is one.
func failed(status Status, object uintptr) error {
	detail := (*C.distcache_error_t)(pointer(object))
	defer C.distcache_error_release(detail)
	switch {
	case status == OK:
		return nil
	case status == NotFound:
		return errNotFound
	case status == NotCached:
		return errNotCached
	case detail == nil:
		return failure(status, "")
	}
	err := &Error{
		Status:    status,
		Message:   C.GoString(C.distcache_error_message(detail)),
		Retriable: C.distcache_error_retriable(detail) != 0,
	}
	for nth := C.size_t(0); ; nth++ {
		peer := C.distcache_error_peer(detail, nth)
		if peer == nil {
			return err
		}
		err.Peers = append(err.Peers, C.GoString(peer))
	}
}

// failedWith is for the calls that leave their error in a variable.
func failedWith(status C.int32_t, detail *C.distcache_error_t) error {
	return failed(Status(status), uintptr(unsafe.Pointer(detail)))
}

// pointer makes a pointer of an address of C memory, which the collector neither moves nor frees.
func pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}
