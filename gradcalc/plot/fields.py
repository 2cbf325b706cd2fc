"""A formula over two variables: its values on a grid, with gaps where it is not continuous, and its gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Lowering, Point, constant_value, leaves, with_ends
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import BALL, FLOAT, exact_ball, precision
from gradcalc.engine.value import Value
from gradcalc.language.errors import UndefinedError
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass
from gradcalc.shown import shows

from .curves import between, nearest, size, spread, title
from .ranges import Range
from .values import check_names

_GRID = 160  # cells along each side
_ARROWS = 15
_STEEP = 0.05  # of the height: cells that change by more are looked at for jumps


@shows("_repr_png_")
@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """`values[j][i]` is the formula at `xs[i]`, `ys[j]`, nan in gaps; an arrow is x, y and the gradient there."""

    formula: Formula
    names: tuple[str, str]
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    heights: tuple[float, float]
    arrows: tuple[tuple[float, float, float, float], ...]
    point: tuple[float, float] | None = None

    def __repr__(self) -> str:
        return f"<Field of {title(self.formula)} over {' and '.join(self.names)}>"


def field(formula: str | Formula, across: Range, up: Range, at: Point | None = None) -> Field:
    """The formula over two variables. If `at` has values for both, with the point.

    Raises:
        FormulaError: a range's name is not in the formula.
        MissingValueError: another name has no value.
        UndefinedError: the formula has no value anywhere in the ranges.
    """
    prepared = prepare(with_ends(formula, at or {}))
    check_names(prepared, across, up)
    at = dict(at or {})
    names = (across.name, up.name)
    others = {
        name: value
        for name, value in leaves(prepared, {**at, across.name: across.low, up.name: up.low}).items()
        if name not in names
    }
    xs, ys = _even(across, _GRID), _even(up, _GRID)
    sampler = _Sampler(prepared, names, others)
    values = [[sampler.value(x, y) for x in xs] for y in ys]
    known = [value for row in values for value in row if math.isfinite(value)]
    if not known:
        raise UndefinedError("the formula has no value anywhere in these ranges", prepared.span)
    heights = spread(known)
    sampler.leave_gaps(xs, ys, values, _STEEP * size(heights))
    if all(math.isfinite(value) for row in values for value in row):
        heights = spread(known, bounded=True)
    places = [(x, y) for y in _inner(up, _ARROWS) for x in _inner(across, _ARROWS)]
    arrows = [(x, y, *gradient) for x, y in places if (gradient := sampler.gradient(x, y)) is not None]
    point = None
    if all(name in at for name in names):
        point = (nearest(at[across.name], across.name), nearest(at[up.name], up.name))
    return Field(prepared, names, tuple(xs), tuple(ys), tuple(map(tuple, values)), heights, tuple(arrows), point)


def _even(over: Range, cells: int) -> list[float]:
    return [between(over.bounds, i / cells) for i in range(cells + 1)]


def _inner(over: Range, count: int) -> list[float]:
    return [between(over.bounds, (i + 0.5) / count) for i in range(count)]


class _Sampler:
    """The formula at points in floats, and over rectangles in balls."""

    def __init__(self, prepared: Formula, names: tuple[str, str], others: Mapping[str, Formula]):
        self.names = names
        self.floats = {name: constant_value(value, FLOAT, name) for name, value in others.items()}
        self.others = others
        self.plain = Lowering(prepared, FLOAT, ())
        self.tracked = Lowering(prepared, FLOAT, names)
        self.expanded = Lowering(expand(prepared), BALL, ())

    def _at(self, x: float, y: float) -> dict[str, Any]:
        return {**self.floats, self.names[0]: x, self.names[1]: y}

    def value(self, x: float, y: float) -> float:
        root = self.plain.graph(self._at(x, y)).root
        return math.nan if isinstance(root, Failure) or not math.isfinite(root) else float(root)

    def gradient(self, x: float, y: float) -> tuple[float, float] | None:
        graph = self.tracked.graph(self._at(x, y))
        if not isinstance(graph.root, Value):
            return None
        graph.root.backward()
        across, up = (float(graph.leaves[name].grad) for name in self.names)
        return (across, up) if math.isfinite(across) and math.isfinite(up) else None

    def leave_gaps(self, xs: list[float], ys: list[float], values: list[list[float]], steep: float) -> None:
        """Take out a corner of each steep cell in which the formula is not shown to be continuous."""
        with precision(64):
            others = in_balls(self.others)
            gaps = []
            for j in range(len(ys) - 1):
                for i in range(len(xs) - 1):
                    corners = (values[j][i], values[j][i + 1], values[j + 1][i], values[j + 1][i + 1])
                    if max(corners) - min(corners) > steep and not self._continuous(xs, ys, i, j, others):
                        gaps.append((j, i))
        for j, i in gaps:
            values[j][i] = math.nan

    def _continuous(self, xs: list[float], ys: list[float], i: int, j: int, others: Mapping[str, Any]) -> bool:
        sides = (exact_ball(low).union(exact_ball(high)) for low, high in ((xs[i], xs[i + 1]), (ys[j], ys[j + 1])))
        root = self.expanded.graph({**others, **dict(zip(self.names, sides, strict=True))}).root
        return not isinstance(root, Failure) and bool(root.is_finite())
