#!/usr/bin/env python3
"""generate.py OUT.c EXPECTATIONS.toml FUNCTIONS.toml HEADER...: rows of the misuse suite, as C.

Each function of the headers gets a row for every way to get each argument wrong, and one for each
place and time it may be called from. A function that the two tables cannot be applied to, or that
they know and the headers do not, becomes a row that fails.
"""

import pathlib
import sys
import tomllib

import header

STATUS = "distcache_status_t"
PLACES = [
    ("SOURCE", "on a SOURCE thread"),
    ("EVENT", "on an EVENT thread"),
    ("OBSERVER", "on an OBSERVER thread"),
    ("FINALIZER", "in a finaliser"),
]


class Unknown(Exception):
    """What the tables do not tell."""


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Tables:
    def __init__(self, expectations, functions):
        self.handles = expectations["handle"]
        self.classes = expectations["class"]
        self.functions = functions["function"]

    def of(self, function):
        return self.functions.get(function.name, {})

    def handle(self, parameter):
        """The kind of handle that a parameter is, or None."""
        kind = parameter.type.removeprefix("const ").removesuffix(" *")
        return kind if parameter.type.endswith(" *") and kind in self.handles else None

    def argument(self, function, parameter):
        """Its value and the wrong ones, as [what, expression, answer, other arguments]."""
        kind = self.handle(parameter)
        if kind:
            entry = dict(self.handles[kind])
        else:
            bare = parameter.type.removeprefix("const ")
            names = [f"{t}{'' if t.endswith('*') else ' '}{parameter.name}"
                     for t in (parameter.type, bare)] + [parameter.type, bare]
            entry = next((dict(self.classes[n]) for n in names if n in self.classes), {})
        entry.update(self.of(function).get("arguments", {}).get(parameter.name, {}))
        if not entry:
            raise Unknown(f"no class of arguments for {names[0]}")
        wrong = list(entry.get("wrong", []))
        if kind:
            wrong += self.foreign(kind, entry["value"])
        return entry["value"], wrong

    def foreign(self, kind, value):
        cast, tag = f"({kind} *)(void *)", self.handles[kind]["tag"]
        number = f"({kind} *)(uintptr_t)"
        rows = [["NULL", "NULL", "refused"]]
        rows += [[f"a {other}", f"{cast}{entry['value']}", "refused"]
                 for other, entry in self.handles.items() if other != kind]
        return rows + [
            ["the address of an object", f"{cast}w->memory", "refused"],
            ["1", f"{number}1", "refused"],
            ["all ones", f"{number}UINTPTR_MAX", "refused"],
            ["its tag alone", f"{number}((uint64_t){tag} << 56)", "refused"],
            ["a slot never used", f"{number}((uint64_t){tag} << 56 | 0x1FFFFFF)", "refused"],
            ["a generation to come",
             f"{number}(NUMBER_OF({value}) + ((uint64_t)1000 << 24))", "refused"],
        ]


