"""Would the tests notice? One fault at a time is switched on in a process of its own, and tests that run it are run.

    python benchmarks/mutants.py table                        every text of the table, by the tests of its row
    python benchmarks/mutants.py table --rows tanh root       some rows
    python benchmarks/mutants.py modules --sample 40          40 faults of each module, drawn by --seed
    python benchmarks/mutants.py modules --only proofs judge/claims/points.py

Which tests run a line of a module is read from what `tested_lines.py` kept. Prints the faults that live, and the score;
one that many tests run is tried by the quickest of them, for `--seconds`, and how many more there are is told.
A fault that makes the tests hang is noticed. Those that change nothing stand, with the reason, in
`tests/data/equivalent_faults.toml`.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib
import itertools
import os
import random
import re
import resource
import signal
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from tested_lines import JUDGED, ROOT, kept, tests_of

_FIRST = ("domain_and_partials", "taught", "definition_is", "definition_at", "conventions")  # the quick ones
_LONGEST = 600  # seconds by the clock, for what waits for ever
TABLE = "language/functions.py"


@dataclass(frozen=True)
class Fault:
    """A piece of a module's source, from one place to another, and what stands there instead."""

    module: str
    start: int
    end: int
    instead: str
    row: str = ""  # of the table, or the function
    lines: tuple[int, ...] = ()  # of the statement

    def told(self, source: str) -> str:
        line = source.count("\n", 0, self.start) + 1
        return f"{self.module}:{line}: {self.row}: {self.piece(source)} -> {self.short()}"

    def piece(self, source: str) -> str:
        text = source[self.start : self.end]
        return str(ast.literal_eval(f"({text})")) if self.module == TABLE else text

    def short(self) -> str:
        return str(ast.literal_eval(self.instead)) if self.module == TABLE else self.instead

    def applied(self, source: str) -> str:
        return source[: self.start] + self.instead + source[self.end :]


# ---- faults in a text of the table

OTHER = {
    **{"+": "-", "*": "/", "/": "*", "^": "*", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    **{"and": "or", "or": "and", "not": ""},
}
TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>=!]=|[-+*/^<>]")


def faulty_texts(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """The text with another sign, factor, exponent, argument or condition: one change each."""
    condition = re.search(r"[<>=!]=|[<>]", re.sub(r"if\(.*", "", text))
    yield from (
        [f"not ({text})"] if condition else [*([f"-({text})", f"2*({text})"] if text != "0" else []), f"({text}) + 1"]
    )
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
    seen: set[ast.AST] = set(types)
    seen |= {part.value for part in ast.walk(tree) if isinstance(part, ast.keyword) and part.arg == "strict"}  # of zip
    for name, statement in _statements(tree, ""):
        inner = {
            part for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt) for part in ast.walk(each)
        }
        own = [part for part in ast.walk(statement) if isinstance(part, ast.expr) and part not in inner]
        lines = tuple(sorted({part.lineno for part in own} | {statement.lineno}))
        for node in own:
            if node not in seen:
                seen.add(node)
                for instead in _instead(node):
                    yield Fault(module, *place(node), f"({instead})", name, lines)


def _statements(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.stmt]]:
    """The statements in bodies of functions, with the function's name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _statements(node, f"{name}.{node.name}".lstrip("."))
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            if name and isinstance(node, ast.stmt) and not isinstance(tree, ast.ClassDef):
                yield name, node
            yield from _statements(node, name)


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


# ---- a fault switched on in the running program


def imported_as(module: str) -> str:
    return "gradcalc." + module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def switch_on(fault: Fault, source: str, functions: list[FunctionType]) -> bool:
    """Whether something of the running program is now as the faulty source says: rows, or code of functions."""
    path = str(ROOT / "gradcalc" / fault.module)
    faulty = compile(fault.applied(source), path, "exec", dont_inherit=True)
    if fault.module == TABLE:
        live = sys.modules[imported_as(TABLE)]
        space: dict[str, Any] = {"__name__": live.__name__, "__package__": live.__package__}
        exec(faulty, space)
        for field in fields(live.TABLE[fault.row]):
            object.__setattr__(live.TABLE[fault.row], field.name, getattr(space["TABLE"][fault.row], field.name))
        return True
    changed = 0
    old = {code.co_qualname: code for code in _codes(compile(source, path, "exec", dont_inherit=True))}
    new = {code.co_qualname: code for code in _codes(faulty) if code != old[code.co_qualname]}
    for function in functions:
        code = new.get(function.__code__.co_qualname)
        if code is not None and code.co_freevars == function.__code__.co_freevars:
            function.__code__ = code
            changed += 1
    return changed > 0


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of all functions in a module."""
    waiting = [code]
    while waiting:
        inner = [part for part in waiting.pop().co_consts if isinstance(part, CodeType)]
        yield from inner
        waiting += inner


