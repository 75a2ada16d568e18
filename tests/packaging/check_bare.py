#!/usr/bin/env python3
"""check_bare.py LIBDISTCACHE: a library with every feature left out works, needs no other library
for them, and says what it was built without."""

import ctypes
import re
import subprocess
import sys

PROVIDERS = {"dns": {"discovery.dns.name": "cache.test"},
             "nats": {"discovery.nats.url": "nats://127.0.0.1"},
             "kubernetes": {"discovery.kubernetes.labels": "app=shop"}}
OK, INVALID_CONFIG = 0, 11


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.distcache_error_message.restype = ctypes.c_char_p

    def open(self, properties):
        """Status and message of an open, which is closed again."""
        config, cache, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        self.c.distcache_config_new(self.c.distcache_abi(), ctypes.byref(config), None)
        for name, value in ({"bind.port": "0", "discovery.port": "0"} | properties).items():
            status = self.c.distcache_config_set(config, name.encode(), value.encode(), None)
            assert status == OK, f"{name} = {value} answers {status}"
        status = self.c.distcache_open(config, ctypes.byref(cache), ctypes.byref(error))
        self.c.distcache_config_release(config)
        message = self.c.distcache_error_message(error).decode() if error else ""
        if status == OK:
            assert self.c.distcache_close(cache, ctypes.c_int64(0), None) == OK
            self.c.distcache_release(cache)
        return status, message


def main():
    path = sys.argv[1]
    needed = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True)
    surplus = re.findall(r"\[(lib(?:cares|nats|curl)[^]]*)\]", needed.stdout)
    assert not surplus, f"links {surplus}"
    library = Library(path)
    assert library.open({}) == (OK, "")
    for name, properties in PROVIDERS.items():
        assert library.c.distcache_has_feature(name.encode()) == 0, name
        status, message = library.open(
            properties | {"discovery.provider": name, "discovery.port": "3322"})
        assert status == INVALID_CONFIG and "built without it" in message, (name, status, message)
    print(f"bare: opens, links nothing for {len(PROVIDERS)} features, and says what it lacks")


if __name__ == "__main__":
    main()
