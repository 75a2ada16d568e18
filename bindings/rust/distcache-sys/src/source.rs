// Written by generate.py from include/distcache/source.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// A load in progress; ended by its one answer. Readers join it, so that a cluster asks once.
#[repr(C)]
pub struct distcache_fetch_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// The data source. SOURCE thread; may block, may call the engine for other keys (a blocking call
/// that would wait for this very load answers WOULD_DEADLOCK). Several calls run at once, for
/// different keys.
pub type distcache_fetch_fn = Option<unsafe extern "C" fn(
    context: usize,
    fetch: *mut distcache_fetch_t,
)>;

/// hand the value to the readers, keep it nowhere
pub const DISTCACHE_ANSWER_NO_STORE: u32 = 1;

/// What a source may say about its value. NULL in place of a pointer to it means all zero, and zero
/// means the default. Holds no pointer. May grow; starts as DISTCACHE_ANSWER_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct distcache_answer_t {
    /// sizeof(distcache_answer_t)
    pub struct_size: u32,
    /// DISTCACHE_ANSWER_*
    pub flags: u32,
    /// 0: the expiry callback, else ttl.ms. DISTCACHE_TTL_NONE: no expiry. Other negatives: as if
    /// the value had expired, which is NO_STORE. ttl.max.ms and jitter apply.
    pub ttl_ms: i64,
    /// The source's own number for this state of the value (a row version, a hash of an ETag),
    /// handed back by distcache_fetch_source_version at the next load. 0: none.
    pub source_version: u64,
}

/// Several loads in progress, handed over together; ended by distcache_fetch_many_end. A handle
/// like distcache_fetch_t.
#[repr(C)]
pub struct distcache_fetch_many_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// The bulk form of a source. SOURCE thread; may block. It answers each key by its index, in any
/// order and from any thread, and then calls end; each reader is answered as soon as its own key
/// is.
pub type distcache_fetch_many_fn = Option<unsafe extern "C" fn(
    context: usize,
    batch: *mut distcache_fetch_many_t,
)>;

