"""A list of lines, written in a language.

Nothing of a formula's text becomes code but its numbers and names: names are made identifiers of the language by one
rule, and the formula itself stands in comments.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain, count

from gradcalc.compiled import Compiled
from gradcalc.engine.inlined import Inlined
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import as_formula
from gradcalc.engine.scalars import CONSTANTS_AS_FLOATS
from gradcalc.engine.tape import by_partials
from gradcalc.language.errors import FormulaError, MissingValueError
from gradcalc.language.formula import (
    ATOM,
    COMPARISON,
    TIGHT,
    Call,
    Formula,
    Function,
    Name,
    Number,
    children_first,
    fold,
    rebuilt,
    to_text,
)
from gradcalc.language.functions import TABLE
from gradcalc.language.grammar import read_text
from gradcalc.language.identity import Itself
from gradcalc.language.latex import latex_name, to_latex
from gradcalc.language.literals import exact_number

from .languages import LANGUAGES, LATEX, Language, language_named
from .listing import NAN, ZERO, Assignment, Listing
from .otherwise import OTHERWISE


class Code(str):
    """A text that a notebook and an interpreter show as it is, line by line."""

    __slots__ = ()
    __repr__ = str.__str__


_COMMENT = 100  # characters of a line of comment
_LONGEST_COMMENT = 2_000  # characters of a formula in comments


def code(
    formula: str | Formula | Compiled,
    language: str,
    wrt: Sequence[str] | None = None,
    *,
    names: Sequence[str] | None = None,
    name: str = "value_and_gradient",
) -> str:
    """The text of a function in another language that computes a formula's value and its gradient.

    Args:
        formula: the formula; of one that is compiled its names are the parameters, and the gradient is by its `wrt`.
        language: python, numpy, c, javascript, julia, fortran, rust or latex.
        wrt: the names the gradient is by, in its order; None for all.
        names: the parameters; None for the formula's names in the order in which it has them.
        name: what the function is called.

    Names that are no names in the language are changed (`lambda` to `lambda_`). Outside a domain the value is nan or
    infinite, or an error of the language. Where a branch is not taken, nothing of it is in the results; at kinks the
    gradient is the convention of the table.

    Raises:
        FormulaSyntaxError: the text is no formula.
        FormulaError: there is no such language, or it lacks a function; or the formula has no names.
    """
    into = language_named(language)
    if isinstance(formula, Compiled):
        wrt, names = formula.wrt if wrt is None else wrt, formula.names if names is None else names
        formula = formula.formula
    formula = as_formula(formula)
    inputs = program_of(formula).names if names is None else tuple(dict.fromkeys(names))
    by = inputs if wrt is None else tuple(wrt)
    for each in by:
        if each not in inputs:
            raise FormulaError(f"{each} is not in the formula", formula.span, f"it has {', '.join(inputs)}")
    if missing := tuple(each for each in program_of(formula).names if each not in inputs):
        raise MissingValueError(missing, formula.span, f"names is {', '.join(inputs)}")
    if not inputs:
        raise FormulaError("the formula has no names to differentiate by", formula.span)
    program = by_partials(program_of(formula).formula, inputs)
    return Code(printed(Listing(program, inputs, by), into, name, [to_text(formula)]))


def printed(
    listing: Listing,
    language: Language,
    name: str,
    comments: Iterable[str] = (),
    function: str = "",
    lists: Mapping[str, Sequence[Formula]] | None = None,
) -> str:
    """The lines as a function of a language, by the language's pattern or by another, which may have `lists` more."""
    writer = _Writer(language, listing, name)
    parts = {key: ", ".join(map(writer.written, formulas)) for key, formulas in (lists or {}).items()}
    text = writer.text(function or language.function, parts)
    return "".join(_commented(each, language.comment) for each in comments) + text


