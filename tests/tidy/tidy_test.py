#!/usr/bin/env python3
"""Each rule of tidy.py can fail: a violation is planted in a copy of the tree and must be reported,
and where a rule draws a line, what lies just inside it must not be."""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
from tidy import Tidy, api_functions  # noqa: E402

PARTS = ["src", "transport", "include", "tests/unit", "tests/tidy"]
LEFTOVER = "TO" + "DO"


class Rules(unittest.TestCase):
    seen = set()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for part in PARTS:
            if (ROOT / part).exists():
                shutil.copytree(ROOT / part, self.root / part)
        self.before = set(Tidy(self.root).run())

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def new_rules(self, path):
        """Rules that the planted change breaks, all of them at `path`."""
        new = set(Tidy(self.root).run()) - self.before
        self.assertTrue(all(found[0] == path for found in new), new)
        return {found[2] for found in new}

    def reports(self, rule, path, text):
        self.plant(path, text)
        self.assertEqual(self.new_rules(path), {rule})
        (self.root / path).unlink()
        Rules.seen.add(rule)

    def accepts(self, path, text):
        self.plant(path, text)
        self.assertEqual(self.new_rules(path), set())

    def test_shown_examples(self):
        self.plant("examples/one.c", "int main(void) { return 0; }\n")
        shown = "<!-- shown: examples/%s -->\n```c\nint main(void) { return %d; }\n```\n"
        self.accepts("README.md", shown % ("one.c", 0))
        self.reports("shown-example", "README.md", shown % ("one.c", 1))
        self.reports("shown-example", "README.md", shown % ("two.c", 0))

    def test_include_edges(self):
        for folder in ["transport/wire", "transport/zmq", "src/engine", "src/api"]:
            self.plant(f"{folder}/README.md", "here\n")
        for path, header in [
            ("src/base/planted.h", "core/types.h"),
            ("src/core/planted.h", "transport/transport.h"),
            ("src/core/planted.h", "transport/wire/decode.h"),
            ("src/core/planted.h", "engine/node.h"),
            ("transport/planted.h", "core/types.h"),
            ("transport/wire/planted.h", "transport/transport.h"),
            ("transport/zmq/planted.h", "transport/wire/decode.h"),
            ("src/engine/planted.h", "api/guard.h"),
            ("src/api/planted.h", "transport/transport.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.reports("include-edge", path, f'#include "{header}"\n')

    def test_allowed_edges(self):
        self.accepts("src/core/planted.h", '#include "base/result.h"\n#include <vector>\n')
        self.plant("src/engine/README.md", "here\n")
        self.accepts("src/engine/planted.h", '#include "core/types.h"\n#include "base/result.h"\n'
                     '#include "transport/wire/decode.h"\n#include "transport/transport.h"\n')

    def test_include_root(self):
        self.reports("include-root", "src/core/planted.h", '#include "types.h"\n')

    def test_headers_with_one_home(self):
        for header in ["zmq.h", "zmq.hpp", "zmq_addon.hpp", "msgpack.hpp", "msgpack/v1/unpack.hpp",
                       "distcache.h", "distcache/status.h"]:
            for line in [f"#include <{header}>\n", f'#  include "{header}"\n']:
                with self.subTest(line=line):
                    self.reports("include-home", "src/core/planted.cpp", line)

    def test_headers_at_home(self):
        self.plant("transport/zmq/README.md", "here\n")
        self.accepts("transport/zmq/planted.cpp", "#include <zmq.hpp>\n")

    def test_pure_core(self):
        for text in ["#include <mutex>\n", "#include <thread>\n", "#include <chrono>\n",
                     '#include "base/mutex.h"\n', "auto t = std::chrono::steady_clock::now();\n",
                     "int x = rand();\n"]:
            with self.subTest(text=text):
                self.reports("core-pure", "src/core/planted.cpp", text)
        self.accepts("src/core/planted.cpp", "// no steady_clock::now here\nint operand(int);\n")

    def test_sleep_in_a_test(self):
        for call in ["sleep(1)", "std::this_thread::sleep_for(1ms)", "::usleep(5)"]:
            with self.subTest(call=call):
                self.reports("test-sleep", "tests/unit/planted_test.cpp", f"{call};\n")
        self.accepts("tests/unit/planted_test.cpp", '// sleep(1)\nauto name = "sleep(1)";\n')

    def test_file_size(self):
        self.accepts("src/core/planted.cpp", "\n" * 500)
        self.reports("file-size", "src/core/planted.cpp", "\n" * 501)

    def test_file_size_of_the_script(self):
        self.reports("file-size", "dev", "\n" * 501)

    def test_line_length(self):
        self.accepts("src/core/planted.cpp", "/" * 100 + "\n// https://" + "x" * 100 + "\n")
        self.reports("line-length", "src/core/planted.cpp", "/" * 101 + "\n")

    def test_leftovers(self):
        self.reports("leftover", "src/core/planted.cpp", f"// {LEFTOVER}: later\n")

    def test_folder_without_readme(self):
        self.plant("src/core/planted/file.cpp", "")
        self.assertEqual(self.new_rules("src/core/planted"), {"folder-readme"})
        Rules.seen.add("folder-readme")

    def test_long_readme(self):
        self.accepts("src/core/README.md", "line\n" * 20)
        self.reports("folder-readme", "src/core/README.md", "line\n" * 21)

    def test_function_without_comment(self):
        self.accepts("include/planted.h", "/* Says it. */\nDISTCACHE_API int distcache_x(void);\n")
        self.reports("api-comment", "include/planted.h",
                     "/* Says it. */\nDISTCACHE_API int distcache_x(void);\n"
                     "DISTCACHE_API int distcache_y(void);\n")

    def test_reading_of_the_header(self):
        text = ("#define DISTCACHE_API \\\n  distcache_no(1)\n"
                "/* DISTCACHE_API int distcache_nor(); */\n"
                "DISTCACHE_API const struct a *\ndistcache_one(int (*f)(void),\n  int);\n"
                "typedef int (*distcache_fn)(int);\nDISTCACHE_API int32_t distcache_two(void);\n")
        self.assertEqual(api_functions(text), [("distcache_one", 4), ("distcache_two", 8)])

    @classmethod
    def tearDownClass(cls):
        source = (HERE / "tidy.py").read_text()
        rules = set(re.findall(r'self\.report\([^"]*"([a-z-]+)",', source))
        untested = rules - cls.seen
        if untested:
            raise AssertionError(f"no violation is planted for: {sorted(untested)}")


if __name__ == "__main__":
    unittest.main()
