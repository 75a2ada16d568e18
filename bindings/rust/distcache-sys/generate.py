#!/usr/bin/env python3
"""generate.py INCLUDE [--check]: writes the declarations of this crate from the C header.

One Rust file per header into src/, and for the layout test one list of all structs and constants as
C and one as Rust into tests/. With --check it writes nothing and fails where a file would differ in
more than its comments.
Understands the C that the header allows itself (no bit-fields, variadics or structs by value).
"""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).parent
HEADERS = ["abi", "status", "types", "error", "config", "engine", "result", "source", "keyspace",
           "operations", "async", "discovery", "extend", "observe"]
SCALARS = {"uint8_t": "u8", "int32_t": "i32", "uint32_t": "u32", "int64_t": "i64",
           "uint64_t": "u64", "uintptr_t": "usize", "size_t": "usize", "char": "c_char",
           "void": "c_void"}
KEYWORDS = {"type", "fn", "ref", "move", "in"}
NOTE = "// Written by generate.py from include/distcache/{}.h: change that, and run it again.\n"


def rust_type(text):
    """`const uint8_t *` -> `*const u8`."""
    text = text.strip()
    stars = text.count("*")
    base = text.replace("*", " ").split()
    const = "const" in base
    base = [word for word in base if word not in ("const", "struct")]
    name = SCALARS.get(base[0], base[0])
    for depth in range(stars):
        # Only the innermost pointer can be to const; what holds pointers is always written to.
        name = ("*const " if const and depth == 0 else "*mut ") + name
    return name


def split_declarator(text):
    """`const uint8_t *key` -> (type, name, array length or None)."""
    match = re.fullmatch(r"(.*?)(\w+)\s*(?:\[(\d+)\])?", text.strip(), re.S)
    kind, name, length = match.groups()
    return rust_type(kind), name, length


def field(text):
    function = re.fullmatch(r"(.*?)\(\*(\w+)\)\s*\((.*)\)", text.strip(), re.S)
    if function:
        return function.group(2), callback(function.group(1), function.group(3))
    kind, name, length = split_declarator(text)
    return name, f"[{kind}; {length}]" if length else kind


def parameters(text):
    if text.strip() == "void":
        return []
    out = []
    for part in text.split(","):
        kind, name, _ = split_declarator(part)
        out.append(f"{'r#' if name in KEYWORDS else ''}{name}: {kind}")
    return out


def returns(text):
    kind = rust_type(text)
    return "" if kind == "c_void" else f" -> {kind}"


def callback(result, arguments):
    inner = ", ".join(parameters(arguments))
    return f"Option<unsafe extern \"C\" fn({inner}){returns(result)}>"


def doc(comment, indent=""):
    """A C comment as a doc comment, filled to 100 columns."""
    text = "\n".join(re.sub(r"^\s*(?:/?\*+(?!/))?\s?", "", line) for line in
                     re.sub(r"\s*\*/$", "", comment).splitlines())
    start = f"{indent}/// "
    return "".join(
        textwrap.fill(paragraph, 100, initial_indent=start, subsequent_indent=start,
                      break_on_hyphens=False) + "\n"
        for paragraph in text.strip().split("\n\n"))


