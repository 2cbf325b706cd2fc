"""Every slope that proofs hold possible where pieces meet is held against quotients of differences.

If both quotients go to one number, the formula has this derivative: it must be among the slopes, and that there is none
may not be said. The values are balls beside the point, at two distances on either side.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from drawn_texts import drawn
from flint import arb, fmpq

from gradcalc.certified.posed import Posed
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import Interning
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators, NoValue, poly_ball
from gradcalc.proofs.cells import Cell, Split
from gradcalc.proofs.exact import EXACT_TROUBLE
from gradcalc.proofs.laws import plain
from gradcalc.proofs.limits import AtPoint, Undecided
from gradcalc.proofs.polynomials import used
from gradcalc.proofs.reading import Reader
from gradcalc.proofs.sides import Studied, slopes

BITS, NEAR, NEARER = 2500, 300, 600
PLACES = [
    ("x - 1", (1, 2)), ("x", (0, -1)), ("x - y", (2, 2)), ("x + y", (1, -1)), ("x^2 - y", (-1, 1)),
    ("x*y - 1", (2, "1/2")), ("x - 2*y", (0, 0)), ("y", ("1/3", 0)), ("y^2 - x", (0, 0)),
]  # fmt: skip


def value(formula: Formula, at: dict[str, Fraction]) -> arb | None:
    posed = Posed(formula, {name: number(x) for name, x in at.items()}, ())
    found = posed.lowering.graph(posed.balls(), exact=posed.exact).root
    found = found.data if isinstance(found, Value) else found
    return found if isinstance(found, arb) and found.is_finite() else None


def told(formula: Formula, place: str, balls: dict[str, arb]) -> list[arb] | None:
    """The values at the point of the slopes that there can be; None where no pieces meet."""
    written = [plain(each) for each in (formula, our_derivative(formula, "x"))]
    intern = Interning()
    switches = {switch for each in written for switch in intern.comparisons(each)}
    generators = Generators(frozenset(balls))
    zero = Reader(Cell(generators), Interning()).read(plain(parse(place))).top
    cell = Cell(generators).side(zero / zero.leading_coefficient(), 0)
    for _ in range(40):
        try:
            reader = Reader(cell.copy(), intern, switches, True)
            here = reader.read(written[0], own=True)
            reader.cuts = True
            try:
                tied = reader.read(written[1], own=True)
            except NoValue:
                tied = None
            if tied is not None and not reader.meets:
                return None
            beside = Reader(reader.cell, intern, switches, True)
            found = slopes(Studied("x", written), beside, here, tied, lambda slope: False).found
            return [generators.ball(slope, generators.balls(slope.generators(), balls)) for slope in found]
        except (Split, AtPoint) as cut:
            factor = (cut.split if isinstance(cut, AtPoint) else cut).factor
            at = poly_ball(factor, generators.balls(used(factor), balls))
            cell = cell.side(factor, 1 if at > 0 else -1 if at < 0 else 0)
    raise Undecided


def outcome(text: str, place: str, at: dict[str, Fraction]) -> str:
    steps = [Fraction(sign, 2**k) for k in (NEAR, NEARER) for sign in (-1, 1)]
    try:
        formula = prepare(parse(text))
        values = [value(formula, {**at, "x": at["x"] + step}) for step in steps]
        here = value(formula, at)
        found = told(formula, place, {name: arb(fmpq(x.numerator, x.denominator)) for name, x in at.items()})
    except (FormulaError, Undecided, *EXACT_TROUBLE):
        return "not told"
    if here is None or None in values:
        return "no value"
    if found is None:
        return "no pieces"
    quotients = [
        (there - here) / arb(fmpq(*step.as_integer_ratio())) for there, step in zip(values, steps, strict=True)
    ]
    if any(abs(one - quotients[-1]) > 1e-15 * (1 + abs(one)) for one in quotients):
        return "no derivative"
    near = [slope for slope in found if abs(slope - quotients[-1]) < 1e-9 * (1 + abs(quotients[-1]))]
    assert near, f"{text} at {at} has the slope {quotients[-1].str(9)}, and was told to have one of {found}"
    return "compared"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_derivative_is_among_the_slopes_that_are_told(seed):
    random = Random(seed)
    seen: Counter[str] = Counter()
    with precision(BITS):
        while seen["compared"] < 12:
            place, point = random.choice(PLACES)
            at = {name: Fraction(x) for name, x in zip("xy", point, strict=True)}
            seen[outcome(drawn(random, random.randint(2, 3), ["x", "y"], cornered=True), place, at)] += 1
    assert seen["no derivative"], seen
