"""Difference quotients: the estimated error covers the true one, and kinks are told from derivatives."""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable

import mpmath
import numpy
import pytest

import gradcalc as gc
from gradcalc.judge.programs.differences import difference, second_difference
from gradcalc.judge.programs.line import Line
from gradcalc.judge.programs.noise import JITTERS, Noise, _ruggedness, narrow
from gradcalc.judge.programs.remainders import drift, remainder_slope, stay_apart
from gradcalc.judge.programs.solvers import is_solver
from gradcalc.judge.rows import along_axis

SMOOTH: list[tuple[Callable[[float], float], Callable[[float], float], tuple[float, float], float]] = [
    # the function, its derivative, where, and the relative error that must be reached in the middle of all cases
    (math.sin, math.cos, (0.1, 1.4), 1e-11),
    (math.exp, math.exp, (-3, 3), 1e-11),
    (lambda x: x**2, lambda x: 2 * x, (-1e10, 1e10), 1e-13),
    (math.log, lambda x: 1 / x, (1e-5, 10), 1e-11),
    (math.sqrt, lambda x: 0.5 / math.sqrt(x), (1e-6, 3), 1e-11),
    (math.tanh, lambda x: 1 / math.cosh(x) ** 2, (-3, 3), 1e-10),
    (math.lgamma, lambda x: float(mpmath.digamma(x)), (0.1, 9), 1e-10),
    (lambda x: math.sin(1e3 * x), lambda x: 1e3 * math.cos(1e3 * x), (0, 1), 1e-9),
    (lambda x: math.exp(20 * x), lambda x: 20 * math.exp(20 * x), (0.5, 1.5), 1e-11),
    (lambda x: 1e-9 * x * x, lambda x: 2e-9 * x, (0.5, 2), 1e-13),
    (lambda x: x + 1e9, lambda x: 1.0, (0.1, 1), 1e-5),
    (math.cos, lambda x: -math.sin(x), (1e-9, 1e-8), 1e-4),
    (lambda x: round(math.sin(x), 6), math.cos, (0.1, 1.4), 1e-2),
]


def at(function: Callable[[float], float], x: float) -> Callable[[float], float]:
    return along_axis(lambda point: function(point[0]), [x], 0)


@pytest.mark.parametrize(("function", "slope", "box", "good"), SMOOTH)
def test_the_estimate_covers_the_error(
    function: Callable[[float], float], slope: Callable[[float], float], box: tuple[float, float], good: float
) -> None:
    rng = random.Random(1)
    estimates = []
    for _ in range(40):
        x = rng.uniform(*box)
        found = difference(Line(at(function, x), abs(x)))
        assert not found.kink, x
        assert abs(found.derivative - slope(x)) <= found.error + 1e-15 * abs(slope(x)), x
        estimates.append(found.error / abs(slope(x)))
    assert sorted(estimates)[20] <= good


KINKS: list[tuple[Callable[[float], float], float, float, float]] = [
    (abs, 0.0, -1, 1),
    (lambda x: max(x, 0), 0.0, 0, 1),
    (lambda x: max(x, 2 * x - 1), 1.0, 1, 2),
    (lambda x: abs(math.sin(x)), 0.0, -1, 1),
    (lambda x: abs(math.sin(50_000 * (x - 0.25))) + x, 0.25, -49_999, 50_001),  # of which only small steps see one
]


@pytest.mark.parametrize(("function", "x", "left", "right"), KINKS)
def test_corners(function: Callable[[float], float], x: float, left: float, right: float) -> None:
    found = difference(Line(at(function, x), abs(x) or 1.0))
    assert (found.left, found.right) == pytest.approx((left, right), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("x", "slope"), [(1 - 1e-10, 0), (1 + 1e-8, 1), (1 - 1e-6, 0), (1 + 1e-12, 1)])
def test_a_corner_near_by_is_none_at_the_point(x: float, slope: float) -> None:
    found = difference(Line(at(lambda x: max(x - 1, 0.0), x), 0.5 if x < 1 else 1.0))
    assert not found.kink
    assert abs(found.derivative - slope) <= found.error < 1e-6


def test_a_corner_whose_sides_are_rounded_stays_one() -> None:
    found = difference(Line(at(lambda x: round(max(x - 1, 0.0), 6), 1.0), 1.0))
    assert found.kink or not found.error < 0.5


@pytest.mark.parametrize("x", [1e4, 1e6, 3e6])
def test_many_waves_in_a_large_number(x: float) -> None:
    found = difference(Line(at(math.sin, x), 2.0 ** (math.frexp(x)[1] - 1)))
    assert abs(found.derivative - float(mpmath.cos(x))) <= found.error < 1e-2


@pytest.mark.parametrize("x", [1e-5, 1e-6, 1e-8])
def test_digits_lost_to_a_difference_are_noise_of_large_steps_alone(x: float) -> None:
    """`exp(x) - 1` goes by steps of 2.2e-16, which steps by powers of 2 meet in step."""
    found = difference(Line(at(lambda x: (math.exp(x) - 1) / x, x), 2.0 ** (math.frexp(x)[1] - 1)))
    exact = mpmath.mpf(1) / 2 + mpmath.mpf(x) / 3 + mpmath.mpf(x) ** 2 / 8  # and so on
    assert abs(found.derivative - float(exact)) <= found.error < 1e-6
    divided = untraced(lambda p: (math.exp(p[0]) - 1) / p[0])
    for factor in (1.0, -1.0, 0.0, 1.5):
        check = gc.check_gradient(divided, lambda _, it=factor: numpy.array([it * float(exact)]), numpy.array([x]))
        if factor == 1:  # from step to step it is -1/x
            assert check.verdict in (gc.Verdict.AGREES, gc.Verdict.UNDECIDED)
        else:
            assert check.verdict is gc.Verdict.WRONG


def test_waves_in_large_numbers_are_resolved_or_left() -> None:
    rng = random.Random(1)
    for _ in range(50):
        x = 10 ** rng.uniform(3, 6.5)
        found = difference(Line(at(math.sin, x), 2.0 ** (math.frexp(x)[1] - 1)))
        assert abs(found.derivative - float(mpmath.cos(x))) <= found.error < 1e-2


