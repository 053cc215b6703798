"""Cox regression of a scan: the same numbers as of patients in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds, check_choice, check_fraction
from vertebrisk._types import CorrectedInterval, FloatArray, IntArray, Ties
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.design import Design
from vertebrisk.engines.columns import Values
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.cox_sums import concordance
from vertebrisk.engines.engine import Engine, chunk_of, spans
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.errors import DataError, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models import inference
from vertebrisk.models.anova import wald_anova
from vertebrisk.models.fitted import fit_in_brief
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.streamed.cox_bootstrap import StreamedCoxBootstrap, bootstrap_of_cox
from vertebrisk.models.streamed.cox_trend import trend_table
from vertebrisk.models.streamed.resampled import Asked
from vertebrisk.models.streamed.scores import scores_scan
from vertebrisk.models.survival.inference import wald_statistic
from vertebrisk.models.survival.summary import CoxSummary
from vertebrisk.nomogram.build import linear_predictor_ticks

SCORES = ("time", "event", "stratum", "linear_predictor")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class StreamedCoxFit:
    """Cox regression of a scan; made by `fit_cox`.

    Residuals need the patients in memory: `fit_cox` of a part of them has these.

    Attributes
    ----------
    formula : str
        As given.
    design : Design
    beta : array, shape (p,)
        Log hazard ratios.
    cov : array, shape (p, p)
        Inverse information.
    ties : {"efron", "breslow"}
    log_likelihood, null_log_likelihood : float
        Partial log-likelihood at `beta` and at zero.
    score_statistic : float
        Of all coefficients, from the derivatives at zero.
    n, n_events : int
    n_dropped : mapping of reason to rows
        Rows left out: time, outcome or predictor missing.
    strata, strata_levels : tuple of str
        Columns that make the strata, and the name of each stratum.
    horizons : tuple of float
        Times by which risks are wanted, the principal one first.
    time_unit : str
    baselines : tuple of Baseline
        Baseline hazard of each stratum for covariates of zero, on a grid of round times.
    average_risks : tuple of float or None
        Mean risk of the patients by each horizon; None beyond the follow-up of a stratum.
    linear : LinearSpread
        Of the linear predictors of the rows that were used.
    linear_range : (float, float)
    findings : tuple of Finding
    outcome : str
    patients : SortedPatients
        The rows that were used, in the order of their times, in a scratch folder.
    engine : Engine
    scratch : ScratchFolder
        Gone with the fit.
    """

    formula: str
    design: Design
    beta: FloatArray
    cov: FloatArray
    ties: Ties
    log_likelihood: float
    null_log_likelihood: float
    score_statistic: float
    n: int
    n_events: int
    n_dropped: Mapping[str, int]
    strata: tuple[str, ...]
    strata_levels: tuple[str, ...]
    horizons: tuple[float, ...]
    time_unit: str
    baselines: tuple[Baseline, ...]
    average_risks: tuple[float | None, ...]
    linear: LinearSpread
    linear_range: tuple[float, float]
    findings: tuple[Finding, ...]
    outcome: str
    patients: SortedPatients
    engine: Engine
    scratch: ScratchFolder

    def __repr__(self) -> str:
        return fit_in_brief(self)

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Log hazard ratios with Wald tests; see `CoxFit.coefficients`."""
        check_fraction(level, "level")
        names = [(column.term, column.level) for column in self.design.columns]
        return inference.coefficient_table(names, self.beta, self.cov, level)

    def hazard_ratios(self, level: float = 0.95) -> pl.DataFrame:
        """Hazard ratios; the same columns as `coefficients`."""
        table = self.coefficients(level)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def term_tests(self) -> pl.DataFrame:
        """Wald and likelihood-ratio test of each whole term; see `CoxFit.term_tests`.

        The model without each term is fitted anew, in some passes over the sorted patients each.
        """
        return inference.term_tests(self.design, self.beta, self.cov, self._gain)

    def _gain(self, part: slice) -> float:
        width = self.beta.size
        kept = np.array([each for each in range(width) if not part.start <= each < part.stop])
        reduced = self.null_log_likelihood
        if kept.size:
            some = replace(self.patients, matrix=_Some(self.patients.matrix, kept))
            found = fit_cox_sorted(some, self.engine, ties=self.ties)
            reduced = float(found.log_likelihood[0])
        return max(2.0 * (self.log_likelihood - reduced), 0.0)

    def anova(self) -> pl.DataFrame:
        """Wald tests of every predictor with all its columns; see `CoxFit.anova`."""
        return wald_anova(self.design, self.beta, self.cov)

    def vif(self) -> pl.DataFrame:
        """Generalised variance inflation of each term, as ``car::vif``."""
        return inference.variance_inflation(self.design, self.cov)

    def summary(self) -> CoxSummary:
        """The fit in one row; see `CoxFit.summary`."""
        df = self.beta.size
        gain = 2.0 * (self.log_likelihood - self.null_log_likelihood)
        wald = wald_statistic(self.beta, self.cov)
        most = -np.expm1(2.0 * self.null_log_likelihood / self.n)
        return CoxSummary(
            n=self.n,
            n_events=self.n_events,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            lr_statistic=gain,
            df=df,
            p_value=_upper(gain, df),
            wald_statistic=wald,
            wald_p_value=_upper(wald, df),
            score_statistic=self.score_statistic,
            score_p_value=_upper(self.score_statistic, df),
            aic=2.0 * df - 2.0 * self.log_likelihood,
            bic=float(np.log(self.n_events) * df - 2.0 * self.log_likelihood),
            c_index=self.concordance,
            dxy=2.0 * self.concordance - 1.0,
            r2=float(-np.expm1(-gain / self.n) / most),
        )

    @cached_property
    def concordance(self) -> float:
        """Harrell's C on the rows that were used, within strata; sorted by score on a disk."""
        strata = max(len(self.strata_levels), 1)
        return concordance(self.patients, self.engine, self.beta, strata)

    def proportional_hazards(self, transform: TimeTransform = "km") -> pl.DataFrame:
        """Does the effect of a term change with time? See `CoxFit.proportional_hazards`.

        Six passes over the sorted patients, whose sums are kept by time.

        Raises
        ------
        DataError
            The model has no predictors, a time of 0 has no logarithm, or follow-up ends at more
            than 100,000 different times.
        FitError
            The model has strata.
        """
        check_choice(transform, "transform", TimeTransform)
        self._refuse_strata("test of proportional hazards")
        if not self.design.terms:
            raise DataError("The model has no predictors, so nothing in it can change with time.")
        return trend_table(self, transform)

    def _refuse_strata(self, what: str) -> None:
        if self.strata:
            raise FitError(f"The {what} of a scan takes no strata; read the patients in memory.")

    def bootstrap(
        self,
        resamples: int = 500,
        seed: int = 1,
        *,
        level: float = 0.95,
        interval: CorrectedInterval = "percentile",
        grids: FloatArray | None = None,
        thresholds: ArrayLike = (),
        progress: Callable[[int], None] | None = None,
    ) -> StreamedCoxBootstrap:
        """How far would the coefficients move with other patients, and how kind are the measures?

        Every resample draws each patient a Poisson number of times, known by the seed, the
        resample and his place in the order of `patients` alone, so resamples share the passes.

        Parameters
        ----------
        resamples : int
            200 or more, better 500.
        seed : int
            0 or more.
        level : float
            Of the limits of the corrected measures.
        interval : {"percentile", "location-shifted"}
            What these limits are, see `Validation`.
        grids : array, shape (horizons, positions), optional
            Risks by each horizon at which calibration curves are wanted.
        thresholds : array-like, shape (k,), optional
            Risks at which acting becomes worthwhile, for corrected decision curves.
        progress : callable, optional
            Called with the number of resamples done; the engine tells more.

        Returns
        -------
        StreamedCoxBootstrap
            Its `estimates` are Harrell's optimism of the measures of `CoxFit.validate`. What needs
            an order of the patients by each resample's model (C-index, AUC, Gini's mean
            difference, ICI and its kin) is that of linear predictors in 1,024 classes of about
            equal size.

        Raises
        ------
        ArgumentError
            An argument is out of range.
        DataError
            Follow-up ends at more than 100,000 different times.
        FitError
            The model has strata, or fewer than two resamples have a finite estimate.

        References
        ----------
        Harrell et al. 1996; Hanley and MacGibbon 2006, doi:10.1016/j.cmpb.2006.04.006.
        """
        self._refuse_strata("bootstrap")
        nowhere = np.empty((len(self.horizons), 0)) if grids is None else grids
        asked, cuts = Asked(resamples, seed, level, interval), as_thresholds(thresholds)
        return bootstrap_of_cox(self, asked, nowhere, cuts, progress)

    def scores(self) -> PatientScan:
        """Time, event, stratum and linear predictor of the rows that were used.

        Returns
        -------
        PatientScan
            From the latest time to the earliest, within each stratum, in a scratch folder
            that goes with the scan: for what is measured of scores.
        """
        return scores_scan(SCORES, self._scored(), self.engine)

    def _scored(self) -> Iterator[tuple[Values, ...]]:
        patients = self.patients
        for part in spans(patients.columns.size):
            rows = patients.rows(chunk_of(patients.columns, part, patients.read))
            stratum = np.zeros(rows.size) if rows.stratum is None else rows.stratum
            yield rows.time, rows.event, stratum, rows.columns @ self.beta

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients, for risks by any horizon inside follow-up."""
        centre = self.linear.mean
        ticks = linear_predictor_ticks(np.array(self.linear_range) - centre) + centre
        return RiskModel(
            design=self.design,
            intercept=0.0,
            beta=self.beta,
            covariance=self.cov,
            draws=None,
            interval_kind="model-based",
            linear_ticks=ticks,
            outcome=Outcome(self.outcome, self.outcome),
            population=Population(self.n, self.n_events),
            provenance=Provenance(formula=self.formula, selection="prespecified"),
            performance={},
            kind="cox",
            baselines=self.baselines,
            horizons=self.horizons,
            average_risks=self.average_risks,
            strata=self.strata,
            time_unit=self.time_unit,
            linear_spread=self.linear,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Some:
    """Some columns of the covariates."""

    matrix: Callable[[dict[str, Values]], FloatArray]
    kept: IntArray

    def __call__(self, values: dict[str, Values]) -> FloatArray:
        return self.matrix(values)[:, self.kept]


def _upper(statistic: float, df: int) -> float:
    return float(chi2_upper(statistic, df)) if df else 1.0
