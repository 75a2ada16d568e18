package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// source is what C knows by a number: the data source of a keyspace. It refers to no engine, so
// that an engine that nobody uses any more can be collected.
type source struct {
	owner    *Config  // of the engine, for comparing
	keySpace KeySpace // nil: of one call only
	fetch    func(ctx context.Context, key string) (Value, error)
	bulk     BulkSource // or nil
}

// sources keeps them until the library says that none of their callbacks can run any more.
var sources table[*source]

func newSource(owner *Config, keySpace KeySpace) *source {
	data := keySpace.DataSource()
	if data == nil {
		return nil
	}
	made := &source{owner: owner, keySpace: keySpace, fetch: fetchOf(data)}
	made.bulk, _ = data.(BulkSource)
	return made
}

func fetchOf(data DataSource) func(ctx context.Context, key string) (Value, error) {
	if says, ok := data.(ValueSource); ok {
		return says.FetchValue
	}
	return func(ctx context.Context, key string) (Value, error) {
		bytes, err := data.Fetch(ctx, key)
		return Value{Data: bytes}, err
	}
}

//export dcgoDropped
func dcgoDropped(context C.uintptr_t) { sources.take(uintptr(context)) }

// load is one call of a source in progress: of one key, or of a batch of them.
type load struct {
	source *source
	handle uintptr // of the fetch or the batch
	many   bool
	cancel context.CancelFunc
}

type loadKey struct{}

// loadOf is the load on whose behalf a call with this context is made, or nil.
func loadOf(ctx context.Context) *load {
	found, _ := ctx.Value(loadKey{}).(*load)
	return found
}

// parentOf is its number for the options of a call, 0 for none.
func parentOf(ctx context.Context) uint64 {
	if l := loadOf(ctx); l != nil && !l.many {
		return uint64(l.handle)
	}
	return 0
}

// begin makes the context that the source gets.
func (l *load) begin(remainingMS int64) context.Context {
	base := context.WithValue(context.Background(), loadKey{}, l)
	ctx, cancel := context.WithTimeout(base, time.Duration(remainingMS)*time.Millisecond)
	l.cancel = cancel
	watched.add(l)
	return ctx
}

func (l *load) end() {
	watched.remove(l)
	l.cancel()
}

// dcgoFetch runs on a SOURCE thread, which is given back at once: the source works on a goroutine.
//
//export dcgoFetch
func dcgoFetch(context, fetch, key C.uintptr_t, keyLen C.size_t, remainingMS C.int64_t) {
	found, ok := sources.get(uintptr(context))
	if !ok { // cannot be: the library calls no source that it has ended
		answerFailure(uintptr(fetch), errors.New("the data source is gone"), false)
		return
	}
	l := &load{source: found, handle: uintptr(fetch)}
	name := C.GoStringN((*C.char)(pointer(uintptr(key))), C.int(keyLen))
	go l.one(name, int64(remainingMS))
}

func (l *load) one(key string, remainingMS int64) {
	ctx := l.begin(remainingMS)
	value, err := Value{}, errGoroutineEnded
	// Deferred, since a source may panic or end its goroutine.
	defer func() {
		if thrown := recover(); thrown != nil {
			err = panicked(thrown)
		}
		l.answer(value, err)
		l.end()
	}()
	value, err = l.source.fetch(ctx, key)
	value, err = l.source.expiring(ctx, key, value, err)
}

var errGoroutineEnded = Permanent(errors.New("the source ended its goroutine"))

func panicked(thrown any) error { return Permanent(fmt.Errorf("the source panicked: %v", thrown)) }

// expiring asks the keyspace for the ttl of a value whose source said nothing of it.
func (s *source) expiring(ctx context.Context, key string, said Value,
	failed error) (value Value, err error) {
	value, err = said, failed
	if err != nil || value.TTL != 0 || s.keySpace == nil {
		return value, err
	}
	defer func() { // answers of a bulk source come on any goroutine
		if thrown := recover(); thrown != nil {
			err = panicked(thrown)
		}
	}()
	if at := s.keySpace.ExpiresAt(ctx, key); !at.IsZero() {
		if value.TTL = time.Until(at); value.TTL <= 0 {
			value.TTL, value.NoStore = 0, true
		}
	}
	return value, nil
}

// The flags and the ttl of an answer.
func (v *Value) said() (flags C.uint32_t, ttlMS C.int64_t) {
	if v.NoStore {
		flags = C.DISTCACHE_ANSWER_NO_STORE
	}
	return flags, C.int64_t(ttlOf(v.TTL))
}

