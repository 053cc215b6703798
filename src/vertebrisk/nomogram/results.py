"""A nomogram as numbers: points per value, and what a total of points means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, Json
from vertebrisk.nomogram.scales import LogisticScale, MedianScale, RiskScale


@dataclass(frozen=True, slots=True, eq=False)
class NomogramAxis:
    """One axis: where each value of a variable lies on the scale of points.

    For a numeric variable `values` are tick values (`numbers`) and for a categorical
    one the levels. `condition` names the values of interacting variables for which
    this axis holds, empty where there is no interaction; `held` has them as pairs of
    variable and value. `terms` are the model terms that the axis adds up, and `lowest`
    their sum at zero points. `value_labels` are the values as people read them.
    """

    variable: str
    label: str
    unit: str
    categorical: bool
    values: tuple[str, ...]
    numbers: FloatArray | None
    points: FloatArray
    condition: str = ""
    held: tuple[tuple[str, str], ...] = ()
    terms: tuple[str, ...] = ()
    lowest: float = 0.0
    value_labels: tuple[str, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "variable": self.variable,
            "label": self.label,
            "unit": self.unit,
            "categorical": self.categorical,
            "condition": self.condition,
            "values": list(self.values),
            "points": [float(points) for points in self.points],
        }

    @property
    def shown_values(self) -> tuple[str, ...]:
        """The values as people read them."""
        return self.value_labels or self.values

    def shown(self, value: str) -> str:
        """One value as people read it."""
        return self.shown_values[self.values.index(value)] if value in self.values else value


@dataclass(frozen=True, slots=True, eq=False)
class Nomogram:
    """Points as rms::nomogram gives them.

    `points` columns: variable, value, points. `total` columns: total_points, risk; for
    models of time to event the risk is that by the first horizon, `risk_24` that by a
    horizon of 24, and `median` the median time, null where it lies beyond follow-up.
    `risk_ticks` (risk, linear_predictor, total_points) are the marks of the first scale of
    risk, `later_ticks` those of the others, `median_ticks` (time, linear_predictor,
    total_points) those of the median. A linear predictor is
    `intercept + total_points / points_per_unit`, where `intercept` is the linear predictor
    at zero points.
    """

    axes: tuple[NomogramAxis, ...]
    points: pl.DataFrame
    total: pl.DataFrame
    risk_ticks: pl.DataFrame
    intercept: float
    points_per_unit: float
    max_total: float
    scales: tuple[RiskScale, ...] = (LogisticScale(),)
    median: MedianScale | None = None
    later_ticks: tuple[pl.DataFrame, ...] = ()
    median_ticks: pl.DataFrame | None = None

    def risk(self, total_points: float, place: int = 0) -> float:
        """Risk at a total of points, on the scale of one horizon."""
        linear = np.array([self.intercept + total_points / self.points_per_unit])
        return float(self.scales[place].risk(linear)[0])

    def total_of(self, risk: float, place: int = 0) -> float:
        """Total of points at which a risk between 0 and 1 is reached."""
        linear = float(self.scales[place].linear(np.array([risk]))[0])
        return (linear - self.intercept) * self.points_per_unit

    def median_time(self, total_points: float) -> float | None:
        """Median time to the event at a total of points; None where follow-up ends before it."""
        if self.median is None:
            return None
        linear = np.array([self.intercept + total_points / self.points_per_unit])
        found = float(self.median.median(linear)[0])
        return found if np.isfinite(found) else None

    def total_of_median(self, time: float) -> float:
        """Total of points at which half have had the event by a time; infinite before any."""
        if self.median is None:
            return np.inf
        linear = float(self.median.linear(np.array([time]))[0])
        return (linear - self.intercept) * self.points_per_unit

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "points": self.points.to_dict(as_series=False),
            "total": self.total.to_dict(as_series=False),
            "risk_ticks": self.risk_ticks.to_dict(as_series=False),
            "intercept": self.intercept,
            "points_per_unit": self.points_per_unit,
            "max_total": self.max_total,
            "horizons": [scale.horizon for scale in self.scales if scale.horizon is not None],
            "later_ticks": [each.to_dict(as_series=False) for each in self.later_ticks],
            "median_ticks": None
            if self.median_ticks is None
            else self.median_ticks.to_dict(as_series=False),
        }
