"""Sampling: values drawn from normal distributions, and the formula computed over them in columns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

from gradcalc.compiled import Compiled
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import UndefinedError, needing
from gradcalc.language.formula import Formula, free_names
from gradcalc.record import dataclass, replace

from .correlation import Matrix, factor

_FIRST, _MOST = 100, 100_000  # draws computed at a time
_AT_ONCE = 12  # parts that are summed up in a moment
_BAR = 0.1  # of the uncertainty: a difference below it changes nothing that people write
_SURE = 3  # standard errors


@dataclass(frozen=True, slots=True)
class Draws:
    """So many draws, from this seed."""

    count: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sampled:
    """The mean and the standard deviation of a formula over normally distributed values, with their standard errors.

    Attributes:
        interval: from which to which number the middle 95 % of the values go.
        count: of the draws that have a value.
        without: of those that have none.
        seed: of the draws.
        unfinished: whether there was no time for all of them.
    """

    mean: float
    deviation: float
    mean_error: float
    deviation_error: float
    interval: tuple[float, float]
    count: int
    without: int
    seed: int
    unfinished: bool = False

    def agreement(self, mean: float, deviation: float) -> str:
        """`agrees` where mean and deviation are these within 10 % of the deviation, `differs` where they are not, and
        `undecided` where too few were drawn to tell. Draws without a value always make a difference."""
        if self.without or not math.isfinite(deviation):
            return "differs"
        allowed = _BAR * max(deviation, self.deviation if deviation == 0 else 0.0)
        apart = (
            (abs(self.mean - mean), _SURE * self.mean_error),
            (abs(self.deviation - deviation), _SURE * self.deviation_error),
        )
        if any(distance - error > allowed for distance, error in apart):
            return "differs"
        return "agrees" if all(distance <= allowed and error <= allowed for distance, error in apart) else "undecided"


def sample(
    formula: Formula, at: Mapping[str, float], uncertainties: Mapping[str, float], correlations: Matrix, draws: Draws
) -> Sampled:
    """A formula over draws from the normal distribution with these values, uncertainties and correlations.

    Raises:
        MissingLibraryError: NumPy is not installed.
        UndefinedError: fewer than two draws have a value.
    """
    with needing("sampling", "data"):
        import numpy as np
    names = [*uncertainties]
    root = _root(correlations)
    own = [name for name in free_names(formula) if name in at]  # e may be among them
    compiled, random, parts = Compiled(formula, (), names=own), np.random.default_rng(draws.seed), []
    done = 0
    try:
        while done < draws.count:
            normal = random.standard_normal((min(max(_FIRST, done), _MOST, draws.count - done), len(names)))
            with warnings.catch_warnings(action="ignore"):  # rows without a value are counted below
                moved = {
                    name: at[name] + uncertainties[name] * sum(normal[:, j] * r for j, r in row.items())
                    for name, row in zip(names, root, strict=True)
                }
                found = compiled.value(**{name: moved.get(name, at[name]) for name in compiled.names})
            parts.append(np.broadcast_to(found, len(normal)))
            done += len(normal)
    except OutOfTime:
        if not parts:
            raise
        parts = parts[:_AT_ONCE]
    values = np.concatenate(parts)
    summary = _summary(values[np.isfinite(values)], Draws(len(values), draws.seed), formula)
    return replace(summary, unfinished=len(values) < draws.count)


def _root(matrix: Matrix) -> list[dict[int, float]]:
    """A matrix that gives independent numbers these correlations."""
    found = factor(matrix)
    assert found is not None
    lower, pivots = found
    return [{j: float(x) * math.sqrt(pivots[j]) for j, x in row.items()} for row in lower]


def _summary(values: Any, draws: Draws, formula: Formula) -> Sampled:
    import numpy as np

    count = len(values)
    if count < 2:
        raise UndefinedError(f"{draws.count - count} of {draws.count} draws have no value", formula.span)
    unit = _unit_of(values)  # in which no fourth power leaves the range of doubles
    values = values / unit
    center = float(np.mean(values))
    left = values - center
    part = _unit_of(left)
    left = left / part
    variance, fourth = float(np.sum(left**2)) / (count - 1), float(np.mean(left**4))
    mean, size, length = center * unit, part * unit, math.sqrt(variance)
    deviation = length * size
    error = math.sqrt(max(0.0, fourth - variance**2) / count) / (2 * length) * size if length else 0.0
    low, high = (float(x) * unit for x in np.quantile(values, (0.025, 0.975)))
    return Sampled(
        mean, deviation, deviation / math.sqrt(count), error, (low, high), count, draws.count - count, draws.seed
    )


def _unit_of(values: Any) -> float:
    """The power of 2 of the largest of some numbers."""
    largest = float(abs(values).max())
    return 2.0 ** (math.frexp(largest)[1] - 1) if largest else 1.0
