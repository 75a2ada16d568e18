//! A distributed read-through cache inside the process: the Rust binding of libdistcache.
//!
//! An [`Engine`] is one node. It holds [`Keyspace`]s, named caches with a [`DataSource`] each, the
//! function that fetches what is missing. Engines that know each other share the keys among them:
//! each key has one owner, and one load per key serves the whole cluster, whatever language its
//! members are written in.
//!
//! ```
//! use distcache::{Answer, Engine, Failure, Fetch, Keyspace};
//!
//! fn shout(fetch: &Fetch) -> Result<Answer, Failure> {
//!     Ok(fetch.key().to_ascii_uppercase().into())
//! }
//!
//! fn main() -> Result<(), distcache::Error> {
//!     let engine = Engine::builder().bind_port(0).discovery_port(0).open()?;
//!     let users = engine.add(Keyspace::builder("users").bytes_max(64 << 20).source(shout))?;
//!     assert_eq!(users.get("ada")?.as_deref(), Some(&b"ADA"[..]));
//!     engine.close()
//! }
//! ```
//!
//! - Everything is `Send + Sync` except the builders, which are `Send`.
//! - Handles may be dropped in any order; a [`Value`] outlives its engine.
//! - The futures run on any runtime, and dropping one cancels the operation.
//! - Panics of a source are answers; they never unwind into the library.

mod builder;
mod call;
mod discovery;
mod engine;
mod error;
mod fetch;
mod keyspace;
mod observe;
mod operation;
mod options;
mod packed;
mod source;
mod status;
mod value;

pub use builder::{EngineBuilder, KeyspaceBuilder};
pub use call::{CallOptions, Trace, Ttl};
pub use discovery::{Discovery, DiscoveryError};
pub use engine::Engine;
pub use error::{Detail, Error};
pub use fetch::{Answer, Failure, Fetch};
pub use keyspace::{Entry, Keyspace, Many};
pub use observe::{EngineStats, KeyspaceStats, Peer, PeerState};
pub use operation::Operation;
pub use options::*;
pub use source::{AsyncDataSource, DataSource, Load, OnSourceThread, Spawn};
pub use status::Status;
pub use value::{Origin, Peek, Value, Version};
