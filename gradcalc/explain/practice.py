"""A teacher for the backward pass: asks for the gradients of a small graph node by node, and judges the answers.

`Practice` is the engine: `task` is what is asked now, `answer` judges a text, `hint` gives the rule, `skip` the
solution. `drill` runs it over two callables that read and write lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gradcalc.certified import certify
from gradcalc.engine.lowering import leaves, shown
from gradcalc.engine.rewrite import prepare
from gradcalc.explain import Explanation, Path, Row
from gradcalc.explain.exercises import LEVELS, Exercise, endless, explained
from gradcalc.language.errors import FormulaError, MissingValueError
from gradcalc.language.formula import Call, Formula, Name, Number, expression
from gradcalc.language.grammar import read_answer
from gradcalc.language.literals import unsigned
from gradcalc.language.substitution import link
from gradcalc.record import dataclass

# ---- what is asked, and what is answered


@dataclass(frozen=True, slots=True)
class Task:
    """`question` asks for the gradient of one `node` of an exercise, whose forward pass is `text`."""

    exercise: Exercise
    text: str
    question: str
    node: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether an answer is right, and what to say. `verdict` is `right`, `wrong`, or `unread` for what is no number."""

    verdict: str
    message: str

    def __bool__(self) -> bool:
        return self.verdict == "right"


@dataclass(slots=True)
class Score:
    """Nodes asked so far, right at once or later; `wrong` answers were given for the node at hand."""

    first: int = 0
    later: int = 0
    skipped: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        if not self.asked and self.wrong:
            return f"no answer was right, of {self.wrong}"
        if not self.asked:
            return "nothing was answered"
        later = f", {self.later} after a mistake or a hint" if self.later else ""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.first} of {self.asked} right at once{later}{skipped}"

    @property
    def asked(self) -> int:
        return self.first + self.later + self.skipped


