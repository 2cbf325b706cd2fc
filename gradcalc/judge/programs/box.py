"""A gradient over a box: where to look, so that a fault in a small part of it is found, and the simplest failing point.

Three searches, each for what the others miss. Points of a Latin hypercube are judged in full: every axis is covered
evenly. The comparisons a traced program made there are followed to their other outcome: a branch is found however
small its part of the box. Many more points are looked at in double arithmetic, and the suspicious ones judged in full;
these come first where a judgement is made of many values of a program that is not traced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random

from gradcalc.engine.drawn import Box, hypercube
from gradcalc.engine.rewrite import expand, has_kinks, prepare
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.switches import comparisons
from gradcalc.gradients import evaluate, value_and_grad
from gradcalc.helper import OutOfTime
from gradcalc.language.formula import Call, Formula, children_first
from gradcalc.language.functions import TABLE
from gradcalc.language.identity import distinct
from gradcalc.record import dataclass
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME, Work

from .forms import Numbers
from .judge import Judgement, judged, out_of_time
from .rounding import ROUNDOFF
from .subject import ClaimedFunction
from .tracer import Guard, UntraceableError, variable

LOOKED_AT, LOOKED_AT_FIRST = 2048, 256
MOST_SUSPECTS = 10
_TELLING = 32  # suspicious points, of which the part of the box that fails is told well enough
_TOLD = 4  # that are wrong, after which the others are
ENOUGH_WRONG = 8  # points: after them no more are judged in full
MOST_PROBES = 200
MOST_TRIES = 60  # of simpler points, for one counterexample
_WORK = 200_000  # steps of a program, in all of them
_SUSPICIOUS = 1e-11  # relative error; that of difference quotients is larger
_SUSPICIOUS_DIFFERENCE = 1e-6
_LOST = 16.0  # units of roundoff of a value
_COMPARED = 0.01  # units of work of a step of a program, where two comparisons are held together
_BESIDE = (0.0, 1e-9, 1e-6, 1e-3, 3e-2)  # how far beyond a boundary to look, in parts of the box


Judge = Callable[[Numbers], Judgement]


@dataclass(frozen=True, slots=True)
class Region:
    """Findings in a box: all judgements, how many points were drawn evenly, and which part of them fails."""

    judgements: tuple[Judgement, ...]
    drawn: int
    failing: float
    unfinished: str = ""  # why not all was tried


def search(claim: ClaimedFunction) -> Region:
    """Look for a fault in the box of the question.

    As many points are judged in full as the question says; a part of the work that is allowed, `seconds` long, goes
    into looking at others in double arithmetic.
    """
    found, drawn, looks, unfinished = list[Judgement](), list[Judgement](), list[tuple[float, int]](), OUT_OF_TIME

    def judge(point: Numbers) -> Judgement:
        found.append(judged(claim, point))
        return found[-1]

    with suppress(OutOfTime):
        unfinished = _searched(claim, judge, drawn, looks)
    looked_at = len(drawn) + sum(count for _, count in looks)
    failing = (_share(drawn) * len(drawn) + sum(share * count for share, count in looks)) / max(1, looked_at)
    return Region(tuple(found) or (out_of_time(claim.question.first),), looked_at, failing, unfinished)


def _searched(claim: ClaimedFunction, judge: Judge, drawn: list[Judgement], looks: list[tuple[float, int]]) -> str:
    """Judge points, of which those that are drawn evenly are added to a list; and to `looks`, of more points that were
    looked at, which part fails, and how many they are.

    Returns: why not all was tried.
    """
    asked, work = claim.question, claim.work
    box = list(asked.box.values())
    rng = Random(asked.seed)
    points = list(dict.fromkeys(hypercube(rng, box, asked.n)))  # of which a box next to a point has few
    drawn.append(judge(points[0]))

    def look(count: int, most: int) -> None:
        further = [point for point in dict.fromkeys(hypercube(rng, box, count)) if point not in points]
        looks.append(_look(claim, judge, further, Work(asked.seconds, work), most))

    if _by_quotients(claim):  # a judgement of one point takes as long as a look at hundreds
        look(LOOKED_AT_FIRST, MOST_SUSPECTS)
        if any(share for share, _ in looks):
            return ""
    rest = [] if work.over() else points[1:]
    drawn.extend(_while_allowed(map(judge, rest), work, ENOUGH_WRONG - _share(drawn)))
    enough = sum(one.verdict == Verdict.WRONG for one in drawn) >= ENOUGH_WRONG
    unfinished = len(drawn) < len(points) and not enough
    others = [point for point in dict.fromkeys(_special(box)) if point not in points]
    special = [] if enough else list(_while_allowed(map(judge, others), work))
    for _ in _while_allowed(_follow_guards(claim, judge, box, [*drawn, *special]), work):
        pass
    unfinished = unfinished or work.over()
    if enough or not all(one.plain for one in drawn):
        look(LOOKED_AT, MOST_SUSPECTS if not enough else 2)
    return work.ended * unfinished


def _while_allowed(judgements: Iterator[Judgement], work: Work, most: float = math.inf) -> Iterator[Judgement]:
    """As many as there is work allowed for, and at least one; no more after so many that are wrong."""
    wrong = 0
    for found in judgements:
        yield found
        wrong += found.verdict is Verdict.WRONG
        if wrong >= most or work.over():
            return


def _share(judgements: Sequence[Judgement]) -> float:
    return sum(found.verdict == Verdict.WRONG for found in judgements) / max(1, len(judgements))


# ---- points


_SIDES = (0.0, 0.5, -0.5)
_ROUND = (0.0, 1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 10.0)


def _special(box: Box) -> Iterator[Numbers]:
    """The middle, the ends, and round numbers that are in the box."""
    yield tuple((low + high) / 2 for low, high in box)
    yield tuple(low for low, _ in box)
    yield tuple(high for _, high in box)
    for x in _ROUND[:4]:
        if all(low <= x <= high for low, high in box):
            yield tuple(x for _ in box)


# ---- boundaries


def _follow_guards(claim: ClaimedFunction, judge: Judge, box: Box, found: Sequence[Judgement]) -> Iterator[Judgement]:
    """Judge points on the other side of every comparison of which one outcome alone was seen."""
    outcomes: dict[Formula, set[bool]] = {}
    tried: set[Guard] = set()

    def noted(judgement: Judgement) -> tuple[Judgement, list[Guard]]:
        guards = [*_told_apart(claim, judgement)]
        for guard in guards:
            outcomes.setdefault(guard.condition, set()).add(guard.outcome)
        return judgement, guards

    todo, seen = [*map(noted, found)], {one.numbers for one in found}
    for judgement, guards in todo:  # and those found on the way
        for guard in guards:
            if len(outcomes[guard.condition]) > 1 or guard in tried:
                continue
            tried.add(guard)
            for point in _across(claim, box, judgement, guard.condition):
                if point in seen:
                    continue
                seen.add(point)
                yield (fresh := judge(point))
                todo.append(noted(fresh))
                if len(todo) - len(found) >= MOST_PROBES:
                    return


def _told_apart(claim: ClaimedFunction, judgement: Judgement) -> Iterator[Guard]:
    """The comparisons, as long as there is work allowed for telling them from others: each walks over what a program
    compares, which may be all that it computed before."""
    for guard in _guards(judgement):
        if claim.work.over():
            return
        claim.work.spend(_COMPARED * claim.of.steps)
        yield guard


def _guards(judgement: Judgement) -> tuple[Guard, ...]:
    """The comparisons of a program's run, and those inside the formulas that came of it."""
    if judgement.plain:
        return ()
    inside = [guard for formula in judgement.formulas if has_kinks(formula) for guard in _inside(formula, judgement)]
    return (*judgement.guards, *inside)


