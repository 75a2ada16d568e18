use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use distcache::{Answer, CallOptions, Entry, Error, Fetch, Peek};

use crate::common::{block_on, eventually, exclaim, open, Alarm, Gate, PATIENCE};

#[test]
fn every_operation_has_a_future() {
    let (_engine, users) = open(exclaim);
    assert_eq!(&*block_on(users.get_async("a")).unwrap().unwrap(), b"a!");
    assert_eq!(&*block_on(users.get_async("a")).unwrap().unwrap(), b"a!");
    assert!(block_on(users.get_async("missing")).unwrap().is_none());
    block_on(users.put_async("b", "two")).unwrap();
    let read = block_on(users.get_many_async(["b", "missing", "c"])).unwrap();
    assert_eq!(&**read[0].as_ref().unwrap().as_ref().unwrap(), b"two");
    assert!(read[1].as_ref().unwrap().is_none());
    assert_eq!(&**read[2].as_ref().unwrap().as_ref().unwrap(), b"c!");
    let wrote = block_on(users.put_many_async([("d", "4"), ("e", "5")])).unwrap();
    assert!(wrote.len() == 2 && wrote.iter().all(Result::is_ok));
    block_on(users.delete_async("d")).unwrap();
    assert!(matches!(users.peek("d").unwrap(), Peek::NotCached));
    assert!(block_on(users.delete_many_async(["b", "e"])).unwrap().iter().all(Result::is_ok));
    let none: [Entry; 0] = [];
    assert_eq!(block_on(users.put_many_async(none)).unwrap().len(), 0);
    let late = users.with(CallOptions::new().timeout_millis(-1));
    assert!(matches!(block_on(late.put_async("a", "")), Err(Error::InvalidArgument(_))));
}

#[test]
fn a_hit_is_ready_at_once_and_counts() {
    let (_engine, users) = open(exclaim);
    users.get("a").unwrap();
    let mut hit = users.get_async("a");
    let alarm = Alarm::new();
    let waker = Waker::from(alarm.clone());
    let poll = Pin::new(&mut hit).poll(&mut Context::from_waker(&waker));
    assert!(matches!(poll, Poll::Ready(Ok(Some(value))) if *value == *b"a!"));
    assert_eq!(alarm.rings.load(Ordering::SeqCst), 0);
    let stats = users.stats().unwrap();
    assert_eq!((stats.gets, stats.hits), (2, 1));
}

#[test]
fn the_last_waker_is_woken_once() {
    let gate = Gate::default();
    let inside = gate.clone();
    let (_engine, users) = open(move |fetch: &Fetch| {
        inside.pass();
        exclaim(fetch)
    });
    let mut get = users.get_async("a");
    let (first, last) = (Alarm::new(), Alarm::new());
    for alarm in [&first, &first, &last, &last] {
        let waker = Waker::from(alarm.clone());
        assert!(Pin::new(&mut get).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    // The future keeps the last one, and one of it.
    assert_eq!((Arc::strong_count(&first), Arc::strong_count(&last)), (1, 2));
    gate.open();
    eventually("woken", || last.rings.load(Ordering::SeqCst) == 1);
    assert_eq!(first.rings.load(Ordering::SeqCst), 0);
    assert_eq!(&*block_on(get).unwrap().unwrap(), b"a!");
    assert_eq!((Arc::strong_count(&last), last.rings.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn dropping_a_future_cancels_it_and_nobody_else() {
    let gate = Gate::default();
    let inside = gate.clone();
    let (_engine, users) = open(move |fetch: &Fetch| {
        inside.pass();
        exclaim(fetch)
    });
    let alarm = Alarm::new();
    let waker = Waker::from(alarm.clone());
    let mut dropped = users.get_async("a");
    let (cancelled, stays) = (users.get_async("a"), users.get_async("a"));
    assert!(Pin::new(&mut dropped).poll(&mut Context::from_waker(&waker)).is_pending());
    gate.await_arrivals(1);
    drop(dropped);
    cancelled.cancel();
    assert!(matches!(block_on(cancelled), Err(Error::Cancelled(_))));
    // Its completion came, woke a waker that nobody heeds, and let go of it.
    drop(waker);
    eventually("let go", || Arc::strong_count(&alarm) == 1);
    gate.open();
    assert_eq!(&*block_on(stays).unwrap().unwrap(), b"a!");
}

#[test]
fn a_close_ends_every_future() {
    let gate = Gate::default();
    let inside = gate.clone();
    let (engine, users) = open(move |_: &Fetch| {
        inside.pass();
        Ok(Answer::not_found())
    });
    let get = users.get_async("a");
    gate.await_arrivals(1);
    let closing = thread::spawn(move || engine.close_within(Duration::from_millis(20)));
    assert!(matches!(block_on(get), Err(Error::Closed(_) | Error::Cancelled(_))));
    let closed = closing.join().unwrap(); // the source still hangs, or does so no more
    assert!(matches!(closed, Ok(()) | Err(Error::TimedOut(_))));
    gate.open();
    assert!(matches!(block_on(users.get_async("a")), Err(Error::Closed(_))));
    assert!(matches!(block_on(users.put_async("a", "b")), Err(Error::Closed(_))));
}

#[test]
fn tokio_polls_them_too() {
    let (_engine, users) = open(exclaim);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|index| {
            let users = users.clone();
            runtime.spawn(async move {
                let key = format!("{}", index % 20);
                users.get_async(&key).await.map(|value| value.unwrap().to_vec())
            })
        })
        .collect();
    runtime.block_on(async {
        for (index, task) in tasks.into_iter().enumerate() {
            let value = tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap().unwrap();
            assert_eq!(value, format!("{}!", index % 20).as_bytes());
        }
    });
    assert_eq!(users.stats().unwrap().loads, 20);
}

#[test]
#[should_panic(expected = "ready once")]
fn polling_after_the_end_is_a_mistake_of_the_program() {
    let (_engine, users) = open(exclaim);
    users.get("a").unwrap();
    let mut get = users.get_async("a");
    let waker = Waker::from(Alarm::new());
    let mut context = Context::from_waker(&waker);
    assert!(Pin::new(&mut get).poll(&mut context).is_ready());
    let _ = Pin::new(&mut get).poll(&mut context);
}

/// A waker that panics must not take the engine down with it.
struct Bad;

impl std::task::Wake for Bad {
    fn wake(self: Arc<Self>) {
        std::panic::resume_unwind(Box::new("a waker that panics"));
    }
}

#[test]
fn a_waker_that_panics_harms_nobody() {
    let gate = Gate::default();
    let inside = gate.clone();
    let (_engine, users) = open(move |fetch: &Fetch| {
        inside.pass();
        exclaim(fetch)
    });
    let mut get = users.get_async("a");
    let bad = Waker::from(Arc::new(Bad));
    assert!(Pin::new(&mut get).poll(&mut Context::from_waker(&bad)).is_pending());
    gate.open();
    assert_eq!(&*users.get("b").unwrap().unwrap(), b"b!");
    assert_eq!(&*block_on(get).unwrap().unwrap(), b"a!");
}
