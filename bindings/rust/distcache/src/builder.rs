use std::ffi::CString;
use std::ptr;
use std::sync::Arc;

use distcache_sys as sys;

use crate::discovery::register;
use crate::error::checked;
use crate::source::{Asynchronous, Blocking, Owning, Registration, Start};
use crate::{AsyncDataSource, DataSource, Discovery, Engine, Error, Fetch, Spawn};

/// A text for the library, or an error that names it.
pub(crate) fn c_text(name: &str, value: &str) -> Result<CString, Error> {
    CString::new(value).map_err(|_| Error::invalid(format!("{name}: {value:?} has a NUL in it")))
}

/// Settings of an engine that is to be opened. There is a method for every property of the library,
/// and [`property`](EngineBuilder::property) for those that only a newer library has.
///
/// No setter fails: [`open`](EngineBuilder::open) and [`validate`](EngineBuilder::validate) name
/// every fault at once.
#[must_use]
pub struct EngineBuilder {
    config: Result<Config, Error>,
}

struct Config(*mut sys::distcache_config_t);

// SAFETY: a configuration may be used by any thread, by one at a time: it is not Sync.
unsafe impl Send for Config {}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone.
        unsafe { sys::distcache_config_release(self.0) }
    }
}

impl Default for EngineBuilder {
    fn default() -> Self {
        EngineBuilder::new()
    }
}

impl EngineBuilder {
    /// Settings in which everything has its default.
    pub fn new() -> Self {
        let mut config = ptr::null_mut();
        // SAFETY: both places are good for the call.
        let made = checked(|error| unsafe {
            sys::distcache_config_new(sys::DISTCACHE_ABI, &mut config, error)
        });
        EngineBuilder { config: made.map(|()| Config(config)) }
    }

    fn then(mut self, change: impl FnOnce(&mut Config) -> Result<(), Error>) -> Self {
        if let Ok(config) = &mut self.config {
            if let Err(error) = change(config) {
                self.config = Err(error);
            }
        }
        self
    }

    /// Sets any property by its name: `property("read.timeout.ms", "250ms")`.
    pub fn property(self, name: &str, value: &str) -> Self {
        self.then(|config| {
            let (name, value) = (c_text("name of a property", name)?, c_text(name, value)?);
            // A refused value is remembered by the library, and reported by open.
            // SAFETY: all pointers are good for the call.
            unsafe {
                sys::distcache_config_set(config.0, name.as_ptr(), value.as_ptr(), ptr::null_mut())
            };
            Ok(())
        })
    }

    /// Sets every property for which the environment has a variable: `bind.port` is
    /// `DISTCACHE_BIND_PORT`.
    pub fn from_environment(self) -> Self {
        self.then(|config| {
            // SAFETY: the configuration is alive; an error object is not asked for.
            unsafe { sys::distcache_config_from_environment(config.0, ptr::null_mut()) };
            Ok(())
        })
    }

    /// Adds a keyspace, which is there when open returns: the node joins with it. Get it with
    /// [`Engine::keyspace`].
    pub fn keyspace(self, definition: KeyspaceBuilder) -> Self {
        self.then(|config| {
            let definition = definition.definition?;
            // SAFETY: both objects are alive; the definition is copied.
            checked(|error| unsafe {
                sys::distcache_config_keyspace(config.0, definition.0, error)
            })
        })
    }

    /// Asks `discovery` where the other members are, in place of an earlier one; the property
    /// `discovery.provider` becomes `custom`.
    pub fn discovery(self, discovery: impl Discovery) -> Self {
        // SAFETY: the configuration is alive, and this builder's alone.
        self.then(|config| unsafe { register(config.0, discovery) })
    }

    /// Checks everything as [`open`](EngineBuilder::open) would, without touching the network.
    pub fn validate(&self) -> Result<(), Error> {
        let config = self.config.as_ref().map_err(Error::clone)?;
        // SAFETY: the configuration is alive.
        checked(|error| unsafe { sys::distcache_config_validate(config.0, error) })
    }

