"""The short way to a derivative of a smooth function: few values, and none where something else is to be seen."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import mpmath
import numpy
import pytest

import gradcalc as gc
from gradcalc.judge.programs.line import Line
from gradcalc.judge.programs.smooth import smooth
from tests.test_differences import at, untraced

FUNCTIONS = [mpmath.sin, mpmath.exp, mpmath.log, mpmath.atan, mpmath.gamma, lambda x: x**3 - 2 * x,
             lambda x: mpmath.exp(-x * x), lambda x: (x - 1) ** 7, lambda x: mpmath.power(x, x)]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 2])
def test_the_estimate_covers_the_error_of_what_is_found(function: Callable[..., object], order: int) -> None:
    def real(x: float) -> float:
        value = function(x)
        return math.nan if isinstance(value, mpmath.mpc) else float(value)

    rng, found = random.Random(1), 0
    for _ in range(12):
        x = 10 ** rng.uniform(-2, 1.2)
        each = smooth(Line(at(real, x), 2.0 ** (math.frexp(x)[1] - 1)), order)
        if each is not None:
            with mpmath.workdps(40):
                slope = mpmath.diff(function, mpmath.mpf(x), order)
            assert abs(each.derivative - slope) <= each.error
            found += 1
    assert found >= 8


@pytest.mark.parametrize(
    ("function", "x"),
    [(abs, 0.0), (lambda x: abs(x - 1.00001), 1.0), (lambda x: x * abs(x), 0.0), (lambda x: abs(x) ** 1.3, 0.0),
     (lambda x: x + (x > 0.2), 0.20001), (lambda x: x + 1e-3 * math.sin(1e6 * x), 0.7), (lambda x: round(x, 3), 0.7),
     (lambda x: float(numpy.float32(x)), 0.7), (lambda x: 2.0, 0.7), (lambda x: 1e-120 * x, 0.7),
     (lambda x: math.sqrt(x) if x >= 0 else math.nan, 1e-300), (lambda x: x + 1e9, 0.3), (lambda x: x, 1e150),
     (lambda x: x + 1e-9 * abs(x), 0.0), (lambda x: x * math.exp(-((x / 1e-6) ** 2)), 0.0)],
)  # fmt: skip
def test_what_is_not_seen_to_be_smooth_is_left_to_the_long_way(function: Callable[[float], float], x: float) -> None:
    assert smooth(Line(at(function, x), 2.0 ** (math.frexp(x)[1] - 1) if x else 1.0)) is None


def test_no_step_is_wider_than_it_may_be() -> None:
    steps = []
    along = at(math.exp, 1.0)
    assert smooth(Line(lambda step: steps.append(step) or along(step), 1.0), widest=0.1) is not None
    assert max(map(abs, steps)) <= 0.1


@pytest.mark.parametrize(
    ("function", "gradient", "point"),
    [(lambda x: math.sin(x[0]) * math.exp(x[1]),
      lambda x: [math.cos(x[0]) * math.exp(x[1]), math.sin(x[0]) * math.exp(x[1])], [0.3, 0.5]),
     (lambda x: math.sin(x[0]) + x[1] ** 2, lambda x: [math.cos(x[0]), 2 * x[1]], [791.0, 0.5])],
)  # fmt: skip
def test_an_untraced_function_that_is_smooth_is_asked_for_few_values(
    function: Callable[[numpy.ndarray], float], gradient: Callable[[numpy.ndarray], list[float]], point: list[float]
) -> None:
    asked = []
    counted = untraced(lambda x: asked.append(1) or function(x))
    right = gc.check_gradient(counted, lambda x: numpy.array(gradient(x)), numpy.array(point))
    assert right.verdict is gc.Verdict.AGREES
    assert right.finest <= 1e-10
    assert len(asked) < 125 * len(point)  # each of them, of which one or two are kept from a first window
    for slip in (1e-6, 0.01, -2):
        wrong = gc.check_gradient(counted, lambda x, s=slip: numpy.array(gradient(x)) * [1, 1 + s], numpy.array(point))
        assert wrong.verdict is gc.Verdict.WRONG
        assert [row.what for row in wrong.findings if row.verdict is gc.Verdict.WRONG] == ["x[1]"]


def test_an_untraced_hessian_takes_few_values() -> None:
    asked = []
    counted = untraced(lambda x: asked.append(1) or math.sin(x[0]) * math.exp(x[1]))

    def hessian(x: numpy.ndarray) -> numpy.ndarray:
        s, c, e = math.sin(x[0]), math.cos(x[0]), math.exp(x[1])
        return numpy.array([[-s * e, c * e], [c * e, s * e]])

    assert gc.check_hessian(counted, hessian, numpy.array([0.3, 0.5])).verdict is gc.Verdict.AGREES
    assert len(asked) < 600
    wrong = gc.check_hessian(counted, lambda x: hessian(x) * [[1, 1], [1, 1.001]], numpy.array([0.3, 0.5]))
    assert [row.what for row in wrong.findings if row.verdict is gc.Verdict.WRONG] == ["d2f/dx[1]dx[1]"]


def test_what_small_steps_alone_tell_is_heard() -> None:
    """Where the value is next to nothing at the point, small steps tell a slope that wide ones cannot."""

    def bump(x: float) -> float:
        return x * x + 3e-11 * x * math.exp(-((x / 1.5e-3) ** 2))

    found = smooth(Line(at(bump, 0.0), 1.0))
    assert found is None or abs(found.derivative - 3e-11) <= found.error
    function = untraced(lambda x: bump(x[0]))
    assert gc.check_gradient(function, lambda x: numpy.array([3e-11]), numpy.zeros(1)).verdict is gc.Verdict.AGREES
    assert gc.check_gradient(function, lambda x: numpy.zeros(1), numpy.zeros(1)).verdict is gc.Verdict.WRONG
