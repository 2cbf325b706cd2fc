"""A formula is three kinds of node: `Number`, `Name`, `Call`; a call is of a `Function`, a row of the table. Nothing
here recurses, however deep the formula.

`children_first` is the only traversal, `flattened` the same as a list; passes are a `fold`, or run over that list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from operator import is_
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from gradcalc.record import KW_ONLY, InitVar, dataclass, field, fields, replace
from gradcalc.shown import shows

from .errors import NOWHERE, Span
from .identity import Flat, distinct, in_order

T = TypeVar("T")
Node: TypeAlias = "Number | Name | Call"

ATOM = 10  # binds tighter than every operator
COMPARISON = 4  # what binds more tightly has its right operand in parentheses where that starts with a sign
TIGHT = 6  # operators that bind at least as tightly as a product are written without spaces


@shows("_repr_latex_")
class Formula:
    """A formula as `parse` returns it: a node, and with it everything below it. What it prints is read as the same.

    Two formulas are equal where they are the same tree, wherever they stand in their texts. `+ - * / **` with formulas
    and numbers make formulas; `names` are those that need a value, and `f(x=2)` is the value there; `subs` replaces
    names; `to_sympy` and `from_sympy` go there and back.
    """

    __slots__ = ("_kept",)
    __array_ufunc__ = None  # so that NumPy's numbers leave the operators to us
    span: Span

    if TYPE_CHECKING:  # what `algebra` adds, from the table

        @property
        def names(self) -> tuple[str, ...]: ...
        def _operator(self, other: Any) -> Formula: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = _operator

        def __neg__(self) -> Formula: ...
        def __pos__(self) -> Formula: ...
        def __call__(self, *args: Any, **values: Any) -> float: ...
        def subs(self, *args: Any, **replacements: Any) -> Formula: ...
        def to_sympy(self) -> Any: ...
        @staticmethod
        def from_sympy(expression: Any) -> Formula: ...

    def __copy__(self) -> Formula:
        return self  # nothing of it ever changes

    def __deepcopy__(self, memo: object) -> Formula:
        return self

    def __str__(self) -> str:
        return to_text(self)

    def __repr__(self) -> str:
        return f"<Formula {to_text(self)}>"


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One row. Users make their own in the same way and pass them to `parse(text, functions=[...])`, which holds them
    to the laws of the table (`rows.validated`).

    `written` is how a call is written, with the names of the parameters: `atan2(y, x)`, `max(x, y, ...)` where any
    number of arguments may follow, `x + y`, `-x`, `x!`. From it come `params` and, unless it is given, `name`. Of an
    operator, spaces around the symbol mean that it associates to the left, and none that it does to the right.
    `array` names its function over columns, in NumPy or SciPy, and if it takes others than the parameters, what it
    takes: `y + 0` where it tells two zeros apart; after `where` stands for which arguments. `definition` says that the
    definition keeps its digits there, which of rows that are `rounded` it does not as a rule.
    `sample` has an interval (lower, upper) inside the domain for each parameter, the last one for all further ones.
    """

    written: InitVar[str] = ""
    doc: str = ""
    _: KW_ONLY
    name: str = ""
    params: tuple[str, ...] = ("x",)
    example: tuple[str, str] = ("", "")  # a formula and its value to 10 digits
    aliases: tuple[str, ...] = ()
    value: Callable[..., float] | str | None = None
    array: str = ""
    digits: int = 14  # that value and partials have over columns, by a sweep against balls
    ball: Callable[..., Any] | str | None = None
    beside: tuple[str, str | Callable[[Any], Any], str] | None = None
    rational: Callable[..., Any] | None = None
    sympy: str = ""
    partials: tuple[str | None, ...] = ()
    derivatives: Callable[..., Any] | None = None  # of order n, over balls, where those of the partial are 0/0
    taught: tuple[str, ...] = ()
    domain: str = ""
    needs: str = ""  # the domain in words, where the condition itself is no good message
    definition: str | Formula = ""
    kinks: tuple[str, ...] = ()  # what is 0 at its kinks, and where, if comparisons in the definition do not say so
    sample: tuple[tuple[float, float], ...] = ((-2.0, 2.0),)
    smooth: bool = True
    rounded: bool = False
    pole: float | None = None  # the limit at 0 from above, where there is no value
    variadic: bool = False  # two or more arguments, one of which is the value
    condition: bool = False  # the value is true or false
    indexed: bool = False  # calls have the two ends between which the parameter runs
    spelling: str = ""  # how a call is written, where it is not the name
    symbol: str = ""
    latex: str = ""  # the head of a call, or a pattern with `@x` for a parameter
    notation: str = ""  # of a symbol: left, right, none (how it associates), prefix or postfix
    binding: int = ATOM

    def __post_init__(self, written: str) -> None:
        for part, value in _as_written(written, self.binding).items():
            object.__setattr__(self, part, value)
        name = self.name or self.symbol.strip() or self.spelling
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "spelling", self.spelling or name)
        if not name:
            raise TypeError("a function needs a name")
        further = len(self.params) - len(self.sample)
        object.__setattr__(self, "sample", self.sample + self.sample[-1:] * further)

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Function):
            return self is other
        return self.name == other.name and all(getattr(self, p.name) == getattr(other, p.name) for p in fields(self))

    def __hash__(self) -> int:
        return hash(self.name)

    def __copy__(self) -> Function:
        return self  # nothing of it ever changes

    def __deepcopy__(self, memo: object) -> Function:
        return self

    @property
    def signature(self) -> str:
        """`log(x, base)`, `x + y`."""
        if self.symbol:
            glue = f" {self.symbol} " if self.notation in ("left", "none") else self.symbol
            ends = {"prefix": f"{self.symbol}{self.params[0]}", "postfix": f"{self.params[0]}{self.symbol}"}
            return ends.get(self.notation) or glue.join(self.params)
        return f"{self.spelling}({', '.join(self.params)}{', ...' if self.variadic else ''})"

    @property
    def body(self) -> Formula:
        """The formula that a user's function is defined by."""
        assert isinstance(self.definition, Formula)
        return self.definition

    def with_body(self, body: Formula) -> Function:
        """The user's function with another body; itself where that is its own."""
        return self if body is self.definition else replace(self, definition=body)

    @property
    def listed(self) -> bool:
        """Whether lists of functions show the row: those called by name, without the mere derivatives of others."""
        return not self.symbol and not str(self.definition).startswith("diff(")

    def __repr__(self) -> str:
        return f"<Function {self.signature}>"


