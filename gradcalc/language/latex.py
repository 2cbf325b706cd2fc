"""A formula as LaTeX, in the shape in which it was typed: a fold over it, with its signs off the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gradcalc.record import dataclass

from .errors import SymbolicError
from .formula import ATOM, Call, Formula, Function, Name, Number, children_first, fold, free_names, users_functions
from .functions import TABLE, is_diff
from .identity import ByIdentity
from .kept import tree_size

_MOST_DRAWN = 2_000  # nodes; nobody reads more

_SUM, _PRODUCT, _POWER = TABLE["+"].binding, TABLE["*"].binding, TABLE["^"].binding


def to_latex(formula: Formula) -> str:
    """The formula in LaTeX for math mode; a named intermediate as an equation.

    Raises:
        SymbolicError: too large to be read.
    """
    title, body = None, formula
    if isinstance(formula, Name) and formula.definition is not None:
        title, body = formula.name, formula.definition
    if tree_size(body) > _MOST_DRAWN:
        raise SymbolicError("too large to draw")
    euler = any(isinstance(node, Name) and node.name == "e" for node in children_first(body))
    bodies: ByIdentity[Function, _Typeset] = ByIdentity()  # of sums over an index

    def typeset(formula: Formula) -> _Typeset:
        return fold(formula, _number, lambda node, _: _Typeset(latex_name(node.name)), call)

    def call(node: Call, args: list[_Typeset]) -> _Typeset:
        row = node.function
        if not row.indexed:
            return _call(node, args, euler)
        (low, high), index, term = args, latex_name(row.params[0]), bodies[row].within(_PRODUCT)
        return _Typeset(rf"\{row.spelling}_{{{index}={low}}}^{{{high}}} {term}", _SUM, reaches=True)

    for row in users_functions(body):
        if row.indexed and isinstance(row.definition, Formula):
            bodies[row] = typeset(row.definition)
    drawn = typeset(body)
    return str(drawn) if title is None else f"{latex_name(title)} = {drawn}"


@dataclass(frozen=True, slots=True)
class _Typeset:
    """LaTeX, how tightly it binds, whether a minus stands before it, what `f^n(x)` puts its power behind, and whether a
    factor on its right would be taken in by a `d/dx`."""

    text: str
    binding: int = ATOM
    negative: bool = False
    head: str = ""
    reaches: bool = False

    def __str__(self) -> str:
        return f"-{self.text}" if self.negative else self.text

    def within(self, binding: int) -> str:
        """In brackets where it binds less, or begins with a minus."""
        return _bracketed(str(self)) if self.negative or self.binding < binding else self.text


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)"


# ---- names and numbers


def latex_name(name: str) -> str:
    """A name: a letter, a Greek one, or a word upright; behind the last underscore an index. All look different."""
    stem, _, index = name.rpartition("_")
    if not stem.strip("_") or not index:
        return _word(name)
    return f"{_word(stem)}_{{{index if index.isascii() and index.isdigit() else _word(index)}}}"


def _word(name: str) -> str:
    if name in GREEK:
        return rf"\{name}"
    return name if len(name) == 1 and name != "_" else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi"
    " psi omega"
)
LETTERS = dict(zip(_SMALL.split(), "αβγδεζηθικλμνξοπρστυφχψω", strict=True))  # by their names
LETTERS |= {name.capitalize(): letter.upper() for name, letter in LETTERS.items()}
_LATIN = "omicron Alpha Beta Epsilon Zeta Eta Iota Kappa Mu Nu Omicron Rho Tau Chi"  # by their looks
GREEK = frozenset(LETTERS.keys() - _LATIN.split())  # that LaTeX has a command for


def _number(node: Number) -> _Typeset:
    mantissa, _, exponent = node.text.lower().partition("e")
    if not exponent:
        return _Typeset(node.text)
    return _Typeset(rf"{mantissa} \cdot 10^{{{int(exponent)}}}", _PRODUCT)


# ---- calls


def _call(node: Call, args: Sequence[_Typeset], euler: bool) -> _Typeset:
    row = node.function
    if row.name in _DRAWN:
        return _DRAWN[row.name](*args)
    if row.name == "if":
        return _Typeset(_cases(args), ATOM)
    if is_diff(node):
        return _derivative(node, args)
    pattern = "" if euler and row.latex.startswith("e^") else row.latex  # where e may be a variable
    if "@" in pattern:
        given = dict(zip(row.params, args, strict=True))
        text = re.sub(r"@(\w+)", lambda match: _operand(given[match[1]], row), pattern)
        return _Typeset(text, row.binding if row.symbol else _POWER if pattern.startswith("e^") else ATOM)
    own = next((name for name in (row.spelling, *row.aliases) if _OPERATORS.fullmatch(name)), "")
    escaped = row.spelling.replace("_", r"\_")
    head = pattern or (rf"\{own}" if own else rf"\operatorname{{{escaped}}}")
    inside = ", ".join(map(str, args))
    return _Typeset(f"{head}{_bracketed(inside)}", ATOM, head=head)


# that LaTeX has a command for
_OPERATORS = re.compile("sin|cos|tan|sec|csc|cot|arcsin|arccos|arctan|sinh|cosh|tanh|coth|exp|log|min|max")


def _operand(arg: _Typeset, row: Function) -> str:
    """An argument in a pattern: of an operator in brackets where it must be, else what encloses it does that."""
    if not row.symbol or (row.condition and arg.negative):
        return str(arg)
    return arg.within(row.binding + 1)


def _sum(x: _Typeset, y: _Typeset, sign: str = "+") -> _Typeset:
    return _Typeset(f"{x.within(_SUM) if not x.negative else x} {sign} {y.within(_SUM + 1)}", _SUM)


def _product(x: _Typeset, y: _Typeset) -> _Typeset:
    if x.reaches:
        x = _Typeset(_bracketed(x.text), negative=x.negative)
    left = x.text if x.negative and x.binding >= _PRODUCT else x.within(_PRODUCT)
    right = y.within(_PRODUCT + 1)
    # figures side by side would be one number, and a number before a fraction a mixed one
    apart = right[0].isdigit() or (left[-1].isdigit() and right.startswith(r"\frac"))
    between = r" \cdot " if apart else r" \, " if right.startswith(_WORDS) or _WORD_LAST.search(left) else " "
    return _Typeset(f"{left}{between}{right}", _PRODUCT, x.negative, reaches=y.reaches)


_WORDS = r"\mathrm"
_WORD_LAST = re.compile(
    r"\\mathrm\{[^{}]*\}(_\{([^{}]|\\mathrm\{[^{}]*\})*\})?\Z"
)  # beside which a factor would be its end


def _quotient(x: _Typeset, y: _Typeset) -> _Typeset:
    top = x.text if x.negative and x.binding >= _PRODUCT else str(x)
    sign = x.negative and x.binding >= _PRODUCT
    return _Typeset(rf"\frac{{{top}}}{{{y}}}", _PRODUCT + 1, sign)


def _power(x: _Typeset, y: _Typeset) -> _Typeset:
    if x.head and y.text.isdigit() and not y.negative and int(y.text) > 1:
        return _Typeset(f"{x.head}^{{{y}}}{x.text.removeprefix(x.head)}", _POWER)
    return _Typeset(f"{x.within(_POWER + 1)}^{{{y}}}", _POWER)


_DRAWN: Mapping[str, Callable[..., _Typeset]] = {
    "+": _sum, "-": partial(_sum, sign="-"), "*": _product, "/": _quotient, "^": _power,
    "neg": lambda x: _Typeset(x.within(_PRODUCT), max(x.binding, _PRODUCT), True, reaches=x.reaches),
}  # fmt: skip


def _cases(args: Sequence[_Typeset]) -> str:
    condition, first, second = map(str, args)
    rest = rf"{second} & \text{{otherwise}}"
    if second.startswith(_BEGIN) and second.endswith(_END) and second.count(_BEGIN) == 1:
        rest = second.removeprefix(_BEGIN).removesuffix(_END)  # else if
    return rf"{_BEGIN}{first} & \text{{for}}\: {condition} \\ {rest}{_END}"


_BEGIN, _END = r"\begin{cases} ", r" \end{cases}"


def _derivative(node: Call, args: Sequence[_Typeset]) -> _Typeset:
    d = r"\partial" if len(free_names(node.args[0])) > 1 else "d"
    power = f"^{{{args[2]}}}" if len(args) == 3 else ""
    return _Typeset(
        rf"\frac{{{d}{power}}}{{{d} {args[1]}{power}}} {args[0].within(_PRODUCT + 1)}", _PRODUCT + 1, reaches=True
    )
