"""Statements of other languages: declarations, imports, functions, choices.

Each study is given a place where a text cannot go on, and answers with what is to be written there, or with None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .elsewhere import group_end, without_modules
from .errors import FormulaSyntaxError, Span
from .lalr import Token
from .reading import Reading, short


def last_word(now: Reading, position: int) -> Token | None:
    """The name or number that stands before a place."""
    before = now.before(position)
    return before[-1] if before and before[-1].type in ("NAME", "NUMBER") else None


_STATEMENT = re.compile(r"[^;\n]*")
_DECLARED = re.compile(
    "let|var|const|local|double|float|int|long|real|number|auto|val|my|set|define|def|fn|func|function"
)
_ORDERS = {
    "for": "write the terms out, or each formula in a line of its own",
    "while": "write each formula in a line of its own",
    "if": "write if(condition, a, b)",
    "class": "a function is written f(x) = formula",
    "with": "write the formula alone",
    "try": "write the formula alone",
}
_IMPORTS = frozenset({"import", "from", "using", "include", "require", "use"})
_LAMBDA = re.compile(r"(?P<params>[\w\s,]*):(?P<body>[^;\n]*)")
_HEADER = re.compile(r"(?P<head>\w+\s*\([^()]*\))\s*(?:->\s*\w+\s*)?:\s*(?:\n\s*return\b)?(?P<body>[^;\n]*)")


def of_another_language(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`let x = 2`, `def f(x): return x^2`, `lambda x: x^2`, `import numpy as np`, `return x`: a statement of another
    language, known by the word before `position`."""
    word = last_word(now, position)
    if word is None or word.type != "NAME":
        return None
    rest = _STATEMENT.match(now.source, position)
    assert rest is not None
    whole = Span(now.source, word.start_pos, max(rest.end(), position))
    if word == "lambda" and (made := _LAMBDA.match(now.source, position)):
        params = ", ".join(made["params"].replace(",", " ").split()) or "x"
        help = _proposed_function(now, f"f({params})", made["body"])
        return FormulaSyntaxError("a function gets a name: f(x) = formula", whole, help)
    if now.source[: word.start_pos].rpartition("\n")[2].rpartition(";")[2].strip():
        return None  # it begins no statement
    if word in _IMPORTS:
        help = "functions have plain names, such as sin(x) and sqrt(x); write the formula alone"
        return FormulaSyntaxError("nothing is imported here", whole, help)
    if word in ("def", "fn", "func", "function", "define") and (made := _HEADER.match(now.source, position)):
        body = made["body"].strip().removeprefix("return ")
        return FormulaSyntaxError(
            "a function is written f(x) = formula", whole, _proposed_function(now, made["head"], body)
        )
    text = rest[0].strip()
    if _DECLARED.fullmatch(word) and re.match(r"\w+\s*(\([^()]*\)\s*)?=(?!=)", text):
        if now.defines(text):
            return FormulaSyntaxError(f"'{word}' is not needed", whole, f"write {short(text)}")
        return FormulaSyntaxError(f"'{word}' is not needed", whole, "write name = formula")
    if word in _ORDERS and text.endswith(":"):
        return FormulaSyntaxError(f"there is no '{word}' here", whole, _ORDERS[word])
    if word == "return":
        return FormulaSyntaxError("'return' is not needed", whole, "write the formula alone")
    if word == "print":
        return FormulaSyntaxError(
            "there is nothing to print with", whole, "write the formula alone: its answer is shown"
        )
    return None


def _proposed_function(now: Reading, head: str, body: str) -> str:
    text = f"{head} = {now.proposal(without_modules(body, now.functions.keys())) or body.strip()}"
    return f"write {text}" if now.defines(text) and len(text) <= 60 else f"write {head} = formula"


_MADE = re.compile(
    r"\s*(?:(?P<name>\w+)\s*(?:=|<-)\s*)?(?:function\b\s*(?P<own>\w+)?|@)\s*\((?P<params>[^()]*)\)"
    r"\s*(?P<brace>\{)?\s*(?:return\b)?(?P<body>[^{}\n]*?)[;\s]*(?(brace)\})\s*"
)


