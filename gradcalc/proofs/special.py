"""Functions of the table beyond the elementary ones, by recurrences, reflections and exact values, each of which holds
wherever both sides have a value (numbers of equations are DLMF's)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import fmpq

from gradcalc.language.formula import Call
from gradcalc.language.functions import TABLE, Function

from .algebra import NoValue, Ratio, ratio
from .angles import MOST_ORDER, Angles, small_order
from .cells import Split
from .powers import common_unit, whole_part
from .values import leads_with_minus

_MOST_WHOLE = 100  # steps to a number between 0 and 1
_MOST_PARTS = 6  # of the argument of a gamma function
_HALF = Fraction(1, 2)
_PARTS = (6, 4, 5)  # of 1, in which a value of lambertw is looked for


class Special(Angles):
    """Reads functions of the table beyond the elementary ones."""

    # -- gamma

    def gamma(self, x: Ratio) -> Ratio:
        """By `gamma(x + 1) = x*gamma(x)`, 5.5.1, with an argument of which the whole part is 0, and where that has a
        minus, or is more than 1/2, by `gamma(1 - z)*gamma(z) = pi/sin(pi*z)`, 5.5.3."""
        n = small_order(x, 1)
        if n is not None:
            return ratio(math.factorial(n - 1))
        whole, rest, pole = self._shifted(x)
        if pole is not None:
            return ratio(math.factorial(whole - pole - 1))
        found = self._gamma_of_rest(rest)
        for j in range(whole):
            found *= rest + ratio(j)
        for j in range(whole, 0):
            found = found / (rest + ratio(j))
        return found

    def _gamma_of_rest(self, x: Ratio) -> Ratio:
        if x.rational() == _HALF:
            return self.root(self.pi(), _HALF)
        if x.rational() == 1:
            return ratio(1)
        if self._is_reflected(x):
            z = ratio(1) - x
            return self.pi() / (self.angle(self.pi() * z)[0] * self.gamma(z))
        if len(parts := self._parts(x)) > 1:
            k, turn = ratio(len(parts)), ratio(2) * self.pi()
            found = turn ** ((1 - len(parts)) // 2) * self.exp((x - ratio(_HALF)) * self.log(k))
            found *= ratio(1) if len(parts) % 2 else self.root(turn, _HALF)
            return math.prod(map(self._gamma_of_rest, parts), start=found)
        found = self._opaque(TABLE["gamma"], [x])
        self.cell.assume(found.top, frozenset({1}) if self.cell.signs(x) == {1} else frozenset({-1, 1}))
        return found

    def _parts(self, x: Ratio) -> list[Ratio]:
        """`z, z + 1/k, ..., z + (k - 1)/k` with `k*z = x`, of which a function of x is made, 5.5.6 and 5.15.7, where z
        is the unit of what such functions are of; x alone where it is that."""
        terms = [(c, m) for c, m in x.terms() if m.rational() is None]
        if not terms or leads_with_minus(x):
            return [x]
        size = terms[0][0]
        direction = sum((ratio(c / size) * m for c, m in terms), ratio(0))
        key = ("parts", direction)
        unit, _ = self.generators.units.setdefault(key, (size, None))
        finer = common_unit(unit, size)
        if max(unit, size) > _MOST_PARTS * finer:
            return [x]
        if finer < unit:
            self.generators.units[key], self.generators.refined = (finer, None), True
        k = int(size / finer)
        return [(x + ratio(j)) / ratio(k) for j in range(k)]

    def _is_reflected(self, x: Ratio) -> bool:
        """Whether the functions of x are written as those of 1 - x, where x is no whole number."""
        known = x.rational()
        if known is not None or not leads_with_minus(x):
            return known is not None and _HALF < known < 1
        return 0 not in self._signs_cut(self.angle(self.pi() * x)[0])

    def _beta(self, _: Call, a: Ratio, b: Ratio) -> Ratio:
        self.need(a, frozenset({1}))
        self.need(b, frozenset({1}))
        return self.gamma(a) * self.gamma(b) / self.gamma(a + b)

    def _polygamma(self, node: Call, order: Ratio, x: Ratio) -> Ratio:
        """By `polygamma(n, x + 1) = polygamma(n, x) + (-1)^n*n!/x^(n + 1)`, 5.15.5, and by 5.15.6."""
        n = small_order(order)
        if n is None:
            return self._opaque(node.function, [order, x])
        whole, rest, pole = self._shifted(x)
        if pole is not None:
            return self._polygamma(node, order, ratio(whole - pole))
        found = self._polygamma_of_rest(node, n, rest)
        scale = ratio((-1) ** n * math.factorial(n))
        for j in range(min(whole, 0), max(whole, 0)):
            found += ratio(1 if whole > 0 else -1) * scale / (rest + ratio(j)) ** (n + 1)
        return found

    def _polygamma_of_rest(self, node: Call, n: int, x: Ratio) -> Ratio:
        """At 1 and 1/2 by zeta and log(2), 5.4.13, 5.15.2, 5.15.3."""
        known = x.rational()
        if known in (1, _HALF) and n:
            many = 1 if known == 1 else 2 ** (n + 1) - 1
            return ratio((-1) ** (n + 1) * math.factorial(n) * many) * self.zeta(ratio(n + 1))
        if known == _HALF:
            return self._opaque(node.function, [ratio(0), ratio(1)]) - ratio(2) * self.log(ratio(2))
        if not self._is_reflected(x):
            if len(parts := self._parts(x)) > 1:
                k = len(parts)
                total = sum((self._polygamma_of_rest(node, n, part) for part in parts), ratio(0)) / ratio(k) ** (n + 1)
                return total if n else total + self.log(ratio(k))
            return self._opaque(node.function, [ratio(n), x])
        z = ratio(1) - x
        sine, cosine = self.angle(self.pi() * z)
        slopes = [0, 1]  # of pi*cot(pi*z), as a polynomial in cot(pi*z)
        for _ in range(n):
            slope = [k * c for k, c in enumerate(slopes)][1:]
            slopes = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
        cot = cosine / sine
        turned = sum((ratio(c) * cot**k for k, c in enumerate(slopes)), ratio(0)) * self.pi() ** (n + 1)
        return ratio((-1) ** n) * (self._polygamma(node, ratio(n), z) + turned)

    def _shifted(self, x: Ratio) -> tuple[int, Ratio, int | None]:
        """An argument of gamma as a whole number and a rest, of numbers one that is more than 0; and where `rest + j`
        is 0 for a whole j up to that number, where the gamma function of the rest has no value, this j. On the way down
        it has none."""
        x = self.cell.ratio(x)
        whole, rest = whole_part(x)
        known = x.rational()
        if known is not None:
            if known.denominator == 1:
                if known <= 0:
                    raise NoValue
                whole, rest = whole - 1, ratio(1)
            return (whole, rest, None) if abs(whole) <= _MOST_WHOLE else (0, x, None)
        if self.is_whole(x):
            self.need(x, frozenset({1}))
        elif self.cell.signs(x) != {1}:
            self.unsure.add((x, False, ()))
        if abs(whole) > MOST_ORDER:
            return 0, x, None
        for j in range(whole):
            if self._signs_cut(rest + ratio(j)) == {0}:
                return whole, rest, j
        for j in range(whole, 0):
            self.need(rest + ratio(j), frozenset({-1, 1}))
        return whole, rest, None

    def _gammaupper(self, node: Call, a: Ratio, x: Ratio) -> Ratio:
        """By `gammaupper(a + 1, x) = a*gammaupper(a, x) + x^a*exp(-x)`, 8.8.2, from those of which the whole part is 0:
        `-Ei(-x)` of 0, 6.11.1, and `sqrt(pi)*erfc(sqrt(x))` of 1/2, 8.4.6."""
        row, a = TABLE["gammaupper"], self.cell.ratio(a)
        whole, rest = whole_part(a)
        if abs(whole) > MOST_ORDER:
            return self._opaque(row, [a, x])
        for j in range(1, 1 - whole):
            if self._signs_cut(rest - ratio(j)) == {0}:
                whole, rest = whole + j, ratio(0)
                break
        if rest.rational() == 0 and whole > 0:
            whole, rest, found = whole - 1, ratio(1), self.exp(-x)
        elif rest.rational() == 0:
            found = -self._opaque(TABLE["Ei"], [-x])
        elif rest.rational() == _HALF:
            found = self.root(self.pi(), _HALF) * (ratio(1) - self._opaque(TABLE["erf"], [self.root(x, _HALF)]))
        else:
            found = self._opaque(row, [rest, x])
        for j in range(whole):
            found = (rest + ratio(j)) * found + self._general_power(x, rest + ratio(j)) * self.exp(-x)
        for j in range(-1, whole - 1, -1):
            below = rest + ratio(j)
            found = (found - self._general_power(x, below) * self.exp(-x)) / below
        return found

    def _betainc(self, node: Call, a: Ratio, b: Ratio, x: Ratio) -> Ratio:
        """By `1 - betainc(b, a, 1 - x)`, 8.17.4, so that it is 1/2 where that is the same, and with a whole b by
        powers, 8.17.7 and 8.17.21."""
        if a == b and x.rational() == _HALF:
            return ratio(_HALF)
        n = small_order(b, 1)
        if n is None:
            if small_order(a, 1) is None and not leads_with_minus(x):
                return self._opaque(node.function, [a, b, x])
            a, b, x, n = b, a, ratio(1) - x, small_order(a, 1)
            return ratio(1) - (self._opaque(node.function, [a, b, x]) if n is None else self._of_whole(a, n, x))
        return self._of_whole(a, n, x)

    def _of_whole(self, a: Ratio, n: int, x: Ratio) -> Ratio:
        total, term = ratio(0), self._general_power(x, a)
        for j in range(n):
            total += term
            term = term * (a + ratio(j)) / ratio(j + 1) * (ratio(1) - x)
        return total

    # -- zeta

    def zeta(self, x: Ratio) -> Ratio:
        """At even numbers by 25.6.2, at 0 and below by 25.6.3."""
        n = x.rational()
        if n is None or n.denominator > 1 or abs(n) > _MOST_WHOLE or (n > 0 and n % 2):
            return self._opaque(TABLE["zeta"], [x])
        k = int(n)
        if k > 0:
            return ratio(abs(fmpq.bernoulli(k)) * 2 ** (k - 1) / math.factorial(k)) * self.pi() ** k
        return ratio(fmpq.bernoulli(1 - k) * (-1) ** -k / (1 - k))

    # -- Bessel

    def _bessel(self, node: Call, order: Ratio, x: Ratio) -> Ratio:
        """By those of orders 0 and 1, or of -1/2 and 1/2, 10.4.1, 10.6.1, 10.16.1, 10.27.1-3, 10.29.1, 10.39.1-2."""
        order, x = self.cell.ratio(order), self.cell.ratio(x)
        row, n, kind = node.function, order.rational(), node.function.name[-1]
        if n is None:
            return self._bessel_of_any(row, kind, order, x)
        if n.denominator > 1:
            self.need(x, frozenset({1}))
            half = n.denominator == 2 and abs(n) <= MOST_ORDER
            return self._bessel_of_half(kind, n, x) if half else self._bessel_of_any(row, kind, order, x)
        if abs(n) > MOST_ORDER:
            return self._opaque(row, [order, x])
        k = abs(int(n))
        signed = ratio((-1) ** k if n < 0 and kind in "jy" else 1)
        if x.top.is_zero() and kind in "ji":
            return ratio(int(k == 0))
        if kind in "yk":
            self.need(x, frozenset({1}))
        if k < 2:
            return signed * self._opaque(row, [ratio(k), x])
        if self._signs_cut(x) == {0}:
            return ratio(0)
        before, found = (self._opaque(row, [ratio(i), x]) for i in (0, 1))
        return signed * _recurred(kind, ratio(1), k - 1, before, found, x)

    def _bessel_of_any(self, row: Function, kind: str, order: Ratio, x: Ratio) -> Ratio:
        """Of an order that is not whole, or not known, by the two of which the whole part is 0 and 1, and where it has
        a minus, or is more than 1/2 beyond a whole number, by 10.27.3, or if it is whole by 10.4.1 and 10.27.1; of such
        an order also at -x, 10.11.1 and 10.34.1."""
        sign, beyond = ratio(1), whole_part(order)[1].rational()
        turned = leads_with_minus(order) if beyond is None else beyond > _HALF
        if turned and (kind == "k" or self.is_whole(order)):
            order, sign = -order, self._sign_of_power(order) if kind in "jy" else sign
        if kind in "ji" and leads_with_minus(x) and self.is_whole(order):
            x, sign = -x, sign * self._sign_of_power(order)
        return sign * self._bessel_of_unit(row, kind, order, x)

    def _bessel_of_unit(self, row: Function, kind: str, order: Ratio, x: Ratio) -> Ratio:
        whole, rest = whole_part(order)
        if abs(whole) > MOST_ORDER:
            return self._opaque(row, [order, x])
        if self._signs_cut(x) == {0}:
            return ratio(int(self._signs_cut(order) == {0})) if kind in "ji" else self._opaque(row, [order, x])
        below, above = (self._opaque(row, [rest + ratio(i), x]) for i in (0, 1))
        if whole > 0:
            return _recurred(kind, rest + ratio(1), whole - 1, below, above, x)
        return _recurred(kind, rest, whole, above, below, x)

    def _bessel_of_half(self, kind: str, n: Fraction, x: Ratio) -> Ratio:
        self.need(x, frozenset({1}))
        scale = self.root(ratio(2) / (self.pi() * x), _HALF)
        if kind in "jy":
            sine, cosine = self.angle(x)
            below, above = (cosine, sine) if kind == "j" else (sine, -cosine)
        else:
            up, down = self.exp(x), self.exp(-x)
            below, above = ((up + down) / ratio(2), (up - down) / ratio(2)) if kind == "i" else (down, down)
            scale = scale if kind == "i" else scale * self.pi() / ratio(2)
        if n > 0:
            return scale * _recurred(kind, ratio(_HALF), int(n - _HALF), below, above, x)
        return scale * _recurred(kind, ratio(-_HALF), int(_HALF + n), above, below, x)

    # -- others

    def _airy(self, node: Call, x: Ratio) -> Ratio:
        """At 0 by 9.2.3-6."""
        if self.cell.signs(x) != {0}:
            return self._opaque(node.function, [x])
        scale, sixths, thirds = {
            "airyai": (1, -4, 2), "airyaiprime": (-1, -2, 1), "airybi": (1, -1, 2), "airybiprime": (1, 1, 1),
        }[node.function.name]  # fmt: skip
        power = self.root(ratio(3), Fraction(sixths, 6))
        return ratio(scale) * power / self.gamma(ratio(Fraction(thirds, 3)))

    def _elliptic(self, node: Call, m: Ratio) -> Ratio:
        """At 0 by 19.6.1; at 1/2 by the gamma function, and by Legendre's relation, 19.7.1."""
        if self.cell.signs(m) == {0}:
            return self.pi() / ratio(2)
        if m.rational() != _HALF:
            return self._opaque(node.function, [m])
        of_first_kind = self.gamma(ratio(Fraction(1, 4))) ** 2 / (ratio(4) * self.root(self.pi(), _HALF))
        if node.function is TABLE["ellipk"]:
            return of_first_kind
        return (of_first_kind + self.pi() / (ratio(2) * of_first_kind)) / ratio(2)

    def _lambertw(self, node: Call, x: Ratio, *branch: Ratio) -> Ratio:
        """It has the sign of its argument."""
        x = self.cell.ratio(x)
        signs = self.cell.signs(x)
        if len(signs) > 1:
            self.cell.cut_by(x)
        if signs == {0}:
            return ratio(0)
        known = self._known_lambertw(node, x, *branch) or self._of_inverse(x, *branch)
        if known is not None:
            return known
        found = self._opaque(node.function, [x, *branch])
        self.cell.assume(found.top, signs)
        found = self.cell.ratio(found)
        if found.rational() is not None:  # where w is known, so is w*exp(w)
            rest = x - found * self.exp(found)
            unknown = self.cell.unknown(rest) if 0 in self.cell.signs(rest) else None
            if unknown is not None:
                raise Split(unknown[0], frozenset({0}))
            self.need(rest, frozenset({0}))
        return found

    def _known_lambertw(self, node: Call, x: Ratio, *branch: Ratio) -> Ratio | None:
        """The short rational number that it is at a constant, where there is one: w with w*exp(w) = x, on this branch,
        of which there is one on each side of -1."""
        known = self._fraction(node.function, (x, *branch), _PARTS)
        w = None if known in (None, -1) else ratio(known)
        return w if w is not None and self.cell.signs(w * self.exp(w) - x) == {0} else None

    def _of_inverse(self, x: Ratio, branch: Ratio | None = None) -> Ratio | None:
        """The w of which x is `w*exp(w)`, where it is on this side of -1."""
        exps = (self.generators.made[i] for i in x.generators())
        for made in [each for each in exps if each.kind in ("exp", "log")]:
            for w in (
                [made.args[0] * ratio(n) for n in (1, 2, -1, -2)] if made.kind == "exp" else [self.log(made.args[0])]
            ):
                if self.cell.ratio(w * self.exp(w)) == x:
                    side = self._signs_cut(w + ratio(1))
                    known = 0 if branch is None else branch.rational()
                    return w if side <= ({0, 1} if known == 0 else {-1, 0} if known == -1 else {0}) else None
        return None

    special: Mapping[str, Callable[..., Ratio]] = {
        "gamma": lambda reader, _, x: reader.gamma(x), "beta": _beta, "polygamma": _polygamma,
        "lgamma": lambda reader, _, x: reader.log_of_abs(reader.gamma(x)), "gammaupper": _gammaupper,
        "gammalower": lambda reader, node, a, x: reader.gamma(a) - reader._gammaupper(node, a, x),
        "zeta": lambda reader, _, x: reader.zeta(x), "besselj": _bessel, "bessely": _bessel,
        "besseli": _bessel, "besselk": _bessel, "ellipk": _elliptic, "ellipe": _elliptic, "lambertw": _lambertw,
        "lambertw_k": _lambertw, "betainc": _betainc, "airyai": _airy, "airyaiprime": _airy, "airybi": _airy,
        "airybiprime": _airy,
    }  # fmt: skip


def _recurred(kind: str, order: Ratio, steps: int, before: Ratio, found: Ratio, x: Ratio) -> Ratio:
    """A Bessel function so many orders above, or if negative below, the second of two neighbours, which has this order;
    the first is the one on the other side."""
    last, step = {"j": (-1, 1), "y": (-1, 1), "i": (1, -1), "k": (1, 1)}[kind]
    way = -1 if steps < 0 else 1
    step = step if kind in "jy" else step * way
    for i in range(abs(steps)):
        before, found = found, ratio(last) * before + ratio(2 * step) * (order + ratio(way * i)) / x * found
    return found
