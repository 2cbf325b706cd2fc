"""Exercises for the backward pass, each a formula and a point: drawn by level and seed, or read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from gradcalc.engine.lowering import as_constant
from gradcalc.explain import Explanation, explain
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError, FormulaSyntaxError, Span
from gradcalc.language.formula import Formula, Name, expression, free_names, to_text
from gradcalc.language.grammar import read_line
from gradcalc.language.literals import number, place_text
from gradcalc.language.parser import parse
from gradcalc.language.substitution import link, substitute
from gradcalc.record import dataclass


@dataclass(frozen=True, slots=True)
class Exercise:
    """A formula and the point at which its backward pass is to be done."""

    formula: Formula
    at: Mapping[str, Formula]

    def __str__(self) -> str:
        return f"{to_text(self.formula)} at {place_text(self.at)}"


# shapes of growing difficulty; their letters are given small numbers, and a letter may become a shape of its own
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("a*b + c", "(a + b)*c", "a*b - c", "(a*b + c)*f", "a*(b - c)", "a*b + c*f", "(a - b)*(c + f)"),
    ("x^2 + x*y", "(x + y)*(x - y)", "x*y + x", "x/y + y", "(x + 1)^2*y", "x^3 - x*y", "y*(x + y)^2"),
    (
        "x*y + sin(x)",
        "tanh(x*w + b)",
        "exp(x*y) - x",
        "log(x^2 + y^2)",
        "relu(x*w + b)*v",
        "sqrt(x^2 + y^2)",
        "sigmoid(x)*y",
    ),
    (
        "tanh(x1*w1 + x2*w2 + b)",
        "n = x*w + b; e = exp(2*n); (e - 1)/(e + 1)",
        "d = p - y; d^2 + r*w^2",
        "relu(x*w + b)^2 + w^2",
        "log(1 + exp(-y*(w*x + b)))",
    ),
)
LEVELS = range(1, len(_LEVELS) + 1)
_NUMBERS = (-3, -2, -1, 1, 2, 3, 4)


def _drawn(level: int, random: Random) -> Exercise:
    """An exercise of a level; drawn again while a gradient does not exist, is long, or is 0 more than once."""
    while True:
        shape = parse(random.choice(_LEVELS[level - 1]))
        if level < 3 and random.random() < 0.4:
            shape = _grown(shape, random)
        found = Exercise(shape, {name: number(random.choice(_NUMBERS)) for name in shape.names})
        if _is_fair(found):
            return found


def endless(level: int, seed: int) -> Iterator[Exercise]:
    """Exercises of a level, no formula twice in a row."""
    random = Random(seed)
    last = ""
    while True:
        exercise = _drawn(level, random)
        if expression(exercise.formula) != last:
            last = expression(exercise.formula)
            yield exercise


def drawn(level: int, seed: int, count: int) -> list[Exercise]:
    """So many exercises of a level, the same for the same seed; no two are alike, as long as there are others."""
    found: dict[str, Exercise] = {}
    for tried, exercise in enumerate(endless(level, seed)):
        found.setdefault(str(exercise) if tried < _TRIES * count else f"{exercise} {tried}", exercise)
        if len(found) == count:
            break
    return [*found.values()]


_TRIES = 20  # for each exercise, to find one that is not there yet


def _grown(shape: Formula, random: Random) -> Formula:
    """The shape with one of its letters replaced by a sum or a product of two others."""
    inner = parse(random.choice(("p*q", "p + q", "p - q")))
    return substitute(shape, {random.choice(shape.names): Name("g", inner)})


def _is_fair(exercise: Exercise) -> bool:
    try:
        explanation = explained(exercise)
    except (FormulaError, ArithmeticError):
        return False
    sizes = [abs(part.number) for row in explanation.rows for part in (row.value, row.gradient)]
    dull = sum(row.gradient.number == 0 for row in explanation.rows) > 1
    return not (explanation.notes or dull) and all(size < 1000 and (size == 0 or size > 1e-3) for size in sizes)


_SHAPE = "write a formula and its point: x^2 + x*y at x=3 y=-4"


def read_exercises(text: str, source: str = "") -> list[Exercise]:
    """The exercises of a teacher's file: a formula a line, `(a*b + c)*f at a=2 b=-3 c=10 f=-2`; `#` begins a comment.

    Args:
        source: the file's name, which errors tell with the line.

    Raises:
        FormulaError: for what is no formula or no point, or where the formula has no value there.
    """
    found = []
    for i, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            try:
                found.append(_read(line))
            except FormulaError as error:
                wrong, place = error.diagnostic, f"{source}, line {i}: " if source else ""
                raise FormulaError(f"{place}{wrong.message}", wrong.span, wrong.help, wrong.notes) from None
    if not found:
        raise FormulaSyntaxError("there is no exercise", Span(text, 0, 0), _SHAPE)
    return found


def explained(exercise: Exercise) -> Explanation:
    """The backward pass of an exercise, all of it.

    Raises:
        OutOfTime: there was time for a part.
    """
    explanation = explain(exercise.formula, exercise.at)
    if not explanation.whole:
        raise OutOfTime
    return explanation


def _read(line: str) -> Exercise:
    try:
        *before, asked = read_line(line)
    except FormulaSyntaxError as error:
        wrong = error.diagnostic
        raise FormulaSyntaxError(wrong.message, wrong.span, wrong.help or _SHAPE, wrong.notes) from None
    at: dict[str, Formula] = {}
    for given in asked.at:
        if given.name in at:
            raise FormulaSyntaxError(f"{given.name} has two values", given.span, "leave one of them out")
        at[given.name] = as_constant(given.formula, given.name)
    formula = link(asked.formula, {statement.name: statement.formula for statement in before})
    for given in asked.at:
        if given.name not in free_names(formula):
            raise FormulaSyntaxError(f"{given.name} is not in the formula", given.span, "leave its value out")
    explanation = explained(Exercise(formula, at))
    if explanation.notes:
        raise FormulaError(explanation.notes[0], formula.span, "choose another point")
    if len(explanation.rows) == 1:
        raise FormulaError("there is no gradient to ask for", formula.span, _SHAPE)
    return Exercise(formula, at)
