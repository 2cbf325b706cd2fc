"""Formulas drawn from the table, with values for their variables inside every domain.

Nothing here lists functions: a row that is added to the table takes part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from gradcalc.language.formula import Call, Formula, Name, Number
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.parser import parse

Box = tuple[float, float]

# ordinary words that other programs reserve, letters with a meaning elsewhere, and characters beyond ASCII
VARIABLES = ("x", "y", "a", "b", "lambda", "S", "N", "I", "E", "Q", "beta", "gamma", "class", "θ", "x_1", "été")

NUMERIC = tuple(row for row in TABLE.values() if (row.partials or row.definition) and not row.condition)
SMOOTH = tuple(row for row in NUMERIC if row.smooth)
COMPARISONS = tuple(row for row in TABLE.values() if row.condition and row.value is not None)
JOINS = tuple(row for row in TABLE.values() if row.condition and row.value is None)  # and, or, not


def box_of(row: Function, index: int) -> Box:
    """Where the argument number `index` of a row may lie."""
    return row.sample[min(index, len(row.sample) - 1)]  # of a variadic row there may be more arguments


def decimal(value: float) -> Formula:
    """A literal, or the minus of one."""
    literal = Number(repr(abs(value)), Fraction(repr(abs(value))))
    return Call(TABLE["neg"], (literal,)) if value < 0 else literal


def squashed(formula: Formula, box: Box) -> Formula:
    """`formula` brought smoothly into a box."""
    low, high = box
    share = Call(TABLE["sigmoid"], (formula,))
    return Call(TABLE["+"], (decimal(low), Call(TABLE["*"], (decimal(high - low), share))))


@cache
def irrational(box: Box) -> list[tuple[str, float]]:
    """Numbers in a box that are not rational, as texts with their doubles."""
    low, high = box
    numbers = (("sqrt(2)", math.sqrt(2)), ("pi", math.pi), ("e", math.e), ("sqrt(3)", math.sqrt(3)))
    return [
        (f"{times}*{text}/{over}", times * value / over)
        for text, value in numbers
        for over in (1, 2, 3, 4, 7, 8, 12, 40)
        for times in (1, 2, 3, 5, 7, -1, -2, -3, -5, -7)
        if low < times * value / over < high
    ]


@dataclass
class _Drawing:
    draw: Callable[[st.SearchStrategy[Any]], Any]
    rows: tuple[Function, ...]
    choices: bool
    exactly: bool = False  # whether values are such as no double is: roots and multiples of pi, and exact zeros
    bindings: dict[str, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    intermediates: list[Name] = field(default_factory=list)

    def leaf(self, box: Box) -> Formula:
        low, high = box
        if low == high:
            return decimal(low)
        known = [name for name, value in self.bindings.items() if low <= value <= high]
        new = [name for name in VARIABLES if name not in self.bindings]
        kind = self.draw(st.sampled_from(["number", "new", "new", "known", "known"]))
        if self.exactly and self.texts and self.draw(st.booleans()):
            return self.beside_zero(0.0 if low < 0 < high else round((low + high) / 2, 3))
        if kind == "known" and known:
            return Name(self.draw(st.sampled_from(known)))
        value = round(self.draw(st.floats(low, high)), 3)
        if kind == "number" or not new:
            return decimal(min(max(value, low), high))
        name = self.draw(st.sampled_from(new))
        self.bindings[name] = min(max(value, low), high) + 0.0  # no -0.0
        if self.exactly:
            text, value = self.draw(st.sampled_from(irrational(box)))
            self.bindings[name], self.texts[name] = value, text
        return Name(name)

    def beside_zero(self, value: float) -> Formula:
        """A constant and, added to it, what is exactly 0 at the point."""
        name = self.draw(st.sampled_from(sorted(self.texts)))
        zero = Call(TABLE["-"], (Name(name), parse(self.texts[name])))
        if self.draw(st.booleans()):
            zero = Call(TABLE["sin"], (Call(TABLE["*"], (Name("pi"), Call(TABLE["+"], (zero, decimal(3.0))))),))
        return Call(TABLE["+"], (decimal(value), zero)) if value else zero

    def formula(self, leaves: int) -> Formula:
        if leaves <= 1:
            return self.leaf((-2.0, 2.0))
        row = self.draw(st.sampled_from(self.rows))
        if self.choices and self.draw(st.integers(0, 9)) == 0:
            parts = [self.condition(leaves // 3), self.formula(leaves // 3), self.formula(leaves // 3)]
            return Call(TABLE["if"], tuple(parts))
        count = self.draw(st.integers(2, 4)) if row.variadic else len(row.params)
        result: Formula = Call(row, tuple(self.argument(row, i, leaves // count) for i in range(count)))
        if self.draw(st.integers(0, 5)) == 0:
            result = Name(f"v{len(self.intermediates)}", result)
            self.intermediates.append(result)
        return result

    def argument(self, row: Function, index: int, leaves: int) -> Formula:
        box = box_of(row, index)
        constant = index < len(row.partials) and row.partials[index] is None
        if constant or leaves <= 1 or box[0] == box[1]:
            return self.leaf((box[0], box[0]) if constant else box)
        if self.intermediates and self.draw(st.integers(0, 3)) == 0:
            inner: Formula = self.draw(st.sampled_from(self.intermediates))
        else:
            inner = self.formula(leaves - 1)
        # operators that are defined everywhere take anything; the rest must be led into its domain, or it overflows
        return inner if row.symbol and not row.domain else squashed(inner, box)

    def condition(self, leaves: int) -> Formula:
        if leaves > 2 and self.draw(st.booleans()):
            row = self.draw(st.sampled_from(JOINS))
            return Call(row, tuple(self.condition(leaves // 2) for _ in row.params))
        row = self.draw(st.sampled_from(COMPARISONS))
        return Call(row, (self.formula(leaves // 2), self.formula(leaves // 2)))


@st.composite
def formulas(
    draw: Callable[[st.SearchStrategy[Any]], Any], smooth_only: bool = False, max_leaves: int = 8
) -> tuple[Formula, dict[str, float]]:
    """A formula and a value for each of its free names, at which every part of it is defined.

    Some parts are named intermediates, used more than once. With `smooth_only` there is no kink, jump or choice.
    """
    drawing = _Drawing(draw, SMOOTH if smooth_only else NUMERIC, choices=not smooth_only)
    formula = drawing.formula(draw(st.integers(1, max_leaves)))
    return formula, drawing.bindings


@st.composite
def at_exact_points(
    draw: Callable[[st.SearchStrategy[Any]], Any], smooth_only: bool = False, max_leaves: int = 8
) -> tuple[Formula, dict[str, str]]:
    """As `formulas`, at irrational points, with parts that are exactly 0 there and no double shows to be."""
    drawing = _Drawing(draw, SMOOTH if smooth_only else NUMERIC, choices=not smooth_only, exactly=True)
    return drawing.formula(draw(st.integers(1, max_leaves))), drawing.texts
