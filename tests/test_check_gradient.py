"""Gradient functions judged: every planted fault is found, and nothing right is called wrong."""

from __future__ import annotations

import copy
import ctypes
import json
import math
import pickle
import platform
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import make_dataclass
from functools import partial
from hashlib import sha256
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import gradcalc as gc
from gradcalc.helper import OutOfTime
from gradcalc.judge import certificates
from gradcalc.judge.certificates import certificate, verify
from gradcalc.judge.programs.box import Region
from gradcalc.judge.programs.files import function_of
from gradcalc.judge.programs.gradient import GradientCheck, assert_gradient, check_gradient
from gradcalc.judge.programs.hints import TIMES, row_hints
from gradcalc.judge.programs.judge import judged
from gradcalc.judge.programs.rounding import Rounding
from gradcalc.work import OUT_OF_TIME, Work
from tests.strategies import formulas

POINT = {"a": 2, "b": -3, "c": 10, "f": -2}


def walled(grad: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same numbers, but nothing to trace."""
    if getattr(grad, "__name__", "") == "walled":
        return grad
    return lambda x: grad(
        json.loads(json.dumps(x)) if not hasattr(x, "shape") else np.array(json.loads(str(x.tolist())))
    )


# ---- the single cases: each has one right answer


SINGLE: list[tuple[Any, Any, float, str]] = [
    (lambda x: 1e-9 * x**2, lambda x: 499 * 2e-9 * x, 1.0, "wrong"),
    (math.sin, lambda x: math.cos(x) * (1 + 1e-6), 0.7, "wrong"),
    (lambda x: math.sqrt(x**2), lambda x: 1.0, -1.0, "wrong"),
    (lambda x: x**2, lambda x: 0.0, 1e10, "wrong"),
    (lambda x: x**2, lambda x: 2 * x, 1e10, "agrees"),
    (lambda x: math.sin(1e5 * x), lambda x: 1e5 * math.cos(1e5 * x), 1.0, "agrees"),
    (math.log, lambda x: 1 / x, 1e-5, "agrees"),
    (lambda x: math.exp(20 * x), lambda x: 20 * math.exp(20 * x), 1.0, "agrees"),
    (abs, lambda x: 0.0, 0.0, "not-differentiable"),
    (lambda x: max(x, 0), lambda x: 0.0, 0.0, "not-differentiable"),
    (math.floor, lambda x: 0.0, 1.0, "not-differentiable"),
    (lambda x: sum(x**k for k in range(40) if k * x >= 0 * x), lambda x: 1.0, 0.0, "not-differentiable"),
    (lambda x: x**2, lambda x: 2 * x + math.acos(10 * x), 0.1, "agrees"),  # of more than 1 in the reals
    (lambda x: x**2, lambda x: 3 * x + math.acos(10 * x), 0.1, "wrong"),
    (lambda x: math.exp(x) - x if x > 0 else x, lambda x: math.exp(x) - 1 + 1e-17, 1e-9, "agrees"),  # as exp is rounded
    (lambda x: math.exp(x) - x if x > 0 else x, lambda x: math.exp(x) - 1 + 1e-12, 1e-9, "wrong"),
    (
        lambda x: x if math.asin(10 * x) >= math.pi / 2 else 2 * x,
        lambda x: 1.0,
        0.1,
        "undecided",
    ),  # the double is above 1/10
]


@pytest.mark.parametrize("wall", [lambda g: g, walled])
@pytest.mark.parametrize(("f", "grad", "at", "verdict"), SINGLE)
def test_single_cases(f: Any, grad: Any, at: float, verdict: str, wall: Any) -> None:
    assert check_gradient(f, wall(grad), at).verdict == verdict


TEXTS: list[tuple[str, Any, float, str]] = [
    ("abs(x)", lambda p: {"x": 0.0}, 0.0, "not-differentiable"),
    ("max(x, 0)", lambda p: {"x": 0.0}, 0.0, "not-differentiable"),
    ("floor(x)", lambda p: {"x": 0.0}, 1.0, "not-differentiable"),
    ("sqrt(x^2)", lambda p: {"x": 1.0}, 1.0, "agrees"),
    ("sqrt(x^2)", lambda p: {"x": 1.0}, -1.0, "wrong"),
    ("log(x)", lambda p: {"x": 1 / p["x"]}, -1.0, "undefined"),
    ("mod(0.1, x)", lambda p: {"x": -1.0}, 0.1, "undecided"),
    ("if(x <= 0.3, x^2, log(-1))", lambda p: {"x": 0.6}, 0.3, "agrees"),  # where beside the point there is nothing
    ("if(x <= 0.3, x^2, log(-1))", lambda p: {"x": 3.0}, 0.3, "wrong"),
    ("1e200*x*1e200", lambda p: {"x": math.inf}, 1.0, "undecided"),  # any that overflows answers inf, right or wrong
    ("exp(x)", lambda p: {"x": 3 * math.inf}, 1000.0, "undecided"),
    ("(x - 1e155)^2*1e-300 + x", lambda p: {"x": float(str(p["x"]))}, 1.0, "agrees"),  # 1 - 2e-145: no double squares
    # s*(1 - s), which is 0 in doubles, whatever it takes to tell which branch is taken
    ("if(sin(x)^2 + cos(x)^2 + 1e-30 > 1, 1/(1 + exp(-x)), 2*x)", lambda p: {"x": 0.0}, 60.5, "undecided"),
    ("if(sin(x)^2 + cos(x)^2 + 1e-30 > 1, 1/(1 + exp(-x)), 2*x)", lambda p: {"x": 0.15}, 1.5, "wrong"),
]


@pytest.mark.parametrize(("f", "grad", "at", "verdict"), TEXTS)
def test_formulas(f: str, grad: Any, at: float, verdict: str) -> None:
    assert check_gradient(f, grad, {"x": at}).verdict == verdict


# ---- faults of every size


@pytest.mark.parametrize("wall", [lambda g: g, walled])
@pytest.mark.parametrize("relative", [1e-3, 1e-6, 1e-9, 1e-12])
def test_faults_of_every_size(relative: float, wall: Any) -> None:
    def f(x: Any) -> Any:
        return np.log(np.sum(np.exp(x))) + x[0] * np.sin(x[1])

    def grad(x: Any, fault: float = 0.0) -> Any:
        g = np.exp(x) / np.sum(np.exp(x))
        g[0] += np.sin(x[1])
        g[1] = (g[1] + x[0] * np.cos(x[1])) * (1 + fault)
        return g

    at = np.array([0.7, -1.1, 0.4])
    assert check_gradient(f, wall(grad), at)
    found = check_gradient(f, wall(lambda x: grad(x, relative)), at)
    assert found.verdict == "wrong"
    assert [row.what for row in found.wrong] == ["x[1]"]
    assert found.findings[0].relative == pytest.approx(relative, rel=1e-2)


def test_pi_typed_too_short() -> None:
    assert check_gradient("sin(pi*x)", lambda x: math.pi * math.cos(math.pi * x), {"x": 0.3})
    assert check_gradient("sin(pi*x)", lambda x: 3.14159 * math.cos(math.pi * x), {"x": 0.3}).verdict == "wrong"


def test_constants_are_doubles_near_what_is_meant() -> None:
    assert check_gradient(lambda x: 0.1 * x**3, lambda x: 0.3 * x**2, 0.7)
    assert check_gradient("sin(pi*x*1e6)", lambda x: math.pi * 1e6 * math.cos(1e6 * math.pi * x), {"x": 0.7})
    assert not check_gradient(lambda x: 0.1 * x**3, lambda x: 0.3000000001 * x**2, 0.7)


EXPANDED = [
    (
        lambda x: (x - 1) ** 7,
        lambda x: 7 * x**6 - 42 * x**5 + 105 * x**4 - 140 * x**3 + 105 * x**2 - 42 * x + 7,
        1.0001,
    ),
    (lambda x: x - math.sin(x), lambda x: 1 - math.cos(x), 1e-9),
    (lambda x: 1 / (1 + math.exp(-x)), lambda x: (lambda s: s * (1 - s))(1 / (1 + math.exp(-x))), 40.0),
    (lambda x: 1 / (1 + math.exp(-x)), lambda x: (lambda s: s * (1 - s))(1 / (1 + math.exp(-x))), 15.0),
    (math.tanh, lambda x: 1 - math.tanh(x) ** 2, 15.0),
    (lambda x: (math.exp(x) - 1 - x) / x**2, lambda x: (math.exp(x) * (x - 2) + x + 2) / x**3, 1e-3),
]


@pytest.mark.parametrize("wall", [lambda g: g, walled])
@pytest.mark.parametrize(("f", "grad", "at"), EXPANDED)
def test_right_gradients_that_lose_their_digits(f: Any, grad: Any, at: float, wall: Any) -> None:
    found = check_gradient(f, wall(grad), at)
    assert found
    assert found.findings[0].relative is not None
    assert found.findings[0].relative > 1e-12


# ---- noise is not innocence


def scattered(x: float) -> float:
    """A number from -1 to 1 made of the bits of another."""
    return zlib.crc32(struct.pack("d", x)) / 2.0**31 - 1


def bits_lost(grad: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: grad(float.fromhex(float(x).hex()))


NOISY: list[Callable[[float], float]] = [
    lambda x: math.cos(x) * (1 + 1e-7 * scattered(x)),
    lambda x: math.cos(x) * (1 + 1e-2 * scattered(x)),
    lambda x: 1e6 * scattered(x),
    lambda x: (math.sin(x + 1e-15) - math.sin(x)) / 1e-15,
    lambda x: (math.sin(x + 1e-12) - math.sin(x)) / 1e-12,
    lambda x: round(math.cos(x), 2),
    lambda x: math.cos(x) + 0.2 * math.sin(1e12 * x),
    lambda x: float(np.cos(np.float32(x))),
    lambda x: float(np.cos(np.float32(x)) * np.float32(1.000003)),
]


@pytest.mark.usefixtures("few_points")
@pytest.mark.parametrize("f", [math.sin, bits_lost(math.sin)])
@pytest.mark.parametrize("grad", NOISY)
def test_noise_does_not_excuse_a_gradient(f: Any, grad: Any, allow: Any) -> None:
    allow(1 / 5)
    assert check_gradient(f, bits_lost(grad), 0.7).verdict in ("imprecise", "wrong")
    over_box = check_gradient(f, bits_lost(grad), box=(0.1, 1.4), n=4)
    assert over_box.verdict in ("imprecise", "wrong")


@pytest.mark.parametrize("step", [1e-3, 1e-5, 1e-8, 1e-10, 1e-12, 1e-14, 1e-15, 1e-16])
def test_a_traced_quotient_keeps_few_digits_and_does_not_agree(step: float) -> None:
    def forward(x: float) -> float:
        return (math.sin(x + step) - math.sin(x)) / step

    def central(x: float) -> float:
        return (math.sin(x + step) - math.sin(x - step)) / (2 * step)

    for grad, order in ((forward, 1), (central, 2)):
        found = check_gradient(math.sin, grad, 0.7)
        means_the_slope = step**order < 1e-14  # so that only rounding is to blame
        assert found.verdict == ("imprecise" if means_the_slope else "wrong")
        if means_the_slope:
            assert "its own steps" in found.reason
        assert not check_gradient(bits_lost(math.sin), grad, 0.7)


@pytest.mark.parametrize(
    ("f", "grad", "at", "said"),
    [(lambda x: 1e12 * x[0] ** 2 + 1e-6 * x[1] ** 2, lambda x: np.array([2e12 * x[0], 0.0]), [1.0, 2.0],
      " of the largest component;"),
     (lambda x: 1 / (1 + math.exp(-x[0])), lambda x: 0 * x, [40.0], "it agrees with 0 to within "),
     (lambda x: math.sin(x[0]), np.cos, [0.7], ";")],
)  # fmt: skip
def test_of_what_quotients_do_not_tell_from_0_no_digit_is_claimed(f: Any, grad: Any, at: Any, said: str) -> None:
    found = check_gradient(lambda x: f(np.frombuffer(x.tobytes())), grad, np.array(at))
    assert found.verdict == "agrees"
    assert said in str(found).split("\n")[1]
    for other in (" of the largest", "with 0"):
        assert (other in str(found)) is (other in said)


def test_points_without_a_value_are_not_said_to_be_imprecise() -> None:
    found = check_gradient("sqrt(x)", lambda x: (0.5 / math.sqrt(x) + 1e6) - 1e6, box={"x": (-1.0, 1.0)})
    assert found.verdict == "imprecise"
    assert found.points > 60  # half of which have no value
    assert str(found).split("\n")[-1] == f"  it agrees at {found.agreeing} of {found.points} points (seed 0)"


def test_the_words_for_a_gradient_in_single_precision() -> None:
    hidden = check_gradient(math.sin, bits_lost(lambda x: float(np.cos(np.float32(x)))), 0.7)
    said = "the gradient keeps 7 of 16 digits; double arithmetic would keep 15: it looks like single precision"
    assert (hidden.verdict, hidden.reason) == ("imprecise", said)
    lines = str(hidden).split("\n")
    assert lines[0] == f"imprecise: the gradient of sin at x=0.7: {said}"
    quotient = check_gradient(np.exp, bits_lost(lambda x: (math.exp(x + 1e-8) - math.exp(x)) / 1e-8), 1.0)
    assert quotient.reason.endswith("it looks like single precision, a quotient or a tolerance")
    shown = check_gradient(math.sin, bits_lost(lambda x: np.cos(np.float32(x))), 0.7)
    assert shown.precision == "single"
    half = check_gradient(math.sin, bits_lost(lambda x: np.cos(np.float16(x))), 0.7)
    assert " in half precision" in str(half).split("\n")[1]
    rounded = check_gradient(math.sin, bits_lost(lambda x: float(np.float16(math.cos(x)))), 0.7)
    assert rounded.reason.endswith("it looks like half precision")
    assert str(shown).split("\n")[1].endswith("in single precision, smaller faults are rounding here")
    assert (
        check_gradient(math.sin, bits_lost(lambda x: np.cos(np.float32(x)) * np.float32(1.00002)), 0.7).verdict
        == "wrong"
    )


@pytest.mark.parametrize(("f", "x"), [(math.tanh, 18.0), (lambda x: 2 / (1 + math.exp(-2 * x)) - 1, 18.0)])
def test_a_derivative_below_the_rounding_of_the_value_is_not_called_wrong(f: Any, x: float) -> None:
    assert check_gradient(f, bits_lost(lambda x: 1 - f(x) ** 2), x).verdict == "undecided"  # 4 % off
    assert check_gradient(f, bits_lost(lambda x: 1e-9 - f(x) ** 2), x).verdict == "wrong"


@pytest.mark.parametrize("noise", [0.0, 1e-13, 1e-9, 1e-5])
@pytest.mark.parametrize("fault", [1e-1, 1e-6, 1e-12])
def test_a_fault_is_found_in_noise(fault: float, noise: float) -> None:
    def grad(x: Any) -> Any:
        g = np.array([x[1] * math.cos(x[0] * x[1]), x[0] * math.cos(x[0] * x[1])])
        return g * [1, 1 + fault] * (1 + noise * scattered(x[0]))

    found = check_gradient(lambda x: np.sin(x[0] * x[1]), walled(grad), np.array([0.7, 1.1]))
    assert found.verdict in ("imprecise", "wrong")


def lennard_jones(x: Any) -> Any:
    square = (x[0] - x[1]) ** 2 + (x[2] - x[3]) ** 2
    return square**-6 - square**-3


def forces(x: Any) -> Any:
    along, across = x[0] - x[1], x[2] - x[3]
    square = along**2 + across**2
    slope = -6 * square**-7 + 3 * square**-4
    return 2 * slope * np.array([along, -along, across, -across])


def filtered(x: Any) -> Any:
    """The variance of a Kalman filter after 12 steps."""
    p = x[0]
    for _ in range(12):
        p = p + 0.3
        gain = p / (p + x[1])
        p = (1 - gain) * p
    return p


def filtered_slopes(x: Any) -> Any:
    p, slopes = x[0], np.array([1.0, 0.0])
    for _ in range(12):
        p = p + 0.3
        total = p + x[1]
        slopes = (slopes * x[1] ** 2 + np.array([0.0, p * p])) / total**2
        p = p * x[1] / total
    return slopes


@pytest.mark.parametrize(
    ("f", "grad", "at"),
    [(lennard_jones, forces, np.array([3.2, 2.1, -1.4, -0.9])), (filtered, filtered_slopes, np.array([1.0, 0.64]))],
)
def test_neither_a_negative_power_nor_a_recursion_is_multiplied_out(f: Any, grad: Any, at: Any) -> None:
    assert check_gradient(f, walled(grad), at).verdict == "agrees"
    noisy = walled(lambda x: grad(x) * (1 + 1e-6 * scattered(x[0])))
    assert check_gradient(f, noisy, at).verdict == "imprecise"


def test_where_rounding_leaves_no_digit_nobody_is_accused_and_nothing_agrees() -> None:
    """The cosine of about 1e94, whose neighbours among the doubles are 1e78 apart."""

    def f(x: Any) -> Any:
        return np.cos(x[1] ** 2 + np.exp(x[0]))

    def grad(x: Any) -> Any:
        inner = math.exp(x[0]) + x[1] ** 2
        return -math.sin(inner) * np.array([math.exp(x[0]), 2 * x[1]])

    at = np.array([218.43799730589228, 0.3])
    honest, any_number = walled(grad), walled(lambda x: np.array([4e94, 0.35]))
    for claim in (honest, any_number):
        found = check_gradient(f, claim, at)
        assert found.verdict == "undecided"
        assert "all that the derivative is made of" in found.reason
    assert check_gradient(f, walled(lambda x: np.array([1e200, 0.35])), at).verdict == "wrong"


@pytest.mark.parametrize("t", [1.6e-4, 1e-5, 1e-6])
def test_where_no_digit_is_right_nobody_is_accused_and_nothing_agrees(t: float) -> None:
    """Of (1 - cos(t))/t^2, 1/2 - t^2/24 and less, the derivative is -t/12 but for t^3/180; its quotient in doubles has
    no digit of that here."""

    def f(x: Any) -> Any:
        return (1 - np.cos(x)) / x**2

    for factor in (-1, 0, 60):
        found = check_gradient(f, walled(lambda x, factor=factor: -factor * x / 12), t)
        assert found.verdict == "undecided"
        assert "no digit" in found.reason
    assert check_gradient(f, walled(lambda x: -x / 12), t).verdict == "agrees"


def test_constants_explain_no_more_than_they_can() -> None:
    far = check_gradient(
        lambda x: math.sin(x - 1700000000.123), lambda x: math.cos(x - 1700000000.123) * (1 + 1e-6), 1700000000.5
    )
    assert far.verdict == "wrong"
    huge = check_gradient(
        math.sin, lambda x: math.cos(x) + (x * 12345678901234568.0 - x * 12345678901234572.0) * 0.05, 0.7
    )
    assert huge.verdict == "imprecise"
    assert huge.reason.endswith("the rounding of its constants takes the rest")
    swift = check_gradient("sin(pi*x*1e6)", lambda x: math.pi * 1e6 * math.cos(1e6 * math.pi * x), {"x": 0.71230031})
    assert 1e-11 < swift.finest < 1e-7
    assert "as far as constants with so few digits tell" in str(swift).split("\n")[1]


@pytest.mark.parametrize("x", [0.5, 0.7, 3.0])
def test_constants_of_an_iteration_explain_what_they_move_at_its_end(x: float) -> None:
    """Kepler's equation E - 0.6*sin(E) = x, so that dE/dx = 1/(1 - 0.6*cos(E))."""

    def anomaly(x: Any) -> Any:
        found = x
        for _ in range(20):
            found = found - (found - 0.6 * math.sin(found) - x) / (1 - 0.6 * math.cos(found))
        return found

    slope = float(mpmath.findroot(lambda e: e - mpmath.mpf(0.6) * mpmath.sin(e) - x, x))
    slope = 1 / (1 - 0.6 * math.cos(slope))
    assert check_gradient(anomaly, lambda _: slope, x).verdict == "agrees"
    for factor in (1 + 1e-6, 1.01, 0.5, 0.0, -1.0):
        assert check_gradient(anomaly, lambda _, factor=factor: factor * slope, x).verdict == "wrong"


@pytest.mark.parametrize("x", [0.25, 0.6, 0.96, 1.9])
def test_what_rounding_explains_does_not_grow_with_the_steps_of_an_iteration(x: float) -> None:
    """The fifth root of x by Newton's method, whose balls widen with each step: d/dx is x^(-4/5)/5."""

    def root(x: Any) -> Any:
        found = 0.3
        for _ in range(40):
            found = found - (found**5 - x) / (5 * found**4)
        return found

    slope = x**-0.8 / 5
    for claim in (lambda factor: lambda _: factor * slope, lambda factor: walled(lambda _: factor * slope)):
        assert check_gradient(root, claim(1.0), x).verdict == "agrees"
        for factor in (1 + 1e-6, 0.5, 0.0, -1.0):
            assert check_gradient(root, claim(factor), x).verdict == "wrong"


@pytest.mark.parametrize("steps", [20, 60, 200])
def test_of_an_iteration_that_carries_rounding_beyond_all_digits_nothing_agrees(steps: int) -> None:
    """The logistic map u -> 3.9*u*(1 - u), whose derivative is the product of 3.9*(1 - 2*u)."""

    def mapped(x: Any) -> Any:
        for _ in range(steps):
            x = 3.9 * x * (1 - x)
        return x

    def slope(x: Any) -> Any:
        found = 1.0
        for _ in range(steps):
            found, x = found * 3.9 * (1 - 2 * x), 3.9 * x * (1 - x)
        return found

    assert check_gradient(mapped, slope, 0.3).verdict == "agrees"
    for claim in (lambda x: 1.5 * slope(x), walled(lambda x: 1.01 * slope(x)), lambda _: 0.0, walled(lambda _: 0.0)):
        assert check_gradient(mapped, claim, 0.3).verdict == ("wrong" if steps == 20 else "undecided")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas(max_leaves=6))
