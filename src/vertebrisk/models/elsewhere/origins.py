"""Where a `RiskModel` can come from besides a fit of vertebrisk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vertebrisk.models.elsewhere.foreign import ForeignKind
    from vertebrisk.models.portable.risk_model import RiskModel


class FromElsewhere:
    """Constructors of `RiskModel` from models that other programs fitted.

    Each gives a model like any other: nomogram, calculator, service, predictions, external
    validation. Where only coefficients are known, risks have no interval. What the model
    must know of patients (ranges for axes, percentiles for warnings of extrapolation) comes
    from `patients`, rows of which nothing else is kept, or from `ranges`.
    """

    @staticmethod
    def from_table(
        coefficients: Mapping[str, float | Mapping[str, float]] | object,
        *,
        kind: ForeignKind = "logistic",
        levels: Mapping[str, Sequence[str]] | None = None,
        knots: Mapping[str, Sequence[float]] | None = None,
        ranges: Mapping[str, Sequence[float]] | None = None,
        patients: object | None = None,
        baseline_survival: Mapping[float, float] | None = None,
        centre: float = 0.0,
        outcome: str = "outcome",
        time_unit: str = "",
    ) -> RiskModel:
        """A model known by its names and coefficients, as a paper prints them.

        Parameters
        ----------
        coefficients : mapping, or frame
            From term to coefficient, or for levels and splines to a mapping from level or
            column to coefficient: ``{"(Intercept)": -4.1, "age": 0.03, "grade": {"high":
            0.8}}``. Terms are written as in formulas: ``log(x)``, ``rcs(age, 4)``, ``a:b``. A
            frame has columns term, level and estimate, as `coefficients()` of a fit.
        kind : {"logistic", "cox"}
        levels : mapping, optional
            Levels of variables that have them, the reference first; by `patients` without,
            where the one level without a coefficient is the reference.
        knots : mapping, optional
            Of splines ``rcs(x, k)``, which are scaled as in rms.
        ranges, patients : mapping of (low, high); frame
            What is known of patients.
        baseline_survival : mapping, optional
            Of a Cox model: survival by horizon of a patient whose linear predictor is `centre`.
        centre : float
            Linear predictor of the patient that the baseline is of, 0 for one whose
            predictors are 0 or at their reference.
        outcome, time_unit : str

        Raises
        ------
        ArgumentError
            When something is missing without which there is no risk, or belongs to no term.
        """
        from vertebrisk.models.elsewhere.table import model_from_table

        return model_from_table(
            coefficients,
            kind=kind,
            levels=levels,
            knots=knots,
            ranges=ranges,
            patients=patients,
            baseline_survival=baseline_survival,
            centre=centre,
            outcome=outcome,
            time_unit=time_unit,
        )

    @staticmethod
    def from_statsmodels(
        results: Any,
        *,
        patients: object | None = None,
        levels: Mapping[str, Sequence[str]] | None = None,
        horizons: Sequence[float] = (),
        outcome: str | None = None,
        time_unit: str = "",
    ) -> RiskModel:
        """A model that statsmodels fitted: Logit, a binomial GLM with the logit link, or PHReg.

        Parameters
        ----------
        results
            What ``fit()`` returned, by formula or by columns. A logistic model keeps its
            covariance, so its risks have intervals.
        patients : frame, optional
            The data of the fit without.
        levels : mapping, optional
            Levels of variables that have them, the reference first, where `patients` do not tell.
        horizons : sequence of float
            Of PHReg: times inside follow-up, the principal one first.
        outcome, time_unit : str, optional

        Raises
        ------
        ModelError
            For another kind of model, and for a term that no portable model has.
        """
        from vertebrisk.models.elsewhere.statsmodels import model_from_statsmodels

        return model_from_statsmodels(
            results,
            patients=patients,
            levels=levels,
            horizons=horizons,
            outcome=outcome,
            time_unit=time_unit,
        )

    @staticmethod
    def from_sklearn(
        estimator: Any,
        *,
        patients: object | None = None,
        ranges: Mapping[str, Sequence[float]] | None = None,
        outcome: str = "outcome",
    ) -> RiskModel:
        """A logistic regression that scikit-learn fitted, alone or at the end of a Pipeline.

        Scaling (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler), OneHotEncoder,
        SimpleImputer and ColumnTransformer are undone, so that the model asks for what a
        clinician measures. A value that an imputer would fill in is asked for.

        Parameters
        ----------
        estimator
            Fitted on a data frame, whose columns have names; `classes_[1]` is the event.
        patients, ranges
            What is known of patients: rows of the columns that the estimator was fitted on.
        outcome : str

        Raises
        ------
        ModelError
            For another estimator, more than two classes, or a step that is not linear.

        Warns
        -----
        CalibrationWarning
            For an estimator with class weights, whose risks are nobody's.
        """
        from vertebrisk.models.elsewhere.pipelines import model_from_sklearn

        return model_from_sklearn(estimator, patients=patients, ranges=ranges, outcome=outcome)

    @staticmethod
    def from_sksurv(
        estimator: Any,
        *,
        horizons: Sequence[float],
        patients: object | None = None,
        ranges: Mapping[str, Sequence[float]] | None = None,
        alpha: float | None = None,
        outcome: str = "outcome",
        time_unit: str = "",
    ) -> RiskModel:
        """A Cox model that scikit-survival fitted, alone or at the end of a Pipeline.

        Parameters
        ----------
        estimator
            CoxPHSurvivalAnalysis, or CoxnetSurvivalAnalysis with ``fit_baseline_model=True``;
            steps before it as in `from_sklearn`.
        horizons : sequence of float
            Times inside follow-up, the principal one first.
        patients, ranges
            What is known of patients.
        alpha : float, optional
            Of CoxnetSurvivalAnalysis: a penalty of its path; the smallest without.
        outcome, time_unit : str

        Raises
        ------
        ModelError
            For another estimator, one without a baseline, or a horizon outside follow-up.
        """
        from vertebrisk.models.elsewhere.pipelines import model_from_sksurv

        return model_from_sksurv(
            estimator,
            horizons=horizons,
            patients=patients,
            ranges=ranges,
            alpha=alpha,
            outcome=outcome,
            time_unit=time_unit,
        )

    @staticmethod
    def from_lifelines(
        fitter: Any,
        *,
        horizons: Sequence[float],
        patients: object | None = None,
        ranges: Mapping[str, Sequence[float]] | None = None,
        levels: Mapping[str, Sequence[str]] | None = None,
        outcome: str | None = None,
        time_unit: str = "",
    ) -> RiskModel:
        """A Cox model that lifelines fitted: a CoxPHFitter with Breslow's baseline.

        The baseline steps at event times, where lifelines joins its points by lines; between
        event times the risks differ by that.

        Parameters
        ----------
        fitter
            A fitted CoxPHFitter without strata.
        horizons : sequence of float
            Times inside follow-up, the principal one first.
        patients, ranges
            What is known of patients.
        levels : mapping, optional
            Levels of variables that have them, the reference first, where `patients` do not tell.
        outcome, time_unit : str, optional

        Raises
        ------
        ModelError
            For another fitter, strata, or a term that no portable model has.
        """
        from vertebrisk.models.elsewhere.lifelines import model_from_lifelines

        return model_from_lifelines(
            fitter,
            horizons=horizons,
            patients=patients,
            ranges=ranges,
            levels=levels,
            outcome=outcome,
            time_unit=time_unit,
        )

    @staticmethod
    def from_r(
        file: str | Path,
        *,
        horizons: Sequence[float] = (),
        outcome: str | None = None,
        time_unit: str = "",
    ) -> RiskModel:
        """A model that R fitted by glm, lrm, coxph or cph, written by the function in the docs.

        Parameters
        ----------
        file : str or Path
            JSON with coefficients, covariance, levels, knots, ranges and baseline hazard; no
            patient is in it.
        horizons : sequence of float
            Of a Cox model: times inside follow-up, the principal one first.
        outcome, time_unit : str, optional

        Raises
        ------
        DataError
            When the file cannot be read.
        ModelError
            When it is not such a file, or of a model or term that no portable model has.
        """
        from vertebrisk.models.elsewhere.r import model_from_r

        return model_from_r(Path(file), horizons=horizons, outcome=outcome, time_unit=time_unit)
