"""Formula -> Value graph, over any kind of scalar: `Lowering` builds the graph of a formula at a point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from gradcalc.language.ends import names_in_ends, refuse_ends
from gradcalc.language.errors import (
    LIMITS,
    NOWHERE,
    FormulaError,
    LimitError,
    NotDifferentiableError,
    Span,
    UndecidedError,
    UndefinedError,
)
from gradcalc.language.formula import Call, Formula, Name, Node, Number, arguments, brief, flattened, free_names
from gradcalc.language.functions import CONSTANTS, LARGE, NOT_FINITE, TABLE, Function
from gradcalc.language.identity import Flat
from gradcalc.language.kept import kept
from gradcalc.language.literals import digits, signed, unsigned
from gradcalc.language.parser import parse
from gradcalc.language.spelled import closed
from gradcalc.language.uncertain import parts
from gradcalc.record import dataclass, field
from gradcalc.shown import shows

from .constants import decided
from .program import Program
from .rationals import Exact, Known, is_whole
from .rewrite import as_formula, prepare
from .scalars import BALL, FLOAT, Scalars, TooSmall, domain_message, fits
from .told import Undecidable
from .value import Value, data_of, innermost, over

Real = float | int | Fraction | Decimal | str | Formula
Point = Mapping[str, Real]


# ---- points


def as_constant(value: Real, name: str = "") -> Formula:
    """A number, as the exact formula it stands for: a float is the double it is, a text is read as a formula.

    Raises:
        TypeError: for what is no real number.
        FormulaError: for nan and infinities, and for a formula that needs values itself.
        LimitError: for a number with more digits than `Limits.digits`.
    """
    if isinstance(value, Decimal) and value.is_finite():
        value = str(value)  # the parser refuses exponents that are too large
    if isinstance(value, str):
        value = parse(value)
    if isinstance(value, Formula):
        if isinstance(unsigned(value), Number):
            return value
        if parts(value)[1] is not None:
            message = f"{name or 'a value'} has an uncertainty, which is not propagated here"
            raise FormulaError(message, value.span, "ask gradcalc.propagate, or give the value alone")
        for free, node in kept(value, free_names).items():
            if free.lower() in NOT_FINITE:
                raise FormulaError(f"{free} is not a number", node.span, LARGE)
            if free not in CONSTANTS:
                message = f"the value of {name or 'a name'} depends on {free}, which has no value here"
                raise FormulaError(message, node.span, "give a number, or a formula of numbers, such as 2*pi")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | Decimal):
        if getattr(value, "ndim", 0) or isinstance(value, list | tuple | range):
            raise TypeError(
                f"{name or 'a name'} has several values, which evaluate, grad, value_and_grad and compile take,"
                " in doubles alone"
            )
        if not hasattr(value, "__float__"):
            raise TypeError(f"the value of {name or 'a name'} must be a real number, not {value!r}")
        value = float(value)
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise FormulaError(f"{name or 'a value'} = {value} is not a real number")
    exact = Fraction(value)
    top, bottom = abs(exact.numerator), exact.denominator
    if max(top, bottom).bit_length() > LIMITS.digits * 3.3219280948873623:  # bits of a digit
        raise LimitError("digits", f"the value of {name or 'a name'} has more than {LIMITS.digits:,} digits")
    text = str(abs(value)) if isinstance(value, float) else digits(top) + (f"/{digits(bottom)}" if bottom > 1 else "")
    return signed(text, exact)


def leaves(formula: Formula, at: Point) -> dict[str, Formula]:
    """The variables of a prepared formula and their values: the names of the point, and names defined by a number.

    Raises:
        MissingValueError: listing the names without a value, at the first of them.
    """
    names = kept(formula, Program).leaves(at)
    return {name: as_constant(at[name], name) if known is None else known for name, known in names.items()}


def with_ends(formula: str | Formula, at: Point, wrt: Iterable[str] | None = None) -> Formula:
    """The formula with its sums and products over an index written out between the ends that the point gives.

    Raises:
        FormulaError: there is no derivative by one of the names `wrt`, which stands in an end.
    """
    parsed = as_formula(formula)
    names = kept(parsed, names_in_ends)
    if not names:
        return parsed
    refuse_ends(names, wrt or ())
    return closed(parsed, {name: as_constant(at[name], name) for name in names if name in at})


# ---- lowering


Switch = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """It stands for the value of a node that has none. It spreads upwards, except out of a branch not taken."""

    error: FormulaError
    switch: Switch | None = None  # a side of this comparison must be chosen first
    certain: bool = True  # the two sides are equal, not only too close to tell


class Decides(Protocol):
    """Decides the comparisons and floors that vary: `certified.switches`."""

    def decide(self, node: Call, args: list[Any], exact: Known | None) -> Any: ...


@shows("_repr_svg_")
@dataclass(slots=True)
class Graph:
    """A formula lowered to Values. `root` is a Failure where the formula has no value."""

    root: Any
    leaves: dict[str, Any]
    nodes: list[Any] = field(repr=False)  # of each node of the formula, children first
    _flat: Flat[Node] = field(repr=False)

    def of(self, node: Formula) -> Any:
        """The result of a node of the formula: a Value, a plain scalar, a truth value or a Failure."""
        return self.nodes[self._flat.place(node)]

    def gradient(self, names: Iterable[str]) -> dict[str, Any]:
        """The derivatives of the root, which has a value, by names, in balls; 0 where it does not depend on one."""
        if isinstance(self.root, Value):
            self.root.backward()
        zero = BALL.number(Fraction(0))
        return {name: zero + self.leaves[name].grad for name in names}

    def args(self, node: Formula) -> list[Any]:
        """The same of a call's arguments."""
        return [self.of(arg) for arg in arguments(node)]