def test_the_float_engine_is_never_called_wrong(case: tuple[gc.Formula, dict[str, float]]) -> None:
    formula, at = case
    try:
        gc.grad(formula, at)
    except gc.FormulaError:  # at a jump, of which the engine says that there is no gradient
        return
    if at:
        found = check_gradient(
            formula, lambda p: gc.grad(formula, {k: float.fromhex(x.hex()) for k, x in p.items()}), at
        )
        assert found.verdict != "wrong", found.findings


def test_a_gradient_may_refuse_where_there_is_none() -> None:
    """By y alone there is a derivative, 0; the gradient does not exist, since the formula jumps along x."""

    def refuses(p: Any) -> Any:
        raise ValueError("not here")

    at = {"x": 0.0, "y": 1.0}
    found = check_gradient("if(x == 0, 0, y)", refuses, at)
    assert found.verdict == "not-differentiable"
    assert all("jumps at x=0" in row.reason for row in found.findings)
    assert check_gradient("x*y", refuses, at).verdict == "wrong"


# ---- how points reach the functions


def test_forms_of_a_point() -> None:
    seen: list[Any] = []

    def look(x: Any) -> None:
        if "Tracer" not in repr(type(x)) and not (hasattr(x, "dtype") and x.dtype == object):
            seen.append(x)

    def f(x: Any) -> Any:
        look(x)
        return x[0] * x[1]

    assert check_gradient(f, lambda x: [x[1], x[0]], [2, 3])
    assert check_gradient(f, lambda x: np.array([x[1], x[0]]), np.array([2.0, 3.0]))
    assert all(type(x) is np.ndarray and x.dtype == float for x in seen)
    assert check_gradient(lambda p: p["a"] * p["b"], lambda p: {"a": p["b"], "b": p["a"]}, {"a": 2, "b": 3})
    assert check_gradient(lambda a, b: a * b, lambda a, b: (b, a), {"a": 2, "b": 3})
    assert check_gradient(lambda b, a: a - 2 * b, lambda a, b: {"a": 1.0, "b": -2.0}, {"a": 2, "b": 3})
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, {"x": 3})
    assert check_gradient(
        lambda p: p["w"] @ p["w"] + p["b"], lambda p: {"w": 2 * p["w"], "b": 1.0}, {"w": [1.0, 2.0], "b": 3.0}
    )
    assert check_gradient(lambda x, k: k * x.sum(), lambda x, k: k + 0 * x, np.ones((2, 2)), kwargs={"k": 3.0})
    assert check_gradient("a*b", lambda p: {"a": p["b"]}, {"a": 2, "b": 3}, wrt=["a"])


