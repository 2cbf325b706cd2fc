"""Pictures of graphs. What is drawn is read back from the pictures themselves; gradients are micrograd's."""

from __future__ import annotations

import random
import re
import struct
from importlib import metadata
from xml.etree import ElementTree

import micrograd.engine
import pytest

import gradcalc.draw.nodes
from gradcalc.draw import draw_dot, draw_formula
from gradcalc.engine.scalars import precision
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError, MissingLibraryError, UndefinedError

LESSON = "(a*b + c)*f"
AT = {"a": 2, "b": -3, "c": 10, "f": -2}


def svg_texts(drawing):
    """The texts of every node and edge of the picture."""
    root = ElementTree.fromstring(drawing.pipe("svg"))
    spaces = {"svg": "http://www.w3.org/2000/svg"}
    groups = root.iterfind(".//svg:g/svg:g", spaces)
    return {g.find("svg:title", spaces).text: [t.text for t in g.iterfind("svg:text", spaces)] for g in groups}


def test_tree_of_the_lesson():
    drawing = draw_formula(LESSON, AT)
    assert drawing.text() == (
        "node        data  grad\n"
        "*             -8     1\n"
        "├─ +           4    -2\n"
        "│  ├─ *       -6    -2\n"
        "│  │  ├─ a     2     6\n"
        "│  │  └─ b    -3    -4\n"
        "│  └─ c       10    -2\n"
        "└─ f          -2     4\n"
    )
    assert drawing.summary == "7 nodes"
    assert drawing.text(ascii=True).isascii()
    assert repr(drawing) + "\n" == drawing.text()


def test_a_shared_node_stands_once_and_constants_are_inputs():
    assert draw_formula("p = a + 1; L = p*p^2 - 2*pi*a; L", {"a": 2}).text() == (
        "node                       data         grad\n"
        "L = -               14.43362939            1\n"
        "├─ *                         27            1\n"
        "│  ├─ p = +                   3           27\n"
        "│  │  ├─ a                    2  20.71681469\n"
        "│  │  └─ 1                    1\n"
        "│  └─ ^                       9            3\n"
        "│     ├─ p (above)\n"
        "│     └─ 2                    2\n"
        "└─ *                12.56637061           -1\n"
        "   ├─ 2*pi          6.283185307\n"
        "   └─ a (above)\n"
    )
    x = Value(2.0)
    y = x * x
    z = y + y
    z.backward()
    assert draw_dot(z).text() == (
        "node              data  grad\n"
        "+                    8     1\n"
        "├─ * #1              4     2\n"
        "│  ├─ input #2       2     8\n"
        "│  └─ #2 (above)\n"
        "└─ #1 (above)\n"
    )


def test_svg_shows_what_micrograd_computes():
    picture = svg_texts(draw_formula(LESSON, AT))
    a, b, c, f = (micrograd.engine.Value(x) for x in AT.values())
    (loss := (a * b + c) * f).backward()
    records = [tuple(texts) for name, texts in picture.items() if re.fullmatch(r"n\d+", name)]
    leaves = [(name, f"data {x.data:.4f}", f"grad {x.grad:.4f}") for name, x in zip("abcf", (a, b, c, f), strict=True)]
    assert set(leaves) <= set(records)
    assert (f"data {loss.data:.4f}", "grad 1.0000") in records
    assert len(records) == 7
    assert sorted(texts[0] for name, texts in picture.items() if re.fullmatch(r"o\d+", name)) == ["*", "*", "+"]
    assert sum("->" in name for name in picture) == 6 + 3


def test_the_gradient_of_a_node_is_the_sum_over_the_edges_that_leave_it():
    drawing = draw_formula("x*y + sin(x*y)/(x - y^2) + max(x, y, 1)*x^y", {"x": 1.5, "y": 0.75}, partials=True)
    arriving = [0.0] * len(drawing.nodes)
    arriving[0] = 1.0
    for node in drawing.nodes:
        for operand, partial in zip(node.operands, node.partials, strict=True):
            if partial is not None:
                arriving[operand] += node.grad * partial
    given = [node.grad for node in drawing.nodes if node.grad is not None]
    expected = [total for node, total in zip(drawing.nodes, arriving, strict=True) if node.grad is not None]
    assert given == pytest.approx(expected)


def test_local_derivatives_stand_on_the_edges():
    picture = svg_texts(draw_formula("a*b", {"a": 2, "b": -3}, partials=True))
    edges = {name: texts for name, texts in picture.items() if name.startswith("n")}
    assert sorted(text.strip() for name, texts in edges.items() if "->" in name for text in texts) == ["-3", "2"]


def test_operands_are_drawn_in_order():
    """`3 - x` is not to be read as `x - 3`."""
    for formula, first in (("3 - x", "3"), ("x - 3", "x")):
        root = ElementTree.fromstring(draw_formula(formula, {"x": 5}, rankdir="LR").pipe("svg"))
        height = {t.text: float(t.get("y")) for t in root.iter("{http://www.w3.org/2000/svg}text")}
        assert min(("3", "x"), key=height.__getitem__) == first


