"""What can be shown of a formula, one `View` a row, and the formats it can be written in, one `Format` a row.

A view's option, its help, the shells' completion and the choice of a format by a file's suffix all come from here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from gradcalc import show
from gradcalc.session import Answer, Question

from . import results, status
from .options import FLAG, Option, UsageError, text, value

# ---- formats


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write results. One without an `option` is chosen by what is asked, or by a suffix."""

    name: str
    option: Option | None = None
    suffixes: tuple[str, ...] = ()  # of the files written so
    whole: bool = False  # never begun before it is complete
    spaced: bool = False  # an empty line between two results
    single: bool = False  # holds one result alone


FORMATS = (
    Format("text", suffixes=(".txt",), spaced=True),
    Format("line"),
    Format("value"),
    Format("json", Option("--json", "one JSON object a line, with all digits; fields below", FLAG), (".json",), True),
    Format("plain", Option("--plain", "tab-separated: value, grad NAME NUMBER FORMULA, verdict; in scripts formula",
                           FLAG), spaced=True),
    Format("latex", Option("--latex", "LaTeX", FLAG), (".tex",), whole=True, spaced=True),
    Format("pretty", Option("--pretty", "formulas drawn over several lines", FLAG), whole=True, spaced=True),
    Format("csv", suffixes=(".csv",), whole=True),
    Format("markdown", suffixes=(".md",), whole=True, spaced=True),
    Format("html", suffixes=(".html",), whole=True, spaced=True),
    Format("svg", suffixes=(".svg",), whole=True, single=True),
    Format("png", suffixes=(".png",), whole=True, single=True),
    Format("pdf", suffixes=(".pdf",), whole=True, single=True),
    Format("dot", suffixes=(".dot", ".gv"), whole=True, single=True),
    Format("mermaid", suffixes=(".mmd", ".mermaid"), whole=True, single=True),
)  # fmt: skip
_FORMAT = {format.name: format for format in FORMATS}


# ---- views


@dataclass(frozen=True, slots=True)
class View:
    """Something to know of a formula.

    `results` are made of a question and of the option's value, in ever more complete versions, of which the last is
    whole. `heeds` are the options about what is computed that the view goes by. `writers` maps the names of formats to
    functions of a result and a `Style`; `status` tells the exit status of a whole result, `summary` what is said of it
    when it has gone to a file. The view without an `option` is the one that is shown where none is asked for.
    """

    name: str
    option: Option | None
    results: Callable[[Question, Any], Iterator[Any]]
    writers: Mapping[str, Callable[[Any, show.Style], str | bytes]]
    heeds: tuple[str, ...] = ()
    status: Callable[[Any], int] = field(default=lambda _: status.FINE)
    complete: Callable[[Any], bool] = field(default=lambda _: True)
    summary: Callable[[Any], str] = field(default=lambda _: "")


_COMPUTED = ("wrt", "numeric", "quiet", "order", "hessian", "precision")

_STATUS = {
    "agree": status.FINE, "value": status.FINE, "unchecked": status.FINE, "disagree": status.DISAGREE,
    "not-differentiable": status.UNDEFINED, "undecided": status.UNDEFINED,
}  # fmt: skip


def _answer_status(answer: Answer) -> int:
    return status.severest([_STATUS[answer.verdict], status.UNDEFINED if answer.missing_seconds else status.FINE])


_STEPS_STATUS = {"agrees": status.FINE, "wrong": status.DISAGREE, "undecided": status.UNDEFINED}


def _later(module: str, name: str) -> Callable[[Any, show.Style], str]:
    """A function of a module of `render` that is imported when it is used, with what it shows."""
    return lambda result, style: str(getattr(import_module(f"gradcalc.show.{module}"), name)(result, style))


def _each(module: str, name: str, between: str = "\n") -> Callable[[Any, show.Style], str]:
    write = _later(module, name)
    return lambda found, style: between.join(write(one, style) for one in found)


def _check_status(check: Any) -> int:
    if check:
        return status.FINE
    return status.DISAGREE if check.verdict in ("wrong", "conditional") else status.UNDEFINED


def _terminal(plot: Any, style: show.Style) -> str:
    from gradcalc.plot import terminal

    return f"{terminal(plot, style.width or 80, 24, style.color, style.ascii)}\n"


def _picture(format: str, plot: Any, style: show.Style) -> bytes:
    from gradcalc.plot import picture

    return picture(plot, format)


