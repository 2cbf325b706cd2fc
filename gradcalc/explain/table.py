"""The backward pass as people do it by hand: every node with its value, its local derivatives and its gradient.

The nodes stand in the order in which the chain rule runs, each after all that use it. All numbers come from balls, and
the gradients at the end are held against those that `certify` finds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain, count
from typing import Any

from gradcalc.certified import Certified, Certifier, Component, certify
from gradcalc.certified.components import settle, zero
from gradcalc.certified.orders import has_diffs
from gradcalc.certified.posed import Posed
from gradcalc.engine.lowering import Failure, Graph, Lowering, Point, shown, with_ends
from gradcalc.engine.program import Program
from gradcalc.engine.rationals import rational_values
from gradcalc.engine.rewrite import as_formula, expand, prepare
from gradcalc.engine.scalars import BALL
from gradcalc.engine.tidy import TIDY, plain, tidied
from gradcalc.engine.value import Value, data_of
from gradcalc.helper import OutOfTime
from gradcalc.language.algebra import same
from gradcalc.language.errors import UndefinedError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.record import dataclass, field
from gradcalc.shown import shows, written
from gradcalc.work import OUT_OF_TIME


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
    point. It is `whole` unless the time ended before all rows were known. `guarded` has no value where a derivative in
    the formula has none, which the formula itself leaves out; it is None where there is no such derivative."""

    formula: Formula
    root: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    nodes: Mapping[str, Formula] = field(default_factory=dict, repr=False, compare=False)
    at: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    whole: bool = True
    guarded: Formula | None = field(default=None, repr=False, compare=False)

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
    result `out`. Where the time ends, the rows that are known by then are there, and the notes say so.

    Raises:
        FormulaSyntaxError, MissingValueError: as for `grad`.
        UndefinedError: the formula has no real value here.
        UndecidedError: its value could not be told.
    """
    asked = as_formula(with_ends(formula, at, wrt))
    rules = has_diffs(asked)  # which leave something behind
    prepared = guarded = expand(tidied(prepare(asked)) if rules else prepare(asked), kinks=False)
    certified: Certified | None = None
    with suppress(OutOfTime):
        certified = certify(prepared, at, wrt)
        prepared = plain(prepared)[0] if rules else prepared
    names = Certifier(prepared, at, wrt).wrt if certified is None else tuple(certified.gradient)
    posed = Posed(prepared, at, names)
    exact = rational_values(prepared, posed.at, ties=True)
    lowering, program = Lowering(prepared, BALL, names), Program(prepared, merged=False)

    def attempt(_: int, last: bool) -> Explanation | None:
        graph = lowering.graph(posed.balls(), exact=exact)
        if not isinstance(graph.root, Failure):
            passed = _Pass(program, graph, names, last or certified is None)
            whole = False
            with suppress(OutOfTime):
                rows = passed.rows()
                if rows is None:
                    return None
                whole = True
            if not (rows := tuple(passed.found)):
                raise OutOfTime
            notes = _notes(certified, rows)
            if not whole:
                notes = (*notes, f"undecided: {OUT_OF_TIME}: {len(rows)} of {len(passed.used)} nodes were worked out")
            return Explanation(
                prepared, rows[0].node, rows, notes, passed.nodes(),
                {name: float(ball.mid()) for name, ball in posed.balls().items()}, whole,
                None if same(prepared, guarded) else guarded,
            )  # fmt: skip
        if last or isinstance(graph.root.error, UndefinedError):
            raise graph.root.error
        return None

    return posed.rising(attempt)


def _notes(certified: Certified | None, rows: Sequence[Row]) -> tuple[str, ...]:
    if certified is None:
        return (f"undecided: {OUT_OF_TIME}: whether these are the derivatives was not looked at",)
    notes = []
    by_chain_rule = {row.node: row.gradient for row in rows}
    for name, truth in certified.gradient.items():
        ours = by_chain_rule.get(name, truth)  # the same, where there was no time for it
        if truth.status == "not-differentiable":
            notes.append(f"not differentiable: {truth.message}")
        elif truth.status == "undecided":
            notes.append(f"undecided: d/d{name}: {truth.message}")
        elif ours.ball is None or not ours.ball.overlaps(truth.ball):
            says = "no number" if math.isnan(ours.number) else shown(ours.number)
            notes.append(f"at this point the chain rule gives {says} for {name}; the derivative is {shown(truth.ball)}")
    return tuple(dict.fromkeys(notes))


class _Pass:
    """The backward pass over a program whose nodes have their values in a graph of balls. A node is a call or a
    variable, and known by its place; a name with a definition stands for what it is defined by."""

    def __init__(self, program: Program, graph: Graph, names: Sequence[str], last: bool):
        self.program, self.graph, self.names, self.last = program, graph, names, last
        self.made = [*map(graph.of, program.nodes)]
        self.below = list(range(len(program)))
        for place, node in enumerate(program.nodes):
            if isinstance(node, Name) and node.definition is not None and node.name not in graph.leaves:
                self.below[place] = self.below[program.args[place][0]]
        self.root = self.below[program.root]
        self.unsettled = False
        self.found: list[Row] = []  # so far
        self.used = self._live()
        self.labels = self._labels()

    def varies(self, place: int) -> bool:
        return isinstance(self.made[place], Value)

    def ball(self, place: int) -> Any:
        return zero() + data_of(self.made[place])

    def _labels(self) -> dict[int, str]:
        """The names of the nodes."""
        nodes = self.program.nodes
        named = [(place, node.name) for place, node in enumerate(nodes) if isinstance(node, Name)]
        taken = {name for _, name in named}
        found: dict[int, str] = {}
        for place, name in named:
            if not isinstance(nodes[self.below[place]], Name):
                found.setdefault(self.below[place], name)
        own = next((node for node in (nodes[self.root], nodes[self.program.root]) if isinstance(node, Name)), None)
        outs = chain(("out",), (f"out{i}" for i in count(2)))
        found[self.root] = next(name for name in outs if name not in taken) if own is None else own.name
        taken.add(found[self.root])
        fresh = (name for i in count(1) if (name := f"v{i}") not in taken)
        for place, node in enumerate(nodes):
            if isinstance(node, Name) and self.below[place] == place:
                found.setdefault(place, node.name)
            elif isinstance(node, Call) and place in self.used and place not in found:
                found[place] = next(fresh)
        return found

    def label(self, place: int) -> str:
        return self.labels[self.below[place]]

    def nodes(self) -> dict[str, Formula]:
        """The nodes by their labels, of variables the result alone."""
        nodes = self.program.nodes
        return {self.labels[place]: node for place, node in enumerate(nodes)
                if place in self.labels and (isinstance(node, Call) or place == self.root)}  # fmt: skip

    def _live(self) -> dict[int, list[tuple[int, Any]]]:
        """Every node on a path from the result to a variable, with what it uses and the local derivatives."""
        found: dict[int, list[tuple[int, Any]]] = {}
        live = {self.root}
        for place in range(self.root, -1, -1):
            if place in live:
                found[place] = self._used(place)
                live |= {child for child, _ in found[place]}
        return found

    def _used(self, place: int) -> list[tuple[int, Any]]:
        row, args = self.program.rows[place], self.program.args[place]
        if row is None or not self.varies(place):
            return []
        if row.name == "if":
            return [(self.below[self._branch(place)], 1)]
        varying = [arg for arg in args if self.varies(arg)]
        partials = self.made[place].partials
        if row.variadic:
            partials = self._shares(place, varying, partials)
        return [(self.below[arg], partial) for arg, partial in zip(varying, partials, strict=True)]

    def _shares(self, place: int, varying: Sequence[int], partials: Sequence[Any]) -> Sequence[Any]:
        """The partials of a row whose value is one of its arguments. Where balls cannot tell that two numbers are
        equal, they tell which argument alone may be the value."""
        if all((zero() + partial).is_finite() for partial in partials):
            return partials
        out = self.ball(place)
        candidates = [arg for arg in self.program.args[place] if self.ball(arg).overlaps(out)]
        if len(candidates) > 1:
            self.unsettled |= not self.last
            return partials
        return [int(arg == candidates[0]) for arg in varying]

    def _branch(self, place: int) -> int:
        condition, yes, no = self.program.args[place]
        return yes if self.made[condition] else no

    # ---- the rows

    def rows(self) -> tuple[Row, ...] | None:
        """All rows, or None where more precision is needed."""
        nothing = zero()
        uses: dict[int, list[tuple[int, Any, Formula | None]]] = {}
        adjoints: dict[int, Any] = {self.root: nothing + 1}
        found = self.found
        for place, used in self.used.items():
            paths = []
            for above, partial, symbolic in uses.get(place, ()):
                upstream = adjoints[above]
                numbers = (self._settled(partial), self._settled(upstream), self._settled(upstream * partial))
                paths.append(Path(self.label(above), symbolic, *numbers))
            value, gradient = self._settled(self.ball(place)), self._settled(adjoints[place])
            found.append(Row(self.label(place), self._operation(place), value, tuple(paths), gradient))
            for (child, partial), formula in zip(used, self._symbolic(place) if used else (), strict=True):
                adjoints[child] = adjoints.get(child, nothing) + adjoints[place] * partial
                uses.setdefault(child, []).append((place, nothing + partial, formula))
        present = {row.node for row in found}
        for name in self.names:  # of which the result does not depend on some here
            if name not in present:
                value = self._settled(self.graph.leaves[name].data)
                found.append(Row(name, Name(name), value, (), Component(0.0, ball=nothing)))
        return None if self.unsettled else tuple(found)

    def _settled(self, ball: Any) -> Component:
        ball = zero() + ball
        if not ball.is_finite():
            return Component(math.nan, "undecided", "not finite")
        component = settle(ball, self.last)
        self.unsettled |= component is None
        return component or Component(math.nan, "undecided", "not told at this precision")

    def _named(self, node: Call, place: int, i: int) -> Formula:
        """An argument as the row above writes it: a node by its name, what does not vary as it is."""
        arg = self.program.args[place][i]
        return Name(self.label(arg)) if self.varies(arg) else node.args[i]

    def _operation(self, place: int) -> Formula:
        node = self.program.nodes[place]
        if not isinstance(node, Call) or not self.varies(place):
            return node
        if node.function.name == "if":
            taken = self.program.args[place].index(self._branch(place), 1)
            branches = (self._named(node, place, i) if i == taken else Name("...") for i in (1, 2))
            return Call(node.function, (node.args[0], *branches))
        return Call(node.function, tuple(self._named(node, place, i) for i in range(len(node.args))))

    def _symbolic(self, place: int) -> list[Formula | None]:
        """The local derivatives as formulas in the names of nodes; an `if` in one is decided by the point."""
        node, args = self.program.nodes[place], self.program.args[place]
        assert isinstance(node, Call)
        row = node.function
        if row.name == "if":
            return [TIDY.number(Fraction(1))]
        positions = [i for i, arg in enumerate(args) if self.varies(arg)]
        if row.variadic:  # which of them is the value is said by the number
            return [None for _ in positions]
        at = {name: data_of(leaf) for name, leaf in self.graph.leaves.items()}
        at |= {self.label(each): self.ball(each) for each in (place, *args) if self.varies(each)}
        named = [*(self._named(node, place, i) for i in range(len(args))), Name(self.label(place))]
        return [self._decided(TIDY.taught(row, i)(*named), at) if row.partials[i] else None for i in positions]

    def _decided(self, formula: Formula, at: Mapping[str, Any]) -> Formula | None:
        while isinstance(formula, Call) and formula.function.name == "if":
            holds = Lowering(formula.args[0], BALL, ()).value(at)
            if holds is None:
                return None
            formula = formula.args[1] if holds else formula.args[2]
        return formula
