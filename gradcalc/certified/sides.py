"""Both sides of a point: what is known of a derivative on each, and the derivative there that follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradcalc.engine.domains import told
from gradcalc.engine.lowering import shown
from gradcalc.engine.scalars import anything
from gradcalc.language.formula import Formula, Name, derived
from gradcalc.record import dataclass

from .components import Component, apart, negligible, settle


@dataclass(frozen=True, slots=True)
class Side:
    """The derivative on one side of a point (None: `why`), whether the formula is continuous from there (None: not
    known), and whether the formula ends at the point."""

    grad: Any
    joins: bool | None
    ends: bool = False
    why: str = ""

    @property
    def slope(self) -> float | None:
        """The derivative to tell, if there is one: where the value jumps there is none."""
        if self.grad is None or not self.joins or not self.grad.is_finite():
            return None
        return float(self.grad.mid()) + 0.0


def joined_at(
    formula: Formula, point: str, left: Side, right: Side, same: Callable[[Any, Any], bool], by_table: Any = None
) -> Component:
    """The partial derivative by one name, from both sides of the point, which is given as text.

    Args:
        same: whether two numbers are certainly equal.
        by_table: the convention for the kink, if there is one.
    """
    what = told(formula)
    number = float(by_table.mid()) + 0.0 if by_table is not None and by_table.is_finite() else math.nan
    if left.ends or right.ends:
        return _at_end(what, point, left, right)
    if left.grad is None or right.grad is None:
        # the table's convention is for pieces that are known: here it may be the slope of a value filled in
        return Component(math.nan, "undecided", f"{left.why or right.why} (at {point})")
    if not (left.grad.is_finite() and right.grad.is_finite()):
        sides = ""
        if left.grad.is_finite() or right.grad.is_finite():
            sides = f": left {_told(left.grad)}, right {_told(right.grad)}"
        below, above = float(left.grad), float(right.grad)
        message = f"{what} has no finite derivative at {point}{sides}"
        return Component(math.nan, "not-differentiable", message, None, below, above)
    one_sided = left.slope, right.slope
    jumps = False in (left.joins, right.joins)
    if not jumps and (
        left.joins is None or right.joins is None or not (same(left.grad, right.grad) or apart(left.grad, right.grad))
    ):
        why = f"whether the pieces that meet at {point} join could not be told"
        return Component(number, "undecided", why, None, *one_sided)
    by_convention = not math.isnan(number)
    if jumps:
        why = f"{what} jumps at {point}"
        return Component(number, "not-differentiable", why, None, *one_sided, by_convention=by_convention, jumps=True)
    if apart(left.grad, right.grad):
        sides = f"left {_told(left.grad)}, right {_told(right.grad)}"
        if shown(left.grad) == shown(right.grad):
            sides += f", which differ by {shown(abs(right.grad - left.grad))}"
        why = f"{what} has a corner at {point}: {sides}"
        return Component(number, "not-differentiable", why, None, *one_sided, by_convention=by_convention)
    component = settle(left.grad.union(right.grad), last=True)  # no more is known of it than of both sides
    assert component is not None
    return component


def derivative_name(formula: Formula, name: str, order: int, derivative: Formula) -> Name:
    """A formula's derivative of an order under that name, for messages on it."""
    power = "" if order == 1 else f"^{order}"
    return Name(f"d{power}/d{name}{power} {derived(formula)}", derivative, formula.span)


def _told(grad: Any) -> str:
    if negligible(grad) and grad.contains(0) and not grad.is_zero():
        return "~0"
    return shown(grad) if grad.is_finite() else "inf" if grad > 0 else "-inf" if grad < 0 else "none"


def _at_end(what: str, point: str, left: Side, right: Side) -> Component:
    """The component of a formula that has a value at the point, but none on one side or on both."""
    if left.ends and right.ends:
        return Component(math.nan, "not-differentiable", f"{what} has a value at {point}, but on neither side of it")
    word, side = ("right", right) if left.ends else ("left", left)
    if side.joins is None:
        other = "left" if left.ends else "right"
        message = f"{what} has no value to the {other} of {point}"
        return Component(math.nan, "not-differentiable", message, anything())
    message = f"{what} has values on one side of {point} only"
    slope = side.slope
    if slope is None:
        ball = anything() if side.joins and side.grad is None else None
        return Component(math.nan, "not-differentiable", message, ball)
    one_sided = (None, slope) if left.ends else (slope, None)
    message = f"{message}: {word} derivative {shown(slope)}"
    return Component(slope, "not-differentiable", message, side.grad, *one_sided)
