"""Risk along a predictor: curves, bands and axes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures import WORDS, figure_texts, plot_effect, render


def effect(values: int = 40, groups: tuple[str, ...] = ("",)) -> pl.DataFrame:
    x = np.linspace(20.0, 80.0, values)
    parts = []
    for place, name in enumerate(groups):
        risk = 0.1 + 0.004 * (x - 20.0) + 0.1 * place
        limits = {"conf_low": risk - 0.05, "conf_high": risk + 0.1}
        parts.append(pl.DataFrame({"by": [name] * values, "value": x, "risk": risk, **limits}))
    return pl.concat(parts)


def whole(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def test_the_curve_and_its_band_are_in_per_cent() -> None:
    ax = plot_effect(effect(), "Age, years", label="Simulated data")
    (line,) = ax.lines
    assert_allclose(np.asarray(line.get_ydata())[[0, -1]], [10.0, 34.0])
    (band,) = ax.collections
    assert_allclose(np.asarray(band.get_paths()[0].vertices)[:, 1].max(), 44.0)
    assert ax.get_xlim() == (20.0, 80.0)
    assert 44.0 < ax.get_ylim()[1] < 50.0
    assert ax.get_legend() is None
    assert {"Age, years", "Risk (%)", "Simulated data"} <= set(figure_texts(whole(ax)))
    assert line.get_marker() in ("", "None")


def test_groups_differ_in_colour_and_in_dashes() -> None:
    ax = plot_effect(effect(groups=("No", "Yes", "Maybe")), "Age", "Cleft", "12 months")
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({str(line.get_linestyle()) for line in ax.lines}) >= 2
    legend = ax.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()] == ["No", "Yes", "Maybe"]
    assert legend.get_title().get_text() == "Cleft"
    assert ax.get_ylabel() == "Risk by 12 months (%)"


def test_without_limits_there_is_no_band_and_few_values_have_marks() -> None:
    bare = effect(5).with_columns(conf_low=pl.lit(None, pl.Float64), conf_high=None)
    ax = plot_effect(bare, "年龄", words=WORDS["zh"])
    assert not ax.collections
    assert ax.lines[0].get_marker() == "o"
    assert ax.get_ylabel() == "风险（%）"


def test_two_drawings_are_the_same_bytes() -> None:
    first, second = (render(whole(plot_effect(effect(), "Age")), "svg") for _ in range(2))
    assert first == second


def test_nothing_to_draw() -> None:
    with pytest.raises(ArgumentError, match="no effect to draw"):
        plot_effect(effect().clear(), "Age")
