"""Which faults in a gradient do checkers find? `python benchmarks/checkers.py` prints three tables.

The first gives, for each kind of planted fault, the per cent of 24 gradients in which it is found. gradcalc stands
twice: with gradients it can trace, and with the same gradients behind a wall, so that numbers are all there is. The
second has single cases with one right answer each, the third the functions of `real_gradients`, as people write them,
with right gradients and wrong ones. torch, jax, autograd, scipy and numdifftools take part where they
are installed.

A checker that takes a point and no box gets six random points of the box where the fault lives in a part of it, and
calls the gradient wrong if it does so at one of them. `check_grad` of scipy and numdifftools answer with numbers; they
are taken to say "wrong" where the difference is more than 1e-5 of the gradient for the first, the threshold of the
others, and ten times its own estimate of its error for the second.
"""

from __future__ import annotations

import argparse
import importlib
import math
import random
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from real_gradients import REAL

from gradcalc.judge.programs.gradient import check_gradient

Vector = Any
Box = list[tuple[float, float]]


@dataclass(frozen=True)
class Case:
    """A function, its gradient and a point; `box` is where the function may be looked at."""

    name: str
    f: Callable[[Vector], Any]
    grad: Callable[[Vector], Vector]
    at: tuple[float, ...]
    box: Box


# ---- well-conditioned gradients

A = np.array([[2.0, 0.5, -0.25], [0.5, 1.5, 0.75], [-0.25, 0.75, 3.0]])
B = np.array([0.3, -1.2, 0.8])


def rosenbrock(x: Vector) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_grad(x: Vector) -> Vector:
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def polar(x: Vector) -> Any:
    return np.arctan2(x[1], x[0]) * np.hypot(x[0], x[1])


def polar_grad(x: Vector) -> Vector:
    r, angle = np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])
    return np.array([-x[1] / r + angle * x[0] / r, x[0] / r + angle * x[1] / r])


def himmelblau_grad(x: Vector) -> Vector:
    u, v = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return np.array([4 * x[0] * u + 2 * v, 2 * u + 4 * x[1] * v])


def branin_like(x: Vector) -> Any:
    return (x[1] - 0.13 * x[0] ** 2 + 1.6 * x[0] - 6) ** 2 + 9.6 * np.cos(x[0])


def branin_grad(x: Vector) -> Vector:
    u = x[1] - 0.13 * x[0] ** 2 + 1.6 * x[0] - 6
    return np.array([2 * u * (1.6 - 0.26 * x[0]) - 9.6 * np.sin(x[0]), 2 * u])


def softmax(x: Vector) -> Vector:
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def net(x: Vector) -> Any:
    return np.sum(np.tanh(A @ x + B) ** 2)


def net_grad(x: Vector) -> Vector:
    t = np.tanh(A @ x + B)
    return A.T @ (2 * t * (1 - t * t))


