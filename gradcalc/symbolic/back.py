"""Expressions of sympy back to formulas in our notation."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from typing import Any

import sympy

from gradcalc.engine.formulas import in_chain
from gradcalc.language.errors import LIMITS, FormulaError, SymbolicError
from gradcalc.language.formula import Call, Formula, Name, Number, expression
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.literals import decimal, digits, signed

from . import joined
from .opaque import COMPARISONS, Constant, Expr, Floor, Named, Sign, sympy_function
from .worker import TOO_DEEP


@contextmanager
def border() -> Iterator[None]:
    """Sympy recurses and raises what it likes; outside there are only our own errors."""
    try:
        yield
    except FormulaError:
        raise
    except RecursionError:
        raise SymbolicError(TOO_DEEP) from None
    except (ArithmeticError, AttributeError, NotImplementedError, TypeError, ValueError) as error:
        raise SymbolicError(f"sympy gave up: {str(error) or type(error).__name__}") from error


def nodes(expr: Expr, most: int) -> int:
    """The nodes of an expression, counted no further than one more than `most`."""
    return sum(1 for _ in islice(sympy.preorder_traversal(expr), most + 1))


TOO_LARGE = "too large for the symbolic side (--limits nodes=N raises the limit); the numeric result stands"
DIGITS = 17  # of a decimal number that is written as one
DIGITS_OF_A_CONSTANT = 40
LONGEST = 10_000  # characters of a constant


def as_constant(constant: Formula) -> Expr:
    text = expression(constant, LONGEST)
    if len(text) >= LONGEST:
        raise SymbolicError("a constant too long for the symbolic side; the numeric result stands")
    return Constant(text)


_MADE: Mapping[str, Any] = {"sign": Sign, "floor": Floor}  # where sympy's own function knows too much
_CHAINS = ("+", "-", "neg", "*", "/")


@cache
def patterns() -> dict[Any, list[tuple[tuple[Expr | None, ...], Function]]]:
    """How the table's functions look in sympy: for a class, patterns of its arguments, None standing for anything.

    `sqrt(x)` is Pow(x, 1/2), `digamma(x)` is polygamma(0, x). The pattern that fixes most comes first.
    """
    found: dict[Any, list[tuple[tuple[Expr | None, ...], Function]]] = {}
    for row in TABLE.values():
        if row.variadic or row.name in _CHAINS or not row.sympy:
            continue
        dummies = [sympy.Dummy(real=True) for _ in row.params]
        made = _MADE.get(row.name, sympy_function(row))
        expr = made(*dummies)
        pattern = tuple(None if arg in dummies else arg for arg in expr.args)
        found.setdefault(expr.func, []).append((pattern, row))
        own = getattr(sympy, row.sympy, expr.func)
        if own not in (expr.func, sympy.sqrt):  # not evaluated, as for a large argument
            found.setdefault(own, []).append(((None,) * len(row.params), row))
    for those in found.values():
        those.sort(key=lambda item: sum(arg is None for arg in item[0]))
    return found


def row_of(function: Any, args: Sequence[Expr]) -> tuple[Function, list[Expr]] | None:
    """The row that a function of sympy's is at arguments, and the arguments of the row."""
    for pattern, row in patterns().get(function, ()):
        pairs = list(zip(pattern, args, strict=False))
        if len(pattern) == len(args) and all(p is None or p == arg for p, arg in pairs):
            return row, [arg for p, arg in pairs if p is None]
    return None


_RELATIONS: Mapping[Any, str] = {**{made: row for row, made in COMPARISONS.items()}, sympy.Not: "not"}


_Step = tuple[list[Expr], Callable[..., Formula]]  # what to translate first, and what to make of it


def from_sympy(expr: Expr, bound: Collection[str] = (), decimals: int = 0) -> Formula:
    """The expression as a formula in our notation, its terms and factors in the order in which sympy prints them.

    Args:
        bound: names that are variables; with `e` among them Euler's number is written `exp(1)`.
        decimals: write 1/8 as 0.125 and 10^-23 as 1e-23, where that takes no more than so many digits.

    Raises:
        SymbolicError: it has parts that our notation has no word for, or is too deep.
        TypeError: it is no expression of sympy.
    """
    if not isinstance(expr, sympy.Basic):
        raise TypeError(f"it is an expression of sympy that is read, not {expr!r}: write for example sympy.S({expr!r})")
    with border():
        for constant, ours in _CONSTANTS_BACK.items():
            if expr.has(constant):
                expr = expr.xreplace({constant: ours})
        if expr.has(*joined.JOINED):
            expr = joined.with_names(expr)
        return FromSympy(frozenset(bound), decimals).translate(expr)


# constants of sympy that our notation has no name for
_CONSTANTS_BACK: Mapping[Expr, Expr] = {sympy.EulerGamma: -sympy.digamma(1, evaluate=False)}


