"""Value and gradient as a list of lines, each a name and a formula in the names above it.

The lines come from a `Tape` and from the rows' own texts: a line for each node, forward; then for each node its adjoint,
the sum over the nodes that use it. What only a branch needs is computed where that branch is taken, else it is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from gradcalc.engine.constants import decided
from gradcalc.engine.formulas import simple_call
from gradcalc.engine.program import Program, lacking
from gradcalc.engine.rules import NoRule
from gradcalc.engine.scalars import FLOAT, NATIVE, Scalars
from gradcalc.engine.tape import Tape
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Function, Name, Number
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import kept
from gradcalc.language.literals import number

ZERO, ONE = number(0), number(1)
_TOTAL = NATIVE - {"/"} | {"if"}  # that have a value whatever their arguments are
_IF, _CONTROL = TABLE["if"], frozenset({"if", "and", "or", "not"})
NAN = Name("nan of the language")  # no name can be typed so
_MOST_TERMS = 6  # of an adjoint in one line


def literal(row: Function, args: tuple[Any, ...]) -> Any:
    """A call, of numbers alone computed where that is exact; a choice between numbers is made."""
    known = [arg if isinstance(arg, bool) else _exact(arg) for arg in args]
    if row.name == "if" and isinstance(args[0], bool):
        return args[1] if args[0] else args[2]
    if row.name in ("and", "or") and any(isinstance(arg, bool) for arg in args):
        one, other = args if isinstance(args[0], bool) else args[::-1]
        return other if one is (row.name == "and") else one
    if None not in known and row.rational is not None:
        try:
            exact = row.rational(*known)
        except ArithmeticError:
            return Call(row, args)
        return exact if isinstance(exact, bool) else _shortest(Fraction(exact))
    return simple_call(row, args)


def _exact(formula: Formula) -> Fraction | None:
    """The number that a literal, a quotient of two, or minus one of them is."""
    minus = isinstance(formula, Call) and formula.function is TABLE["neg"]
    size = formula.args[0] if isinstance(formula, Call) and minus else formula
    parts = size.args if isinstance(size, Call) and size.function is TABLE["/"] else (size,)
    known = [part.value for part in parts if isinstance(part, Number)]
    if len(known) < len(parts) or 0 in known[1:]:
        return None
    exact = known[0] / known[1] if known[1:] else known[0]
    return -exact if minus else exact


def _shortest(exact: Fraction) -> Formula:
    """A number as a decimal, where few digits write it; else as a quotient."""
    text = repr(abs(float(exact)))
    if exact.denominator == 1 or Fraction(text) != abs(exact):
        return number(exact)
    size = Number(text, abs(exact))
    return Call(TABLE["neg"], (size,)) if exact < 0 else size


LITERAL = Scalars("literal", number, Name, lambda _, row: lambda *args: literal(row, args), native=frozenset())


def _typed(double: float) -> Formula:
    size = Number(repr(abs(double)), Fraction(abs(double)))
    return Call(TABLE["neg"], (size,)) if double < 0 else size


@dataclass(frozen=True, slots=True)
class Line:
    """A name and the formula, in inputs and in names of lines above, that it stands for: a number or a condition.

    `mask` is the condition under which its formula must have a value.
    """

    name: str
    formula: Formula
    condition: bool = False
    mask: Formula | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A use of a node, `below`, as the argument `position` of another, `above`: their places, and the partial
    derivative there."""

    above: int
    below: int
    position: int
    partial: Formula


