package distcache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The long form is 10^5 of each.
func rounds() int {
	if os.Getenv("DISTCACHE_LONG") != "" {
		return 100_000
	}
	return 10_000
}

const workers = 16

// held is what the binding keeps for C, and what runs.
func held() (calls_, sources_, watched_, goroutines int) {
	watched.mutex.Lock()
	defer watched.mutex.Unlock()
	return calls.len(), sources.len(), len(watched.live), runtime.NumGoroutine()
}

func residentKiB() (kib int) {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		fmt.Sscanf(line, "VmRSS: %d kB", &kib)
	}
	return kib
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

func startForLeaks(t *testing.T, source DataSource) (Engine, *Handle) {
	t.Helper()
	engine, err := NewEngine(NewStandaloneConfig(
		[]KeySpace{NewKeySpace("users", 1<<20, source, KeySpaceMaxLoads(workers*2))},
		WithBindPort(0), WithDiscoveryPort(0), WithReadTimeout(10*time.Minute),
		WithWriteTimeout(10*time.Minute), WithLogLevel("off")))
	if err == nil {
		err = engine.Start(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	handle, err := engine.Handle("users")
	if err != nil {
		t.Fatal(err)
	}
	return engine, handle
}

// repeat runs something so often, by several goroutines.
func repeat(times int, run func(i int)) {
	var all sync.WaitGroup
	for worker := range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := worker; i < times; i += workers {
				run(i)
			}
		}()
	}
	all.Wait()
}

// settled is asserted at the end: nothing is kept, nothing runs.
func settled(t *testing.T, engine Engine, goroutinesBefore int) {
	t.Helper()
	if err := engine.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing is left", func() bool {
		c, s, w, g := held()
		return c == 0 && s == 0 && w == 0 && g <= goroutinesBefore
	})
}

// growth fails if the second half of the work made the process grow much more than noise. The race
// detector keeps memory for each goroutine that ever ran: there only Go's own heap is looked at.
func growth(t *testing.T, times int, run func(i int)) {
	t.Helper()
	measure := func() (heapKiB, resident int) {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc >> 10), residentKiB()
	}
	repeat(times/2, run)
	heapBefore, before := measure()
	repeat(times-times/2, run)
	heapAfter, after := measure()
	t.Logf("%d times: %d KiB resident after one half, %d KiB after the other, of these %d and %d "+
		"KiB in Go's heap", times, before, after, heapBefore, heapAfter)
	if heapAfter > heapBefore+noiseKiB || !raceDetector && after > before+noiseKiB {
		t.Error("the process grew")
	}
}

const noiseKiB = 16 << 10

// Each get of a value that is not kept is one callback of the source and one completion.
func TestCallbacksLeakNothing(t *testing.T) {
	_, _, _, goroutines := held()
	engine, users := startForLeaks(t, ValueSourceFunc(
		func(_ context.Context, key string) (Value, error) {
			return Value{Data: []byte(key), NoStore: true}, nil
		}))
	growth(t, rounds(), func(i int) {
		key := fmt.Sprint(i)
		if value, err := users.Get(context.Background(), key); err != nil || string(value) != key {
			t.Error(string(value), err)
		}
	})
	settled(t, engine, goroutines)
}

// Each call is cancelled while its own load waits; what was cancelled leaves nothing either.
func TestCancelledCallsLeakNothing(t *testing.T) {
	_, _, _, goroutines := held()
	var gates sync.Map // of loads whose calls are in progress
	engine, users := startForLeaks(t, DataSourceFunc(
		func(_ context.Context, key string) ([]byte, error) {
			if gate, ok := gates.Load(key); ok {
				<-gate.(chan struct{})
			}
			return []byte(key), nil
		}))
	var begun atomic.Int64
	growth(t, rounds(), func(int) {
		key, gate := fmt.Sprint(begun.Add(1)), make(chan struct{})
		gates.Store(key, gate)
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		if _, err := users.Get(ctx, key); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		gates.Delete(key)
		close(gate)
		// The load goes on for other readers.
		value, err := users.Get(context.Background(), key)
		if err != nil || string(value) != key {
			t.Error(string(value), err)
		}
	})
	settled(t, engine, goroutines)
}

// Loaders of one call are let go of whether they ran, were not needed, lost to another one, or were
// refused.
func TestLoadersLeakNothing(t *testing.T) {
	_, _, _, goroutines := held()
	engine, users := startForLeaks(t, nil)
	once := func(key string) DataSource {
		return ValueSourceFunc(func(context.Context, string) (Value, error) {
			return Value{Data: []byte(key), NoStore: true}, nil
		})
	}
	if err := users.Put(context.Background(), "held", []byte("held")); err != nil {
		t.Fatal(err)
	}
	growth(t, rounds(), func(i int) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		key, want := fmt.Sprint(i), error(nil)
		switch i % 5 {
		case 0:
			key = "shared"
		case 1:
			key = "held"
		case 2:
			key, want = "", InvalidArgument
		case 3:
			go cancel()
			want = Cancelled
		}
		item, err := users.GetWith(ctx, key, once(key))
		if err != nil && !errors.Is(err, want) || err == nil && string(item.Value) != key {
			t.Error(key, item, err)
		}
	})
	settled(t, engine, goroutines)
}

// Engines come and go while the collector runs all the time; some of them are just dropped.
func TestUnderCollection(t *testing.T) {
	_, _, _, goroutines := held()
	stop := make(chan struct{})
	var collecting sync.WaitGroup
	collecting.Add(1)
	go func() {
		defer collecting.Done()
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for turn := range 6 {
		engine, users := startForLeaks(t, DataSourceFunc(
			func(_ context.Context, key string) ([]byte, error) { return []byte(key), nil }))
		repeat(200, func(i int) {
			key := fmt.Sprint(i % 50)
			if value, err := users.Get(context.Background(), key); err != nil || string(value) != key {
				t.Error(string(value), err)
			}
			items, err := users.GetMany(context.Background(), []string{key, key + "x", key})
			if err != nil || string(items[1].Value) != key+"x" {
				t.Error(items, err)
			}
			if err := users.Put(context.Background(), key, []byte(key)); err != nil {
				t.Error(err)
			}
			if i%10 == 0 {
				if err := users.Delete(context.Background(), key); err != nil {
					t.Error(err)
				}
			}
		})
		if turn%2 == 0 {
			if err := engine.Stop(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, "engines that nobody uses are closed", func() bool {
		_, s, _, _ := held()
		return s == 0
	})
	close(stop)
	collecting.Wait()
	eventually(t, "nothing is left", func() bool {
		c, s, w, g := held()
		return c == 0 && s == 0 && w == 0 && g <= goroutines
	})
}

func TestTable(t *testing.T) {
	var all table[string]
	a, b := all.add("a"), all.add("b")
	if got, ok := all.get(a); !ok || got != "a" {
		t.Fatal(got, ok)
	}
	if got, ok := all.take(a); !ok || got != "a" || all.len() != 1 {
		t.Fatal(got, ok)
	}
	c := all.add("c")
	for _, stale := range []uintptr{a, 0, 99, 1 << 40} {
		if got, ok := all.get(stale); ok {
			t.Fatal(stale, got)
		}
		if got, ok := all.take(stale); ok {
			t.Fatal(stale, got)
		}
	}
	if got, ok := all.get(c); !ok || got != "c" || a == c || b == c || all.len() != 2 {
		t.Fatal(got, ok)
	}
}
