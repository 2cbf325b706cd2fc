"""Would the tests notice? One fault at a time is put into a copy of the program, and the tests named for it are run.

    python benchmarks/mutants.py table                        every text of the table, against that row's own tests
    python benchmarks/mutants.py table --rows tanh root       some rows
    python benchmarks/mutants.py modules --sample 40          40 faults of each module of `TESTED`, drawn by --seed
    python benchmarks/mutants.py modules --only engine/lowering.py judge/claims/points.py

Prints the faults that live, then the score. A fault that makes the tests hang is noticed.
"""

from __future__ import annotations

import argparse
import ast
import atexit
import importlib
import itertools
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = "language/functions.py"
TESTED = {
    "engine/lowering.py": ["value", "gradients", "certified"],
    "engine/rationals.py": ["certified", "kinks", "gradients"],
    "engine/rewrite.py": ["gradients", "users_functions", "kinks"],
    "engine/scalars.py": ["scalars", "functions"],
    "engine/value.py": ["value", "gradients"],
    "judge/agreement.py": ["witnesses"],
    "judge/rows.py": ["blame"],
    "judge/claims/court.py": ["claims", "mistakes"],
    "judge/claims/points.py": ["points", "claims"],
    "judge/programs/judge.py": ["check_gradient"],
    "symbolic/proof.py": ["symbolic"],
}


@dataclass(frozen=True)
class Fault:
    """A piece of a module's source, from one place to another, and what stands there instead."""

    module: str
    start: int
    end: int
    instead: str
    row: str = ""

    def told(self, source: str) -> str:
        line = source.count("\n", 0, self.start) + 1
        return f"{self.module}:{line}: {source[self.start : self.end]!r} -> {self.instead!r}  {self.row}"


# ---- faults in a text of the table

OTHER = {
    **{"+": "-", "*": "/", "/": "*", "^": "*", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    **{"and": "or", "or": "and", "not": ""},
}
TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>=!]=|[-+*/^<>]")


def faulty_texts(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """The text with another sign, factor, exponent, argument or condition: one change each."""
    condition = re.search(r"[<>=!]=|[<>]", re.sub(r"if\(.*", "", text))
    yield from [f"not ({text})"] if condition else [f"-({text})", f"2*({text})", f"({text}) + 1"]
    for found in TOKEN.finditer(text):
        token, before, after = found[0], text[: found.start()], text[found.end() :]
        called = re.match(r"\([^(),]*\)", after)
        if token == "-":
            yield before + ("+" if before.rstrip().endswith((*names, ")", *"0123456789")) else "") + after
        elif token[0].isdigit():
            yield f"{before}{float(token) + 1:g}{after}"
        elif token in OTHER:
            yield before + OTHER[token] + after
        elif token.isidentifier() and called:
            yield before + after  # the argument instead of its function
        elif token in names:
            yield from (f"{before}{other}{after}" for other in names if other not in (token, "tie"))
            yield f"{before}({token} + 1){after}"


def faults_of_table(source: str) -> Iterator[Fault]:
    place = _places(source)
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "Function" and call.args):
            continue
        signature = ast.literal_eval(call.args[0])
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        called = re.match(r"(\w+)\((.*)\)$", signature)
        row = called[1] if called else re.sub(r"\bx\b|\by\b|\s", "", signature)
        row = ast.literal_eval(given["name"]) if "name" in given else row
        names = (*re.findall(r"[a-z_]\w*", called[2] if called else signature), "out")
        for field in sorted({"partials", "taught", "domain", "definition"} & set(given)):
            for text in ast.walk(given[field]):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    own = names if field in ("partials", "taught") else names[:-1]
                    for faulty in dict.fromkeys(faulty_texts(text.value, own)):
                        yield Fault(TABLE, *place(text), repr(faulty), row)


# ---- faults in code

SWAPS: dict[type, type] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
}
VERDICTS = ["WRONG", "UNDEFINED", "UNDECIDED", "IMPRECISE", "CONDITIONAL", "AGREES", "PROVED"]


def faults_of_code(module: str, source: str) -> Iterator[Fault]:
    """Operators, constants, `and` and `or`, `not`, branches and verdicts exchanged, in the bodies of functions."""
    place, tree = _places(source), ast.parse(source)
    types = [part for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) for part in ast.walk(node.annotation)]
    bodies = [part for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for part in node.body]
    nodes = dict.fromkeys(node for body in bodies for node in ast.walk(body) if isinstance(node, ast.expr))
    for node in nodes:
        for instead in () if node in types else _instead(node):
            yield Fault(module, *place(node), f"({instead})")


