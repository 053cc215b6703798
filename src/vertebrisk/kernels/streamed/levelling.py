"""Times that differ by rounding alone made equal, run by run of falling times.

Times whose gap to the next lower one is small hang together in a chain, and all become its
lowest; see `kernels.survival.times.without_rounding`. A chain may go on from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.times import ROUNDING


@dataclass(frozen=True, slots=True)
class Distinct:
    """Different times of a run.

    Attributes
    ----------
    first, last : float
        The highest and the lowest.
    count : int
    total : float
        Sum of their sizes.
    """

    first: float
    last: float
    count: int
    total: float

    @property
    def gap(self) -> float:
        """The widest gap that is rounding."""
        return ROUNDING * max(1.0, self.total / self.count)


def distinct_times(times: FloatArray) -> Distinct:
    """Of falling times."""
    new = times[np.append(True, times[1:] != times[:-1])]
    return Distinct(float(times[0]), float(times[-1]), int(new.size), float(np.abs(new).sum()))


def distinct_together(run: Distinct, after: Distinct) -> Distinct:
    """Of a run and the one that comes next."""
    same = run.last == after.first
    return Distinct(
        run.first,
        after.last,
        run.count + after.count - same,
        run.total + after.total - same * abs(after.first),
    )


@dataclass(frozen=True, slots=True)
class Chained:
    """Ends of a run, for the runs before and after it.

    Attributes
    ----------
    first, last : float
    level : float or None
        The lowest time of its first chain; None where that goes on after it.
    moved : bool
        True where any time becomes another within the run.
    """

    first: float
    last: float
    level: float | None
    moved: bool


def chained(times: FloatArray, gap: float) -> Chained:
    """Of falling times, for the widest gap that is rounding."""
    ends = _ends(times, gap)
    level = float(times[ends[0]]) if ends.size else None
    return Chained(
        float(times[0]),
        float(times[-1]),
        level,
        bool(((_gaps(times) <= gap) & _steps(times)).any()),
    )


def last_levels(runs: list[Chained], gap: float) -> list[float]:
    """Lowest time of the last chain of each run, which may lie in a later one."""
    found: list[float] = []
    after: Chained | None = None
    for run in reversed(runs):
        level = run.last
        if after is not None and run.last - after.first <= gap:
            level = found[-1] if after.level is None else after.level
        found.append(level)
        after = run
    return found[::-1]


def levelled(times: FloatArray, gap: float, last: float) -> FloatArray:
    """Falling times, each the lowest of its chain; `last` is that of the last chain."""
    ends = _ends(times, gap)
    levels = np.append(times[ends], last)
    return np.repeat(levels, np.diff(ends + 1, prepend=0, append=times.size))


def _gaps(times: FloatArray) -> FloatArray:
    return np.asarray(times[:-1] - times[1:])


def _steps(times: FloatArray) -> BoolArray:
    return np.asarray(times[:-1] != times[1:])


def _ends(times: FloatArray, gap: float) -> IntArray:
    """Last place of each chain that ends within the run."""
    return np.flatnonzero(~(_gaps(times) <= gap))
