"""The page of an external validation: what was found is what stands there, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated
from tests.models.external.test_over_time import COX, GBSG
from tests.models.external.test_over_time import validated as followed
from tests.report.table_files import check_table_files
from tests.report.word_package import WordFile, problems

import vertebrisk as vr
from vertebrisk._types import Language
from vertebrisk.cli import main
from vertebrisk.errors import DataError
from vertebrisk.models.external.results import FollowedBy
from vertebrisk.report.drawn import Drawing, whole_figure
from vertebrisk.report.external.drawings import external_drawings, flow_of
from vertebrisk.report.external.files import external_files
from vertebrisk.report.external.folder import MANIFEST, write_folder
from vertebrisk.report.external.over_time import followed_text, horizon_tables
from vertebrisk.report.external.source import Source
from vertebrisk.report.external.summary import summary, verdict
from vertebrisk.report.external.tables import external_tables, labels, reason_text
from vertebrisk.report.printing import Printing
from vertebrisk.report.sentences.external import SENTENCES
from vertebrisk.report.words import Words
from vertebrisk.validation.results import Estimate

LANGUAGES: tuple[Language, ...] = ("en", "zh")
MODEL = quiet_fit("y ~ a + b + g", simulated(400, 6)).model
SOURCE = Source("new_patients.csv", "ab" * 32, 20, 1, (0.1, 0.3))
CURVE = [0.05, 0.1, 0.2, 0.3, 0.4]
WHOLE = simulated(200, 8)
ROW = pl.int_range(pl.len())
GAPS = WHOLE.with_columns(
    a=pl.when(ROW < 12).then(None).otherwise(pl.col("a")),
    g=pl.when(ROW.is_between(8, 15)).then(pl.lit("q")).otherwise(pl.col("g").cast(pl.String)),
    y=pl.when(ROW > 194).then(None).otherwise(pl.col("y")),
)


def validated(frame: pl.DataFrame) -> vr.ExternalValidation:
    return vr.external_validation(MODEL, frame, outcome="y", thresholds=CURVE, resamples=20)


FOUND = validated(GAPS)


@cache
def page_in(language: Language) -> str:
    return external_files(FOUND, MODEL, SOURCE, Printing(language))["report.html"].decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_holds_every_figure_and_number(language: Language) -> None:
    page = page_in(language)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert set(re.findall(r'(?:src|href)="(?!#)([^"]+)"', page)) == set(
        re.findall(r'href="(https://doi\.org/[^"]+)"', page)
    )
    assert page.count("<figure ") == 5
    assert page.count("<table ") == 4
    area = FOUND.estimate("c_index")
    assert f"{area.estimate:.3f} ({area.conf_low:.3f}" in page
    for text in ("new_patients.csv", "ab" * 32, f"<dd>{SOURCE.seed}</dd>"):
        assert text in page
    for finding in FOUND.findings:
        assert finding.code in page


def test_chinese_pages_are_chinese() -> None:
    assert '<html lang="zh-Hans">' in page_in("zh")
    for english, chinese in SENTENCES.values():
        places = re.compile(r"{\w+}")
        assert sorted(places.findall(english)) == sorted(places.findall(chinese))
    shown = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<article.*?</article>", "", page_in("zh"),
                   flags=re.DOTALL)  # fmt: skip
    known = {"vertebrisk", "update_model", "lowess", "span", "robustness", "iterations", "loess"}
    words = set(re.findall(r">[^<]*?([A-Za-z]{6,})[^<]*?<", shown))
    citations = {"Collins", "DeLong", "Calster", "Austin", "Vickers", "Debray", "Nagelkerke"}
    assert words <= known | citations | {"degree", "direct", "patients", SOURCE.file_sha256}


def test_the_same_result_gives_the_same_bytes() -> None:
    again = external_files(FOUND, MODEL, SOURCE, Printing("en"))
    assert again["report.html"].decode() == page_in("en")
    document = json.loads(again["validation.json"])
    assert document == json.loads(json.dumps(FOUND.to_dict()))


def test_the_flow_adds_up_and_reasons_have_labels() -> None:
    flow = flow_of(FOUND.counts)
    assert [(step.kind, step.removed) for step in flow.steps] == [
        ("outcome-missing", 5),
        ("not-scored", 16),
    ]
    assert flow.n_read - sum(step.removed for step in flow.steps) == flow.n == FOUND.counts.n
    assert reason_text("missing: a", {"a": "Age"}, Words("zh")) == "缺失：Age"
    assert reason_text("outside the domain", {}, Words("en")) == "outside the domain"
    assert labels(MODEL) == {"a": "a", "b": "b", "g": "g"}
    assert flow_of(validated(WHOLE).counts).steps == ()


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Estimate(0.77, 0.65, 0.91), "on average 1.3 times too high"),
        (Estimate(1.5, 1.2, 1.9), "is on average 1.5 times its risks, which are too low"),
        (Estimate(0.8, 0.6, 1.1), "1.3 times too high, which chance alone could do"),
        (Estimate(1.3, 0.8, 2.1), "1.3 times its risks, which chance alone could do"),
        (Estimate(1.02, 0.95, 1.1), "on average its risks are right"),
        (Estimate(1.02, 0.5, 2.0), "as far as so few patients can tell"),
        (Estimate(0.95, 0.92, 0.98), "1.05 times too high"),
        (Estimate(1.02), "as far as so few patients can tell"),
    ],
)
def test_on_average_in_words(ratio: Estimate, said: str) -> None:
    assert said in verdict(ratio, Words("en"))
    assert verdict(ratio, Words("zh"))


def with_slope(low: float | None, value: float | None, high: float | None) -> vr.ExternalValidation:
    rows = FOUND.measures.to_dicts()
    for row in rows:
        if row["measure"] == "slope":
            row |= {"estimate": value, "conf_low": low, "conf_high": high}
    return replace(FOUND, measures=pl.DataFrame(rows, schema=FOUND.measures.schema))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((0.4, 0.6, 0.8), "too extreme: high ones"),
        ((1.1, 1.4, 1.7), "too timid"),
        ((0.7, 0.9, 1.1), "is not shown"),
        ((-0.9, -0.5, -0.1), "the less often the event happened"),
    ],
)
def test_spread_in_words(limits: tuple[float, float, float], said: str) -> None:
    told = " ".join(summary(with_slope(*limits), Words("en")))
    assert said in told
    assert "slope" not in " ".join(summary(with_slope(None, None, None), Words("en")))


def test_measures_stand_beside_those_of_development() -> None:
    measures = [{"measure": "slope", "corrected": 0.93, "conf_low": None}]
    told = replace(MODEL, performance={"measures": measures, "published": "nothing"})
    table = external_tables(FOUND, told, SOURCE, Words("en"))["external_measures"]
    assert [column.key for column in table.columns][2] == "developed"
    assert {row.cells[2].text for row in table.rows} == {"0.930", "\u2013"}
    printed = replace(MODEL, performance={"published": [{"measure": "auc", "value": "0.78"}]})
    table = external_tables(FOUND, printed, SOURCE, Words("en"))["external_measures"]
    assert table.rows[0].cells[2].text == "0.78"
    assert len(external_tables(FOUND, MODEL, SOURCE, Words("en"))["external_measures"].columns) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_patients_who_are_not_real_are_named_everywhere(language: Language) -> None:
    population = replace(MODEL.population, data_kind="simulated")
    model = replace(MODEL, population=population)
    found = replace(FOUND, data_kind="reconstructed")
    files = external_files(found, model, SOURCE, Printing(language))
    page = files["report.html"].decode()
    words = Words(language)
    assert page.count('<aside class="banner"') == 2
    assert page.count(f'class="kind">{words("reconstructed")} · ') == 5
    assert words("external.model_of_simulated") in page
    for name, content in files.items():
        if name.endswith(".svg"):
            assert f"<title>{words('reconstructed')}".encode() in content
    assert '<aside class="banner"' not in page_in(language)


def test_risks_of_0_or_1_leave_out_what_does_not_exist() -> None:
    found = replace(FOUND, linear_predictors=None, linear_predictor_mean=None, decision=None)
    files = external_files(found, MODEL, SOURCE, Printing("en"))
    assert "figures/linear_predictor.svg" not in files
    assert "figures/decision.svg" not in files
    assert "has no linear predictor" in files["report.html"].decode()


def test_a_folder_is_written_whole_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    content = {"report.html": b"a", "figures/roc.svg": b"b"}
    write_folder(tmp_path, content, SOURCE)
    (tmp_path / "notes.txt").write_text("mine")
    write_folder(tmp_path, {"report.html": b"c"}, SOURCE)
    assert (tmp_path / "report.html").read_bytes() == b"c"
    assert not (tmp_path / "figures/roc.svg").exists()
    assert (tmp_path / "notes.txt").exists()
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["seed"], list(manifest["files"])) == (1, ["report.html"])
    (tmp_path / MANIFEST).write_text('{"schema": "vertebrisk/manifest"}')
    with pytest.raises(DataError, match="holds the report of a study; name another folder"):
        write_folder(tmp_path, content, SOURCE)


def test_the_command_writes_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MODEL.save(tmp_path / "model.json")
    GAPS.with_columns(pl.col("y").cast(pl.Int64)).write_csv(tmp_path / "new.csv")
    out = tmp_path / "out"
    command = ["validate", str(tmp_path / "model.json"), str(tmp_path / "new.csv")]
    options = ["--outcome", "y", "--thresholds", "0.3", "--resamples", "20", "--lang", "zh"]
    assert main([*command, *options, "--out", str(out), "--formats", "svg,png"]) == 0
    text = capsys.readouterr().out
    assert "report.html" in text
    assert text.count("  at 0.") == 1
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    drawn = ("calibration", "decision", "flow", "linear_predictor", "roc")
    assert names == {
        "report.html", "validation.json", MANIFEST,
        *(f"figures/{name}.svg" for name in drawn),
        *(f"figures/{width}mm/{name}.{suffix}" for width in (85, 174) for name in drawn
          for suffix in ("svg", "png")),
    }  # fmt: skip
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "外部验证" in page
    rows = GAPS["a"].drop_nulls()
    assert not any(str(value) in page for value in rows if len(str(value)) > 8)  # no patient


@pytest.fixture(scope="module")
def over_time() -> vr.ExternalValidation:
    return followed(GBSG, COX, thresholds=[0.1, 0.2, 0.3, 0.5], resamples=4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_of_time_to_event_has_a_curve_and_a_column_by_each_horizon(
    over_time: vr.ExternalValidation, language: Language
) -> None:
    files = external_files(over_time, COX, SOURCE, Printing(language))
    page = files["report.html"].decode()
    assert page.count("<figure ") == 1 + 3 + 3 + 1
    assert {f"figures/{name}{end}.svg" for name in ("calibration", "decision") for end in
            ("", "_2", "_3")} <= set(files)  # fmt: skip
    words = Words(language)
    for each in over_time.horizons:
        assert words.time(each.horizon, "days") in page
        assert f"{100 * each.expected:.1f}%" in page
        area = each.estimate("auc")
        assert f"{area.estimate:.3f} ({area.conf_low:.3f}" in page
    for interval in over_time.measures["interval"].unique():
        assert words.has(f"external.interval.{interval}") or not interval
    assert "rfstime" in page
    tables = horizon_tables(over_time, (0.1, 0.3), "days", words)
    for key in ("external_decision", "external_classes"):
        assert [row.kind for row in tables[key].rows].count("heading") == 3
    first = tables["external_followed"].rows[0].cells
    assert [cell.values for cell in first[1:4]] == [
        (over_time.horizons[0].n_events,),
        (over_time.horizons[0].n_unknown,),
        (over_time.horizons[0].n_followed,),
    ]


def test_follow_up_in_words() -> None:
    words = Words("en")
    told = FollowedBy("t", "dead == 1", "months", None, 24.0, 7)
    assert followed_text(told, words) == [
        "They were followed for up to 24 months. 7 had a competing event."
    ]
    known = replace(told, median=12.0, competing="")
    assert followed_text(known, words)[0].endswith("half of them for 12 months or longer.")
    assert followed_text(None, words) == []


def test_the_spread_of_development_is_told(over_time: vr.ExternalValidation) -> None:
    page = external_files(over_time, COX, SOURCE, Printing("en"))["report.html"].decode()
    mix = over_time.case_mix
    assert mix.developed is not None
    assert f"{mix.developed.sd:.3f}" in page
    assert f"C-index of {mix.c_expected:.3f} in these patients" in page


def test_thresholds_and_means_are_marked() -> None:
    drawn = external_drawings(FOUND, MODEL, SOURCE, Printing("en"))
    points = _lines(drawn["external_roc"])
    assert FOUND.classes is not None
    asked = FOUND.classes.frame.filter(pl.col("threshold").is_in([0.1, 0.3]))
    marked = np.sort(np.asarray(points["threshold-protocol"].get_ydata()))
    assert marked.tolist() == sorted(asked["sensitivity"].to_list())
    lines = _lines(drawn["external_linear_predictor"])
    assert FOUND.case_mix.developed is not None
    for gid, mean in (
        ("mean_developed", FOUND.case_mix.developed.mean),
        ("mean_here", FOUND.linear_predictor_mean),
    ):
        assert list(lines[gid].get_xdata()) == [mean, mean]
    bare = external_drawings(FOUND, MODEL, replace(SOURCE, thresholds=()), Printing("en"))
    assert "threshold-protocol" not in _lines(bare["external_roc"])


def _lines(draw: Drawing) -> dict[str, Any]:
    """The lines of a drawing by their names."""
    axes = whole_figure(draw()).axes[0]
    return {str(each.get_gid()): each for each in axes.get_lines()}


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_its_tables_are_a_workbook_and_latex(language: Language) -> None:
    printing = Printing(language, "lancet", documents=("xlsx", "tex"))
    files = external_files(FOUND, MODEL, SOURCE, printing)
    assert check_table_files(files) > 3
    assert "0\u00b7" in files["report.html"].decode()
    assert files == external_files(FOUND, MODEL, SOURCE, printing)


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_the_page_for_word_has_all_of_it(language: Language) -> None:
    files = external_files(FOUND, MODEL, SOURCE, Printing(language, documents=("docx",)))
    assert problems(files["report.docx"]) == []
    shown = WordFile.of(files["report.docx"])
    assert sum(name.startswith("word/media/") for name in shown.members) == 5
    for caption in re.findall(r"<caption><b>[^<]*</b>([^<]*)", files["report.html"].decode()):
        assert unescape(caption) in shown.texts()
