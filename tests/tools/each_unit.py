#!/usr/bin/env python3
"""Runs a command on each of a set of generated units; the set comes from the tree.

usage: each_unit.py SET FOLDER -- COMMAND...      {} in COMMAND stands for the unit's file
SET    headers  one unit a header, which includes it twice: it must stand alone. A header of
                detail/ does so without its bodies
       layers   one unit a layer: all its headers and all its tests; one an example; the bodies,
                which the others only see declared; and all headers with their bodies
The units are written to FOLDER. Two commands run side by side.
"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import list_sources

ROOT = list_sources.ROOT
# As in the first lines of a user's file that leaves the bodies to another one.
SEPARATE = "".join(f"#define {library}_SEPARATE_COMPILATION\n"
                   for library in ("COKINO", "BOOST_ASIO", "BOOST_BEAST"))


def including(what):
    return "".join(f"#include {name}\n" for name in what)


def header_units():
    """What a user may include comes with its bodies; what only the library includes, without."""
    return {h.replace("/", "_"): (SEPARATE if "/detail/" in h else "") + including([f"<{h}>"] * 2)
            for h in list_sources.names("headers")}


def layer_units():
    layers, headers = {}, [f"<{name}>" for name in list_sources.names("headers")]
    for header in headers:
        parts = header.split("/")
        layers.setdefault(parts[1] if len(parts) > 2 else "facade", []).append(header)
    for test in list_sources.names("tests"):
        layers.setdefault(test.split("/")[0], []).append(f'"{ROOT}/tests/{test}.cpp"')
    for example in list_sources.names("examples"):
        layers[f"example_{example}"] = [f'"{ROOT}/examples/{example}.cpp"']
    layers["bodies"] = [f"<{name}>" for name in list_sources.names("bodies")]
    units = {name: SEPARATE + including(what) for name, what in layers.items()}
    return units | {"header_only": including(headers)}


def write_units(kind, folder):
    """The units' files, biggest first so that the last to run are short."""
    units = {"headers": header_units, "layers": layer_units}[kind]()
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, text in sorted(units.items(), key=lambda unit: -len(unit[1])):
        path = folder / f"{name}.cpp"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        files.append(path)
    return files


def run_each(files, command, finish):
    """Calls finish(file, completed process) for each; returns what it returned, without None."""
    def one(path):
        words = [str(path) if word == "{}" else word.replace("{}", str(path)) for word in command]
        return finish(path, subprocess.run(words, capture_output=True, text=True, cwd=ROOT))

    with ThreadPoolExecutor(2) as pool:
        return [r for r in pool.map(one, files) if r is not None]


def main(arguments):
    if len(arguments) < 4 or arguments[2] != "--":
        raise SystemExit(__doc__)
    files = write_units(arguments[0], arguments[1])
    failed = run_each(files, arguments[3:],
                      lambda path, run: f"{path.stem}:\n{(run.stderr or run.stdout)[:4000]}" if run.returncode else None)
    print("\n".join(failed) or f"{arguments[0]}: {len(files)} units, all well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
