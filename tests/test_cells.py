"""What a cell knows of its points: nothing that is not so, which points of small whole numbers tell, and no less."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from fractions import Fraction
from itertools import combinations, pairwise
from math import isqrt, prod
from random import Random

import pytest
from flint import arb

from gradcalc.certified.terms import as_ball
from gradcalc.engine.rewrite import expand, prepare
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import ALL, Interning
from gradcalc.judge.claims.court import check_derivative
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators, Ratio, poly_ball
from gradcalc.proofs.cells import APART, Cell, Empty, Split
from gradcalc.proofs.continuous import are_continuous, is_whole
from gradcalc.proofs.equality import LACKS, Claimed, Equality, prove_apart, prove_equal
from gradcalc.proofs.laws import _is_defined, plain
from gradcalc.proofs.polynomials import TooLarge, factors, generator, polynomial, used
from gradcalc.proofs.reading import Reader
from gradcalc.proofs.separation import separation_bits
from gradcalc.proofs.thin import derivative_of_ratio, is_point, is_seldom_zero, is_thin
from gradcalc.proofs.univariate import _are_apart, in_one, sign_of, signs_met
from gradcalc.record import replace
from gradcalc.work import Work


def read(text: str, cell: Cell) -> Ratio:
    return Reader(cell, Interning()).read(plain(prepare(parse(text))))


def empty() -> Cell:
    return Cell(Generators(frozenset("xyz")))


def of_xyz() -> Cell:
    cell = empty()
    read("x + y + z", cell)
    return cell


@pytest.mark.parametrize(("seed", "wholes"), [(0, ""), (1, ""), (2, "xyz"), (3, "xyz")])
def test_what_holds_at_a_point_is_known_of_a_cell_that_it_lies_in(seed: int, wholes: str) -> None:
    random, decided = Random(seed), 0
    for _ in range(30):
        cell = Cell(Generators(frozenset("xyz"), frozenset(wholes)))
        read("x + y + z", cell)
        at = {i: arb(k) / (1 if wholes else 2) for i, k in enumerate(random.choices(range(-2, 3), k=3))}

        def sign(p, at=at):
            value = poly_ball(p, at)
            return int(value > 0) - int(value < 0)

        def polynomials():
            p = polynomial(random.choice((0, 0, 1, -2, Fraction(3, 4))))
            for _ in range(random.randint(1, 3)):
                term = polynomial(random.choice((1, 1, -1, 2, Fraction(-1, 2))))
                for i in random.choices(range(3), k=random.randint(1, 2)):
                    term *= generator(i)
                p += term
            return p

        for _ in range(6):
            p = polynomials()
            part = random.choice([part for part, _ in factors(p)[1]] or [generator(0)])
            if random.random() < 0.5:
                try:
                    cell = cell.side(part, APART if sign(part) and random.random() < 0.3 else sign(part))
                except TooLarge:  # relations that lead to one another
                    break
            else:
                try:
                    cell.assume(p, frozenset({sign(p), *random.choices((-1, 0, 1), k=random.randint(0, 1))}))
                except Split as cut:
                    (cell,) = cell.sides(cut.factor, *({sign(cut.factor)} & cut.signs))
            for name, value in cell.values.items():
                assert abs(cell.generators.ball(value, at) - at["xyz".index(name)]) < 2**-40
            assert all(cell.generators.ball(whole, at).contains_integer() for whole in cell.wholes)
            for relation in cell.relations:
                assert sign(generator(relation.index) ** relation.degree - relation.instead) == 0
            q = polynomials()
            found = cell.signs(Ratio(q))
            assert sign(q) in found
            decided += len(found) == 1
    assert decided > 15


ATOMS = [
    *("x", "y", "z", "x/2", "atan(x)", "atan(y)", "exp(x)", "exp(y)", "exp(x/2)", "log(x + 3)", "log(y + 3)"),
    *(
        "sqrt(x + 3)",
        "sqrt(y + 3)",
        "sqrt(2)",
        "exp(1)",
        "sin(x)",
        "cos(x)",
        "sin(y)",
        "cos(y)",
        "asinh(x)",
        "asinh(y)",
    ),
    *("erf(x)", "acos(x/3)", "asin(y/3)", "floor(x)", "tanh(z)", "log(exp(x) + 1)", "sqrt(x^2 + y^2)"),
]
USUAL = ["x", "y", "atan(x)", "exp(y)", "sin(x)"]


@pytest.mark.parametrize("seed", range(3))
def test_what_holds_at_a_point_is_known_of_functions(seed: int) -> None:
    """The values are those of the table's functions in balls, of which no sign is told by algebra."""
    random, decided = Random(seed), 0
    for _ in range(40):
        cell, at = of_xyz(), {name: as_ball(Fraction(random.randint(-4, 4), 2)) for name in "xyz"}

        def sign(p, at=at, cell=cell):
            value = poly_ball(p, cell.generators.balls(used(p), at))
            return 0 if value.contains(0) else 1 if value > 0 else -1

        for i in range(2):  # inside the domains
            cell = cell.side(generator(i) + 3, 1)
            cell = cell.side(generator(i) - 3, -1)
        atoms = [read(text, cell).top for text in [*random.sample(ATOMS, 2), random.choice(USUAL)]]

        def drawn(atoms=atoms):
            p = polynomial(Fraction(random.choice((0, 0, 1, -1, 2, -3)), random.choice((1, 1, 2))))
            for _ in range(random.randint(1, 3)):
                term = polynomial(random.choice((1, 1, -1, -1, 2, -3)))
                for atom in random.choices(atoms, k=random.choice((1, 1, 1, 2, 2, 3))):
                    term *= atom
                p += term
            return p

        with precision(200), suppress(TooLarge):
            for _ in range(random.randint(0, 4)):
                p = cell.poly(drawn())
                part = random.choice([part for part, _ in factors(p)[1]] or [generator(0)])
                cell = cell.side(part, sign(part))
            for _ in range(3):
                q = drawn()
                found = cell.signs(Ratio(q))
                assert sign(q) in found, (q, at, cell.facts)
                decided += 0 < len(found) < 3
    assert decided > 20


