"""The commands about names, changes, the time things take, and the conversation itself."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from copy import copy

from gradcalc.engine.rewrite import prepare
from gradcalc.gradients import value_and_grad
from gradcalc.judge.agreement import symbolic_gradient
from gradcalc.language.errors import FormulaError, SymbolicError
from gradcalc.language.formula import brief, expression
from gradcalc.record import replace
from gradcalc.show import Painted, columns

from .changes_told import formulas, some
from .console import Console, Texts
from .records import COMMANDS, FORMULA, command


@command("help", "[TOPIC]", "what there is, or about one thing; sin? is the same", ":help tanh", "topic")
def _help(console: Console, argument: str) -> Texts:
    from .help import about

    yield "".join(about(console, argument))


@command("vars", "", "what is named, and what it is worth")
def _vars(console: Console, argument: str) -> Texts:
    session = console.session
    rows = []
    for name, formula in session.names.items():
        try:
            value = console.changes.number(name)
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
    yield console.line("\n".join(columns([["name", "formula", "value"], *rows])))


@command("delete", "NAME...", "forget names", ":delete a, g", "name")
def _delete(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":delete needs a name", help="as in :delete a, g")
    yield from console.respond(f":delete {argument}")


@command("edit", "NAME", "what a name means, as a line to be changed", ":edit g", "name", True)
def _edit(console: Console, argument: str) -> Texts:
    line = console.session.line_of(argument)
    if console.edits:
        console.begun = line
    else:
        yield f"{line}\n"


@command("reset", "", "forget all names")
def _reset(console: Console, argument: str) -> Texts:
    names = sorted([*console.session.names, *console.session.functions], key=str.swapcase)
    console.session.line(":reset")
    them = "them" if names[1:] else "it"
    yield (console.line(f"cleared {some(names)}   (:undo brings {them} back)") if names else "nothing is named\n")


@command("undo", "", "take the last change back", talking=True)
def _undo(console: Console, argument: str) -> Texts:
    undone = console.session.undo()
    if undone is None:
        raise FormulaError("there is nothing to undo")
    yield console.line(console.changes.undone(undone, "undid", ":redo to do it again"))


@command("redo", "", "do again what was undone", talking=True)
def _redo(console: Console, argument: str) -> Texts:
    done = console.session.redo()
    if done is None:
        raise FormulaError("there is nothing to do again")
    yield console.line(console.changes.undone(done, "did", ":undo to take it back"))


# ---- formulas


@command("diff", "[FORMULA][, NAME]", "the symbolic derivative", ":diff x^2*sin(x), x", "formula")
def _diff(console: Console, argument: str) -> Texts:
    """The symbolic derivative, by one name if it is given."""
    question, name = console.asked(argument)
    derivatives, why = symbolic_gradient(question.formula, (name,) if name else question.free, question.options.seconds)
    if why:
        raise SymbolicError(why)
    if not derivatives:
        raise FormulaError("the formula has no names to differentiate by", question.formula.span)
    for name, derivative in derivatives.items():
        yield console.line(formulas(f"d/d{name} = {expression(derivative)}"))


@command("time", FORMULA, "how long value and derivatives take", ":time x^2 at x=3", "formula")
def _time(console: Console, argument: str) -> Texts:
    question = console.session.question(argument or "ans")
    rows = [["time for", "seconds"]]
    if not question.missing:
        prepared = prepare(question.formula)
        value_and_grad(prepared, question.values)  # the first call compiles it
        rows.append(["value and gradient, floats", _taken(lambda: value_and_grad(prepared, question.values))])
        asked = replace(question, options=replace(question.options, numeric=False))
        rows.append(["value and gradient, certified", _taken(lambda: next(iter(asked.answers())))])
    names, budget = question.free, question.options.seconds
    fresh = copy(question.formula)  # what was asked of the formula itself is remembered, and takes no time
    rows.append(["symbolic gradient", _taken(lambda: symbolic_gradient(fresh, names, budget))])
    yield "\n".join(columns(rows, right=(1,))) + "\n"


def _taken(work: Callable[[], object]) -> str:
    start = time.perf_counter()
    work()
    return f"{time.perf_counter() - start:.3g}"


# ---- going on


@command("practice", "[LEVEL [SEED]]", "asks for the gradients of a small graph", ":practice 2 7", talking=True)
def _practice(console: Console, argument: str) -> Texts:
    from .practising import practice

    yield from practice(console, argument)


@command("descend", f"{FORMULA} [--lr RATE] [--steps N] [--wrt NAME,...]",
         "gradient descent on the values; Ctrl-C keeps the best so far",
         ":descend (w - 3)^2 --lr 0.1 --steps 50 --wrt w", "formula")  # fmt: skip
def _descend(console: Console, argument: str) -> Texts:
    from .descend import descend

    yield from descend(console, argument)


@command("history", "[N]", "the last lines and their results", ":history 5")
def _history(console: Console, argument: str) -> Texts:
    log = [entry for entry in console.session.log if entry.typed]
    most = argument or "20"
    if not (most.isascii() and most.isdigit() and int(most) >= 1):
        raise FormulaError(f":history needs a whole number from 1, not '{most}'")
    if not log:
        yield "nothing has been asked or named yet\n"
    entries = log[-int(most) :]
    yield "".join(f"{entry.text}\n" + "".join(f"#> {result}\n" for result in entry.results) for entry in entries)


@command("quit", "", "leave; :load last brings the session back", talking=True)
def _quit(console: Console, argument: str) -> Texts:
    console.ended = True
    yield from ()


# ---- the clipboard of the terminal, by the escape that terminals have for it (OSC 52)

_MOST_COPIED = 50_000  # bytes; terminals refuse what is much longer


@command("copy", f"[latex] {FORMULA}", "the answer, or its LaTeX, to the clipboard", ":copy latex", "formula", True)
def _copy(console: Console, argument: str) -> Texts:
    """Put the numbers or the derivatives of an answer, or the answer typeset, on the clipboard."""
    word, _, formula = argument.partition(" ")
    latex = word == "latex" and "latex" not in console.session.names
    if not console.edits:
        raise FormulaError("there is no terminal here that has a clipboard", help=":latex shows the LaTeX")
    if latex:
        text = "".join(COMMANDS["latex"].run(console, formula.strip()))
    else:
        found: list[str] = []
        for _ in console.ask(console.session.question(argument or "ans"), found):
            pass
        text = "\n".join(found)
    data = text.strip().encode()
    if len(data) > _MOST_COPIED:
        raise FormulaError("that is too long for the clipboard of a terminal", help="write it to a file with -o")
    yield Painted(f"\x1b]52;c;{b64encode(data).decode()}\x07")
    yield console.line("copied" if latex else f"copied: {text}")
