"""Hazard ratios over time and concordance of several completed tables, pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy import special

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.trend import schoenfeld_trend

_HAZARDS = {
    "term": pl.String,
    "df": pl.Int64,
    "statistic": pl.Float64,
    "p_value": pl.Float64,
}


def pooled_share(
    estimates: FloatArray, errors: FloatArray, df: float, level: float
) -> tuple[float, float, float]:
    """Areas or C-indices of several tables with their errors as one, pooled as a logit.

    Limits are NaN where a table's has no error, or is 0 or 1.
    """
    if not (np.isfinite(errors).all() and ((estimates > 0) & (estimates < 1)).all()):
        return float(estimates.mean()), float("nan"), float("nan")
    pooled = rubin.pool(
        special.logit(estimates), (errors / (estimates * (1.0 - estimates))) ** 2, df
    )
    reach = -float(special.stdtrit(min(float(pooled.df), 1e9), (1.0 - level) / 2.0))
    reach *= float(np.sqrt(pooled.total))
    middle = float(pooled.estimate)
    ends = special.expit(np.array([middle, middle - reach, middle + reach]))
    return float(ends[0]), float(ends[1]), float(ends[2])


def pooled_hazards(fits: Sequence[CoxFit], transform: TimeTransform) -> pl.DataFrame:
    """Tests of proportional hazards as one: D2 of the tables' statistics, an F statistic.

    Columns as `CoxFit.proportional_hazards`.
    """
    tables = [each.proportional_hazards(transform) for each in fits]
    statistics = np.array([each["statistic"].to_numpy() for each in tables])
    rows = []
    for place, (term, df) in enumerate(tables[0].select("term", "df").iter_rows()):
        found = rubin.statistics_test(statistics[:, place], df)
        rows.append((term, df, found.statistic, found.p_value))
    return pl.DataFrame(rows, schema=_HAZARDS, orient="row")


def mean_residuals(fits: Sequence[CoxFit], transform: TimeTransform) -> pl.DataFrame:
    """Scaled Schoenfeld residuals of each event, the mean over the tables.

    Columns as `CoxFit.schoenfeld`; events and their times are the same in every table.
    """
    tables = [each.schoenfeld(transform) for each in fits]
    mean = np.mean([each["residual"].to_numpy() for each in tables], axis=0)
    return tables[0].with_columns(pl.Series("residual", mean))


def pooled_trend(
    fits: Sequence[CoxFit], transform: TimeTransform, *, level: float = 0.95
) -> pl.DataFrame:
    """The smooth of those residuals, its band by Rubin's rules; as `schoenfeld_trend`."""
    tables = [schoenfeld_trend(each, transform, level=level) for each in fits]
    if tables[0].is_empty():
        return tables[0]
    reach = float(normal_quantile(0.5 + level / 2.0))
    estimates = np.array([each["estimate"].to_numpy() for each in tables])
    errors = np.array([(each["conf_high"] - each["estimate"]).to_numpy() for each in tables])
    pooled = rubin.pool(estimates, (errors / reach) ** 2)
    band = reach * np.sqrt(pooled.total)
    return tables[0].with_columns(
        pl.Series("estimate", pooled.estimate),
        pl.Series("conf_low", pooled.estimate - band),
        pl.Series("conf_high", pooled.estimate + band),
    )
