// Package static is the discovery provider for members whose addresses are known.
package static

import (
	"strings"

	"github.com/distcache/distcache/bindings/go/discovery"
)

// Config lists the members.
type Config struct {
	// Addresses are host:port with the discovery port (3322 unless configured); this node's own may
	// be among them, and not all members need to be.
	Addresses []string
}

// Discovery is the provider.
type Discovery struct {
	discovery.Idle
	config Config
}

var _ discovery.Builtin = (*Discovery)(nil)

// NewDiscovery makes a provider of the addresses in the configuration.
func NewDiscovery(config *Config) *Discovery { return &Discovery{config: *config} }

// ID is "static".
func (*Discovery) ID() string { return "static" }

// DiscoverPeers returns the addresses.
func (d *Discovery) DiscoverPeers() ([]string, error) { return d.config.Addresses, nil }

// Properties name the provider and the addresses.
func (d *Discovery) Properties() map[string]string {
	return map[string]string{
		"discovery.provider": d.ID(),
		"discovery.peers":    strings.Join(d.config.Addresses, ","),
	}
}
