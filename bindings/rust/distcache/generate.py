#!/usr/bin/env python3
"""generate.py LIBRARY [--check]: writes the typed options from the library's table of properties.

LIBRARY is a libdistcache.so without sanitizers. Writes src/options/{engine,keyspace,choices}.rs;
with --check it writes nothing and fails where a file would differ in more than comments.
"""

import ctypes
import json
import pathlib
import re
import sys
import textwrap

FOLDER = pathlib.Path(__file__).parent / "src/options"
NOTE = "// Written by generate.py from the table of properties of the library.\n\n"
SWITCH = {"on", "off"}


def properties(library):
    table = ctypes.CDLL(library).distcache_properties_json
    table.restype = ctypes.c_char_p
    return json.loads(table())["properties"]


def doc(text, indent=""):
    start = f"{indent}/// "
    return textwrap.fill(text, 100, initial_indent=start, subsequent_indent=start,
                         break_on_hyphens=False, break_long_words=False) + "\n"


def camel(text):
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]", text))


def choices(entry):
    return [choice["name"] for choice in entry["choices"]]


def method(name):
    return re.sub(r"_ms$", "", re.sub(r"[^a-z0-9]", "_", name))


def kind(entry):
    """The arm of the macro that makes the method."""
    type_ = entry["type"]
    if type_ == "choice":
        return "switch" if set(choices(entry)) == SWITCH else f"choice({camel(entry['name'])})"
    if type_ in ("integer", "percent", "size"):
        width = next(bits for bits in (8, 16, 32, 64) if entry["max"] < 1 << bits)
        return f"number({'u64' if type_ == 'size' else f'u{width}'})"
    return {"duration": "duration", "list": "list", "string": "text", "address": "text"}[type_]


def about(entry):
    default = entry.get("default")
    if entry.get("required"):
        tail = " Required."
    elif default in (None, ""):
        tail = ""
    else:
        tail = f" Default: `{default}`."
    return f"`{entry['name']}`: {entry['text']}{tail}"


def options(builder, entries):
    lines = [NOTE, "use crate::options::properties;\n"]
    enums = sorted({camel(e["name"]) for e in entries
                    if e["type"] == "choice" and kind(e) != "switch"})
    used = [f"use crate::options::{{{', '.join(enums)}}};\n"] if enums else []
    if used and len(used[0]) > 101:
        used = ["use crate::options::{\n"] + [f"    {part},\n" for part in enums] + ["};\n"]
    lines += used
    lines += [f"use crate::{builder};\n\n", f"properties! {{ {builder}:\n"]
    for entry in entries:
        lines.append(doc(about(entry), "    "))
        lines.append(f"    {method(entry['name'])}: {kind(entry)} = \"{entry['name']}\";\n")
    return "".join(lines) + "}\n"


def enumerations(entries):
    lines = [NOTE, "use crate::options::choice_of;\n"]
    seen = set()
    for entry in entries:
        name = camel(entry["name"])
        if entry["type"] != "choice" or kind(entry) == "switch" or name in seen:
            continue
        seen.add(name)
        lines.append("\nchoice_of! {\n" + doc(f"The choices of `{entry['name']}`.", "    "))
        lines.append(f"    {name}:\n")
        for choice in choices(entry):
            lines.append(f"        {camel(choice)} = \"{choice}\",\n")
        lines.append("}\n")
    return "".join(lines)


def without_docs(text):
    return re.sub(r"^ *///.*\n", "", text, flags=re.M)


def main():
    table = properties(sys.argv[1])
    engine = [entry for entry in table if entry["scope"] == "engine"]
    keyspace = [entry for entry in table if entry["scope"] == "keyspace"]
    files = {"engine.rs": options("EngineBuilder", engine),
             "keyspace.rs": options("KeyspaceBuilder", keyspace),
             "choices.rs": enumerations(table)}
    check = "--check" in sys.argv
    # Whoever words a property's text anew is not asked to know of this crate.
    same = without_docs if check else str
    stale = [name for name, text in files.items()
             if not (FOLDER / name).exists() or same((FOLDER / name).read_text()) != same(text)]
    if stale and check:
        sys.exit(f"generate.py: the table of properties has changed: {', '.join(stale)}; "
                 "python3 bindings/rust/distcache/generate.py build/release/libdistcache.so "
                 "writes them")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(files[name])
    print(f"{len(table)} properties")


main()
