package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"sync"
	"time"
	"unsafe"
)

// call is an operation that was handed to the library and completes exactly once.
type call struct {
	done   chan struct{}
	number uintptr
	result completion
}

// completion is what comes back. The items are those of the result, in C memory.
type completion struct {
	status        Status
	result, error uintptr
	items         uintptr
	count, stride int
}

// calls are those in progress; a call that has completed is used again, with its channel.
var (
	calls    table[*call]
	callPool = sync.Pool{New: func() any { return &call{done: make(chan struct{}, 1)} }}
)

// dcgoDone runs on an EVENT thread and hands over.
//
//export dcgoDone
func dcgoDone(context C.uintptr_t, status C.int32_t, result, error, items C.uintptr_t,
	count, stride C.size_t) {
	found, ok := calls.take(uintptr(context))
	if !ok { // cannot be: each accepted call completes once
		return
	}
	found.result = completion{Status(status), uintptr(result), uintptr(error), uintptr(items),
		int(count), int(stride)}
	found.done <- struct{}{}
}

// submit hands an operation to the library.
type submit func(options *C.dcgo_options_t, number C.uintptr_t, cancellable C.int32_t,
	out *C.dcgo_submitted_t) C.int32_t

// await submits an operation and waits for its completion, which the caller releases; of one that
// failed there is something to release only after a PutIf. The context ends the waiting at once; a
// deadline was given to the library as well, whose answer knows better what became of a write, and
// comes in time.
func await(ctx context.Context, settings *options, begin submit) (completion, error) {
	chosen, err := settings.of(ctx)
	if err != nil {
		return completion{}, err
	}
	c := callPool.Get().(*call)
	c.number = calls.add(c)
	var out C.dcgo_submitted_t
	ended := ctx.Done()
	status := begin(&chosen, C.uintptr_t(c.number), truth(ended != nil), &out)
	if status != C.DISTCACHE_OK {
		calls.take(c.number)
		callPool.Put(c)
		return completion{}, failed(Status(status), uintptr(out.error))
	}
	op := (*C.distcache_op_t)(pointer(uintptr(out.op)))
	select {
	case <-c.done:
	case <-ended:
		if ctx.Err() != context.DeadlineExceeded {
			C.distcache_op_cancel(op)
		}
		<-c.done
	}
	C.distcache_op_release(op)
	result := c.result
	c.result = completion{}
	callPool.Put(c)
	if result.status != OK {
		return result, because(ctx, failed(result.status, result.error))
	}
	return result, nil
}

// because lets a write whose outcome is unknown tell that its context was why.
func because(ctx context.Context, err error) error {
	if detailed, ok := err.(*Error); ok && detailed.Status == Unknown {
		detailed.cause = ctx.Err()
	}
	return err
}

func (c *completion) release() {
	C.distcache_result_release((*C.distcache_result_t)(pointer(c.result)))
}

// version is that of the one item, if there is a result.
func (c *completion) version() Version {
	if c.count == 0 {
		return Version{}
	}
	return versionOf(&(*C.distcache_item_t)(pointer(c.items)).version)
}

// item reads the one at `index` and copies its bytes.
func (c *completion) item(index int, key string) Item {
	raw := (*C.distcache_item_t)(pointer(c.items + uintptr(index*c.stride)))
	item := Item{
		Key:       key,
		Version:   versionOf(&raw.version),
		Age:       time.Duration(raw.age_ms) * time.Millisecond,
		TTL:       remainingTTL(int64(raw.ttl_remaining_ms)),
		Origin:    Origin(raw.origin),
		Stale:     raw.flags&C.DISTCACHE_ITEM_STALE != 0,
		Err:       nil,
		Value:     nil,
		HasExpiry: raw.ttl_remaining_ms != C.DISTCACHE_TTL_NONE,
	}
	if raw.status != C.DISTCACHE_OK {
		item.Err = c.failure(index, Status(raw.status), raw.flags&C.DISTCACHE_ITEM_RETRIABLE != 0)
		return item
	}
	if raw.data != nil {
		item.Value = append([]byte{}, unsafe.Slice((*byte)(raw.data), int(raw.len))...)
	}
	return item
}

// failure is the error of one item.
func (c *completion) failure(index int, status Status, retriable bool) error {
	switch status {
	case NotFound:
		return errNotFound
	case NotCached:
		return errNotCached
	}
	result, at := (*C.distcache_result_t)(pointer(c.result)), C.size_t(index)
	err := &Error{
		Status:    status,
		Message:   C.GoString(C.distcache_result_message(result, at)),
		Retriable: retriable,
	}
	for nth := C.size_t(0); ; nth++ {
		peer := C.distcache_result_peer(result, at, nth)
		if peer == nil {
			return err
		}
		err.Peers = append(err.Peers, C.GoString(peer))
	}
}
