"""Help: what there is, and about one thing. All of it comes from the tables, and the examples are run."""

from __future__ import annotations

import re

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, brief, expression
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.matching import near
from gradcalc.language.spelled import SPELLED
from gradcalc.session import Session
from gradcalc.show import component, folded

from .console import Console, Texts
from .records import COMMANDS, Command
from .setting import SETTINGS, now

_LANGUAGE = (
    ("x^2*sin(x)", "value, derivatives, and whether both sides agree"),
    ("a = 2;  p = a*b", "names; formulas stay live, as in a spreadsheet"),
    ("x := x + 1;  x += 1", "give the name the number now"),
    ("g(x) = x^2*sin(x)", "a function; g'(x) is its derivative"),
    ("x^2 + y at x=2, y=3", "ask with values of its own"),
    ("x = 2±0.1;  y = 3.00(20)", "values with standard uncertainties"),
    ("diff(x^3, x, 2)", "a derivative inside a formula, here the second"),
    ("ans, _, _3", "the last result, the third"),
    ("(1 +", "goes on in the next line; Alt-Enter begins one"),
    ("Tab, Right, Up, Ctrl-R", "complete, take the suggestion, go back, search"),
    ("Ctrl-C, Ctrl-D, F4", "stop or clear, leave, vi or emacs keys"),
    ("", ""),
)


def about(console: Console, topic: str) -> Texts:
    """Help on a topic.

    Raises:
        FormulaError: nobody knows the topic.
    """
    session = console.session
    if not topic:
        yield from _everything(console.width())
        return
    word = topic.removeprefix(":").removesuffix("?").strip()
    rows = functions(word)
    own = session.functions.get(word)
    found = False
    if word in session.names and not topic.startswith(":"):
        found = True
        yield folded(console.changes.definition(word, session.names[word], whole=True), console.width()) + "\n"
    if own is not None and isinstance(own.definition, Formula):
        found = True
        yield folded(f"{own.signature} = {expression(own.definition)}", console.width()) + "\n"
    if word in SPELLED and own is None and not topic.startswith(":"):
        found = True
        yield f"{SPELLED[word].written}   {SPELLED[word].doc}; it is written out when it is read\n"
    for row in rows if not topic.startswith(":") else ():
        found = True
        yield _function(row, console)
    if word in COMMANDS and (topic.startswith(":") or not found):
        found = True
        yield _command(COMMANDS[word])
    if not found and (meaning := _constant_or_result(word, console)):
        found = True
        yield f"{word} = {meaning}\n"
    if word in SETTINGS and not found:
        found = True
        setting = SETTINGS[word]
        yield f":set {word} {setting.values}\n  {setting.doc}\n  now         {now(console, setting)}\n"
    for what, meaning in _LANGUAGE if not found else ():
        if topic in re.split(r"[,;\s]+", what) and topic:
            found = True
            yield folded(f"{what}   {meaning}", console.width()) + "\n"
    if word == "functions":
        found = True
        yield _functions(console.width() or 80)
    if not found:
        close = near(word, [*session.names, *session.functions, *TABLE, *COMMANDS, "functions"])
        raise FormulaError(
            f"there is no help on '{topic}'", help=f"did you mean '{close}'?" if close else ":help lists what there is"
        )


def _constant_or_result(word: str, console: Console) -> str:
    if word in RESERVED or word in CONSTANTS:
        return f"{component(Session(console.session.options).worth(word), console.style)}   a constant"
    return brief(console.session.results[-1]) if word in ("ans", "_") and console.session.results else ""


def functions(name: str) -> list[Function]:
    """The rows of the table that a name or a symbol calls."""
    return [row for row in TABLE.values() if name in (row.name, row.spelling, row.symbol, *row.aliases) and name]


def _everything(width: int) -> Texts:
    for what, meaning in (*_LANGUAGE, *((command.usage, command.doc) for command in COMMANDS.values())):
        if not what:
            yield "\n"
        elif len(what) < 28 and not 0 < width < 28 + len(meaning):
            yield f"{what:<28}{meaning}\n"
        else:
            yield f"{folded(what, width)}\n{folded(f'    {meaning}', width)}\n"
    yield (
        folded(
            "\n:help functions lists the functions; sin? is about one, :descend? about a command",
            width,
        )
        + "\n"
    )


def _functions(width: int) -> str:
    import textwrap

    signatures = [row.signature for row in TABLE.values() if row.listed] + [each.written for each in SPELLED.values()]
    names = "  ".join(signature.replace(" ", "\0") for signature in signatures)  # each on one line
    return textwrap.fill(names, width, break_long_words=False, break_on_hyphens=False).replace("\0", " ") + "\n"


def rule(row: Function, index: int) -> str:
    """A partial derivative as it reads, with the function for `out`."""
    text = row.partials[index] if index < len(row.partials) else None
    if text is None or row.variadic:
        return ""
    return re.sub(r"\bout\b", row.signature if not row.symbol else f"({row.signature})", text)


def _function(row: Function, console: Console) -> str:
    lines = [f"{row.signature}   {row.doc}"]
    lines += [f"  also        {', '.join(row.aliases)}"] if row.aliases else []
    rules = [(param, rule(row, i)) for i, param in enumerate(row.params)]
    lines += [f"  d/d{param}{' ' * (9 - len(param))}{text}" for param, text in rules if text]
    if isinstance(row.definition, str) and row.definition and (not row.smooth or not any(text for _, text in rules)):
        lines.append(f"  means       {row.definition}")
    if not row.condition:
        lines.append(f"  domain      {row.domain or 'all numbers'}")
    if row.digits < 14:
        lines.append(f"  columns     {row.digits} digits, where numbers have them all")
    if not row.smooth and not row.condition:
        lines.append("  corners     where its pieces meet, a derivative is a convention and said to be one")
    if row.example[0]:
        value = Session(console.session.options).worth(row.example[0])
        lines.append(f"  example     {row.example[0]} = {component(value, console.style)}")
    return "\n".join(lines) + "\n"


def _command(command: Command) -> str:
    return f"{command.usage}\n  {command.doc}\n  example     {command.example}\n"