def _commented(text: str, mark: str) -> str:
    """Lines of comment: without anything that could end one."""
    plain = "".join(letter if letter.isprintable() and letter != "\\" else "?" for letter in text)
    shown = plain if len(plain) <= _LONGEST_COMMENT else f"{plain[:_LONGEST_COMMENT]} ..."
    return "".join(f"{mark}{line}\n" for line in textwrap.wrap(shown, _COMMENT, break_on_hyphens=False))


class _Names:
    """Our names as identifiers of a language, no two of them alike."""

    def __init__(self, language: Language):
        self.language = language
        self.found: dict[str | Itself[Function], str] = {}
        self._taken = {self._compared(word) for word in language.reserved}

    def _compared(self, name: str) -> str:
        return name.lower() if self.language.same_case else name

    def of(self, name: str | Itself[Function], wanted: str = "") -> str:
        """The identifier for a name of ours; for a function and for what is no name, as the text that is wanted."""
        if name not in self.found:
            plain = identifier(wanted or str(name))
            tried = chain((plain, f"{plain}_"), (f"{plain}_{i}" for i in count(2)))
            fresh = next(each for each in tried if self._compared(each) not in self._taken)
            self._taken.add(self._compared(fresh))
            self.found[name] = fresh
        return self.found[name]


def identifier(name: str) -> str:
    """A name in ASCII letters, digits and underscores, that begins with a letter."""
    letters = "".join(map(_in_ascii, name.replace(" ", "_")))[:40]
    return letters if letters[:1].isalpha() else f"x{letters}"


def _in_ascii(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    if re.fullmatch(r"\w+", plain):
        return plain
    known = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+).*", unicodedata.name(letter, ""))
    if known:
        return known[2].lower() if known[1] == "SMALL" else known[2].capitalize()
    return f"u{ord(letter):x}"


