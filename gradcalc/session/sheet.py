"""Names that a user has given so far, as in a spreadsheet: definitions are formulas and take the values of now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from gradcalc.certified import Component
from gradcalc.certified.digits import typed
from gradcalc.language.ends import names_in_ends
from gradcalc.language.errors import FormulaError, FormulaSyntaxError, MissingValueError, Span
from gradcalc.language.formula import Formula, Name, children_first, expression, free_names
from gradcalc.language.functions import Function, is_diff
from gradcalc.language.grammar import read_line, read_program
from gradcalc.language.kept import forget
from gradcalc.language.literals import not_in
from gradcalc.language.parser import parse
from gradcalc.language.reading import Statement, short
from gradcalc.language.rows import validated
from gradcalc.language.spelled import closed
from gradcalc.language.substitution import link
from gradcalc.language.uncertain import by_parts
from gradcalc.record import replace

from .answer import Options
from .lines import RecordedLine, is_result, lines
from .outcomes import Assigned, Change, Defined, Deleted, Done, Outcome, Undone
from .questions import Question
from .state import LastResult, State, statements

_EVERYTHING = Options()
_DELETE = re.compile(r"\s*:delete\s+(?P<names>\S.*)")
_RESET = re.compile(r"\s*:reset\s*")
_AT_HAND = 16  # results that keep what was made for them
_MOST = 1_000_000  # names, lines and results, counted in all states that can be gone back to


class Session:
    """Names, functions, results (`ans`, `_3`) and lines to save, all in one `state`, which undo and redo exchange."""

    def __init__(
        self,
        options: Options = _EVERYTHING,
        names: Mapping[str, Formula] | None = None,
        functions: Iterable[Function] = (),
    ):
        """`functions` are rows of your own, known in every line as if they stood in the table."""
        self.options = options
        self.state = State(functions={row.spelling: row for row in map(validated, functions)})
        self.used: set[str] = set()  # names that some question has needed
        self._without: set[str] = set()  # those of them that the last such question had no value for
        self._before = self.state  # the last line
        self._line: list[Done] = []  # what it did; its questions may turn out to have no answer
        self._past: list[Change] = []
        self._future: list[Change] = []
        self._grouped = False  # lines are parts of one change, which is noted when all are done
        for name, formula in (names or {}).items():
            self.assign(name, formula)

    def __repr__(self) -> str:
        return f"<Session: {short('; '.join(statements(self.names, self.functions))) or 'nothing is named'}>"

    @property
    def names(self) -> Mapping[str, Formula]:
        return self.state.names

    @property
    def functions(self) -> Mapping[str, Function]:
        return self.state.functions

    @property
    def results(self) -> list[Formula]:
        """The formulas that were asked, `ans` last."""
        return [result.formula for result in self.state.results]

    @property
    def log(self) -> list[RecordedLine]:
        """The lines that lead to where the session is."""
        return list(self.state.log)

    # ---- programs, scripts, lines

    def run(self, text: str) -> Iterator[Assigned | Defined | Question]:
        """The outcome of each statement of a program, in order. A mistake anywhere is found before the first.

        Raises:
            FormulaSyntaxError: with its place in the text.
            FormulaError: for a definition that needs itself.
        """
        for statement in read_program(text, self.functions.values(), self.names):
            if statement.function is not None:
                yield self._defined(statement.function)
            elif statement.name:
                yield self.assign(statement.name, statement.formula)
            else:
                yield self._asked(LastResult(statement.formula))

    def script(self, text: str) -> Iterator[tuple[int, Outcome | FormulaError]]:
        """The outcomes of a script with their lines, from 1, each carried out when it is asked for.

        A line may be anything that `line` takes, and goes on while a parenthesis is open. A mistake is the outcome of
        its own line, with its place in that line, and the rest goes on; what was defined before is known.
        """
        for number, line in lines(text):
            try:
                outcomes: list[Outcome | FormulaError] = [*self._carried_out(line)]
            except FormulaError as error:
                outcomes = [error]
            yield from ((number, outcome) for outcome in outcomes)

    def line(self, text: str) -> list[Outcome]:
        """The outcomes of a line of the prompt: statements of the language, `x := formula`, `x += formula` (and
        -= *= /=), `formula at x=2`, `:delete a, g`, `:reset`. `ans` and `_` are the last result, `_3` the third. The
        line can be undone, and is kept for saving.

        Raises:
            FormulaError: with its place in the line, of which nothing is then carried out.
        """
        before = self.state
        try:
            outcomes = self._carried_out(text)
            if outcomes and not _RESET.fullmatch(text):
                self.state = replace(self.state, log=(*self.state.log, RecordedLine(text.strip())))
        except BaseException:  # a user's interruption too: what is carried out is what is kept
            self.state = before
            raise
        if not self._grouped:
            self._note(text.strip(), self._before)
        return outcomes

    def _changed(self, before: State) -> bool:
        """Whether there is anything to take back: results alone are not."""
        return bool(self.state.changed_from(before)) or len(self.state.log) < len(before.log)

    def _note(self, text: str, before: State) -> None:
        """Let what has changed since be undone. The oldest changes are forgotten where there are too many."""
        if self._changed(before):
            self._past.append(Change(text, before, self.state))
            self._future.clear()
            size = sum(change.size for change in self._past)
            while size > _MOST and len(self._past) > 1:
                size -= self._past.pop(0).size

    def _carried_out(self, text: str) -> list[Outcome]:
        """All or nothing."""
        self._before, self._line = self.state, []
        try:
            if found := _DELETE.fullmatch(text):
                self._line = [Done(text.strip(), self.delete(re.findall(r"[^\s,]+", found["names"])))]
            elif _RESET.fullmatch(text):
                self._line = [Done(text.strip(), self.delete([*self.names, *self.functions]))]
                self.state = replace(self.state, results=(), log=())
            else:
                for statement in self.read(text):
                    known = len(self.state.results)
                    outcome = self._outcome(statement)
                    result = self.state.results[-1] if len(self.state.results) > known else None
                    self._line.append(Done(statement.span.text, outcome, result))
        except BaseException:  # also when a user stops it
            self.state, self._line = self._before, []
            raise
        return [done.outcome for done in self._line]

    def read(self, text: str) -> list[Statement]:
        """The statements of a line, of which nothing is carried out.

        Raises:
            FormulaSyntaxError: with its place in the line.
        """
        return read_line(text, self.functions.values(), self.names)

    def _outcome(self, statement: Statement) -> Outcome:
        own = self._own_values(statement.at)
        if not statement.name and statement.function is None:
            meant = self._meant(statement.formula)
            return self._asked(LastResult(meant.formula, {**meant.own, **own}))
        name = statement.name or (statement.function.spelling if statement.function is not None else "")
        if is_result(name):
            raise FormulaError(f"{name} is a result and cannot be defined", statement.span, "choose another name")
        if statement.function is not None:
            body = self._meant(statement.formula, statement.function.params, alone=True).formula
            return self._defined(replace(statement.function, definition=body))
        if statement.store:
            meant = self._meant(statement.formula)
            return self.assign(name, self._number(LastResult(meant.formula, {**meant.own, **own})))
        formula = self._meant(statement.formula, alone=True).formula
        try:
            return self.assign(name, formula)
        except FormulaError as error:
            if name not in free_names(formula):
                raise
            first = "" if name in self.names else f"{name} = 1 first, then "
            help = f"write {first}{name} := {expression(formula, 60)} to give {name} that number now"
            raise FormulaError(error.message, statement.span, help) from None

    def _defined(self, row: Function) -> Defined:
        before = self.functions.get(row.name)
        self.state = self.state.with_function(row)
        return Defined(row, before)

    def _asked(self, result: LastResult) -> Question:
        """A question that becomes a result."""
        question = self.ask(result.formula, result.own)
        for old in self.state.results[-_AT_HAND : 1 - _AT_HAND]:
            forget(old.formula)
        self.state = replace(self.state, results=(*self.state.results, result))
        return question

    def _meant(self, formula: Formula, params: tuple[str, ...] = (), alone: bool = False) -> LastResult:
        """The formula with the results that it mentions; `alone` without values of its own."""
        results = self.state.results
        found: dict[str, LastResult] = {}
        for name, place in free_names(formula).items():
            if is_result(name) and name not in params:
                which = int(name[1:]) - 1 if name[1:].isdigit() else len(results) - 1
                if not 0 <= which < len(results):
                    many = f"there are {len(results)}" if results else "there is none yet"
                    help = f"the last is _{len(results)}" if results else "ask a formula first"
                    raise FormulaError(f"no result is called {name}: {many}", place.span, help)
                found[name] = results[which]
        for node in children_first(formula) if found else ():
            by = node.args[1] if is_diff(node) else None
            if isinstance(by, Name) and by.name in found:
                message = f"{by.name} is a result, and a derivative is taken with respect to a name"
                raise FormulaError(message, by.span, "write diff(formula, x)")
        return self.state.with_results(formula, found, alone) if found else LastResult(formula)

    def _own_values(self, bindings: Iterable[Statement]) -> dict[str, Formula]:
        """The numbers given after `at`."""
        return {each.name: by_parts(each.formula, lambda part: self._number(self._meant(part))) for each in bindings}

    def _number(self, asked: LastResult) -> Formula:
        """The present value of a result: a formula without names as it is, else its value as it is typed."""
        if not asked.own and self.state.is_constant(asked.formula):
            return asked.formula
        try:
            number = self._value(self.ask(asked.formula, asked.own))
        except MissingValueError as error:
            help = f"name it first: {error.missing[0]} = ..."
            raise MissingValueError(error.missing, error.diagnostic.span, help) from None
        return parse(typed(number))

    def assign(self, name: str, formula: Formula) -> Assigned:
        before, self.state = self.names.get(name), self.state.with_name(name, formula)
        return Assigned(name, formula, self.state.is_constant(formula), before)

    def ask(self, formula: Formula, own: Mapping[str, Formula] | None = None) -> Question:
        """A question about a formula under the names of this moment, and values of its own."""
        linked, values = link(formula, self.state.definitions(own)), self.state.values(own)
        self.used |= (names := free_names(linked)).keys()
        self._without = (self._without - names.keys()) | {name for name in names if name not in values}
        known = self.options, tuple(name for name in own or () if name not in names), self.state.uncertainties(own)
        return Question(closed(linked, values), values, *known, tuple(names_in_ends(linked)))

    def question(self, text: str) -> Question:
        """The one formula that a text is, as a question that is no result and is not kept.

        Raises:
            FormulaError: also where the text is something else.
        """
        read = self.read(text)
        if len(read) != 1 or read[0].name or read[0].function is not None:
            raise FormulaSyntaxError("one formula is needed here", Span(text, 0, len(text)), "such as x^2*sin(x)")
        return self.question_of(read[0].formula, read[0].at)

    def question_of(self, formula: Formula, given: Sequence[Statement] = ()) -> Question:
        """As `question`, for a formula that is read, and the values after its `at`."""
        meant = self._meant(formula)
        asked = self.ask(meant.formula, {**meant.own, **self._own_values(given)})
        for binding in given:
            if binding.name in asked.unused:
                raise not_in(binding.name, asked.formula, asked.free, binding.span)
        return asked

    def unused(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name not in self.used]

    @property
    def late(self) -> list[str]:
        """The names that got their values behind the last formula that needs them."""
        return [name for name in self.names if name in self._without]

    def delete(self, names: Iterable[str]) -> Deleted:
        """Forget names of variables, definitions or functions.

        Raises:
            FormulaError: for a name that means nothing.
        """
        names = tuple(dict.fromkeys(names))
        if unknown := [name for name in names if name not in self.names and name not in self.functions]:
            raise FormulaError(f"{unknown[0]} means nothing here", help=":vars lists what is named")
        self.state = self.state.without(names)
        return Deleted(names)

    # ---- looking around

    def worth(self, formula: str) -> Component:
        """The value of a formula now.

        Raises:
            FormulaError: it has none.
        """
        return self._value(self.question(formula))

    def _value(self, question: Question) -> Component:
        (answer,) = replace(question, options=replace(self.options, value_only=True)).answers()
        assert answer.value is not None
        return answer.value

    def line_of(self, name: str) -> str:
        """The line that gives a name its meaning.

        Raises:
            FormulaError: it has none.
        """
        names = {name: self.names[name]} if name in self.names else {}
        functions = {name: self.functions[name]} if name in self.functions else {}
        if not (line := "; ".join(statements(names, functions))):
            raise FormulaError(f"{name or 'nothing'} means nothing here", help=":vars lists what is named")
        return line

    def number(self, question: Question) -> int:
        """Which result a question of the last line is: 3 where `_3` is it; 0 where it is none."""
        result = next((done.result for done in self._line if done.outcome is question), None)
        places = (i for i, known in enumerate(self.state.results, 1) if known is result)
        return next(places, 0) if result is not None else 0

    # ---- undo

    def undo(self) -> Undone | None:
        """Take back the last line that changed a name; None if there is none.

        If nothing came after it, it is as if it had never been typed. Else it stays among the lines, and what takes it
        back is written below: the lines are always those that lead to where the session is.
        """
        return self._gone(self._past, self._future)

    def redo(self) -> Undone | None:
        """Do again what was undone last; None if there is nothing."""
        return self._gone(self._future, self._past)

    def _gone(self, changes: list[Change], others: list[Change]) -> Undone | None:
        """Go to the other side of the last of some changes, which is then one of the others; what was asked since is
        kept, and names are written as lines unless nothing was."""
        if not changes:
            return None
        others.append(change := changes.pop())
        here, there = (change.after, change.before) if changes is self._past else (change.before, change.after)
        if self.state is here:
            self.state = there
        else:
            added = tuple(RecordedLine(line, typed=False) for line in there.leading_from(self.state))
            log = (*self.state.log, *added)
            self.state = replace(self.state, names=there.names, functions=there.functions, log=log)
        return Undone(change.text, change.after.changed_from(change.before))

    @contextmanager
    def as_one(self, text: str) -> Iterator[None]:
        """Makes all changes meanwhile one change, called `text`, also where an exception ends it."""
        before, self._grouped = self.state, True
        try:
            yield
        finally:
            self._grouped = False
            self._note(text, before)

    # ---- what is kept

    def keep_names(self) -> None:
        """Keep what is named and was asked already, as if it had been typed at the prompt."""
        self.state = self.state.remembered()

    def keep(self, results: Iterable[str]) -> None:
        """Note the results of the last line, as they were shown. One with none that changed nothing is not kept."""
        results, log = tuple(results), self.state.log
        if results and log:
            self._amended(replace(self.state, log=(*log[:-1], replace(log[-1], results=results))))
        elif self._line and not self._changed(self._before):
            self.state = self._before
        self._line = []

    def drop(self, question: Question) -> None:
        """A question that had no answer is no result, and no part of the line that is kept."""
        gone = next((done for done in self._line if done.outcome is question), None)
        if gone is not None:
            self._line.remove(gone)
            *log, line = self.state.log
            log.append(RecordedLine("; ".join(done.text for done in self._line), line.results))
            results = tuple(result for result in self.state.results if result is not gone.result)
            self._amended(replace(self.state, results=results, log=tuple(log)))

    def _amended(self, state: State) -> None:
        """The state after the last line is this, also where the line can be undone."""
        if self._past and self._past[-1].after is self.state:
            self._past[-1] = replace(self._past[-1], after=state)
        self.state = state
