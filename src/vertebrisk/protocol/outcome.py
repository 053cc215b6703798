"""The outcome of a study: what counts as the event, and when it is looked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from vertebrisk._types import TimeUnit
from vertebrisk.design.rules import Expression
from vertebrisk.protocol.fields import FilledText, FilledWords, Localised, RuleText, Table


def _kind(value: object) -> object:
    if isinstance(value, str) and value != "binary":
        allowed = ("binary", "time-to-event")
        raise ValueError(f"it is '{value}'; allowed are {', '.join(allowed)}")
    return value


class Outcome(Table):
    """A binary outcome: `event` is a rule, true where it happened by `time_point`.

    `definition` is the rule in words.
    """

    name: FilledText
    label: Localised
    kind: Annotated[Literal["binary"], BeforeValidator(_kind)]
    event: RuleText
    time_point: FilledWords
    definition: Localised | None = None


class TimeToEventOutcome(Table):
    """An outcome that is followed up: whether it happened, and after how long.

    `time` is a column or a derivation: from the beginning to the event, or to the last
    time at which the patient was known to be without it, in `time_unit`. `event` is a rule,
    true where that time is the event's; `competing` one that is true where it is the time of
    what made the event impossible, such as death. Everybody else is censored at `time`.
    `entry` is the time from which a patient was watched, for those who came late.
    `horizons` are the times by which risks are wanted, the principal one first.
    """

    name: FilledText
    label: Localised
    kind: Literal["time-to-event"]
    event: RuleText
    time: RuleText
    time_unit: TimeUnit
    competing: RuleText | None = None
    entry: RuleText | None = None
    horizons: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...]
    time_point: FilledWords
    definition: Localised | None = None

    @field_validator("horizons")
    @classmethod
    def _some_and_distinct(cls, horizons: tuple[float, ...]) -> tuple[float, ...]:
        if not horizons:
            raise ValueError("at least one time is needed, such as [12]")
        repeated = [each for at, each in enumerate(horizons) if each in horizons[:at]]
        if repeated:
            raise ValueError(f"the horizon {repeated[0]:g} stands there twice")
        return horizons

    @model_validator(mode="after")
    def _two_events(self) -> TimeToEventOutcome:
        if self.competing is not None and self.competing.strip() == self.event.strip():
            raise ValueError("'competing' is the rule of 'event'; the two exclude each other")
        return self


StudyOutcome = Outcome | TimeToEventOutcome
TIME_KEYS = tuple(key for key in TimeToEventOutcome.model_fields if key not in Outcome.model_fields)


def names_of_outcome(outcome: StudyOutcome) -> tuple[str, ...]:
    """Variables that decide the outcome, each once."""
    rules = outcome_rules(outcome)
    return tuple(dict.fromkeys(name for text in rules for name in Expression.parse(text).names))


def outcome_rules(outcome: StudyOutcome) -> tuple[str, ...]:
    """Everything that is read to know the outcome: event, competing event, time and entry."""
    if not isinstance(outcome, TimeToEventOutcome):
        return (outcome.event,)
    given = (outcome.event, outcome.competing, outcome.time, outcome.entry)
    return tuple(text for text in given if text is not None)
