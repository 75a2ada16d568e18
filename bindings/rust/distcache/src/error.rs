use std::ffi::CStr;
use std::fmt;
use std::os::raw::c_char;
use std::ptr;

use distcache_sys as sys;

use crate::{Status, Version};

/// What belongs to an [`Error`] beside its kind.
#[derive(Clone, Debug)]
pub struct Detail {
    status: Status,
    message: String,
    retriable: bool,
    peers: Vec<String>,
    version: Version,
}

macro_rules! errors {
    ($($(#[$doc:meta])+ $name:ident = $status:ident,)*) => {
        /// Why a call failed. Programs branch on the kind or on [`status`](Error::status); the
        /// text is for people and may change between versions.
        ///
        /// Of a write, a kind that says nothing of it means "not applied".
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$doc])+ $name(Box<Detail>),)*
            /// A status that this version of the crate does not know.
            Other(Box<Detail>),
        }

        impl Error {
            fn from_detail(detail: Detail) -> Self {
                let status = detail.status;
                let detail = Box::new(detail);
                $(if status == Status::$status {
                    return Error::$name(detail);
                })*
                Error::Other(detail)
            }

            fn detail(&self) -> &Detail {
                match self {
                    $(Error::$name(detail) => detail,)*
                    Error::Other(detail) => detail,
                }
            }

            /// The same with the version that a `put_if` was told.
            pub(crate) fn with_version(mut self, version: Version) -> Self {
                match &mut self {
                    $(Error::$name(detail) => detail.version = version,)*
                    Error::Other(detail) => detail.version = version,
                }
                self
            }
        }
    };
}

errors! {
    /// An argument breaks its documented bounds; the message names it.
    InvalidArgument = INVALID_ARGUMENT,
    /// A property is unknown, unreadable, out of its bounds or contradicts another one. The message
    /// has a line for every fault found.
    InvalidConfig = INVALID_CONFIG,
    /// No keyspace of this name here or at the owner, or it has been removed.
    NoKeyspace = NO_KEYSPACE,
    /// The value is over `value.bytes.max`.
    TooLarge = TOO_LARGE,
    /// The loaded library has another binary interface than this crate.
    AbiMismatch = ABI_MISMATCH,
    /// This version, build or peer does not have the feature.
    Unsupported = UNSUPPORTED,
    /// A call that waits was made where waiting could never end: in a source for a key whose load
    /// waits for this very source, or where completions are delivered.
    WouldDeadlock = WOULD_DEADLOCK,
    /// The engine is closed or closing.
    Closed = CLOSED,
    /// The process forked after the engine was opened.
    Forked = FORKED,
    /// The operation was cancelled. A write was not sent, one that was is `Unknown`.
    Cancelled = CANCELLED,
    /// The deadline passed. A write was not sent, one that was is `Unknown`.
    TimedOut = TIMED_OUT,
    /// The source answered with a failure, panicked, or dropped its fetch without an answer. It
    /// decides whether it is retriable.
    SourceFailed = SOURCE_FAILED,
    /// The limiter of the source had no token and was told not to wait.
    RateLimited = RATE_LIMITED,
    /// The breaker of the source is open after failures in a row.
    CircuitOpen = CIRCUIT_OPEN,
    /// A bounded queue here or at the owner is full.
    Overloaded = OVERLOADED,
    /// The entry has another [`version`](Error::version) than was asked for.
    VersionMismatch = VERSION_MISMATCH,
    /// No peer that may answer could be reached.
    PeerUnreachable = PEER_UNREACHABLE,
    /// Applied at the owner, but the [`peers`](Error::peers) have not confirmed it: they may serve
    /// what they have until its lease or ttl ends.
    Partial = PARTIAL,
    /// The write was sent and no answer came: it may or may not be applied.
    Unknown = UNKNOWN,
    /// Fewer than `quorum.min` members are alive.
    NoQuorum = NO_QUORUM,
    /// The configuration would send plain traffic over a network without saying so.
    Insecure = INSECURE,
    /// A key of the security profile is malformed, unreadable or readable by others.
    BadKey = BAD_KEY,
    /// Another live member has this node's name.
    DuplicateIdentity = DUPLICATE_IDENTITY,
    /// `bind.port` or `discovery.port` is taken.
    AddressInUse = ADDRESS_IN_USE,
    /// Out of memory.
    NoMemory = NO_MEMORY,
    /// Out of file descriptors.
    NoDescriptors = NO_DESCRIPTORS,
    /// The operating system refused something else; the message names it.
    System = SYSTEM,
    /// A mistake of the library. A write may or may not be applied.
    Internal = INTERNAL,
}

