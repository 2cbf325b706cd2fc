"""The command where no formula is answered: exercises, gradient functions, certificates."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcalc.helper import OutOfTime, within
from gradcalc.language.errors import FormulaError
from gradcalc.language.literals import how_many, place_text
from gradcalc.language.reading import Array, short
from gradcalc.show import Document, Style, html, latex, markdown, text

from . import clock, output, status, words
from .options import UsageError

if TYPE_CHECKING:
    from gradcalc.explain.exercises import Exercise


def practice(args: argparse.Namespace) -> int:
    """Ask for the gradients of exercises, each reply within the time limit; the exit status."""
    from gradcalc.explain.practice import Practice, drill

    seconds = args.time_limit or math.inf
    with _in_time(args):
        asked = Practice(args.level, args.seed, _exercises(args))

    def read(question: str) -> str:
        replying.close()
        line = input(question)
        replying.enter_context(within(seconds, _AGAIN))
        return line

    with ExitStack() as replying:
        replying.enter_context(within(seconds, _AGAIN))
        try:
            drill(asked, read, lambda text: sys.stdout.write(f"{text}\n"))
        except OutOfTime:
            sys.stdout.write(f"\n{asked.score}\n")
            raise clock.late(args.time_limit) from None
    return status.FINE


def _exercises(args: argparse.Namespace) -> Sequence[Exercise]:
    """The exercises of a file, or the formula of the command line."""
    from gradcalc.explain.exercises import read_exercises

    exercises = read_exercises(output.script(args.file), args.file) if args.file else ()
    task = words.task(args.words, args.at)
    if task.program:
        at = place_text(task.values)
        try:
            exercises = read_exercises(f"{task.program} at {at}" if at else task.program, "exercise")
        except FormulaError as error:
            about = error.diagnostic
            message = about.message.removeprefix("exercise, line 1: ")  # which it has alone
            raise FormulaError(message, about.span, about.help, about.notes) from None
    return exercises


def worksheet(args: argparse.Namespace) -> int:
    """Write a sheet of exercises with its key; the exit status."""
    from gradcalc.explain.exercises import drawn
    from gradcalc.show import sheets

    if not args.practice:
        raise UsageError("--sheet goes with --practice", help=f"write --practice --sheet {args.sheet}")
    suffix = ".tex" if args.latex else Path(args.output or "").suffix.lower()
    if suffix not in sheets.WRITERS:
        raise UsageError(f"a sheet is not written as {suffix}", help=f"the formats are {' '.join(sheets.WRITERS)[1:]}")
    title = "Exercises" if args.file or args.words else f"Exercises, level {args.level}, sheet {args.seed}"
    with _in_time(args):
        exercises = [*_exercises(args)][: args.sheet] or drawn(args.level, args.seed, args.sheet)
        written = sheets.WRITERS[suffix](title, exercises)
    _write(written, args, f"{how_many(len(exercises), 'exercise')} with a key")
    return status.FINE


def grade(args: argparse.Namespace) -> int:
    """Judge a class's answers; the exit status."""
    from gradcalc.judge.grades import grades, read_entries, status_of
    from gradcalc.show import graded

    entries = read_entries(output.script(args.grade))
    complain = output.Complaints(sys.stderr, output.colored(args.color, sys.stderr))
    destination = output.Destination(args.output, args.ascii, args.latex)
    screen = output.screen(destination.out, args.color)
    style = Style(args.digits, args.ascii, width=screen.width, color=screen.color)
    suffix = ".json" if args.json else ".tex" if args.latex else Path(args.output or "").suffix.lower()
    tables = {".csv": graded.as_csv, ".json": graded.as_json}
    if suffix not in tables and suffix not in _WRITERS:
        raise UsageError(
            f"grades are not written as {suffix}",
            help=f"the formats are {' '.join([*filter(None, _WRITERS), *tables])}",
        )
    found = []
    with closing(output.Ticker(output.bar)) as ticker:
        for each in grades(entries, args.seed, args.time_limit):
            found.append(each)
            if each.check is None:
                complain.note(f"{args.grade}, line {each.entry.line}: {each.trouble}")
            ticker(len(found), len(entries))
    if suffix in tables:
        screen.show([tables[suffix](found, style)])
    else:
        write = _WRITERS[suffix]
        screen.show(
            [text(graded.document(found, style), style) if write is text else write(graded.document(found, style))]
        )
    if destination.finish():
        output.screen(sys.stdout, args.color).show([text(graded.summary(found, style), style)])
        complain.write(f"wrote {args.output}\n")
    return status_of(found)