_Functions = tuple[Callable[..., Any], Callable[..., Any]]  # over scalars that do not vary, and over Values
_Step = tuple[Any, tuple[int, ...], _Functions | None, Any]


class _Steps:
    """The nodes of a formula, each with the places of those below it; where it is a smooth row of the table, what
    computes it; and what a number is, where that is the same at any precision."""

    def __init__(self, formula: Formula):
        self._flat = kept(formula, flattened)
        self._made: dict[Scalars, list[_Step]] = {}

    def over(self, scalars: Scalars) -> list[_Step]:
        found = self._made.get(scalars)
        if found is None:
            kind = over(scalars)
            found = self._made[scalars] = [
                (
                    node,
                    below,
                    (scalars.function(row), kind.function(row)) if (row := _plain(node)) else None,
                    _number(node, scalars) if isinstance(node, Number) and (scalars.fixed or is_whole(node)) else None,
                )
                for node, below in self._flat
            ]
        return found


def _number(node: Number, scalars: Scalars) -> Any:
    try:
        return scalars.number(node.value)
    except OverflowError:
        return Failure(UndefinedError(f"{brief(node)} is larger than any double", node.span))
    except TooSmall:
        return Failure(UndefinedError(f"{brief(node)} is smaller than any double", node.span))


def _plain(node: Formula) -> Function | None:
    row = node.function if isinstance(node, Call) else None
    return row if row is not None and row.smooth and not row.condition and TABLE.get(row.name) is row else None


