"""The subject of a judgement, asked alone: where it is called, what it may cost, and what of it is believed."""

from __future__ import annotations

import functools
import math
from types import SimpleNamespace
from typing import Any

import pytest

import gradcalc as gc
from gradcalc.judge.programs.forms import layout
from gradcalc.judge.programs.lines import Lines
from gradcalc.judge.programs.result import CheckQuestion
from gradcalc.judge.programs.subject import ClaimedFunction, Subject
from gradcalc.judge.programs.tracer import UntraceableError


def subject(given: Any, point: Any, word: str = "gradient", **more: Any) -> Subject:
    form, first = layout(point)
    return Subject(given, CheckQuestion(word, form, first, **more))


@pytest.mark.parametrize(("at", "beside"), [(0.0, 2.0**-7), (-4.0, -4 + 2.0**-5), (0.5, 0.5 + 2.0**-8)])
def test_a_trace_calls_the_function_beside_the_point_first(at: float, beside: float) -> None:
    called: list[float] = []
    judged = subject(lambda x: called.append(x), at)
    called.clear()
    itself: Any = lambda function: function  # noqa: E731
    judged._elsewhere(itself, (at,))
    assert called == [beside]


@pytest.mark.parametrize(("seconds", "steps"), [(0.5, 50_000), (2.0, 200_000), (0.001, 1000)])
def test_what_a_check_may_cost(seconds: float, steps: int) -> None:
    judged = subject(math.sin, 1.0, seconds=seconds)
    assert judged.work.seconds == 4 * seconds
    assert judged._most == steps
    assert not judged.loops


@pytest.mark.parametrize(
    ("given", "names"), [("x^2", ("f",)), (["x^2"], ("f[0]",)), (("x^2", "x"), ("f[0]", "f[1]")), (lambda x: x, ("f",))]
)
def test_the_form_of_what_comes_out(given: Any, names: tuple[str, ...]) -> None:
    assert subject(given, {"x": 2.0} if not callable(given) else 2.0, "jacobian").outputs.names == names


@pytest.mark.parametrize("given", [[], [1], ["x", 1], 7])
def test_what_is_neither_function_nor_formula(given: Any) -> None:
    with pytest.raises(TypeError, match="f must be a function or a formula"):
        subject(given, {"x": 2.0})


@pytest.mark.parametrize(
    ("word", "vector", "values"),
    [("jacobian", (), [5.0, 6.0]), ("vjp", (10.0, 1.0), [56.0]), ("jvp", (1.0, 0.0), [5.0, 6.0])],
)
def test_quantities_are_those_asked_for(word: str, vector: tuple[float, ...], values: list[float]) -> None:
    judged = subject(lambda p: [p[0] + p[1], p[0] * p[1]], [2.0, 3.0], word, vector=vector)
    assert judged.quantities_beside((2.0, 3.0)) == values


def test_of_second_derivatives_the_values_are_the_functions() -> None:
    assert subject(lambda x: x * x, 3.0, "hessian").quantities_beside((4.0,)) == [16.0]
    found = subject(lambda x: math.log(x), 3.0, "hessian").quantities_beside((-4.0,))
    assert len(found) == 1
    assert math.isnan(found[0])


@pytest.mark.parametrize(
    ("formula", "at", "value", "off"),
    [
        ("x^2", 3.0, 9.0, None),
        ("x^2", 3.0, 9 + 60 * 2.0**-49, None),
        ("x^2", 3.0, 9.0 * (1 + 1e-9), 1e-9),
        ("x^2", 3.0, 0.0, math.inf),
        ("x^2", 3.0, 18.0, 0.5),
        ("x^2", 3.0, -9.0, 2.0),
        ("x^2", 3.0, math.nan, None),
        ("x^2", 3.0, -math.inf, None),
        ("(x + 1) - x", 1e10, 1 + 1e-5, None),  # 64 roundings of 1e10 are 7e-5
        ("(x + 1) - x", 1e10, 1.01, 0.01 / 1.01),
    ],
)
def test_a_function_is_to_have_its_traces_value(formula: str, at: float, value: float, off: float | None) -> None:
    judged = subject(formula, {"x": at})
    (truth,) = judged.truths((at,), ())
    if off is None:
        judged._hold_against(truth, value)
        assert not judged.untraceable
        assert judged.off == 0
        return
    with pytest.raises(UntraceableError, match="its trace gives"):
        judged._hold_against(truth, value)
    assert judged.off == pytest.approx(off, rel=1e-6)


@pytest.mark.parametrize(
    ("word", "vector", "told"),
    [
        ("jvp", (1.0,), "1 numbers, for 2 numbers of the point"),
        ("hvp", (1.0, 2.0, 3.0), "3 numbers, for 2 numbers of the point"),
        ("vjp", (1.0, 2.0), "2 numbers, for 1 values of the function"),
    ],
)
def test_a_vector_has_as_many_numbers_as_it_is_for(word: str, vector: tuple[float, ...], told: str) -> None:
    judged = subject(lambda p: p[0] * p[1], [2.0, 3.0], word, vector=vector)
    with pytest.raises(TypeError, match=told):
        ClaimedFunction(lambda p: p, judged)


