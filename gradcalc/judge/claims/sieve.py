"""Which broken rules can give a claim at all, told at one fault of it after the other: by the chain rule a claim is off
there by what the derivative of the broken node is off, times a number that is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice
from typing import Any, Concatenate, ParamSpec

from gradcalc.certified.components import zero
from gradcalc.certified.posed import in_balls
from gradcalc.engine.formulas import FORMULA
from gradcalc.engine.lowering import Failure, Graph, Lowering
from gradcalc.engine.scalars import BALL, FLOAT, precision
from gradcalc.engine.value import Value, data_of
from gradcalc.language.formula import Call, Formula, Name, body_of, children, children_first
from gradcalc.language.functions import Function
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import functions_in, kept
from gradcalc.work import Work

from .derivation import ForwardRules
from .points import AnyPlace

_BITS = 128
_OF_CANDIDATE, _OF_MENDED, _OF_TEXT = 0.5, 2.0, 0.1  # units of work
_ABOUT = 1e-6  # relative
_ENOUGH = 3  # faults
_U = Name("u")


class WorkDone(Exception):
    """The work that a search may take was done, before a question could be answered."""


@cache
def _compiled(text: str, letters: tuple[str, ...]) -> Callable[..., Any]:
    return BALL.compile(text, letters)


class _Fault:
    """A fault of a claim, asked what the claim may be; an answer is None where a formula has no value here."""

    def __init__(self, place: AnyPlace, claimed: Any, derivation: ForwardRules, work: Work):
        self._place, self._claimed, self._derivation, self._work = place, claimed, derivation, work
        self._made: ByIdentity[Formula, Any] = ByIdentity()  # the values of nodes that many candidates have
        self._known: ByIdentity[Call, tuple[Any, Any, Any] | None] = ByIdentity()
        self._lowering = Lowering(derivation.root, BALL)

    @cached_property
    def _graph(self) -> Graph:
        with precision(_BITS):
            graph = self._lowering.graph(in_balls(self._place))
            if isinstance(graph.root, Value):
                graph.root.backward()
        self._values = {name: data_of(value) for name, value in graph.leaves.items()}
        self._made.update(zip(children_first(self._derivation.root), map(data_of, graph.nodes), strict=True))
        self._make(self._derivation.truth)
        return graph

    def is_claimed(self, candidate: Formula) -> bool | None:
        """Whether a candidate may be the claim."""
        value = self.value(candidate)
        return None if value is None else bool(value.overlaps(self._claimed))

    def is_by(self, name: str, added: bool = False) -> bool | None:
        """Whether the claim may be the derivative by another name, or have that added."""
        truth, leaf = self.value(self._derivation.truth), self._graph.leaves.get(name)
        if truth is None or not isinstance(leaf, Value):
            return None
        with precision(_BITS):
            return bool((leaf.grad + truth if added else zero() + leaf.grad).overlaps(self._claimed))

    def is_slope(self, formula: Formula, of: Formula | None = None) -> bool:
        """Whether the derivative of a formula, which is not made, may be the claim, or another one."""
        rows = kept(formula, functions_in)
        if not all(row.smooth or row.condition or not row.definition for row in rows):  # balls tell no side of a kink
            return True
        wanted = self._claimed if of is None else self.value(of)
        with precision(_BITS):
            graph = Lowering(formula, BALL, (self._derivation.name,)).graph(in_balls(self._place))
            if wanted is None or not isinstance(graph.root, Value):
                return True
            graph.root.backward()
            self._work.spend(len(graph.nodes) / 2)
            return bool((zero() + graph.leaves[self._derivation.name].grad).overlaps(wanted))

    def adds(self, node: Call, partial: Formula) -> bool:
        """Whether the claim may be what comes by a node that does not vary, or the derivative and that, where `partial`
        is the derivative of the node."""
        whole, made, truth = self._graph.of(node), self.value(partial), self.value(self._derivation.truth)
        if made is None or truth is None or not isinstance(whole, Value):
            return True
        with precision(_BITS):
            by_node = whole.grad * made
            return bool(by_node.overlaps(self._claimed) or (by_node + truth).overlaps(self._claimed))

    def comes_of(self, instead: ByIdentity[Call, Formula]) -> bool | None:
        """Whether the claim may come of formulas in the place of the derivatives of nodes."""
        derivation, slopes, one = self._derivation, ByIdentity[Formula, Any](), BALL.number(Fraction(1))
        with precision(_BITS):
            for node in derivation.nodes:
                if node in instead:
                    slope = self.value(instead[node])
                else:
                    slope = zero()
                    for term in derivation.terms[node]:
                        argument, local = body_of(term.argument), self.value(term.local)
                        inner = one if isinstance(argument, Name) else slopes.get(argument)
                        if inner is None:  # the derivative of a choice, which is no rule's
                            return True
                        if local is None:
                            return None
                        slope += local * inner
                if slope is None:
                    return None
                slopes[node] = slope
            whole = slopes.get(body_of(derivation.root))
            return True if whole is None else bool(whole.overlaps(self._claimed))

    def mends(self, claim: Formula) -> bool:
        """Whether what the claim was changed to may be the derivative."""
        self._work.spend(_OF_MENDED)
        value, truth = self.value(claim), self.value(self._derivation.truth)
        return value is None or truth is None or bool(value.overlaps(truth))

    def fits(self, node: Call, text: str, meant: Mapping[str, Formula]) -> bool | None:
        """Whether the claim may come of a text, whose letters mean formulas, in the place of the derivative of a
        node."""
        values = [*map(self.value, meant.values())]
        self._work.spend(_OF_TEXT)
        if any(value is None for value in values):
            return None
        if node not in self._known:
            self._known[node] = self._about(node)
        if (known := self._known[node]) is None:
            return True
        slope, right, off = known
        with precision(_BITS):
            try:
                made = _compiled(text, tuple(meant))(*values)
            except (ArithmeticError, ValueError):
                return None
            # the derivative of the whole by the node, times by what that of the node is off
            return bool((slope * (made - right)).overlaps(off)) if made.is_finite() else None

    def _about(self, node: Call) -> tuple[Any, Any, Any] | None:
        """The derivative of the whole by a node, that of the node, and by how much the claim is off."""
        whole = self._graph.of(node)
        right, truth = map(self.value, (self._derivation.derivatives[node], self._derivation.truth))
        if right is None or truth is None or not isinstance(whole, Value):
            return None
        with precision(_BITS):
            return whole.grad, right, self._claimed - truth

    def wanted(self, node: Call) -> Any:
        """By how much the derivative of a node is off where it gives the claim; None where that is not to be told."""
        whole, truth = self._graph.of(node), self.value(self._derivation.truth)
        if truth is None or not isinstance(whole, Value):
            return None
        with precision(_BITS):
            off = (self._claimed - truth) / whole.grad
        return off if off.is_finite() else None

    def value(self, formula: Formula) -> Any:
        """The value of a formula, None where it has none."""
        assert self._graph
        found = self._made.get(formula)
        if found is None:
            before = len(self._made)
            self._make(formula)
            self._work.spend(_OF_CANDIDATE + (len(self._made) - before) / 4)
            found = self._made[formula]
        return None if isinstance(found, Failure) else found

    def _make(self, formula: Formula) -> None:
        """Make the values of the nodes of a formula that were not made before."""
        made = self._made
        with precision(_BITS):
            for node in children_first(formula, lambda node: () if node in made else children(node)):
                if node not in made:
                    made[node] = self._lowering.one(node, [made[each] for each in children(node)], self._values)


_P = ParamSpec("_P")


def _asked(question: Callable[Concatenate[_Fault, _P], bool | None]) -> Callable[Concatenate[Sieve, _P], bool]:
    """A question about a fault as one of a sieve: the answer at the first of its faults that has one."""

    def told(sieve: Sieve, /, *args: _P.args, **more: _P.kwargs) -> bool:
        for fault in sieve.faults():
            sieve.go_on()
            if (found := question(fault, *args, **more)) is not None:
                return found
        return False

    return told


class Sieve:
    """Tells formulas that may be a claim from others, at the first of its faults at which they have a value; with no
    work left, every question raises `WorkDone`.

    Args:
        faults: the points at which the claim is not the derivative, and its values there, in balls; they are asked for
            one by one.
        claim: the claim itself, of table rows.
        derivation: what many candidates are made of.
    """

    def __init__(self, faults: Iterator[tuple[AnyPlace, Any]], claim: Formula, derivation: ForwardRules, work: Work):
        self.derivation, self._work = derivation, work
        self._calls = {row for row in kept(claim, functions_in) if not row.symbol}
        self._ahead = (_Fault(place, claimed, derivation, work) for place, claimed in islice(faults, _ENOUGH))
        self._seen: list[_Fault] = []

    def faults(self) -> Iterator[_Fault]:
        """The faults, those that were asked before first."""
        yield from self._seen
        for fault in self._ahead:
            self._seen.append(fault)
            yield fault

    passes = _asked(_Fault.is_claimed)
    fits, is_by, is_slope = _asked(_Fault.fits), _asked(_Fault.is_by), _asked(_Fault.is_slope)
    adds, comes_of, mends = _asked(_Fault.adds), _asked(_Fault.comes_of), _asked(_Fault.mends)

    def go_on(self) -> None:
        """Raise `WorkDone` where no work is left."""
        if self._work.over():
            raise WorkDone

    def scales(self, node: Call, part: Formula) -> bool:
        """Whether the claim may come of a number times a part of the derivative of a node, the same at all faults."""
        seen: list[Any] = []
        for fault in self.faults():
            self.go_on()
            off, value = fault.wanted(node), fault.value(part)
            if off is None or value is None or value.contains(0):
                continue
            with precision(_BITS):
                seen.append(off / value)
            if not seen[0].overlaps(seen[-1]):
                return False
        return bool(seen)

    def wanted(self, node: Call, u: Formula, du: Formula) -> Callable[[Function], bool]:
        """Whether a function's derivative at u, times du, can have been taken for that of a node: the claim calls the
        functions that it is written with, and in double arithmetic it is about what must stand there to give the claim
        at its first fault: all functions in balls are much work."""
        fault = next(self.faults(), None)
        off = None if fault is None else fault.wanted(node)
        values = [] if fault is None else [fault.value(part) for part in (u, du, self.derivation.derivatives[node])]
        if off is None or any(value is None for value in values):
            return self._is_written
        x, dx, right = map(float, values)
        must = right + float(off)

        def near(row: Function) -> bool:
            try:
                found = math.isclose(FLOAT.taught(row, 0)(x, FLOAT.function(row)(x)) * dx, must, rel_tol=_ABOUT)
            except (ArithmeticError, ValueError):
                return False
            return found and self._is_written(row)

        return near

    def _is_written(self, row: Function) -> bool:
        """Whether the claim calls all that the derivative of a function is written with, or something akin to it: what
        its domain is told by, as sin for cot, or what has it in its own derivative, as csc."""
        if _in_derivative(row) <= self._calls:
            return True
        akin = functions_in(FORMULA.domain(row)(_U)) if row.domain else []
        return not self._calls.isdisjoint(akin) or any(row in _in_derivative(called) for called in self._calls)


@cache
def _in_derivative(row: Function) -> frozenset[Function]:
    """The functions that the derivative of a function is written with; none where it has several arguments."""
    if len(row.params) != 1 or not row.partials:
        return frozenset()
    return frozenset(
        called for called in functions_in(FORMULA.taught(row, 0)(_U, Call(row, (_U,)))) if not called.symbol
    )
