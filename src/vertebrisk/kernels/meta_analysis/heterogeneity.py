"""Variance between studies: its estimators, its standard error and its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray
from vertebrisk.kernels.meta_analysis.contrasts import Contrasts

PoolingMethod = Literal["REML", "DL", "PM", "ML", "HE", "SJ", "FE"]

_STEP = 0.05  # of the search for maxima, on the logarithm of a total variance
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """tau2, its standard error (None under one common effect), and how many maxima were met."""

    tau2: float
    std_error: float | None
    n_maxima: int = 1


def estimate_tau2(contrasts: Contrasts, method: PoolingMethod) -> Heterogeneity:
    """Variance between studies, as ``metafor::rma`` with the same `method`.

    ``"REML"`` and ``"ML"`` are the highest of all maxima of their likelihood, zero included
    (metafor climbs from one start); ``"PM"`` is Paule and Mandel's, which is also the empirical
    Bayes estimate; ``"DL"`` DerSimonian and Laird's, ``"HE"`` Hedges's, ``"SJ"`` Sidik and
    Jonkman's, ``"FE"`` zero: one common effect. Never below zero.

    References
    ----------
    Viechtbauer 2005, doi:10.3102/10769986030003261; DerSimonian and Laird 1986,
    doi:10.1016/0197-2456(86)90046-2; Paule and Mandel 1982, doi:10.6028/jres.087.022
    """
    if method == "FE":
        return Heterogeneity(0.0, None)
    if method in ("REML", "ML"):
        return _likelihood(contrasts, restricted=method == "REML")
    return _MOMENTS[method](contrasts)


def q_profile(contrasts: Contrasts, level: float) -> tuple[float, float]:
    """Limits of tau2 by the Q-profile method, as ``confint.rma.uni``.

    Both limits are zero where even no heterogeneity leaves less spread than chance would
    (metafor calls that the null set). metafor stops its search at max(100, 10 tau2); here the
    upper limit is the root itself.

    References
    ----------
    Viechtbauer 2007, doi:10.1002/sim.2514
    """
    tail = (1 - level) / 2
    upper_target = float(special.chdtri(contrasts.freedom, 1 - tail))
    lower_target = float(special.chdtri(contrasts.freedom, tail))
    return _profiled(contrasts, lower_target), _profiled(contrasts, upper_target)


def _profiled(contrasts: Contrasts, target: float) -> float:
    """The tau2 at which the generalised Q falls to `target`; zero where it starts below."""
    if contrasts.generalised_q(0.0) <= target:
        return 0.0
    squares, spreads = contrasts.squares, contrasts.spreads
    high = float(squares.sum()) / target  # each denominator there exceeds tau2
    low = max(high - float(spreads.max()), 0.0)
    if low > 0.0 and contrasts.generalised_q(low) <= target:
        return low
    return _root(lambda tau2: contrasts.generalised_q(tau2) - target, low, high)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root to the last digits; the ends may already be it by rounding."""
    from scipy.optimize import brentq

    at_low, at_high = function(low), function(high)
    if at_low == 0.0 or np.sign(at_low) == np.sign(at_high):
        return low if abs(at_low) <= abs(at_high) else high
    return float(brentq(function, low, high, xtol=_TINY, rtol=8.9e-16, maxiter=1000))


def _dersimonian_laird(contrasts: Contrasts) -> Heterogeneity:
    freedom = contrasts.freedom
    trace = float((1 / contrasts.spreads).sum())
    squared = float((1 / contrasts.spreads**2).sum())
    tau2 = max(0.0, (contrasts.generalised_q(0.0) - freedom) / trace)
    variance = 2 * freedom + 4 * tau2 * trace + 2 * tau2**2 * squared
    return Heterogeneity(tau2, float(np.sqrt(variance)) / trace)


def _hedges(contrasts: Contrasts) -> Heterogeneity:
    freedom = contrasts.freedom
    spreads = contrasts.spreads
    tau2 = max(0.0, float(contrasts.squares.sum() - spreads.sum()) / freedom)
    variance = 2 * (spreads**2).sum() + 4 * tau2 * spreads.sum() + 2 * tau2**2 * freedom
    return Heterogeneity(tau2, float(np.sqrt(variance)) / freedom)


def _sidik_jonkman(contrasts: Contrasts) -> Heterogeneity:
    start = contrasts.sample_variance
    weights = 1 / (contrasts.spreads + start)
    factor = start / contrasts.freedom
    tau2 = factor * float(contrasts.squares @ weights)
    within = contrasts.spreads * weights
    variance = (
        2 * (within @ within) + 4 * tau2 * (within @ weights) + 2 * tau2**2 * (weights @ weights)
    )
    return Heterogeneity(tau2, factor * float(np.sqrt(variance)))


def _paule_mandel(contrasts: Contrasts) -> Heterogeneity:
    freedom, k = contrasts.freedom, contrasts.variances.size
    tau2 = _profiled(contrasts, float(freedom))
    total = float((1 / (contrasts.variances + tau2)).sum())
    return Heterogeneity(tau2, float(np.sqrt(2 / freedom)) * k / total)


_MOMENTS: dict[str, Callable[[Contrasts], Heterogeneity]] = {
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
}


def _likelihood(contrasts: Contrasts, *, restricted: bool) -> Heterogeneity:
    """Highest maximum of the (restricted) likelihood over tau2 of zero or more.

    Past the largest of ``z2 - lambda`` the restricted likelihood only falls, and past the sum
    of the squares the other; up to there the slope is looked at in steps that are short on
    the scale of every total variance, and each change from rising to falling is a maximum.
    """
    squares, spreads = contrasts.squares, contrasts.spreads
    volume = spreads if restricted else contrasts.variances

    def slope(tau2: FloatArray | float) -> FloatArray:
        tau2 = np.asarray(tau2, dtype=np.float64)[..., None]
        rising = (squares / (spreads + tau2) ** 2).sum(axis=-1)
        return np.asarray(rising - (1 / (volume + tau2)).sum(axis=-1))

    def deviance(tau2: float) -> float:
        return float(np.log(volume + tau2).sum()) + contrasts.generalised_q(tau2)

    maxima = _maxima(slope, float(min(spreads.min(), volume.min())), float(squares.sum()))
    tau2 = min(maxima, key=deviance)
    information = float((1 / (volume + tau2) ** 2).sum())
    return Heterogeneity(tau2, float(np.sqrt(2 / information)), len(maxima))


def _maxima(
    slope: Callable[[FloatArray | float], FloatArray], smallest: float, bound: float
) -> list[float]:
    steps = int(np.ceil(np.log1p(bound / smallest) / _STEP)) + 1
    grid = smallest * np.expm1(np.linspace(0.0, np.log1p(bound / smallest), steps + 1))
    slopes = slope(grid)
    maxima = [0.0] if slopes[0] <= 0 else []
    falling = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    maxima += [
        _root(lambda at: float(slope(at)), float(grid[at]), float(grid[at + 1])) for at in falling
    ]
    return maxima or [float(grid[-1])]
