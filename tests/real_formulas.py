"""Real formulas with the source of each, and their values and gradients to 25 digits.

The references are written by hand in mpmath and share nothing with the formula texts but the mathematics; often they
take another algebraic form on purpose.  The recorded digits are what ``recompute`` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mp

Mp = Any
"""An mpmath number (mpmath carries no types)."""

WORKING_DIGITS = 150
"""Decimal digits carried while recomputing: enough for the worst cancellation below, which eats 37."""


@dataclass(frozen=True)
class RealFormula:
    """One formula in our language, the point it is taken at and what it and its gradient are there."""

    name: str
    source: str
    formula: str
    at: dict[str, str]
    value: str
    gradient: dict[str, str]
    reference: Callable[..., Mp]
    condition: str = ""
    """Why plain floats lose digits at this point; empty where they do not."""


def recompute(entry: RealFormula) -> tuple[Mp, dict[str, Mp]]:
    """Value and gradient of ``entry.reference`` to 50 digits, by numerical differentiation at raised precision."""
    with mp.workdps(WORKING_DIGITS):
        point = {name: mp.mpf(text) for name, text in entry.at.items()}
        value = entry.reference(**point)
        gradient = {name: _partial(entry.reference, point, name) for name in point}
    with mp.workdps(50):
        return +value, {name: +partial for name, partial in gradient.items()}


def _partial(function: Callable[..., Mp], point: dict[str, Mp], name: str) -> Mp:
    """Partial derivative of ``function`` by ``name``, with a difference step scaled to the size of the variable."""

    def along(x: Mp) -> Mp:
        return mp.mpf(function(**{**point, name: x}))

    return mp.diff(along, point[name], relative=point[name] != 0)


_entries: list[RealFormula] = []


def _real(
    *,
    name: str,
    source: str,
    formula: str,
    at: dict[str, str],
    value: str,
    gradient: dict[str, str],
    condition: str = "",
) -> Callable[[Callable[..., Mp]], Callable[..., Mp]]:
    """Record a formula, with the decorated function as its reference."""

    def record(reference: Callable[..., Mp]) -> Callable[..., Mp]:
        _entries.append(RealFormula(name, source, formula, at, value, gradient, reference, condition))
        return reference

    return record


def _d(text: str) -> Mp:
    """Return the exact decimal ``text`` at the working precision."""
    return mp.mpf(text)


# Finance


@_real(
    name="black_scholes_call",
    source="Black & Scholes 1973",
    formula="d1 = (log(S/K) + (r + s^2/2)*T)/(s*sqrt(T)); d2 = d1 - s*sqrt(T); S*normcdf(d1) - K*exp(-r*T)*normcdf(d2)",
    at={"S": "102.5", "K": "100", "r": "0.035", "s": "0.22", "T": "0.75"},
    value="10.40004149433578526510195",
    gradient={
        "S": "0.6415638969960149122626998",
        "K": "-0.5536025794775574324182479",
        "r": "41.52019346081680743136859",
        "s": "33.15947700066874845542338",
        "T": "6.800998988269534120259297",
    },
)
def _black_scholes_call(S: Mp, K: Mp, r: Mp, s: Mp, T: Mp) -> Mp:
    w = s * mp.sqrt(T)
    moneyness = mp.log(S) - mp.log(K) + r * T
    return (
        S * mp.erfc(-(moneyness / w + w / 2) / mp.sqrt(2)) / 2
        - K * mp.exp(-r * T) * mp.erfc(-(moneyness / w - w / 2) / mp.sqrt(2)) / 2
    )


@_real(
    name="black_scholes_put_far_out",
    source="Merton 1973 (put, far out of the money)",
    formula=(
        "d1 = (log(S/K) + (r + s^2/2)*T)/(s*sqrt(T)); d2 = d1 - s*sqrt(T); K*exp(-r*T)*normcdf(-d2) - S*normcdf(-d1)"
    ),
    at={"S": "100", "K": "45", "r": "0.01", "s": "0.15", "T": "0.25"},
    value="2.915288744770647724172348e-27",
    gradient={
        "S": "-4.207819793204734213289086e-27",
        "K": "9.415494845894312645624021e-27",
        "r": "-1.059243170163110172632702e-25",
        "s": "2.274189634418958633988523e-24",
        "T": "6.78019917645035149506026e-25",
    },
)
def _black_scholes_put(S: Mp, K: Mp, r: Mp, s: Mp, T: Mp) -> Mp:
    w = s * mp.sqrt(T)
    upper = (mp.log(S / K) + r * T) / w + w / 2
    return K / mp.exp(r * T) * mp.ncdf(w - upper) - S * mp.ncdf(-upper)


@_real(
    name="black76_call",
    source="Black 1976 (futures options)",
    formula="w = s*sqrt(T); d = log(F/K)/w; exp(-r*T)*(F*normcdf(d + w/2) - K*normcdf(d - w/2))",
    at={"F": "71.34", "K": "75", "r": "0.0525", "s": "0.38", "T": "0.4166666666666667"},
    value="5.341369343966466816938134",
    gradient={
        "F": "0.4574750703517823962463248",
        "K": "-0.3639320289990625244169957",
        "r": "-2.225570559986028018436534",
        "s": "17.9143590654992648499508",
        "T": "7.888525843309424610172495",
    },
)
def _black76(F: Mp, K: Mp, r: Mp, s: Mp, T: Mp) -> Mp:
    d1 = (mp.log(F / K) + s**2 * T / 2) / (s * mp.sqrt(T))
    d2 = d1 - s * mp.sqrt(T)
    return (F * (1 + mp.erf(d1 / mp.sqrt(2))) - K * (1 + mp.erf(d2 / mp.sqrt(2)))) / (2 * mp.exp(r * T))


@_real(
    name="bachelier_call",
    source="Bachelier 1900",
    formula="d = (F - K)/(s*sqrt(T)); (F - K)*normcdf(d) + s*sqrt(T)*normpdf(d)",
    at={"F": "-0.0035", "K": "0.0025", "s": "0.0071", "T": "2"},
    value="0.001700371643403611691486001",
    gradient={
        "F": "0.2750684401963964054911982",
        "K": "-0.2750684401963964054911982",
        "s": "0.4719411668425338203427028",
        "T": "0.0008376955711454975311082974",
    },
)
def _bachelier(F: Mp, K: Mp, s: Mp, T: Mp) -> Mp:
    w = s * mp.sqrt(T)
    x = (F - K) / w
    return w * (x * mp.erfc(-x / mp.sqrt(2)) / 2 + mp.exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi))


@_real(
    name="margrabe_exchange",
    source="Margrabe 1978",
    formula="s = sqrt(s1^2 + s2^2 - 2*rho*s1*s2); w = s*sqrt(T); d = log(A/B)/w + w/2; A*normcdf(d) - B*normcdf(d - w)",
    at={"A": "48.2", "B": "51.7", "s1": "0.31", "s2": "0.27", "rho": "-0.4", "T": "1.5"},
    value="10.01130386921762739584312",
    gradient={
        "A": "0.5712812596189869753798775",
        "B": "-0.338964271652176882349458",
        "s1": "19.94125980684101760904357",
        "s2": "18.79630709065875822479226",
        "rho": "-3.993022597685629602576427",
        "T": "3.752264484866193393165805",
    },
)
def _margrabe(A: Mp, B: Mp, s1: Mp, s2: Mp, rho: Mp, T: Mp) -> Mp:
    variance = (s1**2 + s2**2 - 2 * rho * s1 * s2) * T
    root = mp.sqrt(variance)
    return A * mp.ncdf((mp.log(A / B) + variance / 2) / root) - B * mp.ncdf((mp.log(A / B) - variance / 2) / root)


@_real(
    name="sabr_implied_volatility",
    source="Hagan, Kumar, Lesniewski & Woodward 2002",
    formula=(
        "L = log(F/K); m = (F*K)^((1 - b)/2); z = n/a*m*L; x = log((sqrt(1 - 2*p*z + z^2) + z - p)/(1 - p)); "
        "a/(m*(1 + (1 - b)^2/24*L^2 + (1 - b)^4/1920*L^4))*z/x"
        "*(1 + ((1 - b)^2/24*a^2/m^2 + p*b*n*a/(4*m) + (2 - 3*p^2)/24*n^2)*T)"
    ),
    at={"F": "0.0325", "K": "0.041", "a": "0.036", "b": "0.5", "p": "-0.27", "n": "0.42", "T": "5"},
    value="0.1933771561777249784595909",
    gradient={
        "F": "-1.9293307863050564329155",
        "K": "-0.7599648837373835536622983",
        "a": "5.214545043785947764994888",
        "b": "-0.6272535228123770160440654",
        "p": "0.07291725286747284319786356",
        "n": "0.06060341408335869116656728",
        "T": "0.001979989931357979137018335",
    },
)
def _sabr(F: Mp, K: Mp, a: Mp, b: Mp, p: Mp, n: Mp, T: Mp) -> Mp:
    c = 1 - b
    L = mp.log(F) - mp.log(K)
    m = mp.exp(c * (mp.log(F) + mp.log(K)) / 2)
    z = n * m * L / a
    chi = mp.asinh((z - p) / mp.sqrt(1 - p**2)) + mp.atanh(p)
    smile = n * L / (chi * (1 + (c * L) ** 2 / 24 + (c * L) ** 4 / 1920))
    return smile * (1 + T * ((c * a / m) ** 2 + 6 * p * b * n * a / m + (2 - 3 * p**2) * n**2) / 24)


@_real(
    name="vasicek_bond",
    source="Vasicek 1977",
    formula="B = (1 - exp(-a*T))/a; exp((b - s^2/(2*a^2))*(B - T) - s^2*B^2/(4*a) - B*r)",
    at={"r": "0.021", "a": "0.18", "b": "0.045", "s": "0.012", "T": "7.5"},
    value="0.7908889275550763264956442",
    gradient={
        "r": "-3.254770421298604075304053",
        "a": "-0.2432518707804412216399657",
        "b": "-2.676896535364468373413279",
        "s": "0.5449611447759853525655234",
        "T": "-0.02970487454309112612453294",
    },
)
def _vasicek(r: Mp, a: Mp, b: Mp, s: Mp, T: Mp) -> Mp:
    decay = -mp.expm1(-a * T) / a
    mean = b * T + (r - b) * decay
    variance = s**2 / a**2 * (T - decay - a * decay**2 / 2)
    return mp.exp(variance / 2 - mean)


@_real(
    name="cox_ingersoll_ross_bond",
    source="Cox, Ingersoll & Ross 1985",
    formula=(
        "h = sqrt(k^2 + 2*s^2); g = expm1(h*T); n = 2*h + (k + h)*g; (2*h*exp((k + h)*T/2)/n)^(2*k*m/s^2)*exp(-2*g/n*r)"
    ),
    at={"r": "0.03", "k": "0.25", "m": "0.05", "s": "0.08", "T": "10"},
    value="0.6587384729140115570688067",
    gradient={
        "r": "-2.343735952183418406419232",
        "k": "-0.1736434289127829594883722",
        "m": "-4.093285022694054708008271",
        "s": "0.1448013722347895769231084",
        "T": "-0.03068030771496178613112349",
    },
)
def _cox_ingersoll_ross(r: Mp, k: Mp, m: Mp, s: Mp, T: Mp) -> Mp:
    h = mp.sqrt(k * k + 2 * s * s)
    half = mp.sinh(h * T / 2)
    bottom = h * mp.cosh(h * T / 2) + k * half
    return mp.exp(2 * k * m / s**2 * (mp.log(h / bottom) + k * T / 2) - 2 * half / bottom * r)


@_real(
    name="nelson_siegel_yield",
    source="Nelson & Siegel 1987",
    formula="u = t/λ; b0 + b1*(-expm1(-u)/u) + b2*(-expm1(-u)/u - exp(-u))",
    at={"t": "3.25", "λ": "1.37", "b0": "0.0412", "b1": "-0.0203", "b2": "-0.0117"},
    value="0.03006015467068867940961572",
    gradient={
        "t": "0.002048534816421025272652817",
        "λ": "-0.004859662885670315427826027",
        "b0": "1.0",
        "b1": "0.382221805425474979647303",
        "b2": "0.2889523657413827780806861",
    },
)
def _nelson_siegel(t: Mp, λ: Mp, b0: Mp, b1: Mp, b2: Mp) -> Mp:
    slope = λ / t * (1 - mp.exp(-t / λ))
    return b0 + (b1 + b2) * slope - b2 * mp.exp(-t / λ)


@_real(
    name="annuity_payment",
    source="Kellison, The Theory of Interest (level mortgage payment)",
    formula="i = r/12; -P*i/expm1(-n*log1p(i))",
    at={"P": "284500", "r": "0.0389", "n": "360"},
    value="1340.266652318891480004478",
    gradient={
        "P": "0.004710954841191182706518375",
        "r": "16288.73182331825072081623",
        "n": "-1.966053017583961077444362",
    },
)
def _annuity(P: Mp, r: Mp, n: Mp) -> Mp:
    return P * (r / 12) / (1 - (1 + r / 12) ** -n)


@_real(
    name="kelly_growth",
    source="Kelly 1956",
    formula="p*log1p(b*f) + (1 - p)*log1p(-f)",
    at={"p": "0.54", "b": "1.05", "f": "0.0731"},
    value="0.005015606527997319333395531",
    gradient={
        "p": "0.1498614826450877455851051",
        "b": "0.03666015017343778296827041",
        "f": "0.03030426880103050184572009",
    },
)
def _kelly(p: Mp, b: Mp, f: Mp) -> Mp:
    return mp.log((1 + b * f) ** p * (1 - f) ** (1 - p))


@_real(
    name="compound_annual_growth",
    source="CFA Institute, GIPS (compound annual growth over seven years)",
    formula="root(V1/V0, 7) - 1",
    at={"V0": "12400.55", "V1": "21873.12"},
    value="0.08445109018912092773430748",
    gradient={"V0": "-1.24931220238401974996997e-5", "V1": "7.082738279346136312739155e-6"},
)
def _growth(V0: Mp, V1: Mp) -> Mp:
    return mp.expm1(mp.log(V1 / V0) / 7)


@_real(
    name="income_tax_bands",
    source="UK Income Tax Act 2007, bands of 2023-24",
    formula="0.2*clamp(Y - 12570, 0, 37700) + 0.4*max(Y - 50270, 0)",
    at={"Y": "73250.55"},
    value="16732.22",
    gradient={"Y": "0.4"},
)
def _income_tax(Y: Mp) -> Mp:
    return _d("0.2") * 37700 + _d("0.4") * (Y - 50270)


# Physics


@_real(
    name="planck_frequency",
    source="Planck 1901",
    formula="h = 6.62607015e-34; c = 299792458; k = 1.380649e-23; 2*h*nu^3/c^2/expm1(h*nu/(k*T))",
    at={"nu": "5.4e14", "T": "5772"},
    value="2.634949172024421487349643e-8",
    gradient={"nu": "-7.518833876837280088352697e-23", "T": "2.072941408448613255329069e-11"},
)
def _planck_frequency(nu: Mp, T: Mp) -> Mp:
    quantum = _d("6.62607015e-34") * nu
    return 2 * quantum * (nu / 299792458) ** 2 / (mp.exp(quantum / (_d("1.380649e-23") * T)) - 1)


@_real(
    name="planck_wavelength",
    source="Planck 1901, all constants as variables (CODATA 2018)",
    formula="2*h*c^2/(λ^5*(exp(h*c/(λ*k*T)) - 1))",
    at={"λ": "1.0e-5", "T": "288.15", "h": "6.62607015e-34", "c": "299792458", "k": "1.380649e-23"},
    value="8135519.222311950766623245",
    gradient={
        "λ": "22176281955.93701375175542",
        "T": "141937.7370505609022059128",
        "h": "-4.944686513590136561414239e+40",
        "c": "-0.08215123439327890776153978",
        "k": "2.96232850863029806783866e+30",
    },
)
def _planck_wavelength(λ: Mp, T: Mp, h: Mp, c: Mp, k: Mp) -> Mp:
    x = h * c / (λ * k * T)
    return h * c**2 / λ**5 * mp.exp(-x / 2) / mp.sinh(x / 2)


@_real(
    name="stefan_boltzmann_constant",
    source="Boltzmann 1884 with CODATA 2018 constants",
    formula="2*pi^5*k^4/(15*h^3*c^2)",
    at={"k": "1.380649e-23", "h": "6.62607015e-34", "c": "299792458"},
    value="5.670374419184429453970997e-8",
    gradient={
        "k": "1.642814189322392426741626e+16",
        "h": "-2.567302016498163449403413e+26",
        "c": "-3.78286662514000232385499e-16",
    },
)
def _stefan_boltzmann(k: Mp, h: Mp, c: Mp) -> Mp:
    return mp.pi**2 * k * (k / (h / (2 * mp.pi))) ** 3 / (60 * c**2)


@_real(
    name="relativistic_kinetic_energy",
    source="Einstein 1905, at walking speed",
    formula="m*c^2*(1/sqrt(1 - v^2/c^2) - 1)",
    at={"m": "71.5", "v": "1.42", "c": "299792458"},
    value="72.08630000000000121296783",
    gradient={
        "m": "1.008200000000000016964585",
        "v": "101.5300000000000034168108",
        "c": "-8.092050305021083682858668e-24",
    },
    condition="1/sqrt(1 - v^2/c^2) - 1 is 1e-17: floats round it away",
)
def _kinetic(m: Mp, v: Mp, c: Mp) -> Mp:
    root = mp.sqrt(1 - (v / c) ** 2)
    return m * v**2 / (root * (1 + root))


@_real(
    name="breit_wigner",
    source="Breit & Wigner 1936, relativistic form (Particle Data Group)",
    formula=("g = sqrt(M^2*(M^2 + Γ^2)); k = 2*sqrt(2)*M*Γ*g/(pi*sqrt(M^2 + g)); k/((E^2 - M^2)^2 + M^2*Γ^2)"),
    at={"E": "91.05", "M": "91.1876", "Γ": "2.4952"},
    value="0.2521468365351828212327631",
    gradient={
        "E": "0.04394651710157618658033128",
        "M": "-0.04394811876138729443787425",
        "Γ": "-0.0985707535539494064960021",
    },
)
def _breit_wigner(E: Mp, M: Mp, Γ: Mp) -> Mp:
    g = M * mp.hypot(M, Γ)
    k = mp.sqrt(8) * M * Γ * g / (mp.pi * mp.sqrt(M**2 + g))
    return k / ((E - M) ** 2 * (E + M) ** 2 + (M * Γ) ** 2)


@_real(
    name="van_der_waals",
    source="van der Waals 1873 (carbon dioxide, SI)",
    formula="8.314462618*T/(v - b) - a/v^2",
    at={"T": "304.2", "v": "2.45e-4", "a": "0.3658", "b": "4.286e-5"},
    value="6418287.356682571042119212",
    gradient={
        "T": "41132.19856535074700702483",
        "v": "-12151767569.56596346832785",
        "a": "-16659725.11453561016243232",
        "b": "61899746727.90985079418697",
    },
)
def _van_der_waals(T: Mp, v: Mp, a: Mp, b: Mp) -> Mp:
    return (_d("8.314462618") * T * v**2 - a * (v - b)) / (v**2 * (v - b))


@_real(
    name="redlich_kwong",
    source="Redlich & Kwong 1949",
    formula="R*T/(v - b) - a/(sqrt(T)*v*(v + b))",
    at={"R": "8.314462618", "T": "350", "v": "8.2e-4", "a": "6.46", "b": "2.97e-5"},
    value="3186638.370536865490138033",
    gradient={
        "R": "442869.7962798937112488928",
        "T": "11228.62103842069955919798",
        "v": "-3471652791.755280735947447",
        "a": "-76716.0983395644329805221",
        "b": "5242522356.095991595725466",
    },
)
def _redlich_kwong(R: Mp, T: Mp, v: Mp, a: Mp, b: Mp) -> Mp:
    return R * T / (v - b) - a * T ** _d("-0.5") / (v**2 + b * v)


@_real(
    name="peng_robinson",
    source="Peng & Robinson 1976 (propane)",
    formula=(
        "R = 8.314462618; a = 0.45724*R^2*Tc^2/Pc; b = 0.07780*R*Tc/Pc; k = 0.37464 + 1.54226*ω - 0.26992*ω^2; "
        "alpha = (1 + k*(1 - sqrt(T/Tc)))^2; R*T/(v - b) - a*alpha/(v^2 + 2*b*v - b^2)"
    ),
    at={"T": "320", "v": "1.35e-3", "Tc": "369.83", "Pc": "4.248e6", "ω": "0.1523"},
    value="1495981.731055247329029819",
    gradient={
        "T": "7370.391652689260531346863",
        "v": "-789852980.0310888146655281",
        "Tc": "-3494.102170777366547420526",
        "Pc": "0.1011488248618826339998485",
        "ω": "-109662.643905007727446675",
    },
)
def _peng_robinson(T: Mp, v: Mp, Tc: Mp, Pc: Mp, ω: Mp) -> Mp:
    R = _d("8.314462618")
    b = _d("0.0778") * R * Tc / Pc
    kappa = _d("0.37464") + ω * (_d("1.54226") - _d("0.26992") * ω)
    attraction = _d("0.45724") * (R * Tc * (1 + kappa - kappa * mp.sqrt(T / Tc))) ** 2 / Pc
    return R * T / (v - b) - attraction / ((v + b) ** 2 - 2 * b**2)


@_real(
    name="lennard_jones",
    source="Lennard-Jones 1924 (argon, SI)",
    formula="4*ε*((sigma/r)^12 - (sigma/r)^6)",
    at={"r": "3.71e-10", "ε": "1.654e-21", "sigma": "3.405e-10"},
    value="-1.590891081706317049214797e-21",
    gradient={
        "r": "-1.24913590734294229720205e-11",
        "ε": "-0.9618446685044238507949197",
        "sigma": "1.361026201539593516187843e-11",
    },
)
def _lennard_jones(r: Mp, ε: Mp, sigma: Mp) -> Mp:
    sixth = (sigma / r) ** 6
    return 4 * ε * sixth * (sixth - 1)


@_real(
    name="morse_potential",
    source="Morse 1929 (hydrogen chloride)",
    formula="D*(1 - exp(-a*(r - r0)))^2",
    at={"D": "4.618", "a": "1.869", "r": "1.52", "r0": "1.2746"},
    value="0.6249299158959406242891345",
    gradient={
        "D": "0.1353247977254094032674609",
        "a": "0.5270561467837799522848316",
        "r": "4.014131778072064917768338",
        "r0": "-4.014131778072064917768338",
    },
)
def _morse(D: Mp, a: Mp, r: Mp, r0: Mp) -> Mp:
    return D * mp.expm1(a * (r0 - r)) ** 2


@_real(
    name="saha_ionisation",
    source="Saha 1920 (hydrogen, SI)",
    formula=("k = 1.380649e-23; h = 6.62607015e-34; m = 9.1093837015e-31; 2*g1/g0*(tau*m*k*T/h^2)^1.5*exp(-χ/(k*T))"),
    at={"T": "9800", "χ": "2.178709e-18", "g0": "2", "g1": "1"},
    value="2.379730204698852710132263e+20",
    gradient={
        "T": "4.274377297212784999499767e+17",
        "χ": "-1.758807725384023930221949e+39",
        "g0": "-1.189865102349426355066132e+20",
        "g1": "2.379730204698852710132263e+20",
    },
)
def _saha(T: Mp, χ: Mp, g0: Mp, g1: Mp) -> Mp:
    energy = _d("1.380649e-23") * T
    wavelength = _d("6.62607015e-34") / mp.sqrt(2 * mp.pi * _d("9.1093837015e-31") * energy)
    return 2 * g1 / (g0 * wavelength**3 * mp.exp(χ / energy))


@_real(
    name="hawking_temperature",
    source="Hawking 1974, all constants as variables",
    formula="hbar*c^3/(8*pi*G*M*k)",
    at={"hbar": "1.054571817e-34", "c": "299792458", "G": "6.67430e-11", "M": "1.98847e30", "k": "1.380649e-23"},
    value="6.170073824811395170274085e-8",
    gradient={
        "hbar": "5.850785812163796114678537e+26",
        "c": "6.174345278037043050236526e-16",
        "G": "-924.4525755227357431152458",
        "M": "-3.102925276625443265563013e-38",
        "k": "-4.468966279489859602458036e+15",
    },
)
def _hawking(hbar: Mp, c: Mp, G: Mp, M: Mp, k: Mp) -> Mp:
    radius = 2 * G * M / c**2
    return hbar * c / (4 * mp.pi * k * radius)


@_real(
    name="langevin_small_field",
    source="Langevin 1905, weak field",
    formula="coth(x) - 1/x",
    at={"x": "0.0000125"},
    value="4.166666666623263888889535e-6",
    gradient={"x": "0.333333333322916666666925"},
    condition="coth(x) and 1/x agree to ten digits",
)
def _langevin(x: Mp) -> Mp:
    return (x * mp.cosh(x) - mp.sinh(x)) / (x * mp.sinh(x))


@_real(
    name="brillouin_function",
    source="Brillouin 1927",
    formula="a = (2*J + 1)/(2*J); b = 1/(2*J); a*coth(a*x) - b*coth(b*x)",
    at={"J": "3.5", "x": "1.8"},
    value="0.6130736584220621072463002",
    gradient={"J": "-0.02956525152284241564415841", "x": "0.2137137428112832152027479"},
)
def _brillouin(J: Mp, x: Mp) -> Mp:
    n = 2 * J
    return ((n + 1) / mp.tanh((n + 1) * x / n) - 1 / mp.tanh(x / n)) / n


@_real(
    name="fermi_dirac_occupation",
    source="Fermi 1926, Dirac 1926",
    formula="sigmoid((μ - E)/(8.617333262e-5*T))",
    at={"E": "5.61", "μ": "5.53", "T": "300"},
    value="0.04333311330847489726201579",
    gradient={
        "E": "-1.603564712309787306193597",
        "μ": "1.603564712309787306193597",
        "T": "0.0004276172566159432816516259",
    },
)
def _fermi_dirac(E: Mp, μ: Mp, T: Mp) -> Mp:
    return 1 / (mp.exp((E - μ) / (_d("8.617333262e-5") * T)) + 1)


@_real(
    name="einstein_heat_capacity",
    source="Einstein 1907 (diamond)",
    formula="x = θ/T; 3*R*(x/2)^2*csch(x/2)^2",
    at={"θ": "1320", "T": "298.15", "R": "8.314462618"},
    value="5.983016736276132071465918",
    gradient={
        "θ": "-0.01148722833775864073078326",
        "T": "0.05085742547657691016144189",
        "R": "0.7195915131452374125600907",
    },
)
def _einstein_solid(θ: Mp, T: Mp, R: Mp) -> Mp:
    x = θ / T
    return 3 * R * x**2 * mp.exp(x) / (mp.exp(x) - 1) ** 2


@_real(
    name="diode_with_series_resistance",
    source="Shockley 1949 (residual of the implicit current)",
    formula="Is*expm1((V - J*Rs)/(n*kT)) - J",
    at={"V": "0.71", "J": "0.0123", "Is": "2.52e-9", "n": "1.752", "kT": "0.025852", "Rs": "0.568"},
    value="0.001578100256106695275653753",
    gradient={
        "V": "0.306409234831877012148662",
        "J": "-1.17404044538450614290044",
        "Is": "5507182.641312180664941965",
        "n": "-0.1229508329066228613401111",
        "kT": "-8.332425315349035009588218",
        "Rs": "-0.003768833588432087249428543",
    },
)
def _diode(V: Mp, J: Mp, Is: Mp, n: Mp, kT: Mp, Rs: Mp) -> Mp:
    return Is * mp.exp(V / (n * kT)) / mp.exp(J * Rs / (n * kT)) - Is - J


@_real(
    name="mean_field_magnet",
    source="Weiss 1907, Bragg & Williams 1934 (residual)",
    formula="m - tanh((Tc*m + B)/T)",
    at={"m": "0.62", "Tc": "1043", "T": "905", "B": "11.5"},
    value="-0.001379196940876321640778031",
    gradient={
        "m": "0.2925026817300514485969815",
        "Tc": "-0.0004205640818095571446499247",
        "T": "0.0004933139477522333457900453",
        "B": "-0.0006783291642089631365321366",
    },
)
def _mean_field(m: Mp, Tc: Mp, T: Mp, B: Mp) -> Mp:
    return m - 1 + 2 / (mp.exp(2 * (Tc * m + B) / T) + 1)


@_real(
    name="water_wave_dispersion",
    source="Airy 1845, Kelvin 1871 (gravity-capillary waves)",
    formula="sqrt((g*k + sigma/rho*k^3)*tanh(k*d))",
    at={"k": "85.3", "d": "0.018", "g": "9.80665", "sigma": "0.0728", "rho": "998.2"},
    value="28.34780103853194648211571",
    gradient={
        "k": "0.2306630770049278366549777",
        "d": "224.8030967935838571167253",
        "g": "1.37114084991113604975221",
        "sigma": "9.994534388529270587298695",
        "rho": "-0.0007289141489530463822433831",
    },
)
def _water_waves(k: Mp, d: Mp, g: Mp, sigma: Mp, rho: Mp) -> Mp:
    return mp.sqrt(k * (g * rho + sigma * k**2) / rho * (1 - 2 / (mp.exp(2 * k * d) + 1)))


@_real(
    name="kdv_soliton",
    source="Korteweg & de Vries 1895",
    formula="c/2*sech(sqrt(c)/2*(x - c*t - a))^2",
    at={"x": "3.4", "t": "1.25", "c": "1.8", "a": "0.3"},
    value="0.6608298903299116931127232",
    gradient={
        "x": "-0.4570441218128719367952713",
        "t": "0.8226794192631694862314884",
        "c": "0.8305196736880016543133852",
        "a": "0.4570441218128719367952713",
    },
)
def _kdv(x: Mp, t: Mp, c: Mp, a: Mp) -> Mp:
    return c / (1 + mp.cosh(mp.sqrt(c) * (x - c * t - a)))


@_real(
    name="catenary_residual",
    source="Leibniz, Huygens & Bernoulli 1691 (cable length through span)",
    formula="2*a*sinh(w/(2*a)) - L",
    at={"a": "112.5", "w": "180", "L": "200.1"},
    value="-0.276154007784823520688546",
    gradient={"a": "-0.3636839497125053436582768", "w": "1.33743494630484459800482", "L": "-1.0"},
)
def _catenary(a: Mp, w: Mp, L: Mp) -> Mp:
    return a * (mp.exp(w / (2 * a)) - mp.exp(-w / (2 * a))) - L


@_real(
    name="catenary_tension",
    source="Irvine, Cable Structures 1981",
    formula="H*cosh(q*x/H)",
    at={"H": "15300", "q": "42.7", "x": "88.5"},
    value="15769.05909114518919713711",
    gradient={"H": "0.9690311541390252263527897", "q": "22.08155580370265184869852", "x": "10.65403878890512128745115"},
)
def _tension(H: Mp, q: Mp, x: Mp) -> Mp:
    return H * (mp.exp(q * x / H) + mp.exp(-q * x / H)) / 2


@_real(
    name="single_slit_diffraction",
    source="Fraunhofer 1821 (Born & Wolf, Principles of Optics)",
    formula="I0*sinc(pi*a*sin(θ)/λ)^2",
    at={"I0": "1.75", "a": "2.5e-6", "θ": "0.31", "λ": "6.328e-7"},
    value="0.04407972077382665418983668",
    gradient={
        "I0": "0.0251884118707580881084781",
        "a": "142338.5340327832152110433",
        "θ": "1.110882860325695178832232",
        "λ": "-562336.1805972788211561445",
    },
)
def _single_slit(I0: Mp, a: Mp, θ: Mp, λ: Mp) -> Mp:
    phase = mp.pi * a / λ * mp.sin(θ)
    return I0 * (1 - mp.cos(2 * phase)) / (2 * phase**2)


@_real(
    name="snell_refraction",
    source="Snell 1621 (angles in degrees)",
    formula="deg(asin(n1/n2*sin(rad(θ))))",
    at={"n1": "1.000277", "n2": "1.333", "θ": "62.5"},
    value="41.72904810703363054014312",
    gradient={
        "n1": "51.0866571449729983290049",
        "n2": "-38.33518990922892411818607",
        "θ": "0.4642819629125179866500432",
    },
)
def _snell(n1: Mp, n2: Mp, θ: Mp) -> Mp:
    sine = n1 * mp.sin(θ * mp.pi / 180) / n2
    return mp.atan(sine / mp.sqrt(1 - sine**2)) * 180 / mp.pi


@_real(
    name="fresnel_reflectance",
    source="Fresnel 1823 (s-polarised)",
    formula="t = asin(sin(θ)*n1/n2); ((n1*cos(θ) - n2*cos(t))/(n1*cos(θ) + n2*cos(t)))^2",
    at={"n1": "1", "n2": "1.5168", "θ": "0.87"},
    value="0.1158189003719764171764768",
    gradient={
        "n1": "-0.4033183192165531983659396",
        "n2": "0.2659007906227275833108779",
        "θ": "0.2702712884657410988069732",
    },
)
def _fresnel(n1: Mp, n2: Mp, θ: Mp) -> Mp:
    along = mp.sqrt(n2**2 - (n1 * mp.sin(θ)) ** 2)
    return ((n1 * mp.cos(θ) - along) / (n1 * mp.cos(θ) + along)) ** 2


@_real(
    name="rutherford_scattering",
    source="Rutherford 1911 (alpha on gold)",
    formula="(Z1*Z2*1.439964548/(4*E))^2*csc(θ/2)^4",
    at={"Z1": "2", "Z2": "79", "E": "5.486", "θ": "0.785"},
    value="5021.838127762614836658449",
    gradient={
        "Z1": "5021.838127762614836658449",
        "Z2": "127.1351424750029072571759",
        "E": "-1830.783130792057906182446",
        "θ": "-24261.23952061155550857165",
    },
)
def _rutherford(Z1: Mp, Z2: Mp, E: Mp, θ: Mp) -> Mp:
    return (Z1 * Z2 * _d("1.439964548") / (2 * E * (1 - mp.cos(θ)))) ** 2


@_real(
    name="compton_shift",
    source="Compton 1923",
    formula="λ + 6.62607015e-34/(9.1093837015e-31*299792458)*(1 - cos(θ))",
    at={"λ": "7.09e-11", "θ": "2.1"},
    value="7.455122351123300189544636e-11",
    gradient={"λ": "1.0", "θ": "2.094413724427309898794916e-12"},
)
def _compton(λ: Mp, θ: Mp) -> Mp:
    return λ + 2 * _d("6.62607015e-34") / (_d("9.1093837015e-31") * 299792458) * mp.sin(θ / 2) ** 2


@_real(
    name="klein_nishina",
    source="Klein & Nishina 1929",
    formula="P = 1/(1 + E/0.51099895*(1 - cos(θ))); 2.8179403262e-15^2/2*P^2*(P + 1/P - sin(θ)^2)",
    at={"E": "0.6617", "θ": "1.05"},
    value="2.191804610085663808077689e-30",
    gradient={"E": "-1.704282989408141016124483e-30", "θ": "-3.20492367910274122140352e-30"},
)
def _klein_nishina(E: Mp, θ: Mp) -> Mp:
    q = 1 + 2 * E / _d("0.51099895") * mp.sin(θ / 2) ** 2
    return _d("2.8179403262e-15") ** 2 / (2 * q**2) * (q + 1 / q - 1 + mp.cos(θ) ** 2)


@_real(
    name="bethe_stopping_power",
    source="Bethe 1930 (Particle Data Group, muons in copper)",
    formula=(
        "gamma2 = 1 + x^2; β2 = x^2/gamma2; me = 0.51099895; W = 2*me*x^2/(1 + 2*sqrt(gamma2)*me/M + (me/M)^2); "
        "0.307075*Z/A/β2*(log(2*me*x^2*W/J^2)/2 - β2)"
    ),
    at={"x": "3.1", "M": "105.6583755", "Z": "29", "A": "63.546", "J": "3.22e-4"},
    value="1.455025090017096947274326",
    gradient={
        "x": "0.002132028358529697325790733",
        "M": "2.239641461298334521927094e-5",
        "Z": "0.0501732789661067912853216",
        "A": "-0.02289719400146503237456844",
        "J": "-480.4966504428676863119154",
    },
)
def _bethe(x: Mp, M: Mp, Z: Mp, A: Mp, J: Mp) -> Mp:
    me = _d("0.51099895")
    gain = 2 * me * x**2
    largest = gain * M**2 / (M**2 + 2 * mp.sqrt(1 + x**2) * me * M + me**2)
    return _d("0.307075") * Z / A * ((1 + 1 / x**2) * (mp.log(gain) + mp.log(largest) - 2 * mp.log(J)) / 2 - 1)


@_real(
    name="semi_empirical_mass",
    source="von Weizsaecker 1935 (binding energy in MeV)",
    formula="15.75*A - 17.8*cbrt(A)^2 - 0.711*Z*(Z - 1)/cbrt(A) - 23.7*(A - 2*Z)^2/A",
    at={"A": "208", "Z": "82"},
    value="1633.488168119229513034115",
    gradient={"A": "6.058110653857506727842538", "Z": "0.4938201953469501011759546"},
)
def _semi_empirical_mass(A: Mp, Z: Mp) -> Mp:
    radius = mp.exp(mp.log(A) / 3)
    coulomb = _d("0.711") * (Z**2 - Z) / radius
    return _d("15.75") * A - _d("17.8") * radius**2 - coulomb - _d("23.7") * (A - 4 * Z + 4 * Z**2 / A)


@_real(
    name="invariant_mass",
    source="Particle Data Group, Kinematics",
    formula="sqrt(2*p1*p2*(cosh(η1 - η2) - cos(φ1 - φ2)))",
    at={"p1": "45.3", "p2": "38.9", "η1": "0.42", "η2": "-0.77", "φ1": "1.93", "φ2": "-1.15"},
    value="99.22773062133658884500728",
    gradient={
        "p1": "1.095228814805039611975798",
        "p2": "1.275420702073735075128628",
        "η1": "26.4860753813492972324949",
        "η2": "-26.4860753813492972324949",
        "φ1": "1.093122996608638116816252",
        "φ2": "-1.093122996608638116816252",
    },
)
def _invariant_mass(p1: Mp, p2: Mp, η1: Mp, η2: Mp, φ1: Mp, φ2: Mp) -> Mp:
    return 2 * mp.sqrt(p1 * p2 * (mp.sinh((η1 - η2) / 2) ** 2 + mp.sin((φ1 - φ2) / 2) ** 2))


@_real(
    name="pseudorapidity",
    source="Particle Data Group, Kinematics (forward jet)",
    formula="-log(tan(atan2(pt, pz)/2))",
    at={"pt": "28.4", "pz": "911.7"},
    value="4.162311525691965167845703",
    gradient={"pt": "-0.03519419623038077750859991", "pz": "0.001096320251116391445918874"},
)
def _pseudorapidity(pt: Mp, pz: Mp) -> Mp:
    return mp.asinh(pz / pt)


@_real(
    name="maxwell_speed_distribution",
    source="Maxwell 1860 (cumulative, nitrogen)",
    formula="a = sqrt(k*T/m); erf(v/(sqrt(2)*a)) - sqrt(2/pi)*v/a*exp(-v^2/(2*a^2))",
    at={"v": "422", "T": "293.15", "m": "4.6517e-26", "k": "1.380649e-23"},
    value="0.4372381838074159699751803",
    gradient={
        "v": "0.001989656183202750441193601",
        "T": "-0.001432090924972813723663141",
        "m": "9.025032883801198338066724e+24",
        "k": "-3.040725446190743216355857e+22",
    },
)
def _maxwell_speed(v: Mp, T: Mp, m: Mp, k: Mp) -> Mp:
    return mp.gammainc(_d("1.5"), 0, m * v**2 / (2 * k * T), regularized=True)


@_real(
    name="rlc_impedance",
    source="Heaviside 1886 (series circuit)",
    formula="hypot(R, tau*f*L - 1/(tau*f*C))",
    at={"R": "47", "L": "2.2e-3", "C": "4.7e-8", "f": "15150"},
    value="49.06885466234036944892473",
    gradient={
        "R": "0.9578377225925310777778974",
        "L": "-27349.08984128629608214858",
        "C": "-1366350624.496197024980647",
        "f": "-0.00821032851499347270988893",
    },
)
def _rlc(R: Mp, L: Mp, C: Mp, f: Mp) -> Mp:
    reactance = (4 * mp.pi**2 * f**2 * L * C - 1) / (2 * mp.pi * f * C)
    return mp.sqrt(R**2 + reactance**2)


@_real(
    name="thomson_resonance",
    source="Thomson 1853 (resonant frequency)",
    formula="1/(tau*sqrt(L*C))",
    at={"L": "3.3e-7", "C": "1.2e-11"},
    value="79978368.1463913577965468",
    gradient={"L": "-1.2117934567635054211598e+14", "C": "-3.33243200609963990818945e+18"},
)
def _resonance(L: Mp, C: Mp) -> Mp:
    return 1 / mp.sqrt(4 * mp.pi**2 * L * C)


# Astronomy and the Earth


@_real(
    name="haversine_distance",
    source="Sinnott 1984 (haversine; London to New York, degrees)",
    formula=("a = sin(rad(b2 - b1)/2)^2 + cos(rad(b1))*cos(rad(b2))*sin(rad(l2 - l1)/2)^2; 2*6371.0088*asin(sqrt(a))"),
    at={"b1": "51.5074", "l1": "-0.1278", "b2": "40.7128", "l2": "-74.0060"},
    value="5570.229873656523356749477",
    gradient={
        "b1": "-34.96913888371679639749849",
        "l1": "65.69782245536038013960688",
        "b2": "-69.6561767340224949043838",
        "l2": "-65.69782245536038013960688",
    },
)
def _haversine(b1: Mp, l1: Mp, b2: Mp, l2: Mp) -> Mp:
    one, two, turn = (x * mp.pi / 180 for x in (b1, b2, l2 - l1))
    cosine = mp.sin(one) * mp.sin(two) + mp.cos(one) * mp.cos(two) * mp.cos(turn)
    return _d("6371.0088") * mp.acos(cosine)


@_real(
    name="cosine_law_near_points",
    source="al-Battani c. 900 (spherical law of cosines, points a metre apart)",
    formula="6371008.8*acos(sin(φ1)*sin(φ2) + cos(φ1)*cos(φ2)*cos(θ))",
    at={"φ1": "0.8517211", "φ2": "0.8517212", "θ": "0.00000013"},
    value="0.8387603197611757132671878",
    gradient={
        "φ1": "-4839255.490899577819543634",
        "φ2": "4839255.085574672902560711",
        "θ": "2729498.391826626469683892",
    },
    condition="acos of a number within 1e-14 of one",
)
def _cosine_law(φ1: Mp, φ2: Mp, θ: Mp) -> Mp:
    chord = mp.sin((φ2 - φ1) / 2) ** 2 + mp.cos(φ1) * mp.cos(φ2) * mp.sin(θ / 2) ** 2
    return 2 * _d("6371008.8") * mp.asin(mp.sqrt(chord))


@_real(
    name="vincenty_sphere",
    source="Vincenty 1975 (special case of the sphere)",
    formula=(
        "atan2(hypot(cos(φ2)*sin(θ), cos(φ1)*sin(φ2) - sin(φ1)*cos(φ2)*cos(θ)), "
        "sin(φ1)*sin(φ2) + cos(φ1)*cos(φ2)*cos(θ))"
    ),
    at={"φ1": "-0.5912", "φ2": "0.7103", "θ": "2.6387"},
    value="2.726256656077392437663887",
    gradient={
        "φ1": "-0.4241319348473862786779446",
        "φ2": "-0.1283538639740330414524336",
        "θ": "0.7518950687556463257016395",
    },
)
def _vincenty(φ1: Mp, φ2: Mp, θ: Mp) -> Mp:
    return mp.acos(mp.sin(φ1) * mp.sin(φ2) + mp.cos(φ1) * mp.cos(φ2) * mp.cos(θ))


@_real(
    name="isometric_latitude",
    source="Snyder 1987, Map Projections (WGS 84)",
    formula="asinh(tan(φ)) - ecc*atanh(ecc*sin(φ))",
    at={"φ": "0.9163", "ecc": "0.0818191908426"},
    value="1.075101095994715577906662",
    gradient={"φ": "1.638591705945253882910156", "ecc": "-0.1301893339698511604310738"},
)
def _isometric_latitude(φ: Mp, ecc: Mp) -> Mp:
    s = mp.sin(φ)
    return mp.log((1 + s) / (1 - s)) / 2 - ecc / 2 * mp.log((1 + ecc * s) / (1 - ecc * s))


@_real(
    name="kepler_equation",
    source="Kepler 1609 (residual of the equation)",
    formula="E - ecc*sin(E) - M",
    at={"E": "2.0217", "ecc": "0.20563", "M": "1.8352"},
    value="0.001421964240121552810130716",
    gradient={"E": "1.089609249406884079385185", "ecc": "-0.9000536680439549053633676", "M": "-1.0"},
)
def _kepler(E: Mp, ecc: Mp, M: Mp) -> Mp:
    return E - 2 * ecc * mp.sin(E / 2) * mp.cos(E / 2) - M


@_real(
    name="kepler_near_parabolic",
    source="Kepler 1609, comet near perihelion (Danby 1988)",
    formula="E - ecc*sin(E)",
    at={"E": "0.00013", "ecc": "0.99999997"},
    value="4.266166655372255842740159e-12",
    gradient={"E": "3.844999973459958369704973e-8", "ecc": "-0.0001299999996338333336427442"},
    condition="E and ecc*sin(E) agree to seven digits, 1 - ecc*cos(E) to seven",
)
def _near_parabolic(E: Mp, ecc: Mp) -> Mp:
    return (1 - ecc) * E + ecc * (E - mp.sin(E))


@_real(
    name="true_anomaly",
    source="Gauss 1809, Theoria Motus",
    formula="2*atan(sqrt((1 + ecc)/(1 - ecc))*tan(E/2))",
    at={"ecc": "0.9671", "E": "0.35"},
    value="1.878553939614460928465586",
    gradient={"ecc": "14.72575283751312082344622", "E": "2.779298128651128091285433"},
)
def _true_anomaly(ecc: Mp, E: Mp) -> Mp:
    return mp.acos((mp.cos(E) - ecc) / (1 - ecc * mp.cos(E)))


@_real(
    name="vis_viva",
    source="Bate, Mueller & White 1971",
    formula="sqrt(3.986004418e14*(2/r - 1/a))",
    at={"r": "6778137", "a": "24364137"},
    value="10062.47679553479766362999",
    gradient={"r": "-0.0008622082989330879600460148", "a": "3.336574469836650460582379e-5"},
)
def _vis_viva(r: Mp, a: Mp) -> Mp:
    return mp.sqrt(_d("3.986004418e14") * (2 * a - r) / (a * r))


@_real(
    name="pogson_magnitude",
    source="Pogson 1856",
    formula="-log(F/F0, root(100, 5))",
    at={"F": "1.37e-13", "F0": "2.518021e-8"},
    value="13.1608469514890385784596",
    gradient={"F": "-7.925081786555690285604542e+12", "F0": "43118631.84453702209504298"},
)
def _pogson(F: Mp, F0: Mp) -> Mp:
    return _d("-2.5") * (mp.log10(F) - mp.log10(F0))


@_real(
    name="refraction_near_horizon",
    source="Bennett 1982",
    formula="cot(rad(h + 7.31/(h + 4.4)))",
    at={"h": "2.75"},
    value="15.16628759732431832154145",
    gradient={"h": "-3.455460275079686509198937"},
)
def _bennett(h: Mp) -> Mp:
    angle = mp.pi / 180 * (h + _d("7.31") / (h + _d("4.4")))
    return mp.tan(mp.pi / 2 - angle)


@_real(
    name="air_mass",
    source="Kasten & Young 1989",
    formula="1/(cos(rad(z)) + 0.50572*(96.07995 - z)^-1.6364)",
    at={"z": "81.2"},
    value="6.286061613502257801426118",
    gradient={"z": "0.6550492211069833830094186"},
)
def _air_mass(z: Mp) -> Mp:
    gap = mp.exp(_d("1.6364") * mp.log(_d("96.07995") - z))
    return gap / (gap * mp.sin((90 - z) * mp.pi / 180) + _d("0.50572"))


@_real(
    name="atmospheric_extinction",
    source="Bouguer 1729 (plane-parallel air)",
    formula="I0*exp(-k*sec(z))",
    at={"I0": "1361", "k": "0.357", "z": "1.02"},
    value="688.0433966018818231998916",
    gradient={
        "I0": "0.5055425397515663653195383",
        "k": "-1314.650666434069472808834",
        "z": "-764.1309151300806412472211",
    },
)
def _extinction(I0: Mp, k: Mp, z: Mp) -> Mp:
    return I0 / mp.exp(k / mp.cos(z))


@_real(
    name="sunset_hour_angle",
    source="Meeus 1991, Astronomical Algorithms",
    formula="deg(acos(-tan(rad(φ))*tan(rad(δ))))/15",
    at={"φ": "59.33", "δ": "21.4"},
    value="8.75747333399035675717122",
    gradient={"φ": "0.1337834782322044540062827", "δ": "0.1727779684718800486811266"},
)
def _sunset(φ: Mp, δ: Mp) -> Mp:
    φ, δ = φ * mp.pi / 180, δ * mp.pi / 180
    return 6 + mp.asin(mp.tan(φ) * mp.tan(δ)) * 12 / mp.pi


@_real(
    name="julian_date",
    source="Meeus 1991, Astronomical Algorithms (launch of Sputnik)",
    formula=(
        "A = floor(Y/100); B = 2 - A + floor(A/4); floor(365.25*(Y + 4716)) + floor(30.6001*(M + 1)) + D + B - 1524.5"
    ),
    at={"Y": "1957", "M": "10", "D": "4.81"},
    value="2436116.31",
    gradient={"Y": "0", "M": "0", "D": "1.0"},
)
def _julian_date(Y: Mp, M: Mp, D: Mp) -> Mp:
    return mp.floor(_d("365.25") * (Y + 4716)) + mp.floor(_d("30.6001") * (M + 1)) + D - 13 - _d("1524.5")


@_real(
    name="sidereal_time",
    source="IAU 1982 (Greenwich mean sidereal time, linear terms, degrees)",
    formula="mod(280.46061837 + 360.98564736629*(JD - 2451545), 360)",
    at={"JD": "2460310.62847"},
    value="146.5284337021422763",
    gradient={"JD": "360.98564736629"},
)
def _sidereal_time(JD: Mp) -> Mp:
    turns = (_d("280.46061837") + _d("360.98564736629") * (JD - 2451545)) / 360
    return 360 * (turns - mp.floor(turns))


@_real(
    name="eclipsing_phase",
    source="Kopal 1959, Close Binary Systems (Algol, orbital phase and sinusoid)",
    formula="p = frac((t - t0)/P); A*cos(tau*p) + p",
    at={"t": "2459874.3341", "t0": "2452253.567", "P": "2.86736", "A": "0.61"},
    value="0.8191298565311633484892067",
    gradient={
        "t": "1.680026187662152679138412",
        "t0": "-1.680026187662152679138412",
        "P": "-4465.11365788535762944132",
        "A": "0.08985256411289423876513335",
    },
    condition="a date in days has only nine digits after the point, and the cosine is near zero",
)
def _eclipsing_phase(t: Mp, t0: Mp, P: Mp, A: Mp) -> Mp:
    cycles = (t - t0) / P
    return A * mp.cos(2 * mp.pi * cycles) + cycles - mp.floor(cycles)


@_real(
    name="nmea_latitude",
    source="NMEA 0183 (ddmm.mmmm to degrees)",
    formula="trunc(x/100) + (x - 100*trunc(x/100))/60",
    at={"x": "4807.0382"},
    value="48.11730333333333333333333",
    gradient={"x": "0.01666666666666666666666667"},
)
def _nmea(x: Mp) -> Mp:
    return 48 + (x - 4800) / 60


@_real(
    name="age_of_flat_universe",
    source="Weinberg, Cosmology 2008 (flat, matter and vacuum)",
    formula="2/(3*H*sqrt(1 - m))*asinh(sqrt((1 - m)/m))*977.8",
    at={"H": "67.4", "m": "0.315"},
    value="13.79634439280102754321831",
    gradient={"H": "-0.2046935369851784501961173", "m": "-12.34101212223786698408569"},
)
def _age(H: Mp, m: Mp) -> Mp:
    root = mp.sqrt(1 - m)
    return _d("977.8") / (3 * H * root) * mp.log((1 + root) / (1 - root))


@_real(
    name="nfw_mass_core",
    source="Navarro, Frenk & White 1996 (deep in the core)",
    formula="x = r/rs; 4*pi*rho*rs^3*(log1p(x) - x/(1 + x))",
    at={"r": "0.0000004", "rs": "21.3", "rho": "8540000"},
    value="0.0001828678312206027303722795",
    gradient={
        "r": "914.3391446558882639025085",
        "rs": "8.58534440373018242046174e-6",
        "rho": "2.141309499070289582813577e-11",
    },
    condition="log1p(x) and x/(1 + x) agree to eight digits",
)
def _nfw(r: Mp, rs: Mp, rho: Mp) -> Mp:
    x = r / rs
    return 4 * mp.pi * rho * rs**3 * ((1 + x) * mp.log(1 + x) - x) / (1 + x)


@_real(
    name="jeans_length",
    source="Jeans 1902 (molecular cloud, SI)",
    formula="sqrt(15*k*T/(4*pi*G*μ*mH*rho))",
    at={"k": "1.380649e-23", "T": "10", "G": "6.67430e-11", "μ": "2.33", "mH": "1.6735575e-27", "rho": "3.9e-17"},
    value="4.029478972571849250851465e+15",
    gradient={
        "k": "1.459269869667036752589349e+38",
        "T": "2.014739486285924625425732e+14",
        "G": "-3.018652871890572232931891e+25",
        "μ": "-8.646950584918131439595418e+14",
        "mH": "-1.20386630652721799246559e+42",
        "rho": "-5.165998682784422116476237e+31",
    },
)
def _jeans(k: Mp, T: Mp, G: Mp, μ: Mp, mH: Mp, rho: Mp) -> Mp:
    return mp.exp((mp.log(15 * k * T) - mp.log(4 * mp.pi * G * μ * mH * rho)) / 2)


# Chemistry


@_real(
    name="debye_hueckel",
    source="Debye & Hueckel 1923 (extended law, mean activity coefficient)",
    formula="10^(-A*abs(z1*z2)*sqrt(s)/(1 + B*a*sqrt(s)))",
    at={"A": "0.509", "B": "0.328", "a": "4.5", "z1": "2", "z2": "-1", "s": "0.035"},
    value="0.7091856521383295576982793",
    gradient={
        "A": "-0.4787880034748363574288023",
        "B": "0.1607722876703632183833354",
        "a": "0.01171851341241758569549645",
        "z1": "-0.1218515468843458529656302",
        "z2": "0.2437030937686917059312603",
        "s": "-2.72813976304017957573609",
    },
)
def _debye_hueckel(A: Mp, B: Mp, a: Mp, z1: Mp, z2: Mp, s: Mp) -> Mp:
    return mp.exp(mp.log(10) * A * z1 * z2 / (1 / mp.sqrt(s) + B * a))


@_real(
    name="butler_volmer",
    source="Butler 1924, Erdey-Gruz & Volmer 1930",
    formula="f = 96485.33212/(8.314462618*T); j0*(exp(a*n*f*η) - exp(-(1 - a)*n*f*η))",
    at={"j0": "1.3e-3", "a": "0.47", "n": "1", "η": "0.085", "T": "298.15"},
    value="0.00593000896792952291115428",
    gradient={
        "j0": "4.561545359945786854734061",
        "a": "0.01961853498204600365283054",
        "n": "0.009965532508066888767403199",
        "η": "0.1172415589184339854988612",
        "T": "-3.342455981239942568305618e-5",
    },
)
def _butler_volmer(j0: Mp, a: Mp, n: Mp, η: Mp, T: Mp) -> Mp:
    x = _d("96485.33212") * n * η / (_d("8.314462618") * T)
    return 2 * j0 * mp.exp((a - _d("0.5")) * x) * mp.sinh(x / 2)


@_real(
    name="nernst_potential",
    source="Nernst 1889",
    formula="E0 - 8.314462618*T/(n*96485.33212)*ln(Q)",
    at={"E0": "1.1018", "T": "310.15", "n": "2", "Q": "0.00345"},
    value="1.17756180732489048065865",
    gradient={
        "E0": "1.0",
        "T": "0.0002442747294047734343338707",
        "n": "-0.037880903662445240329325",
        "Q": "-3.873428856951820852550758",
    },
)
def _nernst(E0: Mp, T: Mp, n: Mp, Q: Mp) -> Mp:
    return E0 + _d("8.314462618") * T / (n * _d("96485.33212")) * mp.log(10) * mp.log10(1 / Q)


@_real(
    name="arrhenius_rate",
    source="Arrhenius 1889",
    formula="A*exp(-Ea/(8.314462618*T))",
    at={"A": "2.75e13", "Ea": "103400", "T": "338"},
    value="0.00288517381560771087544784",
    gradient={
        "A": "1.049154114766440318344669e-16",
        "Ea": "-1.026646892062552418860794e-6",
        "T": "0.0003140689012996092310952843",
    },
)
def _arrhenius(A: Mp, Ea: Mp, T: Mp) -> Mp:
    return mp.exp(mp.log(A) - Ea / (_d("8.314462618") * T))


@_real(
    name="eyring_rate",
    source="Eyring 1935",
    formula="1.380649e-23*T/6.62607015e-34*exp(dS/8.314462618 - dH/(8.314462618*T))",
    at={"T": "318.15", "dS": "-43.6", "dH": "81200"},
    value="0.001632000747012038927794815",
    gradient={
        "T": "0.0001625925932135729024344436",
        "dS": "0.0001962845732782436965663215",
        "dH": "-6.169560687670711820409287e-7",
    },
)
def _eyring(T: Mp, dS: Mp, dH: Mp) -> Mp:
    free_energy = dH - T * dS
    return _d("1.380649e-23") * T / (_d("6.62607015e-34") * mp.exp(free_energy / (_d("8.314462618") * T)))


@_real(
    name="antoine_vapour_pressure",
    source="Antoine 1888 (water, mmHg)",
    formula="10^(A - B/(C + T))",
    at={"A": "8.07131", "B": "1730.63", "C": "233.426", "T": "73.4"},
    value="269.7005763947089754899045",
    gradient={
        "A": "621.0085267783586885839725",
        "B": "-2.023976217068823009079975",
        "C": "11.41609237986942815864391",
        "T": "11.41609237986942815864391",
    },
)
def _antoine(A: Mp, B: Mp, C: Mp, T: Mp) -> Mp:
    return mp.exp(mp.log(10) * (A * (C + T) - B) / (C + T))


@_real(
    name="henderson_hasselbalch",
    source="Hasselbalch 1916",
    formula="pKa + log10(base/acid)",
    at={"pKa": "6.352", "base": "0.0241", "acid": "0.00123"},
    value="7.644111931135470452272444",
    gradient={"pKa": "1.0", "base": "18.02051792129675633407174", "acid": "-353.0849446367901037814056"},
)
def _henderson(pKa: Mp, base: Mp, acid: Mp) -> Mp:
    return pKa + (mp.log(base) - mp.log(acid)) / mp.log(10)


@_real(
    name="weak_acid_proton",
    source="Ostwald 1888 (strongly dissociated branch of the quadratic)",
    formula="(-Ka + sqrt(Ka^2 + 4*Ka*C))/2",
    at={"Ka": "1.75e-5", "C": "3.0e-14"},
    value="2.99999999485714287477551e-14",
    gradient={"Ka": "2.938775490052478263656809e-18", "C": "0.9999999965714285890612244"},
    condition="Ka and the square root agree to eight digits, the two parts of the derivative by Ka to seventeen",
)
def _weak_acid(Ka: Mp, C: Mp) -> Mp:
    return 2 * Ka * C / (Ka + mp.sqrt(Ka * (Ka + 4 * C)))


# Biology and pharmacology


@_real(
    name="michaelis_menten",
    source="Michaelis & Menten 1913",
    formula="Vmax*S/(Km + S)",
    at={"Vmax": "0.0853", "S": "3.7e-4", "Km": "1.6e-5"},
    value="0.08176424870466321243523316",
    gradient={
        "Vmax": "0.9585492227979274611398964",
        "S": "9.159977449059035141883004",
        "Km": "-211.8244785094901876560445",
    },
)
def _michaelis_menten(Vmax: Mp, S: Mp, Km: Mp) -> Mp:
    return Vmax / (1 + Km / S)


@_real(
    name="hill_saturation",
    source="Hill 1910 (oxygen on haemoglobin)",
    formula="1/(1 + (P50/p)^n)",
    at={"P50": "26.6", "p": "40.2", "n": "2.71"},
    value="0.7538236235874949452558575",
    gradient={
        "P50": "-0.01890617930733669443119958",
        "p": "0.01251005894465562367835594",
        "n": "0.07663367753561083401538444",
    },
)
def _hill(P50: Mp, p: Mp, n: Mp) -> Mp:
    return p**n / (P50**n + p**n)


@_real(
    name="gompertz_growth",
    source="Gompertz 1825",
    formula="a*exp(-b*exp(-c*t))",
    at={"a": "1032.5", "b": "5.31", "c": "0.142", "t": "9.6"},
    value="265.3962012999111583969764",
    gradient={
        "a": "0.257042325714199669149614",
        "b": "-67.89916986771426110816088",
        "c": "3461.228083176602174249609",
        "t": "51.19733206365390716077547",
    },
)
def _gompertz(a: Mp, b: Mp, c: Mp, t: Mp) -> Mp:
    return a / mp.exp(b / mp.exp(c * t))


@_real(
    name="bateman_absorption",
    source="Bateman 1910 (one compartment, oral dose)",
    formula="F*dose*ka/(V*(ka - ke))*(exp(-ke*t) - exp(-ka*t))",
    at={"F": "0.82", "dose": "250", "ka": "1.31", "ke": "0.173", "V": "34.6", "t": "2.25"},
    value="4.267111782636492858031496",
    gradient={
        "F": "5.203794856873771778087191",
        "dose": "0.01706844713054597143212598",
        "ka": "0.3102934599980476525797312",
        "ke": "-6.653957732276345241141822",
        "V": "-0.1233269301340026837581357",
        "t": "-0.3309556689272734674835943",
    },
)
def _bateman(F: Mp, dose: Mp, ka: Mp, ke: Mp, V: Mp, t: Mp) -> Mp:
    half = (ka - ke) * t / 2
    return F * dose * ka * t / V * mp.exp(-(ka + ke) * t / 2) * mp.sinh(half) / half


@_real(
    name="bateman_flip_flop",
    source="Bateman 1910, absorption as fast as elimination (Gibaldi & Perrier 1982)",
    formula="dose*ka/(V*(ka - ke))*(exp(-ke*t) - exp(-ka*t))",
    at={"dose": "250", "ka": "0.2500001", "ke": "0.25", "V": "34.6", "t": "2.25"},
    value="2.315772623234816918811897",
    gradient={
        "dose": "0.009263090492939267675247589",
        "ka": "6.657842684262041102481924",
        "ke": "-2.605244298835826576382141",
        "V": "-0.06692984460216233869398547",
        "t": "0.4502890053959209145462471",
    },
    condition="a removable singularity: 0/0 where ka is ke",
)
def _flip_flop(dose: Mp, ka: Mp, ke: Mp, V: Mp, t: Mp) -> Mp:
    return -dose * ka / V * mp.exp(-ke * t) * mp.expm1((ke - ka) * t) / (ka - ke)


@_real(
    name="allosteric_saturation",
    source="Monod, Wyman & Changeux 1965",
    formula="(L*c*a*(1 + c*a)^3 + a*(1 + a)^3)/(L*(1 + c*a)^4 + (1 + a)^4)",
    at={"L": "9054", "c": "0.014", "a": "7.3"},
    value="0.298928708378985067589404",
    gradient={
        "L": "-1.680608816306848902600093e-5",
        "c": "0.4029888487007890762933962",
        "a": "0.0779084572374060237229256",
    },
)
def _allosteric(L: Mp, c: Mp, a: Mp) -> Mp:
    tense = L * ((1 + c * a) / (1 + a)) ** 4
    return (tense * c * a / (1 + c * a) + a / (1 + a)) / (tense + 1)


@_real(
    name="goldman_membrane",
    source="Goldman 1943, Hodgkin & Katz 1949",
    formula=("8.314462618*T/96485.33212*log((pK*Ko + pNa*Nao + pCl*Cli)/(pK*Ki + pNa*Nai + pCl*Clo))"),
    at={
        "T": "310.15",
        "pK": "1",
        "pNa": "0.04",
        "pCl": "0.45",
        "Ko": "4.5",
        "Ki": "141",
        "Nao": "144",
        "Nai": "12.4",
        "Clo": "108",
        "Cli": "9.7",
    },
    value="-0.06854845015778612065204452",
    gradient={
        "T": "-0.0002210170890143031457425263",
        "pK": "-0.01160039064922452805282963",
        "pNa": "0.2614114121146647069626164",
        "pCl": "0.002542075921417643942944397",
        "Ko": "0.001827463870972141120177794",
        "Ki": "-0.0001405955891390011566924093",
        "Nao": "7.309855483888564480711174e-5",
        "Nai": "-5.623823565560046267696371e-6",
        "Clo": "-6.326801511255052051158417e-5",
        "Cli": "0.0008223587419374635040800071",
    },
)
def _goldman(T: Mp, pK: Mp, pNa: Mp, pCl: Mp, Ko: Mp, Ki: Mp, Nao: Mp, Nai: Mp, Clo: Mp, Cli: Mp) -> Mp:
    out, inside = pK * Ko + pNa * Nao + pCl * Cli, pK * Ki + pNa * Nai + pCl * Clo
    return -_d("8.314462618") * T / _d("96485.33212") * (mp.log(inside) - mp.log(out))


@_real(
    name="hodgkin_huxley_rate",
    source="Hodgkin & Huxley 1952 (alpha n)",
    formula="0.01*(10 - V)/(exp((10 - V)/10) - 1)",
    at={"V": "26.5"},
    value="0.2042205351054910671125101",
    gradient={"V": "0.007522675663140620270794769"},
)
def _hodgkin_huxley(V: Mp) -> Mp:
    x = (V - 10) / 20
    return mp.exp(x) * x / (10 * mp.sinh(x))


@_real(
    name="hodgkin_huxley_singular",
    source="Hodgkin & Huxley 1952 (alpha n beside its removable singularity)",
    formula="0.01*(10 - V)/(exp((10 - V)/10) - 1)",
    at={"V": "9.99999975"},
    value="0.09999999875000000520833333",
    gradient={"V": "0.004999999958333333333333334"},
    condition="0/0 at V = 10",
)
def _hodgkin_huxley_singular(V: Mp) -> Mp:
    x = (10 - V) / 10
    return x / (10 * mp.expm1(x))


@_real(
    name="tight_binding",
    source="Morrison 1969",
    formula="1 - ((E + L + K) - sqrt((E + L + K)^2 - 4*E*L))/(2*E)",
    at={"E": "2.5e-9", "L": "7.0e-9", "K": "3.2e-10"},
    value="0.06424899708193248497439919",
    gradient={"E": "11693872.52047234933158123", "L": "-12496777.97192405617436918", "K": "182008639.0696484996613474"},
)
def _tight_binding(E: Mp, L: Mp, K: Mp) -> Mp:
    total = E + L + K
    return 1 - 2 * L / (total + mp.sqrt((E - L) ** 2 + K * (2 * E + 2 * L + K)))


@_real(
    name="von_bertalanffy_length",
    source="von Bertalanffy 1938",
    formula="Linf*(1 - exp(-k*(t - t0)))",
    at={"Linf": "78.4", "k": "0.213", "t": "4.5", "t0": "-0.61"},
    value="51.99921017399734558915628",
    gradient={
        "Linf": "0.6632552318111906325147484",
        "k": "134.9080360108735640394114",
        "t": "5.623368232938565389509713",
        "t0": "-5.623368232938565389509713",
    },
)
def _von_bertalanffy(Linf: Mp, k: Mp, t: Mp, t0: Mp) -> Mp:
    return -Linf * mp.expm1(k * (t0 - t))


@_real(
    name="substrate_inhibition",
    source="Haldane 1930, Andrews 1968",
    formula="m*S/(Ks + S + S^2/Ki)",
    at={"m": "0.53", "S": "42", "Ks": "5.6", "Ki": "88.1"},
    value="0.3291793955914837618085256",
    gradient={
        "m": "0.6210931992292146449217465",
        "S": "-0.001671619586087988271582202",
        "Ks": "-0.00486788295067271154891115",
        "Ki": "0.001106335608847476641093699",
    },
)
def _substrate_inhibition(m: Mp, S: Mp, Ks: Mp, Ki: Mp) -> Mp:
    return m / (Ks / S + 1 + S / Ki)


@_real(
    name="holling_predation",
    source="Holling 1959",
    formula="a*N/(1 + a*h*N)",
    at={"a": "0.117", "h": "0.87", "N": "35"},
    value="0.8975047395702059110385412",
    gradient={
        "a": "1.681255559836329766446346",
        "h": "-0.8055147575509831360509411",
        "N": "0.005620197157167159504977785",
    },
)
def _holling(a: Mp, h: Mp, N: Mp) -> Mp:
    return 1 / (1 / (a * N) + h)


@_real(
    name="leaf_photosynthesis",
    source="Farquhar, von Caemmerer & Berry 1980",
    formula="min(V*(C - G)/(C + Kc*(1 + O2/Ko)), J*(C - G)/(4*C + 8*G)) - Rd",
    at={
        "V": "62",
        "J": "128",
        "C": "275",
        "G": "42.75",
        "Kc": "404.9",
        "Ko": "278.4",
        "O2": "210",
        "Rd": "0.93",
    },
    value="13.68403018360475304939799",
    gradient={
        "V": "0.2357101642516895653128709",
        "J": "0",
        "C": "0.04809194716317816014021201",
        "G": "-0.06292370369689882906091709",
        "Kc": "-0.02601950391907031142554729",
        "Ko": "0.01627126047531634428954959",
        "O2": "-0.02157104245870509642957432",
        "Rd": "-1.0",
    },
)
def _photosynthesis(V: Mp, J: Mp, C: Mp, G: Mp, Kc: Mp, Ko: Mp, O2: Mp, Rd: Mp) -> Mp:
    rubisco = V * Ko * (C - G) / (Ko * C + Kc * (Ko + O2))
    light = J / 4 * (C - G) / (C + 2 * G)
    return (rubisco if rubisco < light else light) - Rd


@_real(
    name="kidney_filtration",
    source="CKD-EPI 2021 (Inker et al.), men",
    formula="142*min(S/0.9, 1)^-0.302*max(S/0.9, 1)^-1.2*0.9938^age",
    at={"S": "1.34", "age": "63"},
    value="59.52372745284228366378745",
    gradient={"S": "-53.30483055478413462428727", "age": "-0.3701959070710992879938032"},
)
def _kidney(S: Mp, age: Mp) -> Mp:
    return 142 * mp.exp(age * mp.log(_d("0.9938")) - _d("1.2") * mp.log(S / _d("0.9")))


@_real(
    name="body_surface",
    source="Du Bois & Du Bois 1916",
    formula="0.007184*W^0.425*H^0.725",
    at={"W": "71.3", "H": "178.5"},
    value="1.889587832138893635124305",
    gradient={"W": "0.0112633215800705441083847", "H": "0.007674796517090744456387231"},
)
def _body_surface(W: Mp, H: Mp) -> Mp:
    return _d("0.007184") * mp.exp(_d("0.425") * mp.log(W) + _d("0.725") * mp.log(H))


@_real(
    name="kimura_distance",
    source="Kimura 1980",
    formula="-0.5*log(1 - 2*P - Q) - 0.25*log(1 - 2*Q)",
    at={"P": "0.112", "Q": "0.047"},
    value="0.1827197667215288824525666",
    gradient={"P": "1.371742112482853223593964", "Q": "1.237747435932375839170051"},
)
def _kimura(P: Mp, Q: Mp) -> Mp:
    return -mp.log((1 - 2 * P - Q) * mp.sqrt(1 - 2 * Q)) / 2


# Engineering


@_real(
    name="colebrook_residual",
    source="Colebrook 1939 (implicit residual)",
    formula="1/sqrt(f) + 2*log10(k/3.7 + 2.51/(Re*sqrt(f)))",
    at={"f": "0.0213", "k": "0.00045", "Re": "87500"},
    value="-0.1427865365222213747258861",
    gradient={
        "f": "-173.4379775648092246397233",
        "k": "737.8182618243271338209169",
        "Re": "-6.132237096977787943803945e-6",
    },
)
def _colebrook(f: Mp, k: Mp, Re: Mp) -> Mp:
    s = mp.sqrt(f)
    return (1 + 2 * s * mp.log(k / _d("3.7") + _d("2.51") / (Re * s), 10)) / s


@_real(
    name="haaland_friction",
    source="Haaland 1983, Poiseuille when laminar",
    formula="if(Re < 2300, 64/Re, (-1.8*log10((k/3.7)^1.11 + 6.9/Re))^-2)",
    at={"Re": "152000", "k": "0.0011"},
    value="0.02163437318360456557097101",
    gradient={"Re": "-8.892785891034361376415623e-9", "k": "3.65635353811655731540355"},
)
def _haaland(Re: Mp, k: Mp) -> Mp:
    rough = mp.exp(_d("1.11") * (mp.log(k) - mp.log(_d("3.7"))))
    return (mp.log(10) / (_d("1.8") * mp.log(rough + _d("6.9") / Re))) ** 2


@_real(
    name="churchill_friction",
    source="Churchill 1977",
    formula=("A = (2.457*log(1/((7/Re)^0.9 + 0.27*k)))^16; B = (37530/Re)^16; 8*((8/Re)^12 + 1/(A + B)^1.5)^(1/12)"),
    at={"Re": "4150", "k": "0.0008"},
    value="0.04105582867436556715367928",
    gradient={"Re": "-2.914162980830991470450487e-6", "k": "1.143290480956729106556726"},
)
def _churchill(Re: Mp, k: Mp) -> Mp:
    rough = mp.exp(_d("0.9") * mp.log(7 / Re)) + _d("0.27") * k
    a, b = (_d("2.457") * mp.log(rough)) ** 16, (37530 / Re) ** 16
    return 8 * mp.root((8 / Re) ** 12 + mp.sqrt(a + b) ** -3, 12)


@_real(
    name="manning_flow",
    source="Manning 1891 (trapezoidal channel)",
    formula="A = (b + z*y)*y; P = b + 2*y*sqrt(1 + z^2); A*(A/P)^(2/3)*sqrt(S0)/n",
    at={"b": "3.5", "z": "1.5", "y": "1.18", "S0": "0.0009", "n": "0.025"},
    value="6.441166581126044131499475",
    gradient={
        "b": "1.483300877147183041343119",
        "z": "1.316352206386196400822745",
        "y": "10.1566874121364212197438",
        "S0": "3578.425878403357850833042",
        "n": "-257.646663245041765259979",
    },
)
def _manning(b: Mp, z: Mp, y: Mp, S0: Mp, n: Mp) -> Mp:
    area, perimeter = b * y + z * y**2, b + 2 * mp.hypot(y, y * z)
    return mp.cbrt(area**5 / perimeter**2) * mp.sqrt(S0) / n


@_real(
    name="gnielinski_nusselt",
    source="Gnielinski 1976",
    formula="f = (0.79*log(Re) - 1.64)^-2; f/8*(Re - 1000)*Pr/(1 + 12.7*sqrt(f/8)*(Pr^(2/3) - 1))",
    at={"Re": "34700", "Pr": "5.83"},
    value="222.5271764076057097156817",
    gradient={"Re": "0.005533942271537677646122049", "Pr": "15.97213739810090337660643"},
)
def _gnielinski(Re: Mp, Pr: Mp) -> Mp:
    g = _d("0.79") * mp.log(Re) - _d("1.64")
    return (Re - 1000) * Pr / (8 * g**2 + _d("12.7") * mp.sqrt(8) * g * (mp.cbrt(Pr**2) - 1))


@_real(
    name="log_mean_temperature",
    source="Grashof 1875 (nearly balanced exchanger)",
    formula="(a - b)/log(a/b)",
    at={"a": "20.0000004", "b": "20"},
    value="20.00000019999999933333334",
    gradient={"a": "0.4999999966666667166666658", "b": "0.5000000033333333166666668"},
    condition="0/0 where both differences are equal",
)
def _log_mean(a: Mp, b: Mp) -> Mp:
    x = mp.log(a / b) / 2
    return mp.sqrt(a * b) * mp.sinh(x) / x


@_real(
    name="fin_efficiency",
    source="Gardner 1945",
    formula="m = sqrt(2*h/(k*t)); tanh(m*L)/(m*L)",
    at={"h": "38", "k": "167", "t": "0.0012", "L": "0.031"},
    value="0.8939499239223673546144086",
    gradient={
        "h": "-0.002436838564971018011102928",
        "k": "0.0005544902123886148767779117",
        "t": "77.16655455741557035159271",
        "L": "-5.97418486896120544657492",
    },
)
def _fin(h: Mp, k: Mp, t: Mp, L: Mp) -> Mp:
    x = L * mp.sqrt(2 * h / (k * t))
    return (1 - mp.exp(-2 * x)) / (x * (1 + mp.exp(-2 * x)))


@_real(
    name="secant_column",
    source="Timoshenko & Gere 1961 (secant formula, SI)",
    formula="P/A*(1 + ec/r^2*sec(L/(2*r)*sqrt(P/(A*Y))))",
    at={"P": "185000", "A": "0.00385", "ec": "0.0006", "r": "0.0417", "L": "3.2", "Y": "2.05e11"},
    value="67971399.35114023281483432",
    gradient={
        "P": "388.470918464343521703993",
        "A": "-18666784393.74118221175032",
        "ec": "33199085498.65363477797063",
        "r": "-1142214477.887553936076104",
        "L": "2434825.352977074187752743",
        "Y": "-1.900351495006496927026531e-5",
    },
)
def _secant_column(P: Mp, A: Mp, ec: Mp, r: Mp, L: Mp, Y: Mp) -> Mp:
    return P / A + P * ec / (A * r**2 * mp.cos(L * mp.sqrt(P / (4 * A * Y * r**2))))


@_real(
    name="hertz_contact_radius",
    source="Hertz 1881 (sphere on plate, SI)",
    formula="cbrt(3*F*R/(4*Es))",
    at={"F": "12.5", "R": "0.00635", "Es": "1.138e11"},
    value="8.057511113794266330824974e-5",
    gradient={
        "F": "2.148669630345137688219993e-6",
        "R": "0.00422966462666365686657479",
        "Es": "-2.360137994667330501120379e-16",
    },
)
def _hertz(F: Mp, R: Mp, Es: Mp) -> Mp:
    return mp.exp(mp.log(3 * F * R / (4 * Es)) / 3)


@_real(
    name="macaulay_beam",
    source="Macaulay 1919 (deflection under a point load)",
    formula="(R*x^3/6 - W*step(x - a)*(x - a)^3/6 + C*x)/(Y*J)",
    at={"R": "5400", "W": "9000", "x": "3.1", "a": "1.6", "C": "-12480", "Y": "2.1e11", "J": "8.36e-6"},
    value="-0.009648325358851674641148325",
    gradient={
        "R": "2.828187893977367661578188e-6",
        "W": "-3.204032809295967190704033e-7",
        "x": "0.001903622693096377306903623",
        "a": "0.005767259056732740943267259",
        "C": "1.765778081567555251765778e-6",
        "Y": "4.594440647072226019594441e-14",
        "J": "1154.105904168860603008173",
    },
)
def _macaulay(R: Mp, W: Mp, x: Mp, a: Mp, C: Mp, Y: Mp, J: Mp) -> Mp:
    return (R * x**3 - W * (x - a) ** 3 + 6 * C * x) / (6 * Y * J)


@_real(
    name="magic_formula_tyre",
    source="Bakker, Nyborg & Pacejka 1987",
    formula="D*sin(C*atan(B*x - E*(B*x - atan(B*x))))",
    at={"B": "10.8", "C": "1.65", "D": "4120", "E": "-0.37", "x": "0.062"},
    value="3481.553885173773937214285",
    gradient={
        "B": "168.7288991281693797766042",
        "C": "1344.006603579463611716245",
        "D": "0.8450373507703334799063798",
        "E": "-194.2890452000557960332137",
        "x": "29391.48565458434357398911",
    },
)
def _magic_formula(B: Mp, C: Mp, D: Mp, E: Mp, x: Mp) -> Mp:
    slip = B * x
    inner = (1 - E) * slip + E * mp.asin(slip / mp.sqrt(1 + slip**2))
    return D * mp.sin(C * mp.atan2(inner, 1))


@_real(
    name="thermistor",
    source="Steinhart & Hart 1968",
    formula="1/(A + B*log(R) + C*log(R)^3) - 273.15",
    at={"A": "1.129148e-3", "B": "2.34125e-4", "C": "8.76741e-8", "R": "8470"},
    value="28.82759273434793274996771",
    gradient={
        "A": "-91190.46651363170538329326",
        "B": "-824752.6402580568422093591",
        "C": "-67464028.15650416368764192",
        "R": "-0.002752293960104926127819006",
    },
)
def _thermistor(A: Mp, B: Mp, C: Mp, R: Mp) -> Mp:
    x = mp.log(R)
    return 1 / (A + x * (B + C * x * x)) - _d("273.15")


@_real(
    name="platinum_thermometer",
    source="Callendar-Van Dusen (IEC 60751), below zero",
    formula="R0*(1 + A*T + B*T^2 + if(T < 0, C*(T - 100)*T^3, 0))",
    at={"R0": "100", "A": "3.9083e-3", "B": "-5.775e-7", "C": "-4.183e-12", "T": "-78.46"},
    value="68.943915162261458375952",
    gradient={
        "R0": "0.68943915162261458375952",
        "A": "-7846.0",
        "B": "615597.16",
        "C": "8619573951.360656",
        "T": "0.4014727943461846752",
    },
)
def _platinum(R0: Mp, A: Mp, B: Mp, C: Mp, T: Mp) -> Mp:
    return R0 + R0 * T * (A + T * (B + T * C * (T - 100)))


@_real(
    name="wind_chill",
    source="Environment Canada & NWS 2001",
    formula="13.12 + 0.6215*T - 11.37*v^0.16 + 0.3965*T*v^0.16",
    at={"T": "-14.5", "v": "32"},
    value="-25.69809546141434633781718",
    gradient={"T": "1.311846596693826442335062", "v": "-0.1490317273070717316890859"},
)
def _wind_chill(T: Mp, v: Mp) -> Mp:
    p = mp.exp(_d("0.16") * mp.log(v))
    return _d("13.12") + _d("0.6215") * T + (_d("0.3965") * T - _d("11.37")) * p


@_real(
    name="barometric_height",
    source="ICAO Doc 7488, standard atmosphere (troposphere)",
    formula="44330.77*(1 - (p/101325)^0.190263)",
    at={"p": "79495.2"},
    value="1999.999176964664375390756",
    gradient={"p": "-0.1013140346725735901280207"},
)
def _barometric(p: Mp) -> Mp:
    return _d("-44330.77") * mp.expm1(_d("0.190263") * mp.log(p / 101325))


@_real(
    name="sutherland_viscosity",
    source="Sutherland 1893 (air, SI)",
    formula="1.716e-5*(T/273.15)^1.5*(273.15 + S)/(T + S)",
    at={"T": "451", "S": "110.4"},
    value="2.487309724681921963385639e-5",
    gradient={"T": "3.842100613698173318209558e-8", "S": "2.054420509310554280760545e-8"},
)
def _sutherland(T: Mp, S: Mp) -> Mp:
    ratio = T / _d("273.15")
    return _d("1.716e-5") * ratio * mp.sqrt(ratio) * (_d("273.15") + S) / (T + S)


@_real(
    name="contaminant_transport",
    source="Ogata & Banks 1961",
    formula=("C0/2*(erfc((x - v*t)/(2*sqrt(D*t))) + exp(v*x/D)*erfc((x + v*t)/(2*sqrt(D*t))))"),
    at={"C0": "35", "x": "12.5", "v": "0.021", "t": "410", "D": "0.037"},
    value="11.07689271629959194905324",
    gradient={
        "C0": "0.3164826490371311985443782",
        "x": "-2.432091726527530924139875",
        "v": "904.0629121086771714758812",
        "t": "0.06022739967789799652773407",
        "D": "154.2679111798907560912829",
    },
)
def _ogata_banks(C0: Mp, x: Mp, v: Mp, t: Mp, D: Mp) -> Mp:
    width = mp.sqrt(2 * D * t)
    return C0 * (mp.ncdf((v * t - x) / width) + mp.exp(v * x / D) * mp.ncdf(-(x + v * t) / width))


@_real(
    name="gaussian_plume",
    source="Pasquill 1961, Turner 1970",
    formula=(
        "sy = 0.22*x/sqrt(1 + 0.0001*x); sz = 0.2*x; "
        "Q/(tau*u*sy*sz)*exp(-y^2/(2*sy^2))*(exp(-(z - H)^2/(2*sz^2)) + exp(-(z + H)^2/(2*sz^2)))"
    ),
    at={"Q": "18.5", "u": "4.2", "x": "850", "y": "37", "z": "1.5", "H": "62"},
    value="4.207999996128429745960203e-5",
    gradient={
        "Q": "2.274594592501853916735245e-6",
        "u": "-1.001904760982959463323858e-5",
        "x": "-8.846449566325201065371801e-8",
        "y": "-4.830854752625920448156148e-8",
        "z": "-1.893578328886653116754689e-9",
        "H": "-9.026840410303671513452249e-8",
    },
)
def _plume(Q: Mp, u: Mp, x: Mp, y: Mp, z: Mp, H: Mp) -> Mp:
    sy2, sz = (_d("0.22") * x) ** 2 / (1 + x / 10000), x / 5
    lid = mp.cosh(z * H / sz**2) * mp.exp(-(y**2) / (2 * sy2) - (z**2 + H**2) / (2 * sz**2))
    return Q * lid / (mp.pi * u * mp.sqrt(sy2) * sz)


@_real(
    name="quadratic_drag",
    source="Rayleigh 1876 (drag against the motion)",
    formula="-0.5*rho*Cd*A*sign(v)*v^2",
    at={"rho": "1.204", "Cd": "0.47", "A": "0.0314", "v": "-21.6"},
    value="4.14506647296",
    gradient={"rho": "3.44274624", "Cd": "8.819290368", "A": "132.0084864", "v": "-0.3838024512"},
)
def _drag(rho: Mp, Cd: Mp, A: Mp, v: Mp) -> Mp:
    return rho * Cd * A * v**2 / 2


@_real(
    name="srgb_transfer",
    source="IEC 61966-2-1 (sRGB, linear to display)",
    formula="if(c <= 0.0031308, 12.92*c, 1.055*c^(1/2.4) - 0.055)",
    at={"c": "0.2159"},
    value="0.5020032475277720179958955",
    gradient={"c": "1.074963809494696653535386"},
)
def _srgb(c: Mp) -> Mp:
    return (211 * mp.root(c**5, 12) - 11) / 200


@_real(
    name="cie_lightness",
    source="CIE 15:2004 (L*)",
    formula="116*if(Y/Yn > (6/29)^3, cbrt(Y/Yn), (29/6)^2/3*Y/Yn + 4/29) - 16",
    at={"Y": "0.6", "Yn": "100"},
    value="5.419777777777777777777778",
    gradient={"Y": "9.032962962962962962962963", "Yn": "-0.05419777777777777777777778"},
)
def _lightness(Y: Mp, Yn: Mp) -> Mp:
    return mp.mpf(24389) / 27 * Y / Yn


@_real(
    name="uniform_quantiser",
    source="Gersho & Gray 1992 (mid-tread)",
    formula="q*round(x/q)",
    at={"x": "0.7313", "q": "0.0625"},
    value="0.75",
    gradient={"x": "0", "q": "12.0"},
)
def _quantiser(x: Mp, q: Mp) -> Mp:
    return 12 * q


@_real(
    name="histogram_bin_width",
    source="Sturges 1926",
    formula="(hi - lo)/(1 + ceil(log2(n)))",
    at={"hi": "97.4", "lo": "12.1", "n": "1500"},
    value="7.108333333333333333333333",
    gradient={"hi": "0.08333333333333333333333333", "lo": "-0.08333333333333333333333333", "n": "0"},
)
def _sturges(hi: Mp, lo: Mp, n: Mp) -> Mp:
    return (hi - lo) / 12


# Statistics


@_real(
    name="gaussian_nll",
    source="Gauss 1809; negative log likelihood (Nix & Weigend 1994)",
    formula="0.5*log(tau*v) + (y - m)^2/(2*v)",
    at={"y": "2.37", "m": "1.95", "v": "0.083"},
    value="0.7371318000215417317079461",
    gradient={
        "y": "5.060240963855421686746988",
        "m": "-5.060240963855421686746988",
        "v": "-6.778922920598054870082741",
    },
)
def _gaussian_nll(y: Mp, m: Mp, v: Mp) -> Mp:
    return -mp.log(mp.npdf(y, m, mp.sqrt(v)))


@_real(
    name="student_t_log_density",
    source="Student 1908",
    formula="lgamma((n + 1)/2) - lgamma(n/2) - 0.5*log(n*pi) - log(s) - (n + 1)/2*log1p(((x - m)/s)^2/n)",
    at={"x": "3.1", "m": "0.4", "s": "1.25", "n": "4.2"},
    value="-3.143521275867302904128855",
    gradient={
        "x": "-1.013535462912831618841364",
        "m": "1.013535462912831618841364",
        "s": "1.389236599891716296697347",
        "n": "-0.03395966798534252973178116",
    },
)
def _student(x: Mp, m: Mp, s: Mp, n: Mp) -> Mp:
    z = (x - m) / s
    return -mp.log(s * mp.sqrt(n) * mp.beta(n / 2, _d("0.5")) * (1 + z**2 / n) ** ((n + 1) / 2))


@_real(
    name="beta_log_density",
    source="Bayes 1763, Johnson, Kotz & Balakrishnan 1995",
    formula="(a - 1)*log(x) + (b - 1)*log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)",
    at={"x": "0.173", "a": "2.4", "b": "7.65"},
    value="1.15029548704330597454062",
    gradient={
        "x": "0.05137309447756708207812904",
        "a": "-0.150367712485880149551202",
        "b": "0.09912192705697057955053507",
    },
)
def _beta(x: Mp, a: Mp, b: Mp) -> Mp:
    return mp.log(x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b))


@_real(
    name="gamma_density",
    source="Pearson 1893 (type III)",
    formula="x^(a - 1)*exp(-x/b)/(gamma(a)*b^a)",
    at={"x": "4.85", "a": "3.3", "b": "1.42"},
    value="0.1454230511150806229489367",
    gradient={
        "x": "-0.03344709060059353953116244",
        "a": "0.02813926503347068924280934",
        "b": "0.01182770302661834068816982",
    },
)
def _gamma_density(x: Mp, a: Mp, b: Mp) -> Mp:
    return mp.exp((a - 1) * mp.log(x) - x / b - a * mp.log(b) - mp.loggamma(a))


@_real(
    name="poisson_probability",
    source="Poisson 1837, Bortkiewicz 1898 (horse kicks)",
    formula="λ^4*exp(-λ)/factorial(4)",
    at={"λ": "0.61"},
    value="0.003134645725173892169539915",
    gradient={"λ": "0.01742040821039261386023002"},
)
def _poisson(λ: Mp) -> Mp:
    return mp.exp(4 * mp.log(λ) - λ) / 24


@_real(
    name="negative_binomial_log_probability",
    source="Greenwood & Yule 1920, Robinson & Smyth 2007",
    formula="lgamma(k + r) - lgamma(r) - lgamma(k + 1) + r*log(r/(r + m)) + k*log(m/(r + m))",
    at={"k": "17", "r": "2.35", "m": "11.2"},
    value="-3.625109694275949585695169",
    gradient={
        "k": "-0.1161795061752159261409185",
        "r": "0.1298018929185710098617311",
        "m": "0.0898128624143384290985767",
    },
)
def _negative_binomial(k: Mp, r: Mp, m: Mp) -> Mp:
    p = m / (r + m)
    return mp.log(mp.binomial(k + r - 1, k)) + r * mp.log(1 - p) + k * mp.log(p)


@_real(
    name="weibull_density",
    source="Weibull 1951",
    formula="k/s*(x/s)^(k - 1)*exp(-(x/s)^k)",
    at={"x": "7.9", "k": "1.87", "s": "9.4"},
    value="0.08303627645836010530901326",
    gradient={
        "x": "-0.005055747541726378669594355",
        "k": "0.04039796343257143208483214",
        "s": "-0.004584667114757629129704027",
    },
)
def _weibull(x: Mp, k: Mp, s: Mp) -> Mp:
    power = mp.exp(k * mp.log(x / s))
    return k / x * power * mp.exp(-power)


@_real(
    name="weibull_mean",
    source="Weibull 1951 (mean wind speed, Justus 1978)",
    formula="s*gamma(1 + 1/k)",
    at={"s": "8.3", "k": "2.12"},
    value="7.350865772562143101305994",
    gradient={"s": "0.8856464786219449519645775", "k": "-0.01585833109350958980290379"},
)
def _weibull_mean(s: Mp, k: Mp) -> Mp:
    return s / k * mp.exp(mp.loggamma(1 / k))


@_real(
    name="generalised_extreme_value",
    source="Jenkinson 1955, von Mises 1936 (log density, shape near zero)",
    formula="t = 1 + ξ*(x - m)/s; -log(s) - (1 + 1/ξ)*log(t) - t^(-1/ξ)",
    at={"x": "31.2", "m": "22.4", "s": "5.1", "ξ": "0.00000031"},
    value="-3.532816624855300029671089",
    gradient={
        "x": "-0.1611596185740999318013925",
        "m": "0.1611596185740999318013925",
        "s": "0.0820009104807998823239714",
        "ξ": "-0.501940848599362800669724",
    },
    condition="1/ξ amplifies the rounding of 1 + ξ*z, twice in the derivative by ξ",
)
def _extreme_value(x: Mp, m: Mp, s: Mp, ξ: Mp) -> Mp:
    y = mp.log1p(ξ * (x - m) / s) / ξ
    return -mp.log(s) - (1 + ξ) * y - mp.exp(-y)


@_real(
    name="skew_normal_density",
    source="Azzalini 1985",
    formula="z = (x - ξ)/ω; 2/ω*normpdf(z)*normcdf(a*z)",
    at={"x": "0.35", "ξ": "1.2", "ω": "1.61", "a": "2.3"},
    value="0.04842201591068798499554587",
    gradient={
        "x": "0.1334275473874399473506216",
        "ξ": "-0.1334275473874399473506216",
        "ω": "0.04036732880039501257918167",
        "a": "-0.04344203159936857562847857",
    },
)
def _skew_normal(x: Mp, ξ: Mp, ω: Mp, a: Mp) -> Mp:
    z = (x - ξ) / ω
    return mp.exp(-(z**2) / 2) * mp.erfc(-a * z / mp.sqrt(2)) / (ω * mp.sqrt(2 * mp.pi))


@_real(
    name="exgaussian_density",
    source="Luce 1986 (response times)",
    formula="λ/2*exp(λ/2*(2*μ + λ*s^2 - 2*x))*erfc((μ + λ*s^2 - x)/(sqrt(2)*s))",
    at={"x": "0.52", "μ": "0.41", "s": "0.045", "λ": "7.4"},
    value="3.40554457067164048099911",
    gradient={
        "x": "-21.89423319314909453351072",
        "μ": "21.89423319314909453351072",
        "s": "-0.7925009973550171391652871",
        "λ": "0.1299346452086843663581747",
    },
)
def _exgaussian(x: Mp, μ: Mp, s: Mp, λ: Mp) -> Mp:
    z = (x - μ) / s - λ * s
    return λ * mp.exp(-λ * (x - μ) + (λ * s) ** 2 / 2) * mp.ncdf(z)


@_real(
    name="box_cox_near_log",
    source="Box & Cox 1964 (power near zero)",
    formula="(y^λ - 1)/λ",
    at={"y": "14.2", "λ": "0.00000002"},
    value="2.653242035004145519456832",
    gradient={"y": "0.07042253894822821831569791", "λ": "3.519846585896437439841176"},
    condition="y^λ - 1 keeps half the digits and the derivative by λ none",
)
def _box_cox(y: Mp, λ: Mp) -> Mp:
    return mp.expm1(λ * mp.log(y)) / λ


@_real(
    name="fisher_z",
    source="Fisher 1915",
    formula="(atanh(r) - atanh(rho))*sqrt(n - 3)",
    at={"r": "0.83", "rho": "0.71", "n": "48"},
    value="2.018851019934194913680901",
    gradient={
        "r": "21.56285417068263930963523",
        "rho": "-13.52733198729455351729688",
        "n": "0.02243167799926883237423223",
    },
)
def _fisher(r: Mp, rho: Mp, n: Mp) -> Mp:
    return mp.log((1 + r) * (1 - rho) / ((1 - r) * (1 + rho))) / 2 * mp.sqrt(n - 3)


@_real(
    name="gamma_divergence",
    source="Kullback & Leibler 1951, Penny 2001 (between two gamma laws)",
    formula="(a - c)*digamma(a) - lgamma(a) + lgamma(c) + c*log(b/d) + a*(d - b)/b",
    at={"a": "2.6", "b": "1.3", "c": "4.1", "d": "0.85"},
    value="1.276815247313359319775019",
    gradient={
        "a": "-1.047864185840716001171109",
        "b": "1.846153846153846153846154",
        "c": "0.9579428312233885221128926",
        "d": "-2.823529411764705882352941",
    },
)
def _gamma_divergence(a: Mp, b: Mp, c: Mp, d: Mp) -> Mp:
    return (a - c) * mp.digamma(a) + mp.log(mp.gamma(c) / mp.gamma(a) * (b / d) ** c) + a * (d / b - 1)


@_real(
    name="tobit_log_likelihood",
    source="Tobin 1958 (one observation below the detection limit)",
    formula="z = (y - a - b*x)/s; if(y > c, log(normpdf(z)/s), log(normcdf((c - a - b*x)/s)))",
    at={"y": "0.02", "c": "0.05", "a": "-0.71", "b": "0.36", "x": "0.93", "s": "1.12"},
    value="-0.4340270518845928501402926",
    gradient={
        "y": "0",
        "c": "0.5115527780004381337053417",
        "a": "-0.5115527780004381337053417",
        "b": "-0.4757440835404074643459678",
        "x": "-0.184159000080157728133923",
        "s": "-0.1942073582194520486174208",
    },
)
def _tobit(y: Mp, c: Mp, a: Mp, b: Mp, x: Mp, s: Mp) -> Mp:
    return mp.log(mp.erfc((a + b * x - c) / (mp.sqrt(2) * s)) / 2)


@_real(
    name="probit_log_likelihood",
    source="Bliss 1934",
    formula="log(normcdf(a + b*x))",
    at={"a": "-2.6", "b": "0.85", "x": "1.07"},
    value="-3.090786765249427278163712",
    gradient={"a": "2.102134184590933420181227", "b": "2.249283577512298759593913", "x": "1.786814056902293407154043"},
)
def _probit(a: Mp, b: Mp, x: Mp) -> Mp:
    return mp.log(mp.erfc(-(a + b * x) / mp.sqrt(2))) - mp.log(2)


@_real(
    name="huber_loss",
    source="Huber 1964",
    formula="r = y - a*x; if(abs(r) <= d, r^2/2, d*(abs(r) - d/2))",
    at={"y": "-4.3", "a": "1.1", "x": "2.4", "d": "1.345"},
    value="8.4297875",
    gradient={"y": "-1.345", "a": "3.228", "x": "1.4795", "d": "5.595"},
)
def _huber(y: Mp, a: Mp, x: Mp, d: Mp) -> Mp:
    return d * (a * x - y) - d**2 / 2


@_real(
    name="stirling_approximation",
    source="Stirling 1730",
    formula="sqrt(tau*n)*(n/e)^n",
    at={"n": "17.5"},
    value="1.491493541896169731973308e+15",
    gradient={"n": "4.31156823071286336807951e+15"},
)
def _stirling(n: Mp) -> Mp:
    return mp.exp((n + _d("0.5")) * mp.log(n) - n) * mp.sqrt(2 * mp.pi)


@_real(
    name="binary_entropy",
    source="Shannon 1948",
    formula="-p*log2(p) - (1 - p)*log2(1 - p)",
    at={"p": "0.0317"},
    value="0.2028469097888332932068815",
    gradient={"p": "4.932899348984001697741592"},
)
def _entropy(p: Mp) -> Mp:
    return -mp.log(p**p * (1 - p) ** (1 - p)) / mp.log(2)


@_real(
    name="nist_misra1a",
    source="NIST StRD Misra1a (Misra 1978), first residual at the certified fit",
    formula="10.07 - b1*(1 - exp(-b2*77.6))",
    at={"b1": "238.94212918", "b2": "5.5015643181e-4"},
    value="0.08373363552677825810607243",
    gradient={"b1": "-0.04179366107912415373034355", "b2": "-17766.97495448487799282903"},
)
def _misra1a(b1: Mp, b2: Mp) -> Mp:
    return _d("10.07") + b1 * mp.expm1(_d("-77.6") * b2)


@_real(
    name="nist_thurber",
    source="NIST StRD Thurber (1979), electron mobility model at the certified fit",
    formula="(b1 + b2*x + b3*x^2 + b4*x^3)/(1 + b5*x + b6*x^2 + b7*x^3)",
    at={
        "b1": "1288.13968",
        "b2": "1491.0792535",
        "b3": "583.23836877",
        "b4": "75.416644291",
        "b5": "0.96629502864",
        "b6": "0.39797285797",
        "b7": "0.049727297349",
        "x": "-1.501",
    },
    value="392.0959671787488823301198",
    gradient={
        "b1": "3.59636037365209219110222",
        "b2": "-5.398136920851790378844432",
        "b3": "8.102603518198537358645492",
        "b4": "-12.16200788081600457532688",
        "b5": "2116.587716944696153541516",
        "b6": "-3176.998163133988926465815",
        "b7": "4768.674242864117378625188",
        "x": "747.0186290519483371874565",
    },
)
def _thurber(b1: Mp, b2: Mp, b3: Mp, b4: Mp, b5: Mp, b6: Mp, b7: Mp, x: Mp) -> Mp:
    return mp.polyval([b4, b3, b2, b1], x) / mp.polyval([b7, b6, b5, 1], x)


@_real(
    name="nist_eckerle4",
    source="NIST StRD Eckerle4 (1979), transmittance model at the certified fit",
    formula="b1/b2*exp(-0.5*((x - b3)/b2)^2)",
    at={"b1": "1.5543827178", "b2": "4.0888321754", "b3": "451.54121844", "x": "446.5"},
    value="0.1777759150390613204364708",
    gradient={
        "b1": "0.1143707485957364267064748",
        "b2": "0.02261316620831720050129643",
        "b3": "-0.05360556378098480274055029",
        "x": "0.05360556378098480274055029",
    },
)
def _eckerle4(b1: Mp, b2: Mp, b3: Mp, x: Mp) -> Mp:
    return b1 * mp.sqrt(2 * mp.pi) * mp.npdf(x, b3, b2)


@_real(
    name="nist_rat43",
    source="NIST StRD Rat43 (Ratkowsky 1983), at the certified fit",
    formula="b1/(1 + exp(b2 - b3*x))^(1/b4)",
    at={"b1": "699.6415127", "b2": "5.2771253025", "b3": "0.75962938329", "b4": "1.2792483859", "x": "7"},
    value="413.3579459771844879240442",
    gradient={
        "b1": "0.5908139218068792102479315",
        "b2": "-158.3093511039725212954234",
        "b3": "1108.165457727807649067963",
        "b4": "170.0462105739518148735264",
        "x": "120.2564347481507270207488",
    },
)
def _rat43(b1: Mp, b2: Mp, b3: Mp, b4: Mp, x: Mp) -> Mp:
    return b1 * mp.exp(-mp.log1p(mp.exp(b2 - b3 * x)) / b4)


@_real(
    name="nist_bennett5",
    source="NIST StRD Bennett5 (1994), superconductivity model at the certified fit",
    formula="b1*(b2 + x)^(-1/b3)",
    at={"b1": "-2523.5058043", "b2": "46.736564644", "b3": "0.93218483193", "x": "11.25"},
    value="-32.38898058945387978936657",
    gradient={
        "b1": "0.01283491424282192992987465",
        "b2": "0.5991945672330105773963029",
        "b3": "-151.3358620656815317174118",
        "x": "0.5991945672330105773963029",
    },
)
def _bennett5(b1: Mp, b2: Mp, b3: Mp, x: Mp) -> Mp:
    return b1 / mp.exp(mp.log(b2 + x) / b3)


# Machine learning


@_real(
    name="logistic_loss",
    source="Berkson 1944, Cox 1958 (with logits)",
    formula="z = w*x + b; softplus(z) - y*z",
    at={"w": "1.37", "x": "-2.2", "b": "0.41", "y": "1"},
    value="2.675368652561548066326343",
    gradient={
        "w": "2.048460853125120083126466",
        "x": "-1.275632440355188415401481",
        "b": "-0.93111856960232731051203",
        "y": "2.604",
    },
)
def _logistic_loss(w: Mp, x: Mp, b: Mp, y: Mp) -> Mp:
    z = w * x + b
    return -y * mp.log(1 / (1 + mp.exp(-z))) - (1 - y) * mp.log(1 / (1 + mp.exp(z)))


@_real(
    name="softmax_cross_entropy",
    source="Bridle 1990",
    formula="logaddexp(logaddexp(z1, z2), z3) - z2",
    at={"z1": "812.4", "z2": "810.9", "z3": "799.25"},
    value="1.70141486855918172499956",
    gradient={
        "z1": "0.8175731757799868199607901",
        "z2": "-0.8175747663551511694427954",
        "z3": "1.590575164349482005321961e-6",
    },
)
def _softmax(z1: Mp, z2: Mp, z3: Mp) -> Mp:
    return mp.log(mp.exp(z1 - z2) + 1 + mp.exp(z3 - z2))


@_real(
    name="gelu_exact",
    source="Hendrycks & Gimpel 2016",
    formula="gelu(w*x + b)",
    at={"w": "0.83", "x": "-1.7", "b": "0.12"},
    value="-0.1269722238352286364672805",
    gradient={
        "w": "0.2133153560006295910573668",
        "x": "-0.1041480855767779768103614",
        "b": "-0.1254796211768409359160981",
    },
)
def _gelu(w: Mp, x: Mp, b: Mp) -> Mp:
    z = w * x + b
    return z * mp.erfc(-z / mp.sqrt(2)) / 2


@_real(
    name="gelu_tanh",
    source="Hendrycks & Gimpel 2016 (tanh approximation)",
    formula="0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))",
    at={"x": "1.318"},
    value="1.194203166606684220005084",
    gradient={"x": "1.126778546623896828675005"},
)
def _gelu_tanh(x: Mp) -> Mp:
    return x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * x * (1 + _d("0.044715") * x**2)))


@_real(
    name="swish_gate",
    source="Elfwing et al. 2017, Ramachandran et al. 2017",
    formula="silu(u)*v",
    at={"u": "-3.42", "v": "1.93"},
    value="-0.2090821130387996594199775",
    gradient={"u": "-0.1413240595046281081621402", "v": "-0.1083327010563728805284857"},
)
def _swish(u: Mp, v: Mp) -> Mp:
    return u * v / (1 + mp.exp(-u))


@_real(
    name="mish",
    source="Misra 2019",
    formula="x*tanh(softplus(x))",
    at={"x": "-0.874"},
    value="-0.2930143223398979414759888",
    gradient={"x": "0.1068538621769681535117019"},
)
def _mish(x: Mp) -> Mp:
    square = (1 + mp.exp(x)) ** 2
    return x * (square - 1) / (square + 1)


@_real(
    name="elu_unit",
    source="Clevert, Unterthiner & Hochreiter 2015",
    formula="elu(w*x + b)",
    at={"w": "-0.9", "x": "1.6", "b": "0.25"},
    value="-0.6957787359332959511863968",
    gradient={
        "w": "0.4867540225067264781017651",
        "x": "-0.2737991376600336439322429",
        "b": "0.3042212640667040488136032",
    },
)
def _elu(w: Mp, x: Mp, b: Mp) -> Mp:
    return mp.expm1(w * x + b)


@_real(
    name="leaky_relu_unit",
    source="Maas, Hannun & Ng 2013",
    formula="leaky_relu(w*x + b)",
    at={"w": "-0.9", "x": "1.6", "b": "0.25"},
    value="-0.0119",
    gradient={"w": "0.016", "x": "-0.009", "b": "0.01"},
)
def _leaky_relu(w: Mp, x: Mp, b: Mp) -> Mp:
    return (w * x + b) / 100


@_real(
    name="two_layer_relu_network",
    source="Rumelhart, Hinton & Williams 1986 (squared error), Nair & Hinton 2010 (units)",
    formula="h1 = relu(w1*x + b1); h2 = relu(w2*x + b2); (v1*h1 + v2*h2 - y)^2/2",
    at={
        "w1": "0.74",
        "b1": "0.11",
        "w2": "-1.32",
        "b2": "0.5",
        "v1": "1.21",
        "v2": "-0.68",
        "x": "1.9",
        "y": "0.35",
    },
    value="1.1016623048",
    gradient={
        "w1": "3.41254364",
        "b1": "1.7960756",
        "w2": "0",
        "b2": "0",
        "v1": "2.25028976",
        "v2": "0",
        "x": "1.329095944",
        "y": "-1.48436",
    },
)
def _relu_network(w1: Mp, b1: Mp, w2: Mp, b2: Mp, v1: Mp, v2: Mp, x: Mp, y: Mp) -> Mp:
    return (v1 * (w1 * x + b1) - y) ** 2 / 2


@_real(
    name="focal_loss",
    source="Lin et al. 2017",
    formula="p = sigmoid(z); -a*(1 - p)^g*log(p)",
    at={"z": "2.85", "a": "0.25", "g": "2"},
    value="4.203495350667302408914197e-5",
    gradient={
        "z": "-0.0001203477733991168646256684",
        "a": "0.0001681398140266920963565679",
        "g": "-0.0001221633765116726319714683",
    },
)
def _focal(z: Mp, a: Mp, g: Mp) -> Mp:
    return a * mp.log(1 + mp.exp(-z)) * (1 + mp.exp(z)) ** -g


@_real(
    name="calibrated_probability",
    source="Platt 1999 (on the log-odds)",
    formula="sigmoid(a*logit(p) + b)",
    at={"a": "0.71", "b": "-0.13", "p": "0.9842"},
    value="0.9428696003801541947128869",
    gradient={
        "a": "0.2225667087971021985011125",
        "b": "0.05386651705912252755384614",
        "p": "2.459443196940584948723423",
    },
)
def _platt(a: Mp, b: Mp, p: Mp) -> Mp:
    good, bad = p**a * mp.exp(b), (1 - p) ** a
    return good / (good + bad)


@_real(
    name="elo_expectation",
    source="Elo 1978",
    formula="1/(1 + 10^((B - A)/400))",
    at={"A": "2831", "B": "2765.5"},
    value="0.5931609941533232220410442",
    gradient={"A": "0.001389155510972643322447425", "B": "-0.001389155510972643322447425"},
)
def _elo(A: Mp, B: Mp) -> Mp:
    return (1 + mp.tanh(mp.log(10) * (A - B) / 800)) / 2


@_real(
    name="latent_divergence",
    source="Kingma & Welling 2013 (one latent dimension)",
    formula="-0.5*(1 + w - m^2 - exp(w))",
    at={"m": "0.31", "w": "-1.42"},
    value="0.3789070084485182221926499",
    gradient={"m": "0.31", "w": "-0.3791429915514817778073501"},
)
def _latent(m: Mp, w: Mp) -> Mp:
    return (m**2 - w + mp.expm1(w)) / 2


@_real(
    name="poincare_distance",
    source="Nickel & Kiela 2017",
    formula="a = (x1 - y1)^2 + (x2 - y2)^2; acosh(1 + 2*a/((1 - x1^2 - x2^2)*(1 - y1^2 - y2^2)))",
    at={"x1": "0.63", "x2": "-0.41", "y1": "-0.22", "y2": "0.87"},
    value="4.731742186702426912036185",
    gradient={
        "x1": "3.553439974562519653194263",
        "x2": "-2.917519529773147587944843",
        "y1": "-2.927896705790365933717308",
        "y2": "9.846105544778038362447521",
    },
)
def _poincare(x1: Mp, x2: Mp, y1: Mp, y2: Mp) -> Mp:
    gap = mp.hypot(x1 - y1, x2 - y2) / mp.sqrt((1 - x1**2 - x2**2) * (1 - y1**2 - y2**2))
    return 2 * mp.asinh(gap)


# Numerical analysis


@_real(
    name="rump_polynomial",
    source="Rump 1988",
    formula="333.75*b^6 + a^2*(11*a^2*b^2 - b^6 - 121*b^4 - 2) + 5.5*b^8 + a/(2*b)",
    at={"a": "77617", "b": "33096"},
    value="-0.8273960599468213681411651",
    gradient={"a": "-2.040045696685812579795362e+32", "b": "4.784331242850472090843375e+32"},
    condition="terms of 1e36 cancel to a value below one",
)
def _rump(a: Mp, b: Mp) -> Mp:
    return (_d("333.75") - a**2) * b**6 + a**2 * (11 * a**2 * b**2 - 121 * b**4 - 2) + 11 * b**8 / 2 + a / (2 * b)


@_real(
    name="small_quadratic_root",
    source="Forsythe 1970 (the smaller root by the school formula)",
    formula="(-b + sqrt(b^2 - 4*a*c))/(2*a)",
    at={"a": "1.2", "b": "100000.3", "c": "0.7"},
    value="-6.999979000650994519131101e-6",
    gradient={
        "a": "-4.899955901910973981746821e-16",
        "b": "6.999958001952978076655505e-11",
        "c": "-9.999970001769984610514883e-6",
    },
    condition="-b and the square root agree to ten digits",
)
def _small_root(a: Mp, b: Mp, c: Mp) -> Mp:
    return -2 * c / (b + mp.sqrt(b**2 - 4 * a * c))


@_real(
    name="needle_triangle_area",
    source="Heron of Alexandria c. 60, Kahan 2014 (a needle)",
    formula="s = (a + b + c)/2; sqrt(s*(s - a)*(s - b)*(s - c))",
    at={"a": "100000", "b": "99999.9999979", "c": "0.0000029"},
    value="0.09999999999894999999998949",
    gradient={"a": "-52499.99999894874999999448", "b": "52499.99999994874999999448", "c": "72499.99999923874999998513"},
    condition="s - a is 4e-7 and comes from terms of 1e5",
)
def _needle(a: Mp, b: Mp, c: Mp) -> Mp:
    return mp.sqrt((a + (b + c)) * (c - (a - b)) * (c + (a - b)) * (a + (b - c))) / 4


FORMULAS: tuple[RealFormula, ...] = tuple(_entries)
"""Every formula above, in the order written."""
