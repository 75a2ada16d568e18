package distcache

/*
#include "shim.h"
#cgo noescape dcgo_try_get_many
#cgo nocallback dcgo_try_get_many
*/
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

// GetMany reads many keys at once: what this node holds in one step, the rest with one message per
// owner, all owners in parallel. The items are in the order of the keys, duplicates included, each
// with an error of its own: a slow or failing key fails itself only. An error in place of them: no
// key was loaded. At most 65536 keys.
func (h *Handle) GetMany(ctx context.Context, keys []string, given ...CallOption) ([]Item, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	settings := merge(given)
	all := packKeys(len(keys), func(i int) string { return keys[i] })
	items, missing := h.findMany(keys, all, settings.flags)
	if len(missing) == 0 && len(keys) > 0 {
		return items, nil
	}
	if len(missing) < len(keys) {
		all = packKeys(len(missing), func(i int) string { return keys[missing[i]] })
	}
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_get_many(C.uintptr_t(h.keySpace), all.data(), all.sizes(), all.count(), options,
			number, cancellable, out)
	})
	runtime.KeepAlive(h)
	if err != nil {
		return nil, err
	}
	defer done.release()
	for i, at := range missing {
		items[at] = done.item(i, keys[at])
	}
	return items, nil
}

// findMany looks at this node's memory, in one crossing: the items found, and the indices of those
// that must be waited for. Where one key breaks its bounds nothing is looked at, since nothing must
// be tried.
func (h *Handle) findMany(keys []string, all *packed, flags uint32) (items []Item, missing []int) {
	items = make([]Item, len(keys))
	if len(keys) == 0 || len(keys) > C.DISTCACHE_MANY_KEYS_MAX || !all.valid() {
		return items, everyIndex(len(keys))
	}
	buffer := scratch.Get().(*[16 << 10]byte)
	defer scratch.Put(buffer)
	hits := make([]C.dcgo_hit_t, len(keys))
	dropped := C.dcgo_try_get_many(C.uintptr_t(h.keySpace), all.data(), all.sizes(), all.count(),
		(*C.uint8_t)(&buffer[0]), C.size_t(len(buffer)), C.uint32_t(flags), &hits[0])
	runtime.KeepAlive(h)
	if dropped != 0 {
		takeDropped()
	}
	used := 0
	for i := range hits {
		hit := (*hitOf)(&hits[i])
		switch {
		case hit.status == C.DISTCACHE_OK && hit.held != 0:
			items[i] = hit.item(keys[i], hit.take(make([]byte, 0, int(hit.len))))
		case hit.status == C.DISTCACHE_OK:
			value := make([]byte, int(hit.len))
			used += copy(value, buffer[used:])
			items[i] = hit.item(keys[i], value)
		case hit.status == C.DISTCACHE_NOT_FOUND:
			items[i] = Item{Key: keys[i], Err: errNotFound}
		default:
			missing = append(missing, i)
		}
	}
	return items, missing
}

func everyIndex(count int) []int {
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	return all
}

// valid says whether the library will take all keys.
func (p *packed) valid() bool {
	for _, size := range p.lens {
		if size == 0 || size > C.DISTCACHE_KEY_BYTES_MAX {
			return false
		}
	}
	return true
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
