"""Gradient functions judged: every planted fault is found, and nothing right is called wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gradcalc as gc
from gradcalc.check.certificates import certificate, verify
from gradcalc.check.gradient import GradientCheck, assert_gradient, check_gradient
from gradcalc.check.programs import function_of
from gradcalc.render.gradient_checks import gradient_check_lines, verification_lines
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
    assert [row.name for row in found.wrong] == ["x[1]"]
    assert found.rows[0].relative == pytest.approx(relative, rel=1e-2)


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
    assert found.rows[0].relative is not None
    assert found.rows[0].relative > 1e-12


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas(max_leaves=6))
def test_the_float_engine_is_never_called_wrong(case: tuple[gc.Formula, dict[str, float]]) -> None:
    formula, at = case
    if at:
        found = check_gradient(
            formula, lambda p: gc.grad(formula, {k: float.fromhex(x.hex()) for k, x in p.items()}), at
        )
        assert found.verdict != "wrong", found.rows


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


def test_value_and_grad() -> None:
    assert check_gradient(lambda x: x**3, lambda x: (x**3, 3 * x**2), 0.7)
    assert check_gradient(lambda x: (x**3, 3 * x**2), None, 0.7)
    assert check_gradient(lambda x: (x @ x, 2 * x), at=np.array([1.0, 2.0]))
    found = check_gradient(lambda x: x**3, lambda x: (x**3 + 1e-9, 3 * x**2), 0.7)
    assert [row.name for row in found.wrong] == ["value"]


def test_what_has_the_wrong_form_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="2 components, the point 3"):
        check_gradient(lambda x: x.sum(), lambda x: x[:2], np.ones(3))
    with pytest.raises(TypeError, match="no entry for b"):
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
        assert [row.name for row in found.wrong] == ["x[1]"]
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


def test_boxes_of_right_gradients() -> None:
    assert check_gradient(math.sin, math.cos, box=(0, 2))
    assert check_gradient(lambda x: abs(x), lambda x: math.copysign(1, x), box=(-1, 2))
    assert check_gradient("log(x)", lambda x: 1 / x, box={"x": (-1, 2)})
    wrong = check_gradient("sqrt(x^2)", lambda x: 1.0, box={"x": (-1, 2)})
    assert (wrong.verdict, wrong.at, wrong.hint) == ("wrong", {"x": -1.0}, "the sign is flipped")
    assert wrong.failing == pytest.approx(1 / 3, abs=0.05)


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
    lines = gradient_check_lines(right)
    assert lines[0] == "agrees: the gradient of f at x=0.7"
    assert lines[1].endswith("smaller faults cannot be seen without a traceable f")


def test_a_trace_that_is_not_the_function_is_not_believed() -> None:
    def f(x: Any) -> Any:
        return x**2 if type(x) is float else x**3

    found = check_gradient(f, lambda x: 2 * x, 1.5)
    assert found
    assert found.method.startswith("differences")


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
    found = check_gradient("(a*b + c)*f", exchanged, POINT)
    assert found.hint == "the derivatives with respect to a and b are exchanged"
    assert found.rows[0].error is not None


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
        assert verification_lines(verify(written))[0] == f"holds: {verdict}"
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
    ("formula", "claim", "verdict"),
    [("sin(x)^2", "sin(2*x)", "proved"), ("sin(x^2)", "cos(x^2)", "wrong"), ("sqrt(x^2)", "1", "conditional")],
)
def test_certificates_of_claims(formula: str, claim: str, verdict: str) -> None:
    found = gc.check.check_derivative(formula, "x", claim)
    written = json.loads(json.dumps(certificate(found), allow_nan=False))
    assert written["verdict"] == verdict
    assert verify(written)
    other = verify({**written, "claim": "17"})
    assert not other or other.notes == ("the counterexample found now is another",)