class Practice:
    """Exercises of a level, drawn by a seed, or the exercises given, in their order.

    Args:
        level: from 1 to 4: sums and products; shared variables, powers and quotients; functions; neurons and losses.
        seed: the same seed asks the same questions.
        exercises: a teacher's own; then the level does not count, and `task` is None after the last.
    """

    def __init__(self, level: int = 1, seed: int = 0, exercises: Sequence[Exercise] = ()):
        if level not in LEVELS:
            raise ValueError(f"there is no level {level}: they go from {LEVELS[0]} to {LEVELS[-1]}")
        self.level = level
        self.seed = seed
        self.score = Score()
        self._exercises: Iterator[Exercise] = iter(exercises) if exercises else endless(level, seed)
        self._explanation: Explanation | None = None
        self._exercise: Exercise | None = None
        self._todo: list[Row] = []
        self._mistakes = 0
        self._hints = 0  # given for the node that is asked for
        self._next_exercise()

    def _next_exercise(self) -> None:
        self._exercise = next(self._exercises, None)
        self._explanation = None
        if self._exercise is not None:
            self._explanation = explained(self._exercise)
            self._todo = list(self._explanation.rows[1:])

    # ---- the question

    @property
    def task(self) -> Task | None:
        """The task at hand; None when the exercises have come to an end."""
        if self._exercise is None or self._explanation is None:
            return None
        row = self._todo[0]
        question = f"d{self._explanation.root}/d{row.node} = "
        return Task(self._exercise, _forward(self._exercise, self._explanation), question, row.node)

    def _asked(self) -> tuple[Explanation, Row]:
        if self._explanation is None:
            raise ValueError("there is nothing asked any more")
        return self._explanation, self._todo[0]

    @property
    def meanings(self) -> dict[str, Formula]:
        """The meanings of the exercise's names: numbers, and formulas in other nodes."""
        if self._exercise is None or self._explanation is None:
            return {}
        made = {row.node: row.formula for row in self._explanation.rows if not isinstance(row.formula, Name)}
        return {**self._exercise.at, **made}

    def _done(self) -> None:
        self._mistakes = self._hints = self.score.wrong = 0
        self._todo.pop(0)
        if not self._todo:
            self._next_exercise()

    # ---- the answer

    def answer(self, text: str) -> Feedback:
        """Judge an answer: a number, or a formula in the names of the nodes. A right one leads to the next question."""
        explanation, row = self._asked()
        asked = f"d{explanation.root}/d{row.node}"
        try:
            said = read_answer(text)
            if said.left is not None and expression(said.left) != asked:
                return Feedback("unread", f"what is asked is {asked}: answer with it alone")
            given = self._given(said.right, explanation)
        except MissingValueError as error:
            names = ", ".join(each.node for each in reversed(explanation.rows))
            return Feedback("unread", f"{error.message}: the names here are {names}")
        except FormulaError as error:
            return Feedback("unread", str(error))
        figures, half = _rounding(said.right)
        if _equal(given, row.gradient.ball, figures, half):
            self.score.first += self._mistakes == 0
            self.score.later += self._mistakes > 0
            self._done()
            return Feedback("right", f"right: {_solution(explanation, row)}")
        if figures and _is_rounded(given, row.gradient.ball, half):
            return Feedback("unread", f"so far so good: give at least {_DIGITS} digits")
        self._mistakes += 1
        self.score.wrong += 1
        why = _mistake(given, explanation, row, figures, half)
        self._hints = self._hints if why else max(self._hints, 1)  # the first is given now
        wrong = f"{shown(given)} is not {asked}"
        return Feedback("wrong", f"{wrong}: {why}" if why else f"{wrong}. {self._steps()[0]}")

    def _given(self, formula: Formula, explanation: Explanation) -> Any:
        """The answer as a ball: a number, or a formula in the nodes."""
        assert self._exercise is not None
        made = {row.node: row.formula for row in explanation.rows if not isinstance(row.formula, Name)}
        return certify(prepare(link(formula, made)), leaves(explanation.formula, self._exercise.at), ()).value.ball

    def hint(self) -> str:
        """A step on the way, without numbers: the rule, local derivatives, their product; the last is given again."""
        self._mistakes += 1
        steps = self._steps()
        step = min(self._hints, len(steps) - 1)
        self._hints += 1
        rest = "; there is no other, 'skip' tells the answer" if self._hints > len(steps) else ""
        return f"{steps[step]}   (hint {step + 1} of {len(steps)}{rest})"

    def _steps(self) -> list[str]:
        explanation, row = self._asked()
        root, node, paths = explanation.root, row.node, row.local_derivative
        if not paths:
            return [f"{root} does not depend on {node} here"]
        many = f"{node} acts on {root} in {len(paths)} ways, which add up: " if len(paths) > 1 else ""
        rules = [many + "; ".join(dict.fromkeys(_rule(explanation, row, path) for path in paths))]
        locals_ = "; ".join(dict.fromkeys(_local_rule(explanation, row, path) for path in paths))
        if len(paths) == 1 and paths[0].above == root:
            return [*rules, locals_]
        return [*rules, locals_, f"{many}d{root}/d{node} = {explanation.chain(row, _local)}"]

    def skip(self) -> str:
        """The solution; the next question follows."""
        explanation, row = self._asked()
        self.score.skipped += 1
        self._done()
        return _solution(explanation, row)


def _rule(explanation: Explanation, row: Row, path: Path) -> str:
    """The first question of a row as text: the node above it with the kind of its rule, and the variable."""
    above = explanation[path.above].formula
    kind = above.function.doc.split(",")[0] if isinstance(above, Call) else ""
    return f"{path.above} = {expression(above)}{f' ({kind})' if kind else ''}: how does it change with {row.node}?"


def _local_rule(explanation: Explanation, row: Row, path: Path) -> str:
    made_by = expression(explanation[path.above].formula)
    return f"{path.above} = {made_by}, so d{path.above}/d{row.node} = {_local(path)}"


def _local(path: Path) -> str:
    return shown(path.local.ball) if path.symbolic is None else expression(path.symbolic)


def _forward(exercise: Exercise, explanation: Explanation) -> str:
    """The exercise and its forward pass, a node a line."""
    lines = [str(exercise)]
    for row in reversed(explanation.rows):
        made = "" if isinstance(row.formula, Name) else f"{expression(row.formula)} = "
        lines.append(f"  {row.node} = {made}{shown(row.value.ball)}")
    return "\n".join(lines)


def _solution(explanation: Explanation, row: Row) -> str:
    terms = []
    for path in row.local_derivative:
        local = shown(path.local.ball)
        terms.append(f"{shown(path.upstream.ball)} * " + (f"({local})" if local.startswith("-") else local))
    numbers = f" = {' + '.join(terms)}" if terms else ""
    return f"d{explanation.root}/d{row.node}{numbers} = {shown(row.gradient.ball)}"


_DIGITS = 3  # an answer that was rounded needs so many


