"""The study of a point where smooth pieces meet, or where the formula ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, reduce
from itertools import combinations, pairwise
from typing import Any

from gradcalc.engine.domains import told, unknown_on_kinks
from gradcalc.engine.lowering import Failure, Graph, Lowering, Switch, shown
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import our_derivative
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import Switches
from gradcalc.engine.value import data_of
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, UndecidedError, UndefinedError
from gradcalc.language.formula import Call, Formula, free_names, rebuilt, with_arguments
from gradcalc.language.kept import kept
from gradcalc.language.literals import place_text
from gradcalc.record import dataclass, replace

from .along import is_settled, of_orders
from .components import Certified, Component, apart, same, settle, zero
from .first_order import first_order
from .onesided import along, beside, beside_point
from .posed import Edge, Posed, edges
from .series import Outside
from .sides import Side, derivative_name, joined_at
from .terms import Coefficient, as_ball


@dataclass(frozen=True, slots=True)
class _Piece:
    """Value and gradient of a smooth piece. One that holds only where some differences are 0 has their gradients."""

    value: Any
    gradient: dict[str, Any]
    normals: list[dict[str, Any]]
    edges: Sequence[Edge]
    graph: Graph

    def beside(self, other: _Piece) -> _Piece:
        """On the surface where some differences are 0, multiples of their gradients make no change to first order: the
        piece with the other's gradient, if these are all that the two differ by."""
        if not self.normals:
            return self
        normals, names = [dict(normal) for normal in self.normals], [*other.gradient]
        rest = {name: self.gradient[name] - other.gradient[name] for name in names}
        while normals:
            normal = normals.pop()
            pivot = next((name for name in names if apart(normal[name], zero())), None)
            if pivot is not None:
                for row in (rest, *normals):
                    ratio = row[pivot] / normal[pivot]
                    row.update({name: zero() if name == pivot else row[name] - ratio * normal[name] for name in names})
        if not all(same(rest[name], zero()) for name in names):
            return self
        return replace(self, gradient=other.gradient, normals=[])


