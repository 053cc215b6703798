"""The smooth of scaled Schoenfeld residuals, against plot.cox.zph."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.models.survival.trend import schoenfeld_trend

CASES: dict[str, dict[str, Any]] = loader.load("trend")["cases"]
RTOL = 1e-9  # least squares on the same space of splines, of the same residuals
FORMULAS = {
    "veteran": ("Surv(time, status) ~ trt + karno + age", "km"),
    "lung": ("Surv(time, event) ~ age + sex + karno", "identity"),
}


@pytest.mark.parametrize("name", list(CASES))
def test_trend(name: str) -> None:
    formula, transform = FORMULAS[name]
    frame = loader.frame(name)
    if name == "lung":
        columns = ["time", "status", "age", "sex", "ph.karno"]
        frame = frame.select(columns).drop_nulls().rename({"ph.karno": "karno"})
        frame = frame.with_columns(event=(pl.col("status") == 2).cast(pl.Int64))
    found = schoenfeld_trend(fit_cox(formula, frame), transform)  # type: ignore[arg-type]
    for term, expected in CASES[name].items():
        rows = found.filter(pl.col("term") == term.removeprefix("ph."))
        assert_allclose(rows["estimate"], expected["estimate"], rtol=RTOL, atol=1e-12)
        error = (rows["conf_high"] - rows["estimate"]) / 1.959963984540054
        assert_allclose(error, expected["std_error"], rtol=RTOL)
        assert rows["time"].is_sorted()


def test_few_events_have_no_trend() -> None:
    frame = pl.DataFrame(
        {"t": [1.0, 2, 3, 4, 5, 6], "e": [1, 0, 1, 0, 1, 0], "x": [1, 0, 2, 1, 0, 2]}
    )
    with pytest.warns(FewEventsWarning):
        fit = fit_cox("Surv(t, e) ~ x", frame)
    assert schoenfeld_trend(fit).is_empty()
    with pytest.raises(ArgumentError, match="transform is 'cubic'"):
        schoenfeld_trend(fit, "cubic")  # type: ignore[arg-type]
