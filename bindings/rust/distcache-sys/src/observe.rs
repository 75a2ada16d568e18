// Written by generate.py from include/distcache/observe.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// `DISTCACHE_LOG_DEBUG` of the header.
pub const DISTCACHE_LOG_DEBUG: i32 = 0;

/// `DISTCACHE_LOG_INFO` of the header.
pub const DISTCACHE_LOG_INFO: i32 = 1;

/// `DISTCACHE_LOG_WARN` of the header.
pub const DISTCACHE_LOG_WARN: i32 = 2;

/// `DISTCACHE_LOG_ERROR` of the header.
pub const DISTCACHE_LOG_ERROR: i32 = 3;

/// One line of the log. May grow: read only what struct_size covers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_log_record_t {
    /// `struct_size` of the header.
    pub struct_size: u32,
    /// DISTCACHE_LOG_*
    pub level: i32,
    /// wall clock when it happened, for people
    pub unix_ms: i64,
    /// "membership", "source", ...
    pub component: *const c_char,
    /// one sentence, valid UTF-8, without keys and values of entries
    pub message: *const c_char,
    /// a JSON object with details, "{}" if there are none
    pub fields_json: *const c_char,
}

/// OBSERVER thread; may block.
pub type distcache_log_fn = Option<unsafe extern "C" fn(
    context: usize,
    record: *const distcache_log_record_t,
)>;

/// `DISTCACHE_EVENT_PEER_JOINED` of the header.
pub const DISTCACHE_EVENT_PEER_JOINED: i32 = 1;

/// in good order
pub const DISTCACHE_EVENT_PEER_LEFT: i32 = 2;

/// found dead
pub const DISTCACHE_EVENT_PEER_FAILED: i32 = 3;

/// address, weight, role or keyspaces
pub const DISTCACHE_EVENT_PEER_UPDATED: i32 = 4;

/// does not answer: others act for it, still a member
pub const DISTCACHE_EVENT_PEER_SUSPECT: i32 = 5;

/// no longer suspect
pub const DISTCACHE_EVENT_PEER_ALIVE: i32 = 6;

/// distcache_ready turned to 1
pub const DISTCACHE_EVENT_READY: i32 = 10;

/// and back to 0
pub const DISTCACHE_EVENT_NOT_READY: i32 = 11;

/// fewer than quorum.min live: calls answer NO_QUORUM
pub const DISTCACHE_EVENT_QUORUM_LOST: i32 = 12;

/// `DISTCACHE_EVENT_QUORUM_REGAINED` of the header.
pub const DISTCACHE_EVENT_QUORUM_REGAINED: i32 = 13;

/// other members than before own the keys of a keyspace: json has ring_id (16 hexadecimal digits),
/// members, epoch
pub const DISTCACHE_EVENT_RING_CHANGED: i32 = 14;

/// `DISTCACHE_EVENT_BREAKER_OPENED` of the header.
pub const DISTCACHE_EVENT_BREAKER_OPENED: i32 = 20;

/// `DISTCACHE_EVENT_BREAKER_HALF_OPEN` of the header.
pub const DISTCACHE_EVENT_BREAKER_HALF_OPEN: i32 = 21;

/// `DISTCACHE_EVENT_BREAKER_CLOSED` of the header.
pub const DISTCACHE_EVENT_BREAKER_CLOSED: i32 = 22;

/// a source hung past shutdown.timeout.ms
pub const DISTCACHE_EVENT_SOURCE_ABANDONED: i32 = 23;

/// `DISTCACHE_EVENT_KEYSPACE_ADDED` of the header.
pub const DISTCACHE_EVENT_KEYSPACE_ADDED: i32 = 30;

/// `DISTCACHE_EVENT_KEYSPACE_UPDATED` of the header.
pub const DISTCACHE_EVENT_KEYSPACE_UPDATED: i32 = 31;

/// `DISTCACHE_EVENT_KEYSPACE_REMOVED` of the header.
pub const DISTCACHE_EVENT_KEYSPACE_REMOVED: i32 = 32;

/// a stranger was refused, keys were reloaded
pub const DISTCACHE_EVENT_SECURITY: i32 = 40;

/// `lost` earlier events did not fit the queue
pub const DISTCACHE_EVENT_DROPPED: i32 = 90;

/// the last one
pub const DISTCACHE_EVENT_CLOSED: i32 = 99;

/// One event. May grow: read only what struct_size covers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_event_t {
    /// `struct_size` of the header.
    pub struct_size: u32,
    /// DISTCACHE_EVENT_*
    pub kind: i32,
    /// name of the member concerned, or ""
    pub peer: *const c_char,
    /// name of the keyspace concerned, or ""
    pub keyspace: *const c_char,
    /// a JSON object with everything else, "{}" if there is nothing
    pub json: *const c_char,
    /// of DROPPED
    pub lost: u64,
}