def test_a_mistake_is_named_where_some_of_the_names_are_asked_for() -> None:
    found = check_gradient(lambda a, b: a * a * b, lambda a, b: {"a": a * a}, {"a": 2.0, "b": 3.0}, wrt=["a"])
    assert found.verdict == "wrong"
    assert found.findings[0].hint == "that is the derivative with respect to b; right is 2*b*a"


def test_a_fault_that_was_found_is_told_though_the_time_ends_with_the_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: Any) -> Any:
        raise OutOfTime

    monkeypatch.setattr("gradcalc.judge.programs.gradient.row_hints", ends)
    found = check_gradient(lambda x: x**2, lambda x: 2 * x + 0.01 * x**3, 3.0)
    assert (found.verdict, found.findings[0].expected, found.hint) == ("wrong", 6.0, "")
    monkeypatch.setattr("gradcalc.judge.programs.gradient.simplest", ends)
    over_box = check_gradient(lambda x: x**2, lambda x: 2 * x + 0.01 * x**3, box=(1, 3))
    assert over_box.verdict == "wrong"


def test_after_the_clock_nothing_more_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(claim: Any) -> Region:
        return Region((judged(claim, (3.0,)),), 1, 1.0, OUT_OF_TIME)

    def asked(*_: Any) -> Any:
        raise AssertionError("there is no time for it")

    monkeypatch.setattr("gradcalc.judge.programs.gradient.search", search)
    for late in ("simplest", "row_hints"):
        monkeypatch.setattr(f"gradcalc.judge.programs.gradient.{late}", asked)
    found = check_gradient(lambda x: x**2, lambda x: 2 * x + 0.01 * x**3, box=(1, 4))
    assert (found.verdict, found.at) == ("wrong", {"x": 3.0})


def test_what_was_judged_on_the_way_counts_where_the_time_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise OutOfTime

    monkeypatch.setattr("gradcalc.judge.programs.box._look", late)
    found = check_gradient("x^2", lambda x: 3 * x if 1.234 < x < 1.2341 else 2 * x, box={"x": (0.0, 2.0)}, n=2)
    assert found.verdict == "wrong"
    assert 1.234 < found.at["x"] < 1.2341
    assert (found.drawn, found.failing) == (2, 0.0)
    assert found.notes == (f"not all of the box was tried: {OUT_OF_TIME}",)


