package distcache

// #include "shim.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// PeerState is how this node sees a member.
type PeerState int32

// The states.
const (
	PeerAlive   PeerState = 0
	PeerSuspect PeerState = 1 // did not answer; still a member
	PeerDead    PeerState = 2 // found dead; owns nothing
	PeerLeft    PeerState = 3 // left in good order
)

// String is the state as a word, "alive".
func (s PeerState) String() string {
	switch s {
	case PeerAlive:
		return "alive"
	case PeerSuspect:
		return "suspect"
	case PeerDead:
		return "dead"
	case PeerLeft:
		return "left"
	}
	return "unrecognized"
}

// Peer is a member of the cluster at one moment.
type Peer struct {
	// BindAddr and BindPort are where others reach its data plane.
	BindAddr string
	BindPort int
	// DiscoveryPort is the one that addresses of members name.
	DiscoveryPort int
	// IsSelf marks this node.
	IsSelf bool

	// Name is node.name.
	Name string
	// ID is what Version.Owner names.
	ID    uint64
	State PeerState
	// IsClient: it owns no keys.
	IsClient bool
	// IsLinked: messages flow to it now.
	IsLinked bool
}

func (e *engine) Peers() ([]Peer, error) {
	cache, err := e.running()
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(e)
	var snapshot *C.distcache_peers_t
	var detail *C.distcache_error_t
	status := C.distcache_peers_get(cache, &snapshot, &detail)
	if status != C.DISTCACHE_OK {
		return nil, failedWith(status, detail)
	}
	defer C.distcache_peers_release(snapshot)
	var count, stride C.size_t
	first := unsafe.Pointer(C.distcache_peers_items(snapshot, &count, &stride))
	peers := make([]Peer, count)
	for i := range peers {
		raw := (*C.distcache_peer_t)(unsafe.Add(first, C.size_t(i)*stride))
		peers[i] = Peer{
			BindAddr:      C.GoString(raw.host),
			BindPort:      int(raw.data_port),
			DiscoveryPort: int(raw.discovery_port),
			IsSelf:        raw.flags&C.DISTCACHE_PEER_SELF != 0,
			Name:          C.GoString(raw.name),
			ID:            uint64(raw.id),
			State:         PeerState(raw.state),
			IsClient:      raw.flags&C.DISTCACHE_PEER_CLIENT != 0,
			IsLinked:      raw.flags&C.DISTCACHE_PEER_LINKED != 0,
		}
	}
	return peers, nil
}
