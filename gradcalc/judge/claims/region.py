"""Where a claim holds that does not hold everywhere: a region, `x > 0 and y < 1`, found by points, then shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product

from gradcalc.engine.rewrite import has_kinks
from gradcalc.engine.switches import Signs
from gradcalc.language.formula import Formula, children_first, expression, free_names
from gradcalc.proofs.equality import Equality, Step
from gradcalc.proofs.factored import told_by
from gradcalc.record import dataclass

from .cases import sign_condition
from .points import Place, boundaries, signs_of
from .result import Need

Region = tuple[tuple[Formula, int], ...]  # quantities and the sign that each has in the region

_MOST_TRIED = 100  # quantities to try
_LONG = 2_000  # characters by which they are put in order


def separating(right: Sequence[Place], bad: Sequence[Place], formulas: Sequence[Formula]) -> Region:
    """The simplest region that has all points of `right` inside or on its border, and none of `bad` inside: one
    quantity of a sign, or two. What is tried is what the prepared formulas are made of. Empty where there is none."""
    tried = _quantities(formulas)
    signs = signs_of(tried)
    among_right, among_bad = [signs(place) for place in right], [signs(place) for place in bad]
    one_sided: list[tuple[int, int]] = []
    for i in range(len(tried)):
        sides = {found[i] for found in among_right} - {0}
        if sides in ({1}, {-1}):
            one_sided.append((i, 1 if 1 in sides else -1))
    tries = [[(i, side)] for i, side in one_sided]
    tries += [[one, other] for k, one in enumerate(one_sided) for other in one_sided[:k]]
    for part in tries:
        beyond = any(found[i] == -side for i, side in part for found in among_bad)  # not only on the border
        if beyond and all(any(found[i] == -side or found[i] == 0 for i, side in part) for found in among_bad):
            return tuple(plain for i, side in part for plain in _plainly(tried[i], side))
    return ()


def _plainly(quantity: Formula, side: int) -> Region:
    """`x > 0` for `1/x > 0`, where that is as much in one sign each."""
    told = told_by(quantity, frozenset({side}), [*free_names(quantity)])
    if any(len(signs) > 1 for _, signs in told):
        return ((quantity, side),)
    return tuple((each, sign) for each, signs in told for sign in signs)


def _quantities(formulas: Sequence[Formula]) -> list[Formula]:
    found = dict.fromkeys(boundaries(formulas))
    for formula in formulas:
        found |= dict.fromkeys(node for node in islice(children_first(formula), 3 * _MOST_TRIED) if free_names(node))
    texts = {each: expression(each, _LONG) for each in found if not has_kinks(each)}
    return sorted(texts, key=lambda each: (len(texts[each]), texts[each]))[:_MOST_TRIED]


@dataclass(frozen=True, slots=True)
class Widened:
    """Where a claim is right: quantities and the signs each may have there, whether it is shown to be right nowhere
    else (`only`), and the steps of what was shown beyond the region that was known."""

    quantities: Sequence[tuple[Formula, Signs]]
    only: bool
    steps: Sequence[Step]

    @property
    def need(self) -> Need:
        return Need(region_text(self.quantities))


def widened(region: Region, equal: Callable[[Region], Equality], apart: Callable[[Region], Equality]) -> Widened:
    """A region in which a claim was shown right, with those of its borders where it is right as well.

    Args:
        equal: whether the claim is shown right in a region.
        apart: whether it is shown to be right nowhere in one.
    """
    wide, steps, only = [frozenset({side}) for _, side in region], list[Step](), True
    quantities = [quantity for quantity, _ in region]
    for i, (quantity, side) in enumerate(region):
        for beyond in (-side, 0):
            shown = [apart(((quantity, beyond),))]
            known = all(proof and not proof.open for proof in shown)
            if not known and beyond == 0:
                border = [
                    tuple(zip(quantities, signs, strict=True)) for signs in product(*wide[:i], (0,), *wide[i + 1 :])
                ]
                shown = [equal(part) for part in border if not _is_empty(apart(part))]
                known = bool(shown) and all(proof and not proof.kinks for proof in shown)
                wide[i] |= {0} if known else set()
            only = only and known
            steps += (step for proof in shown if known for step in proof.steps)
    return Widened([*zip(quantities, wide, strict=True)], only, steps)


def _is_empty(apart: Equality) -> bool:
    """Whether there is no point: nothing had to be shown."""
    return bool(apart) and not apart.steps and not apart.open


def region_text(region: Iterable[tuple[Formula, Signs]]) -> str:
    """`x > 0 and y < 1`."""
    return " and ".join(sign_condition(quantity, signs) for quantity, signs in region)
