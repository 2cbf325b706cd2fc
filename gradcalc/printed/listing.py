"""Value and gradient as a list of lines, each a name and a formula in the names above it.

The lines come from a `Tape` and from the rows' own texts: a line for each node, forward; then for each node its
adjoint, the sum over the nodes that use it. What only a branch needs counts where that branch is taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from gradcalc.engine.constants import decided
from gradcalc.engine.formulas import CONTROL, in_chain
from gradcalc.engine.needed import Masks
from gradcalc.engine.program import Program, lacking
from gradcalc.engine.rationals import NOTHING
from gradcalc.engine.rules import NoRule
from gradcalc.engine.scalars import FLOAT, NATIVE
from gradcalc.engine.tape import Tape, at_constants
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Function, Name, Number
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import kept
from gradcalc.language.literals import exact_number, number
from gradcalc.record import dataclass

from .literal import CONSTANT, LITERAL, literal, typed

ZERO, ONE = number(0), number(1)
_TOTAL = NATIVE - {"/"} | {"if"}  # that have a value whatever their arguments are
_IF = TABLE["if"]
NAN = Name("nan of the language")  # no name can be typed so
_MOST_TERMS = 6  # of an adjoint in one line


@dataclass(frozen=True, slots=True)
class Assignment:
    """A name and the formula, in inputs and in names of lines above, that it stands for: a number or a condition.

    `mask` is the condition under which its formula must have a value.
    """

    name: str
    formula: Formula
    condition: bool = False
    mask: Formula | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The use of a node, `below`, as argument `position` of another, `above`, by places, and the partial there."""

    above: int
    below: int
    position: int
    partial: Formula


