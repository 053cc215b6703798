"""Order statistics without order: counts of the leading bits of numbers.

A double has an image among the whole numbers of 64 bits that keeps the order. How many
images begin with the same bits is counted chunk by chunk; the counts tell with which bits the
wanted ones begin, and the next bits of these alone are counted in the next pass. So the
smallest, the middle or any other number of a column is found exactly, without sorting it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import FloatArray, IntArray

BITS = 64
Images: TypeAlias = NDArray[np.uint64]
_SIGN = np.uint64(1 << (BITS - 1))


def images_of(values: FloatArray) -> Images:
    """Whole numbers in the order of the values, shape (n,), of which none is NaN; -0 is 0."""
    bits = (values + 0.0).view(np.uint64)
    negative = (bits.view(np.int64) >> (BITS - 1)).view(np.uint64)
    return np.asarray(bits ^ (negative | _SIGN), dtype=np.uint64)


def values_of(images: Images) -> FloatArray:
    """The values of such images."""
    positive = (images.view(np.int64) >> (BITS - 1)).view(np.uint64)
    return (images ^ (~positive | _SIGN)).view(np.float64)


@dataclass(frozen=True, slots=True)
class Digits:
    """Which bits of the images are looked at: `width` of them after the first `known`."""

    known: int
    width: int

    @property
    def rest(self) -> int:
        """How many bits follow."""
        return BITS - self.known - self.width


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """How many images begin with the same bits, arrays of shape (m,).

    Attributes
    ----------
    codes : array
        The place of the bits that are known, then those that were looked at; ascending.
    counts : array
    least, greatest : array
        Of these images: where they are one, there is one value.
    """

    codes: Images
    counts: IntArray
    least: Images
    greatest: Images

    def of(self, place: int, digits: Digits) -> Counted:
        """Those whose known bits stand at this place."""
        width = np.uint64(digits.width)
        first, last = np.searchsorted(self.codes, np.array([place, place + 1], np.uint64) << width)
        part = slice(int(first), int(last))
        return Counted(self.codes[part], self.counts[part], self.least[part], self.greatest[part])


def count_digits(
    ordered: Images, prefixes: Sequence[int], first: int, digits: Digits
) -> list[Counted]:
    """Images counted by the bits that follow each of the prefixes.

    Parameters
    ----------
    ordered : array, shape (n,)
        Images in ascending order.
    prefixes : sequence of int
        The known bits of the wanted images, ascending.
    first : int
        Place of the first prefix among those of all columns and groups.
    digits : Digits
        Which bits follow.
    """
    found = []
    for place, prefix in enumerate(prefixes, start=first):
        images = _beginning(ordered, prefix, digits.known)
        if images.size:
            found.append(_tallied(images, place, digits))
    return found


def _beginning(ordered: Images, prefix: int, known: int) -> Images:
    if known == 0:
        return ordered
    low = prefix << (BITS - known)
    high = low | ((1 << (BITS - known)) - 1)
    first = np.searchsorted(ordered, np.uint64(low), side="left")
    last = np.searchsorted(ordered, np.uint64(high), side="right")
    return ordered[first:last]


def _tallied(images: Images, place: int, digits: Digits) -> Counted:
    mask = np.uint64((1 << digits.width) - 1)
    bits = (images >> np.uint64(digits.rest)) & mask
    starts = np.flatnonzero(np.concatenate([[True], bits[1:] != bits[:-1]]))
    ends = np.append(starts[1:], images.size)
    codes = bits[starts] | np.uint64(place << digits.width)
    return Counted(codes, ends - starts, images[starts], images[ends - 1])


def joined(parts: Sequence[Counted]) -> Counted:
    """Counts of several places, in the order of these."""
    if not parts:
        nothing = np.empty(0, np.uint64)
        return Counted(nothing, np.empty(0, np.int64), nothing, nothing)
    return Counted(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.least for part in parts]),
        np.concatenate([part.greatest for part in parts]),
    )


def added_counts(one: Counted, other: Counted) -> Counted:
    """Counts of two chunks together; one array after the other, so that little is held."""
    codes = np.concatenate([one.codes, other.codes])
    if codes.size == 0:
        return one
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))

    def by(add: np.ufunc, a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        return add.reduceat(np.concatenate([a, b])[order], starts)

    return Counted(
        codes[starts],
        by(np.add, one.counts, other.counts),
        by(np.minimum, one.least, other.least),
        by(np.maximum, one.greatest, other.greatest),
    )
