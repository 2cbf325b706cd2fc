"""SciPy's least squares over a problem, with our exact Jacobian."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from gradcalc.helper import OutOfTime
from gradcalc.record import dataclass

from .problem import Problem

_TOLERANCE = 1e-15  # as far as doubles can tell
_MOST = 5_000  # evaluations

Progress = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Solution:
    """The parameters that a method ends with, how it came there, and whether it says that it has arrived; or the best
    that were tried by the time it was too `late` to go on."""

    parameters: tuple[float, ...]
    sum_of_squares: float
    method: str
    evaluations: int
    arrived: bool
    late: bool = False


def solve(problem: Problem, progress: Progress | None = None) -> Solution:
    """The least squares from the problem's start.

    The trust region method, by the scale of the Jacobian's columns; where that does not arrive, Levenberg-Marquardt
    from the start, if there are no bounds, and the better of the two.

    Raises:
        UndefinedError: a row has no value at the start.
    """
    import numpy as np

    begin = np.array([*problem.start.values()])
    without = np.flatnonzero(~np.isfinite(problem.residuals(begin)))
    if len(without):
        raise problem.why_no_value(begin, int(without[0]))
    found = _by("trf", "trust region", problem, begin, progress)
    free = all(map(math.isinf, (*problem.low, *problem.high)))
    if found is not None and (found.arrived or found.late or not free):
        return found
    other = _by("lm", "Levenberg-Marquardt", problem, begin, progress) if free else None
    both = [each for each in (found, other) if each is not None]
    if not both:
        raise problem.why_no_value(begin, 0)
    return min(both, key=lambda each: each.sum_of_squares)


def _by(method: str, words: str, problem: Problem, begin: Any, progress: Progress | None) -> Solution | None:
    """The end of a method; None where it gives up because rows lose their values."""
    import numpy as np
    from scipy.optimize import least_squares

    count, best = 0, (math.inf, tuple(map(float, begin)))

    def residuals(parameters: Any) -> Any:
        nonlocal count, best
        count += 1
        found = problem.residuals(parameters)
        total = float(np.sum(found**2))
        if total < best[0]:
            best = total, tuple(map(float, parameters))
        if progress is not None:
            progress(count, total)
        return found

    bounds = {} if method == "lm" else {"bounds": (problem.low, problem.high)}
    with warnings.catch_warnings(action="ignore"):  # a step beyond a domain is taken back
        try:
            end = least_squares(
                residuals, begin, problem.jacobian, method=method, x_scale="jac", max_nfev=_MOST,
                ftol=_TOLERANCE, xtol=_TOLERANCE, gtol=_TOLERANCE, **bounds,
            )  # fmt: skip
        except (ValueError, np.linalg.LinAlgError):
            return None
        except OutOfTime:
            if math.isinf(best[0]):
                raise
            return Solution(best[1], best[0], f"{words} ({method})", count, False, late=True)
    if not math.isfinite(end.cost):
        return None
    return Solution(tuple(map(float, end.x)), float(2 * end.cost), f"{words} ({method})", count, end.status > 0)
