package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

const (
	rounds     = 9
	benchBytes = 100
)

// traffic gets random keys from several goroutines at once and checks every value.
func (m *member) traffic(words []string) (string, error) {
	n, err := numbers(words[:4])
	if err != nil || n[1] == 0 || n[3] == 0 {
		return "", invalid("traffic OPS KEYS SEED THREADS")
	}
	ops, keys, seed, threads := n[0], uint64(n[1]), uint64(n[2]), n[3]
	var wrong, failed atomic.Int64
	var first atomic.Int32
	var all sync.WaitGroup
	for thread := range threads {
		share := ops / threads
		if thread < ops%threads {
			share++
		}
		x := seed + uint64(thread)
		all.Add(1)
		go func() {
			defer all.Done()
			for range share {
				x = x*6364136223846793005 + 1442695040888963407
				key := fmt.Sprintf("page-%d", (x>>33)%keys)
				read, err := m.pages.Get(background, key)
				if err != nil {
					failed.Add(1)
					first.CompareAndSwap(0, int32(distcache.StatusOf(err)))
				} else if _, err := check(key, read); err != nil {
					wrong.Add(1)
				}
			}
		}()
	}
	all.Wait()
	answer := fmt.Sprintf("ok ops=%d wrong=%d failed=%d", ops, wrong.Load(), failed.Load())
	if failed.Load() > 0 {
		answer += " first=" + distcache.Status(first.Load()).String()
	}
	return answer, nil
}

func (m *member) benchHit(words []string) (string, error) {
	if err := m.pages.Put(background, "bench", make([]byte, benchBytes)); err != nil {
		return "", err
	}
	return m.bench(words[0], "bench")
}

func (m *member) benchGet(words []string) (string, error) { return m.bench(words[0], words[1]) }

// bench is the median time of a get, over rounds by one goroutine.
func (m *member) bench(count, key string) (string, error) {
	ops, err := numbers([]string{count})
	if err != nil {
		return "", err
	}
	each := int(max(1, ops[0]/rounds))
	if err := m.gets(int(ops[0]/10), key); err != nil {
		return "", err
	}
	var before, after runtime.MemStats
	times := make([]float64, rounds)
	runtime.ReadMemStats(&before)
	for round := range times {
		begin := time.Now()
		if err := m.gets(each, key); err != nil {
			return "", err
		}
		times[round] = float64(time.Since(begin).Nanoseconds()) / float64(each)
	}
	runtime.ReadMemStats(&after)
	slices.Sort(times)
	return fmt.Sprintf("ok ns=%.1f allocations=%.2f", times[rounds/2],
		float64(after.Mallocs-before.Mallocs)/float64(rounds*each)), nil
}

func (m *member) gets(count int, key string) error {
	looked := 0
	for range count {
		read, err := m.pages.Get(background, key)
		if err != nil {
			return err
		}
		looked += len(read)
	}
	if count > 0 && looked == 0 {
		return corruptError{"the value is empty"}
	}
	return nil
}