class Listing:
    """The value and the gradient of a program as lines.

    Args:
        program: what is computed; its rows have partial derivatives.
        names: the inputs.
        wrt: those of them that the gradient is by.
        labels: how nodes are called, by place; the others are called by their definitions, or v1, v2, ...
        edges: whether every partial derivative has a line of its own.

    Raises:
        FormulaError: a row on the way to a name has no partial derivative, or a number is no double.

    Attributes:
        lines: the lines, in order.
        value, gradient: the results, in the lines' names.
        values, adjoints: the same of each node, by place.
        masks: for each place that only branches need, the condition under which it is needed.
        edges: all uses of nodes that vary.
    """

    def __init__(
        self,
        program: Program,
        names: Sequence[str],
        wrt: Sequence[str],
        labels: Mapping[int, str] | None = None,
        edges: bool = False,
    ):
        self.program, self.inputs, self.wrt = program, tuple(names), tuple(wrt)
        try:
            self.tape = Tape(program, FLOAT, names, wrt)
        except NoRule:
            reasons = [reason for name in wrt if (reason := lacking(program, name))]
            raise FormulaError((reasons or ["a function has no derivative"])[0], program.formula.span) from None
        self.lines: list[Assignment] = []
        self.values: dict[int, Any] = {}  # of a constant condition, a truth value
        self.adjoints: dict[int, Formula] = {}
        self.masks: dict[int, Formula] = {}
        self.edges: list[Edge] = []
        self._taken, self._used = set(names), dict[str, int]()
        self._labels = {**self._definitions(), **(labels or {})}
        self._doubts: list[Formula] = []
        self._outside = set[int]()  # places that may have no value
        self._forward()
        self._backward(edges)
        self.gradient = [self.adjoints.get(place, ZERO) for place in self.tape.of_wrt]

    def _definitions(self) -> dict[int, str]:
        """The names that the formula gives its nodes, by place."""
        found: dict[int, str] = {}
        for node, row, args in zip(self.program.nodes, self.program.rows, self.program.args, strict=True):
            if row is None and args and isinstance(node, Name):
                found.setdefault(args[0], node.name)
        return found

    def _line(self, wanted: str, formula: Formula, condition: bool = False, mask: Formula | None = None) -> Name:
        """A new line, under this name or one like it that nothing else has."""
        name = wanted
        while name in self._taken:
            self._used[wanted] = self._used.get(wanted, 1) + 1
            name = f"{wanted}_{self._used[wanted]}"
        self._taken.add(name)
        self.lines.append(Assignment(name, formula, condition, mask))
        return Name(name)

    def _mask(self, condition: Any) -> Any:
        """A condition for a place to be needed, with a line of its own unless it is one already, or its opposite."""
        inner = condition.args[0] if isinstance(condition, Call) and len(condition.args) == 1 else condition
        return condition if isinstance(inner, Name | bool) else self._line("m", condition, True)

    def _row(self, place: int) -> Function:
        row = self.program.rows[place]
        assert row is not None
        return row

    def args(self, place: int, args: tuple[int, ...]) -> tuple[int, ...]:
        """The places of all arguments of a step, that of a small power with its exponent."""
        return (*args, *self.program.args[place][len(args) :])

    # ---- forward

    def _forward(self) -> None:
        tape = self.tape
        self.values |= {place: Name(self.inputs[which]) for place, which in tape.sources}
        self._constants()
        self._masks = Masks(self.tape, self.values, lambda name, *args: literal(TABLE[name], args), self._mask)
        numbers, conditions = count(1), count(1)
        outside = self._outside
        for place, below in self._masks.in_order():
            args = self.args(place, below)
            row, given = self._row(place), tuple(self.values.get(i, NAN) for i in args)
            mask = self._masks.of(place)
            unsure = (row.domain and LITERAL.domain(row)(*given) is not True) or not outside.isdisjoint(args)
            if unsure and not row.condition:
                outside.add(place)
            # which may have an answer where an argument has no value
            for i in args if row.condition or row.variadic else args[:1] if row is _IF else ():
                if i in outside:
                    doubted = NAN if isinstance(self.values[i], bool) else self.values[i]
                    self._doubts.append(literal(_IF, (mask, Call(TABLE["*"], (ZERO, doubted)), ZERO)))
            made = literal(row, given) if row.name in CONTROL else Call(row, given)
            if isinstance(made, bool):
                self.values[place] = made
                continue
            if mask is True and self._masks.plan[place] and row.domain:  # its mask rests on it
                made = literal(_IF, (LITERAL.domain(row)(*given), made, NAN))
            needed = None if mask is True or row.condition or row.name in _TOTAL else mask
            wanted = f"c{next(conditions)}" if row.condition else self._labels.get(place) or f"v{next(numbers)}"
            self.values[place] = self._line(wanted, made, row.condition, needed)
        self.value = in_chain("+", [self.values[tape.root], *self._doubts])

    def _constants(self) -> None:
        """The values that depend on no input: numbers as they are typed, an operation on two of them as it is, anything
        else as the double that it is."""
        tape, nodes = self.tape, self.program.nodes
        known: dict[int, Any] = {}
        for place in tape.numbers:
            node = nodes[place]
            known[place] = _double(node)
            self.values[place] = CONSTANT.get(node.name, node) if isinstance(node, Name) else node
        exact = NOTHING if self.program.smooth else kept(self.program.formula, decided)
        for place, step, args, _ in tape.constants:
            try:
                found = exact.get(nodes[place])
                below = [known[i] for i in args]
                made = known[place] = at_constants(self._row(place), step, below) if found is None else found
            except (ArithmeticError, ValueError):
                made = known[place] = math.nan
            given = tuple(self.values[i] for i in self.args(place, args))
            if isinstance(made, bool):
                self.values[place] = made
            elif not math.isfinite(made):
                self.values[place] = False if self._row(place).condition else NAN
                self._outside.add(place)
            elif self._row(place).symbol and all(isinstance(each, Number) for each in given):
                self.values[place] = Call(self._row(place), given)
            else:
                self.values[place] = typed(float(made))

    # ---- backward

    def _backward(self, edges: bool) -> None:
        terms: dict[int, list[Formula]] = {self.tape.root: [ONE]} if self.tape.varies else {}
        for place, _, below, targets in reversed(self.tape.steps):
            if not targets or place not in terms or place not in self._masks.plan:
                continue
            args = self.args(place, below)
            adjoint = self._adjoint(place, terms)
            mask = self._masks.of(place)
            varying = [k for k, i in enumerate(args) if i in targets]
            share = self._share(place, args, varying)
            for k in varying:
                partial = self._partial(place, k, args, share)
                if edges:
                    partial = self._line("d", literal(_IF, (mask, partial, ZERO)))
                    self.edges.append(Edge(place, args[k], k, partial))
                pulled = _product(adjoint, partial)
                if not edges and mask is not True and exact_number(partial) is None:
                    pulled = literal(_IF, (mask, pulled, ZERO))
                if pulled is not ZERO:
                    self._add(terms.setdefault(args[k], []), pulled)
        for place, _ in self.tape.sources:
            if place in terms:
                self._adjoint(place, terms)
        needs = {place: self._masks.of(place) for place, _, _, _ in self.tape.steps if place in self._masks.plan}
        self.masks = {place: mask for place, mask in needs.items() if mask is not True}

    def _adjoint(self, place: int, terms: Mapping[int, list[Formula]]) -> Formula:
        total = in_chain("+", terms[place])
        if not isinstance(total, Name | Number):
            total = self._line(f"g_{self._called(place)}", total)
        self.adjoints[place] = total
        return total

    def _called(self, place: int) -> str:
        value = self.values[place]
        return value.name if isinstance(value, Name) else "constant"

    def _add(self, terms: list[Formula], term: Formula) -> None:
        if len(terms) == _MOST_TERMS:
            terms[:] = [self._line("s", in_chain("+", terms))]
        terms.append(term)

    def _partial(self, place: int, k: int, args: Sequence[int], share: Formula | None) -> Formula:
        row, given = self._row(place), [self.values.get(i, NAN) for i in args]
        if row is _IF:
            return literal(_IF, (given[0], *((ONE, ZERO) if k == 1 else (ZERO, ONE))))  # type: ignore[no-any-return]
        partial = LITERAL.partial(row, k)
        out = self.values[place]
        return partial(given[k], out, share) if row.variadic else partial(*given, out)  # type: ignore[no-any-return]

    def _share(self, place: int, args: Sequence[int], varying: Sequence[int]) -> Formula | None:
        """The share of each argument of a variadic row where several are its value: the minimum-norm subgradient."""
        if not self._row(place).variadic:
            return None
        out, total = self.values[place], ZERO
        fixed: Any = False
        for k, i in enumerate(args):
            ties = Call(TABLE["=="], (self.values[i], out))
            if k in varying:
                total = literal(TABLE["+"], (total, Call(_IF, (ties, ONE, ZERO))))
            else:
                fixed = literal(TABLE["or"], (fixed, ties))
        one = ONE if len(varying) == 1 else Call(TABLE["/"], (ONE, total))
        if fixed is not False:
            one = Call(_IF, (fixed, ZERO, one))
        return self._line("t", one)


def _product(x: Formula, y: Formula) -> Formula:
    if isinstance(y, Call) and y.function is TABLE["neg"] and isinstance(y.args[0], Number) and y.args[0].value == 1:
        return Call(TABLE["neg"], (x,))
    return literal(TABLE["*"], (x, y))  # type: ignore[no-any-return]


def _double(node: Formula) -> float:
    try:
        if isinstance(node, Number):
            return FLOAT.number(node.value)  # type: ignore[no-any-return]
        assert isinstance(node, Name)
        return FLOAT.constant(node.name)  # type: ignore[no-any-return]
    except ArithmeticError:
        raise FormulaError("this number is no double", node.span) from None
