"""Sums of a polynomial in an index k times `binomial(n, k)*a^k*b^(n - k)`, for all k to n, by the binomial theorem.

As `k*binomial(n, k) = n*binomial(n - 1, k - 1)`, the sum with the product of j factors `k*(k - 1)*...` beside it is
`n*(n - 1)*...*a^j*(a + b)^(n - j)` where n >= j, and 0 where n < j; any polynomial in k is a sum of such products. A
sum that begins with k = s, and is of powers of `k - s`, is what has `a^(j - s)` instead, if there are s factors or more
in all of these: so all terms before it would be 0. Where it has no term, n < s <= j, it is 0 as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import reduce

from gradcalc.engine.formulas import minus, plus, times
from gradcalc.language.formula import Call, Formula, free_names, rebuilt, with_arguments
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.record import dataclass

from .algebra import NoValue, Ratio, ratio
from .cells import Cell, Empty, Split
from .exact import as_formula
from .laws import plain
from .polynomials import coefficients, generator, polynomial, used
from .reading import Reader
from .taken_apart import powers

_MOST_DEGREE = 12
_PLUS, _POWER = TABLE["+"], TABLE["^"]
_UNREAD = (NoValue, Split, Empty, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form of a sum from a least last place on, wherever what is `asked` has a value, on a cell of its indexes."""

    form: Formula
    least: int
    asked: Formula
    cell: Cell


class Choices:
    """The sums of terms from 0 to a last one; `place` is the generator of the index, which a cell knows of."""

    def __init__(self, cell: Cell, place: int, last: Formula):
        self.cell, self.place, self.last = cell, place, last
        self.generators = cell.generators

    def sum(self, term: Formula, name: str) -> Chosen | None:
        """Of a polynomial and powers whose exponents are linear in the index, which has that name."""
        reader, zero = self._reader(), polynomial(0)
        index = Ratio(generator(self.place))
        by: dict[int, Formula] = {1: ONE, -1: ONE, 0: ONE}  # what has the power k, n - k, or neither
        chosen: list[tuple[Formula, Ratio]] = []
        beside = ratio(1)
        with suppress(*_UNREAD):
            last = reader.read(plain(self.last))
            for base, power in powers(term):
                if isinstance(base, Call) and base.function is TABLE["binomial"] and power is ONE:
                    of, taken = (reader.read(plain(each)) for each in base.args)
                    chosen.append((base, of - last))
                    if taken not in (of - last + index, last - index):
                        return None
                    continue
                exponent = reader.read(plain(power))
                if name in free_names(base):
                    n = exponent.rational()
                    if n is None or n < 0 or n.denominator > 1:
                        return None
                    beside *= reader.read(plain(base)) ** int(n)
                    continue
                parts = coefficients(exponent.top, self.place)
                steps, rest = (Ratio(parts.get(n, zero), exponent.bottom) for n in (1, 0))
                moving = self.generators.with_inside((*steps.generators(), *rest.generators()))
                if not parts.keys() <= {0, 1} or self.place in moving:
                    return None
                step = reader.signs(steps)
                is_whole = reader.is_whole(exponent) and (step <= {0, 1} or step == {-1})  # else 0 has no such power
                if not is_whole and reader.signs(reader.read(plain(base))) != {1}:
                    return None
                side = -1 if step == {-1} else 1
                raised = as_formula(self.generators, steps if side == 1 else -steps)
                left = as_formula(self.generators, rest if side == 1 else rest + steps * last)
                by[side] = times(by[side], Call(_POWER, (base, raised)))
                by[0] = times(by[0], Call(_POWER, (base, left)))
            if len(chosen) == 1:
                ((node, more),) = chosen
                first, falling = more.rational(), self._falling(beside, more)
                if (
                    first is None
                    or first < 0
                    or first.denominator > 1
                    or falling is None
                    or min(falling, default=first) < first
                ):
                    return None
                held = self._reader()
                held.hold(last - index, frozenset({0, 1}))
                # the binomial has a value where both that it is of have one
                asked = rebuilt(term, lambda each, args: plus(*args) if each is node else with_arguments(each, args))
                whole = times(by[0], self._form(falling, int(first), by[1], Call(_PLUS, (by[1], by[-1]))))
                return Chosen(whole, -1 if first else 0, asked, held.cell)
        return None

    def _reader(self) -> Reader:
        return Reader(self.cell.copy())

    def _falling(self, p: Ratio, more: Ratio) -> dict[int, Formula] | None:
        """A polynomial in the index by the products k*(k - 1)*... that it is a sum of, where k is the index and more:
        what is left of it by k, by k - 1, ... in turn."""
        if self.place in self.generators.with_inside(used(p.bottom)):
            return None
        found: dict[int, Formula] = {}
        n = 0
        while not p.top.is_zero():
            parts = coefficients(p.top, self.place)
            if n > _MOST_DEGREE or self.place in self.generators.inside(used(p.top)):
                return None
            zero = ratio(n) - more
            here = sum((Ratio(part, p.bottom) * zero**i for i, part in parts.items()), ratio(0))
            if not here.top.is_zero():
                found[n] = as_formula(self.generators, here)
            p = (p - here) / (Ratio(generator(self.place)) - zero)
            n += 1
        return found

    def _form(self, falling: Mapping[int, Formula], first: int, a: Formula, both: Formula) -> Formula:
        """The sum that begins with `first`, where `both` is what a is a term of."""
        of = plus(self.last, number(first))
        reader, total, is_zero = self._reader(), ZERO, True
        with suppress(*_UNREAD):
            is_zero = 0 in reader.signs(reader.read(plain(both)))
        for n, scale in falling.items():
            left = minus(of, number(n))
            whole = times(Call(_POWER, (a, number(n - first))), Call(_POWER, (both, left)))
            whole = reduce(times, (minus(of, number(i)) for i in range(n)), times(scale, whole))
            if n and is_zero:  # 0 has no such power
                whole = Call(TABLE["if"], (Call(TABLE[">"], (plus(left, ONE), ZERO)), whole, ZERO))
            total = plus(total, whole)
        return total
