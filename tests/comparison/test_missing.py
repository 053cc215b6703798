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


def followed() -> pl.DataFrame:
    """German patients; values are missing by their number, none of which follows the outcome."""
    row = pl.int_range(pl.len())
    return loader.frame("gbsg").with_columns(
        nodes=pl.when(row % 3 > 0).then(pl.col("nodes")),
        entry=pl.col("rfstime") * (row % 5) / 10,
        event=pl.col("status") == 1,
    )


def test_missingness_of_patients_who_are_followed_up() -> None:
    frame = followed()
    row, whole = vr.missingness(frame, "Surv(rfstime, status == 1)", ["nodes", "age"]).to_dicts()
    gap = frame["nodes"].is_null()
    test = vr.log_rank(frame["rfstime"], frame["event"], gap.cast(pl.Int64))
    assert row["test"] == "log-rank"
    assert row["p_value"] == pytest.approx(test.p_value)
    assert row["n_missing_event"] == frame.filter(gap)["status"].sum()
    for part, column in ((gap, "follow_up_missing"), (~gap, "follow_up_known")):
        own = frame.filter(part)
        curve = vr.kaplan_meier(own["rfstime"], ~own["event"]).frame
        assert row[column] == curve.filter(pl.col("survival") <= 0.5)["time"][0]
    assert whole["test"] is None
    assert whole["follow_up_missing"] is None


def test_late_entry_is_part_of_the_test() -> None:
    """Without ties the log-rank test is the score test of a Cox model with the gap alone."""
    frame = followed().unique("rfstime", maintain_order=True)
    found = vr.missingness(frame, "Surv(entry, rfstime, event)", ["nodes"])
    gap = frame.with_columns(gap=pl.col("nodes").is_null().cast(pl.Int64))
    score = vr.fit_cox("Surv(entry, rfstime, event) ~ gap", gap).summary().to_dict()
    assert found["p_value"][0] == pytest.approx(score["score_p_value"], rel=1e-8)
    plain = vr.missingness(frame, "Surv(rfstime, event)", ["nodes"])["p_value"][0]
    assert found["p_value"][0] != pytest.approx(plain, rel=1e-3)


def test_nobody_with_the_event_has_no_groups() -> None:
    frame = followed().with_columns(event=False)
    with pytest.raises(DataError, match="No patient has the event"):
        vr.missingness(frame, "Surv(rfstime, event)", ["nodes"])
