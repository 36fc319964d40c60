"""A C++ file as the check scripts see it: its lines, its exemptions, its code without comments and
literals, its blocks. No parser: enough structure for rules that a reader can also check by eye."""
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("include", "tests", "examples", "benchmarks")
# Fixtures of the checks themselves are wrong on purpose.
SKIPPED = ("tests/tools/fixtures/",)

_LITERALS = re.compile(
    r'R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"'
    r"|//[^\n]*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.S,
)


def blank(text):
    """The same text with its letters gone and its line breaks kept."""
    return re.sub(r"[^\n]", " ", text)


def without_literals(text):
    def replace(match):
        piece = match.group()
        if piece[0] == '"' or piece[0] == "R":
            return '"' + blank(piece[1:-1]) + '"'
        if piece[0] == "'":
            return "'" + blank(piece[1:-1]) + "'"
        return blank(piece)

    return _LITERALS.sub(replace, text)


def without_directives(code):
    """Preprocessor lines hold no braces that count."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m.group()), code, flags=re.M)


@dataclass
class Block:
    """A pair of braces. `head` is the code between the statement's start and the brace."""

    kind: str  # scope, function, lambda, catch, block or init
    begin: int  # offset of {
    end: int  # offset just behind }
    head: str
    head_begin: int
    children: list = field(default_factory=list)
    parent: object = None


_SCOPE = re.compile(r"(?:^|[\s;>\])])(?:namespace|class|struct|union|enum|extern)\b[^()=]*$")
_CONTROL = re.compile(r"^\s*(?:\}\s*)?(?:else\s+)?(?:if|for|while|switch)\b.*\)\s*$", re.S)
_PLAIN = re.compile(r"(?:^|[\s:])(?:do|else|try)\s*$")
_LAMBDA = re.compile(
    r"\[[^\[\]]*\]\s*(?:<[^{}]*>\s*)?"
    r"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)?"
    r"(?:mutable\b\s*|noexcept\b\s*|constexpr\b\s*|static\b\s*)*(?:->\s*[^{};]*?)?\s*$"
)
_FUNCTION = re.compile(r"\)\s*(?:const\b|noexcept\b(?:\s*\([^()]*\))?|override\b|final\b|&&?|mutable\b"
                       r"|->[^{};]+|requires\b[^{};]+|try\b|\s)*$")
_CONSTRUCTOR = re.compile(r"\)\s*(?:noexcept\s*(?:\([^()]*\)\s*)?)?:(?!:)")


def _kind(head, parent_kind, code, begin):
    text = head.rstrip()
    if re.search(r"\bcatch\s*\([^()]*\)$", text):
        return "catch"
    if _LAMBDA.search(text) and not re.search(r"[\w\])]\s*\[[^\[\]]*\]\s*$", text):
        return "lambda"
    if parent_kind == "scope":
        if re.search(r"\bTEST_SUITE\s*\([^()]*\)$", text):
            return "scope"
        if _CONSTRUCTOR.search(text):
            # In a member initialiser list a brace after a name is an initialiser.
            return "init" if re.search(r"[\w>]$", text) and not _ends_list(code, begin) else "function"
        if re.search(r"(?<![=<>!])=$", text):
            return "init"
        if "(" in text and _FUNCTION.search(text) and not re.search(r"=\s*[^=]*$", _outside_parens(text)):
            return "function"
        if _SCOPE.search(re.sub(r"\([^()]*\)", "", text)) and not text.endswith("="):
            return "scope"
        return "init"
    if not text or _PLAIN.search(text) or _CONTROL.match(text):
        return "block"
    if re.search(r"\bcase\b[^?]*:$|\bdefault\s*:$", text):
        return "block"
    if re.search(r"\b(?:struct|class|union|enum)\b[^()=]*$", text):
        return "scope"
    if re.search(r'\b(?:SUBCASE|DOCTEST_SUBCASE)\s*\([^()]*\)$', text):
        return "block"
    return "init"


def _outside_parens(text):
    before = None
    while before != text:
        before, text = text, re.sub(r"\([^()]*\)|<[^<>=]*>", "", text)
    return re.sub(r"operator\s*[=!<>]*=", "", text)


def _ends_list(code, begin):
    """Whether what follows the brace pair at `begin` shows that it was a body, not an initialiser."""
    depth = 0
    for at in range(begin, len(code)):
        if code[at] == "{":
            depth += 1
        elif code[at] == "}":
            depth -= 1
            if depth == 0:
                rest = code[at + 1 :].lstrip()
                return not rest.startswith((",", "{", "..."))
    return True


def blocks(code):
    """The tree of brace pairs in `code`, which must be free of comments, literals and directives."""
    root = Block("scope", 0, len(code), "", 0)
    here, start, parens = root, 0, []
    for at, char in enumerate(code):
        if char == "{":
            head = code[start:at]
            block = Block(_kind(head, here.kind, code, at), at, len(code), head, start, parent=here)
            here.children.append(block)
            parens.append((start, block.kind))
            here, start = block, at + 1
        elif char == "}" and here is not root:
            here.end = at + 1
            before, kind = parens.pop()
            # A statement goes on behind a lambda or an initialiser.
            start = before if kind in ("lambda", "init") else at + 1
            here = here.parent
        elif char == ";" and not _inside_parens(code, start, at):
            start = at + 1
    return root


def _inside_parens(code, start, at):
    """Whether a semicolon stands in the parentheses of a for, or of an if that declares."""
    piece = code[start:at]
    return piece.count("(") > piece.count(")")


def walk(block):
    for child in block.children:
        yield child
        yield from walk(child)


class Source:
    def __init__(self, path, text=None):
        self.path = path  # relative to the root, with slashes
        self.text = (ROOT / path).read_text() if text is None else text
        self.lines = self.text.split("\n")
        self.code = without_literals(self.text)
        self.bare = without_directives(self.code)
        self.root = blocks(self.bare)
        self.allowed_in_file = set(re.findall(r"// cokino-allow-file (\w+): \S", self.text))

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def allowed(self, rule, line):
        """An exemption stands at the end of the line or alone on the line before it."""
        mark = re.compile(r"// cokino-allow " + rule + r": \S")
        if rule in self.allowed_in_file or mark.search(self.lines[line - 1]):
            return True
        before = self.lines[line - 2].strip() if line > 1 else ""
        return bool(mark.match(before))


def project_files(suffixes=(".hpp", ".ipp", ".cpp"), folders=FOLDERS):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in suffixes and not name.startswith(SKIPPED):
                yield name
