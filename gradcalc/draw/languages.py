"""A drawing in the languages of Graphviz and of Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from gradcalc.engine.scalars import FLOAT
from gradcalc.language.functions import TABLE

from .nodes import Node, Picture, four_digits, four_places, ten_digits

# On white paper and in a dark notebook: nothing behind the graph, light nodes with dark text, edges in between.
# nslimit: a node with many uses would otherwise take the layout minutes.
_STYLE = """\
  graph [rankdir={rankdir} nslimit=2 bgcolor=transparent fontname="Helvetica,Arial,sans-serif" fontcolor="#808080"]
  node [fontname="Helvetica,Arial,sans-serif" fontsize=12 style=filled color="#555555" fontcolor="#111111"]
  edge [fontname="Helvetica,Arial,sans-serif" fontsize=11 color="#808080" fontcolor="#808080"]
"""
_RESULT, _INPUT, _CONSTANT, _OPERATION = "#ffffff", "#dcebfa", "#ececec", "#fdf0cf"


def _cells(node: Node) -> list[str]:
    """The texts in a node's box."""
    if node.grad is None:
        plain = node.label == ten_digits(node.data)
        return [node.label] if plain else [node.label, f"data {four_places(node.data)}"]
    cells = [f"data {four_places(node.data)}", f"grad {four_places(node.grad)}"]
    return [node.label, *cells] if node.label else cells


def _fill(node: Node) -> str:
    return _RESULT if node.operation else _CONSTANT if node.grad is None else _INPUT


def _edges(picture: Picture) -> Iterator[tuple[int, int, str]]:
    """From an operand to the node that uses it, with the local derivative if it is wanted and known."""
    for position, node in enumerate(picture.nodes):
        for operand, partial in zip(node.operands, node.partials, strict=True):
            text = "" if partial is None or not picture.partials else four_digits(partial)
            yield operand, position, text


def dot(picture: Picture) -> str:
    """The picture in Graphviz's language."""
    lines = ["digraph {", _STYLE.format(rankdir=picture.rankdir).rstrip()]
    if picture.cut:
        lines.append(f'  label="{picture.cut}"')
    for i, node in enumerate(picture.nodes):
        record = " | ".join(map(_record_text, _cells(node)))
        lines.append(f'  n{i} [shape=record margin="0.14,0.06" fillcolor="{_fill(node)}" label="{{ {record} }}"]')
        if node.operation or node.operands or node.cut:
            circle = f'shape=circle width=0.4 margin=0.03 fillcolor="{_OPERATION}"'
            operation = node.operation.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
            order = " ordering=in" if _order_matters(node.operation) else ""
            lines.append(f'  o{i} [{circle}{order} label="{operation}"]')
            lines.append(f"  o{i} -> n{i}")
        if node.cut:
            lines += [f'  c{i} [shape=plaintext width=0.3 style="" fontcolor="#808080" label="..."]', f"  c{i} -> o{i}"]
    for operand, position, partial in _edges(picture):
        label = f' [label=" {partial} "]' if partial else ""
        lines.append(f"  n{operand} -> o{position}{label}")
    return "\n".join([*lines, "}"]) + "\n"


@cache
def _order_matters(operation: str) -> bool:
    """Whether exchanging two operands changes the value; only then are they kept in order, which costs crossings."""
    row = TABLE.get(operation)
    if row is None or len(row.params) != 2:
        return True
    try:
        return bool(FLOAT.function(row)(2.0, 3.0) != FLOAT.function(row)(3.0, 2.0))
    except (ArithmeticError, ValueError):
        return True


def _record_text(text: str) -> str:
    """Text that is no syntax of a record's label."""
    return re.sub(r'([\\{}|<>"])', r"\\\1", text.replace("&", "&amp;"))


def mermaid(picture: Picture) -> str:
    """The picture in Mermaid's language."""
    lines = [f"flowchart {picture.rankdir}"]
    for i, node in enumerate(picture.nodes):
        lines.append(f'  n{i}["{"<br/>".join(map(_entities, _cells(node)))}"]')
        if node.operation or node.operands or node.cut:
            lines += [f'  o{i}(("{_entities(node.operation)}"))', f"  o{i} --> n{i}"]
        if node.cut:
            lines += [f'  c{i}["..."]', f"  c{i} --> o{i}"]
    for operand, position, partial in _edges(picture):
        lines.append(f"  n{operand} -->{f'|{_entities(partial)}|' if partial else ''} o{position}")
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    """Everything but words as entity codes: Mermaid reads `*` and `-` in labels as Markdown."""
    return "".join(c if c.isalnum() or c in " ._" else f"#{ord(c)};" for c in text)
