"""How far honest rounding can carry a gradient from the truth.

First-order error analysis: if every intermediate result `v` of an evaluation is rounded, the result moves by at most
the sum of `|d result/d v| |v|` units of roundoff. For a gradient the evaluation is the reverse pass itself, so that the
second derivatives come in by running reverse mode over reverse mode. All sums are balls, so nothing overflows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcalc.formula import Formula
from gradcalc.numeric import Failure, Graph, Lowering, constant_value, leaves
from gradcalc.scalars import BALL, NATIVE, precision
from gradcalc.value import Value, over

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
                found[name] = Spread(_float(abs(_zero() + partial)), 0.0)
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


def _zero() -> Any:
    return BALL.number(Fraction(0))


def _float(ball: Any) -> float:
    return float(ball.abs_upper()) if ball.is_finite() else float("inf")


def _spread(root: Value, graph: Graph, constants: Sequence[str]) -> Spread:
    """The sum of `|grad| |data|` over everything below a root whose backward pass is done."""
    nodes, seen = [root], {root}
    whole = _zero()
    for node in nodes:
        whole += abs(_zero() + node.grad) * abs(node.data)
        fresh = [child for child in node.arguments if child not in seen]
        seen.update(fresh)
        nodes += dict.fromkeys(fresh)
    own = _zero()
    for name in constants:
        leaf = graph.leaves.get(name)
        if isinstance(leaf, Value):
            own += abs(_zero() + leaf.grad) * abs(leaf.data)
    return Spread(_float(whole), _float(own))


def _saturated(graph: Graph, name: str) -> float:
    """What is lost where a derivative is computed from a function's value, as `s*(1 - s)` for a sigmoid `s` is: where
    the function is flat, its value has rounding errors of its own size and its derivative is next to nothing."""
    lost, tangents = _zero(), {graph.leaves[name]: BALL.number(Fraction(1))}
    x = abs(graph.leaves[name].data.data)
    if x.contains(0):
        return 0.0
    for node in graph.nodes.values():
        if not isinstance(node, Value) or node in tangents or not node.arguments:
            continue
        pairs = zip(node.arguments, node.partials, strict=True)
        moved = sum((_plain(d) * tangents[arg] for arg, d in pairs if arg in tangents), start=_zero())
        tangents[node] = moved
        size = abs(node.data.data)
        if node._op not in _ADDITIVE and abs(moved) * x < _FLAT * size:
            lost += abs(_zero() + _plain(node.grad)) * size
    return _float(lost)


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


_ADDITIVE = NATIVE - {"*", "/"}  # where a large term beside a small one is no sign of saturation
