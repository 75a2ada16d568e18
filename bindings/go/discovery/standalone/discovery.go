// Package standalone is the discovery provider of a node that works alone.
package standalone

import "github.com/distcache/distcache/bindings/go/discovery"

// Discovery is the provider.
type Discovery struct{ discovery.Idle }

var _ discovery.Builtin = (*Discovery)(nil)

// NewDiscovery makes the provider.
func NewDiscovery() *Discovery { return &Discovery{} }

// ID is "standalone".
func (*Discovery) ID() string { return "standalone" }

// DiscoverPeers returns nobody.
func (*Discovery) DiscoverPeers() ([]string, error) { return nil, nil }

// Properties name the provider.
func (d *Discovery) Properties() map[string]string {
	return map[string]string{"discovery.provider": d.ID()}
}
