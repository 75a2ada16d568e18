use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use distcache::{
    Answer, AsyncDataSource, CallOptions, Engine, Error, Failure, Fetch, Keyspace, Load,
    OnSourceThread, Peek, Trace, Ttl,
};

use crate::common::{
    block_on, eventually, exclaim, open, open_with, quietly, users, Gate, PATIENCE,
};

#[test]
fn what_a_source_says_of_a_value_is_kept() {
    let source = |fetch: &Fetch| -> Result<Answer, Failure> {
        let answer = Answer::value(fetch.keyspace());
        Ok(match fetch.key() {
            b"hour" => answer.ttl(Duration::from_secs(3600)).tag("a").tag("b"),
            b"forever" => answer.ttl(Ttl::NEVER).source_version(7),
            b"once" => answer.no_store(),
            b"badly tagged" => answer.tag(""),
            _ => Answer::from(None::<&str>),
        })
    };
    let (_engine, users) = open_with(users().source(source).ttl(Duration::from_secs(60)));
    let hour = users.get("hour").unwrap().unwrap();
    assert_eq!(&*hour, b"users");
    assert!(hour.remaining_ttl().unwrap() > Duration::from_secs(600));
    assert_eq!(users.get("forever").unwrap().unwrap().remaining_ttl(), None);
    users.get("once").unwrap().unwrap();
    assert!(matches!(users.peek("once").unwrap(), Peek::NotCached));
    assert!(users.get("nobody").unwrap().is_none());
    assert!(users.get("badly tagged").is_err());
}

#[test]
fn failures_say_whether_a_retry_helps() {
    let (_engine, users) = open(|fetch: &Fetch| match fetch.key() {
        b"busy" => Err(Failure::retriable("disk is busy")),
        b"io" => Ok(std::fs::read("/does/not/exist")?.into()),
        _ => Err(Failure::permanent("never\0heard")),
    });
    let busy = users.get("busy").err().unwrap();
    assert!(matches!(busy, Error::SourceFailed(_)) && busy.is_retriable());
    assert!(busy.message().contains("disk is busy"));
    let io = users.get("io").err().unwrap();
    assert!(!io.is_retriable() && io.message().contains("No such file"), "{io}");
    let never = users.get("x").err().unwrap();
    assert!(never.message().contains("never") && !never.message().contains("heard"));
    let items = users.get_many(["busy", "x"]).unwrap();
    assert!(items[0].as_ref().err().unwrap().is_retriable());
    assert!(!items[1].as_ref().err().unwrap().is_retriable());
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("meant: the payload");
    }
}

#[test]
fn a_panic_is_an_error_for_its_waiters_and_nothing_else() {
    quietly();
    let calls = AtomicUsize::new(0);
    let (_engine, users) = open(move |fetch: &Fetch| {
        if calls.fetch_add(1, Ordering::SeqCst) < 3 {
            match fetch.key() {
                b"text" => panic!("meant: {}", 42),
                b"number" => std::panic::panic_any(Box::new(7)),
                _ => std::panic::panic_any(Bomb),
            }
        }
        exclaim(fetch)
    });
    let text = users.get("text").err().unwrap();
    assert!(matches!(text, Error::SourceFailed(_)) && !text.is_retriable());
    assert!(text.message().contains("meant: 42"), "{text}");
    assert!(matches!(users.get("number"), Err(Error::SourceFailed(_))));
    assert!(matches!(users.get("bomb"), Err(Error::SourceFailed(_))));
    for key in ["text", "number", "bomb"] {
        assert!(users.get(key).unwrap().is_some());
    }
}

