package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/groupcache/groupcache-go/v3"
	"github.com/groupcache/groupcache-go/v3/transport"
	"github.com/groupcache/groupcache-go/v3/transport/peer"
)

// groupcacheRing is groupcache-go as its documentation shows it: HTTP, default hash and replicas.
type groupcacheRing struct {
	relays  []*relay
	daemons []*groupcache.Daemon
	groups  []transport.Group
	client  *http.Client
}

func openGroupcache(members int, delay time.Duration, load loader) (cluster, error) {
	ring := &groupcacheRing{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for member := range members {
		if err := ring.add(member, delay, load); err != nil {
			ring.close()
			return nil, err
		}
	}
	for self, daemon := range ring.daemons {
		var peers []peer.Info
		for member, relay := range ring.relays {
			peers = append(peers, peer.Info{Address: relay.address(), IsSelf: member == self})
		}
		if err := daemon.GetInstance().SetPeers(context.Background(), peers); err != nil {
			ring.close()
			return nil, err
		}
	}
	return ring, nil
}

func (g *groupcacheRing) add(member int, delay time.Duration, load loader) error {
	relay, err := newRelay(fmt.Sprintf("127.0.1.%d:0", member+1), delay)
	if err != nil {
		return err
	}
	g.relays = append(g.relays, relay)
	quiet := slog.New(slog.DiscardHandler)
	daemon, err := groupcache.ListenAndServe(context.Background(), "127.0.0.1:0", groupcache.Options{
		Logger: quiet,
		Transport: transport.NewHttpTransport(
			transport.HttpTransportOptions{Client: g.client, Logger: quiet}),
	})
	if err != nil {
		return err
	}
	g.daemons = append(g.daemons, daemon)
	group, err := daemon.NewGroup("pages", 64<<20, groupcache.GetterFunc(
		func(_ context.Context, key string, to transport.Sink) error {
			return to.SetString(load(member, key), time.Time{})
		}))
	if err != nil {
		return err
	}
	g.groups = append(g.groups, group)
	relay.forward(daemon.ListenAddress())
	return nil
}

func (g *groupcacheRing) get(member int, key string) (value string, err error) {
	err = g.groups[member].Get(context.Background(), key, transport.StringSink(&value))
	return value, err
}

func (g *groupcacheRing) put(member int, key, value string) error {
	return g.groups[member].Set(context.Background(), key, []byte(value), time.Time{}, true)
}

func (g *groupcacheRing) remove(member int, key string) error {
	return g.groups[member].Remove(context.Background(), key)
}

func (g *groupcacheRing) removeMany(member int, keys []string) error {
	return g.groups[member].RemoveKeys(context.Background(), keys...)
}

func (g *groupcacheRing) close() {
	for _, relay := range g.relays {
		relay.listener.Close()
	}
	g.client.CloseIdleConnections()
	for _, daemon := range g.daemons {
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		daemon.Shutdown(short)
		cancel()
	}
	for _, relay := range g.relays {
		relay.close()
	}
}
