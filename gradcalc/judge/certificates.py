"""A verdict on paper: what was asked, what came out, and all that it takes to ask again."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import to_text
from gradcalc.shown import shows

from .claims import court as claims
from .claims.court import Check, check_derivative
from .programs import components
from .programs.calling import Layout
from .programs.gradient import GradientCheck, check_gradient
from .programs.programs import digest, function_of

KIND = "gradcalc certificate 1"


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a certificate holds: the same question has the same answer, for the same reasons.

    Attributes:
        recorded, found: the verdict on paper, and today's.
        faults: what is written and is not so; with one, the certificate does not hold.
        notes: what else is different from when it was written, such as a version or a file.
    """

    recorded: str
    found: str
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.recorded == self.found and not self.faults


def certificate(result: Check | GradientCheck, f: str = "", grad: str = "") -> dict[str, Any]:
    """A verdict as an object for JSON.

    Args:
        f, grad: for a gradient check, what was judged: a formula's text, or `FILE.py:name`.

    Raises:
        ValueError: a gradient check without `f` or `grad`, or one with further arguments, which are not on paper.
    """
    about = {"certificate": KIND, "versions": versions()}
    if isinstance(result, Check):
        return {**about, **_of_claim(result)}
    if not f or not grad:
        raise ValueError("say what was judged: f and grad, as formula text or FILE.py:name")
    if result.word != "gradient" or (result.layout is not None and result.layout.tree is not None):
        raise ValueError("a certificate is of a gradient, at a number, an array or a mapping of these")
    if result.kwargs:
        raise ValueError("a certificate has no place for kwargs: write functions without, as functools.partial makes")
    return {**about, **_of_gradient(result, f, grad)}


def verify(written: Mapping[str, Any]) -> Verification:
    """Ask again what a certificate answers.

    Raises:
        FormulaError: it is no certificate, or a function it names cannot be found.
    """
    if not isinstance(written, Mapping) or written.get("certificate") != KIND:
        raise FormulaError("this is no certificate of gradcalc")
    question = written.get("question")
    if question not in ("derivative", "gradient"):
        raise FormulaError("the certificate does not say what was asked")
    _read(written, {**_FIELDS, **(_CLAIM_FIELDS if question == "derivative" else _GRADIENT_FIELDS)})
    found, faults, notes = (_again_claim if question == "derivative" else _again_gradient)(written)
    return Verification(written["verdict"], found, (*_other_versions(written), *notes), tuple(faults))


def _read(written: Mapping[str, Any], fields: Mapping[str, Callable[[Any], bool]]) -> None:
    """Refuse what no certificate says."""
    for name, fits in fields.items():
        if name not in written:
            raise FormulaError(f"the certificate lacks '{name}'")
        if not fits(written[name]):
            raise FormulaError(f"the certificate's '{name}' cannot be {json.dumps(written[name])}")


def _text(x: Any) -> bool:
    return isinstance(x, str)


def _whole(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool)


