"""The ways to update a logistic model, and the closed test that chooses between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import polars as pl
from scipy.special import expit, logit

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Factor, Term
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch, log_likelihood
from vertebrisk.models.preparing import dependent_terms
from vertebrisk.models.separation import find_separation
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.text.plurals import counted

Method = Literal[
    "none",
    "in-the-large",
    "baseline",
    "recalibration",
    "extension",
    "revision",
    "revised-extension",
]
EXTENDING: tuple[Method, ...] = ("extension", "revised-extension")
REVISING: tuple[Method, ...] = ("revision", "revised-extension")  # nothing of the original is left
ORIGINAL_RISK = "the original risk"
NEAR = 0.01  # log-odds within which Newton's method is safe
UPDATES = {
    "method": pl.String,
    "df": pl.Int64,
    "log_likelihood": pl.Float64,
    "lr_original": pl.Float64,
    "p_original": pl.Float64,
    "df_left": pl.Int64,
    "lr_left": pl.Float64,
    "p_left": pl.Float64,
    "chosen": pl.Boolean,
    "note": pl.String,
}


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """One way to update, as the new patients give it.

    Attributes
    ----------
    method : Method
    df : int
        Parameters that it estimates.
    log_likelihood : float
        In the new patients; NaN where it cannot be estimated.
    coefficients : array, shape (p + 1,) or (p + 1 + q,)
        Of the updated model, intercept first, those of an extension last.
    moved : array
        What was estimated beside the original linear predictor: intercept, slope, and the
        coefficients of an extension; empty where nothing of the original is left.
    inverse : array
        Inverse information of what was estimated.
    reason : str
        Why it cannot be estimated; empty where it can.
    shrinkage : float or None
        Share of the way from the recalibrated model that was gone; None without shrinkage.
    """

    method: Method
    df: int
    log_likelihood: float
    coefficients: FloatArray
    moved: FloatArray
    inverse: FloatArray
    reason: str = ""
    shrinkage: float | None = None


def estimates(original: FloatArray, patients: NewPatients) -> dict[Method, Estimate]:
    """Every way to update; `original` holds intercept and coefficients, shape (p + 1,)."""
    linear = patients.columns @ original
    found = [
        _unchanged(original, linear, patients),
        _in_the_large(original, linear, patients),
        _recalibrated(original, linear, patients),
        _revised("revision", patients),
    ]
    if patients.added.shape[1]:
        found.insert(3, _extended(original, linear, patients))
        found.append(_revised("revised-extension", patients))
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
        return impossible("recalibration", 2, "the original risk is the same in all patients")
    if not fits.converged[0]:
        return impossible(
            "recalibration", 2, "the original risks separate patients with and without the outcome"
        )
    moved = fits.beta[0]
    coefficients = moved[1] * original
    coefficients[0] += moved[0]
    return _estimated("recalibration", fits, coefficients, moved)


def _extended(original: FloatArray, linear: FloatArray, patients: NewPatients) -> Estimate:
    """Intercept and slope of the original linear predictor, and the new predictors beside it."""
    columns = np.column_stack([np.ones(patients.n), linear, patients.added])
    design = beside_original(patients.design, patients.added_terms)
    reason = _few(columns.shape[1], patients) or _not_estimable(design, columns, patients)
    if reason:
        return impossible("extension", columns.shape[1], reason)
    fits = _fitted(columns, patients)
    if not fits.converged[0]:
        return impossible("extension", columns.shape[1], "no finite estimate was found")
    moved = fits.beta[0]
    coefficients = np.concatenate([moved[1] * original, moved[2:]])
    coefficients[0] += moved[0]
    return _estimated("extension", fits, coefficients, moved)


def _revised(method: Method, patients: NewPatients) -> Estimate:
    columns = patients.whole if method in EXTENDING else patients.columns
    df = columns.shape[1]
    design = anew(method, patients.design, patients.added_terms)
    reason = _not_estimable(design, columns, patients)
    if method in EXTENDING:
        reason = _few(df, patients) or reason
    if reason:
        return impossible(method, df, reason)
    fits = _fitted(columns, patients)
    if not fits.converged[0]:
        return impossible(method, df, "no finite estimate was found")
    return _estimated(method, fits, fits.beta[0], np.empty(0))


def beside_original(design: Design, added: int) -> Design:
    """The original risk as one term, and the last terms, which extend the model."""
    risk = Term((Factor(ORIGINAL_RISK, "plain"),))
    return replace(design, terms=(risk, *design.terms[-added:]))


def anew(method: Method, design: Design, added: int) -> Design:
    """The terms that a revision estimates; the last ones extend the model."""
    terms = design.terms if method in EXTENDING else design.terms[: len(design.terms) - added]
    return replace(design, terms=terms)


def _few(parameters: int, patients: NewPatients) -> str:
    """Why nothing is extended: fewer events, or non-events, than parameters."""
    smaller, noun = patients.smaller
    if smaller >= parameters:
        return ""
    return f"it has {parameters} parameters for {counted(smaller, noun)}"


def _not_estimable(design: Design, columns: FloatArray, patients: NewPatients) -> str:
    matrix = columns[:, 1:]
    if matrix.shape[1] + 1 >= patients.n:
        return f"it has {matrix.shape[1] + 1} parameters for {patients.n} patients"
    reason = indistinct(design, matrix)
    if reason:
        return reason
    separation = find_separation(design, matrix, patients.event)
    if separation is not None:
        return f"{separation.text} patients with and without the outcome"
    return ""


def indistinct(design: Design, matrix: FloatArray) -> str:
    """Why columns have no unique coefficients; empty where they have."""
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
    return ""


def drawn_in(found: Mapping[Method, Estimate], method: Method) -> Estimate:
    """A revision or extension drawn towards the recalibrated model.

    Of the way from the recalibrated coefficients (0 for new predictors) the share
    1 - df / LR is gone, with the likelihood ratio LR and its df against the recalibration.
    """
    each, near = found[method], found["recalibration"]
    gained = ratio(each.log_likelihood, near.log_likelihood)
    share = max(1.0 - (each.df - near.df) / gained, 0.0) if gained > 0.0 else 0.0
    coefficients, moved = (
        share * whole + (1.0 - share) * np.pad(part, (0, max(whole.size - part.size, 0)))
        for whole, part in (
            (each.coefficients, near.coefficients),
            (each.moved, near.moved[: each.moved.size]),
        )
    )
    nothing = np.empty((0, 0))
    return replace(each, coefficients=coefficients, moved=moved, inverse=nothing, shrinkage=share)


def levelled(each: Estimate, patients: NewPatients) -> Estimate:
    """The estimate with the intercept by which its mean risk is that of the patients."""
    columns = patients.whole if each.method in EXTENDING else patients.columns
    linear = columns[:, 1:] @ each.coefficients[1:]
    centre = _levelling(linear, patients.n_events / patients.n)
    fits = _fitted(np.ones((patients.n, 1)), patients, linear + centre)
    level = centre + float(fits.beta[0, 0])
    coefficients, moved = each.coefficients.copy(), each.moved.copy()
    moved[:1] += level - coefficients[0]
    coefficients[0] = level
    return replace(each, coefficients=coefficients, moved=moved)


def _fitted(
    columns: FloatArray, patients: NewPatients, offset: FloatArray | None = None
) -> LogisticFits:
    return fit_logistic_batch(columns, patients.event, np.ones((1, patients.n)), offset)


def _estimated(
    method: Method, fits: LogisticFits, coefficients: FloatArray, moved: FloatArray
) -> Estimate:
    likelihood = float(fits.log_likelihood[0])
    df = fits.beta.shape[1]
    return Estimate(method, df, likelihood, coefficients, moved, fits.covariance())


def impossible(method: Method, df: int, reason: str) -> Estimate:
    """A way that cannot be gone in these patients, and why."""
    return Estimate(method, df, np.nan, np.empty(0), np.empty(0), np.empty((0, 0)), reason)


def closed_test(table: pl.DataFrame, alpha: float) -> Method:
    """The least change that is not rejected in favour of the most, which is the last row.

    What cannot be estimated is passed over; with as many parameters as the most there is
    nothing to reject.
    """
    rows = table.select("method", "log_likelihood", "p_left").rows()
    for method, likelihood, p_value in rows[:-1]:
        if likelihood is not None and (p_value is None or p_value >= alpha):
            return as_known(method)
    return as_known(rows[-1][0])


def as_known(name: str) -> Method:
    """A method by its name."""
    return next(each for each in get_args(Method) if each == name)


def tests_table(found: Mapping[Method, Estimate]) -> pl.DataFrame:
    """Likelihood-ratio tests of every way against the original model and against the most."""
    ways = list(found.values())
    rows = [_row(each, ways[0], ways[-1]) for each in ways]
    return pl.DataFrame(rows, schema=UPDATES, orient="row").fill_nan(None)


def _row(each: Estimate, original: Estimate, most: Estimate) -> Sequence[object]:
    left = most.df - each.df
    gained = ratio(each.log_likelihood, original.log_likelihood)
    lost = ratio(most.log_likelihood, each.log_likelihood)
    return (
        each.method,
        each.df,
        each.log_likelihood,
        gained,
        _p_value(gained, each.df - original.df),
        left,
        lost,
        _p_value(lost, left),
        False,
        each.reason,
    )


def ratio(larger: float, smaller: float) -> float:
    """The likelihood ratio of nested models; NaN where one of them is not estimated."""
    difference = 2.0 * (larger - smaller)
    return difference if np.isnan(difference) else max(difference, 0.0)


def _p_value(statistic: float, df: int) -> float:
    return float(chi2_upper(statistic, df)) if df > 0 and np.isfinite(statistic) else np.nan
