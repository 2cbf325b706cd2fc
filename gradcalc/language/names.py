"""Notes on what may have been meant otherwise than it is read: names, quotients of differentials, roots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Set

from .formula import Call, Formula, Name, Number, brief, children_first, expression, free_names
from .functions import CONSTANTS, NOT_FINITE, TABLE, YIELDING
from .kept import calls_in
from .literals import ONE
from .reading import called_alone, in_one_line, juxtaposed, number_elsewhere

_OF_THE_COMMAND = {
    "help": "gradcalc --help tells about the command",
    "version": "gradcalc --version tells the version",
    "-v": "gradcalc --version tells the version",
    "exit": "there is nothing to leave here",
    "quit": "there is nothing to leave here",
}
_BASES = ("2", "10", "e")
_POWERS_OF_TEN = frozenset(10**n for n in range(2, 13))  # log(10) is meant as it stands
_DEGREES = frozenset((30, 45, 60, 90, 120, 135, 150, 180, 270, 360))
_LONGEST = 10  # pieces of a formula that may be such a word
_TAKEN_FOR = {
    **dict.fromkeys(("deg", "degree", "degrees"), "angles are in radians: 30 degrees are rad(30)"),
    **dict.fromkeys(("mm", "cm", "km", "mg", "kg", "kHz", "MHz", "GHz", "kPa"), "numbers have no units here"),
    "i": "numbers are real here, and it is no root of -1",
}


def notes(formula: Formula, bound: Collection[str]) -> Iterator[str]:
    """Notes on the names of a formula that have no value and may have been meant as something else: products, calls,
    quotients of differentials, words of the command, degrees; and on powers that may have been meant as roots. `bound`
    are the names with values."""
    known = {*bound, *free_names(formula)}
    known |= {"e"} if known - free_names(formula).keys() else set()  # in `ex`, where x has a value that nothing takes
    free = [name for name in free_names(formula) if name not in bound and name not in CONSTANTS]
    word = expression(formula, _LONGEST)
    if word in _OF_THE_COMMAND and free:
        yield f"{word} is read as a {'name' if word in free else 'formula'}; {_OF_THE_COMMAND[word]}"
        return
    quotients = dict(differentials(formula, free))
    powers = (call.args for call in calls_in(formula) if call.function is TABLE["^"]) if "E" in free else ()
    raised = {base.name for base, by in powers if isinstance(base, Name) and not isinstance(by, Number)}
    for name in free:
        if any(name in pair for pair in quotients):
            continue
        if name.lower() in NOT_FINITE:
            yield f"{name} is read as a name: {'nan' if name.lower() == 'nan' else 'infinity'} is no number here"
        elif name in _TAKEN_FOR:
            yield f"{name} is read as a name; {_TAKEN_FOR[name]}"
        elif note := glued(name, known):
            yield note
        elif constant := constant_elsewhere(name, name in raised):
            yield f"{name} is read as a name; if {constant} is meant, write that"
    for (top, bottom), help in quotients.items():
        yield f"{top}/{bottom} is read as a quotient of two names; for a derivative write {help}"
    for node in calls_in(formula):
        if meant := number_elsewhere(node.span):
            yield f"{node.span.text} is read as {expression(node)}; {meant}"
        elif node.function is TABLE["*"] and isinstance(node.args[0], Number):
            yield from _with_figures(node.args[0], node.span.text, free)
        if isinstance(node, Call) and node.function is TABLE["/"] and isinstance(node.args[1], Number):
            yield from _meant_as_roots(node.args[0], node.args[1])
    times = dict.fromkeys(time for node in children_first(formula) if (time := _time(node)) and time not in bound)
    yield from (
        f"{time} is read as {YIELDING[time]}; if a variable is meant, give it a value, {time}=..." for time in times
    )
    yield from dict.fromkeys(_on_arguments(formula))


def _with_figures(factor: Number, product: str, names: Collection[str]) -> Iterator[str]:
    """A note on `2x3`, unless there is another name with that letter and a figure, as of `x1` and `x2`."""
    for name in names:
        letter, figures, read = name[0], name[1:], f"{factor.text}{name}"
        alike = [other for other in names if other[0] == letter and other[1:].isdigit()]
        if figures.isdigit() and alike == [name] and product.startswith(read) and product[len(read) :][:1] in " ^*/+-":
            meant = f"for a product write {factor}*{letter}*{figures}, for a power {factor}*{letter}^{figures}"
            yield f"{read} is read as {factor}*{name}; {meant}"


def _on_arguments(formula: Formula) -> Iterator[str]:
    """Notes on the arguments of calls as they are written, which terms of a sum are not: they have one place together.
    A logarithm over another is to the base that it is over."""
    calls = [*calls_in(formula)]
    often = Counter(call.span for call in calls)
    over = {of.span for call in calls if call.function is TABLE["/"] for of in call.args if _is_as(of, *call.args)}
    for call in calls:
        if often[call.span] > 1 or call.function.symbol:
            continue
        if len(call.args) == 2:
            yield from _turned(call)
        if len(call.args) == 1 and isinstance(call.args[0], Number) and call.span not in over:
            yield from _of_another_unit(call, call.args[0])


def _is_as(one: Formula, *others: Formula) -> bool:
    """Whether it is a call of the function that all others are calls of."""
    return isinstance(one, Call) and all(isinstance(x, Call) and x.function is one.function for x in others)


def glued(name: str, known: Set[str]) -> str:
    """A note on a name that may have been meant as a product of `known` names or as a call; empty where it can be
    neither."""
    if better := juxtaposed(name, known - {name}):
        return f"{name} is read as one name; if {better} is meant, write that"
    return f"{name} is read as a name; the function is called, as in {name}(x)" if called_alone(name) else ""


def _of_another_unit(call: Call, argument: Number) -> Iterator[str]:
    """A note on `log(100)`, where there is a logarithm to the base 10, and on `sin(90)`, where there is a sine of parts
    of pi: they are of powers of ten, and of degrees, as these are elsewhere."""
    name, written = call.function.name, brief(call)
    if f"{name}10" in TABLE and call.span.text.startswith(name) and argument.value in _POWERS_OF_TEN:
        yield f"{written} has the base e; to the base 10 it is {name}10({argument})"
    quotient = (call.function.domain or "").removesuffix("(x) != 0")  # of tan that by cos
    if {f"{name}pi", f"{quotient}pi"} & TABLE.keys() and argument.value in _DEGREES:
        yield f"{written} is of {argument} radians; of degrees it is {name}(rad({argument}))"


def _turned(call: Call) -> Iterator[str]:
    """A note on `log(2, x)` and `log(2, 8)`: a constant stands where a function has its argument, and what varies where
    it has its base or degree, or a usual base stands before another."""
    row, (first, second) = call.function, call.args
    if TABLE.get(row.name) is not row or row.params[0] != "x" or row.params[1] == "y":
        return
    bases = row.params[1] == "base" and brief(first) in _BASES and brief(second) not in _BASES
    if free_names(first) or not (free_names(second) or bases):
        return
    what, meant = row.params[1], brief(Call(row, (second, first)))
    yield f"the {what} of {brief(call)} is {brief(second)}; if {brief(first)} is meant, write {meant}"


def _meant_as_roots(top: Formula, degree: Number) -> Iterator[str]:
    """A note on a quotient that is written `u^1/3` or `a*u^1/3`."""
    while isinstance(top, Call) and top.function is TABLE["*"]:
        top = top.args[1]
    if isinstance(top, Call) and top.function is TABLE["^"] and top.args[1] == ONE and top.span.text[-1:] != ")":
        power = in_one_line(top.span)
        root = brief(Call(top.function, (top.args[0], Call(TABLE["/"], (ONE, degree)))))
        yield f"{power}/{degree} is read as ({power})/{degree}; a root is written {root}"


def _time(node: Formula) -> str:
    """The name of a constant that others divide by and call so, as in `exp(-t/tau)`; empty for other nodes."""
    if not (isinstance(node, Call) and node.function is TABLE["/"] and isinstance(node.args[1], Name)):
        return ""
    name = node.args[1].name
    return name if name in YIELDING and len(name) > 1 else ""


def constant_elsewhere(name: str, raised: bool = False) -> str:
    """How a constant is written here that others have by a name in capitals, as `PI`; `E` is often a variable, unless
    it is `raised` to a power."""
    if not name[0].isupper() or (name == "E" and not raised):
        return ""
    from .elsewhere import readings

    return next(iter(readings(name, [])), "")


def differentials(formula: Formula, free: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """The quotients such as `dL/da`, and how to write them."""
    for top, bottom in (call.args for call in calls_in(formula) if call.function is TABLE["/"]):
        if not (isinstance(top, Name) and isinstance(bottom, Name) and {top.name, bottom.name} <= {*free}):
            continue
        order = top.name[1:2]
        if top.name[0] == bottom.name[0] == "d" and order in tuple("23456789") and bottom.name[2:].endswith(order):
            yield (top.name, bottom.name), f"diff({top.name[2:] or 'formula'}, {bottom.name[1:-1]}, {order})"
        elif top.name[0] == bottom.name[0] == "d" and len(bottom.name) > 1:
            yield (top.name, bottom.name), f"diff({top.name[1:] or 'formula'}, {bottom.name[1:]})"
