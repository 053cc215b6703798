"""The ways to update a logistic model, and the closed test that chooses between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import expit, logit

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch, log_likelihood
from vertebrisk.models.preparing import dependent_terms
from vertebrisk.models.separation import find_separation
from vertebrisk.models.updating.patients import NewPatients

Method = Literal["none", "in-the-large", "baseline", "recalibration", "revision"]
# Of a logistic model, from least to most.
METHODS: tuple[Method, ...] = ("none", "in-the-large", "recalibration", "revision")
NEAR = 0.01  # log-odds within which Newton's method is safe
UPDATES = {
    "method": pl.String,
    "df": pl.Int64,
    "log_likelihood": pl.Float64,
    "lr_original": pl.Float64,
    "p_original": pl.Float64,
    "df_left": pl.Int64,
    "lr_revision": pl.Float64,
    "p_revision": pl.Float64,
    "chosen": pl.Boolean,
    "note": pl.String,
}


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """One way to update, as the new patients give it.

    Attributes
    ----------
    method : {"none", "in-the-large", "recalibration", "revision"}
    df : int
        Parameters that it estimates.
    log_likelihood : float
        In the new patients; NaN where it cannot be estimated.
    coefficients : array, shape (p + 1,)
        Of the updated model, intercept first.
    moved : array
        Intercept, or intercept and slope, put upon the original linear predictor; empty
        otherwise.
    inverse : array
        Inverse information of what was estimated.
    reason : str
        Why it cannot be estimated; empty where it can.
    """

    method: Method
    df: int
    log_likelihood: float
    coefficients: FloatArray
    moved: FloatArray
    inverse: FloatArray
    reason: str = ""


def estimates(
    original: FloatArray, design: Design, patients: NewPatients
) -> dict[Method, Estimate]:
    """Every way to update; `original` holds intercept and coefficients, shape (p + 1,)."""
    linear = patients.columns @ original
    found = (
        _unchanged(original, linear, patients),
        _in_the_large(original, linear, patients),
        _recalibrated(original, linear, patients),
        _revised(design, patients),
    )
    return {each.method: each for each in found}


def _unchanged(original: FloatArray, linear: FloatArray, patients: NewPatients) -> Estimate:
    loss = float(log_likelihood(linear, patients.event, np.ones(patients.n)))
    return Estimate("none", 0, loss, original, np.empty(0), np.empty((0, 0)))


def _in_the_large(original: FloatArray, linear: FloatArray, patients: NewPatients) -> Estimate:
    centre = _levelling(linear, patients.n_events / patients.n)
    fits = _fitted(np.ones((patients.n, 1)), patients, linear + centre)
    moved = fits.beta[0] + centre
    coefficients = original.copy()
    coefficients[0] += moved[0]
    return _estimated("in-the-large", fits, coefficients, moved)


def _levelling(linear: FloatArray, share: float) -> float:
    """What makes the mean risk about this share; Newton's method needs to begin near it."""
    odds = float(logit(share))
    low, high = odds - float(linear.max()), odds - float(linear.min())
    while high - low > NEAR:
        middle = 0.5 * (low + high)
        if expit(linear + middle).mean() < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _recalibrated(original: FloatArray, linear: FloatArray, patients: NewPatients) -> Estimate:
    fits = _fitted(np.column_stack([np.ones(patients.n), linear]), patients)
    if fits.deficient[0]:
        return _impossible("recalibration", 2, "the original risk is the same in all patients")
    if not fits.converged[0]:
        return _impossible(
            "recalibration", 2, "the original risks separate patients with and without the outcome"
        )
    moved = fits.beta[0]
    coefficients = moved[1] * original
    coefficients[0] += moved[0]
    return _estimated("recalibration", fits, coefficients, moved)


def _revised(design: Design, patients: NewPatients) -> Estimate:
    df = patients.columns.shape[1]
    reason = _not_revisable(design, patients)
    if reason:
        return _impossible("revision", df, reason)
    fits = _fitted(patients.columns, patients)
    if not fits.converged[0]:
        return _impossible("revision", df, "no finite estimate was found")
    return _estimated("revision", fits, fits.beta[0], np.empty(0))


def _not_revisable(design: Design, patients: NewPatients) -> str:
    matrix = patients.columns[:, 1:]
    if matrix.shape[1] + 1 >= patients.n:
        return f"it has {matrix.shape[1] + 1} parameters for {patients.n} patients"
    constant = [
        f"{column.term} = {column.level}" if column.level else column.term
        for column, values in zip(design.columns, matrix.T, strict=True)
        if np.ptp(values) == 0.0
    ]
    if constant:
        return f"{listed(constant)} is the same in all patients"
    repeated = dependent_terms(design, matrix)
    if repeated:
        return f"{listed(repeated)} cannot be told apart from the predictors before"
    separation = find_separation(design, matrix, patients.event)
    if separation is not None:
        return f"{separation.text} patients with and without the outcome"
    return ""


def _fitted(
    columns: FloatArray, patients: NewPatients, offset: FloatArray | None = None
) -> LogisticFits:
    return fit_logistic_batch(columns, patients.event, np.ones((1, patients.n)), offset)


def _estimated(
    method: Method, fits: LogisticFits, coefficients: FloatArray, moved: FloatArray
) -> Estimate:
    return Estimate(
        method,
        fits.beta.shape[1],
        float(fits.log_likelihood[0]),
        coefficients,
        moved,
        fits.covariance(),
    )


def _impossible(method: Method, df: int, reason: str) -> Estimate:
    return Estimate(method, df, np.nan, np.empty(0), np.empty(0), np.empty((0, 0)), reason)


def closed_test(table: pl.DataFrame, alpha: float) -> Method:
    """The least change that is not rejected in favour of the revision.

    What cannot be estimated is passed over; with as many parameters as the revision there is
    nothing to reject.
    """
    p_values = dict(zip(table["method"], table["p_revision"], strict=True))
    estimated = dict(zip(table["method"], table["log_likelihood"].is_not_null(), strict=True))
    for method in METHODS[:-1]:
        p_value = p_values[method]
        if estimated[method] and (p_value is None or p_value >= alpha):
            return method
    return "revision"


def tests_table(found: Mapping[Method, Estimate]) -> pl.DataFrame:
    """Likelihood-ratio tests of every way against the original model and against the revision."""
    rows = [_row(found[method], found["none"], found["revision"]) for method in METHODS]
    return pl.DataFrame(rows, schema=UPDATES, orient="row").fill_nan(None)


def _row(each: Estimate, original: Estimate, revision: Estimate) -> Sequence[object]:
    left = revision.df - each.df
    gained = _ratio(each, original)
    lost = _ratio(revision, each)
    return (
        each.method,
        each.df,
        each.log_likelihood,
        gained,
        _p_value(gained, each.df),
        left,
        lost,
        _p_value(lost, left),
        False,
        each.reason,
    )


def _ratio(larger: Estimate, smaller: Estimate) -> float:
    difference = 2.0 * (larger.log_likelihood - smaller.log_likelihood)
    return difference if np.isnan(difference) else max(difference, 0.0)


def _p_value(statistic: float, df: int) -> float:
    return float(chi2_upper(statistic, df)) if df > 0 and np.isfinite(statistic) else np.nan
