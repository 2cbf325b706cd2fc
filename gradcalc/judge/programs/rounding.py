"""How far honest rounding can carry a gradient from the truth.

First-order error analysis: if every intermediate result `v` of an evaluation is rounded, the result moves by at most
the sum of `|d result/d v| |v|` units of roundoff. For a gradient the evaluation is the reverse pass itself, so that the
second derivatives come in by running reverse mode over reverse mode. A running error analysis gives a larger bound for
all components in one pass; the sum itself is worked out only for a component that lies between the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

from gradcalc.certified.components import zero
from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Graph, Lowering, leaves
from gradcalc.engine.scalars import BALL, NATIVE, precision, rising
from gradcalc.engine.value import Value, data_of, over
from gradcalc.language.formula import Call, Formula, Name, flattened
from gradcalc.language.identity import in_order
from gradcalc.language.kept import kept

_Names = frozenset[str] | None  # of the constants that are rounded; None where everything is

ROUNDOFF = 2.0**-53  # of double precision
ROUNDOFF_OF_SINGLE, ROUNDOFF_OF_HALF = 2.0**-24, 2.0**-11
ROUNDOFF_OF = {"float32": ROUNDOFF_OF_SINGLE, "float16": ROUNDOFF_OF_HALF, "bfloat16": 2.0**-8}
_BITS, _MOST_BITS = 64, 2048  # balls widen with each step of an iteration, however well that converges
FLAT = 2.0**-20  # a function whose relative slope is less is at its limit
_MOST_DEGREE = 32.0  # of what anybody multiplies out: that of a recursion may be doubled with every step
NEARLY_FLAT = 2.0**-3  # near enough for its derivative, made of its value, to lose digits


class Rounding:
    """Rounding errors in the gradient of one formula at one point; what is of the whole graph is found once."""

    def __init__(self, formula: Formula, at: Mapping[str, Any]):
        self.formula = formula
        self.at = at
        self._graphs = cache(self._made)
        self._running = cache(lambda names: _running_errors(self._partials(), names))

    @cached_property
    def _graph(self) -> Graph | None:
        """That of the fewest bits by which its comparisons can be told."""

        def attempt(bits: int, last: bool) -> tuple[Graph | None] | None:
            graph = self._graphs(bits)
            return None if graph is None and not last else (graph,)

        return rising(attempt, _BITS, _MOST_BITS)[0]

    def _made(self, bits: int) -> Graph | None:
        """The graph of the formula and of its reverse pass; None where comparisons are too close to tell."""
        with precision(bits):
            inner = {name: Value(value, label=name) for name, value in _balls(self.formula, self.at).items()}
            graph = Lowering(self.formula, over(BALL)).graph(inner)
            if isinstance(graph.root, Failure):
                return None
            if isinstance(graph.root, Value):
                graph.root.backward()
            return graph

    @staticmethod
    def _partial(graph: Graph | None, name: str) -> Any:
        """One partial derivative, which is a Value unless it is a constant; infinite where there is no graph."""
        leaf = None if graph is None else graph.leaves.get(name)
        return math.inf if graph is None else leaf.grad if isinstance(leaf, Value) else 0

    def bound(self, name: str) -> float:
        """At least the spread of one partial derivative, by the running error analysis."""
        partial = self._partial(self._graph, name)
        return self._running(None)[partial] if isinstance(partial, Value) else self.spread(name)

    def spread(self, name: str, names: _Names = None) -> float:
        """How far one partial derivative moves when everything is rounded, or these constants, in units of roundoff;
        may be infinite."""
        return _told(lambda bits: _spread(self._partial(self._graphs(bits), name), names))

    def _partials(self) -> list[Value]:
        leaves = {} if self._graph is None else self._graph.leaves
        grads = [leaf.grad for leaf in leaves.values() if isinstance(leaf, Value)]
        return [grad for grad in grads if isinstance(grad, Value)]

    def constants(self, name: str, names: frozenset[str], sharp: bool = False) -> float:
        """How far one partial derivative moves at most, in units of roundoff, when these constants are rounded."""
        partial = self._partial(self._graph, name) if names else None
        if not isinstance(partial, Value):
            return 0.0
        return self.spread(name, names) if sharp else self._running(names).get(partial, 0.0)

    def saturated(self, name: str, slope: float = FLAT) -> float:
        """The error where a derivative is computed from a function's value, as `s*(1 - s)` for a sigmoid `s` is.

        Where the function's relative slope is less than `slope`, its value has rounding errors of its own size and its
        derivative is next to nothing.
        """
        if self._graph is None or not isinstance(self._graph.leaves.get(name), Value):
            return 0.0
        return _told(lambda bits: _saturated(self._graphs(bits), name, slope))

    @cached_property
    def largest(self) -> float:
        """The size of the largest number on the way to the value; infinite where it could not be told."""

        def found(bits: int) -> Any:
            graph = self._graphs(bits)
            nodes = [] if graph is None else [node for node in graph.nodes if isinstance(node, Value)]
            return max((abs(zero() + data_of(node.data)) for node in nodes), key=_size, default=math.inf)

        return _told(found)

    def multiplied_out(self, name: str) -> float:
        """The spread of one partial derivative if every difference is taken as a sum."""
        return self._magnitudes.get(name, 0.0)

    @cached_property
    def _magnitudes(self) -> Mapping[str, float]:
        return {} if self._graph is None else _absolute(self.formula, self._graph)


def of_value(formula: Formula, at: Mapping[str, Any], names: _Names = None) -> float:
    """How far a formula's value moves, in units of roundoff, when everything is rounded, or these constants; infinite
    without a bound."""

    def whole(bits: int) -> Any:
        root = Lowering(formula, BALL).graph(_balls(formula, at)).root
        return math.inf if isinstance(root, Failure) else _spread(root, names)

    return _told(whole)


def of_constants(
    formulas: Sequence[Formula], together: Formula, at: Mapping[str, Any], names: frozenset[str]
) -> list[float]:
    """How far each of some formulas, which stand in `together`, moves at most when these constants are rounded."""
    with precision(_BITS):
        graph = Lowering(together, BALL).graph(_balls(together, at))
        made = [*map(graph.of, formulas)]
        errors = _running_errors([one for one in made if isinstance(one, Value)], names)
    return [errors[one] if isinstance(one, Value) else 0.0 for one in made]


def _balls(formula: Formula, at: Mapping[str, Any]) -> dict[str, Any]:
    return in_balls(leaves(formula, at))


def _float(ball: Any) -> float:
    return float(ball.abs_upper()) if ball.is_finite() else math.inf


def _size(x: Any) -> float:
    """How large a ball, or a number, is at most."""
    x = data_of(data_of(x))
    return abs(float(x)) if isinstance(x, int | float) else _float(x)


def _about(x: Any) -> float:
    """Where a ball is."""
    x = data_of(data_of(x))
    return float(x.mid()) if x.is_finite() else math.inf


def _told(whole: Callable[[int], Any]) -> float:
    """A size that is known as a ball at each precision, at the first one at which that is not wide."""

    def attempt(bits: int, last: bool) -> float | None:
        found = zero() + whole(bits)
        if last or (found.is_finite() and 2 * found.rad() <= found.mid()):
            return _float(found)
        return None

    return rising(attempt, _BITS, _MOST_BITS)


def _spread(root: Any, names: _Names) -> Any:
    """The sum of `|grad| |data|` over everything below a root, or what has these names, as a ball; of a constant, its
    size."""
    if not isinstance(root, Value):
        return abs(zero() + root)
    root.zero_grad()
    root.backward()
    below = (node for node in in_order(root, attrgetter("arguments")) if names is None or node.label in names)
    return sum((abs(zero() + node.grad) * abs(node.data) for node in below), start=zero())


def _running_errors(roots: Iterable[Value], names: _Names) -> dict[Value, float]:
    """A bound of the error of every node below the roots, in units of roundoff, where all is rounded, or what has these
    names."""
    errors: dict[Value, float] = {}
    for node in chain.from_iterable(in_order(r, lambda each: () if each in errors else each.arguments) for r in roots):
        if node not in errors:
            error = _size(node.data) if names is None or node.label in names else 0.0
            for child, partial in zip(node.arguments, node.partials, strict=True):
                if errors[child]:
                    error += _carried(partial, errors[child])
            errors[node] = math.inf if math.isnan(error) else error
    return errors


def _carried(partial: Any, error: float) -> float:
    """An error times the size of a partial derivative, which may be too large for a double where that is not."""
    size = _size(partial)
    return _float(abs(data_of(data_of(partial))) * error) if math.isinf(size) else size * error


def _saturated(graph: Graph | None, name: str, slope: float) -> Any:
    if graph is None:
        return math.inf
    one = BALL.number(Fraction(1))
    lost, tangents, fastest = zero(), {graph.leaves[name]: one}, {graph.leaves[name]: one}
    x = abs(graph.leaves[name].data.data)
    if x.contains(0):
        return 0.0
    for node in graph.nodes:
        if not isinstance(node, Value) or node in tangents or not node.arguments:
            continue
        pairs = [pair for pair in zip(node.arguments, node.partials, strict=True) if pair[0] in tangents]
        moved = sum((data_of(d) * tangents[arg] for arg, d in pairs), start=zero())
        inner = max((fastest[arg] for arg, _ in pairs), key=_size, default=one)
        tangents[node], fastest[node] = moved, max(inner, abs(moved), key=_size)
        size = abs(node.data.data)
        if node._op not in _ADDITIVE and abs(moved) * x < slope * size:
            lost += abs(zero() + data_of(node.grad)) * size * inner
    return lost


_ADDITIVE = NATIVE - {"*", "/"}  # where a large term beside a small one is no sign of saturation


def _absolute(formula: Formula, graph: Graph) -> dict[str, float]:
    """By variable, the gradient of the formula in which every difference is a sum and every term positive."""
    flat, made = kept(formula, flattened), graph.nodes
    has_size = [not isinstance(each, Failure | bool) for each in made]
    sizes, adjoints = [math.nan] * len(made), [0.0] * len(made)
    degrees = [1.0] * len(made)

    def operated(place: int) -> list[float]:
        node, below = flat.nodes[place], flat.below[place]
        run = _OPERATIONS.get(node.function.name) if isinstance(node, Call) else None
        if run is None:
            return []
        near = [_about(made[i]) for i in below]
        multiplied = degrees[place] <= _MOST_DEGREE
        return run([sizes[i] for i in below] if multiplied else [*map(abs, near)], near)

    def degree(place: int) -> float:
        node, below = flat.nodes[place], flat.below[place]
        name = node.function.name if isinstance(node, Call) else ""
        if name == "^":
            return max(1.0, degrees[below[0]] * abs(_about(made[below[1]])))
        inner = [degrees[i] for i in below if isinstance(made[i], Value)]
        return sum(inner) if name in ("*", "/") else max(inner, default=1.0) if name in NATIVE else 1.0

    def slopes(place: int) -> Iterator[tuple[int, float]]:
        """The places of the arguments of a call, each with the size of the partial derivative by it."""
        below = flat.below[place]
        taken = [i for i in below if made[i] is made[place]]
        if taken:  # of an `if`
            return iter([(taken[0], 1.0)])
        if found := operated(place):
            return zip(below, found[1:], strict=True)
        moving = [i for i in below if isinstance(made[i], Value)]
        return zip(moving, map(_size, getattr(made[place], "partials", ())), strict=False)

    for place in filter(has_size.__getitem__, range(len(made))):
        degrees[place] = degree(place)
        found = operated(place)
        sizes[place] = found[0] if found else _size(made[place])
    adjoints[-1] = 1.0
    of_names: dict[str, float] = {}
    for place in reversed(range(len(made))):
        adjoint, node = adjoints[place], flat.nodes[place]
        if adjoint and isinstance(node, Name):
            of_names[node.name] = of_names.get(node.name, 0.0) + adjoint
        elif adjoint and isinstance(node, Call):
            for i, slope in slopes(place):
                adjoints[i] += adjoint * slope
    return of_names


def _power(x: list[float], near: list[float]) -> list[float]:
    base, exponent = abs(near[0]), near[1]
    if exponent >= 1 and exponent.is_integer():  # only what is a product can be multiplied out
        base = x[0]
    value, slope = _raised(base, exponent), abs(exponent) * _raised(base, exponent - 1)
    return [value, slope, value * abs(math.log(abs(near[0]))) if near[0] else 0.0]


def _raised(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _quotient(x: list[float], near: list[float]) -> list[float]:
    above, below = abs(near[0]), abs(near[1]) or math.nan  # a quotient is no product either
    return [above / below, 1 / below, x[0] / below / below]


# of the sizes of the arguments and of about what they are: the size of the result, then of the partial derivatives
_OPERATIONS: Mapping[str, Callable[[list[float], list[float]], list[float]]] = {
    "+": lambda x, _: [x[0] + x[1], 1.0, 1.0],
    "-": lambda x, _: [x[0] + x[1], 1.0, 1.0],
    "neg": lambda x, _: [x[0], 1.0],
    "*": lambda x, _: [x[0] * x[1], x[1], x[0]],
    "/": _quotient,
    "^": _power,
}
