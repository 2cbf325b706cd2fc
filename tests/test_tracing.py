"""Programs as formulas: what can be followed, what is refused, and that nothing of the user's is touched."""

from __future__ import annotations

import copyreg
import functools
import hashlib
import math
import math as m
import random
import struct
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import hypot, sin
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb

import gradcalc as gc
from gradcalc.engine.scalars import sent
from gradcalc.judge.programs.calling import Calling, value_of
from gradcalc.judge.programs.forms import layout
from gradcalc.judge.programs.gradient import check_gradient, check_jvp
from gradcalc.judge.programs.matrices import MEANINGS
from gradcalc.judge.programs.replacements import _of_math, replacements
from gradcalc.judge.programs.tracer import TracedRun, Tracer, UntraceableError
from gradcalc.judge.programs.tracing import trace
from gradcalc.language.formula import Name, expression

HALF = 0.5
CALLS: list[float] = []


def traced(function: Callable[..., Any], at: Any) -> tuple[Any, dict[str, Any]]:
    form, first = layout(at)
    call = Calling(form)
    found = trace(
        lambda rebound, xs: [value_of(call(rebound(function), xs))], dict(zip(form.names, first, strict=True))
    )
    return found.formulas[0], dict(found.at)


def text(function: Callable[..., Any], at: Any = 1.5) -> str:
    return expression(traced(function, at)[0])


# ---- programs of many kinds: the referee is the program itself


def helper(x: Any) -> Any:
    return m.exp(-x) + HALF


def recursive(x: Any, n: int = 4) -> Any:
    return x if n == 0 else sin(recursive(x, n - 1)) + x


def loop(x: Any) -> Any:
    total = 0.0
    for k in range(20):
        total += x**k / math.factorial(k)
    return total


def newton(x: Any) -> Any:
    root = 1.0
    for _ in range(8):
        root = (root + x / root) / 2
    return root


def until(x: Any) -> Any:
    while x < 100:
        x = x * x + 1
    return math.log(x)


@functools.lru_cache
def cached(x: Any) -> Any:
    return math.tanh(x)


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return 3 * function(*args, **kwargs)

    return inner


@decorated
def tripled(x: Any) -> Any:
    return np.sin(x)


class Model:
    def __init__(self, rate: float):
        self.rate = rate
        self.activation = math.atan

    def inner(self, x: Any) -> Any:
        return math.sin(self.rate * x)

    def __call__(self, x: Any) -> Any:
        return self.activation(self.inner(x)) + math.cos(x)

    def method(self, x: Any) -> Any:
        return self.inner(x) ** 2


class Last:
    """A class of which none can be made."""

    def __init_subclass__(cls, **_: Any) -> None:
        raise TypeError("it is the last")

    def method(self, x: Any) -> Any:
        return 3 * x


QUEUE, WORDS = deque([1.0, 2.5]), {"one", "two"}


