"""Likelihoods of a model for many arrangements of its patients at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.evidence.reconstruction.terms import UNIT

_RIDGE = 1e-7
_MAX_NEWTON = 25
_LARGEST = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Exchanges of one variable between two patients: positions, all of shape (b,)."""

    first: IntArray
    second: IntArray
    variable: IntArray


class Likelihood(Protocol):
    """A model whose score and information can be had for many arrangements at once."""

    @property
    def batch(self) -> int:
        """How many exchanges to look at together."""
        ...

    def work(self, p: int) -> float:
        """Multiplications, about, to look at one batch of a model with p columns."""
        ...

    def terms(self, columns: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score (p,) and information (p, p) of a design at `beta`."""
        ...

    def predicted(
        self, columns: FloatArray, beta: FloatArray, moves: Moves, rows: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score (b, p) and information (b, p, p) after each move; `rows` (b, 2, p) are new."""
        ...

    def columns(self, design: FloatArray) -> FloatArray:
        """The design with what the model adds to it."""
        ...

    def area_off(self, columns: FloatArray, beta: FloatArray) -> float:
        """How far the area under the curve is from what is wanted; 0 where nothing is."""
        ...

    def predicted_area_off(
        self, columns: FloatArray, estimate: FloatArray, moves: Moves, rows: FloatArray
    ) -> FloatArray:
        """The same after each move, with the estimates (b, p) that follow it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Logistic regression of an event, with a constant; `area` bounds that under the ROC curve."""

    event: BoolArray
    area: tuple[float, float] | None = None
    batch: int = 256

    def work(self, p: int) -> float:
        """Some Newton steps over all patients, and two patients of each exchange."""
        return 1e5 + 2.0 * len(self.event) * (p + 1) ** 2

    def columns(self, design: FloatArray) -> FloatArray:
        """A column of ones in front."""
        return np.concatenate([np.ones((*design.shape[:-1], 1)), design], axis=-1)

    def terms(self, columns: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and information."""
        risk = expit(columns @ beta)
        return columns.T @ (self.event - risk), (columns.T * (risk * (1 - risk))) @ columns

    def predicted(
        self, columns: FloatArray, beta: FloatArray, moves: Moves, rows: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score and information after each move: two rows leave, two come."""
        score, information = self.terms(columns, beta)
        pair = np.stack([moves.first, moves.second], axis=1)
        old, event = columns[pair], self.event[pair]
        before, after = expit(old @ beta), expit(rows @ beta)
        score = score + ((event - after)[..., None] * rows).sum(axis=1)
        score = score - ((event - before)[..., None] * old).sum(axis=1)
        gained = np.einsum("bi,bij,bik->bjk", after * (1 - after), rows, rows)
        lost = np.einsum("bi,bij,bik->bjk", before * (1 - before), old, old)
        return score, information + gained - lost

    def area_off(self, columns: FloatArray, beta: FloatArray) -> float:
        """Distance of the area from its bounds, in units of the third decimal's half."""
        if self.area is None:
            return 0.0
        return float(self._off((columns @ beta)[:, None])[0])

    def predicted_area_off(
        self, columns: FloatArray, estimate: FloatArray, moves: Moves, rows: FloatArray
    ) -> FloatArray:
        """The same after each move."""
        if self.area is None:
            return np.zeros(len(estimate))
        score = columns @ estimate.T
        place = np.arange(len(estimate))
        new = np.einsum("bip,bp->bi", rows, estimate)
        score[moves.first, place], score[moves.second, place] = new[:, 0], new[:, 1]
        return self._off(score)

    def _off(self, score: FloatArray) -> FloatArray:
        """From scores (n, b); equal scores count by half."""
        assert self.area is not None
        ordered = np.sort(np.round(score, 9), axis=0)
        n_events = float(self.event.sum())
        others = len(self.event) - n_events
        areas = np.empty(score.shape[1])
        for column in range(score.shape[1]):
            own = np.round(score[self.event, column], 9)
            below = np.searchsorted(ordered[:, column], own, side="left")
            up_to = np.searchsorted(ordered[:, column], own, side="right")
            # Pairs of two events cancel: each is above the other in one of its two orders.
            concordant = float((below + up_to).sum()) / 2 - n_events**2 / 2
            areas[column] = concordant / (n_events * others)
        low, high = self.area
        away = np.abs(areas - (low + high) / 2)
        return np.where(away < (high - low) / 2, 0.0, away / UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class Cox:
    """Cox regression with Efron's ties, for patients in ascending order of time.

    Patients with the event come first among those of one time. `start`, `end` and `share`
    describe each event: the first patient at risk, the first after its tie, and Efron's
    share of the tied.
    """

    event: BoolArray
    start: IntArray
    end: IntArray
    share: FloatArray
    batch: int = 48

    def work(self, p: int) -> float:
        """All risk sets of each exchange."""
        return float(self.batch * len(self.event) * (p + 1) ** 2)

    @classmethod
    def of(cls, time: FloatArray, event: BoolArray) -> Cox:
        """From sorted times, events first among ties."""
        at = np.flatnonzero(event)
        start = np.searchsorted(time, time[at], side="left")
        deaths = np.array([int(event[time == each].sum()) for each in time[at]], dtype=np.int64)
        share = (at - start) / np.maximum(deaths, 1)
        return cls(event, start.astype(np.int64), (start + deaths).astype(np.int64), share)

    def columns(self, design: FloatArray) -> FloatArray:
        """The design itself."""
        return design

    def terms(self, columns: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and information."""
        score, information = self._batched(columns[None], beta)
        return score[0], information[0]

    def predicted(
        self, columns: FloatArray, beta: FloatArray, moves: Moves, rows: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score and information after each move, from the whole risk sets."""
        many = np.repeat(columns[None], len(rows), axis=0)
        place = np.arange(len(rows))
        many[place, moves.first], many[place, moves.second] = rows[:, 0], rows[:, 1]
        return self._batched(many, beta)

    def _batched(self, many: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        score = many @ beta
        weight = np.exp(score - score.max(axis=1, keepdims=True))
        weighted = weight[..., None] * many
        s0, s1 = self._at_risk(weight), self._at_risk(weighted)
        s2 = self._at_risk(weighted[..., :, None] * many[..., None, :])
        mean = s1 / s0[..., None]
        spread = s2 / s0[..., None, None] - mean[..., :, None] * mean[..., None, :]
        return (many[:, self.event] - mean).sum(axis=1), spread.sum(axis=1)

    def _at_risk(self, values: FloatArray) -> FloatArray:
        """Sum over those at risk at each event, less Efron's share of the tied."""
        sums = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
        sums = np.concatenate([sums, np.zeros_like(sums[:, :1])], axis=1)
        share = self.share.reshape(1, -1, *(1,) * (values.ndim - 2))
        return sums[:, self.start] - share * (sums[:, self.start] - sums[:, self.end])

    def area_off(self, columns: FloatArray, beta: FloatArray) -> float:
        """Nothing is wanted of a Cox model's concordance."""
        return 0.0

    def predicted_area_off(
        self, columns: FloatArray, estimate: FloatArray, moves: Moves, rows: FloatArray
    ) -> FloatArray:
        """Nothing."""
        return np.zeros(len(estimate))


def maximum(
    likelihood: Likelihood, columns: FloatArray, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Estimate and covariance by Newton's method, held inside where there is no maximum."""
    p = columns.shape[1]
    beta = np.zeros(p) if start is None else start.copy()
    covariance: FloatArray = np.eye(p)
    for _ in range(_MAX_NEWTON):
        score, information = likelihood.terms(columns, beta)
        covariance = inverse(information)
        step = covariance @ score
        longest = float(np.abs(step).max())
        beta = np.clip(beta + step * min(1.0, 4.0 / max(longest, 1e-300)), -_LARGEST, _LARGEST)
        if longest < 1e-9:
            break
    return beta, covariance


def inverse(information: FloatArray) -> FloatArray:
    """Inverse of information matrices, of what there is where one is singular."""
    ridge = _RIDGE * np.eye(information.shape[-1])
    return np.asarray(np.linalg.pinv(information + ridge, hermitian=True), dtype=np.float64)
