"""What can be said of a text while it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from gradcalc import show
from gradcalc.language.errors import NOWHERE, FormulaError, Span
from gradcalc.language.matching import near
from gradcalc.session import Assigned, Question, Session, read_line

from .entering import WHAT_IS, no_words
from .records import COMMANDS

_MOST = 4  # other names whose values are shown


@dataclass(frozen=True, slots=True)
class Remark:
    """One line, and where in the text the mistake is that it speaks of (from `start` to `end`, if it does)."""

    text: str = ""
    start: int = 0
    end: int = 0


def remark(session: Session, text: str, style: show.Style) -> Remark:
    """What can be said of a text while it is typed: certified numbers, or what is not right yet."""
    if not text.strip() or text.lstrip().startswith("#"):
        return Remark()
    if text.lstrip().startswith(":"):
        return _of_command(text)
    if asked := WHAT_IS.fullmatch(text):
        return Remark(f"help on {asked[1]}")
    try:
        no_words(session, text)
        typed = read_line(text, session.functions.values(), session.names)
        if not typed:
            return Remark()
        if typed[-1].statement.function is not None:
            return Remark("a function")
        return Remark(_numbers(session, text, style))
    except FormulaError as error:
        return _of_mistake(error)


def _of_command(text: str) -> Remark:
    word = text.split()[0][1:]
    found = [record for record in COMMANDS.values() if record.name.startswith(word)]
    if len(found) == 1 or word in COMMANDS:
        record = COMMANDS.get(word, found[0])
        return Remark(f"{record.usage}   {record.doc}")
    if found:
        return Remark("  ".join(f":{record.name}" for record in found))
    close = near(word, COMMANDS)
    return Remark(f"... there is no command :{word}{f'; did you mean :{close}?' if close else ''}")


def _of_mistake(error: FormulaError) -> Remark:
    span: Span = error.diagnostic.span
    help = f"; {error.help}" if error.help.startswith(("did you mean", "the command is")) else ""
    known = span is not NOWHERE and span.source != ""
    return Remark(f"... {error.message}{help}", *((span.start, span.end) if known else (0, 0)))


def _numbers(session: Session, text: str, style: show.Style) -> str:
    """The numbers of the last statement of a line that is carried out on the side."""
    aside = Session.going_on(session.state)
    outcome = aside.line(text)[-1]
    if isinstance(outcome, Question):
        return _of_question(outcome, style)
    if not isinstance(outcome, Assigned):
        return ""
    moved = [name for name in aside.dependents([outcome.name]) if _value(aside, name, style)]
    shown = ", ".join(f"{name} = {_value(aside, name, style)}" for name in moved[:_MOST])
    return "   ".join(part for part in (f"= {_value(aside, outcome.name, style) or 'no value'}", shown) if part)


def _of_question(question: Question, style: show.Style) -> str:
    if question.missing:
        return f"needs {', '.join(question.missing)}"
    answer = next(question.answers())  # the numbers alone, before the symbolic side begins
    assert answer.value is not None
    gradient = "  ".join(f"d{x} {show.component(part, style)}" for x, part in answer.gradient.items())
    statuses = {part.status for part in answer.gradient.values()}
    doubt = "not differentiable" if "not-differentiable" in statuses else "undecided" if "undecided" in statuses else ""
    return "   ".join(part for part in (f"= {show.component(answer.value, style)}", gradient, doubt) if part)


def _value(session: Session, name: str, style: show.Style) -> str:
    try:
        return show.component(session.value(name), style)
    except FormulaError:
        return ""
