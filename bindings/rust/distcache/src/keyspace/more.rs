//! The operations that a source or a version takes part in.

use distcache_sys as sys;

use super::{read_one, Keyspace};
use crate::error::checked;
use crate::operation::Completion;
use crate::source::{Once, Registration};
use crate::value::ResultHandle;
use crate::{Answer, Error, Failure, Fetch, Operation, Status, Value, Version};

impl Keyspace {
    /// As [`get`](Keyspace::get), with a loader for this one call in place of the data source,
    /// which the keyspace need not have. The owner of the key grants the load to one caller in the
    /// whole cluster; the others wait for its value, which is stored at the owner. If the node of
    /// that caller dies or takes too long, the next one loads; a delete that comes meanwhile wins.
    ///
    /// The loader runs on a SOURCE thread of this engine by the rules of
    /// [`DataSource`](crate::DataSource): once, or not at all where there is a value already or
    /// another caller loads. It is dropped when it can run no more, perhaps on the thread of the
    /// engine that runs completions, where its `Drop` must not block, and may outlive a call that
    /// timed out.
    ///
    /// ```
    /// # use distcache::{Answer, Engine, Keyspace};
    /// # let engine = Engine::builder().bind_port(0).discovery_port(0).open()?;
    /// let pages = engine.add(Keyspace::builder("pages").bytes_max(64 << 20))?;
    /// let page = pages.get_with("index", |_| Ok(Answer::value("<html>")))?;
    /// assert_eq!(page.as_deref(), Some(&b"<html>"[..]));
    /// # engine.close()?;
    /// # Ok::<(), distcache::Error>(())
    /// ```
    pub fn get_with<F>(&self, key: impl AsRef<[u8]>, loader: F) -> Result<Option<Value>, Error>
    where
        F: FnOnce(&Fetch) -> Result<Answer, Failure> + Send + 'static,
    {
        let key = key.as_ref();
        if let Some(known) = self.held(key) {
            return known;
        }
        let context = Registration::context(Once::new(loader));
        found(self.answered(|options, out, error| {
            // SAFETY: key and options are good for the call; callback and finaliser fit the
            // context, which the finaliser ends also if the call fails.
            unsafe {
                sys::distcache_get_with(
                    self.raw(),
                    key.as_ptr(),
                    key.len(),
                    Some(Registration::fetch),
                    context,
                    Some(Registration::finalize),
                    options,
                    out,
                    error,
                )
            }
        }))
    }

