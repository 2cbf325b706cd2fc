"""Where a quantity is 0 on no open set, and derivatives of quantities: what is told of the zeros that cells lie in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from itertools import pairwise
from typing import Any

from flint import arb

from gradcalc.engine.scalars import precision
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_text

from .algebra import Generator, Generators, NoValue, Ratio, ratio
from .cells import Cell, Empty, Split
from .laws import plain
from .polynomials import Poly, coefficients, factors, generator, used
from .reading import Reader

_DEPTH = 3
_SAMPLES = 6


def is_thin(generators: Generators, p: Poly, depth: int = _DEPTH) -> bool | None:
    """Whether a polynomial is 0 on no open set of its variables; floors count as constants. None if that is not known.

    It is if it is single-valued, analytic and not 0 somewhere; if it is a polynomial in one generator that takes each
    value once, of something that is constant on no open set; or if a derivative of it is thin.
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
    if all(made[i].single for i in made):
        return True if any(not value.contains(0) for value in _samples(generators, Ratio(p))) else None
    if len(varying) == len(made) == 1 and made[varying[0]].injective:
        (arg,) = made[varying[0]].args
        return True if _is_nowhere_constant(generators, arg) else None
    if depth <= 0:
        return None
    for name in names_in(generators, p):
        slope = derivative(generators, p, name)
        if slope is not None and not slope.top.is_zero():
            parts = factors(slope.top)[1]
            if all(is_thin(generators, part, depth - 1) for part, _ in parts):
                return True
    return None


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
    indexes = used(p)
    made = (generators.made[i] for i in sorted({*indexes, *generators.inside(indexes)}))
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
