// Written by generate.py from include/distcache/keyspace.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// Settings and callbacks of a keyspace to be added; ended by distcache_keyspace_def_release.
/// Belongs to one thread at a time; may be used for several engines, one after the other.
#[repr(C)]
pub struct distcache_keyspace_def_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A keyspace of an open engine; ended by distcache_keyspace_release. A handle like distcache_t:
/// stale after close (CLOSED) and after the keyspace was removed (NO_KEYSPACE). It carries its
/// engine: calls need no other handle.
#[repr(C)]
pub struct distcache_keyspace_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

extern "C" {
    /// Makes a definition in which everything has its default. `name`: 1 to
    /// DISTCACHE_NAME_BYTES_MAX bytes without control characters; the same in all members.
    /// INVALID_ARGUMENT: another name. Never waits.
    pub fn distcache_keyspace_def_new(
        name: *const c_char,
        out: *mut *mut distcache_keyspace_def_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets one property of the keyspace, with the rules of distcache_config_set; "bytes.max" is
    /// the one that has no default.
    pub fn distcache_keyspace_def_set(
        def: *mut distcache_keyspace_def_t,
        name: *const c_char,
        value: *const c_char,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// The value of a property as text, like distcache_config_get.
    pub fn distcache_keyspace_def_get(
        def: *const distcache_keyspace_def_t,
        name: *const c_char,
    ) -> *const c_char;

    /// Sets the data source, in place of an earlier one. `finalize` may be NULL; it runs once no
    /// load can call `fetch` any more, in any engine. Never waits.
    pub fn distcache_keyspace_def_source(
        def: *mut distcache_keyspace_def_t,
        fetch: distcache_fetch_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets the bulk form of the data source, which then serves loads of many keys; a keyspace may
    /// have either form or both. `finalize` like that of the source. Never waits.
    pub fn distcache_keyspace_def_source_many(
        def: *mut distcache_keyspace_def_t,
        fetch: distcache_fetch_many_fn,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Checks everything as distcache_keyspace_add would. INVALID_CONFIG: the error names every
    /// fault. Never waits.
    pub fn distcache_keyspace_def_validate(
        def: *const distcache_keyspace_def_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Ends the object; keyspaces that were added with it have their own copy. Finalisers of
    /// callbacks that no keyspace uses run now. Never waits.
    pub fn distcache_keyspace_def_release(def: *mut distcache_keyspace_def_t);

    /// Copies the definition into the configuration, so that the keyspace is there when open
    /// returns: the node joins with it, where one that is added later changes the ring again. Get
    /// it with distcache_keyspace_lookup. INVALID_CONFIG: a fault in the definition, or its name is
    /// taken. Never waits.
    pub fn distcache_config_keyspace(
        config: *mut distcache_config_t,
        def: *const distcache_keyspace_def_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Adds a keyspace to this node; copies `def`. `out` may be NULL. INVALID_CONFIG: a fault in
    /// the definition, or a keyspace of this name exists already. Does not wait for the other
    /// members.
    pub fn distcache_keyspace_add(
        cache: *mut distcache_t,
        def: *const distcache_keyspace_def_t,
        out: *mut *mut distcache_keyspace_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Gives the keyspace of the definition's name its settings and source. Entries stay, except
    /// what smaller limits push out, and all of them where partition becomes bounded; handles stay
    /// valid; loads in progress end with the old source. A definition without a source keeps the
    /// one it has. NO_KEYSPACE, INVALID_CONFIG. Never waits.
    pub fn distcache_keyspace_update(
        cache: *mut distcache_t,
        def: *const distcache_keyspace_def_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Removes the keyspace from this node: its entries go, its loads in progress are answered with
    /// NO_KEYSPACE, its handles are stale, its finalisers run. Other members keep it. Does not wait
    /// for sources that are still running. NO_KEYSPACE: there is none.
    pub fn distcache_keyspace_remove(
        cache: *mut distcache_t,
        name: *const c_char,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// A handle of the keyspace of this name. NO_KEYSPACE: there is none. Never waits.
    pub fn distcache_keyspace_lookup(
        cache: *mut distcache_t,
        name: *const c_char,
        out: *mut *mut distcache_keyspace_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// The names of all keyspaces of this node, sorted: one item each, whose `data` is the name,
    /// with a NUL behind its `len` bytes. Never waits.
    pub fn distcache_keyspace_list(
        cache: *mut distcache_t,
        out: *mut *mut distcache_result_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// The name of the keyspace, also once it was removed or its engine closed; "" for a handle
    /// that was released, or never was one, and in a forked child. Any thread, never waits;
    /// borrowed from the handle.
    pub fn distcache_keyspace_name(keyspace: *mut distcache_keyspace_t) -> *const c_char;

    /// Ends the handle; the keyspace itself stays. Any thread, never waits.
    pub fn distcache_keyspace_release(keyspace: *mut distcache_keyspace_t);
}
