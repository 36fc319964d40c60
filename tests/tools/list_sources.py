#!/usr/bin/env python3
"""Prints what is built, so that CMake and meson have one list and a new file needs no edit.

tests       LAYER/NAME for each tests/LAYER/NAME.cpp
examples    NAME for each examples/NAME.cpp
bodies      what the library of bodies includes: cokino/LAYER/src.hpp, and the facade's bodies
headers     every header that must compile alone
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Folders of tests/ that hold no doctest files, and the one file beside tests that is none.
NOT_TESTS = {"lib", "tools", "headers", "install", "must_not_compile", "fixtures", "fuzz",
             "conformance", "oracles"}
MAIN = "support/main"


def names(kind):
    include = ROOT / "include"
    if kind == "tests":
        files = (path.relative_to(ROOT / "tests") for path in ROOT.glob("tests/*/*.cpp"))
        found = [f.with_suffix("").as_posix() for f in files if f.parts[0] not in NOT_TESTS]
        return [name for name in found if name != MAIN]
    if kind == "examples":
        return [path.stem for path in ROOT.glob("examples/*.cpp")]
    if kind == "bodies":
        found = [*include.glob("cokino/*/src.hpp"), *include.glob("cokino/impl/*.ipp")]
        return [path.relative_to(include).as_posix() for path in found]
    if kind == "headers":
        found = include.rglob("*.hpp")
        return [path.relative_to(include).as_posix() for path in found if path.name != "src.hpp"]
    raise SystemExit(__doc__)


if __name__ == "__main__":
    print("\n".join(sorted(names(sys.argv[1] if len(sys.argv) == 2 else ""))))
