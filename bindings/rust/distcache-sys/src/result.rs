// Written by generate.py from include/distcache/result.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// there is no value
pub const DISTCACHE_ORIGIN_NONE: i32 = 0;

/// this node's memory, which owns the key
pub const DISTCACHE_ORIGIN_LOCAL: i32 = 1;

/// the memory of the owner, another member
pub const DISTCACHE_ORIGIN_OWNER: i32 = 2;

/// a leased copy of a hot key in this node's memory
pub const DISTCACHE_ORIGIN_MIRROR: i32 = 3;

/// an expired or orphaned copy, kept for when all else fails
pub const DISTCACHE_ORIGIN_RESERVE: i32 = 4;

/// the second tier
pub const DISTCACHE_ORIGIN_TIER: i32 = 5;

/// loaded by the data source, for this call or one it joined
pub const DISTCACHE_ORIGIN_SOURCE: i32 = 6;

/// past its expiry, served because stale.max.ms allows it
pub const DISTCACHE_ITEM_STALE: u32 = 1;

/// of a failed item: the same call may succeed later
pub const DISTCACHE_ITEM_RETRIABLE: u32 = 2;

/// The outcome for one key. Grows at its end: reach the next one by the stride of
/// distcache_result_items. Fields that have no meaning for a status are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_item_t {
    /// borrowed; NULL unless a value was read. An empty value is not NULL
    pub data: *const u8,
    /// `len` of the header.
    pub len: usize,
    /// of what was read or applied, or is in a put_if's way
    pub version: distcache_entry_version_t,
    /// since the value was loaded or put
    pub age_ms: i64,
    /// DISTCACHE_TTL_NONE: never expires; 0: expired, STALE
    pub ttl_remaining_ms: i64,
    /// `status` of the header.
    pub status: distcache_status_t,
    /// DISTCACHE_ITEM_*
    pub flags: u32,
    /// DISTCACHE_ORIGIN_*
    pub origin: i32,
    /// `reserved` of the header.
    pub reserved: u32,
}

/// Ended by distcache_result_release.
#[repr(C)]
pub struct distcache_result_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A struct of the caller that borrows the bytes of one value: a hit costs no allocation. Set it to
/// DISTCACHE_VIEW_INIT before its first use. It may be moved in memory; of several copies exactly
/// one is released. Fields are read only. Grows at its end, `item` included.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_view_t {
    /// sizeof(distcache_view_t)
    pub struct_size: u32,
    /// `reserved` of the header.
    pub reserved: u32,
    /// all zero while the view holds nothing
    pub internal: [usize; 4],
    /// the value, while the view holds one
    pub item: distcache_item_t,
}

extern "C" {
    /// All items with one call: the first one, how many there are, and how many bytes lie between
    /// the starts of two of them. `count` and `stride` may be NULL. Any thread, never waits;
    /// borrowed from the result. NULL with *count = 0 for NULL and for a result without items.
    pub fn distcache_result_items(
        result: *const distcache_result_t,
        count: *mut usize,
        stride: *mut usize,
    ) -> *const distcache_item_t;

    /// The item at `index`, or NULL past the last one: the stride is taken care of. Any thread,
    /// never waits; borrowed from the result.
    pub fn distcache_result_item(
        result: *const distcache_result_t,
        index: usize,
    ) -> *const distcache_item_t;

    /// Why the item at `index` failed, as a sentence; "" if it did not or does not exist. Any
    /// thread, never waits; borrowed from the result, never NULL.
    pub fn distcache_result_message(
        result: *const distcache_result_t,
        index: usize,
    ) -> *const c_char;

    /// The key of the item at `index`, for results whose keys the caller did not choose (scan, hot
    /// keys); NULL for all others. *len receives its length, or 0. Any thread, never waits;
    /// borrowed from the result.
    pub fn distcache_result_key(
        result: *const distcache_result_t,
        index: usize,
        len: *mut usize,
    ) -> *const u8;

    /// The name of the nth peer that has not confirmed the write of the item at `index`, whose
    /// status is PARTIAL; NULL past the last one and for other statuses. Any thread, never waits;
    /// borrowed from the result.
    pub fn distcache_result_peer(
        result: *const distcache_result_t,
        index: usize,
        nth: usize,
    ) -> *const c_char;

    /// One more owner: each retain needs a release of its own. Returns `result`. Any thread, never
    /// waits.
    pub fn distcache_result_retain(result: *mut distcache_result_t) -> *mut distcache_result_t;

    /// Gives one ownership up; the last one ends the result and everything borrowed from it. Any
    /// thread, never waits.
    pub fn distcache_result_release(result: *mut distcache_result_t);

    /// Gives the bytes back and empties the view, which may then be used again; an empty view stays
    /// as it is. To be called soon: a held view pins its bytes. Any thread, also another one than
    /// the view was filled on, and after close; never waits.
    pub fn distcache_view_release(view: *mut distcache_view_t);
}
