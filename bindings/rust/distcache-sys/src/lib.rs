//! Declarations of [libdistcache](https://docs.rs/distcache): the C interface as it is, nothing
//! added. Programs use the crate `distcache`.
//!
//! The conventions of the C header hold: what a function receives through `*mut *mut` belongs to
//! the caller and is ended by the function that its type names; pointers to const are borrowed from
//! the object they were asked of. Every function but those of configurations and definitions may be
//! called by any thread at any time, and none may be entered by unwinding.
//!
//! All modules are written by `generate.py` from the header; a test has the C compiler confirm the
//! layout of every struct and the value of every constant.
#![allow(non_camel_case_types, rustdoc::bare_urls, rustdoc::broken_intra_doc_links)]
#![allow(rustdoc::invalid_html_tags)]

use core::mem::size_of;

#[rustfmt::skip]
mod abi;
#[rustfmt::skip]
mod asynchronous;
#[rustfmt::skip]
mod config;
#[rustfmt::skip]
mod discovery;
#[rustfmt::skip]
mod engine;
#[rustfmt::skip]
mod error;
#[rustfmt::skip]
mod extend;
#[rustfmt::skip]
mod keyspace;
#[rustfmt::skip]
mod observe;
#[rustfmt::skip]
mod operations;
#[rustfmt::skip]
mod result;
#[rustfmt::skip]
mod source;
#[rustfmt::skip]
mod status;
#[rustfmt::skip]
mod types;

pub use abi::*;
pub use asynchronous::*;
pub use config::*;
pub use discovery::*;
pub use engine::*;
pub use error::*;
pub use extend::*;
pub use keyspace::*;
pub use observe::*;
pub use operations::*;
pub use result::*;
pub use source::*;
pub use status::*;
pub use types::*;

/// Options in which everything has its default.
pub const DISTCACHE_OPTIONS_INIT: distcache_options_t = distcache_options_t {
    struct_size: size_of::<distcache_options_t>() as u32,
    flags: 0,
    timeout_ms: 0,
    ttl_ms: 0,
    parent_fetch: 0,
};

/// An answer in which everything has its default.
pub const DISTCACHE_ANSWER_INIT: distcache_answer_t = distcache_answer_t {
    struct_size: size_of::<distcache_answer_t>() as u32,
    flags: 0,
    ttl_ms: 0,
    source_version: 0,
};

/// A view that holds nothing.
pub const DISTCACHE_VIEW_INIT: distcache_view_t = distcache_view_t {
    struct_size: size_of::<distcache_view_t>() as u32,
    reserved: 0,
    internal: [0; 4],
    item: distcache_item_t {
        data: core::ptr::null(),
        len: 0,
        version: distcache_entry_version_t { epoch: 0, owner: 0, counter: 0 },
        age_ms: 0,
        ttl_remaining_ms: 0,
        status: 0,
        flags: 0,
        origin: 0,
        reserved: 0,
    },
};
