"""A fitted conditional logistic model: a frozen value with its inference and procedure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.conditional.fitting import conditional_score_test
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.conditional.portable import relative_model
from vertebrisk.models.conditional.validating import validate_conditional, within_sets
from vertebrisk.models.fitted import FittedRatios
from vertebrisk.models.instability.patients import Patients
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.validating.scheme import Scheme, Units
from vertebrisk.validation.results import Estimate, Validation


@dataclass(frozen=True, slots=True)
class ConditionalSummary:
    """A conditional model in one row.

    `c_index` is the share of pairs of a case and a control of one set in which the case has
    the higher linear predictor, ties by half.
    """

    n: int
    n_events: int
    n_sets: int
    log_likelihood: float
    null_log_likelihood: float
    lr_statistic: float
    df: int
    p_value: float
    wald_statistic: float
    wald_p_value: float
    score_statistic: float
    score_p_value: float
    aic: float
    bic: float
    c_index: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ConditionalFit(FittedRatios):
    """Conditional logistic regression of matched sets, with everything needed to repeat it.

    Made by `fit_conditional`. Coefficients, errors and tests are those of ``clogit`` with the
    exact method. It has no intercept, no risk and no nomogram of risks: matching took the
    frequency of the event away, and `model` refuses them.

    Attributes
    ----------
    beta : array, shape (p,)
        Log odds ratios.
    cov : array, shape (p, p)
        Inverse information.
    n_sets : int
        Sets that were used.
    sets : str
        Column that names the matched set.
    """

    n_sets: int
    sets: str

    @property
    def likelihood(self) -> ConditionalLikelihood:
        """Cases and sets."""
        assert isinstance(self.development.likelihood, ConditionalLikelihood)
        return self.development.likelihood

    @cached_property
    def linear_predictor(self) -> FloatArray:
        """Log odds of each row; only differences inside a set mean something."""
        return np.asarray(self.matrix @ self.beta)

    def odds_ratios(self, level: float = 0.95) -> pl.DataFrame:
        """Odds ratios; the same columns as `coefficients`.

        Estimate and limits are ratios; the standard error stays on the log scale.
        """
        return self._ratios(level)

    def summary(self) -> ConditionalSummary:
        """The fit in one row."""
        df = len(self.design.columns)
        gain = 2.0 * (self.log_likelihood - self.null_log_likelihood)
        wald = float(self.beta @ np.linalg.solve(self.cov, self.beta)) if df else 0.0
        score, _ = conditional_score_test(self.matrix, self.likelihood.sets)
        return ConditionalSummary(
            n=self.n,
            n_events=self.n_events,
            n_sets=self.n_sets,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            lr_statistic=gain,
            df=df,
            p_value=float(chi2_upper(gain, df)) if df else 1.0,
            wald_statistic=wald,
            wald_p_value=float(chi2_upper(wald, df)) if df else 1.0,
            score_statistic=score,
            score_p_value=float(chi2_upper(score, df)) if df else 1.0,
            aic=2.0 * df - 2.0 * self.log_likelihood,
            bic=float(np.log(self.n_events) * df - 2.0 * self.log_likelihood),
            c_index=self.concordance().estimate,
        )

    def concordance(self, level: float = 0.95) -> Estimate:
        """Share of pairs of a case and a control of one set that are ranked right.

        Its interval is Wald's, within 0 and 1; the sets are what is sampled, so the variance
        is that of a ratio of sums over sets.
        """
        return within_sets(self.linear_predictor, self.likelihood.sets, level)

    @cached_property
    def model(self) -> RiskModel:
        """The portable model. It gives no risk: matching took the frequency of the event away.

        Its linear predictor is the log odds ratio against the reference patient.
        """
        return relative_model(self)

    def _patients(self, horizon: float | None, cuts: FloatArray) -> Patients:
        raise ArgumentError(
            "A conditional model gives no risk, so there is neither instability of risks nor a "
            "learning curve of them; see how often each predictor is chosen, in "
            "validate(...).selected and .choices."
        )

    def validate(
        self,
        resamples: int = 1000,
        seed: int = 1,
        *,
        method: str = "optimism-bootstrap",
        folds: int | ArrayLike | None = None,
        repeats: int | None = None,
        fixed: bool = False,
        indices: IntArray | None = None,
        level: float = 0.95,
        interval: str = "percentile",
        progress: Callable[[int], None] | None = None,
    ) -> Validation:
        """How much of the apparent performance is optimism?

        Harrell's bootstrap of the whole procedure, or another `method`; whole sets are drawn, or
        left out.

        Parameters
        ----------
        resamples, seed, method, repeats, fixed, level, interval, progress
            As in `LogisticFit.validate`. Ranks are compared inside sets alone, so those of a
            leave-one-out, which leaves out a set, need nothing else.
        folds : int or int array, shape (repeats, sets), optional
            Of the cross-validation, 10 by default; or the fold of each set, from 0.
        indices : int array, shape (resamples, sets), optional
            Drawn positions of the sets (in the order of their first rows), in place of
            `resamples` and `seed`.

        Returns
        -------
        Validation
            `.table` with c_index (inside the sets), dxy and slope; `.selected`. Calibration
            and decision curve do not exist: there is no risk.

        Raises
        ------
        ArgumentError
            An argument is out of range, or belongs to another method.
        """
        count = int(self.likelihood.groups.max()) + 1
        scheme = Scheme(method, resamples, seed, indices, folds, repeats, level, interval)
        plan = scheme.plan(Units(np.ones(count), noun="sets", rows="sets that were used"))
        return validate_conditional(self, plan, fixed=fixed, progress=progress)
