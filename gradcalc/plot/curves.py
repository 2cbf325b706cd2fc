"""The parts of a curve to be drawn: joined where it is shown to be continuous, elsewhere only what is next to it.

The formula is computed over intervals: where balls give a bounded value and a bounded derivative for a whole interval,
and decide every comparison, there is neither pole nor jump nor kink in it. What remains is halved until it is far
narrower than a pixel, and then judged by what stands on its two sides.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gradcalc.certified import certify
from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Lowering, Point, as_constant, constant_value, leaves, with_ends
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import BALL, exact_ball, precision, rising
from gradcalc.engine.value import data_of
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Formula, Name, Number, brief, children_first
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows

from .ranges import Range, check_names

Points = tuple[tuple[float, float], ...]

_CELLS = 800  # more than a picture has pixels across its axes
_BITS, _MOST_BITS = 64, 1024
_NARROW = 2.0**-34  # of the range
_WORK = 40_000  # nodes computed to look closer, whatever the formula
_PATIENCE = 8  # parts of a cell in which a bounded derivative is looked for, where the value is bounded
_INVISIBLE = 1e-3  # of the height of the picture
_SWIFT = 0.1  # of the height: by as much a derivative may change in a cell in which it was not shown to be bounded
_VERTICAL = 100.0  # heights of its picture beyond which a derivative on both sides of a point has no value at it
_BEYOND = 1e6  # heights of the picture: a value that large next to a break is a pole's


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the curve, or that of the derivative, is not joined.

    `kind` is `pole`, `jump`, `kink` (the derivative jumps), `hole` (one point is missing), `edge` (of the domain), or
    `unknown`. `left` and `right` are the values on the two sides, `slopes` the derivatives, `value` is that of a jump
    itself; nan where there is none.
    """

    x: float
    kind: str
    left: float
    right: float
    slopes: tuple[float, float]
    value: float = math.nan


@dataclass(frozen=True, slots=True)
class Tangent:
    """The point, and the slopes to its left and right; nan where there is none, with the reason in `note`."""

    x: float
    y: float
    left: float
    right: float
    note: str = ""


@shows("_repr_png_")
@dataclass(frozen=True, slots=True, repr=False)
class Curve:
    """The joined pieces of the formula's curve and of its derivative's; the heights that show what there is to see. One
    that is `unfinished`, for want of time, has dots where nothing is known of what is between."""

    formula: Formula
    name: str
    bounds: tuple[float, float]
    pieces: tuple[Points, ...]
    slopes: tuple[Points, ...]
    heights: tuple[float, float]
    slope_heights: tuple[float, float]
    breaks: tuple[Break, ...]
    tangent: Tangent | None = None
    unfinished: bool = False

    def __repr__(self) -> str:
        low, high = self.bounds
        return f"<Curve of {title(self.formula)} over {self.name}={low:g}..{high:g}>"


def curve(formula: str | Formula, over: Range, at: Point | None = None) -> Curve:
    """The curve of a formula over one variable. If `at` has a value for that too, with the tangent there.

    Raises:
        FormulaError: the range's name is not in the formula.
        MissingValueError: another name has no value.
        UndefinedError: the formula has no value anywhere in the range.
    """
    prepared = prepare(with_ends(formula, at or {}))
    check_names(prepared, over)
    at = dict(at or {})
    sampler = _Sampler(prepared, over.name, {**at, over.name: over.low})
    with precision(_BITS):
        found = _Tracer(sampler, over.bounds).trace(prepared)
    if not found.pieces:
        what = "values beyond doubles alone" if sampler.known() else "no value"
        raise UndefinedError(f"the formula has {what} between {over.low} and {over.high}", prepared.span)
    return replace(found, tangent=_tangent(prepared, over.name, at)) if over.name in at else found


def _tangent(prepared: Formula, name: str, at: Mapping[str, Any]) -> Tangent | None:
    try:
        found = certify(prepared, at, (name,))
    except (FormulaError, ArithmeticError):
        return None
    x = nearest(at[name], name)
    slope = found.gradient[name]
    if slope.status == "not-differentiable":
        left, right = (math.nan if side is None or slope.jumps else side for side in (slope.left, slope.right))
        return Tangent(x, found.value.number, left, right, slope.message)
    return Tangent(x, found.value.number, slope.number, slope.number, slope.message)


