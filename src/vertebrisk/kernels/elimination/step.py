"""One step of backward elimination: which term leaves next, by few refits.

The term that leaves next is the one whose likelihood ratio costs least, and few ratios need a
refit to be told apart. The estimates of the smaller model that the covariance of the larger one
gives (Lawless and Singhal 1978, Biometrics 34:318-327) reach a likelihood below the highest: an
upper bound of the ratio. A logistic likelihood that moves no linear predictor far cannot bend
much, since its third derivative is at most its second (Bach 2010, doi:10.1214/09-EJS521): a lower
bound. Another is what a step before this one found, since a model without a term does not become
likelier when other terms leave, too. Where the bounds leave the choice open, a Newton step brings
them nearer to each other, and where that is not enough, the models in question are fitted.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, xlog1py, xlogy

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.elimination.refits import Elimination, Models, masked
from vertebrisk.kernels.newton import log_likelihood
from vertebrisk.kernels.stepdown import wald_statistics
from vertebrisk.kernels.steps import equilibrated, information, pairs

CLOSE = 1e-7  # costs nearer to each other than this are told apart by fits
ROUNDING = 1.0 - 1e-6  # part of a lower bound that the rounding of a fit leaves
SLACK = 1e-10  # by which, relative to itself, a likelihood that was found may be too low
REFINEMENTS = 3  # Newton steps after which a fit is the shorter way


class Step:
    """One step of the replicates that still move: bounds of what each of their terms costs.

    `highest`, shape (replicates, terms), are upper bounds of the log-likelihood without each
    term, in this model and in all smaller ones.
    """

    def __init__(
        self,
        of: Elimination,
        owner: IntArray,
        chosen: BoolArray,
        lost: BoolArray,
        models: Models,
        highest: FloatArray,
    ) -> None:
        self.of, self.owner, self.chosen, self.lost, self.models = of, owner, chosen, lost, models
        self.highest = highest
        self.mask = chosen.astype(np.float64) @ of.of_term > 0.5
        self.mask[:, 0] = True
        self.covariance = _inverse(models.information)
        self.sure = np.asarray(np.isfinite(self.covariance).all(axis=(1, 2)))
        self.aside = np.zeros_like(chosen)
        for place, term in enumerate(of.levels.term):
            self.aside[:, term] |= lost[:, place]
        self.ratio = wald_statistics(models.beta, self.covariance, of.parts)
        self.plain = chosen & ~self.aside
        self.trials = np.full((*chosen.shape, of.design.shape[1]), np.nan)
        self.refined = np.zeros(chosen.shape, dtype=np.int64)
        self.fits: dict[tuple[int, int], tuple[Models, int]] = {}

    def dropped(self, guesses: FloatArray) -> IntArray:
        """Term that each replicate drops next, -1 where it drops none."""
        wald = self._lowest(np.where(self.plain, self.ratio, 0.0))
        before = 2.0 * (self.models.likelihood[:, None] - self.highest)
        upper = self._costs(np.maximum(wald, before))
        lower = np.full_like(upper, -np.inf)
        self._begin(np.argwhere(self.aside), guesses)
        untried = self.plain.copy()
        while True:
            open_ = self._open(upper, lower)
            rows = np.flatnonzero((open_ & untried).any(axis=1))
            if rows.size == 0:
                break
            terms = np.where(untried[rows], upper[rows], -np.inf).argmax(axis=1)
            untried[rows, terms] = False
            self._bound(rows, terms, upper, lower)
        while True:
            open_ = np.asarray(open_ & (upper > lower))
            rows = np.flatnonzero(open_.any(axis=1))
            if rows.size == 0:
                break
            gap = np.subtract(upper, lower, out=np.full_like(upper, -np.inf), where=open_)
            terms = gap[rows].argmax(axis=1)
            again = np.isfinite(self.trials[rows, terms, 0])
            again &= self.refined[rows, terms] < REFINEMENTS
            self._refine(rows[again], terms[again], upper, lower)
            self._fit(np.column_stack([rows, terms])[~again], upper, lower, guesses)
            open_ = self._open(upper, lower)
        place = lower.argmax(axis=1)
        drops = lower[np.arange(place.size), place] > self.of.limit
        return np.where(drops, place, -1)

    def _begin(self, wanted: IntArray, guesses: FloatArray) -> None:
        """Begin where a model without these terms, with others that have left, was found before."""
        rows, terms = wanted[:, 0], wanted[:, 1]
        used = self.mask[rows] & ~self.of.of_term[terms]
        used &= ~self.of.levels.unused(self._others(rows, terms), used.shape[1])
        guess = guesses[self.owner[rows], terms]
        self.trials[rows, terms] = np.where(used | np.isnan(guess), guess, 0.0)

    def _others(self, rows: IntArray, terms: IntArray) -> BoolArray:
        """Lost levels of the other terms."""
        return np.asarray(self.lost[rows] & (self.of.levels.term != terms[:, None]))

    def _open(self, upper: FloatArray, lower: FloatArray) -> BoolArray:
        """Terms that may be the next, of the replicates whose next is not known."""
        rows, place = np.arange(upper.shape[0]), lower.argmax(axis=1)
        best, others = lower[rows, place], upper.copy()
        others[rows, place] = -np.inf
        known = (best > self.of.limit + CLOSE) & (best > others.max(axis=1) + CLOSE)
        known |= upper.max(axis=1) <= self.of.limit - CLOSE
        return np.asarray((upper >= best[:, None] - CLOSE) & ~known[:, None])

    def _costs(self, gain: FloatArray) -> FloatArray:
        """Costs of the terms that are left, from ratios of shape (replicates, terms)."""
        rows, terms = np.nonzero(self.chosen)
        found = np.full(gain.shape, -np.inf)
        found[rows, terms] = self.of.cost(
            gain[rows, terms], self.of.widths[terms], self.owner[rows]
        )
        return found

    def _lowest(self, wald: FloatArray) -> FloatArray:
        """Lower bounds of likelihood ratios from Wald's statistics.

        A model without the term is no nearer than Wald's distance s; on its way there a linear
        predictor moves by at most that distance times its own largest standard error.
        """
        first, second = pairs(self.of.design.shape[1])
        packed = self.covariance[:, first, second] * np.where(first == second, 1.0, 2.0)
        spread = packed @ self.of.products.T
        spread[self.of.kept(self.owner, self.lost) <= 0.0] = 0.0
        furthest = np.sqrt(np.maximum(spread.max(axis=1), 1e-300))[:, None]
        moved = np.sqrt(wald) * furthest
        return np.asarray(ROUNDING * 2.0 * (np.expm1(-moved) + moved) / furthest**2)

    def _bound(self, rows: IntArray, terms: IntArray, upper: FloatArray, lower: FloatArray) -> None:
        """Bound the ratio of one term of each replicate from both sides."""
        beta = self._moved(rows, terms)
        before = self.models.beta[rows]
        weights = self.of.kept(self.owner[rows], self.lost[rows])
        self._record(rows, terms, weights, before, beta, upper, lower)

    def _refine(
        self, rows: IntArray, terms: IntArray, upper: FloatArray, lower: FloatArray
    ) -> None:
        """Bring the bounds of one term of each replicate nearer, by a Newton step."""
        if rows.size == 0:
            return
        self.refined[rows, terms] += 1
        owner, before = self.owner[rows], self.trials[rows, terms]
        others = self._others(rows, terms)
        weights = self.of.kept(owner, others)
        risk = expit(before @ self.of.design.T)
        use = self.mask[rows] & ~self.of.of_term[terms]
        use &= ~self.of.levels.unused(others, use.shape[1])
        gradient = (weights * (self.of.target[owner] - risk)) @ self.of.design * use
        curved = information(self.of.design, self.of.products, weights * risk * (1.0 - risk))
        try:
            moved = np.linalg.solve(masked(curved, use), gradient[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            self.refined[rows, terms] = REFINEMENTS
            return
        near = self._record(rows, terms, weights, before, before + moved, upper, lower)
        self.trials[rows[~near], terms[~near]] = before[~near]
        self.refined[rows[~near], terms[~near]] = REFINEMENTS

    def _record(
        self,
        rows: IntArray,
        terms: IntArray,
        weights: FloatArray,
        before: FloatArray,
        beta: FloatArray,
        upper: FloatArray,
        lower: FloatArray,
    ) -> BoolArray:
        """Bounds from estimates without a term that are a Newton step from others.

        Returns where that step is short enough for both bounds.

        The likelihood without the term is at least that of any estimates, and at most the
        entropy, less than none, of any risks whose sums over the other columns are those seen.
        """
        owner, widths = self.owner[rows], self.of.widths[terms]
        self.trials[rows, terms] = beta
        eta, past = beta @ self.of.design.T, before @ self.of.design.T
        reached = log_likelihood(eta, self.of.target[owner], weights)
        risk = expit(past)
        risk = risk * (1.0 + (1.0 - risk) * (eta - past))
        inside = ((risk >= 0.0) & (risk <= 1.0)).all(axis=1)
        risk = np.clip(risk, 0.0, 1.0)
        most = np.sum(weights * (xlogy(risk, risk) + xlog1py(1.0 - risk, -risk)), axis=1)
        most = np.where(inside, most, np.inf)
        full = self.models.likelihood[rows]
        least = self.of.cost(np.maximum(2.0 * (full - reached), 0.0), widths, owner)
        lower[rows, terms] = np.maximum(lower[rows, terms], least)
        self._limit(rows, terms, most)
        ratio = np.maximum(2.0 * (full - self.highest[rows, terms]), 0.0)
        upper[rows, terms] = np.minimum(upper[rows, terms], self.of.cost(ratio, widths, owner))
        return np.asarray(inside)

    def _limit(self, rows: IntArray, terms: IntArray, most: FloatArray) -> None:
        """Keep upper bounds of log-likelihoods without a term."""
        most = most + SLACK * (1.0 + np.abs(most))
        self.highest[rows, terms] = np.minimum(self.highest[rows, terms], most)

    def _moved(self, rows: IntArray, terms: IntArray) -> FloatArray:
        """Estimates without a term, by the covariance of the model with it."""
        beta = self.models.beta[rows]
        widths = self.of.widths[terms]
        single = np.flatnonzero(widths == 1)
        column = np.array([part[0] for part in self.of.parts])[terms[single]]
        across = self.covariance[rows[single], :, column]
        place = np.arange(single.size)
        ratio = beta[single, column] / across[place, column]
        beta[single] -= across * ratio[:, None]
        beta[single, column] = 0.0
        for term in np.unique(terms[widths > 1]):
            at, part = np.flatnonzero(terms == term), self.of.parts[term]
            covariance = self.covariance[rows[at]]
            block = covariance[:, part[:, None], part]
            solved = np.linalg.solve(block, beta[at][:, part, None])
            beta[at] -= (covariance[:, :, part] @ solved)[:, :, 0]
            beta[np.ix_(at, part)] = 0.0
        return beta

    def _fit(
        self, wanted: IntArray, upper: FloatArray, lower: FloatArray, guesses: FloatArray
    ) -> None:
        """Fit replicates without a term: pairs of both, shape (fits, 2)."""
        if wanted.size == 0:
            return
        rows, terms = wanted[:, 0], wanted[:, 1]
        owner = self.owner[rows]
        start = self.trials[rows, terms]
        start = np.where(np.isfinite(start), start, self.models.beta[rows])
        own = self.of.of_term[terms]
        others = self._others(rows, terms)
        fits = self.of.fitted(owner, self.mask[rows] & ~own, others, start)
        guesses[owner, terms] = fits.beta
        self._limit(rows, terms, fits.likelihood)
        self.sure[rows[~fits.found]] = False
        gain = np.maximum(2.0 * (self.models.likelihood[rows] - fits.likelihood), 0.0)
        upper[rows, terms] = lower[rows, terms] = self.of.cost(gain, self.of.widths[terms], owner)
        for place, (row, term) in enumerate(zip(rows.tolist(), terms.tolist(), strict=True)):
            self.fits[row, term] = fits, place

    def without(self, rows: IntArray, terms: IntArray) -> Models:
        """The models of some replicates without the terms that they drop."""
        size = self.of.design.shape[1]
        made = Models(
            np.empty((rows.size, size)),
            np.empty(rows.size),
            np.empty((rows.size, size, size)),
            np.empty(rows.size, np.bool_),
        )
        chosen = zip(rows.tolist(), terms.tolist(), strict=True)
        known = [self.fits.get(pair) for pair in chosen]
        for at, fit in enumerate(known):
            if fit is not None:
                made.put(np.array([at]), fit[0].take(np.array([fit[1]])))
        left = np.array([at for at, fit in enumerate(known) if fit is None], dtype=np.int64)
        if left.size:
            rows, terms = rows[left], terms[left]
            mask = self.mask[rows] & ~self.of.of_term[terms]
            others, start = self._others(rows, terms), self.trials[rows, terms]
            made.put(left, self.of.fitted(self.owner[rows], mask, others, start))
        return made


def _inverse(matrices: FloatArray) -> FloatArray:
    scaled, scale = equilibrated(matrices)
    try:
        return np.asarray(np.linalg.inv(scaled) / (scale[:, :, None] * scale[:, None, :]))
    except np.linalg.LinAlgError:
        return np.full_like(matrices, np.nan)
