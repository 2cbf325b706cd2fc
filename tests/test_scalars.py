"""How a row's texts become code for one kind of scalar, and what balls promise."""

from __future__ import annotations

import math
import operator
import pickle
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import given, settings, strategies as st

from gradcalc import UndefinedError, Value, evaluate
from gradcalc.engine.lowering import shown
from gradcalc.engine.scalars import (
    BALL,
    FLOAT,
    SOON,
    Scalars,
    ball,
    domain_message,
    exact_ball,
    finite_double,
    fits,
    nearest_double,
    precision,
    rounded,
)
from gradcalc.engine.told import TOLD, Undecidable, all_hold, any_holds, both, either, none_holds
from gradcalc.language.functions import TABLE, Function

# ---- texts of the table as code


def test_inline_is_an_expression_in_the_parameters() -> None:
    source, bound = FLOAT.inline("x*sin(y) + 2", ("x", "y"))
    assert eval(source, {**bound, "x": 3.0, "y": 0.5}) == 3 * math.sin(0.5) + 2
    assert {name for name in compile(source, "", "eval").co_names if name not in ("x", "y")} == set(bound)


@pytest.mark.parametrize(
    ("text", "args", "expected"),
    [
        ("x^2", (3.0,), 9.0),
        ("-x^2", (3.0,), -9.0),
        ("2^x^2", (3.0,), 512.0),
        ("x - 1 - 1", (3.0,), 1.0),
        ("if(x > 0, sqrt(x), 0)", (-4.0,), 0.0),
        ("if(x > 0, sqrt(x), 0)", (4.0,), 2.0),
        ("if(x > 0 and x < 1, 1, if(x == 2 or x != x, 2, 3))", (2.0,), 2.0),
        ("pi*x", (2.0,), math.tau),
        ("tau - e", (0.0,), math.tau - math.e),
    ],
)
def test_compile_over_floats(text: str, args: tuple[float, ...], expected: float) -> None:
    assert FLOAT.compile(text, ("x",))(*args) == expected


def test_numbers_in_a_rule_are_exact() -> None:
    """0.01 is one hundredth, at whatever precision is in force when the rule runs, not when it was compiled."""
    rule = BALL.compile("0.01*x", ("x",))
    for bits in (53, 300, 1000):
        with precision(bits):
            assert (rule(arb(1)) * 100).overlaps(arb(1))
            assert rule(arb(1)).rel_accuracy_bits() > bits - 5
            assert not rule(arb(1)).overlaps(arb(0.01) if bits > 100 else arb(2))
    assert FLOAT.compile("0.01*x", ("x",))(1.0) == 0.01


def test_constants_follow_the_precision() -> None:
    rule = BALL.compile("pi + e", ())
    for bits in (64, 500):
        with precision(bits):
            assert rule().rel_accuracy_bits() > bits - 5
            assert rule().overlaps(arb.pi() + arb.const_e())


def test_what_does_not_depend_on_the_parameters_is_computed_once() -> None:
    calls: list[float] = []

    def sqrt(x: float) -> float:
        calls.append(x)
        return math.sqrt(x)

    counting = Scalars("counting", float, FLOAT.constant, lambda scalars, row: sqrt)
    rule = counting.compile("x*sqrt(2)/sqrt(3)", ("x",))
    assert calls == [2, 3]
    assert rule(1.0) == rule(1.0)
    assert calls == [2, 3]


def test_the_branch_not_taken_is_not_computed() -> None:
    for scalars, zero in ((FLOAT, 0.0), (BALL, arb(0))):
        assert scalars.compile("if(x == 0, 1, 1/x)", ("x",))(zero) == 1


def test_functions_and_partials_are_found_once() -> None:
    row = TABLE["tanh"]
    assert FLOAT.function(row) is FLOAT.function(row)
    assert FLOAT.partial(row, 0) is FLOAT.partial(row, 0)
    assert BALL.partial(row, 0) is not FLOAT.partial(row, 0)


def test_a_row_of_the_users_does_not_take_the_place_of_the_tables() -> None:
    """A user may call a function of theirs as one of ours is called: the row counts, not its name."""
    mine = Function(name="tanh", value=lambda x: 2 * x, ball=lambda x: 2 * x, partials=("2",))
    assert FLOAT.function(TABLE["tanh"])(1.0) == math.tanh(1.0)
    assert FLOAT.function(mine)(1.0) == 2
    assert FLOAT.partial(mine, 0)(1.0, 2.0) == 2
    assert FLOAT.function(TABLE["tanh"])(1.0) == math.tanh(1.0)
    assert finite_double(mine, (1.0,)) == 2


# ---- balls


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(10**40 + 1), Fraction(-7, 10**30), Fraction(0)])
def test_ball_holds_the_number(value: Fraction) -> None:
    with precision(100):
        made = ball(value)
        assert (made * value.denominator).contains(value.numerator)
        assert made.is_zero() or made.rel_accuracy_bits() >= 98


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_ball_is_the_double(x: float) -> None:
    with precision(30):
        made = exact_ball(x)
    assert made.is_exact()
    assert rounded(made) == x


