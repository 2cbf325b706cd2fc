"""Functions as engineers, economists and physicists write them, each with its gradient and with ones that have a fault
people make: a term forgotten, a sign, a factor, a transpose, a wrong axis, one step too few, a stale value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.special import logsumexp
from scipy.stats import t as tdist


@dataclass(frozen=True)
class Real:
    """A function, a point, and gradients by what they are: `right`, or the fault in them."""

    name: str
    f: Callable[[Any], Any]
    at: Any
    grads: dict[str, Callable[[Any], Any]]


REAL: list[Real] = []


def case(name: str, f: Callable[[Any], Any], at: Any, *grads: tuple[str, Callable[[Any], Any]]) -> None:
    REAL.append(Real(name, f, at, dict(grads)))


rng = np.random.default_rng(7)


def sig(z):
    return 1 / (1 + np.exp(-z))


X = rng.normal(size=(20, 4))
y = (rng.random(20) > 0.5) * 1.0
lam = 0.1


def logreg(w):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - y * z) + lam * np.sum(w**2) / 2


case(
    "logreg",
    logreg,
    rng.normal(size=4),
    ("right", lambda w: X.T @ (sig(X @ w) - y) / 20 + lam * w),
    ("no regulariser", lambda w: X.T @ (sig(X @ w) - y) / 20),
    ("sum for mean", lambda w: X.T @ (sig(X @ w) - y) + lam * w),
    ("reg twice", lambda w: X.T @ (sig(X @ w) - y) / 20 + 2 * lam * w),
    ("sign", lambda w: -X.T @ (sig(X @ w) - y) / 20 + lam * w),
)
C = 3
D = 4
N = 8
Xs = rng.normal(size=(N, D))
ys = rng.integers(0, C, N)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sce(W_):
    z = Xs @ W_.reshape(D, C)
    z = z - z.max(axis=1, keepdims=True)
    return -np.mean(z[np.arange(N), ys] - np.log(np.exp(z).sum(axis=1)))


def sceg(W_):
    p = softmax(Xs @ W_.reshape(D, C))
    p[np.arange(N), ys] -= 1
    return (Xs.T @ p / N).ravel()


def sceg_t(W_):
    p = softmax(Xs @ W_.reshape(D, C))
    p[np.arange(N), ys] -= 1
    return (Xs.T @ p / N).T.ravel()


def sceg_no1(W_):
    p = softmax(Xs @ W_.reshape(D, C))
    return (Xs.T @ p / N).ravel()


def sceg_axis(W_):
    z = Xs @ W_.reshape(D, C)
    e = np.exp(z)
    p = e / e.sum(axis=0, keepdims=True)
    p[np.arange(N), ys] -= 1
    return (Xs.T @ p / N).ravel()


case(
    "softmax CE",
    sce,
    rng.normal(size=D * C),
    ("right", sceg),
    ("transpose", sceg_t),
    ("no onehot", sceg_no1),
    ("wrong axis", sceg_axis),
)
gam = rng.normal(size=6)
cc = rng.normal(size=6)


def ln(x):
    m = x.mean()
    v = ((x - m) ** 2).mean()
    return np.sum(cc * gam * (x - m) / np.sqrt(v + 1e-05))


def lng(x, drop=0):
    m = x.mean()
    v = ((x - m) ** 2).mean()
    s = 1 / np.sqrt(v + 1e-05)
    xh = (x - m) * s
    g = cc * gam
    if drop == 1:
        return s * (g - xh * (g * xh).mean())
    if drop == 2:
        return s * (g - g.mean())
    if drop == 3:
        s = 1 / np.sqrt(v)
    return s * (g - g.mean() - xh * (g * xh).mean())


case(
    "layer norm",
    ln,
    rng.normal(size=6),
    ("right", lng),
    ("no mean path", lambda x: lng(x, 1)),
    ("no var path", lambda x: lng(x, 2)),
    ("forgot eps", lambda x: lng(x, 3)),
)
A3 = rng.normal(size=(3, 3)) + 2 * np.eye(3)
xs = rng.normal(size=(10, 2))


def chol_nll(p):
    L = np.zeros((2, 2), dtype=p.dtype)
    L[0, 0] = p[0]
    L[1, 0] = p[1]
    L[1, 1] = p[2]
    z = np.linalg.solve(L, xs.T)
    return 0.5 * np.sum(z**2) + 10 * np.log(p[0]) + 10 * np.log(p[2])


def chol_g(p, miss=False):
    L = np.array([[p[0], 0], [p[1], p[2]]])
    z = np.linalg.solve(L, xs.T)
    G = -np.linalg.solve(L.T, z @ z.T)
    return np.array([G[0, 0] + (0 if miss else 10 / p[0]), G[1, 0], G[1, 1] + 10 / p[2]])


case(
    "cholesky nll",
    chol_nll,
    np.array([1.2, 0.3, 0.8]),
    ("right", chol_g),
    ("missing logdet term", lambda p: chol_g(p, True)),
)
b3 = rng.normal(size=3)
case(
    "x^T A^-1 x",
    lambda a: b3 @ np.linalg.inv(a.reshape(3, 3)) @ b3,
    A3.ravel(),
    (
        "right",
        lambda a: -(np.linalg.inv(a.reshape(3, 3)).T @ np.outer(b3, b3) @ np.linalg.inv(a.reshape(3, 3)).T).ravel(),
    ),
    (
        "no transposes",
        lambda a: -(np.linalg.inv(a.reshape(3, 3)) @ np.outer(b3, b3) @ np.linalg.inv(a.reshape(3, 3))).ravel(),
    ),
)
K = np.array([0.5, -1.0, 0.25])
tgt = rng.normal(size=6)


def conv(x):
    return 0.5 * np.sum((np.convolve(x, K, "valid") - tgt) ** 2)


case(
    "convolve",
    conv,
    rng.normal(size=8),
    ("right", lambda x: np.convolve(np.convolve(x, K, "valid") - tgt, K[::-1], "full")),
    ("not flipped", lambda x: np.convolve(np.convolve(x, K, "valid") - tgt, K, "full")),
)
T = 3
dk = 2
Kk = rng.normal(size=(T, dk))
V = rng.normal(size=(T, dk))


def att(q):
    q = q.reshape(T, dk)
    s = q @ Kk.T / np.sqrt(dk)
    e = np.exp(s - s.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    return np.sum((p @ V) ** 2)


def attg(q, scale=True):
    q = q.reshape(T, dk)
    s = q @ Kk.T / np.sqrt(dk)
    p = softmax(s)
    o = p @ V
    dp = 2 * o @ V.T
    ds = p * (dp - (dp * p).sum(1, keepdims=True))
    r = ds @ Kk
    return (r / np.sqrt(dk) if scale else r).ravel()


case("attention", att, rng.normal(size=T * dk), ("right", attg), ("no 1/sqrt(d)", lambda q: attg(q, False)))
r = rng.normal(size=60) * 0.02 + 0.001
r = r * 100


def garch(p):
    w, a, b = (p[0], p[1], p[2])
    h = np.mean(r**2)
    ll = 0.0
    for t in range(len(r)):
        ll = ll + 0.5 * (np.log(h) + r[t] ** 2 / h)
        h = w + a * r[t] ** 2 + b * h
    return ll


def garchg(p, stale=False, nomem=False):
    w, a, b = p
    h = np.mean(r**2)
    dh = np.zeros(3)
    g = np.zeros(3)
    for t in range(len(r)):
        g = g + 0.5 * (1 / h - r[t] ** 2 / h**2) * dh
        hn = w + a * r[t] ** 2 + b * h
        dh = np.array([1, r[t] ** 2, hn if stale else h]) + (0 if nomem else b * dh)
        h = hn
    return g


case(
    "garch",
    garch,
    np.array([0.5, 0.1, 0.8]),
    ("right", garchg),
    ("stale h", lambda p: garchg(p, True)),
    ("no memory", lambda p: garchg(p, False, True)),
)
ob = np.cumsum(rng.normal(size=30))


def kal(p):
    q, s = (np.exp(p[0]), np.exp(p[1]))
    m = 0.0
    P = 1.0
    ll = 0.0
    for o in ob:
        P = P + q
        S = P + s
        v = o - m
        ll = ll + 0.5 * (np.log(S) + v * v / S)
        Kg = P / S
        m = m + Kg * v
        P = (1 - Kg) * P
    return ll


def kalg(p, bug=0):
    q, s = (np.exp(p[0]), np.exp(p[1]))
    m = 0.0
    P = 1.0
    dm = np.zeros(2)
    dP = np.zeros(2)
    g = np.zeros(2)
    for o in ob:
        dP = dP + np.array([q, 0.0])
        P = P + q
        S = P + s
        dS = dP + np.array([0.0, s])
        v = o - m
        dv = -dm
        g = g + 0.5 * (dS / S + 2 * v * dv / S - v * v / S**2 * dS)
        Kg = P / S
        dK = dP / S - P / S**2 * dS
        m2 = m + Kg * v
        dm = dm + dK * v + (0 if bug == 1 else Kg * dv)
        m = m2
        dP = (1 - Kg) * dP - (0 if bug == 2 else dK * P)
        P = (1 - Kg) * P
    return g


case(
    "kalman",
    kal,
    np.array([-0.5, 0.2]),
    ("right", kalg),
    ("missing K dv", lambda p: kalg(p, 1)),
    ("missing dK P", lambda p: kalg(p, 2)),
)


def rk4(p, n=20):
    x = 1.0 + 0 * p[0]
    h = 0.1

    def F(x):
        return p[0] * x * (1 - x / p[1])

    for _ in range(n):
        a = F(x)
        b = F(x + h / 2 * a)
        c = F(x + h / 2 * b)
        d = F(x + h * c)
        x = x + h / 6 * (a + 2 * b + 2 * c + d)
    return x


def logis(p, t=2.0):
    k, K = p
    E = np.exp(k * t)
    dk = (K * t * E * (K - 1 + E) - K * E * t * E) / (K - 1 + E) ** 2
    dK = (E * (K - 1 + E) - K * E) / (K - 1 + E) ** 2
    return np.array([dk, dK])


def rk4g(p):
    out = []
    for i in range(2):
        q = np.array(p, dtype=complex)
        q[i] += 1e-30j
        out.append(rk4(q).imag / 1e-30)
    return np.array(out)


case("rk4 complex step", rk4, np.array([0.7, 3.0]), ("right", rk4g), ("gradient of exact ODE", logis))


def eul(p):
    x = p[0]
    for _ in range(50):
        x = x + 0.02 * (np.sin(x) - p[1] * x)
    return x * x


def eulg(p, n=50):
    xs_ = [p[0]]
    for _ in range(50):
        xs_.append(xs_[-1] + 0.02 * (np.sin(xs_[-1]) - p[1] * xs_[-1]))
    lam_ = 2 * xs_[-1]
    gp = 0.0
    for k in range(49, 49 - n, -1):
        gp += lam_ * -0.02 * xs_[k]
        lam_ *= 1 + 0.02 * (np.cos(xs_[k]) - p[1])
    return np.array([lam_, gp])


case("euler adjoint", eul, np.array([1.3, 0.4]), ("right", eulg), ("off by one", lambda p: eulg(p, 49)))


def ivpd(p):
    return solve_ivp(lambda t, x: [p[0] * x[0] * (1 - x[0] / p[1])], (0, 2), [1.0]).y[0, -1]


case(
    "solve_ivp default",
    ivpd,
    np.array([0.7, 3.0]),
    ("right", logis),
    ("second wrong 10%", lambda p: logis(p) * np.array([1, 1.1])),
)
kx = np.linspace(0, 5, 11)
ky = np.sin(kx) + 0.1 * kx
cs = CubicSpline(kx, ky)
case(
    "cubic spline",
    lambda x: float(cs(x[0]) * cs(x[1])),
    np.array([1.3, 2.6]),
    ("right", lambda x: np.array([cs(x[0], 1) * cs(x[1]), cs(x[0]) * cs(x[1], 1)])),
    ("missing 2nd factor", lambda x: np.array([cs(x[0], 1) * cs(x[1]), cs(x[1], 1)])),
    ("second derivative", lambda x: np.array([cs(x[0], 2) * cs(x[1]), cs(x[0]) * cs(x[1], 1)])),
)


def itp(x):
    return np.interp(x[0], kx, ky) * x[1]


def itpg(x, o=0):
    i = np.searchsorted(kx, x[0]) - 1 + o
    return np.array([(ky[i + 1] - ky[i]) / (kx[i + 1] - kx[i]) * x[1], np.interp(x[0], kx, ky)])


case("np.interp", itp, np.array([1.3, 2.6]), ("right", itpg), ("next cell", lambda x: itpg(x, 1)))


def rfftl(x):
    return np.sum(np.abs(np.fft.rfft(x)) ** 1.5)


def rfftlg(x, bug=0):
    F = np.fft.rfft(x)
    g = 1.5 * np.abs(F) ** (-0.5) * F
    g = g.copy()
    if not bug:
        g[1:-1] *= 0.5
    return np.fft.irfft(g, 8) * 8


case("spectral loss", rfftl, rng.normal(size=8), ("right", rfftlg), ("middle bins not halved", lambda x: rfftlg(x, 1)))
yt = np.array([0.3, -1.0, 2.0, 0.5, 4.0])


def quant(x):
    d = yt - x
    return np.sum(np.maximum(0.9 * d, -0.1 * d))


case(
    "quantile",
    quant,
    np.array([0.1, -0.5, 2.5, 0.2, 1.0]),
    ("right", lambda x: np.where(yt - x > 0, -0.9, 0.1)),
    ("tau swapped", lambda x: np.where(yt - x > 0, -0.1, 0.9)),
    ("sign", lambda x: np.where(yt - x > 0, 0.9, -0.1)),
)


def hinge(w):
    m = 1 - (2 * y - 1) * (X @ w)
    return np.mean(np.maximum(m, 0)) + 0.05 * w @ w


def hingeg(w, k=1):
    s = 2 * y - 1
    a = 1 - s * (X @ w) > 0 if k else s * (X @ w) < 0
    return -(X.T @ (s * a)) / 20 + 0.1 * w


case("hinge svm", hinge, rng.normal(size=4), ("right", hingeg), ("margin 0", lambda w: hingeg(w, 0)))


def f32(w):
    w = np.asarray(w, dtype=np.float32)
    return np.sum(np.log1p(np.exp(w)))


case(
    "float32 softplus",
    f32,
    np.array([0.3, -1.2, 2.0]),
    ("right", lambda w: sig(np.asarray(w, dtype=np.float32))),
    ("1e-2 in one", lambda w: sig(np.asarray(w)) * np.array([1, 1.01, 1])),
    ("squared", lambda w: sig(np.asarray(w)) ** 2),
)


def tll(p):
    return -np.sum(tdist.logpdf(r[:10], 5, loc=p[0], scale=np.exp(p[1])))


def tllg(p):
    s = np.exp(p[1])
    z = (r[:10] - p[0]) / s
    return np.array([-np.sum(6 * z / (5 + z * z)) / s, 10 - np.sum(6 * z * z / (5 + z * z))])


case(
    "student t nll",
    tll,
    np.array([0.1, 0.3]),
    ("right", tllg),
    ("jacobian of log scale", lambda p: tllg(p) * [1, 1 / np.exp(p[1])]),
)


def lj(x):
    x = x.reshape(4, 3)
    e = 0.0
    for i in range(4):
        for j in range(i):
            d2 = np.sum((x[i] - x[j]) ** 2)
            s = 1 / d2**3
            e = e + 4 * (s * s - s)
    return e


def ljg(x, bug=0):
    x = x.reshape(4, 3)
    g = np.zeros((4, 3))
    for i in range(4):
        for j in range(i):
            d = x[i] - x[j]
            d2 = np.sum(d**2)
            s = 1 / d2**3
            f_ = 4 * (-12 * s * s + 6 * s) / d2 * d
            g[i] += f_
            if bug != 1:
                g[j] -= f_
            else:
                g[j] += f_
    return g.ravel()


x4 = np.array([[0, 0, 0], [1.1, 0, 0], [0, 1.2, 0.1], [0.3, 0.2, 1.15]]).ravel()
case("lennard jones", lj, x4, ("right", ljg), ("newton's third law", lambda x: ljg(x, 1)))
case(
    "expm",
    lambda t: expm(t[0] * A3)[0, 1],
    np.array([0.3]),
    ("right", lambda t: np.array([(A3 @ expm(t[0] * A3))[0, 1]])),
    ("no A", lambda t: np.array([expm(t[0] * A3)[0, 1]])),
)


def eig(a):
    M = a.reshape(3, 3)
    return np.linalg.eigvalsh((M + M.T) / 2)[-1]


def eigg(a, b=0):
    M = a.reshape(3, 3)
    _, v = np.linalg.eigh((M + M.T) / 2)
    u = v[:, -1] if not b else v[-1]
    return np.outer(u, u).ravel()


case("eigvalsh", eig, A3.ravel(), ("right", eigg), ("row for column", lambda a: eigg(a, 1)))


def imp(p):
    return brentq(lambda x: x * np.exp(x) - p[0] - p[1] * x, 0, 5, xtol=1e-13)


def impg(p):
    x = imp(p)
    d = np.exp(x) * (1 + x) - p[1]
    return np.array([1 / d, x / d])


case(
    "brentq implicit",
    imp,
    np.array([2.0, 0.5]),
    ("right", impg),
    ("p1 forgotten", lambda p: (lambda x: np.array([1, x]) / (np.exp(x) * (1 + x)))(imp(p))),
)
cache_ = {}


def stale(x):
    if "x" not in cache_:
        cache_["x"] = x.copy()
    return 2 * cache_["x"]


def gelu(x):
    return np.sum(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def gelug(x, c=0.044715):
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + c * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * c * x**2)


case(
    "gelu",
    gelu,
    np.array([0.5, -1.0]),
    ("right", gelug),
    (
        "no 3",
        lambda x: (lambda k, t: 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 0.044715 * x**2))(
            np.sqrt(2 / np.pi), np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
        ),
    ),
    ("constant typo", lambda x: gelug(x, 0.044751)),
)
Tr = np.array([[0.9, 0.1], [0.2, 0.8]])
hob = np.array([0.1, 1.2, 0.9, -0.2, 1.5])


def hmm(m):
    al = np.log(np.array([0.5, 0.5])) - 0.5 * (hob[0] - m) ** 2
    for o in hob[1:]:
        al = np.array([logsumexp(al + np.log(Tr[:, k])) for k in range(2)]) - 0.5 * (o - m) ** 2
    return logsumexp(al)


def hmmg(m, filt=0):
    n = len(hob)
    em = np.exp(-0.5 * (hob[:, None] - m) ** 2)
    al = np.zeros((n, 2))
    be = np.ones((n, 2))
    al[0] = 0.5 * em[0]
    for t in range(1, n):
        al[t] = al[t - 1] @ Tr * em[t]
    for t in range(n - 2, -1, -1):
        be[t] = Tr @ (em[t + 1] * be[t + 1])
    g = al * (1 if filt else be)
    g = g / g.sum(1, keepdims=True)
    return np.sum(g * (hob[:, None] - m), axis=0)


case("hmm forward", hmm, np.array([0.0, 1.0]), ("right", hmmg), ("filtered for smoothed", lambda m: hmmg(m, 1)))
tx = np.linspace(0, 1, 6)
ty = np.sin(6 * tx)


def gp(p):
    Kx = np.exp(p[1]) * np.exp(-0.5 * (tx[:, None] - tx) ** 2 / np.exp(2 * p[0])) + 0.1 * np.eye(6)
    L = np.linalg.cholesky(Kx)
    a = np.linalg.solve(L, ty)
    return 0.5 * a @ a + np.sum(np.log(np.diag(L)))


def gpg(p, b=0):
    D2 = (tx[:, None] - tx) ** 2
    K0 = np.exp(p[1]) * np.exp(-0.5 * D2 / np.exp(2 * p[0]))
    Kx = K0 + 0.1 * np.eye(6)
    Ki = np.linalg.inv(Kx)
    a = Ki @ ty
    M = 0.5 * (Ki - np.outer(a, a)) if b != 1 else 0.5 * (Ki + np.outer(a, a))
    return np.array([np.sum(M * K0 * D2 / np.exp(2 * p[0]) * (1 if b != 2 else 0.5)), np.sum(M * K0)])


case(
    "gaussian process",
    gp,
    np.array([-1.0, 0.2]),
    ("right", gpg),
    ("sign of aaT", lambda p: gpg(p, 1)),
    ("factor of length", lambda p: gpg(p, 2)),
)


def kw(a, b, c=2.0):
    return a * np.sin(b) * c


def rnd(x):
    return round(float(np.sin(x[0]) * x[1]), 6)


case(
    "rounded output",
    rnd,
    np.array([0.3, 0.5]),
    ("right", lambda x: np.array([np.cos(x[0]) * x[1], np.sin(x[0])])),
    ("wrong", lambda x: np.array([np.cos(x[0]) * x[1], np.cos(x[0])])),
)
