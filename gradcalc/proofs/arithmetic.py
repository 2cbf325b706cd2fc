"""The signs of products, powers and sums of quantities, by the signs that these may have."""

from __future__ import annotations

from functools import cache

from gradcalc.engine.switches import Signs


@cache  # there are few
def product(one: Signs, other: Signs) -> Signs:
    return frozenset(a * b for a in one for b in other)


def of_power(signs: Signs, n: int) -> Signs:
    """The signs of an n-th power."""
    return signs if n % 2 else _of_square(signs)


@cache
def _of_square(signs: Signs) -> Signs:
    return frozenset(s * s for s in signs)


@cache
def sum_of(one: Signs, other: Signs) -> Signs:
    return frozenset(s for a in one for b in other for s in ((a or b,) if a * b >= 0 else (-1, 0, 1)))
