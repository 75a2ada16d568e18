use std::ffi::{CStr, CString};
use std::mem::{size_of, ManuallyDrop};
use std::slice;
use std::time::Duration;

use distcache_sys as sys;

use crate::{Status, Trace, Ttl};

/// A load in progress, which a source owes one answer. Dropped without one, it fails: its readers
/// get [`Error::SourceFailed`](crate::Error::SourceFailed).
///
/// Any thread may ask and answer it. After a timeout or the close of the engine its readers have
/// been answered already, and an answer only ends it. What an answer returns is for logs: `OK`,
/// `CANCELLED` if nobody waits any more, `TOO_LARGE` if the value is over `value.bytes.max`.
#[derive(Debug)]
pub struct Fetch(*mut sys::distcache_fetch_t);

// SAFETY: the library allows every function on a fetch by any thread at any time.
unsafe impl Send for Fetch {}
// SAFETY: see above; answering takes the fetch by value.
unsafe impl Sync for Fetch {}

impl Fetch {
    /// Takes over a fetch.
    ///
    /// # Safety
    /// The caller owes `fetch` its answer.
    pub(crate) unsafe fn take(fetch: *mut sys::distcache_fetch_t) -> Self {
        Fetch(fetch)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0 as u64
    }

    /// The key to fetch.
    pub fn key(&self) -> &[u8] {
        let mut len = 0;
        // SAFETY: the key is borrowed from the fetch until its answer, which consumes `self`.
        unsafe {
            let key = sys::distcache_fetch_key(self.0, &mut len);
            if key.is_null() {
                &[]
            } else {
                slice::from_raw_parts(key, len)
            }
        }
    }

    /// The name of the keyspace.
    pub fn keyspace(&self) -> &str {
        // SAFETY: borrowed like the key; never null.
        let name = unsafe { CStr::from_ptr(sys::distcache_fetch_keyspace(self.0)) };
        name.to_str().unwrap_or("")
    }

    /// What is left of `fetch.timeout.ms`; zero while nobody waits.
    pub fn remaining(&self) -> Duration {
        // SAFETY: a fetch that awaits its answer.
        let remaining = unsafe { sys::distcache_fetch_remaining_ms(self.0) };
        Duration::from_millis(remaining.max(0) as u64)
    }

    /// Whether nobody waits for the answer; a source that takes long asks now and then. One that
    /// gives up by a failure fails no reader that came later: the key is loaded once more.
    pub fn is_cancelled(&self) -> bool {
        // SAFETY: a fetch that awaits its answer.
        unsafe { sys::distcache_fetch_cancelled(self.0) != 0 }
    }

    /// The trace of the first reader, which may be on another member.
    pub fn trace(&self) -> Option<Trace> {
        let mut trace = sys::distcache_trace_t { traceparent: [0; 56], tracestate: [0; 520] };
        // SAFETY: a fetch that awaits its answer, and room for the trace.
        let there = unsafe { sys::distcache_fetch_trace(self.0, &mut trace) } != 0;
        there.then(|| Trace::from_raw(&trace))
    }

    /// The [`Answer::source_version`] of the value that is held for the key, or 0 if none is.
    pub fn source_version(&self) -> u64 {
        // SAFETY: a fetch that awaits its answer.
        unsafe { sys::distcache_fetch_source_version(self.0) }
    }

    /// Answers.
    pub fn complete(self, answer: impl Into<Answer>) -> Status {
        let answer = answer.into();
        for tag in &answer.tags {
            // A refused tag makes the answer fail. One with a NUL inside can be no tag: an empty
            // one is refused in its place.
            let tag = CString::new(tag.as_str()).unwrap_or_default();
            // SAFETY: a fetch that awaits its answer, and a text that ends with NUL.
            unsafe { sys::distcache_fetch_tag(self.0, tag.as_ptr()) };
        }
        let raw = sys::distcache_answer_t {
            struct_size: size_of::<sys::distcache_answer_t>() as u32,
            flags: if answer.no_store { sys::DISTCACHE_ANSWER_NO_STORE } else { 0 },
            ttl_ms: answer.ttl.as_millis(),
            source_version: answer.source_version,
        };
        let fetch = self.into_raw();
        // SAFETY: the one answer of this fetch; value and details are copied by the call.
        Status(unsafe {
            match &answer.outcome {
                Outcome::Value(value) => {
                    sys::distcache_fetch_complete(fetch, value.as_ptr(), value.len(), &raw)
                }
                Outcome::NotFound => sys::distcache_fetch_not_found(fetch),
                Outcome::NotModified => sys::distcache_fetch_not_modified(fetch, &raw),
            }
        })
    }

