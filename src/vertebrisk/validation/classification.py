"""Classification at thresholds of risk that were fixed beforehand.

References
----------
Wilson EB 1927, doi:10.1080/01621459.1927.10502953. Mercaldo ND et al. 2007 (predictive values
under sampled controls), doi:10.1002/sim.2677. Others in `validation.shares`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_clusters,
    as_event,
    as_risks,
    check_alone,
    check_choice,
    check_fraction,
    check_independent,
    some_thresholds,
)
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json, ShareInterval
from vertebrisk.validation.predictive import population_values
from vertebrisk.validation.results import column_dict
from vertebrisk.validation.shares import Limited, ShareLimits

if TYPE_CHECKING:
    from vertebrisk.cohort.scanning.patient_scan import PatientScan

MEASURES = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "accuracy",
    "youden",
    "lr_positive",
    "lr_negative",
    "flagged",
)
LIMITS_SCHEMA = {f"{name}{end}": pl.Float64 for name in MEASURES for end in ("", "_low", "_high")}
_COUNTS = ("tp", "fp", "fn", "tn")
CLASSIFICATION_SCHEMA = {"threshold": pl.Float64} | dict.fromkeys(_COUNTS, pl.Int64) | LIMITS_SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """What acting at each threshold finds and misses.

    Attributes
    ----------
    n, n_events : int
    n_clusters : int or None
        Patients to whom the rows belong; None where a row is a patient.
    prevalence : float or None
        In the population of sampled controls; None in a cohort.
    intervals : {"wilson", "exact"}
    level : float
    frame : polars.DataFrame
        A row a threshold: threshold, tp, fp, fn, tn, and each with `*_low` and `*_high`
        sensitivity, specificity, ppv, npv, accuracy, youden (sensitivity + specificity - 1),
        lr_positive, lr_negative, flagged (share of patients at or above the threshold). Null
        is what does not exist, and a likelihood ratio (or its upper limit) that is infinite.
    """

    n: int
    n_events: int
    n_clusters: int | None
    prevalence: float | None
    intervals: ShareInterval
    level: float
    frame: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        numbers = {name: getattr(self, name) for name in self.__slots__[:-1]}
        return {**numbers, "frame": column_dict(self.frame)}


def classification(
    event: ArrayLike | str,
    risk: ArrayLike | str,
    thresholds: ArrayLike,
    *,
    prevalence: float | None = None,
    cluster: ArrayLike | None = None,
    intervals: ShareInterval = "wilson",
    level: float = 0.95,
    scan: PatientScan | None = None,
) -> Classification:
    """Of patients at or above a threshold of risk, how many have the event; who is missed?

    A threshold is a clinical choice: the risk at which acting is worth its harm. One that is
    looked for in these patients (by Youden's index, say) makes them look better than the next.

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent). A risk equal to the threshold is above.
    thresholds : array-like, shape (k,)
        Strictly between 0 and 1, fixed beforehand.
    prevalence : float, optional
        Where controls were sampled, the prevalence in their population, taken for known:
        predictive values, accuracy and the share flagged are then those of the population.
        Without it these are those of the sample, which is wrong unless it is a cohort.
    cluster : array-like, shape (n,), optional
        Labels of the patients where rows are vertebrae; intervals allow for rows of a patient
        being alike.
    intervals : {"wilson", "exact"}
        Of shares: Wilson's score interval, or Clopper and Pearson's, which is never too narrow
        and often too wide. With `cluster` those of the effective size, the number of
        independent rows with the variance that was found.
    level : float
        Confidence level.
    scan : PatientScan, optional
        Patients that need not fit into memory (see `scan_table`); `event` and `risk` are then
        names of its columns, without missing values. There
        is no `prevalence` and no `cluster`.

    Returns
    -------
    Classification
        Likelihood ratios have limits on the logarithm (Simel and others); Youden's index, and
        with `prevalence` accuracy and the share flagged, by squaring and adding those of
        sensitivity and specificity (Newcombe); predictive values with `prevalence` those of
        Mercaldo and others.

    Raises
    ------
    ArgumentError
        For missing values, a single class, values that are not probabilities, and
        `prevalence` together with `cluster`.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953. Simel et al. 1991,
    doi:10.1016/0895-4356(91)90128-V. Mercaldo et al. 2007, doi:10.1002/sim.2677.
    """
    if scan is not None:
        from vertebrisk.validation.streamed.performance import scanned_classification

        cuts = some_thresholds(thresholds)
        check_choice(intervals, "intervals", ShareInterval)
        check_fraction(level, "level")
        check_alone(prevalence, cluster)
        limits = ShareLimits(intervals, level)
        return scanned_classification(scan, str(event), str(risk), cuts, limits)
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    cuts = some_thresholds(thresholds)
    check_choice(intervals, "intervals", ShareInterval)
    check_fraction(level, "level")
    codes = None if cluster is None else as_clusters(cluster, outcome.size)
    if prevalence is not None:
        check_fraction(prevalence, "prevalence")
        check_independent(codes)
    limits = ShareLimits(intervals, level)
    rows = []
    for cut in cuts:
        positive = values >= cut
        counts = cells(outcome, positive)
        if codes is None:
            found = dict(independent(counts, limits))
            if prevalence is not None:
                found |= _in_population(counts, found, prevalence, limits)
        else:
            found = dict(_clustered(outcome, positive, codes, limits))
        rows.append({"threshold": float(cut), **counts, **limits_of(found)})
    return Classification(
        n=outcome.size,
        n_events=int(outcome.sum()),
        n_clusters=None if codes is None else int(codes.max()) + 1,
        prevalence=prevalence,
        intervals=intervals,
        level=level,
        frame=pl.DataFrame(rows, schema=CLASSIFICATION_SCHEMA),
    )


def limits_of(found: Mapping[str, Limited]) -> dict[str, float | None]:
    """Every measure with its limits, as columns."""
    return {key: value for name in MEASURES for key, value in found[name].named(name).items()}


def cells(outcome: BoolArray, positive: BoolArray) -> dict[str, int]:
    """Patients by outcome and side of the threshold: tp, fp, fn, tn."""
    parts = (
        positive & outcome,
        positive & ~outcome,
        ~positive & outcome,
        ~positive & ~outcome,
    )
    return {name: int(cell.sum()) for name, cell in zip(_COUNTS, parts, strict=True)}


def independent(counts: dict[str, int], limits: ShareLimits) -> Iterator[tuple[str, Limited]]:
    """Every measure by name, of patients who are independent of each other."""
    tp, fp, fn, tn = (counts[name] for name in _COUNTS)
    cases, others = tp + fn, fp + tn
    sensitivity, specificity = limits.share(tp, cases), limits.share(tn, others)
    yield "sensitivity", sensitivity
    yield "specificity", specificity
    yield "ppv", limits.share(tp, tp + fp)
    yield "npv", limits.share(tn, tn + fn)
    yield "accuracy", limits.share(tp + tn, cases + others)
    yield "flagged", limits.share(tp + fp, cases + others)
    both = limits.mixture(sensitivity, specificity, (1.0, 1.0))
    yield "youden", Limited(*(_less_one(each) for each in (both.value, both.low, both.high)))
    yield "lr_positive", limits.ratio((tp, cases), (fp, others))
    yield "lr_negative", limits.ratio((fn, cases), (tn, others))


def _less_one(value: float | None) -> float | None:
    return None if value is None else value - 1.0


def _in_population(
    counts: dict[str, int], found: dict[str, Limited], prevalence: float, limits: ShareLimits
) -> dict[str, Limited]:
    """What depends on how frequent the event is, from sensitivity and specificity."""
    values = population_values(counts, prevalence, limits.level)
    predictive = {
        name: Limited(*(_number(values[f"{name}{end}"]) for end in ("", "_low", "_high")))
        for name in ("ppv", "npv")
    }
    sensitivity, specificity = found["sensitivity"], found["specificity"]
    weights = prevalence, 1.0 - prevalence
    false = limits.share(counts["fp"], counts["fp"] + counts["tn"])
    return {
        **predictive,
        "accuracy": limits.mixture(sensitivity, specificity, weights),
        "flagged": limits.mixture(sensitivity, false, weights),
    }


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _clustered(
    outcome: BoolArray, positive: BoolArray, codes: IntArray, limits: ShareLimits
) -> Iterator[tuple[str, Limited]]:
    """The same where rows of a patient are not independent, by linearisation."""
    everyone = np.ones_like(outcome)
    parts = {
        "sensitivity": (positive & outcome, outcome),
        "specificity": (~positive & ~outcome, ~outcome),
        "ppv": (positive & outcome, positive),
        "npv": (~positive & ~outcome, ~positive),
        "accuracy": (positive == outcome, everyone),
        "flagged": (positive, everyone),
    }
    shares, influence = {}, {}
    for name, (right, of) in parts.items():
        shares[name], influence[name] = _linearised(right, of, codes)
        size = float(np.unique(codes[of]).size)
        yield name, limits.of_variance(shares[name], _variance(influence[name]), size)
    sensitivity, specificity = shares["sensitivity"], shares["specificity"]
    both = influence["sensitivity"] + influence["specificity"]
    error = float(np.sqrt(_variance(both)))
    yield "youden", limits.around(sensitivity + specificity - 1.0, error, (-1.0, 1.0))
    for name, (over, under), sign in (
        ("lr_positive", (sensitivity, 1.0 - specificity), 1.0),
        ("lr_negative", (1.0 - sensitivity, specificity), -1.0),
    ):
        if under == 0.0:
            yield name, Limited()
        elif over == 0.0:
            yield name, Limited(0.0)
        else:
            logarithm = sign * (influence["sensitivity"] / over + influence["specificity"] / under)
            yield name, limits.of_log(over / under, float(np.sqrt(_variance(logarithm))))


def _linearised(right: BoolArray, of: BoolArray, codes: IntArray) -> tuple[float, FloatArray]:
    """A share, and what each patient contributes to it; NaN of nobody."""
    total = int(of.sum())
    number = int(codes.max()) + 1
    if total == 0:
        return float("nan"), np.full(number, np.nan)
    share = float(right.sum()) / total
    own = (right.astype(np.float64) - share * of) / total
    return share, np.bincount(codes, own, number).astype(np.float64)


def _variance(contributions: FloatArray) -> float:
    """Variance of a sum over patients; NaN from fewer than two."""
    number = contributions.size
    if number < 2:
        return float("nan")
    return number / (number - 1.0) * float(contributions @ contributions)
