"""A model watched over calendar time: signals, windows, dates that are wrong, what is said."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated
from tests.reference.loader import frame

from vertebrisk import Monitoring, RiskModel, calibration, fit_cox, monitor, roc_auc
from vertebrisk.errors import ArgumentError, DataError, ExpressionError, ModelError
from vertebrisk.models.monitoring.results import Signal
from vertebrisk.models.portable.identity import model_version

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.CalibrationWarning")

MODEL = quiet_fit("y ~ a + b", simulated(400, 6)).model
TODAY = dt.date(2026, 1, 1)


def patients(size: int = 300, change: int = 150, odds: float = 3.0) -> pl.DataFrame:
    """New patients over 600 days, whose odds are multiplied after so many of them."""
    new = simulated(size, 8)
    risk = MODEL.predict(new)["risk"].to_numpy()
    moved = np.where(np.arange(size) < change, 1.0, odds)
    chance = moved * risk / (1.0 + (moved - 1.0) * risk)
    event = np.random.default_rng(3).random(size) < chance
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=600 * each // size) for each in range(size)]
    return new.with_columns(y=pl.Series(event), day=pl.Series(days))


def watched(data: Any, **options: Any) -> Monitoring:
    given_: dict[str, Any] = {"outcome": "y", "date": "day", "run_length": 200, "today": TODAY}
    return monitor(MODEL, data, **{**given_, **options})


@pytest.fixture(scope="module")
def drifting() -> Monitoring:
    return watched(patients())


def test_a_drift_upward_is_found_with_its_beginning(drifting: Monitoring) -> None:
    first = next(each for each in drifting.signals if each.direction == "up")
    assert 150 < first.patient < 220
    assert drifting.drifted
    row = drifting.chart.row(first.patient - 1, named=True)
    assert row["upper_signal"]
    assert row["upper"] > row["upper_limit"]
    assert row["date"] == first.when
    own = patients()[first.patient - first.patients : first.patient]
    assert own["day"][0] == first.since
    assert own["y"].sum() == first.n_events
    assert MODEL.predict(own)["risk"].sum() == pytest.approx(first.expected)
    finding = next(each for each in drifting.findings if each.code == "drift-up")
    assert "vertebrisk update MODEL COHORT" in finding.remedy
    assert f"{first.when:%Y-%m}" in finding.message


def test_a_drift_downward_is_found_and_none_where_risks_hold() -> None:
    fewer = watched(patients(change=0, odds=0.3))
    assert {each.direction for each in fewer.signals} == {"down"}
    assert not watched(patients(odds=1.0), run_length=2000).drifted


def test_the_windows_are_calibration_and_c_index_of_their_patients(drifting: Monitoring) -> None:
    quarters = watched(patients(), window="quarter").windows
    assert quarters["window"].to_list() == [
        "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3",
    ]  # fmt: skip
    own = patients().filter(pl.col("day").is_between(dt.date(2024, 4, 1), dt.date(2024, 6, 30)))
    risk, event = MODEL.predict(own)["risk"], own["y"].to_numpy()
    expected, area = calibration(event, risk), roc_auc(event, risk)
    row = quarters.row(1, named=True)
    assert (row["n"], row["n_events"]) == (own.height, event.sum())
    assert row["expected"] == pytest.approx(risk.sum())
    for name in ("observed_expected", "in_the_large", "slope"):
        for end in ("", "_low", "_high"):
            assert row[name + end] == pytest.approx(getattr(expected, name + end), rel=1e-9)
    assert (row["c_index"], row["c_index_low"]) == pytest.approx((area.estimate, area.conf_low))
    full = drifting.windows.filter("complete")
    assert (full["expected"] >= 20).all()
    assert (full["expected"] < 21).all()
    assert drifting.windows["n"].sum() == 300


def test_a_window_without_events_has_an_exact_upper_limit_and_no_slope() -> None:
    none = patients(60).with_columns(y=pl.lit(value=False))
    row = watched(none, window="year").windows.row(0, named=True)
    assert (row["observed_expected"], row["observed_expected_low"]) == (0.0, 0.0)
    limit = (1 - 0.025 ** (1 / row["n"])) * row["n"] / row["expected"]
    assert row["observed_expected_high"] == pytest.approx(limit)
    assert row["slope"] is None
    assert row["c_index"] is None
    codes = [each.code for each in watched(none).findings]
    assert codes == ["drift-down"]  # which is no chart without a signal
    codes = [each.code for each in watched(none[:10]).findings]
    assert codes == ["few-events-to-monitor"]


def test_a_window_of_events_only_has_an_exact_lower_limit() -> None:
    told = watched(patients(12).with_columns(y=pl.lit(value=True)), window="year").windows.row(
        0, named=True
    )
    least = told["n"] * 0.025 ** (1.0 / told["n"]) / told["expected"]
    assert told["observed_expected_low"] == pytest.approx(least, rel=1e-12)
    assert told["observed_expected_high"] == told["observed_expected"]


def test_a_signal_where_no_event_is_expected_has_no_ratio() -> None:
    day = dt.date(2026, 1, 1)
    assert Signal("up", day, 1, day, patients=1, n_events=1, expected=0.0).ratio is None


def test_the_document_holds_no_day_and_no_patient(drifting: Monitoring) -> None:
    document = drifting.to_dict()
    text = json.dumps(document)
    assert (document["schema"], document["schema_version"]) == ("vertebrisk/monitoring", 1)
    assert document["model_version"] == model_version(MODEL)
    assert "2024-06-" not in text
    assert document["signals"][0]["when"].count("-") == 1
    points = drifting.points()
    assert points.height == 60
    assert np.diff(points["patient"].to_numpy()).min() >= 5
    crossed = (points["upper"] > points["upper_limit"]).sum()
    assert crossed == sum(each.direction == "up" for each in drifting.signals)
    assert watched(patients(7)).points()["patient"].to_list() == [7]


def test_dates_that_are_missing_to_come_or_out_of_order_are_said() -> None:
    data = patients(120)
    days = [None, None, dt.date(2031, 1, 1), *data["day"][3:].reverse()]
    found = watched(data.with_columns(day=pl.Series(days)))
    assert (found.undated, found.future, found.counts.n) == (2, 1, 117)
    codes = {each.code: each for each in found.findings}
    assert codes["dates-to-come"].rows == (3,)
    assert "2 patients left out" in codes["patients-without-a-date"].message
    assert codes["rows-not-in-order-of-time"].severity == "note"
    assert found.counts.not_scored == 0


def test_who_has_no_outcome_or_risk_is_counted() -> None:
    data = patients(120).with_row_index()
    holes = data.with_columns(
        y=pl.when(pl.col("index") < 20).then(None).otherwise(pl.col("y")),
        a=pl.when(pl.col("index").is_between(18, 24)).then(None).otherwise(pl.col("a")),
    )
    found = watched(holes)
    assert (found.counts.n, found.counts.outcome_missing, found.counts.not_scored) == (95, 20, 5)
    assert found.counts.reasons == {"missing: a": 5}
    assert "outcomes-missing" in [each.code for each in found.findings]


def test_texts_and_times_of_day_are_dates_too() -> None:
    data = patients(60)
    plain = watched(data).chart
    for cast in (pl.String, pl.Datetime):
        assert watched(data.with_columns(pl.col("day").cast(cast))).chart.equals(plain)


def test_a_model_of_time_to_event_is_watched_at_a_horizon() -> None:
    model = fit_cox(
        "Surv(rfstime, status) ~ nodes + pgr", frame("gbsg")[:350], horizons=[365, 730]
    ).model
    new = frame("gbsg")[350:].with_row_index()
    known = (pl.col("rfstime") >= 730) | (pl.col("status") == 1)
    new = new.with_columns(
        day=pl.lit(dt.date(2024, 1, 1)) + pl.duration(days=pl.col("index")),
        by=pl.when(known).then((pl.col("rfstime") <= 730) & (pl.col("status") == 1)),
    )
    found = monitor(model, new, outcome="by", date="day", horizon=730, run_length=100, today=TODAY)
    assert found.horizon == 730
    assert "by 730" in next(e.message for e in found.findings if e.code == "taken-as-followed")
    assert found.counts.outcome_missing == new["by"].null_count()
    risk = model.predict(new.filter(pl.col("by").is_not_null()), 730)["risk"]
    assert found.windows["expected"].sum() == pytest.approx(risk.sum())


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"date": "when"}, DataError, "no column 'when'"),
        ({"date": "a"}, DataError, "'a' holds no dates"),
        ({"date": "g"}, DataError, "write dates as 2026-03-14"),
        ({"outcome": "pain"}, (DataError, ExpressionError), "pain"),
        ({"outcome": None}, ArgumentError, "outcome is None"),
        ({"odds": 1.0}, ArgumentError, "odds is 1.0"),
        ({"run_length": 3}, ArgumentError, "run_length is 3"),
        ({"window": "week"}, ArgumentError, "window is 'week'"),
        ({"window": 0.0}, ArgumentError, "window is 0.0"),
        ({"simulations": 100}, ArgumentError, "at least 400"),
        ({"horizon": 12.0}, ModelError, "another horizon"),
        ({"today": dt.date(2020, 1, 1)}, DataError, "has a date up to today"),
    ],
)
def test_what_cannot_be_watched_is_one_line(change: dict[str, Any], error: Any, said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        watched(patients(60), **change)
    assert "\n" not in str(caught.value)


def test_a_model_without_risks_is_refused() -> None:
    with pytest.raises(ArgumentError, match="a RiskModel is needed"):
        monitor("model.json", patients(60), outcome="y", date="day")  # type: ignore[arg-type]
    document = MODEL.to_dict()
    document["population"]["matched"] = ["age"]
    with pytest.raises(ModelError, match="no risk to watch"):
        monitor(RiskModel.from_dict(document), patients(60), outcome="y", date="day")


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(60)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    data = patients(60).with_columns(
        day=pl.Series([dt.date(2024, 1, 1) + dt.timedelta(days=each) for each in range(60)])
    )
    assert watched(data[order]).chart.equals(watched(data).chart)
