"""Times and events of a cohort that is followed up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import write_study

from vertebrisk.cohort import Cohort, check_study, load_cohort
from vertebrisk.cohort.survival import SurvivalOutcome
from vertebrisk.errors import DataError, ProtocolError, VertebriskError
from vertebrisk.protocol import load_protocol

N = 60


def patients() -> pl.DataFrame:
    """Sixty patients: one in three with the event, one in six with the competing event."""
    number = np.arange(N)
    return pl.DataFrame(
        {
            "age": 60.0 + number % 25,
            "site": np.where(number % 2, "A", "B"),
            "months": 1.0 + number % 12,
            "state": np.select([number % 3 == 0, number % 6 == 1], [1, 2], 0),
            "entered": np.where(number % 4 == 0, 0.5, 0.0),
        }
    )


def cells(frame: pl.DataFrame, column: str, values: dict[int, object]) -> pl.DataFrame:
    """The frame with some cells of one column replaced (rows counted from 1)."""
    new = frame[column].to_list()
    for row, value in values.items():
        new[row - 1] = value
    return frame.with_columns(pl.Series(column, new, strict=False))


def study(folder: Path, frame: pl.DataFrame, analysis: dict[str, Any], **outcome: object) -> Path:
    frame.write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables={"age": {"unit": "years"}, "site": {"levels": ["A", "B"]}},
        outcome={
            "name": "leakage",
            "kind": "time-to-event",
            "event": "state == 1",
            "time": "months",
            "time_unit": "months",
            "competing": "state == 2",
            "horizons": [6],
            "time_point": "6 months",
            **outcome,
        },
        analysis={
            "compare": ["age"],
            **({"model": "cox"} if "entry" in outcome else {}),
            **analysis,
        },
    )


def cohort_of(
    folder: Path,
    frame: pl.DataFrame | None = None,
    analysis: dict[str, Any] | None = None,
    **outcome: object,
) -> Cohort:
    path = study(folder, patients() if frame is None else frame, analysis or {}, **outcome)
    return load_cohort(load_protocol(path))


def times_of(cohort: Cohort) -> SurvivalOutcome:
    assert cohort.survival is not None
    return cohort.survival


def codes(cohort: Cohort) -> set[str]:
    return {each.code for each in cohort.findings} - {"undescribed-outcome-column"}


def test_times_status_and_flow_agree(tmp_path: Path) -> None:
    cohort, frame = cohort_of(tmp_path, entry="entered"), patients()
    survival = times_of(cohort)
    assert survival.time.tolist() == frame["months"].to_list()
    assert survival.status.tolist() == frame["state"].to_list()
    assert survival.entry is not None
    assert survival.entry.tolist() == frame["entered"].to_list()
    assert (survival.unit, survival.horizons) == ("months", (6.0,))
    assert cohort.event.tolist() == (frame["state"] == 1).to_list()
    assert cohort.flow.follow_up is not None
    assert cohort.flow.follow_up.to_dict() == {
        "unit": "months",
        "n_competing": 10,
        "n_censored": 30,
        "total": sum(frame["months"].to_list()) - sum(frame["entered"].to_list()),
        "longest": 12.0,
    }
    assert cohort.n_events == 20
    assert codes(cohort) == set()
    with pytest.raises(ValueError, match="read-only"):
        cohort.complete(["age"]).event[0] = True


def test_rows_leave_with_their_times(tmp_path: Path) -> None:
    frame = cells(patients(), "age", {1: None, 2: None, 5: None})
    cohort = cohort_of(tmp_path, frame, entry="entered").complete(["age"])
    survival, left = times_of(cohort), frame.drop_nulls()
    assert survival.time.tolist() == left["months"].to_list()
    assert survival.status.tolist() == left["state"].to_list()
    assert survival.entry is not None
    assert survival.entry.tolist() == left["entered"].to_list()
    assert cohort.flow.follow_up is not None
    assert cohort.flow.follow_up.n_competing == 9
    with pytest.raises(ValueError, match="read-only"):
        survival.time[0] = 3.0


def test_what_is_not_known_leaves_in_steps(tmp_path: Path) -> None:
    frame = cells(patients(), "state", {1: None})
    frame = cells(frame, "months", {1: None, 2: None, 3: None})
    frame = cells(frame, "entered", {4: None})
    cohort = cohort_of(tmp_path, frame, entry="entered")
    assert [(step.reason, step.removed, step.remaining) for step in cohort.flow.steps] == [
        ("outcome not known", 1, 59),
        ("time not known", 2, 57),
        ("time of entry not known", 1, 56),
    ]
    assert cohort.rows.tolist() == list(range(5, 61))


def test_an_unknown_competing_event_does_not_matter_after_the_event(tmp_path: Path) -> None:
    frame = patients().with_columns(died=pl.Series([False] * N))
    frame = cells(frame, "died", {1: None, 2: None, 7: True, 8: True})
    frame = cells(frame, "state", {7: 0})
    cohort = cohort_of(tmp_path, frame, competing="died")
    # row 1 has the event; of row 2 it is open whether it died or was censored
    assert [(step.reason, step.removed) for step in cohort.flow.steps] == [
        ("competing event not known", 1)
    ]
    assert times_of(cohort).status[0] == 1


def test_days_between_dates_are_days(tmp_path: Path) -> None:
    begin = dt.date(2021, 1, 30)
    frame = patients().with_columns(
        surgery=pl.lit(begin),
        last=pl.Series([begin + dt.timedelta(days=30 * k) for k in range(1, N + 1)]),
    )
    cohort = cohort_of(tmp_path, frame, time="last - surgery", time_unit="days", horizons=[365])
    assert times_of(cohort).time.tolist() == [30.0 * k for k in range(1, N + 1)]
    with pytest.raises(ProtocolError, match='counts days, but time_unit is "months"'):
        cohort_of(tmp_path, frame, time="last - surgery")
    with pytest.raises(ProtocolError, match=r"'last' gives a date; .* 'last_visit - surgery'"):
        cohort_of(tmp_path, frame, time="last")


@pytest.mark.parametrize(
    ("changes", "outcome", "message"),
    [
        ({"state": dict.fromkeys(range(1, N + 1), 0)}, {}, r"0 events among 60 eligible rows"),
        ({"state": dict.fromkeys(range(1, N + 1), 1)}, {}, r"60 events among 60 eligible rows"),
        ({"months": {3: -1, 9: -0.5}}, {}, r"'time' of \[outcome\] is negative in 2 rows of "
         r"'patients.csv' \(rows 3, 9\)"),
        ({}, {"competing": "state >= 1"}, r"both true in 20 rows of 'patients.csv' \(rows 1, 4, .*"
         "a competing event coded like the event"),
        ({"entered": {2: 2.0, 3: 3.5}}, {"entry": "entered"}, r"is not before 'time' in 2 rows of "
         r"'patients.csv' \(rows 2, 3\)"),
        ({"entered": {2: -2.0}}, {"entry": "entered"}, r"'entry' of \[outcome\] is negative"),
        ({}, {"horizons": [6, 13]}, r"The horizon 13 in \[outcome\] lies beyond the longest "
         r"follow-up in 'patients.csv' \(12 months\)"),
        ({"months": dict.fromkeys(range(1, N + 1))}, {},
         "reads column 'months' of 'patients.csv', which holds no value"),
        ({}, {"time": "site"}, r"'time' of \[outcome\]"),
    ],
)  # fmt: skip
def test_what_cannot_be_analysed_is_one_clear_line(
    tmp_path: Path, changes: dict[str, dict[int, object]], outcome: dict[str, Any], message: str
) -> None:
    frame = patients()
    for column, values in changes.items():
        frame = cells(frame, column, values)
    with pytest.raises(VertebriskError, match=message) as caught:
        cohort_of(tmp_path, frame, **outcome)
    assert "\n" not in str(caught.value)
    cohort, findings = check_study(study(tmp_path, frame, {}, **outcome))
    assert cohort is None
    assert findings[-1].code == "cannot-run"


def test_times_that_make_a_reader_think_are_findings(tmp_path: Path) -> None:
    censored = cells(patients(), "months", {2: 0, 3: 0})
    assert codes(cohort_of(tmp_path, censored)) == {"time-zero"}
    at_zero = next(
        each for each in cohort_of(tmp_path, cells(censored, "months", {1: 0})).findings
        if each.code == "time-zero"
    )  # fmt: skip
    assert at_zero.severity == "warning"
    assert "3 rows have time 0, 1 of them with the event (rows 1, 2, 3)" in at_zero.message
    assert at_zero.rows == (1, 2, 3)
    one_time = patients().with_columns(
        months=pl.when(pl.col("state") == 1).then(6.0).otherwise("months")
    )
    assert codes(cohort_of(tmp_path, one_time)) == {"events-at-one-time"}
    alone = patients().with_columns(state=pl.Series([1] + [0] * (N - 1)))
    assert codes(cohort_of(tmp_path, alone)) == {"few-events-in-class", "no-competing-event"}
    assert codes(cohort_of(tmp_path, horizons=[12])) == {"few-at-horizon"}
    late = patients().with_columns(
        months=pl.when(pl.col("state") == 1).then(9.0 + pl.col("age") / 100).otherwise("months")
    )
    assert codes(cohort_of(tmp_path, late)) == {"no-event-by-horizon"}


def test_times_that_are_no_numbers_are_missing_with_a_finding(tmp_path: Path) -> None:
    frame = patients().with_columns(speed=pl.Series([0.0] + [1.0] * (N - 1)))
    cohort = cohort_of(tmp_path, frame, time="months / speed")
    assert "time-not-finite" in codes(cohort)
    assert cohort.n == N - 1


def test_strata_are_groups_with_events(tmp_path: Path) -> None:
    analysis = {"model": "cox", "strata": ["site"]}
    assert codes(cohort_of(tmp_path, None, analysis)) == set()
    frame = cells(patients(), "site", dict.fromkeys(range(1, N + 1), "A"))
    frame = cells(frame, "site", {2: "B"})  # a stratum of one censored patient
    assert "stratum-without-event" in codes(cohort_of(tmp_path, frame, analysis))
    with pytest.raises(ProtocolError, match="is a number; strata are groups"):
        cohort_of(tmp_path, None, {"model": "cox", "compare": [], "candidates": ["site"],
                                   "strata": ["age"]})  # fmt: skip


def test_a_compared_stratum_is_not_said_to_decide_the_outcome(tmp_path: Path) -> None:
    analysis = {"model": "cox", "compare": ["age", "site"], "strata": ["site"]}
    assert "outcome-no-candidate" not in codes(cohort_of(tmp_path, None, analysis))
    deciding = {"compare": ["age", "months"]}
    described = study(tmp_path, patients(), deciding)
    text = described.read_text("utf-8").replace(
        "[analysis]", '[variables.months]\ntiming = "postoperative"\n[analysis]'
    )
    described.write_text(text, "utf-8")
    assert "outcome-no-candidate" in codes(load_cohort(load_protocol(described)))


def test_a_class_must_be_left_after_incomplete_rows(tmp_path: Path) -> None:
    frame = cells(patients(), "age", dict.fromkeys(range(1, N + 1, 3)))
    with pytest.raises(DataError, match="both outcomes do not occur"):
        cohort_of(tmp_path, frame).complete(["age"])
