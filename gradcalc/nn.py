"""Neural networks of Values, in the place of micrograd's `nn`: the same classes, the same parameters in the same order,
drawn in the same order from `random`. And what training takes: losses, L2, a step of gradient descent.

    model = MLP(2, [16, 16, 1])
    for step in range(100):
        loss = max_margin([model(x) for x in points], targets) + l2(model.parameters())
        model.zero_grad()
        loss.backward()
        sgd(model.parameters(), 0.1)
"""

from __future__ import annotations

import operator
import random
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

from .engine.value import Value
from .language.functions import TABLE

Scalar = Value | float


class Module:
    """A part of a network, with its parameters."""

    def zero_grad(self) -> None:
        for p in self.parameters():
            p.grad = 0

    def parameters(self) -> list[Value]:
        return []


class Neuron(Module):
    """The weights `w`, drawn uniformly from -1 to 1, the bias `b`, which starts at 0, and a nonlinearity.

    Args:
        nin: how many inputs.
        nonlin: True for relu, False for none, or the name of a function of the table, such as `tanh`.

    Raises:
        ValueError: for a name that is no function of one number.
    """

    def __init__(self, nin: int, nonlin: bool | str = True):
        if isinstance(nonlin, str) and (nonlin not in TABLE or len(TABLE[nonlin].params) != 1):
            raise ValueError(f"{nonlin!r} is no function of one number")
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Scalar]) -> Value:
        """The output, a Value, for a sequence of `nin` Values or numbers.

        Raises:
            ValueError: for another number of inputs.
        """
        if len(x) != len(self.w):
            raise ValueError(f"{self} takes {len(self.w)} inputs, not {len(x)}")
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        if isinstance(self.nonlin, str):
            result: Value = getattr(act, self.nonlin)()
            return result
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def __repr__(self) -> str:
        kind = self.nonlin.capitalize() if isinstance(self.nonlin, str) else "ReLU" if self.nonlin else "Linear"
        return f"{kind}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons that see the same `nin` inputs."""

    def __init__(self, nin: int, nout: int, nonlin: bool | str = True):
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Sequence[Scalar]) -> Any:
        """The list of outputs; of a single neuron, its output alone."""
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [p for n in self.neurons for p in n.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multi-layer perceptron: one layer for each of the sizes `nouts`.

    Args:
        nonlin: the nonlinearity of the layers before the last, as `Neuron` takes it; by default relu.
        last: that of the last; by default none. `MLP(3, [4, 4, 1], "tanh", "tanh")` is the network of the micrograd
            lessons.
    """

    def __init__(self, nin: int, nouts: Sequence[int], nonlin: bool | str = True, last: bool | str = False):
        sizes = list(pairwise([nin, *nouts]))
        kinds = [nonlin] * (len(sizes) - 1) + [last]
        self.layers = [Layer(*size, kind) for size, kind in zip(sizes, kinds, strict=True)]

    def __call__(self, x: Any) -> Any:
        """The list of outputs of the last layer; of a single neuron, its output alone."""
        for layer in self.layers:
            x = layer([x] if isinstance(x, Value) else x)  # after a layer of one neuron
        return x

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"


# ---- training


def max_margin(scores: Sequence[Value], targets: Sequence[float]) -> Value:
    """The mean of `relu(1 - target * score)`: the loss of a support vector machine. Targets are 1 and -1."""
    losses = [(1 + -target * score).relu() for score, target in _pairs(scores, targets)]
    return _total(losses) * (1.0 / len(losses))


def squared_error(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    """The sum of `(output - target)^2`."""
    return _total((output - target) ** 2 for output, target in _pairs(outputs, targets))


def _pairs(outputs: Sequence[Value], targets: Sequence[float]) -> list[tuple[Value, float]]:
    if len(outputs) != len(targets) or len(outputs) == 0:
        raise ValueError(f"a loss needs as many targets as outputs: {len(targets)} for {len(outputs)}")
    return list(zip(outputs, targets, strict=True))


def l2(parameters: Iterable[Value], strength: float = 1e-4) -> Value:
    """`strength` times the sum of the squares, added to a loss to keep parameters small."""
    return strength * _total(p * p for p in parameters)


def _total(values: Iterable[Value]) -> Value:
    return reduce(operator.add, values)


def sgd(parameters: Iterable[Value], rate: float) -> None:
    """One step of gradient descent: every parameter goes `rate` times its gradient downhill."""
    for p in parameters:
        p.data -= rate * p.grad
