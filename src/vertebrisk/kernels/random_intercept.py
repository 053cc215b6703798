"""Linear model with one random intercept a patient, by restricted maximum likelihood.

The likelihood is profiled to one unknown, the ratio of the two variances, so that the
estimate is a root found to the last digits instead of the end of a search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray

_RATIOS = np.logspace(-8, 8, 161)


@dataclass(frozen=True, slots=True, eq=False)
class RandomIntercept:
    """A fitted model: coefficients (p,), their covariance (p, p) and the two variances."""

    beta: FloatArray
    covariance: FloatArray
    within_variance: float
    between_variance: float
    log_likelihood: float


def fit_random_intercept(
    columns: FloatArray, values: FloatArray, patients: IntArray
) -> RandomIntercept | None:
    """Restricted maximum likelihood, as ``nlme::lme(random = ~ 1 | patient)``.

    Parameters
    ----------
    columns : array, shape (N, p)
        Design of full rank, with more rows than columns.
    values : array, shape (N,)
    patients : int array, shape (N,)
        Codes 0 ... m - 1, each of which occurs.

    Returns
    -------
    RandomIntercept or None
        None where nothing varies about the design. A variance between patients of zero is
        a right answer.

    References
    ----------
    Laird and Ware 1982, doi:10.2307/2529876
    """
    from scipy.optimize import brentq

    problem = _Problem(columns, values, patients)
    if problem.residual_share(0.0) < 1e-20:
        return None
    slopes = np.array([problem.slope(ratio) for ratio in _RATIOS])
    candidates = [0.0] if problem.slope(0.0) >= 0 else []
    if not candidates and slopes[0] >= 0:
        candidates.append(float(brentq(problem.slope, 0.0, _RATIOS[0], xtol=1e-300)))
    turning = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    for at in turning:
        low, high = np.log(_RATIOS[at]), np.log(_RATIOS[at + 1])
        root = brentq(lambda x: problem.slope(float(np.exp(x))), low, high, xtol=1e-14)
        candidates.append(float(np.exp(root)))
    if not candidates:
        return None
    return problem.fitted(min(candidates, key=problem.deviance))


class _Problem:
    """Sums that the profile needs at any ratio of between to within variance."""

    def __init__(self, columns: FloatArray, values: FloatArray, patients: IntArray) -> None:
        self.n, self.p = columns.shape
        self.sizes = np.bincount(patients).astype(np.float64)
        m = self.sizes.size
        together = np.column_stack([columns, values])
        self.products = together.T @ together
        self.sums = np.zeros((m, self.p + 1))
        np.add.at(self.sums, patients, together)

    def _moments(self, ratio: float) -> FloatArray:
        shrink = ratio / (1 + self.sizes * ratio)
        return np.asarray(self.products - (self.sums * shrink[:, None]).T @ self.sums)

    def solved(self, ratio: float) -> tuple[FloatArray, FloatArray, float]:
        """Coefficients, the cross-products of the design, and the residual sum of squares."""
        moments = self._moments(ratio)
        cross = moments[:-1, :-1]
        beta = np.asarray(np.linalg.solve(cross, moments[:-1, -1]), dtype=np.float64)
        contrast = np.append(-beta, 1.0)
        return beta, cross, float(contrast @ moments @ contrast)

    def residual_share(self, ratio: float) -> float:
        """Residual sum of squares as a share of the total."""
        total = float(self.products[-1, -1])
        return self.solved(ratio)[2] / total if total > 0 else 0.0

    def deviance(self, ratio: float) -> float:
        """Minus twice the restricted log likelihood."""
        _, cross, rss = self.solved(ratio)
        freedom = float(self.n - self.p)
        volume = float(np.log1p(self.sizes * ratio).sum()) + float(np.linalg.slogdet(cross)[1])
        return float(freedom * (1 + np.log(2 * np.pi * rss / freedom)) + volume)

    def slope(self, ratio: float) -> float:
        """Derivative of the deviance by the ratio."""
        beta, cross, rss = self.solved(ratio)
        falling = 1 / np.square(1 + self.sizes * ratio)
        residual = self.sums @ np.append(-beta, 1.0)
        design = self.sums[:, :-1]
        lost = (design * falling[:, None]).T @ design
        return float(
            -(self.n - self.p) * (np.square(residual) @ falling) / rss
            + (self.sizes / (1 + self.sizes * ratio)).sum()
            - np.trace(np.linalg.solve(cross, lost))
        )

    def fitted(self, ratio: float) -> RandomIntercept:
        beta, cross, rss = self.solved(ratio)
        within = rss / (self.n - self.p)
        return RandomIntercept(
            beta,
            within * np.linalg.inv(cross),
            within,
            ratio * within,
            -self.deviance(ratio) / 2,
        )
