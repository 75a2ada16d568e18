use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::slice;
use std::time::Duration;

use distcache_sys as sys;

use crate::error::{names, text};
use crate::{Error, Status};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// This node's memory, which owns the key.
    Local,
    /// The memory of the owner, another member.
    Owner,
    /// A leased copy of a hot key in this node's memory.
    Mirror,
    /// An expired or orphaned copy, kept for when all else fails.
    Reserve,
    /// The second tier.
    Tier,
    /// Loaded by the data source, for this call or one it joined.
    Source,
    /// An origin that this version of the crate does not know.
    Other,
}

/// The place of a write in the order of all writes to its key. Only order and equality mean
/// something, and only between versions of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// Grows with each change of the member list.
    pub epoch: u64,
    /// The member that ordered the write.
    pub owner: u64,
    /// Its own count.
    pub counter: u64,
}

/// What a [`peek`](crate::Keyspace::peek) finds in this node's memory.
#[derive(Debug)]
#[non_exhaustive]
pub enum Peek {
    /// The value.
    Value(Value),
    /// This node holds that the source does not know the key.
    NotFound,
    /// This node does not hold the key; another one may.
    NotCached,
}

/// A value: its bytes, without a copy, and what is known about it.
///
/// It pins the bytes of the cache in memory while it lives, also after its engine was closed; what
/// is kept for long is better copied. As it is `AsRef<[u8]> + Send + 'static`, crates like `bytes`
/// can own it (`Bytes::from_owner`).
pub struct Value {
    data: *const u8,
    len: usize,
    holder: Holder,
}

// The view is the big one, and the one that every hit has: boxing it would cost what it saves.
#[allow(clippy::large_enum_variant)]
enum Holder {
    View(sys::distcache_view_t),
    Item {
        item: NonNull<sys::distcache_item_t>,
        /// Keeps the item alive.
        _result: ResultHandle,
    },
}

// SAFETY: the bytes and the item are never written while the value lives, and a view, like a
// result, may be read and released by any thread.
unsafe impl Send for Value {}
// SAFETY: see above; no method that takes &self writes anything.
unsafe impl Sync for Value {}

impl Value {
    /// Asks for a value without a result object: `fill` is called with an empty view and answers
    /// OK if it put something there.
    pub(crate) fn view<E>(
        fill: impl FnOnce(*mut sys::distcache_view_t) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut view = sys::DISTCACHE_VIEW_INIT;
        fill(&mut view)?;
        Ok(Value { data: view.item.data, len: view.item.len, holder: Holder::View(view) })
    }

    fn item(&self) -> &sys::distcache_item_t {
        match &self.holder {
            Holder::View(view) => &view.item,
            // SAFETY: the item lives as long as its result, which is held beside it.
            Holder::Item { item, .. } => unsafe { item.as_ref() },
        }
    }

    /// Since the value was loaded or put.
    pub fn age(&self) -> Duration {
        Duration::from_millis(self.item().age_ms.max(0) as u64)
    }

    /// How long it has left to live; `None`: it does not expire.
    pub fn remaining_ttl(&self) -> Option<Duration> {
        u64::try_from(self.item().ttl_remaining_ms).ok().map(Duration::from_millis)
    }

    /// The place of the write that made it in the order of all writes to the key.
    pub fn version(&self) -> Version {
        Version::from_raw(&self.item().version)
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        match self.item().origin {
            sys::DISTCACHE_ORIGIN_LOCAL => Origin::Local,
            sys::DISTCACHE_ORIGIN_OWNER => Origin::Owner,
            sys::DISTCACHE_ORIGIN_MIRROR => Origin::Mirror,
            sys::DISTCACHE_ORIGIN_RESERVE => Origin::Reserve,
            sys::DISTCACHE_ORIGIN_TIER => Origin::Tier,
            sys::DISTCACHE_ORIGIN_SOURCE => Origin::Source,
            _ => Origin::Other,
        }
    }

    /// Whether it is past its expiry, served because `stale.max.ms` allows it.
    pub fn is_stale(&self) -> bool {
        self.item().flags & sys::DISTCACHE_ITEM_STALE != 0
    }
}

