"""A fit: parameters, their standard errors and covariance, how well the formula fits, and what is certain of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

from gradcalc.gradients import evaluate
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.grammar import read_bindings, read_bounds as bounds_in
from gradcalc.language.uncertain import parts
from gradcalc.record import dataclass, field, replace
from gradcalc.shown import shows
from gradcalc.work import OUT_OF_TIME

from .minimum import Enclosure, enclose
from .problem import More, Problem, posed
from .solver import Progress, Solution, solve

_NEAR_BOUND = 1e-6  # of the distance from the start, or of the bound


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, repr=False)
class Fit:
    """A formula fitted to data.

    Attributes:
        parameters: the fitted numbers by name; where the minimum is enclosed, the doubles nearest to it.
        errors: their standard errors, from the scatter of the residuals: sqrt of the diagonal of `covariance`. Zero
            for parameters at a bound; nan where the data do not determine them.
        covariance: s^2 (J^T J)^-1.
        residual_deviation: s, the square root of the sum of squares by the degrees of freedom; nan where there are
            none. With a column of uncertainties it is in units of these.
        r_squared: the share of the variance of the response that is explained.
        enclosure: what is certain of the minimum.
        pictured: whether data, curve and band are drawn below it where it is told as a text.
    """

    problem: Problem
    solution: Solution
    parameters: dict[str, float]
    errors: dict[str, float]
    covariance: dict[str, dict[str, float]]
    sum_of_squares: float
    degrees_of_freedom: int
    residual_deviation: float
    r_squared: float
    at_bounds: tuple[str, ...]
    enclosure: Enclosure
    pictured: bool = False

    @property
    def ended(self) -> bool:
        """Whether the method says that it has arrived, or the minimum is enclosed."""
        return self.solution.arrived or self.enclosure.digits > 0

    @property
    def formula(self) -> Formula:
        return self.problem.model

    @property
    def rows(self) -> int:
        return self.problem.rows


def fit(
    formula: str | Formula,
    data: Any,
    *,
    y: str | Formula,
    start: Mapping[str, Any],
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Fit:
    """The parameters with which a formula is nearest to data, by nonlinear least squares.

    Args:
        data: a mapping of names to columns, as a data frame is, or the path of a CSV or Parquet file.
        y: the column that the formula is to equal, or a formula of columns such as `log(y)`.
        start: the parameters and the numbers to begin at. All other names are columns, or `fixed`.
        progress: called with the number of evaluations and the sum of squares.
        more: `sigma`, the column of the standard uncertainties of `y`, by which residuals are divided; `bounds` of
            parameters, such as {"b1": (0, None)}; `fixed` parameters with their values.

    Raises:
        FormulaError: the data cannot be read, or a name is neither a column nor a parameter.
        UndefinedError: a row has no value at the start.
        MissingLibraryError: SciPy is not installed.
    """
    return fitted(posed(formula, data, y, start, **more), progress)


def fitted(problem: Problem, progress: Progress | None = None) -> Fit:
    """The answer to a problem."""
    solution = solve(problem, progress)
    late = solution.late  # when no further pass over the data is begun
    bound, near = ([False] * len(problem.names), [*solution.parameters]) if late else _at_bounds(problem, solution)
    enclosure = Enclosure(reason=OUT_OF_TIME) if late else _enclosed(problem, near, bound)
    free = [i for i, held in enumerate(bound) if not held]
    certain = enclosure.digits > 0
    numbers = enclosure.parameters if certain else near
    total = enclosure.sum_of_squares if certain else solution.sum_of_squares
    if any(bound) and not certain:
        total = float((problem.residuals(near) ** 2).sum())
    inverse = enclosure.inverse or (_unknown(free) if late else _inverse(problem, numbers, free))
    freedom = problem.rows - len(free)
    variance = total / freedom if freedom > 0 else math.nan
    names = problem.names
    covariance = {x: dict.fromkeys(names, 0.0) for x in names}
    for i, row in zip(free, inverse, strict=True):
        covariance[names[i]].update({names[j]: variance * entry for j, entry in zip(free, row, strict=True)})
    errors = {name: math.sqrt(square) if (square := covariance[name][name]) >= 0 else math.nan for name in names}
    return Fit(
        problem, solution, dict(zip(names, numbers, strict=True)), errors, covariance, total, freedom,
        math.sqrt(variance) if freedom > 0 else math.nan, _r_squared(problem, total),
        tuple(name for name, held in zip(names, bound, strict=True) if held), enclosure,
    )  # fmt: skip


def _enclosed(problem: Problem, near: Sequence[float], bound: Sequence[bool]) -> Enclosure:
    try:
        return enclose(problem, near, bound)
    except OutOfTime:
        return Enclosure(reason=OUT_OF_TIME)


def _at_bounds(problem: Problem, solution: Solution) -> tuple[list[bool], list[float]]:
    """Which parameters the fit has driven to a bound, and the parameters with these put there: the method itself stays
    a little inside. The sum of squares must fall towards the bound."""
    found = solution.parameters
    force = problem.jacobian(found).T @ problem.residuals(found)
    held, near = [], []
    for x, low, high, slope in zip(found, problem.low, problem.high, force, strict=True):
        scale = max(1.0, abs(x)) if math.isinf(high - low) else high - low
        below, above = x - low < _NEAR_BOUND * scale and slope > 0, high - x < _NEAR_BOUND * scale and slope < 0
        held.append(bool(below or above))
        near.append(low if below else high if above else x)
    return held, near


def _inverse(problem: Problem, numbers: Sequence[float], free: Sequence[int]) -> Sequence[Sequence[float]]:
    """The inverse of J^T J in doubles, by the singular values of J with its columns scaled; nan where they are told
    apart by less than rounding."""
    import numpy as np

    if not free:
        return []
    jacobian = problem.jacobian(numbers)[:, free]
    scale = np.linalg.norm(jacobian, axis=0)
    if not np.isfinite(jacobian).all() or not scale.all():
        return _unknown(free)
    _, values, right = np.linalg.svd(jacobian / scale, full_matrices=False)
    if values[-1] <= np.finfo(float).eps * problem.rows * values[0]:
        return _unknown(free)
    found: list[list[float]] = ((right.T / values**2) @ right / np.outer(scale, scale)).tolist()
    return found


def _unknown(free: Sequence[int]) -> Sequence[Sequence[float]]:
    return [[math.nan] * len(free)] * len(free)


def _r_squared(problem: Problem, total: float) -> float:
    import numpy as np

    columns = problem.columns
    y = np.broadcast_to(evaluate(problem.response, columns), (problem.rows,))
    weights = columns[problem.sigma] ** -2.0 if problem.sigma else np.ones(problem.rows)
    mean = float(np.sum(weights * y) / np.sum(weights))
    around = float(np.sum(weights * (y - mean) ** 2))
    return 1 - total / around if around > 0 else math.nan


# ---- a fit as it is typed: the texts of starts, bounds and columns


@dataclass(frozen=True)
class Wanted:
    """A fit but for its formula. `pictured` tells that data, curve and band are to be drawn below the answer;
    `progress` is told how it goes, and closed in the end."""

    y: str
    data: str
    start: Mapping[str, Formula]
    sigma: str = ""
    bounds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    pictured: bool = False
    progress: Any = None

    def of(self, formula: Formula, values: Mapping[str, Formula]) -> Fit:
        """The formula fitted; names among the `values` are fixed."""
        try:
            found = fit(
                formula, self.data, y=self.y, start=self.start, sigma=self.sigma or None,
                bounds=self.bounds, fixed=values, progress=self.progress,
            )  # fmt: skip
            return replace(found, pictured=self.pictured)
        finally:
            if self.progress is not None:
                self.progress.close()


def read_start(texts: Iterable[str]) -> dict[str, Formula]:
    """The numbers that parameters begin at, in texts such as `b1=500,b2=1e-4`.

    Raises:
        FormulaSyntaxError: a text is none.
        FormulaError: a parameter is given twice.
    """
    found: dict[str, Formula] = {}
    for statement in (statement for text in texts for statement in read_bindings(text)):
        if statement.name in found:
            raise FormulaError(f"{statement.name} starts twice", statement.span, "give each parameter one start")
        value, size = parts(statement.formula)
        if size is not None:
            message = f"{statement.name} begins at a number, which has no uncertainty"
            raise FormulaError(message, statement.span, "leave it out: the fit finds that of the parameter")
        found[statement.name] = value
    return found


def read_bounds(texts: Iterable[str]) -> dict[str, tuple[float | None, float | None]]:
    """The bounds of parameters, in texts such as `b1=0:,b2=-1:1`.

    Raises:
        FormulaError: a text is none, or a parameter is given twice.
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for each in (each for text in texts for each in bounds_in(text)):
        if each.name in found:
            raise FormulaError(f"{each.name} has bounds twice", each.span, "give them once")
        low, high = (None if end is None else evaluate(end) for end in (each.low, each.high))
        found[each.name] = (low, high)
    return found
