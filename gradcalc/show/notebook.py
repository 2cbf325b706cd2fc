"""How formulas, graphs and results show themselves in a notebook, as LaTeX, SVG, PNG and HTML, and what `print` says of
them.

The methods are attached here and not written in their classes, because what they need stands above those: the
symbolic side above formulas, pictures above Values, numbers as text above results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from gradcalc.certified import Certified
from gradcalc.engine.lowering import Graph
from gradcalc.engine.value import Value
from gradcalc.judge.agreement import Agreement, AgreementRow
from gradcalc.judge.claims.court import Check
from gradcalc.language.errors import FormulaError, SymbolicError
from gradcalc.language.formula import Formula, expression

Show = Callable[[Any], str | bytes | None]

READABLE = 50  # nodes; a larger Value is shown as text, not every loss of a network as a tangle


def _formula(formula: Formula) -> str | None:
    from gradcalc.symbolic import to_latex

    try:
        return f"${to_latex(formula)}$"
    except SymbolicError:
        return None


def _value(value: Value) -> str | None:
    from gradcalc.draw import draw_dot

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
    return table(*_agreement_table(agreement), verdicts=True)


def _agreement_text(agreement: Agreement) -> str:
    from gradcalc.show import columns

    head, rows = _agreement_table(agreement)
    return "\n".join(columns([head, *rows])) if rows else agreement.verdict


def _agreement_table(agreement: Agreement) -> tuple[list[str], list[list[str]]]:
    if any(row.truth is not None for row in agreement.rows):
        rows = [[row.name, _amount(row.truth), _symbolic(row), _verdict(row)] for row in agreement.rows]
        return ["name", "gradient", "symbolic", "verdict"], rows
    rows = [[row.name, _symbolic(row), _verdict(row)] for row in agreement.rows]
    return ["name", "derivative", "verdict"], rows


def _amount(x: float | None) -> str:
    from gradcalc.show import number

    return "" if x is None else number(x)


def _symbolic(row: AgreementRow) -> str:
    return "?" if row.symbolic is None else expression(row.symbolic)


def _verdict(row: AgreementRow) -> str:
    verdict = f"{row.verdict}, proved for all values" if row.proved else row.verdict
    return f"{verdict}: {row.reason}" if row.reason else verdict


def _certified(certified: Certified) -> str:
    from .numbers import Style, full

    parts = {"value": certified.value, **{f"d/d{name}": part for name, part in certified.gradient.items()}}
    rows = [
        [name, full(part, Style()), part.status + (f": {part.message}" if part.message else "")]
        for name, part in parts.items()
    ]
    return table(["", "nearest double", "status"], rows, verdicts=True)


def _written(module: str, name: str) -> Callable[[Any], str]:
    """A function of a module of `render` in its default style, imported when it is used."""

    def write(result: Any) -> str:
        from gradcalc.show import Style

        return str(getattr(import_module(f".{module}", __package__), name)(result, Style())).rstrip("\n")

    return write


_check_text = _written("verdicts", "check_text")


def _check(check: Check) -> str:
    return _report(_check_text(check))


def _reported(name: str) -> tuple[Show, Show]:
    """A function of `gradient_checks`, imported when it is used, as text and in HTML."""

    def text(result: Any) -> str:
        return "\n".join(getattr(import_module(".gradient_checks", __package__), name)(result))

    return text, lambda result: _report(text(result))


def _plot(drawn: Any) -> bytes | None:
    from gradcalc.plot import picture

    try:
        return picture(drawn)
    except FormulaError:
        return None


# ---- HTML without colours of its own, but for verdicts, whose colours are readable on white paper and in the dark

_GOOD, _BAD, _DOUBT = "#1f8f4a", "#dc4437", "#a8741a"
_TONES = {"agree": _GOOD, "correct": _GOOD, "certified": _GOOD, "zero": _GOOD, "holds": _GOOD,
          "wrong": _BAD, "disagree": _BAD, "does not hold": _BAD}  # fmt: skip


def _tone(verdict: str) -> str:
    """`color: ...` for a text that begins with its verdict."""
    colour = next((colour for word, colour in _TONES.items() if verdict.lower().startswith(word)), _DOUBT)
    return f"color: {colour}; font-weight: bold"


def _report(text: str) -> str:
    """Lines as they are, the verdict at their beginning in its colour."""
    from html import escape

    verdict, colon, rest = text.partition(":")
    return f'<pre><span style="{_tone(verdict)}">{escape(verdict)}</span>{escape(colon + rest)}</pre>'


def table(head: Sequence[str], rows: Sequence[Sequence[str]], verdicts: bool = False) -> str:
    """An HTML table of texts; with `verdicts`, each row ends with one."""
    from html import escape

    def cell(text: str, tag: str, style: str = "") -> str:
        return f'<{tag} style="text-align: left{style}">{escape(text)}</{tag}>'

    def line(row: Sequence[str]) -> str:
        *texts, last = row
        style = f"; {_tone(last)}" if verdicts else ""
        return f"<tr>{''.join(cell(text, 'td') for text in texts)}{cell(last, 'td', style)}</tr>"

    titles = "".join(cell(title, "th") for title in head)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(map(line, rows))}</tbody></table>"


# ---- the methods, by the class's own name: what is shown has been imported

_REPORTS: Mapping[str, tuple[Show, Show]] = {
    "Agreement": (_agreement_text, _agreement),
    "Check": (_check_text, _check),
    "Explanation": (_written("explained", "explain_text"), _written("explained", "explain_html")),
    "Derivation": (_written("explained", "steps_text"), _written("explained", "steps_html")),
    "GradientCheck": _reported("gradient_check_lines"),
    "FunctionCheck": _reported("function_check_lines"),
    "Verification": _reported("verification_lines"),
    "Table": (_written("sampled", "values_text"), _written("sampled", "values_html")),
}
_SHOWN: Mapping[tuple[str, str], Show] = {
    ("Formula", "_repr_latex_"): _formula,
    ("Value", "_repr_svg_"): _value,
    ("Graph", "_repr_svg_"): _graph,
    ("Certified", "_repr_html_"): _certified,
    ("Curve", "_repr_png_"): _plot,
    ("Field", "_repr_png_"): _plot,
    **{(name, "__str__"): text for name, (text, _) in _REPORTS.items()},
    **{(name, "__repr__"): text for name, (text, _) in _REPORTS.items()},
    **{(name, "_repr_html_"): markup for name, (_, markup) in _REPORTS.items()},
}


def shown(found: object, hook: str) -> str | bytes | None:
    """The text, picture or markup of an object for one of the methods that print and notebooks look for."""
    cls = next(cls for cls in type(found).__mro__ if (cls.__name__, hook) in _SHOWN)
    return _SHOWN[cls.__name__, hook](found)
