"""What the studies say about their heterogeneity, freed of what they say about the effect.

With y ~ N(X beta, V + tau2 I) and N an orthonormal basis of what is orthogonal to X, the
contrasts N'y have mean zero and covariance N'VN + tau2 I. Turned to the eigenvectors of N'VN
they are independent with variances lambda + tau2. Every estimator of tau2, Cochran's Q and its
profile are then plain sums over k - p numbers, without cancellation where variances differ by
many powers of ten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Independent contrasts of k studies on a design of p columns.

    `squares` and `spreads`, both of shape (k - p,), are the squared contrasts and the
    variances (lambda) that they would have without heterogeneity; `variances` (k,) are the
    sampling variances of the studies, and `sample_variance` that of the estimates (divisor k).
    """

    squares: FloatArray
    spreads: FloatArray
    variances: FloatArray
    sample_variance: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom, k - p."""
        return int(self.squares.size)

    def generalised_q(self, tau2: float) -> float:
        """Weighted sum of squared residuals at `tau2`; at zero it is Cochran's Q."""
        return float((self.squares / (self.spreads + tau2)).sum())

    def typical_variance(self) -> float:
        """Sampling variance of a typical study, that of I2 and H2 (Higgins and Thompson 2002)."""
        return float(self.freedom / (1 / self.spreads).sum())


def error_contrasts(estimates: FloatArray, variances: FloatArray, columns: FloatArray) -> Contrasts:
    """Contrasts of studies about a design of full rank whose first column is the intercept.

    Parameters
    ----------
    estimates, variances : array, shape (k,)
        Effect of each study and its sampling variance, above zero.
    columns : array, shape (k, p)
        Design, p < k.

    References
    ----------
    Higgins and Thompson 2002, doi:10.1002/sim.1186
    """
    k, p = columns.shape
    centred = estimates - estimates.mean()
    basis = np.linalg.qr(columns, mode="complete")[0][:, p:]
    _, roots, turned = np.linalg.svd(np.sqrt(variances)[:, None] * basis, full_matrices=False)
    values = turned @ (basis.T @ centred)
    return Contrasts(values**2, roots**2, variances, float(centred @ centred) / k)