impl Version {
    pub(crate) fn from_raw(raw: &sys::distcache_entry_version_t) -> Self {
        Version { epoch: raw.epoch, owner: raw.owner, counter: raw.counter }
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the holder keeps the bytes alive and unchanged; only an item without a value has
        // no pointer, and its length is 0.
        unsafe { slice::from_raw_parts(self.data, self.len) }
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value")
            .field("len", &self.len)
            .field("origin", &self.origin())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Holder::View(view) = &mut self.holder {
            // SAFETY: filled by the library, and released by nobody else.
            unsafe { sys::distcache_view_release(view) }
        }
    }
}

/// A result of the library, one owner of several.
pub(crate) struct ResultHandle(NonNull<sys::distcache_result_t>);

// SAFETY: a result is immutable and may be read and released by any thread.
unsafe impl Send for ResultHandle {}
// SAFETY: see above.
unsafe impl Sync for ResultHandle {}

impl Clone for ResultHandle {
    fn clone(&self) -> Self {
        // SAFETY: alive, since this value owns a share of it.
        unsafe { sys::distcache_result_retain(self.0.as_ptr()) };
        ResultHandle(self.0)
    }
}

impl Drop for ResultHandle {
    fn drop(&mut self) {
        // SAFETY: gives up the share that this value owns.
        unsafe { sys::distcache_result_release(self.0.as_ptr()) }
    }
}

impl ResultHandle {
    /// Takes over a share; `None` for null.
    ///
    /// # Safety
    /// The caller owns a share of `result`, or it is null.
    pub(crate) unsafe fn take(result: *mut sys::distcache_result_t) -> Option<Self> {
        NonNull::new(result).map(ResultHandle)
    }

    pub(crate) fn len(&self) -> usize {
        let mut count = 0;
        // SAFETY: alive; a null stride is allowed.
        unsafe { sys::distcache_result_items(self.0.as_ptr(), &mut count, std::ptr::null_mut()) };
        count
    }

    fn item(&self, index: usize) -> Option<NonNull<sys::distcache_item_t>> {
        // SAFETY: alive; past the last one it answers null.
        NonNull::new(unsafe { sys::distcache_result_item(self.0.as_ptr(), index) }.cast_mut())
    }

    /// What a read answered for one key.
    pub(crate) fn read(&self, index: usize) -> Result<Option<Value>, Error> {
        let item = self.item(index).ok_or_else(missing)?;
        // SAFETY: the item lives as long as the result.
        let known = unsafe { item.as_ref() };
        match known.status {
            sys::DISTCACHE_OK => Ok(Some(Value {
                data: known.data,
                len: known.len,
                holder: Holder::Item { item, _result: self.clone() },
            })),
            sys::DISTCACHE_NOT_FOUND => Ok(None),
            _ => Err(self.failure(index, known)),
        }
    }

    /// The version that one item tells; all zero if it tells none.
    pub(crate) fn version(&self, index: usize) -> Version {
        // SAFETY: the item lives as long as the result.
        let item = self.item(index).map(|item| unsafe { item.as_ref() });
        item.map_or(Version::default(), |item| Version::from_raw(&item.version))
    }

    /// What a write answered for one key.
    pub(crate) fn written(&self, index: usize) -> Result<(), Error> {
        let item = self.item(index).ok_or_else(missing)?;
        // SAFETY: the item lives as long as the result.
        let known = unsafe { item.as_ref() };
        match known.status {
            sys::DISTCACHE_OK => Ok(()),
            _ => Err(self.failure(index, known)),
        }
    }

    /// The bytes of one item as text: names, JSON.
    pub(crate) fn text(&self, index: usize) -> String {
        match self.read(index) {
            Ok(Some(value)) => String::from_utf8_lossy(&value).into_owned(),
            _ => String::new(),
        }
    }

    fn failure(&self, index: usize, item: &sys::distcache_item_t) -> Error {
        let retriable = item.flags & sys::DISTCACHE_ITEM_RETRIABLE != 0;
        // SAFETY: alive; message and names are copied here.
        unsafe {
            let message = text(sys::distcache_result_message(self.0.as_ptr(), index));
            let peers = names(|nth| sys::distcache_result_peer(self.0.as_ptr(), index, nth));
            Error::of(Status(item.status), message, retriable, peers)
        }
    }
}

fn missing() -> Error {
    Error::of(Status::INTERNAL, "the result has no such item".into(), false, Vec::new())
}
