"""Numbers that an equation in one variable defines and no closed form names: each is the only root in a ball.

The argument. Let f have a derivative all over the ball X around m, and let N = m - f(m)/f'(X) be Newton's operator in
balls. If N lies inside X, f has exactly one root in X, and that is in N (Neumaier, "Interval Methods for Systems of
Equations", 1990, 5.1). Balls know nothing of a comparison, a floor or a domain that changes inside X: f has no value
there, and nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from gradcalc.engine.lowering import Lowering, as_constant, shown
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import BALL, FLOAT, exact_ball, precision
from gradcalc.engine.value import Value
from gradcalc.language.formula import Call, Formula, Function, brief, children_first
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass

_SIDE = (*(10.0**k for k in range(-8, -1)), *(k / 5 for k in range(1, 60)), *(3.0**k for k in range(3, 40)))
_GRID = (*(-x for x in reversed(_SIDE)), 0.0, *_SIDE)
_MOST_ROOTS = 8
_STEPS = 30  # of Newton's method
_FARTHEST = 1e100  # where a zero may be
_BITS = 192
_WIDTHS = (40, 20, 70)  # bits of the ball, of the size of the root, in which there is to be no other root
_MOST_NODES = 400


@dataclass(frozen=True, slots=True, eq=False)
class _Root:
    """The root of an equation that a ball has inside it, as a function that any row may have: of a number near it."""

    quantity: Formula
    name: str
    lowering: Lowering
    around: Any

    def __call__(self, near: Any) -> Any:
        if isinstance(near, float):
            with precision(_BITS):
                return float(self(self.around).mid())
        ball = self.around
        while True:
            found = _step(self.lowering, self.name, ball)
            closer = ball if found is None or not found.overlaps(ball) else found.intersection(ball)
            if not closer.rad() * 2 < ball.rad():
                return closer
            ball = closer


def isolated(equation: Call, name: str, others: Mapping[str, Formula]) -> Iterator[Formula]:
    """Constant formulas at which both sides of a comparison are equal, along one variable, where its root is the only
    one near: as far as Newton's method finds them."""
    quantity = expand(prepare(substitute(Call(TABLE["-"], equation.args), others)))
    if tree_size(quantity) > _MOST_NODES:
        return
    floats, balls = (Lowering(quantity, scalars, (name,)) for scalars in (FLOAT, BALL))
    label = f"root of {brief(equation.args[0])} = {brief(equation.args[1])} near "
    seen: list[Any] = []
    for start in _starts(Lowering(quantity, FLOAT, ()), name):
        if len(seen) >= _MOST_ROOTS:
            return
        x = newton(floats, {name: start}, name)
        ball = None if x is None else _around(balls, name, x)
        if ball is None or any(ball.overlaps(known) for known in seen):
            continue
        seen.append(ball)
        root = _Root(quantity, name, balls, ball)
        row = Function(name=label, symbol=label, notation="prefix", binding=0, value=root, ball=root)
        yield Call(row, (as_constant(shown(ball), name),))


def _starts(lowering: Lowering, name: str) -> list[float]:
    """Numbers between which a quantity changes its sign, or where it is least, those near 0 first."""
    heights = [(x, lowering.value({name: x})) for x in _GRID]
    known = [(x, height) for x, height in heights if height is not None and math.isfinite(height)]
    found = [(x * b - y * a) / (b - a) for (x, a), (y, b) in pairwise(known) if a * b <= 0 and a != b]
    least = sorted(known, key=lambda pair: abs(pair[1]))[:2]
    return [*sorted(found, key=abs), *(x for x, _ in least)]


def equations(constant: Formula) -> Iterator[Formula]:
    """The quantities that are 0 because a constant formula has roots of equations in it."""
    for node in children_first(constant):
        if isinstance(node, Call) and isinstance(node.function.value, _Root):
            root = node.function.value
            yield substitute(root.quantity, {root.name: node})


def newton(lowering: Lowering, values: Mapping[str, float], name: str) -> float | None:
    """A zero of a quantity along one variable in doubles, by Newton's method from a point; None if none is met."""
    x = float(values[name])
    for _ in range(_STEPS):
        graph = lowering.graph({**values, name: x})
        if not isinstance(graph.root, Value):
            return None
        graph.root.backward()
        height, slope = float(graph.root.data), float(graph.leaves[name].grad)
        if not (math.isfinite(height) and math.isfinite(slope)) or slope == 0:
            return None
        step = height / slope
        if not math.isfinite(step) or abs(x - step) > _FARTHEST:
            return None
        x -= step
        if abs(step) <= 1e-9 * max(1.0, abs(x)):
            return x
    return None


def _around(lowering: Lowering, name: str, x: float) -> Any:
    """A ball that is shown to have one root in it, near a number; None if none is."""
    with precision(_BITS):
        middle = exact_ball(x)
        for _ in range(3):
            closer = _step(lowering, name, middle)
            middle = middle if closer is None else closer.mid()
        size = abs(middle) if middle != 0 else exact_ball(1.0)
        for bits in _WIDTHS:
            ball = type(middle)(middle, (size * exact_ball(2.0) ** -bits).upper())
            found = _step(lowering, name, ball)
            if found is not None and ball.contains_interior(found):
                return found
    return None


def _step(lowering: Lowering, name: str, ball: Any) -> Any:
    """Newton's operator; None where the function has no value or slope all over a ball."""
    try:
        there, all_over = lowering.value({name: ball.mid()}), lowering.graph({name: ball})
        if there is None or not isinstance(all_over.root, Value):
            return None
        found = ball.mid() - there / all_over.gradient([name])[name]
    except (ArithmeticError, ValueError):
        return None
    return found if found.is_finite() else None
