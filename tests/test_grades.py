"""Answers of a class: read, judged, written, with nothing lost and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
import os

import pytest

from gradcalc.cli import main
from gradcalc.judge.grades import _within, grades, read_entries
from gradcalc.language.errors import LIMITS, FormulaError, out_of_memory

FILE = """student,formula,name,answer,group
ann,sin(x^2),x,2*x*cos(x^2),1
bob,sin(x^2),x,-2*x*cos(x^2),1
=HYPERLINK(1),x^2,x,x + x,2
eve,"atan2(y, x)",y,x/(x^2 + y^2),2

joe,sin(x,x,cos(x),3
"kim
",x^2,,2x,3
lea,x^2,x
mia,x*y,,y,4
"""


@pytest.fixture
def graded(tmp_path, capsys):
    """A grading of a text, written to a file of some kind: the status, the file, and what was said."""

    def run(text: str, suffix: str):
        (tmp_path / "answers.csv").write_text(text, "utf-8")
        status = main(["--grade", str(tmp_path / "answers.csv"), "-o", str(tmp_path / f"out{suffix}")])
        said = capsys.readouterr()
        return status, (tmp_path / f"out{suffix}").read_text("utf-8"), said.out + said.err

    return run


def test_every_line_is_there_and_bad_ones_are_named(graded):
    status, written, said = graded(FILE, ".json")
    *records, summary = map(json.loads, written.splitlines())
    assert status == 2
    assert [(each["line"], each["verdict"]) for each in records] == [
        (2, "proved"), (3, "wrong"), (4, "proved"), (5, "proved"), (7, "unread"), (8, "proved"), (10, "unread"),
        (11, "unread"),
    ]  # fmt: skip
    assert records[1]["mistake"] == "sign"
    assert records[1]["hint"] == "the sign is flipped"
    assert records[1]["group"] == "1"
    assert records[1]["correct"] == "2*x*cos(x^2)"
    assert summary["summary"]["right"] == 4
    assert {"mistake": "sign", "answers": 1, "right": 0} in summary["summary"]["by_mistake"]
    assert "line 7: the formula: '(' is never closed" in said
    assert "line 10: 5 cells are needed, here are 3" in said
    assert "4 of 8 answers are right, 3 could not be read" in said


def test_no_cell_begins_with_what_a_spreadsheet_runs(graded):
    _, written, _ = graded(FILE, ".csv")
    rows = list(csv.reader(written.splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert rows[2][4] == "'-2*x*cos(x^2)"
    assert rows[3][1] == "'=HYPERLINK(1)"


def test_a_file_that_was_written_can_be_read_again(graded):
    _, written, _ = graded(FILE, ".csv")
    _, again, _ = graded(written, ".csv")
    first, second = (list(csv.DictReader(text.splitlines())) for text in (written, again))
    assert [(row["student"], row["answer"], row["verdict"]) for row in first if row["verdict"] != "unread"] == [
        (row["student"], row["answer"], row["verdict"]) for row in second if row["verdict"] != "unread"
    ]


@pytest.mark.parametrize("text", ["ann;x^2;x;2x\nbob;x^2;x;x\n", "ann\tx^2\tx\t2x\nbob\tx^2\tx\tx\n"])
def test_other_signs_between_the_cells_and_no_titles(graded, text):
    status, written, _ = graded(text, ".csv")
    assert status == 1
    assert [row["verdict"] for row in csv.DictReader(written.splitlines())] == ["proved", "wrong"]


def test_the_table_on_the_screen(capsys, tmp_path):
    (tmp_path / "a.csv").write_text("student,formula,name,answer\nann,cos(x),x,sin(x)\n")
    assert main(["--grade", str(tmp_path / "a.csv")]) == 1
    said = capsys.readouterr().out
    assert "   2  ann      d/dx cos(x)  sin(x)  wrong    the sign is flipped; it is also an integral of cos(x)" in said
    assert "0 of 1 answer is right" in said


def test_what_a_proof_excepts_stands_in_the_table_and_in_the_file(capsys, tmp_path):
    (tmp_path / "a.csv").write_text("student,formula,name,answer\nann,abs(x),x,sign(x)\nbob,x^2,x,2x\n")
    assert main(["--grade", str(tmp_path / "a.csv")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].endswith("proved   but the kinks")
    assert said[2].endswith("proved")
    assert main(["--grade", str(tmp_path / "a.csv"), "-o", str(tmp_path / "b.csv")]) == 0
    assert "but the kinks" in (tmp_path / "b.csv").read_text()


def test_a_column_that_is_missing_is_named():
    from gradcalc.judge.grades import read_entries

    with pytest.raises(FormulaError, match="the columns lack answer"):
        read_entries("student,formula,reply\nann,x^2,2x\n")

    with pytest.raises(FormulaError, match="names neither formula nor answer"):
        read_entries("ann,x^2,2x\n")
    with pytest.raises(FormulaError, match="no answer"):
        read_entries("student,formula,name,answer\n")


def test_of_a_line_with_too_many_cells_all_are_kept_and_one_that_is_too_long_stops_no_other():
    long = "+".join(["x"] * 70_000)
    text = f"student,formula,name,answer\nann,x*y,x,y,z,w\nbob,x^2,x,{long}\nkim,x^2,x,2x\n"
    ann, bob, kim = grades(read_entries(text))
    assert (ann.verdict, ann.entry.fields["answer"]) == ("unread", "y, z, w")
    assert ann.trouble == "4 cells are needed, here are 6; a cell with a comma in it needs quotes"
    assert (bob.verdict, bob.entry.line, bob.trouble) == ("unread", 3, "field larger than field limit (131072)")
    assert (kim.verdict, kim.entry.line) == ("proved", 4)


def _ends(*_):
    os._exit(1)


def test_an_answer_that_takes_its_process_with_it_takes_no_other(monkeypatch):
    entries = read_entries("student,formula,name,answer\nann,x^2,x,2x\nbob,x^3,x,3x\n")
    monkeypatch.setattr("gradcalc.judge.grades._within", _ends)
    for found in grades(entries, seconds=5):
        assert (found.verdict, found.trouble) == ("unread", out_of_memory().message)


def test_a_process_has_the_limits_of_the_one_that_asks(monkeypatch):
    monkeypatch.setattr(LIMITS, "tokens", LIMITS.tokens)  # which is put back
    given = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
    right, _ = _within(given, 20.0, 0, "x^2", "x", "2*x")
    assert right.verdict == "proved"
    nothing, trouble = _within({**given, "tokens": 4}, 20.0, 0, "x^2 + x", "x", "2*x + 1")
    assert nothing is None
    assert "--limits tokens=N raises it" in trouble


def test_columns_may_have_other_titles():
    from gradcalc.judge.grades import read_entries

    for text in ("Name;Function;Variable;Derivative\nann;x^2;x;2x\n", "name,question,dy/dx\nann,x^2,2x\n"):
        (entry,) = read_entries(text)
        assert (entry.fields["student"], entry.fields["formula"], entry.fields["answer"]) == ("ann", "x^2", "2x")
    (entry,) = read_entries("formula,name,answer\nx^2*y,y,x^2\n")  # where a variable stands
    assert (entry.fields["student"], entry.fields["name"]) == ("", "y")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        *((text, "proved") for text in (
            "dy/dx = 2x", "df(x)/dx=2x",
            "∂f/∂x = 2x", "d/dx = 2x", "d/dx (x^2) = 2x", "d/dx x^2 = 2x", "y' = 2x",
            "= 2x",
            "f'(x) = 2x", "f′=2x",
            r"\frac{dy}{dx} = 2x", r"\frac{d}{dx} x^2 = 2x", "$2x$", r"2\cdot x", "2x.", "D = 2x",
            "2x^{1}", "x^{2-1}*2",
        )),
        ("dy/dx = x", "wrong"),
        ("2t", "wrong"), ("2x + C1", "wrong"), ("2theta", "wrong"),
        *((text, "unread") for text in ("dy/dt = 2x", "y'' = 2", "d/dx x^3 = 3x^2", "f'(2) = 4", "")),
        *((text, "unread") for text in ("sinx", "2xe^x", "2sinxcosx", "x*ln2", "πx", "cos", "2X")),
    ],
)  # fmt: skip
def test_answers_as_they_are_written_on_paper(answer, verdict):
    from gradcalc.judge.grades import Submission, grades

    (grade,) = grades([Submission(1, {"student": "", "formula": "f(x) = x^2", "name": "x", "answer": answer})])
    assert grade.verdict == verdict


# ---- sheets


@pytest.mark.parametrize("suffix", [".tex", ".md", ".html", ".txt"])
def test_a_sheet_has_its_key_and_is_the_same_for_the_same_seed(suffix, tmp_path, capsys):
    paths = [tmp_path / f"{name}{suffix}" for name in ("a", "b", "c")]
    for path, seed in zip(paths, ("4", "4", "5"), strict=True):
        assert main(["--practice", "--sheet", "5", "--level", "2", "--seed", seed, "-o", str(path)]) == 0
    assert "5 exercises with a key" in capsys.readouterr().err
    first, again, other = (path.read_text("utf-8") for path in paths)
    assert first == again != other
    sheet, _, key = first.partition("Key")
    assert "5. " in sheet
    assert "5. " in key
    assert sheet.count("1 * 1 = 1") + sheet.count(r"1 \cdot 1 = 1") == 0
    assert "____" in sheet or r"\underline{\qquad}" in sheet
    assert "____" not in key
    assert r"\underline{\qquad}" not in key


def test_a_sheet_of_ones_own(tmp_path, capsys):
    (tmp_path / "mine").write_text("(a*b + c)*f at a=2 b=-3 c=10 f=-2\n")
    assert main(["--practice", "--sheet", "3", "-f", str(tmp_path / "mine")]) == 0
    assert "a     input = 2    dv1/da = b = -3    -2 * (-3) = 6" in capsys.readouterr().out


def test_the_tables_are_one_piece_of_mathematics(tmp_path, capsys):
    """An empty line would end the mathematics that a document sets them in."""
    (tmp_path / "answers.csv").write_text("student,formula,name,answer\nAda,sin(x^2),x,cos(x^2)\n")
    main(["--grade", str(tmp_path / "answers.csv"), "--latex", "-o", str(tmp_path / "grade.tex")])
    text = (tmp_path / "grade.tex").read_text()
    assert text.startswith("\\begin{gathered}\n\\begin{array}")
    assert text.endswith("\\end{gathered}\n")
    assert "\n\n" not in text


def test_what_repeats_the_question_is_no_answer(graded):
    rows = ["diff(x^2*sin(x), x)", "2*x*sin(x) + x^2*diff(sin(x), x)", r"\frac{d}{dx} (x^2 \sin x)"]
    text = "student,formula,name,answer\n" + "".join(f'ann,x^2*sin(x),x,"{row}"\n' for row in rows)
    status, written, said = graded(text, ".json")
    assert status == 2
    assert [json.loads(line).get("verdict") for line in written.splitlines()[:-1]] == ["unread"] * 3
    assert said.count("the answer: a derivative in it is not worked out (write it without diff)") == 2
    assert "line 4: the answer: LaTeX is not read (write diff(x^2*sin(x), x))" in said


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (r"\frac{1}{x}", r"-\frac{1}{x^2}"),
        (r"$\sqrt{x}$", r"\frac{1}{2\sqrt x}"),
        (r"f(x) = \sin x", r"\cos x"),
        ("x^{2y}", "2y*x^(2y - 1)"),
    ],
)
def test_a_question_may_be_in_latex_as_an_answer(question, answer):
    (found,) = grades(read_entries(f"student,formula,name,answer\nann,{question},x,{answer}\n"))
    assert found.verdict == "proved"


def test_a_question_without_a_derivative_is_not_the_answers_fault(graded):
    rows = '"sum(x*k, k=1..e)",x,6\n"sum(x*k, k=1..n)",x,"sum(k, k=1..e)"\n'
    _, _, said = graded(f"formula,name,answer\n{rows}", ".json")
    assert "line 2: the formula: e ends a sum or a product, and needs a whole number" in said
    assert "line 3: the answer: e ends a sum or a product, and needs a whole number" in said
