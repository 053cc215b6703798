"""Who is at risk at any event, found from runs of rows in their order.

Rows are in the order of `sorted_rows`: within a stratum those who left before its first event
come last.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from vertebrisk.kernels.streamed.sorted_rows import Moment, Rows


class StratumRun(NamedTuple):
    """Consecutive rows of one stratum.

    Attributes
    ----------
    first : Moment
        Of its first row.
    tied : int
        Rows of that moment.
    size : int
    event : Moment or None
        The earliest with an event; None without one.
    kept : int
        Rows up to the end of that moment.
    """

    first: Moment
    tied: int
    size: int
    event: Moment | None
    kept: int


def stratum_runs(rows: Rows) -> list[StratumRun]:
    """Of some rows, one run a stratum."""
    starts = rows.starts()
    ends = np.append(starts[1:], rows.size)
    died = np.logical_or.reduceat(rows.event, starts)
    found = []
    for place in rows.strata():
        first, stop = np.searchsorted(starts, (place.start, place.stop))
        events = first + np.flatnonzero(died[first:stop])
        last = int(events[-1]) if events.size else None
        found.append(
            StratumRun(
                first=rows.moment(place.start),
                tied=int(ends[first]) - place.start,
                size=place.stop - place.start,
                event=None if last is None else rows.moment(int(starts[last])),
                kept=0 if last is None else int(ends[last]) - place.start,
            )
        )
    return found


def stretches(following: Iterable[StratumRun]) -> list[slice]:
    """Rows at risk at some event, by the runs of all rows one after the other."""
    found: list[slice] = []
    row, stratum, event = 0, None, None
    for run in following:
        if run.first.stratum != stratum:
            stratum, event = run.first.stratum, None
            found.append(slice(row, row))
        kept = run.kept
        if run.event is not None:
            event = run.event
        elif run.first == event:
            kept = run.tied
        if kept:
            found[-1] = slice(found[-1].start, row + kept)
        row += run.size
    return _joined(found)


def _joined(parts: Iterable[slice]) -> list[slice]:
    """Parts that hold any rows; those that follow each other as one."""
    found: list[slice] = []
    for part in parts:
        if part.start == part.stop:
            continue
        if found and found[-1].stop == part.start:
            found[-1] = slice(found[-1].start, part.stop)
        else:
            found.append(part)
    return found
