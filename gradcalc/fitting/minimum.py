"""The minimum of a sum of squares, enclosed by an interval Newton step in balls.

F is the gradient of half the sum of squares, J^T r, and F' = J^T J + sum r_i H_i with exact second derivatives. With Y
near the inverse of F' at m, Krawczyk's K = m - Y F(m) + (I - Y F'(X))(X - m) lies inside the box X only if X has
exactly one zero of F, and it is in K (Neumaier 1990, Interval Methods for Systems of Equations, 5.1). It is a minimum
if F' is positive definite all over X.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx

from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.program import program_of
from gradcalc.engine.rules import NoRule
from gradcalc.engine.scalars import BALL, exact_ball, rising
from gradcalc.engine.tape import Tape, tape_of
from gradcalc.engine.value import data_of
from gradcalc.language.errors import BITS_PER_DIGIT
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass

from .problem import Problem

_BITS = (128, 512)  # the first precision and the last
_DIGITS = 17  # to which an enclosure is to be known: those of a double
_MOST_WORK = 600_000  # entries of tapes, rows and parameters together, that are computed in balls
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A box in balls that certainly holds a minimum, as a record of what is certain.

    Attributes:
        digits: of the parameters that are certain, of all of them; 0 where nothing is enclosed, for `reason`.
        minimum: whether it is shown that the sum of squares has a local minimum there.
        parameters: the nearest doubles.
        sum_of_squares: its nearest double.
        inverse: of J^T J, the covariance but for a factor; empty where it is not known.
        bits: of precision that it took.
    """

    digits: int = 0
    minimum: bool = False
    reason: str = ""
    parameters: tuple[float, ...] = ()
    sum_of_squares: float = math.nan
    inverse: tuple[tuple[float, ...], ...] = ()
    bits: int = 0


_SINGULAR = Enclosure(reason="the data do not tell the parameters apart: the second derivatives are singular")


def enclose(problem: Problem, near: Sequence[float], at_bounds: Sequence[bool]) -> Enclosure:
    """The minimum near a point, where parameters at a bound stay there.

    The data are the decimal numbers of fewest digits that their doubles are nearest to.
    """
    system = _System.of(problem, [i for i, bound in enumerate(at_bounds) if not bound], near)
    if system is None:
        return Enclosure(reason="the formula has kinks")
    if system.work > _MOST_WORK:
        return Enclosure(reason=f"{problem.rows:,} rows are too many to be computed in balls")

    def attempt(bits: int, last: bool) -> Enclosure | None:
        try:
            found = system.enclosed(bits)
        except _WithoutDerivatives as error:
            why = f"around it, row {error} of the data has no second derivatives that balls can bound"
            found = Enclosure(reason=why)
        return found if last or found.digits >= _DIGITS else None

    return rising(attempt, *_BITS)


class _WithoutDerivatives(Exception):
    """A row of the data, by its number."""


@dataclass(frozen=True, slots=True)
class _Gradient:
    """The sum of squares, F in the parameters that move, the same derivatives by those held at a bound, and J^T J."""

    total: Any
    moving: Any
    held: Mapping[int, Any]
    normal: Any


