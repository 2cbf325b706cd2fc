"""Curves and fields as text for a terminal, by plotext."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

from gradcalc.language.errors import MissingLibraryError
from gradcalc.language.formula import derived

from .curves import Curve, title
from .fields import Field
from .pictures import arrows, even_levels, tangent_label

_ARROWS = "→↗↑↖←↙↓↘"
_PLAIN_ARROWS = ">/^\\</v\\"
_PLAIN = str.maketrans("┌┐└┘├┤┬┴┼─│", "++++++++" + "+-|")


def terminal(drawn: Curve | Field, width: int = 80, height: int = 24, color: bool = False, ascii: bool = False) -> str:
    """The picture in so many columns and lines of text.

    Raises:
        MissingLibraryError: plotext is not installed.
    """
    canvas = _plotext()
    canvas.clear_figure()
    canvas.theme("clear")
    canvas.limit_size(False, False)
    canvas.plotsize(width, height)
    if isinstance(drawn, Curve):
        _draw_curve(canvas, drawn, ascii)
    else:
        _draw_field(canvas, drawn, ascii)
    text = canvas.build()
    canvas.clear_figure()
    if not color:
        text = canvas.uncolorize(text)
    if ascii:
        text = text.translate(_PLAIN)
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n"))


def _plotext() -> Any:
    try:
        return import_module("plotext")
    except ImportError:
        raise MissingLibraryError("a plot in the terminal", "pictures") from None


_ROOM = 2.5  # times the height of the curve alone, which it may take to show all of the derivative too


def _heights(curve: Curve) -> tuple[float, float]:
    """The heights of the curve; of the derivative too, if both are of one size."""
    (low, high), (least, most) = curve.heights, curve.slope_heights
    both = min(low, least), max(high, most)
    return both if both[1] - both[0] <= _ROOM * (high - low) else (low, high)


def _draw_curve(canvas: Any, curve: Curve, ascii: bool) -> None:
    low, high = _heights(curve)
    shown = (
        (title(curve.formula, 40), curve.pieces, "*" if ascii else "braille", "blue"),
        (f"d/d{curve.name} {derived(curve.formula, 40)}", curve.slopes, "." if ascii else "dot", "orange"),
    )
    for label, pieces, marker, colour in shown:
        for i, piece in enumerate(pieces):
            inside = [(x, y) if low <= y <= high else (x, math.nan) for x, y in piece]
            _lines(canvas, inside, marker, colour, label if i == 0 else None)
    if curve.tangent is not None and curve.bounds[0] <= curve.tangent.x <= curve.bounds[1]:
        _draw_tangent(canvas, curve, ascii)
    canvas.xlim(*curve.bounds)
    canvas.ylim(low, high)
    canvas.xlabel(curve.name)


def _lines(canvas: Any, points: list[tuple[float, float]], marker: str, colour: str, label: str | None) -> None:
    """The runs of points that have a height."""
    run: list[tuple[float, float]] = []
    for x, y in [*points, (0.0, math.nan)]:
        if math.isfinite(y):
            run.append((x, y))
        elif run:
            canvas.plot([p[0] for p in run], [p[1] for p in run], marker=marker, color=colour, label=label)
            run, label = [], None


def _draw_tangent(canvas: Any, curve: Curve, ascii: bool) -> None:
    tangent = curve.tangent
    assert tangent is not None
    low, high = _heights(curve)
    points = []
    for i in range(201):
        x = curve.bounds[0] + (curve.bounds[1] - curve.bounds[0]) * i / 200
        y = tangent.y + (tangent.left if x < tangent.x else tangent.right) * (x - tangent.x)
        points.append((x, y if low <= y <= high else math.nan))
    _lines(canvas, points, "-" if ascii else "·", "green", tangent_label(curve.name, tangent))
    canvas.scatter([tangent.x], [tangent.y], marker="O" if ascii else "●", color="green")


def _draw_field(canvas: Any, field: Field, ascii: bool) -> None:
    lines = _contours(field)
    marker = "." if ascii else "braille"
    for level in even_levels(field.heights, 8):
        for line in lines.lines(level):
            canvas.plot(line[:, 0].tolist(), line[:, 1].tolist(), marker=marker, color="blue")
    signs = _PLAIN_ARROWS if ascii else _ARROWS
    for x, y, across, up in arrows(field):
        if across or up:
            turn = round(math.atan2(up, across) / (math.pi / 4)) % 8
            canvas.text(signs[turn], x, y, color="orange", alignment="center")
    if field.point is not None:
        canvas.scatter([field.point[0]], [field.point[1]], marker="O" if ascii else "●", color="green")
    canvas.xlim(field.xs[0], field.xs[-1])
    canvas.ylim(field.ys[0], field.ys[-1])
    canvas.xlabel(field.names[0])
    canvas.ylabel(field.names[1])
    canvas.title(title(field.formula))


def _contours(field: Field) -> Any:
    try:
        import contourpy  # which comes with matplotlib
        import numpy as np
    except ImportError:
        raise MissingLibraryError("a plot of contours", "pictures") from None
    values = np.ma.masked_invalid(np.array(field.values))
    return contourpy.contour_generator(field.xs, field.ys, values, corner_mask=False)