@pytest.mark.parametrize(
    ("function", "gradient", "x"),
    [(math.sin, math.cos(x), x) for x in (2.0**42, 1.09337e13, 3e17, 1e20, 2.0**80)]
    + [(lambda x, w=w: math.exp(x) + 1e-3 * math.sin(w * x), math.exp(0.5) + 1e-3 * w * math.cos(w * 0.5), 0.5)
       for w in (2.0**41, 2.0**46, 2.0**54)]
    + [(lambda x: 1.09951e12 * x % 1.0, 1.09951e12, 2.2611776239783343)],
)  # fmt: skip
def test_waves_that_steps_pass_over_are_no_evidence(
    function: Callable[[float], float], gradient: float, x: float
) -> None:
    found = gc.check_gradient(untraced(lambda x: function(x[0])), lambda _: numpy.array([gradient]), numpy.array([x]))
    assert found.verdict is not gc.Verdict.WRONG


@pytest.mark.parametrize(
    ("x", "rate"),
    [(2.785520659e13, 3), (6366834456913.119, 5), (12063000316648.549, 3.5224341056166497), (7544500333791.161, 0.7),
     (166182757795.54984, 8.583796356043297), (14719414366963.494, 0.7), (3508981186214.3296, 0.7)],
)  # fmt: skip
@pytest.mark.parametrize("factor", [1, 0.5])
def test_of_a_wave_that_steps_pass_over_no_corner_is_seen(x: float, rate: float, factor: float) -> None:
    def slope(x: float) -> float:
        return float(factor * rate * mpmath.cos(mpmath.mpf(rate) * x))

    with mpmath.workprec(200):
        wave = untraced(lambda x: float(mpmath.sin(mpmath.mpf(rate) * x[0])))
        found = gc.check_gradient(wave, lambda x: numpy.array([slope(x[0])]), numpy.array([x]))
    assert found.verdict in (gc.Verdict.UNDECIDED, gc.Verdict.WRONG if factor != 1 else gc.Verdict.AGREES)


@pytest.mark.parametrize("at", [0.3, 1.0, -2.7, 1e-5, 1e6 + 1 / 3])
def test_a_corner_is_one_also_where_its_place_is_rounded(at: float) -> None:
    def bent(x: numpy.ndarray) -> float:
        return 1e-3 * math.sin(x[0]) + abs(3 * (x[0] - at) / 3)

    found = gc.check_gradient(untraced(bent), lambda x: numpy.array([0.5]), numpy.array([at]))
    assert found.verdict is gc.Verdict.NOT_DIFFERENTIABLE


def test_a_slope_that_neither_waves_nor_steps_have_is_wrong() -> None:
    for size in (1e-3, 1e-6, 1e-9):
        noisy = untraced(lambda x, size=size: x[0] ** 2 + size * math.sin(2e5 * x[0]))
        for slope in (0.0, -3.0, 30.0):
            found = gc.check_gradient(noisy, lambda _, it=slope: numpy.array([it]), numpy.array([0.7]))
            assert found.verdict is gc.Verdict.WRONG, (size, slope)


def test_jumps() -> None:
    assert difference(Line(at(math.floor, 1.0), 1.0)).left == math.inf
    assert difference(Line(at(lambda x: 1.0 if x > 0 else 0.0, 0.0), 1.0)).right == math.inf


def test_smooth_joints_are_no_kinks() -> None:
    found = difference(Line(at(lambda x: x * abs(x), 0.0), 1.0))
    assert not found.kink
    assert abs(found.derivative) <= found.error < 1e-3


def test_a_domain_that_ends_near_by() -> None:
    found = difference(Line(at(math.log, 1e-8), 1e-8))
    assert abs(found.derivative - 1e8) <= found.error < 1


def test_the_taylor_remainder_tells_right_from_wrong() -> None:
    line = Line(at(math.exp, 0.7), 1.0)
    assert remainder_slope(line, math.exp(0.7)) == pytest.approx(2, abs=0.1)
    assert remainder_slope(line, math.exp(0.7) * 1.01) == pytest.approx(1, abs=0.1)
    assert remainder_slope(Line(at(lambda x: 3 * x, 0.7), 1.0), 3.0) is None


def with_noise(along: Callable[[float], float], scale: float, noise: float) -> Line:
    """A line whose values are said to be off by so much."""
    line = Line(along, scale)
    line.noise, line.rounded, line.rough = noise, noise, lambda k: 0.0
    return line


def test_noise() -> None:
    assert Line(at(math.sin, 1.0), 1.0).noise < 3e-16
    assert Line(at(lambda x: round(math.sin(x), 6), 1.0), 1.0).noise > 1e-9
    for waves in (1e3, 3e3, 6e3):  # of which steps of 2^-10 and more see next to nothing
        assert (
            Line(lambda t, waves=waves: math.sin(waves * (0.3 + t)), 1.0).noise < 1e-12
        )  # 6e3*0.3 is rounded to 2e-13


def test_a_jump_on_one_side_alone_is_told_by_that_side() -> None:
    for way in (1, -1):
        found = difference(Line(at(lambda x, way=way: float(way * x > 0), 0.0), 1.0))
        assert (found.left, found.right) == ((0.0, math.inf) if way > 0 else (-math.inf, 0.0))


def test_the_end_of_a_domain_close_by_is_no_noise() -> None:
    assert Line(at(lambda x: 5.0 if abs(x) < 1e-9 else math.nan, 0.0), 1.0).noise < 1e-14


