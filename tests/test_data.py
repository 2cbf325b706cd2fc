"""Columns from files: read, computed and written, and what is wrong with them."""

from __future__ import annotations

import io
import math
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from pyarrow import csv, parquet as pq

import gradcalc as gc
from gradcalc.cli import main
from gradcalc.data import read_columns
from gradcalc.data.job import Job, computed
from gradcalc.data.runs import Run
from gradcalc.data.spread import Many


def file(folder: Path, text: str | bytes, name: str = "points.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


# ---- reading


@pytest.mark.parametrize(
    "text",
    [
        "x,y,label\n1,2.5,a\n-3,+4e1,b\n",
        "x,y,label\r\n1,2.5,a\r\n-3,+4e1,b\r\n",
        "\ufeffx, y ,label\n\n1,2.5,a\n\n-3,+4e1,b",
        'y,label,x\n2.5,"a\n""1"",",1\n40,5" pipe,-3\n',
        '"x"\t"y"\n"1"\t" 2.5"\n-3\t40\n',
        "x;label;y\n1;a,b;2.5\n-3;;40\n",
    ],
)
def test_numbers_of_columns_are_read(text: str, tmp_path: Path) -> None:
    found = read_columns(file(tmp_path, text), ["x", "y"])
    assert {name: column.tolist() for name, column in found.items()} == {"x": [1.0, -3.0], "y": [2.5, 40.0]}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, -3]),
        pa.array([1.0, -3.0], pa.float32()),
        pa.array(["1", " -3"]),
        pa.array(["1", "-3"]).dictionary_encode(),
    ],
)
def test_numbers_of_parquet_are_read(column: pa.Array, tmp_path: Path) -> None:
    pq.write_table(pa.table({"label": ["a", "b"], "x": column}), tmp_path / "p.parquet")
    assert read_columns(str(tmp_path / "p.parquet"), ["x"])["x"].tolist() == [1.0, -3.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("x,y\n", "has no rows"),
        ("a,Y\n1,2\n", "has no column x"),
        ("1,2\n3,4\n", "its first line has numbers"),
        ("x,y,x\n1,2,3\n", "several columns x: 1 and 3"),
        ("x,y\n1,2\n\n2,abc\n", "line 4: y is 'abc', no number"),
        ("x,y\n1,2\n,2\n", "line 3: x is empty\nhelp: every row needs a number there, or is left out"),
        ("x,y\n1,2\n1,NaN\n", "line 3: y is NaN, no finite number"),
        ("x,y\n1,-inf\n", "line 2: y is -inf, no finite number"),
        ("x,y\n1,1e999\n", "line 2: y is 1e999, more than a double can hold"),
        ("x,y\n0,1e-300\n1,-1e-400\n", "line 3: y is -1e-400, too small for a double, and not 0"),
        ("x,y\n1,2\n3\n4,5\n", "line 3: 1 cells for 2 columns"),
        ("x,y\n1,2\n3,4,5\n", "line 3: 3 cells for 2 columns"),
        ("x,y,z\n1,2,3\n4,5", "line 3: the file ends in the middle of this row, in column y"),
        ('x,y\n1,2\n3,"4\n5,6\n', "line 3: a quotation mark in this row is never closed"),
        ("x,y\n1,1_000\n", "y is '1_000', no number"),
        ("x;y\n1;0,5\n", "y is '0,5', no number: a decimal comma is not read"),
        (b"PAR1 and no more", "is no whole Parquet file"),
        (b"\x1f\x8b\x08", "is a gzip file"),
        (b"PK\x03\x04\x14", "--data -; of a spreadsheet, save the table as CSV"),
        ("x,y\n".encode("utf-16"), "UTF-16"),
        (b"x,y\r1,2\r", "ends its lines with a carriage return alone"),
        (b"x,\xff\n1,2\n", "line 1, byte 3"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(gc.FormulaError) as raised:
        read_columns(file(tmp_path, text), ["x", "y"])
    assert message in str(raised.value)


# ---- the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Found]:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(line: str, stdin: bytes = b"") -> Found:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(shlex.split(line))
        out, err = capfd.readouterr()
        return Found(status, out, err)

    return call


class Found(NamedTuple):
    status: int
    out: str
    err: str


BROKEN = 'id,x,y\n007,1,2\n8,abc,2\n9,-1,4\n10,3,nan\n11,,1\n\n12,2,"3"\n13,1,2,3\n14,2'
FAULTS = """\
line,column,reason
3,x,"x is 'abc', no number"
4,,"log needs x > 0, but its argument is -1"
5,y,"y is nan, no finite number"
6,x,x is empty
9,,"4 cells for 3 columns: 13,1,2,3"
10,,"the file ends in the middle of this row, in column x"
"""


def test_results_stand_beside_the_rows_and_nothing_is_lost(run: Callable[..., Found], tmp_path: Path) -> None:
    file(tmp_path, BROKEN)
    found = run("log(x)*y^a a=2 --data points.csv --bad bad.csv")
    lines = found.out.splitlines()
    assert lines[:3] == ["id,x,y,value,d_x,d_y", "007,1,2,0,4,0", "8,abc,2,,,"]
    slopes = gc.grad("log(x)*y^2", {"x": 2, "y": 3})
    assert lines[6] == f'12,2,"3",{gc.evaluate("9*log(2)")!r},{slopes["x"]:g},{slopes["y"]!r}'
    assert lines[7:] == ["13,1,2,3,,,", "14,2,,,,"]
    assert (tmp_path / "bad.csv").read_text() == FAULTS
    assert "6 of 8 rows without results, the first: points.csv, line 3: x is 'abc', no number" in found.err
    assert found.status == 2


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ("x,y\n1,2\n", 0, ""),
        ("x,y\n", 0, ""),
        ("x,y\n1,2\n-1,2\n", 3, "1 of 2 rows without results, the first: points.csv, line 3: log needs x > 0"),
        ("x,y\n,2\n,3\n", 2, "column x is empty in every row"),
        ("x,y\n1,2", 0, "points.csv, line 2, has no line end"),
        ("X,y\n1,2\n", 2, "error: points.csv has no column x\nhelp: did you mean X?"),
        ("x,y,d_x\n1,2,3\n", 2, "has a column d_x already\nhelp: add --prefix f_"),
        ("x,y,e\n1,2,3\n", 2, "e is Euler's number in the formula and a column"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_file(run: Callable[..., Found], tmp_path: Path, text: str, status: int, told: str) -> None:
    file(tmp_path, text)
    found = run("'log(x)*y + e' --data points.csv -o out.csv")
    assert found.status == status
    assert told in found.err
    assert (tmp_path / "out.csv").exists() == ("error" not in found.err)
    assert not list(tmp_path.glob("*.part*"))


def test_a_column_named_as_a_constant_is_not_passed_over(run: Callable[..., Found], tmp_path: Path) -> None:
    file(tmp_path, "x,pi\n1,2\n")
    found = run("pi*x --data points.csv")
    assert "pi is a constant in the formula and a column of points.csv\nhelp: rename" in found.err
    assert run("2*x --data points.csv").out == "x,pi,value,d_x\n1,2,2,2\n"


@pytest.mark.parametrize("name", ["a", "e"])
def test_a_kink_is_where_the_given_value_is(run: Callable[..., Found], tmp_path: Path, name: str) -> None:
    file(tmp_path, "x\n3\n4\n3\n2.718281828459045\n")
    found = run(f"'abs(x - {name})' {name}=3 --data points.csv")
    assert "2 of 4 rows at a kink" in found.err
    assert found.out.splitlines()[1:3] == ["3,0,0", "4,1,1"]


def test_constants_derivatives_and_names_are_as_asked(run: Callable[..., Found], tmp_path: Path) -> None:
    file(tmp_path, "x,k\n3,5\n")
    file(tmp_path, "k = 2\nf = k*x^2\n", "params.txt")
    assert run("'k*x^2' k=2 --data points.csv").out == "x,k,value,d_x\n3,5,18,12\n"
    assert run("'k*x^2' k=2 -w k,x --data points.csv --prefix f_").out == "x,k,f_value,f_d_k,f_d_x\n3,5,18,9,12\n"
    found = run("-f params.txt f -q --data points.csv")
    assert found.out == "x,k,value\n3,5,18\n"
    assert "k has the value that was given" in found.err
    assert run("'x + k' --data -", b"x;k\n3;5\n").out == "x;k;value;d_x;d_k\n3;5;8;1;1\n"
    assert run("7 --data points.csv").out == "x,k,value\n3,5,7\n"
    assert "2 rows at a kink" in run("'abs(x)' --data -", b"x\n0\n0\n1\n").err.replace(" of 3", "")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("'x; x^2' --data points.csv", "takes one formula, not 2"),
        ("x --data points.csv --hessian", "does not go with"),
        ("x --data points.csv --table x=0:1:1", "does not go with"),
        ("x --data none.csv", "cannot read none.csv"),
        ("x --data 'none*.csv'", "no file is called none*.csv"),
        ("x --data points.csv -o out.xlsx", "no columns are written as .xlsx"),
        ("x --data points.csv -o points.csv", "would take the place"),
        ("x --data points.csv --dask tcp://127.0.0.1:1", "--dask needs a folder to be written to"),
        ("x --data 'point*.csv' -o ./ --resume", "would take the place"),
        ("x --data 'point*.csv' -o out/ --bad points.csv", "would take the place"),
        ("x --data points.csv -o none/out.csv", "cannot write none/out.csv"),
        ("x --data points.csv -o out.csv --bad ./out.csv", "both out.csv"),
        ("x --data points.csv -o out.tsv", "no columns are written as .tsv"),
        ("x --data points.csv --resume", "--resume needs a file"),
        ("x x=1 --prefix f_", "--prefix goes with --data"),
        ("x x=1 --bad bad.csv", "--bad goes with --data"),
        ("a*x --data points.csv --start a=1", "--start goes with --fit"),
        ("a*x --data points.csv --fit x --start a=1 --bad bad.csv", "--fit does not go with --bad"),
        ("x --data 'point*.csv' -o points.csv", "a folder"),
    ],
)
def test_what_does_not_go_is_said(run: Callable[..., Found], tmp_path: Path, line: str, told: str) -> None:
    file(tmp_path, "x\n1\n")
    found = run(line)
    assert (found.status, found.out) == (2, "")
    assert told in found.err


def test_the_page_shows_what_runs(run: Callable[..., Found], tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "howto" / "columns.md").read_text("utf-8")
    _, source, shown, bad = re.search(r"```console\n(.*?)```", page, re.S)[1].split("$ ")  # type: ignore[index]
    file(tmp_path, source.partition("\n")[2])
    line, _, expected = shown.partition("\n")
    found = run(line.removeprefix("gradcalc "))
    assert found.out + found.err == expected
    assert (tmp_path / "bad.csv").read_text() == bad.partition("\n")[2]


def points(folder: Path, rows: int = 400) -> pa.Table:
    """A table with texts and bad rows, as `points.csv` and, in several row groups, as `points.parquet`."""
    lines = [f'{i},{i % 7 - 1},"a ""{i}""\n{"," * (i % 3)}"' for i in range(rows)]
    file(folder, "x,y,label\n" + "\n".join(lines) + "\n")
    table = csv.read_csv(folder / "points.csv", parse_options=csv.ParseOptions(newlines_in_values=True))
    pq.write_table(table, folder / "points.parquet", row_group_size=rows // 4)
    return table


def test_a_column_of_nulls_is_empty_and_no_fault_of_the_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.0, 2.0], "y": pa.nulls(2)}), tmp_path / "p.parquet")
    with pytest.raises(gc.FormulaError, match="row 1: y is empty"):
        read_columns(str(tmp_path / "p.parquet"), ["y"])