def _instead(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(left, op, right) if type(op) in SWAPS:
            yield ast.unparse(ast.BinOp(left, SWAPS[type(op)](), right))
        case ast.Compare(left, [op, *rest], parts) if type(op) in SWAPS:
            yield ast.unparse(ast.Compare(left, [SWAPS[type(op)](), *rest], parts))
        case ast.BoolOp(op, parts):
            yield ast.unparse(ast.BoolOp(SWAPS[type(op)](), parts))
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield ast.unparse(operand)
        case ast.IfExp(_, then, other):
            yield from map(ast.unparse, (then, other))
        case ast.Constant(bool(value)):
            yield repr(not value)
        case ast.Constant(int(value) | float(value)):
            yield repr(value + 1)
        case ast.Attribute(ast.Name("Verdict"), name) if name in VERDICTS:
            yield f"Verdict.{VERDICTS[VERDICTS.index(name) - 1]}"


def _places(source: str) -> Callable[[ast.expr], tuple[int, int]]:
    """Where a node begins and ends, in characters."""
    lines = source.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]

    def place(node: ast.expr) -> tuple[int, int]:
        def at(line: int, column: int) -> int:
            return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

        return at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)

    return place


# ---- running the tests on a copy


class OneRow:
    """Leaves the tests of one row."""

    def __init__(self, row: str) -> None:
        self.row = row

    def pytest_collection_modifyitems(self, items: list) -> None:
        rows = [getattr(getattr(item, "callspec", None), "params", {}).get("row") for item in items]
        if self.row:
            items[:] = [item for item, row in zip(items, rows, strict=True) if row and row.name == self.row]


class Copy:
    """A copy of the program with its tests; `notices` a fault or not."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        atexit.register(shutil.rmtree, self.folder, True)
        for part in ("gradcalc", "grammar", "tests"):
            shutil.copytree(ROOT / part, self.folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.changes = 0

    def write(self, module: str, text: str) -> None:
        path = self.folder / "gradcalc" / module
        path.write_text(text, "utf-8")
        self.changes += 1
        os.utime(path, (self.changes, self.changes))  # else what was compiled within the same second counts as this

    def fails(self, tests: list[str], row: str, seconds: float) -> bool:
        child = os.fork()
        if not child:
            self._run(tests, row)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status) != 0
            time.sleep(0.02)
        os.killpg(child, 9)
        os.waitpid(child, 0)
        return True

    def _run(self, tests: list[str], row: str) -> None:
        import pytest

        os.setsid()
        os.chdir(self.folder)
        os.environ["PYTHONPATH"] = str(self.folder)
        sys.path[:0] = [str(self.folder), str(self.folder / "tests")]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1), os.dup2(nowhere, 2)
        options = [
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]
        os._exit(pytest.main([*options, *(f"tests/test_{name}.py" for name in tests)], plugins=[OneRow(row)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["table", "modules"])
    parser.add_argument("--rows", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[], choices=TESTED)
    parser.add_argument("--sample", type=int, help="at most so many faults of a module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120, help="for the tests of one fault")
    args = parser.parse_args()
    for library in ("flint", "hypothesis", "mpmath", "numpy", "pytest", "sympy"):
        importlib.import_module(library)  # once, for every fork

    tested = {TABLE: ["edges", "functions"]} if args.part == "table" else {m: TESTED[m] for m in args.only or TESTED}
    for module, tests in tested.items():
        source = (ROOT / "gradcalc" / module).read_text("utf-8")
        faults = list(faults_of_table(source) if args.part == "table" else faults_of_code(module, source))
        faults = [fault for fault in faults if not args.rows or fault.row in args.rows]
        if args.sample is not None:
            faults = random.Random(args.seed).sample(faults, min(args.sample, len(faults)))
        judge(module, source, faults, tests, args.jobs, args.seconds)


def judge(module: str, source: str, faults: list[Fault], tests: list[str], jobs: int, seconds: float) -> None:
    copies = [Copy() for _ in range(jobs)]
    if copies[0].fails(tests, "", 10 * seconds):
        sys.exit(f"{module}: its tests {tests} fail as they are")

    def lives(copy: Copy, fault: Fault) -> bool:
        copy.write(module, source[: fault.start] + fault.instead + source[fault.end :])
        return not copy.fails(tests, fault.row, seconds)

    def share(number: int) -> list[Fault]:
        return [fault for fault in faults[number::jobs] if lives(copies[number], fault)]

    with ThreadPoolExecutor(jobs) as pool:
        living = [fault for part in pool.map(share, range(jobs)) for fault in part]
    for fault in living:
        print("lives:", fault.told(source))
    print(f"{module}: {len(faults) - len(living)} of {len(faults)} noticed by {' '.join(tests)}", flush=True)


if __name__ == "__main__":
    main()
