package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"maps"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"github.com/distcache/distcache/bindings/go/discovery"
	"github.com/distcache/distcache/bindings/go/discovery/standalone"
)

// Config is what an engine is made of: a discovery provider, keyspaces and properties. Made by
// [NewConfig]; an engine takes a copy. Not safe for concurrent changes.
type Config struct {
	provider   discovery.Provider
	keySpaces  []KeySpace
	properties []property
	overrides  map[string][]property // of keyspaces, by their names
}

// property is a setting as the library takes it. The last one of a name wins.
type property struct{ name, value string }

// Option is a setting of [NewConfig].
type Option interface {
	// Apply changes the configuration.
	Apply(config *Config)
}

// OptionFunc is an [Option] that is a function.
type OptionFunc func(config *Config)

// Apply calls the function.
func (f OptionFunc) Apply(config *Config) { f(config) }

// WithProperty sets any property of the engine by its name, as CONFIGURATION.md lists them, such as
// WithProperty("bind.port", "0"). What is wrong with name or value is told by [Config.Validate],
// [NewEngine] and Engine.Start.
func WithProperty(name, value string) Option {
	return OptionFunc(func(config *Config) {
		config.properties = append(config.properties, property{name, value})
	})
}

// WithKeySpace adds settings to those of the keyspace of this name, over what the keyspace says
// itself; also when it is added or updated later.
func WithKeySpace(name string, options ...KeySpaceOption) Option {
	return OptionFunc(func(config *Config) {
		for _, option := range options {
			config.overrides[name] = append(config.overrides[name], property(option))
		}
	})
}

// WithReplicaCount is accepted without effect: it was the number of points per member on the ring
// of the original library, whose place rendezvous hashing has taken. It never meant copies.
func WithReplicaCount(int) Option { return OptionFunc(func(*Config) {}) }

// NewConfig makes the configuration of an engine. `provider` says where the other members are, nil
// stands for none. More keyspaces can be added to the running engine.
func NewConfig(provider discovery.Provider, keySpaces []KeySpace, options ...Option) *Config {
	if provider == nil {
		provider = standalone.NewDiscovery()
	}
	config := &Config{
		provider:  provider,
		keySpaces: slices.Clone(keySpaces),
		overrides: make(map[string][]property),
	}
	for _, option := range options {
		option.Apply(config)
	}
	return config
}

// NewStandaloneConfig is NewConfig for a node that works alone.
func NewStandaloneConfig(keySpaces []KeySpace, options ...Option) *Config {
	return NewConfig(standalone.NewDiscovery(), keySpaces, options...)
}

// Validate checks everything as Engine.Start would, without touching network or files. The error
// names every fault, one a line.
func (c *Config) Validate() error {
	config, err := c.build()
	if err != nil {
		return err
	}
	defer C.distcache_config_release(config)
	var detail *C.distcache_error_t
	return failedWith(C.distcache_config_validate(config, &detail), detail)
}

func (c *Config) clone() *Config {
	copied := *c
	copied.keySpaces = slices.Clone(c.keySpaces)
	copied.properties = slices.Clone(c.properties)
	copied.overrides = maps.Clone(c.overrides)
	return &copied
}

// build makes the configuration as the library has it, for the caller to release. Refused values
// are remembered there, so that validate and open name all of them.
func (c *Config) build() (*C.distcache_config_t, error) {
	var config *C.distcache_config_t
	var detail *C.distcache_error_t
	if status := C.distcache_config_new(abi, &config, &detail); status != C.DISTCACHE_OK {
		return nil, failedWith(status, detail)
	}
	if builtin, ok := c.provider.(discovery.Builtin); ok {
		for name, value := range builtin.Properties() {
			setProperty(config, property{name, value})
		}
	} else if err := setProvider(config, c.provider); err != nil {
		C.distcache_config_release(config)
		return nil, err
	}
	for _, property := range c.properties {
		setProperty(config, property)
	}
	for _, keySpace := range c.keySpaces {
		if err := c.addKeySpace(config, keySpace); err != nil {
			C.distcache_config_release(config)
			return nil, err
		}
	}
	return config, nil
}

func (c *Config) addKeySpace(config *C.distcache_config_t, keySpace KeySpace) error {
	def, err := c.define(keySpace)
	if err != nil {
		return err
	}
	defer C.distcache_keyspace_def_release(def)
	var detail *C.distcache_error_t
	return failedWith(C.distcache_config_keyspace(config, def, &detail), detail)
}

func setProperty(config *C.distcache_config_t, p property) {
	name, value := cText(p.name), cText(p.value)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(value))
	C.distcache_config_set(config, name, value, nil)
}

// durationText is a duration as properties take it: whole milliseconds, rounded up.
func durationText(d time.Duration) string { return strconv.FormatInt(milliseconds(d), 10) + "ms" }

// milliseconds rounds away from zero: what is little must not become "the default".
func milliseconds(d time.Duration) int64 {
	ms := d.Milliseconds()
	switch rest := d - time.Duration(ms)*time.Millisecond; {
	case rest > 0:
		return ms + 1
	case rest < 0:
		return ms - 1
	}
	return ms
}