def _inside(formula: Formula, judgement: Judgement) -> Iterator[Guard]:
    for node in comparisons(expand(formula)):
        try:
            outcome = FLOAT.function(node.function)(*(evaluate(arg, judgement.known) for arg in node.args))
        except (ArithmeticError, ValueError):  # in a branch that is not taken
            continue
        yield Guard(node, bool(outcome))


def _across(claim: ClaimedFunction, box: Box, judgement: Judgement, condition: Call) -> Iterator[Numbers]:
    """Points at a comparison's boundary and on both sides of it, by Newton's method from a point."""
    difference = prepare(Call(TABLE["-"], condition.args))
    names = tuple(map(variable, claim.form.names))
    point = list(judgement.numbers)
    direction = [0.0] * len(point)
    for _ in range(30):
        try:
            at = {**judgement.known, **dict(zip(names, point, strict=True))}
            value, slopes = value_and_grad(difference, at, names)
        except (ArithmeticError, ValueError):
            return
        gradient = [slopes[name] for name in names]
        square = math.fsum(slope * slope for slope in gradient)
        if not (math.isfinite(square) and square > 0):
            return
        direction = [slope / math.sqrt(square) for slope in gradient]
        moved = [x - value * slope / square for x, slope in zip(point, gradient, strict=True)]
        moved = [min(max(x, low), high) for x, (low, high) in zip(moved, box, strict=True)]
        if moved == point:
            break
        point = moved
    for part in _BESIDE:
        for side in (1, -1) if part else (1,):
            beside = tuple(
                min(max(x + side * part * (high - low) * d, low), high)
                for x, d, (low, high) in zip(point, direction, box, strict=True)
            )
            yield beside