P3: Box = [(0.3, 1.7)] * 3
P2: Box = [(0.4, 2.2)] * 2
WELL = [
    Case("squares", lambda x: x @ x, lambda x: 2 * x, (0.7, -1.3, 2.1), [(-3, 3)] * 3),
    Case("quadratic form", lambda x: 0.5 * x @ A @ x - B @ x, lambda x: A @ x - B, (0.7, 1.3, 0.4), P3),
    Case("sum of sines", lambda x: np.sum(np.sin(x)), np.cos, (0.7, 1.1, 0.4), [(0.1, 1.4)] * 3),
    Case(
        "product",
        lambda x: x[0] * x[1] * x[2],
        lambda x: np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1]]),
        (0.7, 1.3, 0.4),
        P3,
    ),
    Case("Rosenbrock", rosenbrock, rosenbrock_grad, (1.3, 0.7, 0.8, 1.9), [(0.2, 1.9)] * 4),
    Case("log-sum-exp", lambda x: np.log(np.sum(np.exp(x))), softmax, (0.7, -1.3, 0.4), [(-2, 2)] * 3),
    Case("network", net, net_grad, (0.7, 0.3, -0.4), [(-0.4, 0.9)] * 3),
    Case("logistic", lambda x: np.sum(sigmoid(x)), lambda x: sigmoid(x) * sigmoid(-x), (0.7, 1.3), P2),
    Case("softplus", lambda x: np.sum(np.log1p(np.exp(x))), sigmoid, (0.7, 1.3), P2),
    Case("Gauss", lambda x: np.exp(-x @ x), lambda x: -2 * x * np.exp(-x @ x), (0.7, 1.1), P2),
    Case("norm", lambda x: np.sqrt(x @ x), lambda x: x / np.sqrt(x @ x), (0.7, 1.3, 0.4), P3),
    Case(
        "ratio",
        lambda x: x[0] / (1 + x[1] ** 2),
        lambda x: np.array([1 / (1 + x[1] ** 2), -2 * x[0] * x[1] / (1 + x[1] ** 2) ** 2]),
        (0.7, 1.3),
        P2,
    ),
    Case(
        "power",
        lambda x: x[0] ** x[1],
        lambda x: np.array([x[1] * x[0] ** (x[1] - 1), x[0] ** x[1] * np.log(x[0])]),
        (1.7, 1.3),
        [(1.2, 2.2)] * 2,
    ),
    Case("entropy", lambda x: np.sum(x * np.log(x)), lambda x: np.log(x) + 1, (0.7, 1.3, 0.6), P3),
    Case("polar", polar, polar_grad, (0.7, 1.3), P2),
    Case(
        "Himmelblau",
        lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2,
        himmelblau_grad,
        (0.7, 1.3),
        P2,
    ),
    Case("Branin", branin_like, branin_grad, (0.7, 1.3), P2),
    Case("cosh", lambda x: np.sum(np.cosh(x)), np.sinh, (0.7, 1.3), P2),
    Case("tan", lambda x: np.sum(np.tan(x)), lambda x: 1 / np.cos(x) ** 2, (0.7, 1.1), [(0.2, 1.2)] * 2),
    Case("arcsine", lambda x: np.sum(np.arcsin(x)), lambda x: 1 / np.sqrt(1 - x * x), (0.3, 0.6), [(0.1, 0.8)] * 2),
    Case("arctangent", lambda x: np.sum(np.arctan(x)), lambda x: 1 / (1 + x * x), (0.7, 1.3), P2),
    Case("cubic", lambda x: np.sum(x**3 - 2 * x), lambda x: 3 * x**2 - 2, (1.7, 1.3), [(1.0, 2.2)] * 2),
    Case(
        "one variable",
        lambda x: x[0] ** 2 * np.sin(x[0]),
        lambda x: 2 * x * np.sin(x) + x**2 * np.cos(x),
        (0.7,),
        [(0.2, 1.5)],
    ),
    Case(
        "mean of logs", lambda x: np.mean(np.log(1 + x**2)), lambda x: 2 * x / (1 + x**2) / len(x), (0.7, 1.3, 0.4), P3
    ),
]


# ---- badly conditioned ones


def one(f: Callable[[Any], Any], slope: Callable[[Any], Any], at: float) -> Case:
    low, high = sorted((at * (1 - 1e-3), at * (1 + 1e-3)))
    return Case("", lambda x: f(x[0]), lambda x: np.array([slope(x[0])]), (at,), [(low, high)])


BADLY = [
    one(lambda x: np.sin(1e5 * x), lambda x: 1e5 * np.cos(1e5 * x), 1.0),
    one(lambda x: np.sin(1e8 * x), lambda x: 1e8 * np.cos(1e8 * x), 0.7),
    one(lambda x: np.cos(3e6 * x), lambda x: -3e6 * np.sin(3e6 * x), 1.3),
    one(np.log, lambda x: 1 / x, 1e-5),
    one(np.log, lambda x: 1 / x, 1e-12),
    one(lambda x: np.exp(20 * x), lambda x: 20 * np.exp(20 * x), 1.0),
    one(lambda x: np.exp(x), lambda x: np.exp(x), 300.0),
    one(lambda x: x**2, lambda x: 2 * x, 1e10),
    one(lambda x: 1e-9 * x**2, lambda x: 2e-9 * x, 1.0),
    one(lambda x: 1e-200 * x**3, lambda x: 3e-200 * x**2, 1.7),
    one(
        lambda x: (x - 1) ** 7, lambda x: 7 * x**6 - 42 * x**5 + 105 * x**4 - 140 * x**3 + 105 * x**2 - 42 * x + 7, 1.01
    ),
    one(lambda x: 1 - np.cos(x), np.sin, 1e-7),
    one(lambda x: x - np.sin(x), lambda x: 1 - np.cos(x), 1e-4),
    one(lambda x: np.log(1 + x), lambda x: 1 / (1 + x), 1e-9),
    one(np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-14),
    one(np.tan, lambda x: 1 + np.tan(x) ** 2, 1.5707),
    one(lambda x: 1 / (x - 1), lambda x: -1 / (x - 1) ** 2, 1.000001),
    one(lambda x: x + 1e9, lambda x: 1.0 + 0 * x, 0.3),
    one(lambda x: x**2 + 1e12, lambda x: 2 * x, 0.3),
    one(lambda x: np.tanh(x), lambda x: 1 - np.tanh(x) ** 2, 15.0),
    one(lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, 30.0),
    one(lambda x: np.sqrt(1 + x) - np.sqrt(x), lambda x: 0.5 / np.sqrt(1 + x) - 0.5 / np.sqrt(x), 1e8),
    one(lambda x: (np.exp(x) - 1 - x) / x**2, lambda x: (np.exp(x) * (x - 2) + x + 2) / x**3, 1e-3),
    one(lambda x: np.sin(x), np.cos, 1.5707963),
]


