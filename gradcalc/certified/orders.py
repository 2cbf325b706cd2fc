"""Derivatives of higher order: whether those below exist."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from gradcalc.engine.lowering import Point, leaves
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import our_derivative, prepare, with_absolute_values
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import kept
from gradcalc.language.literals import number

from .certifier import certify
from .components import Component


@dataclass(frozen=True, slots=True)
class Missing:
    """The first order of derivative that is not there, or not known to be, and what was found instead of it."""

    order: int
    found: Component


def first_missing(formula: str | Formula, at: Point, name: str, order: int) -> Missing | None:
    """The first order, from 1 to `order`, at which there is no derivative by a variable at a point, or none that could
    be told; None where all of them exist. The derivative written out says nothing of that: for `floor(x)` it is 0.
    """
    current = prepare(formula)
    hidden = program_of(current).compares_equal  # the branch for one point has other derivatives than its surroundings
    for k in range(1, order + 1):
        if k > 1 and hidden:
            return Missing(k, Component(math.nan, "undecided", f"what holds at one point hides the order {k}"))
        try:
            found = certify(current, at, (name,)).gradient[name]
        except FormulaError as error:
            return Missing(k, Component(math.nan, "undecided", error.message))
        if found.status not in ("certified", "zero"):
            return Missing(k, found)
        if k < order:
            current = our_derivative(current, name)
    return None


def derivative_there(formula: str | Formula, at: Point, name: str, order: int) -> Formula | Missing:
    """The derivative of an order by a variable, as a formula that has its value at a point too.

    Written out by the chain rule, the derivative of `sqrt(x^4)` is a quotient that has no value at 0, where the
    derivative is 0. Where that is so, what the study of both sides finds is filled in at the point, and the derivatives
    of that are found by their study in turn. What is written out may have no value beside the point either, where the
    derivative has one: see `believed`.
    """
    current = kept(prepare(formula), with_absolute_values)
    point = leaves(current, at)
    for k in range(1, order + 1):
        derivative = our_derivative(current, name)
        try:
            certify(derivative, at, ())
        except UndefinedError:
            found = certify(current, at, (name,)).gradient[name]
            if found.status not in ("certified", "zero"):
                return Missing(k, found)
            value = _exact(found)
            if value is None:
                return Missing(k + 1, Component(math.nan, "undecided", NOT_WRITTEN))
            here = [Call(TABLE["=="], (Name(x), constant)) for x, constant in point.items()]
            there = reduce(lambda a, b: Call(TABLE["and"], (a, b)), here)
            derivative = Call(TABLE["if"], (there, number(value), derivative), derivative.span)
        current = derivative
    return current


def believed(found: Component) -> Component:
    """What the study of a filled-in derivative shows. That it has no value on a side shows nothing: it is the quotient
    that has none there."""
    if found.status != "not-differentiable" or None not in (found.left, found.right):
        return found
    return Component(math.nan, "undecided", NOT_WRITTEN)


NOT_WRITTEN = "written out, the derivative is a quotient of zeros here, and its own derivative could not be told"


def _exact(found: Component) -> Fraction | None:
    """The rational number that a ball without width is."""
    if found.status == "zero" or found.number == 0:
        return Fraction(0)
    if found.ball is None or not found.ball.is_exact():
        return None
    middle, exponent = map(int, found.ball.man_exp())
    return middle * Fraction(2) ** exponent
