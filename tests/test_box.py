"""A box is searched: what looks suspicious in double arithmetic, where boundaries are, and how far the search goes."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gradcalc as gc
from gradcalc.judge.programs import box
from gradcalc.judge.programs.forms import layout
from gradcalc.judge.programs.result import CheckQuestion
from gradcalc.judge.programs.subject import ClaimedFunction, Subject
from gradcalc.verdict import Verdict
from gradcalc.work import Work


def claimed(f: Any, claim: Any, point: Any, word: str = "gradient", **more: Any) -> ClaimedFunction:
    form, first = layout(point)
    return ClaimedFunction(claim, Subject(f, CheckQuestion(word, form, first, **more)))


def outputs(p: Any) -> Any:
    return np.array([p[0] ** 2 * p[1], np.sin(p[1])])


def walled(f: Any) -> Any:
    return lambda p, *vector: f(np.array(json.loads(json.dumps(list(p)))), *vector)


@pytest.mark.parametrize("f", [outputs, walled(outputs)])
@pytest.mark.parametrize(("x", "y"), [(1e6, 0.3), (-3.0, 1e-6), (0.0, 2.0)])
def test_about_how_large_the_truth_is(f: Any, x: float, y: float) -> None:
    at, by_hand = np.array([x, y]), [[2 * x * y, x**2], [0.0, math.cos(y)]]
    for word, vector, truths in (
        ("jacobian", (), [*by_hand[0], *by_hand[1]]),
        ("jvp", (0.5, -2.0), [0.5 * row[0] - 2 * row[1] for row in by_hand]),
    ):
        zeros = np.zeros(len(truths))
        found = box._about(claimed(f, lambda *_, zeros=zeros: zeros, at, word, vector=vector), at)
        for (about, lost), truth in zip(found, truths, strict=True):
            assert abs(about - truth) <= 1e-9 * max(1, abs(truth)) + lost
            assert lost <= (f is not outputs) * 1e-9 * max(1.0, abs(x), x * x)


def test_of_second_derivatives_nothing_is_told_without_a_trace() -> None:
    found = box._about(claimed(walled(lambda p: p[0] ** 3), lambda p: [[6.0]], [1.0], "hessian"), (1.0,))
    assert all(math.isnan(about) for about, _ in found)


@pytest.mark.parametrize("f", [lambda p: p[0] ** 2 + 0 * p[1], walled(lambda p: p[0] ** 2)])
@pytest.mark.parametrize(
    ("factor", "off"), [(1.0, 0.0), (1 + 1e-3, 1e-3), (0.5, 0.5), (math.nan, math.inf), (math.inf, math.inf)]
)
def test_how_far_off_a_gradient_looks(f: Any, factor: float, off: float) -> None:
    for x in (1e6, 1e-6):
        found = box._off(claimed(f, lambda p: [2 * p[0] * factor, 0.0], [x, 1.0]), (x, 1.0))
        assert found == off or abs(found - off) < 1e-8


def test_what_rounding_makes_of_quotients_looks_like_no_fault() -> None:
    def f(p: Any) -> Any:
        return 1e9 + p[0]

    assert box._off(claimed(walled(f), lambda p: [1.01], [1.0]), (1.0,)) == 0
    assert box._off(claimed(f, lambda p: [1.01], [1.0]), (1.0,)) == pytest.approx(0.01)


def verdicts(wrong_below: float, asked: list[float]) -> Any:
    def judge(point: Any) -> Any:
        asked.append(point[0])
        return SimpleNamespace(verdict=Verdict.WRONG if point[0] < wrong_below else Verdict.AGREES)

    return judge


@pytest.mark.parametrize(
    ("wrong_below", "most", "judged", "failing"),
    [(1.0, 8, 4, 0.25), (1.0, 2, 2, 0.25), (0.0, 8, 8, 0.0), (0.0, 2, 2, 0.0)],  # after four that are wrong no more
)
def test_the_part_of_a_box_that_looks_wrong(wrong_below: float, most: int, judged: int, failing: float) -> None:
    claim = claimed(lambda x: x**2, lambda x: 2 * x * (1 + (x < 0.25)), 0.5)
    asked: list[float] = []
    points = [((k + 0.5) / 64,) for k in range(64)]
    assert box._look(claim, verdicts(wrong_below, asked), points, Work(math.inf), most) == (failing, 64)
    assert len(asked) == judged
    assert max(asked) < 0.25


def test_a_look_ends_with_its_work() -> None:
    claim = claimed(lambda x: x**2, lambda x: 3 * x, 0.5)
    assert box._look(claim, verdicts(1.0, []), [(0.5,)], Work(0.0), 3) == (0.0, 0)


def test_judgements_end_with_the_work_and_with_what_is_wrong_but_there_is_one() -> None:
    def seen(work: Work, most: float = math.inf) -> int:
        given = [Verdict.WRONG, Verdict.AGREES, Verdict.WRONG, Verdict.WRONG]
        found: Any = (SimpleNamespace(verdict=verdict) for verdict in given)
        return len([*box._while_allowed(found, work, most)])

    assert [seen(Work(math.inf), most) for most in (1, 2, 3, math.inf)] == [1, 3, 4, 4]
    assert seen(Work(0.0)) == 1


def test_special_points_are_the_middle_the_ends_and_round_ones_within() -> None:
    found = [*box._special([(0.0, 2.0), (-1.0, 1.0)])]
    assert found == [(1.0, 0.0), (0.0, -1.0), (2.0, 1.0), (0.0, 0.0), (1.0, 1.0)]


def test_simpler_numbers_are_round_ones_and_those_of_fewer_digits() -> None:
    found = [*box._simpler(0.12345)]
    assert found[:9] == [0.0, 1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 10.0]
    assert [x for x in found if x in (0.1, 0.12, 0.123, 0.1235, 0.12345)] == [0.1, 0.12, 0.123, 0.1235]
    assert all(abs(x - 0.12345) < 0.1 for x in found[9:])
    assert len(set(found)) == len(found)


def test_a_boundary_is_met_and_left_on_both_sides() -> None:
    ends, condition = [(0.0, 2.0), (0.0, 2.0)], gc.parse("x*x < 2*y")
    claim = claimed("x*y", lambda p: p, {"x": 1.0, "y": 1.9})
    there: Any = SimpleNamespace(numbers=(1.0, 1.9), known={})
    first, *beside = box._across(claim, ends, there, condition)
    assert first[0] ** 2 == pytest.approx(2 * first[1], rel=1e-12)
    gaps = [x * x - 2 * y for x, y in beside]
    assert [gap > 0 for gap in gaps] == [True, False] * 4
    assert all(0 <= each <= 2 for point in beside for each in point)
    assert [*box._across(claim, ends, there, gc.parse("1 < 2"))] == []


def test_a_boundary_that_is_not_met_is_no_point_and_has_some_beside_where_it_was_looked_for() -> None:
    """Newton's method goes from 1/4 to less than 0, the pole is at the end of the box; and for the root of a distance
    from there to the other side and back."""
    claim, there = claimed("x", lambda p: p, {"x": 0.25}), SimpleNamespace(numbers=(0.25,), known={})
    assert [*box._across(claim, [(0.0, 1.0)], there, gc.parse("1/x < 1e6"))] == []
    points = [*box._across(claim, [(0.0, 1.0)], there, gc.parse("sqrt(abs(x - 0.625)) < 0"))]
    assert points[0] == pytest.approx((0.25,), rel=1e-12)
    assert len(points) == 9


@pytest.mark.parametrize(
    ("start", "ends", "most", "found"),
    [
        ((0.7311, 0.9), {}, 60, (1.0, 1.0)),
        ((0.7311, 0.9), {"x": (0.0, 0.95), "y": (0.0, 0.95)}, 60, (0.5, 0.5)),
        ((0.7311, 0.9), {"x": (0.7, 0.8), "y": (0.0, 0.95)}, 60, (0.7, 0.0)),
        ((0.7311, 0.9), {}, 0, (0.7311, 0.9)),
    ],
)
def test_the_simplest_point_that_fails(
    start: Any, ends: Any, most: int, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []

    def judged(_: Any, point: Any) -> Any:
        tried.append(point)
        return SimpleNamespace(verdict=Verdict.WRONG if point[0] > 0.3 else Verdict.AGREES)

    monkeypatch.setattr(box, "judged", judged)
    claim = claimed("x*y", lambda p: p, dict(zip("xy", start, strict=True)), box=ends)
    assert box.simplest(claim, start, most) == found
    assert len(tried) <= most
