//! What the tests share.
#![allow(dead_code)] // each test program uses a part

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use distcache::{
    Answer, DataSource, Engine, EngineBuilder, Failure, Fetch, Keyspace, KeyspaceBuilder,
};

/// Longer than anything takes on a machine that is busy with ten others.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub fn builder() -> EngineBuilder {
    Engine::builder()
        .bind_port(0)
        .discovery_port(0)
        .read_timeout(PATIENCE)
        .write_timeout(PATIENCE)
        .shutdown_timeout(PATIENCE)
}

/// An engine that is alone, with one keyspace.
pub fn open(source: impl DataSource) -> (Engine, Keyspace) {
    open_with(users().source(source))
}

pub fn open_with(definition: KeyspaceBuilder) -> (Engine, Keyspace) {
    let engine = builder().open().unwrap();
    let keyspace = engine.add(definition).unwrap();
    (engine, keyspace)
}

pub fn users() -> KeyspaceBuilder {
    Keyspace::builder("users").bytes_max(64 << 20)
}

/// Answers with the key and an exclamation mark; `missing` is not found.
pub fn exclaim(fetch: &Fetch) -> Result<Answer, Failure> {
    match fetch.key() {
        b"missing" => Ok(Answer::not_found()),
        key => Ok(Answer::value([key, b"!"].concat())),
    }
}

/// A door that loads wait at.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Gate {
    /// Waits until it is open.
    pub fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        state.0 += 1;
        changed.notify_all();
        while !state.1 {
            state = changed.wait(state).unwrap();
        }
    }

    /// Waits until so many came.
    pub fn await_arrivals(&self, count: usize) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap();
        let waited = changed.wait_timeout_while(state, PATIENCE, |state| state.0 < count).unwrap();
        assert!(waited.0 .0 >= count, "fewer than {count} came");
    }

    pub fn open(&self) {
        self.0 .0.lock().unwrap().1 = true;
        self.0 .1.notify_all();
    }
}

/// Waits until it is so.
pub fn eventually(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < deadline, "not so in time: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Wakes its thread and counts.
pub struct Alarm {
    thread: Thread,
    pub rings: AtomicUsize,
}

impl Alarm {
    pub fn new() -> Arc<Self> {
        Arc::new(Alarm { thread: thread::current(), rings: AtomicUsize::new(0) })
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rings.fetch_add(1, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// The smallest executor: polls only when it was woken.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let alarm = Alarm::new();
    let waker = Waker::from(alarm.clone());
    let deadline = Instant::now() + PATIENCE;
    let mut seen = 0;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        while alarm.rings.load(Ordering::SeqCst) == seen {
            assert!(Instant::now() < deadline, "nobody woke the future");
            thread::park_timeout(PATIENCE);
        }
        seen = alarm.rings.load(Ordering::SeqCst);
    }
}

/// Says nothing of the panics that are meant, on this thread's children too.
pub fn quietly() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let meant = |text: &str| text.contains("meant");
            let payload = info.payload();
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            if text.is_some_and(|text| !meant(text)) {
                usual(info);
            }
        }));
    });
}
