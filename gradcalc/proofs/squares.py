"""Polynomials in sine and cosine of an angle that are squares: `1 + 2*sin(x)*cos(x)` is that of their sum.

With t for the tangent of half the angle, the sine is 2*t/(1 + t^2) and the cosine (1 - t^2)/(1 + t^2), and what has the
degree 2*h in them is n(t)/(1 + t^2)^(2*h). Where n is a number times q^2, q(t)/(1 + t^2)^h is a polynomial in sine and
cosine, as t^2/(1 + t^2) and 1/(1 + t^2) are (1 -+ cosine)/2 and t/(1 + t^2) is sine/2. That is an identity of
polynomials tied by sine^2 + cosine^2 = 1, so that it holds where t has no value, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import fmpq_poly

from .polynomials import Poly, coefficients, fraction, generator, polynomial, used

_HIGHEST = 12  # degree


def square_in_angle(p: Poly, angles: Sequence[tuple[int, int]]) -> tuple[Fraction, Poly] | None:
    """A number and what it times the square of is a polynomial in the sine and cosine of one of these angles, given by
    their generators; None where there is none."""
    indexes, degree = used(p), p.total_degree()
    pair = next((pair for pair in angles if set(indexes) <= {*pair}), None) if len(indexes) == 2 else None
    if pair is None or degree % 2 or degree > _HIGHEST:
        return None
    sine, cosine, whole = (fmpq_poly(parts) for parts in ([0, 2], [1, 0, -1], [1, 0, 1]))
    n = fmpq_poly()
    for powers, value in p.terms:
        a, b = (dict(powers).get(i, 0) for i in pair)
        n += sine**a * cosine**b * whole ** (degree - a - b) * value
    scale, parts = n.factor()
    if any(times % 2 for _, times in parts):
        return None
    q = fmpq_poly([1])
    for part, times in parts:
        q *= part ** (times // 2)
    return fraction(scale), _in_angle(q, degree // 2, pair)


def _in_angle(q: fmpq_poly, height: int, pair: tuple[int, int]) -> Poly:
    """q(t)/(1 + t^2)^height in sine and cosine."""
    half = Fraction(1, 2)
    sine, cosine = map(generator, pair)
    odd, above, below = (part * polynomial(half) for part in (sine, 1 - cosine, 1 + cosine))
    found = polynomial(0)
    for n, value in enumerate(q.coeffs()):
        found += polynomial(value) * odd ** (n % 2) * above ** (n // 2) * below ** (height - n // 2 - n % 2)
    return found


def in_sine_alone(p: Poly, sine: int, cosine: int) -> Poly | None:
    """A polynomial in squares of a cosine in the sine."""
    powers = coefficients(p, cosine)
    if powers.keys() == {0} or any(n % 2 for n in powers):
        return None
    square = polynomial(1) - generator(sine) ** 2
    return sum((part * square ** (n // 2) for n, part in powers.items()), polynomial(0))


def norms_in_angle(p: Poly, sine: int, cosine: int) -> Iterator[Poly]:
    """A polynomial times itself with the opposite sine, or cosine, in the other alone: 0 wherever it is, as cos^2 is
    where 1 - sin is."""
    for one, other in ((sine, cosine), (cosine, sine)):
        if one in used(p):
            square = polynomial(1) - generator(other) ** 2
            sides = [polynomial(0), polynomial(0)]
            for n, part in coefficients(p, one).items():
                sides[n % 2] += part * square ** (n // 2)
            yield sides[0] * sides[0] - sides[1] * sides[1] * square


def linear_in_angle(p: Poly, sine: int, cosine: int) -> tuple[Poly, Poly, Poly] | None:
    """The a, b and c of which a polynomial is `a*sin(u) + b*cos(u) + c`, if it is that, and not c alone."""
    zero = polynomial(0)
    parts = coefficients(p, sine)
    a: Poly = parts.get(1, zero)
    others = coefficients(parts.get(0, zero), cosine)
    b: Poly = others.get(1, zero)
    is_so = parts.keys() <= {0, 1} and others.keys() <= {0, 1} and cosine not in used(a)
    return (a, b, others.get(0, zero)) if is_so and not (a.is_zero() and b.is_zero()) else None
