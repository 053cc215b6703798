"""Path and cross-validation of a penalty: what stands on the axes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from matplotlib.text import Text
from numpy.testing import assert_allclose

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures import WORDS, figure_texts, plot_cross_validation, plot_path, render

PENALTY = 10.0 ** -np.linspace(0, 3, 31)


def path() -> pl.DataFrame:
    parts = []
    for name, end in (("age", 0.8), ("cleft", -0.4), ("noise", 0.02), ("(Intercept)", None)):
        reach = np.clip(np.linspace(-0.3, 1.0, 31), 0.0, None)
        values = [None] * 31 if end is None else list(end * reach)
        parts.append(
            pl.DataFrame(
                {
                    "penalty": PENALTY,
                    "term": [name] * 31,
                    "level": ["Yes" if name == "cleft" else ""] * 31,
                    "per_sd": values,
                },
                schema_overrides={"per_sd": pl.Float64},
            )
        )
    return pl.concat(parts)


def cross_validation() -> pl.DataFrame:
    rules = [""] * 31
    rules[8], rules[17] = "1se", "min"
    mean = 1.2 - 0.3 * np.exp(-((np.arange(31) - 17) ** 2) / 80)
    return pl.DataFrame(
        {
            "penalty": PENALTY,
            "nonzero": np.arange(31) // 10,
            "mean": mean,
            "std_error": np.full(31, 0.05),
            "rule": rules,
        }
    )


def test_the_path_draws_each_coefficient_and_names_those_of_the_model() -> None:
    kept = {("age", ""), ("cleft", "Yes")}
    ax = plot_path(path(), 0.05, {("age", ""): "Age", ("cleft", "Yes"): "Cleft"}, kept)
    lines = [line for line in ax.lines if line.get_gid() == "path"]
    assert len(lines) == 3  # the intercept has no standard deviation
    ends = sorted(float(np.asarray(line.get_ydata())[-1]) for line in lines)
    assert_allclose(ends, [-0.4, 0.02, 0.8])
    colours = {line.get_color() for line in lines}
    assert len(colours) == 2
    names = {text.get_text() for text in ax.texts}
    assert {"Age", "Cleft"} <= names
    assert "noise" not in names
    high, low = ax.get_xlim()
    assert (high, low) == pytest.approx((1.0, 0.001))  # falling to the right
    used = next(line for line in ax.lines if line.get_gid() == "used")
    assert np.asarray(used.get_xdata())[0] == 0.05


def test_names_do_not_meet() -> None:
    crowded = pl.concat(
        [
            path().filter(pl.col("term") == "age").with_columns(term=pl.lit(f"variable {k}"))
            for k in range(12)
        ]
    )
    ax = plot_path(crowded, 0.05)
    render(ax.figure, "svg")  # type: ignore[arg-type]
    boxes = sorted(
        (Text.get_window_extent(text) for text in ax.texts if "variable" in text.get_text()),
        key=lambda box: box.y0,
    )
    assert len(boxes) == 12
    for below, above in pairwise(boxes):
        assert above.y0 >= below.y1 - 2.0


def test_cross_validation_shows_mean_error_and_both_rules() -> None:
    frame = cross_validation()
    ax = plot_cross_validation(frame, float(frame["penalty"][17]))
    mean = next(line for line in ax.lines if line.get_gid() == "mean")
    assert_allclose(np.asarray(mean.get_ydata(), dtype=float), frame["mean"].to_numpy())
    other = [line for line in ax.lines if line.get_gid() == "other"]
    assert [float(np.asarray(line.get_xdata())[0]) for line in other] == [frame["penalty"][8]]
    counts = [text.get_text() for text in ax.texts if text.get_gid() == "count"]
    assert (counts[0], counts[-1]) == ("0", "3")
    assert ax.get_ylabel() == "Deviance per patient"
    chinese = plot_cross_validation(frame, 0.02, "partial_deviance", words=WORDS["zh"])
    assert "每次事件的偏似然偏差" in figure_texts(chinese.figure)  # type: ignore[arg-type]


def test_nothing_to_draw() -> None:
    with pytest.raises(ArgumentError, match="path is empty"):
        plot_path(path().head(0), 0.1)
    with pytest.raises(ArgumentError, match="cross_validation is empty"):
        plot_cross_validation(cross_validation().head(0), 0.1)


def test_a_path_of_one_step() -> None:
    frame = path().filter(pl.col("penalty") == 1.0)
    assert plot_path(frame, 1.0).get_xlim()[0] > 1.0
    assert render(plot_path(frame, 1.0).figure, "svg")  # type: ignore[arg-type]
