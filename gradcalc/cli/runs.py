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
from gradcalc.language.errors import FormulaError, needing
from gradcalc.language.literals import how_many, place_text
from gradcalc.language.reading import Array, short
from gradcalc.show import Style, draws, folded, text
from gradcalc.studies import FORMATS, Writer, documents

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

    screen = output.screen(sys.stdout, args.color)

    def read(question: str) -> str:
        replying.close()
        line = input(question)
        replying.enter_context(within(seconds))
        return line

    with ExitStack() as replying:
        replying.enter_context(within(seconds))
        try:
            drill(asked, read, lambda text: sys.stdout.write(f"{folded(text, screen.width)}\n"))
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
        exercises = read_exercises(f"{task.program} at {at}" if at else task.program)
    return exercises


def worksheet(args: argparse.Namespace) -> int:
    """Write a sheet of exercises with its key; the exit status."""
    from gradcalc.explain.exercises import drawn
    from gradcalc.show import sheets

    if not args.practice:
        raise UsageError("--sheet goes with --practice", help=f"write --practice --sheet {args.sheet}")
    written = _Written(args, "a sheet is", sheets.WRITERS)
    title = "Exercises" if args.file or args.words else f"Exercises, level {args.level}, sheet {args.seed}"
    with _in_time(args):
        exercises = [*_exercises(args)][: args.sheet] or drawn(args.level, args.seed, args.sheet)
        written.put((title, exercises), f": {how_many(len(exercises), 'exercise')} with a key")
    return status.FINE


def grade(args: argparse.Namespace) -> int:
    """Judge a class's answers; the exit status."""
    from gradcalc.judge.grades import grades, read_entries
    from gradcalc.show import graded

    entries = read_entries(output.script(args.grade))
    complain = output.Complaints(sys.stderr, output.colored(args.color, sys.stderr))
    writers = {**documents(graded.document), "csv": graded.as_csv, "json": graded.as_json}
    written = _Written(args, "grades are", writers)
    found = []
    with closing(output.Ticker(output.bar)) as ticker:
        for each in grades(entries, args.seed, args.time_limit):
            found.append(each)
            if each.check is None:
                ticker.close()
                complain.note(f"{args.grade}, line {each.entry.line}: {each.trouble}")
            ticker(len(found), len(entries))
    written.put(found, summary=lambda style: text(graded.summary(found, style), style))
    return status.of_verdicts(None if grade.check is None else grade.check.verdict for grade in found)


def judge_gradient(args: argparse.Namespace) -> int:
    """Judge a gradient function at a point or over a box; the exit status."""
    from gradcalc.engine.lowering import as_constant
    from gradcalc.gradients import evaluate
    from gradcalc.judge.certificates import certificate
    from gradcalc.judge.programs.files import function_of
    from gradcalc.judge.programs.gradient import check_gradient
    from gradcalc.judge.programs.result import CheckOptions, GradientCheck
    from gradcalc.plot import read_ranges
    from gradcalc.show.gradient_checks import gradient_check
    from gradcalc.show.numbers import json_line

    # the function may stand before the option, as a formula before --check
    typed = sorted([*args.check_gradient, *args.words], key=lambda word: word not in args.ahead)
    function, *others = sorted(typed, key=words.is_list)
    gradient = others.pop(0) if others and _FILE.search(others[0]) else None
    if strange := next((word for word in others if not words.is_list(word)), ""):
        if gradient is not None and _FILE.search(strange):
            raise UsageError(f"'{gradient}' and '{strange}' are two gradient functions", help="judge one at a time")
        raise UsageError(
            f"'{strange}' is neither a gradient function nor a value",
            help="write FILE.py:name, x=2 or x=[1, 2]; a derivative that is a formula is judged by --check x=FORMULA",
        )
    if spread := next((word for word in others if ".." in word and "=" in word), ""):
        raise UsageError(f"'{spread}' is a range, not a point", help=f"write --box {spread}")
    point = words.point([*args.at, *others])
    at = {
        name: _array(value) if isinstance(value, Array) else evaluate(as_constant(value, name))
        for name, value in point.items()
    }
    if point_alone := next((text for text in args.box if not words.is_range(text)), ""):
        raise UsageError(f"'{point_alone}' is not a range", help="write for example --box x=0:2,y=-1:1")
    box = {found.name: found.bounds for text in args.box for found in read_ranges(text)}
    if bool(at) == bool(box):
        raise UsageError("--check-gradient needs a point or a box", help="add --at x=0.5,y=1 or --box x=0:2,y=-1:1")
    in_file = _FILE.search(function) is not None or function.endswith(".py")  # whose function is then asked for
    if gradient is None and not in_file:
        raise UsageError(
            "a formula needs a gradient function to be judged",
            help="write FILE.py:name after it; a derivative that is a formula is judged by --check x=FORMULA",
        )
    judged = function_of(function) if in_file else function
    claim = None if gradient is None else function_of(gradient)

    def record(found: GradientCheck, _: Style) -> str:
        return json_line(certificate(found, function, gradient or function))

    written = _Written(args, "this verdict is", {**documents(gradient_check), "json": record})
    with _in_time(args), _users_code(function, gradient):
        options: CheckOptions = {"seed": args.seed}
        if args.time_limit and args.time_limit < _USUAL:
            options["seconds"] = args.time_limit
        found = check_gradient(judged, claim, at or None, box=box or None, **options)
    written.put(found)
    return found.verdict.status


