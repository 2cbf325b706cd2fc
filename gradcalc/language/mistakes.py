"""What people type that is not in the language, and what each mistake is called.

`MISTAKES` is the table: what stood before, what comes, what to say and what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from lark import Token

from .elsewhere import MODULES, group_end, means_otherwise, readings, split, usage, without_modules
from .errors import FormulaSyntaxError, Span
from .reading import SUPERSCRIPTS, Reading, either, end_of, short, start_of


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text that cannot go on: what stood before (a pattern of token types), what comes (a pattern), what to say.

    {here} is what comes, and what has a name in its pattern goes by that; {before}, {first} and {second} are the tokens
    before it, from right to left. The caret starts `back` tokens before what comes. A NAME that is a known function
    counts as FUNCTION. `reads` is a pattern for the text of {before}.
    """

    after: str
    here: str
    message: str
    help: str
    back: int = 0
    reads: str = ""


_OPERAND = "(NUMBER|NAME|FUNCTION|RPAR|BANG|SUPERSCRIPT)"  # tokens that may end one
_OPERATOR = "(PLUS|MINUS|STAR|SLASH|CARET|COMPARE|OR|AND|NOT|EQUAL|ROOT|UPDATE|DOTS|COLON)"
_NOTHING = "(^|SEPARATOR|LPAR|COMMA)"
_WORD = r"√?(\.?\d[\w.]*|\w+)"
_SUPER = r"[⁺⁻]?[⁰¹²³⁴-⁹]+"
_POWERS = rf"(?:\s*(?:\^|\*\*)\s*-?[\w.]+|{_SUPER})"
_GROUP = r"\((?:[^()]|\([^()]*\))*\)"
_FRACTION = r"[¼-¾⅐-⅞↉]"
_SIGN = r"\*\*|[*/^×·⋅÷]|[<>=!]=|[<>=≤≥≠]|(or|and)\b|[⁺⁻]?[⁰¹²³⁴-⁹]+"

