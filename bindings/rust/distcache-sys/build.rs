//! Finds the installed library: in DISTCACHE_PREFIX if that is set, else by pkg-config.

use std::env;
use std::path::{Path, PathBuf};
use std::process::exit;

/// The version of the C interface that src/ was written from.
const VERSION: &str = "0.1.0";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DISTCACHE_PREFIX");
    if env::var_os("DOCS_RS").is_some() {
        return; // documentation needs no library
    }
    let include = match env::var_os("DISTCACHE_PREFIX") {
        Some(prefix) => from_prefix(Path::new(&prefix)),
        None => from_pkg_config(),
    };
    // DEP_DISTCACHE_INCLUDE of crates that depend on this one, and the layout test's own.
    println!("cargo:include={}", include.display());
    println!("cargo:rustc-env=DISTCACHE_INCLUDE={}", include.display());
}

fn from_prefix(prefix: &Path) -> PathBuf {
    let libraries = ["lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"];
    let found = libraries.iter().map(|folder| prefix.join(folder));
    let Some(folder) = found.into_iter().find(|folder| folder.join("libdistcache.so").exists())
    else {
        give_up(&format!(
            "DISTCACHE_PREFIX is {}, and there is no lib/libdistcache.so in it",
            prefix.display()
        ));
    };
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rustc-link-lib=dylib=distcache");
    prefix.join("include")
}

fn from_pkg_config() -> PathBuf {
    match pkg_config::Config::new().atleast_version(VERSION).probe("distcache") {
        Ok(library) => {
            library.include_paths.first().cloned().unwrap_or_else(|| PathBuf::from("/usr/include"))
        }
        Err(why) => give_up(&format!("pkg-config does not find it: {why}")),
    }
}

fn give_up(why: &str) -> ! {
    eprintln!(
        "distcache-sys: libdistcache {VERSION} or newer was not found: {why}\n\
         \n\
         Install it in one of these ways, then build again:\n\
         - the package libdistcache-dev of your distribution, with pkg-config; or\n\
         - from its source tree: ./dev build --preset release &&\n\
         \x20 cmake --install build/release --prefix PREFIX, and then either\n\
         \x20 DISTCACHE_PREFIX=PREFIX or PKG_CONFIG_PATH=PREFIX/lib/pkgconfig"
    );
    exit(1);
}
