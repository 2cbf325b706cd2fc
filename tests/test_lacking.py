"""Claims that lack values, by hand: on thin sets alone, which their needs name, or on open ones, however narrow."""

from __future__ import annotations

import pytest

import gradcalc as gc


@pytest.mark.parametrize(
    "more",
    [
        "0/(atan((1 + x)/(1 - x)) - atan(x) + 3*pi/4)",  # 0 for x > 1: the tangents of both are equal
        "0/(atan(x) + atan(1/x) - pi/2)",  # 0 for x > 0
        "0/(asin(sin(x)) - x)", "0/(abs(x) - x)", "0/(sqrt(x^2) + x)", "0/(max(x, 5) - 5)", "0/(floor(x/1e10) + 5)",
        "0*log(x^2 - 1e-30)",  # negative for abs(x) < 1e-15
        "0*log(exp(2*x) - 3*exp(x) + 9/4 - 1e-20)",  # (exp(x) - 3/2)^2 - 1e-20
        "0*(x^2 - 1e-24)^0.3", "0*asin(1 + 1e-20 - x^2)", "0*acosh(1 + x^2 - 1e-20)", "0*log(sin(x) + 1 - 1e-22)",
        "0*log(cosh(x) - 1 - 1e-20)", "0*sqrt(exp(x) - x - 1 - 1e-20)", "0*log(1 - 1e-20 - tanh(x))",
        "0*log(1e40 - x)", "0*besselk(0, x^2 - 1e-30)", "0*ellipk(1 + 1e-30 - x^2)", "0*asec(x^2 + 1 - 1e-30)",
        "0*root(x^2 - 1e-30, 4)", "0*binomial(x^2 - 1 - 1e-30, 0)", "0*lbeta(x^2 - 1e-30, 2)",
    ],
)  # fmt: skip
def test_a_claim_without_a_value_on_an_open_set_is_not_proved(more: str) -> None:
    check = gc.check_derivative("x^2", "x", f"2*x + {more}")
    assert check.verdict == "conditional"
    assert check.needs


@pytest.mark.parametrize(
    ("formula", "claim", "order"),
    [
        ("x^3", "6*x + 0*log(x^2 - 1e-30)", 2),
        ("x^2*y", "2*x*y + 0*log(x^2 + y^2 - 1e-20)", 1),
        ("x^2*y", "2*x*y + 0*sqrt((x - y)^2 - 1e-30)", 1),
        ("log(x)", "1/x + 0*log(x - 1e-20)", 1),
        ("x*log(y)", "log(y) + 0*log(x^2 - 1e-30)", 1),  # y is asked for by both
        ("sum(x^2, k=1..3)", "6*x + 0*log(x^2 - 1e-30)", 1),
        ("sum(x^2, k=1..n)", "2*n*x + 0*log(x^2 - 1e-30)", 1),
        ("sum(x^2, k=1..n)", "2*n*x + 0/floor(x)", 1),  # which is 0 from 0 to 1
    ],
)
def test_nor_of_other_formulas(formula: str, claim: str, order: int) -> None:
    assert gc.check_derivative(formula, "x", claim, order=order).verdict == "conditional"


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("x^2", "2*x + 0/(sqrt(x) + sqrt(x + 1) - 3) + 0*sqrt(x)"),  # which lacks x < 0
        ("x^2", "2*x + 0*log(x^2 + 1e-30)"),
        ("x^2", "2*x + 0*log(1 + 1e-20 - tanh(x))"),
        ("x^2", "2*x + 0*sqrt(exp(x) - x - 1)"),
        ("sqrt(x)", "1/(2*sqrt(x)) + 0/(sqrt(x) + sqrt(x + 1) - 3)"),  # at x = 16/9 alone
        ("log(x)", "1/x + 0/(atan(x)*log(x) + x)"),
        ("x^2", "2*x + 0/(atan(x) + atan(x^2) - 1)"),
        ("x^2", "2*x + 0*log((x - 1)^2)"),
        ("x^2", "2*x + 0*tan(x)"),
        ("x^2", "2*x + 0*root(x^2 - 1e-30, 3)"),
        ("root(x, 4)", "1/(4*root(x, 4)^3)"),
    ],
)
def test_a_claim_without_a_value_on_thin_sets_alone_is_proved(formula: str, claim: str) -> None:
    expected = "conditional" if claim.endswith("0*sqrt(x)") else "proved"
    assert gc.check_derivative(formula, "x", claim).verdict == expected


