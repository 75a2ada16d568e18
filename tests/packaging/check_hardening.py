#!/usr/bin/env python3
"""check_hardening.py LIBRARY [--release]: reads off the shared library what makes a bug of ours
hard to use against the program that we live in. --release: what only the shipped build has, too."""

import re
import subprocess
import sys

# What a program that links us gets along. Another one here is a decision, not an accident.
NEEDED = {"libzmq.so.5", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6",
          "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
FEATURES = re.compile(r"lib(cares|nats|curl)\.so")  # of what may be left out: cmake/features.cmake
SANITIZERS = re.compile(r"lib(asan|ubsan|tsan|lsan)\.so")


def readelf(library, *options):
    return subprocess.run(["readelf", "-W", *options, library], check=True, capture_output=True,
                          text=True).stdout


def check_sections(library):
    segments, dynamic = readelf(library, "-l"), readelf(library, "-d")
    stack = re.search(r"^\s*GNU_STACK\s.*?\s([RWE ]{3})\s+0x", segments, re.M)
    yield "the stack is not executable (-z noexecstack)", stack and "E" not in stack[1]
    yield "relocations are read-only after start (-z relro)", "GNU_RELRO" in segments
    yield "and all made at start (-z now)", re.search(r"FLAGS.*\b(BIND_NOW|NOW)\b", dynamic)
    yield "the library is never unloaded (-z nodelete)", re.search(r"FLAGS.*\bNODELETE\b", dynamic)
    yield "code is not written to (no text relocations)", "TEXTREL" not in dynamic
    writable_code = re.search(r"^\s*LOAD\s.*\bRWE\b", segments, re.M)
    yield "no segment is writable and executable", not writable_code
    yield "libraries are found where the system says (no RPATH)", "PATH)" not in dynamic
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    strangers = {name for name in needed - NEEDED
                 if not SANITIZERS.match(name) and not FEATURES.match(name)}
    yield f"nothing unexpected is needed {sorted(strangers) or ''}", not strangers
    yield "it is known by its soname", re.search(r"\(SONAME\).*\[libdistcache\.so\.\d+\]", dynamic)


def check_code(library):
    symbols = readelf(library, "--dyn-syms")
    yield "functions watch their stack (-fstack-protector-strong)", "__stack_chk_fail" in symbols
    # These leave no mark but in what the compiler wrote down of its own command line. (The note
    # that -fcf-protection puts in each object is lost where the system's start files have none.)
    producers = set(re.findall(r"DW_AT_producer\s*:\s*(?:\(.*?\):\s*)?(.*)",
                               readelf(library, "--debug-dump=info", "--dwarf-depth=1")))
    ours = [line for line in producers if "C++" in line]
    clang = all("clang" in line for line in ours)  # does not write its options down
    for flag, sentence in (("-fstack-clash-protection", "large frames are probed"),
                           ("-fcf-protection", "jumps land where they may")):
        yield f"{sentence} ({flag})", ours and (clang or all(flag in line for line in ours))


def check_release(library):
    symbols = readelf(library, "--dyn-syms")
    yield "calls of libc know the sizes (_FORTIFY_SOURCE)", re.search(r"__\w+_chk@", symbols)
    text = subprocess.run(["strings", "-a", library], check=True, capture_output=True,
                          text=True).stdout
    yield "no fault can be switched on (core/mutations.h)", not re.search("MUTATION", text)


def main():
    library, release = sys.argv[1], "--release" in sys.argv[2:]
    checks = [*check_sections(library), *check_code(library)]
    if release:
        checks += check_release(library)
    missing = [sentence for sentence, holds in checks if not holds]
    for sentence in missing:
        print(f"does not hold: {sentence}")
    print(f"hardening: {len(checks) - len(missing)} of {len(checks)} properties hold")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
