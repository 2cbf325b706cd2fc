"""Answers as documents: a table, a line, the value; and the words of their verdicts.

An answer whose symbolic side is still at work has `PENDING` where a text is still to come; what stands before the first
one can be written at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.certified.digits import to_digits
from gradcalc.engine.rewrite import prepare
from gradcalc.language.ends import names_in_ends
from gradcalc.language.formula import Formula, expression, to_text
from gradcalc.language.literals import in_digits
from gradcalc.record import replace
from gradcalc.session import Answer
from gradcalc.session.answer import entry
from gradcalc.verdict import Verdict

from .document import (
    Block,
    Document,
    Line,
    Lines,
    Piece,
    Role,
    Table,
    joined,
    labelled,
    line,
    prose,
    row,
    text_of,
    tone,
)
from .measured import remarks, share, with_uncertainty
from .numbers import DIGITS, DOUBLE_DIGITS, PENDING, UNKNOWN, Style, component

# ---- verdicts

_BADLY = 13  # a float result that keeps fewer of its 16 digits is called badly conditioned
_NO_FORMULA = "the symbolic side has no formula"


def verdict_lines(answer: Answer) -> list[str]:
    """The lines of the verdict as texts: only what was shown; none where there was nothing to show."""
    return [text_of(each) for each in verdict(answer)]


def verdict(answer: Answer) -> list[Line]:
    """The lines of the verdict, each of which may begin with its word."""
    return _VERDICTS[answer.verdict](answer) + _left_over(answer)


def _left_over(answer: Answer) -> list[Line]:
    """Why derivatives are undecided or have no formula, where the verdict is about something worse."""
    if answer.verdict == "undecided":
        return []
    without = [f"d/d{row.what}" for row in answer.findings if row.symbolic is None]
    if reasons := _reasons(answer, "undecided"):
        return [labelled("undecided", reason, Role.UNSURE) for reason in reasons]
    return [line(f"{', '.join(without)}: {_NO_FORMULA}")] if without else []


BUT_KINKS = " but the kinks"


def every_end(*formulas: Formula) -> str:
    """`every whole n and `, where names end sums and products."""
    names = dict.fromkeys(name for formula in formulas for name in names_in_ends(formula))
    return f"every whole {', '.join(names)} and " if names else ""


def _agree(answer: Answer) -> list[Line]:
    rows = answer.findings
    proved = sum(row.proved for row in rows)
    values = f"{every_end(answer.formula)}all values{BUT_KINKS * any(row.kinks for row in rows)}"
    scope = f", proved for {values}" if proved == len(rows) else " at this point"
    scope += "".join(f", not proved: {reason}" for reason in dict.fromkeys(row.reason for row in rows if row.reason))
    if 0 < proved < len(rows):
        scope += f", {proved} of them proved for {values}"
    scope += _conditioning(answer)
    if beyond := [what for what, part in parts_of(answer).items() if part.status == "overflow"]:
        scope += f"; beyond doubles: {', '.join(beyond)}"
    return [labelled("agree", f"{len(rows)} of {len(rows)} {_noun(answer)}{scope}", Role.GOOD)]


def _conditioning(answer: Answer) -> str:
    rows = [*answer.findings, *([answer.floats] if answer.floats else [])]
    known = [row for row in rows if row.digits is not None and row.expected]
    worst = min(known, key=lambda row: row.digits or 0, default=None)
    if worst is None or worst.digits is None or worst.digits >= _BADLY:
        return ""
    why = worst.cause or "badly conditioned"
    what = "value" if worst is answer.floats else "result"
    return f"; the float {what} keeps {worst.digits} of 16 digits ({why})"


def parts_of(answer: Answer) -> dict[str, Component]:
    """The certified numbers of an answer by what they are: `the value`, `d/dx`."""
    value = {} if answer.value is None else {"the value": answer.value}
    return value | {f"d/d{name}": part for name, part in answer.gradient.items()}


def _disagree(answer: Answer) -> list[Line]:
    rows = answer.findings
    wrong = [row for row in rows if row.verdict is Verdict.WRONG]
    differ = "differs" if len(rows) == 1 else "differ"
    found = f"{len(wrong)} of {len(rows)} {_noun(answer)} {differ} from sympy"
    return [
        labelled("DISAGREE", found, Role.BAD),
        *(line(f"  {row.what}: {row.reason}") for row in wrong),
        *([line(f"  {answer.agreement.reason}")] if answer.agreement and answer.agreement.reason else []),
    ]


def _unsure(answer: Answer) -> list[Line]:
    word = answer.verdict
    reasons = _reasons(answer, word) or (["no reason known"] if word == "undecided" else [])
    return [labelled(_WORDS[word], reason, Role.UNSURE) for reason in reasons]


def _unchecked(answer: Answer) -> list[Line]:
    tiny = [what for what, part in parts_of(answer).items() if part.is_tiny]
    beyond = f"; smaller than any double, and shown by balls: {', '.join(tiny)}" if tiny else ""
    return [labelled("unchecked", f"-n leaves out the symbolic side{beyond}", Role.UNSURE)]


_VERDICTS: Mapping[str, Callable[[Answer], list[Line]]] = {
    "": lambda answer: [line(PENDING)],
    "value": lambda answer: [],
    "agree": _agree,
    "disagree": _disagree,
    "not-differentiable": _unsure,
    "undecided": _unsure,
    "unchecked": _unchecked,
}
_WORDS = {word: word for word in _VERDICTS} | {
    "": PENDING, "value": "", "disagree": "DISAGREE", "not-differentiable": "not differentiable",
}  # fmt: skip


def _reasons(answer: Answer, verdict: str) -> list[str]:
    rows = [row for row in answer.findings if row.verdict.of_engines == verdict]
    given = {row.what: row.reason for row in rows if row.reason}
    if answer.agreement is None:
        parts = answer.gradient.items()
        given = {name: part.message for name, part in parts if part.message and part.status == verdict}
    reasons = list(dict.fromkeys(given.values()))
    return reasons if len(reasons) == 1 else [f"d/d{name}: {reason}" for name, reason in given.items()]


def _noun(answer: Answer) -> str:
    if answer.options.order > 1:
        return f"derivatives of order {answer.options.order}"
    return "derivatives" if answer.at is None else "gradients"


# ---- parts of answers


def derivative_title(answer: Answer, plain: str) -> str:
    """The title of a column of derivatives: `plain` for those of the first order."""
    n = answer.options.order
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return plain if n == 1 else f"{n}{ending} derivative"


def symbolic(answer: Answer, name: str, write: Callable[[Formula], str] = expression) -> str:
    """The symbolic derivative by a name as it is written; `PENDING` or `UNKNOWN` where there is none."""
    if not answer.complete:
        return PENDING
    row = next((row for row in answer.findings if row.what == name), None)
    return UNKNOWN if row is None or row.symbolic is None else write(row.symbolic)


def given(answer: Answer, name: str, style: Style) -> str:
    """The value of a name as it was given, or its double where the computation took that."""
    assert answer.at is not None
    if name not in style.point or (answer.options.numeric and not style.bits):
        return in_digits(answer.at[name], style.digits or DIGITS)
    digits = style.digits or DIGITS
    finer = digits >= DOUBLE_DIGITS  # else 0.1 would be shown with the digits of the precision
    style = style if finer else replace(style, bits=0)
    return component(to_digits(Certifier(prepare(style.point[name]), {}, ()), digits, style.bits).value, style)


def second_derivatives(answer: Answer, cell: Callable[[Any], str]) -> Iterator[tuple[str, str, str]]:
    """The entries of the Hessian with their names: formulas without a point, else numbers."""
    for x in answer.names:
        row: Mapping[str, Any] = (answer.symbolic_hessian if answer.at is None else answer.hessian).get(x, {})
        for y in answer.names:
            yield x, y, cell(row[y]) if y in row and not is_undecided(row[y]) else UNKNOWN


def is_undecided(entry: Any) -> bool:
    """Whether it is a number that may not be the derivative, or there may be none."""
    return isinstance(entry, Component) and entry.status == "undecided" and math.isfinite(entry.number)


def missing_seconds(answer: Answer) -> list[str]:
    """Why entries of the Hessian are missing."""
    missing = [f"{entry} is missing: {reason}" for reason, entry in answer.missing_seconds.items()]
    if answer.symbolic_hessian:
        unknown = [entry(x, y) for x, y, text in second_derivatives(answer, lambda _: "") if text == UNKNOWN]
        missing += [f"{', '.join(unknown)}: {_NO_FORMULA}"] if unknown else []
    return missing


# ---- documents


def worth(answer: Answer, style: Style) -> str:
    """The value, with its uncertainty where it has one."""
    assert answer.value is not None
    found = answer.propagated
    if found is None:
        return component(answer.value, style)
    told = with_uncertainty(found.value, found.uncertainty, style)
    alone = answer.value.is_tiny and not found.uncertainty > 0  # of which the double has not the digits
    return component(answer.value, style) + told[told.index(" ") :] if alone else told


def table(answer: Answer, style: Style) -> Document:
    """The default: value, a table with a row for each name, the verdict."""
    return _below(expression(answer.formula) if style.named else "", answer, style)


def page(answer: Answer, style: Style) -> Document:
    """The same on a page, which is read apart from what was typed: below the formula with its definitions."""
    return _below(to_text(answer.formula), answer, style)


def _below(head: str, answer: Answer, style: Style) -> Document:
    blocks: list[Block] = []
    title = [line(head)] if head else []
    if answer.value is not None:
        title.append(line(Piece(f"value = {worth(answer, style)}", Role.TITLE)))
    if title:
        blocks.append(Lines(tuple(title)))
    if answer.names and not answer.options.value_only:
        blocks.append(_derivatives(answer, style))
        blocks += prose(_cut(answer, style))
    blocks += prose(verdict(answer))
    if answer.propagated is not None:
        blocks += prose(remarks(answer.propagated, style))
    if answer.hessian or answer.symbolic_hessian:
        blocks += hessian(answer, style)
    return Document(tuple(blocks))


def _derivatives(answer: Answer, style: Style) -> Table:
    if answer.at is None:
        derivatives = tuple(row(name, _symbolic(answer, name, style)) for name in answer.names)
        return Table(("name", derivative_title(answer, "derivative")), derivatives, heading=Role.HEADING, folds=True)
    titles = ("name", "at", derivative_title(answer, "gradient"))
    found = answer.propagated
    shares = {} if found is None else {name: share(found, name) for name in answer.names}
    symbols = {} if answer.options.numeric else {name: _symbolic(answer, name, style) for name in answer.names}
    rows = tuple(
        row(
            name,
            _at(answer, name, style),
            component(answer.gradient[name], style),
            *(column[name] for column in (shares, symbols) if column),
        )
        for name in answer.names
    )
    numbers = (*titles, *(["share"] if shares else []))
    right = frozenset(range(1, len(numbers)))
    return Table((*numbers, *(["symbolic"] if symbols else [])), rows, right, Role.HEADING, folds=bool(symbols))


def _at(answer: Answer, name: str, style: Style) -> str:
    size = None if answer.propagated is None else answer.propagated.uncertainties.get(name)
    if size is None:
        return given(answer, name, style)
    assert answer.at is not None
    return with_uncertainty(answer.at[name], size, style)


_MOST_LINES = 4  # of a derivative, where there is a screen


def _symbolic(answer: Answer, name: str, style: Style) -> Piece:
    """The symbolic derivative, on a screen no more than some lines of it."""
    text, most = symbolic(answer, name), _MOST_LINES * style.width
    return Piece(text if not style.width or len(text) <= most else f"{text[: most - 4].rstrip()} ...", Role.FORMULA)


def _cut(answer: Answer, style: Style) -> list[str]:
    """Which derivatives are not shown whole, and how to see them."""
    texts = {name: symbolic(answer, name) for name in answer.names}
    cut = [name for name, text in texts.items() if style.width and len(text) > _MOST_LINES * style.width]
    if not cut:
        return []
    many = max(len(texts[name]) for name in cut)
    return [f"cut: the derivative by {', '.join(cut)} has up to {many:,} characters; -o FILE has all of it"]


def hessian(answer: Answer, style: Style) -> list[Block]:
    """The second derivatives as a table, and why some are missing."""
    names = answer.names
    write = expression if answer.at is None else lambda part: component(part, style)
    entries = list(second_derivatives(answer, write))
    rows = tuple(row(x, *(text for name, _, text in entries if name == x)) for x in names)
    right = frozenset(() if answer.at is None else range(1, len(names) + 1))
    narrow = Table(("hessian", ""), tuple(row(entry(x, y), text) for x, y, text in entries), heading=Role.HEADING)
    return [Table(("hessian", *names), rows, right, Role.HEADING, narrow=narrow), *prose(missing_seconds(answer))]


def one_line(answer: Answer, style: Style, formula: bool = True) -> Document:
    """One line, for scripts: `x^2 = 9   dx 6   agree`; without the formula and its sign, for the prompt."""
    parts = [line(Piece(expression(answer.formula), Role.FORMULA))] if formula else []
    order = "" if answer.options.order == 1 else str(answer.options.order)
    if answer.value is not None:
        parts = [joined([*parts, line(worth(answer, style))], Piece(" = "))]
        numbers = (f"d{order}{name} {component(part, style)}" for name, part in answer.gradient.items())
        parts.append(line("  ".join(numbers)))
    else:
        formulas = {name: Piece(symbolic(answer, name), Role.FORMULA) for name in answer.names}
        derivatives = (line(f"d{order}{name} ", found) for name, found in formulas.items())
        parts.append(joined(derivatives, Piece("  ")))
    word = _WORDS[answer.verdict]
    found = [part for part in parts if text_of(part)]
    found += [line(Piece(word, Role.PLAIN if word == PENDING else tone(answer.verdict)))] if word else []
    found += remarks(answer.propagated, style) if formula and answer.propagated is not None else []
    return Document((Lines((joined(found, Piece("   ")),)),))


def value(answer: Answer, style: Style) -> Document:
    """The value alone."""
    lines = () if answer.value is None else (line(worth(answer, style)),)
    return Document((Lines(lines),) if lines else ())
