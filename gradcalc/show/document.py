"""A result as it is told, in no notation yet: lines, a table, equations. `writers` writes it in one.

The smallest part is a `Piece`: a text and its role, from which colour follows, and, where it is mathematics, how LaTeX
has it. Nothing is found out from a text that is finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from gradcalc.record import dataclass
from gradcalc.verdict import Verdict


class Role(StrEnum):
    """The purpose of a piece of text. The values of the three tones are those of `Verdict.tone`."""

    PLAIN = ""
    TITLE = "title"
    HEADING = "heading"  # of a table
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    FORMULA = "formula"  # in our notation: its functions and numbers are told apart
    HINT = "hint"  # the word before a note or a piece of advice, and the mark under a mistake


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in one role. `tex` is the same in LaTeX's mathematics mode, or gives it; None where it is prose."""

    text: str
    role: Role = Role.PLAIN
    tex: str | Callable[[], str] | None = None


Line = tuple[Piece, ...]
Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines under each other; of `prose` each is a paragraph, which may be broken between words."""

    lines: tuple[Line, ...]
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Titles and rows of cells. `right` are the columns set to the right; `code` tells that the cells are formulas.

    Where the text is too wide, `narrow` takes its place; without one, and if the last column `folds`, that goes below
    its row, or if it `wraps`, what does not fit of a row below that, at the right. `indent` are spaces before the first
    column of a text, `least` the room of the columns set to the right.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    heading: Role = Role.PLAIN
    code: bool = False
    folds: bool = False
    wraps: bool = False
    narrow: Table | None = None
    indent: int = 0
    least: int = 0


@dataclass(frozen=True, slots=True)
class Equations:
    """A title that equals one formula after the other, each with its reason."""

    title: Piece
    rows: tuple[tuple[Piece, Piece], ...]


Block = Lines | Table | Equations


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks under each other, with an empty line between two, unless it is `tight`."""

    blocks: tuple[Block, ...]
    tight: bool = False


# ---- making them


def line(*parts: str | Piece) -> Line:
    """A line of pieces; a bare text is one without a role."""
    return tuple(Piece(part) if isinstance(part, str) else part for part in parts)


def cell(*parts: str | Piece) -> Cell:
    """A cell of one line."""
    return (line(*parts),)


def row(*parts: str | Piece) -> tuple[Cell, ...]:
    """The cells of a row, each of one line."""
    return tuple(map(cell, parts))


def prose(texts: Iterable[str | Line]) -> tuple[Lines, ...]:
    """A block of paragraphs, or nothing where there are none."""
    lines = tuple(line(text) if isinstance(text, str) else text for text in texts)
    return (Lines(lines, prose=True),) if lines else ()


def labelled(label: str, text: str, role: Role) -> Line:
    """`label: text`, the label in its role; without a label the text alone."""
    return line(Piece(label, role), f": {text}") if label else line(text)


def is_labelled(line: Line) -> bool:
    """Whether it is what `labelled` makes with a label: words, and no formula alone."""
    return len(line) > 1 and line[0].role is not Role.PLAIN and line[1].text.startswith(": ")


def hint(text: str) -> Line:
    """A line of advice."""
    return labelled("hint", text, Role.HINT)


def joined(parts: Iterable[Line], between: Piece) -> Line:
    """The parts in one line."""
    found: list[Piece] = []
    for part in parts:
        found += [*([between] if found else []), *part]
    return tuple(found)


def text_of(line: Line) -> str:
    """The line without roles."""
    return "".join(piece.text for piece in line)


def tone(verdict: str) -> Role:
    """The role of a word for a verdict: one of `Verdict`, or one for two engines; for another word, unsure."""
    return _TONES.get(verdict, Role.UNSURE)


_TONES = {word: Role(verdict.tone) for verdict in Verdict for word in (verdict.of_engines, verdict.value)}
