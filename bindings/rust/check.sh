#!/usr/bin/env bash
# check.sh [build | test | long]: see docs/conformance.md.
set -euo pipefail
cd "$(dirname "$0")"

word=${1:-test}
[[ $word =~ ^(build|test|long)$ ]] || {
  echo "usage: check.sh [build | test | long]" >&2
  exit 2
}
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
for tool in cargo cc; do
  command -v "$tool" >/dev/null || { echo "skipped: there is no $tool" && exit 77; }
done
version=$(rustc --version | sed -E 's/^rustc 1\.([0-9]+).*/\1/')
((version >= 78)) || { echo "skipped: Rust 1.78 is needed, this is $(rustc --version)" && exit 77; }

say() { printf '== rust: %s\n' "$*"; }

# Programs find the library that they were linked with, whatever the environment says.
host=$(rustc -vV | sed -n 's/^host: //p')
use() { # PREFIX TARGET_FOLDER FLAGS...
  export DISTCACHE_PREFIX=$1 CARGO_TARGET_DIR=$OUT/$2
  shift 2
  export RUSTFLAGS="-C link-arg=-Wl,-rpath,$DISTCACHE_PREFIX/lib $*"
  export RUSTDOCFLAGS=$RUSTFLAGS
}
plain() { use "$prefix" plain; }
# The library wants the sanitizer's runtime to come first; the tests, and they alone, get it so. It
# has to begin before all others, too: else its first malloc comes within the newlocale of
# libp11-kit, asks for the text of an error, and leaves glibc's lock of locales broken: a hang at
# the exit.
sanitized() {
  use "$DISTCACHE_ASAN_PREFIX" asan
  cc -shared -fPIC -Wl,-z,initfirst -x c - -o "$OUT/asan_first.so" <<'C'
void __asan_init(void);
__attribute__((constructor)) static void first(void) { __asan_init(); }
C
  runtime="$(cc -print-file-name=libasan.so):$OUT/asan_first.so"
  export "CARGO_TARGET_$(tr a-z- A-Z_ <<<"$host")_RUNNER=env LD_PRELOAD=$runtime"
}

prefix=$DISTCACHE_PREFIX
plain
say "building"
cargo build --quiet --locked --release -p distcache-programs --bins --examples
cp "$CARGO_TARGET_DIR/release/conformance" "$CARGO_TARGET_DIR/release/member" "$OUT/"
[[ $word != build ]] || { echo "rust: built conformance and member" && exit 0; }

say "declarations and options against the library"
python3 distcache-sys/generate.py "$prefix/include" --check
python3 distcache/generate.py "$prefix/lib/libdistcache.so" --check

lints=()
for tool in fmt clippy; do
  cargo $tool --version >/dev/null 2>&1 && lints+=("$tool") || say "there is no cargo $tool here"
done
say "${lints[*]}"
[[ " ${lints[*]} " != *" fmt "* ]] || cargo fmt --check
[[ " ${lints[*]} " != *" clippy "* ]] ||
  cargo clippy --quiet --locked --all-targets -- -D warnings

[[ $word != long ]] || export DISTCACHE_LONG=1
say "tests"
cargo test --quiet --locked 2>&1 | tee "$OUT/test.txt"
RUSTDOCFLAGS="$RUSTDOCFLAGS -D warnings" cargo doc --quiet --locked --no-deps

conformance() { # RUNNER
  "$1" "$CONFORMANCE/scenarios.json" >"$OUT/conformance.txt"
  diff -u "$CONFORMANCE/expected.txt" "$OUT/conformance.txt"
}
say "conformance"
conformance "$OUT/conformance"

say "examples/rust/quickstart.rs"
"$CARGO_TARGET_DIR/release/examples/quickstart" | tee "$OUT/quickstart.txt"
grep -q 'from the source' "$OUT/quickstart.txt" && grep -q 'from memory' "$OUT/quickstart.txt"

sanitizers="without sanitizers"
if [[ -n ${DISTCACHE_ASAN_PREFIX-} ]]; then
  say "tests and conformance with the address and leak sanitizer"
  sanitized
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  # Not the layout test: it runs the C compiler.
  cargo test --quiet --locked -p distcache -p distcache-programs --tests 2>&1 |
    tee "$OUT/asan.txt"
  cargo build --quiet --locked -p distcache-programs --bins
  LD_PRELOAD=$runtime conformance "$CARGO_TARGET_DIR/debug/conformance"
  sanitizers="with and without sanitizers"
fi
passed=$(awk "/^test result: ok/ { sum += \$4 } END { print sum }" "$OUT/test.txt")
echo "rust: $passed tests, $(grep -c '^# ' "$OUT/conformance.txt") scenarios as expected," \
  "$sanitizers"
