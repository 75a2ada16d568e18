package distcache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
	"github.com/distcache/distcache/bindings/go/discovery"
)

// registry is what nodes of one process know each other by.
type registry struct {
	mutex  sync.Mutex
	listed []string
	calls  map[string]int
}

func (r *registry) note(call string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls[call]++
}

func (r *registry) count(call string) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.calls[call]
}

// own is a provider of the program's own: one node's side of the registry.
type own struct {
	*registry
	address  string
	failures int // of Initialize, still to come
	failure  error
	panics   bool // once
}

func (*own) ID() string                  { return "own" }
func (o *own) SetAddress(address string) { o.address = address }
func (o *own) Close() error              { o.note("close"); return nil }
func (o *own) Initialize() error {
	o.note("initialize")
	if o.failures > 0 {
		o.failures--
		return o.failure
	}
	return nil
}

func (o *own) Register() error {
	o.note("register")
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.listed = append(o.listed, o.address)
	return nil
}

func (o *own) Deregister() error {
	o.note("deregister")
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.listed = slices.DeleteFunc(o.listed, func(other string) bool { return other == o.address })
	return nil
}

func (o *own) DiscoverPeers() ([]string, error) {
	o.note("discover")
	if o.panics {
		o.panics = false
		panic("once")
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return append(slices.Clone(o.listed), "no address"), nil
}

func startOwn(t *testing.T, provider discovery.Provider) (distcache.Engine, error) {
	t.Helper()
	options := append(alone(), distcache.WithDiscoveryInterval(100*time.Millisecond),
		distcache.WithJoinRetryInterval(20*time.Millisecond))
	engine, err := distcache.NewEngine(distcache.NewConfig(provider, nil, options...))
	if err != nil {
		return nil, err
	}
	return engine, engine.Start(context.Background())
}

func TestNodesMeetThroughAProviderOfOnesOwn(t *testing.T) {
	shared := &registry{calls: map[string]int{}}
	var engines []distcache.Engine
	for _, provider := range []*own{
		{registry: shared},
		{registry: shared, failures: 2, failure: errors.New("later")},
		{registry: shared, panics: true},
	} {
		engine, err := startOwn(t, provider)
		if err != nil {
			t.Fatal(err)
		}
		engines = append(engines, engine)
	}
	for _, engine := range engines {
		eventually(t, "three members", func() bool {
			peers, err := engine.Peers()
			return err == nil && len(peers) == 3
		})
	}
	if got := shared.count("initialize"); got != 5 {
		t.Errorf("initialized %d times", got)
	}
	for _, engine := range engines {
		if err := engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	for _, call := range []string{"register", "deregister", "close"} {
		if got := shared.count(call); got != 3 {
			t.Errorf("%s: %d calls", call, got)
		}
	}
	if len(shared.listed) != 0 {
		t.Errorf("left behind: %v", shared.listed)
	}
}

func TestAProviderThatCannotWorkFailsTheStart(t *testing.T) {
	provider := &own{registry: &registry{calls: map[string]int{}}, failures: 1,
		failure: distcache.InvalidConfig}
	_, err := startOwn(t, provider)
	wantStatus(t, err, distcache.InvalidConfig)
	eventually(t, "its end", func() bool { return provider.count("close") == 1 })
}
