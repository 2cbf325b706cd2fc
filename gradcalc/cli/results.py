"""What the views show, made of a question and of the value of the view's option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcalc.language.formula import users_functions
from gradcalc.session import Question

from .options import UsageError


def explained(question: Question, _: Any) -> Iterator[Any]:
    """The chain rule node by node."""
    from gradcalc.explain import explain

    yield explain(question.formula, question.values, question.names)


def derived(question: Question, _: Any) -> Iterator[Any]:
    """A derivation for each name."""
    from gradcalc.explain import steps

    at = None if question.missing else question.values
    yield tuple(steps(question.formula, name, at, question.options.seconds) for name in question.names)


def drawn(question: Question, _: Any) -> Iterator[Any]:
    """The graph, with numbers where every name has a value."""
    from gradcalc.draw import draw_formula

    yield draw_formula(question.formula, None if question.missing else question.values, question.names)


def plotted(question: Question, ranges: str) -> Iterator[Any]:
    """A curve over one range, a field over two."""
    from gradcalc.plot import curve, field, read_ranges

    found = read_ranges(ranges)
    if len(found) == 1:
        yield curve(question.formula, found[0], question.values)
    elif len(found) == 2:
        yield field(question.formula, found[0], found[1], question.values)
    else:
        raise UsageError("a plot has one range or two", help="give the others a value, as in --at z=1")


def sampled(question: Question, ranges: str) -> Iterator[Any]:
    """A table of values."""
    from gradcalc.plot import read_ranges, table

    found = read_ranges(ranges)
    if len(found) != 1:
        raise UsageError("a table has one range", help="give the others a value, as in --at z=1")
    yield table(question.formula, found[0], question.values)


def checked(question: Question, claims: list[str]) -> Iterator[Any]:
    """A verdict for each claim `NAME=FORMULA`."""
    from gradcalc.judge.claims.court import check_derivative

    functions = users_functions(question.formula)
    at = None if question.missing else question.values
    found = []
    for text in claims:
        name, equals, claim = text.partition("=")
        if not equals or not name.strip() or not claim.strip():
            raise UsageError(f"--check needs NAME=FORMULA, not '{text}'", help="write for example --check x=2*x")
        options = question.options
        found.append(
            check_derivative(
                question.formula,
                name.strip(),
                claim.strip(),
                at,
                order=options.order,
                seed=options.seed,
                seconds=options.seconds,
                functions=functions,
            )
        )
    yield tuple(found)
