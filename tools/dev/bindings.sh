# shellcheck shell=bash
# Part of ./dev: the bindings, and the benchmarks, of which two need them.

word_bench() {
  if [[ ${rest[0]-} == bindings ]]; then
    prepare_bindings
    members
    exec python3 bindings/conformance/bench.py build/bindings ${long:+--long}
  fi
  if [[ ${rest[0]-} == coherence ]]; then
    bench_coherence
    return
  fi
  if [[ ${rest[0]-} == cost ]]; then
    bench_cost
    return
  fi
  if [[ ${rest[0]-} == membership ]]; then
    bench_membership
    return
  fi
  need "${packages[@]}"
  build release distcache_bench
  build/release/bench/distcache_bench ${long:+--long} ${rest[@]+"${rest[@]}"} || return 1
  [[ -z ${rest[0]-} ]] || return 0
  bench_membership || return 1
  bench_cost || return 1
  bench_coherence
}

# Messages and instructions are counted, not timed: the same on a busy machine.
bench_cost() {
  need "${packages[@]}" valgrind
  build release cost_bench
  local what mode bin=build/release/bench/cost_bench code=0
  declare -A instructions
  "$bin" messages || code=1
  for what in hit remote; do
    for mode in off hot; do
      instructions[$mode]=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --toggle-collect='distcache::cost::measured*' "$bin" $what $mode 2>&1 |
        sed -n 's/.*Collected : *//p')
    done
    echo "$what: ${instructions[off]} instructions without mirrors, ${instructions[hot]} with them"
    ((instructions[off] > 0 && instructions[hot] * 100 <= instructions[off] * 103)) || {
      echo "bench cost: $what costs more than 1.03 of what it costs without mirrors"
      code=1
    }
  done
  return $code
}

# On virtual time: it has goals, and fails when one is missed.
bench_membership() {
  need "${packages[@]}"
  build release membership_bench
  build/release/bench/membership_bench ${long:+--long}
}

# Beside groupcache-go, a module of Go. Where there is no Go it is skipped, but not in CI.
bench_coherence() {
  local code=0
  prepare_bindings
  binding go coherence ${long:+--long} || code=$?
  [[ $code == 77 && -z ${CI-} ]] || return $code
}

# What every language needs: the library installed, plain and with the address sanitizer, and the
# programs in C that the others are compared with.
prepare_bindings() {
  need "${packages[@]}"
  build release distcache conformance member
  cmake --install build/release --prefix "$PWD/build/release/prefix" >build/release/install.log
  mkdir -p build/bindings/c
  ln -sf "$PWD"/build/release/bindings/conformance/c/{conformance,member} build/bindings/c/
  export DISTCACHE_PREFIX=$PWD/build/release/prefix DISTCACHE_ASAN_PREFIX=$PWD/build/asan/prefix
  export CONFORMANCE=$PWD/bindings/conformance
}

# binding LANGUAGE WORD...: its check.sh; 77 where it cannot run here. docs/conformance.md.
binding() {
  [[ -x bindings/$1/check.sh ]] || {
    skip "there is no binding for $1 yet"
    return 77
  }
  mkdir -p "build/bindings/$1"
  OUT=$PWD/build/bindings/$1 timeout 1800 "bindings/$1/check.sh" "${@:2}"
}

# members: the ring members of all languages; those that cannot be built are told.
members() {
  local language
  for language in go rust java; do
    binding "$language" build >"build/bindings/$language.log" 2>&1 && continue
    (($? == 77)) || cat "build/bindings/$language.log"
    rm -f "build/bindings/$language/member" # what an earlier version left
    tail -n 1 "build/bindings/$language.log"
  done
}

# On a developer's machine a toolchain may be missing, in CI none.
word_bindings() {
  local languages=("${rest[@]-}") language state code failed=0 skipped=0 table=() form=test
  [[ -n ${languages[0]} ]] || languages=(go rust java)
  [[ -z $long ]] || form=long
  prepare_bindings
  if [[ " ${languages[*]} " == *" rust "* && -x bindings/rust/check.sh ]]; then
    build asan distcache
    cmake --install build/asan --prefix "$DISTCACHE_ASAN_PREFIX" >build/asan/install.log
  fi
  say "conformance in C"
  bindings/conformance/c/check.sh build/bindings/c/conformance "$CONFORMANCE" || failed=1
  for language in "${languages[@]}"; do
    say "$language"
    state=passed code=0
    binding "$language" "$form" 2>&1 | tee "build/bindings/$language.log" || code=$?
    case $code in
      0) ;;
      77) state=skipped skipped=$((skipped + 1)) ;;
      *) state=FAILED failed=$((failed + 1)) ;;
    esac
    table+=("$language $state: $(tail -n 1 "build/bindings/$language.log")")
  done
  if [[ -z ${rest[0]-} ]]; then
    say "the ring of all languages"
    python3 bindings/conformance/ring.py build/bindings ${CI:+--no-skips} \
      ${long:+--ops 1000000} || failed=$((failed + 1))
  fi
  [[ -z ${CI-} ]] || failed=$((failed + skipped))
  printf '%s\n' "${table[@]}"
  echo "bindings: ${#table[@]} languages beside C, $failed failed, $skipped skipped, $(elapsed)"
  return $((failed > 0))
}
