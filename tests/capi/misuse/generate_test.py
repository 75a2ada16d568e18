#!/usr/bin/env python3
"""What the generator does with headers that the tables do not fit: rows that fail, by name."""

import pathlib
import tomllib
import unittest

import generate
import header

HERE = pathlib.Path(__file__).parent
PUBLIC = HERE.parents[2] / "include"


def tables():
    return generate.Tables(tomllib.loads((HERE / "expectations.toml").read_text()),
                           tomllib.loads((HERE / "functions.toml").read_text()))


def public_functions():
    headers = [PUBLIC / "distcache.h", *sorted((PUBLIC / "distcache").glob("*.h"))]
    return [f for h in headers for f in header.functions_of(h.name, h.read_text())]


def rows_of(declaration):
    """Rows that are made when the headers have one more function."""
    made = header.functions_of("new.h", f"/* New. */\nDISTCACHE_API {declaration};\n")
    text = generate.generate(tables(), public_functions() + made)
    return [line for line in text.splitlines() if f'{{"{made[0].name}:' in line]


def fails(row):
    return "ARGUMENTS, NULL, {" in row


class Generator(unittest.TestCase):
    def test_every_public_function_has_rows_that_can_be_run(self):
        text = generate.generate(tables(), public_functions())
        self.assertEqual([line for line in text.splitlines() if fails(line)], [])

    def test_a_new_function_of_known_arguments_has_rows(self):
        rows = rows_of("distcache_status_t distcache_new(distcache_keyspace_t *keyspace, "
                       "const uint8_t *key, size_t key_len, distcache_error_t **err)")
        self.assertGreater(len(rows), 30)
        self.assertFalse(any(map(fails, rows)))

    def test_a_new_kind_of_argument_fails(self):
        rows = rows_of("distcache_status_t distcache_new(distcache_t *cache, float ratio)")
        self.assertEqual(len(rows), 1)
        self.assertIn("float ratio", rows[0])
        self.assertTrue(fails(rows[0]))

    def test_an_untold_return_value_fails(self):
        rows = rows_of("const char *distcache_new(distcache_t *cache)")
        self.assertEqual(len(rows), 1)
        self.assertTrue(fails(rows[0]))

    def test_a_function_that_has_gone_fails(self):
        left = [f for f in public_functions() if f.name != "distcache_get"]
        text = generate.generate(tables(), left)
        self.assertIn("distcache_get: in functions.toml, and not in the header", text)

    def test_a_declaration_that_is_not_understood_stops_it(self):
        with self.assertRaises(SystemExit):
            header.functions_of("new.h", "DISTCACHE_API void distcache_without_comment(void);\n")


if __name__ == "__main__":
    unittest.main()
