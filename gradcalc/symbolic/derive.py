"""Sympy's derivatives as formulas, in a short form."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from math import comb, lcm, prod

import sympy
from flint import fmpq

from gradcalc.engine.rewrite import as_formula
from gradcalc.language.ends import names_in_ends, refuse_ends
from gradcalc.language.errors import LIMITS, FormulaError, SymbolicError, check_order
from gradcalc.language.formula import Formula, Number, children_first, free_names
from gradcalc.language.grammar import is_name
from gradcalc.language.identity import Itself
from gradcalc.proofs.polynomials import GENERATORS, Poly, TooLarge, factors, from_terms
from gradcalc.work import time_of

from .back import DIGITS, border, from_sympy, nodes
from .differentiate import nth_derivative, zero_at_points
from .joined import JOINED
from .opaque import Choice, Expr
from .referee import hold
from .symbols import variable
from .translate import to_sympy
from .worker import WORKER


def is_zero_at_points(quantity: Formula, name: str, bound: Collection[str] = ()) -> bool:
    """Whether a quantity is known to be 0 at single values of a name alone, whatever all other names are, also the
    letters in `bound`."""
    try:
        return zero_at_points(to_sympy(quantity, bound), variable(name))
    except FormulaError:
        return False


HERE = 2_000  # nodes to differentiate in this process, some 0.2 s


def derivative(
    formula: str | Formula, name: str, order: int = 1, seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> Formula:
    """d^order formula / d name^order as a formula, by sympy, held against our chain rule in balls at drawn points. See
    `derivatives`.

    Raises:
        SymbolicError: also where the two differ.
        FormulaError: by what is no name.
    """
    parsed = as_formula(formula)
    if isinstance(name, str) and not (is_name(name) or name in free_names(parsed)):
        raise FormulaError(f"a derivative is by one name, such as 'x', not by {name!r}")
    found = derivatives(parsed, (name,), order, seconds, bound)[name]
    below = parsed if order == 1 else derivatives(parsed, (name,), order - 1, seconds, bound)[name]
    held = hold(below, {name: found})[name]
    if held.difference:
        raise SymbolicError(f"sympy's form is not the derivative {held.difference}")
    return found


def derivatives(
    formula: Formula,
    names: Sequence[str],
    order: int = 1,
    seconds: float = LIMITS.seconds,
    bound: Collection[str] = (),
    short: bool = True,
) -> dict[str, Formula]:
    """Sympy's derivative of the formula with respect to each name, in a short form unless that is not asked for.

    They hold where the formula is differentiable, but for single points: sign, floor and comparisons are constant
    between their jumps, and what is equal at single points alone is taken not to be.

    Args:
        bound: names that are variables whatever they are otherwise, besides `names`.

    Raises:
        SymbolicError: no symbolic form, too deep, or out of time.
        LimitError: an order, power or factorial beyond the limits.
    """
    if strange := [name for name in names if not isinstance(name, str)]:
        raise TypeError(f"a derivative is by a name, which is a text such as 'x', not by {strange[0]!r}")
    if not isinstance(order, int) or order < 1:
        raise FormulaError(f"the order of a derivative is a positive whole number, not {order}", formula.span)
    check_order(order, formula.span)
    refuse_ends(names_in_ends(formula), names)
    all_bound = frozenset({*bound, *names})
    return dict(_derivatives(Itself(formula), tuple(names), order, _Budget(seconds), all_bound, short))


class _Budget:
    """Seconds that a step may take. They are no part of what is asked: to the caches all budgets are equal."""

    def __init__(self, seconds: float):
        self.deadline = time.monotonic() + time_of(seconds)

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Budget)

    def __hash__(self) -> int:
        return hash(_Budget)


@lru_cache(maxsize=32)
def _derivatives(
    itself: Itself[Formula], names: tuple[str, ...], order: int, budget: _Budget, bound: frozenset[str], short: bool
) -> dict[str, Formula]:
    formula = itself.it
    raw = _sympy_derivatives(itself, names, order, budget, bound)
    typed = any(isinstance(n, Number) and not n.text.isdigit() for n in children_first(formula))
    with border():
        found = {name: shortened(raw[name]) if short else raw[name] for name in names}
        return {name: from_sympy(found[name], bound, DIGITS if typed else 0) for name in names}


@lru_cache(maxsize=32)  # the same formula, the object itself, is differentiated to be shown and then to be proved
def _sympy_derivatives(
    itself: Itself[Formula], names: tuple[str, ...], order: int, budget: _Budget, bound: frozenset[str]
) -> dict[str, Expr]:
    formula = itself.it
    expr = to_sympy(formula, bound)
    symbols = [variable(name) for name in names]
    with border():
        found = {symbol: sympy.Add(*own) for symbol, own in _terms(expr, symbols).items()}
        for below in range(order):
            if sum(nodes(found[symbol], HERE) for symbol in symbols) > HERE:
                found = WORKER.ask(_differentiate, found, order - below, 0, below, seconds=budget.left)
                break
            found = _differentiate(found, 1, order - below - 1, below)
    return {name: found[variable(name)] for name in names}


def _differentiate(exprs: Mapping[Expr, Expr], order: int, more: int, before: int) -> dict[Expr, Expr]:
    return {symbol: nth_derivative(expr, symbol, order, more, before) for symbol, expr in exprs.items()}


def _terms(expr: Expr, symbols: Sequence[Expr]) -> dict[Expr, list[Expr]]:
    """For each symbol the terms that it stands in: of a sum of many names, each is in few."""
    found: dict[Expr, list[Expr]] = {symbol: [] for symbol in symbols}
    for term in sympy.Add.make_args(expr):
        for symbol in term.free_symbols & found.keys():
            found[symbol].append(term)
    return found


# ---- shorter forms


_SHORT = 12  # operations
_LEFT, _LEFT_OF_LONG = 2 / 3, 4 / 5  # of what sympy's rules made, which looks as people write it: the rest must go
_TOO_LONG = 200  # operations; what is longer stays as it is
_LIGHT = 60  # weight of what may be put over one denominator and factored
_HIGH = 12  # the largest power of what may be, and the largest multiple in an exponential that counts as one


def shortened(expr: Expr) -> Expr:
    """An equal expression, where one is found so much shorter that it is worth it. The work is bounded by counting,
    and nothing inside a function, a root or an exponent is multiplied out."""
    expr = _joined(expr)
    if isinstance(expr, Choice):
        return Choice(*((shortened(value), condition) for value, condition in expr.args))
    sums = expr.atoms(*JOINED)
    expr = expr.xreplace({each: each.func(shortened(each.function), *each.limits) for each in sums})
    length = int(expr.count_ops())
    if length > _TOO_LONG or not expr.has(sympy.Add):
        return expr
    frozen, parts = _frozen(expr)
    candidates = [sympy.factor_terms(frozen)]
    if weight(frozen) <= _LIGHT:
        with suppress(TooLarge):
            candidates.append(_factored(frozen))
            candidates.append(sympy.factor_terms(candidates[-1]))
    found = min((candidate.xreplace(parts) for candidate in candidates), key=lambda e: int(e.count_ops()))
    return found if int(found.count_ops()) <= length * (_LEFT if length <= _SHORT else _LEFT_OF_LONG) else expr


def _factored(expr: Expr) -> Expr:
    """A rational function over one denominator, in irreducible factors. They are flint's, as sympy looks for them among
    numbers drawn at random, which now and then takes a minute.

    Raises:
        TooLarge: it has many symbols, or a high degree.
    """
    ring, parts = sympy.polys.sring(sympy.fraction(sympy.together(expr)))
    if len(ring.symbols) > GENERATORS:
        raise TooLarge
    scale, powers = fmpq(1), dict[Poly, int]()
    for part, sign in zip(parts, (1, -1), strict=True):
        pairs = [(each, ring.domain.to_sympy(value)) for each, value in part.terms()]
        terms = {tuple((i, n) for i, n in enumerate(each) if n): fmpq(value.p, value.q) for each, value in pairs}
        content, found = factors(from_terms(terms))
        scale *= fmpq(content.numerator, content.denominator) ** sign
        for one, n in found:
            powers[one] = powers.get(one, 0) + sign * n
    whole = sympy.Integer(1)
    for one, n in powers.items():
        multiple = lcm(*(int(value.q) for value in one.coefficients()))
        scale /= fmpq(multiple) ** n
        written = (sympy.Mul(int(v * multiple), *(ring.symbols[i] ** k for i, k in each)) for each, v in one.terms)
        whole *= sympy.Add(*written) ** n
    number = sympy.Rational(int(scale.p), int(scale.q))
    return sympy.Mul(number, whole, evaluate=False) if whole.is_Add and abs(number) != 1 else number * whole


def _joined(expr: Expr) -> Expr:
    """The expression, where it is a sum, with one choice in the place of those that are made by the same conditions."""
    alike: dict[tuple[Expr, ...], list[tuple[Expr, Expr]]] = {}
    for term in sympy.Add.make_args(expr):
        factor, part = term.as_coeff_Mul()
        conditions = tuple(case.cond for case in part.args) if isinstance(part, Choice) else ()
        alike.setdefault(conditions, []).append((factor, part))
    if all(len(pairs) < 2 for conditions, pairs in alike.items() if conditions):
        return expr
    rest = [factor * part for factor, part in alike.pop((), [])]
    for conditions, pairs in alike.items():
        values = (sympy.Add(*(factor * part.args[i].expr for factor, part in pairs)) for i in range(len(conditions)))
        rest.append(Choice(*zip(values, conditions, strict=True)))
    return sympy.Add(*rest)


def _frozen(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression as a rational function of symbols for what is not rational in it, and what they stand for."""
    symbols: dict[Expr, Expr] = {}

    def symbol(part: Expr) -> Expr:
        return symbols.setdefault(part, sympy.Dummy())

    def frozen(part: Expr) -> Expr:
        if part.is_Atom:
            return part
        if part.is_Add or part.is_Mul:
            return part.func(*map(frozen, part.args))
        if isinstance(part, sympy.exp):
            multiple, rest = part.args[0].as_coeff_Mul()
            if multiple.is_Integer and abs(multiple) <= _HIGH:
                sign = -1 if rest.could_extract_minus_sign() else 1
                return symbol(sympy.exp(sign * rest)) ** (sign * multiple)
        if part.is_Pow and part.exp.is_Integer and abs(part.exp) <= _HIGH:
            return frozen(part.base) ** part.exp
        return symbol(part)

    return frozen(expr), {made: part for part, made in symbols.items()}


# ---- how large an expression would become, told from its shape: nothing can interrupt what is done with it

_HEAVY = 10**9


def weight(expr: Expr) -> int:
    """About how many terms a rational function of symbols has over one common denominator."""
    return sum(_weights(expr))


def _weights(expr: Expr) -> tuple[int, int]:
    """Terms above and below the line."""
    if expr.is_Add or expr.is_Mul:
        parts = [_weights(arg) for arg in expr.args]
        bottom = min(prod(b for _, b in parts), _HEAVY)
        top = sum(t * bottom // b for t, b in parts) if expr.is_Add else prod(t for t, _ in parts)
        return min(top, _HEAVY), bottom
    if expr.is_Pow:
        top, bottom = _weights(expr.base)
        n = abs(int(expr.exp))
        grown = min(_multinomial(top, n), _HEAVY), min(_multinomial(bottom, n), _HEAVY)
        return grown if expr.exp > 0 else grown[::-1]
    return 1, 1


def _multinomial(count: int, n: int) -> int:
    return 1 if count <= 1 else comb(n + count - 1, n) if n < 50 and count < 50 else _HEAVY
