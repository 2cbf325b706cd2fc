"""The public numeric functions, against numbers worked out by hand and against each other."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

import gradcalc as gc

AT = {"a": 2, "b": -3, "c": 10, "f": -2}


def test_the_example():
    f = gc.parse("(a*b + c)*f")
    assert gc.evaluate(f, AT) == -8
    assert gc.grad(f, AT) == {"a": 6, "b": -4, "c": -2, "f": 4}
    assert gc.grad(f, AT, wrt=("a",)) == {"a": 6}
    assert gc.value_and_grad(f, AT) == (-8, {"a": 6, "b": -4, "c": -2, "f": 4})
    assert gc.value_and_grad(f, AT, certified=True) == (-8, {"a": 6, "b": -4, "c": -2, "f": 4})


def test_a_program_keeps_its_named_intermediates():
    graph = gc.trace("e = a*b; d = e + c; L = d*f", AT)
    seen = {}
    stack = [graph.root]
    while stack:
        node = stack.pop()
        seen[node.label] = (node.data, node.grad)
        stack.extend(node.arguments)
    assert seen == {
        "L": (-8, 1), "d": (4, -2), "f": (-2, 4), "e": (-6, -2), "c": (10, -2), "a": (2, 6), "b": (-3, -4),
    }  # fmt: skip


def test_hessian_jacobian_and_products():
    at = {"x": 2, "y": 3}
    assert gc.hessian("x*y^3", at) == {"x": {"x": 0, "y": 27}, "y": {"x": 27, "y": 36}}
    assert gc.hessian("x + y", at) == {"x": {"x": 0, "y": 0}, "y": {"x": 0, "y": 0}}
    assert gc.hvp("x*y^3", at, {"x": 1, "y": 2}) == {"x": 54, "y": 99}
    assert gc.jacobian(["x*y", "x^2"], at) == [{"x": 3, "y": 2}, {"x": 4, "y": 0}]
    assert gc.jvp("x*y", at, {"x": 1, "y": 10}) == (6, 23)
    assert gc.jvp(["x*y", "x^2"], at, {"x": 1, "y": 10}) == ([6, 4], [23, 4])
    value, pull_back = gc.vjp("x*y", at)
    assert value == 6
    assert pull_back(2) == {"x": 6, "y": 4}
    values, pull_back = gc.vjp(["x*y", "x^2"], at)
    assert values == [6, 4]
    assert pull_back([1, 10]) == {"x": 43, "y": 2}
    with pytest.raises(ValueError, match="2 cotangents"):
        pull_back([1])


@pytest.mark.parametrize("value", [0.5, 1, Fraction(1, 2), Decimal("0.5"), "1/2", "0.5"])
def test_kinds_of_number(value):
    expected = float(Fraction(value)) if not isinstance(value, str) else 0.5
    assert gc.evaluate("x", {"x": value}) == expected
    assert gc.evaluate("x", {"x": value}, certified=True) == expected


def test_numpy_scalars_are_numbers():
    numpy = pytest.importorskip("numpy")
    assert gc.grad("x^2", {"x": numpy.float64(3)}) == {"x": 6}
    assert gc.grad("x^2", {"x": numpy.int32(3)}) == {"x": 6}


@pytest.mark.parametrize("bad", [math.nan, math.inf, None, 1j, [1], True + 0j])
def test_what_is_no_real_number_is_refused(bad):
    with pytest.raises((gc.FormulaError, TypeError)):
        gc.evaluate("x", {"x": bad})


def test_missing_names_are_listed():
    with pytest.raises(gc.MissingValueError) as caught:
        gc.grad("x*y + z", {"x": 1})
    assert caught.value.missing == ("y", "z")
    with pytest.raises(gc.FormulaError):
        gc.grad("x", {"x": 1}, wrt=("q",))


def test_conventions_of_the_float_engine_at_kinks():
    assert gc.grad("abs(x)", {"x": 0}) == {"x": 0}
    assert gc.grad("max(x, y)", {"x": 1, "y": 1}) == {"x": 0.5, "y": 0.5}
    assert gc.grad("max(x, y, z)", {"x": 1, "y": 1, "z": 1}) == {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}
    assert gc.grad("max(x, 1)", {"x": 1}) == {"x": 0}
    assert gc.grad("sqrt(x)", {"x": 0}) == {"x": math.inf}
    assert gc.value_and_grad("x^0", {"x": 0}) == (1, {"x": 0})


def test_constants_get_no_derivative():
    assert gc.grad("(-2)^3*x", {"x": 1}) == {"x": -8}
    assert gc.grad("x^3", {"x": -2}) == {"x": 12}


def test_the_branch_not_taken_contributes_nothing():
    assert gc.grad("if(x > 0, sqrt(x), 0)", {"x": -1}) == {"x": 0}
    assert gc.grad("if(x < 0 or log(x) < 0, 1, x)", {"x": -1}) == {"x": 0}


def test_e_is_eulers_number_until_it_is_bound():
    assert gc.grad("e*x", {"x": 1}) == {"x": math.e}
    assert gc.grad("e*x", {"x": 1, "e": 3}) == {"e": 1, "x": 3}


def test_derivatives_inside_formulas():
    assert gc.value_and_grad("diff(x^2*y, x)", {"x": 3, "y": 2}) == (12, {"x": 4, "y": 6})
    assert gc.evaluate("g(x) = x^3; g'(2*t) + g''(t)", {"t": 1}) == 18
    assert gc.evaluate("L = a*b; diff(L, a)", {"a": 5, "b": 7}) == 7
    assert gc.evaluate("diff(x^5, x, 3)", {"x": 1}) == 60
    assert gc.evaluate("h(x, y) = diff(x*y^2, y); h(3, x)", {"x": 2}) == 12


def test_user_functions_do_not_capture_names():
    assert gc.evaluate("g(x) = x + y; g(2*y)", {"y": 1}) == 3
    assert gc.evaluate("g(y) = x*y; h(x) = g(x + 1); h(10)", {"x": 2}) == 22


def test_parameters_do_not_reach_into_named_intermediates():
    assert gc.evaluate("a = x + 1; g(x) = a*x; g(2)", {"x": 10}) == 22
    assert gc.evaluate("k = 3; g(x) = k*x; g(2)") == 6


def test_the_order_of_a_derivative_is_a_number():
    with pytest.raises(gc.FormulaError, match="positive whole number"):
        gc.evaluate("diff(x^3, x, n)", {"x": 1, "n": 2})
    assert gc.evaluate("n = 2; diff(x^3, x, n)", {"x": 1}) == 6


def test_conditions_are_not_numbers():
    with pytest.raises(gc.FormulaError, match="condition"):
        gc.evaluate("(x > 0) + 1", {"x": 1})
    with pytest.raises(gc.FormulaError, match="condition"):
        gc.evaluate("if(x, 1, 2)", {"x": 1})
    with pytest.raises(gc.FormulaError, match="condition"):
        gc.evaluate("x > 0", {"x": 1})


def test_definitions_by_numbers_are_variables():
    assert gc.grad("a = 2; a*b", {"b": 3}) == {"a": 3, "b": 2}
    assert gc.grad("a = 2; a*b", {"a": 5, "b": 3}) == {"a": 3, "b": 5}


N = 100_000
LARGE = {
    "sum": ("+".join(["x"] * N), N),
    "product": ("*".join(["x"] * N), N),
    "calls": ("sin(" * N + "x" + ")" * N, None),
    "parentheses": ("(" * N + "x" + ")" * N, 1),
    "minus": ("-" * N + "x", 1),
    "definitions": ("x0 = x; " + "; ".join(f"x{i + 1} = x{i} + x{i}" for i in range(60)), 2.0**60),
    "functions": ("g(t) = t + t; " + "g(" * 60 + "x" + ")" * 60, 2.0**60),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_formulas(name):
    text, expected = LARGE[name]
    formula = gc.parse(text)
    value, gradient = gc.value_and_grad(formula, {"x": 1.0})
    assert math.isfinite(value)
    if expected is not None:
        assert gradient == {"x": expected}
    assert gc.value_and_grad(formula, {"x": 1}, certified=True)[1]["x"] == pytest.approx(gradient["x"], rel=1e-9)
    assert len(str(formula)) > 0
