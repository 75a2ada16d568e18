package distcache

/*
#include "shim.h"

// None keeps a pointer or calls Go: a hit costs one crossing and no allocation.
#cgo noescape dcgo_try_get
#cgo nocallback dcgo_try_get
#cgo noescape dcgo_release_hit
#cgo nocallback dcgo_release_hit
*/
import "C"

import (
	"context"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Handle is a keyspace of a running engine, for those who ask often or want more than a value: it
// spares the search by name. Any number of goroutines; stale (NoKeySpace) after the keyspace was
// removed, and Closed after the engine was stopped. It needs no end.
//
// Keys have 1 to 4096 bytes of any value.
type Handle struct {
	keySpace uintptr // the library's handle
	name     string
	engine   *engine // kept open by its handles
}

func newHandle(e *engine, name string, keySpace *C.distcache_keyspace_t) *Handle {
	h := &Handle{keySpace: uintptr(unsafe.Pointer(keySpace)), name: name, engine: e}
	runtime.AddCleanup(h, releaseKeySpace, h.keySpace)
	return h
}

func releaseKeySpace(number uintptr) {
	C.distcache_keyspace_release((*C.distcache_keyspace_t)(pointer(number)))
}

// Name is that of the keyspace.
func (h *Handle) Name() string { return h.name }

// ---- reading --------------------------------------------------------------------------------

// scratch is where hits are copied before their size is known.
var scratch = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// try looks at this node's memory, in one crossing, and copies the value into the buffer if it has
// room; else it is held, for the caller to take.
func (h *Handle) try(key string, buffer []byte, flags uint32, peek bool, hit *C.dcgo_hit_t) {
	dropped := C.dcgo_try_get(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)),
		bytesOf(buffer), C.size_t(len(buffer)), C.uint32_t(flags), truth(peek), hit)
	runtime.KeepAlive(h)
	if dropped != 0 {
		takeDropped()
	}
}

func takeDropped() {
	for context := C.dcgo_take_dropped(); context != 0; context = C.dcgo_take_dropped() {
		dcgoDropped(context)
	}
}

// take appends a value that is held to dst, and lets go of it.
func (hit *hitOf) take(dst []byte) []byte {
	dst = append(dst, unsafe.Slice((*byte)(pointer(uintptr(hit.data))), int(hit.len))...)
	C.dcgo_release_hit((*C.dcgo_hit_t)(hit))
	return dst
}

type hitOf C.dcgo_hit_t

// find is a try whose value is a slice of its own.
func (h *Handle) find(key string, flags uint32, peek bool, hit *C.dcgo_hit_t) []byte {
	buffer := scratch.Get().(*[16 << 10]byte)
	defer scratch.Put(buffer)
	h.try(key, buffer[:], flags, peek, hit)
	switch {
	case hit.status != C.DISTCACHE_OK:
		return nil
	case hit.held != 0:
		return (*hitOf)(hit).take(make([]byte, 0, int(hit.len)))
	}
	value := make([]byte, int(hit.len))
	copy(value, buffer[:])
	return value
}

// Get reads memory, else the owner, else the source: one load per key in the whole cluster, which
// all readers share. NotFound: the source does not know the key. SourceFailed, RateLimited,
// CircuitOpen, Overloaded: the source, or what protects it. TimedOut, Cancelled: the context or the
// timeout; the load goes on for its other readers.
func (h *Handle) Get(ctx context.Context, key string, given ...CallOption) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	settings := merge(given)
	var hit C.dcgo_hit_t
	value := h.find(key, settings.flags, false, &hit)
	switch hit.status {
	case C.DISTCACHE_OK:
		return value, nil
	case C.DISTCACHE_NOT_FOUND:
		return nil, errNotFound
	}
	item, err := h.load(ctx, key, &settings)
	return item.Value, err
}

// AppendGet is Get that appends the value to dst and returns the longer slice, or dst itself with
// an error: with room enough in dst a hit allocates nothing.
func (h *Handle) AppendGet(ctx context.Context, dst []byte, key string,
	given ...CallOption) ([]byte, error) {
	if ctx.Err() != nil {
		return dst, ended(ctx)
	}
	settings := merge(given)
	var hit C.dcgo_hit_t
	h.try(key, dst[len(dst):cap(dst)], settings.flags, false, &hit)
	switch {
	case hit.status == C.DISTCACHE_OK && hit.held == 0:
		return dst[:len(dst)+int(hit.len)], nil
	case hit.status == C.DISTCACHE_OK:
		return (*hitOf)(&hit).take(dst), nil
	case hit.status == C.DISTCACHE_NOT_FOUND:
		return dst, errNotFound
	}
	item, err := h.load(ctx, key, &settings)
	return append(dst, item.Value...), err
}

