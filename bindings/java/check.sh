#!/usr/bin/env bash
# check.sh [build | test | long]: see docs/conformance.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

say() { printf '== java: %s\n' "$*"; }
fail() { printf 'java: %s\n' "$*" >&2 && exit 1; }
skip() { printf 'skipped: %s\n' "$*" && exit 77; }

# version_of JAVA: its feature number, 17.
version_of() { "$1" -XshowSettings:properties -version 2>&1 |
  sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p'; }

for tool in javac java mvn cmake c++ pkg-config python3; do
  command -v "$tool" >/dev/null || skip "there is no $tool"
done
JAVA_HOME=$(cd "$(dirname "$(readlink -f "$(command -v javac)")")/.." && pwd)
export JAVA_HOME PKG_CONFIG_PATH=$DISTCACHE_PREFIX/lib/pkgconfig
java=$JAVA_HOME/bin/java
base=$(version_of "$java")
((base >= 17)) || skip "a JDK of 17 or more is needed, this is $base"
classes=$OUT/maven/classes programs=$OUT/programs

# The newest java on this machine, if it is one with virtual threads.
current_java() {
  local candidate version best=20 found=
  for candidate in /usr/lib/jvm/*/bin/java; do
    [[ -x $candidate ]] || continue
    version=$(version_of "$candidate")
    if ((version > best)); then best=$version found=$candidate; fi
  done
  echo "$found"
}

maven() { mvn -q -B -Dstyle.color=never -Dout="$OUT" "$@"; }

# launcher NAME CLASS
launcher() {
  cat >"$OUT/$1" <<END
#!/bin/sh
# DISTCACHE_JAVA_OPTIONS: more for the virtual machine.
exec "$java" -XX:+UseSerialGC \${DISTCACHE_JAVA_OPTIONS-} -cp "$classes:$programs" $2 "\$@"
END
  chmod +x "$OUT/$1"
}

build() {
  say "building"
  mkdir -p "$OUT"
  python3 settings.py --check "$DISTCACHE_PREFIX/lib/libdistcache.so"
  maven -DskipTests package
  rm -rf "$programs"
  mapfile -t sources < <(find src/programs -name '*.java' | sort)
  javac --release 17 -Xlint:all -Werror -d "$programs" -cp "$classes" "${sources[@]}"
  launcher conformance io.distcache.programs.Conformance
  launcher member io.distcache.programs.Member
}

# tests JAVA VERSION: the virtual machine checks every JNI call, and nothing it says is accepted.
tests() {
  local reports=$OUT/maven/surefire-reports log=$OUT/test-$2.log warnings
  say "tests on JDK $2"
  rm -rf "$reports"
  maven surefire:test -Djvm="$1" -Dlong="$long" \
    -Dtest.arguments="$([[ $2 -lt 21 ]] || echo "$virtual_threads")" >"$log" 2>&1 || {
    cat "$log"
    fail "tests failed on JDK $2"
  }
  grep -h '^figures:' "$reports"/*-output.txt || true
  no_warnings "$log" "$reports"/*
  count=$(cat "$reports"/TEST-*.xml | grep -c '<testcase ') ||
    fail "no test ran on JDK $2"
}
# One carrier: a virtual thread that is pinned keeps all others from running.
virtual_threads="--enable-native-access=ALL-UNNAMED -Djdk.virtualThreadScheduler.parallelism=1"
virtual_threads+=" -Djdk.virtualThreadScheduler.maxPoolSize=1 -Djdk.tracePinnedThreads=full"

no_warnings() {
  local warnings
  warnings=$(grep -hE -A3 'WARNING in native|FATAL ERROR in native|^WARNING: ' "$@" || true)
  [[ -z $warnings ]] || fail "-Xcheck:jni and others complain: $warnings"
}

conformance() {
  say "conformance"
  DISTCACHE_JAVA_OPTIONS=-Xcheck:jni "$OUT/conformance" "$CONFORMANCE/scenarios.json" \
    >"$OUT/conformance.txt"
  diff -u "$CONFORMANCE/expected.txt" "$OUT/conformance.txt"
}

quickstart() {
  say "examples/java/Quickstart.java, with the library from the jar"
  local jar
  jar=$(echo "$OUT"/maven/distcache-*.jar)
  javac --release 17 -Xlint:all -Werror -d "$OUT/quickstart" -cp "$jar" \
    ../../examples/java/Quickstart.java
  "$java" -cp "$jar:$OUT/quickstart" Quickstart | tee "$OUT/quickstart.txt"
  [[ $(grep -c 'Hello, world!' "$OUT/quickstart.txt") == 2 ]] || fail "the quick start is wrong"
}

documentation() {
  say "javadoc"
  "$JAVA_HOME/bin/javadoc" -quiet -Xdoclint:all -Werror -protected -d "$OUT/javadoc" \
    -sourcepath src/main/java -subpackages io.distcache >"$OUT/javadoc.log" 2>&1 || {
    cat "$OUT/javadoc.log"
    fail "javadoc has findings"
  }
}

word=${1:-test} long=false
case $word in
  build | test) ;;
  long) long=true ;;
  *) echo "usage: check.sh [build | test | long]" >&2 && exit 2 ;;
esac
build
[[ $word != build ]] || { echo "java: built conformance and member" && exit 0; }
tests "$java" "$base"
tested="$count tests on JDK $base"
current=$(current_java)
if [[ -n $current && $(version_of "$current") != "$base" ]]; then
  tests "$current" "$(version_of "$current")"
  tested+=", $count on JDK $(version_of "$current")"
else
  tested+=", none on a current JDK: skipped, there is none in /usr/lib/jvm"
fi
conformance
quickstart
documentation
hit=$(printf '%s\n' "open $OUT/ledger bind.port=0 discovery.port=0" "bench_hit 200000" quit |
  "$OUT/member" | sed -n 's/^ok ns=\([0-9.]*\) allocations=\(.*\)$/\1 ns, \2 of heap/p')
echo "java: $tested, $(grep -c '^# ' "$OUT/conformance.txt") scenarios as expected, a hit $hit"
