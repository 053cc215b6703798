"""Logistic regression of many bootstrap replicates over one chunk, all in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.streamed.rows import Rows, blocks
from vertebrisk.kernels.streamed.weights import poisson_weights

DRAWN = 16_384  # rows whose weights are held at once
CELLS = 1 << 15  # rows times replicates that are worked on at once: they stay in the cache
SMALLEST = 64  # rows of a block

Sums = tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Complete rows, their numbers among all, and the replicates in which they are drawn.

    Attributes
    ----------
    rows : Rows
        Without weights of their own.
    numbers : int array, shape (m,)
        Ascending.
    seed : int
    replicates : int array, shape (r,)
    """

    rows: Rows
    numbers: IntArray
    seed: int
    replicates: IntArray

    def stretches(self) -> Iterator[tuple[Rows, IntArray]]:
        """Some rows after the other, with their numbers."""
        for start in range(0, self.rows.size, DRAWN):
            some = slice(start, start + DRAWN)
            yield self.rows.take(some), self.numbers[some]

    def times(self, numbers: IntArray, replicates: IntArray) -> NDArray[np.uint8]:
        """How often rows of these numbers are drawn, shape (replicates, rows)."""
        first, last = int(numbers[0]), int(numbers[-1])
        times = poisson_weights(self.seed, replicates, first, last - first + 1)
        return times if times.shape[1] == numbers.size else times[:, numbers - first]

    def blocks(self, centre: FloatArray) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """Columns (1 + p, m), target (m,) and weights (r, m) of some rows after the other."""
        tile = max(SMALLEST, CELLS // max(self.replicates.size, 1))
        for some, numbers in self.stretches():
            times = self.times(numbers, self.replicates)
            for part, block in blocks(some, centre, tile):
                yield block, some.target[part], times[:, part].astype(np.float64)


def replicate_slopes(drawn: Drawn, centre: FloatArray, beta: FloatArray) -> Sums:
    """Gradient of each replicate at its coefficients, shape (r, 1 + p)."""
    gradient = np.zeros(beta.shape)
    for block, target, weights in drawn.blocks(centre):
        risk, _ = _risk(beta @ block)
        gradient += (weights * (target - risk)) @ block.T
    return (gradient,)


def replicate_curvature(drawn: Drawn, centre: FloatArray, beta: FloatArray) -> Sums:
    """Weight, events, gradient and information of each replicate at its coefficients.

    Returns
    -------
    tuple
        Shapes (r,), (r,), (r, 1 + p) and (r, pairs). `beta` may have one row for all: then
        the products of the columns are made for all replicates together.
    """
    size, count = beta.shape[1], drawn.replicates.size
    first, second = np.triu_indices(size)
    total, events = np.zeros(count), np.zeros(count)
    gradient, packed = np.zeros((count, size)), np.zeros((count, first.size))
    for block, target, weights in drawn.blocks(centre):
        risk, spread = _risk(beta @ block)
        pairs = block[first] * block[second]
        total += weights.sum(axis=1)
        events += weights @ target
        if beta.shape[0] == 1:
            gradient += weights @ (block * (target - risk)).T
            packed += weights @ (pairs * spread).T
        else:
            gradient += (weights * (target - risk)) @ block.T
            packed += (weights * spread) @ pairs.T
    return total, events, gradient, packed


def replicate_performance(
    drawn: Drawn, centre: FloatArray, beta: FloatArray, line: FloatArray
) -> Sums:
    """How each replicate's model does, on its own patients and on all, in sums.

    Parameters
    ----------
    drawn : Drawn
    centre : array, shape (p,)
    beta : array, shape (r, 1 + p)
    line : array, shape (r, 2)
        Intercept and slope of the outcome regressed on the linear predictor, or near them.

    Returns
    -------
    tuple of arrays
        On its own patients log-likelihood and squared errors, (r,) each; on all of them squared
        errors, and of the line log-likelihood, gradient (r, 2) and information (r, 3).
    """
    count = drawn.replicates.size
    own_gain, own_square, square, gain = (np.zeros(count) for _ in range(4))
    gradient, information = np.zeros((count, 2)), np.zeros((count, 3))
    for block, target, weights in drawn.blocks(centre):
        eta = beta @ block
        risk, _ = _risk(eta)
        wrong = (target - risk) ** 2
        own_gain += (weights * _gain(eta, target)).sum(axis=1)
        own_square += (weights * wrong).sum(axis=1)
        square += wrong.sum(axis=1)
        moved = line[:, :1] + line[:, 1:] * eta
        risk, spread = _risk(moved)
        left = target - risk
        gain += _gain(moved, target).sum(axis=1)
        gradient += np.column_stack([left.sum(axis=1), (left * eta).sum(axis=1)])
        by_eta = spread * eta
        information += np.column_stack(
            [spread.sum(axis=1), by_eta.sum(axis=1), (by_eta * eta).sum(axis=1)]
        )
    return own_gain, own_square, square, gain, gradient, information


def _risk(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Risk and its variance."""
    small = np.exp(-np.abs(eta))
    whole = 1.0 + small
    return np.where(eta >= 0, 1.0, small) / whole, small / (whole * whole)


def _gain(eta: FloatArray, target: FloatArray) -> FloatArray:
    """Log-likelihood of each row."""
    return target * eta - np.maximum(eta, 0.0) - np.log(1.0 + np.exp(-np.abs(eta)))
