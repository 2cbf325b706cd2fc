"""Remarks about names that have no value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from gradcalc.language.errors import MissingValueError
from gradcalc.language.formula import free_names
from gradcalc.language.functions import LARGE, NOT_FINITE
from gradcalc.language.names import constant_elsewhere, notes
from gradcalc.language.reading import called_alone, juxtaposed
from gradcalc.session import Question, Session
from gradcalc.studies import Study, Takes

from .words import Request


def missing(error: MissingValueError, question: Question, task: Request, script: bool) -> MissingValueError:
    """The error with a help that fits how the command was called."""
    add = ", ".join(f"{name}=..." for name in error.missing)
    help = f"add {add}"
    if script and not task.values:
        help = f"add a line with {add.replace(',', ';')} before it"
    elif question.options.numeric and not question.options.value_only:
        help += ", or leave out -n for the symbolic answer"
    elif task.values and not question.options.value_only:
        help += ", or leave out the values for the symbolic answer"
    known = {*question.values, *free_names(question.formula)}
    for name in error.missing:
        if better := juxtaposed(name, known - {name}):
            help = f"{name} is read as one name; write {better}, or {help}"
            break
        if name.lower() in NOT_FINITE - {"nan"}:
            help = f"{name} is read as a name: infinity is no number here, so {LARGE}"
            break
        if called_alone(name):
            help = f"{name} is a function, written {name}(x); or {help}"
            break
        if constant := constant_elsewhere(name):
            help = f"write {constant}, or {help}"
            break
    else:
        said = (
            note for note in notes(question.formula, question.values) if any(name in note for name in error.missing)
        )
        help = "; or ".join([*islice(said, 1), help])
    return MissingValueError(error.missing, error.diagnostic.span, help)


def of_definitions(question: Question, definitions: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Notes on words such as `x=abc`, which may have been meant as values."""
    for word, needed in definitions.items():
        if lacking := [name for name in free_names(question.formula) if name in needed and name not in question.values]:
            has = "has" if len(lacking) == 1 else "have"
            yield f"{', '.join(lacking)} {has} no value, so {word.strip()} is a definition here"


def of_uncertainties(session: Session, study: Study, ranged: Collection[str]) -> Iterator[str]:
    """Notes on uncertainties that a study does not heed, and on options about uncertainties that nothing has."""
    sizes = session.state.uncertainties()
    heard = [name for name in sizes if name in session.used and name not in ranged]
    if heard and study.optional and study.takes is not Takes.LANGUAGES:
        yield f"--{study.name} goes by the values alone, without the uncertainty of {', '.join(heard)}"
    for pair in session.options.correlations:
        if lacking := [name for name in pair if name not in sizes]:
            whose = f"{lacking[0]} has" if len(lacking) == 1 else f"{' and '.join(lacking)} have"
            yield f"{whose} no uncertainty, so the correlation of {' and '.join(pair)} is not used"
    if session.options.samples and not sizes:
        yield "nothing has an uncertainty, so nothing is sampled"
