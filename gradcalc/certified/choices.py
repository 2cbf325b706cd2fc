"""Steps, `if`, `and`, `or` and `not` over series, truth values, and the exceptions that stand for them.

A condition of None holds at some points and not at others: then what both branches have in common is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from gradcalc.engine.formulas import minus
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import at_span
from gradcalc.engine.scalars import BALL
from gradcalc.language.formula import Call, Formula, Function
from gradcalc.language.literals import number
from gradcalc.language.values import unique_whole

from .rows import derivative_of
from .terms import (
    ORIGIN,
    Coefficient,
    Series,
    Unknown,
    as_ball,
    constant,
    either,
    integral,
    least,
    plus,
    scaled,
    settled,
    times,
    value_of,
    without_limit,
)


def _if(condition: Any, a: Any, b: Any) -> Any:
    if condition is None:  # now the one, now the other
        return a if a is b else either(a, b) if isinstance(a, Series) and isinstance(b, Series) else Unknown()
    chosen = condition if isinstance(condition, Exception) else a if condition else b
    if isinstance(chosen, Exception):
        raise chosen
    return chosen


def _and(x: Any, y: Any) -> Any:
    if y is False and (x is None or isinstance(x, Unknown)):
        return False
    return (None if y is None or y is True else y) if x is None else _if(x, y, False)


def _or(x: Any, y: Any) -> Any:
    if y is True and (x is None or isinstance(x, Unknown)):
        return True
    return (None if y is None or y is False else y) if x is None else _if(x, True, y)


def _not(x: Any) -> Any:
    return None if x is None else _if(x, False, True)


CONTROL: Mapping[str, Callable[..., Any]] = {"if": _if, "and": _and, "or": _or, "not": _not}


Ties = Callable[[Formula], int]
Vanishes = Callable[[Formula], bool]


class Told(NamedTuple):
    """Knowledge of the arguments of a call besides their series: `ties` has the sign of the difference in a
    comparison of what is equal all along the way, and `vanishes` tells what goes to 0 for certain."""

    node: Call
    ties: Ties | None
    vanishes: Vanishes | None

    def tie(self) -> int:
        """The sign of the difference of both arguments."""
        return 0 if self.ties is None else self.ties(self.node)

    def equal(self, whole: int | None = None) -> bool:
        """Whether the first argument certainly goes to the other, or to a whole number."""
        other = self.node.args[1] if whole is None else number(whole)
        return self.vanishes is not None and self.vanishes(minus(self.node.args[0], other))

    def goes_to(self, whole: int) -> bool:
        """Whether the call certainly goes to a whole number."""
        return self.vanishes is not None and self.vanishes(_less(self.node, whole))

    def slope(self, found: Coefficient | None, row: Function, place: int, order: int) -> Coefficient | None:
        """A derivative of a row, or the exact 0 that it is at the arguments of the call, if that has the row."""
        if self.vanishes is None or self.node.function is not row or found is None or isinstance(found, Fraction):
            return found
        zero = found.contains(0) and self.vanishes(_derivative_at(self.node, place, order))
        return Fraction(0) if zero else found


@lru_cache(1024)
def _less(node: Call, whole: int) -> Formula:
    return minus(node, number(whole))


@lru_cache(1024)
def _derivative_at(node: Call, place: int, order: int) -> Formula:
    derivative = derivative_of(node.function, place, order)
    return at_span(derivative.nodes[derivative.root], node.function.params, node.args, node.span)


def with_whole_limit(x: Series, goes_to: Callable[[int], bool]) -> Series:
    """The series with its exact limit, where that is the one whole number in the ball for it."""
    limit = x.terms.get(ORIGIN)
    if limit is None or isinstance(limit, Fraction):
        return x
    whole = unique_whole(limit)
    if whole is None or not goes_to(whole):
        return x
    others = {term: c for term, c in x.terms.items() if term != ORIGIN}
    return Series({**constant(Fraction(whole)).terms, **others}, x.cut, x.bound, x.swing)


def stepped(row: Function, arg: Series, joined: bool, told: Told) -> Series:
    """A function that is constant between jumps at integers. One that jumps again and again on the way to the point is
    known within 1, if values may be `joined`."""
    limit = arg.constant if arg.cut is None or arg.cut > 0 else None
    if limit is None:
        if not joined:
            raise Unknown
        return plus(arg, Series({}, Fraction(0), as_ball(Fraction(-1)).union(as_ball(Fraction(0)))))
    limit = limit if isinstance(limit, Fraction) else settled(limit)
    if not isinstance(limit, Fraction):
        found = BALL.function(row)(limit)
        if found.is_finite():
            return constant(settled(found))
        whole = unique_whole((limit + 0.5).floor())
        if whole is None or not told.equal(whole):
            raise Unknown
        limit = Fraction(whole)
    assert row.rational is not None
    sign = without_limit(arg).sign
    return constant(Fraction(row.rational(limit + Fraction(sign, 2 * limit.denominator + 2))))


# ---- a function without a Taylor series by its derivatives, as at the edge of its domain: the integral of the first


class Runs(Protocol):
    """A computation with series, up to a power `cut`."""

    cut: Fraction

    def run(self, program: Program, given: dict[str, Series]) -> Any:
        """The series of a program."""

    def power_of(self, x: Series, exponent: Fraction) -> Series:
        """A power of a series."""


def from_edge(side: Runs, row: Function, args: Sequence[Any]) -> Series:
    """A row of one argument that goes to a limit. With u for the distance of the argument from there,
    the derivative is a series in u, whose integral from 0 is what the row gains, and u is a series in t.

    Raises:
        Unknown: where that does not tell how it goes on.
    """
    (arg,) = args
    limit = arg.constant if isinstance(arg, Series) else None
    if limit is None or not row.smooth:
        raise Unknown
    distance = plus(arg, constant(scaled(Fraction(-1), limit)))
    sign = Fraction(distance.sign)
    slope = side.run(derivative_of(row, 0, 1), {row.params[0]: plus(constant(limit), Series({(Fraction(1), 0): sign}))})
    if not isinstance(slope, Series):
        raise Unknown
    gain, distance = integral(times(constant(sign), slope)), times(constant(sign), distance)
    total = constant(value_of(row, [limit]))
    for (e, _), c in gain.terms.items():
        total = plus(total, times(constant(c), side.power_of(distance, e)))
    return total if gain.cut is None else plus(total, Series({}, min(gain.cut * least(distance), side.cut)))
