"""A fitted logistic model: a frozen value with its inference, diagnostics and procedure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds, check_fraction
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.models import inference
from vertebrisk.models.fitted import Fitted
from vertebrisk.models.instability.patients import BinaryPatients, Patients
from vertebrisk.models.instability.running import no_horizon
from vertebrisk.models.logistic.sampled import population_estimates
from vertebrisk.models.portable.making import model_from_fit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.uniform_shrinkage import ShrunkenModel, shrunken_logistic
from vertebrisk.models.validating.binary import BinarySplits
from vertebrisk.models.validating.logistic import validate_logistic
from vertebrisk.models.validating.plan import DEFAULT_THRESHOLDS
from vertebrisk.models.validating.scheme import Scheme, Units
from vertebrisk.validation.discrimination import roc_curve
from vertebrisk.validation.resampling import Apparent, apparent_performance
from vertebrisk.validation.results import Roc, Validation


@dataclass(frozen=True, slots=True)
class FitSummary:
    """A fit in one row. `r2` is Nagelkerke's; `c_index` is exact, as pROC's area."""

    n: int
    n_events: int
    log_likelihood: float
    null_log_likelihood: float
    lr_statistic: float
    df: int
    p_value: float
    aic: float
    bic: float
    c_index: float
    dxy: float
    r2: float
    brier: float

    def to_dict(self) -> Json:
        """JSON form; null where a penalised fit has no such number."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: None if value != value else value for name, value in values.items()}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class LogisticFit(BinarySplits, Fitted):
    """Maximum-likelihood logistic regression, with everything needed to repeat it.

    Made by `fit_logistic`. Coefficients, errors and tests are those of R's ``glm``, joint
    statistics those of ``rms::lrm``.

    Attributes
    ----------
    intercept : float
    beta : array, shape (p,)
        Log odds ratios.
    cov : array, shape (p + 1, p + 1)
        Covariance in use: the inverse information, or ("cluster") the sandwich over patients as
        ``rms::robcov``.
    clusters : int array or None
        Patient of each row where rows are vertebrae.
    sampling : ControlSampling or None
        Where controls were sampled from a population whose prevalence is known: `intercept`,
        `cov`, linear predictor, risk and performance are those of that population, by prior
        correction. Likelihoods and tests stay those of the sample.
    """

    intercept: float
    clusters: IntArray | None
    sampling: ControlSampling | None = None

    @property
    def event(self) -> BoolArray:
        """Outcome of the rows that were used."""
        return self.development.event > 0.5

    @cached_property
    def linear_predictor(self) -> FloatArray:
        """Log-odds of each row that was used; equal rows have equal values to the bit."""
        columns = self.development.term_columns(self.chosen)
        model = self.development.subset(columns, np.ones((1, self.n)))
        return np.asarray(model.linear()[0, model.patterns.of]) - self.offset

    @property
    def offset(self) -> float:
        """What prior correction took off the intercept; 0 without sampled controls."""
        return 0.0 if self.sampling is None else self.sampling.offset

    @property
    def risk(self) -> FloatArray:
        """Fitted risk of each row that was used."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.linear_predictor)))

    def coefficients(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """Coefficients on the log-odds scale, intercept first.

        Parameters
        ----------
        level : float
            Confidence level.
        intervals : {"wald", "profile"}, optional
            Wald, the default, or profile likelihood (as ``confint`` of a glm); the latter needs
            model-based errors.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (z), p_value, conf_low, conf_high.
        """
        check_fraction(level, "level")
        intervals = "wald" if intervals is None else intervals
        if intervals not in ("wald", "profile"):
            raise ArgumentError(f"intervals is '{intervals}'; allowed are wald, profile.")
        names = [
            (inference.INTERCEPT, ""),
            *((each.term, each.level) for each in self.design.columns),
        ]
        estimate = np.concatenate([[self.intercept], self.beta])
        limits = None if intervals == "wald" else self.profile_intervals(level)
        return inference.coefficient_table(names, estimate, self.cov, level, limits)

    def odds_ratios(self, level: float = 0.95, intervals: str | None = None) -> pl.DataFrame:
        """Odds ratios; the same columns as `coefficients`, without the intercept.

        Estimate and limits are ratios; the standard error stays on the log scale.
        """
        table = self.coefficients(level, intervals).slice(1)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def profile_intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Profile-likelihood limits of intercept and coefficients, shape (p + 1,) each."""
        if self.covariance_kind != "model":
            raise ArgumentError(
                "Profile-likelihood intervals assume independent rows; with clusters use Wald's."
            )
        low, high = self._limits(level)
        if self.sampling is not None:  # the likelihood of the sample does not know its intercept
            reach = float(normal_quantile(0.5 + level / 2.0)) * float(np.sqrt(self.cov[0, 0]))
            low[0], high[0] = self.intercept - reach, self.intercept + reach
        return low, high

    def _limits(self, level: float) -> tuple[FloatArray, FloatArray]:
        return inference.profile_limits(self.matrix, self.development.event, level)

    def population_estimates(self, level: float = 0.95) -> pl.DataFrame:
        """Two corrections for sampled controls side by side.

        Prior correction is what this fit holds; weighting gives each patient the weight of
        those for whom he stands, with robust errors (``survey::svyglm``). A ridge, lasso or
        elastic net is weighted under the same penalty, as ``glmnet`` with weights, and neither
        has errors. Firth's fit has prior correction alone, since its penalty has no weighted form.

        Returns
        -------
        polars.DataFrame
            method ("prior", "weighted"), then the columns of `coefficients`.

        Raises
        ------
        ArgumentError
            The controls were not sampled, or the population is not known.

        References
        ----------
        King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868
        """
        check_fraction(level, "level")
        if self.sampling is None:
            raise ArgumentError(
                "There are no sampled controls to correct for; name the population with "
                "source=SourcePopulation(prevalence) when fitting."
            )
        return self._corrections(level)

    def _corrections(self, level: float) -> pl.DataFrame:
        return population_estimates(self, level)

    def _gain(self, part: slice) -> float | None:
        """Twice the log-likelihood that is lost without some columns."""
        if self.covariance_kind != "model":
            return None
        rest = np.delete(self.matrix, np.arange(part.start, part.stop), axis=1)
        columns = np.column_stack([np.ones(self.n), rest])
        reduced = fit_logistic_batch(columns, self.development.event, np.ones((1, self.n)))
        return max(2.0 * (self.log_likelihood - float(reduced.log_likelihood[0])), 0.0)

    def hosmer_lemeshow(self, groups: int = 10) -> inference.HosmerLemeshow:
        """Hosmer and Lemeshow's statistic over quantile groups of the fitted risk.

        Printed by most papers, with little power and no direction; calibration is judged
        from slope, intercept and curve. With sampled controls it is that of the sample.
        """
        inside = 1.0 / (1.0 + np.exp(-(self.linear_predictor + self.offset)))
        return inference.hosmer_lemeshow(self.event, inside, groups)

    def summary(self) -> FitSummary:
        """The fit in one row."""
        null = self.null_log_likelihood
        gain = 2.0 * (self.log_likelihood - null)
        df = len(self.design.columns)
        apparent = self.apparent.measures
        return FitSummary(
            n=self.n,
            n_events=self.n_events,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=null,
            lr_statistic=gain,
            df=df,
            p_value=float(chi2_upper(gain, df)) if df else 1.0,
            aic=2.0 * (df + 1) - 2.0 * self.log_likelihood,
            bic=float(np.log(self.n) * (df + 1) - 2.0 * self.log_likelihood),
            c_index=apparent["c_index"],
            dxy=apparent["dxy"],
            r2=apparent["r2"],
            brier=apparent["brier"],
        )

    @property
    def null_log_likelihood(self) -> float:
        """Log-likelihood of the mean risk."""
        share = self.n_events / self.n
        return float(self.n_events * np.log(share) + (self.n - self.n_events) * np.log1p(-share))

    @cached_property
    def apparent(self) -> Apparent:
        """Performance on the patients that the model was made from."""
        return apparent_performance(self.linear_predictor, self.event, self.sampling)

    def roc(self, level: float = 0.95) -> Roc:
        """Apparent ROC curve; DeLong's interval, or Obuchowski's where patients are clusters."""
        return roc_curve(self.event, self.linear_predictor, level=level, clusters=self.clusters)

    def validate(
        self,
        resamples: int = 1000,
        seed: int = 1,
        *,
        method: str = "optimism-bootstrap",
        folds: int | ArrayLike | None = None,
        repeats: int | None = None,
        fixed: bool = False,
        thresholds: FloatArray | None = None,
        indices: IntArray | None = None,
        level: float = 0.95,
        interval: str = "percentile",
        progress: Callable[[int], None] | None = None,
    ) -> Validation:
        """How much of the apparent performance is optimism?

        Harrell's bootstrap of the whole procedure: screening, selection and estimation
        are repeated on each resample, the resample's model is measured on its own
        patients and on the original ones, and the mean difference is taken off. Every other
        `method` repeats the whole procedure too.

        Parameters
        ----------
        resamples : int
            500 to 1000 for a report.
        seed : int
            0 or more; the resamples depend on nothing else.
        method : str
            "optimism-bootstrap", the default. "simple-bootstrap": the mean of the resamples'
            models on the original patients. "632": 0.368 of the apparent value and 0.632 of the
            mean on the patients whom the resamples left out. "632+": the same with a weight that
            grows with the overfitting, a measure without information being what it is when
            outcomes do not depend on risks (C 0.5, slope 0, the mean Brier score of all pairs
            of an outcome and a risk). "cross-validation" and "leave-one-out": every patient is
            scored by a model made without him; measures are those of all patients of a repeat,
            but C compares within folds (with one patient a fold, among all: too low where
            predictors are weak).
        folds : int or int array, shape (repeats, n), optional
            Of the cross-validation, 10 by default; events are spread evenly over the folds. Or
            the fold of each row, from 0, in place of `seed` and `repeats`.
        repeats : int, optional
            Of the cross-validation, 10 by default.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates: what most
            papers did, and too kind after selection.
        thresholds : array, optional
            Thresholds of the decision curve.
        indices : int array, shape (resamples, n), optional
            Drawn row positions, in place of `resamples` and `seed`.
        level : float
            Confidence level of the intervals.
        interval : {"percentile", "location-shifted"}
            Percentile interval of the measure in the resamples, moved so that its mean is the
            corrected value; or, as Noma and others, moved by the optimism alone, and therefore
            too high after much selection, since a resample's own measure is optimistic itself.
        progress : callable, optional
            Called with the number of resamples done since the last call.

        Returns
        -------
        Validation
            `.table` (measures by apparent, training, test, optimism, corrected),
            `.calibration`, `.decision`, `.selected`. Resamples without a finite estimate
            are counted; they stay in for C, Dxy, R2 and Brier, whose limits exist, and are
            left out of intercept, slope and the linear Emax. With sampled controls all of it
            holds for their population: cases and controls are resampled apart, so that the
            prevalence stays; ``"632"`` and ``"632+"`` are refused. Those two correct no ICI, E50,
            E90 and Emax, since a curve through the few left out is mostly noise, and the
            .632+ no curve; cross-validation and leave-one-out have no intervals and no draws.

        Raises
        ------
        ArgumentError
            An argument is out of range, or belongs to another method.

        References
        ----------
        Harrell et al. 1996; Steyerberg et al. 2001, doi:10.1016/S0895-4356(01)00341-9.
        Measures as rms::validate, curve as rms::calibrate. The .632+ is that of Efron and
        Tibshirani 1997, doi:10.1080/01621459.1997.10474007; location-shifted intervals are those
        of Noma et al. 2021, doi:10.1002/sim.9148.
        """
        scheme = Scheme(method, resamples, seed, indices, folds, repeats, level, interval)
        event = self.event.astype(np.float64)
        plan = scheme.plan(Units(event, self.clusters, self.sampling is not None))
        cuts = DEFAULT_THRESHOLDS if thresholds is None else as_thresholds(thresholds)
        return validate_logistic(self, plan, cuts, fixed=fixed, progress=progress)

    def _patients(self, horizon: float | None, cuts: FloatArray) -> Patients:
        no_horizon(horizon)
        return BinaryPatients(self.apparent, cuts, self.clusters)

    def shrunken(self, validation: Validation | None = None) -> ShrunkenModel:
        """The model with all coefficients multiplied by one factor, its intercept found anew.

        Parameters
        ----------
        validation : Validation, optional
            Of this fit, by `validate`: its corrected slope is the factor. Without one the
            factor is van Houwelingen and le Cessie's, (chi-square - df) / chi-square, with
            the parameters of all candidates.

        Returns
        -------
        ShrunkenModel
            `.factor`, `.coefficients`, and `.model`, a RiskModel with nomogram and calculator.

        Raises
        ------
        ArgumentError
            A penalty shrank the coefficients already, or the likelihood is not that of the rows.
        FitError
            The factor is not above 0: the model predicts nothing.

        References
        ----------
        van Houwelingen and le Cessie 1990, doi:10.1002/sim.4780091109
        """
        return shrunken_logistic(self, validation)

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients.

        After selection its interval comes from the draws of `validate`; until then it
        is without interval, since Wald intervals ignore the selection.
        """
        return model_from_fit(self)
