"""The uses of the command besides answering formulas, one `Mode` a row."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from gradcalc.record import dataclass
from gradcalc.studies import STUDIES

from .options import FLAG, Option, UsageError, one_file, positive, text, value, whole


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode is asked for by its first option; the others are its settings. `by` is the module beside this one, and the
    function in it, that takes the arguments and gives the exit status; `unwritten` are options about how answers are
    written that it does not go by; `memory` is whether the limit on it holds, which large columns and programs of
    users may pass."""

    options: tuple[Option, ...]
    by: str
    unwritten: tuple[str, ...]
    memory: bool = True

    @property
    def name(self) -> str:
        return self.options[0].name

    def run(self, args: argparse.Namespace) -> int:
        module, function = self.by.split(".")
        return int(getattr(import_module(f".{module}", __package__), function)(args))


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
        "runs.judge_gradient",
        ("plain", "pretty"),
        memory=False,
    ),
    Mode((Option("--grade", "judge the answers in a CSV file (student, formula, name, answer), each within "
                 "--time-limit; -o .csv .json .md .html", one_file(text)),), "runs.grade", ("plain", "pretty")),
    Mode((Option("--sheet", "with --practice: a sheet of N exercises with its key; -o .tex .md .html",
                 value(positive, "N")),), "runs.worksheet", ("json", "plain", "pretty")),
    Mode((Option("--verify", "ask a certificate that --json wrote again", one_file(text)),), "runs.verify_certificate",
         ("json", "plain", "pretty"), memory=False),
    Mode(
        (
            Option("--practice", "asks for the gradients of a small graph, node by node; "
                   "a formula, or -f FILE, has your own", FLAG),
            Option("--level", "how hard, from 1 (default) to 4", value(whole, "N", **_LEVELS)),
            Option("--seed", "of what is drawn at random (default 0)", value(whole, "N", default=0)),
        ),
        "runs.practice",
        ("output", "json", "plain", "latex", "pretty"),
    ),
    Mode(
        (
            Option("--data", "the formula for every row of a CSV or Parquet file, - for stdin, or of many, "
                   "'parts/*.csv'; adds the columns value and d_NAME; -o out.csv, out.parquet or a folder",
                   one_file(text)),
            Option("--bad", "lists the rows without a value, each with its line and the reason",
                   one_file(text, "")),
            Option("--prefix", "before the names of the columns that are added", value(text, "TEXT", default="")),
            Option("--resume", "goes on with a run that was interrupted", FLAG),
            Option("--dask", "computes files on the workers of a Dask scheduler", value(text, "ADDRESS", default="")),
        ),
        "columns.compute",
        ("hessian", "precision", "correlation", "samples", "json", "plain", "latex", "pretty"),
        memory=False,
    ),
)  # fmt: skip

OPTIONS = tuple(option for mode in MODES for option in mode.options)
_GOES_WITH = {
    "start": "fit", "sigma": "fit", "bounds": "fit", "box": "check-gradient",
    "bad": "data", "prefix": "data", "resume": "data", "dask": "data",
}  # fmt: skip


def mode_of(args: argparse.Namespace) -> Mode | None:
    """The mode that is asked for.

    Raises:
        UsageError: an option is given that it does not go by, or that goes with another one.
    """
    for name, whose in _GOES_WITH.items():
        if getattr(args, name) and not getattr(args, whose.replace("-", "_")):
            raise UsageError(f"--{name} goes with --{whose}", help=f"add --{whose}, or leave out --{name}")
        if getattr(args, name) and whose == "data" and args.fit:
            raise UsageError(f"--fit does not go with --{name}", help="give one of them")
    asked = (mode for mode in MODES if getattr(args, mode.options[0].dest))
    mode = next((mode for mode in asked if mode.name != "data" or not args.fit), None)  # a fit has data of its own
    if mode is None:
        return None
    others = () if mode.name == "data" else (*(study.name for study in STUDIES if study.optional), *_ANSWERS)
    for name in (*mode.unwritten, *others):
        if getattr(args, name):
            raise UsageError(f"--{mode.name} does not go with --{name}", help="give one of them")
    if mode.name in ("grade", "verify") and (extra := [*args.words, *args.at, *filter(None, [args.file])]):
        help = f"leave it out: --{mode.name} has its formulas from the file"
        raise UsageError(f"--{mode.name} does not go with '{extra[0].strip()}'", help=help)
    return mode


_ANSWERS = ("wrt", "numeric", "quiet", "hessian", "correlation")  # options of answers to a formula
