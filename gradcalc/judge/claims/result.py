"""A claimed derivative as a question, `Assertion`, and the verdict on it, `Check`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from gradcalc.certified import Component
from gradcalc.certified.components import finite
from gradcalc.engine.lowering import Point, as_constant
from gradcalc.engine.program import check_names, check_point
from gradcalc.engine.rewrite import as_formula, our_derivative, prepare_open
from gradcalc.engine.tidy import tidied
from gradcalc.judge.result import Finding, Result
from gradcalc.language.ends import at_ends, names_in_ends
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, check_options
from gradcalc.language.formula import Call, Formula, Name, brief, children_first, free_names, to_text, users_functions
from gradcalc.language.functions import RESERVED, TABLE, Function
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import how_many
from gradcalc.language.parser import parse
from gradcalc.language.spelled import closed
from gradcalc.language.substitution import substitute
from gradcalc.proofs.equality import Step
from gradcalc.record import dataclass, field, replace
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME, points_of, time_of

from .mistakes import Mistake
from .points import Place

SEED = 0
POINTS = 40
_LONG = 1_000  # characters: what is kept on a formula of more is no longer kept than the formula
_SHORT = 2_000  # nodes, which are made tidy in a moment, also where the time is over
AGREE_BITS = 128  # of both balls: a fault of one part in 10^38 is seen


@dataclass(frozen=True, slots=True)
class Assertion:
    """The question whether `claim` is d^order formula / d name^order: at `at` first, then at `n` points by `seed`."""

    formula: Formula
    name: str
    claim: Formula
    at: Place = field(default_factory=dict)
    order: int = 1
    seed: int = SEED
    n: int = POINTS
    seconds: float = LIMITS.seconds

    @property
    def sign(self) -> str:
        """`d/dx`, `d^2/dx^2`."""
        power = "" if self.order == 1 else f"^{self.order}"
        return f"d{power}/d{self.name}{power}"

    @property
    def ours(self) -> Formula:
        """The derivative by our chain rule, as people write it where it is short."""
        found = our_derivative(prepare_open(self.formula), self.name, self.order)
        return tidied(found) if tree_size(found) <= _SHORT else found

    def data(self) -> dict[str, Any]:
        """The question as JSON can hold it; points are exact texts.

        Raises:
            ValueError: a function written in Python takes part.
        """
        nodes = (node for root in (self.formula, self.claim) for node in children_first(root))
        rows = {node.function for node in nodes if isinstance(node, Call)}
        if any(TABLE.get(row.name) is not row and not isinstance(row.definition, Formula) for row in rows):
            raise ValueError("a certificate has no place for functions written in Python: define them in the formula")
        return {
            "question": "derivative",
            "formula": to_text(self.formula),
            "name": self.name,
            "order": self.order,
            "claim": to_text(self.claim),
            "at": texts_of(self.at),
            "seed": self.seed,
            "n": self.n,
        }


class ClaimOptions(TypedDict, total=False):
    """How a claim is judged.

    order: of the derivative, 1 if nothing is said.
    seed: of the points that are drawn.
    n: how many points are drawn, besides simple ones.
    seconds: the work for all of it, counted as a usual machine does it: when it is done, what was seen so far counts.
        Those that are given the clock keeps, too; if none are, it ends what takes five times as long.
    functions: your own, for both texts; those that the formula defines are known in the claim.
    """

    order: int
    seed: int
    n: int
    seconds: float
    functions: Iterable[Function]


@lru_cache(12)
def _once(text: str) -> Formula:
    return parse(text)


def _read(text: str, rows: Collection[Function]) -> Formula:
    """The formula of a text. Many claims are on one: what is kept on it is made for the first of them."""
    return parse(text, rows) if rows or len(text) > _LONG else _once(text)


def asserted(
    formula: str | Formula, name: str, claim: str | Formula, at: Point | None = None, **options: Unpack[ClaimOptions]
) -> Assertion:
    """The question that `check_derivative` answers."""
    check_options(options, ClaimOptions)
    rows = tuple(options.get("functions", ()))
    at = {} if at is None else at
    check_point(at, formula)
    check_names(at)
    given = {key: as_constant(value, key) for key, value in at.items()}
    typed = _read(formula, rows) if isinstance(formula, str) else formula
    own = (row for row in users_functions(typed) if not (row.indexed or "'" in row.name))  # g' comes with g
    known = {row.name: row for row in (*own, *rows)}
    claimed = _read(claim, known.values()) if isinstance(claim, str) else as_formula(claim)
    waiting = {**names_in_ends(typed), **names_in_ends(claimed)}  # they are numbers wherever they stand
    ends = {key: given[key] for key in waiting if key in given}
    parsed, claimed = (closed(at_ends(each, ends)) for each in (as_formula(typed), claimed))
    variable, order = _once(name), options.get("order", 1)
    if not isinstance(variable, Name) or variable.name in RESERVED:
        raise FormulaError(f"'{name}' is no variable to differentiate by", variable.span)
    name = variable.name
    if not 1 <= order <= LIMITS.order:
        raise LimitError("order", f"the order of a derivative is from 1 to {LIMITS.order}, not {order}")
    seed, n, seconds = (
        options.get("seed", SEED),
        points_of(options.get("n", POINTS)),
        time_of(options.get("seconds", LIMITS.seconds)),
    )
    # the named intermediates of the formula mean the same in the claim
    named = {n.name: n for n in children_first(parsed) if isinstance(n, Name) and n.definition is not None}
    again = next((n for n in children_first(claimed) if isinstance(n, Name) and n.name == name and n.definition), None)
    if again and name not in named:
        raise FormulaError(f"{name} is what the derivative is taken by", again.span, "write the derivative alone")
    used = {key: node for key, node in named.items() if key in free_names(claimed) and key != name}
    return Assertion(parsed, name, substitute(claimed, used), given, order, seed, n, seconds)


@dataclass(frozen=True, slots=True)
class Counterexample(Finding):
    """A point at which the claim is not the derivative: constant formulas by name, both values in balls, correctly
    rounded. `claimed` is None where the claim has no value, with the `reason`; `off` is the relative error, where the
    truth is not 0."""

    correct: Component = field(kw_only=True)
    claimed: Component | None = None
    off: Component | None = None

    @property
    def relative(self) -> float:
        """The relative error, from the balls."""
        return math.inf if self.off is None else self.off.number

    def data(self) -> dict[str, Any]:
        """The point as exact texts, numbers as the nearest doubles, and beyond these as texts."""
        return {
            "at": texts_of(self.at),
            "correct": _written(self.correct),
            "claimed": None if self.claimed is None else _written(self.claimed),
            "relative_error": None if self.off is None else _written(self.off),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Need:
    """A condition of a verdict as it is told; the `end` that is bounded, `n >= 0`, where it says that, and the quantity
    that is `off_zero` where it says no more."""

    text: str
    end: Call | None = None
    off_zero: Formula | None = None

    @classmethod
    def of_end(cls, end: Call) -> Need:
        return cls(f" {end.function.name} ".join(map(brief, end.args)), end)

    def told(self, more: str) -> Need:
        """The same, with `more` behind it."""
        return replace(self, text=self.text + more)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Check(Result):
    """The verdict on a claimed derivative. True only where the claim was right everywhere it was tried.

    `verdict` is one of
    - `proved`: equal for all values in the common domain;
    - `agrees`: at `points` points to `digits` digits, not proved, with the `reason`;
    - `conditional`: shown equal where `conditions` hold, or without any where the claim has a value; `counterexample`
      lies elsewhere; with the `reason` "proved there" it is nowhere else equal;
    - `wrong`: `counterexample` is a point where the balls of claim and truth are disjoint, or where the claim has no
      value; `hint` names the mistake, if it is a known one;
    - `not-differentiable`, `undefined`: at the point asked for, with the `reason`; `left` and `right` derivatives;
    - `undecided`: with the `reason`.

    `correct` is the derivative, `sympy_form` sympy's where it has one. `conditions` are what the values need: `x > 0,
    from log(x)`. `steps` are those of the `proof`: each part of the domain, and how it was settled. `notes` are worth
    knowing, whatever the verdict; `lacks` is the one that says where the claim alone has no value.
    """

    question: Assertion
    correct: Formula
    sympy_form: Formula | None = None
    needs: tuple[Need, ...] = ()
    mistake: Mistake | None = None
    proof: tuple[Step, ...] = ()
    lacks: str = ""
    points: int = 0
    digits: int | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(need.text for need in self.needs)

    @property
    def counterexample(self) -> Counterexample | None:
        """The point where it shows that the claim is not right, or not everywhere."""
        return next((found for found in self.findings if isinstance(found, Counterexample)), None)

    @property
    def kinks(self) -> bool:
        """Whether the proof excepts points at which the claim has a value and the formula no derivative."""
        return any(step.kink for step in self.proof)

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(step.text for step in self.proof)

    @property
    def hint(self) -> str:
        """Which mistake gives exactly this claim, or nothing."""
        return "" if self.mistake is None else self.mistake.text

    @property
    def left(self) -> float | None:
        """The derivative on the left at the point asked for, where there is none."""
        return self.findings[0].left if self.findings else None

    @property
    def right(self) -> float | None:
        return self.findings[0].right if self.findings else None

    def data(self) -> dict[str, Any]:
        """The verdict, and all that it takes to ask again. Points are exact texts, numbers the nearest doubles."""
        example = self.counterexample
        return {
            **self.question.data(),
            "verdict": self.verdict.value,
            "correct": to_text(self.correct),
            "sympy": None if self.sympy_form is None else to_text(self.sympy_form),
            "conditions": list(self.conditions),
            "steps": list(self.steps),
            "counterexample": None if example is None else example.data(),
            "hint": self.hint,
            "mistake": None if self.mistake is None else {"kind": self.mistake.kind, "column": self.mistake.column},
            "reason": self.reason,
            "notes": list(self.notes),
            "left": self.left,
            "right": self.right,
            "points": self.points,
            "digits": self.digits,
            "precision": AGREE_BITS,
        }


def _written(part: Component) -> float | str | None:
    beyond = math.isinf(part.number) or (part.number == 0 and part.status == "certified" and not part.ball.is_zero())
    return str(part.ball.str(10, radius=False)) if beyond and part.ball is not None else finite(part.number)


PROVED_THERE = "proved there"
ALSO_ELSEWHERE = "proved there; whether elsewhere too was not decided"


def unfinished(question: Assertion, right: int, wrong: Iterable[Counterexample]) -> Check:
    """The verdict where the time ended: how many points were `right`, and which were `wrong`."""
    wrong = tuple(wrong)
    tried = (f"it is right at the {how_many(right, 'point')} tried",) if right and not wrong else ()
    return Check(
        question=question, correct=question.ours, verdict=Verdict.WRONG if wrong else Verdict.UNDECIDED, findings=wrong,
        reason=OUT_OF_TIME, points=right, notes=(*tried, f"not all was tried: {OUT_OF_TIME}"),
    )  # fmt: skip


def texts_of(at: Mapping[str, Formula]) -> dict[str, str]:
    """A point as exact texts."""
    return {name: to_text(value) for name, value in at.items()}
