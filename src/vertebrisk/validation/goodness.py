"""Explained variation of given risks, and Hosmer and Lemeshow's test with what is wrong with it.

References
----------
Nagelkerke NJD 1991, doi:10.1093/biomet/78.3.691. Tjur T 2009, doi:10.1198/tast.2009.08210.
Hosmer DW, Lemeshow S 1980, doi:10.1080/03610928008827941.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_event,
    as_risks,
    check_fraction,
    check_positive_int,
    check_seed,
)
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.text.messages import say
from vertebrisk.validation.decision import percentiles
from vertebrisk.validation.measures import nagelkerke, null_log_likelihood
from vertebrisk.validation.results import column_dict

KINDS = ("nagelkerke", "cox_snell", "mcfadden", "tjur")
HELD = 4_000_000  # frequencies of patients held at once
_SCHEMA = {"measure": pl.String} | dict.fromkeys(("estimate", "conf_low", "conf_high"), pl.Float64)


def explained_variation(
    event: ArrayLike,
    risk: ArrayLike,
    *,
    resamples: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> pl.DataFrame:
    """How much more do these risks tell than the share of patients with the event?

    The four are called R2 and are not comparable with each other, nor any with the R2 of a
    linear regression; they grow with the share of events.

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent), taken as they stand and not fitted anew:
        risks that are further from the outcomes than their mean have an R2 below 0.
    resamples, seed, level
        Percentile bootstrap interval of patients, the risks held fixed.

    Returns
    -------
    polars.DataFrame
        Columns measure, estimate, conf_low, conf_high; measures are nagelkerke and cox_snell
        (from the likelihood, the first scaled to a maximum of 1), mcfadden (share of the
        log-likelihood) and tjur (mean risk of those with the event less that of the others). The
        first three are null where a risk is exactly 0 or 1.

    Raises
    ------
    ArgumentError
        For missing values, a single class, or values that are not probabilities.

    References
    ----------
    Nagelkerke 1991, doi:10.1093/biomet/78.3.691. Tjur 2009, doi:10.1198/tast.2009.08210
    """
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    check_positive_int(resamples, "resamples")
    check_fraction(level, "level")
    check_seed(seed)
    found = [_variation(np.ones((1, outcome.size)), outcome, values)]
    block = max(1, HELD // outcome.size)
    for first in range(0, resamples, block):
        size = min(block, resamples - first)
        weights = bootstrap_weights(outcome.size, size, seed, first=first)
        found.append(_variation(weights, outcome, values))
    rows = []
    for place, name in enumerate(KINDS):
        drawn = np.concatenate([each[place] for each in found])
        low, high = percentiles(drawn[1:][np.isfinite(drawn[1:]), None], level)
        rows.append((name, float(drawn[0]), float(low[0]), float(high[0])))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").fill_nan(None)


def _variation(weights: FloatArray, outcome: BoolArray, risk: FloatArray) -> FloatArray:
    """The four of each replicate, shape (4, replicates); NaN of one class."""
    size, events = weights.sum(axis=1), weights @ outcome
    both = (events > 0) & (events < size)
    if np.any((risk <= 0.0) | (risk >= 1.0)):
        own = np.full(size.size, np.nan)
    else:
        own = weights @ np.where(outcome, np.log(risk), np.log1p(-risk))
    others = np.where(both, size - events, np.nan)
    apart = weights @ (outcome * risk) / np.where(both, events, np.nan)
    apart = apart - weights @ (~outcome * risk) / others
    return variation(size, np.where(both, events, np.nan), own, apart)


def variation(
    size: FloatArray, events: FloatArray, likelihood: FloatArray, apart: FloatArray
) -> FloatArray:
    """The four from counts, the log-likelihood of the risks, and how far apart mean risks are."""
    null = np.where(np.isnan(events), np.nan, null_log_likelihood(events, size))
    gain = 2.0 * (likelihood - null)
    snell = 1.0 - np.exp(-gain / size)
    return np.stack([nagelkerke(gain, null, size), snell, 1.0 - likelihood / null, apart])


@dataclass(frozen=True, slots=True, eq=False)
class GroupedFit:
    """Hosmer and Lemeshow's test of given risks.

    Attributes
    ----------
    statistic : float or None
        Chi-square; None where it is infinite, as for an event at a risk of 0.
    df : int
    p_value : float or None
    groups : polars.DataFrame
        Groups of about equal size by risk: n, n_events, expected (sum of the risks).
    findings : tuple of Finding
        Why this is no evidence of calibration, always.
    """

    statistic: float | None
    df: int
    p_value: float | None
    groups: pl.DataFrame
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form, what is expected rounded so that it is no patient's own risk."""
        return {
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "groups": column_dict(self.groups.with_columns(pl.col("expected").round(3))),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def hosmer_lemeshow(
    event: ArrayLike, risk: ArrayLike, *, groups: int = 10, fitted: bool = False
) -> GroupedFit:
    """Hosmer and Lemeshow's test, for papers that are asked for it.

    It has little power in few patients and rejects any model in many, depends on where the
    groups are cut, and tells neither how far nor in which direction risks are off. A large P is
    no evidence of calibration. Read `calibration` instead.

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent).
    groups : int
        3 or more, cut at quantiles of the risk; equal risks stay together, so there may be
        fewer.
    fitted : bool
        True where the risks are of a model fitted to these very patients: two degrees of freedom
        fewer than groups. False on new patients: as many as groups.

    Returns
    -------
    GroupedFit

    Raises
    ------
    ArgumentError
        For missing values, a single class, values that are not probabilities, and fewer than 3
        groups.

    References
    ----------
    Hosmer and Lemeshow 1980, doi:10.1080/03610928008827941. Against it: Van Calster et al.
    2019, doi:10.1186/s12916-019-1466-7
    """
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    check_positive_int(groups, "groups")
    return grouped_fit(*grouped_counts(outcome, values, groups), fitted=fitted)


def grouped_fit(
    size: IntArray, observed: FloatArray, expected: FloatArray, *, fitted: bool
) -> GroupedFit:
    """The test from patients, events and expected events of the groups."""
    variance = expected * (1.0 - expected / size)
    gap = observed - expected
    possible = (variance > 0.0) | (gap == 0.0)
    df = int(size.size) - (2 if fitted else 0)
    statistic = p_value = None
    if possible.all():
        safe = np.where(variance > 0.0, variance, 1.0)
        statistic = float(np.sum(gap**2 / safe))
        p_value = float(chi2_upper(statistic, df)) if df > 0 else None
    table = pl.DataFrame(
        {"n": size, "n_events": observed.astype(np.int64), "expected": expected},
        schema={"n": pl.Int64, "n_events": pl.Int64, "expected": pl.Float64},
    )
    return GroupedFit(statistic, df, p_value, table, (_caveat(),))


def grouped_counts(
    event: BoolArray, risk: FloatArray, groups: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Patients, events and expected events of quantile groups of risk that hold anyone."""
    if groups < 3:
        raise ArgumentError(f"groups is {groups}; Hosmer and Lemeshow's test needs 3 or more.")
    edges = np.unique(np.quantile(risk, np.linspace(0.0, 1.0, groups + 1)))
    position = grouped_by(edges, risk)
    size = np.bincount(position)
    used = size > 0
    observed = np.bincount(position, event.astype(np.float64))[used].astype(np.float64)
    expected = np.bincount(position, risk)[used].astype(np.float64)
    return size[used].astype(np.int64), observed, expected


def grouped_by(edges: FloatArray, risk: FloatArray) -> IntArray:
    """Which of the groups between different edges each risk is in; an edge ends its group."""
    below = np.searchsorted(edges, risk, side="left") - 1
    return np.asarray(np.clip(below, 0, max(edges.size - 2, 0)), dtype=np.int64)


def _caveat() -> Finding:
    return Finding(
        "hosmer-lemeshow",
        "note",
        say(
            "Hosmer and Lemeshow's test says neither how far risks are off nor in which "
            "direction, and a large P is no evidence of calibration."
        ),
        say("Read calibration in the large, slope and the curve."),
        say(
            "Little power in few patients, certain rejection in many, and another answer "
            "for other groups: Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7."
        ),
    )
