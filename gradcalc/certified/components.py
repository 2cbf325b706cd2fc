"""Certified numbers: what a ball says once it is narrow enough."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import repeat
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.engine.scalars import BALL, rounded
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows
from gradcalc.verdict import Verdict


@dataclass(slots=True)
class Component:
    """One certified number: the value, or a partial derivative; not frozen, which would double its time.

    `number` is the nearest double. `status` is `certified`; `zero` (not told apart from 0 with the most bits: what
    rounding leaves of an exact 0); `not-differentiable`, with `number` the convention and `left`, `right` the one-sided
    derivatives where they exist, and where the domain ends, `ball` the one there is, of all numbers if it is not known;
    or `undecided`, with `number` the best known. `why` says why that is so. `exact` is the number where it is known to
    be rational by more than its ball. `by_convention`: the number is only what the table says of its kink. `jumps`: the
    pieces that meet there have several values.
    """

    number: float
    status: str = "certified"
    why: str = ""
    ball: Any = None
    left: float | None = None
    right: float | None = None
    exact: Fraction | None = None
    by_convention: bool = False
    jumps: bool = False

    @property
    def message(self) -> str:
        """Why, with the convention."""
        return f"{self.why}; {shown(self.number)} is the convention" if self.by_convention else self.why

    def without_number(self) -> Component:
        """The same without a number, for a derivative that is not there and whose convention is of no use."""
        return replace(self, number=math.nan, by_convention=False)

    @property
    def failed(self) -> bool:
        """Whether there is no number, or none is known."""
        return self.status in ("not-differentiable", "undecided")

    @property
    def is_tiny(self) -> bool:
        """Whether a double has lost digits of it, or all, because it is so near to 0."""
        return abs(self.number) < _LEAST_NORMAL and self.ball is not None and not self.ball.is_zero()

    @property
    def verdict(self) -> Verdict:
        """The verdict on a derivative of which this is known."""
        return Verdict.NOT_DIFFERENTIABLE if self.status == "not-differentiable" else Verdict.UNDECIDED


_LEAST_NORMAL = 2.0**-1022


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(slots=True)
class Certified:
    """The value and the gradient, the precision they took, and whether smooth pieces meet at the point; not frozen, as
    its components."""

    value: Component
    gradient: dict[str, Component]
    bits: int
    at_kink: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether no pieces meet at the point, and no domain ends there."""
        return not self.at_kink and not any(part.failed for part in self.gradient.values())


def all_rounded(balls: list[Any]) -> list[Component] | None:
    """Balls as components in half the time of `settle`; None unless each nearest double is known, finite, not 0."""
    kind = balls[0].__class__
    numbers = list(map(float, map(kind.lower, balls)))
    if not all(numbers) or numbers != list(map(float, map(kind.upper, balls))) or not math.isfinite(sum(numbers)):
        return None
    return list(map(Component, numbers, repeat("certified"), repeat(""), balls))


_SURE_BITS = 60  # of relative accuracy: then the nearest double to the middle is within 0.51 ulp of the truth
_NOTHING = -2048  # what is less than 2^-2048 and may be 0 is taken for what rounding leaves of an exact 0


def settle(ball: Any, last: bool, bits: int = 0) -> Component | None:
    """A ball as a component, or None if it is still too wide."""
    if bits and not last and not known_to(ball, bits):
        return None
    nearest = rounded(ball)
    if nearest and -math.inf < nearest < math.inf:
        return Component(nearest, "certified", "", ball)
    if ball.contains(0) and not ball.is_zero():
        if not last:
            return None
        if negligible(ball):
            return Component(0.0, "zero", "not told apart from 0", ball)
        nearest = None
    if nearest is None:
        if not last:
            return None
        status, message = "undecided", f"known only as {ball.str(5)}"
        if ball.rel_accuracy_bits() >= _SURE_BITS:
            status, message = "certified", ""
        return Component(float(ball.mid()) + 0.0, status, message, ball)
    if math.isinf(nearest):
        about = ball.str(5, radius=False)
        about = f"about {about}, larger" if len(about) < 40 else "far larger"
        return Component(nearest, "overflow", f"{about} than any double", ball)
    return Component(nearest + 0.0, "certified", "", ball)  # + 0.0 makes of -0.0 the zero people write


def known_to(ball: Any, bits: int) -> bool:
    """Whether so many bits of a number are known."""
    return bool(ball.is_zero() or ball.rel_accuracy_bits() >= bits)


def negligible(ball: Any) -> bool:
    """Whether everything in the ball is next to nothing."""
    return bool(abs(ball) < type(ball)(2) ** _NOTHING)


def compared(x: Any, y: Any, bits: int, last: bool = True) -> Verdict | None:
    """The verdict on two balls for what is to be one number: `wrong` where they are disjoint, `agrees` where so many
    bits of both are known or, at the `last` precision, both are next to nothing; else none yet."""
    if not x.overlaps(y):
        return Verdict.WRONG
    known = (known_to(x, bits) and known_to(y, bits)) or (last and negligible(x) and negligible(y))
    return Verdict.AGREES if known else None


def same(x: Any, y: Any) -> bool:
    """Whether two numbers are equal as far as half of the precision in force can tell."""
    return bool(x.is_finite() and y.is_finite() and (x - y).contains(0) and negligible(x - y))


def apart(x: Any, y: Any) -> bool:
    """Whether two numbers are certainly different."""
    return bool(x.is_finite() and y.is_finite() and not x.overlaps(y))


def zero() -> Any:
    """The ball that is 0."""
    return BALL.number(Fraction(0))


def finite(x: float | None) -> float | None:
    """A number for JSON, which has no nan and no infinities: nothing stands for them."""
    return x if x is not None and math.isfinite(x) else None
