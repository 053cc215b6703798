"""Cox regression by Newton's method, for many weightings of the same patients at once.

No running sum of matrices is kept: with the cumulative baseline hazard L of each
patient's own time at risk, the gradient is ``X'(event - exp(eta) L)`` and the information
``X' diag(exp(eta) L) X`` less the cross-products of the mean covariates of the risk sets.
The estimates are those of ``coxph`` of R's survival.

References
----------
Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x.
Efron 1977, doi:10.1080/01621459.1977.10480613.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.finite import proves_maximum, proves_maximum_within
from vertebrisk.kernels.narrow import fitted_apart
from vertebrisk.kernels.ranges import ranges
from vertebrisk.kernels.steps import information, inverse_information, kept_products
from vertebrisk.kernels.survival.maximum import (
    CUTOFF,
    DECREMENT_TOLERANCE,
    LARGEST,
    Likelihood,
    Maximum,
    begun,
    both,
    largest_change,
    maximised,
)
from vertebrisk.kernels.survival.recentred import loses_digits, recentred
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.runaway import proves_monotone
from vertebrisk.kernels.survival.spread import expected_events, log_likelihoods, spread
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

FLOOR = -300.0  # lowest linear predictor below the highest; exp of it can still be squared
CELLS = 1_000_000  # numbers held at once in sums over risk sets by column
MANY = 8  # replicates whose common maximum is worth finding first


@dataclass(frozen=True, slots=True, eq=False)
class CoxFits:
    """Maximum partial likelihood fits, one a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Coefficients, in the columns' order; zero for a column that is masked, or that
        does not vary in any risk set.
    log_likelihood, null_log_likelihood : array, shape (replicates,)
        Partial log-likelihood at `beta` and at zero; both 0 without events.
    information : array, shape (replicates, p, p)
        At the estimate, in the columns' units; zero for columns not in use.
    separated : bool array, shape (replicates,)
        True where the likelihood is monotone and a coefficient infinite: the last step
        is a direction in which every event has the highest value of its risk set. There
        the likelihood, the ranks and the other coefficients are those of the limit.
    direction : array, shape (replicates, p)
        Where a fit is separated, the direction in which its coefficients run away; zero
        elsewhere.
    rank : int array, shape (replicates,)
        Number of independent columns among those in use; 0 without events. Where it is
        lower than their number, the estimate is one of many of equal likelihood.
    mask : bool array, shape (replicates, p)
        Columns in use.
    iterations : int array, shape (replicates,)
    converged : bool array, shape (replicates,)
        True where a finite maximum was found.
    """

    beta: FloatArray
    log_likelihood: FloatArray
    null_log_likelihood: FloatArray
    information: FloatArray
    separated: BoolArray
    direction: FloatArray
    rank: IntArray
    mask: BoolArray
    iterations: IntArray
    converged: BoolArray

    @property
    def deficient(self) -> BoolArray:
        """True where columns in use are constant or linearly dependent in the risk sets."""
        return np.asarray(self.rank < self.mask.sum(axis=1))

    def covariance(self, replicate: int = 0) -> FloatArray:
        """Inverse information of one replicate, shape (p, p)."""
        return inverse_information(self.information[replicate], CUTOFF)

    def put(self, at: IntArray, others: CoxFits) -> None:
        """Others, with the same columns in use, in the place of some."""
        for each in fields(self):
            if each.name != "mask":
                getattr(self, each.name)[at] = getattr(others, each.name)


def proves_finite(fits: CoxFits, columns: FloatArray) -> bool:
    """True where the estimate of one replicate proves that it is finite; see `kernels.finite`."""
    if not fits.converged[0] or fits.deficient[0]:
        return False
    if columns.size == 0:
        return True
    # the difference of two rows is at most twice the distance from the centre, here squared
    decrement = 4.0 * DECREMENT_TOLERANCE * (1.0 + LARGEST)
    information, centre = fits.information[0], columns.mean(axis=0)
    lowest, greatest = ranges(columns)
    extent = np.maximum(greatest - centre, centre - lowest)
    return proves_maximum_within(extent, information, decrement) or proves_maximum(
        columns, information, decrement, centre
    )


def fit_cox_batch(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray | None = None,
    *,
    ties: Ties = "efron",
    offset: FloatArray | None = None,
    mask: BoolArray | None = None,
    case_weights: bool = False,
    counts: FloatArray | None = None,
) -> CoxFits:
    """Fit every replicate of a Cox model.

    Parameters
    ----------
    columns : array, shape (n, p)
        Covariates; a Cox model has no intercept.
    times : SurvivalTimes
        Follow-up of the n patients, with strata and late entry where there are any.
    weights : array, shape (replicates, n), optional
        Whole frequencies, equal to repeated rows, ties included; zero leaves a row out.
        All 1 by default.
    ties : {"efron", "breslow"}
        Approximation for tied events.
    offset : array, shape (n,) or (replicates, n), optional
        Added to the linear predictor.
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses; all by default.
    case_weights : bool
        True takes the weights as ``coxph`` does: tied rows stay as many as they are,
        each of their terms with the mean weight.
    counts : array, shape (replicates, n), optional
        How many rows stand behind each weight, where these are case weights times
        frequencies; the weights themselves by default, or 1 with `case_weights`.
    """
    weights = np.ones((1, times.size)) if weights is None else weights
    if counts is None:
        counts = (weights > 0).astype(np.float64) if case_weights else weights
    replicates, size = weights.shape[0], columns.shape[1]
    use = np.ones((replicates, size), np.bool_) if mask is None else mask
    risk_sets = RiskSets.of(times)
    if risk_sets.count == 0:
        return without_events(replicates, size, use)
    rows = risk_sets.rows
    inside = np.take(weights, rows, 1)
    scaled, scale = standardised(columns[rows], inside)
    problem = CoxProblem.of(
        risk_sets,
        scaled,
        inside,
        np.zeros((1, rows.size)) if offset is None else np.take(np.atleast_2d(offset), rows, 1),
        use,
        ties,
        np.take(counts, rows[risk_sets.deaths], 1),
    )
    fits = _searched(problem, scale)
    for group in fitted_apart(columns[rows], scaled, inside, use):
        others = fit_cox_batch(
            columns,
            times,
            weights[group],
            ties=ties,
            offset=offset if offset is None or problem.offset.shape[0] == 1 else offset[group],
            mask=use[group],
            case_weights=case_weights,
            counts=counts[group],
        )
        fits.put(group, others)
    return fits


def _searched(problem: CoxProblem, scale: FloatArray) -> CoxFits:
    """The maxima; those of many replicates from that of all of them together."""
    replicates = problem.weights.shape[0]
    if replicates < MANY or problem.offset.shape[0] > 1:
        return _ended(maximised(problem), problem, scale)
    together = maximised(problem.together())
    if not together.converged[0] or together.separated[0]:
        return _ended(maximised(problem), problem, scale)
    start = np.repeat(together.beta, replicates, axis=0)
    if problem.risk_sets.late is None and compiled.enabled():
        return _climbed(problem, start, scale)
    return _begun(problem, start, scale)


def _begun(problem: CoxProblem, start: FloatArray, scale: FloatArray) -> CoxFits:
    null = problem.likelihood(problem.eta(np.zeros(problem.mask.shape)))
    return _ended(begun(problem, start, null), problem, scale)


def _ended(state: Maximum, problem: CoxProblem, scale: FloatArray) -> CoxFits:
    return gathered(state, problem, scale, recentred(problem, state))


def _climbed(problem: CoxProblem, start: FloatArray, scale: FloatArray) -> CoxFits:
    """By the compiled kernel; those out of the ordinary, or without all columns, by passes."""
    from vertebrisk.kernels.compiled.climbing import climb

    replicates, size = start.shape
    fits = without_events(replicates, size, problem.mask)
    whole = np.flatnonzero(problem.mask.all(axis=1))
    part = problem.take(whole)
    found = climb(
        part.risk_sets, part.columns, part.weights, part.offset[0], part.terms, start[whole]
    )
    fits.beta[whole] = found.beta / scale
    fits.null_log_likelihood[whole], fits.log_likelihood[whole] = found.likelihoods.T
    fits.information[whole] = found.information * (scale[:, None] * scale)
    fits.rank[whole] = size
    fits.iterations[whole] = found.iterations
    regular = found.regular & ~loses_digits(part, found.information)
    odd = np.setdiff1d(np.arange(replicates), whole[regular])
    if odd.size:
        fits.put(odd, _begun(problem.take(odd), start[odd], scale))
    return fits


def standardised(columns: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Columns centred and scaled over all replicates together, shape (p, m), and the scale."""
    total = weights.sum(axis=0)
    share = total / total.sum() if total.sum() > 0 else np.full(total.size, 1.0 / total.size)
    centred = columns - share @ columns
    spread = np.sqrt(share @ centred**2)
    scale = np.where(spread > 0, spread, 1.0)
    return np.ascontiguousarray((centred / scale).T), scale


