"""Points worth trying: simple ones first, then both sides of every branch and all magnitudes of a formula's domain.

A branch changes where a comparison, a choice such as abs or max, or the edge of a domain changes sign; these quantities
are the `boundaries` of a formula. Points on both sides of each are found by Newton's method, so that a branch that is
only a thousandth wide is met too; the zeros of what is compared are points, too, as exact as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import islice, pairwise, product
from random import Random
from typing import Any, TypeGuard

from gradcalc.certified.posed import Posed
from gradcalc.engine.doubles import Double, Doubles
from gradcalc.engine.drawn import of_size
from gradcalc.engine.formulas import minus, plus, times
from gradcalc.engine.lowering import Lowering, constant_value
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import FLOAT, SOON, precision
from gradcalc.engine.switches import OUTCOME, comparisons, difference, domain_at, floors
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name, Number, children_first, expression, flattened, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import kept
from gradcalc.language.literals import SHORT, decimal, number, short
from gradcalc.language.parser import parse
from gradcalc.proofs.exact import roots
from gradcalc.proofs.factored import zero_factors
from gradcalc.proofs.isolated import isolated, newton
from gradcalc.work import Work

Place = dict[str, Formula]  # a point: for each name a constant formula
AnyPlace = Mapping[str, float | Formula]  # or a double

_SIMPLE = ("0", "1", "-1", "2", "1/2", "pi/4", "-2", "3", "-1/2", "-pi/4", "10", "1/10")
_ONE_LEVEL = 32  # points whose most complicated coordinate is the same


@cache
def _simple_values() -> tuple[Formula, ...]:
    return tuple(parse(text) for text in _SIMPLE)


def simple_points(names: Sequence[str], seed: int = 0) -> Iterator[Place]:
    """Points of simple coordinates, the simplest first: all of 0 and 1 before the first with -1; some of each level."""
    rng = Random(seed)
    values = _simple_values()
    for level in range(len(_SIMPLE)):
        for ranks in _ranks(len(names), level, rng):
            yield {name: values[rank] for name, rank in zip(names, ranks, strict=True)}


def _ranks(count: int, level: int, rng: Random) -> list[tuple[int, ...]]:
    if count == 0:
        return [()] if level == 0 else []
    if (level + 1) ** count - level**count <= _ONE_LEVEL:
        found = {ranks for ranks in product(range(level + 1), repeat=count) if max(ranks) == level}
    else:
        found = {(level,) * count}
        while len(found) < _ONE_LEVEL:
            ranks = [rng.randrange(level + 1) for _ in range(count)]
            ranks[rng.randrange(count)] = level
            found.add(tuple(ranks))
    return sorted(found, key=lambda ranks: (sum(ranks), ranks))


def boundaries(formulas: Iterable[Formula]) -> list[Formula]:
    """Quantities that change sign where a prepared formula changes its branch, or has its value no longer: the
    differences `left - right` of all comparisons, also of those in the domains of the rows, what is squared, and all
    variables."""
    found: dict[Formula, None] = {}
    for formula in formulas:
        written_out = expand(formula)
        found |= dict.fromkeys(map(Name, free_names(written_out)))
        for node in children_first(written_out):
            if isinstance(node, Call) and len(found) < _MOST_BOUNDARIES:
                found |= dict.fromkeys(difference for difference in _differences(node) if free_names(difference))
    return list(found)


_MOST_BOUNDARIES = 100


def _differences(node: Call) -> Iterator[Formula]:
    row = node.function
    if row.name in OUTCOME:
        yield difference(node)
    elif row.domain and not row.variadic:
        yield from map(difference, comparisons(domain_at(node)))


def drawn(
    formulas: Sequence[Formula], names: Sequence[str], n: int, seed: int = 0, work: Work | None = None
) -> list[Place]:
    """Up to `n` points, the simplest first, of all branches and magnitudes; the same for the same seed.

    Args:
        formulas: prepared; the first one has a value at all points, the branches of all count.
        names: the coordinates of the points.
        work: what pays for them; half of it at most goes into the search, if that found one.
    """
    search = _Search(formulas, names, Random(seed))
    units = _OF_POINT + _OF_NODE * len(kept(search.doubles.formula, flattened).nodes)
    known, asked = kept(formulas[0], _before), (*search.boundaries, *names, n, seed)
    tried, places = known.get(asked, (0, []))
    if tried and (work is None or work.leaves(tried * units + 1, 1 / 2)):  # it costs what it did for another claim
        if work is not None:
            for _ in range(tried):
                work.spend(units)
        return [{**place} for place in places]
    tried = 0
    groups: dict[Any, list[dict[str, Fraction]]] = {}
    seen: set[tuple[tuple[int, int], ...]] = set()
    for point in search.candidates(n):
        key = tuple([x.as_integer_ratio() for x in point.values()])  # the hash of a fraction takes longer
        if key in seen or (0, 1) in key:  # where a coordinate is 0 much is equal that is not so elsewhere
            continue
        seen.add(key)
        if work is not None:
            if groups and work.over(1 / 2):
                break
            work.spend(units)
        signs = search.signs(key)
        if signs is not None:
            groups.setdefault(signs, []).append(point)
    else:
        tried = len(seen)
    for group in groups.values():
        search.rng.shuffle(group)
        group.insert(0, group.pop(group.index(min(group, key=_length))))
    inside_first = sorted(groups, key=lambda signs: 0 in signs)
    chosen = sorted(islice(_in_turn([groups[signs] for signs in inside_first]), n), key=_length)
    places = [{name: short(point[name]) for name in names} for point in chosen]
    if tried:
        known[asked] = tried, places
    return [{**place} for place in places]


def _before(_: Formula) -> dict[tuple[Any, ...], tuple[int, list[Place]]]:
    """Of a formula, for the same boundaries, names, number and seed, how many points were tried, and which drawn."""
    return {}


_OF_POINT, _OF_NODE = 0.1, 0.004  # units of work of a point that is tried, and of a node in doubles


def beside(formulas: Sequence[Formula], names: Sequence[str], seed: int = 0) -> Iterator[Place]:
    """Points where faults hide that no comparison tells of: at and beside the numbers that stand in the prepared
    formulas and the zeros of what functions are taken of, on several branches of periodic and inverse functions, and of
    all magnitudes of doubles. The same for the same seed."""
    search = _Search(formulas, names, Random(seed))
    groups = [list(islice(kind, _MOST_BESIDE)) for name in names for kind in search.beside(name, formulas)]
    for point in islice(_in_turn(groups), _MOST_BESIDE * 4):
        yield {name: short(point[name]) for name in names}


def _length(point: Mapping[str, Fraction]) -> int:
    return sum(_length_of(*x.as_integer_ratio()) for x in point.values())


@lru_cache(maxsize=4096)  # the numbers at random are the same for the next formula
def _length_of(top: int, bottom: int) -> int:
    x = Fraction(top, bottom)
    text = decimal(abs(x), SHORT)
    return len(expression(number(x))) if text is None else len(text) + (x < 0)


def _in_turn(groups: list[list[Any]]) -> Iterator[Any]:
    """One of each group, then a second of each, ..."""
    for i in range(max(map(len, groups), default=0)):
        yield from (group[i] for group in groups if i < len(group))


_TRIES = 12  # random points for each point wanted, fewer where formulas are large
_NODES = 10_000  # computed for each point wanted
_FEWEST = 8  # random points, however large the formulas are
_WORK = 240  # searches for a zero: starts * boundaries * variables
_BOXES = 200  # points of which every coordinate is beside or between zeros
_BESIDE = (1.0, 1e-1, 1e-3, 1e-6)  # distances from a zero, relative where it is larger than 1
_BETWEEN = 5  # points between two zeros, besides the middle
_MAGNITUDES = ((-1, 1), (-1, 1), (-1, 1), (-3, -1), (1, 3), (3, 6), (-6, -3))  # powers of ten


_MOST_BESIDE = 24  # points of one kind for one variable
_NEAR = (0.0, 1e-2, -1e-3, 1e-9)
_TURNS = (2, 4, Fraction(11, 2), -2, -4, 30)
_POWERS = (-300, -150, -60, -30, -12, 12, 30, 60, 150, 300)


class _Search:
    """Candidates for points, and on which side of every boundary each of them is."""

    def __init__(self, formulas: Sequence[Formula], names: Sequence[str], rng: Random):
        self.names = names
        self.rng = rng
        self.boundaries = [b for b in boundaries(formulas) if any(name in free_names(b) for name in names)]
        self._moved = {name: [b for b in self.boundaries if name in free_names(b)] for name in names}
        self.doubles = Doubles((formulas[0], *self.boundaries), SOON)

    def signs(self, point: Iterable[tuple[int, int]]) -> tuple[int | None, ...] | None:
        """The signs of the boundaries where the names have these ratios; None where the first formula has no value."""
        values = {name: top / bottom for name, (top, bottom) in zip(self.names, point, strict=True)}
        first, *quantities = self.doubles.at(values)
        return tuple(map(_sign, quantities)) if _is_number(first) else None

    def candidates(self, n: int) -> Iterator[dict[str, Fraction]]:
        size = len(kept(self.doubles.formula, flattened).nodes)
        bases = [self.random(i) for i in range(min(_TRIES * n, max(_FEWEST, _NODES * n // size)))]
        searches = max(1, len(self.boundaries) * len(self.names))
        special: dict[str, list[Fraction]] = {name: [] for name in self.names}
        for base in bases[: max(1, min(12, min(_WORK, 50 * _NODES // size) // searches))]:
            for name in self.names:
                for coordinate in self.along(name, base):
                    special[name].append(coordinate)
                    yield {**base, name: coordinate}
        if len(self.names) > 1 and all(special.values()):  # a branch may be a small box
            for _ in range(min(_BOXES, len(bases))):
                yield {name: self.rng.choice(special[name]) for name in self.names}
        yield from bases

    def random(self, i: int) -> dict[str, Fraction]:
        return {name: of_size(self.rng, *_MAGNITUDES[i % len(_MAGNITUDES)]) for name in self.names}

    def along(self, name: str, base: Mapping[str, Fraction]) -> Iterator[Fraction]:
        """Coordinates on both sides of, between, and at the zeros of the boundaries along a variable from a point."""
        zeros = [zero for b in self._moved[name] for zero in self.zero(b, base, name)]
        zeros = sorted(set(zeros))
        found = [_rounded(x + side * d * max(1.0, abs(x)), d * max(1.0, abs(x)) / 10)
                 for d in _BESIDE for x in zeros for side in (1, -1)]  # fmt: skip
        for x, y in pairwise(zeros):
            shares = [0.5, *(self.rng.random() for _ in range(_BETWEEN))]
            found += [_rounded(x + share * (y - x), (y - x) / 100) for share in shares]
        yield from found
        yield from (Fraction(zero).limit_denominator(1000) for zero in zeros)  # a branch may be one point wide

    def beside(self, name: str, formulas: Sequence[Formula]) -> Iterator[Iterator[dict[str, Fraction]]]:
        nodes = [node for formula in formulas for node in children_first(formula)]
        numbers = dict.fromkeys(node.value for node in nodes if isinstance(node, Number) and node.value)
        args = (arg for node in nodes if isinstance(node, Call) and not node.function.symbol for arg in node.args)
        inner = dict.fromkeys(each for each in (*args, *self.boundaries) if name in free_names(each))
        yield (self.moved(name, side * c) for c in numbers for side in (1, -1))
        yield (self.moved(name, x + d * max(Fraction(1), abs(x))) for u in inner for x in self.solved(u, name)
               for d in map(Fraction, map(str, _NEAR)))  # fmt: skip
        yield (self.moved(name, x) for t in _TURNS for u in inner
               for x in self.solved(minus(u, number(t)), name))  # fmt: skip
        yield (self.moved(name, Fraction(10) ** k * Fraction(f"{self.rng.uniform(1, 10):.3g}") * side)
               for k in _POWERS for side in (1, -1))  # fmt: skip

    def solved(self, quantity: Formula, name: str) -> Iterator[Fraction]:
        base = self.random(0)
        yield from (_rounded(x, 1e-6 * max(1.0, abs(x))) for x in self.zero(quantity, base, name))

    def moved(self, name: str, x: Fraction) -> dict[str, Fraction]:
        return {**self.random(0), name: x}

    def zero(self, boundary: Formula, base: Mapping[str, Fraction], name: str) -> Iterator[float]:
        values = {other: float(x) for other, x in base.items()}
        x = newton(Lowering(boundary, FLOAT, (name,)), values, name)
        if x is not None:
            yield x
            if 0 < abs(x) < 1e-9:  # a double zero is met slowly
                yield 0.0


def _is_number(made: Double) -> TypeGuard[float]:
    return made is not None and math.isfinite(made)


def _sign(made: Double) -> int | None:
    return (made > 0) - (made < 0) if _is_number(made) else None


def _rounded(x: float, step: float) -> Fraction:
    """A short decimal within `step` of x."""
    if not step > 0:
        return Fraction(x)
    return Fraction(Decimal(f"{x:.{max(0, math.ceil(-math.log10(step)))}f}"))


Signs = Callable[[Place], "tuple[int | None, ...]"]


def signs_of(quantities: Sequence[Formula]) -> Signs:
    """A function that gives the sign of every quantity at a point, None where it has no value in doubles, no rational
    one at a point that no double is."""
    doubles = Doubles(quantities)

    def signs(place: Place) -> tuple[int | None, ...]:
        try:
            point = {name: constant_value(value, FLOAT) for name, value in place.items()}
        except FormulaError:
            exact = (rational_value(quantity, place) for quantity in quantities)
            return tuple((x > 0) - (x < 0) if isinstance(x, Fraction) else None for x in exact)
        return tuple(map(_sign, doubles.at(point)))

    return signs


_CLOSE = Fraction(1, 10**30)


def around(place: Place) -> Iterator[Place]:
    """Two points on both sides of one, so near that little changes, with every coordinate moved by another part."""
    for side in (1, -1):
        moves = enumerate(place.items(), 3)
        yield {
            name: plus(times(x, number(1 + side * i * _CLOSE)), number(side * i * _CLOSE**4)) for i, (name, x) in moves
        }


# ---- zeros

_MOST_COMPARISONS = 40  # whose zeros are looked for
_MOST_FLOORS, _STEPS = 6, (1, 2, 0, -1)
_OTHERS = (
    ("4/5", "1/2", "2"),
    ("0", "0", "0"),
    ("1/3", "-2", "3/5"),
    ("-3", "5/2", "1"),
)  # values of the variables beside the one solved for


def zeros(formulas: Sequence[Formula], names: Sequence[str]) -> Iterator[Place]:
    """Points at which quantities that prepared formulas compare are equal, or what floors are taken of is whole: first
    those in closed form, then those that an equation defines."""
    compared, stepped = dict[Formula, Call](), dict[Formula, None]()
    for formula in formulas:
        written_out = expand(formula)
        for node in (*comparisons(formula), *comparisons(written_out)):
            compared.setdefault(expand(node), node)
        stepped |= dict.fromkeys(node.args[0] for node in floors(written_out) if isinstance(node.args[0], Call))
    steps = [Call(TABLE["=="], (u, number(n))) for u in islice(stepped, _MOST_FLOORS) for n in _STEPS]
    equations = [e for node in (*islice(compared.values(), _MOST_COMPARISONS), *steps) for e in _factored(node, names)]
    asked = [(e, name, place) for e in equations for name, place in _lines(e, names)]
    for equation, name, place in asked:
        for root in roots(Call(TABLE["-"], equation.args), name, place):
            exact = rational_value(root, ties=False)
            if isinstance(exact, Fraction):
                yield {**place, name: short(exact)}
            elif has_value(prepare(root), {}):
                yield {**place, name: root}
    for equation, name, place in asked:
        for root in isolated(equation, name, place):
            yield {**place, name: root}


def _factored(equation: Call, names: Sequence[str]) -> list[Call]:
    """Equations of which one holds where another does, and which have no double roots where that is told."""
    quantity = Call(TABLE["-"], equation.args)
    parts = zero_factors(quantity, names)
    return [equation] if parts == [quantity] else [Call(TABLE["=="], (part, number(0))) for part in parts]


def _lines(equation: Call, names: Sequence[str]) -> Iterator[tuple[str, Place]]:
    """The variables to solve an equation for, each with some values of the others."""
    free = free_names(equation)
    for name in (name for name in free if name in names):
        others = [other for other in names if other != name]
        for choice in _OTHERS if others else _OTHERS[:1]:
            yield name, {o: parse(choice[i % len(choice)]) for i, o in enumerate(others)}


def has_value(formula: Formula, place: Place) -> bool:
    """Whether a prepared formula is seen to have a value at a point."""
    posed = Posed(formula, place, ())
    with precision(_BITS_OF_A_VALUE), suppress(FormulaError):  # it is no point
        return posed.lowering.value(posed.balls()) is not None
    return False


_BITS_OF_A_VALUE = 192
