"""Sets drawn or left out whole: schemes of `ConditionalFit.validate` against clogit by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.conditional.sets import MatchedSets
from vertebrisk.kernels.conditional.slopes import conditional_slopes
from vertebrisk.models.conditional.fit import ConditionalFit

REFERENCE: dict[str, Any] = loader.load("schemes_sets")
RTOL = 1e-6  # clogit's own slope is iterated to a relative change of 1e-14


@cache
def fitted() -> ConditionalFit:
    frame = loader.frame("matched_noise")
    return vr.fit_conditional("case == 1 ~ a + c + z1 + z2", frame, sets="set")


@pytest.mark.parametrize(("method", "key"), [("632", "e632"), ("632+", "plus")])
def test_sets_left_out_of_a_resample(method: str, key: str) -> None:
    found = fitted().validate(indices=np.array(REFERENCE["index"]), method=method)
    tested = dict(found.table.select("measure", "test").iter_rows())
    for measure, value in REFERENCE[key].items():
        assert_allclose(found.corrected(measure), value, rtol=RTOL)
        assert_allclose(tested[measure], np.mean(REFERENCE["left_out"][measure]), rtol=RTOL)
    assert found.draws is not None


def test_sets_left_out_fold_by_fold() -> None:
    found = fitted().validate(folds=np.array(REFERENCE["folds"]), method="cross-validation")
    for measure, repeats in REFERENCE["crossed"].items():
        assert_allclose(found.corrected(measure), np.mean(repeats), rtol=RTOL)
    errors = dict(found.table.select("measure", "mc_error").iter_rows())
    spread = np.std(REFERENCE["crossed"]["slope"], ddof=1)
    assert_allclose(errors["slope"], spread / np.sqrt(3), rtol=1e-5)
    assert found.draws is None
    assert found.interval is None


def test_one_set_left_out() -> None:
    found = fitted().validate(method="leave-one-out")
    for measure, value in REFERENCE["leave_one_out"].items():
        assert_allclose(found.corrected(measure), value, rtol=RTOL)
    assert found.resamples == len(REFERENCE["folds"][0])


def test_folds_are_those_of_sets() -> None:
    sets = len(REFERENCE["folds"][0])
    with pytest.raises(ArgumentError, match=f"fold of each of the {sets} sets that were used"):
        fitted().validate(method="cross-validation", folds=np.zeros(fitted().n, int))
    with pytest.raises(ArgumentError, match=f"from 2 to {sets}, the number of sets"):
        fitted().validate(method="cross-validation", folds=sets + 1)
    seeded = [fitted().validate(method="cross-validation", seed=4, repeats=1) for _ in range(2)]
    assert seeded[0].table.equals(seeded[1].table)


def test_sets_that_do_not_count_say_nothing_of_the_slope() -> None:
    """Without the last pair, whose case lies below its control, the others are separated."""
    event = np.array([True, False] * 4)
    sets = MatchedSets.of(event, np.repeat(np.arange(4), 2))
    linear = np.array([[1.0, 0.0, 2.0, 1.5, 3.0, 0.5, 0.0, 1.0]])
    weights = np.ones((2, 8))
    weights[1, 6:] = 0.0
    slope = conditional_slopes(np.repeat(linear, 2, axis=0), sets, weights)
    assert np.isfinite(slope[0])
    assert np.isnan(slope[1])


def test_a_model_without_a_finite_estimate_leaves_the_slope_open() -> None:
    event = [1, 0] * 10
    x = [1.0, 0.0] * 9 + [0.0, 1.0]
    frame = pl.DataFrame({"y": event, "x": x, "set": np.repeat(np.arange(10), 2)})
    fit = vr.fit_conditional("y ~ x", frame, sets="set")
    found = fit.validate(method="leave-one-out")
    assert found.n_separated == 1
    assert found.table.filter(pl.col("measure") == "slope")["corrected"].item() is None
    assert found.corrected("c_index") == pytest.approx(0.9)
