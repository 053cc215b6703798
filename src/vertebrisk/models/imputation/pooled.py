"""A model fitted to several completed tables, its estimates pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy import special

from vertebrisk._checks import check_choice, check_fraction, check_positive_int
from vertebrisk._types import FloatArray, IntArray, Intervals
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import normal_two_sided, t_two_sided
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.survival.baseline import baseline_hazards
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.firth.cox import FirthCoxFit
from vertebrisk.models.firth.fit import FirthLogisticFit
from vertebrisk.models.fitted import fit_in_brief
from vertebrisk.models.imputation.centres import ImputedCentres
from vertebrisk.models.imputation.developing import complete_df
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.one_table import concordance_of, estimate_of
from vertebrisk.models.imputation.over_time import pooled_hazards, pooled_share
from vertebrisk.models.imputation.portable import portable_model
from vertebrisk.models.imputation.profiling import CombinedProfiles, combined_profiles
from vertebrisk.models.imputation.summaries import PooledBaseline, PooledSummary
from vertebrisk.models.imputation.testing import shape_tests, term_tests, wald_tests
from vertebrisk.models.imputation.validating import validate_pooled
from vertebrisk.models.inference import COEFFICIENT_SCHEMA, INTERCEPT, variance_inflation
from vertebrisk.models.instability.imputed import ImputedInstability
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival import inference
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.validating.scheme import Scheme, Units
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.concordance import ConcordanceKind


@dataclass(frozen=True, eq=False, repr=False)
class PooledFit(ImputedCentres, ImputedInstability):
    """One model of several completed tables.

    Made by `fit_imputed`. Estimates, errors and degrees of freedom are those of ``mice::pool``
    on the same tables.

    Attributes
    ----------
    formula : str
        As given, all candidates.
    imputations : Imputations
    fits : tuple of LogisticFit or CoxFit
        The model in each table.
    selection : Selection
    candidates : Design
        Terms before selection; knots, marks and limits are those of the first table.
    findings : tuple of Finding
        Objections to the model.
    firth : Firth, optional
        What was asked of Firth's estimator; None where maximum likelihood was.
    """

    formula: str
    imputations: Imputations
    fits: tuple[LogisticFit | CoxFit, ...]
    selection: Selection
    candidates: Design
    findings: tuple[Finding, ...] = ()
    firth: Firth | None = None

    def __repr__(self) -> str:
        return fit_in_brief(self)

    @property
    def by_firth(self) -> bool:
        """True where the tables were fitted by Firth's penalised likelihood."""
        return isinstance(self.fits[0], FirthLogisticFit | FirthCoxFit)

    @property
    def design(self) -> Design:
        """Terms of the model."""
        return self.fits[0].design

    @property
    def n(self) -> int:
        """Patients."""
        return self.fits[0].n

    @property
    def n_events(self) -> int:
        """Of them with the event."""
        return self.fits[0].n_events

    @property
    def outcome(self) -> str:
        """What the event is called."""
        return self.fits[0].outcome

    @cached_property
    def parts(self) -> tuple[FloatArray, FloatArray]:
        """Estimates, shape (tables, p), and covariances, shape (tables, p, p)."""
        return np.array([estimate_of(each) for each in self.fits]), np.array(
            [each.cov for each in self.fits]
        )

    @property
    def df_complete(self) -> float:
        """Degrees of freedom if nothing were missing; for time to event those of the events."""
        return complete_df(self.fits[0].development.likelihood, self.parts[0].shape[1])

    @cached_property
    def pooled(self) -> rubin.Pooled:
        """Every coefficient, the intercept first where there is one."""
        estimates, covariances = self.parts
        return rubin.pool(estimates, np.diagonal(covariances, axis1=1, axis2=2), self.df_complete)

    @cached_property
    def covariance(self) -> FloatArray:
        """Total covariance of the pooled estimates, shape (p, p)."""
        return rubin.pool_covariance(*self.parts)[1]

    def coefficients(self, level: float = 0.95, intervals: Intervals | None = None) -> pl.DataFrame:
        """Pooled coefficients with Barnard and Rubin's t intervals.

        Parameters
        ----------
        level : float
            Confidence level.
        intervals : {"profile", "wald"}, optional
            Of Firth's estimates: the tables' profile penalised likelihoods combined (CLIP),
            the default. Then the statistic is a standard normal deviate; FLIC's intercept,
            which that likelihood does not know, keeps Rubin's test and limits.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (t, or z), p_value, conf_low, conf_high,
            df, missing_information (fraction), relative_increase (of variance).

        References
        ----------
        Heinze, Ploner and Beyea 2013, doi:10.1002/sim.5899.
        """
        check_fraction(level, "level")
        if intervals is not None:
            check_choice(intervals, "intervals", Intervals)
        pooled = self.pooled
        error = np.sqrt(pooled.total)
        statistic = pooled.estimate / error
        df = np.minimum(pooled.df, 1e9)
        reach = -special.stdtrit(df, (1.0 - level) / 2.0) * error
        low, high = pooled.estimate - reach, pooled.estimate + reach
        p_value = t_two_sided(statistic, df)
        if (intervals or ("profile" if self.by_firth else "wald")) == "profile":
            found = self._profiles(level)
            known = np.isfinite(found.deviate)
            statistic = np.where(known, found.deviate, statistic)
            p_value = np.where(known, normal_two_sided(statistic), p_value)
            low, high = np.where(known, found.low, low), np.where(known, found.high, high)
        names = [(column.term, column.level) for column in self.design.columns]
        if len(names) < error.size:
            names = [(INTERCEPT, ""), *names]
        table = pl.DataFrame(
            {
                "term": [term for term, _ in names],
                "level": [name for _, name in names],
                "estimate": pooled.estimate,
                "std_error": error,
                "statistic": statistic,
                "p_value": p_value,
                "conf_low": low,
                "conf_high": high,
            },
            schema=COEFFICIENT_SCHEMA,
        )
        return table.with_columns(
            pl.Series("df", pooled.df),
            pl.Series("missing_information", pooled.missing_information),
            pl.Series("relative_increase", pooled.relative_increase),
        )

    def _profiles(self, level: float) -> CombinedProfiles:
        own = [each for each in self.fits if isinstance(each, FirthLogisticFit | FirthCoxFit)]
        if not own:
            raise ArgumentError(
                "Pooled maximum-likelihood estimates have intervals by Rubin's rules; leave "
                "intervals out, or use estimator='firth'."
            )
        return combined_profiles(own, level)

    def ratios(self, level: float = 0.95, intervals: Intervals | None = None) -> pl.DataFrame:
        """Odds or hazard ratios; the columns of `coefficients` without the intercept.

        Estimate and limits are ratios; the standard error stays on the log scale.
        """
        table = self.coefficients(level, intervals).filter(pl.col("term") != INTERCEPT)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def term_tests(self) -> pl.DataFrame:
        """Pooled tests of each whole term.

        Returns
        -------
        polars.DataFrame
            term, df, wald (D1, with Reiter's degrees of freedom wald_df), wald_p_value,
            wald_pooled (D2 of the Wald statistics), wald_pooled_p_value, lr (D3, with lr_df),
            lr_p_value. All are F statistics. D3 compares maximised likelihoods, and is null
            with Firth's estimates.
        """
        return term_tests(self)

    def wald_tests(self) -> pl.DataFrame:
        """Of `term_tests` what needs no further fits: term, df, wald (D1), wald_p_value."""
        return wald_tests(self)

    def anova(self) -> pl.DataFrame:
        """Pooled tests (D1) of each predictor with all that it enters, shapes, interactions.

        Returns
        -------
        polars.DataFrame
            As of `LogisticFit.anova`: term, kind, df, then F of D1, its degrees of freedom
            of the denominator, and p_value: wald, wald_df, p_value.
        """
        return shape_tests(self)

    def proportional_hazards(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """Does the effect of a term change with time? The tables' tests as one (D2).

        Returns
        -------
        polars.DataFrame
            term, df, statistic (F), p_value; the last row is GLOBAL. See
            `CoxFit.proportional_hazards`.
        """
        return pooled_hazards(self.cox_fits, transform)

    @property
    def cox_fits(self) -> tuple[CoxFit, ...]:
        """The models of the tables, where they are of time to event."""
        found = tuple(each for each in self.fits if isinstance(each, CoxFit))
        if not found:
            raise ArgumentError("A logistic model has neither hazards nor a baseline.")
        return found

    def vif(self) -> pl.DataFrame:
        """Generalised variance inflation from the pooled covariance; see `LogisticFit.vif`."""
        before = self.covariance.shape[0] - len(self.design.columns)
        return variance_inflation(self.design, self.covariance[before:, before:])

    @cached_property
    def linear_predictors(self) -> FloatArray:
        """Linear predictors of the pooled model in each table, shape (tables, n)."""
        constant = float(self.pooled.estimate[0]) if isinstance(self.fits[0], LogisticFit) else 0.0
        return np.array([each.matrix @ self.slopes + constant for each in self.fits])

    @property
    def linear_predictor(self) -> FloatArray:
        """Each patient's linear predictor, the mean over his completed tables, shape (n,)."""
        return np.asarray(self.linear_predictors.mean(axis=0))

    def summary(self, level: float = 0.95) -> PooledSummary:
        """The fit in one row; the C-index is pooled on the logit scale."""
        c, low, high = self.c_index(level)
        information = self.pooled.missing_information
        return PooledSummary(
            n=self.n,
            n_events=self.n_events,
            imputations=len(self.fits),
            df=len(self.design.columns),
            c_index=c,
            c_index_low=low,
            c_index_high=high,
            missing_information=float(information.max(initial=0.0)),
        )

    def c_index(
        self, level: float = 0.95, *, kind: ConcordanceKind = "harrell", tau: float | None = None
    ) -> tuple[float, float, float]:
        """C-index of the pooled model with its interval, pooled over the tables as a logit.

        Each table's C is that of its own values; DeLong's variance, or for time to event
        the infinitesimal jackknife's, with Uno's C up to `tau` for `kind="uno"`. It is
        apparent: `validate` takes off the optimism.
        """
        check_fraction(level, "level")
        found = [concordance_of(each, each.matrix @ self.slopes, kind, tau) for each in self.fits]
        c, error = np.array(found).T
        return pooled_share(c, error, float(self.n - 1), level)

    @property
    def slopes(self) -> FloatArray:
        """Pooled coefficients of the columns, without the intercept."""
        estimate = self.pooled.estimate
        return np.asarray(estimate[estimate.size - len(self.design.columns) :])

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients; its intervals are Rubin's on the linear predictor.

        After selection it is without interval: pooled errors ignore the selection.
        """
        return portable_model(self)

    def validate(
        self,
        resamples: int = 200,
        seed: int = 1,
        *,
        method: str = "optimism-bootstrap",
        folds: int | ArrayLike | None = None,
        repeats: int | None = None,
        imputations: int = 5,
        iterations: int = 5,
        fixed: bool = False,
        horizons: Sequence[float] | None = None,
        thresholds: FloatArray | None = None,
        indices: IntArray | None = None,
        level: float = 0.95,
        interval: str = "percentile",
        progress: Callable[[int], None] | None = None,
    ) -> Validation:
        """How much of the apparent performance is optimism, the imputation's among it?

        In every resample patients are drawn first and their missing values imputed then,
        with the resample's outcome; predictors are chosen by pooled tests, and coefficients
        pooled. The model is measured on these tables, and on all patients, whose missing
        values are imputed without their outcome, as those of a new patient would be. Every other
        `method` does the same, without those whom a resample or a fold leaves out; they are
        tested with the values that were imputed without anybody's outcome.

        Parameters
        ----------
        resamples : int
        seed : int
            0 or more. It decides the imputations, too, also with folds of your own.
        method, folds, repeats, interval
            As in `LogisticFit.validate` and `CoxFit.validate`. Leave-one-out imputes and fits
            once for each patient.
        imputations, iterations : int
            In each resample; a few are enough, since measures are averaged over resamples.
        fixed : bool
            True holds the chosen predictors fixed.
        horizons : sequence of float, optional
            Of a time to event: times at which risks are measured; the fit's by default.
        thresholds : array, optional
            Thresholds of the decision curve.
        indices : int array, shape (resamples, n), optional
            Drawn row positions, in place of `resamples` and `seed`.
        level : float
            Confidence level of the intervals.
        progress : callable, optional
            Called with the number of resamples done since the last call.

        Returns
        -------
        Validation
            As of `LogisticFit.validate` or `CoxFit.validate`. Resamples that are separated
            in one of their tables, or hold no value of some variable, are counted and left
            out; of a cross-validation the whole repeat.

        Raises
        ------
        ArgumentError
            An argument is out of range, or belongs to another method.

        References
        ----------
        Wahl et al. 2016, doi:10.1186/s12874-016-0239-7. Musoro et al. 2014,
        doi:10.1186/1471-2288-14-116.
        """
        scheme = Scheme(method, resamples, seed, indices, folds, repeats, level, interval)
        plan = replace(scheme.plan(Units(self.fits[0].development.event)), seed=int(seed))
        check_positive_int(imputations, "imputations")
        check_positive_int(iterations, "iterations")
        return validate_pooled(
            self, plan, imputations, iterations,
            fixed=fixed, horizons=horizons, thresholds=thresholds, progress=progress,
        )  # fmt: skip

    @cached_property
    def baselines(self) -> tuple[PooledBaseline, ...]:
        """Baseline hazard of each stratum at the pooled coefficients, over all tables."""
        found = []
        for fit in self.cox_fits:
            moments = inference.moments_at(fit.matrix, self.slopes, fit.likelihood)
            last = [each.last_time for each in fit.baselines]
            found.append(baseline_hazards(moments, self.slopes, np.array(last)))
        return tuple(PooledBaseline(each) for each in zip(*found, strict=True))
