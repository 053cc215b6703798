"""Baseline cumulative hazard of a model of time to event, on a grid that travels.

The estimate itself steps at patients' own times. The portable one is read off it on round
times and at the study's horizons, so a model document holds no patient's time; between the
points the cumulative hazard is interpolated linearly, at a horizon it is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.kernels.pretty import pretty
from vertebrisk.kernels.survival.times import meeting

INTERVALS = 100
ASIDE = 0.381966  # of the spacing: where no time that anybody records lies

Steps = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Cumulative hazard of one stratum for a patient whose design columns are all zero.

    Attributes
    ----------
    stratum : str
        Name of the stratum, as `stratum_label` gives it; empty without strata.
    times : array, shape (g,)
        Ascending, above 0; nothing is known beyond the last.
    cumulative_hazard, variance : array, shape (g,)
        The variance is that for known coefficients.
    mean_integral : array, shape (g, p)
        Integral of the mean covariates of the risk set over the cumulative hazard, which
        the variance of a patient's risk needs.
    """

    stratum: str
    times: FloatArray
    cumulative_hazard: FloatArray
    variance: FloatArray
    mean_integral: FloatArray

    @property
    def limit(self) -> float:
        """The last time at which anything is known."""
        return float(self.times[-1])

    def at(self, time: float) -> tuple[float, float, FloatArray]:
        """Cumulative hazard, variance and mean integral at one time inside the grid."""
        grid = np.concatenate([[0.0], self.times])
        hazard = np.interp(time, grid, np.concatenate([[0.0], self.cumulative_hazard]))
        variance = np.interp(time, grid, np.concatenate([[0.0], self.variance]))
        mean = np.array(
            [np.interp(time, grid, np.concatenate([[0.0], one])) for one in self.mean_integral.T]
        )
        return float(hazard), float(variance), mean

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "stratum": self.stratum,
            "times": self.times.tolist(),
            "cumulative_hazard": self.cumulative_hazard.tolist(),
            "variance": self.variance.tolist(),
            "mean_integral": self.mean_integral.tolist(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], columns: int) -> Baseline:
        """Inverse of `to_dict`; ValueError where it is no baseline of so many columns."""
        times, hazard, variance = (
            np.array(document[name], dtype=np.float64)
            for name in ("times", "cumulative_hazard", "variance")
        )
        mean = np.array(document["mean_integral"], dtype=np.float64).reshape(times.size, columns)
        stratum = document["stratum"]
        if not isinstance(stratum, str):
            raise ValueError("its stratum is no text")
        shaped = times.ndim == 1 and times.size > 0 and times.shape == hazard.shape
        if not shaped or variance.shape != times.shape:
            raise ValueError("its baseline has columns of different length")
        if not all(np.isfinite(each).all() for each in (times, hazard, variance, mean)):
            raise ValueError("a number of its baseline is not finite")
        if times[0] <= 0 or (np.diff(times) <= 0).any():
            raise ValueError("the times of its baseline are not in order")
        if hazard[0] < 0 or (np.diff(hazard) < 0).any() or (variance < 0).any():
            raise ValueError("its cumulative hazard is negative or falls")
        return cls(stratum, times, hazard, variance, mean)


def portable_baseline(
    stratum: str,
    steps: Steps,
    event_times: FloatArray,
    last_time: float,
    horizons: tuple[float, ...],
) -> Baseline:
    """A step function of the hazard read off on round times and at the horizons.

    Parameters
    ----------
    stratum : str
    steps : callable
        From times to cumulative hazard, variance and mean integral at them.
    event_times : array
        Where the function steps; no point of the grid but a horizon is one of them.
    last_time : float
        Longest follow-up of the stratum; the grid ends inside it.
    horizons : tuple of float
        Those beyond the last time are left out.
    """
    marks = round_marks(last_time)
    grid = grid_between(marks, meeting(marks, event_times), last_time, horizons)
    hazard, variance, mean = steps(grid)
    return Baseline(stratum, grid, hazard, variance, mean)


def round_marks(last_time: float) -> FloatArray:
    """Round times from 0 to the end of follow-up or a little after."""
    return pretty(0.0, last_time, INTERVALS)


def grid_between(
    marks: FloatArray, met: BoolArray, last_time: float, horizons: tuple[float, ...]
) -> FloatArray:
    """Marks inside follow-up, those that were met moved aside, and the horizons inside it."""
    inside = np.array([each for each in horizons if 0.0 < each <= last_time])
    spacing = float(marks[1] - marks[0]) if marks.size > 1 else last_time
    kept = (marks > 0.0) & (marks <= last_time)
    aside = np.where(met, marks - ASIDE * spacing, marks)[kept]
    grid = np.unique(np.concatenate([aside, inside]).round(10))
    return grid if grid.size else np.array([last_time / 2.0])
