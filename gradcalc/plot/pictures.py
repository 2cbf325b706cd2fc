"""Curves and fields as PNG and SVG, by matplotlib."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.language.errors import FormulaError, needing

from .curves import Break, Curve, Tangent, title
from .fields import Arrow, Field
from .fitted import Fitted
from .units import in_units, levels, named_in_units, unit

FORMATS = ("png", "svg", "pdf")
_NO_DATE: Mapping[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


_GROUND, _INK, _FAINT = "#ffffff", "#24292f", "#d0d7de"
_CURVE, _SLOPE, _TANGENT, _FIELD = "#0b62c4", "#a3420c", "#17803d", "viridis"


def picture(drawn: Curve | Field | Fitted, format: str = "png") -> bytes:
    """The picture as a file's content.

    Raises:
        FormulaError: the format is not one of `FORMATS`.
        MissingLibraryError: matplotlib is not installed.
    """
    if format not in FORMATS:
        raise FormulaError(f"no plot is written as .{format}", help=f"the formats are {', '.join(FORMATS)}")
    whole = figure()
    draw: Any = _draw_curve if isinstance(drawn, Curve) else _draw_field if isinstance(drawn, Field) else _draw_fit
    draw(whole, drawn)
    out = io.BytesIO()
    whole.savefig(out, format=format, dpi=150, metadata=None if format == "png" else _NO_DATE[format])
    return out.getvalue()


def figure() -> Any:
    """An empty figure.

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    with needing("a plot", "pictures"):
        from matplotlib.figure import Figure
    return Figure(figsize=(7.2, 5.4), layout="constrained", facecolor=_GROUND)


def _legend(axes: Any) -> None:
    legend = axes.legend(loc="best", fontsize=9, frameon=True, facecolor=_GROUND, edgecolor=_FAINT)
    for words in legend.get_texts():
        words.set_color(_INK)
        words.set_parse_math(False)


def _axes(axes: Any, text: str) -> None:
    axes.set_facecolor(_GROUND)
    axes.set_title(text, loc="left", color=_INK, fontsize=11, family="monospace", parse_math=False)
    axes.tick_params(colors=_INK, labelsize=9)
    for side, spine in axes.spines.items():
        spine.set_color(_FAINT)
        spine.set_visible(side in ("left", "bottom"))


# ---- one variable


def _draw_curve(figure: Any, curve: Curve) -> None:
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    label = "" if curve.tangent is None else tangent_label(curve.name, curve.tangent)
    curve, (across, *titles) = in_units(curve)
    _axes(above, titles[0])
    _axes(below, titles[1])
    for axes, heights in ((above, curve.heights), (below, curve.slope_heights)):
        axes.grid(color=_FAINT, linewidth=0.6, alpha=0.6)
        axes.set_xlim(*curve.bounds)
        axes.set_ylim(*heights)
        if heights[0] < 0 < heights[1]:
            axes.axhline(0, color=_INK, linewidth=0.7)
    below.set_xlabel(across, color=_INK, parse_math=False)
    for axes, pieces, colour in ((above, curve.pieces, _CURVE), (below, curve.slopes, _SLOPE)):
        dots = [piece[0] for piece in pieces if piece[0] == piece[-1]]
        axes.plot(*_clipped(dots, axes.get_ylim()), ".", color=colour, markersize=1.8)
        for piece in pieces:
            if piece[0] != piece[-1]:
                axes.plot(*_clipped(piece, axes.get_ylim()), color=colour, linewidth=1.8)
    low, high = curve.bounds
    margin = _MARGIN * (high - low)
    inside = [gap for gap in curve.breaks if gap.kind == "hole" or margin < min(gap.x - low, high - gap.x)]
    _draw_breaks(above, below, inside, swinging(curve))
    if curve.tangent is not None:
        _draw_tangent(above, below, curve, curve.tangent)
        _draw_label(above, label, curve.tangent)


_MARGIN, _SWING = 1e-6, 0.1  # of the width, and of the height of the derivative's picture


def _clipped(piece: Sequence[tuple[float, float]], heights: tuple[float, float]) -> tuple[list[float], list[float]]:
    """A piece with what lies far beyond the picture moved to just beyond it: renderers lose their way out there."""
    low, high = heights
    reach = high - low
    return [x for x, _ in piece], [min(max(y, low - reach), high + reach) for _, y in piece]


def swinging(curve: Curve) -> set[float]:
    """The last slopes of pieces at whose ends the derivative goes to no number: it changes much in no distance."""
    low, high = curve.slope_heights
    near = _MARGIN * (curve.bounds[1] - curve.bounds[0])
    found = set()
    for piece in curve.slopes:
        for end in (piece[:3], piece[:-4:-1]):
            beside = [y for x, y in end if abs(x - end[0][0]) < near]
            if max(beside) - min(beside) > _SWING * (high - low):
                found.add(end[0][1])
    return found


def _draw_breaks(above: Any, below: Any, breaks: Sequence[Break], swinging: set[float]) -> None:
    for gap in breaks:
        if gap.kind == "pole":
            for axes in (above, below):
                axes.axvline(gap.x, color=_INK, linewidth=0.8, linestyle=(0, (2, 4)), alpha=0.7)
        if gap.kind in ("jump", "hole"):
            _circles(above, gap.x, {gap.left, gap.right}, _CURVE)
            above.plot([gap.x], [gap.value], "o", markersize=5, color=_CURVE, zorder=5)
        if gap.kind in ("jump", "hole", "kink"):
            _circles(below, gap.x, set(gap.slopes) - swinging, _SLOPE)


