"""Value and gradient over a `Program`: forward through a list of steps, and back through it. No graph is made.

A tape computes what a graph of Values computes, by the same texts of the table, at points where nothing is unusual.
Where something is - an argument outside a domain, a partial derivative that does not exist, a literal that is no double
- it gives up, and the graph says what there is to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.language.formula import Formula, Function, Name, Number
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import functions_in, kept, uncollected
from gradcalc.language.rows import with_exponentials

from . import enclosed
from .constants import decided
from .needed import told_by_value
from .program import Program
from .rationals import NOTHING
from .rewrite import expand
from .rules import SMALL_POWERS, NoRule, compiled
from .scalars import BALL, FLOAT, Scalars, anything, around_zero, precision
from .straight import STRAIGHT, Straight
from .written import Written, step

RUNS_BEFORE_CODE = 12  # about as many runs of the steps as the compiler takes the time of
LONGEST_CODE = 4_000  # steps; beyond, compiling costs more than it gains
_DOUBLE_BITS = 53
_POWER, _NEG = TABLE["^"], TABLE["neg"]


class Tape:
    """A program as steps from the values of some names to its value and its gradient.

    Args:
        program: what is computed.
        scalars: `FLOAT` or `BALL`.
        leaves: the names that are given values; every other name has a definition or is a constant.
        wrt: those of them that the gradient is by.

    Raises:
        NoRule: where a row cannot be put into steps.

    Attributes:
        steps: each a place, the function of its step, the places of its arguments, and of those that vary. The function
            answers with the value alone where nothing varies, else with the value and the partial derivatives.
        rows: by place, the row of a step: the program's, or a small power; None for what is none.
        constants: the steps that depend on no leaf.
    """

    def __init__(self, program: Program, scalars: Scalars, leaves: Sequence[str], wrt: Sequence[str]):
        self.program = program
        self.scalars = scalars
        self.leaves = tuple(leaves)
        self.wrt = tuple(wrt)
        self.sources: list[tuple[int, int]] = []  # places of leaves, and which leaf
        self.numbers: list[int] = []  # places of numbers and of names of constants
        self.constants: list[_Step] = []
        self.steps: list[_Step] = []
        self.rows: list[Any] = []
        self.squares: list[int] = []  # places of products that stand for a power, which would tell when it overflows
        self.edges: list[tuple[Function, tuple[int, ...], tuple[int, ...]]] = []  # calls that may leave their domain
        self._numbers: list[Fraction] = []  # that the code takes beside: the last of what is settled
        self._settled: dict[int, list[Any]] = {}  # for each precision, the values of what is constant
        with uncollected():
            self._lay_out()
        self._runs = 0
        self._code: Callable[..., Any] | None = None

    def _lay_out(self) -> None:
        program = self.program
        leaf = {name: i for i, name in enumerate(self.leaves)}
        wrt = frozenset(self.wrt)
        live = self._live(leaf)
        size = program.root + 1
        alias = list(range(size))
        nodes, rows, all_args, aliased = program.nodes, program.rows, program.args, False
        depends, varies = bytearray(size), bytearray(size)
        calls: list[int] = []  # places, and of each its arguments, and which of them vary
        arguments: list[tuple[int, ...]] = []
        moving: list[tuple[int, ...]] = []
        for place in range(size):
            if not live[place]:
                continue
            node, row, args = nodes[place], rows[place], all_args[place]
            if aliased:
                args = tuple([alias[i] for i in args])
            if row is not None:
                if len(args) == 2:
                    one, other = args
                    depends[place] = depends[one] | depends[other]
                    which = _OF_TWO[varies[one] + 2 * varies[other]]
                else:
                    depends[place] = max([depends[i] for i in args])
                    which = tuple([k for k, i in enumerate(args) if varies[i]])
                if row.condition:
                    which = ()
                elif which:
                    varies[place] = 1
                calls.append(place)
                arguments.append(args)
                moving.append(which)
            elif isinstance(node, Name) and node.name in leaf:
                depends[place], varies[place] = 1, node.name in wrt
                self.sources.append((place, leaf[node.name]))
            elif args:  # a named intermediate is its definition
                alias[place] = args[0]
                aliased = True
            else:
                self.numbers.append(place)
        self.root = alias[program.root]
        self.varies = bool(varies[self.root])
        self.rows = rows[:size]
        reached = varies  # but by what conditions alone need
        if any(row.condition for row in kept(program.formula, functions_in)):
            reached = bytearray(size)
            reached[self.root] = 1
            for place, args, which in zip(reversed(calls), reversed(arguments), reversed(moving), strict=True):
                if reached[place]:
                    for k in which:
                        reached[args[k]] = 1
        known: dict[tuple[Function, int, tuple[int, ...]], Callable[..., Any]] = {}
        in_balls = self.scalars is BALL
        for place, args, which in zip(calls, arguments, moving, strict=True):
            row = rows[place]
            assert row is not None
            if in_balls and row.domain and which:
                self.edges.append((row, args, which))
            if row is _POWER and (small := self._small_power(args)):
                self.rows[place] = row = small
                args, which = args[:1], which[:1]
                self.squares += [place] if depends[place] else []
            wanted = which if reached[place] else ()
            key = row, len(args), wanted
            run = known.get(key)
            if run is None:
                run = known[key] = self._step(row, len(args), wanted)
            made = (place, run, args, args if len(wanted) == len(args) else tuple([args[k] for k in wanted]))
            (self.steps if depends[place] else self.constants).append(made)
        self._drop_edges_without_end()
        place_of = {which: place for place, which in self.sources}
        self.of_wrt = [place_of.get(leaf[name], -1) for name in self.wrt]

    def _step(self, row: Function, count: int, varying: tuple[int, ...]) -> Callable[..., Any]:
        if self.scalars is FLOAT:
            return step(row, count, varying)
        return enclosed.step(self.scalars, row, varying)

    def _small_power(self, args: tuple[int, ...]) -> Function | None:
        small = SMALL_POWERS[self.scalars.name]
        rows, nodes, sign, place = self.program.rows, self.program.nodes, 1, args[1]
        if rows[place] is _NEG:
            sign, place = -1, self.program.args[place][0]
        node = nodes[place]
        return small.get(sign * node.value) if isinstance(node, Number) else None

    def _drop_edges_without_end(self) -> None:
        """Forget the calls whose domain holds whatever the arguments that move are, as that of x^2."""
        if not self.edges:
            return
        with precision(_DOUBLE_BITS):
            known, every = self.known(_DOUBLE_BITS), anything()
            self.edges = [
                (row, args, which)
                for row, args, which in self.edges
                if not _holds(BALL.domain(row), [every if known[i] is None else known[i] for i in args])
            ]

    def _live(self, leaf: Mapping[str, int]) -> bytearray:
        """Which entries the value rests on; what a leaf was defined by does not count."""
        program = self.program
        if not program.defines(leaf):
            return bytearray(b"\1") * len(program)
        live = bytearray(len(program))
        live[program.root] = 1
        for place in range(program.root, -1, -1):
            if live[place]:
                node = program.nodes[place]
                if program.rows[place] is None and isinstance(node, Name) and node.name in leaf:
                    continue
                for below in program.args[place]:
                    live[below] = 1
        return live

    # ---- running it

    def value_and_grad(self, values: Sequence[Any], bits: int = _DOUBLE_BITS) -> tuple[Any, list[Any]]:
        """The value and the gradient, by the names in `wrt`, where the leaves have these values; over balls, at the
        precision in force, which is `bits`, and where one of them is not finite, the tape has given up.

        Raises:
            ArithmeticError, ValueError: where the tape gives up.
        """
        if self._code is not None:
            return self._code(values, self.known(bits))  # type: ignore[no-any-return]
        self._runs += 1
        able = self.scalars is FLOAT or self.program.smooth  # code over balls has no branches
        if able and self._runs > RUNS_BEFORE_CODE and len(self.steps) <= LONGEST_CODE:
            self._code = self.compiled()
        with uncollected():
            return self._run(values, bits)

    def _run(self, values: Sequence[Any], bits: int) -> tuple[Any, list[Any]]:
        found = self.known(bits).copy()
        for place, which in self.sources:
            found[place] = values[which]
        pulls: list[Any] = []
        for place, run, args, targets in self.steps:
            made = run(found[args[0]], found[args[1]]) if len(args) == 2 else run(*[found[i] for i in args])
            pulls.append(made)
            found[place] = made[0] if targets else made
        if self.scalars is BALL:
            self._check(found)
        elif self.squares and not math.isfinite(sum([found[place] for place in self.squares])):
            raise OverflowError
        zero, one = self.scalars.number(Fraction(0)), self.scalars.number(Fraction(1))
        grads = [zero] * len(found)
        grads[self.root] = one
        for (place, _, _, targets), made in zip(reversed(self.steps), reversed(pulls), strict=True):
            grad = grads[place]
            if len(targets) == 2:
                grads[targets[0]] += grad * made[1]
                grads[targets[1]] += grad * made[2]
            elif targets:
                for target, partial in zip(targets, made[1:], strict=True):
                    grads[target] += grad * partial
        return found[self.root], [zero + grads[place] if place >= 0 else zero for place in self.of_wrt]

    def known(self, bits: int = _DOUBLE_BITS) -> list[Any]:
        """The values of all places that depend on no leaf, at a precision; the others are empty."""
        found = self._settled.get(bits)
        if found is None:
            if len(self._settled) > 8:
                self._settled.clear()
            found = [None] * (self.root + 1)
            for place in self.numbers:
                node = self.program.nodes[place]
                if isinstance(node, Number):
                    found[place] = self.scalars.number(node.value)
                else:
                    assert isinstance(node, Name)
                    found[place] = self.scalars.constant(node.name)
            exact = NOTHING if self.scalars is BALL or self.program.smooth else kept(self.program.formula, decided)
            for place, run, args, _ in self.constants:
                sharp = exact.get(self.program.nodes[place])
                if sharp is not None:
                    found[place] = sharp if isinstance(sharp, bool) else self.scalars.number(sharp)
                    continue
                given = [found[i] for i in args]
                settled = self.scalars is BALL
                made = found[place] = run(*given) if settled else at_constants(self.rows[place], run, given)
                if self.scalars is BALL and not isinstance(made, bool) and not made.is_finite():
                    raise ValueError
            found.append([self.scalars.number(number) for number in self._numbers])
            self._settled[bits] = found
        return found

    def _check(self, found: Sequence[Any]) -> None:
        """Balls: every value is finite, and every domain holds all around its arguments."""
        for place, _, _, _ in self.steps:
            value = found[place]
            if not isinstance(value, bool) and not value.is_finite():
                raise ValueError
        if self.edges:
            around = around_zero()
            for row, args, which in self.edges:
                if not BALL.domain(row)(*[found[i] + around if k in which else found[i] for k, i in enumerate(args)]):
                    raise ValueError

    # ---- the same steps as one function without a loop

    def compiled(self) -> Callable[..., Any]:
        """The function from the values of the leaves, and what is known, to the value and the gradient."""
        if self.scalars is FLOAT:
            source, bound = self._of_floats()
            return compiled(source, "run", bound)
        code = enclosed.code_of(self)
        self._numbers = [*code.numbers]
        self._settled.clear()
        return compiled(code.source, "run", code.bound)

    def _of_floats(self) -> tuple[str, dict[str, Any]]:
        written = self.written()
        value, *gradient = written.results
        lines = [f"    {', '.join(f'x{i}' for i in range(len(self.leaves)))}, = values"] if self.leaves else []
        lines += [f"    {line}" for line in written.lines]
        grads = ", ".join(f"0.0 + {slope}" for slope in gradient)
        return "\n".join(["def run(values, known):", *lines, f"    return {value}, [{grads}]"]), written.bound

    def of_arguments(self, name: str) -> tuple[str, dict[str, Any]]:
        """The text of a function of the leaves' values, one by one, and what its names stand for. If floats are given
        and come out it returns the `value`, the `value_and_grad` by name or both in one tuple, which is `flat`; else
        what `careful` says."""
        written = self.written()
        value, *gradient = written.results
        given = [f"x{i}" for i in range(len(self.leaves))]
        slopes = [f"0.0 + {slope}" for slope in gradient]
        by_name = ", ".join(f"n{k}: {slope}" for k, slope in enumerate(slopes))
        answer = {"value": value, "value_and_grad": f"{value}, {{{by_name}}}"}.get(name)
        answer = answer or "".join(f"{result}, " for result in (value, *slopes))
        all_of_them = f"({', '.join(given)},)"
        lines = [
            f"def {name}({', '.join(f'{one}=absent' for one in given)}, /, *more, **named):",
            f"    if {''.join(f'{one}.__class__ is ' for one in given)}float and not more and not named:",
            "        try:",
            *(f"            {line}" for line in written.lines[: -2 if written.sizes else None]),
            f"            size = {' + '.join([*written.sizes, *written.results])}",
            "            if size - size == 0.0:",
            f"                return {answer}",
            "        except (ArithmeticError, ValueError):",
            "            pass",
            f"    return careful(*[x for x in {all_of_them} if x is not absent], *more, **named)",
        ]
        return "\n".join(lines), {**written.bound, **{f"n{k}": of for k, of in enumerate(self.wrt)}, "absent": object()}

    def written(self) -> Written:
        """Value and gradient in floats as lines over the leaves' values, which are x0, x1, ..."""
        straight = Straight(self, STRAIGHT)
        told = told_by_value(self)
        unsure = [straight.where[i] for i in (*self.squares, *(i for i, _ in self.sources)) if i not in told]
        written = Written(straight.code, [straight.value, *straight.gradient({})], unsure)
        written.bound |= straight.bound
        return written


