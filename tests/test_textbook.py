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


_BINOMIAL = "binomial(n, k)*p^{}*(1 - p)^{}"
_AT_ORIGIN = "if(x^2 + y^2 > 0, {}, {})"
_WITHOUT_ORIGIN = "y*(y^2 - x^2)/(x^2 + y^2)^2"
BY_HAND = [  # a formula, a name, the derivative, and what is wrong at a point, on a branch, or everywhere
    ("sqrt(1 + sin(2*x))", "x", "(cos(x) - sin(x))*sign(sin(x) + cos(x))", "cos(x) - sin(x)"),
    ("sqrt(1 - sin(2*x))", "x", "(sin(x) + cos(x))*sign(sin(x) - cos(x))", "-(sin(x) + cos(x))"),
    ("sqrt(1 + sin(4*x))", "x", "2*(cos(2*x) - sin(2*x))*sign(sin(2*x) + cos(2*x))", "2*(cos(2*x) - sin(2*x))"),
    ("sqrt(1 + sin(x))", "x", "sqrt(1 - sin(x))*sign(cos(x))/2", "sqrt(1 - sin(x))/2"),
    ("log(1 + sin(2*x)) - 2*log(abs(sin(x) + cos(x)))", "x", "0", "if(sin(x) + cos(x) < 0, 1, 0)"),
    (_AT_ORIGIN.format("x*y/(x^2 + y^2)", 0), "x", _AT_ORIGIN.format(_WITHOUT_ORIGIN, 0),
     _AT_ORIGIN.format(_WITHOUT_ORIGIN, 1)),
    (_AT_ORIGIN.format("x^3/(x^2 + y^2)", 0), "x", _AT_ORIGIN.format("(x^4 + 3*x^2*y^2)/(x^2 + y^2)^2", 1),
     _AT_ORIGIN.format("(x^4 + 3*x^2*y^2)/(x^2 + y^2)^2", 0)),
    ("if(x*y > 0, log(x*y), 0)", "x", "if(x*y > 0, 1/x, 0)", "if(x*y > 0, 1/x, if(x == -2, 1, 0))"),
    ("if(x > 0, x^2*(log(x) + y), 0)", "x", "if(x > 0, 2*x*(log(x) + y) + x, 0)",
     "if(x > 0, 2*x*(log(x) + y) + x, if(x == 0, 1, 0))"),
    ("clamp(x, a, b)", "a", "if(x < a and a < b, 1, 0)", "if(x < a and a < b, 1, if(x == a and a == b, 1, 0))"),
    ("clamp(x, a, b)", "b", "if(max(x, a) > b, 1, 0)", "if(x > b, 1, 0)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "name", "claim", "wrong"), BY_HAND)
def test_what_is_derived_by_hand_is_proved_and_its_neighbour_is_not(
    formula: str, name: str, claim: str, wrong: str
) -> None:
    check = check_derivative(formula, name, claim)
    assert check.verdict == "proved", check.reason
    assert check_derivative(formula, name, wrong).verdict not in ("proved", "agrees")


def test_a_factor_without_the_name_is_one_quantity_whatever_it_needs() -> None:
    claim = f"{_BINOMIAL.format('(k - 1)', '(n - k - 1)')}*(k - n*p)"  # 0^(-1) at p=0 k=0: right where it has a value
    found = check_derivative(_BINOMIAL.format("k", "(n - k)"), "p", claim)
    assert found.verdict == "conditional"
    powers = [each.split(", from ")[1] for each in found.conditions]
    # at p=1 n=k=1 the second is 0^(-1)
    assert powers == ["p^k and p^(k - 1)", "(1 - p)^(n - k) and (1 - p)^(n - k - 1)"]
    assert check_derivative("log(a)*x", "x", "log(a)*if(a == 3, 2, 1)").verdict == "wrong"
    assert check_derivative("log(a)*a^x", "x", "log(a)^2*a^x").verdict == "proved"
    assert check_derivative("log(a)*a^x", "x", "log(a)*a^x").verdict == "wrong"


RIGHT_ANGLES = [
    ("atan2(2*x*y, x^2 - y^2)", "x", "-2*y/(x^2 + y^2)"), ("atan2(w*L - 1/(w*C), R)", "w",
     "R*(L + 1/(w^2*C))/(R^2 + (w*L - 1/(w*C))^2)"),
    ("y*atan2(y, x)", "y", "atan2(y, x) + x*y/(x^2 + y^2)"), ("abs(atan2(y, x))", "x", "-abs(y)/(x^2 + y^2)"),
    ("atan2(y, x)", "y", "if(y == 0 and x < 0, 7, x/(x^2 + y^2))"),  # it jumps there
    ("y*atan2(y, x)", "y", "atan2(y, x) + x*y/(x^2 + y^2) + if(y == 0 and x < 0, 1, 0)"),  # slopes -pi and pi
]  # fmt: skip
WRONG_ANGLES = [
    ("atan2(y, x)", "y", "if(y == 0 and x > 0, 7, x/(x^2 + y^2))"),
    ("y^2*atan2(y, x)", "y", "2*y*atan2(y, x) + x*y^2/(x^2 + y^2) + if(y == 0 and x < 0, 1, 0)"),
    ("atan2(2*x*y, x^2 - y^2)", "x", "if(x == y, 1, -2*y/(x^2 + y^2))"),
    ("atan2(y, x) - atan(y/x)", "x", "if(x < 0 and y == 2, 1, 0)"),
]


@pytest.mark.parametrize(("formula", "name", "claim"), RIGHT_ANGLES)
def test_the_angle_of_a_point_is_proved_on_both_sides_of_its_jump(formula: str, name: str, claim: str) -> None:
    check = check_derivative(formula, name, claim)
    assert check.verdict == "proved", check.reason


@pytest.mark.parametrize(("formula", "name", "claim"), WRONG_ANGLES)
def test_the_angle_of_a_point_has_its_slope_beside_the_jump(formula: str, name: str, claim: str) -> None:
    assert check_derivative(formula, name, claim).verdict not in ("proved", "agrees")


def test_no_kink_is_named_where_the_angle_has_none() -> None:
    assert "kink" not in str(check_derivative("atan2(x, 1)", "x", "1/(1 + x^2)"))
    assert "kink" in str(check_derivative("atan2(x, -1)", "x", "-1/(1 + x^2)"))  # from -pi to pi at 0


def test_a_need_that_always_holds_is_not_named() -> None:
    assert check_derivative("atan2(sin(x), cos(x))", "x", "1").conditions == ()  # their squares are 1 together
    found = check_derivative("atan2(x - 1, x^2 - 1)", "x", "-1/((x + 1)^2 + 1)").conditions
    assert found == ("x != 1 or x^2 != 1, from atan2(x - 1, x^2 - 1)",)


def test_a_number_for_a_claim_is_no_slip_of_a_power() -> None:
    for formula, claim in (("x^2", "2"), ("x^2", "1"), ("3*x^2", "6"), ("(x^2 + 1)^2", "2")):
        assert "power rule" not in str(check_derivative(formula, "x", claim))
    assert "power rule" in str(check_derivative("x^3", "x", "3*x"))


def test_the_floor_of_what_lies_between_neighbours_is_known() -> None:
    for formula, right in (
        ("floor(1/(1 + exp(-x)))*x", "0"), ("x*floor(atan(x)/2)", "if(x < 0, -1, 0)"),
        ("floor(exp(-x^2)/2)*x", "0"), ("floor(sin(x))*x", "floor(sin(x))"),
    ):  # fmt: skip
        assert check_derivative(formula, "x", right).verdict == "proved"
        assert check_derivative(formula, "x", f"{right} + if(x == -3, 1, 0)").verdict == "wrong"
    assert check_derivative("x*floor(x/(1 + abs(x)))", "x", "if(x < 2, -1, 0)").verdict != "proved"  # 0 from 0 on


BESSEL = [  # DLMF 10.6.2, 10.29.2
    ("besselj(n, x)", "n*besselj(n, x)/x - besselj(n + 1, x)", "n*besselj(n, x)/x + besselj(n + 1, x)"),
    ("bessely(n, x)", "bessely(n - 1, x) - n*bessely(n, x)/x", "bessely(n - 1, x) + n*bessely(n, x)/x"),
    ("besseli(n, x)", "besseli(n - 1, x) - n*besseli(n, x)/x", "besseli(n - 1, x) + n*besseli(n, x)/x"),
    ("besselk(n, x)", "n*besselk(n, x)/x - besselk(n + 1, x)", "n*besselk(n, x)/x + besselk(n + 1, x)"),
    ("besselj(n + 3, x)", "besselj(n + 2, x) - (n + 3)*besselj(n + 3, x)/x",
     "besselj(n + 2, x) - (n + 2)*besselj(n + 3, x)/x"),
    ("besselj(n, x)", "if(n == 0, -besselj(1, x), (besselj(n - 1, x) - besselj(n + 1, x))/2)",
     "if(n == 0, besselj(1, x), (besselj(n - 1, x) - besselj(n + 1, x))/2)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "wrong"), BESSEL)
def test_bessel_functions_of_any_order_are_those_of_its_neighbours(formula: str, claim: str, wrong: str) -> None:
    assert check_derivative(formula, "x", claim).verdict == "proved"
    assert check_derivative(formula, "x", wrong).verdict == "wrong"


OF_WHOLE_ORDER = [  # what has a value for whole n alone where x is not positive; DLMF 10.6.6, 10.29.4, 8.17.4, 1.2.2
    ("x^n*besselj(n, x)", "x^n*besselj(n - 1, x)", "x^n*besselj(n + 1, x)"),
    ("x^(-n)*besseli(n, x)", "x^(-n)*besseli(n + 1, x)", "x^(-n)*besseli(n - 1, x)"),
    ("x*besselj(-floor(n), -y)", "besselj(floor(n), y)", "besselj(ceil(n), y)"),
    ("x*besselj(n, -1)", "if(n > 0 and n < 1, 5, besselj(n, -1))", "if(n > 0 and n <= 1, 5, besselj(n, -1))"),
    ("x*besselj(n*m, -1)", "cos(2*pi*n*m)*besselj(n*m, -1)", "cos(2*pi*n)*besselj(n*m, -1)"),
    ("x*polygamma(n, y)", "sign(n + 1/2)*polygamma(n, y)", "abs(cos(pi*n/2))*polygamma(n, y)"),
    ("sqrt(x)*besselj(1/3, 2/3*x^(3/2))", "x*besselj(-2/3, 2/3*x^(3/2))", "x*besselj(2/3, 2/3*x^(3/2))"),
    ("besselk(2/3, x)", "-besselk(1/3, x) - 2*besselk(2/3, x)/(3*x)", "-besselk(1/3, x) - besselk(2/3, x)/(3*x)"),
    ("x*betainc(a, a, 1/2)", "1/2", "1/2 + if(a == 7, 1, 0)"),
    ("x*sum(binomial(n, k)*abs(y)^k, k=0..n)", "(1 + abs(y))^n", "(1 + y)^n"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "wrong"), OF_WHOLE_ORDER)
def test_what_is_known_to_be_whole_is_nowhere_between_neighbours(formula: str, claim: str, wrong: str) -> None:
    assert check_derivative(formula, "x", claim).verdict == "proved"
    assert check_derivative(formula, "x", wrong).verdict == "wrong"
