"""Regressions of one variable on the others, in many chains at once, and draws from them.

Each function draws the parameters anew, so that imputations differ by what the data leave open
(Rubin 1987, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray, IntArray
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

    def chi2(self, df: float) -> FloatArray:
        """Chi-square, one for each chain."""
        return np.asarray(2.0 * special.gammaincinv(df / 2.0, self.shares(1)[:, 0]))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A variable's patients: whose values are known, the same in every chain, and the others.

    Attributes
    ----------
    known, unknown : int array
        Their rows in the table.
    values : array, shape (known,)
        Of the variable.
    design : array, shape (chains, q, known)
        What it is regressed on, a column at a time, so that what is done to patients runs along
        memory; the first column is 1.
    asked : array, shape (chains, q, unknown)
        The same of those whose value is to be drawn.
    """

    known: IntArray
    unknown: IntArray
    values: FloatArray
    design: FloatArray
    asked: FloatArray

    @classmethod
    def of(
        cls, values: FloatArray, columns: FloatArray, known: IntArray, unknown: IntArray
    ) -> Rows:
        """From a column's `values`, shape (n,), and the other columns, shape (chains, q, n).

        Nothing tells what a column does that is the same in all of the known: the others count
        as like them in it. R's ``mice`` leaves such a column out of the regression.
        """
        design, asked = columns.take(known, axis=2), columns.take(unknown, axis=2)
        flat = (design == design[:, :, :1]).all(axis=2)
        if flat[:, 1:].any():
            asked = np.where(flat[:, :, None], design[:, :, :1], asked)
        return cls(known, unknown, values[known], design, asked)


def linear(rows: Rows, streams: Streams) -> FloatArray:
    """Normal values around the regression line, shape (chains, unknown)."""
    model = _linear_model(rows, streams)
    noise = normal_quantile(streams.at(2).shares_at(rows.unknown))
    return np.asarray(model.asked + model.sigma[:, None] * noise)


def matched(rows: Rows, streams: Streams) -> FloatArray:
    """Predictive mean matching: values of patients like them, shape (chains, unknown).

    The five patients whose fitted mean is nearest to the mean drawn for the patient are donors
    (type 1 matching; van Buuren 2018, Flexible Imputation of Missing Data, 3.4;
    doi:10.1201/9780429492259).
    """
    model = _linear_model(rows, streams)
    picks = streams.at(2).shares_at(rows.unknown)
    order = np.argsort(model.fitted, axis=1)
    drawn = np.empty_like(picks)
    for chain, means in enumerate(np.take_along_axis(model.fitted, order, axis=1)):
        _shuffle_ties(order[chain], means, rows, streams.at(3).of(chain))
        donors = order[chain, _nearest(means, model.asked[chain], picks[chain])]
        drawn[chain] = rows.values[donors]
    return drawn


def _shuffle_ties(order: IntArray, means: FloatArray, rows: Rows, streams: Streams) -> None:
    """Bring patients of equal means into random order, where their values are not equal too."""
    same, values = means[1:] == means[:-1], rows.values[order]
    if (same & (values[1:] != values[:-1])).any():
        tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
        draws = streams.shares_at(rows.known[order[tied]])[0]
        order[tied] = order[tied][np.lexsort((draws, means[tied]))]


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
    """Means of the known at the estimate, of the others at a draw, and the drawn residual SD."""

    fitted: FloatArray
    asked: FloatArray
    sigma: FloatArray


def _linear_model(rows: Rows, streams: Streams) -> _Linear:
    """Bayesian linear regression with the usual vague prior."""
    q, count = rows.design.shape[1:]
    information = _ridged(_products(rows.design))
    estimate = np.linalg.solve(information, (rows.design @ rows.values)[:, :, None])
    fitted = (estimate.transpose(0, 2, 1) @ rows.design)[:, 0]
    residual = rows.values - fitted
    squares = np.einsum("cn,cn->c", residual, residual)
    scatter = streams.at(0).chi2(float(max(count - q, 1)))
    sigma = np.sqrt(squares / np.maximum(scatter, 1e-300))
    noise = streams.at(1).normals(q)
    drawn = estimate[:, :, 0] + sigma[:, None] * spread(information, noise)
    return _Linear(fitted, (drawn[:, None] @ rows.asked)[:, 0], sigma)


def _products(design: FloatArray) -> FloatArray:
    """Sums of products of columns, the first of which is 1, shape (chains, q, q)."""
    found = np.empty((design.shape[0], design.shape[1], design.shape[1]))
    found[:, 0, 0] = design.shape[2]
    found[:, 1:] = design[:, 1:] @ design.transpose(0, 2, 1)
    found[:, 0, 1:] = found[:, 1:, 0]
    return found


def spread(information: FloatArray, noise: FloatArray) -> FloatArray:
    """Normal vectors whose covariance is the inverse of the information, shape (chains, q)."""
    upper = np.linalg.cholesky(information).transpose(0, 2, 1)
    return np.asarray(np.linalg.solve(upper, noise[:, :, None])[:, :, 0])


def _ridged(information: FloatArray) -> FloatArray:
    """With a share of its diagonal more on it, in place."""
    diagonal = np.einsum("cqq->cq", information)  # a view
    diagonal += RIDGE * np.maximum(diagonal, 1e-12)
    return information
