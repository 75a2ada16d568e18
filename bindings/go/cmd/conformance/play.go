package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// player plays one scenario on engines of its own.
type player struct {
	described *scenario
	nodes     []*node
	calls     map[string]*call   // those begun and not awaited
	loaders   map[string]*source // of get_with, by call
	versions  versions
}

func run(described *scenario, out io.Writer) error {
	nodes, err := openAll(described)
	p := &player{described: described, nodes: nodes, calls: make(map[string]*call),
		loaders: make(map[string]*source), versions: make(versions)}
	defer p.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "# %s\n", described.Name)
	for i := range described.Steps {
		s := &described.Steps[i]
		outcome, err := p.outcome(s)
		if err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, s.Op, err)
		}
		fmt.Fprintf(out, "%d %s %s\n", i+1, s.Op, outcome)
	}
	fmt.Fprintln(out)
	return nil
}

func (p *player) end() {
	for _, loader := range p.loaders {
		loader.freeAll()
	}
	for _, one := range p.nodes {
		one.end()
	}
	for _, c := range p.calls {
		<-c.done
		c.cancel()
	}
}

func (p *player) outcome(s *step) (string, error) {
	switch s.Op {
	case "get", "get_with", "refresh", "peek", "put", "put_if", "delete", "get_many", "put_many",
		"delete_many":
		return p.operation(s)
	case "wait", "cancel":
		c := p.calls[s.Call]
		if c == nil {
			return "", errors.New("no call is named " + s.Call)
		}
		if s.Op == "wait" {
			return c.outcome()
		}
		c.cancel()
		return "asked", nil
	case "open":
		extra := newNode("extra")
		defer extra.end()
		return failure(extra.open(common("extra"), s.Properties, s.KeySpaces, nil), s), nil
	}
	one, err := p.node(s)
	if err != nil {
		return "", err
	}
	switch s.Op {
	case "loading", "release", "cancelled", "loads":
		return p.sourceStep(s, one)
	case "gone":
		return p.gone(s)
	case "close":
		return failure(one.close(s.TimeoutMS), s), nil
	case "release_engine":
		return "done", one.engine.Stop(context.Background())
	case "add":
		return failure(one.add(s), s), nil
	case "update":
		return failure(one.update(s), s), nil
	case "remove":
		return failure(one.engine.DeleteKeySpace(context.Background(), s.Name), s), nil
	case "list":
		return strings.Join(one.engine.KeySpaces(), " "), nil
	}
	return "", errors.New("no step is called so")
}

func (p *player) operation(s *step) (string, error) {
	handle, err := p.handle(s)
	if err != nil {
		return "", err
	}
	var loader *source
	if s.Loader != nil {
		one, err := p.node(s)
		if err != nil {
			return "", err
		}
		loader = newSource(one, []rule{*s.Loader})
		p.loaders[s.Call] = loader
	}
	c := begin(s, handle, p.versions, loader)
	if s.Call == "" {
		return c.outcome()
	}
	p.calls[s.Call] = c
	return "begun", nil
}

func (p *player) sourceStep(s *step, one *node) (string, error) {
	from := one.sources[p.keySpaceName(s)]
	if s.Call != "" {
		from = p.loaders[s.Call]
	}
	if from == nil {
		return "", errors.New("there is no source here")
	}
	switch s.Op {
	case "loads":
		return fmt.Sprint(from.count(s.Key)), nil
	case "release":
		from.set(from.released, string(*s.Key))
		return "done", nil
	case "loading":
		return "yes", from.await(from.held, string(*s.Key), "is held")
	}
	return "yes", from.await(from.cancelled, string(*s.Key), "was cancelled")
}

func (p *player) gone(s *step) (string, error) {
	handle, err := p.handle(s)
	if err != nil {
		return "", err
	}
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		if _, err := handle.Peek(string(*s.Key)); err != nil {
			return distcache.StatusOf(err).String(), nil
		}
	}
	return "", errors.New("the key stays")
}

func (p *player) node(s *step) (*node, error) {
	for _, one := range p.nodes {
		if s.Engine == "" || one.name == s.Engine {
			return one, nil
		}
	}
	return nil, errors.New("no engine is named " + s.Engine)
}

func (p *player) keySpaceName(s *step) string {
	if s.KeySpace == "" && len(p.described.KeySpaces.names) > 0 {
		return p.described.KeySpaces.names[0]
	}
	return s.KeySpace
}

func (p *player) handle(s *step) (*distcache.Handle, error) {
	one, err := p.node(s)
	if err != nil {
		return nil, err
	}
	if handle := one.handles[p.keySpaceName(s)]; handle != nil {
		return handle, nil
	}
	return nil, errors.New("no keyspace " + p.keySpaceName(s) + " was added")
}
