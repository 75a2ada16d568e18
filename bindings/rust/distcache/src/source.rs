use std::any::Any;
use std::future::{poll_fn, Future};
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use distcache_sys as sys;

use crate::{Answer, Failure, Fetch};

/// The data source of a keyspace: fetches what is missing. The form that answers before it returns;
/// closures are sources too.
///
/// ```
/// use distcache::{Answer, Failure, Fetch};
///
/// fn fetch_user(fetch: &Fetch) -> Result<Answer, Failure> {
///     let name = std::fs::read_to_string(std::str::from_utf8(fetch.key())?)?;
///     Ok(Answer::value(name))
/// }
/// # let _ = distcache::Keyspace::builder("users").source(fetch_user);
/// ```
///
/// It runs on a SOURCE thread of the engine and may block; several calls run at once, for different
/// keys. It may call the engine for other keys; what would wait for its own load answers
/// [`Error::WouldDeadlock`](crate::Error::WouldDeadlock). A panic fails this load and nothing else
/// (unless panics abort the process).
///
/// It is dropped when no load can call it any more, perhaps on a thread of the engine: its `Drop`
/// must not block. It may own handles of the library.
pub trait DataSource: Send + Sync + 'static {
    /// Fetches one key.
    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure>;
}

impl<F> DataSource for F
where
    F: Fn(&Fetch) -> Result<Answer, Failure> + Send + Sync + 'static,
{
    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        self(fetch)
    }
}

/// The form of a [`DataSource`] that answers with a future; an implementation may be written as
/// `async fn`.
///
/// Where it runs is the choice of the [`Spawn`] that comes with it. Once nobody waits for the
/// answer any more, the future is dropped the next time it is polled.
pub trait AsyncDataSource: Send + Sync + 'static {
    /// Fetches one key.
    fn fetch(&self, fetch: &Fetch) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// A load of an [`AsyncDataSource`], to be polled to its end.
pub type Load = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the loads of an [`AsyncDataSource`] are polled: [`OnSourceThread`], or the runtime of the
/// program, as a closure: `|load| { tokio::spawn(load); }`. A load that is dropped fails.
pub trait Spawn: Send + Sync + 'static {
    /// Takes a load over. SOURCE thread.
    fn spawn(&self, load: Load);
}

impl<F: Fn(Load) + Send + Sync + 'static> Spawn for F {
    fn spawn(&self, load: Load) {
        self(load)
    }
}

/// Polls each load on the SOURCE thread that it was given to, which waits for it: needs no runtime,
/// and has as many loads at once as there are `source.threads`.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnSourceThread;

impl Spawn for OnSourceThread {
    fn spawn(&self, mut load: Load) {
        let waker = Arc::new(Unpark(thread::current())).into();
        let mut context = Context::from_waker(&waker);
        while load.as_mut().poll(&mut context).is_pending() {
            // Nobody announces a cancellation: the load looks for it whenever it is polled.
            thread::park_timeout(Duration::from_millis(20));
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What a keyspace calls, whatever form the program's source has.
pub(crate) trait Start: Send + Sync {
    fn start(&self, fetch: Fetch);
}

pub(crate) struct Blocking<S>(pub(crate) S);

impl<S: DataSource> Start for Blocking<S> {
    fn start(&self, fetch: Fetch) {
        let outcome = guarded(|| self.0.fetch(&fetch));
        fetch.answer(outcome.unwrap_or_else(Err));
    }
}

/// A source that is given the fetch itself.
pub(crate) struct Owning<F>(pub(crate) F);

impl<F: Fn(Fetch) + Send + Sync> Start for Owning<F> {
    fn start(&self, fetch: Fetch) {
        self.0(fetch);
    }
}

/// The loader of one call.
pub(crate) struct Once<F>(Mutex<Option<F>>);

impl<F> Once<F> {
    pub(crate) fn new(loader: F) -> Self {
        Once(Mutex::new(Some(loader)))
    }
}

impl<F> Start for Once<F>
where
    F: FnOnce(&Fetch) -> Result<Answer, Failure> + Send,
{
    fn start(&self, fetch: Fetch) {
        let loader = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The library calls it once at most; a fetch that is dropped fails.
        if let Some(loader) = loader {
            let outcome = guarded(|| loader(&fetch));
            fetch.answer(outcome.unwrap_or_else(Err));
        }
    }
}

pub(crate) struct Asynchronous<S, P> {
    pub(crate) source: Arc<S>,
    pub(crate) spawn: P,
}

impl<S: AsyncDataSource, P: Spawn> Start for Asynchronous<S, P> {
    fn start(&self, fetch: Fetch) {
        let source = self.source.clone();
        self.spawn.spawn(Box::pin(async move {
            let outcome = fetched(&*source, &fetch).await;
            fetch.answer(outcome);
        }));
    }
}

async fn fetched<S: AsyncDataSource>(source: &S, fetch: &Fetch) -> Result<Answer, Failure> {
    let mut load = pin!(async { source.fetch(fetch).await });
    poll_fn(|context| {
        if fetch.is_cancelled() {
            return Poll::Ready(Err(Failure::retriable(
                "the load was cancelled, or its time is over",
            )));
        }
        match guarded(|| load.as_mut().poll(context)) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// Runs code of the program; a panic becomes a failure with its message.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| Failure::permanent(told_by("the source", panic)))
}

/// Ends a panic of the program; what it said, for people.
pub(crate) fn told_by(who: &str, panic: Box<dyn Any + Send>) -> String {
    let message = if let Some(text) = panic.downcast_ref::<&str>() {
        format!("{who} panicked: {text}")
    } else if let Some(text) = panic.downcast_ref::<String>() {
        format!("{who} panicked: {text}")
    } else {
        format!("{who} panicked")
    };
    forget_panic(panic);
    message
}

/// What was thrown may throw again when it is dropped; what does so without end is leaked.
fn forget_panic(mut panic: Box<dyn Any + Send>) {
    for _ in 0..8 {
        match catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            Ok(()) => return,
            Err(again) => panic = again,
        }
    }
    mem::forget(panic);
}

/// A source as the library keeps it: context, callback and finaliser.
pub(crate) struct Registration(Box<dyn Start>);

impl Registration {
    pub(crate) fn context(source: impl Start + 'static) -> usize {
        Box::into_raw(Box::new(Registration(Box::new(source)))) as usize
    }

    pub(crate) unsafe extern "C" fn fetch(context: usize, fetch: *mut sys::distcache_fetch_t) {
        // SAFETY: the context lives until `finalize`, which runs after the last call of this; the
        // fetch is handed over.
        let (source, fetch) = unsafe { (&*(context as *const Registration), Fetch::take(fetch)) };
        // No panic may reach the library; a fetch that was dropped by one has been answered.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| source.0.start(fetch))) {
            forget_panic(panic);
        }
    }

    pub(crate) unsafe extern "C" fn finalize(context: usize) {
        // SAFETY: runs once, when nothing refers to the context any more.
        let source = unsafe { Box::from_raw(context as *mut Registration) };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(source))) {
            forget_panic(panic);
        }
    }
}
