"""Second derivatives by two names do not depend on the order, also where the rules of a row say nothing."""

from __future__ import annotations

import random

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name, to_text
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.session.questions import Options, Question

_NUMBERS = ("0", "0", "0", "1", "-1", "1/2", "2")
_CONTROL = ("if", "and", "or", "not", "diff", "diff_n")
_ROWS = [row for row in TABLE.values() if row.partials and row.name not in _CONTROL and 1 <= len(row.params) <= 2]
_OPERATORS = [TABLE[name] for name in ("+", "*", "*", "^", "^", "/", "-")]
_TRIED = 160


def drawn(draw: random.Random, depth: int) -> Formula:
    if depth == 0:
        return Name(draw.choice("xy"))
    if draw.random() < 0.1:
        return number(draw.choice((0, 1, 2, 3)))
    row = draw.choice(_ROWS if draw.random() < 0.4 else _OPERATORS)
    return Call(row, tuple(drawn(draw, depth - 1) for _ in range(len(row.params) or 2)))


def test_certified_hessians_are_symmetric():
    compared = 0
    for seed in range(_TRIED):
        draw = random.Random(f"symmetry {seed}")
        formula = drawn(draw, 2)
        at = {name: parse(draw.choice(_NUMBERS)) for name in "xy"}
        try:
            *_, answer = Question(formula, at, Options(hessian=True, numeric=True, bits=64)).answers()
        except FormulaError:
            continue
        if {"x", "y"} <= answer.hessian.keys():
            both = answer.hessian["x"]["y"], answer.hessian["y"]["x"]
            if all(part.status in ("certified", "zero") and part.ball is not None for part in both):
                compared += 1
                assert both[0].ball.overlaps(both[1].ball), (to_text(formula), {k: to_text(v) for k, v in at.items()})
    assert compared >= _TRIED // 8
