"""A verdict on paper: what was asked, what came out, and all that it takes to ask again."""

from __future__ import annotations

import json
import math
import operator
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, children_first, to_text
from gradcalc.language.functions import TABLE
from gradcalc.shown import shows

from .claims.court import Check, Counterexample, check_derivative
from .claims.findings import AGREE_BITS
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
        ValueError: a gradient check without `f` or `grad`, or functions that cannot be written down.
    """
    about = {"certificate": KIND, "versions": versions()}
    if isinstance(result, Check):
        if _has_own_rows(result):
            raise ValueError("a certificate has no place for functions written in Python: define them in the formula")
        return {**_of_claim(_as_written(result)), **about}
    if not f or not grad:
        raise ValueError("say what was judged: f and grad, as formula text or FILE.py:name")
    if result.word != "gradient" or (result.layout is not None and result.layout.tree is not None):
        raise ValueError("a certificate is of a gradient, at a number, an array or a mapping of these")
    if result.noise is not None:
        raise ValueError("a certificate has no place for noise=: write a function that is as exact as a double")
    if result.kwargs:
        raise ValueError("a certificate has no place for kwargs: write functions without, as functools.partial makes")
    return {**about, **_of_gradient(result, f, grad)}


def verify(written: Mapping[str, Any]) -> Verification:
    """Ask again what a certificate answers, and hold every word of it against the answer.

    Raises:
        FormulaError: it is no certificate, or a function it names cannot be found.
    """
    if not isinstance(written, Mapping) or written.get("certificate") != KIND:
        raise FormulaError("this is no certificate of gradcalc")
    again = {"derivative": _again_claim, "gradient": _again_gradient}.get(str(written.get("question")))
    if again is None:
        raise FormulaError("the certificate does not say what was asked")
    try:
        now = json.loads(json.dumps(again(written)))
        notes = (*_other_versions(written["versions"]), *_changed(written["files"] if "files" in now else {}))
    except FormulaError:
        raise
    except (AttributeError, AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        raise FormulaError(f"the certificate cannot be read: {error!r}") from error
    words = [word for word in {**now, **written} if word not in _ABOUT]
    faults = [f"'{word}' was {_short(written.get(word))}, is {_short(now.get(word))}" for word in words
              if word not in written or word not in now or not _same(written[word], now[word])]  # fmt: skip
    return Verification(str(written.get("verdict")), now["verdict"], notes, tuple(faults))


_ABOUT = ("certificate", "versions", "files")  # which differ from machine to machine, and are notes


def _same(written: Any, found: Any) -> bool:
    """The same word for word; numbers but for the rounding of another machine."""
    pairs = [(written, found)]
    while pairs:
        old, new = pairs.pop()
        if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
            pairs += [(old[key], new[key]) for key in old]
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            pairs += list(zip(old, new, strict=True))
        elif isinstance(old, float) and isinstance(new, float):
            if not math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-300):
                return False
        elif type(old) is not type(new) or old != new:
            return False
    return True


def _short(word: Any) -> str:
    text = json.dumps(word)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


_LONG = 60


def _has_own_rows(check: Check) -> bool:
    nodes = (node for root in (check.formula, check.claim) for node in children_first(root))
    rows = {node.function for node in nodes if isinstance(node, Call)}
    return any(TABLE.get(row.name) is not row and not isinstance(row.definition, Formula) for row in rows)


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


def _other_versions(then: Mapping[str, str]) -> list[str]:
    now = versions()
    return [f"{name} was {then[name]}, is {now.get(name, 'absent')}" for name in then if then[name] != now.get(name)]


# ---- a claimed formula


def claim_data(check: Check) -> dict[str, Any]:
    """The verdict on a claim as what JSON can hold. Points are exact texts, numbers the nearest doubles or null."""
    example = check.counterexample
    return {
        "formula": to_text(check.formula),
        "name": check.name,
        "order": check.order,
        "claim": to_text(check.claim),
        "verdict": check.verdict.value,
        "correct": to_text(check.correct),
        "sympy": None if check.sympy_form is None else to_text(check.sympy_form),
        "conditions": list(check.conditions),
        "counterexample": None if example is None else _of_example(example),
        "hint": check.hint,
        "mistake": None if check.mistake is None else {"kind": check.mistake.kind, "column": check.mistake.column},
        "reason": check.reason,
        "notes": list(check.notes),
        "at": _place(check.at),
        "left": check.left,
        "right": check.right,
        "points": check.points,
        "digits": check.digits,
        "seed": check.seed,
    }


def _of_example(example: Counterexample) -> dict[str, Any]:
    return {
        "at": _place(example.at),
        "correct": finite(example.correct.number),
        "claimed": None if example.claimed is None else finite(example.claimed.number),
        "relative_error": finite(example.relative),
        "reason": example.reason,
    }


def _place(at: Mapping[str, Formula]) -> dict[str, str]:
    return {name: to_text(value) for name, value in at.items()}


def _of_claim(check: Check) -> dict[str, Any]:
    return {**claim_data(check), "question": "derivative", "n": check.n, "precision": AGREE_BITS}


def _as_written(check: Check) -> Check:
    """The verdict on the formula as it is written down: the places that a hint names are places in that text."""
    text = to_text(check.formula)
    if check.mistake is None or check.formula.span.source == text:
        return check
    return check_derivative(
        text, check.name, to_text(check.claim), check.at, order=check.order, seed=check.seed, n=check.n
    )


def _again_claim(written: Mapping[str, Any]) -> dict[str, Any]:
    order, seed, n = (operator.index(written[name]) for name in ("order", "seed", "n"))
    asked = written["formula"], written["name"], written["claim"], dict(written["at"])
    return _of_claim(check_derivative(*asked, order=order, seed=seed, n=n))


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
        "finest": finite(check.finest),
        "precision": components.AGREE_BITS,
        "at": dict(check.at),
        "rows": [
            {
                "name": row.name,
                "verdict": row.verdict,
                "actual": finite(row.actual),
                "expected": finite(row.expected),
                "error": finite(row.error),
                "allowed": finite(row.allowed),
            }
            for row in check.rows
        ],
        "hint": check.hint,
        "reason": check.reason,
    }


def _again_gradient(written: Mapping[str, Any]) -> dict[str, Any]:
    parts = tuple((key, None if shape is None else tuple(shape)) for key, shape in written["form"]["parts"])
    layout = Layout(written["form"]["kind"], parts)
    at, box = written["asked"], written["box"]
    if box is not None and set(box) != set(layout.names):
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
        n=operator.index(written["n"]),
        seed=operator.index(written["seed"] or 0),
        ulps=written["ulps"] + 0,
        wrt=wrt,
    )
    return _of_gradient(again, written["f"], written["grad"])


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