def test_noise_explains_what_is_as_rugged_and_nothing_smooth() -> None:
    def raising(_: object) -> list[float]:
        raise ValueError("nothing there")

    rng = random.Random(7)
    jitter = [rng.gauss(0, 1e-9) for _ in range(10_000)]
    size = JITTERS * 1e-9

    def rough(point: tuple[float, ...]) -> list[float]:
        return [math.sin(point[0]) + rng.choice(jitter)]

    def smooth(point: tuple[float, ...]) -> list[float]:
        return [math.sin(point[0])]

    assert size / 4 < Noise((0.5,), rough, smooth).explains(0, size / 4) < 4 * size
    assert Noise((0.5,), rough, smooth).explains(0, 100 * size) == 0
    assert Noise((0.5,), smooth, smooth).explains(0, 1e-9) == 0
    assert Noise((0.5,), rough, rough).explains(0, 100 * size) == 0
    assert Noise((0.5,), rough, raising).explains(0, size / 4) == 0
    assert Noise((0.5,), raising, smooth).explains(0, size / 4) == 0
    assert size / 4 < Noise((0.5,), rough, None).explains(0, size / 4) < 4 * size
    assert Noise((0.5,), lambda point: [math.nan], smooth).explains(0, size) == 0


def test_a_gradient_whose_error_is_smooth_is_asked_at_few_points() -> None:
    """One that is slow, as a derivative through an iteration, met the clock before its fault was told."""
    asked = []

    def half(point: tuple[float, ...]) -> list[float]:
        asked.append(point)
        return [math.cos(point[0]) / 2, -math.sin(point[1]) / 2]

    noise = Noise((0.5, 1.0), half, lambda point: [math.cos(point[0]), -math.sin(point[1])])
    assert noise.explains(0, 0.43) == noise.explains(1, 0.42) == 0
    assert len(asked) == len(set(asked)) <= 31


def test_ruggedness_is_the_deviation_of_noise() -> None:
    rng = random.Random(3)
    noise = [rng.gauss(0, 2.5) for _ in range(20_000)]
    assert _ruggedness(noise) == pytest.approx(2.5, rel=0.05)
    assert _ruggedness([x + 7 + 3 * k - k**2 / 1000 for k, x in enumerate(noise)]) == pytest.approx(2.5, rel=0.05)
    assert _ruggedness([float(k * k) for k in range(20)]) == 0


def test_numbers_of_few_digits_are_told() -> None:
    single, half = [0.10000000149011612, 1 / 3 + 9.934107481068821e-09], [0.0999755859375, 0.333251953125]
    assert [narrow(single), narrow(half), narrow([0.1, 1 / 3])] == ["single", "half", ""]
    assert narrow([0.5, 0.25, 3.0]) == ""  # which says nothing
    assert narrow([1e300, 1 / 3]) == ""
    assert narrow([math.nan, 0.0, *single]) == "single"


@pytest.mark.parametrize(
    "function",
    [lambda x: math.sqrt(abs(x)), lambda x: 1 + abs(x) ** 0.9, lambda x: x * math.sin(1 / x) if x else 0.0,
     lambda x: math.exp(-(abs(x) ** 0.3)), lambda x: 3 * x + math.sqrt(abs(x)),
     lambda x: math.hypot(x, 1e-3 * math.sqrt(abs(x)))],
)  # fmt: skip
def test_what_is_even_and_has_no_slope_on_either_side_has_no_derivative(function: Callable[[float], float]) -> None:
    assert math.isinf(difference(Line(at(function, 0.0), 1.0)).error)


@pytest.mark.parametrize(
    ("function", "x", "second"),
    [(lambda x: x * abs(x), 0.0, None), (lambda x: 5 + max(x, 0.0) ** 2, 0.0, None),
     (lambda x: (x - 0.7) * abs(x - 0.7) + x**2, 0.7, None), (lambda x: x**3, 0.0, 0.0),
     (math.sin, 0.7, -math.sin(0.7)),
     (lambda x: abs(x) ** 3, 0.0, 0.0), (lambda x: 1e6 + math.exp(x), 1.0, math.e), (lambda x: x**5, 100.0, 2e7)],
)  # fmt: skip
def test_a_second_derivative_is_one_of_both_sides(
    function: Callable[[float], float], x: float, second: float | None
) -> None:
    found = second_difference(Line(at(function, x), abs(x) or 1.0))
    if second is None:
        assert math.isinf(found.error)
    else:
        assert abs(found.derivative - second) <= found.error < 1e-2 * (abs(second) + 1)


@pytest.mark.parametrize(
    ("function", "x", "slope"), [(lambda x: x * x, 1e150, 2e150), (math.exp, 600.0, math.exp(600))]
)
def test_values_whose_squares_are_no_doubles_have_derivatives(
    function: Callable[[float], float], x: float, slope: float
) -> None:
    found = difference(Line(at(function, x), x))
    assert abs(found.derivative - slope) <= found.error <= 1e-4 * abs(slope)


def untraced(function: Callable[[numpy.ndarray], float]) -> Callable[[numpy.ndarray], float]:
    return lambda x: function(numpy.frombuffer(x.tobytes()))


@pytest.mark.parametrize(
    ("function", "n"),
    [(lambda x: x[0] * x[1] / (x @ x) if x.any() else 0.0, 2), (lambda x: math.cbrt(x[0] * x[1]), 2),
     (lambda x: x[0] ** 2 * x[1] / (x[0] ** 4 + x[1] ** 2) if x.any() else 0.0, 2),
     (lambda x: x[0] ** 2 * x[1] / (x @ x) if x.any() else 0.0, 2),
     (lambda x: math.sqrt(abs(x[1] * x[2])) + x[0] ** 2, 3)],
)  # fmt: skip
def test_partial_derivatives_that_are_no_gradient_are_not_believed_untraced(
    function: Callable[[numpy.ndarray], float], n: int
) -> None:
    check = gc.check_gradient(untraced(function), lambda x: 0 * x, numpy.zeros(n))
    assert check.verdict is gc.Verdict.UNDECIDED
    assert "between the axes" in str(check)