@pytest.mark.parametrize(
    ("facts", "quantity", "signs"),
    [
        ([("x - y", 1), ("y - z", 1)], "x - z", {1}),
        ([("y - x", -1), ("y - z", 1)], "z - x", {-1}),
        ([("x - y", 1)], "y - x + 1", ALL),
        ([("x", 1), ("y", 1)], "x*y + x", {1}),
        ([("x", 1)], "x^2 + x + 1", {1}),
        ([], "x^2 + x + 1", {1}),
        ([], "x^2 - 2*x + 1", {0, 1}),
        ([("y - 1", 1)], "y*x^2 + x*z + z^2", {0, 1}),
        ([("y + 1", -1)], "y*x^2 + x*z - z^2", {-1, 0}),
        ([("y + 1", 1)], "y*x^2 + x*z + z^2", ALL),
        ([("x - 2", 1)], "x^2 - 4", {1}),
        ([("x - 1", 1), ("x - 2", -1)], "x - 1/2", {1}),
        ([("x + y", 0)], "x^2 - y^2", {0}),
        ([("x^2 - 2", 0)], "x^3 - 2*x", {0}),
        ([("x^2 - 2", 0)], "x^4 - 5", {-1}),
        ([("x^2 - 2", 0), ("x", 1)], "x - 2/3", {1}),
        ([("x - y^2", 1)], "x - y^2 + 1", {1}),
        ([("x - y^2", 1)], "x", {1}),
        ([("x + y", 1)], "x^2 + 2*x*y + y^2 + 1", {1}),
        ([("y + z", 1)], "x^2 + 3*y + 3*z", {1}),
        ([("x - y", 0), ("y - 3", 0)], "x - 2", {1}),
        ([("y", 1), ("x*y - 1", 0)], "x", {1}),
        ([("x", 1), ("y", -1)], "x/y", {-1}),
        ([("x", 1)], "exp(y) + x", {1}),
        ([("x - 1", 1)], "log(x)", {1}),
        ([("x", -1)], "atan(x)^3", {-1}),
        ([], "sin(x) - 1", {-1, 0}),
        ([], "cos(x) - 2", {-1}),
        ([("x - y", 1)], "atan(y) - atan(x)", {-1}),
        ([("x - y", 1)], "atan(x) - atan(y)", {1}),
        ([("x - y", 1)], "atan(x) + atan(y)", ALL),
        ([("x - y", 1)], "sin(x) - sin(y)", ALL),
        ([("x - y", 1)], "atan(x) - erf(y)", ALL),
        ([("x", -1)], "exp(x) - 1", {-1}),
        ([("x", -1)], "exp(x) + 1", {1}),
        ([("x", -1)], "2*exp(x) - 1", ALL),
        ([("x", 1)], "exp(x) - 2", ALL),
        ([("exp(x) - 2", -1)], "x", ALL),
        ([("exp(x) - 1", -1)], "x", {-1}),
        ([], "sin(x)^2 + 5*sin(x) - 7", {-1}),
        ([], "sin(x)^2 + 5*sin(x) + 5", {1}),
        ([], "cos(x)^2 + 5*cos(x) - 5", ALL),
        ([], "x^2 + x*y + 11/50*y^2", ALL),  # 11/50 < 1/4 < 13/50
        ([], "x^2 + x*y + 13/50*y^2", {0, 1}),
        ([("y - 11/50", 1)], "y*x^2 + x*z + z^2", ALL),
        ([("y - 13/50", 1)], "y*x^2 + x*z + z^2", {0, 1}),
        ([("sqrt(2)*x - 1", 1)], "sqrt(3)*x - 1", {1}),
        ([("sqrt(2)*x - 1", 1)], "sqrt(3)*x - 3/2", ALL),  # 1.2247... < 3/2
        ([("x - 4", 1)], "sqrt(x) - 2", {1}),
        ([("x", 1), ("x - 5", -1)], "sqrt(x)*3 - 7", {-1}),  # 45 < 49
        ([("x - 5", 1)], "cbrt(x) - 2", ALL),
        ([("x - 5", 1)], "x*sqrt(x - 1) - 10", {1}),
        ([], "(y^2 - y + 1)*x^2 + 1", {1}),
        ([], "(y^2 - y + 1)*x^2 + z^2", {0, 1}),
        ([], "2*sin(x)*cos(y) + 2*sin(x) + 2*cos(y) + 3", {1}),  # 1 where sin(x) is -1
        ([], "cos(x)^2 + 2*sin(x) - 2", {-1, 0}),  # -(sin(x) - 1)^2
        ([], "10*cos(x)^2 + 10*sin(x) - 11", ALL),  # 3/2 where sin(x) is 1/2
        # by what divides whole numbers
        ([], "2*floor(x) + 4*floor(y) - 7", {-1, 1}),
        ([], "2*floor(x) + 4*floor(y) - 6", ALL),
        ([], "floor(x)/2 + floor(y)/3 - 1/7", {-1, 1}),
        ([], "floor(x)/2 + floor(y)/3 - 1/6", ALL),
        ([], "6*floor(x)*floor(y) + 9*floor(x) - 4", {-1, 1}),
        ([], "6*floor(x)*floor(y) + 10*floor(x) - 4", ALL),
        ([], "4*floor(x) + 6*y - 1", ALL),
        ([], "3*atan(x)^2 - 1", ALL),
        ([], "sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6))", {0}),
        ([], "sqrt(2) + sqrt(3) - 3", {1}),
        ([], "gamma(1/6)*gamma(2/3) - 2^(2/3)*sqrt(pi)*gamma(1/3)", ALL),  # it is 0, which no ball tells
        ([], "exp(1) - 19/7", {1}),
        ([], "exp(1) - 2.71828182845904523536028747135266249775724709369995", {1}),  # which goes on 95749...
        ([], "exp(1) - 2.71828182845904523536028747135266249775724709369996", {-1}),
        ([], "exp(1)^2 - 15/2", {-1}),
        ([], "3*atan(x)^2*erf(y) - 1", ALL),
        ([], "(y^2 - y + 1)*x^4 + x^2", {0, 1}),
        ([], "2*sin(x) + cos(y) - 3", {-1, 0}),
        ([], "2*sin(x) - cos(y) + 4", {1}),
        ([], "sin(x)*cos(y) - 2", {-1}),
        ([], "sin(x)*cos(y) + sin(x) - 2", {-1, 0}),
        ([], "sin(x)*cos(y) - 1/2", ALL),
        ([], "erf(x) - erf(y)*tanh(z) - 2", {-1}),  # neither is reached
        ([], "atan(x) + atan(y) - 2", ALL),
        ([], "atan(x) + atan(y) + 4", {1}),
    ],
)
def test_what_is_known_follows(facts: list[tuple[str, int]], quantity: str, signs: set[int]) -> None:
    cell = of_xyz()
    for text, sign in facts:
        ((part, _),) = factors(read(text, cell).top)[1]
        scale = factors(read(text, cell).top)[0]
        cell = cell.side(part, sign if scale > 0 else -sign)
    left = set()
    for sign in cell.signs(read(quantity, cell)):
        with suppress(Empty):
            cell.copy().assume(read(quantity, cell).top * read(quantity, cell).bottom, frozenset({sign}))
            left.add(sign)
    assert left == signs


