"""Agreement: what is proved, what agrees, what differs, and what is neither."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import mpmath
import pytest
from hypothesis import given, settings
from strategies import formulas

import gradcalc as gc
from gradcalc.certified import Certifier
from gradcalc.engine.drawn import of_all_kinds
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.judge import agreement
from gradcalc.judge.agreement import AGREE_BITS, TypedFormula, everywhere
from gradcalc.language.formula import children_first, free_names
from gradcalc.language.literals import number
from gradcalc.proofs.equality import Equality
from gradcalc.symbolic import derivatives, hold
from gradcalc.symbolic.referee import POINTS


def compare(certifier, certified, symbolic):
    line = TypedFormula(certifier.formula, certifier.at, 1, 5)
    no_witness = SimpleNamespace(seconds=5, is_constant=line.is_constant, derivative=lambda name: None)
    return agreement.compare(certifier, certified, symbolic, "", no_witness)


@pytest.mark.parametrize("formula", ["x*sign(log(1 + 1e-45))", "if(exp(-1e-50) < 1, x, 2*x)"])
def test_comparisons_that_take_many_bits_leave_no_doubt(formula):
    assert gc.agreement(formula).proved
    assert gc.evaluate(gc.derivative(formula, "x"), {"x": 2}, certified=True) == 1.0


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("(a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2}),
        ("x^2*sin(x)", {"x": 2}),
        ("tanh(x)", {"x": 400}),
        ("1/(1 + exp(-x))", {"x": -740}),
        ("abs(x)*relu(x)", {"x": 2}),
        ("max(x, y) + atan2(y, x)", {"x": 1, "y": 2}),
        ("g(t) = t^2; g(3*x)", {"x": 2}),
        ("diff(x^3, x)*x", {"x": 2}),
        ("e = a*b; d = e + c; L = d*f", {"a": 2, "b": -3, "c": 10, "f": -2}),
    ],
)
def test_right_derivatives_agree_and_are_proved(formula, at):
    result = gc.agreement(formula, at)
    assert result
    assert result.verdict.of_engines == "agree"
    assert result.proved
    assert {row.what for row in result.findings} == set(at)
    everywhere = gc.agreement(formula)
    assert everywhere
    assert everywhere.verdict == "proved"


@pytest.mark.parametrize(
    ("formula", "at", "most"),
    [("sin(1e5*x)", {"x": "1/3"}, 13), ("(1 - cos(x))/x^2", {"x": "1e-9"}, 0), ("x^2*sin(x)", {"x": 2}, 16)],
)
def test_bad_conditioning_is_not_disagreement(formula, at, most):
    result = gc.agreement(formula, at)
    assert result.verdict.of_engines == "agree"
    row = result.findings[0]
    assert row.digits <= most
    assert row.actual is not None
    assert math.isclose(row.actual, row.expected, rel_tol=10.0**-row.digits) or row.digits == 0
    if most == 16:
        assert row.digits >= 15
        assert row.ulps < 4


def test_a_wrong_derivative_differs_whatever_its_size():
    certifier = Certifier(prepare("sin(x)"), {"x": "0.7"})
    certified = certifier.run(digits_of_ball=AGREE_BITS)
    for claim in ("cos(x) + 1e-30", "cos(x)*(1 + 1e-15)", "-cos(x)", "0"):
        (row,) = compare(certifier, certified, {"x": gc.parse(claim)})
        assert row.verdict == "wrong", claim
    (row,) = compare(certifier, certified, {"x": gc.parse("sin(pi/2 - x)")})
    assert row.verdict.of_engines == "agree"


def test_a_wrong_partial_of_a_users_function_is_found():
    wrong = gc.Function(name="cube", value=lambda x: x**3, partials=("3.0000001*x^2",), definition="x^3")
    formula = gc.parse("cube(2*t)", functions=[wrong])
    result = gc.agreement(formula, {"t": 1})
    assert not result
    assert result.verdict == "wrong"
    right = gc.Function(name="cube", value=lambda x: x**3, partials=("3*x^2",), definition="x^3")
    assert gc.agreement(gc.parse("cube(2*t)", functions=[right]), {"t": 1})


@pytest.mark.parametrize(
    ("formula", "at", "verdict"),
    [
        ("abs(x)", {"x": 0}, "not-differentiable"),
        ("abs(x) + y", {"x": 0, "y": 1}, "not-differentiable"),
        ("sqrt(x)", {"x": 0}, "not-differentiable"),
        ("cbrt(x)^3", {"x": 0}, "agree"),
        ("cbrt(x*y)", {"x": 0, "y": 0}, "not-differentiable"),
        ("x*abs(x)", {"x": 0}, "agree"),
    ],
)
def test_kinks_neither_pass_nor_fail(formula, at, verdict):
    result = gc.agreement(formula, at)
    assert result.verdict.of_engines == verdict
    assert bool(result) == (verdict == "agree")
    for row in result.findings:
        assert row.verdict or row.reason


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("relu(x) - relu(-x)", {"x": 0}),
        ("max(x, y) + min(x, y)", {"x": 1, "y": 1}),
        ("if(x == 1, 1, x^2)", {"x": 1}),
        ("if(x == y, x^2, x*y)", {"x": 1, "y": 1}),
        ("abs(x*(x - 1e-60))", {"x": 0}),
        ("e = 3; p = 2*e; p*x", {"x": 1}),
    ],
)
def test_a_kink_is_no_disagreement(formula, at):
    assert gc.agreement(formula, at).verdict != "wrong"


def test_no_value_is_an_error():
    with pytest.raises(gc.UndefinedError):
        gc.agreement("log(x)", {"x": -1})
    with pytest.raises(gc.MissingValueError):
        gc.agreement("x*y", {"x": -1})


def test_what_cannot_be_proved_says_why():
    result = gc.agreement("gamma(x)^gamma(x^2 + sin(x))*erf(exp(x)) + abs(sin(x^3) - floor(x^x))", seconds=0.2)
    assert result.verdict in ("proved", "undecided")
    assert result or result.reason


def test_symbolic_limits_leave_the_numbers_standing():
    formula = "(" * 5000 + "x" + " + 1)*x" * 5000
    result = gc.agreement(formula, {"x": "0.5"}, seconds=1)
    assert result.verdict == "undecided"
    assert result.findings[0].actual == pytest.approx(4)
    assert result.findings[0].reason


def test_a_disagreement_names_the_node_to_blame():
    wrong = gc.Function(name="f", value=math.sin, partials=("cos(x) + 0.001",), definition="sin(x)")
    result = gc.agreement(gc.parse("1 + f(x*y)^2*x", functions=[wrong]), {"x": 1, "y": 2})
    assert result.verdict == "wrong"
    assert "d/dx of f(x) is wrong in f(x*y) (column 5)" in result.reason


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("erf(x - 20000)", {"x": "20000.5"}),
        ("sin(y + 1e22)", {"y": 0}),
        ("atan(1e16 + y)", {"y": 1}),
        ("atan(1e17 + y)*2", {"y": 0}),
        ("gamma(y + 20000)/gamma(y + 19999)", {"y": 1}),
        ("asin(1e-30000*E)", {"E": 1}),
        ("if(atan(floor(x)) == 0, x, 3*x)", {"x": "0.5"}),
        ("if(atan(floor(x)) == 0, x, 3*x)", {"x": "2.5"}),
        ("if(log(1 + 1e-30) > 0, x, 3*x)", {"x": "0.5"}),
        ("x*sign(acosh(1 + 1e-30))", {"x": "0.5"}),
        ("x*sign(lgamma(2 + 1e-30))", {"x": "0.5"}),
        ("x*atanh(1 - 1e-30)", {"x": 1}),
        ("x*sign(atan(step(x))^2)", {"x": -2}),
        ("x*sign(atan(sign(relu(x)))^2)", {"x": -2}),
        ("sinc(x)", {"x": 0}),
        ("x^y", {"x": 0, "y": 2}),
    ],
)
def test_what_sympy_works_out_wrongly_is_not_left_to_it(formula, at):
    result = gc.agreement(formula, at, seconds=20)
    assert result.verdict.of_engines == "agree", result
    assert gc.agreement(formula, seconds=20).verdict in ("proved", "undecided")
    for name in at:
        form = gc.derivative(formula, name)
        if (formula, name) != ("x^y", "y"):  # which has log(0) in it there
            truth = gc.certify(formula, at).gradient[name].number
            assert gc.evaluate(form, at, certified=True) == pytest.approx(truth, rel=1e-12)


def test_no_proof_without_a_look_at_numbers(monkeypatch):
    """Whatever algebra says, a form that is not the derivative at a drawn point is not proved, and not returned."""
    from gradcalc import symbolic
    from gradcalc.symbolic import derive

    formula = gc.parse("x^2 + sin(x)*0")
    wrong = {"x": gc.parse("2*x + 1e-12")}
    monkeypatch.setattr(symbolic, "derivatives", lambda *_, **__: wrong)
    monkeypatch.setattr(symbolic, "prove", lambda *_, **__: {"x": Equality(True, "believed")})
    found = gc.agreement(formula)
    assert found.verdict == "wrong"
    assert not found.proved
    assert "chain rule" in found.reason
    monkeypatch.setattr(derive, "derivatives", lambda *_, **__: wrong)
    with pytest.raises(gc.SymbolicError, match="not the derivative at x="):
        gc.derivative(formula, "x")


def test_what_has_no_value_anywhere_is_not_proved():
    found = gc.agreement("x*log(-1e30)")
    assert found.verdict == "undecided"
    assert found.reason


@pytest.mark.parametrize(
    ("formula", "claim"),
    [("if(floor(x) == 137, 5*x, x)", "1"), ("if(x > 1e6, x, 2*x)", "2"), ("if(x < 0.001, x, 2*x)", "2")],
)
def test_points_are_drawn_where_a_formula_may_change(formula, claim):
    from gradcalc.symbolic import hold

    held = hold(gc.parse(formula), {"x": gc.parse(claim)})["x"]
    assert held.difference
    assert held.points > 0
    right = hold(gc.parse(formula), {"x": gc.derivative(formula, "x")})["x"]
    assert not right.difference
    assert right.points >= 12


# ---- orders above one


@pytest.mark.parametrize(
    ("text", "order", "at", "truth"),
    [
        ("log(1 + x)", 14, "0.5", lambda x: -mpmath.factorial(13) / (1 + x) ** 14),
        ("log(1 + x)", 20, "0.5", lambda x: -mpmath.factorial(19) / (1 + x) ** 20),
        ("exp(2*x)*x", 12, "0.3", lambda x: mpmath.exp(2 * x) * (2**12 * x + 12 * 2**11)),
        ("sin(x)/x", 7, "0.7", lambda x: mpmath.diff(mpmath.sinc, x, 7)),
        ("x^x", 6, "1.3", lambda x: mpmath.diff(lambda t: t**t, x, 6)),
        ("tanh(x)", 9, "0.4", lambda x: mpmath.diff(mpmath.tanh, x, 9)),
        ("gelu(x)", 8, "0.4", lambda x: mpmath.diff(lambda t: t * mpmath.ncdf(t), x, 8)),
        ("gamma(x)", 5, "2.5", lambda x: mpmath.diff(mpmath.gamma, x, 5)),
        ("x^3", 4, "0", lambda x: mpmath.mpf(0)),
        ("abs(x)*x^4", 5, "-2", lambda x: mpmath.mpf(-120)),
    ],
)
def test_high_orders_share_what_is_common(text, order, at, truth):
    formula = our_derivative(prepare(text), "x", order)
    assert sum(1 for _ in children_first(formula)) < 10_000
    with mpmath.workdps(50):
        expected = float(truth(mpmath.mpf(at)))
    assert gc.evaluate(formula, {"x": at}, certified=True) == pytest.approx(expected, rel=1e-13, abs=1e-30)


def test_calls_of_users_functions_in_calls_do_not_double():
    lines = [
        "f0(x) = x*sin(x)",
        *(f"f{i}(x) = f{i - 1}(x/2 + 1)*f{i - 1}(x/2 + 1) - x" for i in range(1, 40)),
        "f39(x)",
    ]
    prepared = prepare("; ".join(lines))
    assert sum(1 for _ in children_first(prepared)) < 1_000


@pytest.mark.parametrize("text", ["floor(x)", "frac(x)", "mod(x, 1)", "if(x > 1, 1, 0) + x^3", "abs(x - 1)"])
def test_there_is_no_second_derivative_without_a_first(text):
    from gradcalc.session import Options, Session

    for numeric in (False, True):
        session = Session(Options(order=2, numeric=numeric))
        _, outcome = list(session.script(f"x = 1; {text}"))[-1]
        answer = list(outcome.answers())[-1]
        assert answer.verdict == "not-differentiable"


# ---- any formula


@settings(max_examples=25, deadline=None)
@given(formulas(max_leaves=6))
def test_a_proof_holds_at_a_point(drawn):
    """What is proved for all values has our certified gradient at a point nobody chose for it."""
    formula, at = drawn
    names = [name for name in at if name in free_names(formula)]
    found = everywhere(formula, names, 1.0)
    assert found.verdict in ("proved", "undecided")
    try:
        gradient = gc.certify(formula, at).gradient
    except gc.FormulaError:
        return
    for row in found.findings:
        part = gradient[row.what]
        if row.proved and row.symbolic is not None and part.status == "certified":
            with precision(512):
                values = {name: exact_ball(float(value)) for name, value in at.items()}
                root = Lowering(prepare(row.symbolic), BALL, ()).graph(values).root
                assert isinstance(root, Failure) or not root.is_finite() or root.overlaps(part.ball)


@pytest.mark.parametrize(
    ("formula", "at", "truth"),
    [
        ("max(x,y) + min(x,y)", {"x": 1, "y": 1}, {"x": 1, "y": 1}),  # x + y
        ("max(x,y) - relu(x-y)", {"x": 1, "y": 1}, {"x": 0, "y": 1}),  # y
        ("abs(x-y) - sqrt((x-y)^2)", {"x": 1, "y": 1}, {"x": 0, "y": 0}),
        ("if(x == 0, 0, (1-cos(x))/x)", {"x": 0}, {"x": 0.5}),  # x/2 - x^3/24 + ...
        ("if(x == 1, 1, log(x)/(x-1))", {"x": 1}, {"x": -0.5}),  # 1 - (x-1)/2 + ...
        ("if(x < 0, -x^2, x^2)", {"x": 0}, {"x": 0}),
        ("abs(x)^3", {"x": 0}, {"x": 0}),
        ("if(x <= 0, sin(x), x)", {"x": 0}, {"x": 1}),
        ("if(x == 0, 1, (exp(x)-1)/x)", {"x": 0}, {"x": 0.5}),  # 1 + x/2 + ...
        ("x*abs(y-z) + x*y", {"x": 2, "y": 0, "z": 0}, {"x": 0}),
    ],
)
def test_at_a_kink_with_a_derivative_sympys_pieces_are_the_witness(formula, at, truth):
    result = gc.agreement(formula, at, tuple(truth))
    assert result.verdict.of_engines == "agree", [row.reason for row in result.findings]
    assert {row.what: row.expected for row in result.findings} == truth


@pytest.mark.parametrize(
    ("formula", "at", "theirs", "verdict"),
    [
        ("abs(x)^3", {"x": 0}, "3*x*abs(x) + 1", "disagree"),
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "if(x < 0, -2*x, 2*x + 1/4)", "disagree"),  # wrong on the right alone
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "if(x < 0, 1/x, 2*x)", "disagree"),
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "if(x == 0, 7, 2*abs(x))", "agree"),  # one point of theirs says nothing
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "if(x < 0, sin(1/x), 2*x)", "undecided"),
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "if(x < 0, 2 + sin(1/x), 2*x)", "disagree"),  # nowhere near 0
        ("if(x == 0, 0, x^2*sin(1/x))", {"x": 0}, "if(x == 0, 0, 2*x*sin(1/x) - cos(1/x))", "agree"),
        ("if(x == 0, 0, x^2*sin(1/x))", {"x": 0}, "2*x*sin(1/x) - sin(pi/2 - 1/x)", "undecided"),
        ("if(x == 0, 0, x^2*sin(1/x))", {"x": 0}, "if(x == 0, 0, 2*x*sin(1/x) - 2*cos(1/x))", "undecided"),
        ("if(x == 0, 0, x^2*tanh(1/x))", {"x": 0}, "if(x == 0, 0, 2*x*tanh(1/x) - sech(1/x)^2)", "agree"),
        ("if(x == 0, 0, x^2*tanh(1/x))", {"x": 0}, "if(x == 0, 0, 2*x*tanh(1/x) + 1)", "disagree"),
        ("if(x < 0, -x^2, x^2)", {"x": 0}, "sqrt(x)", "undecided"),
    ],
)
def test_another_form_of_the_derivative_is_judged_by_its_limits_at_a_kink(formula, at, theirs, verdict):
    certifier = Certifier(prepare(formula), at)
    (row,) = compare(certifier, certifier.run(), {"x": gc.parse(theirs)})
    assert row.verdict.of_engines == verdict, row.reason
    assert bool(row.reason) == (verdict != "agree")


@pytest.mark.parametrize(
    ("theirs", "verdict", "reason"),
    [
        ("if(x < 0, 1, 3*x^2)", "wrong", "chain rule 0, sympy 1 on the way from the left"),
        ("if(x > 0, 1, -3*x^2)", "wrong", "chain rule 0, sympy 1 on the way from the right"),
        ("if(x > 0, 2 + sin(1/x), -3*x^2)", "wrong", "chain rule 0, sympy within 2 on the right"),
        ("3*sqrt(x)^4", "undecided", "sympy's form has no value on the left of the point"),
        ("3*sqrt(-x)^4", "undecided", "sympy's form has no value on the right of the point"),
        ("cos(floor(1/x))", "undecided", "sympy's form has no limit that could be told on the left of the point"),
        ("if(x > 0, cos(floor(1/x)), 0)", "undecided",
         "sympy's form has no limit that could be told on the right of the point"),
    ],
)  # fmt: skip
def test_why_a_limit_is_no_witness_or_a_bad_one_is_told(theirs, verdict, reason):
    certifier = Certifier(prepare("abs(x)^3"), {"x": 0})
    (row,) = compare(certifier, certifier.run(), {"x": gc.parse(theirs)})
    assert (row.verdict, row.reason) == (verdict, reason)


def test_where_nothing_changes_along_a_name_its_derivative_is_0_whatever_a_form_does():
    certifier = Certifier(prepare("abs(x)*x^y"), {"x": 0, "y": 2})
    rows = {row.what: row for row in compare(certifier, certifier.run(), {"y": gc.parse("cos(floor(1/(y - 2)))")})}
    assert (rows["y"].verdict, rows["y"].reason) == ("agrees", "")
    certifier = Certifier(prepare("x^y"), {"x": 0, "y": 2}, ("y",))
    for slope, verdict in ((0.0, "agrees"), (1.0, "wrong")):
        certified = certifier.run()
        certified.gradient["y"].ball = exact_ball(slope)
        assert compare(certifier, certified, {"y": gc.parse("x^y*log(x)")})[0].verdict == verdict


@pytest.mark.parametrize(("formula", "at", "right"), [
    ("sin(x)", "1.570796326794896619231", "cos(x)"),  # 3e-22, of which 57 bits are known at first
    ("x^2", "3", "if(log(1 + 1e-60) > 0, 2*x, 0)"),  # a condition that many bits tell
])  # fmt: skip
def test_bits_are_added_until_both_forms_are_known(formula, at, right):
    certifier = Certifier(prepare(formula), {"x": at})
    for theirs, verdict in ((right, "agrees"), (f"({right})*(1 + 1e-18)", "wrong")):
        assert compare(certifier, certifier.run(), {"x": gc.parse(theirs)})[0].verdict == verdict


def test_a_limit_of_which_few_bits_are_known_is_no_witness():
    certifier = Certifier(prepare("abs(x)^3 + x"), {"x": 0})
    for digits, verdict, reason in ((1220, "agrees", ""), (1227, "undecided", "not settled with 8192 bits")):
        one = f"(1 - cos(1e-{digits}))*2e{2 * digits}"  # but for t^2/12, which no double shows
        (row,) = compare(certifier, certifier.run(), {"x": gc.parse(f"3*x*abs(x) + {one}")})
        assert (row.verdict, row.reason) == (verdict, reason)


@pytest.mark.parametrize(("formula", "reason"), [
    ("abs(x - x)*x", "no point was found at which both have a value"),
    ("log(sin(x) - 2)", "nowhere do both have a value"),
    ("sqrt(-x^2)", "the formula has no real value"),
])  # fmt: skip
def test_of_what_has_no_derivative_anywhere_nothing_is_proved(formula, reason):
    found = gc.agreement(formula)
    assert (found.verdict, found.reason) == ("undecided", reason)


def test_of_a_tie_all_along_the_way_both_sides_are_witnesses():
    certifier = Certifier(prepare("max(x*y, x*z)"), {"x": 1, "y": 2, "z": 2}, ("x",))
    certified = certifier.run()
    assert certified.gradient["x"].number == 2
    # on the tie itself this form is 4, beside it 2
    twice = gc.parse("if(x*y >= x*z, y, 0) + if(x*z >= x*y, z, 0)")
    assert compare(certifier, certified, {"x": twice})[0].verdict.of_engines == "agree"
    assert compare(certifier, certified, {"x": gc.parse("if(x*y > x*z, y, 3*z)")})[0].verdict == "undecided"


def test_derivatives_beyond_doubles_agree_too():
    result = gc.agreement("log(b)", {"b": "1e-400"})
    assert (result.verdict.of_engines, result.findings[0].ulps, result.findings[0].digits) == ("agree", None, None)


def test_a_table_says_what_is_not_known_in_words():
    """An edge of a domain, a jump and a number beyond doubles have no number to show."""
    assert str(gc.agreement("sqrt(x)", {"x": 0})).split("\n")[1].startswith("x     undefined")
    assert "beyond doubles" in str(gc.agreement("sin(1e200*x)*1e200", {"x": 0}, prove=False))


def test_a_tie_among_drawn_points_is_held_against_nobody() -> None:
    """zeta is 0 at -2, -4, ..., as relu is where it is flat."""
    formula = gc.parse("min(relu(logit(y)), zeta(clamp(1e5, 1/2, x)))")
    drawn = hold(formula, derivatives(formula, ("y", "x")))
    assert [held.difference for held in drawn.values()] == ["", ""]
    assert all(held.points for held in drawn.values())


def test_the_referee_looks_at_points_of_every_kind_and_beside_all_constants() -> None:
    points = list(of_all_kinds(Random(0), ["x", "y"], [Fraction(7, 2), Fraction(-40)], 120))
    for name in ("x", "y"):
        drawn = [point[name] for point in points]
        assert len({*drawn}) == len(drawn)
        assert sum(-3 <= x < -1 for x in drawn) >= 8
        assert sum(1 < x <= 3 for x in drawn) >= 8
        assert sum(0 < x < 1 for x in drawn) >= 30
        for low, high in ((1e-298, 1e-90), (1e-8, 1e-3), (1e4, 1e12), (1e29, 1e107)):
            assert any(low < abs(x) < high for x in drawn), (name, low)
        assert 0.2 < sum(x < 0 for x in drawn) / len(drawn) < 0.5  # small ones are more than 0
    for constant in (Fraction(7, 2), -40):
        ways = {(x > constant, abs(x - constant) < 1e-8) for point in points for x in point.values()
                if abs(x - constant) < 0.7}  # fmt: skip
        assert len(ways) == 4


def test_one_wrong_derivative_among_right_ones_is_held_against_that_one() -> None:
    formula = gc.parse("x^2*y + max(x, y) + log(z)")
    right = {name: derivatives(formula, (name,))[name] for name in ("x", "y", "z")}
    for name in right:
        wrong = {**right, name: gc.parse(f"({right[name]})*(1 + 1e-25)")}
        assert [key for key, held in hold(formula, wrong).items() if held.difference] == [name]
    assert all(not held.difference and held.points >= POINTS for held in hold(formula, right).values())


@pytest.mark.parametrize(
    ("other", "verdict", "expected"),
    [("2*x", "agrees", 6.0), ("2*x + 0/(x - 3)", "agrees", 6.0), ("3*x", "wrong", None), ("1/(x - 3)", "wrong", None)],
)
def test_where_both_sides_differ_neither_is_taken_for_right(other: str, verdict: str, expected: float | None) -> None:
    formula, at = gc.parse("x^2"), {"x": number(3)}
    certifier = Certifier(prepare(formula), at, ("x",))
    (row,) = agreement.compare(
        certifier, certifier.run(), {"x": gc.parse(other)}, "", TypedFormula(formula, at, 1, 5.0)
    )
    assert (row.verdict, row.expected, row.actual) == (verdict, expected, 6.0)
    assert row.error == (0.0 if expected else None)


@pytest.mark.parametrize(
    ("formula", "x", "value"),
    [
        ("cbrt(floor(x)*x)", Fraction(1, 2), 0),  # floor(x)/(3*cbrt(x*floor(x))^2) is 0/0 from 0 to 1
        ("abs(floor(x))^x", Fraction(1, 2), 0),  # log(0)
        ("sqrt(abs(x) - x)", Fraction(3), 0),
        ("(relu(x)*(x - 1))^(1/3)", Fraction(-2), 0),
    ],
)
def test_a_form_that_lacks_values_on_a_stretch_is_not_proved(formula, x, value):
    step = Fraction(1, 1000)
    assert all(gc.evaluate(formula, {"x": x + k * step}) == value for k in (-1, 0, 1))  # so that the derivative is 0
    everywhere = gc.agreement(formula)
    assert (everywhere.verdict, everywhere.reason) == (
        "undecided", "sympy's form may lack values in a part of the domain",
    )  # fmt: skip
    there = gc.agreement(formula, {"x": x})
    assert (there.proved, there.findings[0].expected) == (False, 0)


@pytest.mark.parametrize("formula", [
    "sqrt(relu(x))*x", "hypot(relu(x), relu(y))", "sqrt(relu(x) + relu(y)) + relu(x) + relu(z)", "x^(3*x)",
    "x^(x^2 + x)", "sqrt(floor(x)*x)",
])  # fmt: skip
def test_where_our_rules_have_no_value_the_formula_itself_is_asked(formula):
    assert gc.agreement(formula).proved
