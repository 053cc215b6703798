"""Cox regression of many bootstrap replicates over sorted rows: sums by the time they left at.

Patients of a study leave at some thousands of different times, however many the patients are.
What a replicate's likelihood needs of them is by these times: hazards summed, and covariates by
hazard. So all replicates share a pass over the rows, and what comes back does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels.steps import pairs
from vertebrisk.kernels.streamed.sorted_rows import FLOOR
from vertebrisk.kernels.streamed.weights import poisson_weights
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms

DRAWN = 16_384  # rows whose weights are held at once
CELLS = 1 << 15  # rows times replicates that are worked on at once: they stay in the cache
SMALLEST = 64  # rows of a tile
LATER = 1 << 18  # terms of tied events that are held at once


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Some rows with what they count for.

    Attributes
    ----------
    columns : array, shape (m, p)
    place : int array, shape (m,)
        Number of the time of each, descending.
    event : array, shape (m,)
    weights : array, shape (replicates, m) or (1, m)
    """

    columns: FloatArray
    place: IntArray
    event: FloatArray
    weights: FloatArray

    @property
    def starts(self) -> IntArray:
        """First row of each time."""
        return np.concatenate([[0], np.flatnonzero(np.diff(self.place)) + 1])

    def eta(self, beta: FloatArray) -> FloatArray:
        """See `eta_of`."""
        return eta_of(self.columns, beta)


def eta_of(columns: FloatArray, beta: FloatArray) -> FloatArray:
    """Linear predictors about their centre, bounded, of models of shape (replicates or 1, p)."""
    return np.clip(beta @ columns.T, FLOOR, -FLOOR)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Rows of a chunk from the latest time to the earliest, and the replicates that draw them.

    Attributes
    ----------
    columns : array, shape (m, p)
        Covariates about their centre, in their spreads.
    place : int array, shape (m,)
        Number of the time of each among all different times, which ascend.
    event : bool array, shape (m,)
    first : int
        Number of the first row among all.
    seed : int
    replicates : int array, shape (r,)
    drawn : bool
        False where every row counts once in each replicate.
    """

    columns: FloatArray
    place: IntArray
    event: BoolArray
    first: int
    seed: int
    replicates: IntArray
    drawn: bool = True

    @property
    def low(self) -> int:
        """Number of the earliest time."""
        return int(self.place[-1])

    @property
    def span(self) -> int:
        """How many times there are from the earliest to the latest."""
        return int(self.place[0]) - self.low + 1

    def weights(self, start: int, stop: int, replicates: IntArray) -> FloatArray:
        """How often some rows are drawn, shape (replicates, rows) or (1, rows)."""
        if not self.drawn:
            return np.ones((1, stop - start))
        first = self.first + start
        return poisson_weights(self.seed, replicates, first, stop - start).astype(np.float64)

    def tiles(self) -> Iterator[Tile]:
        """Some rows after the other."""
        size, step = self.place.size, max(SMALLEST, CELLS // max(self.replicates.size, 1))
        event = self.event.astype(np.float64)
        for low in range(0, size, DRAWN):
            high = min(low + DRAWN, size)
            weights = self.weights(low, high, self.replicates)
            for start in range(low, high, step):
                some = slice(start, min(start + step, high))
                own = weights[:, some.start - low : some.stop - low]
                yield Tile(self.columns[some], self.place[some], event[some], own)


class ByTime(NamedTuple):
    """Sums of a chunk by time, shape (kinds, replicates, times), from a time on."""

    low: int
    sums: FloatArray


def placed_together(parts: Sequence[ByTime], times: int) -> FloatArray:
    """Those of all chunks, shape (kinds, replicates, times)."""
    found = np.zeros((*parts[0].sums.shape[:-1], times))
    for part in parts:
        found[..., part.low : part.low + part.sums.shape[-1]] += part.sums
    return found


def drawn_by_time(followed: Followed) -> ByTime:
    """How many patients each replicate has, and how many events."""
    return sums_by_time(followed, 2, lambda tile: [tile.weights, tile.weights * tile.event])


def hazards_by_time(followed: Followed, beta: FloatArray) -> ByTime:
    """Hazards of those who left at each time, and of those who left with the event."""

    def of(tile: Tile) -> list[FloatArray]:
        hazard = tile.weights * np.exp(tile.eta(beta))
        return [hazard, hazard * tile.event]

    return sums_by_time(followed, 2, of)


def sums_by_time(
    followed: Followed, kinds: int, of: Callable[[Tile], Sequence[FloatArray]]
) -> ByTime:
    """Sums of so many kinds of amounts of shape (replicates, rows), by time."""
    low = followed.low
    found = np.zeros((kinds, followed.replicates.size, followed.span))
    for tile in followed.tiles():
        starts = tile.starts
        place = tile.place[starts] - low
        for kind, values in enumerate(of(tile)):
            found[kind][:, place] += np.add.reduceat(values, starts, axis=1)
    return ByTime(low, found)


def means_by_time(followed: Followed, beta: FloatArray) -> ByTime:
    """Covariates by hazard of those who left at each time, then of those with the event.

    The sums have the shape (2 p, replicates, times).
    """
    low, size = followed.low, followed.columns.shape[1]
    found = np.zeros((2, followed.span, followed.replicates.size, size))
    for tile in followed.tiles():
        hazard = np.broadcast_to(
            tile.weights * np.exp(tile.eta(beta)),
            (followed.replicates.size, tile.place.size),
        )
        ends = [*tile.starts[1:].tolist(), tile.place.size]
        for start, end in zip(tile.starts.tolist(), ends, strict=True):
            at, columns = tile.place[start] - low, tile.columns[start:end]
            some, died = hazard[:, start:end], np.flatnonzero(tile.event[start:end])
            found[0, at] += some @ columns
            if died.size:
                found[1, at] += some[:, died] @ columns[died]
    turned = found.transpose(0, 3, 2, 1).reshape(2 * size, followed.replicates.size, -1)
    return ByTime(low, np.ascontiguousarray(turned))


Sums = tuple[FloatArray, ...]


def replicate_slopes(
    followed: Followed, beta: FloatArray, lived: FloatArray, spared: FloatArray
) -> Sums:
    """Linear predictors of the events, summed, (r,), and the gradient of each replicate, (r, p).

    `lived` is the cumulative hazard by each time, `spared` what events of that time are spared.
    """
    gain, gradient = np.zeros(followed.replicates.size), np.zeros((lived.shape[0], beta.shape[1]))
    for tile in followed.tiles():
        eta = tile.eta(beta)
        died = tile.weights * tile.event
        gain += np.einsum("rm,rm->r", died, np.broadcast_to(eta, died.shape))
        gradient += (died - _expected(tile, eta, lived, spared)) @ tile.columns
    return gain, gradient


def replicate_spreads(
    followed: Followed, beta: FloatArray, lived: FloatArray, spared: FloatArray
) -> Sums:
    """The gradient of each replicate, and the products of the covariates of its information.

    Shapes (r, p) and (r, pairs); the rest is as of `replicate_slopes`.
    """
    count, size = followed.replicates.size, beta.shape[1]
    first, second = pairs(size)
    gradient, packed = np.zeros((count, size)), np.zeros((count, first.size))
    for tile in followed.tiles():
        expected = _expected(tile, tile.eta(beta), lived, spared)
        gradient += (tile.weights * tile.event - expected) @ tile.columns
        packed += expected @ (tile.columns[:, first] * tile.columns[:, second])
    return gradient, packed


def _expected(tile: Tile, eta: FloatArray, lived: FloatArray, spared: FloatArray) -> FloatArray:
    """Events expected of each row."""
    rise = np.take(lived, tile.place, 1)
    died = np.flatnonzero(tile.event)
    rise[:, died] -= np.take(spared, tile.place[died], 1)
    return np.asarray(tile.weights * np.exp(eta) * rise)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Terms of the likelihood at each time, shape (replicates, times).

    `logs` are those of the denominators, weighted and summed; the rest is as of `ties.Hazards`.
    """

    logs: FloatArray
    hazards: Hazards

    @property
    def lived(self) -> FloatArray:
        """Cumulative hazard by each time."""
        return np.asarray(np.cumsum(self.hazards.increment, axis=1))


