use std::ffi::CStr;
use std::sync::Arc;

use distcache_sys as sys;

use crate::error::checked;
use crate::operation::Completion;
use crate::packed::{Packed, PackedEntries};
use crate::value::ResultHandle;
use crate::{CallOptions, Error, KeyspaceBuilder, Operation, Peek, Status, Ttl, Value};

mod more;

/// One of the entries of [`Keyspace::put_many`].
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// 1 to 4096 bytes of any value.
    pub key: &'a [u8],
    /// Any bytes, none included.
    pub value: &'a [u8],
    /// How long it lives.
    pub ttl: Ttl,
}

/// What the many-forms answer: one outcome per key, in the order of the request, duplicates
/// included. The outer error means that nothing was tried.
pub type Many<T> = Result<Vec<Result<T, Error>>, Error>;

/// A keyspace of an open engine: a named cache with its own limits and data source.
///
/// Cheap to clone; any thread may use it at any time, and it does not keep its engine open. After
/// the close every call answers [`Error::Closed`], after the removal of the keyspace
/// [`Error::NoKeyspace`].
///
/// Each operation has a blocking form, which returns by its deadline + 100 ms, and one that answers
/// with a future. Reads answer `None` where the source says that the key does not exist. Writes go
/// to the owner of the key and change the cache, not the source.
#[derive(Clone)]
pub struct Keyspace {
    handle: Arc<Handle>,
    options: CallOptions,
}

struct Handle(*mut sys::distcache_keyspace_t);

// SAFETY: the library allows every function on the handle by any thread at any time.
unsafe impl Send for Handle {}
// SAFETY: see above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; never waits.
        unsafe { sys::distcache_keyspace_release(self.0) }
    }
}

impl Keyspace {
    /// Begins the definition of a keyspace; see [`KeyspaceBuilder`].
    pub fn builder(name: &str) -> KeyspaceBuilder {
        KeyspaceBuilder::new(name)
    }

    /// Takes over a handle.
    ///
    /// # Safety
    /// The caller owns `handle`.
    pub(crate) unsafe fn take(handle: *mut sys::distcache_keyspace_t) -> Self {
        Keyspace { handle: Arc::new(Handle(handle)), options: CallOptions::new() }
    }

    pub(crate) fn raw(&self) -> *mut sys::distcache_keyspace_t {
        self.handle.0
    }

    /// The same keyspace, whose calls have these options: `users.with(options).get(key)`.
    pub fn with(&self, options: CallOptions) -> Self {
        Keyspace { handle: self.handle.clone(), options }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        // SAFETY: the text is borrowed from the handle, which `self` keeps alive.
        let name = unsafe { CStr::from_ptr(sys::distcache_keyspace_name(self.raw())) };
        name.to_str().unwrap_or("")
    }

