#!/usr/bin/env python3
"""check_symbols.py LIBRARY [--update]: what the shared library exports must be what the header
declares, and what was accepted in symbols.txt. --update accepts what is there now."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ACCEPTED = HERE / "symbols.txt"

sys.path.insert(0, str(ROOT / "tests" / "tidy"))
from tidy import api_functions  # noqa: E402  one reading of the header for both checks


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    fields = [line.split() for line in lines]
    # "A" is the version node DISTCACHE_1 itself. A default version reads name@@DISTCACHE_1.
    return {name.split("@")[0] for _, kind, name in fields if kind != "A"}


def declared():
    names = set()
    for header in sorted((ROOT / "include").rglob("*.h")):
        names.update(name for name, _ in api_functions(header.read_text()))
    return names


def main():
    library, update = sys.argv[1], "--update" in sys.argv[2:]
    exports, header = exported(library), declared()
    faults = [f"exported, but not in the header: {name}" for name in sorted(exports - header)]
    faults += [f"in the header, but not exported: {name}" for name in sorted(header - exports)]
    if not header:
        faults.append("the header declares no function at all")
    if update and not faults:
        ACCEPTED.write_text("".join(f"{name}\n" for name in sorted(exports)))
    accepted = set(ACCEPTED.read_text().split()) if ACCEPTED.exists() else set()
    faults += [f"new, not yet accepted: {name}" for name in sorted(exports - accepted)]
    faults += [f"accepted before, now gone: {name}" for name in sorted(accepted - exports)]
    for fault in faults:
        print(fault)
    if faults:
        print("If the change is meant: ./dev abi --update")
    print(f"symbols: {len(exports)} exported, {len(header)} in the header, "
          f"{len(accepted)} accepted, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
