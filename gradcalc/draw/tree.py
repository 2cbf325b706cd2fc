"""A drawing as a tree of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .nodes import Node, Picture, ten_digits

LINES = ("├─ ", "│  ", "└─ ", "   ")
PLAIN_LINES = ("|- ", "|  ", "`- ", "   ")


def tree(picture: Picture, lines: tuple[str, str, str, str]) -> str:
    """The picture as lines with the columns node, data and grad, led to by `LINES` or `PLAIN_LINES`."""
    rows = [("node", "data", "grad")]
    names = _names(picture)
    for position, lead in _preorder(picture.nodes, lines):
        if position is None:
            rows.append((f"{lead}...", "", ""))
            continue
        node, name = picture.nodes[position], names[position]
        if name.again:
            rows.append((f"{lead}{name.short} (above)", "", ""))
            continue
        rows.append((lead + name.full, ten_digits(node.data), "" if node.grad is None else ten_digits(node.grad)))
        name.again = True
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [f"{n:<{widths[0]}}  {d:>{widths[1]}}  {g:>{widths[2]}}".rstrip() for n, d, g in rows]
    if picture.cut:
        table += ["", picture.cut]
    return "\n".join(table) + "\n"


@dataclass(slots=True)
class _Named:
    """How the tree calls a node at first and when it comes `again`."""

    full: str
    short: str
    again: bool = False


def _names(picture: Picture) -> list[_Named]:
    uses = Counter(operand for node in picture.nodes for operand in node.operands)
    numbered = 0
    names = []
    for position, node in enumerate(picture.nodes):
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
