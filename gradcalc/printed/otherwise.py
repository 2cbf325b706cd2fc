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

_NEWTON = "".join(
    f"e{i} = erf(y{i}) - x; u{i} = e{i}*sqrt(pi)/2*exp(y{i}*y{i}); y{i + 1} = y{i} - u{i}/(1 + y{i}*u{i}); "
    for i in range(3)
)
_HALLEY = "".join(
    f"e{i} = exp(w{i}); f{i} = w{i}*e{i} - x; "
    f"w{i + 1} = if(f{i} == 0, w{i}, w{i} - f{i}/(e{i}*(w{i} + 1) - (w{i} + 2)*f{i}/(2*w{i} + 2))); "
    for i in range(5)
)
_MEANS = "a0 = 1; b0 = sqrt(1 - m); " + "".join(
    f"a{i + 1} = (a{i} + b{i})/2; b{i + 1} = sqrt(a{i}*b{i}); c{i + 1} = (a{i} - b{i})/2; " for i in range(7)
)
_BELOW = "p/a*" + _nested("(1 + x/(a + {n})*{text})", "1", 120)
_ABOVE = "p/" + _nested("(x + {n}*2 - 1 - a - {n}*({n} - a)/{text})", "x", 120)
_ERFI = "x*" + _nested("(1 + s*(2*{n} - 1)/({n}*{twice})*{text})", "1", 130)
_FAR = _nested("(1 + (2*{n} - 1)/(2*s)*{text})", "1", 30)
_EI = "x*" + _nested("(1 + x*{n}/({n} + 1)/({n} + 1)*{text})", "1", 130)
_E1 = "exp(x)/" + _nested("({n}*2 - 1 - x - {n}*{n}/{text})", "(201 - x)", 100)

# zeta by Euler and Maclaurin: nine powers, and after them 10^-u times g, of Bernoulli's numbers; with two derivatives
_BERNOULLI = ("1/12", "-1/720", "1/30240", "-1/1209600", "1/47900160", "-691/1307674368000", "1/74724249600")


def _of_zeta(name: str, first: str, step: str, start: str) -> str:
    steps = "".join(f"{name}{i + 1} = {step.format(i=i, a=2 * i - 1, b=2 * i)}/100; " for i in range(1, 7))
    terms = "".join(f" + ({number})*{name}{i}" for i, number in enumerate(_BERNOULLI, 1))
    return f"{name}1 = {first}; {steps}g_{name} = {start}{terms}; "


def _powers(factor: str) -> str:
    return "".join(f" + {factor.format(k=k)}*{k}^(-u)" for k in range(2, 10))


_ZETA = (
    "u = if(x < -1, 1 - x, x); q = 10^(-u); "
    + _of_zeta("p", "u/10", "p{i}*(u + {a})*(u + {b})", "10/(u - 1) + 1/2")
    + f"z = 1{_powers('1')} + q*g_p; "
)
_ZETA_SLOPES = (
    "l = log(10); "
    + _of_zeta("d", "1/10", "(d{i}*(u + {a})*(u + {b}) + p{i}*(2*u + {a} + {b}))", "-10/(u - 1)^2")
    + _of_zeta("c", "0", "(c{i}*(u + {a})*(u + {b}) + 2*d{i}*(2*u + {a} + {b}) + 2*p{i})", "20/(u - 1)^3")
    + f"z1 = 0{_powers('(-log({k}))')} + q*(g_d - l*g_p); "
    + f"z2 = 0{_powers('log({k})^2')} + q*(g_c - 2*l*g_d + l*l*g_p); "
)
_REFLECTED = "(2*pi)^x/pi*gamma(1 - x)*z"

_TEXTS = f"""
asec(x) = r = atan2(sqrt((x - 1)*(x + 1)), 1); if(x > 0, r, pi - r)
acsc(x) = sign(x)*atan2(1, sqrt((x - 1)*(x + 1)))
sinc_derivative(n, x) = s = x*x; \
d = if(s < 1, -x/3*(1 - s/10*(1 - s/28*(1 - s/54*(1 - s/88*(1 - s/130*(1 - s/180)))))), (cos(x) - sin(x)/x)/x); \
c = -1/3 + s/10 - s*s/168 + s^3/6480 - s^4/443520 + s^5/47174400 - s^6/7185024000; \
if(n == 0, sinc(x), if(n == 1, d, if(n == 2, if(s < 1, c, -sin(x)/x - 2*d/x), log(-1 - s))))
erfinv(x) = l = log1p(-x*x); p = 2/(pi*0.147) + l/2; y0 = sign(x)*sqrt(sqrt(p*p - l/0.147) - p); {_NEWTON}y3
lambertw(x) = l = log1p(x); p = sqrt(max(2*(x*exp(1) + 1), 0)); \
w0 = if(x < -0.2, p - 1 - p*p/3, l*(1 - log1p(l)/(2 + l))); {_HALLEY}w5
ellipk(m) = {_MEANS}pi/(2*a7)
ellipe(m) = {_MEANS}pi/(2*a7)*(1 - m/2 - {" - ".join(f"{2**i}*c{i + 1}*c{i + 1}" for i in range(7))})
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
gammainc(a, x) = p = exp(a*log(x) - x - lgamma(a)); if(x < a + 1, {_BELOW}, 1 - {_ABOVE})
gammaincc(a, x) = p = exp(a*log(x) - x - lgamma(a)); if(x < a + 1, 1 - {_BELOW}, {_ABOVE})
erfi(x) = s = x*x; if(s < 36, 2/sqrt(pi)*{_ERFI}, exp(s)/(x*sqrt(pi))*{_FAR})
dawson(x) = s = x*x; if(s < 36, exp(-s)*{_ERFI}, {_FAR}/(2*x))
Ei(x) = if(x < -1, -{_E1}, if(x < 40, 0.5772156649015329 + log(abs(x)) + {_EI}, \
exp(x)/x*{_nested("(1 + {n}/x*{text})", "1", 38)}))
zeta(x) = {_ZETA}if(x < -1, {_REFLECTED}*sinpi(x/2), z)
zeta_derivative(n, x) = {_ZETA}{_ZETA_SLOPES}\
r = if(x < -1, log(2*pi) - digamma(1 - x) - z1/z, 0); \
t = if(x < -1, r*r + polygamma(1, 1 - x) + z2/z - (z1/z)^2 - pi*pi/4, 0); \
if(n == 0, zeta(x), if(n == 1, if(x < -1, {_REFLECTED}*(r*sinpi(x/2) + pi/2*cospi(x/2)), z1), \
if(n == 2, if(x < -1, {_REFLECTED}*(t*sinpi(x/2) + r*pi*cospi(x/2)), z2), log(-1 - x*x))))
gammalower(a, x) = gammainc(a, x)*gamma(a)
gammaupper(a, x) = gammaincc(a, x)*gamma(a)
"""

OTHERWISE = {
    signature.partition("(")[0]: body for signature, _, body in (line.partition(" = ") for line in _TEXTS.split("\n"))
}
