"""The nomogram of time to event: an axis of risk for each horizon, and the median time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from tests.report.drawn_texts import (
    by_gid,
    keeps_apart_and_inside,
    line,
    seen,
    skip_without_chinese_font,
)
from tests.report.test_figures_nomogram import axis, inner

from vertebrisk.nomogram.build import RISK_TICKS
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.nomogram.scales import MedianScale, SurvivalScale
from vertebrisk.report.figures import WORDS, plot_nomogram
from vertebrisk.report.figures.layout import round_times
from vertebrisk.report.figures.words import duration
from vertebrisk.report.results.study import ExamplePatient

AXES = (
    axis("age", "Age", ("40", "60", "80"), (0, 50, 100), "years", (40, 60, 80)),
    axis("severity", "Severity", ("Mild", "Severe"), (0, 60)),
)
HORIZONS = (3.0, 6.0, 12.0)


def followed(
    axes: tuple[NomogramAxis, ...] = AXES,
    intercept: float = -3.0,
    per_unit: float = 40.0,
    horizons: tuple[float, ...] = HORIZONS,
    rate: float = 0.08,
    median: bool = True,
) -> Nomogram:
    """A nomogram under an even hazard over fifteen months."""
    times = np.arange(1.0, 16.0)
    most = 180.0
    linear = intercept + np.array([0.0, most / per_unit])
    scales = tuple(SurvivalScale(each, rate * each) for each in horizons)
    ticks = []
    for scale in scales:
        low, high = scale.risk(linear)
        ticks.append(pl.DataFrame({"risk": [r for r in RISK_TICKS if low <= r <= high]}))
    return Nomogram(
        axes=axes,
        points=pl.DataFrame(),
        total=pl.DataFrame(),
        risk_ticks=ticks[0],
        intercept=intercept,
        points_per_unit=per_unit,
        max_total=most,
        scales=scales,
        median=MedianScale(times, rate * times) if median else None,
        later_ticks=tuple(ticks[1:]),
    )


def patient(nomogram: Nomogram, age: float = 50.0, severe: bool = True) -> ExamplePatient:
    points = (age, 60.0 if severe else 0.0)
    return ExamplePatient(
        values=(("age", f"{40 + 0.4 * age:g}"), ("severity", "Severe" if severe else "Mild")),
        points=points,
        total_points=sum(points),
        risk=nomogram.risk(sum(points)),
        conf_low=0.1,
        conf_high=0.4,
    )


def labels_under(ax: Axes, gid: str) -> list[Text]:
    y = float(np.asarray(line(ax, gid).get_ydata())[0])
    ticks = [text for text in seen(ax) if text.get_gid() == "tick-label"]
    return [text for text in ticks if y < text.get_position()[1] < y + 7.0]


def sentence(ax: Axes) -> str:
    return " ".join(text.get_text() for text in seen(ax) if text.get_gid() == "sentence")


@pytest.mark.parametrize("place", range(3))
def test_risks_lie_under_their_total_points(place: int) -> None:
    nomogram = followed()
    ax = plot_nomogram(nomogram, unit="months")
    labels = labels_under(ax, f"risk-{place}" if place else "risk")
    assert len(labels) >= 8
    for text in labels:
        total = inner(ax, text.get_position()[0]) / 100.0 * nomogram.max_total
        hazard = 0.08 * HORIZONS[place] * math.exp(-3.0 + total / 40.0)
        assert 100.0 * -math.expm1(-hazard) == pytest.approx(float(text.get_text()))


def test_medians_lie_under_their_total_points_and_end_with_follow_up() -> None:
    nomogram = followed()
    ax = plot_nomogram(nomogram, unit="months")
    labels = labels_under(ax, "median")
    assert len(labels) >= 5
    for text in labels:
        total = inner(ax, text.get_position()[0]) / 100.0 * nomogram.max_total
        median = math.log(2.0) / 0.08 / math.exp(-3.0 + total / 40.0)
        assert median == pytest.approx(float(text.get_text()))
    first = inner(ax, float(np.asarray(line(ax, "median").get_xdata())[0])) * nomogram.max_total
    assert math.log(2.0) / 0.08 / math.exp(-3.0 + first / 4000.0) == pytest.approx(15.0)
    assert "beyond 15 months" in [text.get_text() for text in seen(ax)]


def test_no_label_lies_where_the_median_leaps() -> None:
    """No event from month 4 to 11: no patient has a median of 5 or 10."""
    times = np.arange(1.0, 16.0)
    hazards = np.interp(times, [0.0, 4.0, 11.0, 15.0], [0.0, 1.0, 1.0, 3.0])
    source = followed()
    nomogram = Nomogram(
        source.axes, source.points, source.total, source.risk_ticks, -3.0, 40.0, 180.0,
        scales=source.scales, median=MedianScale(times, hazards), later_ticks=source.later_ticks,
    )  # fmt: skip
    ax = plot_nomogram(nomogram)
    shown = {float(text.get_text()) for text in labels_under(ax, "median")}
    assert {4.0, 15.0} <= shown
    assert not [time for time in shown if 4.0 < time <= 11.0]


def test_a_median_beyond_follow_up_everywhere_has_a_remark_and_no_axis() -> None:
    ax = plot_nomogram(followed(rate=0.002), unit="months")
    assert not by_gid(ax, "median")
    assert "Half have not had it by 15 months" in [text.get_text() for text in seen(ax)]
    keeps_apart_and_inside(ax)


def test_the_example_goes_down_to_every_scale_and_says_it() -> None:
    nomogram = followed()
    example = patient(nomogram)
    ax = plot_nomogram(nomogram, example, outcome="leakage", unit="months")
    (dots,) = by_gid(ax, "example-total")
    assert isinstance(dots, Line2D)
    heights = [float(np.asarray(line(ax, gid).get_ydata())[0])
               for gid in ("total", "risk", "risk-1", "risk-2", "median")]  # fmt: skip
    assert list(np.asarray(dots.get_ydata())) == heights
    rate = math.exp(-3.0 + example.total_points / 40.0) * 0.08
    shown = [f"{-100 * math.expm1(-rate * each):.0f}%" for each in HORIZONS]
    column = [text.get_text() for text in by_gid(ax, "example-points") if isinstance(text, Text)]
    median = math.log(2.0) / rate
    assert column[-4:] == [*shown, f"{median:.3g}"]
    assert sentence(ax).endswith(
        f"risk {shown[0]} (95% CI 10% to 40%) by 3 months, {shown[1]} by 6 months, {shown[2]} by "
        f"12 months; median time {median:.3g} months."
    )


def test_an_example_whose_median_is_beyond_follow_up() -> None:
    nomogram = followed()
    ax = plot_nomogram(nomogram, patient(nomogram, 0.0, severe=False), unit="months")
    (dots,) = by_gid(ax, "example-total")
    assert isinstance(dots, Line2D)
    assert len(np.asarray(dots.get_ydata())) == 4
    assert "> 15" in [text.get_text() for text in seen(ax)]
    assert sentence(ax).endswith("median time beyond 15 months.")


def test_long_medians_are_written_out() -> None:
    """In days, say: 1680, and no power of ten."""
    source = followed()
    median = MedianScale(np.array([1000.0, 2000.0]), np.array([0.5, 1.0]))
    nomogram = replace(source, median=median)
    ax = plot_nomogram(nomogram, patient(nomogram, 60.0), unit="days")
    time = nomogram.median_time(120.0)
    assert time is not None
    assert 1000.0 < time < 2000.0
    texts = [text.get_text() for text in seen(ax)]
    assert f"{round(time / 10) * 10:.0f}" in texts
    assert not [text for text in texts if "e+" in text]


def test_no_guide_is_drawn_through_a_label() -> None:
    def boxed(ax: Axes, gid: str) -> set[bool]:
        return {text.get_bbox_patch() is not None for text in labels_under(ax, gid)}

    ax = plot_nomogram(followed(), unit="months")
    assert [boxed(ax, gid) for gid in ("risk", "risk-1", "risk-2")] == [{True}] * 3
    assert boxed(ax, "median") == {False}  # guides end at the last axis
    assert boxed(plot_nomogram(followed(horizons=(3.0,), median=False)), "risk") == {False}


def test_with_a_competing_event_there_is_no_median() -> None:
    nomogram = followed(median=False)
    ax = plot_nomogram(nomogram, patient(nomogram), outcome="leakage", unit="months")
    assert not by_gid(ax, "median")
    assert sentence(ax).endswith("by 12 months.")
    keeps_apart_and_inside(ax)


def test_titles_name_outcome_and_horizon() -> None:
    def titles(outcome: str, unit: str, words: str = "en") -> list[str]:
        ax = plot_nomogram(followed(), outcome=outcome, unit=unit, words=WORDS[words])  # type: ignore[index]
        return [text.get_text() for text in seen(ax) if text.get_gid() == "title"]

    assert "Risk of leakage by 12 months (%)" in " ".join(titles("leakage", "months"))
    assert "Median time to leakage (months)" in " ".join(titles("leakage", "months"))
    assert "Risk by 12 (%)" in titles("", "")
    assert "Median time" in titles("", "")
    assert "12个月内渗漏风险（%）" in "".join(titles("渗漏", "个月", "zh"))


@settings(max_examples=12)
@pytest.mark.slow
@given(
    st.floats(-9.0, 6.0),
    st.floats(5.0, 300.0),
    st.floats(1e-4, 2.0),
    st.lists(st.sampled_from([0.5, 1.0, 3.0, 12.0, 14.0]), min_size=1, max_size=4, unique=True),
    st.sampled_from(["", "leakage", "a further fracture of the vertebra that was treated"]),
    st.booleans(),
)
def test_no_labels_ever_meet(
    intercept: float, per_unit: float, rate: float, horizons: list[float], outcome: str, bars: bool
) -> None:
    nomogram = followed(intercept=intercept, per_unit=per_unit, rate=rate, horizons=tuple(horizons))
    bins = pl.DataFrame({"low": [0.0, 90.0], "high": [90.0, 180.0], "n": [3, 40]}) if bars else None
    ax = plot_nomogram(nomogram, patient(nomogram), bins, outcome, unit="months", label="Simulated")
    keeps_apart_and_inside(ax)


def test_chinese_labels_do_not_meet() -> None:
    nomogram = followed()
    ax = plot_nomogram(
        nomogram, patient(nomogram), outcome="骨水泥渗漏", unit="个月", words=WORDS["zh"]
    )
    skip_without_chinese_font(text.get_text() for text in seen(ax))
    keeps_apart_and_inside(ax)


@given(st.floats(1e-6, 1e6), st.floats(1.001, 1e5))
def test_round_times_lie_inside_and_reach_down(low: float, ratio: float) -> None:
    high = low * ratio
    times = round_times(low, high)
    assert all(low <= time <= high for time in times)
    assert len(set(times)) == len(times)
    if 4.0 <= ratio <= 1000.0:  # the longest gap is less than a third of the way
        assert all(b / a <= 3.0 for a, b in pairwise(sorted(times)))


@pytest.mark.parametrize(
    ("time", "unit", "language", "text"),
    [(12.0, "months", "en", "12 months"), (1.0, "years", "en", "1 year"), (2.5, "", "en", "2.5"),
     (1.0, "年", "zh", "1年")],
)  # fmt: skip
def test_durations(time: float, unit: str, language: str, text: str) -> None:
    assert duration(time, unit, WORDS[language]) == text  # type: ignore[index]
