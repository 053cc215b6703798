"""ROC, calibration and decision curves: the lines are the numbers of the results."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from tests.report.drawn_texts import (
    by_gid,
    figure_of,
    line,
    seen,
)
from tests.report.figure_examples import (
    calibration,
    decision,
    draw,
    patients,
    roc,
    thresholds,
)

from vertebrisk.report.figures import (
    plot_calibration,
    plot_roc,
)
from vertebrisk.validation.discrimination import roc_curve


def test_draws_into_given_axes() -> None:
    figure = Figure(figsize=(4, 4))
    ax = figure.add_subplot()
    assert plot_roc(roc(), ax=ax) is ax
    assert len(figure.axes) == 1


def test_roc_has_the_curve_and_the_points() -> None:
    ax = draw("roc")
    curve = line(ax, "model")
    assert np.array_equal(curve.get_ydata(), roc().curve["sensitivity"].to_numpy())
    assert np.array_equal(curve.get_xdata(), 1.0 - roc().curve["specificity"].to_numpy())
    rows = thresholds().frame.filter(pl.col("source") == "protocol")
    at = line(ax, "threshold-protocol")
    assert sorted(np.asarray(at.get_ydata())) == sorted(rows["sensitivity"].to_list())
    assert sorted(t.get_text() for t in seen(ax) if t.get_gid() == "threshold-name") == [
        "10%",
        "14.7%",
        "20%",
    ]
    assert "AUC 0.780 (95% CI 0.703 to 0.857)" in [text.get_text() for text in seen(ax)]


def test_roc_band_holds_the_region_of_every_threshold() -> None:
    risk, event = patients()
    found = roc_curve(event, risk)
    ax = plot_roc(found)
    (band,) = by_gid(ax, "band")
    assert isinstance(band, Polygon)
    inside = band.get_path().contains_points
    for row in found.curve.iter_rows(named=True):
        x, y = 1.0 - row["specificity"], row["sensitivity"]
        assert row["sensitivity_low"] <= y <= row["sensitivity_high"]
        assert row["specificity_low"] <= 1.0 - x <= row["specificity_high"]
        assert inside([(x, y)], radius=1e-9)[0] or inside([(x, y)], radius=-1e-9)[0]
    assert "95% region of each threshold" in [text.get_text() for text in seen(ax)]
    assert not by_gid(plot_roc(roc()), "band")


def test_calibration_has_the_curves_and_ends_with_the_data() -> None:
    ax = draw("calibration")
    frame = calibration().frame
    assert np.array_equal(line(ax, "apparent").get_ydata(), frame["apparent"].to_numpy())
    assert np.array_equal(line(ax, "corrected").get_ydata(), frame["corrected"].to_numpy())
    assert ax.get_xlim() == ax.get_ylim()
    top = max(r["high"] for r in calibration().distribution.to_dicts() if r["n"])
    assert top <= ax.get_xlim()[1] < top + 0.1
    bars = [bar for bar in ax.child_axes[0].containers[0] if bar.get_height()]
    assert sum(bar.get_height() for bar in bars) == patients()[1].sum()
    assert any("loess" in text.get_text() for text in seen(ax))


def test_calibration_without_band_and_bootstrap_shows_neither() -> None:
    ax = plot_calibration(calibration(band=False, corrected=False))
    assert not by_gid(ax, "band")
    assert not by_gid(ax, "corrected")


def test_decision_curve_has_its_lines_and_keeps_treat_all_in_its_place() -> None:
    ax = draw("decision")
    for name in ("model", "model_corrected", "all", "none"):
        rows = decision().frame.filter(pl.col("model") == name)
        assert np.array_equal(line(ax, name).get_ydata(), rows["net_benefit"].to_numpy()), name
    low, high = ax.get_ylim()
    assert -0.3 * high < low < 0.0
    assert "10%\n1:9" in [text.get_text() for text in ax.get_xticklabels()]


def test_lines_differ_in_style_and_not_only_in_colour() -> None:
    ax = draw("decision")
    styles = {str(line(ax, n).get_linestyle()) + str(line(ax, n)._dash_pattern)  # type: ignore[attr-defined]
              for n in ("model", "model_corrected", "all")}  # fmt: skip
    assert len(styles) == 3


def test_calibration_notes_stand_below_curve_and_distribution() -> None:
    ax = draw("calibration")
    figure_of(ax).canvas.draw()
    (notes,) = by_gid(ax, "notes")
    box, (below,) = notes.get_window_extent(), ax.child_axes
    assert box.y1 < below.xaxis.label.get_window_extent().y0
    assert box.y0 > 0.0
