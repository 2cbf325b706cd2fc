"""Both derivatives held against each other in balls, at points drawn by a fixed seed.

Two witnesses that share a mistake are one: what was shown equal by algebra is still looked at where numbers can tell.
One pair of disjoint balls is a proof that the two differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from gradcalc.engine.drawn import BESIDE, constants_of, of_all_kinds
from gradcalc.engine.lowering import Failure, Lowering, shown
from gradcalc.engine.rewrite import expand, has_kinks, prepare
from gradcalc.engine.scalars import BALL, ball, precision
from gradcalc.engine.switches import Interning, Switches
from gradcalc.language.formula import Formula, children_first, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.literals import place_text
from gradcalc.language.spelled import open_end, tried
from gradcalc.record import dataclass

POINTS = 12  # to hold both against each other at
_ENDS = 6  # of a sum whose end is a name
_DRAWS = 120  # points at most, most of which may lie outside the domain
_WORK = 50_000  # nodes computed at most
_BITS, _MORE = 128, 1024  # the more where the fewer tell no value anywhere, as of log(1 + 1e-45) > 0
_SEED = "two witnesses"


@dataclass(slots=True)
class Held:
    """The finding on one derivative: the number of points compared, and in words the first where the two differ."""

    points: int = 0
    difference: str = ""


def hold(formula: Formula, derivatives: Mapping[str, Formula]) -> dict[str, Held]:
    """By name, our derivative of the formula against the one given, at drawn points, and for several ends of sums."""
    if not open_end(formula):
        seen = _hold(formula, derivatives)
        return seen if any(held.points for held in seen.values()) else _hold(formula, derivatives, _MORE)
    found = {name: Held() for name in derivatives}
    for ends, (closed, *forms) in tried([formula, *derivatives.values()], _ENDS):
        told = place_text(ends, ", ")
        for name, held in _hold(closed, dict(zip(derivatives, forms, strict=True))).items():
            found[name].points += held.points
            if held.difference and not found[name].difference:
                found[name].difference = f"with {told} {held.difference}"
    return found


def _hold(formula: Formula, derivatives: Mapping[str, Formula], bits: int = _BITS) -> dict[str, Held]:
    names = tuple(derivatives)
    prepared = prepare(formula)
    forms = {name: prepare(form) for name, form in derivatives.items()}
    ours, theirs = Lowering(prepared, BALL, names), {name: Lowering(form, BALL, ()) for name, form in forms.items()}
    found = {name: Held() for name in names}
    free = dict.fromkeys([*names, *(n for f in (prepared, *forms.values()) for n in free_names(f))])
    variables = [name for name in free if name in names or name not in CONSTANTS]
    is_smooth = _Smooth(prepared, names)
    work = sum(1 for f in (prepared, *forms.values()) for _ in children_first(f))
    constants = constants_of(prepared)
    draws = min(_DRAWS, max(POINTS // 4, _WORK // work))
    for i, point in enumerate(of_all_kinds(Random(f"{_SEED} {len(variables)}"), variables, constants, draws)):
        with precision(bits):
            values = {name: ball(value) for name, value in point.items()}
            for name, slope in _gradient(ours, values).items() if is_smooth(values) else ():
                held, other = found[name], _plain(theirs[name], values)
                held.points += other is not None
                if other is not None and not held.difference and not other.overlaps(slope):
                    place = place_text(point, ", ", lambda value: f"{float(value):.10g}")
                    held.difference = f"at {place}: chain rule {shown(slope)}, sympy {shown(other)}"
        told = all(held.points >= POINTS or held.difference for held in found.values())
        if told and i >= len(constants) * len(BESIDE):
            break
    return found


class _Smooth:
    """Tells points at which nothing that is compared is equal: elsewhere our partials are conventions."""

    def __init__(self, prepared: Formula, names: Sequence[str]):
        self._lowering = Lowering(expand(prepared), BALL, names) if has_kinks(prepared) else None
        self._intern = Interning()

    def __call__(self, values: Mapping[str, Any]) -> bool:
        if self._lowering is None:
            return True
        return not isinstance(self._lowering.graph(values, Switches(self._intern, {})).root, Failure)


def _gradient(lowering: Lowering, values: Mapping[str, Any]) -> dict[str, Any]:
    """Our derivatives at a point, those that have a finite value there."""
    graph = lowering.graph(values)
    found = {} if isinstance(graph.root, Failure) else graph.gradient(lowering.wrt or ())
    return {name: slope for name, slope in found.items() if slope.is_finite()}


def _plain(lowering: Lowering, values: Mapping[str, Any]) -> Any:
    found = lowering.value(values)
    return found if found is not None and found.is_finite() else None
