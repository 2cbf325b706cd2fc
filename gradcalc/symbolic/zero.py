"""An expression shown to be zero wherever it has a value, by exact ways alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

import sympy

from gradcalc.language.formula import Call, Number

from .back import parsed
from .opaque import SWITCHES, Comparison, Constant, Expr, is_constant
from .translate import to_sympy
from .weigh import degree, terms, weight


def taken_apart(expr: Expr) -> Expr:
    """The expression with `log(6)` as `log(2) + log(3)`, `6^x` as `exp(x*(log(2) + log(3)))` and `exp(2)` as `e^2`, so
    that algebra sees how they belong together."""
    known: dict[Expr, Expr] = {}
    for constant in expr.atoms(Constant):
        node = parsed(constant.name)
        if isinstance(node, Call) and node.function.name == "log" and isinstance(node.args[0], Number):
            known[constant] = _logarithm(node.args[0].value) or constant
        elif isinstance(node, Call) and node.function.name == "exp":
            known[constant] = sympy.exp(to_sympy(node.args[0]))
    for power in expr.atoms(sympy.Pow):
        if power.base.is_Rational and power.base > 0 and not is_constant(power.exp):
            logarithm = _logarithm(Fraction(int(power.base.p), int(power.base.q)))
            if logarithm is not None:
                known[power] = sympy.exp(power.exp * logarithm)
    return expr.xreplace(known) if known else expr


_MOST_FACTORED = 10**12


def _logarithm(value: Fraction) -> Expr | None:
    """The logarithm of a positive number by those of primes."""
    if value <= 0 or max(value.numerator, value.denominator) > _MOST_FACTORED:
        return None
    factors = (
        *sympy.factorint(value.numerator).items(),
        *((p, -n) for p, n in sympy.factorint(value.denominator).items()),
    )
    return sympy.Add(*(n * Constant(f"log({p})") for p, n in factors))


# What is done in this process, where nothing can interrupt it: terms to multiply out and weights that take some 0.1 s
_LIGHT_TERMS, _LIGHT_WEIGHT, _LIGHT_REWRITTEN, _LIGHT_DEGREE, _LIGHT_CASES = 2_000, 300, 150, 50, 3


def _is_light(expr: Expr) -> bool:
    return weight(expr) <= _LIGHT_WEIGHT and terms(expr) <= _LIGHT_TERMS and degree(expr) <= _LIGHT_DEGREE


def is_zero(difference: Expr, light: bool = True) -> bool:
    """Whether the difference is zero wherever it has a value, as far as exact ways can show; `light`: only those that
    take no time."""
    if difference == 0:
        return True
    piecewise = difference.has(sympy.Piecewise, *SWITCHES)
    if not piecewise and (not light or terms(difference) <= _LIGHT_TERMS) and sympy.expand(difference) == 0:
        return True
    return _zero_in_cases(difference, _LIGHT_CASES if light else _MOST_CASES, light)


_MOST_CASES = 5  # conditions that split in two


def _zero_in_cases(expr: Expr, splits: int, light: bool) -> bool:
    """Zero on either side of every switch, whatever the others do; where a switch is zero nothing is claimed."""
    switch = _innermost_switch(expr)
    if switch is None:
        if not light or _is_light(expr):
            if _zero_as_rational(sympy.expand(expr), exponentials=False):
                return True
            if _zero_as_rational(sympy.expand(expr, power_exp=False), exponentials=True):
                return True
            if (not light or weight(expr, _BY_SIMPLER) <= _LIGHT_REWRITTEN) and _zero_rewritten(expr):
                return True
        return _zero_by_sign_of_variables(expr, splits, light)
    if splits == 0:
        return False
    return all(_zero_in_cases(_on_side(expr, switch, side), splits - 1, light) for side in (1, -1))


def _innermost_switch(expr: Expr) -> Expr | None:
    """A quantity whose sign is asked for by a comparison, abs or sign, and which asks for none itself; if it can be, a
    variable that is a factor of one."""
    quantities = []
    for node in expr.atoms(*SWITCHES):
        quantity = _asked(node)
        if not quantity.has(*SWITCHES, sympy.Piecewise):
            quantities.append(quantity)
            factors = (factor.as_base_exp()[0] for factor in sympy.Mul.make_args(quantity))
            quantities += [factor for factor in factors if factor.is_Symbol and not factor.is_positive]
    return min(quantities, key=lambda q: (not q.is_Symbol, sympy.default_sort_key(q)), default=None)


def _asked(node: Expr) -> Expr:
    return node.lhs - node.rhs if isinstance(node, Comparison) else node.args[0]


def _on_side(expr: Expr, switch: Expr, side: int) -> Expr:
    """The expression where the switch has that sign."""
    if switch.is_Symbol:  # then sympy itself sees what follows for abs, roots, ...
        return _decided(expr.xreplace({switch: side * sympy.Dummy(switch.name, positive=True)}))
    known: dict[Expr, Expr] = {}
    for node in expr.atoms(*SWITCHES):
        ratio = sympy.cancel(_asked(node) / switch)
        if ratio.is_Rational and ratio != 0:
            sign = side if ratio > 0 else -side
            if isinstance(node, sympy.Abs):
                known[node] = sign * node.args[0]
            elif isinstance(node, sympy.sign):
                known[node] = sympy.Integer(sign)
            else:
                known[node] = node.given(sign)
    return expr.xreplace(known)


def _decided(expr: Expr) -> Expr:
    """The expression with the comparisons decided whose sides differ by a product of powers of known sign."""
    known = {}
    for node in expr.atoms(Comparison):
        quantity = _asked(node)
        bases = (factor.as_base_exp()[0] for factor in sympy.Mul.make_args(quantity))
        told = all(base.is_Symbol or base.is_Rational for base in bases)
        if told and (quantity.is_positive or quantity.is_negative):
            known[node] = node.given(1 if quantity.is_positive else -1)
    return expr.xreplace(known)


def _zero_by_sign_of_variables(expr: Expr, splits: int, light: bool) -> bool:
    """Knowing the signs of the variables, sympy takes roots and logarithms of products apart."""
    symbols = sorted((s for s in expr.free_symbols if not s.is_positive), key=sympy.default_sort_key)
    if not 0 < len(symbols) <= min(splits, 3) or not _has_roots(expr):
        return False
    first = symbols[0]
    sides = (expr.xreplace({first: side * sympy.Dummy(first.name, positive=True)}) for side in (1, -1))
    return all(_zero_in_cases(side, splits - 1, light) for side in sides)


def _has_roots(expr: Expr) -> bool:
    return expr.has(sympy.log) or any(not power.exp.is_Integer for power in expr.atoms(sympy.Pow))


_BY_EXPONENTIALS: Mapping[Any, Callable[[Expr], Expr]] = {
    sympy.sinh: lambda u: (sympy.exp(u) - sympy.exp(-u)) / 2,
    sympy.cosh: lambda u: (sympy.exp(u) + sympy.exp(-u)) / 2,
    sympy.tanh: lambda u: (sympy.exp(2 * u) - 1) / (sympy.exp(2 * u) + 1),
    sympy.coth: lambda u: (sympy.exp(2 * u) + 1) / (sympy.exp(2 * u) - 1),
    sympy.sech: lambda u: 2 * sympy.exp(u) / (sympy.exp(2 * u) + 1),
    sympy.csch: lambda u: 2 * sympy.exp(u) / (sympy.exp(2 * u) - 1),
}
_BY_SIMPLER: Mapping[Any, Callable[[Expr], Expr]] = {
    **_BY_EXPONENTIALS,
    sympy.tan: lambda u: sympy.sin(u) / sympy.cos(u),
    sympy.cot: lambda u: sympy.cos(u) / sympy.sin(u),
    sympy.sec: lambda u: 1 / sympy.cos(u),
    sympy.csc: lambda u: 1 / sympy.sin(u),
    sympy.erfc: lambda u: 1 - sympy.erf(u),
    sympy.factorial: lambda u: sympy.gamma(u + 1),
}
# f(u)^2 as a polynomial in g(u)
_SQUARES: Mapping[Any, tuple[Any, Callable[[Expr], Expr]]] = {
    sympy.sin: (sympy.cos, lambda c: 1 - c**2),
    sympy.sec: (sympy.tan, lambda t: 1 + t**2),
    sympy.csc: (sympy.cot, lambda t: 1 + t**2),
    sympy.cosh: (sympy.sinh, lambda s: 1 + s**2),
    sympy.sech: (sympy.tanh, lambda t: 1 - t**2),
    sympy.csch: (sympy.coth, lambda t: t**2 - 1),
}


def _zero_rewritten(expr: Expr) -> bool:
    for function, simpler in _BY_SIMPLER.items():
        expr = expr.replace(function, simpler)
    return _zero_as_rational(sympy.expand(expr, func=True, trig=True), exponentials=False)


def _zero_as_rational(expr: Expr, exponentials: bool) -> bool:
    """Whether the expression is zero as a rational function of its variables, roots, exponentials, sines, ...

    Each of these becomes a generator; t = u^(p/q) is tied to u by t^q = u^p, sine to cosine by s^2 + c^2 = 1, and the
    numerator is reduced by these relations, as in Geddes, Czapor, Labahn, "Algorithms for Computer Algebra",
    chapter 3.5. A zero proves equality; that generators may be tied in other ways only means some proofs are missed.
    `exponentials`: hyperbolic functions are written by them, but not those inside of others.
    """
    field = _Generators(exponentials)
    numerator = _numerator(field.rational(expr))
    for symbol, power, value in reversed(field.relations):  # what was made last depends on what was made before
        numerator = _numerator(_reduced(numerator, symbol, power, value))
        if numerator == 0:
            return True
    return bool(numerator == 0)


def _numerator(expr: Expr) -> Expr:
    return sympy.expand(sympy.fraction(sympy.together(expr))[0])


def _reduced(expr: Expr, symbol: Expr, power: int, value: Expr) -> Expr:
    """The polynomial with `symbol^power` replaced by `value`."""
    if not expr.has(symbol):
        return expr
    powers = sympy.Poly(expr, symbol).terms()
    return sympy.Add(*(c * symbol ** (n % power) * value ** (n // power) for (n,), c in powers))


class _Generators:
    """Turns an expression into a rational function of symbols, which are made for what is not rational in it."""

    def __init__(self, exponentials: bool) -> None:
        self.exponentials = exponentials
        self.symbols: dict[Expr, Expr] = {}
        self.relations: list[tuple[Expr, int, Expr]] = []
        self._roots: dict[tuple[Expr, Expr], int] = {}

    def rational(self, expr: Expr) -> Expr:
        for node in sympy.preorder_traversal(expr):
            if node.is_Pow or isinstance(node, sympy.exp):
                for base, coefficient, rest in _powers(node):
                    self._roots[base, rest] = lcm(self._roots.get((base, rest), 1), int(coefficient.q))
        return self._convert(expr)

    def _convert(self, expr: Expr) -> Expr:
        if expr.is_Add or expr.is_Mul:
            return expr.func(*map(self._convert, expr.args))
        if expr.is_Pow or isinstance(expr, sympy.exp):
            return sympy.Mul(*(self._power(*parts) for parts in _powers(expr)))
        if expr.is_Rational:
            return expr
        if self.exponentials and expr.func in _BY_EXPONENTIALS:
            return self._convert(_BY_EXPONENTIALS[expr.func](*expr.args))
        symbol = self._symbol(expr)
        if expr.func in _SQUARES:
            other, square = _SQUARES[expr.func]
            self._relate(symbol, 2, square(self._symbol(other(*expr.args))))
        return symbol

    def _power(self, base: Expr, coefficient: Expr, rest: Expr) -> Expr:
        q = self._roots.get((base, rest), 1)
        if rest == 1 and q == 1:
            return self._convert(base) ** int(coefficient)
        root = sympy.Pow(base, rest / q, evaluate=False)
        inner = self._convert(base) if rest == 1 else None  # before the root, which is tied to it
        symbol = self._symbol(root)
        if inner is not None:
            self._relate(symbol, q, inner)
        return symbol ** int(coefficient * q)

    def _symbol(self, expr: Expr) -> Expr:
        return self.symbols.setdefault(expr, sympy.Dummy())

    def _relate(self, symbol: Expr, power: int, value: Expr) -> None:
        relation = (symbol, power, value)
        if relation not in self.relations:
            self.relations.append(relation)


def _powers(expr: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    """The expression as a product of `base^(coefficient*rest)`, the coefficients rational numbers. `e^(u + v)` stays
    one factor, being mostly alone; `x^(u + v)` is two, at least where x is not 0."""
    if isinstance(expr, sympy.exp):
        yield sympy.E, *_coefficient(expr.args[0])
        return
    for exponent in sympy.Add.make_args(expr.exp):
        yield expr.base, *_coefficient(exponent)


def _coefficient(exponent: Expr) -> tuple[Expr, Expr]:
    coefficient, rest = exponent.as_coeff_Mul()
    if not coefficient.is_Rational:
        return sympy.S.One, exponent
    if rest.is_Add:  # of 2*a + 2*b, -a - b, ... the same multiple
        content, rest = rest.primitive()
        sign = -1 if rest.could_extract_minus_sign() else 1
        coefficient, rest = coefficient * content * sign, sign * rest
    return coefficient, rest
