"""Uno's concordance of patients that are read in pieces, in the order of their scores.

Patients of some neighbouring scores are compared with each other in memory, and with all others
by how many of these left at each time.

References
----------
Uno et al. 2011, doi:10.1002/sim.4154
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines import engine as engines
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.streamed.weighed_pairs import Partners, WeighedSums
from vertebrisk.kernels.survival.censoring import CensoringCurve
from vertebrisk.kernels.survival.concordance import pair_influence
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.results import Estimate
from vertebrisk.validation.streamed.followed_scores import EVENT, LINEAR, READ, TIME, FollowedScores

Rows = tuple[IntArray, IntArray, FloatArray]  # number of the time, event, linear predictor


def uno_concordance(scores: FollowedScores, tau: float, level: float = 0.95) -> Estimate | None:
    """`concordance` of kind "uno"; None where no two patients can be compared by tau."""
    factor = _factor(scores, tau)
    total = scores.counts.counts.T.astype(np.float64)
    everyone, lower, sums = Partners.of(total, factor), np.zeros_like(total), WeighedSums()
    for run in _runs(scores):
        single = run.stop - run.start > engines.CHUNK
        own = sum((_counts(rows, total.shape) for rows in _rows(scores, run)), np.zeros_like(total))
        beyond = Partners.of(total - own - 2.0 * lower, factor)  # those above less those below
        for rows in _rows(scores, run):
            sums += _summed(rows, factor, everyone, beyond, alone=single)
        lower += own
    if not sums.pairs > 0.0:
        return None
    reach = float(normal_quantile(0.5 + level / 2.0)) * sums.std_error
    if reach == 0.0:
        return Estimate(sums.index, None, None)
    return Estimate(sums.index, max(sums.index - reach, 0.0), min(sums.index + reach, 1.0))


def _factor(scores: FollowedScores, tau: float) -> FloatArray:
    """What the pairs of an event at each time count, shape (t,)."""
    times = scores.counts.times
    time, status, weights = scores.counts.rows(slice(None))
    free = CensoringCurve.of(time, status, weights[None]).before(times)[0]
    counted = (free > 0.0) & (times <= tau)
    return np.asarray(np.where(counted, 1.0 / np.where(free > 0.0, free, 1.0) ** 2, 0.0))


def _summed(
    rows: Rows, factor: FloatArray, everyone: Partners, beyond: Partners, *, alone: bool
) -> WeighedSums:
    """Of patients of neighbouring scores; `alone` says that these are all one."""
    place, event, score = rows
    own, met = beyond.pairs(place, event)
    net, within = met - own, 0.0
    if not alone:
        times = SurvivalTimes(place.astype(np.float64), event > 0)
        found = pair_influence(times, score, np.ones(score.size), factor[place])
        net += found.net
        within = float((found.counts.concordant - found.counts.discordant)[0])
    mine, others = everyone.pairs(place, event)
    pairs = mine + others
    return WeighedSums(
        within - float(own.sum()),
        float(mine.sum()),
        float(net @ net),
        float(net @ pairs),
        float(pairs @ pairs),
    )


def _runs(scores: FollowedScores) -> Iterator[slice]:
    """Neighbouring rows of which no score is in two runs; long ones are of one score."""
    columns, start = scores.by_score, 0
    while start < columns.size:
        stop = min(start + engines.CHUNK, columns.size)
        linear = columns.read(slice(start, min(stop + 1, columns.size)), (LINEAR,))[LINEAR]
        if stop < columns.size and linear[-1] == linear[-2]:
            same = start + int(np.searchsorted(linear, linear[-1]))
            stop = same if same > start else _end_of(scores, float(linear[-1]), stop)
        yield slice(start, stop)
        start = stop


def _end_of(scores: FollowedScores, score: float, low: int) -> int:
    """Where a score ends; it is still there at `low`."""
    high = scores.size
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if scores.score(middle) == score else (low, middle)
    return high


def _rows(scores: FollowedScores, run: slice) -> Iterator[Rows]:
    for part in engines.spans(run.stop - run.start):
        here = slice(run.start + part.start, run.start + part.stop)
        values = scores.by_score.read(here, READ)
        place = np.searchsorted(scores.counts.times, values[TIME])
        yield place, np.asarray(values[EVENT], dtype=np.int64), values[LINEAR]


def _counts(rows: Rows, shape: tuple[int, ...]) -> FloatArray:
    place, event, _ = rows
    found = np.bincount(event * shape[1] + place, minlength=shape[0] * shape[1])
    return found.reshape(shape).astype(np.float64)
