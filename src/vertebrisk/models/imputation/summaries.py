"""A pooled fit in one row, and the baseline hazard of its tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Json
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.survival.baseline import BaselineHazard


@dataclass(frozen=True, slots=True)
class PooledSummary:
    """A pooled fit in one row; `missing_information` is the largest of the coefficients'."""

    n: int
    n_events: int
    imputations: int
    df: int
    c_index: float
    c_index_low: float
    c_index_high: float
    missing_information: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class PooledBaseline:
    """Baseline hazard of one stratum over several tables."""

    tables: tuple[BaselineHazard, ...]

    @property
    def times(self) -> FloatArray:
        """Event times, the same in every table."""
        return self.tables[0].times

    @property
    def last_time(self) -> float:
        """Longest follow-up of the stratum."""
        return self.tables[0].last_time

    def at(self, times: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cumulative hazard, variance and mean integral at some times, by Rubin's rules."""
        hazard, variance, mean = (
            np.array(each) for each in zip(*(one.at(times) for one in self.tables), strict=True)
        )
        pooled = rubin.pool(hazard, variance)
        return pooled.estimate, pooled.total, mean.mean(axis=0)
