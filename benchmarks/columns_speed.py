"""Eight partial derivatives at a million points, and at one point, beside others: `python benchmarks/columns_speed.py`.

The formula has 33 operations and 8 names. All take turns in one process; a figure is nanoseconds of a point, the median
of the rounds, the least and the greatest, and the ratio is that of medians to ours. Who is not installed is skipped.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import sympy

import gradcalc

ROUNDS = 9
NAMES = ("a", "x", "b", "c", "y", "d", "p", "q")
FORMULA = (
    "exp(-(a*x + b)^2/2)*sin(c*y - d) + log(1 + a^2 + y^2)/(1 + exp(-(p*x + q*y)))"
    " - tanh(b*x*y - c)*sqrt(d^2 + p^2 + 1) + cos(q*a)"
)


def in_python(m: Any) -> Callable[..., Any]:
    """The formula by the functions of a library."""
    return lambda a, x, b, c, y, d, p, q: (
        m.exp(-((a * x + b) ** 2) / 2) * m.sin(c * y - d)
        + m.log(1 + a**2 + y**2) / (1 + m.exp(-(p * x + q * y)))
        - m.tanh(b * x * y - c) * m.sqrt(d**2 + p**2 + 1)
        + m.cos(q * a)
    )


def peers(columns: list[Any], point: list[float]) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    compiled = gradcalc.compile(FORMULA, NAMES, names=NAMES)
    found = {"gradcalc": (lambda: compiled.value_and_grad(*columns), lambda: compiled.flat(*point))}
    symbols = sympy.symbols(NAMES)
    formula = in_python(sympy)(*symbols)
    outputs = [formula, *(formula.diff(symbol) for symbol in symbols)]
    arrays, numbers = (sympy.lambdify(symbols, outputs, module, cse=True) for module in ("numpy", "math"))
    found["lambdify(cse)"] = (lambda: arrays(*columns), lambda: numbers(*point))
    others = {
        "gradcalc, native": native, "numba": numba, "heyoka": heyoka, "torch": torch, "jax": jax, "casadi": casadi,
        "casadi, buffers": casadi_buffers,
    }  # fmt: skip
    for name, of in others.items():
        try:
            found[name] = of(columns, point)
        except ImportError:
            print(f"{name} is not installed: skipped", file=sys.stderr)
    return found


def native(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import_module("llvmlite")
    compiled = gradcalc.compile(FORMULA, NAMES, names=NAMES, engine="native")
    return lambda: compiled.value_and_grad(*columns), lambda: compiled.flat(*point)


def numba(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The gradient that sympy writes, its common parts once, compiled; over columns, in a loop."""
    library = import_module("numba")
    symbols = sympy.symbols(NAMES)
    formula = in_python(sympy)(*symbols)
    outputs = (formula, *(formula.diff(symbol) for symbol in symbols))
    one = library.njit(error_model="numpy")(sympy.lambdify(symbols, outputs, "math", cse=True))

    @library.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def many(a, x, b, c, y, d, p, q):  # type: ignore[no-untyped-def]
        found = np.empty((9, len(a)))
        for i in range(len(a)):
            row = one(a[i], x[i], b[i], c[i], y[i], d[i], p[i], q[i])
            for k in range(9):
                found[k, i] = row[k]
        return found

    return lambda: many(*columns), lambda: one(*point)


def heyoka(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    library = import_module("heyoka")
    symbols = library.make_vars(*NAMES)
    formula = in_python(library)(*symbols)
    function = library.cfunc([formula, *library.diff_tensors([formula], symbols).gradient], symbols)
    given, single = np.array(columns), np.array(point)
    return lambda: function(given), lambda: function(single)


def torch(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    library = import_module("torch")
    formula = in_python(library)

    def gradient(values: list[Any]) -> Callable[[], Any]:
        leaves = [library.tensor(value, dtype=library.float64, requires_grad=True) for value in values]
        return lambda: library.autograd.grad(formula(*leaves).sum(), leaves)

    return gradient(columns), gradient(point)


def jax(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    library = import_module("jax")
    library.config.update("jax_enable_x64", True)
    one = library.value_and_grad(in_python(library.numpy), argnums=tuple(range(8)))
    many = library.jit(library.vmap(one))
    single = library.jit(one)
    given = [library.numpy.asarray(column) for column in columns]
    return lambda: library.block_until_ready(many(*given)), lambda: library.block_until_ready(single(*point))


def casadi(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    library = import_module("casadi")
    symbols = [library.SX.sym(name) for name in NAMES]
    formula = in_python(library)(*symbols)
    function = library.Function("f", symbols, [formula, library.gradient(formula, library.vertcat(*symbols))])
    mapped = function.map(len(columns[0]))
    given = [column.reshape(1, -1) for column in columns]
    return lambda: mapped(*given), lambda: function(*point)


def casadi_buffers(columns: list[Any], point: list[float]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A call that reads and writes memory that was handed over before; of one point."""
    library = import_module("casadi")
    symbols = [library.SX.sym(name) for name in NAMES]
    formula = in_python(library)(*symbols)
    gradient = library.gradient(formula, library.vertcat(*symbols))
    function = library.Function("f", [library.vertcat(*symbols)], [formula, gradient])
    buffer, run = function.buffer()
    given, value, slopes = np.array(point), np.empty(1), np.empty(8)
    for set_to, k, array in ((buffer.set_arg, 0, given), (buffer.set_res, 0, value), (buffer.set_res, 1, slopes)):
        set_to(k, memoryview(array))
    kept = buffer, given, value, slopes  # which casadi does not hold
    return casadi(columns, point)[0], lambda: run() or kept


def main(count: int = 1_000_000) -> None:
    rng = np.random.default_rng(1)
    columns = [rng.uniform(-1, 1, count) for _ in NAMES]
    calls = peers(columns, [float(column[0]) for column in columns])
    for title, which, repeat, points in (("columns", 0, 1, count), ("one point", 1, 2000, 1)):
        times: dict[str, list[float]] = {name: [] for name in calls}
        for pair in calls.values():
            pair[which]()
        for _ in range(ROUNDS):
            for name, pair in calls.items():
                gc.collect()
                start = time.perf_counter()
                for _ in range(repeat):
                    pair[which]()
                times[name].append((time.perf_counter() - start) / repeat / points * 1e9)
        ours = statistics.median(times["gradcalc"])
        print(f"{title:<16} ns a point   min     max   times ours")
        for name, figures in times.items():
            median = statistics.median(figures)
            print(f"{name:<16} {median:>10.1f} {min(figures):>7.1f} {max(figures):>7.1f} {median / ours:>8.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
