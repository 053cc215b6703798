"""The higher of two maxima of Firth's penalised likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.counting import count_calls

from vertebrisk._types import FloatArray
from vertebrisk.kernels.firth.climbing import climb
from vertebrisk.kernels.firth.logistic import fit_firth_batch
from vertebrisk.kernels.firth.problem import Problem

SUMMITS = "vertebrisk.kernels.firth.summits"


def held_by_one() -> tuple[FloatArray, FloatArray]:
    """Patients who are nearly told apart by a number, of which one is far out."""
    x = np.array([-0.8, -0.7, -0.5, -0.4, -0.4, -0.2, 0.0, 0.0, 0.1, 0.1, 0.3, 0.4, 0.4, 0.5, 0.6])
    x = np.concatenate([x, [0.9, 0.9, 1.0, 1.3, 21.0]])
    event = (np.arange(20) > 8).astype(float)
    return np.column_stack([np.ones(20), x]), event


def highest_of_many(design: FloatArray, event: FloatArray, seed: int) -> float:
    """The highest maximum that searches from many places find."""
    problem = Problem.of(design, event, np.ones((1, event.size)))
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1.0, 3.0, 8.0, 20.0], size=(40, 1))
    starts = rng.normal(size=(40, design.shape[1])) * sizes
    many = problem.take(np.zeros(40, dtype=np.int64))
    found = climb(many, starts, np.ones(starts.shape, dtype=np.bool_))
    units = np.log(problem.scaling.scale).sum()
    return float(found.point.value[found.converged].max() + units)


def test_the_estimate_is_the_higher_maximum() -> None:
    design, event = held_by_one()
    problem = Problem.of(design, event, np.ones((1, event.size)))
    lower = climb(problem, np.zeros((1, 2)), problem.mask)
    fits = fit_firth_batch(design, event, np.ones((1, event.size)))
    assert lower.converged.all()
    assert fits.converged.all()
    units = np.log(problem.scaling.scale).sum()
    assert fits.penalised[0] > lower.point.value[0] + units + 6.0
    assert_allclose(fits.penalised[0], highest_of_many(design, event, 1), rtol=1e-9)


def test_each_replicate_finds_its_own() -> None:
    design, event = held_by_one()
    weights = np.ones((3, event.size))
    weights[1, -1] = 0.0  # without him there is one maximum
    weights[2, :3] = 2.0
    together = fit_firth_batch(design, event, weights)
    for row, own in enumerate(weights):
        alone = fit_firth_batch(design, event, own[None])
        assert_allclose(together.beta[row], alone.beta[0], rtol=1e-7)
    held = np.zeros((3, 2), dtype=np.bool_)
    held[:, 1] = True
    null = fit_firth_batch(design, event, weights, held=held)
    assert (null.beta[:, 1] == 0.0).all()
    assert (null.penalised < together.penalised).all()


@pytest.mark.slow
def test_small_tables_seldom_end_at_a_lower_maximum() -> None:
    rng = np.random.default_rng(8)
    lower = 0
    for seed in range(100):
        size, width = int(rng.integers(10, 25)), int(rng.integers(1, 4))
        columns = np.exp(rng.normal(size=(size, width)))
        columns[0] *= 10.0
        linear = columns @ rng.normal(size=width) * 3.0
        event = (rng.random(size) < 1.0 / (1.0 + np.exp(np.median(linear) - linear))).astype(float)
        if event.min() == event.max():
            continue
        design = np.column_stack([np.ones(size), columns])
        found = fit_firth_batch(design, event, np.ones((1, size))).penalised[0]
        lower += found < highest_of_many(design, event, seed) - 1e-6
    assert lower <= 2  # a search from zero alone leaves 28 there


def test_usual_patients_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    columns = np.column_stack([np.ones(200), rng.normal(size=(200, 3)), rng.random(200) < 0.01])
    event = (rng.random(200) < 0.3).astype(float)
    calls = count_calls(monkeypatch, SUMMITS, "climb")
    fit_firth_batch(columns, event, np.ones((1, 200)))
    assert calls.count == 0  # of the rare level one patient has all the leverage, and no number
