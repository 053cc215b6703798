"""The library's papers as patients: agreement as stated, conflicts named, kinds of data."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.evidence.reconstruction.invented import logistic_fit

import vertebrisk as vr
from vertebrisk._types import Json
from vertebrisk.cli import main

SIMULATED = (
    pytest.param("anonymous2021", marks=pytest.mark.slow),
    "anonymous2024",
    "chen2025",
)


@cache
def simulated(paper: str) -> vr.Reconstruction:
    return vr.reconstruction(paper, seed=1)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, str]], Json]:
    folder = tmp_path_factory.mktemp("sampled")
    assert main(["reconstruct", "anonymous2020", "--out", str(folder / "patients.csv")]) == 0
    with (folder / "patients.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return rows, json.loads((folder / "patients.notes.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_sampled_study_holds_all_1120(
    sampled: tuple[list[dict[str, str]], Json],
) -> None:
    rows, notes = sampled
    assert (len(rows), notes["n"], notes["n_events"]) == (1120, 1120, 61)
    in_sample = [row for row in rows if row["sampled"] == "Yes"]
    assert len(in_sample) == 122
    assert sum(row["residual_pain"] == "Yes" for row in rows) == 61
    others = [row for row in rows if row["sampled"] == "No"]
    assert {row[name] for row in others for name in ("age", "tfi", "fractures", "bmi")} == {""}
    assert {row["data_kind"] for row in rows} == {"reconstructed"}


@pytest.mark.slow
def test_number_of_vertebrae_is_whole_in_both_groups(
    sampled: tuple[list[dict[str, str]], Json],
) -> None:
    rows, _ = sampled
    for outcome, counts in (("Yes", [9, 18, 34]), ("No", [44, 14, 3])):
        values = [
            int(row["fractures"])
            for row in rows
            if row["sampled"] == "Yes" and row["residual_pain"] == outcome
        ]
        # The only whole numbers between 1 and 3 with the printed mean and SD, by hand.
        assert np.bincount(values, minlength=4)[1:].tolist() == counts


@pytest.mark.slow
def test_its_model_comes_near_in_the_reading_with_the_sign_turned(
    sampled: tuple[list[dict[str, str]], Json],
) -> None:
    rows, notes = sampled
    chosen = [each["label"] for each in notes["readings"] if each["possible"]]
    assert chosen == ["'fractures' with the sign turned"]
    data = [row for row in rows if row["sampled"] == "Yes"]
    design = np.array(
        [
            [
                row["tfi"] == "Yes",
                row["liquefaction"] == "Yes",
                float(row["fractures"]),
                row["cement_distribution"] == "Satisfied",
            ]
            for row in data
        ],
        dtype=np.float64,
    )
    event = np.array([row["residual_pain"] == "Yes" for row in data])
    beta, errors = logistic_fit(design, event)
    # As near as 61 and 61 whole patients were found to come.
    np.testing.assert_allclose(beta[1:], [1.682, 1.810, 2.319, -1.376], atol=0.01)
    np.testing.assert_allclose(errors[1:], [0.584, 0.597, 0.473, 0.595], atol=0.015)


@pytest.mark.slow
def test_its_numbers_that_cannot_hold_together_are_named(
    sampled: tuple[list[dict[str, str]], Json],
) -> None:
    _, notes = sampled
    named = {tuple(each["numbers"]): each["text"] for each in notes["conflicts"]}
    wald = named["fractures Wald 24.018", "P 0.004"]
    assert wald.startswith("a Wald statistic of 24.018 has P < 0.001")
    assert any(numbers[-1] == "P 0.578" for numbers in named)
    differs = {
        each["what"] for each in notes["agreements"]
        if not each["agrees"] and each["place"] == "Table 1"
    }  # fmt: skip
    assert differs == {"course P (student)"}


@pytest.mark.parametrize("paper", SIMULATED)
def test_abstracts_are_simulated_and_agree_with_all_they_say(paper: str) -> None:
    made = simulated(paper)
    assert set(made.frame["data_kind"]) == {"simulated"}
    assert [each.what for each in made.notes.agreements if not each.agrees] == []
    assert len(made.notes.assumptions) > 5


def test_the_same_seed_simulates_the_same_patients() -> None:
    assert vr.reconstruction("chen2025", seed=1).csv_text() == simulated("chen2025").csv_text()


def test_sizes_of_the_abstracts() -> None:
    pain = simulated("anonymous2024").frame
    assert (pain.height, int((pain["vas_1m"] >= 3).sum())) == (150, 14)
    leakage = simulated("chen2025").frame
    leaked = leakage["leakage"] == "Yes"
    assert (leakage.height, int(leaked.sum())) == (100, 27)
    assert leakage.filter(~leaked)["months"].unique().to_list() == [12.0]
    assert leakage.filter(~leaked)["vas_3d"].null_count() == 73
    assert leakage.filter(leaked)["odi_12m"].null_count() == 0


@pytest.mark.slow
def test_the_abstract_of_months_has_its_size() -> None:
    months = simulated("anonymous2021").frame
    assert (months.height, int((months["residual_pain"] == "Yes").sum())) == (120, 18)


@pytest.mark.slow
def test_called_protective_with_a_ratio_above_one_is_named() -> None:
    conflicts = simulated("anonymous2021").notes.conflicts
    named = {each.numbers[0] for each in conflicts if "the ratio says the opposite" in each.text}
    assert named == {
        "cement_to_line Yes ratio 6.170",
        "height_recovery ratio 5.797",
        "cobb_improvement ratio 5.734",
        "t_score ratio 9.959",
    }


def test_the_command_prints_every_number_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "patients.csv")
    assert main(["reconstruct", "anonymous2024", "--out", out]) == 0
    text = capsys.readouterr().out
    assert "simulated, not reconstructed" in text
    assert "Assumed, since not printed" in text
    assert "n_events: printed 14, made 14: agrees" in text
    assert main(["reconstruct", "anonymous2024", "--out", out, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["data_kind"] == "simulated"
    assert document["n_agree"] == document["n_printed"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["li2012", "--out", "x.csv"], "Did you mean 'li2021'"),
        (["li2021", "--out", "x.xlsx"], "must end with .csv"),
        (["li2021", "--out", "x.csv", "--seed", "-3"], "seed is -3"),
    ],
)
def test_what_cannot_run_ends_with_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconstruct", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
