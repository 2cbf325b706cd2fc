"""Texts of other languages and of textbooks: derivatives as quotients, modules, methods, word operators.

Each study is given a place where a text cannot go on, and answers with what is to be written there, or with None.
"""

from __future__ import annotations

import re

from .elsewhere import (
    DOTS,
    MODULES,
    WORDS,
    family_of,
    group_end,
    means_otherwise,
    path_of,
    readings,
    split,
    usage,
    without_modules,
)
from .errors import SEE_FUNCTIONS, FormulaSyntaxError, Span
from .from_latex import from_latex
from .functions import CONSTANTS
from .literals import how_many
from .reading import GROUP, OPERAND, POWERS, SUPERSCRIPTS, Reading, short, told
from .spelled import SPELLED
from .statements import last_word, of_a_choice, of_a_function, of_another_language

# ---- derivatives as quotients


_DERIVATIVE_OPERATOR = re.compile(
    r"(?<![\w.])d(?:\s*(?:\^|\*\*)\s*(?P<n>\d)|(?P<super>[²³]))?\s*/"
    r"\s*d(?P<x>[^\W\d]\w*?)(?:\s*(?:\^|\*\*)\s*\d|[²³])?\s*$"
)
_FACTOR = rf"(√|[\d.]*)(\w+({GROUP})?|{GROUP}){POWERS}*"
_TERM = re.compile(rf"\s*(?P<inside>{_FACTOR}(\s*[*/·]\s*{_FACTOR})*)")

_ENDS_HERE = re.compile(r"\s*(?:$|[-+=<>!,;)\n#]|at\b)")  # what may follow a term that is all that is meant


