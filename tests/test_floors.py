"""What floors of shifted and turned arguments are to each other, and to comparisons. The referee is arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest

import gradcalc as gc
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.language.formula import Call, children_first, free_names
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.laws import plain
from gradcalc.proofs.sides import Studied


def rounded(x: Fraction) -> int:
    return floor(x + Fraction(1, 2)) if x >= 0 else -floor(Fraction(1, 2) - x)


RIGHT = [
    ("if(ceil(x) == 2, x^2, x)", "if(x > 1 and x <= 2, 2*x, 1)", lambda x, _: x**2 if ceil(x) == 2 else x),
    ("if(floor(-x) == -2, x^2, x)", "if(x > 1 and x <= 2, 2*x, 1)", lambda x, _: x**2 if floor(-x) == -2 else x),
    ("if(round(x) == 2, x^2, x)", "if(x >= 3/2 and x < 5/2, 2*x, 1)", lambda x, _: x**2 if rounded(x) == 2 else x),
    ("if(round(x) >= 1, x, 2*x)", "if(x >= 1/2, 1, 2)", lambda x, _: x if rounded(x) >= 1 else 2 * x),
    ("round(x)*x", "floor(x + 1/2)", lambda x, _: rounded(x) * x),
    ("round(x)^2*x", "floor(x + 1/2)^2", lambda x, _: rounded(x) ** 2 * x),
    ("if(floor(x) < floor(y), x, 2*x)", "if(floor(x) + 1 <= floor(y), 1, 2)",
     lambda x, y: x if floor(x) < floor(y) else 2 * x),
]  # fmt: skip
HOSTILE = {
    "if(ceil(x) == 2, x^2, x)": ["if(x > 1 and x < 2, 2*x, 1) + if(x == 3/2, 1, 0)", "if(x >= 2 and x < 3, 2*x, 1)"],
    "if(floor(x) == 2, x^2, x)": ["if(x > 1 and x <= 2, 2*x, 1)"],
    "if(round(x) == 2, x^2, x)": ["if(x >= 1 and x < 2, 2*x, 1)",
                                  "if(x > 3/2 and x < 5/2, 2*x, 1) + if(x == 23/4, 1, 0)"],
    "round(x)*x": ["floor(x)", "ceil(x)", "floor(x + 1/2) + if(floor(x) == -137, 1, 0)", "floor(x + 1/2 + 1/10^30)",
                   "-floor(1/2 - x) + if(x == 0, 1, 0)", "floor(x + 3/4)",
                   "if(x - floor(x) < 1/2, floor(x), floor(x) + 1) + if(x - floor(x) == 1/4, 1, 0)"],
    "(x - round(x))^2": ["2*(x - floor(x + 1/2)) + if(x == 3, 1, 0)", "2*(x - floor(x))"],
    "ceil(x)*x": ["floor(x)", "floor(x) + 1 + if(x == 1/2, 1, 0)", "-floor(-x) + if(floor(x) == 41, 1, 0)"],
    "if(floor(x) < floor(y), x, 2*x)": ["if(floor(x) + 2 <= floor(y), 1, 2)", "if(floor(x) <= floor(y), 1, 2)",
                                        "if(x < y, 1, 2)"],
    "if(2*floor(x) < floor(y), x, 2*x)": ["if(2*floor(x) + 2 <= floor(y), 1, 2)"],
    "if(floor(x)/2 < floor(y), x, 2*x)": ["if(floor(x)/2 + 1 <= floor(y), 1, 2)"],
    "if(floor(x) < y, x, 2*x)": ["if(floor(x) + 1 <= y, 1, 2)"],
    "if(x < floor(y), x, 2*x)": ["if(x + 1 <= floor(y), 1, 2)"],
    "if(floor(x) + floor(y) > 0, x, 2*x)": ["if(floor(x) + floor(y) >= 2, 1, 2)", "if(floor(x + y) >= 1, 1, 2)"],
    "if(floor(x) > floor(y) and floor(y) > floor(z), x, 2*x)": ["if(floor(x) >= floor(z) + 3, 1, 2)",
                                                                "if(floor(x) >= floor(z) + 2, 1, 2)"],
    "if(floor(x) > floor(y) and floor(y) > z, x, 2*x)": ["if(floor(x) >= z + 2, 1, 2)"],
    "floor(2*x)*x": ["2*floor(x)", "floor(x) + floor(x + 1/3)"], "floor(x/2)*x": ["floor(x)/2"],
    "sqrt((floor(x) - 1/2)^2)*x": ["if(floor(x) >= 1, floor(x) - 1/2, 3/2 - floor(x))"],
}  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "of"), RIGHT)
def test_what_floors_are_to_each_other_is_shown(formula, claim, of):
    assert gc.check_derivative(formula, "x", claim).verdict == "proved"
    step = Fraction(1, 1000)  # no kink is so near to the points, and of degree 2 the quotient is exact
    for x in (Fraction(n, 8) + Fraction(1, 50) for n in range(-24, 25)):
        for y in (Fraction(-3, 2), Fraction(5, 4)) if "y" in formula else (Fraction(0),):
            slope = (of(x + step, y) - of(x - step, y)) / (2 * step)
            at = {"x": str(x), **({"y": str(y)} if "y" in formula else {})}
            assert gc.evaluate(claim, at) == pytest.approx(float(slope)), x


@pytest.mark.parametrize(("formula", "claim"), [(f, c) for f, claims in HOSTILE.items() for c in claims])
def test_nothing_else_is_shown_of_floors(formula, claim):
    prepared = prepare(parse(formula))
    derivative = our_derivative(prepared, "x")
    studied = Studied("x", [prepared, derivative])
    assert not prove_equal(Claimed(prepared, derivative, prepare(parse(claim)), [*free_names(prepared)], (), studied))


@pytest.mark.parametrize("share", [Fraction(n, m) for n in (1, -1) for m in (1, 2, 3, 7)])
@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 3), Fraction(-5, 2), Fraction(6, 7)])
def test_a_floor_within_a_floor_goes_where_that_changes_nothing(share: Fraction, start: Fraction) -> None:
    inner = "(2*x + 1/3)"
    joined = plain(parse(f"floor(({share})*floor{inner} + ({start}))"))
    assert sum(isinstance(node, Call) and node.function.name == "floor" for node in children_first(joined)) == 1
    for k in range(-90, 90):
        x = Fraction(k, 12)  # among them what is whole inside, and what comes to a whole share
        value = floor(share * floor(2 * x + Fraction(1, 3)) + start)
        assert rational_value(joined, {"x": number(x)}) == value


@pytest.mark.parametrize(("formula", "claim"), [
    ("mod(floor(x), 2)", "0"), ("x*mod(floor(x), 2)", "mod(floor(x), 2)"), ("x*mod(ceil(x), 2)", "mod(ceil(x), 2)"),
    ("if(mod(floor(x), 2) == 0, x, -x)", "if(mod(floor(x), 2) == 0, 1, -1)"),
    ("x*mod(floor(x), 3)", "mod(floor(x), 3)"), ("x*floor(floor(x)/2)", "floor(x/2)"),
])  # fmt: skip
def test_parity_is_proved(formula: str, claim: str) -> None:
    assert gc.check_derivative(formula, "x", claim).verdict == "proved"
    assert gc.check_derivative(formula, "x", f"{claim} + if(x == 137/2, 1, 0)").verdict == "wrong"
