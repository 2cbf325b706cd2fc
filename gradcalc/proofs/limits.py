"""The values that quantities which were read beside the points of a cell come to at them, where several are 0.

A generator of which all arguments come to something comes to its value there: rows are continuous as far as they have a
value. That must be so at every point of the cell, and no divisor 0 on a part of it: else the cell is cut. A quotient of
zeros is told where it is a product of powers of one quantity and its logarithm, or by its square where its sign on this
side is known, or by l'Hopital's rule along the variable. What is made of rows that are analytic at what their arguments
come to, of roots, powers, exp and log is in a Hardy field there (van den Dries, Macintyre, Marker, "The elementary
theory of restricted analytic fields with exponentiation", 1994), in which the rule needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction

from gradcalc.language.formula import Call
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.literals import ONE, ZERO

from .algebra import NoValue, Ratio, ratio
from .cells import Cell, Empty, Split
from .laws import plain
from .polynomials import Poly, coefficients, factors, from_terms, generator, used
from .reading import Reader
from .thin import derivative, derivative_of_ratio

_ORDERS = range(1, 4)
_MOST_TERMS = 60
_DEEPEST, _SHALLOW = 3, 0  # quotients of derivatives of quotients: for a limit, and for a sign on one side
Turn = tuple[int, int]


class Undecided(Exception):
    """The formula on a side could not be told."""


class Infinite(ArithmeticError):
    """A quotient of which the divisor alone is 0."""


class AtPoint(Exception):
    """The cell of the point itself must be cut first."""

    def __init__(self, split: Split):
        super().__init__()
        self.split = split


class LimitReader:
    """The points of a cell: what quantities come to there that were read beside them."""

    def __init__(self, reader: Reader, along: str):
        self.reader, self.cell, self.along = reader, reader.cell, along
        reader.cuts = True
        self.on_side(Cell(reader.generators), 0)

    def on_side(self, beside: Cell, direction: int) -> None:
        """Look at one side, along the variable or against it, of which nothing holds that was found on another."""
        self.beside, self.direction = beside, direction
        self.known: dict[int, Ratio] = {}

    def moves(self, part: Poly, name: str) -> bool:
        slope = derivative(self.cell.generators, part, name)
        return slope is None or not slope.top.is_zero()

    def turn(self, part: Poly, name: str, deepest: int = _DEEPEST) -> Turn:
        """The order of the first derivative of a quantity that is not 0, and its sign, 0 where that is not told."""
        slope = Ratio(part)
        for order in _ORDERS:
            following = derivative_of_ratio(self.cell.generators, slope, name)
            if following is None:
                break
            slope = following
            try:
                sign = self.sign(slope, deepest)
            except (NoValue, Infinite):
                break
            if sign:
                return order, sign
        return 0, 0

    def sign(self, r: Ratio, deepest: int = _DEEPEST) -> int:
        """The sign that a quantity goes to.

        Raises:
            NoValue, Infinite: it has no limit as it is written.
        """
        there = self.value(r, deepest)
        signs = self.cell.signs(there)
        if len(signs) == 1:
            return next(iter(signs))
        try:
            self.cell.cut_by(there)
        except Split as split:
            raise AtPoint(split) from None
        raise Undecided

    def _is_zero(self, r: Ratio) -> bool:
        """Whether a quantity is 0 at every point of the cell; if not, it is so at none."""
        signs = self.cell.signs(r)
        if 0 in signs and len(signs) > 1:
            self.cell.cut_by(r)
        return signs == {0}

    def is_open_constant(self, r: Ratio) -> bool:
        """Whether a quantity is a constant of which nothing is known."""
        unknown = self.cell.unknown(r)
        return unknown is not None and self.cell.generators.is_constant(unknown[0]) and len(self.cell.signs(r)) > 1

    def value(self, r: Ratio, deepest: int = _DEEPEST) -> Ratio:
        """A quantity that was read beside the point, at the point."""
        try:
            try:
                above, below = self._sum(r.top), self._sum(r.bottom)
            except Infinite:
                return self._of_powers(r)
            if not self._is_zero(below):
                return self.cell.ratio(above / below)
            try:
                return self._of_powers(r)
            except NoValue:
                if not self._is_zero(above):
                    raise
            return self._of_zeros(r, deepest)
        except Split as split:
            raise AtPoint(split) from None

    def _of_zeros(self, r: Ratio, deepest: int) -> Ratio:
        """A quotient of which both parts go to 0, by its square, or by the derivatives of its parts."""
        if not deepest or len(r.top) + len(r.bottom) > _MOST_TERMS:
            raise NoValue
        above, below = (derivative(self.cell.generators, p, self.along, self.beside) for p in (r.top, r.bottom))
        if above is not None and below is not None and not below.top.is_zero():
            with suppress(NoValue):
                return self.value(self.beside.ratio(above / below), deepest - 1)
        square = self.beside.ratio(r * r)
        if len(self._made_of(square)) >= len(self._made_of(r)):
            raise NoValue
        size = self.reader.root(self.value(square, deepest), Fraction(1, 2))
        return -size if self._side_of(r) < 0 else size

    def _made_of(self, r: Ratio) -> set[int]:
        return self.cell.generators.with_inside(r.generators())

    def _side_of(self, r: Ratio) -> int:
        """The sign of a quantity on the side that is looked at."""
        try:
            while len(signs := self.beside.signs(r)) > 1:
                try:
                    self.beside.cut_by(r)
                except Split as split:
                    self.beside = self.beside.side(split.factor, self.sign_beside(split.factor, _SHALLOW))
            (sign,) = signs  # none where a divisor is 0
        except (Undecided, Empty, ValueError):
            raise NoValue from None
        return sign

    def sign_beside(self, part: Poly, deepest: int = _DEEPEST) -> int:
        """The sign of a quantity on that side: the one it has at the point, or if that is 0, that of its slope; what
        does not change along the line stays 0."""
        try:
            try:
                sign = self.sign(Ratio(part), deepest)
            except Infinite:
                return self._sign_by_log(part)
            if not sign and not self.moves(part, self.along):
                return 0
            if not sign and self.direction:
                order, sign = self.turn(part, self.along, deepest)
                sign *= self.direction**order
        except (NoValue, Infinite):
            raise Undecided from None
        if not sign:
            raise Undecided
        return sign

    def _of_powers(self, r: Ratio) -> Ratio:
        """A product of powers of one quantity u that goes to 0, as `u^a/u` is, by the sign of the sum of exponents, and
        of log(u), which powers outdo; as they do polynomials in it."""
        total, growth = ratio(0), 0
        gone = list[Poly]()  # what goes to 0
        sums = list[int]()  # the powers of sums that no logarithm is known to lead
        for part, n in [*factors(r.top)[1], *((part, -n) for part, n in factors(r.bottom)[1])]:
            power = self._power_of_log(part)
            inner, degree = self._in_log(part) if power is None else (None, 0)
            if power is not None:
                u, exponent, remaining = power
                self.value(remaining)  # there is one
                total += ratio(n) * exponent
            elif inner is not None:
                u = inner
                growth += n * degree
                sums += [] if degree else [n]
            elif Ratio(part) == r:
                raise NoValue
            elif self._is_zero(self.value(Ratio(part))):
                u, degree = self._under_root(part)
                total += ratio(Fraction(n, degree))
            else:
                continue
            gone.append(u)
        if any(u not in (gone[0], -gone[0]) for u in gone):
            raise NoValue
        order = self.sign(total)
        if sums and (order <= 0 or min(sums) < 0):
            raise NoValue
        sign = order or -growth
        if sign <= 0:
            raise Infinite if sign else NoValue
        return ratio(0)

    def _in_log(self, part: Poly) -> tuple[Poly | None, int]:
        """The u that goes to 0 of the logarithms in a polynomial in these and what comes to something, and the power of
        one logarithm that it grows like: the highest, if what that is multiplied by does not go to 0; else 0."""
        found: Poly | None = None
        logs = list[int]()
        for i in used(part):
            made = self.cell.generators.made[i]
            try:
                is_log = self._is_log(i) and self._is_zero(self.value(made.args[0]))
                if not is_log:
                    self._generator(i)
            except Infinite:
                return None, 0
            if not is_log:
                continue
            if found is not None and made.args[0].top != found:
                return None, 0
            found = made.args[0].top
            logs.append(i)
        powers = coefficients(part, logs[0]) if len(logs) == 1 else {}
        degree = max(powers, default=0)
        return found, degree if degree and not self._is_zero(self.value(Ratio(powers[degree]))) else 0

    def _sign_by_log(self, part: Poly) -> int:
        """Of a polynomial in the logarithm of what goes to 0, by its highest power, which outdoes all others."""
        _, degree = self._in_log(part)
        if not degree:
            raise NoValue
        made = self.cell.generators.made
        (log,) = (i for i in used(part) if self._is_log(i) and self._is_zero(self.value(made[i].args[0])))
        sign = self.sign(Ratio(coefficients(part, log)[degree]))
        return -sign if degree % 2 else sign

    def _is_log(self, i: int) -> bool:
        return self.cell.generators.made[i].kind == "log"

    def _under_root(self, part: Poly) -> tuple[Poly, int]:
        """The quantity under a root, and the degree; of anything else that itself."""
        (index, *_) = used(part)
        made = self.cell.generators.made[index]
        if part != generator(index) or not isinstance(made.what, int):
            return part, 1
        return made.args[0].top, made.what

    def _power_of_log(self, part: Poly) -> tuple[Poly, Ratio, Ratio] | None:
        """Of a generator `exp(a*log(u) + b)` where u goes to 0: u, a and b."""
        (index, *others) = used(part)
        made = self.cell.generators.made[index]
        if others or part != generator(index) or made.kind != "exp":
            return None
        for i in made.args[0].generators():
            log = self.cell.generators.made[i]
            powers = coefficients(made.args[0].top, i) if self._is_log(i) else {}
            if powers and powers.keys() <= {0, 1} and self.sign(log.args[0]) == 0:
                a = Ratio(powers[1]) / Ratio(made.args[0].bottom)
                return log.args[0].top, a, made.args[0] - a * Ratio(generator(i))
        return None

    def _sum(self, p: Poly) -> Ratio:
        total = ratio(0)
        for powers, value in p.terms:
            term = ratio(1)
            try:
                for i, n in powers:
                    term *= self._generator(i) ** n
            except Infinite:
                term = self._of_powers(Ratio(from_terms({powers: value})))  # 0
            total += term * ratio(value)
        return total

    def _generator(self, index: int) -> Ratio:
        todo = [index]
        while todo:
            i = todo[-1]
            power = self._power_of_log(generator(i)) if i not in self.known else None
            if power is not None:
                self.value(power[2])
                sign = self.sign(power[1])
                if sign <= 0:
                    raise Infinite if sign else NoValue
                self.known[i] = ratio(0)
            args = () if i in self.known else self.cell.generators.made[i].args
            missing = [j for arg in args for j in arg.generators() if j not in self.known]
            if missing:
                todo += missing
            elif todo.pop() not in self.known:
                self.known[i] = self._made(i)
        return self.known[index]

    def _made(self, i: int) -> Ratio:
        made, reader = self.cell.generators.made[i], self.reader
        if made.kind == "name":
            return reader.name(made.what)
        try:
            args = [self.value(arg) for arg in made.args]
        except Infinite:
            if made.bound is None or made.reached:
                raise NoValue from None
            return Ratio(made.bound) * ratio(self._side_of(made.args[0]))  # to which it increases
        if all(new == old for new, old in zip(args, made.args, strict=True)):
            return self.cell.ratio(Ratio(generator(i)))
        if self._is_log(i) and self._is_zero(args[0]):
            raise Infinite
        if made.kind == "root":
            return reader.root(args[0], Fraction(1, made.what))
        if made.kind != "call":
            return reader.called(TABLE[made.kind], args)
        if not self._has_value(made.what, args):
            raise NoValue
        return reader.called(made.what, args)

    def _has_value(self, row: Function, args: Sequence[Ratio]) -> bool:
        """Whether a row is known to have a value, up to which it is continuous: a smooth one is where its domain is."""
        if TABLE.get(row.name) is not row or not row.smooth:
            return False
        if not row.domain:
            return True
        cell = self.cell.copy()
        cell.values = dict(zip(row.params, args, strict=True))
        asked = Call(TABLE["if"], (read_text(row.domain), ONE, ZERO))
        return Reader(cell, self.reader.intern, work=self.reader.work).read(plain(asked)) == ratio(1)
