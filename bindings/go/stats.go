package distcache

// #include "shim.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// KeySpaceStats are the counters of one keyspace on this node. They start at 0 when the keyspace is
// added and only grow, except those under "now". Each is exact; those read together may be a moment
// apart.
type KeySpaceStats struct {
	// keys asked for by this node's callers
	Gets         uint64 // all of them
	Hits         uint64 // answered from this node's memory, mirrors included
	MirrorHits   uint64 // of these, from a mirror
	NegativeHits uint64 // of these, a remembered NOT_FOUND
	StaleHits    uint64 // of these, past their expiry
	Joined       uint64 // waited for a load or request that was in progress already

	// keys asked of other members, and asked by them
	PeerGets             uint64 // sent to an owner
	PeerHits             uint64 // of these, answered with a value or NOT_FOUND
	PeerFailures         uint64 // of these, failed or not answered
	PeerRequests         uint64 // received from other members, of all kinds
	PeerRefusals         uint64 // of these, refused because this node does not own the key
	PeerLatencyMaxMicros uint64 // longest answered request so far

	// calls of the source on this node
	Loads           uint64 // begun
	LoadsOK         uint64 // a value came
	LoadsNotFound   uint64 // the source does not know the key
	LoadsFailed     uint64 // it failed or threw
	LoadsTimedOut   uint64 // no answer within fetch.timeout.ms
	LoadsNotStored  uint64 // fenced off by a put or delete, or not this node's to keep
	LoadsLastResort uint64 // made for itself by a node that reached no candidate
	LoadsRefused    uint64 // by limiter, breaker or a full queue
	AnswersIgnored  uint64 // second answers of a source

	// writes by this node's callers
	Puts          uint64
	Deletes       uint64
	Invalidations uint64 // clear, tag, prefix
	WritesPartial uint64 // ended PARTIAL
	WritesUnknown uint64 // ended UNKNOWN

	// what left memory by itself
	Evictions   uint64
	Expirations uint64

	// now
	Entries       uint64
	Bytes         uint64 // true size, overhead included: what bytes.max bounds
	BytesPinned   uint64 // held by results and views after they left the cache
	MirrorEntries uint64 // of the entries
	MirrorBytes   uint64 // of the bytes
	Flights       uint64 // loads and requests in progress

	// the members that own the keys of this keyspace, as this node sees them
	RingID            uint64 // now: equal on two members exactly if they agree who these are
	RingMembers       uint64 // now
	RingChanges       uint64 // how often they changed
	RingDisagreements uint64 // requests and replies of members that saw others in that role
}

// Stats are the counters of the keyspace on this node. Never waits.
func (h *Handle) Stats() (KeySpaceStats, error) {
	raw := C.distcache_keyspace_stats_t{}
	raw.struct_size = C.uint32_t(unsafe.Sizeof(raw))
	var detail *C.distcache_error_t
	status := C.distcache_keyspace_stats_get(
		(*C.distcache_keyspace_t)(pointer(h.keySpace)), &raw, &detail)
	runtime.KeepAlive(h)
	if status != C.DISTCACHE_OK {
		return KeySpaceStats{}, failedWith(status, detail)
	}
	return KeySpaceStats{
		Gets:                 uint64(raw.gets),
		Hits:                 uint64(raw.hits),
		MirrorHits:           uint64(raw.mirror_hits),
		NegativeHits:         uint64(raw.negative_hits),
		StaleHits:            uint64(raw.stale_hits),
		Joined:               uint64(raw.joined),
		PeerGets:             uint64(raw.peer_gets),
		PeerHits:             uint64(raw.peer_hits),
		PeerFailures:         uint64(raw.peer_failures),
		PeerRequests:         uint64(raw.peer_requests),
		PeerRefusals:         uint64(raw.peer_refusals),
		PeerLatencyMaxMicros: uint64(raw.peer_latency_max_us),
		Loads:                uint64(raw.loads),
		LoadsOK:              uint64(raw.loads_ok),
		LoadsNotFound:        uint64(raw.loads_not_found),
		LoadsFailed:          uint64(raw.loads_failed),
		LoadsTimedOut:        uint64(raw.loads_timed_out),
		LoadsNotStored:       uint64(raw.loads_not_stored),
		LoadsLastResort:      uint64(raw.loads_last_resort),
		LoadsRefused:         uint64(raw.loads_refused),
		AnswersIgnored:       uint64(raw.answers_ignored),
		Puts:                 uint64(raw.puts),
		Deletes:              uint64(raw.deletes),
		Invalidations:        uint64(raw.invalidations),
		WritesPartial:        uint64(raw.writes_partial),
		WritesUnknown:        uint64(raw.writes_unknown),
		Evictions:            uint64(raw.evictions),
		Expirations:          uint64(raw.expirations),
		Entries:              uint64(raw.entries),
		Bytes:                uint64(raw.bytes),
		BytesPinned:          uint64(raw.bytes_pinned),
		MirrorEntries:        uint64(raw.mirror_entries),
		MirrorBytes:          uint64(raw.mirror_bytes),
		Flights:              uint64(raw.flights),
		RingID:               uint64(raw.ring_id),
		RingMembers:          uint64(raw.ring_members),
		RingChanges:          uint64(raw.ring_changes),
		RingDisagreements:    uint64(raw.ring_disagreements),
	}, nil
}

// EngineStats are the counters of an engine beside its keyspaces. They start at 0 when it is opened
// and only grow, except those under "now".
type EngineStats struct {
	// network
	MessagesSent     uint64
	MessagesReceived uint64
	BytesSent        uint64
	BytesReceived    uint64
	MessagesRejected uint64 // malformed, of another cluster or version, over a limit
	SendsRefused     uint64 // a bounded queue to a peer was full

	// membership
	ViewChanges uint64
	LinksLost   uint64

	// threads of the engine
	ObserverDropped  uint64 // log records, events and spans that did not fit their queue
	SourcesAbandoned uint64 // threads still inside a source when the engine closed

	// now
	Members       uint64 // live ones, this node included
	Keyspaces     uint64 // on this node
	SourcesBusy   uint64 // source threads that run a source
	SourcesQueued uint64 // loads that wait for one
	UptimeMillis  uint64
}

func (e *engine) Stats() (EngineStats, error) {
	cache, err := e.running()
	if err != nil {
		return EngineStats{}, err
	}
	defer runtime.KeepAlive(e)
	raw := C.distcache_engine_stats_t{}
	raw.struct_size = C.uint32_t(unsafe.Sizeof(raw))
	var detail *C.distcache_error_t
	status := C.distcache_engine_stats_get(cache, &raw, &detail)
	if status != C.DISTCACHE_OK {
		return EngineStats{}, failedWith(status, detail)
	}
	return EngineStats{
		MessagesSent:     uint64(raw.messages_sent),
		MessagesReceived: uint64(raw.messages_received),
		BytesSent:        uint64(raw.bytes_sent),
		BytesReceived:    uint64(raw.bytes_received),
		MessagesRejected: uint64(raw.messages_rejected),
		SendsRefused:     uint64(raw.sends_refused),
		ViewChanges:      uint64(raw.view_changes),
		LinksLost:        uint64(raw.links_lost),
		ObserverDropped:  uint64(raw.observer_dropped),
		SourcesAbandoned: uint64(raw.sources_abandoned),
		Members:          uint64(raw.members),
		Keyspaces:        uint64(raw.keyspaces),
		SourcesBusy:      uint64(raw.sources_busy),
		SourcesQueued:    uint64(raw.sources_queued),
		UptimeMillis:     uint64(raw.uptime_ms),
	}, nil
}
