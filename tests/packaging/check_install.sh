#!/usr/bin/env bash
# check_install.sh BUILD_DIR CC CXX SANITIZERS: installs the build into a folder of its own and
# builds programs against it that know nothing of this tree.
set -euo pipefail
build=$1 cc=$2 cxx=$3 sanitizers=$4
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

cmake --install "$build" --prefix "$stage/usr" >"$stage/install.log" || {
  cat "$stage/install.log"
  exit 1
}
pc=$(find "$stage/usr" -name distcache.pc)
# Ours is the only package to be found: what the library is made of must not be asked of its users.
export PKG_CONFIG_LIBDIR=${pc%/*}

for route in find_package pkg-config; do
  cmake -S "$here/consumer" -B "$stage/$route" -G Ninja -DROUTE="$route" \
    -DCMAKE_PREFIX_PATH="$stage/usr" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_C_FLAGS="${sanitizers:+-fsanitize=$sanitizers}" \
    -DCMAKE_CXX_FLAGS="${sanitizers:+-fsanitize=$sanitizers}" >"$stage/configure.log" &&
    cmake --build "$stage/$route" >"$stage/build.log" || {
    cat "$stage/configure.log" "$stage/build.log"
    exit 1
  }
  for language in c cpp; do
    printf '%-13s' "$route"
    LD_LIBRARY_PATH=${pc%/pkgconfig/*} "$stage/$route/consumer_$language" || {
      echo "the $language consumer by $route does not agree with the package"
      exit 1
    }
  done
done
echo "2 routes, 2 languages: 4 consumers built and run"
