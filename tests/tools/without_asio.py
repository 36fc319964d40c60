#!/usr/bin/env python3
# Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
"""The layers without an event loop are tested without one: no test of theirs reads a header of
Asio, not even by way of another header. Preprocesses each test and looks at what it read.

    without_asio.py COMPILER [FLAG...]
"""
import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

LAYERS = ("core", "policy", "model", "wire", "provider")
ROOT = Path(__file__).resolve().parents[2]


def headers_read(command, source):
    """What the preprocessor reads for one file, as make would list it."""
    run = subprocess.run([*command, "-std=c++20", "-M", f"-I{ROOT}/include", f"-I{ROOT}/tests", source],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{source} cannot be preprocessed:\n{run.stderr}")
    return run.stdout.split()


def main(command):
    if not command:
        raise SystemExit(__doc__)
    tests = sorted(str(t) for layer in LAYERS for t in (ROOT / "tests" / layer).glob("*.cpp"))
    found = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for test, headers in zip(tests, pool.map(lambda t: headers_read(command, t), tests)):
            if not any("/cokino/" in h for h in headers):
                found.append(f"{test}: reads nothing of cokino")
            asio = [h for h in headers if "/boost/asio" in h]
            if asio:
                found.append(f"{test}: reads {asio[0]} and {len(asio) - 1} more of Asio")
    print("\n".join(found) or f"{len(tests)} tests of {', '.join(LAYERS)}: none reads Asio")
    return 1 if found or not tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
