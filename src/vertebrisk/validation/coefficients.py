"""How much a repeated selection moves each coefficient.

Heinze, Wallisch and Dunkler 2018, doi:10.1002/bimj.201700067, section 3.2: every resample's
coefficients, zero where a candidate was not chosen, beside those of the model of all
candidates, from which nothing was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray

COLUMNS = {
    "term": pl.String,
    "level": pl.String,
    "estimate": pl.Float64,
    "std_error": pl.Float64,
    "frequency": pl.Float64,
    "rmsd_ratio": pl.Float64,
    "relative_bias": pl.Float64,
    "median": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
TAIL = 0.025


@dataclass(frozen=True, slots=True, eq=False)
class FullModel:
    """The model of all candidates, on all patients.

    Attributes
    ----------
    names : tuple of (term, level)
    estimate, std_error : array, shape (columns,)
        Without an intercept; NaN where such a model has no estimate.
    """

    names: tuple[tuple[str, str], ...]
    estimate: FloatArray
    std_error: FloatArray

    @classmethod
    def unknown(cls, names: tuple[tuple[str, str], ...]) -> FullModel:
        """Too many candidates for the patients, or a separated model."""
        nothing = np.full(len(names), np.nan)
        return cls(names, nothing, nothing)


def coefficient_stability(own: FloatArray, full: FullModel) -> pl.DataFrame:
    """Spread and bias of each coefficient over the resamples.

    Parameters
    ----------
    own : array, shape (resamples, columns)
        Coefficients of each resample's own model; exactly zero where not chosen.
    full : FullModel

    Returns
    -------
    polars.DataFrame
        term, level, estimate and std_error (of the full model), frequency (share of the
        resamples with the coefficient in the model), rmsd_ratio (root mean squared
        difference from the full model's estimate, in its standard errors; above 1 the
        selection inflates the variance), relative_bias (how far the mean of the coefficient,
        where it is chosen, lies beyond the full model's, as a share of it), and median, low and
        high (2.5th and 97.5th percentile, zeros included). Null where it does not exist.
    """
    if own.shape[0] == 0:
        own = np.full((1, own.shape[1]), np.nan)
    inside = np.where(np.isnan(own), np.nan, own != 0.0)
    frequency = inside.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(np.mean((own - full.estimate) ** 2, axis=0)) / full.std_error
        bias = own.mean(axis=0) / frequency / full.estimate - 1.0
    low, median, high = np.quantile(own, (TAIL, 0.5, 1.0 - TAIL), axis=0)
    values = {
        "estimate": full.estimate,
        "std_error": full.std_error,
        "frequency": frequency,
        "rmsd_ratio": ratio,
        "relative_bias": bias,
        "median": median,
        "low": low,
        "high": high,
    }
    names = {
        "term": [term for term, _ in full.names],
        "level": [level for _, level in full.names],
    }
    known = {name: np.where(np.isfinite(each), each, np.nan) for name, each in values.items()}
    return pl.DataFrame({**names, **known}, schema=COLUMNS).with_columns(
        pl.selectors.float().fill_nan(None)
    )
