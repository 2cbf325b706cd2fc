"""Points of parts of a domain are looked for, and found, where by hand there are some."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import pytest

import gradcalc as gc
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.claims.entered import entered
from gradcalc.language.parser import parse
from gradcalc.work import Work


def found(part: Sequence[tuple[str, int]], names: str, work: float = 1e6) -> list[dict[str, float]]:
    signed = [(prepare(parse(text)), sign) for text, sign in part]
    formula = prepare(parse(" + ".join(names)))
    places = list(entered(signed, [formula], list(names), Work(work)))
    values = {value: float(gc.evaluate(value, {})) for value in {v for place in places for v in place.values()}}
    return [{name: values[value] for name, value in place.items()} for place in places]


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ([("x^2 - 2", 0)], {"x": 2**0.5}),
        ([("x^2 - 2", 0), ("x", -1)], {"x": -(2**0.5)}),
        ([("cos(x) - x", 0)], {"x": 0.7390851332151607}),
        ([("x*exp(x) - 3", 0), ("y - x^2", 0)], {"x": 1.0499088949640399, "y": 1.0499088949640399**2}),
        ([("floor(x) - 137", 0)], {"x": 137.5}),
        ([("floor(x) - 137", 0), ("floor(y) - 42", 0)], {"x": 137, "y": 42}),
        ([("floor(x^2) - floor(x) - 10^4", 0)], {"x": 100.5}),
        ([("floor(exp(x)) - 20", 0), ("x - 3", -1)], {"x": 3.0204}),  # from log(20) = 2.9957, below 3
        ([("floor(cos(x) + x^3) - 100", 0)], {"x": 14 / 3}),  # which no closed form solves
        ([("x - y^2", 0), ("y - 35", 1)], {"x": 2000.5, "y": 2000.5**0.5}),  # after many that are too small
        ([("x - y^3", 0), ("x - 10^9", 1)], {"x": 2000.5**3, "y": 2000.5}),  # whichever of two goes through them
        ([("x*y - 1", 0), ("x - 1000", 1)], {"x": 2000.5, "y": 2 / 4001}),
        ([("x - 3", 0), ("x - 4", -1)], {"x": 3}),
        ([("cos(x) - 1", 0), ("x - 1000", 1)], {"x": 400 * pi}),  # an angle many turns from the least
        ([("sin(x) - 1/2", 0), ("x + 1000", -1)], {"x": pi / 6 - 400 * pi}),
        ([("sin(x) + cos(x) - 1", 0), ("x - 50", 1)], {"x": pi / 2 + 24 * pi}),
        ([("tan(x*y) - 1", 0), ("y - 3", 0), ("x - 1000", 1)], {"x": (pi / 4 + 8000 * pi) / 3, "y": 3}),
        ([("x - 1/3", 1), ("x - 1/3 - 1e-9", -1)], {"x": 1 / 3 + 5e-10}),
        ([("x^2 - 10^16", 1), ("x", 1)], {"x": 1e16 + 1e8 + 1}),
        ([("x^2 - 10^16", 1), ("x", -1)], {"x": -1e16 - 1e8 - 1}),
        ([("x - 1232.567", 1), ("x - 1236.567", -1)], {"x": 1234}),
        ([("x - 1232.567", 1), ("x - 1236.567", -1)], {"x": 1235}),
        (
            [("cos(x) - 1", 0), ("x - 10^10", 1)],
            {"x": 2 * pi * 1591549431},
        ),  # the first beyond: 10^10/(2*pi) = 1591549430.9
        ([("x - 1000*floor(x/1000) - 7", 0), ("x - 5*10^5", 1)], {"x": 500007}),
        ([("cos(3*x)*10^30 + sin(3*x)", 1), ("cos(3*x)", -1)], {"x": pi / 6}),  # as wide as 1e-30
        ([("exp(x/100) - 50", 1), ("exp(x/100) - 50.6", -1)], {"x": 392}),  # 100*log(50) = 391.2, and 392.4
    ],
)
def test_a_part_of_the_domain_is_entered(part: list[tuple[str, int]], where: dict[str, float]) -> None:
    names = "".join(where)
    places = found(part, names)
    if part[0][0].startswith("floor(exp"):
        assert places
        assert all(2.9957 < place["x"] < 3 for place in places)
        return
    assert any(all(place[n] == pytest.approx(where[n], rel=1e-12) for n in names) for place in places)


@pytest.mark.parametrize(
    "part", [[("x - 3", 0), ("x - 4", 0)], [("x - 3", 0), ("x - 2", -1)], [("x^2 + 1", 0)], [("floor(2*x) - 1/2", 0)]]
)
def test_what_has_no_point_is_not_entered(part: list[tuple[str, int]]) -> None:
    assert not found(part, "x")


def test_a_fault_at_whole_numbers_alone_is_found() -> None:
    claim = "if(abs(n - 1234.567) < 2, 7, n)"  # 1233, 1234, 1235 and 1236
    found = gc.check_derivative("x*n + 0*(-1)^n", "x", claim)
    assert found.verdict.value == "wrong"
    assert found.counterexample is not None
    assert found.counterexample.at is not None
    assert found.counterexample.expected in (1233, 1234, 1235, 1236)
    assert found.counterexample.actual == 7


def test_few_middles_where_more_than_one_variable_goes_through_them() -> None:
    many = found([("x + y + z", 0)], "xyz", 100)
    assert all(sum(place.values()) == pytest.approx(0) for place in many)
    assert {place["x"] for place in many} == {0.5, -0.5, 1.5, -1.5, 2.5, -2.5}
    assert len({place["y"] for place in many}) > 200


def test_the_search_ends_with_its_work() -> None:
    assert len(found([("x + y + z", 0)], "xyz", 0.01)) < 100