MISTAKES = (
    # ---- what other languages write
    Mistake("", r"&&?|∧", "'{here}' is not an operator", "write and, as in a > 0 and b > 0"),
    Mistake("", r"\|\||∨", "'{here}' is not an operator", "write or, as in a > 0 or b > 0"),
    Mistake("", r"[~¬]", "'{here}' is not an operator", "write not, as in not a > 0"),
    Mistake("", r"\|", "bars are not parentheses", "write abs(x) for an absolute value"),
    Mistake("", r"%", "'%' is not an operator", "write mod(a, b) for a remainder, a/100 for a percentage"),
    Mistake("SLASH", r"/", "'//' is not an operator", "write floor(a/b) for a whole quotient", 1),
    Mistake("", r"[][{}]", "only round parentheses are read", "write ( and )"),
    Mistake("", r"[–—‒―]", "'{here}' is a dash, not a minus", "write -"),
    Mistake("", r"[∕⁄]", "'{here}' is not read as a division", "write /"),
    Mistake("", r"[∗•∙]", "'{here}' is not read as a product", "write *"),
    Mistake("", r"°", "angles are in radians", "write rad(90) for 90 degrees"),
    Mistake("", r"∛", "'{here}' is not read", "write cbrt(x)"),
    Mistake("", r"∞", "infinity is not a number", "take a large number, such as 1e300"),
    Mistake("", r"±", "'±' belongs to the value of a variable", "write for example x=2±0.1 beside the formula"),
    Mistake("", r"\?", "'?' does not choose", "write if(condition, a, b)"),
    Mistake(_OPERAND, r"if\b", "a choice is written as a function", "write if(condition, a, b)"),
    Mistake("", r"[∫∬∭∮]", "integrals are not for this tool", "it gives values and derivatives"),
    Mistake("", r"[∑∏]", "sums and products over an index are not read", "write the terms out"),
    Mistake("", r"[∂∇]", "'{here}' is not read", "write diff(formula, x) for a derivative"),
    Mistake("", r"\$+(?=(?P<inside>[^$\n]*[^$\s]))", "dollar signs are not part of a formula", "write {inside}"),
    Mistake("", r"\$", "'$' is not part of a formula", "remove it"),
    Mistake("", r"\\[dt]?frac\s*\{(?P<top>\w+)\}\s*\{(?P<bottom>\w+)\}", "LaTeX is not read", "write {top}/{bottom}"),
    Mistake("", r"\\[dt]?frac\s*\{(?P<top>[^{}]*)\}\s*\{(?P<bottom>[^{}]*)\}", "LaTeX is not read",
             "write ({top})/({bottom})"),
    Mistake("", r"\\sqrt\s*\{(?P<inside>[^{}]*)\}", "LaTeX is not read", "write sqrt({inside})"),
    Mistake("", r"\\(cdot|times)\b", "LaTeX is not read", "write *"),
    Mistake("", r"\\(left|right)\b", "LaTeX is not read", "write ( and ) alone"),
    Mistake("", r"\\(?P<word>[a-zA-Z]+)", "LaTeX is not read", "write {word} without the backslash"),
    Mistake("", r"\\", "LaTeX is not read", "write for example a/b, sqrt(x), sin(x)"),
    Mistake("NUMBER", _FRACTION, "'{before}{here}' is not read", "write ({before} + {fraction})", 1),
    Mistake("", rf"{_FRACTION}(?=(?P<run>(\s*(\w+|{_SUPER}))*))", "'{here}' is not read",
             "write ({fraction}){starred}"),
    Mistake("", r"[ⁿⁱ]", "a superscript letter is not read", "write x^n"),
    Mistake("", r":=", "':=' is not read here", "write name = formula"),
    Mistake("", r"[-+*/]=(?!=)", "'{here}' is only read at the prompt and in scripts", "write name = formula"),
    Mistake("", r"\.\.+", "'..' only stands in ranges", "write for example --plot x=-3..3"),
    Mistake("EQUAL", r">", "'=>' is not a comparison", "write >=", 1),
    Mistake("EQUAL", r"<", "'=<' is not a comparison", "write <=", 1),
    Mistake("COMPARE", r"[=>]", "'{before}{here}' is not a comparison", "write ==, !=, <= or >=", 1),
    # ---- quotation marks and primes
    Mistake("NUMBER", r"(’\d{3})+(?!\d)", "digits cannot be grouped with '{mark}'", "write {plain}", 1, r"\d{1,3}"),
    Mistake("", r"[\"“”„«»‘’`]", "quotation marks are not needed", "write the formula alone"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", r"['′]", "quotation marks are not needed", "write the formula alone"),
    Mistake("NUMBER", r"(['′’]\d{3})+(?!\d)", "digits cannot be grouped with '{mark}'", "write {plain}", 1, r"\d{1,3}"),
    Mistake(_OPERAND, r"['′]", "only the name of a function can have a prime", "write diff(formula, x)"),
    Mistake("PRIME", r"(?!\()", "{first}{before} needs an argument",
             "write {first}{before}(x), or diff(formula, x)", 2),
    # ---- words of the language, and '='
    Mistake("NOT|AND|OR", r"=", "'{before}' is a word of the language, not a name", "choose another name", 1),
    Mistake("", r"(and|or)\b(?=\s*=(?!=))", "'{here}' is a word of the language, not a name", "choose another name"),
    Mistake("(^|SEPARATOR)", r"=(?!=)", "'=' has nothing on its left", "write name = formula"),
    Mistake(_OPERAND, r"=", "'=' only gives a formula its name, as in y = x^2", "to compare two numbers, write =="),
    # ---- parentheses and commas
    Mistake("(NAME|FUNCTION) LPAR", r"\)", "{first} has no argument", "write {signature}", 2),
    Mistake("PRIME LPAR", r"\)", "the argument is missing", "write for example {second}{first}(x)", 3),
    Mistake("LPAR", r"\)", "there is nothing between the parentheses", "put a formula there, or remove them", 1),
    Mistake("LPAR|COMMA", r",", "an argument is missing before ','", "write it, or remove the comma"),
    Mistake("COMMA", r"\)", "an argument is missing after ','", "write it, or remove the comma", 1),
    Mistake("NUMBER", r",\d*(?![\d.])", "'{before}{here}' is a number with a decimal comma", "write {pointed}", 1,
            r"\d{1,3}(\.\d{3})+"),
    Mistake("NUMBER", r"(\.\d{3})+(,\d*)?(?![\w.])", "digits cannot be grouped with '.'", "write {pointed}", 1,
            r"\d{1,3}(\.\d{3})+"),
    Mistake("NUMBER", r"(,\d{3}){2,}(\.\d*)?|,\d{3}\.\d*", "digits cannot be grouped with ','", "write {together}", 1),
    Mistake("NUMBER", r",\d{3}(?![\d.])", "'{before}{here}' can be read in two ways",
             "write  {together}  or  {decimal}", 1, r"[1-9]\d{0,2}"),
    Mistake("NUMBER", r",\d+", "',' is not a decimal point", "write {decimal}", 1),
    Mistake(_OPERAND, r",", "a comma only separates the arguments of a function", "between formulas, write ';'"),
    # ---- missing operands
    Mistake("ROOT", r"[-+−]", "a sign under '√' needs parentheses", "write √(-x)"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", r"!(?!=)", "'!' stands after its operand, as in n!",
             "for the opposite of a condition, write not"),
    Mistake(_OPERATOR, r"\Z|[;),]", "'{before}' has nothing on its right", "write what comes after it"),
    Mistake(_OPERATOR, _SIGN, "'{before}' cannot be followed by '{here}'",
             "write a number, a name or a group between them", 1),
    Mistake(_NOTHING, _SIGN, "'{here}' has nothing on its left", "write what comes before it"),
    # ---- operands side by side
    Mistake("FUNCTION SUPERSCRIPT", r"\([^()]*\)", "the power of {first} is written after its argument",
             "write {first}{here}{power}", 2),
    Mistake("FUNCTION SUPERSCRIPT", r"[\w(]", "the power of {first} is written after its argument",
             "write {first}(x){power}", 2),
    Mistake("FUNCTION", rf"(?P<base>{_WORD}?)(?P<power>{_POWERS})", "{before} is a function and needs parentheses",
             "write {calls}", 1),
    Mistake("FUNCTION", _WORD, "{before} is a function and needs parentheses", "write {call}", 1),
    Mistake("NUMBER", r"(?<=\d|\.)\.\d[\d.]*", "a number has one decimal point", "remove the others", 1),
    Mistake("NUMBER", r"[\d.]+", "two numbers stand side by side",
             "write {before}{here} for one number, {before}*{here} for a product", 1),
    Mistake("(NUMBER|NAME) (SLASH|CARET) (NUMBER|NAME)", _WORD,
             "'{second}{first}{before} {here}' can be read in two ways",
             "write  {second}{first}({before}*{here})  or  {second}{first}{before}*{here}", 3),
    Mistake("(SLASH|CARET) (NUMBER|NAME)", _WORD, "this can be read in two ways", "add '*' and parentheses", 2),
    Mistake("NAME", rf"√({_GROUP}|[\w.]+)", "'{before}' and '{here}' stand side by side", "write {before}*{here}", 1),
    Mistake("NAME", _WORD, "'{before}' and '{here}' stand side by side",
             "write {before}*{here} for a product", 1),
    Mistake("RPAR", r"[\d.]+", "a number cannot follow ')'", "put '*' between them for a product, '^' for a power"),
    Mistake(_OPERAND, rf"{_WORD}|[√(]", "a product needs '*' here", "put '*' between '{before}' and '{here}'"),
    # ---- the rest
    Mistake("", r"\)", "')' closes nothing", "remove it, or add '(' where the group begins"),
    Mistake("", r";", "';' ends a statement, but '(' is still open", "between arguments, write ','"),
    Mistake("", r"not\b", "'not' cannot stand here", "put the condition in parentheses: (not a > 0)"),
    Mistake("", r"\.", "'.' only stands in numbers", "in names, write letters, digits and _"),
    Mistake("", r"[ -~]", "'{here}' is not part of the language here", ""),
)  # fmt: skip


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], Mistake], ...]:
    return tuple(
        (re.compile(f"({mistake.after})$"), re.compile(mistake.here), re.compile(mistake.reads or ".*", re.S), mistake)
        for mistake in MISTAKES
    )