    /// Answers with a failure: the readers get
    /// [`Error::SourceFailed`](crate::Error::SourceFailed), or a stale value where one is allowed.
    pub fn fail(self, failure: impl Into<Failure>) -> Status {
        let failure = failure.into();
        // What stands behind a NUL cannot be passed on.
        let bytes = failure.message.into_bytes();
        let text: Vec<u8> = bytes.into_iter().take_while(|&byte| byte != 0).collect();
        let message = CString::new(text).unwrap_or_default();
        let fetch = self.into_raw();
        // SAFETY: the one answer of this fetch; the message is copied by the call.
        Status(unsafe {
            sys::distcache_fetch_fail(fetch, failure.retriable.into(), message.as_ptr())
        })
    }

    /// Answers either way.
    pub fn answer(self, outcome: Result<Answer, Failure>) -> Status {
        match outcome {
            Ok(answer) => self.complete(answer),
            Err(failure) => self.fail(failure),
        }
    }

    fn into_raw(self) -> *mut sys::distcache_fetch_t {
        ManuallyDrop::new(self).0
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        let why = if std::thread::panicking() {
            c"the source panicked"
        } else {
            c"the source dropped the fetch without an answer"
        };
        // SAFETY: the one answer of this fetch: every other one consumes it without dropping it.
        unsafe { sys::distcache_fetch_fail(self.0, 0, why.as_ptr()) };
    }
}

/// What a source says: a value, or that there is none.
///
/// Made of bytes or text by `into()`; `None` becomes "not found".
///
/// ```
/// use distcache::Answer;
/// use std::time::Duration;
///
/// let answer = Answer::value("Ada").ttl(Duration::from_secs(60)).tag("people");
/// let nobody: Answer = None::<String>.into();
/// # drop((answer, nobody));
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    outcome: Outcome,
    ttl: Ttl,
    tags: Vec<String>,
    no_store: bool,
    source_version: u64,
}

#[derive(Clone, Debug)]
enum Outcome {
    Value(Vec<u8>),
    NotFound,
    NotModified,
}

impl Answer {
    /// A value; no bytes are one like any other.
    pub fn value(value: impl Into<Vec<u8>>) -> Self {
        Answer::of(Outcome::Value(value.into()))
    }

    /// The key does not exist: readers get `None`, which is kept for `negative.ttl.ms`.
    pub fn not_found() -> Self {
        Answer::of(Outcome::NotFound)
    }

    /// The value that is held is still the right one; its life starts anew.
    pub fn not_modified() -> Self {
        Answer::of(Outcome::NotModified)
    }

    fn of(outcome: Outcome) -> Self {
        let (ttl, tags) = (Ttl::KEYSPACE, Vec::new());
        Answer { outcome, ttl, tags, no_store: false, source_version: 0 }
    }

    /// How long the value lives. `ttl.max.ms` and jitter of the keyspace apply to it.
    pub fn ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.ttl = ttl.into();
        self
    }

    /// Gives the value a tag, by which it can be invalidated; at most 16, of 1 to 256 bytes.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Hands the value to the readers and keeps it nowhere.
    pub fn no_store(mut self) -> Self {
        self.no_store = true;
        self
    }

    /// The source's own number for this state of the value, handed back by
    /// [`Fetch::source_version`] at the next load.
    pub fn source_version(mut self, version: u64) -> Self {
        self.source_version = version;
        self
    }
}

impl From<Vec<u8>> for Answer {
    fn from(value: Vec<u8>) -> Self {
        Answer::value(value)
    }
}

impl From<String> for Answer {
    fn from(value: String) -> Self {
        Answer::value(value)
    }
}

impl From<&str> for Answer {
    fn from(value: &str) -> Self {
        Answer::value(value)
    }
}

impl From<&[u8]> for Answer {
    fn from(value: &[u8]) -> Self {
        Answer::value(value)
    }
}

impl<T: Into<Answer>> From<Option<T>> for Answer {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Answer::not_found, Into::into)
    }
}

/// Why a source has no answer. Any error becomes one by `?`, not retriable.
#[derive(Clone, Debug)]
pub struct Failure {
    retriable: bool,
    message: String,
}

impl Failure {
    /// A later load may succeed.
    pub fn retriable(message: impl Into<String>) -> Self {
        Failure { retriable: true, message: message.into() }
    }

    /// A later load will fail too, as far as the source can tell.
    pub fn permanent(message: impl Into<String>) -> Self {
        Failure { retriable: false, message: message.into() }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::permanent(error.to_string())
    }
}
