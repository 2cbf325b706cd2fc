"""Exact algebra at its limits: what is too large, or has no value, is said to be; nothing is concluded from it."""

from __future__ import annotations

import pytest

from gradcalc.certified.rows import oscillates
from gradcalc.engine.rationals import Known
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import NoValue, Ratio, TooLarge, factors, generator, polynomial, power, times
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.exact import decisions, on_edges, possible_signs, roots, signs_under
from gradcalc.work import DONE, Work

ANY_SIGN = {-1, 0, 1}
SUM = sum((generator(i) for i in range(6)), polynomial(1))


def test_what_grows_too_large_is_not_made():
    with pytest.raises(TooLarge):
        power(SUM, 40)
    with pytest.raises(TooLarge):
        power(generator(0) + 1, 20_000)
    with pytest.raises(TooLarge):
        power(generator(0), 10**10)
    with pytest.raises(TooLarge):
        power(polynomial(3**5000), 5000)
    half = power(SUM, 5)
    with pytest.raises(TooLarge):
        times(times(half, half), half)
    with pytest.raises(TooLarge):
        factors(power(generator(0) + 1, 130))
    with pytest.raises(TooLarge):
        Ratio(half, half + power(generator(7) + 1, 60))


def test_no_double_and_no_quotient_by_0():
    with pytest.raises(TypeError, match="doubles"):
        polynomial(0.2)  # type: ignore[arg-type]
    with pytest.raises(NoValue):
        Ratio(generator(0), polynomial(0))
    assert len({Ratio(generator(0)), Ratio(generator(0) * 2, polynomial(2))}) == 1


def test_of_a_point_without_a_value_nothing_is_known():
    choice, nowhere = parse("if(x > 1, floor(x), 2)"), {"x": parse("log(-1)")}
    assert not decisions(choice, nowhere)
    assert not any(on_edges(choice, nowhere, Known()))
    assert roots(parse("x - y"), "x", {"y": parse("log(-1)")}) == []
    assert signs_under(parse("log(-1)*x"), ()) == ANY_SIGN
    assert possible_signs(parse("+".join(f"x^{n}" for n in range(2, 120))), ["x"]) == ANY_SIGN
    assert possible_signs(parse("log(-1 - x^2)"), ["x"]) == set()


def test_a_power_of_a_billion_bits_is_not_made():
    equal = parse("if(3^(1e9 + x) == sqrt(3)*3^1000000000, 1, 2)")
    assert not decisions(equal, {"x": parse("1/2")})
    few = parse("if(3^(1000 + x) == sqrt(3)*3^1000, 1, 2)")
    assert decisions(few, {"x": parse("1/2")}).values() == [True]


def test_comparisons_and_floors_at_numbers_of_roots():
    choice = parse("if(x > 2, floor(x) + floor(y), 2)")
    found = decisions(choice, {"x": parse("sqrt(2) + 1"), "y": parse("x")})
    assert found.values() == [True, 2]


def test_what_oscillates():
    assert [name for name in ("sin", "cos", "exp", "sinh", "tan", "besselj", "gamma") if oscillates(TABLE[name])] == [
        "sin",
        "cos",
    ]


@pytest.mark.parametrize(
    ("formula", "seconds", "reason"),
    [
        ("log(-1 - x^2)", 5.0, "there is no cell on which both have a value"),
        ("(a + b + c + d + f + g + x)^90", 5.0, "too large for exact algebra"),
        (" + ".join(f"x*a{n}" for n in range(100)), 5.0, "too large for exact algebra"),
        ("*".join(f"abs(x - {n})" for n in range(40)), 1e-4, DONE),
    ],
)
def test_why_there_is_no_proof(formula, seconds, reason):
    read = prepare(parse(formula))
    slope = our_derivative(read, "x")
    claimed = Claimed(read, slope, slope, ("x",))
    assert prove_equal(claimed, Work(seconds)).reason == reason