class Header:
    """The declarations of one header, in its order."""

    def __init__(self, name, text):
        self.name = name
        self.items = []      # Rust text of types and constants
        self.functions = []  # Rust text of functions
        self.structs = []    # (name, fields)
        self.constants = []  # names
        self.parse(text)

    def parse(self, text):
        text = re.sub(r"^/\*.*?\*/", "", text, count=1, flags=re.S)
        text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
        # lib.rs has these by hand: initializers, and how symbols are exported.
        text = re.sub(r"#define (\w+_INIT|DISTCACHE_API)\b(?:[^\n]*\\\n)*[^\n]*", "", text)
        token = re.compile(
            r"(?P<comment>/\*.*?\*/)"
            r"|(?P<define>#define[ \t]+(?P<macro>DISTCACHE_\w+)[ \t]+(?P<value>[^\n\\]*[^\n\\ ]))\n"
            r"|(?P<skip>#[^\n]*(?:\\\n[^\n]*)*)"
            r"|(?P<enum>enum \{.*?\};)"
            r"|(?P<struct>typedef struct \w+ \{.*?\n\} (?P<struct_name>\w+);)"
            r"|typedef struct \w+ (?P<opaque>\w+);"
            r"|typedef (?P<cb_result>[\w ]+?\s?\*?)\(\*(?P<cb>\w+)\)\((?P<cb_args>[^)]*)\);"
            r"|typedef (?P<alias_of>\w+) (?P<alias>\w+);"
            r"|DISTCACHE_API\s+(?P<result>[^(;]*?)(?P<function>\w+)\s*\((?P<args>[^)]*)\);", re.S)
        comment = ""
        end = 0
        for match in token.finditer(text):
            between = text[end:match.start()]
            if between.strip():
                sys.exit(f"generate.py: {self.name}.h: cannot read {between.strip()[:60]!r}")
            end = match.end()
            if match["comment"]:
                comment = match["comment"]
                continue
            self.declaration(match, comment)
            if not match["skip"]:
                comment = ""

    def declaration(self, match, comment):
        if match["define"]:
            self.macro(match["macro"], match["value"], comment)
        elif match["enum"]:
            self.enumeration(match["enum"])
        elif match["struct"]:
            self.structure(match["struct_name"], match["struct"], comment)
        elif match["opaque"]:
            self.items.append(
                f"{doc(comment)}#[repr(C)]\npub struct {match['opaque']} {{\n"
                "    _opaque: [u8; 0],\n    _marker: PhantomData<(*mut u8, PhantomPinned)>,\n}\n")
        elif match["cb"]:
            kind = callback(match["cb_result"], match["cb_args"])
            self.items.append(doc(comment) + wrap(f"pub type {match['cb']} = {kind};"))
        elif match["alias"]:
            self.items.append(
                f"{doc(comment)}pub type {match['alias']} = {SCALARS[match['alias_of']]};\n")
        elif match["function"]:
            inner = ", ".join(parameters(match["args"]))
            line = f"pub fn {match['function']}({inner}){returns(match['result'])};"
            self.functions.append(doc(comment, "    ") + wrap(line, "    "))

    def macro(self, name, value, comment):
        value = re.sub(r"\s*/\*(.*?)\*/", "", value).strip()
        trailing = re.search(r"/\*.*?\*/", comment or "", re.S)
        text = doc(trailing.group(0)) if trailing else f"/// `{name}` of the header.\n"
        if value.startswith('"'):
            self.items.append(f"{text}pub const {name}: &str = {value};\n")
            return
        value = value.strip("()")
        # What is compared with a field of a fixed type has that type.
        kind = {"DISTCACHE_TTL_NONE": "i64", "DISTCACHE_ABI": "u32", "DISTCACHE_VERSION": "u32"}
        self.items.append(f"{text}pub const {name}: {kind.get(name, 'usize')} = {value};\n")
        self.constants.append(name)

    def enumeration(self, text):
        body = text[text.index("{") + 1:text.rindex("}")]
        # Bits go into unsigned fields, numbers into signed ones.
        names = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
        bits = re.search(r"DISTCACHE_(OP|ANSWER|ITEM)_|DISTCACHE_PEER_SELF", names)
        kind = "u32" if bits else "i32"
        pattern = (r"(?:/\*(?:(?!\*/).)*\*/\s*)*?(?P<before>/\*(?:(?!\*/).)*\*/)?\s*"
                   r"(?P<name>DISTCACHE_\w+)\s*=\s*(?P<value>\d+),?"
                   r"[ \t]*(?P<after>/\*(?:(?!\*/).)*\*/)?")
        for match in re.finditer(pattern, body, re.S):
            comment = match["after"] or match["before"]
            text = doc(comment) if comment else f"/// `{match['name']}` of the header.\n"
            self.items.append(f"{text}pub const {match['name']}: {kind} = {match['value']};\n")
            self.constants.append(match["name"])

    def structure(self, name, text, comment):
        body = text[text.index("{") + 1:text.rindex("}")]
        fields = []
        for line in re.sub(r"/\*.*?\*/", "", body, flags=re.S).split(";"):
            if line.strip():
                fields.append(field(line))
        lines = []
        for field_name, kind in fields:
            note = re.search(r"\b" + field_name + r"(?:\[\d+\])?;[ \t]*(/\*.*?\*/)", body, re.S)
            before = re.search(r"\n *(/\*(?:(?!\*/).)*\*/)[^;/]*\b" + field_name + r"\b[^;]*;",
                               body, re.S)
            found = note or before
            lines.append(doc(found.group(1), "    ") if found
                         else f"    /// `{field_name}` of the header.\n")
            lines.append(wrap(f"pub {field_name}: {kind},", "    "))
        pointers = any("Option<" in kind or "*" in kind for _, kind in fields)
        derive = "#[derive(Clone, Copy)]" if pointers or "trace" in name or "view" in name else \
            "#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]"
        self.items.append(f"{doc(comment)}#[repr(C)]\n{derive}\npub struct {name} {{\n"
                          + "".join(lines) + "}\n")
        self.structs.append((name, [field_name for field_name, _ in fields]))

    def rust(self):
        parts = [NOTE.format(self.name), "\n"]
        body = "\n".join(self.items)
        functions = "\n".join(self.functions)
        uses = []
        core = [word for word in ("c_char", "c_void") if re.search(rf"\b{word}\b",
                                                                   body + functions)]
        if core:
            uses.append(f"use core::ffi::{{{', '.join(core)}}};\n" if len(core) > 1
                        else f"use core::ffi::{core[0]};\n")
        if "PhantomData" in body:
            uses.append("use core::marker::{PhantomData, PhantomPinned};\n")
        own = {name for name, _ in self.structs}
        own |= set(re.findall(r"pub (?:struct|type) (\w+)", body))
        if set(re.findall(r"\bdistcache_\w+_(?:t|fn)\b|\bdistcache_t\b", body + functions)) - own:
            uses.append("\nuse crate::*;\n" if uses else "use crate::*;\n")
        parts += uses + (["\n"] if uses else []) + [body]
        if functions:
            parts += ["\n" if body else "", 'extern "C" {\n', functions, "}\n"]
        return "".join(parts)


