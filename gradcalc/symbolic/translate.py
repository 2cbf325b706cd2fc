"""Formulas to sympy and back.

Sympy's side is the independent witness: it is built from sympy's own functions and the definitions of the table, never
from our partial derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache, partial, reduce
from typing import Any

import sympy

from gradcalc.engine.rewrite import at_span
from gradcalc.engine.scalars import NATIVE, Scalars
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, SymbolicError
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    Number,
    arguments,
    children_first,
    expression,
    fold,
    tree_size,
)
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.parser import parse

from .worker import TOO_DEEP

Expr = Any  # sympy has no types

MOST_NODES = 20_000  # of a formula with its definitions written out; sympy takes some 0.3 ms a node to differentiate


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
        raise SymbolicError(f"sympy gave up: {error or type(error).__name__}") from error


# ---- symbols as a kind of scalar


def variable(name: str) -> Expr:
    return sympy.Symbol(str(name), real=True)


def _number(value: Fraction) -> Expr:
    return sympy.Rational(value.numerator, value.denominator)


_CONSTANTS: Mapping[str, Expr] = {"pi": sympy.pi, "tau": 2 * sympy.pi, "e": sympy.E}


def _too_large(arg: Expr) -> bool:
    """Whether sympy might work out a function of this to more digits than anybody wants, as gamma(10^9)."""
    return any(term.is_number and abs(term.as_coeff_Mul()[0]) > LIMITS.factorial for term in sympy.Add.make_args(arg))


def _opaque(constant: Expr) -> Expr:
    """A symbol for a constant that sympy must not work out, as it would to sort terms or compare. Its name is the
    constant in our notation, which no variable can have."""
    return variable(expression(from_sympy(constant)))


def _check_exponent(y: Expr) -> None:
    """Sympy makes 2^n of exp(n*log(2)), of 3^(n*log(2)/log(3)) and of sums with these."""
    for term in sympy.Add.make_args(y):
        if term.is_number and term.has(sympy.log) and abs(term.as_coeff_Mul()[0]) > LIMITS.exponent:
            raise _too_many_bits(f"an exact power with the exponent {_brief(y)}")


def _too_many_bits(what: str) -> LimitError:
    return LimitError("exponent", f"{what} has more than {LIMITS.exponent} bits")


def _exp(x: Expr) -> Expr:
    _check_exponent(x)
    return sympy.exp(x)


def _power(x: Expr, y: Expr) -> Expr:
    _check_exponent(y)
    coefficient = x.as_coeff_Mul()[0]  # sympy takes it out: (2*x)^9 is 512*x^9
    if y.is_Rational and coefficient.is_Rational:
        bits = max(int(abs(coefficient.p)), int(coefficient.q)).bit_length() - 1
        if bits * abs(y) > LIMITS.exponent:
            raise _too_many_bits(f"the exact power {_brief(x)}^{_brief(y)}")
    return sympy.Pow(x, y)


def _factorial(x: Expr) -> Expr:
    if x.is_Rational and abs(x) > LIMITS.factorial:
        raise LimitError("factorial", f"{_brief(x)}! is beyond {LIMITS.factorial}!")
    return sympy.factorial(x)


def _floor(x: Expr) -> Expr:
    if x.is_number and not x.is_Rational:  # sympy would work out as many digits as it takes
        return _opaque(sympy.floor(x, evaluate=False))
    return sympy.floor(x)


def _brief(x: Expr) -> str:
    if x.is_Rational and max(int(abs(x.p)), int(x.q)).bit_length() > 64:
        return "(a large number)"
    return str(x) if x.is_Atom else f"({x})"


_MOST_PIECES = 8  # of a choice inside a condition that is written out


def _choose(condition: Expr, a: Expr, b: Expr) -> Expr:
    """`if`. A condition on a choice, as in max(x, y, z), becomes a choice of conditions, which reads better than what
    sympy makes of it."""
    inner = min(condition.atoms(sympy.Piecewise), key=sympy.count_ops, default=None)
    if inner is None or len(condition.atoms(sympy.functions.elementary.piecewise.ExprCondPair)) > _MOST_PIECES:
        return sympy.Piecewise((a, condition), (b, True))
    pieces = []
    for piece in inner.args:
        sides = (side.xreplace({inner: piece.expr}) for side in (condition, a, b))
        pieces.append((_choose(*sides), piece.cond))
    return sympy.Piecewise(*pieces)


_SPECIAL: Mapping[str, Callable[..., Expr]] = {
    "if": _choose,
    "<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne,
    "and": sympy.And, "or": sympy.Or, "not": sympy.Not,
    "diff": lambda expr, x, n=1: nth_derivative(expr, x, n),
    "diff_n": lambda expr, x, n: nth_derivative(expr, x, n),
    "^": _power, "exp": _exp, "factorial": _factorial, "floor": _floor,
}  # fmt: skip


def _resolve(scalars: Scalars, row: Function) -> Callable[..., Expr]:
    if row.name in _SPECIAL:
        return _SPECIAL[row.name]
    definition = _by_definition(scalars, row)
    if not row.sympy:
        if definition is None:
            raise SymbolicError(f"{row.signature} has no symbolic form", help="give its row a `definition` or `sympy`")
        return definition
    function = getattr(sympy, row.sympy, None)
    if not callable(function):
        raise SymbolicError(f"the row of {row.spelling} names sympy.{row.sympy}, which sympy does not have")

    def apply(*args: Expr) -> Expr:
        if len(args) == 1 and _too_large(args[0]):
            return _opaque(function(*args, evaluate=False))
        result = function(*args)
        if result.has(*_COMPLEX):  # sympy could not see that an argument is real
            if definition is None:
                raise SymbolicError(f"{row.signature} is not seen to be real here")
            return definition(*args)
        return result

    return apply


_COMPLEX = (sympy.re, sympy.im, sympy.arg, sympy.conjugate, sympy.I)


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
        symbols = [arg if arg.is_number else sympy.Dummy(real=True) for arg in args]
        return pattern(*symbols).subs(list(zip(symbols, args, strict=True)), simultaneous=True)

    return through_symbols


SYMBOL = Scalars("symbol", _number, _CONSTANTS.__getitem__, _resolve, native=NATIVE)


# ---- differentiating


_JUMPS = (sympy.sign, sympy.floor, sympy.ceiling)


def nth_derivative(expr: Expr, symbol: Expr, order: Any = 1) -> Expr:
    """Sympy's derivative, away from jumps.

    A jump function is constant between its jumps, where sympy would leave a Dirac delta or an unknown derivative; and
    `abs(u)` is `sign(u)*u`, where sympy would look for the real part of a `u` it cannot see to be real.
    """
    if not symbol.is_Symbol:
        raise SymbolicError(f"{symbol} is no variable to differentiate by")
    if order != int(order):
        raise SymbolicError("the order of a derivative must be a whole number")
    if order > LIMITS.order:
        raise LimitError("order", f"a derivative of order {order} is beyond {LIMITS.order}")
    for _ in range(int(order)):
        frozen, jumps = _frozen(expr)
        # else sympy would differentiate each factor of a long product
        constant, factor = frozen.as_independent(symbol, as_Add=False)
        expr = _tidy((constant * factor.diff(symbol)).xreplace(jumps))
    return expr


def _frozen(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression with symbols for its jump functions, and what they stand for."""
    if not expr.has(sympy.Abs, *_JUMPS):
        return expr, {}
    unseen = {a: sympy.sign(a.args[0]) * a.args[0] for a in expr.atoms(sympy.Abs) if not a.args[0].is_extended_real}
    if unseen:
        expr = expr.xreplace(unseen)
    symbols = {jump: sympy.Dummy(real=True) for jump in expr.atoms(*_JUMPS)}
    return expr.xreplace(symbols), {symbol: jump for jump, symbol in symbols.items()}


