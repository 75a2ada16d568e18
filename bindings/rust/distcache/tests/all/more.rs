//! put_if, refresh and get_with.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use distcache::{Answer, CallOptions, Error, Failure, Fetch, Keyspace, Peek, Ttl, Version};

use crate::common::{
    block_on, builder, eventually, exclaim, open, open_with, quietly, users, Gate,
};

/// No source: what is there was put there.
fn bare() -> (distcache::Engine, Keyspace) {
    open_with(users())
}

#[test]
fn put_if_is_done_over_the_version_that_it_names() {
    let (_engine, users) = bare();
    let first = users.put_if("7", "a", None).unwrap();
    let elsewhere = Version { epoch: 1, owner: 2, counter: 3 };
    for wrong in [None, Some(Version::default()), Some(elsewhere)] {
        let refused = users.put_if("7", "b", wrong).unwrap_err();
        assert!(matches!(refused, Error::VersionMismatch(_)), "{refused}");
        assert_eq!(refused.version(), Some(first));
    }
    let hour = users.with(CallOptions::new().ttl(Duration::from_secs(3600)));
    let second = hour.put_if("7", "", Some(first)).unwrap();
    let held = users.get("7").unwrap().unwrap();
    assert_eq!((held.len(), held.version()), (0, second));
    assert!(second > first && held.remaining_ttl().is_some());
    assert_eq!(users.put_if("7", "c", Some(first)).unwrap_err().version(), Some(second));
    users.delete("7").unwrap();
    let gone = users.put_if("7", "d", Some(second)).unwrap_err();
    assert!(matches!(gone, Error::VersionMismatch(_)) && gone.version().is_none());
    assert!(users.put_if("7", "e", None).unwrap() > second);
}

#[test]
fn the_future_of_put_if_tells_the_same() {
    let (_engine, users) = bare();
    let first = block_on(users.put_if_async("7", "a", None)).unwrap();
    let refused = block_on(users.put_if_async("7", "b", None)).unwrap_err();
    assert!(matches!(refused, Error::VersionMismatch(_)), "{refused}");
    assert_eq!(refused.version(), Some(first));
    assert!(block_on(users.put_if_async("7", "b", Some(first))).unwrap() > first);
    let gone = block_on(users.put_if_async("8", "c", Some(first))).unwrap_err();
    assert!(matches!(gone, Error::VersionMismatch(_)) && gone.version().is_none());
}

/// Reads, adds one, and writes if nobody did meanwhile.
fn add_one(users: &Keyspace) {
    loop {
        let held = users.get("sum").unwrap();
        let sum: u32 =
            held.as_ref().map_or(0, |text| String::from_utf8_lossy(text).parse().unwrap());
        let sum = (sum + 1).to_string();
        match users.put_if("sum", sum, held.map(|held| held.version())) {
            Ok(_) => return,
            Err(refused) => assert!(matches!(refused, Error::VersionMismatch(_)), "{refused}"),
        }
    }
}

#[test]
fn put_if_loses_no_update() {
    let (_engine, users) = bare();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..25).for_each(|_| add_one(&users)));
        }
    });
    assert_eq!(&*users.get("sum").unwrap().unwrap(), b"200");
}