class Running:
    """The functions of the program by their file, and what it remembers; found once, before the forks."""

    def __init__(self) -> None:
        from gradcalc.engine.scalars import Scalars

        self.functions: dict[str, list[FunctionType]] = {}
        self.memories: list[Callable[[], None]] = []
        gc.unfreeze()  # what is frozen is not listed
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType):
                self.functions.setdefault(thing.__code__.co_filename, []).append(thing)
            elif isinstance(thing, functools._lru_cache_wrapper) and thing.__module__.startswith("gradcalc"):
                self.memories.append(thing.cache_clear)
            elif isinstance(thing, Scalars):
                self.memories.append(thing._made.clear)
        gc.freeze()

    def forget(self) -> None:
        for memory in self.memories:
            memory()


class Faults:
    """Instead of running the tests: for each fault, a fork that runs those which may notice it until one does."""

    def __init__(self, part: str, modules: list[str], rows: list[str], sample: int | None, seed: int, most: float):
        self.part, self.rows, self.sample, self.seed, self.most = part, rows, sample, seed, most
        self.sources = {module: (ROOT / "gradcalc" / module).read_text("utf-8") for module in modules}
        self.equivalent = tomllib.loads((ROOT / "tests/data/equivalent_faults.toml").read_text("utf-8"))
        self.total = self.noticed = self.excused = 0
        self.left_out = 0  # tests of the last fault for which there was no time

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for module in self.sources:
            importlib.import_module(imported_as(module))  # those, too, that wait for their first use
        self.running = Running()
        for module, source in self.sources.items():
            faults = list(faults_of_table(source) if self.part == "table" else faults_of_code(module, source))
            self.tell_gone(module, source, faults)
            faults = [fault for fault in faults if not self.rows or fault.row in self.rows]
            if self.sample is not None:
                faults = random.Random(self.seed).sample(faults, min(self.sample, len(faults)))
            excused = [fault for fault in faults if self.is_equivalent(fault, source)]
            told = self.tests(module, session.items)
            living = [
                fault for fault in faults if fault not in excused and not self.notices(fault, source, told(fault))
            ]
            count = len(faults) - len(excused)
            print(f"{module}: {count - len(living)} of {count} noticed, {len(excused)} change nothing", flush=True)
            self.total, self.noticed = self.total + count, self.noticed + count - len(living)
            self.excused += len(excused)
        print(f"in all: {self.noticed} of {self.total} noticed, {self.excused} change nothing")
        return True

    def tell_gone(self, module: str, source: str, faults: list[Fault]) -> None:
        there = {(fault.row, fault.piece(source), fault.short()) for fault in faults}
        for entry in self.equivalent.get(module, []):
            for fault in entry["faults"]:
                if (entry["in"], entry["text"], fault) not in there:
                    print(f"not there any more: {module}: {entry['in']}: {entry['text']} -> {fault}", flush=True)

    def is_equivalent(self, fault: Fault, source: str) -> bool:
        line = source[source.rfind("\n", 0, fault.start) + 1 : source.find("\n", fault.end)]
        return any(
            (entry["in"], entry["text"]) == (fault.row, fault.piece(source))
            and fault.short() in entry["faults"]
            and entry.get("on", "") in line
            for entry in self.equivalent.get(fault.module, [])
        )

    def tests(self, module: str, items: list[pytest.Item]) -> Callable[[Fault], list[tuple[float, pytest.Item]]]:
        """For a fault, what it is tried by, the quickest of each file first, each with its seconds."""
        if self.part == "table":
            of_row: dict[str, list[tuple[float, pytest.Item]]] = {}
            for item in items:
                row = getattr(getattr(item, "callspec", None), "params", {}).get("row")
                of_row.setdefault(getattr(row, "name", ""), []).append((0.0, item))
            for tried in of_row.values():
                tried.sort(
                    key=lambda test: next((i for i, name in enumerate(_FIRST) if name in test[1].name), len(_FIRST))
                )
            return lambda fault: of_row.get(fault.row, []) + of_row[""]  # with those of conventions
        lines, seconds = tests_of(module)
        known = {item.nodeid: item for item in items}

        def chosen(fault: Fault) -> list[tuple[float, pytest.Item]]:
            names = set().union(*(lines.get(line, ()) for line in fault.lines)) & known.keys()
            spent: dict[str, float] = defaultdict(
                float
            )  # of a file, so that slow tests of one leave time for those of others
            turns: list[tuple[float, str]] = []
            for name in sorted(names, key=lambda name: (seconds.get(name, 0.0), name)):
                spent[name.partition("::")[0]] += seconds.get(name, 0.0)
                turns.append((spent[name.partition("::")[0]], name))
            in_turn = [name for _, name in sorted(turns)]
            so_far = itertools.accumulate(seconds.get(name, 0.0) for name in in_turn)
            within = sum(total < self.most for total in so_far)
            self.left_out = max(0, len(in_turn) - max(1, within))
            return [(seconds.get(name, 0.0), known[name]) for name in in_turn[: max(1, within)]]

        return chosen

    def notices(self, fault: Fault, source: str, tests: list[tuple[float, pytest.Item]]) -> bool:
        child = os.fork()
        if not child:
            os._exit(self._tried(fault, source, tests))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code in (0, 3):
            note = "" if tests else "  (no test runs it)"
            note = f"  ({self.left_out} more tests run it)" if self.left_out else note
            print("lives:", fault.told(source), note or ("  (only while importing)" if code == 3 else ""), flush=True)
        return code not in (0, 3)

    def _tried(self, fault: Fault, source: str, tests: list[tuple[float, pytest.Item]]) -> int:
        signal.alarm(_LONGEST)
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0), os.dup2(nowhere, 1), os.dup2(nowhere, 2)
        self.running.forget()
        if not switch_on(fault, source, self.running.functions.get(str(ROOT / "gradcalc" / fault.module), [])):
            return 3
        for seconds, test in tests:
            allowed = int(time.process_time() + 10 + 5 * seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
            if any(report.failed for report in runtestprotocol(test, log=False, nextitem=None)):
                return 1
        return 0


def modules_of(only: list[str]) -> list[str]:
    """Modules by their paths or their folders."""
    package = ROOT / "gradcalc"
    chosen = [package / name for name in only or JUDGED]
    found = [path for each in chosen for path in (sorted(each.rglob("*.py")) if each.is_dir() else [each])]
    return [str(path.relative_to(package)) for path in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["table", "modules"])
    parser.add_argument("--rows", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[], help="modules or folders of gradcalc/")
    parser.add_argument("--sample", type=int, help="at most so many faults of a module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10, help="of tests that a fault of a module is tried by")
    parser.add_argument("--tests", nargs="*", help="files of tests, as test_NAME.py; else all that were measured")
    args = parser.parse_args()
    table = args.part == "table"
    measured = sorted({test.partition("::")[0] for test in kept()} - {""})
    files = [f"tests/test_{name}.py" for name in args.tests or ("edges", "functions")]
    files = files if args.tests or table else measured
    plugin = Faults(
        args.part, [TABLE] if table else modules_of(args.only), args.rows, args.sample, args.seed, args.seconds
    )
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    options = [
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]
    sys.exit(pytest.main([*options, *files], plugins=[plugin]))


if __name__ == "__main__":
    main()
