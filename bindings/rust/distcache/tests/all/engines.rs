use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use distcache::{
    Answer, CallOptions, Engine, EngineBuilder, Error, Failure, Fetch, Keyspace, KeyspaceBuilder,
    Operation, PeerState, Status, Value,
};

use crate::common::{builder, eventually, exclaim, open, users};

fn shared<T: Send + Sync + 'static>() {}
fn sent<T: Send + 'static>() {}

#[test]
fn what_may_be_shared_and_sent_is() {
    shared::<Engine>();
    shared::<Keyspace>();
    shared::<Value>();
    shared::<Error>();
    shared::<Fetch>();
    shared::<CallOptions>();
    shared::<Operation<Option<Value>>>();
    sent::<EngineBuilder>();
    sent::<KeyspaceBuilder>();
}

#[test]
fn close_is_idempotent_and_final() {
    let (engine, users) = open(exclaim);
    let other = engine.clone();
    engine.close().unwrap();
    engine.close().unwrap();
    other.close_within(Duration::from_nanos(1)).unwrap();
    assert!(!engine.is_ready());
    assert!(matches!(users.get("a"), Err(Error::Closed(_))));
    assert!(matches!(users.peek("a"), Err(Error::Closed(_))));
    assert!(matches!(engine.keyspace("users"), Err(Error::Closed(_))));
    assert!(matches!(engine.wait_ready(Duration::from_millis(1)), Err(Error::Closed(_))));
    assert_eq!(users.name(), "users");
}

#[test]
fn handles_may_be_dropped_in_any_order() {
    for order in 0..6 {
        let (engine, users) = open(exclaim);
        let value = users.get("a").unwrap().unwrap();
        let mut parts: Vec<Box<dyn std::any::Any>> = vec![Box::new(engine), Box::new(users)];
        parts.swap(0, order % 2);
        parts.remove(0);
        if order > 2 {
            assert_eq!(&*value, b"a!");
        }
        drop(parts);
        assert_eq!(&*value, b"a!"); // a value outlives its engine
    }
}

#[test]
fn dropping_the_engine_closes_it() {
    let (engine, users) = open(exclaim);
    let clone = engine.clone();
    drop(engine);
    assert!(users.get("a").is_ok());
    drop(clone);
    eventually("closed", || matches!(users.get("a"), Err(Error::Closed(_))));
}

#[test]
fn a_refused_configuration_names_every_fault() {
    let refused = builder().property("bind.prot", "1").peers_max(0).open().err().unwrap();
    assert_eq!(refused.status(), Status::INVALID_CONFIG);
    assert!(!refused.is_retriable());
    assert!(refused.message().contains("bind.port"), "{refused}");
    assert!(refused.message().contains("peers.max"), "{refused}");
    assert!(format!("{refused}").starts_with("INVALID_CONFIG: "));

    let nul = builder().property("node.name", "a\0b");
    assert!(matches!(nul.validate(), Err(Error::InvalidArgument(_))));
    assert!(matches!(nul.open(), Err(Error::InvalidArgument(_))));
    let nameless = builder().keyspace(KeyspaceBuilder::new(""));
    assert!(matches!(nameless.open(), Err(Error::InvalidArgument(_))));
    let unbounded = builder().keyspace(KeyspaceBuilder::new("users")).open().err().unwrap();
    assert!(unbounded.message().contains("bytes.max"), "{unbounded}");
}

#[test]
fn two_engines_do_not_share_a_port() {
    let first = builder().open().unwrap();
    let port = first.peers().unwrap()[0].discovery_port;
    let taken = builder().discovery_port(port).open().err().unwrap();
    assert!(matches!(taken, Error::AddressInUse(_)), "{taken}");
    assert!(taken.is_retriable());
}

#[test]
fn keyspaces_come_and_go() {
    let engine = builder().keyspace(users().source(exclaim)).open().unwrap();
    let users_space = engine.keyspace("users").unwrap();
    assert_eq!(&*users_space.get("a").unwrap().unwrap(), b"a!");
    assert!(matches!(engine.keyspace("others"), Err(Error::NoKeyspace(_))));
    assert!(matches!(engine.add(users()), Err(Error::InvalidConfig(_))));

    engine.add(Keyspace::builder("others").bytes_max(1 << 20)).unwrap();
    assert_eq!(engine.keyspaces().unwrap(), ["others", "users"]);
    let shout =
        |fetch: &Fetch| -> Result<Answer, Failure> { Ok(fetch.key().to_ascii_uppercase().into()) };
    engine.update(users().source(shout)).unwrap();
    assert_eq!(&*users_space.get("a").unwrap().unwrap(), b"a!"); // entries stay
    assert_eq!(&*users_space.get("b").unwrap().unwrap(), b"B");
    engine.remove("users").unwrap();
    assert!(matches!(users_space.get("a"), Err(Error::NoKeyspace(_))));
    assert!(matches!(engine.remove("users"), Err(Error::NoKeyspace(_))));
}

/// Counts how often it was dropped, and holds what a source may hold.
struct Dropped(Arc<AtomicUsize>, #[allow(dead_code)] Option<Keyspace>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_source_is_dropped_once_also_with_handles_in_it() {
    let drops = Arc::new(AtomicUsize::new(0));
    let source = |keyspace: Option<Keyspace>| {
        let held = Dropped(drops.clone(), keyspace);
        move |fetch: &Fetch| {
            let _ = &held;
            exclaim(fetch)
        }
    };
    drop(users().source(source(None)));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(users().source(source(None)).source(source(None)));
    assert_eq!(drops.load(Ordering::SeqCst), 3);
    let (engine, others) = open(exclaim);
    let holder = Keyspace::builder("holder").bytes_max(1 << 20).source(source(Some(others)));
    let holder = engine.add(holder).unwrap();
    assert_eq!(&*holder.get("a").unwrap().unwrap(), b"a!");
    engine.remove("holder").unwrap();
    eventually("dropped", || drops.load(Ordering::SeqCst) == 4);
    let faulty = engine.add(Keyspace::builder("faulty").source(source(None)));
    assert!(matches!(faulty, Err(Error::InvalidConfig(_))));
    assert_eq!(drops.load(Ordering::SeqCst), 5);
    engine.add(Keyspace::builder("last").bytes_max(1 << 20).source(source(None))).unwrap();
    engine.close().unwrap();
    drop(engine);
    eventually("dropped", || drops.load(Ordering::SeqCst) == 6);
}

#[test]
fn peers_and_counters_tell() {
    let (engine, users) = open(exclaim);
    users.get("a").unwrap();
    users.get("a").unwrap();
    let stats = users.stats().unwrap();
    assert_eq!((stats.gets, stats.hits, stats.loads), (2, 1, 1));
    let peers = engine.peers().unwrap();
    assert_eq!(peers.len(), 1);
    assert!(peers[0].is_self && peers[0].state == PeerState::Alive && peers[0].data_port > 0);
    assert_eq!(engine.stats().unwrap().keyspaces, 1);
    assert!(users.explain("a").unwrap().contains("owner"));
}

#[test]
fn status_names_are_those_of_the_library() {
    assert_eq!(Status::TIMED_OUT.name(), "TIMED_OUT");
    assert_eq!(format!("{:?}", Status::OK), "OK(0)");
    assert!(Status::TIMED_OUT.is_retriable() && !Status::CLOSED.is_retriable());
}
