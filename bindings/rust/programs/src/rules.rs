//! A data source that does what the rules of a scenario say.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use distcache::{
    Answer, AsyncDataSource, CallOptions, DataSource, Engine, Failure, Fetch, KeyspaceBuilder,
    Load, Ttl,
};
use serde_json::Value as Json;

use crate::bytes::{bytes_of, expect_members, is, number, text, texts};
use crate::patience::{block_on, PATIENCE};
use crate::Stop;

const PAUSE: Duration = Duration::from_millis(2);

/// The source of one keyspace in one engine; shared by what answers and the steps that steer it.
pub struct Rules {
    engine_name: String,
    rules: Vec<Json>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    loads: HashMap<Vec<u8>, u64>,
    used: HashMap<usize, u64>,
    held: HashSet<Vec<u8>>,
    cancelled: HashSet<Vec<u8>>,
    released: HashSet<Vec<u8>>,
    all_released: bool,
    engine: Option<Engine>,
}

/// The form in which loads are answered before the source returns.
struct AtOnce(Arc<Rules>);
/// The form that answers with a future.
struct Later(Arc<Rules>);

impl DataSource for AtOnce {
    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        self.0.fetch(fetch)
    }
}

impl AsyncDataSource for Later {
    async fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        self.0.fetch(fetch)
    }
}

/// A runtime with a thread for each load.
fn on_its_own_thread(load: Load) {
    thread::spawn(|| block_on(load));
}

