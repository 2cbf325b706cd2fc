"""The outcomes of a line as the prompt tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Function, Name, Number, brief, expression
from gradcalc.language.functions import is_diff
from gradcalc.language.literals import shortened, unsigned
from gradcalc.language.substitution import substitute
from gradcalc.language.uncertain import parts
from gradcalc.record import dataclass, replace
from gradcalc.session import Answer, Assigned, Defined, Deleted, Outcome, Question, Session, Undone
from gradcalc.show import PENDING, Marked, Style, folded, text
from gradcalc.show.answers import one_line, verdict, worth
from gradcalc.show.document import Piece, Role
from gradcalc.show.measured import remarks

_MOST = 6  # names listed after a change
_GAP = "   "

Group = list[Assigned] | Defined | Deleted | Question  # what is answered together

# ---- answers


def answer_line(answer: Answer, style: Style, width: int) -> Marked:
    """`-8   da 6  db -4   agree`, folded to a width (0: none). While the symbolic side is at work it ends before the
    verdict, and what it has then is the beginning of the whole."""
    told = text(one_line(answer, style, formula=False), style)
    ready = told.partition(PENDING)[0].rstrip()
    shown = folded(told.part(0, len(ready)), width)
    return shown if PENDING in told else shown + "\n"


def details(answer: Answer, width: int) -> Iterator[Marked]:
    """Below the line: why a verdict is not `agree`, and what is to be said of an uncertainty."""
    if answer.verdict not in ("agree", "value", "unchecked"):
        for line in verdict(answer):
            yield folded(Marked(line), width) + "\n"
    for line in remarks(answer.propagated, Style()) if answer.propagated is not None else ():
        yield folded(Marked(line), width) + "\n"


def partials(answer: Answer, width: int) -> Iterator[str]:
    """The symbolic partial derivatives, one line; `:diff` has the long ones whole."""
    known = [f"d{row.what} {brief(row.symbolic)}" for row in answer.findings if row.symbolic is not None]
    if known:
        yield folded(formulas(_GAP + "  ".join(known)), width) + "\n"


def formulas(text: str) -> Marked:
    """A text with formulas in it, which has their colours."""
    return Marked((Piece(text, Role.FORMULA),))


def derivative_asked(formula: Formula) -> tuple[Formula, str, int] | None:
    """The formula, the name and the order of `diff(formula, x, 2)`; None where it is no such formula."""
    if isinstance(formula, Call) and formula.function.name.endswith("'"):
        row, args = formula.function, formula.args
        if isinstance(row.definition, Formula) and all(isinstance(arg, Name) for arg in args):
            formula = substitute(row.definition, dict(zip(row.params, args, strict=True)))
    if not is_diff(formula):
        return None
    body, by, *order = formula.args
    times = int(order[0].value) if order and hasattr(order[0], "value") else 1
    return (body, by.name, times) if isinstance(by, Name) else None


# ---- what a line has changed


@dataclass(frozen=True, slots=True)
class Changes:
    """Says what a session's names are worth after a change."""

    session: Session
    style: Style

    def told(self, group: list[Assigned] | Defined | Deleted) -> str:
        """The text on outcomes that belong together."""
        if isinstance(group, list):
            return self.assigned(group)
        return self.defined(group) if isinstance(group, Defined) else self.deleted(group)

    def assigned(self, outcomes: Sequence[Assigned]) -> str:
        """`a = 2   b = -3`, `p = a*b = -6`, `a = 4   (was 2; p = -12, L = 4)`."""
        parts = []
        for outcome in outcomes:
            was = f"was {brief(outcome.before)}" if outcome.before is not None else ""
            alone = len(outcomes) == 1
            moved = self.worth(self.session.state.dependents([outcome.name])) if alone else ""
            notes = "; ".join(note for note in (was, moved) if note)
            parts.append(
                self.definition(outcome.name, outcome.formula) + (f"{_GAP if alone else ' '}({notes})" if notes else "")
            )
        if len(outcomes) > 1:
            names = [outcome.name for outcome in outcomes]
            moved = self.worth([name for name in self.session.state.dependents(names) if name not in names])
            parts += [f"({moved})"] if moved else []
        return _GAP.join(parts)

    def definition(self, name: str, formula: Formula, whole: bool = False) -> str:
        """`p = a*b = -6`, the formula in brief or whole."""
        shown = f"{name} = {expression(formula) if whole else brief(formula)}"
        try:
            return shown if isinstance(unsigned(parts(formula)[0]), Number) else f"{shown} = {self.number(name)}"
        except FormulaError as error:
            return f"{shown}{_GAP}({error.message})"

    def defined(self, outcome: Defined) -> str:
        """`f(x) = x^2   (was f(x, y) = x*y)`."""
        was = f"{_GAP}(was {self.function(outcome.before)})" if outcome.before is not None else ""
        return self.function(outcome.function) + was

    def function(self, row: Function) -> str:
        return f"{row.signature} = {brief(row.definition)}" if isinstance(row.definition, Formula) else row.signature

    def deleted(self, outcome: Deleted) -> str:
        moved = [name for name in self.session.state.dependents(outcome.names) if name not in outcome.names]
        more = f"; without a value now: {some(moved, ', ')}" if moved else ""
        return f"deleted {some(outcome.names)}{more}   (:undo brings back)"

    def undone(self, outcome: Undone, word: str, other: str) -> str:
        moved = self.session.state.dependents(outcome.names)
        now = [name for name in self.session.names if name in outcome.names or name in moved]
        now.sort(key=lambda name: name not in outcome.names)
        about = self.worth(now)
        functions = self.session.functions
        named = some([self.function(functions[name]) for name in outcome.names if name in functions], ", ")
        gone = [name for name in outcome.names if name not in {**self.session.names, **functions}]
        nothing = f"{some(gone, ', ')} mean{'s' * (len(gone) == 1)} nothing" if gone else ""
        about = ", ".join(part for part in (about, named, nothing) if part)
        return f"{word} `{shortened(outcome.text)}`{': ' if about else ''}{about}   ({other})"

    def worth(self, names: Sequence[str]) -> str:
        """`p = -12, L = 4`."""
        known = []
        for name in names[:_MOST]:
            try:
                known.append(f"{name} = {self.number(name)}")
            except FormulaError:
                known.append(f"{name} has no value")
        more = len(names) - _MOST
        return ", ".join(known + ([f"{more} more"] if more > 0 else []))

    def number(self, name: str) -> str:
        """The present value of a name, with its uncertainty where it has one.

        Raises:
            FormulaError: it has no value.
        """
        question = self.session.ask(Name(name))
        (answer,) = replace(question, options=replace(question.options, value_only=True, samples=0)).answers()
        return worth(answer, self.style)


def groups(outcomes: Sequence[Outcome]) -> Iterator[Group]:
    """The outcomes of a line, with assignments that follow each other together."""
    for is_assigned, run in groupby(outcomes, lambda outcome: isinstance(outcome, Assigned)):
        if is_assigned:
            yield [each for each in run if isinstance(each, Assigned)]
        else:
            yield from (each for each in run if not isinstance(each, Assigned))


def some(names: Sequence[str], between: str = " ") -> str:
    """The names, of very many the first."""
    more = len(names) - 2 * _MOST
    return between.join(names[: 2 * _MOST]) + (f" and {more} more" if more > 0 else "")
