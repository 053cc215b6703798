"""Follow-up regressed on each replicate's own linear predictor, or on a spline of it.

Sums by the time at which rows left, as of `followed_replicates`, are enough for likelihood,
gradient and information, so that a step of Newton's method of all replicates is one pass.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.steps import pairs, unpacked
from vertebrisk.kernels.streamed.followed_replicates import (
    ByTime,
    Followed,
    Tile,
    at_risk_by,
    settled,
    sums_by_time,
)
from vertebrisk.kernels.streamed.sorted_rows import FLOOR
from vertebrisk.kernels.survival.splines import spline_rows


class Lines(NamedTuple):
    """What is regressed on.

    Attributes
    ----------
    beta : array, shape (r, p)
        Models whose linear predictors these are.
    slopes : array, shape (r, columns)
        Coefficients of the linear predictor, or of the columns of its spline.
    knots : array, shape (r, 3), or None
        Where there is a spline.
    """

    beta: FloatArray
    slopes: FloatArray
    knots: FloatArray | None = None

    def columns(self, linear: FloatArray) -> FloatArray:
        """Of linear predictors of shape (r, m): (columns, r, m)."""
        if self.knots is None:
            return linear[None]
        return spline_rows(linear, self.knots).transpose(2, 0, 1)


def regressed_by_time(followed: Followed, lines: Lines) -> ByTime:
    """Hazards, columns by hazard and their products, of all and of events, then events' columns.

    The sums have the shape (kinds, r, times).
    """
    size = lines.slopes.shape[1]
    first, second = pairs(size)

    def of(tile: Tile) -> list[FloatArray]:
        columns = lines.columns(tile.eta(lines.beta))
        moved = np.einsum("rc,crm->rm", lines.slopes, columns)
        hazard = tile.weights * np.exp(np.clip(moved, FLOOR, -FLOOR))
        kinds = [hazard, *(hazard * each for each in columns)]
        kinds += [kinds[1 + one] * columns[other] for one, other in zip(first, second, strict=True)]
        died = tile.weights * tile.event
        return [*kinds, *(tile.event * each for each in kinds), *(died * each for each in columns)]

    kinds = 1 + size + first.size
    return sums_by_time(followed, 2 * kinds + size, of)


class Height(NamedTuple):
    """Log-likelihood, (r,), gradient, (r, columns), information, and hazard, (r, times)."""

    value: FloatArray
    gradient: FloatArray
    information: FloatArray
    lived: FloatArray


def height_of(
    sums: FloatArray, events: FloatArray, slopes: FloatArray, ties: Ties, until: int
) -> Height:
    """Of the times before number `until`, as if follow-up had ended there.

    Parameters
    ----------
    sums : array, shape (kinds, r, times)
        As of `regressed_by_time`.
    events : array, shape (r, times)
    slopes : array, shape (r, columns)
    ties : {"efron", "breslow"}
    until : int
    """
    size = slopes.shape[1]
    kinds = (sums.shape[0] - size) // 2
    whole = at_risk_by(sums[:kinds])[..., :until]
    dying = sums[kinds : 2 * kinds, :, :until]
    own = sums[2 * kinds :, :, :until].sum(axis=2).T
    found = settled(events[:, :until], whole[0], dying[0], ties)
    hazards = found.hazards
    mean, lost = whole[1 : 1 + size], dying[1 : 1 + size]
    squares = _over(hazards.increment, whole[1 + size :]) - _over(
        hazards.returned, dying[1 + size :]
    )
    first, second = pairs(size)
    crossed = whole[1 + first] * dying[1 + second] + whole[1 + second] * dying[1 + first]
    products = (
        _over(hazards.square, mean[first] * mean[second])
        - _over(hazards.cross, crossed)
        + _over(hazards.own, lost[first] * lost[second])
    )
    return Height(
        np.einsum("rc,rc->r", own, slopes) - found.logs.sum(axis=1),
        own - _over(hazards.increment, mean) + _over(hazards.returned, lost),
        unpacked(squares - products, size),
        found.lived,
    )


def _over(rises: FloatArray, amounts: FloatArray) -> FloatArray:
    """Amounts of shape (kinds, r, times), weighted and summed over times: (r, kinds)."""
    return np.asarray(np.einsum("rt,krt->rk", rises, amounts))
