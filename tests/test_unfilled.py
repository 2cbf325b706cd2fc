"""What a formula without a value goes to beside the point: by hand, and numbers by mpmath."""

from __future__ import annotations

import mpmath
import pytest

import gradcalc as gc
from gradcalc.certified.certifier import Certifier
from gradcalc.certified.onesided import with_limits
from gradcalc.engine.rewrite import prepare


def told(text: str, **at: float) -> str:
    with pytest.raises(gc.UndefinedError) as caught:
        gc.certify(text, at)
    return with_limits(Certifier(prepare(text), at), caught.value).help


@pytest.mark.parametrize(
    ("text", "x", "limit"),
    [
        ("sin(x)/x", 0, "1"),
        ("(1 - cos(x))/x^2", 0, "1/2"),
        ("(x^3 - 8)/(x - 2)", 2, "12"),
        ("sin(3*x)/sin(5*x)", 0, "3/5"),
        ("(sin(x) - x)/x^3", 0, "-(1/6)"),
        ("x*sin(1/x)", 0, "0"),
    ],
)
def test_where_both_sides_go_to_one_number_a_formula_with_it_is_proposed(text: str, x: int, limit: str) -> None:
    written = f"if(x == {x}, {limit}, {text})"
    assert told(text, x=x) == f"on both sides it goes to {limit}: for that there write {written}"
    assert gc.evaluate(written, {"x": x}) == gc.evaluate(limit)


def test_other_limits_are_told_with_their_side() -> None:
    assert told("abs(x)/x", x=0) == "on its left it goes to -1, on its right to 1"
    assert told("x*log(x)", x=0) == "on its right it goes to 0"
    assert told("exp(1/x)", x=0) == "on its left it goes to 0"
    assert told("(2^x - 1)/x", x=0) == f"on both sides it goes to {mpmath.nstr(mpmath.log(2), 10)}"


@pytest.mark.parametrize("text", ["1/x", "log(x)", "sin(1/x)", "cos(x)/x", "1/x^2", "sin(x*y)/x"])
def test_nothing_is_told_of_poles_of_what_swings_and_of_several_names(text: str) -> None:
    assert told(text, x=0, **({"y": 2} if "y" in text else {})) == ""
