"""Internal-external validation: every centre by a model of the others."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import expit

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.models.validating.logistic import repeated_procedure
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.agreement import calibration
from vertebrisk.validation.discrimination import roc_curve
from vertebrisk.validation.left_out import scores_left_out

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit

WITH_LIMITS = ("c_index", "intercept", "slope", "in_the_large", "observed_expected")
SCHEMA = {
    "group": pl.String,
    "n": pl.Int64,
    "n_events": pl.Int64,
    **{f"{name}{end}": pl.Float64 for name in WITH_LIMITS for end in ("", "_low", "_high")},
    "brier": pl.Float64,
    "finite": pl.Boolean,
}
Values: TypeAlias = dict[str, str | int | float | bool | None]


def internal_external(
    fit: LogisticFit, groups: ArrayLike, *, fixed: bool, level: float
) -> pl.DataFrame:
    """See `LogisticFit.internal_external`."""
    if fit.sampling is not None:
        raise ArgumentError(
            "Controls were sampled, so the prevalence of a single centre is not known; "
            "internal-external validation needs cohorts."
        )
    names, codes = _coded(groups, fit.event.size)
    _check_whole(codes, fit.clusters)
    plan = ResamplePlan.folded(codes[None], None, level, "cross-validation")
    development, final = repeated_procedure(fit, fixed=fixed)
    event = fit.event.astype(np.float64)
    left = scores_left_out(
        lambda weights: development(weights, final), plan.draw, plan.repeats, event
    )
    rows: list[Values] = []
    for code, name in enumerate(names):
        inside = codes == code
        row: Values = {"group": name, "n": int(inside.sum()), "n_events": int(event[inside].sum())}
        if left.models.usable[code]:
            finite = not left.models.separated[code]
            own = None if fit.clusters is None else fit.clusters[inside]
            row["finite"] = finite
            row |= _measured(fit.event[inside], left.linear[0, inside], own, finite, level)
        rows.append(row)
    return pl.DataFrame(rows, schema=SCHEMA)


def _coded(groups: ArrayLike, size: int) -> tuple[list[str], IntArray]:
    """Names of the centres in order, and the centre of each row."""
    column = groups
    if not isinstance(column, pl.Series):
        given = np.asarray(groups)
        if given.ndim != 1:
            raise ArgumentError(f"groups has {given.ndim} dimensions; one value a row is needed.")
        column = pl.Series(given.tolist(), strict=False)
    if column.len() != size:
        raise ArgumentError(
            f"groups has {column.len()} values; one for each of the {size} rows that were used is "
            "needed (rows with missing values are left out of a fit)."
        )
    missing = int(column.null_count())
    if column.dtype.is_float():
        missing += int(column.is_nan().sum())
    if missing:
        raise ArgumentError(
            f"groups has {missing} missing values; name the centre of every row, or leave those "
            "rows out before fitting."
        )
    values, codes = np.unique(column.to_numpy(), return_inverse=True)
    if values.size < 2:
        raise ArgumentError(
            f"groups holds {listed(values.tolist())} alone; two centres or more are needed."
        )
    return [str(value) for value in values.tolist()], codes.astype(np.int64)


def _check_whole(codes: IntArray, clusters: IntArray | None) -> None:
    if clusters is None:
        return
    pairs = np.unique(np.stack([clusters, codes]), axis=1)
    split = int((np.bincount(pairs[0]) > 1).sum())
    if split:
        raise ArgumentError(
            f"{split} patients have rows in more than one of the groups; a patient left out must "
            "be left out with all rows. Give each patient one group."
        )


def _measured(
    event: BoolArray, linear: FloatArray, clusters: IntArray | None, finite: bool, level: float
) -> Values:
    risk = expit(linear)
    if event.all() or not event.any():
        return {
            "observed_expected": float(event.sum() / risk.sum()),
            "brier": float(np.mean((event - risk) ** 2)),
        }
    area = roc_curve(event, linear, level=level, clusters=clusters).auc
    with warnings.catch_warnings():  # the smoothed numbers, of which it warns, are not used
        warnings.simplefilter("ignore", CalibrationWarning)
        found = calibration(event, risk, level=level)
    values: Values = {
        "c_index": area.estimate,
        "c_index_low": area.conf_low,
        "c_index_high": area.conf_high,
        "brier": found.brier,
    }
    kept = WITH_LIMITS[1:] if finite else WITH_LIMITS[-1:]
    return values | {
        name + end: getattr(found, name + end) for name in kept for end in ("", "_low", "_high")
    }
