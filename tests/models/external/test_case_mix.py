"""Case mix: spread of the linear predictor, concordance expected, membership model."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import DataError, ExpressionError
from vertebrisk.models.external.case_mix import (
    expected_concordance,
    expected_concordance_of_hazards,
)

RTOL = 1e-6  # both sides are iterated to the end
EXPECTED = loader.load("external")["mix"]
PIMA = 'type == "Yes"'
TRAIN, TEST = loader.frame("pima_tr"), loader.frame("pima_te")
MODEL = quiet_fit(f"{PIMA} ~ npreg + glu + bp + skin + bmi + ped + age", TRAIN).model
FIT = quiet_fit("y ~ a + b + g", simulated(300, 6))


def validated(**options: Any) -> vr.ExternalValidation:
    asked: dict[str, Any] = {"outcome": PIMA, "resamples": 2, "development": TRAIN} | options
    return vr.external_validation(MODEL, asked.pop("patients", TEST), **asked)


def codes(found: vr.ExternalValidation) -> set[str]:
    return {each.code for each in found.findings}


def test_spread_concordance_and_membership_are_those_of_r() -> None:
    mix = validated().case_mix
    assert mix.developed is not None
    assert [mix.developed.mean, mix.developed.sd] == pytest.approx(EXPECTED["developed"], rel=RTOL)
    assert mix.c_expected == pytest.approx(EXPECTED["c_expected"], rel=RTOL)
    assert mix.membership is not None
    area = mix.membership.c_index
    found = [area.estimate, area.conf_low, area.conf_high]
    assert found == pytest.approx(EXPECTED["membership"], rel=RTOL)
    assert (mix.membership.n_development, mix.membership.n_here) == (200, 332)
    assert mix.membership.with_outcome
    assert not mix.membership.separated


def test_without_development_patients_there_is_no_membership_model() -> None:
    mix = validated(development=None).case_mix
    assert mix.membership is None
    assert mix.developed is not None


def test_a_cox_model_is_told_by_its_predictors_alone() -> None:
    few = pl.min_horizontal("nodes", 20)
    rotterdam, gbsg = (loader.frame(name).with_columns(few=few) for name in ("rotterdam", "gbsg"))
    fit = vr.fit_cox("Surv(rtime, recur) ~ age + few + grade", rotterdam, horizons=(1095.5,))
    found = vr.external_validation(
        fit.model, gbsg, outcome="status", time="rfstime", resamples=1, development=rotterdam
    )
    mix = found.case_mix
    assert mix.c_expected == pytest.approx(EXPECTED["c_expected_cox"], rel=RTOL)
    linear = fit.linear_predictor
    assert mix.developed is not None
    assert mix.developed.sd == pytest.approx(linear.std(ddof=1), rel=1e-12)
    assert mix.membership is not None
    assert not mix.membership.with_outcome
    risk = fit.model.predict(gbsg)["risk"].to_numpy()
    assert found.horizons[0].auc_expected == expected_concordance(risk)


def test_the_spread_travels_in_the_document_and_old_ones_do_without() -> None:
    document = MODEL.to_dict()
    assert vr.RiskModel.from_dict(document).linear_spread == MODEL.linear_spread
    del document["linear_spread"]
    old = vr.RiskModel.from_dict(document)
    assert old.linear_spread is None
    assert "linear_spread" not in old.to_dict()
    found = vr.external_validation(old, TEST, outcome=PIMA, resamples=1)
    assert found.case_mix.developed is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_sampled_controls_are_weighted_to_their_population() -> None:
    source = vr.SourcePopulation(0.1)
    sampled = quiet_fit(f"{PIMA} ~ glu + bmi", TRAIN, source=source)
    case = (TRAIN["type"] == "Yes").to_numpy()
    weights = np.where(case, 0.1 / case.mean(), 0.9 / (1.0 - case.mean()))
    spread = sampled.model.linear_spread
    assert spread is not None
    expected = np.average(sampled.linear_predictor, weights=weights)
    assert spread.mean == pytest.approx(expected, rel=1e-9)
    unknown = replace(sampled.model.population, prevalence=None)
    found = vr.external_validation(
        replace(sampled.model, population=unknown), TEST, outcome=PIMA, resamples=1
    )
    assert found.case_mix.developed is None


def test_an_update_moves_the_spread_and_a_revision_takes_that_of_its_patients() -> None:
    shifted = vr.update_model(MODEL, TEST, outcome=PIMA, method="recalibration").model
    linear = MODEL.predict(TRAIN)["linear_predictor"].to_numpy()
    again = shifted.predict(TRAIN)["linear_predictor"].to_numpy()
    assert shifted.linear_spread is not None
    assert shifted.linear_spread.mean == pytest.approx(again.mean(), rel=1e-9)
    assert shifted.linear_spread.sd == pytest.approx(again.std(ddof=1), rel=1e-9)
    assert MODEL.linear_spread is not None
    assert MODEL.linear_spread.sd == pytest.approx(linear.std(ddof=1), rel=1e-9)
    revised = vr.update_model(MODEL, TEST, outcome=PIMA, method="revision").model
    own = revised.predict(TEST)["linear_predictor"].to_numpy()
    assert revised.linear_spread is not None
    assert revised.linear_spread.sd == pytest.approx(own.std(ddof=1), rel=1e-9)


def test_patients_who_are_more_alike_or_riskier_are_a_finding() -> None:
    middle = MODEL.predict(TEST)["risk"].is_between(0.2, 0.6)
    assert "case-mix-spread" in codes(validated(patients=TEST.filter(middle)))
    high = validated(patients=TEST.with_columns(pl.col("glu") + 40))
    said = next(each for each in high.findings if each.code == "case-mix-level")
    assert "expects higher risks here" in said.message
    assert not {"case-mix-spread", "case-mix-level"} & codes(validated(patients=TRAIN))


def test_patients_who_have_nothing_in_common_are_told_without_error() -> None:
    found = validated(patients=TEST.with_columns(pl.col("age") + 500))
    assert found.case_mix.membership is not None
    assert found.case_mix.membership.separated
    assert found.case_mix.membership.c_index.estimate == 1.0
    assert "membership-separated" in codes(found)


def test_a_column_that_repeats_another_changes_nothing() -> None:
    doubled = FIT.model
    frame = simulated(200, 8)
    one = vr.external_validation(doubled, frame, outcome="y", resamples=1, development=frame)
    assert one.case_mix.membership is not None
    assert one.case_mix.membership.c_index.estimate == 0.5  # the same patients twice


@pytest.mark.parametrize(
    ("development", "error", "said"),
    [
        (TRAIN.drop("glu"), DataError, "Of the development patients: The model needs glu"),
        (TRAIN.drop("type"), ExpressionError, "Of the development patients: .*no column 'type'"),
        (TRAIN.head(1), DataError, "Of the development patients 1 row has every input"),
    ],
)
def test_development_patients_that_cannot_be_read(
    development: pl.DataFrame, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        validated(development=development)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([0.05, 0.2, 0.2, 0.5, 0.7, 0.95]), min_size=2, max_size=12))
def test_concordance_expected_is_the_mean_over_pairs(risks: list[float]) -> None:
    weight = value = hazards = 0.0
    for i, p in enumerate(risks):
        for j, q in enumerate(risks):
            if i != j:
                weight += p * (1 - q)
                value += p * (1 - q) * (0.5 + 0.5 * np.sign(p - q))
                hazards += 1.0 / (1.0 + np.exp(-abs(p - q)))
    assert expected_concordance(np.array(risks)) == pytest.approx(value / weight, rel=1e-9)
    pairs = len(risks) * (len(risks) - 1)
    found = expected_concordance_of_hazards(np.array(risks))
    assert found == pytest.approx(hazards / pairs, rel=1e-9)


def test_many_patients_are_thinned_by_rank() -> None:
    linear = np.random.default_rng(3).normal(size=12_000)
    whole = expected_concordance_of_hazards(linear[:5_000])
    assert expected_concordance_of_hazards(linear) == pytest.approx(whole, abs=5e-3)
