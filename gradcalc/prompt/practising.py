"""Practice at the prompt: while it goes on, lines are answers to its questions."""

from __future__ import annotations

from gradcalc.language.errors import FormulaError, Span
from gradcalc.session import Options, Session
from gradcalc.show import folded

from .console import Console, Texts

WORDS = {"hint": "a step on the way", "skip": "the solution", "help": "what is understood", "quit": "end the practice"}


def practice(console: Console, argument: str) -> Texts:
    """Begin, at a level from 1 to 4, with what a seed draws."""
    from gradcalc.explain.practice import HELP, Practice

    words = argument.split()
    if len(words) > 2 or not all(word.isdecimal() for word in words):
        message = "practice takes a level from 1 to 4 and a seed"
        raise FormulaError(message, Span(argument, 0, len(argument)), "as in :practice 2 or :practice 2 7")
    level, seed = (int(word) for word in (words + ["1", "0"][len(words) :]))
    try:
        console.practice = Practice(level, seed)
    except ValueError as error:
        raise FormulaError(str(error), Span(argument, 0, len(argument))) from None
    yield console.line(HELP)
    yield from _ask(console, None)


def answered(console: Console, line: str) -> Texts:
    """The reply to a line while practice goes on."""
    from gradcalc.explain.practice import ENDS, reply

    practice = console.practice
    assert practice is not None
    line, before = line.strip(), practice.task
    if line in ENDS:
        console.practice = None
        yield f"{practice.score}\n"
        return
    if line:
        yield console.line(reply(practice, line))
    yield from _ask(console, before.text if before else None)


def asked_in(console: Console) -> Session:
    """The session that what is typed now is about: while practice goes on, the nodes of the exercise, as values alone,
    so that nothing shows their gradients."""
    if console.practice is None:
        return console.session
    return Session(Options(numeric=True, value_only=True), console.practice.meanings)


def _ask(console: Console, shown: str | None) -> Texts:
    """The next question, under its exercise where that is another one."""
    task = console.practice.task if console.practice else None
    if task is not None:
        yield f"\n{folded(task.text, console.width())}\n" if task.text != shown else ""
        yield f"{task.question.rstrip()} ?\n"