def test_what_must_be_known_first_of_a_function_is_the_sign_of_what_it_is_of() -> None:
    known = {"erf(atan(x))": ALL, "atan(x)^3": ALL, "log(x + 1)": ALL, "1/x": {-1, 1}, "(y^2 + 1)/x": {-1, 1}}
    for text, signs in known.items():
        cell = of_xyz()
        assert cell.unknown(read(text, cell)) == (generator(0), signs, False)
    assert cell.unknown(read("exp(x)", cell)) is None
    assert (fresh := of_xyz()).unknown(read("exp(x) - 1", fresh)) == (generator(0), ALL, False)
    assert cell.unknown(read("atan(x) - atan(y)", cell)) == (generator(0) - generator(1), ALL, False)
    assert [sign_of(value) for value in (-2, 0, 3)] == [-1, 0, 1]


def test_functions_of_one_name_are_not_one_function() -> None:
    rows = [Function(name="gamma", params=("x",), value=lambda x: x) for _ in range(2)]
    cell = of_xyz()
    reader = Reader(cell, Interning())
    found = [reader.called(row, [reader.name("x")]) for row in (*rows, TABLE["gamma"])]
    again = reader.called(rows[0], [reader.name("x")])
    assert len({*found, again}) == 3
    assert all(cell.signs(one - other) == ALL for one, other in combinations(found, 2))


def test_definitions_that_have_a_value_everywhere() -> None:
    written_out = {name for name in TABLE if TABLE[name].smooth and not TABLE[name].domain and _is_defined(TABLE[name])}
    assert {"sigmoid", "softplus", "gelu"} <= written_out
    assert "sinc" not in written_out


def test_derivatives_of_sinc() -> None:
    for text in ("sinc(x)", "diff(sinc(x), x, 2)"):
        with pytest.raises(Split) as cut:
            read(text, of_xyz())
        assert (cut.value.factor, cut.value.signs) == (generator(0), ALL)
    at_zero = of_xyz().side(generator(0), 0)
    found = [read(f"diff(sinc(x), x, {order})", at_zero).rational() for order in range(1, 5)]
    assert found == [0, Fraction(-1, 3), 0, Fraction(1, 5)]
    elsewhere = of_xyz().side(generator(0), 1)
    by_hand = "(x*cos(x) - sin(x))/x^2", "(2 - x^2)*sin(x)/x^3 - 2*cos(x)/x^2"
    for order, text in enumerate(by_hand, 1):
        assert elsewhere.signs(read(f"diff(sinc(x), x, {order}) - ({text})", elsewhere)) == {0}


def test_what_is_put_in_on_a_curve() -> None:
    x, y = generator(0), generator(1)
    hyperbola = of_xyz().side(y, 1).side(x * y - 1, 0)
    assert hyperbola.relations == []
    assert hyperbola.values == {"x": Ratio(polynomial(1), y)}
    parabola = of_xyz().side(x**2 - y, 0)
    assert parabola.poly(y**2 + x) == x**4 + x
    assert parabola.values == {"y": Ratio(x**2)}
    circle = of_xyz().side(x**2 + y**2 - 1, 0)
    assert circle.poly(x**2 + y**2) == 1
    assert circle.values == {}


def test_what_two_bounds_say_of_a_sum() -> None:
    cell = of_xyz()
    for bounded in (generator(0), generator(0) - 1):
        cell.assume(bounded, frozenset({0, 1}))
    assert cell.signs(Ratio(generator(0) + generator(1) ** 2)) == {1}


@pytest.mark.parametrize(
    ("equal", "quantity", "signs"),  # a sine, a cosine or a root that is a number, and what it is tied to
    [
        ("sin(x) - 1/2", "4*sin(x)^2 - 1", {0}), ("sin(x) - 1/2", "4*cos(x)^2 - 3", {0}),
        ("cos(x) - 3/5", "25*sin(x)^2 - 16", {0}), ("sin(x) - 1", "cos(x)", {0}), ("sqrt(x) - 3", "x - 9", {0}),
        ("sqrt(x) - 3", "x*sqrt(x) - 27", {0}), ("sqrt(x + y) - 2", "x + y - 4", {0}),
        ("cbrt(x^2 + 1) - 2", "x^2 - 7", {0}),
        ("sqrt(x) - 3", "x - 8", {1}), ("sin(x) - 1/2", "sin(x)^2 - 1/2", {-1}), ("sin(x) - 1/2", "sin(3*x) - 1", {0}),
    ],
)  # fmt: skip
def test_what_follows_from_a_value_of_a_sine_or_a_root(equal: str, quantity: str, signs: set[int]) -> None:
    cell = of_xyz()
    ((part, _),) = factors(read(equal, cell).top)[1]
    cell = cell.side(part, 0)
    assert cell.signs(read(quantity, cell)) == signs


@pytest.mark.parametrize(
    ("text", "slope"),
    [("erf(x^2)", "4*x*exp(-x^4)/sqrt(pi)"), ("atan(x)^2", "2*atan(x)/(1 + x^2)"),
     ("floor(x)*sin(x/y)", "floor(x)*cos(x/y)/y"), ("sin(1/x)", "-cos(1/x)/x^2"),
     ("exp((x + y)/(x - y))", "-2*y*exp((x + y)/(x - y))/(x - y)^2"), ("erf(1/x)", "-2*exp(-1/x^2)/(sqrt(pi)*x^2)"),
     ("log(y)*exp(y)", "0"), ("sqrt(x + 1)/x", "1/(2*x*sqrt(x + 1)) - sqrt(x + 1)/x^2")],
)  # fmt: skip
def test_derivatives_of_what_was_read(text: str, slope: str) -> None:
    cell = empty()
    found = derivative_of_ratio(cell.generators, read(text, cell), "x")
    assert found is not None
    assert cell.signs(found - read(slope, cell)) == {0}


