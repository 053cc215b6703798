"""Backward elimination of logistic models, each step by refits, for many replicates at once.

The term that leaves next is the one whose likelihood ratio costs least, and few ratios need a
refit to be told apart. The estimates of the smaller model that the covariance of the larger one
gives (Lawless and Singhal 1978, Biometrics 34:318-327) reach a likelihood below the highest: an
upper bound of the ratio. A logistic likelihood that moves no linear predictor far cannot bend
much, since its third derivative is at most its second (Bach 2010, doi:10.1214/09-EJS521): a lower
bound. Where the bounds leave the choice open, the models in question are fitted.

A level that holds no event, or events only, has no finite coefficient. Its patients then add
nothing to the likelihood, so that they and its column are set aside until its term leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlog1py, xlogy

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.levels import Levels
from vertebrisk.kernels.newton import (
    DECREMENT_TOLERANCE,
    RESTING,
    LogisticFits,
    log_likelihood,
)
from vertebrisk.kernels.stepdown import wald_statistics
from vertebrisk.kernels.steps import equilibrated, information, kept_products, pairs, ranks

STEPS = 15  # Newton steps in which a model with a maximum is found from where it starts
HALVINGS = 6
CLOSE = 1e-7  # costs nearer to each other than this are told apart by fits
ROUNDING = 1.0 - 1e-6  # part of a lower bound that the rounding of a fit leaves

Cost = Callable[[FloatArray, IntArray, IntArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """A model of each replicate; `found` is False where no maximum was reached.

    `beta` are coefficients of the scaled columns, shape (replicates, p).
    """

    beta: FloatArray
    likelihood: FloatArray
    information: FloatArray
    found: BoolArray

    def take(self, at: IntArray) -> Models:
        """Some of them."""
        return Models(*(getattr(self, name)[at] for name in self.__slots__))

    def put(self, at: IntArray, others: Models) -> None:
        """Others in the place of some."""
        for name in self.__slots__:
            getattr(self, name)[at] = getattr(others, name)


@dataclass(frozen=True, slots=True, eq=False)
class Elimination:
    """Rows, their outcome, and what the terms cost.

    Attributes
    ----------
    design : array, shape (n, p)
        Scaled columns, the intercept's first.
    products : array, shape (n, p (p + 1) / 2)
    target, weights : array, shape (replicates, n)
    parts : list of int arrays
        Columns of each term.
    widths : int array, shape (terms,)
        How many these are.
    of_term : bool array, shape (terms, p)
        Which these are.
    levels : Levels
    cost : callable
        What speaks for dropping terms: from their likelihood ratios, columns and replicates,
        falling with the ratio.
    limit : float
        A term stays whose cost is not above it.
    """

    design: FloatArray
    products: FloatArray
    target: FloatArray
    weights: FloatArray
    parts: list[IntArray]
    widths: IntArray
    of_term: BoolArray
    levels: Levels
    cost: Cost
    limit: float

    def kept(self, owner: IntArray, lost: BoolArray) -> FloatArray:
        """Weights without the rows of lost levels."""
        weights = self.weights[owner]
        if lost.any():
            weights[self.levels.aside(lost)] = 0.0
        return weights

    def fitted(
        self, owner: IntArray, mask: BoolArray, lost: BoolArray, start: FloatArray
    ) -> Models:
        """Newton's method from `start`, on the columns of `mask`, without lost levels."""
        if lost.any():
            mask = mask & ~self.levels.unused(lost, mask.shape[1])
        weights, target = self.kept(owner, lost), self.target[owner]
        beta = np.where(mask, start, 0.0)
        eta = beta @ self.design.T
        likelihood = log_likelihood(eta, target, weights)
        size = self.design.shape[1]
        models = Models(
            beta, likelihood, np.empty((owner.size, size, size)), np.zeros(owner.size, np.bool_)
        )
        active = np.arange(owner.size)
        for _ in range(STEPS):
            own, hit, use = weights[active], target[active], mask[active]
            before, current = beta[active], likelihood[active]
            risk = expit(eta[active])
            gradient = (own * (hit - risk)) @ self.design * use
            curved = _masked(
                information(self.design, self.products, own * risk * (1.0 - risk)), use
            )
            models.information[active] = curved
            try:
                step = np.linalg.solve(curved, gradient[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            after = before + step
            for _ in range(HALVINGS):
                moved = after @ self.design.T
                reached = log_likelihood(moved, hit, own)
                worse = ~(reached >= current - 1e-9 * (1.0 + np.abs(current)))
                if not worse.any():
                    break
                after[worse] = 0.5 * (after[worse] + before[worse])
            beta[active], eta[active], likelihood[active] = after, moved, reached
            decrement = np.einsum("rp,rp->r", gradient, step)
            done = decrement < DECREMENT_TOLERANCE * (1.0 + np.abs(reached))
            models.found[active] = done & (np.abs(step).max(axis=1) < RESTING)
            active = active[~done & np.isfinite(reached)]
            if active.size == 0:
                break
        return models

    def run(self, models: Models, lost: BoolArray) -> tuple[BoolArray, BoolArray]:
        """Terms that stay, shape (replicates, terms), and for which replicates that is known."""
        chosen = np.ones((models.found.size, len(self.parts)), dtype=np.bool_)
        known, lost = models.found.copy(), lost.copy()
        guesses = np.full((*chosen.shape, self.design.shape[1]), np.nan)
        moving = np.flatnonzero(known & (len(self.parts) > 0))
        while moving.size:
            step = _Step(self, moving, chosen[moving], lost[moving], models.take(moving))
            dropped = step.dropped(guesses)
            known[moving[~step.sure]] = False
            found = np.flatnonzero(step.sure & (dropped >= 0))
            moving, dropped = moving[found], dropped[found]
            chosen[moving, dropped] = False
            lost[moving] &= self.levels.term != dropped[:, None]
            left = chosen[moving].any(axis=1)
            smaller = step.without(found, dropped, guesses)
            models.put(moving, smaller)
            known[moving] &= smaller.found | ~left
            moving = moving[smaller.found & left]
        return chosen, known


class _Step:
    """One step of the replicates that still move: bounds of what each of their terms costs."""

    def __init__(
        self,
        of: Elimination,
        owner: IntArray,
        chosen: BoolArray,
        lost: BoolArray,
        models: Models,
    ) -> None:
        self.of, self.owner, self.chosen, self.lost, self.models = of, owner, chosen, lost, models
        self.mask = chosen.astype(np.float64) @ of.of_term > 0.5
        self.mask[:, 0] = True
        self.covariance = _inverse(models.information)
        self.sure = np.asarray(np.isfinite(self.covariance).all(axis=(1, 2)))
        self.aside = np.zeros_like(chosen)
        for place, term in enumerate(of.levels.term):
            self.aside[:, term] |= lost[:, place]
        self.ratio = wald_statistics(models.beta, self.covariance, of.parts)
        self.plain = chosen & ~self.aside
        self.fits: dict[tuple[int, int], tuple[Models, int]] = {}

    def dropped(self, guesses: FloatArray) -> IntArray:
        """Term that each replicate drops next, -1 where it drops none."""
        wald = np.where(self.plain, self.ratio, 0.0)
        upper = np.where(self.plain, self._costs(self._lowest(wald)), -np.inf)
        lower = np.full_like(upper, -np.inf)
        self._fit(np.argwhere(self.aside), upper, lower, guesses)
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
            terms = np.where(open_[rows], lower[rows], -np.inf).argmax(axis=1)
            self._fit(np.column_stack([rows, terms]), upper, lower, guesses)
            open_ = self._open(upper, lower)
        place = lower.argmax(axis=1)
        drops = lower[np.arange(place.size), place] > self.of.limit
        return np.where(drops, place, -1)

    def _open(self, upper: FloatArray, lower: FloatArray) -> BoolArray:
        """Terms that may be the next, of the replicates whose next is not known."""
        rows, place = np.arange(upper.shape[0]), lower.argmax(axis=1)
        best, others = lower[rows, place], upper.copy()
        others[rows, place] = -np.inf
        known = (best > self.of.limit + CLOSE) & (best > others.max(axis=1) + CLOSE)
        known |= upper.max(axis=1) <= self.of.limit - CLOSE
        return np.asarray((upper >= best[:, None] - CLOSE) & ~known[:, None])

    def _costs(self, gain: FloatArray) -> FloatArray:
        """Costs of all terms, from ratios of shape (replicates, terms)."""
        widths = np.broadcast_to(self.of.widths, gain.shape)
        owner = np.broadcast_to(self.owner[:, None], gain.shape)
        flat = self.of.cost(gain.ravel(), widths.ravel(), owner.ravel())
        return np.asarray(flat.reshape(gain.shape))

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
        """Bound the ratio of one term of each replicate from both sides.

        The likelihood without the term is at least that of any estimates, and at most the
        entropy, less than none, of any risks whose sums over the other columns are those seen.
        """
        beta = self._moved(rows, terms)
        owner = self.owner[rows]
        weights = self.of.kept(owner, self.lost[rows])
        eta = beta @ self.of.design.T
        reached = log_likelihood(eta, self.of.target[owner], weights)
        before = self.models.beta[rows] @ self.of.design.T
        risk = expit(before)
        risk = risk * (1.0 + (1.0 - risk) * (eta - before))
        inside = ((risk >= 0.0) & (risk <= 1.0)).all(axis=1)
        risk = np.clip(risk, 0.0, 1.0)
        most = np.sum(weights * (xlogy(risk, risk) + xlog1py(1.0 - risk, -risk)), axis=1)
        full, widths = self.models.likelihood[rows], self.of.widths[terms]
        lower[rows, terms] = self.of.cost(np.maximum(2.0 * (full - reached), 0.0), widths, owner)
        at_least = self.of.cost(np.maximum(2.0 * (full - most), 0.0), widths, owner)
        upper[rows, terms] = np.where(
            inside, np.minimum(upper[rows, terms], at_least), upper[rows, terms]
        )

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
        start = np.where(self.aside[rows, terms][:, None], self.models.beta[rows], 0.0)
        guess = guesses[owner, terms]
        start = np.where(np.isfinite(guess), guess, start)
        plain = np.flatnonzero(self.plain[rows, terms])
        start[plain] = self._moved(rows[plain], terms[plain])
        own = self.of.of_term[terms]
        others = self.lost[rows] & (self.of.levels.term != terms[:, None])
        fits = self.of.fitted(owner, self.mask[rows] & ~own, others, start)
        guesses[owner, terms] = fits.beta
        self.sure[rows[~fits.found]] = False
        gain = np.maximum(2.0 * (self.models.likelihood[rows] - fits.likelihood), 0.0)
        upper[rows, terms] = lower[rows, terms] = self.of.cost(gain, self.of.widths[terms], owner)
        for place, (row, term) in enumerate(zip(rows.tolist(), terms.tolist(), strict=True)):
            self.fits[row, term] = fits, place

    def without(self, rows: IntArray, terms: IntArray, guesses: FloatArray) -> Models:
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
            own = self.of.of_term[terms[left]]
            start = self._moved(rows[left], terms[left])
            mask = self.mask[rows[left]] & ~own
            made.put(
                left,
                self.of.fitted(self.owner[rows[left]], mask, self.lost[rows[left]], start),
            )
        return made


def eliminated(
    raw: FloatArray,
    fits: LogisticFits,
    target: FloatArray,
    weights: FloatArray,
    parts: list[IntArray],
    cost: Cost,
    limit: float,
) -> tuple[BoolArray, BoolArray]:
    """Terms that stay, shape (replicates, terms), and for which replicates that is known.

    Parameters
    ----------
    raw : array, shape (n, p)
        Columns of all terms, the intercept's first.
    fits : LogisticFits
        The model of all terms in each replicate.
    target, weights : array, shape (replicates, n)
    parts : list of int arrays
        Columns of each term.
    cost : callable
        See `Elimination`.
    limit : float

    Returns
    -------
    tuple of arrays
        Replicates whose columns depend on each other, or whose outcomes are separated by
        more than single levels, are not known.
    """
    design = fits.scaling.apply(raw)
    products = kept_products(design)
    replicates, size = weights.shape[0], raw.shape[1]
    if products is None or fits.scaling.intercept != 0:
        none = np.zeros((replicates, len(parts)), dtype=np.bool_)
        return none, np.zeros(replicates, dtype=np.bool_)
    levels = Levels.of(raw, parts)
    work = Elimination(
        design=design,
        products=products,
        target=target,
        weights=weights,
        parts=parts,
        widths=np.array([part.size for part in parts], dtype=np.int64),
        of_term=np.array([np.isin(np.arange(size), part) for part in parts]),
        levels=levels,
        cost=cost,
        limit=limit,
    )
    full = fits.rank == size
    lost = levels.pure(target, weights) & (fits.separated & full)[:, None]
    aside = np.flatnonzero(lost.any(axis=1))
    half = information(design, products, 0.25 * work.kept(aside, lost[aside]))
    alone = ranks(_masked(half, ~levels.unused(lost[aside], size))) == size
    start = np.union1d(np.flatnonzero(full & fits.converged), aside[alone])
    models = Models(
        np.zeros((replicates, size)),
        np.zeros(replicates),
        np.zeros((replicates, size, size)),
        np.zeros(replicates, dtype=np.bool_),
    )
    if start.size:
        beta = np.linalg.solve(fits.scaling.back(), levels.without(lost, fits.beta).T).T
        everything = np.ones((start.size, size), dtype=np.bool_)
        models.put(start, work.fitted(start, everything, lost[start], beta[start]))
    return work.run(models, lost)


def _masked(matrices: FloatArray, mask: BoolArray) -> FloatArray:
    """Information of the columns in use; unit rows and columns where one is not."""
    if not mask.all():
        matrices = matrices * (mask[:, :, None] & mask[:, None, :])
        unit = np.arange(mask.shape[1])
        matrices[:, unit, unit] += ~mask
    return matrices


def _inverse(matrices: FloatArray) -> FloatArray:
    scaled, scale = equilibrated(matrices)
    try:
        return np.asarray(np.linalg.inv(scaled) / (scale[:, :, None] * scale[:, None, :]))
    except np.linalg.LinAlgError:
        return np.full_like(matrices, np.nan)
