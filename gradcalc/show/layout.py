"""Where the boxes of a graph go on a page: in columns, by the longest way from an input, with few crossings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gradcalc.record import dataclass

_WIDE, _HIGH, _GAP, _ROOM, _LANE, _EDGE = 152, 62, 46, 18, 20, 8
_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """The picture's size, that of a box, the upper left corner of every box, and the curve of every edge."""

    width: int
    height: int
    box: tuple[int, int]
    boxes: list[tuple[int, int]]
    curves: list[str]


def placed(count: int, edges: Sequence[tuple[int, int]]) -> Placed:
    """The layout of boxes 0, 1, ..., each after those that it uses, and of edges: the user, and what it uses."""
    level = [0] * count
    for above, below in sorted(edges):
        level[above] = max(level[above], level[below] + 1)
    for box in {below for _, below in edges} - {above for above, _ in edges}:  # an input stands before its first use
        level[box] = min(level[above] for above, below in edges if below == box) - 1
    ways, columns = _ways(level, edges)
    height = _ordered(columns, ways, count)
    top = {item: height[item] for column in columns for item in column}
    least = min(top.values(), default=0)
    boxes = [(_EDGE + level[i] * (_WIDE + _GAP), _EDGE + round(top[i] - least)) for i in range(count)]
    middle = {item: round(top[item] - least + _size(item, count) / 2) + _EDGE for item in top}
    curves = [_curve(way, level[way[0]], middle) for way in ways]
    bottom = max((middle[item] + _size(item, count) / 2 for item in top), default=0)
    width = (max(level, default=0) + 1) * (_WIDE + _GAP) - _GAP + 2 * _EDGE
    return Placed(width, round(bottom) + _EDGE, (_WIDE, _HIGH), boxes, curves)


def _ways(level: Sequence[int], edges: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    """For every edge the box it comes from, a lane in every column between, and the box it goes to; and the columns."""
    columns: list[list[int]] = [[] for _ in range(max(level, default=0) + 1)]
    for box, column in enumerate(level):
        columns[column].append(box)
    lanes, ways = len(level), []
    for above, below in edges:
        between = range(level[below] + 1, level[above])
        for column in between:
            columns[column].append(lanes + column - between.start)
        ways.append([below, *range(lanes, lanes + len(between)), above])
        lanes += len(between)
    return ways, columns


def _size(item: int, count: int) -> int:
    return _HIGH if item < count else _LANE


def _ordered(columns: list[list[int]], ways: Sequence[Sequence[int]], count: int) -> dict[int, float]:
    """The height of every box and lane: each as near to the middle of its neighbours as the others let it."""
    beside: dict[int, list[int]] = {}
    for way in ways:
        for one, other in pairwise(way):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    height: dict[int, float] = {}
    for column in columns:
        _spread(column, dict.fromkeys(column, 0.0), height, count)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 else columns[::-1]:
            wanted = {}
            for item in column:
                near = [height[other] + _size(other, count) / 2 for other in beside.get(item, [])]
                middle = sum(near) / len(near) if near else height[item] + _size(item, count) / 2
                wanted[item] = middle - _size(item, count) / 2
            column.sort(key=wanted.__getitem__)
            _spread(column, wanted, height, count)
    return height


def _spread(column: Sequence[int], wanted: dict[int, float], height: dict[int, float], count: int) -> None:
    """Give the items of a column heights near to those wanted, in this order and apart."""
    low = None
    for item in column:
        height[item] = wanted[item] if low is None else max(wanted[item], low)
        low = height[item] + _size(item, count) + _ROOM
    shift = sum(wanted[item] - height[item] for item in column) / max(len(column), 1)
    for item in column:
        height[item] += shift


def _curve(way: Sequence[int], column: int, middle: dict[int, int]) -> str:
    """From box to box through the lanes between: bent between columns, straight within one."""
    x = _EDGE + column * (_WIDE + _GAP) + _WIDE
    text = f"M{x} {middle[way[0]]}"
    for item in way[1:]:
        half, y = x + _GAP // 2, middle[item]
        text += f"C{half} {text.rsplit(' ', 1)[1].rsplit(',')[-1]},{half} {y},{x + _GAP} {y}"
        x += _GAP
        if item is not way[-1]:
            x += _WIDE
            text += f"L{x} {y}"
    return text
