// Written by generate.py from include/distcache/async.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// EVENT thread; must not block, may submit further operations. Called exactly once per accepted
/// call. `status` and what comes with it are as the twin would have returned: it owns `result` and
/// `error`, of which each may be NULL, and releases them.
pub type distcache_done_fn = Option<unsafe extern "C" fn(
    context: usize,
    status: distcache_status_t,
    result: *mut distcache_result_t,
    error: *mut distcache_error_t,
)>;

/// An accepted operation, for those who may want to cancel it; ended by distcache_op_release. A
/// handle like distcache_t: with one that was released, or never was one, nothing is done.
#[repr(C)]
pub struct distcache_op_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A queue of completions and fetches that the program's own threads take from, many at a time: for
/// runtimes whose threads are dear to enter from outside. Independent of engines, may serve
/// several; ended by distcache_queue_release.
#[repr(C)]
pub struct distcache_queue_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// a completion: context, status, result, error as `done` gets them
pub const DISTCACHE_QUEUE_DONE: i32 = 1;

/// a load: context of the source, and the fetch to be answered
pub const DISTCACHE_QUEUE_FETCH: i32 = 2;

/// One thing taken from a queue. Grows at its end: reach the next one by the stride of
/// distcache_queue_take. What it holds is the taker's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct distcache_queue_item_t {
    /// DISTCACHE_QUEUE_*
    pub kind: i32,
    /// `status` of the header.
    pub status: distcache_status_t,
    /// `context` of the header.
    pub context: usize,
    /// `result` of the header.
    pub result: *mut distcache_result_t,
    /// `error` of the header.
    pub error: *mut distcache_error_t,
    /// `fetch` of the header.
    pub fetch: *mut distcache_fetch_t,
}

extern "C" {
    /// Asks for the completion now: it comes at once, on its usual thread, with CANCELLED or
    /// UNKNOWN if nothing better is known. A load goes on for its other readers. After the
    /// completion it does nothing. Any thread, never waits.
    pub fn distcache_op_cancel(op: *mut distcache_op_t);

    /// Ends the object and never cancels. Any thread, before or after the completion; never waits.
    pub fn distcache_op_release(op: *mut distcache_op_t);

    /// distcache_get; the result has one item.
    pub fn distcache_get_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_get_many; completes when the last item is known.
    pub fn distcache_get_many_async(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        count: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_get_with. `finalize` ends `fetch_context`, also if the call is refused.
    pub fn distcache_get_with_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        fetch: distcache_fetch_fn,
        fetch_context: usize,
        finalize: distcache_finalize_fn,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_put; the result has one item, which tells the version.
    pub fn distcache_put_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_put_many; completes when the last item is known.
    pub fn distcache_put_many_async(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        values: *const u8,
        value_lens: *const u32,
        ttls_ms: *const i64,
        count: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_delete; the result has one item.
    pub fn distcache_delete_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_delete_many; completes when the last item is known.
    pub fn distcache_delete_many_async(
        keyspace: *mut distcache_keyspace_t,
        keys: *const u8,
        key_lens: *const u32,
        count: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_clear; no result. Answers UNSUPPORTED in this version.
    pub fn distcache_clear_async(
        keyspace: *mut distcache_keyspace_t,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_invalidate_tag; no result. Answers UNSUPPORTED in this version.
    pub fn distcache_invalidate_tag_async(
        keyspace: *mut distcache_keyspace_t,
        tag: *const c_char,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_invalidate_prefix; no result. Answers UNSUPPORTED in this version.
    pub fn distcache_invalidate_prefix_async(
        keyspace: *mut distcache_keyspace_t,
        prefix: *const u8,
        prefix_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_refresh; the result has one item, the new value.
    pub fn distcache_refresh_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_put_if; the result has one item, which tells the version. With PARTIAL and with
    /// VERSION_MISMATCH there is a result beside the error: its item has the version that was made,
    /// or that of the entry that is there, all zero if there is none.
    pub fn distcache_put_if_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
        expected: *const distcache_entry_version_t,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// distcache_touch; the result has one item. Answers UNSUPPORTED in this version.
    pub fn distcache_touch_async(
        keyspace: *mut distcache_keyspace_t,
        key: *const u8,
        key_len: usize,
        options: *const distcache_options_t,
        done: distcache_done_fn,
        context: usize,
        op: *mut *mut distcache_op_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Makes an empty queue. Never waits. Answers UNSUPPORTED in this version.
    pub fn distcache_queue_new(
        out: *mut *mut distcache_queue_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// A second handle of the keyspace: async calls through it that are given no `done` (NULL,
    /// which is INVALID_ARGUMENT otherwise) complete into the queue. Never waits. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_queue_keyspace(
        queue: *mut distcache_queue_t,
        keyspace: *mut distcache_keyspace_t,
        out: *mut *mut distcache_keyspace_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Makes the takers of the queue the data source of a keyspace: its fetches come out of the
    /// queue, with `context`. `finalize` (NULL allowed) like that of a source. Never waits. Answers
    /// UNSUPPORTED in this version.
    pub fn distcache_keyspace_def_source_queue(
        def: *mut distcache_keyspace_def_t,
        queue: *mut distcache_queue_t,
        context: usize,
        finalize: distcache_finalize_fn,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Takes up to `capacity` items, oldest first; waits up to `timeout_ms` for the first one, and
    /// not at all with 0. `stride`: the caller's sizeof(distcache_queue_item_t). OK with *count =
    /// 0: nothing came. CLOSED: all engines that the queue served are closed and it is empty. Any
    /// thread but those of an engine; several may take at once. Answers UNSUPPORTED in this
    /// version.
    pub fn distcache_queue_take(
        queue: *mut distcache_queue_t,
        timeout_ms: i64,
        items: *mut distcache_queue_item_t,
        stride: usize,
        capacity: usize,
        count: *mut usize,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// A file descriptor that is readable while the queue holds something, for poll and epoll; not
    /// to be read or closed. -1 where there is none, which is the answer in this version. Never
    /// waits; borrowed from the queue.
    pub fn distcache_queue_fd(queue: *const distcache_queue_t) -> i32;

    /// Ends the handle. What is left in the queue is released, its fetches are answered with a
    /// failure. Any thread, never waits.
    pub fn distcache_queue_release(queue: *mut distcache_queue_t);
}
