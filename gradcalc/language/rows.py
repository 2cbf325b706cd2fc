"""Rows that users write, held to the laws of the table."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Container, Sequence
from fractions import Fraction
from functools import lru_cache

from gradcalc.record import replace

from .conditions import check_kinds, is_condition
from .errors import LIMITS, NOWHERE, FormulaError, Span
from .formula import (
    Call,
    Formula,
    Function,
    Name,
    Number,
    children_first,
    expression,
    fold,
    free_names,
    rebuilt,
    with_arguments,
)
from .functions import CONSTANTS, DIFF, DIFF_N, RESERVED, TABLE
from .grammar import read_formula
from .identity import Itself
from .kept import calls_in, kept, tree_size
from .reading import PLAIN_NAME, WORDS, is_built_in, quoted
from .substitution import substitute


def validated(row: Function) -> Function:
    """A user's row, checked by the laws of the table, its texts read.

    A definition without partials becomes a formula, as `g(x) = ...` makes it. Beside partials, texts stay texts.

    Raises:
        FormulaError: naming what is wrong with the row.
    """
    if not isinstance(row, Function):
        raise TypeError(f"a function is a gradcalc.Function, not {row!r}")
    return _validated(Itself(row))


@lru_cache(maxsize=1000)
def _validated(itself: Itself[Function]) -> Function:
    row = itself.it
    _check_names(row)
    if isinstance(row.definition, Formula) and not row.partials:
        return row
    _check_fields(row)
    domain = _text(row, "domain", row.domain, row.params)
    if row.definition and not row.partials:
        return replace(row, definition=_read(row, "definition", row.definition, row.params), domain=domain)
    definition = _text(row, "definition", row.definition, row.params)
    given = ("x", "out", "tie") if row.variadic else (*row.params, "out")
    partials = tuple(text if text is None else _text(row, "partials", text, given) for text in row.partials)
    unknown = (None,) * len(row.params)  # a value alone is a function of constants
    taught = tuple(_text(row, "taught", text, given) for text in row.taught)
    return replace(row, definition=definition, partials=partials or unknown, taught=taught, domain=domain)


def _refused(row: Function, message: str, help: str = "", span: Span = NOWHERE) -> FormulaError:
    return FormulaError(f"the function {row.name}: {message}", span, help)


def _check_names(row: Function) -> None:
    if not isinstance(row.params, tuple) or not row.params:
        raise _refused(row, "params must be a tuple of names", "write for example params=('x',)")
    if not isinstance(row.aliases, tuple):
        raise _refused(row, "aliases must be a tuple of names", "write for example aliases=('ln',)")
    for name in (row.name, row.spelling, *row.aliases, *row.params):
        if not isinstance(name, str) or not PLAIN_NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
            raise _refused(row, f"{name!r} is not a name", "write letters, digits and _")
        if name in WORDS or name in RESERVED or len(name) > LIMITS.name:
            raise _refused(row, f"nothing can be called {quoted(name)}", "choose another name")
    if any(map(is_built_in, (row.name, row.spelling, *row.aliases))):
        raise _refused(row, "it is built in and cannot be redefined", "choose another name")
    if len(set(row.params)) < len(row.params):
        raise _refused(row, "a parameter stands twice", "choose another name")


def _check_fields(row: Function) -> None:
    kept = next((param for param in row.params if param in ("out", "tie")), "")
    if kept:
        raise _refused(row, f"a parameter cannot be called {kept}, which means something in partials")
    for what, function in (("value", row.value), ("ball", row.ball)):
        if function is not None and not callable(function):
            raise _refused(row, f"{what} must be a Python function")
    if row.symbol or row.condition:
        raise _refused(row, "operators and conditions cannot be added", "leave out symbol and condition")
    if row.kinks:
        raise _refused(row, "kinks are told of built-in functions alone", "leave them out: the definition is studied")
    if not (row.definition or row.value or row.ball):
        raise _refused(row, "there is nothing to compute it by", "give it a definition, or a value and partials")
    if not (row.smooth or row.definition):
        raise _refused(row, "what is not smooth needs a definition", "write one by if(condition, a, b)")
    if not isinstance(row.partials, tuple) or not all(isinstance(text, str | None) for text in row.partials):
        raise _refused(row, "partials must be a tuple of texts", "write for example partials=('2*x',)")
    if row.variadic and (row.smooth or len(row.params) != 2 or len(row.partials) != 1 or row.partials[0] is None):
        raise _refused(row, "variadic needs two params, one text in partials and smooth=False", "look at TABLE['max']")
    if row.partials and len(row.partials) != len(row.params) and not row.variadic:
        message = f"partials has {len(row.partials)}, params {len(row.params)}"
        raise _refused(row, message, "write one text for each parameter, None for one that must be constant")
    strange = next((p for p in row.params if not p.isidentifier() or keyword.iskeyword(p) or p.startswith("_")), "")
    if strange and row.partials:
        raise _refused(row, f"beside partials, a parameter cannot be called {quoted(strange)}", "choose another name")


def _read(row: Function, what: str, text: str | Formula, names: Sequence[str]) -> Formula:
    """One of a row's texts as a formula, which may use some names."""
    if not isinstance(text, str | Formula):
        raise _refused(row, f"{what} must be a text")
    try:
        formula = read_formula(text) if isinstance(text, str) else text
        for call in calls_in(formula):
            check_kinds(call)
    except FormulaError as error:
        span = error.diagnostic.span
        help = "a function cannot use itself" if span.text == row.name else error.help
        raise _refused(row, f"in its {what}, {error.message}", help, span) from None
    if is_condition(formula) != (what == "domain"):
        raise _refused(row, f"its {what} must be a {'condition' if what == 'domain' else 'number'}", span=formula.span)
    for name, node in free_names(formula).items():
        if name not in names and name not in CONSTANTS:
            message = f"its {what} uses {quoted(name)}, which is no parameter"
            raise _refused(row, message, f"it can use {', '.join(names)}", node.span)
    return substitute(formula, {name: meant for name, meant in MEANT.items() if name not in names})