_CALL = re.compile(r"(\w+)\((.*?)(, \.\.\.)?\)")
_INFIX = re.compile(r"(\w+)( ?)([^\w\s]+|or|and)\2(\w+)")
_PREFIX, _POSTFIX = re.compile(r"(not |\W)(\w+)"), re.compile(r"(\w+)(\W)")


def _as_written(written: str, binding: int) -> dict[str, Any]:
    """The fields of a row that its signature says."""
    if call := _CALL.fullmatch(written):
        return {"spelling": call[1], "params": tuple(call[2].split(", ")), "variadic": bool(call[3])}
    if infix := _INFIX.fullmatch(written):
        associates = "none" if binding == COMPARISON else "left" if infix[2] else "right"
        return {"symbol": infix[3], "params": (infix[1], infix[4]), "notation": associates}
    if prefix := _PREFIX.fullmatch(written):
        return {"symbol": prefix[1], "params": (prefix[2],), "notation": "prefix"}
    if postfix := _POSTFIX.fullmatch(written):
        return {"symbol": postfix[2], "params": (postfix[1],), "notation": "postfix"}
    return {"spelling": written} if written else {}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Formula):
    """A number as typed (`text`) and exactly (`value`)."""

    text: str
    value: Fraction
    span: Span = field(default=NOWHERE)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Formula):
    """A variable, a constant, or with a `definition` a named intermediate result."""

    name: str
    definition: Formula | None = None
    span: Span = field(default=NOWHERE)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Formula):
    """A row of the table applied to arguments. Operators are rows with a symbol."""

    function: Function
    args: tuple[Formula, ...]
    span: Span = field(default=NOWHERE)


