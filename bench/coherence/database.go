package main

import (
	"fmt"
	"sync"
)

// database is the truth behind the cache: every key has a version, which the loaders answer with.
type database struct {
	mutex    sync.Mutex
	versions map[string]int
	loads    map[string][]int         // by which members, in order
	held     map[string]chan struct{} // a load of the key answers when this is closed,
	reached  chan struct{}            // having read its version, and said so here
}

func newDatabase() *database {
	return &database{versions: map[string]int{}, loads: map[string][]int{},
		held: map[string]chan struct{}{}, reached: make(chan struct{})}
}

func valueOf(version int) string { return fmt.Sprintf("v%d", version) }

func (d *database) load(member int, key string) string {
	d.mutex.Lock()
	version, held := d.versions[key], d.held[key]
	d.loads[key] = append(d.loads[key], member)
	d.mutex.Unlock()
	if held != nil {
		d.reached <- struct{}{}
		<-held
	}
	return valueOf(version)
}

// change makes a new version and lets the loads of the key that come no longer wait.
func (d *database) change(key string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.versions[key]++
	delete(d.held, key)
}

// hold lets the next loads of the key wait until the channel is closed.
func (d *database) hold(key string) chan struct{} {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.held[key] = make(chan struct{})
	return d.held[key]
}

// owner is the member that loaded the key last.
func (d *database) owner(key string) int {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	all := d.loads[key]
	return all[len(all)-1]
}

func (d *database) loadsByMember(members int) []int {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	count := make([]int, members)
	for _, all := range d.loads {
		for _, member := range all {
			count[member]++
		}
	}
	return count
}
