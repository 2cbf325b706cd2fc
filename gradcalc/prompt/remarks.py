"""Remarks on a text while it is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from gradcalc import show
from gradcalc.explain import by_hand
from gradcalc.language.errors import NOWHERE, ArgumentCountError, FormulaError, NearMissError, Span
from gradcalc.language.formula import Formula, brief
from gradcalc.language.functions import CONSTANTS, TABLE, Function
from gradcalc.language.grammar import kinds
from gradcalc.language.matching import meant
from gradcalc.language.reading import BUILT_IN
from gradcalc.language.spelled import SPELLED
from gradcalc.record import dataclass
from gradcalc.session import Assigned, Defined, Question, Session, is_result, open_in
from gradcalc.show.answers import worth

from .changes_told import derivative_asked
from .completing import greek
from .entering import WHAT_IS, no_words
from .help import rules
from .records import COMMANDS
from .unfinished import finished, open_call, pieces, word_at_end

_MOST = 4  # other names whose values are shown, names that a gradient is shown for, functions that a word begins
_WIDE = 48  # characters of a derivative
_UNFINISHED = " ..."
_HEAD = re.compile(r"NAME LPAR (NAME (COMMA )?)*(RPAR )?(EQUAL )?")  # of a definition that is begun, as kinds of tokens


@dataclass(frozen=True, slots=True)
class Remark:
    """One line, and where in the text the mistake is that it speaks of (from `start` to `end`, if it does). `strong`
    is what of the line stands out: the parameter that is being written."""

    text: str = ""
    start: int = 0
    end: int = 0
    strong: tuple[int, int] = (0, 0)


def remark(session: Session, text: str, style: show.Style, place: int | None = None) -> Remark:
    """The remark on a text while it is typed, with the cursor at `place` (None: at the end): certified numbers, a
    gradient in symbols, the function that is being written, or what is not right."""
    if not text.strip() or text.lstrip().startswith("#"):
        return Remark()
    if text.lstrip().startswith(":"):
        return _of_command(text)
    if asked := WHAT_IS.fullmatch(text):
        return Remark(f"help on {asked[1] or 'what there is'}")
    before = text[:place]
    if letters := greek(before):
        return Remark(f"Tab: {', '.join(f'{letter} {name}' for name, letter in letters[:_MOST])}")
    functions = _beginning_with(session, text, before)
    if functions:
        function, *others = functions
        also = f"also {', '.join(others[:_MOST])}" if others else ""
        return Remark(_GAP.join(filter(None, (*_about(session, function), also))))
    signature = _signature(session, before)
    if signature and signature.empty:
        return signature.whole
    try:
        no_words(session, text)
        said, cut = finished(text, lambda whole: _said(session, whole, style))
    except FormulaError as error:
        span = error.diagnostic.span
        near_by = isinstance(error, NearMissError)
        of_call = span.start == signature.start or not (signature.strong[1] or near_by) if signature else False
        if signature and signature.wanting and span.source and of_call:
            return signature.whole  # its other arguments are still to come
        outer = text[span.start : span.end].partition("(")[0]
        wanting = outer in SPELLED or (outer in _listed() and isinstance(error, ArgumentCountError))
        if open_in(text) and wanting:  # the arguments of one further out are still to come, and its index
            return Remark(_GAP.join(filter(None, _about(session, outer))))
        return _of_mistake(error) if near_by or not _HEAD.fullmatch(kinds(text)) else _begun(text)
    if not said:
        return signature.whole if signature else _begun(text)
    group = open_in(text) and not signature  # of a call one sees that it is open
    said += "" if not cut else f"{_GAP}'(' is open" if group else _UNFINISHED
    if signature and signature.several:
        shift = len(said) + len(_GAP)
        start, end = signature.strong
        return Remark(f"{said}{_GAP}{signature.text}", strong=(start + shift, end + shift))
    return Remark(said)


_GAP = "   "

# ---- commands and mistakes


def _of_command(text: str) -> Remark:
    word = text.split()[0][1:]
    found = [record for record in COMMANDS.values() if record.name.startswith(word)]
    if len(found) == 1 or word in COMMANDS:
        record = COMMANDS.get(word, found[0])
        return Remark(f"{record.usage}   {record.doc}")
    if found:
        return Remark("  ".join(f":{record.name}" for record in found))
    return Remark("; ".join(filter(None, (f"... there is no command :{word}", meant(word, COMMANDS, ":{}")))))


def _begun(text: str) -> Remark:
    """Of a definition that is begun."""
    if not _HEAD.fullmatch(kinds(text)):
        return Remark()
    head = "".join(piece.text for piece in pieces(text.partition("=")[0]))
    return Remark(f"{head}{')' * (')' not in head)} = ...{_GAP}defines a function")


def _of_mistake(error: FormulaError) -> Remark:
    span: Span = error.diagnostic.span
    help = f"; {error.help}" if isinstance(error, NearMissError) else ""
    known = span is not NOWHERE and span.source != ""
    return Remark(f"... {error.message}{help}", *((span.start, span.end) if known else (0, 0)))


# ---- the function that is being written


def _beginning_with(session: Session, text: str, before: str) -> list[str]:
    """The functions that the word before the cursor begins, the one that it is first; none where it is, or may well be,
    a name of something else: a letter, and two where an end of an index stands."""
    word = word_at_end(before)
    if not before.endswith(word) or word in session.names or word in CONSTANTS or is_result(word) or word == "at":
        return []
    *_, last = "", *kinds(before.removesuffix(word)).split()
    short = 1 + (last == "DOTS" or (last == "EQUAL" and open_call(before) is not None))
    known = {**_listed(), **SPELLED, **session.functions}
    if len(word) <= short and word not in known:
        return []
    if sum(piece.text == word for piece in pieces(text)) > 1 and word not in TABLE:
        return []  # a name that stands elsewhere in the text, as the parameter of a definition does
    return sorted((each for each in known if each.startswith(word)), key=lambda each: (each != word, len(each)))


def _listed() -> dict[str, Function]:
    shown: dict[str, Function] = {}
    for row in TABLE.values():
        if row.listed:
            shown.setdefault(row.spelling, row)  # of `log`, that of one argument
    return shown


def _about(session: Session, function: str) -> tuple[str, str]:
    """How a function is called, and its derivatives or meaning."""
    row = session.functions.get(function) or _listed().get(function)
    return (row.signature, _rules(row)) if row else (SPELLED[function].written, SPELLED[function].doc)


def _rules(row: Function) -> str:
    if isinstance(row.definition, Formula):
        return _derivatives(row.definition, row.params)
    return "  ".join(f"d/d{param} = {text}" for param, text in rules(row).items())


@dataclass(frozen=True, slots=True)
class _Signature:
    """A call that is open, from `start`: its function, where in the text of it the parameter stands that is being
    written, whether nothing is written of it, and whether others are wanting."""

    start: int
    text: str
    rules: str
    strong: tuple[int, int]
    empty: bool
    several: bool
    wanting: bool

    @property
    def whole(self) -> Remark:
        return Remark(f"{self.text}{_GAP}{self.rules}".rstrip(), strong=self.strong)


def _signature(session: Session, before: str) -> _Signature | None:
    call = open_call(before)
    if call is None:
        return None
    rows = [session.functions[call.name]] if call.name in session.functions else []
    rows = rows or [row for row in BUILT_IN.get(call.name, ()) if row.listed]
    row = next((row for row in rows if len(row.params) > call.position or row.variadic), None)
    if row is None and call.name in SPELLED and not rows:
        written, doc = _about(session, call.name)
        return _Signature(call.start, written, doc, (0, 0), not call.argument, several=True, wanting=True)
    if row is None:
        return None
    param = row.params[min(call.position, len(row.params) - 1)]
    place = re.search(rf"\b{re.escape(param)}\b", row.signature[len(row.spelling) :])
    start = len(row.spelling) + place.start() if place else 0
    strong = (start, start + len(param)) if place else (0, 0)
    wanting = call.position + 1 < len(row.params)
    return _Signature(call.start, row.signature, _rules(row), strong, not call.argument, len(row.params) > 1, wanting)


# ---- numbers, or a gradient in symbols


def _said(session: Session, text: str, style: show.Style) -> str:
    """The numbers of the last statement of a line that is carried out on the side."""
    if not session.read(text):
        return ""
    aside = Session(session.options)
    aside.state = session.state
    outcome = aside.line(text)[-1]
    if isinstance(outcome, Question):
        return _of_question(outcome, style)
    if isinstance(outcome, Defined):
        return _of_definition(outcome.function)
    if not isinstance(outcome, Assigned):
        return ""
    question = aside.question(outcome.name)
    if question.missing:
        return _in_symbols(question)
    moved = [name for name in aside.state.dependents([outcome.name]) if _value(aside, name, style)]
    shown = ", ".join(f"{name} = {_value(aside, name, style)}" for name in moved[:_MOST])
    value = _value(aside, outcome.name, style)
    return _GAP.join(part for part in (f"= {value}" if value else "= no value", shown) if part)


def _of_question(question: Question, style: show.Style) -> str:
    unused = f"{', '.join(question.unused)} not in the formula" if question.unused else ""
    if question.missing:
        return _GAP.join(filter(None, (_in_symbols(question), unused)))
    answer = next(question.answers())  # the numbers alone, before the symbolic side begins
    assert answer.value is not None
    gradient = "  ".join(f"d{x} {show.component(part, style)}" for x, part in answer.gradient.items())
    statuses = {part.status for part in answer.gradient.values()}
    doubt = "not differentiable" if "not-differentiable" in statuses else "undecided" if "undecided" in statuses else ""
    return _GAP.join(filter(None, (f"= {worth(answer, style)}", gradient, doubt, unused)))


def _in_symbols(question: Question) -> str:
    needs = f"needs {', '.join(question.missing)}"
    if question.options.value_only:
        return needs
    asked = derivative_asked(question.formula)
    if asked and asked[2] == 1:
        try:
            return f"= {brief(by_hand(asked[0], asked[1]), _WIDE)}{_GAP}{needs}"
        except FormulaError:
            return needs
    parts = "  ".join(f"d{name} {text}" for name, text in _partials(question.formula, question.free).items())
    return _GAP.join(filter(None, (parts, needs)))


def _of_definition(row: Function) -> str:
    if not isinstance(row.definition, Formula):
        return ""
    if len(row.params) == 1:
        slope = _partials(row.definition, row.params).get(row.params[0])
        return f"{row.spelling}'({row.params[0]}) = {slope}" if slope else f"{row.signature}, a function"
    return _derivatives(row.definition, row.params) or f"{row.signature}, a function"


def _derivatives(formula: Formula, names: Sequence[str]) -> str:
    return "  ".join(f"d/d{name} = {text}" for name, text in _partials(formula, names).items())


def _partials(formula: Formula, names: Sequence[str]) -> dict[str, str]:
    """The derivatives by the first of some names, as our own rules write them, where that is not too long."""
    found = {}
    for name in names[:_MOST]:
        with suppress(FormulaError):
            found[name] = brief(by_hand(formula, name), _WIDE)
    return found


def _value(session: Session, name: str, style: show.Style) -> str:
    try:
        return show.component(session.worth(name), style)
    except FormulaError:
        return ""