VIEWS = (
    View(
        "derivatives",
        None,
        lambda question, _: question.answers(),
        {
            "text": show.table_view,
            "line": show.line_view,
            "value": show.value_view,
            "json": show.json_view,
            "plain": show.plain_view,
            "latex": show.latex_view,
            "pretty": show.pretty_view,
            "csv": show.csv_view,
        },
        _COMPUTED,
        _answer_status,
        complete=lambda answer: bool(answer.complete),
    ),
    View(
        "check",
        Option("--check", "judge a derivative that somebody claims, with proof or counterexample; may be repeated",
               value(text, "NAME=FORMULA", action="append")),
        results.checked,
        {"text": _each("verdicts", "check_text", ""), "json": _each("verdicts", "check_json_line", "")},
        ("order",),
        lambda checks: status.severest(map(_check_status, checks)),
    ),
    View(
        "explain",
        Option("--explain", "the backward pass node by node, as it is worked by hand", FLAG),
        results.explained,
        {
            name: _later("explained", f"explain_{name}")
            for name in ("text", "json", "latex", "pretty", "markdown", "html")
        },
        ("wrt", "numeric"),
        lambda explanation: status.UNDEFINED if explanation.notes else status.FINE,
    ),
    View(
        "steps",
        Option("--steps", "the symbolic derivation, one rule a line, every line verified", FLAG),
        results.derived,
        {
            **{name: _each("explained", f"steps_{name}") for name in ("text", "latex", "markdown", "html")},
            "json": _each("explained", "steps_json", ""),
        },
        ("wrt",),
        lambda derivations: status.severest(_STEPS_STATUS[found.verdict] for found in derivations),
    ),
    View(
        "graph",
        Option("--graph", "the graph, data and grad of every node; -o g.svg draws it (.png .dot .mmd)", FLAG),
        results.drawn,
        {
            "text": lambda drawing, style: str(drawing.text(ascii=style.ascii)),
            "dot": lambda drawing, style: str(drawing.source),
            "mermaid": lambda drawing, style: str(drawing.mermaid()),
            "svg": lambda drawing, style: drawing.pipe("svg"),
            "png": lambda drawing, style: drawing.pipe("png"),
        },
        ("wrt", "numeric"),
        summary=lambda drawing: str(drawing.summary),
    ),
    View(
        "plot",
        Option("--plot", "the curve and its derivative over a range; two ranges: contours and gradients; -o p.svg",
               value(text, "x=LO..HI")),
        results.plotted,
        {
            "text": _terminal,
            **{name: partial(_picture, name) for name in ("svg", "png", "pdf")},
        },
        ("numeric",),
    ),
    View(
        "table",
        Option("--table", "value and derivative at every STEP of a range", value(text, "x=LO:HI:STEP")),
        results.sampled,
        {name: _later("sampled", f"values_{name}") for name in ("text", "csv", "json", "markdown", "html")},
        ("numeric",),
    ),
)  # fmt: skip

OPTIONS = tuple(view.option for view in VIEWS if view.option)
FORMAT_OPTIONS = tuple(format.option for format in FORMATS if format.option)


def _asked(args: argparse.Namespace, option: Option | None) -> bool:
    return option is not None and bool(getattr(args, option.dest))


def view_of(args: argparse.Namespace) -> View:
    """The view that is asked for."""
    asked = [view for view in VIEWS if _asked(args, view.option)]
    _only_one("views of a formula", [view.option for view in asked])
    return next(view for view in (*asked, *VIEWS) if view.option is None or view in asked)


def refuse_unheeded(args: argparse.Namespace, default: Callable[[str], Any]) -> None:
    """
    Raises:
        UsageError: an option is given that the view does not go by.
    """
    view = view_of(args)
    for option in _COMPUTED:
        if option not in view.heeds and getattr(args, option) != default(option):
            raise UsageError(f"--{view.name} does not go with --{option}", help="give one of them")


def value_of(args: argparse.Namespace, view: View) -> Any:
    """What was given with the option that asks for the view."""
    return getattr(args, view.option.dest) if view.option else None


def file_among(words: list[str], view: View) -> str | None:
    """The word that can only be the file to write a picture to, as in `--graph g.svg`."""
    pictures = {
        suffix for format in FORMATS if format.single and format.name in view.writers for suffix in format.suffixes
    }
    return next((word for word in words if Path(word).suffix.lower() in pictures and "(" not in word), None)


def format_of(args: argparse.Namespace, view: View, script: bool) -> Format:
    """The format that is asked for, or told by the file's suffix, or fit for what is answered."""
    asked = [format for format in FORMATS if _asked(args, format.option)]
    _only_one("ways to write an answer", [format.option for format in asked])
    known = [format for format in FORMATS if format.name in view.writers]
    suffix = Path(args.output).suffix.lower() if args.output and args.output != "-" else ""
    if asked:
        chosen = asked[0]
    elif suffix:
        suffixes = " ".join(suffix for format in known for suffix in format.suffixes)
        found = next((format for format in known if suffix in format.suffixes), None)
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
