"""Classes that sympy may differentiate, but not work out: constants, comparisons, choices, jumps, rows by name.

Sympy 1.14 takes `acosh(1 + 1e-30)` for 0, decides comparisons by two digits, and holds `atan` of whole numbers for
never 0. So constants of inexact functions are symbols to it, comparisons are decided by us alone, and nothing is
known to be an integer or rational that depends on a variable.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from gradcalc.language.errors import SymbolicError
from gradcalc.language.functions import TABLE, Function

Expr = Any  # sympy has no types


class Constant(sympy.Symbol):  # type: ignore[misc]  # sympy has no types
    """A constant of an inexact function. Its name is the constant in our notation, which no variable can have."""

    __slots__ = ()

    def __new__(cls, text: str, **assumptions: Any) -> Constant:
        return super().__new__(cls, text, real=True)  # type: ignore[no-any-return]


def is_constant(expr: Expr) -> bool:
    """Whether no variable stands in it."""
    stack = [expr]
    while stack:
        part = stack.pop()
        if part.is_Symbol and not isinstance(part, Constant):
            return False
        stack += part.args
    return True


def rebuilt(expr: Expr, made: Callable[[Expr, list[Expr]], Expr], known: dict[Expr, Expr] | None = None) -> Expr:
    """The expression with what `made` gives for each part and its rebuilt arguments; `known` parts stay as they are."""
    known = {} if known is None else known

    def rebuild(part: Expr) -> Expr:
        if part not in known:
            known[part] = made(part, [rebuild(arg) for arg in part.args])
        return known[part]

    return rebuild(expr)


def with_args(part: Expr, args: Sequence[Expr]) -> Expr:
    """The expression with other arguments; itself where these are its own."""
    return part if all(map(operator.is_, args, part.args)) else part.func(*args)


def _class(name: str, base: type[Any], prefix: str = "", **fields: Any) -> Any:
    """A class of a name, which can be sent to another process: it stands in this module, behind a prefix."""
    own = {"__module__": __name__, "__qualname__": prefix + name}
    made = globals()[prefix + name] = type(name, (base,), {**fields, **own})
    return made


# ---- conditions


class Comparison(Boolean):  # type: ignore[misc]
    """Two quantities compared: decided between rational numbers and between the same, and else left as it is.

    `holds` compares two numbers.
    """

    holds: ClassVar[Any]

    def __new__(cls, lhs: Expr, rhs: Expr) -> Any:
        if lhs.is_Rational and rhs.is_Rational:
            return sympy.sympify(bool(cls.holds(lhs, rhs)))
        if lhs == rhs:
            return sympy.sympify(cls.holds(0, 0))
        return super().__new__(cls, lhs, rhs)

    def given(self, sign: int) -> Expr:
        """True or false, where `lhs - rhs` has that sign."""
        return sympy.sympify(bool(type(self).holds(sign, 0)))


_HOLDS = {
    "<": ("Less", operator.lt), "<=": ("LessEqual", operator.le), ">": ("Greater", operator.gt),
    ">=": ("GreaterEqual", operator.ge), "==": ("Equal", operator.eq), "!=": ("Unequal", operator.ne),
}  # fmt: skip
COMPARISONS: Mapping[str, type[Comparison]] = {
    sign: _class(name, Comparison, holds=staticmethod(holds)) for sign, (name, holds) in _HOLDS.items()
}


class Case(ExprCondPair):  # type: ignore[misc]
    """A value and its condition, which sympy would take apart where a choice stands in it."""

    def __new__(cls, value: Expr, condition: Expr) -> Any:
        return sympy.Basic.__new__(cls, value, condition)


class Choice(sympy.Piecewise):  # type: ignore[misc]
    """Sympy's Piecewise, of which nothing is known but that it is real."""

    def __new__(cls, *pairs: Any, **_: Any) -> Any:
        kept: list[Case] = []
        for pair in pairs:
            value, condition = getattr(pair, "args", pair)
            if condition == sympy.false:
                continue
            value = _chosen(value, condition, [case.cond for case in kept])
            if kept and kept[-1].expr == value and condition == sympy.true:
                kept.pop()
            kept.append(Case(value, condition))
            if condition == sympy.true:
                break
        if len(kept) == 1 and kept[0].cond == sympy.true:
            return kept[0].expr
        return sympy.Basic.__new__(cls, *kept)

    def _eval_is_rational(self) -> None:
        return None

    def _eval_is_integer(self) -> None:
        return None

    _eval_is_even = _eval_is_odd = _eval_is_irrational = _eval_is_zero = _eval_is_integer

    def _eval_is_extended_real(self) -> bool:
        return True


def _chosen(value: Expr, condition: Expr, failed: Sequence[Expr]) -> Expr:
    """The value with the choices in it made, where a condition holds and others do not."""

    def made(part: Expr, args: Sequence[Expr]) -> Expr:
        part = with_args(part, args)
        if not isinstance(part, Choice):
            return part
        first = next(case for case in part.args if case.cond not in failed)
        return first.expr if first.cond in (condition, sympy.true) else part

    return rebuilt(value, made)


