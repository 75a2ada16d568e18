package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
	"github.com/distcache/distcache/bindings/go/discovery/static"
)

// distcacheRing is ours, with default settings where the ports are not concerned.
type distcacheRing struct {
	relays  []*relay
	engines []distcache.Engine
	pages   []*distcache.Handle
}

// openDistcache tries again where somebody else has a port: a relay's is free at its own address
// only.
func openDistcache(members int, delay time.Duration, load loader) (ring cluster, err error) {
	for range 20 {
		if ring, err = tryDistcache(members, delay, load); !errors.Is(err, distcache.AddressInUse) {
			break
		}
	}
	return ring, err
}

func tryDistcache(members int, delay time.Duration, load loader) (cluster, error) {
	ring := &distcacheRing{}
	var addresses []string
	for member := range 2 * members { // the discovery ports, then the data ports
		relay, err := newRelay(fmt.Sprintf("127.0.1.%d:0", member%members+1), delay)
		if err != nil {
			ring.close()
			return nil, err
		}
		ring.relays = append(ring.relays, relay)
		if member < members {
			addresses = append(addresses, relay.address())
		}
	}
	if err := ring.start(members, addresses, load); err != nil {
		ring.close()
		return nil, err
	}
	return ring, nil
}

// start starts all at once, as each waits for the others, and waits until they see each other.
func (d *distcacheRing) start(members int, addresses []string, load loader) (err error) {
	started := make(chan error, members)
	for member := range members {
		engine, err := d.add(member, members, addresses, load)
		if err != nil {
			return err
		}
		go func() { started <- engine.Start(context.Background()) }()
	}
	for range members {
		err = errors.Join(err, <-started)
	}
	patient, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, engine := range d.engines {
		if err != nil {
			return err
		}
		err = engine.WaitReady(patient)
	}
	for _, engine := range d.engines {
		if err != nil {
			return err
		}
		var handle *distcache.Handle
		handle, err = engine.Handle("pages")
		d.pages = append(d.pages, handle)
	}
	return err
}

func (d *distcacheRing) add(member, members int, addresses []string,
	load loader) (distcache.Engine, error) {
	pages := distcache.NewKeySpace("pages", 64<<20, distcache.DataSourceFunc(
		func(_ context.Context, key string) ([]byte, error) { return []byte(load(member, key)), nil }))
	discovery, data := d.relays[member], d.relays[members+member]
	discovery.forward(fmt.Sprintf("127.0.0.1:%d", discovery.port()))
	data.forward(fmt.Sprintf("127.0.0.1:%d", data.port()))
	engine, err := distcache.NewEngine(distcache.NewConfig(
		static.NewDiscovery(&static.Config{Addresses: addresses}), []distcache.KeySpace{pages},
		distcache.WithNodeName(fmt.Sprintf("node-%d", member)),
		distcache.WithBindPort(data.port()), distcache.WithDiscoveryPort(discovery.port()),
		distcache.WithAdvertiseAddress(fmt.Sprintf("127.0.1.%d", member+1)),
		distcache.WithMinimumPeersQuorum(members), distcache.WithLogLevel("error")))
	if err == nil {
		d.engines = append(d.engines, engine)
	}
	return engine, err
}

func (d *distcacheRing) get(member int, key string) (string, error) {
	got, err := d.pages[member].Get(context.Background(), key)
	return string(got), err
}

func (d *distcacheRing) put(member int, key, value string) error {
	return d.pages[member].Put(context.Background(), key, []byte(value))
}

func (d *distcacheRing) remove(member int, key string) error {
	return d.pages[member].Delete(context.Background(), key)
}

func (d *distcacheRing) removeMany(member int, keys []string) error {
	return d.engines[member].DeleteMany(context.Background(), "pages", keys)
}

func (d *distcacheRing) close() {
	for _, engine := range d.engines {
		engine.Stop(context.Background())
	}
	for _, relay := range d.relays {
		relay.close()
	}
}
