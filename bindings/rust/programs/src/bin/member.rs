//! `member`: one member of a ring of several languages. Reads commands and answers lines; see
//! `docs/conformance.md`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{stdin, stdout, BufRead, Write};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use distcache::{Answer, DataSource, Engine, Error, Failure, Fetch, Keyspace, Peek, PeerState};
use distcache_programs::ledger::{check, value, Ledger, LANGUAGE};
use distcache_programs::Stop;

/// Counts what Rust allocates.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: the system's allocator does the work, by the same contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A member that was opened.
struct Member {
    name: String,
    engine: Engine,
    pages: Keyspace,
    ledger: Arc<Ledger>,
}

/// What a command answers: the words behind `ok`, or those behind `error`.
type Reply = Result<String, String>;

struct Shared(Arc<Ledger>);

impl DataSource for Shared {
    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        self.0.fetch(fetch)
    }
}

fn failed(error: Error) -> String {
    format!("{} {}", error.status(), error.message().replace('\n', "; "))
}

fn wrong(why: impl std::fmt::Display) -> String {
    format!("INVALID_ARGUMENT {why}")
}

fn word<'a, T: FromStr>(words: &mut impl Iterator<Item = &'a str>) -> Result<T, String> {
    let word = words.next().ok_or_else(|| wrong("a word is missing"))?;
    word.parse().map_err(|_| wrong(format!("{word} is no number")))
}

fn open(words: &mut dyn Iterator<Item = &str>) -> Result<Member, String> {
    let path = words.next().ok_or_else(|| wrong("a ledger is missing"))?;
    let (mut builder, mut name) = (Engine::builder(), String::new());
    for property in words {
        let (property, text) =
            property.split_once('=').ok_or_else(|| wrong(format!("{property} has no =")))?;
        if property == "node.name" {
            name = text.into();
        }
        builder = builder.property(property, text);
    }
    let ledger = Arc::new(Ledger::new(path, &name).map_err(wrong)?);
    let pages = Keyspace::builder("pages").bytes_max(256 << 20).source(Shared(ledger.clone()));
    let engine = builder.keyspace(pages).open().map_err(failed)?;
    let pages = engine.keyspace("pages").map_err(failed)?;
    Ok(Member { name, engine, pages, ledger })
}

impl Member {
    fn found(key: &str, value: Option<&[u8]>) -> Reply {
        let value = value.ok_or("NOT_FOUND there is none")?;
        let words = check(key, value).map_err(|why| format!("CORRUPT {why}"))?;
        Ok(format!(" {words}"))
    }

    fn get(&self, key: &str) -> Reply {
        Self::found(key, self.pages.get(key).map_err(failed)?.as_deref())
    }

    fn peek(&self, key: &str) -> Reply {
        match self.pages.peek(key).map_err(failed)? {
            Peek::Value(value) => Self::found(key, Some(&value)),
            Peek::NotFound => Err("NOT_FOUND there is none".into()),
            _ => Err("NOT_CACHED not in this member's memory".into()),
        }
    }

    fn peers(&self) -> Reply {
        let mut peers: Vec<String> = self
            .engine
            .peers()
            .map_err(failed)?
            .iter()
            .map(|peer| {
                let state = match peer.state {
                    PeerState::Alive => "alive",
                    PeerState::Suspect => "suspect",
                    PeerState::Dead => "dead",
                    _ => "left",
                };
                format!("{}:{state}", peer.name)
            })
            .collect();
        peers.sort();
        Ok(peers.iter().map(|peer| format!(" {peer}")).collect())
    }

    fn traffic(&self, ops: u64, keys: u64, seed: u64, threads: u64) -> Reply {
        if keys == 0 || threads == 0 {
            return Err(wrong("traffic needs keys and threads"));
        }
        let seen = thread::scope(|scope| {
            let readers: Vec<_> = (0..threads)
                .map(|thread| {
                    let count = ops / threads + u64::from(thread < ops % threads);
                    scope.spawn(move || self.read(count, keys, seed.wrapping_add(thread)))
                })
                .collect();
            readers.into_iter().map(|reader| reader.join()).collect::<Result<Vec<_>, _>>()
        });
        let seen = seen.map_err(|_| "INTERNAL a thread panicked".to_string())?;
        let wrong: u64 = seen.iter().map(|(wrong, _, _)| wrong).sum();
        let failed: u64 = seen.iter().map(|(_, failed, _)| failed).sum();
        let first = seen.iter().find_map(|(_, _, first)| first.as_ref());
        let first = first.map(|name| format!(" first={name}")).unwrap_or_default();
        Ok(format!(" ops={ops} wrong={wrong} failed={failed}{first}"))
    }

