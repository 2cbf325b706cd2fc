"""A line of the prompt: a command, a question about a name, or statements."""

from __future__ import annotations

import re

from gradcalc.language.elsewhere import WORDS
from gradcalc.language.errors import FormulaError, NearMissError, Span
from gradcalc.language.matching import nearest
from gradcalc.language.reading import BUILT_IN
from gradcalc.language.spelled import SPELLED
from gradcalc.language.unknown import DERIVATIVES
from gradcalc.session import Session, open_in
from gradcalc.studies import SHELL

from .console import Console, Texts
from .practising import answered
from .records import COMMANDS, Command

_PROMPTS = re.compile(r"^\s*(?:(?:>>>?|\.\.\.|In \[\d+\]:|\$ gradcalc)(?: |$))+", re.M)
CONTINUES = ("*", "/", "^", "+")
WHAT_IS = re.compile(r"\s*(:?[^\W\d]\w*|)\s*\?\s*")  # alone, `?` asks what there is
_WORD_ALONE = re.compile(r"\w+(?=\Z|\s+(?!at\s)[\w('\"])")  # no operator follows it
_CALLED = re.compile(r"(\w+)\((?!.*\)\s*:?=)([^;]*)\)\s*")  # and no function defined
_LEAVING = ("exit", "bye", "q")
_OF_SHELLS = {
    **dict.fromkeys(("clear", "cls"), "Ctrl-L clears the screen; :reset forgets all names"),
    **dict.fromkeys(("del", "unset", "remove", "forget"), ":delete x forgets a name; :undo brings it back"),
    "gradcalc": "this is its prompt: write what stands behind that word, without quotation marks",
}


def unprompted(text: str) -> str:
    """A pasted text without the prompts it was copied with. Where it begins with one, lines without are the answers
    that stood below, and go too, but for those in which a parenthesis is still open."""
    if not _PROMPTS.match(text):
        return _PROMPTS.sub("", text)
    typed: list[str] = []
    began = 0  # the line that the last prompt stood before
    for line in text.split("\n"):
        if _PROMPTS.match(line):
            began = len(typed)
        elif line.strip() and not open_in("\n".join(typed[began:])):
            continue
        typed.append(_PROMPTS.sub("", line))
    return "\n".join(typed)


def continued(console: Console, text: str) -> str:
    """A line that begins with an operator goes on from the last result, if there is one. A minus begins a number."""
    return f"ans {text}" if text.startswith(CONTINUES) and console.session.results else text


def enter(console: Console, text: str) -> Texts:
    """The answer to a line, piece by piece; nothing to an empty one.

    Raises:
        FormulaError: what is wrong with the line, or could not be done, after the texts of what could.
    """
    text = text.rstrip()
    if console.practice is not None:
        yield from answered(console, text)
    elif asked := WHAT_IS.fullmatch(text):
        yield from COMMANDS["help"].run(console, asked[1])
    elif text.lstrip().startswith(":"):
        name, argument = _split(text)
        found = command(name, text)
        if argument and not (found.args or found.options):
            behind = Span(text, text.rindex(argument), len(text))
            raise FormulaError(f":{found.name} takes nothing behind it", behind, f"write :{found.name} alone")
        yield from found.run(console, argument)
    elif text:
        no_words(console.session, text.strip())
        yield from console.respond(text)


_BY_SESSION = ("delete", "reset")  # which are statements as well


def is_command(text: str) -> bool:
    """Whether a line of a file is a command of the prompt, and no statement of the session's."""
    return text.lstrip().startswith(":") and _split(text)[0] not in _BY_SESSION


def entered_from_file(console: Console, text: str) -> Texts:
    """The answer to a command that stands in a file, where a comment may follow it.

    Raises:
        FormulaError: also for one that makes sense only where somebody types.
    """
    text = text.partition("#")[0].strip()
    name, argument = _split(text)
    found = command(name, text)
    if found.talking:
        raise FormulaError(f":{found.name} is for the prompt, not for files", Span(text, 0, 1 + len(name)))
    if console.depth > _DEEPEST:
        raise FormulaError("files load each other without end", Span(text, 0, len(text)))
    console.depth += 1
    try:
        yield from found.run(console, argument)
    finally:
        console.depth -= 1


_DEEPEST = 10


def _split(text: str) -> tuple[str, str]:
    name, _, argument = text.strip()[1:].partition(" ")
    return name, argument.strip()


def command(name: str, text: str) -> Command:
    """The command of that name, or the only one that starts so."""
    if name in COMMANDS:
        return COMMANDS[name]
    starting = [known for known in COMMANDS if known.startswith(name)] if name else []
    if len(starting) == 1:
        return COMMANDS[starting[0]]
    if name in SHELL:
        help = f"it is an option of the command, in a shell: gradcalc --{name}, see gradcalc --help"
        raise FormulaError(f"the prompt has no :{name}", Span(text, text.index(":"), len(text)), help)
    close = starting or nearest(name, COMMANDS)[:1]
    elsewhere = WORDS.get(name, ":help lists the commands")
    if name in DERIVATIVES:
        elsewhere = ":diff gives the derivative as a formula, :gradient value and derivatives"
    help = f"did you mean {' or '.join(f':{known}' for known in close)}?" if close else elsewhere
    help = _OF_SHELLS.get(name, help)
    start = text.index(":")
    raise FormulaError(f"there is no command :{name}", Span(text, start, start + 1 + len(name)), help)


def no_words(session: Session, text: str) -> None:
    """The name of a command without its colon is more likely meant as one than as a variable nobody has named.

    Raises:
        FormulaError: it stands at the beginning of the text.
    """
    found = _WORD_ALONE.match(text)
    word = found[0] if found else ""
    known = "quit" if word in _LEAVING else word
    if known in COMMANDS and word not in session.names:
        help = f"the command is :{known}" + (", or press Ctrl-D" if known == "quit" else "")
        raise NearMissError(f"nothing is named {word}", Span(text, 0, len(word)), help)
    if word in _OF_SHELLS and word not in session.names:
        raise FormulaError(f"nothing is named {word}", Span(text, 0, len(word)), _OF_SHELLS[word])
    called = _CALLED.fullmatch(text)
    if called and called[1] in COMMANDS and called[1] not in {*BUILT_IN, *SPELLED, *session.functions, *session.names}:
        help = f"write :{called[1]} {called[2]}".rstrip()
        raise FormulaError(f"{called[1]} is a command, and no function", Span(text, 0, len(called[1])), help)
