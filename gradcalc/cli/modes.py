"""What the command can do besides answering formulas, one `Mode` a row."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gradcalc import show
from gradcalc.language.errors import FormulaError

from . import output, status, words
from .options import FLAG, Option, UsageError, text, value, whole


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode is asked for by its first option; the others are its settings."""

    options: tuple[Option, ...]
    run: Callable[[argparse.Namespace, output.Complaints], int]


def _practice(args: argparse.Namespace, complain: output.Complaints) -> int:
    from gradcalc.explain.practice import Practice, drill, read_exercises

    exercises = read_exercises(output.script(args.file), args.file) if args.file else ()
    task = words.task(args.words, args.at)
    if task.program:
        at = " ".join(f"{name}={value}" for name, value in task.values.items())
        exercises = read_exercises(f"{task.program} at {at}" if at else task.program, "the command line")
    drill(Practice(args.level, args.seed, exercises), input, lambda text: sys.stdout.write(f"{text}\n"))
    return status.FINE


def _check_gradient(args: argparse.Namespace, complain: output.Complaints) -> int:
    from gradcalc.gradients import evaluate
    from gradcalc.judge.certificates import certificate
    from gradcalc.judge.programs.gradient import check_gradient
    from gradcalc.judge.programs.programs import function_of
    from gradcalc.plot import read_ranges
    from gradcalc.show.gradient_checks import gradient_check_lines
    from gradcalc.show.numbers import json_line

    function, *others = args.check_gradient
    gradient = others.pop(0) if others and _FILE.search(others[0]) else None
    lists, rest = words.vectors([*args.at, *others, *args.words])
    at: dict[str, Any] = {name: evaluate(value) for name, value in words.task((), rest).values.items()}
    at |= {name: _vector(text) for name, text in lists.items()}
    box = {found.name: found.bounds for text in args.box for found in read_ranges(text)}
    if bool(at) == bool(box):
        raise UsageError("--check-gradient needs a point or a box", help="add --at x=0.5,y=1 or --box x=0:2,y=-1:1")
    if gradient is None and not _FILE.search(function):
        raise UsageError("a formula needs a gradient function to be judged", help="write FILE.py:name after it")
    judged = (
        function_of(function) if _FILE.search(function) else function,
        None if gradient is None else function_of(gradient),
    )
    with _users_code(function if gradient is None else f"{function} or {gradient}"):
        found = check_gradient(*judged, at or None, box=box or None, seed=args.seed)
    if args.json:
        sys.stdout.write(json_line(certificate(found, function, gradient or function)))
    else:
        _say(gradient_check_lines(found), args)
    return found.verdict.status


def _vector(text: str) -> Any:
    """A list of numbers, or of lists, as an array.

    Raises:
        UsageError: its rows have different lengths.
    """
    import numpy

    try:
        return numpy.array(_numbers(text), dtype=float)
    except ValueError:
        raise UsageError(f"{text} is no array of numbers", help="write x=[1, 2] or x=[[1, 2], [3, 4]]") from None


def _numbers(text: str) -> Any:
    from gradcalc.gradients import evaluate

    if not text.strip().startswith("["):
        return evaluate(text)
    return [_numbers(item) for item in words.items(text)]


@contextmanager
def _users_code(what: str) -> Iterator[None]:
    """Whatever goes wrong in code of the user's is told as a mistake of theirs, not of ours."""
    try:
        yield
    except FormulaError:
        raise
    except Exception as error:
        notes = "; ".join(getattr(error, "__notes__", ()))
        raise UsageError(f"{what} fails: {type(error).__name__}: {error}", help=notes) from error


_FILE = re.compile(r"\.py:\w")


def _verify(args: argparse.Namespace, complain: output.Complaints) -> int:
    from gradcalc.judge.certificates import verify
    from gradcalc.show.gradient_checks import verification_lines

    certificate = output.script(args.verify)
    try:
        written = json.loads(certificate)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{args.verify} is no JSON: {error}") from None
    with _users_code("what the certificate names"):
        found = verify(written)
    _say(verification_lines(found), args)
    return status.FINE if found else status.DISAGREE


def _say(lines: Sequence[str], args: argparse.Namespace) -> None:
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.write(show.paint(text) if output.colored(args.color, sys.stdout) else text)


_LEVELS: Mapping[str, Any] = {"choices": (1, 2, 3, 4), "default": 1}

MODES = (
    Mode(
        (
            Option("--check-gradient", "judge a gradient function: FILE.py:f or a formula, and FILE.py:grad, or "
                   "FILE.py:f that answers with both; at a point such as x=2 or x=[1,2], or over a box",
                   {"nargs": "+", "metavar": ("F", "GRAD")}),
            Option("--box", "ranges to look for faults in, such as x=0:2,y=-1:1",
                   value(text, "NAME=LO:HI", action="append", default=[])),
        ),
        _check_gradient,
    ),
    Mode((Option("--verify", "ask a certificate that --json wrote again", value(text, "FILE")),), _verify),
    Mode(
        (
            Option("--practice", "asks for the gradients of a small graph, node by node; "
                   "a formula, or -f FILE, has your own", FLAG),
            Option("--level", "how hard, from 1 (default) to 4", value(whole, "N", **_LEVELS)),
            Option("--seed", "of what is drawn at random (default 0)", value(whole, "N", default=0)),
        ),
        _practice,
    ),
)  # fmt: skip

OPTIONS = tuple(option for mode in MODES for option in mode.options)


def mode_of(args: argparse.Namespace) -> Mode | None:
    """The mode that is asked for."""
    return next((mode for mode in MODES if getattr(args, mode.options[0].dest)), None)
