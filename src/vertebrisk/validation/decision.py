"""Decision curves: the net benefit of acting on a risk.

References
----------
Vickers AJ, Elkin EB 2006, doi:10.1177/0272989X06295361. Vickers AJ et al. 2008,
doi:10.1186/1472-6947-8-53 (overfitting, intervals). Baker SG et al. 2009,
doi:10.1111/j.1467-985X.2009.00592.x (relative utility, test tradeoff).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import expit

from vertebrisk._checks import (
    as_clusters,
    as_event,
    as_risks,
    check_alone,
    check_fraction,
    check_independent,
    check_positive_int,
    check_seed,
    some_thresholds,
)
from vertebrisk._types import CorrectedInterval, FloatArray
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.kernels.tied import TiedScores
from vertebrisk.validation.decision_counts import cell_counts, counted_benefit, risk_cells
from vertebrisk.validation.results import DecisionCurve

if TYPE_CHECKING:
    from vertebrisk.cohort.scanning.patient_scan import PatientScan

STEP = 0.01  # of a grid of thresholds
_SCHEMA = {
    "model": pl.String,
    "threshold": pl.Float64,
    "net_benefit": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
    "interventions_avoided": pl.Float64,
}
BENEFIT_COLUMNS = tuple(_SCHEMA)
_DERIVED = ("interventions_avoided", "standardised_net_benefit", "gain", "test_tradeoff")
_STRATEGY_SCHEMA = {
    "model": pl.String,
    **dict.fromkeys(("threshold", "net_benefit", "conf_low", "conf_high"), pl.Float64),
    **{f"{name}{end}": pl.Float64 for name in _DERIVED for end in ("", "_low", "_high")},
}


SAME = 1e-12  # net benefits this near are one: sums in another order


@dataclass(frozen=True, slots=True, eq=False)
class DecisionPlan:
    """Thresholds, strictly between 0 and 1, in ascending order."""

    thresholds: FloatArray

    @property
    def odds(self) -> FloatArray:
        """What a needless treatment weighs against a needed one."""
        return self.thresholds / (1.0 - self.thresholds)

    def net_benefit(self, tied: TiedScores) -> FloatArray:
        """Net benefit of each replicate, shape (replicates, thresholds); scores are log-odds."""
        risk = expit(tied.scores)
        size = tied.counts.sum(axis=1, keepdims=True)
        true = _sum_above(tied.events, risk, self.thresholds)
        every = _sum_above(tied.counts, risk, self.thresholds)
        return np.asarray((true - (every - true) * self.odds) / size)

    def treat_all(self, prevalence: FloatArray) -> FloatArray:
        """Net benefit of treating everyone, shape (replicates, thresholds)."""
        share = np.atleast_1d(prevalence)[:, None]
        return share - (1.0 - share) * self.odds


def thresholds_between(low: float, high: float, own: Sequence[float] = ()) -> FloatArray:
    """A grid of whole percentages, its ends, and those of `own` that lie between them."""
    grid = np.arange(np.ceil(low / STEP), np.floor(high / STEP) + 1)
    inside = [cut for cut in own if low <= cut <= high]
    return np.unique(np.concatenate([[low, high], grid * STEP, inside]).round(6))


def _sum_above(amount: FloatArray, risk: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Amount at risks that reach each threshold, shape (replicates, thresholds)."""
    below = np.zeros((amount.shape[0], amount.shape[1] + 1))
    np.cumsum(amount, axis=1, out=below[:, 1:])
    first = np.zeros((amount.shape[0], thresholds.size), dtype=np.int64)
    for column in range(risk.shape[1]):
        first += risk[:, column : column + 1] < thresholds
    return np.asarray(below[:, -1:] - np.take_along_axis(below, first, axis=1))


def curve_rows(
    model: str,
    plan: DecisionPlan,
    benefit: FloatArray,
    interval: tuple[FloatArray, FloatArray],
    everyone: FloatArray,
) -> pl.DataFrame:
    """Rows of one strategy; `everyone` is the net benefit of treating all."""
    size = plan.thresholds.size
    return pl.DataFrame(
        {
            "model": [model] * size,
            "threshold": plan.thresholds,
            "net_benefit": benefit,
            "conf_low": interval[0],
            "conf_high": interval[1],
            "interventions_avoided": 100.0 * (benefit - everyone) / plan.odds,
        },
        schema=_SCHEMA,
    ).fill_nan(None)


