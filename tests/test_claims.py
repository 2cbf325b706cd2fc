"""Claimed derivatives: never wrong where right, wrong with a theorem where wrong, nothing claimed that was not shown.

The referees are sympy's derivative rewritten by sympy, and mpmath's numerical differentiation.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

import mpmath
import pytest
import sympy

import gradcalc as gc
from gradcalc import FormulaError, FormulaSyntaxError, Function, LimitError, MissingValueError, parse
from gradcalc.helper import OutOfTime
from gradcalc.judge.claims.court import assert_derivative, check_derivative
from gradcalc.judge.claims.result import asserted
from gradcalc.judge.result import all_in_time
from gradcalc.language.formula import expression, free_names
from gradcalc.language.literals import place_text
from gradcalc.record import replace
from gradcalc.show import text
from gradcalc.work import DONE

PROVED = [
    ("sin(x)^2", "x", "2*sin(x)*cos(x)"),
    ("sin(x)^2", "x", "sin(2*x)"),
    ("tanh(x)", "x", "1/cosh(x)^2"),
    ("tanh(x)", "x", "1 - tanh(x)^2"),
    ("tan(x)", "x", "1/cos(x)^2"),
    ("log(x^2)", "x", "2/x"),
    ("log(x)^2", "x", "log(x^2)/x"),
    ("log(abs(x))", "x", "1/x"),
    ("abs(x)", "x", "x/abs(x)"),
    ("sqrt(x^2)", "x", "x/sqrt(x^2)"),
    ("sqrt(x^2)", "x", "sign(x)"),
    ("x*abs(x)", "x", "2*abs(x)"),
    ("abs(x)^3", "x", "3*x*abs(x)"),
    ("x^x", "x", "x^x*(1 + log(x))"),
    ("x^x", "x", "exp(x*log(x))*(log(x) + 1)"),
    ("sqrt(x)", "x", "sqrt(x)/(2*x)"),
    ("sqrt(x)", "x", "x^(-1/2)/2"),
    ("2^x", "x", "log(2)*exp(x*log(2))"),
    ("1/(1 + exp(-x))", "x", "exp(x)/(1 + exp(x))^2"),
    ("sigmoid(x)", "x", "sigmoid(x)*(1 - sigmoid(x))"),
    ("atan(x) + atan(1/x)", "x", "0"),
    ("asinh(x)", "x", "1/sqrt(1 + x^2)"),
    ("log(x + sqrt(x^2 + 1))", "x", "1/sqrt(x^2 + 1)"),
    ("acos(x)", "x", "-1/sqrt(1 - x^2)"),
    ("sin(x)/x", "x", "(x*cos(x) - sin(x))/x^2"),
    ("(x^2 - 1)/(x - 1)", "x", "1"),
    ("floor(x)*x", "x", "floor(x)"),
    ("x/abs(x)", "x", "0"),
    ("relu(x)", "x", "step(x)"),
    ("max(x, y)", "x", "if(x > y, 1, 0)"),
    ("max(x, y)", "x", "(1 + sign(x - y))/2"),
    ("x^y", "x", "y*x^y/x"),
    ("atan2(y, x)", "x", "-y/(x^2 + y^2)"),
    ("hypot(x, y)", "y", "y/hypot(x, y)"),
    ("(a*b + c)*f", "a", "b*f"),
    ("a^2 + b", "c", "0"),
    ("e^2", "e", "2*e"),
    ("exp(1000 + x)", "x", "exp(1000)*exp(x)"),
    ("g(t) = t^2; g(sin(x))", "x", "sin(2*x)"),
    ("diff(x^3, x)*x", "x", "9*x^2"),
    ("log(x - 1000)*sqrt(1001 - x)", "x", "sqrt(1001 - x)/(x - 1000) - log(x - 1000)/(2*sqrt(1001 - x))"),
]


@pytest.mark.parametrize(("formula", "name", "claim"), PROVED)
def test_a_right_claim_of_any_shape_is_proved(formula, name, claim):
    check = check_derivative(formula, name, claim)
    assert check
    assert check.verdict == "proved", check.reason
    assert check.points > 5
    assert check.digits >= 38
    assert check.counterexample is None
    assert check.hint == ""


def test_so_many_simple_points_that_agree_are_enough():
    assert check_derivative("x*y*z", "x", "y*z", n=4).points == 60 + 4


def test_a_claim_that_lacks_the_one_point_that_is_found_is_not_wrong():
    """The domain is 2e-12 wide; of a wider one such a claim is proved, where it has a value."""
    right = "(1 - x)/sqrt({0} - (x - 1)^2) + 0*log((x - 1)^2)"
    found = {r: check_derivative(f"sqrt({r} - (x - 1)^2)", "x", right.format(r)) for r in ("1e-24", "1")}
    assert [(each.verdict, each.notes[-1]) for each in found.values()] == [
        (verdict, "the claim has no value at x=1, where the derivative is 0") for verdict in ("undecided", "proved")
    ]


def test_what_cannot_be_proved_agrees_at_points():
    legendre = "ellipk(x)*ellipe(1 - x) + ellipe(x)*ellipk(1 - x) - ellipk(x)*ellipk(1 - x)"
    check = check_derivative(f"y*({legendre})", "y", "pi/2")
    assert check  # which is no law that is used
    assert check.verdict == "agrees"


SHAPES = {
    "expand": sympy.expand,
    "factor": sympy.factor,
    "by one fraction": lambda e: sympy.cancel(sympy.together(e)),
    "powers": lambda e: sympy.powsimp(sympy.expand(e)),
    "simplify": sympy.simplify,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "formula",
    [
        "x^3*exp(-x^2/2)", "sin(x)^3*cos(2*x)", "log(1 + x^2)/x", "sqrt(1 + sin(x)^2)", "atan((x - 1)/(x + 1))",
        "1/(1 + x + x^2)^3", "x^2.5*log(x)",
    ],
)  # fmt: skip
def test_what_sympy_makes_of_its_own_derivative_is_never_wrong(formula, shape):
    from gradcalc.symbolic import from_sympy, to_sympy

    derivative = sympy.diff(to_sympy(parse(formula)), sympy.Symbol("x", real=True))
    claim = expression(from_sympy(SHAPES[shape](derivative)))
    check = check_derivative(formula, "x", claim)
    assert check.verdict in ("proved", "agrees")
    fault = f"({claim})*{'1.0000001' if shape == 'factor' else '(1 + 1e-30)'}"
    assert check_derivative(formula, "x", fault).verdict == "wrong", fault


CONDITIONAL = [
    ("sqrt(x^2)", "1", "x > 0", "x=-1"),
    ("sqrt(x^2)", "-1", "x < 0", "x=1"),
    ("abs(x)", "1", "x > 0", "x=-1"),
    ("asin(sin(x))", "1", "cos(x) > 0", "x=2"),
    ("max(x, y)", "1", "x > y", "x=0 y=1"),
    ("min(max(x, 0), 6)", "1", "x < 6 and x > 0", "x=-1"),
    ("sqrt((x - 1)^2)", "1", "x > 1", "x=0"),
    ("x*log(x^2) - 2*x", "2*log(x)", "x > 0, from log(x)", "x=-1"),
    ("x*log(x*y)", "log(x) + log(y) + 1", "x > 0, from log(x); y > 0, from log(y)", "x=-1 y=-1"),
]


@pytest.mark.parametrize(("formula", "claim", "conditions", "where"), CONDITIONAL)
def test_a_claim_that_holds_in_a_region_says_where(formula, claim, conditions, where):
    check = check_derivative(formula, "x", claim)
    assert not check
    assert check.verdict == "conditional"
    assert "; ".join(check.conditions) == conditions
    assert place_text(check.counterexample.at) == where
    assert check.reason == "proved there"


WRONG = [
    ("x^2", "0", "x=1"),
    ("x^2", "2*x*1.0000001", "x=1"),
    ("sin(x)", "cos(x)*(1 + 1e-6)", "x=0"),
    ("sin(pi*x)", "3.14159*cos(pi*x)", "x=0"),
    ("1e-9*x^2", "499*2e-9*x", "x=1"),
    ("sin(x)", "cos(x) + x*(x - 1)*(x + 1)*(x - 2)*(2*x - 1)/1000", "x=pi/4"),
    ("sin(x)", "cos(x) + sin(4*x)/1e9", "x=1"),
    ("if(x > 3.7 and x < 3.71, x^2, 0)", "0", "x=3.705"),
    ("x + exp(-1000*(x - 5)^2)*0", "1 + max(0, x - 300)", None),
    ("relu(x)", "step(x)*1.0000001", "x=1"),
    ("e^x", "x*e^(x - 1)", "x=0"),
    ("x^2", "if(x == 7, 5, 2*x)", "x=7"),
    ("sin(x)", "cos(x) + exp(-1e6*(x - 0.3)^2)", "x=0.3"),
    ("x^2", "2*x + 1e-300", "x=0"),
    ("x^2", "2*x*(1 + 1e-300)", "x=1"),
    ("x^2", "if(x > 1e15, x, 2*x)", None),
    ("x", "if(x > 0 and x < 1e-12, 2, 1)", None),
    ("x*y", "if(x > 3 and x < 3.01 and y > 2 and y < 2.01, 0, y)", "x=3.005 y=2.005"),
    ("x^2", "log(-1 - x^2)", "x=0"),
    ("x^2", "2*x + max(0, 1e-300 - abs(x - 1e5))", "x=100000"),
    ("x^2", "2*x + if(cos(x) == 1, if(x > 1000, 1, 0), 0)", None),
    ("x*y", "y + if(exp(-x) == y, if(x > 20, 1, 0), 0)", "x=20.5 y=1/exp(41/2)"),
]


@pytest.mark.parametrize(("formula", "claim", "where"), WRONG)
def test_a_wrong_claim_is_refuted_at_the_simplest_point(formula, claim, where):
    check = check_derivative(formula, "x", claim)
    assert not check
    assert check.verdict in ("wrong", "conditional")
    if where is not None:
        assert check.verdict == "wrong"
        assert place_text(check.counterexample.at) == where


@pytest.mark.parametrize(("formula", "claim", "reason"), [
    ("sqrt(x)^3", "3/2*sqrt(x) + if(x == 0, 1, 0)", "right derivative 0, claimed 1"),
    ("(1 - x)*sqrt(1 - x)", "-3/2*sqrt(1 - x) + if(x == 1, 1, 0)", "left derivative 0, claimed 1"),
    ("acos(x)*(1 - x)", "if(x == 1, 1, -acos(x) - (1 - x)/sqrt(1 - x^2))", "left derivative 0, claimed 1"),
    ("if(x == 0, 0, x^2*log(x))", "if(x == 0, -1, 2*x*log(x) + x)", "right derivative 0, claimed -1"),
])  # fmt: skip
def test_what_is_claimed_at_the_end_of_the_domain_is_held_against_the_side_that_there_is(formula, claim, reason):
    found = check_derivative(formula, "x", claim)
    assert found.verdict == "agrees"
    assert found.reason.endswith(f"on one side of x={int('1 - x' in formula)} only: {reason}")


@pytest.mark.parametrize("error", ["1e-370", "-1e-370"])
def test_a_fault_of_what_is_next_to_nothing_is_no_rounding(error):
    claim = f"(1e-305*sqrt(2) + {error}) - 1e-305*sqrt(2)"
    assert check_derivative("3e-370*x", "x", claim).verdict == "wrong"
    assert check_derivative(f"({error})*x", "x", claim).verdict == "proved"


@pytest.mark.parametrize(
    ("claim", "at", "claimed"),
    [
        ("if(log(x) == 3, 5, 2*x)", math.exp(3), 5),
        ("if(asin(x) == 1/2, 5, 2*x)", math.sin(0.5), 5),
        ("2*x*sign(log(x) - 2)^2", math.exp(2), 0),
        ("if(atanh(x) == 1/3, 0, 2*x)", math.tanh(1 / 3), 0),
    ],
)
def test_what_is_wrong_where_the_claim_has_a_value_is_shown_there(claim, at, claimed):
    found = check_derivative("x^2", "x", claim)
    assert found.verdict == "wrong"
    assert found.counterexample.claimed.number == claimed
    assert math.isclose(found.counterexample.correct.number, 2 * at, rel_tol=1e-14)


def test_the_counterexample_is_right_by_mpmath():
    check = check_derivative("x^2*sin(x)/(1 + x)", "x", "x*sin(x)", {"x": "7/3"})
    example = check.counterexample
    assert place_text(example.at) == "x=7/3"
    with mpmath.workdps(50):
        at = mpmath.mpf(7) / 3
        truth = mpmath.diff(lambda x: x**2 * mpmath.sin(x) / (1 + x), at)
        claimed = at * mpmath.sin(at)
    assert example.correct.number == float(truth)
    assert example.claimed.number == float(claimed)
    assert math.isclose(example.relative, float(abs(claimed - truth) / abs(truth)), rel_tol=1e-12)


def test_conditions_are_what_the_values_need():
    def conditions(formula, claim):
        return check_derivative(formula, "x", claim).conditions

    assert conditions("log(x)", "1/x") == ("x > 0, from log(x)",)
    assert conditions("sqrt(x)", "1/(2*sqrt(x))") == ("x > 0, from 1/(2*sqrt(x))",)
    assert conditions("1/(x*(x - 1))", "(1 - 2*x)/(x^2*(x - 1)^2)") == (
        "x != 0, from 1/(x*(x - 1))",
        "x != 1, from 1/(x*(x - 1))",
    )
    assert conditions("1/(1 + x^2)", "-2*x/(1 + x^2)^2") == ()
    assert conditions("1/(1 + x + x^2)", "-(1 + 2*x)/(1 + x + x^2)^2") == ()
    assert conditions("tan(x)", "1/cos(x)^2") == ("cos(x) != 0, from tan(x)",)
    assert conditions("acos(cos(x))", "sign(sin(x))") == ()
    assert conditions("a^x", "a^x*log(a)") == ("a > 0, from log(a)",)


def test_a_value_that_only_the_claim_lacks_is_told():
    check = check_derivative("x", "x", "x/x")
    assert check.verdict == "proved"
    assert check.notes == ("the claim has no value at x=0, where the derivative is 1",)
    assert "y is not in the formula" in check_derivative("sin(x)", "x", "y*cos(x)").notes[0]
    assert check_derivative("x^2", "z", "0").notes == ("z is not in x^2: its derivative is 0",)


def test_at_a_point_that_has_no_derivative():
    check = check_derivative("abs(x)", "x", "sign(x)", {"x": 0})
    assert check.verdict == "not-differentiable"
    assert (check.left, check.right) == (-1.0, 1.0)
    assert not check

    for formula, at in (("max(x, 0)", 0), ("floor(x)", 1)):
        assert check_derivative(formula, "x", "1", {"x": at}).verdict == "not-differentiable"
    assert check_derivative("log(x)", "x", "1/x", {"x": -1}).verdict == "undefined"
    nowhere = check_derivative("log(-1 - x^2)", "x", "2*x/(1 + x^2)")
    assert (nowhere.verdict, nowhere.points) == ("undefined", 0)
    assert re.fullmatch(r"no point with a derivative was found: log needs x > 0, but .*", nowhere.reason)


@pytest.mark.parametrize(
    ("formula", "at", "claim", "right"),
    [
        ("x^2", "1e10", "0", False),
        ("x^2", "1e10", "2*x", True),
        ("sin(1e5*x)", "1", "1e5*cos(1e5*x)", True),
        ("log(x)", "1e-5", "1/x", True),
        ("exp(20*x)", "1", "20*exp(20*x)", True),
        ("sin(x)", "0.7", "cos(x)*(1 + 1e-6)", False),
    ],
)
def test_what_is_hard_for_step_sizes_is_not_hard(formula, at, claim, right):
    check = check_derivative(formula, "x", claim, {"x": at})
    assert bool(check) is right
    if not right:
        assert place_text(check.counterexample.at) == f"x={at}"


def test_higher_orders():
    assert check_derivative("x^4", "x", "12*x^2", order=2).verdict == "proved"
    assert check_derivative("sin(x)", "x", "-cos(x)", order=3)
    wrong = check_derivative("x^4", "x", "4*x^3", order=2)
    assert wrong.verdict == "wrong"
    assert wrong.hint == "that is the derivative of order 1, not 2"
    assert str(wrong).startswith("WRONG: d^2/dx^2 x^4 is not 4*x^3\n")


def test_named_intermediates_mean_the_same_in_the_claim():
    formula = "u = a*b; u^2"
    assert check_derivative(formula, "a", "2*u*b").verdict == "proved"
    assert check_derivative(formula, "u", "2*u").verdict == "proved"


def test_functions_of_the_formula_are_known_in_the_claim():
    assert check_derivative("s(t) = 1/(1 + exp(-t)); s(2*x)", "x", "2*s(2*x)*(1 - s(2*x))").verdict == "proved"


def test_a_letter_with_a_value_is_no_constant():
    at = {"x": 1, "e": 3}
    assert check_derivative("e^x", "x", "e^x*log(e)", at).verdict == "proved"
    assert check_derivative("e^x", "x", "e^x", at).verdict == "wrong"
    assert check_derivative("e^x", "x", "e^x").verdict == "proved"


def test_functions_of_ones_own():
    cube = Function(name="cube", value=lambda x: x**3, definition="x^3", partials=("3*x^2",))
    assert check_derivative("cube(x)", "x", "3*x^2", functions=[cube]).verdict == "proved"


def test_a_point_of_ones_own_functions_is_not_that_of_others_of_their_names():
    """2*x at g(3), which is 9 or 27."""
    formula, square, third = parse("x^2"), ("u^2", "2*u"), ("u^3", "3*u^2")
    for (body, slope), value in ((square, 18), (third, 54), (square, 18)):
        at = {"x": parse("g(3)", functions=[Function("g(u)", definition=body, partials=(slope,))])}
        assert check_derivative(formula, "x", "2*x", at).verdict == "proved"
        found = check_derivative(formula, "x", "3*x", at)
        assert (found.verdict, found.counterexample.expected) == ("wrong", value)


def test_bad_input_is_an_error():
    with pytest.raises(FormulaSyntaxError):
        check_derivative("sin(x", "x", "cos(x)")
    with pytest.raises(FormulaSyntaxError):
        check_derivative("sin(x)", "x", "cos(x))")
    with pytest.raises(FormulaError, match="no variable"):
        check_derivative("sin(x)", "pi", "cos(x)")
    with pytest.raises(FormulaError, match="no variable"):
        check_derivative("sin(x)", "x + 1", "cos(x)")
    for claim in ("x = 3", "x = y + 3; x - y"):  # of which it is no variable
        with pytest.raises(FormulaError, match="x is what the derivative is taken by"):
            check_derivative("3*x", "x", claim)
    assert check_derivative("x = 3; x^2", "x", "2*x").verdict == "proved"
    with pytest.raises(MissingValueError) as missing:
        check_derivative("x*y", "x", "y", {"x": 1})
    assert missing.value.missing == ("y",)
    with pytest.raises(LimitError):
        check_derivative("x", "x", "1", order=0)


def test_the_seed_makes_the_same_points():
    first, again = (check_derivative("if(x > 3.7 and x < 3.71, x^2, 0)", "x", "0", seed=7) for _ in range(2))
    assert place_text(first.counterexample.at) == place_text(again.counterexample.at)
    assert first.question.seed == 7


def test_a_claim_that_would_hang_is_cut(allow):
    allow(1 / 20)
    formula = "*".join(f"(sin(x + {k})^{k + 3} + cos({k}*x))^{k + 2}" for k in range(9))
    claim = f"({formula})*(" + " + ".join(
        f"{k + 2}*({k + 3}*sin(x + {k})^{k + 2}*cos(x + {k}) - {k}*sin({k}*x))/(sin(x + {k})^{k + 3} + cos({k}*x))"
        for k in range(9)
    ) + ")"  # fmt: skip
    check = check_derivative(formula, "x", claim)
    assert check
    assert check.points > 5
    assert check.notes == (f"not all was tried: {DONE}",)


def test_assert_derivative_says_what_is_wrong():
    assert assert_derivative("x^3", "x", "3*x^2") is None
    with pytest.raises(AssertionError) as caught:
        assert_derivative("sin(x^2)", "x", "cos(x^2)")
    assert str(caught.value).split("\n") == [
        "d/dx sin(x^2): actual cos(x^2), expected 2*x*cos(x^2)",
        "at x=0: actual 1, expected 0",
        "seed 0",
        "hint: chain rule: the inner derivative is missing: multiply by d/dx (x^2) = 2*x",
    ]
    assert "check_derivative" not in str(caught.traceback[-1].frame.code.name)


SAMPLES = [
    (
        ("tanh(x)", "x", "1/cosh(x)^2", None),
        "correct: d/dx tanh(x) = 1/cosh(x)^2, proved for all x   (sympy writes it 1 - tanh(x)^2)\n",
    ),
    (
        ("sin(x^2)", "x", "cos(x^2)", None),
        "WRONG: d/dx sin(x^2) is not cos(x^2)\n"
        "  correct  2*x*cos(x^2)\n"
        "  claimed  cos(x^2)\n"
        "  at x=0: correct 0, claimed 1\n"
        "hint: chain rule: the inner derivative is missing: multiply by d/dx (x^2) = 2*x\n",
    ),
    (
        ("(a*b + c)*f", "a", "f*a", {"a": 2, "b": -3, "c": 10, "f": -2}),
        "WRONG: d/da (a*b + c)*f is not f*a\n"
        "  correct  b*f\n"
        "  claimed  f*a\n"
        "  at a=2 b=-3 c=10 f=-2: correct 6, claimed -4\n"
        "hint: that is the derivative with respect to b\n",
    ),
    (
        ("sqrt(x^2)", "x", "1", None),
        "WRONG: d/dx sqrt(x^2) is not 1\n"
        "  correct  sign(x)\n"
        "  claimed  1                 equal only for x > 0\n"
        "  at x=-1: correct -1, claimed 1\n",
    ),
    (
        ("sin(x^2)", "x", "cos(x^2)", {"x": 1.5}),
        "WRONG: d/dx sin(x^2) is not cos(x^2)\n"
        "  correct  2*x*cos(x^2)\n"
        "  claimed  cos(x^2)\n"
        "  at x=1.5: correct -1.884520868, claimed -0.6281736227\n"
        "hint: chain rule: the inner derivative is missing: multiply by d/dx (x^2) = 2*x\n",
    ),
]


@pytest.mark.parametrize(("asked", "text"), SAMPLES)
def test_verdicts_as_text(asked, text):
    check = check_derivative(*asked)
    assert f"{check}\n" == text
    assert bool(check) == text.startswith("correct")


def test_verdicts_as_json():
    found = check_derivative("sin(x^2)", "x", "cos(x^2)").data()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["verdict"] == "wrong"
    assert found["counterexample"]["at"] == {"x": "0"}
    assert found["counterexample"]["relative_error"] is None  # the truth is 0
    assert found["mistake"] == {"kind": "chain", "column": 5}


def test_every_name_of_the_claim_counts_as_a_variable():
    check = check_derivative("sin(x)", "x", "cos(x) + y - y")
    assert check.verdict == "proved"
    assert set(free_names(check.question.claim)) == {"x", "y"}


def test_all_results_are_of_one_kind():
    """Each has a question, a verdict and findings, says itself as a document and as data."""
    square = gc.Function("square(x)", definition="x^2", partials=("2*x",))
    results = (
        gc.agreement("x^2", {"x": 3}),
        check_derivative("x^2", "x", "3*x"),
        gc.check_gradient("x^2", lambda x: 2 * x, 1.5),
        gc.check_function(square, n=5),
    )
    for found in results:
        assert isinstance(found, gc.Result)
        assert bool(found) == bool(found.verdict)
        assert all(isinstance(one, gc.Finding) for one in found.findings)
        assert str(text(found.document())).rstrip("\n") == str(found)
        if not isinstance(found, gc.GradientCheck):  # whose functions have to be named
            assert json.loads(json.dumps(found.data()))["verdict"] == found.verdict


def test_numbers_of_a_counterexample_beyond_the_doubles_are_texts():
    example = gc.check_derivative("x^2", "x", "2*x + 10^320").data()["counterexample"]
    assert (example["correct"], example["claimed"]) == (0.0, "1.000000000e+320")
    example = gc.check_derivative("x^2", "x", "2*x + if(x == 1, 10^-400 - 2, 0)").data()["counterexample"]
    assert (example["correct"], example["claimed"]) == (2.0, "1.000000000e-400")


@pytest.mark.parametrize(
    ("formula", "claim", "verdict"),
    [
        ("max(a*x, b*x, c*x, d*x, g*x, h*x)", "if(x > 0, max(h, b, c, d, g, a), min(a, b, c, d, g, h))", "proved"),
        ("max(a - x^2, b - x^2, c - x^2, d - x^2, g - x^2, h - x^2)", "-2*x", "proved"),
        ("exp(x*max(a, b, c, d, g, h, k))", "max(a, b, c, d, g, h, k)*exp(x*max(a, b, c, d, g, h, k))", "proved"),
        ("max(x, y, z, u, v, w)*x", "if(x > max(y, z, u, v, w), 2*x, max(y, z, u, v))", "wrong"),
    ],
)
def test_what_does_not_move_in_a_max_of_many_is_one_quantity(formula, claim, verdict):
    assert check_derivative(formula, "x", claim).verdict == verdict


def test_a_fault_of_a_sum_at_an_end_that_a_comparison_names_is_found():
    claim = "sum(if(floor(k/9) == 2, 0, x^(k - 1)), k=1..n)"
    assert check_derivative("sum(x^k/k, k=1..n)", "x", claim).verdict == "wrong"


@pytest.mark.parametrize(
    ("formula", "name", "claim"),
    [("u = x^2; u*x", "x", "3*u"), ("u = x^2; u*x", "u", "x"), ("u = x^2; u*u + x", "u", "2*u"),
     ("u = x^2; v = u*x; v*u", "x", "5*u^2"), ("u = x^2; v = u*x; v*u", "x", "3*u*u + 2*v*x")],
)  # fmt: skip
def test_a_claim_may_speak_of_named_intermediates_and_be_by_one(formula, name, claim):
    """By hand: x^3, x*u, u^2 + x, and x^5 twice."""
    assert check_derivative(formula, name, claim).verdict == "proved"
    assert check_derivative(formula, name, f"{claim} + 1e-30*x").verdict == "wrong"
    assert asserted(formula, name, gc.parse(claim)).claim == asserted(formula, name, claim).claim


def test_what_has_no_value_is_null_as_data():
    example = check_derivative("x^3", "x", "3*x^2 + 0*log(x)", n=5).data()["counterexample"]
    assert example["claimed"] is None
    assert example["reason"]
    check = check_derivative("x^2", "x", "2*x")
    assert replace(check, sympy_form=None).data()["sympy"] is None
    assert check.data()["sympy"] == "2*x"


@pytest.mark.parametrize(
    "fault",
    ["floor(x) == 137 and floor(y) == 42", "floor(x^2) == floor(x) + 10^4", "floor(x*y) == 5749 and floor(x) == 77",
     "floor(x)*floor(y) == 5754 and floor(x) > 1 and floor(y) > 1",
     "floor(x) == 137 and floor(1000*x) == 137042", "3*floor(x) + 2*floor(y) == 2001", "x == 7 and y == z + 3",
     "floor(x) - floor(y) == 1000 and x + y > 5000", "ceil(x) == 77 and round(y) == -13"],
)  # fmt: skip
def test_a_fault_in_a_part_that_several_conditions_leave_is_met_there(fault):
    check = check_derivative("x*y^2*z^2", "x", f"if({fault}, 0, y^2*z^2)")
    assert check.verdict == "wrong"
    assert gc.evaluate(f"if({fault}, 1, 0)", {"z": 1, **check.counterexample.at}) == 1


@pytest.mark.parametrize(
    ("nowhere", "somewhere"),
    [("floor(x)^2 == 10^4 + 1", "floor(x)^2 == 10^4"), ("floor(x) == 10^100 + 1/2", "floor(x) == 10^100 + 1"),
     ("2*floor(x) + 4*floor(y) == 7", "2*floor(x) + 4*floor(y) == 2006"),
     ("floor(x)/2 + floor(y)/3 == 1/7", "floor(x)/2 + floor(y)/3 == 1/6"),
     ("floor(x) > 136 and floor(x) < 137", "floor(x) > 136 and floor(x) < 137 + 1/2"),
     ("floor(x)^2 > 10^4 and floor(x)^2 < 10201", "floor(x)^2 > 10^4 and floor(x)^2 < 10202"),
     ("floor(2*x + floor(y)) == 1/2", "floor(2*x + floor(y)) == 10^9")],
)  # fmt: skip
def test_floors_are_whole_numbers(nowhere, somewhere):
    """By hand: parity, divisors, and squares of whole numbers."""
    assert check_derivative("x*y", "x", f"if({nowhere}, 0, y)").verdict == "proved"
    assert check_derivative("x*y", "x", f"if({somewhere}, 0, y)").verdict == "wrong"
    assert check_derivative("x*y", "x", f"if({somewhere}, y + 10^-60, y)").verdict == "wrong"


@pytest.mark.parametrize(
    ("nowhere", "somewhere"),
    [("y < -1", "y < -1/3"), ("y < -0.3679", "y < -0.36"), ("y*pi < -exp(1)", "y*pi < -1"),
     ("y*pi > 3 and y*exp(1) < 2.59", "y*pi > 3 and y*exp(1) < 2.6"),
     ("atan(y) >= pi/2", "atan(y) >= pi/2 - 10^-3"), ("2*acos(x) < -1/9", "2*acos(x) < 1/9"),
     ("asin(x) > pi/2", "asin(x) >= pi/2"), ("erf(y) <= -1", "erf(y) <= -0.7 + exp(-1)"),
     ("sin(x) + cos(y) > 2", "sin(x) + cos(y) >= 2 - 1/2"), ("sin(x)*cos(y) > 1", "sin(x)*cos(y) > 1 - 1/2"),
     ("asin(x) + 2*atan(y) > 3*pi/2", "asin(x) + 2*atan(y) >= 3*pi/2 - 1"),
     ("y > sqrt(2) + sqrt(3) and y < sqrt(5 + 2*sqrt(6))",
      "y > sqrt(2) + sqrt(3) and y < sqrt(5 + 2*sqrt(6)) + 10^-30")],
)  # fmt: skip
def test_constants_and_bounds_leave_some_conditions_empty(nowhere, somewhere):
    """By hand: exp(-1) = 0.36787944..., 3/pi = 0.95493, 2.59/e = 0.95281, (sqrt(2) + sqrt(3))^2 = 5 + 2*sqrt(6)."""
    truth = "(2 + asin(x))*lambertw(y)"
    assert check_derivative(f"{truth}*z", "z", f"if({nowhere}, 0, {truth})").verdict == "proved"
    assert check_derivative(f"{truth}*z", "z", f"if({somewhere}, 0, {truth})").verdict in ("wrong", "conditional")


@pytest.mark.parametrize(
    ("formula", "claim", "verdict"),
    [("atan(cos(x)/(1 + sin(x)))", "-1/2", "proved"), ("atan(cos(x)/(1 - sin(x)))", "1/2", "proved"),
     ("atan(cos(x)/(1 + sin(x)))", "-1/2 + 10^-60", "wrong"),
     ("atan(cos(x)/(1 + sin(x)))", "if(sin(x) == 1, 0, -1/2)", "wrong"),
     ("x*y", "if(cos(x)^2*sin(x) > 0.384901, 0, y)", "proved"),
     ("x*y", "if(cos(x)^2*sin(x) > 0.3848, 0, y)", "conditional"),
     ("x*y", "if(cos(x)^2 + sin(x) - 5/4 >= 10^-30, 0, y)", "proved"),
     ("x*y", "if(cos(x)^2 + sin(x) - 5/4 >= -10^-3, 0, y)", "wrong")],
)  # fmt: skip
def test_signs_by_sines_alone(formula, claim, verdict):
    """By hand: the most of (1 - s^2)*s is 2/(3*sqrt(3)) = 0.38490018, and 1 - s^2 + s - 5/4 = -(s - 1/2)^2."""
    found = check_derivative(formula, "x", claim).verdict
    assert found == verdict or {found, verdict} == {"wrong", "conditional"}


def test_a_side_without_a_limit_leaves_a_claim_open():
    formula = "if(sin(frac(x)) < pi/4, if(x <= -1, 3, 2)/sinpi(-1), if(x > 1/2, x/x, x))"
    claim = "if(sin(x - floor(x)) < pi/4, 0, if(x > 1/2, 0, 1)) + 1 - sign(x - pi/3)^2"
    assert gc.check_derivative(formula, "x", claim, seed=835615).verdict in ("agrees", "wrong")  # at pi/3 alone


@pytest.mark.parametrize("narrow", ["x > 1 and x < 1 + 10^-20", "x > sqrt(2) and x < sqrt(2) + 10^-40"])
def test_a_claim_is_refuted_where_no_double_lies(narrow):
    found = gc.check_derivative("x^2 + y", "x", f"if({narrow}, 3, 2*x)").data()
    assert found["verdict"] == "wrong"
    assert found["counterexample"]["claimed"] == 3


@pytest.mark.parametrize(
    ("formula", "claim", "off"),
    [  # the relative error by hand: a decimal, 2*exp(-u) of sech and tanh, exp(-x^2) of erfc
        ("x", "1 - 1e-1000", "1e-1000"),
        ("x", "1 + 2^(-20000)", mpmath.mpf(2) ** -20000),
        ("x", "1 - sech(1e5)", 2 * mpmath.exp(-100000)),
        ("x", "tanh(1e6)", 2 * mpmath.exp(-2000000)),
        ("x", "1 - erfc(30)", mpmath.erfc(30)),
        ("sin(x)", "cos(x) + exp(-x^2 - 40000)", mpmath.exp(-40001) / mpmath.cos(1)),
        ("sqrt(2)*x", "sqrt(2) + 1e-2000", mpmath.mpf("1e-2000") / mpmath.sqrt(2)),
        ("x*y", "y*(1 + 1e-4000)", "1e-4000"),
    ],
)
def test_a_fault_that_no_ball_of_both_tells_is_one(formula: str, claim: str, off: mpmath.mpf | str) -> None:
    check = check_derivative(formula, "x", claim)
    assert check.verdict == "wrong"
    assert mpmath.almosteq(mpmath.mpf(check.data()["counterexample"]["relative_error"]), mpmath.mpf(off), 1e-8)
    digits, power = str(check).rpartition("relative error ")[2].split("e")  # as it is shown
    assert mpmath.almosteq(mpmath.mpf(f"{digits}e{int(power)}"), mpmath.mpf(off), 1e-2)


@pytest.mark.parametrize(
    ("formula", "claim"),
    [("relu(x) - relu(-x)", "1"), ("max(x, 1) + min(x, 1)", "1"), ("x*abs(x)", "2*abs(x)"), ("x*erf(1e3)", "erf(1e3)")],
)
def test_exact_algebra_tells_no_faults_at_kinks(formula: str, claim: str) -> None:
    """The table's derivative of the first two is 0 at the kink."""
    assert check_derivative(formula, "x", claim).verdict == "proved"


