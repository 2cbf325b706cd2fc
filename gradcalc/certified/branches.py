"""Formulas with kinks that are the same as one of their branches: everywhere, as the kinks cancel in
`max(x, y) + min(x, y)`, or all around a point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from gradcalc.engine.formulas import minus
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rewrite import expand, has_kinks, with_absolute_values
from gradcalc.engine.scalars import BALL
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


class _Undecided(Exception):
    """Whether a comparison comes out in one way around a point could not be told."""


def branch_around(formula: Formula, at: Mapping[str, Any]) -> Formula:
    """A formula whose kinks are written out, without the choices that are made in one way all around a point, given in
    balls: those between quantities that are continuous there and certainly not equal."""

    def sign(comparison: Call) -> int:
        difference = minus(*comparison.args)
        value = None if has_kinks(difference) else Lowering(difference, BALL, ()).value(at)
        if value is None or not value.is_finite() or value.contains(0):
            raise _Undecided
        return 1 if value > 0 else -1

    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function.name == "if":
            with suppress(_Undecided):
                return args[1 if holds(args[0], sign) else 2]
        return with_arguments(node, args)

    return rebuilt(formula, call)
