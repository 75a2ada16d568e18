// Written by generate.py from include/distcache/abi.h: change that, and run it again.

use core::ffi::c_char;

/// Version of this header: major, minor, patch; the number is 0xMMmmpp, for comparing in #if.
pub const DISTCACHE_VERSION_MAJOR: usize = 0;

/// `DISTCACHE_VERSION_MINOR` of the header.
pub const DISTCACHE_VERSION_MINOR: usize = 1;

/// `DISTCACHE_VERSION_PATCH` of the header.
pub const DISTCACHE_VERSION_PATCH: usize = 0;

/// `DISTCACHE_VERSION` of the header.
pub const DISTCACHE_VERSION: u32 = 0x000100;

/// `DISTCACHE_VERSION_STRING` of the header.
pub const DISTCACHE_VERSION_STRING: &str = "0.1.0";

/// Number of the binary interface and of the soname. It grows only when a compiled program would
/// break: functions and fields are added, but never changed, within one number. Hand it to
/// distcache_config_new, which refuses a library of another number with ABI_MISMATCH.
pub const DISTCACHE_ABI: u32 = 1;

extern "C" {
    /// Version of the loaded library as 0xMMmmpp; it may be newer than this header. Any thread,
    /// never waits, cannot fail.
    pub fn distcache_version() -> u32;

    /// Version of the loaded library as text, "0.1.0". Any thread; static, never freed.
    pub fn distcache_version_string() -> *const c_char;

    /// DISTCACHE_ABI of the loaded library. A binding compares it once, when it is loaded, before
    /// it trusts any layout of its own. Any thread, never waits, cannot fail.
    pub fn distcache_abi() -> u32;

    /// 1 if this build contains an optional part, 0 if not or if the name means nothing to it.
    /// Names: "curve", "admin", "prometheus", "otlp", "dns", "nats", "kubernetes", "redis". Any
    /// thread, never waits.
    pub fn distcache_has_feature(name: *const c_char) -> i32;
}
