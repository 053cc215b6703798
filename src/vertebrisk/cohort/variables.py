"""What is known of each variable of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertebrisk._types import Json, TestName, Timing
from vertebrisk.protocol import Localised


@dataclass(frozen=True, slots=True)
class CohortVariable:
    """One described variable, as it stands in `Cohort.frame`.

    A categorical variable is an Enum whose categories are `levels`, the reference first;
    a numeric one is Float64. `plausible` are the limits that the codebook states.
    """

    name: str
    label: Localised
    unit: Localised | None
    kind: Literal["numeric", "categorical"]
    levels: tuple[str, ...]
    level_labels: Mapping[str, Localised]
    timing: Timing
    definition: Localised | None
    summary: Literal["mean_sd", "median_iqr"]
    test: TestName | None
    plausible: tuple[float, float] | None
    derive: str | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "name": self.name,
            "label": self.label.model_dump(),
            "unit": self.unit.model_dump() if self.unit else None,
            "kind": self.kind,
            "levels": list(self.levels),
            "level_labels": {key: label.model_dump() for key, label in self.level_labels.items()},
            "timing": self.timing,
            "definition": self.definition.model_dump() if self.definition else None,
            "summary": self.summary,
            "test": self.test,
            "plausible": list(self.plausible) if self.plausible else None,
            "derive": self.derive,
        }
