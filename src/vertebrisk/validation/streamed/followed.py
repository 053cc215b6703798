"""Risks of an event by a horizon, of patients that are read in pieces: apparent measures.

As `validation.survival.resampling.measured` of patients in memory. Censoring weights come from
counts by time; what needs the order of the scores from one sort of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines.columns import Values
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.engines.timed_counts import counted_by_time
from vertebrisk.kernels.streamed.weighted_areas import Ranked, ranked, ranked_together
from vertebrisk.validation.curves import risk_bins
from vertebrisk.validation.resampling import GRID
from vertebrisk.validation.streamed.calibrating import GAP, gap_measures
from vertebrisk.validation.streamed.followed_scores import (
    EVENT,
    LINEAR,
    READ,
    STEP,
    TIME,
    FollowedScores,
    Known,
)
from vertebrisk.validation.streamed.followed_smooth import smooth_curves
from vertebrisk.validation.survival.decision import SAME as REACHED
from vertebrisk.validation.survival.decision import benefit_of, incidence_by
from vertebrisk.validation.survival.horizon import SAME
from vertebrisk.validation.survival.resampling import LOWEST
from vertebrisk.validation.survival.smoothing import (
    SmoothedRisk,
)

HELD = 1 << 22  # counts of patients by time and threshold that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class ApparentAtHorizon:
    """Risks by one horizon on the patients that the model was made from.

    Attributes
    ----------
    measures : dict
        Those of `HORIZON_MEASURES`; NaN where there is none.
    grid, curve : array, shape (positions,)
        Risks, and the observed risk at each.
    distribution : DataFrame
        As of `risk_distribution`.
    benefit : array, shape (thresholds,)
        Net benefit.
    incidence : float
        Share with the event by then.
    """

    measures: dict[str, float]
    grid: FloatArray
    curve: FloatArray
    distribution: pl.DataFrame
    benefit: FloatArray
    incidence: float


def apparent_at(
    scores: FollowedScores, horizons: Mapping[float, float], thresholds: FloatArray
) -> list[ApparentAtHorizon]:
    """Measure risks by some horizons.

    Parameters
    ----------
    scores : FollowedScores
    horizons : mapping of float to float
        The model's cumulative hazard by each, for a linear predictor of 0.
    thresholds : array, shape (k,)
    """
    known = [Known.of(scores, horizon, hazard) for horizon, hazard in horizons.items()]
    curves = smooth_curves(scores, known)
    return [
        _at_horizon(scores, own, smooth, thresholds)
        for own, smooth in zip(known, curves, strict=True)
    ]


def _at_horizon(
    scores: FollowedScores, known: Known, smooth: SmoothedRisk, thresholds: FloatArray
) -> ApparentAtHorizon:
    bins = risk_bins(float(known.risks(np.array([scores.score(scores.size - 1)]))[0]))
    sums = scores.engine.reduce(
        scores.by_score, READ, partial(_summed, known, bins), _Sums.__add__, STEP
    )
    brier = known.only(sums.loss / scores.size)
    expected = sums.risk / scores.size if known.log_hazard > LOWEST else 0.0
    null = float(known.table.brier_null()[0])
    benefit, incidence = _benefits(scores, known, thresholds)
    grid = _positions(scores, known)
    return ApparentAtHorizon(
        measures={
            "auc": known.only(float("nan") if sums.ranked is None else sums.ranked.area),
            "brier": brier,
            "brier_scaled": 1.0 - brier / null if null > 0.0 else float("nan"),
            "observed_expected": known.observed / expected if expected > 0.0 else float("nan"),
            "slope": _slope(scores, known.horizon),
            **_gaps(scores, known, smooth),
        },
        grid=grid,
        curve=smooth.at(grid[None])[0],
        distribution=pl.DataFrame(
            {"low": bins[:-1], "high": bins[1:], "n": sums.counts[0], "n_events": sums.counts[1]}
        ),
        benefit=benefit,
        incidence=incidence,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Over a run of patients by score; `counts` of all and of events, by bins of the risk."""

    ranked: Ranked | None
    loss: float
    risk: float
    counts: IntArray

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            ranked_together(self.ranked, other.ranked, SAME),
            self.loss + other.loss,
            self.risk + other.risk,
            self.counts + other.counts,
        )


