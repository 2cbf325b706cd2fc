"""Formulas read as quotients of polynomials on a cell, by laws that hold at every point where both sides have a value.

`plain` writes a formula in the few rows that have laws: sums, products, powers, exp, log, sin, cos, asin, atan, floor,
comparisons. A law that needs a sign (`sqrt(x^2)` is x for x > 0) asks the cell for it, and splits the cell where it
does not know. Every other row is a generator: equal arguments give equal values, and nothing else is known.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Any

from flint import arb, fmpz

from gradcalc.engine.rewrite import at_span, expand
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import ALL, OUTCOME, Interning, Signs
from gradcalc.language.formula import Call, Formula, Name, Number, children_first, fold
from gradcalc.language.functions import CONSTANTS, TABLE, Function
from gradcalc.language.literals import number
from gradcalc.language.parser import parse

from .algebra import (
    Generator,
    Generators,
    NoValue,
    Poly,
    Ratio,
    Relation,
    TooLarge,
    factors,
    generator,
    polynomial,
    ratio,
    used,
)
from .cells import Cell, Empty, Split

Read = Ratio | bool

# rows without a definition, in terms of those that have laws; equal wherever the row has a value
_LAWS: Mapping[str, str] = {
    "tan": "sin(x)/cos(x)", "sec": "1/cos(x)", "csc": "1/sin(x)", "cot": "cos(x)/sin(x)", "acos": "pi/2 - asin(x)",
    "sinh": "(exp(x) - exp(-x))/2", "cosh": "(exp(x) + exp(-x))/2", "tanh": "(exp(2*x) - 1)/(exp(2*x) + 1)",
    "coth": "(exp(2*x) + 1)/(exp(2*x) - 1)", "sech": "2*exp(x)/(exp(2*x) + 1)", "csch": "2*exp(x)/(exp(2*x) - 1)",
    "asinh": "log(x + sqrt(x^2 + 1))", "acosh": "log(x + sqrt(x^2 - 1))", "atanh": "(log(1 + x) - log(1 - x))/2",
    "erfc": "1 - erf(x)", "factorial": "gamma(x + 1)", "digamma": "polygamma(0, x)",
}  # fmt: skip
_NATIVE = frozenset({"+", "-", "*", "/", "neg", "^", "sqrt", "exp", "log", "sin", "cos", "floor", "if"})
# single-valued, analytic but for isolated poles, in the last argument; the one before, if any, a whole number
_ENTIRE = frozenset({
    "gamma", "erf", "erfi", "dawson", "polygamma", "fresnels", "fresnelc", "Si", "airyai", "airybi", "airyaiprime",
    "airybiprime", "besselj", "besseli",
})  # fmt: skip
_INCREASING = frozenset({"asin", "atan", "erf", "erfi", "erfinv"})  # strictly
_ODD = _INCREASING | {"dawson", "fresnels", "fresnelc", "Si"}
_OF_PARITY = frozenset({"besselj", "besseli"})  # odd or even in the last argument, as the whole number before it is
_POSITIVE = frozenset({"besselk", "ellipk", "ellipe"})
_MOST_ROUNDS = 8
_MOST_PARTS = 16  # cells of a definition
_MOST_TURNS = 40  # of an angle that is the unit of others
_BITS_TO_FACTOR = 96
_MOST_ORDER = 8  # of a gamma function that is written out


@cache
def _law(name: str) -> Formula:
    return parse(_LAWS[name])


def plain(formula: Formula) -> Formula:
    """The formula in rows that have laws, as far as there are laws."""
    for _ in range(_MOST_ROUNDS):
        rows = {node.function for node in children_first(formula) if isinstance(node, Call)}
        also = {row for row in rows if _is_defined(row)}
        lawful = {row for row in rows if row.name in _LAWS and TABLE.get(row.name) is row}
        if not also and not lawful and all(row.smooth or row.name in _NATIVE or row.condition for row in rows):
            return formula
        formula = _by_laws(expand(formula, also), lawful)
    return formula


def _is_defined(row: Function) -> bool:
    """Whether the row may be written out by its definition: whether that has a value wherever the row has one."""
    definition = row.definition
    known = isinstance(definition, str) and bool(definition) and "diff(" not in definition
    if not known or row.name in _NATIVE or row.condition:
        return False
    return not row.smooth or bool(row.domain) or TABLE.get(row.name) is not row or _is_total(row.name)


@cache
def _is_total(name: str) -> bool:
    """Whether the definition of a row has a value everywhere, as that of sinc has not."""
    row = TABLE[name]
    body = expand(parse(str(row.definition)))
    todo = [Cell(Generators(frozenset(row.params)))]
    for _ in range(_MOST_PARTS):
        if not todo:
            return True
        cell = todo.pop()
        reader = Reader(cell.copy(), Interning())
        try:
            reader.read(plain(body))
        except Split as split:
            todo += cell.sides(split.factor, *split.signs)
            continue
        except (NoValue, TooLarge):
            return False
        if reader.cell.facts != cell.facts:  # it needs more than there is
            return False
    return False


def _by_laws(formula: Formula, rows: set[Function]) -> Formula:
    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function in rows:
            return at_span(_law(node.function.name), node.function.params, args, node.span)
        return Call(node.function, tuple(args), node.span)

    return (
        fold(formula, lambda n: n, lambda n, d: n if d is None else Name(n.name, d, n.span), call) if rows else formula
    )


class Reader:
    """Reads plain formulas on one cell, which learns what they need to have a value.

    `switches` are the formula's own comparisons. `meets`: in the zeros of some quantities one of them was between
    equals, or, where they are `studied`, a floor of what is whole.
    """

    def __init__(
        self,
        cell: Cell,
        intern: Interning,
        switches: Collection[Any] = (),
        studied: bool = False,
        deadline: float = math.inf,
    ):
        self.cell = cell
        self.generators = cell.generators
        self.intern = intern
        self.switches = switches
        self.studied = studied
        self.deadline = deadline
        self.own = False
        self.meets = False
        self.cuts = False
        self.values: dict[int, Read] = {}
        self.kept: list[Formula] = []  # whose ids must not be given to others

    def read(self, formula: Formula, own: bool = False) -> Ratio:
        """The value on this cell.

        Raises:
            Split: where the cell must be cut first.
            NoValue, Empty: there is no value anywhere on the cell.
            TooLarge: not for all the time there is.
        """
        self.own = own
        self.kept.append(formula)
        stack = [formula]
        while stack:
            node = stack[-1]
            if id(node) in self.values:
                stack.pop()
                continue
            if time.monotonic() > self.deadline:
                raise TooLarge
            below = [part for part in self._needed(node) if id(part) not in self.values]
            if below:
                stack += below[::-1]
            else:
                self.values[id(node)] = self._value(node)
        found = self.values[id(formula)]
        assert isinstance(found, Ratio)
        return found

    def _needed(self, node: Formula) -> tuple[Formula, ...]:
        if isinstance(node, Name):
            return (node.definition,) if node.definition is not None and not self._varies(node.name) else ()
        if not isinstance(node, Call):
            return ()
        name = node.function.name
        if name in ("if", "and", "or"):
            first = self.values.get(id(node.args[0]))
            if first is None:
                return node.args[:1]
            if name == "if":
                return (node.args[1 if first else 2],)
            return node.args[1:] if bool(first) is (name == "and") else ()
        return node.args

    def _value(self, node: Formula) -> Read:
        if isinstance(node, Number):
            return ratio(node.value)
        if isinstance(node, Name):
            if node.definition is not None and not self._varies(node.name):
                return self.values[id(node.definition)]
            return self.name(node.name)
        assert isinstance(node, Call)
        name = node.function.name
        if name == "if":
            return self.values[id(node.args[1 if self.values[id(node.args[0])] else 2])]
        if name in ("and", "or"):
            first = bool(self.values[id(node.args[0])])
            return bool(self.values[id(node.args[1])]) if first is (name == "and") else first
        args = [self.values[id(arg)] for arg in node.args]
        if name == "not":
            return not args[0]
        if name in OUTCOME:
            return self._compare(node, *args)
        made = self.called(node.function, [arg for arg in args if isinstance(arg, Ratio)], node)
        return self.cell.ratio(made)

    def _varies(self, name: str) -> bool:
        return name in self.generators.variables or name in self.cell.values

    def name(self, name: str) -> Ratio:
        """The value of a variable or a constant."""
        if name in self.cell.values:
            return self.cell.ratio(self.cell.values[name])
        if name not in CONSTANTS or self._varies(name):
            return self.cell.ratio(self._atom("name", name))
        return self.exp(ratio(1)) if name == "e" else ratio(2) * self.pi() if name == "tau" else self.pi()

    def pi(self) -> Ratio:
        index = self.generators.index("pi", lambda: Generator("constant", "pi", (), arb.pi, True, True))
        return Ratio(generator(index))

    def _atom(self, kind: str, name: str) -> Ratio:
        made = Generator(kind, name, (), lambda: None, single=True)
        return Ratio(generator(self.generators.index((kind, name), lambda: made)))

    # -- comparisons

    def _compare(self, node: Call, left: Read, right: Read) -> bool:
        assert isinstance(left, Ratio)
        assert isinstance(right, Ratio)
        outcomes = OUTCOME[node.function.name]
        difference = self.cell.ratio(left - right)
        signs = self.cell.signs(difference)
        if self.own and self.cell.on_zeros and signs == {0} and self.intern.comparison(node)[0] in self.switches:
            self.meets = True
        if signs <= outcomes or not signs & outcomes:
            return signs <= outcomes
        unknown = self.cell.unknown(difference)
        assert unknown is not None
        raise Split(*unknown)

    # -- what a formula needs

    def need(self, r: Ratio, signs: Signs) -> None:
        """Keep to where a quantity has one of these signs; elsewhere there is no value. With `cuts` the cell is cut."""
        r = self.cell.ratio(r)
        known = self.cell.signs(r)
        if not known <= signs:
            unknown = self.cell.unknown(r) if self.cuts and known & signs else None
            if unknown is not None:
                raise Split(*unknown)
            p = r.top if r.bottom.is_constant() else r.top * r.bottom
            try:
                self.cell.assume(p, signs)
            except Empty:
                raise NoValue from None

    def _one_sign(self, part: Poly) -> int:
        """1 or -1 where a factor is not on the other side of 0."""
        signs = self.cell.of_factor(part)
        if signs <= {0, 1}:
            return 1
        if signs <= {0, -1}:
            return -1
        raise Split(part, signs)

    # -- calls

    def called(self, row: Function, args: Sequence[Ratio], node: Call | None = None) -> Ratio:
        """The value of a row, of which `node` is the call if it stands in a formula."""
        if TABLE.get(row.name) is row:
            if row.name in _ARITHMETIC:
                return _ARITHMETIC[row.name](*args)
            if row.name == "/":
                self.need(args[1], frozenset({-1, 1}))
                return self._quotient(*args)
            known = self._known.get(row.name)
            if known is not None:
                return known(self, node or Call(row, (number(0),) * len(args)), *args)
        elif row.name == "off zero":
            return ratio(0)
        return self._opaque(row, args)

    def _quotient(self, above: Ratio, below: Ratio) -> Ratio:
        """`x/sqrt(2)` as `x*sqrt(2)/2`, so that arguments of calls are equal where they look so."""
        terms = below.top.to_dict()
        if len(terms) == 1:
            (powers,) = terms
            for i in used(below.top):
                made = self.generators.made[i]
                if made.kind == "root" and made.args[0].rational() is not None and powers[i] < made.what:
                    root = Ratio(generator(i)) ** int(made.what - powers[i])
                    above, below = above * root, self.cell.ratio(below * root)
        return above / below

    def _opaque(self, row: Function, args: Sequence[Ratio]) -> Ratio:
        own = TABLE.get(row.name) is row
        name, order = row.name if own else "", args[0].rational() if len(args) > 1 else None
        whole = order is not None and order.denominator == 1
        negated = False
        if name in _ODD and args[0].top.is_zero():
            return ratio(0)
        if (name in _ODD or (name in _OF_PARITY and whole)) and _leads_with_minus(args[-1]):
            even = name in _OF_PARITY and order is not None and order % 2 == 0
            negated, args = not even, [*args[:-1], -args[-1]]
        constant = all(self.generators.is_constant(arg) for arg in args)
        entire = name in _ENTIRE and (len(args) == 1 or whole)
        made = Generator(
            "call", row, tuple(args), BALL.function(row) if row.ball or row.definition else _unknown,
            constant, entire and self.generators.is_single(*args), name in _ODD, name in _INCREASING,
        )  # fmt: skip
        key = ("call", row.name if own else id(row), *(arg.key for arg in args))
        found = Ratio(generator(self.generators.index(key, lambda: made)))
        if name in _POSITIVE:
            self.need(found, frozenset({1}))
        return -found if negated else found

    def _power(self, _: Call, base: Ratio, exponent: Ratio) -> Ratio:
        n = exponent.rational()
        if n is None:
            return self._general_power(base, exponent)
        if n.denominator == 1:
            return ratio(1) if n == 0 else base ** int(n)
        return self.root(base, n)

    def _sqrt(self, _: Call, base: Ratio) -> Ratio:
        return self.root(base, Fraction(1, 2))

    def root(self, base: Ratio, exponent: Fraction) -> Ratio:
        """base^exponent, which is not a whole number, for base > 0 and where it can be base = 0."""
        self.need(base, frozenset({0, 1}) if exponent > 0 else frozenset({1}))
        base = self.cell.ratio(base)
        if base.top.is_zero():
            return ratio(0)
        result = ratio(1)
        for p, side in ((base.top, 1), (base.bottom, -1)):
            scale, parts = factors(p)
            result *= self._root_of_number(abs(scale), side * exponent)
            for part, n in parts:
                result *= self._root_of_size(part, side * n * exponent)
        return result

    def _root_of_size(self, part: Poly, exponent: Fraction) -> Ratio:
        """abs(part)^exponent."""
        if exponent.denominator == 1 and exponent % 2 == 0:
            return Ratio(part) ** int(exponent)
        size = part * self._one_sign(part)
        if exponent.denominator == 1:
            return Ratio(size) ** int(exponent)
        return self._root_generator(size, exponent)

    def _root_of_number(self, scale: Fraction, exponent: Fraction) -> Ratio:
        if exponent.denominator == 1:
            return ratio(scale ** int(exponent))
        result = ratio(1)
        for prime, n in _primes(scale):
            whole = (n * exponent).__floor__()
            rest = n * exponent - whole
            result *= ratio(prime**whole)
            if rest:
                result *= self._root_generator(polynomial(prime), rest)
        return result

    def _root_generator(self, size: Poly, exponent: Fraction) -> Ratio:
        key = ("root", str(size))
        known = self.generators.units.get(key)
        q = exponent.denominator if known is None else lcm(int(known[0]), exponent.denominator)
        if known is None or q != known[0]:
            index = self.generators.index((*key, q), lambda: self._new_root(size, q))
            self.generators.relations.append(Relation(index, q, size))
            if known is not None:
                self.generators.relations.append(Relation(known[1], 1, generator(index) ** (q // int(known[0]))))
            self.generators.units[key] = Fraction(q), index
        return Ratio(generator(self.generators.units[key][1])) ** int(exponent * q)

    def _new_root(self, size: Poly, q: int) -> Generator:
        constant = self.generators.is_constant(size)
        return Generator("root", q, (Ratio(size),), lambda x: x.root(q), constant, injective=True, single=constant)

    def _general_power(self, base: Ratio, exponent: Ratio) -> Ratio:
        signs = self.cell.signs(base)
        if signs == {1}:
            return self.exp(exponent * self.log(base))
        if base.top.is_zero() or signs == {0}:
            self.need(exponent, frozenset({0, 1}))
            signs = self.cell.signs(exponent)
            if signs == {1}:
                return ratio(0)
            unknown = self.cell.unknown(exponent)
            if unknown is not None:
                raise Split(*unknown)
            return ratio(1)
        if 1 in signs or 0 in signs:
            unknown = self.cell.unknown(base)
            if unknown is None:
                raise TooLarge
            raise Split(*unknown)
        whole, rest = _whole_part(exponent)  # a negative base has powers with whole exponents only
        return base**whole * self._opaque(TABLE["^"], [base, rest])

    def _exp(self, _: Call, x: Ratio) -> Ratio:
        return self.exp(x)

    def exp(self, x: Ratio) -> Ratio:
        result = ratio(1)
        for c, m in self.cell.ratio(x).terms():
            log = self._alone(m, "log")
            if log is not None:
                result *= self.root(log.args[0], c) if c.denominator > 1 else log.args[0] ** int(c)
            else:
                unit, index = self._unit("exp", c, m, self._new_exp)
                result *= Ratio(generator(index)) ** int(c / unit)
        return result

    def _unit(self, kind: str, c: Fraction, m: Ratio, make: Callable[[Fraction, Ratio], Any]) -> tuple[Fraction, Any]:
        """The c0 of which all multiples c0*m seen so far are whole multiples, and the generators for c0*m."""
        key = (kind, m.key)
        known = self.generators.units.get(key)
        if known is None:
            self.generators.units[key] = abs(c), make(abs(c), m)
        elif (c / known[0]).denominator > 1:
            unit = Fraction(gcd(c.numerator * known[0].denominator, known[0].numerator * c.denominator),
                            c.denominator * known[0].denominator)  # fmt: skip
            made = make(unit, m)
            self.generators.units[key] = unit, made
            self._retie(kind, known[1], made, int(known[0] / unit))
        return self.generators.units[key]

    def _retie(self, kind: str, old: Any, new: Any, n: int) -> None:
        """A generator made of a larger unit is written as so many of the new one."""
        if kind == "exp":
            self.generators.relations.append(Relation(old, 1, Ratio(generator(new)).__pow__(n).top))
            return
        sine, cosine = self._turned(new, n)
        for index, value in zip(old, (sine, cosine), strict=True):
            if value.bottom.is_constant():
                self.generators.relations.append(Relation(index, 1, value.top))

    def _new_exp(self, unit: Fraction, m: Ratio) -> int:
        arg = ratio(unit) * m
        made = Generator("exp", None, (arg,), lambda x: x.exp(), self.generators.is_constant(m),
                         self.generators.is_single(m), True)  # fmt: skip
        return self.generators.index(("exp", arg.key), lambda: made)

    def _alone(self, m: Ratio, kind: str, row: str = "") -> Generator | None:
        """The generator that this is and nothing else."""
        indexes = m.generators()
        if len(indexes) == 1 and m.bottom.is_constant() and m.top == generator(indexes[0]):
            made = self.generators.made[indexes[0]]
            if made.kind == kind and (not row or made.what is TABLE[row]):
                return made
        return None

    def _log(self, _: Call, x: Ratio) -> Ratio:
        return self.log(x)

    def log(self, x: Ratio) -> Ratio:
        self.need(x, frozenset({1}))
        x = self.cell.ratio(x)
        total = ratio(0)
        for p, side in ((x.top, 1), (x.bottom, -1)):
            scale, parts = factors(p)
            for prime, n in _primes(abs(scale)):
                total += ratio(side * n) * self._log_of_size(polynomial(prime))
            for part, n in parts:
                total += ratio(side * n) * self._log_of_size(part * self._one_sign(part))
        return total

    def _log_of_size(self, size: Poly) -> Ratio:
        exp = self._alone(Ratio(size), "exp")
        if exp is not None:
            return exp.args[0]
        root = self._alone(Ratio(size), "root")
        if root is not None:
            return self.log(root.args[0]) / ratio(root.what)
        made = Generator("log", None, (Ratio(size),), lambda x: x.log(), self.generators.is_constant(size),
                         injective=True, single=self.generators.is_constant(size))  # fmt: skip
        return Ratio(generator(self.generators.index(("log", str(size)), lambda: made)))

    # -- gamma at whole numbers, and the sine over its argument

    def _gamma(self, node: Call, x: Ratio) -> Ratio:
        n = _small_order(x)
        return self._opaque(node.function, [x]) if n is None else ratio(math.factorial(n - 1))

    def _gammaupper(self, node: Call, a: Ratio, x: Ratio) -> Ratio:
        """`(n-1)!*exp(-x)*(1 + x + ... + x^(n-1)/(n-1)!)`, DLMF 8.4.8."""
        n = _small_order(a)
        if n is None:
            return self._opaque(node.function, [a, x])
        self.need(x, frozenset({1}))
        total, term = ratio(0), ratio(math.factorial(n - 1))
        for k in range(n):
            total += term
            term = term * x / ratio(k + 1)
        return total * self.exp(-x)

    def _gammalower(self, node: Call, a: Ratio, x: Ratio) -> Ratio:
        n = _small_order(a)
        if n is None:
            return self._opaque(node.function, [a, x])
        return ratio(math.factorial(n - 1)) - self._gammaupper(node, a, x)

    def _sinc(self, _: Call, x: Ratio) -> Ratio:
        return self._sinc_of_order(0, x)

    def _sinc_derivative(self, node: Call, order: Ratio, x: Ratio) -> Ratio:
        n = order.rational()
        if n is None or n.denominator > 1 or not 0 <= n <= _MOST_ORDER:
            return self._opaque(node.function, [order, x])
        return self._sinc_of_order(int(n), x)

    def _sinc_of_order(self, n: int, x: Ratio) -> Ratio:
        """From `x*f(x) = sin(x)`, differentiated n times: `x*f^(n) + n*f^(n-1) = sin^(n)(x)`."""
        x = self.cell.ratio(x)
        signs = self.cell.signs(x)
        if signs == {0}:
            return ratio(0) if n % 2 else ratio(Fraction((-1) ** (n // 2), n + 1))
        unknown = self.cell.unknown(x) if 0 in signs else None
        if unknown is not None:
            raise Split(*unknown)
        sine, cosine = self.angle(x)
        found = sine / x
        for k in range(1, n + 1):
            found = ((cosine, -sine, -cosine, sine)[(k - 1) % 4] - ratio(k) * found) / x
        return found

    # -- angles

    def _sin(self, _: Call, x: Ratio) -> Ratio:
        return self.angle(x)[0]

    def _cos(self, _: Call, x: Ratio) -> Ratio:
        return self.angle(x)[1]

    def angle(self, x: Ratio) -> tuple[Ratio, Ratio]:
        """Sine and cosine."""
        sine, cosine = ratio(0), ratio(1)
        for c, m in self.cell.ratio(x).terms():
            other = self._of_multiple(c, m)
            sine, cosine = self._added((sine, cosine), other)
        return sine, cosine

    def _added(self, a: tuple[Ratio, Ratio], b: tuple[Ratio, Ratio]) -> tuple[Ratio, Ratio]:
        return self.cell.ratio(a[0] * b[1] + a[1] * b[0]), self.cell.ratio(a[1] * b[1] - a[0] * b[0])

    def _of_multiple(self, c: Fraction, m: Ratio) -> tuple[Ratio, Ratio]:
        if m == self.pi() and (2 * c).denominator == 1:
            return [(ratio(s), ratio(t)) for s, t in ((0, 1), (1, 0), (0, -1), (-1, 0))][int(2 * c) % 4]
        if c.denominator == 1 and abs(c) <= _MOST_TURNS:
            for name in ("asin", "atan"):
                made = self._alone(m, "call", name)
                if made is not None:
                    (u,) = made.args
                    other = self.root(ratio(1) - u * u if name == "asin" else ratio(1) + u * u, Fraction(1, 2))
                    pair = (u, other) if name == "asin" else (u / other, ratio(1) / other)
                    return self._times(pair, int(c))
        unit, pair = self._unit("angle", c, m, self._new_angle)
        if abs(c / unit) > _MOST_TURNS:
            raise TooLarge
        return self._turned(pair, int(c / unit))

    def _turned(self, pair: tuple[int, int], n: int) -> tuple[Ratio, Ratio]:
        return self._times((Ratio(generator(pair[0])), Ratio(generator(pair[1]))), n)

    def _times(self, pair: tuple[Ratio, Ratio], n: int) -> tuple[Ratio, Ratio]:
        if abs(n) > _MOST_TURNS:
            raise TooLarge
        result = ratio(0), ratio(1)
        one = pair if n > 0 else (-pair[0], pair[1])
        for _ in range(abs(n)):
            result = self._added(result, one)
        return result

    def _new_angle(self, unit: Fraction, m: Ratio) -> tuple[int, int]:
        arg = ratio(unit) * m
        about: tuple[bool, bool] = (self.generators.is_constant(m), self.generators.is_single(m))
        cosine = self.generators.index(
            ("cos", arg.key), lambda: Generator("cos", None, (arg,), lambda x: x.cos(), *about)
        )
        sine = self.generators.index(
            ("sin", arg.key), lambda: Generator("sin", None, (arg,), lambda x: x.sin(), *about)
        )
        self.generators.relations.append(Relation(sine, 2, polynomial(1) - generator(cosine) ** 2))
        return sine, cosine

    def _asin(self, node: Call, x: Ratio) -> Ratio:
        """`asin(sin(u))` is u for u from -pi/2 to pi/2, and elsewhere nothing is known of it."""
        self.need(ratio(1) - x, frozenset({0, 1}))
        self.need(ratio(1) + x, frozenset({0, 1}))
        inner = node.args[0]
        if isinstance(inner, Call) and inner.function.name in ("sin", "cos"):
            u = self.values[id(inner.args[0])]
            assert isinstance(u, Ratio)
            u = u if inner.function.name == "sin" else self.pi() / ratio(2) - u
            turned = self._within(u)
            if turned is not None:
                return turned
        for kind in ("sin", "cos"):
            made = self._alone(x, kind)
            if made is not None:
                u = made.args[0] if kind == "sin" else self.pi() / ratio(2) - made.args[0]
                turned = self._within(u)
                if turned is not None:
                    return turned
        return ratio(0) if x.top.is_zero() else self._opaque(node.function, [x])

    def _atan(self, node: Call, x: Ratio) -> Ratio:
        inner = node.args[0]
        if isinstance(inner, Call) and inner.function.name == "/":
            sine, cosine = inner.args
            if isinstance(sine, Call) and isinstance(cosine, Call) and sine.args[0] is cosine.args[0]:
                u = self.values[id(sine.args[0])]
                if (sine.function.name, cosine.function.name) == ("sin", "cos") and isinstance(u, Ratio):
                    turned = self._within(u, turn=False)
                    if turned is not None:
                        return turned
        above, below = self._alone(Ratio(x.top), "sin"), self._alone(Ratio(x.bottom), "cos")
        if above is not None and below is not None and above.args == below.args:
            turned = self._within(above.args[0], turn=False)
            if turned is not None:
                return turned
        return ratio(0) if x.top.is_zero() else self._opaque(node.function, [x])

    def _within(self, u: Ratio, turn: bool = True) -> Ratio | None:
        """The angle from -pi/2 to pi/2 with the sine of u, or, without `turn`, with its tangent."""
        half = self.pi() / ratio(2)
        if self.cell.signs(u - half) <= {-1, 0} and self.cell.signs(u + half) <= {0, 1}:
            return u
        if not self.generators.is_constant(u):
            return None
        with precision(256):
            values = self.generators.balls(u.generators(), {})
            n = (self.generators.ball(u, values) / arb.pi() + arb("0.5")).floor().unique_fmpz()
        if n is None:
            return None
        left = u - ratio(int(n)) * self.pi()
        return -left if turn and int(n) % 2 else left

    # -- floor

    def _floor(self, _: Call, x: Ratio) -> Ratio:
        x = self.cell.ratio(x)
        exact = x.rational()
        if exact is None and self.generators.is_constant(x):
            with precision(1024):
                whole = self.generators.ball(x, self.generators.balls(x.generators(), {})).floor().unique_fmpz()
            exact = None if whole is None else Fraction(int(whole))
        studied = self.own and self.studied
        if exact is not None or self._is_whole(x):
            found = x if exact is None else ratio(exact.__floor__())
            self.meets = self.meets or (studied and self.cell.on_zeros and self.cell.signs(x - found) == {0})
            return found
        n = self.cell.ratio(self.floor_of(x))
        self.need(x - n, frozenset({0, 1}))
        self.need(n + ratio(1) - x, frozenset({1}))
        if studied and not self.generators.is_constant(x) and 0 in self.cell.signs(x - n):
            unknown = self.cell.unknown(x - n)
            if unknown is not None:
                raise Split(*unknown)
            self.meets = True
        return n

    def floor_of(self, x: Ratio) -> Ratio:
        """The generator of a floor, and a whole number."""
        whole, rest = _whole_part(x)
        made = Generator("floor", None, (rest,), lambda u: u.floor(), self.generators.is_constant(rest))
        return Ratio(generator(self.generators.index(("floor", rest.key), lambda: made))) + ratio(whole)

    def _is_whole(self, x: Ratio) -> bool:
        kinds = {made.kind for made in self.generators.all_of(x)}
        return kinds == {"floor"} and x.bottom.is_constant() and all(c.denominator == 1 for c, _ in x.terms())

    _known: Mapping[str, Callable[..., Ratio]] = {
        "^": _power, "sqrt": _sqrt, "exp": _exp, "log": _log, "sin": _sin, "cos": _cos, "asin": _asin, "atan": _atan,
        "floor": _floor, "gamma": _gamma, "gammaupper": _gammaupper, "gammalower": _gammalower, "sinc": _sinc,
        "sinc_derivative": _sinc_derivative,
    }  # fmt: skip


_ARITHMETIC: Mapping[str, Callable[..., Ratio]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "neg": lambda a: -a,
}  # fmt: skip


def _small_order(x: Ratio) -> int | None:
    n = x.rational()
    return int(n) if n is not None and n.denominator == 1 and 1 <= n <= _MOST_ORDER else None


def _leads_with_minus(x: Ratio) -> bool:
    return not x.top.is_zero() and bool(x.top.leading_coefficient() < 0)


def _unknown(*_: Any) -> Any:
    return arb.nan()


def _whole_part(x: Ratio) -> tuple[int, Ratio]:
    """The whole number in a sum, and the rest of it."""
    for c, m in x.terms():
        if m.rational() == 1:
            return c.__floor__(), x - ratio(c.__floor__())
    return 0, x


def _primes(scale: Fraction) -> list[tuple[int, int]]:
    """A positive number as a product of powers; what is long stays whole."""
    found: list[tuple[int, int]] = []
    for whole, side in ((scale.numerator, 1), (scale.denominator, -1)):
        if whole.bit_length() > _BITS_TO_FACTOR:
            found.append((whole, side))
        elif whole > 1:
            found += [(int(prime), side * int(n)) for prime, n in fmpz(whole).factor()]
    return found


__all__ = ["ALL", "Reader", "plain", "used"]
