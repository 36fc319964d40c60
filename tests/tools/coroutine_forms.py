#!/usr/bin/env python3
"""Finds the coroutine forms that compilers get wrong by their meaning, where check_style.py can only
see their spelling: a temporary that g++ 12 destroys twice need not show a brace. Runs clang-query 14
over every layer, test and example. Exit status 77: clang-query-14 is not installed.

usage: coroutine_forms.py FOLDER        FOLDER is for the generated units
       coroutine_forms.py --self-test   flags tests/tools/fixtures/coroutine_forms.cpp as marked there
"""
import re
import shutil
import sys
import tempfile
from pathlib import Path

import each_unit
from cpp_source import ROOT, Source

FIXTURE = ROOT / "tests/tools/fixtures/coroutine_forms.cpp"

RULES = [
    ("AWAITBRACE", "g++ 12 destroys an aggregate built inside an await expression twice",
     "coawaitExpr(hasDescendant(cxxBindTemporaryExpr(has(initListExpr()))))"),
    ("COROLAMBDA", "g++ 12 destroys a closure built inside an await expression twice",
     "coawaitExpr(hasDescendant(cxxBindTemporaryExpr(has(lambdaExpr()))))"),
    ("AWAITINIT", "co_await inside a braced initialiser",
     "coawaitExpr(hasAncestor(initListExpr()))"),
    ("AWAITLIST", "an initializer list inside an await expression",
     "coawaitExpr(hasDescendant(cxxStdInitializerListExpr()))"),
    ("AWAITBIND", "GCC 15 and 16 skip a destructor of a tuple bound to co_await",
     "decompositionDecl(unless(hasType(referenceType())), hasDescendant(coawaitExpr()))"),
]
FLAGS = ["-std=c++20", f"-I{ROOT}/include", f"-I{ROOT}/tests", "-w"]


def findings(path, output):
    """(file, line, rule, why) from the answers, which come in the order of the rules."""
    found, rule = set(), 0
    for line in output.split("\n"):
        at = re.match(r'(/[^:]+):(\d+):\d+: note: "root" binds here', line)
        if at:
            found.add((at[1], int(at[2]), *RULES[rule][:2]))
        elif re.match(r"\d+ match(?:es)?\.$", line):
            rule += 1
    if rule != len(RULES):
        raise RuntimeError(f"{path}: clang-query answered {rule} of {len(RULES)} questions")
    return found


def query(files):
    with tempfile.NamedTemporaryFile("w", suffix=".query") as script:
        script.write("set output diag\nset bind-root true\n")
        script.writelines(f"match {matcher}\n" for _, _, matcher in RULES)
        script.flush()

        def finish(path, run):
            if re.search(r"\berror: ", run.stderr):
                return {(str(path), 1, "COMPILE", run.stderr[:3000])}
            return findings(path, run.stdout)

        command = ["clang-query-14", "-f", script.name, "{}", "--", *FLAGS]
        return set().union(*each_unit.run_each(files, command, finish))


def self_test():
    marked = {(number, rule) for number, line in enumerate(FIXTURE.read_text().split("\n"), 1)
              for rule in re.findall(r"// bad: (\w+)", line)}
    found = {(line, rule) for _, line, rule, _ in query([FIXTURE])}
    for number, rule in sorted(marked ^ found):
        print(f"{FIXTURE.name}:{number}: {rule}: {'missed' if (number, rule) in marked else 'false timer'}")
    missing = {rule for rule, _, _ in RULES} - {rule for _, rule in marked}
    print("\n".join(f"{rule}: no bad form in the fixture" for rule in missing)
          or f"self-test: {len(marked)} bad forms")
    return 1 if marked != found or missing else 0


def main(arguments):
    if not shutil.which("clang-query-14"):
        print("skipped: clang-query-14 is not installed (package clang-tools-14)")
        return 77
    if arguments == ["--self-test"]:
        return self_test()
    files = each_unit.write_units("layers", arguments[0])
    project = tuple(f"{ROOT}/{folder}/" for folder in ("include", "tests", "examples"))
    lines = []
    for name, line, rule, why in sorted(query(files)):
        if rule == "COMPILE":
            lines.append(f"{name}: does not compile:\n{why}")
        elif name.startswith(project):
            source = Source(str(Path(name).relative_to(ROOT)))
            if not source.allowed(rule, line):
                lines.append(f"{source.path}:{line}: {rule}: {why}")
    print("\n".join(lines) or f"coroutine forms: {len(files)} units, nothing found")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