def numbers_of_one() -> list[Callable[..., Any]]:
    return [
        lambda x: x**2 + 3 * x - 1 / x,
        lambda x: 2**x,
        lambda x: -x % 0.7,
        lambda x: x // 0.7 + x,
        lambda x: divmod(x, 0.7)[1],
        lambda x: abs(-x) + pow(x, 3),
        lambda x: max(x, 1, x * x) + min(x, 2.0),
        lambda x: sum([x, x * x, 1.0]),
        lambda x: round(x) * x + math.floor(x) * x + math.ceil(x) + math.trunc(x),
        lambda x: math.sin(x) + m.cos(x) + sin(x) + hypot(x, 3) + math.hypot(x, 1, 2),
        lambda x: math.log(x) + math.log(x, 3) + math.log1p(x) + math.log10(x) + math.log2(x),
        lambda x: math.fsum([x, math.sqrt(x)]) + math.prod([x, 2, x]) + math.dist([x, 0], [1, x]),
        lambda x: math.gamma(x) + math.lgamma(x) + math.erf(x) + math.erfc(x) + math.expm1(x) + math.exp2(x),
        lambda x: math.atan2(x, 2) + math.degrees(x) + math.radians(x) + math.pow(x, 1.5) + math.copysign(x, -1),
        lambda x: float(x) * (x if isinstance(x, float) else 1 / 0),
        lambda x: x if math.isfinite(x) and not np.isnan(x) else 0.0,
        lambda x: math.sin(x) / x if x else 1.0,
        lambda x: x**2 if 1 < x < 2 else x**3,
        lambda x: np.sin(x) + np.float64(2.5) * x + np.sqrt(x) ** np.float64(2),
        lambda x: np.exp(x) + np.log1p(x) + np.arctan2(x, 2) + np.logaddexp(x, 1) + np.cbrt(x) + np.sinc(x),
        lambda x: np.array([x, x * x, 2.0]).sum() + np.asarray([x, 1.0], dtype=float) @ np.array([3.0, 4.0]),
        lambda x: np.where(x > 1, x, -x) + np.maximum(x, 0) + np.clip(x, 0, 1) + np.sign(x) + np.heaviside(1.0, 0),
        lambda x: np.linalg.norm(np.array([x, 2 * x])) + np.mean([x, 1.0, x]) + np.std(np.array([x, 1.0])),
        lambda x: np.float64(x) + np.float64(1.25),
        lambda x: gc.Value(x).tanh().data if not isinstance(x, Tracer) else x.tanh(),
        lambda x: math.sin(x) if x != 0 else 0.0,
        lambda x, g=math.cos: g(x),
        helper,
        recursive,
        loop,
        newton,
        until,
        cached,
        tripled,
        Model(1.5),
        Model(0.3).method,
        Last().method,
        lambda x: x * sum(QUEUE) + len(WORDS),
        functools.partial(pow, exp=3),
        functools.partial(lambda a, x: a * math.sin(x), 3),
        math.sin,
        np.tanh,
    ]


@pytest.mark.parametrize("function", numbers_of_one())
def test_a_trace_is_the_program(function: Callable[..., Any]) -> None:
    for x in (1.5, 0.85):
        formula, at = traced(function, x)
        assert gc.evaluate(formula, at) == pytest.approx(float(function(x)), rel=1e-14)


MATRIX = np.array([[2.0, 0.3, 0.1], [0.3, 1.7, -0.4], [0.1, -0.4, 3.1]])


def gaussian(x: Any) -> Any:
    d = x - MATRIX[0]
    return np.exp(-0.5 * d @ MATRIX @ d) / np.sqrt((2 * np.pi) ** len(x))


def network(x: Any) -> Any:
    hidden = np.tanh(MATRIX @ x + 0.1)
    return np.log(np.exp(hidden).sum()) + np.dot(np.maximum(hidden, 0), x)


def filled(x: Any) -> Any:
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] ** (i + 1)
    other = np.zeros_like(x)
    other[1:] = x[:-1]
    return (out * other).sum() + np.ones(3, dtype=float) @ x


