"""Which test takes which branches of the program: for `mutants.py`, and for the gate on branches that no test takes.

    python -m pytest -p tested_lines                         any run of tests, with benchmarks/ in PYTHONPATH, measured
    python -m pytest -p tested_lines --together              the same, which tells no test from another: for --report
    python benchmarks/tested_lines.py --report               branches that no test took; an error below the bounds
    python benchmarks/tested_lines.py --report --quiet       the shares alone

A run of statements that are carried out one after the other has a mark at its head, which says that it was taken; so
has an `else` that is not written, and the end of a loop. The marks are put into the source as a module is imported, and
cost a store each, where tracing would take the time several times over; where no test is told from another, marks that
were taken are jumped over from time to time. What is measured is kept in `.tested_lines/` until the next run begins;
processes that a test starts are not measured.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib.machinery
import json
import opcode
import operator
import os
import shutil
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import compress
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".tested_lines"
JUDGED = ("language", "engine", "proofs", "symbolic", "certified", "judge")
TAKEN = "__taken__"
COLUMN = 10_000  # that of mark 0, where no source has a column: so a mark is told among the instructions

Block = list[ast.stmt]


class Marked:
    """A module's source with marks: `behind[i]` are the statements behind mark i, which `heads[i]` tells."""

    def __init__(self, source: str):
        self.tree, self.behind, self.heads = ast.parse(source), list[Block](), list[str]()
        for node in [*ast.walk(self.tree)]:
            if isinstance(node, ast.FunctionDef) and not all(map(_is_nothing, node.body)):
                start = _is_nothing(node.body[0])  # a docstring stays in front
                node.body[start:] = self._block(node.body[start:], node.lineno)

    def lines(self, mark: int) -> set[int]:
        """The lines of the statements behind a mark."""
        return {part.lineno for each in self.behind[mark] for part in _own(each) if hasattr(part, "lineno")}

    def _block(self, statements: Block, line: int, told: str = "") -> Block:
        """The statements with a mark at their head, and behind each that has a choice in it."""
        found, head = [], True
        for statement in statements:
            if head:
                found.append(self._mark(statement.lineno))
            self.behind[-1].append(statement)
            found.append(statement)
            head = self._has_choice(statement)
        return found or [self._mark(line, told)]

    def _has_choice(self, statement: ast.stmt) -> bool:
        """Whether there is a choice in a statement, of which each side is marked here."""
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return False  # marked on its own
        blocks = list(_blocks(statement))
        for block in blocks:
            block[:] = self._block(block, statement.lineno) if block else []
        always = isinstance(statement, ast.While) and isinstance(statement.test, ast.Constant)
        if isinstance(statement, ast.If | ast.For | ast.While) and not statement.orelse and not always:
            told = "not so" if isinstance(statement, ast.If) else "to its end"
            statement.orelse = self._block([], statement.lineno, told)
        return bool(blocks)

    def _mark(self, line: int, told: str = "") -> ast.stmt:
        column = COLUMN + len(self.heads)
        place: Any = {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}
        taken, number = ast.Name(TAKEN, ast.Load(), **place), ast.Constant(len(self.heads), **place)
        self.behind.append([])
        self.heads.append(f"{line} {told}".strip())
        return ast.Assign([ast.Subscript(taken, number, ast.Store(), **place)], ast.Constant(1, **place), **place)


def _blocks(statement: ast.stmt) -> Iterator[Block]:
    for node in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, name, None), list):
                yield getattr(node, name)


def _own(statement: ast.AST) -> Iterator[ast.AST]:
    """What stands in a statement but for the statements in it."""
    yield statement
    for part in ast.iter_child_nodes(statement):
        if not isinstance(part, ast.stmt):
            yield from _own(part)


def _is_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


JUMP, NOTHING, STORE = (opcode.opmap[name] for name in ("JUMP_FORWARD", "NOP", "STORE_SUBSCR"))
LOADS = {code for name, code in opcode.opmap.items() if name.startswith("LOAD_") or name in ("EXTENDED_ARG", "CACHE")}


@cache
def _marks(code: CodeType) -> list[tuple[int, int, int]]:
    """The marks in a code: number, first instruction, the one behind. What else has a mark's place loads nothing."""
    steps, found, start, inside = code.co_code[::2], [], 0, -1
    for i, (_, _, column, _) in enumerate(code.co_positions()):
        mark = -1 if column is None else column - COLUMN
        start, inside = start if mark == inside else i, mark
        if mark >= 0 and steps[i] not in LOADS:
            start, first = i + 1, start
            if steps[i] == STORE:
                while steps[start] == opcode.opmap["CACHE"]:
                    start += 1
                found.append((mark, first, start))
    return found


