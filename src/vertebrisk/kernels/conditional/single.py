"""The conditional likelihood of sets with one case: shares of the members, as in a softmax."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.conditional.sets import MatchedSets

CELLS = 4_000_000  # products of two columns that are held at once


def shares(sets: MatchedSets, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of each member in its set, and the sum that it is a share of.

    `eta` has shape (replicates, sets, size), the highest of each set at 0.
    """
    relative = np.where(sets.filled, np.exp(eta), 0.0)
    total = relative.sum(axis=2)
    return relative / total[:, :, None], total


def derivatives(
    sets: MatchedSets, members: FloatArray, eta: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and information; `members` are columns, shape (sets, size, p)."""
    apart = members - members[:, :1]  # from the case, which comes first
    share, _ = shares(sets, eta)
    mean = np.matmul(share.transpose(1, 0, 2), apart).transpose(1, 0, 2)  # (replicates, sets, p)
    weighted = mean * weights[:, :, None]
    gradient = -weighted.sum(axis=1)
    size = members.shape[2]
    first, second = np.triu_indices(size)
    flat = apart.reshape(sets.rows.size, size)
    pull = (share * weights[:, :, None]).reshape(eta.shape[0], -1)
    packed = np.zeros((eta.shape[0], first.size))
    step = max(1, CELLS // max(1, first.size))
    for start in range(0, flat.shape[0], step):
        part = flat[start : start + step]
        packed += pull[:, start : start + step] @ (part[:, first] * part[:, second])
    information = np.empty((eta.shape[0], size, size))
    information[:, first, second] = packed
    information[:, second, first] = packed
    information -= np.matmul(weighted.transpose(0, 2, 1), mean)
    return gradient, information


def squares(
    sets: MatchedSets, members: FloatArray, eta: FloatArray, weights: FloatArray
) -> FloatArray:
    """Mean squares of the columns, shape (replicates, p)."""
    share, _ = shares(sets, eta)
    pull = (share * weights[:, :, None]).reshape(eta.shape[0], -1)
    return np.asarray(pull @ members.reshape(sets.rows.size, members.shape[2]) ** 2)
