"""Calls that are written out when they are read: of any number of arguments, and over an index.

`mean(a, b, c)` is `(a + b + c)/3`, `logsumexp(a, b)` is `logaddexp(a, b)`, and `sum(k^2*x^k, k=1..3)` is the sum of its
three terms. What is written out is a formula like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from itertools import chain, compress, count, product
from operator import attrgetter

from gradcalc.record import dataclass

from .ends import at_ends, names_in_ends
from .errors import FormulaError, FormulaSyntaxError, LimitError, Span
from .formula import (
    Call,
    Formula,
    Name,
    Number,
    children_first,
    children_of_all,
    expression,
    fold,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
    with_definition,
)
from .functions import CONSTANTS, NOT_FINITE, RESERVED, SPELLED_OUT, TABLE, Function, is_diff
from .identity import ByIdentity
from .kept import calls_in, functions_in, kept, kept_by, tree_size
from .literals import number
from .reading import in_one_line, two_ways
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


def spelled_out(name: str, args: Sequence[Formula], span: Span) -> Formula:
    """The formula of a call with these arguments, of which there are two or more.

    Raises:
        FormulaSyntaxError: they may be an index and its ends.
    """
    made = _joined(SPELLED[name], args, span)
    if SPELLED[name].indexed and _may_have_index(args):
        formula, index, low, high = (in_one_line(arg.span) for arg in args)
        raise two_ways(span, f"{name}({formula}, {index}={low}..{high})", expression(made, 500))
    return made


def _may_have_index(args: Sequence[Formula]) -> bool:
    """Whether the arguments of `sum(k*x, k, 1, 3)` are what other programs write for an index and its ends."""
    if len(args) != 4 or not (isinstance(args[1], Name) and _is_whole(args[2])):
        return False
    return _is_whole(args[3]) or (isinstance(args[3], Name) and args[1].name in free_names(args[0]))


def _is_whole(node: Formula) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1


def over_index(name: str, body: Formula, index: Name, ends: Sequence[Formula], span: Span) -> Formula:
    """A sum or a product over an index, which stands for nothing else in the body, as a call of a function of its own,
    for `closed`.

    Raises:
        FormulaSyntaxError: the function has no index, or the body is differentiated by it, or has a name ending in it.
    """
    if name not in SPELLED or not SPELLED[name].indexed:
        help = "an index runs in sum(formula, k=1..n) and in prod(formula, k=1..n)"
        raise FormulaSyntaxError(f"{name} has no index", index.span, help)
    by = (node.args[1] for node in calls_in(body) if is_diff(node))
    if any(isinstance(each, Name) and each.name == index.name for each in by):
        raise FormulaSyntaxError(f"{index.name} is an index, and has no derivative", body.span, "choose another name")
    for each, node in free_names(body).items():
        if each.endswith(f"_{index.name}"):
            stem = each.removesuffix(index.name)
            help = f"write the terms out, with {stem}1, {stem}2 and so on"
            raise FormulaSyntaxError(f"{each} is one name, which an index does not reach", node.span, help)
    return Call(row_over(name, body, index.name), tuple(ends), span)


def row_over(name: str, body: Formula, index: str) -> Function:
    """The function whose calls, of two ends, are a sum or a product over an index."""
    return Function(name=f"{name} over {index}", spelling=name, params=(index,), definition=body, indexed=True)


def closed(root: Formula, values: Mapping[str, Formula] | None = None) -> Formula:
    """The formula with every sum and product over an index written out, also those that functions of users make; as it
    is where the ends of one are not known yet. Names in ends stand for these values.

    Raises:
        FormulaError: the formula differentiates by a name in an end.
        FormulaSyntaxError: an end is no whole number, or there are too many terms.
    """
    if not any(map(_runs, kept(root, functions_in))):
        return root
    root = at_ends(root, {name: values[name] for name in names_in_ends(root) if name in values} if values else {})
    found = opened(root)
    return root if any(map(_runs, users_functions(found))) else found


def opened(root: Formula) -> Formula:
    """The formula in which no function hides a sum or a product over an index: those of known ends are written out, of
    the others each index is a name that nothing else has where it stands.

    Raises:
        FormulaSyntaxError: an end is no whole number, or there are too many terms.
    """
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
        if not row.indexed:
            return put_in(row.body, dict(zip(row.params, map(argument, args), strict=True)))
        ends = _whole(low, row.params[0]), _whole(high, row.params[0])
        return with_arguments(node, args) if None in ends else _terms(row, *ends, node.span)  # type: ignore[arg-type]

    current, before = root, None
    while current is not before:
        before, current = current, in_sums(current, lambda part: rebuilt(part, call))
    taken = {name for formula in (root, current, *held.values()) for name in free_names(formula)}
    current = _with_own_indices(current, taken)
    while inside := {name: held[name] for name in free_names(current) if name in held}:
        current = put_in(current, inside)
    return current


def in_sums(root: Formula, change: Callable[[Formula], Formula]) -> Formula:
    """The formula changed, and before it what stands in its sums and products over an index, the innermost first."""
    rows: ByIdentity[Function, Function] = ByIdentity()

    def with_rows(part: Formula) -> Formula:
        return change(_with_rows(part, rows) if rows else part)

    for row in users_functions(root):
        if row.indexed:
            rows[row] = row.with_body(with_rows(row.body))
    return with_rows(root)


def put_in(root: Formula, values: Mapping[str, Formula]) -> Formula:
    """The formula with names replaced, also in its sums and products over an index, where that is no index, but not in
    what its functions and named intermediates are defined to be, which stands outside."""
    rows: ByIdentity[Function, Function] = ByIdentity()

    def within(part: Formula, own: tuple[str, ...] = ()) -> Formula:
        def name(node: Name, _: Formula | None) -> Formula:
            is_meant = node.definition is None and node.name not in own
            return values.get(node.name, node) if is_meant else node

        return _with_rows(part, rows, name)

    for row in users_functions(root):
        if row.indexed:
            rows[row] = row.with_body(within(row.body, row.params))
    return within(root)


def _with_own_indices(root: Formula, taken: Collection[str]) -> Formula:
    """The formula with indices that are among no taken names, and none inside another of the same name."""
    inside: ByIdentity[Function, set[str]] = ByIdentity()
    rows: ByIdentity[Function, Function] = ByIdentity()
    for row in (row for row in users_functions(root) if row.indexed):
        body, index = _with_rows(row.body, rows), row.params[0]
        used = {name for node in calls_in(row.body) for name in inside.get(node.function, set())}
        name = fresh(index, {*taken, *used})
        inside[row] = {name, *used}
        own = name == index
        rows[row] = row.with_body(body) if own else row_over(row.spelling, put_in(body, {index: Name(name)}), name)
    return _with_rows(root, rows)


def _with_rows(
    root: Formula,
    rows: ByIdentity[Function, Function],
    name: Callable[[Name, Formula | None], Formula] = with_definition,
) -> Formula:
    """The formula with other functions in the place of some."""
    return rebuilt(root, lambda node, args: with_arguments(node, args, rows.get(node.function)), name)


def fresh(index: str, taken: Collection[str]) -> str:
    """A name for an index that is not taken, the given one if it can be."""
    names = chain([index], "kjilmpqr", (f"k{i}" for i in count(1)))
    return next(name for name in names if name not in taken and name not in CONSTANTS)


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
    terms = [_shortened(put_in(body, {index: k}), [k]) for k in (number(k, span) for k in range(low, high + 1))]
    return _joined(spelled, terms, span) if terms else number(spelled.empty or 0, span)


def _shortened(root: Formula, put: Iterable[Formula]) -> Formula:
    """The formula without those of the numbers put into it that are 0 and added or subtracted."""
    zeros = [value for value in put if value == number(0)]

    def call(node: Call, args: list[Formula]) -> Formula:
        left = [arg for arg in args if not any(arg is zero for zero in zeros)]
        added = node.function is TABLE["+"] or (node.function is TABLE["-"] and left[:1] == args[:1])
        return left[0] if added and len(left) == 1 else with_arguments(node, args)

    return rebuilt(root, call) if zeros else root


def tried(
    formulas: Sequence[Formula], most: int, far: Iterable[int] = ()
) -> Iterator[tuple[dict[str, Formula], list[Formula]]]:
    """The formulas with small whole numbers for the names in their ends, the smallest first: from where sums begin to
    have terms, and before that one that has none, unless that were a negative number. Where some have no sum from a
    name on that would end before that, these alone. `most` in all, and for one name those beside numbers in the
    formulas, as something may change there, and for each name those that are `far`."""
    names = [*dict.fromkeys(name for formula in formulas for name in names_in_ends(formula))]
    starts = [low for formula in formulas for low in _starts(formula)]
    start = min([max(low - 1, min(low, 0)) for low in starts], default=0)
    ranks = sorted(product(range(round(most ** (1 / len(names))) + 1), repeat=len(names)), key=lambda each: max(each))
    close = _beside_numbers(formulas) if len(names) == 1 else []
    beyond: list[tuple[int, ...]] = [(n - start,) for n in close if n - start >= most]
    steps = sorted({n - start for n in far if n - start >= most and (n - start,) not in beyond})
    beyond += [tuple(n if i == j else 1 for j in range(len(names))) for n in steps for i in range(len(names))]
    each = [{n: number(start + i) for n, i in zip(names, ends, strict=True)} for ends in [*ranks, *beyond]]
    begun = [all(begun_with(formulas, values, from_names=True)) for values in each]
    first = [*compress(each[: len(ranks)], begun)] or each[: len(ranks)]
    refused, some = None, False
    for values in [*first[:most], *compress(each[len(ranks) :], begun[len(ranks) :])]:
        try:
            key = tuple(values.items())  # the next claim is tried with the same
            made = [kept_by(formula, _ended, key, formula, values) for formula in formulas]
        except FormulaError as error:
            refused = error  # the last: of a sum with 0 that number is no part
            continue
        some = True
        yield values, made
    if refused and not some:
        raise refused


def _ended(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    return closed(_shortened(at_ends(formula, values), values.values()))


def begun_with(formulas: Sequence[Formula], values: Mapping[str, Formula], from_names: bool = False) -> Iterator[bool]:
    """For each sum, or for those from a name on alone, with numbers for the names in ends, whether it ends no earlier
    than one that has no term does."""
    parts = [part for formula in formulas for part in (formula, *(row.body for row in users_functions(formula)))]
    nodes = (node for part in parts for node in calls_in(part) if node.function.indexed)
    for node in (node for node in nodes if free_names(node.args[0]) or not from_names):
        with suppress(FormulaError):
            low, high = (_whole(substitute(end, values), node.function.params[0]) for end in node.args)
            if low is not None and high is not None:
                yield high >= low - 1


_NOT_WHOLE = "an index runs from one whole number to another"
_FAR = 40  # the largest number in a formula beside which an end is tried


def _beside_numbers(formulas: Sequence[Formula]) -> list[int]:
    nodes = (node for formula in formulas for node in children_first(formula, children_of_all))
    found = {int(node.value) for node in nodes if isinstance(node, Number) and node.value.denominator == 1}
    return sorted({n + step for n in found if n <= _FAR for step in (0, 1)})[-4:]


def _starts(root: Formula) -> Iterator[int]:
    rows = users_functions(root)
    for part in (root, *(row.definition for row in rows if isinstance(row.definition, Formula))):
        for node in calls_in(part):
            if node.function.indexed and not free_names(node.args[0]):
                yield _whole(node.args[0], node.function.params[0]) or 0


def open_end(root: Formula) -> FormulaError | None:
    """The error where an end is not known; None where all are. It is raised at once where an end is a constant."""
    if not (names := names_in_ends(root)):
        return None
    name = min(names, key=lambda each: each not in CONSTANTS)
    message, help = f"{name} ends a sum or a product, and needs a whole number", f"give it one, as in {name}=10"
    if name in RESERVED or name.lower() in NOT_FINITE:
        message, help = f"a sum or a product ends at a whole number, not at {name}", "take one, such as 100"
    error = FormulaError(message, names[name].span, help)
    if name in CONSTANTS:
        raise error
    return error


def _joined(spelled: Spelled, parts: Sequence[Formula], span: Span) -> Formula:
    whole = reduce(lambda x, y: Call(spelled.row, (x, y), span), parts)
    return Call(TABLE["/"], (whole, number(len(parts), span)), span) if spelled.shared else whole


def _whole(end: Formula, index: str) -> int | None:
    """The whole number that an end is; None where it has names without a meaning.

    Raises:
        FormulaSyntaxError: it is another number.
    """

    def call(node: Call, args: list[Fraction | None]) -> Fraction | None:
        row, known = node.function, [arg for arg in args if arg is not None]
        if row is TABLE["if"]:
            return None if args[0] is None else args[1] if args[0] else args[2]
        if row.rational is None or len(known) < len(args):
            return None
        with suppress(ArithmeticError):
            return Fraction(row.rational(*known))
        return None

    def named(_: Name, meant: Fraction | None) -> Fraction | None:
        return meant

    found = fold(end, attrgetter("value"), named, call)
    if found is None and free_names(end):
        return None
    if found is None or found.denominator != 1:
        raise FormulaSyntaxError(_NOT_WHOLE, end.span, _other_end(end, index))
    return int(found)


def _other_end(end: Formula, index: str) -> str:
    """The advice at an end that is not known to be whole: a row in it, by those rows that fractions have."""
    for row in functions_in(end):
        if row.rational is None and isinstance(row.definition, str) and row.definition and not row.smooth:
            return f"in an end write {row.definition} for {row.signature}"
    return f"write them out, as in {index}=1..10"
