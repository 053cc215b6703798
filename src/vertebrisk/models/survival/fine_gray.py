"""A fitted Fine-Gray model: a frozen value with its inference and procedure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.baseline import BaselineHazard
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.fine_gray_inference import FineGrayInference
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.fitted import FittedRatios
from vertebrisk.models.instability.patients import FollowedPatients, Patients
from vertebrisk.models.likelihoods import SubdistributionLikelihood
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.statuses import COMPETING, EVENT
from vertebrisk.models.survival import curves
from vertebrisk.models.survival.inference import wald_statistic
from vertebrisk.models.survival.portable import model_from_fine_gray
from vertebrisk.models.survival.validating import (
    FineGrayMeasures,
    competing_outcome,
    validate_fine_gray,
)
from vertebrisk.models.validating.over_time import FineGraySplits
from vertebrisk.models.validating.scheme import Scheme, Units
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.smoothing import SMOOTHER_COMPETING


@dataclass(frozen=True, slots=True)
class FineGraySummary:
    """A Fine-Gray model in one row.

    The likelihoods are pseudo-likelihoods, so the joint test is Wald's. `c_index` is
    concordance with the competing event counted as never having the event (Wolbers et al. 2009,
    doi:10.1097/EDE.0b013e3181a39056), without weights for censoring.
    """

    n: int
    n_events: int
    n_competing: int
    log_likelihood: float
    null_log_likelihood: float
    df: int
    wald_statistic: float
    wald_p_value: float
    c_index: float
    dxy: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FineGrayFit(FineGraySplits, FittedRatios):
    """Fine and Gray's regression, with everything needed to repeat it.

    Made by `fit_fine_gray`. Coefficients, errors and predicted incidence are those of
    ``cmprsk::crr``.

    Attributes
    ----------
    beta : array, shape (p,)
        Log subdistribution hazard ratios.
    cov : array, shape (p, p)
        Sandwich, with the part of the estimated censoring curve; clustered where
        `covariance_kind` says so.
    null_log_likelihood : float
        As `log_likelihood` a pseudo-likelihood, here without predictors.
    n_competing : int
    clusters : int array or None
        Patient of each row where rows are vertebrae.
    inference : FineGrayInference
        What each patient contributes to coefficients and baseline.
    horizons : tuple of float
        Times by which risks are wanted, the principal one first.
    time_unit : str
    competing : str
        What the competing event is called.
    """

    n_competing: int
    clusters: IntArray | None
    inference: FineGrayInference
    horizons: tuple[float, ...]
    time_unit: str
    competing: str

    @property
    def likelihood(self) -> SubdistributionLikelihood:
        """Times, statuses and censoring strata."""
        assert isinstance(self.development.likelihood, SubdistributionLikelihood)
        return self.development.likelihood

    @property
    def strata(self) -> tuple[str, ...]:
        """There is one baseline for all patients."""
        return ()

    @property
    def strata_levels(self) -> tuple[str, ...]:
        """There is one baseline for all patients."""
        return ()

    @property
    def exit(self) -> FloatArray:
        """End of follow-up of the rows that were used."""
        return self.likelihood.exit

    @property
    def status(self) -> IntArray:
        """0 censored, 1 the event, 2 the competing event, of the rows that were used."""
        return self.likelihood.status

    @property
    def event(self) -> BoolArray:
        """True for the rows with the event."""
        return np.asarray(self.status == EVENT)

    @cached_property
    def baselines(self) -> tuple[BaselineHazard, ...]:
        """Baseline subdistribution hazard for covariates of zero, at the event times."""
        times = self.inference.times
        hazard, variance, mean = self.inference.baseline(times)
        return (BaselineHazard(0, times, hazard, variance, mean, float(self.exit.max())),)

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients, for risks by any horizon inside follow-up.

        The risk is the cumulative incidence. After selection its interval comes from the draws
        of the repeated procedure; until then it is without interval.
        """
        return model_from_fine_gray(self)

    def subdistribution_hazard_ratios(self, level: float = 0.95) -> pl.DataFrame:
        """Subdistribution hazard ratios; the same columns as `coefficients`.

        A ratio above 1 means a higher cumulative incidence, be it since the event itself is
        hastened or since fewer die before it; how much higher is not the ratio. Estimate and
        limits are ratios; the standard error stays on the log scale.
        """
        return self._ratios(level)

    def summary(self) -> FineGraySummary:
        """The fit in one row."""
        df = len(self.design.columns)
        wald = wald_statistic(self.beta, self.cov)
        return FineGraySummary(
            n=self.n,
            n_events=self.n_events,
            n_competing=self.n_competing,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            df=df,
            wald_statistic=wald,
            wald_p_value=float(chi2_upper(wald, df)) if df else 1.0,
            c_index=self.concordance,
            dxy=2.0 * self.concordance - 1.0,
        )

    @cached_property
    def concordance(self) -> float:
        """Wolbers' C on the patients that the model was made from."""
        never = float(self.exit.max()) + 1.0
        exit = np.where(self.status == COMPETING, never, self.exit)
        times = SurvivalTimes(exit, self.status == EVENT)
        everyone = np.ones((1, self.n))
        return float(concordance_batch(times, self.linear_predictor[None], everyone).index[0])

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

        Harrell's bootstrap of the whole procedure, as `CoxFit.validate`: each resample has a
        censoring curve, a model and a baseline of its own.

        Parameters
        ----------
        resamples : int
            500 to 1000 for a report.
        seed : int
            0 or more; the resamples depend on nothing else.
        method, folds, repeats
            As in `CoxFit.validate`; only the event of interest is spread over the folds.
        horizons : sequence of float, optional
            Times at which risks are measured; the fit's by default. An empty list measures the
            indexes over all of follow-up alone.
        thresholds : array, optional
            Thresholds of the decision curve.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates.
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
            `.table` with c_index (Wolbers'), dxy, slope, g; `.horizons` with table,
            calibration and decision curve at each horizon (also `.at(horizon)`). A competing
            event by the horizon counts as no event, and observed risks are Aalen-Johansen's.

        Raises
        ------
        ArgumentError
            An argument is out of range, or belongs to another method.

        References
        ----------
        Harrell et al. 1996; Steyerberg et al. 2001, doi:10.1016/S0895-4356(01)00341-9.
        """
        scheme = Scheme(method, resamples, seed, indices, folds, repeats, level, interval)
        plan = scheme.plan(Units((self.status == EVENT).astype(np.float64), self.clusters))
        outcome = competing_outcome(self, horizons, thresholds)
        return validate_fine_gray(self, plan, outcome, fixed=fixed, progress=progress)

    def _patients(self, horizon: float | None, cuts: FloatArray) -> Patients:
        by = self.horizons[0] if horizon is None else horizon
        return FollowedPatients.of(
            FineGrayMeasures(self.likelihood),
            competing_outcome(self, [by], cuts),
            self.linear_predictor,
            by,
            SMOOTHER_COMPETING,
            self.clusters,
        )

    def baseline(self, level: float = 0.95) -> pl.DataFrame:
        """Cumulative incidence for covariates of zero: numbers of 0, reference levels.

        Returns
        -------
        polars.DataFrame
            time, risk, conf_low, conf_high (log-log scale), cumulative_hazard (of the
            subdistribution), std_error (of the cumulative hazard).
        """
        check_fraction(level, "level")
        return _as_risk(curves.baseline_frame(self, level)).drop("stratum")

    def incidence_curve(
        self, data: object, times: ArrayLike | None = None, level: float = 0.95
    ) -> pl.DataFrame:
        """Cumulative incidence of given patients over time, with its interval.

        Parameters
        ----------
        data : frame
            One row a patient, with the model's predictors.
        times : array, optional
            Times wanted; by default the event times.
        level : float
            Confidence level.

        Returns
        -------
        polars.DataFrame
            patient (position in `data`, from 0), time, risk, conf_low, conf_high (log-log
            scale), cumulative_hazard, std_error. Null where a predictor is missing and after
            the end of follow-up, where nothing is known.

        Raises
        ------
        DataError
            A column is missing.
        """
        check_fraction(level, "level")
        found = curves.predicted_curves(self, as_polars(data), times, level)
        return _as_risk(found).drop("stratum")


def _as_risk(table: pl.DataFrame) -> pl.DataFrame:
    """Curves of survival as curves of risk, limits exchanged."""
    return table.with_columns(
        (1.0 - pl.col("survival")).alias("survival"),
        (1.0 - pl.col("conf_high")).alias("conf_low"),
        (1.0 - pl.col("conf_low")).alias("conf_high"),
    ).rename({"survival": "risk"})
