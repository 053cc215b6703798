"""How well do the risks in a column predict? Patients that are read in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_thresholds,
    check_choice,
    check_fraction,
    check_positive_int,
    check_seed,
)
from vertebrisk._types import FloatArray, IntArray, Json, ShareInterval
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.quantiles import neighbours, order_statistics
from vertebrisk.engines.shared import together
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.ordered import type_seven
from vertebrisk.kernels.streamed.scores import Cut, Edges, added_cuts, cut_scores
from vertebrisk.validation.agreement import Calibration
from vertebrisk.validation.classification import (
    CLASSIFICATION_SCHEMA,
    Classification,
    independent,
    limits_of,
)
from vertebrisk.validation.curves import risk_bins
from vertebrisk.validation.decision import DecisionPlan, Strategies
from vertebrisk.validation.decision_counts import counted_benefit, drawn_cells
from vertebrisk.validation.goodness import KINDS, GroupedFit, grouped_fit, variation
from vertebrisk.validation.observed import grid_ranks
from vertebrisk.validation.results import column_dict
from vertebrisk.validation.shares import ShareLimits
from vertebrisk.validation.streamed.calibrating import (
    calibration_of,
    joint_fit,
    offset_fit,
    smooth_of,
)
from vertebrisk.validation.streamed.risks import EVENT, RISK, Scored

_MEASURES = {"measure": pl.String, "estimate": pl.Float64}


@dataclass(frozen=True, slots=True, eq=False)
class ScanPerformance:
    """How well risks predict; made by `scan_performance`.

    Attributes
    ----------
    n, n_events : int
        Patients with a risk and an outcome, and those of them with the event.
    n_dropped : int
        Patients without one of the two, left out.
    measures : polars.DataFrame
        measure, estimate: brier, brier_scaled, log_score (mean logarithm of the probability that
        the risks gave to what happened; null where a risk is 0 or 1) and the four of
        `explained_variation`.
    calibration : Calibration
        By a spline, as its `smoother` says, without limits of ici, e50, e90 and emax.
    groups : GroupedFit
        Quantile groups of the risk with what was observed and expected.
    classification : Classification or None
        At the thresholds; None without any.
    decision : polars.DataFrame or None
        Decision curve over the thresholds, as `decision_curve`.
    """

    n: int
    n_events: int
    n_dropped: int
    measures: pl.DataFrame
    calibration: Calibration
    groups: GroupedFit
    classification: Classification | None
    decision: pl.DataFrame | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "n": self.n,
            "n_events": self.n_events,
            "n_dropped": self.n_dropped,
            "measures": column_dict(self.measures),
            "calibration": self.calibration.to_dict(),
            "groups": self.groups.to_dict(),
            "classification": self.classification and self.classification.to_dict(),
            "decision": None if self.decision is None else column_dict(self.decision),
        }


def scan_performance(
    scan: PatientScan,
    event: str = "event",
    risk: str = "risk",
    *,
    thresholds: ArrayLike = (),
    groups: int = 10,
    intervals: ShareInterval = "wilson",
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> ScanPerformance:
    """How well do the risks of a scan predict: calibration, decision curve, Brier score, R2?

    Parameters
    ----------
    scan : PatientScan
        One row a patient; see `scan_table`, and `scores()` of a fit of a scan.
    event : str
        Column of the outcome: truths, or 0 and 1.
    risk : str
        Column of predicted probabilities, 0 to 1 (not percent). Patients without a risk or an
        outcome are left out and counted.
    thresholds : array-like, shape (k,), optional
        Risks at which acting becomes worthwhile, for classification and decision curve.
    groups : int
        Quantile groups of the risk, 3 or more.
    intervals : {"wilson", "exact"}
        Of the shares of the classification.
    resamples, seed
        Of the band of the decision curve. Patients of one outcome between two thresholds are
        alike to it, so a bootstrap resample is a multinomial draw of how many there are of each,
        which is made without another look at the patients.
    level : float
        Confidence level.

    Returns
    -------
    ScanPerformance
        The numbers of `calibration` with ``smoother="spline"``, `classification`, `decision_curve`
        (its band to within the error of resampling), `explained_variation` and
        `hosmer_lemeshow` on the same patients in memory.

    Raises
    ------
    ArgumentError
        For values that are not outcomes, probabilities or thresholds, a single class, or fewer
        than 3 groups.
    DataError
        Where a column is absent or holds no numbers.

    Warns
    -----
    CalibrationWarning
        As `calibration`.

    References
    ----------
    Austin and Steyerberg 2019 (ICI), doi:10.1002/sim.8281. Vickers and Elkin 2006,
    doi:10.1177/0272989X06295361
    """
    check_fraction(level, "level")
    check_positive_int(resamples, "resamples")
    check_seed(seed)
    check_choice(intervals, "intervals", ShareInterval)
    cuts = as_thresholds(thresholds)
    if groups < 3:
        raise ArgumentError(f"groups is {groups}; quantile groups are 3 or more.")
    scored = Scored.of(scan, event, risk)
    found, calibrated = _judged(scored, groups, cuts, level)
    limits = ShareLimits(intervals, level)
    draws = (resamples, seed)
    return ScanPerformance(
        n=scored.sums.n,
        n_events=scored.sums.n_events,
        n_dropped=scored.sums.missing,
        measures=_measures(scored),
        calibration=calibrated,
        groups=_grouped(found),
        classification=_classification(found, cuts, limits) if cuts.size else None,
        decision=_decision(found, cuts, draws, level) if cuts.size else None,
    )


def scanned_calibration(scan: PatientScan, event: str, risk: str, level: float) -> Calibration:
    """`calibration` by a spline of two columns of a scan without missing values."""
    return _judged(Scored.of(scan, event, risk).complete(), 1, np.empty(0), level)[1]


def scanned_classification(
    scan: PatientScan, event: str, risk: str, cuts: FloatArray, limits: ShareLimits
) -> Classification:
    """`classification` of two columns of a scan without missing values."""
    return _classification(_reached(scan, event, risk, cuts), cuts, limits)


def scanned_decision(
    scan: PatientScan,
    event: str,
    risk: str,
    cuts: FloatArray,
    draws: tuple[int, int],
    level: float,
) -> pl.DataFrame:
    """`decision_curve` of two columns of a scan without missing values; resamples and seed."""
    return _decision(_reached(scan, event, risk, cuts), cuts, draws, level)


def _reached(scan: PatientScan, event: str, risk: str, cuts: FloatArray) -> Cut:
    scored = Scored.of(scan, event, risk).complete()
    return _cut_at(scored, Edges(np.array([0.0, 1.0]), np.array([0.0, 1.0]), cuts))


def _judged(scored: Scored, groups: int, cuts: FloatArray, level: float) -> tuple[Cut, Calibration]:
    """Counts by risk and the calibration, whose regressions share their passes."""

    def counts(engine: Engine) -> tuple[Cut, tuple[float, float], Edges]:
        own = replace(scored, engine=engine)
        ends, borders = _cuts_of(own, groups)
        edges = Edges(risk_bins(own.sums.greatest), borders, cuts)
        return _cut_at(own, edges), ends, edges

    def of(part: Callable[[Scored], object]) -> Callable[[Engine], object]:
        return lambda engine: part(replace(scored, engine=engine))

    tasks: list[Callable[[Engine], Any]] = [counts, of(joint_fit), of(offset_fit), of(smooth_of)]
    counted, joint, alone, smooth = together(scored.engine, tasks)
    found, ends, edges = counted
    drawn = ends, _distribution(edges, found)
    z = float(normal_quantile(0.5 + level / 2.0))
    return found, calibration_of(scored, (joint, alone), smooth, drawn, z)


def _cut_at(scored: Scored, edges: Edges) -> Cut:
    work = partial(_cut, edges=edges)
    return scored.engine.reduce(scored.columns, (EVENT, RISK), work, added_cuts, "thresholds")


def _cuts_of(scored: Scored, groups: int) -> tuple[tuple[float, float], FloatArray]:
    """The risks between which the curve is drawn, and the borders of quantile groups."""
    shares = np.linspace(0.0, 1.0, groups + 1)
    ranks = partial(_wanted_ranks, shares=shares)
    found = order_statistics(scored.engine, scored.columns, (RISK,), ranks).values[0, 0]
    low, high = np.split(found[2:], 2)
    borders = type_seven((low, high), scored.sums.n, shares)
    return (float(found[0]), float(found[1])), np.unique(borders)


def _wanted_ranks(size: int, shares: FloatArray) -> IntArray:
    return np.concatenate([np.array(grid_ranks(size)), neighbours(size, shares)])


def _cut(chunk: Chunk, edges: Edges) -> Cut:
    return cut_scores(chunk.values[EVENT], chunk.values[RISK], edges)


def _distribution(edges: Edges, found: Cut) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "low": edges.bins[:-1],
            "high": edges.bins[1:],
            "n": found.bins.sum(axis=1),
            "n_events": found.bins[:, 1],
        }
    )


def _measures(scored: Scored) -> pl.DataFrame:
    sums = scored.sums
    n, events = float(sums.n), float(sums.n_events)
    rate, brier = events / n, sums.squares / n
    likelihood = float("nan") if sums.extreme else sums.log_likelihood
    apart = sums.risk_events / events - sums.risk_others / (n - events)
    four = variation(*(np.array([each]) for each in (n, events, likelihood, apart)))[:, 0]
    found = {
        "brier": brier,
        "brier_scaled": 1.0 - brier / (rate * (1.0 - rate)),
        "log_score": likelihood / n,
        **dict(zip(KINDS, map(float, four), strict=True)),
    }
    return pl.DataFrame(list(found.items()), schema=_MEASURES, orient="row").fill_nan(None)


def _grouped(found: Cut) -> GroupedFit:
    size = found.groups.sum(axis=1)
    used = size > 0
    observed = found.groups[used, 1].astype(np.float64)
    return grouped_fit(size[used], observed, found.expected[used], fitted=False)


def _classification(found: Cut, cuts: FloatArray, limits: ShareLimits) -> Classification:
    below = np.cumsum(found.reached, axis=0)[:-1]
    total = found.reached.sum(axis=0)
    rows = []
    for cut, (tn, fn) in zip(cuts, below.tolist(), strict=True):
        counts = {"tp": int(total[1]) - fn, "fp": int(total[0]) - tn, "fn": fn, "tn": tn}
        measured = limits_of(dict(independent(counts, limits)))
        rows.append({"threshold": float(cut), **counts, **measured})
    return Classification(
        n=int(total.sum()),
        n_events=int(total[1]),
        n_clusters=None,
        prevalence=None,
        intervals=limits.method,
        level=limits.level,
        frame=pl.DataFrame(rows, schema=CLASSIFICATION_SCHEMA),
    )


def _decision(found: Cut, cuts: FloatArray, draws: tuple[int, int], level: float) -> pl.DataFrame:
    own = found.reached.reshape(1, -1).astype(np.float64)
    counts = np.concatenate([own, drawn_cells(own[0], *draws)])
    plan = DecisionPlan(cuts)
    benefit, share = counted_benefit(counts, plan.odds, np.ones(2))
    return Strategies(plan, share, level).rows(benefit)
