"""Comparisons through functions that increase: `exp(x) > 3` is `x > log(3)`. The referee is mpmath."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from mpmath import mp

import gradcalc as gc
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.judge.claims.result import asserted
from gradcalc.judge.claims.statements import statements
from gradcalc.language.formula import free_names
from gradcalc.language.parser import parse
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.sides import Studied
from gradcalc.proofs.summands import prove_by_summands
from gradcalc.work import Work

NUMBERS = [Fraction(n, 4) for n in (-41, -19, -7, -3, 1, 2, 3, 5, 9, 31)]
REFEREES = {
    "exp": mp.exp, "log": mp.log, "atan": mp.atan, "asin": mp.asin, "acos": mp.acos, "erf": mp.erf, "tan": mp.tan,
    "sinh": mp.sinh, "cosh": mp.cosh, "asinh": mp.asinh, "acosh": mp.acosh,
    "erfinv": mp.erfinv, "tanh": mp.tanh, "atanh": mp.atanh, "sqrt": mp.sqrt, "sin": mp.sin, "cos": mp.cos,
    "sigmoid": lambda x: 1/(1 + mp.exp(-x)), "e": mp.e, "pi": mp.pi,
}  # fmt: skip

SAME = [
    ("exp(x) > 3", "x > log(3)"), ("log(x) > 1", "x > e"), ("exp(-x) > 2", "x < -log(2)"),
    ("2^x > 5", "x > log(5)/log(2)"),
    ("tanh(x) > 1/2", "x > atanh(1/2)"), ("sigmoid(x) > 0.9", "x > log(9)"), ("log(1 + x) > y", "x > exp(y) - 1"),
    ("atan(x) > pi/4", "x > 1"), ("asin(x) < 1", "x < sin(1)"), ("erfinv(x) > 1", "x > erf(1)"),
    ("(1 + erf(x/sqrt(2)))/2 > 0.95", "x > sqrt(2)*erfinv(0.9)"), ("log(x) > log(y) + 2", "x > y*exp(2)"),
    ("log(log(x)) > 0", "x > e"), ("exp(-x^2) > 1/2", "x^2 < log(2)"), ("log(x) > y", "x > exp(y)"),
    ("sinh(x) > 1", "x > asinh(1)"), ("sinh(x) > -1", "x > -log(1 + sqrt(2))"), ("cosh(x) > 2", "abs(x) > acosh(2)"),
    ("1/cosh(x) > 1/2", "abs(x) < acosh(2)"), ("exp(2*x) - 3*exp(x) + 2 > 0", "x < 0 or x > log(2)"),
    ("tanh(x)^2 > 1/4", "abs(x) > atanh(1/2)"), ("1/sinh(x) > 2", "x > 0 and x < asinh(1/2)"),
    ("-exp(6*x) + 4*exp(3*x) > 1", "3*abs(x) < acosh(2)"), ("sinh(x) > -2", "x > asinh(-2)"),
    ("5*exp(2*x) - 7*exp(x) + 1 < 0", "x > log((7 - sqrt(29))/10) and x < log((7 + sqrt(29))/10)"),
]  # fmt: skip
OTHERS = {
    "exp(x) > 3": ["x > log(3) + 1/10^40", "x > 1", "x > log(2)"],
    "exp(x) > -3": ["x > log(3)"], "exp(x) > 0": ["x > 0"],
    "exp(-x) > 3": ["x > -log(3)"], "-exp(x) > -3": ["x > log(3)"], "exp(2*x) > 3": ["x > log(3)"],
    "exp(x) > y": ["x > log(abs(y))"], "y*exp(x) > 1": ["x > -log(abs(y))"],
    "log(x) > 1": ["x > 3", "x > e + 1/10^50"], "log(abs(x)) > 1": ["x > e"], "log(x^2) > 2": ["x > e"],
    "y*log(x) > 1": ["x > exp(1/y)"], "log(x) > y": ["x >= exp(y)*(1 + 1/10^50)", "x > exp(-y)"],
    "-log(x) > y": ["x > exp(-y)"], "log(x) + log(y) > 2": ["x > exp(2)*y"], "log(x)^2 > 1": ["x > e"],
    "log(x)^2 > 2": ["2*x > exp(2)", "x > exp(2)"], "tanh(x)^2 > 1/2": ["2*x > atanh(1/2)"],
    "log(x)*log(y) > 2": ["log(x) > 2/log(y)"], "log(x) > 1/y": ["y*log(x) > 1"], "log(1 - x) > y": ["x > 1 - exp(y)"],
    "atan(x) > 2": ["x > tan(2)"], "atan(x) > -2": ["x > tan(-2)"], "atan(x) > y": ["x > tan(y)"],
    "asin(x) > 2": ["x > sin(2)"], "asin(x) > -3": ["x > sin(-3)"], "asin(x) > y": ["x > sin(y)"],
    "asin(x) > 1": ["x > sin(1) + 1/10^60"], "acos(x) > 1": ["x > cos(1)"], "erf(x) > 1": ["x > 0"],
    "erf(x) > 1/2": ["x > erfinv(0.51)"], "erfinv(x) > 1": ["x > erfinv(1/2)"], "tanh(x) > 2": ["x > 0"],
    "tanh(x) > 1/2": ["x > atanh(1/2)*1.0000000000000000000001"], "sigmoid(x) > 0.9": ["x > -log(9)"],
    "2^x > 5": ["x > log(2)/log(5)"], "(1/2)^x > 5": ["x > -log(5)/log(2) + 1/10^30"],
    "exp(x^2) > 3": ["x > sqrt(log(3))"],
    "exp(-1/x) > 3": ["x < -1/log(3)"], "exp(x) + exp(y) > 3": ["x > log(3) - y"],
    "exp(x)*exp(y) > 3": ["x > log(3) + y"], "exp(x) > exp(y) + 1": ["x > y + log(2)"],
    "sinh(x) > 1": ["x > asinh(1) + 1/10^40", "x > log(2)", "abs(x) > asinh(1)", "x > log(sqrt(2) - 1)"],
    "sinh(x) > -1": ["x > asinh(1)", "x > log(1 + sqrt(2))"], "exp(x) > 2 - sqrt(3)": ["x > log(2 + sqrt(3))"],
    "sinh(x) > y": ["x > log(abs(y))"], "cosh(x) > 2": ["x > acosh(2)", "abs(x) > acosh(2)*(1 + 1/10^50)"],
    "cosh(x) > 1/2": ["abs(x) > log(2)"], "cosh(x) > 1": ["x > 0"],
    "exp(2*x) - 2*exp(x) + 1 > 0": ["x > 0"], "exp(2*x) + 3*exp(x) + 2 > 0": ["x > 0"],
    "exp(2*x) - 3*exp(x) > -2": ["x > log(2)", "x < 0", "x > 0 and x < log(2)"],
    "y*exp(2*x) - 3*exp(x) + 2 > 0": ["x < 0 or x > log(2)"], "3*exp(x) - exp(2*x) > 2": ["x < 0 or x > log(2)"],
}  # fmt: skip


def holds(condition: str, at: dict[str, Fraction]) -> bool | None:
    with mp.workdps(60):
        names = {name: mp.mpf(value.numerator) / value.denominator for name, value in at.items()}
        try:
            found = eval(condition.replace("^", "**"), {**REFEREES, **names})
        except (ValueError, TypeError, ZeroDivisionError):  # of complex numbers there is no order
            return None
    return bool(found)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_increases_is_compared_by_what_it_is_of(one: str, other: str) -> None:
    for x, y in product(NUMBERS, NUMBERS[:4] if "y" in one else [Fraction(1)]):
        sides = [holds(condition, {"x": x, "y": y}) for condition in (one, other)]
        assert None in sides or sides[0] is sides[1], (x, y)
    for first, second in ((one, other), (other, one)):
        found = gc.check_derivative(f"if({first}, x^2, x)", "x", f"if({second}, 2*x, 1)")
        assert found.verdict in ("proved", "conditional"), found.reason  # the second may have no value


@pytest.mark.parametrize(("one", "other"), [(one, other) for one, others in OTHERS.items() for other in others])
def test_nothing_else_is(one: str, other: str) -> None:
    formula = prepare(parse(f"if({one}, x^2, x)"))
    names = sorted({"x", *free_names(formula)} - {"e", "pi"})
    derivative = our_derivative(formula, "x")
    claim = prepare(parse(f"if({other}, 2*x, 1)"))
    assert not prove_equal(Claimed(formula, derivative, claim, names, (), Studied("x", [formula, derivative])))


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("if(exp(x) > 3, x^2, x^2)", "if(x > log(3), 2*x, if(x < log(3), 2*x, 7))"),
        ("if(exp(x) > 3, x^2, x^2)", "2*x + if(exp(x) == 3, 1, 0)"),
        ("if(log(x) > 1, x^2, x^2)", "if(x == e, 0, 2*x)"),
        ("abs(exp(x) - 3)", "exp(x)*sign(x - log(3)) + if(x == log(4), 1, 0)"),
        ("sqrt((log(x) - 2)^2)", "sign(x - exp(-2))/x"),
        ("if(atan(x) > pi/2, x^2, x)", "2*x"),
    ],
)
def test_a_fault_at_the_end_is_seen(formula: str, claim: str) -> None:
    assert gc.check_derivative(formula, "x", claim).verdict == "wrong"


def test_where_it_is_the_end_the_derivative_is_told_of_both_sides() -> None:
    """At log(3), where both pieces are (x - log(3))^2 times a number, the slope is 0, which 1 is not."""
    formula = "(x - log(3))^2*if(exp(x) > 3, 2, 5)"
    claim = "(x - log(3))*if(x > log(3), 4, 10)"
    assert gc.check_derivative(formula, "x", claim).verdict == "proved"
    assert gc.check_derivative(formula, "x", f"{claim} + if(x == log(3), 1, 0)").verdict == "wrong"


def test_an_inverse_within_what_asks_for_it_comes_to_an_end() -> None:
    """Half a turn less what a sine is compared with has in it the arc whose sine that is."""
    further = "if(tanh(acos(x)) == tanh(acos(1)), x + 2, 0) + 0*asin((max(2*y, y/y) - 2)/2)"
    claim = f"sinc_derivative(1, log(x))/x + {further}"
    (claimed,) = statements(asserted("sinc(log(x))", "x", claim, None), ("x", "y"), ())
    assert not prove_by_summands(claimed, Work(10))  # at x = 1 it has a part x + 2 more