    /// As [`get_with`](Keyspace::get_with), as a future.
    pub fn get_with_async<F>(&self, key: impl AsRef<[u8]>, loader: F) -> Operation<Option<Value>>
    where
        F: FnOnce(&Fetch) -> Result<Answer, Failure> + Send + 'static,
    {
        let key = key.as_ref();
        if let Some(known) = self.held(key) {
            return Operation::known(known);
        }
        let loader = Registration::context(Once::new(loader));
        self.options.pass(0, |options| {
            // SAFETY: key and options are copied before the call returns; callback and finaliser
            // fit the loader, which the finaliser ends also if the call is refused.
            Operation::begin(read_one, |done, context, op, error| unsafe {
                sys::distcache_get_with_async(
                    self.raw(),
                    key.as_ptr(),
                    key.len(),
                    Some(Registration::fetch),
                    loader,
                    Some(Registration::finalize),
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }

    /// Loads the key from the source now and replaces what is held, which is served meanwhile;
    /// answers the new value. `Ok`: no read that starts later, on any member, answers what was held
    /// before; `None`: the source does not know the key any more, and nothing is held.
    ///
    /// [`Partial`](Error::Partial), [`TimedOut`](Error::TimedOut) and [`Unknown`](Error::Unknown):
    /// the old value may still be read. [`Unsupported`](Error::Unsupported): the owner has no
    /// source. Any other error leaves what is held in place.
    pub fn refresh(&self, key: impl AsRef<[u8]>) -> Result<Option<Value>, Error> {
        let key = key.as_ref();
        found(self.answered(|options, out, error| {
            // SAFETY: all pointers are good for the call.
            unsafe {
                sys::distcache_refresh(self.raw(), key.as_ptr(), key.len(), options, out, error)
            }
        }))
    }

    /// As [`refresh`](Keyspace::refresh), as a future.
    pub fn refresh_async(&self, key: impl AsRef<[u8]>) -> Operation<Option<Value>> {
        let key = key.as_ref();
        self.options.pass(0, |options| {
            // SAFETY: key and options are copied before the call returns.
            Operation::begin(read_one, |done, context, op, error| unsafe {
                let (data, len) = (key.as_ptr(), key.len());
                sys::distcache_refresh_async(
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

    /// Stores a value only if the version of the entry is `expected`, or, with `None`, only if
    /// there is no entry; nothing is loaded for it. The owner decides: of several calls that expect
    /// the same version, one is applied. Answers the version of the new entry.
    ///
    /// [`VersionMismatch`](Error::VersionMismatch): not applied; [`Error::version`] is that of the
    /// entry that is there. [`PeerUnreachable`](Error::PeerUnreachable): not applied either, since
    /// this member does not reach the owner. [`Partial`](Error::Partial): applied, by whoever acts
    /// for an owner that is gone, or not confirmed by all. That and [`Unknown`](Error::Unknown) are
    /// not to be tried again as they stand: read, and decide again.
    ///
    /// ```
    /// # use distcache::{Engine, Error, Keyspace};
    /// # let engine = Engine::builder().bind_port(0).discovery_port(0).open()?;
    /// # let stock = engine.add(Keyspace::builder("stock").bytes_max(64 << 20))?;
    /// let first = stock.put_if("apples", "7", None)?;
    /// let refused = stock.put_if("apples", "8", None).unwrap_err();
    /// assert!(matches!(refused, Error::VersionMismatch(_)));
    /// assert_eq!(refused.version(), Some(first));
    /// stock.put_if("apples", "6", Some(first))?;
    /// # engine.close()?;
    /// # Ok::<(), distcache::Error>(())
    /// ```
    pub fn put_if(
        &self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        expected: Option<Version>,
    ) -> Result<Version, Error> {
        let (key, value) = (key.as_ref(), value.as_ref());
        let expected = raw_version(expected);
        let mut version = raw_version(None);
        let outcome = self.options.pass(0, |options| {
            // SAFETY: all pointers are good for the call.
            checked(|error| unsafe {
                sys::distcache_put_if(
                    self.raw(),
                    key.as_ptr(),
                    key.len(),
                    value.as_ptr(),
                    value.len(),
                    &expected,
                    options,
                    &mut version,
                    error,
                )
            })
        });
        decided(outcome, Version::from_raw(&version))
    }

    /// As [`put_if`](Keyspace::put_if), as a future.
    pub fn put_if_async(
        &self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        expected: Option<Version>,
    ) -> Operation<Version> {
        let (key, value) = (key.as_ref(), value.as_ref());
        let expected = raw_version(expected);
        self.options.pass(0, |options| {
            // SAFETY: all that is passed is copied before the call returns.
            Operation::begin(put_if_done, |done, context, op, error| unsafe {
                sys::distcache_put_if_async(
                    self.raw(),
                    key.as_ptr(),
                    key.len(),
                    value.as_ptr(),
                    value.len(),
                    &expected,
                    options,
                    done,
                    context,
                    op,
                    error,
                )
            })
        })
    }
}

fn raw_version(version: Option<Version>) -> sys::distcache_entry_version_t {
    let Version { epoch, owner, counter } = version.unwrap_or_default();
    sys::distcache_entry_version_t { epoch, owner, counter }
}

fn found(answer: Result<ResultHandle, Error>) -> Result<Option<Value>, Error> {
    match answer {
        Ok(result) => result.read(0),
        Err(error) if error.status() == Status::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

fn decided(outcome: Result<(), Error>, version: Version) -> Result<Version, Error> {
    outcome.map(|()| version).map_err(|error| error.with_version(version))
}

fn put_if_done(completion: Completion) -> Result<Version, Error> {
    let version = completion.result.as_ref().map_or(Version::default(), |told| told.version(0));
    let outcome = match completion.status {
        sys::DISTCACHE_OK => Ok(()),
        _ => Err(completion.into_error()),
    };
    decided(outcome, version)
}
