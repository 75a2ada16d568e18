//! The C compiler and this crate agree about every struct and every number of the header, and the
//! library that the linker found is the one that was declared.

use distcache_sys::*;
use std::fmt::Write;
use std::mem::{offset_of, size_of};
use std::path::PathBuf;
use std::process::Command;

fn size_behind<T, F>(_: impl Fn(&T) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! size {
    ($out:ident, $type:ident) => {
        writeln!($out, "{} {}", stringify!($type), size_of::<$type>()).unwrap()
    };
}
macro_rules! at {
    ($out:ident, $type:ident, $field:ident) => {
        writeln!(
            $out,
            "{}.{} {} {}",
            stringify!($type),
            stringify!($field),
            offset_of!($type, $field),
            size_behind(|of: &$type| &of.$field)
        )
        .unwrap()
    };
}
macro_rules! number {
    ($out:ident, $name:ident) => {
        writeln!($out, "{} {}", stringify!($name), $name).unwrap()
    };
}

include!("declared.rs");

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_compiler_of_c_sees_the_same() {
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("layout");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    run(Command::new(compiler)
        .args(["-std=c11", "-I", env!("DISTCACHE_INCLUDE"), "-o"])
        .arg(&program)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layout/layout.c")));
    let (seen, declared) = (run(&mut Command::new(program)), declared());
    for (c, rust) in seen.lines().zip(declared.lines()) {
        assert_eq!(c, rust, "C on the left, Rust on the right");
    }
    assert_eq!(seen.lines().count(), declared.lines().count());
}

#[test]
fn the_library_has_this_binary_interface() {
    // SAFETY: neither function has a precondition.
    let (abi, version) = unsafe { (distcache_abi(), distcache_version()) };
    assert_eq!(abi, DISTCACHE_ABI);
    assert!(version >= DISTCACHE_VERSION, "library {version:#x}, header {DISTCACHE_VERSION:#x}");
}
