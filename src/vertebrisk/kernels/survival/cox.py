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

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.steps import (
    inverse_information,
    pair_products,
    ranks,
    solve_steps,
    unpacked,
)
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms, Ties
from vertebrisk.kernels.survival.times import SurvivalTimes

MAX_ITERATIONS = 40
HALVINGS = 12
DECREMENT_TOLERANCE = 1e-12  # the step after it has an error of this order squared
LARGEST = 1e4  # log-likelihoods beyond it do not loosen the tolerance further
CONSTANT = 1e-10  # variance within the risk sets, relative to the mean square
CUTOFF = 1e-10  # of eigenvalues: the information is a difference of two sums
SEPARATING_STEP = 0.25  # a runaway fit moves its linear predictor by 1 each iteration
SAME = 1e-3  # a proof is a direction to about this precision
FIRST_SUSPECT = 12  # a finite maximum is nearly always reached in fewer iterations
LEAP = 16.0  # further steps that a runaway fit would take one by one
FLOOR = -650.0  # lowest linear predictor below the highest; exp of it is still a number
CELLS = 1_000_000  # numbers held at once in sums over risk sets by column


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


def fit_cox_batch(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray | None = None,
    *,
    ties: Ties = "efron",
    offset: FloatArray | None = None,
    mask: BoolArray | None = None,
    case_weights: bool = False,
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
    """
    weights = np.ones((1, times.size)) if weights is None else weights
    replicates, size = weights.shape[0], columns.shape[1]
    use = np.ones((replicates, size), np.bool_) if mask is None else mask
    risk_sets = RiskSets.of(times)
    if risk_sets.count == 0:
        return _without_events(replicates, size, use)
    rows = risk_sets.rows
    total = weights[:, rows].sum(axis=0)
    share = total / total.sum() if total.sum() > 0 else np.full(rows.size, 1.0 / rows.size)
    centred = columns[rows] - share @ columns[rows]
    spread = np.sqrt(share @ centred**2)
    scale = np.where(spread > 0, spread, 1.0)
    problem = _Problem.of(
        risk_sets,
        np.ascontiguousarray((centred / scale).T),
        weights[:, rows],
        np.zeros((1, rows.size)) if offset is None else np.atleast_2d(offset)[:, rows],
        use,
        ties,
        case_weights,
    )
    state = _maximised(problem)
    information = problem.information(state.eta)
    return CoxFits(
        beta=state.beta / scale,
        log_likelihood=state.log_likelihood,
        null_log_likelihood=state.null,
        information=information * (scale[:, None] * scale) * _both(state.use),
        separated=state.separated,
        direction=state.direction / scale,
        rank=state.rank,
        mask=use,
        iterations=state.iterations,
        converged=state.converged & ~state.separated,
    )


def _both(mask: BoolArray) -> BoolArray:
    return np.asarray(mask[:, :, None] & mask[:, None, :])


def _without_events(replicates: int, size: int, mask: BoolArray) -> CoxFits:
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


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What stays fixed while Newton's method runs; `take` narrows it to some replicates.

    Columns are centred, scaled and transposed, shape (p, m); rows are those of the risk
    sets, in their order.
    """

    risk_sets: RiskSets
    columns: FloatArray
    products: FloatArray
    weights: FloatArray
    offset: FloatArray
    mask: BoolArray
    terms: TiedTerms
    ties: Ties
    case_weights: bool

    @classmethod
    def of(
        cls,
        risk_sets: RiskSets,
        columns: FloatArray,
        weights: FloatArray,
        offset: FloatArray,
        mask: BoolArray,
        ties: Ties,
        case_weights: bool,
    ) -> _Problem:
        terms = TiedTerms.of(risk_sets, weights[:, risk_sets.deaths], ties, case_weights)
        products = pair_products(columns.T)
        return cls(risk_sets, columns, products, weights, offset, mask, terms, ties, case_weights)

    def take(self, active: IntArray) -> _Problem:
        if active.size == self.weights.shape[0]:
            return self
        weights = self.weights[active]
        deaths = weights[:, self.risk_sets.deaths]
        return _Problem(
            self.risk_sets,
            self.columns,
            self.products,
            weights,
            self.offset if self.offset.shape[0] == 1 else self.offset[active],
            self.mask[active],
            TiedTerms.of(self.risk_sets, deaths, self.ties, self.case_weights),
            self.ties,
            self.case_weights,
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictor of each row, its highest value in each replicate at 0.

        The partial likelihood does not see the shift.
        """
        eta = beta @ self.columns + self.offset
        eta -= np.where(self.weights > 0, eta, -np.inf).max(axis=1, initial=-1e300)[:, None]
        return np.clip(eta, FLOOR, 0.0, out=eta)

    def hazard(self, eta: FloatArray) -> FloatArray:
        return np.asarray(self.weights * np.exp(eta))

    def likelihood(self, eta: FloatArray) -> FloatArray:
        deaths = self.risk_sets.deaths
        hazard = self.hazard(eta)
        gain = np.einsum("rd,rd->r", self.weights[:, deaths], eta[:, deaths])
        dying = self.risk_sets.dying(hazard[:, deaths])
        return np.asarray(gain - self.terms.log_sum(self.risk_sets.at_risk(hazard), dying))

    def _hazards(self, hazard: FloatArray) -> tuple[Hazards, FloatArray]:
        """Sums of each event time, and what each row was expected to die."""
        sets = self.risk_sets
        dying = sets.dying(hazard[:, sets.deaths])
        sums = Hazards.of(self.terms, sets.at_risk(hazard), dying)
        expected = sets.lived(sums.increment)
        if self.terms.tied:
            expected[:, sets.deaths] -= sums.returned[:, sets.last[sets.deaths]]
        expected *= hazard
        return sums, expected

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, before any mask."""
        hazard = self.hazard(eta)
        sums, expected = self._hazards(hazard)
        information = unpacked(expected @ self.products, self.columns.shape[0])
        residual = -expected
        residual[:, self.risk_sets.deaths] += self.weights[:, self.risk_sets.deaths]
        size = max(1, CELLS // max(1, self.columns.size))
        for start in range(0, hazard.shape[0], size):
            part = slice(start, start + size)
            information[part] -= self._means(hazard[part], sums, part)
        return residual @ self.columns.T, information

    def information(self, eta: FloatArray) -> FloatArray:
        return self.derivatives(eta)[1]

    def _means(self, hazard: FloatArray, sums: Hazards, part: slice) -> FloatArray:
        """Cross-products of the mean covariates, summed over the terms of the likelihood."""
        sets = self.risk_sets
        weighted = hazard[:, None, :] * self.columns
        whole = sets.at_risk(weighted)
        left = whole * sums.square[part, None]
        if not self.terms.tied:
            return np.asarray(left @ whole.transpose(0, 2, 1))
        dying = sets.dying(weighted[:, :, sets.deaths])
        cross = sums.cross[part, None]
        left -= dying * cross
        right = whole * cross - dying * sums.own[part, None]
        return np.asarray(left @ whole.transpose(0, 2, 1) - right @ dying.transpose(0, 2, 1))


@dataclass(slots=True, eq=False)
class _State:
    """Where each replicate stands; rows of replicates still moving are updated in place."""

    beta: FloatArray
    eta: FloatArray
    step: FloatArray
    log_likelihood: FloatArray
    null: FloatArray
    use: BoolArray
    rank: IntArray
    full: BoolArray
    separated: BoolArray
    direction: FloatArray
    iterations: IntArray
    converged: BoolArray

    @classmethod
    def start(cls, problem: _Problem) -> _State:
        replicates, size = problem.mask.shape
        beta = np.zeros((replicates, size))
        eta = problem.eta(beta)
        null = problem.likelihood(eta)
        information = problem.information(eta)
        square = unpacked(problem._hazards(problem.hazard(eta))[1] @ problem.products, size)
        varies = np.einsum("rpp->rp", information) > CONSTANT * np.einsum("rpp->rp", square)
        use = problem.mask & varies
        rank = ranks(_masked(information, use)) - (~use).sum(axis=1)
        return cls(
            beta=beta,
            eta=eta,
            step=np.zeros((replicates, size)),
            log_likelihood=null.copy(),
            null=null,
            use=use,
            rank=rank,
            full=rank == use.sum(axis=1),
            separated=np.zeros(replicates, dtype=np.bool_),
            direction=np.zeros((replicates, size)),
            iterations=np.zeros(replicates, dtype=np.int64),
            converged=np.zeros(replicates, dtype=np.bool_),
        )

    def leap(self, active: IntArray, problem: _Problem) -> None:
        """Note the replicates that a step proves to run away, and carry them to their limit."""
        suspects = active[~self.separated[active]]
        if suspects.size == 0:
            return
        found = suspects[_runs_away(self.step[suspects], problem.take(suspects))]
        if found.size == 0:
            return
        self.separated[found] = True
        self.direction[found] = self.step[found]
        part = problem.take(found)
        self.beta[found] += LEAP * self.step[found]
        self.eta[found] = part.eta(self.beta[found])
        self.log_likelihood[found] = part.likelihood(self.eta[found])

    def advance(self, active: IntArray, problem: _Problem) -> FloatArray:
        """One Newton step of the active replicates; returns their squared decrements."""
        beta, current, use = self.beta[active], self.log_likelihood[active], self.use[active]
        gradient, information = problem.derivatives(self.eta[active])
        gradient *= use
        step = solve_steps(_masked(information, use), gradient, self.full[active], CUTOFF)
        factor = np.ones(active.size)
        for _ in range(HALVINGS):
            eta = problem.eta(beta + factor[:, None] * step)
            moved = problem.likelihood(eta)
            worse = ~(moved >= current - 1e-9 * (1.0 + np.abs(current)))
            if not worse.any():
                break
            factor[worse] *= 0.5
        self.step[active] = step
        self.beta[active] = beta + factor[:, None] * step
        self.eta[active] = eta
        self.log_likelihood[active] = moved
        return np.asarray(np.einsum("rp,rp->r", gradient, step))


def _masked(information: FloatArray, use: BoolArray) -> FloatArray:
    """Unit rows and columns where a column is not in use."""
    if use.all():
        return information
    masked = information * _both(use)
    unit = np.arange(use.shape[1])
    masked[:, unit, unit] += ~use
    return np.asarray(masked)


def _maximised(problem: _Problem) -> _State:
    state = _State.start(problem)
    active = np.arange(problem.weights.shape[0])
    part = problem
    for iteration in range(1, MAX_ITERATIONS + 1):
        decrement = state.advance(active, part)
        state.iterations[active] = iteration
        if iteration >= FIRST_SUSPECT:
            state.leap(active, problem)
        size = np.minimum(np.abs(state.log_likelihood[active]), LARGEST)
        done = decrement < DECREMENT_TOLERANCE * (1.0 + size)
        state.converged[active[done]] = True
        if done.any():
            active = active[~done]
            part = problem.take(active)
        if active.size == 0:
            break
    return state


def _runs_away(step: FloatArray, problem: _Problem) -> BoolArray:
    """True where moving along the step never stops raising the likelihood.

    A step d is a proof when at every event time each event has the largest x'd of its
    risk set, and somewhere another has less (Heinze and
    Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x).
    """
    sets = problem.risk_sets
    movement = step @ problem.columns
    present = problem.weights > 0
    deaths = sets.deaths
    top = sets.highest(np.where(present, movement, -np.inf))
    gap = top[:, sets.last[deaths]] - movement[:, deaths]
    worst = np.where(present[:, deaths], gap, 0.0).max(axis=1)
    lowest = -sets.highest(np.where(present, -movement, -np.inf))
    died = sets.dying(present[:, deaths].astype(np.float64)) > 0
    largest = np.where(died, top - lowest, 0.0).max(axis=1)
    return np.asarray((largest > SEPARATING_STEP) & (worst <= SAME * largest))