@pytest.mark.parametrize(
    ("function", "gradient", "point"),
    [(lambda x: 1e4 * x[0] ** 2 + x[1], lambda x: [2e4 * x[0], 1.0], [1.0, 1.0]),
     (lambda x: math.sin(x[0] * x[1]) + x[2] ** 3,
      lambda x: [x[1] * math.cos(x[0] * x[1]), x[0] * math.cos(x[0] * x[1]), 3 * x[2] ** 2], [0.3, 2.0, 0.0]),
     (lambda x: x[0] ** 2 * x[1] ** 2 / (x @ x) if x.any() else 0.0, lambda x: [0.0, 0.0], [0.0, 0.0]),
     (lambda x: math.log(x[0]) + 1e3 * x[1], lambda x: [1 / x[0], 1e3], [1e-6, 1e4])],
)  # fmt: skip
def test_gradients_are_believed_untraced(
    function: Callable[[numpy.ndarray], float], gradient: Callable[[numpy.ndarray], list[float]], point: list[float]
) -> None:
    check = gc.check_gradient(untraced(function), lambda x: numpy.array(gradient(x)), numpy.array(point))
    assert check.verdict is gc.Verdict.AGREES


def test_rounding_within_a_function_whose_value_is_0_does_not_part_the_sides() -> None:
    entries = numpy.array([[1.0, 2.0], [2.0, 4.0]])
    for place, slope in zip(numpy.ndindex(2, 2), (4.0, -2.0, -2.0, 1.0), strict=True):
        unit = numpy.zeros((2, 2))
        unit[place] = 1.0

        def along(step: float, unit: numpy.ndarray = unit) -> float:
            return float(numpy.linalg.det(entries + step * unit))

        found = difference(Line(along, float(entries[place])))
        assert abs(found.derivative - slope) <= found.error < 1e-9


def peano(x: numpy.ndarray) -> float:
    return x[0] * x[1] * (x[0] ** 2 - x[1] ** 2) / (x @ x) if x.any() else 0.0


@pytest.mark.parametrize("hessian", [[[0, -1], [1, 0]], [[0, 0], [0, 0]], [[0, 1], [1, 0]]])
def test_second_differences_that_do_not_add_up_judge_no_hessian(hessian: list[list[int]]) -> None:
    """Of `peano` at 0, df/dx is -y where x = 0, and df/dy is x where y = 0: the first of these is right."""
    check = gc.check_hessian(untraced(peano), lambda x: numpy.array(hessian, dtype=float), numpy.zeros(2))
    assert check.verdict is gc.Verdict.UNDECIDED
    assert "between the axes" in str(check)


@pytest.mark.parametrize("product", [[0.0, 1.0], [0.0, 0.0], [0.0, -1.0]])
def test_nor_a_product_with_it(product: list[float]) -> None:
    check = gc.check_hvp(untraced(peano), lambda x, v: numpy.array(product), numpy.zeros(2), vector=numpy.eye(2)[0])
    assert check.verdict is gc.Verdict.UNDECIDED


@pytest.mark.parametrize("power", [0.25, 0.1, 0.01, 0.001])
@pytest.mark.parametrize(("at", "offset"), [(0.0, 0.0), (0.25, 1.0), (1000.0, 0.0)])
def test_quotients_that_go_to_0_slowly_are_no_second_derivative_and_no_corner(
    power: float, at: float, offset: float
) -> None:
    """The derivative of `abs(x)^(1 + p)` at 0 and the second of `abs(x)^(2 + p)` are the limit of `abs(x)^p`, 0."""

    def times_power(whole: int) -> Callable[[numpy.ndarray], float]:
        return untraced(lambda x: offset + abs(x[0] - at) ** (whole + power))

    first = gc.check_gradient(times_power(1), lambda x: 0 * x, numpy.array([at]))
    second = gc.check_hessian(times_power(2), lambda x: numpy.zeros((1, 1)), numpy.array([at]))
    assert {first.verdict, second.verdict} <= {gc.Verdict.UNDECIDED, gc.Verdict.AGREES}


@pytest.mark.parametrize(
    "function",
    [abs, lambda x: abs(x) + 30 * x**2, lambda x: 1e-3 * abs(x) + math.sin(5 * x), lambda x: abs(math.sin(x)),
     lambda x: abs(x) + abs(x) ** 1.5, lambda x: 1e3 + abs(x)],
)  # fmt: skip
def test_corners_settle_whatever_bends_beside_them(function: Callable[[float], float]) -> None:
    check = gc.check_gradient(untraced(lambda x: function(x[0])), lambda x: 0 * x, numpy.zeros(1))
    assert check.verdict is gc.Verdict.NOT_DIFFERENTIABLE


def test_a_hessian_of_many_waves_is_known_and_what_is_wrong_in_it_is_told() -> None:
    weights = numpy.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6], [-0.5, 0.9, 1.3]])

    def function(x: numpy.ndarray) -> float:
        return float(numpy.tanh(weights @ x).sum())

    def hessian(x: numpy.ndarray) -> numpy.ndarray:
        bent = numpy.tanh(weights @ x)
        return (weights.T * (-2 * bent * (1 - bent**2))) @ weights

    at = numpy.array([0.2, -0.4, 0.7])
    assert gc.check_hessian(untraced(function), hessian, at)
    off = gc.check_hessian(untraced(function), lambda x: hessian(x) + numpy.diag([0, 0.02, 0]), at)
    assert off.verdict is gc.Verdict.WRONG


SEEN = {2.0**-4: 1.0, 2.0**-5: 2.0**-1, 2.0**-6: 2.0**-3, 2.0**-7: 2.0**-6}


@pytest.mark.parametrize(
    ("along", "scale", "noise", "slope"),  # of remainders that are powers of 2
    [
        (lambda h: h * h, 1.0, 0.0, 2.0),
        (lambda h: 100 * h * h, 1.0, 0.995 * 2.0**-12, 2.0),  # above the noise at 1/16, 1/32 and 1/64
        (lambda h: 100 * h * h, 1.0, 2.0**-12, None),  # and not at 1/64
        (lambda h: 100 * h * h, 8.0, 2.0**-8, 2.0),
        (lambda h: 100 * h * h, 8.0, 2.0**-6, None),
        (lambda h: h * h if h >= 2.0**-23 or not h else 1.0, 1.0, 0.0, 2.0),  # none is smaller
        (lambda h: h * h if h > 2.0**-10 or not h else math.inf, 1.0, 0.0, 2.0),
        (lambda h: SEEN.get(h, 0.0), 1.0, 0.0, 2.5),  # from 2^-1 to 2^-6 over two halvings
    ],
)
def test_how_a_remainder_goes_to_0(
    along: Callable[[float], float], scale: float, noise: float, slope: float | None
) -> None:
    found = remainder_slope(with_noise(along, scale, noise), 0.0)
    assert found == (slope if slope is None else pytest.approx(slope, rel=1e-12))


