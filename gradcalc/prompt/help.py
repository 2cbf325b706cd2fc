"""Help: what there is, and about one thing. All of it comes from the tables, and the examples are run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, brief, expression
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.matching import meant
from gradcalc.language.spelled import SPELLED
from gradcalc.session import Session
from gradcalc.show import component, folded

from .console import Console, Texts
from .records import COMMANDS
from .setting import SETTINGS, now

_WIDTH = 80  # of a text that has none of its own
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
)


def about(console: Console, topic: str) -> Texts:
    """Help on a topic.

    Raises:
        FormulaError: nobody knows the topic.
    """
    if not topic:
        yield from _everything(console.width())
        return
    command = topic.startswith(":") and topic[1:2].isalpha()
    word = topic[command:].removesuffix("?").strip()
    sources = (_of_name, _of_command, _of_constant, _of_setting, _of_language)
    told = (list(source(console, word)) for source in sources[command:])
    found = next(filter(None, told), [])
    if not found:
        known = [*console.session.names, *console.session.functions, *TABLE, *COMMANDS, "functions", "commands"]
        raise FormulaError(f"there is no help on '{topic}'", help=meant(word, known) or ":help lists what there is")
    yield from found


def _of_name(console: Console, word: str) -> Texts:
    session = console.session
    own = session.functions.get(word)
    if word in session.names:
        yield console.line(console.changes.definition(word, session.names[word], whole=True))
    if own is not None and isinstance(own.definition, Formula):
        yield console.line(f"{own.signature} = {expression(own.definition)}")
    if word in SPELLED and own is None:
        yield f"{SPELLED[word].written}   {SPELLED[word].doc}; it is written out when it is read\n"
    for row in functions(word):
        yield _function(row, console)


def _of_command(console: Console, word: str) -> Texts:
    if command := COMMANDS.get(word):
        options = f"  options     {', '.join(command.options)}\n" if command.options else ""
        yield f"{command.usage}\n  {command.doc}\n{options}  example     {command.example}\n"


def _of_constant(console: Console, word: str) -> Texts:
    if word in RESERVED or word in CONSTANTS:
        value = Session(console.session.options).worth(word)
        yield f"{word} = {component(value, console.style)}   a constant\n"
    elif word in ("ans", "_") and console.session.results:
        yield f"{word} = {brief(console.session.results[-1])}\n"


def _of_setting(console: Console, word: str) -> Texts:
    if setting := SETTINGS.get(word):
        yield f":set {word} {setting.values}\n  {setting.doc}\n  now         {now(console, setting)}\n"


def _of_language(console: Console, word: str) -> Texts:
    for what, meaning in _LANGUAGE:
        if word in re.split(r"[,;\s]+", what) and word:
            yield console.line(f"{what}   {meaning}")
    if word == "functions":
        import textwrap

        signatures = [row.signature for row in TABLE.values() if row.listed] + [e.written for e in SPELLED.values()]
        names = "  ".join(signature.replace(" ", "\0") for signature in signatures)  # each on one line
        width = console.width() or _WIDTH
        yield textwrap.fill(names, width, break_long_words=False, break_on_hyphens=False).replace("\0", " ") + "\n"
    if word == "commands":
        yield from _told(((command.usage, command.doc) for command in COMMANDS.values()), console.width())


def functions(name: str) -> list[Function]:
    """The rows of the table that a name or a symbol calls."""
    return [row for row in TABLE.values() if name in (row.name, row.spelling, row.symbol, *row.aliases) and name]


def _everything(width: int) -> Texts:
    yield from _told(_LANGUAGE, width)
    yield f"\n{folded('  '.join(f':{name}' for name in COMMANDS), width or _WIDTH)}\n\n"
    yield folded(":help commands tells of each, plot? of one, :help functions lists the functions", width) + "\n"


def _told(lines: Iterable[tuple[str, str]], width: int) -> Texts:
    for what, meaning in lines:
        if len(what) < 28 and not 0 < width < 28 + len(meaning):
            yield f"{what:<28}{meaning}\n"
        else:
            yield f"{folded(what, width)}\n{folded(f'    {meaning}', width)}\n"


def rules(row: Function) -> dict[str, str]:
    """The partial derivatives as they read, with the function for `out`, by the parameters that have one."""
    if row.variadic:
        return {}
    out = row.signature if not row.symbol else f"({row.signature})"
    texts = zip(row.params, row.partials, strict=False)
    return {param: re.sub(r"\bout\b", out, text) for param, text in texts if text is not None}


def is_computed(row: Function) -> bool:
    """Whether it is a function of numbers, of which more is to be told than of `if` and `diff`."""
    return bool(row.partials or row.definition)


def in_doubles(row: Function) -> str:
    """How its value becomes a double."""
    return "rounded from balls" if row.value is None and row.smooth else "by double arithmetic"


def _function(row: Function, console: Console) -> str:
    lines = [f"{row.signature}   {row.doc}"]
    lines += [f"  also        {', '.join(row.aliases)}"] if row.aliases else []
    partials = rules(row)
    lines += [f"  d/d{param}{' ' * (9 - len(param))}{text}" for param, text in partials.items()]
    if isinstance(row.definition, str) and row.definition and not (row.smooth and partials):
        lines.append(f"  means       {row.definition}")
    if is_computed(row):
        lines.append(f"  domain      {row.domain or 'all numbers'}")
        lines.append(f"  doubles     {in_doubles(row)}")
        lines.append(f"  columns     {row.digits} digits, where numbers have them all")
    if not row.smooth and not row.condition:
        lines.append("  corners     where its pieces meet, a derivative is a convention and said to be one")
    if row.example[0]:
        value = Session(console.session.options).worth(row.example[0])
        lines.append(f"  example     {row.example[0]} = {component(value, console.style)}")
    return folded("\n".join(lines), console.width()) + "\n"
