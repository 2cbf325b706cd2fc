"""Straight-line code: `Code`, the operations of a value and its gradient, equal ones once, and its Python text.

A row of the table that has a text is its operations: texts are run over `Op`s as over any scalar. So what a value and
its partial derivative have in common is computed once, and what is constant is gone before the code runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import TYPE_CHECKING, Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .rules import NoRule
from .scalars import CONSTANTS_AS_FLOATS, EXACT_WHERE, FLOAT, Scalars, fits, nearest_double

if TYPE_CHECKING:
    from .tape import Tape


class Op:
    """An operation: the row, or the `Exact` partial of one, and its arguments; or an input, which is None of a name."""

    __slots__ = ("args", "code", "place", "what")

    def __init__(self, code: Code, what: Any, args: tuple[Any, ...], place: int):
        self.code, self.what, self.args, self.place = code, what, args, place


class Exact:
    """The partial derivative of a `rounded` row: the nearest double, as of balls."""

    def __init__(self, row: Function, position: int):
        self.row, self.position = row, position

    def __call__(self, *args: float) -> float:
        return nearest_double(self.row, args, self.position)


Atom = Op | float  # a bool is a float's stand-in where a condition is constant
_ADD, _SUB, _MUL, _DIV, _POWER, _NEG, _IF = (TABLE[name] for name in ("+", "-", "*", "/", "^", "neg", "if"))
_AND, _OR, _NOT = (TABLE[name] for name in ("and", "or", "not"))


class Code:
    """Operations in an order in which each stands after its arguments."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._known: dict[tuple[Any, ...], Op] = {}

    def input(self, name: str) -> Op:
        """A value that is given to the code by a name."""
        made = Op(self, None, (name,), len(self.ops))
        self.ops.append(made)
        return made

    def call(self, what: Any, args: tuple[Atom, ...]) -> Atom:
        """The result of an operation on these arguments; its bits are those of the operation as it stands."""
        short = _SHORTER.get(what)
        found = None if short is None else short(self, *args)
        return self.made(what, args) if found is None else found

    def made(self, what: Any, args: tuple[Any, ...]) -> Op:
        key = what, *(arg if arg.__class__ is Op else repr(arg) for arg in args)
        found = self._known.get(key)
        if found is None and (what is _ADD or what is _MUL):
            found = self._known.get((key[0], key[2], key[1]))
        if found is None:
            found = self._known[key] = Op(self, what, args, len(self.ops))
            self.ops.append(found)
        return found

    def live(self, results: Sequence[Atom]) -> list[Op]:
        """The operations that results need, inputs among them, in order."""
        needed = bytearray(len(self.ops))
        for result in results:
            if isinstance(result, Op):
                needed[result.place] = 1
        for op in reversed(self.ops):
            if needed[op.place] and op.what is not None:
                for arg in op.args:
                    if isinstance(arg, Op):
                        needed[arg.place] = 1
        return [op for op in self.ops if needed[op.place]]


# ---- what needs no operation, or a cheaper one of the same bits


def _plus(x: Atom) -> Atom | None:
    """The atom that x is the minus of."""
    if not isinstance(x, Op):
        return None
    if x.what is _MUL and x.args[1].__class__ is not Op and x.args[1] < 0:
        return x.code.call(_MUL, (x.args[0], -x.args[1]))
    return x.args[0] if x.what is _NEG else None


def _scaled(x: Atom) -> tuple[float, Atom]:
    """A small power of 2 that an atom is a product with, and the rest. Wherever it stands in a product or quotient, the
    bits are the same, but for what overflows or is subnormal."""
    if isinstance(x, Op) and x.what is _MUL:
        one, other = x.args
        if other.__class__ is not Op:
            return (other, one) if other in _SCALES else (1, x)
        if one.__class__ is Op and one.what is _MUL and one.args[1].__class__ is not Op and one.args[1] in _SCALES:
            return one.args[1], x.code.call(_MUL, (one.args[0], other))
    return 1, x


def _add(code: Code, x: Atom, y: Atom) -> Atom | None:
    for one, other in ((y, x), (x, y)):
        if (size := _plus(one)) is not None:
            return code.call(_SUB, (other, size))
    return None