@pytest.mark.parametrize(
    ("along", "scale", "order", "error", "noise", "apart"),
    [
        (lambda h: math.sqrt(abs(h)), 1.0, 1, 0.0, 0.0, True),
        (lambda h: abs(h) ** 1.05, 1.0, 1, 0.0, 0.0, True),  # 2^-0.7 of the gap is left
        (lambda h: abs(h) ** 1.1, 1.0, 1, 0.0, 0.0, False),  # 2^-1.4 of it
        (lambda h: abs(h) / (2 if abs(h) < 2.0**-30 else 1), 1.0, 1, 0.0, 0.0, False),  # half of it
        (lambda h: 5 * h + abs(h), 1.0, 1, 0.0, 0.0, True),
        (math.exp, 1.0, 1, 0.0, 0.0, False),
        (lambda h: math.inf if h else 0.0, 1.0, 1, 0.0, 0.0, False),
        *((abs, 1.0, 1, 0.0, part * 2.0**-36, part < 0.02) for part in (0.0199, 0.0201)),  # a gap of 2
        *((abs, 8.0, 1, 0.0, part * 2.0**-33, part < 0.02) for part in (0.0199, 0.0201)),
        *((abs, 1.0, 1, error, 0.0, error < 0.1998) for error in (0.1997, 0.1999)),
        *((lambda h: h * abs(h), 1.0, 2, error, 0.0, error < 0.3996) for error in (0.3995, 0.3997)),  # a gap of 4
        *((lambda h: h * abs(h), 4.0, 2, 0.0, part * 2.0**-28, part < 0.03996) for part in (0.0399, 0.0400)),
        (lambda h: 3 * h**2 + h**3, 1.0, 2, 0.0, 0.0, False),
        (lambda h: 5 + 7 * h + h * abs(h), 1.0, 2, 0.0, 0.0, True),
    ],
)
def test_quotients_that_stay_apart(
    along: Callable[[float], float], scale: float, order: int, error: float, noise: float, apart: bool
) -> None:
    assert stay_apart(with_noise(along, scale, noise), order, error, (36,)) is apart


@pytest.mark.parametrize(
    ("at_steps", "found", "drifts"),  # the quotients from the largest step on, each an eighth of the one before
    [
        *(([8.0 ** (-power * k) for k in range(5)], 0.0, power < 0.53) for power in (0.52, 0.54)),  # 8^-0.528 is 1/3
        *(([4.0, 3.0, 2.0, 1.0, 0.0], found, found < 6000) for found in (5000.0, 7000.0)),  # 1/3 and 1e-4*found to 1
        ([2.0, 1.5, 1.0, 0.5, 0.0], 0.0, True),
        ([40.0, 13.0, 4.0, 1.0, 0.0], 0.0, False),  # a third each time
        ([3.0, 3.0, 2.0, 1.0, 0.0], 0.0, False),
        ([0.0, 1.0, 0.0, 1.0, 0.0], 0.0, False),
    ],
)
def test_quotients_that_drift(at_steps: list[float], found: float, drifts: bool) -> None:
    quotients = {2.0**-46 * 8.0 ** (4 - k): quotient for k, quotient in enumerate(at_steps)}
    assert drift(with_noise(abs, 1.0, 0.0), quotients.__getitem__, found, 1) is drifts


def test_the_finest_step_is_one_above_the_noise() -> None:
    steps: list[float] = []

    def quotient(step: float) -> float:
        steps.append(step)
        return 0.0

    assert not drift(with_noise(abs, 2.0**20, 1.0), quotient, 1e6, 1)
    assert steps == [4096, 512, 64, 8, 1]  # 100*noise/step is 1e-4 of 1e6 at 1


def hashed(*numbers: float) -> float:
    """Noise from -1 to 1 by the bits of numbers, alike for neighbours as a checksum is."""
    return zlib.crc32(numpy.array(numbers).tobytes()) / 2.0**31 - 1


@pytest.mark.parametrize("level", [1e-12, 1e-8, 1e-5])
def test_noise_of_many_values_accuses_no_jacobian(level: float) -> None:
    @untraced
    def noisy(x: numpy.ndarray) -> numpy.ndarray:
        sizes = numpy.array([2 * x[0] * x[1], x[0] ** 2])
        return sizes * [1 + level * hashed(*x, i) for i in range(2)]

    point = numpy.array([1.3, 0.7])
    right = numpy.array([[1.4, 2.6], [2.6, 0.0]])  # by hand
    found = gc.check_jacobian(noisy, lambda _: right, point)
    assert found.verdict is gc.Verdict.AGREES
    assert level < found.finest < 1e3 * level
    wrong = gc.check_jacobian(noisy, lambda _: right * [[1, 1], [1.01, 1]], point)
    assert [row.what for row in wrong.wrong] == ["df[1]/dx[0]"]


@pytest.mark.parametrize("distance", [1e-9, 1e-7, 1e-6, 1e-5, 1e-4])
def test_a_course_that_changes_beside_the_point_is_seen_over_small_steps(distance: float) -> None:
    root = untraced(lambda x: math.sqrt(abs(x[0] - 1)))
    point = numpy.array([1 + distance])
    slope = 0.5 / mpmath.sqrt(mpmath.mpf(float(point[0])) - 1)
    assert gc.check_gradient(root, lambda _: numpy.array([float(slope)]), point).verdict is gc.Verdict.AGREES
    for factor in (0.5, -1.0, 1.1):
        wrong = gc.check_gradient(root, lambda _, factor=factor: numpy.array([factor * float(slope)]), point)
        assert wrong.verdict is gc.Verdict.WRONG