def children(node: Formula) -> tuple[Formula, ...]:
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Name) and node.definition is not None:
        return (node.definition,)
    return ()


def arguments(node: Formula) -> tuple[Formula, ...]:
    return node.args if isinstance(node, Call) else ()


def children_first(root: Formula, below: Callable[[Formula], tuple[Formula, ...]] = children) -> Iterator[Formula]:
    """Every node below and including `root`, once by identity, children before parents."""
    return in_order(root, below)


def flattened(root: Formula) -> Flat[Node]:
    """The nodes in a list, over which passes run by place; most keep it: `kept(root, flattened)`."""
    return Flat[Any](root, children)


def fold(
    root: Formula,
    number: Callable[[Number], T],
    name: Callable[[Name, T | None], T],
    call: Callable[[Call, list[T]], T],
    flat: Flat[Node] | None = None,
) -> T:
    """Replace every node, of `flat` if they are kept, by what its function makes of it and its children's results."""
    results: list[T] = []
    for node, below in flattened(root) if flat is None else flat:
        if isinstance(node, Call):
            results.append(call(node, [results[i] for i in below]))
        elif isinstance(node, Name):
            results.append(name(node, results[below[0]] if below else None))
        else:
            results.append(number(node))
    return results[-1]


def with_definition(node: Name, definition: Formula | None) -> Name:
    """The name with a definition; the node itself where it has that already."""
    return node if definition is node.definition else Name(node.name, definition, node.span)


def with_arguments(node: Call, args: Sequence[Formula], row: Function | None = None) -> Call:
    """The call with arguments, and another function if one is given; the node itself where nothing changes."""
    row = row or node.function
    if row is node.function and all(map(is_, args, node.args)):
        return node
    return Call(row, tuple(args), node.span)


def rebuilt(
    root: Formula,
    call: Callable[[Call, list[Formula]], Formula] = with_arguments,
    name: Callable[[Name, Formula | None], Formula] = with_definition,
) -> Formula:
    """The formula with what the functions make of its calls and its names; numbers stay."""
    return fold(root, lambda node: node, name, call)


def children_of_all(node: Formula) -> tuple[Formula, ...]:
    """The children of a node and, if it calls a user's function, the body of that."""
    if isinstance(node, Call) and isinstance(node.function.definition, Formula):
        return (*node.args, node.function.definition)
    return children(node)


def users_functions(root: Formula, nodes: Sequence[Formula] = ()) -> list[Function]:
    """The functions with a formula as definition that `root` calls, and those that these call, which come first; the
    `nodes` are those of all, where they are known."""
    calls = (node.function for node in nodes or children_first(root, children_of_all) if isinstance(node, Call))
    return distinct(row for row in calls if isinstance(row.definition, Formula))


def free_names(root: Formula) -> dict[str, Name]:
    """Names without a definition, in the order they are read, each with the node where it first stands.

    Those in the bodies of users' functions count, except their parameters. A named intermediate in a body stands
    outside the function: its names are no parameters.
    """
    found: dict[str, Name] = {}
    inside: dict[str, Name] = {}
    outside = [root]
    nodes = list(children_first(root, children_of_all))
    rows = users_functions(root, nodes)
    for row in rows:
        for node in children_first(row.body, arguments):
            if isinstance(node, Name) and node.definition is not None:
                outside.append(node)
            elif isinstance(node, Name) and node.name not in row.params:
                inside.setdefault(node.name, node)
    for formula in distinct(outside):
        for node in children_first(formula) if rows else nodes:
            if isinstance(node, Name) and node.definition is None:
                found.setdefault(node.name, node)
    return found | {name: first for name, first in inside.items() if name not in found}


