"""A Cox model by Firth's penalised likelihood: a frozen value, like any other fit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._types import BoolArray, FloatArray, Intervals
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile
from vertebrisk.kernels.firth.cox import FirthProblem
from vertebrisk.kernels.firth.profiles import Peak, held_values, profile_limits
from vertebrisk.models.firth.likelihoods import FirthPartial
from vertebrisk.models.inference import coefficient_table, with_ratio_tests
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.summary import CoxSummary


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FirthCoxFit(CoxFit):
    """Firth's Cox regression, with everything needed to repeat it.

    Made by `fit_cox` with `estimator="firth"`, or "auto" where the likelihood is monotone. Tests
    and limits are those of the profile penalised likelihood, as in ``coxphf``; the covariance is
    the inverse information. `log_likelihood` and `null_log_likelihood` are without the penalty.
    The baseline hazard makes the events that are expected as many as those observed.
    """

    @property
    def estimator(self) -> str:
        """Firth's."""
        return "firth"

    @property
    def named(self) -> str:
        """The estimator as a model states it."""
        return self.estimator

    @property
    def penalised(self) -> FirthPartial:
        """The likelihood with its penalty."""
        assert isinstance(self.development.likelihood, FirthPartial)
        return self.development.likelihood

    @cached_property
    def penalised_log_likelihood(self) -> float:
        """At the estimate."""
        found = self.penalised.penalised(self.matrix, np.ones((1, self.n)))
        return float(found.fits.log_likelihood[0])

    def coefficients(self, level: float = 0.95, intervals: Intervals | None = None) -> pl.DataFrame:
        """Log hazard ratios.

        Parameters
        ----------
        level : float
            Confidence level.
        intervals : {"profile", "wald"}, optional
            Profile penalised likelihood unless errors are robust or clustered. Then the
            statistic is the signed root of the penalised likelihood ratio, and P is its
            chi-square's.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (z), p_value, conf_low, conf_high.

        References
        ----------
        Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x.
        """
        check_fraction(level, "level")
        if intervals is not None:
            check_choice(intervals, "intervals", Intervals)
        names = [(column.term, column.level) for column in self.design.columns]
        default = "profile" if self.covariance_kind == "model" else "wald"
        if (intervals or default) == "wald" or not names:
            return coefficient_table(names, self.beta, self.cov, level)
        table = coefficient_table(names, self.beta, self.cov, level, self.profile_intervals(level))
        return with_ratio_tests(table, self.gains(np.eye(self.beta.size, dtype=np.bool_)))

    def hazard_ratios(
        self, level: float = 0.95, intervals: Intervals | None = None
    ) -> pl.DataFrame:
        """See `CoxFit.hazard_ratios`; limits and tests as in `coefficients`."""
        table = self.coefficients(level, intervals)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def profile_intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Limits of the profile penalised likelihood, shape (p,) each."""
        if self.covariance_kind != "model":
            raise ArgumentError(
                "Profile-likelihood intervals assume independent rows; with robust or clustered "
                "errors use Wald's."
            )
        size = self.beta.size
        wanted = np.ones(size, dtype=np.bool_)
        root = float(normal_quantile(0.5 + level / 2.0))
        limits = profile_limits(self.peak(), wanted, root)
        return limits[:, 0], limits[:, 1]

    def peak(self) -> Peak:
        """The penalised likelihood that tests and limits are taken from."""
        problem = self._problem()
        return Peak.of(problem, self.beta * problem.scale, problem.scale)

    def gains(self, held: BoolArray) -> FloatArray:
        """Twice the penalised log-likelihood lost where coefficients are zero.

        `held`, shape (k, p), marks those of each hypothesis.
        """
        if held.size == 0:
            return np.zeros(held.shape[0])
        peak = self.peak()
        return np.asarray(np.maximum(2.0 * (peak.value - held_values(peak, held)), 0.0))

    def _gain(self, part: slice) -> float | None:
        """Twice the penalised log-likelihood that is lost where some coefficients are zero."""
        if self.covariance_kind != "model":
            return None
        held = np.zeros((1, self.beta.size), dtype=np.bool_)
        held[0, part] = True
        return float(self.gains(held)[0])

    def summary(self) -> CoxSummary:
        """The fit in one row; the likelihood ratio is the penalised one of all coefficients."""
        df = len(self.design.columns)
        gain = float(self.gains(np.ones((1, self.beta.size), dtype=np.bool_))[0])
        p_value = float(chi2_upper(gain, df)) if df else 1.0
        return replace(super().summary(), lr_statistic=gain, p_value=p_value)

    @cached_property
    def model(self) -> RiskModel:
        """See `CoxFit.model`."""
        plain = super().model
        return replace(plain, provenance=replace(plain.provenance, estimator="firth"))

    def _problem(self) -> FirthProblem:
        plain = self.penalised.plain
        counts = np.ones((1, self.n))
        mass = counts if plain.case_weights is None else counts * plain.case_weights
        use = np.ones((1, self.beta.size), dtype=np.bool_)
        found = FirthProblem.of(self.matrix, plain.times, mass, plain.ties, use, counts)
        assert found is not None  # there are events
        return found


def firth_cox_fit(fit: CoxFit) -> FirthCoxFit:
    """The fit as one by Firth's method, with likelihoods that leave the penalty out."""
    values = {each.name: getattr(fit, each.name) for each in fields(CoxFit)}
    assert isinstance(fit.development.likelihood, FirthPartial)
    found = fit.development.likelihood.penalised(fit.matrix, np.ones((1, fit.n)))
    values["log_likelihood"] = float(found.log_likelihood[0])
    values["null_log_likelihood"] = float(found.null_log_likelihood[0])
    return FirthCoxFit(**values)
