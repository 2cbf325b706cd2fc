"""Whether the derivatives below an order exist."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import gradcalc as gc
from gradcalc.certified import Missing, certify, derivative_there
from gradcalc.certified.higher import Higher, derivative_below
from gradcalc.certified.kinks import Kink
from gradcalc.certified.posed import Posed
from gradcalc.cli import main
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.claims.result import asserted
from gradcalc.judge.claims.statements import statements
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.proofs.summands import prove_by_summands
from gradcalc.session import Answer, Options, Question
from gradcalc.work import Work


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


SECONDS = [
    ("sqrt(x^4)", {"x": 0.0}, 2.0),
    ("if(x == 1, 1, x^2)", {"x": 1.0}, 2.0),
    ("if(x == 0, 1, sin(x)/x)", {"x": 0.0}, -1 / 3),
    ("if(x == 0, 2/sqrt(pi), erf(x)/x)", {"x": 0.0}, -4 / (3 * math.sqrt(math.pi))),
    ("if(x == 0, 0, fresnels(x)/x)", {"x": 0.0}, math.pi / 3),
    ("x*abs(x)^3", {"x": 0.0}, 0.0),
    ("max(x, y)*min(x, y)", {"x": 1.0, "y": 1.0}, 0.0),
    ("max(x, y) + min(x, y) + x^2*y", {"x": 1.0, "y": 1.0}, 2.0),
]
NO_SECONDS = [
    ("x*abs(y)", {"x": 0.0, "y": 0.0}, "corner"),
    ("x*abs(x)", {"x": 0.0}, "corner at x=0: left -2, right 2"),
    ("relu(x)", {"x": 0.0}, "corner"),
    ("x*abs(x)*log(y)", {"x": 0.0, "y": 1e-12}, "corner"),  # beside which the domain ends
    ("floor(x)", {"x": 1.0}, "jumps"),
    ("x^2.5", {"x": 0.0}, "on one side of x=0 only"),
    ("if(x < 1, x^2, 2*x - 1)", {"x": 1.0}, "left 2, right 0"),
]


@pytest.mark.parametrize(
    ("text", "place", "slope"),
    [
        ("if(x == 1, 1/2, (atan2(x, 1) - pi/4)/(x - 1))", "1", -1 / 4),
        ("if(x == 2, -1/5, (acot(x) - acot(2))/(x - 2))", "2", 2 / 25),
        ("if(x == sqrt(2), 1, (relu(x) - sqrt(2))/(x - sqrt(2)))", "sqrt(2)", 0),
    ],
)
def test_a_limit_is_known_where_all_comparisons_come_out_in_one_way(text, place, slope):
    found = certify(parse(text), {"x": parse(place)}).gradient["x"]
    assert (found.number, found.status) == (slope, "certified")


@pytest.mark.parametrize(("text", "at", "second"), SECONDS, ids=[row[0] for row in SECONDS])
def test_second_derivatives_at_kinks_are_those_of_the_function_wherever_they_are_asked(text, at, second):
    compiled = gc.compile(text)
    columns = {name: np.array([value, 0.5]) for name, value in at.items()}
    assert gc.hessian(text, at)["x"]["x"] == pytest.approx(second)
    assert compiled.hessian(**at) == gc.hessian(text, at)
    assert gc.hvp(text, at, {"x": 2.0})["x"] == compiled.hvp(**at, v={"x": 2.0})["x"] == pytest.approx(2 * second)
    assert compiled.hessian(**columns)["x"]["x"][0] == pytest.approx(second)
    numeric = Question(
        parse(text), {name: number(int(value)) for name, value in at.items()}, Options(numeric=True, order=2)
    )
    assert next(numeric.answers()).gradient["x"].number == pytest.approx(second)


@pytest.mark.parametrize(("text", "at", "why"), NO_SECONDS, ids=[row[0] for row in NO_SECONDS])
def test_second_derivatives_that_are_not_there_are_no_numbers(text, at, why):
    compiled = gc.compile(text)
    with pytest.raises(gc.NotDifferentiableError, match=why):
        gc.hessian(text, at)
    with pytest.raises(gc.NotDifferentiableError, match=why):
        compiled.hessian(**at)
    with pytest.raises(gc.NotDifferentiableError, match=why):
        compiled.hvp(**at, v=dict.fromkeys(at, 1.0))
    if "2.5" not in text:
        columns = {name: np.array([value, 0.5]) for name, value in at.items()}
        with pytest.warns(gc.OutsideDomainWarning, match="1 of 2 rows have no second derivatives"):
            found = compiled.hessian(**columns)
        assert np.isnan(found["x"]["y" if "y" in at else "x"]).tolist() == [True, False]


def test_names_that_a_formula_lacks_have_second_derivatives_of_0_at_kinks_too():
    at = {"x": 0, "y": -2}
    assert gc.hessian("ceil(frac(cbrt(x)))*x", at, ["x", "y"]) == {n: {"x": 0.0, "y": 0.0} for n in at}


@pytest.mark.parametrize("text", ["asin(sign(x))", "sqrt(floor(x))*x", "x*acosh(step(x))"])
def test_steps_that_meet_an_edge_of_a_domain_are_still_constant(text):
    assert gc.hessian(text, {"x": 0.75}) == {"x": {"x": 0.0}}


def test_a_constant_piece_has_a_second_derivative_although_a_root_in_it_has_no_first_one():
    assert gc.hessian("sqrt(relu(x))", {"x": -0.75}) == {"x": {"x": 0.0}}


@pytest.mark.parametrize(
    ("formula", "at", "order", "expected"),
    [
        ("sqrt(relu(x))", -4, 2, 0),
        ("sqrt(relu(x))", 4, 2, -1 / 32),
        ("if(x == 0, 1, sin(x)/x)", 2, 2, -0.01925093843),
        ("if(x == 0, 1, sin(x)/x)", 0, 4, 0.2),
        ("abs(x)^2.5 + x^2", 0, 2, 2),
        ("if(x == 0, 0, x^3*log(abs(x)))", 0, 2, 0),
        ("if(x == 0, 0, exp(-1/x^2))", 0, 3, 0),
        ("x^3*abs(x)*cos(x)", 0, 3, 0),
        ("ellipk(x)", 0, 2, 0.44178646691106),
        ("ellipe(x)", 0, 3, -0.18407769454628),
        ("ellipk(sin(x))", 0, 3, 0.92038847273138 - 0.39269908169872),
    ],
)
def test_orders_where_the_written_derivative_has_no_value(formula, at, order, expected):
    *_, answer = Question(parse(formula), {"x": number(at)}, Options(order=order)).answers()
    assert answer.gradient["x"].number == pytest.approx(expected, rel=1e-9, abs=0)
    assert answer.agreement.verdict


@pytest.mark.parametrize(
    ("formula", "order", "left", "right"),
    [
        ("x*abs(x)^3", 4, -24, 24),
        ("abs(x)^2.5", 3, -np.inf, np.inf),
        ("if(x < 0, x^2, x^3)", 2, 2, 0),
        ("if(x == 0, 0, x^2*log(abs(x)))", 2, -np.inf, -np.inf),
        ("relu(x)^2*cos(x)", 2, 0, 2),
    ],
)
def test_orders_that_do_not_exist(formula, order, left, right):
    part = answer_at_zero(formula, order=order).gradient["x"]
    assert part.status == "not-differentiable"
    assert (part.left, part.right) == (left, right) or not np.isfinite(left)


def test_where_there_is_no_first_derivative_a_claim_of_a_second_may_be_anything():
    for formula, claim, proved in (("abs(x - 1/3)", "0", True), ("abs(x - 1/3)^3", "6*abs(x - 1/3)", False)):
        asked = asserted(formula, "x", f"if(x == 1/3, 3, {claim})", order=2)  # that of the cube is 0 there
        assert [bool(prove_by_summands(each, Work(5))) for each in statements(asked, ("x",), ())] == [proved, proved]


@pytest.mark.parametrize(
    ("formula", "claim"), [("x^3", "6"), ("x^4*sign(x)", "24*abs(x)"), ("abs(x)^5", "60*x*abs(x)")]
)
def test_a_claim_is_refuted_at_a_point_away_from_all_kinks(formula, claim):
    assert gc.check_derivative(formula, "x", claim, order=3).verdict == "proved"
    assert gc.check_derivative(formula, "x", f"if(x == 1/3, 5, {claim})", order=3).verdict == "wrong"


@pytest.mark.parametrize(
    ("formula", "order", "right"),
    [("max(1/2, x)", 3, "0"), ("x*abs(x - 1)", 4, "0"), ("max(x^3, 8)", 5, "0"), ("max(x^3, 8)", 3, "if(x > 2, 6, 0)")],
)
def test_beyond_the_degree_of_its_pieces_it_is_the_derivative_that_is_looked_at(formula, order, right):
    assert gc.check_derivative(formula, "x", right, order=order).verdict == "proved"
    wrong = gc.check_derivative(formula, "x", f"{right} + 1", order=order).counterexample
    assert (wrong.correct.number, wrong.claimed.number) == (0, 1)


@pytest.mark.parametrize(
    ("formula", "order", "right", "at"),
    [
        ("diff(abs(x)^5, x)", 2, "60*x*abs(x)", "0"),  # 5*x^3*abs(x) by hand
        ("diff(abs(x)^5, x, 2)", 2, "120*abs(x)", "0"),
        ("diff(sqrt(x^4), x)", 1, "2", "0"),  # 2*x, and written out 0/0 at 0
        ("diff(sqrt(x^8), x)", 2, "24*x", "0"),
        ("diff(cbrt(x - 1)^3, x)*x", 1, "1", "1"),
        ("f(x) = abs(x)^5; f'(x)", 1, "20*abs(x)^3", "0"),
        ("f(x) = abs(x)^5; f''(x) + x", 1, "60*x*abs(x) + 1", "0"),
        ("f(t) = abs(t)^5; g(y) = f'(y)*y; g(x)", 1, "25*x^3*abs(x)", "0"),
        ("f(t) = t^2*abs(t); f'(2*x)", 1, "24*abs(x)", "0"),  # 3*t*abs(t) by hand, at t = 2*x
        ("h(t) = sqrt(t^4); h'(2*x)", 1, "4", "0"),
        ("h(t) = sqrt(t^4); k(s) = h'(3*s); k(2*x)", 1, "12", "0"),
        ("g(t) = diff(abs(t)^3, t); g(x - 1)", 1, "6*abs(x - 1)", "1"),
        ("f(t) = t^2*abs(t); f'(sin(x))", 1, "6*abs(sin(x))*cos(x)", "0"),
        ("f(t) = relu(t)^2; f'(2*x)*x", 1, "if(x > 0, 8*x, 0)", "0"),
        ("g(t) = diff(t^2*abs(t), t); g(g(x))", 1, "108*x^2*abs(x)", "0"),  # 27*x^3*abs(x) by hand
    ],
)
def test_a_diff_that_is_no_number_as_it_is_written_out_is_looked_up_where_a_claim_is(formula, order, right, at):
    assert gc.check_derivative(formula, "x", right, order=order)
    for place in ({}, {"x": at}):
        check = gc.check_derivative(formula, "x", f"if(x == {at}, 7, {right})", place, order=order)
        assert (check.verdict, check.counterexample.at["x"].text) == ("wrong", at)


@pytest.mark.parametrize(
    ("formula", "x", "left", "right"),
    [("f(t) = t*abs(t); f'(2*x)", "0", -4, 4), ("f(t) = relu(t)^2; f'(3*x - 3)", "1", 0, 6)],
)
def test_a_corner_of_a_diff_that_is_looked_up_is_named_as_it_was_typed(formula, x, left, right):
    check = gc.check_derivative(formula, "x", "0", {"x": x})
    assert (check.verdict, check.left, check.right) == ("not-differentiable", left, right)
    assert check.reason.startswith(f"{formula.split('; ')[1]} has a corner at x={x}: ")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("p = x^3; g(x) = diff(abs(p)*x, x); g(x)", 8),  # abs(p): the name in a named intermediate is no parameter
        ("g(y) = diff(x^3*abs(y), y); g(x)", 8),
        ("g(x, y) = diff(x*abs(y), x) + diff(x*abs(y), y); g(x, x)", 4),
    ],
)
def test_names_given_to_a_function_with_a_diff_are_none_of_its_own(formula, expected):
    assert gc.evaluate(formula, {"x": 2}) == expected
    assert gc.agreement(formula, {"x": 2}).verdict == "proved"


@pytest.mark.parametrize(
    ("formula", "at"),  # each is 0 all around on the line through the point, where the rule is 0/0
    [
        ("diff(abs(y)^3*(x + 2), y)", {"x": 0, "y": 0}),
        ("diff(sqrt(y^4)*(x + 2), y)", {"x": 0, "y": 0}),
        ("diff(x*sqrt(relu(x)), x)", {"x": -1}),
    ],
)
def test_where_the_rule_of_a_diff_has_no_value_it_is_not_said_that_the_derivative_has_none(formula, at):
    *_, answer = Question(parse(formula), {name: number(value) for name, value in at.items()}, Options()).answers()
    assert (answer.gradient["x"].status, answer.agreement.verdict) == ("undecided", "undecided")


@pytest.mark.parametrize("formula", ["x^3*sin(1/x)", "x^3*floor(1/x)", "x^4*abs(sin(1/x))"])
def test_terms_of_what_oscillates_are_not_differentiated(formula):
    assert answer_at_zero(f"if(x == 0, 0, {formula})", order=2).gradient["x"].failed


def test_mixed_derivatives_where_a_rule_has_a_filled_point():
    eighth = np.pi / 8
    found = gc.hessian("ellipk(x*y)", {"x": 0, "y": 0})
    assert [found[a][b] for a in "xy" for b in "xy"] == pytest.approx([0, eighth, eighth, 0])


def higher(text: str, x: int = 0) -> Higher:
    return Higher(prepare(parse(text)), {"x": number(x)})


def test_each_order_has_its_name_and_its_own_reason() -> None:
    certifier, found = higher("x*abs(x)^3").of_order("x", 4)
    fourth = found.gradient["x"]
    assert certifier.formula.name == "d^3/dx^3 x*abs(x)^3"
    assert higher("sqrt(x^4)").of_order("x", 2)[0].formula.name == "d/dx sqrt(x^4)"
    assert (fourth.left, fourth.right) == (-24, 24)
    assert fourth.message == "d^3/dx^3 x*abs(x)^3 has a corner at x=0: left -24, right 24"
    third = higher("x*abs(x)^3").of_order("x", 3)[1]
    assert (third.at_kink, third.gradient["x"].number, third.gradient["x"].failed) == (True, 0, False)
    rising = higher("cbrt(x)^4").of_order("x", 2)[1]  # 4/9*x^(-2/3)
    assert (rising.at_kink, rising.gradient["x"].left, rising.gradient["x"].failed) == (True, np.inf, True)
    # written out, the derivatives of floor(x) are 0 everywhere, and those of abs(x) from the second on
    assert higher("floor(x)", 2).of_order("x", 2)[1].gradient["x"].failed
    assert higher("abs(x)").of_order("x", 3)[1].gradient["x"].failed
    # written out, the derivative beside a jump has none
    assert higher("if(x == 1, 5, x)", 1).of_order("x", 3)[1].gradient["x"].failed
    assert not higher("if(x == 1, 5, x)", 2).of_order("x", 3)[1].gradient["x"].failed


def test_the_lowest_order_that_is_missing_is_told_by_name() -> None:
    found = higher("x*abs(x)").missing(("x",), 3)
    assert (found["x"].left, found["x"].right, np.isnan(found["x"].number)) == (-2, 2, True)
    assert higher("x*abs(x)").missing(("x",), 1) == higher("x^3").missing(("x",), 3) == {}
    assert higher("abs(x)").missing(("x",), 1)["x"].left == -1
    formula = parse("x^3")
    assert derivative_below(formula, "x", 1) is formula
    assert derivative_below(formula, "y", 1) is formula
    assert [gc.evaluate(derivative_below(formula, "x", order), {"x": 5}) for order in (2, 3)] == [75, 30]


@pytest.mark.parametrize(
    ("text", "exact", "sides"),  # the derivatives at 0 as far as there are, and those of the next on both sides
    [
        ("abs(x)^3 + x/3", ["1/3", "0"], (-6, 6)), ("x*abs(x)", ["0"], (-2, 2)), ("abs(x)", [], (-1, 1)),
        ("if(x > 0, exp(x), 1 + x + x^2/2)", ["1", "1"], (0, 1)), ("if(x == 0, 1, sin(x)/x)", ["0", "-1/3", "0"], None),
        ("if(x == 0, 5, x)", [], None),
        # balls that overlap show of no number what it is: gamma(1/2)^2 is pi, which no algebra here knows
        ("if(x < 0, x, x*gamma(1/2)^2/pi)", [None, "0", "0"], None),
        ("if(x > 0, x, x*gamma(1/2)^2/pi)", [None, "0", "0"], None),
    ],
)  # fmt: skip
def test_the_orders_at_a_kink_are_known_exactly(
    text: str, exact: list[str | None], sides: tuple[int, int] | None
) -> None:
    found = Kink(Posed(prepare(parse(text)), {"x": number(0)}, ("x",))).orders("x", 3)
    there = [part for part in found if not part.failed]
    assert [part.exact for part in there] == [each and Fraction(each) for each in exact]
    assert [(part.left, part.right) for part in found if part.failed] == ([] if sides is None else [sides])


MANY = [f"x{i}" for i in range(1, 61)]


@pytest.mark.parametrize(
    ("formula", "status"),
    [
        (" + ".join(f"abs({x})" for x in MANY), {"not-differentiable"}),
        (" + ".join(f"relu({x})^2" for x in MANY), {"certified"}),
        ("*".join(f"relu({x})" for x in MANY), {"certified"}),
        ("abs(" * 60 + "x1" + ")" * 60, {"not-differentiable"}),
        ("sin(abs(" * 30 + "x1*x2" + "))" * 30, {"certified"}),
        ("max(x1, x2, x3, x4, x5, x6, x7, x8, x9)", {"not-differentiable"}),
    ],
)
def test_where_many_pieces_meet_each_name_is_decided(formula, status):
    found = certify(formula, dict.fromkeys(parse(formula).names, 0))
    assert {part.status for part in found.gradient.values()} == status


@pytest.mark.parametrize(
    ("formula", "at", "expected"),
    [
        ("abs(x - y - 1)^1.5", (0, -1), (0, 0)),
        ("exp(abs(x)^1.5) + if(y + 1 == 0, 0, (1 - cos(y + 1))/(y + 1))", (0, -1), (0, 0.5)),
        ("cbrt(x - 1)*sqrt(((x - y)*x)^2 + (y - 1)^2)", (1, 1), (0, 0)),
        ("sin(x) + hypot(x, y) - sqrt(x^2 + y^2)", (0, 0), (1, 0)),
        ("x + 2*hypot(x, y) - sqrt(4*x^2 + 4*y^2)", (0, 0), (1, 0)),
        ("max(x, y) + min(x, y) + x*abs(y)", (0, 0), (1, 1)),
        ("floor(x)*y^2 + abs(x*y)", (1, 0), None),
        ("floor(x)*y^2", (1, 0), (0, 0)),
        ("if(x*y == 0, 1, 5)*x*y", (0, 0), (0, 0)),
        ("if(x*y == 0, 5, 1)", (0, 0), None),
        ("abs(x)^1.5 + abs(abs(y) - abs(x))", (0, 0), None),
        ("cbrt(x)*cbrt(y)^2", (0, 0), None),
        ("if(y == 0, x, x*sin(y)/y)", (2, 0), (0, 1)),  # y is read first
        # of u = abs(x) + abs(y), which has corners, 1 - u^2/6 + ... and u^3/4 + ...
        ("if(abs(x) + abs(y) == 0, 1, sin(abs(x) + abs(y))/(abs(x) + abs(y)))", (0, 0), (0, 0)),
        ("if(abs(x) + abs(y) == 0, 0, (1 - cos(abs(x) + abs(y)))^2/(abs(x) + abs(y)))", (0, 0), (0, 0)),
    ],
)
def test_differentiable_in_two_names_together(formula, at, expected):
    found = certify(formula, dict(zip("xy", at, strict=True))).gradient
    if expected is None:
        assert "not-differentiable" in {part.status for part in found.values()}
    else:
        assert tuple(part.number for part in found.values()) == pytest.approx(expected)
        assert {part.status for part in found.values()} <= {"certified", "zero"}


@pytest.mark.parametrize(
    ("formula", "at", "value", "gradient"),
    [
        ("diff(max(x, y) + min(x, y), x)", {"x": 1, "y": 1}, 1, {"x": 0, "y": 0}),
        ("diff(max(x, y)*min(x, y), x)", {"x": 1, "y": 1}, 1, {"x": 0, "y": 1}),
        ("diff(if(x == 0, 1, sin(x)/x), x, 2)", {"x": 0}, -1 / 3, {"x": 0}),
        ("x*diff(relu(x) - relu(-x), x) + y", {"x": 0, "y": 1}, 1, {"x": 1, "y": 1}),
        ("diff(abs(x)^3, x)", {"x": 0}, 0, {"x": 0}),
    ],
)
def test_diff_where_kinks_cancel(formula, at, value, gradient):
    *_, answer = Question(parse(formula), {x: number(v) for x, v in at.items()}, Options()).answers()
    assert answer.value.number == pytest.approx(value)
    assert {x: part.number for x, part in answer.gradient.items()} == gradient
    assert answer.agreement.verdict


@pytest.mark.parametrize(
    ("formula", "at", "expected"),
    [
        ("max(x, y)*min(x, y)", (1, 1), [0, 1, 1, 0]),
        ("max(x, y) - relu(x - y) - hypot(x, y)^2", (0, 0), [-2, 0, 0, -2]),
        ("abs(x - y)^2 + x*y", (1, 1), [2, -1, -1, 2]),
        ("if(x > 0, sqrt(x)^2, x)*y", (0, 0), [0, 1, 1, 0]),
    ],
)
def test_second_derivatives_where_kinks_cancel(formula, at, expected):
    found = gc.hessian(formula, dict(zip("xy", at, strict=True)))
    assert [found[a][b] for a in "xy" for b in "xy"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("formula", "at", "kinks"),
    [
        ("x*abs(x)", (), True),
        ("x*abs(x)", ("x=1",), True),
        ("ellipk(x)", (), False),  # whose partial derivative has a number of its own at 0
        ("ellipk(x)", ("x=1/2",), False),
        ("ellipk(abs(x)/9)", ("x=1/2",), True),
    ],
)
def test_kinks_are_excepted_in_words_where_there_are_any(formula, at, kinks, capsys):
    main([formula, *at, "--order", "2"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("proved for all values" + " but the kinks" * kinks)


def test_along_a_line_on_which_the_symbolic_form_has_no_value(capsys):
    main(["z^3 + hypot(x - 2, (y + 1)*z)", "x=2", "y=-1", "z=3", "--order", "2"])
    out = capsys.readouterr().out
    assert out.count("has a corner") == 2
    assert "undecided" not in out
    assert "z      3              18" in out


@pytest.mark.parametrize("formula", ["x^5*abs(sin(1/x))", "x^4*max(sin(1/x), 0)", "x^5*floor(1/x)"])
def test_kinks_without_end_leave_claims_of_higher_orders_open(formula):
    filled = f"if(x == 0, 0, {formula})"
    found = derivative_there(filled, {"x": number(0)}, "x", 1)
    assert isinstance(found, Missing)
    assert found.found.message == "whether there are kinks next to the point along x could not be told"
    check = gc.check_derivative(filled, "x", "0*x", {"x": 0}, order=2)
    assert any(note.startswith("nothing is said about x=0: whether there are kinks") for note in check.notes)


@pytest.mark.parametrize("factor", ["max(x, 0)^2", "max(-x, 0)^2"])
def test_a_mixed_derivative_needs_the_other_one_on_both_sides(factor):
    at = {"x": 0, "y": 0}
    with pytest.raises(gc.FormulaError, match="not known beside the kink, along x"):  # on one side there is none by y
        gc.hessian(f"{factor}*abs(y)", at)
    assert gc.hessian(f"{factor}*y*abs(y)", at)["x"]["y"] == 0


@pytest.mark.parametrize(
    ("formula", "order", "end", "beside"),
    [
        ("acosh(x)^4", 2, "x == 1", "12*acosh(x)^2/(x^2 - 1) - 4*x*acosh(x)^3/(x^2 - 1)^1.5"),
        ("cos(sqrt(x))", 2, "x == 0", "sin(sqrt(x))/(4*x^1.5) - cos(sqrt(x))/(4*x)"),
        (
            "cos(sqrt(x))", 3, "x == 0",
            "3*cos(sqrt(x))/(8*x^2) + sin(sqrt(x))/(8*x^1.5) - 3*sin(sqrt(x))/(8*x^2.5)",
        ),
    ],
)  # fmt: skip
def test_of_a_higher_order_at_an_end_of_the_domain_nothing_is_proved(
    formula: str, order: int, end: str, beside: str
) -> None:
    """`acosh(x)^4` is `4*(x - 1)^2 + ...` at its end, and `cos(sqrt(x))` is `1 - x/2 + x^2/24 - x^3/720 + ...`: 5 is
    right for none of them."""
    claimed = gc.check_derivative(formula, "x", f"if({end}, 5, {beside})", order=order)
    assert claimed.verdict is gc.Verdict.AGREES
    assert "one side" in claimed.reason
    assert gc.check_derivative(formula, "x", beside, order=order).verdict is gc.Verdict.PROVED


@pytest.mark.parametrize(
    ("formula", "at", "claim"),
    [  # none of these formulas has a value at its point, where their derivatives, written out, have one
        ("x + 0*log(x)", {"x": -1}, "if(x < 0, 5, 0)"),
        ("x + 0*log(x)", {"x": 0}, "0"),
        ("x^2*y + 0*log(y)", {"x": 1, "y": -1}, "if(y < 0, 5, 2*y)"),
        ("abs(x)^3 + 0*sqrt(x - 1)", {"x": -1}, "if(x < 0, 5, 6*x)"),
        ("x^2 + 0/(x - 1)", {"x": 1}, "if(x == 1, 5, 2)"),
    ],
)
def test_where_a_formula_has_no_value_no_order_has_one(formula: str, at: dict[str, float], claim: str) -> None:
    found = gc.check_derivative(formula, "x", claim, at=at, order=2)
    assert (found.verdict, found.points) == ("undefined", 0)
    with pytest.raises(gc.UndefinedError):
        derivative_there(formula, at, "x", 2)


def test_a_claim_about_a_higher_order_names_the_derivative_below_it() -> None:
    """Of 2.5*(x - 1)^1.5, which has values on the right alone, the slope at 1 is 0."""
    found = gc.check_derivative("(x - 1)^2.5", "x", "3.75*sqrt(x - 1) + if(x == 1, 1, 0)", order=2)
    side = "d/dx (x - 1)^2.5 has values on one side of x=1 only: right derivative 0"
    assert (found.verdict.value, found.reason) == ("agrees", f"{side}, claimed 1")
    found = gc.check_derivative("(x - 1)^2.5", "x", "7", order=2, at={"x": 1})
    assert (found.verdict.value, found.reason) == ("not-differentiable", side.removeprefix("d/dx "))
    found = gc.check_derivative("x*abs(x)", "x", "2*sign(x) + 7", order=2, at={"x": 0})
    assert found.reason.startswith("d/dx x*abs(x) has a corner at x=0: left -2, right 2")


@pytest.mark.parametrize("formula", ["x^2 + 0*sqrt(x - 1)", "x^2 + 0*acos(x)", "x^2 + 0*log(acosh(x) + 1)"])
def test_at_an_end_of_the_domain_that_no_derivative_tells_there_is_none_of_any_order(formula: str) -> None:
    """The derivative is written 2*x, which has values on both sides of 1."""
    for order in (1, 2, 3):
        claimed = gc.check_derivative(formula, "x", "7", order=order, at={"x": 1})
        assert claimed.verdict == "not-differentiable"
        assert "has values on one side of x=1 only" in claimed.reason
    for order in (2, 3):
        assert isinstance(derivative_there(formula, {"x": number(1)}, "x", order), Missing)
        found = Higher(prepare(parse(formula)), {"x": number(1)}).of_order("x", order)[1].gradient["x"]
        assert found.status == "not-differentiable"
    assert gc.check_derivative(formula, "x", "2", order=2).verdict == "proved"


@pytest.mark.parametrize(("formula", "order"), [("abs(x)", 2), ("x*abs(x)", 2), ("x*abs(x)", 3), ("x^2*abs(x)", 3)])
def test_no_convention_is_told_of_a_higher_order(formula, order):
    check = gc.check_derivative(formula, "x", "sign(x)", {"x": 0}, order=order)
    assert (check.verdict, "convention" in str(check)) == ("not-differentiable", False)
    assert "convention" in str(gc.check_derivative("abs(x)", "x", "sign(x)", {"x": 0}))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_kinks_are_excepted_of_every_order_of_a_sum(order):
    claim = "0" if order > 1 else "sum(step(x - k), k=1..n)"
    check = gc.check_derivative("sum(max(x, k), k=1..n)", "x", claim, order=order)
    assert "proved for every whole n and all values in the domain but the kinks" in str(check)


@pytest.mark.parametrize(("formula", "claim", "verdict", "conditions"), [
    ("sqrt(relu(x))*x", "3/(4*sqrt(x))", "conditional", ("x > 0, from 3/(4*sqrt(x))",)),
    ("sqrt(relu(x))*x", "if(x > 0, 3/(4*sqrt(x)), 0)", "proved", ()),
    ("sqrt(relu(x))*x", "if(x > 0, 3/(4*sqrt(x)), 1)", "wrong", ()),
    ("floor(sign(x))", "0", "proved", ()),
    ("floor(sign(x))", "1", "wrong", ()),
])  # fmt: skip
def test_where_the_first_derivative_is_written_out_without_a_value_the_second_is_told(
    formula: str, claim: str, verdict: str, conditions: tuple[str, ...]
) -> None:
    """By hand: x^(3/2) for x > 0 has the second derivative 3/(4*sqrt(x)), and 0 for x < 0 has 0; at 0 there is none."""
    check = gc.check_derivative(formula, "x", claim, order=2)
    assert (check.verdict, check.conditions) == (verdict, conditions)
    assert "diff" not in check.reason


def test_where_a_second_derivative_is_infinite_on_a_side_there_is_none() -> None:
    check = gc.check_derivative("sqrt(relu(x))*x", "x", "if(x > 0, 3/(4*sqrt(x)), 0)", {"x": 0}, order=2)
    assert (check.verdict, check.left, check.right) == ("not-differentiable", 0, float("inf"))
