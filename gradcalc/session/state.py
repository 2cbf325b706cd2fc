"""All that a session knows at a moment. A line makes a new one of it, so that going back is taking the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gradcalc.engine.rewrite import prepare
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    children,
    children_first,
    expression,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import CONSTANTS, Function, is_diff
from gradcalc.language.identity import ByIdentity
from gradcalc.language.literals import place_text
from gradcalc.language.substitution import link, substitute, written_out
from gradcalc.language.uncertain import parts
from gradcalc.record import dataclass, field, replace

from .lines import RecordedLine


@dataclass(frozen=True, slots=True)
class LastResult:
    """The meaning of `ans`: a formula, and the values of its own that it was asked at."""

    formula: Formula
    own: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Names that mean formulas, functions by what they are called, results in their order, and the lines that led here.

    `mentioned` are names that some definition has needed: only these can close a circle. `called` are functions that
    there have been: only these can stand in what was defined before.
    """

    names: Mapping[str, Formula] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    results: tuple[LastResult, ...] = ()
    log: tuple[RecordedLine, ...] = ()
    mentioned: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    # ---- what follows from a statement

    def with_name(self, name: str, formula: Formula) -> State:
        """A name means a formula.

        Raises:
            FormulaError: the formula needs the name itself.
        """
        needed = free_names(formula)
        size = parts(formula)[1]
        if size is not None and not self.is_constant(formula):
            help = "a value with an uncertainty is made of numbers, as in x = 2±0.1"
            raise FormulaError(f"{name} with its uncertainty depends on {next(iter(needed))}", formula.span, help)
        mentioned = self.mentioned if needed.keys() <= self.mentioned else self.mentioned | needed.keys()
        new = replace(self, names={**self.names, name: formula}, mentioned=mentioned)
        new._no_circle(name)
        return new

    def with_function(self, row: Function) -> State:
        """A name calls a function, also in what was defined with another one of that name before.

        Raises:
            FormulaError: the function needs itself.
        """
        functions, called = {**self.functions, row.spelling: row}, self.called | {row.spelling}
        if row.spelling not in self.called:
            return replace(self, functions=functions, called=called)
        if chain := way_back(row):
            help = "a function can use what does not need it"
            raise FormulaError(f"'{row.name}' is defined by itself: {chain}", row.body.span, help)
        for name, other in self.functions.items():
            if other.spelling != row.spelling and isinstance(other.definition, Formula):
                functions[name] = other.with_body(with_function(other.definition, row))
        names = {name: with_function(formula, row) for name, formula in self.names.items()}
        mentioned = self.mentioned | free_names(row.body).keys()
        new = replace(self, names=names, functions=functions, called=called, mentioned=mentioned)
        for name, formula in names.items():
            if formula is not self.names[name]:
                new._no_circle(name)
        return new

    def without(self, names: Iterable[str]) -> State:
        """Names that mean nothing any more."""
        gone = set(names)
        return replace(
            self,
            names={name: formula for name, formula in self.names.items() if name not in gone},
            functions={name: row for name, row in self.functions.items() if name not in gone},
        )

    def _no_circle(self, name: str) -> None:
        """Refuse the meaning of a name where it leads back to the name."""
        if name in self.mentioned and any(other in self.names for other in free_names(self.names[name])):
            link(Name(name), self.definitions())

    # ---- what a formula means

    def definitions(self, own: Mapping[str, Formula] | None = None) -> Mapping[str, Formula]:
        """The names that stand for formulas, with those of `own` in the place of others."""
        return _Named({**self.names, **(own or {})}, constant=False)

    def values(self, own: Mapping[str, Formula] | None = None) -> Mapping[str, Formula]:
        """The names that stand for numbers, without the uncertainties of these."""
        return _Named({**self.names, **(own or {})}, constant=True)

    def uncertainties(self, own: Mapping[str, Formula] | None = None) -> dict[str, Formula]:
        """The standard uncertainties of the names that have one."""
        sizes = {name: parts(formula)[1] for name, formula in {**self.names, **(own or {})}.items()}
        return {name: size for name, size in sizes.items() if size is not None}

    def is_constant(self, formula: Formula) -> bool:
        return _constant(formula, self.names)

    def with_results(self, formula: Formula, found: Mapping[str, LastResult], alone: bool) -> LastResult:
        """A formula with results for the names they have in it.

        Their own values become those of the whole, so that it can be differentiated by them; where one of these names
        means something else beside a result, or the whole is to stand `alone`, the numbers are put in.
        """
        definitions = self.definitions()
        parts = {"": LastResult(formula), **found}
        mentions = {key: named_in(link(part.formula, definitions)) for key, part in parts.items()}
        own: dict[str, Formula] = {}
        meant = {}
        for key, result in found.items():
            others = [other for other in parts if other != key]
            clear = not alone and all(
                name not in mentions[other] or _same(value, parts[other].own.get(name))
                for name, value in result.own.items()
                for other in others
            )
            meant[key] = result.formula if clear else self.closed(result)
            own |= result.own if clear else {}
        return LastResult(substitute(formula, meant), own)

    def closed(self, result: LastResult) -> Formula:
        """The formula of a result with its own values put in."""
        if not result.own:
            return result.formula
        values = {name: parts(value)[0] for name, value in result.own.items()}
        return with_values(link(result.formula, self.definitions(result.own)), values)

    def dependents(self, names: Iterable[str]) -> list[str]:
        """The definitions that change when these names do, in the order they were made."""
        needs = {name: free_names(formula) for name, formula in self.names.items()}
        moved, found = set(names), True
        while found:
            found = False
            for name, needed in needs.items():
                if name not in moved and not moved.isdisjoint(needed):
                    moved.add(name)
                    found = True
        return [name for name in self.names if name in moved.difference(names)]

    # ---- the lines that lead here

    def leading_from(self, other: State) -> Iterator[str]:
        """Lines that make names and functions of another state mean what they mean in this one."""
        names = _moved(other.names, self.names)
        functions = _moved(other.functions, self.functions)
        wanted = {name: self.names[name] for name in names if name in self.names}
        definitions = [formula for formula in wanted.values() if free_names(formula)]
        anew = len(definitions) > 1  # on the way from old definitions to new ones there could be a circle
        known = [name for name in (*names, *functions) if name in other.names or name in other.functions]
        if gone := [name for name in known if anew or name not in (*wanted, *self.functions)]:
            yield f":delete {', '.join(dict.fromkeys(gone))}"
        yield from statements(wanted, {name: self.functions[name] for name in functions if name in self.functions})

    def changed_from(self, other: State) -> tuple[str, ...]:
        """The names that mean something else than in another state."""
        moved = (*_moved(other.names, self.names), *_moved(other.functions, self.functions))
        return tuple(dict.fromkeys(moved))

    def remembered(self) -> State:
        """The same, with lines that lead here from nothing: what is named, then what was asked."""
        lines = [*statements(self.names, self.functions)]
        for result in self.results:
            at = place_text(result.own, ", ")
            lines.append(expression(result.formula) + (f" at {at}" if at else ""))
        return replace(self, log=tuple(map(RecordedLine, lines)))