def _thinned(code: CodeType, taken: list[int]) -> CodeType:
    """The code, and what is defined in it, that jumps over the marks that were taken."""
    inner = tuple(_thinned(part, taken) if isinstance(part, CodeType) else part for part in code.co_consts)
    steps = bytearray(code.co_code)
    for mark, start, end in _marks(code):
        if taken[mark]:
            steps[2 * start : 2 * end] = bytes((JUMP, end - start - 1)) + bytes((NOTHING, 0)) * (end - start - 1)
    same = steps == code.co_code and all(map(operator.is_, inner, code.co_consts))
    return code if same else code.replace(co_code=bytes(steps), co_consts=inner)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with its marks."""

    def exec_module(self, module: ModuleType) -> None:
        marked = Marked(Path(self.path).read_text("utf-8"))
        taken = MEASURED.taken.setdefault(_name(Path(self.path)), [0] * len(marked.heads))
        module.__dict__[TAKEN] = taken
        exec(compile(marked.tree, self.path, "exec", dont_inherit=True), module.__dict__)


class Finder(importlib.machinery.PathFinder):
    """Finds the modules that are judged."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.partition(".")[0] == "gradcalc" and fullname.split(".")[1:2] and fullname.split(".")[1] in JUDGED:
            spec = super().find_spec(fullname, path, target)
            if spec is not None and spec.origin is not None:
                spec.loader = Loader(fullname, spec.origin)
            return spec
        return None


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "gradcalc"))


class Measured:
    """The plugin of pytest: what was taken, and by each test, in its seconds, unless all are taken together."""

    def __init__(self) -> None:
        # lists of 0 and 1, into which Python stores in half the time that a bytearray takes
        self.taken: dict[str, list[int]] = {}
        self.tests: dict[str, tuple[float, dict[str, list[int]]]] = {}
        self.together = False
        self.thinned = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        if self.together:
            if time.process_time() > 2 * self.thinned:
                self._thin()
            return (yield)
        self._keep("", 0.0)
        start = time.process_time()
        try:
            return (yield)
        finally:
            self._keep(item.nodeid, time.process_time() - start)

    def _thin(self) -> None:
        """Takes the marks that were taken out of all functions there are."""
        gc.unfreeze()  # for what is frozen is not listed
        for each in gc.get_objects():
            if type(each) is FunctionType and TAKEN in each.__globals__:
                code = _thinned(each.__code__, each.__globals__[TAKEN])
                if code is not each.__code__:
                    each.__code__ = code
        gc.freeze()
        self.thinned = time.process_time()

    def _keep(self, test: str, seconds: float) -> None:
        found = self.tests.setdefault(test, (seconds, {}))[1]
        for module, taken in self.taken.items():
            if marks := [*compress(range(len(taken)), taken)]:
                found[module] = sorted({*found[module], *marks}) if module in found else marks
                taken[:] = [0] * len(taken)

    def pytest_sessionfinish(self) -> None:
        self._keep("", 0.0)
        if self.tests[""][1]:
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{os.getpid()}.json").write_text(json.dumps(self.tests), "utf-8")


MEASURED = Measured()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--together", action="store_true", help="keep what is taken, and not by which test")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(KEPT, ignore_errors=True)
    assert "gradcalc.language" not in sys.modules, "what is imported already has no marks"
    MEASURED.together = config.getoption("together")
    sys.meta_path.insert(0, Finder)
    config.pluginmanager.register(MEASURED)


def kept() -> dict[str, tuple[float, dict[str, list[int]]]]:
    """For every test that was measured, its seconds and the marks that it took, by module."""
    found: dict[str, tuple[float, dict[str, list[int]]]] = {}
    for path in KEPT.glob("*.json"):
        for test, (seconds, taken) in json.loads(path.read_text("utf-8")).items():
            before = found.get(test, (0.0, {}))[1]
            found[test] = (
                seconds,
                {module: [*before.get(module, ()), *taken.get(module, ())] for module in {**before, **taken}},
            )
    return found


def tests_of(module: str) -> tuple[dict[int, set[str]], dict[str, float]]:
    """The tests that take each line of a module (`""` is its import), and the seconds of each test."""
    tests, lines = kept(), defaultdict[int, set[str]](set)
    marked = Marked((ROOT / "gradcalc" / module).read_text("utf-8"))
    lines_of = [*map(marked.lines, range(len(marked.heads)))]
    for test, (_, taken) in tests.items():
        for mark in taken.get(module, ()):
            for line in lines_of[mark]:
                lines[line].add(test)
    return lines, {test: seconds for test, (seconds, _) in tests.items()}


def report(bounds: dict[str, float], shown: bool) -> bool:
    """The branches not taken, by area; whether every area keeps its bound in percent."""
    taken: dict[str, set[int]] = defaultdict(set)
    for _, by_module in kept().values():
        for module, marks in by_module.items():
            taken[module].update(marks)
    good = True
    for area in JUDGED:
        met = of = 0
        for path in sorted((ROOT / "gradcalc" / area).rglob("*.py")):
            heads = Marked(path.read_text("utf-8")).heads
            missing = [head for i, head in enumerate(heads) if i not in taken[_name(path)]]
            met, of = met + len(heads) - len(missing), of + len(heads)
            if shown and missing:
                print(f"{path.relative_to(ROOT)}  {len(missing)}: {', '.join(missing)}")
        percent = 100 * met / of
        good &= percent >= bounds.get(area, 0)
        print(f"{area}: {percent:.2f} % of {of} branches, at least {bounds.get(area, 0):g} %")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", required=True)
    parser.add_argument("--quiet", action="store_true", help="the shares alone")
    args = parser.parse_args()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    if not report(settings["tested-lines"], shown=not args.quiet):
        sys.exit("less is tested than was")


if __name__ == "__main__":
    main()
