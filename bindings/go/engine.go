package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Engine is one node in one process, a member of its cluster. Made by [NewEngine]. Any number of
// goroutines may use it. Before Start its operations answer ErrKeySpaceNotFound, after Stop
// ErrClosed.
type Engine interface {
	// Start validates the configuration, binds, starts the threads and joins the cluster, for at
	// most bootstrap.timeout.ms; an engine that found nobody works alone and goes on looking. It
	// can be called once. After a failure nothing is left behind. A context that ends before it is
	// done makes Start return; what was started is closed in the background.
	Start(ctx context.Context) error
	// Stop leaves the cluster, lets what is in progress end for at most shutdown.timeout.ms or until
	// the deadline of the context, cancels the rest, and stops the threads. When it returns every
	// call has been answered; a source that still runs harms nobody. A second Stop waits for the
	// first. A context that is cancelled makes it return, and the closing go on in the background.
	// An engine that was never started is closed by it too; one that is dropped without Stop is
	// closed when it is collected.
	Stop(ctx context.Context) error

	// Put stores an entry until its Expiry.
	Put(ctx context.Context, keyspace string, entry *Entry) error
	// PutMany stores many entries; a [*ManyError] tells those that failed.
	PutMany(ctx context.Context, keyspace string, entries []*Entry) error
	// Get reads memory, else the owner, else the source: see [Handle.Get].
	Get(ctx context.Context, keyspace, key string) (*KV, error)
	// GetMany reads many keys. The result has the order of the keys; those that failed are nil in
	// it, and a [*ManyError] tells of them.
	GetMany(ctx context.Context, keyspace string, keys []string) ([]*KV, error)
	// Delete deletes a key on all members.
	Delete(ctx context.Context, keyspace, key string) error
	// DeleteMany deletes many keys; a [*ManyError] tells those that failed.
	DeleteMany(ctx context.Context, keyspace string, keys []string) error

	// Handle is a keyspace by its name, for all that can be done with it.
	Handle(keyspace string) (*Handle, error)
	// KeySpaces are the names of all keyspaces of this node, sorted.
	KeySpaces() []string
	// AddKeySpace adds a keyspace to this node.
	AddKeySpace(ctx context.Context, keySpace KeySpace) error
	// UpdateKeySpace gives a keyspace its new settings and source. Entries stay, except what
	// smaller limits push out; loads in progress end with the old source. Without a source it keeps
	// the one it has.
	UpdateKeySpace(ctx context.Context, keySpace KeySpace) error
	// DeleteKeySpace removes a keyspace from this node; other members keep it.
	DeleteKeySpace(ctx context.Context, keyspace string) error
	// DeleteKeyspaces removes several; names that there are not are skipped.
	DeleteKeyspaces(ctx context.Context, keyspaces []string) error

	// Ready says whether discovery has answered and at least quorum.min members live; may change.
	Ready() bool
	// WaitReady waits until the engine is ready. NoQuorum, TimedOut, Closed, Cancelled.
	WaitReady(ctx context.Context) error
	// Peers are all members that this node knows, this node first, the others by name.
	Peers() ([]Peer, error)
	// Stats are the counters of the engine; those of its keyspaces are Handle.Stats.
	Stats() (EngineStats, error)
}

type engine struct {
	config *Config

	// Of the keyspaces that were asked for; the map is replaced and never changed.
	handles atomic.Pointer[map[string]*Handle]

	mutex    sync.Mutex // guards what follows, and the life cycle
	state    engineState
	cache    uintptr // the library's handle; 0 before Start
	cleanup  runtime.Cleanup
	closed   chan struct{} // from the first Stop on; closed when it is through
	closeErr error         // of the first Stop, once it is through
}

type engineState int

const (
	created engineState = iota
	starting
	running
	stopped
)

