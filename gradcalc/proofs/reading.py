"""Formulas read as quotients of polynomials on a cell, by laws that hold at every point where both sides have a value.

`plain` writes a formula in the few rows that have laws: sums, products, powers, exp, log, sin, cos, asin, atan, floor,
comparisons. A law that needs a sign (`sqrt(x^2)` is x for x > 0) asks the cell for it, and splits the cell where it
does not know. Every other row is a generator: equal arguments give equal values, and nothing else is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from fractions import Fraction
from functools import lru_cache
from typing import Any, Self, TypeVar

from gradcalc.engine.domains import is_off_zero
from gradcalc.engine.formulas import operands
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import OUTCOME, Interning, Signs, difference, floors
from gradcalc.language.formula import Call, Formula, Name, Number, expression, fold
from gradcalc.language.functions import CONSTANTS, TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.identity import ByIdentity
from gradcalc.language.literals import number
from gradcalc.language.values import unique_whole
from gradcalc.record import dataclass
from gradcalc.work import Work

from .algebra import Generator, NoValue, Ratio, Spent, Unread, ratio
from .angles import Angles
from .cells import Cell, Empty, Split
from .polynomials import Poly, generator
from .powers import whole_part
from .values import Read
from .vanishing import Vanishing

T = TypeVar("T")
_MOST_PARTS = 24  # cells looked at for one quantity
_MARKS, _MOST_APART = (-1, 0, 1, 2), 2  # between which what is bounded may lie
_OF_NODE, _TERMS = 2, 4  # units of work of a node, and how many terms of its value are another


@lru_cache(1024)
def _signs_needed(row: Function) -> tuple[tuple[Formula, Signs], ...]:
    """The signs of quantities, in its parameters, that a row of the table needs to have a value, all of them, as its
    domain says in so many words. The rows that have laws of their own ask for theirs."""
    if not row.domain or row.variadic or TABLE.get(row.name) is not row or row.name in _OF_THEIR_OWN:
        return ()
    parts = [part for part, _ in operands(read_text(row.domain), "and")]
    return tuple(
        (difference(part), OUTCOME[part.function.name])
        for part in parts
        if isinstance(part, Call) and part.function.name in OUTCOME and not any(floors(part))
    )


@lru_cache(1024)
def _wholes_needed(row: Function) -> tuple[tuple[str, tuple[tuple[Formula, Signs], ...]], ...]:
    """The parameters that must be whole where some quantities have none of these signs, as `n` of `x > 0 or n ==
    floor(n)` where x is not positive."""
    found = []
    for part, _ in operands(read_text(row.domain), "and") if row.domain and TABLE.get(row.name) is row else ():
        ways = [way for way, _ in operands(part, "or") if isinstance(way, Call)]
        names = [name for name in row.params if f"{name} == floor({name})" in map(expression, ways)]
        others = [way for way in ways if not any(floors(way))]
        if len(names) == 1 and len(others) == len(ways) - 1 and all(way.function.name in OUTCOME for way in others):
            found.append((names[0], tuple((difference(way), OUTCOME[way.function.name]) for way in others)))
    return tuple(found)


class Reader(Vanishing):
    """Reads plain formulas on one cell, which learns what they need to have a value.

    `switches` are the formula's own comparisons. `meets`: in the zeros of some quantities one of them was between
    equals, or, where they are `studied`, a floor of what is whole.
    """

    def __init__(
        self,
        cell: Cell,
        intern: Interning | None = None,
        switches: Collection[Any] = (),
        studied: bool = False,
        work: Work | None = None,
    ):
        super().__init__(cell)
        self.intern = Interning() if intern is None else intern
        self.switches = switches
        self.studied = studied
        self.work = work
        self.own = False
        self.meets = False

    def read(self, formula: Formula, own: bool = False) -> Ratio:
        """The value on this cell.

        Raises:
            Split: where the cell must be cut first.
            NoValue, Empty: there is no value anywhere on the cell.
            TooLarge: it has too many terms.
            Spent: the work that is allowed was done.
        """
        self.own = own
        stack = [formula]
        while stack:
            node = stack[-1]
            if node in self.values:
                stack.pop()
                continue
            if self.work is not None and self.work.over():
                raise Spent
            below = [part for part in self._needed(node) if part not in self.values]
            if below:
                stack += below[::-1]
            else:
                self.values[node] = value = self._value(node)
                if self.work is not None:
                    terms = len(value.top) + len(value.bottom) if isinstance(value, Ratio) else 0
                    self.work.spend(_OF_NODE + terms / _TERMS)
        found = self.values[formula]
        assert isinstance(found, Ratio)
        return found

    def on(self, factor: Poly, sign: int) -> Self:
        """The same on a part of its cell. What was read holds there as well, but where the factor is 0 more is known.

        Raises:
            Empty: there is no such part.
        """
        found = copy(self)
        found.cell, found.unsure = self.cell.side(factor, sign), set(self.unsure)
        found.values = ByIdentity(self.values.items() if sign else ())
        return found

    def _needed(self, node: Formula) -> tuple[Formula, ...]:
        if isinstance(node, Name):
            return (node.definition,) if node.definition is not None and not self._varies(node.name) else ()
        if not isinstance(node, Call):
            return ()
        name = node.function.name
        if name in ("if", "and", "or"):
            first = self.values.get(node.args[0])
            if first is None:
                return node.args[:1]
            if name == "if":
                return (node.args[1 if first else 2],)
            return node.args[1:] if bool(first) is (name == "and") else ()
        return node.args

    def _value(self, node: Formula) -> Read:
        if isinstance(node, Number):
            return ratio(node.value)
        if isinstance(node, Name):
            if node.definition is not None and not self._varies(node.name):
                return self.values[node.definition]
            return self.name(node.name)
        assert isinstance(node, Call)
        name = node.function.name
        if name == "if":
            return self.values[node.args[1 if self.values[node.args[0]] else 2]]
        if name in ("and", "or"):
            first = bool(self.values[node.args[0]])
            return bool(self.values[node.args[1]]) if first is (name == "and") else first
        args = [self.values[arg] for arg in node.args]
        if name == "not":
            return not args[0]
        if name in OUTCOME:
            return self._compare(node, *args)
        quantities = [arg for arg in args if isinstance(arg, Ratio)]
        at = dict(zip(node.function.params, quantities, strict=not node.function.variadic))
        for quantity, signs in _signs_needed(node.function):
            self.need(self._at(quantity, at), signs)
        for name, others in _wholes_needed(node.function):
            found = [self._at(quantity, at) for quantity, _ in others]
            told = [(self.cell.signs(each), signs) for each, (_, signs) in zip(found, others, strict=True)]
            if not any(known & signs for known, signs in told):
                self.hold_whole(at[name])
            elif not any(known <= signs for known, signs in told):
                self.ask_whole(at[name], tuple(found))
        return self.cell.ratio(self.called(node.function, quantities, node))

    def _at(self, quantity: Formula, at: Mapping[str, Ratio]) -> Ratio:
        """The value of a quantity of the table at arguments."""
        return fold(
            quantity,
            lambda node: ratio(node.value),
            lambda node, _: at[node.name] if node.name in at else self.name(node.name),
            lambda node, args: self.called(node.function, args),
        )

    def _varies(self, name: str) -> bool:
        return name in self.generators.variables or name in self.cell.values

    def name(self, name: str) -> Ratio:
        """The value of a variable or a constant."""
        if name in self.cell.values:
            return self.cell.ratio(self.cell.values[name])
        if name not in CONSTANTS or self._varies(name):
            made = Generator("name", name, (), lambda: None, single=True)
            return self.cell.ratio(Ratio(generator(self.generators.index(("name", name), lambda: made))))
        return self.exp(ratio(1)) if name == "e" else ratio(2) * self.pi() if name == "tau" else self.pi()

    # -- comparisons

    def _compare(self, node: Call, left: Read, right: Read) -> bool:
        assert isinstance(left, Ratio)
        assert isinstance(right, Ratio)
        outcomes = OUTCOME[node.function.name]
        difference = self.cell.ratio(left - right)
        signs = self.signs(difference)
        if self.own and self.cell.on_zeros and signs == {0} and self.intern.comparison(node)[0] in self.switches:
            self.meets = True
        if signs <= outcomes or not signs & outcomes:
            return signs <= outcomes
        unknown = self.cell.unknown(difference, apart=outcomes in ({0}, {-1, 1}))
        assert unknown is not None
        raise Split(*unknown)

    # -- calls

    def called(self, row: Function, args: Sequence[Ratio], node: Call | None = None) -> Ratio:
        """The value of a row, of which `node` is the call if it stands in a formula."""
        if TABLE.get(row.name) is row:
            if row.name in _ARITHMETIC:
                return _ARITHMETIC[row.name](*args)
            if row.name == "/":
                self.need(args[1], frozenset({-1, 1}))
                return self._quotient(*args)
            known = self._known.get(row.name)
            if known is not None:
                return known(self, node or Call(row, (number(0),) * len(args)), *args)
        elif is_off_zero(row):
            return self._off_zero(*args)
        return self._opaque(row, args)

    def _off_zero(self, x: Ratio) -> Ratio:
        """0 where a quantity is not, which is a part of the domain of its own."""
        signs = self.signs(x)
        if signs == {0}:
            raise Unread
        if 0 in signs:
            self.cell.cut_by(x, apart=True)
        return ratio(0)

    # -- floor

    def floor(self, x: Ratio) -> Ratio:
        """The whole number below."""
        x = self.cell.ratio(x)
        whole = self._whole_terms(x)
        return whole + self._floor_of_rest(x - whole)

    def _whole_terms(self, x: Ratio) -> Ratio:
        """Those terms of a sum that are whole numbers, unless it is a constant."""
        terms = [ratio(c) * m for c, m in x.terms()]
        return sum(filter(self._is_known_whole, terms), ratio(0)) if len(terms) > 1 or self.is_whole(x) else ratio(0)

    def _is_known_whole(self, x: Ratio) -> bool:
        """Whether a term is a whole number, as what a floor is equal to on the cell is one."""
        tied = (each for each in self.cell.relations if each.degree == 1)
        floors = (Ratio(each.instead) for each in tied if self.generators.are_whole(generator(each.index)))
        known = (x / n for n in (whole_part(n)[1] for n in floors) if not n.top.is_zero())
        return self.is_whole(x) or any(self.is_whole(factor) for factor in known if factor.rational() is not None)

    def _floor_of_rest(self, x: Ratio) -> Ratio:
        exact = x.rational()
        if exact is None and self.generators.is_constant(x):
            with precision(1024):
                whole = unique_whole(self.generators.constant(x).floor())
            exact = None if whole is None else Fraction(int(whole))
        exact = self._between(x) if exact is None and not self.cell.on_zeros else exact
        studied = self.own and self.studied
        if exact is not None:
            found = ratio(exact.__floor__())
            self.meets = self.meets or (studied and self.cell.on_zeros and self.cell.signs(x - found) == {0})
            return found
        own, turned = (("floor", whole_part(each)[1]) in self.generators.known for each in (x, -x))
        if own or not turned or self.generators.is_constant(x):
            return self._floor_beside(x, studied)
        n = self._floor_beside(-x, studied)
        return -n - ratio(int(self._signs_cut(-x - n) != {0}))

    def _floor_beside(self, x: Ratio, studied: bool) -> Ratio:
        """A floor that is no number on the cell."""
        n = self.cell.ratio(self.floor_of(x))
        self.hold(self.cell.ratio(x - n), frozenset({0, 1}))
        self.hold(self.cell.ratio(n + ratio(1) - x), frozenset({1}))
        if studied and not self.generators.is_constant(x) and 0 in self.cell.signs(x - n):
            self.cell.cut_by(x - n)
            self.meets = True
        return n

    def _between(self, x: Ratio) -> Fraction | None:
        """The floor of what lies between two marks, which are not far from each other: the cell is cut until it is
        known. On zeros a floor stays what differs so much from its quantity, by which the sides are told."""
        signs = {mark: self.cell.signs(x - ratio(mark)) for mark in _MARKS}
        above = [mark for mark in _MARKS if signs[mark] <= {0, 1}]
        below = [mark for mark in _MARKS if signs[mark] <= {-1, 0}]
        if not above or not below or below[0] - above[-1] > _MOST_APART:
            return None
        for mark in range(above[-1] + 1, below[0] + 1):
            if signs[mark] != {-1}:
                self.cell.cut_by(x - ratio(mark))
        return Fraction(above[-1]) if all(signs[mark] == {-1} for mark in range(above[-1] + 1, below[0] + 1)) else None

    def floor_of(self, x: Ratio) -> Ratio:
        """The generator of a floor, and a whole number."""
        whole, rest = whole_part(x)
        made = Generator("floor", None, (rest,), lambda u: u.floor(), self.generators.is_constant(rest))
        return Ratio(generator(self.generators.index(("floor", rest), lambda: made))) + ratio(whole)

    _lawful: Mapping[str, Callable[..., Ratio]] = {
        "^": Angles._power, "sqrt": lambda reader, _, x: reader.root(x, Fraction(1, 2)),
        "exp": lambda reader, _, x: reader.exp(x), "log": lambda reader, _, x: reader.log(x),
        "sin": lambda reader, _, x: reader.angle(x)[0], "cos": lambda reader, _, x: reader.angle(x)[1],
        "asin": Angles._asin, "atan": Angles._atan, "floor": lambda reader, _, x: reader.floor(x),
        "sinc": lambda reader, _, x: reader.sinc_of_order(0, x), "sinc_derivative": Angles._sinc_derivative,
    }  # fmt: skip
    _known: Mapping[str, Callable[..., Ratio]] = {**_lawful, **Vanishing.special}


@dataclass(slots=True)
class Part:
    """A part of the domain: the cell that it is, and who reads formula and derivative on it, who the claim, each on a
    cell that knows what these need; `excepts`: whether the claim may have no value there."""

    cell: Cell
    own: Reader | None = None
    claiming: Reader | None = None
    excepts: bool | None = None

    def on(self, cell: Cell, factor: Poly) -> Part:
        """The part that a cell is where a factor has the sign of the last step: who read go on there with what holds
        there, too. Where the factor is 0, all is read anew."""
        sign = cell.steps[-1][1]
        if sign and self.own is not None and self.own.values:
            with suppress(Empty):
                own, claiming = (reader and reader.on(factor, sign) for reader in (self.own, self.claiming))
                return Part(cell, own, claiming, self.excepts)
        return Part(cell)


def on_parts(cell: Cell, ask: Callable[[Reader], T]) -> Iterator[T | None]:
    """The answers of the readers of all parts that a cell is cut into; None at the end where these are too many."""
    todo = [cell]
    for _ in range(_MOST_PARTS):
        if not todo:
            return
        part = todo.pop()
        try:
            yield ask(Reader(part.copy()))
        except Split as split:
            todo += part.sides(split.factor, *sorted(split.signs))
        except (NoValue, Empty):
            continue
    if todo:
        yield None


_ARITHMETIC: Mapping[str, Callable[..., Ratio]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "neg": lambda a: -a,
}  # fmt: skip
_OF_THEIR_OWN = frozenset({"/", *_ARITHMETIC, *Reader._lawful})
