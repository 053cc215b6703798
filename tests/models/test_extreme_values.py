"""Predictors in units that are far too small or too large: the same model, or one clear line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

from vertebrisk import PatientScan, fit_cox, fit_logistic
from vertebrisk.errors import FitError

RNG = np.random.default_rng(0)
SIZE = 200
FRAME = pl.DataFrame(
    {
        "event": RNG.random(SIZE) < 0.4,
        "time": RNG.exponential(size=SIZE) + 0.1,
        "x": np.exp(RNG.normal(size=SIZE)),
        "z": RNG.normal(size=SIZE),
    }
)
FITS: dict[str, Callable[[pl.DataFrame, str], Any]] = {
    "logistic": lambda frame, terms: fit_logistic(f"event ~ {terms}", frame),
    "logistic of a scan": lambda frame, terms: fit_logistic(
        f"event ~ {terms}", PatientScan.of_frame(frame)
    ),
    "Firth": lambda frame, terms: fit_logistic(f"event ~ {terms}", frame, estimator="firth"),
    "ridge": lambda frame, terms: fit_logistic(
        f"event ~ {terms}", frame, estimator="ridge", penalty=0.1
    ),
    "Cox": lambda frame, terms: fit_cox(f"Surv(time, event) ~ {terms}", frame),
    "Cox of a scan": lambda frame, terms: fit_cox(
        f"Surv(time, event) ~ {terms}", PatientScan.of_frame(frame)
    ),
    "Cox, Firth": lambda frame, terms: fit_cox(
        f"Surv(time, event) ~ {terms}", frame, estimator="firth"
    ),
    "Cox, ridge": lambda frame, terms: fit_cox(
        f"Surv(time, event) ~ {terms}", frame, estimator="ridge", penalty=0.1
    ),
}


@pytest.mark.parametrize("unit", [1e-100, 1e-14, 1e14, 1e100])
@pytest.mark.parametrize("fit", FITS)
def test_the_unit_does_not_matter(fit: str, unit: float) -> None:
    expected = FITS[fit](FRAME, "x + z").beta
    found = FITS[fit](FRAME.with_columns(pl.col("x") * unit), "x + z").beta
    assert_allclose(found * [*[1.0] * (found.size - 2), unit, 1.0], expected, rtol=1e-8)


@pytest.mark.parametrize("fit", FITS)
def test_numbers_whose_squares_cannot_be_written_are_told(fit: str) -> None:
    for column in (pl.col("x") * 1e300, pl.col("x") * 1e-300):
        with pytest.raises(FitError, match=r"x.*squares.*computer's numbers"):
            FITS[fit](FRAME.with_columns(column), "x + z")
    both = FRAME.with_columns(pl.col("x") * 1e100, pl.col("z") * 1e100)
    with pytest.raises(FitError, match=r"x:z has values beyond"):
        FITS[fit](both, "x:z")
