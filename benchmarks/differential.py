"""Random formulas of the table: the gradients of doubles, of columns and of sympy against those of balls.

    python benchmarks/differential.py 10000 [--seed 7] [--first 0] [--symbolic 20]

Every formula has its float gradient held against the certified one, and against that of the compiled formula over
columns; one in `--symbolic` has sympy's derivative evaluated in balls too. A difference that rounding explains, by the
condition number of the formula's reverse pass, is counted as that. Any other is printed, with the number that draws it
again, and is a fault of ours. Which formulas are drawn depends on the seed and their number alone.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Mapping

import numpy as np
from symbolic_answers import NAMES, formula

import gradcalc as gc
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.programs.rounding import ROUNDOFF, Rounding
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    children_first,
    expression,
    fold,
    free_names,
    with_arguments,
    with_definition,
)

FACTOR = 16.0  # of the spread that honest rounding may have, as in the judge
_AT_A_KINK = "a kink of doubles"
_PLACE = "place"
_ON_THE_WAY = "overflow or underflow on the way"
TINY = 1e-300  # below it a double keeps fewer digits


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("count", type=int)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--first", type=int, default=0, help="the number of the first formula")
    options.add_argument("--symbolic", type=int, default=20, help="one formula in so many is asked of sympy, too")
    given = options.parse_args()
    found: Counter[str] = Counter()
    start = time.perf_counter()
    warnings.simplefilter("ignore")
    for number in range(given.first, given.first + given.count):
        draw = random.Random(f"{given.seed} {number}")
        of = formula(draw, draw.choice((1, 2, 3, 3, 4)))
        at = {name: point(draw) for name in NAMES if name in free_names(of)}
        told = differences(of, at, symbolic=number % given.symbolic == 0)
        found.update(told)
        for what in told:
            if "FAULT" in what:
                print(f"{what}: number {number}: {expression(of)} at {at}", flush=True)
        if sys.stderr.isatty():
            print(f"\r{number - given.first + 1}/{given.count}", end="", file=sys.stderr)
    print(f"{given.count} formulas in {time.perf_counter() - start:.0f} s")
    for what, count in sorted(found.items()):
        print(f"{what:<44} {count:>8}")
    return 1 if any("FAULT" in what for what in found) else 0


def point(draw: random.Random) -> float:
    """A double: mostly an ordinary one, now and then a small whole number, or of any size."""
    kind = draw.random()
    if kind < 0.7:
        return round(draw.uniform(-3, 3), draw.randint(1, 9))
    return float(draw.randint(-3, 5)) if kind < 0.9 else math.ldexp(draw.uniform(-1, 1), draw.randint(-60, 60))


def differences(of: Formula, at: Mapping[str, float], symbolic: bool) -> list[str]:
    """For each comparison, what came of it."""
    try:
        certified = gc.certify(of, at)
        known = {name: part.number for name, part in certified.gradient.items() if part.status == "certified"}
    except FormulaError as error:
        return [f"certified: {type(error).__name__}"]
    if certified.value.status != "certified" or len(known) < len(certified.gradient):
        return ["certified: no derivative, or beyond doubles"]
    told = [f"floats: {_floats(of, at, known)}", f"columns: {_columns(of, at, known)}"]
    return [*told, f"sympy: {_sympy(of, at)}"] if symbolic else told


def _floats(of: Formula, at: Mapping[str, float], known: Mapping[str, float]) -> str:
    try:
        gradient = gc.grad(of, at)
    except FormulaError as error:
        return f"{type(error).__name__}"
    told = _against(of, at, gradient, known)
    return _AT_A_KINK if "FAULT" in told and _at_a_kink(of, at) else told


def _at_a_kink(of: Formula, at: Mapping[str, float]) -> bool:
    """Whether doubles stand on a kink, where they give the convention of the table, even where the kink cancels."""
    return bool(at) and bool(gc.compile(of, names=tuple(at)).kinks(*at.values()))


def _columns(of: Formula, at: Mapping[str, float], known: Mapping[str, float]) -> str:
    if not at:
        return "no names"
    compiled = gc.compile(of, names=tuple(at))
    columns = [np.full(2, value) for value in at.values()]
    if compiled.kinks(*columns).any():
        return _AT_A_KINK
    gradient = {name: float(column[1]) for name, column in compiled.grad(*columns).items()}
    if any(map(math.isnan, gradient.values())):
        return "no value in doubles"
    return _against(of, at, gradient, known)


def _against(of: Formula, at: Mapping[str, float], gradient: Mapping[str, float], known: Mapping[str, float]) -> str:
    rounding, worst = None, "within 4 ulp"
    for name, truth in known.items():
        found = gradient[name]
        if abs(found - truth) <= 4 * math.ulp(truth) or abs(truth) < TINY > abs(found):
            continue
        if not math.isfinite(found) or found == 0:  # a part of the product is beyond doubles, its whole is not
            return _ON_THE_WAY
        if rounding is None:
            named = with_named_constants(prepare(of), at)
            if named is None:
                return _ON_THE_WAY
            rounding = Rounding(*named)
        spread = rounding.spread(name) + rounding.multiplied_out(name)
        if not math.isfinite(spread):
            return "no bound on rounding is known"
        if not abs(found - truth) <= FACTOR * ROUNDOFF * spread:
            return _ON_THE_WAY if _underflows(of, at) else f"FAULT {name}: {found!r} is {truth!r}"
        worst = "explained by the condition number"
    return worst


def _underflows(of: Formula, at: Mapping[str, float]) -> bool:
    """Whether an adjoint of the reverse pass is below the smallest normal double, where digits are lost."""
    prepared = prepare(of)
    graph = gc.trace(prepared, at)
    for place in children_first(prepared):
        node = graph.of(place)
        if not isinstance(node, gc.Value) or abs(node.grad) >= sys.float_info.min:
            continue
        if node.grad or _is_lost(prepared, place, {**at, _PLACE: node.data}):
            return True
    return False


def _is_lost(of: Formula, place: Formula, at: Mapping[str, float]) -> bool:
    """Whether the adjoint of a place, by balls, is too small for doubles and not 0."""

    def call(node: Call, args: list[Formula]) -> Formula:
        return Name(_PLACE) if node is place else with_arguments(node, args)

    above = fold(of, lambda node: node, with_definition, call)
    try:
        adjoint = gc.certify(above, at, [_PLACE]).gradient[_PLACE]
    except FormulaError:
        return False
    return adjoint.ball != 0 and abs(adjoint.number) < sys.float_info.min


def with_named_constants(of: Formula, at: Mapping[str, float]) -> tuple[Formula, dict[str, float]] | None:
    """The formula with a name for each of its constant parts, which are rounded too, and a point with these. None where
    one is a double's 0 alone, which may be the other side of a jump."""
    names: dict[float, str] = {}
    lost = False

    def named(node: Formula) -> Formula:
        if free_names(node).keys() & at.keys():
            return node
        nonlocal lost
        try:
            value = gc.certify(node, {name: number for number, name in names.items()}).value
        except FormulaError:  # in a branch that is not taken
            return node
        lost = lost or (value.number == 0 and value.status == "certified" and value.ball != 0)
        if free_names(node).keys() & set(names.values()):  # its own constants have names
            return node
        constant = value.number
        return Name(names.setdefault(constant, f"constant{len(names)}"))

    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function.condition:
            return Call(node.function, tuple(args))
        return Call(node.function, tuple(named(arg) for arg in args))

    renamed = fold(of, lambda node: node, lambda node, _: node, call)
    return None if lost else (renamed, {**at, **{name: value for value, name in names.items()}})


def _sympy(of: Formula, at: Mapping[str, float]) -> str:
    try:
        agreement = gc.agreement(of, at, seconds=2)
    except FormulaError as error:
        return f"{type(error).__name__}"
    return "FAULT disagree" if agreement.verdict == "disagree" else str(agreement.verdict)


if __name__ == "__main__":
    sys.exit(main())
