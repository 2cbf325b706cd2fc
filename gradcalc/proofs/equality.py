"""A claim shown equal to a derivative, for all values at which both exist.

The argument. Let F be the formula, D its derivative by the table's rules and C the claim, all three written out in
`if`, comparisons, floor and rows that are smooth. Whenever the reading of one of them meets a comparison, or a law that
needs a sign, which the signs known so far do not decide, the domain is cut in three: where the quantity is negative, 0
and positive. So cells come about on which F, D and C are quotients of polynomials in generators, and C - D is 0 where
its numerator is reduced to the polynomial 0 (`algebra`). The proof is that this is so on every cell:

1. Where floor takes part, its value is a generator n with n <= u < n + 1, so that one cell stands for all steps; the
   side `floor(u) = n` of a comparison is a cell of its own.
2. The zero side of the claim's own comparisons is a cell like the others: there the variable, or another generator, is
   replaced by what it is equal to.
3. On the zero side of a comparison of F its pieces meet. If F and D agree on both sides of it, F is differentiable
   there and C must equal that. Else the zero side is excepted as a kink, if it is `thin`: if the quantity is 0 on no
   open set. `floor(x) - 137` is 0 on one, so that side is a cell like the others. Where it is not known whether the
   side is thin, C must be right in both cases.
4. What a formula needs to have a value (u > 0 for log(u)) holds on the cells on which it is read: on that branch alone.
   A cell on which F or D has no value is outside the common domain. One on which C has none proves nothing.

Nothing is dropped: with one cell that is not shown equal there is no proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from gradcalc.engine.rewrite import expand
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import Interning
from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Formula

from .algebra import Generators, NoValue, Poly, Ratio, TooLarge, factors, generator, polynomial, used
from .cells import Cell, Empty, Split
from .reading import Kink, Reader, plain

_MOST_CELLS = 400
_MOST_FAILING = 8
NOT_SHOWN = "the difference of the two was not shown to be zero"


@dataclass(frozen=True, slots=True)
class Equality:
    """Whether two formulas were shown equal, which when not is no disproof, with the `reason`.

    `cells` are how many parts of the domain that took; `kinks` whether points were excepted.
    """

    proved: bool
    reason: str = ""
    cells: int = 0
    kinks: bool = False

    def __bool__(self) -> bool:
        return self.proved


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim of what the derivative of a formula is.

    Attributes:
        formula, derivative, claim: prepared; the derivative is right where the formula is smooth.
        variables: names that are variables whatever they are otherwise, such as `e`.
        where: quantities and the sign, 1, 0 or -1, that each has where the two are to be equal.
    """

    formula: Formula
    derivative: Formula
    claim: Formula
    variables: Collection[str] = ()
    where: Sequence[tuple[Formula, int]] = ()


def prove_equal(claimed: Claimed, seconds: float = LIMITS.seconds, partial: bool = False) -> Equality:
    """Whether a claim equals the derivative of a formula wherever both have a value, but for the formula's kinks.

    Args:
        partial: the claim may lack values on open sets.
    """
    return _Proof(claimed, time.monotonic() + seconds, partial).run()


def prove_apart(claimed: Claimed, seconds: float = LIMITS.seconds) -> Equality:
    """Whether a claim equals the derivative nowhere in a region: on every cell it has no value, or the sign of the
    difference is known."""
    return _Proof(claimed, time.monotonic() + seconds, True, _is_apart).run()


def _is_zero(cell: Cell, difference: Ratio) -> str:
    return "" if cell.ratio(difference).top.is_zero() else NOT_SHOWN


def _is_apart(cell: Cell, difference: Ratio) -> str:
    return "the two were not shown to differ" if 0 in cell.signs(difference) else ""


