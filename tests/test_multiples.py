"""Functions of multiples: of gamma, of whole multiples of pi, and what is equal on a thin part by what is beside it."""

from __future__ import annotations

import pytest

from gradcalc.judge.claims.court import check_derivative

RIGHT = [
    ("gamma(x)*gamma(x + 1/2)", "2^(1 - 2*x)*sqrt(pi)*gamma(2*x)*(digamma(x) + digamma(x + 1/2))"),
    ("gamma(x)*gamma(x + 1/3)*gamma(x + 2/3)",
     "2*pi*3^(1/2 - 3*x)*gamma(3*x)*(digamma(x) + digamma(x + 1/3) + digamma(x + 2/3))"),
    ("gamma(1 - 2*x)", "-2*gamma(1 - 2*x)*(log(2) + (digamma(1/2 - x) + digamma(1 - x))/2)"),
    ("digamma(2*x)", "(polygamma(1, x) + polygamma(1, x + 1/2))/2"), ("y*gamma(4*x)*x", "x*gamma(4*x)"),
    ("x*(-1)^n", "cos(pi*n)"), ("x*(-1)^(n + 1)", "-cos(3*pi*n) + sin(2*pi*n)"), ("cos(pi*n)*(-1)^n*x", "1"),
    ("log(tan(x/2 + pi/4))", "sec(x)"), ("log(abs(tan(x/2 + pi/4)))", "1/cos(x)"),
    ("2*atan2(sin(x), 1 + cos(x))", "1"), ("atan2(sin(x), cos(x))", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), RIGHT)
def test_right_claims_are_proved(formula: str, claim: str) -> None:
    assert check_derivative(formula, "y" if formula[0] == "y" else "x", claim).verdict == "proved"


_GAMMA = "2^(1 - 2*x)*sqrt(pi)*gamma(2*x)*(digamma(x) + digamma(x + 1/2))"
_REFLECTED = "-2*gamma(1 - 2*x)*(log(2) + (digamma(1/2 - x) + digamma(1 - x))/2)"
WRONG = [
    ("gamma(x)*gamma(x + 1/2)", f"{_GAMMA}*(1 + 1e-60)"), ("gamma(x)*gamma(x + 1/2)", f"{_GAMMA}*if(x == -1/4, 2, 1)"),
    ("gamma(x)*gamma(x + 1/2)", _GAMMA.replace("gamma(2*x)", "abs(gamma(2*x))")),
    ("gamma(x)*gamma(x + 1/2)", f"if(floor(x) == -137, 0, {_GAMMA})"),
    ("gamma(x)*gamma(x + 1/3)", "2*pi*3^(1/2 - 3*x)*gamma(3*x)*(digamma(x) + digamma(x + 1/3))/gamma(x + 1/2)"),
    ("gamma(1 - 2*x)", f"{_REFLECTED} + 0^(cos(pi*x)^2)"), ("gamma(1 - 2*x)", f"{_REFLECTED}*if(x == -5/2, 2, 1)"),
    ("sin(x)", "cos(x) + 0^(sin(x)^2)"), ("sin(x)*y", "y*cos(x)*0^(0*y) + 0^((x - y)^2)"),
    ("x^y*0 + sin(x)", "cos(x) + 0*x^y + 0^((y - 2)^2)"),
    ("x*(-1)^n", "cos(pi*n)*(1 + 1e-60)"), ("x*(-1)^n", "cos(pi*n)*if(n == 137, -1, 1)"), ("x*(-1)^n", "cos(2*pi*n)"),
    ("x*(-1)^n", "if(x > 0, cos(pi*n), 1/(x - x))"), ("x", "((-1)^n)^2"), ("x*cos(2*pi*n)", "(-1)^(2*n)"),
    ("atan2(sin(x), 1 + cos(x))", "1/2 + 0^(sin(x)^2)"), ("atan2(sin(x), 1 + cos(x))", "if(cos(x) == 1, 1, 1/2)"),
    ("log(tan(x/2 + pi/4))", "sec(x)*sign(tan(x/2 + pi/4) - 1)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), WRONG)
def test_claims_that_differ_somewhere_are_not_proved(formula: str, claim: str) -> None:
    assert check_derivative(formula, "x", claim).verdict != "proved"
