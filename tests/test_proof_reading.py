"""What the exact algebra of proofs reads has the value that balls have.

Formulas of all rows are read on the cell in which a drawn point lies, and evaluated there: as what was read, by the
generators of the algebra, and as what was written, by the engine. Both are balls of 700 bits, so that one coefficient
that is not exact is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from drawn_texts import COORDINATES, drawn
from flint import arb, fmpq

from gradcalc.certified.posed import Posed
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import Interning
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators, NoValue, Ratio, poly_ball
from gradcalc.proofs.cells import Cell, Empty, Split
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.exact import EXACT_TROUBLE, as_formula
from gradcalc.proofs.laws import plain
from gradcalc.proofs.polynomials import generator, polynomial, used
from gradcalc.proofs.reading import Reader
from gradcalc.proofs.thin import derivative_of_ratio
from gradcalc.work import Work

BITS = 700


class Point:
    """A formula at a point, read on the cell in which the point lies."""

    def __init__(self, formula: Formula, at: dict[str, str]):
        self.typed, self.formula = formula, plain(formula)
        self.at = {name: parse(text) for name, text in at.items()}
        self.generators = Generators(frozenset(at))
        self.cell = Cell(self.generators)
        exact = {name: Fraction(text) for name, text in at.items()}
        self.balls = {name: arb(fmpq(x.numerator, x.denominator)) for name, x in exact.items()}

    def written(self, formula: Formula) -> arb | None:
        """The value of a formula by the engine."""
        posed = Posed(formula, self.at, ())
        found = posed.lowering.graph(posed.balls(), exact=posed.exact).root
        found = found.data if isinstance(found, Value) else found
        return found if isinstance(found, arb) and found.is_finite() else None

    def read(self) -> Ratio | None:
        """None where the sign of what the cell is cut by is not known, or the factor has no value."""
        for _ in range(60):
            reader = Reader(self.cell.copy(), Interning())
            try:
                found = reader.read(self.formula)
            except Split as cut:
                split = cut
            else:
                self.cell = reader.cell
                return self.cell.ratio(found)
            sign = self._sign(split)
            if sign is None:
                return None
            assert sign in split.signs, f"the sign {sign} of {split.factor} is not among {split.signs}"
            (self.cell,) = self.cell.sides(split.factor, sign)
        return None

    def _sign(self, split: Split) -> int | None:
        factor = poly_ball(split.factor, self.generators.balls(used(split.factor), self.balls))
        if factor > 0 or factor < 0:
            return 1 if factor > 0 else -1
        return 0 if factor.is_finite() and abs(factor) < arb(2) ** (50 - BITS) else None

    def value(self, ratio: Ratio) -> arb:
        return self.generators.ball(ratio, self.generators.balls(ratio.generators(), self.balls))

    def compare(self, what: str, formula: Callable[[], Formula], ratio: Ratio | None) -> None:
        """That a formula has the value of a quotient, where there are both."""
        try:
            written = None if ratio is None else self.written(formula())
        except FormulaError:
            written = None
        if ratio is not None and written is not None:
            value = self.value(ratio)
            assert value.overlaps(written), f"{what} is {written.str(20)}, and was read as {value.str(20)}"

    def compare_signs(self, what: str, ratio: Ratio) -> None:
        """That the sign of a quotient is among those that the cell has for it."""
        value = self.value(ratio)
        signs = self.cell.signs(ratio)
        for sign, holds in ((1, value > 0), (-1, value < 0), (0, value == 0)):
            assert not holds or sign in signs, f"{what} has the sign {sign}, which is not among {signs}"


def outcome(text: str, at: dict[str, str]) -> str:
    try:
        point = Point(parse(text), at)
        written = point.written(point.typed)
    except FormulaError:
        return "no formula"
    if written is None:
        return "no value"
    try:
        read = point.read()
        if read is None or not point.value(read).is_finite():
            return "not read"
        compare(point, f"{text} at {at}", read)
    except (NoValue, Empty) as none:
        raise AssertionError(f"{text} at {at} is {written}, and was read to have no value") from none
    except EXACT_TROUBLE:
        return "too large"
    return "compared"


def compare(point: Point, what: str, read: Ratio) -> None:
    """What was read, the signs of all that it is made of, the formula made of it, and its derivatives."""
    point.compare(what, lambda: point.typed, read)
    point.compare_signs(what, read)
    made = [Ratio(generator(i)) for i in range(len(point.generators.made))]
    for one, other in pairwise(made):
        point.compare_signs(f"a part of {what}", one)
        point.compare_signs(f"a difference of parts of {what}", one - other)
    point.compare(f"the formula of {what}", lambda: as_formula(point.generators, read), read)
    if not point.cell.on_zeros:
        for name in point.at:
            slope = derivative_of_ratio(point.generators, read, name)
            point.compare(f"d/d{name} of {what}", lambda name=name: our_derivative(point.typed, name), slope)


@pytest.mark.parametrize("names", [[], ["x", "y"]], ids=["constants", "at points"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_read_has_the_value_of_what_is_written(seed, names):
    random = Random(seed)
    seen: Counter[str] = Counter()
    with precision(BITS):
        while seen["compared"] < 30:
            text = drawn(random, random.randint(1, 4), names)
            seen[outcome(text, {name: random.choice(COORDINATES) for name in names})] += 1
    assert seen["not read"] + seen["too large"] <= seen["compared"] / 5, seen


@pytest.mark.parametrize(
    "text", ["sqrt(1/5)", "1.7^(1/2)", "root(0.1, 3)", "0.3^(-7/6)", "10^(-1/2)", "exp(log(7)*(-1/3))"]
)
def test_roots_of_quotients_are_exact(text):
    with precision(BITS):
        assert outcome(text, {}) == "compared"


def test_the_algebra_takes_no_doubles():
    with pytest.raises(TypeError, match="no doubles"):
        polynomial(5**-1)


@pytest.mark.parametrize(
    ("formula", "claim", "false"),
    [
        ("asin(cos(x))", "-sign(sin(x))", "sign(sin(x))"),
        ("gamma(x + 1)/gamma(x)", "1", "1 + 0*x + 1/gamma(x)"),
        ("gamma(x - 1)", "gamma(x)*(digamma(x) - 1/(x - 1))/(x - 1)", "gamma(x)*(digamma(x) + 1/(x - 1))/(x - 1)"),
        ("digamma(x + 1) - digamma(x)", "-1/x^2", "1/x^2"),
        ("erfinv(-erf(x))", "-1", "1"),
        ("besselj(0, x)", "-besselj(1, x)", "besselj(1, x)"),
        ("besselj(2, x)", "besselj(1, x) - 2*besselj(2, x)/x", "besselj(1, x) + 2*besselj(2, x)/x"),
        ("besseli(2, x)", "besseli(1, x) - 2*besseli(2, x)/x", "besseli(3, x) - 2*besseli(2, x)/x"),
        ("bessely(0, x)", "-bessely(1, x)", "bessely(-2, x)"),
        ("besselk(1, x)", "-besselk(0, x) - besselk(1, x)/x", "besselk(0, x) - besselk(1, x)/x"),
        ("lambertw(x)*exp(lambertw(x))", "1", "lambertw(x)"),
        ("abs(exp(x) - 1)", "sign(x)*exp(x)", "sign(x + 1)*exp(x)"),
        ("sqrt(cosh(x)^2 - 1)", "sign(x)*cosh(x)", "cosh(x)"),
    ],
)
def test_laws_of_special_functions(formula, claim, false):
    prepared = prepare(formula)
    for text, right in ((claim, True), (false, False)):
        claimed = Claimed(prepared, our_derivative(prepared, "x"), prepare(text), {"x"})
        assert bool(prove_equal(claimed, Work(20))) is right


@pytest.mark.parametrize(
    "text",
    ["gamma(x + {n})", "gamma(2*x - {n} + 1/2)", "polygamma(2, x + {n})", "digamma({n} - x)", "besselj({n}, x)",
     "bessely({n} - 1/2, x)", "bessely(1/2 - {n}, x)", "besselj(1/2 - {n}, x)", "besselj({n} - 1/2, x)",
     "besseli({n} - 1/2, x)", "besseli(1/2 - {n}, x)", "besselk({n} - 1/2, x)", "besselj(-{n}, x)",
     "ellipk(-{n}*x^2)", "ellipe(1 - x^2/{n})",
     "bessely({n}, x)", "bessely(-{n}, x)", "besseli({n}, x)", "besselk(-{n}, x)",
     "erfinv(erf(x/{n}))", "erf(-erfinv(x/20))", "sqrt(1 - cos({n}*x)^2)", "(1 - cos(x)^2)^({n}/6)", "exp(x) - 1"],
)  # fmt: skip
def test_laws_hold_at_points(text):
    seen: Counter[str] = Counter()
    with precision(BITS):
        for n in (1, 2, 5):
            for place in ("7/3", "0", "-1", "-2", "-5/2", "3", "1/7"):
                seen[outcome(text.format(n=n), {"x": place})] += 1
    assert seen["compared"] >= 8
    assert not seen["not read"] + seen["too large"]
