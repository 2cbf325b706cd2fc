"""A formula's value and gradient in balls, row after row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.program import program_of
from gradcalc.engine.rules import NoRule
from gradcalc.engine.scalars import BALL
from gradcalc.engine.tape import Tape, tape_of
from gradcalc.engine.value import data_of
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The gradient by `wrt` at values of `leaves`: by a tape, and where that gives up because it computes branches that
    are not taken, as in the derivative of `x^b` at x = 0, by a graph."""

    formula: Formula
    leaves: tuple[str, ...]
    wrt: tuple[str, ...]
    tape: Tape | None
    lowering: Lowering

    @classmethod
    def of(cls, formula: Formula, leaves: tuple[str, ...], wrt: tuple[str, ...]) -> Derivatives:
        tape = tape_of(program_of(formula), BALL, leaves, wrt)
        return cls(formula, leaves, wrt, tape, Lowering(formula, BALL, wrt))

    @property
    def work(self) -> int:
        """The entries that are computed for a row."""
        return len(program_of(self.formula))

    def at(self, values: Sequence[Any], bits: int) -> tuple[Any, list[Any]]:
        """The value and the gradient, at the precision in force, which is `bits`.

        Raises:
            ArithmeticError, ValueError: they cannot be told.
        """
        try:
            if self.tape is not None:
                value, slopes = self.tape.value_and_grad(values, bits)
                if all(each.is_finite() for each in (value, *slopes)):
                    return value, slopes
        except (ArithmeticError, ValueError, NoRule):
            pass
        return self._by_graph(values)

    def _by_graph(self, values: Sequence[Any]) -> tuple[Any, list[Any]]:
        graph = self.lowering.graph(dict(zip(self.leaves, values, strict=True)))
        root = graph.root
        if isinstance(root, Failure):
            raise ArithmeticError(root.error.message)
        slopes = [*graph.gradient(self.wrt).values()]
        if not all(slope.is_finite() for slope in slopes):
            raise ArithmeticError("a derivative is not finite")
        return data_of(root), slopes