def wrap(line, indent=""):
    """At most 100 columns: one parameter a line where it does not fit."""
    if len(indent + line) <= 100:
        return f"{indent}{line}\n"
    head, rest = line.split("(", 1) if "fn(" not in line else line.split("fn(", 1)
    opener = head + ("(" if "fn(" not in line else "fn(")
    inner, tail = rest.rsplit(")", 1)
    inner = "".join(f"{indent}    {part.strip()},\n" for part in inner.split(","))
    return f"{indent}{opener}\n{inner}{indent}){tail}\n"


def layout(headers):
    c = ["/* Written by generate.py: what the C compiler knows of the header. */\n",
         "#include <distcache.h>\n#include <stdio.h>\n\n",
         '#define SIZE(type) printf(#type " %zu\\n", sizeof(type))\n',
         '#define AT(type, field) \\\n  printf(#type "." #field " %zu %zu\\n", '
         "offsetof(type, field), sizeof(((type *)0)->field))\n",
         '#define NUMBER(name) printf(#name " %lld\\n", (long long)(name))\n\n',
         "int main(void) {\n"]
    rust = ["// Written by generate.py: what this crate declares, in the order of layout.c.\n\n",
            "fn declared() -> String {\n    let mut out = String::new();\n"]
    for header in headers:
        for name, fields in header.structs:
            c.append(f"  SIZE({name});\n")
            rust.append(f"    size!(out, {name});\n")
            for part in fields:
                c.append(f"  AT({name}, {part});\n")
                rust.append(f"    at!(out, {name}, {part});\n")
        for name in header.constants:
            c.append(f"  NUMBER({name});\n")
            rust.append(f"    number!(out, {name});\n")
    c.append("  return 0;\n}\n")
    rust.append("    out\n}\n")
    return "".join(c), "".join(rust)


def without_docs(text):
    return re.sub(r"^ *///.*\n", "", text, flags=re.M)


def module(name):
    return "asynchronous" if name == "async" else name


def main():
    include = pathlib.Path(sys.argv[1])
    check = "--check" in sys.argv
    known = sorted(path.stem for path in (include / "distcache").glob("*.h"))
    if known != sorted(HEADERS):
        sys.exit(f"generate.py: headers are {known}, and not {sorted(HEADERS)}")
    headers = [Header(name, (include / f"distcache/{name}.h").read_text()) for name in HEADERS]
    files = {f"src/{module(header.name)}.rs": header.rust() for header in headers}
    files["tests/layout/layout.c"], files["tests/layout/declared.rs"] = layout(headers)
    # Whoever words a comment anew is not asked to know of this crate.
    same = without_docs if check else str
    stale = [path for path, text in files.items()
             if not (HERE / path).exists() or same((HERE / path).read_text()) != same(text)]
    if check and stale:
        sys.exit(f"generate.py: the header has changed: {', '.join(stale)}; "
                 "python3 bindings/rust/distcache-sys/generate.py include writes them")
    for path in [] if check else stale:
        (HERE / path).write_text(files[path])
    functions = sum(len(header.functions) for header in headers)
    structs = sum(len(header.structs) for header in headers)
    constants = sum(len(header.constants) for header in headers)
    print(f"{functions} functions, {structs} structs, {constants} constants"
          + ("" if check else f"; {len(stale)} files written"))


main()
