package distcache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
	"github.com/distcache/distcache/bindings/go/discovery/static"
)

var background = context.Background()

func echo(_ context.Context, key string) ([]byte, error) { return []byte(key + "!"), nil }

func put(key, value string) *distcache.Entry {
	return &distcache.Entry{KV: distcache.KV{Key: key, Value: []byte(value)}}
}

func TestLifeCycle(t *testing.T) {
	keySpace := distcache.NewKeySpace("users", 1<<20, fetcher(echo))
	engine, err := distcache.NewEngine(
		distcache.NewStandaloneConfig([]distcache.KeySpace{keySpace}, alone()...))
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.Get(background, "users", "7")
	wantStatus(t, err, distcache.NoKeySpace)
	if engine.Ready() || !slices.Equal(engine.KeySpaces(), []string{"users"}) {
		t.Fatal(engine.Ready(), engine.KeySpaces())
	}

	if err := engine.Start(background); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, engine.Start(background), distcache.InvalidArgument)
	if err := engine.WaitReady(background); err != nil || !engine.Ready() {
		t.Fatal(err)
	}
	peers, err := engine.Peers()
	if err != nil || len(peers) != 1 || !peers[0].IsSelf || peers[0].BindPort == 0 ||
		peers[0].State != distcache.PeerAlive {
		t.Fatal(peers, err)
	}
	handle, err := engine.Handle("users")
	if err != nil {
		t.Fatal(err)
	}

	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := engine.Stop(background); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	_, err = engine.Get(background, "users", "7")
	wantStatus(t, err, distcache.Closed)
	_, err = handle.Get(background, "7")
	wantStatus(t, err, distcache.Closed)
	wantStatus(t, handle.Put(background, "7", nil), distcache.Closed)
	_, err = handle.Peek("7")
	wantStatus(t, err, distcache.Closed)
	_, err = handle.GetMany(background, []string{"7"})
	wantStatus(t, err, distcache.Closed)
	wantStatus(t, engine.WaitReady(background), distcache.Closed)
	wantStatus(t, engine.AddKeySpace(background, keySpace), distcache.Closed)
	wantStatus(t, engine.Start(background), distcache.Closed)
}

func TestStopWithoutStart(t *testing.T) {
	engine, err := distcache.NewEngine(distcache.NewStandaloneConfig(nil, alone()...))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Stop(background); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, engine.Start(background), distcache.Closed)
}

func TestStartWithAContextThatEnded(t *testing.T) {
	engine, err := distcache.NewEngine(distcache.NewStandaloneConfig(nil, alone()...))
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(background)
	cancel()
	// Either is right: it was open before anybody looked at the context, or it was not.
	if err := engine.Start(cancelled); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := engine.Stop(background); err != nil {
		t.Fatal(err)
	}
}

func TestOperationsOfTheOriginal(t *testing.T) {
	engine, _ := open(t, fetcher(echo))
	kv, err := engine.Get(background, "users", "7")
	if err != nil || kv.Key != "7" || string(kv.Value) != "7!" {
		t.Fatal(kv, err)
	}
	if err := engine.Put(background, "users", put("7", "seven")); err != nil {
		t.Fatal(err)
	}
	kv, err = engine.Get(background, "users", "7")
	wantValue(t, kv.Value, err, "seven")
	if err := engine.Delete(background, "users", "7"); err != nil {
		t.Fatal(err)
	}
	if err := engine.PutMany(background, "users",
		[]*distcache.Entry{put("8", "eight"), put("9", "nine")}); err != nil {
		t.Fatal(err)
	}
	kvs, err := engine.GetMany(background, "users", []string{"9", "7", "9"})
	if err != nil || len(kvs) != 3 || string(kvs[0].Value) != "nine" ||
		string(kvs[1].Value) != "7!" || string(kvs[2].Value) != "nine" {
		t.Fatal(kvs, err)
	}
	if err := engine.DeleteMany(background, "users", []string{"8", "9"}); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, engine.Put(background, "users", nil), distcache.InvalidArgument)
	wantStatus(t, engine.PutMany(background, "users", []*distcache.Entry{nil}),
		distcache.InvalidArgument)
	_, err = engine.Get(background, "nothing", "7")
	if !errors.Is(err, distcache.ErrKeySpaceNotFound) {
		t.Fatal(err)
	}
}

// Of many keys each fails for itself, and the error can be asked for each reason.
func TestFailuresOfMany(t *testing.T) {
	engine, _ := open(t, fetcher(func(_ context.Context, key string) ([]byte, error) {
		switch key {
		case "missing":
			return nil, distcache.ErrNotFound
		case "broken":
			return nil, errors.New("the database is on fire")
		}
		return []byte(key), nil
	}))
	kvs, err := engine.GetMany(background, "users", []string{"a", "missing", "b", "broken"})
	if len(kvs) != 4 || string(kvs[0].Value) != "a" || kvs[1] != nil || string(kvs[2].Value) != "b" {
		t.Fatal(kvs)
	}
	var many *distcache.ManyError
	if !errors.As(err, &many) || len(many.Failed) != 2 || many.Count != 4 ||
		many.Failed[1].Key != "broken" || !errors.Is(err, distcache.ErrNotFound) ||
		!errors.Is(err, distcache.ErrSourceFailed) || errors.Is(err, distcache.ErrTimedOut) {
		t.Fatal(err)
	}
}