ARRAYS = [
    gaussian,
    network,
    filled,
    lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0),
    lambda x: np.prod(x) + x.mean() + np.cumsum(x)[-1] + np.outer(x, x).sum() + np.trace(np.outer(x, x)),
    lambda x: np.einsum("i,ij,j->", x, MATRIX, x) + np.vdot(x, x),
    lambda x: np.sort(x)[0] + x.max() + np.argmax(x) + np.linalg.norm(x),
    lambda x: math.sin(x[0]) + sum(xi**2 for xi in x) + float(x[2]),
    lambda x: np.where(x > 0.5, x**2, np.sin(x)).sum(),
    lambda x: ((x > 0) * x).sum(),
    lambda x: x.astype(float).sum() + np.array(x, dtype=np.float64, copy=True)[0],
    lambda x: np.square(x).sum() + np.hypot(x, 2).sum() + np.logaddexp(x, 0).sum(),
    lambda x: x.T.dot(MATRIX).dot(x.reshape(3)) + x.tolist()[1],
    lambda x: np.linalg.solve(MATRIX * x, x**2) @ np.linalg.inv(MATRIX[::-1] * x[0]) @ x,
    lambda x: np.linalg.det(MATRIX - np.outer(x, x)) + np.linalg.slogdet(MATRIX[[1, 0, 2]] * np.exp(x))[1],
    lambda x: np.linalg.cholesky(MATRIX * np.exp(x[2]))[2] @ np.linalg.solve(MATRIX + x[0], MATRIX)[1],
    lambda x: np.logaddexp.reduce(x) + np.maximum.accumulate(x).sum() + np.multiply.outer(x, x)[0, 2],
    lambda x: np.exp(x, out=np.empty(3)).sum() + float(f"{x[0]:.2f}" != ""),
    lambda x: math.fsum(x) if np.isfinite(x).all() and not np.signbit(x**2).any() else 0.0,
    lambda x: np.concatenate([x, 2 * x]).sum() + np.stack([x, x]).mean() + np.diff(x).sum(),
]


@pytest.mark.parametrize("function", ARRAYS)
def test_arrays(function: Callable[..., Any]) -> None:
    point = np.array([0.4, -1.1, 0.7])
    formula, at = traced(function, point)
    assert gc.evaluate(formula, at) == pytest.approx(float(function(point)), rel=1e-13)
    assert point.tolist() == [0.4, -1.1, 0.7]


def test_functions_of_scipy() -> None:
    special = pytest.importorskip("scipy.special")

    def function(x: Any) -> Any:
        sums = special.logsumexp(x) + special.logsumexp(MATRIX * x, axis=1)[2]
        return sums + special.softmax(x)[1] + special.log_softmax(MATRIX @ x)[0] + special.xlogy(2.0, x[2])

    point = np.array([0.4, -1.1, 0.7])
    formula, at = traced(function, point)
    assert gc.evaluate(formula, at) == pytest.approx(float(function(point)), rel=1e-13)


def test_functions_of_c_are_left_alone() -> None:  # copied, this one takes the interpreter down
    formula, at = traced(lambda x: (np.random.default_rng(3).normal(size=3) * x).sum(), 1.5)
    assert gc.evaluate(formula, at) == pytest.approx(float((np.random.default_rng(3).normal(size=3) * 1.5).sum()))


def test_the_formula_reads_as_the_program_does() -> None:
    assert text(lambda x: 2 * math.sin(x) ** 2 - x / 3) == "2*sin(x)^2 - x/3"
    assert text(lambda x: math.pi * x) == "3.141592653589793*x"
    assert text(lambda p: p["a"] * p["w"][1], {"a": 2.0, "w": [1.0, 3.0]}) == "a*w[1]"


def test_constants_that_were_rounded_are_names() -> None:
    form, first = layout(1.5)
    found = trace(lambda _, xs: [0.1 * xs[0] + 3 * xs[0] + 0.25], dict(zip(form.names, first, strict=True)))
    assert found.constants == ("0.1",)


# ---- branches


def test_where_sides_are_equal_both_branches_are_followed() -> None:
    assert text(lambda x: x if x > 0 else 2 * x, 0.0) == "if(x > 0, x, 2*x)"
    assert text(lambda x: x if x > 0 else 2 * x, 1.0) == "x"
    both = text(lambda p: max(p["a"], 0) + max(p["b"], 0), {"a": 0.0, "b": 0.0})
    assert both.count("if") == 3


def test_comparisons_are_decided_exactly() -> None:
    def function(x: Any) -> Any:
        return x if math.sin(x) ** 2 + math.cos(x) ** 2 - 1 <= 1e-300 and x + 1e-30 > x else -x

    assert text(function) == "if(sin(x)^2 + cos(x)^2 - 1 <= 1e-300, x, -x)" or text(function) == "x"


