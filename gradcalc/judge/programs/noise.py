"""The noise of a gradient's own numbers.

A gradient may be computed in another way than the reverse pass does it. What rounding makes of that shows in the
gradient's own numbers: rounding changes from one double to the next, and a fault does not. But no rounding is larger
than that of the formula with everything multiplied out, every difference taken as a sum (for polynomials that is the
classical condition number), or with derivatives made of values that are at their limit.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .forms import Numbers
from .line import differences_of

if TYPE_CHECKING:
    from .subject import Subject

JITTERS = 8.0  # times the jitter, which is a mean, an honest number may be off
_ASKED_AGAIN = 4  # times, before a claim about a function that may be random is called wrong
_BESIDE = 2.0**-10  # parts of a number
_STEPS = tuple(2.0**-k for k in (50, 34, 20, 11, 6))
_TINY = tuple(2.0**-k for k in (50, 44, 38))  # over which no derivative worth a check bends
_SMOOTH = 1e-2
_FEW, _MANY = 3, 8  # points on each side: a gradient may be slow, and few show that noise is far less than an error
_CALM = 20.0  # times a third difference of few, which noise that is as large as an error has one of, at least


class Noise:
    """How far the numbers of a gradient are from smooth curves along a line through the point.

    The error of a wrong gradient is as smooth as the truth, but for the ends of the part where it is wrong; that of
    rounding is not. Steps over which the truth itself is not smooth tell nothing. The points are asked once for all
    components, most of them only where few of them leave a doubt.

    Args:
        answers: the gradient's numbers at a point.
        truths: the true ones, in double arithmetic; None where they are not known, and steps are tiny.
    """

    def __init__(
        self,
        numbers: Numbers,
        answers: Callable[[Numbers], Sequence[float]],
        truths: Callable[[Numbers], Sequence[float]] | None,
    ):
        self._numbers = numbers
        self._answers = answers
        self._truths = truths
        self._at = cache(self._asked)

    def explains(self, index: int, error: float) -> float:
        """The noise of one component, as far as it is at least `error`; 0 where it is less."""
        for step in _STEPS if self._truths is not None else _TINY:
            few = self._along(index, step, _FEW)
            if all(map(math.isfinite, few)) and _CALM * max(map(abs, differences_of(few, 3))) < error:
                continue
            numbers = self._along(index, step, _MANY)
            if not all(map(math.isfinite, numbers)):
                break
            noise = JITTERS * _ruggedness(numbers)
            if noise < error:
                continue
            if self._truths is not None:
                truths = self._along(index, step, _MANY, true=True)
                if not all(map(math.isfinite, truths)) or _ruggedness(truths) > _SMOOTH * abs(truths[len(truths) // 2]):
                    break
                noise = JITTERS * _ruggedness([x - y for x, y in zip(numbers, truths, strict=True)])
            if noise >= error:
                return noise
        return 0.0

    def _along(self, index: int, step: float, most: int, true: bool = False) -> list[float]:
        """The numbers or the true ones on a line through the point, `most` on each side; nan where there are none."""
        rows = (self._at(k * step, true) for k in range(-most, most + 1))
        return [row[index] if row else math.nan for row in rows]

    def _asked(self, way: float, true: bool) -> Sequence[float]:
        ask = self._truths if true else self._answers
        assert ask is not None
        point = tuple(x + (-1) ** i * way * (abs(x) or 1.0) for i, x in enumerate(self._numbers))
        try:
            return ask(point)
        except Exception:  # whatever the user's functions raise at points that nobody asked for
            return ()


def _ruggedness(values: Sequence[float]) -> float:
    """The standard deviation of noise with such third differences; their median, which a jump or two leave as it is."""
    row = differences_of(values, 3)
    return sorted(map(abs, row))[len(row) // 2] / (0.6745 * math.sqrt(20))


# ---- digits


def narrow(numbers: Iterable[float]) -> str:
    """`half` or `single` where numbers of double precision have the digits of that precision alone; else nothing."""
    odd = [x for x in numbers if x and math.isfinite(x)]
    if all(x == round(x, 3) for x in odd):  # which says nothing
        return ""
    return next((name for name, code in _NARROW.items() if all(_stored(x, code) == x for x in odd)), "")


_NARROW = {"half": "e", "single": "f"}


def _stored(x: float, code: str) -> float:
    try:
        return float(struct.unpack(code, struct.pack(code, x))[0])
    except OverflowError:
        return math.nan


def asked_again(function: Subject, numbers: Numbers, values: Sequence[float]) -> list[tuple[float, float]]:
    """Pairs of answers of a function at one point: its `values` at this one and what it says when it is asked again,
    and such pairs beside the point, as of what is in proportion to the value a zero of that shows nothing."""
    pairs: list[tuple[Sequence[float], Sequence[float]]]
    pairs = [(values, function.values(numbers)) for _ in range(_ASKED_AGAIN)]
    for side in (-_BESIDE, _BESIDE):
        point = tuple(x + side * max(1.0, abs(x)) for x in numbers)
        pairs.append((function.quantities_beside(point), function.quantities_beside(point)))
    return [pair for one, other in pairs for pair in zip(one, other, strict=True)]