class Kink:
    """Studies a point where a comparison is between equal quantities, or a function is on the edge of its domain.

    Near the point the formula is, everywhere, one of finitely many smooth pieces: those in which each such comparison
    comes out one way or another. If all pieces have one value and one gradient there, the formula is differentiable
    with that gradient. If not, the partial derivatives are studied one by one: the pieces met on the way to the point
    from the left and from the right give the one-sided derivatives. Which they are follows from the Taylor series of
    what is compared.
    """

    def __init__(self, of: Posed):
        self.of = of
        self._plain = True
        self._compared: set[str] = set()  # names that comparisons between what is equal at the point depend on

    def study(self) -> Certified:
        with precision(LIMITS.precision):
            values = self.of.balls()
            pieces, failed = self._pieces(values)
            value, convention = self._convention(values, pieces, failed)
            whole = settle(value, last=True)
            assert whole is not None
            if whole.status == "zero" and self.of.vanishes(self.of.formula):
                whole = Component(0.0, "certified", "", zero())
            self.of.check_value(whole)
            if failed is not None and (found := self._filled(values, value)) is not None:
                return Certified(whole, found, LIMITS.precision, at_kink=True)
            joined = failed is None and all(self._same(piece.value, value) for piece in pieces)
            gradient: dict[str, Component] = {}
            goes_on = joined and not any(piece.edges for piece in pieces)
            one_by_one: list[str] = []
            tied = set(self.of.wrt) if isinstance(failed, LimitError) else self._compared.intersection(self.of.wrt)
            for name in self.of.wrt:
                grads = [piece.gradient[name] for piece in pieces]
                if not all(grad.is_finite() for grad in grads):
                    tied.add(name)
                if goes_on and all(self._same(grad, grads[0]) for grad in grads):
                    component = settle(reduce(lambda x, y: x.union(y), grads), last=True)
                else:
                    left, right = (self._towards(name, value, direction) for direction in (-1, 1))
                    point = self._point(values)
                    component = joined_at(self.of.formula, point, left, right, self._same, convention[name])
                    if component.status != "not-differentiable":
                        one_by_one.append(name)
                assert component is not None
                gradient[name] = component
            together = None
            if one_by_one:
                together = first_order(self._written_out, self.of.numbers(), self.of.wrt, self.of.vanishes)
            if together is not None:
                for name in one_by_one:
                    slope = settle(together[name], last=True)
                    assert slope is not None
                    gradient[name] = slope
            elif (bent := self._bent(value, gradient)) is not None:
                names, why = bent
                why = f"{told(self.of.formula)} is not differentiable at {self._point(values)}: {why}"
                for name in names:
                    gradient[name] = replace(gradient[name], status="not-differentiable", why=why, by_convention=False)
            elif len(tied) > 1 and not any(part.status == "not-differentiable" for part in gradient.values()):
                why = f"whether {told(self.of.formula)} is differentiable at {self._point(values)} could not be told"
                why = failed.message if isinstance(failed, LimitError) else why
                for name in tied.intersection(one_by_one):
                    gradient[name] = Component(gradient[name].number, "undecided", gradient[name].why or why)
            for name, component in gradient.items():
                if component.status == "zero" and failed is None and self._vanishes(pieces, name):
                    gradient[name] = Component(0.0, "certified", "", zero())
            return Certified(whole, gradient, LIMITS.precision, at_kink=True)

    def orders(self, name: str, highest: int) -> list[Component]:
        """The derivatives of orders from 1 on by one name, as far as the first that does not exist or is not known, by
        the first terms of the formula on both sides; empty where these cannot be told."""
        with precision(LIMITS.precision):
            values = self.of.balls()
            value, _ = self._convention(values, *self._pieces(values))
            sides = of_orders(self._written_out, self.of.numbers(), name, highest, self.of.goes_to_zero)
            found: list[Component] = []
            for order, (left, right) in enumerate(sides, 1):
                if order == 1 and not all(self._same(side.limit, value) for side in (left, right)):
                    break
                of = self.of.formula
                what = of if order == 1 else derivative_name(of, name, order - 1, of)
                found.append(joined_at(what, self._point(values), left.side, right.side, self._same))
                if found[-1].failed:
                    break
                found[-1].exact = left.exact if left.exact == right.exact else None
            return found

    def is_settled(self, name: str) -> bool:
        """Whether there are certainly no kinks next to the point along a name, but for the point."""
        with precision(LIMITS.precision):
            return is_settled(self._written_out, self.of.numbers(), name, self.of.goes_to_zero)

    def _filled(self, values: Mapping[str, Any], value: Any) -> dict[str, Component] | None:
        """The gradient where quotients in the formula are 0/0 and go on as smooth functions, which its pieces are then
        made of: if all of these have that value and one gradient, and there is no edge of a domain."""

        def inside(quantity: Formula) -> bool:
            graph = Lowering(quantity, BALL, self.of.wrt).graph(values, None, self.of.decided(quantity))
            return not isinstance(graph.root, Failure) and not edges(quantity, graph)

        from .filled import filled

        formula = filled(self.of.expanded, self.of.at, self.of.vanishes, inside)
        if formula is self.of.expanded:
            return None
        beyond = Kink(Posed(formula, self.of.at, self.of.wrt))
        pieces, failed = beyond._pieces(values)
        if failed is not None or any(piece.edges or not beyond._same(piece.value, value) for piece in pieces):
            return None
        slopes = pieces[0].gradient
        if not all(beyond._same(piece.gradient[name], slopes[name]) for piece in pieces for name in slopes):
            return None
        found = {name: settle(slope, last=True) for name, slope in slopes.items()}
        return {name: part for name, part in found.items() if part is not None}

    def _bent(self, value: Any, gradient: Mapping[str, Component]) -> tuple[tuple[str, ...], str] | None:
        """Names in which together there is no gradient, although there are partial derivatives, and what shows it."""
        slopes = {name: part.ball for name, part in gradient.items() if not part.failed and part.ball is not None}
        sure = self._plain and not unknown_on_kinks(self.of.formula)  # ways may run along kinks
        return bent(self._written_out, self.of.numbers(), value, slopes) if sure else None

    def _read(self, graph: Graph) -> tuple[Any, dict[str, Any]]:
        return data_of(graph.root), graph.gradient(self.of.wrt)

    def _pieces(self, values: Mapping[str, Any]) -> tuple[list[_Piece], FormulaError | None]:
        """All pieces, those on no boundary first; and why one has no value, if so."""
        pieces: list[_Piece] = []
        failed: FormulaError | None = None
        known, floors = self.of.intern.comparisons(self.of.expanded), self.of.intern.floors(self.of.expanded)
        todo: list[dict[Switch, int]] = [{}]
        while todo:
            sides = todo.pop()
            graph = self._graph(self.of.expanded, values, sides)
            if not isinstance(graph.root, Failure):
                value, gradient = self._read(graph)
                on = [known[switch][0] for switch, side in sides.items() if side == 0]
                normals = [self._read(self._graph(difference, values, sides))[1] for difference in on]
                self._plain = self._plain and all(map(_is_plain, graph.nodes))
                pieces.append(_Piece(value, gradient, normals, edges(self.of.expanded, graph), graph))
            elif graph.root.switch is None:
                failed = graph.root.error
            else:
                switch = graph.root.switch
                self._compared.update(free_names(known[switch][0] if switch in known else floors[switch[1]]))
                todo += [{**sides, switch: side} for side in (known[switch][1] if switch in known else _OF_FLOORS)]
            if len(pieces) + len(todo) > LIMITS.pieces:
                message = f"more than {LIMITS.pieces} smooth pieces meet here"
                return pieces, LimitError("pieces", message, self.of.formula.span)
        pieces.sort(key=lambda piece: len(piece.normals))
        return [piece.beside(pieces[0]) for piece in pieces], failed

    def _vanishes(self, pieces: Sequence[_Piece], name: str) -> bool:
        """Whether the derivative by a name, if there is one, is 0: as by algebra that of each piece is."""

        def branch(graph: Graph) -> Formula:
            def call(node: Call, args: list[Formula]) -> Formula:
                known = graph.of(node.args[0]) if node.function.name == "if" else None
                return args[1 if known else 2] if isinstance(known, bool) else with_arguments(node, args)

            return rebuilt(self.of.expanded, call)

        return all(self.of.vanishes(our_derivative(branch(piece.graph), name)) for piece in pieces)

    def _graph(self, formula: Formula, values: Mapping[str, Any], sides: Mapping[Switch, int]) -> Graph:
        return Lowering(formula, BALL, self.of.wrt).graph(values, Switches(self.of.intern, sides), self.of.exact)

    def _convention(
        self, values: Mapping[str, Any], pieces: Sequence[_Piece], failed: FormulaError | None
    ) -> tuple[Any, dict[str, Any]]:
        """The value at the point itself, and the gradient by the table's conventions for kinks, nan if not known."""
        unknown = dict.fromkeys(self.of.wrt, zero() / 0)
        errors = []
        for formula in (self.of.formula, self.of.expanded):
            graph = Lowering(formula, BALL, self.of.wrt).graph(values, None, self.of.decided(formula))
            if not isinstance(graph.root, Failure):
                value, gradient = self._read(graph)
                return value, gradient if formula is self.of.formula else unknown
            errors.append(graph.root.error)
        # whether the two sides are equal cannot be told: then all pieces must have one value
        one_value = failed is None and pieces and all(same(a.value, b.value) for a, b in pairwise(pieces))
        if not isinstance(errors[-1], UndecidedError) or not one_value:
            raise next((error for error in errors if isinstance(error, UndefinedError)), errors[-1])
        (first, *_) = pieces
        return first.value, unknown

    def _point(self, values: Mapping[str, Any]) -> str:
        """The point as text; names that are numbers, as those of traced constants, are left out."""
        named = {name: value for name, value in values.items() if name[0] not in "0123456789.-"}
        return place_text(named, ", ", shown)

    def _towards(self, name: str, value: Any, direction: int) -> Side:
        """The side of the point on the way along one variable, by the first terms of the formula there."""
        try:
            found = beside_point(self.of, name, direction)
        except Outside:
            return Side(None, None, ends=True)
        if found is None or (found.slope is None and found.limit is not None):
            return Side(None, None, why=f"how {told(self.of.formula)} goes on beside this point could not be told")
        if found.limit is None:
            return Side(found.slope, False)
        limit = as_ball(found.limit)
        joins = True if self._same(limit, value) else False if apart(limit, value) else None
        slope = as_ball(found.slope)
        return Side(slope if joins is not False or slope.is_finite() else zero(), joins)

    @cached_property
    def _written_out(self) -> Program:
        return kept(self.of.expanded, Program)

    def _same(self, x: Any, y: Any) -> bool:
        """Whether two numbers are equal, as far as that can be believed: next to numbers that are smaller still than
        what is taken for rounding, nothing is."""
        return bool(x.is_exact() and y.is_exact() and x == y) or (self._plain and same(x, y))


