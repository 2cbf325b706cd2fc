"""Whose fault is it? `blame` names the first node of a formula whose local derivative is wrong, `check_function` judges
a function that a user wrote, as the tests judge every row of the table.

The referee is the function's own value: its balls, or what its definition gives in balls, and their differences over
steps so small that the quotient is right to 80 bits. For a function with a value in doubles alone it is a difference
quotient with an error estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

from gradcalc.certified.posed import in_balls
from gradcalc.engine.drawn import about
from gradcalc.engine.lowering import Lowering, Point, constant_value, leaves, shown
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import BALL, FLOAT, Scalars, exact_ball, fits, parameters, precision, rising
from gradcalc.engine.told import Undecidable
from gradcalc.engine.value import Value, data_of
from gradcalc.judge.result import Finding, Result, worst_of
from gradcalc.language.errors import LIMITS, NOWHERE, FormulaError, Span
from gradcalc.language.formula import Call, Formula, brief, children_first, expression
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.rows import validated
from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict

from .programs.differences import difference
from .programs.line import Along, Line
from .programs.rounding import ROUNDOFF

BITS = 128
TYPED = 2.0**-50  # relative error of a number that is typed with all the digits of a double
ULPS = 16.0  # of the function's value in doubles, times what its arguments' roundings make of it


@dataclass(frozen=True, slots=True)
class Blame:
    """A node whose local derivative is not that of its function: `actual` is what the row says, `expected` the truth.

    `formula` is the node's, `span` its place in the text, `part` what is wrong: `value`, or `d/dx` for a parameter x.
    """

    formula: Formula
    function: Function
    part: str
    actual: float
    expected: float
    arguments: tuple[float, ...]

    @property
    def span(self) -> Span:
        return self.formula.span

    def __str__(self) -> str:
        names = parameters(self.function, len(self.arguments))
        given = ", ".join(f"{name} = {shown(x)}" for name, x in zip(names, self.arguments, strict=True))
        place = "" if self.span is NOWHERE else f" (column {self.span.column})"
        wrong = f"{self.part} of {self.function.signature} is wrong in {brief(self.formula)}{place}"
        return f"{wrong}: at {given} it gives {shown(self.actual)}, right is {shown(self.expected)}"


def blame(formula: str | Formula, at: Point) -> Blame | None:
    """The first node of the formula, children first, whose value or local derivative at the point is wrong.

    None where all are right: then the chain rule's result is too, and what disagrees with it is wrong.

    Raises:
        MissingValueError: the point lacks names.
    """
    prepared = prepare(formula)
    given = leaves(prepared, at)
    with precision(BITS):
        calls = (node for node in children_first(prepared) if isinstance(node, Call))
        scalars = BALL if all(has_balls(node.function) for node in calls) else FLOAT
        values = in_balls(given) if scalars is BALL else {name: constant_value(x, FLOAT) for name, x in given.items()}
        graph = Lowering(prepared, scalars, tuple(values)).graph(values)
    for node in children_first(prepared):
        if not isinstance(node, Call) or not node.function.partials:
            continue
        made = graph.args(node)
        numbers = [_double(one) for one in made]
        if any(x is None or not math.isfinite(x) for x in numbers):
            continue
        moving = [i for i, one in enumerate(made) if isinstance(one, Value)]
        for finding in _judged(node.function, tuple(x for x in numbers if x is not None), moving):
            if finding.verdict == Verdict.WRONG and finding.actual is not None and finding.expected is not None:
                place = tuple(finding.at.values())
                return Blame(node, node.function, finding.what, finding.actual, finding.expected, place)
    return None


def has_balls(row: Function) -> bool:
    return row.ball is not None or bool(row.definition) or row.condition or row.name == "if"


def _double(made: Any) -> float | None:
    """About what a node is, as a double at which its function can be looked at on its own."""
    x = data_of(made)
    if isinstance(x, float | int):
        return float(x)
    return float(x.mid()) if hasattr(x, "mid") and x.is_finite() else None


# ---- a row on its own


@dataclass(frozen=True, slots=True)
class Promises:
    """The question whether a row keeps its promises: its value in doubles, and its partial derivatives."""

    function: Function
    n: int
    seed: int

    def data(self) -> dict[str, Any]:
        """The question as JSON can hold it."""
        return {"question": "function", "function": self.function.signature, "n": self.n, "seed": self.seed}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FunctionCheck(Result):
    """The verdict on a function that a user wrote; true where everything that could be judged agrees.

    `findings` are on its promises, the `value` and each partial derivative `d/dx`: `agrees` at so many points, `wrong`
    with the simplest point at which that shows, or `undecided`.
    """

    question: Promises

    @property
    def function(self) -> Function:
        return self.question.function

    @property
    def seed(self) -> int:
        return self.question.seed


def check_function(row: Function, n: int = 200, seed: int = 0) -> FunctionCheck:
    """Whether a row keeps its promises: its value in doubles is that of its balls or definition, and its partials are
    the derivatives of that, at n points inside its domain.

    A part that can be held against nothing is `undecided`.

    Raises:
        FormulaError: the row breaks the laws of the table.
    """
    whole = row if isinstance(row, Function) and TABLE.get(row.name) is row else validated(row)
    if isinstance(whole.definition, Formula):  # which is written out where the row is called: its text has balls
        whole = replace(whole, definition=expression(prepare(whole.definition)))
    parts = ["value"] if whole.value is not None and has_balls(whole) else []
    parts += [f"d/d{whole.params[i]}" for i in _variables(whole)]
    found: dict[str, list[Finding]] = {part: [] for part in parts}
    for args in islice(points(whole, seed), n):
        for finding in _judged(whole, args, _variables(whole)):
            found[finding.what].append(finding)
    rows = tuple(_summary(part, found[part]) for part in parts)
    verdict = worst_of(rows) if rows or whole.definition else Verdict.UNDECIDED
    return FunctionCheck(question=Promises(whole, n, seed), verdict=verdict, findings=rows)


def _variables(row: Function) -> list[int]:
    """The parameters that the row gives a derivative for."""
    if row.variadic:
        return [0, 1]
    return [i for i, partial in enumerate(row.partials) if partial is not None]


def _summary(part: str, found: Sequence[Finding]) -> Finding:
    """The finding on one part from those at the points: the simplest at which it is wrong, or how many agree."""
    wrong = [one for one in found if one.verdict == Verdict.WRONG]
    if wrong:
        simple = min(wrong, key=lambda one: sum(len(repr(x)) for x in one.at.values()))
        return replace(simple, points=len(found))
    agreeing = sum(one.verdict == Verdict.AGREES for one in found)
    if agreeing:
        return Finding(part, Verdict.AGREES, points=agreeing)
    reason = next((one.reason for one in found if one.reason), "no point of its domain was found")
    return Finding(part, Verdict.UNDECIDED, reason=reason)


_SIMPLE = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 10.0)
_TRIES = 20_000


def points(row: Function, seed: int = 0) -> Iterator[tuple[float, ...]]:
    """Points of a row's domain: simple ones, then out of its own box, near its edges and far outside."""
    rng = Random(seed)
    simple = [tuple(x + k for k, _ in enumerate(row.params)) for x in _SIMPLE]
    for tried in range(_TRIES):
        args = simple[tried] if tried < len(simple) else tuple(about(rng, *box) for box in row.sample)
        args = tuple(box[0] if box[0] == box[1] else x for x, box in zip(args, row.sample, strict=True))
        try:
            inside = fits(row, args, FLOAT)
        except (ArithmeticError, ValueError):
            continue
        if inside:
            yield args


