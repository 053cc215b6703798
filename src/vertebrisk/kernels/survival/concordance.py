"""Concordance of scores with times to an event, for many replicates at once.

A pair is comparable where one patient has the event while the other is still under
observation: followed for longer, or censored at the same time. Scores that are equal count
by half. The counts are those of R's ``survival::concordance``.

References
----------
Harrell et al. 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
Uno et al. 2011, doi:10.1002/sim.4154. Therneau and Atkinson 2024, the concordance vignette
of the survival package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.each import Each, one_by_one
from vertebrisk.kernels.ordering import stable_order
from vertebrisk.kernels.survival.later import later_sums
from vertebrisk.kernels.survival.times import SurvivalTimes

CELLS = 4_000_000  # numbers held at once
MOST = 2**31 - 1  # patients that compiled counting takes
SECONDS = 8e-6  # what NumPy takes for a patient of many, about


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """Comparable pairs, shape (replicates,) each; `tied` are pairs of equal scores."""

    concordant: FloatArray
    discordant: FloatArray
    tied: FloatArray

    @property
    def pairs(self) -> FloatArray:
        """Comparable pairs."""
        return self.concordant + self.discordant + self.tied

    @property
    def index(self) -> FloatArray:
        """Concordance; NaN without comparable pairs."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.concordant + 0.5 * self.tied) / self.pairs)


