"""The table of what is traced, `docs/traced.md`: made here, and the same there.

`python -m tests.test_traced_table` writes it anew.
"""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcalc as gc
from gradcalc.judge.programs.result import CheckQuestion
from gradcalc.judge.programs.subject import Subject
from gradcalc.judge.programs.tracer import UntraceableError

special = pytest.importorskip("scipy.special")

PAGE = Path(__file__).parent.parent / "docs" / "traced.md"
X, M = np.array([0.4, 1.1, 0.7]), np.array([[2.0, 0.3, 0.1], [0.3, 1.7, -0.4], [0.1, -0.4, 3.1]])

Example = tuple[str, Callable[[Any], Any], Any]


def named(module: Any, prefix: str, names: str, *more: float) -> list[Example]:
    """Functions of a module, by their names, at 0.4 and further arguments."""
    return [(f"{prefix}{name}", functools.partial(_called, getattr(module, name), more), 0.4) for name in names.split()]


def _called(function: Callable[..., Any], more: tuple[float, ...], x: Any) -> Any:
    return function(x, *more)


def newton(x: Any) -> Any:
    root = 1.0
    for _ in range(6):
        root = (root + x / root) / 2
    return root


def until(x: Any) -> Any:
    while x < 100:
        x = x * x + 1
    return x


def filled(x: Any) -> Any:
    out = np.zeros_like(x)
    out[1:] = x[:-1] ** 2
    return out.sum()


class Model:
    rate = 0.3

    def inner(self, x: Any) -> Any:
        return math.sin(self.rate * x)

    def __call__(self, x: Any) -> Any:
        return self.inner(x) ** 2


def by_text(x: Any) -> Any:
    return math.sin(x) if str(x) else 0.0


def caught(x: Any) -> Any:
    try:
        return int(x) * x
    except TypeError:
        return x * x