def _tidy(expr: Expr) -> Expr:
    """`u*sign(u)` is `abs(u)`, and away from its jump `sign(u)^2` is 1."""
    if not expr.has(sympy.sign):
        return expr
    expr = expr.replace(
        lambda e: e.is_Pow and isinstance(e.base, sympy.sign) and e.exp.is_Integer,
        lambda e: e.base if e.exp.is_odd else sympy.S.One,
    )
    return expr.replace(lambda e: e.is_Mul and any(isinstance(f, sympy.sign) for f in e.args), _sign_times)


def _sign_times(product: Expr) -> Expr:
    for factor in product.args:
        if isinstance(factor, sympy.sign):
            u, rest = factor.args[0], product / factor
            for power in sympy.Mul.make_args(rest):
                base, exponent = power.as_base_exp()
                if base == u and exponent.is_Integer and exponent > 0:
                    return rest / u * sympy.Abs(u)
    return product


# ---- formula to sympy


def to_sympy(formula: Formula, bound: Collection[str] = ()) -> Expr:
    """The formula in sympy's own functions, over real symbols.

    Args:
        bound: names that are variables whatever they are otherwise: `e`, or a name with a definition.

    Raises:
        SymbolicError: too large or too deep, without a real value, or a function without a symbolic form.
        LimitError: an exact power or factorial beyond the limits.
    """
    if tree_size(formula) > MOST_NODES:
        raise SymbolicError("too large for the symbolic side; the numeric result stands")
    with border():
        expr = _ToSympy(frozenset(bound), {}).translate(formula, {})
        if expr.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise SymbolicError("the formula has no value: it divides by zero")
        if expr.has(sympy.I):
            raise SymbolicError("the formula has no real value")
        return expr


