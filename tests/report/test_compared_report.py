"""The page of models compared: every number is that of the comparison, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from tests.models.test_comparing import GAPS, GBSG, MODELS, NEW, TIMED, compared
from tests.report.drawn_texts import nothing_collides, seen
from tests.report.table_files import check_table_files

import vertebrisk as vr
from vertebrisk._types import Language
from vertebrisk.cli import main
from vertebrisk.evidence.export import find_model, published_model
from vertebrisk.evidence.library import library_study
from vertebrisk.report.compared.drawings import compared_drawings
from vertebrisk.report.compared.files import compared_files
from vertebrisk.report.compared.summary import summary
from vertebrisk.report.compared.tables import compared_tables
from vertebrisk.report.compared.text import render_compared
from vertebrisk.report.drawn import whole_figure
from vertebrisk.report.external.drawings import flow_of
from vertebrisk.report.external.source import Source
from vertebrisk.report.figures import plot_decision_curves, plot_joint_risks
from vertebrisk.report.findings_text import finding_title
from vertebrisk.report.printing import Printing
from vertebrisk.report.sentences.compared import SENTENCES
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import PLAIN

STUDIES = Path(vr.__file__).parent / "studies"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
SOURCE = Source("new_patients.csv", "ab" * 32, 30, 1, (0.3, 0.5))
FOUND = compared(GAPS, curve=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])


@cache
def files_in(language: Language) -> dict[str, bytes]:
    return compared_files(FOUND, MODELS, SOURCE, Printing(language))


def page_in(language: Language) -> str:
    return files_in(language)["report.html"].decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_loads_nothing(language: Language) -> None:
    page = page_in(language)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count("<figure ") == 5
    assert page.count("<table ") == 7
    for row in FOUND.areas.areas.iter_rows(named=True):
        assert f"{row['estimate']:.3f} ({row['conf_low']:.3f}" in page
        assert row["name"] in page
    for finding in FOUND.findings:
        assert finding.code in page
        if language == "zh":
            assert re.search("[\u4e00-\u9fff]", finding_title(finding.code, "zh")), finding.code
    assert "ab" * 32 in page


def test_both_languages_have_the_same_places() -> None:
    places = re.compile(r"{\w+}")
    for english, chinese in SENTENCES.values():
        assert sorted(places.findall(english)) == sorted(places.findall(chinese))


def test_the_same_comparison_gives_the_same_bytes() -> None:
    assert compared_files(FOUND, MODELS, SOURCE, Printing("zh")) == files_in("zh")
    document = json.loads(files_in("en")["comparison.json"])
    assert document == json.loads(json.dumps(FOUND.to_dict()))


def test_tables_hold_the_numbers_of_the_comparison() -> None:
    tables = compared_tables(FOUND, MODELS, SOURCE, Words("en"))
    brier = FOUND.differences.filter(measure="brier")["estimate"].to_list()
    shown = [row.cells[1].values[0] for row in tables["compared_differences"].rows]
    assert shown == brier
    moved = [row.cells[-1].values[0] for row in tables["compared_agreement"].rows]
    assert moved == [pair.classes["n"][-1] for pair in FOUND.pairs]
    classes = [row for row in tables["compared_classes"].rows if row.kind == "body"]
    assert len(classes) == 3 * 3
    total = sum(
        int(cell_text(cell, PLAIN).split(" ")[0]) for row in classes for cell in row.cells[1:]
    )
    assert total == 3 * FOUND.rows.n
    assert [column.label for column in tables["compared_classes"].columns][1:] == [
        "< 30%", "30% to < 50%", "\u2265 50%",
    ]  # fmt: skip
    told = tables["compared_areas"].footnotes[0]
    assert f"{FOUND.areas.statistic:.2f}, df 2" in told
    bare = compared_tables(compared(thresholds=[]), MODELS, SOURCE, Words("en"))
    assert not {"compared_classes", "compared_benefits"} & set(bare)


def test_plain_words_name_the_best_and_over_whom_that_is_shown() -> None:
    told = summary(FOUND, Words("en"))
    ordered = FOUND.areas.areas.sort("estimate")
    assert f"to {ordered['estimate'][-1]:.3f} ({ordered['name'][-1]})" in told[1]
    own = FOUND.differences.filter(measure="net_benefit", threshold=0.5)
    leads = own.filter(first="whole")
    shown = [row["second"] for row in leads.iter_rows(named=True) if row["conf_low"] > 0.0]
    sentence = next(each for each in told if each.startswith("At 50.0%"))
    assert "acting by whole gains most" in sentence
    for name in ("a alone", "b alone"):
        kind = "is shown over" if name in shown else "could be chance"
        assert kind in sentence
    turned = compared(GAPS, dict(reversed(MODELS.items())), curve=[0.1, 0.3, 0.5])
    other = next(each for each in summary(turned, Words("en")) if each.startswith("At 50.0%"))
    assert other == sentence  # whichever of a pair comes first
    nobody = replace(
        FOUND,
        validations={
            name: replace(
                each,
                decision=replace(
                    each.decision,
                    frame=each.decision.frame.with_columns(
                        net_benefit=pl.when(pl.col("model") == "model")
                        .then(-1.0)
                        .otherwise(pl.col("net_benefit"))
                    ),
                ),
            )
            for name, each in FOUND.validations.items()
            if each.decision is not None
        },
    )
    assert any("no model gains over" in each for each in summary(nobody, Words("en")))
    assert "没有模型优于" in "".join(summary(nobody, Words("zh")))


def test_curves_of_all_models_are_drawn() -> None:
    drawn = compared_drawings(FOUND, MODELS, Printing("en"))
    for key in ("compared_roc", "compared_calibration", "compared_decision"):
        axes = whole_figure(drawn[key]()).axes[0]
        lines = {line.get_gid(): line for line in axes.get_lines()}
        assert {"model-0", "model-1", "model-2"} <= set(lines)
    roc = FOUND.validations["b alone"].roc
    assert roc is not None
    line = _line(whole_figure(drawn["compared_roc"]()).axes[0], "model-2")
    assert list(line.get_ydata()) == roc.curve["sensitivity"].to_list()  # type: ignore[arg-type]
    assert flow_of(FOUND.rows).n == FOUND.rows.n


@pytest.mark.parametrize("language", LANGUAGES)
def test_models_of_time_to_event_have_their_page(language: Language) -> None:
    found = vr.compare_models(
        TIMED, GBSG, outcome="status", time="rfstime", thresholds=[0.3], curve=[0.1, 0.2, 0.4],
        resamples=4,
    )  # fmt: skip
    files = compared_files(found, TIMED, SOURCE, Printing(language))
    page = files["report.html"].decode()
    assert page.count("<figure ") == 4  # no ROC curve
    assert Words(language).time(1095.5, "days") in page
    for name in found.names:
        row = found.measures_of(name).filter(measure="auc").row(0)
        assert f"{row[1]:.3f} ({row[2]:.3f}" in page
    assert f"\u03c7\u00b2 = {found.areas.statistic:.2f}" in page


def _line(axes: Axes, gid: str) -> Line2D:
    return next(line for line in axes.get_lines() if line.get_gid() == gid)


def test_joint_risks_have_a_panel_a_pair_and_every_patient() -> None:
    pairs = [(pair.first, pair.second, pair.joint) for pair in FOUND.pairs]
    figure = plot_joint_risks([*pairs, pairs[0]], (0.3,))
    assert len(figure.axes) == 4
    points = [each for each in figure.axes[0].collections if isinstance(each, PathCollection)]
    assert len(points[0].get_sizes()) == pairs[0][2].height
    decisions = {n: each.decision for n, each in FOUND.validations.items() if each.decision}
    axes = plot_decision_curves(decisions, (0.3,))
    assert sum(line.get_gid() == "threshold" for line in axes.get_lines()) == 1


def test_the_command_compares_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("whole", "a alone"):
        MODELS[name].save(tmp_path / f"{name}.json")
    NEW.with_columns(pl.col("y").cast(pl.Int64)).write_csv(tmp_path / "new.csv")
    whole, alone = (str(tmp_path / f"{name}.json") for name in ("whole", "a alone"))
    command = ["validate", whole, str(tmp_path / "new.csv"), "--outcome", "y == 1"]
    options = ["--against", alone, "--against", whole, "--resamples", "10", "--thresholds", "0.4"]
    assert main([*command, *options, "--out", str(tmp_path / "out"), "--lang", "zh"]) == 0
    text = capsys.readouterr().out
    assert "3个模型" in text
    document = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert document["models"] == ["whole", "a alone", "whole~2"]
    assert (tmp_path / "out" / "figures" / "joint.svg").exists()
    assert main([*command, *options, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["areas"] == document["areas"]
    assert "compared" not in render_compared(FOUND, MODELS, SOURCE, Words("en"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--time", "a"], "leave the time out"),
        (["--development", "x.csv"], "--development goes with one model"),
        (["--horizons", "1,2"], "give one of --horizons"),
        (["--horizons", "12"], "leave the horizon out"),
    ],
)
def test_what_the_command_cannot_compare_is_one_line(
    tmp_path: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    MODELS["whole"].save(tmp_path / "whole.json")
    NEW.write_csv(tmp_path / "new.csv")
    whole = str(tmp_path / "whole.json")
    command = ["validate", whole, str(tmp_path / "new.csv"), "--outcome", "y", "--against", whole]
    assert main([*command, *options]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_published_models_are_compared_on_a_hospital_s_own_patients() -> None:
    """Two papers that mean different things by one name, each with its mapping."""
    patients = vr.read_table(STUDIES / "li2021" / "patients.csv").with_columns(one=pl.lit(1))
    mapping = {
        "tfi": {"column": "fascia_oedema"},
        "liquefaction": {"column": "ivc"},
        "fractures": {"column": "one"},
        "cement_distribution": {"levels": {"Spongy": "Satisfied", "Blocky": "Dissatisfied"}},
    }
    study = library_study("anonymous2020")
    models = {
        "li2021": find_model("li2021")[0],
        "anonymous2020": published_model(study, prevalence=0.138, distribution="paper").model,
    }
    found = vr.compare_models(
        models, patients, outcome="(vas_24h + vas_3d + vas_1m) / 3 >= 4", thresholds=[0.1],
        mappings={"anonymous2020": {"variables": mapping}}, resamples=4,
    )  # fmt: skip
    assert (found.rows.n, found.rows.n_events) == (268, 37)
    assert found.data_kind == "reconstructed"
    told = {each.code for each in found.findings}
    assert {"models-of-other-outcomes", "development-patients", "no-proof-of-equality"} <= told
    page = compared_files(found, models, SOURCE, Printing("zh"))["report.html"].decode()
    assert "重建数据" in page
    assert "VAS &gt; 3" in page
    assert "模型的读取方式" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_of_a_figure_collide(language: Language) -> None:
    for draw in compared_drawings(FOUND, MODELS, Printing(language)).values():
        figure = whole_figure(draw())
        figure.canvas.draw()
        nothing_collides(seen(figure.axes[0]))


def test_its_tables_are_a_workbook_and_latex() -> None:
    printing = Printing(journal="nejm", documents=("xlsx", "tex"))
    assert check_table_files(compared_files(FOUND, MODELS, SOURCE, printing)) > 3
