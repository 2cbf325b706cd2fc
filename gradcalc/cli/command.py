"""One use of the command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from gradcalc.helper import OutOfTime, limit_memory
from gradcalc.language.errors import LIMITS, FormulaError, MissingValueError, Span, out_of_memory
from gradcalc.language.formula import free_names
from gradcalc.language.functions import YIELDING
from gradcalc.language.names import notes
from gradcalc.record import dataclass, field, replace
from gradcalc.session import Question, Session
from gradcalc.show import Style, draws
from gradcalc.show.answer_records import error_as_json
from gradcalc.studies import Format, Procedure, Study

from . import arguments, chosen, clock, hints, modes, output, status, words
from .asked import Asked, has_commands, no_formula, of_both, of_program, of_script, options
from .options import UsageError

if TYPE_CHECKING:
    from gradcalc.prompt import Console


@dataclass(slots=True)
class _Run:
    """One use of the command: the study and the format, where the answers go, and how it has gone so far."""

    args: argparse.Namespace
    complain: output.Complaints
    session: Session
    task: words.Request
    clock: clock.Clock
    study: Study
    format: Format
    screen: output.Screen
    style: Style
    console: Console | None = None  # for commands of the prompt
    statuses: list[int] = field(default_factory=list)
    written: bool = False
    summary: str = ""

    @property
    def procedure(self) -> Procedure:
        return self.study.procedure()

    @property
    def _in_pieces(self) -> bool:
        return self.format.name in self.procedure.piecewise

    def take(self, asked: Asked) -> None:
        """Answer a formula, or say what is wrong."""
        try:
            if isinstance(asked.what, FormulaError):
                raise asked.what
            if isinstance(asked.what, str):
                self._command(asked.what)
                return
            late, answered = clock.late(self.clock.seconds, asked.what.formula.span), len(self.statuses)
            self.procedure.ready(self.format.name)  # what is loaded once is no part of an answer's time
            try:
                with self.clock.answering(lambda: self._as_json(asked, late), self.format.single):
                    self._answer(asked.what, asked.line)
            except OutOfTime:
                if len(self.statuses) == answered:
                    raise late from None
            except MemoryError:
                raise out_of_memory() from None
        except FormulaError as error:
            self.statuses.append(status.of_error(error))
            self.screen.show([self._as_json(asked, error)])
            script = f"{self.args.file}, " if self.args.file and self.args.file != "-" else ""
            line = asked.line_of(error)
            asking = f", asked in line {asked.line}" if line < asked.line else ""
            self.complain(error, f" in {script}line {line}{asking}" if asked.line else "")

    def _command(self, text: str) -> None:
        from gradcalc.prompt import Console, Progress, entered_from_file

        if self.format.name not in ("text", "line"):
            help = "leave it out, or the option for the format"
            raise FormulaError(f"a command is not answered as {self.format.name}", Span(text, 0, len(text)), help)
        if self.console is None:
            style = self.style
            self.console = Console(self.session, style.digits, style.ascii, lambda: style.width, color=style.color)
        for told in entered_from_file(self.console, text):
            self.screen.show([] if isinstance(told, Progress) else [told])
            self.written = True
        self.style = replace(self.style, digits=self.console.digits, ascii=self.console.ascii)
        self.statuses.append(status.FINE)

    def _as_json(self, asked: Asked, error: FormulaError) -> str:
        """The line for programs of an error; empty where they do not read."""
        return (
            error_as_json(_text(asked, error), error, asked.line and asked.line_of(error))
            if self.format.name == "json"
            else ""
        )

    def _answer(self, question: Question, line: int) -> None:
        for note in hints.of_definitions(question, self.task.definitions):
            self.complain.note(note)
        gap = "\n" if self.format.spaced and self.written else ""
        others = [] if self.style.named else [name for name in self.task.values if name not in question.formula.names]
        try:
            texts = self._texts(replace(question, unused=(*question.unused, *others)))
            if self._in_pieces:
                for text in texts:
                    self.screen.show([text], gap)
                    gap = ""
            else:
                self.screen.show(texts if self.screen.out is sys.stdout else _last(texts), gap)
        except MissingValueError as error:
            if self.study.optional:  # which has no symbolic answer
                raise
            raise hints.missing(error, question, self.task, bool(line)) from None
        for note in notes(question.formula, {*question.values, *chosen.names_in_ranges(self.args)}):
            self.complain.note(note)
        if question.not_used:
            self.complain.note(f"{question.not_used} of line {line}" if line else question.not_used)

    def _texts(self, question: Question) -> Iterator[str | bytes]:
        write = self.procedure.writers[self.format.name]
        question = replace(question, options=replace(question.options, brief=self.format.name == "line"))
        style = replace(self.style, point=question.values, continued=self.written)
        result: Any = None
        compute = self.procedure.pieces if self._in_pieces and self.procedure.pieces else self.procedure.compute
        names, functions = self.session.names, self.session.functions.values()  # as they are bound by now
        for result in compute(
            question, chosen.asked_of(self.args, self.study, names, functions, len(self.statuses) + 1)
        ):
            if self.procedure.complete(result) or not self.format.whole:
                written = write(result, style)
                self.written = True
                yield written
        self.statuses.append(status.of_verdicts(self.procedure.verdicts(result)))
        self.summary = self.procedure.summary(result)


def _last(texts: Iterable[str | bytes]) -> Iterator[str | bytes]:
    """The last of them, also where the time ends before they do."""
    found: list[str | bytes] = []
    try:
        for text in texts:
            found[:] = [text]
    except OutOfTime:
        yield from found
        raise
    yield from found


def _text(asked: Asked, error: FormulaError) -> str:
    """The text that was typed, in which the error has its place."""
    return error.diagnostic.span.source or (str(asked.what.formula) if isinstance(asked.what, Question) else "")


# ---- the command


def run(argv: Sequence[str], own: bool = False) -> int:
    """Run the command on its arguments and return its exit status. Never raises.

    Args:
        argv: the arguments.
        own: whether the process is there for the command alone, so that its memory may be limited.
    """
    output.open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    complain = output.Complaints(sys.stderr, False)
    json = False
    try:
        args, notes = arguments.read(argv)
        complain = output.Complaints(sys.stderr, output.colored(args.color, sys.stderr))
        for note in notes:
            complain.note(note)
        json = args.json
        found = _main(args, complain, own)
        sys.stdout.flush()
        return found
    except FormulaError as error:
        if json and not isinstance(error, UsageError):
            sys.stdout.write(error_as_json(error.diagnostic.span.source, error))
        complain(error)
        return status.of_error(error)
    except MemoryError:
        complain(out_of_memory())
        return status.BAD_INPUT
    except KeyboardInterrupt:
        return status.INTERRUPTED
    except BrokenPipeError:
        output.abandon(sys.stdout)
        return status.BROKEN_PIPE
    except ModuleNotFoundError as error:
        help = "where gradcalc was installed from: pip install . has all it needs"
        complain(FormulaError(f"Python does not find {error.name}", help=help))
        return status.BAD_INPUT
    except OSError as error:  # a full disk, say
        output.abandon(sys.stdout)
        complain(FormulaError(f"the answer could not be written: {error.strerror}"))
        return status.BAD_INPUT
    except Exception as error:  # a bug of ours, whatever it is: say so, without a traceback
        if os.environ.get("GRADCALC_DEBUG"):
            raise
        complain.write(f"internal error: {type(error).__name__}: {error}, please report\n")
        return status.INTERNAL


def _main(args: argparse.Namespace, complain: output.Complaints, own: bool) -> int:
    if about := _about(args):
        sys.stdout.write(about)
        return status.FINE
    LIMITS.change(args.limits)
    mode = modes.mode_of(args)
    output.check_spared((args.data, args.grade, args.verify), (args.output, args.bad))
    if own and (mode is None or mode.memory):
        limit_memory(LIMITS.memory)
    if mode is not None:
        return mode.run(args)
    if not args.output and (file := chosen.file_among(args.words, chosen.study_of(args))):
        args.output = file
        args.words.remove(file)
    task = words.task(args.words, args.at)
    if not task.program and not args.file and (args.interactive or output.is_terminal(sys.stdin)):
        return _prompt(args, Session(options(args), task.values))
    script = bool(args.file) or task.program.strip() in ("", "-")
    session = Session(options(args), task.values)
    asked: Iterable[Asked]
    with closing(clock.Clock(args.time_limit, own)) as limit:
        if args.file and task.program:
            asked = of_both(session, args.file, task, limit)
        elif script:
            asked = of_script(session, args.file or "-", limit)
        else:
            asked = of_program(session, task.program, limit)
        found = _answered(args, complain, session, task, asked, limit)
    ranged = chosen.names_in_ranges(args)
    for remark in hints.of_uncertainties(session, chosen.study_of(args), ranged):
        complain.note(remark)
    for unused in session.unused(name for name in task.values if name not in ranged):
        standing = ", ".join(name for name, formula in session.names.items() if unused in free_names(formula))
        which = f"s, which do not need {standing}" if _several(asked) else f", which does not need {standing}"
        complain.note(f"{unused} is not used in the formula{which if standing else 's' * _several(asked)}")
    if not (script or task.values) and session.used and output.has_columns(sys.stdin, session.used):
        complain.note("what comes in is not read: --data - takes its columns for the names, -f - is for a script")
    for late in [] if args.interactive else session.late:
        complain.note(f"{late} gets its value behind the formula, too late for it: write {late}=... before it")
    return _prompt(args, session) if args.interactive else found


def _several(asked: Iterable[Asked]) -> bool:
    return not isinstance(asked, list) or len(asked) > 1


def _prompt(args: argparse.Namespace, session: Session) -> int:
    from gradcalc.prompt import Console, opening

    color = output.colored(args.color, sys.stdout)
    return opening.run(Console(session, args.digits, args.ascii, vi=args.vi, pager=args.pager), color=color)


def _answered(
    args: argparse.Namespace,
    complain: output.Complaints,
    session: Session,
    task: words.Request,
    asked: Iterable[Asked],
    limit: clock.Clock,
) -> int:
    """Write everything that is asked; the exit status."""
    several = _several(asked)
    study = chosen.study_of(args)
    format = chosen.format_of(args, study, several)
    alone = format.single or format.name == "html"  # where one formula is written otherwise than several
    if alone and not isinstance(asked, list) and args.file not in (None, "-") and not has_commands(args.file):
        asked = [*asked]
        several = _several(asked)
    if several and format.single:
        raise UsageError(f"a file {format.suffixes[0]} holds one formula", help="give one formula, or another format")
    destination = output.Destination(args.output, args.ascii, args.latex)
    screen = output.screen(destination.out, args.color)
    ascii = args.ascii or not draws(destination.out)
    style = Style(args.digits, ascii, session.options.bits, screen.width, several, color=screen.color)
    run = _Run(args, complain, session, task, limit, study, format, screen, style)
    noted: set[str] = set()
    for each in asked:
        for constant, meaning in YIELDING.items():
            if constant in session.names and constant not in noted:
                complain.note(f"{constant} is your own name here, not {meaning}")
                noted.add(constant)
        run.take(each)
    if not run.statuses:
        raise no_formula()
    if run.written and destination.finish():
        complain.write(f"wrote {args.output}{f': {run.summary}' if run.summary else ''}\n")
    return status.of_script(run.statuses)


def _about(args: argparse.Namespace) -> str:
    """The text about the command itself, if one is asked for."""
    if args.completion:
        return arguments.completion(args.completion)
    asked = {"--help": args.help, "-h": args.brief, "--version": args.version}
    return next((arguments.about_itself(word) for word, applies in asked.items() if applies), "")
