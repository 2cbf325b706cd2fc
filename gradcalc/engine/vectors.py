"""Functions of our own over numbers and vectors, as LLVM's text: the ones that formulas have most, to be inlined.

The reduced argument is exact to about 2^-106 (Cody and Waite, with fused multiply-adds), and the polynomials are
minimax ones (Remez, relative error below 2^-58); the error is below 1 ulp, of tanh below 3. Where an argument is too
large it is told.
A sine and a cosine of one argument have nearly all of it in common, which LLVM finds.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .llvm import Body

_ROUNDER = 1.5 * 2.0**52  # added to a small number it leaves the nearest whole number in the last bits
_HALF_PI = (1.5707963267948966, 6.12323399538461e-17, 3.5215598651832e-27)  # the second has 33 bits
_LOG_2 = (0.6931471805599453, 2.3190468138462996e-17)
_SHORT_LOG_2 = (0.6931471803691238, 1.9082149292705877e-10)  # a whole power times the first is exact
_ROOT_HALF, _ONE = (int.from_bytes(struct.pack(">d", each)) for each in (math.sqrt(0.5), 1.0))
_ROUNDER_BITS = int.from_bytes(struct.pack(">d", 1.5 * 2.0**52))
_SINE = (  # (1 - sin(r)/r)/r^2 in r^2, for |r| <= pi/4
    0.16666666666666632, -0.008333333333322413, 0.00019841269829807819, -2.7557313691921887e-06,
    2.5050758115840162e-08, -1.5896795684511027e-10,
)  # fmt: skip
_COSINE = (  # (cos(r) - 1 + r^2/2)/r^4 in r^2
    0.0416666666666666, -0.0013888888888874125, 2.4801587289482184e-05, -2.755731435233285e-07,
    2.0875723273259016e-09, -1.1359647805788475e-11,
)  # fmt: skip
_LOGARITHM = (  # (log((1 + s)/(1 - s))/s - 2)/s^2 in s^2, for 1/sqrt(2) <= (1 + s)/(1 - s) <= sqrt(2)
    0.6666666666666734, 0.3999999999941396, 0.28571428742562804, 0.22222198553736555, 0.1818356540908562,
    0.15314021085721705, 0.14796261385930057,
)  # fmt: skip
_EXPONENTIAL = (  # (exp(r) - 1 - r)/r^2 in r, for |r| <= log(2)/2
    0.5000000000000011, 0.16666666666666413, 0.041666666666530155, 0.008333333333494461, 0.0013888888943630134,
    0.00019841269506578723, 2.480149309888739e-05, 2.755758637378518e-06, 2.763024838532302e-07, 2.500006162553128e-08,
)  # fmt: skip


class Steps:
    """Instructions of a function, which write down what is computed."""

    def __init__(self, body: Body):
        self.body = body
        self.whole = "i64" if body.lanes == 1 else f"<{body.lanes} x i64>"

    def number(self, value: float | str) -> str:
        return value if isinstance(value, str) else self.body.text(value)

    def fused(self, x: float | str, y: float | str, z: float | str) -> str:
        """x*y + z, rounded once."""
        return self.body.call("llvm.fma", [self.number(each) for each in (x, y, z)])

    def of(self, operation: str, x: float | str, y: float | str) -> str:
        return self.body.add(f"f{operation} $d {self.number(x)}, {self.number(y)}")

    def polynomial(self, coefficients: Sequence[float], x: str) -> str:
        value: float | str = coefficients[-1]
        for coefficient in reversed(coefficients[:-1]):
            value = self.fused(value, x, coefficient)
        return self.number(value)

    def bits(self, operation: str, x: str, amount: int | str) -> str:
        if not isinstance(amount, str) and self.body.lanes > 1:
            amount = f"<{', '.join([f'i64 {amount}'] * self.body.lanes)}>"
        return self.body.add(f"{operation} {self.whole} {x}, {amount}")

    def as_bits(self, x: str) -> str:
        return self.body.add(f"bitcast $d {x} to {self.whole}")

    def as_double(self, x: str) -> str:
        return self.body.add(self.body.typed(f"bitcast {self.whole} {x} to $d"))

    def test(self, comparison: str, x: str, y: float) -> str:
        return self.body.add(f"fcmp {comparison} $d {x}, {self.number(y)}")

    def size(self, x: str) -> str:
        return self.body.call("llvm.fabs", [x])

    def nearest(self, x: str, factor: float) -> tuple[str, str]:
        """The whole number nearest to x times a factor, and bits that end in it."""
        moved = self.fused(x, factor, _ROUNDER)
        return self.of("sub", moved, _ROUNDER), self.as_bits(moved)


def _circular(steps: Steps, x: str, quarter: int) -> tuple[str, str]:
    """sin(x + quarter*pi/2)."""
    turns, bits = steps.nearest(x, 2 / math.pi)
    first = steps.fused(turns, -_HALF_PI[0], x)  # exact
    r = steps.fused(turns, -_HALF_PI[1], first)
    over = steps.fused(turns, _HALF_PI[1], steps.of("sub", r, first))  # exact, also where r is next to nothing
    over = steps.fused(turns, _HALF_PI[2], over)
    square = steps.of("mul", r, r)
    half = steps.of("mul", square, 0.5)
    near = steps.of("sub", 1.0, half)
    lost = steps.of("sub", steps.of("sub", 1.0, near), half)
    cube = steps.of("mul", square, r)
    sine = steps.of("mul", cube, steps.polynomial(_SINE, square))
    sine = steps.of("sub", r, steps.fused(over, near, sine))  # so that -0 stays what it is
    fourth = steps.of("mul", square, square)
    lost = steps.of("add", lost, steps.of("mul", r, over))
    cosine = steps.of("add", near, steps.fused(fourth, steps.polynomial(_COSINE, square), lost))
    if quarter:
        bits = steps.bits("add", bits, quarter)
    odd = steps.body.add(f"trunc {steps.whole} {bits} to $b")
    size = steps.body.add(f"select $b {odd}, $d {cosine}, $d {sine}")
    sign = steps.bits("shl", steps.bits("and", bits, 2), 62)
    value = steps.as_double(steps.bits("xor", steps.as_bits(size), sign))
    return value, steps.test("ugt", steps.size(x), 1e6)


def _reduced(steps: Steps, x: str) -> tuple[str, str, str]:
    """exp(r) - 1 - r and r, where x = r + k*log(2), and the bits that end in k."""
    power, bits = steps.nearest(x, 1 / math.log(2))
    r = steps.fused(power, -_LOG_2[1], steps.fused(power, -_LOG_2[0], x))
    more = steps.of("mul", steps.of("mul", r, r), steps.polynomial(_EXPONENTIAL, r))
    return more, r, bits


def _exponential(steps: Steps, x: str) -> tuple[str, str]:
    more, r, bits = _reduced(steps, x)
    size = steps.of("add", 1.0, steps.of("add", r, more))
    value = steps.as_double(steps.bits("add", steps.as_bits(size), steps.bits("shl", bits, 52)))
    return value, steps.test("ugt", steps.size(x), 700.0)


def _logarithm(steps: Steps, x: str) -> tuple[str, str]:
    bits = steps.as_bits(x)
    power = steps.bits("ashr", steps.bits("sub", bits, _ROOT_HALF), 52)
    part = steps.as_double(steps.bits("sub", bits, steps.bits("shl", power, 52)))
    whole = steps.of("sub", steps.as_double(steps.bits("add", power, _ROUNDER_BITS)), _ROUNDER)
    f = steps.of("sub", part, 1.0)
    s = steps.of("div", f, steps.of("add", f, 2.0))
    square = steps.of("mul", s, s)
    half = steps.of("mul", steps.of("mul", f, f), 0.5)
    more = steps.fused(square, steps.polynomial(_LOGARITHM, square), half)
    low = steps.fused(s, more, steps.of("mul", whole, _SHORT_LOG_2[1]))
    rest = steps.of("sub", steps.of("sub", half, low), f)
    value = steps.of("sub", steps.of("mul", whole, _SHORT_LOG_2[0]), rest)
    far = steps.body.add(f"or $b {steps.test('ult', x, 2.3e-308)}, {steps.test('uge', x, math.inf)}")
    return value, far


def _hyperbolic_tangent(steps: Steps, x: str) -> tuple[str, str]:
    """-E/(2 + E) for E = exp(-2|x|) - 1, with the sign of x; from 20 on it is 1."""
    size = steps.size(x)
    size = steps.body.add(f"select $b {steps.test('ogt', size, 20.0)}, $d {steps.number(20.0)}, $d {size}")
    more, r, bits = _reduced(steps, steps.of("mul", size, -2.0))
    scale = steps.as_double(steps.bits("add", steps.bits("shl", bits, 52), _ONE))
    below = steps.fused(scale, steps.of("add", r, more), steps.of("sub", scale, 1.0))
    positive = steps.of("div", below, steps.of("sub", -2.0, below))
    sign = steps.bits("and", steps.as_bits(x), -(2**63))
    return steps.as_double(steps.bits("or", steps.as_bits(positive), sign)), ""


# by the function of C's library: its value, and the condition that an argument is too large, or empty
OWN: dict[str, Callable[[Steps, str], tuple[str, str]]] = {
    math.exp.__name__: _exponential,
    math.log.__name__: _logarithm,
    math.tanh.__name__: _hyperbolic_tangent,
    math.sin.__name__: lambda steps, x: _circular(steps, x, 0),
    math.cos.__name__: lambda steps, x: _circular(steps, x, 1),
}
