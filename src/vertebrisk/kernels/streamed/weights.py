"""Bootstrap weights of any rows: how often each was drawn, by seed, replicate and row alone.

The number of times that a patient is drawn in a bootstrap of many is Poisson with mean 1, and
independent of the others (Hanley and MacGibbon 2006, doi:10.1016/j.cmpb.2006.04.006), so it is
known without knowing the other rows. The counter-based generator is Philox (Salmon et al. 2011,
doi:10.1145/2063384.2063405): its key is the seed and the replicate, its counter the row.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import IntArray

TURN = 8  # rows of one turn of the generator: four words of 64 bits, of which each has two
MOST = 12  # times beyond which 32 bits know none
UNDECIDED = 255


def poisson_weights(seed: int, replicates: IntArray, first: int, size: int) -> NDArray[np.uint8]:
    """How often rows are drawn, shape (replicates, size).

    Parameters
    ----------
    seed : int
        0 or more.
    replicates : int array
        Numbers of the replicates, from 0.
    first : int
        Number of the first row among all.
    size : int
        Rows from there on.

    Returns
    -------
    array of bytes
        Poisson with mean 1, exact to 2**-32; the same for a row wherever its chunk begins.
    """
    turn, skipped = divmod(first, TURN)
    words = -(-(skipped + size) // 2)
    found = np.empty((replicates.size, size), dtype=np.uint8)
    for place, replicate in enumerate(replicates.tolist()):
        key = np.array([seed % 2**64, replicate], dtype=np.uint64)
        raw = np.random.Philox(key=key, counter=turn).random_raw(words)
        found[place] = _times(raw.astype("<u8", copy=False))[skipped : skipped + size]
    return found


def _times(raw: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Poisson numbers of the halves of words: by 16 bits, where these decide, else by all 32."""
    halves = raw.view("<u4")
    times: NDArray[np.uint8] = _table()[raw.view("<u2")[1::2]]
    open_ = np.flatnonzero(times == UNDECIDED)
    times[open_] = np.searchsorted(_limits(), halves[open_], side="right")
    return np.asarray(times)


@cache
def _limits() -> NDArray[np.uint32]:
    """Number k is drawn by those of 2**32 numbers that are at least limit k - 1, less than k."""
    below = np.cumsum([math.exp(-1.0) / math.factorial(times) for times in range(MOST)])
    return np.round(below * 2.0**32).astype(np.uint64).clip(max=2**32 - 1).astype(np.uint32)


@cache
def _table() -> NDArray[np.uint8]:
    """Number drawn by the upper 16 bits, or UNDECIDED where the lower ones count."""
    start = np.arange(2**16, dtype=np.uint64) << np.uint64(16)
    lowest = np.searchsorted(_limits(), start.astype(np.uint32), side="right")
    highest = np.searchsorted(_limits(), (start + 0xFFFF).astype(np.uint32), side="right")
    return np.where(lowest == highest, lowest, UNDECIDED).astype(np.uint8)
