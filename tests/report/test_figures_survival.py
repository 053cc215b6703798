"""Figures over time show the numbers of their frames, those at risk below their ticks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from numpy.testing import assert_allclose
from tests.report.drawn_texts import (
    by_gid,
    figure_of,
    keeps_apart_and_inside,
    line,
    seen,
    skip_without_chinese_font,
)

from vertebrisk._types import Language
from vertebrisk.comparison.competing_risks import cumulative_incidence
from vertebrisk.comparison.survival import KaplanMeier, kaplan_meier
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.report.figures import (
    WORDS,
    data_label,
    plot_brier,
    plot_calibration,
    plot_cumulative_incidence,
    plot_kaplan_meier,
    plot_over_time,
    plot_schoenfeld,
    plot_time_dependent_auc,
    render,
)
from vertebrisk.report.figures.lettering import plain
from vertebrisk.report.figures.time_axis import numbers_at_risk, time_ticks
from vertebrisk.validation.survival.calibration import calibration_survival
from vertebrisk.validation.survival.over_time import brier_survival, time_dependent_auc

NAMES = {"a": "Cement leaked into the disc", "b": "No leak", "c": "C", "d": "D"}


@cache
def patients(size: int = 300) -> pl.DataFrame:
    """Invented follow-up over 24 months, with a competing event."""
    rng = np.random.default_rng(8)
    group = rng.choice(["a", "b"], size)
    event = rng.exponential(np.where(group == "a", 14.0, 30.0))
    death, end = rng.exponential(60.0, size), rng.uniform(6.0, 24.0, size)
    time = np.minimum(np.minimum(event, death), end)
    status = np.where(time == event, 1, np.where(time == death, 2, 0))
    risk = 1.0 / (1.0 + np.exp(-np.where(group == "a", 0.4, -0.5) - rng.normal(0, 0.3, size)))
    return pl.DataFrame({"time": time, "status": status, "group": group, "risk": risk})


def survival(groups: bool = True) -> KaplanMeier:
    frame = patients()
    return kaplan_meier(
        frame["time"], frame["status"] == 1, group=frame["group"] if groups else None
    )


def incidence(groups: bool = False) -> pl.DataFrame:
    frame = patients()
    found = cumulative_incidence(
        frame["time"], frame["status"], group=frame["group"] if groups else None
    )
    return found.frame


def performance(model: str) -> pl.DataFrame:
    frame, horizons = patients(), np.arange(3.0, 21.0, 1.5)
    if model == "auc":
        return time_dependent_auc(frame["time"], frame["status"], frame["risk"], horizons).frame
    risks = frame["risk"].to_numpy()[:, None] * horizons / 21.0
    return brier_survival(frame["time"], frame["status"], risks, horizons).frame


def residuals() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    times = np.sort(rng.exponential(9.0, 60))
    return pl.concat(
        [
            pl.DataFrame({"term": term, "time": times, "residual": rng.normal(0, size, 60)})
            for term, size in (("age", 0.1), ("ivc", 2.0), ("volume", 1.0))
        ]
    )


def smooth() -> pl.DataFrame:
    x = np.linspace(0.1, 30.0, 40)
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "term": term,
                    "time": x,
                    "x": x,
                    "estimate": 0.01 * x,
                    "conf_low": 0.01 * x - 0.2,
                    "conf_high": 0.01 * x + 0.2,
                }
            )
            for term in ("age", "ivc", "volume")
        ]
    )


def draw(name: str, language: Language = "en") -> Axes:
    words, label = WORDS[language], data_label("reconstructed", WORDS[language])
    unit = {"en": "months", "zh": "个月"}[language]
    plots: dict[str, Callable[[], Axes]] = {
        "survival": lambda: plot_kaplan_meier(
            survival(False).frame, time_unit=unit, label=label, words=words
        ),
        "survival_groups": lambda: plot_kaplan_meier(
            survival().frame, NAMES, 0.0004, unit, horizons=[12], label=label, words=words
        ),
        "incidence": lambda: plot_cumulative_incidence(
            incidence(), time_unit=unit, label=label, words=words
        ),
        "incidence_groups": lambda: plot_cumulative_incidence(
            incidence(True), NAMES, None, 0.03, unit, label=label, words=words
        ),
        "stacked": lambda: plot_cumulative_incidence(
            incidence(), time_unit=unit, stacked=True, label=label, words=words
        ),
        "auc": lambda: plot_time_dependent_auc(performance("auc"), unit, label=label, words=words),
        "brier": lambda: plot_brier(performance("brier"), unit, label=label, words=words),
        "over_time": lambda: plot_over_time(
            performance("auc"), performance("brier"), unit, label=label, words=words
        )[1]["auc"],
        "schoenfeld": lambda: plot_schoenfeld(
            residuals(),
            smooth(),
            {"age": 0.02, "ivc": 0.5},
            {"age": 0.03},
            {"age": "Age at the operation, years, as recorded on the day of admission"},
            unit,
            label=label,
            words=words,
        )[1]["age"],
    }
    return plots[name]()


FIGURES = (
    "survival",
    "survival_groups",
    "incidence",
    "incidence_groups",
    "stacked",
    "auc",
    "brier",
    "over_time",
    "schoenfeld",
)


def test_a_group_whose_name_begins_with_an_underscore_is_in_the_key() -> None:
    frame = survival().frame
    names = {"a": "_leaked", "b": "__none"}
    texts = [plain(text.get_text()) for text in seen(plot_kaplan_meier(frame, group_labels=names))]
    assert texts.count("_leaked") == 2  # in the key, and beside the numbers at risk
    assert texts.count("__none") == 2


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_says_where_the_data_come_from_and_keeps_texts_apart_and_inside(
    name: str, language: Language
) -> None:
    ax = draw(name, language)
    texts = seen(ax)
    assert data_label("reconstructed", WORDS[language]) in [text.get_text() for text in texts]
    skip_without_chinese_font(text.get_text() for text in texts)
    keeps_apart_and_inside(ax)
    assert min(float(text.get_fontsize()) for text in texts) >= 6.5


@pytest.mark.parametrize("name", FIGURES)
def test_same_figure_same_bytes_and_no_setting_changed(name: str) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    first = render(figure_of(draw(name)), "svg")
    assert render(figure_of(draw(name)), "svg") == first
    assert dict(mpl.rcParams) == before


def test_survival_starts_at_one_and_ends_with_its_follow_up() -> None:
    ax = draw("survival_groups")
    for group in ("a", "b"):
        rows = survival().frame.filter(pl.col("group") == group)
        curve = line(ax, f"survival-{group}")
        assert curve.get_drawstyle() == "steps-post"
        x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
        assert (x[0], y[0], x[-1]) == (0.0, 1.0, rows["time"][-1])
        assert_allclose(y[1:-1], rows["survival"])
        assert by_gid(ax, f"band-survival-{group}")
    styles = {str(line(ax, f"survival-{g}")._dash_pattern) for g in "ab"}  # type: ignore[attr-defined]
    assert len(styles) == 2
    assert ax.get_ylim() == (0.0, 1.0)
    assert "Log-rank test: P < 0.001" in [text.get_text() for text in seen(ax)]


def test_numbers_at_risk_stand_below_their_ticks() -> None:
    ax = draw("survival_groups")
    figure_of(ax).draw_without_rendering()
    ticks = ax.get_xticks()
    expected = survival().at(ticks)
    found = [text for text in by_gid(ax, "at-risk") if isinstance(text, Annotation)]
    assert [int(text.get_text()) for text in found] == expected["n_risk"].to_list()
    for text, tick in zip(found, [*ticks, *ticks], strict=True):
        box = text.get_window_extent()
        place = float(ax.transData.transform((float(tick), 0.0))[0])
        # letters have sidebearings of less than a point
        assert abs((box.x0 + box.x1) / 2 - place) < 1.5
    names = [text for text in by_gid(ax, "at-risk-name") if isinstance(text, Text)]
    assert " ".join(text.get_text() for text in names[:-1]) == NAMES["a"]
    assert names[-1].get_text() == "No leak"


def test_one_group_has_no_name_and_only_the_ticks_a_legend() -> None:
    ax = draw("survival")
    legend = ax.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()] == ["Censored"]
    bare = plot_kaplan_meier(survival(groups=False).frame.drop("n_censored"))
    assert bare.get_legend() is None
    assert not by_gid(ax, "at-risk-name")
    assert "all" not in [text.get_text() for text in seen(ax)]


def test_ticks_stand_on_the_curve_where_patients_were_censored() -> None:
    frame = survival().frame
    ax = plot_kaplan_meier(frame)
    for group in ("a", "b"):
        own = frame.filter((pl.col("group") == group) & (pl.col("n_censored") > 0))
        ticks = line(ax, f"censored-{group}")
        assert_allclose(np.asarray(ticks.get_xdata()), own["time"])
        assert_allclose(np.asarray(ticks.get_ydata()), own["survival"])


def test_nobody_is_at_risk_after_the_last_row() -> None:
    frame = pl.DataFrame({"time": [2.0, 4.0], "n_risk": [7, 3]})
    assert numbers_at_risk(frame, [0.0, 2.0, 2.5, 4.0, 4.5]) == [7, 7, 3, 3, 0]


@pytest.mark.parametrize(
    ("end", "unit", "ticks"),
    [
        (24.0, "months", [0, 3, 6, 9, 12, 15, 18, 21, 24]),
        (60.0, "个月", [0, 12, 24, 36, 48, 60]),
        (1000.0, "days", [0, 200, 400, 600, 800, 1000]),
        (0.5, "", [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
    ],
)
def test_ticks_are_round(end: float, unit: str, ticks: list[float]) -> None:
    assert time_ticks(end, unit) == ticks


def test_incidence_shows_both_causes_of_one_group_and_the_event_of_several() -> None:
    frame = incidence()
    ax = draw("incidence")
    for cause in ("event", "competing"):
        rows = frame.filter(pl.col("cause") == cause)
        y = np.asarray(line(ax, f"incidence-{cause}").get_ydata())
        assert y[0] == 0.0
        assert_allclose(y[1:-1], rows["estimate"])
    grouped = draw("incidence_groups")
    assert not by_gid(grouped, "incidence-competing")
    event = incidence(True).filter((pl.col("cause") == "event") & (pl.col("group") == "a"))
    assert_allclose(np.asarray(line(grouped, "incidence-a").get_ydata())[1:-1], event["estimate"])


def test_stacked_areas_reach_the_share_that_has_either() -> None:
    ax = draw("stacked")
    frame = incidence()
    top = sum(
        float(frame.filter(pl.col("cause") == cause)["estimate"][-1])
        for cause in ("event", "competing")
    )
    (area,) = by_gid(ax, "area-competing")
    assert_allclose(area.get_paths()[0].vertices[:, 1].max(), top)  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="Stacked areas show one group"):
        plot_cumulative_incidence(incidence(True), stacked=True)


def test_auc_and_brier_show_their_frames() -> None:
    _, axes = plot_over_time(performance("auc"), performance("brier"), "months")
    assert_allclose(
        np.asarray(line(axes["auc"], "auc").get_ydata()), performance("auc")["estimate"]
    )
    for model, gid in (("model", "brier"), ("null", "null")):
        rows = performance("brier").filter(pl.col("model") == model)
        assert_allclose(np.asarray(line(axes["brier"], gid).get_ydata()), rows["brier"])
    few = plot_time_dependent_auc(performance("auc")[:2])
    assert line(few, "auc").get_marker() == "o"


def test_schoenfeld_has_a_panel_a_term() -> None:
    ax = draw("schoenfeld")
    figure = figure_of(ax)
    assert len(figure.axes) == 3
    rows = residuals().filter(pl.col("term") == "age")
    assert_allclose(np.asarray(line(ax, "residual").get_ydata()), rows["residual"])
    assert_allclose(np.asarray(line(ax, "smooth").get_ydata()), 0.01 * smooth()["x"][:40])
    assert np.asarray(line(ax, "coefficient").get_ydata()).tolist() == [0.03, 0.03]
    assert "P = 0.020" in ax.get_title(loc="left")
    assert figure.axes[2].get_title(loc="left") == "volume"


def test_schoenfeld_along_transformed_time_is_labelled_with_times() -> None:
    frame = residuals().with_columns(x=pl.col("time").log())
    _, axes = plot_schoenfeld(frame, smooth().with_columns(x=pl.col("time").log()))
    ax = axes["age"]
    labels = [float(label.get_text()) for label in ax.get_xticklabels()]
    # between two events the axis is a straight line
    assert_allclose(ax.get_xticks(), np.log(labels), atol=0.05)


def test_a_long_name_of_the_smoother_stays_inside_the_calibration_figure() -> None:
    frame = patients()
    with pytest.warns(CalibrationWarning):
        curve = calibration_survival(frame["time"], frame["status"], frame["risk"], 12.0).curve
    ax = plot_calibration(replace(curve, mean_absolute_error=0.01))
    keeps_apart_and_inside(ax)


def test_the_legend_leaves_a_curve_far_above_equality_alone() -> None:
    frame = patients()
    places = []
    for divisor in (5.0, 1.0):
        with pytest.warns(CalibrationWarning):
            found = calibration_survival(
                frame["time"], frame["status"], frame["risk"] / divisor, 12.0
            )
        legend = plot_calibration(found.curve).get_legend()
        assert legend is not None
        places.append(legend._loc)  # type: ignore[attr-defined]
    assert places[0] != places[1]


@pytest.mark.parametrize("plot", [plot_kaplan_meier, plot_time_dependent_auc, plot_schoenfeld])
def test_an_empty_frame_is_refused(plot: Callable[[pl.DataFrame], object]) -> None:
    frame = pl.DataFrame(
        schema=dict.fromkeys(("group", "term", "time", "horizon", "survival"), pl.Float64)
    )
    with pytest.raises(ArgumentError, match=r"no rows|is empty"):
        plot(frame)
