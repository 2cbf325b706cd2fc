"""The options in their groups, the help, and how a command line is read."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from gradcalc.language.errors import needing
from gradcalc.language.functions import TABLE
from gradcalc.language.matching import meant
from gradcalc.language.spelled import SPELLED
from gradcalc.settings import SETTINGS
from gradcalc.studies import FORMATS, STUDIES
from gradcalc.version import TOLD

from . import about, chosen, config, modes
from .options import FLAG, Option, UsageError, file, names, of_setting, one_file, positive, text, value

SHELLS = ("bash", "zsh", "fish")  # that completion is written for
GROUPS: dict[str, tuple[Option, ...]] = {
    "the point": (
        Option("--at", "the value of a name, such as x=pi/4; several: x=1,y=2; a bare NAME=VALUE does the same",
               value(text, "NAME=VALUE", action="append", default=[])),
        Option("--correlation", "of two values with uncertainties, such as x,y=0.3; may be repeated",
               value(text, "X,Y=R", action="append", default=[])),
        Option("-w --wrt", "only the derivatives by these names, such as a,b", value(names, "NAMES", action="append")),
    ),
    "what is computed": (
        *chosen.OPTIONS,
        Option("-n --numeric", "value and gradient in double arithmetic only, at once", FLAG),
        Option("-q --quiet", "the value alone; nothing is checked", FLAG),
        Option("--order", "the N-th derivative by each name", value(positive, "N", default=1)),
        Option("--hessian", "also all second derivatives", FLAG),
        of_setting("samples"),
        of_setting("precision"),
        of_setting("time-limit", default=None),
        of_setting("limits"),
    ),
    "a fit": (
        Option("--start", "the parameters of --fit and the numbers to begin at",
               value(text, "NAME=VALUE,...", action="append", default=[])),
        Option("--sigma", "the column of the standard uncertainties of Y", value(text, "COLUMN", default="")),
        Option("--bounds", "of parameters, such as b1=0:,b2=-1:1",
               value(text, "NAME=LO:HI", action="append", default=[])),
    ),
    "how it is written (one of --json --plain --latex --pretty)": (
        *chosen.FORMAT_OPTIONS,
        of_setting("digits"),
        Option("-o --output", "write to FILE; .json .csv .tex .md .html .txt choose the format; with --latex a .tex is "
               "no whole document", one_file(file)),
        of_setting("color"),
        of_setting("ascii"),
    ),
    "instead of an answer": modes.OPTIONS,
    "other": (
        Option("-f --file", "answer each formula of a script, one a line", one_file(file)),
        Option("-i --interactive", "open the prompt after the answer; without a formula it opens by itself", FLAG),
        Option("--completion", f"print a completion script for {', '.join(SHELLS)}",
               value(text, "SHELL", choices=SHELLS)),
        Option("-V --version", "print the version", FLAG),
        Option("-h", "print what it is for, in short", {**FLAG, "dest": "brief"}),
        Option("--help", "print the options, examples, the fields of JSON, exit status, files and functions", FLAG),
    ),
}  # fmt: skip
SEE_HELP = "gradcalc --help lists the options"
_SAID = {  # of what other programs have
    "write --json, --plain or --latex, or a file by -o FILE": "--format --as --type",
    "the derivatives come with the answer: leave it out": "--derivative --diff --differentiate --gradient --grad",
    "derivatives come in a short form: leave it out": "--simplify --expand --factor",
    "integrals are not for this tool; it gives values and derivatives": "--integrate --integral",
    "angles are in radians: write rad(30) for 30 degrees": "--deg --degrees --degree --rad --radians",
    "-q gives the value alone": "--eval --evaluate --value",
    "-w x chooses the derivatives": "--var --variable --respect-to --variables",
    "write --at x=2": "--point --x --y --values",
    "write --data FILE": "--csv --input --columns",
    "write -f FILE": "--script --program",
}
_ELSEWHERE = {option: said for said, options in _SAID.items() for option in options.split()}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, help=SEE_HELP)


def parser(epilog: str = "") -> argparse.ArgumentParser:
    """The options, from which help, which ends with `epilog`, completion and suggestions come."""
    found = _Parser(
        "gradcalc", usage=about.USAGE, description=f"{about.PURPOSE}\n\n{about.SUCH_AS}",
        epilog=epilog, exit_on_error=False,
        add_help=False, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    formula = "a formula or a program (a = 2; a^2); words are joined by a space; - reads a script from stdin"
    found.add_argument_group("the formula").add_argument("words", nargs="*", metavar="FORMULA", help=formula)
    for title, options in GROUPS.items():
        group = found.add_argument_group(title)
        for option in options:
            group.add_argument(*option.names.split(), help=option.help, **option.settings)
    return found


def completion(shell: str) -> str:
    """The script to put into the shell's start file, or into its folder of completions.

    Raises:
        MissingLibraryError: shtab is not installed.
    """
    with needing("a completion script", "completion"):
        import shtab

    from gradcalc.printed import LANGUAGES

    words = {f"--{setting.name}": setting.words for setting in SETTINGS.values()} | {"--code": (*LANGUAGES,)}
    found = parser()
    for action in found._actions:
        action.help = (action.help or "").partition(";")[0].partition(" (")[0]
        if action.metavar == "FILE" or (isinstance(action.metavar, tuple) and "F" in action.metavar):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
        if action.nargs != 0 and not action.choices:
            action.choices = words.get(action.option_strings[-1] if action.option_strings else "") or None
    return str(shtab.complete(found, shell))


def epilog() -> str:
    """The end of the help: examples, fields of JSON, exit status, files, settings and functions."""
    return about.MORE + _settings() + _functions()


def _listed(words: Sequence[str]) -> str:
    from textwrap import fill

    return fill(" ".join(words), 76, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _settings() -> str:
    how = "option, GRADCALC_DIGITS=6, digits = 6 in config.toml, in this order"
    return f"\nsettings ({how}):\n{_listed([*SETTINGS])}\n"


def _functions() -> str:
    """The functions of the table, for the help."""
    rows = dict.fromkeys(row.spelling for row in TABLE.values() if row.listed)
    return f"\nfunctions:\n{_listed([*rows, *SPELLED])}\n"


def spelled(parser: argparse.ArgumentParser) -> list[str]:
    """Every spelling of every option."""
    return [option for action in parser._actions for option in action.option_strings]


def about_itself(word: str) -> str:
    """The text of an option that asks about the command itself; empty for any other word."""
    if word in ("-V", "--version"):
        return TOLD
    if word in ("-h", "--help"):
        return about.of_the_help(word, parser(epilog()).format_help())
    return ""


def _claims_apart(argv: Sequence[str]) -> Iterator[str]:
    """`--check x=y y=x` as `--check x=y --check y=x`: a formula for a name behind a claim is a claim as well. Numbers
    are values there as everywhere."""
    if _CLAIMS not in argv:
        yield from argv
        return
    from .words import is_definition

    before, claimed = "", False  # the word before, and whether it was a claim
    for word in argv:
        claimed = before == _CLAIMS or (claimed and is_definition(word))
        if claimed and before != _CLAIMS:
            yield _CLAIMS
        yield word
        before = word


_CLAIMS, _JUDGED = "--check", "--check-gradient"


def _misused(found: argparse.ArgumentParser, error: argparse.ArgumentError) -> UsageError:
    """In our words: an option without its value, with one that it does not take, or with another than it takes. The
    help is the option's own line."""
    (action,) = (each for each in found._actions if "/".join(each.option_strings) == error.argument_name)
    spelling = action.option_strings[-1]
    metavar = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar or ""
    what = f"{spelling}: {error.message}"
    if error.message.startswith("expected"):
        what = f"{spelling} needs a value"
    elif error.message.startswith("ignored explicit"):
        what = f"{spelling} takes no value"
    elif word := re.match(r"invalid choice: '?(.*?)'? \(", error.message):
        what = f"{spelling}: '{word[1]}' is not one of {', '.join(map(str, action.choices or ()))}"
    return UsageError(what, help=f"{f'{spelling} {metavar}'.strip()}: {action.help}")


