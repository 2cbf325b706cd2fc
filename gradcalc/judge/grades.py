"""A class's answers judged: a CSV file with a line for each, its verdicts, and which mistakes were made how often."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from functools import cache, partial

from gradcalc.engine.rewrite import prepare_open
from gradcalc.files import unguarded
from gradcalc.helper import Ended, Helper, Late, OutOfTime, within
from gradcalc.language.claims import Claim, on_paper, read_claims
from gradcalc.language.errors import LIMITS, FormulaError, out_of_memory
from gradcalc.language.formula import Formula, children_first
from gradcalc.language.from_latex import from_latex
from gradcalc.language.functions import is_diff
from gradcalc.language.grammar import kinds
from gradcalc.language.latex import GREEK
from gradcalc.language.literals import how_many
from gradcalc.language.names import glued
from gradcalc.language.parser import parse
from gradcalc.record import dataclass
from gradcalc.work import OUT_OF_TIME

from .claims.court import judged
from .claims.result import SEED, Check, asserted

COLUMNS = ("student", "formula", "name", "answer")
_TITLES = {
    "student": "pupil user learner id",
    "formula": "question function expression problem f(x)",
    "name": "variable var wrt by",
    "answer": "derivative response solution f'(x) dy/dx",
}  # which the first line may have as well


@dataclass(frozen=True, slots=True)
class Submission:
    """A line of the file: `fields` are its cells by column, `trouble` why it cannot be judged, if that is known."""

    line: int
    fields: Mapping[str, str]
    trouble: str = ""

    @property
    def question(self) -> str:
        """`d/dx sin(x^2)`."""
        name = self.fields["name"]
        return f"d/d{name} {self.fields['formula']}" if name else self.fields["formula"]


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on an entry; where there is none, `trouble` says why."""

    entry: Submission
    check: Check | None = None
    trouble: str = ""

    @property
    def verdict(self) -> str:
        """A word of `Verdict`, or `unread`."""
        return "unread" if self.check is None else self.check.verdict.value

    @property
    def mistake(self) -> str:
        """The kind of the mistake, where it is a known one."""
        return self.check.mistake.kind if self.check is not None and self.check.mistake is not None else ""


# ---- the file


def read_entries(text: str) -> list[Submission]:
    """The entries of a CSV file with commas, semicolons or tabs between its cells, in the order of the lines.

    The first line names the columns; those of the formula and of the answer are needed, others are kept. Without it
    the columns are `COLUMNS`. An empty name stands for the formula's only variable.

    Raises:
        FormulaError: the first line names some of the columns and lacks others, or there is no line.
    """
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    rows = [*_rows(reader)]
    titles = _titles(rows[0][1]) if rows else ()
    named = {"formula", "answer"} & {*titles}
    help = f"the first line is {','.join(COLUMNS)}"
    if len(named) == 1:
        raise FormulaError(f"the columns lack {min({'formula', 'answer'} - named)}", help=help)
    if not rows[bool(named) :]:
        raise FormulaError("there is no answer in the file", help=f"its columns are {', '.join(COLUMNS)}")
    if not named and len(titles) != len(COLUMNS):
        cells = how_many(len(titles), "cell")
        raise FormulaError(f"the first line has {cells}, and names neither formula nor answer", help=help)
    return [_entry(line, cells, titles if named else COLUMNS, trouble) for line, cells, trouble in rows[bool(named) :]]


def _titles(cells: Sequence[str]) -> tuple[str, ...]:
    """The titles of the columns, ours for those that mean the same; `name` is a student's where no other is, and where
    it does not follow the formula, as the variable does."""
    titles = [cell.strip().lower() for cell in cells]
    ours = {other: title for title, others in _TITLES.items() for other in others.split()}
    meant = [ours.get(title, title) for title in titles]
    if "student" not in meant and ("formula", "name") not in zip(meant, titles[1:], strict=False):
        ours["name"] = "student"
    found = [title if title in COLUMNS and title not in ours else ours.get(title, title) for title in titles]
    often = Counter(found)
    return tuple(title if often[title] == 1 else own for title, own in zip(found, titles, strict=True))


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str], str]]:
    """The lines that are not empty, with where each begins, and why one could not be cut into cells."""
    begins = 1
    while True:
        try:
            cells, trouble = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            cells, trouble = [], str(error)
        if trouble or any(cell.strip() for cell in cells):
            yield begins, [unguarded(cell.strip()) for cell in cells], trouble
        begins = reader.line_num + 1  # type: ignore[attr-defined]  # which readers have


def _entry(line: int, cells: Sequence[str], titles: Sequence[str], trouble: str) -> Submission:
    if not trouble and len(cells) != len(titles):
        needed = f"{len(titles)} cells are needed, here {'is' if len(cells) == 1 else 'are'} {len(cells)}"
        trouble = f"{needed}; a cell with a comma in it needs quotes"
    filled = [*cells, *[""] * len(titles)][: max(len(titles), len(cells))]
    fields = {**dict.fromkeys(COLUMNS, ""), **dict(zip(titles, filled, strict=False))}
    if extra := filled[len(titles) :]:
        fields["answer"] = ", ".join([fields["answer"], *extra])
    return Submission(line, fields, trouble)


# ---- the verdicts

Judge = Callable[..., "tuple[Check | None, str]"]  # of the cells of an answer: the verdict, or why there is none


