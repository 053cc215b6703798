"""Pooled studies on page, in figures and as JSON: what is drawn and printed is what was pooled."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any

import jsonschema
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.testing import assert_allclose
from tests.report.drawn_texts import (
    by_gid,
    figure_of,
    keeps_apart_and_inside,
    seen,
)
from tests.report.table_files import check_table_files
from tests.report.word_package import WordFile, problems

from vertebrisk._types import Language
from vertebrisk.cli import main
from vertebrisk.evidence.pooling.estimates import NOTHING, Evidence
from vertebrisk.evidence.pooling.papers import PooledPapers, pool_papers
from vertebrisk.evidence.pooling.study_estimates import (
    SCALES,
    Measure,
    StudyEstimate,
    limits,
    off_scale,
)
from vertebrisk.evidence.pooling.ways import Ways
from vertebrisk.protocol.fields import Localised
from vertebrisk.report.figures import (
    WORDS,
    plot_forest_pooled,
    plot_funnel,
    render,
)
from vertebrisk.report.figures.forest_marks import axis_limits, log_ticks
from vertebrisk.report.figures.forest_rows import forest_rows
from vertebrisk.report.pooling.files import pooling_document, pooling_files, pooling_schema
from vertebrisk.report.pooling.tables import pooling_tables
from vertebrisk.report.pooling.text import render_pooling
from vertebrisk.report.printing import Printing
from vertebrisk.report.words import Words

PAPERS = ("anonymous2024", "anonymous2021", "anonymous2020", "li2021")
# A float of an SVG-free axis is the float that was drawn.
EXACT = 1e-12


@cache
def incidence() -> PooledPapers:
    return pool_papers(
        PAPERS, "incidence", subgroup="time_point", moderator="design", without_each=True
    )


@cache
def cement() -> PooledPapers:
    return pool_papers(PAPERS, "odds-ratio", factor="cement_distribution")


def invented(measure: Measure, k: int = 12, *, scale_of_errors: float = 0.4) -> PooledPapers:
    """Invented studies of a measure."""
    rng = np.random.default_rng(k)
    centre = {"odds-ratio": 0.7, "c-statistic": 1.0, "oe": -0.1, "slope": 0.9, "incidence": -2.0}
    scale = SCALES[measure]
    estimates = []
    for place in range(k):
        error = scale_of_errors * float(rng.uniform(0.3, 1.0))
        estimate = centre[measure] + error * float(rng.normal())
        low, high = limits(estimate, error, scale)
        estimates.append(
            StudyEstimate(
                study=f"author{place}", label=f"Author {place} with a rather long name",
                estimate=estimate, std_error=error, value=off_scale(estimate, scale), conf_low=low,
                conf_high=high, n_events=20 + place, n=200, source="table", basis="interval",
                place="T", about={"threshold": "VAS >= 4" if place % 2 else "VAS >= 3"},
            )
        )  # fmt: skip
    evidence = Evidence(measure, Localised(en="Invented"), NOTHING, tuple(estimates))
    return pooled(evidence)


def pooled(evidence: Evidence) -> PooledPapers:
    from vertebrisk.evidence.pooling.asymmetry import funnel

    ways = Ways(evidence, "normal", "REML", True, None)
    return PooledPapers(
        evidence=evidence, pooled=ways.all(), subgroup="", subgroups=None, moderator="",
        regression=None, omitted=None, egger=ways.egger(), funnel=funnel(*ways.numbers),
        findings=(),
    )  # fmt: skip


def xs(ax: Axes, gid: str) -> list[list[float]]:
    """Horizontal places of everything drawn under a name."""
    return [[float(x) for x in each.get_xdata()] for each in by_gid(ax, gid)]  # type: ignore[attr-defined]


# ---------------------------------------------------------------- forest


def test_the_forest_shows_every_study_its_interval_and_the_diamond() -> None:
    result = cement()
    ax = plot_forest_pooled(result)
    assert [x[0] for x in xs(ax, "estimate")] == [each.value for each in result.evidence.estimates]
    low, high = ax.get_xlim()
    for drawn, each in zip(xs(ax, "interval"), result.evidence.estimates, strict=True):
        assert_allclose(drawn, [max(each.conf_low, low), min(each.conf_high, high)], rtol=EXACT)
    (diamond,) = by_gid(ax, "overall")
    corners = np.asarray(diamond.get_xy())  # type: ignore[attr-defined]
    natural = result.pooled.natural()
    assert_allclose(corners[0][0], natural.conf_low, rtol=EXACT)
    assert_allclose(corners[1][0], natural.estimate, rtol=EXACT)
    assert_allclose(corners[2][0], natural.conf_high, rtol=EXACT)
    assert ax.get_xscale() == "log"
    assert xs(ax, "no-effect") == [[1.0, 1.0]]


def test_areas_of_squares_are_the_weights() -> None:
    result = cement()
    sizes = [each.get_markersize() for each in by_gid(plot_forest_pooled(result), "estimate")]  # type: ignore[attr-defined]
    areas = np.square(sizes)
    assert_allclose(areas / areas.sum(), np.array(result.weights) / 100, rtol=1e-9)


def test_what_leaves_the_axis_ends_in_an_arrow_and_stands_in_full_beside_it() -> None:
    result = cement()
    ax = plot_forest_pooled(result)
    natural = result.pooled.natural()
    assert natural.prediction_low is not None
    assert natural.prediction_high is not None
    low, high = ax.get_xlim()
    assert natural.prediction_low < low
    beyond = [natural.prediction_low < low, natural.prediction_high > high]
    assert len(by_gid(ax, "prediction-beyond")) == sum(beyond)
    texts = [text.get_text() for text in seen(ax)]
    assert f"{natural.prediction_low:.2f} to {natural.prediction_high:.2f}" in texts


def test_groups_have_headings_and_diamonds_and_studies_alone_have_none() -> None:
    result = incidence()
    ax = plot_forest_pooled(result)
    assert result.subgroups is not None
    texts = [text.get_text() for text in seen(ax)]
    assert [each.group for each in result.subgroups.groups if each.group in texts] == [
        "1 month", "6 months", "2 days to 1 month",
    ]  # fmt: skip
    assert len(by_gid(ax, "subtotal")) == 1  # only one group has two studies
    assert any(text.startswith("Between groups: χ² = 21.61, 2 df") for text in texts)
    assert any("τ² = 0.25; I² = 86%; Q = 29.07, 3 df, P < 0.001" in text for text in texts)
    assert "61 / 1120" in texts
    assert "VAS ≥ 4, 1 month" in texts
    assert "Incidence (%)" in texts
    for shown in ("9.3 (5.6 to 15.1)", "10.0 (4.6 to 20.5)", "1.8 to 40.0", "22.5%", "100.0%"):
        assert shown in texts


def test_a_kind_that_all_share_is_named_on_the_axis_and_several_in_a_column() -> None:
    assert plot_forest_pooled(cement()).get_xlabel() == "Odds ratio (adjusted)"
    mixed = pool_papers(
        ["li2021", "anonymous2020"], "odds-ratio", factor="diabetes_or_sex", factors=_either()
    )
    assert {each.source for each in mixed.evidence.estimates} == {"adjusted", "crude"}
    texts = [text.get_text() for text in seen(plot_forest_pooled(mixed))]
    assert {"Kind", "adjusted", "crude"} <= set(texts)


def _either() -> dict[str, Any]:
    from vertebrisk.evidence.pooling.factors import Factor

    names = [
        {"variable": name, "level": "Yes", "reference": "No", "reason": "r", "study": study}
        for name, study in (("diabetes", "li2021"), ("tfi", "anonymous2020"))
    ]
    document = {"label": "Either", "compares": "yes against no", "name": tuple(names)}
    return {"diabetes_or_sex": Factor.model_validate(document)}


@pytest.mark.parametrize("measure", ["incidence", "odds-ratio", "c-statistic", "oe", "slope"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_of_the_forest_keep_apart_and_inside(measure: Measure, language: Language) -> None:
    ax = plot_forest_pooled(invented(measure), words=WORDS[language])
    keeps_apart_and_inside(ax)


@pytest.mark.parametrize("result", [incidence, cement])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_of_the_worked_example_keep_apart_and_inside(result: Any, language: Language) -> None:
    keeps_apart_and_inside(plot_forest_pooled(result(), words=WORDS[language]))
    keeps_apart_and_inside(plot_funnel(result(), words=WORDS[language]))


def test_every_study_is_inside_the_axis() -> None:
    for measure in SCALES:
        result = invented(measure, 40)
        rows = forest_rows(result, WORDS["en"], {})
        low, high = axis_limits(rows, measure)
        assert all(low <= each.value <= high for each in result.evidence.estimates)


def test_ticks_of_a_log_axis_are_round_and_apart() -> None:
    assert log_ticks(0.4, 12.0, 160.0) == [0.5, 1.0, 2.0, 5.0, 10.0]
    assert log_ticks(0.001, 1000.0, 120.0) == [0.001, 0.1, 10.0, 1000.0]
    assert 1.2 in log_ticks(0.9, 1.5, 160.0)


# ---------------------------------------------------------------- funnel


def test_the_funnel_shows_studies_lines_and_eggers_regression() -> None:
    result = incidence()
    ax = plot_funnel(result)
    (points,) = by_gid(ax, "studies")
    assert isinstance(points, Line2D)
    drawn = np.array(points.get_xydata())
    assert_allclose(drawn[:, 0], np.array(result.funnel.estimates), rtol=EXACT)
    assert_allclose(drawn[:, 1], np.array(result.funnel.std_errors), rtol=EXACT)
    deepest = max(result.funnel.std_errors)
    low, high = (line[-1] for line in xs(ax, "funnel-line"))
    assert_allclose([low, high], result.funnel.centre + deepest * np.array([-1, 1]) * 1.959963985)
    assert result.egger is not None
    (egger,) = xs(ax, "egger")
    assert_allclose(egger, [result.egger.limit, result.egger.limit + result.egger.slope * deepest])
    bottom, top = ax.get_ylim()
    assert bottom > deepest
    assert top == 0.0
    labels = [text.get_text() for text in ax.get_xticklabels()]
    places = [1 / (1 + math.exp(-x)) for x in ax.get_xticks()]
    assert_allclose([float(label) / 100 for label in labels], places, rtol=1e-9)


def test_few_studies_are_said_to_be_few() -> None:
    assert len(by_gid(plot_funnel(incidence()), "few-studies")) == 1
    assert by_gid(plot_funnel(invented("odds-ratio", 12)), "few-studies") == []
    two = plot_funnel(cement())
    assert by_gid(two, "egger") == []


@pytest.mark.parametrize("measure", ["incidence", "odds-ratio", "c-statistic", "oe", "slope"])
def test_texts_of_the_funnel_keep_apart_and_inside(measure: Measure) -> None:
    for errors in (0.05, 0.4, 1.2):
        ax = plot_funnel(invented(measure, scale_of_errors=errors))
        keeps_apart_and_inside(ax)
        assert len(ax.get_xticks()) >= 2


# ---------------------------------------------------------------- page and document


def test_the_document_fits_its_schema_and_nothing_else_does() -> None:
    schema = pooling_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for result in (incidence(), cement(), invented("slope")):
        document = json.loads(json.dumps(pooling_document(result), allow_nan=False))
        jsonschema.Draft202012Validator(schema).validate(document)
    mixed = pool_papers(PAPERS, "incidence", model="binomial-normal", without_each=True)
    jsonschema.validate(pooling_document(mixed), schema)
    with pytest.raises(jsonschema.ValidationError, match="patients"):
        jsonschema.validate({**pooling_document(cement()), "patients": []}, schema)


def test_the_page_is_self_contained_and_has_every_number() -> None:
    files = pooling_files(incidence())
    assert set(files) == {"pool.html", "pool.json", "figures/forest.svg", "figures/funnel.svg"}
    page = files["pool.html"].decode()
    assert "default-src 'none'" in page
    assert re.findall(r"(?:src|href)=\"(?!#|https://doi\.org/)[^\"]*\"", page) == []
    assert "<script" not in page
    for shown in ("61/1120", "10.0%", "1.8% to 40.0%", "VAS ≥ 4, 1 month", "thresholds-differ"):
        assert shown in page
    assert "61 of the 122 analysed were chosen by their outcome" in page
    assert page.count("<figure") == 2
    numbers = json.loads(files["pool.json"])["pooled"]["natural"]
    assert_allclose(numbers["estimate"], incidence().pooled.natural().estimate)


def test_the_page_lists_studies_that_give_no_number() -> None:
    page = pooling_files(cement())["pool.html"].decode()
    assert "Called a protective factor; as printed, the odds ratio says the opposite" in page
    assert "two-studies" in page


def test_the_page_is_the_same_each_time_and_also_in_chinese() -> None:
    assert pooling_files(cement()) == pooling_files(cement())
    page = pooling_files(cement(), Printing("zh"))["pool.html"].decode()
    assert '<html lang="zh-Hans">' in page
    for shown in (
        "比值比：骨水泥分布不良（不良对良好）",
        "仅有两项研究",
        "结局阈值不一致",
        "校正后",
    ):
        assert shown in page


def test_hostile_names_are_text() -> None:
    base = invented("odds-ratio", 3)
    first = base.evidence.estimates[0]
    evil = StudyEstimate(
        **{name: getattr(first, name) for name in StudyEstimate.__slots__}
        | {"label": "<script>alert(1)</script>", "notes": ("<b>&",)}
    )
    estimates = (evil, *base.evidence.estimates[1:])
    evidence = Evidence("odds-ratio", Localised(en="<i>x"), NOTHING, estimates)
    page = pooling_files(pooled(evidence))["pool.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<i>x" not in page


def test_tables_hold_what_was_asked_for() -> None:
    words = Words("en")
    assert set(pooling_tables(incidence(), words)) == {
        "pool_studies", "pool_result", "pool_groups", "pool_regression", "pool_omitted",
    }  # fmt: skip
    assert set(pooling_tables(cement(), words)) == {"pool_studies", "pool_result", "pool_unused"}
    text = render_pooling(incidence(), words)
    assert "13.0% (7.6% to 21.4%)" in text  # without the case-control study
    assert render_pooling(cement(), Words("zh")).startswith("比值比：骨水泥分布不良")


def test_figures_are_deterministic() -> None:
    assert render(figure_of(plot_funnel(cement())), "svg") == render(
        figure_of(plot_funnel(cement())), "svg"
    )


def test_its_tables_are_a_workbook_and_latex() -> None:
    files = pooling_files(incidence(), Printing("zh", documents=("xlsx", "tex")))
    assert check_table_files(files, "pool.html") > 1


def test_the_page_for_word_has_every_table_and_both_figures() -> None:
    files = pooling_files(incidence(), Printing(documents=("docx",)))
    assert problems(files["pool.docx"]) == []
    shown = WordFile.of(files["pool.docx"])
    for table in pooling_tables(incidence(), Words("en")).values():
        assert table.caption in shown.texts()
    assert sum(name.startswith("word/media/") for name in shown.members) == 2


def test_how_a_number_was_read_is_said_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pool", "li2021", "anonymous2020", "--lang", "zh"]) == 0
    assert "事件数与患者数" in capsys.readouterr().out
