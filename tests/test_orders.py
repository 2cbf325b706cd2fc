"""Whether the derivatives below an order exist."""

from __future__ import annotations

import pytest

from gradcalc.certified.orders import first_missing


@pytest.mark.parametrize(
    "formula", ["floor(x + 1)", "sign(x)", "step(x)", "mod(x, 1)", "if(x > 0, 1, 0) + x^3", "frac(x)"]
)
def test_a_jump_has_no_derivative_of_any_order(formula):
    found = first_missing(formula, {"x": 0}, "x", 2)
    assert found is not None
    assert (found.order, found.found.status) == (1, "not-differentiable")


def test_the_first_order_that_is_missing_is_named():
    found = first_missing("x*abs(x)", {"x": 0}, "x", 3)
    assert found is not None
    assert (found.order, found.found.left, found.found.right) == (2, -2, 2)
    assert first_missing("x*abs(x)", {"x": 0}, "x", 1) is None


def test_smooth_formulas_have_all_orders():
    assert first_missing("x^3*sin(x)", {"x": 0}, "x", 5) is None
    assert first_missing("x*y + floor(x)", {"x": 0.5, "y": 2}, "x", 2) is None
