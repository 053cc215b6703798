"""From which model another was made by updating, and how."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from vertebrisk._types import Json
from vertebrisk._version import __version__

UpdateMethod = Literal["in-the-large", "baseline", "recalibration", "revision"]
UpdateChoice = Literal["closed-test", "named"]


@dataclass(frozen=True, slots=True)
class Update:
    """One step of a model's lineage.

    Attributes
    ----------
    model : str
        Name of the model that was updated: its study, or its outcome.
    version : str
        Its version: the first 16 digits of the SHA-256 of its document.
    method : {"in-the-large", "baseline", "recalibration", "revision"}
        "baseline": that of a Cox model anew; its recalibration has a new one, too.
    choice : {"closed-test", "named"}
        Whether the patients chose the method, or whoever updated.
    n, n_events : int
        Patients of the update.
    intercept, slope : float or None
        The linear predictor is the intercept plus slope times that of the model before; None
        for a revision.
    software : str
    """

    model: str
    version: str
    method: UpdateMethod
    choice: UpdateChoice
    n: int
    n_events: int
    intercept: float | None = None
    slope: float | None = None
    software: str = f"vertebrisk {__version__}"

    def to_dict(self) -> Json:
        """JSON form."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Update:
        """Inverse of `to_dict`; ValueError or TypeError where it is no step of a lineage."""
        step = cls(**document)
        if not all(isinstance(each, str) for each in (step.model, step.version, step.software)):
            raise ValueError("its lineage names a model by what is no text")
        if not re.fullmatch("[0-9a-f]{16}", step.version):
            raise ValueError("its lineage has a version that is none")
        if step.method not in get_args(UpdateMethod) or step.choice not in get_args(UpdateChoice):
            raise ValueError(f"its lineage has the method '{step.method}' ('{step.choice}')")
        if not (_whole(step.n) and _whole(step.n_events) and 0 < step.n_events < step.n):
            raise ValueError("its lineage has numbers of patients that are none")
        if not all(_finite(each) for each in step.parameters):
            raise ValueError("its lineage has an intercept or a slope that is no number")
        return step

    @property
    def parameters(self) -> tuple[float | None, ...]:
        """Intercept and slope where the method has them."""
        return () if self.method == "revision" else (self.intercept, self.slope)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
