// Written by generate.py from include/distcache/operations.h: change that, and run it again.

use core::ffi::c_char;

use crate::*;

extern "C" {
    /// Memory, else the owner, else the source: one load per key in the whole cluster, which all
    /// readers share. OK: *out has one item. Otherwise *out is NULL. NOT_FOUND: the source does not
    /// know the key. TIMED_OUT: the load goes on for its other readers. SOURCE_FAILED,
    /// RATE_LIMITED, CIRCUIT_OPEN, OVERLOADED: the source, or what protects it. An owner that
    /// cannot be reached is no error: the next candidate loads, or this node does.
    pub fn distcache_get(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like get, into a view of the caller: no allocation on a hit. INVALID_ARGUMENT also for a
    /// view that holds something already. The view is empty unless OK is returned.
    pub fn distcache_get_view(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        view: *mut distcache_view_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like get, copied into the caller's buffer; nothing to release. *len is the size of the
    /// value, also with TOO_LARGE, when it is over `capacity` and nothing was copied (the value is
    /// cached: a second call with room is a hit). `buffer` may be NULL where `capacity` is 0.
    pub fn distcache_get_into(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        buffer: *mut u8,
        capacity: usize,
        len: *mut usize,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Many keys at once: one message per owner, all owners in parallel. Keys travel packed: all
    /// bytes end to end in `keys` and one length each in `key_lens`, so that no pointer lies inside
    /// the memory passed; nothing has to be aligned. OK means "tried": *out has one item per key,
    /// in request order, duplicates included, each with a status as get would answer it; a slow or
    /// failing key fails itself only. Every other status means that nothing was tried. `count`: 0
    /// to DISTCACHE_MANY_KEYS_MAX.
    pub fn distcache_get_many(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        count: usize,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like get, with a loader for this one call in place of the keyspace's source. The owner
    /// grants the load to one caller under a lease, the others wait; the value comes back and is
    /// stored there; a dead or late holder passes the grant on, a delete poisons it. `fetch` runs
    /// on a SOURCE thread of this node, at most once, or not at all if there is a value already or
    /// another caller's loader brings it. A call that has timed out or was cancelled may have
    /// returned before `fetch` runs or ends: `context` has to live until `finalize`, which may be
    /// NULL, ends it, once, on any thread, when the loader can be called no more.
    pub fn distcache_get_with(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        fetch: distcache_fetch_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// This node's memory only: no load, no network, never waits, allowed on every thread. OK: *out
    /// has one item. NOT_CACHED: this node does not hold the key (another one may). NOT_FOUND: this
    /// node holds that the source does not know the key.
    pub fn distcache_peek(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like peek, into a view of the caller: no allocation.
    pub fn distcache_peek_view(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        view: *mut distcache_view_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like peek, copied into the caller's buffer by the rules of get_into.
    pub fn distcache_peek_into(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        buffer: *mut u8,
        capacity: usize,
        len: *mut usize,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Stores a value for a key; 0 bytes are a value like any other. TOO_LARGE: over
    /// value.bytes.max. A load of the key that began before is answered to its readers and not
    /// stored.
    pub fn distcache_put(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Like put, with tags for distcache_invalidate_tag: `tags_len` bytes in which each tag ends
    /// with NUL, at most DISTCACHE_TAGS_MAX of them.
    pub fn distcache_put_tagged(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        tags: *const c_char,
        tags_len: usize,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Stores many values; keys and values travel packed as in get_many. `ttls_ms` (NULL allowed)
    /// has a ttl for each of them, by the rules of options->ttl_ms, which stands in where one is 0.
    /// OK means "tried": the items of *out (NULL allowed) say for each key what put would. Of
    /// duplicates the last one stays.
    pub fn distcache_put_many(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        values: *const u8,
        value_lens: *const u32,
        ttls_ms: *const i64,
        count: usize,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Deletes a key at the owner and recalls every copy; a load that began before is never stored.
    /// OK also if nobody held the key.
    pub fn distcache_delete(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Deletes many keys, packed as in get_many. OK means "tried": the items of *out (NULL allowed)
    /// say for each key what delete would.
    pub fn distcache_delete_many(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        count: usize,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Deletes all keys of the keyspace, on all members, and fences the loads in progress. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_clear(
        keyspace: *mut distcache_keyspace_t,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Deletes all entries that carry the tag, on all members, loads in progress included. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_invalidate_tag(
        keyspace: *mut distcache_keyspace_t,
        tag: *const c_char,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Deletes all entries whose key begins with these 1 to DISTCACHE_KEY_BYTES_MAX bytes, on all
    /// members, loads in progress included. Answers UNSUPPORTED in this version.
    pub fn distcache_invalidate_prefix(
        keyspace: *mut distcache_keyspace_t,
        prefix: *const u8,
        prefix_len: usize,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Loads the key from the source now and replaces what is held, which is served meanwhile. *out
    /// (NULL allowed) receives the new value as from get. OK: no get that starts later gives what
    /// was held before. NOT_FOUND, which the source said: nothing is held any more. PARTIAL,
    /// TIMED_OUT and UNKNOWN: the old value may still be read; any other failure leaves it in
    /// place, except that a cancelled call may be done all the same. UNSUPPORTED: the owner has no
    /// source. Of those that wait for a key that is being refreshed one load follows.
    pub fn distcache_refresh(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Stores a value only if the entry's version is *expected, or, where `expected` is NULL or all
    /// zero, only if there is no entry; the owner decides, and of several calls that give the same
    /// version one is applied. *version (NULL allowed; may be `expected`) receives the version of
    /// the new entry. VERSION_MISMATCH: not applied, and *version is that of the entry that is
    /// there, all zero if there is none. Without the owner whoever acts for it decides, by what it
    /// holds itself: PARTIAL; where only this member does not reach the owner: PEER_UNREACHABLE,
    /// not applied. UNKNOWN and PARTIAL are not to be tried again as they stand: read, decide
    /// again. TOO_LARGE: as of put, or more than there is room for at the owner, which has dropped
    /// the entry that was there.
    pub fn distcache_put_if(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        expected: *const distcache_entry_version_t,
        options: *const distcache_options_t,
        version: *mut distcache_entry_version_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Gives the entry a new ttl (options->ttl_ms), counted from now. NOT_CACHED: the owner holds
    /// no entry; nothing is loaded. Answers UNSUPPORTED in this version.
    pub fn distcache_touch(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Some of the entries that this node owns: up to `count_max` items with their keys
    /// (distcache_result_key). *cursor is 0 to begin; it is moved on, and is 0 again after the last
    /// part. Entries that are there throughout are met at least once. Never waits. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_scan(
        keyspace: *mut distcache_keyspace_t,
        cursor: *mut u64,
        count_max: usize,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;
}