def test_a_point_is_written_as_the_number_it_is() -> None:
    check = check_derivative("if(x > 0, log(x), x)", "x", "if(x > 0, 1/x, 1 + 1e-60)")
    assert check.verdict == "wrong"
    assert place_text(check.counterexample.at) == "x=-1"


@pytest.mark.parametrize(
    ("formula", "claim"),
    [("if(floor(x) == 2, x^2, x)", "if(x >= 2 and x < 3, 2*x, 1)"), ("floor(x)*ceil(x)*x", "floor(x)^2 + floor(x)")],
)
def test_a_claim_that_has_values_is_not_said_to_lack_them(formula: str, claim: str) -> None:
    """A part of the domain in which there is no point tells nothing of the claim."""
    check = check_derivative(formula, "x", claim)
    assert check  # right: both are the same pieces of polynomials
    assert "no value" not in check.reason


@pytest.mark.parametrize("lack", [
    "0*(-1)^(floor(y)/2)", "0*besselj(floor(y)/3, -1)", "0*besselj(1/3, z)", "0*digamma(-floor(y))", "0*(-1)^z",
    "0*gamma(-floor(y)/7)", "0*log((floor(y) - 2e5)^2)", "0*sqrt(1/(floor(y) - 2e5)^2)",
])  # fmt: skip
def test_a_claim_lacks_values_where_something_is_not_whole_or_is(lack: str) -> None:
    """These have none on open sets: where floor(y) is odd, where z < 0, and so on."""
    assert check_derivative("x^2", "x", f"2*x + if(y > 1e5, {lack}, 0)").verdict != "proved"


