// Written by generate.py from include/distcache/types.h: change that, and run it again.

use core::ffi::c_char;

/// Bounds that are no settings.
pub const DISTCACHE_KEY_BYTES_MAX: usize = 4096;

/// `DISTCACHE_NAME_BYTES_MAX` of the header.
pub const DISTCACHE_NAME_BYTES_MAX: usize = 255;

/// `DISTCACHE_MANY_KEYS_MAX` of the header.
pub const DISTCACHE_MANY_KEYS_MAX: usize = 65536;

/// `DISTCACHE_TAGS_MAX` of the header.
pub const DISTCACHE_TAGS_MAX: usize = 16;

/// `DISTCACHE_TAG_BYTES_MAX` of the header.
pub const DISTCACHE_TAG_BYTES_MAX: usize = 256;

/// `DISTCACHE_MESSAGE_BYTES_MAX` of the header.
pub const DISTCACHE_MESSAGE_BYTES_MAX: usize = 1024;

/// As a ttl: the entry does not expire. As a remaining ttl: it will not.
pub const DISTCACHE_TTL_NONE: i64 = -1;

/// Ends the life of a callback's context: runs exactly once, when no callback registered with it
/// can run any more. Thread: the one that released the last user of the callback, which may be any
/// thread of the program or of the engine, and under no lock of the engine; it must not block. A
/// call from inside it is answered as anywhere else on that thread: one that waits may be refused
/// with WOULD_DEADLOCK.
pub type distcache_finalize_fn = Option<unsafe extern "C" fn(context: usize)>;

/// The place of a write in the order of all writes to its key, given by the key's owner: compare
/// epoch, then owner, then counter. All zero means "no version" and is older than any other. Only
/// the order and equality mean something, and only between versions of one key. Frozen.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct distcache_entry_version_t {
    /// grows with each change of the member list
    pub epoch: u64,
    /// id of the member that ordered the write
    pub owner: u64,
    /// its own count
    pub counter: u64,
}

/// Do not ask the source: NOT_CACHED if neither this node nor the owner holds the key. Answers
/// UNSUPPORTED in this version.
pub const DISTCACHE_OP_NO_LOAD: u32 = 1;

/// Answer PEER_UNREACHABLE where the owner cannot be reached, instead of loading at the next
/// candidate or here. Answers UNSUPPORTED in this version.
pub const DISTCACHE_OP_OWNER_ONLY: u32 = 2;

/// Never answer a value that is past its expiry, whatever stale.max.ms allows.
pub const DISTCACHE_OP_NO_STALE: u32 = 4;

/// A distcache_trace_t lies in memory at `struct_size` bytes from the start of the options, as in
/// distcache_traced_options_t.
pub const DISTCACHE_OP_TRACED: u32 = 8;

/// Of get, get_view, get_into and get_with alone, INVALID_ARGUMENT elsewhere: answer what this
/// node's memory holds, else NOT_CACHED, at once and on every thread. A hit counts as a hit and
/// keeps its entry from eviction, which a peek does not; NOT_CACHED counts as nothing. For runtimes
/// that must not block a thread: the hit in one call, anything else by get_async.
pub const DISTCACHE_OP_NO_WAIT: u32 = 16;

/// How one call departs from the settings of its keyspace. NULL in place of a pointer to it means
/// all zero, and zero means the default. May grow; starts as DISTCACHE_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct distcache_options_t {
    /// sizeof(distcache_options_t)
    pub struct_size: u32,
    /// DISTCACHE_OP_*
    pub flags: u32,
    /// Until when the call must end, counted from its start. 0: read.timeout.ms or write.timeout.ms
    /// of the keyspace. Negative: INVALID_ARGUMENT.
    pub timeout_ms: i64,
    /// Of what is written (put, put_if, touch; no meaning elsewhere). 0: the rules of the keyspace.
    /// DISTCACHE_TTL_NONE: no expiry. Other negatives: INVALID_ARGUMENT. ttl.max.ms and jitter of
    /// the keyspace apply to it.
    pub ttl_ms: i64,
    /// The fetch on whose behalf the call is made, as a number: (uint64_t)(uintptr_t)fetch; 0 if
    /// none. It lets the engine find a load that would wait for itself, also through other members.
    /// Only needed where a source calls on another thread than the one it was called on.
    pub parent_fetch: u64,
}

/// W3C trace context (https://www.w3.org/TR/trace-context/) of a caller. It travels to the owner
/// and into the source. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_trace_t {
    /// 55 characters and NUL; "" means that there is none
    pub traceparent: [c_char; 56],
    /// at most 512 characters and NUL, or ""
    pub tracestate: [c_char; 520],
}

/// Options with a trace behind them: pass &traced.options with DISTCACHE_OP_TRACED in its flags.
/// Inline, so that options never hold a pointer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_traced_options_t {
    /// `options` of the header.
    pub options: distcache_options_t,
    /// `trace` of the header.
    pub trace: distcache_trace_t,
}
