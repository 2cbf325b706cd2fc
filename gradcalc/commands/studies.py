"""Commands that look closer: how a gradient comes about, what a formula looks like, whether a claim holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcalc.errors import FormulaError, Span
from gradcalc.formula import free_names
from gradcalc.session import Question

from .console import Console, Texts
from .views import derivative_asked

if TYPE_CHECKING:
    from gradcalc.plot import Range

_NAME = r"[^\W\d]\w*"
_RANGE = re.compile(rf"(.*\S)\s+({_NAME}\s*=\s*[^\s:]+(?::|\.\.)\S+)")
_EQUAL = re.compile(r"(?<![<>=!])=(?!=)")
_AT = re.compile(rf"(.*\S)(\s+at\s+{_NAME}\s*=(?!=).*)", re.S)


def _asked(console: Console, text: str) -> Question:
    """A formula all of whose names have values."""
    question = console.session.question(text or "ans")
    if question.missing:
        message = f"no value for {', '.join(question.missing)}"
        raise FormulaError(message, question.formula.span, "give values, as in x^2 + y at x=2, y=3")
    return question


def explain(console: Console, argument: str) -> Texts:
    from gradcalc.explain import explain
    from gradcalc.render.explained import explain_table

    question = _asked(console, argument)
    found = explain(question.formula, question.values)
    yield explain_table(found, console.style)
    yield "".join(f"{note}\n" for note in found.notes)


def steps(console: Console, argument: str) -> Texts:
    from gradcalc.explain import steps
    from gradcalc.render.explained import steps_text

    formula, comma, name = argument.rpartition(",")
    by = name.strip() if comma and re.fullmatch(_NAME, name.strip()) else ""
    question = console.session.question(formula if by else argument or "ans")
    names = [by] if by else question.free
    for i, each in enumerate(names):
        yield "\n" if i else ""
        yield steps_text(steps(question.formula, each, seconds=question.options.seconds), console.style)


def graph(console: Console, argument: str) -> Texts:
    from gradcalc.draw import draw_formula

    question = _asked(console, argument)
    yield draw_formula(question.formula, question.values).text(console.ascii)


def table(console: Console, argument: str) -> Texts:
    from gradcalc.plot import table
    from gradcalc.render.sampled import values_text

    question, over = _over(console, argument, ":table x^2 x=0:1:0.25")
    yield values_text(table(question.formula, over, question.values), console.style)


def plot(console: Console, argument: str) -> Texts:
    from gradcalc.plot import curve, terminal

    question, over = _over(console, argument, ":plot sin(x)/x x=-10:10")
    at = {name: value for name, value in question.values.items() if name != over.name}
    yield terminal(curve(question.formula, over, at), console.width() or 80, 20, ascii=console.ascii).rstrip() + "\n"


def _over(console: Console, argument: str, example: str) -> tuple[Question, Range]:
    from gradcalc.plot import read_ranges

    found = _RANGE.fullmatch(argument)
    if found is None:
        raise FormulaError("a range is needed at the end", Span(argument, 0, len(argument)), f"as in {example}")
    (over,) = read_ranges(found[2])
    return console.session.question(found[1]), over


def check(console: Console, argument: str) -> Texts:
    from gradcalc.check import check_derivative
    from gradcalc.render.checks import check_text

    found = _AT.fullmatch(argument)
    claim, at = (found[1], found[2]) if found else (argument, "")
    left, equal, right = _EQUAL.sub("\0", claim, count=1).partition("\0")
    example = ":check diff(sin(x^2), x) = 2*x*cos(x^2)"
    if not equal:
        raise FormulaError("a claim is needed", Span(argument, 0, len(argument)), f"as in {example}")
    question = console.session.question(left.strip() + at)
    asked = derivative_asked(question.formula)
    if asked is None:
        raise FormulaError("on the left of = a derivative is needed", Span(argument, 0, len(left)), f"as in {example}")
    body, name, order = asked
    needed = free_names(body)
    point = None if question.missing else {x: v for x, v in question.values.items() if x in needed}
    claimed = console.session.question(right.strip()).formula
    yield check_text(
        check_derivative(body, name, claimed, point, order=order, seconds=question.options.seconds), console.style
    )
