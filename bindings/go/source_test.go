package distcache_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// What a source says is what its readers hear.
func TestAnswersOfASource(t *testing.T) {
	_, users := open(t, fetcher(func(_ context.Context, key string) ([]byte, error) {
		switch key {
		case "empty":
			return nil, nil
		case "missing":
			return nil, fmt.Errorf("no row: %w", distcache.ErrNotFound)
		case "broken":
			return nil, errors.New("the database is on fire")
		case "wrong":
			return nil, distcache.Permanent(errors.New("no such table"))
		case "panic":
			panic("a bug")
		case "gone":
			runtime.Goexit()
		case "unmodified":
			return nil, distcache.ErrNotModified
		}
		return []byte(key), nil
	}))
	value, err := users.Get(background, "empty")
	if err != nil || value == nil || len(value) != 0 {
		t.Fatal(value, err)
	}
	_, err = users.Get(background, "missing")
	wantStatus(t, err, distcache.NotFound)
	for key, want := range map[string]struct {
		retriable bool
		text      string
	}{
		"broken": {true, "the database is on fire"}, "wrong": {false, "no such table"},
		"panic": {false, "a bug"}, "gone": {false, "goroutine"}, "unmodified": {true, ""},
	} {
		_, err := users.Get(background, key)
		if !errors.Is(err, distcache.ErrSourceFailed) || distcache.IsRetriable(err) != want.retriable ||
			!strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %v, retriable %v", key, err, distcache.IsRetriable(err))
		}
	}
	value, err = users.Get(background, "alive")
	wantValue(t, value, err, "alive")
}

// Keys are any bytes, values of any size, nil included.
func TestAnyBytes(t *testing.T) {
	_, users := open(t, fetcher(echo), distcache.KeySpaceMaxValueBytes(4<<20))
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, key := range []string{"\x00", "a\x00b", string(every), strings.Repeat("k", 4096)} {
		value, err := users.Get(background, key)
		wantValue(t, value, err, key+"!")
	}
	for _, size := range []int{0, 1, 16<<10 - 1, 16 << 10, 16<<10 + 1, 3 << 20} {
		want := strings.Repeat("v", size)
		if err := users.Put(background, "sized", []byte(want)); err != nil {
			t.Fatal(err)
		}
		value, err := users.Get(background, "sized")
		wantValue(t, value, err, want)
		value, err = users.AppendGet(background, make([]byte, 3, 64), "sized")
		wantValue(t, value, err, "\x00\x00\x00"+want)
		item, err := users.Peek("sized")
		wantValue(t, item.Value, err, want)
	}
	for _, key := range []string{"", strings.Repeat("k", 4097), strings.Repeat("k", 100_000)} {
		_, err := users.Get(background, key)
		wantStatus(t, err, distcache.InvalidArgument)
		_, err = users.Peek(key)
		wantStatus(t, err, distcache.InvalidArgument)
		wantStatus(t, users.Put(background, key, nil), distcache.InvalidArgument)
		_, err = users.GetMany(background, []string{"a", key})
		wantStatus(t, err, distcache.InvalidArgument)
	}
	wantStatus(t, users.Put(background, "big", make([]byte, 4<<20+1)), distcache.TooLarge)
}

func TestWhatASourceSaysOfAValue(t *testing.T) {
	_, users := open(t, distcache.ValueSourceFunc(
		func(ctx context.Context, key string) (distcache.Value, error) {
			value := distcache.Value{Data: []byte(key), Tags: []string{"a", "b"}, SourceVersion: 7}
			switch key {
			case "hour":
				value.TTL = time.Hour
			case "ever":
				value.TTL = distcache.NoExpiry
			case "once":
				value.NoStore = true
			case "badly tagged":
				value.Tags = []string{""}
			case "half a tag":
				value.Tags = []string{"half\x00"}
			}
			return value, nil
		}), distcache.KeySpaceTTL(time.Minute), distcache.KeySpaceTTLJitterPercent(0))
	for key, check := range map[string]func(item distcache.Item) bool{
		"hour":  func(item distcache.Item) bool { return item.TTL > 50*time.Minute },
		"ever":  func(item distcache.Item) bool { return !item.HasExpiry },
		"usual": func(item distcache.Item) bool { return item.TTL <= time.Minute && item.HasExpiry },
	} {
		if item, err := users.GetItem(background, key); err != nil || !check(item) {
			t.Errorf("%s: %+v, %v", key, item, err)
		}
	}
	value, err := users.Get(background, "once")
	wantValue(t, value, err, "once")
	_, err = users.Peek("once")
	wantStatus(t, err, distcache.NotCached)
	for _, key := range []string{"badly tagged", "half a tag"} {
		_, err = users.Get(background, key)
		wantStatus(t, err, distcache.SourceFailed)
	}
}

// until is a keyspace whose entries end at an instant.
type until struct {
	distcache.KeySpace
	instant time.Time
}

func (u until) ExpiresAt(_ context.Context, key string) time.Time {
	if key == "panic" {
		panic("a bug")
	}
	return u.instant
}

func (u until) Properties() map[string]string {
	return map[string]string{"ttl.ms": "5m", "ttl.jitter.percent": "0"}
}