class _Proof:
    def __init__(
        self, claimed: Claimed, deadline: float, partial: bool, fault: Callable[[Cell, Ratio], str] = _is_zero
    ):
        self.formula, self.derivative, self.claim = (
            plain(expand(f)) for f in (claimed.formula, claimed.derivative, claimed.claim)
        )
        self.where = [(plain(expand(quantity)), side) for quantity, side in claimed.where]
        self.deadline, self.partial, self.fault = deadline, partial, fault
        self.generators = Generators(frozenset(claimed.variables))
        self.intern = Interning()
        self.switches = {switch: found[0] for switch, found in self.intern.comparisons(self.formula).items()}
        self.thin_switches: dict[Any, bool | None] = {}
        self.kinks = False
        self.shown = 0

    def run(self) -> Equality:
        try:
            return self._through_all_cells()
        except (TooLarge, ZeroDivisionError, OverflowError, MemoryError):
            return Equality(False, "too large for exact algebra")

    def _through_all_cells(self) -> Equality:
        open_cells: list[Cell] = [Cell(self.generators)]
        thin_cells: list[Cell] = []
        looked = 0
        while open_cells or thin_cells:
            cell = open_cells.pop() if open_cells else thin_cells.pop()
            looked += 1
            if looked > _MOST_CELLS:
                return Equality(False, f"more than {_MOST_CELLS} cells")
            try:
                why = self._why_not(cell.copy(), cell)
            except Empty:
                continue
            except _Cut as cut:
                for part in cut.cells:
                    (thin_cells if part.thin else open_cells).append(part)
                continue
            if why:
                return Equality(False, why, looked)
        if not self.shown and self.fault is _is_zero:
            return Equality(False, "there is no cell on which both have a value")
        return Equality(True, "", looked, self.kinks)

    def _why_not(self, cell: Cell, before: Cell) -> str:
        """Why the claim is not shown right on a cell, or nothing."""
        reader = Reader(cell, self.intern, self.switches, deadline=self.deadline)
        own = True
        try:
            for quantity, side in self.where:
                _keep(cell, reader.read(quantity), side)
            truths = [self._across(cell)] if cell.kinks else []
            self.kinks = self.kinks or None in truths
            if truths == [None] and not cell.perhaps:
                return ""
            if not cell.kinks or cell.perhaps:
                reader.forced = dict.fromkeys(cell.kinks, 0)
                has_value = False
                try:
                    reader.read(self.formula, own=True)
                    has_value = True
                    truths.append(reader.read(self.derivative, own=True))
                except NoValue:
                    self.kinks = self.kinks or has_value  # its rules say nothing where there may be a derivative
                    return ""  # outside the common domain
            own = False
            try:
                claimed = reader.read(self.claim)
            except (NoValue, Empty):
                return "" if cell.thin or self.partial else "the claim has no value in a part of the domain"
        except Split as split:
            raise _Cut(self._cut(before, split, reader if own else None)) from None
        except Kink as kink:
            thin = self._is_thin(kink.switch, reader.conditions)
            if before.kinks or (thin is False and before.thin):
                return "what the formula is where two of its comparisons are equal was not decided"
            at = before.copy()
            if thin is False:
                at.ties = at.ties | {kink.switch}
            else:
                at.kinks, at.perhaps = (kink.switch,), thin is None
            raise _Cut([at]) from None
        known = [truth for truth in truths if truth is not None]
        why = next(filter(None, (self.fault(cell, claimed - truth) for truth in known)), "")
        self.shown += bool(known) and not why
        return why

    def _is_thin(self, switch: Any, beside: Mapping[int, bool]) -> bool | None:
        """Whether what a comparison of the formula's own compares is equal on no open set, if that is known. `beside`
        are other comparisons, which are not between equals, and so come out the same all around."""
        if self.thin_switches.get(switch) is None:
            reader = Reader(Cell(self.generators), self.intern, deadline=self.deadline)
            reader.given = beside
            try:
                found = reader.read(self.switches[switch])
                self.thin_switches[switch] = False if found.top.is_zero() else self._vanishes_thinly(found)
            except (Split, NoValue, Empty):
                return None
        return self.thin_switches[switch]

    def _vanishes_thinly(self, r: Ratio) -> bool | None:
        found = {is_thin(self.generators, part) for part, _ in factors(r.top)[1]}
        return False if False in found else None if None in found else True

    def _across(self, cell: Cell) -> Ratio | None:
        """The derivative where pieces meet, if they join to a differentiable function; None where that is not seen."""
        if len(cell.kinks) > 1:
            return None
        found: list[tuple[Ratio, Ratio]] = []
        (switch,) = cell.kinks
        try:
            for side in (1, -1, 0):
                reader = Reader(cell, self.intern, self.switches, {switch: side}, self.deadline)
                value = reader.read(self.formula, own=True)
                slope = reader.read(self.derivative, own=True) if side else found[0][1]
                found.append((value, slope))
        except (Split, Kink, NoValue, Empty):
            return None
        (value, slope), *others = found
        same = all(cell.ratio(v - value).top.is_zero() and cell.ratio(s - slope).top.is_zero() for v, s in others)
        return slope if same else None

    def _cut(self, cell: Cell, split: Split, own: Reader | None) -> list[Cell]:
        """The parts of a cell by the sign of a factor."""
        asked = None if own is None else own.asked
        thin = is_thin(self.generators, split.factor)
        parts = []
        for sign in sorted(split.signs):
            try:
                part = cell.side(split.factor, sign, thin is True)
            except Empty:
                continue
            if sign == 0 and asked is not None and thin is not False:
                switch, difference = asked
                self.thin_switches[switch] = self._vanishes_thinly(difference)
                part.kinks, part.perhaps = (*part.kinks, switch), part.perhaps or thin is None
            parts.append(part)
        return parts