class FromSympy:
    def __init__(self, bound: frozenset[str], decimals: int):
        self.bound = bound
        self.decimals = decimals

    def translate(self, root: Expr) -> Formula:
        done: dict[Expr, Formula] = {}
        stack: list[tuple[Expr, _Step | None]] = [(root, None)]
        while stack:
            expr, step = stack.pop()
            if expr in done:
                continue
            if step is None:
                step = self._step(expr)
                stack.append((expr, step))
                stack.extend((child, None) for child in reversed(step[0]) if child not in done)
            else:
                below, make = step
                done[expr] = make(*(done[child] for child in below))
        return done[root]

    def _step(self, expr: Expr) -> _Step:
        if expr.is_Rational:
            value = Fraction(int(expr.p), int(expr.q))
            return [], lambda: self.number(value)
        if expr.is_Symbol:
            name = expr.name
            if isinstance(expr, Constant):
                return [], lambda: read_text(name)
            if name in CONSTANTS and (name in RESERVED or name not in self.bound):
                raise SymbolicError(f"a variable called {name}")
            return [], lambda: Name(name)
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow and expr.exp.is_Rational and expr.exp < 0:
            below = sympy.Pow(expr.base, -expr.exp)
            return [below], lambda bottom: call_of("/", self.number(Fraction(1)), bottom)
        if isinstance(expr, sympy.Piecewise):
            return self._choice(expr)
        if isinstance(expr, sympy.And | sympy.Or):
            row, parts = "and" if isinstance(expr, sympy.And) else "or", sorted(expr.args, key=sympy.default_sort_key)
            return parts, lambda *conditions: in_chain(row, conditions)
        if isinstance(expr, joined.JOINED):
            return joined.parts(expr), partial(joined.back, expr)
        if expr.func in _RELATIONS:
            row = _RELATIONS[expr.func]
            return list(expr.args), lambda *args: call_of(row, *args)
        return self._function(expr)

    def _function(self, expr: Expr) -> _Step:
        if expr is sympy.E:
            return [], lambda: call_of("exp", self.number(Fraction(1))) if "e" in self.bound else Name("e")
        if expr is sympy.pi:
            return [], lambda: Name("pi")
        if isinstance(expr, Named):
            return list(expr.args), partial(call_of, expr.row.name)
        if found := row_of(expr.func, expr.args):
            return found[1], partial(call_of, found[0].name)
        raise SymbolicError(f"sympy writes it with {expr.func.__name__}, which is no function here")

    def _sum(self, expr: Expr) -> _Step:
        terms = _ordered(expr, expr.as_ordered_terms)
        if len(terms) == 2 and _is_negative(terms[0]) and not _is_negative(terms[1]):
            terms.reverse()  # `x - m`
        signs = ["-" if _is_negative(term) else "+" for term in terms]
        below = [-term if sign == "-" else term for sign, term in zip(signs, terms, strict=True)]
        first = [terms[0], *below[1:]]
        return first, lambda *parts: chain_of(list(zip(signs, parts, strict=True)))

    def _product(self, expr: Expr) -> _Step:
        """As sympy prints a product: a sign, factors, and below the line the factors with negative powers."""
        coefficient, rest, roots = _under_one_root(*_without_content(*expr.as_coeff_Mul()))
        top = [] if abs(coefficient.p) == 1 else [sympy.Integer(abs(coefficient.p))]
        bottom = [] if coefficient.q == 1 else [sympy.Integer(coefficient.q)]
        if (
            self.decimals
            and coefficient.q != 1
            and decimal(abs(Fraction(int(coefficient.p), int(coefficient.q))), self.decimals)
        ):
            top, bottom = [abs(coefficient)], []
        top, bottom = [*top, *roots[0]], [*bottom, *roots[1]]
        for factor in _as_written(_ordered(rest, rest.as_ordered_factors) if rest.is_Mul else [rest] * (rest != 1)):
            if factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
                bottom.append(sympy.Pow(factor.base, -factor.exp))
            else:
                top.append(factor)
        negative = coefficient < 0
        for i, factor in enumerate(top):
            two = (
                factor.is_Add and len(factor.args) == 2 and sum(map(_is_negative, factor.args)) == 1
            )  # `-(m - x)` is `x - m`
            if negative and factor.is_Add and (two or factor.could_extract_minus_sign()):
                top[i], negative = -factor, False

        def make(*parts: Formula) -> Formula:
            above = list(parts[: len(top)]) or [self.number(Fraction(1))]
            if negative:  # as we read it: the sign belongs to the first factor
                above[0] = call_of("neg", above[0])
            result = in_chain("*", above)
            below = parts[len(top) :]
            return call_of("/", result, in_chain("*", below)) if below else result

        return [*top, *bottom], make

    def _choice(self, expr: Expr) -> _Step:
        if expr.args[-1].cond != sympy.true:
            raise SymbolicError("a choice that does not say what holds otherwise")
        below = [part for piece in expr.args[:-1] for part in (piece.cond, piece.expr)]

        def make(*parts: Formula) -> Formula:
            result = parts[-1]
            for i in range(len(parts) - 3, -1, -2):
                result = call_of("if", parts[i], parts[i + 1], result)
            return result

        return [*below, expr.args[-1].expr], make

    def number(self, value: Fraction) -> Formula:
        if value < 0 and value.denominator == 1:
            return call_of("neg", self.number(-value))
        text = decimal(abs(value), self.decimals) if self.decimals else None
        if text is not None:
            return signed(text, value)
        top = self.number(Fraction(value.numerator)) if value.denominator != 1 else _integer(value)
        return top if value.denominator == 1 else call_of("/", top, _integer(Fraction(value.denominator)))


