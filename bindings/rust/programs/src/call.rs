//! One operation on keys and its outcome, as the output shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use distcache::{
    CallOptions, Entry, Error, Keyspace, Operation, Origin, Peek, Ttl, Value, Version,
};
use serde_json::Value as Json;

use crate::bytes::{bytes_of, expect_members, is, number, shown, texts};
use crate::patience::block_on;
use crate::rules::Rules;
use crate::Stop;

/// The versions that steps keep, by name.
pub type Versions = BTreeMap<String, Version>;

type Read = Result<Option<Value>, Error>;
type Wrote = Result<(), Error>;

/// What an operation ended with.
pub enum Outcome {
    /// A get, get_with or refresh.
    Read(Read),
    /// A peek.
    Peeked(Result<Peek, Error>),
    /// A put or delete.
    Wrote(Wrote),
    /// A put_if.
    Decided(Result<Version, Error>),
    /// A get_many.
    ReadMany(Result<Vec<Read>, Error>),
    /// A put_many or delete_many.
    WroteMany(Result<Vec<Wrote>, Error>),
}

/// An operation that was begun.
pub enum Begun {
    /// A get, get_with or refresh.
    Read(Operation<Option<Value>>),
    /// A put or delete.
    Wrote(Operation<()>),
    /// A put_if.
    Decided(Operation<Version>),
    /// A get_many.
    ReadMany(Operation<Vec<Read>>),
    /// A put_many or delete_many.
    WroteMany(Operation<Vec<Wrote>>),
}

impl Begun {
    /// Waits for the outcome.
    pub fn wait(self) -> Result<Outcome, Stop> {
        Ok(match self {
            Begun::Read(operation) => Outcome::Read(block_on(operation)?),
            Begun::Wrote(operation) => Outcome::Wrote(block_on(operation)?),
            Begun::Decided(operation) => Outcome::Decided(block_on(operation)?),
            Begun::ReadMany(operation) => Outcome::ReadMany(block_on(operation)?),
            Begun::WroteMany(operation) => Outcome::WroteMany(block_on(operation)?),
        })
    }

    /// Cancels.
    pub fn cancel(&self) {
        match self {
            Begun::Read(operation) => operation.cancel(),
            Begun::Wrote(operation) => operation.cancel(),
            Begun::Decided(operation) => operation.cancel(),
            Begun::ReadMany(operation) => operation.cancel(),
            Begun::WroteMany(operation) => operation.cancel(),
        }
    }
}

/// The arguments of a step.
pub struct Call<'a> {
    op: &'a str,
    keyspace: Keyspace,
    keys: Vec<Vec<u8>>,
    values: Vec<Vec<u8>>,
    ttls: Vec<Ttl>,
    expected: Option<Version>,
    loader: Option<Arc<Rules>>,
}

fn all_bytes(step: &Json, one: &str, many: &str) -> Result<Vec<Vec<u8>>, Stop> {
    match (step.get(one), step.get(many).and_then(Json::as_array)) {
        (Some(notation), _) => Ok(vec![bytes_of(notation)?]),
        (None, Some(notations)) => notations.iter().map(bytes_of).collect(),
        (None, None) => Ok(Vec::new()),
    }
}

