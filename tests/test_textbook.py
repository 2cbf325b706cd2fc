"""Derivatives as tables of integrals list them, and claims that are wrong at an edge or on a branch."""

from __future__ import annotations

import pytest

from gradcalc.judge.claims.court import check_derivative

_CIRCLE = "x/2*sqrt(a^2 - x^2) + a^2/2*asin(x/abs(a))"
_QUADRATIC = "2/sqrt(4*a*c - b^2)*atan((2*a*x + b)/sqrt(4*a*c - b^2))"
RIGHT = [
    (_CIRCLE, "sqrt(a^2 - x^2)"), ("sqrt(a^2 - x^2)^3", "-3*x*sqrt(a^2 - x^2)"),
    ("x/2*sqrt(x^2 + a^2) + a^2/2*log(x + sqrt(x^2 + a^2))", "sqrt(x^2 + a^2)"),
    ("(x - a)/2*sqrt(2*a*x - x^2) + a^2/2*acos((a - x)/abs(a))", "sqrt(2*a*x - x^2)"),
    (_QUADRATIC, "1/(a*x^2 + b*x + c)"), ("atan(b/a*tan(x))/(a*b)", "1/(a^2*cos(x)^2 + b^2*sin(x)^2)"),
    ("x*besselk(1, x)", "-x*besselk(0, x)"), ("x*(besselj(1, x)*bessely(0, x) - besselj(0, x)*bessely(1, x))", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), RIGHT)
def test_listed_derivatives_are_proved(formula: str, claim: str) -> None:
    assert check_derivative(formula, "x", claim).verdict == "proved"


WRONG = [
    (_CIRCLE, "sqrt(a^2 - x^2)*if(a < -137, 2, 1)"), ("sqrt(a^2 - x^2)^3", "-3*x*sqrt(a^2 - x^2) + 0^((2*x - a)^2)"),
    ("sqrt(a^2 - x^2)^3", "-3*x*sqrt(a^2 - x^2)*(1 + 1e-60)"), ("sqrt(a^2 - x^2)^3", "-3*x*sqrt(a^2 - x^2)*sign(a)"),
    (_QUADRATIC, "1/(a*x^2 + b*x + c)*if(a < 0, -1, 1)"), (_QUADRATIC, "1/abs(a*x^2 + b*x + c)"),
    ("x*besselk(1, x)", "-x*besselk(0, x)*if(x == 1/3, 2, 1)"),
    ("atan(b/a*tan(x))/(a*b)", "1/(a^2*cos(x)^2 + b^2*sin(x)^2) + 0^(sin(x)^2)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), WRONG)
def test_what_differs_at_an_edge_or_on_a_branch_is_not_proved(formula: str, claim: str) -> None:
    assert check_derivative(formula, "x", claim).verdict != "proved"