def body_of(formula: Formula) -> Formula:
    """The formula that a named intermediate stands for; any other formula itself."""
    while isinstance(formula, Name) and formula.definition is not None:
        formula = formula.definition
    return formula


def to_text(root: Formula) -> str:
    """The formula in our own notation, after the statements that define its functions and named intermediates."""
    statements: list[str] = []
    for node in children_first(root, children_of_all):
        if isinstance(node, Name) and node.definition is not None:
            statements.append(f"{node.name} = {expression(node.definition)}")
        elif isinstance(node, Call) and isinstance((f := node.function).definition, Formula) and f.name.isidentifier():
            statements.append(f"{f.signature} = {expression(f.definition)}")  # g' comes with g
    if not (isinstance(root, Name) and root.definition is not None):
        statements.append(expression(root))
    return "; ".join(dict.fromkeys(statements))


def expression(root: Formula, most: int | None = None) -> str:
    """The formula alone, its named intermediates by name; cut off after about `most` characters, if given."""
    out: list[str] = []
    stack: list[Any] = [root]
    while stack and (most is None or len(out) < most):
        node = stack.pop()
        if isinstance(node, str):
            out.append(node)
        elif isinstance(node, Number):
            out.append(node.text)
        elif isinstance(node, Name):
            out.append(node.name)
        else:
            stack.extend(reversed(_pieces(node)))
    return "".join(out)


def brief(formula: Formula, most: int = 60) -> str:
    """The formula's text, its middle left out where it is long."""
    text = expression(formula, most * 20)
    if len(text) <= most:
        return text
    end = _between_words(text, range(most // 2, 0, -1))
    start = _between_words(text, range(len(text) - most // 3, len(text)))
    return f"{text[:end].rstrip()} ... {text[start:].lstrip()}"


def _between_words(text: str, places: range) -> int:
    """The first of the places where no word or number is cut, else the first."""
    return next((i for i in places if not re.fullmatch(r"[\w.]{2}", text[i - 1 : i + 1])), places[0])


def derived(formula: Formula, most: int = 60) -> str:
    """The formula as it stands behind `d/dx `: in brackets where it is a sum or begins with a minus."""
    text = brief(formula, most)
    sum_like = isinstance(formula, Call) and formula.function.symbol and formula.function.binding < TIGHT
    return f"({text})" if sum_like or text.startswith("-") else text


def _pieces(node: Call) -> list[Formula | str]:
    row, args = node.function, node.args
    if row.indexed and isinstance(row.definition, Formula):
        return [row.spelling, "(", row.definition, f", {row.params[0]}=", args[0], "..", args[1], ")"]
    if not row.symbol:
        return [row.spelling, "(", *[piece for arg in args for piece in (", ", arg)][1:], ")"]
    if row.notation == "prefix":
        return [row.symbol, *_within(args[0], row.binding)]
    if row.notation == "postfix":
        return [*_within(args[0], row.binding + 1), row.symbol]  # x!! would be read as the double factorial
    left, right = args
    # of equal binding, the operand on the side that does not associate needs parentheses
    first, second = row.notation in ("right", "none"), row.notation != "right"
    glue = row.symbol if row.binding >= TIGHT else f" {row.symbol} "
    signed = isinstance(right, Call) and right.function.notation == "prefix" and right.function.symbol == "-"
    shown_right = ["(", right, ")"] if signed and row.binding > COMPARISON else _within(right, row.binding + second)
    return [*_within(left, row.binding + first), glue, *shown_right]


def _within(node: Formula, binding: int) -> list[Formula | str]:
    own = node.function.binding if isinstance(node, Call) and node.function.symbol else ATOM
    return [node] if own >= binding else ["(", node, ")"]
