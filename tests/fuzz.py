"""Text that nobody would type, for as long as wanted: what comes back must be an answer or an error of ours.

    python tests/fuzz.py --seconds 60 [--seed 1] [--target parse value check prompt]
    python tests/fuzz.py --atheris [options of libFuzzer]     where atheris is installed

Texts are drawn from the grammar's tokens, from the corpus with pieces exchanged, doubled and deleted, and from raw
characters. A target fails where an exception is not one of ours, an error has its place outside the text, what is
written could steer a terminal, an answer takes longer than the net, or float and certified gradient differ by more than
rounding explains. The text is printed with the number that draws it again: `--first N --count 1`.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import TypeVar

import gradcalc as gc
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import prepare
from gradcalc.helper import OutOfTime, alarm
from gradcalc.judge.programs.rounding import ROUNDOFF, Rounding
from gradcalc.language.errors import FormulaError, harmless
from gradcalc.language.formula import free_names
from gradcalc.language.functions import TABLE
from gradcalc.prompt import Console
from gradcalc.prompt.keeping import Folders
from gradcalc.prompt.talk import Talk

CORPUS = Path(__file__).parent / "data" / "fuzz_corpus.txt"
T = TypeVar("T")
FACTOR = 1e3  # of the spread that honest rounding may have, constants rounded too
NET = 30.0  # seconds, on a busy machine too
TOKENS = (
    *TABLE, "+", "-", "*", "/", "^", "**", "(", ")", ",", ";", "=", "==", "<", ">=", ":=", "+=", "!", "!!", "|", "'",
    "x", "y", "a", "b", "t", "e", "pi", "tau", "ans", "_1", "x_1", "α", "0", "1", "2", "0.1", "1e5", "1e-300", "1e400",
    "1/3", "100", "7", "x²", "√", "π", "·", "−", "∞", "½", "d/dx", "diff", "at", "and", "or", "not", "if", "f(x) =",
    "\n", "\t", "#", "$", "\\frac{1}{x}", "\\sin", "{", "}", "[", "]", "np.sin", "math.exp", "lambda x:", "def f(x):",
    ":help", ":plot", ":undo", ":set digits 5", ":explain", ":order 3", ":check x =", "\x1b[31m", "\u202e", "\x00", "…",
)  # fmt: skip


class Found(Exception):
    """What a target may not do."""


# ---- targets


def parse(text: str) -> None:
    """Reading, and reading again what is written."""
    formula = _ours(text, gc.parse)
    if formula is not None:
        again = gc.parse(str(formula))
        if again != formula:
            raise Found(f"{formula} is read as {again}")


def value(text: str) -> None:
    """Value and gradient in floats and in balls."""
    formula = _ours(text, gc.parse)
    if formula is None:
        return
    at = {name: 0.5 + 0.7 * i for i, name in enumerate(free_names(formula)) if name not in ("pi", "e", "tau")}
    floats = _ours(text, lambda _: gc.value_and_grad(formula, at))
    certified = _ours(text, lambda _: gc.certify(formula, at))
    if floats is None or certified is None or not program_of(prepare(formula)).smooth:
        return  # beside a jump doubles may be on its other side
    for name, number in floats[1].items():
        part = certified.gradient.get(name)
        if part is not None and part.status == "certified" and not _near(number, part.number):
            rounding = Rounding(prepare(formula), at)
            spread = rounding.spread(name) + rounding.multiplied_out(name)
            if not abs(number - part.number) <= FACTOR * ROUNDOFF * spread:
                raise Found(f"d/d{name} is {number!r} in floats and {part.number!r} in balls at {at}")


def _near(found: float, truth: float) -> bool:
    """Within what rounding may do to most formulas of a few lines; the differential test looks closer."""
    return math.isclose(found, truth, rel_tol=1e-3, abs_tol=1e-6) or abs(truth) > 1e12 or not math.isfinite(found)


def check(text: str) -> None:
    """A claimed derivative: the text before the last `;`, and the text after it."""
    formula, _, claim = text.rpartition(";")
    found = _ours(formula + claim, lambda _: gc.check_derivative(formula or "x^2", "x", claim, seconds=1))
    if found is not None:
        _harmless(str(found))


def prompt(text: str) -> None:
    """Lines of the prompt, as from a pipe."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        out = io.StringIO()
        console = Console(width=lambda: 80, folders=Folders(Path(folder) / "state", Path(folder) / "data"))
        Talk(console, out, color=False, moving=False).answer(text)
        os.chdir("/")
    if "internal error" in out.getvalue():
        raise Found(out.getvalue())
    _harmless(out.getvalue())


