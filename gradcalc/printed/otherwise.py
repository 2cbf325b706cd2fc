"""Functions in our own notation by others that every language has, for languages that lack them.

They stand here where a row has no text that double arithmetic computes to 12 digits and more.
"""

from __future__ import annotations


def _nested(pattern: str, inmost: str, count: int) -> str:
    """A series or a continued fraction: a pattern with a number, in itself so many times."""
    text = inmost
    for n in range(count, 0, -1):
        text = pattern.format(n=n, twice=2 * n + 1, text=text)
    return text


_LANCZOS = """
y = if(x < 0.5, -x, x - 1); t = y + 7.5; s = 0.99999999999980993 + 676.5203681218851/(y + 1)
- 1259.1392167224028/(y + 2) + 771.32342877765313/(y + 3) - 176.61502916214059/(y + 4) + 12.507343278686905/(y + 5)
- 0.13857109526572012/(y + 6) + 0.0000099843695780195716/(y + 7) + 0.00000015056327351493116/(y + 8);
""".replace("\n", " ")
_SHIFTED = "1/y{p}" + "".join(f" + 1/(y + {k}){{p}}" for k in range(1, 10))
_SERIES = "2/sqrt(pi)*x*exp(-x*x)*" + _nested("(1 + 2*x*x/{twice}*{text})", "1", 48)
_FRACTION = _nested("(y + {n}/2/{text})", "y", 80)

_TEXTS = f"""
log1p(x) = if(1 + x == 1, x, log(1 + x)*x/((1 + x) - 1))
expm1(x) = tanh(x/2)*(exp(x) + 1)
factorial(x) = gamma(x + 1)
gamma(x) = {_LANCZOS} h = t^((y + 0.5)/2); g = sqrt(2*pi)*h*exp(-t)*h*s; if(x < 0.5, pi/(sinpi(x)*g), g)
lgamma(x) = {_LANCZOS} g = log(sqrt(2*pi)*s) + (y + 0.5)*log(t) - t; if(x < 0.5, log(pi/abs(sinpi(x))) - g, g)
digamma(x) = y = if(x < 0.5, 1 - x, x); s = {_SHIFTED.format(p="")}; z = y + 10; w = 1/(z*z); d = log(z) - 1/(2*z) - s \
- w*(1/12 - w*(1/120 - w*(1/252 - w*(1/240 - w*(1/132 - w*691/32760))))); if(x < 0.5, d - pi*cospi(x)/sinpi(x), d)
polygamma(n, x) = y = if(x < 0.5, 1 - x, x); s = {_SHIFTED.format(p="^(n + 1)")}; z = y + 10; w = 1/(z*z); \
m = max(n, 1); t = 1/1209600 - (n + 8)*(n + 9)*w/47900160; \
r = 1/12 - (n + 2)*(n + 3)*w*(1/720 - (n + 4)*(n + 5)*w*(1/30240 - (n + 6)*(n + 7)*w*t)); \
d = (2*mod(n, 2) - 1)*gamma(m)*(n*s + z^(-n)*(1 + n/(2*z) + n*(n + 1)*w*r)); \
if(n == 0, digamma(x), if(x >= 0.5, d, if(n == 1, (pi/sinpi(x))^2 - d, log(x - 1))))
erf(x) = if(abs(x) < 2, {_SERIES}, sign(x)*(1 - erfc(abs(x))))
erfc(x) = y = abs(x); c = exp(-x*x)/sqrt(pi)/{_FRACTION}; if(y < 2, 1 - {_SERIES}, if(x > 0, c, 2 - c))
beta(a, b) = if(a + b < 100, gamma(a)*gamma(b)/gamma(a + b), exp(lgamma(a) + lgamma(b) - lgamma(a + b)))
binomial(n, k) = gamma(n + 1)/gamma(k + 1)/gamma(n - k + 1)
li(x) = Ei(log(x))
gammalower(a, x) = gammainc(a, x)*gamma(a)
gammaupper(a, x) = gammaincc(a, x)*gamma(a)
"""

OTHERWISE = {
    signature.partition("(")[0]: body for signature, _, body in (line.partition(" = ") for line in _TEXTS.split("\n"))
}