@dataclass(frozen=True, slots=True)
class _System:
    """The system F = 0 in the parameters at the places `free`, over balls."""

    problem: Problem
    free: list[int]
    at: tuple[float, ...]
    first: _Derivatives
    second: list[_Derivatives]

    @classmethod
    def of(cls, problem: Problem, free: list[int], at: Sequence[float]) -> _System | None:
        names = tuple(problem.names[i] for i in free)
        leaves = (*problem.names, *problem.columns)
        rows = [row for row in program_of(problem.residual).rows if row is not None]
        if not all((row.smooth and row.partials) or row.condition or row.name == "if" for row in rows):
            return None  # but for branches, which balls decide or there are no derivatives
        first = _Derivatives.of(problem.residual, leaves, problem.names)
        second = [_Derivatives.of(problem.derivatives[name], leaves, names) for name in names]
        return cls(problem, free, tuple(at), first, second)

    @property
    def work(self) -> int:
        return self.problem.rows * (self.first.work + sum(each.work for each in self.second))

    def _rows(self) -> list[list[Any]]:
        """The data in balls at the precision in force."""
        columns = [[BALL.number(Fraction(repr(float(x)))) for x in column] for column in self.problem.columns.values()]
        return [list(row) for row in zip(*columns, strict=True)]

    def gradient(self, at: list[Any], rows: list[list[Any]], bits: int) -> _Gradient:
        """The sum of squares and its derivatives."""
        size = len(self.free)
        total, force, normal = arb(0), [arb(0)] * len(at), [[arb(0)] * size for _ in range(size)]
        for r, all_slopes in self._over(self.first, at, rows, bits):
            total += r * r
            force = [sum_ + r * slope for sum_, slope in zip(force, all_slopes, strict=True)]
            slopes = [all_slopes[i] for i in self.free]
            for i, slope in enumerate(slopes):
                for j in range(i + 1):
                    normal[i][j] += slope * slopes[j]
        moving = _column([force[i] for i in self.free])
        held = {i: part for i, part in enumerate(force) if i not in self.free}
        return _Gradient(total, moving, held, arb_mat(_symmetric(normal)))

    def curvature(self, at: list[Any], rows: list[list[Any]], bits: int) -> Any:
        """F' over a box."""
        size = len(self.free)
        found = [[arb(0)] * size for _ in range(size)]
        second = [self._over(each, at, rows, bits) for each in self.second]
        for (r, all_slopes), *all_bends in zip(self._over(self.first, at, rows, bits), *second, strict=True):
            slopes = [all_slopes[i] for i in self.free]
            for i, (_, bends) in enumerate(all_bends):
                for j in range(i + 1):
                    found[i][j] += slopes[i] * slopes[j] + r * bends[j]
        return arb_mat(_symmetric(found))

    def _over(
        self, each: _Derivatives, at: list[Any], rows: list[list[Any]], bits: int
    ) -> Iterator[tuple[Any, list[Any]]]:
        """The value and the gradient of each row."""
        for i, row in enumerate(rows):
            try:
                yield each.at([*at, *row], bits)
            except (ArithmeticError, ValueError):
                raise _WithoutDerivatives(i + 1) from None

    def enclosed(self, bits: int) -> Enclosure:
        rows = self._rows()
        at = [exact_ball(x) for x in self.at]
        if not self.free:
            return self._held(at, rows, bits)
        middle = [at[i] for i in self.free]
        inverse, last = None, None
        for _ in range(_STEPS):  # to the zero, by steps that need not be exact
            force = self.gradient(self._whole(at, middle), rows, bits).moving
            if inverse is None:
                inverse = _near_inverse(self.curvature(self._whole(at, middle), rows, bits))
            if inverse is None:
                return _SINGULAR
            moves = [entry.mid() for entry in (inverse * force).entries()]
            middle = [(x - move).mid() for x, move in zip(middle, moves, strict=True)]
            size = max(float(abs(move) / (abs(x) + arb(2) ** -1000)) for x, move in zip(middle, moves, strict=True))
            if not math.isfinite(size) or size < 2.0 ** (16 - bits):
                break
            if last is not None and size > last / 1000:
                inverse = None
            last = size
        force = self.gradient(self._whole(at, middle), rows, bits).moving
        inverse = _near_inverse(self.curvature(self._whole(at, middle), rows, bits))
        if inverse is None:
            return _SINGULAR
        step = inverse * force
        radii = [
            2 * abs(entry).upper() + abs(x).upper() * arb(2) ** (20 - bits) + arb(2) ** (-4 * bits)
            for entry, x in zip(step.entries(), middle, strict=True)
        ]
        offsets = [arb(0, radius) for radius in radii]
        box = [x + offset for x, offset in zip(middle, offsets, strict=True)]
        curved = self.curvature(self._whole(at, box), rows, bits)
        unit = arb_mat([[int(i == j) for j in range(len(middle))] for i in range(len(middle))])
        image = _column(middle) - step + (unit - inverse * curved) * _column(offsets)
        sides = zip(image.entries(), box, strict=True)
        if not all(x.is_finite() and x.lower() > side.lower() and x.upper() < side.upper() for x, side in sides):
            return Enclosure(reason="a Newton step in balls does not stay in its box: the minimum is too flat, or none")
        return self._found(self._whole(at, image.entries()), rows, bits, curved)

    def _held(self, at: list[Any], rows: list[list[Any]], bits: int) -> Enclosure:
        """A minimum with all parameters at a bound."""
        found = self.gradient(at, rows, bits)
        if not self._pressed(found.held):
            return Enclosure(reason="all parameters are at a bound, and may leave it")
        return Enclosure(_DIGITS, True, "", self.at, float(found.total.mid()), (), bits)

    def _whole(self, at: list[Any], free: list[Any]) -> list[Any]:
        """All parameters, those at bounds as they are."""
        found = list(at)
        for place, value in zip(self.free, free, strict=True):
            found[place] = value
        return found

    def _pressed(self, held: Mapping[int, Any]) -> bool:
        """Whether the sum of squares certainly grows where a parameter leaves its bound."""
        near = {i: self.problem.low[i] for i in held}
        return all(force > 0 if self.at[i] == near[i] else force < 0 for i, force in held.items())

    def _found(self, box: list[Any], rows: list[list[Any]], bits: int, curved: Any) -> Enclosure:
        found = self.gradient(box, rows, bits)
        try:
            inverse = tuple(tuple(float(x.mid()) for x in row) for row in found.normal.inv().tolist())
        except ZeroDivisionError:
            inverse = ()
        scales = [math.sqrt(abs(row[i])) for i, row in enumerate(inverse)] or [0.0] * len(self.free)
        digits = min(_digits(box[i], scale) for i, scale in zip(self.free, scales, strict=True))
        is_minimum = _positive_definite(curved) and self._pressed(found.held)
        return Enclosure(
            max(digits, 0), is_minimum, "" if digits > 0 else "its digits are not certain",
            tuple(0.0 if ball.contains(0) else float(ball.mid()) for ball in box),
            float(found.total.mid()), inverse, bits,
        )  # fmt: skip