# ---- many points in double arithmetic


def _look(claim: ClaimedFunction, judge: Judge, points: Sequence[Numbers], work: Work, most: int) -> tuple[float, int]:
    """The part of the box that fails, as far as suspicious points tell, which are judged, and the points looked at."""
    suspicion: list[tuple[float, Numbers]] = []
    count = 0
    for point in points:
        if work.over():
            break
        count += 1
        try:
            off = _off(claim, point)
        except (ArithmeticError, ValueError, UntraceableError):
            continue
        if off > (_SUSPICIOUS_DIFFERENCE if _by_quotients(claim) else _SUSPICIOUS):
            suspicion.append((off, point))
            if len(suspicion) == _TELLING and judge(max(suspicion)[1]).verdict is Verdict.WRONG:
                break
    suspicion.sort(reverse=True)
    every = max(1, len(suspicion) // most)
    found = list(_while_allowed((judge(point) for _, point in suspicion[::every]), Work(math.inf), _TOLD))
    return len(suspicion) * _share(found) / max(1, count), count


def _off(claim: ClaimedFunction, point: Numbers) -> float:
    """About how far, relatively, the gradient is from the truth, by double arithmetic."""
    truths, off = _about(claim, point), 0.0
    try:
        answers = claim.at(point).numbers
    except (ArithmeticError, ValueError):
        return math.inf
    for actual, (expected, lost) in zip(answers, truths, strict=True):
        if not math.isfinite(expected):
            continue
        size = max(abs(expected), lost, 1e-300)
        off = max(off, (abs(actual - expected) - lost) / size if math.isfinite(actual) else math.inf)
    return off


def _by_quotients(claim: ClaimedFunction) -> bool:
    return bool(claim.of.untraceable or claim.of.hidden)


def _about(claim: ClaimedFunction, point: Numbers) -> list[tuple[float, float]]:
    """The truths, each with what rounding of the values may make of it where it is a quotient."""
    function, asked = claim.of, claim.question
    if not _by_quotients(claim):
        try:
            return [(truth, 0.0) for truth in function.about(point)]
        except UntraceableError:
            pass
    if asked.second:
        return [(math.nan, 0.0)] * len(function.entries)
    found = []
    for entry in function.entries:
        along = asked.vector if entry.axis is None else [float(i == entry.axis) for i in range(len(point))]
        step = 2.0**-17 / (max(abs(d) / (abs(x) or 1.0) for x, d in zip(point, along, strict=True)) or 1.0)
        beside = ([x + move * d for x, d in zip(point, along, strict=True)] for move in (step, -step))
        above, below = (asked.values(function.values(each))[entry.row] for each in beside)
        found.append(((above - below) / (2 * step), _LOST * ROUNDOFF * max(abs(above), abs(below)) / step))
    return found


# ---- the simplest failing point


def tries_for(one: Judgement) -> int:
    """How many simpler points are worth trying: fewer for large programs."""
    size = len(distinct(node for formula in one.formulas for node in children_first(formula)))
    return min(MOST_TRIES, max(1, _WORK // max(1, size)))


def simplest(claim: ClaimedFunction, start: Numbers, most: int) -> Numbers:
    """The simplest point found at which it is wrong as at the start: round numbers first, then fewer digits."""
    tries, box = 0, list(claim.question.box.values())

    def fails(point: Numbers) -> bool:
        nonlocal tries
        inside = not box or all(low <= x <= high for x, (low, high) in zip(point, box, strict=True))
        if not inside or tries >= most:
            return False
        tries += 1
        return judged(claim, point).verdict is Verdict.WRONG

    for x in _ROUND[:5]:
        if fails(tuple(x for _ in start)):
            return tuple(x for _ in start)
    point = start
    for axis in range(len(start)):
        for x in _simpler(point[axis]):
            moved = (*point[:axis], x, *point[axis + 1 :])
            if fails(moved):
                point = moved
                break
    return point


def _simpler(x: float) -> Iterator[float]:
    """Round numbers, then those next to it with one digit, with two, and so on."""
    seen = {x}
    size = math.floor(math.log10(abs(x))) if x else 0
    cut = [
        round(x / unit + side) * unit for digits in range(7) for unit in [10.0 ** (size - digits)] for side in _SIDES
    ]
    for simple in (*_ROUND, *(float(f"{one:.9g}") for one in cut)):
        if simple not in seen:
            seen.add(simple)
            yield simple
