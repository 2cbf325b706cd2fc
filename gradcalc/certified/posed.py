"""A formula at a point: `Posed`. The point in balls, what is known exactly, and the precision that rises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from gradcalc.engine.lowering import Failure, Graph, Lowering, Point, as_constant, constant_value
from gradcalc.engine.program import Program
from gradcalc.engine.rationals import Known, rational_value, rational_values
from gradcalc.engine.rewrite import expand, has_kinks, with_absolute_values
from gradcalc.engine.scalars import BALL, around_zero, ball_class, fits, rising
from gradcalc.engine.switches import Interning
from gradcalc.engine.tape import Tape, tape_of
from gradcalc.engine.value import Value
from gradcalc.language.errors import LIMITS, FormulaError, UndecidedError
from gradcalc.language.formula import Call, Formula, Function, Name
from gradcalc.language.grammar import is_name
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import calls_in, kept, tree_size

from .branches import branch_around
from .components import Component, zero

if TYPE_CHECKING:
    from gradcalc.proofs.exact import ExactPoint

T = TypeVar("T")
_MOST_NODES = 100  # of a quantity that algebra is asked for
START_BITS = 128  # with 64, a gradient of eight is computed twice at every fifth point


class Posed:
    """A prepared formula at a point, to be differentiated by `wrt` (all variables, if None).

    Attributes:
        expanded: the formula with its kinks written out by `if` and comparisons.
        intern: what numbers the comparisons in it.

    Raises:
        MissingValueError: listing the names without a value.
        FormulaError: for a name in `wrt` that is not in the formula and has no value either.
    """

    def __init__(self, formula: Formula, at: Point, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.program = kept(formula, Program)
        known = self.program.leaves(at)
        self.wrt = wanted(known, at, wrt, formula)
        leaves = known if wrt is None else {**known, **{name: None for name in self.wrt if name not in known}}
        self._given = {
            name: x
            if (x := at[name] if value is None else value).__class__ is float and x - x == 0.0
            else as_constant(x, name)
            for name, value in leaves.items()
        }

    @cached_property
    def at(self) -> dict[str, Formula]:
        """The variables with their values, as constant formulas."""
        return {name: as_constant(value, name) for name, value in self._given.items()}

    @cached_property
    def expanded(self) -> Formula:
        formula = kept(self.formula, with_absolute_values)
        return formula if formula is self.formula and self.program.smooth else kept(formula, expand)

    @cached_property
    def lowering(self) -> Lowering:
        return Lowering(self.expanded, BALL, self.wrt)

    @cached_property
    def intern(self) -> Interning:
        return Interning()

    @property
    def tape(self) -> Tape | None:
        """The tape that computes value and gradient without a graph, where the formula is smooth or its value is all
        that is asked for, else None."""
        able = self.program.smooth or not self.wrt
        return tape_of(self.program, BALL, tuple(self._given), self.wrt) if able else None

    def by_tape(self, bits: int) -> tuple[Any, list[Any]] | None:
        """Value and gradient in balls, all finite, at the precision in force, which is `bits`; None where there is no
        tape, or it gives up."""
        tape = self.tape
        try:
            found = None if tape is None else tape.value_and_grad(each_in_balls(self._given), bits)
        except (ArithmeticError, ValueError):
            return None
        return found if found is not None and all(ball.is_finite() for ball in (found[0], *found[1])) else None

    @cached_property
    def exact(self) -> Known:
        """The rational values known at the point, on whatever side of it."""
        moving = self.wrt
        known = rational_values(self.expanded, self.at, moving=moving)
        if sure := self._at_edges(self.expanded, known):
            known = rational_values(self.expanded, self.at, moving=moving, given=sure)
        if self._place is None or not asks_beyond(self.expanded, known):
            return known
        rational, self.intern.equal = self._place.anew().on_edges(self.expanded, known, frozenset(moving))
        known.update(rational_values(self.expanded, self.at, moving=moving, given=rational).items())
        return known

    def decided(self, formula: Formula) -> Known:
        """The same for a formula at the point itself, with what its comparisons come to there."""
        known = rational_values(formula, self.at, ties=True)
        if sure := self._at_edges(formula, known):
            known = rational_values(formula, self.at, ties=True, given=sure)
        if self._place is None or not asks_beyond(formula, known):
            return known
        given = self._place.anew().decisions(formula)
        given.update((*self._place.anew().on_edges(formula, known, frozenset())[0].items(), *known.items()))
        return rational_values(formula, self.at, ties=True, given=given)

    def _at_edges(self, formula: Formula, known: Known) -> Known:
        """The smooth arguments that are rational by algebra where balls do not tell whether they are in a domain."""
        found: Known = ByIdentity()
        if self._place is None or not kept(formula, _with_domains):
            return found
        graph = Lowering(formula, BALL, ()).graph(self.balls(), None, known)
        for node in kept(formula, _with_domains):
            if isinstance(graph.of(node), Failure):
                for arg in node.args:
                    if arg not in known and not isinstance(graph.of(arg), Failure) and tree_size(arg) <= _MOST_NODES:
                        value = None if has_kinks(arg) else self._place.rational(arg)
                        found.update([] if value is None else [(arg, value)])
        return found

    def vanishes(self, quantity: Formula) -> bool:
        """Whether a quantity is certainly 0 at the point, by algebra."""
        known = self._asked.get(quantity)
        if known is None:
            place = self._place if tree_size(quantity) <= _MOST_NODES else None
            known = self._asked[quantity] = place is not None and place.signs(quantity) == {0}
        return known

    def goes_to_zero(self, quantity: Formula) -> bool:
        """The same of one that is continuous there."""
        if has_kinks(quantity):
            quantity = branch_around(quantity, self.balls())
        return not has_kinks(quantity) and self.vanishes(quantity)

    @cached_property
    def _asked(self) -> ByIdentity[Formula, bool]:
        return ByIdentity()

    @cached_property
    def _place(self) -> ExactPoint | None:
        from gradcalc.proofs.exact import EXACT_TROUBLE, ExactPoint

        try:
            return ExactPoint(self.at)
        except EXACT_TROUBLE:
            return None

    def balls(self) -> dict[str, Any]:
        """The point in balls at the precision in force."""
        return in_balls(self._given)

    def numbers(self) -> dict[str, Any]:
        """The point, in rational numbers where it is rational, else in balls at the precision in force."""
        found = self.balls()
        for name, constant in self.at.items():
            exact = rational_value(constant)
            if exact is not None:
                found[name] = Fraction(exact)
        return found

    def rising(self, attempt: Callable[[int, bool], T | None], bits: int = START_BITS, most: int | None = None) -> T:
        """As `scalars.rising`, by default up to `Limits.precision`."""
        return rising(attempt, max(bits, START_BITS), LIMITS.precision if most is None else most)

    def check_value(self, value: Component) -> None:
        """Raise where the value could not be told."""
        if value.status == "undecided":
            raise UndecidedError(f"the value is {value.message}", self.formula.span)


def wanted(present: Mapping[str, Any], at: Point, wrt: Sequence[str] | None, formula: Formula) -> tuple[str, ...]:
    """The names of a gradient: those asked for, which may be absent from the formula but need a value; or all."""
    if wrt is None:
        return tuple(present)
    for name in wrt:
        if name not in present and name not in at:
            has = f"it has {', '.join(present)}" if present else ""
            said = name if is_name(name) else repr(name)
            raise FormulaError(f"{said} is not in the formula, and has no value", formula.span, has)
    return tuple(wrt)


def in_balls(point: Mapping[str, float | Formula]) -> dict[str, Any]:
    """Doubles and constant formulas in balls at the precision in force: how every point gets there.

    Raises:
        UndefinedError: a constant has no value.
    """
    return dict(zip(point, each_in_balls(point), strict=True))


def each_in_balls(point: Mapping[str, float | Formula]) -> list[Any]:
    """The same as a list."""
    exact = ball_class()
    return [exact(x) if x.__class__ is float else constant_value(x, BALL, name) for name, x in point.items()]  # type: ignore[arg-type]


def asks_beyond(formula: Formula, known: Known) -> bool:
    """Whether a comparison or a floor asks for a quantity that is not known."""
    asking = (node for node in calls_in(formula) if not node.function.smooth)
    return any(arg not in known for node in asking if node.function.value is not None for arg in node.args)


# ---- where domains end, and what the value rests on

Edge = tuple[Call, list[Any]]


def _with_domains(formula: Formula) -> list[Call]:
    """The calls in a formula that do not have a value everywhere."""
    return [node for node in calls_in(formula) if node.function.domain]


def edges(formula: Formula, graph: Graph) -> list[Edge]:
    """The calls that the value rests on whose arguments may lie on the edge of the domain, and may move; with these."""
    found = []
    for node in kept(formula, _with_domains):
        args = graph.args(node)
        if not any(isinstance(arg, Failure) for arg in args) and _on_edge(node.function, args):
            found.append((node, args))
    if not found:
        return []
    reached = ByIdentity((node, True) for node in taken(formula, graph))
    return [(node, args) for node, args in found if node in reached]


def taken(formula: Formula, graph: Graph, conditions: bool = True) -> list[Call]:
    """The calls that the value rests on: of an `if`, the branch taken and, if wanted, the conditions asked for it."""
    found, todo = [], [formula]
    seen: ByIdentity[Formula, bool] = ByIdentity()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen[node] = True
        if isinstance(node, Name):
            todo += [node.definition] if node.definition is not None and node.name not in graph.leaves else []
        elif isinstance(node, Call):
            found.append(node)
            todo += _asked(node, graph, conditions)
    return found


def _asked(node: Call, graph: Graph, conditions: bool) -> Sequence[Formula]:
    name, args = node.function.name, node.args
    if name == "if":
        branch = args[1] if graph.of(args[0]) else args[2]
        return (args[0], branch) if conditions else (branch,)
    if name in ("and", "or") and graph.of(args[0]) is (name == "or"):
        return args[:1]
    return args


def _on_edge(row: Function, args: Sequence[Any]) -> bool:
    """Whether it is not certain that the domain holds all around the arguments that may move."""
    around = [_around(arg.data) if isinstance(arg, Value) else arg for arg in args]
    try:
        return not fits(row, tuple(around), BALL)
    except ArithmeticError:
        return True


def _around(x: Any) -> Any:
    """A ball and what is next to it. What is known not to be 0, however small, has 0 at some distance."""
    return x + around_zero() if x.contains(0) else x * (1 + around_zero())


Singular = tuple[Call, Value, Any]


def singular_calls(formula: Formula, graph: Graph) -> list[Singular]:
    """The calls that the value rests on with a partial derivative that is not finite, their Values, and what a gradient
    that was computed has for these."""
    found = []
    for node in taken(formula, graph, conditions=False):
        made = graph.of(node)
        if isinstance(made, Value) and node.function.name != "if" and not all(map(is_finite, made.partials)):
            found.append((node, made, zero() + made.grad))
    return found


def is_finite(partial: Any) -> bool:
    return bool(getattr(partial, "is_finite", lambda: True)())