def test_what_wraps_a_function_of_several_arguments_gets_them_in_order() -> None:
    def wrapped(g: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: g(*arguments)

    def f(a: Any, b: Any) -> Any:
        return np.sum(a * b**2)

    at = (np.array([1.5, 2.5]), np.array([2.0, -1.0]))
    assert check_gradient(f, wrapped(lambda a, b: (b**2, 2 * a * b)), at)
    assert check_gradient(wrapped(f), lambda a, b: (b**2, 2 * a * b), at)
    assert check_gradient(lambda p: f(*p), wrapped(lambda p: (p[1] ** 2, 2 * p[0] * p[1])), at)


def test_value_and_grad() -> None:
    assert check_gradient(lambda x: x**3, lambda x: (x**3, 3 * x**2), 0.7)
    assert check_gradient(lambda x: (x**3, 3 * x**2), None, 0.7)
    assert check_gradient(lambda x: (x @ x, 2 * x), at=np.array([1.0, 2.0]))
    found = check_gradient(lambda x: x**3, lambda x: (x**3 + 1e-9, 3 * x**2), 0.7)
    assert [row.what for row in found.wrong] == ["value"]


def test_what_has_the_wrong_form_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="2 components, the point 3"):
        check_gradient(lambda x: x.sum(), lambda x: x[:2], np.ones(3))
    with pytest.raises(TypeError, match="it answered None"):
        check_gradient(lambda x: x.sum(), lambda x: None, np.ones(3))
    with pytest.raises(TypeError, match=r"answered None.* is a return missing"):
        check_gradient(lambda x: None, lambda x: x, 1.0)
    with pytest.raises(TypeError, match=r"the gradient answered .*no real number"):
        check_gradient(lambda x: x, lambda x: complex(x), 1.0)
    with pytest.raises(TypeError, match="the gradient's entry for w has 1 component, the point's 2"):
        check_gradient(lambda p: p["w"].sum() * p["v"].sum(), lambda p: {"w": 1.0, "v": [1, 2, 3]},
                       {"w": [1, 2], "v": [3, 4]})  # fmt: skip
    with pytest.raises(TypeError, match="'2\\*x'\\) judges a formula"):
        check_gradient("x^2", "2*x", {"x": 1})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="names what the point does not have: a"):
        check_gradient("a", lambda p: {}, {"a": 1}, wrt=["c"])
    with pytest.raises(ValueError, match="names what the point does not have: a"):
        check_gradient("a", lambda p: {"a": 1}, {"a": 1}, wrt=["a", "c"])
    with pytest.raises(ValueError, match="names what the point does not have: a"):
        check_gradient("a", lambda p: {}, {"a": 1}, wrt=[])
    for box in ((1, -1), (0, math.inf), (math.nan, 1)):
        with pytest.raises(ValueError, match="the box of x is no pair"):
            check_gradient(lambda x: x, lambda x: 1.0, box=box)
    with pytest.raises(ValueError, match="the point has x, y, the box x"):
        check_gradient("x*y", lambda p: p, {"x": 1, "y": 2}, box={"x": (0, 1)})
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, 0.5, box=(0, 1))
    with pytest.raises(TypeError, match="a formula needs a gradient function to be judged"):
        check_gradient("x^2", None, {"x": 1})
    with pytest.raises(ValueError, match="no numbers"):
        check_gradient(lambda x: 0.0, lambda x: [], [])
    with pytest.raises(KeyError) as caught:
        check_gradient(lambda x: {0: x}[int(float.fromhex(x.hex()) > 0.5)], lambda x: 1.0, box=(0, 1))
    assert caught.value.__notes__[0].startswith("at x=0.")
    assert "NumPy" not in caught.value.__notes__[0]
    with pytest.raises(AttributeError) as slip:
        check_gradient(lambda w: w.numpy().sum(), lambda w: w, np.array([1.0, 2.0]))
    assert slip.value.__notes__[0].endswith(
        "; a point is given as numbers and arrays of doubles, lists as arrays of NumPy"
    )
    with pytest.raises(TypeError, match="1 component, the point 2: it answered 3"):
        check_gradient(lambda p: p.x * p.y, lambda p: 3.0, make_dataclass("Pair", ["x", "y"])(2.0, 3.0))
    with pytest.raises(TypeError, match="no entry for b: it has a"):
        check_gradient("a*b", lambda p: {"a": p["b"]}, {"a": 2, "b": 3})
    with pytest.raises(ValueError, match="give a point"):
        check_gradient("a", lambda p: p)
    with pytest.raises(gc.MissingValueError):
        check_gradient("a*b", lambda p: {"a": 1.0}, {"a": 2})


def test_a_gradient_that_breaks_is_wrong() -> None:
    assert check_gradient(lambda x: x**2, lambda x: math.nan, 3.0).verdict == "wrong"
    assert check_gradient(lambda x: x**2, lambda x: 2 * x + 0 * math.sqrt(x), -3.0).verdict == "wrong"


# ---- boxes


def test_a_fault_in_a_small_part_of_a_box() -> None:
    def corner(x: Any) -> Any:
        g = np.cos(x)
        if x[0] < 0.1 and x[1] < 0.1:
            g[1] *= 1 + 1e-7
        return g

    def circle(x: Any) -> Any:
        g = np.cos(x)
        if np.linalg.norm(x - 0.62) < 0.004:
            g[1] *= 1 + 1e-7
        return g

    for grad in (corner, circle):
        found = check_gradient(lambda x: np.sin(x).sum(), grad, box=[(0, 1), (0, 1)])
        assert found.verdict == "wrong"
        assert [row.what for row in found.wrong] == ["x[1]"]
        assert found.failing < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_hundredth_of_a_box_behind_a_wall(seed: int) -> None:
    low = 0.13 + 0.2 * seed

    def grad(x: float) -> float:
        return math.cos(x) * (1.01 if low < x < low + 0.01 else 1)

    found = check_gradient(math.sin, walled(grad), box=(0, 1), seed=seed)
    assert found.verdict == "wrong"
    assert not found.traced
    assert 0.003 < found.failing < 0.03
    assert low < found.at["x"] < low + 0.01
    assert len(repr(found.at["x"])) <= 5  # the simplest that shows it


@pytest.mark.parametrize("f", [lambda x: x**3, walled(lambda x: x**3)])
@pytest.mark.parametrize(("high", "most"), [(2.0, 1), (2.0000000000000004, 2)])
def test_no_point_of_a_small_box_counts_twice(f: Callable[[float], float], high: float, most: int) -> None:
    right = check_gradient(f, lambda x: 3 * x * x, box=(2.0, high))
    assert (right.verdict, right.points, right.agreeing, right.drawn) == ("agrees", most, most, most)
    wrong = check_gradient(f, lambda x: 2 * x * x, box=(2.0, high))
    assert (wrong.verdict, wrong.points, wrong.drawn, wrong.failing) == ("wrong", most, most, 1.0)
    assert f"({most} point{'s' * (most - 1)} drawn, " in str(wrong)


def test_the_middle_of_a_box_is_the_first_point() -> None:
    asked: list[float] = []

    def never(x: float) -> float:
        asked.append(x)
        raise ValueError("no gradient")

    check_gradient("log(x)", lambda p: {"x": never(p["x"])}, box={"x": (1, 4)}, n=2)
    assert asked[0] == 2.5


def test_boxes_of_right_gradients() -> None:
    assert check_gradient(math.sin, math.cos, box=(0, 2))
    assert check_gradient(lambda x: abs(x), lambda x: math.copysign(1, x), box=(-1, 2))
    assert check_gradient("log(x)", lambda x: 1 / x, box={"x": (-1, 2)})
    wrong = check_gradient("sqrt(x^2)", lambda x: 1.0, box={"x": (-1, 2)})
    assert (wrong.verdict, wrong.at, wrong.hint) == ("wrong", {"x": -1.0}, "the sign is flipped")
    assert wrong.failing == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("f", "right", "wrong"),
    [
        (lambda x: x * x, lambda x: 2 * x, lambda x: np.exp2(x) if x < 1.001 else 2 * x),
        (
            lambda x: np.square(x) if x < 1.001 else x,
            lambda x: 2 * x,
            lambda x: math.copysign(1, x) if x < 1.001 else x,
        ),
        (
            lambda x: np.power(x, 3) if x > -0.7 else x,
            lambda x: 3 * x * x,
            lambda x: np.reciprocal(x) if x < 3.7 else x,
        ),
    ],
)
def test_a_result_that_is_written_out_beside_a_decimal_of_a_comparison_alone(f, right, wrong) -> None:
    assert check_gradient(f, right, 0.6).verdict == "agrees"
    assert check_gradient(f, wrong, 0.6).verdict == "wrong"


def test_a_decimal_and_its_double_are_not_held_against_a_gradient() -> None:
    f = gc.parse("if(x == 0.1, x, 0)")
    assert check_gradient(f, lambda p: gc.grad(f, {"x": float(p["x"])}), {"x": 0.1})
    assert check_gradient(f, lambda p: {"x": 1.0}, {"x": 0.1}).verdict == "undecided"
    assert check_gradient(f, lambda p: {"x": 1.0}, {"x": 0.2}).verdict == "wrong"


def test_a_hint_holds_wherever_the_gradient_is_wrong() -> None:
    def grad(x: float, y: float) -> dict[str, float]:
        return {"x": 2 * x * y, "y": x**2 - math.cos(y)}

    wrong = check_gradient("x^2*y + sin(y)", grad, box={"x": (0, 1), "y": (0, 2)})
    assert (wrong.at, wrong.hint) == ({"x": 0.0, "y": 0.0}, "")  # at x = 0 alone it looks like a flipped sign
    assert wrong.findings[0].hint.startswith("the sign of the derivative of `sin(y)` (column 9) is flipped")


def test_the_mistake_in_the_derivation_of_a_program() -> None:
    f, at = (lambda x, y: x**2 * y + math.sin(0.1 * y**2)), {"x": 0.7, "y": 1.1}
    wrong = check_gradient(f, lambda x, y: (2 * x * y, x**2 + math.cos(0.1 * y**2)), at)
    assert [row.what for row in wrong.wrong] == ["y"]
    said = "chain rule: the inner derivative is missing: multiply by d/dy (0.1*y^2) = 0.2*y"
    assert wrong.findings[0].hint.startswith(said[:60])
    assert str(wrong).split("\n")[-1].startswith("hint: y: chain rule: the inner derivative is missing")
    assert not check_gradient(f, walled(lambda p: (2.0, 3.0)), at).findings[0].hint