impl<'a> Call<'a> {
    /// Reads a step; a get_with has a loader.
    pub fn new(
        op: &'a str,
        step: &Json,
        keyspace: &Keyspace,
        versions: &Versions,
        loader: Option<Arc<Rules>>,
    ) -> Result<Self, Stop> {
        expect_members(
            step,
            &[
                "op",
                "engine",
                "keyspace",
                "key",
                "keys",
                "value",
                "values",
                "timeout_ms",
                "ttl_ms",
                "ttls_ms",
                "no_stale",
                "async",
                "call",
                "show",
                "says",
                "loader",
                "expected",
                "keep",
            ],
        )?;
        let ttl = Ttl::from_millis(number(step, "ttl_ms"));
        let mut options = CallOptions::new().timeout_millis(number(step, "timeout_ms")).ttl(ttl);
        if is(step, "no_stale") {
            options = options.no_stale();
        }
        let ttls = step.get("ttls_ms").and_then(Json::as_array).into_iter().flatten();
        let ttls = ttls.filter_map(Json::as_i64);
        let expected = step.get("expected").and_then(Json::as_str);
        let expected = expected.map(|name| versions.get(name).copied().ok_or("no such version"));
        Ok(Call {
            op,
            keyspace: keyspace.with(options),
            keys: all_bytes(step, "key", "keys")?,
            values: all_bytes(step, "value", "values")?,
            ttls: ttls.map(Ttl::from_millis).collect(),
            expected: expected.transpose()?,
            loader,
        })
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        // Where an entry has none of its own, that of the call stands in.
        let ttls = self.ttls.iter().copied().chain(std::iter::repeat(Ttl::KEYSPACE));
        let pairs = self.keys.iter().zip(&self.values);
        pairs.zip(ttls).map(|((key, value), ttl)| Entry::new(key, value).ttl(ttl))
    }

    fn loader(&self) -> Result<&Arc<Rules>, Stop> {
        self.loader.as_ref().ok_or_else(|| "a loader is needed".into())
    }

    /// The blocking form.
    pub fn run(&self) -> Result<Outcome, Stop> {
        let keyspace = &self.keyspace;
        Ok(match self.op {
            "get" => Outcome::Read(keyspace.get(&self.keys[0])),
            "get_with" => Outcome::Read(keyspace.get_with(&self.keys[0], self.loader()?.loader())),
            "refresh" => Outcome::Read(keyspace.refresh(&self.keys[0])),
            "put_if" => {
                Outcome::Decided(keyspace.put_if(&self.keys[0], &self.values[0], self.expected))
            }
            "peek" => Outcome::Peeked(keyspace.peek(&self.keys[0])),
            "put" => Outcome::Wrote(keyspace.put(&self.keys[0], &self.values[0])),
            "delete" => Outcome::Wrote(keyspace.delete(&self.keys[0])),
            "get_many" => Outcome::ReadMany(keyspace.get_many(&self.keys)),
            "put_many" => Outcome::WroteMany(keyspace.put_many(self.entries())),
            "delete_many" => Outcome::WroteMany(keyspace.delete_many(&self.keys)),
            other => return Err(format!("no operation is called {other}").into()),
        })
    }

    /// The asynchronous form.
    pub fn begin(&self) -> Result<Begun, Stop> {
        let keyspace = &self.keyspace;
        Ok(match self.op {
            "get" => Begun::Read(keyspace.get_async(&self.keys[0])),
            "get_with" => {
                Begun::Read(keyspace.get_with_async(&self.keys[0], self.loader()?.loader()))
            }
            "refresh" => Begun::Read(keyspace.refresh_async(&self.keys[0])),
            "put_if" => {
                Begun::Decided(keyspace.put_if_async(&self.keys[0], &self.values[0], self.expected))
            }
            "put" => Begun::Wrote(keyspace.put_async(&self.keys[0], &self.values[0])),
            "delete" => Begun::Wrote(keyspace.delete_async(&self.keys[0])),
            "get_many" => Begun::ReadMany(keyspace.get_many_async(&self.keys)),
            "put_many" => Begun::WroteMany(keyspace.put_many_async(self.entries())),
            "delete_many" => Begun::WroteMany(keyspace.delete_many_async(&self.keys)),
            other => return Err(format!("{other} has no asynchronous form").into()),
        })
    }
}

/// A failure, with what the step wants its message to say.
pub fn failure_text(error: &Error, step: &Json) -> String {
    let mut text = error.status().name().to_string();
    text += if error.is_retriable() { " retriable" } else { " final" };
    let message = error.message().to_ascii_lowercase();
    for part in texts(step, "says") {
        let says = message.contains(&part.to_ascii_lowercase());
        text += &format!(" {} \"{part}\"", if says { "says" } else { "hides" });
    }
    text
}