func (l *load) answer(value Value, err error) {
	fetch := (*C.distcache_fetch_t)(pointer(l.handle))
	switch {
	case err == nil:
		for _, tag := range value.Tags {
			text := tagText(tag)
			C.distcache_fetch_tag(fetch, text)
			C.free(unsafe.Pointer(text))
		}
		flags, ttl := value.said()
		C.dcgo_complete(C.uintptr_t(l.handle), bytesOf(value.Data), C.size_t(len(value.Data)), flags,
			ttl, C.uint64_t(value.SourceVersion))
	case errors.Is(err, ErrNotFound):
		C.distcache_fetch_not_found(fetch)
	case errors.Is(err, ErrNotModified):
		flags, ttl := value.said()
		C.dcgo_not_modified(C.uintptr_t(l.handle), flags, ttl, C.uint64_t(value.SourceVersion))
	default:
		answerFailure(l.handle, err, retriable(err))
	}
}

// tagText is a tag for C. One with a NUL is made one that is refused.
func tagText(tag string) *C.char {
	if strings.ContainsRune(tag, 0) {
		return cText("")
	}
	return cText(tag)
}

func answerFailure(fetch uintptr, err error, retriable bool) {
	text := cText(err.Error())
	defer C.free(unsafe.Pointer(text))
	C.distcache_fetch_fail((*C.distcache_fetch_t)(pointer(fetch)), truth(retriable), text)
}

func truth(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}

// bytesOf is where a slice or string begins, which C may read during the call; NULL if it is empty.
func bytesOf(data []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(data)) }
func textOf(text string) *C.uint8_t  { return (*C.uint8_t)(unsafe.StringData(text)) }

// FetchInfo is what a source may want to know of the load that it is called for.
type FetchInfo struct {
	// KeySpace is the name of the keyspace.
	KeySpace string
	// SourceVersion came with the value that is now held for the key: what a conditional request
	// needs, together with ErrNotModified. 0: none; always 0 in FetchMany.
	SourceVersion uint64
	// TraceParent and TraceState are the W3C trace context of the first reader, which may be on
	// another member; "" if there is none.
	TraceParent, TraceState string
}

// FetchInfoOf tells of the load whose context this is, or one derived from it. False for a context
// of no load; all fields are zero once the load has been answered. Any goroutine.
func FetchInfoOf(ctx context.Context) (FetchInfo, bool) {
	l := loadOf(ctx)
	if l == nil {
		return FetchInfo{}, false
	}
	var trace C.distcache_trace_t
	var info FetchInfo
	if l.many {
		batch := (*C.distcache_fetch_many_t)(pointer(l.handle))
		info.KeySpace = C.GoString(C.distcache_fetch_many_keyspace(batch))
		C.distcache_fetch_many_trace(batch, &trace)
	} else {
		fetch := (*C.distcache_fetch_t)(pointer(l.handle))
		info.KeySpace = C.GoString(C.distcache_fetch_keyspace(fetch))
		info.SourceVersion = uint64(C.distcache_fetch_source_version(fetch))
		C.distcache_fetch_trace(fetch, &trace)
	}
	info.TraceParent = C.GoString(&trace.traceparent[0])
	info.TraceState = C.GoString(&trace.tracestate[0])
	return info, true
}

// watchEvery is how soon a source learns that nobody waits any more, apart from its deadline.
const watchEvery = 20 * time.Millisecond

// watched are the loads in progress of all engines. While there are any, a timer asks the library
// with one call which of them nobody waits for; there is neither a goroutine nor a thread for it.
var watched = watcher{live: make(map[*load]struct{})}

type watcher struct {
	mutex sync.Mutex
	live  map[*load]struct{}
	armed bool
}

func (w *watcher) add(l *load) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.live[l] = struct{}{}
	if !w.armed {
		w.armed = true
		time.AfterFunc(watchEvery, w.look)
	}
}

func (w *watcher) remove(l *load) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.live, l)
}

func (w *watcher) look() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.armed = len(w.live) > 0; !w.armed {
		return
	}
	loads := make([]*load, 0, len(w.live))
	handles := make([]C.uintptr_t, 0, len(w.live))
	many := make([]C.uint8_t, 0, len(w.live))
	for l := range w.live {
		loads = append(loads, l)
		handles = append(handles, C.uintptr_t(l.handle))
		many = append(many, C.uint8_t(truth(l.many)))
	}
	cancelled := make([]C.uint8_t, len(loads))
	C.dcgo_cancelled(&handles[0], &many[0], &cancelled[0], C.size_t(len(loads)))
	for i, l := range loads {
		if cancelled[i] != 0 {
			l.cancel()
		}
	}
	time.AfterFunc(watchEvery, w.look)
}
