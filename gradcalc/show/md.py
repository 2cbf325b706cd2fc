"""Documents as Markdown, in which formulas stay what they are: a `*` between two names is no emphasis."""

from __future__ import annotations

import re

from .document import Block, Cell, Document, Line, Lines, Piece, Role, Table, text_of
from .writers import tabled

_SIGNS = re.compile(  # that are not shown themselves
    r"[\\*`]|<(?=[A-Za-z/!?])|(?<=\S)(?<!_)_+(?!\w)|(?<!\w)_+(?!_)(?=\S)|~{2,}|&(?=#?\w+;)|\](?=[(\[:])"
)
_BEGINS = re.compile(r"^\s*(\d*)(?=(?:[-+.)_]|#+)(?:\s|$)|>|[-=_]{2})")  # a list, a heading, a rule
_CODE = re.compile(r"(?<!`)(`[^`]+`)(?!`)")


def markdown(document: Document) -> str:
    """Tables with bars, paragraphs, and lines in a block of their own."""
    return "\n".join(_block(block) for block in document.blocks)


def words(text: str) -> str:
    """A text that is shown as it is, but for what stands between backticks, which is code."""
    return "".join(part if i % 2 else _SIGNS.sub(_escaped, part) for i, part in enumerate(_CODE.split(text)))


def _escaped(signs: re.Match[str]) -> str:
    return "".join(f"\\{sign}" for sign in signs[0])


def _block(block: Block) -> str:
    if isinstance(block, Lines) and block.prose:
        return "\n".join(_BEGINS.sub(r"\1\\", _line(each)).lstrip() + "\n" for each in block.lines)
    if isinstance(block, Lines):
        return "".join(f"{each}\n" for each in ("```", *map(text_of, block.lines), "```"))
    table = block if isinstance(block, Table) else tabled(block)
    rows = [
        [words(title) for title in table.titles],
        ["---:" if i in table.right else "---" for i in range(len(table.titles))],
        *([_cell(each, table.code) for each in row] for row in table.rows),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(lines: Cell, code: bool) -> str:
    shown = (_code(text_of(each)) if code else _line(each) for each in lines)
    return "<br>".join(shown).replace("|", "\\|").replace("\n", "<br>")


def _line(line: Line) -> str:
    return "".join(map(_piece, line))


def _piece(piece: Piece) -> str:
    return _code(piece.text) if piece.role is Role.FORMULA else words(piece.text)


def _code(text: str) -> str:
    return f"`{text}`" if text.strip() and "`" not in text else words(text)
