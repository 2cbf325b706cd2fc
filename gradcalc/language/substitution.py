"""Formulas with other formulas in the place of names or nodes."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from itertools import pairwise

from .errors import FormulaError
from .formula import (
    Call,
    Formula,
    Function,
    Name,
    children_first,
    children_of_all,
    flattened,
    fold,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
    with_definition,
)
from .functions import is_diff
from .identity import ByIdentity
from .kept import kept


def replaced(root: Formula, part: Formula, instead: Formula) -> Formula:
    """The formula with one node, `part` itself, replaced."""

    def name(node: Name, definition: Formula | None) -> Formula:
        return instead if node is part else with_definition(node, definition)

    def call(node: Call, args: list[Formula]) -> Formula:
        return instead if node is part else with_arguments(node, args)

    return fold(root, lambda node: instead if node is part else node, name, call, kept(root, flattened))


def written_out(
    root: Formula, names: Container[str] | None = None, call: Callable[[Call, list[Formula]], Formula] = with_arguments
) -> Formula:
    """The formula with some of its named intermediates, or all, written out, and its calls as `call` makes them."""

    def name(node: Name, definition: Formula | None) -> Formula:
        if definition is None or (names is not None and node.name not in names):
            return with_definition(node, definition)
        return definition

    return rebuilt(root, call, name)


def substitute(root: Formula, replacements: Mapping[str, Formula]) -> Formula:
    """The formula with free names replaced, also in the bodies of users' functions, where parameters are not free.

    What does not change is shared, and a name keeps its place in the text.
    """
    if not replacements:
        return root
    functions: ByIdentity[Function, Function] = ByIdentity()
    intermediates: ByIdentity[Name, Formula] = ByIdentity()
    of_users = False  # whether a user's function is called

    def name(node: Name, definition: Formula | None) -> Formula:
        if node.definition is None:
            return replacements.get(node.name, node)
        return with_definition(node, definition)

    def call(node: Call, args: list[Formula]) -> Formula:
        nonlocal of_users
        if not isinstance(node.function.definition, Formula):
            return with_arguments(node, args)
        of_users = True
        return with_arguments(node, args, functions.get(node.function))

    def outside(node: Name) -> Formula:
        if node not in intermediates:
            intermediates[node] = rebuilt(node, call, name)
        return intermediates[node]

    made = rebuilt(root, call, name)
    if not of_users:
        return made
    for row in users_functions(root):
        params = row.params

        def inside(node: Name, params: tuple[str, ...] = params) -> Formula:
            return node if node.definition is None and node.name in params else outside(node)

        functions[row] = row.with_body(rebuilt(row.body, call, lambda node, _: inside(node)))
    return rebuilt(root, call, name)


def differentiated_by(root: Formula) -> set[str]:
    """The names that a formula has a `diff` by."""
    return {str(node.args[1]) for node in children_first(root, children_of_all) if is_diff(node)}


def with_values(root: Formula, values: Mapping[str, Formula]) -> Formula:
    """The formula with values in the place of free names, but that those it differentiates by stay and are defined."""
    by = differentiated_by(root) & values.keys()
    return substitute(root, {**values, **{name: Name(name, values[name]) for name in by}})


def link(root: Formula, definitions: Mapping[str, Formula]) -> Formula:
    """Give the free names of `root` their definitions, and those theirs. A circle is an error that shows the chain."""
    if not definitions:
        return root
    linked: dict[str, Formula] = {}
    open_: dict[str, dict[str, Name]] = {}  # with the names in their definitions that are defined, too
    stack = [name for name in free_names(root) if name in definitions]
    while stack:
        current = stack[-1]
        if current in linked:
            stack.pop()
            continue
        if current not in open_:
            open_[current] = {n: at for n, at in free_names(definitions[current]).items() if n in definitions}
        needs = [n for n in open_[current] if n not in linked]
        circle = next((n for n in needs if n in open_), None)
        if circle is not None:
            chain = [*list(open_)[list(open_).index(circle) :], circle]
            places = [open_[name][needed].span for name, needed in pairwise(chain)]
            here = [place for place in places if place.source == places[0].source]
            raise FormulaError(
                f"'{circle}' is defined by itself: {' -> '.join(chain)}",
                max(here, key=lambda place: place.start),  # the last of a line closes it
                "a definition is a formula, evaluated when it is used; it cannot need its own value",
            )
        if needs:
            stack.extend(needs)
            continue
        body = substitute(definitions[current], {n: linked[n] for n in open_.pop(current)})
        linked[current] = Name(current, body, definitions[current].span)
        stack.pop()
    return substitute(root, linked)