def test_as_in_micrograds_notebook(tmp_path):
    random.seed(1337)
    x = [Value(1.0), Value(-2.0)]
    w = [Value(random.uniform(-1, 1)) for _ in x]
    y = (sum((wi * xi for wi, xi in zip(w, x, strict=True)), Value(0.0))).relu()
    y.backward()
    dot = draw_dot(y)
    assert "rankdir=LR" in dot.source
    assert "rankdir=TB" in draw_dot(y, "svg", "TB").source
    assert dot.render(tmp_path / "gout") == f"{tmp_path / 'gout'}.svg"
    assert (tmp_path / "gout").read_text() == dot.source
    ElementTree.parse(tmp_path / "gout.svg")
    assert dot.render(tmp_path / "alone", format="png", cleanup=True) == f"{tmp_path / 'alone'}.png"
    assert not (tmp_path / "alone").exists()
    assert dot._repr_svg_().startswith("<?xml")
    with pytest.raises(ValueError, match="LR or TB"):
        draw_dot(y, rankdir="RL")


def test_every_format_by_the_ending_of_the_name(tmp_path):
    drawing = draw_formula(LESSON, AT)
    for ending in ("svg", "png", "dot", "gv", "mermaid", "mmd", "txt"):
        drawing.save(tmp_path / f"g.{ending}")
    png = (tmp_path / "g.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    width, height, _, color = struct.unpack(">IIBB", png[16:26])
    assert width > 3 * height > 0
    assert color == 6  # with transparency, for dark pages
    assert (tmp_path / "g.txt").read_text(encoding="utf-8") == drawing.text()
    with pytest.raises(FormulaError, match=r"cannot be written as 'bmp'\nhelp: one of svg, png"):
        drawing.save(tmp_path / "g.bmp")
    assert not (tmp_path / "g.bmp").exists()


def test_labels_are_text_whatever_they_hold():
    nasty = 'a "q" {w|<z>} \\n \\ é &amp; &'
    a = Value(1e-7, label=nasty)
    b = (a * 3).tanh()
    b.label = "two\nlines\x1b"
    b.backward()
    texts = [text.replace("\xa0", " ") for texts in svg_texts(draw_dot(b)).values() for text in texts]
    assert nasty in texts
    assert "two lines" in texts
    assert "data 1e-7" in texts
    assert "\x1b" not in draw_dot(b).text()
    a.label = 1000 * "a"
    assert max(map(len, draw_dot(a).text().splitlines())) < 100
    mermaid = draw_dot(b).mermaid()
    assert not set("*\\é") & set(re.sub(r'"[^"]*"', "", mermaid))
    assert all(re.fullmatch(r"(\w|[ .]|#\d+;|<br/>)*", label) for label in re.findall(r'"([^"]*)"', mermaid))


def test_only_the_branch_taken_and_names_without_derivative():
    drawing = draw_formula("if(x > 0, x^2, y) + b", {"x": 3, "y": 1, "b": 4}, wrt=["x"])
    assert [(node.label, node.grad) for node in drawing.nodes if not node.operation] == [
        ("b", None), ("x", 6.0), ("2", None),
    ]  # fmt: skip
    assert draw_formula("2*pi").summary == "1 node"
    with pytest.raises(UndefinedError):
        draw_formula("log(x)", {"x": -1})


def test_other_scalars_are_drawn_too():
    with precision(100):
        inner = Value(Value(2.0))
        outer = inner * inner
        outer.backward()
        assert draw_dot(outer).nodes[0].data.data == 4
        assert "4" in draw_dot(outer).text()


def test_large_graphs_are_cut_with_a_word_and_soon():
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * 0.5 + x
    y.backward()
    drawing = draw_dot(y)
    assert drawing.summary == "100 of 200,001 nodes"
    assert drawing.text().endswith("\ncut: 100 of 200,001 nodes, those nearest to the result\n")
    assert "..." in drawing.text()
    assert b"cut: 100 of 200,001 nodes" in drawing.pipe("svg")
    width, height = struct.unpack(">II", drawing.pipe("png")[16:24])
    assert 4_000 < max(width, height) <= 80 * 144  # pixels that programs can open
    assert y._repr_svg_() is None  # a notebook does not draw every loss


def test_a_cut_leaves_a_mark_where_it_is(monkeypatch):
    monkeypatch.setattr(gradcalc.draw.nodes, "MOST", 3)
    assert draw_formula("a*b + c", {"a": 2, "b": -3, "c": 10}).text() == (
        "node       data  grad\n"
        "+             4     1\n"
        "├─ *         -6     1\n"
        "│  └─ ...\n"
        "└─ c         10     1\n"
        "\n"
        "cut: 3 of 5 nodes, those nearest to the result\n"
    )


def test_without_anything_that_draws(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("importlib.metadata.files", missing)
    gradcalc.draw.drawing._graphviz_pure.cache_clear()
    drawing = draw_formula(LESSON, AT)
    with pytest.raises(
        MissingLibraryError, match=r"help: where gradcalc was installed from: pip install '.\[pictures\]'"
    ):
        drawing.pipe("png")
    assert drawing._repr_svg_() is None
    gradcalc.draw.drawing._graphviz_pure.cache_clear()


def test_a_narrow_tree_fits_its_width():
    drawing = draw_formula("sin(x)^2*exp(-x*y)/(x + y)", {"x": 0.3, "y": 3.1415})
    assert max(map(len, drawing.text(width=40).splitlines())) <= 40
    assert "│  │  ├─ sin     0.2955    0.06692" in drawing.text(width=40)
    narrow = drawing.text(width=30)
    assert max(map(len, narrow.splitlines())) <= 30
    assert "│  │  └─ 2\n           2\n" in narrow
