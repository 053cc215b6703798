"""Derivatives compiled and by passes agree; resamples begin where all of them together end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import count_calls

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival import cox
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.rowwise import fit_rowwise
from vertebrisk.kernels.survival.spread import spread
from vertebrisk.kernels.survival.ties import TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

RTOL = 1e-10  # sums in another order; Newton's last step squares what is left
PREDICTORS = 5


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def followed(size: int, strata: int = 1, entry: bool = False) -> tuple[SurvivalTimes, FloatArray]:
    """Patients with many tied times."""
    rng = np.random.default_rng(size + strata)
    columns = rng.normal(size=(size, PREDICTORS))
    columns[:, 1] = columns[:, 1] > 0.3
    hazard = np.exp(columns @ np.linspace(-0.5, 0.6, PREDICTORS))
    months = np.ceil(rng.exponential(20.0 / hazard)).clip(1.0, 40.0)
    event = (rng.random(size) < 0.7) & (months < 40.0)
    groups = rng.integers(0, strata, size) if strata > 1 else None
    late = np.floor(months * rng.random(size) * 0.5) if entry else None
    return SurvivalTimes(months, event, late, groups), columns


def drawn(size: int, replicates: int) -> FloatArray:
    return np.random.default_rng(9).poisson(1.0, (replicates, size)).astype(np.float64)


def assert_same_fits(found: CoxFits, expected: CoxFits) -> None:
    for name in ("separated", "rank", "converged"):
        assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    finite = expected.converged
    for name in ("beta", "information"):
        ours, reference = getattr(found, name)[finite], getattr(expected, name)[finite]
        assert_allclose(ours, reference, RTOL, 1e-10, err_msg=name)
    for name in ("log_likelihood", "null_log_likelihood"):
        assert_allclose(getattr(found, name), getattr(expected, name), RTOL, err_msg=name)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", [1, 3])
@pytest.mark.parametrize("own", [False, True])
def test_compiled_derivatives_are_those_of_passes(ties: Ties, strata: int, own: bool) -> None:
    pytest.importorskip("numba")
    times, columns = followed(300, strata)
    sets, weights = RiskSets.of(times), drawn(300, 6)
    mass = weights[:, sets.rows]
    terms = TiedTerms.of(sets, mass[:, sets.deaths], mass[:, sets.deaths], ties)
    hazard = mass * np.exp(0.3 * columns[sets.rows, 0])
    x = columns[sets.rows].T
    x = np.stack([x * scale for scale in range(1, 7)]) if own else x
    expected = spread(sets, sets.deaths, terms, hazard, x)
    compiled.warm_up()
    for ours, passes in zip(spread(sets, sets.deaths, terms, hazard, x), expected, strict=True):
        assert_allclose(ours, passes, RTOL, 1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(("strata", "entry"), [(1, False), (3, False), (1, True)])
def test_compiled_fits_are_those_of_numpy(ties: Ties, strata: int, entry: bool) -> None:
    pytest.importorskip("numba")
    times, columns = followed(250, strata, entry)
    weights = drawn(250, 20)
    weights[3] *= ~(times.event & (columns[:, 1] > 0))  # no event in one group
    expected = fit_cox_batch(columns, times, weights, ties=ties)
    assert expected.separated[3]
    assert expected.converged.sum() == 19
    compiled.warm_up()
    assert_same_fits(fit_cox_batch(columns, times, weights, ties=ties), expected)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_where_a_search_begins_does_not_matter(ties: Ties, monkeypatch: pytest.MonkeyPatch) -> None:
    times, columns = followed(250)
    columns[:, 4] = columns[:, 3] * (np.arange(250) > 2) + 0.5 * (np.arange(250) <= 2)
    weights = drawn(250, 20)
    weights[2, :3] = 0.0  # two columns are one
    weights[3] *= ~(times.event & (columns[:, 1] > 0))
    together = fit_cox_batch(columns, times, weights, ties=ties)
    monkeypatch.setattr(cox, "MANY", 100)
    alone = fit_cox_batch(columns, times, weights, ties=ties)
    assert alone.separated[3]
    assert alone.deficient[2]
    assert_same_fits(together, alone)
    # both are searched from zero; products of two and of twenty rows add up in other orders, and
    # of the runaway column the information is exp(-12) of its squares when its last step is taken
    for name in ("beta", "direction"):
        ours, reference = getattr(together, name)[[2, 3]], getattr(alone, name)[[2, 3]]
        assert_allclose(ours, reference, 1e-9, 1e-10, err_msg=name)


def test_resamples_take_fewer_steps_from_where_all_of_them_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times, columns = followed(600)
    weights = drawn(600, 30)

    def rows_derived() -> int:
        calls = count_calls(monkeypatch, "vertebrisk.kernels.survival.cox", "spread")
        assert fit_cox_batch(columns, times, weights).converged.all()
        return sum(call[3].shape[0] for call in calls.arguments)

    begun = rows_derived()
    monkeypatch.setattr(cox, "MANY", 100)
    assert begun <= 0.85 * rows_derived()


def test_a_replicate_far_from_the_start_is_found_all_the_same() -> None:
    times, columns = followed(200)
    linear = np.stack([columns @ np.linspace(-0.5, 0.6, PREDICTORS)] * 3)
    scores = linear * np.array([[1.0], [-40.0], [0.0]])
    weights = drawn(200, 3)
    plain = fit_rowwise(scores[:, :, None], times, weights)
    begun = fit_rowwise(scores[:, :, None], times, weights, start=np.ones((1, 1)))
    assert_array_equal(begun.usable, plain.usable)
    assert_allclose(begun.beta, plain.beta, RTOL, 1e-12)
    assert_allclose(begun.information, plain.information, 1e-8)
    assert begun.beta[2, 0] == 0.0


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_compiled_fits_leave_what_is_out_of_the_ordinary(
    ties: Ties, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    times, columns = followed(250, 2)
    columns[:, 4] = columns[:, 3] * (np.arange(250) > 2) + 0.5 * (np.arange(250) <= 2)
    weights = drawn(250, 24)
    weights[2, :3] = 0.0  # two columns are one
    weights[3] *= ~(times.event & (columns[:, 1] > 0))
    weights[4] *= ~times.event  # no event
    weights[5] *= np.arange(250) < 40  # few patients
    mask = np.ones((24, PREDICTORS), dtype=np.bool_)
    mask[6, 2] = False
    offset = 0.3 * columns[:, 0]
    expected = fit_cox_batch(columns, times, weights, ties=ties, mask=mask, offset=offset)
    compiled.warm_up()
    calls = count_calls(monkeypatch, "vertebrisk.kernels.survival.cox", "_begun")
    found = fit_cox_batch(columns, times, weights, ties=ties, mask=mask, offset=offset)
    assert_same_fits(found, expected)
    # an information that serves several steps leads up as surely, by some more of them
    assert (found.iterations[7:] <= expected.iterations[7:] + 4).all()
    assert 4 <= sum(call[0].weights.shape[0] for call in calls.arguments) <= 12
