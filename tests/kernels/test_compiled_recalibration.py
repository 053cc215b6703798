"""Outcomes that are regressed on scores side by side do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from vertebrisk.kernels.tied import TiedScores, collapse_counts
from vertebrisk.validation.measures import recalibrate

pytest.importorskip("numba")

APART, SINGLE = 5, 40  # a replicate whose scores part the outcomes, and one with a single score


def scored() -> TiedScores:
    """70 replicates with scores and numbers of patients of their own."""
    random = np.random.default_rng(2)
    scores = random.normal(0.3, 4.0, (70, 15))
    counts = random.integers(0, 6, scores.shape).astype(np.float64)
    counts[:, :2] += 2.0
    events = random.binomial(counts.astype(np.int64), expit(scores / 3.0)).astype(np.float64)
    events[:, 0], events[:, 1] = 1.0, 1.0
    events[APART] = np.where(scores[APART] > 0.0, counts[APART], 0.0)
    scores[SINGLE] = -1.0
    return collapse_counts(scores, counts, events, 0.0)


def test_a_replicate_is_measured_as_it_is_alone() -> None:
    from vertebrisk.kernels.compiled.scoring import measure_scores

    tied = scored()
    found, regular = measure_scores(tied, expit(tied.scores), refit=True)
    for place in (0, APART, SINGLE, 31, 32, 69):
        part = tied.take(np.array([place]))
        alone, usable = measure_scores(part, expit(part.scores), refit=True)
        assert_array_equal(found[[place]], alone)
        assert_array_equal(regular[[place]], usable)


def test_recalibrations_are_those_of_numpy() -> None:
    """To the digits that the order of sums leaves."""
    from vertebrisk.kernels.compiled.scoring import measure_scores

    tied = scored()
    found, regular = measure_scores(tied, expit(tied.scores), refit=True)
    assert_array_equal(np.flatnonzero(~regular), [APART])
    intercept, slope, likelihood = recalibrate(tied)
    for ours, reference in ((3, intercept), (4, slope), (1, likelihood)):
        assert_allclose(found[regular, ours], reference[regular], 1e-10, 1e-12)
