"""How much patients differ in what a model sees: mean and SD of their linear predictors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, Json


@dataclass(frozen=True, slots=True)
class LinearSpread:
    """Mean and standard deviation of the linear predictors of the development patients.

    As `RiskModel.predict` gives them: log-odds, or for a model of time to event the sum of
    coefficients times columns, not centred.
    """

    mean: float
    sd: float

    @classmethod
    def of(cls, linear: FloatArray, weights: FloatArray | None = None) -> LinearSpread | None:
        """Of patients, weighted to the population they were sampled from; None of fewer than two.

        Parameters
        ----------
        linear, weights : array, shape (n,)
        """
        if linear.size < 2 or not np.isfinite(linear).all():
            return None
        mass = np.ones(linear.size) if weights is None else weights
        mean = float(mass @ linear / mass.sum())
        correction = linear.size / (linear.size - 1.0)
        variance = float(mass @ (linear - mean) ** 2 / mass.sum()) * correction
        return cls(mean, math.sqrt(variance))

    def moved(self, intercept: float, slope: float) -> LinearSpread:
        """Of ``intercept + slope * linear predictor``."""
        return LinearSpread(intercept + slope * self.mean, abs(slope) * self.sd)

    def to_dict(self) -> Json:
        """JSON form."""
        return {"mean": self.mean, "sd": self.sd}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> LinearSpread:
        """Inverse of `to_dict`; ValueError where it is none."""
        mean, sd = float(document["mean"]), float(document["sd"])
        if not (math.isfinite(mean) and 0.0 <= sd < math.inf):
            raise ValueError("its linear predictor has no finite mean and SD")
        return cls(mean, sd)