def test_the_same_seed_gives_the_same_answer() -> None:
    def run(seed: int) -> GradientCheck:
        return check_gradient(
            lambda x: x * abs(x - 0.3), walled(lambda x: abs(2 * x - 0.3)), box=(0, 1), seed=seed, n=20
        )

    assert run(3) == run(3)


# ---- functions that cannot be traced


def test_differences_where_nothing_can_be_traced() -> None:
    f = walled(lambda x: math.exp(math.sin(x)))
    right = check_gradient(f, lambda x: math.cos(x) * math.exp(math.sin(x)), 0.7)
    assert right
    assert right.method.startswith("differences")
    assert 0 < right.finest < 1e-9
    wrong = check_gradient(f, lambda x: math.cos(x) * math.exp(math.sin(x)) * (1 + 1e-9), 0.7)
    assert wrong.verdict == "wrong"
    assert check_gradient(walled(abs), lambda x: 0.0, 0.0).verdict == "not-differentiable"
    lines = str(right).split("\n")
    assert lines[0] == "agrees: the gradient of f at x=0.7"
    assert lines[1].endswith("smaller faults cannot be seen without a traceable f")


def in_c(x: Any) -> Any:
    out = np.zeros(len(x))
    ctypes.memmove(out.ctypes.data, x.ctypes.data, 8 * len(x))
    return np.sum(out**3)


def test_memory_that_is_handed_to_c() -> None:
    at = np.array([0.5, 1.5])
    found = check_gradient(in_c, lambda x: 3 * x**2, at)
    assert found
    assert "memory of arrays" in found.method
    assert 0 < found.finest < 1e-10
    assert check_gradient(in_c, lambda x: 3 * x**2 * (1 + 1e-9), at).verdict == "wrong"


def test_a_trace_that_is_not_the_function_is_not_believed() -> None:
    def f(x: Any) -> Any:
        return x**2 if type(x) is float else x**3

    found = check_gradient(f, lambda x: 2 * x, 1.5)
    assert found
    assert found.method.startswith("differences")


def test_differences_allow_for_the_precision_of_the_gradient() -> None:
    f, grad = walled(lambda x: np.sum(np.sin(x) * x)), lambda x: np.sin(x) + x * np.cos(x)
    at = np.array([0.5, 1.5])
    single = check_gradient(f, walled(lambda x: grad(x).astype("float32")), at)
    assert single
    assert 1e-8 < single.finest < 1e-5
    assert check_gradient(f, walled(lambda x: (grad(x) * [1, 1 + 1e-4]).astype("float32")), at).verdict == "wrong"


def test_differences_where_the_derivative_is_next_to_nothing() -> None:
    at_rest = check_gradient(walled(lambda x: math.exp(x) - x), lambda x: math.exp(x) - 1, 0.0)
    assert at_rest
    assert 0 < at_rest.finest < 1e-11
    assert check_gradient(walled(lambda x: math.exp(x) - x), lambda x: 1e-9, 0.0).verdict == "wrong"
    drowned = check_gradient(walled(lambda x: 1e-9 * x + 1e9), lambda x: 499e-9, 0.3)
    assert drowned.verdict == "undecided"
    assert "does not tell 4.99e-07 from 0" in drowned.reason
    for part, verdict in ((1, "agrees"), (-1, "wrong"), (0, "wrong"), (0.5, "wrong")):
        swift = check_gradient(
            walled(lambda x: math.sin(1e8 * x)), lambda x, part=part: part * 1e8 * math.cos(1e8 * x), 0.7
        )
        assert swift.verdict == verdict


def test_a_function_that_is_no_solver_excuses_no_large_fault() -> None:
    steep = walled(lambda x: 200 * x)
    assert check_gradient(steep, lambda x: 200.0, 3.0)
    assert check_gradient(steep, lambda x: 200.5, 3.0).verdict == "wrong"


@pytest.mark.parametrize(
    ("first", "later", "verdict"), [(0, 0, "agrees"), (0, 1, "undecided"), (1, 0, "undecided"), (1, 1, "wrong")]
)
def test_a_gradient_that_is_right_at_one_time_alone_is_neither_right_nor_wrong(first, later, verdict) -> None:
    added = chain([first], repeat(later))
    assert check_gradient("x^2", lambda x: float(str(2 * float(x) + next(added))), 1.5).verdict == verdict


def test_a_comparison_of_what_is_always_equal_is_no_tie() -> None:
    def f(x: float) -> float:
        whole = x + (1 - x)
        return x**2 if whole > 1 or whole < 1 else x**3

    found = check_gradient(f, lambda x: 3 * x**2, 0.75)
    assert found
    assert found.traced


def test_shares_along_an_axis_are_traced() -> None:
    special = pytest.importorskip("scipy.special")
    weights = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])

    def slopes(x: Any) -> Any:
        shares = np.exp(x) / np.exp(x).sum(1, keepdims=True)
        return shares * (weights - (shares * weights).sum(1, keepdims=True))

    found = check_gradient(lambda x: (special.softmax(x, axis=1) * weights).sum(), slopes, weights / 7)
    assert found
    assert found.traced


def test_what_does_not_answer_the_same_twice() -> None:
    noise = iter(np.random.default_rng(0).normal(size=100_000))
    found = check_gradient(lambda x: x**2, lambda x: 2 * x + 1e-3 * next(noise), 1.2)
    assert found.verdict == "undecided"
    assert "does not answer the same twice" in found.reason
    dice = np.random.default_rng(1)
    for _ in range(8):
        dropped = check_gradient(
            lambda x: (x * (dice.random(2) > 0.5)).sum(), lambda x: 1.0 * (dice.random(2) > 0.5), np.array([1.0, 2.0])
        )
        assert dropped.verdict != "wrong"
    noisy = check_gradient(lambda x: x**2 + 1e-9 * next(noise), lambda x: 2 * x, 1.2)
    assert noisy.method == "differences: f does not answer the same twice"
    assert noisy.finest > 1e-9
    assert check_gradient(lambda x: x**2 + 1e-9 * next(noise), lambda x: 3 * x, 1.2).verdict == "wrong"
    for slopes in (lambda x: -400.0 * x, lambda x: 0.5 * x):  # of chance there is no gradient, and none is wrong
        chance = check_gradient(lambda x: dice.random() * x.sum(), slopes, np.array([1.0, 2.0]))
        assert chance.verdict == "undecided"
        assert chance.reason.endswith("f does not answer the same twice")
    shaken = check_gradient(lambda x: math.sin(x) * (1 + 1e-9 * next(noise)), math.cos, 0.0)  # 0 at 0, whatever comes
    assert (shaken.verdict, shaken.reason) == ("undecided", "f does not answer the same twice")


@pytest.mark.parametrize(("x", "fault"), [(0.419, -1e-5), (1.014, -2e-5), (1.099, -2e-5)])
def test_no_fault_that_passes_is_larger_than_what_is_said(x: float, fault: float) -> None:
    """Quotients may be on one side of the truth, and the claim on the other side of them."""

    def noisy(x: float) -> float:
        first, second, third, *_ = struct.pack("d", x)
        return math.sin(x) * (1 + 1e-6 * ((first * 37 + second * 101 + third * 11) % 97 / 97))

    found = check_gradient(noisy, lambda x: math.cos(x) * (1 + fault), x)
    assert found.verdict == "wrong" or (found.verdict == "agrees" and abs(fault) <= found.finest)
    assert abs(fault) > check_gradient(noisy, math.cos, x).finest / 4


def test_a_point_where_many_branches_meet_spoils_no_other() -> None:
    def f(x: Any) -> Any:
        return np.maximum(x, 0).sum()

    found = check_gradient(f, lambda x: (x > 0) * 1.0, box=[(-1, 1)] * 7, n=4)  # whose middle is a corner of 128 pieces
    assert found
    assert found.traced


def test_a_slow_function_is_judged_at_fewer_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcalc.work.NET", 0.1)

    def slow(x: float) -> float:
        time.sleep(1e-3)
        return math.sin(float.fromhex(x.hex()))

    found = check_gradient(slow, math.cos, box=(0, 1))
    assert found
    assert found.points < 20


def test_warnings_of_numpy_are_not_ours_to_give() -> None:
    assert check_gradient("log(x)", lambda p: {"x": 1 / np.float64(p["x"])}, {"x": 0.0}).verdict == "undefined"
    assert check_gradient(walled(np.log), lambda x: 1 / x, 1e-3)


# ---- failures a person can act on


def exchanged(p: Any) -> Any:
    return {"a": p["a"] * p["f"], "b": p["b"] * p["f"], "c": p["f"], "f": p["a"] * p["b"] + p["c"]}


def test_the_message_of_a_failure() -> None:
    def grad(p: Any) -> Any:
        return {"a": p["b"] * p["f"], "b": -p["a"] * p["f"], "c": p["f"], "f": p["a"] * p["b"] + p["c"]}

    with pytest.raises(AssertionError) as caught:
        assert_gradient("(a*b + c)*f", grad, POINT)
    assert str(caught.value).split("\n") == [
        "d/db (a*b + c)*f: actual 4, expected -4",
        "at a=2 b=-3 c=10 f=-2    mismatched 1 of 4",
        "  name  actual  expected  abs diff  rel diff      ulps",
        "  b          4        -4         8         2  9.01e+15",
        "hint: the sign is flipped",
    ]
    assert caught.traceback[-1].frame.f_locals.get("__tracebackhide__")
    weights = np.arange(6.0).reshape(2, 3)
    turned = check_gradient(lambda w: (w * weights).sum(), lambda w: weights.T, np.ones((2, 3)))
    assert turned.hint == "the gradient by w is transposed"
    found = check_gradient("(a*b + c)*f", exchanged, POINT)
    assert found.hint == "the derivatives with respect to a and b are exchanged"
    assert found.findings[0].error is not None


