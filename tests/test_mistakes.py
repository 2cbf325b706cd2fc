"""The mistake that gives exactly the claim is named; where none does, nothing is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest
import sympy

import gradcalc as gc
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.claims.court import check_derivative
from gradcalc.judge.claims.derivation import ForwardRules
from gradcalc.judge.claims.mistakes import Hand, Trial, find_mistake
from gradcalc.judge.claims.repairs import repairs
from gradcalc.judge.claims.sieve import Sieve, WorkDone
from gradcalc.language.formula import Call, children_first
from gradcalc.language.functions import TABLE
from gradcalc.language.identity import ByIdentity
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.work import A_SECOND, Work

MISTAKES = [
    # chain rule
    ("sin(x^2)", "cos(x^2)", "chain", 5),
    ("exp(2*x)", "exp(2*x)", "chain", 5),
    ("log(3*x + 1)", "1/(3*x + 1)", "chain", 5),
    ("sin(2*x)", "cos(2*x)/2", "chain", 5),
    ("(x^2 + 1)^5", "5*(x^2 + 1)^4", "chain", 1),
    ("sqrt(1 - x^2)", "1/(2*sqrt(1 - x^2))", "chain", 6),
    ("x + tanh(exp(x))", "1 + 1 - tanh(exp(x))^2", "chain", 10),
    ("sin(x)^2", "2*sin(x)", "chain", 1),
    ("sin(x^2)", "cos(2*x)", "chain", 5),
    ("a*sin(w*x + p)", "a*cos(w*x + p)", "chain", 7),
    ("sin(x^3)", "3*x^2*cos(3*x^2)", "chain", 5),
    ("1/(1 + x^2)", "-1/(1 + x^2)^2", "chain", 3),
    ("sin(x)^3", "cos(x)^3", "chain", 1),
    ("sin(2*x) + cos(3*x)", "cos(2*x) - sin(3*x)", "chain", 16),
    # a function taken for another
    ("tan(x)", "-1/sin(x)^2", "function", 1),
    ("tan(x)", "-csc(x)^2", "function", 1),
    ("tanh(2*x)", "2/cos(2*x)^2", "function", 1),
    # signs
    ("cos(x)", "sin(x)", "sign", None),
    ("x^2 + cos(x)", "2*x + sin(x)", "sign", 7),
    ("x^3 - x^2", "3*x^2 + 2*x", "sign", 7),
    ("-exp(-x)", "-exp(-x)", "chain", 6),
    # products and quotients
    ("x^2*sin(x)", "2*x*sin(x)", "product", 1),
    ("x^2*sin(x)", "x^2*cos(x)", "product", 1),
    ("x^2*sin(x)", "2*x*cos(x)", "product", 1),
    ("x^2*sin(x)", "2*x*sin(x) - x^2*cos(x)", "sign", 5),
    ("5 + x*exp(x)", "exp(x)", "product", 5),
    ("sin(x)/x", "(sin(x) - x*cos(x))/x^2", "quotient", 1),
    ("sin(x)/x", "(x*cos(x) - sin(x))/x", "quotient", 1),
    ("sin(x)/x", "(x*cos(x) + sin(x))/x^2", "quotient", 1),
    ("sin(x)/x", "x*cos(x) - sin(x)", "quotient", 1),
    ("sin(x)/x", "cos(x)", "quotient", 1),
    ("exp(x)/(x^2 + 1)", "exp(x)/(2*x)", "quotient", 1),
    ("1/(x^2 + 1)", "-2*x/(x^2 + 1)", "quotient", 1),
    ("(x^2 + 1)/(x - 1)", "2*x/(x - 1)", "quotient", 11),
    ("x*sqrt(x + 1)", "sqrt(x + 1) + 1/(2*sqrt(x + 1))", "product", 1),
    # powers
    ("x^3", "3*x^3", "power", 1),
    ("tan(2*x)", "2*sec(2*x)", "power", None),
    ("cot(x)", "-csc(x)", "power", None),
    ("x^3", "x^2", "power", 1),
    ("x^3", "2*x^2", "power", 1),
    ("x^5", "5*x^6", "power", 1),
    ("x^5", "5*x^3", "power", 1),
    ("x^(1/2)", "x^(-1/2)", "power", 1),
    ("1 + 2^x", "2^x", "power", 5),
    ("2^x", "x*2^(x - 1)", "power", 1),
    ("3^(2*x)", "2*3^(2*x)", "power", 1),
    ("a^x", "x*a^(x - 1)", "power", 1),
    ("x^x", "x*x^(x - 1)", "power", 1),
    ("x^5 - x^3", "x^4 - x^2", "power", 7),
    # constants
    ("x^2 + 5", "2*x + 5", "constant", 7),
    ("5 - x^2", "5 - 2*x", "constant", 1),
    ("x^2 + 5", "2*x + 1", "constant", 7),
    ("pi^2 + x", "2*pi + 1", "constant", 1),
    ("sqrt(x^2 + y^2)", "(x + y)/sqrt(x^2 + y^2)", "constant", 12),
    ("sin(x)", "cos(x) + 3", "constant", None),
    ("x^2 + 3*x", "2*x + 3*x", "term", 7),
    ("3*x^2", "2*x", "constant", 1),
    ("a*x^2", "2*x", "constant", 1),
    ("sin(x)/4", "cos(x)", "constant", 8),
    # another function, logarithms to a base, angles
    ("log10(x)", "1/x", "function", 1),
    ("log(x)", "1/(x*log(10))", "function", 1),
    ("sinh(x) + x", "cos(x) + 1", "function", 1),
    ("asin(x)", "1/(1 + x^2)", "function", 1),
    ("sin(3*x)", "3*exp(3*x)", "function", 1),
    ("log(x^2 + 1)", "2*x*cos(x^2 + 1)", "function", 1),
    ("sin(x)", "pi/180*cos(x)", "angle", 1),
    ("sin(x)", "cos(x*pi/180)", "angle", 1),
    ("x + sin(x)", "1 + pi/180*cos(pi*x/180)", "angle", 5),
    # a factor, a coefficient
    ("sqrt(x)", "1/sqrt(x)", "factor", 1),
    ("sqrt(x)", "sqrt(x)/2", "factor", 1),
    ("tanh(x)", "1 + tanh(x)^2", "factor", 1),
    ("acos(x)", "-1/(1 - x^2)", "factor", 1),
    ("sin(pi*x)", "3.14159265*cos(pi*x)", "coefficient", None),
    ("3*x^2", "6.1*x", "coefficient", None),
    ("x^3 + 2*x^2", "3*x^2 + 5*x", "coefficient", 7),
    ("sin(x)", "1.0000001*cos(x)", "coefficient", None),
    # variables, integrals, orders
    ("x*y^2", "2*x*y", "variable", None),
    ("x^2 + y^2", "2*x + 2*y", "constant", 7),
    ("x^2", "x^3/3", "integral", None),
    ("1/x", "log(x)", "integral", None),
    ("x*cos(x)", "x*sin(x) + cos(x)", "sign", 3),
    ("x^2*exp(x)", "(x^2 - 2*x + 2)*exp(x)", "integral", None),
    ("x*cos(x)", "x*cos(x)", "order", None),
    ("x^4", "12*x^2", "order", None),
    # the square of a claim, a claim of one number
    ("tan(x)", "sec(x)", "power", None),
    ("x + tanh(x) - x", "1/cosh(x)", "power", None),
    ("x^2", "1", "constant", None),
    ("x*y", "3", "constant", None),
]


@pytest.mark.parametrize(("formula", "claim", "kind", "column"), MISTAKES)
def test_the_mistake_is_named_with_its_place(formula, claim, kind, column):
    check = check_derivative(formula, "x", claim)
    assert check.verdict == "wrong"
    assert check.mistake is not None
    assert (check.mistake.kind, check.mistake.column) == (kind, column), check.hint


SLIPS = [  # of the pen, the kind of each, and the claim as it was meant
    ("log(x^2 + 1)", "2*x/x^2 + 1", "parentheses", "2*x/(x^2 + 1)"),
    ("x/(x^2 + 1)", "1/x^2 + 1 - 2*x^2/(x^2 + 1)^2", "parentheses", "1/(x^2 + 1) - 2*x^2/(x^2 + 1)^2"),
    ("1/(x + 1)", "-1/x + 1^2", "parentheses", "-1/(x + 1)^2"),
    ("(x + 1)^2", "2*x + 1", "parentheses", "2*(x + 1)"),
    ("exp(x*y)", "y*e^x*y", "parentheses", "y*e^(x*y)"),
    ("exp(2*x)", "2*exp(2)*x", "parentheses", "2*exp(2*x)"),
    ("sqrt(x^2 + 1)", "x/sqrt(x^2) + 1", "parentheses", "x/sqrt(x^2 + 1)"),
    ("tan(x^2)", "2*x*sec(x^2)", "power", "2*x*sec(x^2)^2"),
    ("a*exp(-x)", "-a*exp(-x)^2", "power", "-a*exp(-x)"),
    ("cos(x)", "-sinh(x)", "function", "-sin(x)"),
    ("tan(x)", "1/cosh(x)^2", "function", "1/cos(x)^2"),
    ("x*tan(x^2)", "tan(x^2) + 2*x^2/cosh(x^2)^2", "function", "tan(x^2) + 2*x^2/cos(x^2)^2"),
    ("x*cosh(x)", "cos(x) + x*sin(x)", "function", "cosh(x) + x*sinh(x)"),
    ("1/(1 + exp(-x))", "exp(-x)/(1 + exp(-x))^2^2", "power", "exp(-x)/(1 + exp(-x))^2"),
]


@pytest.mark.parametrize(("formula", "claim", "kind", "meant"), SLIPS)
def test_a_slip_of_the_pen_is_mended(formula, claim, kind, meant):
    mistake = check_derivative(formula, "x", claim).mistake
    assert mistake.kind == kind
    assert mistake.text.endswith(f": {meant} is right")
    expected = sympy.diff(sympy.sympify(formula.replace("^", "**")), "x")
    assert sympy.simplify(expected - sympy.sympify(meant.replace("^", "**").replace("e**", "E**"))) == 0


def test_nobody_takes_a_corner_for_a_smooth_function() -> None:
    check = check_derivative("log(abs(x))", "x", "sign(x)/abs(x^2)")
    assert check.hint == "the square of x is too much: sign(x)/abs(x) is right"


@pytest.mark.parametrize(
    ("claim", "meant"),
    [
        ("a/b*c", ["a/(b*c)", "(a/b)^2*c", "(a/b*c)^2"]),
        ("a - b - c", ["a - (b - c)", "(a - b)^2 - c", "(a - b - c)^2"]),
        ("x^2", ["x"]),
        ("x^3", []),
        ("a + b^2", ["(a + b)^2", "a + b", "(a + b^2)^2"]),
        ("2*log(a) + b", ["2*(log(a) + b)", "2*log(a + b)", "2*log(a)^2 + b", "(2*log(a))^2 + b", "(2*log(a) + b)^2"]),
        ("sin(x)^2", ["sin(x^2)", "sin(x)", "sinh(x)^2"]),
        ("if(y^2 > 0, x^2, y)", ["if(y^2 > 0, x, y)", "if(y^2 > 0, x^2, y)^2"]),
        ("tan(sinh(x))", ["tan(sinh(x)^2)", "tan(sinh(x))^2", "tan(sin(x))", "tanh(sinh(x))", "tanh(sin(x))"]),
    ],
)
def test_every_slip_there_may_be_in_a_claim(claim: str, meant: list[str]) -> None:
    assert [str(mended) for _, _, mended in repairs(parse(claim))] == meant


def test_a_long_claim_is_not_searched_for_slips():
    claim = parse("+".join(f"{k}*x^{k - 1}" for k in range(1, 30)))
    assert not any(repairs(claim))
    assert not any(repairs(parse("x")))


@pytest.mark.parametrize(("formula", "claim"), [(formula, claim) for formula, claim, *_ in MISTAKES[::3]])
def test_what_is_told_at_one_fault_is_what_every_candidate_written_out_tells(formula, claim, monkeypatch):
    found = check_derivative(formula, "x", claim).mistake
    monkeypatch.setattr(Sieve, "passes", lambda *_: True)
    assert check_derivative(formula, "x", claim).mistake == found


def test_nothing_is_a_claim_that_has_no_fault():
    assert not Sieve(iter(()), parse("x"), cast(Any, None), Work(1)).passes(parse("x"))


AT = [{"x": "3/4", "y": "3"}, {"x": "3/2", "y": "-2"}, {"x": "-2", "y": "1/3"}, {"x": "5", "y": "7/3"}]


def sieve_of(formula: str, claim: str, work: float = 5) -> tuple[Sieve, Call]:
    """What is known of a claim at its faults; and the call of the sine in the formula."""
    rules = ForwardRules(prepare(parse(formula)), "x")
    at = [{name: number(Fraction(value)) for name, value in place.items()} for place in AT]
    trial = Trial(prepare(parse(claim)), at, Work(5))
    trial.against(rules.truth)
    sieve = Sieve(trial.faults(), prepare(parse(claim)), rules, Work(work))
    return sieve, next(n for n in rules.nodes if n.function.name == "sin")


def test_what_cannot_be_the_claim_is_told_by_its_values_at_faults() -> None:
    sieve, sine = sieve_of("sin(x^2)*y", "cos(x^2)*y")
    assert [sieve.passes(parse(text)) for text in ("y*cos(x^2)", "cos(x)", "-y*cos(x^2)", "log(-x^2)")] == [
        True, False, False, False]  # fmt: skip
    (u,) = sine.args
    assert [sieve.fits(sine, text, {"u": u}) for text in ("cos(u)", "sin(u)", "log(-u)")] == [True, False, False]
    assert not sieve.fits(sine, "cos(u)", {"u": parse("log(-x^2)")})
    with pytest.raises(WorkDone):  # with no work left, nothing is told
        sieve_of("sin(x^2)*y", "cos(x^2)*y", 0)[0].passes(parse("x"))


@pytest.mark.parametrize(
    ("claim", "alone", "added"),
    [("sin(x^2)", True, False), ("sin(x^2) + 2*x*cos(x^2)*y", False, True), ("cos(x^2)*y", False, False)],
)
def test_whether_a_claim_may_be_by_another_name(claim: str, alone: bool, added: bool) -> None:
    sieve, _ = sieve_of("sin(x^2)*y", claim)
    assert (sieve.is_by("y"), sieve.is_by("y", added=True)) == (alone, added)
    assert not sieve.is_by("x")
    assert not sieve.is_by("z")


def test_whether_a_claim_may_come_of_a_number_times_a_part() -> None:
    sieve, sine = sieve_of("sin(x^2)*y", "10*x*cos(x^2)*y")
    parts = ("2*x*cos(x^2)", "x*cos(x^2)", "cos(x^2)", "0*x", "log(-x^2)")
    assert [sieve.scales(sine, parse(part)) for part in parts] == [True, True, False, False, False]
    with pytest.raises(WorkDone):
        sieve_of("sin(x^2)*y", "10*x*cos(x^2)*y", 0)[0].scales(sine, parse("cos(x^2)"))


def test_whether_a_formula_may_be_the_derivative_of_another_that_is_not_made() -> None:
    second = "2*cos(x^2)*y - 4*x^2*sin(x^2)*y"
    for claim, may in ((second, True), ("x", False), ("2*cos(x^2)*y", False)):
        sieve, _ = sieve_of("sin(x^2)*y", claim)
        assert sieve.is_slope(sieve.derivation.truth) is may
    of = ("2*x*y", "x*y", "log(-x^2)")
    assert [sieve.is_slope(parse("x^2*y"), parse(each)) for each in of] == [True, False, True]
    assert [sieve.is_slope(parse("x"), parse(each)) for each in ("1", "x")] == [True, False]
    assert sieve.is_slope(parse("abs(x)"), parse("7"))  # of a kink nothing is told
    assert sieve.is_slope(parse("y"), parse("7"))


@pytest.mark.parametrize(
    ("claim", "may"),
    [
        ("sin(x^2)*exp(y)", True),  # the derivative by y alone
        ("2*x*cos(x^2)*exp(y) + sin(x^2)*exp(y)", True),
        ("cos(x^2)*exp(y)", False),
    ],
)
def test_whether_a_claim_may_come_of_a_constant_that_was_differentiated(claim: str, may: bool) -> None:
    sieve, _ = sieve_of("sin(x^2)*exp(y)", claim)
    (held,) = (n for n in children_first(sieve.derivation.root) if isinstance(n, Call) and n.function.name == "exp")
    assert sieve.adds(held, held) is may
    assert sieve.adds(held, parse("log(-x^2)"))  # what has no value tells nothing


def test_whether_a_claim_may_come_of_several_broken_rules() -> None:
    for claim, both, inner in (("y*sin(x^2)", True, False), ("x*y*cos(x^2)", False, True), ("x", False, False)):
        sieve, sine = sieve_of("sin(x^2)*y", claim)
        (square,) = (n for n in sieve.derivation.nodes if n.function.name == "^")
        assert sieve.comes_of(ByIdentity([(sine, sine), (square, parse("x"))])) is both
        assert sieve.comes_of(ByIdentity([(square, parse("x"))])) is inner
        assert not sieve.comes_of(ByIdentity([(square, parse("log(-x^2)"))]))
    sieve, sine = sieve_of("sin(if(x > 0, x^2, x))", "7*x")
    assert sieve.comes_of(ByIdentity())  # a choice is no rule's
    assert sieve_of("if(x > 0, sin(x^2), x)", "7*x")[0].comes_of(ByIdentity())


def test_of_a_branch_that_is_not_taken_at_a_fault_nothing_is_told() -> None:
    sieve, sine = sieve_of("if(x > 0, y*sin(log(x)), y)", "if(x > 0, y*cos(log(x))/x, 7)")
    assert sieve.fits(sine, "u", {"u": parse("x")})


def test_whether_a_mended_claim_may_be_the_derivative() -> None:
    sieve, _ = sieve_of("sin(x^2)*y", "2*x*cos(x)*y")
    mended = ("2*x*cos(x^2)*y", "2*x*cos(x^3)*y", "log(-x^2)")
    assert [sieve.mends(parse(each)) for each in mended] == [True, False, True]


def test_which_functions_may_stand_in_the_place_of_another() -> None:
    sieve, sine = sieve_of("sin(x^2)*y", "2*x*exp(x^2)*y")
    (u,) = sine.args
    near = sieve.wanted(sine, u, parse("2*x"))
    names = ("exp", "sin", "cos", "sqrt", "log", "gamma", "acosh")
    assert [name for name in names if near(TABLE[name])] == ["exp"]
    anything = sieve.wanted(sine, parse("log(-x^2)"), parse("2*x"))
    assert anything(TABLE["exp"])
    assert not anything(TABLE["cos"])  # with which the claim is not written
    without_a_fault = Sieve(iter(()), parse("sin(x)"), sieve.derivation, Work(1))
    assert without_a_fault.wanted(sine, u, parse("2*x"))(TABLE["cos"])


def test_the_texts_say_what_to_do():
    def hint(formula, claim):
        return check_derivative(formula, "x", claim).hint

    assert hint("sin(x^2)", "cos(x^2)") == ("chain rule: the inner derivative is missing: multiply by d/dx (x^2) = 2*x")
    assert hint("sin(x^2) + cos(3*x)", "cos(x^2) - 3*sin(3*x)") == (
        "chain rule: the inner derivative of `x^2` (column 5) is missing: multiply by d/dx (x^2) = 2*x"
    )
    assert hint("x^2*sin(x)", "2*x*sin(x)") == (
        "product rule: the term x^2 * d/dx (sin(x)) is missing in the derivative of `x^2*sin(x)` (column 1)"
    )
    assert hint("x*y^2", "2*x*y") == "that is the derivative with respect to y"
    of_e = [check_derivative("sin(x*e)", "x", "x*cos(x*e)", at).hint for at in (None, {"x": 1, "e": 3})]
    assert ["respect to e" in told for told in of_e] == [False, True]
    twice = check_derivative("atan2(x, 1)", "x", "-4*x/(1 + x^2)^2", order=2)  # whose branches meet at x=500/309
    assert twice.hint == "that is 2 times the derivative"
    second = [check_derivative("x^3*y^2", "x", claim, order=2).hint for claim in ("2*x^3", "6*x*y^2 + 2*x^3")]
    assert second == ["that is the derivative with respect to y",
                      "the derivative with respect to y is added: y is a constant here"]  # fmt: skip
    assert hint("1/x", "1/x^2") == "the sign is flipped"
    assert hint("x^3", "3") == "the factor x^2 is missing in the derivative of `x^3` (column 1)"
    assert hint("sin(x^x)", "cos(x^x)") == (
        "chain rule: the inner derivative is missing: multiply by d/dx (x^x) = x*x^(x - 1) + x^x*log(x)"
    )
    assert hint("cos(x)", "sin(x)") == "the sign is flipped; it is also an integral of cos(x)"
    assert hint("x^2 + 5", "2*x + 5") == "the constant `5` (column 7) is kept: its derivative is 0"
    assert hint("x^3 + 2*x^2", "3*x^2 + 5*x") == "the derivative of `2*x^2` (column 7) is off by a factor 1.25"
    assert hint("sin(x)", "cos(x)*(1 + 1e-12)") == "that is (1 + 1e-12) times the derivative"
    assert hint("x^2", "2*x*1e-300/3") == "that is about 3.333333333e-301 times the derivative"
    assert hint("1 + 2^x", "2^x") == (
        "power rule: the exponent of `2^x` (column 5) varies, the factor log(2) is missing: d/dx (2^x) = 2^x*log(2)"
    )
    assert hint("2^x", "x*2^(x - 1)") == (
        "power rule: it holds for a constant exponent, that of `2^x` (column 1) varies: d/dx (2^x) = 2^x*log(2)"
    )
    assert hint("sin(2*x) + cos(3*x)", "cos(2*x) - sin(3*x)").endswith("; the same in 1 more place")


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("sin(x)", "cos(x) + x"),
        ("x^2", "2*x + sin(x)"),
        ("exp(x)*x", "x^2 + 7"),
        ("tan(x)", "1 + x^2 + x^4"),
        ("max(x, y)", "0"),
        ("exp(-1e6*x^2)", "0"),
        ("abs(x)*abs(y)", "y"),
        ("x", "10^(10^10)"),
    ],
)
def test_where_nothing_matches_nothing_is_said(formula, claim):
    check = check_derivative(formula, "x", claim)
    assert check.verdict == "wrong"
    assert check.hint == ""
    assert check.mistake is None


def test_a_right_claim_has_no_mistake():
    assert check_derivative("x^3*sin(x)", "x", "3*x^2*sin(x) + x^3*cos(x)").mistake is None


def test_a_constant_of_integration_and_a_factor_left_out():
    added = check_derivative("sin(x^2)", "x", "2*x*cos(x^2) + C").hint
    assert added == "C is added, as to an integral: a derivative has no such constant"
    copied = check_derivative("s*tanh(2)", "s", "s").hint
    assert copied == "`s` (column 1) is copied, not differentiated, and the constant tanh(2) is lost"


@pytest.mark.parametrize(
    ("formula", "term"),
    [("x + 1e-50*sin(1e50*x)", "1e-50*sin(1e50*x)"), ("x + 1e-80*sin(1e40*x)", "1e-80*sin(1e40*x)")],
)
def test_what_differs_by_less_than_is_seen_at_few_bits_is_not_told_as_the_mistake(formula: str, term: str) -> None:
    """Divided by the inner derivative it would be 1 + 1e-100*cos(1e50*x), which is not the claim."""
    hint = check_derivative(formula, "x", "1").hint
    assert hint.startswith(f"the term with the derivative of `{term}` (column ")
    assert hint.endswith("is missing")


@pytest.mark.parametrize(
    ("formula", "mistake"),
    [
        ("sin(2*x) + x^2", "cos(2*x) + 2*x"),
        ("x*y", "x"),
        ("x^2", "4*x"),
        ("x^2", "2*x + 3"),
        ("x^2 + sin(x)", "6*x + cos(x)"),
        ("x^2", "x^3/3"),  # an integral
        ("x^4", "x^(3/2)"),  # whose square is a fourth of the derivative
    ],
)
def test_a_factor_or_a_constant_that_is_named_exactly_is_the_claim_to_many_bits(formula: str, mistake: str) -> None:
    assert check_derivative(formula, "x", mistake).hint
    assert not check_derivative(formula, "x", f"({mistake})*(1 + 10^-200)").hint


def test_a_mistake_that_is_made_at_every_component_is_told_at_every_one() -> None:
    def rastrigin(x: Any) -> Any:
        return 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * np.pi * x))

    found = gc.check_gradient(rastrigin, lambda x: x + 20 * np.pi * np.sin(2 * np.pi * x), np.array([0.3, -0.8, 1.2]))
    assert found.verdict == "wrong"
    hints = {row.what: row.hint.partition(";")[0] for row in found.findings}
    assert hints == {
        f"x[{i}]": f"power rule: the factor 2 is missing in the derivative of `x[{i}]^2`" for i in range(3)
    }


def test_a_search_ends_where_its_work_does() -> None:
    x = gc.parse("x + " + " + ".join(f"sin({k}*x)*cos(x/{k})" for k in range(1, 9)))
    places = [{"x": 0.3 + k / 7} for k in range(6)]
    hand = Hand(Work(100 / A_SECOND))
    assert find_mistake(x, "x", gc.parse("exp(x) + erf(x)"), places, hand=hand) is None
    assert hand.work.done < 1000


def test_no_mistake_in_a_rule_is_told_of_a_sum_without_a_term() -> None:
    found = gc.check_derivative("sum(x*k, k=1..n)", "x", "n*(n + 1)/2 + if(n == 0, 1, 0)")  # 1 for n = 0, where it is 0
    assert found.verdict.value == "wrong"
    assert found.mistake is None
    assert found.notes == ("it is right for n=1, n=2, ..., n=12",)
    found = gc.check_derivative("sum(x*k, k=1..n) + sum(x*k, k=-2..n)", "x", "n*(n + 1) - 3")
    assert (found.verdict.value, found.mistake) == ("conditional", None)  # -1 for n = -2, where it is -2
    assert found.conditions == ("n >= 0",)
    assert found.reason == "proved there; whether elsewhere too was not decided"  # it is right for n = -1


@pytest.mark.parametrize(
    ("formula", "claim", "hint"),
    [
        ("x^3", "3*x^2 + 1e-500", ""),  # 3*x^(2 + 1e-500) is not right, either
        ("x^3", "3*x^2 + 1e-5000", ""),
        ("tan(x)", "1/cos(x)*(1 + 1e-60)", "about (1 - 2e-60) times the square of the claim"),
        ("tan(x)", "1/cos(x)", "1/cos(x)^2 is right"),
        ("sin(x)", "-cos(x)*(1 + 1e-60)", "about -1 times the derivative"),
        ("log(3*x)", "1/(3*x)*(1 + 1e-70)", "that is about 0.3333333333 times the derivative"),
        ("x^3", "3*x^2*(1 + 1e-9)", "that is (1 + 1e-09) times the derivative"),
        ("x^3", "3*x^2*(1 + 1/300000000)", "that is about (1 + 3.33e-09) times the derivative"),
        ("x^3", "x^2*3*pi", "that is about 3.141592654 times the derivative"),
        ("x^2", "2*x + sqrt(2)", "that is the derivative plus about 1.414213562"),
    ],
)
def test_what_is_said_to_be_right_is_so_beyond_the_digits_that_are_looked_at(formula, claim, hint):
    found = check_derivative(formula, "x", claim).hint
    assert found.endswith(hint) if hint else not found
