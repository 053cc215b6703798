"""A Cox model that lifelines fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vertebrisk.errors import ModelError
from vertebrisk.models.elsewhere.foreign import ForeignModel, assembled
from vertebrisk.models.elsewhere.hazards import portable_hazard
from vertebrisk.models.elsewhere.named import read_names
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.portable.risk_model import RiskModel


def model_from_lifelines(
    fitter: Any,
    *,
    horizons: Sequence[float],
    patients: object | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    levels: Mapping[str, Sequence[str]] | None = None,
    outcome: str | None = None,
    time_unit: str = "",
) -> RiskModel:
    """See `RiskModel.from_lifelines`."""
    if not hasattr(fitter, "baseline_cumulative_hazard_") or not hasattr(fitter, "params_"):
        raise ModelError(
            f"from_lifelines takes a fitted CoxPHFitter; this is {type(fitter).__name__}."
        )
    method = getattr(fitter, "baseline_estimation_method", "breslow")
    if method != "breslow":
        raise ModelError(
            f"The baseline is {method}; a portable one is Breslow's, the default of CoxPHFitter."
        )
    if getattr(fitter, "strata", None):
        raise ModelError("The model has strata; use fit_cox with strata() for a portable one.")
    known = KnownPatients.of(patients, ranges)
    values = np.asarray(fitter.params_, dtype=np.float64)
    read = read_names([str(name) for name in fitter.params_.index], values, known, levels)
    # lifelines measures covariates from their means; the baseline is that of a mean patient.
    centre = float(np.asarray(fitter._norm_mean, dtype=np.float64) @ values)
    table = fitter.baseline_cumulative_hazard_
    hazard = table.iloc[:, 0].to_numpy(dtype=np.float64) * np.exp(-centre)
    events = np.asarray(fitter.event_observed, dtype=np.float64)
    model = ForeignModel(
        kind="cox",
        terms=read.terms,
        estimates=read.estimates,
        levels=read.levels,
        baselines=(
            portable_hazard(
                table.index.to_numpy(dtype=np.float64), hazard, horizons, len(read.estimates)
            ),
        ),
        horizons=tuple(map(float, horizons)),
        time_unit=time_unit,
        outcome=outcome or str(getattr(fitter, "event_col", "") or "outcome"),
        software="lifelines",
        n=int(events.size),
        n_events=round(float(events.sum())),
    )
    return assembled(model, known)
