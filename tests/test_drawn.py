"""Formulas drawn over several lines: what stands where, for each row, and within limits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import formulas

from gradcalc.language.errors import SymbolicError
from gradcalc.language.formula import Call, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse
from gradcalc.show.drawn import to_pretty


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x*2", ["x⋅2"]),
        ("a - (-b)", ["a - (-b)"]),
        ("x1*x_1*x_max", ["x1⋅x₁⋅x_max"]),
        ("slabs^2", ["     2", "slabs"]),
        ("a/(b/c)", [" a", "───", " b", " ─", " c"]),
        ("(a/b)^2*c", ["   2", "⎛a⎞", "⎜─⎟ ⋅c", "⎝b⎠"]),
        ("sqrt(x/y) + 1", ["     _", "   ╱ x", "  ╱  ─ + 1", "╲╱   y"]),
        ("root(x, 3)", ["3  _", "╲╱ x"]),
        ("if(x > 0, x, if(x < -1, 1/2, 0))", ["⎧x  for x > 0", "⎪1", "⎨─  for x < -1", "⎪2", "⎩0  otherwise"]),
        ("diff(x^2/2, x)*y", ["⎛    2⎞", "⎜d  x ⎟", "⎜── ──⎟⋅y", "⎝dx 2 ⎠"]),
        ("sin(x)^2 + log2(theta)", ["   2", "sin (x) + log₂(θ)"]),
        ("floor(x/2)", ["⎢x⎥", "⎢─⎥", "⎣2⎦"]),
        ("L = a/b; L", ["    a", "L = ─", "    b"]),
        ("2*abs(x) >= 1 and not x == 2", ["2⋅│x│ ≥ 1 ∧ ¬ x = 2"]),
    ],
)
def test_formulas_as_they_are_drawn(text: str, lines: list[str]) -> None:
    assert to_pretty(parse(text)).split("\n") == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("(x + y)^2/3", ["       2", "(x + y)", "--------", "   3"]),
        ("sqrt(pi) <= x_1", ["   __", "\\/ pi <= x_1"]),
        ("floor(x)*ceil(x)", ["|_x_|*|^x^|"]),
        ("(a/b)*c", ["a", "-*c", "b"]),
    ],
)
def test_in_ascii(text: str, lines: list[str]) -> None:
    assert to_pretty(parse(text), ascii=True).split("\n") == lines


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("ascii", [True, False])
def test_every_row_is_drawn_with_its_arguments_and_nothing_of_latex(row, ascii) -> None:
    names = [f"{letter}q" for letter in "abcdefgh"[: len(row.params)]]
    drawn = to_pretty(Call(row, tuple(map(Name, names))), ascii)
    assert not set("{}&$") & set(drawn)
    assert ascii or "\\" not in drawn
    assert all(name in drawn for name in names)
    assert not ascii or drawn.isascii()


@settings(max_examples=60, deadline=None)
@given(formulas(max_leaves=8))
def test_no_sign_of_latex_is_left(drawn) -> None:
    formula, _ = drawn
    text = to_pretty(formula, ascii=True)
    assert not set("{}&$") & set(text)


def test_deep_and_large_formulas() -> None:
    assert to_pretty(parse("sin(" * 500 + "x" + ")" * 500)).startswith("sin(sin(")
    with pytest.raises(SymbolicError, match="too"):
        to_pretty(parse(" + ".join(["x"] * 5000)))
