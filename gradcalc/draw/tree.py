"""A drawing as a tree of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .nodes import Node, ten_digits

if TYPE_CHECKING:
    from .drawing import Drawing

LINES = ("├─ ", "│  ", "└─ ", "   ")
PLAIN_LINES = ("|- ", "|  ", "`- ", "   ")


def tree(drawing: Drawing, lines: tuple[str, str, str, str]) -> str:
    rows = [("node", "data", "grad")]
    names = _names(drawing)
    for position, lead in _preorder(drawing.nodes, lines):
        if position is None:
            rows.append((f"{lead}...", "", ""))
            continue
        node, name = drawing.nodes[position], names[position]
        if name.again:
            rows.append((f"{lead}{name.short} (above)", "", ""))
            continue
        rows.append((lead + name.full, ten_digits(node.data), "" if node.grad is None else ten_digits(node.grad)))
        name.again = True
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [f"{n:<{widths[0]}}  {d:>{widths[1]}}  {g:>{widths[2]}}".rstrip() for n, d, g in rows]
    if drawing.total > len(drawing.nodes):
        table += ["", f"cut: {drawing.summary}, those nearest to the result"]
    return "\n".join(table) + "\n"


@dataclass(slots=True)
class _Named:
    """How the tree calls a node at first and when it comes `again`."""

    full: str
    short: str
    again: bool = False


def _names(drawing: Drawing) -> list[_Named]:
    uses = Counter(operand for node in drawing.nodes for operand in node.operands)
    numbered = 0
    names = []
    for position, node in enumerate(drawing.nodes):
        full = " = ".join(part for part in (node.label, node.operation) if part) or "input"
        short = node.label or full
        if uses[position] > 1 and not node.label:
            numbered += 1
            full, short = f"{full} #{numbered}", f"#{numbered}"
        names.append(_Named(full, short))
    return names


def _preorder(nodes: Sequence[Node], lines: tuple[str, str, str, str]) -> Iterator[tuple[int | None, str]]:
    """Positions with the lines that lead to them; below a node that came before, nothing; None where nodes are cut."""
    branch, run, end, blank = lines
    stack: list[tuple[int | None, str, str]] = [(0, "", "")]
    seen: set[int] = set()
    while stack:
        position, lead, indent = stack.pop()
        yield position, lead
        if position is None or position in seen:
            continue
        seen.add(position)
        node = nodes[position]
        below: list[int | None] = [*node.operands, None] if node.cut else [*node.operands]
        for i, operand in reversed(list(enumerate(below))):
            last = i == len(below) - 1
            stack.append((operand, indent + (end if last else branch), indent + (blank if last else run)))
