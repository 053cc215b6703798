"""Calibration curve with band and distribution; agreement of risks with outcomes."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.kernels.lowess import lowess_operator
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.kernels.tied import TiedScores
from vertebrisk.validation.results import CalibrationCurve

CURVE_NAME = "lowess (span 2/3, no robustness iterations)"
BAND_LIMIT = 200  # events or non-events below which a curve is unreliable
BINS = 25
NORMAL_975 = 1.959963984540054


def risk_distribution(risk: FloatArray, event: FloatArray) -> pl.DataFrame:
    """Counts of patients and events in equal bins of risk: low, high, n, n_events."""
    edges = risk_bins(float(risk.max()) if risk.size else 1.0)
    total, _ = np.histogram(risk, edges)
    events, _ = np.histogram(risk[event > 0], edges)
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": total, "n_events": events})


def risk_bins(greatest: float) -> FloatArray:
    """Edges of equal bins up to the greatest risk."""
    return np.linspace(0.0, max(float(np.ceil(greatest * 20) / 20), 0.05), BINS + 1)


def calibration_curve(
    tied: TiedScores,
    sampling: ControlSampling | None,
    grid: FloatArray,
    apparent: FloatArray,
    corrected: FloatArray,
    distribution: pl.DataFrame,
    *,
    new_patients: bool = False,
) -> CalibrationCurve:
    """Assemble the curve with its pointwise band.

    Of the patients that made the model the band tells half the truth, so the curve carries it
    only below 200 events or non-events, where it is needed; of new patients always.
    """
    low, high = _band(tied, sampling, grid, new_patients=new_patients)
    frame = pl.DataFrame(
        {
            "predicted": grid,
            "apparent": apparent,
            "corrected": corrected,
            "conf_low": low,
            "conf_high": high,
        },
        nan_to_null=True,
    )
    known = np.isfinite(corrected)
    gap = float(np.mean(np.abs(corrected - grid)[known])) if known.any() else None
    return CalibrationCurve(frame, distribution, CURVE_NAME, gap)


def _band(
    tied: TiedScores, sampling: ControlSampling | None, grid: FloatArray, *, new_patients: bool
) -> tuple[FloatArray, FloatArray]:
    """Pointwise 95 % band of the curve, from its local weights and binomial variances."""
    nothing = np.full(grid.size, np.nan)
    events, total = tied.events.sum(), tied.counts.sum()
    many = min(events, total - events) >= BAND_LIMIT
    if (many and not new_patients) or tied.sizes[0] < 3:
        return nothing, nothing
    scores = tied.scores if sampling is None else tied.scores + sampling.offset
    risk, operator = lowess_operator(tied.map_scores(expit(scores)))
    counts, shares = tied.counts[0], tied.shares[0]
    smooth = operator @ shares
    # the variance of a share is that of the smoothed risk at its score, kept off 0 and 1
    at_scores = np.interp(expit(scores[0]), risk, smooth)
    safe = np.clip(at_scores, 0.5 / total, 1.0 - 0.5 / total)
    variance = (operator**2) @ (safe * (1.0 - safe) / np.where(counts > 0, counts, 1.0))
    reach = NORMAL_975 * np.sqrt(variance)
    low, high = np.clip(smooth - reach, 0.0, 1.0), np.clip(smooth + reach, 0.0, 1.0)
    if sampling is not None:
        risk, low, high = (sampling.to_population(each) for each in (risk, low, high))
    return np.interp(grid, risk, low), np.interp(grid, risk, high)
