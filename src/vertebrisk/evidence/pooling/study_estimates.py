"""One number of one study, ready to be pooled, and why a study gives none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from vertebrisk._types import Json
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.kernels.distributions import normal_quantile, wilson_interval
from vertebrisk.kernels.meta_analysis.effects import (
    Scale,
    error_from_limits,
    from_scale,
    logit_proportion,
    to_scale,
)
from vertebrisk.text.messages import say

EVENTS_AND_PATIENTS = say("events and patients")

Measure = Literal["incidence", "odds-ratio", "c-statistic", "oe", "slope"]
Source = Literal["adjusted", "crude"]
Performance = Literal["apparent", "corrected", "external"]

SCALES: Mapping[Measure, Scale] = {
    "incidence": "logit",
    "odds-ratio": "log",
    "c-statistic": "logit",
    "oe": "log",
    "slope": "identity",
}
NOT_STATED = say("not stated")
# Kind of a number of a table that does not say which it is.
UNTOLD = "table"


@dataclass(frozen=True, slots=True)
class StudyEstimate:
    """What one study says of what is pooled.

    Attributes
    ----------
    study, label : str
        Its id, and its name for a figure.
    estimate, std_error : float
        On the scale of pooling: the logit of an incidence or C-statistic, the logarithm of an
        odds or observed-expected ratio, a slope as it is. For an incidence of none or all,
        half a patient is added to either side; `value` is as observed.
    value, conf_low, conf_high : float
        The same as people read it, with its 95 % interval (Wilson's for an incidence).
    n_events, n : int or None
        Events and patients, where they are known.
    source : str
        What kind of number it is, and numbers of two kinds are told apart: ``adjusted``,
        ``crude``; ``sample``, ``population``; ``apparent``, ``corrected``, ``external``;
        ``table`` where a table of estimates does not say.
    basis : str
        How estimate and error were had, such as ``B and its standard error``.
    place : str
        Where it stands in the paper, or the row of the table.
    notes : tuple of str
        How the print was read.
    about : mapping of str to str
        What the study may be grouped or ordered by: threshold, time_point, design, ...
    """

    study: str
    label: str
    estimate: float
    std_error: float
    value: float
    conf_low: float
    conf_high: float
    n_events: int | None
    n: int | None
    source: str
    basis: str
    place: str
    notes: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> Json:
        """JSON form."""
        names = (
            "study", "label", "estimate", "std_error", "value", "conf_low", "conf_high",
            "n_events", "n", "source", "basis", "place",
        )  # fmt: skip
        return {name: _finite(getattr(self, name)) for name in names} | {
            "notes": list(self.notes),
            "about": dict(self.about),
        }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, slots=True)
class Unused:
    """A study that gives no number for what is pooled, and why."""

    study: str
    label: str
    reason: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {"study": self.study, "label": self.label, "reason": self.reason}


def on_scale(value: float, scale: Scale) -> float:
    """A number on the scale of pooling."""
    return float(to_scale(np.asarray(value), scale))


def off_scale(value: float, scale: Scale) -> float:
    """A number from the scale of pooling to the one that people read."""
    return float(from_scale(np.asarray(value), scale))


def reach(level: float = 95.0) -> float:
    """Standard errors from the estimate to the end of an interval of so many percent."""
    return float(normal_quantile(0.5 + level / 200))


def error_of_interval(low: float, high: float, scale: Scale, level: float = 95.0) -> float:
    """Standard error on the scale of pooling of an interval given as people read it."""
    ends = to_scale(np.array([low, high]), scale)
    return float(error_from_limits(ends[0], ends[1], level / 100))


def limits(estimate: float, std_error: float, scale: Scale) -> tuple[float, float]:
    """The 95 % interval of a study as people read it."""
    return (
        off_scale(estimate - reach() * std_error, scale),
        off_scale(estimate + reach() * std_error, scale),
    )


def proportion(
    study: str,
    label: str,
    n_events: int,
    n: int,
    *,
    source: str,
    place: str,
    basis: str = EVENTS_AND_PATIENTS,
    notes: tuple[str, ...] = (),
    about: Mapping[str, str] | None = None,
) -> StudyEstimate:
    """The incidence of one study on the logit scale, with Wilson's interval for the reader."""
    logit, variance = logit_proportion(np.array([float(n_events)]), np.array([float(n)]))
    low, high = wilson_interval(n_events, n)
    return StudyEstimate(
        study=study,
        label=label,
        estimate=float(logit[0]),
        std_error=math.sqrt(variance[0]),
        value=n_events / n,
        conf_low=float(low),
        conf_high=float(high),
        n_events=n_events,
        n=n,
        source=source,
        basis=basis,
        place=place,
        notes=notes,
        about=about or {},
    )


def label_of(study_id: str) -> str:
    """Author and year of an id for a figure: ``li2021`` gives ``Li 2021``."""
    match = re.fullmatch(r"([a-z]+)[_-]?(\d{4})[_-]?(.{0,12})", study_id)
    if match is None:
        return study_id
    return f"{match[1].capitalize()} {match[2]}{match[3]}"


def about(study: PublishedStudy) -> dict[str, str]:
    """What a study may be grouped or ordered by."""
    outcome, year = study.outcome, study.citation.year
    known = {
        "outcome": outcome.name,
        "threshold": outcome.threshold,
        "time_point": outcome.time_point,
        "design": study.design.kind,
        "text": study.citation.source,
        "year": str(year) if year is not None else None,
        "n": str(study.n) if study.n is not None else None,
        "n_events": str(study.n_events),
    }
    return {name: value or NOT_STATED for name, value in known.items()}
