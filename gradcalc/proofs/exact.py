"""Comparisons decided at exact points such as 3/10, sqrt(2) or log(3), and the points at which a quantity is 0."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Any

from gradcalc.engine.formulas import added, over, times
from gradcalc.engine.rationals import Known
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import ALL, OUTCOME, Signs
from gradcalc.language.formula import Call, Formula, Name, children_first, flattened, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import kept, tree_size
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.values import unique_whole

from .algebra import Generators, NoValue, Ratio, ratio
from .cells import Cell, Empty, Split
from .isolated import equations
from .laws import Branch, on_branch, plain, within
from .polynomials import Poly, TooLarge, coefficients, factors, fraction, generator, used
from .reading import Reader, on_parts

_MOST_ROOTS = 24
MOST_NODES = 100  # of a quantity whose signs are told
EXACT_TROUBLE = (TooLarge, NoValue, Empty, Split, ZeroDivisionError, OverflowError, RecursionError)


class ExactPoint:
    """A point given by constant formulas, at which quantities are known exactly."""

    def __init__(self, place: Mapping[str, Formula]):
        self.place, self.generators = place, Generators(frozenset(place))
        self.cell = Cell(self.generators)
        reader = Reader(self.cell)
        values = {}
        for name, value in place.items():
            values[name] = reader.read(plain(value))
        self.cell.values |= values
        for quantity in (quantity for value in place.values() for quantity in equations(value)):
            self._vanishes(quantity)

    def anew(self) -> ExactPoint:
        """The point with room for what is to be read at it: generators are counted."""
        return ExactPoint(self.place)

    def _vanishes(self, quantity: Formula) -> None:
        """Take note that a constant is 0, which is for the one factor of which balls do not tell that it is not."""
        with suppress(*EXACT_TROUBLE):
            _, read = _read(self.cell, quantity)
            parts = [part for part, _ in factors(read.top)[1] if 0 in self.cell.signs(Ratio(part))]
            if len(parts) == 1:
                self.cell = self.cell.side(parts[0], 0)

    def decisions(self, formula: Formula) -> Known:
        """Values of the comparisons and floors in a formula, where that is known."""
        found: Known = ByIdentity()
        for node in children_first(formula):
            if isinstance(node, Call) and node.function.name in OUTCOME:
                signs = self.signs(Call(TABLE["-"], node.args, node.span))
                outcomes = {sign in OUTCOME[node.function.name] for sign in signs}
                if len(outcomes) == 1:
                    found[node] = outcomes.pop()
            elif isinstance(node, Call) and node.function.name == "floor":
                value = self.rational(node)
                if value is not None:
                    found[node] = value
        return found

    def on_edges(self, formula: Formula, known: Known, moving: frozenset[str]) -> tuple[Known, ByIdentity[Call, bool]]:
        """Of the smooth quantities that comparisons and floors ask for, those that have a rational value; what
        comparisons between equals come to where no name in `moving` stands in them; and the comparisons that are
        between equals. `known` are not looked at again."""
        kinked: list[bool] = []
        rational: Known = ByIdentity()
        equal: ByIdentity[Call, bool] = ByIdentity()
        for node, below in kept(formula, flattened):
            kinked.append(any(kinked[i] for i in below))
            if not isinstance(node, Call) or node.function.smooth:
                continue
            if not kinked[-1] and node.function.value is not None:
                for arg in node.args:
                    value = None if arg in known else self.rational(arg)
                    if value is not None:
                        rational[arg] = value
                told = all(arg in known or arg in rational for arg in node.args)
                if not told and node.function.name in OUTCOME and self.signs(Call(TABLE["-"], node.args)) == {0}:
                    equal[node] = True
                    if moving.isdisjoint(free_names(node)):
                        rational[node] = 0 in OUTCOME[node.function.name]
            kinked[-1] = True
        return rational, equal

    def signs(self, quantity: Formula) -> Signs:
        """The signs that a quantity may have, where it has a value."""
        try:
            reader, read = _read(self.cell, quantity)
            return reader.signs(read)
        except EXACT_TROUBLE:
            return ALL

    def distance(self, quantity: Formula) -> Any:
        """A quantity that is not 0 in a ball that does not reach it, however near it is; None where that is not told.

        What cancels is gone before anything is computed: 1 - (1 - sech(1e5)) is sech(1e5).
        """
        try:
            _, read = _read(self.cell, quantity)
            if not self.generators.is_constant(read):
                return None
            with precision(_TO_A_WHOLE):
                ball = self.generators.constant(read)
            return None if ball.contains(0) else ball
        except EXACT_TROUBLE:
            return None

    def rational(self, quantity: Formula) -> Fraction | None:
        """The rational number that a quantity is, if that is known."""
        try:
            reader, read = _read(self.cell, quantity)
            if read.rational() is None and self.generators.is_constant(read):
                with precision(_TO_A_WHOLE):
                    near = unique_whole((self.generators.constant(read) + 0.5).floor())
                if near is not None and reader.cell.signs(read - ratio(int(near))) == {0}:
                    return Fraction(int(near))
            return read.rational()
        except EXACT_TROUBLE:
            return None


_TO_A_WHOLE = 128  # bits to which the whole number is looked for that a constant may be


def _read(cell: Cell, quantity: Formula) -> tuple[Reader, Ratio]:
    """A quantity on a cell, and who read it."""
    reader = Reader(cell.copy())
    return reader, reader.read(plain(quantity))


def possible_signs(quantity: Formula, variables: Iterable[str] = (), branch: Branch = ()) -> Signs:
    """The signs that a quantity may have where it has a value, as far as algebra tells, on a branch or anywhere."""
    if tree_size(quantity) > MOST_NODES:
        return ALL
    generators = Generators(frozenset(variables))
    try:
        found = _signs_on_parts(quantity, generators, branch)
        if generators.refined and found == ALL:  # what was read before a unit was known is read again
            found = _signs_on_parts(quantity, generators, branch)
    except EXACT_TROUBLE:
        return ALL
    return found


def _signs_on_parts(quantity: Formula, generators: Generators, branch: Branch) -> Signs:
    found = frozenset[int]()
    start, left = on_branch(branch, Cell(generators))
    written = plain(within(left, quantity))
    for signs in on_parts(start, lambda reader: reader.signs(reader.read(written))):
        found |= ALL if signs is None else signs
        if found == ALL:
            break
    return found


def simplified(quantity: Formula, variables: Collection[str]) -> Formula | None:
    """The quotient of polynomials that a quantity is, everywhere where it has a value; None where it is none."""
    try:
        reader, read = _read(Cell(Generators(frozenset(variables))), quantity)
        return as_formula(reader.generators, reader.cell.ratio(read))
    except EXACT_TROUBLE:
        return None


def roots(quantity: Formula, name: str, others: Mapping[str, Formula], turns: Sequence[int] = (0,)) -> list[Formula]:
    """Constant formulas at which a quantity is 0 along one variable, as far as polynomials of degree 2 and inverse
    functions find them. Where it is 0 on an interval, as floor(x) - 3 is, one point inside and the lower end; of angles
    those that are whole `turns` from the least."""
    try:
        point = ExactPoint(others)
        point.generators.variables |= {name}
        search = _Search(point.cell, name, plain(quantity), turns)
        return [as_formula(search.generators, root) for root in search.run()]
    except EXACT_TROUBLE:
        return []


class _Search:
    def __init__(self, cell: Cell, name: str, quantity: Formula, turns: Sequence[int]):
        self.start, self.generators = cell, cell.generators
        self.name, self.quantity, self.turns = name, quantity, turns

    def run(self) -> list[Ratio]:
        found: dict[Ratio, None] = {}
        for read in on_parts(self.start, lambda reader: (reader, reader.cell.ratio(reader.read(self.quantity)))):
            if read is None or len(found) > _MOST_ROOTS:
                break
            found |= dict.fromkeys(self._zeros(read[0], read[1].top))
        return list(found)

    def _zeros(self, reader: Reader, p: Poly) -> Iterator[Ratio]:
        todo = [part for part, _ in factors(p)[1]] if not p.is_zero() else []
        while todo:
            part = todo.pop()
            varying = [i for i in used(part) if not self.generators.made[i].constant]
            for value in self._values(reader, part, varying[0]) if len(varying) == 1 else ():
                made = self.generators.made[varying[0]]
                if made.kind == "name":
                    yield value
                    continue
                for inner in self._inverses(reader, varying[0], value):
                    todo += self._equation(reader, made.args[0], inner)
            if len(varying) == 2:
                for angle, inner in self._angles(reader, part, varying):
                    todo += self._equation(reader, angle, inner)

    def _equation(self, reader: Reader, argument: Ratio, value: Ratio) -> list[Poly]:
        """Polynomials of which one is 0 where an argument has a value."""
        try:
            equation = reader.cell.ratio(argument - value)
            return [f for f, _ in factors(equation.top)[1]] if not equation.top.is_zero() else []
        except EXACT_TROUBLE:
            return []

    def _angles(self, reader: Reader, part: Poly, pair: Sequence[int]) -> list[tuple[Ratio, Ratio]]:
        """An angle and its values where `a*sin + b*cos + c` is 0, by the tangent of half of it, or for c = 0 of it."""
        angles = [(sine, cosine) for sine, cosine in self.generators.angles if {sine, cosine} == {*pair}]
        if not angles or part.total_degree() > 1:
            return []
        a, b = (Ratio(coefficients(part, i)[1]) for i in angles[0])
        c = Ratio(part) - a * Ratio(generator(angles[0][0])) - b * Ratio(generator(angles[0][1]))
        (angle,) = self.generators.made[pair[0]].args
        try:
            if c.top.is_zero():
                one = reader.arctangent(-b / a)
                other = one - reader.pi() if reader.cell.signs(one) == {1} else one + reader.pi()
                return [(angle, value) for value in self._turned(reader, [other, one])]  # the last is taken first
            halves = _of_square(reader, c - b, ratio(2) * a, c + b)
            values = [ratio(2) * reader.arctangent(half) for half in halves]
            return [(angle, value) for value in self._turned(reader, values)]
        except EXACT_TROUBLE:
            return []

    def _values(self, reader: Reader, part: Poly, index: int) -> list[Ratio]:
        """Values of the generator of that index where the polynomial is 0."""
        powers = coefficients(part, index)
        n = max(powers)
        a, b, c = (Ratio(powers[i]) if i in powers else ratio(0) for i in (2, 1, 0))
        try:
            if n == 1:
                return [-c / b]
            if n == 2:
                return _of_square(reader, a, b, c)
            if powers.keys() == {0, n}:
                base, degree = Ratio(-powers[0], powers[n]), Fraction(1, n)
                if n % 2 and not reader.cell.signs(base) <= {0, 1}:
                    return [-reader.root(-base, degree)]
                root = reader.root(base, degree)
                return [root] if n % 2 else [root, -root]
        except EXACT_TROUBLE:
            return []
        return []

    def _inverses(self, reader: Reader, index: int, value: Ratio) -> list[Ratio]:
        """The values that a generator may be of where it has this one."""
        made = self.generators.made[index]
        inverse = _INVERSES.get(made.what if made.kind == "call" else made.kind)
        with suppress(*EXACT_TROUBLE):
            values = [] if inverse is None else inverse(reader, value, made.what)
            return self._turned(reader, values) if any(index in pair for pair in self.generators.angles) else values
        return []

    def _turned(self, reader: Reader, angles: Sequence[Ratio]) -> list[Ratio]:
        return [angle + ratio(2 * turn) * reader.pi() if turn else angle for turn in self.turns for angle in angles]


_INVERSES: Mapping[Any, Callable[[Reader, Ratio, Any], list[Ratio]]] = {
    "exp": lambda reader, value, _: [reader.log(value)],
    "log": lambda reader, value, _: [reader.exp(value)],
    "root": lambda _, value, degree: [value**degree],
    "floor": lambda _, value, __: [value + ratio(Fraction(1, 2)), value],
    "sin": lambda reader, value, _: [angle := reader.arcsine(value), reader.pi() - angle],
    "cos": lambda reader, value, _: [angle := reader.pi() / ratio(2) - reader.arcsine(value), -angle],
    TABLE["asin"]: lambda reader, value, _: [reader.angle(value)[0]],
    TABLE["atan"]: lambda reader, value, _: [operator.truediv(*reader.angle(value))],
}


def _of_square(reader: Reader, a: Ratio, b: Ratio, c: Ratio) -> list[Ratio]:
    """The roots of `a*t^2 + b*t + c`."""
    if a.top.is_zero():
        return [-c / b]
    root = reader.root(b * b - ratio(4) * a * c, Fraction(1, 2))
    return [(root - b) / (ratio(2) * a), (-root - b) / (ratio(2) * a)]


def as_formula(generators: Generators, r: Ratio) -> Formula:
    """A quotient as a formula."""
    made: dict[int, Formula] = {}
    for i in sorted(generators.with_inside(r.generators())):
        g = generators.made[i]
        args = tuple(_quotient(arg, made) for arg in g.args)
        if g.kind in ("constant", "name"):
            made[i] = Name(g.what)
        elif g.kind == "root":
            power = number(Fraction(1, g.what))
            made[i] = Call(TABLE["sqrt"], args) if g.what == 2 else Call(TABLE["^"], (*args, power))
        else:
            made[i] = Call(g.what if g.kind == "call" else TABLE[g.kind], args)
    return _quotient(r, made)


def _quotient(r: Ratio, made: Mapping[int, Formula]) -> Formula:
    return over(_sum(r.top, made), _sum(r.bottom, made))


def _sum(p: Poly, made: Mapping[int, Formula]) -> Formula:
    total: Formula = ZERO
    for powers, value in p.terms:
        scale, term = fraction(value), reduce(times, (_power(made[i], n) for i, n in powers), ONE)
        size = abs(scale)
        as_quotient = bool(powers) and size.numerator == 1
        term = over(term, number(size.denominator)) if as_quotient else times(number(size), term)
        total = added(total, term, 1 if scale > 0 else -1)
    return total


def _power(base: Formula, n: int) -> Formula:
    return base if n == 1 else Call(TABLE["^"], (base, number(n)))