def test_guards_tell_what_the_run_depended_on() -> None:
    found = trace(lambda _, xs: [xs[0] if 1 < xs[0] < 2 else 0.0], {"x": 3.0})
    assert [(expression(guard.condition), guard.outcome) for guard in found.guards] == [
        ("x > 1", True),
        ("x < 2", False),
    ]


# ---- what is refused


def to_int(x: Any) -> Any:
    return [1, 2, 3][int(x)] * x


REFUSED: list[Callable[..., Any]] = [
    to_int,
    lambda x: complex(x).real,
    lambda x: np.linalg.eigvalsh(np.array([[x, 0.0], [0.0, 1.0]])).sum(),
    lambda x: np.linalg.det(np.array([[x, x], [x, x]])),
    lambda x: np.linalg.cholesky(np.array([[-x]])).sum(),
    lambda x: float(str(x)),
    lambda x: float(f"{x:.17g}") ** 2,
    lambda x: x.no_such_method(),
    lambda x: np.array([x], dtype="float32").astype("float32").view("int32")[0] * x,
    lambda x: x * math.inf,
    lambda x: math.pow(x, Decimal(2)),
    lambda x: np.exp(x, dtype=np.float32),
    lambda x: sum(x * k for k in range(300_000)),
]


@pytest.mark.parametrize("function", REFUSED)
def test_what_is_no_formula_is_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(UntraceableError):
        traced(function, 1.5)


# ---- nothing of the user's changes


def counting(x: Any) -> Any:
    global HALF
    HALF = 0.5
    return sin(x)


def test_the_users_module_stays_as_it_is() -> None:
    before = {name: value for name, value in globals().items() if not name.startswith("@")}
    model = Model(2.0)
    for function in (helper, counting, recursive, model, model.method):
        traced(function, 1.5)
    assert all(globals()[name] is value for name, value in before.items())
    assert math.sin(1.0) == sin(1.0)
    assert type(model) is Model
    assert model.activation is math.atan


def euler(dt: float, to: float | None = None) -> Any:
    """exp(-T) by Euler's method: of a fixed step, or one that ends at T."""

    def f(T: Any) -> Any:
        t, y = 0.0, 1.0
        while t < T:
            h = min(dt, T - t) if to is None else dt
            y, t = y - h * y, t + h
        return y

    return f


def test_a_loop_that_ends_where_it_should_is_smooth() -> None:
    """Its last comparison is between T and T, which is no kink. By hand: the slope is that of the last, cut step."""
    found = check_gradient(euler(0.25), lambda T: -(0.75**4), 1.1)
    assert found.verdict == "agrees"
    assert not found.method.startswith("differences")
    assert check_gradient(euler(0.25), lambda T: -0.3, 1.1).verdict == "wrong"


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_steps_of_time_are_not_held_against_the_slope_over_them(dt: float) -> None:
    found = check_gradient(euler(dt, 1), lambda T: -math.exp(-T), 1.03)
    assert (found.verdict, found.reason) == ("undecided", "between the steps of f it is 0")
    along = check_jvp(euler(dt, 1), lambda T: 2 * math.exp(-T), 1.03, -2.0)
    assert (along.verdict, along.reason) == (found.verdict, found.reason)
    assert check_gradient(euler(dt, 1), lambda T: 5.0, 1.03).verdict in ("wrong", "undecided")


def test_a_constant_that_python_folds_is_no_fault() -> None:
    """0.01*100 is 1 in Python, and not quite that in the sum of a hundred doubles."""

    def f(k: Any) -> Any:
        y = 1.0
        for _ in range(100):
            y -= 0.01 * k * y
        return y

    assert check_gradient(f, lambda k: -0.01 * 100 * (1 - 0.01 * k) ** 99, 1.3).verdict == "agrees"


def test_numbers_that_jump_without_a_right_digit_are_wrong() -> None:
    def opaque(x: float) -> float:
        return int.from_bytes(hashlib.md5(struct.pack("d", x)).digest()[:4], "little") / 2**32 * 1e6

    for f in ("sin(x)", lambda x: float(str(math.sin(x)))):
        found = check_gradient(f, opaque, 0.3)
        assert found.verdict == "wrong"
        assert found.wrong[0].reason == "its numbers jump from one double to the next, and no digit of them is right"