# ---- faults

Grad = Callable[[Vector], Vector]


def scaled(grad: Grad, component: int, factor: float) -> Grad:
    def wrong(x: Vector) -> Vector:
        g = np.array(grad(x))
        g[component] = g[component] * factor
        return g

    return wrong


def in_part(grad: Grad, component: int, axis: int, low: float, high: float) -> Grad:
    def wrong(x: Vector) -> Vector:
        g = np.array(grad(x))
        if low < x[axis] < high:
            g[component] = g[component] * 1.01
        return g

    return wrong


def with_pi(case: Case, pi: float) -> Case:
    """The function of pi/4 times x; the gradient is written with another pi."""
    f, grad, quarter, typed = case.f, case.grad, np.pi / 4, pi / 4
    box = [(low / quarter, high / quarter) for low, high in case.box]
    at = tuple(x / quarter for x in case.at)
    return Case(case.name, lambda x: f(quarter * x), lambda x: typed * grad(typed * x), at, box)


def part_of_box(case: Case, share: float, rng: random.Random) -> Case:
    axis, component = rng.randrange(len(case.at)), rng.randrange(len(case.at))
    low, high = case.box[axis]
    start = low + (high - low) * rng.uniform(0, 1 - share)
    return Case(
        case.name, case.f, in_part(case.grad, component, axis, start, start + share * (high - low)), case.at, case.box
    )


def one_component(cases: Sequence[Case], relative: float) -> list[Case]:
    rng = random.Random(str(relative))
    return [Case(c.name, c.f, scaled(c.grad, rng.randrange(len(c.at)), 1 + relative), c.at, c.box) for c in cases]


def rows() -> dict[str, tuple[list[Case], bool]]:
    """The cases of each row of the table, and whether they need the box."""
    rng = random.Random("parts")
    return {
        "relative 1e-3, one component": (one_component(WELL, 1e-3), False),
        "relative 1e-6": (one_component(WELL, 1e-6), False),
        "relative 1e-9": (one_component(WELL, 1e-9), False),
        "relative 1e-12": (one_component(WELL, 1e-12), False),
        "pi typed as 3.14159": ([with_pi(c, 3.14159) for c in WELL], False),
        "wrong on a tenth of the box": ([part_of_box(c, 0.1, rng) for c in WELL], True),
        "wrong on a hundredth of the box": ([part_of_box(c, 0.01, rng) for c in WELL], True),
        "correct: called wrong": ([*WELL[::2], *[with_pi(c, np.pi) for c in WELL[1::2]]], False),
        "correct but badly conditioned: called wrong": (BADLY, False),
        "badly conditioned and wrong by 1e-3": (one_component(BADLY, 1e-3), False),
    }


# ---- checkers: whether the gradient is called wrong at a point

Checker = Callable[[Callable[[Vector], Any], Grad, Vector], bool]


def behind_a_wall(grad: Grad) -> Grad:
    """The same numbers, but nothing to trace."""

    def numbers(x: Vector) -> Vector:
        return grad(np.frombuffer(np.asarray(x, dtype=float).tobytes()))

    return numbers


def with_gradcalc(case: Case, box: bool, traced: bool) -> bool:
    grad = case.grad if traced else behind_a_wall(case.grad)
    if box:
        return check_gradient(case.f, grad, box=case.box).verdict == "wrong"
    return check_gradient(case.f, grad, np.array(case.at)).verdict == "wrong"


