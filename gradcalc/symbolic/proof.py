"""Our chain rule shown equal to sympy's derivative, for all values at which both exist, by exact algebra alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradcalc.engine.rewrite import our_derivative, prepare, prepare_open
from gradcalc.language.errors import LIMITS, FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.kept import tree_size
from gradcalc.language.spelled import open_end
from gradcalc.proofs.equality import LACKS, NO_RULE, Claimed, Equality
from gradcalc.proofs.extremes import with_the_rest_named
from gradcalc.proofs.laws import in_laws
from gradcalc.proofs.sides import Studied
from gradcalc.proofs.summands import parts_with, prove_by_summands
from gradcalc.proofs.termwise import prove_termwise
from gradcalc.record import replace
from gradcalc.work import Work

from .back import TOO_LARGE
from .derive import derivatives

_LACKS = "sympy's form may lack values in a part of the domain"


def prove(
    formula: Formula, names: Sequence[str], seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> dict[str, Equality]:
    """For each name, whether our chain rule's derivative equals the form that `derivatives` has of sympy, everywhere
    but at kinks, poles and the edges of domains.

    Args:
        seconds: of work, counted as a usual machine does it, for all proofs together; and for sympy, by the clock.
    """
    work = Work(seconds)
    bound = {*bound, *names}
    try:
        theirs = derivatives(formula, names, 1, seconds, bound)
        prepared = prepare_open(formula)
    except FormulaError as error:
        return {name: Equality(False, error.message) for name in names}
    if tree_size(prepared) > LIMITS.nodes:
        return {name: Equality(False, TOO_LARGE) for name in names}
    termwise = open_end(prepared) is not None
    parts = dict.fromkeys(names, prepared) if termwise else parts_with(prepared, names)
    return {name: _proved(parts[name], name, theirs[name], bound, work, termwise) for name in names}


def _proved(
    prepared: Formula, name: str, theirs: Formula, bound: Collection[str], work: Work, termwise: bool = False
) -> Equality:
    if work.over():
        return Equality(False, work.ended)
    try:
        if termwise:
            return prove_termwise(our_derivative(prepared, name), theirs, bound, work, but_kinks=name)
        asked = in_laws(prepared), prepare(theirs)
        joined = with_the_rest_named(asked, name)
        found = joined and _shown(joined[0][0], joined[0][1], name, bound, work, joined[1])
        return found or _shown(*asked, name, bound, work)
    except FormulaError as error:
        return Equality(False, error.message)


def _shown(
    formula: Formula, theirs: Formula, name: str, bound: Collection[str], work: Work, named: Collection[str] = ()
) -> Equality:
    ours = our_derivative(formula, name)
    asked = Claimed(formula, ours, theirs, bound, named=named, thinly=True)
    found = prove_by_summands(asked, work)
    if found.reason == NO_RULE:  # what the formula is there may tell the derivative
        studied = replace(asked, studied=Studied(name, [formula, ours]), but_kinks=True)
        found = prove_by_summands(studied, work)
    return replace(found, reason=_LACKS) if found.reason == LACKS else found