def test_rounded() -> None:
    assert rounded(arb(1.5)) == 1.5
    assert rounded(arb(1, 0.1)) is None
    assert rounded(arb("nan")) is None
    with precision(200):
        assert rounded(arb(1, 2.0**-60)) == 1.0
        halfway = arb(1) + arb(2) ** -53
        assert rounded(halfway) == 1.0  # to even
        assert rounded(halfway + arb(2) ** -150) == math.nextafter(1, 2)
        assert rounded(arb(1, 0) + arb(0, 2.0**-100) + arb(2) ** -53) is None, "its numbers round to two doubles"
        assert rounded(arb(2) ** 2000) == math.inf
        assert rounded(-(arb(2) ** 2000)) == -math.inf
        assert rounded(arb(2) ** -2000) == 0
        assert rounded(arb(2) ** -1074) == 5e-324


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["exp", "sin", "tan", "log1p", "expm1", "atan", "tanh", "gamma", "erfc", "normcdf", "gelu"]),
    st.floats(-20, 20),
)
def test_in_balls_is_correctly_rounded(name: str, x: float) -> None:
    """Against mpmath at 60 digits."""
    row = TABLE[name]
    if not fits(row, (x,), FLOAT) or (name == "gamma" and abs(x) < 1e-300):
        return
    formulas: dict[str, Any] = {"normcdf": mpmath.ncdf, "gelu": lambda x: x * mpmath.ncdf(x)}
    with mpmath.workdps(400 if abs(x) < 1e-10 else 60):
        expected = formulas.get(name, getattr(mpmath, name, None))(mpmath.mpf(x))
        assert finite_double(row, (x,)) == float(expected)


def test_in_balls_of_a_partial() -> None:
    with mpmath.workdps(60):
        assert finite_double(TABLE["gamma"], (4.5,), 0) == float(mpmath.diff(mpmath.gamma, 4.5))
    assert finite_double(TABLE["^"], (3.0, 4.0), 0) == 108
    with mpmath.workdps(60):
        assert finite_double(TABLE["^"], (3.0, 4.0), 1) == float(81 * mpmath.log(3))


def test_in_balls_overflows_by_an_error_and_nearest_double_to_infinity() -> None:
    with pytest.raises(OverflowError, match="gamma is larger than any double"):
        finite_double(TABLE["gamma"], (172.0,))
    assert nearest_double(TABLE["gamma"], (172.0,)) == math.inf
    assert nearest_double(TABLE["lgamma"], (5e-324,), 0) == -math.inf
    assert finite_double(TABLE["gamma"], (-180.5,)) == 0


def test_in_balls_outside_the_domain() -> None:
    with pytest.raises(ValueError, match="log has no value"):
        finite_double(TABLE["log"], (-1.0,))
    with pytest.raises(ValueError, match="gamma has no value"):
        finite_double(TABLE["gamma"], (-3.0,))


# ---- what cannot be decided


@pytest.mark.parametrize("condition", ["<", "<=", ">", ">=", "==", "!="])
def test_conditions_on_balls_are_certain_or_undecidable(condition: str) -> None:
    holds = BALL.function(TABLE[condition])
    over_floats = FLOAT.function(TABLE[condition])
    for x, y in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0)):
        assert holds(arb(x), arb(y)) is over_floats(x, y)
    with pytest.raises(Undecidable):
        holds(arb(1, 0.1), arb(1, 0.1))
    assert holds(arb(1, 0.1), arb(2, 0.1)) is over_floats(1.0, 2.0)


def test_undecidable_is_arithmetic_not_a_bug() -> None:
    with pytest.raises(Undecidable):
        BALL.compile("if(x > 0, 1, 2)", ("x",))(arb(0, 1))
    assert issubclass(Undecidable, ArithmeticError)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.definition], ids=lambda row: row.name)
def test_balls_of_a_wide_argument_hold_the_values_inside(row: Function) -> None:
    """The point of balls: whatever the argument in the ball, its value is in the result."""
    if "diff(" in str(row.definition):
        return
    function = BALL.function(row)
    middle = [(lower + upper) / 2 + 0.01 for lower, upper in row.sample]
    try:
        wide = function(*(arb(x, 0.005) for x in middle))
    except Undecidable:
        return
    for shift in (-0.005, -0.001, 0, 0.002, 0.005):
        inner = function(*(arb(x) + arb(shift) for x in middle))
        assert wide.overlaps(inner)
        assert wide.lower() <= inner.upper()
        assert inner.lower() <= wide.upper()


# ---- precision


def test_precision_is_restored() -> None:
    before = ctx.prec
    with precision(123):
        assert ctx.prec == 123
        with precision(77):
            assert ctx.prec == 77
        assert ctx.prec == 123
    assert ctx.prec == before


def test_precision_is_restored_after_an_error() -> None:
    before = ctx.prec
    with pytest.raises(RuntimeError, match="mine"), precision(123):
        raise RuntimeError("mine")
    assert ctx.prec == before
    with pytest.raises(ValueError, match="log has no value"):
        finite_double(TABLE["log"], (-1.0,))
    assert ctx.prec == before