def torch_checker() -> Checker:
    torch = importlib.import_module("torch")

    def check(f: Callable[[Vector], Any], grad: Grad, x: Vector) -> bool:
        class Function(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, t: Any) -> Any:
                ctx.save_for_backward(t)
                return torch.tensor(float(f(t.detach().numpy())), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, out: Any) -> Any:
                (t,) = ctx.saved_tensors
                return out * torch.tensor(np.array(grad(t.detach().numpy()), dtype=float))

        point = torch.tensor(np.array(x), dtype=torch.float64, requires_grad=True)
        return not torch.autograd.gradcheck(Function.apply, (point,), raise_exception=False)

    return check


def jax_checker() -> Checker:
    jax = importlib.import_module("jax")
    check_grads = importlib.import_module("jax.test_util").check_grads
    jax.config.update("jax_enable_x64", True)

    def check(f: Callable[[Vector], Any], grad: Grad, x: Vector) -> bool:
        shape = jax.ShapeDtypeStruct((), np.float64)
        shapes = jax.ShapeDtypeStruct((len(x),), np.float64)

        def value(t: Any) -> Any:
            return jax.pure_callback(lambda t: np.float64(f(np.asarray(t))), shape, t)

        function = jax.custom_vjp(value)
        function.defvjp(
            lambda t: (value(t), t),
            lambda t, out: (out * jax.pure_callback(lambda t: np.array(grad(np.asarray(t)), dtype=float), shapes, t),),
        )
        try:
            check_grads(function, (jax.numpy.array(x),), order=1, modes=["rev"])
        except AssertionError:
            return True
        return False

    return check


def autograd_checker() -> Checker:
    extend = importlib.import_module("autograd.extend")
    check_grads = importlib.import_module("autograd.test_util").check_grads

    def check(f: Callable[[Vector], Any], grad: Grad, x: Vector) -> bool:
        function = extend.primitive(lambda t: float(f(t)))
        gradient = extend.primitive(lambda t: np.array(grad(t), dtype=float))
        extend.defvjp(function, lambda out, t: lambda g: g * gradient(t))
        try:
            check_grads(function, modes=["rev"], order=1)(np.array(x))
        except AssertionError:
            return True
        return False

    return check


def scipy_checker() -> Checker:
    optimize = importlib.import_module("scipy.optimize")

    def check(f: Callable[[Vector], Any], grad: Grad, x: Vector) -> bool:
        size = float(np.linalg.norm(np.array(grad(x), dtype=float)))
        return bool(optimize.check_grad(f, grad, x) > 1e-5 * max(size, 1.0))

    return check


def numdifftools_checker() -> Checker:
    gradient = importlib.import_module("numdifftools").Gradient

    def check(f: Callable[[Vector], Any], grad: Grad, x: Vector) -> bool:
        found = gradient(f, full_output=True)(x)
        error = np.abs(np.ravel(found[0]) - np.array(grad(x), dtype=float))
        allowed = 10 * np.ravel(found[1]) + 1e-15 * np.abs(np.ravel(found[0]))
        return bool(np.any(~(error <= allowed)))

    return check


PEERS: dict[str, Callable[[], Checker]] = {
    "torch": torch_checker,
    "jax": jax_checker,
    "autograd": autograd_checker,
    "scipy": scipy_checker,
    "numdifftools": numdifftools_checker,
}


def installed() -> dict[str, Checker]:
    found = {}
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except ImportError:
            print(f"{name} is not installed and left out", file=sys.stderr)
    return found


def with_peer(check: Checker, case: Case, box: bool, rng: random.Random) -> bool:
    """Whether a peer calls a gradient wrong; where it breaks down, it does not."""
    points = [case.at]
    if box:
        points = [tuple(rng.uniform(low, high) for low, high in case.box) for _ in range(6)]
    try:
        return any(check(case.f, case.grad, np.array(point)) for point in points)
    except (ArithmeticError, ValueError) as error:
        print(f"  {type(error).__name__}: {error}", file=sys.stderr)
        return False


# ---- tables


def faults(peers: dict[str, Checker]) -> None:
    names = ["gradcalc", "numbers only", *peers]
    print(f"{'fault (per cent called wrong)':<45}" + "".join(f"{name:>14}" for name in names))
    spent = dict.fromkeys(names, 0.0)
    for row, (cases, box) in rows().items():
        cells = []
        for name in names:
            start = time.perf_counter()
            if name in peers:
                rng = random.Random(name)
                found = [with_peer(peers[name], case, box, rng) for case in cases]
            else:
                found = [with_gradcalc(case, box, name == "gradcalc") for case in cases]
            spent[name] += time.perf_counter() - start
            cells.append(f"{100 * sum(found) / len(found):>14.0f}")
        print(f"{row:<45}" + "".join(cells), flush=True)
    print(f"{'seconds in all':<45}" + "".join(f"{spent[name]:>14.1f}" for name in names))