def test_a_claim_is_read_in_the_form_of_its_word() -> None:
    """Of f = (x*y, x - y, x): the Jacobian, row by row, and sums of its columns and rows."""

    def outputs(p: Any) -> list[Any]:
        return [p[0] * p[1], p[0] - p[1], p[0]]

    judged = subject(outputs, [2.0, 3.0], "jacobian")
    rows = ClaimedFunction(lambda p: [[p[1], p[0]], [1.0, -1.0], [1.0, 0.0]], judged).at((2.0, 3.0))
    assert rows.numbers == [3, 2, 1, -1, 1, 0]
    judged = subject(outputs, [2.0, 3.0], "jvp", vector=(1.0, 10.0))
    assert ClaimedFunction(lambda p, v: [23.0, -9.0, v[0]], judged).at((2.0, 3.0)).numbers == [23, -9, 1]
    judged = subject(outputs, [2.0, 3.0], "vjp", vector=(1.0, 10.0, 100.0))
    assert ClaimedFunction(lambda p, v: [3.0 + 10 + v[2], -8.0], judged).at((2.0, 3.0)).numbers == [113, -8]
    judged = subject(lambda p: p[0] ** 2 * p[1], [2.0, 3.0], "hessian")
    assert ClaimedFunction(lambda p: [[6.0, 4.0], [4.0, 0.0]], judged).at((2.0, 3.0)).numbers == [6, 4, 4, 0]


def test_a_claims_trace_is_of_the_branch_that_it_takes() -> None:
    """At 1 both sides are equal: the claim's own number is 1 there, and that of the other branch is no part of it."""
    judged = subject(lambda x: abs(x - 1), 1.0)
    found = ClaimedFunction(lambda x: 1.0 if x >= 1 else -1.0, judged).trace((1.0,))
    assert [guard.outcome for guard in found.guards] == [True]


def test_a_function_answers_with_as_many_numbers_everywhere() -> None:
    judged = subject(lambda x: [x] if x < 1 else [x, x], 0.5, "jacobian")
    assert judged.values((0.25,)) == [0.25]
    with pytest.raises(TypeError, match="answers with 2 numbers here, with 1 elsewhere"):
        judged.values((2.0,))


def test_the_second_derivative_is_none_where_the_first_is() -> None:
    judged = subject("x*abs(y)", {"x": 2.0, "y": 0.0}, "hessian")
    by_x, by_y = judged.truths((2.0, 0.0), (0.0,))
    assert by_x.certified.gradient["x"].status in ("certified", "zero")
    assert {part.status for part in by_y.certified.gradient.values()}.isdisjoint({"certified", "zero", "overflow"})


def test_what_a_call_costs_is_found_at_the_first() -> None:
    def long(x: float) -> float:
        for _ in range(1000):
            x += 1
        return x

    judged = subject(long, 1.0)
    judged.values((1.0,))
    assert 5 < judged.cost < 20  # of 2,000 lines, 250 a unit
    assert judged.work.done == judged.cost


@pytest.mark.parametrize(
    ("given", "name"),
    [(math.sin, "sin"), (lambda x: x, "f"), (functools.partial(math.pow, 2.0), "partial"), (["x^2", "x"], "x^2, x")],
)
def test_what_a_function_is_called(given: Any, name: str) -> None:
    assert subject(given, 2.0 if callable(given) else {"x": 2.0}, "jacobian").name == name


@pytest.mark.parametrize(("wrt", "names"), [(None, ("x", "y")), (("y",), ("y",)), (("x",), ("x",))])
def test_the_end_of_a_sum_is_no_variable(wrt: tuple[str, ...] | None, names: tuple[str, ...]) -> None:
    judged = subject("sum(y*x^k, k=1..n)", {"x": 2.0, "n": 3.0, "y": 5.0}, wrt=wrt)
    assert judged.answer.names == names
    (formula,) = judged.trace((2.0, 3.0, 5.0)).formulas
    assert gc.evaluate(formula, {"x": 2, "y": 5}) == 5 * (2 + 4 + 8)
    with pytest.raises(ValueError, match="n ends a sum or a product"):
        judged.trace((2.0, 4.0, 5.0))


def test_finer_values_are_of_the_function_with_tighter_solvers() -> None:
    judged = subject(lambda x: x, 1.0)
    judged.values((1.0,))
    judged.__dict__["_finer"] = SimpleNamespace(solvers={"a": None}), lambda x: x + 0.25
    assert judged.quantities_beside((1.0,)) == [1.0]
    assert judged.quantities_beside((1.0,), finer=True) == [1.25]
    assert judged.work.done == pytest.approx(4 * judged.cost)  # two calls, and one that counts twice
    judged.solvers = {"a": None, "b": None}
    assert math.isnan(judged.quantities_beside((1.0,), finer=True)[0])  # b may be as coarse as it was


def test_a_trace_beside_the_point_may_be_longer_than_that_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = subject(lambda x: x, 1.0, seconds=10.0)
    judged.steps = 1000
    most: list[int] = []
    monkeypatch.setattr(judged, "trace", lambda *_: most.append(judged._most))
    judged.trace_beside((2.0,))
    judged.steps = 100_000
    judged.trace_beside((2.0,))
    assert most == [40_000, 1_000_000]
    assert judged._most == 1_000_000


def test_what_a_derivative_in_doubles_costs() -> None:
    judged = subject("x^2", {"x": 3.0})
    before = judged.work.done
    assert judged.about((3.0,)) == [6.0]
    assert judged.work.done - before == pytest.approx(0.05 * (1 + 3))  # x, 2 and the power


def test_a_value_of_reverse_mode_is_a_number_of_the_function() -> None:
    judged = subject(lambda p: gc.Value(p[0]) * p[1], [2.0, 3.0], "jacobian")
    assert judged.outputs.names == ("f[0]",)
    assert judged.values((2.0, 3.0)) == [6.0]


def test_steps_along_a_line_move_no_number_by_more_than_its_size() -> None:
    lines = Lines()
    lines.numbers = (3.0, -0.2, 0.0)
    assert [lines._size(axis) for axis in range(3)] == [2.0, 0.125, 1.0]  # powers of 2
    assert [lines._unit_of(along) for along in ((4.0, 0.5, 0.0), (0.0, 0.0, -8.0), (0.0, 0.0, 0.0))] == [0.25, 0.125, 1]
