"""How fast a certified value and gradient is beside mpmath's: `python benchmarks/certified_speed.py` prints it.

mpmath computes with 18 digits and no bound on its error: the value alone, or with the 8 partial derivatives, by the
code that sympy writes for it with common subexpressions taken out. `certify` gives the same, each the double nearest to
the truth. All take turns in one process; the figures are microseconds of a call, and how many times longer than
certified value and gradient they take in one round: the median, the least and the greatest.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import columns_speed
import mpmath
import sympy
from gradient_speed import FORMULA, POINT, in_turn

import gradcalc
from gradcalc.certified import certify


def by_mpmath() -> dict[str, Callable[[], object]]:
    """The value, and value and gradient, at the point."""
    mpmath.mp.dps = 18
    given = [mpmath.mpf(POINT[name]) for name in columns_speed.NAMES]
    value = columns_speed.in_python(mpmath)
    symbols = sympy.symbols(columns_speed.NAMES)
    formula = columns_speed.in_python(sympy)(*symbols)
    both = sympy.lambdify(symbols, [formula, *map(formula.diff, symbols)], "mpmath", cse=True)
    return {"mpmath, value alone": lambda: value(*given), "mpmath, value and 8 partials": lambda: both(*given)}


def main() -> None:
    formula = gradcalc.parse(FORMULA)
    theirs = by_mpmath()
    assert abs(certify(formula, POINT).value.number - float(theirs["mpmath, value alone"]())) < 1e-15  # type: ignore[arg-type]
    ours = {
        "certify, value": lambda: certify(formula, POINT, ()),
        "certify, value and 8 partials": lambda: certify(formula, POINT),
    }
    times = in_turn({**theirs, **ours}, 200)
    print(f"{'33 operations, 8 names':30}{'us':>10}{'ratio':>10}{'min':>10}{'max':>10}")
    for name, each in times.items():
        ratios = [one / other for one, other in zip(each, times["certify, value and 8 partials"], strict=True)]
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        print(f"{name:30}{statistics.median(each) * 1e6:10.1f}{middle:10.2f}{low:10.2f}{high:10.2f}")


if __name__ == "__main__":
    main()