class Lowering:
    """Builds graphs of one prepared formula over one kind of scalar; `wrt` are the names that become Values."""

    def __init__(self, formula: Formula, scalars: Scalars, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.scalars = scalars
        self.kind = over(scalars)
        self.wrt = wrt
        self._flat = kept(formula, flattened)
        self._steps = kept(formula, _Steps).over(scalars)
        self._in_balls = scalars.name == "ball"

    def graph(self, values: Mapping[str, Any], switches: Decides | None = None, exact: Known | None = None) -> Graph:
        """The graph at a point, whose values are plain scalars. `switches` decide the comparisons that vary; `exact`
        has what is known of nodes in rational numbers, which balls are tightened to."""
        wrt = values.keys() if self.wrt is None else self.wrt
        made = {name: Value(value, label=name) if name in wrt else value for name, value in values.items()}
        results: list[Any] = []
        if exact is None and self.scalars.fixed and "if" in self.scalars.native:  # floats, and Values over them
            exact = kept(self.formula, decided)
        known = exact or None
        for node, below, functions, number in self._steps:
            if number is not None:
                results.append(number)
                continue
            args = [results[i] for i in below]
            if functions is not None:
                result = self._computed(node, args, functions)
            else:
                result = self.one(node, args, made, switches, exact)
            if known is not None and (sure := known.get(node)) is not None and not isinstance(result, Failure):
                result = self._tightened(result, sure)
            results.append(result)
        return Graph(results[-1], made, results, self._flat)

    def value(self, values: Mapping[str, Any]) -> Any:
        """The value at a point as a plain scalar, or a truth value; None where there is none."""
        root = self.graph(values).root
        return None if isinstance(root, Failure) else data_of(root)

    def one(
        self,
        node: Formula,
        args: list[Any],
        values: Mapping[str, Any],
        switches: Decides | None = None,
        exact: Known | None = None,
    ) -> Any:
        """The result of one node, of this formula or of another at the same point, from those of its children."""
        if isinstance(node, Call):
            return self._call(node, args, switches, exact)
        if isinstance(node, Name):
            return self._name(node, values, args[0] if args else None)
        assert isinstance(node, Number)
        return _number(node, self.scalars)

    def _tightened(self, result: Any, exact: Exact) -> Any:
        if isinstance(exact, bool):
            return exact
        if isinstance(result, Value):
            result.data = self.scalars.number(exact)
            return result
        return self.scalars.number(exact)

    def _name(self, node: Name, made: Mapping[str, Any], defined: Any) -> Any:
        if node.name in made:
            return made[node.name]
        if node.definition is None:
            return self.scalars.constant(node.name)
        if isinstance(defined, Value) and not defined.label:
            defined.label = node.name
        return defined

    def _call(self, node: Call, args: list[Any], switches: Decides | None, exact: Known | None) -> Any:
        row = node.function
        if row.condition and exact and switches is None and node in exact:
            return exact[node]
        control = _CONTROL.get(row.name)
        if control is not None and "if" in self.scalars.native:
            return control(*args)
        for arg in args:
            if isinstance(arg, Failure):
                return arg
        if switches is not None and not row.smooth and any(isinstance(arg, Value) for arg in args):
            return switches.decide(node, args, exact)
        if row.condition and exact and node in exact:  # a comparison of what does not vary
            return exact[node]
        try:
            if row.domain and TABLE.get(row.name) is not row and not fits(row, tuple(map(data_of, args)), self.scalars):
                return Failure(self._error(node, args, None))
            functions = self.scalars.function(row), self.kind.function(row)
        except (ArithmeticError, ValueError) as error:
            return Failure(self._error(node, args, error))
        return self._computed(node, args, functions)

    def _computed(self, node: Call, args: list[Any], functions: _Functions) -> Any:
        varies = False
        for arg in args:
            kind = arg.__class__
            if kind is Value:
                varies = True
            elif kind is Failure:
                return arg
        try:
            result = functions[varies](*args)
        except (ArithmeticError, ValueError) as error:
            return Failure(self._error(node, args, error))
        if self._in_balls and not node.function.condition and not data_of(result).is_finite():
            return Failure(self._error(node, args, None))
        return result

    def _error(self, node: Call, args: list[Any], error: Exception | None) -> FormulaError:
        """Why a row gave no value: outside its domain for certain, beyond the doubles, or not to be told."""
        row = node.function
        if isinstance(error, UndefinedError | UndecidedError) and error.diagnostic.span is NOWHERE:
            return type(error)(error.message, _name_span(node), error.help)
        if isinstance(error, FormulaError):
            return error
        data = tuple(map(innermost, args))
        base = FLOAT if all(isinstance(x, float | int) for x in data) else BALL
        own = _name_span(node)
        place = node.args[0].span if row.symbol == "" and len(node.args) == 1 else own
        named = [f"{param} = {shown(x)}" for param, x in zip(row.params, data, strict=False)]
        try:
            if not fits(row, data, base):
                return UndefinedError(domain_message(row, data, shown), place)
        except Undecidable:
            where = f"the argument of {row.spelling}" if not row.symbol else f"an argument of {row.symbol.strip()}"
            return UndecidedError(f"whether {where} lies in the domain could not be told", place)
        except (ArithmeticError, ValueError):  # the domain's own condition has no value
            return UndefinedError(domain_message(row, data, shown), place)
        if isinstance(error, ZeroDivisionError):
            return NotDifferentiableError(f"{row.spelling} has no finite derivative at {', '.join(named)}", own)
        if isinstance(error, OverflowError):
            given = ", ".join(shown(x) for x in data)
            return UndefinedError(f"{row.spelling} overflows at {given}: its value is larger than any double", own)
        if row.condition:
            return UndecidedError(f"whether {brief(node)} could not be told", own)
        at = " and ".join(named)
        return UndecidedError(f"the value of {row.signature} at {at} is too large or too uncertain to compute", own)


def _name_span(node: Call) -> Span:
    """Where the function's name stands, or the whole of an operator's call."""
    span = node.span
    if node.function.symbol or span is NOWHERE:
        return span
    bracket = span.text.find("(")
    return Span(span.source, span.start, span.start + bracket) if bracket > 0 else span


_LONGEST = 20  # digits of an exponent that is shown


def shown(x: Any, digits: int = 10) -> str:
    """A float or a ball in at most so many digits, for messages."""
    if isinstance(x, float | int):
        return f"{x:.{digits}g}"
    number = float(x.mid()) if x.is_finite() else math.inf
    if math.isinf(number) or (number == 0 and not x.is_zero()) or digits > 17:
        text = str(x.mid().str(digits, radius=False))
        exponent = text.partition("e")[2].lstrip("+-")
        if len(exponent) > _LONGEST:
            return f"a number with an exponent of {len(exponent)} digits"
        return text if exponent or "." not in text else text.rstrip("0").rstrip(".")
    return f"{number:.{digits}g}"


_CONTROL: Mapping[str, Callable[..., Any]] = {
    "if": lambda condition, a, b: condition if isinstance(condition, Failure) else a if condition else b,
    "and": lambda a, b: a if isinstance(a, Failure) or not a else b,
    "or": lambda a, b: a if isinstance(a, Failure) or a else b,
    "not": lambda a: a if isinstance(a, Failure) else not a,
}


def constant_value(constant: Formula, scalars: Scalars, name: str = "") -> Any:
    """The value of a constant formula, which `name` stands for, as a plain scalar."""
    size = unsigned(constant)
    if isinstance(size, Number):
        try:
            exact = scalars.number(size.value)
        except (OverflowError, TooSmall) as error:
            what = f"the value of {name}" if name else brief(constant)
            beyond = "smaller" if isinstance(error, TooSmall) else "larger"
            raise UndefinedError(f"{what} is {beyond} than any double", constant.span) from None
        return exact if size is constant else -exact
    root = Lowering(prepare(constant), scalars).graph({}).root
    if isinstance(root, Failure):
        raise root.error
    return root
