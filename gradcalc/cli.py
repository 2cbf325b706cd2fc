"""The command: arguments in, a session asked, answers out, an exit status. Nothing else prints."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, TextIO

from . import __version__, completion, render
from .errors import (
    LIMITS,
    NOWHERE,
    FormulaError,
    FormulaSyntaxError,
    NotDifferentiableError,
    UndecidedError,
    UndefinedError,
)
from .formula import Formula, Name, free_names
from .functions import CONSTANTS, TABLE
from .parser import parse_program
from .session import Answer, Assigned, Options, Question, Session

FINE, DISAGREE, BAD_INPUT, UNDEFINED, INTERNAL, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 70, 130, 141

_STATUS = {
    "agree": FINE, "value": FINE, "unchecked": FINE, "disagree": DISAGREE,
    "not-differentiable": UNDEFINED, "undecided": UNDEFINED,
}  # fmt: skip
_SEVEREST_FIRST = (BAD_INPUT, DISAGREE, UNDEFINED, FINE)

# ---- the options

_USAGE = """\
gradcalc [OPTION...] FORMULA... [NAME=VALUE...]
       gradcalc [OPTION...] -f FILE
       ... | gradcalc [OPTION...]"""

_PURPOSE = "The value and the derivatives of a formula, numeric and symbolic, with proof that the two agree."

_MORE = """\
examples:
  $ gradcalc '(a*b + c)*f' a=2 b=-3 c=10 f=-2
  value = -8

  name  at  gradient  symbolic
  a      2         6  b*f
  b     -3        -4  a*f
  c     10        -2  f
  f     -2         4  a*b + c

  agree: 4 of 4 gradients, proved for all values

  $ gradcalc 'x^2*sin(x)'
  name  derivative
  x     x^2*cos(x) + 2*x*sin(x)

  agree: 1 of 1 derivatives, proved for all values

  $ gradcalc -n 'p = a*b; (p + c)*f' --at a=2,b=-3,c=10,f=-2 -w a
  value = -8

  name  at  gradient
  a      2         6

  unchecked: -n leaves out the symbolic side

  $ gradcalc -q 'sqrt(x^2 + y^2)' x=3 y=4
  5

  $ gradcalc --precision 128 'exp(x)' x=1 -n -q
  2.7182818284590452353602874713526624978

  $ printf 'x = 3\\nx^2\\nsin(x)/x   # sinc\\n' | gradcalc
  x^2 = 9   dx 6   agree
  sin(x)/x = 0.04704000269   dx -0.3456774998   agree

JSON fields, always all of them:
  formula, value, at, gradient, symbolic    numbers are doubles in full, formulas are text; gradient, symbolic, at,
                                            reasons, ulps and digits map names; what is not finite is null
  verdict                                   agree, disagree, not-differentiable, undecided, unchecked, value; where
                                            there is no answer undefined, missing or error, and only formula, error
                                            {message, start, end, help} and version beside it
  proved                                    true where the two sides are equal for all values
  reasons, notes                            why a derivative is missing or not agreed; the verdict in words
  ulps, digits                              how far the double-precision result is from the truth
  order, hessian, precision, certified      as asked; certified holds the texts of --precision
  version

exit status:
  0    answered, and the two sides agree
  1    they disagree
  2    a mistake in the formula or the options
  3    undefined, not differentiable or undecided at this point
  70   an internal error, please report it
  130  stopped by Ctrl-C        141  the reader of the output has gone

files and environment:
  $XDG_CACHE_HOME/gradcalc (~/.cache/gradcalc)  the parser's tables; may be deleted
  NO_COLOR, FORCE_COLOR, TERM=dumb              colour, unless --color says otherwise
  GRADCALC_DEBUG=1                              show the traceback of an internal error

A formula is written as x^2*sin(x), 2x, exp(-t/tau), if(x > 0, x, 0). Quote it, so that the shell leaves it alone.
"""


_SEE_HELP = "gradcalc --help lists the options"


class _UsageError(FormulaError):
    """The command line cannot be understood."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(message, help=_SEE_HELP)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0")
    return seconds


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("at least one name is needed, as in -w a,b")
    return names


