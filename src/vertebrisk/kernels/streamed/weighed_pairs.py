"""Pairs of patients of whom one has the event first, weighed by the time of that event.

Whom a patient can be compared with depends on times alone, so of patients with lower and with
higher scores it is enough to know how many left at each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Partners:
    """Whom a patient can be compared with, among others who are counted by time.

    Attributes
    ----------
    later : array, shape (t,)
        Weighed pairs of who has the event at each time with those followed for longer.
    earlier : array, shape (2, t)
        Weighed pairs of who leaves at each time without the event, and with it, with those who
        had it before.
    """

    later: FloatArray
    earlier: FloatArray

    @classmethod
    def of(cls, counts: FloatArray, factor: FloatArray) -> Partners:
        """Of patients without the event and with it by time, (2, t); a pair counts `factor`."""
        events = counts[1]
        beyond = counts[:, ::-1].sum(axis=0).cumsum()[::-1]
        weighed = factor * events
        upto = np.cumsum(weighed)
        return cls(factor * (beyond - events), np.stack([upto, upto - weighed]))

    def pairs(self, place: IntArray, event: IntArray) -> tuple[FloatArray, FloatArray]:
        """Of patients who leave at these times: their own events', and those of others."""
        return event * self.later[place], self.earlier[event, place]


@dataclass(frozen=True, slots=True)
class WeighedSums:
    """Sums over pairs, and over what each patient adds to them.

    Attributes
    ----------
    net, pairs : float
        Concordant less discordant pairs, and all.
    net_squares, products, pair_squares : float
        Sums over patients of net * net, net * pairs and pairs * pairs.
    """

    net: float = 0.0
    pairs: float = 0.0
    net_squares: float = 0.0
    products: float = 0.0
    pair_squares: float = 0.0

    def __add__(self, other: WeighedSums) -> WeighedSums:
        names = self.__slots__
        return WeighedSums(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def index(self) -> float:
        """Share of concordant pairs, those of equal scores by half; NaN without any pair."""
        return 0.5 + 0.5 * self.net / self.pairs if self.pairs > 0.0 else float("nan")

    @property
    def std_error(self) -> float:
        """Of the index, by the infinitesimal jackknife; there must be pairs."""
        share = self.net / self.pairs
        spread = self.net_squares - 2.0 * share * self.products + share**2 * self.pair_squares
        return float(np.sqrt(max(spread, 0.0)) / (2.0 * self.pairs))