#[test]
fn the_owner_of_a_fetch_answers_from_any_thread() {
    quietly();
    let (sender, receiver) = mpsc::channel::<Fetch>();
    let sender = Mutex::new(sender);
    let definition = users().source_fn(move |fetch| match fetch.key() {
        b"dropped" => drop(fetch),
        b"panics" => panic!("meant"),
        _ => sender.lock().unwrap().send(fetch).unwrap(),
    });
    let (engine, users) = open_with(definition);
    let later = thread::spawn(move || {
        for fetch in receiver {
            if fetch.key() == b"in a thread" {
                let _ = thread::spawn(move || {
                    let _fetch = fetch;
                    panic!("meant");
                })
                .join();
            } else {
                let value = [fetch.key(), b" later"].concat();
                fetch.complete(value);
            }
        }
    });
    assert_eq!(&*users.get("a").unwrap().unwrap(), b"a later");
    let dropped = users.get("dropped").err().unwrap();
    assert!(dropped.message().contains("without an answer"), "{dropped}");
    for key in ["panics", "in a thread"] {
        let panicked = users.get(key).err().unwrap();
        assert!(matches!(panicked, Error::SourceFailed(_)), "{panicked}");
        assert!(panicked.message().contains("panicked"), "{panicked}");
    }
    engine.close().unwrap();
    drop((engine, users));
    later.join().unwrap(); // the source was dropped, and its sender with it
}

/// Becomes ready when another thread says so.
struct Slowly;