def test_a_value_next_to_nothing_may_be_off_by_as_small_a_part_as_any() -> None:
    determinant = untraced(lambda x: float(numpy.linalg.det(x.reshape(2, 2))))  # by way of its logarithm
    point, cofactors = numpy.array([1.0, 2.0, 2.0, 4.0]), numpy.array([4.0, -2.0, -2.0, 1.0])
    assert gc.check_gradient(determinant, lambda _: cofactors, point).verdict is gc.Verdict.AGREES
    assert gc.check_gradient(determinant, lambda _: cofactors * 1.0001, point).verdict is gc.Verdict.WRONG


@pytest.mark.parametrize("x", [700.0, 709.7, -700.0])
def test_near_the_largest_and_the_smallest_doubles_quotients_are_sharp(x: float) -> None:
    found = difference(Line(at(math.exp, x), 512.0))
    truth = float(mpmath.exp(x))
    assert abs(found.derivative - truth) <= found.error <= 1e-12 * truth


def test_waves_finer_than_all_steps_tell_no_derivative() -> None:
    wave = untraced(lambda x: math.sin(x[0]))
    point = numpy.array([1e15 + 0.125])
    for claimed in (float(mpmath.cos(mpmath.mpf(float(point[0])))), 0.0, 1.0):
        assert gc.check_gradient(wave, lambda _, it=claimed: numpy.array([it]), point).verdict is gc.Verdict.UNDECIDED


@pytest.mark.parametrize("x", [1e-154, 1e-200, 1e-300])
@pytest.mark.parametrize("factor", [-1.0, 2.0, 1.001])
def test_what_rounded_constants_move_is_bounded_where_slopes_are_no_doubles(x: float, factor: float) -> None:
    def claimed(x: float) -> float:
        return factor / (x * math.log(2))

    assert gc.check_gradient(math.log2, claimed, x).verdict is gc.Verdict.WRONG
    assert gc.check_gradient(math.log2, lambda x: 1 / (x * math.log(2)), x).verdict is gc.Verdict.AGREES


@pytest.mark.parametrize("name", ["rosen", "linear_sum_assignment", "trapezoid", "romb", "newton_cotes"])
def test_what_stops_at_no_tolerance_is_no_solver(name: str) -> None:
    from scipy import integrate, optimize

    assert not is_solver(getattr(optimize, name, None) or getattr(integrate, name))


@pytest.mark.parametrize(
    "name", ["minimize", "brentq", "fmin_l_bfgs_b", "anderson", "linprog", "brute", "quad", "nquad", "odeint", "RK45"]
)
def test_what_stops_when_it_is_near_enough_is_one(name: str) -> None:
    from scipy import integrate, optimize

    assert is_solver(getattr(optimize, name, None) or getattr(integrate, name))


@pytest.mark.parametrize(("name", "stops"), [("cg", True), ("gmres", True), ("spsolve", False), ("splu", False)])
def test_of_sparse_linear_algebra_what_has_a_tolerance_stops_at_it(name: str, stops: bool) -> None:
    linalg = pytest.importorskip("scipy.sparse.linalg")
    assert is_solver(getattr(linalg, name)) is stops


def golden(a: float) -> float:
    """The least of (t - a)^2 + t^4, by 60 rounds of a golden section."""
    low, high, part = -3.0, 3.0, (math.sqrt(5) - 1) / 2

    def f(t: float) -> float:
        return (t - a) ** 2 + t**4

    c, d = high - part * (high - low), low + part * (high - low)
    for _ in range(60):
        if f(c) < f(d):
            high, d = d, c
            c = high - part * (high - low)
        else:
            low, c = c, d
            d = low + part * (high - low)
    return f((low + high) / 2)


def test_a_search_of_so_many_rounds_is_as_noisy_as_its_last_decisions() -> None:
    t = mpmath.findroot(lambda t: 2 * (t - mpmath.mpf("0.8")) + 4 * t**3, 0.5)  # the slope by a is that at the least
    slope = float(2 * (mpmath.mpf("0.8") - t))
    found = gc.check_gradient(golden, lambda _: slope, 0.8)
    assert found.verdict is gc.Verdict.AGREES
    assert found.of_function
    assert gc.check_gradient(golden, lambda _: slope * (1 + 1e-6), 0.8).verdict is gc.Verdict.WRONG


@pytest.mark.parametrize("distance", [1e-8, 1e-9, 1e-10])
def test_a_domain_that_ends_beside_the_point_leaves_small_steps(distance: float) -> None:
    root = untraced(lambda x: math.sqrt(1 - x[0]) if x[0] <= 1 else math.nan)
    point = numpy.array([1 - distance])
    slope = float(-0.5 / mpmath.sqrt(1 - mpmath.mpf(float(point[0]))))
    assert gc.check_gradient(root, lambda _: numpy.array([slope]), point).verdict is gc.Verdict.AGREES
    assert gc.check_gradient(root, lambda _: numpy.array([1.2 * slope]), point).verdict is gc.Verdict.WRONG
    end = gc.check_gradient(root, lambda _: numpy.array([0.0]), numpy.array([1.0]))
    assert end.verdict is gc.Verdict.UNDECIDED


def test_numbers_that_lost_their_digits_here_are_of_no_narrow_type() -> None:
    coefficients = [1, -7, 21, -35, 35, -21, 7, -1]  # of (x - 1)^7

    def expanded(x: numpy.ndarray) -> numpy.ndarray:
        return numpy.polyval(numpy.polyder(coefficients), x)

    function, point = untraced(lambda x: float(numpy.polyval(coefficients, x[0]))), numpy.array([1.01])
    assert gc.check_gradient(function, expanded, point).verdict is gc.Verdict.AGREES
    assert gc.check_gradient(function, lambda x: -expanded(x), point).verdict is gc.Verdict.WRONG
    single = gc.check_gradient(untraced(lambda x: math.sin(x[0])), lambda x: numpy.cos(numpy.float32(x)) * 1.0, point)
    assert single.verdict is gc.Verdict.AGREES  # to the digits of its type
    hidden = gc.check_gradient(
        untraced(lambda x: math.sin(x[0])), lambda x: numpy.float64(numpy.cos(numpy.float32(x))), point
    )
    assert hidden.reason == "the gradient keeps 7 of 16 digits: it looks like single precision"
    alone = gc.check_gradient(
        untraced(lambda x: x[0] ** 2), lambda x: [float(numpy.float32(2.02))] if x[0] == 1.01 else {}[0], point
    )
    assert alone.reason.endswith("it looks like single precision")  # no number beside the point tells otherwise


