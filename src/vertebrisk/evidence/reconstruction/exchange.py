"""Patients arranged, by exchanging values inside a group, until a model gives its print.

Two patients of one group who exchange their values of one variable leave every count,
mean and SD of the group as it was, and change how the variables go together. So a search
over exchanges moves a regression's coefficients and standard errors while all margins
stay exact. Of many exchanges drawn at random, one that one Newton step predicts to be
among the best is tried, and kept if the model, fitted anew, is nearer to the print. Now
and then a step back is kept, too, ever more rarely (simulated annealing), so that the
search gets past places where every step is a step back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.evidence.reconstruction.terms import Columns, Wanted

_RIDGE = 1e-7
_MAX_NEWTON = 25
_LARGEST = 25.0
_HOTTEST = 300.0
_COLDEST = 0.2


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


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Logistic regression of an event, with a constant."""

    event: BoolArray
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


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """Values of the model's variables (n, v), the fit to them, and how far it is off."""

    values: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    distance: float


def maximum(
    likelihood: Likelihood, columns: FloatArray, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Estimate and covariance by Newton's method, held inside where there is no maximum."""
    p = columns.shape[1]
    beta = np.zeros(p) if start is None else start.copy()
    covariance: FloatArray = np.eye(p)
    for _ in range(_MAX_NEWTON):
        score, information = likelihood.terms(columns, beta)
        covariance = _inverse(information)
        step = covariance @ score
        longest = float(np.abs(step).max())
        beta = np.clip(beta + step * min(1.0, 4.0 / max(longest, 1e-300)), -_LARGEST, _LARGEST)
        if longest < 1e-9:
            break
    return beta, covariance


def _inverse(information: FloatArray) -> FloatArray:
    """Inverse of information matrices, of what there is where one is singular."""
    ridge = _RIDGE * np.eye(information.shape[-1])
    return np.asarray(np.linalg.pinv(information + ridge, hermitian=True), dtype=np.float64)


def arrange(
    values: FloatArray,
    group: IntArray,
    columns: Columns,
    likelihood: Likelihood,
    wanted: Wanted,
    rng: np.random.Generator,
    rounds: int,
) -> Arranged:
    """Exchange values inside groups until the fit is as wanted, or no exchange helps.

    Parameters
    ----------
    values : array, shape (n, v)
        Numbers, or positions of levels, of the model's variables.
    group : int array, shape (n,)
        Patients exchange with others of the same group only.
    columns : Columns
        How values become the model's columns.
    likelihood : Likelihood
        The model.
    wanted : Wanted
        Targets of the model's columns, the constant's first where it has one.
    rng : numpy Generator
        Source of the exchanges that are tried.
    rounds : int
        At most so many exchanges are made.

    Returns
    -------
    Arranged
    """
    design = likelihood.columns(columns.design(values))
    beta, covariance = maximum(likelihood, design)
    now = float(_distance(wanted, beta, covariance))
    best = Arranged(values, beta, _errors(covariance), now)
    values = values.copy()
    movable = _movable(values, group)
    temperatures = np.geomspace(_HOTTEST, _COLDEST, max(rounds, 1))
    for turn in range(rounds if len(movable) else 0):
        if best.distance == 0.0:
            break
        moves = _drawn(values, movable, likelihood.batch, rng)
        if len(moves.first) == 0:
            continue
        rows = likelihood.columns(columns.design(_exchanged(values, moves)))
        score, information = likelihood.predicted(design, beta, moves, rows)
        inverse = _inverse(information)
        estimate = beta + np.einsum("bij,bj->bi", inverse, score)
        heat = temperatures[turn] * rng.gumbel(size=len(estimate))
        chosen = int(np.argmin(_distance(wanted, estimate, inverse) - heat))
        pair = [int(moves.first[chosen]), int(moves.second[chosen])]
        tried = design.copy()
        tried[pair] = rows[chosen]
        new_beta, new_covariance = maximum(likelihood, tried, beta)
        distance = float(_distance(wanted, new_beta, new_covariance))
        if distance - now < temperatures[turn] * rng.exponential():
            variable = moves.variable[chosen]
            values[pair, variable] = values[pair[::-1], variable]
            design, beta, covariance, now = tried, new_beta, new_covariance, distance
        if now < best.distance:
            best = Arranged(values.copy(), beta, _errors(covariance), now)
    return best


def _errors(covariance: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _distance(wanted: Wanted, beta: FloatArray, covariance: FloatArray) -> FloatArray:
    variance = np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 1e-300)
    return wanted.distance(beta, np.sqrt(variance))


def _movable(values: FloatArray, group: IntArray) -> list[tuple[int, IntArray]]:
    """Variable and members of each group that has more than one value of it."""
    return [
        (variable, members)
        for members in (np.flatnonzero(group == each) for each in np.unique(group))
        for variable in range(values.shape[1])
        if len(np.unique(values[members, variable])) > 1
    ]


def _drawn(
    values: FloatArray,
    movable: list[tuple[int, IntArray]],
    size: int,
    rng: np.random.Generator,
) -> Moves:
    """Random exchanges between patients whose values differ."""
    which = rng.integers(len(movable), size=size)
    first, second = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    variable = np.array([movable[each][0] for each in which], dtype=np.int64)
    for each in np.unique(which):
        at, members = which == each, movable[each][1]
        first[at] = rng.choice(members, int(at.sum()))
        second[at] = rng.choice(members, int(at.sum()))
    differ = values[first, variable] != values[second, variable]
    return Moves(first[differ], second[differ], variable[differ])


def _exchanged(values: FloatArray, moves: Moves) -> FloatArray:
    """The two patients' values after each move, shape (b, 2, v)."""
    place = np.arange(len(moves.first))
    rows = np.stack([values[moves.first], values[moves.second]], axis=1)
    rows[place, 0, moves.variable] = values[moves.second, moves.variable]
    rows[place, 1, moves.variable] = values[moves.first, moves.variable]
    return rows
