"""Inference beyond the coefficient table: joint tests, profiles, diagnostics, clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.design.design import Design
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile, normal_two_sided
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.validation.goodness import grouped_counts

COEFFICIENT_SCHEMA = {
    "term": pl.String,
    "level": pl.String,
    "estimate": pl.Float64,
    "std_error": pl.Float64,
    "statistic": pl.Float64,
    "p_value": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
}
INTERCEPT = "(Intercept)"
PROFILE_TOLERANCE = 1e-10
PROFILE_STEPS = 100


def coefficient_table(
    names: Sequence[tuple[str, str]],
    estimate: FloatArray,
    covariance: FloatArray,
    level: float,
    limits: tuple[FloatArray, FloatArray] | None = None,
) -> pl.DataFrame:
    """Coefficients with Wald tests, and Wald's limits where no others are given.

    `names` holds term and level of each coefficient. What is known without error (the
    intercept of a model without predictors, where the prevalence is) has no test.
    """
    check_fraction(level, "level")
    error = np.sqrt(np.diag(covariance))
    statistic = np.divide(estimate, error, out=np.full_like(error, np.nan), where=error > 0)
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    low, high = (estimate - reach, estimate + reach) if limits is None else limits
    numbers = (estimate, error, statistic, normal_two_sided(statistic), low, high)
    columns: list[Sequence[str] | FloatArray] = [
        [term for term, _ in names],
        [name for _, name in names],
        *numbers,
    ]
    return pl.DataFrame(
        [
            pl.Series(name, values, dtype=dtype)
            for (name, dtype), values in zip(COEFFICIENT_SCHEMA.items(), columns, strict=True)
        ]
    )


def with_ratio_tests(table: pl.DataFrame, gains: FloatArray) -> pl.DataFrame:
    """The table with likelihood-ratio tests in place of Wald's, where `gains` has a number.

    The statistic is the signed root of the ratio.
    """
    known = np.isfinite(gains)
    ratio = np.where(known, gains, 0.0)
    root = np.sign(table["estimate"].to_numpy()) * np.sqrt(ratio)
    statistic = np.where(known, root, table["statistic"].to_numpy())
    p_value = np.where(known, chi2_upper(ratio, np.ones_like(ratio)), table["p_value"].to_numpy())
    tested = table.clone()
    for name, values in (("statistic", statistic), ("p_value", p_value)):
        tested.replace_column(table.get_column_index(name), pl.Series(name, values))
    return tested


def term_tests(
    design: Design,
    beta: FloatArray,
    covariance: FloatArray,
    gain: Callable[[slice], float | None],
) -> pl.DataFrame:
    """Joint Wald and likelihood-ratio tests of each term, from its columns' coefficients.

    `gain` gives twice the log-likelihood that is lost without some columns, or None where
    the likelihood is not that of the rows.
    """
    rows = []
    for name, part in design.slices.items():
        size = part.stop - part.start
        wald = float(beta[part] @ np.linalg.solve(covariance[part, part], beta[part]))
        lost = gain(part)
        rows.append(
            (
                name,
                size,
                wald,
                float(chi2_upper(wald, size)),
                lost,
                None if lost is None else float(chi2_upper(lost, size)),
            )
        )
    schema = {
        "term": pl.String,
        "df": pl.Int64,
        "wald": pl.Float64,
        "wald_p_value": pl.Float64,
        "lr_statistic": pl.Float64,
        "lr_p_value": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def profile_limits(
    matrix: FloatArray, event: FloatArray, level: float, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Limits at which the profile likelihood falls by half the chi-square quantile.

    Solved to 1e-10 by a safeguarded secant; a limit that does not exist is infinite.
    `weights`, shape (1, n), are frequencies, 1 by default.
    """
    columns = np.column_stack([np.ones(matrix.shape[0]), matrix])
    everyone = np.ones((1, event.size)) if weights is None else weights
    full = fit_logistic_batch(columns, event, everyone)
    errors = np.sqrt(np.diag(full.covariance()))
    z = float(normal_quantile(0.5 + level / 2.0))
    linear = columns @ full.beta[0]
    goal = float(full.log_likelihood[0]) - 0.5 * z * z
    limits = np.empty((2, columns.shape[1]))
    for index in range(columns.shape[1]):
        # the likelihood knows only the span of the other columns, so take a basis of it
        rest = np.linalg.qr(np.delete(columns, index, axis=1))[0] * np.sqrt(columns.shape[0])

        def excess(value: float, index: int = index, rest: FloatArray = rest) -> float:
            shifted = columns[:, index] * value
            start = rest.T @ (linear - shifted) / columns.shape[0]
            fit = fit_logistic_batch(rest, event, everyone, offset=shifted, start=start)
            return float(fit.log_likelihood[0]) - goal

        centre = float(full.beta[0, index])
        for side, sign in enumerate((-1.0, 1.0)):
            limits[side, index] = _crossing(excess, centre, sign * z * float(errors[index]))
    return limits[0], limits[1]