class Straight:
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
        self.lines: list[Line] = []
        self.values: dict[int, Any] = {}  # of a constant condition, a truth value
        self.adjoints: dict[int, Formula] = {}
        self.masks: dict[int, Formula] = {}
        self.edges: list[Edge] = []
        self._taken = set(names)
        self._labels = {**self._definitions(), **(labels or {})}
        self._plan: dict[int, int] = {}  # the mask of each live place
        self._alternatives: list[tuple[_Use, ...]] = [()]  # of each mask; the first one holds always
        self._made: dict[int, Any] = {0: True}
        self._doubts: list[Formula] = []
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
        tried = (wanted if i == 1 else f"{wanted}_{i}" for i in count(1))
        name = next(name for name in tried if name not in self._taken)
        self._taken.add(name)
        self.lines.append(Line(name, formula, condition, mask))
        return Name(name)

    def _row(self, place: int) -> Function:
        row = self.program.rows[place]
        assert row is not None
        return row

    # ---- forward

    def _forward(self) -> None:
        tape = self.tape
        self.values |= {place: Name(self.inputs[which]) for place, which in tape.sources}
        self._constants()
        self._plan_masks()
        numbers, conditions, outside = count(1), count(1), set[int]()
        for place, args in self._in_order():
            row, given = self._row(place), tuple(self.values[i] for i in args)
            mask = self._mask(place)
            if (row.domain and LITERAL.domain(row)(*given) is not True) or not outside.isdisjoint(args):
                outside.add(place)
            if row.condition or row.variadic:  # which may have an answer where an argument has no value
                doubted = [Call(TABLE["*"], (ZERO, self.values[i])) for i in args if i in outside]
                self._doubts += [literal(_IF, (mask, each, ZERO)) for each in doubted]
            made = literal(row, given) if row.name in _CONTROL else Call(row, given)
            if isinstance(made, bool):
                self.values[place] = made
                continue
            needed = None if mask is True or row.condition or row.name in _TOTAL else mask
            wanted = f"c{next(conditions)}" if row.condition else self._labels.get(place) or f"v{next(numbers)}"
            self.values[place] = self._line(wanted, made, row.condition, needed)
        self.value = self.values[tape.root]
        for doubt in self._doubts:
            self.value = Call(TABLE["+"], (self.value, doubt))

    def _constants(self) -> None:
        """The values that depend on no input: numbers as they are typed, an operation on two of them as it is, anything
        else as the double that it is."""
        tape, nodes = self.tape, self.program.nodes
        known: dict[int, Any] = {}
        for place in tape.numbers:
            node = nodes[place]
            known[place] = _double(node)
            self.values[place] = node if isinstance(node, Number) else Name(node.name)
        exact = {} if self.program.smooth else kept(self.program.formula, decided)
        for place, step, args, _ in tape.constants:
            try:
                found = exact.get(id(nodes[place]))
                made = known[place] = step(*[known[i] for i in args]) if found is None else found
            except (ArithmeticError, ValueError):
                made = known[place] = math.nan
            given = tuple(self.values[i] for i in args)
            if isinstance(made, bool):
                self.values[place] = made
            elif not math.isfinite(made):
                self.values[place] = NAN
            elif self._row(place).symbol and all(isinstance(each, Number) for each in given):
                self.values[place] = Call(self._row(place), given)
            else:
                self.values[place] = _typed(float(made))

    # ---- masks: when a place is needed, which is always, or where one of several uses is

    def _plan_masks(self) -> None:
        uses: dict[int, list[_Use]] = {self.tape.root: [_Use(0)]}
        known: dict[tuple[_Use, ...], int] = {}
        for place, _, args, _ in reversed(self.tape.steps):
            if place not in uses:  # only a branch that is never taken has it
                continue
            mask = self._plan[place] = self._mask_number(uses[place], known)
            chooses = self._row(place) is _IF
            for k, i in enumerate(args):
                sense = k == 1
                if not (chooses and k):
                    uses.setdefault(i, []).append(_Use(mask))
                elif not isinstance(holds := self.values.get(args[0]), bool):
                    uses.setdefault(i, []).append(_Use(mask, args[0], sense))
                elif holds is sense:
                    uses.setdefault(i, []).append(_Use(mask))

    def _mask_number(self, uses: Sequence[_Use], known: dict[tuple[_Use, ...], int]) -> int:
        """The number of the mask for these uses: an old one, if there is one."""
        found = dict.fromkeys(uses)
        for use in uses:
            if use.condition >= 0 and use._replace(sense=not use.sense) in found:  # both branches
                found[_Use(use.mask)] = None
        least = tuple(use for use in found if use.condition < 0 or _Use(use.mask) not in found)
        if any(use == _Use(0) for use in least):
            return 0
        if len(least) == 1 and least[0].condition < 0:
            return least[0].mask
        if least not in known:
            known[least] = len(self._alternatives)
            self._alternatives.append(least)
        return known[least]

    def _below(self, mask: int) -> tuple[list[int], set[int]]:
        """The masks that one is made of, itself the last, and the places of their conditions."""
        found, stack, conditions = set[int](), [mask], set[int]()
        while stack:
            one = stack.pop()
            if one and one not in found:
                found.add(one)
                stack += [use.mask for use in self._alternatives[one]]
                conditions |= {use.condition for use in self._alternatives[one] if use.condition >= 0}
        return sorted(found), conditions

    def _mask(self, place: int) -> Any:
        """The condition under which a place is needed; True also where it is not known yet."""
        masks, conditions = self._below(self._plan[place])
        if not self.values.keys() >= conditions:
            return True
        for mask in masks:
            if mask in self._made:
                continue
            either: Any = False
            for use in self._alternatives[mask]:
                holds = True if use.condition < 0 else self.values[use.condition]
                holds = holds if use.sense else literal(TABLE["not"], (holds,))
                either = literal(TABLE["or"], (either, literal(TABLE["and"], (self._made[use.mask], holds))))
            simple = isinstance(either, Name | bool) or (isinstance(either, Call) and isinstance(either.args[0], Name) and len(either.args) == 1)
            self._made[mask] = either if simple else self._line(f"m{mask}", either, True)
        return self._made[self._plan[place]]

    def _in_order(self) -> list[tuple[int, tuple[int, ...]]]:
        """The live steps: each after its arguments and, unless that is a circle, after the conditions of its mask."""
        steps = {place: args for place, _, args, _ in self.tape.steps if place in self._plan}
        order: list[int] = []
        closed: dict[int, bool] = {}
        for start in steps:
            stack = [start]
            while stack:
                place = stack[-1]
                if place in closed:
                    stack.pop()
                    if not closed[place]:
                        closed[place] = True
                        order.append(place)
                    continue
                closed[place] = False
                below = [i for i in (*self._below(self._plan[place])[1], *steps[place]) if i in steps]
                if any(closed.get(i) is False for i in below):
                    return [*steps.items()]
                stack += [i for i in reversed(below) if i not in closed]
        return [(place, steps[place]) for place in order]

    # ---- backward

    def _backward(self, edges: bool) -> None:
        terms: dict[int, list[Formula]] = {self.tape.root: [ONE]} if self.tape.varies else {}
        for place, _, args, targets in reversed(self.tape.steps):
            if not targets or place not in terms or place not in self._plan:
                continue
            adjoint = self._adjoint(place, terms)
            mask = self._mask(place)
            varying = [k for k, i in enumerate(args) if i in targets]
            share = self._share(place, args, varying)
            for k in varying:
                partial = self._partial(place, k, args, share)
                if edges:
                    partial = self._line("d", literal(_IF, (mask, partial, ZERO)))
                    self.edges.append(Edge(place, args[k], k, partial))
                pulled = _product(adjoint, partial)
                if not edges and mask is not True and _exact(partial) is None:
                    pulled = literal(_IF, (mask, pulled, ZERO))
                if pulled is not ZERO:
                    self._add(terms.setdefault(args[k], []), pulled)
        for place, _ in self.tape.sources:
            if place in terms:
                self._adjoint(place, terms)
        self.masks = {place: mask for place in self._plan if (mask := self._mask(place)) is not True}

    def _adjoint(self, place: int, terms: Mapping[int, list[Formula]]) -> Formula:
        total = terms[place][0]
        for term in terms[place][1:]:
            total = Call(TABLE["+"], (total, term))
        if not isinstance(total, Name | Number):
            total = self._line(f"g_{self._called(place)}", total)
        self.adjoints[place] = total
        return total

    def _called(self, place: int) -> str:
        value = self.values[place]
        return value.name if isinstance(value, Name) else "constant"

    def _add(self, terms: list[Formula], term: Formula) -> None:
        if len(terms) == _MOST_TERMS:
            total = terms[0]
            for each in terms[1:]:
                total = Call(TABLE["+"], (total, each))
            terms[:] = [self._line("s", total)]
        terms.append(term)

    def _partial(self, place: int, k: int, args: Sequence[int], share: Formula | None) -> Formula:
        row, given = self._row(place), [self.values[i] for i in args]
        if row is _IF:
            return literal(_IF, (given[0], *((ONE, ZERO) if k == 1 else (ZERO, ONE))))  # type: ignore[no-any-return]
        partial = LITERAL.partial(row, k)
        out = self.values[place]
        return partial(given[k], out, share) if row.variadic else partial(*given, out)  # type: ignore[no-any-return]

    def _share(self, place: int, args: Sequence[int], varying: Sequence[int]) -> Formula | None:
        """The share of each argument of a variadic row where several are its value: the minimum-norm subgradient."""
        if not self._row(place).variadic:
            return None
        out, total, fixed = self.values[place], ZERO, False
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


class _Use(NamedTuple):
    """A use of a place: by one with this mask and, unless it is -1, where the condition at a place holds or does not."""

    mask: int
    condition: int = -1
    sense: bool = True


def _product(x: Formula, y: Formula) -> Formula:
    if isinstance(y, Call) and y.function is TABLE["neg"] and isinstance(y.args[0], Number) and y.args[0].value == 1:
        return Call(TABLE["neg"], (x,))
    return literal(TABLE["*"], (x, y))  # type: ignore[no-any-return]


def _double(node: Formula) -> float:
    try:
        return FLOAT.number(node.value) if isinstance(node, Number) else FLOAT.constant(node.name)  # type: ignore[union-attr, no-any-return]
    except ArithmeticError:
        raise FormulaError("this number is no double", node.span) from None
