"""One side of a point: the first terms of a formula as `t` goes to 0 from above, where one variable moves by `t`.

Each entry of a program becomes a sum of terms c * t^e * log(t)^k with rational e, up to a power of t that is left out.
Coefficients are rational numbers where they are known to be, and balls elsewhere; what a coefficient that may be 0
would decide is not decided. Sums, products, quotients and powers are those of series; any other row is its own Taylor
series, by the table's derivatives, and where it has none, its definition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from math import ceil, factorial
from typing import Any

from gradcalc.engine.domains import AS_WRITTEN, is_off_zero
from gradcalc.engine.program import Program
from gradcalc.engine.scalars import BALL, anything
from gradcalc.engine.switches import OUTCOME
from gradcalc.language.formula import Call, Function, Name, Number
from gradcalc.language.functions import TABLE

from .choices import CONTROL, Ties, Told, Vanishes, from_edge, stepped, with_whole_limit
from .components import known_to
from .rows import derivative_of, oscillates, program_of_text, text_of
from .terms import (
    MINUS_ONE,
    ORIGIN,
    STRICT,
    Coefficient,
    Huge,
    Manner,
    Series,
    Term,
    Unknown,
    as_ball,
    below,
    constant,
    derivative,
    integral,
    is_nothing,
    is_zero,
    of_huge,
    periodic,
    plus,
    raised,
    rank,
    scaled,
    settled,
    swung,
    times,
    value_of,
    without_limit,
    without_zero,
)

_POWERS = 40  # of a small series


class Outside(Exception):
    """The formula has no value on this side."""


def one_sided(
    program: Program,
    given: Mapping[str, Series],
    cut: int,
    ties: Ties | None = None,
    vanishes: Vanishes | None = None,
    manner: Manner = STRICT,
) -> Series:
    """The series of a program whose kinks are written out, where its variables are these.

    `ties` says the sign of the difference in a comparison of what is equal all along the way, `vanishes` what is 0 at
    the point.

    Raises:
        Outside: where it has no value there.
        Unknown: where the terms before t^`cut` and the precision in force do not tell.
    """
    found = _Side(Fraction(cut), manner).run(program, given, ties, vanishes)
    if isinstance(found, Huge):
        return Series({(Fraction(-1), 0): Fraction(found.sign)}, Fraction(0))
    assert isinstance(found, Series)
    if not all(as_ball(coefficient).is_finite() for coefficient in found.terms.values()):
        raise Unknown
    return found


class _Side:
    """Runs programs over series; each entry is a Series, a truth value, or the exception that stands for it."""

    def __init__(self, cut: Fraction, manner: Manner):
        self.cut, self.manner = cut, manner
        self.is_zero = is_nothing if manner.believing else is_zero
        self.deep = 0  # rows taken at infinity or at an edge within each other
        self.told: Told | None = None  # of the node that is taken, where it is one of the formula itself
        self.within = False  # a derivative of a partial, which says nothing where the partial is filled in by a number

    def run(
        self, program: Program, given: Mapping[str, Series], ties: Ties | None = None, vanishes: Vanishes | None = None
    ) -> Any:
        if self.manner.work is not None:
            self.manner.work.spend(len(program.nodes))
            if self.manner.work.over():
                raise Unknown
        found: list[Any] = []
        outer = self.told
        for node, row, args in zip(program.nodes, program.rows, program.args, strict=True):
            try:
                if row is not None:
                    assert isinstance(node, Call)
                    told = Told(node, ties, vanishes)
                    self.told = told if vanishes is not None else None
                    made: Any = self.call(row, [found[i] for i in args], len(set(args)) < len(args), told)
                    if vanishes is not None and isinstance(made, Series):
                        made = with_whole_limit(made, told.goes_to)
                elif isinstance(node, Name) and node.name in given:
                    made = given[node.name]
                elif args:
                    made = found[args[0]]
                elif isinstance(node, Number):
                    made = constant(node.value)
                else:
                    assert isinstance(node, Name)
                    made = constant(BALL.constant(node.name))
            except (Unknown, Outside) as failed:
                made = failed
            except (ArithmeticError, ValueError):
                made = Unknown()
            found.append(made)
        self.told = outer
        result = found[program.root]
        if isinstance(result, Exception):
            raise result
        return result

    def call(self, row: Function, args: list[Any], repeated: bool, told: Told) -> Any:
        control = CONTROL.get(row.name)
        if control is not None:
            return control(*args)
        for arg in args:
            if isinstance(arg, Exception):
                raise Unknown if row is AS_WRITTEN else arg
        if row is AS_WRITTEN:
            return args[0]
        if row.condition:
            return self.compared(row, args, repeated, told)
        if repeated and row.name == "-":
            return Series({})
        if row.domain and not self.inside(row, args):
            raise Outside
        if is_off_zero(row) and not args[0].terms and args[0].cut is None:  # all along a kink
            raise Unknown
        if row.name in _ARITHMETIC:
            return self.arithmetic(row, args)
        if not row.smooth:
            return stepped(row, args[0], self.manner.joined, told)
        with suppress(ArithmeticError, ValueError, Unknown, Outside):
            return self.cut_off(self.taylor(row, args))
        with suppress(Unknown):
            if text := text_of(row):
                return self.run(program_of_text(text), dict(zip(row.params, args, strict=True)))
        self.deep += 1
        try:
            with suppress(Unknown, Outside, ArithmeticError, ValueError):
                return self.cut_off(from_edge(self, row, args)) if self.deep <= _DEEPEST else self.bounded(row, args)
        finally:
            self.deep -= 1
        return self.bounded(row, args)

    def arithmetic(self, row: Function, args: Sequence[Any]) -> Any:
        if any(isinstance(arg, Huge) for arg in args):
            return of_huge(row.name, args, Series({}, self.cut))
        return self.cut_off(_ARITHMETIC[row.name](self, *args))

    def bounded(self, row: Function, args: Sequence[Any]) -> Series:
        """All that balls tell of a function whose arguments have no limits: that it stays in one."""
        if self.manner.tame:
            raise Unknown
        function = BALL.function(row)
        stays = function(*(arg.enclosure if isinstance(arg, Series) else anything() for arg in args))
        if not stays.is_finite():
            raise Unknown
        arg = args[0] if len(args) == 1 else None
        alone = row.smooth and isinstance(arg, Series) and not arg.terms and arg.cut == 0
        return Series({}, Fraction(0), stays, swung(args[0], function) if alone else None)

    def compared(self, row: Function, args: list[Any], repeated: bool, told: Told) -> bool | None:
        """Whether a comparison holds; None where it may hold at some points and not at others."""
        difference = Series({}) if repeated else self.arithmetic(TABLE["-"], args)
        if isinstance(difference, Series):
            difference = without_zero(difference, told.equal)
        try:
            sign = difference.sign
        except Unknown:
            if not self.manner.joined:
                raise
            return None
        if sign == 0 and self.within:
            raise Unknown
        return (sign or (0 if repeated else told.tie())) in OUTCOME[row.name]

    def inside(self, row: Function, args: Sequence[Series]) -> bool:
        before, self.within = self.within, False  # that a domain is met by what is equal says nothing of partials
        try:
            holds = self.run(program_of_text(row.domain), dict(zip(row.params, args, strict=True)))
        finally:
            self.within = before
        if holds is None:
            raise Unknown
        assert isinstance(holds, bool)
        return holds

    def slope(self, row: Function, place: int, order: int, point: Mapping[str, Coefficient | None]) -> Coefficient:
        if row.derivatives is not None:
            return settled(row.derivatives(order, *map(as_ball, point.values())))
        before, self.within = self.within, self.within or order > 1
        try:
            found = self.run(derivative_of(row, place, order), {name: constant(value) for name, value in point.items()})
        except Outside:  # a derivative has no value here, which says nothing of the function
            raise Unknown from None
        finally:
            self.within = before
        if not isinstance(found, Series):
            raise Unknown
        return found.constant if self.told is None else self.told.slope(found.constant, row, place, order)

    def cut_off(self, series: Any) -> Any:
        if isinstance(series, Huge):
            return series
        terms = {term: c for term, c in series.terms.items() if term[0] < self.cut and not self.is_zero(c)}
        if len(terms) == len(series.terms):
            return series
        if all(term[0] < self.cut for term in series.terms):
            return Series(terms, series.cut, series.bound, series.swing)
        return Series(terms, self.cut, series.rest(self.cut))

    # ---- arithmetic

    def quotient(self, x: Series, y: Series) -> Series:
        return times(x, self.power_of(y, Fraction(-1)))

    def power(self, x: Series, y: Series) -> Any:
        if y.cut is None and set(y.terms) <= {ORIGIN}:
            exponent = y.terms.get(ORIGIN, Fraction(0))
            if isinstance(exponent, Fraction):
                return self.power_of(x, exponent)
        if not x.terms and x.cut is None:  # 0^y, inside the domain
            return x
        if x.first is not None and x.sign > 0 and set(x.terms) != {ORIGIN}:
            return self.exponential(times(y, self.taylor(_LOGARITHM, [x])))
        return self.taylor(TABLE["^"], [x, y])

    def power_of(self, x: Series, exponent: Fraction) -> Series:
        if exponent.denominator == 1 and 0 <= exponent <= 64:
            result = constant(Fraction(1))
            for _ in range(int(exponent)):
                result = self.cut_off(times(result, x))
            return result
        if not x.terms and x.cut is not None and x.sign and (x.sign > 0 or exponent.denominator == 1):
            powered = partial(raised, exponent=exponent)
            return Series({}, x.cut * exponent, as_ball(powered(x.bound)), swung(x, lambda u: as_ball(powered(u))))
        first = x.first
        if first is None:
            if exponent > 0:
                return x
            raise Unknown
        (order, logs), coefficient = first
        if (logs * exponent).denominator > 1:
            raise Unknown
        rest = self.rest(x, first)  # x = c*t^order*(1 + rest)
        rest = Series(rest.terms, rest.cut)  # its bound goes into none of the terms
        total = power = constant(Fraction(1))
        binomial = Fraction(1)
        for k in range(1, self.how_many(rest) + 1):
            binomial = binomial * (exponent - k + 1) / k
            power = self.cut_off(times(power, rest))
            total = self.cut_off(plus(total, times(constant(binomial), power)))
        if rest.terms or rest.cut is not None:
            total = Series(total.terms, self.cut if total.cut is None else min(total.cut, self.cut))
        turned = Fraction((-1) ** (logs % 2))  # log(t) is negative
        raised_logs = int(logs * exponent)
        scale = scaled(raised(scaled(turned, coefficient), exponent), Fraction((-1) ** (raised_logs % 2)))
        return times(Series({(order * exponent, raised_logs): scale}), total)

    def rest(self, x: Series, first: tuple[Term, Coefficient]) -> Series:
        term, coefficient = first
        others = {key: c for key, c in x.terms.items() if key != term}
        by_front = Series({(-term[0], -term[1]): raised(coefficient, Fraction(-1))})
        return times(Series(others, x.cut), by_front)

    def how_many(self, small: Series) -> int:
        """The powers of a series that goes to 0 which are not beyond the cut."""
        exponents = [term[0] for term in small.terms] + ([small.cut] if small.cut is not None else [])
        if not exponents:
            return 0
        least = min(exponents)
        if least <= 0:
            raise Unknown
        count = ceil(max(self.cut, Fraction(1)) / least)
        if count > _POWERS:
            raise Unknown
        return count

    def taylor(self, row: Function, args: Sequence[Any]) -> Any:
        if row is _EXPONENTIAL and isinstance(args[0], Huge):
            return args[0] if args[0].sign > 0 else Series({}, self.cut)
        if any(isinstance(arg, Huge) for arg in args):
            raise Unknown
        limits = [arg.constant for arg in args]
        moving = [i for i, arg in enumerate(args) if arg.cut is not None or set(arg.terms) - {ORIGIN}]
        if not moving:
            return constant(value_of(row, limits))
        if len(moving) > 1 or row.variadic:
            raise Unknown
        place = moving[0]
        limit = limits[place]
        if row is _LOGARITHM and (limit is None or is_zero(limit)):
            return self.logarithm(args[place])
        if row is _EXPONENTIAL and limit is None:
            return self.exponential(args[place])
        if limit is None:
            return self.at_infinity(row, args, place)
        small = without_limit(args[place])
        point = dict(zip(row.params, limits, strict=True))
        total, power = constant(value_of(row, limits)), constant(Fraction(1))
        count = self.how_many(small)
        for k in range(1, count + 1):
            power = self.cut_off(times(power, small))
            slope = self.slope(row, place, k, point)
            total = plus(total, times(constant(scaled(slope, Fraction(1, factorial(k)))), power))
        return Series(total.terms, self.cut if total.cut is None else min(total.cut, self.cut))

    def logarithm(self, x: Series) -> Series:
        """log(c*t^e*(1 + rest)) = log(c) + e*log(t) + log(1 + rest)."""
        first = x.first
        if first is None or first[0][1]:
            raise Unknown
        (order, _), coefficient = first
        front = plus(constant(value_of(_LOGARITHM, [coefficient])), Series({(Fraction(0), 1): order}))
        return plus(front, self.taylor(_LOGARITHM, [plus(constant(Fraction(1)), self.rest(x, first))]))

    def exponential(self, x: Series) -> Any:
        """exp(c*log(t) + rest) = t^c * exp(rest). What goes to 0 faster than any power of t has no terms."""
        first = x.first
        if first is not None and rank(first[0]) < rank(_LOG):
            return Huge(1) if x.sign > 0 else Series({}, self.cut)
        power = x.terms.get(_LOG, Fraction(0))
        rest = Series({term: c for term, c in x.terms.items() if term != _LOG}, x.cut)
        exact = isinstance(power, Fraction)  # else it is less than a power that is known
        front = Series({(power, 0): Fraction(1)}) if exact else Series({}, below(power), as_ball(Fraction(0)))
        return times(front, self.taylor(_EXPONENTIAL, [rest]))

    def at_infinity(self, row: Function, args: Sequence[Series], place: int) -> Series:
        """Of an argument that grows beyond all bounds: the limit and the integral of the derivative, where the row has
        a limit; where it is only bounded, that is known of it."""
        arg, function = args[place], BALL.function(row)
        others = [as_ball(Fraction(0)) if i == place else as_ball(one.constant) for i, one in enumerate(args)]
        end = others[place].pos_inf() if arg.sign > 0 else others[place].neg_inf()
        limit = function(*others[:place], end, *others[place + 1 :])
        has_limit = limit.is_finite() and known_to(limit, _SURE)
        if has_limit and (text := text_of(row)):
            with suppress(Unknown, Outside):
                found = self.run(program_of_text(text), dict(zip(row.params, args, strict=True)))
                assert isinstance(found, Series)
                return found
        if has_limit and self.deep < _DEEPEST:
            self.deep += 1
            try:
                slope = self.run(derivative_of(row, place, 1), dict(zip(row.params, args, strict=True)))
                assert isinstance(slope, Series)
                return plus(constant(limit), integral(times(slope, derivative(arg))))
            except (Unknown, Outside):
                pass
            finally:
                self.deep -= 1
        if has_limit and not self.manner.tame:
            return Series({}, Fraction(0), limit)
        found = self.bounded(row, args)
        known = (arg.cut is None or arg.cut > 0) and oscillates(row)
        return Series({}, found.cut, found.bound, periodic(function, arg) if known else None)


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": lambda _, x, y: plus(x, y),
    "-": lambda _, x, y: plus(x, times(MINUS_ONE, y)),
    "neg": lambda _, x: times(MINUS_ONE, x),
    "*": lambda _, x, y: times(x, y),
    "/": _Side.quotient,
    "^": _Side.power,
}
_LOGARITHM = next(row for row in TABLE.values() if row.pole == -math.inf)
_EXPONENTIAL = next(row for row in TABLE.values() if row.partials == ("out",))
_LOG: Term = (Fraction(0), 1)
_SURE = 32  # bits of a limit
_DEEPEST = 2
