"""Conditions: `x > 0, from log(x)`, that a formula needs to have a value, and where a claim holds that does not hold
everywhere, `x > 0`."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice

from flint import arb

from gradcalc.engine.domains import is_off_zero, partial_calls
from gradcalc.engine.formulas import controlled, operands, total
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import ALL, OUTCOME, UNIT, Interning, Signs, difference, domain_at, holds
from gradcalc.engine.tidy import isolated
from gradcalc.language.formula import Call, Formula, Name, brief, children, expression, flattened, fold, free_names
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.kept import kept, tree_size
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.proofs.exact import possible_signs
from gradcalc.proofs.factored import told_by, zero_factors
from gradcalc.proofs.growth import signs_by_growth
from gradcalc.proofs.laws import Branch, has_value_everywhere
from gradcalc.record import dataclass, replace
from gradcalc.work import Work

from .look import side_at
from .points import Place, simple_points
from .result import Need

_BITS = 128
_TRIED = 24  # simple points at which a condition is tried
_OF_SIGNS = 20  # units of work for a node of a quantity whose signs, or factors, are looked for
_SMALL, _MOST_SMALL = 12, 24  # nodes of a quantity that is asked about though the work is spent, and how many are
_MOST_STEPS, _MOST_NODES = 3, 40  # of the conditions that lead to a branch
_MOST_HELD = 100  # conditions that are held against each other, whether one follows from others


@dataclass(frozen=True, slots=True)
class Assumption:
    """A condition that `source` needs. Where it is on the sign of one `quantity`, `signs` are those it may have.
    `where` is the branch on which the source stands, if it stands on one: elsewhere the condition is not needed."""

    condition: str
    source: Formula
    quantity: Formula | None = None
    signs: Signs = ALL
    where: str = ""

    @property
    def need(self) -> Need:
        row = self.source.function if isinstance(self.source, Call) else None
        source = row.needs if row and is_off_zero(row) else brief(self.source)
        where = self.where and f", where {self.where}"
        return Need(
            f"{self.condition}, from {source}{where}", off_zero=self.quantity if self.signs == {-1, 1} else None
        )

    @property
    def point(self) -> Place:
        """The one value of the one name in its quantity that it leaves out; none where it leaves out another set."""
        if self.quantity is None or self.where or self.signs != {-1, 1} or len(free_names(self.quantity)) != 1:
            return {}
        (name,), intern = free_names(self.quantity), Interning()
        form, x = {UNIT: Fraction(0), **intern.linear(self.quantity)}, intern(Name(name))
        return {name: number(-form[UNIT] / form[x])} if form.keys() == {UNIT, x} else {}

    def is_at_zero(self, place: Place) -> bool:
        """Whether its quantity is 0 at a point, as far as balls tell."""
        return self.quantity is not None and side_at(self.quantity, place) == 0


def sign_condition(quantity: Formula, signs: Signs) -> str:
    """`x > 0`; `a < b` for the quantity a - b."""
    quantity, turned = isolated(quantity)
    left, right, signs = quantity, ZERO, _turned(signs) if turned else signs
    if isinstance(quantity, Call) and quantity.function.name == "-":
        left, right = quantity.args
        if not free_names(left):
            left, right, signs = right, left, _turned(signs)
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return expression(Call(TABLE[operator], (left, right)))


def _turned(signs: Signs) -> Signs:
    return frozenset(-sign for sign in signs)


def assumptions(
    formulas: Sequence[Formula],
    possible: Callable[..., Signs],
    factors: Callable[[Formula], list[Formula]],
    is_total: Callable[[Formula, Branch], bool],
    instead: Callable[[Formula, Signs], tuple[Formula, Signs]],
    names: Collection[str] = (),
) -> list[Assumption]:
    """The conditions under which the prepared formulas have a value, each once; what always holds is left out, and
    what follows from the others.

    Args:
        formulas: the last one is a claim, of whose derivatives within it nothing is read at a kink.
        possible: the signs that a quantity may have, anywhere or on a branch.
        factors: quantities of which one is zero where this one is.
        is_total: whether a quantity has a value everywhere on a branch.
        instead: a quantity, and its signs, that say the same as one and its signs, and more plainly.
        names: that are variables whatever they are otherwise, such as `e`.
    """
    on_signs: dict[tuple[Formula, str], Assumption] = {}
    others: dict[tuple[str, str], tuple[Assumption, Formula]] = {}
    branches: dict[str, Branch] = {}
    for i, formula in enumerate(formulas):
        nodes, claimed = kept(formula, flattened).nodes, i == len(formulas) - 1
        for node, varies, branch in zip(nodes, _varying(formula, names), _branches(formula), strict=True):
            if not isinstance(node, Call) or not (node.function.domain or (claimed and is_off_zero(node.function))):
                continue
            where = _told(branch)
            if where not in branches and _is_empty(branch or (), possible):
                continue
            branches[where] = branch or ()
            settled = _settled(_domain_of(node), possible)
            if settled is False and claimed:
                settled = _domain_of(node)  # it has no value there at all
            elif not varies or (where == _UNTOLD and not claimed):
                continue
            for part, _ in operands(settled, "and") if isinstance(settled, Formula) else ():
                for found in _read(part, node, possible, factors, instead):
                    if found.quantity is None:
                        others.setdefault((found.condition, where), (replace(found, where=where), part))
                        continue
                    if branch and (found.condition == where or possible(found.quantity, branch) <= found.signs):
                        continue
                    key = found.quantity, where
                    known = on_signs.get(key)
                    signs = found.signs & known.signs if known else found.signs
                    if known is None or signs != known.signs:
                        text = sign_condition(found.quantity, signs) if signs else found.condition
                        on_signs[key] = Assumption(text, node, found.quantity, signs, where)

    needs = [*on_signs.values()]
    everywhere = {quantity: need for (quantity, where), need in on_signs.items() if not where and need.signs}

    def premises() -> Branch:
        """Those conditions that say something wherever those before them hold."""
        told: dict[Formula, tuple[Formula, bool]] = {}
        found = everywhere
        while found:
            under = tuple(told.values())
            found = {each: need for each, need in everywhere.items() if each not in told and is_total(each, under)}
            told |= {quantity: _as_step(quantity, need.signs) for quantity, need in found.items()}
        return tuple(told.values())

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
        if follows(part, leading) or (beside and possible(is_one, (*beside, *leading)) == {1}):
            parts = [each for each in parts if each is not part]
        else:
            left.insert(0, other)
    always = {found.condition for found in (*needs, *left) if not found.where}
    return [found for found in (*needs, *left) if not found.where or found.condition not in always]


def _as_step(quantity: Formula, signs: Signs) -> tuple[Formula, bool]:
    """The signs of a quantity, as one step of a branch."""
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return Call(TABLE[operator], (quantity, ZERO)), True


def _domain_of(node: Call) -> Formula:
    return domain_at(node) if node.function.domain else Call(TABLE["!="], (node.args[0], ZERO), node.span)


_UNTOLD = "it is asked for"


def _told(branch: Branch | None) -> str:
    """The conditions of a branch, as far as somebody reads that."""
    if branch is None or len(branch) > _MOST_STEPS:
        return _UNTOLD
    if sum(tree_size(condition) for condition, _ in branch) > _MOST_NODES:
        return _UNTOLD
    return " and ".join(expression(_condition(*step)) for step in branch)


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
    instead: Callable[[Formula, Signs], tuple[Formula, Signs]],
) -> Iterator[Assumption]:
    quantities = {*map(difference, _joined(condition))}
    if len(quantities) != 1:
        yield Assumption(expression(condition), source)
        return
    (quantity,) = quantities
    signs = frozenset(filter(lambda sign: holds(condition, lambda _: sign), ALL))
    if possible(quantity) <= signs:
        return
    quantity, signs = instead(quantity, signs)
    may_be = possible(quantity)
    if may_be - signs == {0}:
        for factor in factors(quantity):
            if 0 in possible(factor):
                yield Assumption(expression(condition), source, isolated(factor)[0], ALL - {0})
    else:
        quantity, turned = isolated(quantity)
        signs = _turned(signs) if turned else signs
        yield Assumption(expression(condition), source, quantity, signs)


def _joined(condition: Formula) -> Iterator[Call]:
    """The comparisons that a condition is joined of; those within what is compared are none."""
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Call) and part.function.name in OUTCOME:
            yield part
        else:
            todo += children(part)


_signs = lru_cache(1024)(possible_signs)  # the same is asked while the conditions become fewer, and without the claim
_is_total = lru_cache(1024)(has_value_everywhere)


def needed(formulas: Sequence[Formula], names: Collection[str], work: Work) -> list[Assumption]:
    """The assumptions of prepared formulas, with what is known of the signs of quantities in these variables, as far as
    there is work allowed for that; of a few small ones anyway, as people see that `x^2 > -1` is no condition."""
    small, variables = set[Formula](), tuple(names)

    def allowed(quantity: Formula) -> bool:
        if not work.over():
            work.spend(_OF_SIGNS * tree_size(quantity))
        if work.over() and len(small) < _MOST_SMALL and tree_size(quantity) <= _SMALL:
            small.add(quantity)
        return quantity in small or not work.over()

    def possible(quantity: Formula, branch: Branch = ()) -> Signs:
        asked = (quantity, *(condition for condition, _ in branch))
        return _signs(quantity, variables, branch) if all(map(allowed, asked)) else ALL

    def factors(quantity: Formula) -> list[Formula]:
        return zero_factors(quantity, names) if allowed(quantity) else [quantity]

    def instead(quantity: Formula, signs: Signs) -> tuple[Formula, Signs]:
        return told_by(quantity, signs, names) if allowed(quantity) else (quantity, signs)

    def is_total(quantity: Formula, branch: Branch) -> bool:
        return allowed(quantity) and _is_total(quantity, variables, branch)

    def always_holds(need: Assumption) -> bool:
        """Whether that is seen by derivatives, which are asked where it holds at simple points."""
        alone = {} if need.quantity is None or need.where else free_names(need.quantity)
        if len(alone) != 1 or not alone.keys() <= {*names}:
            return False
        if broken([need], [*islice(simple_points([*alone]), _TRIED)]):
            return False
        assert need.quantity is not None
        return allowed(need.quantity) and signs_by_growth(need.quantity, *alone) <= need.signs

    return [
        need for need in assumptions(formulas, possible, factors, is_total, instead, names) if not always_holds(need)
    ]


def beyond(
    formula: Formula, claim: Formula, names: Collection[str], work: Work, region: Iterable[tuple[Formula, Signs]] = ()
) -> list[Need]:
    """All that a prepared claim needs in a region, but for what the prepared formula does and what follows of both."""
    steps = [_as_step(quantity, signs) for quantity, signs in region]
    inside = _told(tuple(steps))
    for condition, _ in reversed(steps):
        claim = Call(TABLE["if"], (condition, claim, ZERO))
    own = {(each.condition, each.where) for each in needed((formula, ZERO), names, work)}
    found = [each for each in needed((formula, claim), names, work) if (each.condition, each.where) not in own]
    return [replace(each, where=each.where.removeprefix(inside).removeprefix(" and ")).need for each in found]


def broken(needs: Sequence[Assumption], places: Sequence[Place]) -> list[Assumption]:
    """Those assumptions on the sign of a quantity that are not met at some of the places: told by balls."""
    unmet = {
        a.condition for a in needs if not (a.where or a.quantity is None) and _is_unmet(a.quantity, a.signs, places)
    }
    return [a for a in needs if a.condition in unmet and not a.where]


def _is_unmet(quantity: Formula, signs: Signs, places: Sequence[Place]) -> bool:
    return any(side_at(quantity, place) not in {*signs, None} for place in places)