#[test]
fn a_refresh_replaces_what_is_held() {
    quietly();
    type Reply = Box<dyn FnOnce() -> Result<Answer, Failure> + Send>;
    let replies: Arc<Mutex<Vec<Reply>>> = Arc::default();
    let (given, loads) = (replies.clone(), AtomicUsize::new(0));
    let (_engine, users) = open(move |_: &Fetch| {
        let reply = given.lock().unwrap().pop();
        reply.map_or_else(
            || Ok((loads.fetch_add(1, Ordering::SeqCst) + 1).to_string().into()),
            |reply| reply(),
        )
    });
    let reply = |reply: Reply| replies.lock().unwrap().push(reply);
    assert_eq!(&*users.get("7").unwrap().unwrap(), b"1");
    let new = users.refresh("7").unwrap().unwrap();
    let held = users.get("7").unwrap().unwrap();
    assert_eq!((&*new, &*held, new.version()), (&b"2"[..], &b"2"[..], held.version()));
    assert_eq!(&*block_on(users.refresh_async("7")).unwrap().unwrap(), b"3");

    // What is held is served meanwhile.
    let gate = Gate::default();
    let inside = gate.clone();
    reply(Box::new(move || {
        inside.pass();
        Ok("late".into())
    }));
    thread::scope(|scope| {
        let refreshed = scope.spawn(|| users.refresh("7"));
        gate.await_arrivals(1);
        assert_eq!(&*users.get("7").unwrap().unwrap(), b"3");
        gate.open();
        assert_eq!(&*refreshed.join().unwrap().unwrap().unwrap(), b"late");
    });
    assert_eq!(&*users.get("7").unwrap().unwrap(), b"late");

    // A failure leaves it in place, an answer that there is nothing does not.
    for failing in [|| Err(Failure::permanent("on fire")), || panic!("meant")] {
        reply(Box::new(failing));
        assert!(matches!(users.refresh("7"), Err(Error::SourceFailed(_))));
        assert_eq!(&*users.get("7").unwrap().unwrap(), b"late");
    }
    reply(Box::new(|| Ok(Answer::not_found())));
    assert!(users.refresh("7").unwrap().is_none());
    assert!(matches!(users.peek("7").unwrap(), Peek::NotCached));
}

#[test]
fn without_a_source_there_is_nothing_to_refresh_from() {
    let (_engine, users) = bare();
    assert!(matches!(users.refresh("7"), Err(Error::Unsupported(_))));
    assert!(matches!(block_on(users.refresh_async("7")), Err(Error::Unsupported(_))));
}

#[test]
fn one_loader_runs_however_many_bring_one() {
    const CALLERS: usize = 16;
    let (_engine, users) = bare();
    let (gate, loads) = (Gate::default(), Arc::new(AtomicUsize::new(0)));
    let loader = || {
        let (gate, loads) = (gate.clone(), loads.clone());
        move |fetch: &Fetch| {
            loads.fetch_add(1, Ordering::SeqCst);
            gate.pass();
            exclaim(fetch)
        }
    };
    thread::scope(|scope| {
        let futures: Vec<_> =
            (0..CALLERS / 2).map(|_| users.get_with_async("7", loader())).collect();
        let callers: Vec<_> =
            (0..CALLERS / 2).map(|_| scope.spawn(|| users.get_with("7", loader()))).collect();
        eventually("all wait for one", || users.stats().unwrap().joined as usize == CALLERS - 1);
        gate.open();
        for future in futures {
            assert_eq!(&*block_on(future).unwrap().unwrap(), b"7!");
        }
        for caller in callers {
            assert_eq!(&*caller.join().unwrap().unwrap().unwrap(), b"7!");
        }
    });
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    // Where there is a value none is needed.
    assert_eq!(&*users.get_with("7", |_| panic!("not meant")).unwrap().unwrap(), b"7!");
    assert!(users.get("8").unwrap().is_none());
    eventually("let go of", || Arc::strong_count(&loads) == 1);
}

#[test]
fn a_loader_answers_in_place_of_the_source() {
    quietly();
    let (_engine, users) = open(|_: &Fetch| Err(Failure::permanent("the source was asked")));
    let failed = users.get_with("fails", |_| Err(Failure::retriable("on fire"))).unwrap_err();
    assert!(matches!(failed, Error::SourceFailed(_)) && failed.is_retriable());
    assert!(failed.message().contains("on fire"), "{failed}");
    let panicked = users.get_with("panics", |_| panic!("meant")).unwrap_err();
    assert!(matches!(panicked, Error::SourceFailed(_)), "{panicked}");
    assert!(panicked.message().contains("meant") && !panicked.is_retriable());
    assert!(users.get_with("missing", exclaim).unwrap().is_none());
    assert!(block_on(users.get_with_async("missing", exclaim)).unwrap().is_none());
    let answer = |fetch: &Fetch| {
        assert_eq!((fetch.key(), fetch.keyspace()), (&b"7"[..], "users"));
        Ok(Answer::value("seven").ttl(Duration::from_secs(3600)))
    };
    assert_eq!(&*users.get_with("7", answer).unwrap().unwrap(), b"seven");
    assert!(users.get("7").unwrap().unwrap().remaining_ttl().is_some());
    // Its captures may themselves be a nuisance.
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("meant: dropped");
        }
    }
    let bomb = Bomb;
    let value = users.get_with("bomb", move |_| {
        let _kept = &bomb;
        // No text: the compiler leaks what was returned where dropping the captures panics.
        Ok(Answer::not_found())
    });
    assert!(matches!(value, Err(Error::SourceFailed(_))));
}

