use std::ffi::CStr;
use std::time::Duration;

use distcache::{
    DiscoveryProvider, Engine, EvictionPolicy, Keyspace, LogLevel, NodeRole, Placement,
};
use serde_json::Value as Json;

/// The table of the loaded library.
fn table() -> Vec<Json> {
    extern "C" {
        fn distcache_properties_json() -> *const std::os::raw::c_char;
    }
    // SAFETY: a static text that ends with NUL.
    let text = unsafe { CStr::from_ptr(distcache_properties_json()) };
    let table: Json = serde_json::from_slice(text.to_bytes()).unwrap();
    table["properties"].as_array().unwrap().clone()
}

fn methods(of: &str) -> Vec<(String, String)> {
    of.lines()
        .filter_map(|line| {
            let (method, rest) = line.trim().split_once(": ")?;
            let name = rest.split_once("= \"")?.1.strip_suffix("\";")?;
            Some((method.to_string(), name.to_string()))
        })
        .collect()
}

#[test]
fn there_is_a_method_for_every_property() {
    let engine = methods(include_str!("../../src/options/engine.rs"));
    let keyspace = methods(include_str!("../../src/options/keyspace.rs"));
    let table = table();
    for property in &table {
        let name = property["name"].as_str().unwrap();
        let of = if property["scope"] == "engine" { &engine } else { &keyspace };
        let method = of.iter().find(|(_, property)| property == name);
        let (method, _) = method.unwrap_or_else(|| {
            panic!("no option for {name}: run bindings/rust/distcache/generate.py")
        });
        let expected = name.replace('.', "_");
        assert_eq!(method, expected.strip_suffix("_ms").unwrap_or(&expected));
    }
    assert_eq!(table.len(), engine.len() + keyspace.len());
}

#[test]
fn every_property_is_reached_by_its_name() {
    for property in table() {
        let name = property["name"].as_str().unwrap();
        let Some(default) = property["default"].as_str().filter(|it| !it.is_empty()) else {
            continue;
        };
        if property["available"] != true {
            continue;
        }
        if property["scope"] == "engine" {
            Engine::builder().property(name, default).validate().unwrap();
        } else {
            let definition = Keyspace::builder("users").bytes_max(1 << 20);
            definition.property(name, default).validate().unwrap();
        }
    }
}

#[test]
fn typed_options_are_understood() {
    Engine::builder()
        .cluster_label("tests")
        .node_role(NodeRole::Client)
        .log_level(LogLevel::Off)
        .bind_address("127.0.0.1")
        .bind_port(0)
        .discovery_provider(DiscoveryProvider::Static)
        .discovery_peers(["127.0.0.1:1", "127.0.0.1:2"])
        .read_timeout(Duration::from_micros(1)) // rounded up, and not to 0
        .peers_max(7)
        .validate()
        .unwrap();
    Keyspace::builder("users")
        .bytes_max(1 << 20)
        .eviction_policy(EvictionPolicy::Lru)
        .ttl(Duration::from_secs(60))
        .ttl_jitter_percent(0)
        .placement(Placement::Sharded)
        .validate()
        .unwrap();
    assert!(Keyspace::builder("users").bytes_max(0).validate().is_err());
    assert!(Engine::builder().read_timeout(Duration::MAX).validate().is_err());
}