def _circles(axes: Any, x: float, heights: set[float], colour: str) -> None:
    """Open ends."""
    low, high = axes.get_ylim()
    for y in heights:
        if low <= y <= high:
            axes.plot(
                [x], [y], "o", markersize=5, markerfacecolor=_GROUND, markeredgecolor=colour, zorder=4, clip_on=False
            )


def _draw_tangent(above: Any, below: Any, curve: Curve, tangent: Tangent) -> None:
    low, high = curve.bounds
    x, y = tangent.x, tangent.y
    if not low <= x <= high:
        return
    above.plot([x], [y], "o", markersize=6, color=_TANGENT, zorder=5)
    if tangent.left == tangent.right:
        below.plot([x], [tangent.left], "o", markersize=6, color=_TANGENT, zorder=5)
    for end, slope in ((low, tangent.left), (high, tangent.right)):
        if math.isfinite(slope):
            above.plot([x, end], [y, y + slope * (end - x)], color=_TANGENT, linewidth=1.3, linestyle="--")


def tangent_label(name: str, tangent: Tangent) -> str:
    at = f"at {name}={shown(tangent.x)}"
    if tangent.left == tangent.right:
        return f"tangent {at}: slope {shown(tangent.left)}"
    if math.isfinite(tangent.left) and math.isfinite(tangent.right):
        return f"corner {at}: slopes {shown(tangent.left)} and {shown(tangent.right)}"
    return f"no tangent {at}"


def _draw_label(axes: Any, text: str, tangent: Tangent) -> None:
    if not axes.get_xlim()[0] <= tangent.x <= axes.get_xlim()[1]:
        return
    line = "--" if math.isfinite(tangent.left) or math.isfinite(tangent.right) else "none"
    axes.plot([], [], color=_TANGENT, linestyle=line, marker="o", markersize=5, label=text)
    _legend(axes)


# ---- data


def _draw_fit(figure: Any, fit: Fitted) -> None:
    axes = figure.subplots()
    _axes(axes, fit.title)
    axes.set_xlabel(fit.name, color=_INK, parse_math=False)
    axes.grid(color=_FAINT, linewidth=0.6, alpha=0.6)
    places = [x for x, _ in fit.curve]
    low, high = zip(*fit.band, strict=True)
    axes.fill_between(places, low, high, color=_CURVE, alpha=0.18, linewidth=0, label="95 % band of the curve")
    axes.plot(places, [y for _, y in fit.curve], color=_CURVE, linewidth=1.8, label="fit")
    axes.plot(*zip(*fit.data, strict=True), "o", markersize=4, color=_SLOPE, label="data")
    axes.set_xlim(places[0], places[-1])
    _legend(axes)


# ---- two variables

_LEVELS = 14


def _draw_field(figure: Any, field: Field) -> None:
    import numpy as np
    from matplotlib.colors import BoundaryNorm

    axes = figure.subplots()
    _axes(axes, named_in_units(f"{title(field.formula)}   and its gradient", unit(field.heights)))
    across, up = field.names
    axes.set_xlabel(across, color=_INK, parse_math=False)
    axes.set_ylabel(up, color=_INK, parse_math=False)
    scale = unit(field.heights)
    values = np.ma.masked_invalid(np.array(field.values)) / scale
    steps = contours(field, scale, _LEVELS)
    options: Mapping[str, Any] = {"levels": steps, "extend": "both", "corner_mask": False}
    colours = BoundaryNorm(steps, 256, extend="both")  # one for each band, however far apart the levels are
    filled = axes.contourf(field.xs, field.ys, values, cmap=_FIELD, norm=colours, alpha=0.85, **options)
    axes.contour(field.xs, field.ys, values, colors=_GROUND, linewidths=0.6, linestyles="solid", **options)
    bar = figure.colorbar(filled, ax=axes)
    bar.ax.tick_params(colors=_INK, labelsize=9)
    bar.outline.set_edgecolor(_FAINT)
    if field.arrows:
        xs, ys, us, vs = (list(column) for column in zip(*arrows(field), strict=True))
        style = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.0032, "headwidth": 4.5}
        axes.quiver(xs, ys, us, vs, color="#ffffff", edgecolor="#1b1f24", linewidth=0.5, **style)
    if field.point is not None:
        axes.plot(
            *[[coordinate] for coordinate in field.point], "o", color="#ff5a4f", markeredgecolor="#ffffff", zorder=5
        )
    axes.set_xlim(field.xs[0], field.xs[-1])
    axes.set_ylim(field.ys[0], field.ys[-1])


def contours(field: Field, scale: float, count: int) -> list[float]:
    """The heights of some `count` contour lines of a field, in a unit."""
    low, high = field.heights
    return levels((value / scale for row in field.values for value in row), (low / scale, high / scale), count)


def arrows(field: Field) -> list[Arrow]:
    """As many arrows as there is room for: the gradient's direction, its size's root, so that small ones are seen."""
    side = math.sqrt(max(1, len(field.arrows)))
    room = (field.xs[-1] - field.xs[0]) / side, (field.ys[-1] - field.ys[0]) / side
    steepest = max((max(abs(a.across), abs(a.up)) for a in field.arrows), default=0.0) or 1.0
    sizes = sorted(math.hypot(a.across / steepest, a.up / steepest) for a in field.arrows)
    usual = (sizes[int(0.9 * (len(sizes) - 1))] if sizes else 0.0) or 1.0
    found = []
    for x, y, *gradient in field.arrows:
        across, up = (part / steepest for part in gradient)
        if length := math.hypot(across / room[0], up / room[1]):
            scale = 0.85 * math.sqrt(min(1.0, math.hypot(across, up) / usual)) / length
            found.append(Arrow(x, y, scale * across, scale * up))
    return found or [Arrow(field.xs[0], field.ys[0], 0.0, 0.0)]
