"""Several concordances at once, as survival::concordance and its jackknife in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.survival.concordance import concordance
from vertebrisk.validation.survival.concordances import compare_concordances

CASES: dict[str, dict[str, Any]] = loader.load("concordances")["cases"]
RTOL = 1e-8  # sums of pairs; a quadratic form in an inverse magnifies their last digits


def data_of(case: dict[str, Any]) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
    frame = loader.frame(case["data"])
    scores = {name: frame[name].to_numpy().astype(np.float64) for name in case["columns"]}
    return frame[case["time"]].to_numpy(), frame[case["event"]].to_numpy(), scores


@pytest.mark.parametrize("name", list(CASES))
def test_together_and_by_pairs_as_r(name: str) -> None:
    case = CASES[name]
    found = compare_concordances(*data_of(case), tau=case["tau"])
    assert_allclose(found.areas["estimate"], case["concordances"], rtol=RTOL)
    assert found.statistic == pytest.approx(case["statistic"], rel=RTOL)
    assert found.df == case["df"]
    covariance = np.array(case["covariance"])
    first = found.pairs.row(0, named=True)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert first["std_error"] == pytest.approx(np.sqrt(variance), rel=RTOL)
    z = (case["concordances"][0] - case["concordances"][1]) / np.sqrt(variance)
    assert first["statistic"] == pytest.approx(z, rel=RTOL)


def test_each_has_the_interval_that_it_has_alone() -> None:
    time, event, scores = data_of(CASES["gbsg"])
    found = compare_concordances(time, event, scores)
    for row in found.areas.iter_rows(named=True):
        alone = concordance(time, event, scores[row["name"]])
        limits = [row["conf_low"], row["conf_high"]]
        assert row["estimate"] == alone.estimate
        assert limits == pytest.approx([alone.conf_low, alone.conf_high], rel=1e-12)


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ArgumentError, match="two or more by name"):
        compare_concordances([1, 2], [1, 0], {"a": [1, 2]})
    with pytest.raises(ArgumentError, match="No two patients"):
        compare_concordances([1, 2], [0, 0], {"a": [1, 2], "b": [2, 1]})
