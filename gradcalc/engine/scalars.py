"""The kinds of scalar a formula can be computed over, and how a row's texts become code for one of them.

A `Scalars` is found once for a whole computation; from it come, for a row, `function` (its value) and `partial` (one
partial derivative). Floats and balls are here; `value` makes one over its own nodes, `symbolic` one over symbols.
"""

from __future__ import annotations

import copyreg
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, lru_cache, partial, reduce
from typing import Any, TypeVar

from gradcalc.language.errors import LIMITS, UndecidedError, UndefinedError
from gradcalc.language.functions import TABLE, Function

from .inlined import evaluated, inlined
from .told import DECIDED, Undecidable

T = TypeVar("T")

CONDITIONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
NATIVE = frozenset({"+", "-", "*", "/", "neg"})


class Scalars:
    """One kind of scalar.

    `number` makes a scalar of an exact number, `constant` of the name of a constant. `special` has the functions that
    this kind does not take from the row: at least those for the operators that are not `native` to Python on these
    scalars. Conditions and `if` stay Python's own, lazy, unless `special` has `<`, `if`, ... `nearest` has the partial
    derivative of a `rounded` row, of the row, the position, the arguments, and its text as a function; where there is
    none, that is the text.
    """

    def __init__(
        self,
        name: str,
        number: Callable[[Fraction], Any],
        constant: Callable[[str], Any],
        resolve: Callable[[Scalars, Function], Callable[..., Any]],
        native: frozenset[str] = NATIVE,
        fixed: bool = True,
    ):
        self.name = name
        self.number = number
        self.constant = constant
        self.native = native
        self.fixed = fixed  # constants do not change with the precision
        self.nearest: Callable[..., Any] | None = None
        self.resolve = resolve
        self._made: dict[tuple[str, Any], Callable[..., Any]] = {}

    def _once(self, row: Function, what: Any, make: Callable[..., Any], *args: Any) -> Callable[..., Any]:
        """A function that is made of a row, of one of the table once."""
        if TABLE.get(row.name) is not row:
            return make(*args)  # type: ignore[no-any-return]
        found = self._made.get((row.name, what))
        if found is None:
            found = self._made[row.name, what] = make(*args)
        return found

    def function(self, row: Function) -> Callable[..., Any]:
        """The row's value, as a function of its arguments."""
        return self._once(row, "value", self.resolve, self, row)

    def partial(self, row: Function, position: int) -> Callable[..., Any]:
        """The row's partial derivative for one parameter, as a function of the arguments and then `out`.

        For a variadic row: of that argument, `out` and `tie`.
        """
        return self._once(row, 0 if row.variadic else position, self._partial, row, position)

    def domain(self, row: Function) -> Callable[..., Any]:
        """The row's domain, as a condition on its arguments. Over balls it raises Undecidable."""
        return self._once(row, "domain", self.compile, row.domain, row.params)

    def taught(self, row: Function, position: int) -> Callable[..., Any]:
        """The partial derivative as people are taught it, as a function of the arguments and then `out`."""
        if not row.taught:
            return self.partial(row, position)
        return self._once(row, ("taught", position), self.compile, row.taught[position], (*row.params, "out"))

    def _partial(self, row: Function, position: int) -> Callable[..., Any]:
        text = row.partials[0 if row.variadic else position]
        assert text is not None, f"{row.signature} has no derivative with respect to {row.params[position]}"
        params = ("x", "out", "tie") if row.variadic else (*row.params, "out")
        return self.compile(text, params, row.smooth)

    def compile(self, text: str, params: tuple[str, ...], smooth: bool = False) -> Callable[..., Any]:
        """A function of `params` from a text of the table. In a `smooth` one a choice that balls cannot make is the
        ball around both branches."""
        return _compiled(self, text, params, smooth)

    def inline(self, text: str, params: tuple[str, ...], smooth: bool = False) -> tuple[str, dict[str, Any]]:
        """A text of the table as a Python expression in `params`, and the names it needs."""
        return inlined(self, text, params, smooth)


@lru_cache(4096)
def _compiled(scalars: Scalars, text: str, params: tuple[str, ...], smooth: bool) -> Callable[..., Any]:
    source, bound = scalars.inline(text, params, smooth)
    return evaluated(f"lambda {', '.join(params)}: {source}", bound)  # type: ignore[no-any-return]


def parameters(row: Function, count: int) -> tuple[str, ...]:
    """The parameter names of a call with `count` arguments."""
    return tuple(f"x{i}" for i in range(count)) if row.variadic else row.params


# ---- functions that users wrote in Python


def _guarded(row: Function, function: Callable[..., Any], read: Callable[[Any], Any]) -> Callable[..., Any]:
    """A user's function, its result read as a number. What is wrong with it becomes an error that names it."""

    def call(*args: Any) -> Any:
        try:
            return read(function(*args))
        except ZeroDivisionError as error:  # which elsewhere tells of a partial derivative
            raise ValueError(str(error)) from error
        except (ArithmeticError, ValueError):
            raise
        except Exception as error:
            raise UndefinedError(f"{row.spelling} failed: {type(error).__name__}: {error}") from error

    return call


