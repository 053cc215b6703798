"""Updating a Cox model: a baseline of the new patients, the slope, their errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import RiskModel, UpdatedModel, fit_cox, fit_fine_gray, update_model
from vertebrisk.errors import DataError, FitError, ModelError

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

EXPECTED = load("updating")["cox"]
FORMULA = "Surv(rfstime, status) ~ age + nodes + pgr"
OUTCOME = "Surv(rfstime, status)"
# Both programs iterate to the last digit; the Jacobian of the covariance is numerical in R.
EXACT, CARRIED = 1e-7, 1e-6


def developed() -> RiskModel:
    return fit_cox(FORMULA, frame("gbsg")[:350], horizons=EXPECTED["horizons"]).model


def updated(method: Any, new: pl.DataFrame | None = None) -> UpdatedModel:
    rows = frame("gbsg")[350:] if new is None else new
    return update_model(developed(), rows, outcome=OUTCOME, method=method)


def hazards(model: RiskModel) -> list[float]:
    return [model.baselines[0].at(each)[0] for each in model.horizons]


def test_the_slope_and_its_test_are_those_of_r() -> None:
    found = updated("recalibration")
    assert (found.n, found.n_events) == (EXPECTED["n"], EXPECTED["n_events"])
    assert found.slope == pytest.approx(EXPECTED["slope"], rel=EXACT)
    likelihoods = [EXPECTED["at_one"], EXPECTED["log_likelihood"]]
    assert_allclose(found.table["log_likelihood"][:2], likelihoods, rtol=EXACT)
    assert found.table["method"].to_list() == ["baseline", "recalibration", "revision"]
    gain = 2 * (likelihoods[1] - likelihoods[0])
    assert_allclose(found.table["lr_original"][:2], [0.0, gain], rtol=EXACT, atol=1e-9)
    assert found.table.filter("chosen")["method"].to_list() == ["recalibration"]


def test_the_baseline_is_that_of_r_at_every_horizon() -> None:
    assert_allclose(hazards(updated("baseline").model), EXPECTED["baseline"], rtol=EXACT)
    assert_allclose(hazards(updated("recalibration").model), EXPECTED["recalibrated"], rtol=EXACT)


def test_the_coefficients_keep_their_errors_and_take_those_of_the_slope() -> None:
    original = developed()
    kept, line = updated("baseline").model, updated("recalibration").model
    assert_allclose(kept.beta, original.beta)
    assert original.covariance is not None
    assert kept.covariance is not None
    assert line.covariance is not None
    assert_allclose(kept.covariance, original.covariance)
    assert_allclose(line.beta, EXPECTED["slope"] * np.array(EXPECTED["original"]), rtol=EXACT)
    wanted = np.array(EXPECTED["covariance"])
    size = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert_allclose(line.covariance / size, wanted / size, rtol=0.0, atol=CARRIED)
    risks = line.predict(frame("gbsg")[350:])
    assert (risks["conf_low"] < risks["risk"]).all()
    assert (risks["risk"] < risks["conf_high"]).all()


def test_patients_of_the_development_itself_change_nothing() -> None:
    found = updated("recalibration", frame("gbsg")[:350])
    assert found.slope == pytest.approx(1.0, abs=1e-9)
    assert_allclose(hazards(found.model), hazards(developed()), rtol=1e-9)


def test_the_lineage_travels(tmp_path: Path) -> None:
    found = updated("baseline")
    found.model.save(tmp_path / "model.json")
    read = RiskModel.load(tmp_path / "model.json")
    (step,) = read.provenance.lineage
    assert (step.method, step.choice) == ("baseline", "named")
    assert (step.n, step.n_events) == (EXPECTED["n"], EXPECTED["n_events"])
    assert (step.intercept, step.slope) == (0.0, 1.0)
    assert read.to_dict() == found.model.to_dict()
    assert read.average_risks == found.model.average_risks


def test_who_cannot_be_used_is_left_out_and_counted() -> None:
    new = frame("gbsg")[350:].with_row_index()
    holes = new.with_columns(
        age=pl.when(pl.col("index") < 4).then(None).otherwise(pl.col("age")),
        rfstime=pl.when(pl.col("index").is_between(3, 5)).then(None).otherwise(pl.col("rfstime")),
    )
    found = updated("recalibration", holes)
    assert dict(found.n_dropped) == {"time missing": 3, "predictor missing": 3}
    assert found.slope == pytest.approx(updated("recalibration", new[6:]).slope, rel=1e-12)


def test_a_shorter_follow_up_keeps_the_horizons_that_it_reaches() -> None:
    new = frame("gbsg")[350:].with_columns(
        status=pl.when(pl.col("rfstime") > 800).then(0).otherwise(pl.col("status")),
        rfstime=pl.col("rfstime").clip(upper_bound=800),
    )
    found = updated("baseline", new)
    assert found.model.horizons == (365.0, 730.0)
    # the file is sorted by pgr, so that these rows have far more of it than the model knew
    assert {each.code for each in found.findings} == {"other-unit", "horizons-beyond-follow-up"}
    assert_allclose(hazards(found.model), EXPECTED["baseline"][:2], rtol=EXACT)
    months = new.with_columns(rfstime=pl.col("rfstime") / 30.4)
    with pytest.raises(DataError, match=r"followed to 26\.3.*check the unit of the times"):
        updated("baseline", months)


def test_what_a_cox_model_has_not_is_refused_in_one_line() -> None:
    new = frame("gbsg")[350:]
    for method in ("none", "in-the-large"):
        with pytest.raises(ModelError, match="by method='baseline'") as caught:
            updated(method)
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="all are censored"):
        updated("baseline", new.with_columns(status=pl.lit(0)))
    with pytest.raises(DataError, match="No patient has follow-up"):
        updated("baseline", new.with_columns(age=pl.lit(None)))
    strata = fit_cox("Surv(rfstime, status) ~ age + strata(meno)", frame("gbsg")).model
    with pytest.raises(ModelError, match="each group of meno"):
        update_model(strata, new, outcome=OUTCOME, method="baseline")
    flat = developed().to_dict()
    for each in flat["coefficients"]:
        each["estimate"] = 0.0
    with pytest.raises(FitError, match=r"the same in all patients\. Use method='baseline'"):
        update_model(RiskModel.from_dict(flat), new, outcome=OUTCOME, method="recalibration")
    competing = frame("competing")
    fine_gray = fit_fine_gray("Surv(months, status) ~ age", competing, event=1, competing=2).model
    with pytest.raises(ModelError, match="logistic and Cox models are updated"):
        update_model(fine_gray, competing, outcome="Surv(months, status == 1)", method="baseline")
