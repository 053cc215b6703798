"""The protocol of a study, whole and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vertebrisk._types import Json
from vertebrisk.protocol.documents import (
    Analysis,
    ConsistencyRule,
    Eligibility,
    Study,
    Variable,
)
from vertebrisk.protocol.followup import Agreement, Followup
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.outcome import StudyOutcome, names_of_outcome
from vertebrisk.protocol.paths import inside
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.terms import names_of_term, quoted
from vertebrisk.protocol.validating import ValidationPlan
from vertebrisk.protocol.whole import ProtocolDocument


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the study says it will do; made by `load_protocol`.

    `variables` maps each described variable's name to its description, those of the
    codebook first. `path` is the file that the protocol was read from.
    """

    study: Study
    eligibility: Eligibility
    outcome: StudyOutcome
    variables: Mapping[str, Variable]
    analysis: Analysis
    validation: ValidationPlan
    path: Path
    missing: Missing = field(default_factory=Missing)
    sampling: Sampling | None = None
    consistency: tuple[ConsistencyRule, ...] = ()
    followup: tuple[Followup, ...] = ()
    agreement: tuple[Agreement, ...] = ()

    @property
    def data_path(self) -> Path:
        """The data file; ProtocolError if it lies outside the protocol's folder."""
        return inside(self.path.parent, self.study.data, "data")

    @property
    def printed_path(self) -> Path | None:
        """Where a file of printed numbers would stand, if `printed` is not a library id."""
        if self.study.printed is None:
            return None
        return inside(self.path.parent, self.study.printed, "printed")

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Variables that decide the outcome: those of its rules, its time and its entry."""
        return names_of_outcome(self.outcome)

    @property
    def candidates(self) -> tuple[str, ...]:
        """Candidate predictors as written, with ``"compare"`` resolved.

        What decides the outcome, and what is a stratum, is compared but is never a candidate.
        """
        if self.analysis.candidates != ("compare",):
            return self.analysis.candidates
        others = {*self.outcome_names, self.outcome.name, *self.analysis.strata}
        return tuple(name for name in self.analysis.compare if name not in others)

    @property
    def candidate_names(self) -> tuple[str, ...]:
        """Variables that the candidates use, each once."""
        each = (name for text in self.candidates for name in names_of_term(text, self.variables))
        return tuple(dict.fromkeys(each))

    @property
    def matched_set(self) -> str | None:
        """Column that names the matched set of each row; None without matched sets."""
        return None if self.sampling is None else self.sampling.set

    @property
    def model_terms(self) -> tuple[str, ...]:
        """Candidates as formula terms, in order: names quoted where needed, `terms` put in."""
        forms = {names_of_term(term, self.variables)[0]: term for term in self.analysis.terms}
        return tuple(
            forms.get(text, quoted(text)) if text in self.variables else text
            for text in self.candidates
        )

    def document(self) -> ProtocolDocument:
        """The protocol as one typed TOML document, codebook included."""
        return ProtocolDocument.model_construct(
            study=self.study,
            eligibility=self.eligibility,
            outcome=self.outcome,
            variables=dict(self.variables),
            analysis=self.analysis,
            validation=self.validation,
            missing=self.missing,
            sampling=self.sampling,
            followup=self.followup,
            agreement=self.agreement,
        )

    def to_dict(self) -> Json:
        """JSON form, every default spelled out."""
        return self.document().model_dump(mode="json")
