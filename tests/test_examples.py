"""The examples run, and show what they say they show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def texts(notebook):
    """What every cell printed and what its last line showed, but for the pictures."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [[output["text"] if "text" in output else seen(output["data"]) for output in cell.outputs] for cell in code]


def seen(data):
    """The texts of an output that a reader sees: not the `repr` of what is shown as HTML."""
    kinds = [kind for kind in data if kind.startswith("text/") and not (kind == "text/plain" and "text/html" in data)]
    return {kind: data[kind] for kind in kinds}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.name)
@pytest.mark.filterwarnings("default")  # of the kernel's own libraries
def test_a_notebook_shows_what_is_stored_in_it(path):
    import nbformat
    from nbclient import NotebookClient

    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.from_dict(stored)
    NotebookClient(fresh, timeout=100, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    assert texts(fresh) == texts(nbformat.read(path, as_version=4))
    kinds = {kind for cell in fresh.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())}
    assert kinds >= {"text/latex", "text/html", "image/svg+xml"}


def test_moons_begins_with_the_published_loss_and_beside_micrograd(tmp_path):
    run = subprocess.run(
        [sys.executable, EXAMPLES / "moons.py", "--steps", "1", "--beside", "1", "-o", tmp_path / "moons.png"],
        capture_output=True,
        text=True,
        check=True,
    )
    losses = re.findall(r"(\w+) +step +0  loss (\S+)", run.stdout)
    assert [name for name, _ in losses] == ["gradcalc", "micrograd"]
    assert [float(loss) for _, loss in losses] == pytest.approx([0.8958441028683222] * 2, rel=1e-15)
    apart = re.search(
        r"1 steps: micrograd \S+ s, gradcalc \S+ s, \S+ times as fast; the losses differ by (\S+) at most", run.stdout
    )
    assert float(apart[1]) < 1e-14
    assert (tmp_path / "moons.png").read_bytes().startswith(b"\x89PNG")
    assert not run.stderr
