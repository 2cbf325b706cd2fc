"""Exact algebra at its limits: what is too large, or has no value, is said to be; nothing is concluded from it."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from math import prod

import pytest

import gradcalc as gc
from gradcalc.certified.posed import Posed
from gradcalc.certified.rows import oscillates
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.language.formula import Number, expression
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse
from gradcalc.proofs import equality, polynomials
from gradcalc.proofs.algebra import NoValue, Ratio
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.exact import ExactPoint, possible_signs, roots
from gradcalc.proofs.factored import zero_factors
from gradcalc.proofs.polynomials import (
    GENERATORS,
    TooLarge,
    coefficients,
    factors,
    generator,
    polynomial,
    power,
    times,
    used,
)
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
    with pytest.raises(TooLarge):
        power(generator(0) + generator(1) + 1, 88)
    assert len(power(generator(0) + generator(1) + 1, 87)) == 88 * 89 // 2  # as many as are allowed, but for 84
    assert len(power(polynomial(5), 50_000)) == len(power(generator(0), 10**9)) == 1
    with pytest.raises(TooLarge):
        power(polynomial(5), 50_001)
    half = power(SUM, 5)
    with pytest.raises(TooLarge):
        times(times(half, half), half)
    with pytest.raises(TooLarge):
        times(power(SUM, 6), power(SUM, 6))
    with pytest.raises(TooLarge):
        factors(power(generator(0) + 1, 130))
    with pytest.raises(TooLarge):
        Ratio(half, half + power(generator(7) + 1, 60))


def test_factors_are_the_same_whatever_was_factored_before(monkeypatch):
    monkeypatch.setattr(polynomials, "_MOST_KEPT", 2)
    for n in range(2, 9):
        p = (generator(0) ** 2 - n**2) * 6
        assert factors(p) == factors(p) == (6, [(generator(0) - n, 1), (generator(0) + n, 1)])


def test_a_polynomial_is_the_sum_of_its_parts_and_of_its_terms():
    a, b, last = generator(0), generator(5), generator(GENERATORS - 1)
    p = 3 * a**2 * b - b / 2 + 7
    assert coefficients(p, 0) == {2: 3 * b, 0: 7 - b / 2}
    assert coefficients(p, 5) == {1: 3 * a**2 - polynomial(1) / 2, 0: polynomial(7)}
    assert coefficients(p, 1) == {0: p}
    terms = [(powers, str(value)) for powers, value in p.terms]
    assert terms == [(((0, 2), (5, 1)), "3"), (((5, 1),), "-1/2"), ((), "7")]
    assert (coefficients(p - p, 0), (p - p).terms) == ({}, [])
    for high in (a * (b - last) ** 5 - b**40 / 3 - last, -(a**9) + b * a - 1, -last):
        for index in (0, 5, GENERATORS - 1):
            parts = coefficients(high, index)
            assert sum((part * generator(index) ** n for n, part in parts.items()), polynomial(0)) == high
            assert not any(index in used(part) or part.is_zero() for part in parts.values())
        whole = polynomial(0)
        for powers, value in high.terms:
            whole += prod((generator(i) ** n for i, n in powers), start=polynomial(1)) * value
        assert whole == high


@pytest.mark.parametrize(
    ("quantity", "found"),
    [
        ("2*x - 3", [1.5]),
        ("x^2 - x - 6", [-2, 3]),
        ("2*x^2 - 5*x - 3", [-0.5, 3]),
        ("x^3 + 8", [-2]),
        ("x^3 - 8", [2]),
        ("x^4 - 16", [-2, 2]),
        ("x^4 + 16", []),
        ("x^4 - 2", [-(2**0.25), 2**0.25]),
        ("x^3 - 2", [2 ** (1 / 3)]),
        ("x + 1 - sqrt(2)", [math.sqrt(2) - 1]),
        ("erf(x) - 1/2", []),  # of which there is no inverse
        ("x^5 + 2", [-(2**0.2)]),
        ("exp(x) - 3", [math.log(3)]),
        ("log(x) - 2", [math.exp(2)]),
        ("sqrt(x) - 3", [9]),
        ("floor(x) - 3", [3, 3.5]),  # of which there is an interval
        ("sin(x) - 1/2", [math.pi / 6, 5 * math.pi / 6]),
        ("cos(x) - 1/2", [-math.pi / 3, math.pi / 3]),
        ("asin(x) - 1", [math.sin(1)]),
        ("atan(x) - 1", [math.tan(1)]),
        ("2*sin(x) + cos(x) - 1", [0, 2 * math.atan(2)]),  # by t = tan(x/2): 4*t = 2*t^2
        ("3*sin(x) - 3*cos(x)", [-3 * math.pi / 4, math.pi / 4]),
        ("exp(2*x) - 3*exp(x) + 2", [0, math.log(2)]),
    ],
)
def test_where_a_quantity_is_zero(quantity, found):
    values = sorted(gc.evaluate(root, {}) for root in roots(parse(quantity), "x", {}))
    assert values == pytest.approx(found, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("arc", "turned"),
    [
        ("atan(sin(2)/cos(2))", "2 - pi"),
        ("atan((sin(2) + sin(2))/(2*cos(2)))", "2 - pi"),
        ("atan(tan(2))", "2 - pi"),
        ("asin(sin(2))", "pi - 2"),
        ("acos(cos(4))", "2*pi - 4"),
        ("atan(sin(7)/cos(7))", "7 - 2*pi"),
    ],
)
def test_an_arc_is_turned_into_its_range(arc, turned):
    assert possible_signs(parse(f"{arc} - ({turned})")) == {0}


@pytest.mark.parametrize(
    ("condition", "holds", "signs"),
    [
        ("x > 0 and y > 0", True, {1}),
        ("x > 0 and y > 0", False, {-1, 0, 1}),
        ("x > 0 or y > 0", True, {-1, 0, 1}),
        ("x > 0 or y > 0", False, {-1, 0}),
        ("not (x > 0 and y > 0)", False, {1}),
        ("not (x > 0 or x == 0)", True, {-1}),
    ],
)
def test_on_a_branch_each_part_holds_that_must(condition, holds, signs):
    assert possible_signs(parse("x"), "xy", [(parse(condition), holds)]) == signs


@pytest.mark.parametrize("places", [(0, 1), (0, 12), (11, 31), (31, 32), (3, GENERATORS - 1)])
def test_a_polynomial_is_the_same_among_few_generators_and_among_many(places):
    values = dict(zip(places, (Fraction(-2, 3), Fraction(5, 7)), strict=True))

    def value(p):
        return sum(prod(values[i] ** n for i, n in powers) * Fraction(str(c)) for powers, c in p.terms)

    (a, b), (s, t) = map(generator, places), values.values()
    for p, meant in (
        (a - b, s - t), (b - 2 * a, t - 2 * s), (1 - a * b**2, 1 - s * t**2), ((a + b) ** 3 / 4, (s + t) ** 3 / 4),
        ((a**2 - b**2) / (b + a), s - t), ((a * b + a).gcd(b**2 + b), t + 1),
        ((a**3 * b).derivative(places[0]), 3 * s**2 * t),
    ):  # fmt: skip
        assert value(p) == meant
        assert sorted(used(p)) == [i for i in places if any(i in dict(powers) for powers, _ in p.terms)]
    again = (a + b) - b
    assert (again, hash(again), {again: 1}[a]) == (a, hash(a), 1)
    assert again != b
    assert (again - a, b - b + 1) == (0, 1)
    assert factors(a * b - b) == factors((a + b) * b - b * b - b) == (1, [(b, 1), (a - 1, 1)])


@pytest.mark.skipif(sys.platform == "win32", reason="no module resource")
def test_work_with_polynomials_takes_no_memory_for_good():
    grown = """
