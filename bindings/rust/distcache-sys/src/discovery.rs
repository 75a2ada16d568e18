// Written by generate.py from include/distcache/discovery.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// Where one call of a provider puts its answer; borrowed for the time of that call.
#[repr(C)]
pub struct distcache_discovery_reply_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A provider. All functions run on the DISCOVERY thread, one at a time, where a call of the
/// library that waits is refused with WOULD_DEADLOCK. They may block, but an answer that takes
/// longer than bootstrap.timeout.ms counts as a failure, and so does what a callback throws. Each
/// may be NULL except discover. They return OK or another status, with
/// distcache_discovery_reply_message for people; a failure is tried again after about
/// join.retry.interval.ms, after join.attempts.max of them later and later, and the last good
/// answer stays in use meanwhile. INVALID_CONFIG of the first two makes distcache_open fail with
/// it.
/// One that hangs holds nothing up but its own thread: distcache_open goes on without it after
/// bootstrap.timeout.ms, and distcache_close leaves it to itself after its timeout, with TIMED_OUT;
/// when it returns, deregister, close and the finaliser follow. May grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_discovery_vtable_t {
    /// sizeof(distcache_discovery_vtable_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// What logs and statistics call the provider; copied.
    pub id: *const c_char,
    /// First of all, and again after a failure: connect to whatever knows the members.
    pub initialize: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Make this node known; again after a failure. `address` is the one others are to use.
    pub register_self: Option<unsafe extern "C" fn(
        context: usize,
        address: *const c_char,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Tell the addresses of all members, with distcache_discovery_reply_add; this node's own may
    /// be among them. Asked again and again while the engine runs, see discovery.interval.ms.
    pub discover: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Take this node's address back: the engine leaves. Once, if register_self has succeeded.
    pub deregister: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Last of all, once, also after a failed initialize; not where distcache_open failed before it
    /// came to initialize.
    pub close: Option<unsafe extern "C" fn(context: usize)>,
}

extern "C" {
    /// Adds one address to the answer of discover; copied. On the thread of the call, during the
    /// call. INVALID_ARGUMENT: malformed or without a port, of another call than discover, or on
    /// another thread; TOO_LARGE: more than 4096; CLOSED: the call is over. Then nothing is added.
    pub fn distcache_discovery_reply_add(
        reply: *mut distcache_discovery_reply_t,
        address: *const c_char,
    ) -> distcache_status_t;

    /// Says why the call fails; copied, 1024 bytes of it. On the thread of the call, during the
    /// call; elsewhere, and with NULL, it does nothing.
    pub fn distcache_discovery_reply_message(
        reply: *mut distcache_discovery_reply_t,
        message: *const c_char,
    );

    /// Makes `vtable` (copied) the provider of engines opened with this configuration, in place of
    /// one given before; the property discovery.provider must be "custom". `finalize` (NULL
    /// allowed) runs once, on any thread: after close of the last engine that was opened with it,
    /// when the configuration has been released too.
    pub fn distcache_config_discovery(
        config: *mut distcache_config_t,
        vtable: *const distcache_discovery_vtable_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;
}
