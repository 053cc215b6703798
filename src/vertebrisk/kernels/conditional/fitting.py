"""Conditional logistic regression by Newton's method, every replicate at once.

In each set the likelihood is that these and no other members are the cases, given how many
there are: ``exp(sum of the cases' x'b) / e_m(exp(x'b))`` with the elementary symmetric
polynomial of as many factors as there are cases. The estimates are those of ``clogit`` with
``method = "exact"`` of R's survival. Sets with one case, which need no recursion, are a part
of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.conditional import several, single
from vertebrisk.kernels.conditional.sets import MatchedSets
from vertebrisk.kernels.survival.cox import CoxFits, gathered, standardised, without_events
from vertebrisk.kernels.survival.leading import SAME, leads_on
from vertebrisk.kernels.survival.maximum import SEPARATING_STEP, largest_change, maximised

SPREAD = 200.0  # how far below the highest of its set a linear predictor may lie
FREE = 1e-10  # information along a direction, relative to the greatest, that is none


def fit_conditional_batch(
    columns: FloatArray,
    sets: MatchedSets,
    weights: FloatArray,
    mask: BoolArray | None = None,
) -> CoxFits:
    """Fit every replicate.

    Parameters
    ----------
    columns : array, shape (n, p)
        What is the same in a set cannot be estimated, the intercept among it.
    sets : MatchedSets
    weights : array, shape (replicates, n)
        How often each set was drawn, the same for all its members; whole sets are drawn.
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses; all by default.

    Returns
    -------
    CoxFits
        `separated` where a direction exists in which the cases of every set have its
        highest values.
    """
    replicates, size = weights.shape[0], columns.shape[1]
    use = np.ones((replicates, size), np.bool_) if mask is None else mask
    if sets.cases.size == 0:
        return without_events(replicates, size, use)
    scaled, scale = standardised(columns, weights)
    problem = ConditionalProblem.of(scaled.T, sets, weights, use)
    return gathered(maximised(problem), problem, scale)


def conditional_score_test(columns: FloatArray, sets: MatchedSets) -> tuple[float, int]:
    """Score test of all columns, and its degrees of freedom: do cases differ inside their sets?

    With one case and one control in each set and one column of 0 and 1 it is McNemar's test
    without continuity correction; with other sets of such a column the test of Mantel and
    Haenszel without it. What is the same in every set, or depends on other columns there,
    frees nothing.

    Parameters
    ----------
    columns : array, shape (n, p)
    sets : MatchedSets
    """
    size = columns.shape[1]
    if sets.cases.size == 0 or size == 0:
        return 0.0, 0
    one = np.ones((1, columns.shape[0]))
    scaled, _ = standardised(columns, one)
    problem = ConditionalProblem.of(scaled.T, sets, one, np.ones((1, size), np.bool_))
    gradient, information = problem.derivatives(problem.eta(np.zeros((1, size))))
    values, vectors = np.linalg.eigh(information[0])
    free = values > FREE * max(float(values.max()), float(sets.cases.size))
    along = vectors[:, free].T @ gradient[0]
    return float(np.sum(along**2 / values[free])), int(free.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Sets of one kind: those with one case, or those with several.

    `members` are columns, shape (sets, size, p); `places` are theirs in a row of linear
    predictors, `which` their positions among all sets.
    """

    sets: MatchedSets
    members: FloatArray
    places: slice
    which: IntArray

    @property
    def alone(self) -> bool:
        """True for sets with one case."""
        return int(self.sets.cases[0]) == 1

    def laid_out(self, eta: FloatArray) -> FloatArray:
        """Linear predictors by set and member."""
        return np.asarray(eta[:, self.places].reshape(eta.shape[0], *self.sets.rows.shape))

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictors, the highest of each set at 0, shape (replicates, places)."""
        linear = self.movement(beta)
        top = np.where(self.sets.filled, linear, -np.inf).max(axis=2, keepdims=True)
        return np.asarray(
            np.maximum(linear - top, -SPREAD).reshape(beta.shape[0], self.sets.rows.size)
        )

    def movement(self, beta: FloatArray) -> FloatArray:
        """Linear predictors as they are, shape (replicates, sets, size)."""
        flat = self.members.reshape(self.sets.rows.size, self.members.shape[2])
        return np.asarray((beta @ flat.T).reshape(beta.shape[0], *self.sets.rows.shape))

    def ahead(self, weights: FloatArray) -> FloatArray:
        """Each case less each control of its set, where that was drawn, shape (pairs, p)."""
        drawn = (weights[self.which] > 0)[:, None, None]
        leading, control = self.sets.leading, self.sets.filled & ~self.sets.leading
        which, case, other = np.nonzero(drawn & leading[:, :, None] & control[:, None, :])
        return np.asarray(self.members[which, case] - self.members[which, other])

    def likelihood(self, eta: FloatArray, weights: FloatArray) -> FloatArray:
        """Conditional log-likelihood of each replicate."""
        laid = self.laid_out(eta)
        if self.alone:
            own, total = laid[:, :, 0], single.shares(self.sets, laid)[1]
        else:
            own = laid.sum(axis=2, where=self.sets.leading)
            total = several.subsets(self.sets, laid)
        return np.asarray(np.sum(weights[:, self.which] * (own - np.log(total)), axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalProblem:
    """The conditional likelihood of every replicate.

    Attributes
    ----------
    parts : tuple of Part
    weights : array, shape (replicates, sets)
    mask : bool array, shape (replicates, p)
    """

    parts: tuple[Part, ...]
    weights: FloatArray
    mask: BoolArray

    @classmethod
    def of(
        cls, columns: FloatArray, sets: MatchedSets, weights: FloatArray, mask: BoolArray
    ) -> ConditionalProblem:
        """From columns, shape (n, p), and the weights of rows."""
        parts, start = [], 0
        for chosen in (sets.cases == 1, sets.cases > 1):
            if chosen.any():
                own = sets.only(chosen)
                places = slice(start, start + own.rows.size)
                parts.append(Part(own, columns[own.rows], places, np.flatnonzero(chosen)))
                start = places.stop
        return cls(tuple(parts), sets.drawn(weights), mask)

    def take(self, active: IntArray) -> ConditionalProblem:
        """The same of some replicates only."""
        if active.size == self.weights.shape[0]:
            return self
        return replace(self, weights=self.weights[active], mask=self.mask[active])

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictors, the highest of each set at 0, shape (replicates, places)."""
        return np.concatenate([part.eta(beta) for part in self.parts], axis=1)

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """Conditional log-likelihood of each replicate."""
        return np.asarray(sum(part.likelihood(eta, self.weights) for part in self.parts))

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, before any mask."""
        found = [
            (single if part.alone else several).derivatives(
                part.sets, part.members, part.laid_out(eta), self.weights[:, part.which]
            )
            for part in self.parts
        ]
        return np.asarray(sum(each[0] for each in found)), np.asarray(
            sum(each[1] for each in found)
        )

    def squares(self, eta: FloatArray) -> FloatArray:
        """Diagonal of the mean squares, against which a column's information is judged."""
        found = [
            (single if part.alone else several).squares(
                part.sets, part.members, part.laid_out(eta), self.weights[:, part.which]
            )
            for part in self.parts
        ]
        return np.asarray(sum(found))

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return largest_change(eta, before)

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """True where moving along the step never stops raising the likelihood.

        So it is where the cases of every set are above its controls, or level with them, and
        somewhere above; a step is such a direction but for a little, see `survival.leading`.
        """
        margin, reach = [], []
        for part in self.parts:
            low, far = _margins(part, step)
            drawn = self.weights[:, part.which] > 0
            margin.append(np.where(drawn, low, np.inf).min(axis=1))
            reach.append(np.where(drawn, far, 0.0).max(axis=1))
        worst, largest = np.maximum(-np.min(margin, axis=0), 0.0), np.max(reach, axis=0)
        found = (largest > SEPARATING_STEP) & (worst <= SAME * largest) & (gain > 0.0)
        for replicate in np.flatnonzero(found & (worst > 0.0) & (not nearly)):
            used = step[replicate] != 0.0
            own = step[replicate, used]
            ahead = np.concatenate(
                [part.ahead(self.weights[replicate])[:, used] for part in self.parts]
            ).T
            pairs = _Pairs(ahead, own @ ahead)
            found[replicate] = leads_on(pairs, own, worst[replicate], largest[replicate])
        return np.asarray(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Each case beside each control of its set, along a step.

    Attributes
    ----------
    ahead : array, shape (p, k)
        What the case has more.
    moved : array, shape (k,)
        How far it comes to lie ahead.
    """

    ahead: FloatArray
    moved: FloatArray

    def ties(self, near: float) -> FloatArray:
        """Those that stay together."""
        return self.ahead[:, self.moved <= near]

    def shortfall(self, direction: FloatArray) -> tuple[float, float]:
        """See `leading.Followed`."""
        moved = direction @ self.ahead
        return max(-float(moved.min()), 0.0), float(moved.max())


def _margins(part: Part, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far the lowest case lies above the highest control, and how far members lie apart."""
    movement = part.movement(step)
    leading, filled = part.sets.leading, part.sets.filled
    lowest = movement.min(axis=2, where=leading, initial=np.inf)
    highest = movement.max(axis=2, where=filled & ~leading, initial=-np.inf)
    bottom = movement.min(axis=2, where=filled, initial=np.inf)
    return lowest - highest, np.maximum(highest, lowest) - bottom