/// Tells when it is dropped.
struct Told(mpsc::Sender<()>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn a_loader_is_dropped_whatever_becomes_of_its_call() {
    let (sender, dropped) = mpsc::channel();
    let loader = || {
        let told = Told(sender.clone());
        move |_: &Fetch| {
            let _told = &told;
            Ok(Answer::value("v").no_store())
        }
    };
    let once = |what: &str| {
        dropped.recv_timeout(crate::common::PATIENCE).expect(what);
        assert!(dropped.try_recv().is_err(), "{what}: twice");
    };
    let (engine, users) = bare();
    users.put("held", "v").unwrap();
    users.get_with("held", loader()).unwrap();
    once("not needed");
    users.get_with("7", loader()).unwrap();
    once("ran");
    block_on(users.get_with_async("7", loader())).unwrap();
    once("ran for a future");
    assert!(matches!(users.get_with("", loader()), Err(Error::InvalidArgument(_))));
    once("refused");
    assert!(block_on(users.get_with_async("", loader())).is_err());
    once("refused, for a future");

    // One that waits while another one loads, and is given up.
    let gate = Gate::default();
    let inside = gate.clone();
    let first = users.get_with_async("7", move |fetch| {
        inside.pass();
        exclaim(fetch)
    });
    gate.await_arrivals(1);
    drop(users.get_with_async("7", loader()));
    gate.open();
    block_on(first).unwrap();
    once("given up");

    engine.close().unwrap();
    assert!(matches!(users.get_with("7", loader()), Err(Error::Closed(_))));
    once("closed");
}

#[test]
fn a_loader_learns_that_nobody_waits() {
    let (_engine, users) = bare();
    let gate = Gate::default();
    let (inside, told) = (gate.clone(), Arc::new(AtomicUsize::new(0)));
    let seen = told.clone();
    let get = users.get_with_async("7", move |fetch| {
        gate.pass();
        eventually("told", || fetch.is_cancelled());
        seen.store(1, Ordering::SeqCst);
        Err(Failure::retriable("nobody waits"))
    });
    inside.await_arrivals(1);
    inside.open();
    get.cancel();
    assert!(matches!(block_on(get), Err(Error::Cancelled(_))));
    eventually("given up", || told.load(Ordering::SeqCst) == 1);
}

#[test]
fn what_is_refused_is_not_done() {
    let engine = builder().open().unwrap();
    let users = engine.add(users().source(exclaim).value_bytes_max(1000)).unwrap();
    for key in [&[][..], &[b'k'; 4097][..]] {
        assert!(matches!(users.put_if(key, "v", None), Err(Error::InvalidArgument(_))));
        assert!(matches!(users.refresh(key), Err(Error::InvalidArgument(_))));
        assert!(matches!(users.get_with(key, exclaim), Err(Error::InvalidArgument(_))));
    }
    assert!(matches!(users.put_if("7", [0; 1001], None), Err(Error::TooLarge(_))));
    let bad = users.with(CallOptions::new().ttl(Ttl::from_millis(-7))).put_if("7", "v", None);
    assert!(matches!(bad, Err(Error::InvalidArgument(_))));
    let late = users.with(CallOptions::new().timeout_millis(-1));
    assert!(matches!(late.refresh("7"), Err(Error::InvalidArgument(_))));
    assert!(matches!(block_on(late.put_if_async("7", "", None)), Err(Error::InvalidArgument(_))));
    assert!(matches!(users.peek("7").unwrap(), Peek::NotCached));
    engine.close().unwrap();
    assert!(matches!(users.put_if("7", "v", None), Err(Error::Closed(_))));
    assert!(matches!(users.refresh("7"), Err(Error::Closed(_))));
    assert!(matches!(block_on(users.put_if_async("7", "v", None)), Err(Error::Closed(_))));
    assert!(matches!(block_on(users.refresh_async("7")), Err(Error::Closed(_))));
}
