"""What quantities come to beside a point on one side of it, told by exact algebra: by hand, and by mpmath near by."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from flint import arb
from mpmath import mp
from referee import value_in_mpmath

from gradcalc.engine.rewrite import prepare
from gradcalc.engine.switches import Interning
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators
from gradcalc.proofs.cells import Cell
from gradcalc.proofs.laws import plain
from gradcalc.proofs.limits import AtPoint, Undecided
from gradcalc.proofs.reading import Reader
from gradcalc.proofs.sides import Studied, _Point

INFINITE, OUTSIDE, OPEN = "infinite", "no value", None


def limit(text: str, direction: int) -> object:
    """The limit at x = 0 from one side: a number or a ball for it where y is 3/10, or what there is instead."""
    generators = Generators(frozenset("xy"))
    x = Reader(Cell(generators), Interning()).name("x").top
    point = _Point(Reader(Cell(generators).side(x, 0), Interning()), "x")
    formula = plain(prepare(parse(text)))
    try:
        side = point.side(Studied("x", [formula]), {x: direction}, direction)
    except (AtPoint, Undecided):
        return OPEN
    assert side is not None
    if side.ends:
        return OUTSIDE
    (found,) = side.values
    if found is None:
        return INFINITE
    at = generators.balls(found.generators(), {"x": arb(0), "y": arb(3) / 10})
    return generators.ball(found, at) if found.rational() is None else Fraction(str(found.rational()))


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        # powers outdo logarithms, and the higher power of one the lower
        ("x*log(x) + 2", 2, OUTSIDE), ("(x*log(x) + 1)/(2 + x)", "1/2", OUTSIDE), ("x/log(x)", 0, OUTSIDE),
        ("1/log(x)", 0, OUTSIDE), ("log(x)", INFINITE, OUTSIDE), ("log(x)/x", INFINITE, OUTSIDE),
        ("sqrt(x)*log(x)^3", 0, OUTSIDE), ("x^(pi - 3)*log(x)", 0, OUTSIDE), ("log(x)/x^(pi - 3)", INFINITE, OUTSIDE),
        ("x^(y^2 + 1)*log(x)", 0, OUTSIDE), ("x*(log(x) + y)", 0, OUTSIDE), ("x*(log(x)^2 + log(x) + y)", 0, OUTSIDE),
        ("(log(x) + y)^2", INFINITE, OUTSIDE), ("log(x)*(log(x) + 1)", INFINITE, OUTSIDE),
        ("x^2/(log(x) + 1)", 0, OUTSIDE), ("(x*log(x) + x)/log(x)", 0, OUTSIDE),
        ("(x*log(x) + x)/x", INFINITE, OUTSIDE),
        ("x*(sqrt(2)*log(x) + log(x)^2)", 0, OUTSIDE), ("x*log(x)/(x + 1)", 0, OUTSIDE), ("x*log(2*x)", 0, OUTSIDE),
        ("log(x)^3/log(x)^2", INFINITE, OUTSIDE), ("exp(pi*log(x)) + 2", 2, OUTSIDE),
        ("exp(-pi*log(x)) + 2", INFINITE, OUTSIDE),
        ("sqrt(x)*(x*log(x)^2 + log(x) + 1)", 0, OUTSIDE),
        ("sqrt(x)*(x*log(x)^2 + log(x) + 1)^2", 0, OUTSIDE),
        ("x*(x*log(x)^2 + log(x) + 1)/(log(x) + 1)", 0, OUTSIDE), ("sin(x)*exp(pi*log(x))", 0, OUTSIDE),
        # what a sum with logarithms comes to is not told where its highest power does not outdo the others
        ("sqrt(x)/(x*log(x)^2 + sin(x))", OPEN, OUTSIDE), ("(x*log(x)^2 + log(x) + 1)/log(x)", OPEN, OUTSIDE),
        ("(x*log(x)^2 + log(x) + 1)", OPEN, OUTSIDE),
        # but they are powers and logarithms of one quantity that goes to 0; these are of two
        ("x*log(sin(x))", OPEN, OUTSIDE), ("log(sin(x)) - log(x)", OPEN, OUTSIDE), ("log(x)*sin(x)", OPEN, OUTSIDE),
        ("(log(x) + 1)/(log(x) + 2)", OPEN, OUTSIDE),
        # powers among themselves
         ("sqrt(x)/x", INFINITE, OUTSIDE), ("sqrt(x^3)/x", 0, OUTSIDE), ("x^3/x^2", 0, 0),
        ("cbrt(x)^2/x", INFINITE, INFINITE), ("exp(log(x)/2)/sqrt(x)", 1, OUTSIDE), ("exp(2*log(x) + 1)", 0, OUTSIDE),
        ("sqrt(sin(x)/x^2)*sqrt(x)", 1, OUTSIDE), ("x^(pi - 3)/x^(1/10)", 0, OUTSIDE),
        ("x^(1/10)/x^(pi - 3)", INFINITE, OUTSIDE),
        # what increases to a bound
        ("atan(1/x)", "pi/2", "-pi/2"), ("tanh(log(x))", -1, OUTSIDE), ("erf(-1/x)", -1, 1), ("erf(1/x^2)", 1, 1),
        ("sin(1/x)", OPEN, OPEN), ("exp(-1/x)", OPEN, OPEN),
        # zeros over zeros
        ("sin(x)/x", 1, 1), ("(1 - cos(x))/x^2", "1/2", "1/2"), ("(exp(x) - 1 - x)/x^2", "1/2", "1/2"),
        ("(x - sin(x))/x^3", "1/6", "1/6"), ("(exp(x) - 1 - x - x^2/2)/x^3", "1/6", "1/6"), ("erf(x)^2/x", 0, 0),
        ("(exp(x) - 1 - x - x^2/2 - x^3/6)/x^4", OPEN, OPEN),
        ("sqrt(1 - cos(x))/x", "sqrt(1/2)", "-sqrt(1/2)"), ("sin(x)/sqrt(1 - cos(x))", "sqrt(2)", "-sqrt(2)"),
        ("sqrt(1 - cos(x))/sin(x)", "sqrt(1/2)", "-sqrt(1/2)"), ("sqrt(exp(x) - 1 - x)/x", "sqrt(1/2)", "-sqrt(1/2)"),
        ("x*sqrt(2)/sin(x)", "sqrt(2)", "sqrt(2)"),
        ("sin(x)/x^2", INFINITE, INFINITE), ("(1 - cos(x))/x^3", INFINITE, INFINITE),
        ("x*log(x)/sin(x)", INFINITE, OUTSIDE), ("x^2*log(x)/sin(x)", 0, OUTSIDE),
        ("x^3*log(x)/(x - sin(x))", INFINITE, OUTSIDE), ("x^2*log(x)/sqrt(1 - cos(x))", 0, OUTSIDE),
        # steps
        ("abs(x)/x", 1, -1), ("floor(x)", 0, -1), ("floor(x + 1)", 1, 0), ("ceil(x)", 1, 0), ("x*floor(1/2 + x)", 0, 0),
        ("floor(-x^2)", -1, -1), ("floor(1 - x)", 0, 1), ("floor(cos(x))", 0, 0), ("floor(5/2)", 2, 2),
        ("floor(x + y)", OPEN, OPEN),
    ],
)  # fmt: skip
def test_what_a_quantity_comes_to(text: str, right: object, left: object) -> None:
    for direction, told in ((1, right), (-1, left)):
        found = limit(text, direction)
        if told in (INFINITE, OUTSIDE, OPEN):
            assert found is told
        elif isinstance(found, Fraction):
            assert found == Fraction(str(told))
        else:
            assert isinstance(found, arb)
            assert abs(float(found) - value_in_mpmath(str(told), {"pi": mp.pi})) < 1e-14


PARTS = [
    *("x", "x^2", "sqrt(x)", "x^pi", "1/x", "1/sqrt(x)", "cbrt(x)", "abs(x)", "(x + 2)", "(sqrt(x) - x)", "1/(y + x)"),
    *("log(x)", "1/log(x)", "(log(x) + 1)", "(log(x)^2 - 3*log(x) + y)", "(y - log(x)^3)", "(x*log(x) + 1)"),
    *("sin(x)", "1/(exp(x) - 1)", "(cos(x) - 1)", "1/sqrt(1 - cos(x))", "(x - sin(x))", "erf(x)", "log(1 + x)"),
    *("atan(1/x)", "tanh(log(x))", "x^(y^2 + 1)", "floor(x)", "sign(x)", "(1 + ceil(x))"),
]


@pytest.mark.parametrize("seed", range(2))
def test_what_products_come_to_is_near_their_values_near_by(seed: int) -> None:
    random, told = Random(seed), Counter[str]()
    for _ in range(40):
        text = " + ".join(
            "*".join(random.choices(PARTS, k=random.choice((2, 2, 3)))) for _ in range(random.choice((1, 1, 2)))
        )
        direction = random.choice((1, 1, -1))
        found = limit(text, direction)
        told[str(found) if found in (INFINITE, OUTSIDE, OPEN) else "number"] += 1
        if found is OPEN:
            continue
        with mp.workdps(2500):
            try:
                near = value_in_mpmath(text, {"x": direction * mp.mpf(10) ** -300, "y": mp.mpf("0.3")})
            except (ValueError, ArithmeticError):
                near = None
            if found is OUTSIDE:
                assert near is None or isinstance(near, mp.mpc), text
            elif found is INFINITE:
                assert abs(near) > 500, text
            else:
                assert abs(near - mp.mpf(float(found))) < 0.02, text  # 1/log(x) is 0.0014
    assert told["number"] > 10


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("x", (1, 1)), ("-x", (1, -1)), ("x^2", (2, 1)), ("x^3", (3, 1)), ("sin(x) - x", (3, -1)),
        ("1 - exp(x)", (1, -1)), ("cos(x) - 1", (2, -1)), ("exp(x) - 1 - x", (2, 1)), ("sqrt(x^4)", (2, 1)),
        # what has one sign on the right and another on the left, as abs(x) and x*abs(x)
        ("sqrt(1 - cos(x))", (0, 0)), ("x*sqrt(1 - cos(x))", (0, 0)), ("x*atan(1/x)", (0, 0)), ("x^(4/3)", (0, 0)),
    ],
)  # fmt: skip
def test_the_first_derivative_that_is_not_zero(text: str, turn: tuple[int, int]) -> None:
    generators = Generators(frozenset("x"))
    beside = Reader(Cell(generators), Interning())
    at_0 = Reader(Cell(generators).side(beside.name("x").top, 0), Interning())
    assert _Point(at_0, "x").turn(beside.read(plain(prepare(parse(text)))).top, "x") == turn
