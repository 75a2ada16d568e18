package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// source answers by the rules of a scenario. A monitor: what it waits for is told by `changed`.
type source struct {
	engine *node
	rules  []rule

	mutex     sync.Mutex
	changed   *sync.Cond
	used      []int // loads that each rule has answered
	loads     map[string]int
	held      map[string]bool // keys with a load that waited at least once
	cancelled map[string]bool // keys with a load that saw its cancellation
	released  map[string]bool
	allFree   bool
}

var _ distcache.ValueSource = (*source)(nil)

func newSource(engine *node, rules []rule) *source {
	s := &source{engine: engine, rules: rules, used: make([]int, len(rules)),
		loads: make(map[string]int), held: make(map[string]bool), cancelled: make(map[string]bool),
		released: make(map[string]bool)}
	s.changed = sync.NewCond(&s.mutex)
	return s
}

func (s *source) Fetch(ctx context.Context, key string) ([]byte, error) {
	value, err := s.FetchValue(ctx, key)
	return value.Data, err
}

func (s *source) FetchValue(ctx context.Context, key string) (distcache.Value, error) {
	chosen, count := s.next(key)
	s.wait(ctx, chosen, key)
	switch chosen.Answer {
	case "", "value":
		if chosen.Value != nil {
			return chosen.give(string(*chosen.Value)), nil
		}
		return chosen.give(fmt.Sprintf("%s:%d", s.engine.name, count)), nil
	case "key":
		return chosen.give(key), nil
	case "keyspace":
		info, _ := distcache.FetchInfoOf(ctx)
		return chosen.give(info.KeySpace), nil
	case "remaining":
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); ok && left > 0 && left <= time.Minute {
			return chosen.give("in time"), nil
		}
		return chosen.give("out of time"), nil
	case "not_found":
		return distcache.Value{}, distcache.ErrNotFound
	case "fail":
		if *chosen.Retriable {
			return distcache.Value{}, errors.New(chosen.message())
		}
		return distcache.Value{}, distcache.Permanent(errors.New(chosen.message()))
	case "throw":
		panic(chosen.message())
	case "drop":
		panic("the source gave no answer")
	case "get":
		return s.other(ctx, chosen)
	}
	panic("no answer is called " + chosen.Answer)
}

func (r *rule) give(value string) distcache.Value {
	return distcache.Value{Data: []byte(value), TTL: ttl(r.TTLMS), NoStore: r.NoStore, Tags: r.Tags,
		SourceVersion: r.SourceVersion}
}

func (r *rule) message() string {
	if r.Message != nil {
		return *r.Message
	}
	return "the source says so"
}

// ttl is one of the file: -1 means without end.
func ttl(ms int64) time.Duration {
	if ms == -1 {
		return distcache.NoExpiry
	}
	return time.Duration(ms) * time.Millisecond
}

// other asks for another key on behalf of this load.
func (s *source) other(ctx context.Context, chosen *rule) (distcache.Value, error) {
	name := chosen.KeySpace
	if name == "" {
		info, _ := distcache.FetchInfoOf(ctx)
		name = info.KeySpace
	}
	kv, err := s.engine.engine.Get(ctx, name, string(*chosen.Get))
	if err != nil {
		return distcache.Value{}, distcache.Permanent(errors.New(distcache.StatusOf(err).String()))
	}
	return chosen.give("got " + string(kv.Value)), nil
}

// next counts a load, and finds the rule that answers it.
func (s *source) next(key string) (chosen *rule, count int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.loads[key]++
	for i := range s.rules {
		r := &s.rules[i]
		if r.Key != nil && string(*r.Key) != key || r.Times != nil && s.used[i] >= *r.Times {
			continue
		}
		s.used[i]++
		return r, s.loads[key]
	}
	return &rule{}, s.loads[key]
}

func (s *source) wait(ctx context.Context, chosen *rule, key string) {
	if !chosen.Hold && !chosen.UntilCancelled {
		return
	}
	s.set(s.held, key)
	if chosen.UntilCancelled {
		stop := context.AfterFunc(ctx, func() { s.set(s.cancelled, key) })
		defer stop()
		s.until(func() bool { return s.allFree || s.cancelled[key] })
	}
	if chosen.Hold {
		s.until(func() bool { return s.allFree || s.released[key] })
	}
}

func (s *source) set(flags map[string]bool, key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	flags[key] = true
	s.changed.Broadcast()
}

func (s *source) until(condition func() bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for !condition() {
		s.changed.Wait()
	}
}

// await is until, for the player of the steps: it does not wait for ever.
func (s *source) await(flags map[string]bool, key, what string) error {
	over := false
	timer := time.AfterFunc(patience, func() {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		over = true
		s.changed.Broadcast()
	})
	defer timer.Stop()
	s.until(func() bool { return over || flags[key] })
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !flags[key] {
		return errors.New("no load of this key " + what)
	}
	return nil
}

func (s *source) freeAll() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.allFree = true
	s.changed.Broadcast()
}

func (s *source) count(key *byteString) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if key != nil {
		return s.loads[string(*key)]
	}
	total := 0
	for _, loads := range s.loads {
		total += loads
	}
	return total
}
