"""Colours for what is typed, by the grammar's own terminals and what the session knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE
from gradcalc.language.grammar import tokens
from gradcalc.language.spelled import SPELLED
from gradcalc.prompt import COMMANDS, Console
from gradcalc.session import is_result

from .remarks import Remark

_KINDS = {
    "NUMBER": "number", "SUPERSCRIPT": "number", "AND": "keyword", "OR": "keyword", "NOT": "keyword",
    "COMMENT": "comment", "": "unknown",
}  # fmt: skip
_CALLED = frozenset([*SPELLED, *(name for row in TABLE.values() for name in (row.spelling, *row.aliases))])

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
        "strong": "bold",
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


class MistakeMarker(Processor):
    """Marks the place that the last remark speaks of. `last` gives it, and the text that it is about.

    A lexer could not: what it gives is kept until the text changes, and a remark comes later than its text.
    """

    def __init__(self, last: Callable[[], tuple[str, Remark]]) -> None:
        self._last = last

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        document = transformation_input.document
        text, remark = self._last()
        fragments = explode_text_fragments(transformation_input.fragments)
        if text == document.text:
            begins = document.translate_row_col_to_index(transformation_input.lineno, 0)
            for i in range(max(0, remark.start - begins), min(len(fragments), remark.end - begins)):
                style, character, *_ = fragments[i]
                fragments[i] = (f"{style} class:mistake", character)
        return Transformation(fragments)


class FormulaLexer(Lexer):
    """Kinds of pieces, as the grammar and the session have them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        text = document.text
        lines: list[StyleAndTextTuples] = [[]]
        for kind, start, end in self._styled(text):
            for i, piece in enumerate(text[start:end].split("\n")):
                if i:
                    lines.append([])
                lines[-1].append((f"class:{kind}", piece))
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
        params = _params([(kind, text[a:b]) for kind, a, b in found if kind != "SPACE"])
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
        known = name in session.names or name in params or followed == "EQUAL" or is_result(name)
        return "name" if known else "unknown"


def _params(tokens: list[tuple[str, str]]) -> set[str]:
    """The parameters of the function that a line defines, given the kinds and texts of its tokens."""
    kinds = [kind for kind, _ in tokens]
    end = kinds.index("RPAR") if "RPAR" in kinds else 0
    if kinds[:2] != ["NAME", "LPAR"] or kinds[end + 1 : end + 2] != ["EQUAL"]:
        return set()
    return {name for kind, name in tokens[2:end] if kind == "NAME"}


def _next_kinds(kinds: list[str]) -> list[str]:
    """For each token the kind of the next one that is no space."""
    following, found = "", []
    for kind in reversed(kinds):
        found.append(following)
        following = following if kind == "SPACE" else kind
    return found[::-1]
