"""The portable model of a fit of time to event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vertebrisk._types import FloatArray, IntArray, IntervalKind, ModelKind
from vertebrisk.models.portable.baseline import Baseline, portable_baseline
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.making import survival_model
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.similar import similar_to

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit


LARGEST_EXPONENT = 700.0  # of which the exponential is still finite


class StepHazard(Protocol):
    """A cumulative hazard that steps at event times, such as `BaselineHazard`."""

    @property
    def times(self) -> FloatArray:
        """Event times, ascending."""
        ...

    @property
    def last_time(self) -> float:
        """Longest follow-up."""
        ...

    def at(self, times: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cumulative hazard, variance and mean integral at some times."""
        ...


def portable_baselines(
    found: Sequence[StepHazard], names: Sequence[str], horizons: tuple[float, ...]
) -> tuple[Baseline, ...]:
    """Every stratum's hazard on a grid that travels."""
    return tuple(
        portable_baseline(name, each.at, each.times, each.last_time, horizons)
        for name, each in zip(names, found, strict=True)
    )


def average_risks(
    baselines: Sequence[Baseline],
    groups: IntArray,
    linear: FloatArray,
    horizons: Sequence[float],
    weights: FloatArray | None = None,
) -> tuple[float | None, ...]:
    """Mean risk of the patients that a model was made from, by each horizon.

    Parameters
    ----------
    baselines : sequence of Baseline
        By the codes in `groups`.
    groups : int array, shape (n,)
        Stratum of each patient.
    linear : array, shape (n,)
        Linear predictors, not centred.
    horizons : sequence of float
    weights : array, shape (n,), optional
        Case weights.

    Returns
    -------
    tuple of float or None
        None where the follow-up of a stratum ends before the horizon.
    """
    relative = np.exp(np.minimum(linear, LARGEST_EXPONENT))

    def by(horizon: float) -> float | None:
        if any(each.limit < horizon for each in baselines):
            return None
        hazard = np.array([each.at(horizon)[0] for each in baselines])
        return float(np.average(-np.expm1(-hazard[groups] * relative), weights=weights))

    return tuple(by(each) for each in horizons)


def averages_of_cox(
    fit: CoxFit, baselines: Sequence[Baseline], linear: FloatArray
) -> tuple[float | None, ...]:
    """`average_risks` of the patients of a fit, whatever the model that they are given."""
    weights = fit.likelihood.case_weights
    return average_risks(baselines, fit.times.groups, linear, fit.horizons, weights)


def model_from_cox(fit: CoxFit) -> RiskModel:
    """The model of a Cox fit, with Wald intervals unless its terms were chosen by the data."""
    baselines = _baselines(fit)
    averages = averages_of_cox(fit, baselines, fit.linear_predictor)
    return _model("cox", fit, baselines, averages)


def model_from_fine_gray(fit: FineGrayFit) -> RiskModel:
    """The model of a Fine-Gray fit, with Wald intervals unless the data chose its terms."""
    baselines = _baselines(fit)
    together = np.zeros(fit.linear_predictor.size, dtype=np.int64)
    averages = average_risks(baselines, together, fit.linear_predictor, fit.horizons)
    return _model("fine-gray", fit, baselines, averages)


def _baselines(fit: CoxFit | FineGrayFit) -> tuple[Baseline, ...]:
    return portable_baselines(fit.baselines, fit.strata_levels or ("",), fit.horizons)


def _model(
    kind: ModelKind,
    fit: CoxFit | FineGrayFit,
    baselines: tuple[Baseline, ...],
    averages: tuple[float | None, ...],
) -> RiskModel:
    interval_kind: IntervalKind = "none" if fit.development.chooses else "model-based"
    return survival_model(
        kind,
        fit.design,
        fit.beta,
        fit.cov,
        baselines,
        horizons=fit.horizons,
        average_risks=averages,
        linear=fit.linear_predictor,
        strata=fit.strata,
        time_unit=fit.time_unit,
        interval_kind=interval_kind,
        outcome=Outcome(fit.outcome, fit.outcome),
        population=Population(fit.n, fit.n_events),
        provenance=Provenance(formula=fit.formula, selection=fit.selection.method),
        similar=similar_to(fit),
    )
