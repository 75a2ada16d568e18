#!/bin/sh
# build.sh TARGET JDK [SANITIZE]: what Maven calls after javac. Builds the glue in TARGET/native
# from the headers that javac wrote, and puts it with the library it was built against where the jar
# has its native libraries.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=$1
jdk=$2
sanitize=${3:-}
log=$target/native.log

pkg-config --exists distcache || {
  echo "libdistcache is not installed where pkg-config looks; set PKG_CONFIG_PATH to the folder" \
    "with distcache.pc" >&2
  exit 1
}
{
  cmake -S "$here" -B "$target/native" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DJDK="$jdk" -DHEADERS="$target/headers" -DSANITIZE="$sanitize" &&
    cmake --build "$target/native"
} >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
into=$target/classes/native/linux-$(uname -m)
mkdir -p "$into"
cp "$target/native/libdistcache_jni.so" "$into/"
cp -L "$(pkg-config --variable=libdir distcache)/libdistcache.so.1" "$into/"
