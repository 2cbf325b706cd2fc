"""The zeros of what formulas compare, as points that are exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice

from gradcalc.engine.rationals import rational_values
from gradcalc.engine.rewrite import expand
from gradcalc.engine.switches import comparisons
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse
from gradcalc.proofs.exact import roots

from .look import has_value
from .points import Place, constant

_MOST_COMPARISONS = 40  # whose zeros are looked for
_OTHERS = (
    ("4/5", "1/2", "2"),
    ("0", "0", "0"),
    ("1/3", "-2", "3/5"),
    ("-3", "5/2", "1"),
)  # values of the variables beside the one solved for


def zeros(formulas: Sequence[Formula], names: Sequence[str]) -> Iterator[Place]:
    """Points at which quantities that prepared formulas compare are equal."""
    compared = dict.fromkeys(node for formula in formulas for node in comparisons(expand(formula)))
    for node in islice(compared, _MOST_COMPARISONS):
        difference = Call(TABLE["-"], node.args)
        for name in (name for name in free_names(difference) if name in names):
            others = [other for other in names if other != name]
            for choice in _OTHERS if others else _OTHERS[:1]:
                place = {o: parse(choice[i % len(choice)]) for i, o in enumerate(others)}
                for root in roots(difference, name, place):
                    exact = rational_values(root, {}).get(id(root))
                    if isinstance(exact, Fraction):
                        yield {**place, name: constant(exact)}
                    elif has_value(root):
                        yield {**place, name: root}