@pytest.mark.parametrize("source", ["points.csv", "points.parquet"])
def test_both_kinds_of_files_hold_the_same(run: Callable[..., Found], tmp_path: Path, source: str) -> None:
    table = points(tmp_path)
    for out in ("out.csv", "out.parquet"):
        assert run(f"'x*sqrt(y)' --data {source} -o {out}").status == 3
    by_text = csv.read_csv(tmp_path / "out.csv", parse_options=csv.ParseOptions(newlines_in_values=True))
    by_parquet = pq.read_table(tmp_path / "out.parquet")
    assert by_text.column_names == by_parquet.column_names == ["x", "y", "label", "value", "d_x", "d_y"]
    assert by_text["label"] == by_parquet["label"] == table["label"]
    for name in ("value", "d_x", "d_y"):
        assert by_text[name].to_pylist() == by_parquet[name].to_pylist()
    for row in range(0, 14):
        x, y = table["x"][row].as_py(), table["y"][row].as_py()
        assert by_text["value"][row].as_py() == (x * math.sqrt(y) if y >= 0 else None)


@pytest.mark.parametrize("source", ["points.csv", "points.parquet"])
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("lost", [0, 10])
def test_an_interrupted_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, out: str, lost: int
) -> None:
    """Stopped at each block, with some of its last bytes lost, it ends with the same bytes."""
    for module, name, size in (("delimited", "BLOCK_BYTES", 250), ("parquet", "BLOCK_ROWS", 70)):
        monkeypatch.setattr(f"gradcalc.data.{module}.{name}", size)
    points(tmp_path)
    job = Job(gc.parse("x*sqrt(y)"), ("x", "y"), {}, ("x", "y"))
    whole = Run(job, str(tmp_path / source), str(tmp_path / f"whole-{out}"), str(tmp_path / "whole.bad"))
    counts = whole.do()
    assert (counts.rows, counts.missing) == (400, 58)
    again = replace(whole, output=str(tmp_path / out), bad=str(tmp_path / "bad"), resume=True)

    def stop(read: int, total: int) -> None:
        raise KeyboardInterrupt

    for stops in range(5):
        with pytest.raises(KeyboardInterrupt):
            again.do(stop)
        if lost and stops % 2:
            part = tmp_path / f"{out}.part"
            part.write_bytes(part.read_bytes()[:-lost])
    assert lost or len((tmp_path / f"{out}.part.journal").read_text().splitlines()) == 1 + 5
    found = again.do()
    assert found == counts
    for name in (out, "bad"):
        assert (tmp_path / name).read_bytes() == (tmp_path / f"whole{'-' if name == out else '.'}{name}").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.part*")) == []