def judge_gradient(args: argparse.Namespace) -> int:
    """Judge a gradient function at a point or over a box; the exit status."""
    from gradcalc.engine.lowering import as_constant
    from gradcalc.gradients import evaluate
    from gradcalc.judge.certificates import certificate
    from gradcalc.judge.programs.files import function_of
    from gradcalc.judge.programs.gradient import check_gradient
    from gradcalc.judge.programs.result import CheckOptions
    from gradcalc.plot import read_ranges
    from gradcalc.show.numbers import json_line

    function, *others = args.check_gradient
    gradient = others.pop(0) if others and _FILE.search(others[0]) else None
    given = words.point([*args.at, *others, *args.words])
    at = {
        name: _array(value) if isinstance(value, Array) else evaluate(as_constant(value, name))
        for name, value in given.items()
    }
    box = {found.name: found.bounds for text in args.box for found in read_ranges(text)}
    if bool(at) == bool(box):
        raise UsageError("--check-gradient needs a point or a box", help="add --at x=0.5,y=1 or --box x=0:2,y=-1:1")
    in_file = _FILE.search(function) is not None or function.endswith(".py")  # whose function is then asked for
    if gradient is None and not in_file:
        raise UsageError("a formula needs a gradient function to be judged", help="write FILE.py:name after it")
    judged = function_of(function) if in_file else function
    claim = None if gradient is None else function_of(gradient)
    with _in_time(args), _users_code(function if gradient is None else f"{function} or {gradient}"):
        options: CheckOptions = {"seed": args.seed}
        if args.time_limit and args.time_limit < _USUAL:
            options["seconds"] = args.time_limit
        found = check_gradient(judged, claim, at or None, box=box or None, **options)
    written = gradient or function
    _say(found.document(), args, lambda: json_line(certificate(found, function, written)))
    return found.verdict.status


def _array(typed: Array) -> Any:
    """The array that is written.

    Raises:
        FormulaError: its rows have several lengths, or there are too many brackets.
    """
    import numpy

    from gradcalc.gradients import evaluate

    nested = typed.nested(evaluate)
    try:
        return numpy.array(nested, dtype=float)
    except ValueError:
        message = f"{short(typed.span.text)} is no array of numbers"
        raise FormulaError(message, typed.span, "write x=[1, 2] or x=[[1, 2], [3, 4]]") from None


_AGAIN = 0.2  # seconds after which a reply is ended that has gone on
_USUAL = 10  # seconds that a check may take anyhow


@contextmanager
def _in_time(args: argparse.Namespace) -> Iterator[None]:
    """Limit what is done inside by `--time-limit`.

    Raises:
        UndecidedError: it takes longer.
    """
    with closing(clock.Clock(args.time_limit, own=False)) as limit:
        try:
            with limit.answering(str):
                yield
        except OutOfTime:
            raise clock.late(args.time_limit) from None


@contextmanager
def _users_code(what: str) -> Iterator[None]:
    """Tell an error in code of the user's as a mistake of theirs, not of ours."""
    try:
        yield
    except FormulaError:
        raise
    except Exception as error:
        notes = "; ".join(getattr(error, "__notes__", ()))
        raise UsageError(f"{what} fails: {type(error).__name__}: {error}", help=notes) from error


_WRITERS: Mapping[str, Callable[[Document], str]] = {
    "": text, ".txt": text, ".md": markdown, ".html": html, ".tex": latex,
}  # fmt: skip
_FILE = re.compile(r"\.py:\w")


def verify_certificate(args: argparse.Namespace) -> int:
    """Ask a certificate again; the exit status."""
    from gradcalc.judge.certificates import verify
    from gradcalc.show import verdicts

    certificate = output.script(args.verify)
    try:
        written = json.loads(certificate)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{args.verify} is no JSON: {error}") from None
    with _in_time(args), _users_code("what the certificate names"):
        found = verify(written)
    _say(verdicts.verification(found, Style()), args, None)
    return status.FINE if found else status.DISAGREE


def _say(document: Document, args: argparse.Namespace, data: Callable[[], str] | None) -> None:
    """Write a document, or the `data` of a result for programs, to where and as it is asked for."""
    suffix = Path(args.output or "").suffix.lower()
    asked = ".json" if args.json else ".tex" if args.latex else suffix
    if asked == ".json" and data is not None:
        found = data()
    elif asked in _WRITERS:
        found = _WRITERS[asked](document)
    else:
        known = " ".join([*filter(None, _WRITERS), *([".json"] if data else [])])
        raise UsageError(f"this verdict is not written as {asked}", help=f"the formats are {known}")
    _write(found, args)


def _write(found: str, args: argparse.Namespace, what: str = "") -> None:
    """Write a text to where it is asked for; `what` is said of it when it has gone to a file."""
    out = output.Destination(args.output, args.ascii, args.latex)
    output.screen(out.out, args.color).show([found])
    if out.finish() and what:
        output.Complaints(sys.stderr, False).write(f"wrote {args.output}: {what}\n")
