"""Errors and notes as they are shown."""

from __future__ import annotations

from gradcalc.language.errors import Diagnostic

from .document import Piece, Role, line
from .writers import Marked, folded


def diagnostic(about: Diagnostic, where: str = "", width: int = 0, fold: bool = False) -> Marked:
    """An error as it is shown: `error: ` and the message, the line, the caret indented, notes and help.

    `where` stands between the two, as in `error in line 3: ...`; `width` is that of the screen, if there is one;
    `fold` tells to break sentences that are longer.
    """
    message, *rest = about.shown(min(width - 8, 100) if width else 100).split("\n")
    advice = len(about.notes) + bool(about.help)
    excerpt, advices = rest[: len(rest) - advice], rest[len(rest) - advice :]
    pieces = Marked((Piece(f"error{where}", Role.BAD), *line(f": {message}")))
    pieces = folded(pieces, width if fold else 0) + "\n"
    for i, each in enumerate(excerpt):
        pieces += Marked((Piece(f"  {each}", Role.HINT if i == len(excerpt) - 1 else Role.PLAIN), *line("\n")))
    for each in advices:
        label, _, said = each.partition(": ")
        pieces += note(said, label, width if fold else 0)
    return pieces


def note(text: str, label: str = "note", width: int = 0) -> Marked:
    """`note: ...` in a line, or several of a width."""
    return folded(Marked((Piece(label, Role.HINT), *line(f": {text}"))), width) + "\n"
