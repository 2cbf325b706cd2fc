"""How formulas, graphs and results show themselves in a notebook: LaTeX, SVG and HTML.

The display methods are attached here and not written in their classes, because what they need stands above those: the
symbolic side above formulas, pictures above Values, numbers as text above results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .certified import Certified
from .check import Agreement, AgreementRow
from .errors import SymbolicError
from .formula import Formula, expression
from .numeric import Graph
from .value import Value

READABLE = 50  # nodes; a larger Value is shown as text, not every loss of a network as a tangle


def _formula(formula: Formula) -> str | None:
    from .symbolic import to_latex

    try:
        return f"${to_latex(formula)}$"
    except SymbolicError:
        return None


def _value(value: Value) -> str | None:
    from .draw import draw_dot

    nodes, seen = [value], {value}
    for node in nodes:
        fresh = dict.fromkeys(arg for arg in node.arguments if arg not in seen)
        nodes += fresh
        seen.update(fresh)
        if len(nodes) > READABLE:
            return None
    return draw_dot(value)._repr_svg_() if len(nodes) > 1 else None


def _graph(graph: Graph) -> str | None:
    return _value(graph.root) if isinstance(graph.root, Value) else None


def _agreement(agreement: Agreement) -> str:
    if any(row.truth is not None for row in agreement.rows):
        rows = [[row.name, _amount(row.truth), _symbolic(row), _verdict(row)] for row in agreement.rows]
        return table(["name", "gradient", "symbolic", "verdict"], rows)
    return table(
        ["name", "derivative", "verdict"], [[row.name, _symbolic(row), _verdict(row)] for row in agreement.rows]
    )


def _amount(x: float | None) -> str:
    from .render import number

    return "" if x is None else number(x)


def _symbolic(row: AgreementRow) -> str:
    return "?" if row.symbolic is None else expression(row.symbolic)


def _verdict(row: AgreementRow) -> str:
    verdict = f"{row.verdict}, proved for all values" if row.proved else row.verdict
    return f"{verdict}: {row.reason}" if row.reason else verdict


def _certified(certified: Certified) -> str:
    from .render.numbers import Style, full

    parts = {"value": certified.value, **{f"d/d{name}": part for name, part in certified.gradient.items()}}
    return table(
        ["", "nearest double", "status"],
        [
            [name, full(part, Style()), part.status + (f": {part.message}" if part.message else "")]
            for name, part in parts.items()
        ],
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table of texts. It has no colours of its own, so that it is readable in dark notebooks too."""
    from html import escape

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f'<{tag} style="text-align: left">{escape(cell)}</{tag}>' for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table>"


_SHOWN: Mapping[type, tuple[str, Callable[[Any], str | None]]] = {
    Formula: ("_repr_latex_", _formula),
    Value: ("_repr_svg_", _value),
    Graph: ("_repr_svg_", _graph),
    Agreement: ("_repr_html_", _agreement),
    Certified: ("_repr_html_", _certified),
}

for _class, (_hook, _show) in _SHOWN.items():
    setattr(_class, _hook, _show)
