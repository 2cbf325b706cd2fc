"""Numbers that write down what is done to them: a `Tracer` is a formula and about what it is, a `TracedRun` one run."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from fractions import Fraction
from functools import cache
from types import CodeType
from typing import Any

from gradcalc.certified.posed import Posed
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.scalars import BALL, FLOAT
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import RESERVED, TABLE, Function
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, field

_MOST_BITS = 1024  # to tell the sign of a difference
MOST_TIES = 32
MOST_NODES = 200_000
_EXACT_BITS = 32  # a number in a program with more significant bits stands for a real number near to it


REFUSALS: ContextVar[list[str] | None] = ContextVar("REFUSALS", default=None)  # of the run that is traced


class UntraceableError(TypeError):
    """The function does something with its argument that is no formula; the message says what.

    The function may catch it and go on: the run remembers it.
    """

    def __init__(self, message: str):
        super().__init__(message)
        refusals = REFUSALS.get()
        if refusals is not None:
            refusals.append(message)


class NotHereError(UntraceableError):
    """That is so at this one point: there is no value, or more branches meet than are followed."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A comparison that the run depended on: the branch was taken because `condition` is `outcome` at the point.
    `site` is where it stands in the program."""

    condition: Call
    outcome: bool
    site: Site | None = field(default=None, compare=False)


Site = tuple[CodeType, int]


@dataclass(frozen=True, slots=True)
class GoesOn:
    """That a loop goes on where it would end: the comparison that ends it, where it is `ends`, comes out otherwise for
    so many `rounds`."""

    site: Site
    ends: bool
    rounds: int


STEP = "step_along_the_vector"


def variable(name: str) -> str:
    """The name a variable has in formulas: `pi` is taken, and so is `STEP`."""
    return f"{name} " if name in RESERVED or name == STEP else name


class TracedRun:
    """One run: what it met, and how its comparisons came out."""

    def __init__(
        self,
        at: Mapping[str, float],
        forced: tuple[bool, ...],
        branches: bool,
        most: int,
        further: GoesOn | None = None,
    ):
        self.further, self._gone = further, 0
        self.at: dict[str, float] = {variable(name): value for name, value in at.items()}
        self.forced = forced
        self.branches = branches
        self.most = most
        self.constants: dict[str, None] = {}
        self.guards: list[Guard] = []
        self.ties: list[Guard] = []
        self._moved: tuple[dict[str, Formula], dict[str, Formula]] = ({}, {})  # the numbers, at random
        self.looked_at = False  # about what a number is was asked for
        self.as_text = False
        self.steps = 0

    def apply(self, row: Function, *args: Any) -> Tracer:
        """The tracer for a row of the table at tracers and numbers."""
        self.steps += 1
        if self.steps > self.most:
            raise UntraceableError(f"it takes more than {self.most:,} steps")
        formula = Call(row, tuple(self.formula(arg) for arg in args))
        try:
            near = FLOAT.function(row)(*(about(arg) for arg in args))
        except (ArithmeticError, ValueError):
            near = math.nan
        return Tracer(self, formula, near)

    def write(self, text: Formula, params: Sequence[str], args: Sequence[Any]) -> Tracer:
        """The tracer for a formula in `params` at tracers and numbers."""
        near = Lowering(text, FLOAT, ()).value({p: float(about(arg)) for p, arg in zip(params, args, strict=True)})
        near = math.nan if near is None else near
        made = substitute(text, dict(zip(params, map(self.formula, args), strict=True)))
        assert isinstance(made, Call)
        return Tracer(self, Call(made.function, made.args), near)  # without a text, as constants are names in it

    def formula(self, x: Any) -> Formula:
        """A tracer or a number as a formula."""
        if isinstance(x, Tracer):
            return x.formula
        x = _real(x)
        if isinstance(x, float):
            if not math.isfinite(x):
                raise UntraceableError(f"it computes with {x}")
            odd = abs(x.as_integer_ratio()[0])
            odd //= odd & -odd or 1
            if odd.bit_length() > _EXACT_BITS:
                name = repr(abs(x))
                self.constants[name] = None
                self.at[name] = abs(x)
                return Name(name) if x > 0 else Call(TABLE["neg"], (Name(name),))
        return number(Fraction(x))

    def written(self, x: Any) -> Tracer:
        """A tracer or a number as a tracer."""
        return x if isinstance(x, Tracer) else Tracer(self, self.formula(x), about(x))

    def decide(self, row: Function, left: Any, right: Any) -> bool:
        """Whether a comparison holds at the point."""
        x, y = about(left), about(right)
        compare: Any = row.value
        outcome = bool(compare(x, y))
        if not (math.isfinite(x) and math.isfinite(y)):
            return outcome
        condition = Call(row, (self.formula(left), self.formula(right)))
        tie = False
        if abs(x - y) <= 1e-9 * max(abs(x), abs(y)):
            difference = Call(TABLE["-"], condition.args)
            same = self._vanishes(difference)
            sign = 0 if same else self._sign(difference)
            tie = not (sign or same)
            outcome = bool(compare(x, y)) if sign is None else bool(compare(sign, 0))
        if tie and self.branches:
            asked = len(self.ties)
            if asked >= MOST_TIES:
                raise NotHereError(f"more than {MOST_TIES} comparisons are between equals at the point")
            outcome = self.forced[asked] if asked < len(self.forced) else outcome
            self.ties.append(Guard(condition, outcome))
        else:
            site = _site()
            outcome = self._gone_on(site, outcome)
            self.guards.append(Guard(condition, outcome, site))
        return outcome

    def _gone_on(self, site: Site, outcome: bool) -> bool:
        further = self.further
        if further is None or site != further.site:
            return outcome
        self._gone = self._gone + 1 if outcome == further.ends and self._gone < further.rounds else 0
        return outcome if not self._gone else not further.ends

    def _vanishes(self, difference: Formula) -> bool:
        """Whether a difference of rational arithmetic is 0 whatever the numbers are: then it is no tie. That is so
        where it is 0 at two points at random, as that of `t + (T - t)` and T."""
        for k, moved in enumerate(self._moved, start=1):
            for name, x in self.at.items():
                if name not in moved:
                    moved[name] = number(Fraction(x) + Fraction(k, 997 + len(moved)))
            if rational_value(difference, moved) != 0:
                return False
        return True

    def _sign(self, difference: Formula) -> int | None:
        """The exact sign of a difference; None where it could not be told."""
        lowering, posed = Lowering(difference, BALL, ()), Posed(difference, self.at, ())

        def attempt(_: int, last: bool) -> tuple[int | None] | None:
            found = lowering.value(posed.balls())
            if found is None:
                return (None,)
            told = found > 0 or found < 0 or found.is_zero()
            return (int(found > 0) - int(found < 0),) if told else (None,) if last else None

        return posed.rising(attempt, most=_MOST_BITS)[0]


def _site() -> Site:
    """Where the program compares that runs now."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