def choice(condition: Expr, a: Expr, b: Expr) -> Expr:
    """`if(condition, a, b)`."""
    return a if a == b else Choice((a, condition), (b, sympy.true))


# ---- jumps


class Floor(sympy.Function):  # type: ignore[misc]
    """The largest integer not above, worked out for rational numbers alone."""

    is_real = True

    @classmethod
    def eval(cls, x: Expr) -> Expr:
        return sympy.floor(x) if x.is_Rational else None


class Sign(sympy.sign):  # type: ignore[misc]
    """-1, 0 or 1, which sympy is not told, or it would take `atan` of it for never 0."""

    def _eval_is_integer(self) -> None:
        return None

    def _eval_is_extended_real(self) -> bool:
        return True


JUMPS = (sympy.sign, Floor)


# ---- rows of the table that sympy does not have, by name


class Named(sympy.Function):  # type: ignore[misc]
    """A row of the table that is handed to sympy by its definition, which is differentiated, but kept by name."""

    is_real = True
    row: ClassVar[Function]
    # entered by `slopes`, which works them out of the definitions by means of these classes
    defined: ClassVar[Callable[[Function, Sequence[Expr]], Expr]]
    slope: ClassVar[Callable[[Function, int, Sequence[Expr]], Expr]]
    derived: ClassVar[Callable[[Function, Sequence[Expr], Expr], Expr]]

    def fdiff(self, argindex: int = 1) -> Expr:
        return type(self).slope(self.row, argindex - 1, self.args)

    def _eval_derivative(self, symbol: Expr) -> Expr:
        """Of a row that is not smooth as a whole: on a tie between arguments each by itself would count it."""
        if self.row.smooth:
            return super()._eval_derivative(symbol)
        return type(self).derived(self.row, self.args, symbol)


class Selected(Named):
    """One of two or more arguments: the largest or the smallest."""

    @classmethod
    def eval(cls, *args: Expr) -> Expr:
        distinct = list(dict.fromkeys(args))
        if len(distinct) == 1:
            return distinct[0]
        return cls(*distinct) if len(distinct) < len(args) else None

    def _eval_derivative(self, symbol: Expr) -> Expr:
        """A cascade with one case for each argument that varies, and one for all the others."""
        slopes = [(i, arg.diff(symbol)) for i, arg in enumerate(self.args)]
        moving = [(i, slope) for i, slope in slopes if slope != 0]
        pieces: list[Any] = []
        left = list(self.args)
        for i, slope in moving:
            left.remove(self.args[i])
            if not left:
                return Choice(*pieces, (slope, sympy.true))
            pieces.append((slope, self.selects(self.args[i], self.func(*left))))
        return Choice(*pieces, (sympy.S.Zero, sympy.true)) if pieces else sympy.S.Zero

    def selects(self, arg: Expr, rest: Expr) -> Expr:
        """The condition on which the row is `arg` rather than `rest`."""
        return type(self).defined(self.row, (arg, rest)).args[0].cond


def split(comparison: Comparison) -> Expr:
    """`max(x, 0) <= 6` as `x <= 6`: a comparison with a row whose value is one of its arguments, where that leaves no
    more than one argument to compare."""
    made = type(comparison)
    lhs, rhs = comparison.args
    if made.holds in (operator.eq, operator.ne) or isinstance(lhs, Selected) == isinstance(rhs, Selected):
        return comparison
    row = lhs if isinstance(lhs, Selected) else rhs
    parts = [made(arg, rhs) if row is lhs else made(lhs, arg) for arg in row.args]
    if sum(isinstance(part, Comparison) for part in parts) > 1:
        return comparison
    largest = type(row.selects(*_PAIR)).holds in (operator.gt, operator.ge)
    below = (made.holds in (operator.lt, operator.le)) == (row is lhs)
    return sympy.And(*parts) if largest == below else sympy.Or(*parts)


_PAIR = (sympy.Dummy(real=True), sympy.Dummy(real=True))


# a class for each row without a function of sympy's, and with a definition
NAMED: Mapping[str, type[Named]] = {
    row.name: _class(row.name, Selected if row.variadic else Named, "row_", row=row)
    for row in TABLE.values()
    if not (row.sympy or row.symbol or row.condition) and row.definition
}


_CALLED = re.compile(r"(\w+)(?:\((.*)\))?")


def sympy_function(row: Function) -> Callable[..., Expr]:
    """Sympy's function of a row: by its name, or by a call of it with the row's parameters and whole numbers."""
    found = _CALLED.fullmatch(row.sympy)
    function = getattr(sympy, found[1], None) if found else None
    if not callable(function) or found is None:
        raise SymbolicError(f"the row of {row.spelling} names sympy.{row.sympy}, which sympy does not have")
    if found[2] is None:
        return function  # type: ignore[no-any-return]
    places = [arg.strip() for arg in found[2].split(",")]

    def called(*args: Expr) -> Expr:
        given = dict(zip(row.params, args, strict=True))
        return function(*(given[place] if place in given else sympy.Integer(place) for place in places))

    return called