def _same(value: Formula, other: Formula | None) -> bool:
    return other is not None and expression(value) == expression(other)


def _moved(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    if before is after:
        return []
    return [name for name in {**after, **before} if before.get(name) is not after.get(name)]


def statements(names: Mapping[str, Formula], functions: Mapping[str, Function]) -> Iterator[str]:
    """Lines that give names and functions these meanings; a function stands behind those that it calls."""
    for row in _callees_first(list(functions.values())):
        if isinstance(row.definition, Formula):
            yield f"{row.signature} = {expression(row.definition)}"
    for name, formula in names.items():
        yield f"{name} = {expression(formula)}"


def _callees_first(rows: list[Function]) -> list[Function]:
    wanted = {row.spelling: row for row in rows}
    ordered: dict[str, Function] = {}
    for row in rows:
        called = users_functions(row.definition) if isinstance(row.definition, Formula) else ()
        for other in (*(wanted.get(one.spelling) for one in called), row):
            if other is not None:
                ordered.setdefault(other.spelling, other)
    return list(ordered.values())


@dataclass(frozen=True, slots=True)
class _Named(Mapping[str, Formula]):
    """Of some names those that stand for numbers, or for formulas, found out only where they are asked for."""

    names: Mapping[str, Formula]
    constant: bool

    def __getitem__(self, name: str) -> Formula:
        if name not in self:
            raise KeyError(name)
        return parts(self.names[name])[0] if self.constant else self.names[name]

    def __contains__(self, name: object) -> bool:
        formula = self.names.get(name) if isinstance(name, str) else None
        return formula is not None and _constant(formula, self.names) == self.constant

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _constant(formula: Formula, names: Mapping[str, Formula]) -> bool:
    return all(name in CONSTANTS and name not in names for name in free_names(formula))


# ---- formulas that are there already, when a function gets another meaning or names get values of their own


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
    known: ByIdentity[Function, Function] = ByIdentity()

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
    seen: ByIdentity[Function, None] = ByIdentity()
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
