"""A nomogram as numbers: points per value, and what a total of points means."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import FloatArray, Json


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

    `points` columns: variable, value, points. `total` columns: total_points, risk.
    A linear predictor is `intercept + total_points / points_per_unit`, where `intercept`
    is the linear predictor at zero points.
    """

    axes: tuple[NomogramAxis, ...]
    points: pl.DataFrame
    total: pl.DataFrame
    risk_ticks: pl.DataFrame
    intercept: float
    points_per_unit: float
    max_total: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "points": self.points.to_dict(as_series=False),
            "total": self.total.to_dict(as_series=False),
            "risk_ticks": self.risk_ticks.to_dict(as_series=False),
            "intercept": self.intercept,
            "points_per_unit": self.points_per_unit,
            "max_total": self.max_total,
        }