// NewEngine checks the configuration and copies it. Nothing is started.
func NewEngine(config *Config) (Engine, error) {
	if config == nil {
		return nil, failure(InvalidArgument, "the configuration is nil")
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &engine{config: config.clone()}, nil
}

func (e *engine) Start(ctx context.Context) error {
	if err := e.begin(); err != nil {
		return err
	}
	type opened struct {
		cache uintptr
		err   error
	}
	done := make(chan opened, 1)
	config := e.config
	go func() {
		cache, err := open(config)
		done <- opened{cache, err}
	}()
	var result opened
	select {
	case result = <-done:
	case <-ctx.Done():
		go func() { releaseEngine((<-done).cache) }()
		result.err = ended(ctx)
	}
	return e.started(result.cache, result.err)
}

func (e *engine) begin() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	switch e.state {
	case created:
		e.state = starting
		return nil
	case stopped:
		return failure(Closed, "the engine was stopped")
	}
	return failure(InvalidArgument, "the engine was started before")
}

// started ends a Start. One that was stopped meanwhile stays so; a failed one may be tried again.
func (e *engine) started(cache uintptr, err error) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	switch {
	case e.state == stopped:
		releaseEngine(cache)
		return failure(Closed, "the engine was stopped while it started")
	case err != nil:
		e.state = created
		return err
	}
	e.state, e.cache = running, cache
	e.cleanup = runtime.AddCleanup(e, releaseEngine, cache)
	return nil
}

func open(config *Config) (uintptr, error) {
	built, err := config.build()
	if err != nil {
		return 0, err
	}
	defer C.distcache_config_release(built)
	var cache *C.distcache_t
	var detail *C.distcache_error_t
	status := C.distcache_open(built, &cache, &detail)
	return uintptr(unsafe.Pointer(cache)), failedWith(status, detail)
}

// releaseEngine ends the handle; an engine that is open is closed in the background.
func releaseEngine(cache uintptr) {
	C.distcache_release((*C.distcache_t)(pointer(cache)))
}

func (e *engine) Stop(ctx context.Context) error {
	if l := loadOf(ctx); l != nil && l.source.owner == e.config {
		return failure(WouldDeadlock, "Stop would wait for the very load that calls it")
	}
	chosen, err := (&options{}).of(ctx)
	if err != nil {
		return err
	}
	closed, first := e.beginStop(chosen.timeout_ms)
	select {
	case <-closed:
	case <-ctx.Done():
		if !first || ctx.Err() != context.DeadlineExceeded {
			return ended(ctx)
		}
		<-closed // which was told the deadline
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.closeErr
}

// beginStop makes the engine close, if this is the first Stop; the channel tells the end of it.
func (e *engine) beginStop(timeoutMS C.int64_t) (closed <-chan struct{}, first bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed != nil {
		return e.closed, false
	}
	e.state, e.closed = stopped, make(chan struct{})
	if e.cache == 0 {
		close(e.closed)
		return e.closed, true
	}
	go func() {
		var detail *C.distcache_error_t
		status := C.distcache_close((*C.distcache_t)(pointer(e.cache)), timeoutMS, &detail)
		e.mutex.Lock()
		defer e.mutex.Unlock()
		e.closeErr = failedWith(status, detail)
		e.cleanup.Stop()
		releaseEngine(e.cache)
		close(e.closed)
	}()
	return e.closed, true
}

// running is the library's handle, or why there is none.
func (e *engine) running() (*C.distcache_t, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.runningLocked()
}

func (e *engine) runningLocked() (*C.distcache_t, error) {
	switch {
	case e.state == stopped:
		return nil, failure(Closed, "the engine was stopped")
	case e.cache == 0:
		return nil, failure(NoKeySpace, "the engine has not been started")
	}
	return (*C.distcache_t)(pointer(e.cache)), nil
}

func (e *engine) Ready() bool {
	cache, err := e.running()
	if err != nil {
		return false
	}
	defer runtime.KeepAlive(e)
	return C.distcache_ready(cache) != 0
}

// readyEvery is how often WaitReady looks.
const readyEvery = 10 * time.Millisecond

func (e *engine) WaitReady(ctx context.Context) error {
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		cache, err := e.running()
		if err != nil || C.distcache_ready(cache) != 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if ctx.Err() == context.Canceled {
				return ended(ctx)
			}
			var detail *C.distcache_error_t // the library knows what is missing
			return failedWith(C.distcache_wait_ready(cache, 1, &detail), detail)
		}
	}
}
