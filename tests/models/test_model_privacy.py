"""What travels with a model of time to event: nothing of any one patient."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.figures import plot_nomogram
from vertebrisk.report.figures.output import figure_texts

HORIZONS = (24.0, 60.0)


def cohort() -> pl.DataFrame:
    """Times so irregular that a number which equals one can only come from the patient."""
    frame = reference_frame("gbsg")
    odd = np.sqrt(2.0) * np.arange(1, frame.height + 1) % 1.0
    return frame.with_columns(
        months=(pl.col("rfstime") + pl.Series(odd)) / 30.4375,
        who=pl.concat_str(pl.lit("patient-"), pl.col("pid")),
    )


@pytest.fixture(scope="module", params=["rcs(age, 4) + nodes", "nodes + strata(hormon)"])
def model(request: pytest.FixtureRequest) -> RiskModel:
    fit = vr.fit_cox(
        f"Surv(months, status) ~ {request.param}", cohort(), horizons=HORIZONS, time_unit="months"
    )
    draws = np.random.default_rng(2).normal(
        size=(20, fit.beta.size + len(HORIZONS) * len(fit.model.baselines))
    )
    return fit.model.with_draws(draws)


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float):
        yield float(value)


def own_times(found: Iterator[float]) -> list[float]:
    times = cohort()["months"].to_numpy()
    return [each for each in found if np.isclose(times, each, rtol=1e-7, atol=0.0).any()]


def test_the_document_holds_no_time_row_or_name_of_a_patient(model: RiskModel) -> None:
    document = model.to_dict()
    assert own_times(numbers(document)) == []
    text = json.dumps(document)
    assert "patient-" not in text
    assert not {"pid", "who", "rfstime"} & set(re.findall(r'"(\w+)"', text))
    longest = max(len(each) for each in document["baselines"][0].values())
    assert longest <= 200 < cohort().height  # a grid, not a row a patient
    assert model.limit < cohort()["months"].max()  # type: ignore[operator]


def test_the_nomogram_holds_none_either(model: RiskModel) -> None:
    if model.strata:
        return
    nomogram = model.nomogram()
    assert own_times(numbers(nomogram.to_dict())) == []
    figure = plot_nomogram(nomogram, unit="months").get_figure(root=True)
    assert figure is not None
    shown = [float(text) for text in figure_texts(figure) if re.fullmatch(r"[\d.]+", text)]
    assert len(shown) > 20
    assert own_times(iter(shown)) == []


def test_a_model_made_of_the_patients_own_times_would_be_seen(model: RiskModel) -> None:
    document = model.to_dict()
    document["baselines"][0]["times"][3] = float(cohort()["months"][17])
    assert len(own_times(numbers(document))) == 1
