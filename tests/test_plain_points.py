"""What is plain at a point is decided: constants that are equal, values filled in, corners that cancel."""

from __future__ import annotations

import math
import re

import pytest

import gradcalc as gc
from gradcalc.certified.certifier import certify
from gradcalc.proofs.exact import possible_signs

E, R = math.e, math.sqrt(3)

SMOOTH = [
    ("if(sqrt(0.01) == 0.1, x, 2*x)", {"x": 3}, 3, {"x": 1}),
    ("if(cbrt(0.001) == 0.1, x, 2*x)", {"x": 3}, 3, {"x": 1}),
    ("if(sqrt(0.01) == 0.10001, x, 2*x)", {"x": 3}, 6, {"x": 2}),
    ("floor(10*sqrt(0.01))*x", {"x": 3}, 3, {"x": 1}),
    ("x*floor(4*atan(1)/pi)", {"x": 3}, 3, {"x": 1}),
    ("if(acos(-1/2) == 2*pi/3, x, 2*x)", {"x": 3}, 3, {"x": 1}),
    ("if(4*atan(1) == 3.14159265358979323846, x, 2*x)", {"x": 3}, 6, {"x": 2}),
    ("log(1 - tanh(x))", {"x": 400}, math.log(2) - 800, {"x": -2}),
    ("if(x == pi, -1, sin(x)/(x - pi))", {"x": "pi"}, -1, {"x": 0}),
    ("if(x == pi/2, -1, cos(x)/(x - pi/2))", {"x": "pi/2"}, -1, {"x": 0}),
    ("if(x == 0, 1, (exp(x) - 1)/x)", {"x": 0}, 1, {"x": 1 / 2}),
    ("if(x == 1, 1, log(x)/(x - 1))", {"x": 1}, 1, {"x": -1 / 2}),
    ("if(x == 0, 1/2, (x - log(1 + x))/x^2)", {"x": 0}, 1 / 2, {"x": -1 / 3}),
    ("if(x == y, x, (x - y)/(log(x) - log(y)))", {"x": 2, "y": 2}, 2, {"x": 1 / 2, "y": 1 / 2}),
    ("if(x != y, (exp(x) - exp(y))/(x - y), exp(x))", {"x": 1, "y": 1}, E, {"x": E / 2, "y": E / 2}),
    ("if(x == y, cos(x), (sin(x) - sin(y))/(x - y))", {"x": "pi/3", "y": "pi/3"}, 1 / 2, {"x": -R / 4, "y": -R / 4}),
    ("if(x == y, 1/2, (1 - cos(x - y))/(x - y)^2)", {"x": 1, "y": 1}, 1 / 2, {"x": 0, "y": 0}),
    ("if(x == 2*y, 4*y, (x^2 - 4*y^2)/(x - 2*y))", {"x": 2, "y": 1}, 4, {"x": 1, "y": 2}),
    ("if(x == 1, y, y*log(x)/(x - 1))", {"x": 1, "y": 3}, 3, {"x": -3 / 2, "y": 1}),
    ("cos(hypot(x, y))", {"x": 0, "y": 0}, 1, {"x": 0, "y": 0}),
    ("sinc(hypot(x, y))", {"x": 0, "y": 0}, 1, {"x": 0, "y": 0}),
    ("hypot(x, y) - sqrt(x^2 + y^2)", {"x": 0, "y": 0}, 0, {"x": 0, "y": 0}),
    ("clamp(x, y, y)", {"x": 1, "y": 1}, 1, {"x": 0, "y": 1}),
    ("max(exp(x), exp(y)) - exp(max(x, y))", {"x": 1, "y": 1}, 0, {"x": 0, "y": 0}),
    ("max(x, y, z) - max(z, y, x)", {"x": 1, "y": 1, "z": 1}, 0, {"x": 0, "y": 0, "z": 0}),
    ("acos(1 - x^4)", {"x": 0}, 0, {"x": 0}),
]


@pytest.mark.parametrize(("formula", "at", "value", "gradient"), SMOOTH)
def test_plain_gradients(formula, at, value, gradient):
    found = certify(formula, at)
    assert found.value.number == pytest.approx(value, abs=1e-300)
    assert {name: part.number for name, part in found.gradient.items()} == pytest.approx(gradient, abs=1e-300)
    assert not any(part.failed for part in found.gradient.values())


ZERO = [
    ("cos(3*pi/2)", {}),
    ("sqrt(3)*sqrt(12) - 6", {}),
    ("log(50) - log(2) - 2*log(5)", {}),
    ("tan(x) - 1", {"x": "pi/4"}),
    ("x^2 + x - 1", {"x": "(sqrt(5) - 1)/2"}),
    ("max(x, 2)^2 - 5", {"x": "sqrt(5)"}),
    ("y*sin(2*x)", {"x": "pi", "y": 7}),
    ("hypot(sin(x), 1 + cos(x))", {"x": "pi"}),
]


