"""The compiled kernel of Firth's logistic regression does what the NumPy kernel does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import count_calls
from tests.kernels.test_firth_summits import held_by_one
from tests.reference import loader

import vertebrisk
from vertebrisk._types import BoolArray, FloatArray, MeanRisk
from vertebrisk.kernels import compiled
from vertebrisk.kernels.firth.logistic import FirthFits, fit_firth_batch, with_intercept

pytest.importorskip("numba")
pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.VertebriskWarning")

RTOL = 1e-10  # sums in another order; the last step is below that in standard errors
ATOL = 1e-10  # of coefficients, in the spreads of their columns


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    compiled.warm_up()
    yield
    compiled.switch_off()


def resampled(
    size: int, patients: int, columns: int, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns of numbers and of yes and no, outcomes that few have, and resamples."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(patients, columns))
    x[:, ::2] = x[:, ::2] > 1.0
    event = (rng.random(patients) < 0.15).astype(np.float64)
    weights = rng.multinomial(patients, np.full(patients, 1.0 / patients), size=size)
    design = np.column_stack([np.ones(patients), x])
    return design, np.repeat(event[None], size, axis=0), weights.astype(np.float64)


def both(
    design: FloatArray, target: FloatArray, weights: FloatArray, mask: BoolArray | None = None
) -> tuple[FirthFits, FirthFits]:
    from vertebrisk.kernels.compiled.firth import fit_firth

    return fit_firth(design, target, weights, mask), fit_firth_batch(
        design, target, weights, mask=mask
    )


def assert_same(ours: FirthFits, reference: FirthFits) -> None:
    for name in ("rank", "mask", "converged"):
        assert_array_equal(getattr(ours, name), getattr(reference, name))
    for name in ("beta", "penalised", "scaled_information"):
        assert_allclose(getattr(ours, name), getattr(reference, name), RTOL, ATOL, err_msg=name)


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 6, 9])
def test_every_replicate_is_that_of_numpy(columns: int) -> None:
    """Among 60 patients, of whom a resample may have few events or none: many are separated."""
    design, target, weights = resampled(80, 60, columns, columns)
    ours, reference = both(design, target, weights)
    assert_same(ours, reference)
    assert reference.converged.all()
    assert (np.abs(ours.iterations - reference.iterations) <= 1).all()


def test_hardly_any_goes_back_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    from vertebrisk.kernels.compiled.firth import fit_firth

    calls = count_calls(monkeypatch, "vertebrisk.kernels.compiled.firth", "fit_firth_batch")
    fit_firth(*resampled(80, 200, 5, 3))
    assert not calls.arguments


def test_each_uses_its_own_columns_and_shares_of_events() -> None:
    rng = np.random.default_rng(4)
    design, _, weights = resampled(50, 60, 6, 4)
    mask = rng.random((50, 7)) < 0.6
    mask[:, 0] = True
    mask[0, 1:] = False
    target = np.clip(rng.normal(0.4, 0.3, weights.shape), 0.0, 1.0)
    ours, reference = both(design, target, weights, mask)
    assert_same(ours, reference)
    assert (ours.beta[~mask] == 0.0).all()


def test_dependent_columns_go_back_to_numpy() -> None:
    """Replicates that lack a level get the estimate of least norm."""
    design, target, weights = resampled(30, 60, 4, 5)
    weights[::3, design[:, 1] == 1.0] = 0.0
    ours, reference = both(design, target, weights)
    assert_same(ours, reference)
    assert (reference.rank == 4).sum() == 10


def test_the_higher_of_two_maxima_is_that_of_numpy() -> None:
    design, event = held_by_one()
    weights = np.ones((3, event.size))
    weights[1, -1] = 0.0  # without him there is one maximum
    weights[2, :3] = 2.0
    ours, reference = both(design, np.repeat(event[None], 3, axis=0), weights)
    assert_same(ours, reference)


def test_another_intercept_is_that_of_numpy() -> None:
    from vertebrisk.kernels.compiled import firth

    design, target, weights = resampled(40, 60, 4, 6)
    target[3], target[5] = 0.0, 1.0  # all patients have one outcome
    fits = fit_firth_batch(design, target, weights)
    ours = firth.with_intercept(fits, design, target, weights)
    reference = with_intercept(fits, design, target, weights)
    for name in ("beta", "scaled_information", "log_likelihood"):
        assert_allclose(getattr(ours, name), getattr(reference, name), RTOL, ATOL, err_msg=name)
    assert_array_equal(ours.beta[[3, 5]], fits.beta[[3, 5]])
    assert (ours.beta[:3, 0] != fits.beta[:3, 0]).all()


@pytest.mark.parametrize("mean_risk", get_args(MeanRisk))
def test_a_validation_is_that_of_numpy(mean_risk: MeanRisk) -> None:
    frame = loader.frame("pvp").with_columns(pl.col("muscle").cast(pl.String))
    formula = "pain ~ cleft + fascia + C(muscle) + cement"
    found = {}
    for kind in (compiled.switch_off, compiled.warm_up):
        kind()
        fit = vertebrisk.fit_logistic(formula, frame, estimator="firth", mean_risk=mean_risk)
        found[kind.__name__] = fit.coefficients(), fit.validate(100, 3, fixed=True).table
    for ours, reference in zip(found["warm_up"], found["switch_off"], strict=True):
        for column in reference.select(pl.selectors.numeric()).columns:
            found_here, expected = ours[column].to_numpy(), reference[column].to_numpy()
            assert_allclose(found_here, expected, 1e-9, ATOL, err_msg=column)