def _rounding(answer: Formula) -> tuple[int, Fraction]:
    """How many digits were typed, and half a unit of the last, `3.3e-3` as `0.0033`; what is no number has none, and
    neither have the small whole numbers, which stand for themselves."""
    size = unsigned(answer)
    if not isinstance(size, Number):
        return 0, Fraction(0)
    _, digits, place = Decimal(size.text).as_tuple()
    figures = len("".join(map(str, digits)).lstrip("0"))
    is_whole = size.text.isdecimal() and figures < _DIGITS
    return (0, Fraction(0)) if is_whole else (figures, Fraction(10) ** int(place) / 2)


def _equal(given: Any, truth: Any, figures: int, half: Fraction) -> bool:
    """Whether an answer is right: as far as balls can tell, to the digits that we show, or to those that were typed."""
    rounded = figures >= _DIGITS and _is_rounded(given, truth, half)
    return bool(given.overlaps(truth) or shown(given) == shown(truth) or rounded)


def _is_rounded(given: Any, truth: Any, half: Fraction) -> bool:
    """Whether a number is the truth to the digits that were typed."""
    return bool(abs(given - truth) <= type(given)(half.numerator) / half.denominator)


# ---- what went wrong


def _mistake(given: Any, explanation: Explanation, row: Row, figures: int, half: Fraction) -> str:
    """The likeliest explanation of a wrong answer; nothing where there is none."""
    root, node, truth, paths = explanation.root, row.node, row.gradient.ball, row.local_derivative
    guesses: list[tuple[Any, str]] = [(-truth, "the sign is flipped")]
    if len(paths) > 1:
        for path in paths:
            way = "direct path" if path.above == root else f"path through {path.above}"
            guesses.append(
                (path.product.ball, f"that is the {way} alone; {node} acts in {len(paths)} ways, which add up")
            )
        said = f"those are the local derivatives alone: each is multiplied by the gradient of the node above {node}"
        guesses.append((sum((path.local.ball for path in paths), start=0 * truth), said))
    for path in paths if len(paths) == 1 and paths[0].above != root else ():
        above, upstream, local = path.above, path.upstream.ball, path.local.ball
        outer, inner = f"d{root}/d{above}", f"d{above}/d{node}"
        guesses += [
            (local, f"that is the local derivative {inner} alone: multiply it by {outer}"),
            (upstream, f"that is {outer}: multiply it by the local derivative {inner}"),
            (upstream + local, "along a path the derivatives are multiplied, not added"),
        ]
        if not _equal(given, row.value.ball, figures, half):
            said = f"that is {outer} times {node} itself: the local derivative {inner} is another"
            guesses.append((upstream * row.value.ball, said))
    guesses.append((row.value.ball, f"that is the value of {node}, not its gradient"))
    used_by = {path.above for path in paths}
    for other in explanation.rows:
        if other.node != node and any(path.above in used_by for path in other.local_derivative):
            guesses.append((other.gradient.ball, f"that is the gradient of {other.node}"))
    return next((said for number, said in guesses if _equal(given, number, figures, half)), "")


# ---- the loop

ENDS = ("quit", ":quit", ":q", "exit")
HELP = "answer with a number or a formula; 'hint', 'skip', 'help' and 'quit' are understood too"


def drill(practice: Practice, read: Callable[[str], str], write: Callable[[str], Any]) -> None:
    """Ask until the exercises end, or the reader does (EOFError, or 'quit').

    Args:
        read: shows a prompt and gives back a line, as `input` does.
        write: shows a text, of one line or more, without a newline at its end.
    """
    write(HELP)
    started: Exercise | None = None
    while task := practice.task:
        if task.exercise is not started:
            started = task.exercise
            write(f"\n{task.text}")
        try:
            line = read(task.question).strip()
        except EOFError:
            break
        if line in ENDS:
            break
        if line:
            write(reply(practice, line))
    write(f"\n{practice.score}")


def reply(practice: Practice, line: str) -> str:
    """The reply to a line: an answer, or one of the words of `HELP`, with a colon before it or without."""
    replies: Mapping[str, Callable[[], str]] = {
        "hint": practice.hint, "?": practice.hint, "skip": practice.skip, "help": lambda: HELP,
    }  # fmt: skip
    word = line.removeprefix(":")
    if word != line and word not in replies:
        return f"{line.split()[0]} is not understood here: 'quit' ends the practice"
    return replies[word]() if word in replies else practice.answer(line).message
