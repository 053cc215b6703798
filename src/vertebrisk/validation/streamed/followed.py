"""Risks of an event by a horizon, of patients that are read in pieces: apparent measures.

As `validation.survival.resampling.measured` of patients in memory. Censoring weights come from
counts by time; what needs the order of the scores from one sort of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from operator import add

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.cox import CoxPasses, fit_cox_sorted, highest
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine, watch_of
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.engines.sorting import sorted_columns
from vertebrisk.engines.timed_counts import TimedCounts, counted_by_time
from vertebrisk.kernels.streamed.weighted_areas import Ranked, ranked, ranked_together
from vertebrisk.kernels.survival.censoring import CensoringCurve
from vertebrisk.kernels.survival.rowwise import RowwiseFits
from vertebrisk.kernels.survival.splines import spline_rows
from vertebrisk.validation.curves import risk_bins
from vertebrisk.validation.resampling import GRID
from vertebrisk.validation.streamed.calibrating import GAP, gap_measures
from vertebrisk.validation.survival.decision import SAME as REACHED
from vertebrisk.validation.survival.decision import benefit_of, incidence_by
from vertebrisk.validation.survival.horizon import SAME, AtHorizon
from vertebrisk.validation.survival.resampling import LOWEST, risks_by
from vertebrisk.validation.survival.smoothing import (
    KNOTS,
    SmoothedRisk,
    complementary_log_log,
)

TIME, EVENT, LINEAR = "time", "event", "linear_predictor"
READ = (TIME, EVENT, LINEAR)
STEP = "risks by the horizon"
HELD = 1 << 22  # counts of patients by time and threshold that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class FollowedScores:
    """Linear predictors of patients and how their follow-up ended, in two orders.

    Attributes
    ----------
    engine : Engine
    by_time : Columns
        `READ`, the latest time first.
    by_score : Columns
        The same, the lowest linear predictor first.
    counts : TimedCounts
        Of those without the event, and of those with it.
    """

    engine: Engine
    by_time: Columns
    by_score: Columns
    counts: TimedCounts

    @classmethod
    def of(cls, scores: PatientScan, scratch: ScratchFolder) -> FollowedScores:
        """Of `StreamedCoxFit.scores`; those in order lie in the scratch folder."""
        engine, columns = scores.engine, scores.columns
        folder, watch = scratch.path / "by score", watch_of(engine)
        ordered = sorted_columns(columns, READ, (LINEAR,), folder, watch=watch)
        counts = counted_by_time(engine, columns, (TIME, EVENT), _by_event, 2)
        return cls(engine, columns, ordered, counts)

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.by_time.size

    def score(self, place: int) -> float:
        """The linear predictor of a place in their order."""
        return float(self.by_score.read(slice(place, place + 1), (LINEAR,))[LINEAR][0])

    def quantile(self, share: float) -> float:
        """A quantile of the linear predictors, of type 7."""
        position = (self.size - 1.0) * share
        low = int(np.floor(position + 4 * np.finfo(float).eps))
        rest = position - low if position - low >= SAME else 0.0
        first = self.score(low)
        return first + rest * (self.score(min(low + 1, self.size - 1)) - first)

    def gini(self) -> float:
        """Mean absolute difference of two linear predictors; see `indexes.gini`."""
        middle = self.quantile(0.5)
        work = partial(_led, middle, self.size)
        led = self.engine.reduce(self.by_score, (LINEAR,), work, add, STEP)
        return float(led / (self.size * (self.size - 1.0) / 2.0))


def _led(middle: float, size: int, chunk: Chunk) -> float:
    """Linear predictors, each by how many patients are below it less those above, summed."""
    place = np.arange(chunk.first, chunk.first + chunk.size, dtype=np.float64)
    return float((chunk.values[LINEAR] - middle) @ (2.0 * place + 1.0 - size))


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
    scores: FollowedScores, horizon: float, hazard: float, thresholds: FloatArray
) -> ApparentAtHorizon:
    """Measure risks by a horizon.

    Parameters
    ----------
    scores : FollowedScores
    horizon : float
    hazard : float
        The model's cumulative hazard by then, for a linear predictor of 0.
    thresholds : array, shape (k,)
    """
    known = _Known.of(scores, horizon, np.log(hazard) if hazard > 0.0 else LOWEST)
    bins = risk_bins(float(known.risks(np.array([scores.score(scores.size - 1)]))[0]))
    sums = scores.engine.reduce(
        scores.by_score, READ, partial(_summed, known, bins), _Sums.__add__, STEP
    )
    smooth = _smooth(scores, known)
    brier = known.only(sums.loss / scores.size)
    expected = sums.risk / scores.size if hazard > 0.0 else 0.0
    null = float(known.table.brier_null()[0])
    benefit, incidence = _benefits(scores, known, thresholds)
    grid = _positions(scores, known)
    return ApparentAtHorizon(
        measures={
            "auc": known.only(float("nan") if sums.ranked is None else sums.ranked.area),
            "brier": brier,
            "brier_scaled": 1.0 - brier / null if null > 0.0 else float("nan"),
            "observed_expected": known.observed / expected if expected > 0.0 else float("nan"),
            "slope": _slope(scores, horizon),
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
class _Known:
    """What every chunk is measured with; `table` are all patients, counted by time."""

    horizon: float
    log_hazard: float
    table: AtHorizon

    @classmethod
    def of(cls, scores: FollowedScores, horizon: float, log_hazard: float) -> _Known:
        time, status, weights = scores.counts.rows(slice(None))
        curve = CensoringCurve.of(time, status, weights[None])
        return cls(horizon, log_hazard, AtHorizon.of(time, status, horizon, weights[None], curve))

    @property
    def observed(self) -> float:
        """Share with the event by the horizon."""
        return float(self.table.observed[0])

    def only(self, value: float) -> float:
        """NaN where nobody is followed to the horizon."""
        return value if self.table.known[0] else float("nan")

    def risks(self, linear: FloatArray) -> FloatArray:
        """Risks by the horizon."""
        return risks_by(linear, np.array(self.log_hazard))

    def at(self, values: Mapping[str, Values]) -> AtHorizon:
        """What is known of some patients, who stand for what they do among all."""
        status = np.asarray(values[EVENT], dtype=np.int64)
        return AtHorizon.of(values[TIME], status, self.horizon, curve=self.table.curve)


def _by_event(chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    return chunk.values[TIME], [np.asarray(chunk.values[EVENT], dtype=np.int64)]


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


def _summed(known: _Known, bins: FloatArray, chunk: Chunk) -> _Sums:
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


def _positions(scores: FollowedScores, known: _Known) -> FloatArray:
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


def _smooth(scores: FollowedScores, known: _Known) -> SmoothedRisk:
    """See `smoothing.smoothed_risk`."""
    at = np.array([scores.quantile(share) for share in KNOTS])
    knots = complementary_log_log(known.risks(at))
    ends = known.risks(np.array([scores.score(0), scores.score(scores.size - 1)]))
    columns = _columns(complementary_log_log(np.linspace(ends[0], ends[1], GRID)), knots)
    used = np.flatnonzero(np.ptp(columns, axis=0) > 0.0)
    patients = SortedPatients(scores.by_time, (LINEAR,), partial(_splines, known, knots, used))
    if used.size == 0:
        patients = patients.without_covariates()
    passes = CoxPasses.of(patients, scores.engine, "efron")
    beta, usable = np.zeros((1, columns.shape[1])), np.ones(1, dtype=np.bool_)
    if used.size:
        fits = highest(passes)
        beta[0, used] = fits.beta[0]
        usable = fits.converged & ~fits.separated & ~fits.deficient
    own = beta[0, used]
    risen = passes.rises(own * passes.centring.scale, [np.array([known.horizon])]).hazard[0, :1]
    with np.errstate(divide="ignore"):
        level = np.log(risen) - passes.centring.centre @ own
    information = np.zeros((1, beta.size, beta.size))
    found = RowwiseFits(beta, information, level[:, None], usable)
    return SmoothedRisk(knots[None], found, ends[:1], ends[1:])


def _columns(values: FloatArray, knots: FloatArray) -> FloatArray:
    return np.asarray(spline_rows(values[None], knots[None])[0])


def _splines(
    known: _Known, knots: FloatArray, used: IntArray, values: Mapping[str, Values]
) -> FloatArray:
    return _columns(complementary_log_log(known.risks(values[LINEAR])), knots)[:, used]


def _gaps(scores: FollowedScores, known: _Known, smooth: SmoothedRisk) -> dict[str, float]:
    """ICI, E50, E90 and Emax."""
    if not smooth.fits.usable[0]:
        return dict.fromkeys(("ici", "e50", "e90", "emax"), float("nan"))
    columns = DerivedColumns(scores.by_score, {GAP: Made((LINEAR,), partial(_gap, known, smooth))})
    return gap_measures(scores.engine, columns, scores.size)[0]


def _gap(known: _Known, smooth: SmoothedRisk, values: Mapping[str, Values]) -> FloatArray:
    risk = known.risks(values[LINEAR])
    return np.asarray(np.abs(smooth.at(risk[None])[0] - risk))


def _benefits(
    scores: FollowedScores, known: _Known, thresholds: FloatArray
) -> tuple[FloatArray, float]:
    """Net benefit at each threshold, and the share with the event by the horizon."""
    codes = partial(_cells, known, thresholds - REACHED)
    columns = scores.by_score
    counted = counted_by_time(scores.engine, columns, READ, codes, 2 * (thresholds.size + 1))
    cells = counted.counts.reshape(counted.times.size, -1, 2)
    # patients of each cell or a higher one, those of all first
    reaching = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1].transpose(1, 0, 2)
    acted = reaching.reshape(thresholds.size + 1, -1).astype(np.float64)
    time = np.repeat(counted.times, 2)
    status = np.tile([0, 1], counted.times.size)
    block = max(1, HELD // max(1, time.size))
    incidence = np.concatenate(
        [
            incidence_by(time, status, known.horizon, acted[first : first + block])
            for first in range(0, acted.shape[0], block)
        ]
    )
    share = acted.sum(axis=1) / scores.size
    return benefit_of(share[1:], incidence[1:], thresholds), float(incidence[0])


def _cells(known: _Known, edges: FloatArray, chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    """Time, and how many thresholds the risk reaches, with the event; one time past the horizon."""
    time, beyond = chunk.values[TIME], np.nextafter(known.horizon, np.inf)
    event = _seen_by(chunk.values, known.horizon)
    cell = np.searchsorted(edges, known.risks(chunk.values[LINEAR]), side="right")
    return np.minimum(time, beyond), [2 * cell + event]
