"""`RiskClassifier`: `fit_logistic` as an estimator of scikit-learn.

Needs scikit-learn, which the rest of the package does without; inside this module ``sklearn``
is that library.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl

from vertebrisk._checks import as_numbers, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import Estimator, FloatArray
from vertebrisk.design.build import build_design, needed_columns
from vertebrisk.design.encode import encode
from vertebrisk.design.formulas import parse_formula
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, MissingExtraError
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.models.penalised.penalty import Penalty
from vertebrisk.models.preparing import check_predictors, frequencies
from vertebrisk.text.plurals import counted

try:
    import sklearn

    # Before 1.9 a polars frame had no names, so that the order of its columns went unchecked.
    if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < (1, 9):
        raise ImportError
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import (
        check_consistent_length,
        check_is_fitted,
        column_or_1d,
        validate_data,
    )
except ImportError:
    raise MissingExtraError(
        "vertebrisk.sklearn needs scikit-learn 1.9 or later, not installed here: "
        "pip install 'vertebrisk[sklearn]'."
    ) from None


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What is the risk of each patient, asked in the way of scikit-learn?

    For `cross_val_score`, pipelines and searches. The model is that of `fit_logistic`.

    Parameters
    ----------
    estimator : {"auto", "ml", "firth", "ridge", "lasso", "elastic_net"}
        As in `fit_logistic`; "auto" is Firth's likelihood where the outcomes are separated, and
        maximum likelihood elsewhere. Where there are no more patients than parameters, and neither
        exists, it is ridge with the penalty of the best AIC_c, and warns.
    penalty : float or Penalty, optional
        glmnet's lambda of ridge, lasso and elastic net; by default cross-validated within the
        patients of each fit.
    mix : float, optional
        glmnet's alpha of an elastic net, 0.5 by default.
    terms : str or sequence of str, optional
        Right side of a formula, ``"rcs(age, 4) + sex"``, or its terms one by one; by default
        every column as it is. Columns of an array without names are ``x0``, ``x1`` and so on.

    Attributes
    ----------
    classes_ : array, shape (2,)
        Values of y in ascending order; the second one is the event.
    coef_ : array, shape (1, p)
        Log odds ratios, 0 where the lasso left a column out. Where terms are columns of
        numbers, one for each column of X.
    coef_names_ : array of str, shape (p,)
        What each coefficient belongs to: a term, or ``term=level``.
    intercept_ : array, shape (1,)
    n_features_in_ : int
    feature_names_in_ : array of str
        Where X has names.
    fit_ : LogisticFit
        The fit, with tests, intervals, findings and `validate`.
    risk_model_ : RiskModel
        The model without patients: nomogram, calculator, document.

    References
    ----------
    Pedregosa et al. 2011, Journal of Machine Learning Research 12:2825-2830. The method's own
    are those of `fit_logistic`.
    """

    classes_: Any
    fit_: Any

    def __init__(
        self,
        estimator: Estimator = "auto",
        *,
        penalty: float | Penalty | None = None,
        mix: float | None = None,
        terms: str | Sequence[str] | None = None,
    ) -> None:
        self.estimator = estimator
        self.penalty = penalty
        self.mix = mix
        self.terms = terms

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : array or frame, shape (n, features)
            Numbers; a polars or pandas frame may hold labels and booleans, too. No
            value may be missing: fill in beforehand, or use `fit_imputed`.
        y : array, shape (n,)
            Two values of any kind, the later one in ascending order being the event.
        sample_weight : array, shape (n,), optional
            Whole frequencies; a row counts as that many patients.

        Raises
        ------
        DataError
            A frame has missing values, or only one class occurs.
        ArgumentError
            The weights are not whole numbers of 0 or more, or the options do not go together.
        ValueError
            Whatever else scikit-learn refuses: sparse or complex arrays, more than two classes.
        ExpressionError, FitError
            As from `fit_logistic`.

        Warns
        -----
        FewEventsWarning
            Fewer than 10 events, or non-events, per candidate parameter.
        """
        frame, target = self._read(X, y, reset=True)
        self.classes_, place = np.unique(target, return_inverse=True)
        event = place == 1
        if sample_weight is not None:
            weights = as_numbers(sample_weight, "sample_weight", frame.height)
            times = frequencies(pl.Series("sample_weight", weights))
            repeated = np.repeat(np.arange(frame.height), times)
            frame, event = frame[repeated], event[repeated]
        if event.size == 0:
            raise DataError("No patient is left: X has no row, or every sample_weight is zero.")
        if event.all() or not event.any():
            raise DataError(
                f"y has only one class in {counted(event.size, 'patient')} (n_samples = "
                f"{event.size}); both classes must occur."
            )
        outcome = _free_name(getattr(y, "name", None), frame.columns)
        formula = f"{quoted(outcome)} ~ {_right_side(self.terms, frame.columns)}"
        terms = parse_formula(formula).terms
        needed_columns(frame, [name for term in terms for name in term.variables])
        estimator, penalty = self._feasible(terms, frame)
        self.fit_ = fit_logistic(
            formula,
            frame.with_columns(pl.Series(outcome, event)),
            estimator=estimator,
            penalty=penalty,
            mix=self.mix,
        )
        self.risk_model_ = self.fit_.model
        self._keep_coefficients()
        return self

    def decision_function(self, X: Any) -> FloatArray:
        """Log-odds of the event, shape (n,); see `predict_proba`."""
        check_is_fitted(self)
        frame, _ = self._read(X, None, reset=False)
        design = self.fit_.design
        if not design.terms:
            return np.full(frame.height, self.fit_.intercept)
        linear = self.fit_.intercept + design.matrix(encode(design, frame).codes) @ self.fit_.beta
        if not np.isfinite(linear).all():
            flags = self.risk_model_.predict(frame.filter(~np.isfinite(linear)))["flags"]
            reasons = listed(flags.cast(pl.String).unique(maintain_order=True).to_list(), 3)
            raise DataError(
                f"{counted(int((~np.isfinite(linear)).sum()), 'row')} cannot be scored ({reasons});"
                " correct or leave them out, or ask risk_model_.predict, which flags them."
            )
        return np.asarray(linear)

    def predict_proba(self, X: Any) -> FloatArray:
        """Risk of each class in the order of `classes_`, shape (n, 2).

        Raises
        ------
        DataError
            A value is missing, is a label that the model does not know, or is outside the
            domain of a term.
        ValueError
            X has other columns than the model was made from.
        """
        linear = self.decision_function(X)
        return np.exp(-np.logaddexp(0.0, np.column_stack([linear, -linear])))

    def predict(self, X: Any) -> Any:
        """The class of the greater risk, shape (n,). For decisions choose a threshold instead."""
        linear = self.decision_function(X)
        return self.classes_[(linear > 0.0).astype(np.int64)]

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[pl.DataFrame, Any]:
        """X as a frame with the names of the fit; y as labels where the fit is new."""
        named = _is_named_frame(X)
        given = {"y": y} if reset else {}
        options = {"skip_check_array": True} if named else {"dtype": np.float64}
        checked = validate_data(self, X, reset=reset, **given, **options)
        values, target = checked if reset else (checked, None)
        names = list(getattr(self, "feature_names_in_", _numbered(self.n_features_in_)))
        frame = as_polars(X) if named else pl.DataFrame(dict(zip(names, values.T, strict=True)))
        frame.columns = names
        missing = [name for name in names if frame[name].null_count()]
        if missing:
            raise DataError(
                f"X contains NaN or missing values in {listed(missing)}; fill them in by an "
                "imputer before this step, or use fit_imputed."
            )
        return frame, _labels(target, frame) if reset else None

    def _feasible(
        self, terms: Sequence[WrittenTerm], frame: pl.DataFrame
    ) -> tuple[Estimator, float | Penalty | None]:
        """Estimator and penalty; "auto" is ridge for as many parameters as patients, or more."""
        check_predictors(frame, [name for term in terms for name in term.variables])
        parameters = len(build_design(frame, terms)[0].columns) + 1
        if self.estimator != "auto" or self.penalty is not None or parameters < frame.height:
            return self.estimator, self.penalty
        warnings.warn(
            f"The model has {parameters} parameters for {counted(frame.height, 'patient')}, so "
            "'auto' fits a ridge with the penalty of the best AIC_c. Choose far fewer columns "
            "beforehand.",
            FewEventsWarning,
            stacklevel=3,
        )
        return "ridge", Penalty(rule="aic_c")

    def _keep_coefficients(self) -> None:
        """Of all candidate columns in their order; what was left out is 0."""
        kept = dict(zip(self.fit_.design.columns, self.fit_.beta, strict=True))
        columns = self.fit_.development.design.columns
        self.coef_ = np.array([[kept.get(column, 0.0) for column in columns]])
        self.coef_names_ = np.array(
            [f"{each.term}={each.level}" if each.level else each.term for each in columns],
            dtype=object,
        )
        self.intercept_ = np.array([self.fit_.intercept])


def _right_side(terms: str | Sequence[str] | None, names: Sequence[str]) -> str:
    """The terms as a formula writes them; by default every column."""
    if terms is None:
        return " + ".join(quoted(name) for name in names)
    if isinstance(terms, str):
        return terms
    if not isinstance(terms, Sequence) or not terms or {type(each) for each in terms} != {str}:
        raise ArgumentError(
            f"terms is {terms!r}; texts as in a formula are needed, such as ['rcs(age, 4)', 'sex']."
        )
    return " + ".join(terms)


def _is_named_frame(X: Any) -> bool:
    """True for a frame whose columns have texts for names; others are arrays to scikit-learn."""
    framed = type(X).__module__.partition(".")[0] in ("pandas", "polars") and hasattr(X, "columns")
    return framed and all(isinstance(name, str) for name in X.columns)


def _numbered(count: int) -> list[str]:
    return [f"x{place}" for place in range(count)]


def _labels(y: Any, frame: pl.DataFrame) -> Any:
    """Labels of two classes at most, one a row."""
    target = column_or_1d(y, warn=True)
    check_consistent_length(frame, target)
    check_classification_targets(target)
    kind = type_of_target(target, input_name="y")
    if kind != "binary":
        raise DataError(
            f"Only binary classification is supported. The type of the target is {kind}."
        )
    return target


def _free_name(wanted: object, taken: Sequence[str]) -> str:
    """What y calls itself, or "event", so that no column has the name."""
    name = wanted if isinstance(wanted, str) and wanted.strip() and "`" not in wanted else "event"
    while name in taken:
        name += "_"
    return name
