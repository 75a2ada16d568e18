//! A scenario: its engines, and the steps that are played in them.

use std::collections::HashMap;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use distcache::{Peek, Status};
use serde_json::Value as Json;

use crate::bytes::{bytes_of, expect_members, is, number, text};
use crate::call::{done_text, failure_text, Begun, Call, Versions};
use crate::node::Node;
use crate::patience::PATIENCE;
use crate::rules::Rules;
use crate::Stop;

const PAUSE: Duration = Duration::from_millis(2);

/// A scenario while it is played. Calls end before the engines.
pub struct Scenario<'a> {
    description: &'a Json,
    calls: HashMap<String, (Begun, &'a Json)>,
    loaders: Loaders,
    versions: Versions,
    nodes: Vec<(String, Node)>,
}

/// Those of get_with, by call. They end before the engines, and hold nothing from then on.
#[derive(Default)]
struct Loaders(HashMap<String, Arc<Rules>>);

impl Drop for Loaders {
    fn drop(&mut self) {
        self.0.values().for_each(|loader| loader.release_all());
    }
}

/// Plays a scenario and prints what was seen.
pub fn play(description: &Json, out: &mut impl Write) -> Result<(), Stop> {
    expect_members(description, &["name", "about", "engines", "keyspaces", "steps"])?;
    writeln!(out, "# {}", text(description, "name", "?"))?;
    let mut scenario = Scenario {
        description,
        calls: HashMap::new(),
        loaders: Loaders::default(),
        versions: Versions::new(),
        nodes: Vec::new(),
    };
    scenario.open_engines()?;
    let steps = description["steps"].as_array().ok_or("steps are a list")?;
    for (index, step) in steps.iter().enumerate() {
        let op = text(step, "op", "");
        let outcome = scenario.outcome_of(op, step);
        let outcome = outcome.map_err(|why| format!("step {}, {op}: {why}", index + 1))?;
        writeln!(out, "{} {op} {outcome}", index + 1)?;
    }
    writeln!(out)?;
    Ok(())
}

impl<'a> Scenario<'a> {
    fn open_engines(&mut self) -> Result<(), Stop> {
        let alone = serde_json::json!({"a": {}});
        let engines = self.description.get("engines").unwrap_or(&alone);
        let engines = engines.as_object().ok_or("engines are an object")?;
        let mut addresses: Vec<String> = Vec::new();
        for (name, engine) in engines {
            let node = self.open_engine(name, engine, engines.len(), &mut addresses)?;
            self.nodes.push((name.clone(), node));
        }
        for (_, node) in self.nodes.iter().filter(|_| engines.len() > 1) {
            node.engine()?.wait_ready(PATIENCE)?;
        }
        Ok(())
    }

    fn open_engine(
        &self,
        name: &str,
        engine: &Json,
        count: usize,
        addresses: &mut Vec<String>,
    ) -> Result<Node, Stop> {
        let nothing = serde_json::json!({});
        let keyspaces = self.description.get("keyspaces").unwrap_or(&nothing);
        if count == 1 {
            return Ok(Node::open(name, &[], engine, keyspaces)??);
        }
        loop {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let own = format!("127.0.0.1:{port}");
            let peers: Vec<&str> = addresses.iter().map(String::as_str).chain([&*own]).collect();
            let ring = [
                ("discovery.port", port.to_string()),
                ("discovery.provider", "static".into()),
                ("discovery.peers", peers.join(",")),
                ("quorum.min", count.to_string()),
                ("bootstrap.timeout.ms", "1".into()),
            ];
            match Node::open(name, &ring, engine, keyspaces)? {
                Err(error) if error.status() == Status::ADDRESS_IN_USE => continue,
                outcome => {
                    addresses.push(own);
                    return Ok(outcome?);
                }
            }
        }
    }

    fn outcome_of(&mut self, op: &'a str, step: &'a Json) -> Result<String, Stop> {
        match op {
            "get" | "get_with" | "refresh" | "peek" | "put" | "put_if" | "delete" | "get_many"
            | "put_many" | "delete_many" => self.operation(op, step),
            "wait" => {
                expect_members(step, &["op", "call"])?;
                let call = self.calls.remove(text(step, "call", ""));
                let (begun, of) = call.ok_or("no call is called so")?;
                Ok(begun.wait()?.text(of, &mut self.versions))
            }
            "cancel" => {
                expect_members(step, &["op", "call"])?;
                let call = self.calls.get(text(step, "call", ""));
                call.ok_or("no call is called so")?.0.cancel();
                Ok("asked".into())
            }
            "gone" => self.until_gone(step),
            "loading" | "release" | "cancelled" | "loads" => self.source_step(op, step),
            _ => self.engine_step(op, step),
        }
    }

