"""A function of the user's along lines through the point, and its second derivatives there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, cached_property

from .differences import Difference, second_difference
from .forms import Numbers
from .line import Line
from .result import CheckQuestion
from .smooth import smooth
from .subject import Subject

Direction = tuple[float, ...]


class Lines:
    """The lines of a `question` about a function: directions, and steps in parts of them."""

    function: Subject
    question: CheckQuestion
    numbers: Numbers
    widest: float

    @cached_property
    def _at(self) -> Callable[..., Sequence[float]]:
        """The values a step along a direction, asked for once."""
        return cache(self._unkept)

    @cached_property
    def _seconds(self) -> Callable[[Direction], Difference]:
        return cache(self._second)

    def _unkept(self, direction: Direction, step: float, finer: bool = False) -> Sequence[float]:
        point = [x + step * d for x, d in zip(self.numbers, direction, strict=True)]
        return self.function.quantities_beside(point, finer)

    def _line(self, direction: Direction, row: int, scale: float = 1.0) -> Line:
        return Line(lambda step: self._at(direction, step)[row], scale)

    def _gap(self, direction: Direction, row: int, scale: float = 1.0) -> Line:
        """How far the function's values are from those by tighter tolerances."""
        return Line(lambda step: self._at(direction, step, True)[row] - self._at(direction, step)[row], scale)

    def _axis(self, axis: int, size: float = 1.0) -> Direction:
        return tuple(size if i == axis else 0.0 for i in range(len(self.numbers)))

    def _size(self, axis: int) -> float:
        """The size of a number of the point: a power of 2, so that it and a step are exactly their sum."""
        x = self.numbers[axis]
        return 2.0 ** (math.frexp(x)[1] - 1) if x else 1.0

    def _unit_of(self, vector: Direction) -> float:
        """The step along a vector that moves no number by more than its size."""
        return 1 / (max(abs(v) / self._size(i) for i, v in enumerate(vector)) or 1.0)

    def _sums(self, first: Direction, other: Direction) -> list[Direction]:
        """The sum of two directions, and their difference."""
        return [tuple(a + side * b for a, b in zip(first, other, strict=True)) for side in (1.0, -1.0)]

    def _second(self, direction: Direction) -> Difference:
        if not any(direction):
            return Difference(0.0, 0.0)
        line = self._line(direction, 0)
        return smooth(line, 2, self.widest) or second_difference(line)

    def _mixed(self, first: Direction, other: Direction) -> Difference:
        """The second derivative along two directions, from those along their sum and their difference."""
        plus, minus = map(self._seconds, self._sums(first, other))
        return Difference((plus.derivative - minus.derivative) / 4, (plus.error + minus.error) / 4)

    def _first(self, row: int) -> tuple[Direction, float]:
        """The direction of the first one of two derivatives, and how much of what is asked for it is."""
        if self.question.word == "hessian":
            axis = self.function.form.names.index(self.function.answer.names[row])
            return self._axis(axis, self._size(axis)), self._size(axis)
        unit = self._unit_of(self.question.vector)
        return tuple(v * unit for v in self.question.vector), unit
