"""Gradient descent on the values of a session."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from gradcalc.engine.rewrite import prepare
from gradcalc.gradients import evaluate, value_and_grad
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.literals import in_digits
from gradcalc.record import dataclass, field
from gradcalc.work import OUT_OF_TIME

from .console import Console, Progress, Texts
from .options import names, without_options

_BLOCKS, _PLAIN_BLOCKS = "▁▂▃▄▅▆▇█", "_.-=+*%#"
_WIDTH = 40
_OPTIONS = {"lr": "RATE", "steps": "N", "wrt": "NAMES"}
_EVERY = 0.1  # seconds between two lines of progress


def descend(console: Console, argument: str) -> Texts:
    """Walk down the gradient, and keep the values of the lowest step also when stopped."""
    formula, given = without_options("descend", argument, _OPTIONS, strict=True)
    rate, most = _wanted(given)
    question = console.session.question(formula or "ans")
    if question.missing:
        start = f"descent needs a start: {'; '.join(f'{name} = 1' for name in question.missing[:4])}"
        raise FormulaError(f"no value for {', '.join(question.missing)}", question.formula.span, start)
    at = {name: evaluate(question.values[name]) for name in question.free}
    prepared = prepare(question.formula)
    _, gradient = value_and_grad(prepared, at)
    wrt = names(given.get("wrt", ""))
    for name in wrt:
        if name not in gradient:
            raise FormulaError(f"{name} is no variable of the formula", help=f"its variables are {', '.join(gradient)}")
    walk = _Walk(prepared, at, wrt or tuple(gradient), rate)
    yield from _walked(walk, most)
    steps = len(walk.losses) - 1
    ends = f"loss {in_digits(walk.losses[0], 6)} -> {in_digits(walk.lowest, 6)}"
    yield console.line(f"{ends} in {steps} step{'s' * (steps != 1)}{walk.why}")
    curve = picture(walk.losses, console.ascii)
    if len(walk.losses) > 1:
        yield f"{curve}\n"
    if walk.best_step == 0:
        yield console.line("no step was better than the start, so nothing has changed; try a smaller --lr")
        return
    if walk.best_step < len(walk.losses) - 1:
        yield f"kept the values of step {walk.best_step}\n"
    yield from console.respond("; ".join(f"{name} = {repr(walk.best[name]).removesuffix('.0')}" for name in walk.names))


@dataclass(slots=True)
class _Walk:
    formula: Formula
    at: dict[str, float]
    names: Sequence[str]
    rate: float
    losses: list[float] = field(default_factory=list)
    best: dict[str, float] = field(default_factory=dict)
    best_step: int = 0
    why: str = ""  # it ended early

    @property
    def lowest(self) -> float:
        return self.losses[self.best_step]

    def look(self) -> dict[str, float]:
        """Note the loss where we stand, and give the gradient there."""
        loss, gradient = value_and_grad(self.formula, self.at, self.names)
        self.losses.append(loss)
        if loss < self.lowest or len(self.losses) == 1:
            self.best, self.best_step = dict(self.at), len(self.losses) - 1
        return gradient


def _walked(walk: _Walk, steps: int) -> Texts:
    """Take the steps. A step that has no value, or Ctrl-C, ends the walk where it is."""
    shown = time.monotonic()
    gradient = walk.look()
    try:
        for step in range(1, steps + 1):
            new = {name: walk.at[name] - walk.rate * gradient[name] for name in walk.names}
            if all(value == walk.at[name] for name, value in new.items()):
                walk.why = ", where a step changes nothing any more"
                return
            walk.at.update(new)
            gradient = walk.look()
            if time.monotonic() - shown > _EVERY:
                shown = time.monotonic()
                yield Progress(f"step {step} of {steps}   loss {in_digits(walk.losses[-1], 6)}   Ctrl-C keeps the best")
    except KeyboardInterrupt:
        walk.why = ", stopped"
    except OutOfTime:
        walk.why = f", {OUT_OF_TIME}"
    except FormulaError as error:
        walk.why = f", where the next has no value: {error.message}"


def _wanted(given: Mapping[str, str]) -> tuple[float, int]:
    """The rate, and the number of steps."""
    try:
        rate, steps = float(given.get("lr", 0.01)), int(given.get("steps", 100))
    except ValueError:
        rate, steps = 0.0, 0
    if not 0 < rate < float("inf") or steps < 1:
        raise FormulaError(
            "--lr needs a number above 0, --steps a whole number above 0", help="as in --lr 0.1 --steps 50"
        )
    return rate, steps


def picture(losses: Sequence[float], ascii: bool) -> str:
    """The losses as a line of blocks, from the lowest to the highest; by their logarithms where they span much."""
    blocks = _PLAIN_BLOCKS if ascii else _BLOCKS
    count = min(_WIDTH, len(losses))
    sampled = [losses[i * (len(losses) - 1) // max(1, count - 1)] for i in range(count)]
    if min(sampled) > 0 and max(sampled) > 100 * min(sampled):
        sampled = [math.log(loss) for loss in sampled]
    low, high = min(sampled), max(sampled)
    span = (high - low) or 1.0
    return "".join(blocks[min(len(blocks) - 1, int((loss - low) / span * len(blocks)))] for loss in sampled)