def _sub(code: Code, x: Atom, y: Atom) -> Atom | None:
    size = _plus(y)
    return None if size is None else code.call(_ADD, (x, size))


def _mul(code: Code, x: Atom, y: Atom) -> Atom | None:
    if not isinstance(x, Op):
        x, y = y, x
    factor, rest = _scaled(x)
    if not isinstance(y, Op):
        total = factor * y
        if abs(total) != 1.0:
            return code.made(_MUL, (rest, total))
        return rest if total == 1.0 else code.call(_NEG, (rest,))
    for one, other in ((x, y), (y, x)):
        if (size := _plus(one)) is not None:
            return code.call(_NEG, (code.call(_MUL, (size, other)),))
    others, other = _scaled(y)
    if others == 1.0 or factor * others not in _FACTORS:
        return None
    return code.made(_MUL, (code.call(_MUL, (rest, factor * others)), other))


def _div(code: Code, x: Atom, y: Atom) -> Atom | None:
    for one, args in ((x, lambda size: (size, y)), (y, lambda size: (x, size))):
        if (size := _plus(one)) is not None:
            return code.call(_NEG, (code.call(_DIV, args(size)),))
    if not isinstance(y, Op) and 1e-300 < abs(y) < 1e300 and abs(math.frexp(y)[0]) == 0.5:
        return code.call(_MUL, (x, 1 / y))  # by a power of 2
    (factor, one), (others, other) = _scaled(x), _scaled(y)
    if others == 1.0 or factor / others not in _FACTORS:
        return None
    return code.call(_MUL, (code.call(_DIV, (one, other)), factor / others))


def _power(code: Code, x: Atom, y: Atom) -> Atom | None:
    return code.call(_MUL, (x, x)) if y.__class__ is not Op and y == 2.0 else None


def _even(row: Function) -> Callable[..., Atom | None]:
    def of_size(code: Code, x: Atom) -> Atom | None:
        size = _plus(x)
        return None if size is None else code.call(row, (size,))

    return of_size


def _neg(_: Code | None, x: Atom) -> Atom | None:
    if isinstance(x, Op) and x.what is _MUL and x.args[1].__class__ is not Op:
        return x.code.made(_MUL, (x.args[0], -x.args[1]))
    return _plus(x) if isinstance(x, Op) else -x


def _if(_: Code | None, condition: Atom, a: Atom, b: Atom) -> Atom | None:
    return a if a is b else None if isinstance(condition, Op) else a if condition else b


def _joined(decisive: bool) -> Callable[..., Atom | None]:
    def join(_: Code | None, x: Atom, y: Atom) -> Atom | None:
        for one, other in ((x, y), (y, x)):
            if not isinstance(one, Op):
                return one if bool(one) is decisive else other
        return None

    return join


def _not(_: Code | None, x: Atom) -> Atom | None:
    return None if isinstance(x, Op) else not x


_SCALES = frozenset((0.25, 0.5, 2.0, 4.0))  # beyond, subnormal numbers would lose more than 4 ulp
_FACTORS = _SCALES | {1.0}
_SHORTER: Mapping[Any, Callable[..., Atom | None]] = {
    _ADD: _add, _SUB: _sub, _MUL: _mul, _DIV: _div, _NEG: _neg, _IF: _if, _POWER: _power,
    _AND: _joined(False), _OR: _joined(True), _NOT: _not,
    **{row: _even(row) for row in TABLE.values() if row.value in (math.fabs, math.cos, math.cosh)},
}  # fmt: skip


# ---- the texts of the table run over operations


def emitting(what: Any, over_floats: Callable[..., Any] | None) -> Callable[..., Atom]:
    """A function of atoms that adds an operation to their code, or computes it where all of them are numbers: of what
    has no function over floats, `_SHORTER` knows all constants."""
    short = _SHORTER.get(what)

    def call(*args: Atom) -> Atom:
        for arg in args:
            if isinstance(arg, Op):
                return arg.code.call(what, args)
        if over_floats is None:
            return short(None, *args)  # type: ignore[misc, return-value]
        try:
            found = over_floats(*args)
        except (ArithmeticError, ValueError):
            return math.nan  # it spreads, except out of a branch that is not taken
        if found.__class__ is bool and any(arg != arg for arg in args):
            raise ArithmeticError("a condition on what has no value")
        return found if found.__class__ is bool else float(found)

    return call