impl Error {
    /// The status as the C interface, logs and other languages have it.
    pub fn status(&self) -> Status {
        self.detail().status
    }

    /// One sentence or, of a refused configuration, one line per fault.
    pub fn message(&self) -> &str {
        &self.detail().message
    }

    /// Whether the same call may succeed later without a change of the program; of `SourceFailed`,
    /// what the source said.
    pub fn is_retriable(&self) -> bool {
        self.detail().retriable
    }

    /// Of `Partial`: the members that have not confirmed the write.
    pub fn peers(&self) -> &[String] {
        &self.detail().peers
    }

    /// Of `VersionMismatch`: the version of the entry that is there, `None` if there is none. Of
    /// `Partial` after [`put_if`](crate::Keyspace::put_if): the version of the new entry.
    pub fn version(&self) -> Option<Version> {
        Some(self.detail().version).filter(|version| *version != Version::default())
    }

    /// An error that this crate found before it called the library.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::of(Status::INVALID_ARGUMENT, message.into(), false, Vec::new())
    }

    pub(crate) fn of(status: Status, message: String, retriable: bool, peers: Vec<String>) -> Self {
        let message = if message.is_empty() { status.name().to_string() } else { message };
        let version = Version::default();
        Error::from_detail(Detail { status, message, retriable, peers, version })
    }

    /// Takes over what came with a failed call; `error` may be null.
    ///
    /// # Safety
    /// `error` is null or an error object that the caller owns.
    pub(crate) unsafe fn take(status: i32, error: *mut sys::distcache_error_t) -> Self {
        let error = OwnedError(error);
        let status = Status(status);
        if error.0.is_null() {
            return Error::of(status, String::new(), status.is_retriable(), Vec::new());
        }
        // SAFETY: the object is alive until `error` is dropped, and what is borrowed from it is
        // copied here.
        unsafe {
            let message = text(sys::distcache_error_message(error.0));
            let retriable = sys::distcache_error_retriable(error.0) != 0;
            let peers = names(|nth| sys::distcache_error_peer(error.0, nth));
            Error::of(status, message, retriable, peers)
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status(), self.message())
    }
}

impl std::error::Error for Error {}

/// Ends an error object, also one that nobody reads.
pub(crate) struct OwnedError(pub(crate) *mut sys::distcache_error_t);

impl Drop for OwnedError {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; null is allowed.
        unsafe { sys::distcache_error_release(self.0) }
    }
}

// SAFETY: an error object is immutable and may be released by any thread.
unsafe impl Send for OwnedError {}

/// Calls the library with a place for its error, and turns what it returns into a result.
pub(crate) fn checked(
    call: impl FnOnce(*mut *mut sys::distcache_error_t) -> sys::distcache_status_t,
) -> Result<(), Error> {
    let mut error = ptr::null_mut();
    let status = call(&mut error);
    if status == sys::DISTCACHE_OK {
        return Ok(());
    }
    // SAFETY: a failed call hands its error object to the caller.
    Err(unsafe { Error::take(status, error) })
}

/// Copies a text of the library.
///
/// # Safety
/// `text` is not null and ends with NUL.
pub(crate) unsafe fn text(text: *const c_char) -> String {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Copies names until there are no more.
pub(crate) fn names(nth: impl Fn(usize) -> *const c_char) -> Vec<String> {
    (0..)
        .map(nth)
        .take_while(|name| !name.is_null())
        // SAFETY: a name that is not null ends with NUL.
        .map(|name| unsafe { text(name) })
        .collect()
}
