"""Formulas that are already there, when a function gets another meaning or names get values of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gradcalc.engine.rewrite import prepare
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    children,
    children_first,
    rebuilt,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import Function, is_diff
from gradcalc.language.identity import ByIdentity
from gradcalc.language.substitution import substitute, written_out


def _bodies(formula: Formula) -> Iterator[Formula]:
    """A formula, and the bodies of the functions of users that it calls."""
    yield formula
    for row in users_functions(formula):
        yield row.body


def named_in(formula: Formula) -> set[str]:
    """The names that a formula needs, with those of its definitions. What is only differentiated by is none of them."""

    def below(node: Formula) -> tuple[Formula, ...]:
        below = children(node)
        return (below[0], *below[2:]) if is_diff(node) else below

    return {node.name for body in _bodies(formula) for node in children_first(body, below) if isinstance(node, Name)}


def with_values(formula: Formula, own: Mapping[str, Formula]) -> Formula:
    """The formula with the values of its own in their places, also in its definitions, whose names it loses: they mean
    something else outside. What it differentiates by a name is differentiated before the name is gone."""
    if any(is_diff(node) for body in _bodies(formula) for node in children_first(body)):
        formula = prepare(formula)
    return substitute(written_out(formula), own)


def _same_name(row: Function, other: Function) -> bool:
    """Whether two functions of users are called in the same way."""
    return (row.spelling, len(row.params)) == (other.spelling, len(other.params))


def with_function(formula: Formula, new: Function) -> Formula:
    """The formula with a function for its namesake, also in the bodies of the functions it calls."""
    known = ByIdentity[Function, Function]()

    def call(node: Call, args: list[Formula]) -> Formula:
        return with_arguments(node, args, known.get(node.function))

    for row in users_functions(formula):  # those that others call come first
        if _same_name(new, row):
            known[row] = new
        else:
            known[row] = row.with_body(rebuilt(row.body, call))
    return rebuilt(formula, call) if known else formula


def way_back(row: Function) -> str:
    """How the definition of a function needs its namesake: `g -> h -> g`; empty if it does not."""
    stack: list[tuple[Function, str]] = [(row, "")]
    seen = ByIdentity[Function, None]()
    while stack:
        current, way = stack.pop()
        if way and _same_name(row, current):
            return f"{way} -> {row.name}"
        if current not in seen and isinstance(current.definition, Formula):
            seen[current] = None
            way = way if "'" in current.name else f"{way} -> {current.name}".removeprefix(" -> ")
            calls = children_first(current.definition)
            stack += [(node.function, way) for node in calls if isinstance(node, Call)]
    return ""
