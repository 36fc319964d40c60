#!/usr/bin/env python3
"""House rules that a script can see, each with a name. Prints FILE:LINE: RULE: what to do.

An exemption is a comment with the rule's name and a reason, at the end of the line or alone on the
line before it:   // cokino-allow RAWCLOCK: measures the real loop
or for a whole file:   // cokino-allow-file LONGFILE: a table of bytes
Coroutine rules: each is explained where g++ 12, GCC 15 or clang gets the form wrong; the short
reason stands in RULES below. With file names as arguments only those are checked.
"""
import re
import sys

from cpp_source import Source, project_files, walk

LINE_COLUMNS_MAX, FILE_LINES_MAX, FUNCTION_LINES_MAX = 100, 500, 70
LICENCE = ("// Copyright (c) 2026 The cokino authors. "
           "Distributed under the Boost Software License, Version 1.0.")

RULES = {
    "LONGLINE": f"line over {LINE_COLUMNS_MAX} columns",
    "LONGFILE": f"file over {FILE_LINES_MAX} lines: what do its parts want to become?",
    "LONGFUNC": f"function over {FUNCTION_LINES_MAX} lines",
    "LICENCE": "the first line must be the licence line",
    "PRAGMA": "a header says #pragma once, once, before its first include",
    "AWAITBRACE": "g++ 12 destroys an aggregate built inside an await expression twice: name it first",
    "AWAITINIT": "co_await inside a braced initialiser: await into a local, then build",
    "AWAITCOND": "co_await as a condition: await into a local, then test",
    "AWAITTERNARY": "co_await beside ?: (LLVM 59181): use if and else",
    "AWAITCATCH": "co_await in a catch block: record, leave the block, then await",
    "AWAITBIND": "structured binding on co_await (GCC 124584): name the result, then bind by reference",
    "CHECKAWAIT": "co_await inside a test macro: await into a local, then check",
    "COROLAMBDA": "a capturing lambda as a coroutine, or by value inside an await expression: "
                  "use a function with value parameters, or name the lambda first",
    "COROREF": "a coroutine's parameter may dangle: take a value",
    "RAWCLOCK": "ask the time_source for the time",
    "RAWRAND": "ask the random_source",
    "SLEEP": "wait through async/sleep.hpp on a time_source",
    "KEYFUNC": "without COKINO_DECL g++ emits the class, and all that it reaches, in each file that "
               "includes it",
    "SECRETPRINT": "a secret is revealed in a statement that prints",
    "UNREAD": "this script takes the brace for an initialiser, yet it holds statements: mend cpp_source.py",
    "EXEMPTION": "an exemption needs a known rule, a colon and a reason",
}

ELSEWHERE = {"LAYER", "AWAITLIST"}  # rules of the other scripts, whose exemptions are known here

AWAIT = re.compile(r"\bco_await\b")
COROUTINE = re.compile(r"\bco_(?:await|return|yield)\b")
BODIES = ("function", "lambda", "catch", "block", "scope")

# Sound inside an await expression on every compiler: types with a constructor of their own, and
# options, whose trivial destructor a static_assert guards.
BRACES_ALLOWED = re.compile(
    r"(?:\b(?:text_to_video|image_to_video|text_to_image|video_upscale|\w+_options"
    r"|(?:nano|micro|milli)?seconds|minutes|hours|std::size_t|std::uint\d+_t|error_code)|\berrc)\s*$")

# Objects that outlive every operation on them; a contract names them under "Lifetimes".
LONG_LIVED = {
    "io_context", "execution_context", "transport", "time_source", "random_source", "client",
    "provider", "observer", "event", "semaphore", "task_scope", "pool", "connection", "stream",
    "sink", "link_source", "virtual_time", "fake_provider", "scripted_transport", "acceptor",
    "bucket",
}


def own_code(source, block):
    """A body's text with the bodies inside it blanked: a lambda leaves its statement whole, any
    other inner body ends one."""
    text = list(source.bare[block.begin + 1 : block.end - 1])
    base = block.begin + 1

    def hide(parent):
        for child in parent.children:
            if child.kind not in BODIES:
                hide(child)
                continue
            for at in range(child.begin, child.end):
                if text[at - base] != "\n":
                    text[at - base] = " "
            if child.kind != "lambda":
                text[child.begin - base] = text[child.end - 1 - base] = ";"

    hide(block)
    return "".join(text), base


def statements(code):
    """(offset, text) of each statement; a for's semicolons do not end one."""
    depth = start = 0
    for at, char in enumerate(code):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == ";" and depth <= 0:
            yield start, code[start:at]
            start, depth = at + 1, 0
    yield start, code[start:]


