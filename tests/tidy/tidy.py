#!/usr/bin/env python3
"""tidy.py ROOT: rules of the house that no compiler checks. Prints path:line: rule: sentence."""

import os
import pathlib
import re
import sys

CODE = {".c", ".cpp", ".h", ".hpp", ".py", ".sh", ".go", ".rs", ".java"}
SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__", "target", "node_modules", "shared"}
MAX_FILE_LINES = 500
MAX_COLUMNS = 100
MAX_README_LINES = 20

# Who may include whom. A layer is named after its folder; transport/wire is one of its own.
MAY_INCLUDE = {
    "base": {"base"},
    "core": {"base", "core"},
    "wire": {"base", "core", "wire"},
    "transport": {"base", "transport"},
    "discovery": {"base", "core", "discovery"},
    "tier": {"base", "core", "tier"},
    "telemetry": {"base", "core", "telemetry"},
}
BELOW_ENGINE = {"base", "core", "discovery", "tier", "telemetry"}
MAY_INCLUDE["engine"] = BELOW_ENGINE | {"wire", "transport", "engine"}
MAY_INCLUDE["admin"] = BELOW_ENGINE | {"engine", "admin"}
MAY_INCLUDE["api"] = BELOW_ENGINE | {"engine", "api"}

# Headers with one home.
ONLY_IN = [
    (re.compile(r"zmq(_addon)?\.(h|hpp)$"), "transport/zmq"),
    (re.compile(r"msgpack(\.h|\.hpp|/.*)$"), "transport/wire"),
    (re.compile(r"distcache(\.h|\.hpp|/.*\.h)$"), "src/api"),
]

# The core is given `now` and answers with actions; it waits for nobody and reads nothing itself.
IMPURE_HEADERS = {
    "chrono", "condition_variable", "ctime", "future", "mutex", "pthread.h", "random", "semaphore",
    "shared_mutex", "sys/socket.h", "sys/time.h", "thread", "time.h",
    "base/clock.h", "base/mutex.h",
}
IMPURE_CALLS = re.compile(r"\b(clock_gettime|gettimeofday|\w+_clock::now|s?rand|random_device)\b")

SLEEPS = re.compile(r"\b(sleep|usleep|nanosleep|clock_nanosleep|sleep_for|sleep_until)\s*\(")
LEFTOVERS = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
GENERATED = re.compile(r"\b(Code generated|Made|Written) by \S+ from the\b.*\btable\b")
SHOWN = re.compile(r"<!-- shown: (\S+) -->\n```\w*\n(.*?)```", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def lines_of(path):
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    """The text with comments and literals blanked, line numbers kept."""
    literal = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(r"//[^\n]*|/\*.*?\*/|" + literal, blank, text, flags=re.S)


def api_functions(text):
    """(name, line number) of every function that a public header exports."""
    code = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)
    found = re.finditer(r"\bDISTCACHE_API\b[^;{]*?\b(distcache_\w+)\s*\(", code)
    return [(match.group(1), code.count("\n", 0, match.start()) + 1) for match in found]


def layer_of(path):
    """The layer of a path below the root, as a folder sees it: src/ is an include root itself."""
    parts = path.parts[1:] if path.parts[0] == "src" else path.parts
    if parts[:2] == ("transport", "wire"):
        return "wire"
    return parts[0]


