#!/usr/bin/env python3
"""Compiles each tests/must_not_compile/*.cpp and demands that it fails with the text it names in a
line `// expect: REGEX`; and that it compiles with -DCOKINO_GOOD, so that a broken include cannot
pass for the refusal. A file may say `// only: g++-12` where the refusal is that compiler's.

usage: must_not_compile.py COMPILER...
"""
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from cpp_source import ROOT


def check(path, compiler):
    text = path.read_text()
    expected = re.search(r"^// expect: (.+)$", text, re.M)
    name = path.relative_to(ROOT)
    if not expected:
        return f"{name}: no line `// expect: REGEX`"
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-DCOKINO_SEPARATE_COMPILATION",
               f"-I{ROOT}/include", str(path)]
    good = subprocess.run([*command, "-DCOKINO_GOOD"], capture_output=True, text=True)
    if good.returncode != 0:
        return f"{name}: does not compile with COKINO_GOOD either:\n{good.stderr[:2000]}"
    bad = subprocess.run(command, capture_output=True, text=True)
    if bad.returncode == 0:
        return f"{name}: compiles, but must not"
    if not re.search(expected[1], bad.stderr):
        return f"{name}: fails, but without the text `{expected[1]}`:\n{bad.stderr[:2000]}"
    return None


def is_gcc_12(compiler):
    macros = subprocess.run([*compiler, "-dM", "-E", "-xc++", "/dev/null"], capture_output=True, text=True)
    gnu = re.search(r"#define __GNUC__ (\d+)", macros.stdout)
    return bool(gnu) and int(gnu[1]) < 13 and "__clang__" not in macros.stdout


def main(compiler):
    files = sorted((ROOT / "tests/must_not_compile").glob("*.cpp"))
    if not files:
        print("tests/must_not_compile holds no file")
        return 1
    if not is_gcc_12(compiler):
        files = [f for f in files if "// only: g++-12" not in f.read_text()]
    with ThreadPoolExecutor(2) as pool:
        results = [r for r in pool.map(lambda f: check(f, compiler), files) if r]
    print("\n".join(results) or f"must not compile: {len(files)} files are refused as they should be")
    return 1 if results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["c++"]))
