"""How many right claims are proved, how many wrong ones are found, and how long a verdict takes.

    python benchmarks/claims.py [SECONDS]

The claims are sympy's derivatives of textbook formulas in the shapes sympy can give them, and the same with a fault.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from statistics import median

import sympy

from gradcalc import parse
from gradcalc.judge.claims.court import check_derivative
from gradcalc.language.errors import SymbolicError
from gradcalc.language.formula import expression
from gradcalc.symbolic import from_sympy, to_sympy

FORMULAS = (
    "x^3*exp(-x^2/2)", "sin(x)^3*cos(2*x)", "(x^2 + 1)^4/(x - 3)^2", "log(1 + x^2)/x", "sqrt(1 + sin(x)^2)",
    "exp(sin(x))*tanh(x)", "atan((x - 1)/(x + 1))", "1/(1 + x + x^2)^3", "cosh(x)*sinh(2*x)", "x^2.5*log(x)",
    "x^x", "abs(x)*sin(x)", "max(x^2, 3*x - 2)", "log(x + sqrt(x^2 + 1))", "1/(1 + exp(-3*x))", "asin(x/2)*x",
    "tan(x)^2", "x*log(x^2)", "sqrt(x^2 - 2*x + 5)", "erf(x)*exp(x)", "gamma(x)*x", "2^(x^2)", "sin(1000*x)/1000",
)  # fmt: skip
SHAPES = (lambda e: e, sympy.expand, sympy.factor, sympy.together, sympy.simplify)
FAULTS = {
    "times 1 + 1e-3": "({})*(1 + 1e-3)", "times 1 + 1e-7": "({})*(1 + 1e-7)", "times 1 + 1e-30": "({})*(1 + 1e-30)",
    "plus 1e-12": "({}) + 1e-12", "sign": "-({})", "wrong in 0.01 of a range": "({}) + if(x > 1 and x < 1.01, 1, 0)",
}  # fmt: skip


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    claims = [(formula, claim) for formula in FORMULAS for claim in shapes(formula)]
    report("right", claims, seconds)
    for name, fault in FAULTS.items():
        report(name, [(formula, fault.format(claim)) for formula, claim in claims], seconds)


def shapes(formula: str) -> set[str]:
    derivative = sympy.diff(to_sympy(parse(formula)), sympy.Symbol("x", real=True))
    found = set()
    for shape in SHAPES:
        try:
            found.add(expression(from_sympy(shape(derivative))))
        except SymbolicError:  # our notation has no word for it
            continue
    return found


def report(name: str, claims: list[tuple[str, str]], seconds: float) -> None:
    verdicts: Counter[str] = Counter()
    times = []
    for formula, claim in claims:
        start = time.perf_counter()
        verdicts[check_derivative(formula, "x", claim, seconds=seconds).verdict] += 1
        times.append(time.perf_counter() - start)
    counts = ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common())
    print(f"{name:25}  {len(claims):3} claims  median {median(times):.3f} s  slowest {max(times):.2f} s  {counts}")


if __name__ == "__main__":
    main()