    /// Memory, else the owner, else the source: one load per key in the whole cluster, which all
    /// readers share. A hit allocates nothing.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Value>, Error> {
        match self.get_now(key.as_ref(), 0) {
            Err(error) if error.0 == sys::DISTCACHE_NOT_FOUND => Ok(None),
            Err(error) => Err(error.into_error()),
            Ok(value) => Ok(Some(value)),
        }
    }

    /// As [`get`](Keyspace::get), as a future. A hit is answered in the call itself, without an
    /// allocation and without a thread.
    pub fn get_async(&self, key: impl AsRef<[u8]>) -> Operation<Option<Value>> {
        let key = key.as_ref();
        if let Some(known) = self.held(key) {
            return Operation::known(known);
        }
        self.options.pass(0, |options| {
            // SAFETY: key and options are copied before the call returns.
            Operation::begin(read_one, |done, context, op, error| unsafe {
                let (data, len) = (key.as_ptr(), key.len());
                sys::distcache_get_async(self.raw(), data, len, options, done, context, op, error)
            })
        })
    }

    /// What can be said without waiting.
    fn held(&self, key: &[u8]) -> Option<Result<Option<Value>, Error>> {
        match self.get_now(key, sys::DISTCACHE_OP_NO_WAIT) {
            Ok(value) => Some(Ok(Some(value))),
            Err(error) if error.0 == sys::DISTCACHE_NOT_FOUND => Some(Ok(None)),
            Err(error) if error.0 == sys::DISTCACHE_NOT_CACHED => None,
            Err(error) => Some(Err(error.into_error())),
        }
    }

    fn get_now(&self, key: &[u8], flags: u32) -> Result<Value, Failed> {
        Value::view(|view| {
            self.options.pass(flags, |options| {
                // SAFETY: all pointers are good for the call, and the view is empty.
                failed(|error| unsafe {
                    let (data, len) = (key.as_ptr(), key.len());
                    sys::distcache_get_view(self.raw(), data, len, options, view, error)
                })
            })
        })
    }

    /// Many keys at once: one message per owner, all owners in parallel. A slow or failing key
    /// fails itself only.
    pub fn get_many<I>(&self, keys: I) -> Many<Option<Value>>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let keys = Packed::keys(keys)?;
        let result = self.answered(|options, out, error| {
            // SAFETY: all pointers are good for the call, and there are as many lengths as said.
            unsafe {
                let (bytes, lens) = (keys.bytes.as_ptr(), keys.lens.as_ptr());
                let count = keys.lens.len();
                sys::distcache_get_many(self.raw(), bytes, lens, count, options, out, error)
            }
        })?;
        Ok(read_all(&result))
    }

    /// As [`get_many`](Keyspace::get_many), as a future that is ready when the last item is known.
    pub fn get_many_async<I>(&self, keys: I) -> Operation<Vec<Result<Option<Value>, Error>>>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let keys = match Packed::keys(keys) {
            Ok(keys) => keys,
            Err(error) => return Operation::known(Err(error)),
        };
        self.options.pass(0, |options| {
            // SAFETY: keys and options are copied before the call returns.
            Operation::begin(read_many, |done, context, op, error| unsafe {
                let (bytes, lens) = (keys.bytes.as_ptr(), keys.lens.as_ptr());
                sys::distcache_get_many_async(
                    self.raw(),
                    bytes,
                    lens,
                    keys.lens.len(),
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// This node's memory only: no load, no network, never waits. Statistics do not count it.
    pub fn peek(&self, key: impl AsRef<[u8]>) -> Result<Peek, Error> {
        let key = key.as_ref();
        let found = Value::view(|view| {
            // SAFETY: all pointers are good for the call, and the view is empty.
            failed(|error| unsafe {
                sys::distcache_peek_view(self.raw(), key.as_ptr(), key.len(), view, error)
            })
        });
        match found {
            Ok(value) => Ok(Peek::Value(value)),
            Err(error) if error.0 == sys::DISTCACHE_NOT_FOUND => Ok(Peek::NotFound),
            Err(error) if error.0 == sys::DISTCACHE_NOT_CACHED => Ok(Peek::NotCached),
            Err(error) => Err(error.into_error()),
        }
    }

    /// Stores a value; no bytes are a value like any other. A load of the key that began before is
    /// answered to its readers and not stored.
    pub fn put(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
        let (key, value) = (key.as_ref(), value.as_ref());
        self.options.pass(0, |options| {
            // SAFETY: all pointers are good for the call.
            checked(|error| unsafe {
                let (bytes, len) = (value.as_ptr(), value.len());
                sys::distcache_put(self.raw(), key.as_ptr(), key.len(), bytes, len, options, error)
            })
        })
    }

    /// As [`put`](Keyspace::put), as a future.
    pub fn put_async(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Operation<()> {
        let (key, value) = (key.as_ref(), value.as_ref());
        self.options.pass(0, |options| {
            // SAFETY: key, value and options are copied before the call returns.
            Operation::begin(wrote_one, |done, context, op, error| unsafe {
                sys::distcache_put_async(
                    self.raw(),
                    key.as_ptr(),
                    key.len(),
                    value.as_ptr(),
                    value.len(),
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// Stores many values: entries, or pairs of references to key and value. Of duplicates the last
    /// one stays.
    pub fn put_many<'a, I>(&self, entries: I) -> Many<()>
    where
        I: IntoIterator,
        I::Item: Into<Entry<'a>>,
    {
        let entries = PackedEntries::new(entries)?;
        let result = self.answered(|options, out, error| {
            // SAFETY: all pointers are good for the call, and keys, values and ttls are as many.
            unsafe {
                sys::distcache_put_many(
                    self.raw(),
                    entries.keys.bytes.as_ptr(),
                    entries.keys.lens.as_ptr(),
                    entries.values.bytes.as_ptr(),
                    entries.values.lens.as_ptr(),
                    entries.ttls.as_ptr(),
                    entries.ttls.len(),
                    options,
                    out,
                    error,
                )
            }
        })?;
        Ok(written_all(&result))
    }

    /// As [`put_many`](Keyspace::put_many), as a future.
    pub fn put_many_async<'a, I>(&self, entries: I) -> Operation<Vec<Result<(), Error>>>
    where
        I: IntoIterator,
        I::Item: Into<Entry<'a>>,
    {
        let entries = match PackedEntries::new(entries) {
            Ok(entries) => entries,
            Err(error) => return Operation::known(Err(error)),
        };
        self.options.pass(0, |options| {
            // SAFETY: all that is passed is copied before the call returns.
            Operation::begin(wrote_many, |done, context, op, error| unsafe {
                sys::distcache_put_many_async(
                    self.raw(),
                    entries.keys.bytes.as_ptr(),
                    entries.keys.lens.as_ptr(),
                    entries.values.bytes.as_ptr(),
                    entries.values.lens.as_ptr(),
                    entries.ttls.as_ptr(),
                    entries.ttls.len(),
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// Deletes a key at the owner and recalls every copy; a load that began before is never stored.
    /// Not an error if nobody held the key.
    pub fn delete(&self, key: impl AsRef<[u8]>) -> Result<(), Error> {
        let key = key.as_ref();
        self.options.pass(0, |options| {
            // SAFETY: all pointers are good for the call.
            checked(|error| unsafe {
                sys::distcache_delete(self.raw(), key.as_ptr(), key.len(), options, error)
            })
        })
    }

    /// As [`delete`](Keyspace::delete), as a future.
    pub fn delete_async(&self, key: impl AsRef<[u8]>) -> Operation<()> {
        let key = key.as_ref();
        self.options.pass(0, |options| {
            // SAFETY: key and options are copied before the call returns.
            Operation::begin(wrote_one, |done, context, op, error| unsafe {
                let (data, len) = (key.as_ptr(), key.len());
                sys::distcache_delete_async(
                    self.raw(),
                    data,
                    len,
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// Deletes many keys.
    pub fn delete_many<I>(&self, keys: I) -> Many<()>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let keys = Packed::keys(keys)?;
        let result = self.answered(|options, out, error| {
            // SAFETY: all pointers are good for the call, and there are as many lengths as said.
            unsafe {
                let (bytes, lens) = (keys.bytes.as_ptr(), keys.lens.as_ptr());
                let count = keys.lens.len();
                sys::distcache_delete_many(self.raw(), bytes, lens, count, options, out, error)
            }
        })?;
        Ok(written_all(&result))
    }

    /// As [`delete_many`](Keyspace::delete_many), as a future.
    pub fn delete_many_async<I>(&self, keys: I) -> Operation<Vec<Result<(), Error>>>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let keys = match Packed::keys(keys) {
            Ok(keys) => keys,
            Err(error) => return Operation::known(Err(error)),
        };
        self.options.pass(0, |options| {
            // SAFETY: keys and options are copied before the call returns.
            Operation::begin(wrote_many, |done, context, op, error| unsafe {
                let (bytes, lens) = (keys.bytes.as_ptr(), keys.lens.as_ptr());
                sys::distcache_delete_many_async(
                    self.raw(),
                    bytes,
                    lens,
                    keys.lens.len(),
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// A call that answers with a result.
    fn answered(
        &self,
        call: impl FnOnce(
            *const sys::distcache_options_t,
            *mut *mut sys::distcache_result_t,
            *mut *mut sys::distcache_error_t,
        ) -> sys::distcache_status_t,
    ) -> Result<ResultHandle, Error> {
        let mut out = std::ptr::null_mut();
        self.options.pass(0, |options| checked(|error| call(options, &mut out, error)))?;
        // SAFETY: a call that succeeded hands its result to the caller.
        unsafe { ResultHandle::take(out) }
            .ok_or_else(|| Error::of(Status::INTERNAL, "no result".into(), false, Vec::new()))
    }
}

/// A status that is not OK, with its error object if there is one: expected outcomes cost nothing.
struct Failed(i32, *mut sys::distcache_error_t);

impl Failed {
    fn into_error(self) -> Error {
        // SAFETY: the object was handed over by the failed call.
        unsafe { Error::take(self.0, self.1) }
    }
}

fn failed(
    call: impl FnOnce(*mut *mut sys::distcache_error_t) -> sys::distcache_status_t,
) -> Result<(), Failed> {
    let mut error = std::ptr::null_mut();
    match call(&mut error) {
        sys::DISTCACHE_OK => Ok(()),
        status => Err(Failed(status, error)),
    }
}

fn read_all(result: &ResultHandle) -> Vec<Result<Option<Value>, Error>> {
    (0..result.len()).map(|index| result.read(index)).collect()
}

fn written_all(result: &ResultHandle) -> Vec<Result<(), Error>> {
    (0..result.len()).map(|index| result.written(index)).collect()
}

// What completions turn into.

fn read_one(completion: Completion) -> Result<Option<Value>, Error> {
    match (&completion.result, completion.status) {
        (Some(result), sys::DISTCACHE_OK) => result.read(0),
        (_, sys::DISTCACHE_NOT_FOUND) => Ok(None),
        _ => Err(completion.into_error()),
    }
}

fn read_many(completion: Completion) -> Many<Option<Value>> {
    match (&completion.result, completion.status) {
        (Some(result), sys::DISTCACHE_OK) => Ok(read_all(result)),
        _ => Err(completion.into_error()),
    }
}

fn wrote_one(completion: Completion) -> Result<(), Error> {
    match completion.status {
        sys::DISTCACHE_OK => Ok(()),
        _ => Err(completion.into_error()),
    }
}

fn wrote_many(completion: Completion) -> Many<()> {
    match (&completion.result, completion.status) {
        (Some(result), sys::DISTCACHE_OK) => Ok(written_all(result)),
        _ => Err(completion.into_error()),
    }
}