/// OBSERVER thread; may block.
pub type distcache_event_fn = Option<unsafe extern "C" fn(
    context: usize,
    event: *const distcache_event_t,
)>;

/// a load by the source
pub const DISTCACHE_SPAN_INTERNAL: i32 = 1;

/// a request of another member, served here
pub const DISTCACHE_SPAN_SERVER: i32 = 2;

/// an operation, a request to another member
pub const DISTCACHE_SPAN_CLIENT: i32 = 3;

/// A span that has ended. May grow: read only what struct_size covers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_span_t {
    /// `struct_size` of the header.
    pub struct_size: u32,
    /// DISTCACHE_SPAN_*
    pub kind: i32,
    /// wall clock, as exporters want it
    pub start_unix_ns: i64,
    /// by the monotonic clock
    pub duration_ns: i64,
    /// `trace_id` of the header.
    pub trace_id: [u8; 16],
    /// `span_id` of the header.
    pub span_id: [u8; 8],
    /// zero: a root
    pub parent_id: [u8; 8],
    /// "distcache.get"
    pub name: *const c_char,
    /// a JSON object, "{}" if there are none; never a key or value
    pub attributes_json: *const c_char,
    /// `status` of the header.
    pub status: distcache_status_t,
    /// `reserved` of the header.
    pub reserved: u32,
}

/// OBSERVER thread; may block. Called for sampled traces only.
pub type distcache_span_fn = Option<unsafe extern "C" fn(
    context: usize,
    span: *const distcache_span_t,
)>;

/// Counters of one keyspace on this node. May grow; set struct_size before the call, which fills
/// what both sides know and lowers struct_size to that.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct distcache_keyspace_stats_t {
    /// sizeof(distcache_keyspace_stats_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// all of them
    pub gets: u64,
    /// answered from this node's memory, mirrors included
    pub hits: u64,
    /// of these, from a mirror
    pub mirror_hits: u64,
    /// of these, a remembered NOT_FOUND
    pub negative_hits: u64,
    /// of these, past their expiry
    pub stale_hits: u64,
    /// waited for a load or request that was in progress already
    pub joined: u64,
    /// sent to an owner
    pub peer_gets: u64,
    /// of these, answered with a value or NOT_FOUND
    pub peer_hits: u64,
    /// of these, failed or not answered
    pub peer_failures: u64,
    /// received from other members, of all kinds
    pub peer_requests: u64,
    /// of these, refused because this node does not own the key
    pub peer_refusals: u64,
    /// longest answered request so far
    pub peer_latency_max_us: u64,
    /// begun
    pub loads: u64,
    /// a value came
    pub loads_ok: u64,
    /// the source does not know the key
    pub loads_not_found: u64,
    /// it failed or threw
    pub loads_failed: u64,
    /// no answer within fetch.timeout.ms
    pub loads_timed_out: u64,
    /// fenced off by a put or delete, or not this node's to keep
    pub loads_not_stored: u64,
    /// made for itself by a node that reached no candidate
    pub loads_last_resort: u64,
    /// by limiter, breaker or a full queue
    pub loads_refused: u64,
    /// second answers of a source
    pub answers_ignored: u64,
    /// writes by this node's callers
    pub puts: u64,
    /// `deletes` of the header.
    pub deletes: u64,
    /// clear, tag, prefix
    pub invalidations: u64,
    /// ended PARTIAL
    pub writes_partial: u64,
    /// ended UNKNOWN
    pub writes_unknown: u64,
    /// what left memory by itself
    pub evictions: u64,
    /// `expirations` of the header.
    pub expirations: u64,
    /// now
    pub entries: u64,
    /// true size, overhead included: what bytes.max bounds
    pub bytes: u64,
    /// held by results and views after they left the cache
    pub bytes_pinned: u64,
    /// of the entries
    pub mirror_entries: u64,
    /// of the bytes
    pub mirror_bytes: u64,
    /// loads and requests in progress
    pub flights: u64,
    /// now: equal on two members exactly if they agree who these are
    pub ring_id: u64,
    /// now
    pub ring_members: u64,
    /// how often they changed
    pub ring_changes: u64,
    /// requests and replies of members that saw others in that role
    pub ring_disagreements: u64,
}

/// Counters of an engine beside its keyspaces. May grow like the above.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct distcache_engine_stats_t {
    /// sizeof(distcache_engine_stats_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// network
    pub messages_sent: u64,
    /// `messages_received` of the header.
    pub messages_received: u64,
    /// `bytes_sent` of the header.
    pub bytes_sent: u64,
    /// `bytes_received` of the header.
    pub bytes_received: u64,
    /// malformed, of another cluster or version, over a limit
    pub messages_rejected: u64,
    /// a bounded queue to a peer was full
    pub sends_refused: u64,
    /// membership
    pub view_changes: u64,
    /// `links_lost` of the header.
    pub links_lost: u64,
    /// log records, events and spans that did not fit their queue
    pub observer_dropped: u64,
    /// threads still inside a source when the engine closed
    pub sources_abandoned: u64,
    /// live ones, this node included
    pub members: u64,
    /// on this node
    pub keyspaces: u64,
    /// source threads that run a source
    pub sources_busy: u64,
    /// loads that wait for one
    pub sources_queued: u64,
    /// `uptime_ms` of the header.
    pub uptime_ms: u64,
}