def _keep(cell: Cell, quantity: Ratio, side: int) -> None:
    """Keep to the points at which a quantity has this sign: the cell is cut until that is known."""
    signs = cell.signs(quantity)
    if side not in signs:
        raise Empty
    unknown = cell.unknown(quantity) if len(signs) > 1 else None
    if unknown is not None:
        raise Split(*unknown)


class _Cut(Exception):
    def __init__(self, cells: list[Cell]):
        super().__init__()
        self.cells = cells


# ---- where a quantity is 0 on no open set


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
    if floors:
        # irreducible, so that for no value of one floor all coefficients vanish
        return True if len(floors) == 1 and all(made[i].kind in ("name", "floor") for i in made) else None
    if all(made[i].single for i in made):
        return True if _is_somewhere_not_zero(generators, p) else None
    if len(varying) == len(made) == 1 and made[varying[0]].injective:
        (arg,) = made[varying[0]].args
        return True if _is_nowhere_constant(generators, arg, depth - 1) else None
    if depth <= 0:
        return None
    for name in _names(generators, p):
        slope = _derivative(generators, p, name)
        if slope is not None and not slope.top.is_zero():
            parts = factors(slope.top)[1]
            if all(is_thin(generators, part, depth - 1) for part, _ in parts):
                return True
    return None


def _is_nowhere_constant(generators: Generators, r: Ratio, depth: int) -> bool:
    while not generators.is_single(r):
        indexes = r.generators()
        if depth <= 0 or len(indexes) != 1 or not generators.made[indexes[0]].injective:
            return False
        r, depth = generators.made[indexes[0]].args[0], depth - 1
    return _is_not_constant(generators, r)


def _names(generators: Generators, p: Poly) -> list[str]:
    found: dict[str, None] = {}
    stack = used(p)
    seen: set[int] = set()
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            made = generators.made[i]
            if made.kind == "name":
                found[made.what] = None
            stack += [j for arg in made.args for j in arg.generators()]
    return list(found)


def _samples(generators: Generators, r: Ratio) -> list[Any]:
    """Values at a few points, as balls."""
    names = sorted(_names(generators, r.top) + _names(generators, r.bottom))
    found = []
    with precision(192):
        for k in range(1, _SAMPLES + 1):
            point = {name: arb(2 * k + 1) / (7 + 3 * i) - k % 2 for i, name in enumerate(names)}
            value = generators.ball(r, generators.balls(r.generators(), point))
            if value.is_finite():
                found.append(value)
    return found


def _is_not_constant(generators: Generators, r: Ratio) -> bool:
    values = _samples(generators, r)
    return any(not a.overlaps(b) for a in values[:1] for b in values[1:])


def _is_somewhere_not_zero(generators: Generators, p: Poly) -> bool:
    return any(not value.contains(0) for value in _samples(generators, Ratio(p)))


def _derivative(generators: Generators, p: Poly, name: str) -> Ratio | None:
    """The derivative of a polynomial in generators by a variable, where the rule of each generator is known."""
    total = Ratio(polynomial(0))
    for i in used(p):
        inner = _slope(generators, i, name)
        if inner is None:
            return None
        total += Ratio(p.derivative(i)) * inner
    return total


def _slope(generators: Generators, index: int, name: str) -> Ratio | None:
    slopes: dict[int, Ratio] = {}
    todo = [index]
    while todo:
        i = todo[-1]
        made = generators.made[i]
        missing = [j for arg in made.args for j in arg.generators() if j not in slopes]
        if missing and not made.constant:
            todo += missing
            continue
        todo.pop()
        found = _by_rule(generators, i, name, slopes)
        if found is None:
            return None
        slopes[i] = found
    return slopes[index]


def _by_rule(generators: Generators, i: int, name: str, slopes: dict[int, Ratio]) -> Ratio | None:
    made, g = generators.made[i], Ratio(generator(i))
    zero = Ratio(polynomial(0))
    if made.constant or made.kind == "floor":
        return zero
    if made.kind == "name":
        return Ratio(polynomial(1)) if made.what == name else zero
    if made.kind not in ("exp", "log", "root"):
        return None
    (arg,) = made.args
    inner = zero
    for j in arg.generators():
        top, bottom = Ratio(arg.top.derivative(j)), Ratio(arg.bottom.derivative(j))
        inner += (top - arg * bottom) / Ratio(arg.bottom) * slopes[j]
    if made.kind == "exp":
        return g * inner
    return inner / arg if made.kind == "log" else g * inner / (arg * Ratio(polynomial(made.what)))