def matching(code, at, pair="()"):
    """Offset just behind the bracket that closes the one at `at`."""
    depth = 0
    for end in range(at, len(code)):
        depth += (code[end] == pair[0]) - (code[end] == pair[1])
        if depth == 0:
            return end + 1
    return len(code)


def enclosing(text, at):
    """What stands in the innermost brackets around `at`; all of it where there are none."""
    depth = 0
    for begin in range(at, -1, -1):
        depth += (text[begin] in ")]}") - (text[begin] in "([{")
        if depth < 0:
            return text[begin : matching(text, begin, text[begin] + {"(": ")", "[": "]", "{": "}"}[text[begin]])]
    return text


def captures(head):
    found = re.findall(r"\[([^\[\]]*)\]\s*(?:<[^{}]*>)?\s*(?:\(.*\)|)[^()]*$", head, re.S)
    return [c.strip() for c in found[-1].split(",") if c.strip()] if found else []


def check_text(source, report):
    lines = source.lines
    if lines[0] != LICENCE:
        report("LICENCE", 1)
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            report("LONGLINE", number)
        mark = re.search(r"cokino-allow(?:-file)?\b\s*(\w*)(:?)\s*(\S?)", line)
        if mark and (mark[1] not in RULES.keys() | ELSEWHERE or not mark[2] or not mark[3]):
            report("EXEMPTION", number)
    count = len(lines) - (lines[-1] == "")
    if count > FILE_LINES_MAX:
        report("LONGFILE", FILE_LINES_MAX + 1, f"{count} lines")
    if source.path.endswith(".hpp"):
        once = [n for n, line in enumerate(lines, 1) if line.strip() == "#pragma once"]
        includes = [n for n, line in enumerate(lines, 1) if line.lstrip().startswith("#include")]
        if len(once) != 1 or (includes and includes[0] < once[0]):
            report("PRAGMA", once[-1] if len(once) > 1 else 1)


def check_words(source, report):
    """Rules about single words: what must be reached through a door."""
    path = source.path

    def each(rule, pattern, unless):
        if re.match(unless, path):
            return
        for match in re.finditer(pattern, source.bare):
            report(rule, source.line_of(match.start()))

    each("RAWCLOCK",
         r"\b(?:system|steady|high_resolution|utc)_clock::now\b|\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)"
         r"|\bclock_gettime\s*\(|\bgettimeofday\s*\(",
         r"include/cokino/async/|benchmarks/")
    each("RAWRAND", r"\brandom_device\b|\bs?rand\s*\(|\bmt19937|\bdefault_random_engine\b|\bRAND_bytes\b",
         r"include/cokino/core/(?:impl/)?random_source\.|benchmarks/")
    each("SLEEP",
         r"\bthis_thread::sleep|(?<!\w)(?:::)?(?:u|nano)sleep\s*\(|(?<![\w.])::sleep\s*\("
         r"|\b(?:steady|system|high_resolution|waitable|deadline)_timer\b",
         r"include/cokino/async/|benchmarks/")


def check_virtuals(source, report):
    """A virtual function with its body elsewhere is inline where it is declared, or it becomes the
    class's key function and calls the table of virtual functions, and all behind it, into being."""
    if not re.match(r"include/.*\.hpp$", source.path):
        return
    for match in re.finditer(r"\b(?:override|final)\s*;", source.bare):
        start = max(source.bare.rfind(mark, 0, match.start()) for mark in ";{}") + 1
        if "COKINO_DECL" not in source.bare[start : match.start()]:
            report("KEYFUNC", source.line_of(match.start()))


def check_lengths(source, report):
    for block in walk(source.root):
        if block.kind in ("function", "lambda"):
            first = source.line_of(block.head_begin + len(block.head) - len(block.head.lstrip()))
            if block.kind == "lambda":
                first = source.line_of(block.begin)
            length = source.line_of(block.end - 1) - first + 1
            if length > FUNCTION_LINES_MAX:
                report("LONGFUNC", first, f"{length} lines")


def in_catch(block):
    while block.kind == "block":
        block = block.parent
    return block.kind == "catch"


