"""What values beside a point tell of a program, by functions whose steps and limits are known by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gradcalc.engine.rewrite import prepare
from gradcalc.judge.programs.components import ALWAYS
from gradcalc.judge.programs.forms import layout
from gradcalc.judge.programs.nearby import Surroundings
from gradcalc.judge.programs.result import CheckQuestion, Entry
from gradcalc.judge.programs.subject import Subject
from gradcalc.language.parser import parse

Function = Callable[..., float]


def around(function: Function, *numbers: float, axis: int | None = 0, slope: float = 0.0, **more: Any) -> Surroundings:
    more.setdefault("question", SimpleNamespace(word="gradient", vector=()))
    subject = SimpleNamespace(
        entries=(Entry("x", 0, "x", axis),), quantities_beside=lambda moved: (function(*moved),), **more
    )
    certified = SimpleNamespace(gradient={"x": SimpleNamespace(number=slope)})
    return Surroundings(subject, numbers, [SimpleNamespace(certified=certified)])


def stairs(x: float) -> float:
    return math.floor(100 * x + 0.5) / 100


@pytest.mark.parametrize(
    ("function", "claimed", "by_steps"),
    [
        *((stairs, claimed, 0.5 < claimed < 1.5) for claimed in (1.0, 0.6, 1.4, 0.4, 1.6, -1.0)),
        (lambda x: x * x, 2.0, False),  # no step at all
        (lambda x: float((x > 0.995) + (x > 1.005)), 100.0, False),  # one on either side, and no third
        (lambda x: float((x > 0.99) + (x > 0.995) + (x > 1.005)), 100.0, True),
        (lambda x: float((x > 0.995) + (x > 1.005) + (x > 1.01)), 100.0, True),
        (lambda x: float(x > 1.005), 100.0, False),
    ],
)
def test_a_value_that_goes_by_steps(function: Function, claimed: float, by_steps: bool) -> None:
    near = around(function, 1.0)
    (entry,) = near._entries
    row: Any = SimpleNamespace(expected=0.0, actual=claimed)
    assert near.by_steps(entry, row) is by_steps
    for expected, actual in ((None, claimed), (0.0, None)):
        lacking: Any = SimpleNamespace(expected=expected, actual=actual)
        assert not near.by_steps(entry, lacking)
    along = around(function, 1.0, axis=None, question=SimpleNamespace(word="jvp", vector=(2.0,)))
    twice: Any = SimpleNamespace(expected=0.0, actual=2 * claimed)
    assert along.by_steps(along._entries[0], twice) is by_steps


@pytest.mark.parametrize(("claimed", "by_steps"), [(3.0, True), (4.4, True), (4.6, False), (1.6, True), (1.4, False)])
def test_steps_of_another_size_along_one_of_two_numbers(claimed: float, by_steps: bool) -> None:
    near = around(lambda x, y: 12 * math.floor(x / 4 + 0.5) + 100 * math.floor(y + 0.5), -50.0, 3.0)
    row: Any = SimpleNamespace(expected=0.0, actual=claimed)
    assert near.by_steps(near._entries[0], row) is by_steps


@pytest.mark.parametrize(
    ("function", "claimed", "by_steps"),
    [
        (stairs, 1.0, True),
        (lambda x: float((x > -0.58) + (x > 0.02) + (x > 0.62)), 1.6, False),  # farther than half of 1
    ],
)
def test_steps_at_0_are_looked_for_as_at_1(function: Function, claimed: float, by_steps: bool) -> None:
    near = around(function, 0.0)
    row: Any = SimpleNamespace(expected=0.0, actual=claimed)
    assert near.by_steps(near._entries[0], row) is by_steps


def test_what_rounding_takes_for_another_slope_is_none() -> None:
    near = around(lambda x: 1e8 * x, 1.0)  # 64 roundings over the step are 7e-4
    found = [near._is_another(quotient, traced, 1e-3) for quotient, traced in ((3e-4, 0), (3e-3, 0), (math.inf, 0))]
    assert found == [False, True, False]
    near = around(lambda x: 1.0, 1.0)
    assert [near._is_another(quotient, 50, 1e-3) for quotient in (50.004, 50.006, -50)] == [False, True, True]


def test_what_leaps_is_no_tangent() -> None:
    assert not Surroundings._leaps(lambda step: (1 + step) ** 2, 2.0, 1.0)
    assert Surroundings._leaps(lambda step: stairs(1 + step), 0.0, 1.0)
    assert not Surroundings._leaps(lambda step: 3 * (1 + step), 3.0, 1.0)  # nothing is left
    for times, leaps in ((2.25, True), (2.5, False), (10.0, False), (11.0, True)):  # as much as at half the step
        left = {0.0: 0.0, **{-(2.0**-k): times ** (12 - k) for k in range(1, 13)}}
        assert Surroundings._leaps(left.__getitem__, 0.0, 1.0) is leaps


@pytest.mark.parametrize(
    ("number", "axis", "value", "size"), [(2.0, 0, -8.0, 4), (0.0, 0, 8.0, 8), (2.0, None, 8.0, 8), (100.0, 0, 8.0, 3)]
)
def test_how_large_a_derivative_may_be(number: float, axis: int | None, value: float, size: float) -> None:
    assert around(float, number, axis=axis, slope=-3.0).size(0, value) == size


@pytest.mark.parametrize(
    ("slopes", "jump", "gap"),
    [
        ([1.0, 1.5, 1.75], True, 1.0),  # 1, 1.5, 1.75, ... go to 2
        ([1.0, 1.5, 1.75], False, 0.5),
        ([1.0, 1.5], True, 0.5),
        ([1.0, 1.5, 1.98], True, 0.5),  # these hardly come nearer
        ([1.0, 1.5, 1.25], True, 0.5),  # these go to and fro
        ([1.0, 1.0, 1.5], True, 0.0),
    ],
)
def test_how_far_apart_paths_are_that_come_to_a_limit(slopes: list[float], jump: bool, gap: float) -> None:
    made = {f"path {i}": ([2.0 + i * jump], [slope]) for i, slope in enumerate(slopes)}
    near = around(float, 1.0, on_path=lambda path, edge: made[path])
    first, second, *more = made
    paths: list[Any] = [first, second, next(iter(more), None)]
    assert near._between(*paths, (1.0,), 1e-9) == pytest.approx([gap])
    made = {name: ([1e10 + 1e-5 * i], slope) for i, (name, (_, slope)) in enumerate(made.items())}  # lost in rounding
    steady = around(float, 1.0, on_path=lambda path, edge: made[path])
    assert steady._between(*paths, (1.0,), 1e-9) == [slopes[1] - slopes[0]]


@pytest.mark.parametrize(("width", "gap"), [(0.2, 1.0), (0.25, 0.5), (0.3, 0.5)])
def test_what_slopes_make_of_the_width_is_no_jump(width: float, gap: float) -> None:
    """Over both halves of a step of 4*0.25, slopes that differ by 0.5 make a difference of 1."""
    made = [([0.0], [1.0]), ([1.0], [1.5]), ([2.0], [1.75])]
    near = around(float, 4.0, on_path=lambda path, edge: made[path])
    paths: list[Any] = [0, 1, 2]
    assert near._between(*paths, (4.0,), width) == pytest.approx([gap])


def rough(x: float) -> float:
    return math.floor(1000 * x + 0.5) / 1000


def beyond(x: float) -> float:
    """It follows a slope over three of the steps, 1/16, 1/8 and 1/4."""
    return (x - 1) * (abs(x - 1) > 0.05)


def bands(x: float, *ends: float) -> object:
    """Nothing near 1 but for what is above, a band beyond it, and further ones."""
    if abs(x - 1) <= 0.05:
        return x > 1.02
    return [x - 1 > end for end in ends if (x - 1 > end) is (end > 0)], "beyond"


@pytest.mark.parametrize(
    ("function", "path", "traced", "claimed", "told"),  # at 1: whether what is claimed follows the values, and alone
    [
        *((rough, rough, 0.0, claimed, (0.5 < claimed < 1.5, False)) for claimed in (1.0, 0.6, 1.4, 0.4, 1.6, -1.0)),
        (lambda x: 3 * rough(x) + x, rough, 1.0, 4.0, (True, False)),
        (lambda x: 3 * rough(x) + x, rough, 1.0, 1.0, (False, False)),
        (lambda x: 3 * rough(x) + x, rough, 1.0, 2.6, (True, False)),  # half of 3 from 4
        (lambda x: 3 * rough(x) + x, rough, 1.0, 2.4, (False, False)),
        (lambda x: x * x, rough, 2.0, 5.0, None),  # the traced slope
        (lambda x: math.copysign(abs(rough(x) - 1) ** 1.5, x - 1), rough, 0.0, 1.0, None),  # of each step another
        (rough, lambda x: rough(x) * (abs(x - 1) < 0.03), 0.0, 1.0, (True, False)),
        *((beyond, lambda x: abs(x - 1) > 0.05, 0.0, claimed, (claimed > 0.4, True)) for claimed in (1.0, 0.5, 0.375)),
        (beyond, lambda x: 0.05 < abs(x - 1) < 0.1, 0.0, 1.0, (True, True)),
        (beyond, lambda x: bands(x, -0.14, -0.1, 0.14), 0.0, 1.0, (True, True)),  # four pieces
        (beyond, lambda x: bands(x, -0.12, 0.12), 0.0, 1.0, (True, False)),  # five
        (lambda x: x, lambda x: x == 1, 0.0, 1.0, (True, True)),  # a path of the point alone
        (lambda x: x, lambda x: x == 1, 0.0, 2.0, (False, True)),
        (lambda x: x, lambda x: True, 0.0, 1.0, None),  # not alone
        (lambda x: x, lambda x: x <= 1, 0.0, 1.0, None),
        (lambda x: x + abs(x - 1), lambda x: x == 1, 0.0, 1.0, None),  # a corner
        (lambda x: max(abs(x - 1) - 0.01, 0) * math.copysign(1, x - 1), rough, 0.0, 1.0, None),  # kinks beside it
        (lambda x: (x - 1) * (abs(x - 1) > 0.01), lambda x: abs(x - 1) > 0.01, 0.0, 1.0, (True, True)),  # jumps
    ],
)
def test_the_slope_that_values_follow(
    function: Function, path: Function, traced: float, claimed: float, told: tuple[bool, bool] | None
) -> None:
    def trace(moved: tuple[float], branches: bool) -> Any:
        return SimpleNamespace(guards=[SimpleNamespace(outcome=str(path(*moved)))])

    rows: Any = [SimpleNamespace(expected=traced, actual=claimed)]
    found = around(function, 1.0, trace_beside=trace).carried(rows)
    assert (found and (found.follows, found.alone)) == told
    rows[0].expected = math.nan
    assert around(function, 1.0, trace_beside=trace).carried(rows) is None


def test_steps_are_of_the_size_of_the_numbers_and_of_either_sign() -> None:
    numbers = (-50.0, 0.0, 3.0, -1e-9)
    near = around(lambda *x: 0.0, *numbers)
    found = near._directions()
    parts = [step / size for step, size in zip(found, (50, -1, 3, -1e-9), strict=True)]
    assert all(1 <= part < 1.5 for part in parts)
    assert len({round(part, 6) for part in parts}) == 4  # no two move together
    assert near._at(0.25) == tuple(x + step / 4 for x, step in zip(numbers, found, strict=True))


@pytest.mark.parametrize(("claimed", "follows"), [(2.0, True), (2.9, True), (3.1, False), (1.1, True), (0.9, False)])
def test_the_slope_that_values_follow_at_a_large_number(claimed: float, follows: bool) -> None:
    near = around(lambda x: 100 * rough(x / 50), -50.0, trace_beside=lambda moved, branches: SimpleNamespace(
        guards=[SimpleNamespace(outcome=rough(moved[0] / 50))]))  # fmt: skip
    rows: Any = [SimpleNamespace(expected=0.0, actual=claimed)]
    found = near.carried(rows)
    assert found is not None
    assert found.follows is follows
    rows[0].expected = None
    assert near.carried(rows) is None


def test_no_quantity_drowns_in_another() -> None:
    near = around(float, 1.0)
    assert near._weights == [1.0]
    near = around(float, 1.0)
    near._function.quantities_beside = lambda moved: (1e6 * moved[0], math.nan, -1e-3, 0.0, 3 / moved[0])
    near._truths = [None] * 5  # type: ignore[list-item]
    sizes = (1.25e6, 1, 1e-3, 1, 4)
    parts = [weight * size for weight, size in zip(near._weights, sizes, strict=True)]
    assert all(1 <= part < 1.5 for part in parts)
    assert len({round(part, 6) for part in parts}) == 5  # no two cancel


@pytest.mark.parametrize(
    ("formula", "tied"),  # at 1
    [
        ("if(x < 1 + 2^-41, 1, 2)", True),
        ("if(x > 1 + 2^-39, 1, 2)", False),
        ("if(x == 1 - 2^-41, 1, 2)", True),
        ("if(x < 2, 1, 2)", False),
        ("if(-x > -1 - 2^-41, 1, 2)", True),
        ("if(-x < 1, 1, 2)", False),
        ("if(x - 1 <= 0, 1, 2)", True),
        ("floor(x - 2^-45)", True),
        ("floor(x + 2^-39)", False),
        ("floor(x/2)", False),
        ("floor(-3*x/4)", False),
        ("floor(x - 3)", True),
        ("floor(x*10^308*10)", False),  # no double
        ("if(log(x - 2) < 0, 1, 2)", False),  # no value
        ("if(log(x - 2) < 0, 1, 2) + floor(x)", True),
        ("sin(x)", False),
    ],
)
def test_where_another_branch_begins_within_rounding(formula: str, tied: bool) -> None:
    one: Any = SimpleNamespace(guards=(), at={"x": 1.0}, certifier=SimpleNamespace(expanded=prepare(parse(formula))))
    assert Surroundings(SimpleNamespace(entries=()), (1.0,), [one]).tied is tied  # type: ignore[arg-type]
    guards = [SimpleNamespace(condition=parse(text)) for text in ("x < 7", "x > 1")]
    one.certifier, one.guards = SimpleNamespace(expanded=parse("x")), guards
    assert Surroundings(SimpleNamespace(entries=()), (1.0,), [one]).tied  # type: ignore[arg-type]


def traced(function: Function, *numbers: float) -> Surroundings:
    form, first = layout(list(numbers) if len(numbers) > 1 else numbers[0])
    subject = Subject(function, CheckQuestion("gradient", form, first))
    return Surroundings(subject, first, subject.truths(first, subject.values(first)))


def geometric(x: float) -> float:
    """1 + x + ... + x^(n - 1), where x^n is the first that is no larger than 1/1000."""
    term, total = 1.0, 0.0
    while term > 1e-3:
        total += term
        term *= x
    return total


def squares(x: float) -> float:
    k, total = 0, 0.0
    while x > k / 8:
        total += (x - k / 8) ** 2
        k += 1
    return total


def ramps(x: float) -> float:
    k, total = 0, 0.0
    while x > k / 8:
        total += (x - k / 8) * 3
        k += 1
    return total


def halving(x: float) -> float:
    term, total = 1.0, 0.0
    while term > 2.0**-10:
        total += term
        term *= x
    return total


def far_away(x: float) -> float:
    """Its first turns begin at -0.2 and 2.2."""
    k = 0
    while x + k < -0.2 or x - k > 2.2:
        k += 1
    return x + k * x


def beyond_is_no_value(x: float) -> float:
    return x + math.sqrt(0.51 - x) if x < 0.52 else float(str(x))


EDGE = 1e-3 ** (1 / 10)  # where the eleventh term comes in
NEXT = 11 * EDGE**10 + 12 * EDGE**11  # what two terms more, which the next step that is tried takes, make of the slope


@pytest.mark.parametrize(
    ("function", "at", "above", "below"),  # how far the slopes are apart where the loop gets longer or shorter
    [
        (geometric, 0.5, 10 * EDGE**9 / (1 - NEXT / (10 * EDGE**9)), 9 * 1e-3 ** (8 / 9)),
        (geometric, 0.47, 10 * EDGE**9 / (1 - NEXT / (10 * EDGE**9)), 9 * 1e-3 ** (8 / 9)),
        (squares, 0.55, 0.0, 0.0),  # 2*(x - k/8) is 0 where it comes in
        (ramps, 0.55, 3.0, 3.0),
        (ramps, -0.55, None, None),
        (halving, 0.5, 0.0, 0.0),  # the edge is the point
        (lambda x: x if x < 0.51 else 2 * x, 0.5, None, None),  # a branch, and no loop
        (lambda x: x if x > -100 else 2 * x, 0.5, None, None),  # too far away
        (far_away, 1.0, None, None),
        (beyond_is_no_value, 0.5, None, None),
    ],
)
def test_what_a_loop_that_gets_longer_makes_of_the_slope(
    function: Function, at: float, above: float | None, below: float | None
) -> None:
    near = traced(function, at)
    told = {1: above, -1: below}
    for side, gap in told.items():
        assert near._gap(side) == ([] if gap is None else pytest.approx([gap], rel=1e-4))
    assert near._gaps == [near._gap(side) for side, gap in told.items() if gap is not None]


def test_without_comparisons_there_is_no_other_path() -> None:
    near = around(float, 1.0)
    near._truths = [SimpleNamespace(guards=())]  # type: ignore[list-item]
    assert near._gaps == []


@pytest.mark.parametrize(
    ("expected", "error", "noise"),
    [
        *(
            (1000.0, 0.5, 0.25),
            (1000.0, 1.5, 0.0),
            (1000.0, 1.0, 0.25),
            (-500.0, None, 0.25),
            (250.0, 0.1, 0.25),
            (200.0, 0.1, 0.125),
        ),
        (100.0, 0.1, 0.0),
    ],
)
def test_noise_is_small_beside_the_derivative(expected: float, error: float | None, noise: float) -> None:
    near = around(float, 1.0)
    near._truths = [SimpleNamespace(guards=())]  # type: ignore[list-item]
    near.__dict__["_gaps"] = [[9.0, 0.125], [9.0, 0.25], [9.0, 7.0]]
    row: Any = SimpleNamespace(expected=expected, error=error)
    of_doubles = ALWAYS * math.ulp(expected) if noise else 0.0  # both sides of the gap are rounded
    assert near.noise(1, row) == noise + of_doubles
    near.__dict__["_gaps"] = [[2.0**-12]]
    row.expected, row.error = None, None
    assert near.noise(0, row) == 0


@pytest.mark.parametrize("side", [1, -1])
def test_a_jump_on_one_side_is_one(side: int) -> None:
    near = around(lambda x: x + (side * (x - 1) > 0.01), 1.0)
    assert near._jumps(0.005, 0.02)
    assert not near._jumps(0.02, 0.04)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: x if x <= 1 else 1 * x, None),  # the path of the left side
        (lambda x: 1 * x if x != 1 else 1.0, (True, True)),
    ],
)
def test_the_path_of_a_point_where_sides_are_equal_is_the_one_taken(
    function: Function, told: tuple[bool, bool] | None
) -> None:
    found = traced(function, 1.0).carried([SimpleNamespace(expected=0.0, actual=1.0)])  # type: ignore[list-item]
    assert (found and (found.follows, found.alone)) == told
