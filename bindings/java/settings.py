#!/usr/bin/env python3
"""settings.py [--check] LIBDISTCACHE: the typed options of Java, from the library's property table.

Writes src/main/java/io/distcache/*Settings.java; with --check it only says whether they agree."""

import ctypes
import json
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent / "src/main/java/io/distcache"
NUMBERS = {"integer", "percent", "size"}


def camel(name):
    """read.timeout.ms -> readTimeout: a Duration has its unit in its type."""
    parts = name.removesuffix(".ms").split(".")
    return parts[0] + "".join(part.capitalize() for part in parts[1:])


def is_switch(choices):
    return sorted(choice["name"] for choice in choices) == ["off", "on"]


def java_type(row):
    kind = row["type"]
    if kind in NUMBERS:
        return "long"
    if kind == "duration":
        return "Duration"
    if kind == "list":
        return "List<String>"
    if kind != "choice":
        return "String"
    if is_switch(row["choices"]):
        return "boolean"
    name = camel(row["name"])
    return name[0].upper() + name[1:]


def text_of(row, type_name):
    if type_name == "String":
        return "value"
    return "Long.toString(value)" if type_name == "long" else "Settings.text(value)"


def code(text):
    """Table texts mark names with backquotes; Java with {@code}."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"`([^`]*)`", r"{@code \1}", text)


def values(row):
    parts = []
    if row["type"] == "size":
        parts.append("bytes")
    if "max_bytes" in row:
        parts.append(f"{row['min_bytes']} to {row['max_bytes']} bytes of UTF-8")
    if "min" in row:
        unit = " ms" if row["unit"] == "ms" else ""
        parts.append(f"{row['min']} to {row['max']}{unit}")
    if row["required"]:
        parts.append("must be set")
    elif row["default"] == "":
        parts.append("empty by default")
    else:
        parts.append(f"default {{@code {row['default']}}}")
    return "; ".join(parts)


def comment(lines, indent):
    out = [f"{indent}/**"]
    for line in lines:
        hang = "    " if line.startswith("@") else ""
        wrapped = textwrap.wrap(line, 100 - len(indent) - 3, subsequent_indent=hang) or [""]
        out += [f"{indent} * {part}".rstrip() for part in wrapped]
    return out + [f"{indent} */"]


def enum(row, type_name):
    out = [f"  /** Values of {{@code {row['name']}}}. */", f"  enum {type_name} {{"]
    for choice in row["choices"]:
        later = "" if choice["available"] else ", of a later version"
        out.append(f"    /** {{@code {choice['name']}}}{later}. */")
        out.append(f"    {choice['name'].upper().replace('-', '_')},")
    out[-1] = out[-1].rstrip(",")
    return out + ["  }", ""]


def setter(row):
    type_name = java_type(row)
    name = camel(row["name"])
    out = enum(row, type_name) if row["type"] == "choice" and type_name != "boolean" else []
    out += comment([code(row["text"]), "", f"@param value {values(row)}", "@return this"], "  ")
    out += [f"  default S {name}({type_name} value) {{",
            f"    return property(\"{row['name']}\", {text_of(row, type_name)});", "  }", ""]
    if "word" in row and row["type"] != "choice":
        word = row["word"]
        out += comment([f"Sets {{@code {row['name']}}} to {{@code {word}}}.", "",
                        "@return this"], "  ")
        out += [f"  default S {name}{word.capitalize()}() {{",
                f"    return property(\"{row['name']}\", \"{word}\");", "  }", ""]
    return out


def interface(name, about, parent, rows):
    body = [line for row in rows for line in setter(row)]
    imports = [f"import java.{package};" for package, used in
               (("time.Duration", "Duration value"), ("util.List", "List<String> value"))
               if any(used in line for line in body)]
    out = ["// Made by settings.py from the property table of the library; do not edit.",
           "package io.distcache;", ""]
    out += imports + [""] * bool(imports)
    out += comment([about, "", "@param <S> the type of the options themselves"], "")
    extends = f" extends {parent}<S>" if parent else ""
    out += [f"public interface {name}<S>{extends} {{"] + body
    if parent is None:
        out += comment(["Sets one property by its name.", "", "@param name of the property",
                        "@param value as text", "@return this"], "  ")
        out += ["  S property(String name, String value);", ""]
    return "\n".join(out[:-1] + ["}", ""])


def files(rows):
    for scope in ("engine", "keyspace"):
        mine = [row for row in rows if row["scope"] == scope]
        now = [row for row in mine if row["available"]]
        later = [row for row in mine if not row["available"]]
        title = scope.capitalize() + "Settings"
        yield f"Later{title}.java", interface(
            "Later" + title, f"Properties of {scope}s that a later version will use; this one "
            "accepts nothing but their defaults.", None, later)
        yield f"{title}.java", interface(
            title, f"The properties of {scope}s, typed.", "Later" + title, now)


def main():
    library = ctypes.CDLL(sys.argv[-1])
    library.distcache_properties_json.restype = ctypes.c_char_p
    rows = json.loads(library.distcache_properties_json())["properties"]
    stale = []
    for name, text in files(rows):
        path = HERE / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if "--check" in sys.argv and stale:
        print(f"settings: {', '.join(stale)} differ from the table; run bindings/java/settings.py")
        return 1
    print(f"settings: {len(rows)} properties, {len(stale)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
