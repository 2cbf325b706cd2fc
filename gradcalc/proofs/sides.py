"""Where pieces of a formula meet: what its derivative can be there, from the pieces on both sides along the variable.

At a point p of a cell some quantities are 0: those of the cell's zero steps. On the line through p along the variable
those that do not change with it stay 0. The others have beside p the signs that their derivatives give them, one set of
signs for each direction, where these derivatives are not 0; else every set of signs is a possible side. What is not 0
at p keeps its sign near p, and a floor of what is whole at p is this number or one less. So on every side the formula F
and its derivative D are read as quotients, and these are taken at p (`limits`).

If F has a derivative at p, then F is continuous there, and the derivative is the limit of D on each side that is met
(mean value theorem), which is not infinite. Where the domain ends at p, what is meant is that on the side that there
is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise, product

from gradcalc.language.formula import Formula
from gradcalc.record import dataclass

from .algebra import NoValue, Ratio, Unread, ratio
from .cells import Cell, Empty, Split
from .limits import AtPoint, Infinite, LimitReader, Turn, Undecided
from .polynomials import Poly, TooLarge
from .reading import Part, Reader
from .thin import derivative_of_ratio, is_thin, names_in

_MOST_ASKED = 40  # signs that are asked for on one side
_MOST_MOVING = 3


@dataclass(frozen=True, slots=True)
class Studied:
    """A formula and its derivatives by `name`, the one in question last."""

    name: str
    formulas: Sequence[Formula]


@dataclass(frozen=True, slots=True)
class Slopes:
    """The derivative where quantities are 0, if there is one: one of `found`, and whether there is one for `certain`.
    With none there is no derivative.

    `step`: of the formula and its derivatives the first, by its place, that steps along the variable, and whether up,
    1, or down, -1; None where that was not told.
    """

    found: Sequence[Ratio]
    certain: bool = False
    step: tuple[int, int] | None = None


Fits = Callable[[Ratio], bool]


def slopes(studied: Studied, reader: Reader, here: Ratio | None, tied: Ratio | None, fits: Fits) -> Slopes:
    """The derivative where quantities are 0, if there is one.

    Args:
        reader: of the cell of these zeros.
        here: the formula as read there, if it could be.
        tied: the derivative as read there, which it is on lines that do not leave the zeros.
        fits: where all that is found fits, nothing more is asked.

    Raises:
        AtPoint: where the cell must be cut first.
        Undecided: where that could not be told.
    """
    point = _Point(reader, studied.name)
    moving = [part for part, sign in point.cell.steps if sign == 0 and point.moves(part, studied.name)]
    if not moving:
        return Slopes([_known(tied or _along(point.cell, studied, here))], True)
    if len(moving) > _MOST_MOVING:
        raise Undecided
    study = _Study(point, studied, here, tied, fits)
    try:
        turns = [point.turn(part, studied.name) for part in moving]
    except AtPoint:
        try:
            any_way = study.of_any(moving)
        except (AtPoint, Undecided):
            any_way = Slopes([])
        if not any_way.found or not all(map(fits, any_way.found)):
            raise
        return any_way
    return study.of_both(moving, turns) if all(sign for _, sign in turns) else study.of_any(moving)


def may_have_slopes(studied: Studied | None, reader: Reader, here: Ratio | None) -> bool:
    """Whether there may be a derivative where it has no value as it is written out."""
    try:
        return studied is not None and bool(slopes(studied, reader, here, None, lambda _: False).found)
    except (Undecided, TooLarge, NoValue, Infinite):
        return True


@dataclass(frozen=True, slots=True)
class _Study:
    point: _Point
    studied: Studied
    here: Ratio | None
    tied: Ratio | None
    fits: Fits

    def of_both(self, moving: Sequence[Poly], turns: Sequence[Turn]) -> Slopes:
        """From the two sides that are met where quantities move so."""
        ways = [{p: sign * d**order for p, (order, sign) in zip(moving, turns, strict=True)} for d in (-1, 1)]
        left, right = (self.point.side(self.studied, way, d) for way, d in zip(ways, (-1, 1), strict=True))
        if left.ends != right.ends:
            inside = right if left.ends else left
            ends = None in inside.values or not self._may_join(inside)
            return Slopes([]) if ends else Slopes([_known(inside.values[-1])], self.here is not None)
        if left.ends or None in (*left.values, *right.values):
            return Slopes([])
        found = [_known(left.values[-1]), _known(right.values[-1])]
        if all(map(self.fits, found)):
            smooth = self._are_smooth(left, right)
            return Slopes(found, smooth, None if smooth else self._step(left, right))
        if not (self._may_join(left) and self._may_join(right)):
            return Slopes([], step=self._step(left, right))
        differences = [self._sign(_known(x) - _known(y)) for x, y in zip(left.values, right.values, strict=True)]
        return Slopes([], step=self._step(left, right)) if {-1, 1} & {*differences} else Slopes(found)

    def _step(self, left: _Side, right: _Side) -> tuple[int, int] | None:
        """Which is the first that steps, and whether up, where all that is needed for that is known."""
        with suppress(AtPoint, Undecided, NoValue, Infinite):
            for order, (x, y) in enumerate(zip(left.values, right.values, strict=True)):
                between = [x, *([self.here] if order == 0 else []), y]
                steps = {self._sign(_known(b) - _known(a)) for a, b in pairwise(between)} - {0}
                if steps:
                    (up, *others) = steps
                    return None if others or up is None else (order, up)
        return None

    def _are_smooth(self, first: _Side, *others: _Side) -> bool:
        """Whether all sides were shown to join, in all orders that are asked for."""
        pairs = [pair for other in others for pair in zip(first.values, other.values, strict=True)]
        pairs.append((first.values[0], self.here))
        return all(x and y and self.point.cell.signs(x - y) == {0} for x, y in pairs)

    def of_any(self, moving: Sequence[Poly]) -> Slopes:
        """From all sides that there may be."""
        signs = [(-1, 1) if is_thin(self.point.cell.generators, part) else (-1, 0, 1) for part in moving]
        sides = []
        for chosen in product(*signs):
            with suppress(_NoSide):
                sides.append(self.point.side(self.studied, dict(zip(moving, chosen, strict=True)), 0))
        alone = all(set(names_in(self.point.cell.generators, part)) <= {self.studied.name} for part in moving)
        along = [] if alone else [_known(self.tied)]
        inside = [side for side in sides if not side.ends]
        found = [*along, *(side.values[-1] for side in inside if side.values[-1] is not None)]
        if all(map(self.fits, found)):
            return Slopes(found, bool(sides) and alone and len(inside) == len(sides) and self._are_smooth(*sides))
        joined = (side.values[-1] for side in inside if self._may_join(side))
        return Slopes([*along, *(slope for slope in joined if slope is not None)])

    def _may_join(self, side: _Side) -> bool:
        value = side.values[0]
        return value is not None and (self.here is None or self._sign(value - self.here) in (0, None))

    def _sign(self, r: Ratio) -> int | None:
        """None for a constant whose sign is not known."""
        return None if self.point.is_open_constant(r) else self.point.sign(r)


def _along(cell: Cell, studied: Studied, here: Ratio | None) -> Ratio | None:
    """The derivative of what the formula comes to on lines that lie in the zeros."""
    found = here
    for _ in studied.formulas[1:]:
        found = None if found is None else derivative_of_ratio(cell.generators, found, studied.name)
    return found


def _known(tied: Ratio | None) -> Ratio:
    if tied is None:
        raise Undecided
    return tied


class _NoSide(Undecided):
    """No points beside the point have such signs."""


@dataclass(frozen=True, slots=True)
class _Side:
    """The formulas at the point as they are on one side: None where they grow beyond all bounds. The last is the slope.
    `ends`: the formula has no value there."""

    values: Sequence[Ratio | None] = ()
    ends: bool = False


class _Point(LimitReader):
    """A point of a cell, and the sides of it, which differ by the signs of what moves: `still` is what they share."""

    still: Cell | None = None

    def side(self, studied: Studied, signs: Mapping[Poly, int], direction: int) -> _Side:
        """The formulas on the side where the quantities that move have these signs.

        Raises:
            _NoSide: there is none.
        """
        try:
            cell = self.still or Cell(self.cell.generators)
            for factor, sign in self.cell.steps if self.still is None else ():
                cell = cell if factor in signs else cell.side(factor, sign)
            self.still = cell
            for factor, sign in signs.items():
                cell = cell.side(factor, sign)
        except Empty:
            raise _NoSide from None
        part = Part(cell)
        for _ in range(_MOST_ASKED):
            beside = part.own = part.own or _Beside(part.cell.copy(), self, studied.name)
            self.on_side(beside.cell, direction)
            try:
                return self._read(studied, beside)
            except Split as split:
                part = part.on(part.cell.side(split.factor, self.sign_beside(split.factor)), split.factor)
            except Empty:
                raise Undecided from None
        raise Undecided

    def _read(self, studied: Studied, beside: Reader) -> _Side:
        first, *others = studied.formulas
        try:
            found = [beside.read(first)]
        except Unread:
            raise Undecided from None
        except NoValue:
            return _Side(ends=True)
        try:
            found += [beside.read(formula) for formula in others]
            return _Side([self._limit(r) for r in found])
        except NoValue:
            raise Undecided from None

    def _limit(self, r: Ratio) -> Ratio | None:
        try:
            return self.value(r)
        except Infinite:
            return None


class _Beside(Reader):
    """Reads formulas beside a point, where floors are numbers."""

    def __init__(self, cell: Cell, point: _Point, name: str):
        super().__init__(cell, point.reader.intern, work=point.reader.work)
        self.point, self.along, self.cuts = point, name, True

    def _floor_of_rest(self, x: Ratio) -> Ratio:
        """The number that it is on this side."""
        try:
            whole = self.point.reader.floor(self.point.value(x))
        except Split as split:
            raise AtPoint(split) from None
        except (Infinite, NoValue):
            raise Undecided from None
        slope = derivative_of_ratio(self.generators, whole, self.along)
        if slope is None or not slope.top.is_zero():  # only at the point it is that
            whole = self.floor_of(x)
        signs = self.cell.signs(x - whole)
        if -1 not in signs:
            return whole
        if len(signs) == 1:
            return whole - ratio(1)
        self.cell.cut_by(x - whole)
        raise Undecided
