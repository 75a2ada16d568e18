//! An engine of a scenario, with its keyspaces and sources.

use std::collections::HashMap;
use std::sync::Arc;

use distcache::{Engine, EngineBuilder, Error, Keyspace, KeyspaceBuilder};
use serde_json::Value as Json;

use crate::bytes::{expect_members, properties, texts};
use crate::rules::Rules;
use crate::Stop;

/// An engine, opened with all keyspaces of its scenario.
pub struct Node {
    name: String,
    engine: Option<Engine>,
    keyspaces: HashMap<String, Keyspace>,
    rules: HashMap<String, Arc<Rules>>,
    /// Handles of keyspaces that were replaced by others of their name.
    replaced: Vec<Keyspace>,
    former_rules: Vec<Arc<Rules>>,
}

type Definition = (KeyspaceBuilder, Option<Arc<Rules>>);

fn definition(
    engine: &str,
    name: &str,
    description: &Json,
    sourceless: bool,
    bounded: bool,
) -> Result<Definition, Stop> {
    expect_members(description, &["properties", "source", "op", "engine", "name", "says"])?;
    let mut builder = Keyspace::builder(name);
    if bounded {
        builder = builder.bytes_max(64 << 20);
    }
    builder = properties(description)
        .fold(builder, |builder, (property, value)| builder.property(property, value));
    match description.get("source") {
        Some(rules) if !sourceless => {
            let rules = Rules::new(engine, rules)?;
            Ok((rules.attach(builder), Some(rules)))
        }
        _ => Ok((builder, None)),
    }
}

/// What every engine has.
fn common(name: &str) -> EngineBuilder {
    let builder = Engine::builder().node_name(name).bind_port(0).discovery_port(0);
    [("log.level", "off"), ("read.timeout.ms", "60s"), ("write.timeout.ms", "60s")]
        .into_iter()
        .chain([("shutdown.timeout.ms", "60s")])
        .fold(builder, |builder, (name, value)| builder.property(name, value))
}

impl Node {
    /// Opens an engine; the inner error is the library's.
    pub fn open(
        name: &str,
        ring: &[(&str, String)],
        description: &Json,
        keyspaces: &Json,
    ) -> Result<Result<Self, Error>, Stop> {
        expect_members(
            description,
            &["properties", "sourceless", "op", "engine", "keyspaces", "says"],
        )?;
        let mut builder = common(name);
        for (property, value) in ring {
            builder = builder.property(property, value);
        }
        for (property, value) in properties(description) {
            builder = builder.property(property, value);
        }
        let (mut rules, mut names) = (HashMap::new(), Vec::new());
        for (keyspace, of) in keyspaces.as_object().into_iter().flatten() {
            let sourceless = texts(description, "sourceless").any(|other| other == keyspace);
            let (definition, source) = definition(name, keyspace, of, sourceless, true)?;
            builder = builder.keyspace(definition);
            rules.extend(source.map(|source| (keyspace.clone(), source)));
            names.push(keyspace.clone());
        }
        let engine = match builder.open() {
            Ok(engine) => engine,
            Err(error) => return Ok(Err(error)),
        };
        let mut keyspaces = HashMap::new();
        for name in names {
            let keyspace = engine.keyspace(&name)?;
            keyspaces.insert(name, keyspace);
        }
        for source in rules.values() {
            source.engine_is(Some(engine.clone()));
        }
        Ok(Ok(Node {
            name: name.into(),
            engine: Some(engine),
            keyspaces,
            rules,
            replaced: Vec::new(),
            former_rules: Vec::new(),
        }))
    }

    /// The engine, unless its handle was released.
    pub fn engine(&self) -> Result<&Engine, Stop> {
        self.engine.as_ref().ok_or_else(|| "the engine was released".into())
    }

    /// A keyspace by its name.
    pub fn keyspace(&self, name: &str) -> Result<&Keyspace, Stop> {
        self.keyspaces.get(name).ok_or_else(|| format!("no keyspace {name} was added").into())
    }

    /// The source of a keyspace.
    pub fn rules(&self, keyspace: &str) -> Result<&Rules, Stop> {
        let rules = self.rules.get(keyspace);
        rules.map(|rules| &**rules).ok_or_else(|| format!("{keyspace} has no source").into())
    }

    /// Adds a keyspace; the inner error is the library's.
    pub fn add(&mut self, name: &str, description: &Json) -> Result<Result<(), Error>, Stop> {
        let (definition, rules) = definition(&self.name, name, description, false, false)?;
        let engine = self.engine()?.clone();
        let keyspace = match engine.add(definition) {
            Ok(keyspace) => keyspace,
            Err(error) => return Ok(Err(error)),
        };
        self.replaced.extend(self.keyspaces.insert(name.into(), keyspace));
        self.adopt(name, rules, engine);
        Ok(Ok(()))
    }

    /// Updates a keyspace; the inner error is the library's.
    pub fn update(&mut self, name: &str, description: &Json) -> Result<Result<(), Error>, Stop> {
        let (definition, rules) = definition(&self.name, name, description, false, false)?;
        let engine = self.engine()?.clone();
        if let Err(error) = engine.update(definition) {
            return Ok(Err(error));
        }
        self.adopt(name, rules, engine);
        Ok(Ok(()))
    }

    fn adopt(&mut self, keyspace: &str, rules: Option<Arc<Rules>>, engine: Engine) {
        if let Some(rules) = rules {
            rules.engine_is(Some(engine));
            self.former_rules.extend(self.rules.insert(keyspace.into(), rules));
        }
    }

    /// Ends the handle of the engine, which closes it in the background.
    pub fn release(&mut self) {
        for rules in self.rules.values().chain(&self.former_rules) {
            rules.engine_is(None);
        }
        self.engine = None;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        for rules in self.rules.values().chain(&self.former_rules) {
            rules.release_all();
        }
        if let Some(engine) = &self.engine {
            // A source that hangs would be told by the scenario's own steps.
            let _ = engine.close();
        }
    }
}
