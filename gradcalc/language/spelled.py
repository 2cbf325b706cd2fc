"""Calls that are written out when they are read: of any number of arguments, and over an index.

`mean(a, b, c)` is `(a + b + c)/3`, `logsumexp(a, b)` is `logaddexp(a, b)`, and `sum(k^2*x^k, k=1..3)` is the sum of its
three terms. What is written out is a formula like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from gradcalc.record import dataclass

from .errors import FormulaSyntaxError, LimitError, Span
from .formula import Call, Formula, Name, children_first, tree_size
from .functions import SPELLED_OUT, TABLE, Function
from .literals import exact_number, number
from .substitution import substitute

_MOST = 20_000  # nodes of a sum or a product that is written out


@dataclass(frozen=True, slots=True)
class Spelled:
    """A call: how it is written, its meaning, the row that joins its parts, and the value of none; `shared` tells that
    the whole is divided by their number, `indexed` that an index may run."""

    written: str
    doc: str
    row: Function
    empty: int | None = None
    shared: bool = False

    @property
    def indexed(self) -> bool:
        return self.empty is not None


SPELLED = {
    written.partition("(")[0]: Spelled(written, doc, TABLE[row], empty, shared)
    for written, doc, row, empty, shared in SPELLED_OUT
}


def written_out(name: str, args: Sequence[Formula], span: Span) -> Formula:
    """The formula of a call with these arguments, of which there are two or more."""
    return _joined(SPELLED[name], args, span)


def over_index(name: str, body: Formula, index: Name, bounds: Sequence[Formula], span: Span) -> Formula:
    """The formula of a sum or a product over an index, which stands for nothing else in the body.

    Raises:
        FormulaSyntaxError: an end is no whole number, the body is differentiated by the index, or there are too many
            terms.
    """
    if name not in SPELLED or not SPELLED[name].indexed:
        help = "an index runs in sum(formula, k=1..n) and in prod(formula, k=1..n)"
        raise FormulaSyntaxError(f"{name} has no index", index.span, help)
    low, high = (_whole(bound, index.name) for bound in bounds)
    if any(_is_by(node, index.name) for node in children_first(body)):
        raise FormulaSyntaxError(f"{index.name} is an index, and has no derivative", body.span, "choose another name")
    if (high - low + 1) * tree_size(body) > _MOST:
        raise LimitError("nodes", f"{name} has too many terms to write them out", span)
    terms = [substitute(body, {index.name: number(k, index.span)}) for k in range(low, high + 1)]
    return _joined(SPELLED[name], terms, span) if terms else number(SPELLED[name].empty or 0, span)


def _joined(spelled: Spelled, parts: Sequence[Formula], span: Span) -> Formula:
    whole = reduce(lambda x, y: Call(spelled.row, (x, y), span), parts)
    return Call(TABLE["/"], (whole, number(len(parts), span)), span) if spelled.shared else whole


def _is_by(node: Formula, index: str) -> bool:
    if not isinstance(node, Call) or node.function not in (TABLE["diff"], TABLE["diff_n"]):
        return False
    by = node.args[1]
    return isinstance(by, Name) and by.name == index


def _whole(bound: Formula, index: str) -> int:
    exact = exact_number(bound)
    if exact is None or exact.denominator != 1:
        help = f"write them out, as in {index}=1..10"
        raise FormulaSyntaxError("an index runs from one whole number to another", bound.span, help)
    return int(exact)
