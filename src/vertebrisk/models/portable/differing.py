"""What several models do not share: outcome, event, time, design, use, data, population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk._types import Json
from vertebrisk.models.portable.risk_model import RiskModel

OF_THE_OUTCOME = ("outcome", "event", "time")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which the models differ, one value a model."""

    kind: str
    values: tuple[str, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"kind": self.kind, "values": list(self.values)}


def what_differs(
    models: Sequence[RiskModel], horizons: Sequence[float | None]
) -> tuple[Difference, ...]:
    """In what the models differ, whatever the case and the spaces of its words.

    Kinds: outcome, event, time, design, use_at, data, population; `horizons` are the times by
    which the risks are asked, None for a model with one time point.
    """
    by_kind: dict[str, list[str]] = {
        "outcome": [each.outcome.name for each in models],
        "event": [each.outcome.event for each in models],
        "time": [_time(each, by) for each, by in zip(models, horizons, strict=True)],
        "design": [each.population.design for each in models],
        "use_at": [each.provenance.use_at for each in models],
        "data": [each.population.data_kind for each in models],
        "population": [each.population.description for each in models],
    }
    found = []
    for kind, values in by_kind.items():
        alike = {" ".join(each.lower().split()) for each in values}
        if len(alike) > 1:
            found.append(Difference(kind, tuple(values)))
    return tuple(found)


def of_other_things(differences: Sequence[Difference]) -> bool:
    """True where the risks are not risks of one thing: outcome, event or time differ."""
    return any(each.kind in OF_THE_OUTCOME for each in differences)


def _time(model: RiskModel, horizon: float | None) -> str:
    """The time by which a risk holds."""
    if horizon is None:
        return model.outcome.time_point
    return f"{horizon:g} {model.time_unit}".strip()
