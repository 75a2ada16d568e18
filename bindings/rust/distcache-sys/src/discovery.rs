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

/// A provider. All functions run on the DISCOVERY thread, one at a time; they may block, but an
/// answer that takes longer than bootstrap.timeout.ms counts as a failure. Each may be NULL except
/// discover. They return OK or another status, with distcache_discovery_reply_message for people; a
/// failure is tried again after join.retry.interval.ms. May grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_discovery_vtable_t {
    /// sizeof(distcache_discovery_vtable_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// What logs and statistics call the provider; copied.
    pub id: *const c_char,
    /// First of all, once: connect to whatever knows the members.
    pub initialize: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Make this node known. `address` is the one others are to use.
    pub register_self: Option<unsafe extern "C" fn(
        context: usize,
        address: *const c_char,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Tell the addresses of all members, with distcache_discovery_reply_add; this node's own may
    /// be among them. Asked again and again while the engine runs.
    pub discover: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Take this node's address back: the engine leaves.
    pub deregister: Option<unsafe extern "C" fn(
        context: usize,
        reply: *mut distcache_discovery_reply_t,
    ) -> distcache_status_t>,
    /// Last of all, once, also after a failed initialize.
    pub close: Option<unsafe extern "C" fn(context: usize)>,
}

extern "C" {
    /// Adds one address to the answer of discover; copied. INVALID_ARGUMENT: malformed, and not
    /// added. On the thread of the call, during the call.
    pub fn distcache_discovery_reply_add(
        reply: *mut distcache_discovery_reply_t,
        address: *const c_char,
    ) -> distcache_status_t;

    /// Says why the call fails; copied. On the thread of the call, during the call.
    pub fn distcache_discovery_reply_message(
        reply: *mut distcache_discovery_reply_t,
        message: *const c_char,
    );

    /// Makes `vtable` (copied) the provider of engines opened with this configuration; the property
    /// discovery.provider must be "custom". `finalize` (NULL allowed) runs after close. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_config_discovery(
        config: *mut distcache_config_t,
        vtable: *const distcache_discovery_vtable_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;
}
