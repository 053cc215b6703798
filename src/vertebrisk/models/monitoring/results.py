"""What the watch over a model found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Literal

import polars as pl

from vertebrisk._types import DataKind, Json
from vertebrisk.findings import Finding
from vertebrisk.models.external.results import Counts
from vertebrisk.validation.monitoring.windows import Calendar

SCHEMA_VERSION = 1
LEAST_STEP = 5  # patients between two points of a chart that is written down
MOST_POINTS = 200
Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A chart that crossed its limit.

    Attributes
    ----------
    direction : {"up", "down"}
        More events than the model expects, or fewer.
    when : date
        Of the patient at whom it crossed.
    patient : int
        That patient's place in time, from 1.
    since : date
        Of the first patient after the chart last lay at 0: about when the drift began.
    patients, n_events : int
        From then to the signal.
    expected : float
        Events that the model expects among them.
    """

    direction: Direction
    when: dt.date
    patient: int
    since: dt.date
    patients: int
    n_events: int
    expected: float

    @property
    def ratio(self) -> float | None:
        """Observed over expected events since the drift began; None where none is expected."""
        return self.n_events / self.expected if self.expected > 0.0 else None

    def to_dict(self) -> Json:
        """JSON form; of dates the month."""
        document = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**document, "when": _month(self.when), "since": _month(self.since)}


@dataclass(frozen=True, slots=True)
class Watch:
    """How a model is watched.

    Attributes
    ----------
    odds : float
        Factor of the odds for which the chart of more events looks; that of fewer looks for
        its inverse.
    run_length : float
        Patients from one false alarm to the next, on average and of both charts together,
        while the model's risks hold.
    simulations, seed : int
        Charts that were drawn for the limits.
    window : {"month", "quarter", "year"} or float
        Part of the calendar, or expected events of a full window.
    """

    odds: float
    run_length: float
    simulations: int
    seed: int
    window: Calendar | float

    def to_dict(self) -> Json:
        """JSON form."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Monitoring:
    """A model over calendar time.

    Attributes
    ----------
    outcome : str
        The rule by which patients have the event.
    date : str
        Column of the time.
    version : str
        Of the model that was watched: `model_version`.
    horizon : float or None
        Time by which the risks hold; None for a model with one time point.
    counts : Counts
        Those without a date are among `undated`, not here.
    undated, future : int
        Rows with an outcome and a risk that have no date, or one after today.
    first, last : date
        Of the patients that are watched.
    windows : DataFrame
        A row a window: window, start, end, complete, n, n_events, expected,
        observed_expected, in_the_large, slope and c_index with limits.
    chart : DataFrame
        A row a patient in the order of time: patient, date, upper, upper_limit, upper_signal,
        lower, lower_limit, lower_signal. `upper` looks for more events than expected, `lower`
        for fewer.
    signals : tuple of Signal
        In the order of time.
    watch : Watch
    data_kind : {"real", "reconstructed", "simulated"}
    findings : tuple of Finding
    """

    outcome: str
    date: str
    version: str
    horizon: float | None
    counts: Counts
    undated: int
    future: int
    first: dt.date
    last: dt.date
    windows: pl.DataFrame
    chart: pl.DataFrame
    signals: tuple[Signal, ...]
    watch: Watch
    data_kind: DataKind
    findings: tuple[Finding, ...]

    @property
    def drifted(self) -> bool:
        """True where a chart crossed its limit."""
        return bool(self.signals)

    def points(self) -> pl.DataFrame:
        """The chart at every few patients, for paper and page: no patient by himself.

        patient (their number so far), month, and upper and lower with their limits: the largest
        value since the point before, relative to the limit, and that limit.
        """
        step = max(LEAST_STEP, -(-self.chart.height // MOST_POINTS))
        last = max(self.chart.height // step - 1, 0)
        place = ((pl.col("patient") - 1) // step).clip(upper_bound=last)
        at = {
            side: (pl.col(side) - pl.col(f"{side}_limit")).arg_max() for side in ("upper", "lower")
        }
        return (
            self.chart.group_by(place.alias("point"), maintain_order=True)
            .agg(
                pl.col("patient").last(),
                pl.col("date").last().dt.strftime("%Y-%m").alias("month"),
                *(
                    pl.col(name).get(at[side])
                    for side in ("upper", "lower")
                    for name in (side, f"{side}_limit")
                ),
            )
            .drop("point")
        )

    def to_dict(self) -> Json:
        """JSON form; of patients nothing, of dates the month."""
        windows = self.windows.with_columns(pl.col("start", "end").dt.strftime("%Y-%m"))
        return {
            "schema": "vertebrisk/monitoring",
            "schema_version": SCHEMA_VERSION,
            "outcome": self.outcome,
            "date": self.date,
            "model_version": self.version,
            "horizon": self.horizon,
            "data_kind": self.data_kind,
            "counts": {**self.counts.to_dict(), "undated": self.undated, "future": self.future},
            "first": _month(self.first),
            "last": _month(self.last),
            "watch": self.watch.to_dict(),
            "drifted": self.drifted,
            "signals": [each.to_dict() for each in self.signals],
            "windows": list(windows.iter_rows(named=True)),
            "chart": self.points().to_dict(as_series=False),
            "findings": [each.to_dict() for each in self.findings],
        }


def _month(day: dt.date) -> str:
    return day.strftime("%Y-%m")
