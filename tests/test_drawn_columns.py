"""Drawn formulas over columns, with edge numbers in their rows, have the values and derivatives that balls have.

Where balls have a value, the column has it, and where they have none, it is nan. Beside kinks the same holds of
derivatives. What is left out is counted: formulas that are badly conditioned at a row, and numbers beyond doubles on
the way.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from drawn_texts import drawn

import gradcalc as gc
from gradcalc.certified import certify
from gradcalc.language.errors import FormulaError, UndecidedError
from gradcalc.language.formula import free_names
from gradcalc.language.parser import parse

EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, -0.7, 3.0, math.pi / 2, 0.1, math.nextafter(1, 2), 1e-300, -1e-17, math.nan,
]  # fmt: skip
NAMES = ["x", "y"]


def close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected or (expected is None and math.isnan(found))
    return found == expected or abs(found - expected) <= 1e-7 * abs(expected) + 1e-290


def certified(formula: Any, row: tuple[float, ...]) -> list[Any]:
    """The value and the partial derivatives by balls: numbers, None where there is none."""
    try:
        found = certify(formula, dict(zip(NAMES, row, strict=True)), NAMES)
    except UndecidedError:
        return []
    except FormulaError:
        return [None] * 3
    parts = [found.value, *(found.gradient[name] for name in NAMES)]
    return [None if part.failed or part.status == "overflow" else part.number for part in parts]


def beside(row: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
    for i, x in enumerate(row):
        for end in (-math.inf, math.inf):
            yield (*row[:i], math.nextafter(x, end), *row[i + 1 :])


def outcome(formula: Any, row: tuple[float, ...], found: list[float], on_kink: bool) -> str:
    if any(math.isnan(x) for name, x in zip(NAMES, row, strict=True) if name in free_names(formula)):
        assert math.isnan(found[0]), f"{formula} of nan is {found}"
        return "nan"
    expected = certified(formula, tuple(0.0 if math.isnan(x) else x for x in row))
    if not expected:
        return "undecided"
    if on_kink or None in expected:
        found, expected = found[:1], expected[:1]
    wrong = [i for i, x in enumerate(expected) if not close(found[i], x)]
    if not wrong:
        return "compared"
    if all(math.isnan(found[i]) for i in wrong):
        return "lost"
    for other in beside(row):
        around = certified(formula, other)
        if not around or any(not close(around[i], expected[i]) for i in wrong):
            return "badly conditioned"
    raise AssertionError(f"{formula} at {row} is {expected} and was found to be {found}")


@pytest.mark.parametrize(("seed", "engine"), [(1, "python"), (2, "native")])
def test_rows_of_drawn_formulas_are_those_of_balls(seed, engine):
    random = Random(seed)
    seen: Counter[str] = Counter()
    while seen["compared"] < 150:
        cornered = random.choice([False, True])
        text = drawn(random, random.randint(1, 3), NAMES, cornered)
        try:
            compiled = gc.compile(parse(text), names=NAMES, engine=engine)
            columns = np.array([[random.choice(EDGES) for _ in range(4)] for _ in NAMES])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", gc.OutsideDomainWarning)
                value, gradient = compiled.value_and_grad(*columns)
                kinks = compiled.kinks(*columns)
        except FormulaError:
            seen["no formula"] += 1
            continue
        for i, row in enumerate(columns.T.tolist()):
            found = [float(np.broadcast_to(part, 4)[i]) for part in (value, *gradient.values())]
            seen[outcome(compiled.formula, tuple(row), found, bool(np.broadcast_to(kinks, 4)[i]))] += 1
    assert seen["undecided"] + seen["badly conditioned"] + seen["lost"] <= seen["compared"] / 20, seen


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize(
    ("text", "x", "value", "slope"),
    [
        ("sqrt(relu(x))", [-0.5, 0.0, 0.25], [0, 0, 0.5], [0, math.nan, 1]),  # inf times 0 on the way
        ("max(x, 0)^0.5 + x", [-0.5, 4.0], [-0.5, 6], [1, 1.25]),
        ("cbrt(trunc(x))", [-0.5, 1.5], [0, 1], [0, 0]),
        ("sqrt(abs(x))", [0.0, 4.0], [0, 2], [math.nan, 0.25]),  # a value without a derivative
        ("x^x", [-2.0, 1.0], [0.25, 1], [math.nan, 1]),
        ("atan2(x, -3)", [-0.0, 0.0], [math.pi, math.pi], [-1 / 3, -1 / 3]),  # of real numbers there is one 0
        ("atan2(0*x, -1)", [-1.0, 1.0], [math.pi, math.pi], [0, 0]),
        ("if(x > 5 and log(x - 3) < 1, x, 2*x)", [2.0, 5.5], [4, 5.5], [2, 1]),  # the second condition is not asked
        ("if(x < 5 or log(x - 6) < 1, x, 2*x)", [2.0, 9.0], [2, 18], [1, 2]),
        ("if(asec(7/12) != sec(2), x, 2*x)", [2.0, 5.5], [math.nan, math.nan], [math.nan, math.nan]),
        ("x*log(-1)^0 + step(log(-1))", [2.0, 5.5], [math.nan, math.nan], [math.nan, math.nan]),
    ],
)
def test_derivatives_on_no_kink_and_values_without_derivatives(text, x, value, slope, engine):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gc.OutsideDomainWarning)
        found, gradient = gc.compile(text, engine=engine).value_and_grad(np.array(x))
    assert np.allclose(found, value, rtol=1e-15, atol=0, equal_nan=True)
    assert np.allclose(gradient["x"], slope, rtol=1e-15, atol=0, equal_nan=True)


def test_rows_without_derivatives_are_told():
    with pytest.warns(gc.OutsideDomainWarning, match="1 of 2 rows have no value, or no derivatives; the"):
        gc.grad("sqrt(abs(x))", {"x": [0.0, 1.0]})
    with pytest.raises(gc.NotDifferentiableError, match="no derivative with respect to n"):
        gc.grad("besselj(x, 2)", {"x": [1.0, 2.0]})
