#!/usr/bin/env bash
# check.sh [build | test | long | coherence]: see docs/conformance.md; coherence: bench/README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { echo "skipped: there is no go command" && exit 77; }
export GOTOOLCHAIN=local
if ! go version 2>/dev/null | grep -Eq ' go1\.(2[4-9]|[3-9][0-9])| devel '; then
  echo "skipped: Go 1.24 is needed, this is $(go env GOVERSION)" && exit 77
fi
go env CC | xargs which >/dev/null || { echo "skipped: cgo needs a C compiler" && exit 77; }

export CGO_ENABLED=1
export PKG_CONFIG_PATH=$DISTCACHE_PREFIX/lib/pkgconfig
export CGO_CFLAGS="-O2 -Werror" CGO_LDFLAGS="-Wl,-rpath,$DISTCACHE_PREFIX/lib"

say() { printf '== go: %s\n' "$*"; }

build() {
  say "building"
  go build -o "$OUT/" ./cmd/conformance ./cmd/member
}

conformance() {
  say "conformance"
  "$OUT/conformance" "$CONFORMANCE/scenarios.json" >"$OUT/conformance.txt"
  diff -u "$CONFORMANCE/expected.txt" "$OUT/conformance.txt"
}

quickstart() {
  say "examples/go/quickstart"
  (cd ../../examples/go/quickstart && go vet . && go build -o "$OUT/quickstart" .)
  "$OUT/quickstart" | tee "$OUT/quickstart.txt"
  [[ $(grep -c 'Hello, world!' "$OUT/quickstart.txt") == 2 ]]
}

tests() {
  local unformatted
  unformatted=$(gofmt -l . ../../examples/go ../../bench/coherence)
  [[ -z $unformatted ]] || { echo "gofmt would change $unformatted" && return 1; }
  go vet ./...
  say "tests with the race detector"
  go test -race -count=1 ./... "$@"
  say "tests with a collection at every turn, and each pointer that crosses checked"
  GOEXPERIMENT=cgocheck2 GOGC=1 go test -count=1 -v . "$@" >"$OUT/test.txt" || {
    cat "$OUT/test.txt"
    return 1
  }
  grep -E '^ +[a-z_]+_test.go:[0-9]+: ' "$OUT/test.txt" || true
  say "allocations and times"
  go test -run NONE -bench 'Hit|Miss' -benchmem -benchtime "${benchtime:-20000x}" . |
    tee "$OUT/bench.txt"
}

# Beside groupcache-go, whose module Go fetches and checks by go.sum.
coherence() {
  (cd ../../bench/coherence && go vet . && go build -o "$OUT/coherence" .)
  "$OUT/coherence" "$@"
}

word=${1:-test}
if [[ $word == coherence ]]; then
  shift
  coherence "$@"
  exit
fi
build
[[ $word != build ]] || { echo "go: built conformance and member" && exit 0; }
case $word in
  test) tests ;;
  long) DISTCACHE_LONG=1 tests ;;
  *) echo "usage: check.sh [build | test | long | coherence]" >&2 && exit 2 ;;
esac
conformance
quickstart
hit=$(awk '/^BenchmarkHitAppend/ { print $3 " ns, " $7 " allocations" }' "$OUT/bench.txt")
echo "go: $(grep -c '^--- PASS' "$OUT/test.txt") tests, $(grep -c '^# ' "$OUT/conformance.txt")" \
  "scenarios as expected, a hit $hit"
