"""Formulas made as people write them: `2*x` for `2*x^(2 - 1)*1`, `a - b` for `a + (-1)*b`.

`TIDY` is a kind of scalar: the texts of the table, taken over it, come out tidy. Only exact equalities of numbers,
sums, products, quotients and powers are used, and nothing is cancelled, so that the domain stays the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from gradcalc.language.algebra import same
from gradcalc.language.formula import Call, Formula, Name, Number, fold, rebuilt
from gradcalc.language.functions import RESERVED, TABLE, Function
from gradcalc.language.literals import ONE, ZERO, number, short, signed, unsigned

from .domains import bare
from .formulas import MINUS_ONE, controlled, factors, in_chain, operands, terms_of
from .rationals import rational_value
from .scalars import FLOAT, Scalars


def tidy(row: Function, args: Iterable[Formula]) -> Any:
    """A row at tidy arguments: a formula; for a condition between numbers, True or False."""
    args = tuple(args)
    rule = _RULES.get(row.name)
    if rule is not None:
        return rule(row, args)
    if row.condition and row.value is not None:
        known = [_known(arg) for arg in args]
        if None not in known:
            return bool(FLOAT.function(row)(*known))
    return Call(row, args)


def tidied(formula: Formula) -> Formula:
    """A formula, tidy: without what rules leave behind, as derivatives are made by them."""
    return rebuilt(formula, lambda node, args: tidy(node.function, args))


def plain(formula: Formula, exceptions: bool = True) -> tuple[Formula, Formula | None]:
    """A formula, tidy, and without what is there for its domain alone, which has to be looked at before; where it is to
    have no `exceptions`, also without the special cases of rules, and the condition of these, if there are any."""
    left_out: list[Formula] = []

    def call(node: Call, args: list[Formula]) -> Formula:
        made = bare(node, args) or tidy(node.function, args)
        made, conditions = (made, []) if exceptions else without_exceptions(made)
        left_out.extend(conditions)
        return made

    found = rebuilt(formula, call)
    return found, reduce(lambda one, other: tidy(TABLE["or"], (one, other)), left_out) if left_out else None


def without_exceptions(partial: Formula) -> tuple[Formula, list[Formula]]:
    """A partial derivative without its special cases, and the conditions of these: the rule holds almost everywhere."""
    conditions = []
    while isinstance(partial, Call) and partial.function.name == "if" and _is_thin(partial.args[0]):
        condition, _, partial = partial.args
        conditions.append(condition)
    return partial, conditions


def _is_thin(condition: Formula) -> bool:
    """Whether a condition needs an equality."""

    def call(node: Call, below: list[bool]) -> bool:
        name = node.function.name
        return name == "==" or (name == "and" and any(below)) or (name == "or" and all(below))

    return fold(condition, lambda _: False, lambda *_: False, call)


TIDY = Scalars("tidy", number, Name, lambda _, row: lambda *args: tidy(row, args), native=frozenset())


def exact_value(formula: Formula) -> Fraction | None:
    """The number that an integer, a quotient of integers or minus one of them stands for, else None."""
    coefficient, top, bottom = _factors(formula)
    return coefficient if not (top or bottom) or coefficient == 0 else None


def _known(side: Formula) -> Fraction | float | None:
    """The value of a side of a comparison, where it is known: its number, or that of a constant such as `pi`."""
    if isinstance(side, Name) and side.definition is None and side.name in RESERVED:
        return float(getattr(math, side.name))
    exact = exact_value(side)
    return _typed(side) if exact is None else exact


def _typed(formula: Formula) -> Fraction | None:
    """A number as it is typed, with a minus or without."""
    if isinstance(formula, Call) and formula.function.name == "neg" and isinstance(formula.args[0], Number):
        return -formula.args[0].value
    return formula.value if isinstance(formula, Number) else None


def isolated(quantity: Formula) -> tuple[Formula, bool]:
    """A quantity with one term alone that has the same sign, or the opposite one, and whether it is the opposite: of
    `3 - 2*x` that is `x - 1.5`. A quantity with more than one term that is no number is left as it is."""
    constant, others = Fraction(0), []
    for term, sign in terms_of(quantity):
        value = rational_value(term)
        constant += 0 if value is None else sign * value
        others += [(term, sign)] if value is None else []
    if len(others) != 1:
        return quantity, False
    (term, sign), coefficient = others[0], Fraction(1)
    sides: tuple[list[Formula], list[Formula]] = ([], [])
    for factor, below in factors(term):
        value = rational_value(factor)
        if value is None:
            sides[below].append(factor)
        elif value == 0:
            return quantity, False
        else:
            coefficient = coefficient / value if below else coefficient * value
    top = in_chain("*", sides[0]) if sides[0] else ONE
    alone = Call(TABLE["/"], (top, in_chain("*", sides[1]))) if sides[1] else top
    coefficient *= sign
    bound = _typed_so(-constant / coefficient)
    return Call(TABLE["-"], (alone, bound)) if constant else alone, coefficient < 0


def _typed_so(value: Fraction) -> Formula:
    """A number as people type it: `1.5`, `-1/3`."""
    found = short(value)
    quotient = isinstance(found, Call) and isinstance(unsigned(found), Call)
    return Call(TABLE["/"], tuple(map(number, value.as_integer_ratio()))) if quotient else found


# ---- products: an exact coefficient, the factors above the line, and those below


def _factors(formula: Formula) -> tuple[Fraction, list[Formula], list[Formula]]:
    coefficient = Fraction(1)
    sides: tuple[list[Formula], list[Formula]] = ([], [])
    for node, below in factors(formula):
        if node is MINUS_ONE:
            coefficient = -coefficient
        elif isinstance(node, Number) and node.text.isdigit() and not (below and node.value == 0):
            coefficient = coefficient / node.value if below else coefficient * node.value
        else:
            sides[below].append(node)
    return coefficient, *sides


def _from_factors(coefficient: Fraction, top: list[Formula], bottom: list[Formula]) -> Formula:
    if coefficient == 0:
        return ZERO
    size = abs(coefficient)
    factors = sorted(top, key=_place)
    if size.numerator != 1 or not factors:
        typed = factors[0].value if factors and isinstance(factors[0], Number) else None
        decimal = None if typed is None else _written(size.numerator * typed)
        factors[: decimal is not None] = [decimal or number(size.numerator)]
    if coefficient < 0:
        factors[0] = Call(TABLE["neg"], (factors[0],))
    below = [number(size.denominator)] if size.denominator != 1 else []
    result = in_chain("*", factors)
    below += _powers(sorted(bottom, key=_place))
    return Call(TABLE["/"], (result, in_chain("*", below))) if below else result


def _written(exact: Fraction) -> Formula | None:
    """A number with a few digits and a point, if these write it exactly."""
    text = str(Decimal(abs(exact).numerator) / Decimal(exact.denominator))
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text) or Fraction(text) != abs(exact):
        return None
    return signed(text, exact)


def _place(factor: Formula) -> int:
    """People write numbers before letters, and letters before functions."""
    base = factor.args[0] if isinstance(factor, Call) and factor.function.name == "^" else factor
    return 0 if isinstance(factor, Number) else 1 if isinstance(base, Name) else 2


def _powers(factors: list[Formula]) -> list[Formula]:
    """Factors next to each other that are the same, as a power."""
    groups: list[list[Formula]] = []
    for factor in factors:
        if groups and same(groups[-1][0], factor):
            groups[-1].append(factor)
        else:
            groups.append([factor])
    return [g[0] if len(g) == 1 else Call(TABLE["^"], (g[0], number(len(g)))) for g in groups]


def _product(row: Function, args: tuple[Formula, ...]) -> Formula:
    return _from_factors(*_factors(Call(row, args)))


# ---- sums: terms with signs, their numbers added up


def _sum(row: Function, args: tuple[Formula, ...]) -> Formula:
    numbers = [_typed(arg) for arg in args]
    if None not in numbers and row.rational is not None and (written := _written(row.rational(*numbers))):
        return written
    constant, place = Fraction(0), 0
    terms: list[tuple[Fraction, Formula]] = []
    for term, minus in operands(Call(row, args), "+", "-"):
        sign = -1 if minus else 1
        coefficient, top, bottom = _factors(term)
        if not (top or bottom) or coefficient == 0:
            place = place if constant else len(terms)
            constant += sign * coefficient
        else:
            terms.append((sign * coefficient, _from_factors(Fraction(1), top, bottom)))
            if len(terms) > 1 and coefficient * terms[-2][0] * sign > 0 and same(terms[-1][1], terms[-2][1]):
                terms[-2:] = [(terms[-1][0] + terms[-2][0], terms[-1][1])]  # x + x
    made = [(size > 0, _from_factors(*_times(abs(size), term))) for size, term in terms]
    if constant:
        made.insert(place, (constant > 0, number(abs(constant))))
    if not made:
        return ZERO
    plus, result = made[0]
    if not plus:
        result = _product(TABLE["neg"], (result,))
    for plus, term in made[1:]:
        result = Call(TABLE["+" if plus else "-"], (result, term))
    return result


def _times(size: Fraction, term: Formula) -> tuple[Fraction, list[Formula], list[Formula]]:
    coefficient, top, bottom = _factors(term)
    return size * coefficient, top, bottom


# ---- powers and choices


def _power(row: Function, args: tuple[Formula, ...]) -> Formula:
    exponent = exact_value(args[1])
    if exponent == 0:
        return ONE
    return args[0] if exponent == 1 else Call(row, args)


def _joined(row: Function, args: tuple[Any, ...]) -> Any:
    """`and` and `or`, where `A or A and B` is A."""
    for one, other in (args, args[::-1]):
        opposite = isinstance(other, Call) and other.function.name in ("and", "or") and other.function is not row
        parts = (other, *(other.args if opposite else ()))
        if isinstance(one, Formula) and any(isinstance(part, Formula) and same(one, part) for part in parts):
            return one
    return controlled(row, args)


_RULES: Mapping[str, Callable[[Function, tuple[Any, ...]], Any]] = {
    "+": _sum, "-": _sum, "*": _product, "/": _product, "neg": _product, "^": _power,
    "if": controlled, "not": controlled, "and": _joined, "or": _joined,
}  # fmt: skip
