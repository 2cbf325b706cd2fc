"""What can be shown of a formula, one `View` a row, and the formats it can be written in, one `Format` a row.

A view's option, its help, the shells' completion and the choice of a format by a file's suffix all come from here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradcalc import render
from gradcalc.session import Answer, Question

from . import status
from .options import FLAG, Option, UsageError

# ---- formats


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write results. One without an `option` is chosen by what is asked, or by a suffix."""

    name: str
    option: Option | None = None
    suffix: str = ""  # of the files written so
    whole: bool = False  # never begun before it is complete
    spaced: bool = False  # an empty line between two results


FORMATS = (
    Format("text", suffix=".txt", spaced=True),
    Format("line"),
    Format("value"),
    Format("json", Option("--json", "one JSON object a line, with all digits; fields below", FLAG), ".json", True),
    Format("plain", Option("--plain", "tab-separated: value, grad NAME NUMBER FORMULA, verdict; in scripts formula",
                           FLAG), spaced=True),
    Format("latex", Option("--latex", "LaTeX", FLAG), ".tex", whole=True, spaced=True),
    Format("pretty", Option("--pretty", "formulas drawn over several lines", FLAG), whole=True, spaced=True),
    Format("csv", suffix=".csv", whole=True),
)  # fmt: skip
_FORMAT = {format.name: format for format in FORMATS}


# ---- views


@dataclass(frozen=True, slots=True)
class View:
    """Something to know of a formula.

    `results` are made of a question and of the option's value, in ever more complete versions, of which the last is
    whole: it has `complete`. `writers` maps the names of formats to functions of a result and a `Style`; `status` tells
    the exit status of a whole result. The view without an `option` is the one that is shown where none is asked for.
    """

    name: str
    option: Option | None
    results: Callable[[Question, Any], Iterator[Any]]
    writers: Mapping[str, Callable[[Any, render.Style], str]]
    status: Callable[[Any], int] = field(default=lambda _: status.FINE)


_STATUS = {
    "agree": status.FINE, "value": status.FINE, "unchecked": status.FINE, "disagree": status.DISAGREE,
    "not-differentiable": status.UNDEFINED, "undecided": status.UNDEFINED,
}  # fmt: skip


def _answer_status(answer: Answer) -> int:
    return status.severest([_STATUS[answer.verdict], status.UNDEFINED if answer.missing_seconds else status.FINE])


VIEWS = (
    View(
        "derivatives",
        None,
        lambda question, _: question.answers(),
        {
            "text": render.table_view,
            "line": render.line_view,
            "value": render.value_view,
            "json": render.json_view,
            "plain": render.plain_view,
            "latex": render.latex_view,
            "pretty": render.pretty_view,
            "csv": render.csv_view,
        },
        _answer_status,
    ),
)

OPTIONS = tuple(view.option for view in VIEWS if view.option)
FORMAT_OPTIONS = tuple(format.option for format in FORMATS if format.option)


def _asked(args: argparse.Namespace, option: Option | None) -> bool:
    return option is not None and bool(getattr(args, option.dest))


def view_of(args: argparse.Namespace) -> View:
    """The view that is asked for."""
    asked = [view for view in VIEWS if _asked(args, view.option)]
    _only_one("views of a formula", [view.option for view in asked])
    return next(view for view in (*asked, *VIEWS) if view.option is None or view in asked)


def value_of(args: argparse.Namespace, view: View) -> Any:
    """What was given with the option that asks for the view."""
    return getattr(args, view.option.dest) if view.option else None


def format_of(args: argparse.Namespace, view: View, script: bool) -> Format:
    """The format that is asked for, or told by the file's suffix, or fit for what is answered."""
    asked = [format for format in FORMATS if _asked(args, format.option)]
    _only_one("ways to write an answer", [format.option for format in asked])
    known = [format for format in FORMATS if format.name in view.writers]
    suffix = Path(args.output).suffix.lower() if args.output and args.output != "-" else ""
    if asked:
        chosen = asked[0]
    elif suffix:
        suffixes = " ".join(format.suffix for format in known if format.suffix)
        found = next((format for format in known if format.suffix == suffix), None)
        if found is None:
            raise UsageError(f"no view is written as {suffix}", help=f"the formats are {suffixes}")
        chosen = found
    else:
        short = "value" if args.quiet else "line" if script and not args.hessian else "text"
        chosen = _FORMAT[short if short in view.writers else "text"]
    if chosen not in known:
        ways = " ".join(format.option.names for format in known if format.option)
        raise UsageError(f"--{view.name} is not written as {chosen.name}", help=f"it can be: {ways}" if ways else "")
    return chosen


def _only_one(what: str, options: list[Option | None]) -> None:
    if len(options) > 1:
        names = " and ".join(option.names for option in options if option)
        raise UsageError(f"{names} are two {what}", help="give one of them")
