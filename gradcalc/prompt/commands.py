"""The commands of the prompt, one record each. Help and completion are derived from this table."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from gradcalc import show
from gradcalc.engine.rewrite import prepare
from gradcalc.gradients import value_and_grad
from gradcalc.judge.agreement import symbolic_gradient
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, SymbolicError
from gradcalc.language.formula import brief, expression
from gradcalc.language.matching import near
from gradcalc.session import Entry, read, renumbered, written
from gradcalc.version import __version__

from . import studies_of_prompt as studies
from .changes_told import folded, some
from .console import Console, Texts
from .keeping import with_suffix
from .practising import practice


@dataclass(frozen=True, slots=True)
class Command:
    """`:name args`. `takes` says what completes its argument: formula, name, file, topic or setting.

    `run` gives the texts of the answer, piece by piece, and raises FormulaError for what cannot be done.
    """

    name: str
    args: str
    doc: str
    example: str
    run: Callable[[Console, str], Texts]
    takes: str = ""

    @property
    def usage(self) -> str:
        return f":{self.name} {self.args}".rstrip()


# ---- formulas


def _seen(view: show.View, **wanted: object) -> Callable[[Console, str], Texts]:
    """A command that asks a formula and shows it by a view."""

    def run(console: Console, argument: str) -> Texts:
        options = replace(console.session.options, **wanted)  # type: ignore[arg-type]  # the fields of Options
        question = console.session.question(argument or "ans", options)
        if question.missing:
            question = replace(question, values={}, options=replace(options, numeric=False))
        *_, answer = question.answers()
        yield view(answer, console.style)

    return run


def _diff(console: Console, argument: str) -> Texts:
    """The symbolic derivative, by one name if it is given."""
    formula, comma, name = argument.rpartition(",")
    names: tuple[str, ...] = (name.strip(),) if comma and name.strip().isidentifier() else ()
    question = console.session.question(formula if names else argument or "ans")
    derivatives, why = symbolic_gradient(question.formula, names or question.free, question.options.seconds)
    if why:
        raise SymbolicError(why)
    if not derivatives:
        raise FormulaError("the formula has no names to differentiate by", question.formula.span)
    for name, derivative in derivatives.items():
        yield folded(f"d/d{name} = {expression(derivative)}", console.width()) + "\n"


def _time(console: Console, argument: str) -> Texts:
    question = console.session.question(argument or "ans")
    rows = [["time for", "seconds"]]
    if not question.missing:
        rows.append(
            ["value and gradient, floats", _taken(lambda: value_and_grad(prepare(question.formula), question.values))]
        )
        asked = replace(question, options=replace(question.options, numeric=False))
        rows.append(["value and gradient, certified", _taken(lambda: next(iter(asked.answers())))])
    names, budget = question.free, question.options.seconds
    fresh = copy(question.formula)  # what was asked of the formula itself is remembered, and takes no time
    rows.append(["symbolic gradient", _taken(lambda: symbolic_gradient(fresh, names, budget))])
    yield "\n".join(show.columns(rows, right=(1,))) + "\n"


def _taken(work: Callable[[], object]) -> str:
    start = time.perf_counter()
    work()
    return f"{time.perf_counter() - start:.3g}"


# ---- names


def _vars(console: Console, argument: str) -> Texts:
    session = console.session
    rows = []
    for name, formula in session.names.items():
        try:
            value = show.component(session.value(name), console.style)
        except FormulaError as error:
            value = f"({error.message})"
        text = brief(formula)
        rows.append([name, text, "" if value == text else value])
    rows += [
        [row.signature, brief(row.definition), ""]
        for row in session.functions.values()
        if not isinstance(row.definition, str)
    ]
    if not rows:
        yield "nothing is named yet: write for example  a = 2  or  g(x) = x^2\n"
        return
    yield folded("\n".join(show.columns([["name", "formula", "value"], *rows])), console.width()) + "\n"


def _delete(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":delete needs a name", help="as in :delete a, g")
    yield from console.respond(f":delete {argument}")


def _reset(console: Console, argument: str) -> Texts:
    names = sorted([*console.session.names, *console.session.functions], key=str.swapcase)
    console.session.line(":reset")
    yield (
        folded(f"cleared {some(names)}   (:undo brings them back)", console.width()) + "\n"
        if names
        else "nothing is named\n"
    )


def _undo(console: Console, argument: str) -> Texts:
    undone = console.session.undo()
    if undone is None:
        raise FormulaError("there is nothing to undo")
    yield folded(console.changes.undone(undone, "undid", ":redo to do it again"), console.width()) + "\n"


def _redo(console: Console, argument: str) -> Texts:
    done = console.session.redo()
    if done is None:
        raise FormulaError("there is nothing to do again")
    yield folded(console.changes.undone(done, "did", ":undo to take it back"), console.width()) + "\n"


# ---- files


def saved(console: Console) -> str:
    """The session as the text of a file."""
    return written(console.session.log, f"gradcalc {__version__}")


def _save(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":save needs the name of a file", help="as in :save lesson1")
    path = with_suffix(Path(argument).expanduser())
    kept = ""
    try:
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != saved(console):
            backup = path.with_name(f"{path.name}~")
            path.replace(backup)
            kept = f"; what was there is in {backup}"
        path.write_text(saved(console), encoding="utf-8")
    except OSError as error:
        raise FormulaError(f"cannot write {path}: {error.strerror}") from None
    count = _counted(len(console.session.log), "statement")
    yield f"saved {count} to {path} (plain text; results kept as #> comments){kept}\n"


def _load(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":load needs the name of a file, or last", help="as in :load lesson1")
    path = console.folders.find(argument)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FormulaError(f"cannot read {path}: {error.strerror}", help="a file is loaded as :load lesson1") from None
    except UnicodeDecodeError:
        raise FormulaError(f"{path} is not UTF-8 text") from None
    yield from _replayed(console, str(path) if argument != "last" else path.name, text.replace("\r\n", "\n"))


def _replayed(console: Console, name: str, text: str) -> Texts:
    """Carry out the lines of a file as one change, and hold their results against the recorded ones."""
    session = console.session
    entries = read(renumbered(text, len(session.results)))
    recorded = good = mistakes = 0
    with session.as_one(f":load {name}"):
        for number, entry in entries:
            results: list[str] = []
            try:
                console.replay(entry.text, results)
            except FormulaError as error:
                if len(results) < len(entry.results) or not results:
                    mistakes += 1
                    yield f"{name}:{number}: {show.diagnostic(error.diagnostic)}"
            recorded += len(entry.results)
            for was, now in zip_longest(entry.results, results[: len(entry.results)], fillvalue=""):
                good += was == now
                if was != now:
                    line = " ".join(entry.text.split())
                    yield f"{name}:{number}: {line}\n  recorded  {was}\n  now       {now or 'nothing'}\n"
    parts = [_counted(len(entries), "statement")]
    parts += [f"{mistakes} could not be carried out"] if mistakes else []
    parts += [f"{good} of {recorded} recorded results reproduced"] if recorded else []
    yield f"loaded {name}: {', '.join(parts)}\n"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _history(console: Console, argument: str) -> Texts:
    log = console.session.log
    most = _whole(argument or "20", ":history", 1)
    if not log:
        yield "nothing has been asked or named yet\n"
    for entry in log[-most:]:
        yield _with_results(entry)


def _with_results(entry: Entry) -> str:
    return f"{entry.text}\n" + "".join(f"#> {result}\n" for result in entry.results)


# ---- settings


@dataclass(frozen=True, slots=True)
class Setting:
    """What `:set name value` changes. `put` raises FormulaError for a value it does not know."""

    name: str
    values: str
    doc: str
    get: Callable[[Console], str]
    put: Callable[[Console, str], None]


def _whole(text: str, what: str, least: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise FormulaError(f"{what} needs a whole number from {least}, not '{text}'")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise FormulaError(f"write on or off, not '{text}'")
    return text == "on"


def _options(console: Console, **changed: object) -> None:
    console.session.options = replace(console.session.options, **changed)  # type: ignore[arg-type]  # the fields of Options


def _put_digits(console: Console, text: str) -> None:
    console.digits = None if text == "auto" else _whole(text, "digits", 1)


def _put_precision(console: Console, text: str) -> None:
    bits = 0 if text == "off" else _whole(text, "precision", 2)
    if bits > LIMITS.precision:
        raise LimitError("precision", f"{bits} bits are more than {LIMITS.precision}")
    _options(console, bits=bits)


def _put_seconds(console: Console, text: str) -> None:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise FormulaError(f"time-limit needs a number of seconds above 0, not '{text}'")
    _options(console, seconds=seconds)


def _put_keys(console: Console, text: str) -> None:
    if text not in ("emacs", "vi"):
        raise FormulaError(f"write emacs or vi, not '{text}'")
    console.vi = text == "vi"


def _put_ascii(console: Console, text: str) -> None:
    console.ascii = _switch(text)


_ON = {True: "on", False: "off"}
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("digits", "N|auto", "shown digits; auto is 10", lambda c: str(c.digits or "auto"), _put_digits),
        Setting("precision", "BITS|off", "compute in balls to so many bits and show the certain digits",
                lambda c: str(c.session.options.bits or "off"), _put_precision),
        Setting("symbolic", "on|off", "hold every answer against sympy's derivative",
                lambda c: _ON[not c.session.options.numeric],
                lambda c, text: _options(c, numeric=not _switch(text))),
        Setting("time-limit", "SECONDS", "for each symbolic step",
                lambda c: f"{c.session.options.seconds:g}", _put_seconds),
        Setting("ascii", "on|off", "nothing but ASCII in what is shown", lambda c: _ON[c.ascii], _put_ascii),
        Setting("keys", "emacs|vi", "how the line is edited; F4 switches",
                lambda c: "vi" if c.vi else "emacs", _put_keys),
    )
}  # fmt: skip


def _set(console: Console, argument: str) -> Texts:
    name, _, value = argument.partition(" ")
    if not name:
        rows = [
            [setting.name, setting.get(console), f"{setting.doc} ({setting.values})"] for setting in SETTINGS.values()
        ]
        table = "\n".join(show.columns([["setting", "now", "meaning"], *rows]))
        yield folded(table, console.width()) + "\n"
        return
    setting = SETTINGS.get(name)
    if setting is None:
        close = near(name, SETTINGS)
        help = f"did you mean '{close}'?" if close else f"the settings are {', '.join(SETTINGS)}"
        raise FormulaError(f"there is no setting '{name}'", help=help)
    if value.strip():
        setting.put(console, value.strip())
    yield f"{name} = {setting.get(console)}\n"


def _setting(name: str) -> Callable[[Console, str], Texts]:
    return lambda console, argument: _set(console, f"{name} {argument}")


# ---- the rest


def _descend(console: Console, argument: str) -> Texts:
    from .descend import descend

    yield from descend(console, argument)


def _help(console: Console, argument: str) -> Texts:
    from .help import about  # which reads this table

    yield from about(console, argument)


def _quit(console: Console, argument: str) -> Texts:
    console.ended = True
    yield from ()


_FORMULA = "[FORMULA]"  # without one, the last result

COMMANDS = {
    command.name: command
    for command in (
        Command("help", "[TOPIC]", "what there is, or about one thing; sin? is the same", ":help tanh",
                _help, "topic"),
        Command("vars", "", "what is named, and what it is worth", ":vars", _vars),
        Command("delete", "NAME...", "forget names", ":delete a, g", _delete, "name"),
        Command("gradient", _FORMULA, "value, gradient, derivatives, verdict as a table",
                ":gradient x^2*y at x=3, y=2", _seen(show.table_view), "formula"),
        Command("diff", "[FORMULA][, NAME]", "the symbolic derivative", ":diff x^2*sin(x), x", _diff, "formula"),
        Command("hessian", _FORMULA, "the second derivatives", ":hessian x*y^3 at x=2, y=3",
                _seen(show.table_view, hessian=True), "formula"),
        Command("check", "diff(FORMULA, NAME) = CLAIM", "judge a claimed derivative",
                ":check diff(sin(x^2), x) = cos(x^2) at x=1.5", studies.check, "formula"),
        Command("explain", _FORMULA, "the chain rule, node by node", ":explain x^2 + x*y at x=3, y=-4",
                studies.explain, "formula"),
        Command("steps", "[FORMULA][, NAME]", "the derivative step by step", ":steps x^2*sin(x), x", studies.steps,
                "formula"),
        Command("graph", f"{_FORMULA} [-o FILE]", "the graph with values and gradients; -o g.svg draws it",
                ":graph (a*b + c)*2 at a=2, b=-3, c=10",
                studies.graph, "formula"),
        Command("plot", "FORMULA NAME=LOW:HIGH [NAME=LOW:HIGH] [-o FILE]",
                "the curve and its derivative, the field of two names; -o p.svg draws it", ":plot sin(x)/x x=-10:10",
                studies.plot, "formula"),
        Command("table", "FORMULA NAME=LOW:HIGH:STEP", "values and derivatives, row by row", ":table x^2 x=0:1:0.25",
                studies.table, "formula"),
        Command("practice", "[LEVEL [SEED]]", "asks for the gradients of a small graph, node by node", ":practice 2 7",
                practice),
        Command("latex", _FORMULA, "formula and derivatives as LaTeX", ":latex sqrt(x)/2",
                _seen(show.latex_view), "formula"),
        Command("pretty", _FORMULA, "formula and derivatives as written by hand", ":pretty sqrt(x)/2",
                _seen(show.pretty_view), "formula"),
        Command("descend", f"{_FORMULA} [--lr RATE] [--steps N] [--wrt NAME,...]",
                "gradient descent on the values; Ctrl-C keeps the best so far",
                ":descend (w - 3)^2 --lr 0.1 --steps 50 --wrt w", _descend, "formula"),
        Command("time", _FORMULA, "how long value and derivatives take", ":time x^2 at x=3", _time, "formula"),
        Command("digits", "[N|auto]", "shown digits", ":digits 15", _setting("digits")),
        Command("precision", "[BITS|off]", "compute to so many bits, show the certain digits", ":precision 200",
                _setting("precision")),
        Command("set", "[NAME [VALUE]]", "settings, and changing one", ":set symbolic off", _set, "setting"),
        Command("undo", "", "take the last change back", ":undo", _undo),
        Command("redo", "", "do again what was undone", ":redo", _redo),
        Command("save", "FILE", "the session as a text file that can be edited", ":save lesson1",
                _save, "file"),
        Command("load", "FILE|last", "run a saved session, compare its results",
                ":load lesson1", _load, "file"),
        Command("history", "[N]", "the last lines and their results", ":history 5", _history),
        Command("reset", "", "forget all names", ":reset", _reset),
        Command("quit", "", "leave; :load last brings the session back", ":quit", _quit),
    )
}  # fmt: skip
