"""A claim shown equal to a derivative, for all values at which both exist.

The argument. Let F be the formula, D its derivative by the table's rules and C the claim, all three written out in
`if`, comparisons, floor and rows that are smooth. Whenever the reading of one of them meets a comparison, or a law that
needs a sign, which the signs known so far do not decide, the domain is cut in three: where the quantity is negative, 0
and positive. So cells come about on which F, D and C are quotients of polynomials in generators, and C - D is 0 where
its numerator is reduced to the polynomial 0 (`algebra`). The proof is that this is so on every cell:

1. Where floor takes part, its value is a generator n with n <= u < n + 1, so that one cell stands for all steps; the
   side `floor(u) = n` of a comparison is a cell of its own, and of a floor in F also the side u = n.
2. The zero side of the claim's own comparisons is a cell like the others: there the variable, or another generator, is
   replaced by what it is equal to.
3. In the zeros where a comparison of F is between equals, or a floor of F of what is whole, or D has no value, D says
   nothing. There the pieces on both sides tell what the derivative can be (`sides`), and C must equal all of that, or
   it is shown that there is none. Points at which that is not told are left `open`, if they can be named. Proofs that
   are to hold but for the kinks of F except these zeros, if they are `thin`: if the quantity is 0 on no open set.
   Zeros that are thin lie between other cells: where formula, derivative and claim are continuous wherever they have
   values (`continuous`), they are equal there by what is shown beside them.
4. What a formula needs to have a value (u > 0 for log(u)) holds on the cells on which it is read: on that branch alone.
   A cell on which F has no value is outside the common domain. One on which C has none proves nothing.

Nothing is dropped: with one cell that is not shown equal there is no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.switches import Interning
from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Call, Formula, Name, brief, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.record import dataclass, field
from gradcalc.work import Work

from .algebra import Generators, NoValue, Ratio, Spent, Unread
from .cells import APART, Cell, Empty, Split
from .continuous import are_continuous
from .exact import as_formula
from .laws import plain_by_laws
from .limits import AtPoint, Infinite, Undecided
from .polynomials import Poly, TooLarge
from .reading import Part, Reader
from .sides import Studied, may_have_slopes, slopes
from .thin import are_thin, is_nowhere, is_point, is_seldom, is_stepwise, is_thin, may_lack, names_in

_MOST_CELLS = 400
NOT_SHOWN, NOWHERE = "the difference of the two was not shown to be zero", "nowhere do both have a value"
LACKS = "the claim may lack values in a part of the domain"
NO_RULE = "the derivative may have no value by its rules in a part of the domain"


class Step(NamedTuple):
    """A part of the domain, and how it was settled. At a `kink` the formula has, or may have, no derivative."""

    text: str
    kink: bool = False

    def within(self, where: str) -> Step:
        return Step(f"{where}: {self.text}", self.kink)


@dataclass(frozen=True, slots=True)
class Met:
    """A part of the domain in which pieces of a formula meet: the point that it is, or None, the `signs` of quantities
    that say which part it is, whether there is no derivative, whether there is one for certain, and `Slopes.step`."""

    place: Mapping[str, Formula] | None
    signs: Sequence[tuple[Formula, int]]
    bare: bool
    certain: bool
    step: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Equality:
    """Whether two formulas were shown equal, which when not is no disproof, with the `reason`.

    `cells` are how many parts of the domain that took. `open` are points, constant formulas by name, of which nothing
    was told, and at which the claim has a value; the last of them, without a proof, may be where the two differ.
    `steps` say of every part which it is and how it was settled, `needs` what was supposed of ends: `n >= 0`. `met` are
    the parts in which pieces of the formula meet. `unshown` is, without a proof, the part that is not settled:
    quantities, and the sign that each has there.
    """

    proved: bool
    reason: str = ""
    cells: int = 0
    open: Sequence[Mapping[str, Formula]] = ()
    steps: Sequence[Step] = ()
    needs: Sequence[Call] = ()
    met: Sequence[Met] = ()
    unshown: Sequence[tuple[Formula, int]] = ()

    def __bool__(self) -> bool:
        return self.proved

    @property
    def kinks(self) -> bool:
        """Whether points are excepted at which the claim has a value and the formula no derivative."""
        return any(step.kink for step in self.steps)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim of what the derivative of a formula is.

    Attributes:
        formula, derivative, claim: prepared; the derivative is right where the formula is smooth.
        variables: names that are variables whatever they are otherwise, such as `e`.
        where: quantities and the sign, 1, 0 or -1, that each has where the two are to be equal.
        studied: the formula that the claim is a derivative of, and by what, prepared.
        but_kinks: the kinks of `formula` are excepted, as they are where nothing is `studied`.
        along: names of which nothing that is excepted may depend.
        every: names of which no value may be excepted as a whole, but points of other names with it; each with the
            names that it moves with.
        named: names that stand for quantities, which may have no value where the claim alone asks for them.
        wholes: names that stand for whole numbers.
        thinly: the claim may lack values on thin sets alone; if not, also where nothing says that it has none.
    """

    formula: Formula
    derivative: Formula
    claim: Formula
    variables: Collection[str] = ()
    where: Sequence[tuple[Formula, int]] = ()
    studied: Studied | None = None
    but_kinks: bool = False
    along: Collection[str] = ()
    every: Mapping[str, Collection[str]] = field(default_factory=dict)
    named: Collection[str] = ()
    wholes: Collection[str] = ()
    thinly: bool = False