def nearest(value: Any, name: str) -> float:
    """The double nearest to a value of a point."""
    return certify(as_constant(value, name), {}, ()).value.number


def title(formula: Formula) -> str:
    """`L = (p + c)*f` for a formula that has a name, else the formula."""
    if isinstance(formula, Name) and formula.definition is not None:
        return f"{formula.name} = {brief(formula.definition)}"
    return brief(formula)


def spread(values: Iterable[float], bounded: bool = False) -> tuple[float, float]:
    """The heights between which a picture shows what there is to see: all, or, unless the values are known to be
    `bounded`, without the far ends of poles. They are doubles, whatever the values."""
    known = sorted(value for value in values if math.isfinite(value))
    if not known:
        return -1.0, 1.0
    unit = max(abs(known[0]), abs(known[-1])) or 1.0  # in which no difference overflows
    low, high = known[0] / unit, known[-1] / unit
    near, far = known[len(known) // 20] / unit, known[-1 - len(known) // 20] / unit
    if not bounded and high - low > 4 * (far - near) > 0:
        reach = 0.6 * (far - near)
        low, high = max(low, near - reach), min(high, far + reach)
    margin = 0.06 * (high - low) or (0.5 * abs(high) if known[-1] else 1.0)
    return max(-_LARGEST, (low - margin) * unit), min(_LARGEST, (high + margin) * unit)


_LARGEST = sys.float_info.max


def size(bounds: tuple[float, float]) -> float:
    """How far apart two bounds are, as far as doubles go."""
    return min(_LARGEST, bounds[1] - bounds[0])


def between(bounds: tuple[float, float], share: float) -> float:
    """The number at a share of the way between two bounds."""
    return bounds[0] * (1 - share) + bounds[1] * share


class _Sampler:
    """One formula at points of one variable, and over intervals of it, in balls."""

    def __init__(self, prepared: Formula, name: str, at: Point):
        self.name = name
        self.values = {n: value for n, value in leaves(prepared, at).items() if n != name}
        self.lowering = Lowering(expand(prepared), BALL, (name,))
        self.size = sum(1 for _ in children_first(self.lowering.formula))
        self._known: dict[float, tuple[float, float] | None] = {}

    def at(self, x: float) -> tuple[float, float] | None:
        """The value (infinite beyond doubles) and the derivative (nan where there is none), or None without a value."""
        if x not in self._known:
            self._known[x] = self._computed(x)
        return self._known[x]

    def known(self) -> list[tuple[float, float, float]]:
        """The points so far at which there is a value, from left to right."""
        return [(x, *found) for x, found in sorted(self._known.items()) if found is not None]

    def _computed(self, x: float) -> tuple[float, float] | None:
        def attempt(_: int, last: bool) -> tuple[tuple[float, float] | None] | None:
            found = self._over(exact_ball(x))
            if isinstance(found, Failure):
                return (None,) if last or isinstance(found.error, UndefinedError) else None
            value, slope = found
            if not (last or all(ball.is_zero() or ball.rel_accuracy_bits() > 30 for ball in found)):
                return None
            y, dy = float(value.mid()), float(slope.mid()) if slope.is_finite() else math.nan
            return ((y, dy) if value.is_finite() else None,)

        return rising(attempt, _BITS, _MOST_BITS)[0]

    def _over(self, ball: Any) -> Failure | tuple[Any, Any]:
        graph = self.lowering.graph({**in_balls(self.values), self.name: ball})
        if isinstance(graph.root, Failure):
            return graph.root
        return BALL.number(Fraction(0)) + data_of(graph.root), graph.gradient([self.name])[self.name]

    def between(self, a: float, b: float) -> str:
        """A word for the formula from `a` to `b`, as far as is shown: `smooth`, that it is continuous with a bounded
        derivative; `continuous`; or nothing."""
        found = self._over(exact_ball(a).union(exact_ball(b)))
        if isinstance(found, Failure) or not found[0].is_finite():
            return ""
        return "smooth" if found[1].is_finite() else "continuous"

    def inside(self, a: float, b: float) -> tuple[float, float | None] | None:
        """A simple number between the two, if there is one, and the value there, None where the formula has none."""
        middle, width = Fraction(a) / 2 + Fraction(b) / 2, Fraction(b) - Fraction(a)
        simple = middle.limit_denominator(1000)
        if abs(simple - middle) > width:
            return None
        exact = Number(str(float(simple)), simple)
        with precision(4 * _BITS):
            found = self._over(constant_value(exact, BALL))
        if isinstance(found, Failure):
            return (float(simple), None) if isinstance(found.error, UndefinedError) else None
        return float(simple), float(found[0].mid())


class _Tracer:
    """Goes through the range from left to right and joins what is shown to be joined."""

    def __init__(self, sampler: _Sampler, bounds: tuple[float, float]):
        self.sampler = sampler
        self.low, self.high = bounds
        self.pieces: list[list[tuple[float, float]]] = []
        self.slopes: list[list[tuple[float, float]]] = []
        self.breaks: list[Break] = []
        self.heights = self.slope_heights = (-1.0, 1.0)

    def trace(self, formula: Formula) -> Curve:
        """The curve of the sampler's formula."""
        # a fraction of a cell off the even places, where poles and kinks like to be
        inside = (between((self.low, self.high), (i + 0.3819660113) / _CELLS) for i in range(_CELLS))
        grid = [self.low, *inside, self.high]
        unfinished = False
        try:
            self._traced(grid)
        except OutOfTime:
            self._dotted()
            unfinished = True
        pieces, slopes = (tuple(tuple(p) for p in each if len(p) > 1) for each in (self.pieces, self.slopes))
        bounds, breaks = (self.low, self.high), tuple(self.breaks)
        heights = self.heights, self.slope_heights
        return Curve(formula, self.sampler.name, bounds, pieces, slopes, *heights, breaks, unfinished=unfinished)

    def _traced(self, grid: Sequence[float]) -> None:
        for k in sorted(range(len(grid)), key=lambda k: k & -k, reverse=True):  # all of it coarsely, then the rest
            self.sampler.at(grid[k])
        known = self.sampler.known()
        self._scale(known)
        self._start(grid[0])
        for a, b, shown in self._cells(grid):
            if shown == "smooth":
                self._join(b)
            else:
                self._judge(a, b, shown == "continuous")
        if not self.breaks:
            self._scale(known, bounded=True)

    def _scale(self, known: Sequence[tuple[float, float, float]], bounded: bool = False) -> None:
        self.heights, self.slope_heights = (spread((point[i] for point in known), bounded) for i in (1, 2))

    def _dotted(self) -> None:
        """Have the points that are known behind where the curve was joined to as dots."""
        known = self.sampler.known()
        if not known:
            raise OutOfTime
        self._scale(known)
        joined = max((piece[-1][0] for piece in self.pieces if piece), default=-math.inf)
        for x, y, dy in known:
            if x > joined:
                self.pieces.append([(x, y)] * 2 if math.isfinite(y) else [])
                self.slopes.append([(x, dy)] * 2 if math.isfinite(dy) else [])

    def _cells(self, grid: Sequence[float]) -> Iterator[tuple[float, float, str]]:
        """Cells from left to right, each with what is shown of it; narrow where that is nothing."""
        stack = list(pairwise(grid))[::-1]
        halvings, most = 0, max(600, _WORK // self.sampler.size)
        width = size((self.low, self.high))
        while stack:
            a, b = stack.pop()
            middle = a / 2 + b / 2
            ends = self.sampler.at(a), self.sampler.at(b)
            shown = self.sampler.between(a, b) if None not in ends else ""
            enough = width / _CELLS / _PATIENCE if shown and not self._steep(ends) else _NARROW * width
            if (
                shown == "smooth"
                or ends == (None, None)
                or b - a <= enough
                or not a < middle < b
                or halvings >= most
                or (
                    b - a <= width / _CELLS / _PATIENCE
                    and all(found is not None and self._beyond(found[0]) for found in ends)
                )
            ):
                yield a, b, shown
            else:
                halvings += 1
                stack += [(middle, b), (a, middle)]

    def _start(self, x: float) -> None:
        self.pieces.append([])
        self.slopes.append([])
        self._join(x)

    def _join(self, x: float) -> None:
        found = self.sampler.at(x)
        if found is not None:
            self._add(self.pieces, x, found[0])
            self._add(self.slopes, x, found[1])

    @staticmethod
    def _add(pieces: list[list[tuple[float, float]]], x: float, y: float) -> None:
        """A point more, or the end of a piece where there is none that a picture could show."""
        if math.isfinite(y):
            pieces[-1].append((x, y))
        elif pieces[-1]:
            pieces.append([])

    def _judge(self, a: float, b: float, continuous: bool) -> None:
        """Join, or break, across a narrow cell in which the derivative, or both, may do anything."""
        left, right = self.sampler.at(a), self.sampler.at(b)
        nothing = (math.nan, math.nan)
        y, z = left or nothing, right or nothing
        width = size((self.low, self.high))
        wide = b - a > 2 * _NARROW * width
        joined = continuous or (not wide and self._near(y[0], z[0], self.heights))
        level = joined and self._near(y[1], z[1], self.slope_heights, _SWIFT if continuous else _INVISIBLE)
        level = level and not self._steep((y, z), _VERTICAL)
        inside = None if continuous or wide else self.sampler.inside(a, b)
        x, value = inside or (a + (b - a) / 2, math.nan)
        if value is None and (beyond := self._beyond_end(a, b)):
            joined, (y, z) = True, (beyond, z) if left is None else (y, beyond)
        joined = joined and (value is not None or self._settled(a, b, y[0], z[0]))  # as those of log(x^2) are not
        hole = joined and value is None
        if joined:
            self._add(self.pieces, b, z[0])
            if not level:
                self.slopes.append([])
            self._add(self.slopes, b, z[1])
        else:
            self._start(b)
        seen = not continuous or self.heights[0] <= y[0] <= self.heights[1]
        if (left or right) and seen and (not level or hole):
            kind = "hole" if hole else "kink" if joined else self._kind(a, b, y[0], z[0], wide)
            before = self.breaks[-1] if self.breaks else None
            if before and before.kind == kind == "pole" and a - before.x < _INVISIBLE * width:
                return  # the other side of the same one
            self.breaks.append(Break(x, kind, y[0], z[0], (y[1], z[1]), math.nan if value is None else value))

    def _beyond_end(self, a: float, b: float) -> tuple[float, float] | None:
        """The value and slope beyond the range, where it ends with a cell in which one point alone is missing."""
        left, right = self.sampler.at(a), self.sampler.at(b)
        at_end = (a == self.low and left is None and right) or (b == self.high and right is None and left)
        beyond = self.sampler.at(2 * a - b if left is None else 2 * b - a) if at_end else None
        return beyond if at_end and beyond and self._near(beyond[0], at_end[0], self.heights) else None

    def _near(self, y: float, z: float, heights: tuple[float, float], share: float = _INVISIBLE) -> bool:
        """Whether two values are the same in the picture, or above it, or below it. nan is near nothing."""
        low, high = heights
        outside = min(y, z) > high or max(y, z) < low
        return not self._beyond(y) and (abs(z - y) <= share * size(heights) or (share == _SWIFT and outside))

    def _steep(self, ends: Sequence[tuple[float, float] | None], times: float = 1.0) -> bool:
        """Whether the derivative is beyond its picture at both ends, on one side of it, by so many of its heights."""
        low, high = self.slope_heights
        room = (times - 1) * size(self.slope_heights)
        slopes = [math.nan if end is None else end[1] for end in ends]
        return all(slope > high + room for slope in slopes) or all(slope < low - room for slope in slopes)

    def _beyond(self, y: float) -> bool:
        """Whether a value is so far from the picture that only a pole can be near."""
        return abs(y) > _BEYOND * max(size(self.heights), *map(abs, self.heights))

    def _kind(self, a: float, b: float, y: float, z: float, wide: bool) -> str:
        if self._beyond(y) or self._beyond(z):
            return "pole"
        if math.isnan(y) or math.isnan(z):
            return "edge"
        return "jump" if not wide and self._settled(a, b, y, z) else "unknown"

    def _settled(self, a: float, b: float, y: float, z: float) -> bool:
        """Whether the values at both ends of a narrow cell are those further out, and none grows as at a flat pole."""
        ends = (self.sampler.at(a - 3 * (b - a)), y), (self.sampler.at(b + 3 * (b - a)), z)
        known = [(end, self._near(found[0], end, self.heights), found[0]) for found, end in ends if found is not None]
        return len(known) == 2 and all(near and abs(end) <= 2 * abs(further) for end, near, further in known)