def _without_content(coefficient: Expr, rest: Expr) -> tuple[Expr, Expr]:
    """`x*(2*y - 2*z)` as `2*x*(y - z)`."""
    split = [f.primitive() if f.is_Add else (sympy.S.One, f) for f in rest.args] if rest.is_Mul else []
    parts = [
        (number, f) if number.is_Integer else (sympy.S.One, whole)
        for (number, f), whole in zip(split, rest.args, strict=False)
    ]
    content = sympy.Mul(*(number for number, _ in parts))
    return (coefficient, rest) if content == 1 else (coefficient * content, sympy.Mul(*(f for _, f in parts)))


_Roots = tuple[list[Expr], list[Expr]]  # above the line and below it
_LARGEST_UNDER_A_ROOT = 10**6


def _under_one_root(coefficient: Expr, rest: Expr) -> tuple[Expr, Expr, _Roots]:
    """`sqrt(2)/(2*sqrt(pi))` as `1/sqrt(2*pi)`: a coefficient, other factors, and roots, which sympy takes apart."""
    factors = rest.args if rest.is_Mul else (rest,)
    halves = [f for f in factors if f.is_Pow and abs(f.exp) == sympy.S.Half]
    ours = [f for f in halves if f.base is sympy.pi or (f.base.is_Integer and f.exp > 0)]
    square = coefficient**2 * sympy.Mul(*(f.base for f in ours if f.base.is_Integer))
    if len(ours) < 2 or sympy.pi not in (f.base for f in ours) or max(square.p, square.q) > _LARGEST_UNDER_A_ROOT:
        return coefficient, rest, ([], [])
    below = any(f.base is sympy.pi and f.exp < 0 for f in ours)
    (outer, inner), (under, within) = _without_squares(int(square.p)), _without_squares(int(square.q))
    inside = (sympy.Integer(inner) * sympy.pi ** int(not below), sympy.Integer(within) * sympy.pi ** int(below))
    above, under_line = ([sympy.Pow(x, sympy.S.Half, evaluate=False)] if x != 1 else [] for x in inside)
    rest = sympy.Mul(*(f for f in factors if f not in ours))
    return sympy.sign(coefficient) * sympy.Rational(outer, under), rest, (above, under_line)


def _without_squares(n: int) -> tuple[int, int]:
    """The largest a with n = a^2*b, and b."""
    a = next(a for a in range(math.isqrt(n), 0, -1) if n % (a * a) == 0)
    return a, n // (a * a)


def _integer(value: Fraction) -> Formula:
    if abs(value.numerator).bit_length() > 4 * LIMITS.digits:
        raise SymbolicError(f"a number of more than {LIMITS.digits} digits")
    return Number(digits(value.numerator), value)


_MOST_ORDERED = 500  # terms; sorting more takes sympy seconds


def _ordered(expr: Expr, sort: Callable[[], Sequence[Expr]]) -> list[Expr]:
    return list(sort()) if len(expr.args) <= _MOST_ORDERED else list(expr.args)


def _as_written(factors: Sequence[Expr]) -> list[Expr]:
    """Numbers first, and y before x^(y - 1)."""
    result: list[Expr] = []
    for factor in factors:
        place = len(result)
        if isinstance(factor, Constant) and factor.name[:1].isdigit() and factor.name[0].isascii():
            place = 0
        elif factor.is_Symbol and not isinstance(factor, Constant):
            powers = (i for i, f in enumerate(result) if f.is_Pow and factor in f.exp.free_symbols)
            place = next(powers, place)
        result.insert(place, factor)
    return result


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def call_of(row: str, *args: Formula) -> Formula:
    return Call(TABLE[row], args)


def chain_of(parts: list[tuple[str, Formula]]) -> Formula:
    """Operands joined from the left, each by the operator before it."""
    result = parts[0][1]
    for row, part in parts[1:]:
        result = call_of(row, result, part)
    return result
