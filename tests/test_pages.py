"""Every example in README.md and on the pages of docs/ is run as it is printed.

Blocks of `console` hold commands, or lines of the prompt, with what they answer; of `python`, programs, each on its
own, whose tests are run as well, and where `prints` stands below, what they print; of other files, what is in
`docs/files`, where the commands run.

`python -m tests.test_pages` writes anew what they answer; look at the changes.
"""

from __future__ import annotations

import re
import shlex
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import gradcalc
from gradcalc.cli import main
from gradcalc.prompt import Console, Folders
from gradcalc.prompt.talk import Talk

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILES = ROOT / "docs" / "files"
README = PAGES[0].read_text("utf-8")
BLOCK = re.compile(r"^```(\w*)(?: title=\"(.*?)\")?\n(.*?)^```(?:\n\nprints\n\n```text\n(.*?)^```)?", re.S | re.M)
BLOCKS = [
    (f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}", *found.groups())
    for page in PAGES
    for text in [page.read_text("utf-8")]
    for found in BLOCK.finditer(text)
]
TABLE = re.findall(r"^\| `gradcalc (.+?)` \|", README, re.M)


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    found = [block for block in BLOCKS if block[1] in kinds]
    return pytest.mark.parametrize(("kind", "title", "text", "printed"), [block[1:] for block in found],
                                   ids=[block[0] for block in found])  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files of the pages."""
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answered(text: str, folder: Path) -> str:
    """A block of `console` with what its commands, and the lines of its prompts, answer."""
    said = TextIOWrapper(BytesIO(), "utf-8", write_through=True)  # commands may write bytes
    with redirect_stdout(said), redirect_stderr(said):
        for program, command, below in re.findall(r"^\$ (gradcalc|cat) ?(.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
            said.write(f"$ {program} {command}".rstrip() + "\n")
            if program == "cat":
                said.write((folder / command).read_text("utf-8"))
                continue
            if command:
                main(shlex.split(command))
                continue
            console = Console(folders=Folders(folder, folder), width=lambda: 80, numbered=True)
            talk = Talk(console, said, False, False)
            for line in re.findall(r"^>> (.*)\n", below, re.M):
                said.write(f">> {line}\n")
                talk.answer(line)
    return said.buffer.getvalue().decode()


def printed_by(text: str) -> str:
    """What a program prints, whose tests are run as well."""
    said, names = StringIO(), {"__name__": "example"}
    with redirect_stdout(said):
        exec(compile(text, "example", "exec"), names)
    for name in [name for name in names if name.startswith("test_")]:
        names[name]()
    return said.getvalue()


@of_kind("console")
def test_console_examples(kind, title, text, printed, folder):
    counts = re.compile(r"\d+ evaluations")  # of SciPy's, which takes more or fewer in another version
    assert counts.sub("", answered(text, folder)) == counts.sub("", text)


@of_kind("python")
def test_python_examples(kind, title, text, printed, folder):
    assert printed_by(text) == (printed or "")


@of_kind("csv", "toml", "grad")
def test_files(kind, title, text, printed):
    assert (FILES / title).read_text("utf-8") == text


def test_nothing_else_is_shown():
    """Besides commands for a shell that install something, and what is printed."""
    others = [
        (place, text) for place, kind, _, text, _ in BLOCKS if kind not in ("console", "python", "csv", "toml", "grad")
    ]
    assert [place for place, text in others if "pip install" not in text] == []


@pytest.mark.parametrize("command", TABLE)
def test_commands_of_the_table(command, capsys, folder):
    status = main(shlex.split(command))
    captured = capsys.readouterr()
    assert status == (2 if "--grade" in command else 0)  # one of the answers cannot be read
    assert captured.out or captured.err.startswith("wrote ")


def test_the_row_that_contributors_are_shown_is_one():
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S | re.M)
    (row,) = eval(block, {"Function": gradcalc.Function})
    assert gradcalc.check_function(row).verdict == "agrees"


def test_what_the_package_says_of_itself():
    code = [
        line.strip().partition(" #")[0] for line in (gradcalc.__doc__ or "").splitlines() if line.startswith("    ")
    ]
    names: dict[str, Any] = {}
    exec("\n".join(line for line in code if re.match(r"import|\w+ = ", line)), names)
    found = [eval(line, names) for line in code if line.startswith(("gc.", "bool("))]
    assert found[0] == (-8.0, {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0})
    assert found[1:] == [gradcalc.parse("b*f"), True, found[3]]
    assert found[3].startswith("chain rule")


def test_there_are_examples():
    kinds = [kind for place, kind, *_ in BLOCKS if place.startswith("README")]
    assert kinds.count("console") >= 5
    assert kinds.count("python") >= 3
    assert len(TABLE) >= 5


def test_the_test_command_of_ci_is_the_readmes():
    command = "python -m pytest -n auto"
    assert command in README
    assert command in (ROOT / ".ci" / "run").read_text()


def written_anew(found: re.Match[str]) -> str:
    kind, _, text, printed = found.groups()
    with TemporaryDirectory() as folder, chdir(folder):
        shutil.copytree(FILES, folder, dirs_exist_ok=True)
        if kind == "console":
            return f"```console\n{answered(text, Path(folder))}```"
        if printed is not None:
            return found[0].replace(f"```text\n{printed}```", f"```text\n{printed_by(text)}```")
    return found[0]


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(BLOCK.sub(written_anew, page.read_text("utf-8")), "utf-8")