    fn operation(&mut self, op: &'a str, step: &'a Json) -> Result<String, Stop> {
        let loader = self.loader(step)?;
        let name = step.get("call").and_then(Json::as_str);
        let keyspace = self.node(step)?.keyspace(self.keyspace_name(step)?)?;
        let call = Call::new(op, step, keyspace, &self.versions, loader)?;
        match name {
            Some(name) => {
                self.calls.insert(name.into(), (call.begin()?, step));
                Ok("begun".into())
            }
            None if is(step, "async") => Ok(call.begin()?.wait()?.text(step, &mut self.versions)),
            None => Ok(call.run()?.text(step, &mut self.versions)),
        }
    }

    fn loader(&mut self, step: &Json) -> Result<Option<Arc<Rules>>, Stop> {
        let Some(rule) = step.get("loader") else {
            return Ok(None);
        };
        let engine = &self.nodes[self.index(step)?].0;
        let loader = Rules::new(engine, &Json::Array(vec![rule.clone()]))?;
        if let Some(name) = step.get("call").and_then(Json::as_str) {
            self.loaders.0.insert(name.into(), loader.clone());
        }
        Ok(Some(loader))
    }

    fn source_step(&mut self, op: &str, step: &Json) -> Result<String, Stop> {
        expect_members(step, &["op", "engine", "keyspace", "key", "call"])?;
        let rules = match step.get("call").and_then(Json::as_str) {
            Some(name) => self.loaders.0.get(name).ok_or("no call with a loader is called so")?,
            None => self.node(step)?.rules(self.keyspace_name(step)?)?,
        };
        let key = step.get("key").map(bytes_of).transpose()?;
        if op == "loads" {
            return Ok(rules.loads(key.as_deref()).to_string());
        }
        let key = key.ok_or("a key is needed")?;
        match op {
            "release" => {
                rules.release(&key);
                Ok("done".into())
            }
            "loading" => rules.await_held(&key).map(|()| "yes".into()),
            _ => rules.await_cancelled(&key).map(|()| "yes".into()),
        }
    }

    fn engine_step(&mut self, op: &str, step: &Json) -> Result<String, Stop> {
        if op == "open" {
            let nothing = serde_json::json!({});
            let keyspaces = step.get("keyspaces").unwrap_or(&nothing);
            let opened = Node::open("extra", &[], step, keyspaces)?;
            return Ok(done_text(&opened.map(drop), step));
        }
        let name = text(step, "name", "").to_string();
        let node = self.node_mut(step)?;
        match op {
            "add" => return Ok(done_text(&node.add(&name, step)?, step)),
            "update" => return Ok(done_text(&node.update(&name, step)?, step)),
            _ => expect_members(step, &["op", "engine", "name", "timeout_ms", "says"])?,
        }
        match op {
            "remove" => Ok(done_text(&node.engine()?.remove(&name), step)),
            "list" => match node.engine()?.keyspaces() {
                Ok(names) => Ok(names.join(" ")),
                Err(error) => Ok(failure_text(&error, step)),
            },
            "close" => {
                let engine = node.engine()?;
                let closed = match number(step, "timeout_ms") {
                    0 => engine.close(),
                    timeout_ms => engine.close_within(Duration::from_millis(timeout_ms as u64)),
                };
                Ok(done_text(&closed, step))
            }
            "release_engine" => {
                node.release();
                Ok("done".into())
            }
            _ => Err("no step is called so".into()),
        }
    }

    fn until_gone(&self, step: &Json) -> Result<String, Stop> {
        expect_members(step, &["op", "engine", "keyspace", "key"])?;
        let keyspace = self.node(step)?.keyspace(self.keyspace_name(step)?)?;
        let key = bytes_of(&step["key"])?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match keyspace.peek(&key) {
                Ok(Peek::Value(_)) => thread::sleep(PAUSE),
                Ok(Peek::NotFound) => return Ok("NOT_FOUND".into()),
                Ok(_) => return Ok("NOT_CACHED".into()),
                Err(error) => return Ok(error.status().name().into()),
            }
        }
        Err("the key stays".into())
    }

    fn keyspace_name(&self, step: &'a Json) -> Result<&'a str, Stop> {
        let first = || self.description.get("keyspaces")?.as_object()?.keys().next();
        let named = step.get("keyspace").and_then(Json::as_str);
        named.or_else(|| first().map(String::as_str)).ok_or_else(|| "there is no keyspace".into())
    }

    fn index(&self, step: &Json) -> Result<usize, Stop> {
        match step.get("engine").and_then(Json::as_str) {
            None => Ok(0),
            Some(name) => {
                let index = self.nodes.iter().position(|(other, _)| other == name);
                index.ok_or_else(|| "no engine has this name".into())
            }
        }
    }

    fn node(&self, step: &Json) -> Result<&Node, Stop> {
        Ok(&self.nodes[self.index(step)?].1)
    }

    fn node_mut(&mut self, step: &Json) -> Result<&mut Node, Stop> {
        let index = self.index(step)?;
        Ok(&mut self.nodes[index].1)
    }
}
