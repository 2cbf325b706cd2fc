"""A drawing as a tree of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .nodes import Picture, four_digits, ten_digits


class Strokes(NamedTuple):
    """The signs that lead to a node: to one among several, past it, to the last one, and below that."""

    branch: str
    run: str
    end: str
    blank: str = "   "


LINES = Strokes("├─ ", "│  ", "└─ ")
PLAIN_LINES = Strokes("|- ", "|  ", "`- ")


def tree(picture: Picture, lines: Strokes, width: int = 0) -> str:
    """The picture as lines with the columns node, data and grad, led to by `LINES` or `PLAIN_LINES`.

    Where they do not fit a width (0: any), names without numbers reach over the columns, numbers have four digits, or
    else stand below their nodes.
    """
    table: list[str] = []
    for write, may_reach_over in ((ten_digits, False), (ten_digits, True), (four_digits, True)):
        rows = [("", "node", "data", "grad"), *_rows(picture, lines, write)]
        lined_up = [(lead + name, d, g) for lead, name, d, g in rows if d or not may_reach_over]
        wide, data, grad = (max(map(len, column)) for column in zip(*lined_up, strict=True))
        table = [f"{lead + name:<{wide}}  {d:>{data}}  {g:>{grad}}".rstrip() for lead, name, d, g in rows]
        if not width or max(map(len, table)) <= width:
            break
    else:
        for lead, name, d, g in rows:
            table += [lead + name, *([f"{' ' * len(lead)}  {d}  {g}".rstrip()] if d else [])]
        table = table[len(rows) :]
    if picture.cut:
        table += ["", picture.cut]
    return "\n".join(table) + "\n"


def _rows(picture: Picture, lines: Strokes, write: Callable[[Any], str]) -> Iterator[tuple[str, str, str, str]]:
    """For each node what leads to it, its name, its data and its grad; a node that came before has its name alone."""
    names = _names(picture)
    stack: list[tuple[int | None, str, str]] = [(0, "", "")]  # None where nodes are cut
    seen: set[int] = set()
    while stack:
        position, lead, indent = stack.pop()
        if position is None:
            yield lead, "...", "", ""
            continue
        node, (full, short) = picture.nodes[position], names[position]
        if position in seen:
            yield lead, f"{short} (above)", "", ""
            continue
        seen.add(position)
        yield lead, full, write(node.data), "" if node.grad is None else write(node.grad)
        below: list[int | None] = [*node.operands, None] if node.cut else [*node.operands]
        for i, operand in reversed(list(enumerate(below))):
            to, past = (lines.end, lines.blank) if i == len(below) - 1 else (lines.branch, lines.run)
            stack.append((operand, indent + to, indent + past))


def _names(picture: Picture) -> list[tuple[str, str]]:
    """How the tree calls each node at first, and when it comes again."""
    uses = Counter(operand for node in picture.nodes for operand in node.operands)
    numbered = 0
    names = []
    for position, node in enumerate(picture.nodes):
        full = " = ".join(part for part in (node.label, node.operation) if part) or "input"
        short = node.label or full
        if uses[position] > 1 and not node.label:
            numbered += 1
            full, short = f"{full} #{numbered}", f"#{numbered}"
        names.append((full, short))
    return names
