"""The pages that are made: one for each row, the whole library, the manual page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

import gradcalc as gc
from gradcalc.cli import main
from gradcalc.cli.arguments import about_itself

pytest.importorskip("mkdocs")
DOCS = Path(__file__).parent.parent / "docs"
sys.path.insert(0, str(DOCS))

import made  # noqa: E402
import man  # noqa: E402


def test_every_row_has_a_page():
    pages = dict(made.pages())
    for row in gc.TABLE.values():
        if row.listed:
            page = pages[f"functions/{row.name}.md"]
            assert page.startswith(f"# {row.signature}\n")
            assert row.example[1] in page
    assert "- Derivative by `x`: `1 - tanh(x)^2`, computed as `" in pages["functions/tanh.md"]


def test_everything_public_is_in_the_reference():
    shown = set(re.findall(r"^::: gradcalc\.(?:[\w.]+\.)?(\w+)$", made.library(), re.M))
    assert shown == {*gc.__all__} - {"__version__"}


def test_the_manual_page_is_the_help():
    assert man.PAGE.read_text("utf-8") == man.page(), "python docs/man.py writes it"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse spells options otherwise")
def test_the_help_that_is_kept_is_that_of_the_options(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    made = [about_itself(word) for word in ("-h", "--help")]
    monkeypatch.delenv("COLUMNS")
    for word, page in zip(("-h", "--help"), made, strict=True):
        main([word])
        assert capsys.readouterr().out == page, "python docs/man.py writes it"


@pytest.mark.skipif(which("groff") is None, reason="groff is not installed")
def test_the_manual_page_is_read_without_a_warning():
    read = subprocess.run(["groff", "-man", "-ww", "-Tutf8", man.PAGE], capture_output=True, text=True, check=True)
    assert read.stderr == ""
    assert "an internal error, please report it" in read.stdout
