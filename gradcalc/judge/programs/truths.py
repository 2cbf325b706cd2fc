"""The derivatives that are claimed, as they are: certified in balls, or about, in double arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import prepare
from gradcalc.gradients import value_and_grad
from gradcalc.language.formula import Formula
from gradcalc.record import replace

from . import rounding
from .components import AGREE_BITS, ALWAYS, TRACE_ULPS, Truth
from .questions import STEP
from .rounding import ROUNDOFF, Numbers
from .subject import Claim, Function
from .tracer import UntraceableError, variable
from .tracing import Trace

_CERTIFIED, _OF_NODE = 20, 0.4  # units of work of a certified gradient, and of a node in it
_IN_DOUBLES = 0.05  # of one in double arithmetic, and of a node


class Sought:
    """The derivatives claimed of one function: the partial derivatives of some quantities, an entry each."""

    def __init__(self, function: Function, claim: Claim):
        self.function = function
        self.claim = claim
        self.question = function.question
        self.layout = function.form
        self.entries = claim.entries
        self._derived: tuple[tuple[Formula, ...], tuple[Formula, ...]] = ((), ())

    def quantities(self, found: Trace) -> tuple[Formula, ...]:
        """The formulas whose partial derivatives are claimed."""
        if self._derived[0] is not found.formulas:
            made = self.question.quantities(found.formulas, self.layout, self.claim.answer)
            self._derived = (found.formulas, tuple(map(prepare, made)))
        return self._derived[1]

    def truths(self, numbers: Numbers, values: Sequence[float]) -> list[Truth]:
        """For each quantity its gradient in balls, of second derivatives none where there is no first.

        Args:
            values: the function's own, if they are known.

        Raises: as `at_all` does.
        """
        found = self.at_all(numbers, values)
        if self.question.second:
            return _where_first_exist(found, self._existing(numbers), self.question.word == "hvp")
        return found

    def at_all(self, numbers: Numbers, values: Sequence[float] = ()) -> list[Truth]:
        """The same, whatever there is of first derivatives.

        Raises:
            FormulaError: there is none.
            UntraceableError: only differences will do.
        """
        found = self.function.trace(numbers)
        quantities = self.quantities(found)
        at: dict[str, Any] = {**found.at, STEP: Fraction(0)}
        truths = []
        for row, formula in enumerate(quantities):
            wrt = tuple(entry.variable for entry in self.entries if entry.row == row)
            certifier = Certifier(formula, at, wrt)
            self.function.work.spend(_CERTIFIED + _OF_NODE * len(certifier.program))
            certified = certifier.run(digits_of_ball=AGREE_BITS)
            truths.append(Truth(certifier, certified, formula, at, found.constants, found.guards))
        for truth, value in zip(truths, self.question.values(values), strict=False):
            self._hold_against(truth, value)
        return truths

    def _hold_against(self, truth: Truth, value: float) -> None:
        """The formula's value must be the function's, but for rounding."""
        certain = truth.certified.value
        if not math.isfinite(value) or abs(value - certain.number) <= TRACE_ULPS * math.ulp(certain.number):
            return
        far = TRACE_ULPS * ROUNDOFF * rounding.of_value(truth.formula, truth.at)
        if not abs(value - certain.number) <= far + ALWAYS * math.ulp(certain.number):
            self.function.untraceable = f"its trace gives {certain.number!r} where it gives {value!r}"
            raise UntraceableError(self.function.untraceable)

    def about(self, numbers: Numbers) -> list[float]:
        """The truth for every entry in double arithmetic.

        Raises:
            UntraceableError: the function is not known as a formula.
        """
        found = self.function.trace(numbers)
        at: dict[str, Any] = {**found.at, STEP: Fraction(0)}
        gradients = []
        for row, formula in enumerate(self.quantities(found)):
            wrt = tuple(entry.variable for entry in self.entries if entry.row == row)
            gradients.append(value_and_grad(formula, at, wrt)[1])
            self.function.work.spend(_IN_DOUBLES + _IN_DOUBLES * len(program_of(formula)))
        return [gradients[entry.row][entry.variable] for entry in self.entries]

    def _existing(self, numbers: Numbers) -> Mapping[str, Component]:
        """For second derivatives: the first ones, without which there are none."""
        found = self.function.trace(numbers)
        wrt = tuple(map(variable, self.layout.names))
        return Certifier(prepare(found.formulas[0]), found.at, wrt).run().gradient


def _where_first_exist(truths: Sequence[Truth], first: Mapping[str, Component], along: bool) -> list[Truth]:
    """The truths of second derivatives, none where the first does not exist."""
    bad = {name: part for name, part in first.items() if part.status not in ("certified", "zero", "overflow")}
    if not bad:
        return list(truths)
    found = []
    for row, truth in enumerate(truths):
        of_row = next(iter(bad.values())) if along else bad.get(list(first)[row])
        gradient = {name: of_row or bad.get(name, part) for name, part in truth.certified.gradient.items()}
        found.append(replace(truth, certified=replace(truth.certified, gradient=gradient)))
    return found
