"""What is said at kinks and edges of domains, held against the definition of a derivative: quotients of differences of
values alone, taken at a step of 1e-60 on either side."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from strategies import COMPARISONS, NUMERIC

import gradcalc as gc
from gradcalc.certified import Higher, certify
from gradcalc.certified.kinks import Kink
from gradcalc.certified.posed import Posed
from gradcalc.certified.sides import Side, joined_at
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import ball, exact_ball, precision
from gradcalc.language.errors import UndecidedError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.language.parser import parse

# rows at whose kinks or edges small numbers lie
ROWS = [row for row in NUMERIC if not row.smooth or row.domain or row.symbol in ("+", "-", "*")]
LEAVES = st.sampled_from([Name("x"), Name("x"), Name("y"), number(0), number(1), number(Fraction(1, 10)), number(-1)])
STEP = Fraction(1, 10**60)


@st.composite
def _cornered(draw: Callable[[st.SearchStrategy[Any]], Any], depth: int = 3) -> Formula:
    if depth == 0 or draw(st.integers(0, 6)) == 0:
        return draw(LEAVES)
    below = [draw(_cornered(depth - 1)) for _ in range(3)]
    kind = draw(st.sampled_from(["row", "row", "row", "if", "power"]))
    if kind == "power":
        exponent = draw(st.sampled_from([number(2), number(3), number(Fraction(3, 2))]))
        return Call(TABLE["^"], (below[0], exponent))
    if kind == "if":
        condition = Call(draw(st.sampled_from(COMPARISONS)), (below[0], draw(LEAVES)))
        return Call(TABLE["if"], (condition, below[1], below[2]))
    row = draw(st.sampled_from(ROWS))
    return Call(row, tuple(below[: 2 if row.variadic else len(row.params)]))


def _value(formula: Formula, at: dict[str, Any]) -> Any:
    """The value as a narrow ball, or None where there is none."""
    try:
        return certify(formula, at, (), bits=600, digits_of_ball=300).value.ball
    except gc.UndefinedError:
        return None


def _close(quotient: Any, number: float | None) -> bool:
    return quotient is not None and number is not None and abs(quotient - number) <= 1e-9 * (1 + abs(number))


@settings(max_examples=200, deadline=None)
@given(
    _cornered(), st.sampled_from([0, 1, -1, Fraction(1, 10), Fraction(1, 3)]), st.sampled_from([0, 1, Fraction(1, 10)])
)
def test_what_is_said_holds_on_both_sides(formula: Formula, x: Any, y: Any) -> None:
    at = {"x": x, "y": y}
    try:
        said = certify(formula, at, ("x",)).gradient["x"]
        here, *beside = (_value(formula, {**at, "x": x + side * STEP}) for side in (0, -1, 1))
    except gc.FormulaError:
        return  # no value here, or none that could be told
    with precision(2000):
        left, right = (
            None if there is None else float(((there - here) / ball(side * STEP)).mid())
            for there, side in zip(beside, (-1, 1), strict=True)
        )
    if said.status in ("certified", "zero"):
        assert _close(left, said.number)
        assert _close(right, said.number)
    elif said.status == "not-differentiable":
        assert not _close(left, right) or abs(right or 0) > 1e15
        if "jump" not in said.message:
            assert said.left is None or _close(left, said.left)
            assert said.right is None or _close(right, said.right)
        if "one side" in said.message:
            assert (left is None) != (right is None)


@pytest.mark.parametrize("text", [
    "if(x == 0, 0, x*sin(pi*floor(1/x)/2))", "if(x == 0, 0, x^2*log(sin(1/x)))",
    "if(x == 0, 0, x*sqrt(-log(abs(x))))", "if(x == 0, 0, x*log(-log(abs(x))))",
    "if(x == 0, 0, x/(exp(1/x^2) - exp(2/x^2)))", "if(x == 0, 0, -exp(1/x^2)*exp(-2/x^2))",  # is 0, which is not told
])  # fmt: skip
def test_where_a_side_is_not_known_no_number_stands_for_the_derivative(text):
    component = certify(text, {"x": 0}).gradient["x"]
    assert component.status == "undecided"
    assert math.isnan(component.number)


def test_a_factor_that_is_0_for_every_whole_number_leaves_the_slope_0():
    slope = certify("if(x == 0, 0, x*sin(2*pi*floor(1/x)))", {"x": 0}).gradient["x"]
    assert (slope.status, slope.number) == ("certified", 0.0)


def test_the_place_of_a_kink_names_no_constants():
    found = gc.check_gradient(lambda x: abs(x - 0.3) * 2.5, lambda x: 0.0, 0.3)
    assert found.verdict == "not-differentiable"
    assert "at x=0.3: left -2.5, right 2.5" in str(found)


@pytest.mark.parametrize(
    ("formula", "at", "value", "gradient"),
    [
        ("diff(if(x < 0, -x^3, x^3), x)", {"x": 0}, 0, {"x": 0}),
        ("diff(x^2*abs(x), x) + 3*y", {"x": 0, "y": 2}, 6, {"x": 0, "y": 3}),
        ("2 + diff(if(x == 1, 3, 3*x^2), x)", {"x": 1}, 8, {"x": 6}),
        ("diff(x^3*abs(x), x, 2)", {"x": 0}, 0, {"x": 0}),
        ("n = 2; diff(x^3*abs(x), x, n)", {"x": 0}, 0, {"x": 0}),
    ],
)
def test_diff_at_a_kink_with_a_derivative(formula, at, value, gradient):
    for certified in (False, True):
        assert gc.evaluate(formula, at, certified=certified) == value
        assert gc.grad(formula, at, certified=certified) == gradient


def test_diff_at_a_kink_whose_derivative_has_a_corner():
    for formula, value in (("diff(if(x < 0, -x^2, x^2), x)", 0), ("diff(max(x, y) + min(x, y), x)*y", 1)):
        at = {"x": value, "y": value}
        assert gc.evaluate(formula, at) == gc.evaluate(formula, at, certified=True) == value
    with pytest.raises(gc.NotDifferentiableError, match=r"diff\(.*\) has a corner at x=0: left -2, right 2"):
        gc.grad("diff(if(x < 0, -x^2, x^2), x)", {"x": 0}, certified=True)


@pytest.mark.parametrize(
    ("formula", "x", "why"),
    [
        ("diff(abs(x), x)", 0, r"abs\(x\) has a corner at x=0: left -1, right 1"),
        ("diff(floor(x), x)", 1, r"floor\(x\) jumps at x=1"),
        ("diff(x*abs(x), x, 2)", 0, r"d/dx x\*abs\(x\) has a corner at x=0: left -2, right 2"),
        ("diff(diff(x*abs(x), x), x)", 0, "has a corner at x=0: left -2, right 2"),
    ],
)
def test_diff_at_a_kink_without_a_derivative(formula, x, why):
    with pytest.raises(gc.NotDifferentiableError, match=why):
        gc.evaluate(formula, {"x": x})


@pytest.mark.parametrize(
    ("formula", "at", "slope"),
    [
        ("if(x == 0, 0, exp(-1/x^2))", 0, 0),  # smaller than any power
        ("if(x <= 0, 0, exp(-1/x))", 0, 0),
        ("if(x > 0, exp(1 - exp(1/x)), 0)", 0, 0),
        ("if(x == 0, 0, x^2*sin(1/x))", 0, 0),  # bounded times small
        ("if(x == 1, 0, (x - 1)^2*cos(1/(x - 1)^3))", 1, 0),
        ("if(x == 0, 0, x^2*atan(1/x))", 0, 0),
        ("if(x == 0, pi/2, atan(1/x^2))", 0, 0),
        ("if(x == 0, e, (1 + x)^(1/x))", 0, -math.e / 2),
        ("if(x == 1, e, x^(1/(x - 1)))", 1, -math.e / 2),
        ("if(x == 0, 0, x*besselj(0, 1/x))", 0, 0),  # a limit far away of what has no powers
        ("if(x == 0, 0, x*zeta(1/abs(x)))", 0, 1),
        ("if(x == 0, 0, x*exp(abs(x)^0.001))", 0, 1),  # of more powers than are added up
    ],
)
def test_what_has_no_powers_is_known_by_what_bounds_it(formula, at, slope):
    found = certify(formula, {"x": at}).gradient["x"]
    assert (found.status, found.number) == ("certified", pytest.approx(slope, rel=1e-15))


@pytest.mark.parametrize(
    ("formula", "at", "left", "right"),
    [
        ("abs(sin(pi*x))", "2", -math.pi, math.pi),
        ("abs(sin(x))", "pi", -1, 1),
        ("abs(x - sqrt(2))", "sqrt(2)", -1, 1),
        ("max(x^2, 2)", "sqrt(2)", 0, 2 * math.sqrt(2)),
        ("if(x >= sqrt(2), x, sqrt(2))", "sqrt(2)", 0, 1),
        ("if(x == 0, 0, atan(1/x))", "0", None, None),
        ("floor(log(x))", "e", None, 0),
        ("abs(sin(x) - 1/2)", "pi/6", -math.sqrt(3) / 2, math.sqrt(3) / 2),
        ("abs(cos(x) + sqrt(2)/2)", "5*pi/4", -math.sqrt(1 / 2), math.sqrt(1 / 2)),
        ("mod(x, 0.1)", "0.3", None, 1),
        ("max(sqrt(2), sqrt(2))*abs(x)", "0", -math.sqrt(2), math.sqrt(2)),
    ],
)
def test_kinks_at_points_that_no_ball_is_exact_at(formula, at, left, right):
    found = certify(formula, {"x": at}).gradient["x"]
    assert found.status == "not-differentiable"
    assert [found.left, found.right] == [pytest.approx(left), pytest.approx(right)]


@pytest.mark.parametrize("text", [
    "if(x == 0, 0, exp(1/x))", "if(x == 0, 0, exp(-1/x))", "if(x == 0, 0, x*exp(-1/x))", "if(x == 0, 0, x*exp(1/x^2))",
    "if(x == 0, 0, x^2*sinh(1/x))", "if(x == 0, 0, 1/x + sin(1/x))", "if(x == 0, 0, exp(1/x) + sin(1/x))",
    "if(x == 0, 2, 1/x^2 + 5*cos(1/x))",
])  # fmt: skip
def test_what_grows_beyond_all_bounds_has_no_derivative(text):
    """Also where the rest swings: it is less than the first term."""
    found = certify(text, {"x": 0}).gradient["x"]
    assert (found.status, "no finite derivative" in found.message) == ("not-differentiable", True)


@pytest.mark.parametrize("text", [
    "if(x == 0, 0, (1 + sin(1/x))/x)", "if(x == 0, 0, log(abs(x)) + log(abs(x))*sin(1/x))", "if(x == 0, 0, sin(1/x)/x)",
    "if(x == 0, 0, x^2*((1 + x*sin(1/x))/x - 1/x))",
])  # fmt: skip
def test_a_first_term_that_is_as_large_as_what_swings_says_nothing(text):
    """The first comes to 0 as often as it likes; the last is x^2*sin(1/x)."""
    found = certify(text, {"x": 0}).gradient["x"]
    assert "no finite derivative" not in found.message or found.status == "undecided"


def test_a_tie_between_equal_numbers_that_are_not_rational():
    assert certify("max(sqrt(3)*x, sqrt(3)*x)", {"x": 2}).gradient["x"].number == math.sqrt(3)
    corner = certify("max(sqrt(2), sqrt(2))*abs(x)", {"x": 0}).gradient["x"]
    assert math.isnan(corner.number)
    assert "convention" not in corner.message


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("if(x == 0, 0, x^2*sin(1/x) + x)", 1),
        ("if(x == 0, 0, x*abs(x)*cos(exp(1/x)))", 0),
        ("if(x == 0, 0, x^2*erf(1/x))", 0),
        ("if(x == 0, 0, x^2*asinh(1/x))", 0),
        ("if(x == 0, 0, x*sinc(1/x))", 0),
        ("if(x == 0, 0, x/log(abs(x)))", 0),
        ("if(x == 0, 0, x^2*floor(1/x))", 1),
        ("if(x == 0, 0, x^2*exp(sin(1/x)))", 0),
        ("if(x == 0, 0, x^2*sign(sin(1/x)))", 0),
        ("if(x == 0, 0, x^2/(2 + sin(1/x)))", 0),
        ("if(x == 0, 0, 3*x + mod(1/x, 1)*x^2)", 3),
    ],
)
def test_a_bounded_factor_is_enough_for_the_derivative_of_a_filled_in_value(text, slope):
    component = certify(text, {"x": 0}).gradient["x"]
    assert (component.status, component.number) == ("certified", slope)


@pytest.mark.parametrize(
    ("text", "left", "right", "why"),
    [
        ("if(x == 0, 0, x*sin(1/x))", None, None, "no finite derivative"),
        ("if(x == 0, 0, sin(1/x))", None, None, "no finite derivative"),
        ("if(x == 0, 0, x + x*cos(3/x) - x^2)", None, None, "no finite derivative"),
        ("if(x == 0, 0, 1/log(abs(x)))", None, None, "no finite derivative"),
        ("if(x == 0, 0, tanh(1/x))", None, None, "jumps"),
        ("if(x == 0, 0, erf(1/x^2))", None, None, "jumps"),
        ("if(x == 0, 0, x*erf(1/x))", -1, 1, "corner"),
        ("if(x == 0, 0, x/(1 + exp(1/x)))", 1, 0, "corner"),
        ("if(x > 0, x*sin(1/x), 2*x)", 2, None, "left 2, right none"),
    ],
)
def test_that_a_filled_in_value_has_no_derivative_is_shown(text, left, right, why):
    component = certify(text, {"x": 0}).gradient["x"]
    assert component.status == "not-differentiable"
    assert why in component.message
    if "corner" in why:
        assert (component.left, component.right) == (left, right)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x^2*y^2/(x^2 + y^2)", "certified"),
        ("x*y*(x^2 - y^2)/(x^2 + y^2)", "certified"),
        ("(x^2 + y^2)*sin(1/(x^2 + y^2))", "certified"),
        ("(x^2 + y^2)*log(x^2 + y^2)", "certified"),
        ("x^2*y/(x^2 + y^2)", "not-differentiable"),
        ("x^3/(x^2 + y^4)", "undecided"),
        ("x^2*y^2/(x^4 - y^4)", "not-differentiable"),
        ("x^4*y/((x^2 + y^2)*(x^2 + 2*y^2))", "not-differentiable"),  # t/6 along x = y = t, and 0 on the axes
        ("(1 - cos(x))*y/(x^2 + y^2)", "not-differentiable"),  # t/4 there
    ],
)
def test_a_quotient_filled_in_is_differentiable_where_it_is_small_enough(text, status):
    assert certify(f"if(x == 0 and y == 0, 0, {text})", {"x": 0, "y": 0}).gradient["x"].status == status


@pytest.mark.parametrize(
    ("text", "partials", "why"),
    [
        # by hand: the value or the slope along the way
        ("if(x == 0, 0, x*y/(x^2 + y^2))", (0, 0), "goes to 0.5 and not to 0 as x moves by t and y moves by t"),
        ("if(x^2 + y^2 == 0, 0, x^3/(x^2 + y^2))", (1, 0), "the slope 0.5 as x moves by t and y moves by t, and not 1"),
        ("if(x^2 + y^2 == 0, 0, (x^3 + y^3)/(x^2 + y^2))", (1, 1), "the slope 1 as x moves by t and y moves by t"),
        ("if(x^2 + y^2 == 0, 0, x^2*y/(x^4 + y^2))", (0, 0), "the slope 1 as"),
        ("if(x^2 + y^2 == 0, 0, x^3*y/(x^4 + y^2))", (0, 0), "the slope 0.5 as x moves by t and y moves by t^2"),
        ("if(x^2 + y^2 == 0, 0, x*y^3/(x^2 + y^6))", (0, 0), "the slope 1 as x moves by t^2 and y moves by t"),
        ("if(x^2 + y^2 == 0, 0, x*y*(x^2 - y^2)/(x^2 + y^2)^1.5)", (0, 0), "as x moves by 2*t and y moves by t"),
        ("if(x*y == 0, 0, x*sin(1/y))", (0, 0), "no finite slope as x moves by t and y moves by t"),
        ("root(x^3 + y^3, 3)", (1, 1), "the slope 1.25992105 as"),  # 2^(1/3)
        ("min(abs(x), abs(y))", (0, 0), "the slope 1 as"),
        ("if(x*y == 0, 0, sin(1/(x*y)))", (0, 0), "it has no limit as x moves by t and y moves by t"),
        ("sqrt(abs(x*y))", (0, 0), "the slope 1 as"),
        ("cbrt(x*y)", (0, 0), "no finite slope as"),
        ("x*sign(y)", (0, 0), "the slope 1 as"),
        ("if(y == x^2 and x != 0, x, 0)", (0, 0), "as y moves by t^2 and x moves by t"),
    ],
)
def test_partial_derivatives_that_are_no_gradient(text, partials, why):
    found = certify(text, {"x": 0, "y": 0}).gradient
    assert {part.status for part in found.values()} == {"not-differentiable"}
    assert (found["x"].number, found["y"].number) == partials
    assert "for t > 0 it " in found["x"].message  # on the other side the slope may be another
    assert why in found["x"].message
    for name, partial in zip("xy", partials, strict=True):  # along one variable there is a derivative
        alone = certify(text, {"x": 0, "y": 0}, (name,)).gradient[name]
        assert (alone.status, alone.number) == ("certified", partial)


@pytest.mark.parametrize(
    "text",
    ["x*sin(1/x)^2", "x*exp(cos(1/x))", "x/(2 + sin(1/x))", "x*sin(1/x)*cos(2/x)", "x*sqrt(sin(1/x) + 3)", "sin(1/x)"],
)
def test_what_comes_near_to_several_numbers_again_and_again_has_no_derivative(text):
    assert certify(f"if(x == 0, 0, {text})", {"x": 0}).gradient["x"].status == "not-differentiable"
    assert certify(f"if(x == 0, 0, x^2*({text}))", {"x": 0}).gradient["x"].number == 0
    if text != "sin(1/x)":  # f'(x)/x has no limit where f = x^2*sin(1/x)
        return
    for power in (2, 3):
        formula = prepare(f"if(x == 0, 0, x^{power}*{text})")
        assert Higher(formula, {"x": number(0)}).of_order("x", 2)[1].gradient["x"].status == "not-differentiable"


@pytest.mark.parametrize(
    ("text", "value"),
    [("if(floor(2^(2^40)) == 2^(2^40), x, 0)", 40.0), ("cos(0*(-1)^(2^(2^x)))", 1.0), ("mod(2^(2^3), 3)", 1.0)],
)
def test_whole_numbers_too_long_to_write_out(text, value):
    """2^(2^40) has more digits than memory holds, where flint would end the process."""
    assert certify(text, {"x": 40}, ()).value.number == value
    with pytest.raises(gc.UndefinedError, match="larger than any double"):
        certify("x^2^x", {"x": 40}, ())


@pytest.mark.parametrize(
    ("formula", "at", "slope"),
    [("log(exp(-x))", 1e6, -1.0), ("log(sigmoid(x))", -1e5, 1.0), ("log(normcdf(x))", -1e3, 1000.000999998),
     ("log(erfc(x))", 1e4, -20000.00009999999)],
)  # fmt: skip
def test_what_is_tiny_is_on_no_edge(formula: str, at: float, slope: float) -> None:
    """Far below 2^-16384, and still the argument of a logarithm on both sides. The slopes are hazard rates:
    x + 1/x - 2/x^3 for normcdf at -x, and 2*(x + 1/(2*x)) for erfc."""
    assert gc.grad(formula, {"x": at}, certified=True)["x"] == pytest.approx(slope, rel=1e-13)


@pytest.mark.parametrize("text", ["mod(sin(x - 0), sin(x))", "floor(sin(x - 0)/sin(x))"])
def test_what_may_be_whole_is_not_said_to_have_no_derivative(text):
    assert certify(text, {"x": 3}).gradient["x"].status in ("undecided", "certified", "zero")


def test_a_derivative_along_a_kink_is_not_taken_from_the_branch_that_stands_there() -> None:
    """The derivative of x + y by x, which is 1 everywhere, on the diagonal too."""
    try:
        found = gc.grad("diff(max(x, y) + min(x, y), x)", {"x": 1, "y": 1}, certified=True)
    except gc.UndecidedError:
        return
    assert found == {"x": 0, "y": 0}


@pytest.mark.parametrize(
    ("formula", "at", "slopes"),
    [
        # on the tie of all three, where two surfaces of zeros meet
        ("max(x, y)^max(y, z)*min(x, y)^min(y, z)", "2 2 2", (16, 16 + 16 * math.log(2), 16 * math.log(2))),
        ("max(x, y) + min(x, y) + max(y, z)*min(y, z)", "2 2 2", (1, 3, 2)),
        ("abs(x)*abs(x) + abs(y)*abs(y) + z", "0 0 1", (0, 0, 1)),
        # a value for the point alone
        ("diff(sqrt(x^2 + y^2)^2, x) + y*z", "0 0 3", (2, 3, 0)),
        ("if(x == 0 and y == 0, 0, x^5/(x^2 + y^2)) + z", "0 0 3", (0, 0, 1)),
        ("if(x == 0 and y == 0, 0, x^5/(x^2 + y^2))", "0 0 3", (0, 0)),
        ("if(x == 1, 3*x - 3 + y, x^3 - x^2 + y)*z", "1 2 3", (3, 3, 2)),
        # along x what is compared is 0, where the other piece has no value
        ("if(x*y > 0, (x*y)^2*log(x*y), 0) + z", "1 0 2", (0, 0, 1)),
        # powers that are no rational numbers
        ("abs(x)^pi + y*z", "0 2 3", (0, 3, 2)),
        ("hypot(x, y)^e*z", "0 0 3", (0, 0, 0)),
        ("abs(x)^sqrt(2)*y + z", "0 2 3", (0, 0, 1)),
        # along z alone sympy's form has no value at all
        ("z^2 + hypot(x, y*z)^3", "0 0 3", (0, 0, 6)),
    ],
)
def test_kinks_that_leave_a_gradient(formula, at, slopes):
    point = dict(zip("xyz", map(int, at.split()), strict=True))
    found = gc.agreement(formula, point, prove=False)
    assert found.verdict == "agrees"
    expected = dict(zip("xyz", slopes, strict=False))
    assert {each.what: each.expected for each in found.findings} == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "formula",
    [
        "if(x == x and y == 0, 0, hypot(x, y))",  # not at the point alone
        "if(x == abs(x) and y == 0, 0, x + y)",
        "if(x == 0 and y == 0, 1, x^5/(x^2 + y^2))",
        "max(x, y)*max(y, z) + min(x, y)",
    ],
)
def test_kinks_that_leave_none(formula):
    point = dict.fromkeys(gc.parse(formula).names, 0 if "max(" not in formula else 1)
    with pytest.raises(gc.NotDifferentiableError):
        gc.grad(formula, point, certified=True)


@pytest.mark.parametrize(
    ("formula", "x", "value"),
    [
        ("sqrt(sin(x)^2 + cos(x)^2 - 1) + x", 1, 1),
        ("sqrt(exp(x) - 3)", "log(3)", 0),
        ("acos(x^2/2)", "sqrt(2)", 0),
        ("asin(x^2/2 - 2)*2/pi", "sqrt(2)", -1),
        ("sqrt(x^4 - 4)^2 + x^2", "sqrt(2)", 2),
    ],
)
def test_on_an_edge_that_algebra_tells(formula, x, value):
    assert certify(formula, {"x": x}, ()).value.number == value


def test_the_derivative_on_an_edge_that_algebra_tells():
    assert gc.grad("sqrt(sin(x)^2 + cos(x)^2 - 1) + 2*x", {"x": 1}, certified=True) == {"x": 2}
    with pytest.raises(gc.NotDifferentiableError, match="no finite derivative"):
        gc.grad("sqrt(exp(x) - 3)", {"x": "log(3)"}, certified=True)
    with pytest.raises(gc.UndefinedError, match="its argument is 0"):
        gc.evaluate("log(sin(x)^2 + cos(x)^2 - 1)", {"x": 1}, certified=True)


def test_an_edge_on_one_side_of_a_jump_is_not_one_on_both():
    for formula, at in (("sqrt(pi - pi - floor(x))", 0), ("sqrt(exp(log(2)) - 1 - floor(x))", 1)):  # 1 on the left
        with pytest.raises((gc.UndecidedError, gc.NotDifferentiableError)):
            gc.grad(formula, {"x": at}, certified=True)


def test_what_a_piece_lacks_is_not_said_of_the_point() -> None:
    # mod(2, 1) is 0: that zeta has a pole at 1 is true of the way to 2 from below alone
    component = certify("erfinv(zeta(mod(x, 1)))", {"x": 2.0}).gradient["x"]
    assert component.failed
    assert "argument" not in component.message


@pytest.mark.parametrize(
    ("text", "message", "sides"),
    [
        ("if(x > -1 and sqrt(x) >= 0, x, x)", "one side of x=0 only: right derivative 1", (None, 1)),
        ("if(x < -1 or sqrt(-x) >= 0, x, x)", "one side of x=0 only: left derivative 1", (1, None)),
        ("if(x == 0, 1, sqrt(x)*0 + sin(floor(1/x)))", "no value to the left of x=0", (None, None)),
        ("if(x == 0, 1, sqrt(-x)*0 + sin(floor(1/x)))", "no value to the right of x=0", (None, None)),
    ],
)
def test_an_edge_is_one_wherever_it_stands(text, message, sides):
    component = certify(text, {"x": 0}).gradient["x"]
    assert component.status == "not-differentiable"
    assert message in component.message
    assert (component.left, component.right) == sides


def test_a_condition_has_no_part_in_the_derivative():
    assert certify("if(cbrt(x) < 1, x^2 + x, 2)", {"x": 0}).gradient["x"].number == 1
    assert certify("if(x == 0, 0, sin(floor(1/x)))", {"x": 0}).gradient["x"].status != "certified"  # it has no limit


@pytest.mark.parametrize(
    "text", ["sin(x)*abs(sin(x))", "sin(x)*max(sin(x), 0)", "max(sin(x)^2, -sin(x)^3)", "abs(sin(x))^3"]
)
def test_a_slope_of_which_all_pieces_are_exactly_0_is_so(text):
    slope = certify(text, {"x": gc.parse("pi")}).gradient["x"]
    assert (slope.number, slope.status) == (0, "certified")


@pytest.mark.parametrize("rest", ["abs(sin(x))*exp(-20000)", "max(sin(x)*exp(-20000), -sin(x)^2)", "x*exp(-20000)"])
def test_a_slope_next_to_0_is_not_0(rest):
    slope = certify(f"sin(x)*abs(sin(x)) + {rest}", {"x": gc.parse("pi")}).gradient["x"]
    assert slope.status in ("not-differentiable", "undecided")


@pytest.mark.parametrize("piece", ["if(sin(x) > 0, {}, sin(x)^2)", "if(sin(x) > 0, sin(x)^2, {})"])
def test_a_slope_of_which_one_piece_is_less_than_any_rounding_is_not_said_to_be_0(piece):
    """1 - tanh(3000) is 2*exp(-6000), which no precision shows."""
    told = {one: certify(piece.format(f"sin(x)*{one}"), {"x": gc.parse("pi")}).gradient["x"].status
            for one in ("(1 - tanh(3000))", "(1 - tanh(3000) - (1 - tanh(3000)))")}  # fmt: skip
    assert [*told.values()] == ["zero", "certified"]


@pytest.mark.parametrize(
    ("formula", "highest", "right"),
    [
        ("x^2*abs(x)", 4, [(0, 0), (0, 0), (-6, 6)]),
        ("if(x < 0, x, x^2)", 2, [(1, 0)]),
        ("if(x >= 0, exp(x), 1 + x + x^2/2)", 3, [(1, 1), (1, 1), (0, 1)]),
        ("if(x >= 0, 4 + x^3, 4 + sin(x) - x)", 2, [(0, 0), (0, 0)]),
        ("if(x == 0, 5, x^2)", 2, []),  # the value is not what both sides go to
    ],
)
def test_derivatives_of_all_orders_at_a_kink(formula: str, highest: int, right: list[tuple[float, float]]) -> None:
    found = Kink(Posed(prepare(parse(formula)), {"x": 0.0}, ("x",))).orders("x", highest)
    assert len(found) == len(right)
    for order, (part, (left, above)) in enumerate(zip(found, right, strict=True), 1):
        if left == above:
            assert (part.status, part.number, part.exact) == ("certified", left, left)
        else:
            assert (part.status, part.left, part.right, part.exact) == ("not-differentiable", left, above, None)
            of = (
                formula if order == 1 else f"d^{order - 1}/dx^{order - 1} {formula}" if order > 2 else f"d/dx {formula}"
            )
            assert part.message.startswith(f"{of} has a corner")


def test_a_condition_that_cannot_be_told_does_not_matter_where_all_pieces_have_one_value() -> None:
    one = certify("if(erf(1000*x) >= 1, x^2, x^2 + (x - 1)^3)", {"x": 1.0})
    assert (one.value.number, one.gradient["x"].number) == (1, 2)
    for formula in ("if(erf(1000*x) >= 1, x^2, x^2 + 1)", "if(erf(1000*x) >= 1, x, log(x - 1))"):
        with pytest.raises(UndecidedError):
            certify(formula, {"x": 1.0})


def test_at_the_end_of_a_domain_there_is_at_most_the_derivative_of_one_side() -> None:
    def told(left: Side, right: Side) -> Any:
        with precision(64):
            return joined_at(parse("x*y"), "x=0", left, right, lambda a, b: bool(a == b))

    none, two = Side(None, None, ends=True), Side(exact_ball(2.0), True)
    alone = told(none, none)
    assert alone.message == "x*y has a value at x=0, but on neither side of it"
    for sides, word, ended, slopes in (
        ((none, two), "right", "left", (None, 2)),
        ((two, none), "left", "right", (2, None)),
    ):
        part = told(*sides)
        assert part.message == f"x*y has values on one side of x=0 only: {word} derivative 2"
        assert (part.number, part.left, part.right, part.ball) == (2, *slopes, 2)
        unknown = [Side(exact_ball(2.0), None) if side is two else side for side in sides]
        assert told(*unknown).message == f"x*y has no value to the {ended} of x=0"
    values = "x*y has values on one side of x=0 only"
    for grad, joins, anything in ((None, True, True), (None, False, False), (exact_ball(2.0), False, False)):
        part = told(none, Side(grad, joins))
        assert (part.message, math.isnan(part.number), part.ball is not None) == (values, True, anything)
        assert not anything or (part.ball.contains(-1e300) and part.ball.contains(1e300))
    steep = told(none, Side(exact_ball(math.inf), True))
    assert (steep.message, steep.ball) == (values, None)
    assert {part.status for part in (alone, steep)} == {"not-differentiable"}


def test_the_derivative_at_a_point_follows_from_both_sides() -> None:
    def told(
        left: Side, right: Side, by_table: float | None = None
    ) -> tuple[str, float, str, float | None, float | None]:
        with precision(64):
            table = None if by_table is None else exact_ball(by_table)
            part = joined_at(parse("x*y"), "x=0", left, right, lambda a, b: bool(a == b), table)
            return part.status, part.number, part.message, part.left, part.right

    def side(slope: float, joins: bool | None = True) -> Side:
        return Side(exact_ball(slope), joins)

    nan, inf = pytest.approx(math.nan, nan_ok=True), math.inf
    unknown, one, two = Side(None, None, why="it is not known"), side(1.0), side(2.0)
    for sides in ((unknown, one), (one, unknown)):
        assert told(*sides, 3.0) == ("undecided", nan, "it is not known (at x=0)", None, None)
    steep = "x*y has no finite derivative at x=0"
    for slope, word in ((inf, "inf"), (-inf, "-inf"), (math.nan, "none")):
        found = pytest.approx(slope, nan_ok=True)
        assert told(one, side(slope)) == ("not-differentiable", nan, f"{steep}: left 1, right {word}", 1, found)
        assert told(side(slope), two) == ("not-differentiable", nan, f"{steep}: left {word}, right 2", found, 2)
        assert told(side(slope), side(inf)) == ("not-differentiable", nan, steep, found, inf)
    open_ = "whether the pieces that meet at x=0 join could not be told"
    assert told(side(1.0, None), one) == ("undecided", nan, open_, None, 1)
    assert told(one, side(2.0, None), 3.0) == ("undecided", 3, open_, 1, None)
    with precision(64):
        wide = Side(exact_ball(1.0).union(exact_ball(1.5)), True)
    assert told(wide, one)[0] == "undecided"  # they may be equal, and may not
    jump, kept = "x*y jumps at x=0", "; 3 is the convention"
    for sides in ((side(1.0, False), two), (one, side(2.0, False))):
        slopes = [part.slope for part in sides]
        assert told(*sides, 3.0) == ("not-differentiable", 3, jump + kept, *slopes)
        for none in (None, inf):
            assert told(*sides, none) == ("not-differentiable", nan, jump, *slopes)
    corner = "x*y has a corner at x=0: left 1, right "
    assert told(one, two, 3.0) == ("not-differentiable", 3, f"{corner}2{kept}", 1, 2)
    beside = 1 + 2.0**-50
    assert told(one, side(beside))[2] == f"{corner}1, which differ by 8.881784197e-16"
    assert told(one, one) == ("certified", 1, "", None, None)
    with precision(64):
        tiny = exact_ball(-1.0) * exact_ball(2.0) ** -(10**6)
        kept_zero = joined_at(parse("x"), "x=0", side(1.0, False), two, lambda a, b: False, tiny).number
        assert (kept_zero, math.copysign(1, kept_zero), str(Side(tiny, True).slope)) == (0, 1, "0.0")
        assert joined_at(parse("x"), "x=0", Side(tiny, True), two, lambda a, b: False).message.endswith(
            "left -1.010034059e-301030, right 2"
        )
        unknown = Side(tiny.union(-tiny), True)  # no ball tells it from 0
        assert "left ~0, right 2" in joined_at(parse("x"), "x=0", unknown, two, lambda a, b: False).message
        third = Side(exact_ball(1.0) / 3, True)
        assert joined_at(parse("x"), "x=0", third, third, lambda a, b: True).number == 1 / 3


@pytest.mark.parametrize(
    "formula",
    [
        "if(x*y == 0, 0, x*sin(1/(x*y)))",  # x*sin(1/x^2) along x = y
        "if(x*y == 0, 0, sqrt(x*y)*cos(x + y))",  # about abs(x) along x = y
        "if(x*y == 0, 0, x^2*y/(x^2 + y^2))",  # x/2 along x = y, where both partial derivatives are 0
        "if(y == x^4 and x != 0, x, 0)",  # x along that curve
        "if((y - x^4)*(y - 2*x^4) < 0, x, 0)",
    ],
)
def test_no_gradient_is_told_where_only_the_partial_derivatives_are(formula: str) -> None:
    assert certify(formula, {"x": 0.0, "y": 0.0}).gradient["x"].failed


@pytest.mark.parametrize(("row", "sign"), [("ellipk", 1), ("ellipe", -1)])
def test_the_derivative_of_a_branch_for_one_point_alone_in_a_row_is_none_of_the_row(row, sign):
    """By the series pi/2 * (a)_n * (1/2)_n / n!^2 * x^n with a = 1/2 or -1/2, whose terms from x on are left."""
    a = Fraction(sign, 2)
    found = certify(f"if(x == 0, {sign}*pi/8, ({row}(x) - pi/2)/x)", {"x": 0})
    assert found.value.number == pytest.approx(math.pi / 2 * float(a / 2), rel=1e-15)
    slope = found.gradient["x"]
    assert slope.status == "certified"
    assert slope.number == pytest.approx(math.pi / 2 * float(a * (a + 1) * Fraction(3, 16)), rel=1e-15)
