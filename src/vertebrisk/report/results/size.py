"""What the criteria for the size of a development ask of a study."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._types import Json
from vertebrisk.validation.sample_size.results import SampleSize


@dataclass(frozen=True, slots=True)
class StudySize:
    """Size that the candidates need, beside what the study has.

    Attributes
    ----------
    expected : SampleSize
        With an R² of 15 % of the largest possible: what may be expected before the data are
        seen.
    by_c : SampleSize or None
        With the R² that goes with the C-index found here, corrected for optimism; None for
        time to event, and where that is no better than chance.
    n_events : int
        Of the study.
    clustered : bool
        True where rows of one patient count as several.
    """

    expected: SampleSize
    by_c: SampleSize | None
    n_events: int
    clustered: bool

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "expected": self.expected.to_dict(),
            "by_c": None if self.by_c is None else self.by_c.to_dict(),
            "n_events": self.n_events,
            "clustered": self.clustered,
        }
