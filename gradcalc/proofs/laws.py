"""`plain`: formulas written in the few rows that have laws: sums, products, powers, exp, log, sin, cos, asin, atan,
floor and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cache

from gradcalc.engine.domains import is_off_zero
from gradcalc.engine.formulas import over, plus
from gradcalc.engine.rewrite import at_span, expand
from gradcalc.engine.switches import ALL, OUTCOME, UNIT, Interning, domain_at, floors
from gradcalc.language.formula import Call, Formula, children_first, rebuilt, with_arguments
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.literals import ONE, ZERO, number

from .algebra import Generators, ratio
from .cells import Cell, Empty, Split
from .reading import Reader, on_parts

Branch = tuple[tuple[Formula, bool], ...]  # conditions, and whether they hold

# rows without a definition, in terms of those that have laws; equal wherever the row has a value
_LAWS: Mapping[str, str] = {
    "tan": "sin(x)/cos(x)", "sec": "1/cos(x)", "csc": "1/sin(x)", "cot": "cos(x)/sin(x)", "acos": "pi/2 - asin(x)",
    "sinh": "(exp(x) - exp(-x))/2", "cosh": "(exp(x) + exp(-x))/2", "tanh": "1 - 2/(exp(x)^2 + 1)",
    "coth": "1 + 2/(exp(x)^2 - 1)", "sech": "2/(exp(x) + exp(-x))", "csch": "2/(exp(x) - exp(-x))",
    "asinh": "log(x + sqrt(x^2 + 1))", "acosh": "log(x + sqrt(x^2 - 1))", "atanh": "(log(1 + x) - log(1 - x))/2",
    "asec": "pi/2 - asin(1/x)", "acsc": "asin(1/x)", "binomial": "gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))",
    "erfc": "1 - erf(x)", "li": "Ei(log(x))", "factorial": "gamma(x + 1)", "digamma": "polygamma(0, x)",
    "atan2": "if(y > 0, pi/2 - atan(x/y), if(y < 0, -pi/2 - atan(x/y), if(x > 0, 0, pi*(x/x))))",
}  # fmt: skip
_MOST_PARTS = 48  # cells in which a formula is read
_NATIVE = frozenset({"+", "-", "*", "/", "neg", "^", "sqrt", "exp", "log", "sin", "cos", "floor", "if"})


@cache
def _law(name: str) -> Formula:
    row = TABLE[name]
    return read_text(f"if({row.domain}, {law_of(row)}, 0/0)" if _is_wider(name) else _LAWS[name])


@cache
def _is_wider(name: str) -> bool:
    """Whether a row is written out by what may have a value where the row has none."""
    row = TABLE[name]
    if not row.domain or not (_is_defined(row) or name in _LAWS):
        return False
    outside = plain(read_text(f"if({row.domain}, 0/0, {law_of(row)})"))
    return any(True for _ in on_parts(Cell(Generators(frozenset(row.params))), lambda reader: reader.read(outside)))


def law_of(row: Function) -> str:
    """The row in terms of others, as a text of the table in its parameters; nothing where it is not known."""
    law = _LAWS.get(row.name, "") if TABLE.get(row.name) is row else ""
    return row.definition if isinstance(row.definition, str) and row.definition else law


def in_laws(formula: Formula) -> Formula:
    """The formula with those rows by their laws of which the definition is made for floats, and has more branches."""
    rows = {node.function for node in children_first(formula) if isinstance(node, Call)}
    own = {row for row in rows if row.name in _LAWS and TABLE.get(row.name) is row and not row.smooth}
    return _by_laws(formula, own) if own else formula


def plain_by_laws(formula: Formula) -> Formula:
    return plain(in_laws(formula))


def plain(formula: Formula) -> Formula:
    """The formula in rows that have laws, as far as there are laws."""
    formula = expand(formula)
    while True:
        rows = {node.function for node in children_first(formula) if isinstance(node, Call)}
        own = {row for row in rows if TABLE.get(row.name) is row}
        wider = {row for row in own if _is_wider(row.name)}
        also = {row for row in rows - wider if _is_defined(row)}
        lawful = wider | {row for row in own if row.name in _LAWS}
        if not also and not lawful and all(row.smooth or row.name in _NATIVE or row.condition for row in rows):
            return _with_floors_joined(formula)
        formula = _by_laws(expand(formula, also), lawful)


def _with_floors_joined(formula: Formula) -> Formula:
    """The formula with `floor((k + u)/m)` for `floor((k + floor(u))/m)` with whole k and m, by which parity is told."""
    steps = [*floors(formula)]
    if len(steps) < 2:
        return formula
    intern, row = Interning(), steps[0].function

    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function is not row:
            return with_arguments(node, args)
        within = {intern(step): step.args[0] for step in floors(args[0])}
        form = dict(intern.linear(args[0])) if within else {}
        start, place = form.pop(UNIT, Fraction(0)), next(iter(form), UNIT)
        if len(form) != 1 or place not in within or abs(form[place].numerator) != 1:
            return with_arguments(node, args)
        side, m = form[place].numerator, form[place].denominator
        k = (start * m).__floor__()
        found = Call(row, (over(plus(within[place], number(k if side > 0 else m - 1 - k)), number(m)),), node.span)
        return found if side > 0 else Call(TABLE["neg"], (found,), node.span)  # -floor(-y) is the next from y on

    return rebuilt(formula, call)


def _is_defined(row: Function) -> bool:
    """Whether the row may be written out by its definition: whether that has a value wherever the row has one."""
    definition = row.definition
    known = isinstance(definition, str) and bool(definition) and "diff(" not in definition
    if not known or row.name in _NATIVE or row.condition or is_off_zero(row):
        return False
    return not row.smooth or bool(row.domain) or TABLE.get(row.name) is not row or _is_total(row.name)


@cache
def _is_total(name: str) -> bool:
    """Whether the definition of a row has a value everywhere, as that of sinc has not."""
    row = TABLE[name]
    return has_value_everywhere(read_text(str(row.definition)), row.params)


def has_value_everywhere(formula: Formula, names: Iterable[str], branch: Branch = ()) -> bool:
    """Whether a formula was shown to have a value for all values of its names, or for all on a branch."""
    with suppress(ArithmeticError, Empty):
        return has_value_on(on_branch(branch, Cell(Generators(frozenset(names))))[0], plain(formula))
    return False


def has_value_on(start: Cell, body: Formula) -> bool:
    """Whether a formula, written out, was shown to have a value at every point of a cell."""
    todo = [start]
    for _ in range(_MOST_PARTS):
        if not todo:
            return True
        cell = todo.pop()
        reader, has_value = Reader(cell.copy()), False
        try:
            reader.read(body)
            has_value = reader.cell.facts == cell.facts  # else it needs more than there is
            if not has_value or not is_in_domains(reader, cell):
                return False
        except Split as split:
            with suppress(Empty):  # while it is read, also of the signs that what was read before leaves out
                todo += cell.sides(split.factor, *(split.signs if has_value else cell.of_factor(split.factor)))
        except (ArithmeticError, Empty):
            return False
    return False


def is_in_domains(reader: Reader, cell: Cell) -> bool:
    """Whether all calls that were read on a cell have values there that ask for what is whole, or is not.

    Raises:
        Split: where the cell must be cut first.
    """
    asking = [node for node, _ in reader.values.items() if isinstance(node, Call) and asks_more(node.function)]
    return all(Reader(cell.copy()).read(inside_of(node)) == ratio(1) for node in asking)


@cache
def asks_more(row: Function) -> bool:
    """Whether a row has its value also, or only, where something is whole, which is not asked for where it is read."""
    return bool(row.domain) and any(floors(read_text(row.domain)))


def inside_of(node: Call) -> Formula:
    """1 where a call has a value, else 0."""
    return plain(Call(TABLE["if"], (domain_at(node), ONE, ZERO)))


def on_branch(branch: Branch, cell: Cell) -> tuple[Cell, Branch]:
    """A cell, kept to a branch, as far as the comparisons that lead to it tell, and the conditions that do not."""
    reader, todo, left = Reader(cell), list(branch), list[tuple[Formula, bool]]()
    while todo:
        condition, holds = todo.pop()
        name = condition.function.name if isinstance(condition, Call) else ""
        if isinstance(condition, Call) and name == "not":
            todo.append((condition.args[0], not holds))
        elif isinstance(condition, Call) and name in ("and", "or") and holds is (name == "and"):
            todo += [(part, holds) for part in condition.args]
        elif isinstance(condition, Call) and name in OUTCOME:
            wanted = OUTCOME[name] if holds else ALL - OUTCOME[name]
            try:
                difference = reader.read(plain(Call(TABLE["-"], condition.args)))
                cell.assume(difference.top * difference.bottom, wanted, may_split=False)
                told = cell.signs(difference) <= wanted  # as of several factors it is not
            except Split:
                told = False
            left += [] if told else [(condition, holds)]
        else:
            left.append((condition, holds))
    return cell, tuple(left)


def within(branch: Branch, formula: Formula) -> Formula:
    """The formula, which has no value beside a branch."""
    for condition, holds in reversed(branch):
        formula = Call(TABLE["if"], (condition, *((formula, _NOWHERE) if holds else (_NOWHERE, formula))))
    return formula


_NOWHERE = over(ZERO, ZERO)


def _by_laws(formula: Formula, rows: set[Function]) -> Formula:
    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function in rows:
            return at_span(_law(node.function.name), node.function.params, args, node.span)
        return Call(node.function, tuple(args), node.span)

    return rebuilt(formula, call)
