"""A traced program beside the point: how near another branch is, and what its comparisons make of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

from gradcalc.engine.doubles import Doubles
from gradcalc.engine.formulas import in_chain
from gradcalc.engine.lowering import Failure, Lowering, constant_value, leaves
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.switches import OUTCOME
from gradcalc.judge.result import Finding
from gradcalc.language.formula import Call, Formula, children_first
from gradcalc.language.identity import distinct
from gradcalc.record import dataclass

from .components import ALWAYS, Truth
from .forms import Numbers
from .line import Along
from .remainders import jump_within
from .result import Entry
from .rounding import ROUNDOFF
from .subject import Subject
from .tracer import GoesOn, Site, UntraceableError, variable
from .tracing import Trace

_NEAR = 2.0**-40  # part of what is compared within which another branch may begin
_WIDE = tuple(2.0**-k for k in (2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 20, 24, 28, 32))  # steps, in parts of the point
_TO_AN_END = (0.75, 0.5, *_WIDE[:10])  # the same, within which a loop may run longer or shorter
_ALIKE = 0.1  # relative difference of quotients that follow one slope
_ROUGHLY = 0.5  # the same, of a slope over steps
_STEPS = 1.5  # a third jump is looked for as far beyond the nearest, in parts of what lies between these
_BENDS = (2.5, 10.0)  # times as far a smooth function is from its tangent at twice the step
_FARTHEST = 0.9  # step, in parts of the variable: a loop may have no end where the sign is another
_HALVINGS, _STAYS = 16, 1e-2  # of a step, after which so much of a change is left where there is a jump
_APART = 1e-4  # relative difference of a slope that is another one
_LOST = 64.0  # roundings of a value that a quotient may be off by
_PIECES = 5  # of nine points, as many must be on pieces of their own
_CRUMBS = 2.0**-20  # step, in parts of the point
_SMALL = 1e-3  # relative noise that may be a tolerance
_ROUNDS = 2  # of a loop at least
_MOST_LOOPS = 4
_FURTHER = 16  # rounds that a loop of few goes on
_BEYOND = 1.5  # times how far a loop still goes
_CONVERGES = 0.9  # ratio of the changes from path to path within which these come to a limit
_FAR = 0.1  # relative error that the tolerance of a loop makes at most
_SHARP = 1e-6  # part of what a loop leaves that its limit may be off
_DECIDING = ("floor", *OUTCOME)


@dataclass(frozen=True, slots=True)
class Carried:
    """That values follow another slope than that of the trace: whether what is claimed is about that one, and whether
    it is so `alone` at this point, as where a loop that stops near a solution begins at it."""

    follows: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class _Limit:
    """The slopes to which a loop comes, for every entry; how far `off` those are where it stops, and how far these are
    from others on the way, which is what may be `left` of it."""

    slopes: Sequence[float]
    off: Sequence[float]
    left: Sequence[float]


class Surroundings:
    """The program around one point."""

    def __init__(self, function: Subject, numbers: Numbers, truths: Sequence[Truth]):
        self._function, self._entries = function, function.entries
        self._numbers, self._truths = numbers, truths

    @cached_property
    def _is_along(self) -> bool:
        """Whether what is asked for is along one vector, which moves something."""
        question = self._function.question
        return question.word == "jvp" and any(question.vector)

    @cached_property
    def tied(self) -> bool:
        """Whether another branch may begin within rounding of the point."""
        conditions = [guard.condition for guard in self._truths[0].guards]
        for truth in self._truths:
            nodes = children_first(truth.certifier.expanded)
            conditions += [node for node in nodes if isinstance(node, Call) and node.function.name in _DECIDING]
        return bool(conditions) and any(self._is_near(conditions))

    def _is_near(self, conditions: Sequence[Call]) -> Iterator[bool]:
        args = distinct(arg for node in conditions for arg in node.args)
        together: Formula = in_chain("+", args)
        at = self._truths[0].at
        values = {name: constant_value(value, FLOAT) for name, value in leaves(together, at).items()}
        graph = Lowering(together, FLOAT, ()).graph(values)
        for node in conditions:
            made = graph.args(node)
            if any(isinstance(x, Failure | bool) for x in made):
                continue
            left, right = made if len(made) == 2 else (made[0], (made[0] + 0.5) // 1)
            yield abs(left - right) <= _NEAR * max(abs(left), abs(right))

    # ---- beside the point

    @cached_property
    def _size_along(self) -> float:
        """The step along a vector that is asked for that moves some number by its size, and none by more."""
        vector = self._function.question.vector
        return 1 / (max(abs(v) / (abs(x) or 1.0) for v, x in zip(vector, self._numbers, strict=True)) or 1.0)

    def _directions(self) -> list[float]:
        """One step for every number of the point, of its size and of either sign; those along a vector."""
        if self._is_along:
            return [v * self._size_along for v in self._function.question.vector]
        sizes = [abs(x) or 1.0 for x in self._numbers]
        return [(-1) ** i * (1 + 0.37 * i / len(sizes)) * size for i, size in enumerate(sizes)]

    def _at(self, step: float) -> Numbers:
        return tuple(x + step * d for x, d in zip(self._numbers, self._directions(), strict=True))

    def _path(self, point: Numbers) -> Any:
        """How the comparisons come out there; None where that cannot be told."""
        try:
            return _outcomes(self._function.trace_beside(point, branches=False))
        except UntraceableError:
            return None

    def carried(self, rows: Sequence[Finding]) -> Carried | None:
        """The slope that the values follow over steps of many sizes, while nearly every step leads to another piece, or
        each away from the path of the point; None where they follow none but that of the trace."""
        if not self._is_along and len({entry.axis for entry in self._entries}) < len(self._numbers):
            return None  # the derivative by some numbers is not asked for
        traced, claimed = self._along([row.expected for row in rows]), self._along([row.actual for row in rows])
        if not math.isfinite(traced):
            return None
        alike: list[tuple[float, float]] = []
        near = far = 0.0  # where the slope is still the traced one, and where it is another first
        for step in reversed(_WIDE):
            quotient = self._quotient(step)
            if not self._is_another(quotient, traced, step):
                near, alike = step, []
                continue
            far = far if alike else step
            gap = abs(quotient - traced)  # that of a slope which bends shrinks with the steps
            alike = [pair for pair in alike if abs(quotient - pair[1]) <= _ALIKE * min(abs(pair[1]), gap)]
            alike.append((step, quotient))
            if len(alike) == 3:
                if near and not self._jumps(near, far):
                    return None  # pieces that meet make kinks, each with a slope of its own
                paths = {self._path(self._at(alike[1][0] * k / 4)) for k in range(-4, 5)}
                most = _ROUGHLY * min(abs(quotient), gap)
                alone = len(paths) < _PIECES
                return (
                    None if alone and not self._is_alone(*alike[0]) else Carried(abs(claimed - quotient) <= most, alone)
                )
        return None

    def _is_alone(self, step: float, slope: float) -> bool:
        """Whether the path taken here is that of no point beside, while the values on both sides follow the slope of
        the step, which they do if they follow it on one."""
        side = (self._value(self._at(step)) - self._value_here) / step
        if self._is_another(side, slope, step):
            return False  # a corner
        return self._path(self._numbers) not in (None, *(self._path(self._at(s)) for s in (step, -step)))

    def _jumps(self, near: float, far: float) -> bool:
        """Whether the value jumps between two steps, on either side."""
        sides = [lambda step, side=side: self._value(self._at(side * step)) for side in (1, -1)]
        return any(_jump(along, near, far) for along in sides)

    def _along(self, slopes: Sequence[float | None]) -> float:
        """The slope along the directions that derivatives give; nan where one is missing."""
        weights, total = self._weights, 0.0
        for entry, slope in zip(self._entries, slopes, strict=True):
            size = self._size_along if entry.axis is None else self._directions()[entry.axis]
            total += weights[entry.row] * (math.nan if slope is None else slope) * size
        return total

    def by_steps(self, entry: Entry, row: Finding) -> bool:
        """Whether the value jumps on both sides of the point along a variable, as one that goes by steps of time does,
        and what is claimed lies about between the slopes from step to step."""
        if row.expected is None or row.actual is None:
            return False
        axis, vector = entry.axis, self._function.question.vector
        size = self._size_along if axis is None else abs(self._numbers[axis]) or 1.0
        line = vector if axis is None else [float(i == axis) for i in range(len(self._numbers))]

        @cache
        def along(step: float) -> float:
            moved = tuple(x + step * v for x, v in zip(self._numbers, line, strict=True))
            return self._function.quantities_beside(moved)[entry.row]

        if not self._leaps(along, row.expected, size):
            return False
        if (left := _first_jump(along, -size)) is None or (right := _first_jump(along, size)) is None:
            return False
        gap = right[0] - left[0]
        outer = (left[0] - _STEPS * gap, left[0] - gap / 8), (right[0] + gap / 8, right[0] + _STEPS * gap)
        if not any(_jump(along, *cell) for cell in outer if max(map(abs, cell)) <= _FARTHEST * size):
            return False
        slopes = [row.expected + jump / gap for _, jump in (left, right)]
        most = _ROUGHLY * max(map(abs, slopes))
        return min(slopes) - most <= row.actual <= max(slopes) + most

    @staticmethod
    def _leaps(along: Along, slope: float, size: float) -> bool:
        """Whether what the slope leaves of the values grows otherwise than a smooth function's, from each of the steps
        of `_first_jump` to the next."""
        here = along(0.0)
        lost = _LOST * abs(here) * ROUNDOFF
        left = [max(abs(along(-step) - here + slope * step), lost) for step in _octaves(size)]
        return not all(_BENDS[0] * a <= b <= _BENDS[1] * a or b <= lost for a, b in itertools.pairwise(left))

    def _is_another(self, quotient: float, traced: float, step: float) -> bool:
        """Whether a quotient is not the traced slope, nor lost in rounding."""
        if not math.isfinite(quotient):
            return False
        lost = _LOST * abs(self._value_here) * ROUNDOFF / step
        return abs(quotient - traced) > _APART * max(abs(quotient), abs(traced)) + lost

    @cached_property
    def _value_here(self) -> float:
        return self._value(self._numbers)

    @cached_property
    def _weights(self) -> list[float]:
        """For every quantity a number by which they are summed up: none is to drown in another, nor to cancel it."""
        count, steps = len(self._truths), (0.0, _WIDE[0], -_WIDE[0])
        if count == 1:
            return [1.0]
        rows = zip(*(self._function.quantities_beside(self._at(step)) for step in steps), strict=True)
        sizes = [max(filter(math.isfinite, map(abs, row)), default=0.0) or 1.0 for row in rows]
        return [(1 + 0.37 * k / count) / size for k, size in enumerate(sizes)]

    def _quotient(self, step: float) -> float:
        above, below = (self._value(self._at(side * step)) for side in (1, -1))
        return (above - below) / (2 * step)

    def _value(self, point: Numbers) -> float:
        values = self._function.quantities_beside(point)
        return math.fsum(weight * x for weight, x in zip(self._weights, values, strict=True))

    # ---- a function that stops at a tolerance

    def noise(self, index: int, row: Finding) -> float:
        """How much the traced derivative changes where another path begins, if that is little: then the paths are
        approximations of one thing."""
        size = abs(row.expected or 0.0)
        if (row.error or 0.0) > _SMALL * size:
            return 0.0
        near = max((gaps[index] for gaps in self._gaps if gaps[index] <= _SMALL * size), default=0.0)
        near += ALWAYS * math.ulp(size) if near else 0.0  # both sides of it are doubles, as what is claimed is
        if (row.error or 0.0) <= near or not self._truths[0].guards:
            return near
        left = math.fsum(limit.off[index] for limit in self._limits)
        return max(near, _BEYOND * left if left <= _SMALL * size else 0.0)

    def stops_before(self, index: int, row: Finding) -> bool:
        """Whether a claim is about what a loop would come to if it went on, and not far from where it stops."""
        claimed, here = row.actual or 0.0, row.expected or 0.0
        if not self._truths[0].guards or abs(claimed - here) > _FAR * abs(here):
            return False
        return any(abs(claimed - of.slopes[index]) <= of.left[index] < of.off[index] for of in self._limits)

    @cached_property
    def _gaps(self) -> list[list[float]]:
        """For every entry the noise at the nearest end, on either side, of the path that is taken here."""
        found = [self._gap(side) for side in (1, -1)] if self._truths[0].guards else []
        return [gaps for gaps in found if gaps]

    def _gap(self, side: int) -> list[float]:
        here, near = self._function.trace(self._numbers), 0.0
        steps = iter(reversed(_TO_AN_END))
        stays = self._staying(here, side * min(_TO_AN_END))
        for far in steps:
            beyond = None if stays(side * far) else self._trace(side * far)
            if beyond is not None and _outcomes(beyond) != _outcomes(here):
                break
            near = far
        else:
            return []
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            if stays(side * middle):
                near = middle
            else:
                far = middle
        beyond = self._trace(side * far)
        if beyond is None or (len(beyond.guards) == len(here.guards) and not self._in_crumbs):
            return []  # a branch, and no loop that runs longer or shorter, or decides otherwise all the time
        known = (_outcomes(here), _outcomes(beyond))
        further = filter(None, (self._trace(side * step) for step in steps))
        farther = next((found for found in further if _outcomes(found) not in known), None)
        try:
            ends = [self._between(here, beyond, farther, self._at(side * end), far - near) for end in (near, far)]
        except (ArithmeticError, ValueError):
            return []
        # pieces that meet between the two ends differ there by what the ends are apart, once more and once less
        return [min(abs(x), abs(y)) if x * y > 0 else 0.0 for x, y in zip(*ends, strict=True)]

    @cached_property
    def _in_crumbs(self) -> bool:
        """Whether nearly every small step leads to another path, as in a search of so many rounds."""
        return len({self._path(self._at(_CRUMBS * k / 4)) for k in range(-4, 5)}) >= _PIECES

    def _staying(self, here: Trace, step: float) -> Callable[[float], bool]:
        """Whether the program takes the path of the point at a step from it, as a function of the step: by the
        comparisons of that path in doubles, as a trace is much work. Where sides of some are equal at the point, the
        path has more of them elsewhere: then a first `step` leads to another, and all are traced."""

        def traced(step: float) -> bool:
            beside = self._trace(step)
            return beside is not None and _outcomes(beside) == _outcomes(here)

        if not traced(step):
            return traced
        doubles = Doubles([guard.condition for guard in here.guards])
        names, outcomes = [variable(name) for name in self._function.form.names], [*_outcomes(here)]
        return lambda step: doubles.at({**here.at, **dict(zip(names, self._at(step), strict=True))}) == outcomes

    @cached_property
    def _limits(self) -> list[_Limit]:
        """Of loops of the program that to which they come if they go on as long again: of a linear system all paths
        near by may end after the same rounds."""
        here, of_sites = self._function.trace(self._numbers), dict[Site, list[bool]]()
        for guard in here.guards:
            if guard.site is not None:
                of_sites.setdefault(guard.site, []).append(guard.outcome)
        ending = [(site, row) for site, row in of_sites.items() if len(row) > _ROUNDS and row[-1] != row[-2]]
        return [*filter(None, (self._limit(here, site, row) for site, row in ending[-_MOST_LOOPS:]))]

    def _limit(self, here: Trace, site: Site, row: Sequence[bool]) -> _Limit | None:
        most = max(len(row), _FURTHER)
        further = (GoesOn(site, row[-1], rounds) for rounds in (most // 2, most))
        try:
            paths = [here, *(self._function.trace_beside(self._numbers, further=one) for one in further)]
            start, middle, far = (self._function.on_path(path, self._numbers)[1] for path in paths)
        except (ArithmeticError, ValueError, UntraceableError):
            return None
        if any(len(more.guards) <= len(path.guards) for path, more in itertools.pairwise(paths)):
            return None  # no loop that goes on
        left, rest = ([abs(x - y) for x, y in zip(far, other, strict=True)] for other in (start, middle))
        if max(rest) > max(left) / 4:
            return None  # it comes to no limit
        off = [x + y for x, y in zip(left, rest, strict=True)]
        return _Limit(far, off, [y + _SHARP * x for x, y in zip(off, rest, strict=True)])

    def _trace(self, step: float) -> Trace | None:
        try:
            return self._function.trace_beside(self._at(step))
        except UntraceableError:
            return None

    def _between(self, here: Trace, beyond: Trace, farther: Trace | None, edge: Numbers, width: float) -> list[float]:
        """How far the slopes of two paths are apart at the edge between them. Where the value jumps, the function
        stops when it is near enough, and a third path tells how far it still was (Aitken)."""
        made = [self._function.on_path(path, edge) for path in (here, beyond, farther) if path is not None]
        gaps = [y - x for x, y in zip(made[0][1], made[1][1], strict=True)]
        most = 2 * width * sum(map(abs, gaps)) * max(map(abs, self._directions()))
        jumps = [abs(y - x) > most + _LOST * ROUNDOFF * abs(x) for x, y in zip(made[0][0], made[1][0], strict=True)]
        if len(made) == 3 and any(jumps):
            following = [z - y for y, z in zip(made[1][1], made[2][1], strict=True)]
            gaps = [
                x / (1 - y / x) if 0 < y / (x or math.inf) < _CONVERGES else x
                for x, y in zip(gaps, following, strict=True)
            ]
        return gaps

    def size(self, index: int, value: float) -> float:
        """The derivative, or how large one is that comes of the value over the size of the variable."""
        entry = self._entries[index]
        slope = abs(self._truths[entry.row].certified.gradient[entry.variable].number)
        size = 1.0 if entry.axis is None else abs(self._numbers[entry.axis]) or 1.0
        return max(slope, abs(value) / size)


def _outcomes(path: Trace) -> tuple[bool, ...]:
    return tuple(guard.outcome for guard in path.guards)


def _octaves(size: float) -> list[float]:
    return [size * 2.0**k for k in range(-12, 0)]


def _first_jump(along: Along, size: float) -> tuple[float, float] | None:
    cells = itertools.pairwise((0.0, *_octaves(size)))
    return next((jump for a, b in cells if (jump := _jump(along, min(a, b), max(a, b))) is not None), None)


def _jump(along: Along, below: float, above: float) -> tuple[float, float] | None:
    return jump_within(along, below, above, _HALVINGS, _STAYS)
