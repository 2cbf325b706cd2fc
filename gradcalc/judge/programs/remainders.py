"""The remainder of a function beside its derivative, as the step goes to 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

Along = Callable[[float], float]  # the function's value a step away from the point


def remainder_slope(along: Along, derivative: float, scale: float, noise: float) -> float | None:
    """The slope of `log |f(h) - f(0) - h f'|` against `log h`: 2 where the derivative is right, 1 where it is not.

    None where the remainder is lost in the noise: then no fault of the derivative could be seen this way.
    """
    start = along(0.0)
    seen = []
    for k in range(4, 24):
        step = scale * 2.0**-k
        remainder = abs(along(step) - start - step * derivative)
        if remainder > 100 * noise and math.isfinite(remainder):
            seen.append((math.log(step), math.log(remainder)))
    if len(seen) < 3:
        return None
    (x0, y0), (x1, y1) = seen[-3], seen[-1]
    return (y1 - y0) / (x1 - x0)


def stay_apart(along: Along, scale: float, order: int, error: float, noise: float, beside: Callable[[], float]) -> bool:
    """Whether the quotients of both sides come no closer over small steps than over larger ones, as those of
    `sqrt(abs(x))` and `x*sin(1/x)` at 0: central quotients are blind to what is even, and second ones to what is odd.

    Args:
        order: that of the derivative, 1 or 2.
        error: of the derivative by central quotients.
        noise: of the function's values.
        beside: the same over the small steps, where a value that lost digits goes by steps of its own. It counts where
            what parts the sides is no less there than over larger steps, as that of a cusp is.
    """

    def side(step: float) -> float:
        near, start = along(step), along(0.0)
        return (near - start) / step if order == 1 else (along(2 * step) - 2 * near + start) / step**2

    def apart(powers: tuple[int, ...]) -> tuple[list[float], float]:
        sides = [(side(step), side(-step)) for step in (scale * 2.0**-k for k in powers)]
        return [abs(a - b) for a, b in sides], max(abs(a) + abs(b) for a, b in sides)

    def moved(powers: tuple[int, ...]) -> float:
        return max(gap * 2.0 ** (-k * order) for gap, k in zip(apart(powers)[0], powers, strict=True))

    wide, middle, small = _STEPS[order]
    gaps, steep = apart(small)
    if all(b < _FALLS * a for a, b in pairwise(gaps)):
        return False  # by curvature alone
    step, gap = scale * 2.0 ** -small[-1], max(gaps)
    least = 10 * error + 100 * noise / step**order + _ROUNDED * steep
    if not least < gap < math.inf or gap <= max(apart(wide)[0]) / 2:
        return False
    return moved(small) < _AS_MUCH * moved(middle) or gap > 100 * beside() / step**order


def drift(quotient: Along, found: float, scale: float, order: int, noise: float) -> bool:
    """Whether a quotient, as a function of the step, changes from each small step to a smaller one about as much as
    before: the second one of `abs(x)^2.1` at 0 goes to 0 in the end, however near to another number it seems to stay.

    Args:
        found: what is taken for its limit.
        order: the power of the step in it.
        noise: of the function's values.
    """
    lost = _SETTLED * abs(found)
    finest = next((step for k in _STEPS_DOWN if 100 * noise / (step := scale * 2.0**-k) ** order <= lost), math.nan)
    seen = [quotient(finest * 8.0**k) for k in (4, 3, 2, 1, 0)]
    changes = [b - a for a, b in pairwise(seen)]
    return all(a * b > 0 and lost + abs(a) / 3 < abs(b) for a, b in pairwise(changes))


_SETTLED = 1e-4  # part of a quotient by which it may change
_STEPS_DOWN = range(46, 13, -1)  # from the smallest step on, as powers of 1/2
_ROUNDED = 1e-3  # part of the slopes by which rounding within the function may part them where its value is 0
_AS_MUCH = 0.3  # part of that
_FALLS = 0.6  # part of what parts the sides that is left over half a step
_STEPS = {1: ((20, 21, 22), (28, 29, 30), (34, 35, 36)), 2: ((6, 7, 8), (11, 12, 13), (14, 15, 16))}  # powers of 1/2
