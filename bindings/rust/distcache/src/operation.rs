use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use distcache_sys as sys;

use crate::error::OwnedError;
use crate::value::ResultHandle;
use crate::Error;

/// An operation that was begun and completes later: a future of any runtime.
///
/// It has begun when the method that made it returns, and not at its first poll. Dropping it
/// cancels it: a load goes on for its other readers, a write that was sent may be applied.
#[must_use = "dropping an operation cancels it"]
pub struct Operation<T> {
    state: State,
    finish: fn(Completion) -> Result<T, Error>,
    known: Option<Result<T, Error>>,
    value: PhantomData<fn() -> T>,
}

enum State {
    /// `known` has the answer, or had it.
    Known,
    Begun(Begun),
}

/// What the library told when it was done.
pub(crate) struct Completion {
    pub(crate) status: sys::distcache_status_t,
    pub(crate) result: Option<ResultHandle>,
    error: OwnedError,
}

impl Completion {
    pub(crate) fn into_error(mut self) -> Error {
        let error = mem::replace(&mut self.error.0, ptr::null_mut());
        // SAFETY: the completion owned the error object.
        unsafe { Error::take(self.status, error) }
    }
}

/// Shared by the future and the completion; whoever is last drops it.
struct Shared(Mutex<Progress>);

enum Progress {
    Waiting(Option<Waker>),
    Arrived(Completion),
    Taken,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        // A waker may panic when it is cloned; what the lock guards is whole even then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An accepted operation of the library.
struct Begun {
    shared: Arc<Shared>,
    op: *mut sys::distcache_op_t,
}

// SAFETY: an operation may be cancelled and released by any thread.
unsafe impl Send for Begun {}
// SAFETY: cancelling is the one thing that is done through a shared reference, and any thread may
// do it at any time.
unsafe impl Sync for Begun {}

impl Drop for Begun {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; cancelling one that is complete does nothing.
        unsafe {
            if matches!(*self.shared.lock(), Progress::Waiting(_)) {
                sys::distcache_op_cancel(self.op);
            }
            sys::distcache_op_release(self.op);
        }
    }
}

// An answer is moved in and out and never pinned.
impl<T> Unpin for Operation<T> {}

impl<T> Operation<T> {
    /// One whose answer is known already.
    pub(crate) fn known(answer: Result<T, Error>) -> Self {
        let finish = |completion: Completion| Err(completion.into_error());
        Operation { state: State::Known, finish, known: Some(answer), value: PhantomData }
    }

    /// Submits: `submit` gets what the asynchronous functions of the library end with. `finish`
    /// makes the answer of what they tell.
    pub(crate) fn begin(
        finish: fn(Completion) -> Result<T, Error>,
        submit: impl FnOnce(
            sys::distcache_done_fn,
            usize,
            *mut *mut sys::distcache_op_t,
            *mut *mut sys::distcache_error_t,
        ) -> sys::distcache_status_t,
    ) -> Self {
        let shared = Arc::new(Shared(Mutex::new(Progress::Waiting(None))));
        let context = Arc::into_raw(shared.clone()) as usize;
        let (mut op, mut error) = (ptr::null_mut(), ptr::null_mut());
        let status = submit(Some(done), context, &mut op, &mut error);
        if status != sys::DISTCACHE_OK {
            // SAFETY: a refused call never completes, so the share that was meant for the
            // completion is still here, and it hands its error object to the caller.
            return Operation::known(Err(unsafe {
                drop(Arc::from_raw(context as *const Shared));
                Error::take(status, error)
            }));
        }
        let state = State::Begun(Begun { shared, op });
        Operation { state, finish, known: None, value: PhantomData }
    }

    /// Asks for the completion now: the future ends at once, with [`Error::Cancelled`] or
    /// [`Error::Unknown`] if nothing better is known. After the completion it does nothing.
    pub fn cancel(&self) {
        if let State::Begun(begun) = &self.state {
            // SAFETY: alive, since it is released when `begun` is dropped.
            unsafe { sys::distcache_op_cancel(begun.op) }
        }
    }
}

impl<T> Future for Operation<T> {
    type Output = Result<T, Error>;

    /// # Panics
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let completion = match &self.state {
            State::Known => {
                return Poll::Ready(self.known.take().expect("an operation is ready once"));
            }
            State::Begun(begun) => match arrived(&begun.shared, context.waker()) {
                Some(completion) => completion,
                None => return Poll::Pending,
            },
        };
        self.state = State::Known;
        Poll::Ready((self.finish)(completion))
    }
}

/// Takes the completion out, or leaves the waker to be woken by it.
fn arrived(shared: &Shared, waker: &Waker) -> Option<Completion> {
    let mut progress = shared.lock();
    let former = match &mut *progress {
        Progress::Waiting(Some(known)) if known.will_wake(waker) => None,
        Progress::Waiting(known) => known.replace(waker.clone()),
        _ => match mem::replace(&mut *progress, Progress::Taken) {
            Progress::Arrived(completion) => return Some(completion),
            _ => None,
        },
    };
    // A waker is the program's code, which runs under no lock.
    drop(progress);
    drop(former);
    None
}

/// Runs on an EVENT thread, once for every accepted operation.
unsafe extern "C" fn done(
    context: usize,
    status: sys::distcache_status_t,
    result: *mut sys::distcache_result_t,
    error: *mut sys::distcache_error_t,
) {
    // SAFETY: the share that `begin` made for this one call; result and error are handed over.
    let (shared, completion) = unsafe {
        let result = ResultHandle::take(result);
        let completion = Completion { status, result, error: OwnedError(error) };
        (Arc::from_raw(context as *const Shared), completion)
    };
    let before = mem::replace(&mut *shared.lock(), Progress::Arrived(completion));
    if let Progress::Waiting(Some(waker)) = before {
        // A waker is the program's code: what it throws must not reach the library.
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
    // If the future is gone, this drops result and error.
    drop(shared);
}