impl AsyncDataSource for Slowly {
    async fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        let said = Arc::new((AtomicBool::new(false), Mutex::new(None::<Waker>)));
        let other = said.clone();
        let speaker = thread::spawn(move || {
            other.0.store(true, Ordering::SeqCst);
            if let Some(waker) = other.1.lock().unwrap().take() {
                waker.wake();
            }
        });
        poll_fn(|context| {
            *said.1.lock().unwrap() = Some(context.waker().clone());
            if said.0.load(Ordering::SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        speaker.join().unwrap();
        if fetch.key() == b"panics" {
            panic!("meant: in a future");
        }
        exclaim(fetch)
    }
}

fn slowly(spawn: impl distcache::Spawn) {
    quietly();
    let (_engine, users) = open_with(users().source_async(Slowly, spawn));
    assert_eq!(&*users.get("a").unwrap().unwrap(), b"a!");
    assert!(users.get("missing").unwrap().is_none());
    let panicked = users.get("panics").err().unwrap();
    assert!(panicked.message().contains("meant: in a future"), "{panicked}");
    let many: Vec<String> = (0..50).map(|index| index.to_string()).collect();
    for (key, value) in many.iter().zip(users.get_many(&many).unwrap()) {
        assert_eq!(&*value.unwrap().unwrap(), format!("{key}!").as_bytes());
    }
}

#[test]
fn futures_of_a_source_are_polled_on_the_source_thread() {
    slowly(OnSourceThread);
}

#[test]
fn futures_of_a_source_are_polled_where_the_program_says() {
    slowly(|load: Load| {
        thread::spawn(|| block_on(load));
    });
}

#[test]
fn a_load_that_the_program_drops_fails() {
    let (_engine, users) = open_with(users().source_async(Slowly, |load: Load| drop(load)));
    let dropped = users.get("a").err().unwrap();
    assert!(dropped.message().contains("without an answer"), "{dropped}");
}

#[test]
fn futures_of_a_source_run_on_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    slowly(move |load: Load| {
        handle.spawn(load);
    });
    runtime.shutdown_timeout(PATIENCE);
}

/// Never ready; tells when it was dropped.
struct Never(Arc<AtomicUsize>);

struct Told(Arc<AtomicUsize>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl AsyncDataSource for Never {
    async fn fetch(&self, _: &Fetch) -> Result<Answer, Failure> {
        let _told = Told(self.0.clone());
        pending().await
    }
}

#[test]
fn a_future_that_nobody_waits_for_is_dropped() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let definition = users()
        .source_async(Never(dropped.clone()), OnSourceThread)
        .fetch_timeout(Duration::from_millis(30));
    let (_engine, users) = open_with(definition);
    // The engine says so, or the load that gives up as its time is over.
    let late = users.get("a").err().unwrap();
    assert!(matches!(late, Error::TimedOut(_) | Error::SourceFailed(_)), "{late}");
    assert!(late.is_retriable());
    eventually("dropped", || dropped.load(Ordering::SeqCst) == 1);
}

#[test]
fn a_source_sees_its_time_its_trace_and_its_cancellation() {
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let (engine, users) = open(move |fetch: &Fetch| {
        let seen = (fetch.remaining(), fetch.trace(), fetch.is_cancelled());
        while fetch.key() == b"slow" && !fetch.is_cancelled() {
            thread::sleep(Duration::from_millis(1));
        }
        sender.lock().unwrap().send((seen, fetch.remaining())).unwrap();
        exclaim(fetch)
    });
    let trace = Trace {
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into(),
        tracestate: String::new(),
    };
    users.with(CallOptions::new().trace(&trace).unwrap()).get("quick").unwrap();
    let ((remaining, seen, cancelled), _) = receiver.recv_timeout(PATIENCE).unwrap();
    assert!(!remaining.is_zero() && remaining <= PATIENCE && !cancelled);
    let seen = seen.unwrap();
    assert_eq!(seen.traceparent[..35], trace.traceparent[..35]);

    let hurried = users.with(CallOptions::new().timeout(Duration::from_millis(20)));
    assert!(matches!(hurried.get("slow"), Err(Error::TimedOut(_))));
    // The load goes on for whoever asks next, until the engine closes.
    let _ = engine.close_within(Duration::from_millis(20)); // the source may take longer
    receiver.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_source_may_ask_for_other_keys_but_not_wait_for_itself() {
    let engine = crate::common::builder().open().unwrap();
    let own: Arc<Mutex<Option<Keyspace>>> = Arc::default();
    let asked = own.clone();
    let definition = users().source(move |fetch: &Fetch| {
        let keyspace = asked.lock().unwrap().clone().unwrap();
        match fetch.key() {
            b"outer" => Ok(keyspace.get("inner")?.map(|value| value.to_vec()).into()),
            b"self" => Ok(keyspace.get("self")?.map(|value| value.to_vec()).into()),
            b"elsewhere" => thread::scope(|scope| {
                let keyspace = keyspace.with(CallOptions::new().parent(fetch));
                let get = scope.spawn(move || keyspace.get("elsewhere").map(drop));
                Err(Failure::from(get.join().unwrap().unwrap_err()))
            }),
            _ => exclaim(fetch),
        }
    });
    let keyspace = engine.add(definition).unwrap();
    *own.lock().unwrap() = Some(keyspace.clone());
    assert_eq!(&*keyspace.get("outer").unwrap().unwrap(), b"inner!");
    for key in ["self", "elsewhere"] {
        let refused = keyspace.get(key).err().unwrap();
        assert!(refused.message().contains("WOULD_DEADLOCK"), "{refused}");
    }
    *own.lock().unwrap() = None;
}

#[test]
fn one_load_serves_many_readers_and_a_late_answer_is_harmless() {
    let (gate, loads) = (Gate::default(), Arc::new(AtomicUsize::new(0)));
    let (inside, counted) = (gate.clone(), loads.clone());
    let (engine, users): (Engine, Keyspace) = open(move |fetch: &Fetch| {
        counted.fetch_add(1, Ordering::SeqCst);
        inside.pass();
        exclaim(fetch)
    });
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let users = users.clone();
            thread::spawn(move || users.get("a").map(|value| value.unwrap().to_vec()))
        })
        .collect();
    gate.await_arrivals(1);
    let hurried = users.with(CallOptions::new().timeout(Duration::from_millis(5)));
    assert!(matches!(hurried.get("a"), Err(Error::TimedOut(_))));
    gate.open();
    for reader in readers {
        assert_eq!(reader.join().unwrap().unwrap(), b"a!");
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    engine.close().unwrap();
}
