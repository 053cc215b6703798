"""Cumulative hazards of other programs, on the grid that travels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.baseline import Baseline, portable_baseline


def portable_hazard(
    times: FloatArray, hazard: FloatArray, horizons: Sequence[float], columns: int
) -> Baseline:
    """A step function of patients' own times, read off on round times and at the horizons.

    Parameters
    ----------
    times, hazard : array, shape (m,)
        Cumulative hazard of a patient whose columns are all 0, from each time on.
    horizons : sequence of float
        Inside follow-up, one or more.
    columns : int
        Of the design.

    Raises
    ------
    ModelError
        Without a horizon, or with one outside follow-up.
    """
    if not len(horizons):
        raise ModelError("A model of time to event needs horizons, such as horizons=(12,).")
    order = np.argsort(times, kind="stable")
    times, hazard = np.asarray(times[order], float), np.asarray(hazard[order], float)
    last = float(times[-1])
    outside = [each for each in horizons if not 0 < each <= last]
    if outside:
        raise ModelError(
            f"The horizon {outside[0]:g} lies outside follow-up, which ends at {last:g}."
        )
    rises = np.flatnonzero(np.diff(np.concatenate([[0.0], hazard])) > 0)

    def steps(at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        known = np.concatenate([[0.0], hazard])
        found = known[np.searchsorted(times, at, side="right")]
        return found, np.zeros(at.size), np.zeros((at.size, columns))

    return portable_baseline("", steps, times[rises], last, tuple(map(float, horizons)))
