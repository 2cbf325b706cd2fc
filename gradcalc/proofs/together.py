"""Formulas that two names stand in only by their difference, or only by their sum.

The argument. If F does not change where x and y grow by the same, it is G(x - y), with G(t) = F(t, 0), at all points.
So is a claim C that does not change either, and C is the derivative of F by x everywhere if C(t, 0) is that of G by t
for all t. With -y for y the same holds of `x + y`. By how much each part of a formula grows where x grows by 1 is told
from its leaves on: sums and multiples by numbers grow by what their parts do, comparisons of what grows alike do not,
nor does any row of what does not. Of all else nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcalc.engine.rationals import rational_value
from gradcalc.engine.switches import OUTCOME
from gradcalc.language.formula import Call, Formula, Name, fold, free_names
from gradcalc.language.literals import ZERO
from gradcalc.language.substitution import substitute

_SIGNS = {Fraction(1): "-", Fraction(-1): "+"}
_NONE = Fraction(0)


def with_the_difference_named(
    formulas: Sequence[Formula], name: str, names: Sequence[str]
) -> tuple[list[Formula], str] | None:
    """Formulas with one name for the difference or the sum of a name and another of some that they have in no other
    way, and that name; None where there is no such other."""
    for other in (each for each in names if each != name and any(each in free_names(f) for f in formulas)):
        for by, sign in _SIGNS.items():
            if all(_growth(formula, {name: Fraction(1), other: by}) == _NONE for formula in formulas):
                whole = f"{name} {sign} {other}"
                return [substitute(each, {name: Name(whole), other: ZERO}) for each in formulas], whole
    return None


def _growth(formula: Formula, by: dict[str, Fraction]) -> Fraction | None:
    """By how much a formula grows where names grow by so much; None where that is not known."""

    def name(node: Name, defined: Fraction | None) -> Fraction | None:
        return by.get(node.name, _NONE) if node.definition is None else defined

    def call(node: Call, args: list[Fraction | None]) -> Fraction | None:
        row = node.function.name
        grown = [each for each in args if each is not None]
        if len(grown) < len(args):
            return None
        if row in ("+", "-"):
            return grown[0] + grown[1] if row == "+" else grown[0] - grown[1]
        if row == "neg":
            return -grown[0]
        if not any(grown):
            return _NONE
        if row in OUTCOME:
            return _NONE if grown[0] == grown[1] else None
        if row in ("*", "/"):
            factors = [rational_value(arg) for arg in node.args]
            if row == "*" and isinstance(factors[0], Fraction):
                return factors[0] * grown[1]
            if isinstance(factors[1], Fraction) and (row == "*" or factors[1]):
                return grown[0] * factors[1] if row == "*" else grown[0] / factors[1]
        return None

    return fold(formula, lambda _: _NONE, name, call)
