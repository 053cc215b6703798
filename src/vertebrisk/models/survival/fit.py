"""A fitted Cox model: a frozen value with its inference, diagnostics and procedure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import DataError, FitError
from vertebrisk.kernels.survival.baseline import BaselineHazard, baseline_hazards
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.firth.likelihoods import FirthPartial
from vertebrisk.models.fitted import FittedRatios
from vertebrisk.models.instability.patients import FollowedPatients, Patients
from vertebrisk.models.likelihoods import PartialLikelihood
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival import curves, inference
from vertebrisk.models.survival.inference import ResidualKind
from vertebrisk.models.survival.portable import model_from_cox
from vertebrisk.models.survival.summary import CoxSummary, summarised
from vertebrisk.models.survival.validating import CoxMeasures, followed_outcome, validate_cox
from vertebrisk.models.uniform_shrinkage import ShrunkenModel, shrunken_cox
from vertebrisk.models.validating.over_time import CoxSplits
from vertebrisk.models.validating.scheme import Scheme, Units
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.smoothing import SMOOTHER

FARTHEST = 300.0  # linear predictor of which the exponential squared is a number


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CoxFit(CoxSplits, FittedRatios):
    """Cox regression, with everything needed to repeat it.

    Made by `fit_cox`. Coefficients, errors, tests, residuals and curves are those of R's
    ``survival::coxph``, `r2` that of ``rms::cph``.

    Attributes
    ----------
    beta : array, shape (p,)
        Log hazard ratios.
    cov, naive_cov : array, shape (p, p)
        Covariance in use, and the inverse information.
    clusters : int array or None
        Patient of each row where rows are vertebrae.
    strata : tuple of str
        Columns that make the strata.
    strata_levels : tuple of str
        Name of each stratum, by its code in `times.strata`.
    horizons : tuple of float
        Times by which risks are wanted, the principal one first.
    time_unit : str
    """

    naive_cov: FloatArray
    clusters: IntArray | None
    strata: tuple[str, ...]
    strata_levels: tuple[str, ...]
    horizons: tuple[float, ...]
    time_unit: str

    @property
    def likelihood(self) -> PartialLikelihood:
        """Times, treatment of ties and case weights."""
        found = self.development.likelihood
        plain = found.plain if isinstance(found, FirthPartial) else found
        assert isinstance(plain, PartialLikelihood)
        return plain

    @property
    def times(self) -> SurvivalTimes:
        """Follow-up of the rows that were used."""
        return self.likelihood.times

    @property
    def event(self) -> BoolArray:
        """True for the rows with the event."""
        return self.times.event

    @cached_property
    def moments(self) -> Moments:
        """Risk-set sums at the estimate."""
        return inference.moments_at(self.matrix, self.beta, self.likelihood)

    @cached_property
    def baselines(self) -> tuple[BaselineHazard, ...]:
        """Baseline hazard of each stratum for covariates of zero, at the event times."""
        shift = float(self.moments.centre @ self.beta)
        if abs(shift) > FARTHEST:
            raise FitError(
                "The baseline hazard for covariates of zero is too small or too large to be "
                f"written (the mean linear predictor is {shift:.4g}). Enter predictors relative to "
                "a usual value, such as years since 2000 instead of the calendar year."
            )
        count = max(len(self.strata_levels), 1)
        last = np.array([self.times.exit[self.times.groups == code].max() for code in range(count)])
        return baseline_hazards(self.moments, self.beta, last)

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients, for risks by any horizon inside follow-up.

        After selection its interval comes from the draws of `validate`; until then it is
        without interval, since Wald intervals ignore the selection.
        """
        return model_from_cox(self)

    def hazard_ratios(self, level: float = 0.95) -> pl.DataFrame:
        """Hazard ratios; the same columns as `coefficients`.

        Estimate and limits are ratios; the standard error stays on the log scale.
        """
        return self._ratios(level)

    def summary(self) -> CoxSummary:
        """The fit in one row."""
        return summarised(self)

    @cached_property
    def concordance(self) -> float:
        """Harrell's C on the patients that the model was made from, within strata."""
        weights = self.likelihood.case_weights
        mass = np.ones(self.n) if weights is None else weights
        return float(
            concordance_batch(self.times, self.linear_predictor[None], mass[None]).index[0]
        )

    def proportional_hazards(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """Does the effect of a term change with time?

        Score test for a trend of each term's coefficient with a function of time, and of
        all terms together, as ``cox.zph`` of survival 3.

        Parameters
        ----------
        transform : {"km", "rank", "identity", "log"}
            Function of time; "km" is one less the Kaplan-Meier estimate.

        Returns
        -------
        polars.DataFrame
            term, df, statistic (chi-square), p_value; the last row is GLOBAL.

        References
        ----------
        Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515
        """
        self._check_transform(transform)
        return inference.trend_table(self, transform)

    def schoenfeld(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """Scaled Schoenfeld residuals for a plot: their smooth is the coefficient over time.

        Returns
        -------
        polars.DataFrame
            term, stratum, time, x (transformed time), residual; a row per term and event. Of
            a term with several columns the residual is that of its linear predictor, whose
            coefficient is 1.
        """
        self._check_transform(transform)
        return inference.schoenfeld_frame(self, transform)

    def _check_transform(self, transform: TimeTransform) -> None:
        check_choice(transform, "transform", TimeTransform)
        if not self.design.terms:
            raise DataError("The model has no predictors, so nothing in it can change with time.")
        if transform == "log" and (self.times.exit == 0).any():
            raise DataError("A patient has time 0, which has no logarithm; use transform='km'.")

    def residuals(self, kind: ResidualKind = "martingale") -> pl.DataFrame:
        """Residuals of the patients or of the events, as ``residuals.coxph``.

        Parameters
        ----------
        kind : {"martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaled_schoenfeld"}
            The last two have a row per event, by stratum and time; the others one per
            patient, in the order of the data. dfbeta is weighted by the case weights.

        Returns
        -------
        polars.DataFrame
            A column ``residual``, or one per coefficient; with ``time`` for events.
        """
        check_choice(kind, "kind", ResidualKind)
        return inference.residual_frame(self, kind)

    def validate(
        self,
        resamples: int = 1000,
        seed: int = 1,
        *,
        method: str = "optimism-bootstrap",
        folds: int | ArrayLike | None = None,
        repeats: int | None = None,
        horizons: Sequence[float] | None = None,
        thresholds: FloatArray | None = None,
        fixed: bool = False,
        indices: IntArray | None = None,
        level: float = 0.95,
        interval: str = "percentile",
        progress: Callable[[int], None] | None = None,
    ) -> Validation:
        """How much of the apparent performance is optimism?

        Harrell's bootstrap of the whole procedure: screening, selection and estimation are
        repeated on each resample, the resample's model, with its own baseline hazard, is
        measured on its own patients and on the original ones, and the mean difference is
        taken off. Every other `method` repeats the whole procedure too.

        Parameters
        ----------
        resamples : int
            500 to 1000 for a report.
        seed : int
            0 or more; the resamples depend on nothing else.
        method : str
            As in `LogisticFit.validate`. Those whom a resample leaves out ("632", "632+") are
            measured as a new cohort would be, with the censoring curve of their own. Without
            information the .632+ takes C and AUC for 0.5, slopes, R2, D and g for 0, the Brier
            score for its mean over all pairs of a fate at the horizon and a risk, fates weighted
            for censoring, and O/E for what it is; U and Q have no such value, and no .632+. By
            "cross-validation" and "leave-one-out" every patient gets a linear predictor (from
            its mean over all patients) and risks by models made without him; measures are those
            of all patients of a repeat, but C and AUC compare within folds (with one patient a
            fold, among all: AUC is then too low where predictors are weak, while C needs no
            baseline and is not).
        folds : int or int array, shape (repeats, n), optional
            Of the cross-validation, 10 by default; events are spread evenly over the folds. Or
            the fold of each row, from 0, in place of `seed` and `repeats`.
        repeats : int, optional
            Of the cross-validation, 10 by default.
        horizons : sequence of float, optional
            Times at which risks are measured; the fit's by default. An empty list measures the
            indexes over all of follow-up alone, in a fraction of the time. With late entry nothing
            is measured at horizons: the share with the event by a time is not that of the
            patients who were observed.
        thresholds : array, optional
            Thresholds of the decision curve.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates: what most
            papers did, and too kind after selection.
        indices : int array, shape (resamples, n), optional
            Drawn row positions, in place of `resamples` and `seed`.
        level : float
            Confidence level of the intervals.
        interval : str
            As in `LogisticFit.validate`.
        progress : callable, optional
            Called with the number of resamples done since the last call.

        Returns
        -------
        Validation
            `.table` with c_index, dxy, r2, slope, d, u, q, g; `.horizons` with table,
            calibration and decision curve at each horizon (also `.at(horizon)`).
            Resamples without a finite estimate are counted; they are left out of r2, slope,
            d, u, q, g and O/E. ``"632"`` and ``"632+"`` correct no ICI, E50, E90 and Emax, and the
            .632+ no curve; cross-validation and leave-one-out have no intervals and no draws.

        Raises
        ------
        ArgumentError
            An argument is out of range, or belongs to another method.

        References
        ----------
        Harrell et al. 1996; Steyerberg et al. 2001, doi:10.1016/S0895-4356(01)00341-9.
        Indexes as rms::validate.cph. The .632+ is that of Efron and Tibshirani 1997,
        doi:10.1080/01621459.1997.10474007, for censored times Gerds and Schumacher 2007,
        doi:10.1111/j.1541-0420.2007.00832.x.
        """
        scheme = Scheme(method, resamples, seed, indices, folds, repeats, level, interval)
        plan = scheme.plan(Units(self.event.astype(np.float64), self.clusters))
        outcome = followed_outcome(self, horizons, thresholds)
        return validate_cox(self, plan, outcome, fixed=fixed, progress=progress)

    def _patients(self, horizon: float | None, cuts: FloatArray) -> Patients:
        by = self.horizons[0] if horizon is None else horizon
        return FollowedPatients.of(
            CoxMeasures(self.likelihood),
            followed_outcome(self, [by], cuts),
            self.linear_predictor,
            by,
            SMOOTHER,
            self.clusters,
        )

    def shrunken(self, validation: Validation | None = None) -> ShrunkenModel:
        """The model with all coefficients multiplied by one factor; see `LogisticFit.shrunken`.

        The baseline hazard is that of the shrunken coefficients. The model has no interval.
        """
        return shrunken_cox(self, validation)

    def baseline(self, level: float = 0.95) -> pl.DataFrame:
        """Survival and cumulative hazard of each stratum for covariates of zero.

        Columns of the design that are zero: numbers of 0, reference levels. Breslow's
        estimate or Efron's, by the treatment of ties, as ``survfit``.

        Returns
        -------
        polars.DataFrame
            stratum, time, survival, conf_low, conf_high (log-log scale),
            cumulative_hazard, std_error (of the cumulative hazard).
        """
        check_fraction(level, "level")
        return curves.baseline_frame(self, level)

    def survival_curve(
        self, data: object, times: ArrayLike | None = None, level: float = 0.95
    ) -> pl.DataFrame:
        """Survival of given patients over time, with its interval.

        Parameters
        ----------
        data : frame
            One row a patient, with the model's predictors and strata.
        times : array, optional
            Times wanted; by default the event times of the patient's stratum.
        level : float
            Confidence level.

        Returns
        -------
        polars.DataFrame
            patient (position in `data`, from 0), stratum, time, survival, conf_low, conf_high
            (log-log scale), cumulative_hazard, std_error. Null where a predictor is missing
            and after the end of the stratum's follow-up, where nothing is known.

        Raises
        ------
        DataError
            A column is missing, or a stratum that the model does not know.
        """
        check_fraction(level, "level")
        return curves.predicted_curves(self, as_polars(data), times, level)