SINGLE: list[tuple[str, Any, Any, float, str]] = [
    ("gradient 499 times too big for 1e-9 x^2", lambda x: 1e-9 * x**2, lambda x: 499 * 2e-9 * x, 1.0, "wrong"),
    ("cos(x) (1 + 1e-6) for sin", np.sin, lambda x: np.cos(x) * (1 + 1e-6), 0.7, "wrong"),
    ("1 for sqrt(x^2), at -1", lambda x: np.sqrt(x**2), lambda x: 1.0 + 0 * x, -1.0, "wrong"),
    ("0 for x^2", lambda x: x**2, lambda x: 0 * x, 1e10, "wrong"),
    ("2x for x^2", lambda x: x**2, lambda x: 2 * x, 1e10, "right"),
    ("sin(1e5 x)", lambda x: np.sin(1e5 * x), lambda x: 1e5 * np.cos(1e5 * x), 1.0, "right"),
    ("log x", np.log, lambda x: 1 / x, 1e-5, "right"),
    ("exp(20 x)", lambda x: np.exp(20 * x), lambda x: 20 * np.exp(20 * x), 1.0, "right"),
    ("0 for abs at the corner", np.abs, lambda x: 0 * x, 0.0, "neither"),
    ("0 for max(x, 0) at the corner", lambda x: np.maximum(x, 0), lambda x: 0 * x, 0.0, "neither"),
    ("0 for floor at the jump", np.floor, lambda x: 0 * x, 1.0, "neither"),
]
_WORDS = {"wrong": "wrong", "agrees": "right", "not-differentiable": "neither"}


def single_cases(peers: dict[str, Checker]) -> None:
    print(f"{'case':<42}{'at':>7}{'is':>9}{'gradcalc':>14}" + "".join(f"{name:>14}" for name in peers))
    right = dict.fromkeys(["gradcalc", *peers], 0)
    for name, f, grad, at, expected in SINGLE:
        said = {"gradcalc": _WORDS[check_gradient(f, grad, at).verdict]}
        for peer, check in peers.items():
            case = one(f, grad, at)
            said[peer] = "wrong" if with_peer(check, case, False, random.Random(0)) else "right"
        for who, word in said.items():
            right[who] += word == expected
        print(f"{name:<42}{at:>7g}{expected:>9}" + "".join(f"{word:>14}" for word in said.values()))
    print(f"{'answered as it is, of ' + str(len(SINGLE)):<58}" + "".join(f"{count:>14}" for count in right.values()))


def real_cases(peers: dict[str, Checker]) -> None:
    names = ["gradcalc", *peers]
    passed, found, spent = (dict.fromkeys(names, 0.0) for _ in range(3))
    for real in REAL:
        for label, grad in real.grads.items():
            case = Case(real.name, real.f, grad, tuple(real.at), [])
            for name in names:
                start = time.process_time()
                check = peers.get(name)
                said = with_peer(check, case, False, random.Random(0)) if check else with_gradcalc(case, False, True)
                spent[name] += time.process_time() - start
                if label == "right":
                    passed[name] += not said
                else:
                    found[name] += said
                if said == (label == "right"):
                    print(f"  {name}: {real.name}, {label}: called {'wrong' if said else 'right'}", file=sys.stderr)
    right, wrong = len(REAL), sum(len(real.grads) - 1 for real in REAL)
    print(f"{'functions as people write them':<45}" + "".join(f"{name:>14}" for name in names))
    print(f"{f'right gradients, of {right}: not called wrong':<45}" + "".join(f"{passed[n]:>14.0f}" for n in names))
    print(f"{f'wrong gradients, of {wrong}: called wrong':<45}" + "".join(f"{found[n]:>14.0f}" for n in names))
    print(f"{'seconds of the processor':<45}" + "".join(f"{spent[n]:>14.1f}" for n in names))


TABLES = {"faults": faults, "single": single_cases, "real": real_cases}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", choices=TABLES, help="this one alone")
    table = parser.parse_args().table
    warnings.simplefilter("ignore")
    assert len(WELL) == len(BADLY) == 24
    assert all(math.isfinite(float(case.f(np.array(case.at)))) for case in WELL + BADLY)
    peers = installed()
    for name in [table] if table else TABLES:
        TABLES[name](peers)
        print()


if __name__ == "__main__":
    main()