def at_risk_by(left: FloatArray) -> FloatArray:
    """Sums over those at risk at each time, of sums over those who leave then; last axis."""
    return np.asarray(np.cumsum(left[..., ::-1], axis=-1)[..., ::-1])


def settled(events: FloatArray, at_risk: FloatArray, dying: FloatArray, ties: Ties) -> Settled:
    """Terms of replicates with so many events, shape (replicates, times) each.

    Tied events make as many terms as there are, which are worked on some at a time.
    """
    shape = events.shape
    cells = np.flatnonzero(events > 0)
    number, whole, lost = (each.reshape(-1)[cells] for each in (events, at_risk, dying))
    found = np.zeros((6, events.size))
    block = np.cumsum(number) // LATER
    for part in np.split(np.arange(cells.size), np.flatnonzero(np.diff(block)) + 1):
        own = number[None, part]
        terms = TiedTerms.counted(own, own, ties)
        sums = whole[None, part], lost[None, part]
        first, other = terms.denominators(*sums)
        rises = Hazards.of(terms, *sums)
        kinds = (rises.increment, rises.returned, rises.square, rises.cross, rises.own)
        found[0, cells[part]] = terms.spread(np.log(first), np.log(other))[0]
        for kind, values in enumerate(kinds, start=1):
            found[kind, cells[part]] = values[0]
    logs, *rest = found.reshape(6, *shape)
    return Settled(logs, Hazards(*rest))