def prove_equal(claimed: Claimed, work: Work | None = None, partial: bool = False) -> Equality:
    """Whether a claim equals the derivative of a formula wherever both have a value.

    Args:
        work: what pays for the proof; when that is done there is none. Without it, as much as `Limits.seconds` are.
        partial: the claim may lack values on open sets.
    """
    return _Proof(claimed, Work(LIMITS.seconds) if work is None else work, partial).run()


def prove_apart(claimed: Claimed, work: Work) -> Equality:
    """Whether a claim equals the derivative nowhere in a region: on no cell, as it has no value or a sign is known."""
    return _Proof(claimed, work, True, _is_apart).run()


_SIGNS = {-1: "<", 0: "=", 1: ">", APART: "!="}
NO_DERIVATIVE, _KINK = Step("the formula has no derivative", True), Step("excepted: a kink of the formula", True)
_WITHOUT_VALUE = Step("excepted: the claim has no value by its rules")
_CONTINUOUS = Step("the two are continuous, and equal beside it")
_BY_ALGEBRA, _APART = map(Step, ("the difference is 0 by algebra", "the sign of the difference is known, and not 0"))


def _is_zero(cell: Cell, difference: Ratio) -> str:
    return "" if Reader(cell.copy()).vanishes(difference) else NOT_SHOWN


def _is_apart(cell: Cell, difference: Ratio) -> str:
    return "the two were not shown to differ" if 0 in cell.signs(difference) else ""