def grades(entries: Iterable[Submission], seed: int = SEED, seconds: float | None = None) -> Iterator[Grade]:
    """The grade of each entry, within so many seconds for each. What was answered before is not judged again."""
    with _apart(seed, seconds) if seconds is not None else nullcontext(partial(_graded, seed, LIMITS.seconds)) as judge:
        graded = cache(judge)
        for entry in entries:
            cells = (entry.fields[column] for column in COLUMNS[1:])
            yield Grade(entry, *((None, entry.trouble) if entry.trouble else graded(*cells)))


@contextmanager
def _apart(seed: int, seconds: float) -> Iterator[Judge]:
    """Judges in another process, so that no call in C, which hears no clock, takes the other grades with it."""
    helper = Helper(lambda: LIMITS.memory)

    def ask(seconds: float, *cells: str) -> tuple[Check | None, str]:
        limits = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
        try:
            return helper.ask(_within, limits, seconds, seed, *cells, seconds=seconds + _IN_C)
        except Late:
            return None, OUT_OF_TIME
        except Ended:
            return None, out_of_memory().message

    try:
        ask(_STARTING, "x", "x", "1")
        yield partial(ask, seconds)
    finally:
        helper.stop()


_STARTING, _IN_C = 60, 0.45  # seconds: that the process may take to start; that a step in C may take longer


def _within(limits: Mapping[str, float], seconds: float, seed: int, *cells: str) -> tuple[Check | None, str]:
    LIMITS.change(limits)
    with within(seconds):
        return _graded(seed, seconds, *cells)


def _graded(seed: int, seconds: float, formula: str, name: str, answer: str) -> tuple[Check | None, str]:
    """The verdict on an answer; where there is none, why."""
    at_fault = "formula"
    try:
        parsed = parse(_plain(_body(formula.strip().strip("$"))))
        prepare_open(parsed)  # which says where it has no derivative
        at_fault = "answer"
        claim = _claim(answer)
        if any(map(is_diff, children_first(claim.formula))):
            raise FormulaError("a derivative in it is not worked out", help="write it without diff")
        _check_names(claim.formula, {*parsed.names})
        at_fault = "question"
        asked = name or claim.name_in(parsed, parsed.names)
        at_fault = "answer"
        if claim.name_in(parsed, [asked]) != asked or claim.order != 1:
            nth = f" of order {claim.order}" if claim.order != 1 else ""
            raise FormulaError(f"it is said to be the derivative{nth} by {claim.name or asked}, not that by {asked}")
        return judged(asserted(parsed, asked, claim.formula, seed=seed, seconds=seconds)), ""
    except OutOfTime:
        return None, OUT_OF_TIME
    except FormulaError as error:
        return None, f"the {at_fault}: {error.message}{f' ({error.help})' if error.help else ''}"


def _claim(answer: str) -> Claim:
    """An answer as it is written on paper: `2x`, `= 2x`, `dy/dx = 2x.`, `$2x$`; what else is named stays a name."""
    text = answer.strip().rstrip(".,; ").strip("$").lstrip("= ")
    paper = on_paper(text)
    right = paper.right if paper else text
    text = text.removesuffix(right) + _plain(right)
    return read_claims([text])[0] if paper else Claim("", parse(text), 1)


def _plain(text: str) -> str:
    """A formula in our notation, of one that may be LaTeX."""
    return (set("\\{") & set(text) and from_latex(text)) or text


def _check_names(claim: Formula, known: Set[str]) -> None:
    """
    Raises:
        FormulaError: a name that the question lacks may be several, as in `2xe^x` and `sinxcosx`, or another.
    """
    for name in claim.names:
        if name not in known and name.swapcase() in known:
            raise FormulaError(f"{name} is another name than {name.swapcase()}", help=f"write {name.swapcase()}")
        is_letter = name in GREEK or not name[1:] or name[1:].removeprefix("_").isdigit()
        if name not in known and not is_letter:
            note = glued(name, known | {"e"}) or f"{name} is read as one name, which the question lacks"
            raise FormulaError(note, help="" if "; " in note else "products are written with *")


def _body(formula: str) -> str:
    """The formula behind `f(x) =`, where that is all."""
    found = kinds(formula)
    alone = found.startswith("NAME LPAR NAME RPAR EQUAL ") and "SEPARATOR" not in found
    return formula.partition("=")[2] if alone else formula


# ---- summaries


@dataclass(frozen=True, slots=True)
class Count:
    """How many grades of a group there are, how many of them are right, and the first that is not."""

    of: str
    total: int
    right: int
    example: Grade | None


def counted(found: Sequence[Grade], by: str) -> list[Count]:
    """The grades by the student, the question, or the mistake; mistakes alone, and the most frequent first."""
    groups: dict[str, list[Grade]] = {}
    for grade in found:
        groups.setdefault(_group(grade, by), []).append(grade)
    if by == "mistake":
        groups.pop("", None)
        groups = dict(sorted(groups.items(), key=lambda item: -len(item[1])))
    return [
        Count(of, len(group), sum(map(is_right, group)), next((grade for grade in group if not is_right(grade)), None))
        for of, group in groups.items()
    ]


def _group(grade: Grade, by: str) -> str:
    if by == "mistake":
        return "" if is_right(grade) else grade.mistake or ("not read" if grade.check is None else "other")
    return grade.entry.question if by == "question" else grade.entry.fields["student"]


def is_right(grade: Grade) -> bool:
    """Whether the answer is right, as far as was shown."""
    return grade.check is not None and bool(grade.check)
