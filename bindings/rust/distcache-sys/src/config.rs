// Written by generate.py from include/distcache/config.h: change that, and run it again.

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};

use crate::*;

/// Settings and callbacks of an engine to be opened; ended by distcache_config_release.
#[repr(C)]
pub struct distcache_config_t {
    _opaque: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

extern "C" {
    /// Makes a configuration in which everything has its default. `abi` is DISTCACHE_ABI as the
    /// program was compiled with. ABI_MISMATCH: the library has another one. Never waits.
    pub fn distcache_config_new(
        abi: u32,
        out: *mut *mut distcache_config_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets one property; the last value wins. The value is parsed and checked by itself at once;
    /// whether the values fit together is checked by open, or by validate. INVALID_CONFIG: unknown
    /// name (the error tells the nearest known one), unreadable value, out of bounds, or a property
    /// whose subject has not arrived in this version. A refused value is remembered: validate and
    /// open report it again until the same property is set successfully, so no refusal can get
    /// lost.
    pub fn distcache_config_set(
        config: *mut distcache_config_t,
        name: *const c_char,
        value: *const c_char,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Sets every property for which the environment has a variable: "bind.port" is
    /// DISTCACHE_BIND_PORT. Nothing else reads the environment, but for what a pod is told of its
    /// API server, where discovery asks that one. Other DISTCACHE_* variables are nobody's
    /// business. INVALID_CONFIG: the error names all refused values; the others have been set.
    pub fn distcache_config_from_environment(
        config: *mut distcache_config_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// The value of a property as text: as it was set, else its default. NULL for an unknown name.
    /// Borrowed until the property is set again or the config is released. Never waits.
    pub fn distcache_config_get(
        config: *const distcache_config_t,
        name: *const c_char,
    ) -> *const c_char;

    /// Checks everything as open would, without touching network or files. INVALID_CONFIG: the
    /// error names every fault, one a line, with property, value and limit. INSECURE: the only
    /// fault is plain traffic that the configuration does not ask for in so many words. Never
    /// waits.
    pub fn distcache_config_validate(
        config: *const distcache_config_t,
        err: *mut *mut distcache_error_t,
    ) -> distcache_status_t;

    /// Ends the object; an engine that was opened with it has its own copy. Finalisers of callbacks
    /// that no engine uses run now. Never waits.
    pub fn distcache_config_release(config: *mut distcache_config_t);

    /// The table as JSON, {"properties": [{...}]}, of each property: "name", "scope" (engine,
    /// keyspace), "type" (integer, duration, size, percent, choice, string, address, list of
    /// "items"), "unit", "required", "default" as text and "default_value" as number, "min", "max",
    /// "choices" (objects with "name" and "available"), "word" that stands for "word_value",
    /// "available", "environment", "text". Feeds CONFIGURATION.md, bindings and command lines. Any
    /// thread, never waits; static, never freed.
    pub fn distcache_properties_json() -> *const c_char;
}
