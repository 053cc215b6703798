"""R's ``loess`` of degree 2 with direct computation, for many replicates at once.

References
----------
Cleveland WS, Devlin SJ 1988, doi:10.1080/01621459.1988.10478639. Values agree with
``loess(y ~ x, degree = 2, span = 0.75, control = loess.control(surface = "direct"))``.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.tied import TiedScores, repeat_rows
from vertebrisk.kernels.windows import tricube, window_reach, window_starts

SPAN = 0.75
BLOCK = 40_000  # local weights held at once, so that they stay in the processor's cache
NEAR_SINGULAR = 1e-6  # determinant of the scaled moments below which cofactors lose digits
SINGULAR = 1e-11  # ratio of eigenvalues below which a local parabola is not unique


def loess_batch(tied: TiedScores) -> FloatArray:
    """Local quadratic regression of the event on the score, shape (replicates, m).

    Every replicate must hold the same number of rows. Where the neighbours of a point
    lie at fewer than three scores, the fit of least norm is taken, as R does.
    """
    rows = repeat_rows(tied, tied.scores)
    total = rows.shape[1]
    neighbours = max(1, min(total, int(total * SPAN + 1e-5)))
    first = window_starts(rows, tied.scores, neighbours)
    reach = window_reach(rows, tied.scores, first, neighbours)
    shares = tied.shares
    replicates, width = tied.scores.shape
    fitted = np.empty((replicates, width))
    block = max(1, BLOCK // (width * width))
    for start in range(0, replicates, block):
        part = slice(start, start + block)
        fitted[part] = _local_parabolas(
            tied.scores[part], tied.counts[part], shares[part], reach[part]
        )
    return fitted


def loess_operator(tied: TiedScores, at: FloatArray) -> FloatArray:
    """Weights of the shares of one replicate in the smooth at `at`, shape (k, m).

    The smooth is their product with the shares, which makes its variance known.
    """
    rows, centres = repeat_rows(tied, tied.scores), at[None]
    total = rows.shape[1]
    neighbours = max(1, min(total, int(total * SPAN + 1e-5)))
    reach = window_reach(rows, centres, window_starts(rows, centres, neighbours), neighbours)
    weight, scaled = _local_weights(tied.scores, tied.counts, centres, reach)
    first = weight * scaled
    row = _inverse_row(_local_sums(weight, first, first * scaled, scaled))[:, 0, :, None]
    return np.asarray(weight[0] * (row[0] + scaled[0] * (row[1] + scaled[0] * row[2])))


def _local_parabolas(
    scores: FloatArray, counts: FloatArray, shares: FloatArray, reach: FloatArray
) -> FloatArray:
    weight, scaled = _local_weights(scores, counts, scores, reach)
    return _values_at_centre(weight, scaled, shares)


def _local_weights(
    scores: FloatArray, counts: FloatArray, centres: FloatArray, reach: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weight of each score around each centre, and its distance as a share of the reach."""
    scaled = scores[:, None, :] - centres[:, :, None]
    scaled *= (1.0 / np.where(reach > 0, reach, 1.0))[:, :, None]
    np.clip(scaled, -1.0, 1.0, out=scaled)  # beyond the reach the weight is zero
    weight = tricube(np.abs(scaled))
    if not (reach > 0).all():
        weight = np.where((reach > 0)[:, :, None], weight, scaled == 0.0)
    weight *= counts[:, None, :]
    return weight, scaled


def _values_at_centre(weight: FloatArray, scaled: FloatArray, shares: FloatArray) -> FloatArray:
    """Value of each local parabola at its own centre."""
    first = weight * scaled
    second = first * scaled
    sums = _local_sums(weight, first, second, scaled)
    moments = np.stack([np.einsum("rem,rm->re", each, shares) for each in (weight, first, second)])
    return np.asarray(np.einsum("kre,kre->re", _inverse_row(sums), moments))


def _local_sums(
    weight: FloatArray, first: FloatArray, second: FloatArray, scaled: FloatArray
) -> FloatArray:
    """Sums of the weights times powers 0 to 4 of the distance, shape (5, replicates, points)."""
    return np.stack(
        [
            weight.sum(axis=2),
            first.sum(axis=2),
            second.sum(axis=2),
            np.einsum("rem,rem->re", second, scaled),
            np.einsum("rem,rem,rem->re", second, scaled, scaled),
        ]
    )


def _inverse_row(sums: FloatArray) -> FloatArray:
    """First row of the inverse moment matrix, shape (3, replicates, points).

    By cofactors of the matrix scaled to a unit diagonal; where that is near singular, by
    the Moore-Penrose inverse.
    """
    scale = np.sqrt(np.where(sums[::2] > 0, sums[::2], 1.0))
    a = sums[1] / (scale[0] * scale[1])
    b = sums[2] / (scale[0] * scale[2])
    c = sums[3] / (scale[1] * scale[2])
    corner = sums[2] / (scale[1] * scale[1])
    cofactors = np.stack([corner - c * c, b * c - a, a * c - b * corner])
    determinant = cofactors[0] + a * cofactors[1] + b * cofactors[2]
    doubtful = ~(determinant > NEAR_SINGULAR)
    row = cofactors / np.where(doubtful, 1.0, determinant)
    if doubtful.any():
        entries = [sums[k][doubtful] / (scale[i] * scale[j])[doubtful] for k, i, j in _ENTRIES]
        matrices = np.stack(entries, axis=-1).reshape(-1, 3, 3)
        row[:, doubtful] = _least_norm_inverse(matrices)[:, 0, :].T
    return np.asarray(row / (scale[0] * scale))


_ENTRIES = [(i + j, i, j) for i in range(3) for j in range(3)]


def _least_norm_inverse(matrices: FloatArray) -> FloatArray:
    """Inverse of symmetric matrices, Moore-Penrose where they are singular."""
    values, vectors = np.linalg.eigh(matrices)
    regular = values > SINGULAR * values[..., -1:]
    inverted = np.where(regular, 1.0 / np.where(regular, values, 1.0), 0.0)
    return np.asarray((vectors * inverted[..., None, :]) @ np.swapaxes(vectors, -1, -2))
