"""micrograd's demo with gradcalc: a network of two hidden layers learns to tell two half moons apart.

    pip install '.[pictures]' scikit-learn    in a checkout
    python examples/moons.py                  trains, draws moons.png, times micrograd's first steps if it is installed
    python examples/moons.py --beside 100     lets micrograd train all the way, too

The seeds, the data and the training are those of the notebook `demo.ipynb` of karpathy/micrograd, so that the losses
are the published ones: 0.8958441028683222 at step 0 and 0.010978370135492717 at step 99, with an accuracy of 100 %. The
last digits depend on the order in which a gradient's terms are added, which micrograd leaves to the order of a set.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import make_moons

import gradcalc
from gradcalc.nn import MLP, l2, max_margin, sgd

STEPS = 100
Points = list[list[float]]


def data_and_model(mlp: Callable[..., Any]) -> tuple[Points, list[int], Any]:
    """A hundred points, the moon each belongs to (1 or -1), and a fresh network, by micrograd's seeds."""
    np.random.seed(1337)
    random.seed(1337)
    points, moon = make_moons(n_samples=100, noise=0.1)
    return points.tolist(), (moon * 2 - 1).tolist(), mlp(2, [16, 16, 1])


def train(value: Callable[..., Any], mlp: Callable[..., Any], steps: int, report: Callable[..., None]) -> Any:
    """Train, and report after every step: its number, the loss before it, the accuracy and the seconds so far.

    `value` and `mlp` are gradcalc's or micrograd's.
    """
    points, moon, model = data_and_model(mlp)
    start = time.perf_counter()
    for step in range(steps):
        scores = [model([value(x) for x in point]) for point in points]
        loss = max_margin(scores, moon) + l2(model.parameters())
        accuracy = sum((score.data > 0) == (side > 0) for score, side in zip(scores, moon, strict=True)) / len(moon)
        model.zero_grad()
        loss.backward()
        sgd(model.parameters(), 1.0 - 0.9 * step / 100)
        report(step, loss.data, accuracy, time.perf_counter() - start)
    return model


class Progress:
    """A bar in a terminal, else a line for every tenth step. Keeps the losses and the times."""

    def __init__(self, name: str, steps: int):
        self.name, self.steps = name, steps
        self.losses: list[float] = []
        self.seconds: list[float] = []  # from the start to the end of each step

    def __call__(self, step: int, loss: float, accuracy: float, seconds: float) -> None:
        self.losses.append(loss)
        self.seconds.append(seconds)
        last = step == self.steps - 1
        text = f"step {step:>2}  loss {loss:.16g}  accuracy {accuracy:.0%}  {seconds:.1f} s"
        if sys.stdout.isatty():
            done = 30 * (step + 1) // self.steps
            print(
                f"\r{self.name}  [{'#' * done}{'-' * (30 - done)}]  {text}\033[K", end="\n" if last else "", flush=True
            )
        elif last or step % 10 == 0:
            print(f"{self.name}  {text}", flush=True)


def draw_boundary(model: Any, path: str) -> None:
    """The plane coloured by the network's score, the line where it is zero, and the points."""
    from matplotlib.figure import Figure

    points, moon, _ = data_and_model(MLP)
    x, y = np.array(points).T
    across, up = np.arange(x.min() - 0.5, x.max() + 0.5, 0.1), np.arange(y.min() - 0.5, y.max() + 0.5, 0.1)
    scores = np.array([[model([float(a), float(b)]).data for a in across] for b in up])
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    limit = int(np.ceil(np.abs(scores).max()))
    shades = axes.contourf(across, up, scores, levels=np.linspace(-limit, limit, 4 * limit + 1), cmap="RdBu", alpha=0.7)
    axes.contour(across, up, scores, levels=[0], colors="black", linewidths=1.5)
    axes.scatter(x, y, c=moon, cmap="RdBu", edgecolors="black", s=36)
    axes.set(title="Two moons: where the network's score changes sign", xlabel="x", ylabel="y", aspect="equal")
    figure.colorbar(shades, label="score", ticks=range(-limit, limit + 1, max(1, limit // 4)))
    figure.savefig(path, dpi=150)


def beside_micrograd(ours: Progress, steps: int) -> str:
    """The time micrograd takes for the first steps beside the time we took for them."""
    try:
        engine, nn = importlib.import_module("micrograd.engine"), importlib.import_module("micrograd.nn")
    except ModuleNotFoundError:
        return "micrograd is not installed: no time to compare with"
    theirs = Progress("micrograd", steps)
    train(engine.Value, nn.MLP, steps, theirs)
    mine, others = ours.seconds[steps - 1], theirs.seconds[-1]
    apart = max(abs(a - b) for a, b in zip(ours.losses, theirs.losses, strict=False))
    return (
        f"{steps} steps: micrograd {others:.1f} s, gradcalc {mine:.1f} s, {others / mine:.1f} times as fast; "
        f"the losses differ by {apart:.1e} at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Two moons, micrograd's demo, with gradcalc.")
    parser.add_argument("--steps", type=int, default=STEPS, help="how many to train (100)")
    parser.add_argument("--beside", type=int, default=3, metavar="N", help="how many of micrograd's steps to time (3)")
    parser.add_argument("-o", "--output", default="moons.png", help="where the picture goes (moons.png)")
    args = parser.parse_args()
    progress = Progress("gradcalc ", args.steps)
    model = train(gradcalc.Value, MLP, args.steps, progress)
    print(f"{args.steps} steps in {progress.seconds[-1]:.1f} s")
    draw_boundary(model, args.output)
    print(f"wrote {args.output}")
    if args.beside:
        print(beside_micrograd(progress, min(args.beside, args.steps)))


if __name__ == "__main__":
    main()
