"""Trajectories and Bland and Altman's plot draw the numbers of their records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.reference import loader

from vertebrisk.comparison.agreement import agreement_continuous
from vertebrisk.comparison.repeated import RepeatedMeasures, repeated_measures
from vertebrisk.report.figures import WORDS, plot_bland_altman, plot_followup

COLUMNS = ["gap_0", "gap_3d", "gap_6m", "gap_12m"]


def record(**options: Any) -> RepeatedMeasures:
    return repeated_measures(loader.frame("scores"), COLUMNS, mcid=2, **options)


def lines(ax: Any) -> dict[str, Any]:
    return {line.get_gid(): line for line in ax.lines if line.get_gid()}


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_means_quartiles_and_the_mixed_model_are_drawn() -> None:
    found = record()
    ax = plot_followup(found, "VAS", limits=(0, 10))
    means = [float(found.summary(visit).summary.mean or 0.0) for visit in COLUMNS]
    np.testing.assert_allclose(lines(ax)["mean-"].get_ydata(), means)
    assert found.mixed is not None
    fitted = [mean.estimate for mean in found.mixed.means]
    np.testing.assert_allclose(lines(ax)["mixed-"].get_ydata(), fitted)
    assert ax.get_ylim() == (0, 10)
    assert lines(ax)["mcid"].get_ydata()[0] == pytest.approx(means[0] - 2)
    assert "n = 59" in texts(ax)


def test_visits_stand_to_scale_only_where_they_can_be_read() -> None:
    close = plot_followup(record(times=[0, 3, 180, 365]), "VAS", time_unit="days")
    assert list(close.get_xticks()) == [0, 1, 2, 3]
    assert "Visit (not to scale)" in texts(close)
    apart = plot_followup(record(times=[0, 4, 8, 12]), "VAS", time_unit="months")
    assert list(apart.get_xticks()) == [0, 4, 8, 12]
    assert "Time since the first visit (months)" in texts(apart)


def test_groups_have_their_lines_and_labels() -> None:
    ax = plot_followup(record(group="leakage"), "VAS", ["No leakage", "Leakage"], label="Simulated")
    assert {"mean-No", "mean-Yes"} <= set(lines(ax))
    legend = ax.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()][:2] == ["No leakage", "Leakage"]
    assert "Simulated" in texts(ax)


def test_a_visit_without_scores_is_a_gap() -> None:
    frame = {"a": [3.0, 4.0, 6.0], "b": [None, None, None], "c": [1.0, 3.0, 3.0]}
    ax = plot_followup(repeated_measures(frame, ["a", "b", "c"]), "VAS")
    assert len(lines(ax)["mean-"].get_ydata()) == 2


def test_bland_altman_draws_bias_limits_and_counts() -> None:
    found = agreement_continuous(loader.frame("readers"), "angle_a", "angle_b").bland_altman
    for words in WORDS.values():
        ax = plot_bland_altman(found, "Angle, deg", ("A", "B"), words=words)
        drawn = lines(ax)
        for name in ("bias", "upper", "lower"):
            assert drawn[name].get_ydata()[0] == getattr(found, name)
        points: Any = next(each for each in ax.collections if each.get_gid() == "patients")
        assert np.asarray(points.get_sizes()).sum() == pytest.approx(9.0 * found.means.size)
        assert found.slope_p is not None
        assert ("slope" in drawn) == (found.slope_p < 0.05)


def test_readers_who_agree_entirely_can_be_drawn() -> None:
    found = agreement_continuous({"a": [4, 5, 9], "b": [4, 5, 9]}, "a", "b").bland_altman
    ax = plot_bland_altman(found, "Angle", ("A", "B"))
    assert ax.get_ylim()[0] < 0 < ax.get_ylim()[1]
