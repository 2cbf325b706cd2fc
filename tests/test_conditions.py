"""Conditions that a formula needs to have a value, by hand; and where a claim is right that is not so everywhere."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from random import Random

import pytest
from drawn_claims import value
from mpmath import mpf

import gradcalc as gc
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.judge.claims.cases import settle
from gradcalc.judge.claims.court import check_derivative
from gradcalc.judge.claims.look import Looked, side_at
from gradcalc.judge.claims.needs import needed
from gradcalc.judge.claims.region import region_text, separating
from gradcalc.language.errors import UndefinedError
from gradcalc.language.formula import children, expression
from gradcalc.language.parser import parse
from gradcalc.proofs.exact import possible_signs
from gradcalc.proofs.growth import signs_by_growth
from gradcalc.verdict import Verdict
from gradcalc.work import Work


@pytest.mark.parametrize(
    ("formula", "conditions"),
    [
        ("sqrt(x) + 1/x", ["x > 0, from sqrt(x) and 1/x"]),
        ("sqrt(x) + 1/x + log(x)", ["x > 0, from sqrt(x) and 1/x"]),
        ("x/sqrt(x) + sqrt(x)", ["x > 0, from x/sqrt(x)"]),
        ("1/(1 - x^2) + asin(x)", ["x < 1, from 1/(1 - x^2) and asin(x)", "x > -1, from 1/(1 - x^2) and asin(x)"]),
        ("log(1 - x)", ["x < 1, from log(1 - x)"]),
        ("log(x - y)", ["x > y, from log(x - y)"]),
        ("log(x^2 + 1)/(2 + sin(x))", []),
        ("beta(x^2 + 1, y)", ["y > 0, from beta(x^2 + 1, y)"]),
        ("1/(x*(y + 1))", ["y != -1, from 1/(x*(y + 1))", "x != 0, from 1/(x*(y + 1))"]),
        ("log(1 - (x - 1))", ["x < 2, from log(1 - (x - 1))"]),
        ("log(3 - 2*x)", ["x < 1.5, from log(3 - 2*x)"]),
        ("log(x + 1/3)", ["x > -1/3, from log(x + 1/3)"]),
        ("sqrt(1 - x/y/2)", ["y != 0, from x/y", "x/y <= 2, from sqrt(1 - x/y/2)"]),
        ("sqrt(2 - x) + 1/sqrt(4 - 2*x)", ["x < 2, from 1/sqrt(4 - 2*x)"]),  # one quantity
        ("if(y > 0, log(x), x)", ["x > 0, from log(x), where y > 0"]),
        ("if(x > 0, log(x), x)", []),
        ("if(y > 0, x, log(x))", ["x > 0, from log(x), where y <= 0"]),
        ("if(x > 2 and log(x - 1) > y, 1, 0)", []),
        ("if(y > 2 and log(x) > y, 1, 0)", ["x > 0, from log(x), where y > 2"]),
        ("if(y > 2 or log(x) > y, 1, 0)", ["x > 0, from log(x), where y <= 2"]),
        ("if(y > 0, log(x), 2*log(x))", ["x > 0, from log(x), where y > 0", "x > 0, from log(x), where y <= 0"]),
        ("log(x) + if(y > 0, log(x), 0)", ["x > 0, from log(x)"]),
        ("u = log(x); if(y > 0, u, if(y < -1, 2*u, 1))", ["x > 0, from log(x), where it is asked for"]),  # not between
        ("u = log(x); u + if(y > 0, u, if(y < -1, 2*u, 1))", ["x > 0, from log(x)"]),
        ("sqrt(2)*x + log(3)", []),
        ("if(y > 1, if(y < 9, if(y != 5, log(x), 0), 0), 0)", ["x > 0, from log(x), where y > 1 and y < 9 and y != 5"]),
        ("if(y > 1, if(y < 9, if(y != 5, if(y != 6, log(x), 0), 0), 0), 0)",
         ["x > 0, from log(x), where it is asked for"]),  # nobody reads four conditions
    ],
)  # fmt: skip
def test_conditions_are_what_a_value_needs_where_it_is_needed(formula, conditions):
    assert [found.need.text for found in needed((prepare(formula),), ["x", "y"], Work(20))] == conditions


@pytest.mark.parametrize(
    ("formula", "conditions"),
    [
        ("sqrt(x + 2) + 1/(2*sqrt(x + 2))", ["x > -2"]),
        ("1/x + 1/(2*x) + 1/x^2", ["x != 0"]),
        ("2*x*log(x^2 + 1)/(x^2 + 1)", []),
    ],
)
def test_small_quantities_are_asked_about_though_the_work_is_spent(formula, conditions):
    assert [found.condition for found in needed((prepare(parse(formula)),), ["x"], Work(0))] == conditions


@pytest.mark.parametrize(
    ("claim", "needs"),
    [
        # without a value on [137, 138), where sin(100*x) goes below 0, 3 + y^2 > 2, or -1 has no fourth root
        ("if(floor(x) == 137, if(x > 0, if(x > 1, if(x > 2, 1 + 0*sqrt(sin(100*x)), 1), 1), 1), 1)", "sin(100*x) >= 0"),
        ("u = 0*sqrt(sin(100*x)); if(floor(x) == 137, 1 + u, if(floor(x) == 138, 1 - u, 1))", "sin(100*x) >= 0"),
        ("if(floor(x) == 137, 1 + 0*binomial(2, 3 + y^2), 1)", "y^2 < 0"),
        ("if(floor(x) == 137, 1 + 0*root(-1, 4), 1)", "mod(4, 2) == 1"),
    ],
)
def test_no_branch_of_a_claim_is_without_a_value_untold(claim, needs):
    check = gc.check_derivative("x", "x", claim)
    assert check.verdict != "proved" or any(needs in condition for condition in check.conditions)


@pytest.mark.parametrize(
    ("formula", "claim", "lacking"),
    [
        # log(y) has no value for y from -137 to -136, where the formula, which does not ask for it, has one
        ("if(y > 0, x*log(y), x*y)", "if(y > 0, log(y), if(floor(y) == -137, y + 0*log(y), y))", {"y": "-136.5"}),
        ("if(y > 0, max(x, log(y), q), x)",
         "if(y > 0, if(x > max(log(y), q), 1, 0), if(floor(y) == -137, 1 + 0*max(log(y), q), 1))", {"y": "-136.5"}),
        ("if(y > 0 and log(y) > 1, x*log(y), x)",
         "if(y > 0 and log(y) > 1, log(y), if(floor(y) == -137, 1 + 0*log(y), 1))", {"y": "-136.5"}),
    ],
)  # fmt: skip
def test_what_a_formula_needs_on_one_branch_a_claim_may_lack_on_another(formula, claim, lacking):
    place = {**dict.fromkeys("xq", "1/2"), **lacking}
    with pytest.raises(gc.UndefinedError):
        gc.evaluate(claim, {name: place[name] for name in place if name in claim})
    assert gc.check_derivative(formula, "x", claim).verdict == "conditional"


def test_a_constant_s_name_that_is_a_variable_is_not_free_of_itself():
    claim = "if(floor(e) == 9137, 0*log(e*y), log(e*y) + 1)"  # d/de e*log(e*y) is log(e*y) + 1
    formula = "if(floor(e) == 9137, log(e*y), e*log(e*y))"
    assert gc.check_derivative(formula, "e", claim).verdict == "wrong"  # 1/e


def test_a_sign_at_a_point_is_that_of_balls():
    at = {"x": parse("2")}
    signs = ("x - 1", 1), ("1 - x", -1), ("x - 2", 0), ("log(-x)", None), ("sqrt(2)^2 - x", 0), ("2 + 1e-40 - x", 1)
    for quantity, sign in signs:
        assert side_at(parse(quantity), at) == sign


@pytest.mark.parametrize(
    ("right", "bad", "formulas", "region"),
    [
        (["1", "2", "5"], ["-1", "-3"], ["abs(x)"], "x > 0"),
        (["1", "2"], ["-1", "0"], ["abs(x)"], "x > 0"),
        (["1", "2"], ["0"], ["abs(x)"], ""),  # on the border alone
        (["2", "5"], ["-1", "1"], ["abs(x) + abs(x - 3/2)"], "x > 1.5"),
        (["1"], ["-1", "3"], ["abs(x) + abs(x - 2)"], "x < 2 and x > 0"),
        (["-1", "1"], ["2"], ["abs(x)"], ""),
        (["1", "2"], ["-1e400"], ["abs(x)"], "x > 0"),
    ],
)
def test_the_simplest_region_with_all_that_is_right_and_nothing_else(right, bad, formulas, region):
    points = [[{"x": parse(x)} for x in places] for places in (right, bad)]
    found = separating(*points, [prepare(f) for f in formulas])
    assert region_text((quantity, {side}) for quantity, side in found) == region


def test_what_two_quantities_tell_with_both_signs_of_one_stays_as_it_is():
    """`y > 0 and x != 0` is no region of one sign each."""
    right, bad = ([{"x": parse(x), "y": parse(y)} for x, y in places] for places in (["11", "73"], ["01", "02"]))
    found = separating(right, [*bad, {"x": parse("1"), "y": parse("-1")}], [prepare("abs(x^2*y)")])
    assert region_text((quantity, {side}) for quantity, side in found) == "x^2*y > 0"


# right on the border of where it is right, too, by hand: relu(x - 3)^2 has the slope 0 at x = 3
REGIONS = [
    ("x*abs(x)", "2*x", "x >= 0"),
    ("sqrt(x^6)", "-3*x^2", "x <= 0"),
    ("relu(x - 3)^2", "2*(x - 3)", "x >= 3"),
    ("if(x < 1, x^2, 2*x - 1)", "2*x", "x <= 1"),
    ("if(x < 1, x^2, 2*x - 1)", "2", "x >= 1"),
    ("x*relu(y*x)", "2*y*x", "x*y >= 0"),
    ("x/(1 + abs(x))", "1/(1 + x)^2", "x >= 0"),
    ("x", "if(x > 1000, 2, 1)", "x <= 1000"),
    ("if(x < 1, x^2, if(x < 3, 2*x - 1, x^2 - 4*x + 8))", "2", "x <= 3 and x >= 1"),  # 2*x is 2 at 1, and 2*x - 4 at 3
    ("abs(x)", "1", "x > 0"),  # where there is no derivative, nothing is right
    ("if(x > 0, x^3, -x)", "3*x^2", "x > 0"),
    ("x*abs(x)", "if(x > 0, 2*x, -1)", "x > 0"),
    # of twice and three times an angle, by hand: asin(2*x/(1 + x^2)) is 2*atan(x) from -1 to 1
    ("asin(2*x/(1 + x^2))", "2/(1 + x^2)", "x < 1 and x > -1"),
    ("asin(2*x*sqrt(1 - x^2))", "2/sqrt(1 - x^2)", "x^2 < 0.5"),
    ("asin(3*x - 4*x^3)", "3/sqrt(1 - x^2)", "x^2 < 0.25"),
]


@pytest.mark.parametrize("claim", ["y", "y + 0*x"])
def test_a_border_with_kinks_is_no_part_of_a_region(claim):
    """At x = 0 there is no derivative, unless y is 0 as well."""
    check = gc.check_derivative("abs(x*y)", "x", claim)
    assert (check.verdict, check.conditions) == (Verdict.CONDITIONAL, ("x*y > 0",))
    assert check.reason != "proved there"


@pytest.mark.parametrize(("formula", "claim", "region"), REGIONS)
def test_a_region_has_those_of_its_borders_where_the_claim_is_right(formula, claim, region):
    check = gc.check_derivative(formula, "x", claim)
    assert (check.verdict, check.conditions, check.reason) == (Verdict.CONDITIONAL, (region,), "proved there")


# the claim has no value where a quantity is 0, and it is so on an interval, or a region
LACKING = [
    ("x", "floor(x)/floor(x)", "floor(x) != 0"),
    ("x^2", "2*x*(max(x, 1) - 1)/(max(x, 1) - 1)", "x > 1"),
    ("floor(x)*x", "floor(x)^2/floor(x)", "floor(x) != 0"),
    ("x", "1 + 0/sin(pi*floor(x)/2)", "sin(pi*floor(x)/2) != 0"),
    ("x", "1 + 0/(floor(x) - floor(y))", "floor(x) != floor(y)"),
    ("x*y", "y + 0/max(x - y, 0)", "x > y"),
]


@pytest.mark.parametrize(("formula", "claim", "condition"), LACKING)
def test_what_is_zero_on_an_open_set_is_a_condition(formula, claim, condition):
    check = gc.check_derivative(formula, "x", claim)
    assert check.verdict == "conditional", check.reason
    assert any(found.startswith(f"{condition}, from ") for found in check.conditions)


@pytest.mark.parametrize(("formula", "claim", "conditions"), [
    ("log(relu(x))", "1/x", ["x > 0, from log(relu(x))"]),
    ("x/max(x - 1, 0)", "-1/(x - 1)^2", ["x > 1, from x/max(x - 1, 0)"]),
    ("log(abs(x))", "1/x", ["x != 0, from log(abs(x))"]), ("sqrt(sign(x))", "0", ["x >= 0, from sqrt(sign(x))"]),
    ("1/if(x > 3, 0, x)", "-1/x^2", ["x <= 3, from 1/if(x > 3, 0, x)", "x != 0, from 1/if(x > 3, 0, x)"]),
    ("1/if(x > 0, x, y)", "if(x > 0, -1/x^2, 0)", ["y != 0, from 1/if(x > 0, x, y), where x <= 0"]),
    ("sqrt(if(x > 0, x - 1, y))", "if(x > 0, 1/(2*sqrt(x - 1)), 0)",
     ["x > 1, from 1/(2*sqrt(x - 1)), where x > 0", "y >= 0, from sqrt(if(x > 0, x - 1, y)), where x <= 0"]),
    ("log(if(x > 0, x, if(y > 1, 2, y)))", "if(x > 0, 1/x, 0)",
     ["y > 0, from log(if(x > 0, x, if(y > 1, 2, y))), where x <= 0 and y <= 1"]),
    ("if(x > 0, log(-1), x)", "1", ["x <= 0, from log(-1)"]), ("if(y == 1, 1/0, x)", "1", ["y != 1, from 1/0"]),
    ("if(x > 0, if(y > 0, sqrt(-1 - x^2), x), x^2)", "if(x > 0, 1, 2*x)",
     ["y <= 0, from sqrt(-1 - x^2), where x > 0"]),
    ("if(x > 3, if(y > 0 or x > 5, log(y), 0), 0) + x", "1",
     ["y > 0, from log(y), where x > 3 and (y > 0 or x > 5)"]),
    ("if(x > 1 and y > 1, 0, if(x > 2 or y > 2, log(y), 0)) + x", "1",
     ["y > 0, from log(y), where not (x > 1 and y > 1) and (x > 2 or y > 2)"]),
    ("if(abs(x) < 1, 1/(x - 1), 0)", "if(abs(x) < 1, -1/(x - 1)^2, 0)", []),
    ("if(x == 0 and y == 0, 0, x/(x^2 + y^2))", "if(x == 0 and y == 0, 0, (y^2 - x^2)/(x^2 + y^2)^2)", []),
    ("if(abs(x) <= 1, asin(x), 0)", "if(abs(x) < 1, 1/sqrt(1 - x^2), 0)", []),
    ("atanh(sin(x))", "sec(x)", ["cos(x) != 0, from sec(x)"]),
    ("1/(exp(x/y) - 1)", "-exp(x/y)/(y*(exp(x/y) - 1)^2)", ["y != 0, from x/y", "x != 0, from 1/(exp(x/y) - 1)"]),
    ("log(sec(x) + tan(x))", "sec(x)", ["cos(x) > 0, from log(sec(x) + tan(x))"]),
    ("log(abs(tan(x/2)))", "csc(x)", ["sin(x) != 0, from csc(x)"]),
    ("1/cos(x)", "sin(x)/((1 - sin(x))*(1 + sin(x)))", ["cos(x) != 0, from 1/cos(x)"]),
    ("cos(x)/(1 + sin(x))", "-1/(1 + sin(x))", ["sin(x) != -1, from cos(x)/(1 + sin(x))"]),
    ("x! - gamma(x + 1)", "0", ["x > -1 or x != floor(x), from x!"]),
    ("x", "1 + 0*(x^2*y^2)^y", ["y >= 0 or x^2*y^2 > 0, from (x^2*y^2)^y"]),
    ("gamma(gamma(x))", "gamma(gamma(x))*digamma(gamma(x))*gamma(x)*digamma(x)", [
        "x > 0 or x != floor(x), from gamma(x)",
        "gamma(x) > 0 or gamma(x) != floor(gamma(x)), from gamma(gamma(x))",
    ]),
])  # fmt: skip
def test_needs_are_plain_and_none_that_others_tell(formula: str, claim: str, conditions: list[str]) -> None:
    check = gc.check_derivative(formula, "x", claim)
    assert (check.verdict, list(check.conditions)) == ("proved", conditions)
    parts = [(each.partition(", from ")[0], each.partition(", where ")[2] or "x == x") for each in conditions]
    holds = [f"if({where}, if({need}, 1, 0), 1)" for need, where in parts]

    def has_value(text: str, at: dict[str, Fraction]) -> bool:
        try:
            return math.isfinite(gc.evaluate(text, at, certified=True))
        except UndefinedError:
            return False

    for k in range(-33, 34):
        at = {"x": Fraction(k, 6), "y": Fraction(0)}
        met = all(gc.evaluate(each, at, certified=True) for each in holds)
        assert met is (has_value(formula, at) and has_value(claim, at))


@pytest.mark.parametrize("claim", ["1 + 0/(floor(x) - y)", "1 + 0/(hypot(x, y) - x)", "1 + 0/frac(x)", "x/x"])
def test_what_is_zero_on_a_thin_set_is_no_condition(claim):
    assert gc.check_derivative("x", "x", claim).verdict == "proved"


@pytest.mark.parametrize(("formula", "conditions"), [
    ("atanh(x) + 1/(1 - x^2)", ["x > -1", "x < 1"]), ("log(x) + 1/x + sqrt(x)", ["x > 0"]),
    ("1/y + atan(x/y) + 1/(x^2 + y^2)", ["y != 0"]), ("log(1 - x) + x/(1 - x)", ["x < 1"]),
    ("log(x) + 1/(1 - x)", ["x > 0", "x != 1"]), ("sqrt(x) + 1/x", ["x > 0"]),
    ("1/(cos(x) + sin(x) - 2)", []), ("1/(cos(x) + sin(x) - 1)", ["cos(x) + sin(x) != 1"]),
    ("log(x) + log(y) + digamma(x + y)", ["x > 0", "y > 0"]),
    ("log(x) + digamma(x - y)", ["x > 0", "x > y or x - y != floor(x - y)"]),
    ("1/sqrt(1 - x^2/y^2) + log(1 - x^2/y^2)", ["y != 0", "x^2/y^2 < 1"]),
    ("sqrt(x) + log(log(x))", ["x > 1"]), ("1/(exp(x) - 1)", ["x != 0"]), ("1/(2^x - 8)", ["x != 3"]),
    ("log(tanh(x/2))", ["x > 0"]), ("1/(sqrt(x) - 3)", ["x >= 0", "x != 9"]), ("1/atan(x - 1)", ["x != 1"]),
    ("1/log(2*x)", ["x > 0", "x != 0.5"]), ("1/(exp(x) - 2)", ["exp(x) != 2"]),  # x != log(2) is no shorter
    ("log(x/(1 - x))", ["x > 0", "x < 1"]), ("sqrt(2*x - x^2)", ["x >= 0", "x <= 2"]), ("sqrt(1 - x^2)", ["x^2 <= 1"]),
    ("1/(1/x - 1)", ["x != 0", "x != 1"]), ("sqrt((x - 1)/x^2)", ["x >= 1"]), ("sqrt(x^2*y)", ["x^2*y >= 0"]),
    ("acosh(1 - x) + 1/sqrt(cbrt(x) - 1)", ["x <= 0", "cbrt(x) > 1"]),  # nowhere
    ("1/sqrt(cos(x) + sin(y) - 2) + asin(x)", ["cos(x) + sin(y) > 2", "x >= -1", "x <= 1"]),
    ("acosh(cbrt(x) - 1) + 1/x", ["cbrt(x) >= 2"]),
    ("log(x^(-2) - 1)", ["x != 0", "x^(-2) > 1"]), ("log(abs(x) + sqrt(x) - 1)", ["abs(x) + sqrt(x) > 1", "x >= 0"]),
    ("log(sqrt(x) + abs(x) - 1)", ["x + sqrt(x) > 1", "x >= 0"]),
    ("sqrt(x^2 - 1) + 1/(abs(x)*sqrt(x^2 - 1)) + acos(1/x)", ["x^2 > 1"]),
    ("sqrt(1 - x^2) + 1/(1 - x)", ["x^2 <= 1", "x != 1"]), ("asec(x) + 1/(x*sqrt(x^2 - 1))", ["x^2 > 1"]),
    ("1/sqrt(1 - x^2/y^2) + 1/(y^2*(1 - x^2/y^2)^(3/2))", ["y != 0", "x^2/y^2 < 1"]),
    ("sqrt((1 - x)/(1 + x)) + 1/sqrt(1 - x^2)", ["x < 1", "x > -1"]), ("log(x*sqrt(1 + x^2)) + log(x^3)", ["x > 0"]),
    ("sqrt(1/x) + sqrt(x^3)", ["x > 0"]), ("sqrt(-x^5)", ["x <= 0"]), ("log(x^2*y)", ["y > 0", "x != 0"]),
    ("(1 + 1/x)^y + log(1 + 1/x)", ["x != 0", "1/x > -1"]), ("1/(x*(1 + sqrt(y)))", ["x != 0", "y >= 0"]),
    ("1/x + 1/(2*x) + 1/x^2", ["x != 0"]), ("1/(x + y) + log(x) + sqrt(y)", ["x > 0", "y >= 0"]),
    ("(1 - x)^(y + 1)", ["x < 1 or x == 1 and y >= -1 or x > 1 and y == floor(y)"]),
])  # fmt: skip
def test_what_follows_from_other_conditions_is_no_condition(formula, conditions):
    found = needed((prepare(parse(formula)),), ["x", "y"], Work(20))
    assert sorted(each.condition for each in found) == sorted(conditions)


@pytest.mark.parametrize(("claim", "condition"), [
    ("if(x > 0, 2*x, log(-1))", "x > 0, from log(-1)"), ("if(x > 0, 2*x, 1/0)", "x > 0, from 1/0"),
    ("if(not not x > 0, 2*x, 2*x + 0*log(x))", "x > 0, from log(x)"),
    ("if(not x > 0, 2*x, log(-x^2 - 1))", "x <= 0, from log(-x^2 - 1)"),
    ("if(x > 0, if(x < 3, 2*x, log(-1)), 2*x)", "x < 3, from log(-1), where x > 0"),
])  # fmt: skip
def test_a_branch_of_a_claim_without_a_value_is_not_to_be_taken(claim: str, condition: str) -> None:
    check = gc.check_derivative("x^2", "x", claim)
    assert (check.verdict.value, check.conditions) == ("conditional", (condition,))


_OF_A_DOMAIN = (
    "log(%s)", "sqrt(%s)", "1/(%s)", "asin(%s)", "acosh(%s)", "atanh(%s)", "1/sqrt(%s)", "tan(%s)", "(%s)^(-3/2)",
)  # fmt: skip
_OF_A_SIGN = (
    "%s - 1", "1 - %s", "%s/(1 - x)", "x*(%s)", "exp(%s) - 1", "log(%s)", "sqrt(%s) - 2", "2^(%s) - 4", "abs(%s)",
    "(%s)^2 - x", "1/(%s)", "sinh(%s)", "x^2*(%s)", "tanh(%s) - x", "cos(%s)", "1 + sin(%s)", "cbrt(%s) - x",
    "(%s)^n", "(%s)/x - 3", "atan(%s)", "relu(%s)", "1/(%s) - 1/2", "(%s)^3",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_drawn_formulas_have_a_value_exactly_where_their_conditions_hold(seed: int) -> None:
    draw = Random(seed)
    formula = draw.choice(_OF_A_DOMAIN) % (draw.choice(_OF_A_SIGN) % (draw.choice(_OF_A_SIGN) % "x"))
    formula += " + " + draw.choice(_OF_A_DOMAIN) % (draw.choice(_OF_A_SIGN) % "x")
    found = needed((prepare(parse(formula)),), ["x", "n"], Work(20))
    for n in (-2, 0, 3) if "n" in formula.replace("sin", "").replace("tan", "") else (3,):
        for x in map(mpf, (-4, -3, -2, -1.3, -1, -0.6, -0.2, 0, 0.1, 0.5, 0.9, 1, 1.5, 2, 2.5, 3, 4, 5, 9)):
            texts = (re.sub(r"\bn\b", str(n), each) for each in (formula, *(need.condition for need in found)))
            has_value, *met = (value(each if i == 0 else f"if({each}, 1, 0)", x) for i, each in enumerate(texts))
            assert (has_value is not None) is (set(met) <= {1}), (formula, [need.condition for need in found], x, n)


@pytest.mark.parametrize(("formula", "conditions"), [
    ("x^n + x^(n - 1)", ["x > 0 or x == 0 and n >= 1 or x < 0 and n == floor(n)"]),
    ("x^n/x", ["x != 0", "x > 0 or n == floor(n)"]),
    ("x^(1 - n)", ["x > 0 or x == 0 and n <= 1 or x < 0 and n == floor(n)"]),
    ("1/x^n + 1/x^(n + 1)", ["x > 0 or x < 0 and n == floor(n)"]),
    ("1/((n - 1)*x^(n - 1)) + x^(-n)", ["n != 1", "x > 0 or x < 0 and n == floor(n)"]),
    ("log(x)^n + log(x)^(n + 1)", ["x > 0", "x > 1 or x == 1 and n >= 0 or x < 1 and n == floor(n)"]),
    ("abs(x)^(n - 1)", ["x != 0 or n >= 1"]), ("(x^2)^n", ["x != 0 or n >= 0"]),
    ("(x/(1 - x))^n", [
        "x != 1", "x/(1 - x) > 0 or x/(1 - x) == 0 and n >= 0 or x/(1 - x) < 0 and n == floor(n)",
    ]),
    ("(x^2 - 1)^(n - 1)", ["x^2 > 1 or x^2 == 1 and n >= 1 or x^2 < 1 and n == floor(n)"]),
    ("1/x^(n^2 + 1)", ["x != 0", "x > 0 or n^2 == floor(n^2)"]),
    ("asec(x) + sqrt(x^2 - 1)", ["x^2 >= 1"]),
])  # fmt: skip
def test_conditions_are_told_by_the_signs_of_what_they_compare(formula: str, conditions: list[str]) -> None:
    found = [need.condition for need in needed((prepare(parse(formula)),), ["x", "n"], Work(20))]
    assert sorted(found) == sorted(conditions)
    for n in ("(-2)", "(-1)", "(-1/2)", "0", "(1/2)", "1", "(3/2)", "2", "3"):
        for x in map(mpf, (-3, -1, -0.5, 0, 0.5, 1, 2)):
            texts = (re.sub(r"\bn\b", n, each) for each in (formula, *found))
            has_value, *met = (value(each if i == 0 else f"if({each}, 1, 0)", x) for i, each in enumerate(texts))
            assert (has_value is not None) is (set(met) <= {1}), (x, n)


@pytest.mark.parametrize(("formula", "claim", "conditions"), [
    # as the rules write the first derivative, it has no value where there is one, and a second
    ("cbrt(x)^9", "6*x", []), ("sqrt(x^2 + y^2)^4", "12*x^2 + 4*y^2", []), ("sqrt(x)^6", "6*x", ["x >= 0"]),
    ("log(x)", "-1/x^2", ["x > 0"]), ("sqrt(x)", "-1/(4*x*sqrt(x))", ["x > 0"]),
])  # fmt: skip
def test_a_second_derivative_needs_what_formula_and_claim_need(formula, claim, conditions):
    check = gc.check_derivative(formula, "x", claim, order=2)
    assert (check.verdict, [each.partition(", from ")[0] for each in check.conditions]) == ("proved", conditions)


def test_notes_on_a_sum_without_a_term_say_so():
    check = gc.check_derivative("sum(x*log(y), k=1..n)", "x", "n*log(y)")  # for n=0 the derivative is 0 for every y
    assert check.verdict == "conditional"
    assert check.notes
    assert all(note.startswith("the claim has no") and "with n=0" in note for note in check.notes)


@pytest.mark.parametrize(
    ("formula", "claim", "verdict"),
    [
        ("sqrt(sum(x^2, k=1..n))", "sum(x, k=1..n)/sqrt(sum(x^2, k=1..n))", "proved"),  # n*x/sqrt(n*x^2)
        ("sum(x, k=1..n)", "n^2/n", "agrees"),
        ("sum(x^2, k=1..n)", "2*x*n/n*n + 0*gamma(5 - n)", "wrong"),  # which has no value from n = 5 on
        ("sum(x^2, k=1..n)", "x*n/n*n", "wrong"),
        ("sum(x, k=1..n)", "n*(n - 1)/(n - 1)", "wrong"),  # 0/0 at n = 1, where the derivative is 1
    ],
)
def test_a_claim_that_only_lacks_a_value_without_a_term(formula: str, claim: str, verdict: str) -> None:
    check = gc.check_derivative(formula, "x", claim)
    assert check.verdict.value == verdict
    if verdict != "wrong":
        assert check.conditions[0] == "n >= 1"
        assert "the claim has no value at x=0, where the derivative is 0, with n=0" in check.notes


@pytest.mark.parametrize(
    ("formula", "claim", "needs"),
    [
        # where x > 3, nothing more is asked for on a branch
        ("log(x - 3)", "if(x < 4, 1/(x - 3), 1/(x - 3) + 0/(x - 1))", ["x > 3, from log(x - 3)"]),
        (
            "sum(log(x - k), k=1..n)",
            "sum(if(x < k, 0, 1/(x - k)), k=1..n)",
            ["n >= 0", "x > 3, from log(x - 3), with n=3"],
        ),
        # where x > 0 and y >= 4, x + y is not 0, and x may be 1/2
        ("log(x)", "if(y < 4, 1/x, 1/x + 0/(x + y))", ["x > 0, from log(x)"]),
        (
            "log(x) + if(y < 4, 0, log(x - 1))",
            "1/x + if(y < 4, 0, 1/(x - 1))",
            ["x > 0, from log(x)", "x > 1, from log(x - 1), where y >= 4"],
        ),
    ],
)
def test_what_follows_on_a_branch_is_not_told_there(formula: str, claim: str, needs: list[str]) -> None:
    check = gc.check_derivative(formula, "x", claim)
    assert (check.verdict.value, [*check.conditions]) == ("proved", needs)


@pytest.mark.parametrize(
    ("condition", "settled"),
    [
        ("x != 0 or x - 1 != 0", True),  # the two are not 0 together
        ("x != 0 or y != 0", "x != 0 or y != 0"),
        ("x != 0 or x*y != 0", "x != 0 or x*y != 0"),
        ("x != 0 or y - 1 != 0 or x + y != 0", True),
        ("x^2 + 1 > 0", True),
        ("x^2 + 1 < 0", False),
        ("x > 0", "x > 0"),
        ("x^2 + 1 > 0 and x > 0", "x > 0"),
        ("x^2 + 1 > 0 or x > 0", True),
        ("x != 0 or x > 1", "x != 0 or x > 1"),
        ("not (x^2 >= 0)", False),
        ("sin(x) >= -1", True),
    ],
)
def test_what_holds_always_or_never_is_left_out(condition: str, settled: str | bool) -> None:
    asked, *_ = children(prepare(parse(f"if({condition}, 1, 0)")))
    found = settle(asked, lambda quantity: possible_signs(quantity, ["x", "y"]))
    assert (found if isinstance(found, bool) else expression(found)) == settled


def test_no_reason_of_a_condition_stays_with_what_is_wrong():
    check = gc.check_derivative("sum(abs(x - k), k=1..n)", "x", "sum(if(x >= k, 1, 0), k=1..n)")  # -1 where x < k
    assert (check.verdict, check.reason, check.conditions) == ("wrong", "", ())


def test_nothing_is_needed_on_a_branch_that_nothing_is_on():
    check = gc.check_derivative("sum(x*if(n == 7, log(y), 1), k=1..n)", "x", "sum(if(n == 7, log(y), 1), k=1..n)")
    assert (check.verdict, check.conditions) == ("proved", ())  # not "y > 0, where 3 == 7"


NO_DIGIT = "x*(sin(1)^2 + cos(1)^2 - 1)"  # whose derivative is 0, as no ball says
UNKNOWN = "(digamma(1/4) - digamma(1) + pi/2 + 3*log(2))"  # which is 0, by Gauss
NOT_SHOWN = "that the two are equal at x={} was seen, not shown"
DOMAIN = "whether the argument of log lies in the domain could not be told"
BESIDE = "how {} goes on beside this point could not be told (at x=1)"


@pytest.mark.parametrize(
    ("formula", "claim", "x", "verdict", "bits", "opened"),
    [
        ("x^2", "2*x", "1", "agrees", 192, ""),
        ("x^2", "2 + 1e-60", "1", "agrees", 190, NOT_SHOWN.format("1")),
        ("x^2", "3*x", "1", "wrong", 0, "it is wrong at x=1"),
        ("x^2", "log(x)", "-1", "wrong", 0, ""),  # which has no value there, and is not wrong
        ("x^2", "if(x == 0.3, 0.6, 5)", "3/10", "agrees", 190, ""),
        ("x^2", "if(x^2 == 2, log(0), 1)", "sqrt(2)", "wrong", 0, ""),
        ("x^2", "if(x^2 == 2, 2*x, 1)", "sqrt(2)", "agrees", 382, NOT_SHOWN.format("sqrt(2)")),
        ("x^2", "2*x + 1e-50", "sqrt(2)", "wrong", 0, "it is wrong at x=sqrt(2)"),
        (
            "x^2",
            f"log{UNKNOWN}",
            "1",
            "undecided",
            0,
            "whether the argument of log lies in the domain could not be told",
        ),
        ("exp(x)", "exp(x)", "1", "agrees", 190, NOT_SHOWN.format("1")),
        ("log(x)", "1/x", "-1", "undefined", 0, ""),
        ("log(x - 1)", "1/(x - 1)", "1 + 1e-80", "agrees", 381, ""),  # more bits than at first
        ("abs(x)", "sign(x)", "0", "not-differentiable", 0, ""),
        ("x*abs(x)", "2*abs(x)", "0", "agrees", 192, ""),
        ("x*abs(x)", "1", "0", "wrong", 0, "it is wrong at x=0"),
        ("x^1.5", "1.5*x^0.5", "0", "not-differentiable", 0, ""),  # the derivative on the side that there is
        ("x^1.5", "1/x", "0", "not-differentiable", 0, ""),
        (
            "x^1.5",
            "1",
            "0",
            "not-differentiable",
            0,
            "x^1.5 has values on one side of x=0 only: right derivative 0, claimed 1",
        ),
        (f"abs(x - 1 + {UNKNOWN})", "1", "1", "undecided", 0, BESIDE.format(f"abs(x - 1 + {UNKNOWN})")),
        (f"if(x < 0, 2*x, (2 + {UNKNOWN})*x)", "2", "0", "agrees", 192, NOT_SHOWN.format("0")),
        (f"if(x < 0, (2 + {UNKNOWN})*x, 2*x)", "2", "0", "agrees", 192, NOT_SHOWN.format("0")),
        (NO_DIGIT, "0", "1", "agrees", 128, ""),
        (NO_DIGIT, "1e-200", "1", "wrong", 0, "it is wrong at x=1"),
        (NO_DIGIT, "1e-200*x", "0", "agrees", 128, ""),
        (f"{NO_DIGIT} + 1e-200*x", "0", "0", "wrong", 0, "it is wrong at x=0"),
        (f"{NO_DIGIT} + x*1e-400", "0", "0", "wrong", 0, "it is wrong at x=0"),
    ],
)
def test_a_look_tells_a_claim_at_one_point(formula, claim, x, verdict, bits, opened):
    looked = looked_at(formula, claim, x)
    look = looked.look()
    assert (look.verdict, look.bits, looked.open(look)) == (verdict, bits, opened)
    assert look.open == ("" if look.right else opened)
    assert (look.right, look.wrong) == (verdict == "agrees", verdict == "wrong" and bool(opened))


@pytest.mark.parametrize(
    ("formula", "claim", "x", "verdict", "opened"),
    [
        ("x^2", "3*x", "1", "wrong", "it is wrong at x=1"),
        ("abs(x)", "sign(x)", "0", "undecided", "at a kink or a pole"),
        ("log(x - 1)", "1/(x - 1)", "1 + 1e-80", "agrees", ""),
        (f"{NO_DIGIT} + x*1e-400", "0", "0", "undecided", "too close to tell"),
    ],
)
def test_a_glance_tells_less(formula, claim, x, verdict, opened):
    look = looked_at(formula, claim, x, thorough=False).look()
    assert (look.verdict, look.open) == (verdict, opened)


def test_a_closer_look_tells_more():
    assert looked_at("x^2", "2*x + 1e-70", "sqrt(2)").look(1000).wrong
    assert looked_at(NO_DIGIT, "0", "1").look(1000).open == "too close to tell"  # it would be a fault of 1e-301
    known = looked_at(f"abs(x - 1)*log{UNKNOWN}", "1", "1").look()
    assert (known.verdict, known.component.status) == ("undecided", "undecided")  # which has taken all bits


def looked_at(formula, claim, x, thorough=True):
    return Looked(prepare(parse(formula)), "x", prepare(parse(claim)), {"x": parse(x)}, Work(1), thorough)


@pytest.mark.parametrize(
    ("formula", "claim", "x", "expected", "actual", "error", "off"),
    [
        ("x^2", "3*x", "4", 8.0, 12.0, 4.0, 0.5),
        ("x^2", "x", "4", 8.0, 4.0, 4.0, 0.5),
        ("x^2", "10*x", "4", 8.0, 40.0, 32.0, 4.0),
        ("x^2", "log(-x)", "4", 8.0, None, None, math.inf),
        ("x", "log(sqrt(x) - 1)", "1 + 2e-80", 1.0, -80 * math.log(10), 1 + 80 * math.log(10), 1 + 80 * math.log(10)),
        ("x^2", "2*x + 1e-70", "sqrt(2)", 8**0.5, 8**0.5, 1e-70, 1e-70 / 8**0.5),
        ("log(x - 1)", "3", "1 + 1e-80", 1e80, 3.0, 1e80, 1.0),
        ("x*abs(x)", "1e-60", "0", 0.0, 1e-60, 1e-60, math.inf),
    ],
)
def test_a_counterexample_says_how_far_the_claim_is_off(formula, claim, x, expected, actual, error, off):
    looked = looked_at(formula, claim, x)
    found = looked.counterexample("d/dx", looked.look(1000))
    assert (found.what, found.verdict) == ("d/dx", "wrong")
    told = found.expected, found.actual, found.error, found.relative
    assert told == tuple(part and pytest.approx(part, rel=1e-12, abs=0) for part in (expected, actual, error, off))


GROWN = [  # by hand: the least value, or that there are both signs
    ("exp(x) - x", {1}), ("x*exp(x) + exp(-1)", {0, 1}), ("cosh(x) - 1 - x^2/2", {0, 1}), ("x^2 + cos(x)", {1}),
    ("2 - x*exp(-x)", {1}), ("cos(x) - 1 + x^2/2", {0, 1}), ("exp(x) - exp(1)*x", {0, 1}), ("exp(x) - 2.7*x", {1}),
    ("x^2 - log(1 + x^2)", {0, 1}), ("-3*x - exp(-1)*cos(x)", {-1, 0, 1}), ("exp(x) - 2.8*x", {-1, 0, 1}),
    ("sinh(x) - x", {-1, 0, 1}), ("x*exp(x) + exp(-1.001)", {-1, 0, 1}), ("exp(x) - 1 - x - x^2/2", {-1, 0, 1}),
    ("exp(x) - 1 - x - x^2/2 - x^3/6", {0, 1}),
    ("0^(x^2) - 1/2", {-1, 0, 1}), ("exp(x) - x - 1.0001", {-1, 0, 1}), ("cos(x) - 1 + x^2/2.001", {-1, 0, 1}),
    ("sqrt(x^2) - x - 1", {-1, 0, 1}), ("1/x^2 - 1", {-1, 0, 1}), ("sqrt(x^2) - x^2", {-1, 0, 1}),
    ("sign(x) + 1/2", {-1, 0, 1}), ("floor(x) + 1/2", {-1, 0, 1}),
    ("-2*x*exp(-x^2) - 2", {-1}), ("x*exp(-x^2) - exp(-1/2)/sqrt(2)", {-1, 0}), ("x^2*exp(-x^2) - exp(-1)", {-1, 0}),
    ("x/cosh(x) - 1", {-1}), ("exp(x)^2 + 1 - 2*x*exp(x)", {1}), ("x*exp(-x^2) - 0.4288", {-1, 0, 1}),
]  # fmt: skip


@pytest.mark.parametrize(("quantity", "signs"), GROWN)
def test_signs_by_those_of_the_derivative(quantity: str, signs: set[int]) -> None:
    assert signs_by_growth(prepare(quantity), "x") == signs


@pytest.mark.parametrize(("quantity", "signs"), GROWN[:5] + GROWN[8:10] + GROWN[17:18])
def test_a_part_on_which_a_quantity_has_a_sign_that_it_never_has_is_none(quantity: str, signs: set[int]) -> None:
    """The slope of a size is that of what is never less than 0, and of nothing else."""
    claim = expression(our_derivative(prepare(quantity), "x"))
    for formula in (f"abs({quantity})", f"max({quantity}, 0)", f"sqrt(({quantity})^2)"):
        verdict = check_derivative(formula, "x", claim, seconds=8).verdict
        assert verdict != "proved" or -1 not in signs
        assert verdict == "proved" or 0 in signs


def test_what_a_quantity_is_by_its_derivative_is_no_condition() -> None:
    for formula, claim, need in (
        ("sqrt(exp(x) - x)", "(exp(x) - 1)/(2*sqrt(exp(x) - x))", ""),
        ("sqrt(exp(x) - 3*x)", "(exp(x) - 3)/(2*sqrt(exp(x) - 3*x))", "exp(x) > 3*x"),
    ):
        found = gc.check_derivative(formula, "x", claim)
        assert (found.verdict, "".join(found.conditions[:1]).partition(", ")[0]) == ("proved", need)


def test_what_is_left_of_a_square_is_no_sum() -> None:
    quantity = "-exp(-1)*sinh(x) - atan(x) - 3*x"  # which has the sign of -x
    assert possible_signs(prepare(quantity), {"x"}) == {-1, 0, 1}


@pytest.mark.parametrize("claim", ["n*(n + 1)/2 + 0*x^(n - 1)", "n*(n + 1)/2*(1 + 0*x^(n - 1))"])
def test_where_a_claim_on_an_empty_sum_has_no_value_is_told(claim: str) -> None:
    found = gc.check_derivative("sum(x*k, k=1..n)", "x", claim)  # for n = 0 it needs 0^(-1) at 0
    assert found.verdict.value == "proved"
    assert found.notes == ("the claim has no value at x=0, where the derivative is 0, with n=0",)


@pytest.mark.parametrize(
    ("formula", "claim", "needs"),
    [
        ("sum(x*k, k=1..n)", "sum(k, k=1..n) + 0*sqrt(n)", ("n >= 0",)),  # for n = -1 it has no value, where 0 is right
        ("sum(x^k, k=1..n)", "sum(k*x^(k - 1), k=1..n) + 0*log(n + 1)", ("n >= 0",)),
        ("sum(x*k, k=1..n)*sqrt(n)", "sum(k, k=1..n)*sqrt(n)", ()),  # which the formula needs as well
        ("sum(x*k, k=1..n)/n", "sum(k, k=1..n)/n", ()),
        ("sum(x^k, k=0..n)", "sum(k*x^(k - 1), k=1..n)", ()),
        ("sum(x*k, k=1..n)", "n*(n + 1)/2 + 0/(x - 1)^2", ("n >= 0", "x != 1, from 0/(x - 1)^2")),  # for every n
        ("sum(x*k, k=1..n)", "n*(n + 1)/2 + 0/(x - n)", ("n >= 0", "x != 3, from 0/(x - 3), with n=3")),
    ],
)
def test_a_need_of_an_end_alone_is_told(formula: str, claim: str, needs: tuple[str, ...]) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert (found.verdict.value, found.conditions) == ("proved", needs)


@pytest.mark.parametrize(
    ("formula", "claim", "conditions"),
    [
        # of n = -2 the sum is 0, and digamma(x - 1) - digamma(x + 1) is -1/x - 1/(x - 1)
        (
            "sum(log(x + k), k=1..n)",
            "digamma(x + n + 1) - digamma(x + 1)",
            ("n >= 0, where it has a value", "x > -1 or x != floor(x), from digamma(x + 1)"),
        ),
        # and n*(n + 1)/2 is 1
        ("sum(x*k, k=1..n)", "n*(n + 1)/2 + 0*log(x)", ("n >= 0, where it has a value", "x > 0, from log(x)")),
        # of n = 0 the sum is 0, and the claim -3
        ("sum(x*k, k=3..n-1)", "n*(n - 1)/2 - 3 + 0*log(x)", ("n >= 3, where it has a value", "x > 0, from log(x)")),
    ],
)
def test_what_a_proof_needs_stands_beside_where_a_claim_has_a_value(
    formula: str, claim: str, conditions: tuple[str, ...]
) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert (found.verdict.value, found.conditions) == ("conditional", conditions)
    assert f"for {conditions[0]}" in str(found)
    assert "only" not in str(found)


def test_a_need_that_is_not_met_is_told_by_balls():
    """For cosh(x) < 1 + 1e-18, as at 0, the claim has no value; doubles have 0 there for what is under the root."""
    check = gc.check_derivative("x^2", "x", "2*x + 0/sqrt(cosh(x) - 1 - 1e-18)")
    assert check.verdict is Verdict.CONDITIONAL
    assert check.conditions[0].startswith("cosh(x) > 1000000000000000001/1000000000000000000, from ")


# at y = 1 alone the claim lacks a value: for y < 1 the formula has none but at whole x, and so no derivative
EDGES = [
    ("(y - 1)^x", "log(y - 1)*(y - 1)^x", Verdict.PROVED),
    ("(-2*y - 1)^(x + 2)", "log(-2*y - 1)*(-2*y - 1)^(x + 2)", Verdict.PROVED),
    ("abs(y - 1)^x", "log(abs(y - 1))*abs(y - 1)^x", Verdict.PROVED),
    (
        "abs(y - 1)^x",
        "log(y - 1)*abs(y - 1)^x",
        Verdict.CONDITIONAL,
    ),  # nor has it for y < 1, where there is a derivative
    # nor for abs(x) < sqrt(2)*1e-10, which doubles take for 0; nor for pi/2 < x < 3*pi/2, where atan(tan(x)) is x - pi
    ("x^2", "2*x + 0*log(cosh(x) - 1 - 1e-20)", Verdict.CONDITIONAL),
    ("x^2", "2*x + 0/(atan(tan(x)) - x + pi)", Verdict.CONDITIONAL),
    ("x^2", "2*x + 0/(floor(x) - x)", Verdict.PROVED),  # for whole x alone
]


@pytest.mark.parametrize(("formula", "claim", "verdict"), EDGES)
def test_a_claim_that_lacks_values_where_a_quantity_is_zero_alone_is_proved(formula, claim, verdict):
    check = gc.check_derivative(formula, "x", claim)
    assert check.verdict is verdict
    assert check.notes[0].startswith("the claim has no value at ")


# by hand, where each function has a value: all of that is told, and what the formula needs as well is not
WHOLE = [
    (
        "x^2",
        "2*x + 0*asin(x) + 0*gamma(x)",
        ("x >= -1, from asin(x)", "x <= 1, from asin(x)", "x > 0 or x != floor(x), from gamma(x)"),
    ),
    (
        "x^2",
        "2*x + 0*asin(x) + 0/sin(pi*x*3)",
        ("x >= -1, from asin(x)", "x <= 1, from asin(x)", "sin(pi*x*3) != 0, from 0/sin(pi*x*3)"),
    ),
    ("x^2", "2*x + if(x > 5, 0*log(x - 6), 0)", ("x > 6, from log(x - 6), where x > 5",)),
    ("x^2", "2*x + 0*sqrt(x)/(x - 137)", ("x >= 0, from sqrt(x)", "x != 137, from 0*sqrt(x)/(x - 137)")),
    ("x^2 + log(y)", "2*x + 0*log(y - 1)/x", ("y > 1, from log(y - 1)", "x != 0, from 0*log(y - 1)/x")),
    ("log(x)", "1/x + 0*gamma(x) + 0*sqrt(3 - x)", ("x <= 3, from sqrt(3 - x)",)),
    (
        "log(x)/(x - 1)",
        "1/(x*(x - 1)) - log(x)/(x - 1)^2 + 0*acosh(x)",  # 0/0 at 1
        ("x > 1, from log(x)/(x - 1) and acosh(x)",),
    ),
]


@pytest.mark.parametrize(("formula", "claim", "conditions"), WHOLE)
def test_only_is_said_of_all_that_a_claim_needs(formula: str, claim: str, conditions: tuple[str, ...]) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert (found.verdict, found.reason) == (Verdict.CONDITIONAL, "proved there")
    assert sorted(found.conditions) == sorted(conditions)


@pytest.mark.parametrize(
    ("formula", "claim", "conditions"),
    [
        ("abs(x)", "1 + 0*gamma(x)", ("x > 0",)),  # which has no poles there
        ("abs(x)", "1 + 0*tan(x)", ("x > 0", "cos(x) != 0, from tan(x)")),
        ("abs(x)", "-1 + 0/(sin(x) - 1)", ("x < 0", "sin(x) != 1, from 0/(sin(x) - 1)")),
    ],
)
def test_what_a_claim_needs_in_its_region_is_told(formula: str, claim: str, conditions: tuple[str, ...]) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert (found.verdict, found.reason, found.conditions) == (Verdict.CONDITIONAL, "proved there", conditions)


def test_a_branch_without_points_in_a_region_needs_nothing_there() -> None:
    """The claim is the derivative where x is at most 1/3, and is off by a part in 1e30 beyond."""
    right = "2*digamma(x) - 2*digamma(x + x)"
    found = gc.check_derivative("lbeta(x, x)", "x", f"if(x > 1/3, ({right})*(1 + 1e-30), {right})")
    assert (found.verdict, found.conditions) == (Verdict.CONDITIONAL, ("x <= 1/3",))


@pytest.mark.parametrize(("formula", "claim", "conditions"), [
    ("diff(sqrt(x^4), x)", "2", ()), ("diff(sqrt((2*x - 3)^4), x)", "8", ()), ("diff(cbrt(x)^3, x)*x", "1", ()),
    ("h(t) = sqrt(t^4); h'(2*x)", "4", ()),
    ("diff(sqrt(x^4), x)", "2*x/x", ("x != 0, from 2*x/x",)),  # which the claim needs
    ("diff(sqrt(x^4), x) + 1/x", "2 - 1/x^2", ("x != 0, from 1/x",)),
    ("diff(sqrt(x), x)", "-1/(4*x*sqrt(x))", ("x > 0, from diff(sqrt(x), x)",)),
    ("diff(abs(x)^3, x)/x", "3*sign(x)", ("x != 0, from diff(abs(x)^3, x)/x",)),
    ("diff(cbrt(x^6), x)/x", "0", ("x != 0, from diff(cbrt(x^6), x)/x",)),
    ("diff(sqrt((x - y)^4), x)", "2", ()),  # what moves with both names is alike along x = y
    ("diff(sqrt((x + y)^4) + exp(x + y), x)", "2 + exp(x + y)", ()),
    ("diff(sqrt((x - y)^4) + if(x > y, y, 0), x)", "2",  # which has a jump there, but at x = y = 0
     ("x != y, from diff(sqrt((x - y)^4) + if(x > y, y, 0), x)",)),
    ("x*atan2(y, x)", "diff(x*atan2(y, x), x)", ("x != 0 or y != 0, from atan2(y, x)",)),  # not where its branches meet
    ("x*atan2(x, y)", "diff(x*atan2(x, y), x)",
     ("x != 0, from diff(x*atan2(x, y), x), where y <= 0", "y != 0 or x != 0, from atan2(x, y)")),
    ("x*atan2(x, -1)", "diff(x*atan2(x, -1), x)", ("x != 0, from diff(x*atan2(x, -1), x)",)),  # -1 <= 0 says nothing
    ("x*atan2(x, 1)", "diff(x*atan2(x, 1), x)", ()),
    ("x*trunc(x)", "diff(x*trunc(x), x)", ("x != floor(x), from diff(x*trunc(x), x), where x <= -1 or x >= 1",)),
    ("x*round(x)", "diff(x*round(x), x)", ("x + 1/2 != floor(x + 1/2), from diff(x*round(x), x)",)),
])  # fmt: skip
def test_a_quotient_that_a_diff_is_written_out_as_needs_nothing_where_the_diff_has_a_value(
    formula: str, claim: str, conditions: tuple[str, ...]
) -> None:
    check = gc.check_derivative(formula, "x", claim)
    assert (check.verdict, check.conditions) == ("proved", conditions)
