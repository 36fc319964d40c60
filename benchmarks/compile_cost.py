#!/usr/bin/env python3
# Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
"""What does the library cost at compile time? Compiles in turn, with g++ -O2: the Boost headers that
the library needs anyway; the umbrella with nothing used; README's example, header-only and with
separate compilation; and the same job written by hand. User seconds and peak memory; medians.

    compile_cost.py [--rounds 2] [--compiler g++]
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOST = """#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
"""
SEPARATE = ["-DCOKINO_SEPARATE_COMPILATION", "-DBOOST_ASIO_SEPARATE_COMPILATION",
            "-DBOOST_BEAST_SEPARATE_COMPILATION"]


def readme_example():
    blocks = re.findall(r"^```cpp\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    return next(b for b in blocks if b.startswith("#include <cokino/cokino.hpp>"))


def compile_once(compiler, source, flags):
    """User seconds and peak memory (MiB) of one compiler process and its children."""
    pid = os.fork()
    if pid == 0:
        run = subprocess.run([compiler, "-std=c++20", "-O2", f"-I{ROOT}/include", *flags, "-c",
                              str(source), "-o", os.devnull], check=False)
        os._exit(run.returncode)
    _, status, use = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"{source} does not compile")
    return use.ru_utime, use.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--compiler", default="g++")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        def source(name, text):
            path = Path(folder) / name
            path.write_text(text)
            return path

        example = source("example.cpp", readme_example())
        units = {
            "Boost headers alone": (source("boost.cpp", BOOST), []),
            "umbrella, nothing used": (source("umbrella.cpp", "#include <cokino/cokino.hpp>\n"), []),
            "README example, header-only": (example, []),
            "README example, separate": (example, SEPARATE),
            "by hand, header-only": (ROOT / "benchmarks/compile_cost/by_hand.cpp", []),
            "by hand, separate": (ROOT / "benchmarks/compile_cost/by_hand.cpp", SEPARATE),
        }
        taken = {name: [] for name in units}
        for _ in range(args.rounds):
            for name, (path, flags) in units.items():
                taken[name].append(compile_once(args.compiler, path, flags))
                print(f"  {name}: {taken[name][-1][0]:.1f} s", file=sys.stderr, flush=True)
    print(f"{'':32} {'user s':>8} {'MiB':>7}")
    for name, runs in taken.items():
        print(f"{name:32} {statistics.median(r[0] for r in runs):8.1f} "
              f"{max(r[1] for r in runs):7.0f}")


if __name__ == "__main__":
    main()