def test_hints_at_what_all_components_have_in_common() -> None:
    rng = np.random.default_rng(1)
    rows, wanted = rng.normal(size=(7, 3)), rng.normal(size=7)

    def mean(w: Any) -> Any:
        return np.mean((rows @ w - wanted) ** 4)

    def slopes(w: Any) -> Any:
        return 4 * rows.T @ (rows @ w - wanted) ** 3 / 7

    at = np.array([0.3, -0.2, 0.5])
    assert check_gradient(mean, slopes, at)
    assert check_gradient(mean, lambda w: 7 * slopes(w), at).hint == "it is 7 times the derivative"
    assert check_gradient(mean, lambda w: 7 / 6 * slopes(w), at).hint == "it is 7/6 times the derivative"
    assert check_gradient(mean, lambda w: 0 * w, at).hint == "it is zero here"
    weights = np.arange(6.0).reshape(2, 3)
    assert check_gradient(lambda w: (w * weights).sum(), lambda w: weights**2 + 7, np.ones((2, 3))).hint == ""
    spread = rows.T @ rows + np.eye(3)
    found = check_gradient(lambda s: np.log(np.diag(np.linalg.cholesky(s))).sum() * 2, np.linalg.inv, spread)
    assert "symmetric, and one triangle read alone" in found.hint


@pytest.mark.parametrize("seed", [1, 4, 24, 40])
def test_what_is_left_of_constants_that_cancel_is_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at, centred = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    centred -= centred.mean(1, keepdims=True)

    def normed(x: Any) -> tuple[Any, Any]:
        scale = 1 / np.sqrt(x.var(1, keepdims=True) + 1e-5)
        return scale, (x - x.mean(1, keepdims=True)) * scale

    def slopes(x: Any, factor: float = 1.0) -> Any:
        scale, h = normed(x)
        return scale * (
            centred - factor * centred.mean(1, keepdims=True) - factor * h * (centred * h).mean(1, keepdims=True)
        )

    def f(x: Any) -> Any:
        return (centred * normed(x)[1]).sum()

    assert check_gradient(f, slopes, at)
    assert check_gradient(f, lambda x: slopes(x, 1 + 1e-9), at).verdict == "wrong"


def test_numbers_of_numpy_are_named_as_those_of_python() -> None:
    weights = np.linalg.inv(np.array([[3.0, 1.1], [0.3, 0.7]]))

    def f(w: Any) -> Any:
        return (np.linalg.solve(weights, w) ** 2).sum()

    found = check_gradient(f, lambda w: np.array([w[0], w[1]]), np.array([1.0, 2.0]))
    assert found.verdict == "wrong"
    assert "np." not in str(found)


@given(st.floats(-3, 3), st.floats(0.1, 3))
@settings(max_examples=20, deadline=None)
def test_inside_hypothesis(a: float, b: float) -> None:
    assert_gradient("a*log(b) + a^2", lambda a, b: (math.log(b) + 2 * a, a / b), {"a": a, "b": b})


# ---- certificates


def test_a_certificate_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("import math\ndef f(x):\n    return helper(x)**2\ndef helper(x):\n    return math.sin(x)\n"
                    "def grad(x):\n    return 2*math.sin(x)*math.cos(x)*(1.5 if x > 1 else 1)\n")  # fmt: skip
    f, grad = f"{file}:f", f"{file}:grad"
    at_point = check_gradient(function_of(f), function_of(grad), {"x": 0.5})
    over_box = check_gradient(function_of(f), function_of(grad), box={"x": (0, 2)}, n=10)
    for found, verdict in ((at_point, "agrees"), (over_box, "wrong")):
        written = json.loads(json.dumps(certificate(found, f, grad), allow_nan=False))
        assert written["verdict"] == found.verdict == verdict
        assert verify(written)
        assert str(verify(written)).split("\n")[0] == f"holds: it says {verdict}, found is {verdict}"
    at_number = certificate(check_gradient(function_of(f), function_of(grad), 0.5), f, grad)
    assert verify(at_number)
    assert at_number["form"] == {"kind": "number", "parts": [["x", None]]}
    written = certificate(over_box, f, grad)
    file.write_text(file.read_text().replace("1.5 if", "1.0 if"))
    changed = verify(written)
    assert not changed
    assert any("has changed" in note for note in changed.notes)
    with pytest.raises(gc.FormulaError, match="no file nothing"):
        function_of("nothing.py:f")
    with pytest.raises(gc.FormulaError, match="has no g"):
        function_of(f"{file}:g")
    with pytest.raises(gc.FormulaError, match="no certificate"):
        verify({})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.py:g", "mine.py has no g\nhelp: it has a, b, c, d, e, f, h, i, j"),  # so many, and none of its own use
        ("bare.py:g", "bare.py has no g"),
        ("bare.py:one", "one in bare.py is no function"),
        ("mine.txt:a", "mine.txt is no Python file\nhelp: write FILE.py:name"),
        ("broken.py:f", "broken.py fails: ZeroDivisionError: division by zero"),
        ("mine.py:", "'mine.py:' names no function in a file\nhelp: write FILE.py:name"),
        (":a", "':a' names no function in a file\nhelp: write FILE.py:name"),
    ],
)
def test_what_names_no_function(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = "".join(f"def {letter}(x):\n    return x\n" for letter in ["_own", *"abcdefhijk"])
    files = {"mine.py": mine, "mine.txt": mine, "bare.py": "one = 1\n", "broken.py": "1 / 0\n"}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gc.FormulaError) as error:
        function_of(name)
    assert str(error.value) == said


def test_a_file_finds_what_stands_beside_it_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, factor in (("its", 2), ("another", 3)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "the_factor.py").write_text(f"factor = {factor}\n")
    (tmp_path / "its" / "mine.py").write_text("from the_factor import factor\ndef f(x):\n    return factor*x\n")
    monkeypatch.syspath_prepend(tmp_path / "another")
    assert function_of(f"{tmp_path / 'its' / 'mine.py'}:f")(1.0) == 2.0
    monkeypatch.delitem(sys.modules, "the_factor")


def test_files_of_one_text_in_two_folders_are_two(tmp_path: Path) -> None:
    for folder, factor in (("one", 2.0), ("other", 3.0)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "factor").write_text(f"{factor}")
        mine = tmp_path / folder / "mine.py"
        mine.write_text(
            "from pathlib import Path\ndef f(x):\n    return x*float(Path(__file__).with_name('factor').read_text())\n"
        )
        assert function_of(f"{mine}:f")(1.0) == factor


_OTHERWISE = "DOES NOT HOLD: it says wrong, found is wrong, but not with all that is written"


MINE = "import math\ndef f(x):\n    return math.sin(x)\ndef grad(x):\n    return math.cos(x)*(1 + 1e-9)\n"
TAMPERED: list[tuple[dict[str, Any], str]] = [
    ({"verdict": "agrees"}, "DOES NOT HOLD: it says agrees, found is wrong"),
    ({"rows": []}, _OTHERWISE),
    ({"asked": [2.0]}, _OTHERWISE),
    ({"f": "x^2"}, _OTHERWISE),
    ({"finest": 1e-30}, _OTHERWISE + "|  'finest' was 1e-30, is 0.0"),
    ({"hint": "shame"}, _OTHERWISE + "|  'hint' was \"shame\", is "),
    ({"digest": None}, _OTHERWISE + "|  'digest' is not that"),
    ({"files": {"gone.py": ""}}, "holds: it says wrong, found is wrong|  note: gone.py is not there"),
    ({"versions": {"gradcalc": "0.0.1"}}, "holds: it says wrong, found is wrong|  note: gradcalc was 0.0.1, is "),
]
MALFORMED: list[dict[str, Any]] = [
    {"asked": "x"}, {"asked": None}, {"asked": [1.0, 2.0]}, {"n": "a"}, {"form": {}}, {"files": []}, {"ulps": None},
    {"form": {"kind": "odd", "parts": [["x", None]]}}, {"f": 3}, {"question": []}, {"versions": [1]},
    {"box": {"x": [1]}}, {"box": {"y": [0, 1]}}, {"f": "gone.py:f"}, {"grad": "cos(x)"},
]  # fmt: skip


