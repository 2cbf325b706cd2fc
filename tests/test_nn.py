"""Networks of Values, beside micrograd's and NumPy's."""

from __future__ import annotations

import random

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

from gradcalc import nn
from gradcalc.engine.value import Value

LESSON = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]], [1.0, -1.0, -1.0, 1.0]


def both(make):
    """The same thing made of gradcalc's and of micrograd's classes, from the same draws."""
    made = []
    for classes in (nn, micrograd.nn):
        random.seed(1337)
        made.append(make(classes))
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m.Neuron(3),
        lambda m: m.Neuron(3, nonlin=False),
        lambda m: m.Layer(2, 3),
        lambda m: m.Layer(2, 1, nonlin=False),
        lambda m: m.MLP(3, [4, 4, 1]),
        lambda m: m.MLP(2, [16, 16, 2]),
    ],
)
def test_drawn_named_and_ordered_as_micrograds(make):
    ours, theirs = both(make)
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    assert repr(ours) == repr(theirs)
    assert [type(c).__name__ for c in type(ours).__mro__[:-1]] == [type(c).__name__ for c in type(theirs).__mro__[:-1]]


def test_trains_as_micrograd_does():
    ours, theirs = both(lambda m: m.MLP(2, [5, 4, 1]))
    points = np.random.default_rng(3).uniform(-1, 1, (12, 2))
    targets = [1 if x * y > 0 else -1 for x, y in points]

    def step(model, value):
        scores = [model([value(float(x)) for x in point]) for point in points]
        loss = sum((1 + -y * s).relu() for y, s in zip(targets, scores, strict=True)) * (1.0 / len(targets))
        loss = loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    for i in range(5):
        mine, other = step(ours, Value), step(theirs, micrograd.engine.Value)
        assert mine == other if i == 0 else mine == pytest.approx(other, rel=1e-14)
    assert [p.data for p in ours.parameters()] == pytest.approx([p.data for p in theirs.parameters()], rel=1e-13)


def test_losses_are_numpys():
    scores, targets = [0.3, -1.7, 2.5], [1, 1, -1]
    values = [Value(s) for s in scores]
    s, t = np.array(scores), np.array(targets)
    assert nn.max_margin(values, targets).data == pytest.approx(np.maximum(0, 1 - t * s).mean())
    assert nn.squared_error(values, targets).data == pytest.approx(((s - t) ** 2).sum())
    assert nn.l2(values, 0.5).data == pytest.approx(0.5 * (s**2).sum())
    for loss in (nn.max_margin, nn.squared_error):
        with pytest.raises(ValueError, match="as many targets as outputs: 2 for 3"):
            loss(values, targets[:2])
        with pytest.raises(ValueError, match="0 for 0"):
            loss([], [])


def test_the_network_of_the_lessons_learns_its_four_samples():
    random.seed(1)
    model = nn.MLP(3, [4, 4, 1], "tanh", "tanh")
    assert len(model.parameters()) == 41
    assert repr(model.layers[2]) == "Layer of [TanhNeuron(4)]"
    samples, targets = LESSON
    losses = []
    for _ in range(100):
        loss = nn.squared_error([model(x) for x in samples], targets)
        losses.append(loss.data)
        model.zero_grad()
        loss.backward()
        nn.sgd(model.parameters(), 0.1)
    assert losses[0] > 1 > 0.01 > losses[-1]
    assert [round(model(x).data) for x in samples] == targets


def test_any_function_of_the_table_is_a_nonlinearity():
    random.seed(2)
    for name, numpy_s in (("tanh", np.tanh), ("sigmoid", lambda x: 1 / (1 + np.exp(-x))), ("sin", np.sin)):
        neuron = nn.Neuron(2, name)
        w, x = np.array([p.data for p in neuron.w]), np.array([0.5, -2.0])
        assert neuron(x).data == pytest.approx(numpy_s(w @ x + neuron.b.data))
    for wrong in ("data", "zero_grad", "max", "TANH"):
        with pytest.raises(ValueError, match="no function of one number"):
            nn.Neuron(2, wrong)


def test_inputs_are_counted():
    with pytest.raises(ValueError, match=r"ReLUNeuron\(2\) takes 2 inputs, not 3"):
        nn.MLP(2, [2, 1])([1.0, 2.0, 3.0])
    random.seed(3)
    narrow = nn.MLP(1, [1, 1], "tanh")  # layers of one neuron feed each other
    assert narrow(Value(0.5)).data == narrow([0.5]).data