def _resolve(scalars: Scalars, row: Function) -> Callable[..., Atom]:
    if isinstance(row.value, str):
        return scalars.compile(row.value, row.params)
    if row.value is None and (row.condition or row is _IF):
        return emitting(row, None)
    if row.value is None and not row.smooth and not row.variadic:
        return scalars.compile(str(row.definition), row.params)
    return emitting(row, function_of(row))


def function_of(row: Function, scalars: Scalars = FLOAT) -> Callable[..., Any]:
    """The row over floats, or other scalars, refusing what is outside the domain."""
    function = scalars.function(row)
    if TABLE.get(row.name) is row or not row.domain:
        return function

    def inside(*args: Any) -> Any:
        if not fits(row, args, scalars):
            raise ValueError("outside the domain")
        return function(*args)

    return inside


_exact = cache(Exact)


@cache
def _exact_where(row: Function, position: int) -> Callable[..., Atom]:
    return STRAIGHT.compile(EXACT_WHERE[row, position], row.params)


def _nearest(row: Function, k: int, args: Sequence[Atom], text: Callable[[], Atom]) -> Atom:
    exact = _exact(row, k)
    nearest = emitting(exact, exact)(*args)
    if (row, k) not in EXACT_WHERE:
        return nearest
    return STRAIGHT.function(_IF)(_exact_where(row, k)(*args), text(), nearest)  # type: ignore[no-any-return]


STRAIGHT = Scalars("straight", FLOAT.number, CONSTANTS_AS_FLOATS.__getitem__, _resolve, native=frozenset())
STRAIGHT.nearest = _nearest


def slope(scalars: Scalars, row: Function, k: int, args: Sequence[Atom], out: Atom, tie: Atom) -> Atom:
    """The partial derivative of a row for one argument."""
    if row is _IF:
        return scalars.function(_IF)(args[0], *((1.0, 0.0) if k == 1 else (0.0, 1.0)))  # type: ignore[no-any-return]
    if not row.partials or (not row.variadic and row.partials[k] is None):
        raise NoRule
    if row.variadic:
        return scalars.partial(row, k)(args[k], out, tie)  # type: ignore[no-any-return]
    text: Callable[[], Atom] = lambda: scalars.partial(row, k)(*args, out)  # noqa: E731
    return scalars.nearest(row, k, args, text) if scalars.nearest and row.rounded else text()


def cancelled(scalars: Scalars, result: Atom, given: Sequence[Atom]) -> Atom:
    """The condition that a sum in a result cancels more than 10 bits; those that are `given` are exact."""
    less, size, times, either = (scalars.function(TABLE[name]) for name in ("<", _SIZE.name, "*", "or"))
    found: Atom = False
    waiting, seen = [result], set[Atom]()
    while waiting:
        op = waiting.pop()
        if not isinstance(op, Op) or op in seen or op in given or op.what not in _OF_TERMS:
            continue
        seen.add(op)
        waiting += op.args
        if op.what in (_ADD, _SUB) and not all(arg in given or not isinstance(arg, Op) for arg in op.args):
            found = either(found, less(size(op), times(_LEAST_LEFT, size(op.args[0]))))
    return found


_LEAST_LEFT = 2.0**-10
_OF_TERMS = frozenset((_ADD, _SUB, _MUL, _DIV, _NEG, _IF))
(_SIZE,) = (row for row in TABLE.values() if row.value is math.fabs)


