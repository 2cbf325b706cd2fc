"""Comparisons through functions that increase: `exp(u) > c` is `u > log(c)`, where c > 0.

A generator g that increases strictly with its one argument u is above c, c, or below it where u is above, at, or below
the argument u0 for which it is c. So `a*g + b`, where a is a constant, has the sign of `a*(u - u0)` wherever it has a
value, if g(u0) = -b/a: `exp(u)^n` is `exp(n*u)` for that. Where no u0 gives -b/a, nothing is said here. Of a logarithm
-b/a may be anything, since exp has a value everywhere; of all others a constant, so that each step leads to less: one
logarithm that varies is gone with each, or a generator that varies is within the next.

A polynomial of the second degree in an exponential has the sign of its leading coefficient a times, for each of its
zeros r > 0, that of `u - log(r)`; zeros that are not positive are never met. So `sinh(x) > 1`, `exp(x)^2 - 2*exp(x) - 1
> 0` in what it is made of, is `x > log(1 + sqrt(2))`, where the other zero is negative, and `cosh(x) > 2` is outside of
two zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from .algebra import Generator, Ratio, ratio
from .polynomials import Poly, coefficients, polynomial, used


def inside(cell: Any, part: Poly) -> Ratio | None:
    """A quantity of the sign that a polynomial has on a cell, in what a generator of it is made of."""
    made = cell.generators.made
    varying = [i for i in used(part) if not made[i].constant]
    for i in varying:
        g = made[i]
        if g.inverse is None or (len(varying) > 1 and g.kind != "log"):
            continue
        powers = coefficients(part, i)
        if (met := _by_zeros(cell, g, powers)) is not None:
            return met
        n, a = max(powers), Ratio(powers[max(powers)])
        if powers.keys() | {0} != {0, n} or (n > 1 and g.kind != "exp") or not cell.generators.is_constant(a):
            continue
        there: Ratio | None = (
            g.inverse(cell, -Ratio(powers.get(0, polynomial(0))) / a) if 0 not in cell.signs(a) else None
        )
        if there is not None:
            u: Ratio = g.args[0]
            return a * (ratio(n) * u - there)
    return None


def _by_zeros(cell: Any, g: Generator, powers: Mapping[int, Poly]) -> Ratio | None:
    """Of `a*g^(2*n) + b*g^n + c` with constants."""
    n = max(powers) // 2
    if g.zeros is None or n == 0 or powers.keys() != {0, n, 2 * n}:
        return None
    a, b, c = (Ratio(powers[i]) for i in (2 * n, n, 0))
    logs = g.zeros(cell, a, b, c)
    return None if logs is None else prod((ratio(n) * g.args[0] - log for log in logs), start=a)
