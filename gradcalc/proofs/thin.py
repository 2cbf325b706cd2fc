"""Where a quantity is 0 on no open set, and derivatives of quantities: what is told of the zeros that cells lie in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from itertools import pairwise, product
from typing import Any

from flint import arb

from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import ALL, Signs
from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_text

from .algebra import Generator, Generators, NoValue, Ratio, ratio
from .cells import APART, Cell, Empty, Split
from .exact import EXACT_TROUBLE, as_formula
from .growth import signs_by_growth
from .laws import plain
from .polynomials import Poly, coefficients, factors, generator, polynomial, used
from .reading import Reader, on_parts

_DEPTH = 3
_SAMPLES = 6


def is_thin(generators: Generators, p: Poly, depth: int = _DEPTH) -> bool | None:
    """Whether a polynomial is 0 on no open set of its variables; floors count as constants. None if that is not known.

    It is if it is single-valued, analytic and not 0 somewhere; if it is a polynomial in one generator that takes each
    value once, of something that is constant on no open set; or if a derivative of it is thin, or of what it is divided
    by something thin. So the powers of logarithms, arcs, roots and exponentials go one after another.
    """
    made = {i: generators.made[i] for i in used(p)}
    varying = [i for i, g in made.items() if not g.constant]
    floors = [i for i in varying if made[i].kind == "floor"]
    if len(floors) == len(varying):
        return False
    if len(floors) == 1 and all(made[i].kind in ("name", "floor") for i in made):
        return True  # irreducible, so that for no value of the floor all coefficients vanish
    if floors:
        return True if len(floors) == 1 and _is_apart_from(generators, p, floors[0]) else None
    if all(made[i].single for i in varying):
        return True if any(not value.contains(0) for value in _samples(generators, Ratio(p))) else None
    if len(varying) == len(made) == 1 and made[varying[0]].injective:
        (arg,) = made[varying[0]].args
        if _is_nowhere_constant(generators, arg):
            return True
    if depth <= 0:
        return None
    for name, r in product(names_in(generators, p), (Ratio(p), *_divided(generators, p, depth))):
        slope = derivative_of_ratio(generators, r, name)
        if slope is not None and not slope.top.is_zero() and _factors_are_thin(generators, slope.top, depth - 1):
            return True
    return None


def _divided(generators: Generators, p: Poly, depth: int) -> Iterator[Ratio]:
    """A polynomial divided by what leaves one term of it, in what it is made of at last, that moves no more."""
    several = [i for i in used(p) if not (generators.made[i].single or generators.made[i].constant)]
    i = max(several, key=lambda i: (len(generators.inside([i])), i))
    made, value, powers = generators.made[i], Ratio(generator(i)), coefficients(p, i)
    n = max(powers)
    with_power = made.slope is not None and i not in (made.slope(value, made.args[0]) / value).generators()
    by = powers[n] * (generator(i) ** n if with_power else polynomial(1))
    if _factors_are_thin(generators, powers[n], depth - 1) and (
        not with_power or _factors_are_thin(generators, made.args[0].top, depth - 1)
    ):
        yield Ratio(p, by)


def _factors_are_thin(generators: Generators, p: Poly, depth: int) -> bool:
    """Whether all factors of a polynomial are 0 on no open set."""
    return all(
        0 not in Cell(generators).of_factor(part) if generators.is_constant(part) else is_thin(generators, part, depth)
        for part, _ in factors(p)[1]
    )


def are_thin(where: Cell, r: Ratio, signs: Signs) -> bool:
    """Whether a quantity is known to have some signs on no open set."""
    generators = where.generators
    names = {*names_in(generators, r.top), *names_in(generators, r.bottom)}
    if not signs <= {0} and len(names) == 1:
        signs &= signs_by_growth(as_formula(generators, r), *names)
    parts = (part for part, _ in generators.factors(r.top)[1] if 0 in where.of_factor(part))
    return signs <= {0} and all(is_thin(generators, part) for part in parts)


def is_nowhere(where: Cell) -> bool:
    """Whether a quantity of one variable was shown never to have the sign that it has on a cell."""
    for part, sign in where.steps:
        names = names_in(where.generators, part)
        met = signs_by_growth(as_formula(where.generators, Ratio(part)), *names) if len(names) == 1 else ALL
        if met.isdisjoint({-1, 1} if sign == APART else {sign}):
            return True
    return False


def is_seldom(where: Cell) -> bool:
    """Whether all that is known in a cell was shown to be so on no open set."""
    generators = where.generators
    return any(_is_nowhere_constant(generators, whole) for whole in where.wholes) or any(
        signs == {0} and is_thin(generators, part) for part, signs in where.facts.items()
    )


def is_seldom_zero(quantity: Formula) -> bool:
    """Whether a quantity was shown to be 0 on no open set of its names."""
    written, zero = plain(quantity), frozenset({0})
    start = Cell(Generators(frozenset(free_names(quantity))))
    try:
        for found in on_parts(start, lambda reader: (reader.cell, reader.read(written))):
            if found is None:
                return False
            cell, read = found
            inside = any(is_thin(cell.generators, part) for part, sign in cell.steps if sign == 0)
            if not inside and (read.top.is_zero() or not are_thin(cell, read, zero)):
                return False
    except EXACT_TROUBLE:
        return False
    return True


def is_stepwise(generators: Generators, p: Poly) -> bool:
    """Whether a polynomial depends on variables by floors alone: where it is 0, it is so on open sets."""
    names = names_in(generators, p)
    slopes = [derivative(generators, p, name) for name in names]
    return bool(names) and all(slope is not None and slope.top.is_zero() for slope in slopes)


def is_point(where: Cell, p: Poly, apart: Mapping[str, Collection[str]]) -> bool:
    """Whether a polynomial that is 0 on a cell is so at single values of names, whatever those are that are kept apart,
    each with the names that it moves with: at no value of these is it 0 whatever the others are."""
    generators = where.generators
    names = {i: {*names_in(generators, generator(i))} for i in used(p)}
    kept = apart.keys() & {*names_in(generators, p)}
    fixed = kept.union(*(apart[name] for name in kept))
    if not any(fixed & each for each in names.values()):
        return any(names.values()) and not is_stepwise(generators, p)
    if len(names) == 1 and generators.made[(i := used(p)[0])].single and len(generators.made[i].args) == 1:
        (u,) = generators.made[i].args  # of which it is analytic: it must be one of values that lie apart
        return fixed.issuperset(names_in(generators, u.bottom)) and _varies(where, u.top, apart, fixed, 1)
    return _varies(where, p, apart, fixed, 0)


def may_lack(where: Cell, asked: Collection[tuple[Ratio, bool, Any]], apart: Mapping[str, Collection[str]]) -> bool:
    """Whether, of quantities that must be whole, or with False none of 0, -1, -2, ..., one may not be so on more than
    points in this sense."""
    if not asked:
        return False
    k = "what is whole"  # a name that nobody can type
    step = Reader(where).name(k).top
    return any(whole or not is_point(where, r.top + step * r.bottom, {**apart, k: ()}) for r, whole, _ in asked)


def _varies(where: Cell, p: Poly, apart: Mapping[str, Collection[str]], fixed: Set[str], least: int) -> bool:
    """Whether a polynomial has a coefficient, of a power from `least` on of what moves with no name that is fixed, that
    is 0 at no value of these, whatever the other names are."""
    generators = where.generators
    names = {i: {*names_in(generators, generator(i))} for i in used(p)}
    alone = (
        i for i, own in names.items()
        if own and not own & fixed and not any(own & other for j, other in names.items() if j != i)
    )  # fmt: skip
    return any(
        0 not in where.signs(Ratio(part)) or is_point(where, part, apart)
        for i in alone
        if not is_stepwise(generators, generator(i))
        for n, part in coefficients(p, i).items()
        if n >= least
    )


def _is_apart_from(generators: Generators, p: Poly, floor: int) -> bool:
    """Whether `a*n + b` for a floor n has a `b/a` that is constant on no open set."""
    powers = coefficients(p, floor)
    return powers.keys() == {0, 1} and _is_nowhere_constant(generators, Ratio(powers[0], powers[1]))


def _is_nowhere_constant(generators: Generators, r: Ratio) -> bool:
    while not generators.is_single(r):
        (index, *others) = r.generators()
        made = generators.made[index]
        if others or not made.injective:
            return False
        (r,) = made.args
    return any(not a.overlaps(b) for a, b in pairwise(_samples(generators, r)))


def names_in(generators: Generators, p: Poly) -> list[str]:
    """The variables that a polynomial depends on."""
    made = (generators.made[i] for i in sorted(generators.with_inside(used(p))))
    return [g.what for g in made if g.kind == "name"]


def _samples(generators: Generators, r: Ratio) -> list[Any]:
    """Values at a few points, as balls."""
    names = sorted(names_in(generators, r.top) + names_in(generators, r.bottom))
    found = []
    with precision(192):
        for k in range(1, _SAMPLES + 1):
            point = {name: arb(2 * k + 1) / (7 + 3 * i) - k % 2 for i, name in enumerate(names)}
            value = generators.ball(r, generators.balls(r.generators(), point))
            if value.is_finite():
                found.append(value)
    return found


def derivative(generators: Generators, p: Poly, name: str, where: Cell | None = None) -> Ratio | None:
    """The derivative of a polynomial in generators by a variable, where the rule of each generator is known, in a cell
    or everywhere. A floor is the number that it is."""
    slopes: dict[int, Ratio | None] = {}
    todo = used(p)
    while todo:
        i = todo[-1]
        missing = [j for arg in generators.made[i].args for j in arg.generators() if j not in slopes]
        if missing and i not in slopes:
            todo += missing
            continue
        todo.pop()
        slopes.setdefault(i, _by_rule(generators, i, name, slopes, where or Cell(generators)))
    return _chained(p, slopes)


def derivative_of_ratio(generators: Generators, r: Ratio, name: str) -> Ratio | None:
    """The derivative of a quotient, where those of both of its parts are known."""
    top, bottom = derivative(generators, r.top, name), derivative(generators, r.bottom, name)
    return None if top is None or bottom is None else (top - r * bottom) / Ratio(r.bottom)


def _chained(p: Poly, slopes: Mapping[int, Ratio | None]) -> Ratio | None:
    total = ratio(0)
    for i in used(p):
        inner = slopes[i]
        if inner is None:
            return None
        total += Ratio(p.derivative(i)) * inner
    return total


def _by_rule(
    generators: Generators, i: int, name: str, slopes: Mapping[int, Ratio | None], where: Cell
) -> Ratio | None:
    made, zero = generators.made[i], ratio(0)
    if made.kind == "name":
        return ratio(1) if made.what == name else zero
    if made.constant or made.kind == "floor" or all(slopes[j] == zero for arg in made.args for j in arg.generators()):
        return zero
    if len(made.args) != 1:
        return None
    (arg,) = made.args
    top, bottom = _chained(arg.top, slopes), _chained(arg.bottom, slopes)
    if top is None or bottom is None:
        return None
    value = Ratio(generator(i))
    outer = _by_partial(where, made, value) if made.slope is None else made.slope(value, arg)
    return None if outer is None else outer * (top - arg * bottom) / Ratio(arg.bottom)


def _by_partial(where: Cell, made: Generator, value: Ratio) -> Ratio | None:
    """The derivative of a call of one argument, as the table writes it."""
    row: Function = made.what
    if made.kind != "call" or TABLE.get(row.name) is not row or not isinstance(row.partials[0], str):
        return None
    cell = where.copy()
    cell.values = {row.params[0]: made.args[0], "out": value}
    try:
        return Reader(cell).read(plain(read_text(row.partials[0])))
    except (Split, NoValue, Empty):
        return None
