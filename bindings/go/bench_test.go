package distcache_test

import (
	"context"
	"fmt"
	"testing"

	distcache "github.com/distcache/distcache/bindings/go"
)

func benchmarked(b *testing.B) *distcache.Handle {
	_, users := open(b, distcache.ValueSourceFunc(
		func(_ context.Context, key string) (distcache.Value, error) {
			return distcache.Value{Data: make([]byte, 100), NoStore: key == "miss"}, nil
		}))
	for i := range 64 {
		if err := users.Put(background, fmt.Sprintf("key-%d", i), make([]byte, 100)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	return users
}

func BenchmarkHit(b *testing.B) {
	users := benchmarked(b)
	for range b.N {
		if value, err := users.Get(background, "key-7"); err != nil || len(value) != 100 {
			b.Fatal(err)
		}
	}
}

func BenchmarkHitAppend(b *testing.B) {
	users := benchmarked(b)
	buffer := make([]byte, 0, 128)
	for range b.N {
		if value, err := users.AppendGet(background, buffer, "key-7"); err != nil || len(value) != 100 {
			b.Fatal(err)
		}
	}
}

func BenchmarkHitItem(b *testing.B) {
	users := benchmarked(b)
	for range b.N {
		if item, err := users.GetItem(background, "key-7"); err != nil || len(item.Value) != 100 {
			b.Fatal(err)
		}
	}
}

func BenchmarkHitParallel(b *testing.B) {
	users := benchmarked(b)
	b.RunParallel(func(each *testing.PB) {
		buffer := make([]byte, 0, 128)
		for each.Next() {
			if _, err := users.AppendGet(background, buffer, "key-7"); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkHit64Many(b *testing.B) {
	users := benchmarked(b)
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = fmt.Sprintf("key-%d", i)
	}
	for range b.N {
		if items, err := users.GetMany(background, keys); err != nil || items[63].Err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMiss(b *testing.B) {
	users := benchmarked(b)
	for range b.N {
		if _, err := users.Get(background, "miss"); err != nil {
			b.Fatal(err)
		}
	}
}
