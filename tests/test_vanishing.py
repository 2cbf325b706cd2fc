"""Quantities that are 0 by what inverse functions, roots and functions beyond the elementary ones are."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.switches import Interning
from gradcalc.judge.claims.court import check_derivative
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators
from gradcalc.proofs.cells import Cell
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.polynomials import generator, used
from gradcalc.proofs.reading import Reader
from gradcalc.work import Work

CONSTANTS = (
    ("4*atan(1/5) - atan(1/239)", "pi/4"),
    ("44*atan(1/57) + 7*atan(1/239) - 12*atan(1/682) + 24*atan(1/12943)", "pi/4"),
    ("atan(1) + atan(2) + atan(3)", "pi"), ("asin(3/5) + asin(4/5)", "pi/2"), ("gamma(7/2)", "15/8*sqrt(pi)"),
    ("gamma(-1/2)", "-2*sqrt(pi)"), ("gamma(1/3)*gamma(2/3)", "2*pi/sqrt(3)"), ("beta(1/2, 1/2)", "pi"),
    ("zeta(2)", "pi^2/6"), ("zeta(-3)", "1/120"), ("zeta(-2)", "0"), ("polygamma(1, 1/2)", "pi^2/2"),
    ("polygamma(1, 2 + sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3))", "pi^2/6 - 1"),  # polygamma(1, 2)
    ("digamma(3) - digamma(1)", "3/2"), ("digamma(3/4) - digamma(1/4)", "pi"), ("lambertw(2*e^2)", "2"),
    ("lambertw(-exp(-1/2)/2)", "-1/2"), ("ellipk(0)", "pi/2"), ("sin(pi/12)", "(sqrt(6) - sqrt(2))/4"),
    ("sin(pi/5)", "sqrt(10 - 2*sqrt(5))/4"), ("cos(pi/16)", "sqrt(2 + sqrt(2 + sqrt(2)))/2"),
    ("sin(pi/7)*sin(2*pi/7)*sin(3*pi/7)", "sqrt(7)/8"), ("cos(pi/21)", "cos(pi/3 - 2*pi/7)"),
    ("atan(2 - sqrt(3))", "pi/12"), ("lgamma(1/2)", "log(pi)/2"), ("airyai(0)", "1/(3^(2/3)*gamma(2/3))"),
    ("airyai(0)*airybiprime(0) - airyaiprime(0)*airybi(0)", "1/pi"), ("ellipk(1/2)", "gamma(1/4)^2/(4*sqrt(pi))"),
    ("ellipe(1/2)", "gamma(1/4)^2/(8*sqrt(pi)) + pi^(3/2)/gamma(1/4)^2"),
)  # fmt: skip
FUNCTIONS = (
    ("sqrt(1 - cos(x)^2)", "abs(sin(x))"), ("acosh(cosh(x))", "abs(x)"), ("gamma(1 - x)*gamma(x)", "pi/sin(pi*x)"),
    ("digamma(1 - x) - digamma(x)", "pi*cot(pi*x)"), ("polygamma(1, 1 - x) + polygamma(1, x)", "(pi/sin(pi*x))^2"),
    ("atan(x) + atan(1/x)", "pi/2*sign(x)"), ("asin(x)", "atan(x/sqrt(1 - x^2))"),
    ("2*atan(tanh(x/2))", "atan(sinh(x))"), ("2*atan(exp(x))", "pi/2 + asin(tanh(x))"),
    ("acosh(x)", "2*log(sqrt((x + 1)/2) + sqrt((x - 1)/2))"), ("asinh(x)", "atanh(x/sqrt(1 + x^2))"),
    ("sqrt(x + 2*sqrt(x - 1))", "sqrt(x - 1) + 1"), ("cbrt(3*x - 2 + (x + 2)*sqrt(x - 1))", "sqrt(x - 1) + 1"),
    ("log(tan(x/2))", "log(abs(csc(x) - cot(x)))"),
    ("lgamma(x + 1)", "lgamma(x) + log(abs(x))"), ("beta(x, z)", "gamma(x)*gamma(z)/gamma(x + z)"),
    ("besselj(3/2, x)", "sqrt(2/(pi*x))*(sin(x)/x - cos(x))"), ("besselk(-3/2, x)", "sqrt(pi/(2*x))*exp(-x)*(1 + 1/x)"),
    ("acos(1 - 2*x^2)", "2*asin(abs(x))"), ("asin(2*x - 1)", "2*asin(sqrt(x)) - pi/2"), ("asec(x)", "acos(1/x)"),
    ("atan(x) + atan(1/5)", "atan((5*x + 1)/(5 - x)) + if(x > 5, pi, 0)"), ("x*log(x)*atan(x)", "log(x^x)*atan(x)"),
    (
        "z*(log(x + sqrt(x^2 + 1)) + log(sqrt(x^2 + 1) - x)) + sqrt(z + 2*sqrt(z - 1))", "sqrt(z - 1) + 1",
    ), ("binomial(x, 2)", "x*(x - 1)/2"), ("x^n*x^m", "x^(n + m)"),
    ("(x^n)^2", "x^(2*n)"), ("(x^n)^2", "abs(x)^(2*n)"), ("x^n*z^n", "(x*z)^n"),
    ("li(x)", "Ei(log(x))"), ("li(exp(x))", "Ei(x)"), ("gammaupper(1/2, x^2)", "sqrt(pi)*erfc(abs(x))"),
    ("gammaupper(3/2, x)", "sqrt(pi)/2*erfc(sqrt(x)) + sqrt(x)*exp(-x)"), ("gammaupper(0, x)", "-Ei(-x)"),
    ("gammaupper((sqrt(5 + 2*sqrt(6)) - sqrt(2))/sqrt(3) - 1, x)", "-Ei(-x)"),  # of 0
    ("gammaupper(-1, x)", "exp(-x)/x + Ei(-x)"), ("gammaupper(z + 1, x)", "z*gammaupper(z, x) + x^z*exp(-x)"),
    ("gammalower(z, x)", "gamma(z) - gammaupper(z, x)"), ("gammainc(1/2, x)", "erf(sqrt(x))"),
    ("betainc(n, z, 1 - x)", "1 - betainc(z, n, x)"), ("betainc(z, 1, x)", "x^z"),
    ("betainc(1, z, x)", "1 - (1 - x)^z"),
    ("betainc(2, 3, x)", "6*x^2 - 8*x^3 + 3*x^4"), ("besselk(-n, x)", "besselk(n, x)"),
    ("besselk(1 - n, x)", "besselk(n - 1, x)"), ("besselk(n + 60, x)", "besselk(-n - 60, x)"),
    ("besselj(-floor(n), x)", "(-1)^floor(n)*besselj(floor(n), x)"),
    ("lambertw(x*exp(x))", "if(x >= -1, x, lambertw(x*exp(x)))"),
    ("gamma(7*x + 1)/gamma(x)", "7*x*gamma(7*x)/gamma(x)"), ("if(lambertw(x) == 1, x, 0)", "if(x == e, e, 0)"),
    ("if(lambertw(x) == 1, if(x > 3, 5, 7), x)", "if(x == e, 7, x)"),
    ("if(x > 3, if(lambertw(x) == 1, 5, x), 7)", "if(x > 3, x, 7)"),  # it is 1 at e, which is less
    ("if(n > 1/4 and n < 1/2 and x < 0, x^n, x)", "x"),  # where x^n has no value
    ("lambertw(x*log(x))", "if(x >= 1, log(x), lambertw(x*log(x)))"),
    ("lambertw(x*exp(x), -1)", "if(x <= -1, x, lambertw(x*exp(x), -1))"),
    ("ceil(x) - floor(x)", "if(x == floor(x), 0, 1)"),
    ("ceil(2*x) + floor(-2*x)", "0"),
    ("cos(x)*(asin(x) - pi/2) + exp(x)*(log(x + sqrt(x^2 + 1)) - asinh(x))", "-cos(x)*acos(x)"),
)  # fmt: skip


def proved(quantity: str, claim: str) -> bool:
    formula = prepare(parse(f"y*({quantity})"))
    return bool(prove_equal(Claimed(formula, our_derivative(formula, "y"), prepare(parse(claim)))))


@pytest.mark.parametrize(("quantity", "claim"), CONSTANTS + FUNCTIONS)
def test_the_same_by_what_functions_are(quantity: str, claim: str) -> None:
    assert proved(quantity, claim)
    assert not proved(quantity, f"{claim} + 1e-60")


@pytest.mark.parametrize(("quantity", "claim"), [
    ("atan(1) + atan(2) + atan(3)", "0"), ("4*atan(1/5) - atan(1/239)", "pi/4 - 2*pi"), ("asin(sin(x))", "x"),
    ("atan(x) + atan(1/x)", "pi/2"), ("2*atan(x)", "asin(2*x/(1 + x^2))"), ("3*asin(x)", "asin(3*x - 4*x^3)"),
    ("acosh(cosh(x))", "x"), ("sqrt(x - 2*sqrt(x - 1))", "sqrt(x - 1) - 1"), ("6*atan(x)", "6*atan(x) - 2*pi"),
    ("log(x^2)", "2*log(x + 1e-60)"), ("lgamma(x)", "log(gamma(x))"), ("sqrt(1 - cos(x)^2)", "sin(x)"),
    ("atan(x) + atan(z)", "atan((x + z)/(1 - x*z))"), ("gamma(1 - x)*gamma(x)", "pi/cos(pi*x)"),
    ("asin(x) - atan(x/sqrt(1 - x^2))", "if(x == 1/2, 1, 0)"), ("atan(2 - sqrt(3) + 1e-40)", "pi/12"),
    ("lambertw(-exp(-2)*2, -1)", "-0.406"), ("lambertw(-exp(-2)*2, n)", "-2"), ("ellipk(x)", "pi/2"),
    ("ellipe(1/2)", "pi/2"), ("61*atan(x)", "atan(z)"), ("61*log(x)", "log(z)"),
    ("x^(2*n)", "abs(x)^(2*n)"), ("(x^2)^n", "x^(2*n)"), ("x^n", "abs(x)^n"),
    ("x^(n/2)*x^(n/2)", "abs(x)^n*sign(x)"), ("x^(n + m)", "abs(x)^(n + m)"),
    ("atan(x) + atan(1/5)", "atan((5*x + 1)/(5 - x))"), ("atan(x)^2", "atan(x)*asin(x/sqrt(1 + x^2)) + 1e-60"),
    ("6*atan(x)", "2*atan((3*x - x^3)/(1 - 3*x^2))"), ("-6*atan(x)", "2*atan((x^3 - 3*x)/(1 - 3*x^2))"),
    ("6*asin(x)", "2*asin(3*x - 4*x^3)"), ("asin(x)^2", "atan(x/sqrt(1 - x^2))"),
    ("cbrt(3*x - 2 - (x + 2)*sqrt(x - 1))", "sqrt(x - 1) - 1"), ("asin(x)*atan(x)", "atan(x)"),
    ("gammaupper(1/2, x^2)", "sqrt(pi)*erfc(x)"), ("gammaupper(0, x)", "Ei(-x)"),
    ("betainc(z, n, x)", "betainc(n, z, x)"), ("betainc(z, z, x)", "1/2"), ("besseli(-1, x)", "-besseli(1, x)"),
    ("gammaupper(z - 1, x)", "if(z == 1, Ei(-x), (gammaupper(z, x) - x^(z - 1)*exp(-x))/(z - 1))"),
    ("betainc(n, z, 1 - x)", "1 - betainc(n, z, x)"), ("betainc(z, 1, x)", "z*x^z"), ("betainc(1, z, x)", "1 - x^z"),
    ("lambertw(x*exp(x))", "x"), ("lambertw(x*exp(x))", "if(x >= -1.0001, x, lambertw(x*exp(x)))"),
    ("lambertw(x*exp(x), -1)", "if(x <= -0.9, x, lambertw(x*exp(x), -1))"), ("lambertw(x*log(x))", "log(x)"),
    ("besselk(-n, x)", "-besselk(n, x)"), ("besselj(-n, x)", "cos(pi*n)*besselj(n, x)"),
    ("besseli(-n, x)", "besseli(n, x)"),
    ("besselj(-floor(n), x)", "besselj(floor(n), x)"), ("li(x)", "Ei(log(x)) + if(x < 1, 1e-30, 0)"),
    ("ceil(x) - floor(x)", "1"), ("ceil(x) - floor(x)", "if(x == 3, 1, if(x == floor(x), 0, 1))"),
    ("airyai(0)", "1/(3^(1/3)*gamma(2/3))"), ("airyaiprime(0)", "1/(3^(1/3)*gamma(1/3))"),
    ("ellipk(1/2)", "gamma(1/4)^2/4"),
    ("gamma(x - 3)", "gamma(x)/((x - 1)*(x - 2))"), ("sqrt(x^2)", "if(x < 1e6, abs(x), x*(1 + 1e-60))"),
])  # fmt: skip
def test_nothing_is_the_same_that_is_not_so_on_every_branch(quantity: str, claim: str) -> None:
    assert not proved(quantity, claim)


@pytest.mark.parametrize(
    ("arc", "signs", "times", "turns", "is_below"),
    [
        # atan is more than -pi/2 and less than pi/2
        ("atan(x)", {-1, 0, 1}, 4, 0, True), ("atan(x)", {-1, 0, 1}, 5, 0, False), ("atan(x)", {-1, 0, 1}, 2, 1, True),
        ("atan(x)", {-1, 0, 1}, 2, -1, True), ("atan(x)", {-1, 0, 1}, -2, 1, True),
        ("atan(x)", {-1, 0, 1}, 2, "5/4", False), ("atan(x)", {-1, 0, 1}, 2, "-5/4", False),
        ("atan(x)", {-1}, 4, 0, True), ("atan(x)", {-1}, 4, 2, True), ("atan(x)", {-1}, 4, -1, False),
        ("atan(x)", {-1}, -4, 0, True), ("atan(x)", {-1}, -4, 1, False), ("atan(x)", {1}, 4, -2, True),
        # asin comes to both
        ("asin(x)", {-1, 0, 1}, 4, 0, False), ("asin(x)", {-1, 0, 1}, 3, 0, True), ("asin(x)", {-1, 0, 1}, 2, 1, False),
        ("asin(x)", {-1, 0, 1}, 2, -1, False), ("asin(x)", {1}, 4, 0, False), ("asin(x)", {1}, -4, 0, False),
        ("asin(x)", {1}, 4, -2, True), ("asin(x)", {1}, -4, 2, True), ("asin(x)", {1}, 3, 0, True),
        ("asin(x)", {0, 1}, 4, -2, False), ("asin(x)", {0, 1}, 3, -1, True), ("asin(x)", {-1, 0}, 4, 2, False),
        # numbers
        ("atan(2)", {-1, 0, 1}, 5, 0, True), ("atan(2)", {-1, 0, 1}, 6, 0, False), ("atan(2)", {-1, 0, 1}, -6, 2, True),
    ],
)  # fmt: skip
def test_sums_of_arcs_that_are_less_than_two_turns(
    arc: str, signs: set[int], times: int, turns: str | int, is_below: bool
) -> None:
    cell = Cell(Generators(frozenset("x")))
    reader = Reader(cell, Interning(), work=Work(5))
    x = reader.read(prepare(parse("x"))).top
    (index,) = used(reader.read(prepare(parse(arc))).top)
    if len(signs) < 3:
        cell._fact(x, frozenset(signs))
    total = reader.read(prepare(parse(f"({turns})*pi + {times}*{arc}")))
    arcs = {index: Fraction(times)}
    assert reader._is_below_two_turns(total, arcs, Fraction(turns), Fraction(1)) is is_below
    assert generator(index) == reader.read(prepare(parse(arc))).top


@pytest.mark.parametrize(("quantity", "claim", "wrong"), [
    ("besselj(-n, 2)", "(-1)^n*besselj(n, 2)", "(-1)^(n + 1)*besselj(n, 2)"),
    ("besselj(n, -z)", "(-1)^n*besselj(n, z)", "0*(-1)^n + besselj(n, z)"),
    ("besseli(-n, 2)", "0*(-1)^n + besseli(n, 2)", "(-1)^n*besseli(n, 2)"),
    ("cospi(n)", "(-1)^n", "(-1)^(n + 1)"), ("floor(n)", "n + 0*(-1)^n", "n + 1 + 0*(-1)^n"),
])  # fmt: skip
def test_what_holds_for_whole_numbers_is_right_where_the_claim_has_a_value(
    quantity: str, claim: str, wrong: str
) -> None:
    found = check_derivative(f"x*{quantity}", "x", claim)
    assert (found.verdict, "== floor(n" in found.conditions[0]) == ("conditional", True)
    assert check_derivative(f"x*{quantity}", "x", wrong).verdict == "wrong"
