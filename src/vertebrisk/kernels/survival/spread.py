"""What the derivatives of a partial likelihood are made of, for many replicates at once.

Events expected of each row, and the cross-products of the mean covariates of the risk sets: by
passes over arrays or, where the compiled kernels are switched on, replicate by replicate.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.subdistribution import SubdistributionSets
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms

CACHED = 100_000  # numbers in sums over risk sets by column that stay in the processor's cache

Sets = RiskSets | SubdistributionSets


def log_likelihoods(
    sets: Sets, deaths: IntArray, terms: TiedTerms, weights: FloatArray, eta: FloatArray
) -> FloatArray:
    """Partial log-likelihood of each replicate; arguments as in `expected_events`."""
    hazard = weights * np.exp(eta)
    gain = np.einsum("rd,rd->r", np.take(weights, deaths, 1), np.take(eta, deaths, 1))
    dying = sets.dying(np.take(hazard, deaths, 1))
    return np.asarray(gain - terms.log_sum(sets.at_risk(hazard), dying))


def expected_events(
    sets: Sets, deaths: IntArray, terms: TiedTerms, hazard: FloatArray
) -> tuple[Hazards, FloatArray]:
    """Sums of each event time, and the events expected of each row, (replicates, m).

    Parameters
    ----------
    sets : RiskSets or SubdistributionSets
    deaths : int array
        Positions of the rows with the event.
    terms : TiedTerms
    hazard : array, shape (replicates, m)
        Weighted relative hazards.
    """
    sums = Hazards.of(terms, sets.at_risk(hazard), sets.dying(np.take(hazard, deaths, 1)))
    expected = sets.lived(sums.increment)
    if terms.tied:
        expected[:, deaths] -= np.take(sums.returned, sets.last[deaths], 1)
    expected *= hazard
    return sums, expected


def spread(
    sets: Sets, deaths: IntArray, terms: TiedTerms, hazard: FloatArray, columns: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Events expected, (replicates, m), and products of mean covariates, (replicates, p, p).

    The products are summed over the terms of the likelihood. Columns have the shape (p, m), or
    (replicates, p, m); the rest is as in `expected_events`.
    """
    if isinstance(sets, RiskSets) and sets.late is None and compiled.enabled():
        from vertebrisk.kernels.compiled.partial import spread_compiled

        return spread_compiled(sets, terms, hazard, columns)
    sums, expected = expected_events(sets, deaths, terms, hazard)
    replicates, size = hazard.shape[0], columns.shape[-2]
    if isinstance(sets, SubdistributionSets):  # each replicate has its own
        return expected, _means(sets, deaths, terms, sums, hazard, columns)
    means = np.empty((replicates, size, size))
    step = max(1, CACHED // max(1, size * columns.shape[-1]))
    for part in (slice(start, start + step) for start in range(0, replicates, step)):
        own = columns if columns.ndim == 2 else columns[part]
        means[part] = _means(sets, deaths, terms, sums.take(part), hazard[part], own)
    return expected, means


def _means(
    sets: Sets,
    deaths: IntArray,
    terms: TiedTerms,
    sums: Hazards,
    hazard: FloatArray,
    columns: FloatArray,
) -> FloatArray:
    weighted = hazard[:, None, :] * columns
    whole = sets.at_risk(weighted)
    dying = sets.dying(np.take(weighted, deaths, 2)) if terms.tied else whole
    return mean_products(terms, sums, whole, dying)


def mean_products(
    terms: TiedTerms, sums: Hazards, whole: FloatArray, dying: FloatArray
) -> FloatArray:
    """Products of mean covariates, (replicates, p, p).

    `whole` and `dying` are covariates by hazard, summed over those at risk and over the events of
    each event time, (replicates, p, g); the latter are read only where events are tied.
    """
    left = whole * sums.square[:, None]
    if not terms.tied:
        return np.asarray(left @ whole.transpose(0, 2, 1))
    cross = sums.cross[:, None]
    left -= dying * cross
    right = whole * cross - dying * sums.own[:, None]
    return np.asarray(left @ whole.transpose(0, 2, 1) - right @ dying.transpose(0, 2, 1))
