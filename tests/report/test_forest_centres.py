"""The forest plot of centres: what is drawn and printed is what was measured and pooled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from tests.models.cases import fit_case
from tests.reference import loader
from tests.report.drawn_texts import by_gid, keeps_apart_and_inside, seen, skip_without_chinese_font

from vertebrisk._types import Language
from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures import WORDS, plot_forest_centres, render
from vertebrisk.report.figures.fitting import fits
from vertebrisk.report.figures.forest_centres import DRAWN, centre_rows
from vertebrisk.validation.centres.measured import Reason
from vertebrisk.validation.centres.results import InternalExternal

CASE = loader.load("internal_external")["seven"]
EXACT = 1e-12


@pytest.fixture(scope="module")
def result() -> InternalExternal:
    return fit_case(CASE).internal_external(CASE["groups"])


def drawn(ax: Axes, gid: str) -> list[list[float]]:
    found: list[Any] = list(by_gid(ax, gid))
    return [[float(x) for x in each.get_xdata()] for each in found]


@pytest.mark.parametrize("measure", DRAWN)
def test_every_centre_the_diamond_and_a_further_centre(
    result: InternalExternal, measure: str
) -> None:
    ax = plot_forest_centres(result)[1][measure]
    table = result.table.drop_nulls(f"{measure}_low")
    low, high = ax.get_xlim()
    assert_allclose([x[0] for x in drawn(ax, "estimate")], table[measure], rtol=EXACT)
    ends = table.select(
        pl.col(f"{measure}_low").clip(low, high), pl.col(f"{measure}_high").clip(low, high)
    ).to_numpy()
    assert_allclose(drawn(ax, "interval"), ends, rtol=EXACT)
    row = result.pooled.filter(pl.col("measure") == measure).row(0, named=True)
    diamond: Any = by_gid(ax, "overall")[0]
    corners = np.asarray(diamond.get_xy())[:3, 0]
    assert_allclose(corners, [row["conf_low"], row["estimate"], row["conf_high"]], rtol=EXACT)
    reach = [row["prediction_low"], row["prediction_high"]]
    assert_allclose(drawn(ax, "prediction"), [np.clip(reach, low, high)], rtol=EXACT)
    assert ax.get_xscale() == ("log" if measure == "observed_expected" else "linear")


def test_areas_of_squares_are_the_weights(result: InternalExternal) -> None:
    marks: list[Any] = list(by_gid(plot_forest_centres(result)[1]["slope"], "estimate"))
    areas = np.square([each.get_markersize() for each in marks])
    weights = result.table["slope_weight"].drop_nulls().to_numpy()
    large = weights > 15  # the smallest squares are kept large enough to be seen
    assert_allclose(areas[large] / areas.max(), weights[large] / weights.max(), rtol=1e-9)


def test_columns_say_the_numbers(result: InternalExternal) -> None:
    rows = {row.label: row for row in centre_rows(result, "slope", WORDS["en"])}
    assert rows["a"].shown == "1.27 (0.47 to 2.07)"
    assert rows["d"].shown == "0.49 (\u22120.09 to 1.07)"
    assert (rows["none"].shown, rows["none"].ends) == ("\u2013", None)
    assert rows["a"].texts == ("12 / 36",)
    assert rows["A further centre"].shown == "0.35 to 1.58"
    assert rows[""].shown == "\u03c4\u00b2 = 0.03; I\u00b2 = 14%"
    ratios = centre_rows(result, "observed_expected", WORDS["en"])
    assert [row.shown for row in ratios if row.label == "none"] == ["0.00"]


def texts_of(figure: Figure) -> list[str]:
    return [each.get_text() for each in seen(figure.axes[0])]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_keep_apart_and_inside(result: InternalExternal, language: Language) -> None:
    words = WORDS[language]
    long = result.table.with_columns(
        centre=pl.when(pl.col("centre") == "b")
        .then(pl.lit("University Medical Centre of the Eastern Provinces, 骨科医院第二分院"))
        .otherwise("centre")
    )
    figure, axes = plot_forest_centres(
        replace(result, table=long, horizon=12.0, time_unit="months"),
        words=words,
        label=words["simulated"],
    )
    skip_without_chinese_font(texts_of(figure))
    keeps_apart_and_inside(axes["c_index"], edge=0.72)  # a pixel
    shown = " ".join(texts_of(figure))
    assert words["simulated"] in shown
    assert words["centres.no events"] in shown
    assert "12" in shown
    assert render(figure, "svg") == render(figure, "svg")


def test_one_panel_another_level_and_what_is_refused(result: InternalExternal) -> None:
    figure, axes = plot_forest_centres(replace(result, level=0.9), ["slope"])
    assert list(axes) == ["slope"]
    assert "Slope (90% CI)" in texts_of(figure)
    with pytest.raises(ArgumentError, match="There is no measure 'brier'"):
        plot_forest_centres(result, ["brier"])
    with pytest.raises(ArgumentError, match="one panel or more"):
        plot_forest_centres(result, [])


def test_nothing_pooled_is_drawn_without_a_diamond(result: InternalExternal) -> None:
    lone = fit_case(CASE).internal_external([row < 9 for row in range(200)])
    thin = replace(lone, pooled=lone.pooled.with_columns(estimate=None))
    figure, axes = plot_forest_centres(thin)
    assert by_gid(axes["slope"], "overall") == []
    assert "\u2013" in texts_of(figure)


def test_panels_stand_below_each_other_at_one_column(result: InternalExternal) -> None:
    figure, axes = plot_forest_centres(result, width_mm=85)
    assert len({ax.get_position().x0 for ax in axes.values()}) == 1
    assert len({ax.get_position().y0 for ax in axes.values()}) == len(axes)
    assert fits(figure)
    wide, axes = plot_forest_centres(result, width_mm=174)
    assert len({ax.get_position().y0 for ax in axes.values()}) == 1
    assert fits(wide)


def test_every_reason_has_words() -> None:
    for words in WORDS.values():
        assert all(f"centres.{reason}" in words for reason in get_args(Reason))
