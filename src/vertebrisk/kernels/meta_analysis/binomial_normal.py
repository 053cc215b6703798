"""Counts pooled without a normal approximation: logistic regression with a random intercept.

Each study has x events of n with log-odds beta + tau u, u standard normal. The likelihood is
integrated by adaptive Gauss-Hermite quadrature about each study's mode, and its derivatives
are those of the quadrature itself, so that the maximum is a root found to the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray

_SPREADS = np.geomspace(1e-3, 30.0, 40)  # of the search for maxima over tau
_STEP = 1e-5  # of the central differences of the gradient
_REACH, _WIDEST = 0.1, 1000.0  # of the search for beta about where it last was


@dataclass(frozen=True, slots=True, eq=False)
class BinomialNormal:
    """Mean log-odds, its standard error, tau2, the log-likelihood and a test of heterogeneity.

    `lr_statistic` compares one common proportion with a proportion of each study, on k - 1
    degrees of freedom.
    """

    beta: float
    std_error: float
    tau2: float
    log_likelihood: float
    lr_statistic: float


def fit_binomial_normal(
    events: FloatArray, sizes: FloatArray, points: int = 7
) -> BinomialNormal | None:
    """Maximum likelihood of the mean log-odds and of the variance between studies.

    Parameters
    ----------
    events, sizes : array, shape (k,)
        Events and patients of each study; an event and a patient without one occur somewhere.
    points : int
        Points of the quadrature.

    Returns
    -------
    BinomialNormal or None
        None where the likelihood rises without end in tau: nearly every study has all or none.
        As ``metafor::rma.glmm(measure = "PLO")``, which calls ``lme4::glmer``. A variance of
        zero is a right answer.

    References
    ----------
    Stijnen, Hamza and Ozdemir 2010, doi:10.1002/sim.4040; Pinheiro and Bates 1995,
    doi:10.1080/10618600.1995.10474663
    """
    likelihood = _Likelihood(events, sizes, points)
    start = float(special.logit(events.sum() / sizes.sum()))
    betas, slopes = _profile(likelihood, start)
    if slopes[-1] > 0:
        return None
    candidates = [(start, 0.0)] if slopes[0] <= 0 else []
    turning = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    candidates += [_maximum(likelihood, float(betas[at]), _SPREADS[at : at + 2]) for at in turning]
    beta, tau = max(candidates, key=lambda each: likelihood.value(*each))
    variance = np.linalg.inv(likelihood.information(beta, tau))[0, 0]
    return BinomialNormal(
        beta,
        float(np.sqrt(variance)),
        tau**2,
        likelihood.value(beta, tau),
        _likelihood_ratio(events, sizes),
    )


def _profile(likelihood: _Likelihood, start: float) -> tuple[FloatArray, FloatArray]:
    """Best beta and slope by tau at each of the spreads, up to the last that has them."""
    betas, slopes = list[float](), list[float]()
    for tau in _SPREADS:
        start = likelihood.best_beta(float(tau), start)
        if np.isnan(start):
            break
        betas.append(start)
        slopes.append(float(likelihood.gradient(start, float(tau))[1]))
    return np.array(betas), np.array(slopes)


def _maximum(likelihood: _Likelihood, near: float, spreads: FloatArray) -> tuple[float, float]:
    """Beta and tau of the maximum between two spreads."""
    from scipy.optimize import brentq

    def slope(tau: float) -> float:
        return float(likelihood.gradient(likelihood.best_beta(tau, near), tau)[1])

    tau = float(brentq(slope, float(spreads[0]), float(spreads[1]), xtol=1e-13))
    return likelihood.best_beta(tau, near), tau


class _Likelihood:
    """The integrated log-likelihood (without binomial coefficients) and its gradient."""

    def __init__(self, events: FloatArray, sizes: FloatArray, points: int) -> None:
        self.events, self.sizes = events[:, None], sizes[:, None]
        self.nodes, weights = np.polynomial.hermite.hermgauss(points)
        self.log_weights = np.log(weights) + self.nodes**2

    def _modes(self, beta: float, tau: float) -> FloatArray:
        """Most likely u of each study, shape (k, 1): the root of a falling function."""
        low = np.full_like(self.events, -abs(tau) * float(self.sizes.max()) - 1.0)
        high = -low
        u = np.zeros_like(self.events)
        for _ in range(200):
            p = special.expit(beta + tau * u)
            score = tau * (self.events - self.sizes * p) - u
            low, high = np.where(score > 0, u, low), np.where(score > 0, high, u)
            step = score / (1 + tau**2 * self.sizes * p * (1 - p))
            moved = u + step
            moved = np.where((moved <= low) | (moved >= high), (low + high) / 2, moved)
            done = np.abs(moved - u) <= 1e-15 * (1 + np.abs(u))
            u = np.where(score == 0, u, moved)
            if (done | (score == 0)).all():
                break
        return u

    def _terms(
        self, beta: float, tau: float
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        modes = self._modes(beta, tau)
        p = special.expit(beta + tau * modes)
        widths = 1 / np.sqrt(1 + tau**2 * self.sizes * p * (1 - p))
        u = modes + np.sqrt(2) * widths * self.nodes
        eta = beta + tau * u
        logs = self.events * eta - self.sizes * np.logaddexp(0.0, eta) - u**2 / 2
        return modes, widths, u, logs + self.log_weights

    def value(self, beta: float, tau: float) -> float:
        """Log-likelihood, with the constants of the normal density."""
        _, widths, _, logs = self._terms(beta, tau)
        each = np.log(widths[:, 0]) + special.logsumexp(logs, axis=1)
        return float(each.sum() - 0.5 * each.size * np.log(np.pi))

    def gradient(self, beta: float, tau: float) -> FloatArray:
        """Derivatives by beta and tau, those of modes and widths included."""
        modes, widths, u, logs = self._terms(beta, tau)
        p = special.expit(beta + tau * modes)
        spread = self.sizes * p * (1 - p)
        share = special.softmax(logs, axis=1)
        residual = self.events - self.sizes * special.expit(beta + tau * u)
        found = []
        for by_beta in (True, False):
            direct = np.ones_like(modes) if by_beta else modes
            score = -tau * spread * direct
            if not by_beta:
                score = score + self.events - self.sizes * p
            mode = widths**2 * score
            curvature = tau**2 * spread * (1 - 2 * p) * (direct + tau * mode)
            if not by_beta:
                curvature = curvature + 2 * tau * spread
            width = -0.5 * widths**3 * curvature
            moved = mode + np.sqrt(2) * self.nodes * width
            change = residual * ((1.0 if by_beta else u) + tau * moved) - u * moved
            found.append(float((width / widths).sum() + (share * change).sum()))
        return np.array(found)

    def best_beta(self, tau: float, near: float) -> float:
        """The beta at which the likelihood is highest for this tau; NaN where none is met."""
        from scipy.optimize import brentq

        def slope(beta: float) -> float:
            return float(self.gradient(beta, tau)[0])

        reach = _REACH
        while reach <= _WIDEST:
            low, high = near - reach, near + reach
            if slope(low) >= 0 >= slope(high):
                return float(brentq(slope, low, high, xtol=1e-13, rtol=1e-14))
            reach *= 4
        return float("nan")

    def information(self, beta: float, tau: float) -> FloatArray:
        """Minus the second derivatives, (2, 2)."""
        rows = []
        for step in (np.array([_STEP, 0.0]), np.array([0.0, _STEP])):
            ahead = self.gradient(beta + float(step[0]), tau + float(step[1]))
            behind = self.gradient(beta - float(step[0]), tau - float(step[1]))
            rows.append((behind - ahead) / (2 * _STEP))
        second = np.array(rows)
        return np.asarray((second + second.T) / 2)


def _likelihood_ratio(events: FloatArray, sizes: FloatArray) -> float:
    """Twice the gain in log-likelihood of a proportion of each study over a common one."""
    common = events.sum() / sizes.sum()
    others = sizes - events
    gain = special.xlogy(events, events / (sizes * common)) + special.xlogy(
        others, others / (sizes * (1 - common))
    )
    return float(max(0.0, 2 * gain.sum()))