func TestExpiresAt(t *testing.T) {
	engine, _ := open(t, nil)
	for name, instant := range map[string]time.Time{
		"hour": time.Now().Add(time.Hour), "past": time.Now().Add(-time.Hour), "silent": {}} {
		if err := engine.AddKeySpace(background,
			until{distcache.NewKeySpace(name, 1<<20, fetcher(echo)), instant}); err != nil {
			t.Fatal(err)
		}
	}
	hour, _ := engine.Handle("hour")
	item, err := hour.GetItem(background, "7")
	if err != nil || !item.HasExpiry || item.TTL < 50*time.Minute {
		t.Fatal(item, err)
	}
	silent, _ := engine.Handle("silent")
	item, err = silent.GetItem(background, "7")
	if err != nil || !item.HasExpiry || item.TTL > 5*time.Minute {
		t.Fatal(item, err)
	}
	_, err = silent.Get(background, "panic")
	wantStatus(t, err, distcache.SourceFailed)
	past, _ := engine.Handle("past")
	value, err := past.Get(background, "7")
	wantValue(t, value, err, "7!")
	_, err = past.Peek("7")
	wantStatus(t, err, distcache.NotCached)
}

// The context of a source has a deadline, tells of its load, and a load that waits for itself is
// found by it.
func TestContextOfASource(t *testing.T) {
	var users *distcache.Handle
	_, users = open(t, fetcher(func(ctx context.Context, key string) ([]byte, error) {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); !ok || left <= 0 || left > 50*time.Second {
			return nil, fmt.Errorf("deadline %v", left)
		}
		info, ok := distcache.FetchInfoOf(ctx)
		if !ok || info.KeySpace != "users" || info.SourceVersion != 0 || info.TraceParent != "" {
			return nil, fmt.Errorf("info %+v", info)
		}
		if key == "self" || key == "a" {
			_, err := users.Get(ctx, map[string]string{"self": "self", "a": "b"}[key])
			return []byte(distcache.StatusOf(err).String()), nil
		}
		if key == "b" {
			_, err := users.Get(ctx, "a")
			return nil, err
		}
		return []byte("fine"), nil
	}), distcache.KeySpaceFetchTimeout(50*time.Second))
	if _, ok := distcache.FetchInfoOf(background); ok {
		t.Fatal("a context of no load tells of one")
	}
	value, err := users.Get(background, "self")
	wantValue(t, value, err, "WOULD_DEADLOCK")
	value, err = users.Get(background, "a")
	wantValue(t, value, err, "SOURCE_FAILED")
}

// A source learns that its engine closes, and one that stops its own engine is refused.
func TestCloseReachesTheSource(t *testing.T) {
	cancelled, stopped := make(chan error, 1), make(chan error, 1)
	var engine distcache.Engine
	entered := make(chan struct{})
	engine = startAlone("users", fetcher(func(ctx context.Context, key string) ([]byte, error) {
		stopped <- engine.Stop(ctx)
		close(entered)
		<-ctx.Done()
		cancelled <- ctx.Err()
		return nil, ctx.Err()
	}))
	reader := make(chan error, 1)
	go func() {
		_, err := engine.Get(background, "users", "7")
		reader <- err
	}()
	<-entered
	wantStatus(t, <-stopped, distcache.WouldDeadlock)
	// A close tells loads at once, and waits so long for those that go on.
	soon, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if err := engine.Stop(soon); err != nil {
		t.Fatal(err)
	}
	if err := <-cancelled; err == nil {
		t.Fatal("not cancelled")
	}
	wantStatus(t, <-reader, distcache.Closed)
}

// bulk loads many keys at once.
type bulk struct {
	distcache.DataSource
	batches, keys atomic.Int64
}

func (b *bulk) FetchMany(ctx context.Context, keys []string,
	answer func(int, distcache.Value, error)) error {
	b.batches.Add(1)
	b.keys.Add(int64(len(keys)))
	if info, ok := distcache.FetchInfoOf(ctx); !ok || info.KeySpace != "users" {
		return errors.New("no info")
	}
	var all sync.WaitGroup
	for i, key := range keys {
		switch key {
		case "silent":
			continue
		case "panic":
			panic("a bug")
		}
		all.Add(1)
		go func() {
			defer all.Done()
			switch key {
			case "missing":
				answer(i, distcache.Value{}, distcache.ErrNotFound)
			case "broken":
				answer(i, distcache.Value{}, errors.New("the database is on fire"))
			default:
				answer(i, distcache.Value{Data: []byte(key), TTL: time.Hour, Tags: []string{"t"}}, nil)
			}
			answer(i, distcache.Value{Data: []byte("too late")}, nil)
			answer(-1, distcache.Value{}, nil)
			answer(len(keys), distcache.Value{}, nil)
		}()
	}
	all.Wait()
	return nil
}

func TestBulkSource(t *testing.T) {
	source := &bulk{DataSource: fetcher(echo)}
	_, users := open(t, source)
	keys := []string{"a", "missing", "broken", "silent", "b"}
	items, err := users.GetMany(background, keys)
	if err != nil {
		t.Fatal(err)
	}
	want := []distcache.Status{distcache.OK, distcache.NotFound, distcache.SourceFailed,
		distcache.SourceFailed, distcache.OK}
	for i, item := range items {
		if item.Key != keys[i] || distcache.StatusOf(item.Err) != want[i] ||
			want[i] == distcache.OK && string(item.Value) != keys[i] {
			t.Errorf("%d: %+v", i, item)
		}
	}
	if source.batches.Load() == 0 || source.keys.Load() != 5 {
		t.Fatal(source.batches.Load(), source.keys.Load())
	}
	if items, err = users.GetMany(background, []string{"c", "panic"}); err != nil ||
		!strings.Contains(items[1].Err.Error(), "a bug") {
		t.Fatal(items, err)
	}
}