def leibniz(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`d/dx x^2` and `d²/dx² (x^3)`: what comes at `position` follows such an operator."""
    from_ = max(0, position - 100)
    operator = _DERIVATIVE_OPERATOR.search(now.source[from_:position])
    term = _TERM.match(now.source, position)
    if not operator or not term:
        return None
    inside = term["inside"] if _ENDS_HERE.match(now.source, term.end()) else "formula"
    if re.fullmatch(GROUP, inside):
        inside = inside[1:-1]
    order = operator["n"] or (operator["super"] or "").translate(SUPERSCRIPTS)
    help = f"write diff({short(inside)}, {operator['x']}{f', {order}' if order else ''})"
    span = Span(now.source, from_ + operator.start(), term.end())
    return FormulaSyntaxError("a derivative is written diff(formula, x)", span, help)


# ---- values and ranges


_VALUE = r"[^=]*[^<>=!]=(?!=)\s*[^\s=]"
_LISTS = {  # the sign between two, a pattern that each begins with, what is wrong with another, and what to write
    "bindings": (",", _VALUE, "is not a value", "write for example x=2, y=pi/4"),
    "points": (",", _VALUE, "is not a value", "write for example x=2, y=[1, 2]"),
    "ranges": (",", r"[^=]*=\s*[^\s=].*?(\.\.|:)\s*\S", "is not a range",
               "write for example x=-3..3, or x=0:1:0.1 for a table with steps of 0.1"),
    "bounds": (",", r"[^=]*=\s*((\.\.|:)\s*\S|[^\s=:.].*?(\.\.|:))", "gives no bounds", "write b1=0: or b1=-1:1"),
    "correlations": (";", r"[^=]*,[^=]*=\s*\S", "is no correlation", "write for example x,y=0.3"),
}  # fmt: skip


def no_range(span: Span) -> FormulaSyntaxError:
    """The error at something that stands in the place of a range."""
    _, _, message, help = _LISTS["ranges"]
    return FormulaSyntaxError(f"'{short(span.text)}' {message}", span, _as_a_range(span.text) or help)


def _as_a_range(text: str) -> str:
    """The advice for a range in words, `sin(x) from 0 to pi`; empty for other texts."""
    said = re.search(r"(\S+)\s+to\s+(\S+)\s*$", text)
    return f"write the name and both ends, as in x={said[1]}..{said[2]}" if said else ""


def no_claim(span: Span) -> FormulaSyntaxError:
    """The error at a formula that stands in the place of a claim."""
    missing = FormulaSyntaxError("a claim is needed", span, "write = and a formula behind it")
    return decimal_comma(span) or missing


def decimal_comma(span: Span) -> FormulaSyntaxError | None:
    """The error at a piece between commas that is one side of a decimal comma, or of one between groups of digits."""
    for found in _SEVERAL.finditer(span.source):
        if found.start() < span.end and span.start < found.end():
            several = Span(span.source, *found.span())
            return FormulaSyntaxError("one number is needed", several, _ONE_NUMBER)
    for found in re.finditer(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?(?!\d)|(?<![\d.])\d+,\d+(?=[^=,]*(,|$))", span.source):
        if found.start() < span.end and span.start < found.end():
            text, number = found[0], Span(span.source, found.start(), found.end())
            decimal, together = text.replace(",", "."), text.replace(",", "")
            if found[1] and (text.count(",") > 1 or found[2]):
                return FormulaSyntaxError("digits cannot be grouped with ','", number, f"write {together}")
            if found[1]:
                help = f"write  {together}  or  {decimal}"
                return FormulaSyntaxError(f"'{text}' can be read in two ways", number, help)
            return FormulaSyntaxError("',' is not a decimal point", number, f"write {decimal}")
    return None


_COMMA = re.compile(r"(?!.*(?:\.\.|:))\s*([^\W\d]\w*)\s*=\s*[\[(]?\s*([^\s=,;()]+)\s*,\s*([^\s=,;()\]]+)\s*[])]?\s*")
_UNNAMED = re.compile(r"(?:[^=]*\s)?([^\s=]+(?:\.\.|:)[^\s=]+)\s*")
_SEVERAL = re.compile(r"(?<![\w.,])(?![1-9]\d{0,2}(,\d{3})+(?!\d))\d+(\.\d+)?(\s*,\s*\d+(\.\d+)?){2,}(?![\d.])")
_ONE_NUMBER = "--table x=1:3:1 takes many points, --data FILE every row of a file"


def of_lists(now: Reading, position: int) -> FormulaSyntaxError | None:
    """A piece of a list that is none of what is read there: values, ranges, bounds, correlations."""
    if now.entrance == "claim" and not now.source.strip():
        whole, help = Span(now.source, 0, len(now.source)), "write for example diff(x^2, x) = 2*x"
        return FormulaSyntaxError("a claim is needed", whole, help)
    if now.entrance not in _LISTS:
        return None
    mark, shape, message, help = _LISTS[now.entrance]
    if now.entrance == "ranges" and re.match(r"at\b", now.source[position:]):
        there = Span(now.source, position, position + 2)
        return FormulaSyntaxError("'at' stands before the ranges", there, "write for example x^2 at x=1 x=-2..2")
    if now.entrance == "ranges" and (two := _COMMA.fullmatch(now.source)):
        whole = Span(now.source, 0, len(now.source))
        return FormulaSyntaxError(f"'{short(whole.text)}' {message}", whole, f"write {two[1]}={two[2]}..{two[3]}")
    if mark == "," and now.source[position : position + 1] == ";":
        return FormulaSyntaxError("';' does not stand here", Span(now.source, position, position + 1), "write ','")
    if not (written := now.source.rstrip()) or written.endswith(","):
        behind = Span(now.source, len(written), len(written))
        return FormulaSyntaxError(f"something is missing{' after the comma' if written else ''}", behind, help)
    place = len(now.source[:position].rstrip())  # the spaces before a mark are of the piece before it
    pieces, end = iter(split(now.source, mark)), -1
    while end < place:
        piece = next(pieces)
        start = now.source.index(piece, max(end, 0))
        end = start + len(piece)
    if re.match(shape, piece, re.S) and re.match(r"\s*[^\W\d]", piece):
        return None
    whole = Span(now.source, start, end)
    if unnamed := _UNNAMED.fullmatch(piece) if now.entrance == "ranges" else None:
        help = f"write the name as well, as in x={short(unnamed[1])}"
    help = _as_a_range(piece) * (now.entrance == "ranges") or help
    comma = None if now.entrance == "ranges" and not re.search(r"\.\.|:", now.source) else decimal_comma(whole)
    return comma or FormulaSyntaxError(f"'{short(piece)}' {message}", whole, help)


# ---- modules and methods


def of_a_module(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`np.sin(np.pi*x)`, `Math.PI`: a function or a constant by the name of its module."""
    word = last_word(now, position)
    dotted = _DOTS.match(now.source, position)
    if word is None or word not in MODULES.split("|") or dotted is None:
        return None
    start, end = word.start_pos, dotted.end()
    called = now.source[end : end + 1] == "("
    if called:
        end = group_end(now.source, end)
    path = path_of(dotted[0])
    span, name = Span(now.source, start, end), path[-1]
    message = "functions and constants have plain names here"
    if name.lower() in ("inf", "infinity", "nan", "oo", "infty"):
        return FormulaSyntaxError("infinity and nan are not numbers", span, "take a large number, such as 1e300")
    count = len(split(now.source[dotted.end() + 1 : end - 1])) if called else 0
    ours = without_modules(span.text, now.functions.keys())
    if written := now.proposal(ours):
        other = name in now.functions and means_otherwise(word, path, count)
        notes = (f"{word}{dotted[0]} is not what {name} is here",) if other else ()
        return FormulaSyntaxError(message, span, f"write {written}", notes)
    if meant := usage(name, family_of(word, path)):
        return FormulaSyntaxError(message, span, f"write {meant}")
    if rows := now.functions.get(name):
        if count and not now.find(name, count):
            message = f"{name} does not take {how_many(count, 'argument')} here"
        return FormulaSyntaxError(message, span, f"write {told(rows)}")
    help = WORDS.get(name, SEE_FUNCTIONS)
    return FormulaSyntaxError(f"'{word}{dotted[0]}' is not known here", span, help)


_DOTS = re.compile(DOTS)
_NEEDLESS = ("data", "item", "value", "detach", "numpy", "tolist", "requires_grad_", "evalf", "simplify")
_SHOWN_ANYWAY = {
    **dict.fromkeys(_NEEDLESS, "write {of}"),
    "backward": "the derivatives come with the answer: write {of}",
    "diff": "write diff(formula, {of})",
    "zero_grad": "derivatives start afresh with every answer: leave it out",
    "grad": "write diff(formula, {of}), or ask the formula: its derivatives come with the answer",
}


def method(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`L.backward()`, `a.grad`, `x.tanh()`: an attribute of a name."""
    word, dotted = last_word(now, position), _DOTS.match(now.source, position)
    if word is None or word.type != "NAME" or dotted is None:
        return None
    path = path_of(dotted[0])
    end, name = dotted.end(), path[-1]
    args: list[str] = []
    if now.source[end : end + 1] == "(":
        close = group_end(now.source, end)
        args, end = split(now.source[end + 1 : close - 1]), close
    span = Span(now.source, word.start_pos, end)
    message = "names have no attributes here"
    if len(path) == 1:
        if name in _SHOWN_ANYWAY:
            return FormulaSyntaxError(message, span, _SHOWN_ANYWAY[name].format(of=word))
        known = f"{name}({', '.join([word, *args])})" if now.find(name, len(args) + 1) else ""
        for text in [known, *readings(name, [str(word), *args])]:
            if written := now.proposal(text):
                return FormulaSyntaxError(message, span, f"write {written}")
    return None


_WORD_OPERATORS = {
    "mod": "mod({left}, {right})", "rem": "{left} - {right}*trunc({left}/{right})", "div": "floor({left}/{right})",
    "times": "{left}*{right}", "plus": "{left} + {right}", "minus": "{left} - {right}", "over": "{left}/{right}",
    "pow": "{left}^{right}", "equals": "{left} == {right}", "dot": "{left}*{right}",
    "and": "{left} and {right}", "or": "{left} or {right}",
    "choose": "binomial({left}, {right})", "nCr": "binomial({left}, {right})", "nPr": "{left}!/({left} - {right})!",
}  # fmt: skip
_RIGHT = re.compile(rf"(?P<word>[a-zA-Z]+)\b\s*(?P<right>[\d.]+|\w+(?:{GROUP})?|{GROUP})")


def between_words(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`x mod 3`: an operator that is a word elsewhere."""
    before = now.before(position)
    if before and _operator(before[-1]):  # in `7 mod 3`, what cannot go on is the 3
        position = before.pop().start_pos
    found = _RIGHT.match(now.source, position)
    if not before or found is None or not re.fullmatch(OPERAND, before[-1].type):
        return None
    word = found["word"]
    if not (form := _operator(word)):
        return None
    message = f"'{word}' is not an operator"
    alone = len(before) == 1 or before[-2].type in ("SEPARATOR", "LPAR", "COMMA", "EQUAL")
    if alone and before[-1].type in ("NAME", "NUMBER") and _ENDS.match(now.source, found.end()):
        span = Span(now.source, before[-1].start_pos, found.end())
        if written := now.proposal(form.format(left=before[-1], right=found["right"])):
            return FormulaSyntaxError(message, span, f"write {written}")
    span = Span(now.source, position, position + len(word))
    return FormulaSyntaxError(message, span, f"write {form.format(left='a', right='b')}")


def _operator(word: str) -> str:
    """A form for a word between two operands, also in capitals; empty if it is no operator anywhere."""
    return _WORD_OPERATORS.get(word) or (_WORD_OPERATORS.get(word.lower(), "") if word.isupper() else "")


_ENDS = re.compile(r"\s*(?:$|[;,)\n#])")


def beside_a_word(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`lg x` and `Pi x`: a function without parentheses, or a constant, by the name that it has elsewhere."""
    word, beside = last_word(now, position), _BESIDE.match(now.source, position)
    if word is None or beside is None or word in now.functions or word in _ELSEWHERE:
        return None
    pair = [str(word), beside[0]]
    texts = readings(word, pair[1:]) if len(word) > 1 else []
    factors = [next(iter(readings(each, []) if len(each) > 1 else []), each) for each in pair]
    if not texts and factors != pair:
        texts = ["*".join(factors)]
    written = [now.proposal(text) for text in texts]
    if not written or not all(written):
        return None
    span = Span(now.source, word.start_pos, beside.end())
    help = f"write  {'  or  '.join(written)}" if len(written) > 1 else f"write {written[0]}"
    return FormulaSyntaxError(f"'{word}' and '{beside[0]}' stand side by side", span, help)


_BESIDE = re.compile(r"(?:\d[\d.]*)?(?:[^\W\d][\d_]*|[Pp][Ii])\b(?!\s*\()|\d[\d.]*")  # no word of a sentence


def inside_a_call(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`solve(x^2 = 4, x)`: a mistake within a call of something that is not for this tool is no mistake there."""
    elsewhere, behind = _ELSEWHERE - now.functions.keys(), 0
    for head in _CALLED.finditer(now.source, 0, position):
        if head.start() < behind or head[1] not in elsewhere:
            continue
        behind = group_end(now.source, head.end() - 1)
        if position < behind:
            span = Span(now.source, *head.span(1))
            return FormulaSyntaxError(f"unknown function '{head[1]}'", span, WORDS[head[1]])
    return None


_CALLED = re.compile(r"\b([^\W\d]\w*)\s*\(")
_ELSEWHERE = WORDS.keys() - SPELLED


def of_an_empty_call(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`exit()`, `PI()`: a call without arguments that is an order or a number elsewhere."""
    before = now.before(position)
    if now.source[position : position + 1] != ")" or len(before) < 2 or before[-1].type != "LPAR":
        return None
    number = next(iter(readings(str(before[-2]), [])), str(before[-2]) if before[-2] in CONSTANTS else "")
    if number:
        whole = Span(now.source, before[-2].start_pos, position + 1)
        return FormulaSyntaxError(f"{before[-2]} is a number, not a function", whole, f"write {number}")
    if before[-2] in now.functions or before[-2] not in WORDS:
        return None
    return FormulaSyntaxError(f"unknown function '{before[-2]}'", now.span(before[-2]), WORDS[str(before[-2])])


_GRADIENT_AT = re.compile(rf"(?:(?:{MODULES})\s*\.\s*)?(?:grad|derivative)\(\s*([^\W\d]\w*)\s*\)\s*\(([^()]*)\)")


def of_a_gradient(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`grad(f)(2)` and `jax.grad(f)(2)`: a function that makes one."""
    for found in _GRADIENT_AT.finditer(now.source):
        if found.start() <= position < found.end():
            written = now.proposal(f"{found[1]}'({found[2]})") or "diff(formula, x)"
            whole = Span(now.source, *found.span())
            return FormulaSyntaxError("no function makes another here", whole, f"write {written}")
    return None


_PIECES = re.compile(rf"\b(?:(?:{MODULES})\s*\.\s*)?[Pp]iecewise\s*(?=\(\s*\()")


def of_pieces(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`Piecewise((x, x > 0), (0, True))`: pairs of a formula and the condition for it."""
    known = now.functions.keys()
    for found in _PIECES.finditer(now.source):
        start, end = found.end(), group_end(now.source, found.end())
        if not found.start() <= position < end:
            continue
        pairs = [split(without_modules(pair, known)[1:-1]) for pair in split(now.source[start + 1 : end - 1])]
        text = pairs[-1][0] if pairs[-1][1:] == ["True"] else ""
        for pair in reversed(pairs[:-1]):
            text = f"if({', '.join([*reversed(pair), text])})" if text and len(pair) == 2 else ""
        help = f"write {now.proposal(text) or 'if(condition, a, b)'}"
        return FormulaSyntaxError("pieces are not pairs", Span(now.source, found.start(), end), help)
    return None


_BRACKETED = re.compile(r"\b([A-Z][a-zA-Z]*)\[([^][{}]*)\]")  # without others in it
_OF_ORDER = re.compile(r",\s*\{\s*(\w+)\s*,\s*(\d+)\s*\}\s*\](?=\s*$)")  # D[x^3, {x, 2}]
_INTEGRAL = re.compile(r"\\i{1,3}nt(?![a-zA-Z])")
_DEFINED = re.compile(r"[^\W\d]\w*\s*(?:\([\w\s,]*\)\s*)?=(?!=)\s*")
_SIDE_BY_SIDE = re.compile(r"(?<=[\w)])\s+(?=[\w(])")
_PLAIN = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{2,}(?=\s*\^)")  # `sin^{2}x`, where a backslash was forgotten
_LATEX = re.compile(r"\\(?:[a-zA-Z]{2}|[(\[,;:!])|[\^_]\s*\{")


def of_a_typeset_formula(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`\\frac{\\sin x}{x^{2}}` and `Sin[x]/x^2`, where the whole text is such a formula."""
    text = now.source.strip()
    if now.entrance not in ("program", "line", "bindings") or re.search(r"(?<!\\);|\n", text):
        return None
    whole = Span(now.source, now.source.index(text), now.source.index(text) + len(text))
    if integral := _INTEGRAL.search(text):
        sign = Span(now.source, whole.start + integral.start(), whole.start + integral.end())
        return FormulaSyntaxError("integrals are not for this tool", sign, "it gives values and derivatives")
    head = defined[0] if (defined := _DEFINED.match(text)) else ""
    body = text[len(head) :]
    named = _PLAIN.sub(lambda name: f"\\{name[0]}" if name[0] in now.functions else name[0], body)
    if _LATEX.search(text) and (written := now.proposal(from_latex(named, advised=True))):
        return FormulaSyntaxError("LaTeX is not read", whole, f"write {head}{written}")
    plain = _in_parentheses(_OF_ORDER.sub(r", \1, \2]", body))
    if plain and (written := now.proposal(_SIDE_BY_SIDE.sub("*", plain))):
        return FormulaSyntaxError("only round parentheses are read", whole, f"write {head}{written}")
    return None


def _in_parentheses(text: str) -> str:
    """`Sin[Log[2, x]]` as `sin(log(x, 2))`, the innermost first; empty where no brackets of functions stand."""
    plain, before = text, ""
    while plain != before:
        before = plain
        plain = _BRACKETED.sub(_called, plain)
    return plain.replace("[", "(").replace("]", ")") if plain != text else ""


def _called(call: re.Match[str]) -> str:
    meant = readings(call[1], split(call[2]), "mathematica")
    return meant[0] if len(meant) == 1 else f"{'diff' if call[1] == 'D' else call[1].lower()}({call[2]})"


STUDIES = (
    *(of_a_typeset_formula, of_an_empty_call, of_a_gradient, of_pieces, of_lists, leibniz, of_another_language),
    *(of_a_function, of_a_choice, of_a_module, method),
    between_words,
    beside_a_word,
)
