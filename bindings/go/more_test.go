package distcache_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

func TestPutIf(t *testing.T) {
	_, users := open(t, nil)
	absent := distcache.Version{}
	first, err := users.PutIf(background, "7", []byte("a"), absent)
	if err != nil || first == absent {
		t.Fatal(first, err)
	}
	// What is in the way is told.
	for _, wrong := range []distcache.Version{absent, {Epoch: 1, Owner: 2, Counter: 3}} {
		there, err := users.PutIf(background, "7", []byte("b"), wrong)
		wantStatus(t, err, distcache.VersionMismatch)
		if !errors.Is(err, distcache.ErrVersionMismatch) || there != first {
			t.Fatal(err, there, first)
		}
	}
	second, err := users.PutIf(background, "7", nil, first, distcache.TTL(time.Hour))
	if err != nil || second.Compare(first) <= 0 {
		t.Fatal(second, first, err)
	}
	item, err := users.GetItem(background, "7")
	wantValue(t, item.Value, err, "")
	if item.Version != second || !item.HasExpiry {
		t.Fatal(item)
	}
	there, err := users.PutIf(background, "7", []byte("c"), first)
	wantStatus(t, err, distcache.VersionMismatch)
	if there != second {
		t.Fatal(there, second)
	}
	// A put and a delete move it as well.
	if err := users.Delete(background, "7"); err != nil {
		t.Fatal(err)
	}
	there, err = users.PutIf(background, "7", []byte("d"), second)
	wantStatus(t, err, distcache.VersionMismatch)
	if there != absent {
		t.Fatal(there)
	}
	if third, err := users.PutIf(background, "7", []byte("e"), absent); err != nil ||
		third.Compare(second) <= 0 {
		t.Fatal(third, second, err)
	}
}

