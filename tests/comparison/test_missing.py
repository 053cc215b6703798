"""What is missing, together with what, and in whom."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import DataError

PIMA = ["glu", "bp", "skin", "bmi"]


def test_patterns_as_md_pattern_lists_them() -> None:
    """md.pattern(Pima.tr2): 200 whole, 84 without skin, 12 without bp and skin, and so on."""
    found = vr.missing_patterns(loader.frame("pima_missing"), PIMA)
    assert found["n"].to_list() == [200, 84, 12, 2, 1, 1]
    assert found["n"].sum() == 300
    assert found.row(1) == (84, 1, False, False, True, False)
    assert found.row(2) == (12, 2, False, True, True, False)
    for name in PIMA:
        assert found.filter(name)["n"].sum() == loader.frame("pima_missing")[name].null_count()


def test_missingness_by_outcome() -> None:
    frame = loader.frame("pima_missing")
    table = vr.missingness(frame, "type == 'Yes'", ["skin", "bp", "glu"])
    skin, bp, glu = table.to_dicts()
    yes = frame.filter(pl.col("type") == "Yes")
    assert skin["n_missing"] == 98
    assert skin["n_missing_event"] == yes["skin"].null_count()
    assert skin["share_none"] == pytest.approx((98 - yes["skin"].null_count()) / (300 - yes.height))
    a, b = skin["n_missing_event"], skin["n_missing_none"]
    counts = [[a, b], [yes.height - a, 300 - yes.height - b]]
    assert skin["test"] == "pearson"
    assert skin["p_value"] == pytest.approx(stats.chi2_contingency(counts, correction=False)[1])
    a, b = bp["n_missing_event"], bp["n_missing_none"]
    assert bp["test"] == "fisher"
    assert bp["p_value"] == pytest.approx(
        stats.fisher_exact([[a, b], [yes.height - a, 300 - yes.height - b]])[1]
    )
    assert glu["p_value"] is None
    assert glu["test"] is None


@given(st.lists(st.tuples(*(st.sampled_from([1.0, None]) for _ in range(3))), min_size=1))
def test_patterns_count_every_patient_once(rows: list[tuple[float | None, ...]]) -> None:
    schema = {"a": pl.Float64, "b": pl.Float64, "c": pl.Float64}
    found = vr.missing_patterns(pl.DataFrame(rows, schema=schema, orient="row"), ["a", "b", "c"])
    assert found["n"].sum() == len(rows)
    assert found.select("a", "b", "c").is_duplicated().sum() == 0
    assert (found["n_missing"] == found.select("a", "b", "c").sum_horizontal()).all()


def test_what_cannot_be_described_is_said() -> None:
    frame = pl.DataFrame({"n": [1.0, None], "y": [True, True]})
    with pytest.raises(DataError, match="called n"):
        vr.missing_patterns(frame, ["n"])
    with pytest.raises(DataError, match="same 'y'"):
        vr.missingness(frame, "y", ["n"])
    with pytest.raises(DataError, match="no column 'z'"):
        vr.missing_patterns(frame, ["z"])
    with pytest.raises(DataError, match="No variable"):
        vr.missing_patterns(frame, [])