_OURS = f"{__name__.partition('.')[0]}."


def _real(x: Any) -> Any:
    """A number of the user's program as int, Fraction or float."""
    if isinstance(x, float):
        return float(x)  # NumPy's is one, and shows itself in other words
    if isinstance(x, bool | int | Fraction):
        return x
    if getattr(x, "shape", None) == () and hasattr(x, "item"):
        return _real(x.item())
    raise UntraceableError(f"{type(x).__name__} is no real number")


def glance(x: Any) -> Any:
    """About what a number is, for a decision of ours that a formula does not show."""
    if isinstance(x, Tracer):
        x.tape.looked_at = True
    return about(x)


def about(x: Any) -> Any:
    return x.near if isinstance(x, Tracer) else _real(x)


class Tracer:
    """A number under trace: its formula, and about what it is, by which branches are chosen.

    It has the operators of a float and, as methods, the functions of the table under all their names, by which NumPy
    finds them for arrays of objects.
    """

    __slots__ = ("formula", "near", "tape")

    def __init__(self, tape: TracedRun, formula: Formula, near: float):
        self.tape = tape
        self.formula = formula
        self.near = near

    def __repr__(self) -> str:
        self.tape.as_text = True
        return f"<traced {self.near!r}>"

    def __format__(self, _: str) -> str:  # what is printed is no number that can be read back
        return repr(self)

    __hash__ = object.__hash__

    def _refuse(self, *_: Any) -> Any:
        raise UntraceableError("it turns its argument into a plain number")

    __float__ = __int__ = __index__ = __complex__ = _refuse

    def __bool__(self) -> bool:
        return self.tape.decide(TABLE["!="], self, 0)

    def __neg__(self) -> Tracer:
        return self.tape.apply(TABLE["neg"], self)

    def __abs__(self) -> Tracer:
        return self.tape.apply(TABLE["abs"], self)

    def __round__(self, digits: int | None = None) -> Tracer:
        return self.tape.apply(TABLE["round"], self) if digits is None else self._refuse()

    def __divmod__(self, other: Any) -> tuple[Tracer, Tracer]:
        return self // other, self % other

    data = real = property(lambda self: self)  # `data` is of gradcalc.Value, whose place a tracer takes
    shape = ()
    ndim = 0
    size = 1

    def _itself(self, *_: Any, **__: Any) -> Tracer:
        return self

    __pos__ = conjugate = item = copy = astype = _itself


