"""Bootstrap weights and their sums over patterns, compiled: as `resamples` and `patterns`."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
R11, R27, R30, R31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)


@jit("uint64(uint64)")
def _mixed(bits: np.uint64) -> np.uint64:
    bits = (bits ^ (bits >> R30)) * FIRST
    bits = (bits ^ (bits >> R27)) * SECOND
    return bits ^ (bits >> R31)


@jit("void(uint64, uint64, float64[:, ::1])")
def _draw(seed: np.uint64, first: np.uint64, weights: FloatArray) -> None:
    replicates, units = weights.shape
    number = _mixed(seed + GOLDEN) + first * GOLDEN
    for replicate in range(replicates):
        place = _mixed(number)
        for _ in range(units):
            place += GOLDEN
            share = np.float64(_mixed(place) >> R11) * 2.0**-53
            weights[replicate, np.int64(share * units)] += 1.0
        number += GOLDEN


@jit("void(uint64, uint64, int64[::1], float64[:, ::1])")
def _count(seed: np.uint64, first: np.uint64, cells: IntArray, counts: FloatArray) -> None:
    replicates, size = counts.shape[0], cells.shape[0]
    number = _mixed(seed + GOLDEN) + first * GOLDEN
    for replicate in range(replicates):
        place = _mixed(number)
        for _ in range(size):
            place += GOLDEN
            share = np.float64(_mixed(place) >> R11) * 2.0**-53
            counts[replicate, cells[np.int64(share * size)]] += 1.0
        number += GOLDEN


@jit("void(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1], float64[:, ::1])")
def _collapse(
    weights: FloatArray, event: FloatArray, of: IntArray, counts: FloatArray, events: FloatArray
) -> None:
    replicates, size = weights.shape
    for replicate in range(replicates):
        for row in range(size):
            weight = weights[replicate, row]
            counts[replicate, of[row]] += weight
            events[replicate, of[row]] += weight * event[row]


def drawn_weights(size: int, resamples: int, seed: int, first: int) -> FloatArray:
    """Frequencies of `bootstrap_weights` to the bit, shape (resamples, size)."""
    weights = np.zeros((resamples, size))
    _draw(np.uint64(seed % 2**64), np.uint64(first), weights)
    return weights


def drawn_counts(cells: IntArray, width: int, resamples: int, seed: int, first: int) -> FloatArray:
    """Counts of `bootstrap_counts` to the bit, shape (resamples, width)."""
    counts = np.zeros((resamples, width))
    _count(np.uint64(seed % 2**64), np.uint64(first), plain(cells), counts)
    return counts


def collapsed(
    of: IntArray, width: int, weights: FloatArray, event: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights and weights of events by pattern, shape (replicates, patterns) each."""
    shape = weights.shape[0], width
    counts, events = np.zeros(shape), np.zeros(shape)
    _collapse(plain(weights), plain(event), plain(of), counts, events)
    return counts, events
