package distcache_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
	"github.com/distcache/distcache/bindings/go/discovery/static"
)

const members = 3

// member is one engine of a ring, whose source answers with its own name.
type member struct {
	engine distcache.Engine
	pages  *distcache.Handle
	mutex  sync.Mutex
	loads  map[string]int
}

func (m *member) Fetch(ctx context.Context, key string) ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.loads[key]++
	return fmt.Appendf(nil, "%p", m), nil
}

// freePorts are ports of 127.0.0.1 that were free a moment ago.
func freePorts(t *testing.T, count int) (ports []int) {
	t.Helper()
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// ring starts members that know each other; false if somebody took one of their ports.
func ring(t *testing.T, ports []int) (all []*member, ok bool) {
	t.Helper()
	var addresses []string
	for _, port := range ports {
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	provider := static.NewDiscovery(&static.Config{Addresses: addresses})
	for i, port := range ports {
		m := &member{loads: make(map[string]int)}
		engine, err := distcache.NewEngine(distcache.NewConfig(provider,
			[]distcache.KeySpace{distcache.NewKeySpace("pages", 16<<20, m)},
			append(alone(), distcache.WithNodeName(fmt.Sprintf("node-%d", i)),
				distcache.WithDiscoveryPort(port), distcache.WithMinimumPeersQuorum(len(ports)),
				distcache.WithBootstrapTimeout(time.Millisecond))...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { engine.Stop(background) })
		err = engine.Start(background)
		if errors.Is(err, distcache.AddressInUse) {
			return nil, false
		}
		if err != nil {
			t.Fatal(err)
		}
		m.engine = engine
		if m.pages, err = engine.Handle("pages"); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	patient, cancel := context.WithTimeout(background, enough)
	defer cancel()
	for _, m := range all {
		if err := m.engine.WaitReady(patient); err != nil {
			t.Fatal(err)
		}
	}
	return all, true
}

// changes is how often the members lost sight of each other, or found each other again.
func changes(t *testing.T, all []*member) (total uint64) {
	t.Helper()
	for _, m := range all {
		stats, err := m.engine.Stats()
		if err != nil {
			t.Fatal(err)
		}
		total += stats.ViewChanges + stats.LinksLost
	}
	return total
}

func loads(all []*member) (total int) {
	for _, m := range all {
		m.mutex.Lock()
		for _, count := range m.loads {
			total += count
		}
		m.mutex.Unlock()
	}
	return total
}

// agree reads all keys from all members: empty if all have the same values.
func agree(all []*member, keys []string) string {
	values := make(map[string]string)
	for _, m := range all {
		items, err := m.pages.GetMany(background, keys)
		if err != nil {
			return err.Error()
		}
		for _, item := range items {
			if first, seen := values[item.Key]; seen && first != string(item.Value) {
				return fmt.Sprintf("%s: %s and %s", item.Key, first, item.Value)
			}
			if item.Err != nil {
				return fmt.Sprintf("%s: %v", item.Key, item.Err)
			}
			values[item.Key] = string(item.Value)
		}
	}
	return ""
}

// share is what must be true while nobody takes a member for dead; else what is wrong.
func share(all []*member, keys []string) string {
	before := loads(all)
	if wrong := agree(all, keys); wrong != "" {
		return wrong
	}
	if got := loads(all) - before; got != len(keys) {
		return fmt.Sprintf("%d loads of %d keys", got, len(keys))
	}
	items, err := all[1].pages.DeleteMany(background, keys)
	if err != nil {
		return err.Error()
	}
	for _, item := range items {
		if item.Err != nil {
			return item.Err.Error()
		}
	}
	if wrong := agree(all, keys); wrong != "" {
		return wrong
	}
	if got := loads(all) - before; got != 2*len(keys) {
		return fmt.Sprintf("%d loads of %d keys, after a delete of all", got, len(keys))
	}
	if err := all[2].pages.Put(background, keys[0], []byte("put")); err != nil {
		return err.Error()
	}
	for _, m := range all {
		if value, err := m.pages.Get(background, keys[0]); err != nil || string(value) != "put" {
			return fmt.Sprintf("%q, %v after a put", value, err)
		}
	}
	return ""
}

// Each key is loaded once, by its owner, and everybody reads the owner's bytes; what one deletes or
// puts is seen by all. Where a member was taken for dead meanwhile, on a machine that stood still,
// there is nothing to be said, and it is tried again.
func TestMembersShareOneCache(t *testing.T) {
	all, ok := ring(t, freePorts(t, members))
	for !ok {
		all, ok = ring(t, freePorts(t, members))
	}
	for turn := 0; ; turn++ {
		keys := make([]string, 60)
		for i := range keys {
			keys[i] = fmt.Sprintf("page-%d-%d", turn, i)
		}
		before := changes(t, all)
		wrong := share(all, keys)
		if wrong == "" {
			break
		}
		if changes(t, all) == before || turn == 50 {
			t.Fatal(wrong)
		}
	}
	peers, err := all[0].engine.Peers()
	if err != nil || len(peers) != members || peers[0].Name != "node-0" || !peers[0].IsSelf ||
		peers[1].IsSelf || peers[1].Name != "node-1" || peers[1].DiscoveryPort == 0 {
		t.Fatal(peers, err)
	}
	stats, err := all[0].pages.Stats()
	if err != nil || stats.Gets == 0 || stats.Hits+stats.PeerGets+stats.Loads == 0 {
		t.Fatalf("%+v, %v", stats, err)
	}
}
