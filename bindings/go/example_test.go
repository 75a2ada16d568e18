package distcache_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// The source stands for a query to a database.
func greet(_ context.Context, name string) ([]byte, error) {
	if name == "nobody" {
		return nil, distcache.ErrNotFound
	}
	return []byte("Hello, " + name + "!"), nil
}

func Example() {
	ctx := context.Background()
	greetings := distcache.NewKeySpace("greetings", 1<<20, distcache.DataSourceFunc(greet),
		distcache.KeySpaceTTL(time.Minute))
	engine, err := distcache.NewEngine(distcache.NewStandaloneConfig(
		[]distcache.KeySpace{greetings}, distcache.WithBindPort(0), distcache.WithDiscoveryPort(0)))
	if err != nil {
		panic(err) // names every fault of the configuration
	}
	if err := engine.Start(ctx); err != nil {
		panic(err)
	}
	defer engine.Stop(ctx)

	kv, err := engine.Get(ctx, "greetings", "world")
	fmt.Println(string(kv.Value), err)
	_, err = engine.Get(ctx, "greetings", "nobody")
	fmt.Println(errors.Is(err, distcache.ErrNotFound))
	// Output:
	// Hello, world! <nil>
	// true
}

// A handle tells where a value came from.
func ExampleHandle_GetItem() {
	ctx := context.Background()
	engine := startAlone("greetings", distcache.DataSourceFunc(greet))
	defer engine.Stop(ctx)
	greetings, err := engine.Handle("greetings")
	if err != nil {
		panic(err)
	}
	for range 2 {
		item, err := greetings.GetItem(ctx, "world")
		fmt.Println(string(item.Value), item.Origin == distcache.OriginSource, err)
	}
	// Output:
	// Hello, world! true <nil>
	// Hello, world! false <nil>
}

// Each key of a many-form has a result of its own.
func ExampleHandle_GetMany() {
	ctx := context.Background()
	engine := startAlone("greetings", distcache.DataSourceFunc(greet))
	defer engine.Stop(ctx)
	greetings, err := engine.Handle("greetings")
	if err != nil {
		panic(err)
	}
	items, err := greetings.GetMany(ctx, []string{"world", "nobody"})
	if err != nil {
		panic(err) // nothing was tried
	}
	for _, item := range items {
		fmt.Printf("%s: %q %v\n", item.Key, item.Value, distcache.StatusOf(item.Err).String())
	}
	// Output:
	// world: "Hello, world!" OK
	// nobody: "" NOT_FOUND
}

// A source may say more about a value than its bytes.
func ExampleValueSource() {
	fetch := func(ctx context.Context, key string) (distcache.Value, error) {
		return distcache.Value{Data: []byte("seldom changes"), TTL: time.Hour}, nil
	}
	ctx := context.Background()
	engine := startAlone("pages", distcache.ValueSourceFunc(fetch))
	defer engine.Stop(ctx)
	pages, err := engine.Handle("pages")
	if err != nil {
		panic(err)
	}
	item, err := pages.GetItem(ctx, "index.html")
	fmt.Println(item.HasExpiry, item.TTL > 50*time.Minute, err)
	// Output: true true <nil>
}

// A failed write says whether it may be applied, and whether a retry may help.
func ExampleError() {
	engine := startAlone("greetings", distcache.DataSourceFunc(greet))
	engine.Stop(context.Background())
	err := engine.Put(context.Background(), "greetings",
		&distcache.Entry{KV: distcache.KV{Key: "world", Value: []byte("Bye!")}})
	var detail *distcache.Error
	fmt.Println(errors.Is(err, distcache.ErrClosed), errors.As(err, &detail) && detail.Retriable)
	// Output: true false
}

// A counter that loses no increment, whoever else counts: what was read is replaced only if it is
// still there.
func ExampleHandle_PutIf() {
	ctx := context.Background()
	engine := startAlone("counters", nil)
	defer engine.Stop(ctx)
	counters, err := engine.Handle("counters")
	if err != nil {
		panic(err)
	}
	count := func() error {
		for {
			item, err := counters.GetItem(ctx, "visits")
			if err != nil && !errors.Is(err, distcache.ErrNotFound) {
				return err
			}
			visits, _ := strconv.Atoi(string(item.Value))
			// Of no entry the version is the zero one, which asks for absence.
			_, err = counters.PutIf(ctx, "visits", []byte(strconv.Itoa(visits+1)), item.Version)
			if !errors.Is(err, distcache.ErrVersionMismatch) {
				return err
			}
		}
	}
	fmt.Println(count(), count())
	value, err := counters.Get(ctx, "visits")
	fmt.Println(string(value), err)
	// Output:
	// <nil> <nil>
	// 2 <nil>
}

// A loader for one call, as a closure.
func ExampleHandle_GetWith() {
	ctx := context.Background()
	engine := startAlone("pages", nil)
	defer engine.Stop(ctx)
	pages, err := engine.Handle("pages")
	if err != nil {
		panic(err)
	}
	title := "Hello"
	item, err := pages.GetWith(ctx, "index", distcache.DataSourceFunc(
		func(context.Context, string) ([]byte, error) { return []byte("<h1>" + title), nil }))
	fmt.Println(string(item.Value), err)
	// Output:
	// <h1>Hello <nil>
}
