"""Forest, selection and flow: one line for each row of the result."""

from __future__ import annotations

import math
import re

import numpy as np
import polars as pl
import pytest
from matplotlib.lines import Line2D
from tests.report.drawn_texts import (
    by_gid,
    figure_of,
    nothing_collides,
    seen,
)
from tests.report.figure_examples import (
    draw,
    regression,
)

from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.errors import ArgumentError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.figures import (
    WORDS,
    plot_flow,
    plot_forest,
    plot_selection,
    render,
)


def test_forest_has_every_ratio_and_reference() -> None:
    ax = draw("forest")
    ratios = [row.ratio for row in regression() if row.kind == "estimate"]
    drawn = [np.asarray(a.get_xdata())[0] for a in by_gid(ax, "estimate") if isinstance(a, Line2D)]
    assert drawn == ratios
    assert len(by_gid(ax, "reference")) == 1
    texts = [text.get_text() for text in seen(ax)]
    assert "1 (reference)" in texts
    assert "Constant" not in texts
    assert "Cement distribution (Spongy vs Blocky)" in texts
    assert ax.get_xscale() == "log"


def test_forest_levels_below_a_heading_are_levels_only() -> None:
    rows = [
        RegressionRow("overall", "grade", "Grade of the muscle", "", "", p_value=0.01),
        RegressionRow("reference", "grade", "Grade of the muscle", "0-1", ""),
        RegressionRow("estimate", "grade", "Grade of the muscle", "2", "0-1", ratio=2.0),
        RegressionRow("estimate", "grade", "Grade of the muscle", "3-4", "0-1", ratio=3.0),
    ]
    texts = [text.get_text().strip() for text in seen(plot_forest(rows))]
    assert texts.count("Grade of the muscle") == 1
    assert {"0-1", "2", "3-4"} <= set(texts)


def test_missing_values_have_no_english_line_in_a_chinese_flow() -> None:
    steps = (
        FlowStep("outcome-missing", "outcome not known", "", 12, 280),
        FlowStep("predictor-missing", "candidate predictor missing", "", 12, 268),
    )
    flow = Flow(steps=steps, n_read=292, n=268, n_events=40, n_patients=268, unit="patient")
    texts = " ".join(text.get_text() for text in seen(plot_flow(flow, words=WORDS["zh"])))
    assert "结局缺失" in texts
    assert "预测变量缺失" in texts
    assert not re.search("known|candidate", texts)


def test_forest_survives_estimates_without_bound() -> None:
    rows = [
        RegressionRow("estimate", "x", "x", "", "", ratio=3e9, conf_low=0.0, conf_high=math.inf),
        RegressionRow("estimate", "y", "y", "", "", ratio=1.2, conf_low=0.9, conf_high=1.6),
    ]
    ax = plot_forest(rows)
    assert len(by_gid(ax, "estimate")) == 1
    assert len(render(figure_of(ax), "svg")) > 1000


def test_forest_needs_an_odds_ratio() -> None:
    with pytest.raises(ArgumentError, match="holds no ratio"):
        plot_forest(regression()[-1:])


def test_selection_sorts_and_prints_shares() -> None:
    ax = draw("selection")
    assert [t.get_text() for t in ax.get_yticklabels()][:2] == ["goutallier", "fascia_oedema"]
    assert [p.get_width() for p in ax.containers[0]] == pytest.approx([87.1])


def test_selection_refuses_what_is_no_share() -> None:
    with pytest.raises(ArgumentError, match="shares from 0 to 1"):
        plot_selection(pl.DataFrame({"predictor": ["a"], "frequency": [900.0]}))
    with pytest.raises(ArgumentError, match="selected is empty"):
        plot_selection(pl.DataFrame({"predictor": [], "frequency": []}))


def test_flow_counts_every_step_and_the_groups() -> None:
    texts = [text.get_text() for text in seen(draw("flow"))]
    for shown in ("n = 412", "61", "42", "0", "23", "4", "n = 130", "n = 282", "n = 273"):
        assert shown in texts, shown
    assert "n = 37 (13.8%)" in texts
    assert "n = 231 (86.2%)" in texts


@pytest.mark.parametrize("steps", [0, 1, 25])
def test_flow_takes_any_number_of_steps(steps: int) -> None:
    many = tuple(
        FlowStep("exclude", f"Reason {k} " + "and its long name " * (k % 7), "", 0, 50)
        for k in range(steps)
    )
    ax = plot_flow(Flow("vertebra", 50, many, 50, 5, 40))
    figure_of(ax).draw_without_rendering()
    nothing_collides(seen(ax))
    assert "in 40 patients" in [text.get_text() for text in seen(ax)]