import resource
from gradcalc.proofs.algebra import Ratio
from gradcalc.proofs.polynomials import factors, generator, polynomial, used

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def work(count):
    x, y, z = generator(0), generator(20), generator(90)
    for n in range(count):
        p = x * n + y**2 - z
        found = {p: used(p), Ratio(p, x + n + 1): p.terms}
        factors(p * (x - n))

work(1_000)
before = peak()
work(3_000)
print(peak() - before)
"""
    told = subprocess.run([sys.executable, "-c", grown], capture_output=True, text=True, check=True).stdout
    assert int(told) < 5_000 * (1024 if sys.platform == "darwin" else 1)


@pytest.mark.parametrize("quantity", ["exp(x) + 1", "x^4 + 1", "sin(x) + cos(x) - 2", "x^2 + pi"])
def test_what_is_nowhere_0_has_no_zeros(quantity):
    assert roots(parse(quantity), "x", {}) == []


def test_more_cells_than_are_looked_at(monkeypatch):
    monkeypatch.setattr(equality, "_MOST_CELLS", 3)
    read = prepare(parse("abs(x) + abs(x - 1)"))
    slope = our_derivative(read, "x")
    found = prove_equal(Claimed(read, slope, slope, ("x",)))
    assert (found.proved, found.reason) == (False, "more than 3 cells")


def test_no_double_and_no_quotient_by_0():
    with pytest.raises(TypeError, match="doubles"):
        polynomial(0.2)  # type: ignore[arg-type]
    with pytest.raises(NoValue):
        Ratio(generator(0), polynomial(0))
    assert len({Ratio(generator(0)), Ratio(generator(0) * 2, polynomial(2))}) == 1


def test_of_a_point_without_a_value_nothing_is_known():
    choice, nowhere = parse("if(x > 1, floor(x), 2)"), Posed(parse("x"), {"x": parse("log(-1)")})
    for known in (nowhere.decided(choice), Posed(choice, nowhere.at).exact):
        assert all(isinstance(node, Number) for node, _ in known.items())
    assert roots(parse("x - y"), "x", {"y": parse("log(-1)")}) == []
    assert possible_signs(parse("log(-1)*x")) == set()
    assert possible_signs(parse("+".join(f"x^{n}" for n in range(2, 120))), ["x"]) == ANY_SIGN
    assert possible_signs(parse("log(-1 - x^2)"), ["x"]) == set()


def test_a_power_of_a_billion_bits_is_not_made():
    equal = parse("if(3^(1e9 + x) == sqrt(3)*3^1000000000, 1, 2)")
    assert not ExactPoint({"x": parse("1/2")}).decisions(equal)
    few = parse("if(3^(1000 + x) == sqrt(3)*3^1000, 1, 2)")
    assert ExactPoint({"x": parse("1/2")}).decisions(few).values() == [True]


def test_comparisons_and_floors_at_numbers_of_roots():
    choice = parse("if(x > 2, floor(x) + floor(y), 2)")
    found = ExactPoint({"x": parse("sqrt(2) + 1"), "y": parse("x")}).decisions(choice)
    assert found.values() == [True, 2]


def test_what_oscillates():
    assert [name for name in ("sin", "cos", "exp", "sinh", "tan", "besselj", "gamma") if oscillates(TABLE[name])] == [
        "sin",
        "cos",
    ]


@pytest.mark.parametrize(
    ("formula", "seconds", "reason"),
    [
        ("log(-1 - x^2)", 5.0, "nowhere do both have a value"),
        ("(a + b + c + d + f + g + x)^90", 5.0, "too large for exact algebra"),
        (" + ".join(f"x*a{n}" for n in range(100)), 5.0, "too large for exact algebra"),
        ("*".join(f"abs(x - {n})" for n in range(40)), 1e-4, DONE),
    ],
)
def test_why_there_is_no_proof(formula, seconds, reason):
    read = prepare(parse(formula))
    slope = our_derivative(read, "x")
    claimed = Claimed(read, slope, slope, ("x",))
    found = prove_equal(claimed, Work(seconds))
    assert (found.proved, found.reason) == (False, reason)


@pytest.mark.parametrize(
    ("text", "number"),
    [("sqrt(3 + 2*sqrt(2)) - sqrt(2)", 1), ("4*cos(pi/5)^2 - 2*cos(pi/5)", 1),
     ("sqrt(3 + 2*sqrt(2)) - sqrt(2) - 5", -4), ("sqrt(2)", None), ("sqrt(10^40 + 1) - 10^20", None),
     ("7/2", Fraction(7, 2))],
)  # fmt: skip
def test_the_rational_number_that_a_constant_is(text, number):
    assert ExactPoint({}).rational(parse(text)) == number


_LONG = " + ".join(f"x^{n}" for n in range(2, 60))


@pytest.mark.parametrize(
    ("text", "parts"),
    [("sqrt(x - y^2)", ["x - y^2"]), ("x^2*y", ["x", "y"]), ("2*x - 2*y", ["x - y"]), ("(x - y)^2", ["x - y"]),
     ("abs(x)", ["x"]), ("sqrt(x)*y", ["x", "y"]), ("x*sqrt(2)", ["x"]), ("sqrt(x) + 1", ["sqrt(x) + 1"]),
     ("sqrt(x)^2*y^2", ["x", "y"]), ("sqrt(x)^3", ["x"]), ("log(x)", ["x - 1"]),
     ("sqrt((1 - x^2)^2 + (2*y*x)^2)", ["(1 - x^2)^2 + (2*y*x)^2"]),
     ("abs(x) - 1", ["abs(x) - 1"]), ("x - y", ["x - y"]), ("-x", ["x"]), ("3", ["3"]), ("log(-1)*x", ["log(-1)*x"]),
     (_LONG, [_LONG])],
)  # fmt: skip
def test_factors_of_which_one_is_0_where_a_quantity_is(text, parts):
    assert sorted(map(expression, zero_factors(parse(text), ["x", "y"]))) == sorted(parts)