class _Chain:
    """A sum or product that is still growing: sympy takes all its terms at once, where one by one takes n^2 steps.

    `parts` are terms with 1 or -1: how often they are added, or the power they are a factor in.
    """

    __slots__ = ("head", "parts")

    def __init__(self, head: Any, parts: tuple[tuple[int, Any], ...]):
        self.head = head
        self.parts = parts

    def close(self) -> Expr:
        terms: list[tuple[int, Expr]] = []
        stack: list[tuple[int, Any]] = [(1, self)]
        while stack:
            sign, part = stack.pop()
            if isinstance(part, _Chain):
                stack.extend((sign * s, p) for s, p in reversed(part.parts))
            else:
                terms.append((sign, part))
        if self.head is sympy.Add:
            return sympy.Add(*(sign * term for sign, term in terms))
        return sympy.Mul(*(_power(factor, sympy.Integer(sign)) for sign, factor in terms))


_CHAINS: Mapping[str, tuple[Any, tuple[int, ...]]] = {
    "+": (sympy.Add, (1, 1)), "-": (sympy.Add, (1, -1)), "neg": (sympy.Add, (-1,)),
    "*": (sympy.Mul, (1, 1)), "/": (sympy.Mul, (1, -1)),
}  # fmt: skip


def _closed(part: Any) -> Expr:
    return part.close() if isinstance(part, _Chain) else part


