"""Profile intervals of Firth's estimates over completed tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.firth.combined import combined_deviates, combined_limits
from vertebrisk.kernels.firth.profiles import Peak
from vertebrisk.models.firth.cox import FirthCoxFit
from vertebrisk.models.firth.fit import FirthLogisticFit


@dataclass(frozen=True, slots=True, eq=False)
class CombinedProfiles:
    """Limits and tests of every coefficient, the intercept first where there is one.

    Attributes
    ----------
    low, high : array, shape (p,)
        NaN for FLIC's intercept, which the penalised likelihood does not know.
    deviate : array, shape (p,)
        Standard normal deviate of the hypothesis that the coefficient is zero.
    """

    low: FloatArray
    high: FloatArray
    deviate: FloatArray


def combined_profiles(
    fits: Sequence[FirthLogisticFit | FirthCoxFit], level: float
) -> CombinedProfiles:
    """The profiles of all tables, combined by Heinze, Ploner and Beyea's rule (CLIP)."""
    root = float(normal_quantile(0.5 + level / 2.0))
    first = fits[0]
    size = first.beta.size
    if isinstance(first, FirthCoxFit):
        return _combined([each.peak() for each in fits if isinstance(each, FirthCoxFit)],
                         np.arange(size), size, root)  # fmt: skip
    logistic = [each.penalised for each in fits if isinstance(each, FirthLogisticFit)]
    whole = CombinedProfiles(*(np.full(size + 1, np.nan) for _ in range(3)))
    parts = []
    if size:
        slopes = [each.centred for each in logistic]
        parts.append(_combined(slopes, np.arange(size) + 1, size + 1, root))
    if first.mean_risk != "flic":
        constants = [each.peak(centred=False) for each in logistic]
        parts.append(_combined(constants, np.array([0]), size + 1, root))
    for part in parts:
        known = np.isfinite(part.deviate)
        whole.low[known], whole.high[known] = part.low[known], part.high[known]
        whole.deviate[known] = part.deviate[known]
    return whole


def _combined(peaks: Sequence[Peak], places: IntArray, size: int, root: float) -> CombinedProfiles:
    """Some coefficients' profiles; NaN elsewhere. FLAC's last column is left out."""
    wanted = np.zeros(peaks[0].beta.size, dtype=np.bool_)
    wanted[places] = True
    found = np.full((size, 3), np.nan)
    found[places, :2] = combined_limits(peaks, wanted, root)
    found[places, 2] = combined_deviates(peaks, wanted)
    return CombinedProfiles(found[:, 0], found[:, 1], found[:, 2])
