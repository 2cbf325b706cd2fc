"""Which test runs which lines of the program, with the branches: for `mutants.py` and for the gate on coverage.

    python benchmarks/tested_lines.py claims points          tests/test_claims.py and tests/test_points.py, measured
    python benchmarks/tested_lines.py --all                  all tests of what is held to a bound
    python benchmarks/tested_lines.py --report               branches that no test took; an error below the bounds
    python benchmarks/tested_lines.py --report --quiet       the sums alone

What is measured is kept in `.tested_lines/`, a database and the seconds of each test for every file of tests.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import coverage
import pytest

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".tested_lines"
JUDGED = ("language", "engine", "judge", "proofs", "certified", "symbolic")
TESTS = [  # those that judge what is held to a bound
    "algebra", "blame", "certified", "check_gradient", "claims", "compiled", "diagnostics", "differences",
    "edges", "elsewhere", "entrances", "exact", "formula", "functions", "grades", "gradients", "hostile", "jacobian",
    "kinks", "latex", "laws", "limits", "measured", "mistakes", "names", "nn", "orders", "parser", "points",
    "program", "programs", "proofs", "properties", "real_formulas", "scalars", "sides", "spelled", "symbolic",
    "symmetry", "traced_table", "tracing", "users_functions", "value", "verdict", "witnesses",
]  # fmt: skip


class EachTest:
    """Tells coverage whose lines these are, and notes the seconds."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.measured.switch_context(item.nodeid)
        start = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - start
            self.measured.switch_context("")


def measure(name: str) -> bool:
    """Whether the tests of the file went well, their lines kept."""
    KEPT.mkdir(exist_ok=True)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    measured = coverage.Coverage(data_file=str(KEPT / f"{name}.coverage"), branch=True, source=["gradcalc"])
    measured.erase()
    measured.start()
    plugin = EachTest(measured)
    done = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"tests/test_{name}.py"], plugins=[plugin])
    measured.stop()
    measured.save()
    (KEPT / f"{name}.json").write_text(json.dumps(plugin.seconds), "utf-8")
    sys.stdout.flush()
    os._exit(done)


def tests_of(module: str) -> tuple[dict[int, set[str]], dict[str, float]]:
    """The tests that run each line of a module (`""` is its import), and the seconds of each test."""
    lines: dict[int, set[str]] = defaultdict(set)
    seconds: dict[str, float] = {}
    for kept in sorted(path.with_suffix(".coverage") for path in KEPT.glob("*.json")):  # what is finished
        data = coverage.CoverageData(str(kept))
        data.read()
        for line, tests in data.contexts_by_lineno(str(ROOT / "gradcalc" / module)).items():
            lines[line].update(tests)
        seconds |= json.loads(kept.with_suffix(".json").read_text("utf-8"))
    return lines, seconds


def report(bounds: dict[str, float], shown: bool) -> bool:
    """The branches not taken, by area; whether every area keeps its bound in percent."""
    together = coverage.Coverage(data_file=str(KEPT / "all"), branch=True, source=["gradcalc"])
    together.combine([str(kept) for kept in KEPT.glob("*.coverage")], keep=True)
    good = True
    for area in JUDGED:
        met = of = 0
        for path in sorted((ROOT / "gradcalc" / area).rglob("*.py")):
            numbers = together._analyze(str(path)).numbers
            done, all_of_it = numbers.ratio_covered
            met, of = met + done, of + all_of_it
            if shown and done < all_of_it:
                missing = together._analyze(str(path)).missing_formatted(branches=True)
                print(f"{path.relative_to(ROOT)}  {all_of_it - done}: {missing}")
        percent = 100 * met / of
        good &= percent >= bounds.get(area, 0)
        if shown or area in bounds:
            print(f"{area}: {percent:.2f} % of lines and branches, at least {bounds.get(area, 0):g} %")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="with --report: only the sums")
    args = parser.parse_args()
    failed = [name for name in (TESTS if args.all else args.tests) if not measure(name)]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    if args.report and not report(settings.get("tested-lines", {}), shown=not args.quiet):
        sys.exit("less is tested than was")
    if failed:
        sys.exit(f"failed: {failed}")


if __name__ == "__main__":
    main()
