"""Which study and which format a command line asks for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gradcalc.language.formula import Formula, Function
from gradcalc.studies import COMPUTED, FORMATS, STUDIES, Format, Study, Takes, named, ranges_of

from .options import FLAG, Option, UsageError, text, value

_FORMAT = {format.name: format for format in FORMATS}


def _option(study: Study) -> Option:
    settings = value(text, study.metavar, action="append") if study.metavar else FLAG
    if study.takes is Takes.RANGES:  # beside a fit, a plot needs none
        settings = {**settings, "nargs": "?", "const": ""}
    doc = f"{study.doc}; may be repeated" if study.takes in (Takes.CLAIMS, Takes.LANGUAGES) else study.doc
    return Option(f"--{study.name}", doc, settings)


OPTIONS = tuple(_option(study) for study in STUDIES if study.optional)
FORMAT_OPTIONS = tuple(Option(f"--{format.name}", format.doc, FLAG) for format in FORMATS if format.doc)


def study_of(args: argparse.Namespace) -> Study:
    """The study that is asked for."""
    asked = [study for study in STUDIES if study.optional and getattr(args, study.name)]
    if args.fit:
        asked = [study for study in asked if study.name != "plot"]
    _only_one("views of a formula", [study.name for study in asked])
    return asked[0] if asked else named("gradient")


def refuse_unheeded(args: argparse.Namespace, default: Callable[[str], Any]) -> None:
    """
    Raises:
        UsageError: an option is given that the study does not go by.
    """
    study = study_of(args)
    for option in COMPUTED:
        if option not in study.heeds and getattr(args, option) != default(option):
            raise UsageError(f"--{study.name} does not go with --{option}", help="give one of them")


def take_ranges(args: argparse.Namespace) -> None:
    """Take words such as `y=-1..3`, which stand beside the range of an option, from the words of the formula.

    Raises:
        UsageError: there are ranges, but nothing that takes them.
    """
    from .words import is_list, is_range

    study = study_of(args)
    if study.takes is Takes.RANGES and not args.file and all(map(is_range, args.words)):  # --plot x^2 x=0..1
        formulas = [text for text in getattr(args, study.name) if text and not is_list(text)]
        rest = [text for text in getattr(args, study.name) if text not in formulas]
        setattr(args, study.name, rest if rest or args.words else [""])
        args.words = [*formulas, *args.words]
    ranges = [word for word in args.words if is_range(word)]
    if not ranges:
        return
    if study.takes is not Takes.RANGES and not args.check_gradient:
        raise UsageError(
            f"'{ranges[0].strip()}' is a range", help=f"write --plot {ranges[0].strip()}, --table or --box"
        )
    args.words = [word for word in args.words if word not in ranges]
    option = "box" if args.check_gradient else study.name
    setattr(args, option, [*getattr(args, option), *ranges])


def asked_of(
    args: argparse.Namespace, study: Study, names: Mapping[str, Formula], functions: Collection[Function], number: int
) -> Any:
    """The ranges, claims or languages of the study's option, as it takes them besides the formula, which is the first
    or another `number`; bounds may have the `names`.

    Raises:
        FormulaError: it cannot be read.
    """
    if study.takes is Takes.DATA:
        return _fit_of(args)
    if study.takes is Takes.RANGES:
        if not all(getattr(args, study.name)):
            raise UsageError(f"--{study.name} needs a range", help=f"write --{study.name} {study.metavar}")
        from gradcalc.language.grammar import read_intervals

        typed = read_intervals(",".join(text.strip() for text in getattr(args, study.name)))
        return ranges_of(study, typed, names)
    if study.takes is Takes.LANGUAGES:
        languages = tuple(getattr(args, study.name))
        from pathlib import Path

        from gradcalc.printed import check_suffix

        check_suffix(languages, Path(args.output or "").suffix)
        return languages, number
    if study.takes is not Takes.CLAIMS:
        return ()
    from gradcalc.language.claims import read_claims

    return read_claims(getattr(args, study.name), functions)


def _fit_of(args: argparse.Namespace) -> Any:
    from gradcalc.fitting.fits import Wanted, read_bounds, read_start

    from . import output

    if len(args.fit) > 1:
        raise UsageError("a formula is fitted to one column", help="give --fit once")
    if not args.data:
        raise UsageError("--fit needs --data", help="add --data points.csv")
    start = read_start(args.start)
    if not start:
        raise UsageError("--fit needs --start", help="add the parameters, as in --start b1=500,b2=0.0001")
    ticker = output.Ticker(lambda count, value: f"fit: evaluation {count}, sum of squares {value:.6g}")
    return Wanted(args.fit[0], args.data, start, args.sigma, read_bounds(args.bounds), bool(args.plot), ticker)


def names_in_ranges(args: argparse.Namespace) -> set[str]:
    """The names in the ranges that are asked for, and those that a fit begins with."""
    from gradcalc.language.grammar import tokens

    study = study_of(args)
    texts = getattr(args, study.name) if study.takes is Takes.RANGES else ()
    return {each.text for text in (*texts, *args.start) for each in tokens(text) if each.kind == "NAME"}


def file_among(words: Sequence[str], study: Study) -> str | None:
    """The word that can only be the file to write a picture to, as in `--graph g.svg`."""
    if not study.optional:
        return None
    from pathlib import Path

    writers = study.procedure().writers
    pictures = {suffix for format in FORMATS if format.single and format.name in writers for suffix in format.suffixes}
    return next((word for word in words if Path(word).suffix.lower() in pictures and "(" not in word), None)


def format_of(args: argparse.Namespace, study: Study, script: bool) -> Format:
    """The format that is asked for, or told by the file's suffix, or fit for what is answered.

    Raises:
        FormulaError: the study is not written so.
    """
    asked = [format for format in FORMATS if format.doc and getattr(args, format.name)]
    _only_one("ways to write an answer", [format.name for format in asked])
    writers = study.procedure().writers
    suffix = ""
    if args.output and args.output != "-":
        from pathlib import Path

        suffix = Path(args.output).suffix
    if asked:
        chosen = asked[0]
    elif suffix:
        chosen = study.procedure().format_of(suffix)
    else:
        short = "value" if args.quiet else "line" if script and not args.hessian else "text"
        chosen = _FORMAT[short if short in writers else "text"]
    if chosen.name not in writers:
        ways = " ".join(f"--{format.name}" for format in FORMATS if format.doc and format.name in writers)
        raise UsageError(f"--{study.name} is not written as {chosen.name}", help=f"it can be: {ways}" if ways else "")
    return chosen


def _only_one(what: str, names: Sequence[str]) -> None:
    if len(names) > 1:
        options = " and ".join(f"--{name}" for name in names)
        count = {2: "two", 3: "three"}.get(len(names), str(len(names)))
        raise UsageError(f"{options} are {count} {what}", help="give one of them")
