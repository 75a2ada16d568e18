package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"errors"
	"sync"
	"unsafe"
)

//export dcgoFetchMany
func dcgoFetchMany(context, batch, keys, lens C.uintptr_t, count C.size_t, remainingMS C.int64_t) {
	found, ok := sources.get(uintptr(context))
	if !ok { // cannot be: the library calls no source that it has ended
		endBatch(uintptr(batch), errors.New("the data source is gone"), false)
		return
	}
	names := make([]string, count)
	at := uintptr(keys)
	for i, size := range unsafe.Slice((*C.uint32_t)(pointer(uintptr(lens))), int(count)) {
		names[i] = C.GoStringN((*C.char)(pointer(at)), C.int(size))
		at += uintptr(size)
	}
	l := &load{source: found, handle: uintptr(batch), many: true}
	go l.batch(names, int64(remainingMS))
}

// answers are those of a batch: by any goroutine, until the source has returned.
type answers struct {
	mutex sync.Mutex
	over  bool
	load  *load
}

func (l *load) batch(keys []string, remainingMS int64) {
	ctx := l.begin(remainingMS)
	given := &answers{load: l}
	err := errGoroutineEnded
	defer func() {
		if thrown := recover(); thrown != nil {
			err = panicked(thrown)
		}
		given.end(err)
		l.end()
	}()
	err = l.source.bulk.FetchMany(ctx, keys, func(index int, value Value, err error) {
		if index < 0 || index >= len(keys) {
			return
		}
		value, err = l.source.expiring(ctx, keys[index], value, err)
		given.one(index, value, err)
	})
	if err == nil {
		err = Permanent(errors.New("the source gave no answer"))
	}
}

func (a *answers) end(err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.over = true
	endBatch(a.load.handle, err, retriable(err))
}

func (a *answers) one(index int, value Value, err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.over {
		return
	}
	batch, at := (*C.distcache_fetch_many_t)(pointer(a.load.handle)), C.size_t(index)
	flags, ttl := value.said()
	switch {
	case err == nil:
		for _, tag := range value.Tags {
			text := tagText(tag)
			C.distcache_fetch_many_tag(batch, at, text)
			C.free(unsafe.Pointer(text))
		}
		C.dcgo_many_complete(C.uintptr_t(a.load.handle), at, bytesOf(value.Data),
			C.size_t(len(value.Data)), flags, ttl, C.uint64_t(value.SourceVersion))
	case errors.Is(err, ErrNotFound):
		C.distcache_fetch_many_not_found(batch, at)
	case errors.Is(err, ErrNotModified):
		C.dcgo_many_not_modified(C.uintptr_t(a.load.handle), at, flags, ttl,
			C.uint64_t(value.SourceVersion))
	default:
		text := cText(err.Error())
		defer C.free(unsafe.Pointer(text))
		C.distcache_fetch_many_fail(batch, at, truth(retriable(err)), text)
	}
}

func endBatch(batch uintptr, err error, retriable bool) {
	text := cText(err.Error())
	defer C.free(unsafe.Pointer(text))
	C.distcache_fetch_many_end((*C.distcache_fetch_many_t)(pointer(batch)), truth(retriable), text)
}
