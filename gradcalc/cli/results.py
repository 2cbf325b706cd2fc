"""What the views show, made of a question and of the value of the view's option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