extern "C" {
    /// The key to fetch, *len bytes. Any thread, never waits; borrowed from the fetch: valid until
    /// its answer, also when its readers have gone. NULL with *len = 0 after the answer.
    pub fn distcache_fetch_key(fetch: *const distcache_fetch_t, len: *mut usize) -> *const u8;

    /// The name of the keyspace. Any thread, never waits; borrowed like the key, "" after the
    /// answer.
    pub fn distcache_fetch_keyspace(fetch: *const distcache_fetch_t) -> *const c_char;

    /// What is left of fetch.timeout.ms, or 0 while distcache_fetch_cancelled is 1. It does not
    /// follow the deadlines of the readers, since one with more time may join. Any thread, never
    /// waits.
    pub fn distcache_fetch_remaining_ms(fetch: *const distcache_fetch_t) -> i64;

    /// 1 while nobody waits for the answer: every reader was cancelled or its time is over (one on
    /// another member counts until its time is over); and for good once fetch.timeout.ms has
    /// passed, the keyspace was removed, or the close of the engine began: readers that still wait
    /// then get a value that is given, and CLOSED (those on other members ask elsewhere) for a
    /// failure. A long source asks now and then, and may give up by fail. That fails no reader that
    /// joined after it was told so (which makes this 0 again): the key is loaded once more, never
    /// twice at once. A value given nevertheless is kept, and answers them. Any thread, never
    /// waits.
    pub fn distcache_fetch_cancelled(fetch: *const distcache_fetch_t) -> i32;

    /// The trace context of the first reader, which may be on another member. Returns 1 and fills
    /// *trace, or returns 0 with both texts empty. Any thread, never waits.
    pub fn distcache_fetch_trace(
        fetch: *const distcache_fetch_t,
        trace: *mut distcache_trace_t,
    ) -> i32;

    /// The source_version that came with the value now held for the key, or 0 if none is held: what
    /// a conditional request to a database or server needs, together with not_modified. Any thread,
    /// never waits.
    pub fn distcache_fetch_source_version(fetch: *const distcache_fetch_t) -> u64;

    /// Gives the value a tag, for distcache_invalidate_tag; to be called before complete, at most
    /// DISTCACHE_TAGS_MAX times. Any thread, never waits. OK, or INVALID_ARGUMENT for an answered
    /// fetch, an empty or too long tag, and one too many; a refused tag makes complete fail the
    /// fetch, since a value that no invalidation reaches must not be kept.
    pub fn distcache_fetch_tag(
        fetch: *mut distcache_fetch_t,
        tag: *const c_char,
    ) -> distcache_status_t;

    /// Answers with a value of `value_len` bytes, which are copied; 0 bytes are a value like any
    /// other, and `value` may be NULL then. `answer` may be NULL. Any thread, never waits.
    pub fn distcache_fetch_complete(
        fetch: *mut distcache_fetch_t,
        value: *const u8,
        value_len: usize,
        answer: *const distcache_answer_t,
    ) -> distcache_status_t;

    /// Answers that the key does not exist: the readers get NOT_FOUND, and it is kept for
    /// negative.ttl.ms. No failure to the breaker. Any thread, never waits.
    pub fn distcache_fetch_not_found(fetch: *mut distcache_fetch_t) -> distcache_status_t;

    /// Answers that the value held is still the right one; its ttl starts anew, by `answer` (NULL
    /// allowed). Where no value is held any more the readers get SOURCE_FAILED, retriable. Any
    /// thread, never waits.
    pub fn distcache_fetch_not_modified(
        fetch: *mut distcache_fetch_t,
        answer: *const distcache_answer_t,
    ) -> distcache_status_t;

    /// Answers with a failure: the readers get SOURCE_FAILED with this message (NULL allowed), or a
    /// stale value where stale.max.ms allows one. `retriable`: whether a later load may succeed; it
    /// is passed on to the readers. Any thread, never waits.
    pub fn distcache_fetch_fail(
        fetch: *mut distcache_fetch_t,
        retriable: i32,
        message: *const c_char,
    ) -> distcache_status_t;

    /// The keys, packed: all bytes end to end, and *count lengths in *lens. Any thread, never
    /// waits; borrowed from the batch until its end. NULL with *count = 0 after the end.
    pub fn distcache_fetch_many_keys(
        batch: *const distcache_fetch_many_t,
        lens: *mut *const u32,
        count: *mut usize,
    ) -> *const u8;

    /// Like distcache_fetch_keyspace.
    pub fn distcache_fetch_many_keyspace(batch: *const distcache_fetch_many_t) -> *const c_char;

    /// Like distcache_fetch_remaining_ms: the longest of all keys.
    pub fn distcache_fetch_many_remaining_ms(batch: *const distcache_fetch_many_t) -> i64;

    /// Like distcache_fetch_cancelled: 1 while nobody waits for any of the keys.
    pub fn distcache_fetch_many_cancelled(batch: *const distcache_fetch_many_t) -> i32;

    /// Like distcache_fetch_trace: the trace context of the reader that caused the batch.
    pub fn distcache_fetch_many_trace(
        batch: *const distcache_fetch_many_t,
        trace: *mut distcache_trace_t,
    ) -> i32;

    /// Like distcache_fetch_source_version, of the key at `index`; 0 past the last one.
    pub fn distcache_fetch_many_source_version(
        batch: *const distcache_fetch_many_t,
        index: usize,
    ) -> u64;

    /// Like distcache_fetch_tag, for the key at `index`.
    pub fn distcache_fetch_many_tag(
        batch: *mut distcache_fetch_many_t,
        index: usize,
        tag: *const c_char,
    ) -> distcache_status_t;

    /// Like distcache_fetch_complete, for the key at `index`; INVALID_ARGUMENT past the last one,
    /// for a second answer and after the end.
    pub fn distcache_fetch_many_complete(
        batch: *mut distcache_fetch_many_t,
        index: usize,
        value: *const u8,
        value_len: usize,
        answer: *const distcache_answer_t,
    ) -> distcache_status_t;

    /// Like distcache_fetch_not_found, for the key at `index`.
    pub fn distcache_fetch_many_not_found(
        batch: *mut distcache_fetch_many_t,
        index: usize,
    ) -> distcache_status_t;

    /// Like distcache_fetch_not_modified, for the key at `index`.
    pub fn distcache_fetch_many_not_modified(
        batch: *mut distcache_fetch_many_t,
        index: usize,
        answer: *const distcache_answer_t,
    ) -> distcache_status_t;

    /// Like distcache_fetch_fail, for the key at `index`.
    pub fn distcache_fetch_many_fail(
        batch: *mut distcache_fetch_many_t,
        index: usize,
        retriable: i32,
        message: *const c_char,
    ) -> distcache_status_t;

    /// Ends the batch; the readers of keys without an answer get SOURCE_FAILED with `message`
    /// (NULL: "the source gave no answer"), retriable as said. OK, or INVALID_ARGUMENT for a batch
    /// that has ended before. Any thread, never waits.
    pub fn distcache_fetch_many_end(
        batch: *mut distcache_fetch_many_t,
        retriable: i32,
        message: *const c_char,
    ) -> distcache_status_t;
}
