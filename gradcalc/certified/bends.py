"""That a formula is not differentiable at a point where all its partial derivatives exist.

If it were, its slope along every way through the point would be that of the linear function of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.engine.program import Program

from .components import apart, zero
from .onesided import along, beside
from .series import Outside
from .terms import Coefficient, as_ball

Way = Mapping[str, tuple[Fraction, int]]  # what names gain along it: c*t^n

_PAIRS = 12  # of names
_POWERS = ((1, 1), (1, 2), (2, 1))
_FACTORS = ((1, 1), (1, -1), (2, 1), (-1, 2), (-1, -1), (-1, 1))


def bent(
    program: Program, at: Mapping[str, Coefficient], value: Any, slopes: Mapping[str, Any]
) -> tuple[tuple[str, ...], str] | None:
    """Names in which together a program is certainly not differentiable, and what shows it, in words, where t goes to 0
    from above; else None.

    Args:
        program: a program whose kinks are written out.
        at: the values of its variables, as rational numbers or balls.
        value: its value there.
        slopes: its partial derivatives there, as balls.
    """
    for way in _ways(slopes):
        try:
            found = beside(program, along(at, way))
        except Outside:
            continue
        why = "" if found is None else _why(found.limit, found.slope, value, way, slopes)
        if why:
            return tuple(way), why
    return None


def _ways(names: Mapping[str, Any]) -> Iterator[Way]:
    pairs = [*combinations(names, 2)][:_PAIRS]
    for powers in _POWERS:
        for pair in pairs:
            for factors in _FACTORS:
                yield {name: (Fraction(c), n) for name, c, n in zip(pair, factors, powers, strict=True)}


def _why(limit: Any, slope: Any, value: Any, way: Way, slopes: Mapping[str, Any]) -> str:
    goes = "as " + " and ".join(f"{name} moves by {_gain(*gain)}" for name, gain in way.items())
    if limit is None:
        return f"it has no limit {goes}"
    if apart(as_ball(limit), value):
        return f"it goes to {shown(as_ball(limit))} and not to {shown(value)} {goes}"
    if slope is None:
        return ""
    slope, linear = as_ball(slope), sum((slopes[name] * int(c) for name, (c, n) in way.items() if n == 1), zero())
    if not slope.is_finite():
        return f"it has no finite slope {goes}"
    by_these = f"and not {shown(linear)}, which its partial derivatives add up to"
    return f"it has the slope {shown(slope)} {goes}, {by_these}" if apart(slope, linear) else ""


def _gain(c: Fraction, n: int) -> str:
    power = "t" if n == 1 else f"t^{n}"
    return power if c == 1 else f"-{power}" if c == -1 else f"{c}*{power}"