class _ToSympy:
    def __init__(self, bound: frozenset[str], outer: Mapping[str, Expr]):
        """`outer` has what names stand for wherever they are, as the variable of a `diff` that has a definition."""
        self.bound = bound
        self.outer = outer
        self.known: dict[Any, Expr] = {}  # users' functions at arguments
        self.bodies: dict[Function, tuple[Formula, tuple[str, ...], list[Expr]]] = {}

    def translate(self, root: Formula, params: Mapping[str, Expr]) -> Expr:
        """`params` has what the parameters of `root`, a body, stand for, under the names from `_body`."""
        uses: dict[int, int] = {}
        for node in children_first(root):
            for child in node.args if isinstance(node, Call) else ():
                uses[id(child)] = uses.get(id(child), 0) + 1

        def name(node: Name, definition: Any) -> Any:
            for known in (params, self.outer):
                if node.name in known:
                    return known[node.name]
            if node.name in self.bound and node.name not in RESERVED:
                return variable(node.name)
            if node.definition is not None:
                return _closed(definition)
            return _CONSTANTS[node.name] if node.name in _CONSTANTS else variable(node.name)

        def call(node: Call, args: list[Any]) -> Any:
            row = node.function
            if row.name in _CHAINS:
                head, signs = _CHAINS[row.name]
                kept = (a if isinstance(a, _Chain) and a.head is head else _closed(a) for a in args)
                chain = _Chain(head, tuple(zip(signs, kept, strict=True)))
                return chain.close() if uses.get(id(node), 0) > 1 else chain
            exprs = [_closed(arg) for arg in args]
            if row.name in _DIFFS:
                return self._differentiate(node, exprs, params)
            return self._apply(row, exprs) if isinstance(row.definition, Formula) else SYMBOL.function(row)(*exprs)

        return _closed(fold(root, lambda node: _number(node.value), name, call))

    def _apply(self, row: Function, args: list[Expr]) -> Expr:
        """A user's function. A `diff` in its body comes before the arguments: they may have its variable in them."""
        key = (row, *args)
        if key not in self.known:
            body, names, symbols = self._body(row)
            if not symbols or args == symbols:
                self.known[key] = self.translate(body, dict(zip(names, args, strict=True)))
            else:
                self.known[key] = _put_in(self._apply(row, symbols), dict(zip(symbols, args, strict=True)))
        return self.known[key]

    def _body(self, row: Function) -> tuple[Formula, tuple[str, ...], list[Expr]]:
        """The body with parameters that nobody can type, so that no name in a named intermediate is taken for one,
        their names, and symbols for them if there is a `diff` in the body."""
        if row not in self.bodies:
            assert isinstance(row.definition, Formula)
            names = tuple(f"{param} of {row.name}" for param in row.params)
            body = at_span(row.definition, row.params, [Name(name) for name in names], row.definition.span)
            own = children_first(body, arguments)
            has_diff = any(isinstance(node, Call) and node.function.name in _DIFFS for node in own)
            symbols = [sympy.Dummy(param, real=True) for param in row.params] if has_diff else []
            self.bodies[row] = body, names, symbols
        return self.bodies[row]

    def _differentiate(self, node: Call, exprs: list[Expr], params: Mapping[str, Expr]) -> Expr:
        by, order = node.args[1], exprs[2] if len(exprs) == 3 else 1
        assert isinstance(by, Name)
        if by.name in params or by.name in self.outer or exprs[1] == variable(by.name):
            return nth_derivative(exprs[0], exprs[1], order)
        # the variable stands for an expression: differentiate by it first, put the expression in afterwards
        symbol = sympy.Dummy(by.name, real=True)
        expr = _ToSympy(self.bound, {**self.outer, by.name: symbol}).translate(node.args[0], params)
        return _put_in(nth_derivative(expr, symbol, order), {symbol: exprs[1]})


_DIFFS = ("diff", "diff_n")


