"""Functions and constants that other programs have by another name or with another meaning, in our notation.

`PHRASES` is the table: on the left a call as it is written elsewhere, by one name or another, on the right what it is
here. A name with a module in front holds in that module alone; there, what is not listed and has the name of a row
means that row. Where people differ, `|` stands between the readings.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import cache

PHRASES = """
PI Pi = pi
E = e
LN2 = log(2)
LN10 = log(10)
LOG2E = 1/log(2)
LOG10E = 1/log(10)
SQRT2 = sqrt(2)
SQRT1_2 = sqrt(1/2)
euler_gamma EulerGamma = -digamma(1)
mpmath.phi = (1 + sqrt(5))/2
pow power float_power sympy.Pow(x, y) = x^y
square sq(x) = x^2
sqr(x) = x^2 | sqrt(x)
cube(x) = x^3
reciprocal inv(x) = 1/x
rsqrt(x) = 1/sqrt(x)
exp2(x) = 2^x
exp10(x) = 10^x
add(x, y) = x + y
subtract sub(x, y) = x - y
multiply mul(x, y) = x*y
divide true_divide div(x, y) = x/y
floor_divide(x, y) = floor(x/y)
negative neg(x) = -x
sympy.Integer(x) = trunc(x)
positive float float64 double Float Number Integer Value tensor Variable asarray mpf S sympify(x) = x
Mod floormod numpy.remainder torch.remainder(x, y) = mod(x, y)
remainder(x, y) = mod(x, y) | x - y*if(frac(x/y) == 1/2, 2*round(x/(2*y)), round(x/y))
fmod rem truncatemod(x, y) = x - y*trunc(x/y)
mpmath.fmod(x, y) = mod(x, y)
maximum fmax clamp_min sympy.Max(x, y) = max(x, y)
minimum fmin clamp_max sympy.Min(x, y) = min(x, y)
fdim(x, y) = max(x - y, 0)
fma(x, y, z) = x*y + z
lerp(a, b, t) = a + t*(b - a)
norm numpy.hypot math.hypot javascript.hypot(x, y, z) = sqrt(x^2 + y^2 + z^2)
median(a, b, c) = max(min(a, b), min(max(a, b), c))
ldexp(x, n) = x*2^n
divide_no_nan(x, y) = if(y == 0, 0, x/y)
squared_difference(x, y) = (x - y)^2
copysign(x, y) = if(y >= 0, abs(x), -abs(x))
where ifelse iff iif select piecewise cases(condition, a, b) = if(condition, a, b)
deg2rad(x) = rad(x)
rad2deg(x) = deg(x)
logaddexp2(x, y) = logaddexp(x*log(2), y*log(2))/log(2)
fact fac(n) = n!
ln1p(x) = log1p(x)
nCr choose nCk C(n, k) = binomial(n, k)
nPr perm(n, k) = n!/(n - k)!
isqrt(x) = floor(sqrt(x))
nint(x) = round(x)
fract(x) = frac(x)
mpmath.mag(x) = floor(log2(abs(x))) + 1
torch.frac(x) = x - trunc(x)
clip_by_value(x, a, b) = clamp(x, a, b)
saturate(x) = clamp(x, 0, 1)
UnitStep unitstep unit_step(x) = if(x >= 0, 1, 0)
ceiling(x) = ceil(x)
fix integer_part int truncate(x) = trunc(x)
INT(x) = floor(x) | trunc(x)
LOG(x) = log10(x) | log(x)
LOG(x, base) = log(x, base)
mathematica.Log(base, x) = log(x, base)
mathematica.ArcTan(x, y) = atan2(y, x)
ATAN2(x, y) = atan2(x, y) | atan2(y, x)
Rational Fraction(a, b) = a/b
signum sgn(x) = sign(x)
root3 cuberoot cube_root(x) = cbrt(x)
tg tangent tang tangens(x) = tan(x)
sine sen sinus(x) = sin(x)
cosine cosinus(x) = cos(x)
secant(x) = sec(x)
cosecant cosec(x) = csc(x)
cotangent ctg cotg cotan(x) = cot(x)
arcsine arcsinus arcsen(x) = asin(x)
arccosine arccosinus(x) = acos(x)
arctangent arcustangens arctg(x) = atan(x)
sqroot squareroot square_root(x) = sqrt(x)
absval mag magnitude sympy.Abs(x) = abs(x)
loge log_e logarithm(x) = log(x)
arcctg arccotg(x) = acot(x)
arcosec arccosec(x) = acsc(x)
sh senh(x) = sinh(x)
ch(x) = cosh(x)
th tgh(x) = tanh(x)
cth ctgh(x) = coth(x)
cosech(x) = csch(x)
arsinh arsh(x) = asinh(x)
arcosh arch(x) = acosh(x)
artanh arth(x) = atanh(x)
asech arsech arcsech(x) = acosh(1/x)
acsch arcsch arccsch(x) = asinh(1/x)
acoth arcoth arccoth(x) = atanh(1/x)
sind sindg(x) = sin(rad(x))
cosd cosdg(x) = cos(rad(x))
tand tandg(x) = tan(rad(x))
asind(x) = deg(asin(x))
acosd(x) = deg(acos(x))
atand(x) = deg(atan(x))
atan2d(y, x) = deg(atan2(y, x))
tanpi(x) = tan(pi*x)
versin(x) = 1 - cos(x)
hav haversin(x) = sin(x/2)^2
exsec(x) = sec(x) - 1
gd gudermannian(x) = atan(sinh(x))
sinhc(x) = sinh(x)/x
norm(x, y) = hypot(x, y)
numpy.norm torch.norm mpmath.norm(x, p) = abs(x)
lg(x) = log10(x) | log2(x)
lb ld(x) = log2(x)
logb(x, base) = log(x, base)
Heaviside(x) = if(x == 0, 1/2, step(x))
ndtr cdf pnorm Φ(x) = normcdf(x)
pdf dnorm(x) = normpdf(x)
phi φ(x) = normpdf(x) | normcdf(x)
normppf qnorm norminv invNorm(x) = normcdfinv(x)
log_ndtr(x) = log(normcdf(x))
xlogy(x, y) = if(x == 0, 0, x*log(y))
xlog1py(x, y) = if(x == 0, 0, x*log1p(y))
xlogx(x) = if(x == 0, 0, x*log(x))
hard_tanh(x) = hardtanh(x)
j0 j_0 bessel_j0(x) = besselj(0, x)
j1 j_1 bessel_j1(x) = besselj(1, x)
y0 y_0 bessel_y0(x) = bessely(0, x)
y1 y_1 bessel_y1(x) = bessely(1, x)
i0 i_0(x) = besseli(0, x)
i1 i_1(x) = besseli(1, x)
k0 k_0(x) = besselk(0, x)
k1 k_1(x) = besselk(1, x)
jn(n, x) = besselj(n, x)
sympy.jn(n, x) = sqrt(pi/(2*x))*besselj(n + 1/2, x)
besselJ BESSELJ(x, n) = besselj(n, x)
besselY BESSELY(x, n) = bessely(n, x)
besselI BESSELI(x, n) = besseli(n, x)
besselK BESSELK(x, n) = besselk(n, x)
LambertW(x) = lambertw(x)
Γ Gamma tgamma(x) = gamma(x)
ψ(x) = digamma(x)
mpmath.psi(n, x) = polygamma(n, x)
ζ(x) = zeta(x)
β(a, b) = beta(a, b)
Li(x) = li(x) - li(2)
exp1 E1 e1(x) = -Ei(-x)
rgamma(x) = if(x <= 0 and x == floor(x), 0, 1/gamma(x))
poch rf(x, n) = gamma(x + n)/gamma(x)
mpmath.gammainc(a, x) = gammaupper(a, x)
gammap(a, x) = gammainc(a, x)
gammaq(a, x) = gammaincc(a, x)
entr(x) = if(x == 0, 0, -x*log(x))
rel_entr(x, y) = if(x == 0, 0, x*log(x/y))
exprel(x) = if(x == 0, 1, expm1(x)/x)
cosm1(x) = -2*sin(x/2)^2
huber(d, x) = if(abs(x) <= d, x^2/2, d*(abs(x) - d/2))
logistic sigm(x) = sigmoid(x)
log_expit(x) = -log1p(exp(-x))
logsigmoid log_sigmoid(x) = -softplus(-x)
relu6(x) = clamp(x, 0, 6)
selu(x) = 1.0507009873554805*if(x > 0, x, 1.6732632423543772*expm1(x))
hardsigmoid hard_sigmoid(x) = clamp(x/6 + 1/2, 0, 1)
hardswish(x) = x*clamp(x/6 + 1/2, 0, 1)
tanhshrink(x) = x - tanh(x)
rint numpy.round numpy.around scipy.round torch.round tensorflow.round(x) = if(frac(x) == 1/2, 2*round(x/2), round(x))
mpmath.nint javascript.Round mathematica.Round(x) = if(frac(x) == 1/2, 2*round(x/2), round(x))
numpy.round numpy.around torch.round(x, n) = round(x*10^n)/10^n
numpy.floor(x, n) = floor(x*10^n)/10^n
numpy.ceil(x, n) = ceil(x*10^n)/10^n
numpy.trunc(x, n) = trunc(x*10^n)/10^n
numpy.atan numpy.arctan(y, x) = atan2(y, x)
ArcTan(x, y) = atan2(y, x)
Log(x, y) = log(y, x) | log(x, y)
javascript.Log(x, b) = log(x, b)
numpy.sqrt numpy.cbrt(x, n) = root(x, n)
numpy.ln(x, base) = log(x, base)
sincpi numpy.sinc scipy.sinc torch.sinc(x) = sinc(pi*x)
numpy.heaviside torch.heaviside(x, y) = if(x == 0, y, step(x))
math.remainder(x, y) = x - y*if(frac(x/y) == 1/2, 2*round(x/(2*y)), round(x/y))
javascript.round(x) = floor(x + 1/2)
tensorflow.leaky_relu(x) = if(x > 0, x, 0.2*x)
jax.gelu(x) = x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))
nthroot surd real_root(x, n) = root(x, n)
sympy.Derivative(f, x) = diff(f, x)
"""

_SAID = {  # of what people call that is no function of numbers
    "there is nothing to print with: the answer is shown": "print display",
    "this is no command here; at the prompt, Ctrl-D or :quit ends": "exit quit",
    "gradcalc --help tells about the command, :help about the prompt": "help",
    "the derivatives come with the answer: write the formula alone": "backward",
    "integrals are not for this tool; it gives values and derivatives": "integrate integral quad int",
    "equations are not solved here; it gives values and derivatives": "solve nsolve dsolve fsolve fzero root_scalar",
    "limits are not for this tool; it gives values and derivatives": "limit lim",
    "curves are drawn by --plot x=-3..3, at the prompt by :plot": "plot fplot",
    "series are not for this tool; it gives values and derivatives": "series taylor maclaurin",
    ":descend walks downhill, at the prompt; minima are not found here": "minimize minimise argmin",
    "write sum(formula, k=1..10) or sum(a, b, c)": "sum Sum Σ",
    "write prod(formula, k=1..10) or prod(a, b, c)": "prod product Π",
    "write mean(a, b, c)": "mean avg average",
    "write exp(a - logsumexp(a, b, c)) for the part of a": "softmax",
    "write logsumexp(a, b, c)": "logsumexp",
    "nothing here is random: give the number": "rand random",
    "write the formula alone; its derivative comes simplified": "simplify",
    "write the formula alone": "expand factor",
    "there are only numbers here: give each its own name": "array vector matrix range",
    "write the products out, as in a1*b1 + a2*b2": "dot",
    "write diff(formula, x, 2), and diff(diff(formula, x), y)": "hessian laplacian",
    "write diff(formula, x) for each name, or ask the formula: its derivatives come with the answer": "jacobian nabla",
    "names need no declaration: write the formula alone": "symbols Symbol",
}
WORDS = {word: said for said, words in _SAID.items() for word in words.split()}

_FAMILIES = {
    "np": "numpy", "numpy": "numpy", "jnp": "numpy", "cp": "numpy", "onp": "numpy", "anp": "numpy", "math": "math",
    "cmath": "math", "std": "math", "Math": "javascript", "sp": "sympy", "sympy": "sympy", "sym": "sympy",
    "mp": "mpmath", "mpmath": "mpmath", "scipy": "scipy", "special": "scipy", "ss": "scipy", "sc": "scipy",
    "torch": "torch", "F": "torch", "nn": "torch", "tf": "tensorflow", "keras": "tensorflow", "K": "tensorflow",
    "jax": "jax",
}  # fmt: skip
MODULES = "|".join(_FAMILIES)  # a pattern for the names under which modules of functions are imported
DOTS = r"(?:\s*(?:\.|::)\s*[^\W\d]\w*)+"  # a pattern for what stands behind a module
_DOTTED = re.compile(rf"(?<![\w.])({MODULES})({DOTS})")
_LONGEST = 500  # characters that are put into our notation


@cache
def _phrases() -> dict[tuple[str, str, int], tuple[tuple[str, ...], tuple[str, ...]]]:
    """The parameters and the readings of each phrase, by family, name and number of arguments."""
    found = {}
    for line in PHRASES.strip().splitlines():
        left, _, right = line.partition(" = ")
        names, _, listed = left.removesuffix(")").partition("(")
        params = tuple(listed.split(", ")) if listed else ()
        for written in names.split():
            family, _, name = written.rpartition(".")
            found[family, name, len(params)] = params, tuple(right.split(" | "))
    return found


def readings(name: str, args: Sequence[str], family: str = "") -> list[str]:
    """Texts in our notation for a call, or with no arguments a constant, elsewhere; empty if unknown."""
    phrases = _phrases()
    keys = [(family, name, len(args)), ("", name, len(args)), ("", name.lower(), len(args))]
    found = next((phrases[key] for key in keys if key in phrases and len(key[1]) > 1 - (key[1] == name)), None)
    if found is None:
        return []
    params, texts = found
    given = dict(zip(params, args, strict=True))

    def put(word: re.Match[str]) -> str:
        return f"({given[word[0]]})" if word[0] in given else word[0]

    return [re.sub(r"[^\W\d]\w*", put, text) for text in texts]


def usage(name: str, family: str = "") -> str:
    """The texts in our notation for a function elsewhere and, where it has parameters, the call of it by those of the
    table, as it may have been called with others; empty if it is unknown, in that family or without one."""
    phrases = sorted(_phrases().items(), key=lambda phrase: phrase[0][0] != family)
    found = (phrase for (whose, other, _), phrase in phrases if other == name and (not family or whose in (family, "")))
    params, texts = next(found, ((), ()))
    text = " or ".join(texts)
    return f"{text} for {name}({', '.join(params)})" if params else text


def path_of(dots: str) -> list[str]:
    """The names behind a module, as in `.special.sinc` or `::sqrt`."""
    return [part.strip() for part in dots.replace("::", ".").split(".")[1:]]


def family_of(module: str, path: Sequence[str]) -> str:
    """Whose functions a module has; NumPy is copied by others, as `jax.numpy`."""
    return "numpy" if "numpy" in path else _FAMILIES[module]


def means_otherwise(module: str, path: Sequence[str], count: int) -> bool:
    """Whether a module has, under the name of a row, something else than that row of so many arguments."""
    return (family_of(module, path), path[-1], count) in _phrases()


def without_modules(text: str, known: Container[str]) -> str:
    """A text in which functions and constants are named with their modules, such as `np.sin(np.pi*x)`, in our notation,
    with parentheses to spare; empty where a name means nothing here. `known` are the names that can be called."""
    if len(text) > _LONGEST:
        return ""
    while found := next(iter([*_DOTTED.finditer(text)][-1:]), None):  # the last: no other stands inside its arguments
        *path, name = path_of(found[2])
        family = family_of(found[1], path)
        name = f"norm{name}" if path[-1:] == ["norm"] else name  # scipy.stats.norm.cdf
        end, args = found.end(), []
        if text[end:].startswith("("):
            closed = group_end(text, end)
            args = split(text[end + 1 : closed - 1])
            end = closed
        ours = next(iter(readings(name, args, family)), "")
        if not ours and args and (name in known or name.lower() in known):
            ours = f"{name if name in known else name.lower()}({', '.join(args)})"
        if not ours and not args and name.lower() in ("pi", "tau", "e"):
            ours = name.lower()
        if not ours:
            return ""
        text = f"{text[: found.start()]}({ours}){text[end:]}"
        if len(text) > 4 * _LONGEST:
            return ""
    return text


def group_end(text: str, start: int) -> int:
    """The place behind the parenthesis that closes the one at `start`; the end of the text if none does."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place + 1
    return len(text)


def split(text: str, mark: str = ",") -> list[str]:
    """The pieces between commas, or other marks, outside brackets, without the spaces around them."""
    pieces, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == mark and depth == 0:
            pieces.append(text[start:place].strip())
            start = place + 1
    pieces.append(text[start:].strip())
    return pieces if pieces != [""] else []
