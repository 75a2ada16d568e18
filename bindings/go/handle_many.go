package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"
	"unsafe"
)

// packed are byte strings end to end, so that no pointer lies inside the memory passed to C.
type packed struct {
	bytes []byte
	lens  []C.uint32_t
}

func packKeys(count int, key func(index int) string) *packed {
	total := 0
	for i := range count {
		total += len(key(i))
	}
	all := &packed{make([]byte, 0, total), make([]C.uint32_t, count)}
	for i := range count {
		text := key(i)
		if len(text) > C.DISTCACHE_KEY_BYTES_MAX {
			// Refused by its length, before a byte is read.
			all.lens[i] = C.DISTCACHE_KEY_BYTES_MAX + 1
			continue
		}
		all.lens[i] = C.uint32_t(len(text))
		all.bytes = append(all.bytes, text...)
	}
	return all
}

func (p *packed) data() *C.uint8_t   { return bytesOf(p.bytes) }
func (p *packed) sizes() *C.uint32_t { return unsafe.SliceData(p.lens) }
func (p *packed) count() C.size_t    { return C.size_t(len(p.lens)) }

// GetMany reads many keys at once: one message per owner, all owners in parallel. The items are in
// the order of the keys, duplicates included, each with an error of its own: a slow or failing key
// fails itself only. An error beside them means that nothing was tried. At most 65536 keys.
func (h *Handle) GetMany(ctx context.Context, keys []string, given ...CallOption) ([]Item, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	settings := merge(given)
	all := packKeys(len(keys), func(i int) string { return keys[i] })
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_get_many(C.uintptr_t(h.keySpace), all.data(), all.sizes(), all.count(), options,
			number, cancellable, out)
	})
	return h.items(&done, err, keys)
}

// PutMany stores many entries, each until its own Expiry; of duplicates the last one stays. Items
// and error as for GetMany; what they say is what Put would.
func (h *Handle) PutMany(ctx context.Context, entries []Entry,
	given ...CallOption) ([]Item, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	keys := make([]string, len(entries))
	values := &packed{lens: make([]C.uint32_t, len(entries))}
	ttls := make([]C.int64_t, len(entries))
	for i := range entries {
		entry := &entries[i]
		keys[i] = entry.KV.Key
		if len(entry.KV.Value) > math.MaxUint32 {
			return nil, failure(TooLarge, "the value of entry %d has %d bytes", i, len(entry.KV.Value))
		}
		values.lens[i] = C.uint32_t(len(entry.KV.Value))
		values.bytes = append(values.bytes, entry.KV.Value...)
		ttls[i] = C.int64_t(ttlUntil(entry.Expiry))
	}
	settings := merge(given)
	all := packKeys(len(keys), func(i int) string { return keys[i] })
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_put_many(C.uintptr_t(h.keySpace), all.data(), all.sizes(), values.data(),
			values.sizes(), unsafe.SliceData(ttls), all.count(), options, number, cancellable, out)
	})
	return h.items(&done, err, keys)
}

// DeleteMany deletes many keys. Items and error as for GetMany; what they say is what Delete would.
func (h *Handle) DeleteMany(ctx context.Context, keys []string,
	given ...CallOption) ([]Item, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	settings := merge(given)
	all := packKeys(len(keys), func(i int) string { return keys[i] })
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_delete_many(C.uintptr_t(h.keySpace), all.data(), all.sizes(), all.count(),
			options, number, cancellable, out)
	})
	return h.items(&done, err, keys)
}

// items ends a call with one item per key.
func (h *Handle) items(done *completion, err error, keys []string) ([]Item, error) {
	runtime.KeepAlive(h)
	if err != nil {
		return nil, err
	}
	defer done.release()
	items := make([]Item, done.count)
	for i := range items {
		items[i] = done.item(i, keys[i])
	}
	return items, nil
}

// ttlUntil is a ttl as the library takes it; an instant that has passed leaves one millisecond.
func ttlUntil(expiry time.Time) int64 {
	if expiry.IsZero() {
		return 0
	}
	return max(1, milliseconds(time.Until(expiry)))
}

// ManyError is the error of Engine.GetMany and its kin where some keys failed.
type ManyError struct {
	// Failed are the items that failed, in the order of the call.
	Failed []Item
	// Count is the number of keys of the call.
	Count int
}

// Error tells how many failed, and why the first one did.
func (e *ManyError) Error() string {
	return fmt.Sprintf("distcache: %d of %d keys failed, the first of them with %v", len(e.Failed),
		e.Count, e.Failed[0].Err)
}

// Unwrap lets errors.Is and errors.As look at each failure.
func (e *ManyError) Unwrap() []error {
	all := make([]error, len(e.Failed))
	for i := range e.Failed {
		all[i] = e.Failed[i].Err
	}
	return all
}

// failures is nil if no item failed.
func failures(items []Item) error {
	var failed []Item
	for i := range items {
		if items[i].Err != nil {
			failed = append(failed, items[i])
		}
	}
	if failed == nil {
		return nil
	}
	return &ManyError{Failed: failed, Count: len(items)}
}
