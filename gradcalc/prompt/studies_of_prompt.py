"""Commands that look closer: how a gradient comes about, what a formula looks like, whether a claim holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gradcalc.language.errors import FormulaError, Span
from gradcalc.language.formula import free_names
from gradcalc.session import Question

from .changes_told import derivative_asked, folded
from .console import Console, Texts

if TYPE_CHECKING:
    from gradcalc.plot import Curve, Field, Range

_NAME = r"[^\W\d]\w*"
_RANGE = rf"{_NAME}\s*=\s*[^\s:]+?(?::|\.\.)\S+"
_OVER = re.compile(rf"(.*?\S)[\s,]+({_RANGE}(?:[\s,]+{_RANGE})*)", re.S)
_TO_FILE = re.compile(r"(.*?)(?:(?<=\s)|^)-o\s+(\S+\.[A-Za-z]+)", re.S)
_EQUAL = re.compile(r"(?<![<>=!])=(?!=)")
_AT = re.compile(rf"(.*\S)(\s+at\s+{_NAME}\s*=(?!=).*)", re.S)


def _asked(console: Console, text: str) -> Question:
    """A formula all of whose names have values."""
    question = console.session.question(text or "ans")
    if question.missing:
        message = f"no value for {', '.join(question.missing)}"
        raise FormulaError(message, question.formula.span, "give values, as in x^2 + y at x=2, y=3")
    return question


def _to_file(argument: str) -> tuple[str, Path | None]:
    """An argument without `-o FILE` at its end, and the file."""
    found = _TO_FILE.fullmatch(argument)
    return (found[1].rstrip(), Path(found[2]).expanduser()) if found else (argument, None)


def _wrote(path: Path, content: bytes, what: str = "") -> str:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FormulaError(f"cannot write {path}: {error.strerror}") from None
    return f"wrote {path}{what and f': {what}'}\n"


def explain(console: Console, argument: str) -> Texts:
    from gradcalc.explain import explain
    from gradcalc.show.explained import explain_table

    question = _asked(console, argument)
    found = explain(question.formula, question.values)
    yield folded(explain_table(found, console.style), console.width())
    yield "".join(f"{folded(note, console.width())}\n" for note in found.notes)


def steps(console: Console, argument: str) -> Texts:
    from gradcalc.explain import steps
    from gradcalc.show.explained import steps_text

    formula, comma, name = argument.rpartition(",")
    by = name.strip() if comma and re.fullmatch(_NAME, name.strip()) else ""
    question = console.session.question(formula if by else argument or "ans")
    names = [by] if by else question.free
    for i, each in enumerate(names):
        yield "\n" if i else ""
        derivation = steps(question.formula, each, seconds=question.options.seconds)
        yield folded(steps_text(derivation, console.style), console.width())


def graph(console: Console, argument: str) -> Texts:
    from gradcalc.draw import draw_formula

    formula, path = _to_file(argument)
    question = _asked(console, formula)
    drawing = draw_formula(question.formula, question.values)
    yield _wrote(path, drawing.pipe(_suffix(path)), drawing.summary) if path else drawing.text(console.ascii)


def _suffix(path: Path) -> str:
    return path.suffix.lstrip(".").lower()


def table(console: Console, argument: str) -> Texts:
    from gradcalc.plot import table
    from gradcalc.show.sampled import values_text

    question, ranges = _over(console, argument, ":table x^2 x=0:1:0.25")
    if len(ranges) > 1:
        raise FormulaError("a table has one range", help="give the other names values, as in y = 1")
    yield values_text(table(question.formula, ranges[0], question.values), console.style)


def plot(console: Console, argument: str) -> Texts:
    from gradcalc.plot import curve, field, picture, terminal

    formula, path = _to_file(argument)
    question, ranges = _over(console, formula, ":plot sin(x)/x x=-10:10")
    if len(ranges) > 2:
        raise FormulaError("a plot has one range or two", help="give the other names values, as in z = 1")
    at = {name: value for name, value in question.values.items() if name not in [over.name for over in ranges]}
    if len(ranges) == 1:
        drawn: Curve | Field = curve(question.formula, ranges[0], at)
    else:
        drawn = field(question.formula, ranges[0], ranges[1], at)
    if path:
        yield _wrote(path, picture(drawn, _suffix(path)))
    else:
        yield terminal(drawn, console.width() or 80, 20, ascii=console.ascii).rstrip() + "\n"


def _over(console: Console, argument: str, example: str) -> tuple[Question, list[Range]]:
    from gradcalc.plot import read_ranges

    found = _OVER.fullmatch(argument)
    if found is None:
        raise FormulaError("a range is needed at the end", Span(argument, 0, len(argument)), f"as in {example}")
    ranges = ",".join(re.findall(_RANGE, found[2].replace(",", " ")))
    return console.session.question(found[1]), read_ranges(ranges)


def check(console: Console, argument: str) -> Texts:
    from gradcalc.judge.claims.court import check_derivative
    from gradcalc.show.verdicts import check_text

    own = _AT.fullmatch(argument)
    claim, at = (own[1], own[2]) if own else (argument, "")
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
    found = check_derivative(body, name, claimed, point, order=order, seconds=question.options.seconds)
    yield folded(check_text(found, console.style), console.width())
