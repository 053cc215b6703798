"""What `new` is told about each column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vertebrisk.cohort.reading import ColumnProfile, profile, read_file

N = 40
COLUMNS: dict[str, list[str]] = {
    "patient_id": [f"P{i:03d}" for i in range(N)],
    "序号": [str(i) for i in range(N)],
    "age": [str(50 + i) for i in range(N)],
    "bmi": [f"{20 + i / 4:.2f}" for i in range(N - 1)] + [""],
    "goutallier": [str(i % 5) for i in range(N)],
    "ivc": [str(i % 2) for i in range(N)],
    "cement": [["Spongy", "Blocky"][i % 2] for i in range(N)],
    "flag": [["TRUE", "FALSE"][i % 2] for i in range(N)],
    "op": [f"2024-03-{1 + i % 28:02d}" for i in range(N)],
    "notes": [f"text {i % 20}" for i in range(N)],
    "centre": ["A"] * N,
    "nothing": [""] * N,
}


@pytest.fixture
def profiles(tmp_path: Path) -> dict[str, ColumnProfile]:
    path = tmp_path / "patients.csv"
    rows = zip(*COLUMNS.values(), strict=True)
    path.write_text("\n".join(",".join(row) for row in (tuple(COLUMNS), *rows)), encoding="utf-8")
    return {each.name: each for each in profile(read_file(path))}


def test_kinds(profiles: dict[str, ColumnProfile]) -> None:
    assert {name: each.kind for name, each in profiles.items()} == {
        "patient_id": "identifier",
        "序号": "identifier",
        "age": "numeric",
        "bmi": "numeric",
        "goutallier": "numeric",
        "ivc": "boolean",
        "cement": "categorical",
        "flag": "boolean",
        "op": "date",
        "notes": "text",
        "centre": "constant",
        "nothing": "empty",
    }


def test_numbers_and_levels(profiles: dict[str, ColumnProfile]) -> None:
    bmi = profiles["bmi"]
    assert (bmi.n_missing, bmi.minimum, bmi.maximum, bmi.whole_numbers) == (1, 20.0, 29.5, False)
    # type 7 by hand: 1 + (39 - 1) * 0.01 = 1.38th value; values are 0.25 apart
    assert bmi.q01 == pytest.approx(20 + 0.38 * 0.25, rel=1e-12)  # floating-point error only
    assert profiles["goutallier"].levels == ("0", "1", "2", "3", "4")
    assert profiles["cement"].levels == ("Blocky", "Spongy")
    assert profiles["age"].levels == ()
    assert profiles["age"].whole_numbers


def test_identifiers_are_not_spelled_out(profiles: dict[str, ColumnProfile]) -> None:
    shared = json.dumps([each.to_dict() for each in profiles.values()])
    assert "P001" not in shared
    assert profiles["序号"].minimum is None


def test_whole_floats_named_as_identifiers_are_identifiers(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    rows = [f"patient {i} fell on ice,{i}.0,{60 + i}.0" for i in range(1, 31)]
    path.write_text("\n".join(["note,patient_id,age", *rows]), encoding="utf-8")
    kinds = {each.name: each.kind for each in profile(read_file(path))}
    assert kinds == {"note": "text", "patient_id": "identifier", "age": "numeric"}
