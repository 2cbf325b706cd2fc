"""Correlations between values, as a matrix that can be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from gradcalc.engine.lowering import as_constant
from gradcalc.engine.rationals import rational_value
from gradcalc.gradients import evaluate
from gradcalc.language.errors import FormulaError
from gradcalc.language.grammar import read_correlations as correlations_in

Correlations = Mapping[tuple[str, str], float | Fraction]
Matrix = list[dict[int, Fraction]]  # the entries of each row that are not 0


def read_correlations(texts: Iterable[str]) -> dict[tuple[str, str], Fraction]:
    """The correlations in texts such as `x,y=0.3`, of which `;` separates several; exactly, or of a number that is not
    rational the nearest double.

    Raises:
        FormulaError: a text is none, or a pair is given twice.
    """
    found: dict[tuple[str, str], Fraction] = {}
    for each in (each for text in texts for each in correlations_in(text)):
        one, other = each.names
        if (one, other) in found or (other, one) in found:
            raise FormulaError(f"the correlation of {one} and {other} is given twice", each.span, "give it once")
        value = as_constant(each.value, f"the correlation of {one} and {other}")
        exact = rational_value(value, ties=False)
        found[one, other] = Fraction(evaluate(value, certified=True) if exact is None else exact)
    return found


def correlation_matrix(names: Sequence[str], correlations: Correlations) -> Matrix:
    """The matrix of correlations of names, exactly: 1 on the diagonal, and 0 where nothing is given.

    Raises:
        FormulaError: a name is not among `names`, a number is none between -1 and 1, or the matrix is not positive
            semidefinite.
    """
    matrix: Matrix = [{i: Fraction(1)} for i in range(len(names))]
    places = {name: i for i, name in enumerate(names)}
    for pair, given in correlations.items():
        one, other = pair
        for name in pair:
            if name not in places:
                known = f"those with one are {', '.join(names)}" if names else "write for example x=2±0.1"
                raise FormulaError(f"a correlation needs an uncertainty, and {name} has none", help=known)
        if one == other:
            raise FormulaError(f"a correlation is of two names, not of {one} with itself")
        if not -1 <= given <= 1:
            raise FormulaError(f"the correlation of {one} and {other} is {float(given):g}, not between -1 and 1")
        i, j = places[one], places[other]
        matrix[i][j] = matrix[j][i] = Fraction(given)
    if factor(matrix) is None:
        few = _contradiction(names, matrix)
        raise FormulaError(
            f"these correlations contradict each other: the matrix of {', '.join(few)} is not positive semidefinite",
            help="no values can be correlated so; bring the numbers nearer to 0",
        )
    return matrix


def among(matrix: Matrix, chosen: Sequence[int]) -> Matrix:
    """The matrix of the names at some places."""
    place_of = {place: i for i, place in enumerate(chosen)}
    return [{place_of[j]: r for j, r in matrix[i].items() if j in place_of} for i in chosen]


def applied(matrix: Matrix, values: Sequence[Any]) -> list[Any]:
    """The product with a column of numbers."""
    return [
        sum(float(r) * values[j] if isinstance(values[j], float) else r * values[j] for j, r in row.items())
        for row in matrix
    ]


def factor(matrix: Matrix) -> tuple[Matrix, list[Fraction]] | None:
    """Lower triangular L with ones, and D >= 0, so that L D L^T is the matrix; None where it is not positive
    semidefinite. Exact elimination without square roots."""
    left = [dict(row) for row in matrix]
    lower: Matrix = [{i: Fraction(1)} for i in range(len(matrix))]
    pivots = []
    for k, row in enumerate(left):
        pivot = row.get(k, Fraction(0))
        pivots.append(pivot)
        below = [i for i, entry in row.items() if i > k and entry]
        if pivot < 0 or (pivot == 0 and below):
            return None
        for i in below:
            lower[i][k] = row[i] / pivot
            for j in below:
                left[i][j] = left[i].get(j, Fraction(0)) - lower[i][k] * row[j]
    return lower, pivots


def _contradiction(names: Sequence[str], matrix: Matrix) -> Sequence[str]:
    """The first three names, where three are enough, whose correlations cannot be together; else all."""
    for few in combinations(range(len(names)), 3) if len(names) <= _FEW else ():
        if factor(among(matrix, few)) is None:
            return [names[i] for i in few]
    return names


_FEW = 40  # names among which three are looked for
