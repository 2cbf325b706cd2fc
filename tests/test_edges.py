"""Values and domains of the table at the edges: zeros, poles, branch points, halves, neighbours, largest and smallest.

The referee is mpmath (`referee.FUNCTIONS`), which knows nothing of the table but the definition of a row that it has
not: it says whether there is a real value and which. The special functions for which mpmath has no quick value there
are left to `test_functions`, and counted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flint import arb
from mpmath import mp
from referee import real_value, true_function

from gradcalc.engine.scalars import BALL, FLOAT, exact_ball, fits, precision
from gradcalc.engine.told import Undecidable
from gradcalc.gradients import evaluate
from gradcalc.language.errors import UndefinedError
from gradcalc.language.functions import TABLE, Function

ROWS = [row for row in TABLE.values() if not row.condition and (row.value or row.ball or row.definition)]
SLOW = re.compile(
    r"bessel.|gamma.*|.gamma|digamma|polygamma|sinc_derivative|ellip.|airy.*|Ei|li|Ci|Si|fresnel.|l?beta|betainc|binomial|"
    r"factorial|lambertw.*|.*inv|erf.*|dawson|norm.*|gelu|logaddexp|zeta.*"
)
QUICK = [row for row in ROWS if not SLOW.fullmatch(row.name)]
LARGEST = math.nextafter(math.inf, 0)
SMALLEST = 5e-324


def beside(x: float) -> tuple[float, float, float]:
    """A double and its two neighbours."""
    return math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)


NEAR = [y for x in (-1.0, 0.0, 0.5, 1.0, 2.0, math.pi / 2, math.pi) for y in beside(x)]
FAR = [1e5, -1e5, 1e22, -1e22, 2.0**-1022, LARGEST, -LARGEST]
ONE = [*(0.5 * k for k in (-7, -6, -5, -4, -3, -1, 3, 5, 6, 7, 20)), *NEAR, *FAR]
MODERATE = [x for x in ONE if abs(x) < 100]
TWO = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, SMALLEST, -SMALLEST, LARGEST, -LARGEST]
THREE = [0.0, -1.0, 1.0, 0.5, LARGEST]


def test_few_rows_are_left_out() -> None:
    assert len(ROWS) - len(QUICK) <= 46


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.name)
def test_value_at_the_edges(row: Function) -> None:
    """The nearest double, or that there is none: where mpmath has no real value, and nowhere else."""
    text = row.signature.replace(", ...", "")
    for args in product(*[(ONE, TWO, THREE)[len(row.params) - 1]] * len(row.params)):
        with mp.workdps(800):
            truth = real_value(true_function(row.name, row.params, row.definition), [mp.mpf(x) for x in args])
            too_large = truth is not None and abs(truth) >= mp.mpf(2) ** 1024
        at = dict(zip(row.params, args, strict=True))
        if truth is None or too_large:
            with pytest.raises(UndefinedError) as error:
                evaluate(text, at, certified=True)
            assert ("larger than any double" in str(error.value)) == too_large, args
            continue
        got = evaluate(text, at, certified=True)
        assert abs(got - float(truth)) <= math.ulp(float(truth)), (args, got)


@pytest.mark.parametrize("row", [row for row in QUICK if row.definition and not row.smooth], ids=lambda row: row.name)
def test_definition_at_the_edges(row: Function) -> None:
    """Of the functions with kinks, at and beside each of them."""
    definition = BALL.compile(str(row.definition), row.params)
    for args in product(*[(MODERATE, TWO[:-4], THREE[:-1])[len(row.params) - 1]] * len(row.params)):
        with mp.workdps(60):
            truth = real_value(true_function(row.name, row.params, row.definition), [mp.mpf(x) for x in args])
            if truth is None:
                continue
            digits = mp.nstr(truth, 50)
        with precision(2400):
            got = definition(*map(exact_ball, args))
            assert abs(got - arb(digits)) <= (1 + abs(arb(digits))) * arb(10) ** -40, (args, got)


@pytest.mark.parametrize("a", [1e4, 1e6, 1e9, 1e12])
def test_half_of_the_gamma_function_lies_below_its_parameter(a: float) -> None:
    """gammainc(a, a) = 1/2 + 1/(3 sqrt(2 pi a)) + O(a^(-3/2)), which no long sum is needed for."""
    assert evaluate("gammainc(a, a)", {"a": a}, certified=True) == pytest.approx(
        0.5 + 1 / (3 * math.sqrt(2 * math.pi * a)), rel=0, abs=a**-1.5 + 1e-16
    )
    assert evaluate("gammainc(a, a/2)", {"a": a}, certified=True) < 1e-300


NUMBERS = [-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]
NARROW = [[*NUMBERS, 20.5, *(y for x in (-1.0, 0.0, 1.0, 2.0) for y in beside(x))], NUMBERS, [-1.0, 0.0, 0.5, 1.0, 2.0]]
LAWFUL = [row for row in ROWS if row.domain or row.smooth]


@pytest.mark.parametrize("row", LAWFUL, ids=lambda row: row.name)
def test_domain_and_partials_at_the_edges(row: Function) -> None:
    """In doubles the domain is where mpmath has a real value; the partials are its differences, the slow ones too."""
    function = true_function(row.name, row.params, row.definition)
    variables = [i for i, partial in enumerate(row.partials) if partial is not None and row.smooth]
    for args in product(*[NARROW[len(row.params) - 1]] * len(row.params)):
        tiny = any(0 < abs(x) < 1e-30 for x in args)
        with mp.workdps(400 if tiny else 40):
            exact = [mp.mpf(x) for x in args]
            inside = fits(row, args, FLOAT)
            assert inside == (real_value(function, exact) is not None), args
            slopes = {i: _slope(function, exact, i) for i in variables} if inside else {}
        for i, slope in slopes.items():
            if slope is not None:
                with precision(2400 if tiny else 400):
                    balls = [*map(exact_ball, args)]
                    got = BALL.partial(row, i)(*balls, BALL.function(row)(*balls))
                    truth = arb(mp.nstr(slope, 25))
                    assert abs(got - truth) <= (1 + abs(truth)) * arb(10) ** -12, (args, row.params[i], got, slope)


@pytest.mark.parametrize("row", [row for row in ROWS if row.domain and len(row.params) == 1], ids=lambda row: row.name)
def test_on_balls_the_domain_is_where_there_is_a_value(row: Function) -> None:
    """At parts of pi, where poles lie that no double is."""
    for k, less in product((1, 2, 3), (0, 1)):
        with precision(200):
            x = arb.pi() / k - less
            has_value = BALL.function(row)(x).is_finite()
            try:
                inside = fits(row, (x,), BALL)
            except Undecidable:
                inside = False
            assert inside == has_value, (k, less)


def _slope(function: Callable[..., Any], at: list[Any], i: int) -> Any:
    """The partial derivative, where there is one: where smaller differences, and those of one side, say the same."""
    found = []
    for left, right in ((1, 1), (0, 1), (1, 0)):
        h = mp.mpf(10) ** -18 * max(1, abs(at[i]))
        ends = [real_value(function, [*at[:i], at[i] + step, *at[i + 1 :]]) for step in (-left * h, right * h)]
        if None in ends:
            return None
        found.append((ends[1] - ends[0]) / ((left + right) * h))
    close = max(found) - min(found) <= mp.mpf(10) ** -13 * (1 + abs(found[0]))
    return found[0] if close and abs(found[0]) < 1e10 else None
