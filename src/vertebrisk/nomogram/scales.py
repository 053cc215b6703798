"""What a linear predictor means: risks by a time, and the median time to the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray

HALF = float(np.log(2.0))  # cumulative hazard at which half have had the event


class RiskScale(Protocol):
    """From linear predictors to risks and back."""

    @property
    def horizon(self) -> float | None:
        """Time by which the risk holds; None where the model has one time point."""
        ...

    def risk(self, linear: FloatArray) -> FloatArray:
        """Risk at linear predictors."""
        ...

    def linear(self, risk: FloatArray) -> FloatArray:
        """Linear predictors of risks between 0 and 1."""
        ...


@dataclass(frozen=True, slots=True)
class LogisticScale:
    """Risk of a logistic model."""

    horizon: float | None = None

    def risk(self, linear: FloatArray) -> FloatArray:
        """See `RiskScale.risk`."""
        return np.asarray(expit(linear))

    def linear(self, risk: FloatArray) -> FloatArray:
        """See `RiskScale.linear`."""
        return np.asarray(np.log(risk) - np.log1p(-risk))


@dataclass(frozen=True, slots=True)
class OddsScale:
    """Odds ratio against a reference patient, whose linear predictor is 0.

    It stands where a scale of risk stands, for models that give none: their odds ratios are
    above 0 and know no limit.
    """

    horizon: float | None = None

    def risk(self, linear: FloatArray) -> FloatArray:
        """Odds ratio at linear predictors."""
        return np.asarray(np.exp(np.minimum(linear, 700.0)))

    def linear(self, risk: FloatArray) -> FloatArray:
        """Linear predictors of odds ratios."""
        return np.asarray(np.log(risk))


@dataclass(frozen=True, slots=True)
class SurvivalScale:
    """Risk by a horizon under proportional hazards.

    `hazard` is the cumulative baseline hazard at the horizon, above 0.
    """

    horizon: float | None
    hazard: float

    def risk(self, linear: FloatArray) -> FloatArray:
        """See `RiskScale.risk`."""
        return np.asarray(-np.expm1(-self.hazard * np.exp(np.minimum(linear, 700.0))))

    def linear(self, risk: FloatArray) -> FloatArray:
        """See `RiskScale.linear`."""
        return np.asarray(np.log(-np.log1p(-risk) / self.hazard))


@dataclass(frozen=True, slots=True, eq=False)
class MedianScale:
    """Median time to the event under proportional hazards.

    `times` and `hazards` are the cumulative baseline hazard, interpolated in between.
    """

    times: FloatArray
    hazards: FloatArray

    @property
    def limit(self) -> float:
        """End of follow-up."""
        return float(self.times[-1])

    def median(self, linear: FloatArray) -> FloatArray:
        """Time by which half have had the event; NaN where more than half stay without it."""
        times, hazards = np.append(0.0, self.times), np.append(0.0, self.hazards)
        wanted = HALF * np.exp(-linear)
        place = np.searchsorted(hazards, wanted, side="left")
        known = place < hazards.size
        after = np.minimum(np.maximum(place, 1), hazards.size - 1)
        rise = hazards[after] - hazards[after - 1]
        share = (wanted - hazards[after - 1]) / np.where(rise > 0, rise, 1.0)
        found = times[after - 1] + share * (times[after] - times[after - 1])
        return np.where(known, found, np.nan)

    def linear(self, times: FloatArray) -> FloatArray:
        """Linear predictors whose median is at these times; infinite before any event."""
        hazard = np.interp(times, np.append(0.0, self.times), np.append(0.0, self.hazards))
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(HALF / hazard))
