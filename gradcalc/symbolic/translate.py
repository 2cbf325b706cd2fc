"""Formulas to sympy and back.

Sympy's side is the independent witness: it is built from sympy's own functions and the definitions of the table, never
from our partial derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache, partial, reduce
from itertools import islice
from typing import Any

import sympy

from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rewrite import at_span, prepare
from gradcalc.engine.scalars import BALL, NATIVE, Scalars, precision
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
from gradcalc.proofs.equality import prove_equal

from .opaque import (
    COMPARISONS,
    JUMPS,
    NAMED,
    Choice,
    Comparison,
    Constant,
    Floor,
    Named,
    Sign,
    choice,
    is_constant,
    split,
)
from .worker import TOO_DEEP

Expr = Any  # sympy has no types

TOO_LARGE = "too large for the symbolic side; the numeric result stands"
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


def nodes(expr: Expr, most: int) -> int:
    """The nodes of an expression, counted no further than one more than `most`."""
    return sum(1 for _ in islice(sympy.preorder_traversal(expr), most + 1))


# ---- symbols as a kind of scalar


def variable(name: str) -> Expr:
    return sympy.Symbol(str(name), real=True)


_LONG_NUMBER = 200  # bits of a number that sympy calculates with; 1e-30000 is a symbol to it


def _number(value: Fraction) -> Expr:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) <= _LONG_NUMBER:
        return sympy.Rational(value.numerator, value.denominator)
    text = _as_decimal(abs(value))
    named = Constant(text) if text else _opaque(_FromSympy(frozenset(), DIGITS).number(abs(value)))
    return named if value > 0 else -named


DIGITS = 17  # of a decimal number that is written as one
_DIGITS_OF_A_CONSTANT = 40
_CONSTANTS: Mapping[str, Expr] = {"pi": sympy.pi, "tau": 2 * sympy.pi, "e": sympy.E}


_TAME = 10_000  # the largest integer in an argument that sympy may look up, as sin(pi/6) or gamma(5)
_LONGEST = 10_000  # characters of a constant


def _constant(row: Function, args: Sequence[Expr], function: Callable[..., Expr]) -> Expr:
    """A row at constants: worked out where that is exact and short, and else a symbol, which keeps to itself."""
    if all(map(_is_tame, args)):
        value = function(*args)
        if _is_exact(value) or value.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, *_COMPLEX):
            return value
    return _opaque(Call(row, tuple(from_sympy(arg, ("e",), _DIGITS_OF_A_CONSTANT) for arg in args)))


def _opaque(constant: Formula) -> Expr:
    text = expression(constant, _LONGEST)
    if len(text) >= _LONGEST:
        raise SymbolicError("a constant too long for the symbolic side; the numeric result stands")
    return Constant(text)


def _compare(made: type[Comparison], lhs: Expr, rhs: Expr) -> Expr:
    """A comparison, decided by balls where it is between constants and they tell."""
    found = made(lhs, rhs)
    if isinstance(found, Comparison) and is_constant(lhs) and is_constant(rhs):
        sign = _sign_in_balls(from_sympy(lhs - rhs, ("e",)))
        return found if sign is None else found.given(sign)
    return found


_BITS = (128, 1024, 4096)


@cache
def _sign(constant: str) -> int | None:
    """The sign of a constant in our notation, where some thousand bits tell it."""
    prepared = prepare(_parsed(constant))
    for bits in _BITS:
        with precision(bits):
            found = Lowering(prepared, BALL, ()).graph({}).root
            if not isinstance(found, Failure) and found.is_finite() and not found.contains(0):
                return 1 if found > 0 else -1
    return None


def _sign_in_balls(constant: Formula) -> int | None:
    text = expression(constant, _LONGEST)
    return _sign(text) if len(text) < _LONGEST else None


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
    if not y.is_Rational and is_constant(x) and is_constant(y):
        return _constant(TABLE["^"], (x, y), sympy.Pow)
    coefficient = x.as_coeff_Mul()[0]  # sympy takes it out: (2*x)^9 is 512*x^9
    if y.is_Rational and coefficient.is_Rational:
        bits = max(int(abs(coefficient.p)), int(coefficient.q)).bit_length() - 1
        if x.is_Rational and y.is_Integer and bits * abs(y) > _LONG_NUMBER:
            return _opaque(Call(TABLE["^"], (from_sympy(x, (), DIGITS), from_sympy(y, (), DIGITS))))
        if bits * abs(y) > LIMITS.exponent:
            raise _too_many_bits(f"the exact power {_brief(x)}^{_brief(y)}")
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
    "^": _power, "exp": _exp, "factorial": _factorial, "sign": Sign,
}  # fmt: skip


def _resolve(scalars: Scalars, row: Function) -> Callable[..., Expr]:
    function = _function(scalars, row)
    if row.name in _SPECIAL and row.name not in _LOOKED_UP:
        return function
    if row.condition or (row.symbol and row.name not in _LOOKED_UP):
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
    function = getattr(sympy, row.sympy, None)
    if not callable(function):
        raise SymbolicError(f"the row of {row.spelling} names sympy.{row.sympy}, which sympy does not have")

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
        symbols = [arg if is_constant(arg) else sympy.Dummy(real=True) for arg in args]
        return pattern(*symbols).xreplace(dict(zip(symbols, args, strict=True)))

    return through_symbols


SYMBOL = Scalars("symbol", _number, _CONSTANTS.__getitem__, _resolve, native=NATIVE)
WRITTEN = Scalars("symbol, by definitions", _number, _CONSTANTS.__getitem__, _resolve, native=NATIVE)


def by_definition(row: Function, args: Sequence[Expr]) -> Expr:
    """The row's definition, and those of the rows in it, at arguments."""
    return WRITTEN.function(row)(*args)


