"""Conditions: `x > 0, from log(x)`, that a formula needs to have a value, and where a claim holds that does not hold
everywhere, `x > 0`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from gradcalc.engine.domains import is_off_zero, partial_calls
from gradcalc.engine.formulas import operands
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
from gradcalc.language.literals import ONE, ZERO
from gradcalc.language.substitution import replaced
from gradcalc.proofs.laws import Branch
from gradcalc.record import dataclass, replace

from .cases import (
    MOST_STEPS,
    UNTOLD,
    Algebra,
    as_step,
    by_cases,
    joined,
    of_what_is_whole,
    one_of,
    sign_condition,
    simple_first,
    told,
    turned_signs,
)
from .look import side_at
from .points import Place
from .result import Need

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


def assumptions(formulas: Sequence[Formula], algebra: Algebra) -> list[Assumption]:
    """The conditions under which the prepared formulas have a value, each once; what always holds is left out, and
    what follows from the others. The last formula is a claim, of whose derivatives within it nothing is read at a kink.
    """
    on_signs: dict[tuple[Formula, str], Assumption] = {}
    others: dict[tuple[str, str], tuple[Assumption, Formula]] = {}
    branches: dict[str, Branch] = {}
    sources: dict[Formula, list[Formula]] = {}  # what must not be 0 for them
    for i, formula in enumerate(formulas):
        nodes, claimed = kept(formula, flattened).nodes, i == len(formulas) - 1
        for node, varies, branch in zip(nodes, _varying(formula, algebra.names), _branches(formula), strict=True):
            if not isinstance(node, Call) or not (node.function.domain or (claimed and is_off_zero(node.function))):
                continue
            where = told(branch)
            if where not in branches and algebra.is_empty(branch or ()):
                continue
            branches[where] = branch or ()
            settled = algebra.settled(_domain_of(node), branch or ())
            if settled is False and branch:  # it has no value wherever it is asked for
                settled, branch = one_of(branch[-1][0], not branch[-1][1]), branch[:-1]
            elif settled is False and claimed:
                settled = _domain_of(node)  # it has none at all
            elif not varies or (where == UNTOLD and not claimed):
                continue
            for part, there in _on_branches(settled, branch, algebra):
                where = told(there)
                branches[where] = there or ()
                for found, asked in _read(part, node, algebra):
                    if found.quantity is None:
                        others.setdefault((found.condition, where), (replace(found, where=where), asked))
                        continue
                    if there and (found.condition == where or algebra.signs(found.quantity, there) <= found.signs):
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
                            len(on_signs) <= _MOST_HELD
                            and algebra.signs(found.quantity, _asked_in(node, found)) <= signs
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
            found = {
                each: need for each, need in everywhere.items() if each not in told and algebra.is_total(each, under)
            }
            told |= {quantity: as_step(quantity, need.signs) for quantity, need in found.items()}
        return tuple(told.values())

    for quantity, need in list(everywhere.items()) if len(everywhere) <= _MOST_HELD else ():
        for source in sources if len(need.signs) == 2 and 0 in need.signs else ():
            apart = [each for each in sources[source] if each in everywhere and each != quantity]
            steps = [as_step(quantity, need.signs), *(as_step(each, ALL - {0}) for each in apart)]
            if len(steps) > 1 and 0 not in algebra.signs(quantity, tuple(steps)):  # x^2 >= 1, x != 1 and x != -1
                signs = need.signs - {0}
                both = (source,) if source in need.sources else (*need.sources, source)
                strict = Assumption(sign_condition(quantity, signs), both, quantity, signs)
                needs[needs.index(need)] = everywhere[quantity] = strict
                break

    def left_out(*beside: tuple[Formula, bool]) -> None:
        for quantity in sorted(everywhere, key=tree_size, reverse=True) if len(everywhere) <= _MOST_HELD else ():
            need = everywhere.pop(quantity)
            if algebra.signs(quantity, (*premises(), *beside)) <= need.signs:
                needs.remove(need)
            else:
                everywhere[quantity] = need

    def has_value(part: Formula, branch: Branch) -> bool:
        return all(not partial_calls(each) or algebra.is_total(difference(each), branch) for each in joined(part))

    left_out()
    under = premises() if others or len(everywhere) < len(needs) <= _MOST_HELD else ()
    parts = [part for other, part in others.values() if not other.where and has_value(part, under)]
    left = list[tuple[Assumption, Formula]]()
    for other, part in reversed(others.values()):
        beside = tuple((each, True) for each in parts if each is not part)
        leading = (*under, *branches[other.where])
        is_one = Call(TABLE["if"], (part, ONE, ZERO))  # where the condition holds
        follows = algebra.settled(part, leading) is True
        if follows or algebra.signs(is_one, (*beside, *leading)) == {1}:
            parts = [each for each in parts if each is not part]
        else:
            left.insert(0, (other, part))
    alone = tuple((part, True) for part in parts if not partial_calls(part))
    if alone:
        left_out(*alone)
        under = premises()
    on_branches = [need for need in needs if need.where and need.where != UNTOLD and len(needs) <= _MOST_HELD]
    for need in on_branches if (held := (*under, *alone)) else ():
        if need.quantity is not None and algebra.signs(need.quantity, (*held, *branches[need.where])) <= need.signs:
            needs.remove(need)
    for where in dict.fromkeys(other.where for other, _ in left):
        on_it = [each for each in left if each[0].where == where]
        needs += _joined(on_it, partial(by_cases, possible=algebra.signs, branch=(*under, *branches[where])))
    always = {found.condition for found in needs if not found.where}
    return [found for found in needs if not found.where or found.condition not in always]


def _joined(
    left: Sequence[tuple[Assumption, Formula]], told_as: Callable[[Formula], Formula | bool]
) -> list[Assumption]:
    """Conditions on one branch as they are told, those together that are shorter so."""
    found = list[tuple[Assumption, Formula, Formula | bool]]()
    for other, part in left:
        plain = told_as(part)
        for k, (known, before, so) in enumerate(found):
            if {*map(difference, joined(before))} & {*map(difference, joined(part))}:
                both = Call(TABLE["and"], (before, part))
                if isinstance(made := told_as(both), Formula) and tree_size(made) < _size(so) + _size(plain):
                    found[k] = replace(known, sources=(*known.sources, *other.sources)), both, made
                    break
        else:
            found.append((other, part, plain))
    return [each if isinstance(made, bool) else replace(each, condition=expression(made)) for each, _, made in found]


def _size(condition: Formula | bool) -> int:
    return 0 if isinstance(condition, bool) else tree_size(condition)


def _on_branches(
    condition: Formula | bool, branch: Branch | None, algebra: Algebra
) -> Iterator[tuple[Formula, Branch | None]]:
    """The parts of a condition, each with the branch on which it is asked for: one on an `if` is one for either of its
    branches, and where one of these can have no value, that the branch is not taken."""
    todo = [(part, branch) for part, _ in operands(condition, "and")] if isinstance(condition, Formula) else []
    while todo:
        part, there = todo.pop(0)
        choices = [each for each in children_first(part) if isinstance(each, Call) and each.function.name == "if"]
        if not choices or there is None or len(there) >= MOST_STEPS:
            yield part, there
            continue
        test, *values = choices[-1].args
        beyond = [(*there, (test, holds)) for holds in (True, False)]
        settled = [
            algebra.settled(replaced(part, choices[-1], value), each)
            for value, each in zip(values, beyond, strict=True)
        ]
        if False in settled:
            todo.append((one_of(test, settled[0] is not False), there))
        for each, within in zip(settled, beyond, strict=True):
            if isinstance(each, Formula) and not algebra.is_empty(within):
                todo.append((each, there if False in settled else within))


def _domain_of(node: Call) -> Formula:
    return domain_at(node) if node.function.domain else Call(TABLE["!="], (node.args[0], ZERO), node.span)


def _asked_in(node: Call, found: Assumption) -> Branch:
    """What was found that a node asks for, and what all in it does, if that is little."""
    calls = [each for each in children_first(node) if isinstance(each, Call) and each.function.domain]
    own = () if found.quantity is None or not found.signs else (as_step(found.quantity, found.signs),)
    return (*own, *((_domain_of(each), True) for each in calls if len(calls) <= MOST_STEPS))


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


def _varying(formula: Formula, names: Collection[str]) -> list[bool]:
    """Whether each node depends on a variable."""
    found: list[bool] = []
    for node, below in kept(formula, flattened):
        if isinstance(node, Name) and node.definition is None:
            found.append(node.name in names or node.name not in CONSTANTS)
        else:
            found.append(any(found[i] for i in below))
    return found


def _read(condition: Formula, source: Formula, algebra: Algebra) -> Iterator[tuple[Assumption, Formula]]:
    """The assumptions that a condition comes to, each with the condition of its own."""
    quantities = {*map(difference, joined(condition))}
    if len(quantities) != 1:
        condition = _plainly(condition, algebra)
        yield Assumption(expression(simple_first(condition)), (source,)), condition
        return
    (quantity,) = quantities
    signs = frozenset(filter(lambda sign: holds(condition, lambda _: sign), ALL))
    if algebra.signs(quantity) <= signs:
        return
    if signs == {-1, 1} and (apart := _where_not_zero(quantity)) is not None:
        if isinstance(left := algebra.settled(apart), Formula):
            yield from _read(left, source, algebra)
        return
    for told_of, allowed in algebra.instead(quantity, signs):
        if algebra.signs(told_of) - allowed == {0}:
            for factor in algebra.factors(told_of):
                if 0 not in algebra.signs(factor):
                    continue
                if _where_not_zero(factor) is not None:
                    yield from _read(Call(TABLE["!="], (factor, ZERO)), source, algebra)
                else:
                    yield Assumption(expression(condition), (source,), isolated(factor)[0], ALL - {0}), condition
        else:
            alone, turned = isolated(told_of)
            yield (
                Assumption(expression(condition), (source,), alone, turned_signs(allowed) if turned else allowed),
                condition,
            )


def _plainly(condition: Formula, algebra: Algebra) -> Formula:
    """A condition that is joined, with `x != 0` for `abs(x) > 0`: where all signs of a quantity are told by those of
    one that is plainer."""

    def call(node: Call, args: list[Formula]) -> Formula:
        name = node.function.name
        if name in ("and", "or", "not"):
            return Call(node.function, tuple(args), node.span)
        quantity, wanted = (difference(node), OUTCOME[name]) if name in OUTCOME else (ZERO, ALL)
        if wanted == ALL or of_what_is_whole(quantity) is not quantity:
            return node
        (other, *more), above = algebra.factors(quantity), ALL - {0}
        if -1 in algebra.signs(quantity):
            (told_of, above), *besides = algebra.instead(quantity, frozenset({1}))
            if besides or told_of != other:  # x > 0 and x < 1, of x/(1 - x) > 0
                return node
        if more or 0 in above:
            return node
        signs = (above if 1 in wanted else set()) | (wanted & {0}) | (ALL - {0} - above if -1 in wanted else set())
        return as_step(other, frozenset(signs))[0] if 0 < len(signs) < len(ALL) else node

    return fold(condition, lambda node: node, lambda node, _: node, call)


def _where_not_zero(quantity: Formula) -> Formula | None:
    """Of `x^n` that has a value, the condition that it is not 0, in `x` and `n`."""
    if not (isinstance(quantity, Call) and quantity.function.name == "^" and free_names(quantity.args[1])):
        return None
    base, exponent = quantity.args
    return Call(TABLE["or"], (Call(TABLE["!="], (base, ZERO)), Call(TABLE["<="], (exponent, ZERO))))
