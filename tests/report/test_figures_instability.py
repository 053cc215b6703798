"""Figures of instability: what stands on the axes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated

from vertebrisk._types import Language
from vertebrisk.errors import ArgumentError
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.report.figures import (
    WORDS,
    figure_texts,
    plot_calibration_instability,
    plot_classification_instability,
    plot_decision_instability,
    plot_prediction_instability,
    render,
)
from vertebrisk.validation.instability import Instability

FIGURES = (
    plot_prediction_instability,
    plot_calibration_instability,
    plot_decision_instability,
    plot_classification_instability,
)


@pytest.fixture(scope="module")
def found() -> Instability:
    return quiet_fit("y ~ a + b", simulated(110, 4)).instability(80, thresholds=[0.3, 0.5])


def test_the_band_and_the_error_are_those_of_the_result(found: Instability) -> None:
    ax = plot_prediction_instability(found)
    median = next(line for line in ax.lines if line.get_gid() == "median")
    assert_allclose(np.asarray(median.get_ydata(), dtype=np.float64), found.band["median"])
    (below,) = ax.child_axes
    mean = next(line for line in below.lines if line.get_gid() == "mean")
    assert_allclose(np.asarray(mean.get_ydata(), dtype=np.float64), found.mape)
    assert any("80 models" in text for text in figure_texts(ax.figure))  # type: ignore[arg-type]


def test_fifty_models_are_one_path(found: Instability) -> None:
    for draw, frame, name in (
        (plot_calibration_instability, found.calibration, "predicted"),
        (plot_decision_instability, found.decision, "threshold"),
    ):
        ax = draw(found)
        (models,) = (line for line in ax.lines if line.get_gid() == "models")
        x = np.asarray(models.get_xdata(), dtype=np.float64)
        assert np.isnan(x).sum() == 50
        assert_allclose(np.unique(x[np.isfinite(x)])[[0, -1]], frame[name].to_numpy()[[0, -1]])
        final = next(line for line in ax.lines if line.get_gid() == "final")
        assert_allclose(np.asarray(final.get_ydata(), dtype=np.float64), frame["final"])


def test_one_line_a_threshold(found: Instability) -> None:
    ax = plot_classification_instability(found)
    lines = [line for line in ax.lines if line.get_gid() == "changed"]
    for line, cut in zip(lines, (0.3, 0.5), strict=True):
        rows = found.classification_band.filter(pl.col("threshold") == cut)
        share = np.asarray(line.get_ydata(), dtype=np.float64)
        assert_allclose(share, 100.0 * rows["index"].to_numpy().astype(np.float64))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_is_small_and_says_where_its_data_come_from(
    found: Instability, language: Language
) -> None:
    for draw in FIGURES:
        figure = draw(found, label="Simulated data", words=WORDS[language]).figure
        assert "Simulated data" in figure_texts(figure)  # type: ignore[arg-type]
        assert len(render(figure, "svg")) < 120_000  # type: ignore[arg-type]


def test_late_entry_has_no_curves_to_draw() -> None:
    random = np.random.default_rng(3)
    time = random.exponential(3.0, 60).round(2) + 0.1
    frame = pl.DataFrame({"x": random.normal(size=60), "s": time / 3, "t": time, "d": 1})
    late = fit_cox("Surv(s, t, d) ~ x", frame).instability(4, horizon=2.0)
    words = figure_texts(plot_prediction_instability(late, time_unit="years").figure)  # type: ignore[arg-type]
    assert "Risk by 2 years, by the final model" in words
    for draw in (plot_calibration_instability, plot_decision_instability):
        with pytest.raises(ArgumentError, match="after late entry none is measured"):
            draw(late)