def _functions() -> str:
    """What the table has, for the help."""
    names = dict.fromkeys(row.spelling for row in TABLE.values() if not row.symbol)
    listed = textwrap.fill(" ".join(names), 76, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return f"\nfunctions:\n{listed}\n"


def _arguments() -> argparse.ArgumentParser:
    """The options. Help, completion and the suggestions for a misspelled one come from here."""
    parser = _Parser(
        "gradcalc", usage=_USAGE, description=_PURPOSE, epilog=_MORE + _functions(), add_help=False, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    formula = "a formula or a program (a = 2; a^2); words are joined by a space; - reads a script from stdin"
    parser.add_argument_group("the formula").add_argument("words", nargs="*", metavar="FORMULA", help=formula)
    for title, rows in _OPTIONS.items():
        group = parser.add_argument_group(title)
        for names, about, settings in rows:
            group.add_argument(*names.split(), help=about, **settings)
    return parser


_FLAG: dict[str, Any] = {"action": "store_true"}
_OPTIONS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "the point": (
        ("--at", "the value of a name, such as x=pi/4; several: x=1,y=2; a bare NAME=VALUE does the same",
         {"action": "append", "default": [], "metavar": "NAME=VALUE"}),
        ("-w --wrt", "only the derivatives by these names, such as a,b",
         {"action": "append", "type": _names, "metavar": "NAMES"}),
    ),
    "what is computed": (
        ("-n --numeric", "value and gradient in double arithmetic only, at once", _FLAG),
        ("-q --quiet", "the value alone; nothing is checked", _FLAG),
        ("--order", "the N-th derivative by each name", {"type": _positive, "default": 1, "metavar": "N"}),
        ("--hessian", "also all second derivatives", _FLAG),
        ("--precision", "compute to so many bits and show the digits that are certain",
         {"type": _positive, "default": 0, "metavar": "BITS"}),
        ("--time-limit", f"for each symbolic step (default {LIMITS.seconds:g})",
         {"type": _seconds, "default": LIMITS.seconds, "metavar": "SECONDS"}),
    ),
    "how it is written (one of --json --plain --latex --pretty)": (
        ("--json", "one JSON object a line, with all digits; fields below", _FLAG),
        ("--plain", "tab-separated: value, grad NAME NUMBER FORMULA, verdict", _FLAG),
        ("--latex", "LaTeX", _FLAG),
        ("--pretty", "formulas drawn over several lines", _FLAG),
        ("--digits", "digits shown (default 10; --json and --plain: all of a double)",
         {"type": _positive, "metavar": "N"}),
        ("-o --output", "write to FILE; .json .csv .tex choose the format", {"metavar": "FILE"}),
        ("--color", "colour: auto, always or never (default auto: on a terminal)",
         {"choices": ("auto", "always", "never"), "default": "auto", "metavar": "WHEN"}),
        ("--ascii", "nothing but ASCII in the output", _FLAG),
    ),
    "other": (
        ("-f --file", "answer each formula of a script, one a line", {"metavar": "FILE"}),
        ("--completion", f"print a completion script for {', '.join(completion.SHELLS)}",
         {"choices": completion.SHELLS, "metavar": "SHELL"}),
        ("-V --version", "print the version", _FLAG),
        ("-h --help", "print this help", _FLAG),
    ),
}  # fmt: skip


def _spelled(parser: argparse.ArgumentParser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings]


def _read(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments. A formula may start with a minus: what is no option gets a space before it."""
    parser = _arguments()
    known = _spelled(parser)
    shown, ended = [], False
    for word in argv:
        if word == "--" and not ended:
            ended = True
            continue
        option = not ended and (word in known or re.match(r"--[^\W\d]", word) or word == "-")
        shown.append(word if option or not word.startswith("-") else f" {word}")
    args, unknown = parser.parse_known_intermixed_args(shown)
    if unknown:
        spelled = unknown[0].partition("=")[0]
        near = difflib.get_close_matches(spelled, known, n=1)
        raise _UsageError(f"unknown option {spelled}", help=f"did you mean {near[0]}?" if near else _SEE_HELP)
    views = [f"--{name}" for name in ("json", "plain", "latex", "pretty") if getattr(args, name)]
    if len(views) > 1:
        raise _UsageError(f"{' and '.join(views)} are two ways to write an answer", help="give one of them")
    return args


# ---- words: formulas, definitions and values

_STATEMENT = re.compile(r"\s*(?:[^\W\d]\w*)\s*(?:\([^()]*\)\s*)?=(?!=)")
_BINDING = re.compile(r"\s*(?:[^\W\d]\w*)\s*=(?!=)")
_UNCERTAIN = re.compile(r"±|\+/-")


@dataclass(slots=True)
class _Task:
    """What the words ask for: a program and the values given beside it."""

    program: str = ""
    values: dict[str, Formula] = field(default_factory=dict)


def _task(args: argparse.Namespace) -> _Task:
    task = _Task()
    definitions: list[str] = []
    formula: list[str] = []
    for text in args.at:
        if not all(_BINDING.match(piece) for piece in _pieces(text)):
            raise _UsageError(f"--at needs NAME=VALUE, not '{text}'", help="write for example --at x=2,y=pi/4")
        if not _bind(text, task.values):
            help = "a definition is part of the program: 'y = x^2; y + 1'"
            raise _UsageError(f"--at needs numbers as values, not '{text}'", help=help)
    for word in args.words:
        if not _STATEMENT.match(word):
            formula.append(word)
        elif not _bind(word, task.values):
            definitions.append(word)
    task.program = "\n".join([*definitions, " ".join(formula)] if formula else definitions)
    return task


def _bind(word: str, values: dict[str, Formula]) -> bool:
    """Take `x=2` or `x=2,y=3` into the values; False where the word is no such thing."""
    pieces = _pieces(word)
    if not all(_BINDING.match(piece) for piece in pieces) or ";" in word or "\n" in word:
        return False
    for piece in pieces:
        if _UNCERTAIN.search(piece):
            raise _UsageError(f"'{piece.strip()}' has an uncertainty, which is not read", help="give the value alone")
    statements = [statement for piece in pieces for statement in parse_program(piece)]
    if any(name not in CONSTANTS for statement in statements for name in free_names(statement.formula)):
        return False
    for statement in statements:
        if statement.name in values:
            raise _UsageError(f"{statement.name} is given twice", help="give each name one value")
        values[str(statement.name)] = statement.formula
    return True


def _pieces(text: str) -> list[str]:
    """Split on commas outside brackets."""
    pieces, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            pieces.append(text[start:i])
            start = i + 1
    return [*pieces, text[start:]]


# ---- output


@dataclass(frozen=True, slots=True)
class _Screen:
    """Where answers go. Numbers are written before the symbolic side begins: on a terminal they are completed in
    place, elsewhere what comes before the first missing text is written at once."""

    out: TextIO
    color: bool
    live: bool

    def show(self, texts: Iterable[str]) -> None:
        """Write a text that arrives in ever more complete versions, of which the last is whole."""
        done, rows = "", 0
        for text in texts:
            if self.live and rows:
                self.out.write(f"\x1b[{rows}F\x1b[J")
                done = ""
            rows = 0
            ready, gap, _ = text.partition(render.PENDING)
            if gap and self.live and self._fits(text):
                ready = text.replace(render.PENDING, "...")
                rows = ready.count("\n")
            painted = render.paint(ready) if self.color else ready
            self.out.write(painted.removeprefix(done))
            self.out.flush()
            done = painted if gap else ""

    def _fits(self, text: str) -> bool:
        width, height = shutil.get_terminal_size()
        lines = text.split("\n")
        return len(lines) < height and all(len(line) + 3 < width for line in lines)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _colored(choice: str, stream: TextIO) -> bool:
    """Option, NO_COLOR, FORCE_COLOR, TERM=dumb, and whether it is a terminal, in this order."""
    environment = os.environ
    rules = (
        (choice != "auto", choice == "always"),
        (bool(environment.get("NO_COLOR")), False),
        (bool(environment.get("FORCE_COLOR")), True),
        (environment.get("TERM") == "dumb", False),
    )
    return next((answer for applies, answer in rules if applies), _is_terminal(stream))


_BY_SUFFIX: dict[str, render.View] = {
    ".json": render.json_view, ".csv": render.csv_view, ".tex": render.latex_view, ".txt": render.table_view,
}  # fmt: skip


def _view(args: argparse.Namespace, script: bool) -> render.View:
    suffix = Path(args.output).suffix if args.output and args.output != "-" else ""
    asked = (
        (args.json, render.json_view),
        (args.plain, render.plain_view),
        (args.latex, render.latex_view),
        (args.pretty, render.pretty_view),
        (bool(suffix), _BY_SUFFIX.get(suffix.lower())),
        (args.quiet, render.value_view),
        (script and not args.hessian, render.line_view),
    )
    view = next((view for applies, view in asked if applies), render.table_view)
    if view is None:
        raise _UsageError(f"no view is written as {suffix}", help=f"the formats are {' '.join(_BY_SUFFIX)}")
    return view


@dataclass(slots=True)
class _Run:
    """One use of the command: where it writes, and how it has gone so far."""

    view: render.View
    style: render.Style
    screen: _Screen
    complain: _Complaints
    gaps: bool = False  # an empty line between answers
    statuses: list[int] = field(default_factory=lambda: [FINE])

    def answer(self, question: Question) -> None:
        if self.gaps and len(self.statuses) > 1:
            self.screen.show(["\n"])
        try:
            self.screen.show(self._texts(question))
        except FormulaError as error:
            if self.view is render.json_view:
                self.screen.show([render.json_error(str(question.formula), error)])
            self.complain(error)
            self.statuses.append(_status_of(error))

    def _texts(self, question: Question) -> Iterator[str]:
        answer: Answer | None = None
        for answer in question.answers():
            if answer.complete or self.view not in _WHOLE_ONLY:
                yield self.view(answer, self.style)
        if answer is not None:
            self.statuses.append(_STATUS[answer.verdict])
            if answer.missing_seconds:
                self.statuses.append(UNDEFINED)

    @property
    def status(self) -> int:
        return min(self.statuses, key=_SEVEREST_FIRST.index)


# the views that are only written whole: readers of JSON want a line at a time, LaTeX and drawings need sympy anyway
_WHOLE_ONLY = (render.json_view, render.latex_view, render.pretty_view, render.csv_view)


@dataclass(frozen=True, slots=True)
class _Complaints:
    """Messages for stderr."""

    err: TextIO
    color: bool

    def __call__(self, error: FormulaError) -> None:
        self.write(render.diagnostic(error.diagnostic))

    def note(self, text: str) -> None:
        self.write(f"note: {text}\n")

    def write(self, text: str) -> None:
        self.err.write(render.paint(text) if self.color else text)
        self.err.flush()


def _status_of(error: FormulaError) -> int:
    return UNDEFINED if isinstance(error, UndefinedError | UndecidedError | NotDifferentiableError) else BAD_INPUT


# ---- the command


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status. Never raises."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    complain = _Complaints(sys.stderr, False)
    json = False
    try:
        args = _read(sys.argv[1:] if argv is None else argv)
        complain = _Complaints(sys.stderr, _colored(args.color, sys.stderr))
        json = args.json
        status = _main(args, complain)
        sys.stdout.flush()
        return status
    except FormulaError as error:
        if json and not isinstance(error, _UsageError):
            sys.stdout.write(render.json_error(error.diagnostic.span.source, error))
        complain(error)
        return _status_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _abandon(sys.stdout)
        return BROKEN_PIPE
    except OSError as error:  # a full disk, say
        _abandon(sys.stdout)
        complain.write(f"error: the answer could not be written: {error.strerror}\n")
        return BAD_INPUT
    except Exception as error:  # a bug of ours, whatever it is: say so, without a traceback
        if os.environ.get("GRADCALC_DEBUG"):
            raise
        complain.write(f"internal error: {type(error).__name__}: {error}, please report\n")
        return INTERNAL


def _abandon(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere, or Python complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _main(args: argparse.Namespace, complain: _Complaints) -> int:
    about = _about(args)
    if about:
        sys.stdout.write(about)
        return FINE
    task = _task(args)
    if not task.program and not args.file and _is_terminal(sys.stdin):
        complain.write(f"usage: {_USAGE}\nTry  gradcalc '(a*b + c)*f' a=2 b=-3 c=10 f=-2  or  gradcalc --help\n")
        return BAD_INPUT
    script = bool(args.file) or task.program.strip() in ("", "-")
    if script and args.file and task.program:
        raise _UsageError("a formula and a script are given", help="give one of them")
    options = _options(args)
    session = Session(options, task.values)
    outcomes = list(session.run(_script(args.file or "-") if script else task.program))
    if "e" in session.names:
        complain.note("e is your own name here, not Euler's number")
    questions = [outcome for outcome in outcomes if isinstance(outcome, Question)]
    last = outcomes[-1] if outcomes else None
    if not questions and not script and isinstance(last, Assigned):
        questions = [session.ask(Name(last.name, None, last.formula.span))]
    if not questions:
        raise FormulaSyntaxError("there is no formula", NOWHERE, "write one, such as x^2*sin(x)")
    script = script or len(questions) > 1
    with _output(args) as out:
        run = _Run(
            _view(args, script),
            render.Style(args.digits, args.ascii, options.bits),
            _Screen(out, _colored(args.color, out), _is_terminal(out) and os.environ.get("TERM") != "dumb"),
            complain,
        )
        run.gaps = run.view in (render.table_view, render.plain_view, render.latex_view, render.pretty_view)
        for question in questions:
            run.answer(question)
    if args.output and args.output != "-":
        complain.write(f"wrote {args.output}\n")
    for name in session.unused(task.values):
        complain.note(f"{name} is not used in the formula{'s' if script else ''}")
    return run.status


def _about(args: argparse.Namespace) -> str:
    """What is printed about the command itself, if that is asked for."""
    asked = (
        (args.help, lambda: _arguments().format_help()),
        (args.version, lambda: f"gradcalc {__version__}\n"),
        (args.completion, lambda: completion.script(args.completion, _arguments())),
    )
    texts: Iterator[Callable[[], str]] = (text for applies, text in asked if applies)
    return next(texts, str)()


def _options(args: argparse.Namespace) -> Options:
    bits = args.precision
    if args.digits and args.digits > 15 and not bits and not args.numeric:  # more than a double is sure to have
        bits = int(args.digits * 3.33) + 4
    wrt = tuple(name for names in args.wrt for name in names) if args.wrt else None
    return Options(args.numeric, args.quiet, wrt, args.order, args.hessian, bits, args.time_limit)


def _script(path: str) -> str:
    """The text of a script, from stdin for `-`."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise _UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _UsageError(f"{'the input' if path == '-' else path} is not UTF-8 text") from None


@contextmanager
def _output(args: argparse.Namespace) -> Iterator[TextIO]:
    """The file asked for, else stdout."""
    if not args.output or args.output == "-":
        if args.ascii and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
        yield sys.stdout
        return
    encoding = "ascii" if args.ascii else "utf-8"
    try:
        with open(args.output, "w", encoding=encoding, errors="backslashreplace") as out:
            yield out
    except OSError as error:
        raise _UsageError(f"cannot write {args.output}: {error.strerror}") from None
