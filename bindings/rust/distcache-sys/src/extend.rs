// Written by generate.py from include/distcache/extend.h: change that, and run it again.

use core::ffi::{c_char, c_void};
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// A hash of the key, used for the ring. Any thread, also under a lock of the engine: it must not
/// block, must not call the engine, and must be a function of the bytes alone. All members have to
/// use the same one.
pub type distcache_hash_fn = Option<unsafe extern "C" fn(
    context: usize,
    key: *const u8,
    key_len: usize,
) -> u64>;

/// An allocator for entries and values. Any thread, also under a lock of the engine: it must not
/// block and must not call the engine. May grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_allocator_vtable_t {
    /// sizeof(distcache_allocator_vtable_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// At least `size` bytes, aligned to 16; NULL if there are none, which is NO_MEMORY.
    pub allocate: Option<unsafe extern "C" fn(context: usize, size: usize) -> *mut c_void>,
    /// Takes back a block of allocate, with the size it was asked for.
    pub deallocate: Option<unsafe extern "C" fn(context: usize, block: *mut c_void, size: usize)>,
    /// What a block of that size really costs, overhead included: bytes.max counts this. May be
    /// NULL: it costs its size.
    pub true_size: Option<unsafe extern "C" fn(context: usize, size: usize) -> usize>,
}

/// The ttl of a value that came without one, in milliseconds; 0: ttl.ms decides;
/// DISTCACHE_TTL_NONE: no expiry. Called on the owner, on a SOURCE thread for loads and on an EVENT
/// thread for puts; must not block. `key` and `value` are borrowed for the call.
pub type distcache_expiry_fn = Option<unsafe extern "C" fn(
    context: usize,
    key: *const u8,
    key_len: usize,
    value: *const u8,
    value_len: usize,
) -> i64>;

/// A policy of one's own. A keyspace has several shards and one policy state for each; calls for
/// one state never overlap, calls for different ones do. They run under the lock of their shard, on
/// any thread: they must not block and must not call the engine. Entries are named by numbers that
/// are unique within a shard while the entry lives. May grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_eviction_vtable_t {
    /// sizeof(distcache_eviction_vtable_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// Makes the state of one shard that will hold up to bytes_max bytes; 0 is NO_MEMORY.
    pub open: Option<unsafe extern "C" fn(context: usize, bytes_max: u64) -> usize>,
    /// An entry was stored; `key_hash` lets a policy recognise one that was evicted before.
    pub added: Option<unsafe extern "C" fn(state: usize, entry: u64, key_hash: u64, bytes: u64)>,
    /// An entry was hit. Not every hit is told: they may be sampled.
    pub touched: Option<unsafe extern "C" fn(state: usize, entry: u64)>,
    /// An entry has gone: deleted, expired, replaced, or chosen as the victim before.
    pub removed: Option<unsafe extern "C" fn(state: usize, entry: u64)>,
    /// The entry to go next; 0: none, the newest one goes.
    pub victim: Option<unsafe extern "C" fn(state: usize) -> u64>,
    /// Ends the state of one shard.
    pub close: Option<unsafe extern "C" fn(state: usize)>,
}

/// Where a tier's get puts what it found; borrowed for the time of that call.
#[repr(C)]
pub struct distcache_tier_reply_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A shared store that outlives processes. All functions run on SOURCE threads of the owner,
/// several at once, and may block up to fetch.timeout.ms. They return OK, NOT_CACHED (get), or a
/// failure, which is counted and otherwise ignored: memory and source go on. May grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_tier_vtable_t {
    /// sizeof(distcache_tier_vtable_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// Looks the key up and answers with distcache_tier_reply_value.
    pub get: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
        key: *const u8,
        key_len: usize,
        reply: *mut distcache_tier_reply_t,
    ) -> distcache_status_t>,
    /// Stores a value with its remaining ttl (DISTCACHE_TTL_NONE: no expiry).
    pub put: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        ttl_remaining_ms: i64,
    ) -> distcache_status_t>,
    /// Forgets one key.
    pub remove: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
        key: *const u8,
        key_len: usize,
    ) -> distcache_status_t>,
    /// Forgets all keys of the keyspace.
    pub clear: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
    ) -> distcache_status_t>,
    /// tier.lock: holds one loader among processes that share only the tier, for lease_ms at most;
    /// *token names the lock. OVERLOADED: another one has it. Both may be NULL.
    pub lock: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
        key: *const u8,
        key_len: usize,
        lease_ms: i64,
        token: *mut u64,
    ) -> distcache_status_t>,
    /// Gives the lock up; an unknown or expired token does nothing.
    pub unlock: Option<unsafe extern "C" fn(
        context: usize,
        keyspace: *const c_char,
        key: *const u8,
        key_len: usize,
        token: u64,
    ) -> distcache_status_t>,
}

extern "C" {
    /// Replaces xxh3; the property ring.hash must be "custom". `id` names the function, so that
    /// members with different ones refuse each other instead of disagreeing silently. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_config_hash(
        config: *mut distcache_config_t,
        id: *const c_char,
        hash: distcache_hash_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Takes entries and values of engines opened with this configuration from `vtable`. `finalize`
    /// runs when the last block has been given back, which may be after close: results keep their
    /// bytes. Answers UNSUPPORTED in this version.
    pub fn distcache_config_allocator(
        config: *mut distcache_config_t,
        vtable: *const distcache_allocator_vtable_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets the expiry callback of a keyspace. Answers UNSUPPORTED in this version.
    pub fn distcache_keyspace_def_expiry(
        def: *mut distcache_keyspace_def_t,
        expiry: distcache_expiry_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets the policy of a keyspace; the property eviction.policy must be "custom". Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_keyspace_def_eviction(
        def: *mut distcache_keyspace_def_t,
        vtable: *const distcache_eviction_vtable_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Answers a tier's get with a value, copied, its age and its remaining ttl. Once per call, on
    /// the thread of the call, during the call. TOO_LARGE: over value.bytes.max.
    pub fn distcache_tier_reply_value(
        reply: *mut distcache_tier_reply_t,
        value: *const u8,
        value_len: usize,
        age_ms: i64,
        ttl_remaining_ms: i64,
    ) -> distcache_status_t;

    /// Sets the second tier of a keyspace; the property tier must be "custom". Answers UNSUPPORTED
    /// in this version.
    pub fn distcache_keyspace_def_tier(
        def: *mut distcache_keyspace_def_t,
        vtable: *const distcache_tier_vtable_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;
}