_OF_FLOORS = (-1, 1)  # their sides
_EXTREME = 6_144  # bits, of the 8,192 that there are


def _is_plain(made: Any) -> bool:
    """Whether a number is 0 or of a usual size: one beyond may make a difference that no precision shows."""
    data = data_of(made)
    if isinstance(data, bool | Failure) or not data.is_finite() or data.contains(0):
        return True
    size, most = abs(data), type(data)(2) ** _EXTREME
    return bool(size < most and size * most > 1)


# ---- partial derivatives that are no gradient: the slope along some way is another than they add up to

Way = Mapping[str, tuple[Fraction, int]]  # what names gain along it: c*t^n

_PAIRS = 12  # of names
_POWERS = ((1, 1), (1, 2), (2, 1))
_FACTORS = ((1, 1), (1, -1), (2, 1), (-1, 2), (-1, -1), (-1, 1))


def bent(
    program: Program, at: Mapping[str, Coefficient], value: Any, slopes: Mapping[str, Any]
) -> tuple[tuple[str, ...], str] | None:
    """Names in which together a program is certainly not differentiable, and what shows it, in words, where t goes to 0
    from above; else None.

    Args:
        program: a program whose kinks are written out.
        at: the values of its variables, as rational numbers or balls.
        value: its value there.
        slopes: its partial derivatives there, as balls.
    """
    for way in _ways(slopes):
        try:
            found = beside(program, along(at, way))
        except Outside:
            continue
        why = "" if found is None else _why(found.limit, found.slope, value, way, slopes)
        if why:
            return tuple(way), f"for t > 0 {why}"
    return None