# ---- the slope of a row that is kept by name


def slope(row: Function, position: int, args: Sequence[Expr]) -> Expr:
    """The row's derivative by one argument: sympy's, of its definition."""
    numbers = tuple(arg if arg.is_Rational else None for arg in args)
    symbols, found = _slope(row, position, numbers)
    return _put_in(found, dict(zip(symbols, args, strict=True)))


@cache
def _slope(row: Function, position: int, numbers: tuple[Expr, ...]) -> tuple[list[Expr], Expr]:
    """Symbols for the arguments, and the derivative in them: as the table writes it, where that is sympy's own in
    fewer words, and equal to it by exact algebra."""
    symbols = [sympy.Dummy(p, real=True) if n is None else n for p, n in zip(row.params, numbers, strict=True)]
    if numbers[position] is not None:
        raise SymbolicError(f"{row.signature} has no derivative with respect to {row.params[position]}")
    if not row.smooth:
        return symbols, nth_derivative(SYMBOL.compile(str(row.definition), row.params)(*symbols), symbols[position])
    found = nth_derivative(by_definition(row, symbols), symbols[position])
    for text in filter(None, (*row.taught[position : position + 1], row.partials[position])):
        if "if(" not in text and _is_slope(row, text, found, symbols):
            return symbols, SYMBOL.compile(text, (*row.params, "out"))(*symbols, SYMBOL.function(row)(*symbols))
    return symbols, found


def _is_slope(row: Function, text: str, found: Expr, symbols: Sequence[Expr]) -> bool:
    """Whether a partial as the table writes it equals a derivative of the row, by exact algebra."""
    args = [Name(p) if s.is_Symbol else from_sympy(s) for p, s in zip(row.params, symbols, strict=True)]
    named = {s: variable(p) for p, s in zip(row.params, symbols, strict=True) if s.is_Symbol}
    call = Call(row, tuple(args))
    shown = at_span(parse(text), (*row.params, "out"), (*args, call), call.span)
    return bool(prove_equal(call, prepare(from_sympy(found.xreplace(named), row.params)), shown, row.params))


# ---- differentiating


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
        expr = tidied((constant * factor.diff(symbol)).xreplace(jumps))
    return expr


