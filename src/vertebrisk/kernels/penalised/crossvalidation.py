"""Cross-validation of penalised paths: how much to penalise, as cv.glmnet decides it.

Each fold is fitted at the very penalties of the whole data's path. ``cv.glmnet`` does so
when it is given ``lambda``; by default it fits each fold on a path of its own and draws
straight lines between the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels.patterns import Patterns
from vertebrisk.kernels.penalised.path import Mixture, Paths, cox_paths, logistic_paths
from vertebrisk.kernels.penalised.problems import CoxPenalised
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.kernels.tied import collapse_counts

LEAST_RISK = 1e-5  # risks are kept away from 0 and 1 by it where their deviance is taken


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """What cross-validation says of each step of each path.

    Attributes
    ----------
    mean : array, shape (replicates, steps)
        Deviance per patient (Cox: per event) or AUC, over the folds by their weight; NaN
        after the end of a path.
    error : array, shape (replicates, steps)
        Its standard error, from the spread over the folds.
    folds : int array, shape (replicates,)
        Folds that could be judged.
    lowest, one_error : int array, shape (replicates,)
        Step of the best mean; first step whose mean is within one standard error of it.
    usable : bool array, shape (replicates,)
        False where no fold could be judged; the steps are then 0, a model without
        predictors.
    """

    mean: FloatArray
    error: FloatArray
    folds: IntArray
    lowest: IntArray
    one_error: IntArray
    usable: BoolArray


def cross_validated_logistic(
    patterns: Patterns,
    event: FloatArray,
    weights: FloatArray,
    fold: IntArray,
    mixture: Mixture,
    paths: Paths,
    measure: str = "deviance",
) -> CrossValidated:
    """Cross-validate paths of penalised logistic regression.

    Parameters
    ----------
    patterns : Patterns
        Distinct rows of the columns.
    event : array, shape (n,)
    weights : array, shape (replicates, n)
    fold : int array, shape (replicates, n)
        From `fold_numbers`, or as given; -1 for none.
    mixture : Mixture
    paths : Paths
        Of the whole data, by `logistic_paths`.
    measure : {"deviance", "auc"}
    """
    number = int(fold.max()) + 1
    held = _held_out(weights, fold, number)
    train = np.repeat(weights, number, axis=0) - held
    count, events = patterns.count(train, event)
    found = logistic_paths(patterns.rows, events, count, mixture, _levels(paths, number))
    size, ill = patterns.count(held, event)

    def judged(step: int) -> FloatArray:
        eta = found.beta[:, step, :1] + found.beta[:, step, 1:] @ patterns.rows.T
        return _area(eta, size, ill) if measure == "auc" else _deviance(eta, size, ill)

    usable = (size.sum(axis=1) > 0) & (found.length > 0)
    sign = -1.0 if measure == "auc" else 1.0
    return _summed(judged, size.sum(axis=1), usable, paths, number, sign)


def cross_validated_cox(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    fold: IntArray,
    mixture: Mixture,
    paths: Paths,
    *,
    ties: Ties = "breslow",
    counts: FloatArray | None = None,
) -> CrossValidated:
    """Cross-validate paths of penalised Cox regression.

    A fold's deviance is what its patients add to that of all others (van Houwelingen et
    al. 2006, doi:10.1002/sim.2353), so that small folds need no risk sets of their own.
    `counts`, shape (replicates, n), says how many rows stand behind each weight.
    """
    number = int(fold.max()) + 1
    behind = weights if counts is None else counts
    held = _held_out(weights, fold, number)
    whole = np.repeat(weights, number, axis=0)
    all_rows = np.repeat(behind, number, axis=0)
    kept = all_rows - _held_out(behind, fold, number)
    levels = _levels(paths, number)
    found = cox_paths(columns, times, whole - held, mixture, levels, ties=ties, counts=kept)
    size = held @ times.event.astype(np.float64)
    usable = (size > 0) & (found.length > 0)
    if not usable.any():
        return _summed(lambda _: size, size, usable, paths, number, 1.0)
    everyone = CoxPenalised.of(columns, times, whole, ties, all_rows)
    others = CoxPenalised.of(columns, times, whole - held, ties, kept)

    def judged(step: int) -> FloatArray:
        eta = everyone.eta(found.beta[:, step])
        full = everyone.best - everyone.value(eta)
        part = others.best - others.value(others.eta(found.beta[:, step]))
        return 2.0 * (full - part) / np.where(size > 0, size, 1.0)

    return _summed(judged, size, usable, paths, number, 1.0)


def _held_out(weights: FloatArray, fold: IntArray, number: int) -> FloatArray:
    """Weights of each fold of each replicate alone, shape (replicates * folds, n)."""
    inside = fold[:, None, :] == np.arange(number)[None, :, None]
    return np.asarray((weights[:, None, :] * inside).reshape(-1, weights.shape[1]))


def _levels(paths: Paths, number: int) -> FloatArray:
    """Penalties of each fold: those of its path, its last one after its end."""
    last = np.maximum(paths.length - 1, 0)
    end = paths.penalty[np.arange(last.size), last]
    level = np.where(np.isnan(paths.penalty), end[:, None], paths.penalty)
    return np.repeat(np.where(np.isnan(level), 1.0, level), number, axis=0)


def _deviance(eta: FloatArray, size: FloatArray, events: FloatArray) -> FloatArray:
    risk = np.clip(1.0 / (1.0 + np.exp(-np.clip(eta, -40, 40))), LEAST_RISK, 1.0 - LEAST_RISK)
    lost = -2.0 * (events * np.log(risk) + (size - events) * np.log1p(-risk))
    total = size.sum(axis=1)
    return np.asarray(lost.sum(axis=1) / np.where(total > 0, total, 1.0))


def _area(eta: FloatArray, size: FloatArray, events: FloatArray) -> FloatArray:
    return auc_batch(collapse_counts(eta, size, events, 0.0))


def _summed(
    judged: Callable[[int], FloatArray],
    size: FloatArray,
    usable: BoolArray,
    paths: Paths,
    number: int,
    sign: float,
) -> CrossValidated:
    """Means over the folds, their errors, and the steps that they choose."""
    replicates, steps = paths.penalty.shape
    mean = np.full((replicates, steps), np.nan)
    error = np.full((replicates, steps), np.nan)
    folds = np.zeros(replicates, dtype=np.int64)
    for step in range(int(paths.length.max(initial=0))):
        each = judged(step)
        known = usable & np.isfinite(each)
        mass = np.where(known, size, 0.0).reshape(replicates, number)
        total = mass.sum(axis=1, keepdims=True)
        share = mass / np.where(total > 0, total, 1.0)
        value = np.where(known, each, 0.0).reshape(replicates, number)
        centre = np.sum(share * value, axis=1)
        spread = np.sum(share * (value - centre[:, None]) ** 2, axis=1)
        folds = (mass > 0).sum(axis=1)
        going = (step < paths.length) & (folds > 1)
        mean[going, step] = centre[going]
        error[going, step] = np.sqrt(spread / np.maximum(folds - 1, 1))[going]
    lowest, one_error = _chosen(sign * mean, error)
    return CrossValidated(mean, error, folds, lowest, one_error, np.isfinite(mean[:, 0]))


def _chosen(loss: FloatArray, error: FloatArray) -> tuple[IntArray, IntArray]:
    """First step of the least loss, and first step within one standard error of it."""
    loss = np.where(np.isnan(loss), np.inf, loss)
    lowest = loss.argmin(axis=1)
    rows = np.arange(lowest.size)
    limit = loss[rows, lowest] + np.nan_to_num(error[rows, lowest])
    return lowest, np.argmax(loss <= limit[:, None], axis=1)
