"""Paths of ridge, lasso and elastic net over falling penalties, as glmnet draws them.

The penalty is ``lambda * sum_j f_j (mix |b_j| + (1 - mix) b_j^2 / 2)`` for columns divided
by their standard deviation (of n, not n - 1), against the log-likelihood per patient. The
conventions are glmnet's: where a path begins, how it is spaced, and when it ends early.
Each replicate has standard deviations and a path of its own.

References
----------
Friedman, Hastie and Tibshirani 2010, doi:10.18637/jss.v033.i01.
Simon et al. 2011, doi:10.18637/jss.v039.i05.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels.penalised.descent import Penalties, Position, descend
from vertebrisk.kernels.penalised.problems import CoxPenalised, LogisticProblem, Problem
from vertebrisk.kernels.survival.times import SurvivalTimes

STEPS = 100
SMALLEST_MIX = 1e-3  # a ridge path begins where that of this mix would
FIRST_END = 5  # steps before a path may end
CONSTANT = 1e-9  # standard deviation of a column that is taken for constant


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Which penalty.

    Attributes
    ----------
    mix : float
        1 for the lasso, 0 for ridge, between them for the elastic net.
    factors : array, shape (p,), or None
        What the penalty of each column is multiplied by, 0 for none; 1 by default.
        glmnet's, once they are rescaled to a mean of 1.
    standardise : bool
        False penalises the columns as they are.
    """

    mix: float = 1.0
    factors: FloatArray | None = None
    standardise: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Coefficients along falling penalties, one path a replicate.

    Attributes
    ----------
    penalty : array, shape (replicates, steps)
        glmnet's lambda; NaN after the end of a path.
    beta : array, shape (replicates, steps, p)
        Coefficients in the columns' own units, an intercept first where there is one.
        After the end of a path those of its end.
    length : int array, shape (replicates,)
        Steps of each path; 0 where nothing could be fitted: no events, or no non-events.
    explained : array, shape (replicates, steps)
        Share of the null model's deviance that is explained.
    log_likelihood, null : arrays, shape (replicates, steps) and (replicates,)
        At each step, and without any predictor; without the penalty.
    df : array, shape (replicates, steps)
        Of ridge the effective degrees of freedom of the coefficients, an intercept apart
        (Gray 1992, doi:10.1080/01621459.1992.10476248); otherwise the number that are not zero.
    converged : bool array, shape (replicates,)
        True where every condition of every step was met.
    use : bool array, shape (replicates, p)
        Columns that vary, an intercept apart.
    spread : array, shape (replicates, p)
        Standard deviations by which the penalties were scaled; 1 for an intercept.
    """

    penalty: FloatArray
    beta: FloatArray
    length: IntArray
    explained: FloatArray
    log_likelihood: FloatArray
    null: FloatArray
    df: FloatArray
    converged: BoolArray
    use: BoolArray
    spread: FloatArray


def logistic_paths(
    columns: FloatArray,
    events: FloatArray,
    weights: FloatArray,
    mixture: Mixture,
    penalty: FloatArray | None = None,
    steps: int = STEPS,
    lowest: float | None = None,
) -> Paths:
    """Paths of penalised logistic regression.

    Parameters
    ----------
    columns : array, shape (m, p)
        Without an intercept, which is added first and is not penalised.
    events, weights : array, shape (replicates, m)
        Weight of the events, and of all patients, in each row.
    mixture : Mixture
    penalty : array, shape (replicates, steps), optional
        Falling penalties in place of glmnet's; then no path ends early.
    steps : int
        Length of a path otherwise.
    lowest : float, optional
        Last penalty relative to the first, in place of glmnet's.
    """
    centred, centre, scale = _standardised(columns, weights)
    ones = np.ones((columns.shape[0], 1))
    problem = LogisticProblem(np.hstack([ones, centred]), events, weights)
    total = weights.sum(axis=1)
    share = events.sum(axis=1) / np.where(total > 0, total, 1.0)
    fitted = (share > 0) & (share < 1)
    share = np.where(fitted, share, 0.5)
    intercept = np.log(share / (1.0 - share))
    spread, varies = _spread(centred, weights)
    first = np.ones((weights.shape[0], 1))
    path = _Path(
        problem,
        mixture,
        np.hstack([first, spread]),
        np.hstack([first > 0, varies]),
        1.0 / scale,
        total,
        1,
        LOGISTIC_END,
        lowest,
    )
    found = path.walk(np.concatenate([intercept[:, None], 0 * spread], 1), fitted, penalty, steps)
    found.beta[:, :, 1:] /= scale
    found.beta[:, :, 0] -= found.beta[:, :, 1:] @ centre
    return found


def cox_paths(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    mixture: Mixture,
    penalty: FloatArray | None = None,
    steps: int = STEPS,
    *,
    ties: Ties = "breslow",
    counts: FloatArray | None = None,
    lowest: float | None = None,
) -> Paths:
    """Paths of penalised Cox regression; glmnet's ties are Breslow's.

    Parameters
    ----------
    columns : array, shape (n, p)
    times : SurvivalTimes
    weights : array, shape (replicates, n)
    mixture, penalty, steps, lowest
        See `logistic_paths`.
    ties : {"breslow", "efron"}
    counts : array, shape (replicates, n), optional
        How many rows stand behind each weight; the weights themselves by default.
    """
    centred, _, scale = _standardised(columns, weights)
    fitted = weights @ times.event.astype(np.float64) > 0
    spread, varies = _spread(centred, weights)
    if not fitted.any():
        return _nothing(spread, varies, steps if penalty is None else penalty.shape[1])
    behind = weights if counts is None else counts
    problem = CoxPenalised.of(centred, times, weights, ties, behind)
    path = _Path(
        problem, mixture, spread, varies, 1.0 / scale, behind.sum(axis=1), 0, COX_END, lowest
    )
    found = path.walk(np.zeros_like(spread), fitted, penalty, steps)
    found.beta[:] /= scale
    return found


def _standardised(
    columns: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns centred and scaled over all replicates together, their centres and scales."""
    total = weights.sum(axis=0)
    share = total / total.sum() if total.sum() > 0 else np.full(total.size, 1.0 / total.size)
    centre = share @ columns
    centred = columns - centre
    scale = np.sqrt(share @ centred**2)
    scale = np.where(scale > 1e-12 * np.abs(centre), scale, 1.0)
    return centred / scale, centre, scale