@pytest.mark.parametrize(("formula", "at"), ZERO)
def test_what_algebra_shows_to_be_zero_is_zero(formula, at):
    found = certify(formula, at)
    assert found.value.status == "certified"
    assert found.value.ball.is_zero()


def test_a_derivative_that_algebra_shows_to_be_zero_is_zero():
    for formula, at in (("cos(x)^4", "pi/2"), ("sech(x)^2 + tanh(x)^2", "17"), ("x^3 - 6*x", "sqrt(2)")):
        found = certify(formula, {"x": at}).gradient["x"]
        assert found.status == "certified"
        assert found.ball.is_zero()
    near = certify("sin(x) - 1e-300", {"x": "pi"}).value
    assert near.number == -1e-300


@pytest.mark.parametrize(
    ("formula", "words"),
    [("tan(5*pi/2)", "tan needs cos(x) != 0"), ("2 + sec(acos(0))", "sec needs cos(x) != 0"),
     ("cot(3*pi)", "cot needs sin(x) != 0"), ("csc(2*asin(1))", "csc needs sin(x) != 0")],
)  # fmt: skip
def test_a_pole_that_algebra_shows_is_no_question_of_precision(formula, words):
    with pytest.raises(gc.UndefinedError, match=re.escape(words)):
        gc.evaluate(formula, certified=True)


def test_a_power_of_zero_does_not_move():
    for formula, at in (("0^x", {"x": 3}), ("(a - a)^x", {"a": 2, "x": "1/2"})):
        found = gc.agreement(formula, at)
        assert found
        assert gc.derivative(formula, "x").text == "0"


KINKED = [
    ("acos(cos(x))", {"x": 0}, -1, 1),
    ("acos(1 - x^2)", {"x": 0}, -math.sqrt(2), math.sqrt(2)),
    # acosh(1 + 2*u^2) is 2*asinh(|u|), whose series is 2*|u| - |u|^3/3 + 3*|u|^5/20 - ...
    ("if(x == 0, 0, (acosh(1 + 2*x^2) - 2*abs(x))/x^2)", {"x": 0}, 1 / 3, -1 / 3),
    ("if(x == 0, 0, (acosh(1 + 2*x^2) - 2*abs(x) + abs(x)^3/3)/x^4)", {"x": 0}, -3 / 20, 3 / 20),
    ("acosh(1 + 2*sqrt(abs(x)))^2 - 4*sqrt(abs(x))", {"x": 0}, 4 / 3, -4 / 3),
    ("asin(cos(x))", {"x": 0}, 1, -1),
    ("acosh(cosh(x))", {"x": 0}, -1, 1),
    ("hypot(x, y)", {"x": 0, "y": 0}, -1, 1),
    ("asin(sin(x))", {"x": "5*pi/2"}, 1, -1),
    ("acos(sin(2*x))", {"x": "pi/4"}, -2, 2),
    ("asin(cos(x))^2", {"x": "pi"}, math.pi, -math.pi),
    ("sqrt(1 + cos(x))", {"x": "pi"}, -math.sqrt(1 / 2), math.sqrt(1 / 2)),
    ("hypot(sin(x), 1 - cos(x))", {"x": "2*pi"}, -1, 1),
    ("if(x == y, cos(x), (sin(x) - sin(y))/(x - y)) + abs(x)", {"x": 0, "y": 0}, -1, 1),
]


@pytest.mark.parametrize(("formula", "at", "left", "right"), KINKED)
def test_corners(formula, at, left, right):
    part = certify(formula, at).gradient["x"]
    assert part.status == "not-differentiable"
    assert (part.left, part.right) == pytest.approx((left, right))


NOT_SMOOTH = [  # the value filled in is another, or is missing on the line, or the quotient goes to infinity
    ("if(x == y, 1, (1 - cos(x - y))/(x - y)^2)", {"x": 1, "y": 1}),
    ("if(x == y, 3*x^2 + 1, (x^3 - y^3)/(x - y))", {"x": 1, "y": 1}),
    ("if(x == y and x == 1, 2, (x^2 - y^2)/(x - y))", {"x": 1, "y": 1}),
    ("if(x == y, 0, x^2/(x - y))", {"x": 1, "y": 1}),
]


@pytest.mark.parametrize(("formula", "at"), NOT_SMOOTH)
def test_other_values_filled_in_have_no_gradient(formula, at):
    assert all(part.failed for part in certify(formula, at).gradient.values())


