"""What a reconstruction has to say about itself: assumptions, conflicts, agreement."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vertebrisk._types import Json

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Assumption:
    """What was assumed where the paper is silent, and about which variable or part."""

    about: str
    text: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {"about": self.about, "text": self.text}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Printed numbers that cannot hold together, as a set, and why."""

    place: str
    numbers: tuple[str, ...]
    text: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {"place": self.place, "numbers": list(self.numbers), "text": self.text}


@dataclass(frozen=True, slots=True)
class Agreement:
    """One printed number and the same number of the made patients.

    `made` is NaN where the made patients have no such number; `agrees` says whether it
    rounds to the print.
    """

    place: str
    what: str
    printed: str
    made: float
    agrees: bool

    def to_dict(self) -> Json:
        """JSON form; a number that cannot be had is null."""
        return {
            "place": self.place,
            "what": self.what,
            "printed": self.printed,
            "made": self.made if math.isfinite(self.made) else None,
            "agrees": self.agrees,
        }


@dataclass(frozen=True, slots=True)
class TriedReading:
    """A way to read the regression table, and whether any patients could give it.

    With `proven`, a linear programme over all joint distributions decided; otherwise a
    search, which proves nothing where it does not arrive. `residual` is the proven least
    sum of differences between expected and observed events, or what was left of the search.
    """

    label: str
    departures: int
    possible: bool
    residual: float
    proven: bool
    chosen: bool = False

    @property
    def verdict(self) -> str:
        """Possible, impossible, or not reached, in words."""
        if self.possible:
            return "possible"
        return "impossible" if self.proven else "not reached by the search"

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "label": self.label,
            "departures": self.departures,
            "possible": self.possible,
            "residual": self.residual if math.isfinite(self.residual) else None,
            "proven": self.proven,
            "chosen": self.chosen,
        }


@dataclass(frozen=True, slots=True)
class ReconstructionNotes:
    """What stands beside a reconstructed cohort."""

    study: str
    citation: str
    data_kind: Literal["reconstructed", "simulated"]
    seed: int
    n: int
    n_events: int
    assumptions: tuple[Assumption, ...]
    conflicts: tuple[Conflict, ...]
    readings: tuple[TriedReading, ...]
    agreements: tuple[Agreement, ...]

    @property
    def n_agree(self) -> int:
        """Printed numbers that the made patients have to every digit."""
        return sum(each.agrees for each in self.agreements)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "schema_version": SCHEMA_VERSION,
            "study": self.study,
            "citation": self.citation,
            "data_kind": self.data_kind,
            "seed": self.seed,
            "n": self.n,
            "n_events": self.n_events,
            "n_printed": len(self.agreements),
            "n_agree": self.n_agree,
            "assumptions": [each.to_dict() for each in self.assumptions],
            "conflicts": [each.to_dict() for each in self.conflicts],
            "readings": [each.to_dict() for each in self.readings],
            "agreements": [each.to_dict() for each in self.agreements],
        }

    def text(self) -> str:
        """Lines for a terminal: each assumption, conflict, reading and printed number is one."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.study}: {self.n} patients, {self.n_events} with the event, {self.data_kind}."
        if self.data_kind == "simulated":
            yield "Only an abstract was at hand: the patients are simulated, not reconstructed."
        yield ""
        yield f"Assumed, since not printed ({len(self.assumptions)}):"
        yield from (f"  {each.about}: {each.text}" for each in self.assumptions)
        if self.conflicts:
            yield ""
            yield f"Printed numbers that cannot hold together ({len(self.conflicts)}):"
            yield from (
                f"  {each.place}: {', '.join(each.numbers)}: {each.text}" for each in self.conflicts
            )
        if self.readings:
            yield ""
            yield "Readings of the regression table:"
            for reading in self.readings:
                chosen = ", used" if reading.chosen else ""
                yield f"  {reading.label}: {reading.verdict}{chosen}"
        yield ""
        yield f"Printed numbers ({self.n_agree} of {len(self.agreements)} to every digit):"
        for agreement in self.agreements:
            made = f"{agreement.made:.7g}" if math.isfinite(agreement.made) else "none"
            verdict = "agrees" if agreement.agrees else "differs"
            yield (
                f"  {agreement.place}: {agreement.what}: printed {agreement.printed}, "
                f"made {made}: {verdict}"
            )