def test_a_run_ends_at_its_time_and_goes_on(
    run: Callable[..., Found], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written by then stays: in a file that goes on, or on stdout."""
    monkeypatch.setattr("gradcalc.data.delimited.FIRST_BYTES", 250)
    points(tmp_path)
    whole = run("'x*y' --data points.csv").out

    def slowly(job: Job, reader: Any, writer: Any, piece: Any, told: bool) -> Any:
        while piece.begin.line > 2:
            pass
        return computed(job, reader, writer, piece, told)

    with monkeypatch.context() as slow:
        slow.setattr("gradcalc.data.runs.computed", slowly)
        cut = run("'x*y' --data points.csv -o out.csv --time-limit 0.5")
        shown = run("'x*y' --data points.csv --time-limit 0.5")
    assert (cut.status, shown.status) == (3, 3)
    assert cut.err.startswith("error: out of time after 0.5 s, with 14 rows computed\nhelp: --resume goes on; ")
    assert shown.err.startswith("error: out of time after 0.5 s, with 14 rows computed\nhelp: --time-limit ")
    assert whole.startswith(shown.out)
    assert 0 < len(shown.out) < len(whole)
    assert run("'x*y' --data points.csv -o out.csv --resume").status == 0
    assert (tmp_path / "out.csv").read_text() == whole


def test_another_run_is_not_gone_on_with(run: Callable[..., Found], tmp_path: Path) -> None:
    points(tmp_path)
    job = Job(gc.parse("x + y"), ("x", "y"), {}, ())
    with pytest.raises(KeyboardInterrupt):
        Run(job, "points.csv", "out.csv").do(lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    found = run("'x - y' --data points.csv -o out.csv --resume")
    assert (found.status, found.err.splitlines()[0]) == (
        2,
        "error: the interrupted run was another: its formula differs",
    )
    assert run("'x - y' --data points.csv -o out.csv").status == 0


def test_many_files_go_to_a_folder_each_under_its_name(run: Callable[..., Found], tmp_path: Path) -> None:
    for k, text in enumerate(("x\n1\n2\n", "x\nabc\n4\n", "x\n-1\n")):
        file(tmp_path, text, f"part{k}.csv")
    found = run("'log(x)' --data 'part*.csv' -o out/ --bad bad.csv")
    assert found.status == 2
    assert "wrote out/: 5 rows\nnote: 2 of 5 rows without results, the first: part1.csv, line 2" in found.err
    folder = tmp_path / "out"
    assert sorted(path.name for path in folder.iterdir()) == ["part0.csv", "part1.csv", "part2.csv"]
    assert (folder / "part1.csv").read_text() == f"x,value,d_x\nabc,,\n4,{math.log(4)!r},0.25\n"
    reason = "log needs x > 0, but its argument is -1"
    bad = f'file,line,column,reason\npart1.csv,2,x,"x is \'abc\', no number"\npart2.csv,2,,"{reason}"\n'
    assert (tmp_path / "bad.csv").read_text() == bad
    assert "out/ is not empty" in run("'log(x)' --data 'part*.csv' -o out/").err


def test_a_folder_that_was_begun_is_finished(run: Callable[..., Found], tmp_path: Path) -> None:
    for k in range(3):
        file(tmp_path, f"x\n{k}\n", f"part{k}.csv")
    run("'x^2' --data 'part*.csv' -o whole/")
    file(tmp_path, "x\n1\n2,3", "part1.csv")
    many = Many(
        Job(gc.parse("x^2"), ("x",), {}, ("x",)), sorted(map(str, tmp_path.glob("part*.csv"))), str(tmp_path / "out")
    )
    with pytest.raises(KeyboardInterrupt):
        many.do(lambda read, total: (_ for _ in ()).throw(KeyboardInterrupt))
    file(tmp_path, "x\n1\n", "part1.csv")
    assert run("'x^3' --data 'part*.csv' -o out/ --resume").err.startswith("error: the interrupted run was another")
    time = (tmp_path / "out" / "part0.csv").stat().st_mtime_ns
    assert run("'x^2' --data 'part*.csv' -o out/ --resume").status == 0
    for path in (tmp_path / "whole").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "out" / "part0.csv").stat().st_mtime_ns == time
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    path = file(tmp_path, "x\n" + "0.123456789\n" * 20_000)
    command = [sys.executable, "-m", "gradcalc", "x^2", "--data", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"x,value,d_x\n"
        child.stdout.close()
        assert child.stderr is not None
        assert (child.stderr.read(), child.wait()) == (b"", 141)


def test_an_empty_file_of_columns_is_told_by_its_kind(tmp_path, capsys):
    for name, help in (("a.csv", "its first line has the names of the columns"), ("a.parquet", "begins with PAR1")):
        (tmp_path / name).touch()
        assert main(["x^2", "--data", str(tmp_path / name), "-o", str(tmp_path / "out.csv")]) == 2
        said = capsys.readouterr().err
        assert f"{name} is empty" in said
        assert help in said


def test_columns_with_spaces_between_are_told_to_be_one(tmp_path):
    (tmp_path / "d.csv").write_text("x y\n1 2\n")
    with pytest.raises(gc.FormulaError) as told:
        read_columns(str(tmp_path / "d.csv"), ["x"])
    assert told.value.help.startswith("its one column is 'x y': commas, semicolons or tabs stand between columns; ")


def test_a_column_that_is_no_name_is_to_be_renamed(capsys, tmp_path):
    (file := tmp_path / "p.csv").write_text("Weight (kg),y\n1,2\n")
    assert main(["Weight*y", "--data", str(file)]) == 2
    assert "; rename 'Weight (kg)', as a name has letters, digits and _ alone;" in capsys.readouterr().err


def test_a_file_steers_no_terminal_that_its_rows_are_shown_on(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.csv").write_bytes(b"x,\x1b[31mred\r\n2,\xff\r\n")
    monkeypatch.setattr("gradcalc.cli.output.is_terminal", lambda stream: True)
    main(["x^2", "--data", str(tmp_path / "a.csv")])
    assert capsys.readouterr().out == "x,\\x1b[31mred,value,d_x\n2,\\xff,4,4\n"