def share(scalars: Scalars, args: Sequence[Atom], varying: Sequence[int], out: Atom) -> Atom:
    """The share that each argument of a variadic row has where several are its value: the minimum-norm subgradient."""
    equal, choose, add, either = (scalars.function(TABLE[name]) for name in ("==", "if", "+", "or"))
    tied = [equal(arg, out) for arg in args]
    count = reduce(add, [choose(one, 1.0, 0.0) for one in tied])
    each = scalars.function(_DIV)(1.0, count)
    constant: Any = False
    for i, one in enumerate(tied):
        constant = constant if i in varying else either(constant, one)
    several = scalars.function(_AND)(scalars.function(TABLE[">"])(count, 1.0), constant)
    return choose(several, 0.0, each)  # type: ignore[no-any-return]


class Straight:
    """A tape as straight-line code.

    Attributes:
        where: the atom of each place.
        gradient: the partial derivatives, by the names in `wrt`.
        bound: what the inputs stand for that are constants and no numbers.
    """

    def __init__(self, tape: Tape, scalars: Scalars = STRAIGHT):
        self.tape, self.scalars, self.code = tape, scalars, Code()
        self.bound: dict[str, Any] = {}
        self.where: dict[int, Atom] = {place: self.code.input(f"x{which}") for place, which in tape.sources}
        self._constants()
        for place, _, args, _ in tape.steps:
            self.where[place] = scalars.function(tape.rows[place])(*[self.where[i] for i in args])

    def _constants(self) -> None:
        known = self.tape.known()
        for place in {i for _, _, args, _ in self.tape.steps for i in args} | {self.tape.root}:
            value = known[place]
            if value is None:
                continue
            if value.__class__ is not bool and not math.isfinite(value):
                self.where[place] = self.code.input(f"c{place}")
                self.bound[f"c{place}"] = value
            else:
                self.where[place] = value if value.__class__ is bool else float(value)

    @property
    def value(self) -> Atom:
        return self.where[self.tape.root]

    def of(self, name: str, *args: Atom) -> Atom:
        """A row of the table at atoms."""
        return self.scalars.function(TABLE[name])(*args)  # type: ignore[no-any-return]

    def both(self, one: Atom, other: Atom) -> Atom:
        return self.of("and", one, other)

    def either(self, one: Atom, other: Atom) -> Atom:
        return self.of("or", one, other)

    def call(self, what: Any, atom: Atom) -> Atom:
        """A function that is no row, at an atom."""
        return self.code.call(what, (atom,)) if isinstance(atom, Op) else bool(what(atom))

    def gradient(self, masks: Mapping[int, Atom]) -> list[Atom]:
        """The partial derivatives; through a place that has a mask only where that holds."""
        tape, where, scalars = self.tape, self.where, self.scalars
        add, choose = scalars.function(_ADD), scalars.function(_IF)
        grads: dict[int, Atom] = {tape.root: scalars.number(Fraction(1))} if tape.varies else {}
        for place, _, args, targets in reversed(tape.steps):
            if not targets or place not in grads:
                continue
            row, atoms, out, grad = tape.rows[place], [where[i] for i in args], where[place], grads[place]
            varying = [k for k, i in enumerate(args) if i in targets]
            tie = share(scalars, atoms, varying, out) if row.variadic else 0.0
            for k in varying:
                if row is _IF:
                    pulled = choose(atoms[0], *((grad, 0.0) if k == 1 else (0.0, grad)))
                else:
                    partial = slope(scalars, row, k, atoms, out, tie)
                    if partial == 0.0:  # as of floors, whatever multiplies it
                        continue
                    pulled = self._pulled(grad, partial)
                if place in masks:
                    pulled = choose(masks[place], pulled, 0.0)
                target = args[k]
                grads[target] = add(grads[target], pulled) if target in grads else pulled
        return [grads.get(place, 0.0) for place in tape.of_wrt]

    def _pulled(self, grad: Atom, partial: Atom) -> Atom:
        """Their product; of a gradient that is 0 where a branch is not taken, inside the branch."""
        if isinstance(grad, Op) and grad.what is _IF and 0.0 in grad.args[1:]:
            condition, *branches = grad.args
            a, b = (0.0 if branch == 0.0 else self.of("*", branch, partial) for branch in branches)
            return self.of("if", condition, a, b)
        return self.of("*", grad, partial)
