use std::sync::Arc;
use std::time::Duration;

use distcache_sys as sys;

use crate::builder::c_text;
use crate::call::milliseconds;
use crate::error::checked;
use crate::value::ResultHandle;
use crate::{EngineBuilder, Error, Keyspace, KeyspaceBuilder};

/// One node of a cluster inside this process. A process may open several.
///
/// Cheap to clone; any thread may use it at any time. When the last clone is dropped, an engine
/// that is still open is closed in the background, whatever keyspaces are held;
/// [`close`](Engine::close) waits for it.
#[derive(Clone)]
pub struct Engine {
    handle: Arc<Handle>,
}

struct Handle(*mut sys::distcache_t);

// SAFETY: the library allows every function on the handle by any thread at any time.
unsafe impl Send for Handle {}
// SAFETY: see above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; never waits.
        unsafe { sys::distcache_release(self.0) }
    }
}

impl Engine {
    /// Begins the settings of an engine; see [`EngineBuilder`].
    pub fn builder() -> EngineBuilder {
        EngineBuilder::new()
    }

    /// Takes over a handle.
    ///
    /// # Safety
    /// The caller owns `handle`.
    pub(crate) unsafe fn take(handle: *mut sys::distcache_t) -> Self {
        Engine { handle: Arc::new(Handle(handle)) }
    }

    pub(crate) fn raw(&self) -> *mut sys::distcache_t {
        self.handle.0
    }

    /// Leaves the cluster, lets what is in progress end, stops and joins the threads, within
    /// `shutdown.timeout.ms` + 100 ms. Afterwards every pending operation has been answered, and
    /// every later call answers [`Error::Closed`]. Closing twice is no error.
    ///
    /// [`Error::TimedOut`]: closed as well, but a source still hangs; its thread is left to itself.
    /// [`Error::WouldDeadlock`]: called on a thread of this engine; nothing was done.
    pub fn close(&self) -> Result<(), Error> {
        self.close_millis(0)
    }

    /// As [`close`](Engine::close), within this time + 100 ms.
    pub fn close_within(&self, timeout: Duration) -> Result<(), Error> {
        self.close_millis(milliseconds(timeout).max(1))
    }

    fn close_millis(&self, timeout_ms: i64) -> Result<(), Error> {
        // SAFETY: the handle is alive.
        checked(|error| unsafe { sys::distcache_close(self.raw(), timeout_ms, error) })
    }

    /// Whether discovery has answered or its attempts are spent, and at least `quorum.min` members
    /// live.
    pub fn is_ready(&self) -> bool {
        // SAFETY: the handle is alive.
        unsafe { sys::distcache_ready(self.raw()) != 0 }
    }

    /// Waits until the engine is ready. [`Error::NoQuorum`]: too few members live;
    /// [`Error::TimedOut`]: discovery has not answered.
    pub fn wait_ready(&self, timeout: Duration) -> Result<(), Error> {
        let timeout_ms = milliseconds(timeout).max(1);
        // SAFETY: the handle is alive.
        checked(|error| unsafe { sys::distcache_wait_ready(self.raw(), timeout_ms, error) })
    }

    /// Adds a keyspace to this node; other members are not waited for.
    pub fn add(&self, definition: KeyspaceBuilder) -> Result<Keyspace, Error> {
        let definition = definition.into_definition()?;
        let mut keyspace = std::ptr::null_mut();
        // SAFETY: both objects are alive; the definition is copied.
        checked(|error| unsafe {
            sys::distcache_keyspace_add(self.raw(), definition.0, &mut keyspace, error)
        })?;
        // SAFETY: a call that succeeded hands its keyspace to the caller.
        Ok(unsafe { Keyspace::take(keyspace) })
    }

    /// Gives the keyspace of the definition's name its settings and source. Entries stay, except
    /// what smaller limits push out; a definition without a source keeps the one it has.
    pub fn update(&self, definition: KeyspaceBuilder) -> Result<(), Error> {
        let definition = definition.into_definition()?;
        // SAFETY: both objects are alive; the definition is copied.
        checked(|error| unsafe { sys::distcache_keyspace_update(self.raw(), definition.0, error) })
    }

    /// Removes a keyspace from this node: its entries go, its loads in progress are answered with
    /// [`Error::NoKeyspace`]. Other members keep it.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let name = c_text("name", name)?;
        // SAFETY: all pointers are good for the call.
        checked(|error| unsafe { sys::distcache_keyspace_remove(self.raw(), name.as_ptr(), error) })
    }

    /// The keyspace of this name.
    pub fn keyspace(&self, name: &str) -> Result<Keyspace, Error> {
        let name = c_text("name", name)?;
        let mut keyspace = std::ptr::null_mut();
        // SAFETY: all pointers are good for the call.
        checked(|error| unsafe {
            sys::distcache_keyspace_lookup(self.raw(), name.as_ptr(), &mut keyspace, error)
        })?;
        // SAFETY: a call that succeeded hands its keyspace to the caller.
        Ok(unsafe { Keyspace::take(keyspace) })
    }

    /// The names of all keyspaces of this node, sorted.
    pub fn keyspaces(&self) -> Result<Vec<String>, Error> {
        let mut result = std::ptr::null_mut();
        // SAFETY: all pointers are good for the call.
        checked(|error| unsafe { sys::distcache_keyspace_list(self.raw(), &mut result, error) })?;
        // SAFETY: a call that succeeded hands its result to the caller.
        let result = unsafe { ResultHandle::take(result) };
        Ok(result.map_or_else(Vec::new, |result| {
            (0..result.len()).map(|index| result.text(index)).collect()
        }))
    }
}
