"""The grammar is found however gradcalc is installed: wheel, sdist, editable, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROBE = "import gradcalc as g; print(g.evaluate('2*3*x', {'x': 7}), g.__file__)"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel built from the sdist, and the sdist."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT], check=True, capture_output=True
    )
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def answer(path: Path, cwd: Path) -> str:
    """What a Python that finds gradcalc at `path` and nowhere else says."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    run = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    assert str(path) in run.stdout
    return run.stdout.split()[0]


def test_wheel(built, tmp_path):
    zipfile.ZipFile(built[0]).extractall(tmp_path)
    assert (tmp_path / "gradcalc" / "language" / "tables.json").exists()
    assert (tmp_path / "gradcalc" / "py.typed").exists()
    assert (tmp_path / "gradcalc" / "show" / "lesson.html").exists()
    assert not (tmp_path / "tests").exists()
    assert answer(tmp_path, tmp_path) == "42.0"


def test_sdist(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (tree,) = tmp_path.iterdir()
    assert (tree / "tests" / "test_packaging.py").exists()
    assert answer(tree, tmp_path) == "42.0"


def test_uninstalled_checkout(tmp_path):
    shutil.copytree(ROOT / "gradcalc", tmp_path / "gradcalc", ignore=shutil.ignore_patterns("__pycache__"))
    assert answer(tmp_path, tmp_path) == "42.0"


def test_this_checkout():
    assert answer(ROOT, ROOT) == "42.0"