/// `DISTCACHE_PEER_ALIVE` of the header.
pub const DISTCACHE_PEER_ALIVE: i32 = 0;

/// did not answer; still a member
pub const DISTCACHE_PEER_SUSPECT: i32 = 1;

/// found dead; owns nothing
pub const DISTCACHE_PEER_DEAD: i32 = 2;

/// left in good order
pub const DISTCACHE_PEER_LEFT: i32 = 3;

/// this node
pub const DISTCACHE_PEER_SELF: u32 = 1;

/// node.role = client: owns nothing
pub const DISTCACHE_PEER_CLIENT: u32 = 2;

/// messages flow to it now
pub const DISTCACHE_PEER_LINKED: u32 = 4;

/// One member. Texts are borrowed from the snapshot, never NULL. Grows at its end: reach the next
/// one by the stride of distcache_peers_items.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_peer_t {
    /// node.name
    pub name: *const c_char,
    /// where others reach it
    pub host: *const c_char,
    /// "" without encryption
    pub public_key: *const c_char,
    /// as in distcache_entry_version_t.owner
    pub id: u64,
    /// of its process: a restarted node has a higher one
    pub incarnation: u64,
    /// `data_port` of the header.
    pub data_port: u32,
    /// `discovery_port` of the header.
    pub discovery_port: u32,
    /// `weight` of the header.
    pub weight: u32,
    /// DISTCACHE_PEER_ALIVE ...
    pub state: i32,
    /// DISTCACHE_PEER_SELF ...
    pub flags: u32,
    /// `reserved` of the header.
    pub reserved: u32,
}

/// The members at one moment; immutable, ended by distcache_peers_release.
#[repr(C)]
pub struct distcache_peers_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

extern "C" {
    /// Sends the log of engines opened with this configuration to `log` instead of stderr; to
    /// nobody where `log` is NULL. `finalize` (NULL allowed) runs when the last of them has closed.
    /// Never waits.
    pub fn distcache_config_on_log(
        config: *mut distcache_config_t,
        log: distcache_log_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Tells `event` what happens in engines opened with this configuration. `finalize` (NULL
    /// allowed) runs when the last of them has closed. Never waits.
    pub fn distcache_config_on_event(
        config: *mut distcache_config_t,
        event: distcache_event_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Hands the spans of engines opened with this configuration to `span`, for a tracing SDK of
    /// the host. `finalize` (NULL allowed) runs when the last of them has closed. Never waits.
    /// Answers UNSUPPORTED in this version.
    pub fn distcache_config_on_span(
        config: *mut distcache_config_t,
        span: distcache_span_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Fills *out with the counters of the keyspace on this node. INVALID_ARGUMENT: struct_size is
    /// 0. Any thread, never waits.
    pub fn distcache_keyspace_stats_get(
        keyspace: *mut distcache_keyspace_t,
        out: *mut distcache_keyspace_stats_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Fills *out with the counters of the engine. INVALID_ARGUMENT: struct_size is 0. Any thread,
    /// never waits.
    pub fn distcache_engine_stats_get(
        cache: *mut distcache_t,
        out: *mut distcache_engine_stats_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Takes a snapshot of all members that this node knows, this node first, the others by name.
    /// After open the first one tells the ports that "0 = any" became. Never waits.
    pub fn distcache_peers_get(
        cache: *mut distcache_t,
        out: *mut *mut distcache_peers_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// All members with one call, like distcache_result_items. Any thread, never waits; borrowed
    /// from the snapshot.
    pub fn distcache_peers_items(
        peers: *const distcache_peers_t,
        count: *mut usize,
        stride: *mut usize,
    ) -> *const distcache_peer_t;

    /// Ends the snapshot and what is borrowed from it. Any thread, never waits.
    pub fn distcache_peers_release(peers: *mut distcache_peers_t);

    /// Why a get of this key would go the way it goes, as a JSON object in the one item of *out:
    /// owner and who acts for it, what this node holds, and more as versions learn to tell more.
    /// Asks this node only; never waits.
    pub fn distcache_explain(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// The hottest keys that this node owns, hottest first, at most `count_max`: items whose `data`
    /// is the rate per second as text, with their keys (distcache_result_key). Never waits. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_hot_keys(
        keyspace: *mut distcache_keyspace_t,
        count_max: usize,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;
}
