"""The engine of `numeric` over balls, at rising precision, until the nearest doubles are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gradcalc.engine.lowering import Failure, Graph, Lowering, Point, shown
from gradcalc.engine.program import lacking
from gradcalc.engine.rationals import Known, rational_value
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.scalars import BALL, domain_message, rising
from gradcalc.engine.switches import Switches, domain_at
from gradcalc.engine.value import Value, data_of
from gradcalc.language.errors import LIMITS, FormulaError, UndefinedError
from gradcalc.language.formula import Call, Formula, brief, children_first, free_names

from .components import Certified, Component, all_rounded, settle, zero
from .kinks import Kink
from .posed import START_BITS, Posed, Singular, edges, is_finite, singular_calls


def certify(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None = None, bits: int = START_BITS, digits_of_ball: int = 0
) -> Certified:
    """Value and gradient from balls, correctly rounded.

    Args:
        bits: the first precision to try.
        digits_of_ball: keep on until the balls are known to so many bits (0: until the nearest double is known).

    Raises:
        UndefinedError: the formula has no real value here, or one larger than any double.
        UndecidedError: its value could not be told within `Limits.precision` bits.
    """
    prepared = prepare(formula)
    found = Certifier(prepared, at, wrt).run(bits, digits_of_ball)
    if found.value.status == "overflow":
        raise UndefinedError(f"the value is {found.value.message}", prepared.span)
    return found


def in_doubles(error: FormulaError, formula: Formula, at: Point) -> FormulaError:
    """The error of a formula in doubles, which is said to be of doubles alone where balls know a value: of
    `log(x^2)` at x=1e-200."""
    try:
        value = certify(formula, at, ()).value
    except FormulaError:
        return error
    tiny = value.number == 0 and value.status == "certified" and value.ball is not None
    number = shown(value.ball if tiny else value.number)
    help = f"the value is {number}, which balls find: gradcalc.certify, or without --numeric at the shell"
    return type(error)(f"in doubles, {error.message}", error.diagnostic.span, help)


class Certifier(Posed):
    """Computes one prepared formula at one point in balls."""

    def run(self, bits: int = START_BITS, digits_of_ball: int = 0) -> Certified:
        """Value and gradient, as `certify` gives them, but with the status `overflow` where they are beyond doubles."""
        start = max(bits, START_BITS)

        def attempt(bits: int, last: bool) -> Certified | None:
            if (flat := self.by_tape(bits)) is not None:
                found = [flat[0], *flat[1]]
                if not digits_of_ball and (nearest := all_rounded(found)):
                    return Certified(nearest[0], dict(zip(self.wrt, nearest[1:], strict=True)), bits)
                return self._settled(found, bits, last, digits_of_ball)
            return self._by_graph(bits, last, digits_of_ball, None if bits <= start else self.exact)

        return rising(attempt, start, LIMITS.precision)

    def _by_graph(self, bits: int, last: bool, digits: int, exact: Known | None) -> Certified | None:
        graph = self.lowering.graph(self.balls(), Switches(self.intern, {}), exact)
        if isinstance(graph.root, Failure):
            if graph.root.switch is not None and (graph.root.certain or last):
                return self._study
            if last or isinstance(graph.root.error, UndefinedError):
                raise self._outside(graph) or graph.root.error
            return None
        found = self.read(graph, last, digits)
        return None if found is None else Certified(found[0], found[1], bits)

    def _outside(self, graph: Graph) -> UndefinedError | None:
        """The error at a call whose argument balls leave on the edge of the domain, where algebra puts it outside; or
        of a row whose definition failed, in the words of its domain."""
        assert isinstance(graph.root, Failure)
        if isinstance(graph.root.error, UndefinedError):
            whole = Lowering(self.formula, BALL, ()).graph(self.balls()).root
            return whole.error if isinstance(whole, Failure) and isinstance(whole.error, UndefinedError) else None
        failed = (node for node in children_first(self.expanded) if graph.of(node) is graph.root)
        node = next(failed, None)
        if not isinstance(node, Call) or not node.function.domain:
            return None
        domain = domain_at(node)
        if self.decided(domain).get(domain) is not False:
            return None
        row, given = node.function, tuple(data_of(graph.of(arg)) for arg in node.args)
        return UndefinedError(domain_message(row, given, shown), graph.root.error.diagnostic.span)

    def _settled(self, balls: list[Any], bits: int, last: bool, digits: int) -> Certified | None:
        """The components of what a tape computed, value and gradient, or None where more precision is needed."""
        found = list[Component]()
        for name, ball in zip(("", *self.wrt), balls, strict=True):
            component = self._exactly_zero(ball, name) or settle(ball, last, digits)
            if component is None:
                return None
            found.append(component)
        self.check_value(found[0])
        return Certified(found[0], dict(zip(self.wrt, found[1:], strict=True)), bits)

    def _exactly_zero(self, ball: Any, name: str = "") -> Component | None:
        """The 0 that the value, or the derivative by a name, is in rational numbers or by algebra; else None."""
        if not ball.contains(0):
            return None
        if name not in self._exact_zeros:
            few = not name or len(self.program) <= _FEW
            formula = our_derivative(self.formula, name) if name and few else self.formula
            self._exact_zeros[name] = few and (rational_value(formula, self.at) == 0 or self.vanishes(formula))
        return Component(0.0, "certified", "", zero()) if self._exact_zeros[name] else None

    @cached_property
    def _exact_zeros(self) -> dict[str, bool]:
        return {}

    def read(self, graph: Graph, last: bool, digits: int = 0) -> tuple[Component, dict[str, Component]] | None:
        """The components of a graph, or None where more precision is needed and there is more."""
        root = graph.root
        value = self._exactly_zero(data_of(root)) or settle(data_of(root), last, digits)
        if value is None:
            return None
        gradient: dict[str, Component] = {}
        grads = graph.gradient(self.wrt)
        singular = [] if all(grad.is_finite() for grad in grads.values()) else singular_calls(self.expanded, graph)
        on_edge = edges(self.expanded, graph) if self.wrt else []
        for name, grad in grads.items():
            if grad.is_finite():
                component = settle(grad, last, digits)
                if component is not None and on_edge:
                    component = self._study.gradient[name]
            else:
                component = self._singular(graph, name, singular, last)
            if component is None:
                return None
            gradient[name] = component
        self.check_value(value)
        return value, gradient

    @cached_property
    def _study(self) -> Certified:
        return Kink(self).study()

    def _singular(self, graph: Graph, name: str, singular: list[Singular], last: bool) -> Component | None:
        """The component of `name` where the chain rule gives nothing finite, as the study of both sides finds it. Else
        that there is no derivative is claimed only where one node alone is to blame, its argument is exact and moves
        with the variable, and the result moves with it."""
        without = lacking(self.program, name)
        if without:
            return Component(math.nan, "undecided", without)
        exact = all(arg.data.is_exact() for _, made, _ in singular for arg in made.arguments)
        if not exact and not last:
            return None
        studied = self._study.gradient[name]
        if studied.left is not None or studied.right is not None:
            return studied
        where = ""
        for formula, made, adjoint in singular:
            for argument, partial in zip(made.arguments, made.partials, strict=True):
                if is_finite(partial):
                    continue
                inner = self._inner(argument, graph, name)
                if inner.is_finite() and inner.is_zero():
                    continue
                if not where:
                    where = f"{formula.function.spelling} has no finite derivative at {self._where(formula, graph)}"
                moves = inner.is_finite() and not inner.contains(0) and adjoint.is_finite() and not adjoint.contains(0)
                if exact and len(singular) == 1 and moves:
                    return Component(math.nan, "not-differentiable", where)
        if studied.status != "undecided":
            return studied
        why = f"{where}, so the chain rule does not apply" if where and exact else "the derivative could not be bounded"
        return Component(math.nan, "undecided", why)

    def _inner(self, argument: Value, graph: Graph, name: str) -> Any:
        """The derivative of one node by a variable."""
        for leaf in graph.leaves.values():
            if isinstance(leaf, Value):
                leaf.grad = 0
        argument.backward()
        return zero() + graph.leaves[name].grad

    def _where(self, node: Call, graph: Graph) -> str:
        parts = []
        for arg in node.args:
            made = graph.of(arg)
            x = data_of(made)
            parts.append(f"{brief(arg, 30)} = {shown(x)}" if free_names(arg) else "")
        return ", ".join(part for part in dict.fromkeys(parts) if part)


_FEW = 500
