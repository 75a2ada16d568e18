#!/usr/bin/env python3
"""unpack.py FROM.xz TO: a build step; Debian's own xz is not on every machine, Python is."""

import lzma
import shutil
import sys

with lzma.open(sys.argv[1]) as packed, open(sys.argv[2], "wb") as unpacked:
    shutil.copyfileobj(packed, unpacked)
