#!/usr/bin/env python3
# Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
"""No public name is also a global function or variable of POSIX: after `using namespace cokino`
such a name would be ambiguous in every file that reads <unistd.h>, as Boost makes most files do.

Takes the names that our public headers declare in namespaces, and lets the compiler say which of
them the headers of POSIX declare too. <error.h>, whose error() is GNU's own, is none of them.

    global_names.py COMPILER [FLAG...]
"""
import os
import re
import subprocess
import sys
from pathlib import Path

from cpp_source import without_literals

ROOT = Path(__file__).resolve().parents[2]
# Of POSIX.1-2017, those that a C++ compiler can read.
POSIX = """aio arpa/inet assert cpio ctype dirent dlfcn errno fcntl fenv float fmtmsg fnmatch ftw glob
grp iconv inttypes langinfo libgen limits locale math monetary mqueue net/if netdb netinet/in
netinet/tcp nl_types poll pthread pwd regex sched search semaphore setjmp signal spawn stdint stdio
stdlib string strings sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm sys/socket
sys/stat sys/statvfs sys/time sys/times sys/types sys/uio sys/un sys/utsname sys/wait syslog tar
termios time unistd utime utmpx wchar wctype wordexp""".split()
# Whether the compiler's answer is understood: two that are declared and one that is not.
DECLARED, NOT_DECLARED = ("alarm", "bind"), "cokino_declares_no_such_name"

_NAMESPACE = re.compile(r"(?:inline )?namespace ([\w:]+) \{")
_TYPE = re.compile(r"(?:template <.*> )?(?:class|struct|union|concept|enum(?: class)?) (\w+)")
_ALIAS = re.compile(r"(?:template <.*> )?using (\w+) =")
_VALUE = re.compile(r"(?:inline )?(?:constexpr|const) [^(]*?(\w+)(?:\{| =|;)")
_FUNCTION = re.compile(r"[\w\[\]:<>,&*. ]*?[ &*>](\w+)\(")


def declared_names(text):
    """The names that a header declares in namespaces other than detail."""
    names, spaces = set(), []
    for line, whole in zip(without_literals(text).splitlines(), text.splitlines()):
        if opened := _NAMESPACE.match(line):
            spaces.append(opened.group(1))
        elif whole.startswith("} // namespace"):
            spaces.pop()
        elif spaces and "detail" not in "::".join(spaces) and line[:1].strip():
            for rule in (_TYPE, _ALIAS, _VALUE, _FUNCTION):
                if found := rule.match(line):
                    names.add(found.group(1))
                    break
    return names


def global_names(command, names):
    """Which of the names a program has that reads the headers of POSIX."""
    unit = "".join(f"#if __has_include(<{h}.h>)\n#include <{h}.h>\n#endif\n" for h in POSIX)
    unit += "".join(f"namespace probe_{n} {{ using ::{n}; }}\n" for n in sorted(names))
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    no_limit = ["-ferror-limit=0"] if "clang" in version.stdout else []
    run = subprocess.run([*command, "-std=c++20", "-fsyntax-only", *no_limit, "-xc++", "-"],
                         input=unit, capture_output=True, text=True, check=False,
                         env={**os.environ, "LC_ALL": "C"})
    missing = set(re.findall(r"'(?:::)?(\w+)' has not been declared", run.stderr))
    missing |= set(re.findall(r"no member named '(\w+)' in the global namespace", run.stderr))
    return names - missing, run.stderr


def main(command):
    if not command:
        raise SystemExit(__doc__)
    where = {}
    for header in sorted((ROOT / "include").rglob("*.hpp")):
        relative = header.relative_to(ROOT)
        if "detail" not in relative.parts and "impl" not in relative.parts:
            for name in declared_names(header.read_text()):
                where.setdefault(name, relative)
    found, said = global_names(command, {*where, *DECLARED, NOT_DECLARED})
    if not found >= set(DECLARED) or NOT_DECLARED in found or len(where) < 400:
        raise SystemExit(f"the check does not work with this compiler ({len(where)} names):\n{said}")
    clashes = sorted(name for name in found if name in where)
    for name in clashes:
        print(f"{where[name]}: {name} is a global name of POSIX too")
    if not clashes:
        print(f"{len(where)} public names, none of them a global one of POSIX")
    return 1 if clashes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