def _operand(x: Any) -> bool:
    return isinstance(x, Tracer | int | float | Fraction) or (
        getattr(x, "shape", None) == () and getattr(getattr(x, "dtype", None), "kind", "") in "biuf"
    )


def _binary(act: Callable[[TracedRun, Function, Any, Any], Any], row: Function, swapped: bool = False) -> Any:
    """A method of two operands, the other of which may be none."""

    def method(self: Tracer, other: Any) -> Any:
        if not _operand(other):
            return NotImplemented
        return act(self.tape, row, other, self) if swapped else act(self.tape, row, self, other)

    return method


_OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "^", "mod": "mod"}
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_ROUNDINGS = ("floor", "ceil", "trunc")
# what math, NumPy and SciPy have that the table has not, or has by another name, in our notation
_WRITTEN_OUT = {
    "exp2": ("x", "2^x"), "square": ("x", "x^2"), "reciprocal": ("x", "1/x"), "deg2rad": ("x", "rad(x)"),
    "rad2deg": ("x", "deg(x)"), "power": ("x y", "x^y"), "pow": ("x y", "x^y"), "float_power": ("x y", "x^y"),
    "fmod": ("x y", "x - y*trunc(x/y)"), "copysign": ("x y", "if(y >= 0, abs(x), -abs(x))"),
    "logaddexp2": ("x y", "logaddexp(x*log(2), y*log(2))/log(2)"), "exp10": ("x", "10^x"), "ndtr": ("x", "normcdf(x)"),
    "fma": ("x y z", "x*y + z"), "erfcx": ("x", "exp(x^2)*erfc(x)"),
    "xlogy": ("x y", "x*log(y)"), "xlog1py": ("x y", "x*log1p(y)"),
    "entr": ("x", "-x*log(x)"), "rel_entr": ("x y", "x*log(x/y)"), "log_expit": ("x", "-log1p(exp(-x))"),
    "rint": ("x", "round(x)"),
}  # fmt: skip


@cache
def _written_out(name: str) -> tuple[tuple[str, ...], Formula]:
    params, text = _WRITTEN_OUT[name]
    return tuple(params.split()), parse(text)


def meaning_of(name: str) -> Callable[..., Any] | None:
    """The meaning of a function of that name for numbers of which at least one is a tracer."""
    if name in _WRITTEN_OUT:
        return lambda *args: _tape_of(args).write(_written_out(name)[1], _written_out(name)[0], args)
    rows = _spelled().get(name)
    if rows is None:
        return None

    def call(*args: Any) -> Any:
        for row in rows:
            if len(args) == len(row.params) or (row.variadic and len(args) > 1):
                return _tape_of(args).apply(row, *args)
        raise UntraceableError(f"{name} of {len(args)} arguments")

    return call


@cache
def _spelled() -> Mapping[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for row in TABLE.values():
        if row.spelling.isidentifier() and (row.partials or row.definition or row.name == "floor"):
            for name in (row.spelling, *row.aliases):
                found.setdefault(name, []).append(row)
    return found


def applied(name: str, x: Any) -> Any:
    """A function of the table at a tracer or at a number."""
    row = TABLE[name]
    return x.tape.apply(row, x) if isinstance(x, Tracer) else FLOAT.function(row)(x)


def _tape_of(args: Iterable[Any]) -> TracedRun:
    return next(arg.tape for arg in args if isinstance(arg, Tracer))


def _equip() -> None:
    for swapped, r in ((False, ""), (True, "r")):
        for name, symbol in _OPERATORS.items():
            setattr(Tracer, f"__{r}{name}__", _binary(TracedRun.apply, TABLE[symbol], swapped))
        setattr(Tracer, f"__{r}floordiv__", _binary(lambda t, row, x, y: t.apply(row, x / y), TABLE["floor"], swapped))
    for name, symbol in _COMPARISONS.items():
        setattr(Tracer, f"__{name}__", _binary(TracedRun.decide, TABLE[symbol]))
    for name in _ROUNDINGS:
        setattr(Tracer, f"__{name}__", lambda self, row=TABLE[name]: self.tape.apply(row, self))
    for name in (*_spelled(), *_WRITTEN_OUT):
        meaning = meaning_of(name)
        setattr(Tracer, name, lambda self, *args, _of=meaning: _of(self, *args))


_equip()
