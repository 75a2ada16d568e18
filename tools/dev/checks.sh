# shellcheck shell=bash
# Part of ./dev: what is checked without running the product: form, rules, interface, documentation;
# and the fuzzers.

# All C and C++ files of the house.
sources() {
  local folders=(include src transport tests bench bindings/conformance examples tools demo)
  local present=() folder
  for folder in "${folders[@]}"; do [[ -d $folder ]] && present+=("$folder"); done
  find "${present[@]}" -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' | sort
}

# badly_formatted FILE...: those that clang-format would change.
badly_formatted() {
  clang-format-14 --dry-run "$@" 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: warning: code should be.*//p' | uniq
}

word_lint() {
  need "${packages[@]}" clang-14 clang-format-14 clang-tidy-14
  local files units bad unformatted=0 untidy=0 breaches=0
  mapfile -t files < <(sources)
  say "formatting of ${#files[@]} files"
  mapfile -t bad < <(badly_formatted "${files[@]}")
  ((${#bad[@]} == 0)) || unformatted=1

  say "rules of the house"
  python3 tests/tidy/tidy.py . || breaches=1
  python3 tests/tidy/tidy_test.py || breaches=1

  # The clang preset's commands, so that its thread safety analysis runs along with the checks.
  configure clang
  mapfile -t units < <(find src transport -name '*.cpp' | sort)
  say "clang-tidy on ${#units[@]} files, $jobs at once"
  printf '%s\n' "${units[@]}" | xargs -P "$jobs" -I{} sh -c \
    'echo "   {}"; clang-tidy-14 --quiet -p build/clang {} 2>/dev/null' |
    awk '!seen[$0]++ { print; fflush() }' || untidy=1 # a header's finding once, not per includer
  ((unformatted == 0)) || echo "lint: ./dev fmt mends the format of ${bad[*]}"
  ((untidy == 0)) || echo "lint: clang-tidy has findings, see above"
  ((breaches == 0)) || echo "lint: rules of the house are broken, see above"
  echo "lint: ${#files[@]} files, ${#units[@]} of them by clang-tidy," \
    "$((unformatted + untidy + breaches)) of 3 checks failed, $(elapsed)"
  return $((unformatted + untidy + breaches > 0))
}

word_fmt() {
  need clang-format-14
  local files bad
  mapfile -t files < <(sources)
  mapfile -t bad < <(badly_formatted "${files[@]}")
  ((${#bad[@]} == 0)) || clang-format-14 -i "${bad[@]}"
  echo "fmt: ${#files[@]} files, ${#bad[@]} changed"
}

word_abi() {
  need "${packages[@]}" abigail-tools
  local update accepted=tests/packaging/distcache.abi library=build/release/libdistcache.so
  local now=build/release/distcache.abi symbols
  [[ ${rest[0]-} != --update ]] || update=1
  build release distcache
  # What programs can reach, and nothing of the machine that built it.
  abidw --suppressions tests/packaging/public.abignore --exported-interfaces-only \
    --type-id-style hash --no-show-locs --no-corpus-path --no-comp-dir-path --no-architecture \
    --no-elf-needed "$library" | sed "s| path='[^']*/\(src/[^']*\)'| path='\1'|" >"$now"
  python3 tests/packaging/check_symbols.py "$library" ${update:+--update} || return 1
  python3 tests/packaging/check_hardening.py "$library" --release || return 1
  [[ -z ${update-} ]] || cp "$now" "$accepted"
  symbols=$(wc -l <tests/packaging/symbols.txt)
  if [[ ! -e $accepted ]]; then
    echo "abi: $symbols symbols as accepted; no interface accepted yet, ./dev abi --update does it"
  elif abidiff "$accepted" "$now"; then
    echo "abi: $symbols symbols and their types ${update:+now }as accepted"
  else
    echo "abi: the binary interface differs from the accepted one; if meant, ./dev abi --update"
    return 1
  fi
}

# fuzz_one NAME SECONDS: searches for an input that breaks one decoder, from its corpus and from
# what earlier runs found. Findings stay in build/fuzz/findings.
fuzz_one() {
  local bin=build/fuzz/tests/fuzz work=build/fuzz/found/$1
  "$bin/$1_replay" --unpack "tests/fuzz/corpus/$1.hex" "$work" &&
    "$bin/$1_fuzz" -max_total_time="$2" -max_len=4096 -timeout=60 -malloc_limit_mb=64 \
      -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$1-" "$work" >"$work.log" 2>&1
}

word_fuzz() {
  need "${packages[@]}" clang-14 libclang-rt-14-dev
  local seconds=${long:+3600} names name runs total=0 pids=() findings=0 at
  build fuzz fuzz
  mapfile -t names < <(find tests/fuzz -name "*${rest[0]-}*_fuzz.cpp" -printf '%f\n' |
    sed 's/_fuzz.cpp$//' | sort)
  ((${#names[@]})) || die "no fuzz target has '${rest[0]}' in its name"
  mkdir -p build/fuzz/found build/fuzz/findings
  for ((at = 0; at < ${#names[@]}; at += jobs)); do
    pids=()
    for name in "${names[@]:at:jobs}"; do
      say "$name for ${seconds:-15} s"
      fuzz_one "$name" "${seconds:-15}" & pids+=($!)
    done
    for name in "${names[@]:at:jobs}"; do
      wait "${pids[0]}" || {
        findings=$((findings + 1))
        tail -n 60 "build/fuzz/found/$name.log"
        echo "fuzz: $name fails, its input lies in build/fuzz/findings"
      }
      pids=("${pids[@]:1}")
      runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/found/$name.log")
      total=$((total + ${runs:-0}))
    done
  done
  echo "fuzz: ${#names[@]} targets, $total executions, $findings findings, $(elapsed)"
  return $((findings > 0))
}

word_docs() {
  need "${packages[@]}"
  local now=build/release/CONFIGURATION.md properties
  build release distcache-properties
  build/release/tools/distcache-properties >"$now"
  [[ ${rest[0]-} != --update ]] || cp "$now" CONFIGURATION.md
  diff -u CONFIGURATION.md "$now" || {
    echo "docs: CONFIGURATION.md is not what the code says; ./dev docs --update writes it"
    return 1
  }
  properties=$(grep -c '^| `' CONFIGURATION.md || true)
  echo "docs: CONFIGURATION.md agrees with the code, $properties properties"
}
