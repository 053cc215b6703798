"""Discrimination: ROC curve, area with DeLong's interval, classification at thresholds.

References
----------
DeLong ER et al. 1988, doi:10.2307/2531595. Wilson EB 1927,
doi:10.1080/01621459.1927.10502953. Youden WJ 1950, Cancer 3:32-35.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_event, as_numbers, as_risks, check_fraction
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.engines.areas import held_placements
from vertebrisk.kernels.distributions import normal_quantile, normal_two_sided, wilson_interval
from vertebrisk.kernels.ranks import clustered_auc_variance, delong_covariance
from vertebrisk.kernels.tied import collapse_ties
from vertebrisk.validation.areas import NOTHING
from vertebrisk.validation.classification import cells, independent
from vertebrisk.validation.predictive import Row, population_values
from vertebrisk.validation.results import Estimate, Roc, ThresholdTable
from vertebrisk.validation.shares import ShareLimits

if TYPE_CHECKING:
    from vertebrisk.cohort.scanning.patient_scan import PatientScan
    from vertebrisk.kernels.streamed.areas import Placements

MANY = 20_000  # patients from which on areas are summed in whole numbers
_SHARES = ("sensitivity", "specificity", "ppv", "npv")
THRESHOLD_SCHEMA = {
    "threshold": pl.Float64,
    "source": pl.String,
    **dict.fromkeys(("tp", "fp", "fn", "tn"), pl.Int64),
    **{f"{name}{end}": pl.Float64 for name in _SHARES for end in ("", "_low", "_high")},
}


def roc_auc(
    event: ArrayLike | str,
    score: ArrayLike | str,
    *,
    level: float = 0.95,
    scan: PatientScan | None = None,
) -> Estimate:
    """How often does a patient with the event score higher than one without?

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    score : array-like, shape (n,)
        Higher means more likely; any increasing transform of the risk gives the same area.
    level : float
        Confidence level.
    scan : PatientScan, optional
        Patients that need not fit into memory (see `scan_table`); `event` and `score` are then
        names of its columns. The scores are sorted on a disk.

    Returns
    -------
    Estimate
        Area with DeLong's interval, cut to [0, 1] as in pROC. The limits are None with a
        single event or non-event, where no variance exists, and where the scores part the
        outcomes or are all equal: the variance is then 0, and the limits of pROC (1 to 1) would
        call the area known. For a binary outcome the area is the C-index.

    Raises
    ------
    ArgumentError
        For missing values or a single class.

    References
    ----------
    DeLong et al. 1988, doi:10.2307/2531595
    """
    check_fraction(level, "level")
    if scan is not None:
        from vertebrisk.validation.streamed.discrimination import scanned_placements

        return _estimate(scanned_placements(scan, str(event), str(score)), level)[0]
    outcome = as_event(event)
    values = as_numbers(score, "score", outcome.size)
    return _area(outcome, values, level)[0]


def _area(
    outcome: BoolArray, values: FloatArray, level: float, clusters: IntArray | None = None
) -> tuple[Estimate, float]:
    if clusters is None and outcome.size >= MANY:
        return _estimate(held_placements(outcome, values), level)
    areas, covariance = delong_covariance(outcome, values[None])
    area, variance = float(areas[0]), float(covariance[0, 0])
    if clusters is not None:
        variance = clustered_auc_variance(outcome, values, clusters)
    return _with_limits(area, variance, level)


def _estimate(found: Placements, level: float) -> tuple[Estimate, float]:
    return _with_limits(found.area, found.variance, level)


def _with_limits(area: float, variance: float, level: float) -> tuple[Estimate, float]:
    error = float(np.sqrt(variance))
    if not np.isfinite(variance) or variance <= NOTHING:
        return Estimate(area), error
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    return Estimate(area, max(area - reach, 0.0), min(area + reach, 1.0)), error


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Difference of two areas on the same patients, by DeLong's paired test."""

    estimate: float
    conf_low: float | None
    conf_high: float | None
    auc_a: float
    auc_b: float
    statistic: float | None
    p_value: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def compare_auc(
    event: ArrayLike, a: ArrayLike, b: ArrayLike, *, level: float = 0.95
) -> AucComparison:
    """Do two scores of the same patients discriminate differently?

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    a, b : array-like, shape (n,)
        Two scores of the same patients in the same order.
    level : float
        Confidence level of the difference.

    Returns
    -------
    AucComparison
        Area of `a` less area of `b` with interval, z statistic and two-sided p value.
        Statistic and p value are None when the difference has no variance, as for two
        scores that rank all patients alike.

    Raises
    ------
    ArgumentError
        For missing values, a single class or lengths that differ.

    References
    ----------
    DeLong et al. 1988, doi:10.2307/2531595
    """
    outcome = as_event(event)
    first = as_numbers(a, "a", outcome.size)
    second = as_numbers(b, "b", outcome.size)
    check_fraction(level, "level")
    areas, covariance = delong_covariance(outcome, np.stack([first, second]))
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    if not np.isfinite(variance) or variance <= 1e-15:
        return AucComparison(difference, None, None, float(areas[0]), float(areas[1]), None, None)
    error = float(np.sqrt(variance))
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    z = difference / error
    return AucComparison(
        estimate=difference,
        conf_low=difference - reach,
        conf_high=difference + reach,
        auc_a=float(areas[0]),
        auc_b=float(areas[1]),
        statistic=z,
        p_value=float(normal_two_sided(z)),
    )


