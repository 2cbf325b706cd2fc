"""One conversation: a session, how its results are written, and what the prompt answers to a line. No terminal here."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from gradcalc import show
from gradcalc.language.errors import FormulaError, FormulaSyntaxError, MissingValueError, SymbolicError
from gradcalc.language.formula import Formula, Name, expression, free_names
from gradcalc.language.functions import CONSTANTS, YIELDING
from gradcalc.language.grammar import split_name
from gradcalc.language.names import differentials, notes
from gradcalc.record import dataclass, field, replace
from gradcalc.session import Answer, Question, Session
from gradcalc.show.document import Piece, Role

from .changes_told import Changes, Group, answer_line, derivative_asked, details, formulas, groups, partials, some
from .keeping import Folders

if TYPE_CHECKING:
    from gradcalc.explain.practice import Practice

Texts = Generator[str, None, None]


class Progress(str):
    """A line that the next text replaces."""

    __slots__ = ()


@dataclass(slots=True)
class Console:
    """The state that the commands of the prompt work on.

    `width` tells how wide a line may be (0: as wide as it likes). `numbered` has each result begin with the number that
    `_3` calls it by.
    """

    session: Session = field(default_factory=Session)
    digits: int | None = None
    ascii: bool = False
    width: Callable[[], int] = lambda: 0
    folders: Folders = field(default_factory=Folders)
    vi: bool = False
    color: bool = False
    ended: bool = False
    numbered: bool = False
    edits: bool = False  # a line can begin with a text, which is `begun` for the next
    begun: str = ""
    pager: bool = True
    depth: int = 0  # of files that load files
    practice: Practice | None = None  # while it goes on, it has every line

    @property
    def style(self) -> show.Style:
        width = self.width()
        return show.Style(self.digits, self.ascii, self.session.options.bits, width, color=self.color, bare=True)

    @property
    def changes(self) -> Changes:
        return Changes(self.session, self.style)

    def line(self, text: str) -> str:
        """A text as lines that fit."""
        return show.folded(text, self.width()) + "\n"

    def note(self, text: str) -> str:
        """A note that fits."""
        return show.note(text, width=self.width())

    # ---- a line of statements

    def respond(self, text: str) -> Texts:
        """The answer to a line of statements, piece by piece. What was found is noted beside the line.

        Raises:
            FormulaError: after what could be answered.
        """
        return self._carried_out(text, self._told, [])

    def asked(self, argument: str) -> tuple[Question, str]:
        """The question in `FORMULA, NAME`, of which each may be missing, and the name.

        Raises:
            FormulaError: there is no such formula.
        """
        formula, name = split_name(argument)
        try:
            return self.session.question(formula or "ans"), name
        except FormulaSyntaxError as error:
            before, _, last = formula.rpartition(" ")
            with suppress(FormulaError):
                if last in self.session.question(before).free:
                    help = f"for the derivative by {last} write {before}, {last}"
                    error = FormulaSyntaxError(error.message, error.diagnostic.span, help)
            raise error from None

    def replay(self, text: str, found: list[str]) -> None:
        """Carry out a line without an answer; what is recorded of it goes to `found`. Raises as `respond` does."""
        for _ in self._carried_out(text, self._noted, found):
            pass

    def _carried_out(self, text: str, answer: Callable[[Group, list[str]], Texts], found: list[str]) -> Texts:
        error: FormulaError | None = None
        outcomes = self.session.line(text)
        try:
            for group in groups(outcomes):
                known = len(found)
                try:
                    yield from answer(group, found)
                except FormulaError as failed:
                    error = failed
                finally:
                    if isinstance(group, Question) and len(found) == known:
                        self.session.drop(group)
        finally:  # also when a user stops it
            self.session.keep(found)
        if error is not None:
            raise error

    def _told(self, group: Group, found: list[str]) -> Texts:
        if isinstance(group, Question):
            yield from self.ask(group, found)
            return
        yield self.line(formulas(self.changes.told(group)))
        for name in [each.name for each in group] if isinstance(group, list) else ():
            if name in YIELDING:
                yield self.note(f"{name} is your own name here, not {YIELDING[name]}")
            if (asked := self.session.ask(Name(name))).missing:
                yield from self._notes(asked)
        yield from self._noted(group, found)

    def _noted(self, group: Group, found: list[str]) -> Texts:
        """The record of outcomes: the numbers of formulas and definitions, in ten digits."""
        if isinstance(group, Question):
            if group.missing:
                yield from self._in_symbols(group, group.missing, found)
            else:
                found.append(record(next(iter(group.answers()))))
        elif isinstance(group, list):
            for outcome in group:
                if not outcome.constant:
                    with suppress(FormulaError):
                        found.append(show.component(self.session.worth(outcome.name), show.Style()))

    def ask(self, question: Question, found: list[str] | None = None) -> Texts:
        """The answer to a formula in a line or two; what is recorded of it goes to `found`."""
        found = [] if found is None else found
        missing = question.missing
        if missing:
            yield from self._in_symbols(question, missing, found)
            return
        yield from self._answered(question, question.values, found)
        yield from self._notes(question)

    def _answered(self, question: Question, values: Mapping[str, Formula], found: list[str]) -> Texts:
        """The answer with these values, and what is to be said of it."""
        mark, room = self._mark(question)
        done = ""
        for answer in replace(question, values=values).answers():
            if not done:
                found.append(record(answer))
                yield mark
            text = answer_line(answer, self.style, room)
            yield text.removeprefix(done)
            done = text
        if values and isinstance(question.formula, Name) and question.formula.definition is not None:
            yield from partials(answer, self.width())
        yield from details(answer, self.width())

    def _mark(self, question: Question) -> tuple[show.Marked, int]:
        """`[3] ` before the result that `_3` calls, dim as it is less than that, and the width that is left behind."""
        number = self.session.number(question) if self.numbered else 0
        mark = show.Marked((Piece(f"[{number}] ", Role.HEADING),) if number else ())
        return mark, max(1, self.width() - len(mark)) if self.width() else 0

    def _notes(self, question: Question) -> Texts:
        """On what may have been meant otherwise, and that a name after `at` is not in the formula."""
        for text in notes(question.formula, question.values):
            yield self.note(text)
        if question.not_used:
            yield self.note(question.not_used)

    def _in_symbols(self, question: Question, missing: Sequence[str], found: list[str]) -> Texts:
        if asked := derivative_asked(question.formula):
            from gradcalc.symbolic import derivative

            try:
                text = expression(derivative(*asked, seconds=question.options.seconds))
            except SymbolicError:
                pass
            else:
                found.append(text)
                mark, room = self._mark(question)
                yield mark
                yield show.folded(formulas(text), room) + "\n"
                return
        for (top, bottom), help in differentials(question.formula, missing):
            if {top[1:], bottom[1:]} <= self.session.names.keys():
                message = f"{top}/{bottom} would be a quotient of two names"
                raise FormulaError(message, question.formula.span, f"for the derivative write {help}")
        hint = f"for numbers, give values: {some([f'{name} = ...' for name in missing], ', ')}"
        constants = [name for name in CONSTANTS if name in question.values and name in free_names(question.formula)]
        if question.options.numeric or question.unused or constants:
            yield from self._notes(question)
            raise MissingValueError(tuple(missing), question.formula.span, hint)
        yield from self._answered(question, {}, found)
        yield self.line(hint)
        yield from self._notes(question)


def record(answer: Answer) -> str:
    """The numbers of an answer, or its formulas, as a saved session keeps them."""
    style = show.Style()
    if answer.value is None:
        return "  ".join(
            f"d{row.what} {'?' if row.symbolic is None else expression(row.symbolic)}" for row in answer.findings
        )
    gradient = "  ".join(f"d{name} {show.component(part, style)}" for name, part in answer.gradient.items())
    return "   ".join(part for part in (show.component(answer.value, style), gradient) if part)
