"""How fast a certified value and gradient is beside mpmath's value: `python benchmarks/certified_speed.py` prints it.

mpmath computes the value alone, with 18 digits and no bound on its error; `certify` gives the value and 8 partial
derivatives of the same formula, each the double nearest to the truth. They take turns in one process; the figures are
microseconds of a call, and ratios of the times of one round: the median, the least and the greatest.
"""

from __future__ import annotations

import statistics

import mpmath
from gradient_speed import FORMULA, POINT, in_turn

import gradcalc
from gradcalc.certified import certify


def by_mpmath() -> mpmath.mpf:
    a, x, b, c, y, d, p, q = (mpmath.mpf(value) for value in POINT.values())
    return (
        mpmath.exp(-((a * x + b) ** 2) / 2) * mpmath.sin(c * y - d)
        + mpmath.log(1 + a**2 + y**2) / (1 + mpmath.exp(-(p * x + q * y)))
        - mpmath.tanh(b * x * y - c) * mpmath.sqrt(d**2 + p**2 + 1)
        + mpmath.cos(q * a)
    )


def main() -> None:
    formula = gradcalc.parse(FORMULA)
    mpmath.mp.dps = 18
    assert abs(certify(formula, POINT).value.number - float(by_mpmath())) < 1e-15
    times = in_turn(
        {
            "mpmath, the value": by_mpmath,
            "certify, value": lambda: certify(formula, POINT, ()),
            "certify, value and gradient": lambda: certify(formula, POINT),
        },
        50,
    )
    print(f"{'33 operations, 8 names':30}{'us':>10}{'ratio':>10}{'min':>10}{'max':>10}")
    for name, each in times.items():
        ratios = [one / other for one, other in zip(each, times["mpmath, the value"], strict=True)]
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        print(f"{name:30}{statistics.median(each) * 1e6:10.1f}{middle:10.2f}{low:10.2f}{high:10.2f}")


if __name__ == "__main__":
    main()
