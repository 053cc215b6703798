"""Fitted ridge, lasso and elastic net models: frozen values, like any other fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, PenalisedEstimator
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models import inference
from vertebrisk.models.fitted import Fitted
from vertebrisk.models.likelihoods import PartialLikelihood
from vertebrisk.models.logistic.fit import FitSummary, LogisticFit
from vertebrisk.models.penalised.likelihoods import PenalisedPartial
from vertebrisk.models.penalised.penalty import Shrinkage
from vertebrisk.models.penalised.reporting import (
    bare_coefficients,
    no_tests,
    procedure_coefficients,
    refused,
)
from vertebrisk.models.penalised.sampled import penalised_corrections
from vertebrisk.models.penalised.tuning import Tuning
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.inference import ResidualKind
from vertebrisk.models.survival.summary import CoxSummary
from vertebrisk.validation.results import Validation

NAN = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Penalised(Fitted):
    """What ridge, lasso and elastic net have beside the model.

    Attributes
    ----------
    shrinkage : Shrinkage
        Estimator and what was asked of the penalty.
    penalty : float
        glmnet's lambda that was used.
    tuning : Tuning
        The path and its cross-validation; frames by `path` and `cross_validation`.
    """

    shrinkage: Shrinkage
    penalty: float
    tuning: Tuning

    @property
    def estimator(self) -> PenalisedEstimator:
        """Which penalty."""
        return self.shrinkage.estimator

    def path(self) -> pl.DataFrame:
        """Coefficients along the path of penalties; see `Tuning.path`."""
        return self.tuning.path()

    def cross_validation(self) -> pl.DataFrame:
        """How well each step of the path predicts; see `Tuning.cross_validation`."""
        return self.tuning.cross_validation()

    def information_criteria(self) -> pl.DataFrame:
        """What each step of the path costs and gains; see `Tuning.information_criteria`."""
        return self.tuning.information_criteria()

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients, those that are zero left out.

        An intercept comes first where there is one. std_error, statistic, p_value, conf_low
        and conf_high are null.
        """
        names = [(column.term, column.level) for column in self.design.columns]
        return bare_coefficients(names, self.beta, level)

    def bootstrap_coefficients(self, validation: Validation, level: float = 0.95) -> pl.DataFrame:
        """Coefficients with the spread of the whole procedure over the resamples.

        The limits are percentiles of what each resample's model says for patients described
        by the final predictors. They show how much the procedure varies; they are no
        intervals for effects, since every resample is shrunken too.

        Parameters
        ----------
        validation : Validation
            Of this fit, by `validate`.
        level : float
        """
        table = self.coefficients(level)
        return procedure_coefficients(table, validation, level, table.height)

    def term_tests(self) -> pl.DataFrame:
        """The columns of any fit's tests, all null but term and df."""
        return no_tests(self.design)

    def anova(self) -> pl.DataFrame:
        """There are none: raises ArgumentError."""
        raise refused("Wald tests")

    def vif(self) -> pl.DataFrame:
        """Empty: a penalty bears collinear predictors."""
        return inference.variance_inflation(self.design.keep(()), self.cov)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PenalisedLogisticFit(Penalised, LogisticFit):
    """Ridge, lasso or elastic net logistic regression, with everything needed to repeat it.

    Made by `fit_logistic` with such an estimator. Coefficients are those of R's ``glmnet``.
    They are biased on purpose, so they have no standard errors, tests or Wald intervals;
    `covariance_kind` is "none". Validation repeats the cross-validation of the penalty in
    every resample, and the interval of a risk comes from its draws.
    """

    @cached_property
    def linear_predictor(self) -> FloatArray:
        """Log-odds of each row that was used; equal rows have equal values to the bit."""
        return self.intercept + _linear(self.matrix, self.beta)

    def coefficients(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """Coefficients on the log-odds scale, intercept first, those that are zero left out.

        std_error, statistic, p_value, conf_low and conf_high are null.
        """
        if intervals not in (None, "none"):
            raise refused(f"{intervals} intervals")
        names = [
            (inference.INTERCEPT, ""),
            *((each.term, each.level) for each in self.design.columns),
        ]
        return bare_coefficients(names, np.concatenate([[self.intercept], self.beta]), level)

    def odds_ratios(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """Odds ratios; the same columns as `coefficients`, without the intercept."""
        table = self.coefficients(level, intervals).slice(1)
        return table.with_columns(pl.col("estimate").exp())

    def profile_intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """There are none: raises ArgumentError."""
        raise refused("profile-likelihood intervals")

    def _corrections(self, level: float) -> pl.DataFrame:
        """Both corrections under the same penalty, without errors."""
        return penalised_corrections(self, level)

    def summary(self) -> FitSummary:
        """The fit in one row; p_value, aic and bic are NaN, `df` counts coefficients not zero."""
        nonzero = int(np.count_nonzero(self.beta))
        apparent = self.apparent.measures
        return FitSummary(
            n=self.n,
            n_events=self.n_events,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            lr_statistic=NAN,
            df=nonzero,
            p_value=NAN,
            aic=NAN,
            bic=NAN,
            c_index=apparent["c_index"],
            dxy=apparent["dxy"],
            r2=apparent["r2"],
            brier=apparent["brier"],
        )

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients.

        Its interval comes from the draws of `validate`; until then it has none.
        """
        return _bare(super().model, self.estimator)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PenalisedCoxFit(Penalised, CoxFit):
    """Ridge, lasso or elastic net Cox regression; see `PenalisedLogisticFit`.

    Made by `fit_cox` with such an estimator; ties are Breslow's unless asked otherwise, as in
    ``glmnet``. The baseline hazard is that of the shrunken coefficients.
    """

    @property
    def likelihood(self) -> PartialLikelihood:
        """Times, treatment of ties and case weights."""
        assert isinstance(self.development.likelihood, PenalisedPartial)
        return self.development.likelihood.plain

    @cached_property
    def linear_predictor(self) -> FloatArray:
        """Log hazard ratio of each row against covariates of zero; equal rows agree to the bit."""
        return _linear(self.matrix, self.beta)

    def summary(self) -> CoxSummary:
        """The fit in one row; tests, aic and bic are NaN, `df` counts coefficients not zero."""
        gain = 2.0 * (self.log_likelihood - self.null_log_likelihood)
        largest = 1.0 - np.exp(2.0 * self.null_log_likelihood / self.n)
        return CoxSummary(
            n=self.n,
            n_events=self.n_events,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            lr_statistic=NAN,
            df=int(np.count_nonzero(self.beta)),
            p_value=NAN,
            wald_statistic=NAN,
            wald_p_value=NAN,
            score_statistic=NAN,
            score_p_value=NAN,
            aic=NAN,
            bic=NAN,
            c_index=self.concordance,
            dxy=2.0 * self.concordance - 1.0,
            r2=float((1.0 - np.exp(-gain / self.n)) / largest),
        )

    def proportional_hazards(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """There is no such test: raises ArgumentError."""
        raise refused("score test of proportional hazards")

    def schoenfeld(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """There are no scaled residuals: raises ArgumentError."""
        raise refused("covariance to scale residuals by")

    def residuals(self, kind: ResidualKind = "martingale") -> pl.DataFrame:
        """Martingale, deviance, score and Schoenfeld residuals; see `CoxFit.residuals`."""
        if kind in ("dfbeta", "scaled_schoenfeld"):
            raise refused("covariance to scale residuals by")
        return super().residuals(kind)

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients; without interval until `validate` gives draws."""
        return _bare(super().model, self.estimator)


def _linear(matrix: FloatArray, beta: FloatArray) -> FloatArray:
    patterns = find_patterns(matrix)
    return np.asarray((patterns.rows @ beta)[patterns.of])


def _bare(model: RiskModel, estimator: PenalisedEstimator) -> RiskModel:
    provenance = replace(model.provenance, estimator=estimator)
    return replace(model, covariance=None, interval_kind="none", provenance=provenance)
