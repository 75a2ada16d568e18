// Written by generate.py from include/distcache/error.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// Immutable; ended by distcache_error_release.
#[repr(C)]
pub struct distcache_error_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

extern "C" {
    /// The number that the failed call returned; OK for NULL. Any thread, never waits.
    pub fn distcache_error_status(error: *const distcache_error_t) -> distcache_status_t;

    /// One sentence or, of a refused configuration, one line per fault. Any thread, never waits;
    /// borrowed from the error, never NULL, "" for NULL. Valid UTF-8 whatever the key was.
    pub fn distcache_error_message(error: *const distcache_error_t) -> *const c_char;

    /// 1 if the same call may succeed later. It knows more than distcache_status_retriable: of
    /// SOURCE_FAILED it tells what the source said. 0 for NULL. Any thread, never waits.
    pub fn distcache_error_retriable(error: *const distcache_error_t) -> i32;

    /// PARTIAL: the name of the nth peer, counted from 0, that has not confirmed the write and may
    /// serve what it has until its lease or ttl ends. NULL past the last one and for every other
    /// status. Any thread, never waits; borrowed from the error.
    pub fn distcache_error_peer(error: *const distcache_error_t, nth: usize) -> *const c_char;

    /// Ends the object and everything borrowed from it. Any thread, never waits.
    pub fn distcache_error_release(error: *mut distcache_error_t);
}