def mistake_at(now: Reading, position: int | None) -> FormulaSyntaxError:
    """What is wrong at `position`, None for the end, where what was read so far cannot go on."""
    source, before = now.source, list(now.recent)
    if before and start_of(before[-1]) == position:
        del before[-1]  # what comes, not what stood before
    reached = end_of(before[-1]) if before else 0
    if now.open and (position is None or "\n" in source[reached:position]):
        bracket = now.open[-1]
        return FormulaSyntaxError("'(' is never closed", now.span(bracket, bracket), "add ')' where the group ends")
    if position is None or source[position] == "\n":
        source, position = source[:reached], reached  # a mistake at the end stands right after the text
    for study in (_of_lists, leibniz, _of_another_language, _of_a_module, _method, _between_words):
        if found := study(now, position):
            return found
    types = " ".join("FUNCTION" if t.type == "NAME" and t in now.functions else t.type for t in before)
    last = before[-1] if before else ""
    for after, here, reads, mistake in _patterns():
        comes = here.match(source, position)
        if comes and after.search(types) and reads.fullmatch(last):
            texts = _texts(now, before, comes)
            start = start_of(before[-mistake.back]) if mistake.back else position
            span = Span(now.source, start, comes.end())
            return FormulaSyntaxError(mistake.message.format_map(texts), span, mistake.help.format_map(texts))
    return _foreign(Span(now.source, position, min(position + 1, len(now.source))))