def _spread(columns: FloatArray, weights: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Standard deviations in each replicate, (replicates, p), and whether a column varies."""
    total = weights.sum(axis=1, keepdims=True)
    share = weights / np.where(total > 0, total, 1.0)
    spread = np.empty((weights.shape[0], columns.shape[1]))
    for j, column in enumerate(columns.T):
        away = column - (share @ column)[:, None]
        spread[:, j] = np.sqrt(np.einsum("rm,rm->r", share, away**2))
    varies = spread > CONSTANT
    return np.where(varies, spread, 1.0), varies


def _nothing(spread: FloatArray, varies: BoolArray, steps: int) -> Paths:
    replicates, size = spread.shape
    return Paths(
        penalty=np.full((replicates, steps), np.nan),
        beta=np.zeros((replicates, steps, size)),
        length=np.zeros(replicates, dtype=np.int64),
        explained=np.zeros((replicates, steps)),
        log_likelihood=np.zeros((replicates, steps)),
        null=np.zeros(replicates),
        df=np.zeros((replicates, steps)),
        converged=np.ones(replicates, dtype=np.bool_),
        use=varies,
        spread=spread,
    )


@dataclass(frozen=True, slots=True)
class _Ending:
    """When a path ends early: the deviance is explained, or no more of it than before.

    `gain` is the least rise over the last `steps` steps, `relative` to what is explained.
    """

    explained: float
    gain: float
    steps: int
    relative: bool

    def reached(self, explained: FloatArray, step: int) -> BoolArray:
        """Which paths end at a step, from what each step explains, shape (replicates, steps)."""
        now = explained[:, step]
        if step + 1 < FIRST_END:
            return np.zeros(now.size, dtype=np.bool_)
        rise = now - explained[:, step - self.steps]
        least = self.gain * now if self.relative else self.gain
        return np.asarray((now > self.explained) | (rise < least))


LOGISTIC_END = _Ending(explained=0.999, gain=1e-5, steps=1, relative=False)
COX_END = _Ending(explained=0.99, gain=1e-3, steps=FIRST_END - 1, relative=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """What stays fixed along a path; columns are centred and scaled over all replicates."""

    problem: Problem
    mixture: Mixture
    spread: FloatArray
    use: BoolArray
    unit: FloatArray
    patients: FloatArray
    intercepts: int
    ending: _Ending
    lowest: float | None = None

    def factors(self) -> FloatArray:
        """Penalty factors of the columns, 0 for an intercept."""
        given = self.mixture.factors
        own = np.ones(self.spread.shape[1] - self.intercepts) if given is None else given
        return np.concatenate([np.zeros(self.intercepts), own])

    def measure(self) -> FloatArray:
        """What a coefficient is multiplied by before it is penalised."""
        if self.mixture.standardise:
            return self.spread
        own = np.concatenate([np.ones(self.intercepts), self.unit])
        return np.broadcast_to(own, self.spread.shape)

    def penalties(self, level: FloatArray) -> Penalties:
        """Penalties at one level a replicate; an infinite level allows the free columns only."""
        factors, measure = self.factors(), self.measure()
        large = ~np.isfinite(level)[:, None] & (factors > 0)
        level = np.where(np.isfinite(level), level, 0.0)[:, None] * factors
        absolute = np.where(large | ~self.use, np.inf, self.mixture.mix * level * measure)
        return Penalties(absolute, (1.0 - self.mixture.mix) * level * measure**2)

    def freedom(self, state: Position, level: FloatArray) -> FloatArray:
        """Degrees of freedom that the coefficients use; see `Paths.df`."""
        columns = np.arange(self.intercepts, state.beta.shape[1])
        if self.mixture.mix > 0.0:
            return np.asarray((state.beta[:, columns] != 0.0).sum(axis=1), dtype=np.float64)
        every = np.arange(state.beta.shape[1])
        information = self.problem.information(state.eta, every)
        held = information.copy()
        square = self.penalties(level).square * self.problem.total[:, None]
        held[:, every, every] += square + ~self.use
        shares = np.einsum("rpp->rp", np.linalg.solve(held, information))
        return np.asarray(shares[:, columns].sum(axis=1))

    def start(self, beta: FloatArray, replicates: IntArray) -> Position:
        """The model of the columns that are not penalised."""
        part = self._of(replicates)
        nothing = part.penalties(np.full(replicates.size, np.inf))
        return descend(part.problem, beta, nothing, part.spread)

    def _of(self, replicates: IntArray) -> _Path:
        return _Path(
            self.problem.take(replicates),
            self.mixture,
            self.spread[replicates],
            self.use[replicates],
            self.unit,
            self.patients[replicates],
            self.intercepts,
            self.ending,
            self.lowest,
        )

    def highest(self, state: Position, replicates: IntArray) -> FloatArray:
        """The penalty at which the first coefficient leaves zero."""
        part = self._of(replicates)
        slope = part.problem.gradient(state.eta) / part.problem.total[:, None]
        factors = part.factors()
        held = part.use & (factors > 0)
        weight = np.where(held, factors * part.measure(), 1.0)
        top = np.where(held, np.abs(slope) / weight, 0.0).max(axis=1, initial=0.0)
        return np.asarray(top / max(self.mixture.mix, SMALLEST_MIX))

    def walk(
        self, beta: FloatArray, fitted: BoolArray, penalty: FloatArray | None, steps: int
    ) -> Paths:
        """All paths, each step begun where the last one ended."""
        count = steps if penalty is None else penalty.shape[1]
        paths = _nothing(self.spread, self.use, count)
        active = np.flatnonzero(fitted)
        if active.size == 0:
            return paths
        null = Position.at(self.problem.take(active), beta[active]).log_likelihood
        paths.null[active] = null
        best = self.problem.best[active]
        state = self.start(beta[active], active)
        paths.converged[active] &= state.converged
        if penalty is None:
            levels = self.highest(state, active)[:, None] * self._spacing(
                self.patients[active], count
            )
        else:
            levels = penalty[active]
        position, span = state.beta, np.where(best > null, best - null, 1.0)
        for step in range(count):
            part = self._of(active)
            state = descend(part.problem, position, part.penalties(levels[:, step]), part.spread)
            position = state.beta
            paths.penalty[active, step] = levels[:, step]
            paths.beta[active, step:] = position[:, None, :]
            paths.log_likelihood[active, step:] = state.log_likelihood[:, None]
            explained = (state.log_likelihood - null) / span
            paths.explained[active, step:] = explained[:, None]
            paths.df[active, step:] = part.freedom(state, levels[:, step])[:, None]
            paths.converged[active] &= state.converged
            paths.length[active] = step + 1
            if penalty is None:
                going = ~self.ending.reached(paths.explained[active], step)
                active, position, levels = active[going], position[going], levels[going]
                null, span = null[going], span[going]
                if active.size == 0:
                    break
        return paths

    def _spacing(self, patients: FloatArray, steps: int) -> FloatArray:
        """Penalties relative to the highest: to a hundredth with fewer patients than columns."""
        size = self.spread.shape[1] - self.intercepts
        usual = np.where(patients > size, 1e-4, 1e-2)
        lowest = usual if self.lowest is None else np.full_like(usual, self.lowest)
        return np.asarray(lowest[:, None] ** (np.arange(steps) / max(steps - 1, 1)))
