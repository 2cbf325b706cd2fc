"""Columns from files: read, computed and written, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gradcalc as gc
from gradcalc.data import read_columns


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
        ("x,y\n1,2\n,2\n", "line 3: x is empty"),
        ("x,y\n1,2\n1,NaN\n", "line 3: y is NaN, no finite number"),
        ("x,y\n1,-inf\n", "line 2: y is -inf, no finite number"),
        ("x,y\n1,1e999\n", "line 2: y is 1e999, more than a double can hold"),
        ("x,y\n1,2\n3\n4,5\n", "line 3: 1 cells for 2 columns"),
        ("x,y\n1,2\n3,4,5\n", "line 3: 3 cells for 2 columns"),
        ("x,y,z\n1,2,3\n4,5", "line 3: the file ends in the middle of this row, in column y"),
        ('x,y\n1,2\n3,"4\n5,6\n', "line 3: a quotation mark in this row is never closed"),
        ("x,y\n1,1_000\n", "y is '1_000', no number"),
        (b"PAR1 and no more", "is no whole Parquet file"),
        (b"\x1f\x8b\x08", "is a gzip file"),
        ("x,y\n".encode("utf-16"), "UTF-16"),
        (b"x,\xff\n1,2\n", "line 1, byte 3"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(gc.FormulaError) as raised:
        read_columns(file(tmp_path, text), ["x", "y"])
    assert message in str(raised.value)