def test_a_cell_without_a_point() -> None:
    cell = of_xyz()
    x, y = generator(0), generator(1)
    cell.assume(x - y, frozenset({0, 1}))
    with pytest.raises(Empty):
        cell.side(x, -1).side(y, 1).signs(Ratio(x - y))
    above = of_xyz().side(x - 1, 1)
    assert (x, 0) not in [part.steps[-1] for part in above.sides(x, 0, 1)]
    curve = of_xyz().side(x * y - 1, 0)
    curve.assume((x * y - 1) * y, frozenset({0, 1}))
    with pytest.raises(Empty):
        curve.assume((x * y - 1) * y, frozenset({1}))


def test_what_stands_under_a_root_is_not_negative_where_the_root_was_read_alone() -> None:
    cell, x = of_xyz(), generator(0)
    inside = cell.side(x + 1, 1)
    read("sqrt(x + 1)", inside)
    assert inside.signs(Ratio(x + 1)) == {1}
    assert cell.signs(Ratio(x + 1)) == ALL


def test_a_bound_that_may_be_reached() -> None:
    x, y = generator(0), generator(1)
    for turn in (1, -1):
        cell = of_xyz()
        cell.assume(x - y, frozenset({0, turn}))
        assert cell.signs(Ratio(x - y + turn)) == {turn}
        assert cell.signs(Ratio(x - y)) == {0, turn}
        assert cell.signs(Ratio(x - y - turn)) == ALL


@pytest.mark.parametrize("low", [-2, 0, 3])
def test_between_two_neighbours_nothing_is_whole(low: int) -> None:
    x = generator(0)
    for quantity in (Ratio(x), Ratio(2 - x)):
        cell = of_xyz()
        cell.assume(x - low, frozenset({1}))
        cell.assume(x - low - 1, frozenset({-1}))
        with pytest.raises(Empty):
            cell.assume_whole(quantity)
    cell = of_xyz()
    cell.assume(x - low, frozenset({1}))
    cell.assume(x - low - 2, frozenset({-1}))
    cell.assume_whole(Ratio(x))  # which is low + 1


def test_of_a_product_as_much_is_known_as_it_says() -> None:
    cell = of_xyz()
    x, y = generator(0), generator(1)
    with pytest.raises(Split):
        cell.assume(x * y, frozenset({1}))
    cell.assume(x * y, frozenset({-1, 0}), may_split=False)
    assert cell.of_factor(x) == cell.of_factor(y) == ALL
    cell.assume(x * y, frozenset({1}), may_split=False)
    assert cell.of_factor(x) == cell.of_factor(y) == {-1, 1}
    cell.assume(x**3 * (y**2 + 1), frozenset({0, -1}))
    assert (cell.of_factor(x), cell.of_factor(y)) == ({-1}, {-1, 1})
    cell.assume(x**3 * y, frozenset({0, -1}))
    assert cell.of_factor(y) == {1}
    with pytest.raises(Empty):
        cell.assume(x * 0, frozenset({1}))
    with pytest.raises(Empty):
        cell.assume(x**2, frozenset({-1, 0}))


