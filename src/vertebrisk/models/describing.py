"""What a portable model says of itself: its outcome, its population, its provenance."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._types import DataKind, Json
from vertebrisk._version import __version__


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model predicts: name, label, the rule that defines it, and when."""

    name: str
    label: str = ""
    event: str = ""
    time_point: str = ""

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the model was made from: numbers and words, never patients.

    Of sampled controls `prevalence` is that of the population for which risks hold, None where
    it is not known, and `matched` names variables in which controls are like their cases.
    """

    n: int
    n_events: int
    description: str = ""
    data_kind: DataKind = "real"
    design: str = "cohort"
    prevalence: float | None = None
    matched: tuple[str, ...] = ()

    @property
    def refuses_risks(self) -> bool:
        """True where controls were matched, so that there is no absolute risk."""
        return bool(self.matched)

    def to_dict(self) -> Json:
        """JSON form."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return {**document, "matched": list(self.matched)}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the model comes from."""

    study: str = ""
    title: str = ""
    formula: str = ""
    selection: str = ""
    estimator: str = "ml"
    use_at: str = ""
    data_sha256: str = ""
    software: str = f"vertebrisk {__version__}"

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}