def test_a_certificate_that_was_changed(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    f, grad = f"{file}:f", f"{file}:grad"
    written = json.loads(
        json.dumps(certificate(check_gradient(function_of(f), function_of(grad), {"x": 0.5}), f, grad))
    )
    for change, said in TAMPERED:
        found = verify({**written, **change})
        assert str(found).replace("\n", "|").startswith(said)
        assert bool(found) == said.startswith("holds")
    for change in MALFORMED:
        try:
            assert not verify({**written, **change}), change
        except gc.FormulaError:
            continue
    for name in set(written):  # none can be left out
        less = {key: value for key, value in written.items() if key != name}
        try:
            assert not verify(less), name
        except gc.FormulaError:
            continue
    with pytest.raises(gc.FormulaError):
        verify([])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no place for kwargs"):
        certificate(check_gradient(lambda x, k: k * x, lambda x, k: k, 1.0, kwargs={"k": 2.0}), f, grad)


@pytest.mark.parametrize(
    ("formula", "claim", "verdict"),
    [("sin(x)^2", "sin(2*x)", "proved"), ("sin(x^2)", "cos(x^2)", "wrong"), ("sqrt(x^2)", "1", "conditional")],
)
def test_certificates_of_claims(formula: str, claim: str, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, Any] = {}
    ask = certificates._claim

    def once(written: Any) -> Any:
        """What is asked again and again is the same question, but for the words of the answer."""
        question = repr([written[word] for word in ("formula", "name", "claim", "at", "order", "seed", "n")])
        if question not in answers:
            answers[question] = ask(written)
        return answers[question]

    monkeypatch.setattr(certificates, "_claim", once)
    found = gc.check_derivative(formula, "x", claim)
    written = json.loads(json.dumps(certificate(found), allow_nan=False))
    assert written["verdict"] == verdict
    assert verify(written)
    asked = ("formula", "name", "claim", "at", "order", "seed", "n")
    for word in asked:
        instead = written[word]
        edited = {**written, word: [*instead, "x"] if isinstance(instead, list) else "17" if instead != "17" else ""}
        with suppress(gc.FormulaError, gc.LimitError):
            assert not verify(edited), word
    said = {word: written[word] for word in written if word not in (*asked, *certificates._ABOUT, "question")}
    assert {"verdict", "steps", "conditions", "counterexample", "mistake", "notes", "reason"} <= said.keys()
    for edited in (*edits(said), {**said, "beside": "a word that is no part of it"}):
        changed = [word for word in edited if edited[word] != written.get(word)]
        signed = {**written, **edited, "digest": certificates._digest({**written, **edited})}
        assert [fault.partition(" was ")[0] for fault in verify(signed).faults] == [f"'{word}'" for word in changed]
    assert verify({**written, "beside": ""}).faults[-1].startswith("'digest' is not that of the words beside it")


def test_the_column_of_a_mistake_is_one_in_the_text_of_the_certificate() -> None:
    found = gc.check_derivative("  sin( x^2 )", "x", "x*cos(x^2)", seed=3)
    assert found.mistake is not None
    assert found.mistake.span.column == 8
    written = certificate(found)
    assert (written["formula"], written["mistake"]["column"], written["seed"]) == ("sin(x^2)", 5, 3)
    assert verify(written)


def test_versions_are_those_of_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert certificates.versions() == {"gradcalc": gc.__version__, "python": platform.python_version()}


def test_the_digest_of_a_certificate_stays_the_same() -> None:
    said = b'{"a":[2,null],"b":1.5}'
    assert certificates._digest({"b": 1.5, "versions": {}, "a": [2, None]}) == sha256(said).hexdigest()[:16]


def edits(written: Any) -> Iterator[Any]:
    """The object with one text or number in it changed, in every way."""
    for key in written if isinstance(written, dict) else range(len(written)):
        inner = written[key]
        changed = edits(inner) if isinstance(inner, dict | list) else [f"{inner}!"] if isinstance(inner, str) else [
            inner + 1] if isinstance(inner, int | float) else []  # fmt: skip
        for instead in changed:
            again = dict(written) if isinstance(written, dict) else list(written)
            again[key] = instead
            yield again


def test_a_number_that_changes_no_answer_is_part_of_the_certificate() -> None:
    written = certificate(gc.check_derivative("sin(x)^2", "x", "sin(2*x)"))
    assert verify(written)
    for change in ({"seed": 7}, {"n": 41}):
        assert "'digest' is not that" in str(verify({**written, **change}))


def test_a_certificate_that_there_is_no_time_to_ask_again_is_not_said_not_to_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = json.loads(json.dumps(certificate(gc.check_derivative("sin(x)^2", "x", "sin(2*x)"))))
    monkeypatch.setattr(gc.LIMITS, "seconds", 1e-9)
    with pytest.raises(gc.UndecidedError, match="asked again, not all was tried: "):
        verify(written)
    assert "'digest' is not that" in str(verify({**written, "claim": "sin(3*x)"}))


def test_a_certificate_lists_the_steps_of_its_proof() -> None:
    """The parts of the domain, each with how it was settled; the study at 0 by hand: left -1, right 1."""
    steps = certificate(gc.check_derivative("abs(x)", "x", "x/abs(x)"))["steps"]
    assert steps == [
        "x > 0: the difference is 0 by algebra",
        "x < 0: the difference is 0 by algebra",
        "x = 0: excepted: the claim has no value by its rules",
    ]
    assert certificate(gc.check_derivative("x^2", "x", "2*x"))["steps"] == [
        "everywhere: the difference is 0 by algebra"
    ]
    only = certificate(gc.check_derivative("sqrt(x^2)", "x", "1"))["steps"]
    assert only == [
        "x > 0: the difference is 0 by algebra",
        "x < 0: the sign of the difference is known, and not 0",
        "x = 0: the formula has no derivative",
    ]
    assert certificate(gc.check_derivative("x^2", "x", "x"))["steps"] == []


def test_a_power_to_infinity_has_no_bound_on_its_rounding():
    spread = Rounding(gc.parse("a^exp(b) + a"), {"a": 0.5, "b": 710.0})
    assert math.isnan(spread.multiplied_out("a"))
    assert spread.spread("a") == 1


def test_no_hint_says_what_is_true_at_large_arguments_alone() -> None:
    def norm(x: Any) -> Any:
        return np.sqrt(x @ x)

    found = check_gradient(norm, lambda x: 2 * x, np.array([3.0, 4.0]))
    assert found.verdict == "wrong"
    assert "gelu" not in str(found)  # whose derivative at 25 is 1 to a hundred digits


def test_no_factor_of_one_is_told() -> None:
    def sines(x: Any) -> float:
        return float(sum(math.sin(float.fromhex(float(each).hex())) for each in x))

    def claimed(x: Any) -> Any:
        return np.cos(x) * (1 + 3e-11)

    point = np.array([0.3, 0.4])
    assert "it is 1 times" not in str(check_gradient(sines, claimed, point))
    assert check_gradient(sines, lambda x: 3 * np.cos(x), point).hint == "it is 3 times the derivative"


def test_the_hint_of_a_wrong_gradient_is_bounded_by_the_work_of_a_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = [0.0]
    spend = Work.spend

    def counted(work: Work, units: float) -> None:
        spent[0] += units if work._of is None else 0.0
        spend(work, units)

    monkeypatch.setattr(Work, "spend", counted)
    rows = np.random.default_rng(0).normal(size=(3, 3))

    def loss(w: Any) -> Any:
        return np.sum(np.tanh(rows @ np.tanh(rows @ w)) ** 2)

    def slopes(w: Any, slip: int) -> Any:
        hidden = np.tanh(rows @ w)
        out = np.tanh(rows @ hidden)
        back = rows.T @ (2 * out * (1 - out**2))
        return rows.T @ (back * ((1 - hidden**2) if not slip else (1 - hidden)))

    at, work = np.array([0.3, -0.2, 0.5]), []
    for slip in (0, 1):
        spent[0] = 0.0
        found = check_gradient(loss, partial(slopes, slip=slip), at)
        assert (found.verdict, found.hint) == (("agrees", "wrong")[slip], "")  # for which it is looked when it is read
        work.append(spent[0])
    assert work[1] <= (2 + TIMES) * work[0]  # what one candidate takes may go beyond


def test_the_worst_component_has_its_hint_where_all_would_be_too_much_work() -> None:
    points = np.random.default_rng(0).normal(size=(6, 3))
    classes = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])

    def loss(w: Any) -> Any:
        return np.mean(np.logaddexp(0, points @ w) - classes * (points @ w)) + 0.05 * np.sum(w * w)

    def slopes(w: Any) -> Any:  # without the regulariser
        return points.T @ (1 / (1 + np.exp(-(points @ w))) - classes) / 6

    found = check_gradient(loss, slopes, np.array([0.3, -0.7, 1.1]))
    assert found.verdict == "wrong"
    assert "`0.05*(w[0]*w[0] + w[1]*w[1] + w[2]*w[2])` is missing" in found.findings[0].hint


def test_a_gradient_of_zero_agrees_exactly() -> None:
    found = check_gradient(walled(lambda x: max(x - 1, 0.0)), walled(lambda x: 0.0), 0.999999)
    assert found.verdict == "agrees"
    assert "it agrees exactly with 0" in str(found)
    assert "e-3" not in str(found)
    by_numbers = check_gradient("max(x - 1, 0)", lambda x: float(str(float(x) * 0)), {"x": 0.999999})
    assert "it agrees exactly" in str(by_numbers)
    assert "e-3" not in str(by_numbers)


def tree(price: float, steps: int = 20) -> tuple[float, float]:
    """An American put of strike 100 by the binomial tree of Cox, Ross and Rubinstein, and its slope."""
    up = math.exp(0.1 * math.sqrt(1 / steps))
    rate, down = math.exp(0.05 / steps), 1 / up
    rises = (rate - down) / (up - down)

    def paid(rose: int, of: int) -> tuple[float, float]:
        factor = up**rose * down ** (of - rose)
        return (100 - price * factor, -factor) if price * factor < 100 else (0.0, 0.0)

    values = [paid(k, steps) for k in range(steps + 1)]
    for of in range(steps - 1, -1, -1):
        held = [
            [(rises * b + (1 - rises) * a) / rate for a, b in zip(values[k], values[k + 1], strict=True)]
            for k in range(of + 1)
        ]
        values = [max(tuple(held[k]), paid(k, of), key=lambda pair: pair[0]) for k in range(of + 1)]
    return values[0]


