"""Points from the natural domain: simple first, both sides of every branch, all magnitudes, the same for a seed."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from random import Random

import pytest

from gradcalc import evaluate
from gradcalc.engine.doubles import Doubles
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import FLOAT
from gradcalc.judge.claims import points
from gradcalc.judge.claims.points import around, beside, boundaries, drawn, signs_of, simple_points, zeros
from gradcalc.language.formula import Call, children_first, expression
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number, place_text, short
from gradcalc.language.parser import parse
from gradcalc.work import A_SECOND, Work


def coordinates(formula, n=40, **options):
    return [float(evaluate(place["x"])) for place in drawn([prepare(formula)], ["x"], n, **options)]


def test_simple_points_come_simplest_first():
    assert [place_text(p) for p in islice(simple_points(["x"]), 8)] == [
        "x=0", "x=1", "x=-1", "x=2", "x=1/2", "x=pi/4", "x=-2", "x=3",
    ]  # fmt: skip
    first = [place_text(p) for p in islice(simple_points(["x", "y"]), 5)]
    assert first == ["x=0 y=0", "x=0 y=1", "x=1 y=0", "x=1 y=1", "x=0 y=-1"]
    assert [place_text(p) for p in simple_points([])] == [""]
    many = list(simple_points([f"x{i}" for i in range(30)]))
    assert len(many) < 500
    assert {expression(v) for v in many[0].values()} == {"0"}


@pytest.mark.parametrize(
    ("formula", "sides"),
    [
        ("abs(x)", [lambda x: x < 0, lambda x: x > 0]),
        ("sqrt(x - 1000)", [lambda x: x < 1001, lambda x: x > 2000]),
        ("if(x > 3.7 and x < 3.71, x, 0)", [lambda x: x < 3.7, lambda x: 3.7 < x < 3.71, lambda x: x > 3.71]),
        ("asin(100*x)", [lambda x: x < 0, lambda x: 0 < x < 0.01, lambda x: x > 0.009]),
        ("log(x - 1000)*sqrt(1001 - x)", [lambda x: 1000 < x < 1000.5, lambda x: x > 1000.5]),
        ("min(max(x, 0), 6)", [lambda x: x < 0, lambda x: 0 < x < 6, lambda x: x > 6]),
        ("max(x^2, 3*x - 2)", [lambda x: x < 1, lambda x: 1 < x < 2, lambda x: x > 2]),
        ("tan(x)", [lambda x: abs(x) < 1.57, lambda x: abs(x) > 1.58]),
    ],
)
def test_every_branch_has_points_and_all_lie_in_the_domain(formula, sides):
    points = coordinates(formula)
    assert len(points) > 10
    for side in sides:
        assert any(map(side, points)), points
    for x in points:
        evaluate(formula, {"x": x})


def test_points_are_of_all_magnitudes():
    sizes = [abs(x) for x in coordinates("x^2")]
    assert min(sizes) < 1e-3
    assert max(sizes) > 1e3
    assert sum(0.1 <= x <= 10 for x in sizes) >= 8


def test_two_points_around_one_are_near_it_on_both_sides():
    place = {"x": Fraction(2), "y": Fraction(-1, 3), "z": Fraction(0)}
    found = [*around({name: number(x) for name, x in place.items()})]
    moves = {name: [rational_value(each[name]) - x for each in found] for name, x in place.items()}
    assert all(0 < abs(one) < Fraction(1, 10**28) and one * other < 0 for one, other in moves.values())
    assert moves["x"][0] / place["x"] != moves["y"][0] / place["y"]  # on no line through the origin


def test_no_coordinate_is_0_where_much_is_equal():
    found = drawn([prepare("x*y")], ["x", "y"], 60)
    assert len(found) == 60
    assert all(evaluate(place[name]) for place in found for name in "xy")


def test_the_seed_decides():
    formula = [prepare("sin(x)*log(y)")]
    one, again, other = (drawn(formula, ["x", "y"], 12, seed) for seed in (1, 1, 2))
    assert list(map(place_text, one)) == list(map(place_text, again))
    assert list(map(place_text, one)) != list(map(place_text, other))


def test_boundaries_are_what_is_compared_and_what_domains_ask():
    assert {expression(b) for b in boundaries([prepare("abs(x - 1) + log(y)")])} == {"x", "y", "x - 1"}
    assert {expression(b) for b in boundaries([prepare("if(x < y, 1, sqrt(2 - x))")])} == {"x", "y", "x - y", "2 - x"}


def test_coordinates_read_well():
    assert [expression(short(Fraction(text))) for text in ("0.37", "-5", "1/3", "1e-7")] == [
        "0.37", "-5", "1/3", "1e-7",
    ]  # fmt: skip


def test_both_sides_of_every_boundary_are_hit_more_than_once():
    points = coordinates("if(x > 3.7 and x < 3.71, x, sqrt(x + 2))")
    counts = {
        "below": sum(-2 < x < 3.7 for x in points),
        "inside": sum(3.7 < x < 3.71 for x in points),
        "above": sum(x > 3.71 for x in points),
    }
    assert all(count >= 2 for count in counts.values()), counts
    assert any(-2 <= x < -1.9 for x in points)
    assert 3.7 in points
    assert 3.71 in points


@pytest.mark.parametrize("formula", ["x^2", "sin(x)", "log(x)"])
def test_every_magnitude_is_hit(formula):
    sizes = [abs(x) for x in coordinates(formula, n=60)]
    for low, high in ((1e-6, 1e-3), (1e-3, 1e-1), (1e-1, 10), (10, 1e3), (1e3, 1e6)):
        assert sum(low <= size < high for size in sizes) >= 2, (low, high)


def beside_x(*formulas, seed=0):
    return [float(evaluate(place["x"])) for place in beside([prepare(f) for f in formulas], ["x"], seed)]


def test_the_referee_looks_beside_every_number_and_zero():
    points = beside_x("x", "1 + sech(50*(x + 12345.678))")
    assert any(abs(x + 12345.678) < 1e-9 for x in points)
    assert sum(abs(x + 12345.678) < 0.02 for x in points) >= 3
    assert any(abs(x - 50) < 1e-9 for x in points)
    assert any(abs(x - 7 / 3) < 1e-4 for x in beside_x("x", "exp(-1e6*(3*x - 7)^2)"))


def test_the_referee_looks_at_all_magnitudes_and_several_branches():
    points = beside_x("sin(x)", "cos(x)")
    for power in (-300, -60, -12, 12, 60, 300):
        for sign in (1, -1):
            assert any(10.0**power <= sign * x <= 9.99 * 10.0**power for x in points), (power, sign)
    branches = {round(x / 3.141592653589793) for x in points if abs(x) < 40}
    assert len(branches) >= 5, branches


def test_the_referee_is_the_same_for_the_same_seed():
    assert beside_x("sin(x)*log(x)") == beside_x("sin(x)*log(x)")
    assert beside_x("sin(x)*log(x)") != beside_x("sin(x)*log(x)", seed=1)


def test_the_zeros_of_what_functions_are_taken_of_have_points_beside_them():
    found = [float(evaluate(place["x"])) for place in beside([prepare("sin(x^2 - 7)")], ["x"])]
    assert min(abs(abs(x) - 7**0.5) for x in found) < 1e-3


def test_points_beside_a_boundary_come_before_those_on_it():
    first = [point["x"] for point in drawn([prepare("max(x, 1)")], ["x"], 2)]
    assert sorted(map(evaluate, first)) == [-1, 2]  # the shortest of each side
    assert 1 in [evaluate(point["x"]) for point in drawn([prepare("max(x, 1)")], ["x"], 60)]


def test_the_signs_of_quantities_at_a_point():
    signs = signs_of([parse(text) for text in ("x", "x - 1/2", "x - 1", "log(x - 1)", "1e200^2*x")])
    assert signs({"x": parse("1/2")}) == (1, 0, -1, None, None)
    assert signs({"x": parse("-3")}) == (-1, -1, -1, None, None)
    assert signs({"x": parse("1e400")}) == (1, 1, 1, None, 1)  # which no double is


def zero_texts(formula, *names):
    return {place_text(place) for place in zeros([prepare(formula)], names)}


def test_zeros_of_what_is_compared_lie_where_other_variables_have_several_values():
    found = zeros([prepare("if(x > y, 1, 2)")], ["x", "y"])
    assert {(evaluate(place["x"]), evaluate(place["y"])) for place in found} >= {(c, c) for c in (0.8, 0, 1 / 3, -3)}
    assert zero_texts("if(x^2 > 2, 1, 2)", "x") >= {"x=sqrt(2)", "x=-sqrt(2)"}
    (text,) = zero_texts("if(cos(x) > x, 1, 2)", "x")
    assert text.startswith("x=root of cos(x) = x near 0.739085133")
    (text,) = zero_texts("if((x^5 - x - 1)^2 > 0, 1, 2)", "x")  # a double root, of which Newton's method shows nothing
    assert "near 1.1673039" in text
    assert zero_texts("if(log(-1 - x^2) > 0, 1, 2)", "x") == set()
    assert zero_texts("floor(2*x)", "x") >= {"x=0.5", "x=1", "x=0", "x=-0.5"}


LINES = "+".join(f"abs(x - {k}*y)" for k in range(1, 9))


@pytest.mark.parametrize(
    "formula", ["x", "+".join(f"abs(x - {k})" for k in range(50)), f"{LINES} + " + "+".join(["cos(x*y)"] * 550)]
)
def test_zeros_are_looked_for_as_often_as_there_is_time(formula, monkeypatch):
    searched, newton = [], points.newton
    monkeypatch.setattr(points, "newton", lambda *args: searched.append(args) or newton(*args))
    prepared = prepare(formula)
    assert list(points._Search([prepared], ["x", "y"], Random(0)).candidates(4))
    assert 0 < len(searched) <= 240
    assert len(searched) * len([*children_first(prepared)]) <= 500_000


@pytest.mark.parametrize("x", [1 / 3, -123.456, 2.0**0.5 * 1e-5, 7e10 / 3])
def test_a_short_decimal_near_a_number(x):
    for step in (1e-1, 1e-3, 1e-7):
        near = points._rounded(x, step)
        assert abs(float(near) - x) <= step
        assert (near * round(1 / step)).denominator == 1
    assert points._rounded(x, 0.0) == Fraction(x)


@pytest.mark.parametrize(("texts", "point", "values"), [
    (["if(x > 0, log(x), 1/x)", "1/x"], {"x": -2.0}, [-0.5, -0.5]),
    (["if(x > 0, log(x), 1/x)", "x + 1/x", "2*x"], {"x": 0.0}, [None, None, 0.0]),
    (["if(log(x) > 0, 1, 2)", "if(x < 0 or log(x) > 0, 1, 2)"], {"x": -1.0}, [None, 1.0]),
    (["if(x > 0 and log(x) > -9, 1, 2)", "if(not(x > 0), 1, 2)"], {"x": -1.0}, [2.0, 1.0]),
    (["if(10^400 > 1, x, 2)", "10^400*x", "1e-400 + x"], {"x": 3.0}, [3.0, None, None]),
    (["if(3*0.1 == 0.3, x, 0)", "floor(2*pi) + x", "e*x"], {"x": 3.0, "e": 5.0}, [3.0, 9.0, 15.0]),
    (["u = x^2; u/(u - 1)"], {"x": 2.0}, [4 / 3]),
    (["u = x^2; u/(u - 1)"], {"x": 2.0, "u": 3.0}, [1.5]),
    (["f(t) = sqrt(t); f(x) + f(4)"], {"x": 9.0}, [5.0]),
])  # fmt: skip
def test_formulas_together_have_the_values_of_each(texts, point, values):
    """The values are by hand; a way that is not taken may have none."""
    assert Doubles([prepare(text) for text in texts]).at(point) == pytest.approx(values)


def test_formulas_together_have_the_bits_that_graphs_have():
    rng = Random(5)
    for row in TABLE.values():
        if not row.partials or row.name == "if":
            continue
        prepared = prepare(Call(row, tuple(map(parse, ("x*y", "y - 1", "x + 2")))[: len(row.params) or 2]))
        both, lowering = Doubles([prepared, *prepared.args]), Lowering(prepared, FLOAT, ())
        for _ in range(12):
            point = {name: rng.choice((0.0, 1.0, rng.uniform(-3, 3), rng.uniform(-1e6, 1e6))) for name in ("x", "y")}
            graph = lowering.graph(point)
            alone = [graph.of(each) for each in (prepared, *prepared.args)]
            assert both.at(point) == [None if isinstance(value, Failure) else value for value in alone], row.name


def test_points_that_are_tried_are_work():
    kinked = [prepare(parse("+".join(f"abs(x - {k})" for k in range(60))))]
    free, twice, little = Work(10), Work(10), Work(0.01)
    found = drawn(kinked, ["x"], 20, work=free)
    assert found == drawn(kinked, ["x"], 20) == drawn(kinked, ["x"], 20, work=twice)
    assert free.done == twice.done > 10 * little.seconds * A_SECOND
    fewer = drawn(kinked, ["x"], 20, work=little)
    assert fewer
    assert little.done < 2 * little.seconds * A_SECOND
