//! The binding against the real library, one engine per test.

mod common;
mod discovery;
mod engines;
mod futures;
mod more;
mod operations;
mod properties;
mod sources;
