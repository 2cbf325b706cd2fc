"""Names in the ends of sums and products over an index: they stand for whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .errors import FormulaError
from .formula import Formula, Function, Name, children_first, children_of_all, free_names, users_functions
from .functions import is_diff
from .identity import ByIdentity
from .kept import calls_in
from .substitution import with_values


def names_in_ends(root: Formula) -> dict[str, Name]:
    """The names that ends of sums and products wait for, each with the node where it stands."""
    waiting: ByIdentity[Function, list[int]] = ByIdentity()  # of functions, the arguments on the way to an end
    own: ByIdentity[Function, dict[str, Name]] = ByIdentity()

    def needed(body: Formula, bound: Sequence[str] = ()) -> dict[str, Name]:
        calls = [*calls_in(body)]
        ends = [free_names(call.args[i]) for call in calls for i in waiting.get(call.function, [])]
        rows = [call.function for call in calls if call.function in own]
        inside = [*ends, *(own[row] for row in rows if row.indexed)]
        outside = [own[row] for row in rows if not row.indexed]  # what a function is defined by has no index of another
        found = {name: node for each in inside for name, node in each.items() if name not in bound}
        return {name: node for each in (found, *outside) for name, node in each.items()}

    for row in users_functions(root):
        inside = needed(row.body)
        waiting[row] = [0, 1] if row.indexed else [i for i, param in enumerate(row.params) if param in inside]
        own[row] = needed(row.body, row.params)
    return needed(root)


def at_ends(root: Formula, values: Mapping[str, Formula]) -> Formula:
    """The formula with numbers for names, some of which ends wait for.

    Raises:
        FormulaError: it differentiates by a name in an end.
    """
    for node in filter(is_diff, children_first(root, children_of_all)):
        refuse_ends(names_in_ends(node.args[0]), (str(node.args[1]),))
    return with_values(root, values)


def refuse_ends(ends: Mapping[str, Name], names: Iterable[str]) -> None:
    """Look whether there can be derivatives by these names, beside those in ends.

    Raises:
        FormulaError: one of them is among these.
    """
    for name in names:
        if end := ends.get(name):
            raise FormulaError(no_derivative_by_end(name), end.span, WHOLE)


WHOLE = "it stands for a whole number"


def no_derivative_by_end(name: str) -> str:
    return f"{name} ends a sum or a product: there is no derivative with respect to it"
