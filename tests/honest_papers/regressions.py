"""Regression tables: maximum likelihood, Wald or profile intervals, Wald or ratio tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from tests.honest_papers.cohorts import Cohort, Column

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile, normal_two_sided
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes

_NEWTON = 20
_CLOSE = 1e-9
_FAR = 25.0  # of a limit, times the variable's SD: the profile is flat


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A fit and the rows that it was made of. Names are (variable, level), constant first.

    `spans` gives the columns of each variable. The Cox model has no constant.
    """

    names: tuple[tuple[str, str], ...]
    spans: dict[str, slice]
    design: FloatArray
    event: BoolArray
    time: FloatArray | None
    used: BoolArray
    beta: FloatArray
    covariance: FloatArray
    log_likelihood: float

    @property
    def errors(self) -> FloatArray:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def eta(self) -> FloatArray:
        """Linear predictor of the patients used."""
        return np.asarray(self.design @ self.beta)

    def wald_p(self) -> FloatArray:
        """P of every coefficient by Wald's test."""
        return normal_two_sided(self.beta / self.errors)

    def joint(self, variable: str) -> tuple[float, int]:
        """Wald chi-square of all levels of a variable, and its degrees of freedom."""
        span = self.spans[variable]
        beta, cov = self.beta[span], self.covariance[span, span]
        return float(beta @ np.linalg.solve(cov, beta)), beta.size

    def ratio_test(self, variable: str) -> float:
        """P of a variable by the likelihood-ratio test."""
        span = self.spans[variable]
        mask = np.ones((1, self.beta.size), np.bool_)
        mask[0, span] = False
        if self.time is None:
            without = fit_logistic_batch(
                self.design, self.event.astype(float), np.ones((1, self.event.size)), mask=mask
            ).log_likelihood[0]
        else:
            times = SurvivalTimes(self.time, self.event)
            without = fit_cox_batch(self.design, times, mask=mask).log_likelihood[0]
        statistic = max(0.0, 2.0 * (self.log_likelihood - float(without)))
        return float(chi2_upper(statistic, int(mask.size - mask.sum())))

    def wald_limits(self, quantile: float) -> FloatArray:
        """Limits of every coefficient, shape (p, 2)."""
        reach = quantile * self.errors
        return np.column_stack([self.beta - reach, self.beta + reach])

    def profile_limits(self, level: float) -> FloatArray | None:
        """Limits by the profile likelihood, of a logistic model; None where one is infinite.

        Shape (p, 2). Those of the constant are Wald's.
        """
        size = self.beta.size
        wanted = float(normal_quantile(0.5 + level / 2)) ** 2
        wald = self.wald_limits(np.sqrt(wanted))
        column = np.tile(np.arange(1, size), 2)
        at = wald[1:].T.ravel()
        mask = np.ones((column.size, size), np.bool_)
        mask[np.arange(column.size), column] = False
        target = self.event.astype(float)
        weights = np.ones((column.size, self.event.size))
        moved = (self.design - self.design.mean(axis=0))[:, column].T  # the constant takes it up
        spread = moved.std(axis=1)
        for _ in range(_NEWTON):
            if (np.abs(at) * spread > _FAR).any():
                return None
            offset = at[:, None] * moved
            fits = fit_logistic_batch(self.design, target, weights, offset=offset, mask=mask)
            eta = offset + fits.beta @ self.design.T
            residual = target - 1.0 / (1.0 + np.exp(-np.clip(eta, -500, 500)))
            score = np.sum(moved * residual, axis=1)
            excess = 2.0 * (self.log_likelihood - fits.log_likelihood) - wanted
            if not np.isfinite(excess).all() or (np.abs(score) < 1e-8).any():
                return None
            if np.abs(excess).max() < _CLOSE:
                return np.vstack([wald[:1], at.reshape(2, size - 1).T])
            at = at + excess / (2.0 * score)
        return None


def fit(cohort: Cohort, columns: list[Column]) -> Regression | None:
    """The maximum-likelihood fit of some variables; None where there is none that is finite."""
    used = np.all([column.known for column in columns], axis=0)
    event = cohort.event[used]
    names: list[tuple[str, str]] = [] if cohort.time is not None else [("constant", "")]
    parts = [] if cohort.time is not None else [np.ones(event.size)]
    spans = {}
    for column in columns:
        first = len(names)
        values = column.values[used]
        if column.kind == "levels":
            present = [code for code in range(len(column.levels)) if (values == code).any()]
            if present[:1] != [0] or len(present) < len(column.levels):
                return None
            for code, level in enumerate(column.levels[1:], start=1):
                names.append((column.name, level))
                parts.append((values == code).astype(float))
        else:
            names.append((column.name, ""))
            parts.append(values)
        spans[column.name] = slice(first, len(names))
    design = np.column_stack(parts)
    if event.sum() < 3 or (~event).sum() < 3:
        return None
    time = None if cohort.time is None else cohort.time[used]
    if time is None:
        fits = fit_logistic_batch(design, event.astype(float), np.ones((1, event.size)))
    else:
        fits = fit_cox_batch(design, SurvivalTimes(time, event))  # type: ignore[assignment]
    if not fits.converged[0] or bool(fits.deficient[0]):
        return None
    covariance = fits.covariance()
    if not (np.diag(covariance) > 0).all():
        return None
    return Regression(
        tuple(names), spans, design, event, time, used,
        fits.beta[0], covariance, float(fits.log_likelihood[0]),
    )  # fmt: skip


def firth(fitted: Regression) -> Regression:
    """The same logistic model by Firth's penalised likelihood; its tests are Wald's."""
    design, beta = fitted.design, fitted.beta
    covariance = fitted.covariance
    for _ in range(_NEWTON):
        risk = 1.0 / (1.0 + np.exp(-(design @ beta)))
        weight = risk * (1.0 - risk)
        covariance = np.asarray(np.linalg.inv(design.T @ (weight[:, None] * design)), np.float64)
        leverage = weight * np.einsum("ij,jk,ik->i", design, covariance, design)
        step = covariance @ (design.T @ (fitted.event - risk + leverage * (0.5 - risk)))
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            break
    return replace(fitted, beta=beta, covariance=covariance)