    fn read(&self, count: u64, keys: u64, seed: u64) -> (u64, u64, Option<String>) {
        let (mut x, mut wrong, mut failed, mut first) = (seed, 0, 0, None);
        for _ in 0..count {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = format!("page-{}", (x >> 33) % keys);
            let status = match self.pages.get(&key) {
                Ok(Some(value)) => {
                    wrong += u64::from(check(&key, &value).is_err());
                    continue;
                }
                Ok(None) => "NOT_FOUND",
                Err(error) => error.status().name(),
            };
            failed += 1;
            first.get_or_insert_with(|| status.to_string());
        }
        (wrong, failed, first)
    }

    fn bench(&self, ops: usize, key: &str) -> Reply {
        let rounds = 9;
        let each = (ops / rounds).max(1);
        let get = |count: usize| -> Result<(), String> {
            for _ in 0..count {
                let value = self.pages.get(key).map_err(failed)?;
                std::hint::black_box(value.map_or(0, |value| value.len()));
            }
            Ok(())
        };
        get(ops / 10)?;
        let mut times = Vec::with_capacity(rounds);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for _ in 0..rounds {
            let start = Instant::now();
            get(each)?;
            times.push(start.elapsed().as_nanos() as f64 / each as f64);
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        times.sort_by(f64::total_cmp);
        let per_get = allocations as f64 / (each * rounds) as f64;
        Ok(format!(" ns={:.1} allocations={per_get:.2}", times[rounds / 2]))
    }
}

fn answer(member: &mut Option<Member>, line: &str) -> Reply {
    let mut words = line.split(' ');
    let command = words.next().unwrap_or("");
    match command {
        "language" => return Ok(format!(" {LANGUAGE}")),
        "open" => {
            *member = Some(open(&mut words)?);
            return Ok(String::new());
        }
        _ => {}
    }
    let at = member.as_ref().ok_or("CLOSED open comes first")?;
    match command {
        "ready" => {
            let timeout = Duration::from_millis(word(&mut words)?);
            at.engine.wait_ready(timeout).map_err(failed)?;
            Ok(String::new())
        }
        "get" => at.get(&word::<String>(&mut words)?),
        "peek" => at.peek(&word::<String>(&mut words)?),
        "put" => {
            let (key, nth): (String, String) = (word(&mut words)?, word(&mut words)?);
            at.pages.put(&key, value(&key, &at.name, &format!("p{nth}"))).map_err(failed)?;
            Ok(String::new())
        }
        "delete" => {
            at.pages.delete(word::<String>(&mut words)?).map_err(failed)?;
            Ok(String::new())
        }
        "peers" => at.peers(),
        "loads" => Ok(format!(" {}", at.ledger.loads())),
        "traffic" => {
            at.traffic(word(&mut words)?, word(&mut words)?, word(&mut words)?, word(&mut words)?)
        }
        "bench_hit" => {
            at.pages.put("bench", [b'x'; 100]).map_err(failed)?;
            at.bench(word(&mut words)?, "bench")
        }
        "bench_get" => {
            let (ops, key): (usize, String) = (word(&mut words)?, word(&mut words)?);
            at.bench(ops, &key)
        }
        "close" => {
            let closed = at.engine.close().map_err(failed);
            *member = None;
            closed.map(|()| String::new())
        }
        other => Err(wrong(format!("no command is called {other}"))),
    }
}

fn main() -> Result<(), Stop> {
    let mut member = None;
    for line in stdin().lock().lines() {
        let line = line?;
        if line == "quit" {
            println!("ok");
            break;
        }
        match answer(&mut member, &line) {
            Ok(words) => println!("ok{words}"),
            Err(words) => println!("error {words}"),
        }
        stdout().flush()?;
    }
    if let Some(member) = member {
        member.engine.close()?;
    }
    Ok(())
}