def check_statement(source, block, at, text, report):
    where = lambda offset: source.line_of(at + offset)
    if "reveal(" in text and re.search(
            r"<<|\bprintf|\bputs\b|\bprint|\blog|\b(?:INFO|MESSAGE|CAPTURE|FAIL)\b|\bdescribe|\bwhat\b", text):
        report("SECRETPRINT", where(text.index("reveal(")))
    for match in re.finditer(r"\b(?:CHECK|REQUIRE|WARN|FAST_CHECK)\w*\s*\(", text):
        if AWAIT.search(text[match.end() : matching(text, match.end() - 1)]):
            report("CHECKAWAIT", where(match.start()))
    for lamb in block.children:
        inside = at <= lamb.begin < at + len(text)
        if inside and lamb.kind == "lambda" and AWAIT.search(text):
            by_value = [c for c in captures(lamb.head) if not c.startswith("&") and c != "this"]
            if by_value:
                report("COROLAMBDA", source.line_of(lamb.begin), f"captures {', '.join(by_value)}")
    await_ = AWAIT.search(text)
    if not await_:
        return
    first = where(await_.start())
    for match in re.finditer(r"\b(?:if|while|switch|for)\b\s*(?:constexpr\s*)?\(", text):
        if AWAIT.search(text[match.end() : matching(text, match.end() - 1)]):
            report("AWAITCOND", first)
    if any(AWAIT.search(enclosing(text, mark.start())) for mark in re.finditer(r"\?", text)):
        report("AWAITTERNARY", first)
    if in_catch(block):
        report("AWAITCATCH", first)
    if re.search(r"\bauto\s*(?:const\s*)?(?:&&?\s*)?\[[^\]]*\]\s*[={(]", text[: await_.start()]):
        report("AWAITBIND", first)
    for match in re.finditer(r"\{", text):
        inside = text[match.start() : matching(text, match.start(), "{}")]
        if AWAIT.search(inside):
            report("AWAITINIT", where(match.start()))
        elif not BRACES_ALLOWED.search(text[: match.start()]):
            report("AWAITBRACE", where(match.start()))


def parameters(head):
    """The parameter list in a function's head, split at its own commas."""
    head = re.sub(r"\b(?:noexcept|requires|decltype)\s*\([^()]*\)", "", head)
    end = head.rfind(")")
    depth, at = 0, end
    while at >= 0:
        depth += (head[at] == ")") - (head[at] == "(")
        if depth == 0:
            break
        at -= 1
    depth, piece, pieces = 0, "", []
    for char in head[at + 1 : end]:
        depth += (char in "(<[{") - (char in ")>]}")
        if char == "," and depth == 0:
            pieces.append(piece)
            piece = ""
        else:
            piece += char
    return [p.strip() for p in [*pieces, piece] if p.strip()]


def check_coroutine(source, block, report):
    line = source.line_of(block.begin)
    if block.kind == "lambda" and captures(block.head):
        report("COROLAMBDA", line, "captures " + ", ".join(captures(block.head)))
    in_test = source.path.startswith(("tests/", "benchmarks/"))
    for parameter in parameters(block.head):
        line = source.line_of(source.bare.index(parameter, block.head_begin))
        view = re.search(r"\b(?:string_view|span)\b", parameter)
        reference = re.search(r"(\w+)\s*(?:<.*>)?\s*(&&?)", parameter)
        if view:
            report("COROREF", line, parameter)
        elif reference:
            constant = re.search(r"\bconst\b", parameter)
            lasting = reference[1] in LONG_LIVED or in_test
            if constant or reference[2] == "&&" or not lasting:
                report("COROREF", line, parameter)


def coroutine_body(source, block):
    """Whether the function or lambda is a coroutine: its own code, and that of its inner blocks."""
    text, _ = own_code(source, block)
    if COROUTINE.search(text):
        return True

    def inner(parent):
        for child in parent.children:
            if child.kind in ("block", "catch"):
                if COROUTINE.search(own_code(source, child)[0]) or inner(child):
                    return True
            elif child.kind == "init" and inner(child):
                return True
        return False

    return inner(block)


def check_understanding(source, report):
    """A body taken for an initialiser would escape every rule."""
    for block in walk(source.root):
        if block.kind == "init" and "requires" not in block.head:
            inside = source.bare[block.begin + 1 : block.end - 1]
            for child in block.children:
                first, last = child.begin - block.begin - 1, child.end - block.begin - 1
                inside = inside[:first] + " " * (last - first) + inside[last:]
            if ";" in inside:
                report("UNREAD", source.line_of(block.begin))


def check_source(source):
    found = set()

    def report(rule, line, detail=""):
        if not source.allowed(rule, line):
            found.add((line, rule, detail))

    check_text(source, report)
    check_words(source, report)
    check_virtuals(source, report)
    check_lengths(source, report)
    check_understanding(source, report)
    for block in walk(source.root):
        if block.kind in ("function", "lambda", "catch", "block"):
            text, base = own_code(source, block)
            for offset, statement in statements(text):
                check_statement(source, block, base + offset, statement, report)
        if block.kind in ("function", "lambda") and coroutine_body(source, block):
            check_coroutine(source, block, report)
    return [f"{source.path}:{line}: {rule}: {RULES[rule]}" + (f" ({detail})" if detail else "")
            for line, rule, detail in sorted(found)]


def main(arguments):
    found = [text for name in arguments or project_files() for text in check_source(Source(name))]
    print("\n".join(found) or "style: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
