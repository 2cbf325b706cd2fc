"""Functions that go by steps, that stop at a tolerance, that hide something; and points of every form."""

from __future__ import annotations

import collections
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import mpmath
import numpy as np
import pytest

from gradcalc import work
from gradcalc.judge.programs import quotients
from gradcalc.judge.programs.differences import Difference
from gradcalc.judge.programs.gradient import check_gradient, check_hessian, check_jacobian, check_jvp
from gradcalc.judge.programs.solvers import tightened
from gradcalc.verdict import Verdict


def opaque(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: function(float.fromhex(float(x).hex()))


def opaque_array(function: Callable[[Any], float]) -> Callable[[Any], float]:
    return lambda x: function(np.array([float.fromhex(float(each).hex()) for each in x]))


# ---- the value is carried by comparisons


def bisection(a: float) -> float:
    low, high = 0.0, 10.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        if middle * middle < a:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def ternary(a: float) -> float:
    low, high = -5.0, 5.0
    while high - low > 1e-9:
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if (first - a) ** 4 + first**2 < (second - a) ** 4 + second**2:
            high = second
        else:
            low = first
    return (low + high) / 2


def slope_of_minimum(a: float) -> float:
    curved = 12 * (ternary(a) - a) ** 2
    return curved / (curved + 2)


def in_steps_of_time(end: float) -> float:
    time, y = 0.0, 1.0
    while time < end:
        y -= 1e-3 * y
        time += 1e-3
    return y


def counted(x: float) -> float:
    count = 0
    while count * 1e-4 < x:
        count += 1
    return count * 1e-4


def test_bisection(allow: Callable[[float], None]) -> None:
    right = check_gradient(bisection, lambda a: 0.5 / math.sqrt(a), 2.0)
    assert right
    assert right.finest < 1e-9
    assert "is carried by its comparisons" in right.method
    assert check_gradient(bisection, lambda a: 0.6 / math.sqrt(a), 2.0).verdict == "wrong"
    assert check_gradient(bisection, lambda a: 0.0, 2.0).verdict == "undecided"
    assert check_gradient(ternary, slope_of_minimum, 1.5)
    along = 2 * 0.5 / math.sqrt(2)  # the same along a tangent, also beside numbers that it leaves alone
    assert check_jvp(bisection, lambda a: along, 2.0, 2.0)
    assert check_jvp(lambda p: bisection(p["a"]) + 0 * p["b"], lambda p: along, {"a": 2.0, "b": 1.0}, {"a": 2, "b": 0})
    assert check_jvp(bisection, lambda a: 0.6 / math.sqrt(2), 2.0, 1.0).verdict == "wrong"
    assert check_jvp(bisection, lambda a: 0.0, 2.0, 1.0).verdict == "undecided"
    assert check_jvp(bisection, lambda a: 0.0, 2.0, 0.0)
    allow(1 / 5)
    assert check_gradient(bisection, lambda a: 0.5 / math.sqrt(a), box=(1, 3), n=4)


def passed(speed: float) -> float:
    way, count = 0.0, 0
    while way < 1:
        way += speed * 1e-3
        count += 1
    return count * 1e-3


TANGENTS = [k / 64 for k in range(129)]  # of x^2, whose maximum is 2*t*x - t^2 for the nearest t


def tangents(x: float) -> float:
    return max(2 * t * x - t * t for t in TANGENTS)


def slope_of_tangent(x: float) -> float:
    return 2 * round(64 * x) / 64


def table(x: float, pieces: int = 5000) -> float:
    place = int(x * pieces)
    below, above = math.sqrt(place / pieces), math.sqrt((place + 1) / pieces)
    return below + (x * pieces - place) * (above - below)


def slope_in_table(x: float, pieces: int = 5000) -> float:
    place = int(x * pieces)
    return pieces * (math.sqrt((place + 1) / pieces) - math.sqrt(place / pieces))


@pytest.mark.usefixtures("few_points")
def test_pieces_that_meet_are_no_steps(allow: Callable[[float], None]) -> None:
    allow(0.02)
    right = check_gradient(tangents, slope_of_tangent, box=(0.1, 1.9))
    wrong = check_gradient(tangents, lambda x: 2 * x, box=(0.1, 1.9))
    assert (right.verdict, wrong.verdict) == ("agrees", "wrong")
    assert right.method == wrong.method == "traced"


@pytest.mark.parametrize("point", [0.7398521, 1.5468979, 1.0865114, 1.8677939, 0.2522200, 0.9760094])
def test_the_slope_of_a_short_piece_is_not_refuted(point: float) -> None:
    found = check_gradient(opaque(table), slope_in_table, point)
    assert found.verdict in ("agrees", "undecided")
    assert check_gradient(opaque(table), lambda x: 1.1 * slope_in_table(x), point).verdict != "agrees"
    assert check_gradient(opaque(tangents), slope_of_tangent, point).verdict in ("agrees", "undecided")


def test_pieces_that_are_straight_have_no_second_derivative() -> None:
    def straight(x: float) -> float:
        return table(x, 300)

    for curved in (0.0, -0.25 * 0.377**-1.5):  # that of a piece, and that of the curve through its ends
        assert check_hessian(opaque(straight), lambda _, h=curved: h, 0.377).verdict == "undecided"
    assert check_hessian(opaque(math.sqrt), lambda x: -0.25 * x**-1.5, 0.377)


def test_quotients_that_differ_are_told_with_digits_that_do() -> None:
    assert check_gradient(opaque(table), slope_in_table, 0.73985).verdict == "agrees"
    differ = quotients._differ(Difference(0.12345678, 0.0), Difference(0.12345679, 0.0))
    assert differ.endswith("about 0.12345678 and 0.12345679")


def test_parts_that_are_carried() -> None:
    def product(a: float) -> float:
        return 0.5 / math.sqrt(a) * math.sin(a) + math.sqrt(a) * math.cos(a)

    def of_two(p: Any) -> Any:
        return np.array([p[1], p[0]]) / (2 * math.sqrt(p[0] * p[1]))

    assert check_gradient(lambda a: bisection(a) * math.sin(a), product, 2.0)
    assert check_gradient(lambda a: 0.1 * bisection(a) + math.exp(a), lambda a: 0.05 / math.sqrt(a) + math.exp(a), 2.0)
    assert check_gradient(lambda p: bisection(p[0] * p[1]), of_two, np.array([2.0, 1.3]))
    assert check_gradient(passed, lambda v: -1 / v**2, 2.0).verdict in ("undecided", "not-differentiable", "agrees")


def test_steps_are_no_reason_to_call_a_gradient_wrong() -> None:
    for grad in (lambda t: -math.exp(-t), lambda t: 0.0):
        assert check_gradient(in_steps_of_time, grad, 1.0).verdict in ("undecided", "not-differentiable")
    assert check_gradient(counted, lambda x: 1.0, 0.7).verdict in ("undecided", "not-differentiable", "agrees")


@pytest.mark.parametrize("x", [0.7, 0.999999, -2.0])
def test_branches_that_carry_nothing_stay_traced(x: float) -> None:
    found = check_gradient(lambda x: max(x - 1, 0) + x**2, lambda x: 2 * x + (1 if x > 1 else 0), x)
    assert found.traced


# ---- the function stops at a tolerance


def root_to(tolerance: float) -> Callable[[float], float]:
    def root(a: float) -> float:
        x = a
        while True:
            step = (x - a / x) / 2
            x -= step
            if abs(step) < tolerance:
                return x

    return root


def secant(a: float) -> float:
    x0, x1 = 1.0, 2.0
    while abs(x1 - x0) > 1e-9:
        x0, x1 = x1, x1 - (x1 * x1 - a) * (x1 - x0) / (x1 * x1 - x0 * x0)
    return x1


def descent(a: float, tolerance: float = 1e-8) -> float:
    z = 0.0
    while True:
        g = 2 * (z - a) + 0.4 * z**3
        if abs(g) < tolerance:
            return z
        z -= 0.2 * g


def test_loops_that_stop_at_a_tolerance() -> None:
    assert check_gradient(root_to(1e-6), lambda a: 0.5 / math.sqrt(a), 2.0)
    assert check_gradient(root_to(1e-6), lambda a: 0.5005 / math.sqrt(a), 2.0).verdict == "wrong"
    assert check_gradient(secant, lambda a: 0.5 / math.sqrt(a), 2.0)
    assert check_gradient(secant, lambda a: 0.5 / math.sqrt(a) * (1 + 1e-10), 2.0).verdict == "wrong"
    right = check_gradient(descent, lambda a: 2 / (2 + 1.2 * descent(a, 1e-15) ** 2), 0.7)
    assert right
    assert right.of_function
    assert ", the noise of descent" in str(right).split("\n")[1]


@pytest.mark.parametrize("at", [(1.0, 2.0), (0.3, 0.3), (0.7, -1.3)])
@pytest.mark.parametrize("tolerance", [1e-6, 1e-9, 1e-12])
def test_an_iteration_whose_paths_all_end_after_the_same_rounds(at: tuple[float, float], tolerance: float) -> None:
    def by_jacobi(x: Sequence[float]) -> float:
        """3*u + v of the solution of 4*u + v = x0, 2*u + 5*v = x1."""
        u = v = 0.0
        while True:
            before = u, v
            u, v = (x[0] - before[1]) / 4, (x[1] - 2 * before[0]) / 5
            if abs(u - before[0]) + abs(v - before[1]) < tolerance:
                return 3 * u + v

    def claimed(factor: float) -> Verdict:
        return check_gradient(by_jacobi, lambda x: [13 / 18 * factor, 1 / 18 * factor], at).verdict

    assert claimed(1.0) is Verdict.AGREES  # the solution of 4*a + 2*b = 3, a + 5*b = 1
    assert claimed(1 + 30 * tolerance) is Verdict.WRONG


def last_step_cut(h: float, end: float) -> tuple[float, float]:
    """Midpoint steps of time for y' = -y, the last one cut, and the slope of that step."""
    time, y, slope = 0.0, 1.0, 0.0
    while time < end:
        step = min(h, end - time)
        y, slope = y * (1 - step + step * step / 2), y * (step - 1)
        time += step
    return y, slope


@pytest.mark.parametrize(("h", "end"), [(0.01, 1.005), (0.1, 0.73)])
def test_a_last_step_that_is_cut_has_the_slope_of_that_step(h: float, end: float) -> None:
    left = end % h
    own = (1 - h + h * h / 2) ** int(end // h) * (left - 1)
    assert check_gradient(lambda t: last_step_cut(h, t)[0], lambda t: last_step_cut(h, t)[1], end)
    for fault in (1.01, 1.001):
        assert check_gradient(lambda t: last_step_cut(h, t)[0], lambda _, f=fault: f * own, end).verdict == "wrong"


def runge_kutta(step: float) -> Callable[[float], float]:
    """Classical steps of time for y' = -y, the last one cut."""

    def solution(end: float) -> float:
        time, y = 0.0, 1.0
        while time < end:
            h = end - time if time + step > end else step
            first = -y
            second = -(y + h / 2 * first)
            third = -(y + h / 2 * second)
            y += h / 6 * (first + 2 * second + 2 * third - (y + h * third))
            time += h
        return y

    return solution


@pytest.mark.parametrize(("step", "end"), [(0.25, 1.1), (0.25, 0.9), (0.3, 0.7), (0.1, 1.0)])
def test_the_noise_of_steps_is_the_change_of_slope_between_them(step: float, end: float) -> None:
    """Which is about step^4/24 of the slope, and leaves no room for a fault of a thousandth."""
    found = check_gradient(runge_kutta(step), lambda t: -math.exp(-t), end)
    assert found.of_function
    assert found.finest < step**4 / 10
    for fault in (1.001, 0.999, 1.01):
        wrong = check_gradient(runge_kutta(step), lambda t, by=fault: -by * math.exp(-t), end)
        assert wrong.verdict == "wrong"


def test_another_branch_is_no_noise() -> None:
    def bent(x: float) -> float:
        return x if x < 1 else 1.0005 * x - 0.0005

    assert check_gradient(bent, lambda x: 1.0, 0.9)
    assert check_gradient(bent, lambda x: 1.0005, 0.9).verdict == "wrong"


@pytest.mark.parametrize(("step", "end"), [(0.25, 1.25), (0.25, 1.0), (0.1, 0.5), (0.1, 0.7), (0.125, 0.75)])
def test_steps_that_join_make_a_corner_and_no_jump(step: float, end: float) -> None:
    def euler(end: float) -> float:
        time, y = 0.0, 1.0
        while time < end:
            h = end - time if time + step > end else step
            y -= h * y
            time += h
        return y

    for f in (euler, runge_kutta(step)):
        found = check_gradient(f, lambda t: -math.exp(-t), end)
        assert "jump" not in str(found)
        if f is euler:
            row = found.findings[0]
            assert found.verdict == "not-differentiable"
            assert row.left == pytest.approx(euler(end - 1e-9) / (step - 1), rel=1e-6)
            assert row.right == pytest.approx(-euler(end), rel=1e-6)


def fixed_point(a: float) -> float:
    """x = cos(a*x), which turns in a circle for a > 1.33."""
    x, following = 0.0, 1.0
    while abs(following - x) > 1e-5:
        x, following = following, math.cos(a * following)
    return following


def test_a_loop_may_have_no_end_beside_the_point() -> None:
    x = 0.769576421735607  # mpmath, at a = 0.9
    right = -x * math.sin(0.9 * x) / (1 + 0.9 * math.sin(0.9 * x))
    assert check_gradient(fixed_point, lambda _: right, 0.9)
    assert check_gradient(fixed_point, lambda _: 1.01 * right, 0.9).verdict == "wrong"
    assert check_gradient(opaque(fixed_point), lambda _: 1.2 * right, 0.9).verdict in ("wrong", "undecided")


def test_solvers() -> None:
    integrate = pytest.importorskip("scipy.integrate")

    def decay(tolerance: float) -> Callable[[float], float]:
        def final(k: float) -> Any:
            return integrate.solve_ivp(lambda _, y: -k * y, (0, 1), [1.0], rtol=tolerance, atol=1e-12).y[0, -1]

        return final

    for tolerance, off, fault in ((1e-8, 1e-6, 1e-4), (1e-3, 1e-2, 0.2)):
        right = check_gradient(decay(tolerance), lambda k: -math.exp(-k), 0.7)
        assert right
        assert right.of_function
        assert right.finest < off
        assert check_gradient(decay(tolerance), lambda k, by=fault: -(1 + by) * math.exp(-k), 0.7).verdict == "wrong"
    said = check_gradient(decay(1e-3), lambda k: -math.exp(-k), 0.7, noise=1e-3)
    assert said
    assert said.finest > 1e-4
    assert check_gradient(decay(1e-3), lambda k: -1.1 * math.exp(-k), 0.7, noise=1e-3).verdict == "wrong"
    stepper = integrate.RK45

    def by_class(k: float) -> Any:
        return integrate.solve_ivp(lambda _, y: -k * y, (0, 1), [1.0], method=stepper, rtol=1e-6).y[0, -1]

    unknown = check_gradient(by_class, lambda k: -1.001 * math.exp(-k), 0.7)
    assert unknown.verdict == "undecided"
    assert "may be the tolerance of" in unknown.reason


def test_what_the_tolerance_of_a_solver_excuses() -> None:
    integrate = pytest.importorskip("scipy.integrate")

    def decay(tolerance: float) -> Callable[[float], float]:
        def final(k: float) -> Any:
            return integrate.solve_ivp(lambda _, y: -k * y, (0, 2), [1], "RK23", rtol=tolerance, atol=tolerance).y[
                0, -1
            ]

        return final

    slope = -2 * math.exp(-1.4)  # which the solver's own is some hundredths off
    assert check_gradient(decay(3e-2), lambda _: slope, 0.7).verdict == "undecided"
    assert check_gradient(decay(1e-2), lambda _: slope, 0.7).verdict == "undecided"
    assert (
        check_gradient(decay(1e-2), lambda _: 1.6 * slope, 0.7).verdict == "wrong"
    )  # than which no tolerance is worse
    assert check_gradient(decay(1e-5), lambda _: 1.03 * slope, 0.7, noise=0.1)


def test_second_derivatives_of_what_cannot_be_traced() -> None:
    for x in (2e-3, 0.7, 2e3):
        assert check_hessian(opaque(lambda x: x**4), lambda x: 12 * x**2, x)
        for fault in (1e-2, -1e-2):
            claimed = 12 * x**2 * (1 + fault)
            assert check_hessian(opaque(lambda x: x**4), lambda _, h=claimed: h, x).verdict == "wrong"


def minimize_curve(
    f: Any,
    rtol: Any = None,
    tol: Any = None,
    atol: float = 1e-6,
    hmax: float = 0.5,
    bounds: Any = None,
    options: Any = None,
    **more: Any,
) -> dict[str, Any]:
    return {**locals()}


def hilbert(size: int) -> Any:
    return np.array([[1 / (i + j + 1) for j in range(size)] for i in range(size)])


@pytest.mark.parametrize("point", [np.linspace(0.3, 1.7, 8), np.array([1.0, 0.5, -0.3, 0.2, 1.1, -0.7, 0.4, 0.9])])
def test_what_the_rounding_of_a_linear_system_excuses(point: Any) -> None:
    matrix = hilbert(8)  # of condition 1.5e10
    form = opaque_array(lambda x: x @ np.linalg.solve(matrix, x))
    assert check_gradient(form, lambda x: 2 * np.linalg.inv(matrix) @ x, point).verdict != "wrong"
    assert check_gradient(form, lambda x: 2 * np.linalg.solve(matrix, x), point)
    assert check_gradient(form, lambda x: 2 * (1 + 1e-6) * np.linalg.solve(matrix, x), point).verdict == "wrong"


def test_a_matrix_that_loses_nothing_excuses_nothing() -> None:
    matrix, point = np.array([[4.0, 1, 0], [1, 5, 2], [0, 2, 6]]), np.array([0.7, -1.3, 2.1])
    for form in (lambda x: x @ np.linalg.solve(matrix, x), lambda x: x @ np.linalg.inv(matrix) @ x):
        opaque_form = opaque_array(form)
        assert check_gradient(opaque_form, lambda x: 2 * np.linalg.solve(matrix, x), point)
        wrong = check_gradient(opaque_form, lambda x: 2 * (1 + 1e-8) * np.linalg.solve(matrix, x), point)
        assert wrong.verdict == "wrong"


def test_a_refined_answer_is_nearer() -> None:
    matrix, one = hilbert(8), [0] * 7 + [1]
    exact = [[Fraction(x) for x in row] for row in matrix.tolist()]
    solved = solved_exactly(exact, [Fraction(x) for x in one])

    def off(answer: Any) -> float:
        return max(abs(float(Fraction(x) - y)) for x, y in zip(answer.tolist(), solved, strict=True))

    right, solve, inverse = np.array(one, float), np.linalg.solve, np.linalg.inv
    assert off(tightened(solve)(matrix, right)) < off(solve(matrix, right)) / 4
    assert off(tightened(inverse)(matrix)[:, 7]) < off(inverse(matrix)[:, 7]) / 4
    several = np.array([[[2.0, 1.0], [1.0, 3.0]], [[4.0, 1.0], [0.0, 3.0]], [[5.0, 0.0], [0.0, 5.0]]])
    assert np.allclose(tightened(inverse)(several) @ several, np.eye(2), rtol=0, atol=1e-15)


def solved_exactly(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Gauss-Jordan elimination on rational numbers, of a matrix whose pivots are not 0."""
    rows = [[*row, x] for row, x in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        rows[k] = row = [x / rows[k][k] for x in rows[k]]
        rows = [each if i == k else [x - each[k] * y for x, y in zip(each, row, strict=True)]
                for i, each in enumerate(rows)]  # fmt: skip
    return [row[-1] for row in rows]


def test_tolerances_are_tightened_and_nothing_else() -> None:
    bounds = {"atol": 4.0}
    given = tightened(minimize_curve)(abs, None, bounds=bounds, options={"xtol": 1e-3, "disp": True})
    assert (given["f"], given["bounds"], given["options"]["disp"]) == (abs, bounds, True)
    assert given["rtol"] is None  # of which SciPy makes one with the other
    assert 0 < given["tol"] <= 1e-12
    assert given["atol"] == 1e-6 / 128
    assert given["options"]["xtol"] == 1e-3 / 128
    assert given["hmax"] == 0.125
    several = tightened(minimize_curve)(abs, atol=[1e-3, 1e-16], xatol=1e-3, first=0.1)
    assert several["atol"].tolist() == [1e-3 / 128, 1e-16]
    assert several["more"] == {"xatol": 1e-3 / 128, "first": 0.1}
    assert tightened(minimize_curve)(abs)["options"] is None
    assert tightened(minimize_curve)(abs, 1e-3, 1e-16)["rtol"] == 1e-3 / 128
    assert tightened(minimize_curve)(abs, 1e-3, 1e-16)["tol"] == 1e-16
    assert tightened(dict) is tightened(opaque) is None


def test_solvers_of_other_kinds(capfd: pytest.CaptureFixture[str]) -> None:
    optimize, integrate = pytest.importorskip("scipy.optimize"), pytest.importorskip("scipy.integrate")

    def by_root(a: float) -> Any:
        return optimize.brentq(lambda x: x**3 + a * x - 1, 0, 2)

    def by_system(a: float) -> Any:
        return optimize.fsolve(lambda x: x**3 + a * x - 1, [0.5], xtol=1e-12)[0]

    def area(a: float) -> Any:
        return integrate.quad(lambda x: math.exp(-a * x), 0, 1)[0]

    slope = -0.5 / (3 * 0.5**2 + 1.75)  # x = 1/2 at a = 7/4
    of_area = ((1.75 + 1) * math.exp(-1.75) - 1) / 1.75**2
    for f, right in ((by_root, slope), (by_system, slope), (area, of_area)):
        assert check_gradient(f, lambda _, right=right: right, 1.75)
        assert check_gradient(f, lambda _, right=right: right * (1 + 1e-6), 1.75).verdict == "wrong"

    def lowest(a: float) -> Any:
        return optimize.minimize_scalar(lambda x: (x - a) ** 2 + x**4, bracket=(0, 1)).fun  # at x = 1/2 for a = 3/4

    assert check_hessian(lowest, lambda _: 1.2, 0.75).verdict in ("agrees", "undecided")
    assert check_hessian(lowest, lambda _: 1.25, 0.75).verdict == "wrong"
    assert capfd.readouterr().err == ""  # of C that prints what a callback raises


def test_what_rounding_loses_of_the_function_is_not_held_against_its_gradient() -> None:
    hilbert = np.array([[1 / (i + j + 1) for j in range(6)] for i in range(6)])
    at = [-0.6, -0.6, -0.99, 0.05, 1.07, -0.33]
    found = check_gradient(lambda x: x @ np.linalg.solve(hilbert, x), lambda x: 2 * np.linalg.solve(hilbert, x), at)
    assert found.verdict != "wrong"
    bad = check_gradient(lambda x: x @ np.linalg.solve(hilbert, x), lambda x: 2.02 * np.linalg.solve(hilbert, x), at)
    assert bad.verdict == "wrong"


@pytest.mark.parametrize("size", range(4, 8))
def test_what_elimination_loses_of_a_matrix_of_numbers_is_not_held_against_a_gradient(size: int) -> None:
    matrix, ones = hilbert(size), np.ones(size)  # of a condition up to 5e8

    def f(x: Any) -> Any:
        return (np.linalg.solve(matrix, x) ** 2).sum()

    def twice(x: Any, factor: float = 2) -> Any:
        return factor * np.linalg.solve(matrix.T, np.linalg.solve(matrix, x))

    assert check_gradient(f, twice, ones)
    assert check_gradient(f, lambda x: twice(x, 2 + 1e-9), ones).verdict == "wrong"
    assert check_gradient(lambda x: np.linalg.solve(matrix, x).sum(), lambda x: np.linalg.solve(matrix.T, ones), ones)


def test_no_value_beside_the_point() -> None:
    short = opaque(lambda x: [math.sin(x)][int(abs(x - 0.7) > 0.1)])  # an IndexError, far away
    assert check_gradient(short, math.cos, 0.7)
    assert check_gradient(short, math.sin, 0.7).verdict == "wrong"
    for side in (1, -1):  # a value is lacking on the left, or on the right, as of a logarithm
        root = opaque(lambda x, side=side: math.sqrt(0.1 + side * (x - 0.7)))
        assert check_gradient(root, lambda _, side=side: side * 0.5 / math.sqrt(0.1), 0.7)
        assert check_gradient(root, lambda _, side=side: -side * 0.5 / math.sqrt(0.1), 0.7).verdict == "wrong"


def test_joints_of_a_spline_are_no_noise() -> None:
    interpolate = pytest.importorskip("scipy.interpolate")
    knots = np.linspace(0, 3, 7)
    spline = interpolate.CubicSpline(knots, np.sin(knots))
    assert check_gradient(spline, lambda x: spline(x, 1), 1.3)
    assert check_gradient(spline, lambda x: spline(x, 1) * (1 + 1e-6), 1.3).verdict == "wrong"


# ---- what quotients and traces do not show


def test_a_corner_that_is_nearly_none() -> None:
    bent = opaque(lambda x: (x - 0.7) * (1 if x < 0.7 else 1.0001))
    for slope in (1.0, 1.00005, 1.0001):
        assert check_gradient(bent, lambda x, slope=slope: slope, 0.7).verdict == "not-differentiable"


@pytest.mark.parametrize("slope", [-1e-7, 0.0, 1e-7])
def test_a_corner_too_small_to_be_seen_makes_no_slope_at_it_wrong(slope: float) -> None:
    f = opaque(lambda x: math.sin(x) + 1e-7 * abs(x - 0.7))
    assert check_gradient(f, opaque(lambda x: math.cos(x) + slope), 0.7).verdict != "wrong"
    assert check_gradient(f, opaque(lambda x: math.cos(x) + 1e-6), 0.7).verdict == "wrong"


def test_ripples() -> None:
    rippled = opaque(lambda x: math.sin(x) + 1e-9 * math.sin(1e9 * x))
    assert check_gradient(rippled, lambda x: math.cos(x), 0.7).verdict == "undecided"
    assert check_gradient(rippled, lambda x: math.cos(x) + math.cos(1e9 * x), 0.7).verdict == "agrees"
    assert check_gradient(rippled, lambda x: 1.5 * (math.cos(x) + math.cos(1e9 * x)), 0.7).verdict == "wrong"
    assert check_gradient(opaque(math.sin), math.cos, 0.7)


def test_a_hole_that_is_filled_in() -> None:
    def f(x: float) -> float:
        return 0.0 if x == 0 else (1 - math.cos(x)) / x

    for claimed, verdict in ((0.0, "wrong"), (0.5, "agrees")):
        assert check_gradient(f, lambda x, claimed=claimed: claimed, 0.0).verdict == verdict
        assert check_gradient(opaque(f), lambda x, claimed=claimed: claimed, 0.0).verdict == verdict


def by_int(x: float) -> float:
    try:
        cell = int(x)
    except TypeError:
        return math.sin(x)
    return math.sin(x) * (1.5 if cell == 137 else 1)


def by_text(x: float) -> float:
    return math.sin(x) * (1.5 if str(x).startswith("137.") else 1)


@pytest.mark.parametrize("hidden", [by_int, by_text])
def test_hidden_branches_are_not_called_traced(hidden: Callable[[float], float]) -> None:
    found = check_gradient(hidden, math.cos, 0.7)
    assert found
    assert not found.traced
    assert not found.method.startswith("traced:")
    over_box = check_gradient(hidden, math.cos, box=(0, 1000), seconds=100)
    assert over_box.drawn > 1000
    assert over_box.verdict == "wrong"
    assert 137 <= over_box.at["x"] < 138
    of_claim = check_gradient(lambda x: -math.cos(x), hidden, box=(0, 1000), seconds=100)
    assert of_claim.verdict == "wrong"


class Kept:
    """What was found at the last point, in every place where a program may keep it."""

    shared: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.last: Any = None
        self.found: dict[str, Any] = {}

    def value(self, x: Any) -> Any:
        if self.last is None or not np.array_equal(x, self.last):
            self.last = np.copy(x)
            self.found["value"] = np.sum(np.exp(x))
        return self.found["value"]

    def by_class(self, x: Any) -> Any:
        if "x" not in self.shared or not np.array_equal(x, self.shared["x"]):
            self.shared.update(x=np.copy(x), value=np.sum(np.exp(x)))
        return self.shared["value"]

    def slopes(self, x: Any) -> Any:
        self.value(x)
        return np.exp(self.last)


def test_programs_that_keep_their_last_point() -> None:
    kept, store = Kept(), list[Any]()

    def stored(x: Any) -> Any:
        if not store or not np.array_equal(store[0], x):
            store[:] = [x.copy(), np.sum(np.exp(x))]
        return store[1]

    at = np.array([0.3, -0.2])
    for f, grad in ((kept.value, kept.slopes), (kept.by_class, np.exp), (stored, np.exp)):
        for _ in range(2):
            found = check_gradient(f, grad, at)
            assert found
            assert found.method == "traced"
        assert check_gradient(f, lambda x: 1.01 * np.exp(x), at).verdict == "wrong"
        assert isinstance(f(at), float)


@pytest.mark.usefixtures("few_points")
def test_a_program_may_say_in_its_own_words_that_it_has_no_value() -> None:
    class OutsideError(Exception):
        pass

    def asserted(x: float) -> float:
        assert x > 0, "not positive"
        return math.log(x)

    def refused(x: float) -> float:
        if x <= 0:
            raise OutsideError("not positive")
        return math.log(x)

    for f, named in ((asserted, "AssertionError"), (refused, "OutsideError")):
        here = check_gradient(f, lambda x: 1 / x, -1.0)
        assert here.verdict == "undefined"
        assert f"{named}: not positive" in here.reason
        assert check_gradient(f, lambda x: 1 / x, box=(-1, 2), n=8)
        wrong = check_gradient(f, lambda x: 2 / x, box=(-1, 2), n=8)
        assert wrong.verdict == "wrong"
        assert wrong.method == "traced"
    with pytest.raises(NameError):
        check_gradient(lambda x: math.sin(y), math.cos, 0.5)  # noqa: F821


def test_what_is_next_to_nothing_is_not_the_worst_entry() -> None:
    def values(x: Any) -> Any:
        return np.array([x[0] * (x[1] - 3 * x[2]), x[0] ** 2])

    def whole(x: Any) -> Any:
        return np.array([[3 * x[2] - x[1], x[0], -3 * x[0]], [3 * x[0], 0, 0]])

    found = check_jacobian(values, whole, [1.0, 0.3, 0.1])  # where the first entry is 5.6e-17
    assert found.findings[0].what == "df[1]/dx[0]"


# ---- what is given and what is not


def test_a_gradient_that_is_forgotten() -> None:
    for f, at in ((lambda x: x * x, 3.0), (lambda x: (x * x).sum(), np.ones(2)), (math.sin, 0.5)):
        with pytest.raises(TypeError, match=r"no grad was given, and f does not answer with \(value, gradient\)"):
            check_gradient(f, at=at)


def test_value_and_gradient_as_a_list() -> None:
    assert check_gradient(lambda x: [sum(x**2), 2 * x], None, np.array([1.0, 2.0]))
    assert check_gradient(lambda x: [x**2, 2 * x], None, 3.0)
    assert check_gradient(lambda x: [x**2, 2.1 * x], None, 3.0).verdict == "wrong"
    assert check_gradient(lambda x: sum(x**2), lambda x: [sum(x**2), list(2 * x)], np.array([1.0, 2.0]))


# ---- points


W, B = np.arange(6.0).reshape(2, 3) / 3, np.array([0.1, 0.2])
Pair = collections.namedtuple("Pair", "a b")
Turned = collections.namedtuple("Turned", "b a")


@dataclass
class Net:
    W: Any
    b: Any
    name: str = "net"


def layer(weights: Any, bias: Any) -> Any:
    return np.tanh(weights @ np.ones(3) + bias).sum()


def slopes(weights: Any, bias: Any) -> tuple[Any, Any]:
    inner = 1 - np.tanh(weights @ np.ones(3) + bias) ** 2
    return np.outer(inner, np.ones(3)), inner


POINTS: list[tuple[Any, Any, Any, tuple[str, ...]]] = [
    (lambda p: layer(p[0], p[1]), lambda p: list(slopes(p[0], p[1])), [W, B], ("p[0][1, 2]", "p[1][0]")),
    (lambda p: layer(*p), lambda p: slopes(*p), (W, B), ("p[0][1, 2]", "p[1][0]")),
    (layer, slopes, (W, B), ("weights[1, 2]", "bias[0]")),
    (lambda x, y: x * y, lambda x, y: (y, x), (2.0, 3.0), ("x", "y")),
    (lambda x, y: x @ y, lambda x, y: (y, x), (B, 2 * B), ("x[0]", "y[1]")),
    (lambda p: p.a * p.b, lambda p: Pair(p.b, p.a), Pair(2.0, 3.0), ("a", "b")),
    (lambda p: p.a * p.b, lambda p: {"a": p.b, "b": p.a}, Pair(2.0, 3.0), ("a", "b")),
    (lambda p: p.a * p.b, lambda p: Turned(a=p.b, b=p.a), Pair(2.0, 3.0), ("a", "b")),
    (lambda n: layer(n.W, n.b), lambda n: Net(*slopes(n.W, n.b)), Net(W, B), ("W[1, 2]", "b[0]")),
    (lambda p: layer(p["one"]["W"], p["b"]), lambda p: {"one": {"W": slopes(p["one"]["W"], p["b"])[0]},
     "b": slopes(p["one"]["W"], p["b"])[1]}, {"one": {"W": W}, "b": B}, ("one.W[1, 2]", "b[0]")),
    (lambda *, a, b: a * b, lambda *, a, b: {"a": b, "b": a}, {"a": 2.0, "b": 3.0}, ("a", "b")),
    (lambda w: w @ w, lambda w: 2 * w, B, ("w[0]", "w[1]")),
]  # fmt: skip


@pytest.mark.parametrize(("f", "grad", "at", "names"), POINTS)
def test_points_of_every_form(f: Any, grad: Any, at: Any, names: tuple[str, ...]) -> None:
    found = check_gradient(f, grad, at)
    assert found
    assert found.traced
    assert set(names) <= set(found.at)


def test_faults_at_points_of_every_form() -> None:
    wrong = check_gradient(lambda n: layer(n.W, n.b), lambda n: Net(slopes(n.W, n.b)[0], 1.1 * slopes(n.W, n.b)[1]),
                           Net(W, B))  # fmt: skip
    assert [row.what for row in wrong.wrong] == ["b[0]", "b[1]"] or {row.what for row in wrong.wrong} == {
        "b[0]",
        "b[1]",
    }
    turned = check_gradient(lambda x, y: x * y, lambda x, y: (x, y), (2.0, 3.0))
    assert turned.hint == "the derivatives with respect to x and y are exchanged"


def test_what_no_point_can_be() -> None:
    for at in ("abc", {"a": object()}, [None, 1.0]):
        with pytest.raises(TypeError, match="a point is a number, an array, or a mapping, tuple, list"):
            check_gradient(lambda x: x, lambda x: 1.0, at)


def test_long_points_are_shortened() -> None:
    lines = str(check_gradient(lambda w: (w**2).sum(), lambda w: 2.2 * w, np.ones(40))).split("\n")
    assert lines[1].endswith("... (40 numbers)")
    assert lines[-2].strip() == "and 28 more" or "  and 28 more" in lines
    assert max(map(len, lines)) < 120


def test_the_work_for_a_wrong_gradient_is_a_few_times_that_for_a_right_one() -> None:
    rng = np.random.default_rng(0)
    rows, seen = rng.normal(size=(60, 6)), rng.normal(size=60)
    calls = {"right": 0, "wrong": 0}

    def f(w: Any) -> Any:
        return np.sum((rows @ w - seen) ** 2) / 60

    def grad(w: Any, factor: float, word: str) -> Any:
        calls[word] += 1
        return factor * 2 * rows.T @ (rows @ np.array(w.tolist()) - seen) / 60

    at = rng.normal(size=6)
    assert check_gradient(f, lambda w: grad(w, 1.0, "right"), at)
    assert check_gradient(f, lambda w: grad(w, 1.001, "wrong"), at).verdict == "wrong"
    assert calls["wrong"] < 200


def test_large_programs_are_judged_by_quotients_where_there_is_little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcalc.judge.programs.subject._STEPS_A_SECOND", 2_500)

    def f(x: Any) -> Any:
        return sum(math.sin(k * x) for k in range(3000))

    def grad(x: Any) -> Any:
        return sum(k * math.cos(k * x) for k in range(3000))

    quick = check_gradient(f, lambda x: grad(float.fromhex(x.hex())), 0.001)
    assert quick.method.startswith("differences: f cannot be traced: it takes more than 5,000 steps")
    assert quick.verdict == "agrees"


@pytest.mark.parametrize("tolerance", [1e-1, 1e-2])
def test_a_coarse_solver_is_not_held_against_a_right_derivative(tolerance: float) -> None:
    integrate = pytest.importorskip("scipy.integrate")

    def grown(rate: float) -> float:  # y' = r*y*(1 - y/2), y(0) = 1/10
        return float(integrate.solve_ivp(lambda _, y: rate * y * (1 - y / 2), (0, 10), [0.1], rtol=tolerance).y[0, -1])

    def slope(rate: float) -> float:  # of 2/(1 + 19*exp(-10*r)), a sixth and a third off the solver's own
        decay = math.exp(-10 * rate)
        return 380 * decay / (1 + 19 * decay) ** 2

    assert check_gradient(grown, slope, 0.8).verdict == "undecided"
    if tolerance < 0.1:
        assert check_gradient(grown, lambda rate: -slope(rate), 0.8).verdict == "wrong"


def test_a_value_that_goes_by_steps_is_said_to_do_so():
    stairs = lambda x: int(2000 * x) / 2000  # noqa: E731
    flat = check_gradient(stairs, lambda x: 0.0, 0.70012)  # right between the steps, and not what they follow
    assert flat.verdict == "undecided"
    assert flat.reason == "its value goes by steps of about 0.0005, between which the derivative is 0"
    along = check_gradient(stairs, lambda x: 1.0, 0.70012)
    assert along.verdict == "agrees"
    assert "goes by steps of about 0.0005, between which the derivative is 0" in str(along)
    assert check_gradient(stairs, lambda x: 2.0, 0.70012).verdict == "wrong"


def test_rounding_to_single_precision_is_no_step():
    found = check_gradient(lambda x: float(np.float32(float(repr(x))) ** 2), lambda x: 2 * x, 0.7)
    assert found.verdict == "agrees"
    assert found.method.startswith("differences")
    assert "steps" not in str(found)


def root_by_newton(a: float) -> float:
    y = 1.0
    while abs(y * y - a) > 1e-10:  # which leads nowhere from a = 1
        y = 0.5 * (y + a / y)
    return y


@pytest.mark.parametrize(
    ("a", "word"), [(1.0, "as at none beside it"), (4.0, "the noise of root_by_newton"), (10.0, "")]
)
def test_a_loop_that_stops_near_a_solution_is_not_believed_where_it_begins_at_one(a: float, word: str) -> None:
    right = check_gradient(root_by_newton, lambda a: 0.5 / a**0.5, at={"a": a})
    assert right.verdict == "agrees"
    assert word in str(right)
    for fault in (1e-1, 1e-3, 1e-6):
        wrong = check_gradient(root_by_newton, lambda a, off=fault: (0.5 + off) / a**0.5, at={"a": a})
        assert wrong.verdict == "wrong"
    assert check_gradient(root_by_newton, lambda a: 0.0 * a, at={"a": a}).verdict != "agrees"


@pytest.mark.usefixtures("few_points")
def test_the_noise_of_a_function_is_told_of_a_box_too() -> None:
    found = check_gradient(root_by_newton, lambda a: 0.5 / a**0.5, box={"a": (1.5, 3.0)}, n=16)
    assert found.of_function
    assert 1e-10 < found.finest < 1e-7  # a root to 1e-10 has a slope to the same, or less where the last step is short
    assert "the noise of root_by_newton" in str(found)


def test_numbers_that_were_computed_elsewhere_may_be_rounded() -> None:
    """A claim that does not look at the point is judged by its numbers, not as a constant that somebody wrote."""
    x = 1.001
    elsewhere = 3 * x * x - 3
    off = abs(Fraction(elsewhere) - (3 * Fraction(x) ** 2 - 3)) / Fraction(elsewhere)
    assert 16 * 2.0**-53 < off < 1e-12  # more than a constant may be off
    found = check_gradient(lambda x: x**3 - 3 * x, lambda _: elsewhere, x)
    assert found
    assert "by its numbers" in str(found)
    assert check_gradient(lambda x: x**3 - 3 * x, lambda _: elsewhere * (1 + 1e-10), x).verdict == "wrong"
    assert "in balls" in str(check_gradient(lambda x: x**2, lambda _: 4.0, 2.0))


@pytest.mark.parametrize("x", [1e-4, 1e-6])
def test_what_rounding_drops_of_every_step_is_no_slope(x: float) -> None:
    """Of steps by powers of 2 rounding drops the same part: small quotients of `(exp(x) - 1)/x` all say -1/2."""
    grown = opaque(lambda x: (math.exp(x) - 1) / x)
    right = float(mpmath.diff(lambda x: mpmath.expm1(x) / x, x))
    assert abs(right - 0.5) < 1e-4
    assert check_gradient(grown, lambda _: right, x).verdict in ("agrees", "undecided")
    for claimed in (-0.49996185302734375, -right):  # the first is what they come to, with an error of 2.5e-5
        assert check_gradient(grown, lambda _, claimed=claimed: claimed, x).verdict in ("wrong", "undecided")
    assert check_gradient(grown, lambda _: -right, 1e-4).verdict == "wrong"


def test_rounding_that_moves_small_steps_refutes_nothing() -> None:
    """Next to the point `sqrt(1 + x) - 1` stays the same, and falls as 1/x where it is divided by x."""
    x = 4.0911970797999557e-07
    with mpmath.workdps(60):
        right = float(mpmath.diff(lambda x: (mpmath.sqrt(1 + x) - 1) / x, x, h=mpmath.mpf(10) ** -25))
    assert abs(right + 0.125) < 1e-6
    grown = opaque(lambda x: (math.sqrt(1 + x) - 1) / x)
    assert check_gradient(grown, lambda _: right, x).verdict in ("agrees", "undecided")
    assert check_gradient(grown, lambda _: 3 * right, x).verdict == "wrong"


@pytest.mark.parametrize(("a", "tolerance"), [(1.1, 1e-5), (1.1, 1e-7), (0.9, 1e-5)])
def test_a_fixed_point_is_as_exact_as_its_loop_goes_on(a: float, tolerance: float) -> None:
    """Also where that is nearly as much as the noise of a loop may be: `x = cos(a*x)` at 1.1, which is 7.7e-4 off."""

    def fixed(a: float) -> float:
        x = 1.0
        while True:
            y = math.cos(a * x)
            if abs(y - x) < tolerance:
                return y
            x = y

    x = mpmath.findroot(lambda x: mpmath.cos(a * x) - x, 0.7)
    right = float(-x * mpmath.sin(a * x) / (1 + a * mpmath.sin(a * x)))
    found = check_gradient(fixed, lambda _: right, a)
    assert found
    assert found.of_function
    assert check_gradient(fixed, lambda _: right * 1.01, a).verdict == "wrong"


@pytest.mark.parametrize("part", [0.0, 1e-12, 1e-6, 1e-3, 0.1])
def test_numbers_that_do_not_look_at_the_point_show_no_noise(part: float) -> None:
    """Rounding of `(1 - cos x)/x^2` near 0 could explain any number, and nothing tells it from a fault of one."""
    x = 1e-4
    truth = float(mpmath.diff(lambda t: (1 - mpmath.cos(t)) / t**2, mpmath.mpf(x)))
    found = check_gradient(lambda t: (1 - np.cos(t)) / t**2, lambda _: truth * (1 + part), x)
    assert found.verdict == ("agrees" if part < 2.0**-30 else "undecided")
    assert ("does not look at the point" in str(found)) == (found.verdict == "undecided")


@pytest.mark.parametrize(("tolerance", "a"), [(1e-2, 0.5), (1e-2, 0.7), (1e-3, 0.5)])
def test_a_claim_about_the_limit_of_a_loop_that_stops_early_is_not_refuted(tolerance: float, a: float) -> None:
    def loop(a: float) -> float:
        x, last = math.exp(-a), 1.0
        while abs(x - last) >= tolerance:
            x, last = math.exp(-a * x), x
        return x

    x = float(mpmath.lambertw(a) / a)  # x = exp(-a*x)
    limit = -x * x / (1 + a * x)
    found = check_gradient(loop, lambda _: limit, a)
    assert found.verdict is Verdict.UNDECIDED
    assert "what a loop of loop comes to" in found.reason
    assert check_gradient(loop, lambda _: limit, a, noise=0.05).verdict is Verdict.AGREES
    for factor in (1.02, 0.5, -1.0, 0.0):
        assert check_gradient(loop, lambda _, it=factor: it * limit, a).verdict is Verdict.WRONG


def test_where_a_loop_that_decays_would_come_to_is_no_excuse() -> None:
    def decays(k: float) -> float:
        x = 1.0
        while x >= 0.01:
            x = x - 0.3 * k * x
        return x

    assert check_gradient(decays, lambda k: 0.0, 1.0).verdict is Verdict.WRONG


def test_a_column_of_pandas_is_a_point_with_its_labels() -> None:
    pandas = pytest.importorskip("pandas")
    point = pandas.Series({"a": 1.5, "b": 2.0})
    right = check_gradient(
        lambda s: s["a"] ** 2 * s["b"], lambda s: pandas.Series({"a": 2 * s["a"] * s["b"], "b": s["a"] ** 2}), point
    )
    assert right.verdict is Verdict.AGREES
    assert right.traced
    table = pandas.DataFrame({"u": [1.0, 2.0], "v": [3.0, 0.5]})
    wrong = check_gradient(
        lambda t: (t["u"] * t["v"]).sum(), lambda t: t[["v", "u"]].to_numpy() * [[1, 1], [1, 2]], table
    )
    assert [row.what for row in wrong.findings if row.verdict is Verdict.WRONG] == ["t[1, 1]"]


def test_a_reason_of_many_lines_is_told_in_one() -> None:
    def fails_traced(x: Any) -> Any:
        if type(x) is not float:
            raise TypeError("no number:\n" + "it is something else, " * 20)
        return math.sin(x)

    found = check_gradient(fails_traced, math.cos, 0.5)
    assert found.verdict is Verdict.AGREES
    assert all(len(line) < 160 for line in str(found).splitlines())
    assert "no number: it is something else" in str(found)


def test_what_has_no_value_because_its_own_arrays_are_narrow_says_what_a_point_is_given_as() -> None:
    torch = pytest.importorskip("torch")
    weights = torch.tensor([[1.0, 2.0]])
    found = check_gradient(lambda w: (weights @ w).sum(), lambda w: weights[0], torch.tensor([1.0, 2.0]))
    assert found.verdict is Verdict.UNDEFINED
    assert "arrays of doubles" in found.reason


def test_a_function_that_changes_its_point_is_told() -> None:
    def twice(x: Any) -> Any:
        x *= 2
        return x

    def shifted(x: Any) -> Any:
        x -= 1
        return np.sum(x**2)

    at = np.array([1.0, 2.0])
    right = check_gradient(lambda x: np.sum(x**2), twice, at)
    assert right.verdict is Verdict.AGREES
    assert right.notes == ("the gradient changes the arrays that it is given",)
    assert check_gradient(shifted, lambda x: 2 * (x - 1), at).notes == ("shifted changes the arrays that it is given",)
    assert check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, at).notes == ()
    named = check_gradient(
        lambda a, b: np.sum(a**2) * b, lambda a, b: {"a": twice(a) * b, "b": np.sum(a**2) / 4}, {"a": at, "b": 2.0}
    )
    assert named.notes == right.notes


def test_the_clock_ends_calls_that_no_work_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def slow(x: float) -> float:
        nonlocal calls
        calls += 1
        time.sleep(0.02)
        return math.sin(x)

    monkeypatch.setattr(work, "NET", 0.02)
    found = check_gradient(opaque(slow), math.cos, 0.7)
    assert (found.verdict, found.reason) == ("undecided", "out of time")
    assert calls < 20


@pytest.mark.parametrize(
    ("off", "verdict"),
    [(0.0, Verdict.AGREES), (1e-11, Verdict.AGREES), (1e-7, Verdict.UNDECIDED), (1e-4, Verdict.WRONG)],
)
def test_a_value_beside_a_gradient_is_held_to_nine_digits_where_nothing_is_traced(off: float, verdict: Verdict) -> None:
    function = opaque_array(lambda x: math.sin(x[0]) * x[1])
    at = np.array([0.3, 0.7])

    def gradient(x: Any) -> Any:
        return function(x) * (1 + off), np.array([math.cos(x[0]) * x[1], math.sin(x[0])])

    found = check_gradient(function, gradient, at)
    assert found.verdict is verdict
    assert check_gradient(function, gradient, at, noise=1e-3).verdict is Verdict.AGREES
    assert ("another way to compute it" in str(found)) == (verdict is Verdict.UNDECIDED)


X = np.array([[1.0, 0.5, -0.3], [0.3, -1.2, 0.8], [-0.7, 0.4, 1.5], [0.2, 0.9, -1.1]])


def _loss(w: Any) -> Any:
    return np.mean(np.logaddexp(0, X @ w)) + 0.05 * np.sum(w**2)


def _slope(w: Any) -> Any:
    return X.T @ (1 / (1 + np.exp(-X @ w))) / len(X) + 0.1 * w


@pytest.mark.parametrize(
    ("gradient", "hint"),
    [
        (lambda w: _slope(w) - 0.1 * w, "0.1 times the point is missing in each: the derivative of a squared penalty?"),
        (
            lambda w: _slope(w) + 0.1 * w,
            "0.1 times the point is too much in each: the derivative of a squared penalty?",
        ),
        (lambda w: _slope(w) + 0.3, "all are off by the same: is a term missing that all have, as that of a mean?"),
        (lambda w: _slope(w) * math.sqrt(3), "it is sqrt(3) times the derivative"),
        (lambda w: _slope(w) / -math.sqrt(2), "it is -sqrt(1/2) times the derivative"),
        (lambda w: _slope(w) * 1.2345678, "it is about 1.2345678 times the derivative"),
        (lambda w: _slope(w) + w**2, ""),
        (lambda w: _slope(w) + np.array([0.1, 0.2, 0.1]), ""),
    ],
)
def test_what_is_added_to_all_or_missing_in_all_is_told(gradient: Callable[[Any], Any], hint: str) -> None:
    at = np.array([0.2, -0.4, 0.7])
    loss = opaque_array(_loss)  # of one that is traced the mistake in its derivation is told
    wrong = check_gradient(loss, gradient, at)
    assert wrong.verdict is Verdict.WRONG
    assert wrong.hint == hint
    assert check_gradient(loss, gradient, box=[(0.1, 0.9)] * 3, n=4).hint == hint


def test_where_all_of_a_point_is_the_same_no_penalty_is_told_from_a_constant() -> None:
    found = check_gradient(opaque_array(_loss), lambda w: _slope(w) - 0.1 * np.sign(w), np.array([1.0, 1.0, 1.0]))
    assert (found.verdict, "penalty" in found.hint, "off by the same" in found.hint) == (Verdict.WRONG, False, True)
