"""Regression of an event over time on columns that differ from replicate to replicate.

Where each replicate has a model of its own, so has it a linear predictor of its own: to
recalibrate or smooth thousands of them, each replicate is fitted to its own few columns, all
at once. Cox's likelihood with Efron's or Breslow's ties, or that of Fine and Gray where
there are competing events.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.cox import lowered
from vertebrisk.kernels.survival.maximum import begun, both, largest_change, maximised
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.runaway import proves_monotone
from vertebrisk.kernels.survival.spread import Sets, expected_events, log_likelihoods, spread
from vertebrisk.kernels.survival.subdistribution import SubdistributionSets
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

CELLS = 60_000  # rows times replicates that are fitted together: their arrays stay in the cache
FEWEST = 4  # replicates fitted together at least
NARROW = 2  # columns that the compiled kernel takes
NOWHERE = np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class RowwiseFits:
    """One fit a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Zero for a column that is masked or does not vary.
    information : array, shape (replicates, p, p)
        Zero for masked columns.
    log_hazard : array, shape (replicates, horizons)
        Logarithm of the cumulative hazard at each horizon where all columns are zero.
    usable : bool array, shape (replicates,)
        False where the replicate has no event, its likelihood is monotone, or no maximum was
        reached.
    """

    beta: FloatArray
    information: FloatArray
    log_hazard: FloatArray
    usable: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Columns centred and scaled, shape (replicates, p, m); rows in the order of the sets."""

    sets: Sets
    deaths: IntArray
    columns: FloatArray
    weights: FloatArray
    mask: BoolArray
    terms: TiedTerms

    def take(self, active: IntArray) -> _Problem:
        if active.size == self.weights.shape[0]:
            return self
        sets = self.sets
        return _Problem(
            sets.take(active) if isinstance(sets, SubdistributionSets) else sets,
            self.deaths,
            self.columns[active],
            self.weights[active],
            self.mask[active],
            self.terms.take(active),
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        return lowered(np.einsum("rp,rpm->rm", beta, self.columns), self.weights)

    def hazard(self, eta: FloatArray) -> FloatArray:
        return np.asarray(self.weights * np.exp(eta))

    def likelihood(self, eta: FloatArray) -> FloatArray:
        return log_likelihoods(self.sets, self.deaths, self.terms, self.weights, eta)

    def expected(self, eta: FloatArray) -> tuple[Hazards, FloatArray]:
        return expected_events(self.sets, self.deaths, self.terms, self.hazard(eta))

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        sets, hazard = self.sets, self.hazard(eta)
        expected, means = spread(sets, self.deaths, self.terms, hazard, self.columns)
        residual = -expected
        residual[:, self.deaths] += self.weights[:, self.deaths]
        gradient = np.einsum("rm,rpm->rp", residual, self.columns)
        square = (expected[:, None] * self.columns) @ self.columns.transpose(0, 2, 1)
        return gradient, np.asarray(square - means)

    def squares(self, eta: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("rm,rpm->rp", self.expected(eta)[1], self.columns**2))

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        return largest_change(eta, before)

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        return proves_monotone(
            step, self.columns, gain, self.weights, self.sets, self.deaths, nearly=nearly
        )


def fit_rowwise(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    *,
    competing: BoolArray | None = None,
    ties: Ties = "efron",
    mask: BoolArray | None = None,
    horizons: FloatArray = NOWHERE,
    start: FloatArray | None = None,
) -> RowwiseFits:
    """Fit every replicate to its own columns.

    Parameters
    ----------
    columns : array, shape (replicates, n, p)
    times : SurvivalTimes
        Follow-up, the same for all replicates.
    weights : array, shape (replicates, n)
        Frequencies, equal to repeated rows.
    competing : bool array, shape (n,), optional
        Who left by a competing event: the regression is then Fine and Gray's, with Breslow's
        ties and without strata or late entry.
    ties : {"efron", "breslow"}
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses.
    horizons : array, optional
        Where the cumulative hazard is wanted; there must be no strata.
    start : array, shape (replicates, p) or (1, p), optional
        Coefficients near which those of most replicates are expected.
    """
    replicates, _, size = columns.shape
    use = np.ones((replicates, size), np.bool_) if mask is None else mask
    if competing is not None:
        status = np.where(times.event, 1, np.where(competing, 2, 0))
        gone = SubdistributionSets.of(times.exit, status, weights)
        return _fitted(gone, columns, weights, use, "breslow", horizons, start)
    sets = RiskSets.of(times)
    own = None if start is None else np.broadcast_to(start, use.shape)
    fits = sets.late is None and sets.count > 0 and size <= NARROW
    if own is None or not fits or not compiled.enabled():
        return _in_blocks(sets, columns, weights, use, ties, horizons, own)
    return _one_by_one(sets, columns, weights, use, ties, horizons, own)


def _one_by_one(
    sets: RiskSets,
    columns: FloatArray,
    weights: FloatArray,
    use: BoolArray,
    ties: Ties,
    horizons: FloatArray,
    start: FloatArray,
) -> RowwiseFits:
    """By the compiled kernel; those out of the ordinary by passes."""
    from vertebrisk.kernels.compiled.rowwise import fit_narrow

    found = fit_narrow(sets, columns, weights, use, start, efron=ties == "efron", until=horizons)
    fits = RowwiseFits(found.beta, found.information, found.level, found.regular)
    odd = np.flatnonzero(~found.regular)
    if odd.size:
        others = _in_blocks(sets, columns[odd], weights[odd], use[odd], ties, horizons, start[odd])
        for each in fields(fits):
            getattr(fits, each.name)[odd] = getattr(others, each.name)
    return fits


def _in_blocks(
    sets: RiskSets,
    columns: FloatArray,
    weights: FloatArray,
    use: BoolArray,
    ties: Ties,
    horizons: FloatArray,
    start: FloatArray | None,
) -> RowwiseFits:
    """By passes over some replicates at a time."""
    replicates, rows, _ = columns.shape
    block = max(FEWEST, CELLS // max(1, rows))
    parts = [
        _fitted(
            sets,
            columns[part],
            weights[part],
            use[part],
            ties,
            horizons,
            None if start is None else start[part],
        )
        for part in (slice(first, first + block) for first in range(0, max(replicates, 1), block))
    ]
    return RowwiseFits(
        np.concatenate([part.beta for part in parts]),
        np.concatenate([part.information for part in parts]),
        np.concatenate([part.log_hazard for part in parts]),
        np.concatenate([part.usable for part in parts]),
    )


def _fitted(
    sets: Sets,
    columns: FloatArray,
    weights: FloatArray,
    use: BoolArray,
    ties: Ties,
    horizons: FloatArray,
    start: FloatArray | None,
) -> RowwiseFits:
    """The fits of some replicates, all at once."""
    replicates, _, size = columns.shape
    if isinstance(sets, RiskSets):
        rows, deaths = sets.rows, sets.deaths
    else:
        rows, deaths = sets.order, sets.events
    if sets.count == 0:
        return _nothing(replicates, size, horizons.size)
    own = np.take(weights, rows, 1)
    scaled, centre, scale = _standardised(np.take(columns.transpose(0, 2, 1), rows, 2), own)
    died = np.take(own, deaths, 1)
    terms = _terms(sets, died, ties)
    problem = _Problem(sets, deaths, scaled, own, use, terms)
    null = problem.likelihood(problem.eta(np.zeros(use.shape)))
    state = maximised(problem) if start is None else begun(problem, start * scale, null)
    beta = state.beta / scale
    information = problem.derivatives(state.eta)[1] * scale[:, :, None] * scale[:, None, :]
    information = np.where(both(use), information, 0.0)
    usable = (died.sum(axis=1) > 0) & state.converged & ~state.separated
    level = np.empty((replicates, horizons.size))
    if horizons.size:
        increments = problem.expected(state.eta)[0].increment
        raw = np.einsum("rp,rpm->rm", state.beta, scaled)
        shift = -np.where(own > 0, raw, -np.inf).max(axis=1)
        middle = np.einsum("rp,rp->r", beta, centre)
        for place, horizon in enumerate(horizons):
            with np.errstate(divide="ignore"):
                risen = np.log(increments[:, sets.times <= horizon].sum(axis=1))
            level[:, place] = risen + shift - middle
    return RowwiseFits(beta, information, level, usable)


def _terms(sets: Sets, died: FloatArray, ties: Ties) -> TiedTerms:
    if isinstance(sets, RiskSets):
        return TiedTerms.of(sets, died, died, ties)
    return TiedTerms.single(sets.dying(died))


def _standardised(
    columns: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Each replicate's columns centred and scaled, (replicates, p, m), with centre and scale."""
    share = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    centre = np.einsum("rm,rpm->rp", share, columns)
    centred = columns - centre[:, :, None]
    spread = np.sqrt(np.einsum("rm,rpm->rp", share, centred**2))
    scale = np.where(spread > 0, spread, 1.0)
    return centred / scale[:, :, None], centre, scale


def _nothing(replicates: int, size: int, horizons: int) -> RowwiseFits:
    return RowwiseFits(
        np.zeros((replicates, size)),
        np.zeros((replicates, size, size)),
        np.full((replicates, horizons), -np.inf),
        np.zeros(replicates, dtype=np.bool_),
    )
