"""How formulas, graphs and results show themselves in a notebook, as LaTeX, SVG, PNG and HTML, and what `print` says of
them.

The methods are not written in their classes, because what they need stands above those: the symbolic side above
formulas, pictures above Values, documents above results. `gradcalc.shown` gives the classes methods that ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradcalc.certified import Certified
from gradcalc.engine.value import Value
from gradcalc.explain import Explanation
from gradcalc.judge.result import Result
from gradcalc.language.errors import FormulaError, SymbolicError
from gradcalc.language.formula import Formula
from gradcalc.language.latex import to_latex

from .document import Document, Piece, Role, Table, row
from .explained import derivation, explanation, explanation_at_length, values
from .fitted import fitted
from .gradient_checks import failure, function_check, gradient_check
from .measured import propagated
from .numbers import Style, full
from .verdicts import agreement, claims, failed_claim, verification
from .writers import html, text

READABLE = 50  # nodes; a larger Value is shown as text, not every loss of a network as a tangle


def _formula(formula: Formula) -> str | None:
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


def _plot(drawn: Any) -> bytes | None:
    from gradcalc.plot import picture

    try:
        return picture(drawn)
    except FormulaError:
        return None


# ---- documents


def _certified(certified: Certified, style: Style) -> Document:
    parts = {"value": certified.value, **{f"d/d{name}": part for name, part in certified.gradient.items()}}
    rows = []
    for name, part in parts.items():
        role = Role.GOOD if part.status in ("certified", "zero") else Role.UNSURE
        status = f"{part.status}: {part.message}" if part.message else part.status
        rows.append(row(name, full(part, style), Piece(status, role)))
    return Document((Table(("", "nearest double", "status"), tuple(rows)),))


# ---- the methods, by the class's own name: what is shown has been imported

_DOCUMENTS: Mapping[str, Callable[[Any, Style], Document]] = {
    "Agreement": agreement,
    "Certified": _certified,
    "Check": lambda check, style: claims((check,), style),
    "Derivation": derivation,
    "Explanation": explanation,
    "Fit": fitted,
    "FunctionCheck": function_check,
    "GradientCheck": gradient_check,
    "Propagated": propagated,
    "RangeTable": values,
    "Verification": verification,
}
_FAILURES: Mapping[str, Callable[[Any, Style], Document]] = {
    **_DOCUMENTS,
    "Check": lambda found, _: failed_claim(found),
    "GradientCheck": lambda found, _: failure(found),
}
_ON_PAGES: Mapping[str, Callable[[Any, Style], Document]] = {**_DOCUMENTS, "Explanation": explanation_at_length}
_PICTURES: Mapping[tuple[str, str], Callable[[Any], str | bytes | None]] = {
    ("Formula", "_repr_latex_"): _formula,
    ("Value", "_repr_svg_"): _value,
    ("Graph", "_repr_svg_"): lambda graph: _value(graph.root) if isinstance(graph.root, Value) else None,
    ("Curve", "_repr_png_"): _plot,
    ("Field", "_repr_png_"): _plot,
}


def shown(found: object, hook: str) -> Document | str | bytes | None:
    """The text, picture or markup of an object for one of the methods that print and notebooks look for; and what a
    result says of itself, as a `document`, or as the text of a `failure`."""
    names = [cls.__name__ for cls in type(found).__mro__]
    if isinstance(found, Explanation) and hook == "page":
        from .lesson import page

        return page(found)
    if isinstance(found, Result) and hook in ("document", "failure"):
        documents = _DOCUMENTS if hook == "document" else _FAILURES
        made = documents[names[0]](found, Style())
        return made if hook == "document" else str(text(made)).rstrip("\n")
    for name in names:
        if name in _DOCUMENTS:
            if hook == "_repr_html_":
                return html(_ON_PAGES[name](found, Style()))
            return str(text(_DOCUMENTS[name](found, Style()))).rstrip("\n")
    return next(_PICTURES[name, hook] for name in names if (name, hook) in _PICTURES)(found)
