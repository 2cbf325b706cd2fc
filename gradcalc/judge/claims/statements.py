"""The statements that are to be proved of a claim."""

from __future__ import annotations

from collections.abc import Sequence

from gradcalc.engine.rewrite import expand, our_derivative, prepare
from gradcalc.language.formula import Call, Formula, children_first
from gradcalc.language.functions import TABLE
from gradcalc.proofs.equality import Claimed
from gradcalc.proofs.sides import Studied

from .conditions import Region
from .result import Assertion

_DIFFS = (TABLE["diff"], TABLE["diff_n"])


def statements(
    question: Assertion, truth: Formula, claim: Formula, names: Sequence[str], region: Region
) -> list[Claimed]:
    """That the prepared claim is the derivative of the prepared `truth`, one order below, in a region: by the table,
    and where there are users' rows, by what these are defined to be as well."""
    calls = (node.function for node in children_first(truth) if isinstance(node, Call))
    own = {row for row in calls if TABLE.get(row.name) is not row and row.partials and row.definition}
    below = [prepare(question.formula)]
    for _ in range(1, question.order):
        below.append(our_derivative(below[-1], question.name))
    typed = not any(isinstance(node, Call) and node.function in _DIFFS for node in children_first(question.formula))
    found = []
    for formula in (truth, *([expand(truth, own)] if own else [])):
        derivative = our_derivative(formula, question.name)
        studied = Studied(question.name, [*below, derivative], typed)
        found.append(Claimed(truth, derivative, claim, names, region, studied))
    return found
