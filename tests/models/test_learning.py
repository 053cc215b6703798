"""`fit.learning_curve()`: against single fits of its parts, and at the edges."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, FewEventsWarning, FitError
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.models.conditional.fitting import fit_conditional
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.report.figures import WORDS, figure_texts, plot_learning_curve
from vertebrisk.validation.learning import (
    LearningCurve,
    Measurements,
    Parts,
    summarised_learning,
)

RTOL = 1e-7  # single fits and batches both iterate to the end
COX = "Surv(time, status) ~ karno + age"


def quiet_cox(formula: str, data: object, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def at(found: LearningCurve, measure: str, column: str) -> list[float]:
    return found.frame.filter(pl.col("measure") == measure)[column].to_list()


def parts_of(event: FloatArray, fractions: list[float], seed: int, count: int) -> FloatArray:
    return Parts(event > 0.5, None, np.array(fractions), seed).draw(0, count)


def test_each_part_is_developed_and_tested_as_it_would_be_alone() -> None:
    data = simulated(90, 3)
    fit = quiet_fit("y ~ a + b + C(g)", data, select="backward")
    found = fit.learning_curve([0.4, 0.7], repeats=2, seed=5)
    weights = parts_of(fit.development.event, [0.4, 0.7], 5, 4)
    own: dict[str, list[float]] = {
        name: [] for name in ("c_index", "brier", "brier_scaled", "slope")
    }
    inside = []
    for row in weights:
        model = quiet_fit("y ~ a + b + C(g)", data.filter(row > 0), select="backward")
        rest = data.filter(row == 0)
        event, risk = rest["y"].to_numpy(), model.model.predict(rest)["risk"].to_numpy()
        share = event.mean()
        own["c_index"].append(vr.roc_auc(event, risk).estimate)
        own["brier"].append(float(np.mean((event - risk) ** 2)))
        own["brier_scaled"].append(1.0 - own["brier"][-1] / (share * (1.0 - share)))
        logit = pl.DataFrame({"y": event, "x": np.log(risk / (1.0 - risk))})
        own["slope"].append(float(quiet_fit("y ~ x", logit).beta[0]))
        inside.append(model.summary().c_index)
    for name, values in own.items():
        means = np.array(values).reshape(2, 2).mean(axis=0)
        assert_allclose(at(found, name, "left_out"), means, rtol=RTOL, err_msg=name)
    assert_allclose(at(found, "c_index", "apparent"), np.reshape(inside, (2, 2)).mean(axis=0))
    assert at(found, "c_index", "n_models") == [2, 2]
    assert_array_equal(at(found, "slope", "n"), weights.sum(axis=1)[:2])
    whole = dict(found.whole.iter_rows())
    assert whole["c_index"] == fit.summary().c_index
    assert whole["slope"] == 1.0
    growth = np.diff(np.reshape(own["c_index"], (2, 2)), axis=1)
    assert found.gain == pytest.approx(float(growth.mean()))


def test_a_cox_model_is_developed_and_tested_as_it_would_be_alone() -> None:
    data = loader.frame("veteran").with_row_index("row")
    fit = quiet_cox(COX, data)
    found = fit.learning_curve([0.3, 0.6], repeats=1, seed=2, horizon=100.0)
    weights = parts_of(data["status"].to_numpy().astype(np.float64), [0.3, 0.6], 2, 2)
    for place, row in enumerate(weights):
        own = quiet_cox(COX, data.filter(row > 0), horizons=[100.0])
        rest = data.filter(row == 0)
        predicted = own.model.predict(rest)
        time, event = rest["time"].to_numpy(), rest["status"].to_numpy()
        c = vr.concordance(time, event, predicted["linear_predictor"].to_numpy())
        assert at(found, "c_index", "left_out")[place] == pytest.approx(c.estimate, rel=RTOL)
        brier = vr.brier_survival(time, event, predicted["risk"].to_numpy(), [100.0])
        wanted = brier.frame.filter(model="model")["brier"].item()
        assert at(found, "brier", "left_out")[place] == pytest.approx(wanted, rel=RTOL)
        slope = quiet_cox("Surv(time, status) ~ x", rest.with_columns(
            x=predicted["linear_predictor"])).beta[0]  # fmt: skip
        assert at(found, "slope", "left_out")[place] == pytest.approx(slope, rel=1e-6)
    assert found.horizon == 100.0


@given(
    st.lists(st.booleans(), min_size=20, max_size=60).filter(lambda e: 3 < sum(e) < len(e) - 3),
    st.integers(0, 1000),
)
def test_parts_are_nested_and_keep_the_share_of_events(event: list[bool], seed: int) -> None:
    parts = Parts(np.array(event), None, np.array([0.3, 0.5, 0.8]), seed)
    drawn = parts.draw(0, 6)
    assert_array_equal(parts.draw(2, 3), drawn[2:5])  # whatever the batches
    for repeat in drawn.reshape(2, 3, len(event)):
        assert (np.diff(repeat, axis=0) >= 0).all()
        for row, fraction in zip(repeat, parts.fractions, strict=True):
            assert row @ event == np.round(fraction * sum(event))
    assert (drawn[:3] != drawn[3:]).any()


def test_rows_of_a_patient_stay_together() -> None:
    patient = np.repeat(np.arange(25), 2)
    event = np.random.default_rng(2).random(50) < 0.4
    drawn = Parts(event, patient, np.array([0.5, 0.7]), 1).draw(0, 8)
    assert_array_equal(drawn[:, ::2], drawn[:, 1::2])


def made(c: list[float], slope: float) -> LearningCurve:
    """A curve of two sizes whose C-index is given, repeat by repeat."""
    values = np.array(c)
    measures = {"c_index": values, "slope": np.full(values.size, slope)}
    no = np.zeros(values.size, dtype=np.bool_)
    counts = np.tile([30.0, 60.0], values.size // 2)
    found = Measurements(measures, measures, counts, counts / 3, no, ~no)
    parts = Parts(np.arange(90) % 3 == 0, None, np.array([1 / 3, 2 / 3]), 1)
    return summarised_learning(
        found, parts, {"c_index": 0.8, "slope": 1.0}, "whole procedure", None
    )


def test_a_rise_at_the_end_is_told() -> None:
    rising = made([0.60, 0.66, 0.61, 0.66, 0.59, 0.65], 0.95)
    assert rising.gain == pytest.approx(0.17 / 3)
    assert [each.code for each in rising.findings] == ["learning-curve-rises"]
    assert "grew by 0.057" in rising.findings[0].message
    level = made([0.66, 0.665, 0.66, 0.664, 0.66, 0.666], 0.7)
    assert [each.code for each in level.findings] == ["learning-curve-slope"]
    noisy = made([0.50, 0.70, 0.70, 0.55, 0.60, 0.65], 1.0)  # a mean within its own error
    assert noisy.findings == ()


def test_sampled_controls_are_measured_in_their_population() -> None:
    fit = quiet_fit("y ~ a", simulated(80, 9), source=SourcePopulation(0.05))
    found = fit.learning_curve([0.4, 0.8], repeats=3)
    assert max(at(found, "brier", "left_out")) < 0.06  # near 0.05 * 0.95
    assert found.to_dict()["whole"]["measure"] == ["c_index", "slope", "brier", "brier_scaled"]


def test_parts_of_one_outcome_are_counted() -> None:
    data = simulated(40, 1).with_columns(y=pl.int_range(40) % 13 == 0)  # four events
    found = quiet_fit("y ~ a", data).learning_curve([0.1, 0.6, 0.9], repeats=4)
    assert found.n_failed == 8  # no event in a tenth, and none beside nine tenths
    assert at(found, "c_index", "left_out")[0] is None
    with pytest.raises(FitError, match="No part of the patients held both outcomes"):
        quiet_fit("y ~ a", data).learning_curve([0.05, 0.1], repeats=2)


def test_refusals() -> None:
    fit = quiet_fit("y ~ a", simulated(50, 1))
    for wrong in ([0.5], [0.5, 1.0], [0.0, 0.5]):
        with pytest.raises(ArgumentError, match="fractions are two or more shares"):
            fit.learning_curve(wrong)
    with pytest.raises(ArgumentError, match="repeats is 0"):
        fit.learning_curve(repeats=0)
    with pytest.raises(ArgumentError, match="its risk has no horizon"):
        fit.learning_curve(horizon=3)
    with pytest.raises(ArgumentError, match="A conditional model gives no risk"):
        fit_conditional("case ~ a", loader.frame("matched_sets"), sets="set").learning_curve()


def test_late_entry_has_no_brier_score() -> None:
    data = loader.frame("veteran").with_columns(start=pl.col("time") / 4)
    found = quiet_cox("Surv(start, time, status) ~ karno", data).learning_curve(repeats=2)
    assert found.whole["measure"].to_list() == ["c_index", "slope"]


def test_the_figure_draws_the_frame() -> None:
    found = quiet_fit("y ~ a + b", simulated(80, 2)).learning_curve([0.3, 0.5, 0.8], repeats=4)
    ax = plot_learning_curve(found, "brier", words=WORDS["zh"], label="模拟数据")
    line = next(each for each in ax.lines if each.get_gid() == "left_out")
    assert_allclose(np.asarray(line.get_ydata(), dtype=np.float64), at(found, "brier", "left_out"))
    texts = figure_texts(ax.figure)  # type: ignore[arg-type]
    assert {"Brier评分", "模拟数据"} <= set(texts)
    slope = plot_learning_curve(found, "slope")
    assert "apparent" not in [each.get_gid() for each in slope.lines]
    with pytest.raises(ArgumentError, match="There is no measure 'auc'"):
        plot_learning_curve(found, "auc")


def test_parts_of_one_patient_are_too_few_in_one_line() -> None:
    inputs = [0.1, 1.2, -0.4, 0.8, -1.0, 0.3, -0.2, 1.1]
    few = pl.DataFrame({"x": inputs, "y": [0, 1, 0, 1, 0, 0, 1, 0]})
    with pytest.raises(FitError, match="too few events for a learning curve"):
        quiet_fit("y ~ x", few).learning_curve(fractions=[0.15, 0.9], repeats=3)