class Tidy:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.findings = []

    def report(self, path, line, rule, sentence):
        self.findings.append((str(path), line, rule, sentence))

    def files(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                yield (pathlib.Path(folder) / name).relative_to(self.root)

    def run(self):
        code_folders = set()
        for path in self.files():
            is_code = path.suffix in CODE or path.parts in {("dev",), (".ci", "run")}
            if not is_code:
                continue
            lines = lines_of(self.root / path)
            # What a generator writes is as large as its table.
            if not GENERATED.search("\n".join(lines[:1])):
                self.check_size(path, lines)
                self.check_columns(path, lines)
            self.check_leftovers(path, lines)
            if path.parts[0] in {"src", "transport"}:
                code_folders.add(path.parent)
                self.check_includes(path, lines)
            if path.parts[:2] == ("src", "core"):
                self.check_purity(path, lines)
            if path.parts[:2] == ("tests", "unit"):
                self.check_sleeps(path, lines)
            if path.parts[0] == "include" and path.suffix == ".h":
                self.check_api_comments(path, lines)
        for folder in sorted(code_folders):
            self.check_readme(folder)
        self.check_shown(pathlib.Path("README.md"))
        return sorted(self.findings)

    def check_size(self, path, lines):
        if len(lines) > MAX_FILE_LINES:
            self.report(path, len(lines), "file-size",
                        f"{len(lines)} lines, at most {MAX_FILE_LINES}: split it")

    def check_columns(self, path, lines):
        # clang-format breaks code at this width, but leaves comments as they were written.
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS and "://" not in line:
                self.report(path, number, "line-length",
                            f"{len(line)} columns, at most {MAX_COLUMNS}")

    def check_leftovers(self, path, lines):
        for number, line in enumerate(lines, 1):
            if LEFTOVERS.search(line):
                self.report(path, number, "leftover", "finish it, or say it in an issue")

    def check_includes(self, path, lines):
        here, folder = layer_of(path), path.parent.as_posix()
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quoted, target = match.group(1) == '"', match.group(2)
            homes = [home for pattern, home in ONLY_IN if pattern.match(target)]
            if homes:
                if not folder.startswith(homes[0]):
                    self.report(path, number, "include-home",
                                f"{target} belongs to {homes[0]} alone")
            elif quoted:
                there = layer_of(pathlib.PurePosixPath(target))
                if there not in MAY_INCLUDE:
                    self.report(path, number, "include-root",
                                f'"{target}" begins at no include root (the repository or src/)')
                elif there not in MAY_INCLUDE.get(here, set()):
                    self.report(path, number, "include-edge", f"{here} must not include {there}")

    def check_purity(self, path, lines):
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match and match.group(2) in IMPURE_HEADERS:
                self.report(path, number, "core-pure",
                            f"the core must not include {match.group(2)}")
        for number, line in enumerate(without_comments("\n".join(lines)).splitlines(), 1):
            match = IMPURE_CALLS.search(line)
            if match:
                self.report(path, number, "core-pure", f"the core must not call {match.group(1)}")

    def check_sleeps(self, path, lines):
        for number, line in enumerate(without_comments("\n".join(lines)).splitlines(), 1):
            if SLEEPS.search(line):
                self.report(path, number, "test-sleep", "wait for a condition, not for a time")

    def check_api_comments(self, path, lines):
        for name, number in api_functions("\n".join(lines)):
            above = lines[number - 2].rstrip() if number > 1 else ""
            if not above.endswith("*/"):
                self.report(path, number, "api-comment", f"{name} has no comment right above it")

    def check_readme(self, folder):
        readme = self.root / folder / "README.md"
        if not readme.exists():
            self.report(folder, 0, "folder-readme",
                        "has no README.md: what, which thread, what not")
            return
        count = len(lines_of(readme))
        if count > MAX_README_LINES:
            self.report(folder / "README.md", count, "folder-readme",
                        f"{count} lines, at most {MAX_README_LINES}")

    def check_shown(self, page):
        """Programs that a page shows are those that the tests compile and run."""
        if not (self.root / page).exists():
            return
        text = (self.root / page).read_text()
        for match in SHOWN.finditer(text):
            example = self.root / match.group(1)
            if not example.exists() or example.read_text() != match.group(2):
                self.report(page, text.count("\n", 0, match.start()) + 1, "shown-example",
                            f"shows something else than {match.group(1)}")


def main():
    findings = Tidy(sys.argv[1] if len(sys.argv) > 1 else ".").run()
    for path, line, rule, sentence in findings:
        print(f"{path}:{line}: {rule}: {sentence}")
    print(f"tidy: {len(findings)} faults")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
