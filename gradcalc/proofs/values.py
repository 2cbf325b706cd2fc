"""Quantities on a cell: what they need to have a value, and generators for calls of which nothing else is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Concatenate, ParamSpec, TypeVar

from flint import arb

from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import Signs
from gradcalc.language.formula import Formula
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.identity import ByIdentity, Itself
from gradcalc.language.values import unique_whole

from .algebra import Generator, NoValue, Ratio, ratio
from .cells import Cell, Empty, Split
from .polynomials import Poly, TooLarge, coefficients, generator

Read = Ratio | bool
P = ParamSpec("P")
R = TypeVar("R")
_DEEPER = (-1,) * 4  # by so much an inverse counts among what is asked within another
Inverse = Callable[[Cell, Ratio], Ratio | None]  # the argument for which a function that increases has a value

# single-valued, analytic but for isolated poles, in the last argument; the one before, if any, a whole number
_ENTIRE = frozenset({
    "gamma", "erf", "erfi", "dawson", "polygamma", "fresnels", "fresnelc", "Si", "airyai", "airybi", "airyaiprime",
    "airybiprime", "besselj", "besseli",
})  # fmt: skip
# strictly; how many times pi/2, or 1, they come to at most, and whether they come to that
_INCREASING: Mapping[str, tuple[int, int, bool] | None] = {
    "asin": (1, 0, True), "atan": (1, 0, False), "erf": (0, 1, False), "erfi": None, "erfinv": None,
}  # fmt: skip
_ODD = {*_INCREASING, "dawson", "fresnels", "fresnelc", "Si"}
_OF_PARITY = frozenset({"besselj", "besseli"})  # odd or even in the last argument, as the whole number before it is
_INVERSES = {"erf": "erfinv", "erfinv": "erf"}  # of all real arguments for which both have values
_POSITIVE = frozenset({"besselk", "ellipk", "ellipe"})


class Values:
    """A cell that learns what is needed of it. With `cuts`, what is not known to hold cuts the cell.

    `unsure` are quantities that must be whole, unless others have some signs, or, with False, none of 0, -1, -2, ...,
    which was not told.
    """

    inverses: Mapping[str, Inverse] = {
        "erf": lambda cell, c: _called("erfinv", cell, c) if cell.signs(ratio(1) - c * c) == {1} else None,
        "erfinv": lambda cell, c: _called("erf", cell, c),
    }  # of rows that increase

    def __init__(self, cell: Cell):
        self.cell = cell
        self.generators = cell.generators
        self.cuts = False
        self.may_leave_out: Callable[[Cell, Ratio, Signs], bool] = lambda *_: True  # where a quantity has these signs
        self.values: ByIdentity[Formula, Read] = ByIdentity()
        self.unsure = set[tuple[Ratio, bool, Sequence[Ratio]]]()

    def need(self, r: Ratio, signs: Signs) -> None:
        """Keep to where a quantity has one of these signs; elsewhere there is no value. With `cuts` the cell is cut,
        and so it is where more would be left out than may be."""
        r = self.cell.ratio(r)
        known = self.cell.signs(r)
        if not known <= signs:
            if known & signs and (self.cuts or not self.may_leave_out(self.cell, r, known - signs)):
                self.cell.cut_by(r, known - signs == {0})
            self.hold(r, signs)

    def hold(self, r: Ratio, signs: Signs) -> None:
        """Take note that a quantity has one of these signs wherever it has a value."""
        try:
            self.cell.assume(r.top if r.bottom.is_constant() else r.top * r.bottom, signs)
        except Empty:
            raise NoValue from None

    def hold_whole(self, n: Ratio) -> None:
        """Take note that a quantity is whole wherever it has a value."""
        self.ask_whole(n)
        try:
            self.cell.assume_whole(n)
        except Empty:
            raise NoValue from None

    def ask_whole(self, n: Ratio, others: Sequence[Ratio] = ()) -> None:
        """Take note of those terms of what must be whole of which that is not known."""
        terms = (ratio(c) * m for c, m in n.terms())
        rest = sum((term for term in terms if not self.is_whole(term)), ratio(0))
        if not rest.top.is_zero():
            self.unsure.add((-rest if leads_with_minus(rest) else rest, True, others))

    def pi(self) -> Ratio:
        index = self.generators.index("pi", lambda: Generator("constant", "pi", (), arb.pi, True, True))
        return Ratio(generator(index))

    def _one_sign(self, part: Poly) -> int:
        """1 or -1 where a factor is not on the other side of 0."""
        signs = self.cell.of_factor(part)
        if signs <= {0, 1}:
            return 1
        if signs <= {0, -1}:
            return -1
        raise Split(part, signs)

    def _signs_cut(self, x: Ratio) -> Signs:
        """The signs that a quantity may have; the cell is cut where 0 is one of several."""
        signs = self.cell.signs(x)
        if 0 in signs and len(signs) > 1:
            self.cell.cut_by(x, apart=True)
        return signs

    def _fraction(
        self, row: Function, args: Sequence[Ratio], denominators: Sequence[int], of_pi: bool = False
    ) -> Fraction | None:
        """The fraction, or that of pi, with one of these denominators that a row at constants is next to."""
        if not all(map(self.generators.is_constant, args)):
            return None
        with precision(256):
            value = BALL.function(row)(*map(self.generators.constant, args))
            value = value / arb.pi() if of_pi else value
            for parts in denominators if value.is_finite() else ():
                n = unique_whole((value * parts + arb("0.5")).floor())
                if n is not None and abs(value * parts - n) < 2.0**-64:
                    return Fraction(int(n), parts)
        return None

    def is_whole(self, x: Ratio) -> bool:
        """Whether a quantity is a sum of whole numbers: of floors, and of what else is known to be whole."""
        return x.bottom.is_constant() and all(
            c.denominator == 1 and (m in self.cell.wholes or all(map(self._is_whole_number, m.generators())))
            for c, m in x.terms()
        )

    def _is_whole_number(self, i: int) -> bool:
        """Whether a generator is one: also b^n of a whole number b > 0, and n >= 0 that is whole."""
        made = self.generators.made
        logs = [j for arg in made[i].args for j in arg.generators() if made[j].kind == "log"]
        if made[i].kind != "exp" or len(logs) != 1:
            return self.generators.are_whole(generator(i))
        (arg,), base = made[i].args, made[logs[0]].args[0].rational()
        powers = coefficients(arg.top, logs[0])
        if base is None or base.denominator > 1 or powers.keys() != {1}:
            return False
        n = Ratio(powers[1], arg.bottom)
        return self.is_whole(n) and self.cell.signs(n) <= {0, 1}

    def _quotient(self, above: Ratio, below: Ratio) -> Ratio:
        """`x/sqrt(2)` as `x*sqrt(2)/2`, so that arguments of calls are equal where they look so."""
        if len(below.top) == 1:
            for i, n in below.top.leading:
                made = self.generators.made[i]
                if made.kind == "root" and made.args[0].rational() is not None and n < made.what:
                    root = Ratio(generator(i)) ** (made.what - n)
                    above, below = above * root, self.cell.ratio(below * root)
        return above / below

    def _alone(self, m: Ratio, kind: str, row: str = "") -> Generator | None:
        """The generator that this is and nothing else."""
        indexes = m.generators()
        if len(indexes) == 1 and m.bottom.is_constant() and m.top == generator(indexes[0]):
            made = self.generators.made[indexes[0]]
            if made.kind == kind and (not row or made.what is TABLE[row]):
                return made
        return None

    def _opaque(self, row: Function, args: Sequence[Ratio]) -> Ratio:
        own = TABLE.get(row.name) is row
        name, order = row.name if own else "", args[0].rational() if len(args) > 1 else None
        whole = order is not None and order.denominator == 1
        negated = False
        if name in _ODD and args[0].top.is_zero():
            return ratio(0)
        if (name in _ODD or (name in _OF_PARITY and whole)) and leads_with_minus(args[-1]):
            even = name in _OF_PARITY and order is not None and order % 2 == 0
            negated, args = not even, [*args[:-1], -args[-1]]
        inverse = self._alone(args[0], "call", _INVERSES[name]) if name in _INVERSES else None
        if inverse is not None:
            return -inverse.args[0] if negated else inverse.args[0]
        constant = all(self.generators.is_constant(arg) for arg in args)
        entire = name in _ENTIRE and (len(args) == 1 or whole)
        angles, ones, reached = bounded = _INCREASING.get(name) or (0, 0, True)
        bound = (ratio(Fraction(angles, 2)) * self.pi() + ratio(ones)).top if any(bounded[:2]) else None
        made = Generator(
            "call", row, tuple(args), _computed(row), constant, entire and self.generators.is_single(*args),
            injective=name in _INCREASING, odd=name in _ODD, bound=bound, reached=reached,
            inverse=inverse_by(self.inverses[name]) if name in self.inverses else None,
        )  # fmt: skip
        key = ("call", row.name if own else Itself(row), *args)
        found = Ratio(generator(self.generators.index(key, lambda: made)))
        if name in _POSITIVE:
            self.hold(found, frozenset({1}))
        return -found if negated else found


def inverse_by(find: Callable[Concatenate[Cell, P], R | None]) -> Callable[Concatenate[Cell, P], R | None]:
    """The same, on a cell that learns nothing of it; None where a law for it needs a sign that is not known."""

    def inverse(cell: Cell, /, *args: P.args, **options: P.kwargs) -> R | None:
        there = cell.copy()
        there.asking = [*cell.asking, *_DEEPER]  # what is asked of it may be what asks
        with suppress(Split, NoValue, Empty, TooLarge):
            return find(there, *args, **options)
        return None

    return inverse


def _called(name: str, cell: Cell, x: Ratio) -> Ratio:
    return Values(cell)._opaque(TABLE[name], [x])


def leads_with_minus(x: Ratio) -> bool:
    return not x.top.is_zero() and bool(x.top.leading_coefficient() < 0)


def _computed(row: Function) -> Callable[..., Any]:
    """A row in balls; nan, of which nothing is known, where it is none, or raises as a user's function may."""

    def compute(*args: Any) -> Any:
        try:
            return BALL.function(row)(*args)
        except (ArithmeticError, ValueError):
            return arb.nan()

    return compute
