"""Where a claim holds that does not hold everywhere: `x > 0`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from gradcalc.engine.rewrite import has_kinks
from gradcalc.language.formula import Formula, children_first, expression, free_names

from .assumptions import sign_condition
from .points import Place, boundaries, signs_of

Region = tuple[tuple[Formula, int], ...]  # quantities and the sign, 1 or -1, that each has in the region

_MOST = 100  # quantities to try
_LONG = 2_000  # characters by which they are put in order


def separating(right: Sequence[Place], bad: Sequence[Place], formulas: Sequence[Formula]) -> Region:
    """The simplest region that has all points of `right` and none of `bad` in it: one quantity of a sign, or two. What
    is tried is what the prepared formulas are made of. Empty where there is none."""
    tried = _quantities(formulas)
    signs = signs_of(tried)
    among_right, among_bad = [signs(place) for place in right], [signs(place) for place in bad]
    one_sided: list[tuple[int, int]] = []
    for i in range(len(tried)):
        sides = {found[i] for found in among_right}
        if sides in ({1}, {-1}):
            one_sided.append((i, 1 if 1 in sides else -1))
    parts = [[(i, side)] for i, side in one_sided]
    parts += [[one, other] for k, one in enumerate(one_sided) for other in one_sided[:k]]
    for part in parts:
        beyond = any(found[i] == -side for i, side in part for found in among_bad)  # not only on the border
        if beyond and all(any(found[i] == -side or found[i] == 0 for i, side in part) for found in among_bad):
            return tuple((tried[i], side) for i, side in part)
    return ()


def _quantities(formulas: Sequence[Formula]) -> list[Formula]:
    found = dict.fromkeys(boundaries(formulas))
    for formula in formulas:
        found |= dict.fromkeys(node for node in islice(children_first(formula), 3 * _MOST) if free_names(node))
    return sorted((each for each in found if not has_kinks(each)), key=_length)[:_MOST]


def _length(quantity: Formula) -> tuple[int, str]:
    text = expression(quantity, _LONG)
    return len(text), text


def region_text(region: Region) -> str:
    """`x > 0 and y < 1`."""
    return " and ".join(sign_condition(quantity, frozenset({side})) for quantity, side in region)
