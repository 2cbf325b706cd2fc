"""The terms of a formula on one side of a point leave out what they say they leave out, and no more.

The referee is the formula itself in balls, at two distances from the point: what is left of it without the terms before
t^cut must shrink as t^cut does.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from random import Random

import mpmath
import pytest
from drawn_texts import drawn
from flint import arb, fmpq

import gradcalc as gc
from gradcalc.certified.along import of_orders
from gradcalc.certified.certifier import certify
from gradcalc.certified.choices import CONTROL, Told, with_whole_limit
from gradcalc.certified.filled import _beyond, filled
from gradcalc.certified.first_order import (
    _NEVER,
    Local,
    _condition,
    _power_of_zero,
    _smooth,
    _with_one_value,
    first_order,
)
from gradcalc.certified.funnels import Onward, _read as read_on_both_sides
from gradcalc.certified.higher import Higher
from gradcalc.certified.limits import limits
from gradcalc.certified.onesided import _read
from gradcalc.certified.posed import Posed
from gradcalc.certified.rows import derivative_of, oscillates
from gradcalc.certified.series import Outside, one_sided
from gradcalc.certified.terms import (
    ORIGIN,
    Huge,
    Series,
    Swing,
    Unknown,
    as_ball,
    derivative,
    either,
    integral,
    least,
    of_huge,
    times,
    value_of,
)
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import precision
from gradcalc.engine.told import Undecidable
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.work import Work

BITS = 2000
NEAR, NEARER = 160, 240  # exponents of 1/2
CUT = Fraction(4)
POINTS = ["0", "0", "0", "1", "-1", "2", "1/2", "-1/3", "3", "-2", "0.7", "-7/3"]


def ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


def value(formula: Formula, x: Fraction) -> arb | None:
    posed = Posed(formula, {"x": number(x)}, ())
    found = posed.lowering.graph(posed.balls(), exact=posed.exact).root
    found = found.data if isinstance(found, Value) else found
    return found if isinstance(found, arb) and found.is_finite() else None


def terms(series: Series, exponent: int) -> arb:
    t = arb(2) ** -exponent
    return sum((as_ball(c) * t ** ball(e) * t.log() ** k for (e, k), c in series.terms.items()), arb(0))


def outcome(text: str, at: Fraction, direction: int) -> str:
    try:
        formula = parse(text)
        program = Program(expand(formula))
    except FormulaError:
        return "no formula"
    values = [value(formula, at + direction * Fraction(1, 2**exponent)) for exponent in (NEAR, NEARER)]
    try:
        series = one_sided(
            program,
            {"x": Series({**({(Fraction(0), 0): at} if at else {}), (Fraction(1), 0): Fraction(direction)})},
            CUT,
        )
    except Outside:
        assert values == [None, None], f"{text} has a value beside {at}"
        return "outside"
    except Unknown:
        return "unknown"
    if None in values:
        return "no value"
    if series.cut is not None and series.cut <= 0:  # of what has no limit a bound is told, or its sign alone
        with suppress(Unknown):
            assert all((found > 0) == (series.sign > 0) for found in values), f"{text} beside {at} is not {series}"
        return "compared"
    left = [found - terms(series, exponent) for found, exponent in zip(values, (NEAR, NEARER), strict=True)]
    if series.cut is None:
        assert all(difference.contains(0) for difference in left), f"{text} beside {at} is not {series}"
    elif not left[1].contains(0):
        shrinks = abs(left[0]).lower() / abs(left[1]).upper()
        expected = arb(2) ** ((NEARER - NEAR) * float(series.cut) - 60)
        assert shrinks > expected, f"{text} beside {at}: more than t^{series.cut} is left out of {series}"
        if series.bound is not None:
            share = left[1] / (arb(2) ** -NEARER) ** ball(series.cut)
            assert (share + arb(0, 1e-9)).overlaps(series.bound), (
                f"{text} beside {at}: {share} is not in {series.bound}"
            )
    return "compared"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_left_out_shrinks_as_is_said(seed):
    random = Random(seed)
    seen: Counter[str] = Counter()
    with precision(BITS):
        while seen["compared"] < 100:
            text = drawn(random, random.randint(1, 3), ["x"])
            seen[outcome(text, Fraction(random.choice(POINTS)), random.choice((1, -1)))] += 1
    assert seen["unknown"] + seen["no value"] <= seen["compared"] / 4, seen


@pytest.mark.parametrize(
    "text",
    [
        *("atan(x^(1/4))", "lambertw(x)", "lambertw(x) - x + x^2/2", "ceil(x - 2 + round(csc(x - 2)))", "x^x"),
        *("log(x)^2*x", "acos(1 - x^(1/4))", "acos(1 - x)"),
    ],
)
@pytest.mark.parametrize("direction", [1, -1])
def test_terms_beside_0(text, direction):
    with precision(BITS):
        assert outcome(text, Fraction(0), direction) in ("compared", "outside")


def test_high_derivatives_of_rows_are_shared_and_not_copied():
    """Of order 8, by each parameter: as many entries as there are pairs of orders, times a few. Those of Bessel's
    functions are of other orders each."""
    sizes = {
        row.name: len(derivative_of(row, place, 8))
        for row in TABLE.values()
        if row.smooth and not row.variadic and "bessel" not in row.name
        for place, partial in enumerate(row.partials)
        if partial is not None
    }
    assert len(sizes) > 60
    assert {name: size for name, size in sizes.items() if size > 8 * 8 * 11} == {}
    assert certify("sinc(acosh(x))", {"x": 1}).gradient["x"].status == "not-differentiable"  # an edge, by 16 of them


def test_two_rows_oscillate():
    """By hand: f'' = -k*f with k > 0 is solved by sines and cosines alone."""
    assert [row.name for row in TABLE.values() if oscillates(row)] == ["sin", "cos"]


def term(exponent: object, logs: int = 0) -> tuple[Fraction, int]:
    return Fraction(exponent), logs


HUGE = Huge(1)


def constant(c: int) -> Series:
    return Series({ORIGIN: Fraction(c)})


@pytest.mark.parametrize(
    ("base", "exponent", "found"),
    [
        (HUGE, constant(2), HUGE),
        (HUGE, constant(-2), "vanishing"),
        (HUGE, Series({term(-1): Fraction(-3)}), "vanishing"),
        (HUGE, Series({term(-1): Fraction(3)}), HUGE),
        (HUGE, Series({term(1): Fraction(1)}), None),  # exp(1/t)^t is e
        (HUGE, Series({}), None),
        (Huge(-1), constant(2), None),
        (HUGE, HUGE, None),
    ],
)
def test_powers_of_what_grows_faster_than_any_power(base, exponent, found):
    if found is None:
        with pytest.raises(Unknown):
            of_huge("^", (base, exponent), "vanishing")
    else:
        assert of_huge("^", (base, exponent), "vanishing") == found


@pytest.mark.parametrize(
    ("formula", "slope"),
    [("x*exp(1/x)^x", math.e), ("x*exp(1/x)^(-1/2)", 0), ("x*exp(1/x)^(-1/x)", 0), ("x*(1/x)^x", 1)],
)
def test_no_slope_is_told_that_is_not_there(formula, slope):
    part = certify(f"if(x <= 0, 0, {formula})", {"x": 0}).gradient["x"]
    assert part.status == ("certified" if slope == 0 else "undecided" if slope == math.e else "not-differentiable")
    assert part.right in (slope, None)


def test_derivatives_and_integrals_of_terms():
    found = derivative(Series({term(2, 1): Fraction(3), term(0, 2): Fraction(1), term(0): Fraction(7)}, Fraction(5)))
    wanted = {term(1, 1): Fraction(6), term(1): Fraction(3), term(-1, 1): Fraction(2)}
    assert found == Series(wanted, Fraction(4))
    assert derivative(Series({term(3): Fraction(1)})) == Series({term(2): Fraction(3)})
    assert integral(Series({term("-1/2"): Fraction(1)})) == Series({term("1/2"): Fraction(2)})
    assert integral(Series({term(2): Fraction(3)}, Fraction(3))) == Series({term(3): Fraction(1)}, Fraction(4))
    for without in (Series({term(-1): Fraction(1)}), Series({term(0, 1): Fraction(1)}), Series({}, Fraction(-1))):
        with pytest.raises(Unknown):
            integral(without)


def test_the_sign_and_the_size_of_terms_near_0():
    one = Fraction(1)
    assert [Series({term(1, k): one}).sign for k in range(4)] == [1, -1, 1, -1]  # log(t) is negative there
    assert [Series({term(1, 1): -one}).sign, Series({}).sign, Series({term(3): -one}).sign] == [1, 0, -1]
    with precision(64):
        assert [Series({}, one, arb(2)).sign, Series({}, one, arb(-2)).sign] == [1, -1]
        for unknown in (Series({}, one, arb(0, 1)), Series({}, one), Series({term(1): arb(0, 1)})):
            with pytest.raises(Unknown):
                unknown.sign  # noqa: B018
    assert [
        least(Series(terms, cut)) for terms, cut in (({}, None), ({}, one), ({term(2): one, term(-3): one}, 4 * one))
    ] == [0, 1, -3]


SWINGS = Swing(None, lambda u: u.cos())


@pytest.mark.parametrize(
    ("series", "limit", "slope"),
    [
        (Series({term(0): Fraction(3), term(1): Fraction(2), term("3/2"): Fraction(1)}), 3, 2),
        (Series({term(0): Fraction(3)}, Fraction(2)), 3, 0),
        (Series({term("1/2"): Fraction(2)}), 0, math.inf),
        (Series({term(1, 1): Fraction(1)}), 0, -math.inf),  # t*log(t)
        (Series({term(-1): Fraction(1), term(0): Fraction(2)}), None, math.nan),
        (Series({term(0, 1): Fraction(1)}), None, math.nan),
        (Series({term(0): Fraction(3)}, Fraction(1, 2), arb(-2)), 3, -math.inf),
        (Series({term(0): Fraction(3)}, Fraction(1, 2), arb(0, 1), SWINGS), 3, math.nan),
        (Series({term(0): Fraction(3)}, Fraction(1), arb(0, 1), SWINGS), 3, math.nan),
        (Series({}, Fraction(0), arb(0, 1), SWINGS), None, math.nan),
        (Series({term("1/2"): Fraction(1)}, Fraction(1), arb(0, 1), SWINGS), 0, math.inf),
    ],
)
@pytest.mark.parametrize("direction", [1, -1])
def test_limit_and_slope_are_those_of_the_first_terms(series, limit, slope, direction):
    with precision(64):
        for last in (False, True):
            found = _read(series, direction, last)
            assert found.limit == limit
            assert float(found.slope) == pytest.approx(direction * slope, nan_ok=True)


def test_bounds_tell_a_limit_or_a_slope_where_nothing_else_does():
    with precision(64):
        found = _read(Series({term(0): Fraction(3)}, Fraction(0), arb(0, 1)), 1, True)
        assert (found.limit.contains(2.5), found.limit.contains(3.5), found.limit.contains(1.5)) == (True, True, False)
        assert found.slope is None
        found = _read(Series({term(0): Fraction(3)}, Fraction(1), arb(5)), -1, True)
        assert (found.limit, found.slope) == (3, -5)
        for series, last in (
            (Series({term(0): Fraction(3)}, Fraction(0), arb(0, 1)), False),
            (Series({term(0): Fraction(3)}, Fraction(1), arb(5)), False),
            (Series({term(0): Fraction(3)}, Fraction(1), arb(5, 1)), True),
            (Series({term(0): Fraction(3)}, Fraction(1)), True),
            (Series({term(0): Fraction(3)}, Fraction(1, 2), arb(0, 1)), True),
            (Series({}, Fraction(-1), arb(1)), True),
        ):
            with pytest.raises(Unknown):
                _read(series, 1, last)


def test_0_times_what_is_left_out():
    assert times(Series({}), Series({term(1): Fraction(1)}, Fraction(2))).terms == {}


INFINITY = arb("inf")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1/x", [(-1, -INFINITY), (1, INFINITY)]),
        ("-1/x^2", [(-1, -INFINITY), (1, -INFINITY)]),
        ("x/abs(x) + 2", [(-1, 1), (1, 3)]),
        ("sqrt(x^2)/x", [(-1, -1), (1, 1)]),
        ("sqrt(-x)", [(-1, 0), (1, "outside")]),
        ("x*sin(1/x)", [(-1, 0), (1, 0)]),
        ("3 + 2*sin(1/x)", [(-1, "swings"), (1, "swings")]),
        ("2 + x*exp(1/x)*sin(1/x)", [(-1, 2), (1, None)]),
        # on the way y is 0, and either piece may lie beside it
        ("if(x*y >= 0, 1, 2)", [(-1, 1), (-1, 2), (1, 1), (1, 2)]),
    ],
)
def test_limits_on_both_sides(text, found):
    """By hand."""
    with precision(128):
        told = list(limits(prepare(text), {"x": Fraction(0), "y": Fraction(0)}, "x", work=Work(5)))
    for each, (direction, expected) in zip(told, found, strict=True):
        assert each.direction == direction
        assert each.tied == ("y" in text)
        assert each.outside == (expected == "outside")
        assert (each.swing is not None) == (expected == "swings")
        if expected == "swings":
            assert each.within.contains(1)
            assert each.within.contains(5)
            assert not each.within.contains(0)
        assert each.ball == expected if isinstance(expected, int | arb) else each.ball is None


def test_a_quantity_that_is_one_of_two_has_what_both_have():
    one, two = Series({term(1): Fraction(1)}), Series({term(1): Fraction(2)})
    assert either(one, one) is one
    found = either(one, two)
    assert (found.terms, found.cut) == ({}, 1)
    assert found.bound.contains(1)
    assert found.bound.contains(2)
    assert not found.bound.contains(3)
    unknown = Series({term(1): Fraction(1)}, Fraction(3))
    assert either(one, unknown).bound is None


def test_the_rest_of_a_series_from_a_power_on():
    one = Fraction(1)
    assert Series({term(1): Fraction(2)}, one, arb(3)).rest(one) == 5
    assert Series({term(1): Fraction(2)}).rest(one) == 2
    for unknown in (Series({}, one), Series({}, Fraction(1, 2), arb(3)), Series({term(1, 1): one})):
        assert unknown.rest(one) is None


def test_a_function_is_computed_once_at_a_ball_and_again_with_more_bits() -> None:
    # the derivatives of a quotient of gammas, order by order, ask for the same polygammas a hundred times
    calls: Counter[str] = Counter()
    accuracy = []
    sys.setprofile(lambda frame, event, _: calls.update([frame.f_code.co_name] if event == "call" else []))
    try:
        for bits in (200, 200, 400):
            with precision(bits):
                found = value_of(TABLE["polygamma"], [Fraction(1), arb(fmpq(1, 3)).exp()])
            accuracy.append(found.rel_accuracy_bits())
    finally:
        sys.setprofile(None)
    assert calls["ball_polygamma"] == 2
    assert accuracy[0] == accuracy[1] < 200 < accuracy[2]


def test_derivatives_on_both_sides_are_those_of_the_pieces() -> None:
    """Of two polynomials, that are k! times their coefficients; of the same ones times exp(x), by the binomials."""
    rng, highest = Random(5), 4
    for _ in range(6):
        shared = [rng.randint(-5, 5), rng.randint(1, 5)]
        pieces = [[*shared, *(rng.randint(-9, 9) for _ in range(highest))] for _ in range(2)]
        below, above = (" + ".join(f"({c})*x^{k}" for k, c in enumerate(piece)) for piece in pieces)
        for factor in ("", "exp(x)*"):
            formula = expand(parse(f"{factor}if(x < 0, {below}, {above})"))
            found = of_orders(Program(formula, ("x",)), {"x": Fraction(0)}, "x", highest, lambda _: False)
            assert len(found) == highest
            for order, sides in enumerate(found, 1):
                for side, piece in zip(sides, pieces, strict=True):
                    slopes = [math.factorial(k) * c for k, c in enumerate(piece)]
                    of_exp = [sum(math.comb(n, k) * slopes[k] for k in range(n + 1)) for n in range(len(slopes))]
                    right = of_exp if factor else slopes
                    assert side.exact == right[order] or (side.exact is None and factor)
                    assert side.limit.contains(right[order - 1])
                    assert side.side.grad.contains(right[order])


def test_of_conditions_no_more_is_known_than_of_all_they_stand_for() -> None:
    """True and false are known, None is now the one and now the other, and what cannot be told may be either."""
    unknown, both = Unknown(), frozenset({True, False})
    meant = {True: frozenset({True}), False: frozenset({False}), None: both, unknown: both}

    def told(name: str, *args: object) -> frozenset[bool]:
        try:
            return meant[CONTROL[name](*args)]
        except Unknown:
            return both

    for x, may_be in meant.items():
        assert told("not", x) == {not a for a in may_be}
        for y, other in meant.items():
            assert told("and", x, y) == {a and b for a in may_be for b in other}
            assert told("or", x, y) == {a or b for a in may_be for b in other}


def test_of_branches_that_take_turns_only_what_they_share_is_known() -> None:
    choose, line, unknown = CONTROL["if"], constant(Fraction(3)), Unknown()
    other = constant(Fraction(5))
    assert choose(None, line, line) is line
    shared = choose(None, line, other)
    assert shared.terms == {}
    assert all(shared.bound.contains(value) for value in (3, 5))
    assert (choose(True, line, unknown), choose(False, unknown, line)) == (line, line)
    for a, b in ((line, unknown), (unknown, line), (True, False), (line, True)):
        assert isinstance(choose(None, a, b), Unknown)
    for args in ((True, unknown, line), (False, line, unknown), (unknown, line, line)):
        with pytest.raises(Unknown):
            choose(*args)


def test_a_limit_is_a_whole_number_only_where_that_is_shown() -> None:
    wide = Series({ORIGIN: arb(2, 0.25)}, None)
    assert with_whole_limit(wide, lambda whole: False) is wide
    assert with_whole_limit(wide, lambda whole: whole == 2).terms == {ORIGIN: Fraction(2)}
    for kept in (Series({ORIGIN: arb(2.5, 0.25)}, None), Series({ORIGIN: arb(2, 3)}, None), constant(Fraction(5, 2))):
        assert with_whole_limit(kept, lambda whole: True) is kept


# ---- in all variables together


def test_powers_of_what_is_0_at_a_point():
    zero, one, two, half = (Fraction(x) for x in ("0", "1", "2", "1/2"))
    x = Local(zero, {"x": one}, least={"x": one}, names=frozenset("x"))
    assert _power_of_zero(x, two) == Local(zero, {}, two, least={"x": two})
    assert _power_of_zero(Local(zero, {}, half, positive=True, least={"x": two}), half) == Local(
        zero, {}, half / 2, least={"x": one}
    )
    assert _power_of_zero(x, -one) == Local(zero, {}, -one, names=frozenset("x"))
    assert _power_of_zero(Local(zero, {}, two, least={"x": two, "y": one}, names=frozenset("xy")), -two) == Local(
        zero, {}, Fraction(-4), names=frozenset("xy")
    )
    for of, exponent in (
        (x, half),  # of what may be negative
        (x, zero),
        (Local(zero, {"x": one, "y": one}, least={"x": one}, names=frozenset("xy")), -one),  # it may be 0 elsewhere
        (Local(zero, {"x": one}, names=frozenset("x")), -one),
    ):
        with pytest.raises(Unknown):
            _power_of_zero(of, exponent)


def test_the_chain_rule_with_what_is_left_out():
    zero, one, two = Fraction(0), Fraction(1), Fraction(2)
    x = Local(zero, {"x": two}, Fraction(3))
    with precision(64):
        for row, args, value, slopes, order in (
            ("exp", [x], 1, {"x": 2}, 2),
            ("exp", [Local(zero, {"x": two}, Fraction(3, 2))], 1, {"x": 2}, Fraction(3, 2)),
            ("cos", [Local(zero, {"x": two}, Fraction(3, 2))], 1, {}, 2),  # no slope by which anything would count
            ("cos", [Local(zero, {}, Fraction(1, 2))], 1, {}, 1),
            ("*", [Local(two, {"x": one}), Local(Fraction(3), {"y": one})], 6, {"x": 3, "y": 2}, 2),
            ("log", [Local(one, {"x": two})], 0, {"x": 2}, 2),
            ("besselj", [Local(two), Local(one, {"x": one})], mpmath.besselj(2, 1), {"x": mpmath.besselj(2, 1, 1)}, 2),
            ("exp", [Local(zero)], 1, {}, _NEVER),
            (
                "^",
                [Local(zero), Local(two, {"x": one})],
                0,
                {},
                2,
            ),  # what stands still may be at the edge of the domain
        ):
            found = _smooth(TABLE[row], args)
            assert (float(as_ball(found.value)), found.order) == (pytest.approx(float(value), rel=1e-15), order)
            told = {name: float(as_ball(slope)) for name, slope in found.slopes.items() if slope != 0}
            assert told == pytest.approx({name: float(slope) for name, slope in slopes.items()}, rel=1e-15)
        for row, args in (
            ("log", [Local(zero, {"x": one})]),
            ("^", [Local(zero, {"x": one}), Local(Fraction(5, 2))]),
            ("exp", [Local(zero, {}, zero)]),
            ("exp", [Local(zero, {}, -one)]),
            ("besselj", [Local(two, {"x": one}), Local(one)]),
        ):
            with pytest.raises((Unknown, Undecidable)):
                _smooth(TABLE[row], args)


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("x^4/(x^2 + y*y)", (0, 0)),
        ("x^4/(x^2 + -1*y^2)", None),  # poles where x is y
        ("x^4/(x^2 + x*y^2)", None),  # and where it is -y^2
        ("(x^2 + y*y)^1.5", (0, 0)),
        ("(x^2 + x*y^2)^0.8", None),  # without a value between -y^2 and 0
        ("(2*x^2)^0.75", (0, 0)),
        ("(-2*x^2)^0.75", None),
        ("x^6/(x^2 + y^4)", (0, 0)),
        ("x*(1 + y)", (1, 0)),
        ("(1 + x)^0.5", (0.5, 0)),
        ("x*y^2/(x^2 + y^2)", None),  # half of x where x is y
        ("x^2*y^2/(x^2 + y^2)", (0, 0)),
        ("x^2*sin(1/(x^2 + y^2))", (0, 0)),
        ("x^2*floor(sin(1/(x^2 + y^2)))", (0, 0)),
        ("floor(x + 1/2)*y", (0, 0)),
        ("floor(y)*(x + y)", None),
        ("x^2*log(x^2 + y^2)", (0, 0)),
        ("x*log(x^2 + y^2)", None),
        ("max(x^2, y^2)^0.75", (0, 0)),
        ("if(x > y, x^2, y^2)", (0, 0)),
        ("if(x > y, x, y)", None),
        ("if(x > y, x^2, y^3)^0.8", None),  # without a value where y^3 is negative
        ("if(x + y > -1, x, y^0.5)", (1, 0)),
        ("if(x + y > 1, y^0.5, x)", (1, 0)),
        ("2*x - y + x*y", (2, -1)),
        ("x + 2*x - x*y", (3, 0)),
        ("(1 + y)*(x*x)^0.25", None),
        ("(x*x)^0.25*(1 + y)", None),
        ("x^4/(x*(x^2 + y*y))", None),  # without a value where x is 0
        ("x^5/((x^2 + y*y)*(x^2 + y*y))", None),
        ("x^6/((x^2 + y*y)*(x^2 + y*y))", (0, 0)),
        ("x^6/((2 + y)*(x^2 + y*y)^2)", (0, 0)),
        ("x + sqrt(y - y)", (1, 0)),
        ("u = x + y; v = 2*u; u*v + u", (1, 1)),
        ("x*sin(1/y)", None),
        ("x^4/(x^2 + 0.5*y^2)", (0, 0)),
        ("x + sin(1/(x^2 + y^2))*(sin(1)^2 + cos(1)^2 - 1)", (1, 0)),
        ("x + x*y*sin(1/(x^2 + y^2))", (1, 0)),
        ("x^2*sin(y + 1/(x^2 + y^2))", (0, 0)),
        ("x + (sin(1)^2 + cos(1)^2 - 1)*x", (1, 0)),
        ("x + y*(1 + (sin(1)^2 + cos(1)^2 - 1))", (1, 1)),
        ("x + abs(y)^1.5*sqrt(2*abs(y) - abs(y) - abs(y))", (1, 0)),
        ("u = (x*x + y*y)^0.4; exp(u) - 1 - u + y", (0, 1)),
        ("u = (x*x + y*y)^0.25; exp(u) - 1 - u + y", None),  # about half of the distance
        ("x^2*floor(y)", (0, 0)),
        ("x^3*(1/y)", None),
        ("x^4*(1/x + 1/(x^2 + y^2))", None),  # without a value where x is 0
        ("x*if(x + y > -1, (x*x)^0.25, 1/y)", (0, 0)),
        ("(x^2 + y^2)^2*(1/(x^2 + y^2) + (x*x)^0.25)", (0, 0)),
        ("x^2*log(x^2 + y^2)^2", (0, 0)),
        ("x*y*(pi + (x*x)^0.25)", (0, 0)),
    ],
)
def test_a_gradient_in_all_directions_together(text, gradient):
    at = {"x": Fraction(0), "y": Fraction(0)}
    found = first_order(Program(expand(prepare(parse(text)))), at, ["x", "y"], lambda _: False)
    assert (None if found is None else (found["x"], found["y"])) == gradient


def test_a_gradient_by_some_names_where_another_is_held():
    """Where z is 0 it is x."""
    at = {"x": Fraction(0), "y": Fraction(0), "z": Fraction(0)}
    formula = Program(expand(prepare(parse("z*x*y + (x*x*z*z)^0.25 + x"))))
    assert first_order(formula, at, ["x", "y"], lambda _: False) == {"x": 1, "y": 0}


def test_branches_have_one_value_only_where_that_is_shown():
    node = prepare(parse("if(x > 0, y, z)"))
    with precision(64):
        one, same, other = Local(arb(1) / 3), Local(arb(1) / 3), Local(arb(2))
        found = _with_one_value(node, [None, one, same], lambda difference: str(difference) == "y - z")
        assert found[2].value is one.value
        for args, is_shown in (
            ([None, one, same], False),
            ([None, one, other], True),
            ([True, one, same], True),
            ([None, one, Unknown()], True),
        ):
            assert _with_one_value(node, args, lambda difference, told=is_shown: told) is args


def test_comparisons_near_a_point_are_told_by_the_values_there():
    one, zero = Local(Fraction(1), {}, Fraction(1, 2)), Local(Fraction(0))
    told = [
        _condition(TABLE[row], args, False) for row in ("<", ">=") for args in ([one, zero], [zero, one], [one, one])
    ]
    assert told == [False, True, None, True, False, None]
    for order in (0, -1):
        assert _condition(TABLE[">"], [Local(Fraction(1), {}, Fraction(order)), zero], False) is None
    assert [_condition(TABLE[row], [one, one], True) for row in ("<", "<=", "==", "!=")] == [False, True, True, False]


@pytest.mark.parametrize(
    ("there", "left", "right", "onward"),
    [
        (3, {term(0): 3, term(1): -2}, {term(0): 3, term(1): 2}, Onward(Fraction(3), Fraction(2), None, True, None)),
        (0, {term(1): 1}, {term(1): 1}, Onward(Fraction(0), Fraction(0), Fraction(1), True, Fraction(1))),
        (0, {term(2): 1}, {term(2): 4}, Onward(Fraction(0), Fraction(0), Fraction(2), True, Fraction(2))),
        (0, {term(2): 1}, {term(3): 1}, Onward(Fraction(0), Fraction(0), Fraction(2), True, Fraction(3))),
        (0, {term(2): -1}, {term(2): 1}, Onward(Fraction(0), Fraction(0), Fraction(2), False, Fraction(2))),
        (-1, {term(0): -1}, {term(0): -1}, Onward(Fraction(-1), Fraction(0), None, False, None)),
        (
            0,
            {term(2, 1): 1},
            {term(2): 1},
            Onward(Fraction(0), Fraction(0), 2 - Fraction(1, 2**10), False, Fraction(2)),
        ),
        (0, {}, {term(2): 1}, Onward(Fraction(0), Fraction(0), Fraction(2), True, None)),
        (0, {term(0): 1}, {term(0): 1}, None),  # a jump
        (0, {term(0): 0}, {term(0): 1}, None),
    ],
)
def test_what_depends_on_one_quantity_alone(there, left, right, onward):
    sides = [Series({at: Fraction(c) for at, c in side.items() if c}) for side in (left, right)]
    with precision(64):
        assert read_on_both_sides(Series({term(0): Fraction(there)} if there else {}), *sides) == onward


def test_what_depends_on_one_quantity_alone_as_far_as_it_is_known():
    sides = [Series({term(1): Fraction(way)}, Fraction(2), arb(0, 1)) for way in (-1, 1)]
    with precision(64):
        found = read_on_both_sides(Series({}), *sides)
        assert (found.slope, found.order, found.positive) == (1, 2, False)
        with pytest.raises(Unknown):
            read_on_both_sides(Series({}), Series({}, Fraction(1), arb(0, 1)), sides[1])
        assert read_on_both_sides(Series({term(0): arb(3)}), *sides) is None


@pytest.mark.parametrize(
    ("quotient", "value", "slope"),
    [
        ("sin(x)/x", 1, 0),
        ("(1 - cos(x))/x^2", "1/2", 0),
        ("(exp(x) - 1)/(2*x)", "1/2", "1/4"),
        ("x/x^2", None, None),
        ("1/x", None, None),
        ("x^3/x^2", 0, 1),
        ("x^4/x^3", 0, 1),
        ("x^5/x^4", None, None),  # of too high an order
    ],
)
def test_a_quotient_of_what_is_0_goes_on_by_its_first_terms(quotient, value, slope):
    found = _beyond(prepare(parse(quotient)), "x", number(0), ["x"], lambda formula: gc.evaluate(formula, {}) == 0)
    if value is None:
        assert found is None
        return
    with precision(64):
        at = certify(found, {"x": 0.0}, ("x",))
    assert [at.value.number, at.gradient["x"].number] == [Fraction(value), Fraction(slope)]


@pytest.mark.parametrize(
    ("branch", "goes_on"),
    [
        ("sin(x - y)/(x - y)", True),
        ("x*(exp(x - y) - 1)/(x - y)", True),
        ("floor(sin(x - y)/(x - y))", False),  # which is 0 beside, and 1 where that is 1
        ("if(sin(x - y)/(x - y) < 1, 0, 1)", False),
        ("abs(x - y)*(x - y)/(x - y)", False),  # which has a corner
        ("(x - y)/sinh(x - y)", True),
        ("sin(x + y)/(x + y)", False),  # which is no quotient of zeros there
    ],
)
def test_only_smooth_quotients_of_zeros_go_on(branch, goes_on):
    formula = expand(prepare(parse(f"if(x == y, 1, {branch})")))

    def vanishes(quantity):
        return gc.evaluate(quantity, {"x": 1, "y": 1}) == 0

    found = filled(formula, {"x", "y"}, vanishes, lambda _: True)
    assert (found is not formula) is goes_on
    if goes_on:
        beside, there = ({"x": 1 + step, "y": 1} for step in (1e-4, 0))
        assert isinstance(found, Call)
        assert gc.evaluate(found.args[2], there) == pytest.approx(gc.evaluate(formula, beside), abs=1e-3)


def test_of_what_has_no_first_derivative_there_is_no_second_one_and_that_is_named():
    higher = Higher(prepare(parse("abs(x) + x*y^2")), {"x": number(0), "y": number(1)})
    first = higher.certified(higher.formula, ("x", "y"))
    rows = higher.second_partials(("x", "y"), first)
    corner = first.gradient["x"].message.partition(";")[0]
    assert corner == "abs(x) + x*y^2 has a corner at x=0, y=1: left 0, right 2"
    for one, other in ("xx", "xy", "yx"):
        assert (rows[one][other].message, math.isnan(rows[one][other].number)) == (corner, True)
    assert (rows["y"]["y"].status, rows["y"]["y"].number) == ("certified", 0)
    for highest in (1, 3):
        missing = higher.missing(("x", "y"), highest)
        assert {name: part.message for name, part in missing.items()} == {"x": corner}
    second = Higher(prepare(parse("x*abs(x)")), {"x": number(0)})
    assert not second.missing(("x",), 1)
    assert second.missing(("x",), 2)["x"].message.startswith("d/dx x*abs(x) has a corner at x=0")


@pytest.mark.parametrize(
    ("text", "step", "constant_term"),
    [
        ("acosh(1 + x)", 1, []),  # sqrt(2*t)*(1 - t/12 + 3*t^2/160 - ...), with no power of t that has no coefficient
        ("acosh(1 + x)", 2, []),
        ("acosh(1 + x)", 3, []),
        ("acosh(1 + x)", "1/2", []),
        ("asin(1 - x)", 1, [0]),
        ("asin(1 - x)", 2, [0]),
    ],
)
def test_what_is_left_out_from_the_edge_of_a_domain_on_is_said(text, step, constant_term):
    known = [*constant_term, *(Fraction(step) / 2 + k * Fraction(step) for k in range(20))]
    program = Program(expand(prepare(parse(text))), ("x",))
    with precision(128):
        for cut in (4, 6):
            found = one_sided(program, {"x": Series({term(step): Fraction(1)})}, Fraction(cut))
            told = sorted(e for (e, _), c in found.terms.items() if not as_ball(c).contains(0))
            assert told == known[: len(told)]
            assert told[-1] < found.cut <= known[len(told)]


def test_a_derivative_is_exactly_0_where_that_is_certain():
    node = prepare(parse("sin(x)"))
    with precision(64):
        about, one = arb(0, 1e-9), arb(1)

        def slope(found, is_zero, row="sin"):
            return Told(node, None, is_zero).slope(found, TABLE[row], 0, 1)

        def always(_):
            return True

        def never(_):
            return False

        assert slope(about, always) == 0
        assert isinstance(slope(about, always), Fraction)
        for found, is_zero, row in (
            (about, never, "sin"),
            (one, always, "sin"),
            (about, None, "sin"),
            (about, always, "cos"),
            (Fraction(1, 3), always, "sin"),
            (None, always, "sin"),
        ):
            assert slope(found, is_zero, row) is found


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("1/x", -math.inf, math.inf),
        ("-1/x^2", -math.inf, -math.inf),
        ("sin(x)/x", 1, 1),
        ("(exp(x) - 1)/x + 2", 3, 3),
        ("if(x > 0, 2, 3 + x)", 3, 2),
        ("log(x)", None, -math.inf),
        ("sin(1/x)", None, None),
        ("x*sin(1/x) + 4", 4, 4),
        ("1/x + sin(1/x)", -math.inf, math.inf),  # what swings is less
        ("log(abs(x)) + sin(1/x)", None, None),  # which is not told, and no swing
    ],
)
def test_limits_from_both_sides(text, left, right):
    with precision(128):
        found = list(limits(prepare(parse(text)), {"x": Fraction(0)}, "x", work=Work(5)))
    assert [one.direction for one in found] == [-1, 1]
    assert [None if one.ball is None else float(one.ball) for one in found] == [left, right]
    assert [one.outside for one in found] == [text == "log(x)", False]
    assert [one.swing is not None for one in found] == [text == "sin(1/x)"] * 2
