"""How fast `Value` is beside micrograd: `python benchmarks/value_speed.py` prints one table.

Both run in one process, in turn, with the default garbage collector; the figures are ratios of the times of one round,
so that a machine that slows down slows both. Before each timed part the garbage of the other engine is collected.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import micrograd.engine

import gradcalc.engine.value

ROUNDS = 40


def readme_example(value: Any) -> tuple[float, float, float]:
    """The example of micrograd's README."""
    a, b = value(-4.0), value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g.data, a.grad, b.grad


class Perceptron:
    """MLP(2, [16, 16, 1]) as micrograd builds it: relu inside, linear last."""

    def __init__(self, value: Any, sizes: tuple[int, ...] = (2, 16, 16, 1)):
        draw = random.Random(1337)
        self.layers = [
            [([value(draw.uniform(-1, 1)) for _ in range(inputs)], value(0)) for _ in range(outputs)]
            for inputs, outputs in pairwise(sizes)
        ]

    def parameters(self) -> list[Any]:
        return [p for layer in self.layers for weights, bias in layer for p in [*weights, bias]]

    def __call__(self, x: list[Any]) -> Any:
        for depth, layer in enumerate(self.layers):
            x = [sum((w * xi for w, xi in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            if depth < len(self.layers) - 1:
                x = [v.relu() for v in x]
        return x[0]


def training_step(value: Any, model: Perceptron) -> float:
    """One step of max-margin training with L2 regularisation over 100 points, as in micrograd's demo."""
    draw = random.Random(1)
    points = [(draw.uniform(-1, 2), draw.uniform(-1, 1)) for _ in range(100)]
    scores = [model([value(x) for x in point]) for point in points]
    losses = [(1 + (-1 if i % 2 else 1) * score).relu() for i, score in enumerate(scores)]
    total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
    for p in model.parameters():
        p.grad = 0
    total.backward()
    for p in model.parameters():
        p.data -= 0.05 * p.grad
    return total.data


def seconds(run: Callable[[], object], times: int) -> float:
    gc.collect()
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any], times: int, rounds: int) -> None:
    mine, others = [], []
    for turn in range(rounds):
        pair = [(mine, ours), (others, theirs)]
        for record, run in pair if turn % 2 else reversed(pair):
            record.append(seconds(run, times))
    ratio = statistics.median(o / m for o, m in zip(others, mine, strict=True))
    print(
        f"{name:<34} {min(others) * 1e6:>12.1f} {min(mine) * 1e6:>12.1f} {min(others) / min(mine):>8.2f} {ratio:>8.2f}"
    )


def main() -> None:
    print(f"{'':<34} {'micrograd us':>12} {'gradcalc us':>12} {'best':>8} {'median':>8}")
    values = gradcalc.engine.value.Value, micrograd.engine.Value
    assert all(abs(a - b) < 1e-9 for a, b in zip(*map(readme_example, values), strict=True))
    compare("README example", *(lambda v=v: readme_example(v) for v in values), times=50, rounds=ROUNDS * 4)
    models = [Perceptron(v) for v in values]
    steps = [lambda v=v, m=m: training_step(v, m) for v, m in zip(values, models, strict=True)]
    assert abs(steps[0]() - steps[1]()) < 1e-9
    compare("training step, 100 points", *steps, times=1, rounds=ROUNDS // 2)


if __name__ == "__main__":
    main()
