"""From which model another was made by updating, and how."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, get_args

from vertebrisk._types import Json, Language
from vertebrisk._version import __version__
from vertebrisk.text.updates import updated_text

UpdateMethod = Literal[
    "in-the-large", "baseline", "recalibration", "extension", "revision", "revised-extension"
]
ANEW: tuple[UpdateMethod, ...] = ("revision", "revised-extension")
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
    method : UpdateMethod
        "baseline": that of a Cox model anew; all of its other updates have a new one, too.
    choice : {"closed-test", "named"}
        Whether the patients chose the method, or whoever updated.
    n, n_events : int
        Patients of the update.
    intercept, slope : float or None
        The linear predictor is the intercept plus slope times that of the model before, plus
        what extends it; None where every coefficient is new.
    extension : tuple of str
        Terms of new predictors, as a formula writes them.
    shrinkage : float or None
        Share of the way from the recalibrated model that was gone; None without shrinkage.
    when : str
        Date of the update as whoever updated gave it, ``2026``, ``2026-03`` or ``2026-03-14``;
        "" where nobody did.
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
    extension: tuple[str, ...] = ()
    shrinkage: float | None = None
    when: str = ""
    software: str = f"vertebrisk {__version__}"

    def to_dict(self) -> Json:
        """JSON form; without extension, shrinkage and date where there is none."""
        document = {each.name: getattr(self, each.name) for each in fields(self)}
        document["extension"] = list(self.extension)
        if not self.extension:
            del document["extension"]
        if self.shrinkage is None:
            del document["shrinkage"]
        if not self.when:
            del document["when"]
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Update:
        """Inverse of `to_dict`; ValueError or TypeError where it is no step of a lineage."""
        terms = document.get("extension", [])
        if not isinstance(terms, list) or not all(isinstance(each, str) for each in terms):
            raise ValueError("its lineage has an extension that is no list of terms")
        step = cls(**{**document, "extension": tuple(terms)})
        if not all(isinstance(each, str) for each in (step.model, step.version, step.software)):
            raise ValueError("its lineage names a model by what is no text")
        if not isinstance(step.when, str) or not (step.when == "" or is_date(step.when)):
            raise ValueError("its lineage has a date that is none")
        if not re.fullmatch("[0-9a-f]{16}", step.version):
            raise ValueError("its lineage has a version that is none")
        if step.method not in get_args(UpdateMethod) or step.choice not in get_args(UpdateChoice):
            raise ValueError(f"its lineage has the method '{step.method}' ('{step.choice}')")
        if not (_whole(step.n) and _whole(step.n_events) and 0 < step.n_events < step.n):
            raise ValueError("its lineage has numbers of patients that are none")
        if not all(_finite(each) for each in step.parameters):
            raise ValueError("its lineage has an intercept or a slope that is no number")
        if ("extension" in step.method) != bool(step.extension):
            raise ValueError(f"its lineage has no terms that go with the method '{step.method}'")
        share = step.shrinkage
        if share is not None and not (_finite(share) and 0.0 <= share <= 1.0):
            raise ValueError("its lineage has a shrinkage that lies not between 0 and 1")
        return step

    def told(self, language: Language) -> str:
        """The step in one sentence: of which model, how, when, on how many patients."""
        return updated_text(self, language)

    @property
    def parameters(self) -> tuple[float | None, ...]:
        """Intercept and slope where the method has them."""
        return () if self.method in ANEW else (self.intercept, self.slope)


def is_date(text: str) -> bool:
    """True for a year, a month or a day as ISO 8601 writes it."""
    if not re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", text):
        return False
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
