"""What a calculation of the sample size says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertebrisk._types import Json

Purpose = Literal["development", "validation"]


@dataclass(frozen=True, slots=True)
class SizeCriterion:
    """One demand on the size.

    Attributes
    ----------
    name : str
        "shrinkage", "optimism", "overall-risk", "residual-sd", "mean"; of a validation
        "observed-expected", "slope", "c-index", "net-benefit".
    target : float
        Of a development the bound: the least shrinkage factor, the most optimism in R², the
        widest margin. Of a validation the width of the 95 % interval.
    n : int
        Fewest patients that meet it.
    attained : float
        The same quantity with the patients at hand, or with the size found where none are
        stated.
    met : bool or None
        Whether the patients at hand are enough; None where none are stated.
    """

    name: str
    target: float
    n: int
    attained: float
    met: bool | None = None

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class SampleSize:
    """The fewest patients that meet every criterion.

    Attributes
    ----------
    purpose : {"development", "validation"}
    outcome : {"binary", "survival", "continuous"}
    n : int
        The largest size of the criteria.
    events : float or None
        Patients with the event expected among them; None for a continuous outcome.
    parameters : int or None
        Candidate parameters of a development.
    events_per_parameter : float or None
        `events` over `parameters`; patients over parameters for a continuous outcome, None
        for a validation.
    criteria : tuple of SizeCriterion
    assumptions : mapping of str to float
        What was taken for granted, stated or derived.
    available : int or None
        Patients at hand, where stated.
    """

    purpose: Purpose
    outcome: Literal["binary", "survival", "continuous"]
    n: int
    events: float | None
    parameters: int | None
    events_per_parameter: float | None
    criteria: tuple[SizeCriterion, ...]
    assumptions: Mapping[str, float]
    available: int | None = None

    @property
    def enough(self) -> bool | None:
        """Whether the patients at hand meet every criterion; None where none are stated."""
        return None if self.available is None else self.available >= self.n

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "purpose": self.purpose,
            "outcome": self.outcome,
            "n": self.n,
            "events": self.events,
            "parameters": self.parameters,
            "events_per_parameter": self.events_per_parameter,
            "criteria": [each.to_dict() for each in self.criteria],
            "assumptions": dict(self.assumptions),
            "available": self.available,
            "enough": self.enough,
        }