@pytest.mark.parametrize(
    ("quotient", "series"),
    [
        (lambda x: (math.exp(x) - 1) / x, lambda x: 1 / 2 + x / 3),  # the derivative, by the first terms of its series
        (lambda x: (math.sqrt(1 + x) - 1) / x, lambda x: -1 / 8 + x / 8),
        (lambda x: math.log(1 + x) / x, lambda x: -1 / 2 + 2 * x / 3),
    ],
)
@pytest.mark.parametrize("x", [1e-6, 6e-8, 8e-8, 1.8687796261665154e-07])
def test_what_larger_steps_tell_is_not_refuted_by_teeth_of_rounding(
    quotient: Callable[[float], float], series: Callable[[float], float], x: float
) -> None:
    function, point = untraced(lambda x: quotient(x[0])), numpy.array([x])
    right = gc.check_gradient(function, lambda _: numpy.array([series(x)]), point)
    assert right.verdict in (gc.Verdict.AGREES, gc.Verdict.UNDECIDED)
    for factor in (1.01, 0.5, -1.0):
        wrong = gc.check_gradient(function, lambda _, factor=factor: numpy.array([factor * series(x)]), point)
        assert wrong.verdict in (gc.Verdict.WRONG, gc.Verdict.UNDECIDED)


@pytest.mark.parametrize(
    ("quotient", "series", "x"),
    [
        (lambda x: (1 - math.cos(x)) / x**2, lambda x: -x / 12, 9.61276140946597e-07),
        (lambda x: (1 - math.cos(x)) / x**2, lambda x: -x / 12, 3.950969468999747e-08),
        (lambda x: (x - math.sin(x)) / x**3, lambda x: -x / 60, 5.976880598772948e-06),
        (lambda x: (1 + 1 / x) ** x, lambda x: math.e / (2 * x**2), 21591321.12531239),
    ],
)
def test_next_to_teeth_of_rounding_a_slope_is_as_good_as_none(
    quotient: Callable[[float], float], series: Callable[[float], float], x: float
) -> None:
    """Between two jumps of what is left of a difference the quotient has a slope of its own, larger by far."""
    function = untraced(lambda x: quotient(x[0]))
    right = gc.check_gradient(function, lambda x: numpy.array([series(x[0])]), numpy.array([x]))
    assert right.verdict in (gc.Verdict.AGREES, gc.Verdict.UNDECIDED)
    large = gc.check_gradient(function, lambda x: numpy.array([2 * quotient(x[0]) / x[0]]), numpy.array([x]))
    assert large.verdict in (gc.Verdict.WRONG, gc.Verdict.UNDECIDED)


@pytest.mark.parametrize(
    ("function", "derivative", "x"),
    [
        (lambda x: (1 + 1 / x) ** x, lambda x: math.e / (2 * x**2), 109500439059215.36),
        (lambda x: x**2 * (1 - math.cos(1 / x)), lambda x: 1 / (12 * x**3), 17507730.258526314),
        (lambda x: x * ((1 + 1 / x) - 1), lambda _: 0.0, 42999584741431.98),
    ],
)
def test_wide_teeth_of_rounding_are_told_by_the_line_through_them_all(
    function: Callable[[float], float], derivative: Callable[[float], float], x: float
) -> None:
    opaque = untraced(lambda x: function(x[0]))
    right = gc.check_gradient(opaque, lambda x: numpy.array([derivative(x[0])]), numpy.array([x]))
    assert right.verdict in (gc.Verdict.AGREES, gc.Verdict.UNDECIDED)
    flipped = gc.check_gradient(opaque, lambda x: numpy.array([-2 * function(x[0]) / x[0]]), numpy.array([x]))
    assert flipped.verdict is gc.Verdict.WRONG


def test_waves_are_no_teeth() -> None:
    waves = untraced(lambda x: x[0] + math.sin(1000 * x[0]))
    check = gc.check_gradient(waves, lambda _: numpy.array([1.0]), numpy.array([0.7]))
    assert check.verdict is gc.Verdict.WRONG


@pytest.mark.parametrize(
    ("function", "derivative", "x"),
    [(lambda x: x**2, lambda x: 2 * x, 1e-200), (lambda x: x**2, lambda x: 2 * x, -1e-155),
     (lambda x: x**3, lambda x: 3 * x * x, 1e-120), (lambda x: 1e-300 * x, lambda x: 1e-300, 1e-20),
     (lambda x: math.exp(-x), lambda x: -math.exp(-x), 740.0),
     (lambda x: math.exp(-x * x), lambda x: -2 * x * math.exp(-x * x), 27.22)],
)  # fmt: skip
def test_what_is_rounded_to_the_smallest_doubles_is_not_held_against_a_right_gradient(
    function: Callable[[float], float], derivative: Callable[[float], float], x: float
) -> None:
    found = difference(Line(at(function, x), abs(x)))
    assert abs(found.derivative - derivative(x)) <= found.error
    opaque, point = untraced(lambda x: function(x[0])), numpy.array([x])
    right = gc.check_gradient(opaque, lambda x: numpy.array([derivative(x[0])]), point)
    assert right.verdict in (gc.Verdict.AGREES, gc.Verdict.UNDECIDED)
    off = gc.check_gradient(opaque, lambda x: numpy.array([derivative(x[0]) + 1e-3]), point)
    assert off.verdict is gc.Verdict.WRONG


