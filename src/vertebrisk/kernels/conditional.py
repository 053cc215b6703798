"""Conditional logistic regression of matched sets, for many weightings of the sets at once.

In each set the likelihood is that these and no other members are the cases, given how many
there are: ``exp(sum of the cases' x'b) / e_m(exp(x'b))`` with the elementary symmetric
polynomial of as many factors as there are cases. Its sums over subsets follow from a
recursion over the members (Gail, Lubin and Rubinstein 1981, doi:10.1093/biomet/68.3.703),
with their first and second derivatives. The estimates are those of ``clogit`` with
``method = "exact"`` of R's survival.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.cox import SAME, CoxFits, gathered, standardised, without_events
from vertebrisk.kernels.survival.maximum import maximised

CELLS = 2_000_000  # numbers of second derivatives held at once
FREE = 1e-10  # information along a direction, relative to the greatest, that is none
SPREAD = 200.0  # how far below the highest of its set a linear predictor may lie


def informative_rows(case: BoolArray, sets: IntArray) -> BoolArray:
    """True for the rows of sets with a case and a control; `sets` are codes from 0."""
    size = int(sets.max(initial=-1)) + 1
    cases = np.bincount(sets, weights=case, minlength=size)
    count = np.bincount(sets, minlength=size)
    return np.asarray(((cases > 0) & (cases < count))[sets])


@dataclass(frozen=True, slots=True, eq=False)
class MatchedSets:
    """Members of each set, laid out as a table.

    Attributes
    ----------
    rows : int array, shape (sets, size)
        Positions of the members, the cases first; the places that a smaller set leaves
        empty repeat its first member.
    filled : bool array, shape (sets, size)
    cases : int array, shape (sets,)
    """

    rows: IntArray
    filled: BoolArray
    cases: IntArray

    @classmethod
    def of(cls, event: BoolArray, sets: IntArray) -> MatchedSets:
        """Sets with a case and a control; others say nothing. `sets` are codes, shape (n,)."""
        order = np.lexsort((~event, sets))
        codes, first, count = np.unique(sets[order], return_index=True, return_counts=True)
        cases = np.bincount(np.searchsorted(codes, sets), weights=event, minlength=codes.size)
        told = (cases > 0) & (cases < count)
        first, count = first[told], count[told]
        place = np.arange(int(count.max(initial=0)))
        filled = place < count[:, None]
        rows = order[first[:, None] + np.where(filled, place, 0)]
        return cls(rows, filled, cases[told].astype(np.int64))

    @property
    def leading(self) -> BoolArray:
        """Places of the cases, shape (sets, size)."""
        return np.asarray(np.arange(self.rows.shape[1]) < self.cases[:, None])


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
    drawn = np.asarray(weights[:, sets.rows[:, 0]])
    problem = ConditionalProblem(sets, scaled.T[sets.rows], drawn, use)
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
    use = np.ones((1, size), np.bool_)
    problem = ConditionalProblem(sets, scaled.T[sets.rows], one[:, : sets.cases.size], use)
    gradient, information = problem.derivatives(problem.eta(np.zeros((1, size))))
    values, vectors = np.linalg.eigh(information[0])
    free = values > FREE * max(float(values.max()), float(sets.cases.size))
    along = vectors[:, free].T @ gradient[0]
    return float(np.sum(along**2 / values[free])), int(free.sum())


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalProblem:
    """The conditional likelihood of every replicate.

    Attributes
    ----------
    sets : MatchedSets
    members : array, shape (sets, size, p)
        Columns, centred and scaled.
    weights : array, shape (replicates, sets)
    mask : bool array, shape (replicates, p)
    """

    sets: MatchedSets
    members: FloatArray
    weights: FloatArray
    mask: BoolArray

    def take(self, active: IntArray) -> ConditionalProblem:
        """The same of some replicates only."""
        if active.size == self.weights.shape[0]:
            return self
        return replace(self, weights=self.weights[active], mask=self.mask[active])

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictors, the highest of each set at 0, shape (replicates, sets, size)."""
        linear = np.einsum("sjp,rp->rsj", self.members, beta, optimize=True)
        top = np.where(self.sets.filled, linear, -np.inf).max(axis=2, keepdims=True)
        return np.asarray(np.maximum(linear - top, -SPREAD))

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """Conditional log-likelihood of each replicate."""
        own = np.where(self.sets.leading, eta, 0.0).sum(axis=2)
        return np.asarray(np.sum(self.weights * (own - np.log(self._subsets(eta))), axis=1))

    def _subsets(self, eta: FloatArray) -> FloatArray:
        """Sum over all subsets of as many members as there are cases, (replicates, sets)."""
        relative = np.where(self.sets.filled, np.exp(eta), 0.0)
        sums = np.zeros((*eta.shape[:2], int(self.sets.cases.max()) + 1))
        sums[:, :, 0] = 1.0
        for member in range(eta.shape[2]):
            sums[:, :, 1:] += relative[:, :, member, None] * sums[:, :, :-1]
        place = np.broadcast_to(self.sets.cases[None, :, None], (*eta.shape[:2], 1))
        return np.asarray(np.take_along_axis(sums, place, axis=2)[:, :, 0])

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, before any mask."""
        size = self.members.shape[2]
        depth = int(self.sets.cases.max()) + 1
        block = max(1, CELLS // max(1, self.sets.cases.size * depth * size * size))
        gradient = np.empty((eta.shape[0], size))
        information = np.empty((eta.shape[0], size, size))
        for start in range(0, eta.shape[0], block):
            part = slice(start, start + block)
            mean, square = self._moments(eta[part])
            weights = self.weights[part]
            observed = np.where(self.sets.leading[:, :, None], self.members, 0.0).sum(axis=1)
            gradient[part] = np.einsum("rs,rsp->rp", weights, observed - mean)
            spread = square - mean[:, :, :, None] * mean[:, :, None, :]
            information[part] = np.einsum("rs,rspq->rpq", weights, spread)
        return gradient, information

    def _moments(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and mean square of the subsets' sums of columns, by their share."""
        relative = np.where(self.sets.filled, np.exp(eta), 0.0)
        shape = (*eta.shape[:2], int(self.sets.cases.max()) + 1)
        size = self.members.shape[2]
        total, first = np.zeros(shape), np.zeros((*shape, size))
        second = np.zeros((*shape, size, size))
        total[:, :, 0] = 1.0
        for member in range(eta.shape[2]):
            x = self.members[None, :, member, None, :]
            share = relative[:, :, member, None]
            below, slope, bend = total[:, :, :-1], first[:, :, :-1], second[:, :, :-1]
            moved = slope + x * below[..., None]
            cross = x[..., :, None] * slope[..., None, :]
            bent = bend + cross + np.swapaxes(cross, -1, -2)
            bent = bent + x[..., :, None] * x[..., None, :] * below[..., None, None]
            second[:, :, 1:] += share[..., None, None] * bent
            first[:, :, 1:] += share[..., None] * moved
            total[:, :, 1:] += share * below
        chosen = np.arange(self.sets.cases.size), self.sets.cases
        whole = total[:, chosen[0], chosen[1]]
        return (
            first[:, chosen[0], chosen[1]] / whole[..., None],
            second[:, chosen[0], chosen[1]] / whole[..., None, None],
        )

    def squares(self, eta: FloatArray) -> FloatArray:
        """Diagonal of the mean squares, against which a column's information is judged."""
        square = np.einsum("rspp->rsp", self._moments(eta)[1])
        return np.asarray(np.einsum("rs,rsp->rp", self.weights, square))

    def runs_away(self, step: FloatArray) -> BoolArray:
        """True where along the step no control of any set rises above one of its cases."""
        movement = np.einsum("sjp,rp->rsj", self.members, step, optimize=True)
        leading, filled = self.sets.leading, self.sets.filled
        lowest = np.where(leading, movement, np.inf).min(axis=2)
        highest = np.where(filled & ~leading, movement, -np.inf).max(axis=2)
        bottom = np.where(filled, movement, np.inf).min(axis=2)
        drawn = self.weights > 0
        reach = np.where(drawn, np.maximum(highest, lowest) - bottom, 0.0).max(axis=1)
        slack = SAME * reach[:, None]
        holds = (lowest >= highest - slack) | ~drawn
        return np.asarray(holds.all(axis=1) & (reach > 0))
