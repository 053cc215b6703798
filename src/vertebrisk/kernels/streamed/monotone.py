"""Does a direction raise a partial likelihood for ever? Asked of runs of rows in their order.

It does where at every event time each event has the largest x'd of its risk set, and somewhere
another has less; see `kernels.survival.runaway.proves_monotone`. Rows are in the order of
`sorted_rows`, so the largest of a risk set is the largest so far in the stratum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.sorted_rows import Moment, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What moments still to come need to know of a run of rows.

    Attributes
    ----------
    first, last : Moment
    highest, lowest : float
        Movement of the rows of its last stratum.
    dying : float
        The lowest of the events at its last moment; infinite without one.
    """

    first: Moment
    last: Moment
    highest: float
    lowest: float
    dying: float


def reach(rows: Rows, direction: FloatArray) -> Reach:
    """Of some rows."""
    risk, tail = rows.last_stratum(), rows.last_moment()
    highest, lowest = _moved(rows, direction)
    died = highest[tail:][rows.event[tail:]]
    return Reach(
        rows.moment(0),
        rows.moment(-1),
        float(highest[risk:].max(initial=-np.inf)),
        float(lowest[risk:].min(initial=np.inf)),
        float(died.min(initial=np.inf)),
    )


def further(run: Reach, after: Reach) -> Reach:
    """Of a run of rows and the one that comes next."""
    highest, lowest, dying = after.highest, after.lowest, after.dying
    if run.last.stratum == after.first.stratum == after.last.stratum:
        highest, lowest = max(run.highest, highest), min(run.lowest, lowest)
    if run.last == after.first == after.last:
        dying = min(run.dying, dying)
    return Reach(run.first, after.last, highest, lowest, dying)


class Shortfall(NamedTuple):
    """What decides, see `kernels.survival.runaway.runs`.

    By how much an event lacks the largest of its risk set at worst, the widest risk set, and the
    weight of the events.
    """

    worst: float
    widest: float
    events: float


def worse(one: Shortfall, other: Shortfall) -> Shortfall:
    """Of two runs of rows."""
    return Shortfall(
        max(one.worst, other.worst), max(one.widest, other.widest), one.events + other.events
    )


def shortfall(rows: Rows, direction: FloatArray, before: Reach | None, closed: bool) -> Shortfall:
    """Over the moments that end among these rows, for what was carried into them."""
    highest, lowest = _moved(rows, direction)
    starts = rows.starts()
    dying = np.minimum.reduceat(np.where(rows.event, highest, np.inf), starts)
    ends = np.append(starts[1:], rows.size) - 1
    top, low = highest.copy(), lowest.copy()
    for place in rows.strata():
        np.maximum.accumulate(highest[place], out=top[place])
        np.minimum.accumulate(lowest[place], out=low[place])
    top, low = top[ends], low[ends]
    if before is not None and before.last.stratum == rows.moment(0).stratum:
        same = slice(0, int(np.searchsorted(ends, rows.strata()[0].stop)))
        top[same] = np.maximum(top[same], before.highest)
        low[same] = np.minimum(low[same], before.lowest)
        if before.last == rows.moment(0):
            dying[0] = min(dying[0], before.dying)
    settled = np.isfinite(dying)
    settled[-1] &= closed
    weights = np.ones(rows.size) if rows.weights is None else rows.weights
    return Shortfall(
        float((top - dying)[settled].max(initial=0.0)),
        float((top - low)[settled].max(initial=0.0)),
        float(weights[rows.event].sum()),
    )


def _moved(rows: Rows, direction: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Movement of each row, as a candidate for the highest and for the lowest."""
    movement = rows.columns @ direction
    if rows.weights is None:
        return movement, movement
    present = rows.weights > 0
    return np.where(present, movement, -np.inf), np.where(present, movement, np.inf)
