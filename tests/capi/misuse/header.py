"""The functions of the public headers, as generate.py needs them."""

import collections
import re

Parameter = collections.namedtuple("Parameter", "type name")
Function = collections.namedtuple("Function", "name returns parameters unsupported header")

DECLARATION = re.compile(
    r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*"
    r"DISTCACHE_API\s+(?P<returns>[\w\s]+?[\s*]+)(?P<name>distcache_\w+)\s*"
    r"\((?P<parameters>[^)]*)\)\s*;")


def parameter_of(text):
    match = re.fullmatch(r"(?P<type>.*?)(?P<name>\w+)", " ".join(text.split()))
    return Parameter(match["type"].strip(), match["name"])


def functions_of(name, text):
    """The exported functions of one header, in its order."""
    found = []
    for match in DECLARATION.finditer(text):
        listed = match["parameters"].strip()
        parameters = [] if listed == "void" else [parameter_of(p) for p in listed.split(",")]
        comment = " ".join(re.sub(r"\n\s*\*", " ", match["comment"]).split())
        unsupported = "Answers UNSUPPORTED in this version." in comment
        found.append(Function(match["name"], match["returns"].strip(), parameters, unsupported,
                              name))
    declared = len(re.findall(r"^DISTCACHE_API\b", text, flags=re.M))
    if len(found) != declared:
        raise SystemExit(f"{name}: {declared} functions are declared, {len(found)} were understood")
    return found
