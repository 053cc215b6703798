"""Two or more areas under ROC curves on the same patients, compared together and by pairs.

References
----------
DeLong ER et al. 1988, doi:10.2307/2531595.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_event, as_numbers, check_fraction
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile, normal_two_sided
from vertebrisk.kernels.ranks import delong_covariance
from vertebrisk.validation.results import column_dict

NOTHING = 1e-15  # a variance below this is none: two scores that rank all patients alike
RANK = 1e-10  # of an eigenvalue against the largest, below which a contrast adds nothing
_AREAS = ("name", "estimate", "conf_low", "conf_high")
_PAIRS = {
    "first": pl.String,
    "second": pl.String,
    **dict.fromkeys(
        ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"), pl.Float64
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class AucsComparison:
    """Areas of several scores of the same patients.

    Attributes
    ----------
    areas : polars.DataFrame
        name, estimate, conf_low, conf_high (null without a variance).
    pairs : polars.DataFrame
        Each pair: first, second, estimate (area of the first less that of the second),
        std_error, conf_low, conf_high, statistic (z), p_value; null where the difference has no
        variance, as of two scores that rank all patients alike.
    statistic, p_value : float or None
        Of the test that all areas are one, chi-square with `df` degrees of freedom; None where
        it does not exist.
    df : int
        One less than the scores, fewer where some rank the patients alike.
    """

    areas: pl.DataFrame
    pairs: pl.DataFrame
    statistic: float | None
    df: int
    p_value: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "areas": column_dict(self.areas),
            "pairs": column_dict(self.pairs),
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
        }


def compare_aucs(
    event: ArrayLike, scores: Mapping[str, ArrayLike], *, level: float = 0.95
) -> AucsComparison:
    """Do several scores of the same patients discriminate alike?

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    scores : mapping of str to array-like, shape (n,)
        Two or more by name, of the same patients in the same order; higher means more likely.
    level : float
        Confidence level of areas and differences.

    Returns
    -------
    AucsComparison
        Joint chi-square test by DeLong's covariance, and every difference of two with its
        interval, as pROC's ``roc.test`` and ``cov``. P values of pairs are not adjusted for their
        number.

    Raises
    ------
    ArgumentError
        For fewer than two scores, missing values, a single class or lengths that differ.

    References
    ----------
    DeLong et al. 1988, doi:10.2307/2531595
    """
    if not isinstance(scores, Mapping) or len(scores) < 2:
        raise ArgumentError("scores needs two or more by name, {'a': [...], 'b': [...]}.")
    outcome = as_event(event)
    names = [str(name) for name in scores]
    values = [
        as_numbers(score, f"scores['{name}']", outcome.size)
        for name, score in zip(names, scores.values(), strict=True)
    ]
    check_fraction(level, "level")
    return areas_compared(names, *delong_covariance(outcome, np.stack(values)), level)


def areas_compared(
    names: list[str], areas: FloatArray, covariance: FloatArray, level: float
) -> AucsComparison:
    """Areas of one sample, shape (k,), together and by pairs, from their covariance (k, k)."""
    z = float(normal_quantile(0.5 + level / 2.0))
    statistic, df = joint_statistic(areas, covariance)
    return AucsComparison(
        areas=_areas(names, areas, covariance, z),
        pairs=_pairs(names, areas, covariance, z),
        statistic=statistic,
        df=df,
        p_value=None if statistic is None else float(chi2_upper(statistic, df)),
    )


def joint_statistic(values: FloatArray, covariance: FloatArray) -> tuple[float | None, int]:
    """Wald's statistic that all values are one, and its degrees of freedom.

    Contrasts without variance are left out where they are zero, too; a difference without variance
    has no test, and the statistic is None.
    """
    contrasts = np.eye(values.size)[1:] - np.eye(values.size)[:1]
    found, spread = contrasts @ values, contrasts @ covariance @ contrasts.T
    if not np.isfinite(spread).all():
        return None, 0
    sizes, directions = np.linalg.eigh(spread)
    varying = sizes > max(RANK * float(sizes[-1]), NOTHING)
    along = directions.T @ found
    if not varying.any() or np.abs(along[~varying]).max(initial=0.0) > np.sqrt(RANK):
        return None, int(varying.sum())
    return float((along[varying] ** 2 / sizes[varying]).sum()), int(varying.sum())


def _areas(names: list[str], areas: FloatArray, covariance: FloatArray, z: float) -> pl.DataFrame:
    rows = []
    for name, area, variance in zip(names, areas, np.diag(covariance), strict=True):
        if np.isfinite(variance) and variance > NOTHING:
            reach = z * float(np.sqrt(variance))
            limits = max(area - reach, 0.0), min(area + reach, 1.0)
            rows.append((name, float(area), *(float(each) for each in limits)))
        else:
            rows.append((name, float(area), None, None))
    schema = {"name": pl.String, **dict.fromkeys(_AREAS[1:], pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _pairs(names: list[str], areas: FloatArray, covariance: FloatArray, z: float) -> pl.DataFrame:
    rows = []
    for i, j in combinations(range(len(names)), 2):
        difference = float(areas[i] - areas[j])
        variance = float(covariance[i, i] + covariance[j, j] - 2.0 * covariance[i, j])
        if not np.isfinite(variance) or variance <= NOTHING:
            rows.append((names[i], names[j], difference, *[None] * 5))
            continue
        error = float(np.sqrt(variance))
        statistic = difference / error
        limits = difference - z * error, difference + z * error
        p = float(normal_two_sided(statistic))
        rows.append((names[i], names[j], difference, error, *limits, statistic, p))
    return pl.DataFrame(rows, schema=_PAIRS, orient="row")