/// OK or a failure.
pub fn done_text(outcome: &Result<(), Error>, step: &Json) -> String {
    outcome.as_ref().err().map_or_else(|| "OK".into(), |error| failure_text(error, step))
}

impl Outcome {
    /// As the output shows it; keeps the version that the step asks to keep.
    pub fn text(&self, step: &Json, versions: &mut Versions) -> String {
        let text = self.bare_text(step) + &self.version_text(versions);
        if let Some(name) = step.get("keep").and_then(Json::as_str) {
            versions.insert(name.into(), self.version());
        }
        text
    }

    fn version(&self) -> Version {
        match self {
            Outcome::Read(Ok(Some(value))) | Outcome::Peeked(Ok(Peek::Value(value))) => {
                value.version()
            }
            Outcome::Decided(Ok(version)) => *version,
            Outcome::Decided(Err(error)) => error.version().unwrap_or_default(),
            _ => Version::default(),
        }
    }

    /// What a put_if was told.
    fn version_text(&self, versions: &Versions) -> String {
        if !matches!(self, Outcome::Decided(Ok(_) | Err(Error::VersionMismatch(_)))) {
            return String::new();
        }
        let version = self.version();
        if version == Version::default() {
            return " version=none".into();
        }
        let kept = versions.iter().find(|(_, kept)| **kept == version);
        format!(" version={}", kept.map_or("new", |(name, _)| name))
    }

    fn bare_text(&self, step: &Json) -> String {
        match self {
            Outcome::Read(outcome) => read_text(outcome, step),
            Outcome::Peeked(outcome) => match outcome {
                Ok(Peek::Value(value)) => value_text(value, step),
                Ok(Peek::NotFound) => "NOT_FOUND".into(),
                Ok(_) => "NOT_CACHED".into(),
                Err(error) => failure_text(error, step),
            },
            Outcome::Wrote(outcome) => done_text(outcome, step),
            Outcome::Decided(Ok(_)) => "OK".into(),
            Outcome::Decided(Err(error)) => failure_text(error, step),
            Outcome::ReadMany(outcome) => many_text(outcome, step, read_text),
            Outcome::WroteMany(outcome) => many_text(outcome, step, done_text),
        }
    }
}

fn read_text(outcome: &Read, step: &Json) -> String {
    match outcome {
        Ok(Some(value)) => value_text(value, step),
        Ok(None) => "NOT_FOUND".into(),
        Err(error) => failure_text(error, step),
    }
}

fn many_text<T>(
    outcome: &Result<Vec<T>, Error>,
    step: &Json,
    item_text: impl Fn(&T, &Json) -> String,
) -> String {
    match outcome {
        Ok(items) => {
            items.iter().enumerate().fold(format!("OK {}", items.len()), |text, (index, item)| {
                text + &format!("\n {index} {}", item_text(item, step))
            })
        }
        Err(error) => failure_text(error, step),
    }
}

fn value_text(value: &Value, step: &Json) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let details = texts(step, "show").map(|what| match what {
        "origin" => format!(" origin={}", origin_name(value.origin())),
        "stale" => format!(" stale={}", yes(value.is_stale())),
        "ttl" => format!(" ttl={}", if value.remaining_ttl().is_none() { "none" } else { "some" }),
        "age" => " age=ok".into(), // a duration is never negative
        "version" => format!(" version={}", yes(value.version() != Default::default())),
        other => format!(" {other}=?"),
    });
    format!("OK {}{}", shown(value), details.collect::<String>())
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Local => "local",
        Origin::Owner => "owner",
        Origin::Mirror => "mirror",
        Origin::Reserve => "reserve",
        Origin::Tier => "tier",
        Origin::Source => "source",
        _ => "none",
    }
}