impl Rules {
    /// Reads the rules.
    pub fn new(engine_name: &str, rules: &Json) -> Result<Arc<Self>, Stop> {
        let rules = rules.as_array().ok_or("a source is a list of rules")?.clone();
        for rule in &rules {
            expect_members(
                rule,
                &[
                    "key",
                    "times",
                    "hold",
                    "until_cancelled",
                    "async",
                    "answer",
                    "value",
                    "ttl_ms",
                    "no_store",
                    "tags",
                    "source_version",
                    "message",
                    "retriable",
                    "get",
                    "keyspace",
                ],
            )?;
        }
        Ok(Arc::new(Rules {
            engine_name: engine_name.into(),
            rules,
            state: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Makes it the source of a keyspace, in the form that its rules need.
    pub fn attach(self: &Arc<Self>, definition: KeyspaceBuilder) -> KeyspaceBuilder {
        let rules = self.clone();
        if self.rules.iter().any(|rule| is(rule, "async")) {
            definition.source_async(Later(rules), on_its_own_thread)
        } else if self.rules.iter().any(|rule| text(rule, "answer", "") == "drop") {
            definition.source_fn(move |fetch| match rules.next_rule(fetch.key()) {
                (Some(rule), _) if text(rule, "answer", "") == "drop" => drop(fetch),
                (rule, load) => {
                    let outcome = rules.follow(rule, load, &fetch);
                    fetch.answer(outcome);
                }
            })
        } else {
            definition.source(AtOnce(rules))
        }
    }

    /// The loader of one call that follows the rules.
    pub fn loader(self: &Arc<Self>) -> impl FnOnce(&Fetch) -> Result<Answer, Failure> + Send {
        let rules = self.clone();
        move |fetch| rules.fetch(fetch)
    }

    /// The engine that the answer `get` asks; `None` ends the hold on it.
    pub fn engine_is(&self, engine: Option<Engine>) {
        let former = std::mem::replace(&mut self.lock().engine, engine);
        drop(former);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no rule panics under the lock")
    }

    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        let (rule, load) = self.next_rule(fetch.key());
        self.follow(rule, load, fetch)
    }

    fn next_rule(&self, key: &[u8]) -> (Option<&Json>, u64) {
        let mut state = self.lock();
        let load = state.loads.entry(key.to_vec()).or_default();
        *load += 1;
        let load = *load;
        for (index, rule) in self.rules.iter().enumerate() {
            let used = state.used.entry(index).or_default();
            let other = rule.get("key").is_some_and(|it| bytes_of(it).unwrap_or_default() != key);
            if other || rule.get("times").and_then(Json::as_u64).is_some_and(|most| *used >= most) {
                continue;
            }
            *used += 1;
            return (Some(rule), load);
        }
        (None, load)
    }

    fn follow(&self, rule: Option<&Json>, load: u64, fetch: &Fetch) -> Result<Answer, Failure> {
        let by_default = Json::Object(Default::default());
        let rule = rule.unwrap_or(&by_default);
        self.wait_until_allowed(rule, fetch);
        let message = || text(rule, "message", "the source says so").to_string();
        match text(rule, "answer", "value") {
            "value" => {
                let counted = format!("{}:{load}", self.engine_name).into_bytes();
                let value = rule.get("value").map(|value| bytes_of(value).unwrap_or_default());
                Ok(with_details(rule, value.unwrap_or(counted)))
            }
            "key" => Ok(with_details(rule, fetch.key())),
            "keyspace" => Ok(with_details(rule, fetch.keyspace())),
            "remaining" => {
                let left = fetch.remaining();
                let in_time = !left.is_zero() && left <= Duration::from_secs(60);
                Ok(with_details(rule, if in_time { "in time" } else { "out of time" }))
            }
            "not_found" => Ok(Answer::not_found()),
            "fail" if is(rule, "retriable") => Err(Failure::retriable(message())),
            "fail" => Err(Failure::permanent(message())),
            "throw" => panic!("{}", message()),
            "get" => self.other(rule, fetch),
            other => panic!("no answer is called '{other}'"),
        }
    }

    fn wait_until_allowed(&self, rule: &Json, fetch: &Fetch) {
        let (hold, until_cancelled) = (is(rule, "hold"), is(rule, "until_cancelled"));
        if !hold && !until_cancelled {
            return;
        }
        let key = fetch.key();
        let mut state = self.lock();
        state.held.insert(key.to_vec());
        self.changed.notify_all();
        while until_cancelled && !state.all_released && !state.cancelled.contains(key) {
            if fetch.is_cancelled() {
                state.cancelled.insert(key.to_vec());
            }
            self.changed.notify_all();
            state = self.changed.wait_timeout(state, PAUSE).expect("no rule panics").0;
        }
        while hold && !state.all_released && !state.released.contains(key) {
            state = self.changed.wait(state).expect("no rule panics");
        }
    }

    fn other(&self, rule: &Json, fetch: &Fetch) -> Result<Answer, Failure> {
        let failed = |error: distcache::Error| Failure::permanent(error.status().name());
        let engine = self.lock().engine.clone();
        let engine = engine.ok_or_else(|| Failure::permanent("CLOSED"))?;
        let name = text(rule, "keyspace", fetch.keyspace());
        let keyspace = engine.keyspace(name).map_err(failed)?;
        let key = bytes_of(&rule["get"]).unwrap_or_default();
        let found = keyspace.with(CallOptions::new().parent(fetch)).get(key).map_err(failed)?;
        let found = found.ok_or_else(|| Failure::permanent("NOT_FOUND"))?;
        Ok(with_details(rule, [b"got ", &*found].concat()))
    }

    fn wait_for(&self, what: &str, arrived: impl Fn(&State) -> bool) -> Result<(), Stop> {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), PATIENCE, |state| !arrived(state))
            .expect("no rule panics");
        if arrived(&state) {
            Ok(())
        } else {
            Err(format!("no load of this key is {what}").into())
        }
    }

    /// Waits until a load of the key is held.
    pub fn await_held(&self, key: &[u8]) -> Result<(), Stop> {
        self.wait_for("held", |state| state.held.contains(key))
    }

    /// Waits until a load of the key saw its cancellation.
    pub fn await_cancelled(&self, key: &[u8]) -> Result<(), Stop> {
        self.wait_for("cancelled", |state| state.cancelled.contains(key))
    }

    /// Lets go what is held for the key.
    pub fn release(&self, key: &[u8]) {
        self.lock().released.insert(key.to_vec());
        self.changed.notify_all();
    }

    /// Lets go everything, for good.
    pub fn release_all(&self) {
        self.lock().all_released = true;
        self.changed.notify_all();
        self.engine_is(None);
    }

    /// How often it was called, for one key or for all.
    pub fn loads(&self, key: Option<&[u8]>) -> u64 {
        let state = self.lock();
        match key {
            Some(key) => state.loads.get(key).copied().unwrap_or(0),
            None => state.loads.values().sum(),
        }
    }
}

fn with_details(rule: &Json, value: impl Into<Vec<u8>>) -> Answer {
    let version = rule.get("source_version").and_then(Json::as_u64).unwrap_or(0);
    let answer =
        Answer::value(value).ttl(Ttl::from_millis(number(rule, "ttl_ms"))).source_version(version);
    let answer = texts(rule, "tags").fold(answer, Answer::tag);
    if is(rule, "no_store") {
        answer.no_store()
    } else {
        answer
    }
}
