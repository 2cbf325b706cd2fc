"""A claim about a sum, shown of groups of its terms that have no comparison and no floor in common.

The argument. Let F = F_1 + F_2 + ..., and the claim C = C_1 + C_2 + ... in the same groups. If C_g is the derivative of
every F_g, C is that of F: n steps along one quantity are n proofs on three cells each, and not one on 2*n + 1 cells.
Where pieces of one F_g meet, the proof of that group says what the derivative is, if there is one, or that there is
none. Where several groups have pieces that meet in one point and one of them no derivative there, F may have one
nevertheless: such points are left open, and where they are no points, the sum is looked at as a whole. So are those at
which one F_g has no derivative where another F_h may have the end of its domain, as F has then what it is on one side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from gradcalc.engine.formulas import added, minus, terms_of
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import expand, our_derivative
from gradcalc.engine.switches import Interning
from gradcalc.language.formula import Call, Formula, Name, children_first, children_of_all, free_names
from gradcalc.language.literals import ZERO
from gradcalc.record import replace
from gradcalc.work import Work

from .continuous import may_end
from .equality import Claimed, Equality, Met, Step, prove_equal
from .exact import possible_signs
from .laws import plain
from .sides import Studied

_FEWEST, _MOST = 3, 1000  # groups


def prove_by_summands(claimed: Claimed, work: Work, partial: bool = False) -> Equality:
    """As `prove_equal`, which is asked where there are no groups, or the claim is not shown of one of them."""
    found = _in_groups(claimed, work, partial)
    return prove_equal(claimed, work, partial) if found is None else found


def parts_with(whole: Formula, names: Collection[str]) -> dict[str, Formula]:
    """By name, the sum of the terms that it stands in, whose derivative by it is that of the whole: of a sum of many
    names each is in few. Where the whole has a value, so has the part."""
    found: dict[str, Formula] = dict.fromkeys(names, ZERO)
    for term, sign in terms_of(whole):
        nodes = children_first(term, children_of_all)  # a name with a number may be asked for as well
        for name in {node.name for node in nodes if isinstance(node, Name)} & found.keys():
            found[name] = added(found[name], term, sign)
    return found


def _in_groups(claimed: Claimed, work: Work, partial: bool) -> Equality | None:
    studied = claimed.studied
    if studied is not None and len(studied.formulas) > 2:
        return None
    steps, met, ending, cells = list[Step](), list[Sequence[Met]](), list[bool](), 0
    opened = list[Mapping[str, Formula]]()
    for formula, derivative, claim in _groups(claimed.formula, claimed.derivative, claimed.claim):
        own = None
        if studied is not None:
            derivative = our_derivative(formula, studied.name)
            own = Studied(studied.name, [formula, derivative])
        part = replace(claimed, formula=formula, derivative=derivative, claim=claim, studied=own)
        found = prove_equal(part, work, partial)
        if not found:
            return None
        steps += found.steps
        opened += found.open
        if studied is not None and studied.name in free_names(formula):
            met.append(found.met)
            ending.append(may_end(plain(formula)))
        cells += found.cells
    common = _common(met, ending)
    if not cells or common is None:
        return None
    return Equality(True, "", cells, [*opened, *common], [*dict.fromkeys(steps)])


def _common(met: Sequence[Sequence[Met]], ending: Sequence[bool]) -> list[Mapping[str, Formula]] | None:
    """Points where pieces of several groups may meet, and one has no derivative; None where these are no points."""
    found: list[Mapping[str, Formula]] = []
    for i, group in enumerate(met):
        lonely = [each.place for each in group if each.bare]
        if lonely and any(ends for j, ends in enumerate(ending) if j != i):
            if None in lonely:
                return None
            found += filter(None, lonely)
    lacking = [any(each.bare for each in group) for group in met]
    known = [
        [{name: (x, rational_value(x)) for name, x in (each.place or {}).items()} for each in group] for group in met
    ]
    for i, j in combinations([i for i, group in enumerate(met) if group], 2):
        for one, here in zip(met[i], known[i], strict=True) if lacking[i] or lacking[j] else ():
            for other, there in zip(met[j], known[j], strict=True):
                if not (one.bare or other.bare):
                    continue
                if one.place is None or other.place is None or one.place.keys() != other.place.keys():
                    return None
                if not any(_differ(*here[name], *there[name]) for name in one.place):
                    found.append(one.place)
    return found


def _differ(x: Formula, one: Any, y: Formula, other: Any) -> bool:
    """Whether two constants, with the rational numbers that they are, if so, are certainly not equal."""
    if one is not None and other is not None:
        return bool(one != other)
    return 0 not in possible_signs(minus(x, y))


def _groups(*sums: Formula) -> list[list[Formula]]:
    """The sums of those terms that have comparisons or floors in common, in the same groups; none if these are few."""
    intern, of_switch, parent = Interning(), dict[object, int](), list[int]()

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i] = parent[parent[i]]
        return i

    placed: list[tuple[int, Formula, int, int]] = []  # which sum, the term, its sign and its group
    parent.append(0)  # of all terms without comparisons
    for which, whole in enumerate(sums):
        for term, sign in terms_of(whole):
            group = 0
            for switch in _switches(term, intern):
                own = of_switch.setdefault(switch, len(parent))
                if own == len(parent):
                    parent.append(own)
                group = group or root(own)
                parent[root(own)] = root(group)
            placed.append((which, term, sign, group))
    made: dict[int, list[Formula]] = {}
    for which, term, sign, group in placed:
        line = made.setdefault(root(group), [ZERO] * len(sums))
        line[which] = added(line[which], term, sign)
    return list(made.values()) if _FEWEST <= len(made) <= _MOST else []


def _switches(term: Formula, intern: Interning) -> Iterator[object]:
    """The comparisons and floors in a term, as keys that tell them from others."""
    for node in children_first(expand(term)):
        if isinstance(node, Call) and node.function.value is not None and not node.function.smooth:
            yield intern.comparison(node)[0] if node.function.condition else (intern(node.args[0]),)
