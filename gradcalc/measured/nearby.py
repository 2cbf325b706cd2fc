"""Kinks, jumps and edges of a domain within two standard deviations, where no Taylor polynomial goes on.

The way to look is along each name, the others moving with it as they are correlated, and along the way on which each
quantity that a branch or a domain depends on changes most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, product
from typing import Any

from gradcalc.certified.posed import taken
from gradcalc.compiled import Compiled
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import expand
from gradcalc.engine.scalars import CONDITIONS, FLOAT
from gradcalc.engine.switches import comparisons, difference, domain_at, holds
from gradcalc.gradients import evaluate
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, brief, free_names
from gradcalc.language.identity import ByIdentity
from gradcalc.record import dataclass, replace

from .correlation import Matrix, applied

_FAR = 2.0  # standard deviations
_STEPS = 16  # on a way, of which each is halved
_ASIDE = 0.382  # of a step: people put kinks at round numbers, which would be met exactly
_HALVINGS = 40
_SITES = 40  # comparisons and domains that are looked at
_MOST_WORK = 3_000_000  # entries of programs that are computed; beyond it only the steepest ways are walked
_LONG = 40  # characters of a formula in a sentence
_SAME = 1e-6  # of the change over a standard deviation: less than that on both sides makes no kink

Point = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Nearby:
    """A `kink`, a `jump` or an `edge` of the domain: `what` lies there, and how many standard deviations away. The
    kind `unseen`, infinitely far, says that not everything was looked at."""

    kind: str
    what: str
    distance: float

    def __str__(self) -> str:
        if math.isinf(self.distance):
            return self.what
        if self.distance < _SAME:
            return f"{self.what}, the value itself"
        far = f"{self.distance:.2g}"
        return f"{self.what}, {far} standard deviation{'' if far == '1' else 's'} away"


def nearby(formula: Formula, at: Point, sizes: Mapping[str, float], correlations: Matrix) -> tuple[Nearby, ...]:
    """Kinks, jumps and edges within two standard deviations of a point, the nearest first.

    Args:
        formula: a prepared formula.
        at: all values.
        sizes: the standard uncertainties of the names that have one, whose `correlations` are a matrix.
    """
    ways = max(1, _MOST_WORK // (_STEPS * len(program_of(formula))))  # that can be walked
    most = max(1, min(_SITES, ways // 2))
    sites = [*islice(_sites(formula, at), most + 1)]
    if not sites or not any(sizes.values()):
        return ()
    whole = Compiled(formula, [*sizes], names=[*at])
    along = [*_by_names(sizes, correlations)] if 2 * len(sites) * (len(sizes) + 1) <= ways else []
    found: dict[tuple[_Site, tuple[int, ...]], Nearby] = {}
    if len(sites) > most:
        found[sites.pop(), ()] = Nearby("unseen", f"kinks and edges were looked for at {most} places only", math.inf)
    for site in sites:
        for direction in (*along, *site.steepest(at, sizes, correlations)):
            for sign in (-1.0, 1.0):
                way = _Way(at, {name: sign * move for name, move in direction.items()})
                for beyond, known in site.met(way, whole):
                    if known.distance < found.get((site, beyond), _BEYOND).distance:
                        found[site, beyond] = known
    return tuple(sorted(found.values(), key=lambda each: each.distance))


_BEYOND = Nearby("", "", math.inf)


def _by_names(sizes: Mapping[str, float], correlations: Matrix) -> Iterator[dict[str, float]]:
    """One standard deviation along each name."""
    names = [*sizes]
    for i, size in enumerate(sizes.values()):
        if size:
            yield {names[j]: float(r) * sizes[names[j]] for j, r in correlations[i].items()}


@dataclass(frozen=True, slots=True)
class _Way:
    """From a point on, by so many standard deviations."""

    start: Point
    direction: Mapping[str, float]

    def at(self, far: float) -> dict[str, float]:
        return {**self.start, **{name: self.start[name] + far * move for name, move in self.direction.items()}}


@dataclass(frozen=True, eq=False)
class _Site:
    """Differences whose signs decide something: which branch is taken, or, with `holds`, whether there is a value.

    Of `whole` numbers, such as a floor, the value itself decides. `names` have values, as e may.
    """

    typed: str
    differences: tuple[Formula, ...]
    holds: Callable[[Sequence[int]], bool] | None = None
    whole: bool = False
    names: Collection[str] = ()

    @cached_property
    def compiled(self) -> list[Compiled]:
        own = ([name for name in free_names(each) if name in self.names] for each in self.differences)
        return [Compiled(each, names=names) for each, names in zip(self.differences, own, strict=True)]

    def signs(self, point: Point) -> tuple[int, ...] | None:
        found = []
        for each in self.compiled:
            try:
                value = each.value(**{name: point[name] for name in each.names})
            except (FormulaError, ArithmeticError):
                return None
            found.append(int(value) if self.whole else _sign(value))
        return tuple(found)

    def steepest(self, at: Point, sizes: Mapping[str, float], correlations: Matrix) -> Iterator[dict[str, float]]:
        """For each difference the way on which it changes most, one standard deviation of it long."""
        for each in self.compiled:
            try:
                gradient = each.grad(**{name: at[name] for name in each.names})
            except (FormulaError, ArithmeticError):
                continue
            changes = [gradient.get(name, 0.0) * size for name, size in sizes.items()]
            along = applied(correlations, changes)
            square = math.fsum(c * a for c, a in zip(changes, along, strict=True))
            if math.isfinite(square) and square > 0:
                size_of = math.sqrt(square)
                yield {name: u * a / size_of for (name, u), a in zip(sizes.items(), along, strict=True)}

    def met(self, way: _Way, whole: Compiled) -> Iterator[tuple[tuple[int, ...], Nearby]]:
        """The first place on a way where something else is decided and it matters, with the signs beyond it."""
        before = self.signs(way.start)
        low = 0.0
        for step in range(1, _STEPS + 1):
            far = _FAR * (step - _ASIDE) / (_STEPS - _ASIDE)
            now = self.signs(way.at(far))
            if now is not None and before is not None and now != before:
                known = self._known(way, self._narrowed(way, low, far, before), (before, now), whole)
                if known is not None:
                    yield now, known
                    return
            before, low = now, far

    def _narrowed(self, way: _Way, low: float, high: float, before: tuple[int, ...]) -> tuple[float, float]:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.signs(way.at(middle)) == before:
                low = middle
            else:
                high = middle
        return low, high

    def _known(
        self, way: _Way, place: tuple[float, float], signs: tuple[tuple[int, ...], tuple[int, ...]], whole: Compiled
    ) -> Nearby | None:
        here = self._where(way, place)
        if self.holds is not None:
            if not self.holds(signs[1]):
                return Nearby("edge", f"{self.typed} ends at {here}", place[1])
            between = tuple(a if a == b else 0 for a, b in zip(*signs, strict=True))
            return None if self.holds(between) else Nearby("edge", f"{self.typed} has no value at {here}", place[1])
        around = [_value_and_changes(whole, way, far) for far in (0.0, *place)]
        if any(each is None for each in around):
            return None
        scale = max(abs(number) for each in around if each for number in each[1:])
        apart = [abs(a - b) > _SAME * max(scale, abs(a), abs(b)) for a, b in zip(*around[1:], strict=True)]
        kind = "jump" if apart[0] else "kink"
        return Nearby(kind, f"{self.typed} at {here}", place[1]) if any(apart) else None

    def _where(self, way: _Way, place: tuple[float, float]) -> str:
        names = dict.fromkeys(name for each in self.differences for name in free_names(each))
        point, moves = way.at(place[1]), way.direction
        return ", ".join(
            f"{name} = {0.0 if abs(point[name]) < _SAME * abs(moves[name]) else point[name]:.4g}"
            for name in names
            if name in moves
        )


def _value_and_changes(whole: Compiled, way: _Way, far: float) -> list[Any] | None:
    """The value at a place of a way, and for each name the derivative by it times its part of the way."""
    point = way.at(far)
    try:
        value, gradient = whole.value_and_grad(**{name: point[name] for name in whole.names})
    except (FormulaError, ArithmeticError):
        return None
    return [value, *(slope * way.direction.get(name, 0.0) for name, slope in gradient.items())]


# ---- what decides


def _sites(formula: Formula, at: Point) -> Iterator[_Site]:
    """The comparisons, floors and domains that the value at a point rests on, once each."""
    expanded = expand(formula)
    graph = Lowering(expanded, FLOAT, ()).graph(dict(at))
    if isinstance(graph.root, Failure):
        return
    seen: set[object] = set()
    for node in taken(expanded, graph):
        for site in _decided_by(node):
            key = site.whole, site.holds is None, site.differences
            if key not in seen and any(free_names(each).keys() & at.keys() for each in site.differences):
                seen.add(key)
                yield replace(site, names=at.keys())


def _decided_by(node: Call) -> Iterator[_Site]:
    row = node.function
    if row.name in CONDITIONS:
        yield _Site(_typed(node), (difference(node),))
    elif not row.smooth and not row.condition and row.name != "if":  # a floor: all else is written out
        yield _Site(_typed(node), (node,), whole=True)
    if row.domain:
        domain = domain_at(node)
        quantities = ByIdentity((part, difference(part)) for part in comparisons(domain))
        moving = [*dict.fromkeys(each for each in quantities.values() if free_names(each))]
        fixed = ByIdentity((part, evaluate(each)) for part, each in quantities.items() if not free_names(each))

        def inside(signs: Sequence[int]) -> bool:
            known = dict(zip(moving, signs, strict=True))
            return holds(domain, lambda part: known.get(quantities[part]) or _sign(fixed.get(part, 0.0)))

        if not all(map(inside, product((-1, 0, 1), repeat=len(moving)))):
            yield _Site(_typed(node), tuple(moving), inside)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _typed(node: Call) -> str:
    """The call as it was typed, or as it is printed where it is long or its place in a text is not known."""
    text = " ".join(node.span.text.split())
    return text if 0 < len(text) <= _LONG else brief(node, _LONG)
