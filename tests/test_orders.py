"""Whether the derivatives below an order exist."""

from __future__ import annotations

import pytest

from gradcalc.certified import Missing, derivative_there
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.session import Answer, Options, Question


def answer_at_zero(formula: str, names: str = "x", **options: object) -> Answer:
    question = Question(parse(formula), dict.fromkeys(names, number(0)), Options(**options))
    *_, answer = question.answers()
    return answer


@pytest.mark.parametrize(
    "formula", ["floor(x + 1)", "sign(x)", "step(x)", "mod(x, 1)", "if(x > 0, 1, 0) + x^3", "frac(x)"]
)
def test_a_jump_has_no_derivative_of_any_order(formula):
    found = derivative_there(formula, {"x": 0}, "x", 2)
    assert isinstance(found, Missing)
    assert (found.order, found.found.status) == (1, "not-differentiable")


def test_the_first_order_that_is_missing_is_named():
    found = derivative_there("x*abs(x)", {"x": 0}, "x", 3)
    assert isinstance(found, Missing)
    assert (found.order, found.found.left, found.found.right) == (2, -2, 2)
    assert not isinstance(derivative_there("x*abs(x)", {"x": 0}, "x", 1), Missing)


def test_smooth_formulas_have_all_orders():
    assert not isinstance(derivative_there("x^3*sin(x)", {"x": 0}, "x", 5), Missing)
    assert not isinstance(derivative_there("x*y + floor(x)", {"x": 0.5, "y": 2}, "x", 2), Missing)


@pytest.mark.parametrize(
    ("formula", "order", "expected"),
    [
        ("sqrt(x^4)", 2, 2),
        ("cbrt(x^6)", 2, 2),
        ("sqrt(x^8)", 3, 0),
        ("sqrt(x^8)", 4, 24),
        ("sqrt(x^4 + x^6)", 2, 2),
        ("sqrt(4*sin(x)^4) + x", 2, 4),
        ("hypot(x^2, x^3)", 2, 2),
    ],
)
def test_derivatives_written_as_quotients_of_zeros(formula, order, expected):
    for numeric in (False, True):
        answer = answer_at_zero(formula, order=order, numeric=numeric)
        assert answer.gradient["x"].number == expected
        assert answer.gradient["x"].status == "certified"


def test_no_second_derivative_where_there_is_no_first():
    answer = answer_at_zero("hypot(x, y)", "xy", hessian=True)
    assert answer.value.number == 0
    for row in answer.hessian.values():
        for part in row.values():
            assert (part.status, part.left, part.right) == ("not-differentiable", -1, 1)
    answer = answer_at_zero("hypot(x, y)", "xy", order=2)
    assert answer.gradient["x"].status == "not-differentiable"


def test_a_quotient_of_zeros_on_a_whole_axis_shows_nothing():
    """The derivative is 2*x*y^2 + sin(y) there, only not as it is written out."""
    answer = answer_at_zero("sqrt(x^4*y^4) + x*sin(y)", "xy", hessian=True)
    expected = {"x": {"x": 0, "y": 1}, "y": {"x": 1, "y": 0}}
    for name, row in answer.hessian.items():
        for other, part in row.items():
            assert part.status == "undecided" or part.number == expected[name][other]


@pytest.mark.parametrize(
    ("formula", "order", "expected"),
    [
        ("if(x == 0, 0, (1 - cos(x))/x)", 2, 0.0),  # x/2 - x^3/24 + ...
        ("if(x == 0, 0, (1 - cos(x))/x)", 3, -0.25),
        ("if(x == 0, 1, sin(x)/x)", 2, -1 / 3),
        ("if(x == 0, 1, (exp(x) - 1)/x)", 2, 1 / 3),
    ],
)
def test_a_point_filled_in_does_not_hide_higher_derivatives(formula, order, expected):
    answer = answer_at_zero(formula, order=order)
    assert answer.verdict == "agree"
    (part,) = answer.gradient.values()
    assert part.number == pytest.approx(expected, abs=1e-15)
