"""The conditional likelihood of sets with several cases: sums over all ways to choose them.

The sums follow from a recursion over the members (Gail, Lubin and Rubinstein 1981,
doi:10.1093/biomet/68.3.703), with their first and second derivatives.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.conditional.sets import MatchedSets

CELLS = 2_000_000  # numbers of second derivatives held at once


def subsets(sets: MatchedSets, eta: FloatArray) -> FloatArray:
    """Sum over all subsets of as many members as there are cases, (replicates, sets)."""
    relative = np.where(sets.filled, np.exp(eta), 0.0)
    deepest = int(sets.cases.max())
    sums = np.zeros((*eta.shape[:2], deepest + 1))
    sums[:, :, 0] = 1.0
    for member in range(eta.shape[2]):
        top = min(member + 1, deepest)
        sums[:, :, 1 : top + 1] += relative[:, :, member, None] * sums[:, :, :top]
    place = np.broadcast_to(sets.cases[None, :, None], (*eta.shape[:2], 1))
    return np.asarray(np.take_along_axis(sums, place, axis=2)[:, :, 0])


def derivatives(
    sets: MatchedSets, members: FloatArray, eta: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and information; `members` are columns, shape (sets, size, p)."""
    size = members.shape[2]
    depth = int(sets.cases.max()) + 1
    first, second = np.triu_indices(size)
    block = max(1, CELLS // max(1, sets.cases.size * depth * max(first.size, 1)))
    gradient = np.empty((eta.shape[0], size))
    information = np.empty((eta.shape[0], size, size))
    observed = np.where(sets.leading[:, :, None], members, 0.0).sum(axis=1)
    for start in range(0, eta.shape[0], block):
        part = slice(start, start + block)
        mean, square = _moments(sets, members, eta[part])
        own = weights[part]
        gradient[part] = np.einsum("rs,rsp->rp", own, observed - mean)
        packed = np.einsum("rs,rsq->rq", own, square)
        information[part, first, second] = packed
        information[part, second, first] = packed
        information[part] -= np.matmul((mean * own[:, :, None]).transpose(0, 2, 1), mean)
    return gradient, information


def squares(
    sets: MatchedSets, members: FloatArray, eta: FloatArray, weights: FloatArray
) -> FloatArray:
    """Mean squares of the subsets' sums of columns, shape (replicates, p)."""
    size = members.shape[2]
    diagonal = np.flatnonzero(np.equal(*np.triu_indices(size)))
    found = np.empty((eta.shape[0], size))
    for each in range(eta.shape[0]):
        square = _moments(sets, members, eta[each : each + 1])[1][:, :, diagonal]
        found[each] = np.einsum("s,sp->p", weights[each], square[0])
    return found


def _moments(
    sets: MatchedSets, members: FloatArray, eta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean of the subsets' sums of columns by their share, and of the products of two of them.

    The products are packed, one for each pair of columns.
    """
    relative = np.where(sets.filled, np.exp(eta), 0.0)
    deepest, size = int(sets.cases.max()), members.shape[2]
    one, two = np.triu_indices(size)
    shape = (*eta.shape[:2], deepest + 1)
    total, first = np.zeros(shape), np.zeros((*shape, size))
    second = np.zeros((*shape, one.size))
    total[:, :, 0] = 1.0
    for member in range(eta.shape[2]):
        top = min(member + 1, deepest)
        x = members[None, :, member, None, :]
        share = relative[:, :, member, None]
        below, slope = total[:, :, :top], first[:, :, :top]
        moved = slope + x * below[..., None]
        # (a + xa)(b + xb) = ab + xa b' + a' xb with a' = a + xa
        bent = second[:, :, :top] + x[..., one] * slope[..., two] + moved[..., one] * x[..., two]
        second[:, :, 1 : top + 1] += share[..., None] * bent
        first[:, :, 1 : top + 1] += share[..., None] * moved
        total[:, :, 1 : top + 1] += share * below
    chosen = np.arange(sets.cases.size), sets.cases
    whole = total[:, chosen[0], chosen[1]]
    return (
        first[:, chosen[0], chosen[1]] / whole[..., None],
        second[:, chosen[0], chosen[1]] / whole[..., None],
    )
