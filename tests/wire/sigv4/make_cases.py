#!/usr/bin/env python3
"""Writes cases.txt, the test data of sigv4.cpp, from the AWS signing suite.

    make_cases.py FOLDER > cases.txt

FOLDER is tests/aws-signing-test-suite/v4 of aws-c-auth, as Debian's source package aws-crt-python
carries it (under crt/aws-c-auth): `apt-get source --download-only aws-crt-python`.

A case begins with "case NAME"; "name value" lines follow, and blocks: a line "name:" and then each
line of the text behind a '|'. What is the same in most cases stands in them all the same, so that
each can be read alone. The texts are the suite's own, byte by byte; only files are left out whose
content follows from the others: the signed requests, but for their Authorization field. Two folders
of the suite hold a request and no results (get-vanilla-query-order-key and -value); its own tests
leave them out too.
"""
import json
import sys
from pathlib import Path

BLOCKS = ("request", "header-canonical-request", "header-string-to-sign", "header-signature",
          "query-canonical-request", "query-string-to-sign", "query-signature")


def block(name, text):
    return "\n".join([name + ":", *("|" + line for line in text.split("\n"))])


def case(folder):
    context = json.loads((folder / "context.json").read_text())
    credentials = context.pop("credentials")
    yield f"case {folder.name}"
    for name, value in sorted({**credentials, **context}.items()):
        yield f"{name} {str(value).lower() if isinstance(value, bool) else value}"
    for name in BLOCKS:
        text = (folder / f"{name}.txt").read_bytes().decode()
        assert "\r" not in text, folder
        yield block(name, text if name == "request" else text.rstrip("\n"))
    signed = (folder / "header-signed-request.txt").read_text()
    yield from (line.replace("Authorization:", "authorization ", 1)
                for line in signed.split("\n") if line.startswith("Authorization:"))


def main(folder):
    cases = sorted(path.parent for path in Path(folder).glob("*/query-signature.txt"))
    print("\n\n".join("\n".join(case(path)) for path in cases))


main(sys.argv[1])