class _Writer:
    """Lines in one language. `helpers` are the functions that it lacks, with their texts."""

    def __init__(self, language: Language, listing: Listing, name: str):
        self.language, self.listing = language, listing
        self.names = _Names(language)
        self.name = self.names.of("the function", name)
        self.names.of("its module", f"{self.name}_module")
        for each in listing.inputs:
            self.names.of(each)
        self.own: Sequence[str] = listing.inputs  # the names that are variables, whatever constants are called so
        self.helpers: dict[Function, str] = {}
        self._asked: list[Function] = []

    def text(self, function: str, parts: Mapping[str, str]) -> str:
        language, listing = self.language, self.listing
        write = self.typeset if language is LATEX else self.written
        lines = [self._line(each.name, write(self._kept(each)), each.condition) for each in listing.lines]
        gradient = [write(each) for each in listing.gradient]
        stores = [self._store(i, partial, write(listing.value)) for i, partial in enumerate(gradient)]
        helpers = self._helpers()
        words, use = language.library
        found = "\n".join((*lines, *stores, helpers, *gradient))
        used = any(re.search(rf"\b{re.escape(word)}", found) for word in words.split())
        text = _named(
            function, **parts, name=self.name, count=str(len(gradient)), gradient=", ".join(gradient),
            value=write(listing.value), params=self._params(listing.inputs), helpers=helpers,
            uses=f"{use}\n" if used else "", lines=_joined(lines), stores=_joined(stores),
            locals=self._locals(listing.lines),
        )  # fmt: skip
        return self._continued(text)

    def _params(self, names: Sequence[str]) -> str:
        return ", ".join(_filled(self.language.parameter, self.names.of(each)) for each in names)

    def _line(self, name: str, text: str, condition: bool = False) -> str:
        pattern = self.language.let_condition if condition and self.language.let_condition else self.language.let
        return _filled(pattern, self._called(name), text)

    def _kept(self, line: Assignment) -> Formula:
        """A line's formula, 0 where it need not have a value, if the language stops where there is none."""
        if line.mask is None or not self.language.stops:
            return line.formula
        return Call(TABLE["if"], (line.mask, line.formula, ZERO))

    def _called(self, name: str) -> str:
        return self.tex_of(name) if self.language is LATEX else self.names.of(name)

    def _store(self, i: int, partial: str, value: str) -> str:
        if self.language is not LATEX:
            return _filled(self.language.store, str(i + self.language.first), partial)
        return _filled(self.language.store, self.tex_of(self.listing.wrt[i]), partial, value)

    def _locals(self, lines: Sequence[Assignment]) -> str:
        if not self.language.local[0]:
            return ""
        kinds = [[self.names.of(each.name) for each in lines if each.condition is kind] for kind in (False, True)]
        return _joined([_filled(self.language.local[kind], ", ".join(kinds[kind])) for kind in (0, 1) if kinds[kind]])

    def _continued(self, text: str) -> str:
        """The text, its long lines broken."""
        found = []
        for line in text.split("\n"):
            while self.language.width and len(line) > self.language.width:
                cut = line.rfind(" ", 20, self.language.width)
                cut = self.language.width if cut < 0 else cut
                found.append(line[:cut] + self.language.continued)
                line = f"        {self.language.continued}{line[cut:]}"
            found.append(line)
        return "\n".join(found)

    # ---- functions that the language lacks

    def _helpers(self) -> str:
        """The helpers that were asked for, each after those that it needs."""
        opened: set[Function] = set()
        while waiting := [row for row in self._asked if row not in self.helpers]:
            row = waiting[-1]
            before = len(self._asked)
            text = self._helper(row)
            if all(each in self.helpers for each in self._asked[before:]):
                self.helpers[row] = text
            elif row in opened:  # which two rows say by each other is said by neither
                raise self._lacking(row)
            opened.add(row)
        self.own = self.listing.inputs
        return "".join(self.helpers.values())

    def _helper(self, row: Function) -> str:
        self.own = row.params
        body = self._body(row)
        if row.domain:
            body = Call(TABLE["if"], (read_text(row.domain), body, NAN))
        named = [node for node in children_first(body) if isinstance(node, Name) and node.definition is not None]
        lines = [Assignment(node.name, node.definition) for node in named if node.definition is not None]
        return _named(
            self.language.helper, name=self._name_of(row), params=self._params(row.params),
            lines=_joined([self._line(each.name, self.written(each.formula)) for each in lines]),
            locals=self._locals(lines), value=self.written(body),
        )  # fmt: skip

    def _body(self, row: Function) -> Formula:
        """The formula of a row that the language lacks.

        Raises:
            FormulaError: it has none.
        """
        ours = OTHERWISE.get(row.name, "") if TABLE.get(row.name) is row else ""
        for text in (row.value, ours, row.definition):
            if isinstance(text, str) and text and "diff(" not in text:
                return read_text(text)
        raise self._lacking(row)

    def _lacking(self, row: Function) -> FormulaError:
        others = [each.name for each in LANGUAGES.values() if row.name in each.known]
        return FormulaError(
            f"{self.language.name} has no function {row.spelling}",
            self.listing.program.formula.span,
            f"{' and '.join(others)} {'has' if len(others) == 1 else 'have'} it" if others else "",
        )

    def _name_of(self, row: Function) -> str:
        numbered = re.fullmatch(r"value_and_gradient(_\d+)", self.name)  # several in a file
        return self.names.of(Itself(row), row.name + (numbered[1] if numbered else ""))

    # ---- expressions

    def written(self, formula: Formula) -> str:
        return fold(formula, self._number, self._name, self._call).text

    def _number(self, node: Number) -> Inlined:
        try:
            value = float(node.value)
        except OverflowError:
            raise FormulaError(f"{node.text[:40]} is larger than any double", node.span) from None
        whole = self.language.integers and node.value.denominator == 1 and value < 2**53
        return Inlined(str(int(node.value)) if whole else _filled(self.language.number, repr(value)))

    def _name(self, node: Name, _: Inlined | None) -> Inlined:
        if node.name == NAN.name:
            return Inlined(self.language.nan)
        if node.name in CONSTANTS_AS_FLOATS and node.definition is None and node.name not in self.own:
            if node.name in self.language.known:
                return Inlined(self.language.known[node.name])
            return Inlined(_filled(self.language.number, repr(CONSTANTS_AS_FLOATS[node.name])))
        return Inlined(self.names.of(node.name))

    def _call(self, node: Call, args: list[Inlined]) -> Inlined:
        row = node.function
        exponent = exact_number(node.args[1]) if self.language.whole and row is TABLE["^"] else None
        if exponent is not None and exponent.denominator == 1 and abs(exponent) <= 2**31:
            power = str(exponent) if exponent >= 0 else f"({exponent})"
            return Inlined(_filled(self.language.whole, args[0].within(ATOM), power), row.binding)
        if exact_number(node.args[-1]) == 2 and row is TABLE["^"] and isinstance(node.args[0], Name):
            row, args = TABLE["*"], args[:1] * 2  # rounded once, as no library promises of its `pow`
        ours = TABLE.get(row.name) is row
        pattern = self.language.known.get(row.name, _INFIX.get(row.name)) if ours else None
        if pattern is None:
            self._asked.append(row)
            return Inlined(f"{self._name_of(row)}({', '.join(arg.text for arg in args)})")
        if row.name == "if" and not pattern.endswith(")"):
            return Inlined(_filled(pattern, *(arg.within(1) for arg in args)), 0)
        if pattern.endswith(")"):
            texts = [arg.text for arg in args]
            return Inlined(
                reduce(lambda x, y: _filled(pattern, x, y), texts) if row.variadic else _filled(pattern, *texts)
            )
        return Inlined(_filled(pattern, *self._operands(row, args)), row.binding)

    def _operands(self, row: Function, args: Sequence[Inlined]) -> list[str]:
        if len(args) == 1 or row.notation == "right":
            return [arg.within(ATOM if row.condition or len(args) > 1 else row.binding + 1) for arg in args]
        left, right = args
        if row.condition and row.value is None:  # `and` and `or`
            return [arg.within(COMPARISON) for arg in args]
        after = f"({right.text})" if right.text.startswith("-") else right.within(row.binding + 1)
        return [left.within(row.binding + row.condition), after]

    # ---- LaTeX, where names are letters with an index

    def tex_of(self, name: str) -> str:
        stem = name if name in self.listing.inputs else name.removeprefix("g_")
        tex = latex_name(stem if stem in self.listing.inputs else re.sub(r"^([a-z])(?=\d+$)", r"\1_", stem))
        return tex if stem == name else rf"\bar{{{tex}}}"

    def typeset(self, formula: Formula) -> str:
        named: dict[str, str] = {}

        def name(node: Name, _: Formula | None) -> Formula:
            letter = chr(_PRIVATE + len(named))
            named[letter] = r"\text{undefined}" if node.name == NAN.name else self.tex_of(node.name)
            return Name(letter)

        drawn = to_latex(rebuilt(formula, name=name))
        return "".join(named.get(letter, letter) for letter in drawn)


_PRIVATE = 0xF0000  # characters that no formula has
_INFIX = {
    row.name: f"{row.symbol}@0"
    if row.notation == "prefix"
    else f"@0{' ' * (row.binding < TIGHT)}{row.symbol}{' ' * (row.binding < TIGHT)}@1"
    for row in TABLE.values()
    if row.notation in ("left", "none", "prefix")
}


def _filled(pattern: str, *parts: str) -> str:
    return re.sub(r"@(\d)", lambda match: parts[int(match[1])], pattern)


def _named(pattern: str, **parts: str) -> str:
    """A pattern with its parts; a line that is nothing but an empty part is left out."""
    pattern = re.sub(r"@(locals|lines|stores)\n", lambda match: match[0] if parts.get(match[1]) else "", pattern)
    return re.sub(rf"@({'|'.join(parts)})", lambda match: parts[match[1]], pattern)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines if line)
