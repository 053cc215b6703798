"""How well a model ranks and fits over the whole of follow-up, for many models at once.

References
----------
Harrell 2015, Regression Modeling Strategies, doi:10.1007/978-3-319-19425-7; the indexes are
those of ``rms::validate.cph``.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.concordance import PairCounts, concordance_batch
from vertebrisk.kernels.survival.partial import PartialSums
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.survival.smoothing import calibration_slopes

NOTHING = {"slope": 1.0, "c_index": 0.5}  # of a constant linear predictor; all others are 0
SAME = 1e-9  # linear predictors of one covariate pattern, summed in another order


def cox_indexes(
    linear: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    *,
    ties: Ties,
    counts: FloatArray,
    refit: bool,
) -> dict[str, FloatArray]:
    """Indexes of each replicate, shape (replicates,) each.

    Parameters
    ----------
    linear : array, shape (replicates, n)
    times : SurvivalTimes
    weights : array, shape (replicates, n)
        Frequencies, or these times case weights.
    ties : {"efron", "breslow"}
    counts : array, shape (replicates, n)
        Frequencies.
    refit : bool
        False where the model was fitted to these very patients: slope 1, and the quality
        of the fit is that of the model. True elsewhere: that of the times regressed on the
        linear predictor, and `u` what is lost by not doing so.

    Returns
    -------
    dict
        c_index and dxy (Harrell, within strata), r2 (Nagelkerke), slope, d
        (discrimination), u (unreliability), q = d - u, g (Gini's mean difference of the
        calibrated linear predictor). A constant linear predictor ranks nobody: 0, and slope
        1.
    """
    size = counts.sum(axis=1)
    null, own, slope, best = _likelihoods(linear, times, weights, ties, counts, refit)
    loss = -2.0 * (own - best) if refit else np.full(linear.shape[0], -2.0)
    gain, whole = 2.0 * (best - null), -2.0 * null
    area, difference, extent = _ranking(linear, times, weights)
    constant = extent <= SAME
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "c_index": area,
            "dxy": 2.0 * area - 1.0,
            "r2": (1.0 - np.exp(-gain / size)) / (1.0 - np.exp(-whole / size)),
            "slope": slope,
            "d": (gain - 1.0) / whole,
            "u": loss / whole,
            "q": (gain - 1.0 - loss) / whole,
            "g": np.abs(slope) * difference,
        }
    return {
        name: np.where(constant, NOTHING.get(name, 0.0), values) for name, values in found.items()
    }


def _likelihoods(
    linear: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    ties: Ties,
    counts: FloatArray,
    refit: bool,
) -> FloatArray:
    """Log-likelihood at zero, as it is, the slope, and the likelihood there; (4, replicates).

    Without `refit` the slope is 1. The arguments are those of `cox_indexes`.
    """
    whole = counts is weights  # case weights may have other numbers of terms
    if times.entry is not None or not whole or not times.event.any() or not compiled.enabled():
        return _likelihoods_by_passes(linear, times, weights, ties, counts, refit)
    from vertebrisk.kernels.compiled.rowwise import fit_narrow

    one = np.ones((linear.shape[0], 1))
    sets, efron = RiskSets.of(times), ties == "efron"
    columns, use, nowhere = linear[:, :, None], one > 0.0, np.empty(0)
    fits = fit_narrow(sets, columns, weights, use, one, efron=efron, until=nowhere, search=refit)
    null, own, best = fits.likelihoods.T
    slope = fits.beta[:, 0] if refit else one[:, 0]
    found = np.stack([null, own, slope, best if refit else own])
    odd = np.flatnonzero(~fits.regular)
    if odd.size:
        part = weights[odd]
        found[:, odd] = _likelihoods_by_passes(linear[odd], times, part, ties, part, refit)
    return found


def _likelihoods_by_passes(
    linear: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    ties: Ties,
    counts: FloatArray,
    refit: bool,
) -> FloatArray:
    sums = PartialSums.of(linear, times, weights, ties=ties, counts=counts)
    own = sums.log_likelihood()
    null = sums.at(np.zeros((1, linear.shape[1]))).log_likelihood()
    slope, best = np.ones(linear.shape[0]), own
    if refit:
        slope, _ = calibration_slopes(linear, times, weights, ties=ties)
        best = sums.at(np.where(np.isfinite(slope), slope, 0.0)[:, None] * linear).log_likelihood()
    return np.stack([null, own, slope, best])


def _ranking(
    linear: FloatArray, times: SurvivalTimes, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Harrell's C, Gini's mean difference and extent of each linear predictor."""
    plain = times.strata is None and times.entry is None and times.event.any()
    if plain and compiled.enabled():
        from vertebrisk.kernels.compiled.ordered import rankings

        pairs, difference, extent = rankings(RiskSets.of(times), linear, weights, SAME)
        return PairCounts(*pairs).index, difference, extent
    counts = concordance_batch(times, linear, weights, tolerance=SAME)
    return counts.index, gini(linear, weights), _spread(linear, weights)


def subdistribution_indexes(
    linear: FloatArray, exit: FloatArray, status: IntArray, weights: FloatArray, *, refit: bool
) -> dict[str, FloatArray]:
    """Indexes of each replicate of a Fine-Gray model, shape (replicates,) each.

    Parameters
    ----------
    linear : array, shape (replicates, n)
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    weights : array, shape (replicates, n)
        Frequencies.
    refit : bool
        False where the model was fitted to these very patients: slope 1. True elsewhere: that
        of a Fine-Gray model of the linear predictor.

    Returns
    -------
    dict
        c_index and dxy, who had the competing event counted as never having the event
        (Wolbers et al. 2009, doi:10.1097/EDE.0b013e3181a39056); slope; g (Gini's mean
        difference of the calibrated linear predictor). A constant linear predictor ranks
        nobody: 0, and slope 1. Nothing rests on the pseudo-likelihood.
    """
    never = never_after_competing(exit, status)
    area, difference, extent = _ranking(linear, never, weights)
    slope = np.ones(linear.shape[0])
    if refit:
        followed, gone = SurvivalTimes(exit, status == 1), status == 2
        slope, _ = calibration_slopes(
            linear, followed, weights, competing=gone if gone.any() else None, ties="breslow"
        )
    constant = extent <= SAME
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "c_index": area,
            "dxy": 2.0 * area - 1.0,
            "slope": slope,
            "g": np.abs(slope) * difference,
        }
    return {
        name: np.where(constant, NOTHING.get(name, 0.0), values) for name, values in found.items()
    }


def never_after_competing(exit: FloatArray, status: IntArray) -> SurvivalTimes:
    """Follow-up in which who had the competing event is known never to have the event."""
    return SurvivalTimes(np.where(status == 2, exit.max() + 1.0, exit), status == 1)


def _spread(linear: FloatArray, weights: FloatArray) -> FloatArray:
    present = weights > 0
    top = np.where(present, linear, -np.inf).max(axis=1)
    return np.asarray(top - np.where(present, linear, np.inf).min(axis=1))


def gini(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean absolute difference of two patients drawn without replacement, (replicates,).

    As ``Hmisc::GiniMd``, for weights that are frequencies.
    """
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    mass = np.take_along_axis(np.broadcast_to(weights, values.shape), order, axis=1)
    up_to = np.cumsum(mass, axis=1)
    total = up_to[:, -1]
    lead = 2.0 * up_to - mass - total[:, None]  # of the weight below over that above
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.einsum("rn,rn,rn->r", mass, ordered, lead)
        return np.asarray(sums / (total * (total - 1.0) / 2.0))
