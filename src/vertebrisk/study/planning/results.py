"""What a plan consists of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from vertebrisk._types import Json, Language
from vertebrisk.study.planning.editing import Change
from vertebrisk.text.messages import said


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to change or to decide, and why.

    Attributes
    ----------
    code : str
        Stable name; that of the finding which a run would otherwise raise, where there is one.
    message : str
        What was seen and what is proposed, in one or two sentences.
    reason : str
        Why, with a source where one exists.
    change : Change or None
        The line of the protocol that carries it out; None where only a person can.
    """

    code: str
    message: str
    reason: str
    change: Change | None = None

    def said(self, language: Language) -> Proposal:
        """The same in this language: `message` and `reason`."""
        return replace(
            self, message=said(self.message, language), reason=said(self.reason, language)
        )

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "code": self.code,
            "message": self.message,
            "reason": self.reason,
            "change": None
            if self.change is None
            else {
                "table": self.change.table,
                "key": self.change.key,
                "value": self.change.value,
            },
        }


@dataclass(frozen=True, slots=True)
class Size:
    """What the patients can carry.

    `n`, `n_events` and `n_patients` are of the cohort; `n_expected` the independent patients
    that the proposed analysis is expected to keep. `parameters` are those of the proposed
    candidates, `most_parameters` the most by the criteria of Riley and others,
    `expected_shrinkage` that of maximum likelihood with `parameters`, and `margin` half the
    width of the 95 % interval of the overall risk (None for time to event).
    """

    n: int
    n_events: int
    n_patients: int
    n_expected: float
    parameters: int
    most_parameters: int
    expected_shrinkage: float
    margin: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """A protocol that would pass an appraisal, with the reason for each change.

    `protocol` is its TOML text, to be saved beside the protocol that it came from.
    """

    size: Size
    proposals: tuple[Proposal, ...]
    protocol: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "schema_version": 1,
            "size": self.size.to_dict(),
            "proposals": [each.to_dict() for each in self.proposals],
            "protocol": self.protocol,
        }
