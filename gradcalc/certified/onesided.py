"""How a formula goes on beside a point along one variable, by its first terms there."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from gradcalc.engine.program import Program
from gradcalc.record import dataclass

from .series import one_sided
from .terms import ORIGIN, Coefficient, Series, Term, Unknown, as_ball, rank, scaled


@dataclass(frozen=True, slots=True)
class OneSided:
    """How a formula goes on beside a point: its limit there, None where it has none, and its slope along the way, which
    may be infinite and is None where there is no limit."""

    limit: Coefficient | None
    slope: Any


def beside(program: Program, at: Mapping[str, Coefficient], name: str, direction: int) -> OneSided | None:
    """How a program goes on beside a point along one variable, or None where it cannot be told.

    Args:
        program: a program whose kinks are written out.
        at: the values of its variables, as rational numbers or balls.
        direction: -1 from the left, 1 from the right.

    Raises:
        Outside: where there is no value on this side.
    """
    for cut in _CUTS:
        try:
            return _read(one_sided(program, at, name, direction, Fraction(cut)), direction)
        except Unknown:
            continue
    return None


_CUTS = (2, 4, 8)


def _read(series: Series, direction: int) -> OneSided:
    limit = series.constant
    if limit is None:
        return OneSided(None, None)
    rest = Series({term: c for term, c in series.terms.items() if term != ORIGIN}, series.cut)
    if series.cut is not None and series.cut <= 1 and (not rest.terms or rest.first is None):
        raise Unknown
    linear: Term = (Fraction(1), 0)
    steeper = Series({term: c for term, c in rest.terms.items() if rank(term) < rank(linear)})
    if steeper.terms:
        zero = as_ball(Fraction(0))
        return OneSided(limit, zero.pos_inf() if direction * steeper.sign > 0 else zero.neg_inf())
    return OneSided(limit, scaled(Fraction(direction), rest.terms.get(linear, Fraction(0))))