def test_a_value_at_a_corner_that_is_not_told_from_0_is_no_certain_0():
    value = certify("abs(x) + ((1 + exp(-exp(10))) - 1)", {"x": 0}).value  # which is exp(-exp(10))
    assert value.status == "zero"
    assert value.ball.contains(gc.certify("exp(-exp(10))", {}).value.ball)
    assert certify("abs(x) + (sqrt(2)*sqrt(3) - sqrt(6))", {"x": 0}).value.status == "certified"


TOGETHER = [  # on the axes each is 0; along x = y = t it goes as t or faster
    ("if(x == 0 and y == 0, 0, x*y^4/((x^2 + y^2)*(x^2 + y^2)))", False),
    ("if(x == 0 and y == 0, 0, x*y^5/((x^2 + y^2)*(x^2 + y^2)))", True),
    ("if(x == 0 and y == 0, 0, x*y^5/(x^2 + y^2)^2)", True),
    ("if(x == 0 and y == 0, 0, x*y^4*(x^2 + y^2)^(-2))", False),
    ("cos(abs(x*y)^(1/4)) - 1", False),
    ("cos(abs(x*y)^(3/8)) - 1", True),
    ("sin(abs(x*y)^(1/2))", False),
    ("sin(abs(x*y)^(3/4))", True),
]


@pytest.mark.parametrize(("formula", "smooth"), TOGETHER)
def test_partial_derivatives_together(formula, smooth):
    found = certify(formula, {"x": 0, "y": 0}).gradient.values()
    assert [part.number for part in found] == [0, 0]
    assert {part.status for part in found} == {"certified" if smooth else "not-differentiable"}


def test_a_comparison_that_cannot_be_told_is_named_as_it_is_written():
    with pytest.raises(
        gc.FormulaError, match=r"whether digamma\(1/4\) \+ pi/2 == digamma\(1\) - 3\*log\(2\) could not"
    ):
        certify("if(digamma(1/4) + pi/2 == digamma(1) - 3*log(2), x, 2*x)", {"x": 3})


@pytest.mark.parametrize(
    ("quantity", "signs"),
    [
        ("(x - y)^2 + 1", {1}),
        ("(x^2 - y^2)^2 + 1", {1}),
        ("x^2 - 2*x*y + 2*y^2 + 3", {1}),
        ("-x^2 + x*y - y^2 - 1", {-1}),
        ("x^2 - 3*x*y + y^2 + 1", {-1, 0, 1}),
        ("exp(x) - exp(y) + x - x", {-1, 0, 1}),
        ("4*atan(1) - pi", {0}),
        ("atan(sqrt(3)) + acos(0) - 5*pi/6", {0}),
        ("atan(1) - 0.785398163397448309615660845819875721", {1}),
    ],
)
def test_signs(quantity, signs):
    assert possible_signs(gc.parse(quantity)) == signs


@pytest.mark.parametrize("claim", ["x/x", "(x^2 - 2)/(x^2 - 2)", "(x - 1)/(x - 1)", "(x - 7)/(x - 7)"])
def test_points_that_a_claim_lacks_are_needs(claim):
    check = gc.check_derivative("x", "x", claim)
    assert check.verdict == "proved"
    assert len(check.conditions) == 1


def test_a_claim_that_lacks_half_a_line_is_conditional():
    assert gc.check_derivative("x^2/2", "x", "sqrt(x)^2").verdict == "conditional"


def test_a_number_beyond_doubles_is_not_called_badly_conditioned(capsys):
    from gradcalc.cli import main

    main(["x + 1e-400", "--at", "x=1"])
    told = capsys.readouterr().out
    assert "1e-400 is smaller than any double" in told
    assert "badly" not in told


@pytest.mark.parametrize(
    ("formula", "x", "why"),
    [
        ("sqrt(x)", "1e500", "the value of x is larger than any double"),
        ("gamma(x + 5000)/gamma(x + 4998)", "1", "gamma overflows at 5001"),
    ],
)
def test_where_floats_end_is_not_called_badly_conditioned(capsys, formula, x, why):
    from gradcalc.cli import main

    main([formula, "--at", f"x={x}"])
    told = capsys.readouterr().out
    assert why in told
    assert "badly" not in told


def test_an_angle_that_is_a_whole_number_is_a_kink_as_that_number_is():
    at = {"x": "asin(cos(2)) - pi/2"}
    assert certify("if(x != -2, 2, x)", at).gradient["x"].failed
    assert certify("normpdf(if(x != -2, 2, x))", at).gradient["x"].number == 0
    claim = "-if(acos(cos(x)) != -2, 2, x)*normpdf(2)*if(acos(cos(x)) != -2, 0, 1)"
    assert gc.check_derivative("normpdf(if(x != -2, 2, x))", "x", claim).verdict != "wrong"