MEANT = {  # what these are, whatever they are where the function is called
    "e": Call(TABLE["exp"], (Number("1", Fraction(1)),)),
    "tau": Call(TABLE["*"], (Number("2", Fraction(2)), Name("pi"))),
}


def with_exponentials(formula: Formula, names: Container[str]) -> Formula:
    """The formula with `e^u` as the exponential that it is, unless `e` is one of the names of variables."""
    return formula if "e" in names or "e" not in free_names(formula) else kept(formula, _with_exponentials)


def _with_exponentials(formula: Formula) -> Formula:
    def call(node: Call, args: list[Formula]) -> Formula:
        base, known = args[0], MEANT["e"]
        if node.function is TABLE["^"] and isinstance(base, Name) and base.name == "e" and base.definition is None:
            return Call(known.function, (args[1],), node.span)
        return with_arguments(node, args)

    return rebuilt(formula, call)


_DEEPEST, _LARGEST = 100, 5_000  # of a formula that Python compiles


def _text(row: Function, what: str, text: str | Formula, names: Sequence[str]) -> str:
    """One of a row's texts as it is printed."""
    if text == "":
        return ""
    formula = _read(row, what, text, names)
    for node in children_first(formula):
        if isinstance(node, Call):
            plain = TABLE.get(node.function.name) is node.function and node.function not in (DIFF, DIFF_N)
        else:
            plain = not isinstance(node, Name) or node.definition is None
        if not plain:
            raise _refused(row, f"its {what} must be one formula of built-in functions, without diff", span=node.span)
    depth = fold(formula, lambda _: 1, lambda _, __: 1, lambda _, args: 1 + max(args))
    if tree_size(formula) > _LARGEST or depth > _DEEPEST:
        raise _refused(row, f"its {what} is too large", "leave out the partials: it can then be of any size")
    return expression(formula)
