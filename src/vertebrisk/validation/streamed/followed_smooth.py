"""Smooth calibration curves at horizons, of patients that are read in pieces.

As `validation.survival.smoothing` of patients in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines.columns import Values
from vertebrisk.engines.cox import CoxPasses, highest
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.kernels.survival.rowwise import RowwiseFits
from vertebrisk.kernels.survival.splines import spline_rows
from vertebrisk.validation.resampling import GRID
from vertebrisk.validation.streamed.followed_scores import LINEAR, FollowedScores, Known
from vertebrisk.validation.survival.smoothing import KNOTS, SmoothedRisk, complementary_log_log

_ValuesOf = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class _Smooth:
    """The regression behind the smooth curves of some horizons; see `smoothing.SharedRegression`.

    Attributes
    ----------
    horizons : tuple of float
    knots : array, shape (k,)
        Of the values that `values_of` makes of linear predictors.
    beta : array, shape (k - 1,)
    log_hazards : array, shape (horizons,)
        Where all columns are 0.
    usable : bool
    """

    horizons: tuple[float, ...]
    knots: FloatArray
    beta: FloatArray
    log_hazards: FloatArray
    usable: bool

    @classmethod
    def of(
        cls, scores: FollowedScores, horizons: tuple[float, ...], values_of: _ValuesOf
    ) -> _Smooth:
        """Regress the event on the spline of some values."""
        knots = values_of(np.array([scores.quantile(share) for share in KNOTS]))
        ends = values_of(np.array([scores.score(0), scores.score(scores.size - 1)]))
        columns = _columns(np.linspace(ends[0], ends[1], GRID), knots)
        used = np.flatnonzero(np.ptp(columns, axis=0) > 0.0)
        splines = partial(_splines, values_of, knots, used)
        patients = SortedPatients(scores.by_time, (LINEAR,), splines)
        if used.size == 0:
            patients = patients.without_covariates()
        passes = CoxPasses.of(patients, scores.engine, "efron")
        beta, usable = np.zeros(columns.shape[1]), True
        if used.size:
            fits = highest(passes)
            beta[used] = fits.beta[0]
            usable = bool((fits.converged & ~fits.separated & ~fits.deficient)[0])
        order = np.argsort(horizons)
        grid = np.array(horizons)[order]
        risen = passes.rises(beta[used] * passes.centring.scale, [grid]).hazard[0, : grid.size]
        found = np.empty(grid.size)
        with np.errstate(divide="ignore"):
            found[order] = np.log(np.cumsum(risen)) - passes.centring.centre @ beta[used]
        return cls(horizons, knots, beta, found, usable)

    def at(self, scores: FollowedScores, known: Known, moved: float) -> SmoothedRisk:
        """The curve at a horizon, whose log(-log(1 - risk)) are the values and so much more."""
        place = self.horizons.index(known.horizon)
        level = self.log_hazards[place] - self.beta[0] * moved
        information = np.zeros((1, self.beta.size, self.beta.size))
        usable = np.array([self.usable])
        fits = RowwiseFits(self.beta[None], information, np.array([[level]]), usable)
        ends = known.risks(np.array([scores.score(0), scores.score(scores.size - 1)]))
        return SmoothedRisk(self.knots[None] + moved, fits, ends[:1], ends[1:])


def smooth_curves(scores: FollowedScores, horizons: Sequence[Known]) -> list[SmoothedRisk]:
    """See `smoothing.SharedRegression`: one regression, where no risk is too near to 0 or 1."""
    low, high = complementary_log_log(np.array([0.0, 1.0]))
    ends = np.array([scores.score(0), scores.score(scores.size - 1)])
    levels = [each.log_hazard for each in horizons]
    if ends[0] + min(levels) > low and ends[1] + max(levels) < high:
        when = tuple(each.horizon for each in horizons)
        shared = _Smooth.of(scores, when, _itself)
        return [shared.at(scores, each, each.log_hazard) for each in horizons]
    return [
        _Smooth.of(scores, (each.horizon,), partial(_as_risk, each)).at(scores, each, 0.0)
        for each in horizons
    ]


def _itself(linear: FloatArray) -> FloatArray:
    return linear


def _as_risk(known: Known, linear: FloatArray) -> FloatArray:
    return complementary_log_log(known.risks(linear))


def _columns(values: FloatArray, knots: FloatArray) -> FloatArray:
    return np.asarray(spline_rows(values[None], knots[None])[0])


def _splines(
    values_of: _ValuesOf, knots: FloatArray, used: IntArray, values: Mapping[str, Values]
) -> FloatArray:
    return _columns(values_of(values[LINEAR]), knots)[:, used]
