"""The backward pass as people do it by hand: every node with its value, its local derivatives and its gradient.

The nodes stand in the order in which the chain rule runs, each after all that use it. All numbers come from balls, and
the gradients at the end are held against those that `certify` finds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any

from gradcalc.certified import Certified, Component, certify
from gradcalc.certified.components import settle, zero
from gradcalc.certified.posed import Posed
from gradcalc.engine.lowering import Failure, Graph, Lowering, Point, shown, with_ends
from gradcalc.engine.rationals import rational_values
from gradcalc.engine.rewrite import as_formula, at_span, is_diff, prepare
from gradcalc.engine.scalars import BALL
from gradcalc.engine.value import Value, data_of
from gradcalc.language.errors import UndefinedError
from gradcalc.language.formula import Call, Formula, Name, children_first, fold, with_arguments, with_definition
from gradcalc.language.grammar import read_text
from gradcalc.record import dataclass, field
from gradcalc.shown import shows, written

from .tidy import TIDY, tidy


@dataclass(frozen=True, slots=True)
class Path:
    """One way in which a node acts on the node `above` it.

    `symbolic` is the local derivative as a formula in the names of nodes, None where there is no short one, `local` its
    number, `upstream` the gradient of the node above, and `product` the two multiplied.
    """

    above: str
    symbolic: Formula | None
    local: Component
    upstream: Component
    product: Component


@dataclass(frozen=True, slots=True)
class Row:
    """A node: its name, its operation on the nodes below it by their names (a variable is only its name), its value,
    a path for each use, and the gradient, which is the sum over the paths. The result itself has no paths and the
    gradient 1. In the operation `...` stands for a branch that is not taken."""

    node: str
    formula: Formula
    value: Component
    local_derivative: tuple[Path, ...]
    gradient: Component


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Explanation:
    """The rows, the result (`root`) first. `notes` says what the chain rule does not: kinks, and derivatives that do
    not exist. `nodes` has the parts of the formula that are called by a name, and `at` the doubles nearest to the
    point."""

    formula: Formula
    root: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    nodes: Mapping[str, Formula] = field(default_factory=dict, repr=False, compare=False)
    at: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)

    @property
    def value(self) -> Component:
        return self.rows[0].value

    def page(self) -> str:
        """A page of HTML to step through, that needs nothing beside itself."""
        return written(self, "page")  # type: ignore[no-any-return]

    def __getitem__(self, node: str) -> Row:
        return next(row for row in self.rows if row.node == node)

    def chain(self, row: Row, local: Callable[[Path], str]) -> str:
        """`dL/de * de/db + ...`, a product for each path; for a direct one what `local` says of its local derivative,
        because its name would be that of the whole."""
        terms = [
            local(path) if path.above == self.root else f"d{self.root}/d{path.above} * d{path.above}/d{row.node}"
            for path in row.local_derivative
        ]
        return " + ".join(f"({term})" if term.startswith("-") and len(terms) > 1 else term for term in terms)


def explain(formula: str | Formula, at: Point, wrt: Sequence[str] | None = None) -> Explanation:
    """The chain rule at a point, node by node, for the names `wrt` or for all variables.

    Nodes are called by the names that the formula gives them, others v1, v2, ... in the order of evaluation, and the
    result `out`.

    Raises:
        FormulaSyntaxError, MissingValueError: as for `grad`.
        UndefinedError: the formula has no real value here.
        UndecidedError: its value could not be told.
    """
    prepared = _definitions_written_out(_as_formula_written(with_ends(formula, at)))
    certified = certify(prepared, at, wrt)
    names = tuple(certified.gradient)
    posed = Posed(prepared, at, names)
    exact = rational_values(prepared, posed.at, ties=True)
    lowering = Lowering(prepared, BALL, names)

    def attempt(_: int, last: bool) -> Explanation | None:
        graph = lowering.graph(posed.balls(), exact=exact)
        if not isinstance(graph.root, Failure):
            passed = _Pass(prepared, graph, names, last)
            rows = passed.rows()
            if rows is None:
                return None
            return Explanation(
                prepared, rows[0].node, rows, _notes(certified, rows), passed.nodes(),
                {name: float(ball.mid()) for name, ball in posed.balls().items()},
            )  # fmt: skip
        if last or isinstance(graph.root.error, UndefinedError):
            raise graph.root.error
        return None

    found = posed.rising(attempt)
    assert found is not None
    return found


def _as_formula_written(formula: str | Formula) -> Formula:
    """The prepared formula; where derivatives were asked in it, without what their rules leave behind."""
    asked, prepared = as_formula(formula), prepare(formula)
    if not any(is_diff(node) for node in children_first(asked)):
        return prepared
    found: Formula = fold(prepared, lambda node: node, with_definition, lambda node, args: tidy(node.function, args))
    return found


def _definitions_written_out(formula: Formula) -> Formula:
    """The formula without the rows that have no partial derivatives of their own, which are their definitions."""

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        if isinstance(row.definition, str) and row.definition and not row.partials:
            return at_span(read_text(row.definition), row.params, args, node.span)
        return with_arguments(node, args)

    return fold(formula, lambda node: node, with_definition, call)


def _notes(certified: Certified, rows: Sequence[Row]) -> tuple[str, ...]:
    notes = []
    by_chain_rule = {row.node: row.gradient for row in rows}
    for name, truth in certified.gradient.items():
        ours = by_chain_rule[name]
        if truth.status == "not-differentiable":
            notes.append(f"not differentiable: {truth.message}")
        elif truth.status == "undecided":
            notes.append(f"undecided: d/d{name}: {truth.message}")
        elif ours.ball is None or not ours.ball.overlaps(truth.ball):
            says = "no number" if math.isnan(ours.number) else shown(ours.number)
            notes.append(f"at this point the chain rule gives {says} for {name}; the derivative is {shown(truth.ball)}")
    return tuple(dict.fromkeys(notes))


class _Pass:
    """The backward pass over one graph of balls."""

    def __init__(self, root: Formula, graph: Graph, names: Sequence[str], last: bool):
        self.graph = graph
        self.names = names
        self.last = last
        self.order = list(children_first(root))
        self.root = self.below(root)
        self.labels = self._labels(root)
        self.unsettled = False

    # ---- nodes: calls and variables; a name with a definition stands for what it is defined by

    def below(self, node: Formula) -> Formula:
        while isinstance(node, Name) and node.definition is not None and node.name not in self.graph.leaves:
            node = node.definition
        return node

    def key(self, node: Formula) -> str | int:
        return node.name if isinstance(node, Name) else id(node)

    def varies(self, node: Formula) -> bool:
        return isinstance(self.graph.nodes[id(node)], Value)

    def ball(self, node: Formula) -> Any:
        made = self.graph.nodes[id(node)]
        return zero() + data_of(made)

    def _labels(self, root: Formula) -> dict[str | int, str]:
        """The names of the nodes, by key."""
        found: dict[str | int, str] = {}
        taken = {node.name for node in self.order if isinstance(node, Name)}
        for node in self.order:
            if isinstance(node, Name) and not isinstance(self.below(node), Name):
                found.setdefault(id(self.below(node)), node.name)
        if isinstance(self.root, Name):
            own = self.root.name
        elif isinstance(root, Name):
            own = root.name
        else:
            own = next(name for name in _numbered("out", 2) if name not in taken)
        found[self.key(self.root)] = own
        taken.add(own)
        fresh = (name for name in _numbered("v", 1, bare=False) if name not in taken)
        live = {id(node) for node, _ in self._live()}
        for node in self.order:
            if isinstance(node, Call) and id(node) in live and id(node) not in found:
                found[id(node)] = next(fresh)
        return found

    def label(self, node: Formula) -> str:
        below = self.below(node)
        return below.name if isinstance(below, Name) else self.labels[id(below)]

    def _live(self) -> Iterator[tuple[Formula, list[tuple[Formula, Any]]]]:
        """Every node on a path from the result to a variable, with what it uses and the local derivatives."""
        first: dict[str | int, int] = {}
        for node in self.order:
            first.setdefault(self.key(node), id(node))
        live = {self.key(self.root)}
        for node in reversed(self.order):
            if self.key(node) in live and first[self.key(node)] == id(node):
                used = self._used(node)
                live |= {self.key(child) for child, _ in used}
                yield node, used

    def _used(self, node: Formula) -> list[tuple[Formula, Any]]:
        if not isinstance(node, Call) or not self.varies(node):
            return []
        if node.function.name == "if":
            return [(self.below(self._branch(node)), 1)]
        varying = [arg for arg in node.args if self.varies(arg)]
        partials = self.graph.nodes[id(node)].partials
        if node.function.variadic:
            partials = self._shares(node, varying, partials)
        return [(self.below(arg), partial) for arg, partial in zip(varying, partials, strict=True)]

    def _shares(self, node: Call, varying: Sequence[Formula], partials: Sequence[Any]) -> Sequence[Any]:
        """The partials of a row whose value is one of its arguments. Where balls cannot tell that two numbers are
        equal, they tell which argument alone may be the value."""
        if all((BALL.number(Fraction(0)) + partial).is_finite() for partial in partials):
            return partials
        out = self.ball(node)
        candidates = [arg for arg in node.args if self.ball(arg).overlaps(out)]
        if len(candidates) > 1:
            self.unsettled |= not self.last
            return partials
        return [int(arg is candidates[0]) for arg in varying]

    def _branch(self, node: Call) -> Formula:
        return node.args[1] if self.graph.nodes[id(node.args[0])] else node.args[2]

    def nodes(self) -> dict[str, Formula]:
        """The nodes by their labels."""
        return {self.labels[key]: node for node in self.order if (key := self.key(node)) in self.labels}

    # ---- the rows

    def rows(self) -> tuple[Row, ...] | None:
        """All rows, or None where more precision is needed."""
        nothing = zero()
        uses: dict[str | int, list[tuple[Call, Any, Formula | None]]] = {}
        adjoints: dict[str | int, Any] = {self.key(self.root): nothing + 1}
        found = []
        for node, used in self._live():
            key = self.key(node)
            adjoint = adjoints[key]
            found.append(self._row(node, adjoint, uses.get(key, ()), adjoints))
            if not used:
                continue
            assert isinstance(node, Call)
            symbolic = self._symbolic(node)
            for (child, partial), formula in zip(used, symbolic, strict=True):
                below = self.key(child)
                adjoints[below] = adjoints.get(below, nothing) + adjoint * partial
                uses.setdefault(below, []).append((node, nothing + partial, formula))
        present = {row.node for row in found}
        found += [self._idle(name) for name in self.names if name not in present]
        return None if self.unsettled else tuple(found)

    def _row(
        self,
        node: Formula,
        adjoint: Any,
        uses: Sequence[tuple[Call, Any, Formula | None]],
        adjoints: Mapping[str | int, Any],
    ) -> Row:
        paths = []
        for above, partial, symbolic in uses:
            upstream = adjoints[self.key(above)]
            numbers = (self._settled(partial), self._settled(upstream), self._settled(upstream * partial))
            paths.append(Path(self.label(above), symbolic, *numbers))
        return Row(
            self.label_of(node),
            self._operation(node),
            self._settled(self.ball(node)),
            tuple(paths),
            self._settled(adjoint),
        )

    def label_of(self, node: Formula) -> str:
        return self.labels.get(self.key(node)) or self.label(node)

    def _idle(self, name: str) -> Row:
        """A variable that the result does not depend on here."""
        leaf = self.graph.leaves[name]
        return Row(name, Name(name), self._settled(leaf.data), (), Component(0.0, ball=BALL.number(Fraction(0))))

    def _settled(self, ball: Any) -> Component:
        ball = BALL.number(Fraction(0)) + ball
        if not ball.is_finite():
            return Component(math.nan, "undecided", "not finite")
        component = settle(ball, self.last)
        self.unsettled |= component is None
        return component or Component(math.nan)

    def _named(self, node: Formula) -> Formula:
        """An argument as the row above writes it: a node by its name, what does not vary as it is."""
        return Name(self.label(node)) if self.varies(node) else node

    def _operation(self, node: Formula) -> Formula:
        if not isinstance(node, Call) or not self.varies(node):
            return node
        if node.function.name == "if":
            condition, *branches = node.args
            taken = self._branch(node)
            return Call(node.function, (condition, *(self._named(b) if b is taken else Name("...") for b in branches)))
        return Call(node.function, tuple(self._named(arg) for arg in node.args))

    def _symbolic(self, node: Call) -> list[Formula | None]:
        """The local derivatives as formulas in the names of nodes; an `if` in one is decided by the point."""
        row = node.function
        if row.name == "if":
            return [TIDY.number(Fraction(1))]
        positions = [i for i, arg in enumerate(node.args) if self.varies(arg)]
        if row.variadic:  # which of them is the value is said by the number
            return [None for _ in positions]
        args = [self._named(arg) for arg in node.args]
        out = self.label_of(node)
        at = {name: data_of(leaf) for name, leaf in self.graph.leaves.items()}
        at |= {out: self.ball(node)} | {self.label(arg): self.ball(arg) for arg in node.args if self.varies(arg)}
        return [
            self._decided(TIDY.taught(row, i)(*args, Name(out)), at) if row.partials[i] else None for i in positions
        ]

    def _decided(self, formula: Formula, at: Mapping[str, Any]) -> Formula | None:
        while isinstance(formula, Call) and formula.function.name == "if":
            holds = Lowering(formula.args[0], BALL, ()).graph(at).root
            if isinstance(holds, Failure):
                return None
            formula = formula.args[1] if holds else formula.args[2]
        return formula


def _numbered(stem: str, start: int, bare: bool = True) -> Iterator[str]:
    if bare:
        yield stem
    yield from (f"{stem}{i}" for i in count(start))
