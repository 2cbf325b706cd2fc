"""What a user has named so far, as in a spreadsheet: definitions are formulas and take the values of the moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gradcalc.certified import Component
from gradcalc.language.errors import FormulaError, FormulaSyntaxError, MissingValueError, Span
from gradcalc.language.formula import (
    Formula,
    Name,
    expression,
    free_names,
    link,
    substitute,
)
from gradcalc.language.functions import CONSTANTS, Function
from gradcalc.language.parser import parse, parse_program
from gradcalc.language.reading import Statement
from gradcalc.language.rows import validated

from .changes import Change, Place, as_one, moved, put, statements
from .lines import Typed, lines, read_line
from .outcomes import Assigned, Defined, Deleted, Mistake, Outcome, Scripted, Undone
from .questions import Options, Question
from .record import Entry
from .rewriting import way_back, with_function, with_values

_EVERYTHING = Options()
_DELETE = re.compile(r"\s*:delete\s+(?P<names>\S.*)")
_RESET = re.compile(r"\s*:reset\s*")
_RESULT = re.compile(r"ans|_\d*")


def is_result(name: str) -> bool:
    """Whether a name is that of a result: `ans`, `_`, `_3`."""
    return _RESULT.fullmatch(name) is not None


# ---- the session


class Session:
    """Names, functions, the results so far (`ans`, `_3`), what can be undone, and the lines to save."""

    def __init__(
        self,
        options: Options = _EVERYTHING,
        names: Mapping[str, Formula] | None = None,
        functions: Iterable[Function] = (),
    ):
        """`functions` are rows of your own, known in every line as if they stood in the table."""
        self.options = options
        self.names: dict[str, Formula] = {}
        self.functions: dict[str, Function] = {row.spelling: row for row in map(validated, functions)}
        self.used: set[str] = set()  # names that some question has needed
        self._needed: set[str] = set()  # names that some definition has needed: only these can close a circle
        self._called: set[str] = set()  # functions that there have been: only these can have been used
        self.results: list[Formula] = []  # `ans` is the last; each with the values of its own that it was asked with
        self._asked: list[Question] = []  # by the last line: these may turn out to have no answer
        self.log: list[Entry] = []
        self._change: Change | None = None  # by the last line
        self._past: list[Change] = []
        self._future: list[Change] = []
        self._names_were: dict[str, Formula | None] = {}  # before the line that is carried out, where it touched them
        self._functions_were: dict[str, Function | None] = {}
        for name, formula in (names or {}).items():
            self.assign(name, formula)

    @classmethod
    def going_on(
        cls,
        names: Mapping[str, Formula],
        functions: Mapping[str, Function],
        results: Iterable[Formula],
        options: Options = _EVERYTHING,
    ) -> Session:
        """A new session that knows what another has named and found. What happens there changes nothing here."""
        other = cls(options)
        other.names, other.functions, other.results = {**names}, {**functions}, [*results]
        other._needed = {name for formula in names.values() for name in free_names(formula)}
        other._called = set(functions)
        return other

    # ---- programs, scripts, lines

    def run(self, text: str) -> Iterator[Assigned | Defined | Question]:
        """The outcome of each statement of a program, in order. A mistake anywhere is found before the first.

        Raises:
            FormulaSyntaxError: with its place in the text.
            FormulaError: for a definition that needs itself.
        """
        for statement in parse_program(text, self.functions.values()):
            yield self._outcome(statement)

    def script(self, text: str, name: str = "") -> Iterator[Scripted]:
        """The outcomes of a script, line by line, each carried out when it is asked for.

        A line may be anything that `line` takes, and goes on while a parenthesis is open. A mistake is the outcome of
        its own line, with its place in that line, and the rest goes on; what was defined before is known.
        """
        for number, line in lines(text):
            try:
                outcomes: list[Outcome | Mistake] = [*self._carried_out(line)]
            except FormulaError as error:
                outcomes = [Mistake(error)]
            for outcome in outcomes:
                yield Scripted(outcome, number, name)

    def line(self, text: str) -> list[Outcome]:
        """The outcomes of a line of the prompt: statements of the language, `x := formula`, `x += formula` (and
        -= *= /=), `formula at x=2`, `:delete a, g`, `:reset`. It can be undone, and is kept for saving.

        `ans` and `_` are the last result, `_3` the third.

        Raises:
            FormulaError: with its place in the line, of which nothing is then carried out.
        """
        before = self._place()
        outcomes = self._carried_out(text)
        names, functions = moved(self._names_were, self.names), moved(self._functions_were, self.functions)
        if outcomes and not _RESET.fullmatch(text):
            self.log.append(Entry(text.strip()))
        self._change = None
        if names or functions or self.log is not before.log:
            self._change = Change(text.strip(), names, functions, before, self._place())
            self._past.append(self._change)
            self._future.clear()
        return outcomes

    def _carried_out(self, text: str) -> list[Outcome]:
        """All or nothing."""
        self._asked, self._names_were, self._functions_were = [], {}, {}
        results = len(self.results)
        try:
            if found := _DELETE.fullmatch(text):
                return [self.delete(re.findall(r"[^\s,]+", found["names"]))]
            if _RESET.fullmatch(text):
                forgotten = self.delete([*self.names, *self.functions])
                self.log, self.results = [], []
                return [forgotten]
            return [self._typed(typed) for typed in read_line(text, self.functions.values())]
        except BaseException:  # also when a user stops it
            put(self.names, self._names_were)
            put(self.functions, self._functions_were)
            del self.results[results:]
            raise

    def _mean(self, name: str, formula: Formula | None) -> None:
        """Let a name mean a formula, or nothing."""
        self._names_were.setdefault(name, self.names.get(name))
        put(self.names, {name: formula})

    def _call(self, name: str, row: Function | None) -> None:
        """Let a name call a function, or nothing."""
        self._functions_were.setdefault(name, self.functions.get(name))
        put(self.functions, {name: row})

    def _typed(self, typed: Typed) -> Outcome:
        statement, own = typed.statement, self._own_values(typed.at)
        if not statement.name and statement.function is None:
            return self._result(self._meant(statement.formula), own)
        name = statement.name or (statement.function.spelling if statement.function is not None else "")
        if is_result(name):
            raise FormulaError(f"{name} is a result and cannot be defined", statement.span, "choose another name")
        if statement.function is not None:
            body = self._meant(statement.formula, statement.function.params)
            return self._redefined(replace(statement.function, definition=body))
        statement = replace(statement, formula=self._meant(statement.formula))
        if typed.store:
            return self.assign(name, self._number(statement.formula, own))
        try:
            return self.assign(name, statement.formula)
        except FormulaError as error:
            if name not in free_names(statement.formula):
                raise
            help = f"write {name} := {expression(statement.formula, 60)} to give {name} that number now"
            raise FormulaError(error.message, statement.span, help) from None

    def _redefined(self, row: Function) -> Defined:
        """Give a function's name its meaning, also in what was defined with another one before."""
        assert isinstance(row.definition, Formula)
        if row.spelling not in self._called:
            return self._defined(row)
        if chain := way_back(row):
            help = "a function can use what does not need it"
            raise FormulaError(f"'{row.name}' is defined by itself: {chain}", row.definition.span, help)
        for name, formula in self.names.items():
            if (changed := with_function(formula, row)) is not formula:
                self._mean(name, changed)
                self._no_circle(name, row.definition)
        for name, other in self.functions.items():
            if isinstance(other.definition, Formula):
                body = with_function(other.definition, row)
                if body is not other.definition:
                    self._call(name, replace(other, definition=body))
        return self._defined(row)

    def _defined(self, row: Function) -> Defined:
        self._call(row.spelling, row)
        self._called.add(row.spelling)
        return Defined(row)

    def _result(self, formula: Formula, own: Mapping[str, Formula]) -> Question:
        question = self.ask(formula, own)
        self.results.append(with_values(question.formula, own) if own else formula)
        self._asked.append(question)
        return question

    def _meant(self, formula: Formula, params: tuple[str, ...] = ()) -> Formula:
        """The formula with the results that it mentions."""
        found: dict[str, Formula] = {}
        for name, node in free_names(formula).items():
            if is_result(name) and name not in params:
                which = int(name[1:]) - 1 if name[1:].isdigit() else len(self.results) - 1
                if not 0 <= which < len(self.results):
                    many = f"there are {len(self.results)}" if self.results else "there is none yet"
                    raise FormulaError(f"no result is called {name}: {many}", node.span, "ask a formula first")
                found[name] = self.results[which]
        return substitute(formula, found)

    def _own_values(self, bindings: Iterable[Statement]) -> dict[str, Formula]:
        """The numbers given after `at`."""
        return {binding.name: self._number(self._meant(binding.formula), {}) for binding in bindings}

    def _number(self, formula: Formula, own: Mapping[str, Formula]) -> Formula:
        """What a formula is now: a formula without names as it is, else the double nearest to its value."""
        if not own and self._constant(formula):
            return formula
        try:
            number = self._value(self.ask(formula, own)).number
        except MissingValueError as error:
            help = f"name it first: {error.missing[0]} = ..."
            raise MissingValueError(error.missing, error.diagnostic.span, help) from None
        return parse(repr(number).removesuffix(".0"))

    def _outcome(self, statement: Statement) -> Assigned | Defined | Question:
        if statement.function is not None:
            return self._defined(statement.function)
        if statement.name:
            return self.assign(str(statement.name), statement.formula)
        return self.ask(statement.formula)

    def assign(self, name: str, formula: Formula) -> Assigned:
        before = self.names.get(name)
        self._mean(name, formula)
        try:
            self._no_circle(name, formula)
        except FormulaError:
            self._mean(name, before)
            raise
        return Assigned(name, formula, self._constant(formula), before)

    def _no_circle(self, name: str, new: Formula) -> None:
        """Refuse what is new in a name's meaning where it leads back to the name."""
        needed = free_names(new)
        self._needed |= needed.keys()
        if name in self._needed and any(other in self.names for other in needed):
            link(Name(name), _Named(self.names, constant=False))

    def ask(self, formula: Formula, own: Mapping[str, Formula] | None = None) -> Question:
        """A question about a formula under the names of this moment, and values of its own."""
        names = {**self.names, **(own or {})}
        linked = link(formula, _Named(names, constant=False))
        self.used |= free_names(linked).keys()
        return Question(linked, _Named(names, constant=True), self.options)

    def question(self, text: str, options: Options | None = None) -> Question:
        """The one formula that a text is, as a question that is no result and is not kept.

        Raises:
            FormulaError: also where the text is something else.
        """
        typed = read_line(text, self.functions.values())
        if len(typed) != 1 or typed[0].statement.name or typed[0].statement.function is not None:
            raise FormulaSyntaxError("one formula is needed here", Span(text, 0, len(text)), "such as x^2*sin(x)")
        asked = self.ask(self._meant(typed[0].statement.formula), self._own_values(typed[0].at))
        return asked if options is None else replace(asked, options=options)

    def unused(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name not in self.used]

    def delete(self, names: Iterable[str]) -> Deleted:
        """Forget names of variables, definitions or functions.

        Raises:
            FormulaError: for a name that means nothing.
        """
        names = tuple(dict.fromkeys(names))
        unknown = [name for name in names if name not in self.names and name not in self.functions]
        if unknown:
            raise FormulaError(f"{unknown[0]} means nothing here", help=":vars lists what is named")
        for name in names:
            self._mean(name, None)
            self._call(name, None)
        return Deleted(names)

    def _constant(self, formula: Formula) -> bool:
        return _constant(formula, self.names)

    # ---- looking around

    def value(self, name: str) -> Component:
        """What a name is worth now.

        Raises:
            FormulaError: it has no value.
        """
        return self._value(self.ask(Name(name)))

    def worth(self, formula: str) -> Component:
        """The value of a formula now. Raises as `value` does."""
        return self._value(self.question(formula))

    def _value(self, question: Question) -> Component:
        (answer,) = replace(question, options=replace(self.options, value_only=True)).answers()
        assert answer.value is not None
        return answer.value

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

    # ---- undo

    def undo(self) -> Undone | None:
        """Take back the last line that changed a name; None if there is none.

        If nothing came after it, it is as if it had never been typed. Else it stays among the lines, and what takes it
        back is written below: the lines are always those that lead to where the session is.
        """
        if not self._past:
            return None
        change = self._past.pop()
        self._future.append(change)
        if change.after.here(self.log, self.results):
            began = change.before
            lines = began.lines if self.log is began.log else 0
            found = began.found if self.results is began.results else 0
            change.cut = (self.log[lines:], self.results[found:])
            del self.log[lines:], self.results[found:]
            self.log, self.results = began.log, began.results
        else:
            change.cut = None
        self._put(change, 0)
        return Undone(change.text, change.touched)

    def redo(self) -> Undone | None:
        """Do again what was undone last; None if there is nothing."""
        if not self._future:
            return None
        change = self._future.pop()
        self._past.append(change)
        if change.cut is not None and change.before.here(self.log, self.results):
            self.log, self.results = change.after.log, change.after.results
            self.log += change.cut[0]
            self.results += change.cut[1]
        else:
            change.cut = None
        self._put(change, 1)
        return Undone(change.text, change.touched)

    def _put(self, change: Change, which: int) -> None:
        """Give names what they meant before a change (0) or after it (1), and write that down unless its lines show."""
        names = {name: both[which] for name, both in change.names.items()}
        functions = {name: both[which] for name, both in change.functions.items()}
        if change.cut is None:
            self.log += map(Entry, self._leading_to(names, functions))
        put(self.names, names)
        put(self.functions, functions)

    def _leading_to(
        self, names: Mapping[str, Formula | None], functions: Mapping[str, Function | None]
    ) -> Iterator[str]:
        """Lines that give names these meanings."""
        wanted = {**functions, **{name: formula for name, formula in names.items() if formula is not None}}
        definitions = [formula for formula in names.values() if formula is not None and free_names(formula)]
        known = [name for name in {**names, **functions} if name in self.names or name in self.functions]
        anew = len(definitions) > 1  # on the way from old definitions to new ones there could be a circle
        if gone := [name for name in known if anew or wanted.get(name) is None]:
            yield f":delete {', '.join(gone)}"
        yield from statements(names, functions)

    def as_one(self, text: str, since: int) -> None:
        """Make one change, called `text`, of those after the first `since`."""
        if len(self._past) > since:
            self._past[since:] = [as_one(self._past[since:], text)]

    @property
    def changes(self) -> int:
        """How many lines can be undone."""
        return len(self._past)

    def _place(self) -> Place:
        return Place(self.log, self.results, len(self.log), len(self.results))

    # ---- what is kept

    def keep_names(self) -> None:
        """Keep what is named already, as if it had been typed at the prompt."""
        self.log = [Entry(text) for text in statements(self.names, self.functions)]

    def keep(self, results: Iterable[str]) -> None:
        """Note the results of the last line, as they were shown. A line with none that changed nothing is not kept."""
        results = tuple(results)
        if results and self.log:
            self.log[-1] = replace(self.log[-1], results=results)
        elif self._change is None:
            del self.log[-1:], self.results[len(self.results) - len(self._asked) :]
            self._asked = []
        if self._change is not None:
            self._change.after = self._place()

    def drop(self, question: Question) -> None:
        """A question that had no answer is no result."""
        for i, asked in enumerate(self._asked):
            if asked is question:
                del self.results[len(self.results) - len(self._asked) + i], self._asked[i]
                return


@dataclass(frozen=True, slots=True)
class _Named(Mapping[str, Formula]):
    """Of some names those that stand for numbers, or for formulas, found out only where they are asked for."""

    names: Mapping[str, Formula]
    constant: bool

    def __getitem__(self, name: str) -> Formula:
        if name not in self:
            raise KeyError(name)
        return self.names[name]

    def __contains__(self, name: object) -> bool:
        formula = self.names.get(name) if isinstance(name, str) else None
        return formula is not None and _constant(formula, self.names) == self.constant

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _constant(formula: Formula, names: Mapping[str, Formula]) -> bool:
    return all(name in CONSTANTS and name not in names for name in free_names(formula))
