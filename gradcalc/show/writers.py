"""Documents as text with colour and as HTML; `markdown` and `tex` have the other notations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import SupportsIndex, TextIO, overload

from gradcalc.language.errors import Diagnostic, harmless
from gradcalc.language.grammar import tokens
from gradcalc.record import replace

from .document import (
    Block,
    Cell,
    Document,
    Equations,
    Line,
    Lines,
    Piece,
    Role,
    Table,
    cell,
    is_labelled,
    line,
    text_of,
)
from .numbers import PENDING, Style

# ---- text


class Marked(str):
    """A text that knows the roles of its pieces."""

    pieces: Line

    def __new__(cls, pieces: Sequence[Piece]) -> Marked:
        self = super().__new__(cls, "".join(piece.text for piece in pieces))
        self.pieces = tuple(pieces)
        return self

    @property
    def painted(self) -> str:
        """The same text with colours for a terminal."""
        return "".join(map(_painted, self.pieces))

    def __add__(self, text: str) -> Marked:
        return Marked((*self.pieces, *(text.pieces if isinstance(text, Marked) else line(text))))

    def part(self, start: int, end: int) -> Marked:
        """The characters from `start` to before `end`."""
        found = []
        for piece in self.pieces:
            if text := piece.text[max(0, start) : max(0, end)]:
                found.append(Piece(text, piece.role))
            start, end = start - len(piece.text), end - len(piece.text)
        return Marked(found)

    def removeprefix(self, prefix: str, /) -> Marked:
        return self.part(len(prefix), len(self)) if self.startswith(prefix) else self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[Marked], tuple[Line]]:
        return Marked, (tuple(Piece(piece.text, piece.role) for piece in self.pieces),)


def _painted(piece: Piece) -> str:
    text = harmless(piece.text.replace(PENDING, "..."))
    if piece.role is Role.FORMULA:
        return _paint_formula(text)
    return _in_colour(text, _COLOURS[piece.role]) if piece.role in _COLOURS else text


def _in_colour(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _paint_formula(text: str) -> str:
    """A formula with the colours it has while it is typed."""
    found, done = "", 0
    for kind, start, end, shown in tokens(text):
        called = kind == "NAME" and text[end : end + 1] == "("
        if called or kind in ("NUMBER", "SUPERSCRIPT"):
            found += text[done:start] + _in_colour(shown, _FUNCTION if called else _NUMBER)
            done = end
    return found + text[done:]


_FUNCTION, _NUMBER = "35", "36"


class Painted(str):
    """A text with its colours in it, as a plot of text has."""

    __slots__ = ()


def painted(picture: str, width: int) -> Painted:
    """A picture made of text, in its colours if it has some; what stands over it is folded to the width."""
    return Painted("\n".join(each if "\x1b" in each else folded(each, width) for each in picture.split("\n")))


def draws(out: TextIO) -> bool:
    """Whether the encoding of a stream knows the lines and dots that pictures of text are drawn with."""
    try:
        "\u2500\u28c0\u2581".encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def on_screen(text: str, color: bool) -> str:
    """A text as a terminal is given it: in colour if it has any and is to, and steering nothing."""
    if isinstance(text, Painted):
        return text
    return text.painted if color and isinstance(text, Marked) else harmless(text.replace(PENDING, "..."))


_COLOURS = {
    Role.TITLE: "1", Role.HEADING: "2", Role.BAD: "1;31", Role.GOOD: "32", Role.UNSURE: "33", Role.HINT: "36",
}  # fmt: skip


def text(document: Document, style: Style | None = None) -> Marked:
    """Lines that fit into the width of the style, if it has one."""
    style = Style() if style is None else style
    pieces: list[Piece] = []
    for block in document.blocks:
        lines = [Piece("\n")] if pieces and not document.tight else []
        for each in _lines(block, style):
            lines += [*each, Piece("\n")]
        pieces += lines
    return Marked(pieces)


def _lines(block: Block, style: Style) -> list[Line]:
    if isinstance(block, Table):
        return _columns(block, style)
    if isinstance(block, Equations):
        return [*_beside(block, style.width)]
    width = max(style.width, 20) if style.width else 0
    words = [folded(Marked(each), width if block.prose or is_labelled(each) else 0) for each in block.lines]
    return [part for each in words for part in _split(each.pieces)]


def _columns(table: Table, style: Style) -> list[Line]:
    rows = [tuple(line(title) for title in table.titles)] if table.titles else []
    for row in table.rows:  # with cells of one line each
        rows += [tuple(each[i] if i < len(each) else () for each in row) for i in range(max(map(len, row)))]
    if style.ascii:  # before they are lined up
        rows = [
            tuple(tuple(replace(piece, text=in_ascii(piece.text)) for piece in each) for each in row) for row in rows
        ]
    lines = _lined_up(rows, table)
    if table.indent:
        lines = [line(" " * table.indent, *each) for each in lines]
    if not style.width or all(len(text_of(each)) <= style.width for each in lines):
        return lines
    if table.narrow is not None:
        return _lines(replace(table.narrow, narrow=None), style)
    if table.wraps:
        return [*_wrapped(rows, table, style.width)]
    if not table.folds:
        return lines
    heads = _lined_up([row[:-1] for row in rows], table)
    below = [[line("    ", *row[-1])] if text_of(row[-1]) else [] for row in rows]
    return [part for head, more in zip(heads, below, strict=True) for part in (head, *more)]


def _wrapped(rows: Sequence[tuple[Line, ...]], table: Table, width: int) -> Iterator[Line]:
    """The rows in their columns as far as they fit, and each cell that does not on a line of its own at the right."""
    heads = [_lined_up([row[:count] for row in rows], table) for count in range(1, max(map(len, rows)) + 1)]
    for i, row in enumerate(rows):
        fitting = sum(len(text_of(head[i])) <= width for head in heads) or 1
        yield heads[fitting - 1][i]
        for words in filter(None, row[fitting:]):
            yield line(" " * (width - len(text_of(words))), *words)


def in_ascii(text: str) -> str:
    """The text with escapes that our own language reads: `\\u03b1`."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _lined_up(rows: Sequence[Sequence[Line]], table: Table) -> list[Line]:
    texts = [[*map(text_of, row)] for row in rows]
    right = table.right
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    widths = [max(width, table.least) if i in right else width for i, width in enumerate(widths)]
    lines = []
    for row, words in zip(rows, texts, strict=True):
        pieces: list[Piece] = []
        gap = 0  # spaces that stand before the next text
        for i, (each, word, width) in enumerate(zip(row, words, widths, strict=True)):
            room = width - len(word)
            gap += room if i in right else 0
            if word:
                pieces += [*line(" " * gap), *each] if gap else each
                gap = 0
            gap += 2 + (room if i not in right else 0)
        lines.append(tuple(pieces))
    if table.heading:
        lines[0] = line(Piece(text_of(lines[0]), table.heading))
    return lines


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Rows of cells as lines, two spaces between columns, those at `right` right-aligned."""
    return [text_of(each) for each in _lined_up([[*map(line, row)] for row in rows], Table((), (), frozenset(right)))]


_SHORT = 60  # characters of a formula beside which all reasons are lined up


def _beside(equations: Equations, width: int) -> Iterator[Line]:
    """Each formula with its reason beside it, or below where both are wider than that; a formula is not broken."""
    lengths = [len(formula.text) for formula, _ in equations.rows]
    first = max((length for length in lengths if length + 4 <= _SHORT), default=0)
    yield line(equations.title)
    for length, (formula, reason) in zip(lengths, equations.rows, strict=True):
        whole = line("  = ", formula, " " * max(first - length, 0) + "   ", reason)
        if not width or len(text_of(whole)) <= width:
            yield whole
        else:
            yield line("  = ", formula)
            yield from _split(folded(Marked(line("    ", reason)), width).pieces)


# ---- breaking lines


@overload
def folded(text: Marked, width: int) -> Marked: ...
@overload
def folded(text: str, width: int) -> str: ...
def folded(text: str, width: int) -> str:
    """Lines broken where they have two spaces or more, or else between words, so that they fit a width (0: any).

    The beginning of a text is folded as the whole is.
    """
    if not width or max(map(len, text.split("\n"))) <= width:
        return text
    if not isinstance(text, Marked):
        return "\n".join(_folds(each, width) for each in text.split("\n"))
    pieces: list[Piece] = []
    for i, each in enumerate(_split(text.pieces)):
        pieces += [*([Piece("\n")] if i else []), *_broken(each, _folds(text_of(each), width))]
    return Marked(pieces)


def _folds(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    indent = len(text) - len(text.lstrip(" "))
    kept = indent <= width // 8  # else it is the empty cells of a table
    lines, inner = [""], " " * (2 + indent * kept)
    for wide, piece in re.findall(r"( {2,}|^)(.*?)(?= {2}|$)", text):
        fits = not lines[-1] or len(lines[-1]) + len(wide) + len(piece) <= width
        wide = wide if lines[-1] or kept or len(wide) + len(piece) <= width else wide[:2]
        lines = [*lines[:-1], lines[-1] + wide + piece] if fits else [*lines, f"{inner}{piece}"]
        while len(lines[-1]) > width and (cut := _end_of_words(lines[-1], width)) > 0:
            lines[-1:] = [lines[-1][:cut], f"{inner}{lines[-1][cut:].lstrip()}"]
    return "\n".join(lines)


def _end_of_words(text: str, width: int) -> int:
    """Where the words end that fit a width, or the first one, which is longer."""
    begin = len(text) - len(text.lstrip()) + 1
    fits = text.rfind(" ", begin, width + 1)
    return fits if fits > 0 else text.find(" ", max(begin, width))


def _split(pieces: Line) -> Iterator[Line]:
    """Pieces with ends of lines among them, line by line."""
    current: list[Piece] = []
    for piece in pieces:
        first, *rest = piece.text.split("\n")
        current += [Piece(first, piece.role)] if first else []
        for part in rest:
            yield tuple(current)
            current = [Piece(part, piece.role)] if part else []
    yield tuple(current)


def _broken(each: Line, text: str) -> list[Piece]:
    """The pieces of a line in the same line broken, from which it differs by nothing but spaces."""
    roles = iter([piece.role for piece in each for c in piece.text if not c.isspace()])
    found: list[Piece] = []
    for part in re.findall(r"\s+|\S+", text):
        if part.isspace():
            found.append(Piece(part))
            continue
        for role in (next(roles) for _ in part):
            word = part[:1]
            part = part[1:]
            if found and found[-1].role == role and not found[-1].text.isspace():
                found[-1] = Piece(found[-1].text + word, role)
            else:
                found.append(Piece(word, role))
    return found


# ---- errors and notes


def diagnostic(about: Diagnostic, where: str = "", width: int = 0) -> Marked:
    """An error as it is shown: `error: ` and the message, the line, the caret indented, notes and help.

    `where` stands between the two, as in `error in line 3: ...`; `width` is that of the screen, if there is one.
    """
    message, *rest = about.shown(min(width - 8, 100) if width else 100).split("\n")
    advice = len(about.notes) + bool(about.help)
    excerpt, advices = rest[: len(rest) - advice], rest[len(rest) - advice :]
    pieces = Marked((Piece(f"error{where}", Role.BAD), *line(f": {message}")))
    pieces = folded(pieces, width) + "\n"
    for i, each in enumerate(excerpt):
        pieces += Marked((Piece(f"  {each}", Role.HINT if i == len(excerpt) - 1 else Role.PLAIN), *line("\n")))
    for each in advices:
        label, _, said = each.partition(": ")
        pieces += note(said, label, width)
    return pieces


def note(text: str, label: str = "note", width: int = 0) -> Marked:
    """`note: ...` in a line, or several of a width."""
    return folded(Marked((Piece(label, Role.HINT), *line(f": {text}"))), width) + "\n"


def tabled(equations: Equations) -> Table:
    """Equations as a table, for notations that have no other way to set reasons beside them."""
    rows: list[tuple[Cell, ...]] = [(cell(equations.title), ())]
    rows += [(cell("= ", formula), cell(reason)) for formula, reason in equations.rows]
    return Table(("Derivative", "Rule"), tuple(rows), code=True)


# ---- HTML without colours of its own, but for verdicts, whose colours are readable on white paper and in the dark


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)


_STYLES = {
    role: f"color: {colour}; font-weight: bold"
    for role, colour in ((Role.GOOD, "#1f8f4a"), (Role.BAD, "#dc4437"), (Role.UNSURE, "#a8741a"))
}


def html(document: Document) -> str:
    """Tables, paragraphs, and lines as they are; suits light pages and dark ones."""
    return "".join(_html(block) for block in document.blocks)


def _html(block: Block) -> str:
    if isinstance(block, Lines):
        lines = ["".join(map(_span, each)) for each in block.lines]
        return "".join(f"<p>{each}</p>\n" for each in lines) if block.prose else "<pre>" + "\n".join(lines) + "</pre>\n"
    table = block if isinstance(block, Table) else tabled(block)
    sides = [
        "" if table.code else f"text-align: {'right' if i in table.right else 'left'}" for i in range(len(table.titles))
    ]
    head = "".join(
        f"<th{_attribute(side)}>{_escaped(title)}</th>" for side, title in zip(sides, table.titles, strict=True)
    )
    rows = ["".join(_td(each, table.code, side) for side, each in zip(sides, row, strict=True)) for row in table.rows]
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _span(piece: Piece) -> str:
    style = _STYLES.get(piece.role)
    return f'<span style="{style}">{_escaped(piece.text)}</span>' if style else _escaped(piece.text)


def _td(words: Cell, code: bool, side: str) -> str:
    if code:
        return f"<td>{'<br>'.join(f'<code>{_escaped(text_of(each))}</code>' for each in words if each)}</td>"
    styles = filter(None, (side, _STYLES.get(words[0][0].role, "") if words and words[0] else ""))
    return f"<td{_attribute('; '.join(styles))}>{'<br>'.join(_escaped(text_of(each)) for each in words)}</td>"


def _attribute(style: str) -> str:
    return f' style="{style}"' if style else ""
