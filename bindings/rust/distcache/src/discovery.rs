use std::ffi::{CStr, CString};
use std::mem::size_of;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::{Mutex, PoisonError};

use distcache_sys as sys;

use crate::builder::c_text;
use crate::error::{checked, text};
use crate::source::told_by;
use crate::Error;

/// A program's own way to tell where the other members are, given to
/// [`EngineBuilder::discovery`](crate::EngineBuilder::discovery).
///
/// ```
/// use distcache::{Discovery, DiscoveryError};
///
/// /// Members write their addresses into a folder that all of them see.
/// struct Folder(std::path::PathBuf);
///
/// impl Discovery for Folder {
///     fn register(&mut self, address: &str) -> Result<(), DiscoveryError> {
///         Ok(std::fs::write(self.0.join(address), "")?)
///     }
///     fn discover(&mut self) -> Result<Vec<String>, DiscoveryError> {
///         let files = std::fs::read_dir(&self.0)?;
///         Ok(files.flatten().filter_map(|file| file.file_name().into_string().ok()).collect())
///     }
/// }
/// # let _ = distcache::Engine::builder().discovery(Folder("/tmp".into()));
/// ```
///
/// All methods run on the DISCOVERY thread, one at a time, where a call of the library that waits
/// answers [`Error::WouldDeadlock`]. They may block, but an answer that takes longer than
/// `bootstrap.timeout.ms` counts as a failure, and so does a panic. A failure is tried again, and
/// the last good answer stays in use meanwhile.
///
/// An address names the discovery port of a member: `host:port`, or `host:port#public-key`. It is a
/// hint: a wrong one wastes a connection, and one that is no longer told throws nobody out.
///
/// It is dropped after [`close`](Discovery::close), perhaps on a thread of the engine.
pub trait Discovery: Send + 'static {
    /// What logs call it.
    fn id(&self) -> &str {
        "custom"
    }

    /// First of all, and again after a failure: connects to whatever knows the members.
    fn initialize(&mut self) -> Result<(), DiscoveryError> {
        Ok(())
    }

    /// Makes this node known; again after a failure. `address` is the one others are to use.
    fn register(&mut self, address: &str) -> Result<(), DiscoveryError> {
        let _ = address;
        Ok(())
    }

    /// The addresses of all members, this node's own among them or not; 4096 at most. Asked again
    /// and again, see `discovery.interval.ms`. One that is malformed is left out, unless it is the
    /// only one, which is a failure.
    fn discover(&mut self) -> Result<Vec<String>, DiscoveryError>;

    /// Takes this node's address back: the engine leaves. Once, if `register` has succeeded.
    fn deregister(&mut self) -> Result<(), DiscoveryError> {
        Ok(())
    }

    /// Last of all, once, also after an `initialize` that failed.
    fn close(&mut self) {}
}

/// Why a call of a [`Discovery`] failed. Made of any error by `?`, as `Unavailable`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// It may succeed later, and is tried again.
    Unavailable(String),
    /// It never will: open fails with [`Error::InvalidConfig`] where `initialize` or `register`
    /// say so.
    Misconfigured(String),
}

impl<E: std::error::Error> From<E> for DiscoveryError {
    fn from(error: E) -> Self {
        DiscoveryError::Unavailable(error.to_string())
    }
}

/// Makes `discovery` the provider of the engine opened with the configuration.
///
/// # Safety
/// `config` is a configuration that nobody else uses at the time.
pub(crate) unsafe fn register(
    config: *mut sys::distcache_config_t,
    discovery: impl Discovery,
) -> Result<(), Error> {
    let id = c_text("id of a discovery", discovery.id())?;
    let vtable = sys::distcache_discovery_vtable_t {
        struct_size: size_of::<sys::distcache_discovery_vtable_t>() as u32,
        reserved: 0,
        id: id.as_ptr(),
        initialize: Some(initialize),
        register_self: Some(register_self),
        discover: Some(discover),
        deregister: Some(deregister),
        close: Some(close),
    };
    let context = Box::into_raw(Box::new(Registration(Mutex::new(Box::new(discovery)))));
    // The finaliser runs also if this fails.
    // SAFETY: as the caller promises; the table is copied, its functions and the finaliser fit the
    // context.
    checked(|error| unsafe {
        sys::distcache_config_discovery(config, &vtable, context as usize, Some(finalize), error)
    })?;
    // SAFETY: as the caller promises; both texts are good for the call.
    checked(|error| unsafe {
        let (name, value) = (c"discovery.provider", c"custom");
        sys::distcache_config_set(config, name.as_ptr(), value.as_ptr(), error)
    })
}

