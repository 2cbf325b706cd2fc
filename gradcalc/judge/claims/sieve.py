"""Which broken rules can give a claim at all, told at one fault of it after the other: by the chain rule a claim is off
there by what the derivative of the broken node is off, times a number that is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Graph, Lowering
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.value import Value, data_of
from gradcalc.language.formula import Call, Formula, children, children_first
from gradcalc.language.identity import ByIdentity
from gradcalc.work import Work

from .derivation import ForwardRules
from .points import Place

_BITS = 128
_OF_CANDIDATE = 1.0  # units of work


class Sieve:
    """Tells formulas that may be a claim from others, at the first of its faults at which they have a value.

    Args:
        faults: the points at which the claim is not the derivative, and its values there, in balls.
        derivation: what many candidates are made of.
    """

    def __init__(self, faults: Sequence[tuple[Place, Any]], derivation: ForwardRules, work: Work):
        self._faults = [_Fault(place, claimed, derivation, work) for place, claimed in faults]
        self._work = work

    def passes(self, candidate: Formula, node: Call | None = None) -> bool:
        """Whether the claim may come of a formula, or of it in the place of the derivative of a node."""
        for fault in self._faults:
            if self._work.over():  # which whoever made the candidate is to see
                return True
            found = fault.passes(candidate, node)
            if found is not None:
                return found
        return False


class _Fault:
    def __init__(self, place: Place, claimed: Any, derivation: ForwardRules, work: Work):
        self._place, self._claimed, self._derivation, self._work = place, claimed, derivation, work
        self._made = ByIdentity[Formula, Any]()  # the values of nodes that many candidates have
        self._lowering = Lowering(derivation.root, BALL, (derivation.name,))

    @cached_property
    def _graph(self) -> Graph:
        with precision(_BITS):
            graph = self._lowering.graph(in_balls(self._place))
            if isinstance(graph.root, Value):
                graph.root.backward()
        self._values = {name: data_of(value) for name, value in graph.leaves.items()}
        self._made.update(zip(children_first(self._derivation.root), map(data_of, graph.nodes), strict=True))
        self._made.update(self._beyond(self._derivation.truth).items())
        return graph

    def passes(self, candidate: Formula, node: Call | None) -> bool | None:
        """The same here; None where the candidate has no value."""
        graph, value = self._graph, self._value(candidate)
        if isinstance(value, Failure):
            return None
        if node is None:
            return bool(value.overlaps(self._claimed))
        whole = graph.of(node)
        right, truth = map(self._value, (self._derivation.derivatives[node], self._derivation.truth))
        if isinstance(right, Failure) or isinstance(truth, Failure) or not isinstance(whole, Value):
            return True
        with precision(_BITS):  # the derivative of the whole by the node, times by what that of the node is off
            return bool((whole.grad * (value - right)).overlaps(self._claimed - truth))

    def _value(self, formula: Formula) -> Any:
        if formula in self._made:
            return self._made[formula]
        fresh = self._beyond(formula)
        self._work.spend(_OF_CANDIDATE + len(fresh) / 4)
        return fresh[formula]

    def _beyond(self, formula: Formula) -> ByIdentity[Formula, Any]:
        """The values of the nodes of a formula that were not made before."""
        found, made = ByIdentity[Formula, Any](), self._made
        with precision(_BITS):
            for node in children_first(formula, lambda node: () if node in made else children(node)):
                if node not in made:
                    args = [found[each] if each in found else made[each] for each in children(node)]
                    found[node] = self._lowering.one(node, args, self._values)
        return found
