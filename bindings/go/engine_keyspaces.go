package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"unsafe"
)

func (e *engine) Handle(keyspace string) (*Handle, error) {
	if known := e.handles.Load(); known != nil {
		if h := (*known)[keyspace]; h != nil {
			return h, nil
		}
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	cache, err := e.runningLocked()
	if err != nil {
		return nil, err
	}
	name := cText(keyspace)
	defer C.free(unsafe.Pointer(name))
	var found *C.distcache_keyspace_t
	var detail *C.distcache_error_t
	status := C.distcache_keyspace_lookup(cache, name, &found, &detail)
	if status != C.DISTCACHE_OK {
		return nil, failedWith(status, detail)
	}
	h := newHandle(e, keyspace, found)
	e.keepHandle(keyspace, h)
	return h, nil
}

// keepHandle remembers the handle of a keyspace, or forgets it where h is nil. The mutex is held.
func (e *engine) keepHandle(keyspace string, h *Handle) {
	handles := make(map[string]*Handle)
	if known := e.handles.Load(); known != nil {
		maps.Copy(handles, *known)
	}
	if h != nil {
		handles[keyspace] = h
	} else {
		delete(handles, keyspace)
	}
	e.handles.Store(&handles)
}

func (e *engine) KeySpaces() []string {
	names := []string{}
	cache, err := e.running()
	if err != nil {
		for _, keySpace := range e.config.keySpaces {
			names = append(names, keySpace.Name())
		}
		return names
	}
	var result *C.distcache_result_t
	if C.distcache_keyspace_list(cache, &result, nil) != C.DISTCACHE_OK {
		return names
	}
	defer C.distcache_result_release(result)
	for index := C.size_t(0); ; index++ {
		item := C.distcache_result_item(result, index)
		if item == nil {
			return names
		}
		names = append(names, C.GoStringN((*C.char)(unsafe.Pointer(item.data)), C.int(item.len)))
	}
}

func (e *engine) AddKeySpace(ctx context.Context, keySpace KeySpace) error {
	return e.withDefinition(ctx, keySpace, func(cache *C.distcache_t,
		def *C.distcache_keyspace_def_t, detail **C.distcache_error_t) C.int32_t {
		return C.distcache_keyspace_add(cache, def, nil, detail)
	})
}

func (e *engine) UpdateKeySpace(ctx context.Context, keySpace KeySpace) error {
	return e.withDefinition(ctx, keySpace, func(cache *C.distcache_t,
		def *C.distcache_keyspace_def_t, detail **C.distcache_error_t) C.int32_t {
		return C.distcache_keyspace_update(cache, def, detail)
	})
}

func (e *engine) withDefinition(ctx context.Context, keySpace KeySpace, use func(*C.distcache_t,
	*C.distcache_keyspace_def_t, **C.distcache_error_t) C.int32_t) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	cache, err := e.running()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(e)
	def, err := e.config.define(keySpace)
	if err != nil {
		return err
	}
	defer C.distcache_keyspace_def_release(def)
	var detail *C.distcache_error_t
	return failedWith(use(cache, def, &detail), detail)
}

func (e *engine) DeleteKeySpace(ctx context.Context, keyspace string) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	cache, err := e.runningLocked()
	if err != nil {
		return err
	}
	e.keepHandle(keyspace, nil)
	name := cText(keyspace)
	defer C.free(unsafe.Pointer(name))
	var detail *C.distcache_error_t
	return failedWith(C.distcache_keyspace_remove(cache, name, &detail), detail)
}

func (e *engine) DeleteKeyspaces(ctx context.Context, keyspaces []string) error {
	for _, keyspace := range keyspaces {
		err := e.DeleteKeySpace(ctx, keyspace)
		if err != nil && !errors.Is(err, ErrKeySpaceNotFound) {
			return err
		}
	}
	return nil
}
