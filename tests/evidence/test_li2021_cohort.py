"""The embedded cohort agrees with what Li 2021 prints, by sums made without the package."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.golden.test_golden import differences

import vertebrisk
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.reconstruction.cohort import Reconstruction, reconstruction

FOLDER = Path(vertebrisk.__file__).parent / "studies" / "li2021"
PRINTED: dict[str, Any] = library_study("li2021").to_dict()
COMPARED = {row["variable"]: row for row in PRINTED["compared"]}
NUMERIC = [name for name, row in COMPARED.items() if row["mean"]]
CATEGORICAL = [name for name, row in COMPARED.items() if row["levels"]]
VISITS = ("vas_24h", "vas_3d", "vas_1m")
SEED = 20210430
# Recorded precision: every value must be a multiple of it, written with its decimals.
DECIMALS = {"bmi": 2, "t_score": 2, "vas_pre": 0, "odi_pre": 0}
# Widest limits that a clinician would believe, in the unit of the column.
BELIEVABLE = {
    "bmi": (14, 40),
    "t_score": (-7, -2.5),
    "vas_pre": (4, 10),
    "odi_pre": (30, 100),
    "avh": (5, 30),
    "avhr": (15, 90),
    "cobb": (0, 60),
    "cement_volume": (1, 10),
    "avhrr": (0, 25),
    "cobb_change": (-6, 25),
}


def patients() -> list[dict[str, str]]:
    with (FOLDER / "patients.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROWS = patients()
RESIDUAL = np.array(
    [int(r["vas_24h"]) + int(r["vas_3d"]) + int(r["vas_1m"]) >= 12 for r in ROWS], dtype=bool
)


def rounds_to(value: float, printed: str) -> bool:
    """Python's own rounding of the repr, so no agreement is owed to the package's."""
    return f"{value:.{len(printed.partition('.')[2])}f}" == printed


def design() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Constant, cleft, oedema, Goutallier 2 and 3-4, spongy: blocky cement is the reference."""
    return np.array(
        [
            [
                1.0,
                r["ivc"] == "Yes",
                r["fascia_oedema"] == "Yes",
                r["goutallier"] == "2",
                r["goutallier"] == "3-4",
                r["cement_distribution"] == "Spongy",
            ]
            for r in ROWS
        ],
        dtype=np.float64,
    )


def newton() -> tuple[Any, Any, Any]:
    x, y = design(), RESIDUAL.astype(np.float64)
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        risk = 1 / (1 + np.exp(-x @ beta))
        covariance = np.linalg.inv((x.T * risk * (1 - risk)) @ x)
        beta = beta + covariance @ x.T @ (y - risk)
    return beta, covariance, x @ beta


def test_every_row_says_that_it_is_reconstructed() -> None:
    assert next(iter(ROWS[0])) == "data_kind"
    assert {r["data_kind"] for r in ROWS} == {"reconstructed"}


def test_group_sizes_and_identifiers() -> None:
    assert len(ROWS) == 268
    assert int(RESIDUAL.sum()) == 37
    assert [r["patient_id"] for r in ROWS] == [f"LI{i:04d}" for i in range(1, 269)]
    # Random order: the 37 are not at one end.
    assert 0 < RESIDUAL[:134].sum() < 37


@pytest.mark.parametrize("name", CATEGORICAL)
def test_counts_are_exact_in_both_groups(name: str) -> None:
    for group, member in enumerate((False, True)):
        found = Counter(r[name] for r, each in zip(ROWS, RESIDUAL, strict=True) if each == member)
        wanted = {level: int(n["count"][group]) for level, n in COMPARED[name]["levels"].items()}
        assert found == wanted


@pytest.mark.parametrize("name", NUMERIC)
def test_means_sds_and_tests_round_to_the_print(name: str) -> None:
    values = np.array([float(r[name]) for r in ROWS])
    one, other = values[~RESIDUAL], values[RESIDUAL]
    row = COMPARED[name]
    for group, each in enumerate((one, other)):
        assert rounds_to(float(each.mean()), row["mean"][group])
        assert rounds_to(float(each.std(ddof=1)), row["sd"][group])
    test = stats.ttest_ind(one, other, equal_var=name != "cobb_change")
    assert rounds_to(float(test.statistic), row["statistic"])
    assert rounds_to(float(test.pvalue), row["p_value"])


