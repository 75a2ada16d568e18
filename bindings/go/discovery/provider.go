// Package discovery says where the other members of a cluster are.
package discovery

import "errors"

// What providers answer about their life cycle.
var (
	ErrAlreadyInitialized = errors.New("provider already initialized")
	ErrNotInitialized     = errors.New("provider not initialized")
	ErrAlreadyRegistered  = errors.New("provider already registered")
	ErrNotRegistered      = errors.New("provider not registered")
)

// Provider tells an engine where the other members are. Those of the packages below this one are
// part of the library and set its properties; the engine refuses any other one with the status
// UNSUPPORTED in this version.
type Provider interface {
	// ID is the name of the kind, "static".
	ID() string
	// Initialize, Register, Deregister and Close are the life cycle; the engine runs it.
	Initialize() error
	Register() error
	Deregister() error
	Close() error
	// DiscoverPeers lists members as host:port, with their discovery port.
	DiscoverPeers() ([]string, error)
}

// Builtin is a provider that the library has itself.
type Builtin interface {
	Provider
	// Properties are those that make the library use it.
	Properties() map[string]string
}

// Idle is the life cycle of a provider that the library runs: there is nothing to do here.
type Idle struct{}

// Initialize does nothing.
func (Idle) Initialize() error { return nil }

// Register does nothing.
func (Idle) Register() error { return nil }

// Deregister does nothing.
func (Idle) Deregister() error { return nil }

// Close does nothing.
func (Idle) Close() error { return nil }
