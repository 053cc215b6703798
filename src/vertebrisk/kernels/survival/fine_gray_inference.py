"""What a Fine-Gray fit is sure of: sandwich covariance, and the baseline with its variance.

Both are sums of squares of what each patient contributes, the part by which the patient moves
the censoring curve among it.

References
----------
Fine and Gray 1999, doi:10.1080/01621459.1999.10474144, sections 4 and 5. The covariance is that
of ``cmprsk::crr`` for one censoring curve. With censoring strata crr puts the competing events
of all strata into the censoring part of each; here each stratum has its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.steps import inverse_information
from vertebrisk.kernels.survival.cox import CELLS
from vertebrisk.kernels.survival.cumulative_incidence import (
    from_the_end,
    places,
    risk_table,
    with_zero,
)
from vertebrisk.kernels.survival.maximum import CUTOFF
from vertebrisk.kernels.survival.subdistribution import SubdistributionSets, Tail


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayInference:
    """Inference on one fit.

    Attributes
    ----------
    covariance : array, shape (p, p)
        Of the coefficients, over clusters where there are any; zero for columns without
        information.
    influence : array, shape (n, p)
        What each patient contributes to the coefficients (one of several equal rows, where
        the weight is more than one), in the order of the rows given.
    """

    covariance: FloatArray
    influence: FloatArray
    _moments: _Moments

    @property
    def times(self) -> FloatArray:
        """Distinct times of the event, shape (g,), at which the baseline rises."""
        return self._moments.sets.times

    def baseline(self, times: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cumulative subdistribution hazard where all columns are zero, at some times.

        Returns
        -------
        hazard : array, shape (k,)
            As ``predict`` of a crr.
        variance : array, shape (k,)
        mean_integral : array, shape (k, p)
            With V the covariance, the variance of the cumulative hazard of a patient x is
            ``exp(2 x'beta) (variance + (hazard x - mean_integral)' V (hazard x -
            mean_integral))``. As the baseline's own part and the coefficients are not
            independent here, their covariance c is taken into both: the integral of the mean
            covariates less inverse(V) c, and the baseline's sum of squares less c' inverse(V) c.
        """
        moments = self._moments
        inverse = inverse_information(self.covariance, CUTOFF)
        influence = self.influence[moments.sets.order]
        size = max(1, CELLS // max(1, influence.shape[0]))
        parts = [times[start : start + size] for start in range(0, times.size, size)]
        square, cross = np.empty(0), np.empty((0, influence.shape[1]))
        for part in parts:
            own = moments.hazard_influence(part)
            square = np.concatenate([square, moments.squares(own)])
            cross = np.concatenate([cross, moments.products(own, influence)])
        solved = cross @ inverse
        variance = square - np.einsum("tp,pq,tq->t", solved, self.covariance, solved)
        place = places(moments.sets.times, times)
        hazard = with_zero(np.cumsum(moments.increment))[place]
        drift = with_zero(np.cumsum(moments.increment * moments.mean, axis=1))[:, place].T
        scale = moments.to_zero
        mean = drift + hazard[:, None] * moments.centre - solved
        return scale * hazard, scale**2 * np.maximum(variance, 0.0), scale * mean


def fine_gray_inference(
    columns: FloatArray,
    exit: FloatArray,
    status: IntArray,
    beta: FloatArray,
    information: FloatArray,
    weights: FloatArray | None = None,
    *,
    censoring_strata: IntArray | None = None,
    offset: FloatArray | None = None,
    clusters: IntArray | None = None,
) -> FineGrayInference:
    """Covariance and baseline of one fit.

    Parameters
    ----------
    columns, exit, status, censoring_strata, offset
        Those of `fit_fine_gray_batch`, with at least one event.
    beta : array, shape (p,)
    information : array, shape (p, p)
        Of the fit.
    weights : array, shape (n,), optional
        Frequencies.
    clusters : int array, shape (n,), optional
        Codes from 0 of the patient to whom a row belongs; what the rows of a patient
        contribute is added up before it is squared.
    """
    counts = np.ones(exit.size) if weights is None else weights
    moments = _Moments.of(columns, exit, status, beta, counts, censoring_strata, offset, clusters)
    ordered = moments.score_influence() @ inverse_information(information, CUTOFF)
    influence = np.empty(columns.shape)
    influence[moments.sets.order] = ordered
    return FineGrayInference(moments.products(ordered, ordered), influence, moments)


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Sums over the risk sets at the estimate; rows in the order of the sets.

    Columns are centred, and `relative` hazards are divided by the highest: `to_zero` brings a
    baseline hazard back to columns of zero.
    """

    sets: SubdistributionSets
    columns: FloatArray
    weights: FloatArray
    relative: FloatArray
    total: FloatArray
    increment: FloatArray
    mean: FloatArray
    centre: FloatArray
    to_zero: float
    censoring: tuple[_Censoring, ...]
    clusters: IntArray | None

    @classmethod
    def of(
        cls,
        columns: FloatArray,
        exit: FloatArray,
        status: IntArray,
        beta: FloatArray,
        weights: FloatArray,
        censoring_strata: IntArray | None,
        offset: FloatArray | None,
        clusters: IntArray | None,
    ) -> _Moments:
        sets = SubdistributionSets.of(exit, status, weights[None], censoring_strata)
        order = sets.order
        centre = weights @ columns / weights.sum()
        centred, counts = columns[order] - centre, weights[order]
        eta = centred @ beta + (0.0 if offset is None else offset[order])
        top = float(eta[counts > 0].max())
        relative = np.exp(np.minimum(eta - top, 0.0))
        hazard = counts * relative
        deaths = sets.dying(counts[sets.events])
        total = np.where(deaths > 0.0, sets.at_risk(hazard[None])[0], 1.0)
        mean = sets.at_risk((hazard * centred.T)[None])[0] / total
        strata = np.zeros(exit.size, np.int64) if censoring_strata is None else censoring_strata
        tails = (
            _Censoring.of(tail, sets.times, exit[order], status[order], counts, strata[order])
            for tail in sets.tails
        )
        return cls(
            sets,
            centred,
            counts,
            relative,
            total,
            deaths / total,
            mean,
            centre,
            float(np.exp(-top - centre @ beta)),
            tuple(tails),
            None if clusters is None else clusters[order],
        )

    def products(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Sums over patients of the products of what they contribute, (k, p)."""
        if self.clusters is None:
            return np.asarray((first * self.weights[:, None]).T @ second)
        return np.asarray(self._totals(first).T @ self._totals(second))

    def squares(self, values: FloatArray) -> FloatArray:
        """Sums over patients of the squares of what they contribute, shape (k,)."""
        if self.clusters is None:
            return np.asarray(self.weights @ values**2)
        return np.asarray((self._totals(values) ** 2).sum(axis=0))

    def _totals(self, values: FloatArray) -> FloatArray:
        """Sums over the rows of each cluster."""
        assert self.clusters is not None
        totals = np.zeros((int(self.clusters.max()) + 1, values.shape[1]))
        np.add.at(totals, self.clusters, values * self.weights[:, None])
        return totals

    def score_influence(self) -> FloatArray:
        """What each patient contributes to the score, shape (n, p)."""
        sets, x = self.sets, self.columns
        lived = sets.lived(self.increment[None])[0]
        drift = sets.lived((self.mean * self.increment)[None])[0].T
        score = self.relative[:, None] * (drift - x * lived[:, None])
        score[sets.events] += x[sets.events] - self.mean[:, sets.last[sets.events]].T
        for part in self.censoring:
            later = part.tail.decay[0] * self.increment
            after = with_zero(from_the_end(later)[::-1])[::-1][part.first]
            drifted = from_the_end(self.mean * later)
            drifted = np.concatenate([drifted, np.zeros((x.shape[1], 1))], axis=1)[:, part.first]
            gone, covariates = part.gone(self.weights * self.relative, x)
            score[part.rows] += part.spread(covariates * after[:, None] - gone[:, None] * drifted.T)
        return np.asarray(score)

    def hazard_influence(self, times: FloatArray) -> FloatArray:
        """What each patient contributes to the baseline for known coefficients, (n, k)."""
        sets = self.sets
        seen = places(sets.times, times)
        rise = self.increment / self.total
        own = with_zero(np.cumsum(rise))[np.minimum(sets.last[:, None] + 1, seen)]
        for part in self.censoring:
            tail = part.tail
            running = with_zero(np.cumsum(tail.decay[0] * rise))
            later = np.maximum(running[seen] - running[tail.last + 1][:, None], 0.0)
            own[tail.rows] += tail.inverse[0][:, None] * later
        moved = -self.relative[:, None] * own
        events, last = sets.events, sets.last[sets.events]
        moved[events] += np.where(last[:, None] < seen, 1.0 / self.total[last][:, None], 0.0)
        for part in self.censoring:
            running = with_zero(np.cumsum(part.tail.decay[0] * rise))
            later = np.maximum(running[seen] - running[part.first][:, None], 0.0)
            gone, _ = part.gone(self.weights * self.relative, self.columns)
            moved[part.rows] += part.spread(gone[:, None] * later)
        return np.asarray(moved)


@dataclass(frozen=True, slots=True, eq=False)
class _Censoring:
    """Censorings of one stratum: how each patient moves the weights of those gone before.

    Attributes
    ----------
    tail : Tail
    rows : int array, shape (s,)
        Patients of the stratum, among the sorted rows.
    place : int array, shape (s,)
        Number of censoring times up to each patient's exit.
    censored : bool array, shape (s,)
    at_risk, share : array, shape (c,)
        Patients at risk at each censoring time, and censored ones over their square.
    first : int array, shape (c,)
        First event time at or after each censoring time.
    before : int array, shape (c,)
        Rows of the tail that left before each censoring time.
    """

    tail: Tail
    rows: IntArray
    place: IntArray
    censored: BoolArray
    at_risk: FloatArray
    share: FloatArray
    first: IntArray
    before: IntArray

    @classmethod
    def of(
        cls,
        tail: Tail,
        times: FloatArray,
        exit: FloatArray,
        status: IntArray,
        weights: FloatArray,
        strata: IntArray,
    ) -> _Censoring:
        rows = np.flatnonzero(strata == tail.stratum)
        table = risk_table(exit[rows], status[rows] == 0, weights[None, rows])
        number = table.failures[0, 0]
        happened = number > 0.0
        moments, at_risk = table.times[happened], table.at_risk[0, happened]
        return cls(
            tail,
            rows,
            places(moments, exit[rows]),
            (status[rows] == 0) & (weights[rows] > 0.0),
            at_risk,
            number[happened] / at_risk**2,
            np.searchsorted(times, moments),
            np.searchsorted(exit[tail.rows], moments),
        )

    def gone(self, hazard: FloatArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Relative hazards gone before each censoring time, and times columns: (c,), (c, p)."""
        weighted = hazard[self.tail.rows] * self.tail.inverse[0]
        covariates = with_zero(np.cumsum(weighted * columns[self.tail.rows].T, axis=1))
        return with_zero(np.cumsum(weighted))[self.before], covariates[:, self.before].T

    def spread(self, effect: FloatArray) -> FloatArray:
        """Effects of the censoring hazard at each time, (c, k), as patients' parts, (s, k)."""
        exposure = with_zero(np.cumsum(effect.T * self.share, axis=1))[:, self.place].T
        own = np.zeros(exposure.shape)
        place = self.place[self.censored] - 1
        own[self.censored] = effect[place] / self.at_risk[place][:, None]
        return np.asarray(own - exposure)
