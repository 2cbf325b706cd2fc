"""Value and gradient of a tape in balls: the steps of rows, and straight-line code, equal operations once.

Constants of texts are exact numbers, balls at a precision when the code runs. A text that needs more, as one that asks
for a sign does, is one operation of the code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gradcalc.language.formula import Call, Function, Number, fold
from gradcalc.language.functions import TABLE
from gradcalc.language.grammar import read_text

from .needed import ARITHMETIC, told_above
from .rules import SMALL, SMALL_POWERS, NoRule, is_ours
from .scalars import BALL, Scalars, anything, around_zero, ball_class, exact_ball
from .straight import Atom, Code, Op, Straight, function_of
from .written import Written

if TYPE_CHECKING:
    from .tape import Tape

_CONTROL: dict[Function, Callable[..., Any]] = {
    TABLE["if"]: lambda condition, a, b: a if condition else b,
    TABLE["and"]: lambda x, y: x and y,
    TABLE["or"]: lambda x, y: x or y,
    TABLE["not"]: lambda x: not x,
}


@lru_cache(1024)
def _spreads(row: Function) -> bool:
    """Whether a row of one argument is not finite at balls that are not."""
    balls = [anything() + middle for middle in (0, 1, -math.pi, 1e300)]
    balls += map(exact_ball, (math.inf, -math.inf, math.nan))
    return len(row.params) == 1 and not any(BALL.function(row)(end).is_finite() for end in balls)


@lru_cache(1024)
def step(scalars: Scalars, row: Function, varying: tuple[int, ...]) -> Callable[..., Any]:
    """A function of a row's arguments that returns its value; over balls, if any varies, a tuple of it and the partial
    derivatives for those that vary. Over columns no steps are run but those of constants.

    Raises:
        NoRule: where the row has no partial derivative.
    """
    lacks = not row.partials or (not row.variadic and any(row.partials[k] is None for k in varying))
    if varying and lacks and (row not in _CONTROL or scalars is BALL):
        raise NoRule
    value = _CONTROL.get(row) or (scalars.function(row) if is_ours(row) else function_of(row, scalars))
    partials = [BALL.partial(row, k) for k in varying if scalars is BALL]

    def forward(*args: Any) -> Any:
        out = value(*args)
        return out, *[partial(*args, out) for partial in partials]

    return forward if partials else value


def _emitting(what: Any, exactly: Callable[..., Any] | None = None) -> Callable[..., Atom]:
    """A function of atoms that adds an operation to their code, or computes it `exactly` of numbers."""

    def call(*args: Atom) -> Atom:
        for arg in args:
            if isinstance(arg, Op):
                return arg.code.call(what, args)
        try:
            return Fraction(exactly(*args))  # type: ignore[misc, return-value]
        except (TypeError, ArithmeticError):  # it has no exact value, or none that is rational
            raise NoRule from None

    return call


def _none(*_: Any) -> Any:
    raise NoRule


def _resolve(scalars: Scalars, row: Function) -> Callable[..., Atom]:
    if row.condition or row in _CONTROL:
        return _none
    if row in SMALL:
        return scalars.compile(str(row.definition), row.params)
    return _emitting(row, row.rational)


class _Exactly(Scalars):
    """Operations over balls, and exact numbers."""

    def partial(self, row: Function, position: int) -> Callable[..., Atom]:
        whole = _emitting(BALL.partial(row, position))
        try:
            text = super().partial(row, position)
        except NoRule:
            return whole

        def call(*args: Atom) -> Atom:
            try:
                return text(*args)  # type: ignore[no-any-return]
            except NoRule:
                return whole(*args)

        return call


_STRAIGHT = _Exactly("straight ball", Fraction, _none, _resolve, native=frozenset())


class _Straight(Straight):
    def _constants(self) -> None:
        tape = self.tape
        in_ends = {i for _, args, _ in tape.edges for i in args}
        for place in {i for _, _, args, _ in tape.steps for i in args} | {tape.root} | in_ends:
            node = tape.program.nodes[place]
            if isinstance(node, Number):
                self.where[place] = Fraction(*node.value.as_integer_ratio())  # type: ignore[assignment]
            elif place not in self.where and tape.rows[place] is None:
                self.where[place] = self.code.input(f"c{place}")
        for place, _, _, _ in tape.constants:
            self.where[place] = self.code.input(f"c{place}")


_SURE = ARITHMETIC | {*SMALL_POWERS["ball"].values()}
_TOGETHER = {row: TABLE[row.beside[0]] for row in TABLE.values() if row.beside}
_OPEN = {"<": "<", "<=": "<", ">": ">", ">=": ">", "!=": "!=", "and": "and", "or": "or", "neg": "-"}


@lru_cache(1024)
def _interior(row: Function) -> str:
    """The interior of a row's domain, so that what is all around is inside, too, as a condition on balls in `{x}`:
    comparing these is true only where it is certain. Empty where the domain is more than comparisons with numbers."""

    def called(call: Call, parts: list[str]) -> str:
        return f"({f' {_OPEN[call.function.name]} '.join(['', *parts][-2:])})"

    try:
        return fold(read_text(row.domain), lambda node: str(node.value), lambda node, _: f"{{{node.name}}}", called)
    except KeyError:
        return ""


class EnclosedLines(Written):
    """Lines over balls, which raise ValueError where one of `squares` is not finite.

    Attributes:
        numbers: what the names k0, k1, ... stand for.
        source: the text of the whole function.
    """

    source: str

    def __init__(self, code: Code, results: Sequence[Atom], squares: Sequence[Atom]):
        self.numbers: dict[Fraction, str] = {}
        self._beside: dict[Op, tuple[Op, Op]] = {}
        live = code.live(results)
        of = {(op.what, op.args[0]): op for op in live if op.what in _TOGETHER.values() or op.what in _TOGETHER}
        for (row, arg), op in of.items():
            if other := of.get((_TOGETHER.get(row), arg)):
                self._beside |= {op: (op, other), other: (op, other)}
        super().__init__(code, results, squares)

    def text(self, atom: Atom) -> str:
        if isinstance(atom, Op):
            return self._texts[atom]
        return self.numbers.setdefault(Fraction(atom), f"k{len(self.numbers)}")

    def _write(self, op: Op) -> None:
        both = self._beside.get(op)
        if both is None:
            super()._write(op)
        elif op not in self._texts:
            self._texts |= {each: f"v{each.place}" for each in both}
            row, arg = both[0].what, self.text(op.args[0])
            made = row.beside[1]
            self.bound[name := f"both_{row.name}"] = getattr(ball_class(), made) if isinstance(made, str) else made
            self._blocks[0].append(f"v{both[0].place}, v{both[1].place} = {name}({arg})")

    def _function(self, row: Function) -> Callable[..., Any]:
        return function_of(row, BALL)

    def _check(self, sizes: Sequence[str]) -> list[str]:
        return [f"if not ({' and '.join(f'{one}.is_finite()' for one in sizes)}): raise ValueError"] if sizes else []

    def inside(self, ends: Sequence[tuple[Function, Sequence[Atom]]]) -> Iterator[str]:
        """The lines that raise where arguments may be outside the domain of a row."""
        for k, (row, args) in enumerate(ends):
            given = list(map(self.text, args))
            self.bound[f"domain{k}"] = BALL.domain(row)
            inside = _interior(row) or f"domain{k}({', '.join(given)})"
            yield f"if not {inside.format_map(dict(zip(row.params, given, strict=False)))}: raise ValueError"


def code_of(tape: Tape) -> EnclosedLines:
    """The code of `run(values, known)`, ValueError where the tape gives up; the last known are numbers as balls."""
    made = _Straight(tape, _STRAIGHT)
    where, told = made.where, told_above(tape, of_row=_spreads)
    around = made.code.input("around")
    ends = []
    for row, args, which in tape.edges:
        near = () if _interior(row) else which
        ends.append((row, [made.of("+", where[i], around) if k in near else where[i] for k, i in enumerate(args)]))
    results = [made.value, *made.gradient({})]
    unsure = set[int]()  # which may have no value, as sums and products of what has one cannot
    for place, _, args, _ in tape.steps:
        if tape.rows[place] not in _SURE or not unsure.isdisjoint(args):
            unsure.add(place)
    looked_at = [where[place] for place in sorted(unsure - told - {tape.root})]
    found = EnclosedLines(made.code, [*results, *(arg for _, args in ends for arg in args)], looked_at)
    value, *gradient = found.results[: len(results)]
    head = [f"{', '.join(f'x{i}' for i in range(len(tape.leaves)))}, = values"] if tape.leaves else []
    inputs = [op.args[0] for op in made.code.ops if op.what is None]
    head += [f"{name} = known[{name[1:]}]" for name in inputs if name[0] == "c"]
    head += [f"{', '.join(found.numbers.values())}, = known[-1]"] if found.numbers else []
    head += ["around = around_zero()"] if not all(_interior(row) for row, _ in ends) else []
    body = [*head, *found.lines, *found.inside(ends), f"return {value}, [{', '.join(gradient)}]"]
    found.source = "\n".join(["def run(values, known):", *(f"    {line}" for line in body)])
    found.bound["around_zero"] = around_zero
    return found
