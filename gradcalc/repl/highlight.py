"""Colours for what is typed, by the grammar's own terminals and what the session knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from gradcalc.commands import COMMANDS, Console
from gradcalc.commands.remarks import Remark
from gradcalc.functions import CONSTANTS, RESERVED, TABLE
from gradcalc.parser import tokens

_KINDS = {
    "NUMBER": "number", "SUPERSCRIPT": "number", "AND": "keyword", "OR": "keyword", "NOT": "keyword",
    "COMMENT": "comment", "": "unknown",
}  # fmt: skip
_HEAD = re.compile(r"\s*[^\W\d]\w*\s*\(([^()]*)\)\s*=(?!=)")  # of a definition: its parameters are known
_RESULT = re.compile(r"ans|_\d*")
_CALLED = frozenset(name for row in TABLE.values() for name in (row.spelling, *row.aliases))

# the 16 colours of the terminal alone, and never a background: right on light and dark
STYLE = Style.from_dict(
    {
        "prompt": "ansigreen",
        "number": "ansicyan",
        "constant": "ansicyan",
        "function": "ansimagenta",
        "keyword": "bold",
        "command": "bold",
        "comment": "dim",
        "unknown": "dim",
        "mistake": "dim underline",
        "live": "dim",
        "ghost": "dim",
        "auto-suggestion": "dim noinherit",
        "bottom-toolbar": "noreverse",
        "bottom-toolbar.text": "noreverse dim",
        "matching-bracket.cursor": "noinherit bold",
        "matching-bracket.other": "noinherit bold underline",
        "completion-menu": "noinherit reverse",
        "completion-menu.completion": "noinherit reverse",
        "completion-menu.completion.current": "noinherit noreverse bold",
        "completion-menu.meta.completion": "noinherit reverse",
        "completion-menu.meta.completion.current": "noinherit noreverse bold",
        "scrollbar.background": "noinherit reverse",
        "scrollbar.button": "noinherit noreverse",
    }
)


class FormulaLexer(Lexer):
    """`mark` tells of the last remark and the text it was about."""

    def __init__(self, console: Console, mark: Callable[[], tuple[str, Remark]]) -> None:
        self._console = console
        self._mark = mark

    def invalidation_hash(self) -> Hashable:
        text, remark = self._mark()
        return text, remark.start, remark.end

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        text = document.text
        of, remark = self._mark()
        place = (remark.start, remark.end) if of == text else (0, 0)
        lines: list[StyleAndTextTuples] = [[]]
        for kind, start, end in self._styled(text):
            for first, last, marked in _cut(start, end, *place):
                style = f"class:{kind}" + (" class:mistake" if marked else "")
                for i, piece in enumerate(text[first:last].split("\n")):
                    if i:
                        lines.append([])
                    lines[-1].append((style, piece))
        return lambda number: lines[number] if number < len(lines) else []

    def _styled(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Kinds of pieces, by which they are coloured, and their places."""
        if not text.strip():  # so that the first prompt does not wait for the grammar
            return
        start = len(text) - len(text.lstrip())
        if text[start : start + 1] == ":":
            end = start + len(text[start:].split(None, 1)[0])
            known = any(name.startswith(text[start + 1 : end]) for name in COMMANDS)
            yield "text", 0, start
            yield "command" if known else "unknown", start, end
            start = end
        else:
            start = 0
        found = [(kind, start + a, start + b) for kind, a, b in tokens(text[start:])]
        params = self._params(text)
        followed = _next_kinds([kind for kind, _, _ in found])
        for i, (kind, a, b) in enumerate(found):
            if kind == "NAME":
                yield self._name(text[a:b], followed[i], params, i == 0), a, b
            elif text[a:b] == ":" and followed[i] == "EQUAL":
                yield "text", a, b
            else:
                yield _KINDS.get(kind, "text"), a, b

    def _name(self, name: str, followed: str, params: set[str], first: bool) -> str:
        session = self._console.session
        if followed in ("LPAR", "PRIME"):
            return "function" if name in _CALLED or name in session.functions or (params and first) else "unknown"
        if name in RESERVED or (name in CONSTANTS and name not in session.names):
            return "constant"
        if name == "at" and followed == "NAME":
            return "keyword"
        known = name in session.names or name in params or followed == "EQUAL" or _RESULT.fullmatch(name)
        return "name" if known else "unknown"

    def _params(self, text: str) -> set[str]:
        head = _HEAD.match(text)
        return {name.strip() for name in head[1].split(",")} if head else set()


def _next_kinds(kinds: list[str]) -> list[str]:
    """For each token the kind of the next one that is no space."""
    following, found = "", []
    for kind in reversed(kinds):
        found.append(following)
        following = following if kind == "SPACE" else kind
    return found[::-1]


def _cut(start: int, end: int, from_: int, to: int) -> Iterator[tuple[int, int, bool]]:
    """A piece of text as up to three, of which the one inside the mark is marked."""
    a, b = max(start, min(from_, end)), min(end, max(to, start))
    if a >= b:
        yield start, end, False
        return
    for first, last, marked in ((start, a, False), (a, b, True), (b, end, False)):
        if first < last:
            yield first, last, marked
