"""Values with their uncertainties: beside an answer, alone, and for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradcalc.certified.components import finite
from gradcalc.language.literals import how_many, in_digits

from .document import Document, Line, Lines, Piece, Role, Table, labelled, line, prose, row
from .numbers import UNKNOWN, Style, fields_of, rounded

if TYPE_CHECKING:
    from gradcalc.measured import Propagated


def with_uncertainty(value: float, uncertainty: float, style: Style) -> str:
    """`58.9 ± 3.0`, with two digits of the uncertainty, or as many digits of both as the style wants."""
    if style.digits and math.isfinite(uncertainty):
        texts = in_digits(value, style.digits), in_digits(uncertainty, style.digits)
    else:
        texts = rounded(value, uncertainty)
    return f"{texts[0]} {'+/-' if style.ascii else '±'} {texts[1]}"


def share(found: Propagated, name: str) -> str:
    """The share of the variance that a name has, in percent."""
    if name not in found.uncertainties:
        return ""
    part = found.shares.get(name)
    return UNKNOWN if part is None else f"{100 * part + 0.0:.1f} %"


def remarks(found: Propagated, style: Style) -> list[Line]:
    """The lines below an answer: where the first order is not to be believed, and what sampling says."""
    lines = [labelled("no uncertainty", found.reason, Role.UNSURE)] if found.reason else []
    second = found.second
    if second is not None and second.matters:
        told = f"{with_uncertainty(second.mean, second.deviation, style)}, more than 10 % of the uncertainty away"
        lines.append(labelled("second order", told, Role.UNSURE))
    elif second is None and not found.reason:
        lines.append(labelled("second order", "it could not be computed", Role.UNSURE))
    lines += [labelled(each.kind, str(each), Role.UNSURE) for each in found.nearby]
    if found.sampled is not None:
        believed = found.sampled.agreement(found.value, found.uncertainty) == "agrees"
        lines.append(labelled("sampled", _sampled(found, style), Role.GOOD if believed else Role.UNSURE))
    return lines


def _telling(low: float, high: float) -> int:
    """How many digits of the ends of an interval tell them apart as well as two of its length do."""
    size, length = max(abs(low), abs(high)), high - low
    return 4 if not 0 < length < math.inf else min(17, max(4, 2 + math.ceil(math.log10(size / length))))


def _sampled(found: Propagated, style: Style) -> str:
    drawn = found.sampled
    assert drawn is not None
    low, high = (in_digits(end, style.digits or _telling(*drawn.interval)) for end in drawn.interval)
    told = [
        f"{with_uncertainty(drawn.mean, drawn.deviation, style)}, 95 % from {low} to {high}",
        f"{how_many(drawn.count, 'draw')} with seed {drawn.seed}",
    ]
    if drawn.unfinished:
        told.append("out of time for more")
    if drawn.without:
        told.append(f"{drawn.without} more have no value")
    first = drawn.agreement(found.value, found.uncertainty)
    second = found.second
    if first == "undecided":
        told.append("too few to tell whether the first order agrees")
    else:
        told.append(f"it {first} {'with' if first == 'agrees' else 'from'} the first order")
    if first != "agrees" and second is not None and drawn.agreement(second.mean, second.deviation) == "agrees":
        told.append("and agrees with the second order")
    return "; ".join(told)


def propagated(found: Propagated, style: Style) -> Document:
    """A value with its uncertainty, and each name's share of the variance."""
    title = f"value = {with_uncertainty(found.value, found.uncertainty, style)}"
    rows = tuple(
        row(
            name,
            with_uncertainty(found.at[name], size, style),
            in_digits(found.gradient[name], style.digits or 10) if name in found.gradient else UNKNOWN,
            share(found, name),
        )
        for name, size in found.uncertainties.items()
    )
    table = Table(("name", "at", "gradient", "share"), rows, frozenset((1, 2, 3)), Role.HEADING)
    return Document((Lines((line(Piece(title, Role.TITLE)),)), table, *prose(remarks(found, style))))


def as_fields(found: Propagated | None) -> dict[str, Any]:
    """The fields of JSON about uncertainties, null where nothing has one."""
    if found is None:
        return dict.fromkeys(("uncertainty", "shares", "second_order", "sampled"))
    second, drawn = found.second, found.sampled
    return {
        "uncertainty": finite(found.uncertainty),
        "shares": {**found.shares},
        "second_order": second and fields_of(second, "mean", "deviation", "matters"),
        "sampled": drawn and {
            **fields_of(drawn, "mean", "deviation", "interval", "count", "without", "seed"),
            "first_order": drawn.agreement(found.value, found.uncertainty),
        },
    }  # fmt: skip


def as_rows(found: Propagated) -> Iterator[list[str]]:
    """The tab-separated rows about uncertainties: `uncertainty NUMBER`, and `share NAME NUMBER`."""
    yield ["uncertainty", repr(found.uncertainty)]
    for name, part in found.shares.items():
        yield ["share", name, repr(part)]