@pytest.mark.parametrize("slope", [-0.3945538522, -0.4451899256, -0.4198718889])  # right, left, and between them
def test_at_a_corner_among_many_nobody_is_right_or_wrong(slope: float) -> None:
    sides = [tree(100.0 + step)[1] for step in (1e-9, -1e-9)]
    assert sides == pytest.approx([-0.3945538522, -0.4451899256])
    found = check_gradient(walled(lambda x: tree(float(x))[0]), walled(lambda x: slope), 100.0)
    assert found.verdict == "not-differentiable"
    assert (found.findings[0].right, found.findings[0].left) == pytest.approx(sides, rel=1e-6)


def test_sorting_makes_no_noise() -> None:
    weights = np.array([0.1, 0.2, 0.3, 0.4])

    def slopes(x: Any, slip: float) -> Any:
        ranks = np.argsort(np.argsort(x))
        return 2 * (weights @ np.sort(x)) * weights[ranks] * np.array([1, 1, 1 + slip, 1])

    point = np.array([0.3, -1.0, 2.0, 0.9])
    assert slopes(point, 0.0)[2] == pytest.approx(0.824)  # 2*(-0.1 + 0.06 + 0.27 + 0.8)*0.4
    for slip, verdict in ((0.0, "agrees"), (1e-8, "wrong"), (1e-12, "wrong")):
        found = check_gradient(lambda x: (weights @ np.sort(x)) ** 2, partial(slopes, slip=slip), point)
        assert found.verdict == verdict


def test_a_better_gradient_than_that_of_a_loop_which_stops_is_not_imprecise() -> None:
    def fixed(a: Any) -> Any:
        x: Any = 0.5
        for _ in range(300):
            following = math.cos(a * x)
            if abs(following - x) < 1e-13:
                break
            x = following
        return x

    def solved(a: float) -> float:  # by Newton's method, out of sight
        x = 0.5
        for _ in range(20):
            x -= (x - math.cos(float(str(float(a))) * x)) / (1 + a * math.sin(a * x))
        return x

    found = check_gradient(
        fixed, walled(lambda a: -solved(a) * math.sin(a * solved(a)) / (1 + a * math.sin(a * solved(a)))), 0.8
    )
    assert found.verdict == "agrees"
    assert found.findings[0].expected == pytest.approx(-0.324205030031, rel=1e-10)  # by mpmath, with 30 digits
    assert check_gradient(fixed, walled(lambda a: -0.3242051), 0.8).verdict == "wrong"


def test_what_a_trace_does_not_show_is_said() -> None:
    for number in (3.0, 4.0):
        found = check_gradient(lambda x: x * x + 0 * len(str(x)), lambda x: 2 * x, number)
        assert (found.verdict, found.method.partition(",")[0]) == (
            "agrees",
            "traced in part: it turns its argument into text",
        )


def test_a_hint_is_looked_for_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def counted(*given: Any) -> Any:
        looked.append(given)
        return row_hints(*given)

    def ask(**options: Any) -> gc.GradientCheck:
        return check_gradient(lambda x: np.sin(x) ** 2, lambda x: 2 * np.sin(x), 0.7, **options)

    monkeypatch.setattr("gradcalc.judge.programs.gradient.row_hints", counted)
    found, other = ask(), ask()
    assert (found.verdict, bool(found), looked) == ("wrong", False, [])
    sent, held = pickle.loads(pickle.dumps(other)), copy.copy(found)
    for one in (found, sent, held):
        assert one.findings[0].hint.startswith("chain rule: the inner derivative is missing")
        assert (one.hint, one.wrong) == ("", one.findings)
    assert found == held == other
    assert found.__getattr__("findings") == found.findings  # as where another thread has looked in between
    assert len(looked) == 2
    with pytest.raises(AttributeError, match="no attribute 'hints'"):
        _ = found.hints  # type: ignore[attr-defined]
    ask(seconds=60.0)  # which end when all is answered
    assert len(looked) == 3


def test_a_box_says_where_it_leaves_a_corner_out_and_what_a_point_is() -> None:
    found = check_gradient(lambda x: abs(x), np.sign, box={"x": (-1, 1)})
    assert found
    assert found.notes == ("without a verdict: abs(x) has a corner at x=0: left -1, right 1",)
    assert check_gradient(lambda x: abs(x), np.sign, box={"x": (0.5, 1)}).notes == ()
    found = check_gradient(lambda x: np.log(x) ** 2, lambda x: 2 * np.log(x) / x, box=(0, 2))
    assert found.notes == ("without a verdict: f is inf here (at x=0)",)
    once = check_gradient(lambda x: abs(x), np.sign, box={"x": (0, 1)})  # the corner is an end of the box as well
    assert once.verdict == "agrees"
    assert "1 without a verdict" in str(once)
    with pytest.raises(TypeError) as caught:
        check_gradient(lambda x: x[0], lambda x: x, box={"x": (-1, 1)})
    assert caught.value.__notes__ == [
        "at x=0; a point is given as numbers and arrays of doubles, lists as arrays of NumPy"
    ]


def test_points_of_other_libraries_reach_functions_as_they_are() -> None:
    """As of PyTorch and JAX, whose functions take no arrays of NumPy's."""

    class Space:
        @staticmethod
        def asarray(array: Any) -> Any:
            return Other(array)

    class Other:
        def __init__(self, array: Any):
            self.array, self.shape = np.asarray(array), np.shape(array)

        def tolist(self) -> Any:
            return self.array.tolist()

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return self.array

        def __len__(self) -> int:
            return len(self.array)

        def __getitem__(self, key: Any) -> Any:
            return Other(self.array[key])

        def __array_namespace__(self) -> Any:
            return Space

    def cubes(x: Other) -> float:
        return float(np.sum(x.array**3))

    for at, factor in ((Other([1.0, 2.0]), 1.0), (Other([[0.5, 1.5], [-1.0, 3.0]]), 1.0), (Other([1.0]), 1.001)):
        found = check_gradient(cubes, lambda x, factor=factor: Other(factor * 3 * x.array**2), at)
        assert bool(found) == (factor == 1), found
    assert check_gradient(cubes, lambda x: Other(3 * x.array**2), box=Other([[0.5, 1.5], [-1.0, 3.0]]), n=4)
    along = Other([1.0, -1.0])
    assert gc.check_jvp(
        lambda x: Other(x.array**2), lambda x, t: Other(2 * x.array * t.array), Other([1.0, 3.0]), along
    )


class _OfTorch(float):
    dtype = type("dtype", (), {"itemsize": 4, "__str__": lambda self: "torch.float32"})()


@pytest.mark.parametrize(("factor", "word"), [(1.0, "agrees"), (1.0001, "wrong")])
def test_single_precision_of_another_library(factor: float, word: str) -> None:
    found = check_gradient(math.sin, lambda x: _OfTorch(np.float32(factor * math.cos(x))), 0.7)
    assert (found.verdict, found.precision) == (word, "single")


class _OfBrain(float):
    dtype = type("dtype", (), {"name": "bfloat16", "itemsize": 2})()


def test_other_floats_have_the_roundoff_of_their_own() -> None:
    """A bfloat16 keeps 8 bits, and a float32 is one in any order of its bytes."""
    kept = struct.unpack(">f", struct.pack(">f", math.cos(0.7))[:2] + bytes(2))[0]
    assert 2.0**-11 < abs(kept / math.cos(0.7) - 1) < 2.0**-7
    assert check_gradient(math.sin, lambda x: _OfBrain(kept + 0 * float(x)), 0.7).verdict == "agrees"
    assert check_gradient(math.sin, lambda x: _OfBrain(0.5), 0.7).verdict == "wrong"
    swapped = np.array([2.0, 3.0]) / 7
    cubes = check_gradient(lambda x: sum(x**3), lambda x: (3 * swapped**2).astype(">f4"), swapped)
    assert (cubes.verdict, cubes.precision) == ("agrees", "single")


@pytest.mark.parametrize("tolerance", [1e-7, 1e-8, 1e-9, 1e-10])
@pytest.mark.parametrize("near", [1 - 1e-12, 1 - 1e-8, 1 - 1e-6, 0.9999, 0.999, 0.99])
def test_next_to_where_a_loop_takes_a_step_more_it_is_off_by_what_that_step_changes(tolerance, near):
    """Before the step that is missing a root is off by (x - 1)^4/128, so its derivative by (x - 1)^3/32."""

    def root(x):
        y, last = 1.0, 0.0
        while abs(y - last) >= tolerance:
            y, last = (y + x / y) / 2, y
        return y

    x = 1 + near * math.sqrt(8 * tolerance)
    right = gc.check_gradient(root, lambda x: 0.5 / math.sqrt(x), x)
    assert right.verdict in ("agrees", "undecided")
    assert gc.check_gradient(root, lambda x: 0.5 / math.sqrt(x) * (1 + 1e-9), x).verdict == "wrong"


def test_what_a_function_says_of_a_point_stands_in_one_line():
    def needs_more(x):
        return gc.evaluate("x*y", {"x": float(x)})

    def in_lines(x):
        raise ValueError("no value\n  here")

    assert gc.check_gradient(needs_more, lambda x: x, 2.0).reason == "needs_more has no value here: no value for y"
    assert gc.check_gradient(in_lines, lambda x: x, 2.0).reason == "in_lines has no value here: no value here"
    assert gc.check_gradient(lambda x: x, in_lines, 2.0).reason == "the gradient fails: ValueError: no value here"