# ---- domains in words


def test_an_argument_outside_of_a_domain_is_written_in_no_more_digits_than_tell() -> None:
    asked = []

    def written(x: float, digits: int) -> str:
        asked.append(digits)
        return shown(x, digits)

    domain_message(TABLE["log"], (-1.0,), written)
    assert asked == [10]
    assert domain_message(TABLE["asin"], (1 + 2**-52,), written).endswith("its argument is 1.0000000000000002")
    assert asked == [10, 10, 16, 17]


def test_domain_messages() -> None:
    assert domain_message(TABLE["log"], (-1,), shown) == "log needs x > 0, but its argument is -1"
    assert domain_message(TABLE["/"], (1, 0), shown) == "division by zero"
    assert (
        domain_message(TABLE["gamma"], (-2,), shown)
        == "gamma has a pole at 0, -1, -2, ..., and here its argument is -2"
    )
    assert domain_message(TABLE["log_base"], (2, 1), shown).endswith("but x is 2 and base is 1")


def test_a_domain_is_told_in_the_digits_that_an_argument_is_outside_by() -> None:
    above = "asin needs x >= -1 and x <= 1, but its argument is 1.0000000000000002"
    for certified in (False, True):
        with pytest.raises(UndefinedError, match=above):
            evaluate("asin(x)", {"x": 1.0000000000000002}, certified=certified)
    with pytest.raises(ValueError, match=above):
        Value(1.0000000000000002).asin()
    with pytest.raises(UndefinedError, match=r"its argument is 0\.9999999999999999\n"):
        evaluate("acosh(x)", {"x": 0.9999999999999999})
    with pytest.raises(UndefinedError, match=r"its argument is 1\.0{99}1\n"):
        evaluate("asin(1 + x)", {"x": "1e-100"}, certified=True)
    with pytest.raises(UndefinedError, match=r"its argument is 2\n"):
        evaluate("asin(x)", {"x": 2.00000000001})


def test_fits() -> None:
    assert fits(TABLE["sin"], (1e300,), FLOAT)
    assert fits(TABLE["asin"], (1.0,), FLOAT)
    assert not fits(TABLE["asin"], (math.nextafter(1, 2),), FLOAT)
    with pytest.raises(Undecidable):
        fits(TABLE["log"], (arb(0, 1),), BALL)


# ---- conditions on balls


def agreed(outcomes: Any) -> bool | None:
    """What all outcomes say, else None."""
    (first, *others) = {*outcomes}
    return None if others else first


@pytest.mark.parametrize("told", [*product([True, False, None], repeat=2), *product([True, False, None], repeat=3)])
def test_what_is_not_told_may_come_out_either_way(told: tuple[bool | None, ...]) -> None:
    ways = [*product(*([True, False] if one is None else [one] for one in told))]
    for joined, decided, join in ((any_holds, either, any), (all_hold, both, all)):
        right = agreed(map(join, ways))
        assert joined(*told) is right
        conditions = [BALL.function(TABLE["<"]) for _ in told]
        balls = [{True: arb(-1), False: arb(1), None: arb(0, 1)}[one] for one in told]
        asked = [lambda row=row, x=x: row(x, arb(0)) for row, x in zip(conditions, balls, strict=True)]
        if right is None:
            with pytest.raises(Undecidable):
                decided(*asked)
        else:
            assert decided(*asked) is right
    assert none_holds(told[0]) is agreed(not way[0] for way in ways)


@pytest.mark.parametrize("name", TOLD)
def test_comparisons_of_balls_hold_for_all_numbers_in_them(name: str) -> None:
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}
    holds = compare.get(name, operator.ne)
    for (low, high), (least, most) in product([(0, 0), (0, 2), (1, 1), (2, 3), (3, 4)], repeat=2):
        numbers = product({low, (low + high) / 2, high}, {least, (least + most) / 2, most})
        x, y = (arb((a + b) / 2, (b - a) / 2) for a, b in ((low, high), (least, most)))
        told = TOLD[name](x, y)
        assert told in (None, agreed(holds(a, b) for a, b in numbers))
        assert told is not None or low < high or least < most


def test_floats_that_are_soon_told_are_the_same_and_others_none() -> None:
    soon, ever = (kind.function(TABLE["besselj"]) for kind in (SOON, FLOAT))
    assert soon(2.5, 3.25) == ever(2.5, 3.25) == float(mpmath.besselj(2.5, 3.25))
    assert ever(600.0, 700.0) == float(mpmath.besselj(600, 700))
    with pytest.raises(ValueError, match="besselj has no value"):
        soon(600.0, 700.0)


def test_a_ball_that_is_sent_holds_what_it_held() -> None:
    for one in (exact_ball(0.1), exact_ball(0.1).sqrt(), arb("inf"), arb("nan"), arb("0 +/- inf")):
        again = pickle.loads(pickle.dumps(one))
        assert again.is_finite() == one.is_finite()
        assert again.is_nan() == one.is_nan()
        assert one.is_nan() or again.contains(one)
