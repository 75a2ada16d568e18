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
// part of the library and set its properties; the engine asks any other one, a call at a time, on a
// thread of its own. An error (or a panic) is logged and the call made again after about
// join.retry.interval.ms, later and later; an error that is distcache.InvalidConfig, of Initialize
// or Register, makes Start fail. One that hangs holds nothing up but its own thread. A provider
// that several engines share is asked by each of them.
type Provider interface {
	// ID is the name of the kind, "static".
	ID() string
	// Initialize is called first of all, Register then: it makes this node known. Both are called
	// again after a failure; ErrAlreadyInitialized and ErrAlreadyRegistered are none.
	Initialize() error
	Register() error
	// Deregister takes the registration back, and Close ends the provider: the engine stops.
	Deregister() error
	Close() error
	// DiscoverPeers lists members as host:port, with their discovery port; this node's own may be
	// among them. Called again and again while the engine runs. What it lists are hints: a member
	// that lives is not dropped because it is missing.
	DiscoverPeers() ([]string, error)
}

// AddressAware is a Provider that wants to know under which address others reach this node.
type AddressAware interface {
	Provider
	// SetAddress is called before Register, with host:port of the discovery port.
	SetAddress(address string)
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
