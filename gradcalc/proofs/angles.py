"""Sines, cosines and their inverses by the laws that hold where both sides have a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from flint import arb

from gradcalc.engine.scalars import precision
from gradcalc.language.formula import Call
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.values import unique_whole

from .algebra import Generator, Ratio, Relation, ratio
from .cells import Cell
from .polynomials import TooLarge, generator, polynomial
from .powers import Powers
from .values import Inverse

_MOST_TURNS, _MOST_OF_CONSTANT = 40, 1000  # of an angle that is the unit of others
_FINEST = 32  # part of pi of which sines are roots of roots
_PARTS = (12, 60, 48, 7, 9)  # of pi, in which angles are looked for
MOST_ORDER = 8  # of a function that is written out


class Angles(Powers):
    """Reads angles."""

    inverses: Mapping[str, Inverse] = {
        **Powers.inverses, "asin": lambda *at: _sine(*at), "atan": lambda *at: _tangent(*at),
    }  # fmt: skip

    def angle(self, x: Ratio) -> tuple[Ratio, Ratio]:
        """Sine and cosine."""
        sine, cosine = ratio(0), ratio(1)
        for c, m in self.cell.ratio(x).terms():
            other = self._of_multiple(c, m)
            sine, cosine = self._added((sine, cosine), other)
        return sine, cosine

    def _added(self, a: tuple[Ratio, Ratio], b: tuple[Ratio, Ratio]) -> tuple[Ratio, Ratio]:
        return self.cell.ratio(a[0] * b[1] + a[1] * b[0]), self.cell.ratio(a[1] * b[1] - a[0] * b[0])

    def _of_multiple(self, c: Fraction, m: Ratio) -> tuple[Ratio, Ratio]:
        if m == self.pi():
            exact = self._of_turns(c)
            if exact is not None:
                return exact
        if c.denominator == 1:
            whole = m / self.pi()
            if self.is_whole(whole):
                return ratio(0), self._sign_of_power(whole) ** (int(c) % 2)
            for name in ("asin", "atan"):
                made = self._alone(m, "call", name)
                if made is not None:
                    (u,) = made.args
                    other = self.root(ratio(1) - u * u if name == "asin" else ratio(1) + u * u, Fraction(1, 2))
                    pair = (u, other) if name == "asin" else (u / other, ratio(1) / other)
                    return self._times(pair, int(c))
        return self._own_unit(c, m)

    def _sign_of_power(self, n: Ratio) -> Ratio:
        """(-1)^n, which is cos(pi*n) where it has a value: where n is whole."""
        found = super()._sign_of_power(n)
        unit, pair = self.generators.units.get(("angle", self.pi() * n), (0, ()))
        if n in self.cell.wholes and unit == 1:
            known = [Relation(i, 1, value.top) for i, value in zip(pair, (ratio(0), found), strict=True)]
            self.cell.relations += [relation for relation in known if relation not in self.cell.relations]
        return found

    def _own_unit(self, c: Fraction, m: Ratio) -> tuple[Ratio, Ratio]:
        unit, pair = self._unit("angle", c, m, self._new_angle)
        return self._turned(pair, int(c / unit))

    def _of_turns(self, c: Fraction) -> tuple[Ratio, Ratio] | None:
        """Of c*pi in roots, where its denominator is a power of 2 times some of 3 and 5; else of a sum of such a
        multiple and one whose denominator has no part in these."""
        two = c.denominator & -c.denominator  # the largest power of 2 in it
        parts = [two, *(n for n in (3, 5) if c.denominator % n == 0 and c.denominator % n**2)]
        rest = c.denominator // prod(parts)
        if two > _FINEST or 1 < rest == c.denominator:
            return None
        whole, pair = c, (ratio(0), ratio(1))
        for n in (*parts, rest):
            share = Fraction(c.numerator * pow(c.denominator // n, -1, n) % n, n)
            whole -= share
            if share:
                one = self._own_unit(share, self.pi()) if n == rest else self._times(self._in_roots(n), share.numerator)
                pair = self._added(pair, one)
        return pair if whole % 2 == 0 else (-pair[0], -pair[1])

    def _in_roots(self, n: int) -> tuple[Ratio, Ratio]:
        """Sine and cosine of pi/n for n = 2, 4, 8, ..., 3 or 5."""
        half = Fraction(1, 2)
        if n == 2:
            return ratio(1), ratio(0)
        if n == 3:
            return self.root(ratio(3), half) * ratio(half), ratio(half)
        if n == 5:
            five = self.root(ratio(5), half)
            return self.root((ratio(5) - five) / ratio(8), half), (ratio(1) + five) / ratio(4)
        cosine = ratio(0)
        for _ in range(n.bit_length() - 2):
            before = cosine
            cosine = self.root((ratio(1) + cosine) * ratio(half), half)
        return self.root((ratio(1) - before) * ratio(half), half), cosine

    def _retie(self, kind: str, old: Any, new: Any, n: int) -> None:
        if kind != "angle":
            return super()._retie(kind, old, new, n)
        values = zip(old, self._turned(new, n), strict=True)
        self.generators.relations += [Relation(index, 1, value.top) for index, value in values]

    def _turned(self, pair: tuple[int, int], n: int) -> tuple[Ratio, Ratio]:
        return self._times((Ratio(generator(pair[0])), Ratio(generator(pair[1]))), n)

    def _times(self, pair: tuple[Ratio, Ratio], n: int) -> tuple[Ratio, Ratio]:
        constant = all(map(self.generators.is_constant, pair))
        if abs(n) > (_MOST_OF_CONSTANT if constant else _MOST_TURNS):
            raise TooLarge
        result = ratio(0), ratio(1)
        one = pair if n > 0 else (-pair[0], pair[1])
        for digit in f"{abs(n):b}":
            result = self._added(result, result)
            if digit == "1":
                result = self._added(result, one)
        return result

    def _new_angle(self, unit: Fraction, m: Ratio) -> tuple[int, int]:
        arg = ratio(unit) * m
        about: tuple[bool, bool] = (self.generators.is_constant(m), self.generators.is_single(m))
        cosine = self.generators.index(
            ("cos", arg), lambda: Generator("cos", None, (arg,), lambda x: x.cos(), *about, bound=polynomial(1))
        )
        sine = self.generators.index(
            ("sin", arg), lambda: Generator("sin", None, (arg,), lambda x: x.sin(), *about, bound=polynomial(1))
        )
        self.generators.relations.append(Relation(sine, 2, polynomial(1) - generator(cosine) ** 2))
        self.generators.made[sine].slope = lambda *_: Ratio(generator(cosine))
        self.generators.made[cosine].slope = lambda *_: -Ratio(generator(sine))
        self.generators.angles.append((sine, cosine))
        return sine, cosine

    def _asin(self, node: Call, x: Ratio) -> Ratio:
        """`asin(sin(u))` is u for u from -pi/2 to pi/2, and elsewhere nothing is known of it."""
        self.need(ratio(1) - x, frozenset({0, 1}))
        self.need(ratio(1) + x, frozenset({0, 1}))
        self.need((ratio(1) - x) * (ratio(1) + x), frozenset({0, 1}))  # which has no factors where sines stand in it
        inner, angles = node.args[0], list[tuple[str, Ratio]]()
        if isinstance(inner, Call) and inner.function.name in ("sin", "cos"):
            u = self.values[inner.args[0]]
            assert isinstance(u, Ratio)
            angles.append((inner.function.name, u))
        angles += [(kind, made.args[0]) for kind in ("sin", "cos") if (made := self._alone(x, kind))]
        turned = (self._within(u if kind == "sin" else self.pi() / ratio(2) - u) for kind, u in angles)
        return next(filter(None, turned), None) or self.arcsine(x)

    def _atan(self, node: Call, x: Ratio) -> Ratio:
        inner, angles = node.args[0], list[Ratio]()
        if isinstance(inner, Call) and inner.function.name == "/":
            sine, cosine = inner.args
            if isinstance(sine, Call) and isinstance(cosine, Call) and sine.args[0] is cosine.args[0]:
                u = self.values[sine.args[0]]
                if (sine.function.name, cosine.function.name) == ("sin", "cos") and isinstance(u, Ratio):
                    angles.append(u)
        above, below = self._alone(Ratio(x.top), "sin"), self._alone(Ratio(x.bottom), "cos")
        if above is not None and below is not None and above.args == below.args:
            angles += above.args
        turned = (self._within(u, turn=False) for u in angles)
        return next(filter(None, turned), None) or self.arctangent(x)

    def arcsine(self, x: Ratio) -> Ratio:
        """Of an argument of which nothing else is known."""
        return self._turn(TABLE["asin"], x, lambda sine, _: sine - x)

    def arctangent(self, x: Ratio) -> Ratio:
        """Of an argument of which nothing else is known."""
        return self._turn(TABLE["atan"], x, lambda sine, cosine: sine - x * cosine)

    def _turn(self, row: Function, x: Ratio, rest: Callable[[Ratio, Ratio], Ratio]) -> Ratio:
        """An inverse: at a constant the rational multiple of pi, from -pi/2 to pi/2, that it is, where there is one:
        sine and tangent grow there, so that it is the one for which `rest` is 0."""
        turns = self._fraction(row, [x], _PARTS, of_pi=True)
        if turns is not None:
            angle = ratio(turns) * self.pi()
            if self.cell.signs(rest(*self.angle(angle))) == {0}:
                return angle
        return self._opaque(row, [x])

    def _within(self, u: Ratio, turn: bool = True) -> Ratio | None:
        """The angle from -pi/2 to pi/2 with the sine of u, or, without `turn`, with its tangent."""
        half = self.pi() / ratio(2)
        if self.cell.signs(u - half) <= {-1, 0} and self.cell.signs(u + half) <= {0, 1}:
            return u
        if not self.generators.is_constant(u):
            return None
        with precision(256):
            n = unique_whole((self.generators.constant(u) / arb.pi() + arb("0.5")).floor())
        if n is None:
            return None
        left = u - ratio(int(n)) * self.pi()
        return -left if turn and int(n) % 2 else left

    def _sinc_derivative(self, node: Call, order: Ratio, x: Ratio) -> Ratio:
        n = small_order(order)
        return self._opaque(node.function, [order, x]) if n is None else self.sinc_of_order(n, x)

    def sinc_of_order(self, n: int, x: Ratio) -> Ratio:
        """From `x*f(x) = sin(x)`, differentiated n times: `x*f^(n) + n*f^(n-1) = sin^(n)(x)`."""
        x = self.cell.ratio(x)
        if self._signs_cut(x) == {0}:
            return ratio(0) if n % 2 else ratio(Fraction((-1) ** (n // 2), n + 1))
        sine, cosine = self.angle(x)
        found = sine / x
        for k in range(1, n + 1):
            found = ((cosine, -sine, -cosine, sine)[(k - 1) % 4] - ratio(k) * found) / x
        return found


def _sine(cell: Cell, c: Ratio) -> Ratio | None:
    pair = _of_half_turn(cell, c)
    return pair and pair[0]


def _tangent(cell: Cell, c: Ratio) -> Ratio | None:
    pair = _of_half_turn(cell, c)
    return pair and pair[0] / pair[1]


def _of_half_turn(cell: Cell, c: Ratio) -> tuple[Ratio, Ratio] | None:
    """Sine and cosine of an angle that is more than -pi/2 and less than pi/2."""
    reader = Angles(cell)
    half = reader.pi() / ratio(2)
    return reader.angle(c) if cell.signs(half - c) == cell.signs(half + c) == {1} else None


def small_order(x: Ratio, least: int = 0) -> int | None:
    """The whole number that it is, if from the least to `MOST_ORDER`."""
    n = x.rational()
    return int(n) if n is not None and n.denominator == 1 and least <= n <= MOST_ORDER else None