def _put_in(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """The expression with its symbols replaced, within the limits for powers and large arguments."""
    known = dict(values)

    def rebuilt(part: Expr) -> Expr:
        if part not in known:
            known[part] = made(part, [rebuilt(arg) for arg in part.args])
        return known[part]

    def made(part: Expr, args: list[Expr]) -> Expr:
        if all(new is old for new, old in zip(args, part.args, strict=True)):
            return part
        for pattern, row in _patterns().get(part.func, ()):
            if len(pattern) == len(args) and all(p is None or p == arg for p, arg in zip(pattern, args, strict=True)):
                return SYMBOL.function(row)(*(arg for p, arg in zip(pattern, args, strict=True) if p is None))
        return part.func(*args)

    return rebuilt(expr)


# ---- sympy to formula


@cache
def _patterns() -> dict[Any, list[tuple[tuple[Expr | None, ...], Function]]]:
    """How the table's functions look in sympy: for a class, patterns of its arguments, None standing for anything.

    `sqrt(x)` is Pow(x, 1/2), `digamma(x)` is polygamma(0, x). The pattern that fixes most comes first.
    """
    found: dict[Any, list[tuple[tuple[Expr | None, ...], Function]]] = {}
    for row in TABLE.values():
        if row.variadic or row.name in _CHAINS or not row.sympy:
            continue
        dummies = [sympy.Dummy(real=True) for _ in row.params]
        expr = SYMBOL.function(row)(*dummies)
        pattern = tuple(None if arg in dummies else arg for arg in expr.args)
        if [arg for arg in expr.args if arg in dummies] == dummies and all(p is None or p.is_number for p in pattern):
            found.setdefault(expr.func, []).append((pattern, row))
        if getattr(sympy, row.sympy) not in (expr.func, sympy.sqrt):  # not evaluated, as for a large argument
            found.setdefault(getattr(sympy, row.sympy), []).append(((None,) * len(row.params), row))
    for patterns in found.values():
        patterns.sort(key=lambda item: sum(arg is None for arg in item[0]))
    return found


_RELATIONS: Mapping[Any, str] = {
    sympy.StrictLessThan: "<", sympy.LessThan: "<=", sympy.StrictGreaterThan: ">", sympy.GreaterThan: ">=",
    sympy.Equality: "==", sympy.Unequality: "!=", sympy.Not: "not",
}  # fmt: skip

_Step = tuple[list[Expr], Callable[..., Formula]]  # what to translate first, and what to make of it


def from_sympy(expr: Expr, bound: Collection[str] = (), decimals: bool = False) -> Formula:
    """The expression as a formula in our notation, its terms and factors in the order in which sympy prints them.

    Args:
        bound: names that are variables; with `e` among them Euler's number is written `exp(1)`.
        decimals: write 1/8 as 0.125 and 10^-23 as 1e-23.

    Raises:
        SymbolicError: it has parts that our notation has no word for, or is too deep.
    """
    with border():
        for constant, ours in _CONSTANTS_BACK.items():
            if expr.has(constant):
                expr = expr.xreplace({constant: ours})
        return _FromSympy(frozenset(bound), decimals).translate(expr)


# constants of sympy that our notation has no name for
_CONSTANTS_BACK: Mapping[Expr, Expr] = {sympy.EulerGamma: -sympy.digamma(1, evaluate=False)}


class _FromSympy:
    def __init__(self, bound: frozenset[str], decimals: bool):
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
            if not name.isidentifier():
                return [], lambda: parse(name)  # one that `_opaque` made
            if name in CONSTANTS and (name in RESERVED or name not in self.bound):
                raise SymbolicError(f"a variable called {name}")
            return [], lambda: Name(name)
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow and expr.exp.is_Rational and expr.exp < 0:
            below = sympy.Pow(expr.base, -expr.exp)
            return [below], lambda bottom: _call("/", self.number(Fraction(1)), bottom)
        if isinstance(expr, sympy.Piecewise):
            return self._choice(expr)
        if isinstance(expr, sympy.ITE):
            return self._step(expr.to_nnf(simplify=False))
        if isinstance(expr, sympy.And | sympy.Or):
            row, parts = "and" if isinstance(expr, sympy.And) else "or", sorted(expr.args, key=sympy.default_sort_key)
            return parts, lambda *conditions: _chain([(row, c) for c in conditions])
        if expr.func in _RELATIONS:
            row = _RELATIONS[expr.func]
            return list(expr.args), lambda *args: _call(row, *args)
        return self._function(expr)

    def _function(self, expr: Expr) -> _Step:
        if expr is sympy.E:
            return [], lambda: _call("exp", self.number(Fraction(1))) if "e" in self.bound else Name("e")
        if expr is sympy.pi:
            return [], lambda: Name("pi")
        if expr in (sympy.true, sympy.false):
            relation = "==" if expr == sympy.true else "!="
            return [], lambda: _call(relation, self.number(Fraction(0)), self.number(Fraction(0)))
        for pattern, row in _patterns().get(expr.func, ()):
            pairs = list(zip(pattern, expr.args, strict=False))
            if len(pattern) == len(expr.args) and all(p is None or p == arg for p, arg in pairs):
                return [arg for p, arg in pairs if p is None], partial(_call, row.name)
        raise SymbolicError(f"sympy's {expr.func.__name__} has no counterpart in our notation")

    def _sum(self, expr: Expr) -> _Step:
        terms = _ordered(expr, expr.as_ordered_terms)
        signs = ["-" if _is_negative(term) else "+" for term in terms]
        below = [-term if sign == "-" else term for sign, term in zip(signs, terms, strict=True)]
        first = [terms[0], *below[1:]]
        return first, lambda *parts: _chain(list(zip(signs, parts, strict=True)))

    def _product(self, expr: Expr) -> _Step:
        """As sympy prints a product: a sign, factors, and below the line the factors with negative powers."""
        coefficient, rest = expr.as_coeff_Mul()
        top = [] if abs(coefficient.p) == 1 else [sympy.Integer(abs(coefficient.p))]
        bottom = [] if coefficient.q == 1 else [sympy.Integer(coefficient.q)]
        if self.decimals and coefficient.q != 1 and _as_decimal(Fraction(int(coefficient.p), int(coefficient.q))):
            top, bottom = [abs(coefficient)], []
        for factor in _ordered(rest, rest.as_ordered_factors) if rest.is_Mul else [rest]:
            if factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
                bottom.append(sympy.Pow(factor.base, -factor.exp))
            else:
                top.append(factor)
        negative = coefficient < 0
        for i, factor in enumerate(top):
            if negative and factor.is_Add and factor.could_extract_minus_sign():
                top[i], negative = -factor, False

        def make(*parts: Formula) -> Formula:
            above = list(parts[: len(top)]) or [self.number(Fraction(1))]
            if negative:  # as we read it: the sign belongs to the first factor
                above[0] = _call("neg", above[0])
            result = _chain([("*", part) for part in above])
            below = parts[len(top) :]
            return _call("/", result, _chain([("*", part) for part in below])) if below else result

        return [*top, *bottom], make

    def _choice(self, expr: Expr) -> _Step:
        if expr.args[-1].cond != sympy.true:
            raise SymbolicError("a choice that does not say what holds otherwise")
        below = [part for piece in expr.args[:-1] for part in (piece.cond, piece.expr)]

        def make(*parts: Formula) -> Formula:
            result = parts[-1]
            for i in range(len(parts) - 3, -1, -2):
                result = _call("if", parts[i], parts[i + 1], result)
            return result

        return [*below, expr.args[-1].expr], make

    def number(self, value: Fraction) -> Formula:
        if value < 0 and value.denominator == 1:
            return _call("neg", self.number(-value))
        text = _as_decimal(abs(value)) if self.decimals else None
        if text is not None:
            positive = Number(text, abs(value))
            return positive if value > 0 else _call("neg", positive)
        top = self.number(Fraction(value.numerator)) if value.denominator != 1 else _integer(value)
        return top if value.denominator == 1 else _call("/", top, _integer(Fraction(value.denominator)))


def _integer(value: Fraction) -> Formula:
    if abs(value.numerator).bit_length() > 4 * LIMITS.digits:
        raise SymbolicError(f"a number of more than {LIMITS.digits} digits")
    return Number(str(value.numerator), value)


def _as_decimal(value: Fraction) -> str | None:
    """A text of at most 17 digits for a number that has one, where it is no small integer."""
    if value.denominator == 1 and value < 10**9:
        return None
    digits, exponent = value, 0
    while digits.denominator != 1 and exponent > -400:
        digits, exponent = digits * 10, exponent - 1
    if digits.denominator != 1:
        return None
    whole = digits.numerator
    while whole % 10 == 0:
        whole, exponent = whole // 10, exponent + 1
    text = str(whole)
    if len(text) > 17:
        return None
    point = len(text) + exponent  # where the decimal point stands
    if -4 < point <= 0:
        return f"0.{'0' * -point}{text}"
    if 0 < point < len(text):
        return f"{text[:point]}.{text[point:]}"
    mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
    return f"{mantissa}e{point - 1}" if exponent > 3 or exponent < 0 else text + "0" * exponent


_MOST_ORDERED = 500  # terms; sorting more takes sympy seconds


def _ordered(expr: Expr, sort: Callable[[], Sequence[Expr]]) -> list[Expr]:
    return list(sort()) if len(expr.args) <= _MOST_ORDERED else list(expr.args)


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _call(row: str, *args: Formula) -> Formula:
    return Call(TABLE[row], args)


def _chain(parts: list[tuple[str, Formula]]) -> Formula:
    """Operands joined from the left, each by the operator before it."""
    result = parts[0][1]
    for row, part in parts[1:]:
        result = _call(row, result, part)
    return result