@pytest.mark.parametrize("where", ["n > 800", "n == 900", "n > 450 and x > 700", "n > 5000", "x > 5000"])
def test_a_fault_at_large_orders_is_found(where: str) -> None:
    claim = f"(besselj(n - 1, x) - n*besselj(n, x)/x)*if({where}, 2, 1)"
    check = check_derivative("besselj(n, x)", "x", claim)
    assert check.verdict in ("wrong", "conditional")  # if only for n <= 5000
    assert check.counterexample is not None


@pytest.mark.parametrize("order", [1, 2])
def test_nothing_is_there_where_a_point_has_no_value(order: int) -> None:
    found = check_derivative("x^3", "x", ["3*x^2", "6*x"][order - 1], {"x": "1/0"}, order=order)
    assert (found.verdict, found.reason) == ("undefined", "division by zero")


@pytest.mark.parametrize("done", [0, 1])
def test_what_was_judged_before_the_time_ended_is_told(done: int) -> None:
    def judged() -> Iterator[int]:
        yield from range(done)
        raise OutOfTime

    told = all_in_time(judged(), 2)
    assert [next(told) for _ in range(done)] == [(0,)] * done
    with pytest.raises(OutOfTime):
        next(told)


def test_a_zero_that_no_double_is_leaves_a_claim_open() -> None:
    """x^2 = floor(x) + 10^400 at x = 10^200 + 1/2 - 1/(8*10^200) + ..., whose floor is 10^200."""
    assert check_derivative("x", "x", "if(x^2 - floor(x) - 10^400 == 0, 0, 1)").verdict == "agrees"