// GetItem is Get that tells more than the value; its Err is the error returned.
func (h *Handle) GetItem(ctx context.Context, key string, given ...CallOption) (Item, error) {
	if ctx.Err() != nil {
		return failedItem(key, ended(ctx))
	}
	settings := merge(given)
	if item, held := h.heldItem(key, &settings); held {
		return item, item.Err
	}
	return h.load(ctx, key, &settings)
}

// heldItem is what memory has to say, or false: the call has to wait.
func (h *Handle) heldItem(key string, settings *options) (Item, bool) {
	var hit C.dcgo_hit_t
	value := h.find(key, settings.flags, false, &hit)
	switch hit.status {
	case C.DISTCACHE_OK:
		return (*hitOf)(&hit).item(key, value), true
	case C.DISTCACHE_NOT_FOUND:
		return Item{Key: key, Err: errNotFound}, true
	}
	return Item{}, false
}

// Peek looks at this node's memory only: no load, no network, never waits. NotCached: this node
// does not hold the key, another one may. NotFound: it holds that the source does not know the key.
func (h *Handle) Peek(key string) (Item, error) {
	var hit C.dcgo_hit_t
	value := h.find(key, 0, true, &hit)
	switch hit.status {
	case C.DISTCACHE_OK:
		return (*hitOf)(&hit).item(key, value), nil
	case C.DISTCACHE_NOT_FOUND:
		return failedItem(key, errNotFound)
	case C.DISTCACHE_NOT_CACHED:
		return failedItem(key, errNotCached)
	}
	return h.peekAgain(key)
}

// peekAgain is for a peek that failed: it asks for the words.
func (h *Handle) peekAgain(key string) (Item, error) {
	var result *C.distcache_result_t
	var detail *C.distcache_error_t
	status := Status(C.distcache_peek((*C.distcache_keyspace_t)(pointer(h.keySpace)), textOf(key),
		C.size_t(len(key)), &result, &detail))
	runtime.KeepAlive(h)
	C.distcache_result_release(result)
	if status == OK { // what was in the way is over
		return h.Peek(key)
	}
	return failedItem(key, failed(status, uintptr(unsafe.Pointer(detail))))
}

// load is a get that waits.
func (h *Handle) load(ctx context.Context, key string, settings *options) (Item, error) {
	return h.one(ctx, key, settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_get(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)), options, number,
			cancellable, out)
	})
}

// one is an operation that waits, and whose result has one item.
func (h *Handle) one(ctx context.Context, key string, settings *options,
	begin submit) (Item, error) {
	done, err := await(ctx, settings, begin)
	runtime.KeepAlive(h)
	if err != nil {
		return failedItem(key, err)
	}
	defer done.release()
	item := done.item(0, key)
	return item, item.Err
}

func failedItem(key string, err error) (Item, error) { return Item{Key: key, Err: err}, err }

func (hit *hitOf) item(key string, value []byte) Item {
	return Item{
		Key:       key,
		Value:     value,
		Version:   versionOf(&hit.version),
		Age:       time.Duration(hit.age_ms) * time.Millisecond,
		TTL:       remainingTTL(int64(hit.ttl_remaining_ms)),
		HasExpiry: hit.ttl_remaining_ms != C.DISTCACHE_TTL_NONE,
		Origin:    Origin(hit.origin),
		Stale:     hit.flags&C.DISTCACHE_ITEM_STALE != 0,
	}
}

// ---- writing --------------------------------------------------------------------------------

// Put stores a value at the owner; it changes the cache and not the source. A load of the key that
// began before is answered to its readers and not stored. OK: no later read on any member answers
// anything older. Partial: Error.Peers have not confirmed it. Unknown: applied or not. TooLarge:
// over value.bytes.max.
func (h *Handle) Put(ctx context.Context, key string, value []byte, given ...CallOption) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	settings := merge(given)
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_put(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)), bytesOf(value),
			C.size_t(len(value)), options, number, cancellable, out)
	})
	runtime.KeepAlive(h)
	if err == nil {
		done.release()
	}
	return err
}

// Delete deletes the key at its owner and recalls every copy; a load that began before is never
// stored. nil also if nobody held the key. Partial and Unknown as for Put.
func (h *Handle) Delete(ctx context.Context, key string, given ...CallOption) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	settings := merge(given)
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_delete(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)), options,
			number, cancellable, out)
	})
	runtime.KeepAlive(h)
	if err == nil {
		done.release()
	}
	return err
}

// putEntry is Put until an instant.
func (h *Handle) putEntry(ctx context.Context, entry *Entry) error {
	ttl := time.Duration(ttlUntil(entry.Expiry)) * time.Millisecond
	return h.Put(ctx, entry.KV.Key, entry.KV.Value, TTL(ttl))
}
