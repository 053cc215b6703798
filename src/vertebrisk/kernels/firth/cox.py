"""Firth's Cox regression, for many weightings of the same patients at once.

Jeffreys' penalty adds to each score half the trace of the inverse information times the
derivative of the information, which is a sum of third central moments of the covariates over
the risk sets. As the information itself, that needs running sums of vectors only, no matrices.

References
----------
Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels.firth.climbing import Climb, Point, climb, inverted
from vertebrisk.kernels.firth.problem import both, masked, quadratic
from vertebrisk.kernels.steps import pair_products, ranks
from vertebrisk.kernels.survival.cox import (
    CoxFits,
    CoxProblem,
    standardised,
    without_events,
)
from vertebrisk.kernels.survival.maximum import CONSTANT
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import Hazards
from vertebrisk.kernels.survival.times import SurvivalTimes

CELLS = 1_000_000  # numbers held at once in sums over risk sets by column


@dataclass(frozen=True, slots=True, eq=False)
class FirthCoxFits:
    """Firth's Cox fits, one a replicate.

    Attributes
    ----------
    fits : CoxFits
        Never separated; `log_likelihood` and `null_log_likelihood` are the penalised ones,
        the null's with the penalty of all columns.
    log_likelihood, null_log_likelihood : array, shape (replicates,)
        Partial log-likelihood without the penalty.
    """

    fits: CoxFits
    log_likelihood: FloatArray
    null_log_likelihood: FloatArray


def fit_firth_cox_batch(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    *,
    ties: Ties = "efron",
    mask: BoolArray | None = None,
    held: BoolArray | None = None,
    counts: FloatArray | None = None,
) -> FirthCoxFits:
    """Fit every replicate of a Cox model by Firth's penalised likelihood.

    Parameters
    ----------
    columns, times, weights, ties, mask, counts
        As in `fit_cox_batch`.
    held : bool array, shape (replicates, p), optional
        Columns with a coefficient of zero that count in the penalty all the same: the null
        hypothesis of a penalised likelihood-ratio test.
    """
    use = np.ones((weights.shape[0], columns.shape[1]), np.bool_) if mask is None else mask
    problem = FirthProblem.of(columns, times, weights, ties, use, counts)
    if problem is None:
        nothing = without_events(weights.shape[0], columns.shape[1], use)
        return FirthCoxFits(nothing, nothing.log_likelihood, nothing.null_log_likelihood)
    free = problem.use if held is None else problem.use & ~held
    return problem.gathered(climb(problem, np.zeros(free.shape), free))


@dataclass(frozen=True, slots=True, eq=False)
class FirthProblem:
    """A penalised partial likelihood.

    Attributes
    ----------
    plain : CoxProblem
        Without the penalty; its columns are centred, scaled and transposed.
    use : bool array, shape (replicates, p)
        Columns in the model that vary in some risk set.
    rank : int array, shape (replicates,)
        Rank of the information, with a unit for each column not in use.
    full : bool array, shape (replicates,)
    scale : array, shape (p,)
    """

    plain: CoxProblem
    use: BoolArray
    rank: IntArray
    full: BoolArray
    scale: FloatArray

    @classmethod
    def of(
        cls,
        columns: FloatArray,
        times: SurvivalTimes,
        weights: FloatArray,
        ties: Ties,
        mask: BoolArray,
        counts: FloatArray | None = None,
    ) -> FirthProblem | None:
        """From rows as they are; None where no event occurs."""
        counts = weights if counts is None else counts
        sets = RiskSets.of(times)
        if sets.count == 0:
            return None
        rows = sets.rows
        scaled, scale = standardised(columns[rows], weights[:, rows])
        plain = CoxProblem.of(
            sets,
            scaled,
            weights[:, rows],
            np.zeros((1, rows.size)),
            mask,
            ties,
            counts[:, rows[sets.deaths]],
        )
        eta = plain.eta(np.zeros(mask.shape))
        information = plain.derivatives(eta)[1]
        varies = np.einsum("rpp->rp", information) > CONSTANT * plain.squares(eta)
        use = mask & varies
        rank = ranks(masked(information, use))
        return cls(plain, use, rank, rank == mask.shape[1], scale)

    def take(self, active: IntArray) -> FirthProblem:
        """See `Objective.take`."""
        if active.size == self.rank.size and (active == np.arange(self.rank.size)).all():
            return self
        return FirthProblem(
            self.plain.take(active),
            self.use[active],
            self.rank[active],
            self.full[active],
            self.scale,
        )

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`."""
        eta = self.plain.eta(beta)
        gradient, information = self.plain.derivatives(eta)
        information = masked(information, self.use)
        inverse, determinant = inverted(information, self.rank, self.full)
        value = self.plain.likelihood(eta) + 0.5 * determinant
        # a step too far, where hazards leave the range of doubles, is not taken
        with np.errstate(over="ignore", invalid="ignore"):
            gradient = gradient + 0.5 * self._trace(eta, inverse * both(self.use))
        known = np.isfinite(gradient).all(axis=1)
        value = np.where(known, value, -np.inf)
        return Point(value, gradient * self.use, information, inverse)

    def _trace(self, eta: FloatArray, inverse: FloatArray) -> FloatArray:
        """Derivatives of the log-determinant of the information, shape (replicates, p)."""
        hazard = self.plain.hazard(eta)
        sums, expected = self.plain.hazards(hazard)
        cubes = Cubes.of(self.plain, hazard)
        found = np.empty((eta.shape[0], inverse.shape[1]))
        size = max(1, CELLS // max(1, self.plain.columns.size))
        for start in range(0, eta.shape[0], size):
            part = slice(start, start + size)
            found[part] = self._third_moments(
                hazard[part], expected[part], sums.take(part), cubes.take(part), inverse[part]
            )
        return found

    def _third_moments(
        self,
        hazard: FloatArray,
        expected: FloatArray,
        sums: Hazards,
        cubes: Cubes,
        inverse: FloatArray,
    ) -> FloatArray:
        """Third central moments against the inverse information, summed over the terms.

        With covariates x of mean m in a risk set and V the inverse information,
        ``E (x - m) (x - m)'V(x - m) = cov(x, x'Vx) - 2 cov(x, x'Vm)``.
        """
        sets, columns = self.plain.risk_sets, self.plain.columns
        products = self.plain.products
        square = quadratic(inverse, pair_products(columns.T) if products is None else products)
        weighted = hazard[:, None, :] * columns
        whole, dying = sets.at_risk(weighted), sets.dying(weighted[:, :, sets.deaths])
        own = hazard * square
        whole_square, dying_square = sets.at_risk(own), sets.dying(own[:, sets.deaths])
        first = (expected * square) @ columns.T
        first -= np.einsum(
            "rpg,rg->rp", whole, whole_square * sums.square - dying_square * sums.cross
        )
        first += np.einsum("rpg,rg->rp", dying, whole_square * sums.cross - dying_square * sums.own)
        kept = inverse @ (whole * sums.square[:, None] - dying * sums.cross[:, None])
        given = inverse @ (whole * sums.cross[:, None] - dying * sums.own[:, None])
        along = sets.lived(kept)
        along[:, :, sets.deaths] -= given[:, :, sets.last[sets.deaths]]
        mixed = np.einsum("rpm,pm->rm", along, columns) * hazard
        second = mixed @ columns.T - cubes.sums(whole, dying, inverse)
        return np.asarray(first - 2.0 * second)

    def gathered(self, state: Climb) -> FirthCoxFits:
        """The fits in the columns' own units."""
        start = np.zeros_like(state.beta)
        units = (np.log(self.scale) * self.use).sum(axis=1)
        null = self.plain.eta(start)
        fits = CoxFits(
            beta=state.beta / self.scale,
            log_likelihood=state.point.value + units,
            null_log_likelihood=self.at(start).value + units,
            information=state.point.information
            * (self.scale[:, None] * self.scale)
            * both(self.use),
            separated=np.zeros(self.rank.size, dtype=np.bool_),
            direction=start,
            rank=self.rank - (~self.use).sum(axis=1),
            mask=self.plain.mask,
            iterations=state.iterations,
            converged=state.converged,
        )
        plain = self.plain.likelihood(self.plain.eta(state.beta))
        return FirthCoxFits(fits, plain, self.plain.likelihood(null))


@dataclass(frozen=True, slots=True, eq=False)
class Cubes:
    """Sums over the terms of each event time of f^k (phi_0 / phi)^3, k = 0 to 3; see `Hazards`.

    Taking out the first denominator, `scale` = 1 / phi_0, keeps small hazards from overflowing.
    """

    powers: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    scale: FloatArray

    @classmethod
    def of(cls, plain: CoxProblem, hazard: FloatArray) -> Cubes:
        """At the weights of the rows."""
        sets, terms = plain.risk_sets, plain.terms
        first, other = terms.denominators(sets.at_risk(hazard), sets.dying(hazard[:, sets.deaths]))
        share, nothing = terms.share, np.zeros_like(first)
        rest = (first.ravel()[terms.cell] / other) ** 3
        powers = (
            terms.spread(np.ones_like(first), rest),
            terms.spread(nothing, share * rest),
            terms.spread(nothing, share**2 * rest),
            terms.spread(nothing, share**3 * rest),
        )
        return cls(powers, 1.0 / first)

    def take(self, part: slice) -> Cubes:
        """Those of some replicates."""
        none, one, two, three = self.powers
        return Cubes((none[part], one[part], two[part], three[part]), self.scale[part])

    def sums(self, whole: FloatArray, dying: FloatArray, inverse: FloatArray) -> FloatArray:
        """M m'Vm summed over the terms, with the means m = (whole - f dying) / phi."""
        none, one, two, three = self.powers
        whole, dying = whole * self.scale[:, None], dying * self.scale[:, None]
        across = inverse @ dying
        high = np.einsum("rpg,rpg->rg", whole, inverse @ whole)
        middle = -2.0 * np.einsum("rpg,rpg->rg", whole, across)
        low = np.einsum("rpg,rpg->rg", dying, across)
        kept = high * none + middle * one + low * two
        given = high * one + middle * two + low * three
        return np.asarray(
            np.einsum("rpg,rg->rp", whole, kept) - np.einsum("rpg,rg->rp", dying, given)
        )