/// A discovery as the library keeps it. The library makes one call at a time; that the lock says so
/// too costs nothing where I/O is done.
struct Registration(Mutex<Box<dyn Discovery>>);

impl Registration {
    /// Runs a call of the program; what it answers or panics with becomes a status and a message.
    ///
    /// # Safety
    /// `context` is one of `register` that has not been finalised; `reply` is null or good for the
    /// call.
    unsafe fn call(
        context: usize,
        reply: *mut sys::distcache_discovery_reply_t,
        run: impl FnOnce(&mut dyn Discovery) -> Result<(), DiscoveryError>,
    ) -> sys::distcache_status_t {
        // SAFETY: as the caller promises.
        let registration = unsafe { &*(context as *const Registration) };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            // One that panicked goes on as it is.
            run(&mut **registration.0.lock().unwrap_or_else(PoisonError::into_inner))
        }));
        let outcome = outcome
            .map_err(|panic| DiscoveryError::Unavailable(told_by("the discovery", panic)))
            .and_then(|answer| answer);
        let (status, message) = match outcome {
            Ok(()) => return sys::DISTCACHE_OK,
            Err(DiscoveryError::Unavailable(message)) => (sys::DISTCACHE_PEER_UNREACHABLE, message),
            Err(DiscoveryError::Misconfigured(message)) => (sys::DISTCACHE_INVALID_CONFIG, message),
        };
        // What stands behind a NUL cannot be passed on.
        let bytes: Vec<u8> = message.into_bytes().into_iter().take_while(|&b| b != 0).collect();
        let message = CString::new(bytes).unwrap_or_default();
        // SAFETY: as the caller promises; the text is copied, and null is allowed.
        unsafe { sys::distcache_discovery_reply_message(reply, message.as_ptr()) };
        status
    }
}

unsafe extern "C" fn initialize(
    context: usize,
    reply: *mut sys::distcache_discovery_reply_t,
) -> sys::distcache_status_t {
    // SAFETY: as the library promises.
    unsafe { Registration::call(context, reply, |discovery| discovery.initialize()) }
}

unsafe extern "C" fn register_self(
    context: usize,
    address: *const c_char,
    reply: *mut sys::distcache_discovery_reply_t,
) -> sys::distcache_status_t {
    // SAFETY: as the library promises: the address is never null, and ends with NUL.
    unsafe {
        let address = text(address);
        Registration::call(context, reply, |discovery| discovery.register(&address))
    }
}

unsafe extern "C" fn discover(
    context: usize,
    reply: *mut sys::distcache_discovery_reply_t,
) -> sys::distcache_status_t {
    let tell = |discovery: &mut dyn Discovery| {
        let addresses = discovery.discover()?;
        let mut malformed = None;
        let mut told = 0;
        for address in addresses {
            let added = CString::new(address.as_str()).is_ok_and(|text: CString| {
                let text: &CStr = &text;
                // SAFETY: as the library promises: on its thread, during its call; copied.
                let status = unsafe { sys::distcache_discovery_reply_add(reply, text.as_ptr()) };
                status == sys::DISTCACHE_OK
            });
            if added {
                told += 1;
            } else {
                malformed = Some(address);
            }
        }
        match malformed {
            Some(address) if told == 0 => {
                Err(DiscoveryError::Unavailable(format!("{address:?} is no address, as host:port")))
            }
            _ => Ok(()),
        }
    };
    // SAFETY: as the library promises.
    unsafe { Registration::call(context, reply, tell) }
}

unsafe extern "C" fn deregister(
    context: usize,
    reply: *mut sys::distcache_discovery_reply_t,
) -> sys::distcache_status_t {
    // SAFETY: as the library promises.
    unsafe { Registration::call(context, reply, |discovery| discovery.deregister()) }
}

unsafe extern "C" fn close(context: usize) {
    let end = |discovery: &mut dyn Discovery| {
        discovery.close();
        Ok(())
    };
    // SAFETY: as the library promises; there is no reply.
    unsafe { Registration::call(context, ptr::null_mut(), end) };
}

unsafe extern "C" fn finalize(context: usize) {
    // SAFETY: runs once, when nothing refers to the context any more.
    let registration = unsafe { Box::from_raw(context as *mut Registration) };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(registration))) {
        told_by("the discovery", panic);
    }
}