func TestExpiryOfAnEntry(t *testing.T) {
	engine, handle := open(t, nil)
	later := put("later", "x")
	later.Expiry = time.Now().Add(time.Hour)
	past := put("past", "x")
	past.Expiry = time.Now().Add(-time.Hour)
	if err := engine.PutMany(background, "users",
		[]*distcache.Entry{later, past, put("never", "x")}); err != nil {
		t.Fatal(err)
	}
	item, err := handle.GetItem(background, "later")
	if err != nil || !item.HasExpiry || item.TTL < 50*time.Minute || item.TTL > time.Hour {
		t.Fatal(item, err)
	}
	if item, err = handle.GetItem(background, "never"); err != nil || item.HasExpiry {
		t.Fatal(item, err)
	}
	eventually(t, "an entry that had expired is gone", func() bool {
		_, err := handle.Peek("past")
		return errors.Is(err, distcache.ErrNotCached)
	})
	if err := engine.Put(background, "users", past); err != nil {
		t.Fatal(err)
	}
}

func TestKeySpacesComeAndGo(t *testing.T) {
	engine, users := open(t, fetcher(echo))
	pages := distcache.NewKeySpace("pages", 1<<20, fetcher(echo))
	if err := engine.AddKeySpace(background, pages); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, engine.AddKeySpace(background, pages), distcache.InvalidConfig)
	if names := engine.KeySpaces(); !slices.Equal(names, []string{"pages", "users"}) {
		t.Fatal(names)
	}
	kv, err := engine.Get(background, "pages", "index")
	wantValue(t, kv.Value, err, "index!")

	shout := fetcher(func(_ context.Context, key string) ([]byte, error) {
		return []byte(key + "!!!"), nil
	})
	if err := engine.UpdateKeySpace(background,
		distcache.NewKeySpace("pages", 1<<20, shout)); err != nil {
		t.Fatal(err)
	}
	kv, err = engine.Get(background, "pages", "index")
	wantValue(t, kv.Value, err, "index!")
	kv, err = engine.Get(background, "pages", "other")
	wantValue(t, kv.Value, err, "other!!!")

	handle, err := engine.Handle("pages")
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.DeleteKeySpace(background, "pages"); err != nil {
		t.Fatal(err)
	}
	_, err = handle.Get(background, "index")
	wantStatus(t, err, distcache.NoKeySpace)
	wantStatus(t, engine.DeleteKeySpace(background, "pages"), distcache.NoKeySpace)
	wantStatus(t, engine.UpdateKeySpace(background, pages), distcache.NoKeySpace)
	if err := engine.DeleteKeyspaces(background, []string{"pages", "users"}); err != nil {
		t.Fatal(err)
	}
	if names := engine.KeySpaces(); len(names) != 0 {
		t.Fatal(names)
	}
	// A keyspace that comes back under its name is another one.
	if err := engine.AddKeySpace(background, pages); err != nil {
		t.Fatal(err)
	}
	kv, err = engine.Get(background, "pages", "other")
	wantValue(t, kv.Value, err, "other!")
	_, err = users.Get(background, "7")
	wantStatus(t, err, distcache.NoKeySpace)
}

func TestRefusedConfigurations(t *testing.T) {
	nameless := []distcache.KeySpace{distcache.NewKeySpace("", 1<<20, nil)}
	half := []distcache.KeySpace{distcache.NewKeySpace("half\x00", 1<<20, nil)}
	unreadable := &static.Config{Addresses: []string{":x"}}
	for name, config := range map[string]*distcache.Config{
		"nil":      nil,
		"cut":      distcache.NewConfig(nil, nil, distcache.WithProperty("bind.port", "0\x00")),
		"half":     distcache.NewStandaloneConfig(half),
		"name":     distcache.NewStandaloneConfig(nameless),
		"keyspace": distcache.NewStandaloneConfig([]distcache.KeySpace{nil}),
		"peers":    distcache.NewConfig(static.NewDiscovery(unreadable), nil),
	} {
		engine, err := distcache.NewEngine(config)
		var detail *distcache.Error
		if engine != nil || !errors.As(err, &detail) || detail.Message == "" || detail.Retriable {
			t.Errorf("%s: %v", name, err)
		}
	}
	overridden := distcache.NewStandaloneConfig(
		[]distcache.KeySpace{distcache.NewKeySpace("users", 1<<20, nil)},
		distcache.WithKeySpace("users", distcache.KeySpaceMaxBytes(1)), distcache.WithReplicaCount(3))
	wantStatus(t, overridden.Validate(), distcache.InvalidConfig)
}
