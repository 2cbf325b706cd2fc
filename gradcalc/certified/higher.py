"""Second derivatives and those of higher orders at a point: `Higher`, which alone says which of them there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from gradcalc.engine.rewrite import has_kinks, our_derivative, prepare_open
from gradcalc.language.errors import UndefinedError
from gradcalc.language.formula import Formula, Name, derived
from gradcalc.record import replace

from .branches import branches
from .certifier import Certifier
from .components import Certified, Component
from .kinks import Kink
from .orders import UNSETTLED, Missing, believed, derivative_there, goes_on, mentioning, unsettled
from .posed import Posed
from .sides import derivative_name

SecondPartials = dict[str, dict[str, Component]]


class Higher:
    """The derivatives of a prepared formula at a point, by balls.

    Args:
        run: how a formula at the point is computed: to which precision.
    """

    def __init__(
        self, formula: Formula, at: Mapping[str, Formula], run: Callable[[Certifier], Certified] = Certifier.run
    ):
        self.formula, self.at, self.run = formula, at, run

    def certified(self, formula: Formula, wrt: Sequence[str]) -> Certified:
        return self.run(Certifier(formula, self.at, wrt))

    def of_order(self, name: str, order: int) -> tuple[Certifier, Certified]:
        """The formula whose derivative by a name is that of an order, 2 or more, and what was found of it."""
        formula = derivative_below(self.formula, name, order)
        labelled = derivative_name(self.formula, name, order - 1, formula)
        return self._there(labelled, name, order - 1, (name,))

    def missing(self, names: Sequence[str], highest: int) -> dict[str, Component]:
        """By name the lowest derivative that does not exist or is not known, up to an order: above it there is none."""
        found: dict[str, Component] = {}
        for name in names if has_kinks(self.formula) else ():
            for order in range(1, highest + 1):
                known = self.of_order(name, order)[1] if order > 1 else self.certified(self.formula, (name,))
                part = without_conventions(known).gradient[name]
                if part.failed:
                    found[name] = part.without_number()
                    break
        return found

    def second_partials(self, names: Sequence[str], first: Certified) -> SecondPartials:
        """The second partial derivatives, by rows, where `first` is known of the first ones."""
        for branch in branches(self.formula) if first.at_kink else ():
            with suppress(UndefinedError):
                whole = mentioning(branch, names)
                if (known := self.certified(whole, names)).is_plain:
                    return Higher(whole, self.at, self.run).second_partials(names, known)
        return {name: self._row(name, names, first) for name in names}

    def _row(self, name: str, names: Sequence[str], first: Certified) -> dict[str, Component]:
        """One row of the Hessian. Where the first derivative does not exist there is no second one."""
        partial = mentioning(our_derivative(mentioning(self.formula, names), name), names)
        labelled = Name(f"d/d{name} {derived(self.formula)}", partial, self.formula.span)
        row: dict[str, Component] = {}
        if not first.at_kink:
            row.update(without_conventions(self._there(labelled, name, 1, names)[1]).gradient)
        for other in names if first.at_kink or any(part.failed for part in row.values()) else ():
            # each derivative is one along a line
            row.update(without_conventions(self._there(labelled, name, 1, (other,))[1]).gradient)
        failed = {x: part for x, part in without_conventions(first).gradient.items() if part.failed}
        for other in names:
            reason = failed.get(name) or failed.get(other)
            if reason is not None:
                row[other] = reason.without_number()
            elif first.at_kink and other != name and not goes_on(self.formula, partial, self.at, name, other):
                why = f"{labelled.name} is not known beside the kink, along {other}"
                row[other] = Component(math.nan, "undecided", why)
        return row

    def _there(self, derivative: Name, name: str, order: int, wrt: Sequence[str]) -> tuple[Certifier, Certified]:
        """The derivatives of a derivative, also where that is a quotient of zeros, or where what is written out
        for one point alone, a branch or the convention of a kink, is not what the derivative is there."""
        certifier = Certifier(derivative, self.at, wrt)
        whole = self.certified(self.formula, (name,))  # which has a value, or nothing has
        if whole.gradient[name].status != "not-differentiable":
            with suppress(UndefinedError):
                found = self.run(certifier)
                if not found.at_kink:
                    return certifier, found
        if wrt == (name,):
            kink = Kink(Posed(self.formula, self.at, wrt))
            orders = kink.orders(name, order + 1)
            if len(orders) > order:
                return certifier, replace(whole, gradient={name: orders[-1]}, at_kink=True)
            if unsettled(self.formula, self.at, name):
                none = Component(math.nan, "undecided", UNSETTLED.format(name))
                return certifier, replace(whole, gradient={name: none})
        filled = derivative_there(self.formula, self.at, name, order)
        if isinstance(filled, Missing):
            none = filled.found.without_number()
            return certifier, replace(whole, gradient=dict.fromkeys(wrt, none))
        certifier = Certifier(Name(derivative.name, mentioning(filled, wrt), self.formula.span), self.at, wrt)
        found = self.run(certifier)
        return certifier, replace(found, gradient={x: believed(part) for x, part in found.gradient.items()})


def derivative_below(formula: Formula, name: str, order: int) -> Formula:
    """Our derivative one order below the one asked, so that its gradient by `name` is the one asked."""
    return mentioning(our_derivative(prepare_open(formula), name, order - 1), (name,)) if order > 1 else formula


def without_conventions(result: Certified) -> Certified:
    """The conventions for kinks are about first derivatives: without a higher one there is no number."""
    parts = result.gradient.items()
    bare = {name: part.without_number() for name, part in parts if part.status == "not-differentiable"}
    return replace(result, gradient=result.gradient | bare)
