package distcache_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// gate is a source whose loads wait until it is opened.
type gate struct {
	entered chan string
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan string, 1<<16), make(chan struct{})} }

func (g *gate) Fetch(ctx context.Context, key string) ([]byte, error) {
	g.entered <- key
	select {
	case <-g.open:
		return []byte(key + "!"), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A reader that gives up does so at once and alone.
func TestCancellation(t *testing.T) {
	source := newGate()
	_, users := open(t, source)
	patient, impatient := make(chan error, 1), make(chan error, 1)
	go func() {
		value, err := users.Get(background, "7")
		if err == nil && string(value) != "7!" {
			err = errors.New(string(value))
		}
		patient <- err
	}()
	<-source.entered
	ctx, cancel := context.WithCancel(background)
	go func() {
		_, err := users.Get(ctx, "7")
		impatient <- err
	}()
	many := make(chan []distcache.Item, 1)
	go func() {
		items, err := users.GetMany(ctx, []string{"8", "9"})
		if err != nil {
			t.Error(err)
		}
		many <- items
	}()
	<-source.entered
	<-source.entered
	cancel()
	err := <-impatient
	if !errors.Is(err, context.Canceled) || !errors.Is(err, distcache.ErrCancelled) ||
		errors.Is(err, context.DeadlineExceeded) || !distcache.IsRetriable(err) {
		t.Fatal(err)
	}
	for _, item := range <-many {
		if !errors.Is(item.Err, context.Canceled) {
			t.Fatal(item.Err)
		}
	}
	close(source.open)
	if err := <-patient; err != nil {
		t.Fatal(err)
	}

	// A context that is over before the call: nothing is asked.
	_, err = users.Get(ctx, "7")
	wantStatus(t, err, distcache.Cancelled)
	wantStatus(t, users.Put(ctx, "7", nil), distcache.Cancelled)
	wantStatus(t, users.Delete(ctx, "7"), distcache.Cancelled)
	_, err = users.AppendGet(ctx, nil, "7")
	wantStatus(t, err, distcache.Cancelled)
	_, err = users.PutMany(ctx, nil)
	wantStatus(t, err, distcache.Cancelled)
}

func TestDeadlines(t *testing.T) {
	source := newGate()
	_, users := open(t, source)
	soon, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	_, err := users.Get(soon, "7")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, distcache.ErrTimedOut) ||
		errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	_, err = users.Get(soon, "7")
	wantStatus(t, err, distcache.TimedOut)
	_, err = users.GetItem(background, "7", distcache.Timeout(20*time.Millisecond))
	wantStatus(t, err, distcache.TimedOut)
	_, err = users.Get(background, "7", distcache.Timeout(-time.Second))
	wantStatus(t, err, distcache.InvalidArgument)
	wantStatus(t, users.Put(background, "8", nil, distcache.TTL(-time.Nanosecond*2)),
		distcache.InvalidArgument)
	// The nearer of both counts.
	far, cancel := context.WithTimeout(background, enough)
	defer cancel()
	_, err = users.Get(far, "7", distcache.Timeout(time.Nanosecond))
	wantStatus(t, err, distcache.TimedOut)
	close(source.open)
}

// threads is the number of this process's threads.
func threads(t *testing.T) (count int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if _, err := fmt.Sscanf(line, "Threads: %d", &count); err == nil {
			return count
		}
	}
	t.Fatal("no number of threads")
	return 0
}

// Calls that wait, and sources that wait, hold no thread of the operating system.
func TestWaitingHoldsNoThread(t *testing.T) {
	const waiting = 2000
	source := newGate()
	_, users := open(t, source, distcache.KeySpaceMaxLoads(waiting))
	begin := threads(t)
	var all sync.WaitGroup
	for i := range waiting {
		all.Add(1)
		go func() {
			defer all.Done()
			key := fmt.Sprint(i)
			if value, err := users.Get(background, key); err != nil || string(value) != key+"!" {
				t.Error(string(value), err)
			}
		}()
		<-source.entered // one begins at a time: only those that wait are many
	}
	during := threads(t)
	close(source.open)
	all.Wait()
	// The library's own threads start with the first loads, Go's with the work: some dozens.
	t.Logf("%d threads at first, %d with %d calls and as many sources waiting", begin, during, waiting)
	if during > waiting/10 {
		t.Error("that is a thread for each")
	}
}

func TestVersionsAreOrdered(t *testing.T) {
	_, users := open(t, nil)
	var last distcache.Version
	for range 3 {
		items, err := users.PutMany(background, []distcache.Entry{*put("7", "x")})
		if err != nil || items[0].Err != nil {
			t.Fatal(items, err)
		}
		if items[0].Version.Compare(last) <= 0 || last.Compare(items[0].Version) >= 0 {
			t.Fatal(items[0].Version, last)
		}
		last = items[0].Version
	}
	item, err := users.GetItem(background, "7")
	if err != nil || item.Version.Compare(last) != 0 {
		t.Fatal(item, err)
	}
}
