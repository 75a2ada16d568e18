package distcache

import "sync"

// table gives Go objects numbers that C can keep. A number names slot and generation, so that one
// that has been given back is recognised. Any goroutine; a free list makes both ways O(1).
type table[T any] struct {
	mutex sync.Mutex
	slots []slot[T]
	free  []uint32
}

type slot[T any] struct {
	object     T
	generation uint32
	used       bool
}

// add keeps the object alive until take.
func (t *table[T]) add(object T) uintptr {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if len(t.free) == 0 {
		t.free = append(t.free, uint32(len(t.slots)))
		t.slots = append(t.slots, slot[T]{})
	}
	index := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	s := &t.slots[index]
	s.object, s.used = object, true
	return uintptr(s.generation)<<32 | uintptr(index+1)
}

// get is the object of a number; false for one that was never given or has been taken.
func (t *table[T]) get(number uintptr) (object T, ok bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if s := t.find(number); s != nil {
		return s.object, true
	}
	return object, false
}

// take is get, and the number is worth nothing from now on.
func (t *table[T]) take(number uintptr) (object T, ok bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	s := t.find(number)
	if s == nil {
		return object, false
	}
	object = s.object
	*s = slot[T]{generation: s.generation + 1}
	t.free = append(t.free, uint32(number)-1)
	return object, true
}

// len is the number of objects that are kept.
func (t *table[T]) len() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return len(t.slots) - len(t.free)
}

func (t *table[T]) find(number uintptr) *slot[T] {
	index := uint32(number) - 1
	if uint64(index) >= uint64(len(t.slots)) {
		return nil
	}
	s := &t.slots[index]
	if !s.used || s.generation != uint32(number>>32) {
		return nil
	}
	return s
}