def _array(typed: Array) -> Any:
    """The array that is written.

    Raises:
        FormulaError: its rows have several lengths, or there are too many brackets.
    """
    with needing("an array", "data"):
        import numpy

    from gradcalc.gradients import evaluate

    nested = typed.nested(evaluate)
    try:
        return numpy.array(nested, dtype=float)
    except ValueError:
        message = f"{short(typed.span.text)} is no array of numbers"
        raise FormulaError(message, typed.span, "write x=[1, 2] or x=[[1, 2], [3, 4]]") from None


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
def _users_code(*functions: str | None) -> Iterator[None]:
    """Tell an error in code of the user's as a mistake of theirs, not of ours, and in which of the functions it is, if
    their names tell that."""
    try:
        yield
    except FormulaError:
        raise
    except Exception as error:
        from traceback import walk_tb

        notes = "; ".join(getattr(error, "__notes__", ()))
        names = [one for one in functions if one is not None]
        fault = error.__cause__ or error
        frames = [frame for frame, _ in walk_tb(fault.__traceback__)]
        theirs = [each for each in frames if not each.f_globals.get("__name__", "").startswith("gradcalc.")]
        if frames[-1] not in theirs:  # an answer is not what it should be
            raise UsageError(str(error), help=notes or "write FILE.py:gradient after it" * (len(names) == 1)) from error
        run = {each.f_code.co_name for each in theirs}
        told = [one for one in names if one.rpartition(":")[2] in run]
        what = told[0] if len(told) == 1 else " or ".join(names)
        raise UsageError(f"{what} fails: {type(fault).__name__}: {fault}", help=notes) from error


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
    told = _Written(args, "this verdict is", documents(verdicts.verification))
    with _in_time(args), _users_code("what the certificate names"):
        found = verify(written)
    told.put(found)
    return status.FINE if found else status.DISAGREE


class _Written:
    """Where a result goes, and how it is written there: by one of the writers, which are called as formats are."""

    def __init__(self, args: argparse.Namespace, subject: str, writers: Mapping[str, Writer]):
        """
        Raises:
            UsageError: the subject, such as `grades are`, has no such format, or the file cannot be written.
        """
        suffix = ".json" if args.json else ".tex" if args.latex else Path(args.output or "").suffix.lower()
        ways = {end: name for name in writers for each in FORMATS if each.name == name for end in each.suffixes}
        if suffix not in ("", *ways):
            raise UsageError(f"{subject} not written as {suffix}", help=f"the formats are {' '.join(ways)}")
        self._write = writers[ways.get(suffix, "text")]
        self._destination = output.Destination(args.output, args.ascii, args.latex)
        self._screen, self._args = output.screen(self._destination.out, args.color), args
        ascii = args.ascii or not draws(self._destination.out)
        self._style = Style(args.digits, ascii, width=self._screen.width, color=self._screen.color)

    def put(self, found: Any, what: str = "", summary: Callable[[Style], str] | None = None) -> None:
        """Write it. If that is to a file, show the summary and tell the file, with `what` is in it."""
        self._screen.show([self._write(found, self._style)])
        if self._destination.finish():
            if summary is not None:
                output.screen(sys.stdout, self._args.color).show([summary(self._style)])
            output.Complaints(sys.stderr, False).write(f"wrote {self._args.output}{what}\n")
