#!/usr/bin/env python3
"""check_guards.py GUARDS FOLDER UNIT_TESTS LIBRARY_FOLDER: takes out one guard after the other and
demands that the test which GUARDS names for it fails. FOLDER has the programs of tests/capi,
LIBRARY_FOLDER the mutated library that they are run with."""

import os
import pathlib
import re
import subprocess
import sys

PASSES_WITHIN_S = 240  # as it is, on a machine that has other things to do
FAILS_WITHIN_S = 30    # with the guard taken out: a test that hangs has noticed, too


def read(path):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split(maxsplit=2)


class Programs:
    def __init__(self, folder, unit_tests, library_folder):
        self.folder, self.unit_tests, self.library_folder = folder, unit_tests, library_folder
        self.known_good = {}

    def run(self, program, test, mutation, limit_s):
        """(whether the test passed, what was printed)"""
        env = dict(os.environ, LD_LIBRARY_PATH=self.library_folder)
        # What is left behind when a guard is missing is not the question.
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        env.pop("DISTCACHE_MUTATION", None)
        if mutation:
            env["DISTCACHE_MUTATION"] = mutation
        if program == "unit":
            command = [self.unit_tests, f"--gtest_filter={test}", "--gtest_fail_fast"]
        elif program == "misuse":
            command = [f"{self.folder}/capi/misuse/misuse", test]
        else:
            command = [f"{self.folder}/{program}_c11"]
        try:
            ended = subprocess.run(command, env=env, timeout=limit_s, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            text = ended.stdout.decode(errors="replace")
            if program == "misuse":  # its rows are in a process of their own; one run, one verdict
                some = re.search(r"^misuse: [1-9]\d* rows", text, re.M)
                fault = re.search(r"^(FAILED|CRASHED) ", text, re.M)
                return (some and not fault) if not mutation else not fault, text
        except subprocess.TimeoutExpired as late:
            text = (late.stdout or b"").decode(errors="replace") + f"\nnot over in {limit_s} s"
        name = re.escape(test)
        begun = re.search(rf"^\[ RUN      \] {name}$", text, re.M)
        passed = re.search(rf"^\[       OK \] {name}( \(|$)", text, re.M)
        if mutation and not begun:
            return True, text + "\nthe test did not even begin"
        return passed is not None, text

    def passes_as_it_is(self, program, test):
        if program in ("unit", "misuse") or program not in self.known_good:
            passed, text = self.run(program, test, None, PASSES_WITHIN_S)
            self.known_good[program] = text
            return passed, text
        text = self.known_good[program]
        return re.search(rf"^\[       OK \] {re.escape(test)}$", text, re.M) is not None, text


def main():
    guards, programs = list(read(sys.argv[1])), Programs(*sys.argv[2:5])
    caught = 0
    for mutation, program, test in guards:
        good, text = programs.passes_as_it_is(program, test)
        if not good:
            print(f"{mutation}: {test} fails with no guard taken out\n{text}")
            continue
        missed, text = programs.run(program, test, mutation, FAILS_WITHIN_S)
        if missed:
            print(f"{mutation}: NOT caught by {test}\n{text}")
            continue
        caught += 1
        print(f"{mutation}: caught by {test}", flush=True)
    print(f"mutations: {caught} of {len(guards)} caught")
    return 0 if caught == len(guards) else 1


if __name__ == "__main__":
    sys.exit(main())
