"""Regressions of one variable on the others, in many chains at once, and draws from them.

Arrays have one axis for the chains: `design` is (chains, n, q), first column 1; `observed`
(chains, n) marks the rows that are fitted to. Each function draws the parameters anew, so
that imputations differ by what the data leave open (Rubin 1987, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.resamples import derived_seed, normal_draws, shares, shares_at

RIDGE = 1e-5  # share of its diagonal added to the information, so that dependent columns do no harm
DONORS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """Random numbers of one step: they depend on seed, labels, chain and place alone."""

    seed: int
    chains: IntArray

    def at(self, *labels: int) -> Streams:
        """Those of a step inside it."""
        return Streams(derived_seed(self.seed, *labels), self.chains)

    def of(self, place: int) -> Streams:
        """Those of one chain."""
        return Streams(self.seed, self.chains[place : place + 1])

    def shares(self, draws: int) -> FloatArray:
        """Between 0 and 1, shape (chains, draws)."""
        return shares(self.seed, self.chains, draws)

    def shares_at(self, places: IntArray) -> FloatArray:
        """Those of some places alone, shape (chains, places)."""
        return shares_at(self.seed, self.chains, places)

    def normals(self, draws: int) -> FloatArray:
        """Standard normal, shape (chains, draws)."""
        return normal_draws(self.seed, self.chains, draws)

    def chi2(self, df: FloatArray) -> FloatArray:
        """Chi-square, one for each chain and its degrees of freedom."""
        return np.asarray(2.0 * special.gammaincinv(df / 2.0, self.shares(1)[:, 0]))


def linear(
    design: FloatArray, values: FloatArray, observed: BoolArray, streams: Streams
) -> FloatArray:
    """Normal values around the regression line, shape (chains, n).

    As in all of these functions, rows that are observed in every chain keep their values.
    """
    model = _linear_model(design, values, observed, streams)
    rows = unknown(observed)
    noise = normal_quantile(streams.at(2).shares_at(rows))
    filled = values.copy()
    filled[:, rows] = model.at_drawn[:, rows] + model.sigma[:, None] * noise
    return filled


def unknown(observed: BoolArray) -> IntArray:
    """Rows that are not observed in every chain."""
    return np.flatnonzero(~observed.all(axis=0))


def matched(
    design: FloatArray, values: FloatArray, observed: BoolArray, streams: Streams
) -> FloatArray:
    """Predictive mean matching: values of patients like them, shape (chains, n).

    The five patients whose fitted mean is nearest to the mean drawn for the patient are donors
    (type 1 matching; van Buuren 2018, Flexible Imputation of Missing Data, 3.4;
    doi:10.1201/9780429492259).
    """
    model = _linear_model(design, values, observed, streams)
    rows = unknown(observed)
    picks = streams.at(2).shares_at(rows)
    filled = values.copy()
    for chain in range(values.shape[0]):
        own, lacking = np.flatnonzero(observed[chain]), ~observed[chain, rows]
        donors, means = _in_order(own, model.at_mean[chain, own], streams.at(3).of(chain))
        wanted = rows[lacking]
        chosen = _nearest(means, model.at_drawn[chain, wanted], picks[chain, lacking])
        filled[chain, wanted] = values[chain, donors[chosen]]
    return filled


def _in_order(rows: IntArray, means: FloatArray, streams: Streams) -> tuple[IntArray, FloatArray]:
    """Rows of one chain in the order of their means, and these; ties come in random order."""
    order = np.argsort(means, kind="stable")
    ordered = means[order]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
        draws = streams.shares_at(rows[order[tied]])[0]
        order[tied] = order[tied][np.lexsort((draws, ordered[tied]))]
    return rows[order], ordered


def _nearest(means: FloatArray, wanted: FloatArray, picks: FloatArray) -> IntArray:
    """Position of a random one of the nearest `DONORS` among sorted means."""
    count = min(DONORS, means.size)
    far = np.full(count, np.inf)
    beside = np.concatenate([-far, means, far])
    lowest = np.searchsorted(means, wanted)
    apart = np.abs(beside[lowest[:, None] + np.arange(2 * count)] - wanted[:, None])
    rank = np.argsort(apart, axis=1, kind="stable")
    which = (picks * count).astype(np.int64)
    return np.asarray(lowest - count + rank[np.arange(wanted.size), which])


@dataclass(frozen=True, slots=True, eq=False)
class _Linear:
    """Means at the estimate and at the drawn coefficients, and the drawn residual SD."""

    at_mean: FloatArray
    at_drawn: FloatArray
    sigma: FloatArray


def _linear_model(
    design: FloatArray, values: FloatArray, observed: BoolArray, streams: Streams
) -> _Linear:
    """Bayesian linear regression with the usual vague prior."""
    fitted = by_column(design) * observed[:, None]
    target = np.where(observed, values, 0.0)
    information = _ridged(fitted @ design)
    right = (fitted @ target[:, :, None])[:, :, 0]
    estimate = np.linalg.solve(information, right[:, :, None])[:, :, 0]
    at_mean = (design @ estimate[:, :, None])[:, :, 0]
    residual = np.where(observed, values - at_mean, 0.0)
    squares = np.einsum("cn,cn->c", residual, residual)
    df = np.maximum(observed.sum(axis=1) - design.shape[2], 1).astype(np.float64)
    sigma = np.sqrt(squares / np.maximum(streams.at(0).chi2(df), 1e-300))
    noise = streams.at(1).normals(design.shape[2])
    drawn = estimate + sigma[:, None] * spread(information, noise)
    return _Linear(at_mean, (design @ drawn[:, :, None])[:, :, 0], sigma)


def by_column(design: FloatArray) -> FloatArray:
    """The same column by column, shape (chains, q, n): what is done to rows runs along memory."""
    return np.ascontiguousarray(design.transpose(0, 2, 1))


def spread(information: FloatArray, noise: FloatArray) -> FloatArray:
    """Normal vectors whose covariance is the inverse of the information, shape (chains, q)."""
    upper = np.linalg.cholesky(information).transpose(0, 2, 1)
    return np.asarray(np.linalg.solve(upper, noise[:, :, None])[:, :, 0])


def _ridged(information: FloatArray) -> FloatArray:
    diagonal = np.einsum("cqq->cq", information)
    floor = np.maximum(diagonal, 1e-12)
    return np.asarray(information + RIDGE * floor[:, :, None] * np.eye(information.shape[1]))
