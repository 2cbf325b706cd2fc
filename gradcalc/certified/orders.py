"""Derivatives of higher order: whether those below exist."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradcalc.engine.lowering import Point
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula

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
