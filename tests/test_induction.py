"""Sums and products up to a name, by induction over it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

import gradcalc as gc
from gradcalc.engine.rewrite import our_derivative, prepare, prepare_open
from gradcalc.judge.claims.court import check_derivative
from gradcalc.judge.claims.needs import needed
from gradcalc.judge.claims.open_sums import _lacks_points, _named, _proof
from gradcalc.judge.claims.result import Assertion, Need
from gradcalc.language.formula import expression
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.proofs.equality import Equality
from gradcalc.proofs.induction import _asking, _calls, _first_terms
from gradcalc.proofs.termwise import prove_slopes_termwise, prove_termwise
from gradcalc.symbolic.referee import Held
from gradcalc.verdict import Verdict
from gradcalc.work import Work


def shown(formula: str, claim: str) -> Equality:
    truth = our_derivative(prepare_open(parse(f"y*{formula}")), "y")
    return prove_termwise(truth, parse(claim), ("x", "y"), Work(20))


@pytest.mark.parametrize(("formula", "claim", "proved"), [
    ("sin(sum(k*x, k=1..n))", "sin(sum(j*x, j=1..n))", True), ("sin(sum(k*x, k=1..n))", "sin(sum(k*x, k=2..n))", False),
    ("sin(sum(k*x, k=1..n))", "sin(sum(k*x, k=1..n+1))", False), ("sin(sum(x, k=1..n))", "sin(prod(x, k=1..n))", False),
    ("sin(sum(k*x, k=1..n))", "sin(sum(k*x + x, k=1..n))", False),
    ("sum(x^k, k=1..n) - sum(x, k=1..n)", "sum(x^k - x, k=1..n)", True),
    ("sum(x^k, k=1..n) + sum(x, k=1..n)", "sum(x^k + x, k=1..n)", True),
    ("-sum(x^k, k=1..n)", "sum(-x^k, k=1..n)", True), ("sum(x^k, k=1..n)", "sum(x^(k - 1), k=2..n+1)", True),
    ("sum(x^k, k=1..n)", "x + sum(x^k, k=2..n)", False),  # which is x for n = 0
    ("sum(x^k, k=1..abs(n))", "sum(x^j, j=1..abs(n))", True), ("sum(x^k, k=1..abs(n))", "sum(x^k, k=1..n)", False),
])  # fmt: skip
def test_sums_are_equal_by_their_terms(formula: str, claim: str, proved: bool) -> None:
    assert bool(prove_termwise(parse(formula), parse(claim), ("x",), Work(20))) is proved


@pytest.mark.parametrize(("formula", "claim"), [
    ("sum(k, k=1..n)", "n*(n + 1)/2"), ("sum(k^3, k=0..n)", "n^2*(n + 1)^2/4"), ("sum(2*k - 1, k=3..n)", "n^2 - 4"),
    ("sum(x^k, k=0..n)", "(1 - x^(n + 1))/(1 - x)"), ("prod(k, k=1..n)", "factorial(n)"), ("prod(x, k=1..n)", "x^n"),
    ("sum(1/(k*(k + 1)), k=1..n)", "1 - 1/(n + 1)"), ("sum(sin(k*x), k=1..n)*sin(x/2)", "sin(n*x/2)*sin((n + 1)*x/2)"),
    ("sum(k*x^k, k=1..n)", "x*(1 - (n + 1)*x^n + n*x^(n + 1))/(1 - x)^2"),
])  # fmt: skip
def test_closed_forms(formula: str, claim: str) -> None:
    assert shown(formula, claim)


def test_a_closed_form_is_shown_from_the_empty_sum_on() -> None:
    for low, claim in ((1, "n*(n + 1)/2"), (2, "n*(n + 1)/2 - 1"), (5, "n*(n + 1)/2 - 10")):
        assert shown(f"sum(k, k={low}..n)", claim).needs == (parse(f"n >= {low - 1}"),)


def test_no_end_is_left_out_between_the_first_ones_and_the_step() -> None:
    for end in range(3, 9):
        assert not shown("sum(k, k=4..n)", f"n*(n + 1)/2 - 6 + if(n >= {end}, 1, 0)")


@pytest.mark.parametrize("claim", [
    "n*(n + 1)/2 + 7*(1 + (n - 137)/abs(n - 137))/2", "if(n == 137, 1, n*(n + 1)/2)", "n*(n + 1)/2 + if(n > 1e6, 1, 0)",
    "n*(n + 1)/2 + floor(n/200)", "n*(n + 1)/2*(1 + 1e-60)",
    "n*(n + 1)/2 + (n - x)/abs(n - x) - abs(n - x)/(n - x) + n",
    "n*(n + 1)/2 + 1", "n*(n + 1)/2 + sin(x*n)^2", "if(x == 1/3 and n > 4, 0, n*(n + 1)/2)",
    "n*(n + 1)/2 + if(x == 2 and n > 0, n/n, 0)",
])  # fmt: skip
def test_no_form_is_closed_that_is_wrong_beyond_some_end(claim: str) -> None:
    assert not shown("sum(k, k=1..n)", claim)


@pytest.mark.parametrize(("formula", "claim"), [
    ("prod(x, k=1..n)", "x^n + floor(n/200)"), ("prod(k, k=1..n)", "factorial(n) + floor(n/40)"),
    ("prod(x, k=1..n)", "x^n*(1 + n*(n - 1)*(n - 2)*(n - 3)*(n - 4))"), ("prod(x, k=1..n)", "x^n*if(n > 9, 2, 1)"),
])  # fmt: skip
def test_both_sides_must_grow_by_the_factor_of_a_product(formula: str, claim: str) -> None:
    """All are right for the ends that the induction begins with, and wrong for others."""
    assert not shown(formula, claim)


def test_what_was_supposed_is_said() -> None:
    check = check_derivative("y*sum(k, k=1..n)", "y", "n*(n + 1)/2")
    assert check.verdict == "proved"
    assert check.conditions[0] == "n >= 0"


@pytest.mark.parametrize(("formula", "claim"), [
    ("x*sum(k, k=1..n)^2", "sum(k^3, k=1..n)"), ("x*2*sum(k, k=1..n)^4", "sum(k^7, k=1..n) + sum(k^5, k=1..n)"),
    ("prod(x, k=1..n)", "n*x^(n - 1)"), ("prod(2*x, k=0..n)", "(n + 1)*2^(n + 1)*x^n"),
    ("prod(cos(x/2^k), k=1..n)", "-prod(cos(x/2^k), k=1..n)*sum(tan(x/2^k)/2^k, k=1..n)"),
    ("x*sum(a*k + b, k=2..n)*sum(1, k=2..n)", "(n - 1)^2*(a*(2 + n)/2 + b)"),
    ("sum(x*k, k=-3..n)", "n*(n + 1)/2 - 6"), ("prod(x, k=-1..n)", "(n + 2)*x^(n + 1)"),
    ("sum(abs(x)*k, k=1 - 3..n)", "sign(x)*(n*(n + 1)/2 - 3)"),
])  # fmt: skip
def test_sums_in_closed_form(formula: str, claim: str) -> None:
    assert check_derivative(formula, "x", claim).verdict == "proved"


@pytest.mark.parametrize(("formula", "claim"), [
    ("x*sum(k, k=1..n)^2", "sum(k^3, k=1..n)*(1 + 1e-60)"), ("x*sum(k, k=1..n)^2", "sum(k^3, k=1..n + 1)"),
    ("x*sum(k, k=1..n)^2", "sum(k^3, k=1..n) + if(n == 137, 1, 0)"), ("prod(x, k=1..n)", "n*abs(x)^(n - 1)"),
    ("prod(x, k=1..n)", "n*x^(n - 1)*if(x == 1/3, 2, 1)"), ("prod(x, k=1..n)", "n*x^(n - 1) + floor(n/200)"),
    ("x*sum(sqrt(k^2), k=m..n)*sum(1, k=m..n)", "(n - m + 1)^2*(m + n)/2"),
])  # fmt: skip
def test_no_sum_in_closed_form_is_another(formula: str, claim: str) -> None:
    assert not _proof(Assertion(parse(formula), "x", parse(claim), seconds=20.0))


@pytest.mark.parametrize(("formula", "claim"), [
    ("prod(exp(k*x), k=1..n)", "n*(n + 1)/2*exp(n*(n + 1)/2*x)"), ("prod(k*x, k=1..n)", "n*factorial(n)*x^(n - 1)"),
    ("prod(x^k, k=1..n)", "n*(n + 1)/2*x^(n*(n + 1)/2 - 1)"), ("prod(-x, k=1..n)", "n*(-1)^n*x^(n - 1)"),
    ("prod(2*k*x*(2*k - 1), k=1..n)", "n*factorial(2*n)*x^(n - 1)"), ("prod(-1/x, k=1..n)", "-n*(-1)^n/x^(n + 1)"),
    ("prod(sqrt(exp(k*x)), k=1..n)", "n*(n + 1)/4*exp(n*(n + 1)*x/4)"),
    ("sum(binomial(n, k)*x^k, k=0..n)", "n*(1 + x)^(n - 1)"),
    ("sum(binomial(n, k)*x^k*(1 - x)^(n - k), k=0..n)", "0"),
    ("sum(x*(-1)^k, k=0..2*n)", "1"), ("sum(x*(-1)^k, k=0..n)", "(1 + (-1)^n)/2"),
    ("sum(2^k*x, k=0..n)", "2^(n + 1) - 1"),
    ("log(sum(exp(-k*x), k=0..n))", "-sum(k*exp(-k*x), k=0..n)/sum(exp(-k*x), k=0..n)"),
    ("sum(abs(x*k), k=1..n)", "n*(n + 1)/2*sign(x)"), ("sum((-1)^k*abs(x), k=1..n)", "sum((-1)^k, k=1..n)*sign(x)"),
    ("sum((-1)^k*floor(x), k=1..n)", "0"), ("sum(abs(x)^k, k=1..n)", "sum(k*abs(x)^(k - 1)*sign(x), k=1..n)"),
])  # fmt: skip
def test_sums_by_what_moves_with_the_index(formula: str, claim: str) -> None:
    assert check_derivative(formula, "x", claim).verdict == "proved"


@pytest.mark.parametrize(("formula", "claim"), [
    # there is a derivative at 0 where the sum of the factors is 0, and it is 0
    ("sum((-1)^k*abs(x), k=1..n)", "sum((-1)^k, k=1..n)*if(x >= 0, 1, -1) + if(x == 0 and (-1)^n == 1, 1, 0)"),
    ("sum((-1)^k*floor(x), k=1..n)", "if(x == floor(x), 1, 0)"),
    ("sum((k - 2)*floor(x), k=1..n)", "if(x == floor(x) and n == 3, 1, 0)"),
    ("sum(abs(x*k), k=1..n)", "n*(n + 1)/2*if(x >= 0, 1, -1) + if(n == 0, 1, 0)"),
    # the rules give 0 where the kinks of terms cancel each other, and the derivative is 1
    ("exp(sum(if(k == 1, max(x, 0), if(k == 2, min(x, 0), 0)), k=1..n))",
     "exp(sum(if(k == 1, max(x, 0), if(k == 2, min(x, 0), 0)), k=1..n))*"
     "sum(if(k == 1, if(x > 0, 1, 0), if(k == 2 and x < 0, 1, 0)), k=1..n)"),
    # equal for the first ends only, or for all terms but those at the ends
    ("sum(binomial(n, k)*x^k, k=0..n)", "n*(1 + x)^(n - 1) + if(n == 137, 1, 0)"),
    ("sum(binomial(n, k)*x^k, k=0..n - 1)", "n*(1 + x)^(n - 1)"),
    ("sum(binomial(n, k)*x^k, k=1..n)", "n*(1 + x)^(n - 1) + 1"),
    ("sum(binomial(n + 1, k)*x^k, k=0..n)", "(n + 1)*(1 + x)^n"),
    ("sum(binomial(n, k)*x^k, k=0..n)", "n*abs(1 + x)^(n - 1)"),
    ("sum(x*(-1)^k, k=0..2*n)", "1 + if(n == 40, 1, 0)"), ("sum(x*(-1)^k, k=0..2*n + 1)", "1"),
    ("sum(2^k*x, k=0..n)", "2^(n + 1) - 1 + floor(n/50)"),
    ("log(sum(exp(-k*x), k=0..n))", "-sum(k*exp(-k*x), k=0..n - 1)/sum(exp(-k*x), k=0..n)"),
    # of factors that are negative, or 0
    ("prod(k*x, k=1..n)", "n*factorial(n)*abs(x)^(n - 1)"),
    ("prod(x^k, k=1..n)", "n*(n + 1)/2*abs(x)^(n*(n + 1)/2 - 1)"),
    ("prod((k - 3)*x, k=1..n)", "if(n < 3, n*prod(k - 3, k=1..n)*x^(n - 1), 0) + if(n == 7, 1, 0)"),
    # 0 at all whole numbers but one, beside which there are no others
    ("sum(x*k, k=1..n)", "n*(n + 1)/2 + sinc(pi*(n - 137))"), ("sum(x^2, k=1..n)", "2*n*x + sinc(acos(-1)*(n - 137))"),
    ("sum(sin(k*x), k=1..n)", "sum(k*cos(k*x) + sinc(pi*(k - 137)), k=1..n)"),
])  # fmt: skip
def test_no_law_of_sums_shows_a_claim_that_is_wrong(formula: str, claim: str) -> None:
    assert not _proof(Assertion(parse(formula), "x", parse(claim), seconds=20.0))


@pytest.mark.parametrize(("formula", "claim"), [
    ("prod(1/y, k=1..n)", "if(y == 0, 7, y^(-n))"), ("prod(log(y), k=1..n)", "if(y < 0, 7, log(y)^n)"),
    ("prod(sqrt(y), k=1..n)", "if(y < 0, 7, y^(n/2))"), ("prod(k^(1/y), k=1..n)", "if(y == 0, 7, gamma(n + 1)^(1/y))"),
    ("prod(exp(log(y)), k=1..n)", "if(y < 0, 7, y^n)"), ("prod(gamma(y), k=1..n)", "if(y == -3, 7, gamma(y)^n)"),
    ("sum(digamma(y), k=1..n)", "if(y == -3, 7, n*digamma(y))"),
    ("sum(k*polygamma(1, y), k=1..n)", "if(y == -3, 7, n*(n + 1)/2*polygamma(1, y))"),
    ("prod(zeta(y), k=1..n)", "if(y == 1, 7, zeta(y)^n)"), ("prod(asin(y), k=1..n)", "if(y == 3, 7, asin(y)^n)"),
    ("sum(log(y^2)*(-1)^k, k=1..n)", "if(y == 0, 7, log(y^2)*sum((-1)^k, k=1..n))"),
    ("prod(log(y^2), k=1..n)", "if(y == 0, 7, log(y^2)^n)"),
    # with m < 0 and n = 0 it is 0^0
    ("sum(binomial(n, k)*y^(m*k), k=0..n) + 0*sum(1, k=-9..m)", "if(y == 0 and m < 0, 7, (1 + y^m)^n)"),
])  # fmt: skip
def test_a_product_of_none_is_1_where_its_factors_would_have_no_value(formula: str, claim: str) -> None:
    """Where the claims are 7, the whole is 1, or 0, for the first end, and has no value for all others."""
    assert not _proof(Assertion(parse(f"x*({formula})"), "x", parse(claim), seconds=20.0))


@pytest.mark.parametrize(("formula", "claim"), [
    ("sum(floor(x/k), k=1..n)", "0"), ("sum(abs(k*x), k=1..n)", "sum(k*sign(x), k=1..n)"),
    ("sum(clamp(k*x, -1, 1), k=1..n)", "sum(if(abs(k*x) < 1, k, 0), k=1..n)"),
    ("sum(abs(x)^k, k=1..n)", "sum(k*abs(x)^(k - 1)*sign(x), k=1..n)"),
    ("sum(floor(x/k) - abs(k*x), k=1..n)", "sum(-k*sign(x), k=1..n)"),
])  # fmt: skip
def test_kinks_in_one_point_that_step_the_same_way(formula: str, claim: str) -> None:
    assert shown_by_slopes(formula, claim)


@pytest.mark.parametrize(("formula", "claim"), [
    ("sum(floor(k*x) - floor(2*x), k=1..n)", "if(x == 1/2, 1, 0)"),
    ("sum(floor(x/k) - floor(x/2), k=1..n)", "if(x == 2, 1, 0)"),
    ("sum(floor(x) + ceil(-x), k=1..n)", "if(x == 1, 1, 0)"),
    ("sum(floor(k*x) - ceil(k*x), k=1..n)", "if(x == 1, 1, 0)"),
    ("sum((k - 2)*abs(x - 1), k=1..n)", "sum((k - 2)*if(x >= 1, 1, -1), k=1..n)"),
    ("sum(abs(x) - abs(k*x)/2, k=1..n)", "sum(sign(x) - k*sign(x)/2, k=1..n) + if(x == 0, 1, 0)"),
    ("sum(abs(k*x), k=1..n) - sum(abs(k*x), k=1..m)", "sum(if(x >= 0, k, -k), k=1..n) - sum(if(x > 0, k, -k), k=1..m)"),
    ("sum(abs(x*(k - 2)), k=1..n) - abs(x)", "sum(abs(k - 2), k=1..n)*if(x >= 0, 1, -1) - if(x >= 0, 1, -1)"),
    ("sum(abs(x)^k, k=1..n) - abs(x)", "sum(k*abs(x)^(k - 1)*sign(x), k=1..n) - sign(x) + if(x == 0, 1, 0)"),
    ("sum(relu(k*x), k=1..n) - relu(x)", "sum(if(x >= 0, k, 0), k=1..n) - if(x >= 0, 1, 0)"),
])  # fmt: skip
def test_kinks_that_step_against_each_other(formula: str, claim: str) -> None:
    assert not shown_by_slopes(formula, claim)


@pytest.mark.parametrize("factor", ["(-2)^y", "besselj(y, -2)"])
def test_a_product_of_no_factors_is_1_where_these_ask_for_a_whole_number(factor: str) -> None:
    formula = f"x*prod({factor}, k=1..n)"
    for at_none, is_right in (("1", True), ("if(y == 0.1234, 5, 1)", False)):
        claim = f"if(n == 0, {at_none}, ({factor})^n)"
        assert bool(_proof(Assertion(parse(formula), "x", parse(claim), seconds=20.0))) is is_right


def test_constants_in_terms_keep_their_values() -> None:
    assert check_derivative("sum(x*cos(pi*k), k=1..n)", "x", "sum((-1)^k, k=1..n)").verdict == "proved"
    found = check_derivative("sum(sin(pi*k*x), k=1..n)", "x", "sum(cos(pi*k*x), k=1..n)")
    assert (found.verdict, "inner derivative" in found.hint) == ("wrong", True)


def test_a_number_that_changes_with_the_terms_is_no_hint() -> None:
    assert check_derivative("x*sum(1, k=1..n)", "x", "n + 1").hint == ""
    found = check_derivative("sum(sin(k*x)/k, k=1..n)", "x", "sum(cos(k*x), k=0..n)")
    assert found.hint == "with n=1: that is the derivative plus 1"


@pytest.mark.parametrize(
    ("claim", "verdict", "condition"),
    [
        (
            "sum(k*x^(k - 1), k=1..n) + 0*log(x)",
            "conditional",
            "x > 0, from log(x), with n=1",
        ),  # equal where it is told
        ("sum(k*x^(k - 1) + 0*sqrt(x), k=1..n)", "conditional", "x >= 0, from sqrt(x), with n=1"),
        ("sum(k*x^(k - 1), k=1..n) + 0/x", "proved", "x != 0, from 0/x, with n=3"),  # has no value at one point
        ("sum(k*x^(k - 1), k=1..n) + n*0", "proved", None),
    ],
)
def test_a_claim_on_an_open_sum_that_has_no_value_in_a_part_is_not_proved(claim, verdict, condition) -> None:
    found = check_derivative("sum(x^k, k=1..n)", "x", claim)
    assert (found.verdict, condition is None or condition in found.conditions) == (verdict, True)


def shown_by_slopes(formula: str, claim: str, order: int = 1) -> Equality:
    return prove_slopes_termwise(parse(formula), parse(claim), "x", order, ("x", "y"), Work(20))


@pytest.mark.parametrize(("formula", "claim", "order"), [
    ("sum(abs(x - k), k=1..n)", "sum(sign(x - k), k=1..n)", 1),
    ("sum(abs(x - k), k=1..n)", "sum(if(x >= k, 1, -1), k=1..n)", 1),
    ("sum(max(x, k), k=1..n)", "sum(if(x > k, 1, 0), k=1..n)", 1),
    ("y*sum(max(0, 1 - k*x), k=1..n)", "-sum(if(k*x < 1, y*k, 0), k=1..n)", 1),
    ("sum(max(x - k, 0)^2, k=1..n)", "2*sum(max(x - k, 0), k=1..n)", 1),
    ("sum((-1)^k*max(x, 0)^2, k=1..n)", "2*sum((-1)^k*max(x, 0), k=1..n)", 1),
    ("sum(abs(x - k^2), k=1..n)", "sum(sign(x - k^2), k=1..n)", 1),
    ("abs(x - 1/2) - sum(abs(x - k), k=1..n)", "sign(x - 1/2) - sum(sign(x - k), k=1..n)", 1),
    ("sum(abs(x - k), k=1..n) - sum(abs(x - k), k=2..n)", "sum(sign(x - k), k=1..n) - sum(sign(x - k), k=2..n)", 1),
    ("sum(abs(x - k)*(x - k), k=1..n)", "2*sum(sign(x - k), k=1..n)", 2), ("sum(if(x > k, 1, 0), k=1..n)", "0", 1),
])  # fmt: skip
def test_terms_with_kinks_of_which_no_two_meet(formula: str, claim: str, order: int) -> None:
    assert shown_by_slopes(formula, claim, order)


@pytest.mark.parametrize(("formula", "claim"), [
    # kinks cancel each other, or may do so for some n and y, and then there is a derivative, which the claim is not
    ("sum(clamp(x - k, 0, 1), k=1..n)", "sum(if(x > k and x < k + 1, 1, 0), k=1..n)"),
    ("sum(if(k == 1, abs(x), -abs(x)), k=1..n)", "sum(if(k == 1, if(x >= 0, 1, -1), -sign(x)), k=1..n)"),
    ("sum((-1)^k*abs(x), k=1..n)", "sum((-1)^k*if(x >= 0, 1, if(k == 2, 3, -1)), k=1..n)"),
    ("sum(cbrt(x)*if(k == 1, 1, -1), k=1..n)", "sum(if(x == 0, 1, if(k == 1, 1, -1)/(3*cbrt(x)^2)), k=1..n)"),
    ("sum((k - 2)*abs(x - (k - 2)^2), k=1..n)", "sum((k - 2)*if(x >= (k - 2)^2, 1, -1), k=1..n)"),
    ("sum((-1)^k*floor(x), k=1..n)", "if(x == floor(x), 1, 0)"),
    ("sum((-1)^k*abs(x - y*k), k=1..n)", "sum((-1)^k*if(x >= y*k, 1, -1), k=1..n)"),
    ("abs(x - 1) - sum(abs(x - k), k=1..n)", "if(x >= 1, 1, -1) - sum(sign(x - k), k=1..n)"),
    ("abs(x - 3) - sum(abs(x - k), k=1..n)", "if(x >= 3, 1, -1) - sum(sign(x - k), k=1..n)"),
    ("sum(abs(x - k), k=1..n) - sum(abs(x - k), k=1..m)", "sum(if(x >= k, 1, -1), k=1..n) - sum(sign(x - k), k=1..m)"),
    # a domain ends where another term has a kink
    ("sum(if(k == 1, abs(x - 1), if(k == 2, (x - 1)^1.5, 0)), k=1..n)",
     "sum(if(k == 1, sign(x - 1), if(k == 2, 1.5*sqrt(x - 1), 0)), k=1..n)"),
    ("sum(abs(x - k), k=1..n) + if(x >= 3, x, log(-1))",
     "sum(if(x == k, 77, sign(x - k)), k=1..n) + if(x >= 3, 1, log(-1))"),
    ("sum(abs(x - k), k=1..n) + if(x >= 3 or log(-1) > 0, x, 0)",
     "sum(if(x == k, 77, sign(x - k)), k=1..n) + if(x >= 3 or log(-1) > 0, 1, 0)"),
    # too many terms of one sum alone
    ("sum(x^k, k=1..n) - sum(abs(x - k), k=100..n)", "sum(k*x^(k - 1), k=1..n) - sum(if(x >= k, 1, -1), k=100..n)"),
    # wrong beside the kinks, at one point, for one term
    ("sum(abs(x - k), k=1..n)", "sum(if(x >= k, 1, 0), k=1..n)"),
    ("sum(abs(x - k), k=1..n)", "sum(sign(x - k) + if(x == 137 and k == 4, 1, 0), k=1..n)"),
    ("sum(abs(x - k), k=1..n)", "sum(sign(x - k) + if(k == 137, 1, 0), k=1..n)"),
    ("sum(max(x - k, 0)^2, k=1..n)", "sum(if(x > k, 2*(x - k), if(x == k, 1, 0)), k=1..n)"),
    ("sum(max(x - k, 0)^2, k=1..n)", "sum(if(x > k - 1, 2*(x - k), 0), k=1..n)"),
    ("sum(abs(x - k), k=1..n)", "1/0*sum(sign(x - k), k=1..n)"), ("x*sum(abs(y - k), k=1..n)", "sum(y - k, k=1..n)"),
])  # fmt: skip
def test_kinks_that_may_cancel_and_claims_that_are_wrong(formula: str, claim: str) -> None:
    assert not shown_by_slopes(formula, claim)


@pytest.mark.parametrize(("formula", "claim", "is_right"), [
    # where the rules write none, there is a derivative all the same: of x - k, and of (x - k)^1.5 at its end
    ("sum(cbrt(x - k)^3, k=1..n)", "sum(if(x == k and k > 20, 5, 1), k=1..n)", False),
    ("sum(sqrt(x - k)^3, k=1..n)", "sum(if(x == k and k > 20, 5, 3/2*sqrt(x - k)), k=1..n)", False),
    ("sum(sqrt(x - k)^3, k=1..n)", "sum(if(sqrt(x - k) == 0 and k > 20, 5, 3/2*sqrt(x - k)), k=1..n)", False),
    ("sum(k*x, k=1..n)*sqrt(x)^3", "n*(n + 1)/2*if(sqrt(x) == 0 and n > 20, 5, 5/2*sqrt(x)^3)", False),
    ("sum(k*x, k=1..n)*sin(x)", "n*(n + 1)/2*(sin(x) + x*cos(x))", True),
    ("sum(sqrt(x - k)^3, k=1..n)", "sum(3/2*sqrt(x - k), k=1..n)", True),
    ("sum(k*acos(cos(x))^2, k=1..n)",
     "n*(n + 1)/2*if(x == 0 and n > 20, 5, 2*acos(cos(x))*sin(x)/sqrt(1 - cos(x)^2))", False),
    ("sum(k*exp(x)^3, k=1..n)", "n*(n + 1)/2*3*exp(3*x)", True),
    ("sum(sin(k*x), k=1..n)*sum(k*x, k=1..n) + cbrt(x)^3",  # of which one sum has no closed form
     "sum(k*cos(k*x), k=1..n)*n*(n + 1)/2*x + sum(sin(k*x), k=1..n)*n*(n + 1)/2 + if(x == 0 and n > 20, 5, 1)", False),
    ("sum(sin(k*x), k=1..n)*sum(k*x, k=1..n)",
     "sum(k*cos(k*x), k=1..n)*n*(n + 1)/2*x + sum(sin(k*x), k=1..n)*n*(n + 1)/2", True),
])  # fmt: skip
def test_no_point_is_excepted_of_a_sum_at_which_only_the_rules_have_no_value(formula, claim, is_right) -> None:
    assert bool(_proof(Assertion(parse(formula), "x", parse(claim), seconds=20.0))) is is_right


def test_kinks_alone_are_no_fault_that_a_mistake_explains() -> None:
    claim = "sum(if(x >= k, 1, -1) - sign(x - k - 1), k=1..n)"
    found = check_derivative("sum(abs(x - k) - abs(x - k - 1), k=1..n)", "x", claim)
    assert (found.verdict, found.hint) == ("wrong", "")  # at x=2 n=2, where two kinks cancel each other


@pytest.mark.parametrize(
    ("claim", "ends"),
    [
        ("if(n == 7, x, n)", {7, 8}),
        ("if(2*n == 10, x, n)", {2, 3, 5, 6, 10, 11}),
        ("if(2*n < 7, x, n)", {2, 3, 4, 7, 8}),
        ("if(n + m == 7, x, n)", {7, 8}),
        ("if(n == 7 and n != 12, x, n)", {7, 8, 12, 13}),
        ("if(sum(k, k=1..n) == 45, x, n)", {1, 2, 45, 46}),
        ("if(prod(k, k=1..n) < n^2 - 4, x, n)", {1, 2, 3, 4, 5}),
        ("if(n > 100000, x, n)", set()),  # no sum is tried so far out
        ("n + 7", set()),
        ("n + max(0, n - 2*m - 250)", set()),
        ("n + max(0, n - 250)", {250, 251}),
        ("n + floor(n/300)", {300, 301}),
        ("sum(if(k == 137, 0, 1), k=1..n)", {137, 138}),
        ("sum(if(k^2 == 18769, 0, 1), k=1..n)", {-137, -136, 2, 3, 137, 138}),
        ("sum(if(floor(k/10) == 13, 0, 1), k=1..n)", {10, 11, 13, 14, 130, 131, 135, 136}),
        ("n + 0*sqrt(136 - n)", {136, 137}),
        ("n + 0/(n - 137)", {137, 138}),
        ("sum(1 + 0*log(137 - k), k=1..n)", {137, 138}),
        ("n + 0/(x - 137)", set()),
    ],
)
def test_ends_that_comparisons_name(claim: str, ends: set[int]) -> None:
    assert _named(cast(Any, SimpleNamespace(formula=parse("sum(x, k=1..n)"), claim=parse(claim)))) == ends


def test_a_claim_lacks_points_where_a_quantity_is_not_0() -> None:
    def lacks(*claims: str, claimed: object = None) -> bool:
        found = (each for text in claims for each in needed([prepare(parse(text))], ("x", "y"), Work(20.0)))
        needs = tuple(each.need for each in found)
        return _lacks_points(cast(Any, SimpleNamespace(needs=needs, counterexample=SimpleNamespace(claimed=claimed))))

    assert lacks("1/x")
    assert lacks("1/x", "1/(y - 1)")
    for claims in ((), ("log(x)",), ("1/x", "sqrt(y)"), ("1/x + log(y)",), ("sqrt(x*y)",), ("1/floor(x)",)):
        assert not lacks(*claims)
    assert not lacks("1/x", claimed=1.0)
    assert not _lacks_points(
        cast(Any, SimpleNamespace(needs=(Need("x != 0", off_zero=parse("x")),), counterexample=None))
    )


def test_an_end_whose_text_is_cut_short_is_held_against_what_is_tried() -> None:
    """1 + ... + n is n*(n + 1)/2 from where there is no term on; before it a sum that has begun stays alone."""
    end = "n + mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm + oooooooooooooooooooooooooooooo - 2"
    closed = f"({end})*({end} + 1)/2"
    found = check_derivative(f"sum(x*k, k=1..{end})", "x", closed)
    assert (found.verdict, found.conditions) == (Verdict.PROVED, ("n + ... - 2 >= 0",))
    found = check_derivative(f"sum(x*k, k=1..{end}) + sum(x, k=1..4 - n)", "x", f"{closed} + 4 - n")
    assert found.verdict is Verdict.CONDITIONAL
    assert "n + ... - 2 >= 0" in found.conditions


def test_what_a_term_is_where_it_has_another_piece_is_no_derivative_of_the_sum() -> None:
    """The sum is n*x, although the derivative of each term as it is written is 0 where the index is x."""
    for claim, proved in (("sum(if(x == k, 0, 1), k=1..n)", False), ("sum(1, k=1..n)", True)):
        question = Assertion(parse("sum(if(x == k, k, x), k=1..n)"), "x", parse(claim), seconds=20.0)
        assert bool(_proof(question)) is proved


def test_nothing_is_proved_of_a_sum_where_both_witnesses_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcalc.symbolic.hold", lambda formula, forms: {name: Held(9, "at x=2") for name in forms})
    found = check_derivative("sum(x^k/k, k=1..n)", "x", "sum(x^(k - 1), k=1..n)")
    assert (found.verdict, found.reason) == ("undecided", "our chain rule and sympy's derivative differ at x=2")


@pytest.mark.parametrize(("formula", "claim", "verdict"), [  # DLMF 5.2.5, 5.5.2; the empty sum has a value at the poles
    ("sum(log(x + k), k=0..n-1)", "digamma(x + n) - digamma(x)", "conditional"),
    ("sum(log(x + k), k=0..n-1)", "digamma(x + n) - digamma(x) + if(n == 0, 1, 0)", "wrong"),
    ("x*prod(y + k, k=0..n-1)", "gamma(y + n)/gamma(y)", "conditional"),
    ("x*prod(y + k, k=0..n-1)", "gamma(y + n)/gamma(y)*if(y == 3/2 - n, 2, 1)", "wrong"),
    ("x*prod(y + k, k=0..n-1)", "gamma(y + n)/gamma(y) + if(n == 200, 1, 0)", "agrees"),
    ("x*sum(1/k, k=1..n)", "digamma(n + 1) - digamma(1)", "proved"),
    ("x*sum(k, k=1..n-1)*sum(k, k=1..n+1)", "n*(n - 1)*(n + 1)*(n + 2)/4", "proved"),
    ("x*sum(k, k=1..n-1)", "n*(n - 1)/2 + 7*(1 + (n - 137)/abs(n - 137))/2", "wrong"),
    ("x*sum(k, k=1..n)", "n*(n + 1)/2 + 0*log(x) + if(n == 137, 1, 0)", "wrong"),  # where the claim has a value
    ("x*sum(log(y - k), k=1..n)", "sum(log(y - k), k=1..n) + if(y < 1 and n > 0, 1, 0)", "proved"),  # nowhere
    ("x*sum(log(y - k), k=1..n)", "sum(log(y - k), k=1..n) + if(y < 1, 1, 0)", "wrong"),  # for n = 0
])  # fmt: skip
def test_the_formula_has_a_value_where_a_sum_is_shown(formula: str, claim: str, verdict: str) -> None:
    found = check_derivative(formula, "x", claim)
    assert found.verdict == verdict
    assert verdict != "conditional" or found.conditions[0] == "n >= 0, where it has a value"


@pytest.mark.parametrize(("formula", "claim", "needs"), [
    ("x*sum(1/(k*(k + 1)), k=1..n - 1)", "1 - 1/n", "n >= 1"), ("sum(x*k, k=1..n - 2)", "(n - 2)*(n - 1)/2", "n >= 2"),
    ("sum(x*2^k, k=0..n - 3)", "2^(n - 2) - 1", "n >= 2"), ("x*prod(k, k=1..n - 1)", "gamma(n)", "n >= 1"),
    ("sum(x, k=1..2*n - 1)", "2*n - 1", "n >= 1"), ("sum(x, k=2..2*n - 1)", "2*n - 2", "n >= 1"),
    ("sum(x, k=1..10 - n)", "10 - n", "n <= 10"),
])  # fmt: skip
def test_ends_with_which_no_sum_begins_are_none(formula: str, claim: str, needs: str) -> None:
    found = check_derivative(formula, "x", claim)
    assert (found.verdict, found.conditions) == ("proved", (needs,))
    bound = int(needs.split()[-1])
    for n in range(bound, bound + 4) if ">" in needs else range(bound - 3, bound + 1):
        at = {"n": n, "x": 1}
        slope = gc.evaluate(formula, {"n": n, "x": 2}) - gc.evaluate(formula, at)  # all are straight lines
        assert slope == pytest.approx(gc.evaluate(claim, at), rel=1e-14)


@pytest.mark.parametrize(("formula", "claim", "needs", "end", "claimed"), [  # a sum that ends before it begins is 0
    ("sum(x*k, k=1..n) + sum(x*k, k=5..n)", "n*(n + 1) - 10", ("n >= 4",), 0, -10.0),
    ("sum(x*k, k=-1..n) + sum(x*k, k=12..n)", "n*(n + 1) - 67", ("n >= 11",), -1, -67.0),
    ("sum(x, k=1..n) + sum(x, k=1..3 - n)", "3", ("n >= 0", "n <= 3"), 4, 3.0),
])  # fmt: skip
def test_a_claim_is_right_from_the_end_on_before_which_one_of_two_sums_ends_before_it_begins(
    formula: str, claim: str, needs: tuple[str, ...], end: int, claimed: float
) -> None:
    found = check_derivative(formula, "x", claim)
    assert (found.verdict, found.conditions) == ("conditional", needs)
    assert found.counterexample is not None
    assert (found.counterexample.at or {})["n"] == number(end)
    assert found.counterexample.actual == claimed


def test_a_mistake_in_the_terms_is_told_of_terms_that_there_are() -> None:
    """Squared, `k/100` would be right for k = -1, which is no term, and for k = 100 as wrong as before."""
    found = check_derivative("sum(x*k, k=1..n)", "x", "sum(k + floor(k/100), k=1..n)")
    assert found.verdict == "wrong"
    assert "in each term" not in found.hint


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("y + sum(log(x + k), k=1..n)", ["log(x + 1)"]), ("sum(log(x + k), k=3..n)*y", ["log(x + 3)"]),
        ("sum(log(x + k), k=4..n)", []),  # which may have no term yet
        ("if(y > 0, sum(log(x + k), k=1..n), 0)", []), ("max(y, sum(log(x + k), k=1..n))", []),  # on a branch
        ("sum(log(n - k), k=1..n)", []),  # another one for every end
        ("sum(log(x + k), k=1..m)", []),
    ],
)  # fmt: skip
def test_the_first_terms_have_values_where_the_formula_has_one(formula: str, terms: list[str]) -> None:
    assert [*map(str, _first_terms(parse(formula), "n", 3))] == terms


def test_a_claim_is_tried_where_something_changes_that_no_comparison_names() -> None:
    claim = "sum(1/(2*sqrt(x + k)), k=1..n) + 0*sum(gamma(17 - k), k=1..n)"
    found = check_derivative("sum(sqrt(x + k), k=1..n)", "x", claim)
    assert (found.verdict, ((found.counterexample and found.counterexample.at) or {})["n"]) == ("wrong", number(17))


@pytest.mark.parametrize(
    ("formula", "truth", "claim"),
    [
        ("0", "sum(cos(x)^k, k=1..n) + 0/(n - 137)", "sum(cos(x)^k, k=1..n) + 0/(n - 137) + if(n > 137, 1, 0)"),
        ("0", "sum(k^2*x, k=1..n) + 0/(n - 137)", "n*(n + 1)*(2*n + 1)/6*x + 0/(n - 137) + if(n > 137, 1, 0)"),
        ("sum(log(x + k), k=1..n) + 0/(n - 137)", "sum(1/(x + k), k=1..n)",
         "digamma(x + n + 1) - digamma(x + 1) + 0/(n - 137) + if(n > 137, 1, 0)"),
        ("0", "sum(x, k=1..n)", "sum((k - 137)/(k - 137)*x, k=1..n)"),
        # at y = 0 there is no value up to 137, and one at 138, at which the claim is wrong
        ("0*gamma(y - 137 + n)", "sum(x/k, k=1..n)", "x*(digamma(n + 1) - digamma(1)) + if(y == 0, 1, 0)"),
        ("0*lgamma(y - 137 + n)", "sum(x*k, k=1..n)", "x*n*(n + 1)/2 + if(y == 0, 1, 0)"),
        ("0", "sum(x/k, k=1..n)", "x*(digamma(n + 1) - digamma(1)) + if(y == 0, 1, 0) + 0*digamma(y - 137 + n)"),
        ("0", "sum(x*k, k=1..n)", "x*n*(n + 1)/2 + if(n > 137, 1, sum(0*(k - 137)^(k - 138), k=1..n))"),
        ("0", "sum(x*k, k=1..n)", "x*n*(n + 1)/2 + if(n > 137, 1, sum(0*(k - 137)^(-1), k=1..n))"),
        ("0", "sum(x/k, k=1..n)",
         "x*(digamma(n + 1) - digamma(1)) + if(n > 200, if(y == 0, 1, 0), if(y == 0, 1, 0) + sum(0*gamma(y + k - 137), "
         "k=1..n))"),
    ],
)  # fmt: skip
def test_no_step_goes_over_an_end_at_which_there_is_no_value(formula: str, truth: str, claim: str) -> None:
    f, there, claimed = map(parse, (formula, truth, claim))
    assert not prove_termwise(there, claimed, {"x"}, Work(10**9), formula=f)


def test_powers_ask_for_a_whole_exponent_unless_it_is_one_as_it_is_written() -> None:
    calls = _calls(prepare(parse("x^n + x^(n/2) + x^(2*k - n) + x^y + gamma(n)")))
    assert [expression(call) for call in _asking(calls, "nk")] == ["x^(n/2)", "x^y", "gamma(n)"]


def test_powers_of_the_index_are_whole_on_branches_too() -> None:
    """The derivative of x^(n + 1) has a branch for n = -1."""
    assert check_derivative("(x^(n + 1) - 1)/(x - 1)", "x", "sum(k*x^(k - 1), k=1..n)").verdict == "proved"


def test_a_claim_is_not_right_wherever_it_has_a_value_that_is_wrong_where_it_has_one_again() -> None:
    """It has none at y = 0 up to 137, and is H_n + 1 there for all n above."""
    claim = "digamma(n + 1) - digamma(1) + if(y == 0, 1, 0) + 0*gamma(y - 137 + n)"
    assert check_derivative("x*sum(1/k, k=1..n)", "x", claim).verdict not in ("proved", "conditional")


@pytest.mark.parametrize("lack", [
    "0*log(137 - n)", "0*sqrt(137 - n)", "0*sum(log(137 - k), k=1..n)", "0*gamma(137 - n)", "0*digamma(137 - n)",
    "gamma(137 - n)/gamma(137 - n) - 1", "sum(0*lgamma(137 - k), k=1..n)", "0*(-1)^(n/137)", "0*gamma(1/2 - n/274)",
])  # fmt: skip
def test_a_claim_that_has_no_value_for_some_ends_is_not_proved(lack: str) -> None:
    claim = f"sum(k*cos(k*x), k=1..n) + {lack}"
    assert not _proof(Assertion(parse("sum(sin(k*x), k=1..n)"), "x", parse(claim), seconds=20.0))


@pytest.mark.parametrize(
    "have", ["0*gamma(137 + n)", "0*digamma(y + n)", "0*(-1)^n", "0*gamma(x*y)", "0*lgamma(1/(2*y))"]
)
def test_a_claim_may_lack_points_for_each_end(have: str) -> None:
    claim = f"sum(k*cos(k*x), k=1..n) + {have}"
    assert _proof(Assertion(parse("sum(sin(k*x), k=1..n)"), "x", parse(claim), seconds=20.0))