def score_codes(scores: FloatArray, tolerance: float = 0.0) -> IntArray:
    """Rank of each score among the distinct scores of its replicate, from 0; same shape.

    Neighbours no further apart than the tolerance are tied.
    """
    order = np.argsort(scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    rank = np.zeros(scores.shape, dtype=np.int64)
    np.cumsum(np.diff(ordered, axis=1) > tolerance, axis=1, out=rank[:, 1:])
    codes = np.empty_like(rank)
    np.put_along_axis(codes, order, rank, axis=1)
    return codes


def exit_order(times: SurvivalTimes) -> IntArray:
    """Place of each patient in time, from 0: events before the censorings of the same time."""
    _, place = np.unique(times.exit, return_inverse=True)
    return np.asarray(2 * place + ~times.event, dtype=np.int64)


def concordance_batch(
    times: SurvivalTimes,
    scores: FloatArray,
    weights: FloatArray,
    *,
    time_weights: FloatArray | None = None,
    tolerance: float = 0.0,
) -> PairCounts:
    """Concordant, discordant and tied pairs of every replicate.

    Parameters
    ----------
    times : SurvivalTimes
        Follow-up of n patients; pairs are made within strata, and a patient who enters
        late is compared with the events after his entry.
    scores : array, shape (replicates, n) or (1, n)
        Higher for a higher risk.
    weights : array, shape (replicates, n) or (1, n)
        Frequencies, equal to repeated rows. A pair counts the product of its weights.
    time_weights : array, shape (replicates, n) or (1, n), optional
        What the pairs of each patient's event count besides; 1 by default.
    tolerance : float
        Scores no further apart are tied.
    """
    replicates = max(scores.shape[0], weights.shape[0])
    step = max(1, CELLS // max(times.size, 1))
    parts = [
        _concordance(
            times,
            scores if scores.shape[0] == 1 else scores[rows],
            weights if weights.shape[0] == 1 else weights[rows],
            time_weights
            if time_weights is None or time_weights.shape[0] == 1
            else time_weights[rows],
            tolerance,
        )
        for rows in (slice(at, at + step) for at in range(0, replicates, step))
    ]
    return PairCounts(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("concordant", "discordant", "tied")
        )
    )


def _concordance(
    times: SurvivalTimes,
    scores: FloatArray,
    weights: FloatArray,
    time_weights: FloatArray | None,
    tolerance: float,
) -> PairCounts:
    replicates = max(scores.shape[0], weights.shape[0])
    counts = PairCounts(*(np.zeros(replicates) for _ in range(3)))
    for inside in _strata(times):
        part = times.take(inside)
        if not part.event.any():
            continue
        own = weights[:, inside]
        codes = score_codes(scores[:, inside], tolerance)
        below, equal, every = _partners(part, exit_order(part), codes, own)
        factor = own[:, part.event]
        if time_weights is not None:
            factor = factor * time_weights[:, inside][:, part.event]
        counts.concordant[:] += np.sum(factor * below, axis=1)
        counts.tied[:] += np.sum(factor * equal, axis=1)
        counts.discordant[:] += np.sum(factor * (every - below - equal), axis=1)
    return counts


def _partners(
    times: SurvivalTimes, place: IntArray, codes: IntArray, amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weight of the partners of each event by score: lower, equal, and all; (R, events)."""
    queries = place[times.event], codes[:, times.event]
    found = later_sums(queries, (place, codes), amount)
    if times.entry is None:
        return found
    late = _entry_places(times)
    waiting = later_sums(queries, (late, codes), amount)
    return (
        found[0] - waiting[0],
        found[1] - waiting[1],
        found[2] - waiting[2],
    )


def _entry_places(times: SurvivalTimes) -> IntArray:
    """Places just after the events that come at or before each entry."""
    assert times.entry is not None
    grid = np.unique(times.exit)
    return np.asarray(2 * np.searchsorted(grid, times.entry, side="right") - 1, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PairInfluence:
    """Pairs of one replicate, and what each weight adds to them.

    Attributes
    ----------
    counts : PairCounts
    net, pairs : array, shape (n,)
        Derivatives of (concordant - discordant) and of all pairs by each weight. The
        infinitesimal jackknife of Somers' d is their combination; the time weights are held
        fixed, as survival::concordance does.
    """

    counts: PairCounts
    net: FloatArray
    pairs: FloatArray


def pair_influence(
    times: SurvivalTimes,
    score: FloatArray,
    weights: FloatArray,
    time_weights: FloatArray | None = None,
    each: Each = one_by_one,
) -> PairInfluence:
    """Pairs of patients with a score and weights, shape (n,) each, and their influence.

    `each` may have threads for what does not depend on one another; whole numbers are added up,
    so nothing depends on them.
    """
    counts = PairCounts(*(np.zeros(1) for _ in range(3)))
    net, pairs = np.zeros(times.size), np.zeros(times.size)
    factor = np.ones(times.size) if time_weights is None else time_weights
    if times.strata is None and _plain(times, weights, factor):
        return PairInfluence(counts, *_counted(times, score, counts, each))
    for inside in _strata(times):
        part, event = times.take(inside), times.event[inside]
        if not event.any():
            continue
        if _plain(part, weights[inside], factor[inside]):
            net[inside], pairs[inside] = _counted(part, score[inside], counts, each)
            continue
        place, codes = exit_order(part), score_codes(score[None, inside])
        own = weights[None, inside]
        below, equal, every = _partners(part, place, codes, own)
        as_event = factor[inside][event]
        net[inside[event]] += as_event * (2.0 * below + equal - every)[0]
        pairs[inside[event]] += as_event * every[0]
        counted = own[:, event] * as_event
        counts.concordant[:] += np.sum(counted * below)
        counts.tied[:] += np.sum(counted * equal)
        counts.discordant[:] += np.sum(counted * (every - below - equal))
        lower, same, total = _events_met(part, place, codes, own * factor[None, inside])
        net[inside] += (total - 2.0 * lower - same)[0]
        pairs[inside] += total[0]
    return PairInfluence(counts, net, pairs)


def _strata(times: SurvivalTimes) -> list[IntArray]:
    """Rows of each stratum."""
    if times.strata is None:
        return [np.arange(times.size)]
    return [np.flatnonzero(times.strata == code) for code in np.unique(times.strata)]


def _plain(times: SurvivalTimes, weights: FloatArray, factor: FloatArray) -> bool:
    """True where pairs are counted, not weighed, and compiled counting pays."""
    return (
        times.entry is None
        and times.size <= MOST
        and bool((weights == 1.0).all() and (factor == 1.0).all())
        and compiled.usable("pairs", SECONDS * times.size)
    )


def _counted(
    times: SurvivalTimes, score: FloatArray, counts: PairCounts, each: Each
) -> tuple[FloatArray, FloatArray]:
    """Influence on the pairs of one stratum, whose numbers are added to the counts."""
    from vertebrisk.kernels.compiled.pairs import count_pairs

    found, net, pairs = count_pairs(times.exit, times.event, score, each)
    for counted, added in zip(
        (counts.concordant, counts.discordant, counts.tied), found, strict=True
    ):
        counted += float(added)
    return net, pairs


def _events_met(
    times: SurvivalTimes, place: IntArray, codes: IntArray, amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weight of the events that each patient was at risk of, by score; (1, n) each."""
    event = times.event
    events = -place[event], codes[:, event]
    found = later_sums((-place, codes), events, amount[:, event])
    if times.entry is None:
        return found
    earlier = later_sums((-_entry_places(times), codes), events, amount[:, event])
    return found[0] - earlier[0], found[1] - earlier[1], found[2] - earlier[2]


def tied_in_time(
    times: SurvivalTimes, score: FloatArray, weights: FloatArray, time_weights: FloatArray
) -> tuple[float, float]:
    """Pairs of events at one time: of different scores, and of equal scores."""
    keys = [times.exit] if times.strata is None else [times.strata, times.exit]
    together = _sharing(np.flatnonzero(times.event), keys)
    every = _pairs([key[together] for key in keys], weights[together], time_weights[together])
    keys = [*keys, score]
    alike = _sharing(_sharing(together, [score]), keys)
    both = _pairs([key[alike] for key in keys], weights[alike], time_weights[alike])
    return every - both, both


def _sharing(rows: IntArray, keys: Sequence[NDArray[Any]]) -> IntArray:
    """The rows that share all keys with another, in the order of the keys."""
    rows = rows[stable_order([key[rows] for key in keys])]
    same = np.all([key[rows[1:]] == key[rows[:-1]] for key in keys], axis=0)
    shared = np.zeros(rows.size, dtype=np.bool_)
    shared[1:] = same
    shared[:-1] |= same
    return rows[shared]


def _pairs(keys: Sequence[NDArray[Any]], weights: FloatArray, factor: FloatArray) -> float:
    """Sum of products of the weights of all pairs with equal keys, which share a factor.

    The keys are in order.
    """
    if weights.size == 0:
        return 0.0
    new = np.ones(weights.size, dtype=np.bool_)
    new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    first = np.flatnonzero(new)
    total, square = np.add.reduceat(weights, first), np.add.reduceat(weights**2, first)
    return float(np.sum(factor[first] * (total**2 - square)) / 2.0)
