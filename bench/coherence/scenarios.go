package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

const members = 3

// outcome is how often a scenario went wrong.
type outcome struct{ violations, trials int }

func (o outcome) plus(other outcome) outcome {
	return outcome{o.violations + other.violations, o.trials + other.trials}
}

// scenario is one way in which such caches go wrong. What it promises is P1 of the specification
// for the first three, versions for the fourth, balance for the fifth.
type scenario struct {
	name  string
	wrong string // what a violation is
	run   func(p product, size int) (outcome, error)
	size  int // keys, in the short form
}

func scenarios() []scenario {
	return []scenario{
		{"a delete while a load is running", "a later read gets what was loaded before",
			loadInFlight, 200},
		{"many keys deleted in one call", "a later read of any member gets the old value",
			deleteMany, 300},
		{"a read racing a delete, delays to 0.2 ms", "a later read there gets the old value",
			readRacing(200 * time.Microsecond), 1000},
		{"a read racing a delete, delays to 1 ms", "a later read there gets the old value",
			readRacing(time.Millisecond), 1000},
		{"two members put the same key at once", "members read different values for good",
			twoPuts, 1000},
		{"keys with a counter in them, 5 members", "a member owns more than 25 %", balance, 1000},
	}
}

// loadInFlight: a loader has read; the data changes; a delete at the owner returns; the loader
// answers.
func loadInFlight(p product, size int) (total outcome, err error) {
	data := newDatabase()
	ring, err := p.open(members, 0, data.load)
	if err != nil {
		return total, err
	}
	defer ring.close()
	for i := range size {
		key := fmt.Sprintf("flight-%d", i)
		release, read := data.hold(key), make(chan error, 1)
		go func() {
			_, err := ring.get(i%members, key)
			read <- err
		}()
		<-data.reached
		data.change(key)
		err := ring.remove(data.owner(key), key)
		close(release)
		if first := <-read; first != nil || err != nil {
			return total, fmt.Errorf("%s: read %v, delete %v", key, first, err)
		}
		if total, err = total.read(ring, key, valueOf(1)); err != nil {
			return total, err
		}
	}
	return total, nil
}

// read asks all members for the key: a violation is an answer other than the one wanted.
func (o outcome) read(ring cluster, key, want string) (outcome, error) {
	for member := range members {
		got, err := ring.get(member, key)
		if err != nil {
			return o, fmt.Errorf("%s at member %d: %w", key, member, err)
		}
		o.trials++
		if got != want {
			o.violations++
		}
	}
	return o, nil
}

// deleteMany: keys that all members have read, again and again, are deleted with one call.
func deleteMany(p product, size int) (total outcome, err error) {
	data := newDatabase()
	ring, err := p.open(members, 0, data.load)
	if err != nil {
		return total, err
	}
	defer ring.close()
	var keys []string
	for i := range size {
		keys = append(keys, fmt.Sprintf("many-%d", i))
	}
	var warm outcome
	for range 20 {
		for _, key := range keys {
			if warm, err = warm.read(ring, key, valueOf(0)); err != nil {
				return total, err
			}
		}
	}
	for _, key := range keys {
		data.change(key)
	}
	if err := ring.removeMany(0, keys); err != nil {
		return total, err
	}
	for _, key := range keys {
		if total, err = total.read(ring, key, valueOf(1)); err != nil {
			return total, err
		}
	}
	return total, nil
}

// readRacing: while one member reads a key that its owner holds, another one deletes it.
func readRacing(delay time.Duration) func(p product, size int) (outcome, error) {
	return func(p product, size int) (total outcome, err error) {
		data := newDatabase()
		ring, err := p.open(members, delay, data.load)
		if err != nil {
			return total, err
		}
		defer ring.close()
		for i := range size {
			key := fmt.Sprintf("race-%d", i)
			if _, err := ring.get(i%members, key); err != nil {
				return total, err
			}
			owner := data.owner(key)
			reader := (owner + 1) % members
			if reader == i%members {
				reader = (owner + 2) % members // it has not read the key yet
			}
			data.change(key)
			// The read's way to the owner takes up to delay: half of the deletes begin before it is there.
			read, deleted := together(2*delay,
				func() error { _, err := ring.get(reader, key); return err },
				func() error { return ring.remove(owner, key) })
			if read != nil || deleted != nil {
				return total, fmt.Errorf("%s: read %v, delete %v", key, read, deleted)
			}
			got, err := ring.get(reader, key)
			if err != nil {
				return total, err
			}
			total.trials++
			if got != valueOf(1) {
				total.violations++
			}
		}
		return total, nil
	}
}

// twoPuts: two members put different values; later all must read the same one.
func twoPuts(p product, size int) (total outcome, err error) {
	const delay = time.Millisecond
	ring, err := p.open(members, delay, newDatabase().load)
	if err != nil {
		return total, err
	}
	defer ring.close()
	for i := range size {
		key := fmt.Sprintf("put-%d", i)
		one, other := i%members, (i+1)%members
		put, otherPut := together(0, func() error { return ring.put(one, key, "one") },
			func() error { return ring.put(other, key, "other") })
		if put != nil || otherPut != nil {
			return total, fmt.Errorf("%s: %v, %v", key, put, otherPut)
		}
		first, err := ring.get(0, key)
		if err != nil {
			return total, err
		}
		seen, err := outcome{}.read(ring, key, first)
		if err != nil {
			return total, err
		}
		total = total.plus(outcome{min(seen.violations, 1), 1})
	}
	return total, nil
}

// together makes both calls at once, the second one after 0 to late.
func together(late time.Duration, first, second func() error) (err, secondErr error) {
	done := make(chan error, 1)
	go func() { done <- first() }()
	if late > 0 {
		time.Sleep(rand.N(late))
	}
	secondErr = second()
	return <-done, secondErr
}

// balance: the member with the most keys, for keys as people make them.
func balance(p product, size int) (total outcome, err error) {
	const many = 5
	data := newDatabase()
	ring, err := p.open(many, 0, data.load)
	if err != nil {
		return total, err
	}
	defer ring.close()
	for _, pattern := range []string{"k%d", "key-%d", "user:%d", "tenant/42/item/%08d"} {
		before := data.loadsByMember(many)
		for i := range size {
			if _, err := ring.get(0, fmt.Sprintf(pattern, i)); err != nil {
				return total, err
			}
		}
		most := 0
		for member, loads := range data.loadsByMember(many) {
			most = max(most, loads-before[member])
		}
		total.trials++
		if 4*most > size {
			total.violations++
		}
		fmt.Printf("  %s: %-20s %5.1f %% of the keys at one of %d members (fair 20 %%)\n", p.name,
			pattern, 100*float64(most)/float64(size), many)
	}
	return total, nil
}
