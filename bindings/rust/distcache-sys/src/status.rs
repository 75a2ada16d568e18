// Written by generate.py from include/distcache/status.h: change that, and run it again.

use core::ffi::c_char;

/// An alias of a fixed width, since that of a C enum is the compiler's choice.
pub type distcache_status_t = i32;

/// Done. A write is applied at the owner, and no copy that a later read could see is older. For the
/// many-forms: tried, look at each item.
pub const DISTCACHE_OK: i32 = 0;

/// The source says that the key does not exist. Not retriable: it is an answer, which may be served
/// from memory for negative.ttl.ms.
pub const DISTCACHE_NOT_FOUND: i32 = 1;

/// The key is not in memory: this node's for a peek, the cluster's for a touch and for a get that
/// must not load (DISTCACHE_OP_NO_LOAD). Not retriable. Not applied.
pub const DISTCACHE_NOT_CACHED: i32 = 2;

/// An argument breaks its documented bounds: NULL where it is not allowed, an empty or too long
/// key, a negative timeout, a handle that never was one. The error names it.
pub const DISTCACHE_INVALID_ARGUMENT: i32 = 10;

/// A property is unknown, unreadable, out of its bounds or contradicts another one. The error names
/// every fault found, with property, value and limit.
pub const DISTCACHE_INVALID_CONFIG: i32 = 11;

/// No keyspace of this name here or at the owner, or it has been removed.
pub const DISTCACHE_NO_KEYSPACE: i32 = 12;

/// The value is over value.bytes.max, or the caller's buffer is under the value's size.
pub const DISTCACHE_TOO_LARGE: i32 = 13;

/// The library has another DISTCACHE_ABI than the one the program was compiled with.
pub const DISTCACHE_ABI_MISMATCH: i32 = 14;

/// This version, build or peer does not have the feature. The error names it.
pub const DISTCACHE_UNSUPPORTED: i32 = 15;

/// A call that waits was made where waiting could never end: on an EVENT or OBSERVER thread, or in
/// a source for a key whose load waits for this very source, also through other members.
pub const DISTCACHE_WOULD_DEADLOCK: i32 = 16;

/// The engine is closed or closing, or the handle is stale. Not retriable. Not applied.
pub const DISTCACHE_CLOSED: i32 = 20;

/// The process forked after the engine was opened: open another one in the child. Not retriable.
/// Not applied.
pub const DISTCACHE_FORKED: i32 = 21;

/// The caller cancelled the operation. Retriable. A write was not handed to the network and is not
/// applied; one that was answers UNKNOWN instead.
pub const DISTCACHE_CANCELLED: i32 = 22;

/// The deadline passed. Retriable. The load goes on for its other readers. A write was not handed
/// to the network and is not applied; one that was answers UNKNOWN instead.
pub const DISTCACHE_TIMED_OUT: i32 = 23;

/// The source answered with a failure, threw, or gave its fetch back without an answer. The source
/// decides whether it is retriable: see distcache_error_retriable and DISTCACHE_ITEM_RETRIABLE.
pub const DISTCACHE_SOURCE_FAILED: i32 = 30;

/// The limiter of the source had no token and was told not to wait. Retriable after a pause.
pub const DISTCACHE_RATE_LIMITED: i32 = 31;

/// The breaker of the source is open after failures in a row. Retriable once
/// source.breaker.reset.ms has passed.
pub const DISTCACHE_CIRCUIT_OPEN: i32 = 32;

/// A bounded queue here or at the owner is full (loads.max, waiters.max, a peer's queue). Retriable
/// after a pause. Not applied.
pub const DISTCACHE_OVERLOADED: i32 = 33;

/// put_if: the entry has another version, or is present where absence was asked for. Not retriable
/// as it stands: read again, decide again. Not applied.
pub const DISTCACHE_VERSION_MISMATCH: i32 = 40;

/// No peer that may answer could be reached. Retriable. A write was not handed to the network and
/// is not applied; one that was answers UNKNOWN instead.
pub const DISTCACHE_PEER_UNREACHABLE: i32 = 41;

/// Applied at the owner, but the peers named by the error or by distcache_result_peers have not
/// confirmed it: they may serve what they have until its lease or ttl ends. Retriable: a second try
/// only completes the first.
pub const DISTCACHE_PARTIAL: i32 = 42;

/// The write was sent and no answer came: it may or may not be applied. Retriable where doing it
/// twice is harmless (put, delete, invalidate; not put_if).
pub const DISTCACHE_UNKNOWN: i32 = 43;

/// Fewer than quorum.min members are alive. Retriable. Not applied.
pub const DISTCACHE_NO_QUORUM: i32 = 44;

/// The configuration would send plain traffic over a network without saying so in so many words.
/// Not retriable.
pub const DISTCACHE_INSECURE: i32 = 50;

/// A key of the security profile is malformed, unreadable or readable by others. Not retriable.
/// Keys of entries are no subject of this status.
pub const DISTCACHE_BAD_KEY: i32 = 51;

/// Another live member has this node's name. Not retriable without another name.
pub const DISTCACHE_DUPLICATE_IDENTITY: i32 = 52;

/// bind.port or discovery.port is taken. Retriable once its holder has gone.
pub const DISTCACHE_ADDRESS_IN_USE: i32 = 53;

/// Out of memory. Retriable. Not applied.
pub const DISTCACHE_NO_MEMORY: i32 = 60;

/// Out of file descriptors. Retriable. Not applied.
pub const DISTCACHE_NO_DESCRIPTORS: i32 = 61;

/// The operating system refused something else; the error names the call and the reason. Not
/// retriable.
pub const DISTCACHE_SYSTEM: i32 = 62;

/// A mistake of the library. Not retriable, and a write may or may not be applied; please report
/// the message.
pub const DISTCACHE_INTERNAL: i32 = 99;

extern "C" {
    /// The status as a word, "TIMED_OUT"; "UNRECOGNIZED" for a number this library does not know.
    /// Any thread, never waits; static, never freed, never NULL.
    pub fn distcache_status_name(status: distcache_status_t) -> *const c_char;

    /// 1 if the same call may succeed later, 0 if not and for an unknown number. It judges the
    /// number alone and says 1 for SOURCE_FAILED; distcache_error_retriable knows what the source
    /// said. Any thread, never waits.
    pub fn distcache_status_retriable(status: distcache_status_t) -> i32;
}
