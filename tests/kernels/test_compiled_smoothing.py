"""Replicates that are smoothed side by side do not know of each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.loess import loess_batch
from vertebrisk.kernels.lowess import interpolate_batch, lowess_batch
from vertebrisk.kernels.tied import TiedScores, collapse_counts

pytest.importorskip("numba")

GRID = np.linspace(0.1, 0.9, 17)


@pytest.fixture(autouse=True)
def _compiled() -> Iterator[None]:
    compiled.warm_up()
    yield
    compiled.switch_off()


def scored(replicates: int, width: int) -> tuple[TiedScores, FloatArray]:
    """Replicates with scores, sizes and numbers of patients of their own, and their risks."""
    random = np.random.default_rng(width)
    scores = random.normal(0.0, 1.5, (replicates, width))
    counts = random.integers(0, 6, (replicates, width)).astype(np.float64)
    counts[:, :4] += 1.0
    events = random.binomial(counts.astype(np.int64), expit(scores)).astype(np.float64)
    tied = collapse_counts(scores, counts, events, 0.0)
    return tied, np.asarray(expit(tied.scores))


@pytest.mark.parametrize("width", [6, 19, 90])
def test_a_replicate_is_smoothed_as_it_is_alone(width: int) -> None:
    from vertebrisk.kernels.compiled.smoothing import smooth_scores

    tied, risks = scored(70, width)
    errors, curves = smooth_scores(tied, risks, GRID)
    for place in (0, 31, 32, 69):
        part = tied.take(np.array([place]))
        alone = smooth_scores(part, risks[[place], : part.scores.shape[1]].copy(), GRID)
        assert_array_equal(errors[[place]], alone[0])
        assert_array_equal(curves[[place]], alone[1])


@pytest.mark.parametrize("width", [6, 19, 90])
def test_smooths_are_those_of_numpy(width: int) -> None:
    """To the digits that the order of sums leaves."""
    from vertebrisk.kernels.compiled.smoothing import smooth_scores

    tied, risks = scored(70, width)
    errors, curves = smooth_scores(tied, risks, GRID)
    for place in range(70):
        part = tied.take(np.array([place]))
        risk = part.map_scores(risks[[place], : part.scores.shape[1]])
        curve = interpolate_batch(risk, lowess_batch(risk), GRID)
        assert_allclose(curves[[place]], curve, 1e-10, 1e-12)
        gap = np.abs(loess_batch(risk) - risk.scores)[0]
        assert_allclose(errors[place, 3], gap.max(), 1e-9, 1e-11)
        assert_allclose(errors[place, 0], gap @ part.counts[0] / part.totals[0], 1e-9, 1e-11)
