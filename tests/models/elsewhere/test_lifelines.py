"""Cox models of lifelines give its hazards at the event times."""

from __future__ import annotations

import lifelines
import numpy as np
import pandas as pd
import pytest

import vertebrisk as vr
from vertebrisk.errors import ModelError


def test_risks_step_at_event_times(patients: pd.DataFrame) -> None:
    columns = patients[["age", "grade", "bmi", "time", "event"]]
    fitter = lifelines.CoxPHFitter().fit(columns, "time", "event", formula="age + grade + log(bmi)")
    model = vr.RiskModel.from_lifelines(fitter, horizons=(12, 24), patients=patients)
    hazard = fitter.baseline_cumulative_hazard_.iloc[:, 0]
    relative = fitter.predict_partial_hazard(patients).to_numpy()
    for horizon in (12, 24):
        expected = -np.expm1(-hazard[hazard.index <= horizon].iloc[-1] * relative)
        found = model.predict(patients, horizon=horizon)["risk"]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert model.provenance.software == "lifelines"


def test_what_has_no_portable_form_is_said(patients: pd.DataFrame) -> None:
    columns = patients[["age", "sex", "time", "event"]]
    strata = lifelines.CoxPHFitter().fit(columns, "time", "event", strata=["sex"])
    with pytest.raises(ModelError, match="has strata"):
        vr.RiskModel.from_lifelines(strata, horizons=(12,), patients=patients)
    splined = lifelines.CoxPHFitter(baseline_estimation_method="piecewise", breakpoints=[20])
    with pytest.raises(ModelError, match="baseline is piecewise"):
        vr.RiskModel.from_lifelines(
            splined.fit(columns, "time", "event"), horizons=(12,), patients=patients
        )
    with pytest.raises(ModelError, match="takes a fitted CoxPHFitter"):
        vr.RiskModel.from_lifelines(lifelines.CoxPHFitter(), horizons=(12,), patients=patients)
    fitter = lifelines.CoxPHFitter().fit(columns, "time", "event")
    with pytest.raises(ModelError, match="lies outside follow-up"):
        vr.RiskModel.from_lifelines(fitter, horizons=(600,), patients=patients)
    with pytest.raises(ModelError, match="needs horizons"):
        vr.RiskModel.from_lifelines(fitter, horizons=(), patients=patients)
