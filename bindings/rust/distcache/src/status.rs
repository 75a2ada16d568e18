use std::ffi::CStr;
use std::fmt;

use distcache_sys as sys;

/// What a call answered, as a number that never changes between versions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub(crate) i32);

macro_rules! statuses {
    ($($(#[$doc:meta])+ $name:ident = $constant:ident,)*) => {
        impl Status {
            $($(#[$doc])+ pub const $name: Status = Status(sys::$constant);)*
        }
    };
}

statuses! {
    /// Done.
    OK = DISTCACHE_OK,
    /// The source says that the key does not exist.
    NOT_FOUND = DISTCACHE_NOT_FOUND,
    /// The key is not in memory.
    NOT_CACHED = DISTCACHE_NOT_CACHED,
    /// See [`Error::InvalidArgument`](crate::Error::InvalidArgument).
    INVALID_ARGUMENT = DISTCACHE_INVALID_ARGUMENT,
    /// See [`Error::InvalidConfig`](crate::Error::InvalidConfig).
    INVALID_CONFIG = DISTCACHE_INVALID_CONFIG,
    /// See [`Error::NoKeyspace`](crate::Error::NoKeyspace).
    NO_KEYSPACE = DISTCACHE_NO_KEYSPACE,
    /// See [`Error::TooLarge`](crate::Error::TooLarge).
    TOO_LARGE = DISTCACHE_TOO_LARGE,
    /// See [`Error::AbiMismatch`](crate::Error::AbiMismatch).
    ABI_MISMATCH = DISTCACHE_ABI_MISMATCH,
    /// See [`Error::Unsupported`](crate::Error::Unsupported).
    UNSUPPORTED = DISTCACHE_UNSUPPORTED,
    /// See [`Error::WouldDeadlock`](crate::Error::WouldDeadlock).
    WOULD_DEADLOCK = DISTCACHE_WOULD_DEADLOCK,
    /// See [`Error::Closed`](crate::Error::Closed).
    CLOSED = DISTCACHE_CLOSED,
    /// See [`Error::Forked`](crate::Error::Forked).
    FORKED = DISTCACHE_FORKED,
    /// See [`Error::Cancelled`](crate::Error::Cancelled).
    CANCELLED = DISTCACHE_CANCELLED,
    /// See [`Error::TimedOut`](crate::Error::TimedOut).
    TIMED_OUT = DISTCACHE_TIMED_OUT,
    /// See [`Error::SourceFailed`](crate::Error::SourceFailed).
    SOURCE_FAILED = DISTCACHE_SOURCE_FAILED,
    /// See [`Error::RateLimited`](crate::Error::RateLimited).
    RATE_LIMITED = DISTCACHE_RATE_LIMITED,
    /// See [`Error::CircuitOpen`](crate::Error::CircuitOpen).
    CIRCUIT_OPEN = DISTCACHE_CIRCUIT_OPEN,
    /// See [`Error::Overloaded`](crate::Error::Overloaded).
    OVERLOADED = DISTCACHE_OVERLOADED,
    /// See [`Error::VersionMismatch`](crate::Error::VersionMismatch).
    VERSION_MISMATCH = DISTCACHE_VERSION_MISMATCH,
    /// See [`Error::PeerUnreachable`](crate::Error::PeerUnreachable).
    PEER_UNREACHABLE = DISTCACHE_PEER_UNREACHABLE,
    /// See [`Error::Partial`](crate::Error::Partial).
    PARTIAL = DISTCACHE_PARTIAL,
    /// See [`Error::Unknown`](crate::Error::Unknown).
    UNKNOWN = DISTCACHE_UNKNOWN,
    /// See [`Error::NoQuorum`](crate::Error::NoQuorum).
    NO_QUORUM = DISTCACHE_NO_QUORUM,
    /// See [`Error::Insecure`](crate::Error::Insecure).
    INSECURE = DISTCACHE_INSECURE,
    /// See [`Error::BadKey`](crate::Error::BadKey).
    BAD_KEY = DISTCACHE_BAD_KEY,
    /// See [`Error::DuplicateIdentity`](crate::Error::DuplicateIdentity).
    DUPLICATE_IDENTITY = DISTCACHE_DUPLICATE_IDENTITY,
    /// See [`Error::AddressInUse`](crate::Error::AddressInUse).
    ADDRESS_IN_USE = DISTCACHE_ADDRESS_IN_USE,
    /// See [`Error::NoMemory`](crate::Error::NoMemory).
    NO_MEMORY = DISTCACHE_NO_MEMORY,
    /// See [`Error::NoDescriptors`](crate::Error::NoDescriptors).
    NO_DESCRIPTORS = DISTCACHE_NO_DESCRIPTORS,
    /// See [`Error::System`](crate::Error::System).
    SYSTEM = DISTCACHE_SYSTEM,
    /// See [`Error::Internal`](crate::Error::Internal).
    INTERNAL = DISTCACHE_INTERNAL,
}

impl Status {
    /// The number, as the C interface has it.
    pub fn code(self) -> i32 {
        self.0
    }

    /// The status as a word, `TIMED_OUT`.
    pub fn name(self) -> &'static str {
        // SAFETY: any number is allowed, and the text is static.
        let name = unsafe { CStr::from_ptr(sys::distcache_status_name(self.0)) };
        name.to_str().unwrap_or("UNRECOGNIZED")
    }

    /// Whether the same call may succeed later, judged by the number alone;
    /// [`Error::is_retriable`](crate::Error::is_retriable) knows what a source said.
    pub fn is_retriable(self) -> bool {
        // SAFETY: any number is allowed.
        unsafe { sys::distcache_status_retriable(self.0) != 0 }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name(), self.0)
    }
}
