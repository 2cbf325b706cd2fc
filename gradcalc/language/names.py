"""Notes on names: what they may have been meant as, where they are read as names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set

from .formula import Call, Formula, Name, children_first, free_names
from .functions import CONSTANTS, NOT_FINITE, TABLE
from .reading import called_alone, juxtaposed

_OF_THE_COMMAND = {
    "help": "gradcalc --help tells about the command",
    "version": "gradcalc --version tells the version",
    "exit": "there is nothing to leave here",
    "quit": "there is nothing to leave here",
}


def notes(formula: Formula, bound: Collection[str], known: Set[str]) -> Iterator[str]:
    """Notes on the names of a formula that have no value and may have been meant as something else: products, calls,
    quotients of differentials, words of the command. `bound` are the names with values, `known` all that are in use."""
    free = [name for name in free_names(formula) if name not in bound and name not in CONSTANTS]
    if isinstance(formula, Name) and formula.name in _OF_THE_COMMAND and formula.name in free:
        yield f"{formula.name} is read as a name; {_OF_THE_COMMAND[formula.name]}"
        return
    quotients = dict(differentials(formula, free))
    for name in free:
        if any(name in pair for pair in quotients):
            continue
        if name.lower() in NOT_FINITE:
            yield f"{name} is read as a name: infinity is no number here"
        elif better := juxtaposed(name, known - {name}):
            yield f"{name} is read as one name; if {better} is meant, write that"
        elif called_alone(name):
            yield f"{name} is read as a name; the function is called, as in {name}(x)"
        elif constant := constant_elsewhere(name):
            yield f"{name} is read as a name; if {constant} is meant, write that"
    for (top, bottom), help in quotients.items():
        yield f"{top}/{bottom} is read as a quotient of two names; for a derivative write {help}"


def constant_elsewhere(name: str) -> str:
    """How a constant is written here that others have by a name in capitals, as `PI`; `E` is often a variable."""
    if not name[0].isupper() or name == "E":
        return ""
    from .elsewhere import readings

    return next(iter(readings(name, [])), "")


def differentials(formula: Formula, free: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """The quotients such as `dL/da`, and how to write them."""
    for node in children_first(formula):
        if not (isinstance(node, Call) and node.function is TABLE["/"]):
            continue
        top, bottom = node.args
        if not (isinstance(top, Name) and isinstance(bottom, Name) and {top.name, bottom.name} <= {*free}):
            continue
        order = top.name[1:2]
        if top.name[0] == bottom.name[0] == "d" and order in tuple("23456789") and bottom.name[2:].endswith(order):
            yield (top.name, bottom.name), f"diff({top.name[2:] or 'formula'}, {bottom.name[1:-1]}, {order})"
        elif top.name[0] == bottom.name[0] == "d" and len(bottom.name) > 1:
            yield (top.name, bottom.name), f"diff({top.name[1:] or 'formula'}, {bottom.name[1:]})"
