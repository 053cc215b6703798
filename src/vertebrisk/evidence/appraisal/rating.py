"""Risk of bias of each domain and overall, by PROBAST's rules.

Low if every answer is yes or probably yes, high if any is no or probably no, else unclear.
PROBAST lets an assessor overrule this with reasons; a program does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from vertebrisk._types import Json, Language
from vertebrisk.evidence.appraisal.analysis import validation_only
from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.questions import DOMAINS, Domain
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import said, say, translated
from vertebrisk.text.plurals import in_sequence

Risk: TypeAlias = Literal["low", "high", "unclear"]


@dataclass(frozen=True, slots=True)
class RatedDomain:
    """One domain. `because` lists the questions that decided it, empty for low risk.

    Applicability depends on the question of the reader, and is not rated by a program;
    PROBAST asks it of the first three domains only.
    """

    domain: Domain
    risk_of_bias: Risk
    because: tuple[str, ...]

    @property
    def applicability(self) -> str:
        """Always left to the reader, or not asked."""
        return "not rated" if self.domain.number < 4 else "not asked"

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "domain": self.domain.number,
            "name": {"en": self.domain.en, "zh": self.domain.zh},
            "risk_of_bias": self.risk_of_bias,
            "because": list(self.because),
            "applicability": self.applicability,
        }


@dataclass(frozen=True, slots=True)
class Overall:
    """Risk of bias of the whole, and why."""

    risk_of_bias: Risk
    reason: str

    def said(self, language: Language) -> Overall:
        """The rating with its reason in this language."""
        return replace(self, reason=said(self.reason, language))

    def to_dict(self) -> Json:
        """JSON form."""
        return {"risk_of_bias": self.risk_of_bias, "reason": self.reason}


def rate_domains(
    answers: Sequence[Answer], domains: Sequence[Domain] = DOMAINS
) -> tuple[RatedDomain, ...]:
    """Every domain, rated by its answers."""
    return tuple(
        _rated(domain, [each for each in answers if each.domain == domain.number])
        for domain in domains
    )


def _rated(domain: Domain, answers: Sequence[Answer]) -> RatedDomain:
    bad = tuple(each.question for each in answers if each.bad)
    if bad:
        return RatedDomain(domain, "high", bad)
    silent = tuple(each.question for each in answers if each.answer == "NI")
    return RatedDomain(domain, "unclear" if silent else "low", silent)


def rate(study: PublishedStudy, domains: Sequence[RatedDomain]) -> Overall:
    """The whole: as bad as its worst domain.

    A development that is low throughout, but that nobody has scored on other patients, is
    high; PROBAST excepts a very large one with internal validation, and sets no size, so
    that exception is the reader's.
    """
    risk, worst = worst_domains(domains)
    if risk != "low":
        names = in_sequence([translated(each.en, each.zh) for each in worst])
        if risk == "high":
            return Overall(risk, say("{domains}: high.", domains=names))
        return Overall(risk, say("{domains}: unclear.", domains=names))
    external = study.methods.external_validation
    purpose = study.methods.purpose
    scored = (
        (external is not None and external.value)
        or (purpose is not None and purpose.value == "development-and-validation")
        or (external is None and any("_external" in each.name for each in study.statistic))
    )
    if scored or validation_only(study):
        return Overall("low", say("Every domain is low."))
    return Overall(
        "high",
        say(
            "Every domain is low, but the model was developed without an external validation. "
            "PROBAST excepts very large developments with internal validation; whether this is "
            "one is for the reader."
        ),
    )


def worst_domains(domains: Sequence[RatedDomain]) -> tuple[Risk, tuple[Domain, ...]]:
    """The highest risk of any domain, and the domains that have it."""
    order: tuple[Risk, ...] = ("high", "unclear", "low")
    risk = next(risk for risk in order if any(each.risk_of_bias == risk for each in domains))
    return risk, tuple(each.domain for each in domains if each.risk_of_bias == risk)
