"""Repeated scores: forms of data, hand-worked cases, gaps, and input that resists."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from vertebrisk.comparison.repeated import RepeatedMeasures, repeated_measures
from vertebrisk.errors import ArgumentError, DataError

VISITS = ["before", "week", "year"]
TABLE: dict[str, list[Any]] = {
    "id": ["p1", "p2", "p3", "p4", "p5", "p6"],
    "arm": ["a", "a", "a", "b", "b", "b"],
    "before": [8, 7, 9, 6, 8, 7],
    "week": [4, 4, 5, 3, 6, 2],
    "year": [2, 3, 5, 1, 4, 2],
}


def measured(columns: dict[str, list[Any]] | None = None, **options: Any) -> RepeatedMeasures:
    return repeated_measures({**TABLE, **(columns or {})}, VISITS, **options)


def codes(record: RepeatedMeasures) -> list[str]:
    return [finding.code for finding in record.findings]


def long_table() -> pl.DataFrame:
    frame = pl.DataFrame(TABLE)
    return frame.unpivot(on=VISITS, index=["id", "arm"], variable_name="when", value_name="vas")


def test_long_and_wide_form_are_one_analysis() -> None:
    wide = measured(group="arm", mcid=3, patient="id")
    long = repeated_measures(
        long_table(), VISITS, score="vas", visit="when", patient="id", group="arm", mcid=3
    )
    assert wide.to_dict() == long.to_dict()


def test_numbers_of_visits_know_their_order() -> None:
    months = {"before": 12.0, "week": 0.5, "year": 0.0}
    frame = long_table().with_columns(pl.col("when").replace_strict(months).alias("month"))
    record = repeated_measures(frame, score="vas", visit="month", patient="id")
    assert [(visit.name, visit.time) for visit in record.visits] == [
        ("0", 0.0), ("0.5", 0.5), ("12", 12.0)
    ]  # fmt: skip
    listed = repeated_measures(frame, [0, 0.5, 12], score="vas", visit="month", patient="id")
    assert listed.changes == record.changes


def test_texts_of_visits_do_not() -> None:
    with pytest.raises(ArgumentError, match="order is not known"):
        repeated_measures(long_table(), score="vas", visit="when", patient="id")


def test_by_hand_two_visits_are_a_paired_t_test() -> None:
    record = repeated_measures({"x": [8, 7, 9, 6], "y": [3, 4, 2, 3]}, ["x", "y"])
    change = record.changes[0]
    difference = np.array([-5.0, -3.0, -7.0, -3.0])
    assert change.mean == -4.5
    assert change.t_test.statistic is not None
    assert change.t_test.statistic == pytest.approx(
        difference.mean() / (difference.std(ddof=1) / 2)
    )
    effect = record.complete.effects[0]
    assert effect.statistic == pytest.approx(change.t_test.statistic**2)
    assert effect.p_value == pytest.approx(change.t_test.p_value)
    assert effect.p_greenhouse_geisser == effect.p_value
    assert change.wilcoxon.statistic == 0
    assert change.rank_biserial == -1


def test_all_fell_by_different_amounts_gives_the_exact_smallest_p() -> None:
    first = np.arange(10.0, 16.0)
    record = repeated_measures({"x": first, "y": first - [1, 2, 3, 4, 5, 6]}, ["x", "y"])
    assert record.changes[0].wilcoxon.exact
    assert record.changes[0].wilcoxon.p_value == 2 / 2**6


def test_rounding_of_decimals_does_not_hide_ties_or_responders() -> None:
    record = repeated_measures(
        {"x": [6.3, 5.1, 7.7, 4.4], "y": [4.3, 3.1, 5.7, 3.9]}, ["x", "y"], mcid=2
    )
    assert record.responders[0].count == 3
    assert not record.changes[0].wilcoxon.exact


def test_direction_of_improvement() -> None:
    worse = measured(mcid=2, higher_is_worse=False)
    assert [each.count for each in worse.responders] == [0, 0]
    better = measured(mcid=2)
    assert [each.count for each in better.responders] == [6, 6]
    assert better.responders[0].conf_low == pytest.approx(0.6097, abs=5e-5)  # Wilson, 6 of 6


def test_pairs_with_the_first_visit_only() -> None:
    record = measured(pairs="baseline")
    assert [(each.earlier, each.later) for each in record.changes] == [
        ("before", "week"), ("before", "year")
    ]  # fmt: skip
    everything = measured()
    assert len(everything.changes) == 3
    assert record.changes[0].t_test.p_value == everything.changes[0].t_test.p_value


def test_gaps_are_counted_and_the_mixed_model_uses_what_is_there() -> None:
    record = measured({"year": [2, None, 5, 1, float("nan"), 2]})
    assert (record.complete.n, record.complete.left_out) == (4, 2)
    assert record.mixed is not None
    assert (record.mixed.n_patients, record.mixed.n_values) == (6, 16)
    assert "visits-missing" in codes(record)
    assert record.summary("year").summary.missing == 2
    assert measured().mixed is None


def test_mixed_model_without_gaps_would_be_the_anova() -> None:
    extra = {name: [*values, None] for name, values in TABLE.items()}
    record = repeated_measures(extra, VISITS)
    assert record.mixed is not None
    visit = record.complete.effects[0]
    assert record.mixed.tests[0].statistic == pytest.approx(visit.statistic, rel=1e-9)


def test_no_variance_between_patients_is_an_answer() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(9, 3))
    matrix -= matrix.mean(axis=1, keepdims=True)  # all patients have one mean
    matrix = np.vstack([matrix, [np.nan, 0.0, 0.3]])
    record = repeated_measures(dict(zip("abc", matrix.T, strict=True)), ["a", "b", "c"])
    assert record.mixed is not None
    assert record.mixed.between_sd == 0


def test_groups_have_their_rows_and_their_difference() -> None:
    record = measured(group="arm", mcid=2)
    assert record.groups == ("a", "b")
    assert record.summary("week", "a").summary.mean == pytest.approx(13 / 3)
    assert [each.n for each in record.differences] == [(3, 3), (3, 3)]
    first = record.differences[0]
    assert first.difference == pytest.approx(-10 / 3 + 11 / 3)
    assert {effect.effect for effect in record.complete.effects} == {
        "visit", "group", "group:visit"
    }  # fmt: skip


def test_patients_without_a_group_are_counted() -> None:
    record = measured({"arm": ["a", "a", None, "b", "b", "b"]}, group="arm")
    assert record.n == 5
    assert "group-missing" in codes(record)


def test_json_holds_no_patient_and_no_nan() -> None:
    record = measured(group="arm", mcid=2)
    text = json.dumps(record.to_dict(), allow_nan=False)
    assert "p1" not in text
    assert record.frame().height == 9
    assert record.changes_frame().height == 9


def test_two_patients() -> None:
    record = repeated_measures({"x": [8, 7], "y": [3, 5], "z": [1, 4]}, ["x", "y", "z"])
    assert record.complete.sphericity is not None
    assert record.complete.sphericity.p_value is None
    assert record.complete.effects[0].p_value is not None
    assert "few-patients-followed" in codes(record)


def test_constant_scores() -> None:
    record = measured({name: [5] * 6 for name in VISITS})
    assert record.complete.effects == ()
    assert record.complete.note == "no patient's score changed"
    assert record.changes[0].t_test.note == "every change is the same"
    assert record.changes[0].wilcoxon.note == "no score changed"
    assert "no-repeated-anova" in codes(record)


def test_everyone_changed_alike() -> None:
    before = [8.0, 7.0, 9.0, 6.0, 8.0, 7.0]
    record = measured(
        {"before": before, "week": [x - 2 for x in before], "year": [x - 3 for x in before]}
    )
    assert record.complete.note == "every patient's score changed by the same amount"
    assert record.changes[0].dz.estimate is None
    assert record.changes[0].wilcoxon.p_value is not None


def test_a_visit_without_scores_is_left_out_aloud() -> None:
    record = measured({"week": [None] * 6})
    assert record.complete.visits == ("before", "year")
    assert record.complete.n == 6
    assert "visit-without-scores" in codes(record)
    assert record.mixed is None


def test_a_group_too_small_for_the_anova() -> None:
    record = measured({"arm": ["a", "a", "a", "a", "a", "b"]}, group="arm")
    assert "a group has fewer than two patients" in record.complete.note
    assert record.complete.friedman is not None


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({}, {"visits": ["before"]}, "1 visit is given; change over follow-up needs at least two"),
        ({}, {"visits": ["before", "before"]}, "listed twice"),
        ({}, {"visits": ["before", "yaer"]}, "no column 'yaer'. Did you mean 'year'?"),
        ({}, {"visits": "before"}, "a list of two or more is needed"),
        ({}, {"group": "none"}, "no column 'none'"),
        ({}, {"mcid": -2}, "mcid is -2; a number above 0 is needed"),
        ({}, {"pairs": "some"}, "pairs is 'some'; allowed are all, baseline"),
        ({}, {"times": [0, 1]}, "times has 2 values for 3 visits"),
        ({}, {"times": [0, 2, 1]}, "times must grow"),
        ({}, {"times": {"yeer": 1}}, "no visit. Did you mean 'year'?"),
        ({}, {"limits": (10, 0)}, "the lower one first"),
        ({}, {"score": "vas"}, "needs all three of score, visit and patient"),
        ({"week": [4, 4, 14, 3, 6, 2]}, {"limits": (0, 10)}, "1 score outside the limits 0 to 10"),
        ({"week": ["4", "4", "bad", "3", "6", "2"]}, {}, r"1 cell of text \(row 3\)"),
        ({"week": [4, 4, float("inf"), 3, 6, 2]}, {}, r"1 infinite value \(row 3\)"),
        ({"id": ["p1", "p1", "p3", "p4", "p5", "p6"]}, {"patient": "id"}, "2 rows share their"),
        ({"arm": ["a"] * 6}, {"group": "arm"}, "holds 1 group; two to 10"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    columns: dict[str, list[Any]], options: dict[str, Any], words: str
) -> None:
    given = {"visits": VISITS, **options}
    with pytest.raises((ArgumentError, DataError), match=words.replace("?", r"\?")) as caught:
        repeated_measures({**TABLE, **columns}, given.pop("visits"), **given)
    assert "\n" not in str(caught.value)


def test_a_patient_twice_at_a_visit_is_refused() -> None:
    frame = pl.concat([long_table(), long_table().head(1)])
    with pytest.raises(DataError, match=r"share patient and visit .*\(rows 1, 19\)"):
        repeated_measures(frame, VISITS, score="vas", visit="when", patient="id")


def test_a_visit_that_is_not_listed_is_refused() -> None:
    with pytest.raises(DataError, match="holds 1 visit that visits does not list: year"):
        repeated_measures(long_table(), VISITS[:2], score="vas", visit="when", patient="id")


def test_a_patient_in_two_groups_is_refused() -> None:
    frame = long_table().with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("b")).otherwise("arm").alias("arm")
    )
    with pytest.raises(DataError, match="more than one group for 1 patient"):
        repeated_measures(frame, VISITS, score="vas", visit="when", patient="id", group="arm")


scores = st.lists(
    st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=4, max_size=15
).filter(lambda rows: np.ptp(np.array(rows) - np.mean(rows, axis=1, keepdims=True)) > 0)


@settings(max_examples=40, deadline=None)
@given(rows=scores, seed=st.integers(0, 99))
def test_order_of_patients_does_not_matter(rows: list[list[int]], seed: int) -> None:
    matrix = np.array(rows, dtype=float)
    shuffled = np.random.default_rng(seed).permutation(matrix)
    one, two = (
        repeated_measures(dict(zip("abc", m.T, strict=True)), ["a", "b", "c"])
        for m in (matrix, shuffled)
    )
    for first, second in zip(one.changes, two.changes, strict=True):
        assert first.wilcoxon == second.wilcoxon
        assert first.t_test.note == second.t_test.note
    assert one.complete.friedman == two.complete.friedman


@settings(max_examples=40, deadline=None)
@given(rows=scores, factor=st.sampled_from([0.1, 10.0, 2.54]))
def test_units_change_no_test(rows: list[list[int]], factor: float) -> None:
    matrix = np.array(rows, dtype=float)
    one, two = (
        repeated_measures(dict(zip("abc", m.T, strict=True)), ["a", "b", "c"])
        for m in (matrix, matrix * factor)
    )
    assert one.complete.note == two.complete.note
    for first, second in zip(one.complete.effects, two.complete.effects, strict=True):
        assert_allclose(float(first.statistic or 0), float(second.statistic or 0), rtol=1e-8)
    for before, after in zip(one.changes, two.changes, strict=True):
        assert before.wilcoxon.p_value == pytest.approx(after.wilcoxon.p_value)
        assert (before.dz.estimate is None) == (after.dz.estimate is None)
        if before.dz.estimate is not None:
            assert before.dz.estimate == pytest.approx(after.dz.estimate, rel=1e-8)
