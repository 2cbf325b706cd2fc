"""A Python function as a formula: it is run on numbers that write down what is done to them.

`trace` runs the function at one point. What came out is the formula of that run, so that everything we can say of a
formula, certified and at any precision, can be said of the function. A comparison is decided by the point and kept as
a `Guard`; where the two sides are equal the function is run both ways, and the formula gets an `if`.

Nobody has to believe a trace: its value is held against what the function itself answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.record import dataclass, replace

from .rebinding import Rebinding
from .tracer import MOST_NODES, REFUSALS, CrowdedError, Guard, Tape, Tracer, UntraceableError, variable

Run = Callable[[Rebinding, list[Any]], Sequence[Any]]
MOST_BRANCHES = 32  # of one comparison after another between equal sides


@dataclass(frozen=True, slots=True)
class Trace:
    """The run of a function at a point and, as far as the guards hold, near it.

    `formulas` has one formula for each number that came out. `at` has the values of the variables and of the constants
    met on the way that are doubles near to some real number, which are names of their own: `constants`. `hidden` says
    what the function did with its argument that no formula shows, and `anywhere` whether the run was the same at all
    points: it decided nothing.
    """

    formulas: tuple[Formula, ...]
    at: Mapping[str, Formula | float]
    constants: tuple[str, ...]
    guards: tuple[Guard, ...]
    hidden: str = ""
    anywhere: bool = False
    size: int = 0  # steps of all runs that it took

    def moved(self, numbers: Mapping[str, float]) -> Trace:
        """The trace at another point, for one that is good anywhere."""
        return replace(self, at={**self.at, **{variable(name): x for name, x in numbers.items()}})


def trace(run: Run, at: Mapping[str, float], branches: bool = True, most: int = MOST_NODES) -> Trace:
    """The function's formulas.

    Args:
        run: rebinds the function, calls it with the tracers given, one for each name of `at`, and answers with the
            numbers that came out.
        branches: whether to follow both branches where the sides of a comparison are equal.
        most: how many steps a run may take.

    Raises:
        UntraceableError: the run cannot be written as formulas; CrowdedError if that is so at this point alone.
    """
    paths: dict[tuple[bool, ...], tuple[Formula, ...]] = {}
    asked: dict[tuple[bool, ...], Call] = {}
    tapes = []
    todo: list[tuple[bool, ...]] = [()]
    while todo:
        tape = Tape(at, todo.pop(), branches, most)
        outputs = _run(run, tape)
        taken = tuple(guard.outcome for guard in tape.ties)
        paths[taken] = outputs
        asked |= {taken[:i]: guard.condition for i, guard in enumerate(tape.ties)}
        todo += [(*taken[:i], not taken[i]) for i in range(len(tape.forced), len(taken))]
        tapes.append(tape)
        if len(paths) + len(todo) > MOST_BRANCHES:
            raise CrowdedError(f"more than {MOST_BRANCHES} branches meet at the point")
    for prefix in sorted(asked, key=len, reverse=True):
        pairs = zip(paths.pop((*prefix, True)), paths.pop((*prefix, False)), strict=True)
        paths[prefix] = tuple(Call(TABLE["if"], (asked[prefix], yes, no)) for yes, no in pairs)
    known = {name: value for tape in tapes for name, value in tape.at.items()}
    constants = dict.fromkeys(name for tape in tapes for name in tape.constants)
    guards = tuple(guard for tape in tapes for guard in tape.guards)
    hidden = "it turns its argument into text" if any(tape.as_text for tape in tapes) else ""
    anywhere = not (hidden or guards or len(tapes) > 1 or any(tape.looked_at for tape in tapes))
    return Trace(paths[()], known, tuple(constants), guards, hidden, anywhere, sum(tape.steps for tape in tapes))


def _run(run: Run, tape: Tape) -> tuple[Formula, ...]:
    inputs = [Tracer(tape, Name(name), value) for name, value in tape.at.items()]
    refusals: list[str] = []
    token = REFUSALS.set(refusals)
    try:
        results = tuple(tape.formula(result) for result in run(Rebinding(), inputs))
    except UntraceableError:
        raise
    except Exception as error:  # any line of the user's program may be the one that cannot live with a tracer
        raise UntraceableError(refusals[0] if refusals else f"{type(error).__name__}: {error}") from error
    finally:
        REFUSALS.reset(token)
    if refusals:  # and the function went on as if nothing had been
        raise UntraceableError(refusals[0])
    return results
