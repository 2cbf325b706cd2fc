"""Uncertainties through a formula: to first order by its exact gradient, to second order by its Hessian.

The formulas are those of the Guide to the expression of uncertainty in measurement (JCGM 100:2008, 5.1.2 and 5.2.2);
the second order is that of normally distributed values.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from gradcalc.certified import certify
from gradcalc.engine.lowering import Real, as_constant, leaves, with_ends
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import dyadic
from gradcalc.gradients import evaluate, hessian, value_and_grad
from gradcalc.language.errors import (
    LIMITS,
    NOWHERE,
    FormulaError,
    LimitError,
    NotDifferentiableError,
    UndecidedError,
    UndefinedError,
)
from gradcalc.language.formula import Formula, expression
from gradcalc.language.grammar import read_value
from gradcalc.language.uncertain import parts, uncertain as with_uncertainty
from gradcalc.record import dataclass, field, replace
from gradcalc.shown import shows

from .correlation import Correlations, Matrix, among, applied, correlation_matrix
from .nearby import Nearby, nearby
from .sampling import Draws, Sampled, sample

_BAR = 0.1  # of the uncertainty: a change beyond it is said


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """The mean and the standard deviation to second order; `matters` where one of them is more than 10 % of the
    first-order uncertainty away from what the first order gives."""

    mean: float
    deviation: float
    matters: bool


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Propagated:
    """The value of a formula with its standard uncertainty.

    Attributes:
        uncertainty: to first order; nan where there is none, for `reason`.
        shares: of the variance by name, 1 in all. With correlations they may be negative.
        at: the values.
        uncertainties: of the names.
        gradient: the derivatives by these names.
        second: the second order; None where it could not be computed.
        nearby: kinks, jumps and edges of the domain within two standard deviations.
        sampled: what sampling gives, where that was asked for.
    """

    formula: Formula
    value: float
    uncertainty: float
    shares: dict[str, float]
    at: dict[str, float]
    uncertainties: dict[str, float]
    gradient: dict[str, float]
    second: SecondOrder | None = None
    nearby: tuple[Nearby, ...] = ()
    sampled: Sampled | None = None
    reason: str = ""
    correlations: dict[tuple[str, str], float] = field(default_factory=dict)


def uncertain(value: Real, uncertainty: Real | None = None) -> Formula:
    """A value with its standard uncertainty, to stand in a point: `uncertain("2±0.1")`, `uncertain("2.00(10)")`,
    `uncertain(2, 0.1)`.

    Raises:
        FormulaSyntaxError: the text is no value.
        FormulaError: a number is not finite, the uncertainty is negative, or there is none.
    """
    if uncertainty is not None:
        made: Formula = with_uncertainty(as_constant(value), as_constant(uncertainty), NOWHERE)
    else:
        made = read_value(value) if isinstance(value, str) else as_constant(value)
    nominal, size = parts(made)
    if size is None:
        raise FormulaError(f"{expression(made)} has no uncertainty", made.span, "write for example 2±0.1 or 2.00(10)")
    as_constant(nominal)
    size_of(as_constant(size), "the value")
    return made


def propagate(
    formula: str | Formula,
    at: Mapping[str, Any],
    correlations: Correlations | None = None,
    *,
    samples: int = 0,
    seed: int = 0,
) -> Propagated:
    """The value of a formula with its standard uncertainty.

    Args:
        at: the values by name: numbers, and those of `uncertain`, or their texts such as `2±0.1`.
        correlations: of pairs of names, 0 where none is given.
        samples: so many draws from normal distributions are computed to compare with.
        seed: of the draws.

    Raises:
        FormulaError: nothing has an uncertainty, or the correlations cannot be.
        LimitError: more draws than `Limits.samples`.
        MissingValueError: a name has no value.
        UndefinedError: the formula has no value at the point.
    """
    values, sizes = {}, {}
    for name, given in at.items():
        if isinstance(given, tuple | list) and len(given) == 2:
            help = f"write gc.uncertain({given[0]}, {given[1]})"
            raise FormulaError(f"{name} is a pair: a value with an uncertainty is none", help=help)
        read = read_value(given) if isinstance(given, str) else given
        nominal, size = parts(read) if isinstance(read, Formula) else (read, None)
        values[name] = as_constant(nominal, name)
        if size is not None:
            sizes[name] = as_constant(size, name)
    if not sizes:
        raise FormulaError("no value has an uncertainty", help='write for example at={"x": gc.uncertain("2±0.1")}')
    known = correlations or {}
    return with_samples(through(prepare(with_ends(formula, values)), values, sizes, known), known, Draws(samples, seed))


def through(
    prepared: Formula,
    values: Mapping[str, Formula],
    uncertainties: Mapping[str, Formula],
    correlations: Correlations,
    certified: bool = True,
) -> Propagated:
    """`propagate` for a prepared formula, without samples; by the float engine alone unless `certified`."""
    known = leaves(prepared, values)
    sizes = {name: size_of(size, name) for name, size in uncertainties.items()}
    whole = correlation_matrix([*sizes], correlations)
    names = [name for name in sizes if name in known]
    chosen = [place for place, name in enumerate(sizes) if name in known]
    matrix = among(whole, chosen)
    moving = {name: sizes[name] for name in names}
    at = {name: evaluate(value, certified=True) for name, value in known.items()}
    bare = Propagated(
        prepared, math.nan, math.nan, {}, at, moving, {}, nearby=nearby(prepared, at, moving, matrix),
        correlations={pair: float(r) for pair, r in correlations.items() if {*pair} <= {*names}},
    )  # fmt: skip
    first = _first_order(bare, known, matrix, certified)
    return replace(first, second=_second_order(first, known, matrix))


def with_samples(found: Propagated, correlations: Correlations, draws: Draws) -> Propagated:
    """The same with what the draws say, if there are any.

    Raises:
        LimitError: more draws than `Limits.samples`.
    """
    if draws.count > LIMITS.samples:
        raise LimitError("samples", f"{draws.count:,} draws are more than {LIMITS.samples:,}")
    names = found.uncertainties
    if not draws.count or not names:
        return found
    matrix = correlation_matrix([*names], {pair: r for pair, r in correlations.items() if {*pair} <= {*names}})
    return replace(found, sampled=sample(found.formula, found.at, names, matrix, draws))


def size_of(uncertainty: Formula, name: str) -> float:
    """A standard uncertainty as a double.

    Raises:
        FormulaError: it is negative.
        UndefinedError: it is not 0, and too small for a double.
    """
    size = evaluate(uncertainty, certified=True)
    if not size and rational_value(uncertainty):
        raise UndefinedError(f"the uncertainty of {name} is smaller than any double", uncertainty.span)
    if size < 0:
        raise FormulaError(f"the uncertainty of {name} is negative", uncertainty.span, "write it without the sign")
    return size


def _first_order(bare: Propagated, values: Mapping[str, Formula], matrix: Matrix, certified: bool) -> Propagated:
    formula, sizes = bare.formula, bare.uncertainties
    try:
        value, gradient = value_and_grad(formula, values, [*sizes], certified=certified)
    except (NotDifferentiableError, UndecidedError, UndefinedError) as error:
        return replace(bare, value=evaluate(formula, values, certified=certified), reason=error.message)
    if not all(map(math.isfinite, gradient.values())):
        return replace(bare, value=value, reason="a derivative is not finite here")
    slopes = {name: Fraction(slope) for name, slope in gradient.items()}
    if certified and (small := [name for name, slope in gradient.items() if abs(slope) < sys.float_info.min]):
        exact = certify(formula, values, small).gradient  # no double has all their digits
        slopes |= {name: dyadic(part.ball) for name, part in exact.items() if part.is_tiny}
    changes = [slopes[name] * Fraction(size) for name, size in sizes.items()]
    along = applied(matrix, changes)
    parts = [change * whole for change, whole in zip(changes, along, strict=True)]
    variance = sum(parts, Fraction(0))
    if variance and not _root(variance):
        return replace(bare, value=value, reason="it is smaller than any double")
    shares = {name: float(part / variance) if variance else 0.0 for name, part in zip(sizes, parts, strict=True)}
    return replace(bare, value=value, uncertainty=_root(variance), shares=shares, gradient=gradient)


def _second_order(first: Propagated, values: Mapping[str, Formula], matrix: Matrix) -> SecondOrder | None:
    """Mean f + tr(HS)/2 and variance g'Sg + tr(HSHS)/2, H the Hessian and S the covariance matrix."""
    if math.isnan(first.uncertainty):
        return None
    sizes = first.uncertainties
    try:
        rows = hessian(first.formula, values, [*sizes])
    except FormulaError:
        return None
    curved = [[rows[x][y] * u * v for y, v in sizes.items()] for x, u in sizes.items()]
    product = [applied(matrix, row) for row in curved]
    shift = math.fsum(row[i] for i, row in enumerate(product)) / 2
    gained = math.fsum(row[j] * product[j][i] for i, row in enumerate(product) for j in range(len(product))) / 2
    deviation = math.hypot(first.uncertainty, math.sqrt(max(0.0, gained)))
    if not math.isfinite(shift + deviation):
        return None
    bar = _BAR * first.uncertainty
    return SecondOrder(first.value + shift, deviation, abs(shift) > bar or deviation - first.uncertainty > bar)


def _root(square: Fraction) -> float:
    """The square root of a number of any size, to the last digit or nearly."""
    if square <= 0:
        return 0.0
    shift = 64 + (square.denominator.bit_length() - square.numerator.bit_length()) // 2
    scaled = square * Fraction(4) ** shift
    return float(Fraction(math.isqrt(scaled.numerator // scaled.denominator)) / Fraction(2) ** shift)
