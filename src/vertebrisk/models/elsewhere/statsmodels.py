"""A logistic or Cox model that statsmodels fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import ModelError
from vertebrisk.models.elsewhere.foreign import ForeignModel, assembled
from vertebrisk.models.elsewhere.hazards import portable_hazard
from vertebrisk.models.elsewhere.named import read_names
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel


def model_from_statsmodels(
    results: Any,
    *,
    patients: object | None = None,
    levels: Mapping[str, Sequence[str]] | None = None,
    horizons: Sequence[float] = (),
    outcome: str | None = None,
    time_unit: str = "",
) -> RiskModel:
    """See `RiskModel.from_statsmodels`."""
    fitted = getattr(results, "model", None)
    names = getattr(fitted, "exog_names", None)
    if fitted is None or names is None or not hasattr(results, "params"):
        raise ModelError(
            f"from_statsmodels takes the results of a fit, such as smf.logit(...).fit(); this is "
            f"{type(results).__name__}."
        )
    survival = type(fitted).__name__ == "PHReg"
    _check_kind(fitted, survival)
    known = KnownPatients.of(_patients(fitted) if patients is None else patients, None)
    values = np.asarray(results.params, dtype=np.float64)
    read = read_names([str(name) for name in names], values, known, levels)
    if not survival and read.intercept is None:
        raise ModelError(
            "The model has no intercept; add a constant, without which there is no risk."
        )
    observed = np.asarray(fitted.status if survival else fitted.endog, dtype=np.float64)
    counts = _counts(fitted, observed.size)
    model = ForeignModel(
        kind="cox" if survival else "logistic",
        terms=read.terms,
        estimates=read.estimates,
        intercept=read.intercept or 0.0,
        levels=read.levels,
        covariance=None if survival else (read.keys, _covariance(results)),
        baselines=_baselines(results, horizons, len(read.estimates)) if survival else (),
        horizons=tuple(map(float, horizons)),
        time_unit=time_unit,
        outcome=outcome or str(getattr(fitted, "endog_names", "") or "outcome"),
        software="statsmodels",
        n=round(float(counts.sum())),
        n_events=round(float(counts @ observed)),
    )
    return assembled(model, known)


def _check_kind(fitted: Any, survival: bool) -> None:
    name = type(fitted).__name__
    if name == "GLM":
        family = fitted.family
        link = type(family.link).__name__
        if type(family).__name__ != "Binomial" or link.lower() != "logit":
            raise ModelError(
                f"The GLM is {type(family).__name__} with the link {link}; a risk model is "
                "binomial with the logit link."
            )
    elif name not in ("Logit", "PHReg"):
        raise ModelError(f"{name} of statsmodels is no risk model; known are Logit, GLM and PHReg.")
    if getattr(fitted, "offset", None) is not None and np.any(np.asarray(fitted.offset) != 0):
        raise ModelError("The model has an offset, which a portable model does not have.")
    if survival and getattr(fitted.surv, "nstrat", 1) > 1:
        raise ModelError("The model has strata; use fit_cox with strata() for a portable one.")


def _patients(fitted: Any) -> Any:
    """The data of a formula, or the columns that were given."""
    data = getattr(fitted, "data", None)
    frame = getattr(data, "frame", None)
    if frame is not None:
        return frame
    columns = getattr(data, "orig_exog", None)
    return columns if hasattr(columns, "columns") else None


def _counts(fitted: Any, size: int) -> FloatArray:
    """How many patients each row of the data stands for."""
    weights = getattr(fitted, "freq_weights", None)
    return np.ones(size) if weights is None else np.asarray(weights, dtype=np.float64)


def _covariance(results: Any) -> FloatArray:
    """That of the estimates; one that is not known where a penalty leaves none."""
    if not hasattr(results, "cov_params"):
        return np.full((1, 1), np.nan)
    return np.asarray(results.cov_params(), dtype=np.float64)


def _baselines(results: Any, horizons: Sequence[float], columns: int) -> tuple[Baseline, ...]:
    """The hazard after each event; statsmodels gives it just before, and none after the last."""
    times, before, _ = (np.asarray(each) for each in results.baseline_cumulative_hazard[0])
    known = np.append(times[:-1], np.nextafter(times[-1], 0.0))
    after = np.append(before[1:], before[-1])
    return (portable_hazard(known, after, horizons, columns),)
