package distcache

/*
#include "shim.h"

// Neither keeps a pointer nor calls Go: a hit costs one crossing and no allocation.
#cgo noescape dcgo_try_get
#cgo nocallback dcgo_try_get
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

// try looks at this node's memory, in one crossing. Of a value that does not fit into `buffer` it
// tells the size, with TooLarge.
func (h *Handle) try(key string, buffer []byte, flags uint32, peek bool,
	meta *C.dcgo_meta_t) (size int, status Status) {
	packed := uint64(C.dcgo_try_get(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)),
		bytesOf(buffer), C.size_t(len(buffer)), C.uint32_t(flags), truth(peek), meta))
	runtime.KeepAlive(h)
	word := packed >> C.DCGO_STATUS_SHIFT
	if word&C.DCGO_DROPPED != 0 {
		takeDropped()
	}
	return int(packed & (1<<C.DCGO_STATUS_SHIFT - 1)), Status(word &^ C.DCGO_DROPPED)
}

func takeDropped() {
	for context := C.dcgo_take_dropped(); context != 0; context = C.dcgo_take_dropped() {
		dcgoDropped(context)
	}
}

// hit is a try whose value is a slice of its own.
func (h *Handle) hit(key string, flags uint32, peek bool, meta *C.dcgo_meta_t) ([]byte, Status) {
	buffer := scratch.Get().(*[16 << 10]byte)
	size, status := h.try(key, buffer[:], flags, peek, meta)
	if status == OK {
		value := make([]byte, size)
		copy(value, buffer[:])
		scratch.Put(buffer)
		return value, OK
	}
	scratch.Put(buffer)
	for status == TooLarge { // more than once only if it grows meanwhile
		value := make([]byte, size)
		if size, status = h.try(key, value, flags, peek, meta); status == OK {
			return value[:size:size], OK
		}
	}
	return nil, status
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
	value, status := h.hit(key, settings.flags, false, nil)
	switch status {
	case OK:
		return value, nil
	case NotFound:
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
	size, status := h.try(key, dst[len(dst):cap(dst)], settings.flags, false, nil)
	switch status {
	case OK:
		return dst[:len(dst)+size], nil
	case NotFound:
		return dst, errNotFound
	}
	value, err := h.Get(ctx, key, given...)
	return append(dst, value...), err
}

// GetItem is Get that tells more than the value; its Err is the error returned.
func (h *Handle) GetItem(ctx context.Context, key string, given ...CallOption) (Item, error) {
	if ctx.Err() != nil {
		return failedItem(key, ended(ctx))
	}
	settings := merge(given)
	var meta C.dcgo_meta_t
	value, status := h.hit(key, settings.flags, false, &meta)
	switch status {
	case OK:
		return itemOf(key, value, &meta), nil
	case NotFound:
		return failedItem(key, errNotFound)
	}
	return h.load(ctx, key, &settings)
}

// Peek looks at this node's memory only: no load, no network, never waits. NotCached: this node
// does not hold the key, another one may. NotFound: it holds that the source does not know the key.
func (h *Handle) Peek(key string) (Item, error) {
	var meta C.dcgo_meta_t
	value, status := h.hit(key, 0, true, &meta)
	switch status {
	case OK:
		return itemOf(key, value, &meta), nil
	case NotFound:
		return failedItem(key, errNotFound)
	case NotCached:
		return failedItem(key, errNotCached)
	}
	// Failed for another reason: once more, for its words.
	var result *C.distcache_result_t
	var detail *C.distcache_error_t
	status = Status(C.distcache_peek((*C.distcache_keyspace_t)(pointer(h.keySpace)), textOf(key),
		C.size_t(len(key)), &result, &detail))
	runtime.KeepAlive(h)
	C.distcache_result_release(result)
	return failedItem(key, failed(status, uintptr(unsafe.Pointer(detail))))
}

// load is a get that waits.
func (h *Handle) load(ctx context.Context, key string, settings *options) (Item, error) {
	done, err := await(ctx, settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_get(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)), options, number,
			cancellable, out)
	})
	runtime.KeepAlive(h)
	if err != nil {
		return failedItem(key, err)
	}
	defer done.release()
	item := done.item(0, key)
	return item, item.Err
}

func failedItem(key string, err error) (Item, error) { return Item{Key: key, Err: err}, err }

func itemOf(key string, value []byte, meta *C.dcgo_meta_t) Item {
	return Item{
		Key:       key,
		Value:     value,
		Version:   versionOf(&meta.version),
		Age:       time.Duration(meta.age_ms) * time.Millisecond,
		TTL:       remainingTTL(int64(meta.ttl_remaining_ms)),
		HasExpiry: meta.ttl_remaining_ms != C.DISTCACHE_TTL_NONE,
		Origin:    Origin(meta.origin),
		Stale:     meta.flags&C.DISTCACHE_ITEM_STALE != 0,
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
