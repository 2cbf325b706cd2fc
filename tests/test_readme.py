"""Every example in README.md is run as it is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gradcalc.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONSOLE = re.findall(r"```console\n\$ gradcalc (.*?)\n(.*?)```", README, re.S)
TABLE = re.findall(r"^\| `gradcalc ('.*?)` \|", README, re.M)
PYTHON = re.findall(r"```python\n(.*?)```(?:\n\nprints\n\n```text\n(.*?)```)?", README, re.S)


@pytest.mark.parametrize(("command", "expected"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_console_examples(command, expected, capsys):
    main(shlex.split(command))
    captured = capsys.readouterr()
    assert captured.out + captured.err == expected


@pytest.mark.parametrize("command", TABLE)
def test_commands_of_the_table(command, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    status = main(shlex.split(command))
    captured = capsys.readouterr()
    assert status == 0
    assert captured.out or captured.err.startswith("wrote ")


@pytest.mark.parametrize(("code", "printed"), PYTHON, ids=range(len(PYTHON)))
def test_python_examples(code, printed, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_there_are_examples():
    assert len(CONSOLE) >= 5
    assert len(PYTHON) >= 3
    assert len(TABLE) >= 5


def test_the_test_command_of_ci_is_the_readmes():
    command = "python -m pytest -n auto"
    assert command in README
    assert command in (ROOT / ".ci" / "run").read_text()