class Rows:
    """The rows of one function."""

    def __init__(self, tables, function):
        self.tables, self.function = tables, function
        self.entry = tables.of(function)
        self.is_status = function.returns == STATUS and "valid" not in self.entry
        self.calls, self.rows = [], []
        self.values, self.wrong = {}, {}
        for parameter in function.parameters:
            value, wrong = tables.argument(function, parameter)
            self.values[parameter.name], self.wrong[parameter.name] = value, wrong
        if not self.is_status and function.returns != "void":
            missing = [c for c in ("valid", "refused") if c not in self.entry]
            if "valid" in missing or (missing and function.parameters):
                raise Unknown(f"what it returns is not told: {', '.join(missing)}")
        self.handles = [k for p in function.parameters if (k := tables.handle(p))]

    # -- C code of one call
    def call(self, changed):
        """The name of a C function that makes the call, written if it is new."""
        f = self.function
        arguments = [changed.get(p.name, self.values[p.name]) for p in f.parameters]
        outs = [v[1:] for p, v in zip(f.parameters, arguments)
                if p.type.endswith("**") and v.startswith("&w->") and p.name in ("out", "op")]
        name = f"call_{f.name}_{len(self.calls)}"
        call = f"{f.name}({', '.join(arguments)})"
        lines = [f"static void {name}(struct world *w) {{"]
        lines += [f"  POISON({out});" for out in outs]
        if self.is_status:
            lines.append(f"  w->status = {call};")
        elif f.returns == "void":
            lines += [f"  {call};", f"  w->valid = {self.entry.get('valid', '1')};",
                      "  w->refused = 1;"]
        else:
            space = "" if f.returns.endswith("*") else " "
            lines += [f"  {f.returns}{space}got = {call};", f"  w->valid = {self.entry['valid']};",
                      f"  w->refused = {self.entry.get('refused', '0')};"]
            if "after" in self.entry:
                lines.append(f"  {self.entry['after']};")
        lines += [f"  CHECK_OUT(w, {out});" for out in outs]
        if "finalize" in self.values and changed.get("finalize") != "NULL":
            lines.append("  ++w->finalizers_due;")
        if "done" in self.values and self.is_status:
            lines.append("  if (w->status == DISTCACHE_OK) ++w->accepted;")
        if not arguments and f.returns == "void":
            lines.append("  (void)w;")
        self.calls.append("\n".join(lines + ["}\n"]))
        return name

    # -- answers
    def right(self):
        if self.function.unsupported:
            return "UNSUPPORTED"
        return self.entry.get("right", "OK") if self.is_status else "valid"

    def answer(self, word):
        """As C: what is expected where a table says `word`."""
        if self.function.unsupported:
            word = "UNSUPPORTED"
        elif "answer" in self.entry:
            word = self.entry["answer"]
        if word == "valid":
            word = self.right()
        if self.is_status:
            word = "INVALID_ARGUMENT" if word == "refused" else word
            return f"STATUS_IS, DISTCACHE_{word}"
        return "VALID_HOLDS, 0" if word in ("valid", "OK") else "REFUSED_HOLDS, 0"

    def add(self, place, what, call, answer, other=None, argument="NULL"):
        name = quoted(f"{self.function.name}: {what}")
        uses = " | ".join(self.uses(call)) or "0"
        self.rows.append(f"  {{{name}, {quoted(self.function.name)}, {argument}, {place}, {call}, "
                         f"{{{answer}}}, {{{other or answer}}}, {uses}}},")

    def uses(self, call):
        text = next(c for c in self.calls if c.startswith(f"static void {call}("))
        known = ["IS_UNSUPPORTED"] if self.function.unsupported else []
        return known + [bit for bit, words in {
            "USES_LOAD": ("w->fetch", "w->op"),
            "USES_BATCH": ("w->batch",),
            "USES_FRESH_CACHE": ("w->fresh_cache",),
            "USES_FRESH_KEYSPACE": ("w->fresh_keyspace", "w->removable"),
            "HAS_ERR": ("&w->err",),
        }.items() if any(word in text for word in words)]

    # -- the rows
    def make(self):
        base, right = self.call({}), self.answer("valid")
        self.add("ARGUMENTS", "right arguments", base, right)
        for parameter in self.function.parameters:
            for what, value, answer, *others in self.wrong[parameter.name]:
                changed = {parameter.name: value, **(others[0] if others else {})}
                if not set(changed) <= set(self.values):
                    continue
                row = f"{parameter.name} is {what}"
                answer = self.entry.get("answers", {}).get(row, answer)
                self.add("ARGUMENTS", row, self.call(changed), self.answer(answer),
                         argument=quoted(parameter.name))
        twice = self.entry.get("twice", "valid")
        if twice != "undefined":
            self.add("TWICE", "twice", base, right, self.answer(twice))
        for place, what in PLACES:
            word = self.entry.get(place.lower(), "valid")
            if self.entry.get("waits") and place in ("EVENT", "OBSERVER"):
                word = "WOULD_DEADLOCK"
            self.add(place, what, base, self.answer(word))
        forked = self.tables.handles[self.handles[0]]["forked"] if self.handles else "valid"
        self.add("CHILD", "in a forked child", base, self.answer(forked))
        absent = [v for v in self.values.values() if "w->result" in v or "w->peers" in v]
        self.add("BEFORE", "before anything was opened", base,
                 self.answer("refused" if self.handles or absent else "valid"))
        if self.handles and twice != "undefined" and not self.function.unsupported:
            self.add("CLOSING", "during close", base, right, self.answer(twice))


def generate(tables, functions):
    names = [f.name for f in functions]
    calls, rows = [], []
    for function in functions:
        try:
            made = Rows(tables, function)
            made.make()
            calls += made.calls
            rows += made.rows
        except Unknown as why:
            rows.append(f'  {{{quoted(f"{function.name}: {why}")}, {quoted(function.name)}, '
                        "NULL, ARGUMENTS, NULL, {STATUS_IS, 0}, {STATUS_IS, 0}, 0},")
    for name in tables.functions.keys() - set(names):
        rows.append(f'  {{"{name}: in functions.toml, and not in the header", "{name}", '
                    "NULL, ARGUMENTS, NULL, {STATUS_IS, 0}, {STATUS_IS, 0}, 0},")
    return "\n".join([
        "/* Made by generate.py. */", '#include "world.h"', "", *calls,
        "const struct row rows[] = {", *rows, "};",
        "const size_t rows_count = sizeof(rows) / sizeof(rows[0]);",
        "const char *const functions[] = {", *[f'  "{name}",' for name in names], "};",
        "const size_t functions_count = sizeof(functions) / sizeof(functions[0]);", ""])


def main():
    out, expectations, functions, *headers = map(pathlib.Path, sys.argv[1:])
    tables = Tables(tomllib.loads(expectations.read_text()), tomllib.loads(functions.read_text()))
    found = [f for h in sorted(headers) for f in header.functions_of(h.name, h.read_text())]
    out.write_text(generate(tables, found))


if __name__ == "__main__":
    main()
