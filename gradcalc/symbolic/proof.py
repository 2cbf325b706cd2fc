"""Our chain rule shown equal to sympy's derivative, for all values at which both exist.

Equality is only ever claimed from an exact zero. The cheap ways come first; what could take long runs in the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import lcm
from typing import Any

import sympy

from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import Scalars
from gradcalc.engine.value import Value, data_of, make, over
from gradcalc.language.errors import LIMITS, FormulaError, SymbolicError
from gradcalc.language.formula import Call, Formula, Name, children_first, fold, to_text, tree_size
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.parser import parse

from .derive import HERE, sympy_derivatives
from .opaque import SWITCHES, Comparison, Selected
from .translate import (
    MOST_NODES,
    SYMBOL,
    TOO_LARGE,
    Expr,
    border,
    from_sympy,
    taken_apart,
    tidied,
    to_sympy,
    variable,
    written_out,
)
from .weigh import degree, terms, weight
from .worker import OUT_OF_TIME, WORKER


@dataclass(frozen=True, slots=True)
class Proof:
    """`proved`, or not proved, which is no disproof, with the `reason`."""

    proved: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.proved


NOT_SHOWN = "the difference of the two was not shown to be zero"


def prove(
    formula: Formula, names: Sequence[str], seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> dict[str, Proof]:
    """For each name, whether our chain rule over symbols equals sympy's derivative everywhere but at kinks, poles and
    the edges of domains. Takes no longer than `seconds` in all."""
    deadline = time.monotonic() + seconds
    bound = {*bound, *names}
    try:
        with border():
            theirs = sympy_derivatives(formula, names, 1, seconds, bound)
            prepared = prepare(formula)
            if tree_size(prepared) > HERE:
                return _prove_elsewhere(prepared, names, bound, theirs, deadline - time.monotonic())
            ours = our_derivatives(prepared, names, bound)
    except FormulaError as error:
        return {name: Proof(False, error.message) for name in names}
    return {name: proved_equal(ours[name], theirs[name], deadline - time.monotonic()) for name in names}


def proved_equal(ours: Expr, theirs: Expr, seconds: float = LIMITS.seconds) -> Proof:
    """Whether two expressions over real symbols are equal wherever both have a value."""
    try:
        with border():
            if ours == theirs:
                return Proof(True)
            if seconds <= 0:
                return Proof(False, OUT_OF_TIME)
            ours, theirs = (taken_apart(written_out(side)) for side in (ours, theirs))
            return _told(is_zero(ours - theirs) or WORKER.ask(_equal, ours, theirs, seconds=seconds))
    except FormulaError as error:
        return Proof(False, error.message)


def zero_factors(formula: Formula, bound: Collection[str] = ()) -> list[Formula]:
    """Quantities of which one is zero exactly where the formula is: of a product, a power or abs, what is in it."""
    if tree_size(formula) > _GLANCE:
        return [formula]
    found: list[Formula] = []
    try:
        with border():
            stack = [to_sympy(formula, bound)]
            while stack:
                expr = stack.pop()
                if expr.is_Mul:
                    stack += expr.args[::-1]
                elif isinstance(expr, sympy.Abs | sympy.sign) or (expr.is_Pow and expr.exp.is_positive):
                    stack.append(expr.args[0])
                elif not expr.is_number:
                    found.append(from_sympy(expr, bound))
    except FormulaError:
        return [formula]
    return found


_GLANCE = 100  # nodes


def _prove_elsewhere(
    prepared: Formula, names: Sequence[str], bound: Collection[str], theirs: Mapping[str, Expr], seconds: float
) -> dict[str, Proof]:
    rows = [node.function for node in children_first(prepared) if isinstance(node, Call)]
    if any(TABLE.get(row.name) is not row for row in rows):
        raise SymbolicError("too large to prove with functions of your own")
    if tree_size(prepared) > MOST_NODES:
        raise SymbolicError(TOO_LARGE)
    equal = WORKER.ask(_prove_text, to_text(prepared), names, bound, theirs, seconds=seconds)
    return {name: _told(shown) for name, shown in equal.items()}


def _told(shown: bool) -> Proof:
    return Proof(shown, "" if shown else NOT_SHOWN)


def _prove_text(text: str, names: Sequence[str], bound: Collection[str], theirs: Mapping[str, Expr]) -> dict[str, bool]:
    """In the worker: formulas go there as text, because rows are made of functions."""
    ours = our_derivatives(prepare(parse(text)), names, bound)
    return {name: _equal(written_out(ours[name]), written_out(theirs[name])) for name in names}


# ---- our own derivative, over symbols


def our_derivatives(prepared: Formula, names: Sequence[str], bound: Collection[str]) -> dict[str, Expr]:
    """Reverse mode over symbols, by the partial derivatives of the table."""
    leaves = {name: Value(variable(name)) for name in names}

    def name(node: Name, definition: Any) -> Any:
        if node.name in leaves:
            return leaves[node.name]
        if node.name in bound and node.name not in RESERVED:
            return variable(node.name)
        if node.definition is not None:
            return definition
        return SYMBOL.constant(node.name) if node.name in CONSTANTS else variable(node.name)

    def call(node: Call, args: list[Any]) -> Any:
        return _GRAPH.function(node.function)(*args)

    root = fold(prepared, lambda node: SYMBOL.number(node.value), name, call)
    if isinstance(root, Value):
        root.backward()
    return {name: tidied(sympy.S.Zero + leaf.grad) for name, leaf in leaves.items()}


def _graph_function(_: Scalars, row: Function) -> Callable[..., Any]:
    if row.condition:
        return lambda *args: SYMBOL.function(row)(*map(data_of, args))
    if row.name == "if":
        return _choose
    if row.variadic:
        return partial(_selected, row)
    if not row.partials:
        return _GRAPH.compile(str(row.definition), row.params)
    return lambda *args: (over(SYMBOL) if any(isinstance(a, Value) for a in args) else SYMBOL).function(row)(*args)


_GRAPH = Scalars("Value over symbols", SYMBOL.number, SYMBOL.constant, _graph_function, native=frozenset())


_ONE, _ZERO = sympy.S.One, sympy.S.Zero


def _selected(row: Function, *args: Any) -> Any:
    """A row whose value is one of its arguments passes everything to that one; between ties nothing is claimed."""
    values = list(dict.fromkeys(map(data_of, args)))
    result = SYMBOL.function(row)(*values) if len(values) > 1 else values[0]
    varying = [arg for arg in args if isinstance(arg, Value)]
    if not varying or not isinstance(result, Selected):
        alike = [arg for arg in varying if arg.data == result][:1]
        return make(result, row.name, tuple(alike), (_ONE,)) if alike else result
    gates = []
    for i, arg in enumerate(varying):
        if any(arg.data == other.data for other in varying[:i]):
            gates.append(_ZERO)
            continue
        rest = [value for value in values if value != arg.data]
        others = SYMBOL.function(row)(*rest) if len(rest) > 1 else rest[0]
        gates.append(SYMBOL.function(TABLE["if"])(result.selects(arg.data, others), _ONE, _ZERO))
    return make(result, row.name, tuple(varying), tuple(gates))


def _choose(condition: Expr, a: Any, b: Any) -> Any:
    choose = SYMBOL.function(TABLE["if"])
    result = choose(condition, data_of(a), data_of(b))
    gates = (a, choose(condition, _ONE, _ZERO)), (b, choose(condition, _ZERO, _ONE))
    sides = [(arg, gate) for arg, gate in gates if isinstance(arg, Value)]
    return make(result, "if", tuple(arg for arg, _ in sides), tuple(gate for _, gate in sides)) if sides else result


# ---- an expression shown to be zero


# What is done in this process, where nothing can interrupt it: terms to multiply out and weights that take some 0.1 s
_LIGHT_TERMS, _LIGHT_WEIGHT, _LIGHT_REWRITTEN, _LIGHT_DEGREE, _LIGHT_CASES = 2_000, 300, 150, 50, 3


def _is_light(expr: Expr) -> bool:
    return weight(expr) <= _LIGHT_WEIGHT and terms(expr) <= _LIGHT_TERMS and degree(expr) <= _LIGHT_DEGREE


def _equal(ours: Expr, theirs: Expr) -> bool:
    difference = ours - theirs
    if ours == theirs or is_zero(difference, light=False):
        return True
    return not difference.has(sympy.Piecewise, Comparison) and bool(sympy.simplify(difference) == 0)


def is_zero(difference: Expr, light: bool = True) -> bool:
    """Whether the difference is zero wherever it has a value, as far as exact ways can show; `light`: only those that
    take no time."""
    if difference == 0:
        return True
    piecewise = difference.has(sympy.Piecewise, *SWITCHES)
    if not piecewise and (not light or terms(difference) <= _LIGHT_TERMS) and sympy.expand(difference) == 0:
        return True
    return _zero_in_cases(difference, _LIGHT_CASES if light else _MOST_CASES, light)


# -- by cases


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


# -- as a rational function of what is inside it


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
