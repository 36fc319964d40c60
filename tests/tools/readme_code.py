#!/usr/bin/env python3
"""Compiles README.md's C++ as printed: each block marked `cpp` that starts with an #include is a
program; at least one must be. The others are excerpts.

usage: readme_code.py FOLDER COMPILER...
"""
import re
import sys
from pathlib import Path

import each_unit


def main(folder, compiler):
    text = (each_unit.ROOT / "README.md").read_text()
    blocks = [b for b in re.findall(r"^```cpp\n(.*?)^```$", text, re.M | re.S) if b.startswith("#include")]
    if not blocks:
        print("README.md: no program: a block marked cpp that starts with #include")
        return 1
    Path(folder).mkdir(parents=True, exist_ok=True)
    files = []
    for number, block in enumerate(blocks):
        files.append(Path(folder).resolve() / f"readme_{number}.cpp")
        files[-1].write_text(block)
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               f"-I{each_unit.ROOT}/include", "{}"]
    failed = each_unit.run_each(
        files, command, lambda path, run: f"{path}:\n{run.stderr[:4000]}" if run.returncode else None)
    print("\n".join(failed) or f"README.md: {len(files)} programs compile as printed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