def _as_float(result: Any) -> float:
    if isinstance(result, complex) or not hasattr(result, "__float__") or math.isnan(result):
        raise TypeError(f"its result is {result!r}, not a real number")
    return float(result)


def _as_ball(result: Any) -> Any:
    if not isinstance(result, ball_class()):
        raise TypeError(f"its result is {result!r}, not a ball")
    return result


# ---- floats


_START_BITS, _FEW_BITS, _MOST_BITS = 96, 512, 4096


def _float_function(scalars: Scalars, row: Function, most: int = _MOST_BITS) -> Callable[..., Any]:
    if isinstance(row.value, str):
        return scalars.compile(row.value, row.params)
    if row.value is not None:
        return row.value if TABLE.get(row.name) is row else _guarded(row, row.value, _as_float)
    if not row.smooth:
        return scalars.compile(str(row.definition), row.params)
    return lambda *args: finite_double(row, args, most=most)


CONSTANTS_AS_FLOATS = {"pi": math.pi, "tau": math.tau, "e": math.e}


class TooSmall(ArithmeticError):
    """A number that is not 0 and nearer to it than any double."""


def _nearest(exact: Fraction) -> float:
    """The double nearest to an exact number. Raises OverflowError and TooSmall beyond the doubles."""
    nearest = float(exact)
    if nearest == 0 and exact != 0:
        raise TooSmall
    return nearest


_IN_PYTHON = NATIVE | CONDITIONS | {"if"}
FLOAT = Scalars("float", _nearest, CONSTANTS_AS_FLOATS.__getitem__, _float_function, _IN_PYTHON)
# the same floats where they are soon told, as those of Bessel functions of orders beyond some hundreds are not
SOON = Scalars("float", _nearest, CONSTANTS_AS_FLOATS.__getitem__, partial(_float_function, most=_FEW_BITS), _IN_PYTHON)


# ---- balls


class precision:
    """Balls inside the block are computed to so many bits. No generator: it takes longer than what it is around."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int):
        self._bits = bits

    def __enter__(self) -> None:
        *_, context = _flint()
        self._before = context.prec
        context.prec = self._bits

    def __exit__(self, *_: object) -> None:
        _flint()[-1].prec = self._before


def rising(attempt: Callable[[int, bool], T | None], bits: int, most: int) -> T:
    """The answer of `attempt(bits, last)` at the first precision at which there is one: `bits`, doubled as long as it
    is no more than `most`; at the last one `last` is true, and there must be one. The only loop that raises the
    precision."""
    *_, ctx = _flint()
    before = ctx.prec
    try:
        while True:
            last = 2 * bits > most
            ctx.prec = bits
            found = attempt(bits, last)
            if found is not None:
                return found
            assert not last
            bits *= 2
    finally:
        ctx.prec = before


def dyadic(value: Any) -> Fraction:
    """The rational number that the middle of a ball is."""
    whole, exponent = map(int, value.mid().man_exp())
    return Fraction(whole) * Fraction(2) ** exponent


def sent(value: Any) -> tuple[Any, ...]:
    """How `pickle` and `copy` take a ball: by its middle and radius, each a whole number and a power of 2."""
    if not value.is_finite():
        return type(value), (str(value),)
    return _received, (*map(int, value.mid().man_exp()), *map(int, value.rad().man_exp()))


def _received(middle: int, exponent: int, radius: int, its_exponent: int) -> Any:
    """The ball that was sent, or one around it that is wider by a unit in the radius' last place."""
    arb = ball_class()
    with precision(max(middle.bit_length(), 64)):
        return arb(arb((middle, exponent)), arb((radius, its_exponent)))


def ball(value: Fraction) -> Any:
    """The ball around an exact number, at the precision in force. Integers and doubles that fit are exact."""
    arb, fmpq, _ = _flint()
    return arb(fmpq(value.numerator, value.denominator))


def exact_ball(value: float) -> Any:
    """A double as the ball of radius zero that it is."""
    return ball_class()(value)


@cache
def _flint() -> tuple[Any, Any, Any]:
    """The classes of balls and of fractions, and the context, which has the precision."""
    from flint import arb, ctx, fmpq

    copyreg.pickle(arb, sent)  # whoever has a ball came by here
    return arb, fmpq, ctx


def working_precision() -> int:
    """The bits in force."""
    return int(_flint()[-1].prec)


def ball_class() -> Any:
    """The class of balls, which makes one of radius zero of a double."""
    return _flint()[0]


@cache
def around_zero() -> Any:
    """A ball around 0 that is far smaller than anything told apart from 0."""
    return ball_class()(0, exact_ball(2.0) ** (-4 * LIMITS.precision))


@cache
def anything() -> Any:
    """The ball of all real numbers."""
    return ball_class()(0, math.inf)


def _ball_constant(name: str) -> Any:
    arb = ball_class()
    return {"pi": arb.pi, "tau": lambda: 2 * arb.pi(), "e": arb.const_e}[name]()


