"""Formulas of practice against recorded digits, which the referee reproduces: both engines."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from mpmath import mp
from real_formulas import FORMULAS, RealFormula
from referee import Mp, gradient_in_mpmath

import gradcalc

WELL_CONDITIONED = tuple(entry for entry in FORMULAS if not entry.condition)


def _named(entry: RealFormula) -> str:
    return entry.name


def _assert_correctly_rounded(got: float, recorded: str) -> None:
    """Within 0.51 ulp of the recorded digits."""
    assert math.isfinite(got)
    assert abs(Fraction(got) - Fraction(recorded)) <= Fraction(51, 100) * Fraction(math.ulp(got))


def _assert_close(got: float, recorded: str) -> None:
    """Within 1e-9 of the recorded digits, relative to that very number: a component hides behind no larger one."""
    truth = Fraction(recorded)
    assert math.isfinite(got)
    assert abs(Fraction(got) - truth) <= abs(truth) / 10**9


def _assert_reproduced(got: Mp, recorded: str) -> None:
    with mp.workdps(60):
        truth = mp.mpf(recorded)
        assert abs(got - truth) <= mp.mpf("1e-38") * abs(truth)


def test_enough_formulas_with_sources() -> None:
    assert len(FORMULAS) == 157
    assert all(entry.source.strip() for entry in FORMULAS)


def test_names_are_unique() -> None:
    assert len({entry.name for entry in FORMULAS}) == len(FORMULAS)


def test_few_points_are_excused_from_the_float_engine() -> None:
    assert len(WELL_CONDITIONED) >= 0.85 * len(FORMULAS)


@pytest.mark.parametrize("entry", FORMULAS, ids=_named)
def test_recorded_digits_are_reproduced(entry: RealFormula) -> None:
    value, gradient = gradient_in_mpmath(entry.formula, entry.at)
    assert set(gradient) == set(entry.gradient) == set(entry.at)
    _assert_reproduced(value, entry.value)
    for name, recorded in entry.gradient.items():
        _assert_reproduced(gradient[name], recorded)


@pytest.mark.parametrize("entry", FORMULAS, ids=_named)
def test_certified_engine_rounds_correctly(entry: RealFormula) -> None:
    point = {name: Decimal(text) for name, text in entry.at.items()}
    value, gradient = gradcalc.value_and_grad(entry.formula, point, tuple(entry.gradient), certified=True)
    assert set(gradient) == set(entry.gradient)
    _assert_correctly_rounded(value, entry.value)
    for name, recorded in entry.gradient.items():
        _assert_correctly_rounded(gradient[name], recorded)


@pytest.mark.parametrize("entry", WELL_CONDITIONED, ids=_named)
def test_float_engine_is_close(entry: RealFormula) -> None:
    point = {name: float(text) for name, text in entry.at.items()}
    value, gradient = gradcalc.value_and_grad(entry.formula, point, tuple(entry.gradient))
    assert set(gradient) == set(entry.gradient)
    _assert_close(value, entry.value)
    for name, recorded in entry.gradient.items():
        _assert_close(gradient[name], recorded)
