"""A formula over two variables: its values on a grid, with gaps where it is not continuous, and its gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Lowering, Point, leaves, with_ends
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.gradients import over_columns
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import UndefinedError, needing
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows

from .curves import between, nearest, size, spread, title
from .ranges import Range, check_names

_GRID = 160  # cells along each side
_ARROWS = 15
_STEEP = 0.05  # of the height: cells that change by more are looked at for jumps


class Arrow(NamedTuple):
    """A place, and what to draw there across and up: the gradient."""

    x: float
    y: float
    across: float
    up: float


@shows("_repr_png_")
@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """`values[j][i]` is the formula at `xs[i]`, `ys[j]`, nan in gaps; `arrows` are the gradient at some places. One
    that is `unfinished`, for want of time, is on a coarser grid."""

    formula: Formula
    names: tuple[str, str]
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    heights: tuple[float, float]
    arrows: tuple[Arrow, ...]
    point: tuple[float, float] | None = None
    unfinished: bool = False

    def __repr__(self) -> str:
        return f"<Field of {title(self.formula)} over {' and '.join(self.names)}>"


def field(formula: str | Formula, across: Range, up: Range, at: Point | None = None) -> Field:
    """The formula over two variables. If `at` has values for both, with the point.

    Raises:
        FormulaError: a range's name is not in the formula.
        MissingValueError: another name has no value.
        UndefinedError: the formula has no value anywhere in the ranges.
        MissingLibraryError: NumPy is not installed.
    """
    with needing("a plot", "pictures"):
        import numpy as np
    prepared = prepare(with_ends(formula, at or {}))
    check_names(prepared, across, up)
    at = dict(at or {})
    names = (across.name, up.name)
    others = {
        name: value
        for name, value in leaves(prepared, {**at, across.name: across.low, up.name: up.low}).items()
        if name not in names
    }

    def computed(xs: Sequence[float], ys: Sequence[float]) -> tuple[Any, list[Any]]:
        """The value and the gradient at all these places, a row for each of `ys`; nan where there is none."""
        value, by_name = over_columns(
            prepared, {**others, **dict(zip(names, np.meshgrid(xs, ys), strict=True))}, names, told=False
        )
        found = [np.broadcast_to(part, (len(ys), len(xs))) for part in (value, *by_name.values())]
        value, *gradient = (np.where(np.isfinite(part), part, math.nan) for part in found)
        return value, gradient

    def drawn(cells: int) -> Field:
        xs, ys = (_places(over, cells, 0) for over in (across, up))
        values, _ = computed(xs, ys)
        known = values[np.isfinite(values)].tolist()
        if not known:
            raise UndefinedError("the formula has no value anywhere in these ranges", prepared.span)
        heights = spread(known)
        corners = np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, :-1], values[1:, 1:]])
        steep = np.argwhere(np.ptp(corners, axis=0) > _STEEP * size(heights)).tolist()
        for j, i in _gaps(Lowering(expand(prepared), BALL, ()), others, {across.name: xs, up.name: ys}, steep):
            values[j, i] = math.nan
        if np.isfinite(values).all():
            heights = spread(known, bounded=True)
        at_arrows = [_places(over, min(_ARROWS, cells), 0.5) for over in (across, up)]
        slopes = computed(*at_arrows)[1]
        arrows = np.stack([*np.meshgrid(*at_arrows), *slopes], axis=-1).reshape(-1, 4).tolist()
        point = None
        if all(name in at for name in names):
            point = (nearest(at[across.name], across.name), nearest(at[up.name], up.name))
        return Field(
            prepared, names, tuple(xs), tuple(ys), tuple(map(tuple, values.tolist())), heights,
            tuple(Arrow(*arrow) for arrow in arrows if all(map(math.isfinite, arrow))), point,
        )  # fmt: skip

    found = None
    for cells in (_GRID // 16, _GRID // 4, _GRID):  # coarsely first, which is quick, for want of time
        try:
            found = drawn(cells)
        except OutOfTime:
            if found is None:
                raise
            return replace(found, unfinished=True)
        except UndefinedError:
            if cells == _GRID:
                raise
    assert found is not None
    return found


def _places(over: Range, count: int, first: float) -> list[float]:
    """So many places at equal distances, the first of them a share of one from the lower bound."""
    return [between(over.bounds, (i + first) / count) for i in range(count + (not first))]


def _gaps(
    balls: Lowering, others: Mapping[str, Formula], sides: Mapping[str, Sequence[float]], cells: list[list[int]]
) -> list[list[int]]:
    """Those of some cells, by row and column, in which the formula is not shown to be continuous."""
    gaps = []
    with precision(64):
        known = in_balls(others)
        for row, column in cells:
            cell = {
                name: exact_ball(places[k]).union(exact_ball(places[k + 1]))
                for (name, places), k in zip(sides.items(), (column, row), strict=True)
            }
            found = balls.value({**known, **cell})
            if found is None or not found.is_finite():
                gaps.append([row, column])
    return gaps
