"""The nomogram of a RiskModel: the scales that its risks are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.errors import ModelError
from vertebrisk.nomogram.build import build_nomogram
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.nomogram.scales import LogisticScale, MedianScale, RiskScale, SurvivalScale

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel


def nomogram_of(model: RiskModel) -> Nomogram:
    """See `RiskModel.nomogram`."""
    scales, median = _scales(model)
    return build_nomogram(
        model.design, model.intercept, model.beta, model.linear_ticks, scales, median
    )


def _scales(model: RiskModel) -> tuple[tuple[RiskScale, ...], MedianScale | None]:
    if model.kind == "logistic":
        return (LogisticScale(),), None
    if len(model.baselines) > 1:
        raise ModelError(
            "A model with strata has a baseline of its own for each of them, which one "
            "nomogram cannot show; use predict or the calculator."
        )
    baseline = model.baselines[0]
    known = [each for each in model.horizons if baseline.at(each)[0] > 0.0]
    scales = tuple(SurvivalScale(each, baseline.at(each)[0]) for each in known)
    if known[:1] != list(model.horizons[:1]):
        raise ModelError(
            f"No event happened by the first horizon ({model.horizons[0]:g} {model.time_unit})"
            ", so a nomogram has no risk to show; name a later one first.".replace(" )", ")")
        )
    hazards = MedianScale(baseline.times, baseline.cumulative_hazard)
    return scales, hazards if model.kind == "cox" else None
