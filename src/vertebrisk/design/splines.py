"""Restricted cubic splines as in Hmisc: knots and basis.

`knots` and `basis` agree with ``Hmisc::rcspline.eval`` (norm = 2), including its
rules for tied ends and for fewer than 100 values.

References
----------
Harrell FE. Regression Modeling Strategies, 2nd ed., section 2.4.5.
doi:10.1007/978-3-319-19425-7
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import FitError
from vertebrisk.kernels.ordered import type_seven

TIED_SHARE = 0.05
FEW = 100  # values below which the outer knots are the fifth from either end


def knots(values: FloatArray, count: int, name: str = "the variable") -> FloatArray:
    """Default knot positions.

    Parameters
    ----------
    values : array, shape (n,)
        Finite values of the variable.
    count : int
        Number of knots wanted, 3 or more.
    name : str
        Name for error messages.

    Returns
    -------
    array, shape (count,) or fewer when the variable has few distinct values.

    Raises
    ------
    FitError
        When fewer than 3 distinct knots can be placed.
    """
    return placed(Spread.of(*np.unique(values, return_counts=True)), count, name)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What the places of knots depend on.

    Attributes
    ----------
    size : int
        Number of values.
    distinct : int
        Number of different ones, or one that is larger than any number of knots.
    inner : array
        Different values without the first and the last, ascending; of many the ends alone.
    first, last, heaviest : int
        How many have the smallest value, the greatest, and the most frequent other one.
    lower, upper : int
        How many have one of the two smallest values, and of the two greatest.
    ranked : callable
        From ranks, 0 for the smallest, to the values that have them.
    """

    size: int
    distinct: int
    inner: FloatArray
    first: int
    last: int
    heaviest: int
    lower: int
    upper: int
    ranked: Callable[[IntArray], FloatArray]

    @classmethod
    def of(cls, values: FloatArray, counts: IntArray) -> Spread:
        """Of different values in ascending order, and how often each occurs."""
        upto = np.cumsum(counts)

        def ranked(ranks: IntArray) -> FloatArray:
            return np.asarray(values[np.searchsorted(upto, ranks, side="right")])

        return cls(
            size=int(counts.sum()),
            distinct=values.size,
            inner=values[1:-1],
            first=int(counts[:1].sum()),
            last=int(counts[-1:].sum()),
            heaviest=int(counts[1:-1].max(initial=0)),
            lower=int(counts[:2].sum()),
            upper=int(counts[-2:].sum()),
            ranked=ranked,
        )


def placed(spread: Spread, count: int, name: str) -> FloatArray:
    """Knots of values that are known by their spread; see `knots`."""
    if spread.size < 6 or spread.distinct - 2 <= count:
        return _enough(spread.inner if spread.size >= 6 else spread.inner[:0], name)
    nothing = np.empty(0)
    first = last = nothing
    low, high = 0, spread.size  # ranks of the values that are left
    if spread.heaviest / spread.size < TIED_SHARE:
        if spread.first / spread.size >= TIED_SHARE:
            first, low = spread.inner[:1], spread.lower
        if spread.last / spread.size >= TIED_SHARE:
            last, high = spread.inner[-1:], spread.size - spread.upper
    size = high - low

    def quantiles(shares: FloatArray) -> FloatArray:
        below = np.floor((size - 1) * shares).astype(np.int64)
        ranks = np.concatenate([below, np.minimum(below + 1, size - 1)])
        return type_seven(np.split(spread.ranked(low + ranks), 2), size, shares)

    wanted = count - first.size - last.size
    outer = 0.05 if count > 3 else 0.1
    outer = 0.025 if count > 6 else outer
    if wanted == 1:
        middle = np.array([spread.ranked(low + np.array([(size - 1) // 2, size // 2])).mean()])
    else:
        start = 0.5 if wanted == 2 else outer
        middle = quantiles(np.linspace(start, 1 - outer, wanted))
        if np.unique(middle).size < min(wanted, 3):
            middle = quantiles(np.linspace(outer, 1 - outer, 2 * wanted))
        if size < FEW:
            fifth, fifth_last = spread.ranked(low + np.array([4, size - 5]))
            if not first.size:
                middle[0] = fifth
            if not last.size:
                middle[wanted - 1] = fifth_last
    return _enough(np.unique(np.concatenate([first, middle, last])), name)


def _enough(positions: FloatArray, name: str) -> FloatArray:
    found = np.unique(positions)
    if found.size < 3:
        raise FitError(
            f"A spline of {name} needs 3 distinct knots, but its values allow {found.size}; "
            "enter it as a linear term, or as a category."
        )
    return found


def basis(values: FloatArray, positions: FloatArray) -> FloatArray:
    """Spline columns for given knots, the first of them the variable itself.

    Parameters
    ----------
    values : array, shape (n,)
        NaN gives NaN.
    positions : array, shape (k,)
        Knots in ascending order.

    Returns
    -------
    array, shape (n, k - 1)
    """
    scale = (positions[-1] - positions[0]) ** (2 / 3)
    last, before = positions[-1], positions[-2]

    def cube(knot: float) -> FloatArray:
        return np.asarray(np.maximum((values - knot) / scale, 0.0) ** 3)

    columns = [values]
    last_cube, before_cube = cube(last), cube(before)
    for knot in positions[:-2]:
        tail = (before - knot) * last_cube - (last - knot) * before_cube
        columns.append(cube(knot) + tail / (last - before))
    return np.column_stack(columns)