def test_no_exact_algebra_is_asked_about_long_differences() -> None:
    terms = [(f"sin({k}*x)*exp(x/{k})", f"({k}*cos({k}*x) + sin({k}*x)/{k})*exp(x/{k})") for k in range(2, 30)]
    formula, right = (" + ".join(each) for each in zip(*terms, strict=True))
    for factor, verdict in (("", "agrees"), ("*(1 + 1e-40)", "wrong")):  # zeta(2) is pi^2/6
        assert check_derivative(formula, "x", f"({right})*zeta(2)*6/pi^2{factor}").verdict == verdict


def test_sympy_is_not_asked_for_the_derivative_of_what_is_too_large_written_out() -> None:
    steps = "; ".join(f"y{k} = y{k - 1} + y{k - 1}" for k in range(1, 18))
    found = check_derivative(f"y0 = x; {steps}; y17", "x", "131072")
    assert (found.verdict, found.sympy_form) == ("proved", None)


def test_a_choice_that_no_ball_tells_is_looked_at_closely(allow):
    allow(1 / 50)
    for claim, verdict in (("2", "proved"), ("3", "wrong")):  # Si is odd: it is 2*x
        assert check_derivative("if(Si(x) + Si(-x) > 0, x, 2*x)", "x", claim).verdict == verdict