# ---- one point


def _judged(row: Function, args: tuple[float, ...], moving: Sequence[int]) -> Iterator[Finding]:
    """The value and the partial derivatives by the parameters `moving`, at one point."""
    exact, at = has_balls(row), dict(zip(parameters(row, len(args)), args, strict=True))
    slopes: dict[int, tuple[Any, Any]] = {}
    for i in moving:
        part = f"d/d{parameters(row, len(args))[i]}" if not row.variadic else f"d/d{row.params[min(i, 1)]}"
        try:
            slope = _slope_in_balls(row, args, i) if exact else _slope_in_doubles(row, args, i)
            actual = _partial(row, args, i, BALL if exact else FLOAT)
        except (ArithmeticError, ValueError) as error:
            yield Finding(part, Verdict.UNDECIDED, _said(error), at=at)
            continue
        if slope is None or actual is None:
            yield Finding(part, Verdict.UNDECIDED, "it could not be told here", at=at)
            continue
        expected, uncertain = slopes[i] = slope
        wrong = abs(actual - expected) > uncertain + TYPED * abs(expected)
        verdict = Verdict.WRONG if wrong else Verdict.AGREES
        yield Finding(part, verdict, actual=float(actual), expected=float(expected), at=at)
    if row.value is not None and exact:
        yield replace(_value(row, args, slopes), at=at)