def reference_rows(
    plan: DecisionPlan, prevalence: float, resampled: FloatArray, level: float
) -> list[pl.DataFrame]:
    """Rows of treating all and none; `resampled` are the shares of events of resamples."""
    everyone = plan.treat_all(np.array([prevalence]))[0]
    zero = np.zeros(plan.thresholds.size)
    return [
        curve_rows("all", plan, everyone, percentiles(plan.treat_all(resampled), level), everyone),
        curve_rows("none", plan, zero, (zero, zero), everyone),
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Strategies:
    """Treating all, on the patients (the first row) and on resamples of them.

    Attributes
    ----------
    plan : DecisionPlan
    share : array, shape (1 + resamples,)
        Share of patients with the event.
    level : float
        Confidence level.
    """

    plan: DecisionPlan
    share: FloatArray
    level: float

    def rows(self, benefit: FloatArray) -> pl.DataFrame:
        """The model, all and none; `benefit` of the model, shape (1 + resamples, thresholds)."""
        everyone = self.plan.treat_all(self.share)
        named = {"model": benefit, "all": everyone, "none": np.zeros_like(everyone)}
        return pl.concat([self._rows(name, each, everyone) for name, each in named.items()])

    def _rows(self, name: str, benefit: FloatArray, everyone: FloatArray) -> pl.DataFrame:
        """One strategy, with what follows from its net benefit resample by resample."""
        default = np.where(everyone[0] > 0.0, everyone, 0.0)
        share = np.where(self.share > 0.0, self.share, np.nan)[:, None]
        found = {
            "interventions_avoided": 100.0 * (benefit - everyone) / self.plan.odds,
            "standardised_net_benefit": benefit / share,
            "gain": benefit - default,
        }
        low, high = percentiles(benefit[1:], self.level)
        columns = {"net_benefit": benefit[0], "conf_low": low, "conf_high": high}
        for key, values in found.items():
            ends = percentiles(values[1:], self.level)
            columns |= {key: values[0], f"{key}_low": ends[0], f"{key}_high": ends[1]}
        columns |= _tradeoffs(*(columns[f"gain{end}"] for end in ("", "_low", "_high")))
        size = self.plan.thresholds.size
        return pl.DataFrame(
            {"model": [name] * size, "threshold": self.plan.thresholds, **columns},
            schema=_STRATEGY_SCHEMA,
        ).fill_nan(None)


def _tradeoffs(gain: FloatArray, low: FloatArray, high: FloatArray) -> dict[str, FloatArray]:
    """One over each gain; NaN where there is none, and as upper limit where it may be none."""

    def inverse(values: FloatArray) -> FloatArray:
        known = (gain > SAME) & (values > SAME)
        return np.where(known, 1.0 / np.where(known, values, 1.0), np.nan)

    return {
        "test_tradeoff": inverse(gain),
        "test_tradeoff_low": inverse(high),
        "test_tradeoff_high": inverse(low),
    }


def percentiles(values: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Percentile interval over resamples; NaN from fewer than two."""
    if values.shape[0] < 2:
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing
    tail = (1.0 - level) / 2.0
    if np.isfinite(values).all():
        low, high = np.quantile(values, (tail, 1.0 - tail), axis=0)
        return low, high
    known = np.isfinite(values).any(axis=0)
    low, high = np.full((2, values.shape[1]), np.nan)
    if known.any():
        low[known], high[known] = np.nanquantile(values[:, known], (tail, 1.0 - tail), axis=0)
    return low, high


def _means(values: FloatArray) -> FloatArray:
    """Means over the resamples that are known; NaN where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def apparent_net_benefit(apparent: TiedScores, thresholds: FloatArray) -> tuple[FloatArray, float]:
    """Net benefit of the final model, shape (thresholds,), and the share of events."""
    share = float(apparent.events.sum() / apparent.counts.sum())
    return DecisionPlan(thresholds).net_benefit(apparent)[0], share


def apparent_curve(apparent: TiedScores, thresholds: FloatArray) -> DecisionCurve:
    """Decision curve of the final model alone, without resamples, corrections and intervals."""
    return alone(thresholds, apparent_net_benefit(apparent, thresholds))


def alone(thresholds: FloatArray, apparent: tuple[FloatArray, float]) -> DecisionCurve:
    """The same from the net benefit, shape (thresholds,), and the share of events."""
    none = np.empty((0, thresholds.size))
    return corrected_curve(thresholds, apparent, (none, none), np.empty(0), 0.95)


def corrected_curve(
    thresholds: FloatArray,
    apparent: tuple[FloatArray, float],
    benefits: tuple[FloatArray, FloatArray],
    prevalences: FloatArray,
    level: float,
    interval: CorrectedInterval = "percentile",
) -> DecisionCurve:
    """Apparent and optimism-corrected decision curve of a development procedure.

    `apparent` is the net benefit, shape (thresholds,), with the share of events. `benefits`
    holds each resample's net benefit on its own patients and on others, shape (resamples,
    thresholds) each, and `prevalences` its share of events. The intervals of both curves are
    the percentile interval of the former, moved so that its mean lies on the curve; the
    "location-shifted" one of the apparent curve is not moved, that of the corrected curve by the
    optimism. A resample whose net benefit is NaN at a threshold tells nothing there.
    """
    plan = DecisionPlan(thresholds)
    training, test = benefits
    benefit, prevalence = apparent
    everyone = plan.treat_all(np.array([prevalence]))[0]
    low, high = percentiles(training, level)
    if training.shape[0]:
        centre = benefit if interval == "location-shifted" else _means(training)
        apparent_shift = benefit - centre
        around = low + apparent_shift, high + apparent_shift
    else:
        around = low, high
    frames = [curve_rows("model", plan, benefit, around, everyone)]
    if training.shape[0]:
        corrected = benefit - _means(training - test)
        shift = corrected - centre
        moved = low + shift, high + shift
        frames.append(curve_rows("model_corrected", plan, corrected, moved, everyone))
    frames.extend(reference_rows(plan, prevalence, prevalences, level))
    return DecisionCurve(pl.concat(frames), prevalence)


def decision_curve(
    event: ArrayLike | str,
    risk: ArrayLike | str,
    thresholds: ArrayLike,
    *,
    prevalence: float | None = None,
    cluster: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    scan: PatientScan | None = None,
) -> pl.DataFrame:
    """Is it worth acting on these risks, compared with treating all or none?

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent).
    thresholds : array-like, shape (k,)
        Risks at which acting becomes worthwhile, strictly between 0 and 1. A risk equal
        to the threshold counts as acting.
    prevalence : float, optional
        Where controls were sampled, the prevalence in the population for which the risks
        hold: net benefit is then that of the population, as ``dcurves::dca(prevalence=)``.
    cluster : array-like, shape (n,), optional
        Labels of the patients where rows are vertebrae: whole patients are resampled.
    resamples, seed, level
        Percentile bootstrap interval of patients, the risks held fixed; with `prevalence`,
        cases and controls are resampled apart.
    scan : PatientScan, optional
        Patients that need not fit into memory (see `scan_table`); `event` and `risk` are then
        names of its columns, without missing values. There
        is no `prevalence` and no `cluster`. Patients of one outcome between two thresholds are
        alike, so a resample is a draw of how many there are of each.

    Returns
    -------
    polars.DataFrame
        Columns model ("model", "all", "none"), threshold, net_benefit (net true positives
        a patient), conf_low, conf_high; and, each with `*_low` and `*_high`:
        interventions_avoided (net, per 100 patients, against treating all),
        standardised_net_benefit (over the share of patients with the event: 1 is the best there
        can be, as dcurves), gain (net benefit over the better of treating all and none, as
        these patients show it), test_tradeoff (1 over the gain: how many patients may be
        assessed for one true positive more, for the model to be worth its trouble; null where
        there is no gain, its upper limit null where none is within the interval).

    Raises
    ------
    ArgumentError
        For values that are not outcomes, probabilities or thresholds, and `prevalence`
        together with `cluster`.

    References
    ----------
    Vickers and Elkin 2006, doi:10.1177/0272989X06295361. Baker et al. 2009 (test tradeoff),
    doi:10.1111/j.1467-985X.2009.00592.x
    """
    if scan is not None:
        from vertebrisk.validation.streamed.performance import scanned_decision

        check_positive_int(resamples, "resamples")
        check_fraction(level, "level")
        check_seed(seed)
        check_alone(prevalence, cluster)
        cuts, draws = some_thresholds(thresholds), (resamples, seed)
        return scanned_decision(scan, str(event), str(risk), cuts, draws, level)
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    check_positive_int(resamples, "resamples")
    check_fraction(level, "level")
    check_seed(seed)
    cuts = some_thresholds(thresholds)
    plan = DecisionPlan(cuts)
    codes = None if cluster is None else as_clusters(cluster, outcome.size)
    standing, strata = np.ones(2), None
    if prevalence is not None:
        check_independent(codes)
        strata = outcome
        sampling = SourcePopulation(prevalence).sampled(outcome)
        standing = sampling.weights(np.array([0.0, 1.0]))
    cells = risk_cells(outcome, values, cuts)
    draws = (resamples, seed)
    counts = np.concatenate(list(cell_counts(cells, 2 * (cuts.size + 1), draws, codes, strata)))
    benefit, share = counted_benefit(counts, plan.odds, standing)
    return Strategies(plan, share, level).rows(benefit)