// Of several that saw the same version one is done, and the others are told.
func TestPutIfLosesNoUpdate(t *testing.T) {
	const adders, each = 8, 25
	_, users := open(t, nil)
	var all sync.WaitGroup
	for range adders {
		all.Add(1)
		go func() {
			defer all.Done()
			for range each {
				if err := add(users, "sum"); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	all.Wait()
	value, err := users.Get(background, "sum")
	wantValue(t, value, err, strconv.Itoa(adders*each))
}

func add(users *distcache.Handle, key string) error {
	for {
		item, err := users.GetItem(background, key)
		if err != nil && !errors.Is(err, distcache.ErrNotFound) {
			return err
		}
		sum, _ := strconv.Atoi(string(item.Value))
		_, err = users.PutIf(background, key, []byte(strconv.Itoa(sum+1)), item.Version)
		if err == nil || !errors.Is(err, distcache.ErrVersionMismatch) {
			return err
		}
	}
}

func TestRefresh(t *testing.T) {
	var loads atomic.Int64
	answers := make(chan func() ([]byte, error), 1)
	_, users := open(t, fetcher(func(context.Context, string) ([]byte, error) {
		select {
		case answer := <-answers:
			return answer()
		default:
			return fmt.Append(nil, loads.Add(1)), nil
		}
	}))
	value, err := users.Get(background, "7")
	wantValue(t, value, err, "1")
	item, err := users.Refresh(background, "7")
	wantValue(t, item.Value, err, "2")
	held, err := users.GetItem(background, "7")
	wantValue(t, held.Value, err, "2")
	if item.Key != "7" || item.Version != held.Version {
		t.Fatal(item, held)
	}

	// What is held is served meanwhile.
	entered, leave := make(chan struct{}), make(chan struct{})
	answers <- func() ([]byte, error) {
		close(entered)
		<-leave
		return []byte("late"), nil
	}
	refreshed := make(chan error, 1)
	go func() {
		item, err := users.Refresh(background, "7")
		if err == nil && string(item.Value) != "late" {
			err = errors.New(string(item.Value))
		}
		refreshed <- err
	}()
	<-entered
	value, err = users.Get(background, "7")
	wantValue(t, value, err, "2")
	close(leave)
	if err := <-refreshed; err != nil {
		t.Fatal(err)
	}
	value, err = users.Get(background, "7")
	wantValue(t, value, err, "late")

	// A failure leaves it in place, an answer that there is nothing does not.
	for _, failing := range []func() ([]byte, error){
		func() ([]byte, error) { return nil, errors.New("the database is on fire") },
		func() ([]byte, error) { panic("a bug") },
	} {
		answers <- failing
		_, err = users.Refresh(background, "7")
		wantStatus(t, err, distcache.SourceFailed)
		value, err = users.Get(background, "7")
		wantValue(t, value, err, "late")
	}
	answers <- func() ([]byte, error) { return nil, distcache.ErrNotFound }
	_, err = users.Refresh(background, "7")
	wantStatus(t, err, distcache.NotFound)
	_, err = users.Peek("7")
	wantStatus(t, err, distcache.NotCached)
}

func TestRefreshWithoutASource(t *testing.T) {
	_, users := open(t, nil)
	_, err := users.Refresh(background, "7")
	wantStatus(t, err, distcache.Unsupported)
}

// One loader runs, however many bring one, and none where there is a value.
func TestGetWith(t *testing.T) {
	const callers = 32
	_, users := open(t, nil)
	var loads atomic.Int64
	leave := make(chan struct{})
	var all sync.WaitGroup
	for range callers {
		all.Add(1)
		go func() {
			defer all.Done()
			item, err := users.GetWith(background, "7", fetcher(
				func(_ context.Context, key string) ([]byte, error) {
					loads.Add(1)
					<-leave
					return []byte(key + "!"), nil
				}))
			if err != nil || string(item.Value) != "7!" || item.Key != "7" {
				t.Error(item, err)
			}
		}()
	}
	eventually(t, "all wait for one", func() bool {
		stats, err := users.Stats()
		return err == nil && stats.Joined == callers-1
	})
	close(leave)
	all.Wait()
	if loads.Load() != 1 {
		t.Fatal(loads.Load())
	}
	never := fetcher(func(context.Context, string) ([]byte, error) { panic("not needed") })
	item, err := users.GetWith(background, "7", never)
	wantValue(t, item.Value, err, "7!")
	if item.Origin != distcache.OriginLocal {
		t.Fatal(item)
	}
	_, err = users.Get(background, "8")
	wantStatus(t, err, distcache.NotFound)
}

// What a loader says is what its caller hears, in place of the source.
func TestAnswersOfALoader(t *testing.T) {
	_, users := open(t, fetcher(func(context.Context, string) ([]byte, error) {
		return nil, errors.New("the source was asked")
	}))
	says := func(answer func() (distcache.Value, error)) distcache.DataSource {
		return distcache.ValueSourceFunc(func(ctx context.Context, key string) (distcache.Value, error) {
			if info, ok := distcache.FetchInfoOf(ctx); !ok || info.KeySpace != "users" {
				return distcache.Value{}, fmt.Errorf("info %+v", info)
			}
			return answer()
		})
	}
	for text, answer := range map[string]func() (distcache.Value, error){
		"on fire":   func() (distcache.Value, error) { return distcache.Value{}, errors.New("on fire") },
		"a bug":     func() (distcache.Value, error) { panic("a bug") },
		"goroutine": func() (distcache.Value, error) { runtime.Goexit(); return distcache.Value{}, nil },
	} {
		_, err := users.GetWith(background, text, says(answer))
		if !errors.Is(err, distcache.ErrSourceFailed) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	_, err := users.GetWith(background, "missing", says(func() (distcache.Value, error) {
		return distcache.Value{}, distcache.ErrNotFound
	}))
	wantStatus(t, err, distcache.NotFound)
	item, err := users.GetWith(background, "7", says(func() (distcache.Value, error) {
		return distcache.Value{Data: []byte("seven"), TTL: time.Hour}, nil
	}))
	wantValue(t, item.Value, err, "seven")
	item, err = users.GetItem(background, "7")
	wantValue(t, item.Value, err, "seven")
	if !item.HasExpiry {
		t.Fatal(item)
	}
	_, err = users.GetWith(background, "7", nil)
	wantStatus(t, err, distcache.InvalidArgument)
}

// A caller that gives up does so at once; its loader is told when nobody waits any more.
func TestCancelledGetWith(t *testing.T) {
	_, users := open(t, nil)
	ctx, cancel := context.WithCancel(background)
	entered, told := make(chan struct{}), make(chan error, 1)
	given := make(chan error, 1)
	go func() {
		_, err := users.GetWith(ctx, "7", fetcher(
			func(ctx context.Context, _ string) ([]byte, error) {
				close(entered)
				<-ctx.Done()
				told <- ctx.Err()
				return nil, ctx.Err()
			}))
		given <- err
	}()
	<-entered
	cancel()
	wantStatus(t, <-given, distcache.Cancelled)
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// A refused call ends its loader too, and gives no version.
func TestMoreRefusals(t *testing.T) {
	engine, users := open(t, fetcher(echo), distcache.KeySpaceMaxValueBytes(1<<10))
	over, cancel := context.WithCancel(background)
	cancel()
	refused := func(ctx context.Context, key string, want distcache.Status,
		given ...distcache.CallOption) {
		t.Helper()
		_, err := users.Refresh(ctx, key, given...)
		wantStatus(t, err, want)
		_, err = users.GetWith(ctx, key, fetcher(echo), given...)
		wantStatus(t, err, want)
		version, err := users.PutIf(ctx, key, nil, distcache.Version{}, given...)
		wantStatus(t, err, want)
		if (version != distcache.Version{}) {
			t.Fatal(version)
		}
	}
	refused(over, "7", distcache.Cancelled)
	refused(background, "", distcache.InvalidArgument)
	refused(background, "7", distcache.InvalidArgument, distcache.Timeout(-time.Second))
	_, err := users.PutIf(background, "7", make([]byte, 1<<10+1), distcache.Version{})
	wantStatus(t, err, distcache.TooLarge)
	if err := engine.Stop(background); err != nil {
		t.Fatal(err)
	}
	refused(background, "7", distcache.Closed)
}