def gathered(
    state: Maximum, problem: Likelihood, scale: FloatArray, information: FloatArray | None = None
) -> CoxFits:
    """The fits in the columns' own units; `information` is that of the problem unless given."""
    if information is None:
        information = problem.derivatives(state.eta)[1]
    return CoxFits(
        beta=state.beta / scale,
        log_likelihood=state.log_likelihood,
        null_log_likelihood=state.null,
        information=information * (scale[:, None] * scale) * both(state.use),
        separated=state.separated,
        direction=state.direction / scale,
        rank=state.rank,
        mask=problem.mask,
        iterations=state.iterations,
        converged=state.converged & ~state.separated,
    )


def without_events(replicates: int, size: int, mask: BoolArray) -> CoxFits:
    """The likelihood of nothing: zero everywhere, and no column is known."""
    nothing = np.zeros(replicates)
    return CoxFits(
        beta=np.zeros((replicates, size)),
        log_likelihood=nothing,
        null_log_likelihood=nothing.copy(),
        information=np.zeros((replicates, size, size)),
        separated=nothing > 0,
        direction=np.zeros((replicates, size)),
        rank=np.zeros(replicates, dtype=np.int64),
        mask=mask,
        iterations=np.zeros(replicates, dtype=np.int64),
        converged=nothing == 0,
    )


