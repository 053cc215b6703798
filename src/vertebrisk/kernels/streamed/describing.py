"""What one chunk tells of a variable by groups, and how two chunks tell it together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import FloatArray, IntArray

Codes: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class GroupMoments:
    """Numbers by group, arrays of shape (groups,).

    Attributes
    ----------
    n, missing, infinite : int arrays
        Values, those that are missing, and how many values are infinite.
    mean, squares : arrays
        Mean of the finite values and sum of squares about it; 0 where there is none.
    least, greatest : arrays
        Of all values; infinite and minus infinite where there is none.
    zeros, ones : int arrays
        How often 0 and 1 occur.
    """

    n: IntArray
    missing: IntArray
    infinite: IntArray
    mean: FloatArray
    squares: FloatArray
    least: FloatArray
    greatest: FloatArray
    zeros: IntArray
    ones: IntArray

    @property
    def finite(self) -> IntArray:
        """How many values are finite."""
        return self.n - self.infinite

    def together(self) -> GroupMoments:
        """All groups as one."""
        total = self.at(0)
        for group in range(1, self.n.size):
            total = added_moments(total, self.at(group))
        return total

    def at(self, group: int) -> GroupMoments:
        """One group alone."""
        return GroupMoments(*(getattr(self, name)[group : group + 1] for name in self.__slots__))


def group_moments(values: FloatArray, members: Codes, groups: int) -> GroupMoments:
    """Moments of values, shape (n,), of which NaN are missing, by the codes of their groups.

    A value whose code is below 0 belongs to no group and takes no part.
    """
    rows = [_moments(values[members == group]) for group in range(groups)]
    return GroupMoments(
        *(np.array([getattr(row, name) for row in rows]) for name in GroupMoments.__slots__)
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    """The same of one group."""

    n: int
    missing: int
    infinite: int
    mean: float
    squares: float
    least: float
    greatest: float
    zeros: int
    ones: int


def _moments(values: FloatArray) -> _Moments:
    known = values[~np.isnan(values)]
    finite = known[np.isfinite(known)]
    mean = squares = 0.0
    if finite.size:
        mean = float(finite.mean())
        mean += float((finite - mean).mean())
        deviation = finite - mean
        squares = float(deviation @ deviation)
    least, greatest = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
    if finite.size and least == greatest:
        mean, squares = least, 0.0
    return _Moments(
        n=known.size,
        missing=values.size - known.size,
        infinite=known.size - finite.size,
        mean=mean,
        squares=squares,
        least=least,
        greatest=greatest,
        zeros=int((known == 0.0).sum()),
        ones=int((known == 1.0).sum()),
    )


def added_moments(one: GroupMoments, other: GroupMoments) -> GroupMoments:
    """Moments of two chunks together.

    References
    ----------
    Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115
    """
    a, b = one.finite.astype(np.float64), other.finite.astype(np.float64)
    total = np.maximum(a + b, 1.0)
    apart = other.mean - one.mean
    return GroupMoments(
        n=one.n + other.n,
        missing=one.missing + other.missing,
        infinite=one.infinite + other.infinite,
        mean=np.where(a == 0, other.mean, one.mean + apart * (b / total)),
        squares=one.squares + other.squares + apart**2 * (a * b / total),
        least=np.minimum(one.least, other.least),
        greatest=np.maximum(one.greatest, other.greatest),
        zeros=one.zeros + other.zeros,
        ones=one.ones + other.ones,
    )


def level_counts(codes: Codes, members: Codes, levels: int, groups: int) -> IntArray:
    """Counts of levels by groups, shape (levels + 1, groups); the last row is the missing."""
    inside = (members >= 0) & (members < groups)
    place = codes[inside].astype(np.int64)
    place[(place < 0) | (place >= levels)] = levels
    cells = place * groups + members[inside].astype(np.int64)
    return np.bincount(cells, minlength=(levels + 1) * groups).reshape(levels + 1, groups)


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The different values of a column, ascending, and how often each occurs by group.

    Attributes
    ----------
    values : array, shape (m,)
    counts : int array, shape (m, groups)
    """

    values: FloatArray
    counts: IntArray


def distinct_values(values: FloatArray, members: Codes, groups: int, most: int) -> Distinct:
    """Different values of those in a group that are not missing, the least `most` of them."""
    inside = ~np.isnan(values) & (members >= 0) & (members < groups)
    found, place = np.unique(values[inside] + 0.0, return_inverse=True)
    cells = place * groups + members[inside].astype(np.int64)
    counts = np.bincount(cells, minlength=found.size * groups).reshape(found.size, groups)
    return Distinct(found[:most], counts[:most])


def added_distinct(one: Distinct, other: Distinct, most: int) -> Distinct:
    """Different values of two chunks together, the least `most` of them."""
    values = np.concatenate([one.values, other.values])
    found, place = np.unique(values, return_inverse=True)
    counts = np.zeros((found.size, one.counts.shape[1]), dtype=np.int64)
    np.add.at(counts, place, np.concatenate([one.counts, other.counts]))
    return Distinct(found[:most], counts[:most])