def roc_curve(
    event: ArrayLike | str,
    risk: ArrayLike | str,
    *,
    level: float = 0.95,
    clusters: IntArray | None = None,
    scan: PatientScan | None = None,
) -> Roc:
    """ROC curve with every distinct score as a threshold (score >= threshold is positive).

    Arguments and errors as in `roc_auc`; `clusters` are codes from 0 of the patient where
    rows are vertebrae, and the interval is then Obuchowski's (doi:10.2307/2533958). The curve
    begins with a threshold of null, above every score, where nobody is positive. Of a scan, whose
    rows come without clusters, it has 1001 thresholds at most, at equal distances in rank.
    """
    check_fraction(level, "level")
    if scan is not None:
        from vertebrisk.validation.streamed.discrimination import scanned_curve

        found, points = scanned_curve(scan, str(event), str(risk))
        points = with_regions(points, found.events, found.others, level)
        return Roc(*_estimate(found, level), points)
    outcome = as_event(event)
    values = as_numbers(risk, "risk", outcome.size)
    area, error = _area(outcome, values, level, clusters)
    tied = collapse_ties(values[None], np.ones((1, values.size)), outcome.astype(np.float64))
    events, others = tied.events[0], tied.counts[0] - tied.events[0]
    above = np.cumsum(events[::-1]) / events.sum()
    false = np.cumsum(others[::-1]) / others.sum()
    curve = pl.DataFrame(
        {
            "threshold": [None, *tied.scores[0][::-1].tolist()],
            "sensitivity": [0.0, *above.tolist()],
            "specificity": [1.0, *(1.0 - false).tolist()],
        },
        schema={"threshold": pl.Float64, "sensitivity": pl.Float64, "specificity": pl.Float64},
    )
    if clusters is None:
        curve = with_regions(curve, int(events.sum()), int(others.sum()), level)
    return Roc(area, error, curve)


def with_regions(
    curve: pl.DataFrame, n_events: float, n_others: float, level: float
) -> pl.DataFrame:
    """A curve with limits of sensitivity and specificity that hold for both together.

    Events and other patients are different people, so two Wilson intervals of the root of the
    level hold together with that level: at each threshold, not for the whole curve at once.
    """
    limits: dict[str, pl.Series] = {}
    for name, n in (("sensitivity", n_events), ("specificity", n_others)):
        count = curve[name].to_numpy() * n
        low, high = wilson_interval(count, n, float(np.sqrt(level)))
        limits |= {f"{name}_low": pl.Series(low), f"{name}_high": pl.Series(high)}
    return curve.with_columns(**limits)


def classify(
    event: ArrayLike,
    risk: ArrayLike,
    thresholds: ArrayLike,
    *,
    prevalence: float | None = None,
    level: float = 0.95,
) -> ThresholdTable:
    """Sensitivity, specificity and predictive values at thresholds of risk.

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Probabilities; a patient whose risk reaches the threshold is positive.
    thresholds : array-like, shape (k,)
        Fixed beforehand, as a protocol states them.
    prevalence : float, optional
        Where controls were sampled, the prevalence in their population: predictive values
        then hold there, with logit intervals (Mercaldo et al. 2007, doi:10.1002/sim.2677).
    level : float
        Confidence level of the Wilson intervals.

    Returns
    -------
    ThresholdTable
        One row a threshold and one for Youden's index, the threshold at which these very
        patients look best; a share without patients in its denominator is null.
    """
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    check_fraction(level, "level")
    cuts = [(float(cut), "protocol") for cut in np.atleast_1d(np.asarray(thresholds, float))]
    if np.ptp(values) > 0.0:
        cuts.append((_youden(outcome, values), "youden"))
    rows = [_classified(outcome, values, *cut, level) for cut in cuts]
    if prevalence is not None:
        check_fraction(prevalence, "prevalence")
        rows = [{**row, **population_values(row, prevalence, level)} for row in rows]
    return ThresholdTable(pl.DataFrame(rows, schema=THRESHOLD_SCHEMA))


def _youden(outcome: BoolArray, values: FloatArray) -> float:
    curve = roc_curve(outcome, values).curve.drop_nulls()
    index = (curve["sensitivity"] + curve["specificity"]).arg_max()
    return float(curve["threshold"][int(index or 0)])


def _classified(
    outcome: BoolArray, values: FloatArray, cut: float, source: str, level: float
) -> Row:
    counts = cells(outcome, values >= cut)
    found = dict(independent(counts, ShareLimits("wilson", level)))
    shares = {key: value for name in _SHARES for key, value in found[name].named(name).items()}
    return {"threshold": cut, "source": source, **counts, **shares}
