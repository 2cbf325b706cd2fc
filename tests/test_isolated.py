"""Points that an equation defines and no closed form names: their referee is mpmath's `findroot`."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mpmath
import pytest

import gradcalc as gc
from gradcalc.engine.lowering import constant_value
from gradcalc.engine.scalars import BALL, precision
from gradcalc.language.formula import expression
from gradcalc.language.parser import parse
from gradcalc.proofs.exact import ExactPoint
from gradcalc.proofs.isolated import isolated


def roots_of(equation, name="x", **others):
    return list(isolated(parse(equation), name, {key: parse(value) for key, value in others.items()}))


@pytest.mark.parametrize(
    ("equation", "residue", "near"),
    [
        ("cos(x) == x", lambda x: mpmath.cos(x) - x, [0.739]),
        ("x^3 - x == 0.001", lambda x: x**3 - x - mpmath.mpf("0.001"), [-0.0010001, -0.9995, 1.0005]),
        ("exp(x) == 3 - x", lambda x: mpmath.exp(x) - 3 + x, [0.792]),
        ("tan(x) == x", lambda x: mpmath.tan(x) - x, [4.493, -4.493, 7.725, -7.725]),
        ("gamma(x) == 5", lambda x: mpmath.gamma(x) - 5, [0.18, 3.85]),
        ("abs(x^3 - 2) == sin(x)", lambda x: abs(x**3 - 2) - mpmath.sin(x), [1.04, 1.44]),
    ],
)
def test_a_root_is_enclosed_to_any_precision(equation, residue, near):
    found = roots_of(equation)
    with mpmath.workdps(330):
        wanted = [mpmath.findroot(residue, x) for x in near]
        for bits in (64, 1000):
            with precision(bits):
                balls = [constant_value(root, BALL) for root in found]
            assert all(ball.rel_accuracy_bits() > bits - 20 for ball in balls)
            for x in wanted:
                assert sum(abs(mpmath.mpf(ball.str(320, radius=False)) - x) < 2.0 ** (20 - bits) for ball in balls) == 1


@pytest.mark.parametrize("equation", ["exp(x) == x", "floor(x) == 2", "x == x", "1/x == 0", "log(-1 - x^2) == x"])
def test_without_a_root_there_is_no_point(equation):
    assert roots_of(equation) == []


def test_what_the_equation_says_is_known_exactly_at_its_root():
    (root,) = roots_of("cos(x) == y*x", y="1")
    point = ExactPoint({"x": root, "y": parse("1")})
    told = {"cos(x) - x": {0}, "x^2 - y*cos(x)^2": {0}, "x - 7/10": {1}, "cos(2*x) - 2*x^2 + 1": {0}}
    assert {text: point.signs(parse(text)) for text in told} == told
    assert point.signs(parse("acos(x) - x")) == {-1, 0, 1}  # it is 0, which nothing that is known says
    assert expression(root) == "root of cos(x) = y*x near 0.7390851332"


@pytest.mark.parametrize(
    ("formula", "claim", "order", "near"),
    [
        ("x^3", "if(cos(x) == x, 0, 3*x^2)", 1, 0.7390851332),
        ("x^2", "2*x*sign(x^5 - x - 1)^2", 1, 1.167303978),
        ("x^2", "if((cos(x) - x)^2 == 0, 0, 2*x)", 1, 0.7390851332),  # a double root
        ("x^2", "if(x^3 - x == 0.001 and x > 1/2, 0, 2*x)", 1, 1.000499625),
        ("x^2", "if(exp(x) == 3 - x, 2*x + 1e-60, 2*x)", 1, 0.7920599684),
        ("x^2", "2*x*(ceil(x^5 - x + 1/3) - floor(x^5 - x + 1/3))", 1, -1.204762997),
        ("x^3", "if(cos(x) != x, 6*x, 1)", 2, 0.7390851332),
        ("(cos(x) - x)*abs(cos(x) - x)", "if(cos(x) == x, 5, -2*abs(cos(x) - x)*(sin(x) + 1))", 1, 0.7390851332),
        ("if(cos(x) == x, cos(x)^2, x^2)", "if(cos(x) == x, 2*cos(x) + 1, 2*x)", 1, 0.7390851332),
        ("x^2*y", "if(cos(x) == x, 0, 2*x*y)", 1, 0.7390851332),
    ],
)
def test_a_claim_that_is_wrong_at_one_root_is_refuted_there(formula, claim, order, near):
    found = gc.check_derivative(formula, "x", claim, order=order)
    assert found.verdict == "wrong"
    assert float(gc.evaluate(found.counterexample.at["x"])) == pytest.approx(near, rel=1e-9)
    assert found.counterexample.data()["at"]["x"].startswith("root of ")


@pytest.mark.parametrize(
    ("formula", "claim", "verdict"),
    [
        ("x^2", "if(x^5 - x == 1, 2*(x^5 - 1), 2*x)", "proved"),
        ("(cos(x) - x)*abs(cos(x) - x)", "if(cos(x) == x, 0, -2*abs(cos(x) - x)*(sin(x) + 1))", "proved"),
        ("if(cos(x) == x, 3, x^2)", "2*x", "proved"),  # it jumps there
        ("x^2", "if(cos(x) == x, 2*acos(x), 2*x)", "agrees"),
        ("x^2", "if(cos(x) == x, if(acos(x) == x, 2*x, 0), 2*x)", "agrees"),
        ("x^2", "if(exp(x) == x, 0, 2*x)", "proved"),  # there is no such point
    ],
)
def test_a_claim_that_is_right_at_the_roots_is_not_accused(formula, claim, verdict):
    found = gc.check_derivative(formula, "x", claim)
    assert found.verdict == verdict
    if verdict == "agrees":
        assert found.reason.startswith("the difference of the two was not shown to be zero where ")


_SIDES = ("cos(x)", "exp(x)", "x^3 - x", "x^5 + x", "sin(x)/2 - x", "x*exp(x)", "atan(x) + x", "cosh(x) - 2")


@pytest.mark.parametrize("seed", range(6))
def test_drawn_equations(seed):
    rng = random.Random(seed)
    left, right = rng.sample(_SIDES, 2)
    level = Fraction(rng.randint(1, 40), 17)
    equation = f"{left} == {right} + {level}"
    truth = rng.choice(("2*x", "exp(x)", "cos(x)"))
    formula = {"2*x": "x^2", "exp(x)": "exp(x)", "cos(x)": "sin(x)"}[truth]
    right_claim = f"if({equation}, {truth}, {truth})"
    wrong_claim = f"if({equation}, {truth} + 1/{10 ** rng.randint(0, 50)}, {truth})"
    assert gc.check_derivative(formula, "x", right_claim).verdict == "proved"
    found = gc.check_derivative(formula, "x", wrong_claim)
    if found.verdict == "agrees":  # there may be no root
        assert not roots_of(equation)
    else:
        at = gc.evaluate(found.counterexample.at["x"])
        residue = eval(f"{left} - ({right}) - {level}".replace("^", "**"), {**vars(math), "x": float(at)})
        assert found.verdict == "wrong"
        assert abs(residue) < 1e-9
