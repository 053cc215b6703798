"""`vertebrisk pool` as a user meets it: the numbers of `pool_papers`, or one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.cli.test_commands import failure

import vertebrisk as vr
from vertebrisk.cli import main
from vertebrisk.report.pooling.files import pooling_document

PAPERS = ("anonymous2024", "anonymous2021", "anonymous2020", "li2021")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["pool", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_the_worked_example_of_incidence(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, *PAPERS, "--measure", "incidence")
    for counts in ("14/150", "18/120", "61/1120", "37/268"):
        assert counts in text
    result = vr.pool_proportions([14, 18, 61, 37], [150, 120, 1120, 268]).natural()
    shown = [f"{100 * each:.1f}%" for each in (result.estimate, result.conf_low, result.conf_high)]
    assert f"{shown[0]} ({shown[1]} to {shown[2]})" in text
    assert "warning: The outcome has different thresholds" in text


def test_the_whole_library_needs_an_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    line = failure(capsys, "pool", "library", "--measure", "incidence")
    assert "--outcome residual_pain" in line
    options = ("library", "--measure", "incidence", "--outcome", "residual_pain", "--json")
    document = json.loads(printed(capsys, *options))
    assert document["unused"][0]["reason"] == "its outcome is Cement leakage"


def test_json_is_the_record_of_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(
        capsys, *PAPERS, "--measure", "odds-ratio", "--factor", "cement_distribution",
        "--method", "DL", "--no-hartung-knapp", "--prediction-df", "k-1", "--subgroup",
        "threshold", "--json",
    )  # fmt: skip
    document = json.loads(text)
    expected = vr.pool_papers(
        PAPERS, "odds-ratio", factor="cement_distribution", method="DL", hartung_knapp=False,
        prediction_df="k-1", subgroup="threshold",
    )  # fmt: skip
    assert document == json.loads(json.dumps(pooling_document(expected)))
    assert document["pooled"]["test"] == "z"
    assert document["pooled"]["method"] == "DL"
    by_hand = vr.pool(
        [1.376, 0.8], [0.595, 0.392], method="DL", hartung_knapp=False, prediction_df="k-1"
    )
    assert_allclose(document["pooled"]["estimate"], by_hand.estimate, rtol=1e-10)
    assert document["pooled"]["prediction_low"] == pytest.approx(by_hand.prediction_low, rel=1e-10)


def test_every_part_that_is_asked_for_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(
        capsys, *PAPERS, "--measure", "incidence", "--subgroup", "time_point", "--moderator",
        "design", "--leave-one-out",
    )  # fmt: skip
    for part in ("Groups by time point", "Effects regressed on design", "Pooled without each"):
        assert part in text
    assert "61 of the 122 analysed were chosen by their outcome" in text
    chinese = printed(capsys, *PAPERS, "--measure", "incidence", "--lang", "zh")
    assert "发生率：残留腰痛" in chinese


def test_a_mapping_and_a_table_of_ones_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    factors = tmp_path / "factors.toml"
    factors.write_text(
        'schema_version = 1\n[factor.cleft_or_fluid]\nlabel = "Cleft or fluid"\n'
        'compares = "either against neither"\n'
        + "".join(
            f'[[factor.cleft_or_fluid.name]]\nvariable = "{name}"\nlevel = "Yes"\n'
            'reference = "No"\nreason = "taken together"\n'
            for name in ("ivc", "liquefaction")
        ),
        encoding="utf-8",
    )
    table = tmp_path / "more.csv"
    table.write_text("study,ratio,conf_low,conf_high\nkim2019,2.0,1.1,3.6\n", encoding="utf-8")
    text = printed(
        capsys, *PAPERS, "--measure", "odds-ratio", "--factor", "cleft_or_fluid", "--factors",
        str(factors), "--table", str(table), "--json",
    )  # fmt: skip
    document = json.loads(text)
    assert [each["study"] for each in document["estimates"]] == [
        "anonymous2020", "li2021", "kim2019",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--measure", "incidence"), "No paper is given"),
        (("li2021", "--measure", "incidence"), "Only Li 2021 gives a usable incidence"),
        (("li2021", "nobody2020", "--measure", "incidence"), "'nobody2020' is neither a study"),
        ((*PAPERS, "--measure", "odds-ratio"), "--factor fascia_injury"),
        ((*PAPERS, "--measure", "odds-ratio", "--factor", "luck"), "'luck' is neither a factor"),
        ((*PAPERS, "--measure", "slope"), "No study gives a usable slope"),
        (
            (*PAPERS, "--measure", "odds-ratio", "--factor", "intravertebral_cleft"),
            "Only Li 2021 gives a usable odds ratio",
        ),
        ((*PAPERS, "--measure", "incidence", "--subgroup", "colour"), "--subgroup 'colour'"),
        ((*PAPERS, "--measure", "incidence", "--table", "none.csv"), "'none.csv' does not exist"),
    ],
)
def test_what_cannot_be_pooled_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert message in failure(capsys, "pool", *arguments)


def test_a_folder_holds_page_document_and_figures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "pooled"
    text = printed(capsys, *PAPERS, "--measure", "incidence", "--out", str(out))
    names = ("pool.html", "pool.json", "figures/forest.svg", "figures/funnel.svg")
    assert all((out / name).is_file() for name in names)
    assert f"Wrote {out / 'pool.html'}" in text
    assert json.loads((out / "pool.json").read_text())["kind"] == "vertebrisk-pool"
    again = tmp_path / "again"
    printed(capsys, *PAPERS, "--measure", "incidence", "--out", str(again))
    assert all((out / name).read_bytes() == (again / name).read_bytes() for name in names)
    (tmp_path / "file").write_text("x")
    line = failure(
        capsys, "pool", *PAPERS, "--measure", "incidence", "--out", str(tmp_path / "file")
    )
    assert "cannot be written" in line