def _crossing(excess: Callable[[float], float], inside: float, reach: float) -> float:
    """Where `excess` falls to zero on the way from `inside` outwards."""
    outside = inside + reach
    for _ in range(20):
        if excess(outside) < 0.0:
            break
        outside += reach
    else:
        return float(np.copysign(np.inf, reach))
    low, high = inside, outside
    at_low, at_high = excess(low), excess(high)
    for _ in range(PROFILE_STEPS):
        guess = high - at_high * (high - low) / (at_high - at_low)
        value = excess(guess)
        if value * at_high > 0:
            at_low *= 0.5  # Illinois: keep the stale end from stalling the secant
        else:
            low, at_low = high, at_high
        high, at_high = guess, value
        if abs(value) < PROFILE_TOLERANCE or abs(high - low) < PROFILE_TOLERANCE:
            break
    return high


def variance_inflation(design: Design, covariance: FloatArray) -> pl.DataFrame:
    """Generalised variance inflation factors; see `LogisticFit.vif`."""
    schema = {"term": pl.String, "df": pl.Int64, "gvif": pl.Float64, "gvif_scaled": pl.Float64}
    if len(design.terms) < 2:
        return pl.DataFrame(schema=schema)
    error = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(error, error)
    whole = np.linalg.slogdet(correlation)[1]
    everything = np.arange(correlation.shape[0])
    rows = []
    for name, part in design.slices.items():
        inside = everything[part]
        outside = np.delete(everything, inside)
        blocks = [correlation[np.ix_(each, each)] for each in (inside, outside)]
        gvif = float(np.exp(sum(np.linalg.slogdet(block)[1] for block in blocks) - whole))
        rows.append((name, inside.size, gvif, gvif ** (1.0 / (2.0 * inside.size))))
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, slots=True)
class HosmerLemeshow:
    """Hosmer-Lemeshow statistic; `groups` can be fewer than asked when risks are tied."""

    statistic: float
    df: int
    p_value: float | None
    groups: int

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def hosmer_lemeshow(event: BoolArray, risk: FloatArray, groups: int) -> HosmerLemeshow:
    """Statistic over quantile groups; see `LogisticFit.hosmer_lemeshow`."""
    size, observed, expected = grouped_counts(event, risk, groups)
    statistic = float(np.sum((observed - expected) ** 2 / (expected * (1.0 - expected / size))))
    df = int(size.size) - 2
    p_value = float(chi2_upper(statistic, df)) if df > 0 else None
    return HosmerLemeshow(statistic, df, p_value, int(size.size))


def clustered_covariance(
    columns: FloatArray, residual: FloatArray, inverse: FloatArray, clusters: IntArray
) -> FloatArray:
    """Sandwich covariance over clusters, without small-sample factor, as ``rms::robcov``.

    Parameters
    ----------
    columns : array, shape (n, p)
        With the intercept.
    residual : array, shape (n,)
        Outcome less fitted risk.
    inverse : array, shape (p, p)
        Inverse information.
    clusters : int array, shape (n,)
        Codes from 0.
    """
    centre = columns.mean(axis=0)
    centre[0] = 0.0
    shift = np.eye(centre.size)
    shift[0] += centre  # to the intercept at the means, where no digits are lost
    scores = (columns - centre) * residual[:, None]
    totals = np.zeros((int(clusters.max()) + 1, columns.shape[1]))
    np.add.at(totals, clusters, scores)
    spread = shift @ inverse @ shift.T
    back = 2.0 * np.eye(centre.size) - shift
    return np.asarray(back @ (spread @ (totals.T @ totals) @ spread) @ back.T)