@pytest.mark.parametrize("name", NUMERIC)
def test_values_are_believable_and_recorded_as_they_would_be(name: str) -> None:
    decimals = DECIMALS.get(name, 1)
    pattern = re.compile(r"-?\d+" + (rf"\.\d{{{decimals}}}" if decimals else ""))
    assert all(pattern.fullmatch(r[name]) for r in ROWS)
    low, high = BELIEVABLE[name]
    values = [float(r[name]) for r in ROWS]
    assert low <= min(values)
    assert max(values) <= high


def test_neighbouring_bodies_have_plausible_heights() -> None:
    heights = [100 * float(r["avh"]) / float(r["avhr"]) for r in ROWS]
    # Thoracic to lumbar anterior heights run from some 20 to some 40 mm.
    assert min(heights) > 20
    assert max(heights) < 40


def test_follow_up_readings_are_whole_numbers_on_the_scale() -> None:
    assert all(r[v] in {str(i) for i in range(11)} for r in ROWS for v in VISITS)


def test_fit_gives_table_4_in_its_consistent_reading() -> None:
    beta, covariance, _ = newton()
    errors = np.sqrt(np.diag(covariance))
    # The printed digits with 1.377 for oedema; B of cement is spongy against blocky.
    printed_b = ["-3.361", "1.332", "1.377", "1.758", "2.622", "-0.800"]
    printed_se = ["0.665", "0.598", "0.602", "0.681", "0.674", "0.392"]
    assert all(rounds_to(float(b), text) for b, text in zip(beta, printed_b, strict=True))
    assert all(rounds_to(float(e), text) for e, text in zip(errors, printed_se, strict=True))
    inner = covariance[3:5, 3:5]
    wald = beta[3:5] @ np.linalg.solve(inner, beta[3:5])
    assert wald == pytest.approx(16.120, abs=0.001)


def test_area_under_the_curve_is_that_of_the_figure() -> None:
    *_, score = newton()
    pairs = np.sign(np.round(score[RESIDUAL][:, None] - score[~RESIDUAL][None, :], 9))
    assert (pairs.mean() + 1) / 2 == pytest.approx(0.7798643, abs=5e-8)


@pytest.fixture(scope="module")
def made() -> Reconstruction:
    return reconstruction("li2021", SEED)


@pytest.mark.slow
def test_the_command_makes_the_committed_file_to_the_byte(made: Reconstruction) -> None:
    assert made.csv_text().encode() == (FOLDER / "patients.csv").read_bytes()
    notes = json.loads((FOLDER / "patients.notes.json").read_text(encoding="utf-8"))
    # models fitted to the patients: the order of sums differs between processors
    assert list(differences(made.notes.to_dict(), notes)) == []


@pytest.mark.slow
def test_one_reading_of_table_4_is_possible(made: Reconstruction) -> None:
    possible = [each for each in made.notes.readings if each.possible]
    assert [each.label for each in possible] == [
        "the constant that of patients with 'cement_distribution Blocky'"
    ]
    assert possible[0].chosen
    as_printed = made.notes.readings[0]
    # Blocky at +0.800 upon the constant: totals are off by at least some 15 events.
    assert as_printed.label == "as printed"
    assert as_printed.residual > 14


@pytest.mark.slow
def test_only_what_the_paper_contradicts_itself_in_differs(made: Reconstruction) -> None:
    differs = [each.what for each in made.notes.agreements if not each.agrees]
    assert differs == [
        "fascia_oedema Yes estimate",
        "cement_distribution Blocky estimate",
        "auc",
    ]
    named = {number for each in made.notes.conflicts for number in each.numbers}
    assert {"fascia_oedema Yes B 1.337", "cement_distribution Blocky B -0.800"} <= named
    assert {"auc 0.774", "auc 0.7798643"} <= named
