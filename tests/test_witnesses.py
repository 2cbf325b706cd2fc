"""Agreement: what is proved, what agrees, what differs, and what is neither."""

from __future__ import annotations

import math

import pytest

import gradcalc as gc
from gradcalc.certified import Certifier
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.agreement import AGREE_BITS, compare


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("(a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2}),
        ("x^2*sin(x)", {"x": 2}),
        ("tanh(x)", {"x": 400}),
        ("1/(1 + exp(-x))", {"x": -740}),
        ("abs(x)*relu(x)", {"x": 2}),
        ("max(x, y) + atan2(y, x)", {"x": 1, "y": 2}),
        ("g(t) = t^2; g(3*x)", {"x": 2}),
        ("diff(x^3, x)*x", {"x": 2}),
        ("e = a*b; d = e + c; L = d*f", {"a": 2, "b": -3, "c": 10, "f": -2}),
    ],
)
def test_right_derivatives_agree_and_are_proved(formula, at):
    result = gc.agreement(formula, at)
    assert result
    assert result.verdict == "agree"
    assert result.proved
    assert {row.name for row in result.rows} == set(at)
    everywhere = gc.agreement(formula)
    assert everywhere
    assert everywhere.verdict == "proved"


@pytest.mark.parametrize(
    ("formula", "at", "most"),
    [("sin(1e5*x)", {"x": "1/3"}, 13), ("(1 - cos(x))/x^2", {"x": "1e-9"}, 0), ("x^2*sin(x)", {"x": 2}, 16)],
)
def test_bad_conditioning_is_not_disagreement(formula, at, most):
    result = gc.agreement(formula, at)
    assert result.verdict == "agree"
    row = result.rows[0]
    assert row.digits <= most
    assert row.gradient is not None
    assert math.isclose(row.gradient, row.truth, rel_tol=10.0**-row.digits) or row.digits == 0
    if most == 16:
        assert row.digits >= 15
        assert row.ulps < 4


def test_a_wrong_derivative_differs_whatever_its_size():
    certifier = Certifier(prepare("sin(x)"), {"x": "0.7"})
    certified = certifier.run(digits_of_ball=AGREE_BITS)
    for claim in ("cos(x) + 1e-30", "cos(x)*(1 + 1e-15)", "-cos(x)", "0"):
        (row,) = compare(certifier, certified, {"x": gc.parse(claim)})
        assert row.verdict == "disagree", claim
    (row,) = compare(certifier, certified, {"x": gc.parse("sin(pi/2 - x)")})
    assert row.verdict == "agree"


def test_a_wrong_partial_of_a_users_function_is_found():
    wrong = gc.Function(name="cube", value=lambda x: x**3, partials=("3.0000001*x^2",), definition="x^3")
    formula = gc.parse("cube(2*t)", functions=[wrong])
    result = gc.agreement(formula, {"t": 1})
    assert not result
    assert result.verdict == "disagree"
    right = gc.Function(name="cube", value=lambda x: x**3, partials=("3*x^2",), definition="x^3")
    assert gc.agreement(gc.parse("cube(2*t)", functions=[right]), {"t": 1})


@pytest.mark.parametrize(
    ("formula", "at", "verdict"),
    [
        ("abs(x)", {"x": 0}, "not-differentiable"),
        ("abs(x) + y", {"x": 0, "y": 1}, "not-differentiable"),
        ("sqrt(x)", {"x": 0}, "not-differentiable"),
        ("cbrt(x)^3", {"x": 0}, "agree"),
        ("cbrt(x*y)", {"x": 0, "y": 0}, "undecided"),
        ("x*abs(x)", {"x": 0}, "agree"),
    ],
)
def test_kinks_neither_pass_nor_fail(formula, at, verdict):
    result = gc.agreement(formula, at)
    assert result.verdict == verdict
    assert bool(result) == (verdict == "agree")
    for row in result.rows:
        assert row.verdict == "agree" or row.reason


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("relu(x) - relu(-x)", {"x": 0}),
        ("max(x, y) + min(x, y)", {"x": 1, "y": 1}),
        ("if(x == 1, 1, x^2)", {"x": 1}),
        ("if(x == y, x^2, x*y)", {"x": 1, "y": 1}),
        ("abs(x*(x - 1e-60))", {"x": 0}),
        ("e = 3; p = 2*e; p*x", {"x": 1}),
    ],
)
def test_a_kink_is_no_disagreement(formula, at):
    assert gc.agreement(formula, at).verdict != "disagree"


def test_no_value_is_an_error():
    with pytest.raises(gc.UndefinedError):
        gc.agreement("log(x)", {"x": -1})
    with pytest.raises(gc.MissingValueError):
        gc.agreement("x*y", {"x": -1})


def test_what_cannot_be_proved_says_why():
    result = gc.agreement("gamma(x)^gamma(x^2 + sin(x))*erf(exp(x)) + abs(sin(x^3) - floor(x^x))", seconds=0.2)
    assert result.verdict in ("proved", "undecided")
    assert result or result.reason


def test_symbolic_limits_leave_the_numbers_standing():
    formula = "(" * 5000 + "x" + " + 1)*x" * 5000
    result = gc.agreement(formula, {"x": "0.5"}, seconds=1)
    assert result.verdict == "undecided"
    assert result.rows[0].gradient == pytest.approx(4)
    assert result.rows[0].reason


def test_a_disagreement_names_the_node_to_blame():
    wrong = gc.Function(name="f", value=math.sin, partials=("cos(x) + 0.001",), definition="sin(x)")
    result = gc.agreement(gc.parse("1 + f(x*y)^2*x", functions=[wrong]), {"x": 1, "y": 2})
    assert result.verdict == "disagree"
    assert "d/dx of f(x) is wrong in f(x*y) (column 5)" in result.reason
