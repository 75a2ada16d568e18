package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

const pagesBytes = 256 << 20

// member is a node with one keyspace, whose source is this process.
type member struct {
	engine distcache.Engine
	pages  *distcache.Handle
	name   string
	ledger *os.File
	all    atomic.Int64 // loads

	mutex sync.Mutex
	made  map[string]int // loads of each key
}

var background = context.Background()

func (m *member) open(words []string) (string, error) {
	if m.engine != nil {
		return "", invalid("the engine is open")
	}
	ledger, err := os.OpenFile(words[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	m.ledger, m.made = ledger, make(map[string]int)
	var options []distcache.Option
	for _, word := range words[1:] {
		property, text, _ := strings.Cut(word, "=")
		if property == "node.name" {
			m.name = text
		}
		options = append(options, distcache.WithProperty(property, text))
	}
	engine, err := distcache.NewEngine(distcache.NewConfig(nil, []distcache.KeySpace{
		distcache.NewKeySpace("pages", pagesBytes, distcache.DataSourceFunc(m.fetch))}, options...))
	if err != nil {
		return "", err
	}
	if err := engine.Start(background); err != nil {
		return "", err
	}
	m.engine = engine
	m.pages, err = engine.Handle("pages")
	return "ok", err
}

// fetch writes the load into the ledger before it answers: what a process wrote survives its being
// killed.
func (m *member) fetch(_ context.Context, key string) ([]byte, error) {
	m.mutex.Lock()
	m.made[key]++
	nth := fmt.Sprint(m.made[key])
	m.mutex.Unlock()
	m.all.Add(1)
	if _, err := fmt.Fprintf(m.ledger, "%s %s go %s\n", key, m.name, nth); err != nil {
		return nil, err
	}
	return value(key, m.name, nth), nil
}

func (m *member) close() error {
	if m.engine == nil {
		return nil
	}
	err := m.engine.Stop(background)
	m.ledger.Close()
	m.engine, m.pages, m.ledger = nil, nil, nil
	return err
}

func (m *member) ready(words []string) (string, error) {
	ms, err := numbers(words)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(background, time.Duration(ms[0])*time.Millisecond)
	defer cancel()
	return "ok", m.engine.WaitReady(ctx)
}

func (m *member) get(words []string) (string, error) {
	read, err := m.pages.Get(background, words[0])
	if err != nil {
		return "", err
	}
	who, err := check(words[0], read)
	return "ok " + who, err
}

func (m *member) peek(words []string) (string, error) {
	item, err := m.pages.Peek(words[0])
	if err != nil {
		return "", err
	}
	who, err := check(words[0], item.Value)
	return "ok " + who, err
}

func (m *member) put(words []string) (string, error) {
	return "ok", m.pages.Put(background, words[0], value(words[0], m.name, "p"+words[1]))
}

func (m *member) delete(words []string) (string, error) {
	return "ok", m.pages.Delete(background, words[0])
}

func (m *member) peers([]string) (string, error) {
	peers, err := m.engine.Peers()
	if err != nil {
		return "", err
	}
	var names []string
	for _, peer := range peers {
		names = append(names, peer.Name+":"+peer.State.String())
	}
	slices.Sort(names)
	return "ok " + strings.Join(names, " "), nil
}

func (m *member) loads([]string) (string, error) { return fmt.Sprintf("ok %d", m.all.Load()), nil }