def _digits(ball: Any, scale: float) -> int:
    """The digits of a parameter that are certain; of one that may be 0, in parts of what changes residuals by 1."""
    if not ball.contains(0):
        return int(min(ball.rel_accuracy_bits(), ctx.prec) / BITS_PER_DIGIT)  # of an exact one, what is computed with
    reach = float(abs(ball).upper())
    return int(math.log10(scale / reach)) if 0 < reach < scale else _DIGITS if reach == 0 else 0


def _column(entries: Sequence[Any]) -> Any:
    return arb_mat([[entry] for entry in entries])


def _symmetric(lower: list[list[Any]]) -> list[list[Any]]:
    size = len(lower)
    return [[lower[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]


def _near_inverse(matrix: Any) -> Any:
    """The middle of the inverse; None where the matrix may be singular."""
    try:
        return matrix.mid().inv().mid()
    except ZeroDivisionError:
        return None


def _positive_definite(matrix: Any) -> bool:
    """Whether all symmetric matrices in it are positive definite, by leading minors; False where not certain."""
    rows = matrix.tolist()
    return all(arb_mat([row[:k] for row in rows[:k]]).det() > 0 for k in range(1, len(rows) + 1))


# ---- a formula's value and gradient in balls, row after row


@dataclass(frozen=True, slots=True)
class _Derivatives:
    """The gradient by `wrt` at values of `leaves`: by a tape, and where that gives up because it computes branches that
    are not taken, as in the derivative of `x^b` at x = 0, by a graph."""

    formula: Formula
    leaves: tuple[str, ...]
    wrt: tuple[str, ...]
    tape: Tape | None
    lowering: Lowering

    @classmethod
    def of(cls, formula: Formula, leaves: tuple[str, ...], wrt: tuple[str, ...]) -> _Derivatives:
        tape = tape_of(program_of(formula), BALL, leaves, wrt)
        return cls(formula, leaves, wrt, tape, Lowering(formula, BALL, wrt))

    @property
    def work(self) -> int:
        """The entries that are computed for a row."""
        return len(program_of(self.formula))

    def at(self, values: Sequence[Any], bits: int) -> tuple[Any, list[Any]]:
        """The value and the gradient, at the precision in force, which is `bits`.

        Raises:
            ArithmeticError, ValueError: they cannot be told.
        """
        try:
            if self.tape is not None:
                value, slopes = self.tape.value_and_grad(values, bits)
                if all(each.is_finite() for each in (value, *slopes)):
                    return value, slopes
        except (ArithmeticError, ValueError, NoRule):
            pass
        return self._by_graph(values)

    def _by_graph(self, values: Sequence[Any]) -> tuple[Any, list[Any]]:
        graph = self.lowering.graph(dict(zip(self.leaves, values, strict=True)))
        root = graph.root
        if isinstance(root, Failure):
            raise ArithmeticError(root.error.message)
        slopes = [*graph.gradient(self.wrt).values()]
        if not all(slope.is_finite() for slope in slopes):
            raise ArithmeticError("a derivative is not finite")
        return data_of(root), slopes