@pytest.mark.parametrize("scale", [1e-309, 1e-310, 1e-311, 1e-312, 1e-313, 1e-318])
def test_what_is_rounded_to_the_smallest_doubles_is_told_from_a_wrong_gradient(scale: float) -> None:
    """Half of the smallest double is 0 in doubles, and yet values are off by as much."""
    opaque, point = untraced(lambda x: scale * math.tanh(x[0])), numpy.array([0.4])
    right = scale / math.cosh(0.4) ** 2
    assert gc.check_gradient(opaque, lambda x: numpy.array([right]), point).verdict is gc.Verdict.AGREES
    assert gc.check_gradient(opaque, lambda x: numpy.array([-right]), point).verdict is gc.Verdict.WRONG
    assert gc.check_gradient(opaque, lambda x: numpy.array([2 * right]), point).verdict is gc.Verdict.WRONG


def softmax(x: numpy.ndarray) -> numpy.ndarray:
    return numpy.exp(50 * (x - max(x))) / sum(numpy.exp(50 * (x - max(x))))


@pytest.mark.parametrize("small", [0.0, 1.0, -1.0])
def test_a_derivative_that_is_next_to_nothing_beside_the_others_leaves_them_a_verdict(small: float) -> None:
    """The probability of a class that is out of the question is exp(-151); nobody's step is another one without it."""

    def cost(x: numpy.ndarray) -> float:
        return max(x) + math.log(sum(numpy.exp(50 * (x - max(x))))) / 50

    at, mask = numpy.array([1.0, 1.02, 0.9, -2.0]), numpy.array([1.0, 1.0, 1.0, small])
    found = gc.check_gradient(untraced(cost), lambda x: softmax(x) * mask, at)
    assert found.verdict == "agrees"
    assert 1e-66 < softmax(at)[3] < 1e-64
    assert found.finest > 1e-15
    wrong = gc.check_gradient(untraced(cost), lambda x: softmax(x) * mask * [1, 1 + 1e-9, 1, 1], at)
    assert [row.what for row in wrong.wrong] == ["x[1]"]


def test_an_eigenvalue_is_no_solver_that_stops_at_a_tolerance() -> None:
    """Its rounding, seen over small steps, is no other noise over wide ones: the derivative by a diagonal entry is the
    square of that of the eigenvector."""
    rng = numpy.random.default_rng(11)
    matrix = rng.normal(size=(4, 4))
    matrix, at = matrix + matrix.T, rng.normal(size=4)

    def least(x: numpy.ndarray) -> float:
        return float(numpy.linalg.eigvalsh(matrix + numpy.diag(x))[0])

    def squares(x: numpy.ndarray) -> numpy.ndarray:
        return numpy.linalg.eigh(matrix + numpy.diag(x))[1][:, 0] ** 2

    assert gc.check_gradient(least, squares, at).finest < 1e-10
    for size in (1e-5, 1e-7, 1e-9):
        assert len(gc.check_gradient(least, lambda x, size=size: squares(x) * (1 + size), at).wrong) == 4


@pytest.mark.parametrize(("factor", "verdict"), [(1, "undecided"), (0, "wrong"), (-1, "wrong"), (0.9, "wrong")])
def test_what_large_and_small_steps_both_deny_is_wrong_where_they_are_nearly_one(factor: float, verdict: str) -> None:
    """The mean of what is left of many numbers above 1 has a corner for each of them."""
    drawn = numpy.exp(0.2 * numpy.random.default_rng(0).standard_normal(200))

    def paid(x: numpy.ndarray) -> float:
        return float(numpy.mean(numpy.maximum(x[0] * drawn - 1, 0)))

    def slope(x: numpy.ndarray) -> numpy.ndarray:
        return factor * numpy.array([numpy.mean((x[0] * drawn > 1) * drawn)])

    found = gc.check_gradient(untraced(paid), slope, numpy.array([1.1]))
    assert found.verdict == verdict


@pytest.mark.parametrize(("fault", "verdict"), [(0.0, "undecided"), (1e-4, "wrong"), (-2.0, "wrong")])
def test_a_variable_that_is_rounded_before_it_is_used_accuses_no_other(fault: float, verdict: str) -> None:
    """The slope by y of single(x)*y is single(x), which is 4e-8 from x."""
    found = gc.check_gradient(
        untraced(lambda p: float(numpy.float32(p[0]) * p[1])),
        lambda p: numpy.array([p[1], p[0] * (1 + fault)]),
        numpy.array([1.3, 2.7]),
    )
    assert found.verdict == verdict
    assert ("goes by steps" in found.reason) == (verdict == "undecided")


@pytest.mark.parametrize(("factor", "verdict"), [(1, "agrees"), (1.03, "wrong")])
def test_a_domain_of_several_numbers_that_ends_beside_the_point_leaves_small_steps(factor: float, verdict: str) -> None:
    def function(p: numpy.ndarray) -> float:
        return math.acos(p[0]) + p[1] * math.log(1 - p[0])

    def slopes(p: numpy.ndarray) -> numpy.ndarray:
        return numpy.array([factor * (-1 / math.sqrt(1 - p[0] ** 2) - p[1] / (1 - p[0])), math.log(1 - p[0])])

    assert gc.check_gradient(untraced(function), slopes, numpy.array([1 - 1e-9, 2.0])).verdict == verdict


@pytest.mark.parametrize("x", [1e8, 1e10, 1e13, 1e15, 1e16, 2e16, 1e17])
@pytest.mark.parametrize("rate", [1, 2, 3])
def test_a_right_second_derivative_of_a_wave_that_steps_pass_over_is_not_refuted(x: float, rate: int) -> None:
    def f(x: float) -> float:
        (x,) = struct.unpack("d", struct.pack("d", x))  # so that nothing is traced
        return math.sin(rate * x)

    assert gc.check_hessian(f, lambda x: -rate * rate * math.sin(rate * x), x).verdict.value != "wrong"


@pytest.mark.parametrize("factor", [-1, 0, 1.01, 2])
@pytest.mark.parametrize("x", [0.3, 5.0, 40.0])
def test_a_wrong_second_derivative_is_refuted_beside_waves(x: float, factor: float) -> None:
    def f(x: float) -> float:
        (x,) = struct.unpack("d", struct.pack("d", x))
        return x**3 + math.sin(x)

    assert gc.check_hessian(f, lambda x: factor * (6 * x - math.sin(x)), x).verdict.value == "wrong"