_OF_TWO: Sequence[tuple[int, ...]] = ((), (0,), (1,), (0, 1))
_Step = tuple[int, Callable[..., Any], tuple[int, ...], tuple[int, ...]]


def _holds(domain: Callable[..., bool], args: Sequence[Any]) -> bool:
    try:
        return domain(*args)
    except ArithmeticError:
        return False


def tape_of(program: Program, scalars: Scalars, leaves: tuple[str, ...], wrt: tuple[str, ...]) -> Tape | None:
    """The tape for these leaves and variables, kept with the program; None where there is none."""
    key = (scalars.name, leaves, wrt)
    if key not in program.tapes:
        try:
            program.tapes[key] = Tape(by_partials(program.formula, leaves), scalars, leaves, wrt)
        except (NoRule, ArithmeticError, ValueError):
            program.tapes[key] = None
    return program.tapes[key]  # type: ignore[no-any-return]


def at_constants(row: Function, run: Callable[..., Any], given: Sequence[Any]) -> Any:
    """A row's value at constants in doubles: nan where it needs one that has no value."""
    bad = [not math.isfinite(each) for each in given]
    if not any(bad):
        return run(*given)
    if bad[0] or row.name not in ("if", "and", "or"):
        return math.nan
    if row.name == "if":
        return given[1 if given[0] else 2]
    return given[0] if bool(given[0]) is (row.name == "or") else given[1]


def by_partials(formula: Formula, names: Container[str]) -> Program:
    """The program with the rows that have no partial derivatives written out by their definitions, and with `e^u` as
    the exponential, which a power of what `e` is rounded to is not, unless `e` is one of the names."""
    return kept(with_exponentials(formula, names), _by_partials)


def _by_partials(formula: Formula) -> Program:
    program = kept(formula, Program)
    if any(not row.partials and isinstance(row.definition, str) for row in kept(formula, functions_in)):
        return Program(expand(formula, kinks=False))
    return program
