"""Figures show the numbers of their results, the same bytes each time, and change no setting."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from PIL import Image
from tests.report.drawn_texts import (
    by_gid,
    figure_of,
    keeps_apart_and_inside,
    line,
    nothing_collides,
    seen,
    skip_without_chinese_font,
)

from vertebrisk._types import BoolArray, FloatArray, Language
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.errors import ArgumentError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.figures import (
    WORDS,
    data_label,
    inline_svg,
    missing_glyphs,
    plot_calibration,
    plot_decision_curve,
    plot_flow,
    plot_forest,
    plot_roc,
    plot_selection,
    render,
)
from vertebrisk.report.figures.output import Format
from vertebrisk.validation.discrimination import roc_curve
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    ThresholdTable,
    Validation,
)

LEVELS = ("0\u20131", "2", "3\u20134")


def patients() -> tuple[FloatArray, BoolArray]:
    """Risks and outcomes of 268 invented patients with about 37 events."""
    rng = np.random.default_rng(3)
    effects = (1.332, 1.377, 0.8)
    eta = np.full(268, -4.161)
    for effect, share in zip(effects, (0.35, 0.3, 0.5), strict=True):
        eta += effect * (rng.random(268) < share)
    eta += np.array([0.0, 1.758, 2.622])[rng.choice(3, 268, p=[0.4, 0.35, 0.25])]
    risk = 1.0 / (1.0 + np.exp(-eta))
    return risk, rng.random(268) < risk


def flow() -> Flow:
    return Flow(
        unit="patient",
        n_read=412,
        steps=(
            FlowStep(
                "include",
                "Osteoporosis on DXA (T-score of \u22122.5 or less)",
                "t <= -2.5",
                61,
                351,
            ),
            FlowStep("include", "One fractured vertebra", "segments == 1", 42, 309),
            FlowStep(
                "exclude",
                "Pathological fracture: tumour, infection, or other destruction of the vertebra",
                "pathology != 'none'",
                0,
                309,
            ),
            FlowStep("exclude", "Previous operation on the spine", "previous == 'yes'", 23, 286),
            FlowStep("undetermined", "One fractured vertebra", "segments == 1", 4, 282),
            FlowStep("outcome-missing", "Pain at 1 month not recorded", "", 9, 273),
            FlowStep("predictor-missing", "Goutallier grade not recorded", "", 5, 268),
        ),
        n=268,
        n_events=37,
        n_patients=268,
    )


def roc() -> Roc:
    risk, event = patients()
    cuts = np.concatenate([[-np.inf], np.unique(risk), [np.inf]])
    return Roc(
        auc=Estimate(0.780, 0.703, 0.857),
        std_error=0.039,
        curve=pl.DataFrame(
            {
                "threshold": cuts,
                "sensitivity": [(risk[event] >= cut).mean() for cut in cuts],
                "specificity": [(risk[~event] < cut).mean() for cut in cuts],
            }
        ),
    )


def thresholds() -> ThresholdTable:
    risk, event = patients()
    rows = []
    for source, cut in (("protocol", 0.10), ("protocol", 0.20), ("youden", 0.147)):
        sensitivity = float((risk[event] >= cut).mean())
        specificity = float((risk[~event] < cut).mean())
        rows.append(
            {
                "threshold": cut,
                "source": source,
                "sensitivity": sensitivity,
                "sensitivity_low": max(sensitivity - 0.14, 0.0),
                "sensitivity_high": min(sensitivity + 0.10, 1.0),
                "specificity": specificity,
                "specificity_low": specificity - 0.06,
                "specificity_high": specificity + 0.06,
            }
        )
    return ThresholdTable(pl.DataFrame(rows))


def calibration(band: bool = True, corrected: bool = True) -> CalibrationCurve:
    risk, event = patients()
    x = np.linspace(0.016, 0.62, 60)
    y = np.clip(x + 0.05 * np.sin(9 * x), 0.0, 1.0)
    edges = np.linspace(0.0, 1.0, 41)
    count = np.histogram(risk, edges)[0]
    wide = 0.02 + 0.3 * x
    columns = {
        "predicted": x,
        "apparent": y,
        "corrected": 0.02 + 0.88 * y if corrected else np.full(60, np.nan),
        "conf_low": np.clip(y - wide, 0, 1) if band else np.full(60, np.nan),
        "conf_high": np.clip(y + wide, 0, 1) if band else np.full(60, np.nan),
    }
    return CalibrationCurve(
        frame=pl.DataFrame(columns, nan_to_null=True),
        distribution=pl.DataFrame(
            {
                "low": edges[:-1],
                "high": edges[1:],
                "n": count,
                "n_events": np.histogram(risk[event], edges)[0],
            }
        ),
        smoother="loess (degree 2, span 0.75)",
        mean_absolute_error=0.018,
    )


def validation() -> Validation:
    rows = [
        ("c_index", 0.741, 0.655, 0.822),
        ("slope", 0.83, 0.55, 1.14),
        ("intercept", -0.24, -0.80, 0.31),
    ]
    return Validation(
        procedure="whole procedure",
        resamples=1000,
        seed=1,
        n_separated=0,
        n_deficient=0,
        n_failed=0,
        smoother="loess",
        table=pl.DataFrame(
            rows, schema=["measure", "corrected", "conf_low", "conf_high"], orient="row"
        ),
        calibration=calibration(),
        selected=selected(),
    )


def selected() -> pl.DataFrame:
    names = [
        "goutallier",
        "ivc",
        "fascia_oedema",
        "cement",
        "age",
        "bmi",
        "t_score",
        "volume",
        "sex",
    ]
    return pl.DataFrame(
        {"predictor": names, "frequency": [0.998, 0.871, 0.902, 0.544, 0.21, 0.11, 0.09, 0.31, 0.0]}
    )


def decision() -> DecisionCurve:
    risk, event = patients()
    prevalence = float(event.mean())
    rows = []
    for t in np.linspace(0.02, 0.5, 49):
        odds = t / (1 - t)
        benefit = float(((risk >= t) & event).mean() - odds * ((risk >= t) & ~event).mean())
        rows += [
            ("model", t, benefit, benefit - 0.03, benefit + 0.03),
            ("model_corrected", t, benefit - 0.006, None, None),
            ("all", t, prevalence - odds * (1 - prevalence), None, None),
            ("none", t, 0.0, None, None),
        ]
    columns = ["model", "threshold", "net_benefit", "conf_low", "conf_high"]
    return DecisionCurve(pl.DataFrame(rows, schema=columns, orient="row"), prevalence)


def regression() -> tuple[RegressionRow, ...]:
    def row(
        kind: str,
        term: str,
        label: str,
        level: str,
        reference: str,
        b: float = 0,
        se: float = 0,
        p: float = 0,
    ) -> RegressionRow:
        if kind != "estimate":
            return RegressionRow(kind, term, label, level, reference, p_value=p or None)
        return RegressionRow(
            kind, term, label, level, reference, estimate=b, std_error=se, p_value=p,
            ratio=math.exp(b), conf_low=math.exp(b - 1.96 * se), conf_high=math.exp(b + 1.96 * se),
        )  # fmt: skip

    return (
        row("estimate", "ivc", "Intravertebral vacuum cleft", "Yes", "No", 1.332, 0.424, 0.0017),
        row("estimate", "fascia", "Posterior fascia oedema", "Yes", "No", 1.377, 0.413, 0.00085),
        row("overall", "goutallier", "Goutallier grade", "", "", p=0.0004),
        row("reference", "goutallier", "Goutallier grade", "0\u20131", ""),
        row("estimate", "goutallier", "Goutallier grade", "2", "", 1.758, 0.66, 0.008),
        row("estimate", "goutallier", "Goutallier grade", "3\u20134", "", 2.622, 0.66, 0.00007),
        row("estimate", "cement", "Cement distribution", "Spongy", "Blocky", -0.8, 0.42, 0.058),
        row("estimate", "age", "Age (years)", "", "", 0.012, 0.02, 0.55),
        RegressionRow("intercept", "", "Constant", "", "", estimate=-3.361, ratio=math.exp(-3.361)),
    )


def draw(name: str, language: Language = "en") -> Axes:
    words, label = WORDS[language], data_label("reconstructed", WORDS[language])
    plots: dict[str, Callable[[], Axes]] = {
        "flow": lambda: plot_flow(flow(), label=label, words=words),
        "roc": lambda: plot_roc(roc(), thresholds(), validation(), label=label, words=words),
        "calibration": lambda: plot_calibration(
            calibration(), validation(), label=label, words=words
        ),
        "decision": lambda: plot_decision_curve(decision(), [0.1, 0.2], label=label, words=words),
        "forest": lambda: plot_forest(regression(), label=label, words=words),
        "selection": lambda: plot_selection(selected(), ["ivc"], label=label, words=words),
    }
    return plots[name]()


FIGURES = ("flow", "roc", "calibration", "decision", "forest", "selection")


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


def test_real_patients_need_no_label() -> None:
    assert data_label("real") == ""
    assert data_label("simulated", WORDS["zh"]) == "模拟数据"


def test_both_languages_have_the_same_words_and_blanks() -> None:
    english, chinese = WORDS["en"], WORDS["zh"]
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[key])), key


@pytest.mark.parametrize("name", FIGURES)
def test_changes_no_setting(name: str) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    render(figure_of(draw(name)), "svg")
    assert dict(mpl.rcParams) == before


def test_looks_the_same_whatever_the_settings_of_the_caller() -> None:
    import matplotlib as mpl

    plain = render(figure_of(draw("roc")), "svg")
    with mpl.rc_context({"axes.grid": True, "font.size": 20.0, "lines.linewidth": 9.0}):
        assert render(figure_of(draw("roc")), "svg") == plain


@pytest.mark.parametrize("format", ["svg", "pdf", "png", "tiff"])
def test_same_figure_same_bytes(format: Format) -> None:
    first = render(figure_of(draw("decision")), format)
    assert render(figure_of(draw("decision")), format) == first
    magic = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG", "tiff": b"II*\x00"}[format]
    assert first.startswith(magic)


def test_tiff_is_rgb_lzw_at_600_dpi() -> None:
    with Image.open(io.BytesIO(render(figure_of(draw("roc")), "tiff"))) as image:
        assert image.mode == "RGB"
        assert image.info["compression"] == "tiff_lzw"
        assert image.info["dpi"] == (600, 600)
        # 85 mm at 600 dpi; a pixel either way is rounding.
        assert abs(image.width - 85 / 25.4 * 600) <= 1


def test_inline_figures_share_no_identifier_and_refer_to_their_own() -> None:
    page = "".join(
        inline_svg(render(figure_of(draw(name)), "svg"), f"fig-{name}", f"<{name}>", "a & b")
        for name in FIGURES
    )
    root = ET.fromstring(f"<body>{page}</body>")
    identifiers = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(identifiers) == len(set(identifiers))
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', page)
    assert used
    assert set(used) <= set(identifiers)
    assert [svg.attrib["role"] for svg in root] == ["img"] * len(FIGURES)
    assert root[0][0].text == "<flow>"
    assert len(page) < 300_000 * len(FIGURES)


def test_missing_glyphs_are_found() -> None:
    assert missing_glyphs(["Age, years \u2265 70", "risk\n"]) == set()
    assert missing_glyphs(["a\U0010fffd"]) == {"\U0010fffd"}


def test_svg_keeps_text_that_no_font_can_draw() -> None:
    ax = plot_selection(pl.DataFrame({"predictor": ["a\U0010fffd"], "frequency": [0.5]}))
    content = render(figure_of(ax), "svg").decode()
    assert "a\U0010fffd" in content
    assert "Verdana" in content


def test_dollars_are_letters() -> None:
    ax = plot_selection(pl.DataFrame({"predictor": ["cost $x_1$"], "frequency": [0.5]}))
    render(figure_of(ax), "png")
    assert "cost $x_1$" in [text.get_text() for text in seen(ax)]


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


def test_calibration_notes_stand_below_curve_and_distribution() -> None:
    ax = draw("calibration")
    figure_of(ax).canvas.draw()
    (notes,) = by_gid(ax, "notes")
    box, (below,) = notes.get_window_extent(), ax.child_axes
    assert box.y1 < below.xaxis.label.get_window_extent().y0
    assert box.y0 > 0.0


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


def test_an_svg_file_says_what_kind_of_data_it_shows() -> None:
    labelled = render(figure_of(plot_forest(regression(), label="Reconstructed data")), "svg")
    assert b"<title>Reconstructed data</title>" in labelled
    assert b"<title>" not in render(figure_of(plot_forest(regression())), "svg")


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