def _ways(names: Mapping[str, Any]) -> Iterator[Way]:
    pairs = [*combinations(names, 2)][:_PAIRS]
    for powers in _POWERS:
        for pair in pairs:
            for factors in _FACTORS:
                yield {name: (Fraction(c), n) for name, c, n in zip(pair, factors, powers, strict=True)}


def _why(limit: Any, slope: Any, value: Any, way: Way, slopes: Mapping[str, Any]) -> str:
    goes = "as " + " and ".join(f"{name} moves by {_gain(*gain)}" for name, gain in way.items())
    if limit is None:
        return f"it has no limit {goes}"
    if apart(as_ball(limit), value):
        return f"it goes to {shown(as_ball(limit))} and not to {shown(value)} {goes}"
    if slope is None:
        return ""
    slope, linear = as_ball(slope), sum((slopes[name] * int(c) for name, (c, n) in way.items() if n == 1), zero())
    if not slope.is_finite():
        return f"it has no finite slope {goes}"
    by_these = f"and not {shown(linear)}, which its partial derivatives add up to"
    return f"it has the slope {shown(slope)} {goes}, {by_these}" if apart(slope, linear) else ""


def _gain(c: Fraction, n: int) -> str:
    power = "t" if n == 1 else f"t^{n}"
    return power if c == 1 else f"-{power}" if c == -1 else f"{c}*{power}"