def test_a_right_gradient_of_a_loop_of_few_steps_is_not_called_wrong():
    def decay(end):
        t, y = 0.0, 1.0
        while t < end:
            y -= 0.25 * y
            t += 0.25
        return y

    assert gc.check_gradient(decay, lambda end: -math.exp(-end), 1.1).verdict == "undecided"
    assert gc.check_gradient(decay, lambda end: math.exp(-end), 1.1).verdict == "wrong"
    assert gc.check_gradient(decay, lambda end: -3 * math.exp(-end), 1.1).verdict == "wrong"


def by_steps(x: Any, dt: float, slope: Callable[[float, Any], Any], start: float = 0.0) -> Any:
    t, y = 0.0, start
    while t < x:
        y, t = y + dt * slope(t, y), t + dt
    return y


@pytest.mark.parametrize(
    ("f", "right", "at"),
    [
        (lambda x: by_steps(x, 0.5, lambda _, y: -y, 1.0), lambda x: -math.exp(-x), 1.1),
        (lambda x: by_steps(x, 0.5, lambda t, _: math.cos(t)), math.cos, 1.2),
        (lambda x: by_steps(x, 0.5, lambda t, _: 1 + t), lambda x: 1 + x, 1.2),
        (lambda x: by_steps(x, 0.5, lambda _, y: y, x), lambda x: math.exp(x) * (1 + x), 1.2),
        (lambda x: by_steps(x, 0.25, lambda *_: 1.0), lambda _: 1.0, 0.6),
    ],
)
def test_few_steps_of_time_are_not_held_against_the_slope_of_what_they_follow(f: Any, right: Any, at: float) -> None:
    assert check_gradient(f, right, at).verdict == "undecided"
    for wrong in (lambda x: -right(x), lambda x: 3 * right(x)):
        assert check_gradient(f, wrong, at).verdict == "wrong"


def test_a_function_of_two_levels_does_not_go_by_steps() -> None:
    assert check_gradient(lambda x: 0.0 if x < 1 else 1.0 if x < 2 else 2.0, lambda _: 1.0, 1.5).verdict == "wrong"


def test_a_function_that_fails_beside_the_point_is_judged() -> None:
    def squares(x: Any) -> Any:
        i = 0
        while i < x:
            i += 1
        return [0, 1, 4, 9][i] * x

    assert check_gradient(squares, lambda x: 4.0, 1.5).verdict == "agrees"
    assert check_gradient(squares, lambda x: 7.0, 1.5).verdict == "wrong"


def test_of_several_derivatives_the_one_by_time_is_not_held_against_steps() -> None:
    def decay(p: Any) -> Any:
        return by_steps(p[1], 0.1, lambda _, y: -p[0] * y, 1.0)

    def gradient(p: Any, sign: int) -> list[float]:
        return [-1.3 * (1 - 0.1 * p[0]) ** 12, sign * p[0] * math.exp(-p[0] * p[1])]  # 13 steps

    assert check_gradient(decay, lambda p: gradient(p, -1), [0.5, 1.213]).verdict == "undecided"
    found = check_gradient(decay, lambda p: gradient(p, 1), [0.5, 1.213])
    assert sorted(row.verdict for row in found.findings) == ["agrees", "wrong"]


def test_what_functions_import_is_traced() -> None:
    def f(x: float) -> float:
        import math
        from math import cos

        import scipy.special as special
        from numpy.linalg import norm

        return math.sin(x) * cos(x) + special.erf(x) + norm(np.array([x, 1.0]))

    def slope(x: float) -> float:
        return math.cos(2 * x) + 2 / math.sqrt(math.pi) * math.exp(-(x**2)) + x / math.hypot(x, 1)

    found = check_gradient(f, slope, 0.7)
    assert found
    assert found.traced


