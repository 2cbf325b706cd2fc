"""What the exact algebra of proofs reads has the value that balls have.

Formulas of all rows are read on the cell in which a drawn point lies, and evaluated there: as what was read, by the
generators of the algebra, and as what was written, by the engine. Both are balls of 700 bits, so that one coefficient
that is not exact is found.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from drawn_texts import COORDINATES, drawn
from flint import arb, fmpq

from gradcalc.certified.posed import Posed
from gradcalc.engine.rewrite import expand
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import Interning
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators, NoValue, Ratio, poly_ball, polynomial, used
from gradcalc.proofs.cells import Cell, Empty, Split
from gradcalc.proofs.exact import EXACT_TROUBLE
from gradcalc.proofs.laws import plain
from gradcalc.proofs.reading import Reader

BITS = 700


class Point:
    """A formula at a point, read on the cell in which the point lies."""

    def __init__(self, formula: Formula, at: dict[str, str]):
        self.formula = plain(expand(formula))
        self.posed = Posed(formula, {name: parse(text) for name, text in at.items()}, ())
        self.generators = Generators(frozenset(at))
        self.cell = Cell(self.generators)
        exact = {name: Fraction(text) for name, text in at.items()}
        self.balls = {name: arb(fmpq(x.numerator, x.denominator)) for name, x in exact.items()}

    def written(self) -> arb | None:
        found = self.posed.lowering.graph(self.posed.balls(), exact=self.posed.exact).root
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


def outcome(text: str, at: dict[str, str]) -> str:
    try:
        point = Point(parse(text), at)
        written = point.written()
    except FormulaError:
        return "no formula"
    if written is None:
        return "no value"
    try:
        read = point.read()
        if read is None:
            return "not read"
        value = point.value(read)
        signs = point.cell.signs(read)
    except (NoValue, Empty) as none:
        raise AssertionError(f"{text} at {at} is {written}, and was read to have no value") from none
    except EXACT_TROUBLE:
        return "too large"
    if not value.is_finite():
        return "not read"
    assert value.overlaps(written), f"{text} at {at} is {written.str(20)}, and was read as {value.str(20)}"
    for sign, holds in ((1, written > 0), (-1, written < 0), (0, written == 0)):
        assert not holds or sign in signs, f"{text} at {at} has the sign {sign}, which is not among {signs}"
    return "compared"


@pytest.mark.parametrize("names", [[], ["x", "y"]], ids=["constants", "at points"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_read_has_the_value_of_what_is_written(seed, names):
    random = Random(seed)
    seen: Counter[str] = Counter()
    with precision(BITS):
        while seen["compared"] < 120:
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
