"""Conditions: `x > 0, from log(x)`, that a formula needs to have a value, and where a claim holds that does not hold
everywhere, `x > 0`."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from flint import arb

from gradcalc.engine.domains import is_off_zero, partial_calls
from gradcalc.engine.formulas import controlled, in_chain, operands, total
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import ALL, OUTCOME, Signs, difference, domain_at, holds
from gradcalc.engine.tidy import isolated
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    brief,
    children,
    children_first,
    expression,
    flattened,
    fold,
    free_names,
)
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.kept import kept, tree_size
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.substitution import replaced
from gradcalc.proofs.laws import Branch
from gradcalc.record import dataclass, replace

from .look import side_at
from .points import Place
from .result import Need

_BITS = 128
_MOST_STEPS, _MOST_NODES = 3, 40  # of the conditions that lead to a branch
_MOST_HELD = 100  # conditions that are held against each other, whether one follows from others


@dataclass(frozen=True, slots=True)
class Assumption:
    """A condition that its `sources` need together. Where it is on the sign of one `quantity`, `signs` are those it may
    have. `where` is the branch on which they stand, if they stand on one: elsewhere the condition is not needed."""

    condition: str
    sources: tuple[Formula, ...]
    quantity: Formula | None = None
    signs: Signs = ALL
    where: str = ""

    @property
    def need(self) -> Need:
        rows = [source.function if isinstance(source, Call) else None for source in self.sources]
        texts = (
            row.needs if row and is_off_zero(row) else brief(each) for row, each in zip(rows, self.sources, strict=True)
        )
        source = " and ".join(dict.fromkeys(texts))
        where = self.where and f", where {self.where}"
        off_zero = self.quantity if self.signs == {-1, 1} else None
        return Need(f"{self.condition}, from {source}{where}", off_zero=off_zero)

    def is_at_zero(self, place: Place) -> bool:
        """Whether its quantity is 0 at a point, as far as balls tell."""
        return self.quantity is not None and side_at(self.quantity, place) == 0


def sign_condition(quantity: Formula, signs: Signs) -> str:
    """`x > 0`; `a < b` for the quantity a - b."""
    return expression(_comparison(quantity, signs))


def _comparison(quantity: Formula, signs: Signs) -> Formula:
    quantity, turned = isolated(quantity)
    left, right, signs = quantity, ZERO, _turned(signs) if turned else signs
    if isinstance(quantity, Call) and quantity.function.name == "-":
        left, right = quantity.args
        if not free_names(left):
            left, right, signs = right, left, _turned(signs)
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return Call(TABLE[operator], (left, right))


def _simple_first(condition: Formula) -> Formula:
    """The condition as it is best read: what is joined by size, and names alone on their side."""

    def call(node: Call, args: list[Formula]) -> Formula:
        name = node.function.name
        if name in ("and", "or"):
            parts = (part for part, _ in operands(Call(node.function, tuple(args)), name))
            return in_chain(name, sorted(parts, key=tree_size))
        return _comparison(difference(node), OUTCOME[name]) if name in OUTCOME else node

    return fold(condition, lambda node: node, lambda node, _: node, call)


def _turned(signs: Signs) -> Signs:
    return frozenset(-sign for sign in signs)


def assumptions(
    formulas: Sequence[Formula],
    possible: Callable[..., Signs],
    factors: Callable[[Formula], list[Formula]],
    is_total: Callable[[Formula, Branch], bool],
    instead: Callable[[Formula, Signs], list[tuple[Formula, Signs]]],
    names: Collection[str] = (),
) -> list[Assumption]:
    """The conditions under which the prepared formulas have a value, each once; what always holds is left out, and
    what follows from the others.

    Args:
        formulas: the last one is a claim, of whose derivatives within it nothing is read at a kink.
        possible: the signs that a quantity may have, anywhere or on a branch.
        factors: quantities of which one is zero where this one is.
        is_total: whether a quantity has a value everywhere on a branch.
        instead: quantities, and their signs, that together say the same as one and its signs, and more plainly.
        names: that are variables whatever they are otherwise, such as `e`.
    """
    on_signs: dict[tuple[Formula, str], Assumption] = {}
    others: dict[tuple[str, str], tuple[Assumption, Formula]] = {}
    branches: dict[str, Branch] = {}
    sources: dict[Formula, list[Formula]] = {}  # what must not be 0 for them
    for i, formula in enumerate(formulas):
        nodes, claimed = kept(formula, flattened).nodes, i == len(formulas) - 1
        for node, varies, branch in zip(nodes, _varying(formula, names), _branches(formula), strict=True):
            if not isinstance(node, Call) or not (node.function.domain or (claimed and is_off_zero(node.function))):
                continue
            where = told(branch)
            if where not in branches and _is_empty(branch or (), possible):
                continue
            branches[where] = branch or ()
            settled = _settled(_domain_of(node), possible)
            if settled is False and claimed:
                settled = _domain_of(node)  # it has no value there at all
            elif settled is False and branch:  # it has none wherever it is asked for
                settled, branch = _condition(branch[-1][0], not branch[-1][1]), branch[:-1]
            elif not varies or (where == _UNTOLD and not claimed):
                continue
            for part, there in _on_branches(settled, branch, possible):
                where = told(there)
                branches[where] = there or ()
                for found in _read(part, node, possible, factors, instead):
                    if found.quantity is None:
                        others.setdefault((found.condition, where), (replace(found, where=where), part))
                        continue
                    if there and (found.condition == where or possible(found.quantity, there) <= found.signs):
                        continue
                    if not there and found.signs == {-1, 1}:
                        sources.setdefault(node, []).append(found.quantity)
                    key = found.quantity, where
                    known = on_signs.get(key)
                    signs = found.signs & known.signs if known else found.signs
                    made_by_rule = known is not None and not all(each.span.source for each in known.sources)
                    if known is None or signs != known.signs or (made_by_rule and found.signs == signs):
                        text = sign_condition(found.quantity, signs) if signs else found.condition
                        is_alone = found.signs == signs or (
                            len(on_signs) <= _MOST_HELD and possible(found.quantity, _asked_in(node, found)) <= signs
                        )
                        further = known.sources if known and not is_alone else ()
                        on_signs[key] = Assumption(text, (*further, node), found.quantity, signs, where)

    needs = [*on_signs.values()]
    everywhere = {quantity: need for (quantity, where), need in on_signs.items() if not where and need.signs}

    def premises() -> Branch:
        """Those conditions that say something wherever those before them hold."""
        told: dict[Formula, tuple[Formula, bool]] = {}
        found = everywhere
        while found:
            under = tuple(told.values())
            found = {each: need for each, need in everywhere.items() if each not in told and is_total(each, under)}
            told |= {quantity: as_step(quantity, need.signs) for quantity, need in found.items()}
        return tuple(told.values())

    for quantity, need in list(everywhere.items()) if len(everywhere) <= _MOST_HELD else ():
        for source in sources if len(need.signs) == 2 and 0 in need.signs else ():
            apart = [each for each in sources[source] if each in everywhere and each != quantity]
            steps = [as_step(quantity, need.signs), *(as_step(each, ALL - {0}) for each in apart)]
            if len(steps) > 1 and 0 not in possible(quantity, tuple(steps)):  # x^2 >= 1, x != 1 and x != -1
                signs = need.signs - {0}
                both = (source,) if source in need.sources else (*need.sources, source)
                strict = Assumption(sign_condition(quantity, signs), both, quantity, signs)
                needs[needs.index(need)] = everywhere[quantity] = strict
                break
    for quantity in sorted(everywhere, key=tree_size, reverse=True) if len(everywhere) <= _MOST_HELD else ():
        need = everywhere.pop(quantity)
        if possible(quantity, premises()) <= need.signs:
            needs.remove(need)
        else:
            everywhere[quantity] = need
    under = premises() if others or len(everywhere) < len(needs) <= _MOST_HELD else ()
    on_branches = [need for need in needs if need.where and need.where != _UNTOLD and len(needs) <= _MOST_HELD]
    for need in on_branches if under else ():
        if need.quantity is not None and possible(need.quantity, (*under, *branches[need.where])) <= need.signs:
            needs.remove(need)

    def follows(part: Formula, branch: Branch) -> bool:
        return _settled(part, partial(possible, branch=branch)) is True

    parts = [part for other, part in others.values() if not (other.where or partial_calls(part))]  # have a value
    left = list[Assumption]()
    for other, part in reversed(others.values()):
        beside = tuple((each, True) for each in parts if each is not part)
        leading = (*under, *branches[other.where])
        is_one = Call(TABLE["if"], (part, ONE, ZERO))  # where the condition holds
        if follows(part, leading) or possible(is_one, (*beside, *leading)) == {1}:
            parts = [each for each in parts if each is not part]
        else:
            left.insert(0, other)
    always = {found.condition for found in (*needs, *left) if not found.where}
    return [found for found in (*needs, *left) if not found.where or found.condition not in always]


def _on_branches(
    condition: Formula | bool, branch: Branch | None, possible: Callable[..., Signs]
) -> Iterator[tuple[Formula, Branch | None]]:
    """The parts of a condition, each with the branch on which it is asked for: one on an `if` is one for either of its
    branches, and where one of these can have no value, that the branch is not taken."""
    todo = [(part, branch) for part, _ in operands(condition, "and")] if isinstance(condition, Formula) else []
    while todo:
        part, there = todo.pop(0)
        choices = [each for each in children_first(part) if isinstance(each, Call) and each.function.name == "if"]
        if not choices or there is None or len(there) >= _MOST_STEPS:
            yield part, there
            continue
        test, *values = choices[-1].args
        beyond = [(*there, (test, holds)) for holds in (True, False)]
        settled = [
            _settled(replaced(part, choices[-1], value), partial(possible, branch=each))
            for value, each in zip(values, beyond, strict=True)
        ]
        if False in settled:
            todo.append((_condition(test, settled[0] is not False), there))
        for each, within in zip(settled, beyond, strict=True):
            if isinstance(each, Formula) and not _is_empty(within, possible):
                todo.append((each, there if False in settled else within))


def as_step(quantity: Formula, signs: Signs) -> tuple[Formula, bool]:
    """The signs of a quantity, as one step of a branch."""
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return Call(TABLE[operator], (quantity, ZERO)), True


def _domain_of(node: Call) -> Formula:
    return domain_at(node) if node.function.domain else Call(TABLE["!="], (node.args[0], ZERO), node.span)


def _asked_in(node: Call, found: Assumption) -> Branch:
    """What was found that a node asks for, and what all in it does, if that is little."""
    calls = [each for each in children_first(node) if isinstance(each, Call) and each.function.domain]
    own = () if found.quantity is None or not found.signs else (as_step(found.quantity, found.signs),)
    return (*own, *((_domain_of(each), True) for each in calls if len(calls) <= _MOST_STEPS))


_UNTOLD = "it is asked for"


def told(branch: Branch | None) -> str:
    """The conditions of a branch, as far as somebody reads that."""
    if branch is None or len(branch) > _MOST_STEPS:
        return _UNTOLD
    if sum(tree_size(condition) for condition, _ in branch) > _MOST_NODES:
        return _UNTOLD
    parts = [part for step in branch for part, _ in operands(_condition(*step), "and")]
    return expression(in_chain("and", parts)) if parts else ""


def _branches(formula: Formula) -> list[Branch | None]:
    """For each node the conditions, and whether they hold, that lead to the one branch on which it stands; none where
    it is always needed; and None for what stands on several branches."""
    flat = kept(formula, flattened)
    last = len(flat.nodes) - 1
    found: dict[int, Branch | None] = {last: ()}
    for place in range(last, -1, -1):  # all that a node stands in comes before it
        branch = found[place]
        for below, step in zip(flat.below[place], _steps(flat.nodes[place]), strict=True):
            here = None if branch is None else (*branch, *step)
            known = found.setdefault(below, here)
            if known != here:
                found[below] = () if () in (known, here) else None
    return [found[place] for place in range(last + 1)]


def _steps(node: Formula) -> list[Branch]:
    """For each of the formulas that stand in a node the condition for it to be needed."""
    name = node.function.name if isinstance(node, Call) else ""
    condition = children(node)[0] if name in ("if", "and", "or") else node
    if name == "if":
        return [(), ((condition, True),), ((condition, False),)]
    if name in ("and", "or"):
        return [(), ((condition, name == "and"),)]
    return [()] * len(children(node))


def _condition(condition: Formula, holds: bool) -> Formula:
    """The condition, or its opposite."""
    if holds:
        return condition
    if isinstance(condition, Call) and condition.function.name in _OPPOSITES:
        return Call(TABLE[_OPPOSITES[condition.function.name]], condition.args)
    return Call(TABLE["not"], (condition,))


_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def _varying(formula: Formula, names: Collection[str]) -> list[bool]:
    """Whether each node depends on a variable."""
    found: list[bool] = []
    for node, below in kept(formula, flattened):
        if isinstance(node, Name) and node.definition is None:
            found.append(node.name in names or node.name not in CONSTANTS)
        else:
            found.append(any(found[i] for i in below))
    return found


def _is_empty(branch: Branch, possible: Callable[..., Signs]) -> bool:
    """Whether no point is on a branch: one of its conditions cannot come out so where those before it do."""
    return any(
        _settled(condition, partial(possible, branch=branch[:k])) is (not holds)
        for k, (condition, holds) in enumerate(branch)
    )


def _settled(condition: Formula, possible: Callable[[Formula], Signs]) -> Formula | bool:
    """The condition without those parts that hold always, or never."""

    def call(node: Call, args: list[Formula | bool]) -> Formula | bool:
        if node.function.name in OUTCOME:
            return _compared(node, possible)
        if node.function.name not in ("and", "or", "not"):
            return node
        made: Formula | bool = controlled(node.function, tuple(args))
        parts = [part for part, _ in operands(made, "or")] if isinstance(made, Call) else []
        unequal = [difference(part) for part in parts if isinstance(part, Call) and part.function is TABLE["!="]]
        if len(unequal) < 2 or len(unequal) < len(parts):
            return made
        squares = [Call(TABLE["^"], (each, number(2))) for each in unequal]
        return 0 not in possible(total(squares)) or made  # which is 0 where all are

    return fold(condition, lambda node: node, lambda node, _: node, call)


def _compared(node: Call, possible: Callable[[Formula], Signs]) -> Formula | bool:
    with precision(_BITS):
        anywhere = arb(0, math.inf)
        holds = Lowering(node, BALL, ()).value(dict.fromkeys(free_names(node), anywhere))
    if holds is not None:  # sin(x) >= -1
        return bool(holds)
    signs, holds = possible(difference(node)), OUTCOME[node.function.name]
    if signs <= holds:
        return True
    return node if signs & holds else False


def _read(
    condition: Formula,
    source: Formula,
    possible: Callable[[Formula], Signs],
    factors: Callable[[Formula], list[Formula]],
    instead: Callable[[Formula, Signs], list[tuple[Formula, Signs]]],
) -> Iterator[Assumption]:
    quantities = {*map(difference, _joined(condition))}
    if len(quantities) != 1:
        yield Assumption(expression(_simple_first(condition)), (source,))
        return
    (quantity,) = quantities
    signs = frozenset(filter(lambda sign: holds(condition, lambda _: sign), ALL))
    if possible(quantity) <= signs:
        return
    for told_of, allowed in instead(quantity, signs):
        if possible(told_of) - allowed == {0}:
            for factor in factors(told_of):
                if 0 in possible(factor):
                    yield Assumption(expression(condition), (source,), isolated(factor)[0], ALL - {0})
        else:
            alone, turned = isolated(told_of)
            yield Assumption(expression(condition), (source,), alone, _turned(allowed) if turned else allowed)


def _joined(condition: Formula) -> Iterator[Call]:
    """The comparisons that a condition is joined of; those within what is compared are none."""
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Call) and part.function.name in OUTCOME:
            yield part
        else:
            todo += children(part)
