"""Calls that are written out when they are read: of any number of arguments, and over an index.

`mean(a, b, c)` is `(a + b + c)/3`, `logsumexp(a, b)` is `logaddexp(a, b)`, and `sum(k^2*x^k, k=1..3)` is the sum of its
three terms. What is written out is a formula like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce

from gradcalc.record import dataclass

from .errors import FormulaError, FormulaSyntaxError, LimitError, Span
from .formula import (
    Call,
    Formula,
    Name,
    Number,
    children_first,
    fold,
    free_names,
    users_functions,
    with_arguments,
    with_definition,
)
from .functions import SPELLED_OUT, TABLE, Function
from .kept import in_order, kept, tree_size
from .literals import number
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


def over_index(name: str, body: Formula, index: Name, ends: Sequence[Formula], span: Span) -> Formula:
    """The formula of a sum or a product over an index, which stands for nothing else in the body. It is written out if
    its ends are known, and else a call of a function of its own, for `closed`.

    Raises:
        FormulaSyntaxError: an end is no whole number, the body is differentiated by the index, or there are too many
            terms.
    """
    if name not in SPELLED or not SPELLED[name].indexed:
        help = "an index runs in sum(formula, k=1..n) and in prod(formula, k=1..n)"
        raise FormulaSyntaxError(f"{name} has no index", index.span, help)
    if any(_is_by(node, index.name) for node in children_first(body)):
        raise FormulaSyntaxError(f"{index.name} is an index, and has no derivative", body.span, "choose another name")
    row = Function(name=f"{name} over {index.name}", spelling=name, params=(index.name,), definition=body, indexed=True)
    return closed(Call(row, tuple(ends), span))


def closed(root: Formula, values: Mapping[str, Formula] | None = None) -> Formula:
    """The formula with every sum and product over an index written out, also those that functions of users make; as it
    is where the ends of one are not known yet. Names in ends stand for these values.

    Raises:
        FormulaSyntaxError: an end is no whole number, or there are too many terms.
    """
    if not any(isinstance(node, Call) and _runs(node.function) for node in kept(root, in_order)):
        return root
    root = substitute(root, {name: values[name] for name in names_in_ends(root) if name in values} if values else {})
    held: dict[str, Formula] = {}  # what stands in functions that are written out, safe from their indices

    def argument(formula: Formula) -> Formula:
        if not free_names(formula):
            return formula
        held[f"argument {len(held)}"] = formula
        return Name(f"argument {len(held) - 1}")

    def call(node: Call, args: list[Formula]) -> Formula:
        row, (low, high) = node.function, (args[0], args[-1])
        if not _runs(row):
            return with_arguments(node, args)
        assert isinstance(row.definition, Formula)
        if not row.indexed:
            return substitute(row.definition, dict(zip(row.params, map(argument, args), strict=True)))
        ends = _whole(low, row.params[0]), _whole(high, row.params[0])
        return with_arguments(node, args) if None in ends else _terms(row, *ends, node.span)  # type: ignore[arg-type]

    current, before = root, None
    while current is not before:
        before, current = current, fold(current, lambda node: node, with_definition, call)
    if current is not root and any(map(_runs, users_functions(current))):
        return root
    while inside := {name: held[name] for name in free_names(current) if name in held}:
        current = substitute(current, inside)
    return current


def _runs(row: Function) -> bool:
    """Whether a function is a sum over an index, or calls one."""
    if row.indexed or not isinstance(row.definition, Formula):
        return row.indexed
    return any(each.indexed for each in users_functions(row.definition))


def _terms(row: Function, low: int, high: int, span: Span) -> Formula:
    (index,), body, spelled = row.params, row.definition, SPELLED[row.spelling]
    assert isinstance(body, Formula)
    if (high - low + 1) * tree_size(body) > _MOST:
        raise LimitError("nodes", f"{row.spelling} has too many terms to write them out", span)
    terms = [substitute(body, {index: number(k, span)}) for k in range(low, high + 1)]
    return _joined(spelled, terms, span) if terms else number(spelled.empty or 0, span)


def names_in_ends(root: Formula) -> dict[str, Name]:
    """The names that ends of sums and products wait for, each with the node where it stands."""
    waiting: dict[int, list[int]] = {}  # of functions, the places of arguments on the way to an end

    def needed(body: Formula) -> dict[str, Name]:
        calls = [node for node in children_first(body) if isinstance(node, Call)]
        ends = [call.args[i] for call in calls for i in waiting.get(id(call.function), ())]
        return {name: node for end in ends for name, node in free_names(end).items()}

    found: dict[str, Name] = {}
    for row in users_functions(root):
        assert isinstance(row.definition, Formula)
        inside = needed(row.definition)
        waiting[id(row)] = [0, 1] if row.indexed else [i for i, param in enumerate(row.params) if param in inside]
        found |= {name: node for name, node in inside.items() if name not in row.params}
    return {**needed(root), **found}


def open_end(root: Formula) -> FormulaError | None:
    """The error where an end is not known; None where all are."""
    names = names_in_ends(root)
    if not names:
        return None
    (name, node), *_ = names.items()
    return FormulaError(
        f"{name} ends a sum or a product, and needs a whole number", node.span, f"give it one, as in {name}=10"
    )


def _joined(spelled: Spelled, parts: Sequence[Formula], span: Span) -> Formula:
    whole = reduce(lambda x, y: Call(spelled.row, (x, y), span), parts)
    return Call(TABLE["/"], (whole, number(len(parts), span)), span) if spelled.shared else whole


def _is_by(node: Formula, index: str) -> bool:
    if not isinstance(node, Call) or node.function not in (TABLE["diff"], TABLE["diff_n"]):
        return False
    by = node.args[1]
    return isinstance(by, Name) and by.name == index


def _whole(end: Formula, index: str) -> int | None:
    """The whole number that an end is; None where it has names without a meaning.

    Raises:
        FormulaSyntaxError: it is another number.
    """

    def call(node: Call, args: list[Fraction | None]) -> Fraction | None:
        known = [arg for arg in args if arg is not None]
        if len(known) < len(args) or node.function.rational is None:
            return None
        with suppress(ArithmeticError):
            return Fraction(node.function.rational(*known))
        return None

    def exact(node: Number) -> Fraction | None:
        return node.value

    def named(_: Name, meant: Fraction | None) -> Fraction | None:
        return meant

    found = fold(end, exact, named, call)
    if found is None and free_names(end):
        return None
    if found is None or found.denominator != 1:
        help = f"write them out, as in {index}=1..10"
        raise FormulaSyntaxError("an index runs from one whole number to another", end.span, help)
    return int(found)
