"""The help of an error where a formula has no value: the numbers that it goes to beside that point."""

from __future__ import annotations

from fractions import Fraction

from gradcalc.engine.scalars import precision
from gradcalc.language.errors import LIMITS, UndefinedError
from gradcalc.language.formula import expression
from gradcalc.language.literals import number

from .components import same, settle
from .onesided import beside_point
from .posed import Posed
from .series import Outside
from .terms import Coefficient, as_ball

_SHORT = 40  # characters of a formula that is written once more


def with_limits(of: Posed, error: UndefinedError) -> UndefinedError:
    """The error, with what the formula goes to on the sides of the point, where one variable alone moves it."""
    if error.help or len(of.at) != 1:
        return error
    ((name, place),) = of.at.items()
    with precision(LIMITS.precision):
        left, right = (_limit(of, name, direction) for direction in (-1, 1))
        if left is None and right is None:
            return error
        if left is None or right is None:
            side, known = ("right", right) if left is None else ("left", left)
            help = f"on its {side} it goes to {_text(known)}"
        elif left == right or same(as_ball(left), as_ball(right)):
            help = f"on both sides it goes to {_text(left)}"
            if isinstance(left, Fraction) and len(text := expression(of.formula)) <= _SHORT:
                help += f": for that there write if({name} == {expression(place)}, {_text(left)}, {text})"
        else:
            help = f"on its left it goes to {_text(left)}, on its right to {_text(right)}"
    return UndefinedError(error.message, error.diagnostic.span, help)


def _limit(of: Posed, name: str, direction: int) -> Coefficient | None:
    """The limit on one side, if there is a finite one and it is known."""
    try:
        found = beside_point(of, name, direction)
    except Outside:
        return None
    return None if found is None or found.slope is None else found.limit


def _text(limit: Coefficient | None) -> str:
    if isinstance(limit, Fraction):
        return expression(number(limit))
    settled = settle(as_ball(limit), last=True)
    return "~0" if settled is None or settled.status == "zero" else f"{settled.number:.10g}"
