"""Which derivative of a function is claimed: a `Question` says of what formulas it is the gradient.

Everything is a matrix of partial derivatives of some formulas. A Jacobian is that of the outputs; a product with a
tangent of the outputs as functions of the step along it; one with a cotangent of the weighted sum of the outputs; a
Hessian of the partial derivatives by our own chain rule, and times a vector of the derivative along the vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcalc.engine.formulas import simple_call
from gradcalc.engine.rewrite import our_derivative
from gradcalc.language.formula import Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass

from .forms import Layout
from .tracer import variable

STEP = "step along the vector"


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that is claimed: the partial derivative of a quantity by a variable, which is the number at `axis` of
    the point, or the step along the vector (None). `row` is the number of the quantity."""

    name: str
    row: int
    variable: str
    axis: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which derivative is claimed: `word` is `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`; `vector` has the
    numbers of the tangent, the cotangent or the vector."""

    word: str
    vector: tuple[float, ...] = ()

    @property
    def scalar(self) -> bool:
        """Whether the function must answer with one number."""
        return self.word in ("gradient", "hessian", "hvp")

    @property
    def second(self) -> bool:
        return self.word in ("hessian", "hvp")

    @property
    def phrase(self) -> str:
        return _PHRASES[self.word]

    def quantities(self, outputs: Sequence[Formula], form: Layout, answer: Layout) -> tuple[Formula, ...]:
        """The formulas whose partial derivatives are claimed, of the function's own."""
        if self.word == "vjp":
            return (_weighted(outputs, self.vector),)
        if self.word == "hessian":
            return tuple(our_derivative(outputs[0], variable(name)) for name in answer.names)
        if self.word in ("jvp", "hvp"):
            pairs = [(variable(name), x) for name, x in zip(form.names, self.vector, strict=True) if x]
            moved = {name: _plus_product(Name(name), x, Name(STEP)) for name, x in pairs}
            along = tuple(substitute(output, moved) for output in outputs)
            return along if self.word == "jvp" else (our_derivative(along[0], STEP),)
        return tuple(outputs)

    def values(self, outputs: Sequence[float]) -> list[float]:
        """The values of the quantities asked for, from the outputs'; nothing where it does not follow."""
        if self.word == "vjp":
            return [sum(weight * x for weight, x in zip(self.vector, outputs, strict=True))]
        return [] if self.second else list(outputs)

    def entries(self, form: Layout, answer: Layout, outputs: Layout) -> tuple[Entry, ...]:
        """The entries that are claimed, in the order in which they are read."""
        places = {name: i for i, name in enumerate(form.names)}
        by = [(name, variable(name), places[name]) for name in answer.names]
        if self.word == "jvp":
            return tuple(Entry(name, row, STEP) for row, name in enumerate(outputs.names))
        if self.word == "jacobian":
            return tuple(
                Entry(f"d{out}/d{name}", row, inner, axis)
                for row, out in enumerate(outputs.names)
                for name, inner, axis in by
            )
        if self.word == "hessian":
            of = outputs.names[0]
            return tuple(
                Entry(f"d2{of}/d{first}d{name}", row, inner, axis)
                for row, first in enumerate(answer.names)
                for name, inner, axis in by
            )
        return tuple(Entry(name, 0, inner, axis) for name, inner, axis in by)


_PHRASES = {
    "gradient": "the gradient",
    "jacobian": "the Jacobian",
    "hessian": "the Hessian",
    "jvp": "the Jacobian times the tangent",
    "vjp": "the cotangent times the Jacobian",
    "hvp": "the Hessian times the vector",
}


def _weighted(outputs: Sequence[Formula], weights: Sequence[float]) -> Formula:
    total: Formula = number(0)
    for output, weight in zip(outputs, weights, strict=True):
        if weight:
            total = _plus_product(total, weight, output)
    return total


def _plus_product(formula: Formula, factor: float, other: Formula) -> Formula:
    return simple_call(TABLE["+"], (formula, simple_call(TABLE["*"], (number(Fraction(factor)), other))))