def exact(matrix: Any) -> np.ndarray:
    return np.array([[Fraction(x) for x in row] for row in matrix], dtype=object)


def test_linear_algebra_of_traces_on_rational_numbers() -> None:
    """Products say whether solutions are right, and sympy the determinants; zeros stand where the pivots are."""
    rng = random.Random(2)
    for size in (1, 2, 3, 4):
        for _ in range(6):
            rows = [[rng.choice((0, 0, -3, -1, 2, 5)) for _ in range(size)] for _ in range(size)]
            determinant, matrix = sympy.Matrix(rows).det(), exact(rows)
            if determinant == 0:
                for name, args in (("det", ()), ("inv", ()), ("solve", (matrix[0],))):
                    with pytest.raises(UntraceableError, match="singular"):
                        MEANINGS[name](matrix, *args)
                continue
            assert MEANINGS["det"](matrix) == determinant
            assert (matrix @ MEANINGS["inv"](matrix) == np.eye(size, dtype=int)).all()
            for right in (exact(rows)[0], exact([[rng.randint(-5, 5) for _ in range(3)] for _ in range(size)])):
                solved = MEANINGS["solve"](matrix, right)
                assert solved.shape == right.shape
                assert (matrix @ solved == right).all()
            lower = np.tril(matrix) + 7 * np.eye(size, dtype=int)
            found = MEANINGS["cholesky"](lower @ lower.T)
            assert np.allclose(found.astype(float), lower.astype(float), rtol=1e-12, atol=1e-12)
            small = MEANINGS["cholesky"](lower @ lower.T * Fraction(1, 2500))  # with diagonals below 1
            assert np.allclose(small.astype(float), lower.astype(float) / 50, rtol=1e-12, atol=1e-12)
            with pytest.raises(UntraceableError, match="not positive definite"):
                MEANINGS["cholesky"](-(lower @ lower.T))


def test_linear_algebra_of_traces_refuses_what_is_no_square() -> None:
    for matrix in (np.ones((2, 3)), np.ones(4), np.eye(13)):
        with pytest.raises(UntraceableError, match="shape"):
            MEANINGS["det"](matrix)
    assert MEANINGS["det"](np.eye(12)) == 1
    with pytest.raises(UntraceableError, match="right side"):
        MEANINGS["solve"](np.eye(2), np.ones((2, 2, 2)))
    assert MEANINGS["slogdet"](-np.eye(3))[0] == -1


def _tracers(**numbers: float) -> list[Tracer]:
    run = TracedRun(numbers, (), False, 1_000)
    return [Tracer(run, Name(name), number) for name, number in numbers.items()]


def test_the_norm_of_numpy_is_that_of_vectors_or_of_all_elements() -> None:
    norm, x = replacements()[np.linalg.norm], np.array(_tracers(a=2.0, b=3.0, c=6.0, d=-4.0), dtype=object)

    def value(result: Tracer) -> float:
        return gc.evaluate(result.formula, {"a": 2, "b": 3, "c": 6, "d": -4})

    assert [value(norm(x[:3])), value(norm(x[:3], 2))] == [7, 7]
    assert value(norm(x.reshape(2, 2))) == math.sqrt(65)
    for of, more in ((x.reshape(2, 2), {"ord": 2}), (x, {"ord": 1}), (x, {"axis": 0}), (x, {"ord": 3})):
        with pytest.raises(UntraceableError):
            norm(of, **more)
    with pytest.raises(UntraceableError):
        norm([list(x[:2]), list(x[2:])], 2)


def test_exponentials_of_the_rows_of_a_matrix() -> None:
    special = pytest.importorskip("scipy.special")
    numbers = {"a": 0.5, "b": -1.0, "c": 2.0, "d": 0.0, "e": 1.0, "f": 0.25}
    x = np.array(_tracers(**numbers), dtype=object).reshape(2, 3)
    raised = [[math.exp(n) for n in (0.5, -1.0, 2.0)], [math.exp(n) for n in (0.0, 1.0, 0.25)]]
    for name, right in (
        ("softmax", [[part / sum(row) for part in row] for row in raised]),
        ("log_softmax", [[math.log(part / sum(row)) for part in row] for row in raised]),
        ("logsumexp", [math.log(sum(row)) for row in raised]),
    ):
        made = replacements()[getattr(special, name)](x, axis=1)
        found = [gc.evaluate(one.formula, numbers) for one in made.flat]
        assert found == pytest.approx(np.ravel(right), rel=1e-14), name