@pytest.mark.parametrize(
    ("formula", "claim", "order"),
    [
        ("sqrt(relu(x)) + x", "if(x > 0, 1 + 1/(2*sqrt(x)), 1 + 0*log((x^3 - x + 12345)^2 - 1e-13))", 1),
        ("cbrt(relu(x)) + x", "if(x > 0, 1 + 1/(3*cbrt(x)^2), 1 + 0*log((x^3 - x + 12345)^2 - 1e-13))", 1),
        ("acos(min(x, 1))", "if(x < 1, -1/sqrt(1 - x^2), 0*log((x^3 - x - 12345)^2 - 1e-13))", 1),
        ("sqrt(relu(x))*x", "3/(4*sqrt(x))", 2),  # 0 for x < 0
    ],
)
def test_nor_where_the_derivative_has_no_value_as_it_is_written_out(formula: str, claim: str, order: int) -> None:
    assert gc.check_derivative(formula, "x", claim, order=order).verdict in ("agrees", "conditional")


@pytest.mark.parametrize(
    ("formula", "name", "claim"),
    [
        ("x^y", "y", "x^y*log(x)"),  # for x < 0 at whole numbers alone
        ("sqrt(x^2*y)", "x", "sign(x)*sqrt(y)"),  # for y < 0 at x = 0 alone
        ("sqrt(relu(x))", "x", "if(x > 0, 1/(2*sqrt(x)), 0)"),
    ],
)
def test_where_a_formula_seldom_has_a_value_a_claim_needs_none(formula: str, name: str, claim: str) -> None:
    assert gc.check_derivative(formula, name, claim).verdict == "proved"


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("diff(x*sqrt(relu(x)), x)", "if(x > 0, 3/(4*sqrt(x)), 7)"),  # the diff is 0 for x < 0
        ("diff(sqrt(relu(x)) + x^2, x)", "if(x > 0, 2 - 1/(4*x^1.5), 7)"),
        ("diff(acos(min(x, 1)), x)", "if(x < 1, -x/(1 - x^2)^1.5, 7)"),
        ("g(t) = t*sqrt(relu(t)); g'(x)", "if(x > 0, 3/(4*sqrt(x)), 7)"),
        ("g(t) = diff(t*sqrt(relu(t)), t); g(2*x)", "if(x > 0, 3/(2*sqrt(2*x)), 7)"),
    ],
)
def test_a_diff_may_be_where_its_rule_has_no_value(formula: str, claim: str) -> None:
    assert gc.check_derivative(formula, "x", claim).verdict == "agrees"


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("diff(log(x), x)", "-1/x^2"), ("log(-x)*diff(x^2, x)", "2 + 2*log(-x)"), ("diff(abs(x), x)*x", "sign(x)"),
        ("g(u) = sqrt(diff(u^2, u)) + log(u); g(2*x)", "1/sqrt(x) + 1/x"),
        ("diff(x^3, x)/diff(y^2, y)", "3*x/y"), ("diff(x^x, x)", "x^x*((log(x) + 1)^2 + 1/x)"),
    ],
)  # fmt: skip
def test_where_nothing_in_a_diff_or_around_it_has_a_value_there_is_none(formula: str, claim: str) -> None:
    assert gc.check_derivative(formula, "x", claim).verdict == "proved"


def test_a_sum_whose_claim_may_lack_values_is_not_proved() -> None:
    check = gc.check_derivative("sum(x^2, k=1..n)", "x", "2*n*x + 0/(atan(x) + atan(1/x) - pi/2)")
    assert check.verdict in ("agrees", "conditional")


