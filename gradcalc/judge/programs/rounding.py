"""How far honest rounding can carry a gradient from the truth.

First-order error analysis: if every intermediate result `v` of an evaluation is rounded, the result moves by at most
the sum of `|d result/d v| |v|` units of roundoff. For a gradient the evaluation is the reverse pass itself, so that the
second derivatives come in by running reverse mode over reverse mode. All sums are balls, so nothing overflows.

What the analysis cannot know, because a gradient may be computed in another way, the gradient's numbers show: rounding
changes from one double to the next, and a fault does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gradcalc.certified.components import zero
from gradcalc.engine.lowering import Failure, Graph, Lowering, constant_value, leaves
from gradcalc.engine.scalars import BALL, NATIVE, precision
from gradcalc.engine.value import Value, data_of, over
from gradcalc.language.formula import Formula

ROUNDOFF = 2.0**-53  # of double precision
_BITS = 64
_FLAT = 2.0**-20  # a function whose relative slope is less is taken to be at its limit


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a result moves, in units of roundoff: when everything is rounded, when its constants alone are, and when
    a derivative is lost in the rounding of a function that is at its limit."""

    whole: float
    constants: float
    saturated: float = 0.0


NONE = Spread(0.0, 0.0)


def of_value(formula: Formula, at: Mapping[str, Any], constants: Sequence[str]) -> Spread | None:
    """The spread of a formula's value; None where there is no bound."""
    with precision(_BITS):
        values = _balls(formula, at)
        graph = Lowering(formula, BALL, tuple(values)).graph(values)
        if isinstance(graph.root, Failure):
            return None
        if not isinstance(graph.root, Value):
            return Spread(_float(abs(graph.root)), 0.0)
        graph.root.backward()
        return _spread(graph.root, graph, constants)


def of_gradient(
    formula: Formula, at: Mapping[str, Any], names: Sequence[str], constants: Sequence[str]
) -> dict[str, Spread] | None:
    """The spreads of the partial derivatives by `names`; None where there is no bound."""
    with precision(_BITS):
        inner = {name: Value(value, label=name) for name, value in _balls(formula, at).items()}
        graph = Lowering(formula, over(BALL), tuple(inner)).graph(inner)
        if isinstance(graph.root, Failure):
            return None
        if isinstance(graph.root, Value):
            graph.root.backward()
        found = {}
        for name in names:
            leaf = graph.leaves.get(name)
            partial = leaf.grad if isinstance(leaf, Value) else 0
            if not isinstance(partial, Value):
                found[name] = Spread(_float(abs(zero() + partial)), 0.0)
                continue
            partial.zero_grad()
            for value in inner.values():  # on some of which it may not depend
                value.grad = 0
            partial.backward()
            spread = _spread(partial, Graph(None, inner), constants)
            found[name] = Spread(spread.whole, spread.constants, _saturated(graph, name))
        return found


def _balls(formula: Formula, at: Mapping[str, Any]) -> dict[str, Any]:
    return {name: constant_value(value, BALL) for name, value in leaves(formula, at).items()}


def _float(ball: Any) -> float:
    return float(ball.abs_upper()) if ball.is_finite() else float("inf")


def _spread(root: Value, graph: Graph, constants: Sequence[str]) -> Spread:
    """The sum of `|grad| |data|` over everything below a root whose backward pass is done."""
    nodes, seen = [root], {root}
    whole = zero()
    for node in nodes:
        whole += abs(zero() + node.grad) * abs(node.data)
        fresh = [child for child in node.arguments if child not in seen]
        seen.update(fresh)
        nodes += dict.fromkeys(fresh)
    own = zero()
    for name in constants:
        leaf = graph.leaves.get(name)
        if isinstance(leaf, Value):
            own += abs(zero() + leaf.grad) * abs(leaf.data)
    return Spread(_float(whole), _float(own))


def _saturated(graph: Graph, name: str) -> float:
    """What is lost where a derivative is computed from a function's value, as `s*(1 - s)` for a sigmoid `s` is: where
    the function is flat, its value has rounding errors of its own size and its derivative is next to nothing."""
    lost, tangents = zero(), {graph.leaves[name]: BALL.number(Fraction(1))}
    x = abs(graph.leaves[name].data.data)
    if x.contains(0):
        return 0.0
    for node in graph.nodes.values():
        if not isinstance(node, Value) or node in tangents or not node.arguments:
            continue
        pairs = zip(node.arguments, node.partials, strict=True)
        moved = sum((data_of(d) * tangents[arg] for arg, d in pairs if arg in tangents), start=zero())
        tangents[node] = moved
        size = abs(node.data.data)
        if node._op not in _ADDITIVE and abs(moved) * x < _FLAT * size:
            lost += abs(zero() + data_of(node.grad)) * size
    return _float(lost)


_ADDITIVE = NATIVE - {"*", "/"}  # where a large term beside a small one is no sign of saturation


# ---- the jitter of a gradient's numbers

JITTERS = 8.0  # times the jitter, which is a mean, an honest number may be off
_STEPS = tuple(2.0**-k for k in (50, 34, 20, 11, 6))
_TINY = tuple(2.0**-k for k in (50, 44, 38))
_SMOOTH = 1e-2


def jitter(
    numbers: Sequence[float], error_at: Callable[[tuple[float, ...]], tuple[float, float]], enough: float
) -> float:
    """How far a number may be off for the errors beside it: how far these are from a smooth curve along a line through
    the point. No more than `enough`.

    The error of a wrong gradient is as smooth as the truth, but for the ends of the part where it is wrong; that of a
    right one is rounding. Steps over which the truth itself is not smooth tell nothing.

    Args:
        error_at: the error and the truth at a point.
    """
    found = 0.0
    for step in _STEPS:
        try:
            pairs = [error_at(point) for point in _line(numbers, step)]
        except (ArithmeticError, ValueError, TypeError):  # the gradient or the trace ends near by
            break
        errors, truths = [error for error, _ in pairs], [truth for _, truth in pairs]
        if not all(map(math.isfinite, errors)) or _ruggedness(truths) > _SMOOTH * abs(truths[8]):
            break
        found = max(found, JITTERS * _ruggedness(errors))
        if found >= enough:
            break
    return found


def jitter_alone(numbers: Sequence[float], number_at: Callable[[tuple[float, ...]], float]) -> float:
    """The same without a truth, from steps so small that no derivative worth a check bends over them."""
    found = 0.0
    for step in _TINY:
        try:
            near = [number_at(point) for point in _line(numbers, step)]
        except (ArithmeticError, ValueError, TypeError):
            break
        if all(map(math.isfinite, near)):
            found = max(found, JITTERS * _ruggedness(near))
    return found


def _line(numbers: Sequence[float], step: float) -> list[tuple[float, ...]]:
    return [tuple(x + (-1) ** i * k * step * (abs(x) or 1.0) for i, x in enumerate(numbers)) for k in range(-8, 9)]


def _ruggedness(values: Sequence[float]) -> float:
    """The standard deviation of noise with such third differences; their median, which a jump or two leave as it is."""
    row = list(values)
    for _ in range(3):
        row = [b - a for a, b in pairwise(row)]
    return sorted(map(abs, row))[len(row) // 2] / (0.6745 * math.sqrt(20))