def _frozen(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression with symbols for its jump functions, and what they stand for."""
    if not expr.has(sympy.Abs, *JUMPS):
        return expr, {}
    unseen = {a: Sign(a.args[0]) * a.args[0] for a in expr.atoms(sympy.Abs) if not a.args[0].is_extended_real}
    if unseen:
        expr = expr.xreplace(unseen)
    symbols = {jump: sympy.Dummy(real=True) for jump in expr.atoms(*JUMPS)}
    return expr.xreplace(symbols), {symbol: jump for jump, symbol in symbols.items()}


def tidied(expr: Expr) -> Expr:
    """The derivative with what the rules of sums and products leave: `x^y/x`, `u*sign(u)`, a product with a choice of
    which a case is 0."""
    known: dict[Expr, Expr] = {}

    def rebuilt(part: Expr) -> Expr:
        if not part.args:
            return part
        if part not in known:
            args = [rebuilt(arg) for arg in part.args]
            same = all(new is old for new, old in zip(args, part.args, strict=True))
            known[part] = _tidied(part if same else part.func(*args))
        return known[part]

    return rebuilt(expr)


def _tidied(part: Expr) -> Expr:
    if type(part) is sympy.sign:
        return Sign(*part.args)
    if isinstance(part, sympy.Function) and is_constant(part):  # as log(2) from 2^x
        return _opaque(from_sympy(part, ("e",), _DIGITS_OF_A_CONSTANT))
    if isinstance(part, Comparison):
        return split(part)
    if part.is_Pow and isinstance(part.base, sympy.sign) and part.exp.is_Integer:
        return part.base if part.exp.is_odd else sympy.S.One  # away from its jump
    if part.is_Mul:
        if any(isinstance(factor, sympy.sign) for factor in part.args):
            part = _sign_times(part)
        return _into_choice(_one_power(part)) if part.is_Mul else part
    return part


def _one_power(product: Expr) -> Expr:
    """`x^y/x` as `x^(y - 1)`, which has a value at 0 where the derivative has."""
    powers = [f for f in product.args if f.is_Pow and not f.exp.is_number and not f.base.is_number]
    for power in powers:
        for factor in product.args:
            base, exponent = factor.as_base_exp()
            if base == power.base and exponent.is_Integer:
                rest = [f for f in product.args if f is not power and f is not factor]
                return sympy.Mul(*rest, sympy.Pow(base, power.exp + exponent))
    return product


def _into_choice(product: Expr) -> Expr:
    choices = [factor for factor in product.args if isinstance(factor, Choice)]
    if len(choices) != 1 or all(value != 0 for value, _ in choices[0].args):
        return product
    rest = sympy.Mul(*(factor for factor in product.args if factor is not choices[0]))
    return Choice(*((value * rest, condition) for value, condition in choices[0].args))


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
        raise SymbolicError(TOO_LARGE)
    with border():
        expr = _ToSympy(frozenset(bound), {}).translate(formula, {})
        if nodes(expr, MOST_NODES) > MOST_NODES:
            raise SymbolicError(TOO_LARGE)
        if expr.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise SymbolicError("the formula has no value: it divides by zero")
        if expr.has(sympy.I):
            raise SymbolicError("the formula has no real value")
        return expr


def _is_long(constant: Expr) -> bool:
    return bool(constant.is_Rational and max(abs(int(constant.p)), int(constant.q)).bit_length() > _LONG_NUMBER)


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
        numbers = [(sign, term) for sign, term in terms if term.is_Rational]
        others = [(sign, term) for sign, term in terms if not term.is_Rational]
        if self.head is sympy.Add:
            constant = sympy.Add(*(sign * term for sign, term in numbers))
            if _is_long(constant) and len(numbers) > 1:
                constant = _opaque(_chain([("+" if s > 0 else "-", from_sympy(n, (), DIGITS)) for s, n in numbers]))
            return sympy.Add(constant, *(sign * term for sign, term in others))
        constant = sympy.Mul(*(sympy.Pow(factor, sign) for sign, factor in numbers))
        if _is_long(constant):
            constant = _number(Fraction(int(constant.p), int(constant.q)))
        return sympy.Mul(constant, *(_power(factor, sympy.Integer(sign)) for sign, factor in others))


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
            if nodes(self.known[key], MOST_NODES) > MOST_NODES:
                raise SymbolicError(TOO_LARGE)
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


_RELATIONS: Mapping[Any, str] = {**{made: row for row, made in COMPARISONS.items()}, sympy.Not: "not"}


@cache
def _parsed(constant: str) -> Formula:
    return parse(constant)


_Step = tuple[list[Expr], Callable[..., Formula]]  # what to translate first, and what to make of it


def from_sympy(expr: Expr, bound: Collection[str] = (), decimals: int = 0) -> Formula:
    """The expression as a formula in our notation, its terms and factors in the order in which sympy prints them.

    Args:
        bound: names that are variables; with `e` among them Euler's number is written `exp(1)`.
        decimals: write 1/8 as 0.125 and 10^-23 as 1e-23, where that takes no more than so many digits.

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
                return [], lambda: _parsed(name)
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
        if isinstance(expr, Named):
            return list(expr.args), partial(_call, expr.row.name)
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
        if (
            self.decimals
            and coefficient.q != 1
            and _as_decimal(abs(Fraction(int(coefficient.p), int(coefficient.q))), self.decimals)
        ):
            top, bottom = [abs(coefficient)], []
        for factor in _as_written(_ordered(rest, rest.as_ordered_factors) if rest.is_Mul else [rest]):
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
        text = _as_decimal(abs(value), self.decimals) if self.decimals else None
        if text is not None:
            positive = Number(text, abs(value))
            return positive if value > 0 else _call("neg", positive)
        top = self.number(Fraction(value.numerator)) if value.denominator != 1 else _integer(value)
        return top if value.denominator == 1 else _call("/", top, _integer(Fraction(value.denominator)))


def _integer(value: Fraction) -> Formula:
    if abs(value.numerator).bit_length() > 4 * LIMITS.digits:
        raise SymbolicError(f"a number of more than {LIMITS.digits} digits")
    return Number(str(value.numerator), value)


def _as_decimal(value: Fraction, most: int = DIGITS) -> str | None:
    """A text of so many digits at most for a number that has one, where it is no small integer."""
    if value.denominator == 1 and value < 10**9:
        return None
    twos = (value.denominator & -value.denominator).bit_length() - 1
    fives = _fives(value.denominator)
    if value.denominator != 2**twos * 5**fives:
        return None
    exponent = -max(twos, fives)
    whole = value.numerator * 2 ** (-exponent - twos) * 5 ** (-exponent - fives)
    tens = min((whole & -whole).bit_length() - 1, _fives(whole))
    whole, exponent = whole // 10**tens, exponent + tens
    if whole >= 10**most:
        return None
    text = str(whole)
    point = len(text) + exponent  # where the decimal point stands
    if -4 < point <= 0:
        return f"0.{'0' * -point}{text}"
    if 0 < point < len(text):
        return f"{text[:point]}.{text[point:]}"
    mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
    return f"{mantissa}e{point - 1}" if exponent > 3 or exponent < 0 else text + "0" * exponent


def _fives(value: int) -> int:
    """How often 5 divides it; by squares, for it may have thousands of digits."""
    powers, count = [5], 0
    while powers[-1].bit_length() < value.bit_length():
        powers.append(powers[-1] ** 2)
    for i in reversed(range(len(powers))):
        if value % powers[i] == 0:
            value //= powers[i]
            count += 2**i
    return count


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


def _call(row: str, *args: Formula) -> Formula:
    return Call(TABLE[row], args)


def _chain(parts: list[tuple[str, Formula]]) -> Formula:
    """Operands joined from the left, each by the operator before it."""
    result = parts[0][1]
    for row, part in parts[1:]:
        result = _call(row, result, part)
    return result
