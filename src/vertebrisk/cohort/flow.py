"""The participant flow: who left at which step, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vertebrisk._types import Json, Language, TimeUnit
from vertebrisk.text.messages import said

StepKind = Literal[
    "include",
    "exclude",
    "undetermined",
    "outcome-missing",
    "not-sampled",
    "set-missing",
    "set-idle",
    "predictor-missing",
    "not-scored",
]


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step of the flow. `removed` rows left, `remaining` went on."""

    kind: StepKind
    reason: str
    rule: str
    removed: int
    remaining: int

    def said(self, language: Language) -> FlowStep:
        """The step with its reason in this language."""
        return replace(self, reason=said(self.reason, language))

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "kind": self.kind,
            "reason": self.reason,
            "rule": self.rule,
            "removed": self.removed,
            "remaining": self.remaining,
        }


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How the rows analysed were followed up; times are in `unit`.

    `total` is the time at risk of all rows together, `longest` the longest follow-up.
    """

    unit: TimeUnit
    n_competing: int
    n_censored: int
    total: float
    longest: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "unit": self.unit,
            "n_competing": self.n_competing,
            "n_censored": self.n_censored,
            "total": self.total,
            "longest": self.longest,
        }


@dataclass(frozen=True, slots=True)
class Flow:
    """From the rows of the file to the patients analysed.

    `unit` is "patient" or "vertebra" (what a row is); `n_patients` counts distinct
    patients among those analysed, which is less than `n` when vertebrae are rows.
    `n_imputed` of those analysed lack a predictor, which was imputed.
    `follow_up` belongs to an outcome that is followed up.
    """

    unit: str
    n_read: int
    steps: tuple[FlowStep, ...]
    n: int
    n_events: int
    n_patients: int
    follow_up: FollowUp | None = None
    n_imputed: int = 0

    def said(self, language: Language) -> Flow:
        """The flow with the reasons of its steps in this language."""
        return replace(self, steps=tuple(step.said(language) for step in self.steps))

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "unit": self.unit,
            "n_read": self.n_read,
            "steps": [step.to_dict() for step in self.steps],
            "n": self.n,
            "n_events": self.n_events,
            "n_patients": self.n_patients,
            "n_imputed": self.n_imputed,
            "follow_up": None if self.follow_up is None else self.follow_up.to_dict(),
        }
