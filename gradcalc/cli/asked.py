"""The formulas that a command line asks for: those of its words, of a script, or of both."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import closing
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradcalc.language.errors import LIMITS, NOWHERE, FormulaError, FormulaSyntaxError
from gradcalc.language.formula import Formula, Name
from gradcalc.record import dataclass
from gradcalc.session import Assigned, Defined, Options, Question, Session, lines
from gradcalc.show.numbers import DIGITS

from . import output, words
from .clock import Clock
from .options import UsageError

if TYPE_CHECKING:
    from gradcalc.measured import Correlations


@dataclass(frozen=True, slots=True)
class Asked:
    """A formula to answer, or a line that could not be read; `line` is its line in a script, from 1, and `texts` are
    the lines up to there, as a definition may be what is wrong."""

    what: Question | FormulaError | str  # a command of the prompt, in a script
    line: int = 0
    texts: Mapping[str, int] = MappingProxyType({})

    def line_of(self, error: FormulaError) -> int:
        """The line of the script in which the place of an error is."""
        span = error.diagnostic.span
        return self.texts.get(span.source, self.line) + span.source.count("\n", 0, span.start)


def options(args: argparse.Namespace) -> Options:
    bits = args.precision
    if args.digits and args.digits > 15 and not bits and not args.numeric:  # more than a double is sure to have
        bits = int(args.digits * 3.33) + 4
    wrt = tuple(name for names in args.wrt for name in names) if args.wrt else None
    digits = args.digits or DIGITS
    seconds = args.time_limit or LIMITS.seconds
    return Options(
        args.numeric, args.quiet, wrt, args.order, args.hessian, bits, seconds, args.seed, digits,
        _correlations(args.correlation), args.samples,
    )  # fmt: skip


def _correlations(texts: list[str]) -> Correlations:
    if not texts:
        return {}
    from gradcalc.measured import read_correlations

    return read_correlations(texts)


def one_question(args: argparse.Namespace) -> Question:
    """The one formula that --data goes with.

    Raises:
        UsageError: there are several.
        FormulaError: there is none, or a line cannot be read.
    """
    task = words.task(args.words, args.at)
    session = Session(options(args), task.values)
    with closing(Clock(args.time_limit, own=False)) as limit:
        if args.file:
            program = task.program
            asked = of_both(session, args.file, task, limit) if program else [*of_script(session, args.file, limit)]
        else:
            asked = of_program(session, task.program, limit)
    for each in asked:
        if isinstance(each.what, FormulaError):
            raise each.what
        if isinstance(each.what, str):
            raise UsageError(f"--data does not go with a command: {each.what}", help="leave it out of the file")
    if sizes := session.state.uncertainties():
        raise UsageError(
            f"--data goes by the values alone, without the uncertainty of {', '.join(sizes)}",
            help="give the values alone",
        )
    if len(asked) > 1:
        raise UsageError(f"--data takes one formula, not {len(asked)}", help="give the others a name: u = x*y; u^2")
    if not asked:
        raise no_formula()
    assert isinstance(asked[0].what, Question)
    return asked[0].what


def of_program(session: Session, text: str, limit: Clock) -> list[Asked]:
    """The formulas of a program; where there is none, its last definition."""
    with limit.reading():
        outcomes = list(session.run(text))
    asked = [Asked(outcome) for outcome in outcomes if isinstance(outcome, Question)]
    last = outcomes[-1] if outcomes else None
    if not asked and isinstance(last, Assigned):
        asked = [Asked(session.ask(Name(last.name, None, last.formula.span)))]
    if not asked and isinstance(last, Defined) and isinstance(last.function.definition, Formula):
        asked = [Asked(session.ask(last.function.definition))]
    if not asked:
        raise no_formula()
    return asked


def of_script(session: Session, path: str, limit: Clock) -> Iterator[Asked]:
    """The formulas of a script, and its mistakes, each when its turn comes."""
    texts: dict[str, int] = {}
    for number, line in lines(output.script(path)):
        texts[line] = number
        if _is_command(line):
            yield Asked(line.strip(), number)
            continue
        try:
            with limit.reading():
                outcomes = [outcome for _, outcome in session.script(line)]
        except FormulaError as error:
            yield Asked(error, number, texts)
            continue
        for outcome in outcomes:
            if isinstance(outcome, Question | FormulaError):
                yield Asked(outcome, number, texts)


def has_commands(path: str) -> bool:
    """Whether a script holds commands of the prompt, which are carried out between its formulas."""
    return any(_is_command(line) for _, line in lines(output.script(path)))


def _is_command(line: str) -> bool:
    """Whether it is a command of the prompt."""
    if not line.lstrip().startswith(":"):
        return False
    from gradcalc.prompt import is_command

    return is_command(line)


def of_both(session: Session, path: str, task: words.Request, limit: Clock) -> list[Asked]:
    """The formulas of a script, then of a program that knows its names; the command line's values come last."""
    asked = [*of_script(session, path, limit)]
    for name, value in task.values.items():
        session.assign(name, value)
    return [*asked, *of_program(session, task.program, limit)]


def no_formula() -> FormulaSyntaxError:
    return FormulaSyntaxError("there is no formula", NOWHERE, "write one, such as x^2*sin(x)")
