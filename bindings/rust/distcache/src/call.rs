use std::mem::size_of;
use std::os::raw::c_char;
use std::sync::Arc;
use std::time::Duration;

use distcache_sys as sys;

use crate::{Error, Fetch};

/// How long an entry lives. A [`Duration`] is one too: `Ttl::from(Duration::from_secs(60))`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ttl(i64);

impl Ttl {
    /// As the keyspace says; the default.
    pub const KEYSPACE: Ttl = Ttl(0);

    /// The entry does not expire.
    pub const NEVER: Ttl = Ttl(sys::DISTCACHE_TTL_NONE);

    /// As a number of milliseconds, as in the C interface: 0 is [`KEYSPACE`](Ttl::KEYSPACE), -1
    /// [`NEVER`](Ttl::NEVER); with another negative one a call is refused, and an answer of a
    /// source is not stored.
    pub fn from_millis(milliseconds: i64) -> Self {
        Ttl(milliseconds)
    }

    pub(crate) fn as_millis(self) -> i64 {
        self.0
    }
}

impl From<Duration> for Ttl {
    /// In whole milliseconds, rounded up; at least one.
    fn from(duration: Duration) -> Self {
        Ttl(milliseconds(duration).max(1))
    }
}

/// Whole milliseconds, rounded up: what is short does not turn into the 0 that means "default".
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    let rounded = duration.as_nanos().div_ceil(1_000_000);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// A W3C trace context. It travels to the owner of a key and into its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The header `traceparent`, 55 characters.
    pub traceparent: String,
    /// The header `tracestate`, at most 512 characters, or empty.
    pub tracestate: String,
}

impl Trace {
    pub(crate) fn from_raw(raw: &sys::distcache_trace_t) -> Self {
        let text = |bytes: &[c_char]| {
            bytes.iter().take_while(|&&byte| byte != 0).map(|&byte| byte as u8 as char).collect()
        };
        Trace { traceparent: text(&raw.traceparent), tracestate: text(&raw.tracestate) }
    }
}

/// How calls depart from the settings of their keyspace; see [`Keyspace::with`].
///
/// [`Keyspace::with`]: crate::Keyspace::with
#[derive(Clone, Default)]
pub struct CallOptions {
    raw: sys::distcache_options_t,
    trace: Option<Arc<sys::distcache_trace_t>>,
}

impl CallOptions {
    /// Options in which everything has its default.
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Until when the call must end, counted from its start, in whole milliseconds and at least
    /// one. It returns by then + 100 ms, whatever peers and source do.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.timeout_millis(milliseconds(timeout).max(1))
    }

    /// The same as a number; 0 is the keyspace's default, a negative one is refused by the call.
    pub fn timeout_millis(mut self, milliseconds: i64) -> Self {
        self.raw.timeout_ms = milliseconds;
        self
    }

    /// How long what is put lives. `ttl.max.ms` and jitter of the keyspace apply to it.
    pub fn ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.raw.ttl_ms = ttl.into().as_millis();
        self
    }

    /// Never answer a value that is past its expiry, whatever `stale.max.ms` allows.
    pub fn no_stale(mut self) -> Self {
        self.raw.flags |= sys::DISTCACHE_OP_NO_STALE;
        self
    }

    /// The load on whose behalf the call is made. Only needed where a source calls on another
    /// thread than the one it was called on: the engine then still refuses what would wait for
    /// itself.
    pub fn parent(mut self, fetch: &Fetch) -> Self {
        self.raw.parent_fetch = fetch.number();
        self
    }

    /// The trace of the caller. Refused if a text is longer than the standard allows or is not
    /// ASCII; other faults are refused by the call.
    pub fn trace(mut self, trace: &Trace) -> Result<Self, Error> {
        let mut raw = sys::distcache_trace_t { traceparent: [0; 56], tracestate: [0; 520] };
        fill(&mut raw.traceparent, &trace.traceparent, "traceparent")?;
        fill(&mut raw.tracestate, &trace.tracestate, "tracestate")?;
        self.trace = Some(Arc::new(raw));
        Ok(self)
    }

    /// Calls `with` with a pointer that is good for the time of this call.
    pub(crate) fn pass<R>(
        &self,
        flags: u32,
        with: impl FnOnce(*const sys::distcache_options_t) -> R,
    ) -> R {
        if flags == 0 && self.raw == Default::default() && self.trace.is_none() {
            return with(std::ptr::null());
        }
        let mut options = self.raw;
        options.struct_size = size_of::<sys::distcache_options_t>() as u32;
        options.flags |= flags;
        match &self.trace {
            None => with(&options),
            Some(trace) => {
                options.flags |= sys::DISTCACHE_OP_TRACED;
                let traced = sys::distcache_traced_options_t { options, trace: **trace };
                // The whole struct, and not its first field: the trace is read behind it.
                with(std::ptr::addr_of!(traced).cast())
            }
        }
    }
}

fn fill(to: &mut [c_char], from: &str, name: &str) -> Result<(), Error> {
    if from.len() >= to.len() || !from.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(Error::invalid(format!(
            "{name}: {} bytes, it has at most {} printable ones",
            from.len(),
            to.len() - 1
        )));
    }
    for (to, from) in to.iter_mut().zip(from.bytes()) {
        *to = from as c_char;
    }
    Ok(())
}
