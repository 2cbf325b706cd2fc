"""Comparisons through functions that increase: `exp(u) > c` is `u > log(c)`, where c > 0.

A generator g that increases strictly with its one argument u is above c, c, or below it where u is above, at, or below
the argument u0 for which it is c. So `a*g + b`, where a is a constant, has the sign of `a*(u - u0)` wherever it has a
value, if g(u0) = -b/a: `exp(u)^n` is `exp(n*u)` for that. Where no u0 gives -b/a, nothing is said here. Of a logarithm
-b/a may be anything, since exp has a value everywhere; of all others a constant, so that each step leads to less: one
logarithm that varies is gone with each, or a generator that varies is within the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .algebra import NoValue, Ratio, ratio
from .polynomials import Poly, TooLarge, coefficients, used

if TYPE_CHECKING:
    from .signs import Known

_MOST_TERMS = 12


def inside(cell: Known, part: Poly) -> Ratio | None:
    """A quantity of the sign that a polynomial has on a cell, in what a generator of it is made of."""
    made = cell.generators.made
    varying = [i for i in used(part) if not made[i].constant]
    for i in sorted(varying, key=lambda i: made[i].kind != "log") if len(part) <= _MOST_TERMS else ():
        g, powers = made[i], coefficients(part, i)
        n = max(powers)
        if g.inverse is None or powers.keys() != {0, n} or (n > 1 and g.kind != "exp"):
            continue
        if len(varying) > 1 and g.kind != "log":
            continue
        a = Ratio(powers[n])
        if not cell.generators.is_constant(a) or 0 in cell.signs(a):
            continue
        try:
            there = g.inverse(cell.copy(), -Ratio(powers[0]) / a)
        except (NoValue, TooLarge):
            there = None
        if there is not None:
            return a * (ratio(n) * g.args[0] - there)
    return None
