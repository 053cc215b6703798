"""Bootstrap resamples as weights: how often each patient was drawn.

Every replicate has a stream of its own, keyed by the seed and its number, so the
answer is the same whatever the number of threads, batches or workers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.distributions import normal_quantile

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
BLOCK = 1_000_000  # draws made at once
CACHED = 65_536  # the same where nothing else is held: draws that stay in the processor's cache
HELD = 4_000_000  # frequencies of patients held at once
FINEST = 2**53  # whole numbers below this are shares of a unit


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64, which turns a counter into random bits."""
    bits = bits ^ (bits >> np.uint64(30))
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def uniform_draws(seed: int, replicates: IntArray, draws: int, below: int) -> IntArray:
    """Whole numbers from 0 to `below` - 1, shape (replicates, draws).

    A number depends on the seed, its replicate and its place only: SplitMix64 (Steele et
    al. 2014, doi:10.1145/2660193.2660195) with a start of its own for every replicate.
    """
    return _uniform(seed, replicates, np.arange(draws), below)


def _uniform(seed: int, replicates: IntArray, places: IntArray, below: int) -> IntArray:
    key = _mixed(np.array([seed % 2**64], dtype=np.uint64) + GOLDEN)
    start = _mixed(key + replicates.astype(np.uint64)[:, None] * GOLDEN)
    bits = _mixed(start + (places.astype(np.uint64) + np.uint64(1)) * GOLDEN)
    share = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (share * below).astype(np.int64)


def derived_seed(seed: int, *labels: int) -> int:
    """A seed for one purpose of many, each named by whole numbers: a stream of its own."""
    key, golden = seed % 2**64, int(GOLDEN)
    for label in labels:
        key = _mixed_one(_mixed_one(key + golden) + (label + 1) * golden)
    return key


def _mixed_one(bits: int) -> int:
    """What `_mixed` makes of one number, taken modulo 2^64."""
    bits %= 2**64
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB % 2**64
    return bits ^ (bits >> 31)


def shares(seed: int, replicates: IntArray, draws: int) -> FloatArray:
    """Numbers between 0 and 1, neither reached, shape (replicates, draws)."""
    return shares_at(seed, replicates, np.arange(draws))


def shares_at(seed: int, replicates: IntArray, places: IntArray) -> FloatArray:
    """Those of `shares` that stand in some places, shape (replicates, places)."""
    return (_uniform(seed, replicates, places, FINEST) + 0.5) / FINEST


def bootstrap_weights(
    size: int, resamples: int, seed: int, clusters: IntArray | None = None, first: int = 0
) -> FloatArray:
    """Frequency of each row in each bootstrap resample, shape (resamples, size).

    Parameters
    ----------
    size : int
        Number of rows.
    resamples : int
    seed : int
        0 or more.
    clusters : int array, shape (size,), optional
        Codes from 0 of the patient to whom a row belongs; whole patients are drawn.
    first : int
        Number of the first resample: a later part of a longer series.
    """
    units = size if clusters is None else int(clusters.max()) + 1
    if compiled.enabled():
        from vertebrisk.kernels.compiled.drawing import drawn_weights

        weights = drawn_weights(units, resamples, seed, first)
        return weights if clusters is None else weights[:, clusters]
    weights = np.empty((resamples, units))
    block = max(1, BLOCK // units)
    for start in range(0, resamples, block):
        replicates = np.arange(start, min(start + block, resamples))
        drawn = uniform_draws(seed, first + replicates, units, units)
        weights[replicates] = weights_from_indices(drawn, units)
    return weights if clusters is None else weights[:, clusters]


def weight_blocks(
    size: int,
    resamples: int,
    seed: int,
    *,
    clusters: IntArray | None = None,
    strata: BoolArray | None = None,
) -> Iterator[FloatArray]:
    """The patients themselves, one row of ones, and then all resamples, a part at a time.

    `bootstrap_weights` of `clusters`, or `stratified_weights` of `strata`; not more than `HELD`
    frequencies at once, whatever the number of patients.
    """
    yield np.ones((1, size))
    block = max(1, HELD // size)
    for first in range(0, resamples, block):
        number = min(block, resamples - first)
        if strata is None:
            yield bootstrap_weights(size, number, seed, clusters, first)
        else:
            yield stratified_weights(strata, number, seed, first)


def bootstrap_counts(
    cells: IntArray, width: int, resamples: int, seed: int, first: int = 0
) -> FloatArray:
    """How many rows of each cell are in each bootstrap resample, shape (resamples, width).

    The resamples of `bootstrap_weights`, rows of a cell added up; `cells`, shape (size,), are
    codes from 0. The frequencies of the rows themselves are never held.
    """
    if compiled.enabled():
        from vertebrisk.kernels.compiled.drawing import drawn_counts

        return drawn_counts(cells, width, resamples, seed, first)
    size = cells.shape[0]
    counts = np.empty((resamples, width))
    block = max(1, CACHED // size)
    for start in range(0, resamples, block):
        replicates = np.arange(start, min(start + block, resamples))
        drawn = cells[uniform_draws(seed, first + replicates, size, size)]
        counts[replicates] = weights_from_indices(drawn, width)
    return counts


def weights_from_indices(indices: IntArray, size: int) -> FloatArray:
    """Frequencies from drawn row positions, shape (resamples, draws) to (resamples, size)."""
    replicates = indices.shape[0]
    flat = (indices + size * np.arange(replicates)[:, None]).ravel()
    return (
        np.bincount(flat, minlength=replicates * size).reshape(replicates, size).astype(np.float64)
    )


def stratified_weights(strata: BoolArray, resamples: int, seed: int, first: int = 0) -> FloatArray:
    """The same with two strata resampled apart, so that each keeps its size.

    `strata` has shape (size,): cases and controls, say. The numbers drawn depend on the seed,
    the replicate and the place alone, as in `bootstrap_weights`.
    """
    weights = np.zeros((resamples, strata.size))
    block = max(1, BLOCK // strata.size)
    groups = [np.flatnonzero(strata), np.flatnonzero(~strata)]
    for start in range(0, resamples, block):
        replicates = np.arange(start, min(start + block, resamples))
        share = uniform_draws(seed, first + replicates, strata.size, FINEST) / FINEST
        begin = 0
        for group in groups:
            drawn = (share[:, begin : begin + group.size] * group.size).astype(np.int64)
            weights[np.ix_(replicates, group)] = weights_from_indices(drawn, group.size)
            begin += group.size
    return weights


def normal_draws(seed: int, replicates: IntArray, draws: int = 1) -> FloatArray:
    """Standard normal numbers, shape (replicates, draws), a stream for each replicate."""
    return np.asarray(normal_quantile(shares(seed, replicates, draws)))