def lowered(eta: FloatArray, weights: FloatArray) -> FloatArray:
    """Linear predictors less the highest of each replicate, bounded below; in place."""
    eta -= np.where(weights > 0, eta, -np.inf).max(axis=1, initial=-1e300)[:, None]
    return np.clip(eta, FLOOR, 0.0, out=eta)


@dataclass(frozen=True, slots=True, eq=False)
class CoxProblem:
    """The partial likelihood of every replicate, and what stays fixed while it is searched.

    Columns are centred, scaled and transposed, shape (p, m); rows are those of the risk
    sets, in their order.
    """

    risk_sets: RiskSets
    columns: FloatArray
    products: FloatArray | None
    weights: FloatArray
    offset: FloatArray
    mask: BoolArray
    terms: TiedTerms

    @classmethod
    def of(
        cls,
        risk_sets: RiskSets,
        columns: FloatArray,
        weights: FloatArray,
        offset: FloatArray,
        mask: BoolArray,
        ties: Ties,
        counts: FloatArray,
    ) -> CoxProblem:
        """For columns of shape (p, m); `counts` are the rows behind the weights of the deaths."""
        terms = TiedTerms.of(risk_sets, np.take(weights, risk_sets.deaths, 1), counts, ties)
        products = kept_products(columns.T)
        return cls(risk_sets, columns, products, weights, offset, mask, terms)

    def take(self, active: IntArray) -> CoxProblem:
        """The same of some replicates only."""
        if active.size == self.weights.shape[0]:
            return self
        return CoxProblem(
            self.risk_sets,
            self.columns,
            self.products,
            self.weights[active],
            self.offset if self.offset.shape[0] == 1 else self.offset[active],
            self.mask[active],
            self.terms.take(active),
        )

    def together(self) -> CoxProblem:
        """All replicates as one, with one term an event time."""
        total = self.weights.sum(axis=0, keepdims=True)
        return replace(
            self,
            weights=total,
            mask=np.asarray(self.mask.any(axis=0, keepdims=True)),
            terms=TiedTerms.single(self.risk_sets.dying(total[:, self.risk_sets.deaths])),
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictor of each row, its highest value in each replicate at 0.

        The partial likelihood does not see the shift.
        """
        return lowered(beta @ self.columns + self.offset, self.weights)

    def hazard(self, eta: FloatArray) -> FloatArray:
        """Weighted relative hazard of each row."""
        return np.asarray(self.weights * np.exp(eta))

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """Partial log-likelihood of each replicate."""
        sets = self.risk_sets
        return log_likelihoods(sets, sets.deaths, self.terms, self.weights, eta)

    def hazards(self, hazard: FloatArray) -> tuple[Hazards, FloatArray]:
        """Sums of each event time, and what each row was expected to die."""
        return expected_events(self.risk_sets, self.risk_sets.deaths, self.terms, hazard)

    def gradient(self, eta: FloatArray) -> FloatArray:
        """Gradient of each replicate, before any mask."""
        return self._residual(self.hazards(self.hazard(eta))[1]) @ self.columns.T

    def narrowed(self, columns: IntArray) -> CoxProblem:
        """The same of some columns only."""
        some = self.columns[columns]
        return replace(
            self, columns=some, products=kept_products(some.T), mask=self.mask[:, columns]
        )

    def _residual(self, expected: FloatArray) -> FloatArray:
        residual = -expected
        residual[:, self.risk_sets.deaths] += self.weights[:, self.risk_sets.deaths]
        return residual

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, before any mask."""
        sets = self.risk_sets
        expected, means = spread(sets, sets.deaths, self.terms, self.hazard(eta), self.columns)
        square = information(self.columns.T, self.products, expected) - means
        return self._residual(expected) @ self.columns.T, square

    def squares(self, eta: FloatArray) -> FloatArray:
        """Diagonal of X' diag(expected) X, against which a column's information is judged."""
        expected = self.hazards(self.hazard(eta))[1]
        return np.asarray(expected @ (self.columns**2).T)

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return largest_change(eta, before)

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """See `maximum.Likelihood`."""
        sets = self.risk_sets
        return proves_monotone(
            step, self.columns, gain, self.weights, sets, sets.deaths, nearly=nearly
        )
