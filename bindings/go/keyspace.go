package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"strconv"
	"time"
	"unsafe"
)

// KeySpace is what a named cache is made of: its name, limit and data source. [NewKeySpace] makes
// one with any of the properties of CONFIGURATION.md; a type of one's own may implement it, and
// Properties() map[string]string beside it.
type KeySpace interface {
	// Name has 1 to 255 bytes without control characters, the same in all members.
	Name() string
	// MaxBytes is the memory that the keyspace may use on this node: true bytes, overhead included.
	// 0: the property bytes.max says it.
	MaxBytes() int64
	// DataSource fetches what is missing. With nil this node owns no key and asks the members that
	// have a source; where none has one, for [Handle.GetWith], all own keys. It may implement
	// [ValueSource] and [BulkSource] too.
	DataSource() DataSource
	// ExpiresAt is asked after each load whose source said nothing of a ttl, on its goroutine. Zero:
	// the keyspace's default. In the past: the value is handed to its readers and not stored.
	ExpiresAt(ctx context.Context, key string) time.Time
}

// KeySpaceOption is a setting of [NewKeySpace] and [WithKeySpace].
type KeySpaceOption property

// KeySpaceProperty sets any property of a keyspace by its name, such as
// KeySpaceProperty("ttl.ms", "5m").
func KeySpaceProperty(name, value string) KeySpaceOption {
	return KeySpaceOption{name: name, value: value}
}

type keySpace struct {
	name       string
	maxBytes   int64
	source     DataSource
	properties []property
}

// NewKeySpace makes a keyspace of a source, which may be nil. The result is immutable.
func NewKeySpace(name string, maxBytes int64, source DataSource,
	options ...KeySpaceOption) KeySpace {
	made := &keySpace{name: name, maxBytes: maxBytes, source: source}
	for _, option := range options {
		made.properties = append(made.properties, property(option))
	}
	return made
}

func (k *keySpace) Name() string                                { return k.name }
func (k *keySpace) MaxBytes() int64                             { return k.maxBytes }
func (k *keySpace) DataSource() DataSource                      { return k.source }
func (k *keySpace) ExpiresAt(context.Context, string) time.Time { return time.Time{} }

// propertiesOf are those of a keyspace, in the order in which they are set.
func propertiesOf(k KeySpace) []property {
	var all []property
	if bytes := k.MaxBytes(); bytes != 0 {
		all = append(all, property{"bytes.max", strconv.FormatInt(bytes, 10)})
	}
	if made, ok := k.(*keySpace); ok {
		return append(all, made.properties...)
	}
	if own, ok := k.(interface{ Properties() map[string]string }); ok {
		for name, value := range own.Properties() {
			all = append(all, property{name, value})
		}
	}
	return all
}

// define makes the definition as the library has it, for the caller to release. Faults of its
// properties are told by what it is used for, all at once.
func (c *Config) define(k KeySpace) (*C.distcache_keyspace_def_t, error) {
	if k == nil {
		return nil, failure(InvalidArgument, "the keyspace is nil")
	}
	var def *C.distcache_keyspace_def_t
	var detail *C.distcache_error_t
	name := cText(k.Name())
	defer C.free(unsafe.Pointer(name))
	if status := C.distcache_keyspace_def_new(name, &def, &detail); status != C.DISTCACHE_OK {
		return nil, failedWith(status, detail)
	}
	for _, p := range append(propertiesOf(k), c.overrides[k.Name()]...) {
		name, value := cText(p.name), cText(p.value)
		C.distcache_keyspace_def_set(def, name, value, nil)
		C.free(unsafe.Pointer(name))
		C.free(unsafe.Pointer(value))
	}
	source := newSource(c, k)
	if source == nil {
		return def, nil
	}
	one, many := C.int32_t(1), C.int32_t(0)
	if source.bulk != nil {
		many = 1
	}
	status := C.dcgo_source(def, C.uintptr_t(sources.add(source)), one, many, &detail)
	if status != C.DISTCACHE_OK {
		C.distcache_keyspace_def_release(def)
		return nil, failedWith(status, detail)
	}
	return def, nil
}