TARGETS: dict[str, Callable[[str], None]] = {"parse": parse, "value": value, "check": check, "prompt": prompt}


def _ours(text: str, ask: Callable[[str], T]) -> T | None:
    """What is answered; None for an error of ours, which must have its place in the text."""
    try:
        return ask(text)
    except FormulaError as error:
        span = error.diagnostic.span
        if not 0 <= span.start <= span.end <= max(len(span.source), span.end * (not span.source)):
            raise Found(f"the error {error.message!r} is at {span.start}:{span.end} of {len(span.source)}") from None
        _harmless(str(error))
        return None


def _harmless(written: str) -> None:
    if harmless(written) != written:
        raise Found(f"what is written could steer a terminal: {written!r}")


# ---- texts


def drawn(draw: random.Random, corpus: list[str]) -> str:
    """A text, mostly a short one."""
    kind = draw.random()
    if kind < 0.4:
        return draw.choice((" ", "")).join(draw.choice(TOKENS) for _ in range(draw.randint(1, 12)))
    if kind < 0.9:
        text = draw.choice(corpus)
        for _ in range(draw.randint(1, 4)):
            i, j = sorted(draw.randint(0, len(text)) for _ in range(2))
            piece = draw.choice(("", text[i:j] * 2, draw.choice(TOKENS), draw.choice(corpus)[:20]))
            text = text[:i] + piece + text[j:]
        return text[:2000]
    alphabet = range(32, 127) if kind < 0.95 else range(0x3000)
    return "".join(chr(draw.choice(alphabet)) for _ in range(draw.randint(1, 30)))


def fails(target: Callable[[str], None], text: str) -> str:
    """What a target did that it may not; empty if nothing."""
    try:
        with alarm(NET):
            target(text)
    except OutOfTime:
        return f"not answered in {NET:g} s"
    except Found as error:
        return str(error)
    except Exception:
        return traceback.format_exc(limit=-4)
    return ""


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--count", type=int, default=10**9)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--target", nargs="+", choices=TARGETS, default=[*TARGETS])
    given = options.parse_args()
    warnings.simplefilter("ignore")
    corpus = CORPUS.read_text("utf-8").split("\n%%\n")
    end, runs, finds = time.monotonic() + given.seconds, Counter[str](), 0
    for number in range(given.first, given.first + given.count):
        if time.monotonic() > end:
            break
        draw = random.Random(f"{given.seed} {number}")
        name = draw.choice([*TARGETS])
        text = drawn(draw, corpus)
        if name not in given.target:
            continue
        runs[name] += 1
        if failure := fails(TARGETS[name], text):
            finds += 1
            print(f"--first {number} --count 1: {name} {text!r}: {failure}", flush=True)
    print(f"{runs.total()} texts ({', '.join(f'{name} {n}' for name, n in runs.items())}), {finds} found", flush=True)
    return 1 if finds else 0


def with_atheris() -> None:
    import atheris

    names = [*TARGETS]
    for module in [module for name, module in sys.modules.items() if name.startswith("gradcalc.language.")]:
        for function in vars(module).values():
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                atheris.instrument_func(function)

    def one(data: bytes) -> None:
        if data:
            failure = fails(TARGETS[names[data[0] % len(names)]], data[1:].decode("utf-8", "replace"))
            if failure:
                raise RuntimeError(failure)

    atheris.Setup([arg for arg in sys.argv if arg != "--atheris"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    if "--atheris" in sys.argv:
        with_atheris()
    sys.exit(main())
