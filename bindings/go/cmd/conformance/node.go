package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// node is an engine of a scenario, with the keyspaces that it was opened with, and those added.
type node struct {
	name    string
	engine  distcache.Engine
	sources map[string]*source
	handles map[string]*distcache.Handle
}

func newNode(name string) *node {
	return &node{name: name, sources: make(map[string]*source),
		handles: make(map[string]*distcache.Handle)}
}

// common is what every engine is opened with.
func common(name string) []distcache.Option {
	return []distcache.Option{distcache.WithNodeName(name), distcache.WithBindPort(0),
		distcache.WithDiscoveryPort(0), distcache.WithLogLevel("off"),
		distcache.WithReadTimeout(time.Minute), distcache.WithWriteTimeout(time.Minute),
		distcache.WithShutdownTimeout(time.Minute)}
}

func (n *node) open(options []distcache.Option, properties ordered[string],
	keySpaces ordered[keySpaceDescription], sourceless []string) error {
	var all []distcache.KeySpace
	for _, name := range keySpaces.names {
		described := keySpaces.values[name]
		if slices.Contains(sourceless, name) {
			described.Source = nil
		}
		keySpace, from := n.keySpace(name, &described, 64<<20)
		if from != nil {
			n.sources[name] = from
		}
		all = append(all, keySpace)
	}
	for _, name := range properties.names {
		options = append(options, distcache.WithProperty(name, properties.values[name]))
	}
	engine, err := distcache.NewEngine(distcache.NewConfig(nil, all, options...))
	if err != nil {
		return err
	}
	n.engine = engine
	if err := engine.Start(context.Background()); err != nil {
		return err
	}
	for _, name := range keySpaces.names {
		if n.handles[name], err = engine.Handle(name); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) keySpace(name string, described *keySpaceDescription,
	bytes int64) (distcache.KeySpace, *source) {
	var options []distcache.KeySpaceOption
	for _, property := range described.Properties.names {
		options = append(options,
			distcache.KeySpaceProperty(property, described.Properties.values[property]))
	}
	if described.Source == nil {
		return distcache.NewKeySpace(name, bytes, nil, options...), nil
	}
	from := newSource(n, *described.Source)
	return distcache.NewKeySpace(name, bytes, from, options...), from
}

func (n *node) add(s *step) error {
	keySpace, from := n.keySpace(s.Name, &keySpaceDescription{s.Properties, s.Source}, 0)
	if err := n.engine.AddKeySpace(context.Background(), keySpace); err != nil {
		return err
	}
	handle, err := n.engine.Handle(s.Name)
	if err != nil {
		return err
	}
	n.handles[s.Name] = handle
	if from != nil {
		n.sources[s.Name] = from
	}
	return nil
}

func (n *node) update(s *step) error {
	keySpace, from := n.keySpace(s.Name, &keySpaceDescription{s.Properties, s.Source}, 0)
	if err := n.engine.UpdateKeySpace(context.Background(), keySpace); err != nil {
		return err
	}
	if from != nil {
		n.sources[s.Name] = from
	}
	return nil
}

func (n *node) close(timeoutMS int64) error {
	ctx := context.Background()
	if timeoutMS != 0 {
		bounded, cancel := context.WithTimeout(ctx, time.Duration(timeoutMS)*time.Millisecond)
		defer cancel()
		ctx = bounded
	}
	return n.engine.Stop(ctx)
}

func (n *node) end() {
	for _, from := range n.sources {
		from.freeAll()
	}
	if n.engine != nil {
		n.engine.Stop(context.Background())
	}
}

// openAll opens the engines of a scenario.
func openAll(described *scenario) ([]*node, error) {
	engines := described.Engines
	if engines.names == nil {
		engines = ordered[engineDescription]{[]string{"a"}, map[string]engineDescription{"a": {}}}
	}
	var nodes []*node
	var addresses []string
	for _, name := range engines.names {
		one, err := openOne(name, engines.values[name], described, len(engines.names), &addresses)
		if one != nil {
			nodes = append(nodes, one)
		}
		if err != nil {
			return nodes, fmt.Errorf("%s: %w", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, one := range nodes {
		if err := one.engine.WaitReady(ctx); err != nil && len(nodes) > 1 {
			return nodes, fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nodes, nil
}

func openOne(name string, engine engineDescription, described *scenario, count int,
	addresses *[]string) (*node, error) {
	for {
		options := common(name)
		var address string
		if count > 1 {
			port, err := freePort()
			if err != nil {
				return nil, err
			}
			address = fmt.Sprintf("127.0.0.1:%d", port)
			peers := append(slices.Clone(*addresses), address)
			options = append(options, distcache.WithDiscoveryPort(port),
				distcache.WithDiscoveryProvider("static"),
				distcache.WithProperty("discovery.peers", strings.Join(peers, ",")),
				distcache.WithMinimumPeersQuorum(count),
				distcache.WithBootstrapTimeout(time.Millisecond))
		}
		one := newNode(name)
		err := one.open(options, engine.Properties, described.KeySpaces, engine.Sourceless)
		if count > 1 && errors.Is(err, distcache.AddressInUse) {
			continue
		}
		*addresses = append(*addresses, address)
		return one, err
	}
}

// freePort is a port of 127.0.0.1 that was free a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
