"""The table of docs/speed.md, part of which the README has: `python benchmarks/speed_table.py` prints it as Markdown.

Every line is a ratio of others' processor time, of all threads, to ours: the median of the ratios of single rounds, in
which all take turns in one process, and the least and the greatest. Who is not installed is skipped:
`pip install '.[peers]'`.
"""

from __future__ import annotations

import compileall
import datetime
import gc
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import certified_speed
import columns_speed
import numpy as np
import sympy
from gradient_speed import POINT, by_hand

import gradcalc
from gradcalc.certified import certify

ROUNDS = 5
FORMULA = columns_speed.FORMULA
Rounds = dict[str, list[float]]


def in_turn(calls: dict[str, Callable[[], object]], repeat: int = 1, rounds: int = ROUNDS) -> Rounds:
    """Seconds of a call, for each, round by round; the first round warms up."""
    times: Rounds = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            gc.collect()
            start = time.process_time()
            for _ in range(repeat):
                call()
            if turn:
                times[name].append((time.process_time() - start) / repeat)
    return times


def line(work: str, against: str, times: Rounds, ours: str = "gradcalc") -> None:
    ratios = [theirs / mine for theirs, mine in zip(times[against], times[ours], strict=True)]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"| {work} | {against} | {middle:.3g} | {low:.3g} to {high:.3g} |", flush=True)


def points() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.uniform(-1, 1, 1_000_000) for _ in columns_speed.NAMES]
    calls = columns_speed.peers(columns, [float(column[0]) for column in columns])
    titles = "value and 8 partials, a million rows", "value and 8 partials, one point"
    for which, title, repeat in ((0, titles[0], 1), (1, titles[1], 1000)):
        times = in_turn({name: pair[which] for name, pair in calls.items()}, repeat)
        for ours, engine in (("gradcalc", ""), ("gradcalc, native", ", native")):
            others = [name for name in times if ours in times and not name.startswith("gradcalc")]
            for name in [name for name in others if which or name != "casadi, buffers"]:  # which are of one point
                line(title + engine, name, times, ours)


def preparing() -> None:
    symbols = sympy.symbols(columns_speed.NAMES)

    def lambdified() -> object:
        formula = columns_speed.in_python(sympy)(*symbols)
        return sympy.lambdify(symbols, [formula, *(formula.diff(s) for s in symbols)], "math", cse=True)(
            *POINT.values()
        )

    ours = lambda: gradcalc.compile(FORMULA).value_and_grad(*POINT.values())  # noqa: E731
    # ten in a row, as the search for garbage before them leaves nothing of the interpreter in the processor's caches
    times = in_turn({"gradcalc": ours, "lambdify(cse)": lambdified}, 10)
    line("from the text to the first gradient", "lambdify(cse)", times)


def numbers() -> None:
    formula = gradcalc.parse(FORMULA)
    calls: dict[str, Callable[[], object]] = {
        "gradcalc": lambda: gradcalc.grad(formula, POINT),
        "`Value` by hand": by_hand,
    }
    line("`gradcalc.grad` of a parsed formula", "`Value` by hand", in_turn(calls, 200))
    theirs = certified_speed.by_mpmath()
    times = in_turn({"gradcalc": lambda: certify(formula, POINT), **theirs}, 200)
    for name in theirs:
        line("certified value and 8 partials", name, times)


def graphs() -> None:
    try:
        import value_speed
    except ImportError:
        print("micrograd is not installed: skipped", file=sys.stderr)
        return
    engines: dict[str, Any] = {"gradcalc": gradcalc.Value, "micrograd": import_module("micrograd.engine").Value}
    calls: dict[str, Callable[[], object]] = {
        name: lambda engine=engine: value_speed.readme_example(engine)  # type: ignore[misc]
        for name, engine in engines.items()
    }
    line("`Value`, the example of micrograd's README", "micrograd", in_turn(calls, 100))


def starting() -> None:
    """Processor time of whole processes, of an installed package: its files are compiled before."""
    compileall.compile_dir(str(Path(gradcalc.__file__).parent), quiet=1)

    def process(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    answer = "-m", "gradcalc", "(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2"
    commands = {
        "`gradcalc -n FORMULA`": (*answer, "-n"),
        "`gradcalc FORMULA`": answer,
        "`gradcalc --version`": ("-m", "gradcalc", "--version"),
        '`python -c "import lark"`': ("-c", "import lark"),
        '`python -c "import sympy"`': ("-c", "import sympy"),
        "`python -c pass`": ("-c", "pass"),
    }
    times: Rounds = {name: [] for name in commands}
    for turn in range(6):
        for name, arguments in commands.items():
            spent = process(*arguments)
            times[name] += [spent] if turn else []
    for ours, against in zip(commands, list(commands)[3:], strict=False):
        line(f"start-up and answer of {ours}", against, times, ours)


def main() -> None:
    machine = f"{platform.python_implementation()} {platform.python_version()}, NumPy {np.__version__}"
    print(f"{datetime.date.today()}, {machine}, {platform.machine()}; `python benchmarks/speed_table.py`\n")
    print("| work | beside | times faster | from, to |\n|---|---|---|---|")
    for part in (points, preparing, numbers, graphs, starting):
        part()


if __name__ == "__main__":
    main()
