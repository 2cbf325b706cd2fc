"""Formulas with kinks that are the same as one of their branches, as the kinks cancel: `max(x, y) + min(x, y)`."""

from __future__ import annotations

from collections.abc import Iterator

from gradcalc.engine.formulas import minus
from gradcalc.engine.rewrite import expand, has_kinks, with_absolute_values
from gradcalc.engine.switches import holds
from gradcalc.language.formula import Call, Formula, free_names, rebuilt, with_arguments


def branches(formula: Formula) -> Iterator[Formula]:
    """The smooth branches of a formula of the table's rows that it is the same as, everywhere where both have values:
    as far as algebra tells, of those in which all comparisons come out in one way."""
    from gradcalc.proofs.exact import possible_signs

    if not has_kinks(formula):
        return
    formula = expand(with_absolute_values(formula))
    for side in (1, -1):

        def call(node: Call, args: list[Formula], side: int = side) -> Formula:
            if node.function.name == "if":
                return args[1 if holds(node.args[0], lambda _: side) else 2]
            return with_arguments(node, args)

        branch = rebuilt(formula, call)
        difference = minus(formula, branch)
        if not has_kinks(branch) and possible_signs(difference, free_names(formula)) == {0}:
            yield branch