def _real(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda x: isinstance(x, list) and all(map(fits, x))


def _by_name(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda x: isinstance(x, dict) and all(map(fits, x.values()))


def _or_nothing(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda x: x is None or fits(x)


def _pair(x: Any) -> bool:
    return _list_of(_real)(x) and len(x) == 2 and x[0] <= x[1]


def _part(x: Any) -> bool:
    return isinstance(x, list) and len(x) == 2 and _text(x[0]) and _or_nothing(_list_of(_whole))(x[1])


def _form(x: Any) -> bool:
    known = isinstance(x, dict) and x.get("kind") in ("number", "array", "mapping")
    return known and bool(x.get("parts")) and _list_of(_part)(x["parts"])


def _row(x: Any) -> bool:
    return isinstance(x, dict) and _text(x.get("name")) and _text(x.get("verdict"))


_FIELDS: Mapping[str, Callable[[Any], bool]] = {"verdict": _text, "versions": _by_name(_text)}
_CLAIM_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "formula": _text, "name": _text, "claim": _text, "order": _whole, "at": _by_name(_text), "seed": _whole,
}  # fmt: skip
_GRADIENT_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "f": _text, "grad": _text, "files": _by_name(_text), "form": _form, "asked": _or_nothing(_list_of(_real)),
    "box": _or_nothing(_by_name(_pair)), "n": _whole, "seed": _or_nothing(_whole), "ulps": _real,
    "wrt": _or_nothing(_list_of(_text)), "at": _by_name(_real), "rows": _list_of(_row),
}  # fmt: skip


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


def _again_claim(written: Mapping[str, Any]) -> tuple[str, list[str], list[str]]:
    at = dict(written["at"]) or None
    again = check_derivative(
        written["formula"], written["name"], written["claim"], at, order=written["order"], seed=written["seed"]
    )
    same = _of_claim(again).get("counterexample") == written.get("counterexample")
    return again.verdict, [] if same else ["the counterexample found now is another"], []


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
        "wrt": None if check.wrt is None else list(check.wrt),
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
        "precision": components.AGREE_BITS,
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


def _again_gradient(written: Mapping[str, Any]) -> tuple[str, list[str], list[str]]:
    parts = tuple((key, None if shape is None else tuple(shape)) for key, shape in written["form"]["parts"])
    layout = Layout(written["form"]["kind"], parts)
    at, box, shown = written["asked"], written["box"], written["at"]
    if set(shown) != set(layout.names) or (box is not None and set(box) != set(layout.names)):
        raise FormulaError(f"the certificate's points do not have the form of {', '.join(layout.names)}")
    if (at is None and box is None) or (at is not None and len(at) != len(layout.names)):
        raise FormulaError("the certificate does not say at which point")
    f = function_of(written["f"]) if _file(written["f"]) else written["f"]
    grad, wrt = function_of(written["grad"]), written["wrt"]
    again = check_gradient(
        f,
        grad,
        None if at is None else layout.pack(at),
        box=None if box is None else _packed_box(layout, [tuple(box[name]) for name in layout.names]),
        n=written["n"],
        seed=written["seed"] or 0,
        ulps=written["ulps"],
        wrt=wrt,
    )
    there = layout.pack([shown[name] for name in layout.names])
    evidence = check_gradient(f, grad, there, ulps=written["ulps"], wrt=wrt)
    faults = [] if _same_rows(written["rows"], evidence) else ["the gradient at the point it shows is another"]
    if box is None and dict(again.at) != shown:
        faults.append("the point it shows is not the one asked for")
    now = _of_gradient(again, written["f"], written["grad"]) if not faults else {}
    notes = [f"'{name}' was {written.get(name)!r}, is {now[name]!r}" for name in _BESIDE if name in now
             and written.get(name) != now[name]]  # fmt: skip
    return again.verdict, faults, [*_changed(written["files"]), *notes]


_BESIDE = ("method", "traced", "failing", "finest", "hint", "reason")


def _same_rows(written: list[dict[str, Any]], found: GradientCheck) -> bool:
    rows = {row.name: row for row in found.rows}
    return len(written) == len(rows) and all(
        one["name"] in rows
        and one["verdict"] == rows[one["name"]].verdict
        and _same_number(one.get("actual"), rows[one["name"]].actual)
        and _same_number(one.get("expected"), rows[one["name"]].expected)
        for one in written
    )


def _same_number(written: Any, found: float | None) -> bool:
    """The same but for the rounding of another machine or version."""
    known = _finite(found)
    if known is None or written is None:
        return known is written
    return _real(written) and math.isclose(written, known, rel_tol=1e-9, abs_tol=1e-300)


def _changed(files: Mapping[str, str]) -> list[str]:
    notes = []
    for file, known in files.items():
        try:
            notes += [] if digest(file) == known else [f"{file} has changed"]
        except OSError:
            notes.append(f"{file} is not there")
    return notes


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
