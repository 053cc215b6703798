"""A logistic model by Firth's penalised likelihood: a frozen value, like any other fit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, MeanRisk
from vertebrisk.engines.threads import one_thread
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile
from vertebrisk.kernels.newton import log_likelihood
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.firth.inference import PenalisedInference
from vertebrisk.models.firth.likelihoods import FirthBinary
from vertebrisk.models.inference import with_ratio_tests
from vertebrisk.models.likelihoods import SubsetFits
from vertebrisk.models.logistic.fit import FitSummary, LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FirthLogisticFit(LogisticFit):
    """Firth's logistic regression, with everything needed to repeat it.

    Made by `fit_logistic` with `estimator="firth"`, or "auto" where the outcomes are separated.
    Coefficients are those of ``logistf`` and ``brglm2``; tests and limits are those of the
    profile penalised likelihood, since Wald's are poor where events are rare. The covariance
    is the inverse information at the estimate, after the mean risk was corrected.
    `log_likelihood` is that of the outcome, without the penalty.

    Attributes
    ----------
    mean_risk : {"flic", "flac", "uncorrected"}
        How the mean risk was made equal to the prevalence.
    penalised : PenalisedInference
        Tests and limits of the coefficients.
    """

    mean_risk: MeanRisk
    penalised: PenalisedInference

    @property
    def estimator(self) -> str:
        """Firth's."""
        return "firth"

    @property
    def named(self) -> str:
        """The estimator with its correction of the mean risk, as a model states it."""
        return f"firth ({self.mean_risk})"

    @one_thread()
    def coefficients(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """Coefficients on the log-odds scale, intercept first.

        Parameters
        ----------
        level : float
            Confidence level.
        intervals : {"profile", "wald"}, optional
            Profile penalised likelihood unless rows are clustered. Then the statistic is the
            signed root of the penalised likelihood ratio, and P is its chi-square's. FLIC's
            intercept, which that likelihood does not know, has Wald's test and limits.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (z), p_value, conf_low, conf_high.

        References
        ----------
        Heinze and Schemper 2002, doi:10.1002/sim.1047.
        """
        default = "profile" if self.covariance_kind == "model" else "wald"
        chosen = default if intervals is None else intervals
        table = super().coefficients(level, chosen)
        if chosen == "wald":
            return table
        held = np.eye(table.height, dtype=np.bool_)[1:]
        first = None if self.sampling is not None else self.penalised.intercept_gain()
        gains = [np.nan if first is None else first, *self.penalised.gains(held)]
        return with_ratio_tests(table, np.array(gains))

    def odds_ratios(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """See `LogisticFit.odds_ratios`; limits and tests as in `coefficients`."""
        return super().odds_ratios(level, intervals)

    def _limits(self, level: float) -> tuple[FloatArray, FloatArray]:
        low, high = (np.array(each) for each in self.penalised.limits(level))
        if np.isnan(low[0]):
            reach = float(normal_quantile(0.5 + level / 2.0)) * float(np.sqrt(self.cov[0, 0]))
            low[0], high[0] = self.intercept - reach, self.intercept + reach
        return low, high

    def _gain(self, part: slice) -> float | None:
        """Twice the penalised log-likelihood that is lost where some slopes are zero."""
        if self.covariance_kind != "model":
            return None
        held = np.zeros((1, self.beta.size + 1), dtype=np.bool_)
        held[0, part.start + 1 : part.stop + 1] = True
        return float(self.penalised.gains(held)[0])

    @one_thread()
    def summary(self) -> FitSummary:
        """The fit in one row; the likelihood ratio is the penalised one of all slopes."""
        gain = 0.0
        if self.beta.size:
            held = np.arange(self.beta.size + 1)[None] > 0
            gain = float(self.penalised.gains(held)[0])
        df = len(self.design.columns)
        p_value = float(chi2_upper(gain, df)) if df else 1.0
        return replace(super().summary(), lr_statistic=gain, p_value=p_value)

    def _corrections(self, level: float) -> pl.DataFrame:
        """Prior correction alone."""
        return self.coefficients(level).select(pl.lit("prior").alias("method"), pl.all())

    @cached_property
    def model(self) -> RiskModel:
        """See `LogisticFit.model`."""
        plain = super().model
        named = replace(plain.provenance, estimator=self.named)
        return replace(plain, provenance=named)


def firth_fit(fit: LogisticFit, asked: Firth, model: SubsetFits) -> FirthLogisticFit:
    """The fit of a model as one by Firth's method, with the likelihood of the outcome alone."""
    likelihood = fit.development.likelihood
    assert isinstance(likelihood, FirthBinary)
    values = {each.name: getattr(fit, each.name) for each in fields(LogisticFit)}
    eta = fit.intercept + fit.offset + fit.matrix @ fit.beta
    values["log_likelihood"] = float(log_likelihood(eta, fit.development.event, np.ones(fit.n)))
    values["penalised"] = PenalisedInference.of(likelihood, model)
    return FirthLogisticFit(**values, mean_risk=asked.mean_risk)
