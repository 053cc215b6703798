"""The nomogram's drawing: positions equal points, and no two labels ever meet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from tests.report.drawn_texts import (
    by_gid,
    keeps_apart_and_inside,
    line,
    seen,
    skip_without_chinese_font,
)

from vertebrisk.errors import ArgumentError
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.report.figures import WORDS, plot_nomogram
from vertebrisk.report.figures.layout import (
    branches,
    keep_clear,
    place_all,
    risk_ticks,
    spread,
    thin,
)
from vertebrisk.report.figures.lettering import text_width, wrap
from vertebrisk.report.figures.reading import percent
from vertebrisk.report.results.study import ExamplePatient
from vertebrisk.text.numbers import TYPESET

RISKS = (0.001, 0.01, 0.05, *(k / 10 for k in range(1, 10)), 0.95, 0.99, 0.999)


def axis(
    variable: str,
    label: str,
    values: Sequence[str],
    points: Sequence[float],
    unit: str = "",
    numbers: Sequence[float] | None = None,
    condition: str = "",
) -> NomogramAxis:
    return NomogramAxis(
        variable=variable,
        label=label,
        unit=unit,
        categorical=numbers is None,
        values=tuple(values),
        numbers=None if numbers is None else np.asarray(numbers, dtype=float),
        points=np.asarray(points, dtype=float),
        condition=condition,
    )


def nomogram(axes: Sequence[NomogramAxis], intercept: float, per_unit: float) -> Nomogram:
    """A nomogram from axes: `per_unit` points are one unit of the linear predictor."""
    best: dict[str, float] = {}
    for one in axes:
        best[one.variable] = max(best.get(one.variable, 0.0), float(max(one.points)))
    most = max(sum(best.values()), 1.0)
    total = math.ceil(most / 20) * 20.0
    grid = np.linspace(0, total, 41)
    eta = intercept + grid / per_unit
    risks = [r for r in RISKS if eta[0] <= math.log(r / (1 - r)) <= eta[-1]]
    return Nomogram(
        axes=tuple(axes),
        points=pl.DataFrame(
            [
                (a.variable, v, float(p))
                for a in axes
                for v, p in zip(a.values, a.points, strict=True)
            ],
            schema=["variable", "value", "points"],
            orient="row",
        ),
        total=pl.DataFrame({"total_points": grid, "risk": 1 / (1 + np.exp(-eta))}),
        risk_ticks=pl.DataFrame(
            {
                "risk": risks,
                "total_points": [(math.log(r / (1 - r)) - intercept) * per_unit for r in risks],
            },
            schema={"risk": pl.Float64, "total_points": pl.Float64},
        ),
        intercept=intercept,
        points_per_unit=per_unit,
        max_total=total,
    )


def four_factors(chinese: bool = False) -> Nomogram:
    unit = 100 / 2.622
    names = (
        ("椎体内真空裂隙", "胸腰筋膜后层水肿", "Goutallier 分级（椎旁肌脂肪浸润）", "骨水泥分布")
        if chinese
        else (
            "Intravertebral vacuum cleft",
            "Posterior fascia oedema",
            "Goutallier grade",
            "Cement distribution",
        )
    )
    no, yes = ("无", "有") if chinese else ("Absent", "Present")
    cement = ("海绵状", "团块状") if chinese else ("Spongy", "Blocky")
    return nomogram(
        (
            axis("ivc", names[0], (no, yes), (0, 1.332 * unit)),
            axis("fascia", names[1], (no, yes), (0, 1.377 * unit)),
            axis("goutallier", names[2], ("0\u20131", "2", "3\u20134"), (0, 1.758 * unit, 100)),
            axis("cement", names[3], cement, (0, 0.8 * unit)),
        ),
        -4.161,
        unit,
    )


def example_for(nomo: Nomogram, chosen: Sequence[tuple[int, int]]) -> ExamplePatient:
    points = tuple(float(nomo.axes[k].points[j]) for k, j in chosen)
    total = sum(points)
    eta = nomo.intercept + total / nomo.points_per_unit
    return ExamplePatient(
        values=tuple((nomo.axes[k].variable, nomo.axes[k].values[j]) for k, j in chosen),
        points=points,
        total_points=total,
        risk=1 / (1 + math.exp(-eta)),
        conf_low=0.19,
        conf_high=0.48,
    )


def cohort(nomo: Nomogram, bins: int = 20) -> pl.DataFrame:
    edges = np.linspace(0, nomo.max_total, bins + 1)
    rng = np.random.default_rng(5)
    draws = np.clip(rng.gamma(2.2, nomo.max_total / 6, 268), 0, nomo.max_total)
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": np.histogram(draws, edges)[0]})


def inner(ax: Axes, x: float) -> float:
    """Points of a horizontal place, from the ends of the points axis."""
    low, high = (float(v) for v in np.asarray(line(ax, "points").get_xdata()))
    return 100.0 * (x - low) / (high - low)


WORDS_FOR_LEVELS = (
    "Yes", "No", "0\u20131", "T11\u2013L2", "Severe: height loss above two fifths of normal",
    "inverted U satisfied", "Inextricablyhyphenlessandlongwordoflevelsinone",
)  # fmt: skip


@st.composite
def axes_of_any_kind(draw: st.DrawFn, index: int) -> NomogramAxis:
    label = draw(st.sampled_from(["Age", "Anterior vertebral height ratio after the operation"]))
    condition = draw(st.sampled_from(["", "Sex = Female, severity = above two fifths"]))
    point = st.one_of(st.sampled_from([0.0, 50.0, 50.4, 100.0]), st.floats(0.0, 100.0))
    if draw(st.booleans()):
        words = draw(st.lists(st.sampled_from(WORDS_FOR_LEVELS), min_size=2, max_size=9))
        points = draw(st.lists(point, min_size=len(words), max_size=len(words)))
        return axis(f"v{index}", label, words, points, condition=condition)
    count = draw(st.integers(2, 25))
    numbers = np.linspace(40.0, 40.0 + 2.5 * (count - 1), count)
    turn = draw(st.floats(0.0, 1.0))
    points = list(100.0 * draw(st.floats(0.0, 1.0)) * np.abs(np.linspace(0, 1, count) - turn))
    return axis(
        f"v{index}", label, [f"{v:g}" for v in numbers], points, "years", list(numbers), condition
    )


@st.composite
def nomograms(draw: st.DrawFn) -> Nomogram:
    axes = [draw(axes_of_any_kind(k)) for k in range(draw(st.integers(1, 8)))]
    return nomogram(axes, draw(st.floats(-12.0, 8.0)), draw(st.floats(3.0, 400.0)))


@settings(max_examples=8)
@given(nomograms(), st.booleans())
def test_no_labels_ever_meet(nomo: Nomogram, with_example: bool) -> None:
    example = example_for(nomo, [(k, 0) for k in range(len(nomo.axes))]) if with_example else None
    bins = cohort(nomo) if with_example else None
    ax = plot_nomogram(nomo, example, bins, "residual back pain", label="Simulated data")
    keeps_apart_and_inside(ax)


def test_chinese_labels_do_not_meet() -> None:
    nomo = four_factors(chinese=True)
    example = example_for(nomo, [(0, 1), (1, 0), (2, 2), (3, 1)])
    ax = plot_nomogram(
        nomo, example, cohort(nomo), "残余腰背痛", label="重建数据", words=WORDS["zh"]
    )
    skip_without_chinese_font(text.get_text() for text in seen(ax))
    keeps_apart_and_inside(ax)


def test_fifteen_variables_fit() -> None:
    axes = [axis(f"v{k}", f"Variable {k}", ("No", "Yes"), (0, 100 - 5 * k)) for k in range(15)]
    nomo = nomogram(axes, -9.0, 60.0)
    keeps_apart_and_inside(plot_nomogram(nomo, example_for(nomo, [(k, 1) for k in range(15)])))


def test_every_level_keeps_its_label_and_its_points() -> None:
    nomo = nomogram(
        [
            axis(
                "level",
                "Level",
                [f"Level {k}" for k in range(12)],
                [40 + 0.1 * k for k in range(12)],
            )
        ],
        -3.0,
        30.0,
    )
    ax = plot_nomogram(nomo)
    keeps_apart_and_inside(ax)
    texts = [text.get_text() for text in seen(ax)]
    assert all(f"Level {k}" in texts for k in range(12))


def test_axes_lie_where_the_points_say() -> None:
    nomo = four_factors()
    ax = plot_nomogram(nomo)
    for one in nomo.axes:
        ends = [
            inner(ax, float(x)) for x in np.asarray(line(ax, f"axis-{one.variable}").get_xdata())
        ]
        assert ends == pytest.approx([min(one.points), max(one.points)])


def test_example_is_a_dot_on_each_axis_and_a_line_from_total_to_risk() -> None:
    nomo = four_factors()
    example = example_for(nomo, [(0, 1), (1, 0), (2, 1), (3, 1)])
    ax = plot_nomogram(nomo, example, cohort(nomo))
    for (variable, _), points in zip(example.values, example.points, strict=True):
        (x,) = np.asarray(line(ax, f"example-{variable}").get_xdata())
        assert inner(ax, float(x)) == pytest.approx(points)
    x = float(np.asarray(line(ax, "example-total").get_xdata())[0])
    assert inner(ax, x) / 100.0 * nomo.max_total == pytest.approx(example.total_points)
    said = " ".join(t.get_text() for t in seen(ax) if t.get_gid() == "sentence")
    assert "Goutallier grade: 2 (67.05)" in said
    assert f"risk {percent(example.risk, TYPESET)}" in said


def test_risk_ticks_lie_under_their_total_points() -> None:
    nomo = four_factors()
    ax = plot_nomogram(nomo)
    under = max(t.get_position()[1] for t in seen(ax) if t.get_gid() == "tick-label")
    labels = [t for t in seen(ax) if t.get_gid() == "tick-label" and t.get_position()[1] == under]
    assert len(labels) >= 5
    for text in labels:
        risk = float(text.get_text()) / 100.0
        total = inner(ax, text.get_position()[0]) / 100.0 * nomo.max_total
        eta = nomo.intercept + total / nomo.points_per_unit
        assert 1.0 / (1.0 + math.exp(-eta)) == pytest.approx(risk)


def test_bars_are_the_cohort() -> None:
    nomo = four_factors()
    bins = cohort(nomo)
    ax = plot_nomogram(nomo, total_points=bins)
    heights = np.array([-bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle)])
    counts = bins.filter(pl.col("n") > 0)["n"].to_numpy()
    assert heights / heights.max() == pytest.approx(counts / counts.max())
    assert f"Patients, n = {bins['n'].sum()}" in [text.get_text() for text in seen(ax)]


def test_with_interactions_the_example_lies_on_the_axis_that_holds_for_it() -> None:
    nomo = nomogram(
        [
            axis("age", "Age", ("50", "90"), (0, 100), "years", (50, 90), "Sex = Female"),
            axis("age", "Age", ("50", "90"), (20, 40), "years", (50, 90), "Sex = Male"),
        ],
        -3.0,
        40.0,
    )
    example = ExamplePatient((("age", "70"),), (30.0,), 30.0, 0.1, None, None)
    ax = plot_nomogram(nomo, example)
    (dot,) = by_gid(ax, "example-age")
    second = by_gid(ax, "axis-age")[1]
    assert isinstance(dot, Line2D)
    assert isinstance(second, Line2D)
    assert np.asarray(dot.get_ydata())[0] == np.asarray(second.get_ydata())[0]


def test_example_without_points_for_a_value_is_refused() -> None:
    example = ExamplePatient(
        (("ivc", "Present"), ("fascia", "Absent")), (51.0,), 51.0, 0.1, None, None
    )
    with pytest.raises(ArgumentError, match="2 values and 1 points"):
        plot_nomogram(four_factors(), example)


def test_negative_numbers_have_a_true_minus() -> None:
    nomo = nomogram([axis("t", "T-score", ("-4", "-3"), (100, 0), "SD", (-4, -3))], -2.0, 50.0)
    texts = [text.get_text() for text in seen(plot_nomogram(nomo))]
    assert "\u22124" in texts
    assert "-4" not in texts


def test_printed_points_add_up_to_the_printed_total() -> None:
    nomo = four_factors()
    example = example_for(nomo, [(0, 1), (1, 1), (2, 1), (3, 1)])
    ax = plot_nomogram(nomo, example)
    shown = [
        float(t.get_text())
        for t in seen(ax)
        if t.get_gid() == "example-points" and "%" not in t.get_text()
    ]
    *points, total = shown
    assert sum(points) == pytest.approx(total, abs=1e-9)


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.5, 30.0)), min_size=1, max_size=12))
def test_spread_keeps_labels_apart_inside_and_in_order(pairs: list[tuple[float, float]]) -> None:
    pairs.sort()
    centres, widths = [c for c, _ in pairs], [w for _, w in pairs]
    at = spread(centres, widths, 0.0, 100.0, 1.0)
    if at is None:
        assert sum(widths) + len(widths) - 1 > 100.0 - 1e-6
        return
    left, right = at - np.array(widths) / 2, at + np.array(widths) / 2
    # Positions are of the order of 100; 1e-9 is rounding.
    assert (left[1:] - right[:-1] >= 1.0 - 1e-9).all()
    assert left[0] >= -1e-9
    assert right[-1] <= 100.0 + 1e-9


def test_spread_leaves_labels_that_do_not_meet() -> None:
    at = spread([10.0, 50.0], [8.0, 8.0], 0.0, 100.0, 2.0)
    assert at is not None
    assert at.tolist() == [10.0, 50.0]


def test_labels_alternate_where_one_row_would_move_them_far() -> None:
    places = place_all([50.0] * 4, [30.0] * 4, 0.0, 100.0, 2.0)
    assert {place.below for place in places} == {True, False}


def test_thin_keeps_every_nth() -> None:
    assert thin([0.0, 10.0, 20.0, 30.0], [4.0] * 4, 2.0) == (0, 1, 2, 3)
    assert thin([0.0, 10.0, 20.0, 30.0], [12.0] * 4, 2.0) == (0, 2)


def test_keep_clear_prefers_the_important() -> None:
    assert keep_clear([0.0, 5.0, 20.0], [8.0] * 3, [1, 0, 2], 1.0) == (1, 2)


def test_branches_change_where_the_curve_turns() -> None:
    assert branches([0.0, 5.0, 5.0, 9.0, 4.0, 2.0, 3.0]) == (0, 0, 0, 0, 1, 1, 2)


def test_narrow_range_of_risk_still_has_labels() -> None:
    ticks = risk_ticks(0.371, 0.394, [0.1, 0.5])
    assert len(ticks) >= 3
    assert all(0.371 <= risk <= 0.394 for risk in ticks)


@pytest.mark.parametrize(
    ("risk", "text"),
    [(0.43, "43%"), (0.95, "95%"), (0.052, "5.2%"), (0.0004, "0.04%"), (0.9964, "99.6%")],
)
def test_percent(risk: float, text: str) -> None:
    assert percent(risk, TYPESET) == text


@given(st.text(alphabet="ab （）骨水泥，-", max_size=60), st.floats(20.0, 200.0))
def test_wrap_keeps_every_letter_and_the_width(text: str, width: float) -> None:
    lines = wrap(text, width, 7.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # Signs that close a bracket or sentence may hang over the edge.
    assert all(
        text_width(one.rstrip("，）)"), 7.0) <= width + 1e-9 or len(one) <= 3 for one in lines
    )


def test_a_folded_axis_leaves_out_no_number_that_has_room() -> None:
    values = [56.0, 61.0, 66.0, 71.0, 76.0, 81.0, 86.0]
    points = [40.0, 20.0, 2.0, 0.0, 6.0, 12.0, 100.0]
    bent = axis("age", "Age", [f"{v:g}" for v in values], points, "years", values)
    ax = plot_nomogram(nomogram([bent], -1.0, 10.0))
    shown = {text.get_text() for text in ax.texts if text.get_gid() == "tick-label"}
    assert {f"{v:g}" for v in values} <= shown
