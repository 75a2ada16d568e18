package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// call is an operation on keys, in progress or over.
type call struct {
	step     *step
	handle   *distcache.Handle
	versions versions
	expected distcache.Version
	loader   *source // of a get_with
	cancel   context.CancelFunc
	done     chan struct{}
	items    []distcache.Item // one, unless of a many-form
	err      error
}

// versions are those that steps keep, by name.
type versions map[string]distcache.Version

// begin runs the operation on a goroutine, which is the asynchronous form of Go.
func begin(s *step, handle *distcache.Handle, kept versions, loader *source) *call {
	ctx, cancel := context.WithCancel(context.Background())
	c := &call{step: s, handle: handle, versions: kept, expected: kept[s.Expected], loader: loader,
		cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.items, c.err = c.run(ctx)
	}()
	return c
}

func (c *call) many() bool { return strings.HasSuffix(c.step.Op, "_many") }
func (c *call) reads() bool {
	return strings.HasPrefix(c.step.Op, "get") || c.step.Op == "peek" || c.step.Op == "refresh"
}

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
	var item distcache.Item
	var err error
	switch s.Op {
	case "get":
		item, err = c.handle.GetItem(ctx, string(*s.Key), options...)
	case "get_with":
		item, err = c.handle.GetWith(ctx, string(*s.Key), c.loader, options...)
	case "refresh":
		item, err = c.handle.Refresh(ctx, string(*s.Key), options...)
	case "peek":
		item, err = c.handle.Peek(string(*s.Key))
	case "put_if":
		item.Version, err = c.handle.PutIf(ctx, string(*s.Key), []byte(s.Value), c.expected, options...)
	case "put":
		err = c.handle.Put(ctx, string(*s.Key), []byte(s.Value), options...)
	case "delete":
		err = c.handle.Delete(ctx, string(*s.Key), options...)
	default:
		return c.runMany(ctx, options)
	}
	return []distcache.Item{item}, err
}

func (c *call) runMany(ctx context.Context, options []distcache.CallOption) ([]distcache.Item,
	error) {
	s := c.step
	keys := make([]string, len(s.Keys))
	for i, key := range s.Keys {
		keys[i] = string(key)
	}
	switch s.Op {
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
	told := c.told()
	switch {
	case c.err != nil:
		return failure(c.err, c.step) + told, nil
	case c.many():
		lines := fmt.Sprintf("OK %d", len(c.items))
		for i := range c.items {
			lines += fmt.Sprintf("\n %d %s", i, c.item(&c.items[i]))
		}
		return lines, nil
	case c.reads():
		return c.item(&c.items[0]), nil
	}
	return "OK" + told, nil
}

// told keeps the version that the step asks to keep, and names the one that a put_if was told.
func (c *call) told() (text string) {
	if c.many() {
		return ""
	}
	version := c.items[0].Version
	if status := distcache.StatusOf(c.err); c.step.Op == "put_if" &&
		(status == distcache.OK || status == distcache.VersionMismatch) {
		text = " version=" + c.versions.name(version)
	}
	if c.step.Keep != "" {
		c.versions[c.step.Keep] = version
	}
	return text
}

func (v versions) name(version distcache.Version) string {
	if version == (distcache.Version{}) {
		return "none"
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if v[name] == version {
			return name
		}
	}
	return "new"
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
