"""The portable model of a fit of time to event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from vertebrisk._types import FloatArray, IntervalKind, ModelKind
from vertebrisk.models.baseline import Baseline, portable_baseline
from vertebrisk.models.describing import Outcome, Population, Provenance
from vertebrisk.models.making import survival_model
from vertebrisk.models.risk_model import RiskModel
from vertebrisk.models.similar import similar_to

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit


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


def model_from_cox(fit: CoxFit) -> RiskModel:
    """The model of a Cox fit, with Wald intervals unless its terms were chosen by the data."""
    return _model("cox", fit)


def model_from_fine_gray(fit: FineGrayFit) -> RiskModel:
    """The model of a Fine-Gray fit, with Wald intervals unless the data chose its terms."""
    return _model("fine-gray", fit)


def _model(kind: ModelKind, fit: CoxFit | FineGrayFit) -> RiskModel:
    interval_kind: IntervalKind = "none" if fit.selection.chooses else "model-based"
    return survival_model(
        kind,
        fit.design,
        fit.beta,
        fit.cov,
        portable_baselines(fit.baselines, fit.strata_levels or ("",), fit.horizons),
        horizons=fit.horizons,
        linear=fit.linear_predictor,
        strata=fit.strata,
        time_unit=fit.time_unit,
        interval_kind=interval_kind,
        outcome=Outcome(fit.outcome, fit.outcome),
        population=Population(fit.n, fit.n_events),
        provenance=Provenance(formula=fit.formula, selection=fit.selection.method),
        similar=similar_to(fit),
    )