def test_sums_and_products_of_tracers_are_those_of_math(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math, "sumprod", lambda p, q: 0.0, raising=False)  # from Python 3.12 on
    meant = dict(_of_math())
    a, b = _tracers(a=2.0, b=3.0)
    for found, right in (
        (meant[math.sumprod]([a, b], [b, 7.0]), 27),  # type: ignore[attr-defined]
        (meant[math.fsum]([a, b, 1.0]), 6),
        (meant[math.prod]([a, b], start=5), 30),
        (meant[math.dist]([a, b], [6.0, 0.0]), 5),
        (meant[math.hypot](a, b, 6.0), 7),
    ):
        assert gc.evaluate(found.formula, {"a": 2, "b": 3}) == right


def test_a_value_of_a_tracer_is_the_tracer() -> None:
    (a,) = _tracers(a=2.0)
    assert replacements()[gc.Value](a, "label") is a
    assert replacements()[gc.Value](3.0).data == 3.0


def test_a_comparison_of_what_is_equal_is_decided_exactly() -> None:
    x = next(x for x in (k / 7 for k in range(1, 999)) if x / 49 * 49 < x)  # in doubles alone
    (a,) = _tracers(x=x)
    run = a.tape
    same = a / 49 * 49
    assert [same < a, same > a, same <= a, same >= a, run.ties, len(run.guards)] == [False, False, True, True, [], 4]


def test_what_where_leaves_of_numbers_alone_goes_on_in_the_trace() -> None:
    """The guard of JAX's users: the branch that is not taken is fed with 1, which is no tracer in an array of them."""

    def root(x: Any) -> Any:
        return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)

    traced_there = "both were traced"
    below = check_gradient(root, lambda x: 0.0, -4.0)
    assert below.verdict == "agrees"
    assert traced_there in str(below)
    all_below = check_gradient(lambda x: np.sum(root(x)), lambda x: 0 * x + 1e-9, np.array([-4.0, -1.0]))
    assert all_below.verdict == "wrong"  # a fault that no quotient tells
    assert (
        check_gradient(root, lambda x: 0.0, 0.0).verdict == "not-differentiable"
    )  # the quotient sqrt(h)/h is unbounded


@pytest.mark.parametrize("tolerance", [1e-12, 1e-10, 1e-8, 1e-6])
@pytest.mark.parametrize("at", [1.4381380955643275, 1.0975777957077355, 0.8192084247160765])
def test_a_bisection_is_held_against_what_it_solves_however_near_it_comes(tolerance: float, at: float) -> None:
    def root(a: Any) -> Any:
        low, high = 0.0, 10.0
        while high - low > tolerance:
            middle = (low + high) / 2
            if middle**3 + middle < a:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def slope(a: float) -> float:
        return 1 / (3 * root(a) ** 2 + 1)

    assert check_gradient(root, slope, at).verdict == "agrees"
    assert check_gradient(root, lambda a: 1.03 * slope(a), at).verdict == "wrong"
    assert check_gradient(root, lambda a: -slope(a), at).verdict == "wrong"
    assert check_gradient(root, lambda _: 0.0, at).verdict == "undecided"


def test_our_own_modules_are_not_rewritten() -> None:
    """A copy of what tells pickle of balls would have it send them by another function than the module's."""
    found = check_gradient("gamma(x)", lambda p: gc.grad("gamma(x)", {"x": float.fromhex(p["x"].hex())}), {"x": 0.5})
    assert found
    assert copyreg.dispatch_table[arb] is sent
