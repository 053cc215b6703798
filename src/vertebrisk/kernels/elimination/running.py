"""Backward elimination of logistic models, each step by refits, for many replicates at once."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.elimination.refits import Cost, Elimination, Models, masked
from vertebrisk.kernels.elimination.step import Step
from vertebrisk.kernels.levels import Levels
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.steps import information, kept_products, ranks


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
    alone = ranks(masked(half, ~levels.unused(lost[aside], size))) == size
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
    return _run(work, models, lost)


def _run(work: Elimination, models: Models, lost: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Terms that stay, shape (replicates, terms), and for which replicates that is known."""
    chosen = np.ones((models.found.size, len(work.parts)), dtype=np.bool_)
    known, lost = models.found.copy(), lost.copy()
    guesses = np.full((*chosen.shape, work.design.shape[1]), np.nan)
    highest = np.full(chosen.shape, np.inf)
    moving = np.flatnonzero(known & (len(work.parts) > 0))
    while moving.size:
        step = Step(
            work, moving, chosen[moving], lost[moving], models.take(moving), highest[moving]
        )
        dropped = step.dropped(guesses)
        highest[moving] = step.highest
        known[moving[~step.sure]] = False
        found = np.flatnonzero(step.sure & (dropped >= 0))
        moving, dropped = moving[found], dropped[found]
        chosen[moving, dropped] = False
        lost[moving] &= work.levels.term != dropped[:, None]
        left = chosen[moving].any(axis=1)
        smaller = step.without(found, dropped)
        models.put(moving, smaller)
        known[moving] &= smaller.found | ~left
        moving = moving[smaller.found & left]
    return chosen, known
