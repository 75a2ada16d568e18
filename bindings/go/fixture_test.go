package distcache_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// enough is long, for what must come sooner or later on a slow machine.
const enough = 120 * time.Second

// alone are the settings of an engine that talks to nobody, and never gives up before a test does.
func alone() []distcache.Option {
	return []distcache.Option{distcache.WithBindPort(0), distcache.WithDiscoveryPort(0),
		distcache.WithReadTimeout(enough), distcache.WithWriteTimeout(enough),
		distcache.WithShutdownTimeout(enough), distcache.WithLogLevel("off")}
}

func startAlone(name string, source distcache.DataSource,
	options ...distcache.KeySpaceOption) distcache.Engine {
	keySpace := distcache.NewKeySpace(name, 64<<20, source, options...)
	engine, err := distcache.NewEngine(
		distcache.NewStandaloneConfig([]distcache.KeySpace{keySpace}, alone()...))
	if err == nil {
		err = engine.Start(context.Background())
	}
	if err != nil {
		panic(err)
	}
	return engine
}

// open starts an engine with one keyspace, which the test's end stops.
func open(t testing.TB, source distcache.DataSource,
	options ...distcache.KeySpaceOption) (distcache.Engine, *distcache.Handle) {
	t.Helper()
	engine := startAlone("users", source, options...)
	t.Cleanup(func() {
		if err := engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	handle, err := engine.Handle("users")
	if err != nil {
		t.Fatal(err)
	}
	return engine, handle
}

func fetcher(fetch func(ctx context.Context, key string) ([]byte, error)) distcache.DataSource {
	return distcache.DataSourceFunc(fetch)
}

// eventually waits for a condition; it is asked every millisecond.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(enough); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
		runtime.Gosched()
	}
}

func wantStatus(t testing.TB, err error, want distcache.Status) {
	t.Helper()
	if got := distcache.StatusOf(err); got != want {
		t.Fatalf("%v (%v), not %v", got, err, want)
	}
}

func wantValue(t testing.TB, got []byte, err error, want string) {
	t.Helper()
	if err != nil || string(got) != want {
		t.Fatalf("%q, %v; not %q", got, err, want)
	}
}