def _texts(now: Reading, before: list[Token], found: re.Match[str]) -> dict[str, str]:
    """What the messages mention."""
    second, first, last = (["", "", "", *map(str, before)])[-3:]
    rows = now.functions.get(last) or now.functions.get(first, ())
    here, named = found[0], {name: text or "" for name, text in found.groupdict().items()}
    base, power = named.get("base", ""), _plain_power(named.get("power", ""))
    calls = f" {last}({base}{power})  or  {last}({base}){power}"
    texts = {
        **named,
        "here": here,
        "before": last,
        "first": first,
        "second": second,
        "decimal": last + here.replace(",", "."),
        "together": last + here.replace(",", ""),
        "pointed": (last + here).replace(".", "").replace(",", ".").removesuffix("."),
        "mark": here[:1],
        "plain": re.sub(r"\D", "", last + here),
        "power": _plain_power(last),
        "call": f"{last}({here})" if now.find(last, 1) else either(rows),
        "calls": calls if now.find(last, 1) else either(rows),
        "signature": either(rows) or f"{first}(x)",
        "fraction": unicodedata.normalize("NFKC", here).replace("\u2044", "/"),
        "starred": "".join(f"*{_plain_power(word)}" for word in named.get("run", "").split()),
    }
    return {name: short(text) for name, text in texts.items()}


def _plain_power(text: str) -> str:
    """With superscripts as powers: `v²` as `v^2`."""
    return re.sub(_SUPER, lambda power: "^" + power[0].translate(SUPERSCRIPTS), text)


_DERIVATIVE_OPERATOR = re.compile(
    r"(?<![\w.])d(?:\s*(?:\^|\*\*)\s*(?P<n>\d)|(?P<super>[²³]))?\s*/"
    r"\s*d(?P<x>[^\W\d]\w*?)(?:\s*(?:\^|\*\*)\s*\d|[²³])?\s*$"
)
_TERM = re.compile(rf"\s*(?P<inside>(√|[\d.]*)(\w+({_GROUP})?|{_GROUP}){_POWERS}*)")


