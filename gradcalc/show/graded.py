"""A class's grades as tables, as CSV and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from gradcalc.judge.claims.result import Check
from gradcalc.judge.grades import COLUMNS, Count, Grade, counted, is_right
from gradcalc.language.formula import brief
from gradcalc.language.literals import how_many, shortened
from gradcalc.verdict import Verdict

from .answers import BUT_KINKS
from .document import Block, Document, Piece, Role, Table, prose, row, tone
from .numbers import Style, csv_lines, json_line
from .verdicts import both_told

_LONG = 40  # characters of an answer in a table


def document(found: Sequence[Grade], style: Style) -> Document:
    """Every grade, then the summaries."""
    titles = ("line", "student", "question", "answer", "verdict", "why")
    rows = tuple(
        row(
            str(grade.entry.line),
            shortened(grade.entry.fields["student"], _LONG),
            Piece(shortened(grade.entry.question, _LONG), Role.FORMULA),
            Piece(shortened(grade.entry.fields["answer"], _LONG), Role.FORMULA),
            Piece(grade.verdict, tone(grade.verdict)),
            _why(grade),
        )
        for grade in found
    )
    table = Table(titles, rows, frozenset((0,)), Role.HEADING, folds=True)
    return Document((table, *summary(found, style).blocks))


def summary(found: Sequence[Grade], style: Style) -> Document:
    """How many are right, in all, by mistake, by question and by student."""
    right = sum(map(is_right, found))
    unread = sum(grade.check is None for grade in found)
    total = f"{how_many(len(found), 'answer')} {'is' if len(found) == 1 else 'are'}"
    said = f"{right} of {total} right" + (f", {unread} could not be read" if unread else "")
    mistakes = counted(found, "mistake")
    blocks: list[Block] = [_mistakes(mistakes)] if mistakes else []
    named = any(grade.entry.fields["student"] for grade in found)
    blocks += [_scores(by, counted(found, by)) for by in ("question", *["student"] * named)]
    return Document((*blocks, *prose([said])))


def _mistakes(counts: Sequence[Count]) -> Table:
    rows = tuple(row(count.of, str(count.total), _example(count.example)) for count in counts)
    return Table(("mistake", "answers", "such as"), rows, frozenset((1,)), Role.HEADING, folds=True)


def _example(grade: Grade | None) -> str:
    if grade is None:
        return ""
    question, answer = (shortened(text, _LONG) for text in (grade.entry.question, grade.entry.fields["answer"]))
    return f"line {grade.entry.line}: {question} = {answer}"


def _scores(by: str, counts: Sequence[Count]) -> Table:
    rows = tuple(row(shortened(count.of, _LONG), str(count.right), str(count.total)) for count in counts)
    return Table((by, "right", "of"), rows, frozenset((1, 2)), Role.HEADING)


def _why(grade: Grade) -> str:
    check = grade.check
    return grade.trouble if check is None else check.hint or _counterexample(check) or _reason(check)


def _reason(check: Check) -> str:
    return check.reason or BUT_KINKS.strip() * (check.verdict is Verdict.PROVED and check.kinks)


def _counterexample(check: Check) -> str:
    return "" if check.counterexample is None else both_told(check.counterexample, Style())


def _record(grade: Grade) -> dict[str, str | int]:
    check = grade.check
    own = {title: text for title, text in grade.entry.fields.items() if title not in COLUMNS}
    correct = brief(check.correct, 1000) if check is not None and not is_right(grade) else ""
    told = grade.trouble if check is None else _reason(check)
    return {
        "line": grade.entry.line,
        **{title: grade.entry.fields[title] for title in COLUMNS},
        "verdict": grade.verdict,
        "mistake": grade.mistake,
        "hint": "" if check is None else check.hint,
        "counterexample": "" if check is None else _counterexample(check),
        "correct": correct,
        "reason": told,
        **own,
    }


def as_csv(found: Sequence[Grade], style: Style) -> str:
    """A line for each grade."""
    records = [_record(grade) for grade in found]
    titles = list(dict.fromkeys(title for record in records for title in record))
    rows = ([str(record.get(title, "")) for title in titles] for record in records)
    return csv_lines([titles, *rows])


def as_json(found: Sequence[Grade], style: Style) -> str:
    """One object a line for each grade, and a last one with the summary."""
    counts = {
        f"by_{by}": [{by: count.of, "answers": count.total, "right": count.right} for count in counted(found, by)]
        for by in ("mistake", "question", "student")
    }
    total = {"answers": len(found), "right": sum(map(is_right, found)), **counts}
    return "".join(json_line(_record(grade)) for grade in found) + json_line({"summary": total})
