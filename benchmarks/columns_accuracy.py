"""How right columns are, row by row of the table: `python benchmarks/columns_accuracy.py`.

The value and the partial derivatives over columns are held against balls, correctly rounded, at points of the row's
sample box and at points of all sizes, from 1e-300 to 1e300, that lie in its domain. The figures are the largest errors
found, in ulp of the exact number; `lost` is how many results are no number where there is one, or the reverse.
"""

from __future__ import annotations

import math
import sys
import warnings
from typing import Any

import numpy as np

from gradcalc.engine.columns import Columns
from gradcalc.engine.program import Program
from gradcalc.engine.scalars import FLOAT, fits, nearest_double
from gradcalc.language.formula import Call, Function, Name
from gradcalc.language.functions import TABLE

_LEAST = 1e-290  # of numbers near the least double, doubles have few digits


def points(row: Function, count: int, seed: int = 1) -> tuple[list[Any], list[Any]]:
    """Columns from the sample box, and of all sizes."""
    rng = np.random.default_rng(seed)
    boxes = row.sample if len(row.sample) == len(row.params) else [row.sample[0]] * len(row.params)
    near = [rng.uniform(*box, count) for box in boxes]
    far = []
    for low, high in boxes:
        if low == high:
            far.append(np.full(count, low))
            continue
        sizes = 10.0 ** np.concatenate([rng.uniform(-3, 3, count // 2), rng.uniform(-300, 300, count - count // 2)])
        far.append(sizes * rng.choice([1.0, 1.0, -1.0], count))
    inside = [k for k, at in enumerate(zip(*far, strict=True)) if fits(row, tuple(map(float, at)), FLOAT)]
    return near, [column[inside] for column in far]


def errors(row: Function, columns: list[Any]) -> list[tuple[float, int, Any]]:
    """For the value and each partial derivative: the largest error, how many results are lost, and where."""
    names = [f"x{i}" for i in range(len(row.params))]
    wrt = [name for name, partial in zip(names, row.partials, strict=True) if partial is not None]
    program = Program(Call(row, tuple(map(Name, names))))
    outs = [np.empty(len(columns[0])) for _ in range(1 + len(wrt))]
    Columns(program, names, wrt)(columns, outs)
    found = []
    for out, position in zip(outs, [None, *(names.index(name) for name in wrt)], strict=True):
        worst, lost, where = 0.0, 0, None
        for k, at in enumerate(zip(*[column.tolist() for column in columns], strict=True)):
            if not math.isfinite(outs[0][k]):  # the value is beyond the doubles
                continue
            try:
                exact = nearest_double(row, at, position)
            except ValueError:
                exact = math.nan
            if not math.isfinite(exact) or 0 < abs(exact) < _LEAST:
                continue
            off = abs(out[k] - exact) / math.ulp(exact) if math.isfinite(out[k]) else math.inf
            if math.isinf(off):
                lost += 1
                where = where or at
            elif off > worst:
                worst, where = off, at
        found.append((worst, lost, where))
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    chosen = sys.argv[2:] or [row.name for row in TABLE.values() if row.partials and not row.condition]
    print(f"{'row':<28} {'box':>10} {'all sizes':>10} {'lost':>5}")
    for name in chosen:
        row = TABLE[name]
        if row.variadic:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            near, far = (errors(row, columns) for columns in points(row, count))
        for k, ((box, lost_near, _), (wide, lost, where)) in enumerate(zip(near, far, strict=True)):
            what = row.signature if k == 0 else f"  derivative {k}"
            print(f"{what:<28} {box:>10.2g} {wide:>10.2g} {lost + lost_near:>5}  {where or ''}", flush=True)


if __name__ == "__main__":
    main()