def _file_of(word: str) -> str:
    """The help for a format given as an option, by its name or its ending; an empty text if there is no such format."""
    suffix = next((format.suffixes[0] for format in FORMATS if format.name == word and format.suffixes), f".{word}")
    able = [study for study in STUDIES if suffix in study.procedure().formats]
    views = "" if not all(study.optional for study in able) else " or ".join(f"--{study.name}" for study in able)
    return f"write {views and f'{views}, '}-o FILE{suffix}" if able else ""


def read(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The arguments, and what should be noted about the settings. A formula may start with a minus: what is no option
    gets a space before it.

    Raises:
        UsageError: an option or its value is unknown, or does not go with another.
    """
    found = parser()
    notes = config.apply(found)
    known = spelled(found)
    shown, ended = [], False
    for word in _claims_apart(argv):
        if word == "--" and not ended:
            ended = True
            continue
        if ended and word.startswith("--") and (name := word.partition("=")[0]) in known:
            help = "behind -- all is formula and values; write the options before it"
            raise UsageError(f"{name} stands behind --", help=help)
        option = not ended and (word.partition("=")[0] in known or re.match(r"--[^\W\d]", word) or word == "-")
        shown.append(word if option or not word.startswith("-") else f" {word}")
    try:
        args, unknown = found.parse_known_intermixed_args(shown)
    except argparse.ArgumentError as error:
        raise _misused(found, error) from None
    if unknown:
        name = unknown[0].partition("=")[0]
        options, word = (option[2:] for option in known if option.startswith("--")), name.removeprefix("--")
        help = _ELSEWHERE.get(name) or _file_of(word) or meant(word, options, "--{}") or SEE_HELP
        raise UsageError(f"unknown option {name}", help=help)
    args.ahead = shown[: next((i for i, word in enumerate(shown) if word.partition("=")[0] == _JUDGED), 0)]
    chosen.refuse_unheeded(args, found.get_default)
    chosen.take_ranges(args)
    return args, notes
