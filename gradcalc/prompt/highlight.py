"""Colours for what is typed, by the grammar's own terminals and what the session knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from gradcalc.language.functions import CONSTANTS, RESERVED
from gradcalc.language.grammar import Terminal, tokens
from gradcalc.language.reading import BUILT_IN
from gradcalc.language.spelled import SPELLED
from gradcalc.prompt import COMMANDS, Console
from gradcalc.session import is_result

from .remarks import Remark

_KINDS = {
    "NUMBER": "number", "SUPERSCRIPT": "number", "AND": "keyword", "OR": "keyword", "NOT": "keyword",
    "COMMENT": "comment", "": "unknown",
}  # fmt: skip
_CALLED = frozenset([*SPELLED, *BUILT_IN])

# the 16 colours of the terminal alone, and never a background: right on light and dark
_LOOKS = {
    "ansigreen": "prompt",
    "ansicyan": "number constant",
    "ansimagenta": "function",
    "bold": "keyword command strong",
    "dim": "comment unknown live ghost",
    "dim underline": "mistake",
    "dim noinherit": "auto-suggestion",
    "noreverse": "bottom-toolbar",
    "noreverse dim": "bottom-toolbar.text",
    "noinherit bold": "matching-bracket.cursor",
    "noinherit bold underline": "matching-bracket.other",
    "noinherit reverse": "completion-menu completion-menu.completion completion-menu.meta.completion "
    "scrollbar.background",
    "noinherit noreverse bold": "completion-menu.completion.current completion-menu.meta.completion.current",
    "noinherit noreverse": "scrollbar.button",
}
STYLE = Style.from_dict({name: look for look, names in _LOOKS.items() for name in names.split()})


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
        found = [*tokens(text[start:])]
        params = _params([each for each in found if each.kind != "SPACE"])
        for i, (kind, a, b, shown) in enumerate(found):
            followed = next((each.kind for each in found[i + 1 : i + 4] if each.kind != "SPACE"), "")
            if kind == "NAME":
                style = self._name(shown, followed, params, i == 0)
            else:
                style = "text" if shown == ":" and followed == "EQUAL" else _KINDS.get(kind, "text")
            yield style, start + a, start + b

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


def _params(found: list[Terminal]) -> set[str]:
    """The parameters of the function that a line defines, given its tokens."""
    kinds = [each.kind for each in found]
    end = kinds.index("RPAR") if "RPAR" in kinds else 0
    if kinds[:2] != ["NAME", "LPAR"] or kinds[end + 1 : end + 2] != ["EQUAL"]:
        return set()
    return {each.text for each in found[2:end] if each.kind == "NAME"}
