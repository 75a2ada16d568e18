// Written by generate.py from include/distcache/engine.h: change that, and run it again.

use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// An open engine; ended by distcache_release. A handle: slot and generation, in memory that is
/// never unmapped, so that a stale one answers CLOSED instead of crashing.
#[repr(C)]
pub struct distcache_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

extern "C" {
    /// Validates the configuration as a whole, copies it, binds, starts the threads and joins the
    /// cluster. Waits up to bootstrap.timeout.ms for members to be found, and then goes on looking
    /// in the background: an engine that found nobody is open and works alone. INVALID_CONFIG,
    /// INSECURE, BAD_KEY: the configuration; the error names every fault. ADDRESS_IN_USE,
    /// DUPLICATE_IDENTITY, NO_DESCRIPTORS, NO_MEMORY, SYSTEM: machine or cluster. After any failure
    /// nothing is left behind, no thread, socket or registration. WOULD_DEADLOCK: called on an
    /// EVENT or OBSERVER thread of another engine.
    pub fn distcache_open(
        config: *const distcache_config_t,
        out: *mut *mut distcache_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// 1 once discovery has answered or its attempts are spent, and at least quorum.min members
    /// live; may turn to 0 again. 0 for a closed engine, in a forked child, and for what is no
    /// handle. Any thread, never waits.
    pub fn distcache_ready(cache: *mut distcache_t) -> i32;

    /// Waits until the engine is ready. `timeout_ms` 0: bootstrap.timeout.ms. NO_QUORUM: too few
    /// members live; TIMED_OUT: discovery has not answered; CLOSED; WOULD_DEADLOCK on an EVENT or
    /// OBSERVER thread.
    pub fn distcache_wait_ready(
        cache: *mut distcache_t,
        timeout_ms: i64,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Leaves the cluster, lets what is in progress end, stops and joins the threads. Waits up to
    /// `timeout_ms` (0: shutdown.timeout.ms) + 100 ms. When it returns, every pending operation has
    /// been answered, with CLOSED or UNKNOWN if nothing else, and every later call answers CLOSED.
    /// A second close, or one during another, waits for the first and answers OK. TIMED_OUT: closed
    /// as well, but a callback still hangs: a source, a completion, a log or event callback. Its
    /// thread is detached; completions behind one that hangs run, and finalisers of what hangs run,
    /// when it returns. Also: another close is under way and takes longer than `timeout_ms`.
    /// WOULD_DEADLOCK: called on a thread of an engine, this one or another; nothing was done, and
    /// distcache_release does it in the background.
    pub fn distcache_close(
        cache: *mut distcache_t,
        timeout_ms: i64,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Ends the handle. An engine that is still open is closed in the background, by the settings
    /// of shutdown.timeout.ms. Any thread, also one of this engine; never waits.
    pub fn distcache_release(cache: *mut distcache_t);
}
