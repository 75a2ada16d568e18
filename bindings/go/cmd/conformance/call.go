package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// call is an operation on keys, in progress or over.
type call struct {
	step   *step
	handle *distcache.Handle
	cancel context.CancelFunc
	done   chan struct{}
	items  []distcache.Item // of a read, or of a many-form
	err    error
}

// begin runs the operation on a goroutine, which is the asynchronous form of Go.
func begin(s *step, handle *distcache.Handle) *call {
	ctx, cancel := context.WithCancel(context.Background())
	c := &call{step: s, handle: handle, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.items, c.err = c.run(ctx)
	}()
	return c
}

func (c *call) many() bool  { return strings.HasSuffix(c.step.Op, "_many") }
func (c *call) reads() bool { return strings.HasPrefix(c.step.Op, "get") || c.step.Op == "peek" }

func (c *call) run(ctx context.Context) ([]distcache.Item, error) {
	s := c.step
	var options []distcache.CallOption
	if s.TimeoutMS != 0 {
		options = append(options, distcache.Timeout(time.Duration(s.TimeoutMS)*time.Millisecond))
	}
	if s.TTLMS != 0 {
		options = append(options, distcache.TTL(ttl(s.TTLMS)))
	}
	if s.NoStale {
		options = append(options, distcache.NoStale())
	}
	keys := make([]string, len(s.Keys))
	for i, key := range s.Keys {
		keys[i] = string(key)
	}
	switch s.Op {
	case "get":
		item, err := c.handle.GetItem(ctx, string(*s.Key), options...)
		return []distcache.Item{item}, err
	case "peek":
		item, err := c.handle.Peek(string(*s.Key))
		return []distcache.Item{item}, err
	case "put":
		return nil, c.handle.Put(ctx, string(*s.Key), []byte(s.Value), options...)
	case "delete":
		return nil, c.handle.Delete(ctx, string(*s.Key), options...)
	case "get_many":
		return c.handle.GetMany(ctx, keys, options...)
	case "delete_many":
		return c.handle.DeleteMany(ctx, keys, options...)
	}
	entries := make([]distcache.Entry, len(keys))
	for i, key := range keys {
		entries[i].KV = distcache.KV{Key: key, Value: []byte(s.Values[i])}
		if i < len(s.TTLsMS) && s.TTLsMS[i] != 0 {
			entries[i].Expiry = time.Now().Add(ttl(s.TTLsMS[i]))
		}
	}
	return c.handle.PutMany(ctx, entries, options...)
}

// outcome waits, and tells what a step prints.
func (c *call) outcome() (string, error) {
	select {
	case <-c.done:
	case <-time.After(patience):
		return "", errors.New("a call does not complete")
	}
	defer c.cancel()
	switch {
	case c.err != nil:
		return failure(c.err, c.step), nil
	case c.many():
		lines := fmt.Sprintf("OK %d", len(c.items))
		for i := range c.items {
			lines += fmt.Sprintf("\n %d %s", i, c.item(&c.items[i]))
		}
		return lines, nil
	case c.reads():
		return c.item(&c.items[0]), nil
	}
	return "OK", nil
}

func (c *call) item(item *distcache.Item) string {
	if item.Err != nil {
		return failure(item.Err, c.step)
	}
	text := "OK"
	if c.reads() {
		text += " " + shown(item.Value)
	}
	for _, what := range c.step.Show {
		text += " " + detail(item, what)
	}
	return text
}

// failure is the status of an error and, unless it was expected, whether it is retriable, and
// whether its message has the words that the step names.
func failure(err error, s *step) string {
	var detail *distcache.Error
	if err == nil || !errors.As(err, &detail) {
		return distcache.StatusOf(err).String()
	}
	text := detail.Status.String()
	if detail.Status == distcache.NotFound || detail.Status == distcache.NotCached {
		return text
	}
	text += map[bool]string{true: " retriable", false: " final"}[detail.Retriable]
	for _, part := range s.Says {
		verb := "hides"
		if strings.Contains(strings.ToLower(detail.Message), strings.ToLower(part)) {
			verb = "says"
		}
		text += fmt.Sprintf(" %s \"%s\"", verb, part)
	}
	return text
}

func detail(item *distcache.Item, what string) string {
	yes := map[bool]string{true: "yes", false: "no"}
	switch what {
	case "origin":
		return "origin=" + [...]string{"none", "local", "owner", "mirror", "reserve", "tier",
			"source"}[item.Origin]
	case "stale":
		return "stale=" + yes[item.Stale]
	case "ttl":
		return "ttl=" + map[bool]string{true: "some", false: "none"}[item.HasExpiry]
	case "age":
		return "age=" + map[bool]string{true: "ok", false: "negative"}[item.Age >= 0]
	case "version":
		return "version=" + yes[item.Version != distcache.Version{}]
	}
	panic("nothing to show is called " + what)
}

// shown is a value as the output has it.
func shown(value []byte) string {
	plain := len(value) <= 64
	for _, b := range value {
		plain = plain && b >= ' ' && b <= '~' && b != '"' && b != '\\'
	}
	if plain {
		return `"` + string(value) + `"`
	}
	hash := fnv.New64a()
	hash.Write(value)
	return fmt.Sprintf("[%d bytes %016x]", len(value), hash.Sum64())
}