def of_a_function(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`function(x) x^2`, `f = function(x) { return x^2; }`, `@(x) x^2`: a function without a name, or behind it."""
    whole = _line_at(now, position)
    made = _MADE.fullmatch(_spaced(whole)) if len(whole.text) <= _LONGEST else None
    if made is None:
        return None
    head = f"{made['name'] or made['own'] or 'f'}({made['params'].strip() or 'x'})"
    help = _proposed_function(now, head, made["body"])
    return FormulaSyntaxError("a function is written f(x) = formula", whole, help)


_LONGEST = 500  # characters of what a proposal is made of


_CHOICES = tuple(
    re.compile(rf"(?P<head>\w+\s*(?:\([\w\s,]*\)\s*)?=(?!=))?\s*(?P<open>\()?\s*(?:{form})\s*(?(open)\))\s*")
    for form in (
        r"if\b(?P<p>.+?)\bthen\b(?P<a>.+?)\belse\b(?P<b>.+?)(\bend)?",
        r"case\s+when\b(?P<p>.+?)\bthen\b(?P<a>.+?)\belse\b(?P<b>.+?)(\bend)?",
        r"if\b(?P<p>[^:]+):(?P<a>.+?)\belse\b\s*:(?P<b>.+)",
        r"if\s*\((?P<p>[^()]+(\([^()]*\)[^()]*)*)\)\s*\{(?P<a>[^{}]+)\}\s*else\s*\{(?P<b>[^{}]+)\}",
        r"if\s*\((?P<p>[^()]+(\([^()]*\)[^()]*)*)\)(?P<a>.+?),?\s*\belse\b(?P<b>.+)",
        r"(?P<a>.+?)\bif\b(?P<p>.+?),?\s*\b(else|otherwise)\b(?P<b>.+)",
        r"(?P<a>.+?)\bwhen\b(?P<p>.+?),?\s*\b(else|otherwise)\b(?P<b>.+)",
        r"(?P<p>[^?]+)\?(?P<a>[^?:]+):(?P<b>[^?:]+)",
        r"\{(?P<p>[^:{},]+):(?P<a>[^:{},]+),(?P<b>[^:{},]+)\}",
        r"IF\((?P<p>[^();]+);(?P<a>[^();]+);(?P<b>[^();]+)\)",
    )
)


def of_a_choice(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`if (x > 0) x else -x`, `x if x > 0 else -x`, `x > 0 ? x : -x`: a choice, where all of the line is one, or of the
    parentheses about it."""
    for whole in (_line_at(now, position), *_group_at(now)):
        for form in _CHOICES if len(whole.text) <= _LONGEST else ():
            if found := form.fullmatch(_spaced(whole)):
                parts = (found[part].strip().removeprefix("return ").rstrip("; ") for part in "pab")
                if written := now.proposal(f"if({', '.join(parts)})"):
                    head = found["head"] or ""
                    return FormulaSyntaxError(
                        "a choice is written as a function", whole, f"write {head}{' ' if head else ''}{written}"
                    )
    return None


def _group_at(now: Reading) -> Iterator[Span]:
    """The parentheses that are open, with what is in them; of a call, what is in them alone."""
    if not now.open:
        return
    start = now.open[-1].start_pos
    end = group_end(now.source, start)
    called = now.source[:start].rstrip()[-1:]
    inside = called.isalnum() or called == "_" or now.source[end - 1] != ")"
    yield Span(now.source, start + 1, end - 1) if inside else Span(now.source, start, end)


def _spaced(line: Span) -> str:
    """A line with single spaces: of many, a pattern would try every way to share them out."""
    return " ".join(line.text.split())


def _line_at(now: Reading, position: int) -> Span:
    """The line about a place, without the spaces at its ends."""
    start = now.source.rfind("\n", 0, position) + 1
    end = now.source.find("\n", position)
    text = now.source[start : end if end >= 0 else None]
    start += len(text) - len(text.lstrip())
    return Span(now.source, start, start + len(text.strip()))