    /// Opens the engine: binds, starts its threads and joins the cluster. Waits up to
    /// `bootstrap.timeout.ms` for members to be found, and then goes on looking in the background.
    pub fn open(self) -> Result<Engine, Error> {
        let config = self.config?;
        let mut engine = ptr::null_mut();
        // SAFETY: the configuration is alive and is copied.
        checked(|error| unsafe { sys::distcache_open(config.0, &mut engine, error) })?;
        // SAFETY: a call that succeeded hands its engine to the caller.
        Ok(unsafe { Engine::take(engine) })
    }
}

/// What a keyspace is made of: its name, settings and data source. There is a method for every
/// property of the library; `bytes_max` is the one that has to be set.
///
/// No setter fails: what takes the definition names every fault at once.
#[must_use]
pub struct KeyspaceBuilder {
    definition: Result<Definition, Error>,
}

pub(crate) struct Definition(pub(crate) *mut sys::distcache_keyspace_def_t);

// SAFETY: a definition may be used by any thread, by one at a time: it is not Sync.
unsafe impl Send for Definition {}

impl Drop for Definition {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; sources that no keyspace uses are dropped here.
        unsafe { sys::distcache_keyspace_def_release(self.0) }
    }
}

impl KeyspaceBuilder {
    /// A definition in which everything has its default. The name has 1 to 255 bytes without
    /// control characters, the same in all members.
    pub fn new(name: &str) -> Self {
        let definition = c_text("name of a keyspace", name).and_then(|name| {
            let mut definition = ptr::null_mut();
            // SAFETY: all pointers are good for the call.
            checked(|error| unsafe {
                sys::distcache_keyspace_def_new(name.as_ptr(), &mut definition, error)
            })?;
            Ok(Definition(definition))
        });
        KeyspaceBuilder { definition }
    }

    pub(crate) fn into_definition(self) -> Result<Definition, Error> {
        self.definition
    }

    fn then(mut self, change: impl FnOnce(&mut Definition) -> Result<(), Error>) -> Self {
        if let Ok(definition) = &mut self.definition {
            if let Err(error) = change(definition) {
                self.definition = Err(error);
            }
        }
        self
    }

    /// Sets any property by its name: `property("ttl.ms", "5m")`.
    pub fn property(self, name: &str, value: &str) -> Self {
        self.then(|definition| {
            let (name, value) = (c_text("name of a property", name)?, c_text(name, value)?);
            // A refused value is remembered by the library, and reported later.
            // SAFETY: all pointers are good for the call.
            unsafe {
                sys::distcache_keyspace_def_set(
                    definition.0,
                    name.as_ptr(),
                    value.as_ptr(),
                    ptr::null_mut(),
                )
            };
            Ok(())
        })
    }

    /// Sets the data source, in place of an earlier one.
    pub fn source(self, source: impl DataSource) -> Self {
        self.register(Blocking(source))
    }

    /// Sets a data source that answers with futures, which `spawn` has polled:
    /// [`OnSourceThread`](crate::OnSourceThread), or a closure that hands them to a runtime.
    pub fn source_async(self, source: impl AsyncDataSource, spawn: impl Spawn) -> Self {
        self.register(Asynchronous { source: Arc::new(source), spawn })
    }

    /// Sets a data source that is given the fetch itself, to answer it at once or later, from any
    /// thread.
    pub fn source_fn(self, source: impl Fn(Fetch) + Send + Sync + 'static) -> Self {
        self.register(Owning(source))
    }

    fn register(self, source: impl Start + 'static) -> Self {
        self.then(|definition| {
            let context = Registration::context(source);
            // The finaliser runs also if this fails.
            // SAFETY: callback and finaliser fit the context and are good for any thread.
            checked(|error| unsafe {
                sys::distcache_keyspace_def_source(
                    definition.0,
                    Some(Registration::fetch),
                    context,
                    Some(Registration::finalize),
                    error,
                )
            })
        })
    }

    /// Checks everything as adding the keyspace would.
    pub fn validate(&self) -> Result<(), Error> {
        let definition = self.definition.as_ref().map_err(Error::clone)?;
        // SAFETY: the definition is alive.
        checked(|error| unsafe { sys::distcache_keyspace_def_validate(definition.0, error) })
    }
}
