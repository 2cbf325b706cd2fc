"""A verdict on paper: what was asked, what came out, and all that it takes to ask again."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from gradcalc.errors import FormulaError
from gradcalc.formula import to_text

from . import claims, judge
from .calling import Layout
from .claims import Check, check_derivative
from .gradient import GradientCheck, check_gradient
from .programs import digest, function_of

KIND = "gradcalc certificate 1"


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a certificate holds: the same question has the same answer. True where it does; `notes` say what else
    is different from when it was written, such as a version or a file."""

    recorded: str
    found: str
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.recorded == self.found


def certificate(result: Check | GradientCheck, f: str = "", grad: str = "") -> dict[str, Any]:
    """A verdict as an object for JSON.

    Args:
        f, grad: for a gradient check, what was judged: a formula's text, or `FILE.py:name`.

    Raises:
        ValueError: a gradient check without `f` or `grad`.
    """
    about = {"certificate": KIND, "versions": versions()}
    if isinstance(result, Check):
        return {**about, **_of_claim(result)}
    if not f or not grad:
        raise ValueError("say what was judged: f and grad, as formula text or FILE.py:name")
    return {**about, **_of_gradient(result, f, grad)}


def verify(written: Mapping[str, Any]) -> Verification:
    """Ask again what a certificate answers.

    Raises:
        FormulaError: it is no certificate, or a function it names cannot be found.
    """
    if written.get("certificate") != KIND:
        raise FormulaError("this is no certificate of gradcalc")
    replay = {"derivative": _again_claim, "gradient": _again_gradient}.get(written.get("question", ""))
    if replay is None:
        raise FormulaError("the certificate does not say what was asked")
    try:
        found, notes = replay(written)
    except KeyError as error:
        raise FormulaError(f"the certificate lacks {error}") from error
    return Verification(str(written.get("verdict")), found, (*_other_versions(written), *notes))


def versions() -> dict[str, str]:
    """Of gradcalc and of what its verdicts stand on."""
    from gradcalc.version import __version__

    found = {"gradcalc": __version__, "python": platform.python_version()}
    for package in ("sympy", "python-flint", "numpy"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _other_versions(written: Mapping[str, Any]) -> list[str]:
    now = versions()
    then = written.get("versions", {})
    return [f"{name} was {then[name]}, is {now.get(name, 'absent')}" for name in then if then[name] != now.get(name)]


# ---- a claimed formula


def _of_claim(check: Check) -> dict[str, Any]:
    found: dict[str, Any] = {
        "question": "derivative",
        "formula": to_text(check.formula),
        "name": check.name,
        "claim": to_text(check.claim),
        "order": check.order,
        "at": {name: to_text(value) for name, value in check.at.items()},
        "verdict": check.verdict,
        "correct": to_text(check.correct),
        "conditions": list(check.conditions),
        "points": check.points,
        "seed": check.seed,
        "precision": claims.AGREE_BITS,
        "reason": check.reason,
        "hint": check.hint,
    }
    if check.counterexample is not None:
        shown = check.counterexample
        found["counterexample"] = {
            "at": {name: to_text(value) for name, value in shown.at.items()},
            "correct": _finite(shown.correct.number),
            "claimed": None if shown.claimed is None else _finite(shown.claimed.number),
        }
    return found


def _again_claim(written: Mapping[str, Any]) -> tuple[str, list[str]]:
    at = dict(written["at"]) or None
    again = check_derivative(
        written["formula"], written["name"], written["claim"], at, order=written["order"], seed=written["seed"]
    )
    same = _of_claim(again).get("counterexample") == written.get("counterexample")
    return again.verdict, [] if same else ["the counterexample found now is another"]


# ---- a gradient function


def _of_gradient(check: GradientCheck, f: str, grad: str) -> dict[str, Any]:
    assert check.layout is not None
    return {
        "question": "gradient",
        "f": f,
        "grad": grad,
        "files": {file: digest(file) for file in map(_file, (f, grad)) if file},
        "form": {"kind": check.layout.kind, "parts": [[key, shape] for key, shape in check.layout.parts]},
        "asked": check.asked,
        "box": {name: list(pair) for name, pair in check.box.items()} or None,
        "n": check.n,
        "seed": check.seed,
        "ulps": check.ulps,
        "verdict": check.verdict,
        "method": check.method,
        "traced": check.traced,
        "points": check.points,
        "agreeing": check.agreeing,
        "failing": check.failing,
        "finest": _finite(check.finest),
        "precision": judge.AGREE_BITS,
        "at": dict(check.at),
        "rows": [
            {
                "name": row.name,
                "verdict": row.verdict,
                "actual": _finite(row.actual),
                "expected": _finite(row.expected),
                "error": _finite(row.error),
                "allowed": _finite(row.allowed),
            }
            for row in check.rows
        ],
        "hint": check.hint,
        "reason": check.reason,
    }


def _again_gradient(written: Mapping[str, Any]) -> tuple[str, list[str]]:
    form = written["form"]
    parts = tuple((key, None if shape is None else tuple(shape)) for key, shape in form["parts"])
    layout = Layout(form["kind"], parts)
    f = function_of(written["f"]) if _file(written["f"]) else written["f"]
    at, box = written["asked"], written["box"]
    again = check_gradient(
        f,
        function_of(written["grad"]),
        None if at is None else layout.pack(at),
        box=None if box is None else _packed_box(layout, [tuple(box[name]) for name in layout.names]),
        n=written["n"],
        seed=written["seed"] or 0,
        ulps=written["ulps"],
    )
    changed = [f"{file} has changed" for file, known in written["files"].items() if digest(file) != known]
    return again.verdict, changed


def _packed_box(layout: Layout, pairs: list[tuple[float, ...]]) -> Any:
    if all(shape is None for _, shape in layout.parts):
        return layout.pack(pairs)
    import numpy

    lower, upper = layout.pack([low for low, _ in pairs]), layout.pack([high for _, high in pairs])
    if layout.kind != "mapping":
        return numpy.stack([lower, upper], axis=-1)
    return {
        key: (lower[key], upper[key]) if shape is None else numpy.stack([lower[key], upper[key]], axis=-1)
        for key, shape in layout.parts
    }


def _file(reference: str) -> str:
    """The file of `FILE.py:name`; nothing for a formula."""
    file, _, name = reference.rpartition(":")
    return file if file.endswith(".py") and name else ""


def _finite(x: float | None) -> float | None:
    return x if x is not None and math.isfinite(x) else None
