"""Which Cox fits are called monotone: against a linear programme over pairs of patients, and R."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog
from tests.engines.test_cox import in_order

from vertebrisk._types import FloatArray
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_cox import fit_cox_held
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.fine_gray import fit_fine_gray_batch
from vertebrisk.kernels.survival.rowwise import fit_rowwise
from vertebrisk.kernels.survival.times import SurvivalTimes

CODE = 9999.0  # what stands for a missing value in many files


def has_no_maximum(columns: FloatArray, times: SurvivalTimes) -> bool:
    """Whether some direction puts every event above all who are at risk with it."""
    entry = np.full(times.size, -np.inf) if times.entry is None else times.entry
    ahead = []
    for event in np.flatnonzero(times.event):
        at_risk = (times.groups == times.groups[event]) & (times.exit >= times.exit[event])
        ahead.append(columns[event] - columns[at_risk & (entry < times.exit[event])])
    gaps = np.unique(np.vstack(ahead), axis=0)
    gaps = gaps[np.abs(gaps).max(axis=1) > 0]
    if not gaps.size:
        return False
    usual = [np.median(np.abs(each[each != 0])) if each.any() else 1.0 for each in gaps.T]
    gaps = gaps / usual
    gaps /= np.abs(gaps).max(axis=1, keepdims=True)  # only the side counts
    size, width = gaps.shape
    found = linprog(
        np.concatenate([np.zeros(width), -np.ones(size)]),
        A_ub=np.hstack([-gaps, np.eye(size)]),
        b_ub=np.zeros(size),
        bounds=[(None, None)] * width + [(0.0, 1.0)] * size,
        method="highs",
    )
    return bool(-found.fun > 0.5)  # a direction may be made as long as one likes


def patients(
    rng: np.random.Generator, coded: int, code: float = CODE
) -> tuple[FloatArray, SurvivalTimes]:
    """Some, of whom so many censored ones have the code in the place of a value."""
    n = int(rng.integers(8, 30))
    columns = np.column_stack([rng.integers(0, 3, n), rng.normal(60.0, 10.0, n).round(1)])
    linear = columns @ [2.0 * rng.normal(), 0.1 * rng.normal()]
    lasting = rng.exponential(np.exp(-np.clip(linear - linear.mean(), -20.0, 20.0)))
    followed = rng.exponential(np.median(lasting), n)
    event = lasting <= followed
    event[rng.integers(n)] = True
    columns[np.flatnonzero(~event)[:coded], rng.integers(2)] = code
    leaving = np.minimum(lasting, followed)
    entry = leaving * rng.uniform(0.0, 0.8, n) if rng.random() < 0.2 else None
    return columns, SurvivalTimes(leaving, event, entry, rng.integers(0, 2, n))


@pytest.mark.parametrize("coded", [0, pytest.param(1, marks=pytest.mark.slow), 3])
def test_fits_are_monotone_where_the_linear_programme_says_so(coded: int) -> None:
    rng = np.random.default_rng([5, coded])
    found = []
    for number in range(30):
        columns, times = patients(rng, coded)
        monotone = has_no_maximum(columns, times)
        fits = [
            fit_cox_batch(columns, times),
            fit_cox_batch(columns, times, np.ones((9, times.size))),
        ]
        if number % 4 == 0 and times.entry is None:
            fits.append(fit_cox_sorted(in_order(columns, times), LocalEngine()))
            fits.append(fit_cox_held(columns, times, LocalEngine()))
        for fit in fits:
            assert (fit.separated == monotone).all(), number
        assert (fits[0].converged != monotone).all(), number
        assert (fits[1].converged != monotone).all(), number
        found.append(monotone)
    assert 3 < sum(found) < 27


@pytest.mark.parametrize(
    "code", [pytest.param(code, marks=pytest.mark.slow) for code in (1e5, 1e7)] + [1e6]
)
def test_codes_further_off_are_no_monotone_likelihoods_either(code: float) -> None:
    """None that has a maximum is; nearly all others are found, and none is estimated."""
    rng = np.random.default_rng([11, int(code)])
    found = []
    for number in range(60):
        columns, times = patients(rng, 1 + number % 3, code)
        fits = [fit_cox_batch(columns, times)]
        if number % 4 == 0 and times.entry is None:
            fits.append(fit_cox_sorted(in_order(columns, times), LocalEngine()))
            fits.append(fit_cox_held(columns, times, LocalEngine()))
        monotone = has_no_maximum(columns, times)
        assert {bool(fit.converged[0]) for fit in fits} == {not monotone}, number
        if monotone:
            found += [fit.separated[0] for fit in fits]
    assert 5 < len(found) < 40
    assert sum(found) > 0.95 * len(found) - 1


# coxph of R 4.2.2 with eps = 1e-13: three censored patients have the code
X = [CODE, CODE, 1, CODE, 1, 5, 5, 3, 1, 1, 2, 3, 4, 3]
Z = [0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]
EVENT = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0]
BETA = [-0.04106994461915949, -0.25233249817853154]
LIKELIHOOD = -11.82236849149429


def test_a_code_far_off_is_no_monotone_likelihood() -> None:
    columns = np.column_stack([X, Z]).astype(np.float64)
    event = np.array(EVENT, dtype=np.bool_)
    times = SurvivalTimes(np.arange(1.0, 15.0), event)
    for fit in (
        fit_cox_batch(columns, times),
        fit_cox_sorted(in_order(columns, times), LocalEngine()),
        fit_cox_held(columns, times, LocalEngine()),
        fit_fine_gray_batch(columns, times.exit, event.astype(np.int64)),
    ):
        assert fit.converged.all()
        # the spread of a column with the code is a thousand times that of the rest
        assert_allclose(fit.beta[0], BETA, rtol=1e-7)
        assert_allclose(fit.log_likelihood, LIKELIHOOD, rtol=1e-12)
    own = fit_rowwise(columns[None], times, np.ones((1, 14)))
    assert own.usable.all()
    assert_allclose(own.beta[0], BETA, rtol=1e-7)
