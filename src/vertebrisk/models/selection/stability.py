"""Stability selection: which candidates are chosen in most halves of the patients.

Patients are split at random into two halves, many times. In each half a rule chooses a fixed
number of candidates: the first to enter the path of a lasso, or those with the smallest
univariable p values. What is chosen in a large share of the halves stays, and theory bounds
how many of the candidates that are no better than chance get so far.

References
----------
Meinshausen and Buehlmann 2010, doi:10.1111/j.1467-9868.2010.00740.x.
Shah and Samworth 2013, doi:10.1111/j.1467-9868.2011.01034.x.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np

from vertebrisk._checks import check_choice, check_positive_int, check_seed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.resamples import shares

Learner = Literal["lasso", "univariable"]
Choose = Callable[[FloatArray, int], BoolArray]
CELLS = 2_000_000  # weights of halves held at once
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Stability:
    """How stability selection is done.

    Attributes
    ----------
    pairs : int
        Times that the patients are split into two halves, events and non-events apart.
    pairs_in_resamples : int
        The same in each resample of a validation, where fewer keep the time within bounds;
        shares then are coarser, so the repeated choice varies a little more than the choice.
    threshold : float
        Share of the halves in which a candidate must be chosen: above 0.5, at most 1.
    per_half : int, optional
        Candidates chosen in each half; by default as many as keep the bound at
        `expected_false`, and one at least.
    expected_false : float
        Bound on the expected number of candidates chosen though they are chosen in a half no
        more often than the average candidate.
    learner : {"lasso", "univariable"}
        What chooses in each half: the first to enter the path of a lasso, or the smallest
        univariable p values.
    seed : int
        By which the patients are split.
    """

    pairs: int = 50
    pairs_in_resamples: int = 10
    threshold: float = 0.75
    per_half: int | None = None
    expected_false: float = 1.0
    learner: Learner = "lasso"
    seed: int = 1

    def __post_init__(self) -> None:
        check_positive_int(self.pairs, "pairs")
        check_positive_int(self.pairs_in_resamples, "pairs_in_resamples")
        check_choice(self.learner, "learner", Learner)
        check_seed(self.seed)
        if not (isinstance(self.threshold, Real) and 0.5 < self.threshold <= 1.0):
            raise ArgumentError(
                f"threshold is {self.threshold!r}; stability selection has one above 0.5 and at "
                "most 1, such as 0.75."
            )
        if self.per_half is not None:
            check_positive_int(self.per_half, "per_half")
        wanted = self.expected_false
        if not (isinstance(wanted, Real) and math.isfinite(wanted) and wanted > 0.0):
            raise ArgumentError(f"expected_false is {wanted!r}; a number above 0 is needed.")

    def chosen_per_half(self, candidates: int) -> int:
        """How many candidates each half chooses."""
        if self.per_half is not None:
            return min(self.per_half, candidates)
        most = math.sqrt((2.0 * self.threshold - 1.0) * candidates * self.expected_false)
        return min(max(1, int(most + ROUNDING)), candidates)

    def bound(self, candidates: int) -> float:
        """Expected number of candidates chosen though no better than chance, at most.

        Of `candidates`, those chosen in a half no more often than the average one (Shah and
        Samworth's worst case, which is Meinshausen and Buehlmann's bound).
        """
        chosen = self.chosen_per_half(candidates)
        return chosen**2 / ((2.0 * self.threshold - 1.0) * candidates)

    def unimodal_bound(self, candidates: int) -> float | None:
        """The sharper bound where the shares of such candidates have one mode.

        None where it does not apply, with too many chosen in each half or too low a threshold,
        and where it is no sharper.
        """
        chosen, finest = self.chosen_per_half(candidates), 1.0 / (2.0 * self.pairs)
        theta = chosen / candidates
        if theta > 1.0 / math.sqrt(3.0):
            return None
        if self.threshold <= 0.5 + min(theta**2, finest + 0.75 * theta**2):
            return None
        if self.threshold <= 0.75:
            factor = 1.0 / (2.0 * (2.0 * self.threshold - 1.0 - finest))
        else:
            factor = 4.0 * (1.0 - self.threshold + finest) / (1.0 + 1.0 / self.pairs)
        sharper = factor * theta * chosen
        return sharper if sharper < self.bound(candidates) - ROUNDING else None


def chosen_shares(
    choose: Choose,
    event: FloatArray,
    weights: FloatArray,
    asked: Stability,
    pairs: int,
    candidates: int,
    clusters: IntArray | None = None,
) -> FloatArray:
    """Share of the halves in which each candidate was chosen, shape (replicates, candidates).

    Parameters
    ----------
    choose : callable
        From weights, shape (halves, n), and how many to choose, to the choice of each half.
    event : array, shape (n,)
        1 for the event.
    weights : array, shape (replicates, n)
    asked : Stability
    pairs : int
    candidates : int
    clusters : int array, shape (n,), optional
        Patient of each row; the rows of a patient stay together.
    """
    replicates, size = weights.shape
    wanted = asked.chosen_per_half(candidates)
    counts = np.zeros((replicates, candidates))
    step = max(1, CELLS // max(1, 2 * replicates * size))
    for first in range(0, pairs, step):
        numbers = np.arange(first, min(pairs, first + step))
        halves = complementary_halves(event, weights, numbers, asked.seed, clusters)
        chosen = choose(halves.reshape(-1, size), wanted)
        counts += chosen.reshape(-1, replicates, candidates).sum(axis=0)
    return counts / (2.0 * pairs)


def complementary_halves(
    event: FloatArray,
    weights: FloatArray,
    numbers: IntArray,
    seed: int,
    clusters: IntArray | None = None,
) -> FloatArray:
    """Weights of the two halves of each split, shape (2 splits, replicates, n).

    Patients with and without the event are halved apart, and one who is left over belongs to
    neither half. All copies of a patient in a resample fall into one half, so that the halves
    have nobody in common. A split depends on the seed and its number only.
    """
    of = np.arange(event.size) if clusters is None else clusters
    units = int(of.max()) + 1
    ill = np.zeros(units, dtype=np.bool_)
    ill[of[event > 0.5]] = True
    present = np.zeros((weights.shape[0], units), dtype=np.bool_)
    rows, columns = np.nonzero(weights > 0)
    present[rows, of[columns]] = True
    found = np.empty((2 * numbers.size, *weights.shape))
    for split, keys in enumerate(shares(seed, numbers, units)):
        order = np.argsort(keys, kind="stable")
        side = np.full(present.shape, -1, dtype=np.int64)
        for group in (ill, ~ill):
            dealt = order[group[order]]
            here = present[:, dealt]
            place, half = np.cumsum(here, axis=1) - 1, here.sum(axis=1, keepdims=True) // 2
            which = np.where(place < half, 0, np.where(place < 2 * half, 1, -1))
            side[:, dealt] = np.where(here, which, -1)
        for number in (0, 1):
            found[2 * split + number] = np.where(side[:, of] == number, weights, 0.0)
    return found


def first_of(order: FloatArray, wanted: int) -> BoolArray:
    """The first few of each row by increasing order; what is infinite is never among them."""
    place = np.argsort(np.argsort(order, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((place < wanted) & np.isfinite(order))
