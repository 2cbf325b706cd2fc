"""A line while it is typed: what it would be if its parentheses were closed and nothing hung at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gradcalc.language.errors import FormulaError
from gradcalc.language.grammar import Terminal, tokens, words
from gradcalc.record import dataclass
from gradcalc.session import open_in

T = TypeVar("T")

_MOST = 12  # pieces that may hang at the end
_JOINING = ("AND", "OR", "NOT")
_NOTHING = Terminal("", 0, 0, "")


def pieces(text: str) -> list[Terminal]:
    """The tokens of a text that are no space, no comment and no end of a line."""
    return [each for each in words(text) if each.text.strip()]


@dataclass(frozen=True, slots=True)
class OpenCall:
    """The function whose parentheses the text ends in, its place, the argument being written, from 0, and its text."""

    name: str
    start: int
    position: int
    argument: str


def open_call(text: str) -> OpenCall | None:
    """The innermost call that the end of a text stands in."""
    found = pieces(text)
    depth = position = 0
    start = len(text)
    for i in range(len(found) - 1, -1, -1):
        piece = found[i]
        if piece.text == ")":
            depth += 1
        elif piece.text == "," and depth == 0:
            position += 1
            start = piece.end if position == 1 else start  # behind the last comma
        elif piece.text == "(" and depth:
            depth -= 1
        elif piece.text == "(":
            begins = piece.end if position == 0 else start
            if i and found[i - 1].kind == "NAME":
                return OpenCall(found[i - 1].text, found[i - 1].start, position, text[begins:].strip())
            depth = position = 0  # parentheses that only group: what stands outside of them
    return None


def word_at_end(text: str) -> str:
    """The name that is being written."""
    *_, last = _NOTHING, *tokens(text)
    return last.text if last.kind in ("NAME", *_JOINING) else ""


def finished(text: str, read: Callable[[str], T]) -> tuple[T, bool]:
    """The result of `read` for a text, or for as much of it as there is: parentheses are closed, and what waits for
    something on its right is left out. The second tells whether anything was closed or left out.

    Raises:
        FormulaError: the text is wrong, however it goes on.
    """
    wrong: FormulaError | None = None
    kept = text
    for _ in range(_MOST):
        whole = kept + ")" * open_in(kept)
        try:
            return read(whole), whole.rstrip() != text.rstrip()
        except FormulaError as error:
            wrong = error  # without what hangs at the end
        shorter = _without_last(kept)
        if shorter is None:
            break
        kept = shorter
    raise wrong or FormulaError("there is nothing to read")


def _without_last(text: str) -> str | None:
    """The text without the last piece, if that is one that something may follow; None where it is not."""
    found = pieces(text)
    if not found:
        return None
    *_, before, last = _NOTHING, *found
    binds = before.text == "at" or (before.text == "," and any(piece.text == "at" for piece in found))
    if last.kind == "NAME":
        behind_formula = before.end < last.start and (before.text[-1:].isalnum() or before.text[-1:] in ("_", ")"))
        waits = binds or ("at".startswith(last.text) and behind_formula)
    else:
        waits = last.text != ")" and not last.text[0].isdigit()
    if not waits:
        return None
    cut = text[: last.start].rstrip()
    # a call without arguments goes with its name
    return cut.removesuffix(word_at_end(cut)) if last.text == "(" else cut
