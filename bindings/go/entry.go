package distcache

// #include "shim.h"
import "C"

import "time"

// KV is a key and its value.
type KV struct {
	Key   string
	Value []byte
}

// Entry is what is stored: a key, its value, and until when.
type Entry struct {
	KV KV
	// Expiry is when the entry ends. Zero: as the keyspace says. One in the past ends it at once.
	Expiry time.Time
}

// Origin is where a value came from.
type Origin int32

// The origins.
const (
	OriginNone    Origin = 0 // there is no value
	OriginLocal   Origin = 1 // this node's memory, which owns the key
	OriginOwner   Origin = 2 // the memory of the owner, another member
	OriginMirror  Origin = 3 // a leased copy of a hot key in this node's memory
	OriginReserve Origin = 4 // an expired or orphaned copy, kept for when all else fails
	OriginTier    Origin = 5 // the second tier
	OriginSource  Origin = 6 // loaded by the data source, for this call or one it joined
)

// Version is the place of a write in the order of all writes to its key. Only equality and order
// ([Version.Compare]) mean something, and only between versions of one key. The zero value means
// "no version".
type Version struct{ Epoch, Owner, Counter uint64 }

// Compare is negative if v is older than other, 0 if they are the same, positive if it is newer.
func (v Version) Compare(other Version) int {
	for _, pair := range [...][2]uint64{
		{v.Epoch, other.Epoch}, {v.Owner, other.Owner}, {v.Counter, other.Counter},
	} {
		if pair[0] != pair[1] {
			if pair[0] < pair[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Item is the outcome for one key.
type Item struct {
	Key string
	// Value belongs to the caller; never nil where a value was read.
	Value []byte
	// Err is why this key failed, an [*Error]; nil if it did not.
	Err error
	// Version is that of the value read, or of the write that was applied.
	Version Version
	// Age is how long ago the value was loaded or put.
	Age time.Duration
	// TTL is how long it will live; meaningful where HasExpiry says so. 0: it is past its expiry.
	TTL       time.Duration
	HasExpiry bool
	Origin    Origin
	// Stale marks a value past its expiry, served because stale.max.ms allows it.
	Stale bool
}

func versionOf(v *C.distcache_entry_version_t) Version {
	return Version{uint64(v.epoch), uint64(v.owner), uint64(v.counter)}
}

func remainingTTL(ms int64) time.Duration {
	if ms == C.DISTCACHE_TTL_NONE {
		return NoExpiry
	}
	return time.Duration(ms) * time.Millisecond
}
