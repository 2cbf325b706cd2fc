"""A verdict on paper: what was asked, what came out, and all that it takes to ask again."""

from __future__ import annotations

import json
import math
import operator
import platform
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import metadata
from typing import Any

from gradcalc.language.errors import FormulaError, UndecidedError
from gradcalc.language.formula import to_text
from gradcalc.language.literals import shortened
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows
from gradcalc.version import __version__
from gradcalc.work import DONE, OUT_OF_TIME

from .claims.court import judged
from .claims.result import Check, asserted
from .programs.files import digest, file_of, function_of
from .programs.gradient import answered
from .programs.result import CheckQuestion, GradientCheck

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
    """A verdict as an object for JSON: its `data()` and what it stands on.

    Args:
        f: for a gradient check, what was judged: a formula's text, or `FILE.py:name`.
        grad: for one, its gradient, as `FILE.py:name`.

    Raises:
        TypeError: it is no answer of these.
        ValueError: a gradient check without `f` or `grad`, or a question that cannot be written down.
    """
    if isinstance(result, Check):
        found = _as_written(result).data()
    elif not isinstance(result, GradientCheck):
        asked = "check_derivative, check_gradient and their like"
        raise TypeError(f"a certificate is of an answer of {asked}, not of {shortened(repr(result))}")
    else:
        found = replace(result, question=replace(result.question, f=f, grad=grad)).data()
    written = json.loads(json.dumps({**found, "certificate": KIND, "versions": versions()}))
    return {**written, "digest": _digest(written)}


def verify(written: Mapping[str, Any]) -> Verification:
    """Ask again what a certificate answers, and hold every word of it against the answer.

    Raises:
        FormulaError: it is no certificate, or a function it names cannot be found.
        UndecidedError: there was no time to ask again.
    """
    if not isinstance(written, Mapping) or written.get("certificate") != KIND:
        raise FormulaError("this is no certificate of gradcalc")
    answers: dict[str, Callable[[Mapping[str, Any]], Check | GradientCheck]]
    answers = {"derivative": _claim, "gradient": _gradient}
    ask = answers.get(str(written.get("question")))
    if ask is None:
        raise FormulaError("the certificate does not say what was asked")
    try:
        now = json.loads(json.dumps(ask(written).data()))
        notes = (*_other_versions(written["versions"]), *_changed(written["files"] if "files" in now else {}))
    except FormulaError:
        raise
    except (AttributeError, AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        why = error if isinstance(error, ValueError) else repr(error)
        raise FormulaError(f"the certificate cannot be read: {why}") from error
    words = [word for word in {**now, **written} if word not in _ABOUT]
    differ = [word for word in words if word not in written or word not in now or not _same(written[word], now[word])]
    said = [[shortened(json.dumps(each.get(word))) for each in (written, now)] for word in differ]
    faults = [f"'{word}' was {then}, is {today}" for word, (then, today) in zip(differ, said, strict=True)]
    genuine = written.get("digest") == _digest(written)
    if faults and genuine and (why := _cut(now)) and not _cut(written):
        raise UndecidedError(
            f"asked again, not all was tried: {why}", help="--time-limit and --limits seconds=N give it more"
        )
    if not genuine:  # of numbers, too, with which the answer would be the same
        faults.append("'digest' is not that of the words beside it: one of them was changed")
    return Verification(str(written.get("verdict")), now["verdict"], notes, tuple(faults))


_ABOUT = ("certificate", "versions", "files", "digest")  # which are of the paper, or differ from machine to machine


def _cut(words: Mapping[str, Any]) -> str:
    """Why an answer is not all that could be said; empty where it is."""
    said = json.dumps([words.get("reason"), words.get("notes")])
    return next((why for why in (OUT_OF_TIME, DONE) if why in said), "")


def _digest(written: Mapping[str, Any]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of question and answer, their words sorted, as JSON."""
    words = {word: said for word, said in written.items() if word not in _ABOUT}
    return sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def _same(written: Any, found: Any) -> bool:
    """The same word for word; numbers but for the rounding of another machine."""
    if isinstance(written, dict) and isinstance(found, dict):
        return written.keys() == found.keys() and all(_same(written[key], found[key]) for key in found)
    if isinstance(written, list) and isinstance(found, list):
        return len(written) == len(found) and all(map(_same, written, found))
    if isinstance(written, float) and isinstance(found, float):
        return math.isclose(written, found, rel_tol=1e-9, abs_tol=1e-300)
    return type(written) is type(found) and bool(written == found)


def versions() -> dict[str, str]:
    """Of gradcalc and of what its verdicts stand on."""
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


# ---- asking again


def _claim(written: Mapping[str, Any]) -> Check:
    order, seed, n = (operator.index(written[name]) for name in ("order", "seed", "n"))
    asked = written["formula"], written["name"], written["claim"], dict(written["at"])
    return judged(asserted(*asked, order=order, seed=seed, n=n))


def _gradient(written: Mapping[str, Any]) -> GradientCheck:
    question = CheckQuestion.read(written)
    f, grad = question.f, question.grad
    claim = None if grad == f else function_of(grad)  # one function may answer with both
    return answered(question, function_of(f) if file_of(f) else f, claim)


def _as_written(check: Check) -> Check:
    """The verdict on the formula as it is written down: the places that a hint names are places in that text."""
    question, text = check.question, to_text(check.question.formula)
    if check.mistake is None or question.formula.span.source == text:
        return check
    question.data()  # which refuses what cannot be written down
    written = asserted(text, question.name, to_text(question.claim), question.at, order=question.order)
    return judged(replace(written, seed=question.seed, n=question.n))


def _changed(files: Mapping[str, str]) -> list[str]:
    notes = []
    for file, known in files.items():
        try:
            notes += [] if digest(file) == known else [f"{file} has changed"]
        except OSError:
            notes.append(f"{file} is not there")
    return notes