SAME = [
    ("sin(x + 30*pi)", "sin(x)"), ("cos(7*pi/3)", "1/2"), ("sin(pi/4)^2", "1/2"), ("cos(pi/6)", "sqrt(3)/2"),
    ("sin(3*x)", "3*sin(x) - 4*sin(x)^3"), ("cos(x/2)^2", "(1 + cos(x))/2"),
    ("sin(x/3)*0 + sin(x/2)*cos(x/2)", "sin(x)/2"),
    ("sin(x + y)", "sin(x)*cos(y) + cos(x)*sin(y)"), ("cos(-x)", "cos(x)"), ("cos(2*asin(x))", "1 - 2*x^2"),
    ("sin(2*atan(x))", "2*x/(1 + x^2)"),
    ("asin(sin(2))", "pi - 2"), ("asin(sin(5))", "5 - 2*pi"), ("atan(tan(2))", "2 - pi"), ("asin(cos(1))", "pi/2 - 1"),
    ("asin(sin(pi/2*(1 - x^2)/(1 + x^2)))", "pi/2*(1 - x^2)/(1 + x^2)"), ("sinc(0*x)", "1"),
    ("sqrt(x)*x^(1/6)", "x^(2/3)"), ("x^(1/4)*x^(1/6)*x^(1/3)", "x^(3/4)"), ("sqrt(8)", "2*sqrt(2)"),
    ("sqrt((x^2 + 1)^2)", "x^2 + 1"), ("(x^2 + 1)^(3/2)", "(x^2 + 1)*sqrt(x^2 + 1)"),
    ("(4*x^2 + 4)^(1/6)", "2^(1/3)*(x^2 + 1)^(1/6)"),
    ("((x^2 + 1)^4)^(1/2)", "(x^2 + 1)^2"), ("0^(x^2 + 1)", "0"), ("0^(x - x)", "1"), ("sqrt(1/x)*sqrt(x)", "1"),
    ("exp(x/2)*exp(x/3)", "exp(5*x/6)"), ("exp(2*log(x))", "x^2"), ("exp(log(x)/2)", "sqrt(x)"),
    ("log(exp(x)^2)", "2*x"),
    ("log(8)", "3*log(2)"), ("log(sqrt(x))", "log(x)/2"), ("log(x*exp(y))", "log(x) + y"),
    ("log(4/9)", "2*log(2) - 2*log(3)"),
    ("gamma(5)", "24"), ("gammaupper(2, x)", "(x + 1)*exp(-x)"), ("gammalower(2, x)", "1 - (x + 1)*exp(-x)"),
    ("besselj(1, -x)", "-besselj(1, x)"), ("besselj(9, -x)", "-besselj(9, x)"), ("besseli(10, -x)", "besseli(10, x)"),
    ("erf(x/sqrt(2))", "erf(x*sqrt(2)/2)"), ("besselj(0, -x)", "besselj(0, x)"), ("dawson(-x)", "-dawson(x)"),
    ("erf(-x/2)", "-erf(x/2)"),
    ("asin(sin(2)/(2*cos(1)))", "1"), ("asin(sin(2)/(2*sin(1)))", "pi/2 - 1"), ("atan(sin(2)/(2*cos(1)^2))", "1"),
    ("sqrt(10^60 + 1)^2", "10^60 + 1"), ("asin(sin(10^100)) - asin(sin(10^100)) + x", "x"),
    ("atan(tan(x)) - atan(tan(x)) + x", "x"), ("cos(pi)", "-1"), ("sin(3*pi/2)", "-1"), ("sin(pi/2)", "1"),
    ("sin(pi)", "0"), ("cos(pi/2)", "0"), ("cos(3*pi/2)", "0"), ("log(exp(x)/(x^2 + 1))", "x - log(x^2 + 1)"),
    ("x/sqrt(2)", "x*sqrt(2)/2"), ("erfc(x) + erf(x)", "1"), ("floor(7/2 + x - x)", "3"), ("floor(pi^3)", "31"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_by_laws_that_need_no_sign(one: str, other: str) -> None:
    cell = empty()
    assert cell.signs(read(f"{one} - ({other})", cell)) == {0}
    assert cell.signs(read(f"{one} - ({other}) + 1/7", cell)) == {1}


@pytest.mark.parametrize(
    ("text", "whole"), [("2^x", {0, 1}), ("3^(2*x)", {0, 1}), ("(1/2)^x", ()), ("2^(x/2)", ()), ("2^y", ())]
)
def test_which_powers_of_whole_numbers_are_whole(text: str, whole: Collection[int]) -> None:
    for signs in ({0, 1}, {-1}, {-1, 0, 1}):
        cell = Cell(Generators(frozenset("xy"), frozenset("x")))
        cell.assume(read("x", cell).top, frozenset(signs))
        assert Reader(cell).is_whole(read(text, cell)) is (signs <= {*whole})


@pytest.mark.parametrize(
    ("exponent", "whole"),
    [("x", True), ("2*x - 3", True), ("-(x - y)", True), ("4/2", True), ("x/2", False), ("x*(1/2)", False),
     ("0.5*x", False), ("x + 1.5", False), ("x + z", False), ("x - pi", False), ("sin(x)", False)],
)  # fmt: skip
def test_which_exponents_are_whole_as_they_are_written(exponent: str, whole: bool) -> None:
    assert is_whole(parse(exponent), "xy") is whole


@pytest.mark.parametrize(
    ("quantity", "seldom"),
    [("x - y", True), ("exp(x)", True), ("x^2 + y^2", True), ("if(x > 0, x, y)", True), ("if(x > 0, x, 0)", False),
     ("floor(x)", False), ("max(x, 0)", False), ("sqrt(x^2) - x", False), ("0*x", False), ("x*floor(y)", False),
     ("(x + y + 1)^99", False), ("+".join(f"abs(x - {n})" for n in range(-9, 40)), False)],  # too large, too many parts
)  # fmt: skip
def test_what_is_seldom_zero(quantity: str, seldom: bool) -> None:
    assert is_seldom_zero(prepare(parse(quantity))) is seldom


def test_a_root_of_a_square_where_a_sign_is_known_but_for_0() -> None:
    for sign in (1, -1):
        cell = of_xyz()
        cell.assume(generator(0), frozenset({0, sign}))
        assert cell.signs(read(f"sqrt(x^2) - {sign}*x", cell)) == {0}


@pytest.mark.parametrize(
    ("text", "bits"),  # by hand, from the bounds for sums, products, roots and angles
    [("sqrt(2) - 1", 3), ("sqrt(1/3)", 4), ("sqrt(2 + sqrt(3)) - 2", 8), ("cbrt(7)/3 - sqrt(5)", 22),
     ("cos(pi/5) - 1/2", 10), ("sqrt(sin(pi/7)) - 1/3", 87), ("pi - 3", None), ("sqrt(pi) - 3", None),
     ("sin(pi/(pi + 1)) - 1/3", None), ("sin(pi^2) - 1/3", None), ("sin(pi/5 + 1) - 1/3", None),
     (f"sin(5*pi/{(2**107 - 1)*(2**127 - 1)}) - 1/3", None)],  # whose factors nobody waits for
)  # fmt: skip
def test_how_near_to_0_a_number_of_roots_can_be(text: str, bits: int | None) -> None:
    cell = empty()
    assert separation_bits(cell.generators, read(text, cell).top) == bits


@pytest.mark.parametrize(
    ("text", "thin"),
    [("x - y", True), ("floor(x) - 3", False), ("x - floor(x)", True), ("sin(x) - floor(y)", True),
     ("floor(x)*sin(y) + cos(y)", True), ("sqrt(x) - y", True), ("log(x) - floor(y)", True),
     ("log(x)*x - y", True), ("x*floor(y) - floor(x)", None), ("log(log(x)) - 1", True),
     ("sqrt(x) + log(x) - 2", True), ("atan(floor(x)) - 1", None), ("sqrt(x)*floor(y) + y", None),
     ("floor(x)^2 - y", True), ("asin(sin(x)) - 1/2", True), ("asin(x) - floor(y)*asin(x)^2 + floor(y)", True),
     ("asin(sin(x)) - x", None), ("sqrt(log(x)) - y", True),
     ("sqrt(x) + sqrt(x + 1) - 3", True), ("atan(x)*log(x) + x", True), ("log(x)^3 + x*log(x) + 1", True),
     ("exp(sqrt(x)) + sin(x)", True), ("log(log(x) + x) - 2", True),
     ("log(x)*(atan(2) + atan(3) - 3*pi/4)", False), ("log(2)*x - atan(2)", True), ("sqrt(x + sqrt(x)) - x", True),
     ("log(log(log(log(x)))) - 1", True), ("atan(1/x) + atan(x) - pi/2", None)],  # which is 0 where x > 0
)  # fmt: skip
def test_where_a_quantity_is_0_on_no_open_set(text: str, thin: bool | None) -> None:
    cell = empty()
    (part, _), *_ = factors(read(text, cell).top)[1]
    assert is_thin(cell.generators, part) is thin


@pytest.mark.parametrize(
    ("text", "apart", "at_points"),  # whether it is 0 at single x and y alone, whatever those are that are kept apart
    [
        ("x - 3", "", True), ("x - y", "y", True), ("x^2*y - 1", "y", True), ("sin(x) - y", "y", True),
        ("floor(x) - 3", "", False), ("floor(x) - y", "y", False), ("gamma(1/3) - 2", "", False),
        ("x*y - y", "x", False),  # at x = 1 for every y
    ],
)  # fmt: skip
def test_what_is_0_at_single_values_of_names(text: str, apart: str, at_points: bool) -> None:
    cell = empty()
    assert is_point(cell, read(text, cell).top, {name: set() for name in apart}) is at_points


@pytest.mark.parametrize("text", ["sin(x) - y", "gamma(x) - y"])
def test_what_is_seen_at_no_point_may_be_0_everywhere(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    cell = empty()
    ((part, _),) = factors(read(text, cell).top)[1]
    monkeypatch.setattr("gradcalc.proofs.thin._samples", lambda *_: [])
    assert is_thin(cell.generators, part) is None


def claimed(formula: str, derivative: str, claim: str, *where: tuple[str, int]) -> Claimed:
    sides = [(prepare(parse(quantity)), sign) for quantity, sign in where]
    return Claimed(*(prepare(parse(text)) for text in (formula, derivative, claim)), ("x",), sides)


def test_equal_in_a_region_and_apart_in_another() -> None:
    about = "abs(x)", "sign(x)", "if(x > 1, 1, if(x > -2, 3, log(x)))"
    assert prove_equal(claimed(*about, ("x - 1", 1)))
    assert prove_equal(claimed(*about, ("log(x)", 1)))
    assert not prove_equal(claimed(*about, ("x", 1)))
    assert not prove_equal(claimed(*about, ("1 - x", 1)))
    assert prove_apart(claimed(*about, ("1 - x", 1)), Work(5))
    assert prove_apart(claimed(*about, ("x", 0)), Work(5))
    assert not prove_apart(claimed(*about, ("x - 1", 1)), Work(5))
    assert not prove_apart(claimed(*about), Work(5))
    assert prove_equal(claimed("x^2", "2*x", "3*x - 1", ("x - 1", 0)))
    assert not prove_equal(claimed("x^2", "2*x", "3*x", ("x^2 - x", 0)))  # beside which nothing is asked
    lacking = claimed("x^2", "2*x", "if(x > 0, 2*x, log(-x^2))")
    assert prove_equal(lacking).reason == LACKS
    assert prove_equal(lacking, partial=True)


@pytest.mark.parametrize("equals", ["floor(x) == 0", "floor(x) == floor(y)"])
def test_equals_on_an_open_set_are_no_kink_that_is_excepted(equals: str) -> None:
    above = equals.replace("==", ">")
    whole = f"if({above}, x, 3*x)", f"if({above}, 1, 3)"
    assert prove_equal(claimed(*whole, whole[1]))
    assert not prove_equal(claimed(*whole, f"if({equals}, 7, {whole[1]})"))


def test_what_the_claim_alone_asks_for_may_have_no_value() -> None:
    parts = "if(x > 0, x^2*y, x^2)", "if(x > 0, 2*x*y, 2*x)"
    for more, proved in (("", True), (" + 0*y", False)):
        asked = replace(claimed(*parts, f"if(x > 0, 2*x*y, 2*x{more})"), named="y")
        assert bool(prove_equal(asked)) is proved


def test_what_is_not_zero_is_one_part() -> None:
    """Where no sign matters but whether it is 0, four quantities cut the domain into few parts; a fault on one side of
    one of them is seen all the same."""
    apart = " and ".join(f"{name} != {i}" for i, name in enumerate(("x", "y", "z", "x*y*z"), 1))
    whole = f"if({apart}, x^2, x^2)", f"if({apart}, 2*x, 2*x)"
    found = prove_equal(claimed(*whole, whole[1]))
    assert found
    assert found.cells < 20
    assert any("!=" in text for text in texts(found))
    for fault in ("y > 2", "z < 3", "y == 2", "x > 1 and y < 2", "x*y*z > 4"):
        found = prove_equal(claimed(*whole, f"if({apart}, if({fault}, 7, 2*x), 2*x)"))
        assert bool(found) is (fault == "y == 2")


@pytest.mark.parametrize(
    ("equal", "zero", "more"),
    [("sqrt(x + 1) == x", "x^2 - x - 1", "x^2 - x"), ("sqrt(x + 1) == 1 - x", "x", "x - 3"),
     ("x^2 == sqrt(x + 1)", "x^4 - x - 1", "x"), ("(x + 1)^(1/3) == x", "x^3 - x - 1", "x^3 - x")],
)  # fmt: skip
def test_a_root_is_what_stands_beside_it_where_that_is_not_negative(equal: str, zero: str, more: str) -> None:
    """The roots of the polynomial are those of the equation, and what is more is not 0 at them."""
    own = "0*log(x + 1)"
    for fault, proved in ((zero, True), (more, False)):
        for claim in (f"2*x + if({equal}, {fault}, {own})", f"2*x + if({equal.replace('==', '!=')}, {own}, {fault})"):
            assert bool(prove_equal(claimed(f"x^2 + {own}", f"2*x + {own}", claim))) is proved


def test_what_was_read_before_a_cut_does_not_hide_what_is_known_after() -> None:
    """`asin(sin(x))` is x on a part that comparisons of the claim cut out, after it was read for itself."""
    whole = "asin(sin(x))^2", "asin(sin(x))"  # no derivative: the two are held against each other as they are
    assert prove_equal(claimed(*whole, "if(x > -1 and x < 1, x, asin(sin(x)))"))
    assert not prove_equal(claimed(*whole, "if(x > -2 and x < 1, x, asin(sin(x)))"))
    assert not prove_equal(claimed(*whole, "if(x > -1 and x < 2, x, asin(sin(x)))"))


def texts(found: Equality) -> list[str]:
    return [step.text for step in found.steps]


def test_what_a_whole_number_tells_is_not_told_to_a_cell_that_knows_of_another() -> None:
    cell = of_xyz()
    for quantity in ("x", "2 - x"):
        cell.assume(read(quantity, cell).top, frozenset({1}))
    of_x, of_y = cell.copy(), cell.copy()
    of_x.assume_whole(read("x", of_x))
    assert of_x.signs(read("x - 1", of_x)) == {0}
    of_y.assume_whole(read("y", of_y))
    assert of_y.signs(read("x - 1", of_y)) == ALL


def test_the_steps_of_a_proof() -> None:
    assert texts(prove_equal(claimed("x^2", "2*x", "x + x"))) == ["everywhere: the difference is 0 by algebra"]
    found = prove_equal(claimed("abs(x)", "sign(x)", "abs(x)/x"))
    assert (found.cells, sorted(texts(found))) == (
        4, ["x < 0: the difference is 0 by algebra", "x = 0: excepted: the claim has no value by its rules",
            "x > 0: the difference is 0 by algebra"],
    )  # fmt: skip
    assert not found.kinks
    found = prove_equal(claimed("abs(x)", "sign(x)", "sign(x)"))
    assert found.kinks
    assert "x = 0: excepted: a kink of the formula" in texts(found)
    apart = prove_apart(claimed("x^2", "2*x", "2*x + 1"), Work(5))
    assert texts(apart) == ["everywhere: the sign of the difference is known, and not 0"]


@pytest.mark.parametrize(("sign", "values"), [(1, {"x"}), (0, {"y"}), (None, set())])
def test_a_name_is_put_in_where_it_is_divided_by_what_is_not_0(sign: int | None, values: set[str]) -> None:
    cell = of_xyz() if sign is None else of_xyz().side(generator(1), sign)
    assert cell.side(read("x*y + z^2", cell).top, 0).values.keys() - {"z"} == values


def test_many_steps_along_one_quantity_are_two_facts() -> None:
    for steps in ("x", "x - y", "x*y", "x^3 - y*z"):
        cell = empty()
        for k in range(5):
            cell = cell.side(read(f"{steps} - {k}", cell).top, 1).side(read(f"{steps} - {20 - k}", cell).top, -1)
        assert cell.facts == {read(f"{steps} - 4", cell).top: {1}, read(f"{steps} - 16", cell).top: {-1}}
        assert cell.signs(read(f"{steps} - 3", cell)) == {1}
        assert cell.signs(read(f"{steps} - 17", cell)) == {-1}


@pytest.mark.parametrize(
    ("text", "facts", "continuous"),  # where something ends is no open set around it
    [
        ("x^3 + exp(y)/x", [], True), ("sqrt(x)", [], False), ("sqrt(x)", [("x", 1)], True),
        ("sqrt(x)", [("x", 0)], False), ("sqrt(x - y^2)", [("x", 1)], False), ("sqrt(x - y^2)", [("x - y^2", 1)], True),
        ("x^(5/2)", [], False), ("x^(5/2)", [("x", 1)], True), ("x^y", [("x", -1)], False), ("x^y", [("x", 1)], True),
        ("x^(y - y + 2)", [], True), ("asin(x)", [], False), ("asin(x/2)", [("x - 1", -1), ("x + 1", 1)], True),
        ("asin(x)", [("x", 1)], False), ("asin(1)*x", [], True), ("floor(x)", [], False), ("abs(x)", [], False),
        ("if(x < y, x, y)", [], False), ("log(x)", [], True), ("acosh(x + 1)", [("x", 0)], False),
        ("sqrt(log(-1 - x^2))", [], False),  # without a value anywhere
        ("x", [("floor(y)", 0)], False), ("x", [("x - y^2", 0)], True),
    ],
)  # fmt: skip
def test_where_a_formula_goes_on_continuously(text: str, facts: list[tuple[str, int]], continuous: bool) -> None:
    cell = of_xyz()
    for quantity, sign in facts:
        cell = cell.side(read(quantity, cell).top, sign)
    assert are_continuous([expand(prepare(parse(text)))], Reader(cell, Interning())) is continuous


@pytest.mark.parametrize("factor", [-2, -1, Fraction(1, 2), 1, 3])
def test_what_follows_from_two_facts_does_so_whatever_they_are_multiplied_by(factor):
    cell = of_xyz()
    x, y, z = (read(name, cell).top for name in "xyz")
    cell = cell.side(x - y, 1)
    cell._fact((x - z) * polynomial(factor), frozenset({-sign_of(factor)}))  # y < x < z
    assert cell.signs(Ratio(y - z)) == {-1}


@pytest.mark.parametrize(
    ("formula", "derivative", "claim", "is_right"),
    [
        ("x^2", "2*x", "if(2*x == 3, 3, 2*x)", True),
        ("x^2", "2*x", "if(2*x == 3, 12, 2*x)", False),
        ("exp(x)", "exp(x)", "if(2*exp(x) == 3, 3/2, exp(x))", True),
        ("exp(x)", "exp(x)", "if(2*exp(x) == 3, 2/3, exp(x))", False),
        ("z*sin(x)", "sin(x)", "if(x == 2*y, sin(x) + x - 2*y, sin(x))", True),
        ("z*sin(x)", "sin(x)", "if(x == 2*y, sin(x) + y - 2*x, sin(x))", False),
        ("z*sin(x)", "sin(x)", "if(x == 2*exp(y), sin(x) + (x - 2*exp(y))*y, sin(x))", True),
        ("z*sin(x)", "sin(x)", "if(x == 2*exp(y), sin(x) + exp(y) - 2*x, sin(x))", False),
        ("z*sqrt(x)", "sqrt(x)", "if(sqrt(x) == 2*exp(y), 2*exp(y), sqrt(x))", True),
        ("z*sqrt(x)", "sqrt(x)", "if(sqrt(x) == 2*exp(y), exp(y)/2, sqrt(x))", False),
        # where n is whole, (-1)^n is cos(pi*n), and sin(pi*n) is 0
        ("x*(-1)^n", "(-1)^n", "cos(pi*n)", True),
        ("x*(-1)^n", "(-1)^n", "(-1)^n + sin(pi*n)", True),
        ("x*(-1)^n", "(-1)^n", "(-1)^n + sin(pi*n/2)", False),
        ("x*(-1)^n", "(-1)^n", "(-1)^n*cos(pi*n)", False),
        # sums of arcs
        ("z*(atan(x) + atan(1/x))", "atan(x) + atan(1/x)", "if(x > 0, pi/2, -pi/2)", True),
        ("z*(atan(x) + atan(1/x))", "atan(x) + atan(1/x)", "pi/2", False),
        ("4*z*(atan(x) + atan(1/x))", "4*(atan(x) + atan(1/x))", "if(x > 0, 2*pi, -2*pi)", True),
        ("4*z*(atan(x) + atan(1/x))", "4*(atan(x) + atan(1/x))", "0", False),
        ("4*z*(atan(x) + atan(1/x))", "4*(atan(x) + atan(1/x))", "2*pi", False),
        ("4*z*(asin(x) + acos(x))", "4*(asin(x) + acos(x))", "2*pi", True),
        ("4*z*(asin(x) + acos(x))", "4*(asin(x) + acos(x))", "0", False),
        ("x*(-1)^floor(y)", "(-1)^floor(y)", "cos(pi*floor(y)) + sin(pi*floor(y))", True),
        ("x*(-1)^floor(y)", "(-1)^floor(y)", "(-1)^floor(y) + sin(pi*y)", False),
    ],
)
def test_what_is_equal_on_a_cell_is_put_in(formula: str, derivative: str, claim: str, is_right: bool) -> None:
    assert bool(prove_equal(claimed(formula, derivative, claim), Work(5))) is is_right


def product_of(factors: list[Fraction]) -> tuple[Fraction, ...]:
    """The coefficients of the product of x - r for some r, the constant first."""
    made = [Fraction(1)]
    for r in factors:
        made = [low - r * high for low, high in zip([Fraction(0), *made], [*made, Fraction(0)], strict=True)]
    return tuple(made)


def test_signs_of_polynomials_are_those_at_and_between_their_roots() -> None:
    rng = Random(3)
    some = [Fraction(k, d) for k in range(-4, 5) for d in (1, 2, 3)]
    for _ in range(60):
        of = [rng.choices(some, k=rng.randint(0, 3)) for _ in range(rng.randint(1, 3))]
        conditions = tuple(
            (product_of(roots), frozenset(rng.sample((-1, 0, 1), rng.randint(1, 2)))) for roots in of[1:]
        )
        marks = sorted({r for roots in of for r in roots} | {Fraction(0)})
        between = [(a + b) / 2 for a, b in pairwise(marks)]
        for whole, points in (
            (False, [*marks, *between, marks[0] - 1, marks[-1] + 1]),
            (True, [Fraction(n) for n in range(-9, 10)]),
        ):
            met = {
                sign_of(prod(x - r for r in of[0]))
                for x in points
                if all(
                    sign_of(prod(x - r for r in roots)) in signs
                    for roots, (_, signs) in zip(of[1:], conditions, strict=True)
                )
            }
            assert signs_met(product_of(of[0]), conditions, whole) == met


def test_signs_of_polynomials_at_roots_that_are_no_fractions() -> None:
    square = (Fraction(-2), Fraction(0), Fraction(1))  # x^2 - 2
    x, above = (Fraction(0), Fraction(1)), frozenset({1})
    root = ((square, frozenset({0})), (x, above))
    assert signs_met(square, ((x, above),)) == {-1, 0, 1}
    assert signs_met(square, (((Fraction(-1), Fraction(1)), frozenset({-1})), (x, above))) == {-1}
    assert signs_met((Fraction(-3, 2), Fraction(1)), root) == {-1}
    assert signs_met((Fraction(-7, 5), Fraction(1)), root) == {1}
    assert signs_met((Fraction(0), Fraction(-2), Fraction(0), Fraction(1)), root) == {0}
    assert signs_met((Fraction(1), Fraction(0), Fraction(1)), ()) == {1}
    beside = Fraction(isqrt(2 << 800), 1 << 400)  # less than the root, by less than 2^-400
    assert 1 in signs_met((-beside, Fraction(1)), root)
    product = (2 * beside, Fraction(-2), -beside, Fraction(1))  # times x^2 - 2: less than 0 between the two alone
    assert signs_met(product, ((x, above),)) == {-1, 0, 1}
    assert signs_met(product, ((square, frozenset({-1})), ((-beside, Fraction(1)), above))) == {-1}


def test_balls_are_apart_where_none_of_their_ends_meet() -> None:
    for balls, apart in (
        (((1, 0.5), (2.25, 0.875)), False),
        (((1, 0.5), (2, 0.5)), False),
        (((1, 0.5), (2.25, 0.5)), True),
        (((1, 0.5), (2.25, 0.5), (2.5, 0)), False),
        (((1, 0),), True),
    ):
        assert _are_apart([(arb(middle, radius), ()) for middle, radius in balls]) is apart


def test_coefficients_of_a_polynomial_in_one_generator() -> None:
    one, other = generator(0), generator(1)
    assert in_one(one**2 - 3 * one + 1, 0) == (1, -3, 1)
    assert in_one(other**2, 1) == (0, 0, 1)
    assert in_one(polynomial(5), 0) == (5,)
    assert [in_one(one + other, 0), in_one(other, 0), in_one(one**101, 0)] == [()] * 3


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x^2 + y^2 + x*sqrt(x^2 + y^2)", 2),  # r*(r + x)
        ("y*(x^2 + y^2) - sqrt(x^2 + y^2)", 2),  # r*(y*r - 1)
        ("(x - y)*(z + 1) + z*sqrt(x - y)", 2),
        ("(x + y)^2 + z*sqrt(x + y)", 2),
        ("(x + 1)*(y + 1)*2 - 3*sqrt(x + 1)*sqrt(y + 1)", 3),  # r*s*(2*r*s - 3)
        ("4 + x*sqrt(2)", 1),  # of a number nothing is gained
        ("x^2 + y + x*sqrt(x^2 + y^2)", 1),
        ("x + 1 + (x + 1)^(1/3)", 1),  # no square root
    ],
)
def test_a_root_of_which_there_is_the_square_is_a_factor(text: str, parts: int) -> None:
    cell = empty()
    p = cell.ratio(read(text, cell)).top
    scale, found = cell.generators.factors(p)
    assert len(found) == parts
    whole = prod((part**n for part, n in found), start=polynomial(scale))
    assert cell.poly(whole) == p


@pytest.mark.parametrize(("formula", "derivative"), [
    ("2*atan(y/(x + sqrt(x^2 + y^2)))", "-y/(x^2 + y^2)"), ("log(x + sqrt(x^2 + y^2))", "1/sqrt(x^2 + y^2)"),
])  # fmt: skip
def test_what_is_0_where_a_root_is_beside_its_square(formula: str, derivative: str) -> None:
    """`r^2 + x*r` is 0 where y = 0 and x <= 0 alone, and there these formulas have no value."""
    true = ["0", "if(x^2 + y^2 + x*sqrt(x^2 + y^2) == 0, 1, 0)", "if(x^2 + y^2 + x*sqrt(x^2 + y^2) < 0, 1, 0)"]
    false = [
        "if(x^2 + y^2 + x*sqrt(x^2 + y^2) > 10^6, 1, 0)", "if(x^2 + y^2 - x*sqrt(x^2 + y^2) == 0, 1, 0)",
        "if(x^2 + y^2 - 137*sqrt(x^2 + y^2) == 0, 1, 0)", "if(x^2 + y^2 + y*sqrt(x^2 + y^2) == 0, 1, 0)",
    ]  # fmt: skip
    for more, right in (*((each, True) for each in true), *((each, False) for each in false)):
        claimed = Claimed(parse(formula), parse(derivative), parse(f"{derivative} + {more}"), {"x", "y"})
        assert bool(prove_equal(claimed, Work(10**5))) is right, more


def test_signs_that_are_told_by_each_other_are_not_asked_for_without_end() -> None:
    """a*sin(x) + 1 by 1 - a^2, which on the border between the branches has a factor that asks for it again."""
    border = "sqrt(x) + floor((2 - floor(x))/2)"
    claim = f"if(sin(x) + min(2, -1) >= {border}, cos(x), 1/(2*sqrt(x)))"
    assert check_derivative(f"max(sin(x) + min(2, -1), {border})", "x", claim).verdict in ("agrees", "proved")
