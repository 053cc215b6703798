"""Logistic and Cox models that scikit-learn and scikit-survival fitted, alone or in a pipeline."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import CalibrationWarning, ModelError
from vertebrisk.models.elsewhere.columns import LinearColumn, Transformed, through
from vertebrisk.models.elsewhere.foreign import ForeignKind, ForeignModel, Key, assembled
from vertebrisk.models.elsewhere.hazards import portable_hazard
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel

_LOGISTIC = ("LogisticRegression", "LogisticRegressionCV")
_COX = ("CoxPHSurvivalAnalysis", "CoxnetSurvivalAnalysis")


def model_from_sklearn(
    estimator: Any,
    *,
    patients: object | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    outcome: str = "outcome",
) -> RiskModel:
    """See `RiskModel.from_sklearn`."""
    last = _last(estimator, _LOGISTIC, "from_sklearn")
    if last.class_weight is not None:
        warnings.warn(
            f"The estimator was fitted with class_weight={last.class_weight!r}: its risks are not "
            "those of its patients. Fit it without, or update the model on patients.",
            CalibrationWarning,
            stacklevel=3,
        )
    classes = last.classes_
    if len(classes) != 2:
        raise ModelError(f"The estimator tells {len(classes)} classes apart; a risk model has two.")
    beta = np.asarray(last.coef_, dtype=np.float64).ravel()
    intercept = float(np.ravel(last.intercept_)[0])
    return _made(
        estimator,
        beta,
        intercept,
        KnownPatients.of(patients, ranges),
        kind="logistic",
        outcome=outcome,
        software="scikit-learn",
    )


def model_from_sksurv(
    estimator: Any,
    *,
    horizons: Sequence[float],
    patients: object | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    alpha: float | None = None,
    outcome: str = "outcome",
    time_unit: str = "",
) -> RiskModel:
    """See `RiskModel.from_sksurv`."""
    last = _last(estimator, _COX, "from_sksurv")
    beta, hazard = _cox_parts(last, alpha)
    return _made(
        estimator,
        beta,
        0.0,
        KnownPatients.of(patients, ranges),
        kind="cox",
        outcome=outcome,
        software="scikit-survival",
        hazard=hazard,
        horizons=tuple(map(float, horizons)),
        time_unit=time_unit,
    )


def _cox_parts(last: Any, alpha: float | None) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """Coefficients, and times with the cumulative hazard where the linear predictor is 0."""
    if type(last).__name__ == "CoxnetSurvivalAnalysis":
        if not last.fit_baseline_model:
            raise ModelError(
                "The CoxnetSurvivalAnalysis has no baseline; fit it with fit_baseline_model=True."
            )
        place = _of_alpha(last.alphas_, alpha)
        step = last._baseline_models[place].cum_baseline_hazard_
        hazard = np.asarray(step.y, dtype=np.float64) * np.exp(-float(last.offset_[place]))
        beta = np.asarray(last.coef_, dtype=np.float64)[:, place]
        return beta, (np.asarray(step.x, dtype=np.float64), hazard)
    if alpha is not None:
        raise ModelError("alpha belongs to CoxnetSurvivalAnalysis.")
    step = last.cum_baseline_hazard_
    return np.asarray(last.coef_, dtype=np.float64), (
        np.asarray(step.x, dtype=np.float64),
        np.asarray(step.y, dtype=np.float64),
    )


def _of_alpha(alphas: FloatArray, alpha: float | None) -> int:
    """Where on the path a penalty lies; the last without one."""
    if alpha is None:
        return len(alphas) - 1
    places = np.flatnonzero(np.isclose(alphas, alpha))
    if not places.size:
        raise ModelError(
            f"alpha is {alpha:g}, which is not on the path; that runs from {max(alphas):.4g} to "
            f"{min(alphas):.4g}."
        )
    return int(places[0])


def _last(estimator: Any, known: Sequence[str], function: str) -> Any:
    last = estimator.steps[-1][1] if type(estimator).__name__ == "Pipeline" else estimator
    name = type(last).__name__
    if name not in known:
        raise ModelError(
            f"{function} reads {' and '.join(known)}, alone or at the end of a Pipeline; this is "
            f"{name}."
        )
    if not hasattr(last, "coef_"):
        raise ModelError(f"The {name} is not fitted.")
    return last


def _made(
    estimator: Any,
    beta: FloatArray,
    intercept: float,
    known: KnownPatients,
    *,
    kind: ForeignKind,
    outcome: str,
    software: str,
    hazard: tuple[FloatArray, FloatArray] | None = None,
    horizons: tuple[float, ...] = (),
    time_unit: str = "",
) -> RiskModel:
    made = _columns(estimator)
    if len(made.columns) != beta.size:
        raise ModelError(
            f"The steps make {len(made.columns)} columns, and the estimator has {beta.size} "
            "coefficients."
        )
    estimates: dict[Key, float] = {}
    per_level: dict[str, dict[str, float]] = {}
    for column, coefficient in zip(made.columns, beta, strict=True):
        intercept += float(coefficient) * column.shift
        slope = float(coefficient) * column.scale
        if column.level is None:
            key = (column.variable, "")
            estimates[key] = estimates.get(key, 0.0) + slope
        else:
            own = per_level.setdefault(column.variable, {})
            own[column.level] = own.get(column.level, 0.0) + slope
    for name, own in per_level.items():
        reference, *others = made.levels[name]
        start = own.get(reference, 0.0)
        intercept += start
        estimates |= {(name, level): own.get(level, 0.0) - start for level in others}
    used = tuple(dict.fromkeys(name for name, _ in estimates))
    baselines: tuple[Baseline, ...] = ()
    if hazard is not None:
        # What the columns' shifts add to every patient belongs to the baseline.
        scaled = hazard[1] * np.exp(intercept)
        baselines = (portable_hazard(hazard[0], scaled, horizons, len(estimates)),)
    return assembled(
        ForeignModel(
            kind=kind,
            terms=parse_terms(tuple(map(quoted, used))),
            estimates=estimates,
            intercept=intercept if kind == "logistic" else 0.0,
            levels={name: made.levels[name] for name in per_level},
            baselines=baselines,
            horizons=horizons,
            time_unit=time_unit,
            outcome=outcome,
            software=software,
        ),
        known,
    )


def _columns(estimator: Any) -> Transformed:
    """The columns that reach the last step."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        raise ModelError(
            "The estimator was fitted on columns without names; fit it on a data frame."
        )
    columns: Sequence[LinearColumn] = [LinearColumn(str(name)) for name in names]
    if type(estimator).__name__ != "Pipeline":
        return Transformed(tuple(columns), {})
    levels: dict[str, tuple[str, ...]] = {}
    for _, step in estimator.steps[:-1]:
        made = through(step, columns)
        columns, levels = made.columns, {**levels, **made.levels}
    return Transformed(tuple(columns), levels)
