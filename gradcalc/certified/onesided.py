"""How a formula goes on beside a point along a line or a curve, by its first terms there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, TypeVar

from gradcalc.engine.program import Program
from gradcalc.engine.scalars import precision
from gradcalc.language.errors import LIMITS, UndefinedError
from gradcalc.language.formula import expression
from gradcalc.language.kept import kept
from gradcalc.language.literals import number
from gradcalc.record import dataclass

from .choices import Vanishes
from .components import negligible, same, settle
from .posed import Posed
from .series import Outside, one_sided
from .terms import (
    Coefficient,
    Manner,
    Series,
    Term,
    Unknown,
    as_ball,
    constant,
    infinite,
    plus,
    rank,
    scaled,
    without_limit,
)

S = TypeVar("S")
T = TypeVar("T")


def moved(at: Mapping[str, Coefficient], name: str, direction: int) -> dict[str, Series]:
    """The variables at a point, of which one moves by t to a side."""
    return along(at, {name: (Fraction(direction), 1)})


def along(at: Mapping[str, Coefficient], way: Mapping[str, tuple[Fraction, int]]) -> dict[str, Series]:
    """The variables at a point, of which some move by c*t^n, where `way` has c and n of them."""
    given = {leaf: constant(value) for leaf, value in at.items()}
    return given | {name: plus(given[name], Series({(Fraction(n), 0): c})) for name, (c, n) in way.items()}


def first_known(cuts: Iterable[S], attempt: Callable[[S], T]) -> T | None:
    """The first answer of an attempt with the terms before t^cut, for each cut in turn; None where none is known."""
    for cut in cuts:
        with suppress(Unknown):
            return attempt(cut)
    return None


@dataclass(frozen=True, slots=True)
class OneSided:
    """How a formula goes on beside a point: its limit there, or a ball that it stays in, None where it has no finite
    one; and its slope along the way, which may be infinite, nan where there is none, None where it is not known."""

    limit: Coefficient | None
    slope: Any


def beside(
    program: Program, given: Mapping[str, Series], direction: int = 1, vanishes: Vanishes | None = None
) -> OneSided | None:
    """How a program goes on beside a point, or None where it cannot be told.

    Args:
        program: a program whose kinks are written out.
        given: the way from the point: its variables as series of t, which goes to 0 from above.
        direction: what the variable by which a slope is meant gains over t.
        vanishes: whether a quantity goes to 0 at the point for certain.

    Raises:
        Outside: where there is no value on this side.
    """

    def attempt(way: tuple[int, bool]) -> OneSided:
        cut, last = way
        return _read(one_sided(program, given, cut, None, vanishes, Manner(joined=last)), direction, last)

    return first_known(_CUTS, attempt)


def beside_point(of: Posed, name: str, direction: int) -> OneSided | None:
    """The same of a formula beside its point, on one side along a variable."""
    return beside(kept(of.expanded, Program), moved(of.numbers(), name, direction), direction, of.goes_to_zero)


_CUTS = ((2, False), (4, False), (8, False), (8, True), (2, True))  # then what bounds tell is taken


def _read(series: Series, direction: int, last: bool) -> OneSided:
    none = as_ball(Fraction(0)).nan()
    if series.cut == 0 and series.swings:
        return OneSided(None, none)
    if series.cut == 0 and last and series.enclosure.is_finite():
        return OneSided(series.enclosure, None)
    limit = series.constant
    if limit is None:
        return OneSided(None, none)
    rest = without_limit(series)
    linear: Term = (Fraction(1), 0)
    steeper = Series({term: c for term, c in rest.terms.items() if rank(term) < rank(linear)})
    sign = 0
    if steeper.terms:
        sign = steeper.sign
    elif series.cut is not None and series.cut <= 1:
        if series.swings:
            return OneSided(limit, none)
        slope = rest.rest(linear[0]) if last else None
        if series.cut < 1:
            sign = rest.sign
        elif slope is None or not negligible(slope - slope.mid()):
            raise Unknown
        else:
            return OneSided(limit, direction * slope)
    if sign:
        return OneSided(limit, infinite(direction * sign))
    return OneSided(limit, scaled(Fraction(direction), rest.terms.get(linear, Fraction(0))))


# ---- the help of an error where there is no value: the numbers that the formula goes to beside that point

_SHORT = 40  # characters of a formula that is written once more


def with_limits(of: Posed, error: UndefinedError) -> UndefinedError:
    """The error, with what the formula goes to on the sides of the point, where one variable alone moves it."""
    if error.help or len(of.at) != 1:
        return error
    ((name, place),) = of.at.items()
    with precision(LIMITS.precision):
        left, right = (_limit(of, name, direction) for direction in (-1, 1))
        if left is None and right is None:
            return error
        if left is None or right is None:
            side, known = ("right", right) if left is None else ("left", left)
            help = f"on its {side} it goes to {_text(known)}"
        elif left == right or same(as_ball(left), as_ball(right)):
            help = f"on both sides it goes to {_text(left)}"
            if isinstance(left, Fraction) and len(text := expression(of.formula)) <= _SHORT:
                help += f": for that there write if({name} == {expression(place)}, {_text(left)}, {text})"
        else:
            help = f"on its left it goes to {_text(left)}, on its right to {_text(right)}"
    return UndefinedError(error.message, error.diagnostic.span, help)


def _limit(of: Posed, name: str, direction: int) -> Coefficient | None:
    """The limit on one side, if there is a finite one and it is known."""
    try:
        found = beside_point(of, name, direction)
    except Outside:
        return None
    return None if found is None or found.slope is None else found.limit


def _text(limit: Coefficient | None) -> str:
    if isinstance(limit, Fraction):
        return expression(number(limit))
    settled = settle(as_ball(limit), last=True)
    return "~0" if settled is None or settled.status == "zero" else f"{settled.number:.10g}"
