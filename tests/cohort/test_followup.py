"""Scores over visits and readings of two readers come into the cohort, or say why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocol.studies import PROTOCOL, patients
from tests.protocol.test_followup import AGREEMENT, FOLLOWUP, LONG

from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.cohort.checking import check_study
from vertebrisk.errors import DataError
from vertebrisk.protocol import load_protocol

N = 60


def study_frame() -> pl.DataFrame:
    random = np.random.default_rng(8)
    return patients(N).with_columns(
        vas_0=pl.Series(random.integers(6, 10, N)),
        vas_3=pl.Series(random.integers(1, 6, N)),
        goutallier_a=pl.col("goutallier"),
        goutallier_b=pl.col("goutallier"),
    )


def long_frame() -> pl.DataFrame:
    names = study_frame()["patient_id"].to_list()
    random = np.random.default_rng(9)
    return pl.DataFrame(
        {
            "id": names * 2,
            "when": ["0"] * N + ["y1"] * N,
            "odi": [float(each) for each in random.integers(0, 101, 2 * N)],
        }
    )


def cohort_of(
    folder: Path, added: str, frame: pl.DataFrame | None = None, long: pl.DataFrame | None = None
) -> Cohort:
    path = folder / "protocol.toml"
    path.write_text(PROTOCOL + added, encoding="utf-8")
    (study_frame() if frame is None else frame).write_csv(folder / "patients.csv")
    if long is not None:
        long.write_csv(folder / "odi.csv")
    return load_cohort(load_protocol(path))


def codes(cohort: Cohort) -> list[str]:
    return [finding.code for finding in cohort.findings]


def replaced(column: str, cells: dict[int, Any], frame: pl.DataFrame | None = None) -> pl.DataFrame:
    frame = study_frame() if frame is None else frame
    values: list[Any] = frame[column].to_list()
    for row, cell in cells.items():
        values[row - 1] = cell
    return frame.with_columns(pl.Series(column, values, strict=False))


def test_wide_scores_of_those_whom_the_rule_keeps(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, FOLLOWUP)
    frame = study_frame()
    kept = frame.filter(pl.col("ivc") == 1)
    scores = cohort.followups[0]
    np.testing.assert_array_equal(scores.matrix, kept.select("vas_0", "vas_3").to_numpy())
    assert "vas_0" not in cohort.frame.columns


def test_long_scores_follow_the_patients_of_the_study(tmp_path: Path) -> None:
    long = long_frame()
    shuffled = long.sample(fraction=1.0, shuffle=True, seed=4)
    cohort = cohort_of(tmp_path, LONG, long=shuffled)
    wide = long.pivot(on="when", index="id", values="odi")
    np.testing.assert_array_equal(cohort.followups[0].matrix, wide.select("0", "y1").to_numpy())
    assert not {"followup-without-scores", "followup-other-visits"} & set(codes(cohort))


def test_rows_of_other_visits_and_patients_without_rows_are_counted(tmp_path: Path) -> None:
    later = long_frame().head(1).with_columns(pl.lit("y2").alias("when"))
    long = pl.concat([long_frame().filter(pl.col("id") != "P005"), later])
    cohort = cohort_of(tmp_path, LONG, long=long)
    found = {finding.code: finding.message for finding in cohort.findings}
    assert "1 row of 'odi.csv' belongs to no visit" in found["followup-other-visits"]
    assert "1 eligible patient has no row" in found["followup-without-scores"]
    assert np.isnan(cohort.followups[0].matrix[4]).all()


def test_rows_of_nobody_and_of_strangers_are_counted(tmp_path: Path) -> None:
    long = replaced("id", {1: "P999", 2: "P998", 3: None}, long_frame())
    cohort = cohort_of(tmp_path, LONG, long=long)
    found = {finding.code: finding for finding in cohort.findings}
    assert "2 patients of 'odi.csv' are not among" in found["followup-other-patients"].message
    assert found["followup-other-patients"].severity == "note"
    assert "names no patient, and is left out (row 3)" in found["followup-no-patient"].message


def test_long_numbers_of_patients_stay_apart(tmp_path: Path) -> None:
    numbers = [20230000.0 + each for each in range(N)]
    frame = study_frame().with_columns(patient_id=pl.Series(numbers))
    long = long_frame().with_columns(id=pl.Series([int(each) for each in numbers] * 2))
    cohort = cohort_of(tmp_path, LONG, frame, long)
    matrix = cohort.followups[0].matrix
    assert matrix[:, 0].tolist() == long["odi"].to_list()[:N]


def test_a_score_beyond_the_scale_is_missing_and_an_error(tmp_path: Path) -> None:
    frame = replaced("vas_0", {3: 14}).with_columns(ivc=pl.lit(1))
    cohort = cohort_of(tmp_path, FOLLOWUP, frame)
    finding = next(each for each in cohort.findings if each.code == "score-beyond-scale")
    assert finding.severity == "error"
    assert finding.rows == (3,)
    assert finding.cells == ("14",)
    assert "beyond the scale 0 to 10" in finding.message
    assert "14" not in str(finding.to_dict())
    assert np.isnan(cohort.followups[0].matrix[2, 0])


def test_declared_codes_of_missing_are_missing(tmp_path: Path) -> None:
    added = FOLLOWUP.replace('scale = "vas"', 'scale = "vas"\nmissing = [-9]')
    frame = replaced("vas_3", {2: -9}).with_columns(ivc=pl.lit(1))
    cohort = cohort_of(tmp_path, added, frame)
    assert np.isnan(cohort.followups[0].matrix[1, 1])
    assert "score-beyond-scale" not in codes(cohort)


def test_text_in_a_score_is_named_by_its_row(tmp_path: Path) -> None:
    frame = study_frame().with_columns(
        pl.Series("vas_3", ["severe" if at % 2 else "mild" for at in range(N)]), ivc=pl.lit(1)
    )
    with pytest.raises(DataError, match=r"column 'vas_3' of 'patients.csv' holds 60 cells that"):
        cohort_of(tmp_path, FOLLOWUP, frame)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'vas_3' \(followup 'vas'\)"):
        cohort_of(tmp_path, FOLLOWUP, study_frame().rename({"vas_3": "vas3d"}))


def test_nobody_is_left_by_the_rule(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, FOLLOWUP, study_frame().with_columns(ivc=pl.lit(0)))
    assert cohort.followups == ()
    assert "followup-empty" in codes(cohort)


def test_no_score_at_any_visit(tmp_path: Path) -> None:
    empty = pl.lit(None, dtype=pl.Float64)
    frame = study_frame().with_columns(vas_0=empty, vas_3=empty, ivc=pl.lit(1))
    cohort = cohort_of(tmp_path, FOLLOWUP, frame)
    assert cohort.followups == ()
    assert "followup-empty" in codes(cohort)


def test_a_patient_twice_at_a_visit(tmp_path: Path) -> None:
    long = pl.concat([long_frame(), long_frame().head(1)])
    with pytest.raises(DataError, match=r"2 rows of 'odi.csv' share patient and visit .*1, 121"):
        cohort_of(tmp_path, LONG, long=long)


def test_a_long_file_without_the_column(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'odi.csv' has no column 'when'"):
        cohort_of(tmp_path, LONG, long=long_frame().rename({"when": "visit"}))


def test_readings_are_labelled_as_their_variable(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, AGREEMENT)
    readings = cohort.readings[0]
    assert readings.levels == ("0-1", "2", "3-4")
    assert readings.frame.columns == ["goutallier_a", "goutallier_b"]


def test_vertebrae_of_one_patient_count_once(tmp_path: Path) -> None:
    frame = study_frame().with_columns(
        patient_id=pl.Series([f"P{at // 2:03d}" for at in range(N)]), ivc=pl.lit(1)
    )
    twice = frame.with_columns(
        pl.col("vas_0", "vas_3").first().over("patient_id", mapping_strategy="group_to_rows")
    )
    text = PROTOCOL.replace('unit = "patient"', 'unit = "vertebra"')
    assert text != PROTOCOL
    path = tmp_path / "protocol.toml"
    path.write_text(text + FOLLOWUP, encoding="utf-8")
    twice.write_csv(tmp_path / "patients.csv")
    cohort = load_cohort(load_protocol(path))
    assert cohort.followups[0].matrix.shape == (N // 2, 2)
    frame.write_csv(tmp_path / "patients.csv")
    with pytest.raises(DataError, match="rows of one patient differ in score or group"):
        load_cohort(load_protocol(path))


def test_check_says_that_a_score_is_impossible(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL + FOLLOWUP, encoding="utf-8")
    replaced("vas_0", {3: 14}).with_columns(ivc=pl.lit(1)).write_csv(tmp_path / "patients.csv")
    _, findings = check_study(path)
    assert "score-beyond-scale" in [finding.code for finding in findings]
