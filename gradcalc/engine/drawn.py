"""Numbers drawn at random, the same for the same seed: of the kinds that faults hide among."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import cycle
from random import Random

from gradcalc.language.formula import Formula, Number, children_first

Box = Sequence[tuple[float, float]]


def of_size(random: Random, low: int, high: int) -> Fraction:
    """A number of three digits, of a size between two powers of ten and of either sign."""
    size = f"{10 ** random.uniform(low, high):.3g}"
    return _read(size if random.random() < 0.5 else f"-{size}")


@lru_cache(4096)  # the same seed draws the same for the next formula
def _read(text: str) -> Fraction:
    return Fraction(Decimal(text))


def about(random: Random, low: float, high: float) -> float:
    """A double between two numbers, or beside one of them or 0, or of any ordinary size."""
    kind, sign = random.random(), random.choice((-1, 1))
    if kind < 0.7:
        return random.uniform(low, high)
    if kind < 0.85:
        return random.choice((low, high, 0.0)) + math.ldexp(sign, -random.randint(1, 30))
    return math.ldexp(sign * random.uniform(1, 2), random.randint(-20, 5))


def hypercube(random: Random, box: Box, n: int) -> list[tuple[float, ...]]:
    """So many points in a box, of which each axis has one in every n-th part."""
    axes = []
    for low, high in box:
        places = [low + (high - low) * (k + random.random()) / n for k in range(n)]
        random.shuffle(places)
        axes.append(places)
    return list(zip(*axes, strict=True))


def in_cubes(random: Random, cubes: Box, names: Sequence[str]) -> Iterator[dict[str, Fraction]]:
    """Points without end, in one of some cubes after the other, of numbers that are doubles of few digits."""
    return (
        {name: Fraction(round(random.uniform(low, high) * 1024), 1024) for name in names} for low, high in cycle(cubes)
    )


# ---- of all kinds

_MOST_CONSTANTS, _LARGEST = 20, 10**18
BESIDE = (Fraction(37, 100), Fraction(-1, 10**9), Fraction(1, 10**9 + 7), Fraction(-63, 100))  # steps from a constant
_FINE = 10**6  # no point is a number of few digits
_EXPONENTS = (-300, -100, -30, -12, -8, -4, -3, -1, 2, 6, 30, 100)
_ALIKE: Sequence[Callable[[Random], Fraction]] = (
    lambda random: Fraction(random.randint(-3 * _FINE, 3 * _FINE) * 2 + 1, 2 * _FINE + 1),
    lambda random: Fraction(random.randint(1, _FINE) * 2 + 1, 2 * _FINE + 3),  # small
    lambda random: (
        random.choice((1, -1)) * Fraction(random.randint(1, _FINE)) * Fraction(10) ** random.choice(_EXPONENTS)
    ),
)


def _mixed(random: Random) -> Fraction:
    return random.choice(_ALIKE)(random)


_SIZES = tuple(size for alike in _ALIKE for size in (alike, _mixed))


def constants_of(formula: Formula) -> list[Fraction]:
    """Numbers in the formula, beside which it may change."""
    numbers = (node.value for node in children_first(formula) if isinstance(node, Number))
    return [value for value in dict.fromkeys(numbers) if abs(value) < _LARGEST][:_MOST_CONSTANTS]


def of_all_kinds(
    random: Random, names: Sequence[str], constants: Sequence[Fraction], count: int
) -> Iterator[dict[str, Fraction]]:
    """So many points beside each of some constants, the rest of ordinary size, small, or of any magnitude."""
    beside = [constant + step for constant in constants for step in BESIDE]
    for i, size in zip(range(count), cycle(_SIZES), strict=False):
        point = {name: size(random) for name in names}
        if i < len(beside) and names:
            point[names[i % len(names)]] = beside[i]
        yield point