def _summed(known: Known, bins: FloatArray, chunk: Chunk) -> _Sums:
    at, risk = known.at(chunk.values), known.risks(chunk.values[LINEAR])
    mass = at.stands_for[0]
    loss = np.where(at.cases, (1.0 - risk) ** 2, risk**2)
    counts = [np.histogram(risk[some], bins)[0] for some in (slice(None), at.cases)]
    return _Sums(
        ranked(risk, mass * at.cases, mass * ~at.cases, SAME),
        float(mass @ loss),
        float(risk.sum()),
        np.array(counts, dtype=np.int64),
    )


def _positions(scores: FollowedScores, known: Known) -> FloatArray:
    """Positions of the curve, from the fifth lowest risk to the fifth highest."""
    edge = 4 if scores.size > 10 else 0
    ends = np.array([scores.score(edge), scores.score(scores.size - 1 - edge)])
    first, last = known.risks(ends)
    return np.linspace(first, last, GRID)


def _slope(scores: FollowedScores, horizon: float) -> float:
    """Coefficient of the linear predictor where follow-up ends at the horizon; NaN without one."""
    cut = {
        TIME: Made((TIME,), partial(_up_to, horizon=horizon)),
        EVENT: Made((TIME, EVENT), partial(_seen_by, horizon=horizon)),
    }
    columns = DerivedColumns(scores.by_time, cut)
    fits = fit_cox_sorted(SortedPatients(columns, (LINEAR,), _linear), scores.engine)
    slope = float(fits.beta[0, 0])
    usable = fits.converged[0] and not fits.separated[0] and fits.information[0, 0, 0] > 0.0
    return slope if usable and slope != 0.0 else float("nan")


def _up_to(values: Mapping[str, Values], horizon: float) -> Values:
    return np.minimum(values[TIME], horizon)


def _seen_by(values: Mapping[str, Values], horizon: float) -> Values:
    return np.asarray((values[EVENT] != 0) & (values[TIME] <= horizon))


def _linear(values: Mapping[str, Values]) -> FloatArray:
    return np.asarray(values[LINEAR][:, None], dtype=np.float64)


def _gaps(scores: FollowedScores, known: Known, smooth: SmoothedRisk) -> dict[str, float]:
    """ICI, E50, E90 and Emax."""
    if not smooth.fits.usable[0]:
        return dict.fromkeys(("ici", "e50", "e90", "emax"), float("nan"))
    columns = DerivedColumns(scores.by_score, {GAP: Made((LINEAR,), partial(_gap, known, smooth))})
    return gap_measures(scores.engine, columns, scores.size)[0]


def _gap(known: Known, smooth: SmoothedRisk, values: Mapping[str, Values]) -> FloatArray:
    risk = known.risks(values[LINEAR])
    return np.asarray(np.abs(smooth.at(risk[None])[0] - risk))


def _benefits(
    scores: FollowedScores, known: Known, thresholds: FloatArray
) -> tuple[FloatArray, float]:
    """Net benefit at each threshold, and the share with the event by the horizon."""
    codes = partial(_cells, known, thresholds - REACHED)
    columns = scores.by_score
    counted = counted_by_time(scores.engine, columns, READ, codes, 2 * (thresholds.size + 1))
    cells = counted.counts.reshape(counted.times.size, -1, 2)
    return counted_benefit(counted.times, cells, known.horizon, thresholds)


def counted_benefit(
    times: FloatArray, cells: FloatArray | IntArray, horizon: float, thresholds: FloatArray
) -> tuple[FloatArray, float]:
    """Net benefit at each threshold, and the share with the event by the horizon.

    `cells` of shape (times, thresholds + 1, 2) are patients by time and by how many thresholds
    their risk reaches, without and with the event.
    """
    # patients of each cell or a higher one, those of all first
    reaching = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1].transpose(1, 0, 2)
    acted = reaching.reshape(thresholds.size + 1, -1).astype(np.float64)
    time, status = np.repeat(times, 2), np.tile([0, 1], times.size)
    block = max(1, HELD // max(1, time.size))
    incidence = np.concatenate(
        [
            incidence_by(time, status, horizon, acted[first : first + block])
            for first in range(0, acted.shape[0], block)
        ]
    )
    size = acted.sum(axis=1)
    return benefit_of(size[1:] / size[0], incidence[1:], thresholds), float(incidence[0])


def _cells(known: Known, edges: FloatArray, chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    """Time, and how many thresholds the risk reaches, with the event; one time past the horizon."""
    time, beyond = chunk.values[TIME], np.nextafter(known.horizon, np.inf)
    event = _seen_by(chunk.values, known.horizon)
    cell = np.searchsorted(edges, known.risks(chunk.values[LINEAR]), side="right")
    return np.minimum(time, beyond), [2 * cell + event]
