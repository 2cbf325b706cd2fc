"""What a claim is held against where pieces of a formula meet: also there it is right, or not proved.

The right values are by hand: the formula beside the point is a smooth one, or a limit of a quotient.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.switches import Interning
from gradcalc.judge.claims.court import check_derivative
from gradcalc.language.parser import parse
from gradcalc.proofs.algebra import Generators, NoValue, Ratio, ratio
from gradcalc.proofs.cells import Cell
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.reading import Reader
from gradcalc.proofs.sides import Infinite, Studied, _Point, _Side, _Study

_FIFTH = "x^5 - x - 1"  # whose root has no name in our notation

NOT_RIGHT = [
    # pieces that meet in one smooth formula, with a value of the claim's own there
    (f"if(({_FIFTH})^2 > 0, {_FIFTH}, 5*({_FIFTH}))", f"if({_FIFTH} == 0, 7, 1)*(5*x^4 - 1)"),
    (f"sqrt(({_FIFTH})^4)", f"if({_FIFTH} == 0, 7, 2*({_FIFTH})*(5*x^4 - 1))"),
    (f"({_FIFTH})*sign(({_FIFTH})^2)", f"sign(({_FIFTH})^2)*(5*x^4 - 1)"),
    ("if(x*sin(x) == 1, x*sin(x) - 1, 2*(x*sin(x) - 1))", "if(x*sin(x) == 1, 1, 2)*(sin(x) + x*cos(x))"),
    ("if(x*exp(x) > 1, (x*exp(x) - 1)^2, 0)",
     "if(x*exp(x) > 1, 2*(x*exp(x) - 1)*exp(x)*(1 + x), if(x*exp(x) == 1, 1, 0))"),
    # no first terms tell what there is
    ("if(x == 0, 0, x^2*sin(1/x))", "if(x == 0, 5, 2*x*sin(1/x) - cos(1/x))"),
    ("if(x == 0, 0, exp(-1/x^2))", "if(x == 0, 5, 2*exp(-1/x^2)/x^3)"),
    # y + x^5 is 0 where x and y are and not beside that, which no derivative of the first orders tells
    ("if(y + x^5 == 0, 0, x)", "if(y + x^5 == 0, 0, 1)"),
    # on both sides the signs of sin(1/x) change without end
    ("if(x == 0, 0, if(sin(1/x) > 0, x^2, 0))", "if(x == 0, 5, if(sin(1/x) > 0, 2*x, 0))"),
    # 0 times what has no value there: x^2*polygamma(0, x) has the slope -1, and x*besselk(1, x) goes to 1 with slope 0
    ("if(x == 0, 0, x^2*polygamma(0, x))", "if(x == 0, 0, 2*x*polygamma(0, x) + x^2*polygamma(1, x))"),
    ("if(x == 0, 1, x*besselk(1, x))", "if(x == 0, 7, -x*besselk(0, x))"),
    # the general slope is 0, that on one line of the other variable 1 or -1
    ("if(x == 0, 0, x^3/(x^2 + y^2))", "if(x == 0, 0, (3*x^2*(x^2 + y^2) - 2*x^4)/(x^2 + y^2)^2)"),
    ("if(x == 0, 0, x^2/(x + y))", "if(x == 0, 0, (x^2 + 2*x*y)/(x + y)^2)"),
    # one term has the end of its domain where another has a corner: 1 - 2 is the slope on the side that there is
    ("x^1.5 + abs(x) + abs(x - 1) + abs(x - 2)",
     "1.5*sqrt(x) + if(x == 0, 17, sign(x)) + sign(x - 1) + sign(x - 2)"),
    ("(x - y)^1.5 + abs(x - y) + abs(x - 1) + abs(x - 2)",
     "1.5*sqrt(x - y) + if(x == y, 17, sign(x - y)) + sign(x - 1) + sign(x - 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), NOT_RIGHT)
def test_a_value_of_its_own_where_pieces_meet_is_not_proved(formula, claim):
    assert check_derivative(formula, "x", claim).verdict in ("wrong", "agrees", "undecided")


OF_DIFF = [  # abs(u)^3 has the derivatives 3*u*abs(u), 6*abs(u), 6*sign(u); (u^2*abs(u))' is the first
    ("diff((x - 123.456)^2*abs(x - 123.456), x)", "x", "if(x == 123.456, 5, 6*abs(x - 123.456))"),
    ("y*diff(abs(x)^3, x)", "x", "if(x == 0, 1, 6*y*abs(x))"),
    ("g(t) = diff(abs(t)^3, t); y*g(x)", "x", "if(x == 0, 1, 6*y*abs(x))"),
    ("y*diff(x*abs(x), x)", "y", "if(x == 0, 5, 2*abs(x))"),
    ("y*diff(if(x == 0, 0, x), x)", "y", "if(x == 0, 0, 1)"),  # it is y*1
    ("diff(abs(x - y)^3, x)", "y", "if(x == y, 1, -6*abs(x - y))"),
    ("sum(y*diff(if(x == k, k, x), x), k=1..n)", "y", "sum(if(x == k, 0, 1), k=1..n)"),  # it is n*y
    ("sum(y*diff((x - k)*abs(x - k), x), k=1..n)", "y", "sum(if(x == k, 5, 2*abs(x - k)), k=1..n)"),
]


@pytest.mark.parametrize(("formula", "name", "claim"), OF_DIFF)
def test_a_value_of_its_own_at_a_kink_that_a_derivative_is_taken_of_is_not_proved(formula, name, claim):
    assert check_derivative(formula, name, claim).verdict == "wrong"


@pytest.mark.parametrize(
    ("formula", "name", "claim"),
    [
        ("diff((x - 123.456)^2*abs(x - 123.456), x)", "x", "6*abs(x - 123.456)"),
        ("g(t) = diff(abs(t)^3, t); y*g(x)", "x", "6*y*abs(x)"),
        ("diff(abs(x - y)^3, x)", "y", "-6*abs(x - y)"),
        ("x + y*diff(if(x == 0, 0, x), x)", "x", "1"),  # it is x + y
    ],
)
def test_the_derivative_of_a_derivative_is_proved_where_its_pieces_meet(formula, name, claim):
    assert check_derivative(formula, name, claim).verdict == "proved"


def test_what_a_claim_needs_of_a_derivative_in_it_is_named():
    check = check_derivative("(x - 300)^2", "x", "2*(x - 300) + 0*diff(if(x == 300, 5, x), x)")
    assert check.conditions == ("x != 300, from diff(if(x == 300, 5, x), x)",)


@pytest.mark.parametrize(
    ("program", "condition"),
    [
        ("f(x) = abs(x); f'(x)*x", "x != 0, from f'(x)"),
        ("f(x) = abs(x); g(t) = f'(t - 1); g(2*x)*x", "x != 0.5, from g(2*x)"),
        ("g(t) = diff(abs(t), t); g(2*x)*x", "x != 0, from g(2*x)"),
    ],
)
def test_what_a_functions_derivative_needs_is_told_of_its_call(program, condition):
    claim = program.split("; ")[-1].removesuffix("*x")
    assert check_derivative(program, "x", claim).conditions == (condition,)
    assert not check_derivative("diff(abs(x)^3, x)", "x", "6*abs(x)").conditions


def test_where_slopes_go_to_and_fro_there_is_none_that_a_claim_could_miss():
    claim = "if(x <= 0, if(x == 0, 7, 0), cos(log(x)) - sin(log(x)))"
    assert check_derivative("if(x <= 0, 0, x*cos(log(x)))", "x", claim).verdict in ("proved", "agrees", "undecided")


IRRATIONAL = [  # a limit of a quotient of zeros, by hand: the right value, and how the rest is claimed
    ("acosh(x)^2", "x == 1", "2", "2*acosh(x)/sqrt(x^2 - 1)"),
    ("acos(x)^2", "x == 1", "-2", "-2*acos(x)/sqrt(1 - x^2)"),
    ("if(x == 0, 0, erf(x)^2/x)", "x == 0", "4/pi", "4/sqrt(pi)*erf(x)*exp(-x^2)/x - erf(x)^2/x^2"),
    ("if(x == 1, 0, (x^pi - 1)^2/(x - 1))", "x == 1", "pi^2",
     "2*(x^pi - 1)*pi*x^(pi - 1)/(x - 1) - (x^pi - 1)^2/(x - 1)^2"),
    ("if(x == 0, 0, pi*x + x^2*log(abs(x)))", "x == 0", "pi", "pi + 2*x*log(abs(x)) + x"),
    ("if(x == y, exp(y), (exp(x) - exp(y))/(x - y))", "x == y", "exp(y)/2",
     "exp(x)/(x - y) - (exp(x) - exp(y))/(x - y)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "where", "there", "claim"), IRRATIONAL)
def test_an_irrational_slope_where_pieces_meet_is_proved_and_none_beside_it(formula, where, there, claim):
    assert check_derivative(formula, "x", f"if({where}, {there}, {claim})").verdict == "proved"
    assert check_derivative(formula, "x", f"if({where}, {there} + 1e-60, {claim})").verdict in ("wrong", "agrees")


def test_sides_that_differ_are_no_derivative_however_the_quotient_goes_there():
    found = check_derivative("atan(sqrt((1 - cos(x))/(1 + cos(x))))", "x", "if(cos(x) == 1, 7, sign(sin(x))/2)")
    assert (found.verdict, found.kinks) == ("proved", True)  # 1/2 and -1/2
    filled = check_derivative("if(x == 0, 1, sin(x)/x)", "x", "if(x == 0, 0, (x*cos(x) - sin(x))/x^2)")
    assert (filled.verdict, filled.kinks) == ("proved", False)


def test_nothing_found_on_one_side_is_believed_on_the_other():
    inner = "sin(x)/sqrt(1 - cos(x))"  # which goes to sqrt(2) and -sqrt(2)
    slope = "(cos(x)/sqrt(1 - cos(x)) - sin(x)^2/(2*(1 - cos(x))^(3/2)))/(1 + sin(x)^2/(1 - cos(x)))"
    for filled in ("-atan(sqrt(2))", "atan(sqrt(2))", "0"):  # a jump, whatever is filled in
        for claimed in ("0", "7"):
            claim = f"if(x == 0, {claimed}, {slope})"
            found = check_derivative(f"if(x == 0, {filled}, atan({inner}))", "x", claim)
            assert (found.verdict, found.kinks) == ("proved", True)


def test_powers_outdo_a_logarithm_and_not_what_they_are_in():
    claim = "if(x == 0, 4, 1/(1 + log(abs(x))) - 1/(1 + log(abs(x)))^2)"  # it is 0
    assert check_derivative("if(x == 0, 0, x/(1 + log(abs(x))))", "x", claim).verdict in ("wrong", "agrees")
    claim = "if(x == 0, {}, 1/log(abs(x)) - 1/log(abs(x))^2)"
    assert check_derivative("if(x == 0, 0, x/log(abs(x)))", "x", claim.format(0)).verdict == "proved"
    assert check_derivative("if(x == 0, 0, x/log(abs(x)))", "x", claim.format(1)).verdict == "wrong"


WRONG = [
    ("if(x <= 0, 0, x^2*cos(log(x)))", "if(x <= 0, if(x == 0, 7, 0), 2*x*cos(log(x)) - x*sin(log(x)))", 1, "x=0"),
    ("if(x <= 0, 0, exp(3*log(x) + x))", "if(x <= 0, if(x == 0, 2, 0), exp(3*log(x) + x)*(3/x + 1))", 1, "x=0"),
    ("if(x == 0, 0, cbrt(x)^4)", "if(x == 0, 1, 4/3*cbrt(x))", 1, "x=0"),
    ("x^2 + sqrt(y^2*x^2)", "if(y == 0, x^2, 2*x + abs(y)*sign(x))", 1, "x=1, y=0"),
    ("x*floor(-x^2)", "floor(-x^2)", 1, "x=0"),  # -x beside 0
    ("x*ceil(x^2)", "ceil(x^2)", 1, "x=0"),
    ("x*floor(cos(x))", "floor(cos(x))", 1, "x=0"),
    ("cos(x)", "if(tan(x) == 2, 0, -sin(x))", 1, "x=atan(2)"),
    ("sin(x)", "if(2*sin(x) + cos(x) == 1, 0, cos(x))", 1, "x=0"),
    ("x^2*abs(x)", "if(x == 0, 1, 6*abs(x))", 2, "x=0"),
    ("if(x == 0, 0, x^3/x)", "if(x == 0, 7, 2)", 2, "x=0"),
    ("abs(x)^pi", "if(x == 0, 1, pi*abs(x)^(pi - 1)*sign(x))", 1, "x=0"),
    ("if(x == 1, 1, x^2/x)", "if(x == 1, 7, 0)", 2, "x=1"),
]


@pytest.mark.parametrize(("formula", "claim", "order", "where"), WRONG)
def test_a_wrong_value_where_pieces_meet_is_found(formula, claim, order, where):
    check = check_derivative(formula, "x", claim, order=order)
    assert check.verdict == "wrong"
    assert ", ".join(f"{name}={value}" for name, value in check.counterexample.at.items()) == where


RIGHT = [
    ("abs(x)^y", "y*abs(x)^(y - 1)*sign(x)", 1),
    ("abs(x)^y", "if(x > 0, y*x^(y - 1), -y*(-x)^(y - 1))", 1),
    ("x*abs(x)^y", "(y + 1)*abs(x)^y", 1),
    ("if(x > 0, x^y, 0)", "if(x > 0, y*x^(y - 1), 0)", 1),
    ("if(x <= 0, 0, x^2*cos(log(x)))", "if(x <= 0, 0, 2*x*cos(log(x)) - x*sin(log(x)))", 1),
    ("if(x <= 0, 0, exp(3*log(x) + x))", "if(x <= 0, 0, exp(3*log(x) + x)*(3/x + 1))", 1),
    ("if(x <= 0, 0, cbrt(x)^4)", "if(x <= 0, 0, 4/3*cbrt(x))", 1),
    # no derivative at 0, where the slopes beside it go to and fro
    ("if(x <= 0, 0, x*cos(log(x)))", "if(x <= 0, if(x == 0, 7, 0), cos(log(x)) - sin(log(x)))", 1),
    ("abs(x)", "if(x == 0, 5, sign(x))", 1),  # a corner: there is no derivative that 5 could miss
    ("abs(sin(x))", "sign(sin(x))*cos(x)", 1),
    ("x^2 + sqrt(y^2*x^2)", "2*x + abs(y)*sign(x)", 1),  # on the line y = 0 the slope is that of x^2
    ("max(x, 1/3)*min(x, 1/3)", "1/3", 1),
    ("x*sign(x^2 - x^2)", "0", 1),
    ("floor(x)*(x - 3)", "if(x == 3, 4, floor(x))", 1),  # 2 on the left, 3 on the right
    ("if(x*exp(x) > 1, (x*exp(x) - 1)^2, 0)", "if(x*exp(x) > 1, 2*(x*exp(x) - 1)*exp(x)*(1 + x), 0)", 1),
    ("if(x == 2, 4, (x^2 - 4)/(x - 2))", "1", 1),
    ("if(x == 0, 1/2, besselj(1, x)/x)", "if(x == 0, 0, -besselj(2, x)/x)", 1),  # 1/2 - x^2/16 + ...
    ("if(x == 2, 5, (x^2 - 4)/(x - 2))", "if(x == 2, 0, 1)", 1),  # it jumps there
    ("if(x == 0, 5, x^2)", "if(x == 0, 7, 2)", 2),  # no first derivative at 0
    ("floor(x) + x^2", "if(x == 3, 9, 2)", 2),
    ("x*abs(x)", "2*sign(x)", 2),
]


@pytest.mark.parametrize(("formula", "claim", "order"), RIGHT)
def test_what_is_right_beside_a_kink_and_on_it_is_proved(formula, claim, order):
    check = check_derivative(formula, "x", claim, order=order)
    assert check.verdict == "proved", check.reason


def test_a_point_without_a_first_derivative_has_no_second():
    for formula in ("floor(x)", "abs(x - 1)", "if(x == 1, 5, x^2)"):
        assert check_derivative(formula, "x", "0", at={"x": 1}, order=2).verdict == "not-differentiable"


def test_where_nothing_was_decided_is_named():
    right = "2*(x - y)*sin(1/(x - y)) - cos(1/(x - y))"
    check = check_derivative("if(x == y, 0, (x - y)^2*sin(1/(x - y)))", "x", f"if(x == y, 0, {right})")
    assert (check.verdict, check.reason) == ("agrees", "whether there is a derivative where x - y = 0 was not decided")


def shown(formula: str, claim: str) -> bool:
    """Whether exact algebra alone takes it for right: a referee that follows every proof would hide a fault of it."""
    read = prepare(parse(formula))
    slope = our_derivative(read, "x")
    studied = Studied("x", [read, slope])
    return bool(prove_equal(Claimed(read, slope, prepare(parse(claim)), ("x", "y"), studied=studied)))


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("if(x >= 0, 2*x, x*if(sin(x) > 0, 5, 2))", "if(x == 0, {}, if(x > 0, 2, if(sin(x) > 0, 5, 2)))"),
        ("if(x >= 0, x*if(sin(x) > 0, 2, 5), 2*x)", "if(x == 0, {}, if(x < 0, 2, if(sin(x) > 0, 2, 5)))"),
        ("if(x < 0, 2*x, 2*log(x + 1))", "if(x == 0, {}, if(x < 0, 2, 2/(x + 1)))"),
        ("if(x > 0, x^2 + 2*x, 2*x)", "if(x == 0, {}, if(x > 0, 2*x + 2, 2))"),
        ("if(x > y, (x - y)^2 + 2*x, 2*x)", "if(x == y, {}, if(x > y, 2*(x - y) + 2, 2))"),
        ("if(x^2 > y^2, 2*x, 2*x)", "if(x^2 == y^2, {}, 2)"),
        ("2*x + if(x > 0, x^3, 0)*if(x > 0, 1, 5)", "if(x == 0, {}, if(x > 0, 3*x^2 + 2, 2))"),
        ("if(x > 0, x*sqrt(x + 4), 2*x)", "if(x == 0, {}, if(x > 0, sqrt(x + 4) + x/(2*sqrt(x + 4)), 2))"),
        # where the quantity is 0 along a curve that may turn back
        (
            "2*x + if(sin(x) > y, (sin(x) - y)^2, 0)",
            "if(sin(x) == y, {}, 2 + if(sin(x) > y, 2*(sin(x) - y)*cos(x), 0))",
        ),
        (
            "2*x + if(sin(x) > y, sin(x) - y, 0)",
            "if(sin(x) == y, if(cos(x) == 0, {}, 5), 2 + if(sin(x) > y, cos(x), 0))",
        ),
        # where the value on the zeros themselves goes another way
        ("if(sin(x) == y, 3*x - pi/2, 2*x)", "if(sin(x) == y, if(cos(x) == 0, {}, 7), 2)"),
        (
            "2*x + if(sin(x) > y, 1 + sin(x), (sin(x) - y)^2)",
            "if(sin(x) == y, {}, 2 + if(sin(x) > y, cos(x), 2*(sin(x) - y)*cos(x)))",
        ),
    ],
)
def test_algebra_alone_tells_the_slope_where_pieces_meet(formula, claim):
    assert shown(formula, claim.format(2))
    assert not shown(formula, claim.format(7))


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("abs(x)", "if(x == 0, {}, sign(x))"),  # slopes differ
        ("if(x > 0, x, x + 1)", "if(x == 0, {}, 1)"),  # a jump
        ("if(x > 0, x, if(x == 0, 5, x))", "if(x == 0, {}, 1)"),  # a point off
        ("if(x < 0, 0, sqrt(x))", "if(x == 0, {}, if(x < 0, 0, 1/(2*sqrt(x))))"),  # infinite
        ("if(x > 0, 1/x, x)", "if(x == 0, {}, if(x > 0, -1/x^2, 1))"),  # a pole
        ("if(x > 0, x, x + 1)*0 + abs(x - y)", "if(x == y, {}, sign(x - y))"),
        # at the end of a domain: infinite there, and a point off
        ("sqrt(x)", "if(x == 0, {}, 1/(2*sqrt(x)))"),
        ("if(x == 0, 5, x^1.5)", "if(x == 0, {}, 1.5*sqrt(x))"),
    ],
)
def test_algebra_alone_tells_that_there_is_no_slope(formula, claim):
    assert shown(formula, claim.format(1))
    assert shown(formula, claim.format(7))


def test_where_a_quantity_may_be_0_on_an_open_set_the_slope_is_that_on_it_too() -> None:
    """asin(sin(x)) is x from -pi/2 to pi/2, where the slope is 3."""
    assert not shown("if(asin(sin(x)) == x, 3*x, 2*x)", "if(asin(sin(x)) == x, 2, 2)")


def test_what_is_not_seen_to_move_may_still_do_so() -> None:
    moves = "cos(x) - 1 + x^2/2"  # about x^4/24, so that it is 0 at 0 alone
    assert not shown(f"if({moves} != 0, 3*x, 2*x)", f"if({moves} == 0, 2, 3)")
    assert shown(f"if({moves} != 0, 3*x, 2*x)", f"if({moves} == 0, 3, 3)")


def test_algebra_alone_tells_the_slope_on_a_line_of_zeros() -> None:
    assert shown("x^2 + sqrt(y^2*x^2)", "if(y == 0, 2*x, 2*x + abs(y)*sign(x))")
    assert not shown("x^2 + sqrt(y^2*x^2)", "if(y == 0, 2, 2*x + abs(y)*sign(x))")  # the slope of the slope
    assert not shown("x^2 + sqrt(y^2*x^2)", "if(y == 0, x^2, 2*x + abs(y)*sign(x))")


def test_powers_outweigh_each_other_or_not() -> None:
    cell = Cell(Generators(frozenset("x")))
    reader = Reader(cell, Interning())
    x, root = reader.name("x"), reader.root(reader.name("x"), Fraction(1, 2))
    point = _Point(Reader(Cell(cell.generators).side(x.top, 0), Interning()), "x")
    assert point.value(Ratio(root.top**3, x.top)).rational() == 0
    with pytest.raises(Infinite):
        point.value(Ratio(root.top, x.top))
    assert point.value(Ratio(root.top**2, x.top)).rational() == 1
    with pytest.raises(NoValue):
        point.value(Ratio(root.top**2, x.top), 0)


def test_a_slope_with_one_sign_on_each_side_is_none_at_the_point() -> None:
    cell = Cell(Generators(frozenset("x")))
    x, root = (Reader(cell, Interning()).read(prepare(parse(text))) for text in ("x", "sqrt(1 - cos(x))"))
    order = Reader(cell, Interning()).read(prepare(parse("besselj(x, 1)")))
    point = _Point(Reader(Cell(cell.generators).side(x.top, 0), Interning()), "x")
    assert point.turn(root.top, "x") == (0, 0)  # it is about abs(x)/sqrt(2)
    assert [point.turn(part, "x") for part in (x.top, -x.top, x.top**2)] == [(1, 1), (1, -1), (2, 1)]
    assert point.turn(order.top, "x") == (0, 0)  # no row has the derivative by an order


@pytest.mark.parametrize(
    ("left", "here", "right", "step"),  # the value on the left, at the point and on the right, and the slopes beside
    [
        ((0, 0), 1, (0, 0), None), ((0, 0), 0, (0, 5), (1, 1)), ((0, 5), 0, (0, 0), (1, -1)),
        ((9, 0), 9, (9, 5), (1, 1)), ((2, 0), 1, (0, 7), (0, -1)),
        ((2, 0), 2, (3, 0), (0, 1)), ((2, 0), 3, (3, 0), (0, 1)), ((2, 0), 4, (3, 0), None), ((2, 1), 2, (2, 1), None),
        ((2, 0), None, (3, 0), None), ((2, 0), 2, (None, 0), None), ((2, None), 2, (2, 0), None),
    ],
)  # fmt: skip
def test_the_first_step_of_all(left: tuple, here: int | None, right: tuple, step: tuple[int, int] | None) -> None:
    cell = Cell(Generators(frozenset("x")))
    point = _Point(Reader(cell, Interning()), "x")
    known = [None if value is None else ratio(value) for value in (*left, here, *right)]
    study = _Study(point, Studied("x", []), known[2], None, bool)
    assert study._step(_Side(known[:2]), _Side(known[3:])) == step


BASES = [("x^2", "2*x"), ("sin(x)", "cos(x)"), ("exp(2*x)", "2*exp(2*x)"), ("x*y", "y"), ("1/(x - 7)", "-1/(x - 7)^2")]
PLACES = ["0", "2", "-1/3", "sqrt(2)", "y", "2*y - 1"]
EVEN, ODD = ["u^2", "u^2*exp(x)", "u^4 + u^2"], ["u", "u^3", "3*u", "cbrt(u)", "u*exp(x)", "u^3 + u"]
FLAT = [  # the slopes of the others are 0 as well where u is
    ("0", "0"), ("u^2", "2*u"), ("u^2*sin(x)", "2*u*sin(x) + u^2*cos(x)"), ("u*abs(u)", "2*abs(u)"),
    ("u^3*sign(u)", "3*u^2*sign(u)"), ("abs(u)^(4/3)", "4/3*abs(u)^(1/3)*sign(u)"), ("u^2*floor(x)", "2*u*floor(x)"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_algebra_alone_against_pieces_that_were_put_together(seed: int) -> None:
    random, undecided, many = Random(seed), 0, 8
    for _ in range(many):
        (base, slope), place, even = random.choice(BASES), random.choice(PLACES), random.random() < 0.3
        c = random.choice(EVEN if even else ODD)
        flat = random.choices(FLAT, k=2)
        steep, high = ([random.choice(numbers) for _ in range(3)] for numbers in ((0, 0, 3, -2), (0, 0, 0, 0, 1)))
        left, right = (f"{flat[i][0]} + {steep[i]}*u + {high[i]}" for i in (0, 1))
        formula = f"u = x - ({place}); {base} + if({c} < 0, {left}, if({c} > 0, {right}, {high[2]}))"
        sides = {(steep[i], high[i] - high[2]) for i in ((1,) if even else (0, 1))}
        exists = len(sides) == 1 and next(iter(sides))[1] == 0
        beside = [f"{flat[i][1]} + {steep[i]}" for i in (0, 1)]
        good, wrong = (
            f"u = x - ({place}); {slope} + if({c} < 0, {beside[0]}, if({c} > 0, {beside[1]}, {steep[1]} + {off}))"
            for off in (0, 1)
        )
        assert not exists or not shown(formula, wrong), (formula, wrong)
        undecided += not shown(formula, good if exists else wrong)
    assert undecided <= many / 2


@pytest.mark.parametrize(
    ("formula", "beside", "there"),
    [
        # log(x) + y is below 0 beside 0 whatever y is, and floor(cos(x)^2) is 0 beside 0
        ("if(x > 0, x/(log(x) + y), 0)", "if(x > 0, 1/(log(x) + y) - 1/(log(x) + y)^2, {0})", "0"),
        ("if(x > 0, x^2*(log(x) + y), 0)", "if(x > 0, 2*x*(log(x) + y) + x, {0})", "0"),
        ("if(x > 0, x^2*abs(log(x) + y), 0)", "if(x > 0, 2*x*abs(log(x) + y) + x*sign(log(x) + y), {0})", "0"),
        ("if(x > 0, x*sign(y - log(x)^3), x)", "if(x > 0, sign(y - log(x)^3), {1})", "1"),
        ("if(x > 0, x*sign(y - log(x)^2), -x)", "if(x > 0, sign(y - log(x)^2), {-1})", "-1"),
        ("x*floor(cos(x)^2)", "{0}", "0"), ("x^2*floor(cos(x)^2)", "{0}", "0"),
        ("x*floor(1/(1 + x^2)) + x", "{1}", "1"), ("sin(x)*floor(cos(x)^2)", "{0}", "0"),
    ],
)  # fmt: skip
def test_what_has_one_sign_beside_a_point_for_all_values_of_others(formula: str, beside: str, there: str) -> None:
    for other, verdict in ((there, "proved"), (f"if(x == 0, {there} + 1, {there})", "wrong"), ("x/x*2", None)):
        found = check_derivative(formula, "x", beside.replace(f"{{{there}}}", other)).verdict
        assert found == verdict or (verdict is None and found != "proved")


def test_there_is_no_slope_where_that_of_one_side_grows_beyond_all_bounds() -> None:
    claim = "if(x > 0, -1/(x*(log(x) + y)^2), 0)"
    assert check_derivative("if(x > 0, 1/(log(x) + y), 0)", "x", claim).verdict == "proved"
    assert check_derivative("if(x > 0, 1/(log(x) + y), 0)", "x", f"-({claim})").verdict == "wrong"
