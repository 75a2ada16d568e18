//! A discovery of the program's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use distcache::{Discovery, DiscoveryError, Engine, Error};

use crate::common::{builder, eventually, quietly};

/// What nodes of one process know each other by.
#[derive(Default)]
struct Registry {
    listed: Mutex<Vec<String>>,
    calls: Mutex<HashMap<&'static str, usize>>,
}

impl Registry {
    fn note(&self, call: &'static str) {
        *self.calls.lock().unwrap().entry(call).or_default() += 1;
    }

    fn count(&self, call: &str) -> usize {
        self.calls.lock().unwrap().get(call).copied().unwrap_or_default()
    }
}

/// One node's side of the registry.
struct Own {
    registry: Arc<Registry>,
    address: String,
    failures: Vec<DiscoveryError>, // of initialize, still to come
    panics: bool,                  // once
}

impl Own {
    fn of(registry: &Arc<Registry>) -> Self {
        Own {
            registry: registry.clone(),
            address: String::new(),
            failures: Vec::new(),
            panics: false,
        }
    }
}

impl Discovery for Own {
    fn id(&self) -> &str {
        "own"
    }

    fn initialize(&mut self) -> Result<(), DiscoveryError> {
        self.registry.note("initialize");
        self.failures.pop().map_or(Ok(()), Err)
    }

    fn register(&mut self, address: &str) -> Result<(), DiscoveryError> {
        self.registry.note("register");
        self.address = address.into();
        self.registry.listed.lock().unwrap().push(address.into());
        Ok(())
    }

    fn discover(&mut self) -> Result<Vec<String>, DiscoveryError> {
        self.registry.note("discover");
        assert!(!std::mem::take(&mut self.panics), "meant: once");
        let mut listed = self.registry.listed.lock().unwrap().clone();
        listed.extend(["no address".into(), "nul\0:1".into()]);
        Ok(listed)
    }

    fn deregister(&mut self) -> Result<(), DiscoveryError> {
        self.registry.note("deregister");
        self.registry.listed.lock().unwrap().retain(|other| *other != self.address);
        Ok(())
    }

    fn close(&mut self) {
        self.registry.note("close");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.registry.note("drop");
    }
}

fn open(own: Own) -> Result<Engine, Error> {
    builder()
        .discovery_interval(Duration::from_millis(100))
        .join_retry_interval(Duration::from_millis(20))
        .discovery(own)
        .open()
}

#[test]
fn nodes_meet_through_a_discovery_of_their_own() {
    quietly();
    let registry = Arc::new(Registry::default());
    let later = || DiscoveryError::Unavailable("later\0 on".into());
    let nodes = [(); 3].map(|()| Own::of(&registry));
    let [steady, mut late, mut panicking] = nodes;
    late.failures = vec![later(), later()];
    panicking.panics = true;
    let engines = [steady, late, panicking].map(|own| open(own).unwrap());
    for engine in &engines {
        eventually("three members", || engine.peers().unwrap().len() == 3);
    }
    assert_eq!(registry.count("initialize"), 5);
    for engine in engines {
        engine.close().unwrap();
    }
    for call in ["register", "deregister", "close"] {
        assert_eq!(registry.count(call), 3, "{call}");
    }
    eventually("all are dropped", || registry.count("drop") == 3);
    assert!(registry.listed.lock().unwrap().is_empty());
}

#[test]
fn a_discovery_that_cannot_work_fails_the_open() {
    let registry = Arc::new(Registry::default());
    let mut own = Own::of(&registry);
    own.failures.push(DiscoveryError::Misconfigured("no such folder".into()));
    let error = open(own).err().expect("it was opened");
    assert!(matches!(error, Error::InvalidConfig(_)), "{error}");
    assert!(error.message().contains("no such folder"), "{error}");
    eventually("it is closed", || registry.count("close") == 1);
    eventually("it is dropped", || registry.count("drop") == 1);
    assert_eq!(registry.count("register"), 0);
}

#[test]
fn a_discovery_that_is_replaced_is_dropped_unused() {
    let registry = Arc::new(Registry::default());
    let settings = builder().discovery(Own::of(&registry)).discovery(Own::of(&registry));
    assert_eq!(registry.count("drop"), 1);
    settings.validate().unwrap();
    drop(settings);
    assert_eq!(registry.count("drop"), 2);
    assert_eq!(registry.count("initialize") + registry.count("close"), 0);
}