def _ball_function(scalars: Scalars, row: Function) -> Callable[..., Any]:
    if row.name in DECIDED:
        return DECIDED[row.name]
    if row.ball is not None:
        function = getattr(ball_class(), row.ball) if isinstance(row.ball, str) else row.ball
        return function if TABLE.get(row.name) is row else _guarded(row, function, _as_ball)
    if isinstance(row.definition, str) and row.definition:
        one = scalars.compile(row.definition, row.params, row.smooth)
        return (lambda first, *rest: reduce(one, rest, first)) if row.variadic else one
    raise UndecidedError(f"{row.spelling} has no definition to compute in balls")


BALL = Scalars("ball", ball, _ball_constant, _ball_function, NATIVE | {"if"}, fixed=False)


def rounded(value: Any) -> float | None:
    """The double nearest to every number of the ball, or None where its numbers round to different doubles."""
    low, high = float(value.lower()), float(value.upper())
    return low if low == high else None  # nan compares unequal


def finite_double(row: Function, args: tuple[float, ...], position: int | None = None, most: int = _MOST_BITS) -> float:
    """The row's value at doubles, or its partial for one parameter, computed in balls and correctly rounded; at nan,
    nan.

    Raises:
        ValueError: where it is not a real number, or not decided with so many bits.
        OverflowError: where it is larger than any double.
    """
    nearest = nearest_double(row, args, position, most)
    if math.isinf(nearest):
        raise OverflowError(f"{row.name} is larger than any double")
    return nearest


def nearest_double(
    row: Function, args: tuple[float, ...], position: int | None = None, most: int = _MOST_BITS
) -> float:
    """As `finite_double`, but infinite, with its sign, where it is larger than any double."""
    if any(map(math.isnan, args)):
        return math.nan

    def attempt(_: int, last: bool) -> float | None:
        exact = [exact_ball(arg) for arg in args]
        try:
            result = BALL.function(row)(*exact)
            if position is not None:
                result = BALL.partial(row, position)(*exact, result)
        except Undecidable:
            return math.nan
        nearest = rounded(result) if result.is_finite() else None
        if nearest is None and (last or _is_outside(row, exact)):
            raise ValueError(f"{row.name} has no value")
        return nearest

    return rising(attempt, _START_BITS, most)


# by row and position: where the text of a partial is right over doubles, though it is `rounded`: where y - 1 is exact;
# where the power is far from the ends of the doubles
EXACT_WHERE = {
    (TABLE["^"], 0): "y >= 0.5 and y < 4e15 or y > -4e15 and y < 0.5 and y - 1 + 1 == y",
    (TABLE["^"], 1): "x > 1e-9 and x < 1e9 and y > -30 and y < 30",
}


def _is_outside(row: Function, args: Sequence[Any]) -> bool:
    """Whether balls are outside a row's domain: no precision finds a value there."""
    try:
        return not fits(row, tuple(args), BALL)
    except Undecidable:
        return False


def fits(row: Function, args: tuple[Any, ...], scalars: Scalars) -> bool:
    """Whether the arguments lie in the row's domain. Raises Undecidable."""
    return not row.domain or bool(scalars.domain(row)(*args))


# digits of an argument outside a domain: who is beside the edge rounds to the edge
_TOLD = (10, 16, 17, 20, 30, 40, 60, 80, 120, 160, 240)


def domain_message(row: Function, data: Sequence[Any], shown: Callable[[Any, int], str]) -> str:
    """The message that the arguments are outside the row's domain, as they are `shown` in the digits that tell."""
    texts = (tuple(shown(x, digits) for x in data) for digits in _TOLD)  # made as they are asked for: many ask
    args = next((each for each in texts if not _seems_to_fit(row, each, data)), None)
    args = tuple(shown(x, _TOLD[0]) for x in data) if args is None else args
    needs = row.needs or f"{row.spelling} needs {row.domain}"
    if row.symbol and row.name == "/":
        return needs
    given = " and ".join(f"{param} is {arg}" for param, arg in zip(row.params, args, strict=True))
    joined = "but" if " needs " in needs else "and here"
    return f"{needs}, {joined} {f'its argument is {args[0]}' if len(args) == 1 else given}"


def _seems_to_fit(row: Function, texts: Sequence[str], data: Sequence[Any]) -> bool:
    try:
        if all(isinstance(x, float | int) for x in data):
            return fits(row, tuple(map(float, texts)), FLOAT)
        with precision(4 * _TOLD[-1]):
            return fits(row, tuple(map(ball_class(), texts)), BALL)
    except (ArithmeticError, ValueError, Undecidable):
        return False


def of_its_array(scalars: Scalars, row: Function, call: Callable[..., Any]) -> Callable[..., Any]:
    """A row's call with the arguments that its `array` is written with."""
    texts = [scalars.compile(text, row.params) for text in row.array.partition("(")[2].rstrip(")").split(",") if text]
    return (lambda *args: call(*[text(*args) for text in texts])) if texts else call
