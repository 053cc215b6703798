"""What no cohort with given margins can have as its maximum-likelihood fit, with proof.

At a maximum-likelihood estimate expected and observed events agree for every term. How many
patients have each covariate pattern is not printed, but sums over them are, and the risk of
a pattern lies where the rounding of the coefficients leaves it. So the question is linear
in patients per pattern. That they are whole numbers is left out, and each pattern may use
its own end of the interval of its risk: more is allowed than can be, and what is still
impossible is proven to be.

A proof is a weight for every sum. Whatever the solver's accuracy, any weights give a lower
bound of how far expected and observed events stay apart (weak duality), computed here
directly; a reading is impossible only if that bound is clearly above zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import OptimizeResult, linprog
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.feasibility.proofs import Proofs

Verdict = Literal["possible", "impossible", "undecided"]

# Events that a proof must leave unexplained, per patient: far above rounding in its sums,
# and above what an iteration that stopped early leaves of a score equation.
CLEAR = 1e-6
_MET = 1e-7
_NARROWEST = 1e-6
_MOST_PROGRAMMES = 300
# What a programme costs before its first pattern, in patterns.
_START = 50
# Larger weights would let rounding count.
_LARGEST = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Covariate patterns, and what is known of sums over the patients that have them.

    Attributes
    ----------
    design : array, shape (k, p)
        One row a pattern, one column a score equation; the constant's column of ones first.
    members : array, shape (k, m)
        What is summed over patients: ones first, then for example 0 or 1 for a level, or a
        number and its square.
    events, others : array, shape (2, m)
        Least and greatest value of each sum over the patients with the event, and over
        those without it.
    slack : float
        How far expected and observed totals may differ, over the greatest value in the
        column: 0 at a maximum-likelihood estimate, half the number of coefficients at most
        at one of Firth's penalised likelihood.
    """

    design: FloatArray
    members: FloatArray
    events: FloatArray
    others: FloatArray
    slack: float = 0.0

    def __post_init__(self) -> None:
        k, m = self.members.shape
        if self.design.shape[:1] != (k,):
            raise ArgumentError(
                f"design has {len(self.design)} rows; members has {k}. One a pattern is needed."
            )
        for name in ("events", "others"):
            sums = getattr(self, name)
            if sums.shape != (2, m):
                raise ArgumentError(
                    f"{name} has shape {sums.shape}; (2, {m}) is needed, least and greatest sums."
                )
            if not (np.isfinite(sums).all() and (sums[0] <= sums[1]).all() and sums[0, 0] > 0):
                raise ArgumentError(
                    f"{name} must hold finite sums, the least not above the greatest, of at "
                    "least one patient."
                )

    @property
    def patients(self) -> float:
        """Most patients that there can be."""
        return float(self.events[1, 0] + self.others[1, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """The linear predictor of each pattern: at the printed digits, and all that round to them.

    Attributes
    ----------
    point, low, high : array, shape (k,)
        Log-odds; without the constant, if that is free.
    free : bool
        True if the constant is not known.
    """

    point: FloatArray
    low: FloatArray
    high: FloatArray
    free: bool = False

    @property
    def exact(self) -> Predictor:
        """The printed digits taken to be exact."""
        return Predictor(self.point, self.point, self.point, self.free)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What has been found of one linear predictor.

    Attributes
    ----------
    verdict : {"possible", "impossible", "undecided"}
        ``impossible`` is proven. ``possible``: the printed digits satisfy every score
        equation for some, not necessarily whole, numbers of patients. ``undecided``:
        neither was found, so nothing may be held against it.
    apart : float
        Proven least sum, over the score equations, of the differences between expected and
        observed totals, each over the greatest value in its column; zero unless impossible.
        If the constant is free, at the constant where the proofs are weakest.
    """

    verdict: Verdict
    apart: float = 0.0


class Programme:
    """The linear programme over one set of patterns; it remembers its proofs.

    Parameters
    ----------
    patterns : Patterns

    Raises
    ------
    ArgumentError
        If no patients at all have these sums.
    """

    def __init__(self, patterns: Patterns) -> None:
        size = np.abs(patterns.members).max(axis=0)
        size = np.where(size > 0, size, 1.0)
        width = np.abs(patterns.design).max(axis=0)
        self.patterns = patterns
        self._columns = patterns.design / np.where(width > 0, width, 1.0)
        self._members = patterns.members / size
        self._events = patterns.events / size
        self._others = patterns.others / size
        self._clear = CLEAR * patterns.patients
        self._met = _MET * patterns.patients
        self._proofs = Proofs(
            self._members, self._columns, self._events, self._others, patterns.slack
        )
        self._solved = 0
        self._extreme(np.zeros(len(patterns.design)))

    @property
    def work(self) -> int:
        """Linear programmes solved so far, each counted by its size: patterns, and a start."""
        return self._solved * (len(self.patterns.design) + _START)

    def judge(self, predictor: Predictor) -> Judgement:
        """Whether some numbers of patients per pattern satisfy every score equation.

        With a free constant every constant is covered: each proof is extended to all
        constants for which it holds, until none is left or one cannot be excluded.
        """
        apart = self._excluded(predictor)
        if apart is not None:
            return Judgement("impossible", apart)
        return Judgement("possible" if self._attained(predictor.exact) else "undecided")

    def events_range(self, predictor: Predictor) -> tuple[float, float]:
        """Least and greatest number of events predicted, over all that the sums allow."""
        low = self._extreme(expit(predictor.low))
        return low, -self._extreme(-expit(predictor.high))

    def conflicting(self, predictor: Predictor) -> tuple[int, ...]:
        """Columns whose score equations cannot hold together, none of them to spare.

        A deletion filter: each equation is left out in turn, for good where the rest stays
        impossible. The equation of a free constant always stays.

        Returns
        -------
        tuple of int
            Positions of the columns; empty unless the predictor is proven impossible.
        """
        if self._excluded(predictor) is None:
            return ()
        kept = list(range(self._columns.shape[1]))
        for column in kept[predictor.free :]:
            fewer = [each for each in kept if each != column]
            if fewer and self._without(fewer)._excluded(predictor) is not None:
                kept = fewer
        return tuple(kept)

    def _without(self, kept: list[int]) -> Programme:
        given = self.patterns
        return Programme(Patterns(given.design[:, kept], given.members, given.events, given.others))

    def _excluded(self, predictor: Predictor) -> float | None:
        """The proven distance between expected and observed events, None if nothing is proven."""
        if not predictor.free:
            return self._proven(expit(predictor.low), expit(predictor.high))
        least, left, found = math.inf, self._constants(predictor), 0
        if not left:
            return None
        while left:
            low, high = left.pop()
            cell = (expit(predictor.low + low), expit(predictor.high + high))
            apart = self._proofs.best(*cell)
            if apart > self._clear:
                least = min(least, apart)
                continue
            middle, found = (low + high) / 2, found + 1
            at = (expit(predictor.low + middle), expit(predictor.high + middle))
            if found > _MOST_PROGRAMMES or self._proven(*at) is None:
                return None
            for end in (low, high):
                reach, apart = self._reach(predictor, middle, end)
                if reach == 0.0:
                    return None
                least = min(least, apart)
                if reach < 1.0:
                    left.append(_span(middle + reach * (end - middle), end))
        return least

    def _reach(self, predictor: Predictor, middle: float, end: float) -> tuple[float, float]:
        """How far towards `end` one proof holds, as a share of the way, and its distance."""
        share = 1.0
        while True:
            low, high = _span(middle, middle + share * (end - middle))
            apart = self._proofs.best(expit(predictor.low + low), expit(predictor.high + high))
            if apart > self._clear:
                return share, apart
            share /= 2
            if share * abs(end - middle) < _NARROWEST:
                return 0.0, 0.0

    def _attained(self, predictor: Predictor) -> bool:
        """True if the exact predictor meets every score equation, with some constant if free."""
        if not predictor.free:
            solution = self._solve(expit(predictor.point), expit(predictor.point))
            return solution is not None and solution.fun < self._met
        left, found = self._constants(predictor), 0
        while left and found < _MOST_PROGRAMMES:
            low, high = left.pop()
            middle, found = (low + high) / 2, found + 1
            risk = expit(predictor.point + middle)
            if self._proofs.best(risk, risk) <= self._clear:
                solution = self._solve(risk, risk)
                if solution is None or solution.fun < self._met:
                    return solution is not None
            for end in (low, high):
                reach, _ = self._reach(predictor, middle, end)
                if 0.0 < reach < 1.0:
                    left.append(_span(middle + reach * (end - middle), end))
        return False

    def _constants(self, predictor: Predictor) -> list[tuple[float, float]]:
        """Beyond these constants too few events are predicted, or too many, of any patients.

        Empty if every constant can do, since the slack is as large as a group.
        """
        slack = self.patterns.slack
        (fewest, most), (fewest_others, most_others) = self._events[:, 0], self._others[:, 0]
        if min(fewest, fewest_others) <= slack:
            return []
        low = math.log((fewest - slack) / (most_others + slack)) - float(predictor.high.max())
        high = math.log((most + slack) / (fewest_others - slack)) - float(predictor.low.min())
        return [(low - _NARROWEST, high + _NARROWEST)]

    def _proven(self, low: FloatArray, high: FloatArray) -> float | None:
        apart = self._proofs.best(low, high)
        if apart <= self._clear:
            self._solve(low, high)
            apart = self._proofs.best(low, high)
        return apart if apart > self._clear else None

    def _solve(self, low: FloatArray, high: FloatArray) -> OptimizeResult | None:
        """Least sum of scaled differences between expected and observed; its dual is kept.

        Patients of a pattern are of two kinds, with the least and with the greatest risk,
        in any mixture. Sums between limits have a bounded slack.
        """
        self._solved += 1
        risks = [low] if np.array_equal(low, high) else [low, high]
        members, columns = self._members.T, self._columns.T
        nothing = np.zeros((len(members), len(low)))
        blocks = [np.vstack([members, nothing, columns * (risk - 1)]) for risk in risks]
        blocks += [np.vstack([nothing, members, columns * risk]) for risk in risks]
        sums, scores = 2 * len(members), len(columns)
        unused = np.vstack([-np.eye(sums), np.zeros((scores, sums))])
        off = np.vstack([np.zeros((sums, scores)), np.eye(scores)])
        allowed = np.full(scores, self.patterns.slack)
        limits = np.concatenate([self._events, self._others], axis=1)
        patients = 2 * len(risks) * len(low)
        ends = np.concatenate(
            [
                np.full(patients, np.inf), limits[1] - limits[0], allowed, allowed,
                np.full(2 * scores, np.inf),
            ]
        )  # fmt: skip
        solution = linprog(
            np.concatenate([np.zeros(patients + sums + 2 * scores), np.ones(2 * scores)]),
            A_eq=np.hstack([*blocks, unused, off, -off, off, -off]),
            b_eq=np.concatenate([limits[0], np.zeros(scores)]),
            bounds=np.column_stack([np.zeros_like(ends), ends]),
        )
        if solution.x is None or solution.status != 0:
            return None
        weights = np.asarray(solution.eqlin.marginals)
        if solution.fun > self._clear and np.abs(weights).max() < _LARGEST:
            self._proofs.add(*np.split(weights, [len(members), sums]))
        return solution

    def _extreme(self, values: FloatArray) -> float:
        """Least sum of `values` over patients with the margins."""
        self._solved += 1
        members = self._members.T
        nothing = np.zeros_like(members)
        matrix = np.block([[members, nothing], [nothing, members]])
        limits = np.concatenate([self._events, self._others], axis=1)
        slack = -np.eye(limits.shape[1])
        ends = np.concatenate([np.full(2 * len(values), np.inf), limits[1] - limits[0]])
        solution = linprog(
            np.concatenate([values, values, np.zeros(limits.shape[1])]),
            A_eq=np.hstack([matrix, slack]),
            b_eq=limits[0],
            bounds=np.column_stack([np.zeros_like(ends), ends]),
        )
        if solution.x is None:
            raise ArgumentError(
                "No joint distribution of the attributes has these margins. "
                "Check that every variable's counts add up to the same number of patients."
            )
        return float(solution.fun)


def _span(one: float, other: float) -> tuple[float, float]:
    return min(one, other), max(one, other)
