"""Curves and fields as text for a terminal, by plotext."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from gradcalc.language.errors import needing

from .curves import Curve, Points, between, title
from .fields import Field
from .fitted import Fitted
from .pictures import arrows, contours, tangent_label
from .units import even_levels, in_units, unit

_ARROWS = "→↗↑↖←↙↓↘"
_PLAIN_ARROWS = ">/^\\</v\\"
_PLAIN = str.maketrans("┌┐└┘├┤┬┴┼─│", "++++++++" + "+-|")


def terminal(
    drawn: Curve | Field | Fitted, width: int = 80, height: int = 24, color: bool = False, ascii: bool = False
) -> str:
    """The picture in so many columns and lines of text, of which it has as many as can be read at least.

    Raises:
        MissingLibraryError: plotext is not installed.
    """
    draw: Any = _curve if isinstance(drawn, Curve) else _field if isinstance(drawn, Field) else _fit
    text = "\n".join(draw(drawn, width, max(height, _LOWEST), color, ascii))
    return f"{text.translate(_PLAIN) if ascii else text}\n"


def _shown(canvas: Any, color: bool) -> list[str]:
    """The lines of a picture, with its colours or without."""
    text = canvas.build()
    canvas.clear_figure()
    return [line.rstrip() for line in (text if color else canvas.uncolorize(text)).rstrip().split("\n")]


def _canvas(width: int, height: int) -> Any:
    with needing("a plot in the terminal", "pictures"):
        canvas: Any = import_module("plotext")
    canvas.clear_figure()
    canvas.theme("clear")
    canvas.limit_size(False, False)
    canvas.plotsize(width, height)
    return canvas


def _curve(curve: Curve, width: int, height: int, color: bool, ascii: bool) -> list[str]:
    """The curve, and below it that of the derivative, each under its title and in its own heights."""
    inside = curve.tangent is not None and curve.bounds[0] <= curve.tangent.x <= curve.bounds[1]
    about = f"   {'-' if ascii else '·'} {tangent_label(curve.name, curve.tangent)}" if curve.tangent and inside else ""
    scaled, (across, *titles) = in_units(curve)
    above = (height - 2) * 3 // 5
    canvas = _canvas(width, above)
    _panel(canvas, above, scaled, scaled.pieces, scaled.heights, ("*" if ascii else "braille", "blue"))
    if inside:
        _draw_tangent(canvas, scaled, ascii)
    lines = [titles[0] + about, *_shown(canvas, color)]
    canvas = _canvas(width, height - 2 - above)
    below = height - 2 - above
    _panel(canvas, below, scaled, scaled.slopes, scaled.slope_heights, ("." if ascii else "braille", "orange"))
    canvas.xlabel(across)
    return [*lines, titles[1], *_shown(canvas, color)]


def _panel(
    canvas: Any, height: int, curve: Curve, pieces: Sequence[Points], heights: tuple[float, float], pen: tuple[str, str]
) -> None:
    low, high = heights
    for piece in pieces:
        _lines(canvas, [(x, y) if low <= y <= high else (x, math.nan) for x, y in piece], *pen)
    canvas.xlim(*curve.bounds)
    canvas.ylim(low, high)
    across = even_levels(curve.bounds, 6)
    canvas.xticks(across, [*map(_tick, across)])
    lines = max(1, height - _FRAME - 1)  # below the lower panel stands the variable's name
    fewest = min(_TICKS, max(2, (height - _FRAME) // 2))
    tried = (even_levels(heights, count) for count in range(fewest, _TICKS + 1))
    up = next((ticks for ticks in tried if len(ticks) > 1), [])  # one alone would be no scale
    up = up[:: math.ceil(len(up) / lines)]  # of two on one line, either might be shown
    margin = max(
        len(_tick(place)) for each in (curve.heights, curve.slope_heights) for place in even_levels(each, _TICKS)
    )
    canvas.yticks(up, [_tick(place).rjust(margin) for place in up])


_LOWEST = 14  # lines of a picture
_TICKS = 5  # about so many beside a panel, and no more than one for two of its lines
_FRAME = 3  # lines of a panel that are not the picture's


def _tick(place: float) -> str:
    return f"{place + 0.0:.6g}"


def _lines(canvas: Any, points: list[tuple[float, float]], marker: str, colour: str) -> None:
    """The runs of points that have a height."""
    run: list[tuple[float, float]] = []
    for x, y in [*points, (0.0, math.nan)]:
        if math.isfinite(y):
            run.append((x, y))
        elif run:
            canvas.plot([p[0] for p in run], [p[1] for p in run], marker=marker, color=colour)
            run = []


def _draw_tangent(canvas: Any, curve: Curve, ascii: bool) -> None:
    tangent = curve.tangent
    assert tangent is not None
    low, high = curve.heights
    points = []
    for i in range(201):
        x = between(curve.bounds, i / 200)
        y = tangent.y + (tangent.left if x < tangent.x else tangent.right) * (x - tangent.x)
        points.append((x, y if low <= y <= high else math.nan))
    _lines(canvas, points, "-" if ascii else "·", "green")
    canvas.scatter([tangent.x], [tangent.y], marker="O" if ascii else "●", color="green")


def _fit(fit: Fitted, width: int, height: int, color: bool, ascii: bool) -> list[str]:
    """The data over the curve and the ends of its band, under the title."""
    canvas = _canvas(width, height - 1)
    places = [x for x, _ in fit.curve]
    for end in zip(*fit.band, strict=True):
        _lines(canvas, [*zip(places, end, strict=True)], "." if ascii else "·", "gray")
    _lines(canvas, [*fit.curve], "*" if ascii else "braille", "blue")
    canvas.scatter([x for x, _ in fit.data], [y for _, y in fit.data], marker="o" if ascii else "●", color="orange")
    canvas.xlabel(fit.name)
    return [f"{fit.title}   {'o' if ascii else '●'} data   {'.' if ascii else '·'} 95 % band", *_shown(canvas, color)]


def _field(field: Field, width: int, height: int, color: bool, ascii: bool) -> list[str]:
    """Contours and the directions of the gradient, under the title."""
    scale = unit(field.heights)
    canvas = _canvas(width, height - 1)
    lines = _contours(field, scale)
    marker = "." if ascii else "braille"
    for level in contours(field, scale, 8):
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
    return [title(field.formula), *_shown(canvas, color)]


def _contours(field: Field, scale: float) -> Any:
    with needing("a plot of contours", "pictures"):
        import contourpy  # which comes with matplotlib
        import numpy as np
    values = np.ma.masked_invalid(np.array(field.values)) / scale
    return contourpy.contour_generator(field.xs, field.ys, values, corner_mask=False)