def leibniz(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`d/dx x^2` and `d²/dx² (x^3)`: what comes at `position` follows such an operator."""
    from_ = max(0, position - 100)
    operator = _DERIVATIVE_OPERATOR.search(now.source[from_:position])
    term = _TERM.match(now.source, position)
    if not operator or not term:
        return None
    inside = term["inside"]
    if re.fullmatch(_GROUP, inside):
        inside = inside[1:-1]
    order = operator["n"] or (operator["super"] or "").translate(SUPERSCRIPTS)
    help = f"write diff({short(inside)}, {operator['x']}{f', {order}' if order else ''})"
    span = Span(now.source, from_ + operator.start(), term.end())
    return FormulaSyntaxError("a derivative is written diff(formula, x)", span, help)


def _foreign(span: Span) -> FormulaSyntaxError:
    """A character of no use here, by its Unicode name where it may not be seen."""
    character = span.text
    if not character:
        return FormulaSyntaxError("the formula ends too early", span)
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    plain = unicodedata.normalize("NFKC", character)
    shown = f"'{character}' ({name})" if character.isprintable() else name
    help = f"write {plain}" if plain != character and re.fullmatch(r"[-\w+*/^()<>=!,;]+", plain, re.A) else ""
    return FormulaSyntaxError(f"{shown} is not part of the language", span, help)


# ---- values and ranges


_LISTS = {
    "bindings": (re.compile(r"[^=]*[^<>=!]=(?!=)\s*[^\s=]"), "is not a value", "write for example x=2, y=pi/4"),
    "ranges": (
        re.compile(r"[^=]*=\s*[^\s=].*?(\.\.|:)\s*\S", re.S), "is not a range",
        "write for example x=-3..3, or x=0:1:0.1 for a table with steps of 0.1",
    ),
}  # fmt: skip


def _of_lists(now: Reading, position: int) -> FormulaSyntaxError | None:
    """What stands between two commas and is neither a value nor a range, whichever is read."""
    if now.entrance not in _LISTS:
        return None
    shape, message, help = _LISTS[now.entrance]
    if now.source[position : position + 1] == ";":
        return FormulaSyntaxError("';' does not stand here", Span(now.source, position, position + 1), "write ','")
    if not (written := now.source.rstrip()) or written.endswith(","):
        behind = Span(now.source, len(written), len(written))
        return FormulaSyntaxError(f"something is missing{' after the comma' if written else ''}", behind, help)
    start = 0
    for piece in split(now.source):
        start = now.source.index(piece, start)
        end = start + len(piece)
        if start <= position <= end or end == len(now.source.rstrip()):
            if shape.match(piece) and re.match(r"\s*[^\W\d]", piece):
                return None
            return FormulaSyntaxError(f"'{short(piece)}' {message}", Span(now.source, start, end), help)
        start = end
    return None


# ---- other languages


def _last_word(now: Reading, position: int) -> Token | None:
    """The name or number that stands before a place."""
    before = [token for token in now.recent if end_of(token) <= position]
    return before[-1] if before and before[-1].type in ("NAME", "NUMBER") else None


def _begins_statement(now: Reading, token: Token) -> bool:
    return not now.source[: start_of(token)].rpartition("\n")[2].rpartition(";")[2].strip()


_STATEMENT = re.compile(r"[^;\n]*")
_DECLARED = re.compile(
    "let|var|const|local|double|float|int|long|real|number|auto|val|my|set|define|def|fn|func|function"
)
_IMPORTS = frozenset({"import", "from", "using", "include", "require", "use"})
_LAMBDA = re.compile(r"(?P<params>[\w\s,]*):(?P<body>[^;\n]*)")
_HEADER = re.compile(r"(?P<head>\w+\s*\([^()]*\))\s*(?:->\s*\w+\s*)?:(?P<body>[^;\n]*)")


def _of_another_language(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`let x = 2`, `def f(x): return x^2`, `lambda x: x^2`, `import numpy as np`, `return x`: a statement of another
    language, known by the word before `position`."""
    word = _last_word(now, position)
    if word is None or word.type != "NAME":
        return None
    rest = _STATEMENT.match(now.source, position)
    assert rest is not None
    whole = Span(now.source, start_of(word), max(rest.end(), position))
    if word == "lambda" and (made := _LAMBDA.match(now.source, position)):
        params = ", ".join(made["params"].replace(",", " ").split()) or "x"
        help = _proposed_function(now, f"f({params})", made["body"])
        return FormulaSyntaxError("a function gets a name: f(x) = formula", whole, help)
    if not _begins_statement(now, word):
        return None
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
    if word == "return":
        return FormulaSyntaxError("'return' is not needed", whole, "write the formula alone")
    if word == "print":
        return FormulaSyntaxError(
            "there is nothing to print with", whole, "write the formula alone: its answer is shown"
        )
    return None


def _proposed_function(now: Reading, head: str, body: str) -> str:
    text = f"{head} = {body.strip()}"
    return f"write {text}" if now.defines(text) and len(text) <= 60 else f"write {head} = formula"


def _of_a_module(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`np.sin(np.pi*x)`, `Math.PI`: a function or a constant by the name of its module."""
    word = _last_word(now, position)
    dotted = _DOTS.match(now.source, position)
    if word is None or word not in MODULES.split("|") or dotted is None:
        return None
    start, end = start_of(word), dotted.end()
    called = now.source[end : end + 1] == "("
    if called:
        end = group_end(now.source, end)
    span, name = Span(now.source, start, end), dotted[0].rpartition(".")[2].strip()
    message = "functions and constants have plain names here"
    if name.lower() in ("inf", "infinity", "nan", "oo", "infty"):
        return FormulaSyntaxError("infinity and nan are not numbers", span, "take a large number, such as 1e300")
    ours = without_modules(span.text, now.functions.keys())
    if written := now.proposal(ours):
        notes = (f"{word}.{name} is not what {name} is here",) if means_otherwise(word, name) else ()
        return FormulaSyntaxError(message, span, f"write {written}", notes)
    if meant := usage(name):
        return FormulaSyntaxError(message, span, f"write {meant}")
    if rows := now.functions.get(name):
        return FormulaSyntaxError(message, span, f"write {either(rows)}")
    return FormulaSyntaxError(f"'{word}.{name}' is not known here", span, "gradcalc --help lists the functions")


_DOTS = re.compile(r"(?:\s*\.\s*[^\W\d]\w*)+")
_SHOWN_ANYWAY = {
    "backward": "the derivatives come with the answer: write {of}",
    "zero_grad": "derivatives start afresh with every answer: leave it out",
    "grad": "write diff(formula, {of}), or ask the formula: its derivatives come with the answer",
    "data": "write {of}", "item": "write {of}", "value": "write {of}", "detach": "write {of}", "numpy": "write {of}",
    "tolist": "write {of}", "requires_grad_": "write {of}", "evalf": "write {of}", "simplify": "write {of}",
}  # fmt: skip


def _method(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`L.backward()`, `a.grad`, `x.tanh()`: an attribute of a name."""
    word, dotted = _last_word(now, position), _DOTS.match(now.source, position)
    if word is None or word.type != "NAME" or dotted is None:
        return None
    end, name = dotted.end(), dotted[0].rpartition(".")[2].strip()
    args: list[str] = []
    if now.source[end : end + 1] == "(":
        close = group_end(now.source, end)
        args, end = split(now.source[end + 1 : close - 1]), close
    span = Span(now.source, start_of(word), end)
    message = "names have no attributes here"
    if dotted[0].count(".") == 1:
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
    "pow": "{left}^{right}", "equals": "{left} == {right}",
}  # fmt: skip
_RIGHT = re.compile(rf"(?P<word>[a-z]+)\b\s*(?P<right>[\d.]+|\w+(?:{_GROUP})?|{_GROUP})")


def _between_words(now: Reading, position: int) -> FormulaSyntaxError | None:
    """`x mod 3`: an operator that is a word elsewhere."""
    before = [token for token in now.recent if end_of(token) <= position]
    if before and before[-1] in _WORD_OPERATORS:  # in `7 mod 3`, what cannot go on is the 3
        position = start_of(before.pop())
    found = _RIGHT.match(now.source, position)
    if not before or found is None or found["word"] not in _WORD_OPERATORS:
        return None
    if not re.fullmatch(_OPERAND, before[-1].type):
        return None
    form, word = _WORD_OPERATORS[found["word"]], found["word"]
    message = f"'{word}' is not an operator"
    alone = len(before) == 1 or before[-2].type in ("SEPARATOR", "LPAR", "COMMA", "EQUAL")
    if alone and before[-1].type in ("NAME", "NUMBER") and _ENDS.match(now.source, found.end()):
        span = Span(now.source, start_of(before[-1]), found.end())
        if written := now.proposal(form.format(left=before[-1], right=found["right"])):
            return FormulaSyntaxError(message, span, f"write {written}")
    span = Span(now.source, position, position + len(word))
    return FormulaSyntaxError(message, span, f"write {form.format(left='a', right='b')}")


_ENDS = re.compile(r"\s*(?:$|[;,)\n#])")
