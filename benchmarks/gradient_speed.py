"""How fast `grad` is on a parsed formula, beside a graph by hand: `python benchmarks/gradient_speed.py` prints it.

One formula of 33 operations and 8 names, written by hand with `Value` and given to `gradcalc.value_and_grad`
as a parsed formula. All take turns in one process; the figures are microseconds of a call, and ratios of the times of
one round: the median, the least and the greatest.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import gradcalc
from gradcalc.engine.value import Value

ROUNDS = 40
FORMULA = (
    "exp(-(a*x + b)^2/2)*sin(c*y - d) + log(1 + a^2 + y^2)/(1 + exp(-(p*x + q*y)))"
    " - tanh(b*x*y - c)*sqrt(d^2 + p^2 + 1) + cos(q*a)"
)
POINT = {"a": 0.7, "x": 1.2, "b": -0.4, "c": 1.1, "y": 0.3, "d": 0.25, "p": -1.3, "q": 0.9}


def by_hand() -> tuple[float, list[float]]:
    a, x, b, c, y, d, p, q = (Value(value) for value in POINT.values())
    out = (
        (-((a * x + b) ** 2) / 2).exp() * (c * y - d).sin()
        + (1 + a**2 + y**2).log() / (1 + (-(p * x + q * y)).exp())
        - (b * x * y - c).tanh() * (d**2 + p**2 + 1).sqrt()
        + (q * a).cos()
    )
    out.backward()
    return out.data, [leaf.grad for leaf in (a, x, b, c, y, d, p, q)]


def in_turn(calls: dict[str, Callable[[], object]], repeat: int) -> dict[str, list[float]]:
    """Seconds of a call, for each, round by round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            gc.collect()
            start = time.process_time()
            for _ in range(repeat):
                call()
            times[name].append((time.process_time() - start) / repeat)
    return times


def parsed() -> None:
    formula = gradcalc.parse(FORMULA)
    value, gradient = gradcalc.value_and_grad(formula, POINT)
    hand, partials = by_hand()
    assert abs(value - hand) < 1e-14
    assert all(abs(gradient[name] - partial) < 1e-13 for name, partial in zip(POINT, partials, strict=True))
    times = in_turn(
        {
            "Value by hand": by_hand,
            "value_and_grad": lambda: gradcalc.value_and_grad(formula, POINT),
            "grad": lambda: gradcalc.grad(formula, POINT),
            "evaluate": lambda: gradcalc.evaluate(formula, POINT),
            "parsed every time": lambda: gradcalc.grad(gradcalc.parse(FORMULA), POINT),
        },
        50,
    )
    hand_times = times["Value by hand"]
    print(f"{'33 operations, 8 names':24}{'us':>10}{'ratio':>10}{'min':>10}{'max':>10}")
    for name, each in times.items():
        ratios = [one / other for one, other in zip(each, hand_times, strict=True)]
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        print(f"{name:24}{statistics.median(each) * 1e6:10.1f}{middle:10.2f}{low:10.2f}{high:10.2f}")


if __name__ == "__main__":
    parsed()
