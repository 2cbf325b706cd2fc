"""Derivatives where pieces meet that were put together so that by hand it is known what there is."""

from __future__ import annotations

import math
from random import Random

import pytest

import gradcalc as gc
from gradcalc.language.errors import FormulaError, UndecidedError

AT = {"x": 1, "y": 2}
BASES = [  # with the derivatives at (1, 2), by hand
    ("x*y^2", {"x": 4, "y": 4}, {"xx": 0, "xy": 4, "yy": 2}),
    ("x^3/y", {"x": 1.5, "y": -0.25}, {"xx": 3, "xy": -0.75, "yy": 0.25}),
    ("y^x", {"x": 2 * math.log(2), "y": 1}, {"xx": 2 * math.log(2) ** 2, "xy": 1 + math.log(2), "yy": 0}),
    ("sqrt(x^2 + 3*y)", {"x": 1 / 7**0.5, "y": 1.5 / 7**0.5},
     {"xx": 6 / 7**1.5, "xy": -1.5 / 7**1.5, "yy": -2.25 / 7**1.5}),
]  # fmt: skip
ZEROS = {"x - 1": "x", "y - 2": "y", "y - 2*x": "xy", "x*y - 2": "xy", "2*x^2 - y": "xy", "log(x) + y - 2": "xy"}
FLAT = [
    "u^2*abs(u)", "u^3*sign(u)", "abs(u)^2.5", "if(u > 0, u^3, 0)", "if(u < 0, -u^5, u^4)", "max(u, 0)^3",
    "if(u == 0, 0, u^4/u)", "if(u == 0, 0, (1 - cos(u^2))/u)", "if(u != 0, sin(u^3), 0)", "u^3*floor(2*u + 1/2)",
]  # fmt: skip
STEEP = ["abs(u)", "max(u, -2*u)", "relu(u)", "if(u > 0, sin(u), u^2)", "sqrt(u^2)"]
JUMP = ["if(u >= 0, 1, 0)", "sign(u)", "step(u)", "floor(u)", "if(u == 0, 1, 0)", "if(u > 0, exp(u), u)"]


def put_together(random: Random, others: list[str]) -> tuple[str, str, dict[str, float], dict[str, float]]:
    base, slopes, second = random.choice(BASES)
    u = random.choice([*ZEROS])
    text = " + ".join([base, *(f"({each.replace('u', f'({u})')})" for each in others)])
    for row in ("max", "relu"):  # which have that letter in their names
        text = text.replace(row.replace("u", f"({u})"), row)
    return text, ZEROS[u], slopes, second


@pytest.mark.parametrize("seed", range(2))
def test_flat_pieces_leave_the_derivatives_as_they_are(seed: int) -> None:
    random = Random(seed)
    for _ in range(4):
        text, _, slopes, second = put_together(random, random.choices(FLAT, k=2))
        found = gc.certify(text, AT)
        for name, part in found.gradient.items():
            assert (part.status in ("certified", "zero"), part.number) == (True, pytest.approx(slopes[name])), text
        try:
            hessian = gc.hessian(text, AT)
        except UndecidedError:  # what stands at single points only
            assert "== 0" in text or "!= 0" in text
            continue
        for a, b in ("xx", "xy", "yy"):
            assert hessian[a][b] == hessian[b][a] == pytest.approx(second[a + b], abs=1e-12), text


@pytest.mark.parametrize("seed", range(2))
def test_steep_pieces_and_jumps_leave_none(seed: int) -> None:
    random = Random(seed)
    for _ in range(4):
        text, moving, slopes, _ = put_together(random, [random.choice(STEEP + JUMP), random.choice(FLAT)])
        found = gc.certify(text, AT)
        for name, part in found.gradient.items():
            if name in moving:
                assert part.status == "not-differentiable", text
            else:
                assert (part.failed, part.number) == (False, pytest.approx(slopes[name])), text
        with pytest.raises(FormulaError):
            gc.hessian(text, AT)


@pytest.mark.parametrize(("formula", "at", "message"), [
    ("mod(x, 0.1)", "0.3", "mod(x, 0.1) jumps at x=0.3"),
    ("relu(exp(log(3)/2) - x)", "sqrt(3)", "relu(exp(log(3)/2) - x) has a corner at x=1.732050808: left -1, right 0"),
])  # fmt: skip
def test_where_the_convention_is_not_known_it_is_no_number(formula: str, at: str, message: str) -> None:
    part = gc.certify(formula, {"x": at}).gradient["x"]
    assert (part.status, math.isnan(part.number), part.message) == ("not-differentiable", True, message)
