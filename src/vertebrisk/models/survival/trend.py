"""A coefficient over time: the smooth of scaled Schoenfeld residuals."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._types import FloatArray
from vertebrisk.design.splines import basis
from vertebrisk.errors import FitError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.inference import trend_test

POINTS = 40
COLUMNS = 4  # of the spline, its level among them
_SCHEMA = {
    "term": pl.String,
    **dict.fromkeys(("time", "x", "estimate", "conf_low", "conf_high"), pl.Float64),
}


def schoenfeld_trend(
    fit: CoxFit, transform: TimeTransform = "km", *, level: float = 0.95
) -> pl.DataFrame:
    """How does each term's coefficient change with time?

    Parameters
    ----------
    fit : CoxFit
    transform : {"km", "rank", "identity", "log"}
        Time scale on which the residuals are smoothed; that of the test.
    level : float
        Confidence level of the pointwise band.

    Returns
    -------
    polars.DataFrame
        term, time, x (transformed time), estimate, conf_low, conf_high at 40 places along x:
        a natural cubic spline of four columns through the scaled Schoenfeld residuals, as
        ``plot(cox.zph)`` draws it (whose band is two standard errors wide). Empty with
        events at fewer than four times.

    References
    ----------
    Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515
    """
    check_choice(transform, "transform", TimeTransform)
    check_fraction(level, "level")
    test = trend_test(fit, transform)
    scale, places = np.unique(test.x, return_index=True)
    if scale.size < COLUMNS:
        return pl.DataFrame(schema=_SCHEMA)
    at = np.linspace(scale[0], scale[-1], POINTS)
    values, leverage = _smoothed(test.x, test.residuals, at)
    reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(
        leverage[:, None] * np.diag(test.covariance)
    )
    times = np.interp(at, scale, test.time[places])
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "term": [term] * POINTS,
                    "time": times,
                    "x": at,
                    "estimate": values[:, column],
                    "conf_low": values[:, column] - reach[:, column],
                    "conf_high": values[:, column] + reach[:, column],
                },
                schema=_SCHEMA,
            )
            for column, term in enumerate(fit.design.slices)
        ]
    )


def _smoothed(
    x: FloatArray, residuals: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least squares on the spline: values (k, terms), and the leverage of each place (k,)."""
    ends = np.quantile(np.concatenate([at, x]), np.linspace(0.0, 1.0, COLUMNS))
    if np.unique(ends).size < COLUMNS:
        ends = np.linspace(x.min(), x.max(), COLUMNS)
    unit = np.ptp(ends)
    design, wanted = (
        np.column_stack(
            [np.ones(part.size), basis((part - ends[0]) / unit, (ends - ends[0]) / unit)]
        )
        for part in (x, at)
    )
    left, triangle = np.linalg.qr(design)
    if np.abs(np.diag(triangle)).min() < 1e-10:
        raise FitError("The event times are too few to smooth residuals over them.")
    half = np.linalg.solve(triangle.T, wanted.T)
    return half.T @ (left.T @ residuals), np.asarray(np.sum(half**2, axis=0))
