"""Knots and spline columns against Hmisc::rcspline.eval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.design.splines import basis, knots
from vertebrisk.errors import FitError

KNOTS = loader.load("knots")
RTOL = 1e-12  # the same arithmetic in the same order


def case_id(case: dict[str, Any]) -> str:
    return f"{case['data']}-{case['column']}-{case['k']}"


@pytest.mark.parametrize("case", KNOTS["cases"], ids=case_id)
def test_knots_and_basis(case: dict[str, Any]) -> None:
    values = loader.frame(case["data"])[case["column"]].to_numpy().astype(np.float64)
    assert values.size == case["n"]
    assert not case["fails"]
    found = knots(values, case["k"])
    assert_allclose(found, case["knots"], rtol=RTOL)
    columns = basis(values, found)
    first = np.asarray(case["basis_first_rows"])
    # a nonlinear column is a difference of cubes: rounding is relative to its largest value
    scale = np.abs(columns).max(axis=0)
    assert_allclose(columns[: first.shape[0]] / scale, first / scale, atol=RTOL)
    assert_allclose(columns.sum(axis=0), case["basis_column_sums"], rtol=1e-10)


def test_basis_is_linear_beyond_the_outer_knots() -> None:
    far = KNOTS["extrapolation"]
    x = np.asarray(far["x"])
    columns = basis(x, np.asarray(far["knots"], dtype=np.float64))
    assert_allclose(columns, far["basis"], rtol=1e-10, atol=1e-10)
    for tail in (columns[x > 80], columns[x < 20]):
        assert_allclose(np.diff(tail, n=2, axis=0), 0.0, atol=1e-9)


def test_missing_stays_missing() -> None:
    found = basis(np.array([1.0, np.nan, 3.0]), np.array([0.0, 1.0, 2.0, 4.0]))
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2]]).all()


@pytest.mark.parametrize(
    "values",
    [np.repeat([0.0, 1.0], 50), np.repeat([1.0, 2.0, 3.0], 30), np.arange(5.0)],
    ids=["two values", "three values", "five rows"],
)
def test_too_few_distinct_values(values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(FitError, match=r"spline of 'age' needs 3 distinct knots.*linear term"):
        knots(values, 4, "'age'")
