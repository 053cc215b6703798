"""Conditional logistic regression by Firth's penalised likelihood, of sets with one case."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._types import BoolArray, FloatArray, IntArray, Intervals
from vertebrisk.errors import FitError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile
from vertebrisk.kernels.firth.cox import FirthProblem
from vertebrisk.kernels.firth.profiles import Peak, held_values, profile_limits
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.conditional.fit import ConditionalFit, ConditionalSummary
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.firth.likelihoods import FirthPartial
from vertebrisk.models.inference import coefficient_table, with_ratio_tests
from vertebrisk.models.likelihoods import PartialLikelihood, Reduced, SubsetFits


@dataclass(frozen=True, slots=True, eq=False)
class FirthSets(ConditionalLikelihood):
    """The penalised conditional likelihood of sets with one case.

    It is the partial likelihood of a Cox model with the sets as strata and one time, of which
    Breslow's form counts a set that was drawn twice as two sets.
    """

    asked: Firth = field(default_factory=Firth)

    @property
    def partial(self) -> FirthPartial:
        """The same as a partial likelihood."""
        times = SurvivalTimes(np.ones(self.event.size), self.event > 0.5, None, self.groups)
        return FirthPartial(PartialLikelihood(times, "breslow"), self.asked)

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `FirthPartial.fit`."""
        return self.partial.fit(columns, weights, mask)

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `FirthPartial.null`."""
        return self.partial.null(model, weights)

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `FirthPartial.without`."""
        return self.partial.without(columns, weights, drop)


def one_case_each(event: FloatArray, groups: IntArray, sets: str) -> None:
    """Refuse sets with several cases, whose penalty has no form here.

    Raises
    ------
    FitError
    """
    several = int((np.bincount(groups, weights=event) > 1).sum())
    if several:
        raise FitError(
            f"Firth's estimator of matched sets is for sets with one case, and {several} of "
            f"'{sets}' have several. Use estimator 'ml', or one set for each case."
        )


@dataclass(frozen=True, eq=False, repr=False)
class FirthConditionalFit(ConditionalFit):
    """Firth's conditional logistic regression, with everything needed to repeat it.

    Made by `fit_conditional` with `estimator="firth"`, or "auto" where cases are separated from
    controls inside the sets. Tests and limits are those of the profile penalised likelihood; the
    covariance is the inverse information. `log_likelihood` is without the penalty.
    """

    @property
    def estimator(self) -> str:
        """Firth's."""
        return "firth"

    @property
    def penalised(self) -> FirthPartial:
        """The likelihood with its penalty."""
        assert isinstance(self.development.likelihood, FirthSets)
        return self.development.likelihood.partial

    @cached_property
    def penalised_log_likelihood(self) -> float:
        """At the estimate."""
        found = self.penalised.penalised(self.matrix, np.ones((1, self.n)))
        return float(found.fits.log_likelihood[0])

    def coefficients(self, level: float = 0.95, intervals: Intervals = "profile") -> pl.DataFrame:
        """Log odds ratios.

        Parameters
        ----------
        level : float
            Confidence level.
        intervals : {"profile", "wald"}
            With "profile" the statistic is the signed root of the penalised likelihood ratio,
            and P is its chi-square's.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (z), p_value, conf_low, conf_high.

        References
        ----------
        Heinze and Puhr 2010, doi:10.1002/sim.3794.
        """
        check_fraction(level, "level")
        check_choice(intervals, "intervals", Intervals)
        names = [(column.term, column.level) for column in self.design.columns]
        if intervals == "wald" or not names:
            return coefficient_table(names, self.beta, self.cov, level)
        table = coefficient_table(names, self.beta, self.cov, level, self.profile_intervals(level))
        return with_ratio_tests(table, self.gains(np.eye(self.beta.size, dtype=np.bool_)))

    def profile_intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Limits of the profile penalised likelihood, shape (p,) each."""
        wanted = np.ones(self.beta.size, dtype=np.bool_)
        root = float(normal_quantile(0.5 + level / 2.0))
        limits = profile_limits(self.peak(), wanted, root)
        return limits[:, 0], limits[:, 1]

    def peak(self) -> Peak:
        """The penalised likelihood that tests and limits are taken from."""
        plain = self.penalised.plain
        one = np.ones((1, self.n))
        use = np.ones((1, self.beta.size), dtype=np.bool_)
        problem = FirthProblem.of(self.matrix, plain.times, one, plain.ties, use, one)
        assert problem is not None  # every set has a case
        return Peak.of(problem, self.beta * problem.scale, problem.scale)

    def gains(self, held: BoolArray) -> FloatArray:
        """Twice the penalised log-likelihood lost where coefficients are zero.

        `held`, shape (k, p), marks those of each hypothesis.
        """
        if held.size == 0:
            return np.zeros(held.shape[0])
        peak = self.peak()
        return np.asarray(np.maximum(2.0 * (peak.value - held_values(peak, held)), 0.0))

    def _gain(self, part: slice) -> float:
        """Twice the penalised log-likelihood that is lost where some coefficients are zero."""
        held = np.zeros((1, self.beta.size), dtype=np.bool_)
        held[0, part] = True
        return float(self.gains(held)[0])

    def summary(self) -> ConditionalSummary:
        """The fit in one row; the likelihood ratio is the penalised one of all coefficients."""
        df = len(self.design.columns)
        gain = float(self.gains(np.ones((1, self.beta.size), dtype=np.bool_))[0])
        p_value = float(chi2_upper(gain, df)) if df else 1.0
        return replace(super().summary(), lr_statistic=gain, p_value=p_value)


def firth_conditional_fit(fit: ConditionalFit) -> FirthConditionalFit:
    """The fit as one by Firth's method, with a likelihood that leaves the penalty out."""
    values = {each.name: getattr(fit, each.name) for each in fields(ConditionalFit)}
    assert isinstance(fit.development.likelihood, FirthSets)
    found = fit.development.likelihood.partial.penalised(fit.matrix, np.ones((1, fit.n)))
    values["log_likelihood"] = float(found.log_likelihood[0])
    values["null_log_likelihood"] = float(found.null_log_likelihood[0])
    return FirthConditionalFit(**values)
