"""What is said of the candidates before any of them meets the outcome."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from vertebrisk.cohort.candidates import candidate_findings
from vertebrisk.errors import ProtocolError

RANDOM = np.random.default_rng(11)
AGE, WEIGHT = RANDOM.uniform(60, 90, 40), RANDOM.uniform(40, 90, 40)
FRAME = pl.DataFrame(
    {
        "age": AGE,
        "weight": WEIGHT,
        "sum": 2 * AGE - WEIGHT + 3,
        "months": 12 * AGE,
        "near": AGE + RANDOM.normal(0, 1e-3, 40),
        "grade": pl.Series(["a", "b", "c", "d"] * 10, dtype=pl.Enum(["a", "b", "c", "d", "e"])),
    }
)


def test_what_others_determine_is_named_with_them() -> None:
    found = candidate_findings(["age", "weight", "sum", "months", "near", "grade"], FRAME, "f")
    assert [(each.code, each.column) for each in found] == [
        ("collinear-candidates", "sum"),
        ("collinear-candidates", "months"),
    ]
    assert "by 'age', 'weight'" in found[0].message
    assert "by 'age':" in found[1].message


@pytest.mark.parametrize(
    ("terms", "rows", "count"),
    [
        (["rcs(age, 4)", "weight", "grade"], 7, 7),
        (["grade:age", "weight"], 4, 4),
        (["rcs(age, 4)", "weight", "grade"], 8, None),
    ],
)
def test_parameters_are_counted_against_complete_rows(
    terms: list[str], rows: int, count: int | None
) -> None:
    frame = FRAME.with_columns(
        pl.when(pl.int_range(40) < rows).then(pl.col("weight")).alias("weight")
    )
    found = candidate_findings(terms, frame, "f")
    assert [each.code for each in found] == ([] if count is None else ["more-parameters-than-rows"])
    if count is not None:
        assert found[0].severity == "error"
        assert f"{count} parameters" in found[0].message


def test_labels_cannot_be_shaped_as_numbers() -> None:
    with pytest.raises(ProtocolError, match=r"'rcs\(grade, 3\)'.*'grade' holds labels"):
        candidate_findings(["rcs(grade, 3)"], FRAME, "f")