@pytest.mark.parametrize(
    ("formula", "claim", "needs"),
    [
        ("e^2", "2*e + 0/e", ("e != 0, from 0/e",)),
        ("e^2*x", "2*e*x + 0/(e - 1)", ("e != 1, from 0/(e - 1)",)),
        ("log(e)*x", "x/e", ("e > 0, from log(e)",)),
    ],
)
def test_what_is_a_variable_has_needs_though_its_name_is_that_of_a_constant(
    formula: str, claim: str, needs: tuple[str, ...]
) -> None:
    check = gc.check_derivative(formula, "e", claim)
    assert (check.verdict, check.conditions) == ("proved", needs)


@pytest.mark.parametrize(
    ("formula", "claim", "need"),
    [
        ("x*abs(x)", "diff(x*abs(x), x)", "x <= 100"),  # 2*abs(x), which is 0 at 0
        ("g(t) = if(t > 0, t^2, 0); g(x)", "g'(x)", "x <= 100"),
        ("h(t) = cbrt(t^4); h(x)", "h'(x)", "x <= 100"),  # 4/3*cbrt(x), by its rule 0/0 at 0
        ("g(t) = (2*t + 1)*abs(2*t + 1); g(x)*y", "g'(x)*y", "x <= 100"),
    ],
)
def test_of_a_diff_that_is_not_read_at_a_kink_nothing_is_said_to_be_wrong(formula: str, claim: str, need: str) -> None:
    """The derivative is there at the kink, so that the claim is right there: that it is right nowhere else is false."""
    check = gc.check_derivative(formula, "x", f"{claim} + if(x > 100, 1, 0)")
    assert (check.verdict, check.conditions[0]) == ("conditional", need)
    assert check.reason == "proved there; whether elsewhere too was not decided"


@pytest.mark.parametrize("zero", ["0", "-1/2"])
def test_a_diff_whose_rule_is_a_quotient_of_zeros_has_its_value(zero: str) -> None:
    """The derivative of cbrt(t^4) is 4/3*cbrt(t), as is seen by its cube."""
    h, place = "h(t) = cbrt(t^4); ", {"x": zero}
    formula, claim = ("h(x)", "h'(x)") if zero == "0" else ("if(x < 0, h(2*x + 1), 1)", "if(x < 0, 2*h'(2*x + 1), 0)")
    check = gc.check_derivative(h + formula, "x", claim, at=place)
    assert check.verdict == "proved"
    assert not check.notes
    assert gc.check_derivative(h + formula, "x", f"{claim} + 1", at=place).counterexample.claimed.number == 1
    assert gc.evaluate(h + claim, place) == gc.evaluate(h + claim, place, certified=True) == 0


def test_what_stands_for_a_domain_alone_is_told_to_nobody() -> None:
    """Nobody typed it; log(log(x)) has no value between 0 and 1, and what is put together at 1 has no part in that."""
    h = "h(t) = if(t > 1, (t - 1)^2, 0); "
    formula = h + "if(x > 0, log(log(x)), if(x < 1, h(x^2), h'(x)))"
    check = gc.check_derivative(formula, "x", "if(x > 0, 1/(x*log(x)), 4*x*(x^2 - 1))", at={"x": 0})
    assert check.verdict == "not-differentiable"
    assert check.reason.endswith("has values on one side of x=0 only: left derivative 0")
    assert "nonzero" not in check.reason
    sinc = "g(t) = if(t == 0, 1, sin(t)/t); "
    conditions = gc.check_derivative(sinc + "diff(g(x*y), y)", "x", "diff(diff(g(x*y), y), x)").conditions
    assert conditions
    assert not any("nonzero" in told for told in conditions)


@pytest.mark.parametrize(("within", "at", "slope"), [
    ("cbrt(x)", "0", 0),  # whose slope is infinite there
    ("abs(x)", "0", 0), ("sqrt((x - 1)^2)", "1", 2), ("floor(x)", "1", 2),  # left and right differ, or the value jumps
])  # fmt: skip
def test_a_claim_has_no_value_where_a_diff_in_it_has_none(within: str, at: str, slope: int) -> None:
    found = gc.check_derivative("x^2", "x", f"2*x + 0*diff({within}, x)", {"x": int(at)})
    assert found.verdict == "proved"
    assert f"the claim has no value at x={at}, where the derivative is {slope}" in found.notes
    assert not any("nothing is said" in note for note in found.notes)
