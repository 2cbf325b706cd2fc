"""Fits: parameters in a table, how well the formula fits, and what is certain; the same for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.fitting import Fit
from gradcalc.language.formula import expression, to_text
from gradcalc.language.literals import how_many, in_digits
from gradcalc.plot import fitted as plotted, picture, terminal
from gradcalc.version import __version__

from .document import Block, Document, Line, Lines, Piece, Role, Table, labelled, line, prose, row
from .numbers import DIGITS, UNKNOWN, Style, csv_lines, fields_of, json_line
from .writers import Painted, painted, text

_ERROR_DIGITS = 4
_SCREEN = (80, 22)  # columns and lines of a plot where the screen's are not known


def fitted(fit: Fit, style: Style) -> Document:
    """The formula, its parameters with standard errors, the covariance, and what is certain."""
    digits = style.digits or DIGITS
    title = f"{expression(fit.problem.response)} = {expression(fit.formula)}"
    rows = tuple(
        row(name, in_digits(value, digits), _error(fit.errors[name]), in_digits(start, 6))
        for (name, value), start in zip(fit.parameters.items(), fit.problem.start.values(), strict=True)
    )
    table = Table(("name", "value", "standard error", "start"), rows, frozenset((1, 2, 3)), Role.HEADING)
    blocks: list[Block] = [Lines((line(Piece(title, Role.TITLE)),)), table, *prose([_quality(fit, digits)])]
    blocks += [_covariance(fit), *prose(_certainty(fit))]
    return Document(tuple(blocks))


def _error(x: float) -> str:
    return in_digits(x, _ERROR_DIGITS) if math.isfinite(x) else UNKNOWN


def _quality(fit: Fit, digits: int) -> str:
    spread = in_digits(fit.residual_deviation, digits) if fit.degrees_of_freedom > 0 else UNKNOWN
    of = f" in units of {fit.problem.sigma}" if fit.problem.sigma else ""
    explained = f"{fit.r_squared:.10g}" if math.isfinite(fit.r_squared) else UNKNOWN
    return (
        f"residual standard deviation {spread}{of}, R^2 {explained}, {how_many(fit.rows, 'row')}, "
        f"{how_many(fit.degrees_of_freedom, 'degree')} of freedom"
    )


def _covariance(fit: Fit) -> Table:
    names = tuple(fit.parameters)
    entries = {x: {y: _error(entry) for y, entry in known.items()} for x, known in fit.covariance.items()}
    rows = tuple(row(x, *(entries[x][y] for y in names)) for x in names)
    pairs = tuple(row(f"{x}, {y}", entries[x][y]) for i, x in enumerate(names) for y in names[: i + 1])
    narrow = Table(("covariance", ""), pairs, frozenset((1,)), Role.HEADING)
    return Table(("covariance", *names), rows, frozenset(range(1, len(names) + 1)), Role.HEADING, narrow=narrow)


def _certainty(fit: Fit) -> list[Line]:
    enclosure, solution = fit.enclosure, fit.solution
    lines = []
    if enclosure.digits:
        what = "a local minimum" if enclosure.minimum else "a stationary point, not shown to be a minimum,"
        where = f", with {', '.join(fit.at_bounds)} at a bound" if fit.at_bounds else ""
        told = f"{what} is enclosed{where}, the parameters certain to {enclosure.digits} digits"
        lines.append(labelled("certified", told, Role.GOOD if enclosure.minimum else Role.UNSURE))
    else:
        lines.append(labelled("not certified", enclosure.reason, Role.UNSURE))
    if not fit.ended:
        told = f"{solution.method} did not come to an end in {solution.evaluations} evaluations"
        lines.append(labelled("not arrived", told, Role.UNSURE))
    if fit.at_bounds and not enclosure.digits:
        lines.append(labelled("at a bound", ", ".join(fit.at_bounds), Role.UNSURE))
    if not all(map(math.isfinite, fit.errors.values())) and fit.degrees_of_freedom > 0 and not solution.late:
        lines.append(labelled("not determined", "the data do not tell the parameters apart", Role.UNSURE))
    lines.append(line(f"by {solution.method}, {solution.evaluations} evaluations"))
    return lines


def with_plot(fit: Fit, style: Style) -> str:
    """The answer as a text, with the picture below it where that is wanted."""
    told = text(fitted(fit, style), style)
    if not fit.pictured:
        return told
    plot = terminal(plotted(fit), style.width or _SCREEN[0], _SCREEN[1], style.color, style.ascii)
    return Painted(f"{told}\n{painted(plot, style.width)}")


def drawn(format: str, fit: Fit, style: Style) -> bytes:
    """The picture in a format."""
    return picture(plotted(fit), format)


def fit_as_csv(fit: Fit, style: Style) -> str:
    """A table with the columns name, value, standard error, start, with all digits."""
    return csv_lines([("name", "value", "standard_error", "start"), *_rows(fit)])


def plain(fit: Fit, style: Style) -> str:
    """Tab-separated: name, value, standard error and start of each parameter."""
    return csv_lines(_rows(fit), "\t")


def _rows(fit: Fit) -> Iterator[tuple[str, ...]]:
    for name, x in fit.parameters.items():
        yield name, repr(x), repr(fit.errors[name]), repr(fit.problem.start[name])


def fit_as_json(fit: Fit, style: Style) -> str:
    """One JSON object in one line; a number that is not known is null."""
    found: dict[str, Any] = {
        "formula": to_text(fit.formula),
        "response": to_text(fit.problem.response),
        "parameters": fit.parameters,
        "standard_errors": {name: finite(x) for name, x in fit.errors.items()},
        "covariance": {x: {y: finite(entry) for y, entry in known.items()} for x, known in fit.covariance.items()},
        **fields_of(
            fit, "sum_of_squares", "residual_deviation", "r_squared", "rows", "degrees_of_freedom", "at_bounds"
        ),
        "certified": fields_of(fit.enclosure, "digits", "minimum", "reason"),
        **fields_of(fit.solution, "method", "evaluations", "arrived"),
        "version": __version__,
    }
    return json_line(found)