class _Proof:
    def __init__(self, claimed: Claimed, work: Work, partial: bool, fault: Callable[[Cell, Ratio], str] = _is_zero):
        self.formula = plain_by_laws(claimed.formula)
        self.derivative, self.claim = plain_by_laws(claimed.derivative), plain_by_laws(claimed.claim)
        self.where = [(plain_by_laws(quantity), side) for quantity, side in claimed.where]
        self.work, self.partial, self.fault, self.thinly = work, partial, fault, claimed.thinly
        self.how = _BY_ALGEBRA if fault is _is_zero else _APART
        self.along, self.every, self.asked = frozenset(claimed.along), dict(claimed.every), set[Poly]()
        self.generators = Generators(frozenset(claimed.variables), frozenset(claimed.wholes))
        self.named, self.intern = frozenset(claimed.named), Interning()
        studied = claimed.studied
        self.but_kinks = claimed.but_kinks or studied is None
        self.studied = studied and Studied(studied.name, [*map(plain_by_laws, studied.formulas)])
        self.below = [self.formula] if self.studied is None else self.studied.formulas[:-1]
        switched = self.below if self.studied is None else self.studied.formulas
        self.switches = {switch for formula in switched for switch in self.intern.comparisons(formula)}
        self.open, self.steps = list[Mapping[str, Formula]](), list[Step]()
        self.met, self.shown = list[Met](), 0

    def run(self) -> Equality:
        self.generators.work = self.work
        try:
            found = self._through_all_cells()
            if not found and self.generators.refined:  # what was read before a unit was known is read again
                self.open, self.steps, self.met, self.shown = [], [], [], 0
                found = self._through_all_cells()
            return found
        except (TooLarge, ZeroDivisionError, OverflowError, MemoryError):
            return Equality(False, "too large for exact algebra")
        except Spent:
            return Equality(False, self.work.ended)
        finally:
            self.generators.work = None

    def _through_all_cells(self) -> Equality:
        todo, thin, looked = [Part(Cell(self.generators))], list[Part](), 0
        while todo or thin:
            part = todo.pop() if todo else thin.pop()
            cell, goes_on = part.cell, part.own is not None
            looked += 1
            if looked > _MOST_CELLS:
                return Equality(False, f"more than {_MOST_CELLS} cells")
            try:
                why = self._why_not(part)
            except Empty:
                continue
            except TooLarge:  # it may have no value there
                if not goes_on and (not self._goes_on(cell) or self._depends(cell) or self._is_whole(cell)):
                    raise
                why = NOT_SHOWN
            except (Split, AtPoint) as cut:
                for inside in self._cut(part, cut.split if isinstance(cut, AtPoint) else cut):
                    (thin if inside.cell.thin else todo).append(inside)
                continue
            if why and goes_on:  # of what is read on it alone, more may be known
                todo.append(Part(cell))
                continue
            if why == NOT_SHOWN:
                why = self._settled(cell, _CONTINUOUS) if self._goes_on(cell) else why + self._where(cell)
            if why and not is_nowhere(cell):
                point = self._point(cell)
                places = self.open if point is None else [*self.open, point]
                return Equality(False, why, looked, places, unshown=self._signs(cell))
        if not self.shown and self.fault is _is_zero:
            return Equality(False, NOWHERE)
        return Equality(True, "", looked, self.open, self.steps, met=self.met)

    def _why_not(self, part: Part) -> str:
        """Why the claim is not shown right on a part, or nothing."""
        cell = part.cell.copy() if part.own is None else part.own.cell
        for quantity, side in self.where if part.own is None else ():  # else its own reader has read on
            (asked := self._reader(cell)).cuts = True
            try:
                self._keep(cell, asked.read(quantity), side)
            except NoValue:
                if self.fault is _is_zero:
                    return ""  # outside the region
        reader = part.own = part.own or self._reader(cell)
        here: Ratio | None = None
        try:
            with suppress(Unread):
                here = reader.read(self.below[0], own=True)
        except NoValue:
            return self._settled(cell, Step("the formula has no value"))
        part.excepts = self.partial or cell.thin or is_seldom(cell) if part.excepts is None else part.excepts
        try:
            tied = None if here is None else self._rule(reader)
        except Unread:
            return f"a derivative taken at a kink was not read{self._where(cell)}"
        meets = reader.meets or tied is None
        if tied is None and self._depends(cell):
            return "there is no value in a part of the domain"
        if self.but_kinks and (tied is None or (meets and cell.thin)) and (part.excepts or not self.thinly):
            return self._settled(cell, _KINK if self._may_claim(cell) else _WITHOUT_VALUE)
        if self.studied is None and tied is None:
            return NO_RULE
        before = cell
        claiming = part.claiming = part.claiming or self._reader(cell.copy())
        claiming.cuts, cell = bool(self.along or self.every), claiming.cell
        if self.thinly and not part.excepts:
            claiming.may_leave_out = are_thin
        try:
            claimed = claiming.read(self.claim)
            if tied is not None and cell.wholes != before.wholes:  # what is known of it by them
                tied = self._rule(self._reader(cell.copy()))
        except (NoValue, Empty) as lack:
            cell = before
            for factor in lack.args:  # of which no sign is left: is there such a point, without what the claim needs?
                cell.of_factor(factor)
            if not partial_calls(self.claim):  # it has a value at every point that there is
                raise Empty from None
            if self._depends(cell) or self._is_whole(cell):
                return LACKS
            if part.excepts or (tied is None and not may_have_slopes(self.studied, self._reader(cell), here)):
                return self._settled(cell, _WITHOUT_VALUE)
            return LACKS
        if self._asked_for(claiming) - self._asked_for(reader):
            return NOT_SHOWN
        if not part.excepts and may_lack(cell, claiming.unsure - reader.unsure, self.every):
            return LACKS
        if tied is not None and (self.studied is None or not meets):
            return self._against(cell, claimed, [tied], self.how)
        assert self.studied is not None
        try:
            told = slopes(
                self.studied, self._reader(cell.copy()), here, tied, lambda r: not self.fault(cell, claimed - r)
            )
            but = "" if told.certain else ", if there is a derivative"
            how = Step(f"on both sides {self.how.text}{but}", not told.certain) if told.found else NO_DERIVATIVE
            self.met.append(Met(self._point(cell), self._signs(cell), not told.found, told.certain, told.step))
            return self._against(cell, claimed, told.found, how)
        except (Undecided, TooLarge, NoValue, Infinite):
            return self._left_open(cell)

    def _keep(self, cell: Cell, quantity: Ratio, side: int) -> None:
        """Keep to the points at which a quantity has this sign: the cell is cut until that is known."""
        self.asked |= {part for part, _ in self.generators.factors(quantity.top)[1]}
        signs = cell.signs(quantity)
        if side not in signs:
            raise Empty
        if len(signs) > 1:
            cell.cut_by(quantity)

    def _asked_for(self, reader: Reader) -> set[str]:
        """The quantities with names that what was read needs on its cell."""
        return {node.name for node, _ in reader.values.items() if isinstance(node, Name) and node.name in self.named}

    def _goes_on(self, cell: Cell) -> bool:
        """Whether all that is equal beside a cell is equal on it."""
        if not cell.thin or self.fault is not _is_zero or not all(side for _, side in self.where):
            return False
        return are_continuous((*self.below, self.derivative, self.claim), self._reader(cell.copy()))

    def _may_claim(self, cell: Cell) -> bool:
        """Whether the claim has a value on a cell, or may have one."""
        try:
            with suppress(Split, AtPoint):  # it has one in a part of the cell, or may
                self._reader(cell).read(self.claim)
        except (NoValue, Empty):
            return False
        return True

    def _depends(self, cell: Cell) -> bool:
        """Whether a cell is cut by what depends on names of which no exception may."""
        cuts = (part for part, _ in cell.steps if part not in self.asked)
        return bool(self.along) and any(self.along & {*names_in(self.generators, part)} for part in cuts)

    def _is_whole(self, cell: Cell) -> bool:
        """Whether a cell is what there is with some values of names that none may be excepted of."""
        cuts = [(part, sign) for part, sign in cell.steps if part not in self.asked]
        return any(self.every.keys() & {*names_in(self.generators, part)} for part, _ in cuts) and not any(
            sign == 0 and is_point(cell, part, self.every) for part, sign in cuts
        )

    def _reader(self, cell: Cell) -> Reader:
        return Reader(cell, self.intern, self.switches, self.studied is not None, self.work)

    def _rule(self, reader: Reader) -> Ratio | None:
        """The derivative as it is written out, where it has a value."""
        reader.cuts = reader.studied or bool(self.along or self.every)  # there may be a derivative beyond its rules
        try:
            for formula in (*self.below[1:], self.derivative):
                found = reader.read(formula, own=True)
        except Unread:
            raise
        except NoValue:
            return None
        return found

    def _settled(self, cell: Cell, how: Step) -> str:
        """Nothing, with a step that says which part of the domain a cell is, and how it was settled."""
        signs = " and ".join(f"{brief(quantity)} {_SIGNS[sign]} 0" for quantity, sign in self._signs(cell, APART))
        if not (how.kink and is_nowhere(cell)):
            self.steps.append(how.within(signs or "everywhere"))
        return ""

    def _against(self, cell: Cell, claimed: Ratio, truths: Sequence[Ratio], how: Step) -> str:
        why = next(filter(None, (self.fault(cell, claimed - truth) for truth in truths)), "")
        self.shown += bool(truths) and not why
        return why or self._settled(cell, how)

    def _left_open(self, cell: Cell) -> str:
        """Take note of the point that a cell is, or say where nothing was decided."""
        if (point := self._point(cell)) is not None:
            self.open.append(point)
            return self._settled(cell, Step("excepted: looked at on its own"))
        return f"whether there is a derivative{self._where(cell)} was not decided"

    def _point(self, cell: Cell) -> dict[str, Formula] | None:
        """The point that a cell is, as constant formulas by name; None where it is none."""
        names = {name for formula in (*self.below, self.claim) for name in free_names(formula)}
        names = {name for name in names if name in self.generators.variables or name not in CONSTANTS}
        known = {name: r for name, value in cell.values.items() if self.generators.is_constant(r := cell.ratio(value))}
        if not names <= known.keys():
            return None
        return {name: as_formula(self.generators, value) for name, value in known.items()}

    def _where(self, cell: Cell) -> str:
        """` where x - y = 0`: the zeros that a cell lies in."""
        where = " and ".join(f"{brief(quantity)} = 0" for quantity, sign in self._signs(cell) if sign == 0)
        return where and f" where {where}"

    def _signs(self, cell: Cell, most: int = 1) -> list[tuple[Formula, int]]:
        return [(as_formula(self.generators, Ratio(part)), sign) for part, sign in cell.steps if sign <= most]

    def _cut(self, part: Part, split: Split) -> list[Part]:
        """The parts of one by the sign of a factor, also where what was read has no value on open sets."""
        signs = split.apart | {0} if is_stepwise(self.generators, split.factor) else split.apart
        thin = is_thin(self.generators, split.factor) is True
        return [part.on(cell, split.factor) for cell in part.cell.sides(split.factor, *sorted(signs), thin=thin)]
