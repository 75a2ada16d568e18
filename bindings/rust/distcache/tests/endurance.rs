//! Very many callbacks and cancelled calls: nothing is left, and nothing grows. The short form runs
//! a tenth; DISTCACHE_LONG=1 runs 10^5 of each.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use distcache::{Answer, Engine, Failure, Fetch, Keyspace, Operation, Value};

/// Counts the blocks of Rust that are alive.
struct Counting;

static ALIVE: AtomicI64 = AtomicI64::new(0);

// SAFETY: the system's allocator does the work, by the same contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn times() -> u64 {
    if env::var_os("DISTCACHE_LONG").is_some() {
        100_000
    } else {
        10_000
    }
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Whether this program runs under the address sanitizer, which keeps what is freed for a while.
fn sanitized() -> bool {
    fs::read_to_string("/proc/self/maps").unwrap().contains("libasan")
}

fn open(source: impl distcache::DataSource) -> (Engine, Keyspace) {
    let patience = Duration::from_secs(120);
    let engine = Engine::builder().bind_port(0).discovery_port(0).read_timeout(patience);
    let users = Keyspace::builder("users").bytes_max(4 << 20).source(source);
    let engine = engine.shutdown_timeout(patience).keyspace(users).open().unwrap();
    let keyspace = engine.keyspace("users").unwrap();
    (engine, keyspace)
}

/// Runs `round` again and again and compares what is alive and resident after the first quarter
/// with the end.
fn does_not_grow(what: &str, users: &Keyspace, mut round: impl FnMut(u64)) {
    let times = times();
    let settled = |users: &Keyspace| {
        let deadline = Instant::now() + Duration::from_secs(120);
        while users.stats().unwrap().flights > 0 {
            assert!(Instant::now() < deadline, "{what}: loads are left");
            thread::sleep(Duration::from_millis(1));
        }
    };
    (0..times / 4).for_each(&mut round);
    settled(users);
    let (alive, resident) = (ALIVE.load(Ordering::SeqCst), resident_kib());
    (times / 4..times).for_each(&mut round);
    settled(users);
    let deadline = Instant::now() + Duration::from_secs(120);
    // The last completions may be on their way.
    while ALIVE.load(Ordering::SeqCst) > alive + 16 {
        let now = ALIVE.load(Ordering::SeqCst);
        assert!(Instant::now() < deadline, "{what}: {alive} blocks became {now}");
        thread::sleep(Duration::from_millis(1));
    }
    let grown = resident_kib().saturating_sub(resident);
    println!("{what}: {times} times, {grown} KiB grown");
    assert!(sanitized() || grown < 16 << 10, "{what}: {grown} KiB grown");
}

fn callbacks() {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let (engine, users) = open(move |fetch: &Fetch| -> Result<Answer, Failure> {
        counted.fetch_add(1, Ordering::Relaxed);
        match fetch.key().last() {
            Some(b'0') => Ok(Answer::not_found()),
            Some(b'1') => Err(Failure::permanent("no")),
            Some(b'2') => std::panic::resume_unwind(Box::new("meant")),
            _ => Ok(Answer::value(fetch.key())),
        }
    });
    let mut values: Vec<Value> = Vec::new();
    does_not_grow("callbacks", &users, |index| {
        match users.get(format!("key-{index}")) {
            Ok(Some(value)) => values.push(value),
            Ok(None) => assert_eq!(index % 10, 0),
            Err(_) => assert!(matches!(index % 10, 1 | 2)),
        }
        if values.len() > 100 {
            values.clear();
        }
    });
    assert!(calls.load(Ordering::SeqCst) >= times());
    drop(users);
    engine.close().unwrap();
}

fn cancelled_calls() {
    let held: Arc<Mutex<Vec<Fetch>>> = Arc::default();
    let engine = Engine::builder().bind_port(0).discovery_port(0).open().unwrap();
    let waiting = held.clone();
    let definition = Keyspace::builder("users").bytes_max(4 << 20).source_fn(move |fetch| {
        waiting.lock().unwrap().push(fetch);
    });
    let users = engine.add(definition).unwrap();
    let mut former: Option<Operation<Option<Value>>> = None;
    does_not_grow("cancelled calls", &users, |index| {
        let get = users.get_async(format!("key-{}", index % 50));
        match index % 3 {
            0 => drop(get),
            1 => get.cancel(),
            _ => former = Some(get), // dropped, and so cancelled, a while later
        }
        if index % 50 == 49 {
            former = None;
            held.lock().unwrap().drain(..).for_each(|fetch| {
                fetch.fail(Failure::permanent("nobody wants to know"));
            });
        }
        if index % 500 == 499 {
            // Those that came later.
            let deadline = Instant::now() + Duration::from_secs(120);
            while users.stats().unwrap().flights > 0 {
                held.lock().unwrap().clear();
                assert!(Instant::now() < deadline, "loads are left");
                thread::sleep(Duration::from_micros(100));
            }
        }
    });
    engine.close().unwrap();
}

/// Loaders of one call: they run, are not needed, are refused, or come too late.
fn loaders() {
    let engine = Engine::builder().bind_port(0).discovery_port(0).open().unwrap();
    let users = engine.add(Keyspace::builder("users").bytes_max(4 << 20)).unwrap();
    users.put("held", "v").unwrap();
    does_not_grow("loaders", &users, |index| {
        let value = vec![b'v'; 100];
        let loader = move |_: &Fetch| Ok(Answer::value(value).no_store());
        match index % 5 {
            0 => assert!(users.get_with("held", loader).unwrap().is_some()),
            1 => assert!(users.get_with("", loader).is_err()),
            2 => drop(users.get_with_async("shared", loader)),
            _ => assert_eq!(users.get_with("shared", loader).unwrap().unwrap().len(), 100),
        }
    });
    engine.close().unwrap();
}

fn engines() {
    for _ in 0..times() / 1000 {
        let (engine, users) = open(|fetch: &Fetch| Ok(fetch.key().into()));
        users.get("a").unwrap();
        engine.close().unwrap();
    }
}

#[test]
fn nothing_is_left_and_nothing_grows() {
    // One after the other, since what is alive is counted for the whole process.
    engines();
    let alive = ALIVE.load(Ordering::SeqCst);
    callbacks();
    cancelled_calls();
    loaders();
    engines();
    let left = ALIVE.load(Ordering::SeqCst) - alive;
    assert!(left < 32, "{left} blocks are left");
}