LANGUAGE: list[Example] = [
    (
        "`+ - * / ** % //`, `divmod`, `abs`, `pow`",
        lambda x: divmod(abs(-x) ** 2 % 0.7 // 0.1 + pow(x, 3), 0.7)[1] / x,
        0.4,
    ),
    (
        "`min`, `max`, `sum`, `round`, `float`",
        lambda x: max(x, 0.1) + min(x, 2) + sum([x, x]) + round(x) + float(x),
        0.4,
    ),
    ("loops with a fixed number of rounds", newton, 0.4),
    ("loops until a comparison fails", until, 0.4),
    ("`if`, `and`, `or`, chained comparisons", lambda x: x**2 if 0 < x < 1 and x != 0.5 else x, 0.4),
    ("recursion, closures, default arguments", lambda x, g=math.cos: g(x), 0.4),
    ("`functools.partial`, `functools.cache`, decorators", functools.partial(math.pow, 2.0), 0.4),
    ("objects with methods and `__call__`", Model(), 0.4),
    ("`gradcalc.Value`", lambda x: gc.Value(x).tanh().data, 0.4),
    ("lists, tuples and dictionaries of numbers", lambda x: {"a": [x, (x, 2)]}["a"][1][0] ** 2, 0.4),
    ("`isinstance(x, float)`", lambda x: x**2 if isinstance(x, float) else x, 0.4),
    ("`int(x)`, `range(x)`, `x` as an index", lambda x: [1, 2][int(x)] * x, 0.4),
    ("`int(x)` in a `try` that passes over the error", caught, 0.4),
    ("`str(x)`, `format(x)`, `print(x)`", by_text, 0.4),
    ("`complex(x)`", lambda x: complex(x).real, 0.4),
    ("computing with `inf` or `nan`", lambda x: min(x, math.inf) + 0 * (x + math.inf), 0.4),
]
MATH = named(math, "math.", "sin cos tan asin acos atan sinh cosh tanh asinh atanh exp expm1 exp2 log log2 log10 log1p "
             "sqrt cbrt gamma lgamma erf erfc floor ceil trunc fabs degrees radians")  # fmt: skip
MATH += named(math, "math.", "atan2 hypot pow fmod copysign", 1.5)
MATH += [
    ("math.fsum", lambda x: math.fsum([x, x]), 0.4),
    ("math.prod", lambda x: math.prod([x, 2, x]), 0.4),
    ("math.dist", lambda x: math.dist([x, 0], [1, x]), 0.4),
    ("math.frexp", lambda x: math.frexp(x)[0], 0.4),
    ("math.nextafter", lambda x: math.nextafter(x, 1), 0.4),
]
NUMPY = named(np, "numpy.", "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh exp expm1 exp2 log log2 "
              "log10 log1p sqrt cbrt square reciprocal absolute fabs sign floor ceil trunc rint deg2rad "
              "rad2deg sinc")  # fmt: skip
NUMPY += named(np, "numpy.", "arctan2 hypot power logaddexp maximum minimum fmod copysign heaviside", 1.5)
ARRAYS: list[Example] = [
    ("indexing, slices, `reshape`, `T`, `@`", lambda x: (x[1:] @ x[:-1]) + (M @ x.reshape(3)).T[0], X),
    ("numpy.sum, mean, std, prod", lambda x: x.sum() + np.mean(x) + np.std(x) + np.prod(x), X),
    ("numpy.cumsum", lambda x: np.cumsum(x)[1], X),
    ("numpy.dot, outer, trace, einsum, vdot",
     lambda x: np.einsum("i,ij,j", x, M, x) + np.trace(np.outer(x, x)) + np.vdot(x, x), X),
    ("numpy.where, clip, sort, max, argmax",
     lambda x: np.where(x > 0.5, x, x**2).sum() + np.clip(x, 0, 1).max() + np.sort(x)[0], X),
    ("numpy.zeros and the like, filled in place", filled, X),
    ("numpy.concatenate, stack, diff",
     lambda x: np.diff(np.concatenate([x, np.stack([x, x]).mean(axis=0)])).sum(), X),
    ("numpy.add.reduce, maximum.accumulate", lambda x: np.logaddexp.reduce(x) + np.maximum.accumulate(x).sum(), X),
    ("numpy.linalg.norm, of a vector", lambda x: np.linalg.norm(x), X),
    ("numpy.linalg.det, slogdet", lambda x: np.linalg.det(M * x) + np.linalg.slogdet(M * np.exp(x))[1], X),
    ("numpy.linalg.inv, solve", lambda x: np.linalg.solve(M + x[0], x) @ np.linalg.inv(M) @ x, X),
    ("numpy.linalg.cholesky", lambda x: np.linalg.cholesky(M * np.exp(x[0]))[2, 2], X),
    ("numpy.linalg.norm, of order 1", lambda x: np.linalg.norm(x, 1), X),
    ("numpy.linalg.eigvalsh", lambda x: np.linalg.eigvalsh(M * x[0]).sum(), X),
    ("numpy.linalg.svd", lambda x: np.linalg.svd(M * x[0])[1].sum(), X),
    ("numpy.fft.fft", lambda x: np.fft.fft(x).real.sum(), X),
    ("numpy.interp", lambda x: np.interp(x[0], [0, 1], [0, 2]), X),
    ("numpy.polyval", lambda x: np.polyval([1.0, 2.0, 3.0], x[0]), X),
    ("numpy.cross, kron", lambda x: np.cross(x, M[0]).sum() + np.kron(x, x).sum(), X),
    ("numpy.trapezoid", lambda x: np.trapezoid(x), X),
    ("numpy.median", lambda x: np.median(x), X),
    ("numpy.random, with a seed of its own", lambda x: (np.random.default_rng(0).normal(size=3) * x).sum(), X),
    ("arrays of float32", lambda x: x.astype("float32").view("int32").sum() * x[0], X),
    ("memory handed to C, `tobytes`, `frombuffer`", lambda x: np.frombuffer(x.tobytes()).sum(), X),
]  # fmt: skip
SCIPY = named(special, "scipy.special.", "erf erfc erfcx expit log_expit logit gammaln gamma digamma ndtr entr "
              "exp10 cbrt j0 i0 zeta ellipk")  # fmt: skip
SCIPY += [
    ("scipy.special.xlogy", lambda x: special.xlogy(2.0, x), 0.4),
    ("scipy.special.logsumexp, softmax, log_softmax", lambda x: special.logsumexp(x) + special.softmax(x)[0], X),
    ("scipy.special.beta", lambda x: special.beta(x, 2.0), 0.4),
]


def why_not(function: Callable[[Any], Any], at: Any) -> str:
    """Why a function is not traced at a point; nothing where it is."""
    from gradcalc.judge.programs.forms import layout

    form, first = layout(at)
    judged = Subject(function, CheckQuestion("gradient", form, first))
    try:
        found = judged.trace(first)
    except UntraceableError as error:
        return str(error).partition(";")[0]
    value = gc.evaluate(found.formulas[0], found.at)
    assert math.isclose(value, judged.values(first)[0], rel_tol=1e-12, abs_tol=1e-12)
    return found.hidden


def page() -> str:
    """The page."""
    lines = [
        "# What is traced",
        "",
        "`check_gradient` and its kin run your function on numbers that write down what is done to them. What can be",
        "written down is a formula, and judged in balls; nothing of your program changes. What cannot is judged by",
        "difference quotients, to the digits these give, and the verdict says so.",
        "",
        "Made by `tests/test_traced_table.py`, which tries every line.",
    ]
    for title, examples in (
        ("Python", LANGUAGE), ("math", MATH), ("NumPy, by number", NUMPY), ("NumPy, arrays", ARRAYS), ("SciPy", SCIPY),
    ):  # fmt: skip
        known = [(name, why_not(function, at)) for name, function, at in examples]
        lines += ["", f"## {title}", "", *_traced(name for name, why in known if not why)]
        if any(why for _, why in known):
            lines += ["", "| not traced | why |", "|---|---|"]
            lines += [f"| {_code(name)} | {_said(why)} |" for name, why in known if why]
    return "\n".join([*lines, ""])


def _traced(names: Iterable[str]) -> list[str]:
    return textwrap.wrap(
        f"Traced: {'; '.join(map(_code, names))}.", 118, break_on_hyphens=False, break_long_words=False
    )


def _code(name: str) -> str:
    return name if "`" in name or " " in name else f"`{name}`"


def _said(why: str) -> str:
    """A reason, without what changes from one version of Python or NumPy to the next."""
    kind, _, rest = why.partition(": ")
    return "it runs in C" if rest and kind.endswith(("Error", "in C")) else why


def test_the_page_is_what_is_so() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
