"""How near to 0 an algebraic number can be that is not 0.

For a number E made of rational ones by +, *, roots, and sines and cosines of rational multiples of pi, there are u and
l for which l*E is an algebraic integer whose conjugates are no larger than u: |n| and m for n/m; u1*l2 + u2*l1 and
l1*l2 for a sum; u1*u2 and l1*l2 for a product; (u1*l1^(k - 1))^(1/k) and l1 for a root; 2 and 2 for cos(pi*n/m), which
is half of the sum of two roots of unity. The degree is no more than D, the product of those of the roots and of phi(n)
for n the least common multiple of 4 and 2*m for all angles, whose sines and cosines are all in the field of the n-th
roots of unity. The product of the conjugates is a whole number, so that |E| >= 1/(l*u^(D - 1)) unless E = 0. (Burnikel,
Funke, Mehlhorn, Schirra, Schmitt, "A separation bound for real algebraic expressions", 2001.)
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, lcm, log2

from flint import fmpz

from .algebra import Generators, Ratio
from .polynomials import Poly, used

_Bounds = tuple[float, float]  # the binary logarithms of u and l
_SLACK = 1 + 2.0**-30  # of doubles
_MOST_TURNS = 2**40  # beyond it the degree is too large to be of use, and the factors of a number are hard to find


def separation_bits(generators: Generators, p: Poly) -> int | None:
    """Bits b for which a polynomial in constants is 0 if less than 2^-b; None where one may not be algebraic."""
    known: dict[int, _Bounds] = {}
    degree, turns, todo = 1, 1, used(p)
    of_angles = {i for pair in generators.angles for i in pair}
    while todo:
        i = todo[-1]
        made = generators.made[i]
        is_root = isinstance(made.what, int)
        if is_root:
            missing = [j for j in made.args[0].generators() if j not in known]
        elif i in of_angles and _turns(generators, made.args[0]) is not None:
            missing = []
        else:
            return None
        if missing:
            todo += missing
        elif todo.pop() in known:
            continue
        elif is_root:
            above, below = _bounds(made.args[0].top, known)
            size = (above + (made.what - 1) * below) / made.what
            known[i], degree = (size, below), degree * made.what
        else:
            known[i], turns = (1.0, 1.0), lcm(turns, 4, 2 * (_turns(generators, made.args[0]) or 1))
    if turns > _MOST_TURNS:
        return None
    above, below = _bounds(p, known)
    degree *= int(fmpz(turns).euler_phi())
    return ceil((below + (degree - 1) * max(above, 0.0)) * _SLACK) + 1


def _turns(generators: Generators, angle: Ratio) -> int | None:
    """The denominator of the rational multiple of pi that an angle is."""
    made = generators.all_of(angle)
    if len(made) != 1 or made[0].what != "pi" or not angle.bottom.is_constant():
        return None
    (factor, rest), *others = angle.terms()
    return factor.denominator if rest.top.total_degree() == 1 and not others else None


def _bounds(p: Poly, known: Mapping[int, _Bounds]) -> _Bounds:
    terms: list[_Bounds] = []
    for found, value in p.terms:
        powers = [(known[i], n) for i, n in found]
        above = log2(abs(int(value.p))) + sum(n * bounds[0] for bounds, n in powers)
        terms.append((above, log2(int(value.q)) + sum(n * bounds[1] for bounds, n in powers)))
    below = sum(term[1] for term in terms)
    return max(above - own for above, own in terms) + below + log2(len(terms)), below