def _said(error: Exception) -> str:
    return error.message if isinstance(error, FormulaError) else f"{type(error).__name__}: {error}".rstrip(": ")


def _value(row: Function, args: tuple[float, ...], slopes: dict[int, tuple[Any, Any]]) -> Finding:
    """The value in doubles against that in balls."""
    try:
        truth = _exactly(BALL.function(row), args)
        actual = float(FLOAT.function(row)(*args))
    except (ArithmeticError, ValueError) as error:
        return Finding("value", Verdict.UNDECIDED, _said(error))
    if truth is None:
        return Finding("value", Verdict.UNDECIDED, "it could not be told here")
    with precision(BITS):
        size = abs(truth) + sum((abs(slope * exact_ball(args[i])) for i, (slope, _) in slopes.items()), start=0)
        allowed = size * ULPS * ROUNDOFF + exact_ball(2.0**-1060)
        wrong = not math.isfinite(actual) or abs(exact_ball(actual) - truth) > allowed
    verdict = Verdict.WRONG if wrong else Verdict.AGREES
    return Finding("value", verdict, actual=actual, expected=float(truth.mid()))


def _partial(row: Function, args: tuple[float, ...], i: int, scalars: Scalars) -> Any:
    """The row's own partial derivative at doubles: a ball, or a double for a row without balls."""
    function, rule = scalars.function(row), scalars.partial(row, i)

    def partial(*exact: Any) -> Any:
        out = function(*exact)
        return rule(exact[i], out, scalars.number(Fraction(1))) if row.variadic else rule(*exact, out)

    return _exactly(partial, args) if scalars is BALL else float(partial(*args))


def _exactly(function: Callable[..., Any], args: Sequence[float]) -> Any:
    """A function of balls at doubles, to 100 bits or until it is next to nothing; None where it could not be told."""

    def attempt(_: int, last: bool) -> tuple[Any] | None:
        try:
            result = function(*map(exact_ball, args)) + exact_ball(0.0)
        except Undecidable:
            return (None,)
        nothing = abs(result) < exact_ball(2.0) ** -1100
        known = result.is_finite() and (nothing or result.rel_accuracy_bits() >= 100)
        return (result,) if known else (None,) if last else None

    return rising(attempt, BITS, LIMITS.precision)[0]


_STEP = 150  # bits by which a step is smaller than its argument


def _slope_in_balls(row: Function, args: tuple[float, ...], i: int) -> tuple[Any, Any] | None:
    """The derivative from differences of balls, and how uncertain it is; None at a kink or where it has none."""
    function = BALL.function(row)
    size = max(1.0, *(abs(x) for x in args)) / min([1.0, *(abs(x) for x in args if x)])
    step = -_STEP - 4 * math.frexp(size)[1]

    def quotient(below: int, above: int, part: float) -> Any:
        def along(*exact: Any) -> Any:
            h = exact_ball(2.0) ** step * exact_ball(part)
            moved = [[x + k * h if j == i else x for j, x in enumerate(exact)] for k in (above, -below)]
            return (function(*moved[0]) - function(*moved[1])) / ((above + below) * h)

        return _exactly(along, args)

    whole, right, left, half = quotient(1, 1, 1), quotient(0, 1, 1), quotient(1, 0, 1), quotient(1, 1, 0.5)
    if whole is None or right is None or left is None or half is None:
        return None
    with precision(BITS):
        uncertain = abs(right - left) + 2 * abs(whole - half)
        limit = abs(half) * exact_ball(2.0**-60) + exact_ball(2.0) ** (step // 2)
        return (half, uncertain) if uncertain <= limit else None


def _slope_in_doubles(row: Function, args: tuple[float, ...], i: int) -> tuple[float, float] | None:
    value = FLOAT.function(row)
    found = difference(Line(along_axis(lambda moved: value(*moved), args, i), abs(args[i]) or 1.0))
    if found.kink or not math.isfinite(found.error):
        return None
    return found.derivative, found.error


def along_axis(function: Callable[[Sequence[float]], float], point: Sequence[float], axis: int) -> Along:
    """The function of the step along one axis; nan where it has no value."""

    def along(step: float) -> float:
        moved = list(point)
        moved[axis] += step
        try:
            return float(function(moved))
        except (ArithmeticError, ValueError):
            return math.nan

    return along
