"""A fit as a picture: the data, the curve, and the band in which the curve lies with a probability of 95 %."""

from __future__ import annotations

import math

from gradcalc.compiled import Compiled
from gradcalc.fitting import Fit
from gradcalc.gradients import evaluate
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import expression, free_names
from gradcalc.record import dataclass

_POINTS = 401
_MARGIN = 0.02  # of the range of the data on both sides


@dataclass(frozen=True, slots=True)
class Fitted:
    """Points of data, and points of the curve with the heights of its band; `name` is across, `title` above."""

    name: str
    title: str
    data: tuple[tuple[float, float], ...]
    curve: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...]


def fitted(fit: Fit) -> Fitted:
    """A fit over its one column.

    Raises:
        FormulaError: the formula has several columns, or none.
    """
    import numpy as np
    from scipy.stats import t

    problem = fit.problem
    across = [name for name in free_names(fit.formula) if name in problem.columns]
    if len(across) != 1:
        what = f"this one has {', '.join(across)}" if across else "this one has none"
        raise FormulaError(f"a fit is drawn over one column, and {what}", fit.formula.span)
    xs = problem.columns[across[0]]
    ys = np.broadcast_to(evaluate(problem.response, problem.columns), xs.shape)
    margin = _MARGIN * (float(xs.max() - xs.min()) or 1.0)
    places = np.linspace(xs.min() - margin, xs.max() + margin, _POINTS)
    model = Compiled(fit.formula, [*fit.parameters], names=[*fit.parameters, *across])
    heights, slopes = model.value_and_grad(*fit.parameters.values(), places)
    matrix = np.array([[fit.covariance[a][b] for b in fit.parameters] for a in fit.parameters])
    along = np.stack([np.broadcast_to(slopes[name], places.shape) for name in fit.parameters])
    spread = np.sqrt(np.maximum(0.0, np.einsum("ik,ij,jk->k", along, matrix, along)))
    reach = float(t.ppf(0.975, fit.degrees_of_freedom)) * spread if fit.degrees_of_freedom > 0 else math.nan * spread
    heights = np.broadcast_to(heights, places.shape)

    def pairs(a: object, b: object) -> tuple[tuple[float, float], ...]:
        return tuple(zip(map(float, a), map(float, b), strict=True))  # type: ignore[call-overload]

    title = f"{expression(problem.response)} = {expression(fit.formula, 60)}"
    return Fitted(across[0], title, pairs(xs, ys), pairs(places, heights), pairs(heights - reach, heights + reach))
