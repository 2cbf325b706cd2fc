"""Symbols as a kind of scalar: what the rows of the table become in sympy's own functions, with exact constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial, reduce
from typing import Any

import sympy

from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import BALL, NATIVE, Scalars, rising
from gradcalc.language.errors import LIMITS, LimitError, SymbolicError
from gradcalc.language.formula import Call, Formula, expression
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.literals import decimal

from .back import DIGITS, DIGITS_OF_A_CONSTANT, LONGEST, FromSympy, as_constant, from_sympy
from .differentiate import nth_derivative
from .opaque import COMPARISONS, NAMED, Comparison, Constant, Expr, Floor, Sign, choice, is_constant, sympy_function


def variable(name: str) -> Expr:
    return sympy.Symbol(str(name), real=True)


LONG_NUMBER = 200  # bits of a number that sympy calculates with; 1e-30000 is a symbol to it


def is_long(constant: Expr) -> bool:
    return bool(constant.is_Rational and max(abs(int(constant.p)), int(constant.q)).bit_length() > LONG_NUMBER)


def number_of(value: Fraction) -> Expr:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) <= LONG_NUMBER:
        return sympy.Rational(value.numerator, value.denominator)
    text = decimal(abs(value), DIGITS)
    named = Constant(text) if text else as_constant(FromSympy(frozenset(), DIGITS).number(abs(value)))
    return named if value > 0 else -named


CONSTANTS_OF_SYMPY: Mapping[str, Expr] = {"pi": sympy.pi, "tau": 2 * sympy.pi, "e": sympy.E}
_TAME = 10_000  # the largest integer in an argument that sympy may look up, as sin(pi/6) or gamma(5)


def _constant(row: Function, args: Sequence[Expr], function: Callable[..., Expr]) -> Expr:
    """A row at constants: worked out where that is exact and short, and else a symbol, which keeps to itself."""
    made = Call(row, tuple(from_sympy(arg, ("e",), DIGITS_OF_A_CONSTANT) for arg in args))
    if all(map(_is_tame, args)):
        value = function(*args)
        if _is_exact(value) and not any(map(is_long, value.atoms(sympy.Rational))):
            return value
        is_none = value.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, *_COMPLEX)
        if is_none and not _has_value(made):  # a definition may lack one that the row has, as sin(0)/0
            return value
    return as_constant(made)


def _has_value(constant: Formula) -> bool:
    found = Lowering(prepare(constant), BALL, ()).value({})
    return found is not None and bool(found.is_finite())


def _compare(made: type[Comparison], lhs: Expr, rhs: Expr) -> Expr:
    """A comparison, decided by balls where it is between constants and they tell."""
    found = made(lhs, rhs)
    if isinstance(found, Comparison) and is_constant(lhs) and is_constant(rhs):
        text = expression(from_sympy(lhs - rhs, ("e",)), LONGEST)
        sign = _sign(text) if len(text) < LONGEST else 0
        return found.given(sign) if sign else found
    return found


_BITS, _MOST_BITS = 128, 4096


@lru_cache(1024)
def _sign(constant: str) -> int:
    """The sign of a constant in our notation, where some thousand bits tell that it is not 0; else 0."""
    prepared = prepare(read_text(constant))

    def attempt(_: int, last: bool) -> int | None:
        found = Lowering(prepared, BALL, ()).value({})
        told = found is not None and found.is_finite() and not found.contains(0)
        return (1 if found > 0 else -1) if told else 0 if last else None

    return rising(attempt, _BITS, _MOST_BITS)


def _is_exact(value: Expr) -> bool:
    """Whether it is made of rational numbers, pi and e by sums, products and rational powers."""
    parts = sympy.preorder_traversal(value)
    return all(
        part.is_Rational or part in (sympy.pi, sympy.E) or part.is_Add or part.is_Mul
        or (part.is_Pow and part.exp.is_Rational)
        for part in parts
    )  # fmt: skip


def _is_tame(arg: Expr) -> bool:
    if not _is_exact(arg):
        return False
    return all(max(abs(int(n.p)), int(n.q)) <= _TAME for n in arg.atoms(sympy.Rational))


def _exp(x: Expr) -> Expr:
    for term in sympy.Add.make_args(x):
        factor, rest = term.as_coeff_Mul()
        if isinstance(rest, sympy.log):  # sympy makes u^n of exp(n*log(u))
            _check_power(rest.args[0], factor)
    return sympy.exp(x)


def _bits(x: Expr, y: Expr) -> Any:
    """Of the number that sympy takes out of a power, as of (2*x)^9, which is 512*x^9."""
    factor = x.as_coeff_Mul()[0]
    if not (y.is_Rational and factor.is_Rational):
        return 0
    return (max(int(abs(factor.p)), int(factor.q)).bit_length() - 1) * abs(y)


def _check_power(x: Expr, y: Expr) -> None:
    if _bits(x, y) > LIMITS.exponent:
        what = f"the exact power {_brief(x)}^{_brief(y)} has more than {LIMITS.exponent} bits"
        raise LimitError("exponent", what)


def power_of(x: Expr, y: Expr) -> Expr:
    if not y.is_Rational and is_constant(x) and is_constant(y):
        return _constant(TABLE["^"], (x, y), sympy.Pow)
    if x.is_Rational and y.is_Integer and _bits(x, y) > LONG_NUMBER:
        return as_constant(Call(TABLE["^"], (from_sympy(x, (), DIGITS), from_sympy(y, (), DIGITS))))
    if x is sympy.E:
        return _exp(y)
    _check_power(x, y)
    if not y.is_number and x.is_zero:  # sympy's own derivative of 0^y has no value anywhere
        return sympy.Piecewise((sympy.S.One, sympy.Eq(y, 0)), (sympy.S.Zero, True))
    return sympy.Pow(x, y)


def _factorial(x: Expr) -> Expr:
    if x.is_Rational and abs(x) > LIMITS.factorial:
        raise LimitError("factorial", f"{_brief(x)}! is beyond {LIMITS.factorial}!")
    return sympy.factorial(x)


def _brief(x: Expr) -> str:
    if x.is_Rational and max(int(abs(x.p)), int(x.q)).bit_length() > 64:
        return "(a large number)"
    return str(x) if x.is_Atom else f"({x})"


_SPECIAL: Mapping[str, Callable[..., Expr]] = {
    **{row: partial(_compare, made) for row, made in COMPARISONS.items()}, "if": choice,
    "and": sympy.And, "or": sympy.Or, "not": sympy.Not,
    "diff": lambda expr, x, n=1: nth_derivative(expr, x, n),
    "diff_n": lambda expr, x, n: nth_derivative(expr, x, n),
    "^": power_of, "exp": _exp, "factorial": _factorial, "sign": Sign,
}  # fmt: skip


def _resolve(scalars: Scalars, row: Function) -> Callable[..., Expr]:
    function = _function(scalars, row)
    if row.name in _SPECIAL and row.name not in _LOOKED_UP:
        return function

    def apply(*args: Expr) -> Expr:
        return _constant(row, args, function) if all(map(is_constant, args)) else function(*args)

    return apply


_LOOKED_UP = ("exp", "factorial")  # of the special ones, those that are worked out at constants


def _function(scalars: Scalars, row: Function) -> Callable[..., Expr]:
    if row.name in _SPECIAL:
        return _SPECIAL[row.name]
    if row.name == "floor":
        return Floor
    if scalars is SYMBOL and TABLE.get(row.name) is row and row.name in NAMED:
        return _named(row)
    definition = _by_definition(scalars, row)
    if not row.sympy:
        if definition is None:
            raise SymbolicError(f"{row.signature} has no symbolic form", help="give its row a `definition` or `sympy`")
        return definition
    function = sympy_function(row)

    def real(*args: Expr) -> Expr:
        result = function(*args)
        if result.has(*_COMPLEX):  # sympy could not see that an argument is real
            if definition is None:
                raise SymbolicError(f"{row.signature} is not seen to be real here")
            return definition(*args)
        return result

    return real


_COMPLEX = (sympy.re, sympy.im, sympy.arg, sympy.conjugate, sympy.I)


def _named(row: Function) -> Callable[..., Expr]:
    made = NAMED[row.name]

    def call(*args: Expr) -> Expr:
        """At constants the definition, which may be a rational number."""
        return by_definition(row, args) if all(map(is_constant, args)) else made(*args)

    return call


def _by_definition(scalars: Scalars, row: Function) -> Callable[..., Expr] | None:
    if not isinstance(row.definition, str) or not row.definition:
        return None
    pattern = scalars.compile(row.definition, row.params)
    if row.variadic:
        return lambda first, *rest: reduce(pattern, rest, first)
    if "diff(" not in row.definition:
        return pattern

    def through_symbols(*args: Expr) -> Expr:
        """`diff` needs a variable to differentiate by, which an argument need not be."""
        symbols = [sympy.Dummy(real=True) if partial else arg for arg, partial in zip(args, row.partials, strict=True)]
        return pattern(*symbols).xreplace(dict(zip(symbols, args, strict=True)))

    return through_symbols


SYMBOL = Scalars("symbol", number_of, CONSTANTS_OF_SYMPY.__getitem__, _resolve, native=NATIVE)
WRITTEN = Scalars("symbol, by definitions", number_of, CONSTANTS_OF_SYMPY.__getitem__, _resolve, native=NATIVE)


def by_definition(row: Function, args: Sequence[Expr]) -> Expr:
    """The row's definition, and those of the rows in it, at arguments."""
    return WRITTEN.function(row)(*args)
